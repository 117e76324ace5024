//! What is expected to be ordered, week by week, with ranges.

use super::super::place::{Goal, Place};
use super::super::table::Row;
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::table::{Cell, Column, Look, left, right};
use super::super::words;
use crate::engine::api::ExpectedRow;

impl Row for ExpectedRow {
    fn key(&self) -> String {
        let sku = self.week.sku.as_ref().map_or("", |sku| sku.as_str());
        format!("{} {sku} {}", self.week.supplier, self.week.from)
    }
    fn target(&self) -> Target {
        let week = &self.week;
        let goal = match &week.sku {
            Some(sku) => Goal::to(Place::Sku(sku.clone())),
            None => Goal {
                place: Place::ExpectedSkus,
                filter: format!("supplier:\"{}\" week:{}", week.supplier, week.from),
            },
        };
        Target {
            key: self.key(),
            sku: week.sku.clone(),
            goal: Some(goal),
            saw: format!(
                "{} expected of {} in the week of {}",
                words::rough(week.units.mean),
                self.key(),
                week.from
            ),
            ..Target::default()
        }
    }
}

/// `120–310`, or a dash where nothing is expected.
fn span(low: &str, high: &str, look: &Look<'_>) -> Cell {
    let dash = if words::ascii(look.glyphs) { "-" } else { "–" };
    (format!("{low}{dash}{high}"), Role::Muted)
}

fn value(row: &ExpectedRow, look: &Look<'_>) -> Cell {
    match row.week.value {
        Some([mean, ..]) => (words::value(mean, look.glyphs), Role::Text),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }
}

fn values(row: &ExpectedRow, look: &Look<'_>) -> Cell {
    match row.week.value {
        Some([_, low, high]) => {
            span(&words::value(low, look.glyphs), &words::value(high, look.glyphs), look)
        }
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }
}

/// The columns.
pub const COLUMNS: &[Column<ExpectedRow>] = &[
    left("supplier", "supplier", (9, 22), 100, |row, _| {
        let name = &row.supplier_name;
        let known = if name.is_empty() { row.week.supplier.as_str() } else { name };
        (known.to_owned(), Role::Muted)
    }),
    left("sku", "SKU", (8, 16), 95, |row, _| match &row.week.sku {
        Some(sku) => (sku.to_string(), Role::Text),
        None => ("all".into(), Role::Muted),
    }),
    left("", "name", (10, 36), 50, |row, _| (row.name.to_string(), Role::Text)),
    left("week", "week of", (9, 10), 99, |row, _| (words::date(row.week.from), Role::Text)),
    right("units", "units", 7, 98, |row, _| (words::rough(row.week.units.mean), Role::Text)),
    right("", "8 in 10", 11, 97, |row, look| {
        let units = row.week.units;
        span(&words::rough(units.low), &words::rough(units.high), look)
    }),
    right("", "value", 9, 90, value),
    right("", "8 in 10", 16, 85, values),
];
