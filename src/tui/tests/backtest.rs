//! The Backtest screen: what a replay tells, how it is asked for and cancelled.

use super::Console;
use crate::domain::Progress;
use crate::engine::USUAL_WEEKS;
use crate::engine::api::{Action, Answer, Backtests, Outcome, Query, Work};
use crate::feed::{FeedState, FeedStatus};
use crate::tui::sample;

#[test]
fn it_opens_from_reorders_and_leads_back_there() {
    let mut console = Console::new(80, 24).on("reorders", "");
    console.keys("W").shows("WOULD IT HAVE WORKED?");
    console.shows("these proposals");
    console.shows("96.8 %");
    console.shows("28-day rate, two weeks' cover");
    console.shows("replayed 21 Nov");
    console.keys("esc").hides("WOULD IT HAVE WORKED?");
    console.shows("supplier");
}

#[test]
fn enter_tells_what_a_cost_is_made_of_and_all_that_was_assumed() {
    let mut console = Console::new(80, 24).on("backtest", "");
    console.shows("Enter tells all of it");
    console.shows("bulk orders count as ordinary demand");
    console.keys("j enter").shows("Ordering by: 28-day rate");
    console.shows("5,202 units asked for in vain");
    console.shows("26 weeks, 2026-05-23 to 2026-11-20, after 540 days of history");
    let wide = Console::new(200, 60).on("backtest", "");
    wide.shows("forecasts by v0003, which had learnt none of these days");
    wide.shows("31 left out: no supplier is known");
    wide.hides("Enter tells all of it");
}

#[test]
fn r_replays_in_the_background_and_x_cancels_that_work() {
    let mut console = Console::new(80, 24).on("backtest", "");
    console.outcome = Ok(Outcome::Done);
    console.keys("r").shows("The replay has begun.");
    assert_eq!(console.acted, [Action::StartBacktest(USUAL_WEEKS)]);
    let work = |id: u64, what: &str| {
        let progress = Progress { what: what.into(), done: 45, total: Some(90) };
        Work { id, progress, eta_s: Some(120) }
    };
    if let Some(status) = &mut console.state.status {
        status.work = vec![work(3, "forecast"), work(4, "backtest")];
    }
    console.shows("Replaying: 50 %, about 2 min left   X cancels");
    console.keys("r").shows("A replay runs already; X cancels it.");
    console.keys("X y");
    assert_eq!(console.acted[1..], [Action::Cancel(4)]);
}

#[test]
fn before_the_first_it_says_what_it_would_do_and_why_one_came_to_nothing() {
    fn none(query: &Query) -> Answer {
        match query {
            Query::Backtests => Answer::Backtests(Box::new(Backtests {
                why_not: Some("a replay needs 12 weeks of history".into()),
                ..Backtests::default()
            })),
            query => sample::answer(query),
        }
    }
    let mut console = Console::with(80, 24, none).on("backtest", "");
    console.shows("not replayed yet");
    console.shows("The newest: a replay needs 12 weeks of history.");
    console.shows("r replays the last weeks");
    console.keys("enter").shows("There is nothing to open here.");
}

#[test]
fn a_read_only_console_shows_it_and_replays_nothing() {
    let mut console = Console::new(80, 24).on("backtest", "");
    console.state.read_only = true;
    console.keys("r").shows("This console is read-only");
    assert!(console.acted.is_empty());
}

#[test]
fn its_help_begins_with_its_own_keys() {
    let mut console = Console::new(80, 24).on("backtest", "");
    console.keys("?").shows("Replay the store's last weeks");
    console.hides("Adjust stock up or down");
    console.hides("Approve what is proposed");
}

#[test]
fn a_replay_while_histories_are_read_is_told_to_be_of_a_part_of_the_past() {
    let hint = "a replay now plays the part of the past";
    Console::new(120, 30).on("backtest", "").hides(hint);
    let mut console = Console::with(120, 30, |query| match query {
        Query::Feeds => {
            let progress = Progress { what: "history".into(), done: 4, total: Some(100) };
            let state = FeedState::Backfill(progress);
            Answer::Feeds(vec![FeedStatus { state, ..sample::feeds().remove(0) }])
        }
        Query::Backtests => {
            let Answer::Backtests(mut told) = sample::answer(query) else { panic!() };
            told.last.as_mut().unwrap().reading = true;
            Answer::Backtests(told)
        }
        query => sample::answer(query),
    })
    .on("backtest", "");
    console.shows(hint);
    console.keys("enter").shows("histories were still being read");
}
