//! Cases: what may be decided, what follows from it, and what an undo brings back.

use super::*;
use crate::desk::triage::{CaseSeen, ToTell};

const CASE: CaseId = CaseId { kind: CaseKind::Order, number: 7 };
const FEED: CaseId = CaseId { kind: CaseKind::Feed, number: 5 };
const ITS_OWN: CaseId = CaseId { kind: CaseKind::Order, number: 8 };
const STOCK: CaseId = CaseId { kind: CaseKind::Stock, number: 3 };

fn key(number: &str) -> OrderKey {
    OrderKey { feed: "shop".into(), number: number.into() }
}

fn flagged(number: &str, status: OrderStatus) -> FlaggedOrder {
    FlaggedOrder { order: key(number), status }
}

/// A case of an open, a pending and a shipped order, and one of stock.
fn house() -> House {
    let mut house = House::new();
    let orders = vec![
        flagged("1", OrderStatus::Open),
        flagged("2", OrderStatus::Pending),
        flagged("3", OrderStatus::Shipped),
    ];
    house.cases.insert(CASE, CaseSeen { orders, ..CaseSeen::default() });
    house.cases.insert(STOCK, CaseSeen::default());
    // A feed told an order wrongly that has a case of its own, too.
    let told = vec![flagged("8", OrderStatus::Open), flagged("9", OrderStatus::Shipped)];
    let elsewhere = [(key("8"), FEED)].into();
    house.cases.insert(ITS_OWN, CaseSeen { orders: told[..1].to_vec(), elsewhere });
    house.cases.insert(FEED, CaseSeen { orders: told, ..CaseSeen::default() });
    house
}

fn act(case: CaseId, act: CaseAct) -> Decision {
    Decision::Flag { case, act, orders: Vec::new() }
}

fn on(case: CaseId, act: CaseAct, number: &str) -> Decision {
    Decision::Flag { case, act, orders: vec![flagged(number, OrderStatus::Gone)] }
}

fn wanted(house: &House) -> Vec<(&str, ToTell)> {
    house.triage.all_to_tell().map(|(order, wanted)| (order.number.as_str(), wanted)).collect()
}

fn told(of: u64, numbers: &[&str]) -> Decision {
    let word = |number: &&str| ShopWord { order: key(number), of, refused: None };
    Decision::TellShop { words: numbers.iter().map(word).collect() }
}

#[test]
fn a_hold_is_about_what_can_be_stopped_and_undone_to_what_it_was() {
    let mut house = house();
    let hold = house.decide(ANN, act(CASE, CaseAct::Hold)).unwrap();
    let held = ToTell { of: hold, status: OrderStatus::Held };
    assert_eq!(wanted(&house), [("1", held), ("2", held)], "the third has left");
    assert_eq!(house.triage.verdict(&key("3")), None);
    house.enter("stockdeck", told(hold, &["1", "2"]), None);
    assert!(wanted(&house).is_empty());
    let undo = house.undo(ANN, None).unwrap();
    let back = |status| ToTell { of: undo, status };
    let both = [("1", back(OrderStatus::Open)), ("2", back(OrderStatus::Pending))];
    assert_eq!(wanted(&house), both, "each as it was");
    assert_eq!(house.triage.verdict(&key("1")), None, "it waits again");
    let again = house.undo(ANN, Some(undo)).unwrap();
    assert_eq!(
        house.triage.to_tell(&key("1")).map(|one| (one.of, one.status)),
        Some((again, OrderStatus::Held))
    );
}

#[test]
fn what_is_held_can_be_released_or_called_off_and_each_is_undone_to_the_one_before() {
    let mut house = house();
    let hold = house.decide(ANN, act(CASE, CaseAct::Hold)).unwrap();
    house.enter("stockdeck", told(hold, &["1", "2"]), None);
    let cancel = house.decide(BOB, on(CASE, CaseAct::Cancel, "1")).unwrap();
    assert_eq!(wanted(&house), [("1", ToTell { of: cancel, status: OrderStatus::Cancelled })]);
    let undo = house.undo(BOB, None).unwrap();
    assert_eq!(wanted(&house), [("1", ToTell { of: undo, status: OrderStatus::Held })]);
    let release = house.decide(ANN, act(CASE, CaseAct::Release)).unwrap();
    let was = |status| ToTell { of: release, status };
    let both = [("1", was(OrderStatus::Open)), ("2", was(OrderStatus::Pending))];
    assert_eq!(wanted(&house), both, "as they were; nobody holds the third");
    let refused = house.decide(ANN, act(CASE, CaseAct::Release)).unwrap_err();
    assert!(refused.contains("All 3 orders of case O7 are decided on"), "{refused}");
}

#[test]
fn an_order_that_nothing_was_done_to_is_released_without_a_word_to_its_shop() {
    let mut house = house();
    house.decide(ANN, on(CASE, CaseAct::Release, "1")).unwrap();
    assert!(wanted(&house).is_empty());
    assert_eq!(house.triage.labels(), [(&key("1"), false, Timestamp::from_millis(10))]);
    house.decide(ANN, on(CASE, CaseAct::Confirm, "1")).unwrap();
    let labels: Vec<bool> = house.triage.labels().iter().map(|label| label.1).collect();
    assert_eq!(labels, [true], "what was decided last counts");
    house.undo(ANN, None).unwrap();
    house.undo(ANN, None).unwrap();
    assert!(house.triage.labels().is_empty());
}

#[test]
fn what_cannot_be_meant_is_refused_with_the_mend() {
    let mut house = house();
    for (decision, why) in [
        (act(CaseId { number: 88, ..CASE }, CaseAct::Hold), "There is no case O88"),
        (act(STOCK, CaseAct::Hold), "which is not about orders; release or confirm it"),
        (on(CASE, CaseAct::Hold, "9"), "Order shop/9 is not in case O7"),
        (on(CASE, CaseAct::Hold, "3"), "too late to hold order shop/3, which is shipped"),
        (act(CASE, CaseAct::Assign(Some("nobodyxyz".into()))), "There is no user nobodyxyz"),
        (act(CASE, CaseAct::Note(" ".into())), "The note is empty"),
        (act(CASE, CaseAct::Snooze(Timestamp::default())), "is over already"),
        (act(CASE, CaseAct::Snooze(Timestamp::default() + Span::days(40))), "more than 31 days"),
        (Decision::SwitchRule { rule: "quantit".into(), on: false }, "did you mean quantity?"),
        (Decision::SwitchRule { rule: "quantity".into(), on: true }, "quantity is on already"),
        (threshold("quantity", None), "quantity speaks as it came already"),
        (threshold("phantom-stock", Some(2.0)), "cannot be set; switch it off, or mute it"),
        (Decision::UseFlagModel { version: 9, before: 0 }, "There is no version 9"),
        (told(1, &["1"]), "but the program itself"),
        (Decision::Unflag { entry: 1, case: CASE }, "undo the journal entry"),
    ] {
        let refused = house.decide(ANN, decision).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
}

fn threshold(rule: &str, from: Option<f64>) -> Decision {
    let from = from.and_then(Threshold::new);
    Decision::SetThreshold { rule: rule.into(), from, before: None }
}

#[test]
fn a_rule_speaks_from_where_it_is_set_and_undo_goes_back_step_by_step() {
    let mut house = house();
    let from = |house: &House| house.triage.threshold("quantity").map(Threshold::strength);
    house.decide(ANN, threshold("quantity", Some(5.5))).unwrap();
    house.decide(ANN, threshold("quantity", Some(-0.25))).unwrap();
    assert_eq!(from(&house), Some(-0.25));
    house.undo(ANN, None).unwrap();
    assert_eq!(from(&house), Some(5.5));
    house.undo(ANN, None).unwrap();
    assert_eq!(from(&house), None, "as it came");
    assert!(Threshold::new(f64::NAN).is_none() && Threshold::new(1e9).is_none());
}

#[test]
fn a_case_ends_as_its_orders_did_and_what_was_called_off_is_not_too_late_but_over() {
    let mut house = house();
    house.decide(ANN, act(CASE, CaseAct::Cancel)).unwrap();
    house.decide(BOB, on(CASE, CaseAct::Release, "3")).unwrap();
    let ends = [(CaseAct::Cancel, 2), (CaseAct::Release, 1)];
    assert_eq!(house.triage.endings(CASE), ends);
    house.decide(BOB, on(CASE, CaseAct::Confirm, "1")).unwrap();
    let ends: Vec<u32> = house.triage.endings(CASE).iter().map(|(_, orders)| *orders).collect();
    assert_eq!(ends, [1, 1, 1], "what was decided last about an order counts");
    house.cases.get_mut(&CASE).unwrap().orders[1].status = OrderStatus::Cancelled;
    let refused = house.decide(ANN, on(CASE, CaseAct::Cancel, "2")).unwrap_err();
    assert!(refused.contains("is cancelled already: nothing is left to cancel"), "{refused}");
    house.decide(ANN, Decision::SwitchRule { rule: "price".into(), on: false }).unwrap();
    house.decide(BOB, threshold("price", Some(2.0))).unwrap();
    let said = house.triage.about_rules_since(Timestamp::default());
    let said: Vec<(&str, &str)> = said.map(|one| (&*one.what, &*one.who)).collect();
    assert_eq!(said, [("rule off price", ANN), ("set threshold price from 2 on", BOB)]);
}

#[test]
fn a_case_is_somebodys_until_it_is_handed_over_and_sleeps_until_somebody_acts() {
    let mut house = house();
    house.decide(ANN, act(CASE, CaseAct::Assign(Some("".into())))).unwrap();
    assert_eq!(house.triage.assigned(CASE), Some(ANN), "to whoever asks");
    house.decide(ANN, act(CASE, CaseAct::Assign(Some(BOB.into())))).unwrap();
    assert_eq!(house.triage.assigned(CASE), Some(BOB));
    house.undo(ANN, None).unwrap();
    assert_eq!(house.triage.assigned(CASE), Some(ANN));
    house.decide(ANN, act(CASE, CaseAct::HandOver("bank called".into()))).unwrap();
    assert_eq!(house.triage.assigned(CASE), None);
    let until = Timestamp::default() + Span::hours(8);
    house.decide(BOB, act(CASE, CaseAct::Snooze(until))).unwrap();
    assert_eq!(house.triage.snoozed(CASE), Some(until));
    house.decide(BOB, act(CASE, CaseAct::Note("it is Mr Fox".into()))).unwrap();
    assert_eq!(house.triage.snoozed(CASE), None);
    assert!(house.triage.verdict_of_case(CASE).is_none());
    house.decide(BOB, act(STOCK, CaseAct::Confirm)).unwrap();
    assert!(house.triage.verdict_of_case(STOCK).is_some());
}

#[test]
fn a_mute_ends_by_itself_by_hand_and_by_an_undo() {
    let mut house = house();
    let until = Timestamp::default() + Span::days(30);
    let of = MuteOf::Customer("7Q2N8K4M1A".into());
    let mute = Decision::Mute { rule: "price".into(), of, until, reason: "staff".into() };
    let entry = house.decide(ANN, mute.clone()).unwrap();
    let is_on = |house: &House, at| house.triage.mute(entry).unwrap().is_on(at);
    assert!(is_on(&house, Timestamp::default()) && !is_on(&house, until));
    house.undo(ANN, None).unwrap();
    assert!(!is_on(&house, Timestamp::default()));
    let refused =
        house.decide(ANN, Decision::EndMute { entry, on: false, rule: "".into() }).unwrap_err();
    assert!(refused.contains("is ended already"), "{refused}");
    house.decide(ANN, Decision::EndMute { entry, on: true, rule: "".into() }).unwrap();
    assert!(is_on(&house, Timestamp::default()));
    let Decision::Mute { rule, until, reason, .. } = mute else { panic!("a mute") };
    let nobody = MuteOf::Customer("NOBODY".into());
    let refused =
        house.decide(ANN, Decision::Mute { rule, of: nobody, until, reason }).unwrap_err();
    assert!(refused.contains("NOBODY"), "{refused}");
}

#[test]
fn the_network_in_use_is_taken_back_with_one_undo() {
    let mut house = house();
    house.enter("stockdeck", Decision::UseFlagModel { version: 1, before: 0 }, None);
    let taken = house.enter("stockdeck", Decision::UseFlagModel { version: 2, before: 1 }, None);
    house.undo(ANN, Some(taken)).unwrap();
    assert_eq!(house.triage.model(), Some((1, 2)));
    house.decide(ANN, Decision::UseFlagModel { version: 0, before: 9 }).unwrap();
    assert_eq!(house.triage.model(), Some((0, 1)), "rules alone, and what it was is known");
}

#[test]
fn a_feeds_case_is_decided_order_by_order_and_teaches_nothing_of_them() {
    let mut house = house();
    let refused = house.decide(ANN, act(ITS_OWN, CaseAct::Hold)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "What is left of case O8 stands in case F5: decide there, or name the orders."
    );
    let hold = house.decide(ANN, act(FEED, CaseAct::Hold)).unwrap();
    assert_eq!(wanted(&house), [("8", ToTell { of: hold, status: OrderStatus::Held })]);
    assert_eq!(house.triage.verdict(&key("9")), None, "it has left");
    house.decide(ANN, act(FEED, CaseAct::RefundWatch)).unwrap();
    assert!(house.triage.verdict(&key("9")).is_some());
    assert_eq!(house.triage.labels(), [], "the feed was wrong, not the orders");
    house.undo(ANN, None).unwrap();
    house.undo(ANN, Some(hold)).unwrap();
    assert_eq!(wanted(&house)[0].1.status, OrderStatus::Open);
    house.decide(ANN, on(ITS_OWN, CaseAct::Hold, "8")).unwrap();
    assert_eq!(house.triage.labels().len(), 1, "named, it is decided by itself");
}
