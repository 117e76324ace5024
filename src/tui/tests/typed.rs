//! What keys do: state before, keys, what a person then sees and what was sent.

use super::Console;
use crate::domain::Span;
use crate::engine::api::{Action, Query, Refusal};
use crate::tui::event::Event;

#[test]
fn digits_open_screens_and_find_them_as_they_were_left() {
    let mut console = Console::new(80, 24);
    console.keys("2 j j j enter");
    console.shows("Orders › 579997");
    console.keys("3");
    console.shows("Stock");
    console.keys("2");
    console.shows("Orders › 579997");
    console.keys("2");
    assert!(console.selected_line().contains("579997"), "{}", console.selected_line());
}

#[test]
fn enter_goes_deeper_and_esc_comes_back() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.keys("j enter");
    console.shows("Stock › 22423");
    console.keys("esc");
    console.shows("360");
    assert!(console.selected_line().contains("22423"), "{}", console.selected_line());
    console.keys("[");
    console.shows("Stock › 22423");
}

#[test]
fn the_filter_follows_every_key_and_esc_clears_it() {
    let mut console = Console::new(80, 24).on("orders", "");
    console.keys("/").typed("is:held");
    let last = console.asked.last();
    assert!(
        matches!(last, Some(Query::Orders(page)) if page.filter == "is:held"),
        "the last question was {last:?}"
    );
    console.keys("enter").shows("filter is:held");
    console.keys("/ esc").hides("filter is:held");
}

#[test]
fn a_decision_is_checked_before_it_is_sent() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.keys("a").typed("-3").keys("enter").typed("broken").keys("enter");
    console.shows("Lower 85123A at LEEDS by 3 units: broken.");
    assert!(console.acted.is_empty(), "nothing is sent before it was checked");
    console.keys("enter");
    assert!(matches!(console.acted.as_slice(), [Action::Decide { saw, .. }] if !saw.is_empty()));
    console.shows("Adjusted as entry 42. u undoes.");
}

#[test]
fn what_was_typed_is_kept_when_the_owner_refuses() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.outcome = Err(Refusal::usage("There is no site NOWHERE."));
    console.keys("a").typed("-3").keys("enter").typed("broken").keys("enter enter");
    console.shows("There is no site NOWHERE.");
    console.shows("broken");
}

#[test]
fn a_read_only_console_refuses_in_words() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.state.read_only = true;
    console.keys("a");
    console.shows("This console is read-only");
    assert!(console.state.layers.is_empty());
}

#[test]
fn one_press_of_q_ends_it_at_the_top_and_two_deeper_down() {
    let mut console = Console::new(80, 24);
    console.keys("q");
    assert!(console.quit);
    let mut console = Console::new(80, 24).on("stock", "");
    console.keys("enter q");
    assert!(!console.quit);
    console.shows("again to quit");
    console.keys("q");
    assert!(console.quit);
}

#[test]
fn a_lost_owner_gives_the_place_back() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.keys("j j enter");
    let bookmark = console.bookmark.clone();
    let mut again = Console::new(80, 24);
    let effects = again.state.resume(&bookmark);
    again.perform(effects);
    again.shows("Stock › 急須-300");
}

#[test]
fn news_keeps_the_cursor_on_its_row() {
    let mut console = Console::new(80, 24).on("orders", "");
    console.keys("j j j");
    let before = console.selected_line();
    console.event(Event::Changed);
    console.wait(Span::seconds(1));
    assert_eq!(console.selected_line(), before);
}
