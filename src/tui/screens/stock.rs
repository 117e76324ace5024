//! The stock table: one row per SKU and site.

use super::super::freshness::Freshness;
use super::super::table::Row;
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::sparkline::{spark, squeeze};
use super::super::widgets::table::{Cell, Column, Look, left, right};
use super::super::words;
use crate::domain::StockSource;
use crate::engine::api::StockRow;

impl Row for StockRow {
    fn key(&self) -> String {
        format!("{}@{}", self.sku, self.site)
    }
    fn target(&self) -> Target {
        Target::from(self)
    }
}

/// Days of cover with a sign when they are few: the word and glyph come before the colour.
pub fn cover(row: &StockRow, look: &Look<'_>) -> Cell {
    cover_of(row, row.days_of_cover, look)
}

/// The same by what is expected a day, where there is a forecast of it.
pub fn cover_ahead(row: &StockRow, expected: Option<f32>, look: &Look<'_>) -> Cell {
    let days = match (row.available, expected) {
        (Some(available), Some(daily)) if daily > 0.0 => {
            Some((available.to_f64() as f32 / daily).max(0.0))
        }
        _ => row.days_of_cover,
    };
    cover_of(row, days, look)
}

fn cover_of(row: &StockRow, days: Option<f32>, look: &Look<'_>) -> Cell {
    match days {
        Some(days) if days <= 0.0 => ("out".into(), Role::Critical),
        Some(days) if days < 3.0 => (format!("{}!", words::days(days)), Role::Bad),
        Some(days) if days < 7.0 => (words::days(days), Role::Warn),
        Some(days) => (words::days(days), Role::Text),
        None if row.on_hand.is_none() => ("unknown".into(), Role::Muted),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }
}

/// How fresh a position is: as fresh as the feed that told it; a count by hand does not age.
pub fn fresh(row: &StockRow, look: &Look<'_>) -> Freshness {
    match &row.as_of {
        Some((_, StockSource::Feed(feed))) => look.fresh(feed),
        _ => Freshness::Live,
    }
}

/// Available units: on-hand less promised; with its age where its source is late.
pub fn available(row: &StockRow, look: &Look<'_>) -> Cell {
    let role = match row.available {
        Some(qty) if qty.is_negative() => Role::Critical,
        Some(qty) if qty.is_zero() => Role::Bad,
        Some(_) => Role::Text,
        None => Role::Muted,
    };
    let figure = words::known(row.available, look.glyphs);
    (fresh(row, look).beside(&figure, look.glyphs), role)
}

/// What of it lies idle, and what that has cost.
fn idle(row: &StockRow, _: &Look<'_>) -> Cell {
    let text = row.idle.map(|idle| {
        let value = idle.value.map_or(String::new(), |value| format!(", {value}"));
        format!("{} {}{value}", words::qty(idle.units), idle.idle.name())
    });
    (text.unwrap_or_default(), Role::Muted)
}

/// How old the figure is, and who says so.
pub fn as_of(row: &StockRow, look: &Look<'_>) -> Cell {
    match &row.as_of {
        Some((at, StockSource::Count)) => {
            (format!("counted {} ago", look.now.since(*at)), Role::Muted)
        }
        Some((at, StockSource::Feed(feed))) => {
            (format!("{feed} {} ago", look.now.since(*at)), Role::Muted)
        }
        None => ("nobody has said".into(), Role::Muted),
    }
}

/// The columns.
pub const COLUMNS: &[Column<StockRow>] = &[
    left("sku", "SKU", (8, 16), 100, |row, _| (row.sku.to_string(), Role::Text)),
    left("site", "site", (7, 12), 95, |row, _| (row.site.to_string(), Role::Text)),
    left("name", "name", (11, 40), 60, |row, _| (row.name.to_string(), Role::Text)),
    right("on_hand", "have", 6, 70, |row, look| {
        (words::known(row.on_hand, look.glyphs), Role::Muted)
    }),
    right("committed", "promised", 8, 45, |row, _| (words::qty(row.committed), Role::Muted)),
    right("available", "available", 9, 85, available),
    right("on_order", "coming", 6, 65, |row, _| (words::qty(row.on_order), Role::Text)),
    right("daily", "a day", 6, 50, |row, _| (words::rough(f64::from(row.daily)), Role::Text)),
    Column { largest_first: false, ..right("cover", "days left", 9, 90, cover) },
    Column {
        largest_first: false,
        most: 28,
        ..right("", "28 days", 7, 57, |row, look| {
            let cells = usize::from(look.cells.min(28));
            (spark(&squeeze(&row.spark, cells), cells, look.glyphs), Role::Chart)
        })
    },
    right("idle_value", "lies idle", 18, 28, idle),
    left("category", "category", (10, 18), 30, |row, _| {
        (row.category.as_ref().map(ToString::to_string).unwrap_or_default(), Role::Muted)
    }),
    left("supplier", "supplier", (8, 18), 25, |row, _| {
        (row.supplier.as_ref().map(ToString::to_string).unwrap_or_default(), Role::Muted)
    }),
    left("", "figure of", (15, 20), 20, as_of),
    left("", "", (6, 6), 15, |row, _| {
        (if row.pinned { "pinned".into() } else { String::new() }, Role::Accent)
    }),
];
