//! The Models screen: what it tells, and how another model comes into use.

use super::Console;
use crate::domain::Progress;
use crate::engine::api::{Action, Outcome, Work};

#[test]
fn a_digit_opens_it_and_each_version_says_how_it_did() {
    let mut console = Console::new(120, 40);
    console.keys("7");
    console.shows("in use: v0003, own network");
    console.shows("v0002");
    console.shows("cannot be used: models/v0002/model.safetensors");
    console.shows("no models, and left alone: holiday-photos, notes.txt");
    console.shows("TRAINING  of v0003: step 212 of 928");
    // It opens on what is in use.
    console.shows("v0003, as issued: 2 weeks");
    console.shows("v0003, made afterwards from what was known then: 12 weeks");
    console.shows("intermittent");
    console.keys("k k");
    console.shows("v0001 has issued no forecast whose days are over.");
    console.keys("g");
    console.shows("shipped, as issued: 30 weeks");
    console.hides("made afterwards");
}

#[test]
fn another_model_is_used_after_a_question_and_rolled_back() {
    let mut console = Console::new(100, 30).on("models", "");
    console.outcome = Ok(Outcome::ModelInUse("v0003".into()));
    console.keys("g U").shows("Forecast with shipped from now on");
    assert!(console.acted.is_empty(), "it asks first");
    console.keys("esc U y");
    assert_eq!(console.acted, [Action::UseModel("shipped".into())]);
    console.shows("B goes back to v0003");
    console.keys("B").shows("Roll back to v0001");
    console.keys("enter");
    assert_eq!(console.acted[1..], [Action::UseModel("v0001".into())]);
}

#[test]
fn what_cannot_be_used_is_refused_with_the_reason() {
    let mut console = Console::new(100, 30).on("models", "");
    console.keys("G U").shows("v0003 is in use already.");
    console.keys("k U").shows("v0002 cannot be used: models/v0002/model.safetensors");
    assert!(console.acted.is_empty());
    console.keys(":").typed("use-model v9").keys("enter");
    console.shows("There is no model `v9`; there are shipped");
    console.keys("esc");
    console.state.read_only = true;
    console.keys("g U").shows("This console is read-only");
    assert!(console.acted.is_empty());
}

#[test]
fn enter_tells_all_that_is_known_of_a_version() {
    let mut console = Console::new(100, 30).on("models", "");
    console.keys("G enter");
    console.shows("trained further from shipped");
    console.shows("WQL 0.7702");
    console.shows("0.7822 before");
    console.keys("esc g j enter");
    console.shows("the last 504 days of demand alone");
    console.shows("TQL: the same of the totals");
}

#[test]
fn x_cancels_the_training_where_that_is_shown() {
    let work = |id: u64, what: &str| {
        let progress = Progress { what: what.into(), done: 3, total: Some(9) };
        Work { id, progress, eta_s: None }
    };
    let cancelled_on = |screen: &str| {
        let mut console = Console::new(100, 30).on(screen, "");
        if let Some(status) = &mut console.state.status {
            status.work = vec![work(3, "forecast"), work(4, "training")];
        }
        console.keys("X y");
        console.acted.clone()
    };
    assert_eq!(cancelled_on("models"), [Action::Cancel(4)]);
    assert_eq!(cancelled_on("stock"), [Action::Cancel(3)]);
}
