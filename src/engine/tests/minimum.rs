//! Orders that are filled up to their supplier's minimum are approved whole.

use super::reorders::{approval, supplied};
use super::*;
use crate::config::Reorders;
use crate::desk::buying::Powers;
use crate::engine::Cancel;
use crate::engine::api::{Answer, Outcome, PageOf, Query};
use crate::plan::replenish::{Limits, Proposal, Source};

const LEAST: &str = "1200";

fn money(text: &str) -> Money {
    Money::parse(text, Currency::GBP).unwrap()
}

/// A house in which S5 and S8 run short, S6 does not, and their supplier takes no order of less
/// than [`LEAST`], so that S6 is ordered with them.
fn bound(dir: &Path) -> Arc<House> {
    let house = supplied(dir);
    let supplier = Supplier {
        id: "ACME".into(),
        name: "Acme".into(),
        lead_time_days: Some(6),
        review_weekday: None,
        min_order: Some(money(LEAST)),
    };
    tell(&house, at(2), vec![on_hand("S6", 150, at(1)), Record::Supplier(supplier)]);
    house
}

/// What is to be ordered, the least urgent line first.
fn proposals(house: &House) -> Vec<Proposal> {
    let plan = house.planner.plan(house).unwrap();
    let lines = plan.lines.values().filter_map(|line| line.plan.proposal());
    let mut lines: Vec<_> = lines.filter(|line| line.qty.is_positive()).cloned().collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.slack_days()));
    lines
}

fn is_raised(line: &Proposal) -> bool {
    let by = |source: &Source| matches!(source, Source::Minimum { .. });
    line.why.iter().any(|step| by(&step.source) && step.units == line.qty)
}

/// The value of the order that is placed when the grace period is over.
fn placed(house: &House) -> i64 {
    let clock = house.sim.clone().unwrap();
    clock.advance_to(clock.now() + Span::minutes(11));
    house.place_next().unwrap().unwrap();
    assert_eq!(house.place_next().unwrap(), None, "one order");
    let purchasing = house.purchasing.read().clone();
    let order = purchasing.orders().next().unwrap();
    order.total().exact().unwrap().minor
}

#[test]
fn an_order_that_was_filled_up_is_approved_in_one_act_and_placed_whole() {
    for reversed in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let house = bound(dir.path());
        let mut lines = proposals(&house);
        let shown: Vec<_> = lines.iter().map(|line| (line.sku.clone(), line.qty)).collect();
        assert!(lines.len() == 3 && lines.iter().any(is_raised), "{shown:?}");
        if reversed {
            lines.reverse();
        }
        let all = lines.iter().map(|line| (Decision::Approve(approval(line)), String::new()));
        let outcome = house.decide_all(&ann(), all.collect(), &Cancel::default()).unwrap();
        let Outcome::Acted { done: 3, of: 3, why_not: None, .. } = outcome else {
            panic!("{outcome:?}");
        };
        assert!(placed(&house) >= money(LEAST).minor);
    }
}

#[test]
fn the_rest_of_an_order_stays_proposed_while_a_part_of_it_is_approved() {
    let dir = tempfile::tempdir().unwrap();
    let house = bound(dir.path());
    // The most urgent one first, as a person does who goes from line to line.
    while let Some(line) = proposals(&house).last() {
        house.decide(ann(), Decision::Approve(approval(line)), "").unwrap();
    }
    assert!(placed(&house) >= money(LEAST).minor);
}

#[test]
fn what_is_turned_down_does_not_count_for_the_minimum_until_that_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let house = bound(dir.path());
    let of = |sku: &str| {
        let all = proposals(&house);
        all.into_iter().find(|line| line.sku.as_str() == sku)
    };
    let (urgent, raised) = (of("S8").unwrap(), of("S6").unwrap());
    let reject = Decision::Reject {
        sku: urgent.sku.clone(),
        site: urgent.site.clone(),
        suggested: urgent.qty,
        runs_out: None,
        until: None,
        reason: "not now".into(),
    };
    let Outcome::Journalled(entry) = house.decide(ann(), reject, "").unwrap() else { panic!() };
    let now = of("S6").map_or(Qty::ZERO, |line| line.qty);
    let reached: i64 = proposals(&house)
        .iter()
        .filter(|line| line.sku != urgent.sku)
        .filter_map(|line| line.with.value)
        .map(|value| value.minor)
        .sum();
    assert!(
        reached >= money(LEAST).minor || now.is_zero(),
        "{reached} without what is turned down"
    );
    assert_ne!(now, raised.qty, "it is filled up by what is lacking now, or waits");
    house.undo(ann(), Some(entry)).unwrap();
    assert_eq!(of("S6").unwrap().qty, raised.qty);
}

#[test]
fn what_was_turned_down_as_the_budget_had_cut_it_stays_quiet_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let free = proposals(&house);
    let value: i64 = free.iter().filter_map(|line| line.with.value).map(|one| one.minor).sum();
    let is_cut = |line: &Proposal| {
        let whole = free.iter().find(|one| one.sku == line.sku).unwrap().qty;
        line.qty.is_positive() && line.qty.to_f64() < 0.6 * whole.to_f64()
    };
    // Such a budget that a line is cut to less than two thirds, and not left out.
    let cut_by = |percent: i64| {
        let money = Money { minor: value * percent / 100, currency: Currency::GBP };
        let limits = Limits { budget: [(Currency::GBP, money)].into(), ..Limits::default() };
        house.planner.set_up(Reorders { limits, ..house.planner.rules() });
        proposals(&house).into_iter().find(is_cut)
    };
    let line = (2..20).rev().find_map(|part| cut_by(5 * part)).expect("a budget cuts one");
    // The plan is brought up to date line by line from here on.
    for minutes in [4, 5] {
        tell(&house, at(minutes), vec![on_hand("S2", 700 + minutes, at(minutes))]);
        proposals(&house);
    }
    let reject = Decision::Reject {
        sku: line.sku.clone(),
        site: line.site.clone(),
        suggested: line.qty,
        runs_out: None,
        until: None,
        reason: "too little to be worth it".into(),
    };
    house.decide(ann(), reject, "").unwrap();
    let page = PageOf { filter: "is:quiet".into(), limit: 9, ..PageOf::default() };
    let Answer::Reorders(quiet) = ask(&house, Query::Reorders(page)) else { panic!() };
    assert_eq!(quiet.rows.iter().map(|row| &row.stock.sku).collect::<Vec<_>>(), [&line.sku]);
    let shown = quiet.rows[0].plan.proposal().unwrap();
    assert_eq!(
        shown.qty, line.qty,
        "as it was turned down, and not as it would be without a budget"
    );
}

#[test]
fn what_changed_otherwise_while_an_act_goes_on_is_held_against_the_new_proposal() {
    let dir = tempfile::tempdir().unwrap();
    let house = bound(dir.path());
    let begun = house.planner.plan(&house).unwrap();
    tell(&house, at(4), vec![on_hand("S8", 3, at(3))]);
    let now = house.planner.plan(&house).unwrap();
    let main = SiteId::main();
    let (counted, tied): (Sku, Sku) = ("S8".into(), "S6".into());
    assert_ne!(now.proposal(&tied, &main), begun.proposal(&tied, &main), "less is lacking");
    assert_eq!(now.proposal_within(&begun, &tied, &main), begun.proposal(&tied, &main));
    assert_eq!(now.proposal_within(&begun, &counted, &main), now.proposal(&counted, &main));
    assert_ne!(now.proposal(&counted, &main), begun.proposal(&counted, &main));
}

#[test]
fn the_program_approves_such_an_order_whole_or_not_at_all() {
    let approved = |most: &str| {
        let dir = tempfile::tempdir().unwrap();
        let house = bound(dir.path());
        let (per_order, per_day) = (None, Some(money(most)));
        let powers = Powers { may_approve: true, per_order, per_day };
        may_by_itself(&house, powers);
        let lines = house.approve_by_itself().unwrap();
        (lines, if lines > 0 { placed(&house) } else { 0 })
    };
    let (lines, value) = approved("5000");
    assert!(lines == 3 && value >= money(LEAST).minor, "{lines} lines, {value}");
    assert_eq!(approved("500"), (0, 0), "less than the supplier takes");
}
