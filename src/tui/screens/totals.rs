//! The table of totals: what a category, a site or a supplier's goods sell over the days to come.

use super::super::place::{Goal, Place};
use super::super::table::Row;
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::table::{Column, left, right};
use super::super::words;
use crate::engine::api::{GroupBy, TotalRow};

impl Row for TotalRow {
    fn key(&self) -> String {
        self.name.as_deref().unwrap_or_default().to_owned()
    }
    fn target(&self) -> Target {
        let name = called(self);
        Target {
            goal: parts(self),
            saw: format!(
                "{} {name}: {} SKU-sites, 28 d {:.0} expected (90 %: {:.0})",
                self.by.word(),
                self.parts,
                self.expected(),
                self.high
            ),
            key: name,
            ..Target::default()
        }
    }
}

/// What a group is called.
pub fn called(row: &TotalRow) -> String {
    row.name.as_ref().map_or_else(|| format!("no {}", row.by.word()), ToString::to_string)
}

/// The forecasts that are added up. A name that cannot be written in a filter leads nowhere.
fn parts(row: &TotalRow) -> Option<Goal> {
    let filter = match &row.name {
        Some(name) if name.contains('"') => return None,
        Some(name) => format!("{}:\"{name}\"", row.by.word()),
        None => format!("is:no-{}", row.by.word()),
    };
    Some(Goal { place: Place::Forecast, filter })
}

/// What stands in the empty table.
pub fn empty(by: GroupBy) -> String {
    format!("No forecast yet that could be added up by {}.", by.word())
}

fn units(quantity: f32) -> String {
    words::rough(f64::from(quantity))
}

/// The columns.
pub const COLUMNS: &[Column<TotalRow>] = &[
    left("name", "group", (14, 40), 100, |row, _| {
        let role = if row.name.is_some() { Role::Text } else { Role::Muted };
        (called(row), role)
    }),
    right("parts", "SKU-sites", 9, 85, |row, _| (words::count(row.parts.into()), Role::Muted)),
    right("sold", "sold 28 d", 9, 70, |row, _| (units(row.sold), Role::Text)),
    right("expected", "28d mean", 8, 95, |row, look| {
        // Some of its parts are still those of an earlier day.
        let old = if row.old > 0 { look.glyphs.delayed } else { "" };
        (format!("{old}{}", units(row.expected())), Role::Text)
    }),
    right("median", "5 in 10", 7, 65, |row, _| (units(row.median), Role::Text)),
    right("high", "9 in 10", 7, 90, |row, _| (units(row.high), Role::Text)),
    right("", "parts' 9 in 10", 14, 40, |row, _| (units(row.parts_high), Role::Muted)),
    right("daily", "a day", 6, 60, |row, _| (units(row.daily), Role::Text)),
    right("run_out", "run out", 7, 80, |row, _| {
        let role = if row.run_out > 0 { Role::Warn } else { Role::Text };
        (words::count(row.run_out.into()), role)
    }),
    right("together", "correlation", 11, 30, |row, look| match row.together {
        Some(together) => (format!("{together:.2}"), Role::Muted),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }),
];
