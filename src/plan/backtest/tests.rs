use super::*;
use crate::domain::Qty;
use crate::model::{DemandModel, Forecaster, shipped};
use crate::plan::inventory::LotRule;
use std::ops::ControlFlow;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/policy");

fn replay() -> Replay {
    read(Path::new(FOLDER)).unwrap()
}

fn play(replay: &Replay, track: Track, policy: &mut dyn Policy) -> Outcome {
    simulate(replay, track, policy, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn velocity(replay: &Replay, track: Track) -> Outcome {
    play(replay, track, &mut Classic::Velocity.on(replay))
}

fn pence(value: f64) -> i64 {
    (value * 100.0).round() as i64
}

/// Mugs: one a day for four weeks, then on Monday 1 of 10, on Tuesday 20 of 9, on Wednesday 18 come,
/// and 1 is sold on that day, the next and on Monday. Lamps: 2 of 5 on Wednesday.
#[test]
fn eight_days_cost_what_they_cost_by_hand() {
    let outcome = velocity(&replay(), Track::DemandSeen);
    // Mugs 9, 0, 17, 16, 16, 16, 16, 15 at 1p and lamps 5, 5, 3, 3, 3, 3, 3, 3 at 2p.
    assert_eq!(pence(outcome.holding), 105 + 56);
    assert_eq!(pence(outcome.lost), 11 * 50);
    assert_eq!((pence(outcome.line), pence(outcome.order)), (160, 1_200));
    // 23 days of 1 a day less 9; of 44 in 28 days less 15; in packs of 6.
    let placed: Vec<(usize, f64)> =
        outcome.placed.iter().map(|placed| (placed.item, placed.qty)).collect();
    assert_eq!(placed, [(0, 18.0), (0, 24.0)]);
    assert_eq!(pence(outcome.terminal), 10 * (15 + 24) + 5 * 3);
    assert_eq!(pence(outcome.total()), 2_476);
    assert_eq!((outcome.units_sold, outcome.units_asked), (15.0, 26.0));
    assert_eq!((outcome.orders, outcome.stockout_item_days), (2, 1));
}

#[test]
fn who_sees_sales_alone_orders_by_sales() {
    let outcome = velocity(&replay(), Track::SalesOnly);
    // 33 in 28 days: 12.1 lacking.
    assert_eq!(outcome.placed[1].qty, 18.0);
    assert_eq!(pence(outcome.total()), 2_416);
}

#[test]
fn a_need_is_raised_to_the_least_order_and_then_to_a_pack() {
    let mut replay = replay();
    let lot = LotRule::new(Qty::units(25), Qty::units(6), None).unwrap();
    replay.items[0].lot = lot;
    let outcome = velocity(&replay, Track::DemandSeen);
    assert_eq!(outcome.placed[0].qty, 30.0);
    // 27 in stock, 36.1 wanted: 9.1 lacking, and 25 is the least.
    assert_eq!(outcome.placed[1].qty, 30.0);
}

/// Three items over 80 days of history and 40 that are replayed, with days that sell out.
fn shop() -> Replay {
    let mut replay = replay();
    replay.items.push(Item { initial_stock: 30.0, ..replay.items[0].clone() });
    replay.demand = (0..3)
        .map(|item| {
            let units = |day: usize| (day * 7919 + item * 31) % 11 * usize::from(day % 3 != item);
            (0..120).map(|day| units(day) as f32).collect()
        })
        .collect();
    replay.window = 80..120;
    replay.lead_days = (0..2)
        .flat_map(|supplier| (80..120).map(move |day| ((supplier, day), 2 + day as u16 % 3)))
        .collect();
    replay
}

fn network() -> DemandModel {
    DemandModel::Own(Forecaster::new(shipped().unwrap().network().unwrap()))
}

#[test]
fn no_order_knows_demand_that_nobody_saw_or_days_to_come() {
    let (replay, model) = (shop(), network());
    let of = |replay: &Replay| play(replay, Track::SalesOnly, &mut Console::of(replay, &model));
    let outcome = of(&replay);
    assert!(outcome.stockout_item_days > 3 && outcome.placed.len() > 6);
    let until = |outcome: &Outcome, day: usize| -> Vec<Placed> {
        outcome.placed.iter().copied().filter(|placed| placed.day <= day).collect()
    };
    // Whoever was sent away was one of many more.
    let mut more = replay.clone();
    let day = 80 + (0..40).find(|day| lost_on(&replay, &outcome, 80 + day)).unwrap();
    for item in &mut more.demand {
        for units in &mut item[day + 1..] {
            *units += 50.0;
        }
    }
    assert_eq!(until(&of(&more), day), until(&outcome, day));
    assert_ne!(of(&more).placed, outcome.placed);
    let mut sent_away = replay.clone();
    let item = (0..3).find(|item| left(&replay, &outcome, *item, day) < 0.0).unwrap();
    sent_away.demand[item][day] += 40.0;
    assert_eq!(of(&sent_away).placed, outcome.placed);
}

/// What an item's stock would be at the end of a day if nobody before had been sent away; less than 0:
/// somebody was on that day, the first on which it is asked of.
fn left(replay: &Replay, outcome: &Outcome, item: usize, day: usize) -> f64 {
    let supplier = replay.items[item].supplier;
    let came = outcome.placed.iter().filter(|placed| {
        let lead = replay.lead_days[&(supplier, placed.day)];
        placed.item == item && placed.day + usize::from(lead) <= day
    });
    let sold: f32 = replay.demand[item][80..=day].iter().sum();
    replay.items[item].initial_stock + came.map(|placed| placed.qty).sum::<f64>() - f64::from(sold)
}

fn lost_on(replay: &Replay, outcome: &Outcome, day: usize) -> bool {
    (0..3).any(|item| left(replay, outcome, item, day) < 0.0)
}

#[test]
fn an_order_without_a_known_lead_time_is_named() {
    let mut replay = replay();
    replay.lead_days.clear();
    let played =
        simulate(&replay, Track::DemandSeen, &mut Classic::Velocity.on(&replay), &mut |_| {
            ControlFlow::Continue(())
        });
    let said = played.unwrap_err().to_string();
    assert_eq!(
        said,
        "nothing tells the lead time of an order to S00 on 2026-02-02; add a row for it"
    );
}

#[test]
fn what_is_wrong_in_a_folder_is_named_by_file_line_and_field() {
    let wrong = |file: &str, from: &str, to: &str| {
        let folder = tempfile::tempdir().unwrap();
        for name in ["items.csv", "suppliers.csv", "leadtimes.csv", "window.txt", "panel.csv.gz"] {
            std::fs::copy(Path::new(FOLDER).join(name), folder.path().join(name)).unwrap();
        }
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        let said = read(folder.path()).unwrap_err().to_string();
        said.replace(&format!("{}/", folder.path().display()), "")
    };
    assert_eq!(
        wrong("items.csv", "0.50,6,", "0.50,0,"),
        "items.csv, line 2, pack: pack must be a number above 0, and is 0"
    );
    assert_eq!(
        wrong("items.csv", "S01", "S07"),
        "items.csv, line 3, supplier: “S07” is not in suppliers.csv"
    );
    assert_eq!(
        wrong("items.csv", ",moq", ",least"),
        "items.csv, line 2, moq: there is no such column"
    );
    assert_eq!(
        wrong("suppliers.csv", "S01,3,1,1", "S01,3,1,9"),
        "suppliers.csv, line 3, review_weekday: it is a whole number from 0, Monday, to 6"
    );
    assert_eq!(
        wrong("leadtimes.csv", ",4", ",soon"),
        "leadtimes.csv, line 4, lead_days: “soon” is no number"
    );
    assert!(wrong("window.txt", " 2026-02-09", "").contains("two dates are needed"));
    let missing = read(Path::new("nowhere")).unwrap_err().to_string();
    assert!(missing.starts_with("nowhere/suppliers.csv: "), "{missing}");
}

#[test]
fn a_lead_time_in_whole_days_keeps_its_mean() {
    assert_eq!(lead_times(3.0, 0.0), [(3, 1.0)]);
    let days = lead_times(14.0, 5.0);
    let mean: f64 = days.iter().map(|(days, chance)| f64::from(*days) * chance).sum();
    assert!((mean - 14.0).abs() < 0.1, "{mean}");
    assert!(days.iter().all(|(days, _)| *days >= 1));
    assert!((days.iter().map(|(_, chance)| chance).sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn a_gamma_quantile_is_that_of_tables() {
    // Chi-squared with 10 degrees of freedom: mean 10, variance 20, 0.95 at 18.307.
    assert!((gamma::gamma_quantile(10.0, 20.0, 0.95) - 18.307).abs() < 1e-3);
    assert_eq!(gamma::gamma_quantile(10.0, 0.0, 0.95), 10.0);
    assert_eq!(
        gamma::gamma_quantile(7.0, 1e-30, 0.95),
        7.0,
        "weeks that are alike but for rounding"
    );
}
