//! Deciding about inbound goods and transfers at the keyboard.

use super::{Console, sample};
use crate::domain::{Ask, Decision, Measure, Qty, TransferOrder, Zone};
use crate::engine::api::{Action, Answer, Query};

fn decided(action: &Action) -> &Decision {
    match action {
        Action::Decide { decision, .. } => decision,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_proposal_is_accepted_after_it_says_what_that_means() {
    let mut console = Console::new(80, 24).on("coordination", "");
    console.shows("expedite");
    console.keys("a").shows("Accept: expedite order PO-000009 line 1: wanted by");
    console.shows("the supplier is asked when it can be taken back no more");
    assert!(console.acted.is_empty());
    console.keys("enter");
    let Decision::AskSupplier(line) = decided(&console.acted[0]) else { panic!("a request") };
    assert!(matches!(line.ask, Ask::Expedite { .. }));
    assert!(line.reason.contains("run out about"), "{}", line.reason);
}

#[test]
fn a_transfer_is_found_by_its_kind_and_says_where_from() {
    let mut console = Console::new(120, 40).on("coordination", "");
    while !console.selected_line().contains("transfer") {
        console.keys("j");
    }
    console.shows("LEEDS has 2000 and keeps");
    console.keys("w").shows("98 times of 100 enough there for");
    console.shows("would be bought");
    console.keys("esc a enter");
    assert!(
        matches!(decided(&console.acted[0]), Decision::SendTransfer(goods) if goods.from.as_str() == "LEEDS")
    );
}

#[test]
fn a_suppliers_scorecard_is_one_key_away() {
    let asked = |console: &Console| {
        console.asked.iter().rev().find_map(|query| match query {
            Query::Supplier(named) => Some(named.to_string()),
            _ => None,
        })
    };
    let mut console = Console::new(120, 40).on("coordination", "");
    let supplier = if console.selected_line().contains("Nordlys") { "NORD" } else { "HARG" };
    console.keys("I");
    assert_eq!(asked(&console).as_deref(), Some(supplier));
    let mut console = Console::new(80, 24).on("coordination", "");
    console.keys("E I");
    assert_eq!(asked(&console).as_deref(), Some("HARG"));
}

#[test]
fn rejecting_wants_a_reason_and_snoozing_a_day() {
    let mut console = Console::new(80, 24).on("coordination", "");
    console.keys("x enter enter").shows("Give the reason.");
    console.typed("asked by phone").keys("enter enter").shows("until it is another proposal");
    console.keys("enter");
    assert!(matches!(
        decided(&console.acted[0]),
        Decision::TurnDown { measure: Measure::Line(_), until: None, reason: Some(reason) }
            if reason == "asked by phone"
    ));
    console.keys("z").typed("3").keys("enter").shows("off until 26 Nov 2026");
    console.keys("enter");
    assert!(matches!(
        decided(&console.acted[1]),
        Decision::TurnDown { until: Some(until), reason: None, .. }
            if until.to_string() == "2026-11-26"
    ));
}

#[test]
fn what_cannot_be_decided_here_says_why() {
    let mut console = Console::new(120, 40).on("coordination", "");
    console.keys("G a").shows("nobody knows what is on the shelf");
    while !console.selected_line().contains("underway") {
        console.keys("k");
    }
    console.keys("a").shows("the goods are on their way");
    assert!(console.acted.is_empty());
}

#[test]
fn marked_proposals_are_accepted_as_one_act() {
    let mut console = Console::new(80, 24).on("coordination", "");
    console.keys("space space a").shows("Accept: 2 proposals (");
    console.keys("enter");
    assert!(matches!(&console.acted[0], Action::DecideAll(all) if all.len() == 2));
}

#[test]
fn expected_orders_open_to_their_skus() {
    let mut console = Console::new(80, 24).on("coordination", "");
    console.keys("E").shows("week of");
    console.keys("j enter");
    let asked = console.asked.iter().rev().find_map(|query| match query {
        Query::Expected { by_sku: true, page } => Some(page.filter.clone()),
        _ => None,
    });
    assert_eq!(asked.as_deref(), Some("supplier:\"HARG\" week:2026-11-30"));
    console.keys("esc esc").shows("expedite");
}

/// The sample's SKU, with a transfer to YORK that was accepted and has not left.
fn promised(query: &Query) -> Answer {
    let mut answer = sample::answer(query);
    if let Answer::Sku(Some(detail)) = &mut answer {
        detail.promised.push(TransferOrder {
            sku: detail.product.sku.clone(),
            from: "LEEDS".into(),
            to: "YORK".into(),
            qty: Qty::units(37),
            due: sample::now().day(&Zone::utc()).plus(2),
            cost: None,
            reason: "YORK runs short".into(),
        });
    }
    answer
}

#[test]
fn what_another_site_has_promised_is_among_what_is_to_come() {
    let console = Console::with(140, 40, promised).on("sku", "85123A");
    console.shows("transfer");
    console.shows("promised by LEEDS");
}
