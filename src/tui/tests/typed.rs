//! What keys do: state before, keys, what a person then sees and what was sent.

use super::Console;
use crate::domain::Span;
use crate::engine::api::{Action, Answer, Outcome, Query, Refusal};
use crate::tui::event::Event;
use crate::tui::sample;

#[test]
fn digits_open_the_screens_themselves_and_find_their_tables_as_they_were_left() {
    let mut console = Console::new(80, 24);
    console.keys("2 j j j enter");
    console.shows("Orders › 579997");
    console.keys("3");
    console.shows("Stock");
    console.keys("2");
    console.hides("Orders ›");
    assert!(console.selected_line().contains("579997"), "{}", console.selected_line());
    console.keys("[ [");
    console.shows("Orders › 579997");
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
fn a_filter_that_is_not_typed_to_its_end_is_not_kept() {
    let mut console = Console::new(120, 24).on("orders", "");
    console.keys("/").typed("is:lat");
    console.shows("579997");
    console.keys("enter").shows("did you mean is:late? Known are open, held");
    console.keys("e").hides("did you mean");
    console.keys("enter").shows("filter is:late");
    console.keys(":").typed("stock is:shor").keys("enter");
    console.shows("did you mean is:short?");
    let refused = crate::tui::open(&mut console.state, "orders", "is:").unwrap_err();
    assert!(refused.contains("is: wants one of open, held"), "{refused}");
}

#[test]
fn a_filter_that_is_refused_shows_nothing_and_is_not_kept() {
    let mut console = Console::new(80, 24).on("orders", "");
    console.refused_filter = Some("bogus:");
    console.shows("579997");
    console.keys("/").typed("bogus:zz");
    console.hides("579997");
    console.keys("enter");
    console.shows("bogus: is no field here");
    console.keys("esc");
    console.shows("579997");
}

#[test]
fn a_figure_of_stock_is_for_one_row() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.keys("space j space c");
    console.shows("one row at a time");
    console.keys("esc c");
    console.shows("Count the shelf");
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

#[test]
fn a_range_to_the_end_marks_every_row_of_it() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.keys("v G");
    console.shows("360 marked");
    console.keys("A");
    console.shows("Acknowledge");
    console.keys("enter");
    let [Action::DecideAll(all)] = console.acted.as_slice() else { panic!("{:?}", console.acted) };
    assert!(all.len() > 300, "{} acknowledged", all.len());
}

#[test]
fn help_offers_a_read_only_console_no_key_that_decides() {
    let mut console = Console::new(120, 80).on("stock", "");
    console.keys("?");
    console.shows("Receive goods");
    let mut console = Console::new(120, 80).on("stock", "");
    console.state.read_only = true;
    console.keys("?");
    console.shows("read-only: no deciding");
    console.hides("Decisions");
}

#[test]
fn what_was_decided_at_once_is_undone_at_once() {
    let acted = Outcome::Acted { first: 43, last: 45, done: 3, of: 3, why_not: None };
    let mut console = Console::new(120, 24).on("stock", "");
    console.outcome = Ok(acted.clone());
    console.keys("v j j P enter");
    console.shows("Pinned: 3 as entries 43 to 45. u undoes all.");
    let mut console = Console::with(120, 24, |query| match sample::answer(query) {
        Answer::Journal(mut rows) => {
            for row in &mut rows.rows {
                row.entry.act = Some(7);
            }
            Answer::Journal(rows)
        }
        other => other,
    });
    console.outcome = Ok(acted);
    console.keys("u");
    console.shows("Undo all that was decided at once");
    console.keys("enter");
    assert_eq!(console.acted, [Action::UndoAct(7)]);
    console.shows("Undone: 3 by entries 43 to 45.");
}

#[test]
fn a_decision_does_not_go_to_a_part_of_a_range() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.answering = false;
    console.keys("v G A");
    console.shows("rows of the range are marked; wait");
    assert!(console.state.layers.is_empty());
    console.answer_all();
    console.keys("A");
    assert_eq!(console.state.layers.len(), 1);
}

#[test]
fn tab_completes_what_the_filter_understands() {
    let mut console = Console::new(80, 24).on("orders", "");
    console.keys("/").typed("is:sh").keys("tab enter");
    console.shows("filter is:short");
    let mut console = Console::new(80, 24).on("orders", "");
    console.keys("/").typed("status:").keys("tab tab");
    console.shows("/status:open");
    let mut console = Console::new(80, 24);
    console.keys(":").typed("stock is:").shows("stock is:unknown");
    console.keys("enter").shows("is: wants one of short, unknown");
    console.typed("unknown").keys("enter");
    console.shows("Stock");
}

#[test]
fn an_alias_completes_and_quit_written_out_quits_from_deep_down() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.keys("enter :").typed("log").shows("journal (log)");
    console.keys("esc :").typed("quit").keys("enter");
    assert!(console.quit);
}

#[test]
fn the_quarantine_lies_under_the_feeds_and_enter_shows_a_record_whole() {
    let mut console = Console::new(80, 24).on("quarantine", "");
    console.shows("Feeds › Quarantine");
    console.keys("enter");
    console.shows("40 from marketplace-north");
    console.shows("\"status\":\"processing\"");
    console.keys("esc esc");
    console.shows("Feeds");
    console.hides("Quarantine");
}

#[test]
fn help_lists_every_command_and_the_keys_of_forms() {
    let mut console = Console::new(140, 200).on("stock", "");
    console.keys("?");
    for command in crate::tui::commands::COMMANDS {
        console.shows(command.doc);
    }
    console.shows("next field; after the last one shows what will be recorded");
}

#[test]
fn a_long_text_is_typed_in_sight_and_checked_whole() {
    let mut console = Console::new(60, 20).on("orders", "");
    let text = "a note that goes on and on until nobody can see its beginning any more, the end";
    console.keys("n").typed(text);
    console.shows("any more, the end");
    console.keys("enter");
    console.shows("Note on order shop/580000");
    console.shows("the end”.");
    console.keys("enter");
    assert_eq!(console.acted.len(), 1);
}

#[test]
fn on_a_tiny_terminal_what_is_confirmed_is_shown() {
    let mut console = Console::new(30, 5).on("stock", "");
    console.keys("A");
    console.shows("Acknowledge SKU");
    console.shows("85123A");
    console.keys("esc a").typed("-3").keys("enter").typed("x").keys("enter");
    console.shows("Lower 85123A at");
}

#[test]
fn a_half_typed_form_survives_its_owner() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.keys("j j a").typed("-3").keys("enter").typed("broken at");
    let bookmark = console.bookmark.clone();
    let mut again = Console::new(80, 24);
    let effects = again.state.resume(&bookmark);
    again.perform(effects);
    again.shows("Adjust stock");
    again.shows("broken at");
    again.keys("esc");
    assert!(again.selected_line().contains("急須-300"), "{}", again.selected_line());
}

#[test]
fn themes_of_ones_own_are_chosen_and_kept_by_name() {
    use crate::tui::theme::{Palette, Rgb, Themes};
    let own = Palette::parse("base = \"dark\"\nbackground = \"#000001\"", "dark").unwrap();
    let mut console = Console::new(80, 24);
    console.state.themes = Themes::with(vec![own.called("dark"), mine()]);
    console.keys(":").typed("theme mine").keys("enter");
    assert_eq!(console.state.theme.name(), "mine");
    console.keys("t");
    assert_eq!(console.state.theme.name(), "dark", "after the last comes the first");
    let mut again = Console::new(80, 24);
    again.state.themes = console.state.themes.clone();
    again.state.resume(&console.bookmark);
    let text = again.state.theme.style(crate::tui::theme::Role::Text);
    assert_eq!(
        text.bg,
        Some(ratatui::style::Color::Rgb(0, 0, 1)),
        "the own dark, not the built-in"
    );
    assert_eq!(again.state.themes.get("dark").unwrap().background, Rgb(0, 0, 1));
    fn mine() -> Palette {
        Palette::parse("base = \"light\"", "mine").unwrap()
    }
}
