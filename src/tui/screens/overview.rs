//! How the day goes: figures against the usual, what waits, what runs out, demand, feeds, journal.

use super::super::canvas::Canvas;
use super::super::freshness::{badge, coarse};
use super::super::state::{Panel, Since};
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::sparkline::{bar, spark};
use super::super::words;
use super::{Item, Scene};
use crate::domain::{Progress, Span};
use crate::engine::api::{FlagCounts, JournalRow, Overview, RunningOut, StoreKind, WaitingPlace};
use crate::feed::FeedState;

/// Sections, in the order of the cursor.
const WAITING: usize = 0;
const RUNNING_OUT: usize = 1;
const FEEDS: usize = 2;
const JOURNAL: usize = 3;

/// From this height on, all that is at work has a line each.
const ROOMY: u16 = 26;

/// What waits, what runs out, feeds, journal entries.
pub fn items(overview: &Overview) -> Vec<Item> {
    let item = |section, target| Item { section, target };
    let waiting = overview.waiting.iter().map(|w| item(WAITING, Target::from(w)));
    let running = overview.running_out.iter().map(|r| item(RUNNING_OUT, Target::from(r)));
    let feeds = overview.feeds.iter().map(|f| item(FEEDS, Target::from(f)));
    let journal = overview.journal.iter().map(|j| item(JOURNAL, Target::from(j)));
    waiting.chain(running).chain(feeds).chain(journal).collect()
}

/// Draws the overview, or what is loading.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, panel: &Panel<Overview>) {
    let work = work_lines(canvas, scene, panel);
    let (width, height) = (canvas.width(), canvas.height());
    let mut canvas = canvas.part(0, work, width, height.saturating_sub(work));
    let Some(overview) = panel.data.as_ref().filter(|o| o.counted) else {
        skeleton(&mut canvas, scene, panel);
        return;
    };
    let today = today(&mut canvas, scene, overview);
    let room = canvas.height().saturating_sub(today + 1);
    let mut body = canvas.part(0, today + 1, width, room);
    if width < 76 {
        narrow(&mut body, scene, overview);
    } else if width < 150 {
        two_columns(&mut body, scene, overview);
    } else {
        three_columns(&mut body, scene, overview);
    }
}

/// Lines above the figures: long work, and how old the figures are; returns how many.
fn work_lines(canvas: &mut Canvas<'_>, scene: &Scene<'_>, panel: &Panel<Overview>) -> u16 {
    let state = scene.state;
    let mut y = 0;
    if let Some(status) = &state.status {
        // In little room what is done stands in one line, so that what waits is seen.
        let shown = if canvas.height() < ROOMY { 1 } else { 3 };
        let more = status.work.len().saturating_sub(shown);
        for work in status.work.iter().take(shown) {
            let mut text = words::progress(&work.progress);
            if let Some(percent) = words::percent(&work.progress) {
                let full = (percent / 5) as usize;
                let shade = scene.glyphs().shade[0].repeat(20 - full);
                text = format!("{}{shade}  {text}", scene.glyphs().block.repeat(full));
            }
            if let Some(seconds) = work.eta_s {
                text.push_str(&format!(", {} to go", words::eta(seconds)));
            }
            if shown == 1 && more > 0 {
                text.push_str(&format!("; {more} more at work"));
            }
            canvas.line(1, y, &format!("{text}   X cancels"), Role::Accent);
            y += 1;
        }
    }
    let trouble = state.status.iter().flat_map(|status| &status.trouble);
    for text in trouble.take(2) {
        for line in words::wrap(text, usize::from(canvas.width().saturating_sub(2))) {
            canvas.line(1, y, &line, Role::Bad);
            y += 1;
        }
    }
    let Some(overview) = &panel.data else { return y };
    let before_owner = state.status.as_ref().is_some_and(|s| overview.made < s.since || !s.ready);
    let age = state.wall.since(overview.made);
    if before_owner || age >= Span::minutes(3) {
        let text = format!("Figures of {} ago; newer ones are on their way.", coarse(age));
        canvas.line(1, y, &text, Role::Warn);
        y += 1;
    }
    y
}

/// How far the reading of older records has come: until its end every figure is too small.
fn history<'s>(scene: &Scene<'s>) -> Option<&'s Progress> {
    let feeds = scene.state.pulse.feeds.iter();
    let backfill = feeds.filter_map(|feed| match &feed.state {
        FeedState::Backfill(progress) => Some(progress),
        _ => None,
    });
    let work = scene.state.status.iter().flat_map(|status| &status.work);
    backfill.chain(work.map(|work| &work.progress)).next()
}

/// `nothing so far, reading orders.csv 43 %`, in at most `room` cells where that can be.
fn so_far(nothing: &str, progress: &Progress, room: usize) -> String {
    let long = format!("{nothing} so far, {}", words::progress(progress));
    let brief = format!("{nothing} so far, {}", words::brief_progress(progress));
    words::fitting(room, [&long, &brief, nothing]).to_owned()
}

/// "Nothing", as far as that can be said.
fn nothing(canvas: &mut Canvas<'_>, scene: &Scene<'_>, y: u16) {
    match history(scene) {
        None => canvas.line(3, y, "nothing", Role::Good),
        Some(progress) => {
            let room = usize::from(canvas.width().saturating_sub(4));
            canvas.line(3, y, &so_far("nothing", progress, room), Role::Muted)
        }
    };
}

fn skeleton(canvas: &mut Canvas<'_>, scene: &Scene<'_>, panel: &Panel<Overview>) {
    canvas.head(1, 0, "TODAY", "");
    let state = scene.state;
    let dots = scene.glyphs().ellipsis;
    let ready = state.status.as_ref().map(|status| status.ready);
    let text = match (&panel.error, ready) {
        (Some(error), _) => error.clone(),
        (None, None) => format!("Asking the owner{dots}"),
        (None, Some(false)) => match history(scene) {
            Some(progress) => format!("Counting, {}", words::progress(progress)),
            None => format!("The store is being opened{dots}"),
        },
        (None, Some(true)) => match history(scene) {
            Some(progress) => format!("Counting, {}", words::progress(progress)),
            None => format!("Adding up today's orders{dots}"),
        },
    };
    let role = if panel.error.is_some() { Role::Bad } else { Role::Muted };
    canvas.line(3, 1, &text, role);
    let width = canvas.width();
    let half = if width >= 76 { width / 2 } else { 1 };
    canvas.head(1, 4, "WAITING FOR YOU", "");
    canvas.line(3, 5, dots, Role::Muted);
    let y = if half > 1 { 4 } else { 7 };
    canvas.head(half, y, "RUNNING OUT", "");
    canvas.line(half + 2, y + 1, dots, Role::Muted);
    canvas.head(1, 10, "FEEDS", "");
    for (y, feed) in (11..).zip(&state.pulse.feeds) {
        let (glyph, words, role) = badge(feed, state.pulse.told, state.wall, scene.glyphs());
        canvas.text(3, y, 12, feed.id.as_str(), Role::Text);
        canvas.line(16, y, &format!("{glyph} {words}"), role);
    }
    if state.pulse.feeds.is_empty() {
        canvas.line(3, 11, dots, Role::Muted);
    }
}

/// Today's figures; returns the lines used.
fn today(canvas: &mut Canvas<'_>, scene: &Scene<'_>, o: &Overview) -> u16 {
    let width = canvas.width();
    canvas.line(1, 0, "TODAY", Role::Title);
    if let Some((_, fresh)) = scene.state.pulse.oldest(scene.state.wall) {
        // Two lines for two facts: what is shown, and how old the oldest source of it is.
        canvas.text(1, 1, 5, &fresh.mark(scene.glyphs()), fresh.role());
    }
    let value = o.value_today.map_or_else(
        || scene.glyphs().dash.to_owned(),
        |value| words::value(value, scene.glyphs()),
    );
    let short = match o.stocked {
        0 => scene.glyphs().dash.to_owned(),
        _ => words::count(o.short),
    };
    let alarm = |n: u64, role| if n > 0 { role } else { Role::Text };
    let figures = [
        ("orders", words::count(o.orders_today), Role::Accent),
        ("lines", words::count(o.lines_today), Role::Text),
        ("to ship", words::count(o.to_ship), Role::Text),
        ("late", words::count(o.late), alarm(o.late, Role::Warn)),
        ("short", short, alarm(o.short, Role::Bad)),
        ("held", words::count(o.held), alarm(o.held, Role::Warn)),
        ("value", value, Role::Text),
    ];
    let cells = (width.saturating_sub(8) / 7).clamp(6, 12);
    let mut end = 7;
    for (title, figure, role) in figures {
        end += if title == "value" { cells + 2 } else { cells };
        if end > width {
            break;
        }
        canvas.right(end, 0, cells, title, Role::Muted);
        canvas.right(end, 1, cells + 1, &figure, role);
    }
    usual(canvas, scene, o);
    if canvas.height() >= 17 { 3 } else { 3.min(canvas.height()) }
}

/// Orders below which a difference from the usual is chance, and no per cent are told.
const LEAST_USUAL: f64 = 10.0;

fn usual(canvas: &mut Canvas<'_>, scene: &Scene<'_>, o: &Overview) {
    let state = scene.state;
    let day = o.at.day(&state.zone);
    let time = o.at.civil(&state.zone).strftime("%H:%M").to_string();
    let weekday = words::weekday(day);
    let text = match o.usual_by_now {
        Some(usual) if usual >= LEAST_USUAL => {
            let percent = (o.orders_today as f64 / usual - 1.0) * 100.0;
            let side = if percent >= 0.0 { "above" } else { "below" };
            let usual = words::rough(usual);
            match percent.abs().round() {
                0.0 => format!("as on a usual {weekday} by {time} ({usual} orders)"),
                by => format!("{by:.0} % {side} a usual {weekday} by {time} ({usual} orders)"),
            }
        }
        Some(usual) => {
            format!("{} orders are usual by {time} on a {weekday}", words::rough(usual))
        }
        None => format!("what is usual on a {weekday} is known after two of them"),
    };
    let newest = state.status.as_ref().and_then(|status| status.newest_order);
    if let Some(ended) = words::data_ends(newest, o.at, &state.zone) {
        // What is usual now says nothing about a store whose orders have ended.
        let is_followed =
            state.status.as_ref().is_some_and(|s| s.kind == StoreKind::Live) && !o.feeds.is_empty();
        let (short, long) = match is_followed {
            true => {
                (format!("{ended}; 4 tells why"), format!("{ended}; 4 tells how the feeds fare"))
            }
            false => {
                let short = format!("{ended}; 2 lists them");
                (short.clone(), format!("{short}, `stockdeck replay FILE` plays a file as if now"))
            }
        };
        let room = usize::from(canvas.width().saturating_sub(4));
        canvas.line(3, 2, words::fitting(room, [&long, &short, &ended]), Role::Warn);
        return;
    }
    let x = canvas.line(3, 2, &text, Role::Muted) + 3;
    let hours: Vec<f32> = o.today_by_hour.iter().map(|n| *n as f32).collect();
    let hour = usize::from(o.at.civil(&state.zone).hour().unsigned_abs());
    let most = hours.iter().chain(&o.usual_by_hour).copied().fold(0.0, f32::max);
    if usize::from(canvas.width()) < usize::from(x) + 24 + 8 {
        return;
    }
    // What was, then what is usual for the hours to come.
    let past: String = hours.iter().take(hour + 1).map(|n| bar(*n, most, scene.glyphs())).collect();
    let ahead: String =
        o.usual_by_hour.iter().skip(hour + 1).map(|n| bar(*n, most, scene.glyphs())).collect();
    let x = canvas.line(x, 2, &past, Role::Chart);
    let x = canvas.line(x, 2, &ahead, Role::Band);
    canvas.line(x + 1, 2, &format!("0{}24 h", scene.glyphs().dash), Role::Muted);
}

fn narrow(canvas: &mut Canvas<'_>, scene: &Scene<'_>, o: &Overview) {
    let (width, height) = (canvas.width(), canvas.height());
    let waiting = lines(o.waiting.len()).min(height / 3);
    draw_waiting(&mut canvas.part(0, 0, width, waiting), scene, o);
    let feeds = lines(o.feeds.len()).min(height / 3);
    let running = height.saturating_sub(waiting + feeds + 2);
    draw_running(&mut canvas.part(0, waiting + 1, width, running), scene, o);
    let y = waiting + running + 2;
    draw_feeds(&mut canvas.part(0, y, width, height.saturating_sub(y)), scene, o);
}

/// At most as many lines as things, plus a head, at least one line for saying there is nothing.
fn lines(things: usize) -> u16 {
    u16::try_from(things.max(1)).unwrap_or(u16::MAX).saturating_add(1)
}

fn two_columns(canvas: &mut Canvas<'_>, scene: &Scene<'_>, o: &Overview) {
    let (width, height) = (canvas.width(), canvas.height());
    let half = width / 2;
    let below = lines(o.feeds.len()).max(4).min(height / 3 + 1);
    let demand = if height >= 14 { 3 } else { 0 };
    let upper = height.saturating_sub(below + demand + 1);
    draw_waiting(&mut canvas.part(0, 0, half - 1, upper), scene, o);
    draw_running(&mut canvas.part(half, 0, width - half, upper), scene, o);
    if demand > 0 {
        draw_demand(&mut canvas.part(0, upper, width, 2), scene, o);
    }
    let y = upper + demand;
    let room = height.saturating_sub(y);
    draw_feeds(&mut canvas.part(0, y, half - 1, room), scene, o);
    draw_journal(&mut canvas.part(half, y, width - half, room), scene, o);
}

fn three_columns(canvas: &mut Canvas<'_>, scene: &Scene<'_>, o: &Overview) {
    let (width, height) = (canvas.width(), canvas.height());
    let third = width / 3;
    let waiting = lines(o.waiting.len()).clamp(6, (height / 3).max(6));
    draw_waiting(&mut canvas.part(0, 0, third - 2, waiting), scene, o);
    let left = height.saturating_sub(waiting + lines(o.feeds.len()) + 2);
    let demand = left.clamp(4, 30);
    draw_tall_demand(&mut canvas.part(0, waiting + 1, third - 2, demand), scene, o);
    let y = waiting + demand + 2;
    draw_feeds(&mut canvas.part(0, y, third - 2, height.saturating_sub(y)), scene, o);
    draw_running(&mut canvas.part(third, 0, third - 2, height), scene, o);
    let x = third * 2;
    let pinned = if o.pinned.is_empty() { 0 } else { lines(o.pinned.len()).min(height / 2) };
    draw_journal(&mut canvas.part(x, 0, width - x, height.saturating_sub(pinned + 1)), scene, o);
    if pinned > 0 {
        draw_pinned(&mut canvas.part(x, height - pinned, width - x, pinned), o);
    }
}

fn first_of(section: usize, o: &Overview) -> usize {
    let sizes = [o.waiting.len(), o.running_out.len(), o.feeds.len(), o.journal.len()];
    sizes.iter().take(section).sum()
}

/// Draws a section's list under its head, a page of it around the cursor.
fn list<T>(
    canvas: &mut Canvas<'_>,
    scene: &Scene<'_>,
    (things, first): (&[T], usize),
    mut draw: impl FnMut(&mut Canvas<'_>, u16, &T),
) {
    let fit = usize::from(canvas.height().saturating_sub(1));
    let cursor = scene.cursor.and_then(|at| at.checked_sub(first)).filter(|at| *at < things.len());
    let top = super::window(things.len(), fit, cursor);
    for (y, (index, thing)) in (1..).zip(things.iter().enumerate().skip(top).take(fit)) {
        draw(canvas, y, thing);
        if scene.is_at(first + index) {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, scene.glyphs().select, Role::Selected);
        }
    }
}

fn draw_waiting(canvas: &mut Canvas<'_>, scene: &Scene<'_>, o: &Overview) {
    canvas.head(1, 0, "WAITING FOR YOU", "");
    if o.waiting.is_empty() {
        nothing(canvas, scene, 1);
    }
    let width = canvas.width();
    list(canvas, scene, (&o.waiting, first_of(WAITING, o)), |canvas, y, waiting| {
        canvas.right(8, y, 6, &words::count(waiting.count), Role::Warn);
        let what = match (&waiting.go, &o.flags) {
            (WaitingPlace::Flags(_), Some(flags)) => {
                flagged(&waiting.what, flags, scene, usize::from(width.saturating_sub(10)))
            }
            _ => waiting.what.to_string(),
        };
        canvas.text(10, y, width.saturating_sub(10), &what, Role::Text);
    });
}

/// `cases to look at, 3 urgent, £ 2,942 at stake`, or what of it fits.
fn flagged(what: &str, flags: &FlagCounts, scene: &Scene<'_>, room: usize) -> String {
    let urgent = match flags.urgent {
        0 => String::new(),
        n => format!(", {} urgent", words::count(n)),
    };
    let Some(stake) = flags.at_stake else { return format!("{what}{urgent}") };
    let stake = words::value(stake, scene.glyphs());
    let long = format!("{what}{urgent}, {stake} at stake");
    let short = format!("{what}, {stake}");
    words::fitting(room, [&long, &short, what]).to_owned()
}

fn draw_running(canvas: &mut Canvas<'_>, scene: &Scene<'_>, o: &Overview) {
    let width = canvas.width();
    let rest = match (o.at_risk, history(scene)) {
        (0, Some(progress)) => so_far("none", progress, usize::from(width).saturating_sub(15)),
        // No figure of stock says nothing of what runs out.
        (0, None) if o.stocked == 0 => "unknown: nothing counted".to_owned(),
        (0, None) if width >= 48 => "nothing before its next delivery".to_owned(),
        (0, None) => "nothing is".to_owned(),
        (n, _) if width >= 48 => format!("{} before the next delivery", words::count(n)),
        (n, _) => format!("{} in all", words::count(n)),
    };
    canvas.head(1, 0, "RUNNING OUT", &rest);
    list(canvas, scene, (&o.running_out, first_of(RUNNING_OUT, o)), |canvas, y, row| {
        running_line(canvas, y, width, row);
    });
}

/// SKU, site, a name where there is room, how long it lasts, when more comes.
fn running_line(canvas: &mut Canvas<'_>, y: u16, width: u16, row: &RunningOut) {
    let end = width.saturating_sub(1);
    let role = if row.days < 3.0 { Role::Bad } else { Role::Warn };
    let left = if row.days <= 0.0 { "out".into() } else { format!("{} d", words::days(row.days)) };
    let wide = end >= 48;
    let next = match row.next_delivery_days {
        Some(days) if days <= 0.0 => "overdue".to_owned(),
        Some(days) if wide => format!("due in {} d", words::days(days)),
        Some(days) => format!("in {} d", words::days(days)),
        None if wide => "none due".into(),
        None => "no PO".into(),
    };
    let next_cells = if wide { 12 } else { 9 };
    let left_end = end.saturating_sub(next_cells + 1);
    canvas.text(3, y, 10, row.sku.as_str(), Role::Text);
    canvas.text(14, y, 7, row.site.as_str(), Role::Text);
    // SKU, site and days come before the name; a name of a few letters would be noise.
    let room = left_end.saturating_sub(22 + 7);
    if room >= 8 {
        canvas.text(22, y, room, &row.name, Role::Muted);
    }
    canvas.right(left_end, y, 6, &left, role);
    canvas.right(end, y, next_cells, &next, Role::Muted);
}

fn demand_words(o: &Overview) -> String {
    let past = o.units_by_day.len().saturating_sub(1);
    let before = o.units_by_day.get(past.saturating_sub(28)..past).unwrap_or_default();
    // The sum of no floats is minus zero, which nobody sells.
    let mean = before.iter().sum::<f32>() / before.len().max(1) as f32 + 0.0;
    let today = o.units_by_day.last().copied().unwrap_or(0.0) + 0.0;
    format!(
        "{} units today, {} a day over 28 days",
        words::rough(f64::from(today)),
        words::rough(f64::from(mean))
    )
}

fn draw_demand(canvas: &mut Canvas<'_>, scene: &Scene<'_>, o: &Overview) {
    let days = o.units_by_day.len().min(usize::from(canvas.width().saturating_sub(4)));
    canvas.head(1, 0, "DEMAND", &format!("{days} days, {}", demand_words(o)));
    canvas.line(3, 1, &spark(&o.units_by_day, days, scene.glyphs()), Role::Chart);
}

fn draw_tall_demand(canvas: &mut Canvas<'_>, scene: &Scene<'_>, o: &Overview) {
    use super::super::state::Zoom;
    use super::super::widgets::chart;
    canvas.head(1, 0, "DEMAND", &demand_words(o));
    let days = i32::try_from(o.units_by_day.len()).unwrap_or(0);
    let first = o.at.day(&scene.state.zone).plus(1 - days);
    let bars = chart::bars(first, &o.units_by_day, Zoom::Days);
    let (width, height) = (canvas.width(), canvas.height());
    chart::draw(&mut canvas.part(0, 1, width, height.saturating_sub(1)), &bars, Zoom::Days);
}

fn draw_feeds(canvas: &mut Canvas<'_>, scene: &Scene<'_>, o: &Overview) {
    let state = scene.state;
    let none = words::no_feed(state.status.as_ref());
    canvas.head(1, 0, "FEEDS", if o.feeds.is_empty() { none } else { "" });
    let end = canvas.width().saturating_sub(1);
    let longest = o.feeds.iter().map(|feed| words::width(feed.id.as_str())).max().unwrap_or(0);
    let named = (longest as u16).clamp(9, if end >= 48 { 17 } else { 14 });
    list(canvas, scene, (&o.feeds, first_of(FEEDS, o)), |canvas, y, told| {
        // The pulse is younger than the overview's own copy.
        let feed = state.feed(&told.id).unwrap_or(told);
        let since = if state.pulse.known { state.pulse.told } else { o.made };
        let (glyph, words, role) = badge(feed, since, state.wall, scene.glyphs());
        let bad = match feed.rejected {
            0 => String::new(),
            n => format!("{} bad", words::count(n)),
        };
        // The state is what a feed is read for: the rate and what is bad take what is left.
        let bad_at = canvas.right(end, y, 8, &bad, Role::Bad);
        let rate = format!("{}/h", words::count(feed.per_hour));
        canvas.text(3, y, named, feed.id.as_str(), Role::Text);
        let at = 3 + named + 1;
        let room = bad_at.saturating_sub(at + 1);
        // How far a reading has come is told whole before what is being read.
        let words = match &feed.state {
            FeedState::Backfill(progress) if words::width(&words) + 2 > usize::from(room) => {
                words::brief_progress(progress)
            }
            _ => words,
        };
        let after = canvas.text(at, y, room, &format!("{glyph} {words}"), role);
        let rate_end = if bad.is_empty() { end } else { bad_at.saturating_sub(2) };
        if after + 2 + rate.len() as u16 <= rate_end {
            canvas.right(rate_end, y, 9, &rate, Role::Muted);
        }
    });
}

fn draw_journal(canvas: &mut Canvas<'_>, scene: &Scene<'_>, o: &Overview) {
    canvas.head(1, 0, "JOURNAL", &since_words(scene, o));
    if o.journal.is_empty() {
        canvas.line(3, 1, "nothing has been decided yet", Role::Muted);
    }
    let width = canvas.width();
    list(canvas, scene, (&o.journal, first_of(JOURNAL, o)), |canvas, y, row| {
        journal_line(canvas, scene, y, width, row);
    });
}

fn journal_line(canvas: &mut Canvas<'_>, scene: &Scene<'_>, y: u16, width: u16, row: &JournalRow) {
    let age = coarse(scene.state.now.since(row.entry.at));
    canvas.right(7, y, 4, &age, Role::Muted);
    let mut text = format!("{} {}", row.entry.actor.user, row.entry.decision.verb());
    text.push(' ');
    text.push_str(&super::journal::summary(row));
    let role = if row.undone_by.is_some() { Role::Muted } else { Role::Text };
    canvas.text(8, y, width.saturating_sub(9), &text, role);
}

/// What has happened since this person began to watch.
fn since_words(scene: &Scene<'_>, o: &Overview) -> String {
    let Some(Since { at, orders, entry }) = scene.state.since else { return String::new() };
    let new = o.orders_total.saturating_sub(orders);
    let newest = o.journal.first().map_or(0, |row| row.entry.seq);
    let entries = newest.saturating_sub(entry);
    let time = words::stamp(at, scene.state.now, &scene.state.zone);
    let time = time.trim().trim_start_matches("today ").to_owned();
    format!(
        "since {time}: {}, {}",
        words::plural(new, "order", "orders"),
        words::plural(entries, "entry", "entries")
    )
}

fn draw_pinned(canvas: &mut Canvas<'_>, o: &Overview) {
    canvas.head(1, 0, "PINNED", "");
    for (y, subject) in (1..canvas.height()).zip(&o.pinned) {
        canvas.line(3, y, &subject.to_string(), Role::Text);
    }
}
