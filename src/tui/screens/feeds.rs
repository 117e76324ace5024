//! Feeds: what each is doing, how fresh it is, what went wrong.

use super::super::canvas::Canvas;
use super::super::freshness::{badge, coarse};
use super::super::target::Target;
use super::super::theme::Role;
use super::super::words;
use super::{Item, Scene};
use crate::domain::Span;
use crate::engine::api::StoreKind;
use crate::feed::{FeedState, FeedStatus};

/// A feed is selected as such.
pub fn items(feeds: &[FeedStatus]) -> Vec<Item> {
    feeds.iter().map(|feed| Item { section: 0, target: Target::from(feed) }).collect()
}

/// Draws all feeds, up to four lines each where there is room.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>) {
    let state = scene.state;
    let (width, height) = (canvas.width(), canvas.height());
    if state.pulse.feeds.is_empty() {
        let left_out = state.status.as_ref().is_some_and(|status| status.feeds_left_out);
        let text = match state.status.as_ref().map(|status| (status.following, status.kind)) {
            _ if !state.pulse.known => "Loading",
            None | Some((false, _)) => "Starting.",
            Some((_, StoreKind::Replay)) => {
                "A replay store follows no feed: `stockdeck replay FILE` plays past orders here."
            }
            _ if left_out => {
                "No feed is followed: this store was opened without those of the configuration. \
                 Add --config FILE to follow them here."
            }
            _ => "No feed is configured. `stockdeck config init` writes an example.",
        };
        canvas.line(1, 0, text, Role::Muted);
        return;
    }
    canvas.highlight(0, Role::Header);
    let wide = width >= 100;
    let columns = columns(width);
    canvas.line(3, 0, "feed", Role::Header);
    canvas.line(columns.state, 0, "state", Role::Header);
    for (end, title) in [
        (columns.rate, "an hour"),
        (columns.records, "records"),
        (columns.errors, "errors"),
        (columns.rejected, "quarantined"),
    ] {
        canvas.right(end, 0, 11, title, Role::Header);
    }
    if wide {
        canvas.line(columns.rejected + 3, 0, "newest record", Role::Header);
    }
    let feeds = &state.pulse.feeds;
    let room = usize::from(height.saturating_sub(1)) / feeds.len();
    let each = u16::try_from(room.min(4)).unwrap_or(1).max(1);
    let fit = usize::from(height.saturating_sub(1)) / usize::from(each);
    let top = super::window(feeds.len(), fit, scene.cursor);
    for (row, (index, feed)) in feeds.iter().enumerate().skip(top).take(fit).enumerate() {
        let y = 1 + u16::try_from(row).unwrap_or(0) * each;
        line(canvas, scene, feed, y, &columns);
        if scene.is_at(index) {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, scene.glyphs().select, Role::Selected);
        }
        if each > 1 {
            let (text, role) = explanation(scene, feed);
            let lines = words::wrap(&text, usize::from(width.saturating_sub(6)));
            for (below, line) in (1..each).zip(&lines) {
                canvas.line(5, y + below, line, role);
            }
        }
    }
}

struct Columns {
    state: u16,
    rate: u16,
    records: u16,
    errors: u16,
    rejected: u16,
}

fn columns(width: u16) -> Columns {
    let state = if width >= 60 { 21 } else { 12 };
    let spread = if width >= 140 { 16 } else { 12 };
    let rate = (state + 22).max(width / 4 + 8).min(60);
    Columns {
        state,
        rate,
        records: rate + spread,
        errors: rate + spread + 9,
        rejected: rate + spread + 22,
    }
}

fn line(canvas: &mut Canvas<'_>, scene: &Scene<'_>, feed: &FeedStatus, y: u16, columns: &Columns) {
    let state = scene.state;
    let (glyph, words, role) = badge(feed, state.pulse.told, state.wall, scene.glyphs());
    canvas.text(3, y, columns.state - 4, feed.id.as_str(), Role::Text);
    let room = columns.rate.saturating_sub(columns.state + 9);
    canvas.text(columns.state, y, room, &format!("{glyph} {words}"), role);
    let number = |n: u64, bad: Role| (words::count(n), if n > 0 { bad } else { Role::Muted });
    for (end, (text, role)) in [
        (columns.rate, (words::count(feed.per_hour), Role::Text)),
        (columns.records, (words::count(feed.records), Role::Text)),
        (columns.errors, number(feed.errors, Role::Warn)),
        (columns.rejected, number(feed.rejected, Role::Bad)),
    ] {
        canvas.right(end, y, 11, &text, role);
    }
    let Some(newest) = feed.newest.filter(|_| canvas.width() >= 100) else { return };
    let lag = state.now.since(newest);
    let lag = if lag < Span::minutes(1) {
        "just now".to_owned()
    } else {
        format!("{} ago, {}", coarse(lag), words::stamp(newest, state.now, &state.zone).trim())
    };
    canvas.line(columns.rejected + 3, y, &lag, Role::Muted);
}

/// Why a feed is in its state and when it tries again, or what kind it is and how far behind.
fn explanation(scene: &Scene<'_>, feed: &FeedStatus) -> (String, Role) {
    let expected = Span::seconds(i64::try_from(feed.expected_every_s).unwrap_or(i64::MAX / 1_000));
    let lag = feed.newest.map(|newest| coarse(scene.state.now.since(newest)));
    let lag = lag.map(|lag| format!(", newest record {lag} old")).unwrap_or_default();
    let usual = format!("{}, usually heard every {expected}{lag}", feed.kind);
    let next = next_try(feed, scene);
    match (&feed.state, &feed.last_error) {
        (FeedState::Failed { reason }, _) => (format!("{next}{reason}"), Role::Bad),
        (FeedState::Open { reason, .. }, _) => (format!("{next}{reason}; {usual}"), Role::Bad),
        (FeedState::Retrying { reason, .. }, _) => (format!("{next}{reason}; {usual}"), Role::Warn),
        (_, Some(error)) => (format!("{usual}; last error, overcome: {error}"), Role::Muted),
        _ => (usual, Role::Muted),
    }
}

/// When a feed in trouble tries again, by the clock on the wall, so that the line stands still.
fn next_try(feed: &FeedStatus, scene: &Scene<'_>) -> String {
    let Some(ms) = feed.next_try_in_ms.and_then(|ms| i64::try_from(ms).ok()) else {
        return String::new();
    };
    let at = (scene.state.pulse.told + Span::millis(ms)).civil(&scene.state.zone);
    format!("next try {:02}:{:02}:{:02}: ", at.hour(), at.minute(), at.second())
}
