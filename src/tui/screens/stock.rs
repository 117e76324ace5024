//! The stock table: one row per SKU and site.

use super::super::freshness::Freshness;
use super::super::table::Row;
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::sparkline::{spark, squeeze};
use super::super::widgets::table::{Cell, Column, Look};
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

const fn right(name: &'static str, title: &'static str, least: u16, keep: u8) -> Column<StockRow> {
    Column {
        name,
        largest_first: true,
        title,
        least,
        most: least + 3,
        right: true,
        keep,
        cell: |_, _| (String::new(), Role::Text),
    }
}

/// The columns.
pub const COLUMNS: &[Column<StockRow>] = &[
    Column {
        name: "sku",
        largest_first: false,
        title: "SKU",
        least: 8,
        most: 16,
        right: false,
        keep: 100,
        cell: |row, _| (row.sku.to_string(), Role::Text),
    },
    Column {
        name: "site",
        largest_first: false,
        title: "site",
        least: 7,
        most: 12,
        right: false,
        keep: 95,
        cell: |row, _| (row.site.to_string(), Role::Text),
    },
    Column {
        name: "name",
        largest_first: false,
        title: "name",
        least: 11,
        most: 40,
        right: false,
        keep: 60,
        cell: |row, _| (row.name.to_string(), Role::Text),
    },
    Column {
        cell: |row, look| (words::known(row.on_hand, look.glyphs), Role::Muted),
        ..right("on_hand", "have", 6, 70)
    },
    Column {
        cell: |row, _| (words::qty(row.committed), Role::Muted),
        ..right("committed", "promised", 8, 45)
    },
    Column { cell: available, ..right("available", "available", 9, 85) },
    Column {
        cell: |row, _| (words::qty(row.on_order), Role::Text),
        ..right("on_order", "coming", 6, 65)
    },
    Column {
        cell: |row, _| (words::rough(f64::from(row.daily)), Role::Text),
        ..right("daily", "a day", 6, 50)
    },
    Column { largest_first: false, cell: cover, ..right("cover", "days left", 9, 90) },
    Column {
        name: "",
        largest_first: false,
        title: "28 days",
        least: 7,
        most: 28,
        right: true,
        keep: 57,
        cell: |row, look| {
            let cells = usize::from(look.cells.min(28));
            (spark(&squeeze(&row.spark, cells), cells, look.glyphs), Role::Chart)
        },
    },
    Column { cell: idle, ..right("idle_value", "lies idle", 18, 28) },
    Column {
        name: "category",
        largest_first: false,
        title: "category",
        least: 10,
        most: 18,
        right: false,
        keep: 30,
        cell: |row, _| {
            (row.category.as_ref().map(ToString::to_string).unwrap_or_default(), Role::Muted)
        },
    },
    Column {
        name: "supplier",
        largest_first: false,
        title: "supplier",
        least: 8,
        most: 18,
        right: false,
        keep: 25,
        cell: |row, _| {
            (row.supplier.as_ref().map(ToString::to_string).unwrap_or_default(), Role::Muted)
        },
    },
    Column {
        name: "",
        largest_first: false,
        title: "figure of",
        least: 15,
        most: 20,
        right: false,
        keep: 20,
        cell: as_of,
    },
    Column {
        name: "",
        largest_first: false,
        title: "",
        least: 6,
        most: 6,
        right: false,
        keep: 15,
        cell: |row, _| (if row.pinned { "pinned".into() } else { String::new() }, Role::Accent),
    },
];
