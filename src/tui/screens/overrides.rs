//! Overrides of the forecast: what stands beside a forecast that people changed, and a SKU's list.

use super::super::canvas::Canvas;
use super::super::theme::{Glyphs, Role};
use super::super::words;
use super::Scene;
use super::forecast::{chance, units};
use crate::domain::Day;
use crate::engine::api::{Figures, Overridden, OverrideRow, SkuDetail};
use crate::insight::forecast::{Stage, ValueAdded};

/// From this width on an override has a line of the list for itself.
const ONE_LINE: u16 = 60;

/// Lines of an override in the list.
const fn lines_of(width: u16) -> u16 {
    if width < ONE_LINE { 2 } else { 1 }
}

/// Lines of the list: its head, its overrides, and one that sets it off.
pub fn list_lines(detail: &SkuDetail, width: u16, room: u16) -> u16 {
    match detail.overrides.len() {
        0 => 0,
        n => {
            let all = u16::try_from(n).unwrap_or(u16::MAX).saturating_mul(lines_of(width));
            let most = (room / 3).max(1 + lines_of(width));
            all.saturating_add(2).min(most).min(room)
        }
    }
}

/// The overrides of a SKU: what counts or will first, then what is over and what it was worth.
pub fn list(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &SkuDetail) {
    let (end, lines) = (canvas.width().saturating_sub(1), lines_of(canvas.width()));
    let (all, fit) =
        (detail.overrides.len(), usize::from(canvas.height().saturating_sub(1) / lines));
    let head = if fit < all { format!("{fit} of {all}") } else { String::new() };
    canvas.head(1, 0, "OVERRIDES", &head);
    let today = scene.state.now.day(&scene.state.zone);
    let mut rows: Vec<&OverrideRow> = detail.overrides.iter().collect();
    let rank = |row: &OverrideRow| match row.stage {
        Stage::InForce => 0,
        Stage::Planned => 1,
        Stage::Over => 2,
        Stage::Withdrawn => 3,
    };
    rows.sort_by_key(|row| rank(row));
    for (y, row) in (1..canvas.height()).step_by(usize::from(lines)).zip(rows).take(fit) {
        let site = row.site.as_ref().map_or("all sites", |site| site.as_str());
        let period = period(row.from, row.last.max(row.from), today, scene.glyphs());
        let (mut text, whose) =
            (format!("{period} {}", row.expects), format!("{site}, {}: {}", row.who, row.reason));
        let role = if row.stage == Stage::Withdrawn { Role::Muted } else { Role::Text };
        match lines {
            1 => text = format!("{text} {whose}"),
            _ => {
                canvas.text(5, y + 1, end.saturating_sub(5), &whose, role);
            }
        }
        // What it is comes before the figures of what it was worth.
        let roomy = usize::from(end) >= words::width(&text) + words::width(&stage(row, true).0) + 5;
        let (how, how_role) = stage(row, roomy);
        let x = end.saturating_sub(u16::try_from(words::width(&how)).unwrap_or(end));
        canvas.right(end, y, end, &how, how_role);
        canvas.text(3, y, x.saturating_sub(5), &text, role);
    }
}

/// How far an override has come; when it is over, whether it came nearer to what was sold.
fn stage(row: &OverrideRow, roomy: bool) -> (String, Role) {
    let Some(value) = &row.value else {
        return match row.stage {
            Stage::InForce => ("in force".into(), Role::Accent),
            other => (other.word().into(), Role::Muted),
        };
    };
    let (worth, role) = worth(value);
    let sold = format!(
        "{worth}: sold {}, model {}, with it {}",
        units(value.sold),
        units(value.model),
        units(value.person)
    );
    (if roomy { sold } else { worth }, role)
}

/// `18 nearer`, `7 farther off`: by how many units an override came nearer than the model.
fn worth(value: &ValueAdded) -> (String, Role) {
    match value.units() {
        by if by >= 0.05 => (format!("{} nearer", units(by)), Role::Good),
        by if by <= -0.05 => (format!("{} farther off", units(-by)), Role::Warn),
        _ => ("as near".into(), Role::Muted),
    }
}

/// `27 Nov – 3 Dec`.
fn period(from: Day, to: Day, today: Day, glyphs: &Glyphs) -> String {
    match from == to {
        true => words::date_seen(to, today),
        false => format!("{} {} {}", words::date(from), glyphs.dash, words::date_seen(to, today)),
    }
}

/// What a person reads of the overrides in a forecast: what, until when, who, why.
pub fn said(changed: &Overridden, today: Day, glyphs: &Glyphs) -> String {
    let Some((first, more)) = changed.by.split_first() else { return String::new() };
    let period = period(first.from, first.until, today, glyphs);
    let more = match more.len() {
        0 => String::new(),
        n => format!(" (and {n} more)"),
    };
    format!("{} {period}, {}: {}{more}", first.expects, first.who, first.reason)
}

/// What the model says by itself, in words.
pub fn own(own: &Figures, roomy: bool) -> String {
    let total = format!("28 d {} (9 in 10: {})", units(own.expected()), units(own.high));
    match own.lasts.as_ref().filter(|_| roomy) {
        None => total,
        Some(lasts) => {
            let out = lasts
                .until
                .map_or("lasts 28 d".to_owned(), |day| format!("out {}", words::date(day)));
            format!("{total}, {out}, {} out within 28 d", chance(lasts.risk))
        }
    }
}

/// The line below a chart: who changed the forecast and why, and what the model says by itself.
pub fn line(canvas: &mut Canvas<'_>, scene: &Scene<'_>, y: u16, changed: &Overridden) {
    let width = canvas.width();
    let glyphs = scene.glyphs();
    let today = scene.state.now.day(&scene.state.zone);
    let own = format!("model {} {}", glyphs.rule, own(&changed.own, width >= 120));
    let cells = u16::try_from(words::width(&own)).unwrap_or(width);
    canvas.right(width.saturating_sub(1), y, cells, &own, Role::Muted);
    let room = width.saturating_sub(cells + 4);
    canvas.text(1, y, room, &said(changed, today, glyphs), Role::Accent);
}
