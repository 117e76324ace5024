//! Deciding from where orders ship, from the keyboard.

use super::Console;
use crate::domain::{Decision, ShipFrom};
use crate::engine::api::{Action, Query};

fn decisions(action: &Action) -> Vec<&Decision> {
    match action {
        Action::Decide { decision, saw } => {
            assert!(!saw.is_empty());
            vec![decision]
        }
        Action::DecideAll(all) => all.iter().map(|(decision, _)| decision).collect(),
        other => panic!("{other:?}"),
    }
}

fn sites(decision: &Decision) -> Vec<String> {
    match decision {
        Decision::Allocate(one) => {
            one.ships.iter().map(|part: &ShipFrom| part.site.to_string()).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn console() -> Console {
    Console::new(100, 40).on("allocation", "")
}

#[test]
fn a_proposal_is_accepted_by_two_keys_that_say_what_ships_from_where() {
    let mut console = console();
    // Blocked orders stand first, and are not accepted.
    console.keys("a").shows("HULL has no shipping terms");
    assert!(console.acted.is_empty());
    console.keys("j a").shows("the shop is told");
    assert!(console.acted.is_empty(), "one key ships nothing");
    console.keys("enter");
    assert!(!sites(decisions(&console.acted[0])[0]).is_empty());
}

#[test]
fn another_way_is_picked_by_its_number_and_shows_what_it_costs_more() {
    let mut console = console();
    console.keys("j j").shows("proposed");
    console.shows("+£");
    console.keys("e").shows("Ship order shop/");
    console.typed("99").keys("enter").shows("Write a number from 1 to");
    console.keys("ctrl-u").typed("2").keys("enter enter");
    let Decision::Allocate(one) = decisions(&console.acted[0])[0] else { panic!() };
    assert!(!one.proposed);
}

#[test]
fn an_order_is_held_until_a_day_or_until_there_is_stock() {
    let mut console = console();
    console.keys("j z").shows("Hold order shop/");
    console.shows("waits for stock");
    console.keys("enter").shows("until its site has all of it");
    console.keys("enter");
    let held = decisions(&console.acted[0])[0];
    assert!(matches!(held, Decision::HoldForStock { until: None, .. }), "{held:?}");
}

#[test]
fn all_that_is_clear_is_accepted_at_once_and_nothing_in_doubt_with_it() {
    let mut console = console();
    console.keys("b").shows("the shop is told");
    console.keys("enter");
    let all = decisions(&console.acted[0]);
    assert!(!all.is_empty());
    assert!(all.iter().all(|one| sites(one).len() == 1), "a split is in doubt");
}

#[test]
fn what_was_decided_says_who_and_what_it_waits_for_and_is_not_decided_twice() {
    let mut console = console();
    console.keys("G k").shows("mei decided (entry 38): 4 from YORK");
    console.shows("is being told to the shop");
    console.keys("a").shows("mei decided already");
    assert!(console.acted.is_empty());
    console.keys("e").shows("entry 38 is taken back in the Journal");
}

#[test]
fn why_adds_up_to_the_cost() {
    let mut console = console();
    console.keys("j w").shows("Why: order shop/");
    for part in ["postage", "in all", "left alone"] {
        console.shows(part);
    }
}

#[test]
fn an_orders_case_is_one_key_away_and_decided_there() {
    let mut console = Console::new(100, 40).on("allocation", "");
    console.keys("j enter").shows("customer");
    console.keys("o").shows("now from");
    let asked = console.asked.iter().rev().find_map(|query| match query {
        Query::Allocations(page) => Some(page.filter.clone()),
        _ => None,
    });
    assert!(asked.is_some_and(|filter| filter.starts_with("order:")));
    console.keys("j a").shows("the shop is told");
    console.keys("esc esc").shows("customer");
}
