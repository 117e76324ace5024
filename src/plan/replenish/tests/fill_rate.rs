//! The fill rate that is asked for is the one that customers get: shops that order by the proposal are
//! played for some thousand weeks.

use super::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Units that a day sells: 0 to 20, each as likely.
const MOST: u32 = 20;

/// What a forecast says that knows how such days come about.
fn known_demand() -> Ahead {
    let (mean, sd) = (f64::from(MOST) / 2.0, (f64::from(MOST * (MOST + 2)) / 12.0).sqrt());
    let step = |day: usize| -> [f32; LEVEL_COUNT] {
        let days = (day + 1) as f64;
        let normal = |level: f32| crate::plan::inventory::z_of(f64::from(level)).unwrap();
        LEVELS.map(|level| (mean * days + normal(level) * sd * days.sqrt()).max(0.0) as f32)
    };
    let totals = Packed::of(&(0..28).map(step).collect::<Vec<_>>());
    Ahead { first: day("2026-11-26"), totals, age_days: 0 }
}

/// The share of demand that a shop serves which looks so many days apart whether to order, by its
/// supplier's levels, and gets its goods two weeks later; and the orders that it places a week. What is not
/// there is not sold.
fn played(at: &Situation, every: i32) -> (f64, f64) {
    let proposal = propose(at).unwrap();
    let (point, level) = (proposal.reorder_point.to_f64(), proposal.order_up_to.to_f64());
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let (mut shelf, mut coming) = (level, Vec::new());
    let (mut asked, mut sold, mut orders) = (0.0, 0.0, 0.0);
    const DAYS: i32 = 40_000;
    for day in 0..DAYS {
        shelf += coming.iter().filter(|(due, _)| *due == day).map(|(_, units)| units).sum::<f64>();
        coming.retain(|(due, _)| *due > day);
        let position = shelf + coming.iter().map(|(_, units)| units).sum::<f64>();
        if day % every == 0 && position < point {
            let units = at.item.lot().unwrap().order_for(level - position).to_f64();
            coming.push((day + 14, units));
            orders += 1.0;
        }
        let demand = f64::from(random.random_range(0..=MOST));
        asked += demand;
        sold += demand.min(shelf);
        shelf = (shelf - demand).max(0.0);
    }
    (sold / asked, 7.0 * orders / f64::from(DAYS))
}

#[test]
fn as_many_are_served_as_was_asked_for_and_not_many_more() {
    let lots = [(1, 1), (24, 1), (1, 140), (24, 400)];
    for (pack, moq) in lots {
        for share in [0.9, 0.95, 0.98] {
            let mut at = situation();
            at.ahead = Some(known_demand());
            at.item.pack = Some(Qty::units(pack));
            at.item.moq = Some(Qty::units(moq));
            at.service = Service::Fill(share);
            let (served, _) = played(&at, 7);
            // What is not sold is not waited for either, so that less runs short than is foretold, the more
            // so the more runs short.
            let most = 1.0 - 0.35 * (1.0 - share);
            assert!(
                (share - 0.01..most).contains(&served),
                "{share} asked for with packs of {pack} from {moq}: {served:.3}"
            );
        }
    }
}

#[test]
fn more_service_never_takes_less_stock_and_one_unit_is_always_ordered_again() {
    let mut at = situation();
    at.ahead = Some(known_demand());
    at.item.moq = Some(Qty::units(500));
    let level = |share: f64| {
        let mut at = at.clone();
        at.service = Service::Fill(share);
        propose(&at).unwrap().reorder_point
    };
    let levels: Vec<Qty> = [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99].map(level).to_vec();
    assert!(levels.is_sorted(), "{levels:?}");
    assert!(levels[0] >= Qty::units(1), "{levels:?}");
}

#[test]
fn who_can_order_every_day_does_so_about_once_a_week_and_serves_as_many() {
    for (pack, moq) in [(1, 1), (24, 1), (1, 140)] {
        for service in [0.9, 0.95, 0.98].map(Service::Fill).into_iter().chain([Service::Cycle(0.9)])
        {
            let mut at = situation();
            at.ahead = Some(known_demand());
            at.item.pack = Some(Qty::units(pack));
            at.item.moq = Some(Qty::units(moq));
            at.service = service;
            if let Some(supplier) = &mut at.supplier {
                supplier.calendar.review_weekday = None;
            }
            let (served, orders) = played(&at, 1);
            let least = match service {
                Service::Fill(share) => share - 0.01,
                _ => 0.95,
            };
            assert!(
                (least..0.999).contains(&served) && orders < 1.3,
                "{service:?} with packs of {pack} from {moq}: {served:.3}, {orders:.2} orders a week"
            );
        }
    }
}

#[test]
fn a_store_in_which_less_runs_short_holds_less_and_never_below_what_it_expects_to_sell() {
    // Of what is planned to run short an eighth does.
    let eighth: Shortage =
        serde_json::from_str("[0.0006, 0.00125, 0.0025, 0.00625, 0.0125, 0.025, 0.05]").unwrap();
    let mut at = situation();
    at.ahead = Some(known_demand());
    at.service = Service::Fill(0.95);
    let plain = propose(&at).unwrap();
    at.shortage = eighth;
    let spared = propose(&at).unwrap();
    let expected = at
        .ahead
        .as_ref()
        .unwrap()
        .over(&Interval::of(at.today, day("2026-11-26"), at.supplier.as_ref().unwrap()).unwrap())
        .mean();
    assert!(spared.order_up_to < plain.order_up_to, "{spared:?}");
    assert!(
        spared.order_up_to.to_f64() >= expected.floor(),
        "{} of {expected}",
        spared.order_up_to
    );
    let planned = |proposal: &Proposal| {
        proposal.why.iter().find_map(|step| match step.source {
            Source::Safety { planned, .. } => Some(planned),
            _ => None,
        })
    };
    assert_eq!(planned(&plain), Some(None), "as planned as asked for");
    let told = planned(&spared).flatten();
    assert!(told.is_none_or(|short| (0.3..0.45).contains(&short)), "{told:?}");
}
