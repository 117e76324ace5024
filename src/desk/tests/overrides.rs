//! Overrides of the forecast at the desk.

use super::*;

/// The first day that is not over.
pub const FIRST: Day = Day::from_number(20_000);

fn day(days: i32) -> Day {
    FIRST.plus(days)
}

fn expect(expects: Expectation, (from, to): (i32, i32), site: Option<&str>) -> Decision {
    Decision::Override {
        sku: sku(),
        site: site.map(SiteId::from),
        from: day(from),
        to: day(to),
        expects,
        reason: "fair".into(),
        model: Vec::new(),
    }
}

fn percent(percent: i32, period: (i32, i32)) -> Decision {
    expect(Expectation::Percent(percent), period, None)
}

fn end(over: u64) -> Decision {
    Decision::EndOverride { over, sku: Sku::new(""), from: None, before: None }
}

fn counts_until(house: &House, entry: u64) -> i32 {
    house.overrides.get(entry).unwrap().last().number() - FIRST.number()
}

#[test]
fn the_desk_fills_in_what_the_model_expects_of_the_days() {
    let mut house = House::new();
    let seq = house.decide(ANN, percent(30, (1, 4))).unwrap();
    let kept = house.overrides.get(seq).unwrap();
    assert_eq!(kept.model, [(SiteId::main(), vec![Qty::units(10); 4])]);
    assert_eq!((&*kept.who, kept.expected_by_person()), (ANN, 52.0));
}

#[test]
fn units_of_what_is_not_forecast_are_expected_by_a_persons_word_alone() {
    let mut house = House::new();
    let twelve = |site| expect(Expectation::Units(Qty::units(12)), (0, 3), site);
    let seq = house.decide(ANN, twelve(Some("north"))).unwrap();
    let kept = house.overrides.get(seq).unwrap();
    assert_eq!(kept.model, [("north".into(), vec![Qty::ZERO; 4])]);
    assert_eq!(kept.expected_by_person(), 12.0);
}

#[test]
fn overrides_that_cannot_be_meant_are_refused_with_the_mend() {
    let mut house = House::new();
    let mut refusal = |decision| house.decide(ANN, decision).unwrap_err();
    for (decision, sentence) in [
        (percent(30, (4, 1)), "swap the two"),
        (percent(30, (-1, 1)), "2024-10-03 is over; begin the period on 2024-10-04 or later."),
        (percent(30, (0, 400)), "too far ahead"),
        (percent(0, (0, 1)), "0 % changes nothing"),
        (percent(-101, (0, 1)), "-101 % cannot be meant"),
        (percent(901, (0, 1)), "to +900 %"),
        (expect(Expectation::Units(Qty::units(-1)), (0, 1), None), "zero or more"),
        (expect(Expectation::Percent(9), (0, 1), Some("nort")), "did you mean north?"),
        (expect(Expectation::Percent(9), (0, 1), Some("north")), "not forecast at north"),
        (end(1), "Entry 1 set no override"),
    ] {
        let told = refusal(decision);
        assert!(told.contains(sentence), "{told}");
    }
    let mut silent = percent(30, (0, 1));
    if let Decision::Override { reason, .. } = &mut silent {
        *reason = " ".into();
    }
    assert!(house.decide(ANN, silent).unwrap_err().contains("reason is empty"));
}

#[test]
fn on_a_day_one_override_counts_and_another_has_to_wait_for_its_end() {
    let mut house = House::new();
    let first = house.decide(ANN, percent(30, (0, 6))).unwrap();
    let taken = house.decide(BOB, percent(-20, (6, 9))).unwrap_err();
    assert!(
        taken.starts_with("Entry 1 overrides 22423 at main from 2024-10-04 to 2024-10-10"),
        "{taken}"
    );
    house.decide(BOB, percent(-20, (7, 9))).unwrap();
    house.decide(BOB, end(first)).unwrap();
    assert_eq!(counts_until(&house, first), -1);
    assert!(house.decide(BOB, end(first)).unwrap_err().contains("counts no more"));
    house.decide(BOB, percent(-20, (0, 6))).unwrap();
}

#[test]
fn setting_and_ending_are_undone_and_brought_back() {
    let mut house = House::new();
    let set = house.decide(ANN, percent(30, (0, 6))).unwrap();
    let ended = house.decide(ANN, end(set)).unwrap();
    let resumed = house.undo(ANN, Some(ended)).unwrap();
    assert_eq!(counts_until(&house, set), 6);
    house.undo(ANN, Some(resumed)).unwrap();
    assert_eq!(counts_until(&house, set), -1, "ended again");
    house.undo(ANN, Some(ended)).unwrap();

    let undone = house.undo(ANN, Some(set)).unwrap();
    assert_eq!(counts_until(&house, set), -1);
    let other = house.decide(BOB, percent(10, (3, 3))).unwrap();
    let taken = house.undo(ANN, Some(undone)).unwrap_err();
    assert!(taken.starts_with(&format!("Entry {other} overrides")), "{taken}");
    house.undo(BOB, Some(other)).unwrap();
    house.undo(ANN, Some(undone)).unwrap();
    assert_eq!(counts_until(&house, set), 6);
    let about = house.marks.about(&Subject::Sku(sku())).len();
    assert_eq!(about, house.journal.len(), "all of it is told on the SKU's page");
}
