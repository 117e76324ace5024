//! Overrides of the forecast on the screens: set by a form, shown beside the model's own, ended.

use super::Console;
use crate::domain::{Decision, Expectation};
use crate::engine::api::Action;

fn decided(console: &Console) -> Decision {
    match console.acted.last() {
        Some(Action::Decide { decision, saw }) => {
            assert!(saw.contains("forecast"), "what was seen is kept: {saw}");
            decision.clone()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_forecast_is_overridden_by_a_form_that_says_what_it_will_record() {
    let mut console = Console::new(80, 24).on("forecast", "");
    console.keys("j o").shows("Override the forecast");
    console.shows("2026-11-23");
    // A field that is wrong is not left, and says so at once.
    console.typed("2026-13-40").keys("enter").shows("`2026-13-40` is no date");
    console.keys("ctrl-u").typed("2026-12-03").keys("enter").typed("lots").keys("enter");
    console.shows("neither percent nor units; write +30 % or 120");
    console.keys("ctrl-u").typed("+30 %").keys("enter").typed("fair").keys("enter");
    console.shows("Expect +30 % of 22423 at BRISTOL from 23 Nov 2026 to 3 Dec 2026: fair.");
    assert!(console.acted.is_empty(), "nothing is sent before it was checked");
    console.keys("enter");
    let Decision::Override { site, expects, reason, .. } = decided(&console) else {
        panic!("no override")
    };
    assert_eq!(site.unwrap().as_str(), "BRISTOL");
    assert_eq!((expects, reason.as_str()), (Expectation::Percent(30), "fair"));
    console.shows("Overridden as entry 42. u undoes.");
}

#[test]
fn after_mending_a_field_only_those_that_are_wrong_are_gone_to() {
    let mut console = Console::new(80, 24).on("forecast", "");
    console.keys("j o").typed("2026-12-03").keys("down").typed("+30 %").keys("down").typed("fair");
    console.keys("up up ctrl-u").typed("soon").keys("enter").shows("`soon` is no date");
    console.keys("ctrl-u").typed("2026-12-04").keys("enter");
    console.shows("Expect +30 % of 22423 at BRISTOL from 23 Nov 2026 to 4 Dec 2026: fair.");
}

#[test]
fn without_a_site_all_its_sites_are_meant() {
    let mut console = Console::new(80, 24).on("forecast", "");
    console.keys("o up up ctrl-u down down").typed("2026-11-24");
    console.keys("enter").typed("120").keys("enter").typed("press").keys("enter");
    console.shows("Expect 120 units of 85123A at all its sites");
    console.keys("enter");
    assert!(matches!(decided(&console), Decision::Override { site: None, .. }));
}

#[test]
fn the_models_own_forecast_stands_beside_the_one_that_counts() {
    let console = Console::new(80, 24).on("sku", "急須-300");
    console.shows("+60 % 27 Nov – 3 Dec, mei: Chris");
    console.shows("model ─ 28 d 232 (9 in 10: 291)");
    console.shows("OVERRIDES");
    let wide = Console::new(200, 60).on("sku", "急須-300");
    wide.shows("21 Nov – 25 Nov 400 units LEEDS, jo: brochure");
    wide.shows("in force");
    wide.shows("21 nearer: sold 78, model 52, with it 83");
    wide.shows("31 farther off");
    let mut table = Console::new(80, 24).on("forecast", "");
    table.shows("*10");
    table.keys("j j w").shows("by mei (entry 37): +60 %, Christmas");
    table.shows("model's own");
    Console::new(200, 60).on("forecast", "").shows("*10");
}

#[test]
fn an_override_is_ended_where_it_counts_and_only_there() {
    let mut console = Console::new(80, 24).on("forecast", "");
    console.keys("O").shows("No override of this forecast counts or is planned; o sets one.");
    console.keys("j j O").shows("End the override of 急須-300, entry 37: +60 % at LEEDS until");
    console.keys("enter");
    assert!(matches!(decided(&console), Decision::EndOverride { over: 37, from: None, .. }));
    let mut sku = Console::new(80, 24).on("sku", "急須-300");
    sku.keys("O").shows("entry 34: 400 units at LEEDS until");
}
