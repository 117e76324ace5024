//! What lines cost at the desk, who may approve how much of it, and who signs as the second person.

use super::approvals::*;
use super::*;
use crate::desk::buying::{Powers, Rules, Waits};

#[test]
fn limits_are_kept_by_order_and_by_day() {
    let mut house = house();
    let per_order = Powers { per_order: Some(money("700")), ..Powers::ALL };
    let per_day = Powers { per_day: Some(money("300")), ..Powers::ALL };
    house.rules.people =
        [(ANN, per_order), (BOB, per_day)].map(|(who, may)| (who.into(), may)).into();
    house.rules.everybody = Powers::NONE;
    assert!(
        house.decide(EVE, shown(240, 7)).unwrap_err().starts_with("eve may not approve orders;")
    );
    assert_eq!(
        house.decide(ANN, approve(480)).unwrap_err(),
        "The order to S1 would cost £1200.00, and ann may approve £700.00 an order; approve less, or ask somebody who may approve more.",
    );
    let entry = house.decide(ANN, shown(240, 7)).unwrap();
    assert_eq!(
        house.decide(ANN, other(200)).unwrap_err(),
        "The order to S1 would cost £776.00, and ann may approve £700.00 an order; approve less, or ask somebody who may approve more.",
        "an order that is split by lines is one order all the same",
    );
    house.undo(ANN, Some(entry)).unwrap();
    house.decide(BOB, other(290)).unwrap();
    assert_eq!(
        house.decide(BOB, approve(48)).unwrap_err(),
        "With it, what bob approved today would cost £410.00, and bob may approve £300.00 a day; approve less, or ask somebody who may approve more.",
    );
    house.undo(BOB, None).unwrap();
    house.decide(BOB, approve(48)).expect("what was taken back does not count");
}

#[test]
fn an_edited_quantity_costs_what_so_many_cost() {
    let mut house = house();
    let breaks = [(96, "2.30"), (480, "2.00")]
        .map(|(from, text)| PriceBreak { from: Qty::units(from), cost: cost(text).unwrap() });
    let terms = SkuTerms { breaks: Some(breaks.into()), ..SkuTerms::bare(sku()) };
    house.book.terms(&terms);
    let mut costs = |units| {
        let entry = house.decide(ANN, approve(units)).unwrap();
        let cost = house.approved(entry).cost;
        let added = house.purchasing.conversion().edits_added.clone();
        house.undo(ANN, None).unwrap();
        (cost, added)
    };
    assert_eq!(costs(48).0, cost("2.50"));
    assert_eq!(costs(96).0, cost("2.30"));
    assert_eq!(costs(480), (cost("2.00"), vec![money("480")]), "240 more at their price");
    house.rules.everybody = Powers { per_order: Some(money("960")), ..Powers::ALL };
    house.decide(ANN, approve(480)).expect("480 at 2.00 are within the limit");
}

#[test]
fn a_cost_is_not_believed_from_who_approves() {
    let mut house = house();
    house.rules.everybody = Powers { per_order: Some(money("100")), ..Powers::ALL };
    let stated = |text: &str| Decision::Approve(Approval { cost: cost(text), ..line(240) });
    assert_eq!(
        house.decide(ANN, stated("0.01")).unwrap_err(),
        "The line states that 22423 costs 0.01 GBP, and here it costs 2.40 GBP; leave the cost out, or have a feed tell it.",
    );
    house.rules.everybody = Powers::ALL;
    let entry = house.decide(ANN, stated("2.40")).unwrap();
    assert_eq!(house.approved(entry).cost, cost("2.40"));
}

#[test]
fn a_cost_below_nothing_is_no_way_round_a_limit() {
    let mut house = house();
    let pack = Some(Qty::units(1));
    house.book.product(&Product {
        cost: UnitPrice::parse("-9.00", Currency::GBP),
        pack,
        ..Product::bare("85123A".into())
    });
    house.rules.four_eyes_above = Some(money("500"));
    let entry = house.decide(ANN, other(50)).unwrap();
    assert_eq!(house.approved(entry).cost, None);
    assert_eq!(house.waits(), Waits::Second, "nobody knows what it costs");
    house.rules.everybody = Powers { per_order: Some(money("500")), ..Powers::ALL };
    let refused = house.decide(BOB, shown(240, 7)).unwrap_err();
    assert!(refused.starts_with("Nobody knows what"), "{refused}");
}

#[test]
fn nobody_knows_what_another_supplier_asks() {
    let elsewhere = Decision::Approve(Approval { supplier: Some("S2".into()), ..line(240) });
    let mut house = house();
    house.rules.four_eyes_above = Some(money("5000"));
    let entry = house.decide(ANN, elsewhere.clone()).unwrap();
    assert_eq!(house.approved(entry).cost, None, "2.40 is what S1 asks");
    assert_eq!(house.waits(), Waits::Second);
    house.undo(ANN, None).unwrap();
    house.rules.everybody = Powers { per_order: Some(money("5000")), ..Powers::ALL };
    let refused = house.decide(ANN, elsewhere).unwrap_err();
    assert!(refused.starts_with("Nobody knows what 22423 costs"), "{refused}");
}

#[test]
fn an_order_that_is_split_by_waiting_is_one_to_whoever_limits_it() {
    let mut house = house();
    house.rules.everybody = Powers { per_order: Some(money("700")), ..Powers::ALL };
    house.decide(ANN, shown(240, 7)).unwrap();
    house.place(10);
    assert_eq!(
        house.decide(ANN, other(200)).unwrap_err(),
        "With what was ordered of S1 today, it would cost £776.00, and ann may approve £700.00 an order; approve less, or ask somebody who may approve more.",
    );
    house.rules.everybody = Powers::ALL;
    house.rules.four_eyes_above = Some(money("700"));
    let entry = house.decide(ANN, other(200)).unwrap();
    assert_eq!(house.waits(), Waits::Second);
    house.rules.people.insert(BOB.into(), Powers { per_order: Some(money("700")), ..Powers::ALL });
    let refused = house.decide(BOB, second(entry)).unwrap_err();
    assert!(
        refused.starts_with("With what was ordered of S1 today, it would cost £776"),
        "{refused}"
    );
    let po = PoNumber::from("PO-000001");
    house.decide(ANN, Decision::CancelOrder { po, reason: "late".into() }).unwrap();
    assert_eq!(house.waits(), Waits::Grace(Span::minutes(6)), "what is called off costs nothing");
}

#[test]
fn a_cost_that_cannot_be_held_against_a_limit_is_no_way_round_it() {
    let mut house = house();
    house.rules.everybody = Powers { per_order: Some(money("700")), ..Powers::ALL };
    let unknown =
        Decision::Approve(Approval { sku: "POST".into(), supplier: Some("S1".into()), ..line(1) });
    house.skus.push("POST".into());
    let refused = house.decide(ANN, unknown.clone()).unwrap_err();
    assert!(refused.starts_with("Nobody knows what POST costs, so that ann's limit"), "{refused}");
    let euro = UnitPrice::parse("1", Currency::parse("EUR").unwrap());
    house.skus.push("EURO".into());
    house.book.product(&Product { cost: euro, ..Product::bare("EURO".into()) });
    let euros =
        Decision::Approve(Approval { sku: "EURO".into(), supplier: Some("S1".into()), ..line(48) });
    let refused = house.decide(ANN, euros.clone()).unwrap_err();
    assert!(refused.contains("EURO costs EUR and ann's limit is in GBP"), "{refused}");

    house.rules.everybody = Powers::ALL;
    house.decide(ANN, unknown).unwrap();
    house.decide(ANN, other(1)).unwrap();
    let refused = house.decide(ANN, euros).unwrap_err();
    assert!(refused.contains("EURO costs EUR, and the order to S1"), "{refused}");
    house.rules.four_eyes_above = Some(money("1000"));
    assert_eq!(house.waits(), Waits::Second, "nobody knows what it costs");
}

#[test]
fn what_others_have_bought_is_called_off_by_those_alone_who_may_buy() {
    let mut house = house();
    house.rules.people =
        [(ANN, Powers::ALL), (BOB, Powers::NONE)].map(|(who, may)| (who.into(), may)).into();
    house.rules.everybody = Powers::NONE;
    let entry = house.decide(ANN, shown(240, 7)).unwrap();
    let not_allowed = "bob may not approve orders;";
    assert!(house.undo(BOB, Some(entry)).unwrap_err().starts_with(not_allowed));
    house.rules.people.insert(ANN.into(), Powers::NONE);
    house.undo(ANN, Some(entry)).expect("one's own can be taken back all the same");
    house.rules.people.insert(ANN.into(), Powers::ALL);
    house.decide(ANN, shown(240, 7)).unwrap();
    house.place(10);
    let (po, of) = (PoNumber::from("PO-000001"), 0);
    let (confirmed, late) = (Told::Confirmed { lines: Vec::new(), due: None }, "late".to_owned());
    let failed = Told::Failed { target: "hook".into(), reason: "404".into(), attempts: 1 };
    let placed = house.purchasing.order(&po).unwrap().entry;
    house.enter("stockdeck", Decision::Tell { po: po.clone(), of: placed, told: failed }, None);
    let sent = Told::Sent { target: "by hand".into(), reference: None };
    for decision in [
        Decision::Resend { po: po.clone() },
        Decision::Tell { po: po.clone(), of, told: sent },
        Decision::Tell { po: po.clone(), of, told: confirmed },
        Decision::CancelOrder { po: po.clone(), reason: late.clone() },
        Decision::CloseOrder { po: po.clone(), reason: late },
    ] {
        let refused = house.decide(BOB, decision.clone()).unwrap_err();
        assert!(refused.starts_with(not_allowed), "{refused}");
        if !matches!(decision, Decision::CancelOrder { .. }) {
            house.decide(ANN, decision).unwrap();
        }
    }
}

#[test]
fn above_a_limit_a_second_person_signs_every_line() {
    let mut house = house();
    house.rules.four_eyes_above = Some(money("500"));
    let small = house.decide(ANN, other(100)).unwrap();
    assert_eq!(house.waits(), Waits::Grace(Span::minutes(6)));
    let large = house.decide(ANN, shown(240, 7)).unwrap();
    assert_eq!(house.waits(), Waits::Second, "the order is above, whatever each line is");
    assert_eq!(house.place(60), [""; 0]);
    assert_eq!(
        house.decide(ANN, second(large)).unwrap_err(),
        format!(
            "ann approved entry {large} and cannot be the second person too; ask somebody else."
        ),
    );
    house.decide(BOB, second(small)).unwrap();
    let signed = house.decide(BOB, second(large)).unwrap();
    assert!(house.decide(EVE, second(large)).unwrap_err().starts_with("bob has signed entry"));
    house.undo(BOB, Some(signed)).unwrap();
    assert_eq!(house.waits(), Waits::Second, "a signature can be taken back");
    house.decide(EVE, second(large)).unwrap();
    assert_eq!(house.place(60), ["PO-000001 to S1 for main: 2 lines"]);
    assert!(house.decide(BOB, second(large)).unwrap_err().contains("part of PO-000001"));
}

#[test]
fn the_second_person_is_another_one_under_whatever_name() {
    let mut house = house();
    house.rules.four_eyes_above = Some(money("500"));
    house.rules.automatic = Some(Powers::ALL);
    let entry = house.decide(ANN, shown(240, 7)).unwrap();
    let refused = |house: &House, actor: &Actor, entry| {
        check(second(entry), actor, house).map_err(|error| error.to_string()).err()
    };
    let alias = Actor { user: "anna".into(), ..actor(ANN) };
    assert_eq!(
        refused(&house, &alias, entry),
        Some(format!(
            "ann, who approved entry {entry}, has the same number on this machine as anna; ask somebody else."
        )),
    );
    let root = Actor { user: "root".into(), uid: 0, from: "test".into() };
    let why = refused(&house, &root, entry).unwrap();
    assert!(why.starts_with("root can act as anybody here and is no second person;"), "{why}");
    house.rules.people.insert("root".into(), Powers::ALL);
    assert_eq!(refused(&house, &root, entry), None, "the configuration names it");
    assert_eq!(refused(&house, &actor(BOB), entry), None);

    house.undo(ANN, None).unwrap();
    let entry = house.decide(Rules::AUTOMATIC, shown(240, 7)).unwrap();
    let host = Actor { user: BOB.into(), ..actor(Rules::AUTOMATIC) };
    assert_eq!(refused(&house, &host, entry), None, "the program is not who runs it");
}

#[test]
fn what_people_may_is_theirs_or_everybodys() {
    let mut rules = Rules { everybody: Powers::NONE, ..Rules::default() };
    rules.people.insert(ANN.into(), Powers::ALL);
    assert!(rules.of(ANN).may_approve && !rules.of(BOB).may_approve);
}

#[test]
fn an_order_that_was_called_off_is_off_the_day_too() {
    let mut house = house();
    house.rules.everybody = Powers { per_day: Some(money("600")), ..Powers::ALL };
    house.decide(ANN, shown(240, 7)).unwrap();
    assert_eq!(house.place(60).len(), 1);
    assert!(house.decide(ANN, other(200)).unwrap_err().contains("ann approved today"));
    assert_eq!(house.purchasing.conversion().as_proposed, 1);
    let cancel = Decision::CancelOrder { po: "PO-000001".into(), reason: "typo".into() };
    house.decide(ANN, cancel).unwrap();
    let tally = house.purchasing.conversion();
    assert_eq!((tally.as_proposed, tally.called_off), (0, 1), "no proposal was ordered");
    house.decide(ANN, other(200)).expect("the first costs nobody anything");
}

#[test]
fn a_slip_of_the_hand_is_no_edit() {
    let mut house = house();
    let refused = house.decide(ANN, approve(24_000)).unwrap_err();
    assert_eq!(
        refused,
        "24000 is more than ten times the 240 of 22423 proposed for main; check the figure."
    );
    house.decide(ANN, approve(2_400)).unwrap();
}

#[test]
fn the_second_person_signs_within_their_own_limits() {
    let mut house = house();
    house.rules.four_eyes_above = Some(money("500"));
    let per_day = Powers { per_day: Some(money("700")), ..Powers::ALL };
    house.rules.people = [(ANN, Powers::ALL), (EVE, Powers::ALL), (BOB, per_day)]
        .map(|(who, may)| (who.into(), may))
        .into();
    let large = house.decide(ANN, shown(240, 7)).unwrap();
    let small = house.decide(ANN, other(200)).unwrap();
    let signed = house.decide(BOB, second(large)).unwrap();
    let over =
        "With it, what bob approved today would cost £776.00, and bob may approve £700.00 a day;";
    assert!(house.decide(BOB, second(small)).unwrap_err().starts_with(over));
    house.undo(ANN, Some(small)).unwrap();
    assert!(
        house.decide(BOB, other(200)).unwrap_err().starts_with(over),
        "as the first person too"
    );
    house.undo(BOB, Some(signed)).unwrap();
    house.decide(BOB, other(200)).expect("what was taken back does not count");
    let over = house.decide(BOB, second(large)).unwrap_err();
    assert!(over.starts_with("With it, what bob approved today would cost £776.00"), "{over}");
}
