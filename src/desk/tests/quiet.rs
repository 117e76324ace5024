//! What was decided about a line keeps it quiet for a while.

use super::approvals::{approve, reject, shown, snooze};
use super::overrides::FIRST;
use super::*;
use crate::desk::buying::Again;

/// Whether what was decided last keeps so many units quiet that are proposed so many days later.
fn silences(house: &House, days: i32, units: i64, runs_out: Option<i32>, short: bool) -> bool {
    let runs_out = runs_out.map(|day| FIRST.plus(day));
    let now = Again { today: FIRST.plus(days), qty: Qty::units(units), runs_out, short };
    house.purchasing.last_word(&sku(), &SiteId::main()).is_some_and(|one| one.silences(&now))
}

#[test]
fn what_was_approved_for_an_order_day_is_decided_until_the_next_one() {
    let quiet = |house: &House, days, units| silences(house, days, units, Some(20), false);
    let mut house = approvals::house();
    house.decide(ANN, shown(240, 7)).unwrap();
    assert!(quiet(&house, 0, 24) && quiet(&house, 9, 119), "a little more sold");
    assert!(!quiet(&house, 0, 120), "half as much again");
    assert!(!quiet(&house, 10, 24), "it can be ordered again");
    assert!(!silences(&house, 0, 24, Some(20), true), "it would run out before it comes");
    house.place(10);
    assert!(quiet(&house, 1, 24), "an order is no other decision");
    let reason = "found some".to_owned();
    house.decide(ANN, Decision::CancelOrder { po: "PO-000001".into(), reason }).unwrap();
    assert!(!quiet(&house, 1, 24), "nothing comes of it");

    let mut closed = approvals::house();
    closed.decide(ANN, shown(240, 7)).unwrap();
    closed.place(10);
    let of = closed.purchasing.order(&"PO-000001".into()).unwrap().entry;
    let told = Told::Sent { target: "by hand".into(), reference: None };
    closed.enter("stockdeck", Decision::Tell { po: "PO-000001".into(), of, told }, None);
    let reason = "they have no more".to_owned();
    closed.decide(ANN, Decision::CloseOrder { po: "PO-000001".into(), reason }).unwrap();
    assert!(!quiet(&closed, 1, 24), "nothing more comes of it");

    let mut cut = approvals::house();
    cut.decide(ANN, approve(96)).unwrap();
    assert!(quiet(&cut, 1, 144) && quiet(&cut, 1, 215), "144 were left out");
    assert!(!quiet(&cut, 1, 216), "half as many again as that");
    cut.undo(ANN, None).unwrap();
    assert!(!quiet(&cut, 1, 24));
    cut.decide(ANN, approve(216)).unwrap();
    assert!(quiet(&cut, 1, 107) && !quiet(&cut, 1, 108), "a small cut counts as none");

    let mut short = approvals::house();
    let review = &mut short.proposals[0].1.suggestion.review;
    review.as_mut().unwrap().short = true;
    short.decide(ANN, approve(0)).unwrap();
    assert!(silences(&short, 1, 24, Some(20), true), "it was to run out anyhow");

    let mut program = approvals::house();
    program.enter("stockdeck (automatic)", shown(240, 7), None);
    assert!(!quiet(&program, 0, 24), "it goes on looking after its own");
}

#[test]
fn what_was_turned_down_stays_quiet_until_it_is_another_proposal_or_its_day_has_come() {
    let runs_out = |house: &House, days: i32, units: i64, runs_out: Option<i32>| {
        silences(house, days, units, runs_out, false)
    };
    let quiet = |house: &House, days, units| runs_out(house, days, units, Some(20));
    let mut rejected = approvals::house();
    rejected.decide(ANN, reject(None)).unwrap();
    assert!(quiet(&rejected, 300, 240) && quiet(&rejected, 1, 359) && quiet(&rejected, 1, 24));
    assert!(!quiet(&rejected, 1, 360), "half as many again");
    assert!(runs_out(&rejected, 1, 240, Some(17)) && runs_out(&rejected, 1, 240, None));
    assert!(!runs_out(&rejected, 1, 240, Some(16)), "it runs short earlier");

    let mut until = approvals::house();
    until.decide(ANN, reject(Some(FIRST.plus(10)))).unwrap();
    assert!(quiet(&until, 9, 960) && !quiet(&until, 10, 240));

    let mut snoozed = approvals::house();
    snoozed.decide(ANN, snooze(FIRST.plus(3))).unwrap();
    assert!(quiet(&snoozed, 2, 960) && !quiet(&snoozed, 3, 240));
    snoozed.decide(BOB, reject(None)).unwrap();
    assert!(quiet(&snoozed, 3, 240), "the newest word counts");
    snoozed.undo(BOB, None).unwrap();
    assert!(quiet(&snoozed, 2, 240) && !quiet(&snoozed, 3, 240), "the one before counts again");
    let again = snoozed.undo(BOB, Some(3)).unwrap_err();
    assert_eq!(again, "Entry 3 took a decision about buying back; decide anew instead.");
    let past = snoozed.purchasing.remembered(&sku(), &SiteId::main());
    assert_eq!(past.iter().map(|one| one.withdrawn).collect::<Vec<_>>(), [false, true]);
}
