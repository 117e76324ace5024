//! The table of purchase orders: how far each has come, what it is worth, what it waits for.

use super::super::canvas::Canvas;
use super::super::place::{Goal, Place};
use super::super::table::{Row, Table};
use super::super::target::Target;
use super::super::theme::{Glyphs, Role};
use super::super::widgets::table::{self, Cell, Column, left, right};
use super::super::words;
use super::Scene;
use crate::domain::{BuyingState, Day, Total};
use crate::engine::api::PurchaseRow;

impl Row for PurchaseRow {
    fn key(&self) -> String {
        named(self)
    }
    fn target(&self) -> Target {
        Target::from(self)
    }
}

/// `PO-000012`, or `draft to HARG for LEEDS`.
pub fn named(row: &PurchaseRow) -> String {
    match &row.number {
        Some(number) => number.to_string(),
        None => format!("draft to {} for {}", row.supplier, row.site),
    }
}

/// Where an order is shown.
fn place(row: &PurchaseRow) -> Place {
    match &row.number {
        Some(number) => Place::Purchase(number.clone()),
        None => Place::Draft(row.supplier.clone(), row.site.clone()),
    }
}

impl From<&PurchaseRow> for Target {
    fn from(row: &PurchaseRow) -> Target {
        let due = row.due.map_or(String::new(), |due| format!(", due {due}"));
        let note = row.note.as_ref().map_or(String::new(), |note| format!("; {note}"));
        Target {
            key: named(row),
            site: Some(row.site.clone()),
            goal: Some(Goal::to(place(row))),
            saw: format!(
                "{} {}, to {} for {}, {} lines, {} of {} units arrived, {}{due}{note}",
                named(row),
                row.state.word(),
                row.supplier,
                row.site,
                row.lines,
                row.arrived,
                row.units,
                row.total
            ),
            ..Target::default()
        }
    }
}

/// How far it has come, and how bad that is.
pub fn state(row: &PurchaseRow) -> Cell {
    let role = match row.state {
        _ if row.unsent => return ("not sent".into(), Role::Bad),
        _ if row.trouble => Role::Bad,
        BuyingState::Draft if !row.unsigned.is_empty() => {
            return ("to be signed".into(), Role::Warn);
        }
        BuyingState::Draft => Role::Accent,
        BuyingState::Approved => Role::Warn,
        BuyingState::Sent | BuyingState::Acknowledged | BuyingState::PartlyReceived => Role::Text,
        BuyingState::Received => Role::Good,
        BuyingState::Closed | BuyingState::Cancelled => Role::Muted,
    };
    (row.state.word().to_owned(), role)
}

/// `£ 1,234`, or why there is no sum.
pub fn worth(total: &Total, glyphs: &Glyphs) -> Cell {
    match (total.exact(), total.known.len()) {
        (Some(money), _) => (words::value(money, glyphs), Role::Text),
        (None, 0) => ("no cost".into(), Role::Warn),
        (None, 1) => ("in part".into(), Role::Warn),
        (None, _) => ("mixed".into(), Role::Warn),
    }
}

/// `96 of 480`: what has arrived of what was ordered.
pub fn units(row: &PurchaseRow) -> Cell {
    match row.arrived.is_zero() {
        true => (words::qty(row.units), Role::Text),
        false => (format!("{} of {}", words::qty(row.arrived), words::qty(row.units)), Role::Text),
    }
}

/// The day on which it is due, or how long it is overdue.
pub fn due(row: &PurchaseRow, today: Day, glyphs: &Glyphs) -> Cell {
    match row.due {
        Some(due) if row.late => (format!("{} d late", today.number() - due.number()), Role::Bad),
        Some(due) => (words::date(due), Role::Text),
        None => (glyphs.dash.to_owned(), Role::Muted),
    }
}

/// What it waits for, in a phrase.
pub fn waits(row: &PurchaseRow) -> Cell {
    match &row.note {
        Some(note) if row.trouble => (note.to_string(), Role::Bad),
        Some(note) => (note.to_string(), Role::Warn),
        None if row.late => ("goods that were due".into(), Role::Warn),
        None if row.state.is_open() => ("goods".into(), Role::Muted),
        None => (String::new(), Role::Muted),
    }
}

/// Lines below a table that has no pane beside it: what the selected order waits for, whole.
pub const BELOW: u16 = 3;

/// Draws the table and, where there is no pane beside it, what the selected order waits for.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, rows: &Table<PurchaseRow>) {
    let empty = "No purchase order yet. 8 lists what is proposed to be ordered; what you approve there \
                 comes here.";
    let (width, height) = (canvas.width(), canvas.height());
    let upper = u16::try_from(rows.height).unwrap_or(u16::MAX).saturating_add(1).min(height);
    table::draw(&mut canvas.part(0, 0, width, upper), rows, COLUMNS, &scene.look(), empty);
    let Some(row) = rows.selected().filter(|_| height >= upper + BELOW) else { return };
    let mut canvas = canvas.part(0, upper, width, BELOW);
    canvas.rule(0);
    let mut title = format!(" {}", named(row));
    if row.number.is_some() {
        title.push_str(&format!(" to {} for {}", row.supplier, row.site));
    }
    match &*row.supplier_name {
        "" => title.push(' '),
        name => title.push_str(&format!(", {name} ")),
    }
    canvas.line(2, 0, &title, Role::Title);
    let (text, role) = waits(row);
    let text = match text.as_str() {
        "" => "waits for nothing".to_owned(),
        _ if row.trouble => text,
        _ => format!("waits: {text}"),
    };
    let lines = words::wrap(&text, usize::from(width.saturating_sub(4)));
    for (y, line) in (1..BELOW).zip(&lines) {
        canvas.line(3, y, line, role);
    }
}

/// The columns.
pub const COLUMNS: &[Column<PurchaseRow>] = &[
    left("po", "order", (9, 14), 100, |row, _| match &row.number {
        Some(number) => (number.to_string(), Role::Text),
        None => ("draft".into(), Role::Accent),
    }),
    left("state", "state", (15, 15), 98, |row, _| state(row)),
    Column {
        good: 18,
        ..left("supplier", "supplier", (9, 30), 95, |row, _| {
            let name = &row.supplier_name;
            let known = if name.is_empty() { row.supplier.as_str() } else { name };
            (known.to_owned(), Role::Muted)
        })
    },
    left("site", "site", (7, 12), 60, |row, _| (row.site.to_string(), Role::Text)),
    right("", "lines", 5, 28, |row, _| (words::count(row.lines.into()), Role::Muted)),
    right("units", "units", 11, 90, |row, _| units(row)),
    right("", "value", 9, 92, |row, look| worth(&row.total, look.glyphs)),
    left("at", "placed", (6, 12), 29, |row, look| {
        (words::brief(row.at, look.now, look.zone).trim().to_owned(), Role::Muted)
    }),
    left("due", "due", (9, 10), 94, |row, look| due(row, look.now.day(look.zone), look.glyphs)),
    left("", "waits for", (16, 70), 40, |row, _| waits(row)),
];
