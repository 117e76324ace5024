//! What figures say of themselves: unknown, old, growing, and why they are what they are.

use super::{Console, sample};
use crate::domain::{OrderLine, Progress, Qty, Sku, Span, Timestamp, Zone};
use crate::engine::api::{Answer, GroupBy, Overview, Query, Rows};
use crate::feed::{FeedState, FeedStatus};
use crate::model::{LEVEL_COUNT, Quantiles};
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
    console.keys("w").shows("= wanted");
}

#[test]
fn a_forecast_leads_to_the_chart_of_its_site() {
    let mut console = Console::new(80, 24).on("forecast", "");
    console.keys("j j enter");
    console.shows("▸ YORK");
    console.shows("SOLD AND AHEAD  at YORK   28 d to 22 Nov 102");
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
fn what_seldom_sells_is_told_by_the_mean_that_orders_go_by() {
    // Nineteen times of twenty it sells nothing in four weeks.
    fn total() -> [f32; LEVEL_COUNT] {
        let mut total = [0.0; LEVEL_COUNT];
        total[LEVEL_COUNT - 1] = 1.0;
        let scale = 37.0 / Quantiles::mean_of(&total);
        total.map(|units| units * scale)
    }
    let answer = |query: &Query| match query {
        Query::Forecasts(page) => {
            let mut rows = sample::forecast_rows(1);
            (rows[0].median, rows[0].daily) = (0.0, 37.0 / 28.0);
            Answer::Forecasts(Rows { rows, total: 1, unfiltered: 1, offset: page.offset })
        }
        query => match sample::answer(query) {
            Answer::Sku(Some(mut sku)) => {
                for forecast in sku.forecasts.iter_mut().flatten() {
                    forecast.totals[27] = total();
                }
                Answer::Sku(Some(sku))
            }
            other => other,
        },
    };
    let mut console = Console::with(80, 24, answer).on("forecast", "");
    console.shows("28d mean");
    console.shows("      37 ");
    console.keys("w").shows("expected, as orders go by it");
    console.keys("esc enter").shows("next 28 d 37 (9 in 10: ");
}

#[test]
fn forecasts_are_added_up_by_one_key_and_lead_back_to_their_parts() {
    let mut console = Console::new(80, 24).on("forecast", "");
    console.keys("b").shows("Forecast › by category");
    console.shows("Kitchen & dining");
    console.keys("w").shows("Why: the total of Kitchen & dining");
    console.shows("correlation of two of them");
    console.keys("esc b").shows("by site");
    console.shows("BRISTOL");
    console.keys("b").shows("no supplier");
    console.keys("j enter").shows("supplier:\"Crêperie Brûlée & Filles\"");
    console.keys("esc").shows("by supplier");
    console.keys("G enter").shows("is:no-supplier");
    console.keys("esc b").hides("by supplier");
    console.shows("85123A");
    // What is said of sites goes along, and what only one of the tables knows is told to stay.
    let mut console = Console::new(80, 24).on("forecast", "site:leeds risk:>50");
    console
        .keys("b")
        .shows("Of the filter, what is said of site, category and supplier goes along.");
    assert!(console.asked.iter().any(|query| {
        matches!(query, Query::Totals(GroupBy::Category, page) if page.filter == "site:leeds")
    }));
    console.keys("b").hides("goes along");
    assert!(console.asked.iter().any(|query| {
        matches!(query, Query::Totals(GroupBy::Site, page) if page.filter == "site:leeds")
    }));
    console.keys("enter");
    assert!(console.asked.iter().any(|query| {
        matches!(query, Query::Forecasts(page) if page.filter.ends_with("\" site:leeds"))
    }));
    // Named outright, with a filter.
    let console = Console::new(80, 24).on("totals", "site leeds");
    console.shows("Forecast › by site");
    assert!(console.asked.iter().any(|query| {
        matches!(query, Query::Totals(GroupBy::Site, page) if page.filter == "leeds")
    }));
}

#[test]
fn what_drove_a_forecast_is_told_with_its_sources() {
    let mut console = Console::new(80, 24).on("sku", "急須-300");
    console.hides("WHAT DROVE IT");
    console.event(Event::Input(crossterm::event::Event::Resize(80, 56)));
    console.keys("w").shows("What drove the forecast:");
    console.shows("sold to 22 Nov; 98 in the 28 d before");
    let console = Console::new(200, 60).on("sku", "急須-300");
    console.shows("WHAT DROVE IT");
    for said in ["8.2 on Fridays, the most; 0 on Sundays", "131 sold in these 28 d; 84", "9 of 511"]
    {
        let text = console.text();
        let squeezed: Vec<String> =
            text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert!(squeezed.iter().any(|line| line.contains(said)), "{said} is missing:\n{text}");
    }
}

#[test]
fn a_lead_time_longer_than_the_forecast_is_told() {
    Console::new(200, 60).on("forecast", "").shows("in 45 d");
    let mut console = Console::new(80, 24).on("forecast", "");
    console.keys("j j j w").shows("after 28 days weekdays go on as in these");
    console.shows("within the supplier's 45 days of lead time");
}

#[test]
fn a_forecast_that_waits_to_be_made_anew_says_how_old_it_is() {
    let console = Console::new(80, 24).on("forecast", "");
    console.shows("◐1d 44");
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
    console.keys("w").shows("and stands until it is made");
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

/// A store whose figures are few: an order of many lines the last of which is short, a SKU that is
/// not what its orders lack, no stock counted, a long file being played.
fn odd(query: &Query) -> Answer {
    match query {
        Query::Order(_) => {
            let mut order = sample::order();
            let line = order.order.lines[0].clone();
            order.order.lines = (0..17)
                .map(|n| OrderLine { sku: Sku::new(format!("L{n}")), ..line.clone() })
                .collect();
            order.lines = vec![order.lines[0].clone(); 17];
            order.lines[16].available = Some(Qty::units(-4));
            order.customer_orders.clear();
            order.journal.clear();
            Answer::Order(Some(Box::new(order)))
        }
        Query::Sku(..) => {
            let mut sku = sample::sku();
            for site in &mut sku.sites {
                site.available = Some(Qty::units(5));
            }
            assert!(sku.open_orders.iter().any(|(order, _)| order.short));
            sku.sites[0].available = Some(Qty::units(-5));
            sku.open_orders.truncate(2);
            sku.open_orders[0].0.short = false;
            sku.open_orders[0].0.site = sku.sites[0].site.clone();
            sku.open_orders[1].0.short = true;
            sku.open_orders[1].0.site = sku.sites[1].site.clone();
            Answer::Sku(Some(Box::new(sku)))
        }
        Query::Overview => {
            let mut overview = sample::overview();
            (overview.stocked, overview.short, overview.at_risk) = (0, 0, 0);
            overview.running_out.clear();
            overview.waiting.clear();
            Answer::Overview(Box::new(overview))
        }
        other => sample::answer(other),
    }
}

#[test]
fn a_short_line_of_a_long_order_is_seen_first_and_what_is_hidden_has_its_own_row() {
    let console = Console::with(80, 24, odd).on("order", "579999");
    let text = console.text();
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| line.contains("short 4")).expect("the short line");
    assert!(lines[at].contains("L16") && lines[at - 1].contains("SKU"), "{text}");
    let more = lines.iter().position(|line| line.contains(" more below")).expect("what is hidden");
    assert_eq!(lines[more].split_whitespace().count(), 3, "{text}");
    let shown = lines.iter().filter(|line| line.trim_start().starts_with(['L', '▸'])).count();
    assert!(shown >= 12, "{shown} of 17 lines:\n{text}");
}

#[test]
fn an_order_is_short_of_a_sku_only_where_that_sku_is() {
    let console = Console::with(80, 24, odd).on("sku", "急須-300");
    let text = console.text();
    let of = |number: &str| text.lines().find(|line| line.contains(number)).unwrap().to_owned();
    assert!(of("580000").contains(" short "), "{text}");
    assert!(of("579999").contains(" open "), "short of another SKU:\n{text}");
}

#[test]
fn where_no_stock_is_counted_nothing_is_said_to_last() {
    Console::with(80, 24, odd).shows("RUNNING OUT  unknown: nothing counted");
    Console::with(200, 60, odd).shows("RUNNING OUT  unknown: nothing counted");
}

/// A file that is being played, under a long name.
fn playing(query: &Query) -> Answer {
    match query {
        Query::Feeds => {
            let what = "reading orders-of-2009-to-2011.csv.gz".into();
            let progress = Progress { what, done: 43, total: Some(100) };
            let state = FeedState::Backfill(progress);
            let id = "online-retail".into();
            Answer::Feeds(vec![FeedStatus { id, state, ..sample::feeds().remove(0) }])
        }
        Query::Overview => match (odd(query), playing(&Query::Feeds)) {
            (Answer::Overview(overview), Answer::Feeds(feeds)) => {
                Answer::Overview(Box::new(Overview { feeds, ..*overview }))
            }
            _ => unreachable!("each question has its answer"),
        },
        other => sample::answer(other),
    }
}

#[test]
fn what_is_played_is_told_whole_at_eighty_columns_with_its_year() {
    let mut console = Console::with(80, 24, playing);
    console.shows("nothing so far, 43 %");
    console.shows("RUNNING OUT  none so far, 43 %");
    console.shows("online-retail ");
    console.hides("2009-to");
    console.shows("Mon 23 Nov 07:04");
    let now = Timestamp::parse("2011-10-14T07:04:00Z", &Zone::utc()).unwrap();
    let wall = console.state.wall;
    console.answering = false;
    console.event(Event::Tick { now, wall });
    console.shows("Fri 14 Oct 2011 07:04");
}

#[test]
fn a_screen_names_the_decisions_that_are_its_own() {
    for (screen, args, keys) in [
        ("stock", "", "r receive  c count  a adjust  T transfer"),
        ("sku", "急須-300", "O end override  w why  r receive"),
        ("forecast", "", "o override  w why  r receive"),
        ("models", "", "Enter open  B roll back  L train"),
    ] {
        let mut console = Console::new(80, 24).on(screen, args);
        console.shows(keys);
        if screen == "models" {
            // The one in use is not offered to be used.
            console.keys("g").shows("U use  B roll back  L train");
            continue;
        }
        console.keys("?");
        let text = console.text();
        let first = text.lines().position(|line| line.contains("Receive goods")).unwrap();
        let pin = text.lines().position(|line| line.contains("Pin what is")).unwrap();
        assert!(first < pin && first <= 4, "{text}");
    }
}

#[test]
fn a_sorted_column_says_what_comes_first_in_its_own_words() {
    let mut console = Console::new(120, 24).on("stock", "");
    console.keys("s").shows("by sku, A to Z");
    console.keys("S").shows("by sku, Z to A");
    console.keys(":").typed("sort on_hand").keys("enter").shows("by on_hand, largest first");
}

#[test]
fn a_store_that_is_paused_before_it_was_read_says_so() {
    let mut console = Console::new(120, 40);
    console.state.paused = true;
    console.shows("paused");
    console.hides("nothing read yet");
    console.state.status.as_mut().unwrap().counts[0] = 0;
    console.shows("paused, nothing read yet");
}

#[test]
fn a_refusal_is_read_whole_on_a_narrow_screen() {
    let mut console = Console::new(80, 24).on("reorders", "");
    let refusal = "The order to NORD would cost £1,984.50, and mei may approve £700.00 an order; approve less, \
                   or ask somebody who may approve more.";
    console.outcome = Err(crate::engine::api::Refusal::usage(refusal));
    console.keys("a enter");
    let text = console.text();
    let told: Vec<&str> = text.split_whitespace().collect();
    assert!(told.join(" ").contains("approve more."), "{text}");
    console.shows("of 24");
    console.keys("j").shows("Enter open");
}

#[test]
fn the_clock_stays_in_the_top_line() {
    let mut console = Console::new(80, 24).on("purchase", "PO-000005");
    let mut status = sample::status();
    let progress = Progress { what: "acknowledge".into(), done: 345, total: Some(1_669) };
    status.work = vec![crate::engine::api::Work { progress, ..sample::work() }];
    console.state.status = Some(status);
    let text = console.text();
    let top = text.lines().next().unwrap();
    assert!(top.contains("07:04") && top.contains("erp failed"), "{top}");
}
