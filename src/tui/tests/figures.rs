//! What figures say of themselves: unknown, old, growing, and why they are what they are.

use super::{Console, sample};
use crate::domain::{Progress, Span, Zone};
use crate::engine::api::{Answer, Query};
use crate::feed::{FeedState, FeedStatus};
use crate::tui::event::Event;
use crate::tui::term::Clipboard;
use crate::tui::theme::Role;

/// A store that has just been made: nothing counted, a history that is being read.
fn first_start(query: &Query) -> Answer {
    let progress = Progress { what: "history".into(), done: 43, total: Some(100) };
    let feed = FeedStatus { state: FeedState::Backfill(progress), ..sample::feeds().remove(0) };
    match query {
        Query::Feeds => Answer::Feeds(vec![feed]),
        Query::Overview => {
            let mut overview = sample::overview();
            overview.counted = false;
            overview.orders_today = 0;
            overview.waiting.clear();
            overview.running_out.clear();
            Answer::Overview(Box::new(overview))
        }
        other => sample::answer(other),
    }
}

#[test]
fn what_was_never_counted_is_not_shown_as_nothing() {
    let console = Console::with(80, 24, first_start);
    console.shows("Counting, history 43 %");
    console.hides("nothing");
    console.hides("orders      lines");
}

#[test]
fn a_figure_of_a_silent_feed_says_so_where_it_is_read() {
    for (width, screen) in [(80, "stock"), (200, "stock"), (80, "sku")] {
        let args = if screen == "sku" { "急須-300" } else { "" };
        let console = Console::new(width, 24).on(screen, args);
        console.shows("○3h 32");
    }
    Console::new(80, 24).shows(" ○3h ");
}

#[test]
fn a_table_shows_its_sparkline_and_sites_at_eighty_columns() {
    let console = Console::new(80, 24).on("stock", "");
    console.shows("28 days");
    console.shows("BRISTOL");
}

#[test]
fn the_arithmetic_is_one_key_away() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.keys("j w");
    console.shows("Why: 22423 at BRISTOL");
    console.shows("marketplace-north (silent 3h)");
    console.shows("= available");
    console.shows("32 / 12.00");
    console.keys("esc").hides("Why:");
    let mut console = Console::new(80, 24);
    console.keys("tab w").shows("is running out");
    let mut console = Console::new(80, 30).on("order", "579999");
    console.keys("j w").shows("= wanted");
}

#[test]
fn a_forecast_leads_to_the_chart_of_its_site() {
    let mut console = Console::new(80, 24).on("forecast", "");
    console.keys("j j enter");
    console.shows("▸ YORK");
    console.shows("SOLD AND AHEAD  at YORK   last 28 d");
    console.shows("stock unknown: c counts the shelf");
    console.keys("w").shows("Why: the forecast of 急須-300 at YORK");
    console.keys("esc up up");
    console.shows("at LEEDS");
    console.shows("lasts 28 d   0 % out within 28 d, 0 % within 11 d lead");
    console.shows("v0003, 22 Nov");
    // Of longer periods there is no forecast.
    console.keys("-").shows("SOLD  by week");
    let mut console = Console::new(80, 24).on("forecast", "");
    console.keys("j enter").shows("▸ BRISTOL");
    console.shows("SOLD  by day");
}

#[test]
fn a_forecast_that_waits_to_be_made_anew_says_how_old_it_is() {
    let console = Console::new(80, 24).on("forecast", "");
    console.shows("◐1d 40");
    let mut console = Console::with(80, 24, |query| match query {
        Query::Sku(..) => {
            let mut sku = sample::sku();
            if let Some(forecast) = &mut sku.forecasts[0] {
                forecast.row.old = true;
                forecast.row.first = forecast.row.first.plus(-2);
            }
            Answer::Sku(Some(Box::new(sku)))
        }
        other => sample::answer(other),
    })
    .on("sku", "急須-300");
    console.shows("◐2d being renewed");
    console.keys("w").shows("until it is made anew");
}

#[test]
fn unknown_stock_is_explained_and_not_counted_as_nothing() {
    let mut console = Console::new(80, 30).on("stock", "");
    console.keys("j j j j w");
    console.shows("Nobody has said how many are there");
}

#[test]
fn a_notice_stays_half_a_minute_of_wall_time_and_leaves_the_state_of_the_table() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.keys("y");
    console.shows("85123A sent to the terminal's clipboard.");
    console.shows("1–19 of 360");
    // A demo's minute passes in no time.
    let now = console.state.now;
    for minute in 1..5 {
        let now = crate::domain::Timestamp::from_millis(now.as_millis() + minute * 60_000);
        let wall = console.state.wall;
        console.event(Event::Tick { now, wall });
    }
    console.shows("85123A sent to the terminal's clipboard.");
    console.wait(Span::seconds(31));
    console.hides("85123A sent to the terminal's clipboard.");
    console.keys("y");
    console.shows("sent to");
    console.keys("j");
    console.hides("sent to");
}

#[test]
fn long_work_is_seen_and_cancelled_from_every_screen() {
    let mut console = Console::new(80, 24).on("stock", "");
    let mut status = sample::status();
    status.work = vec![sample::work()];
    console.state.status = Some(status);
    console.shows("▒ 43 % 2 min");
    console.keys("X");
    console.shows("Cancel work 3: history 43 %.");
    console.keys("enter");
    assert_eq!(console.acted.len(), 1);
}

#[test]
fn too_much_for_a_clipboard_is_told_and_not_copied() {
    let mut console = Console::new(80, 24).on("stock", "");
    console.state.clipboard = Clipboard::Absent;
    console.keys("y");
    console.shows("takes no text for its clipboard");
    assert!(console.copied.is_empty());
    console.state.clipboard = Clipboard::Tmux;
    console.keys("y");
    console.shows("tmux passes it on with `set-clipboard on`");
    let mut console = Console::with(80, 24, |query| match query {
        Query::Stock(page) => {
            let mut rows = sample::stock_rows(1);
            rows[0].sku = crate::domain::Sku::new("x".repeat(60_000));
            let rows =
                crate::engine::api::Rows { rows, total: 1, unfiltered: 1, offset: page.offset };
            Answer::Stock(rows)
        }
        other => sample::answer(other),
    })
    .on("stock", "");
    console.keys("y");
    assert!(console.copied.is_empty());
    let notice = console.state.notice.as_ref().unwrap();
    assert!(notice.role == Role::Warn && notice.text.ends_with("mark fewer rows."));
}

#[test]
fn a_store_whose_orders_have_ended_says_when_and_what_to_do() {
    let mut console = Console::new(120, 40);
    let mut status = sample::status();
    status.newest_order = crate::domain::Timestamp::parse("2011-12-09T12:50Z", &Zone::utc());
    console.state.status = Some(status);
    console.shows("the last order is of 9 Dec 2011, 14 years ago; 2 lists them");
    console.hides("a usual Monday");
    // A shop that is followed has ended no more than its feed.
    let status = console.state.status.as_mut().unwrap();
    status.kind = crate::engine::api::StoreKind::Live;
    console.shows("14 years ago; 4 tells how the feeds fare");
    console.hides("stockdeck replay");
}

#[test]
fn feeds_that_are_left_out_are_not_called_missing() {
    let mut console = Console::with(120, 24, |query| match query {
        Query::Feeds => Answer::Feeds(Vec::new()),
        other => sample::answer(other),
    })
    .on("feeds", "");
    console.shows("No feed is configured.");
    let mut status = sample::status();
    status.feeds_left_out = true;
    console.state.status = Some(status);
    console.shows("Add --config FILE");
    console.hides("No feed is configured.");
}

#[test]
fn work_on_a_countable_number_of_things_is_counted() {
    let mut console = Console::new(80, 24).on("stock", "");
    let mut status = sample::status();
    let progress = Progress { what: "acknowledge".into(), done: 345, total: Some(1_669) };
    status.work = vec![crate::engine::api::Work { progress, ..sample::work() }];
    console.state.status = Some(status);
    console.shows("acknowledge 345 of 1,669");
}

#[test]
fn an_owner_that_is_starting_does_not_say_that_there_are_no_feeds() {
    let mut console = Console::with(120, 24, |query| match query {
        Query::Feeds => Answer::Feeds(Vec::new()),
        other => sample::answer(other),
    });
    console.shows("no feeds");
    let mut status = sample::status();
    status.following = false;
    console.state.status = Some(status);
    console.hides("no feeds");
    console.shows("starting");
}
