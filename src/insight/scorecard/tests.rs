use super::*;

fn today() -> Day {
    Day::parse("2026-11-27").unwrap()
}

/// Ordered so many days ago, due after ten days; it came after so many.
fn order(ago: i32, took: Option<i32>, arrived: i64) -> PastOrder {
    let ordered = today().plus(-ago);
    PastOrder {
        number: PoNumber::new(format!("PO-{ago}")),
        site: SiteId::main(),
        ordered,
        due: Some(ordered.plus(10)),
        came: took.map(|days| ordered.plus(days)),
        units: Qty::units(10),
        arrived: Qty::units(arrived),
        open: took.is_none(),
    }
}

#[test]
fn an_overdue_order_is_not_on_time_and_one_not_due_yet_says_nothing() {
    let orders = [order(100, Some(10), 10), order(60, Some(14), 10), order(30, None, 0)];
    let score = Score::of(&orders, today());
    assert_eq!((score.done, score.open, score.overdue), (2, 1, 1));
    assert_eq!(score.on_time, Some(1.0 / 3.0));
    assert_eq!((score.bias, score.took), (Some(2.0), Some(12.0)));
    assert!((score.spread.unwrap() - 8.0_f64.sqrt()).abs() < 1e-9);
    let with_new = [&orders[..], &[order(3, None, 0)]].concat();
    let after = Score::of(&with_new, today());
    assert_eq!((after.open, after.overdue, after.on_time), (2, 1, score.on_time));
    assert_eq!(Score::of(&[], today()), Score::default());
}

#[test]
fn in_full_is_told_of_what_is_over() {
    let short = order(50, Some(9), 7);
    let partly = PastOrder { arrived: Qty::units(5), ..order(4, None, 0) };
    let never = PastOrder { open: false, came: None, ..order(80, None, 0) };
    let score = Score::of(&[order(70, Some(8), 10), short, partly, never], today());
    assert_eq!(score.in_full, Some(1.0 / 3.0));
    assert_eq!(score.on_time, Some(1.0), "of the two that came");
    assert_eq!(score.on_time_in_full, Some(1.0 / 3.0));
}

#[test]
fn a_trend_compares_two_half_years() {
    let past = |ago: i32, took: i32| order(ago, Some(took), 10);
    let old = [past(300, 10), past(310, 12), past(320, 11)];
    let new = [past(40, 15), past(60, 17)];
    let few: Vec<PastOrder> = old.iter().chain(&new).cloned().collect();
    assert_eq!(Score::of(&few, today()).trend, None, "two tell no trend");
    let enough: Vec<PastOrder> = few.into_iter().chain([past(80, 16)]).collect();
    assert_eq!(Score::of(&enough, today()).trend, Some(5.0));
}
