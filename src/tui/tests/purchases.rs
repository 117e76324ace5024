//! Following orders to suppliers from the keyboard.

use super::{Console, sample};
use crate::domain::{Currency, Decision, Money, Qty};
use crate::engine::api::{Action, Answer, Query};

fn decided(action: &Action) -> &Decision {
    match action {
        Action::Decide { decision, saw } => {
            assert!(!saw.is_empty());
            decision
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_digit_opens_it_and_trouble_and_lateness_are_seen() {
    let mut console = Console::new(80, 24);
    console.keys("9").shows("to be signed");
    console.shows("not sent");
    console.shows("3 d late");
    console.shows("264 of 336");
    console.shows("waits: a second person has to sign entries 41, 42");
    console.shows("── draft to HARG for LEEDS, Hargreaves & Daughters");
    console.keys("j j j").shows("── PO-000008 to NORD for LEEDS, Nordlys");
    console.shows("after 8 tries");
}

#[test]
fn the_second_person_signs_all_lines_after_a_question_with_the_sum() {
    let mut console = Console::new(140, 30).on("purchases", "");
    console.keys("a").shows("Approve as the second person: draft to HARG for LEEDS");
    console.shows("336 units");
    assert!(console.acted.is_empty(), "one key spends nothing");
    console.keys("enter");
    assert!(matches!(&console.acted[0], Action::DecideAll(all) if all.len() == 2
        && matches!(all[0].0, Decision::Countersign { entry: 41, .. })));
    console.keys("j a").shows("nothing of it waits for a second person");
}

/// The sample's orders, each of them for twelve thousand pounds.
fn large(query: &Query) -> Answer {
    let mut answer = sample::answer(query);
    if let Answer::Purchases(rows) = &mut answer {
        for row in &mut rows.rows {
            row.total.known = vec![Money { minor: 1_200_000, currency: Currency::GBP }];
        }
    }
    answer
}

#[test]
fn a_large_order_is_signed_by_typing_how_many_lines_it_has() {
    let mut console = Console::with(140, 30, large).on("purchases", "");
    console.keys("a").shows("£ 12,000.00), entries 41, 42");
    console.keys("enter").shows("Write 2, the number of lines, to sign them.");
    console.typed("2").keys("enter").shows("Approve as the second person: draft to HARG");
    assert!(console.acted.is_empty());
    console.keys("enter");
    assert!(matches!(&console.acted[0], Action::DecideAll(all) if all.len() == 2
        && matches!(all[1].0, Decision::Countersign { entry: 42, .. }) && !all[1].1.is_empty()));
}

#[test]
fn a_dead_letter_is_sent_again_and_nothing_else_is() {
    let mut console = Console::new(80, 24).on("purchases", "");
    console.keys("j j e").shows("it waits for no second sending");
    console.keys("j e").shows("Send PO-000008 to NORD");
    assert!(console.acted.is_empty());
    console.keys("enter");
    assert!(
        matches!(decided(&console.acted[0]), Decision::Resend { po } if po.as_str() == "PO-000008")
    );
}

#[test]
fn what_has_arrived_in_part_is_closed_and_not_cancelled_with_a_reason() {
    let mut console = Console::new(140, 30).on("purchases", "");
    console.keys("j j j j j j x").shows("cancelled only before anything arrives");
    console.keys("c enter").shows("Give the reason.");
    console.typed("out of print").keys("enter").shows("72 units will not come: out of print.");
    console.keys("enter");
    assert!(matches!(decided(&console.acted[0]),
        Decision::CloseOrder { po, reason } if po.as_str() == "PO-000005" && reason == "out of print"));
    console.keys("k x").typed("too late").keys("enter enter");
    assert!(matches!(decided(&console.acted[1]),
        Decision::CancelOrder { po, .. } if po.as_str() == "PO-000006"));
}

#[test]
fn goods_are_received_short_with_what_is_damaged_as_one_act() {
    let mut console = Console::new(140, 30).on("purchase", "PO-000005");
    console.keys("j r").shows("48 are to come");
    console.keys("ctrl-u").typed("40").keys("tab ctrl-u").typed("4").keys("enter");
    console.shows("Say what is damaged.");
    console
        .typed("wet")
        .keys("enter")
        .shows("8 are still to come. 4 are damaged and come off: wet.");
    console.keys("enter");
    let Action::DecideAll(all) = &console.acted[0] else { panic!("{:?}", console.acted) };
    assert!(
        matches!(&all[0].0, Decision::Receive { qty, po: Some(_), .. } if *qty == Qty::units(40))
    );
    assert!(matches!(&all[1].0, Decision::Adjust { delta, .. } if *delta == Qty::units(-4)));
}

#[test]
fn what_comes_when_a_line_has_arrived_is_a_surplus_that_is_asked_for_with_a_reason() {
    let mut console = Console::new(140, 30).on("purchase", "PO-000005");
    console.keys("r").shows("Receive a surplus of 85123A against PO-000005");
    console.typed("12").keys("enter enter enter").shows("Say why more is taken in");
    console.typed("a carton too many").keys("enter");
    console.shows("a surplus, as nothing more is to come: a carton too many.");
    assert!(console.acted.is_empty());
    console.keys("enter");
    assert!(matches!(decided(&console.acted[0]), Decision::Receive { qty, surplus: true, .. }
        if *qty == Qty::units(12)));
    let mut console = Console::new(140, 30).on("purchase", "PO-000003");
    console.keys("r").shows("Receive a surplus of 85123A against PO-000003");
    let mut console = Console::new(140, 30).on("purchase", "PO-000001");
    console.keys("r").shows("PO-000001 is cancelled: nothing is received by it.");
}

#[test]
fn more_than_is_to_come_is_a_surplus_with_a_reason() {
    let mut console = Console::new(140, 30).on("purchase", "PO-000005");
    console.keys("j r ctrl-u").typed("60").keys("enter").shows("Say why more is taken in");
    console.typed("a carton too many").keys("enter");
    console.shows("a surplus of 12 over what is to come: a carton too many.");
    console.keys("enter");
    assert!(matches!(decided(&console.acted[0]), Decision::Receive { qty, surplus: true, .. }
        if *qty == Qty::units(60)));
}

#[test]
fn an_order_shows_its_day_the_one_that_was_asked_for_and_what_came_damaged() {
    let console = Console::new(100, 30).on("purchase", "PO-000005");
    console.shows("due 21 Nov, 2 d late; 18 Nov was asked for");
    console.shows("came damaged and off again: 2 × 85123A");
}

#[test]
fn all_that_is_to_come_is_received_after_a_question() {
    let mut console = Console::new(100, 30).on("purchase", "PO-000005");
    console.keys("F").shows("Receive all that is to come by PO-000005: 1 line, 48 units.");
    console.keys("enter");
    assert!(
        matches!(decided(&console.acted[0]), Decision::Receive { qty, .. } if *qty == Qty::units(48))
    );
}

#[test]
fn u_takes_a_draft_back_whole_and_one_line_of_it_where_it_is_open() {
    let mut console = Console::new(100, 30).on("purchases", "");
    console.keys("j u").shows("Take back all of the draft to NORD for BRISTOL");
    console.keys("enter");
    assert_eq!(console.acted, [Action::UndoAll(vec![41, 42])], "one act");
    console.keys("enter j u").shows("Take back the selected line of the draft to NORD");
    console.keys("enter");
    assert_eq!(console.acted[1..], [Action::Undo(Some(42))]);
}

#[test]
fn an_open_draft_tells_the_decisions_that_its_lines_came_from() {
    let mut console = Console::new(100, 30).on("purchases", "");
    console.keys("enter").shows("JOURNAL");
    console.shows("mei: approve 96 × 22423 to LEEDS from HARG");
}

#[test]
fn the_request_is_shown_blank_for_blank_and_conversion_adds_up() {
    let mut console = Console::new(80, 24).on("purchases", "");
    console.keys("d").shows("  \"number\": \"PO-000007\"");
    assert!(console.asked.iter().any(|query| matches!(query, Query::DraftRequest(..))));
    console.keys("esc w").shows("60 % of the proposals decided");
    console.shows("edits saved");
    assert!(console.acted.is_empty());
}

#[test]
fn the_request_of_an_order_that_was_sent_says_when_and_that_it_is_told_anew() {
    let mut console = Console::new(100, 30).on("purchases", "");
    console.keys("d").shows("as it would be sent now; nothing is sent");
    console.keys("esc j j j j d").shows("as it would be sent again now; nothing is sent");
    console
        .shows("It was sent already (shop, 22 Nov 11:04). This is how it would be sent again now");
    console.shows("  \"number\": \"PO-000007\"");
}

#[test]
fn o_goes_from_a_proposal_to_the_suppliers_orders_and_back() {
    let mut console = Console::new(100, 30).on("reorders", "");
    console.keys("o").shows("supplier:\"NORD\" site:\"BRISTOL\"");
    console.shows("to be signed");
    console.keys("esc").shows("22423");
    let mut console = Console::new(100, 30).on("purchases", "");
    console.keys("o").shows("supplier:\"HARG\" site:\"LEEDS\"");
}

#[test]
fn the_overview_leads_to_what_was_not_sent() {
    let mut console = Console::new(80, 24);
    console.shows("orders to suppliers not sent");
    console.keys("j j j enter").shows("is:unsent");
}

#[test]
fn a_read_only_console_changes_no_order() {
    let mut console = Console::new(80, 24).on("purchases", "");
    console.state.read_only = true;
    console.keys("a").shows("This console is read-only");
    console.keys("enter");
    assert!(console.acted.is_empty());
}

#[test]
fn one_key_tells_how_the_supplier_keeps_its_word() {
    let supplier = |console: &Console| match console.asked.last() {
        Some(Query::Supplier(supplier)) => supplier.to_string(),
        other => panic!("{other:?}"),
    };
    let mut console = Console::new(120, 40).on("purchase", "PO-000005");
    console.keys("I").shows("on time");
    assert_eq!(supplier(&console), "HARG");
    console.shows("overdue");
    console.shows("RENNES");
    console.shows("states 10 d");
    // Its orders are opened like any, and Esc leads back.
    console.keys("enter");
    assert!(
        matches!(console.asked.last(), Some(Query::Purchase(po)) if po.as_str() == "PO-000140")
    );
    console.keys("esc esc").shows("PO-000005");
    for (screen, subject) in [("purchases", ""), ("sku", "85123A"), ("stock", ""), ("reorders", "")]
    {
        let mut console = Console::new(120, 40).on(screen, subject);
        console.keys("I").shows("Hargreaves & Daughters");
        supplier(&console);
    }
    let console = Console::new(120, 40).on("supplier", "NOBODY");
    console.shows("There is no supplier NOBODY here.");
}

/// The sample's orders, the last of them a transfer between own sites.
fn sent_between_sites(query: &Query) -> Answer {
    let mut answer = sample::answer(query);
    if let Answer::Purchases(rows) = &mut answer
        && let Some(last) = rows.rows.last_mut()
    {
        last.transfer = true;
    }
    answer
}

#[test]
fn a_transfer_that_came_short_is_closed_and_says_what_that_means() {
    let mut console = Console::with(140, 30, sent_between_sites).on("purchases", "");
    console.keys("G c").typed("refused").keys("enter");
    console.shows("units are lost in transit, written off: refused.");
    console.keys("enter");
    assert!(matches!(decided(&console.acted[0]),
        Decision::CloseOrder { po, .. } if po.as_str() == "4500017"));
}
