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

/// The share of demand that a shop serves which orders so every Thursday morning from a supplier
/// who takes two weeks. What is not there is not sold.
fn served(at: &Situation) -> f64 {
    let level = propose(at).unwrap().order_up_to.to_f64();
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let (mut shelf, mut coming) = (level, Vec::new());
    let (mut asked, mut sold) = (0.0, 0.0);
    for day in 0..40_000 {
        shelf += coming.iter().filter(|(due, _)| *due == day).map(|(_, units)| units).sum::<f64>();
        coming.retain(|(due, _)| *due > day);
        if day % 7 == 0 {
            let position = shelf + coming.iter().map(|(_, units)| units).sum::<f64>();
            let units = at.item.lot().unwrap().order_for(level - position).to_f64();
            coming.push((day + 14, units));
        }
        let demand = f64::from(random.random_range(0..=MOST));
        asked += demand;
        sold += demand.min(shelf);
        shelf = (shelf - demand).max(0.0);
    }
    sold / asked
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
            let served = served(&at);
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
