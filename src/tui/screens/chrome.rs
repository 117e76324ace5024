//! Header, line of state and hint line.

use super::super::canvas::Canvas;
use super::super::commands::{COMMANDS, Group, Id};
use super::super::freshness::{badge, gravity};
use super::super::keymap::shown;
use super::super::layers::FilterLine;
use super::super::state::{Body, State};
use super::super::theme::Role;
use super::super::update::{available, completions};
use super::super::widgets::table;
use super::super::words;
use super::{RULES_FROM, Screen, margins};
use crate::engine::api::StoreKind;
use crate::feed::FeedState;

/// Where am I, whose data, how fresh, what time is it there.
pub fn header(canvas: &mut Canvas<'_>, state: &State) {
    let width = canvas.width();
    let mut parts = facts(canvas, state);
    let full = |parts: &[Fact]| -> usize {
        parts.iter().map(|fact| words::width(&fact.text) + 2).sum::<usize>()
    };
    let crumbs = crumbs(canvas, state);
    let wanted = 13 + words::width(&crumbs).min(usize::from(width) / 2);
    while parts.len() > 1 && full(&parts) + wanted > usize::from(width) {
        let least = (0..parts.len()).min_by_key(|at| parts[*at].keep).unwrap_or(0);
        let has_brief = |fact: &&mut Fact| fact.brief.is_some();
        // Before something that matters is left out, the clock tells the time alone.
        if parts[least].keep > LIGHT
            && let Some(fact) = parts.iter_mut().find(has_brief)
        {
            fact.text = fact.brief.take().unwrap_or_default();
            continue;
        }
        parts.remove(least);
    }
    let mut end = width.saturating_sub(1);
    for fact in parts.iter().rev() {
        end = canvas.right(end, 0, end, &fact.text, fact.role).saturating_sub(2);
    }
    let name = if width >= 60 { canvas.text(1, 0, 10, "stockdeck", Role::Title) + 2 } else { 1 };
    let room = end.saturating_sub(name);
    canvas.text(name, 0, room, &crumbs, Role::Accent);
    if canvas.height() >= RULES_FROM {
        canvas.rule(1);
    }
}

/// Cells of the header that a feed's state may take.
const LONGEST_FEED: usize = 24;

/// Facts of this `keep` and below can be done without.
const LIGHT: u8 = 4;

struct Fact {
    text: String,
    /// The same in fewer cells.
    brief: Option<String>,
    role: Role,
    keep: u8,
}

fn facts(canvas: &Canvas<'_>, state: &State) -> Vec<Fact> {
    let fact = |text: String, role, keep| Fact { text, brief: None, role, keep };
    let mut facts = Vec::new();
    if state.read_only {
        facts.push(fact("read-only".into(), Role::Warn, 4));
    }
    if state.paused {
        let waits = state.status.as_ref().is_some_and(|status| status.counts[0] == 0);
        // A store of which nothing was read shows zeros, which would be taken for its figures.
        let word = if waits { "paused, nothing read yet" } else { "paused" };
        facts.push(fact(word.into(), Role::Warn, 6));
    }
    let kind = match state.status.as_ref().map(|status| status.kind) {
        Some(StoreKind::Demo) => "demo store",
        Some(StoreKind::Replay) => "replay",
        Some(StoreKind::Live) => "live store",
        None => "connecting",
    };
    facts.push(fact(kind.into(), Role::Muted, 2));
    if let Some(work) = state.status.as_ref().and_then(|status| status.work.first()) {
        let shade = canvas.glyphs().shade[1];
        facts.push(fact(format!("{shade} {}", words::brief_work(work)), Role::Accent, 8));
    }
    let pulse = &state.pulse;
    if let Some((text, role)) = pulse.flags.as_ref().and_then(super::flags::waiting) {
        facts.push(fact(text, role, 7));
    }
    if let Some(feed) = state.worst_feed() {
        let (glyph, words, role) = badge(feed, pulse.told, state.wall, canvas.glyphs());
        let whose = if gravity(feed, pulse.told, state.wall) > 1 && pulse.feeds.len() > 1 {
            format!("{} ", feed.id)
        } else {
            String::new()
        };
        let words = match &feed.state {
            // The clock is to stay beside a file whose name is long.
            FeedState::Backfill(progress) if words::width(&words) > LONGEST_FEED => {
                format!("reading {}", words::brief_progress(progress))
            }
            _ => words,
        };
        facts.push(fact(format!("{glyph} {whose}{words}"), role, 9));
    } else if pulse.known {
        match state.status.as_ref().map(|status| (status.kind, status.following)) {
            Some((_, false)) => facts.push(fact("starting".into(), Role::Muted, 9)),
            // Nothing is missing there: its orders come from a file.
            Some((StoreKind::Replay, _)) => {}
            _ => facts.push(fact("no feeds".into(), Role::Warn, 9)),
        }
    }
    facts.push(Fact {
        brief: Some(words::clock(state.now, &state.zone)),
        ..fact(words::moment(state.now, state.wall, &state.zone), Role::Text, 10)
    });
    facts.push(fact(words::zone(&state.zone).to_owned(), Role::Muted, 1));
    facts
}

fn crumbs(canvas: &Canvas<'_>, state: &State) -> String {
    let crumb = format!(" {} ", canvas.glyphs().crumb);
    let mut all: Vec<String> = state.pages.iter().map(|page| page.place.crumb()).collect();
    let most = usize::from(canvas.width()) / 2;
    while all.len() > 2 && words::width(&all.join(&crumb)) > most {
        all.remove(1);
        all[0] = canvas.glyphs().ellipsis.to_owned();
    }
    all.join(&crumb)
}

/// Lines that what the person is told may take.
const MOST_TOLD: usize = 4;

/// The line of state, and the hint line or what the person is told.
pub fn footer(canvas: &mut Canvas<'_>, state: &State) {
    let (width, height) = (canvas.width(), canvas.height());
    let status = table_status(canvas, state);
    let ruled = margins(height).1 > 1;
    let room = width.saturating_sub(2);
    let mut told = match &state.notice {
        Some(notice) => words::wrap(&notice.text, room.into()),
        None => Vec::new(),
    };
    // A sentence is told whole; on a low screen as far as there is room.
    let most = if ruled { MOST_TOLD } else { 1 };
    if told.len() > most {
        let rest = told.split_off(most - 1).join(" ");
        told.push(rest);
    }
    let lines = u16::try_from(told.len().max(1)).unwrap_or(1);
    let top = height - lines;
    if lines > 1 {
        canvas.part(0, top - 1, width, lines + 1).clear();
    }
    if ruled {
        canvas.rule(top - 1);
        if !status.is_empty() {
            canvas.line(2, top - 1, &format!(" {status} "), Role::Muted);
        }
    }
    match &state.notice {
        // The keys give way: what a table shows goes on standing above.
        Some(notice) => {
            let mut end = 1;
            for (y, line) in (top..).zip(&told) {
                end = canvas.text(1, y, room, line, notice.role);
            }
            if !ruled && usize::from(end) + 2 < usize::from(room) {
                canvas.text(end + 2, height - 1, room - end - 1, &status, Role::Muted);
            }
        }
        None => hints(canvas, state, if ruled { "" } else { &status }),
    }
}

fn table_status(canvas: &Canvas<'_>, state: &State) -> String {
    let glyphs = canvas.glyphs();
    let room = usize::from(canvas.width().saturating_sub(6));
    match &state.page().body {
        Body::Orders(rows) => table::status(rows, glyphs, room),
        Body::Stock(rows) => table::status(rows, glyphs, room),
        Body::Journal(rows) => table::status(rows, glyphs, room),
        Body::Forecast(rows) => table::status(rows, glyphs, room),
        Body::Totals(rows) => table::status(rows, glyphs, room),
        Body::Reorders(rows) => table::status(rows, glyphs, room),
        Body::Purchases(rows) => table::status(rows, glyphs, room),
        Body::Flags(queue) => super::flags::status(queue, state, room),
        Body::Coordination(rows) => table::status(rows, glyphs, room),
        Body::Expected(rows) => table::status(rows, glyphs, room),
        Body::Allocation(rows, _) => table::status(rows, glyphs, room),
        Body::Quarantine(rows) => table::status(rows, glyphs, room),
        _ => String::new(),
    }
}

/// What the term that is being typed may become.
pub fn filter_completions(canvas: &mut Canvas<'_>, state: &State, filter: &FilterLine) {
    let Some(fields) = super::super::update::fields(state.screen()) else { return };
    let typed = filter.completing.as_ref().map_or(filter.line.text(), |(typed, _)| typed);
    let at = filter.completing.as_ref().map(|(_, at)| *at);
    let found = completions(fields, typed);
    if found.is_empty() {
        return;
    }
    let chosen = at.map(|at| at % found.len());
    // What comes next stands first, so that it is seen however many there are.
    let first = chosen.unwrap_or(0);
    canvas.rule(0);
    let mut x = canvas.line(2, 0, " Tab", Role::Key) + 1;
    for (index, (_, term)) in found.iter().enumerate().skip(first) {
        if usize::from(x) + words::width(term) + 1 > usize::from(canvas.width()) {
            break;
        }
        let role = if chosen == Some(index) { Role::Accent } else { Role::Muted };
        x = canvas.line(x, 0, &format!("{term} "), role) + 1;
    }
}

/// What the filter that is being typed finds.
pub fn filter_result(canvas: &mut Canvas<'_>, state: &State, filter: &FilterLine, x: u16) {
    let page = state.page();
    let error = filter.refused.clone().or_else(|| match &page.body {
        Body::Orders(rows) => rows.error.clone(),
        Body::Stock(rows) => rows.error.clone(),
        Body::Journal(rows) => rows.error.clone(),
        Body::Forecast(rows) => rows.error.clone(),
        Body::Totals(rows) => rows.error.clone(),
        Body::Reorders(rows) => rows.error.clone(),
        Body::Purchases(rows) => rows.error.clone(),
        Body::Flags(queue) => queue.table.error.clone(),
        Body::Coordination(rows) => rows.error.clone(),
        Body::Expected(rows) => rows.error.clone(),
        Body::Allocation(rows, _) => rows.error.clone(),
        Body::Quarantine(rows) => rows.error.clone(),
        _ => None,
    });
    let width = canvas.width();
    match error {
        Some(error) => {
            canvas.line(x, 0, &error, Role::Bad);
        }
        None => {
            let found = page.table().map_or(0, |table| table.total());
            let text = match found {
                0 => "none   Esc clears".to_owned(),
                n => format!("{} found   Enter keeps  Esc clears", words::count(n as u64)),
            };
            let room = width.saturating_sub(x + 1);
            canvas.right(width.saturating_sub(1), 0, room, &text, Role::Muted);
        }
    }
}

/// Keys that do something here, from the table of commands.
fn hints(canvas: &mut Canvas<'_>, state: &State, status: &str) {
    let (width, y) = (canvas.width(), canvas.height() - 1);
    canvas.highlight(y, Role::Hint);
    let always = |id: Id| matches!(id, Id::Palette | Id::Help);
    let hint = |canvas: &mut Canvas<'_>, x: u16, key: &str, word: &str| {
        let end = canvas.line(x, y, key, Role::Key);
        canvas.line(end + 1, y, word, Role::Hint) + 2
    };
    let mut end = width.saturating_sub(1);
    for command in COMMANDS.iter().rev().filter(|c| always(c.id)) {
        let (Some(word), Some(key)) = (command.hint, command.keys.first()) else { continue };
        let cells = (words::width(key) + 1 + word.len()) as u16;
        if end < cells + 2 {
            break;
        }
        hint(canvas, end - cells, &shown(key), word);
        end -= cells + 2;
    }
    let mut x = 1;
    if !status.is_empty() {
        x = canvas.text(x, y, end.saturating_sub(x), status, Role::Hint) + 2;
    }
    let last = super::super::place::ROOTS.last().map_or(&[][..], |last| last.digit());
    let screens = format!("1{}{}", canvas.glyphs().dash, last.concat());
    let lead = state.pages.len() == 1 && state.screen() == Screen::Overview;
    if lead && x + 14 < end {
        x = hint(canvas, x, &screens, "screens");
    }
    let usable = COMMANDS.iter().filter(|c| !always(c.id) && available(state, c));
    let mut usable: Vec<_> = usable.collect();
    // Stable: opening and going back, then what is decided on this screen alone, and why a figure is
    // what it is where figures are the screen's subject, then the rest.
    let figures = matches!(state.screen(), Screen::Forecast | Screen::Sku | Screen::Totals);
    usable.sort_by_key(|c| match c.group {
        Group::Screens | Group::Moving => (0, 0),
        _ if c.is_of_few_screens() => (1, c.on.len()),
        _ if figures && c.id == Id::Why => (1, 2),
        _ => (2, 0),
    });
    for command in usable {
        let (Some(word), Some(key)) = (command.hint, command.keys.first()) else { continue };
        let key = shown(key);
        let cells = (words::width(&key) + 1 + words::width(word)) as u16;
        if x + cells + 1 > end {
            break;
        }
        x = hint(canvas, x, &key, word);
    }
}
