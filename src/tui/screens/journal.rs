//! The journal: what people decided, newest first.

use super::super::canvas::Canvas;
use super::super::table::{Row, Table};
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::table::{self, Cell, Column};
use super::super::words;
use super::Scene;
use crate::domain::Decision;
use crate::engine::api::JournalRow;

impl Row for JournalRow {
    fn key(&self) -> String {
        self.entry.seq.to_string()
    }
    fn target(&self) -> Target {
        Target::from(self)
    }
}

/// What was decided, in words, with what it undoes or was undone by.
pub fn summary(row: &JournalRow) -> String {
    let text = match &row.entry.decision {
        Decision::Note { subject, text } => format!("{subject}: {text}"),
        other => other.summary(),
    };
    match (row.entry.undoes, row.undone_by) {
        (Some(seq), _) => format!("{text} (undoes {seq})"),
        (_, Some(seq)) => format!("{text} (undone by {seq})"),
        _ => text,
    }
}

/// Draws the table and, below it, the selected entry: all of it, what the person saw, from where.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, rows: &Table<JournalRow>) {
    let below = super::detail_lines(scene.state.size.1);
    let (width, height) = (canvas.width(), canvas.height());
    let upper = height.saturating_sub(below);
    let empty = "Nobody has decided anything yet. n on an order or SKU writes a note.";
    table::draw(&mut canvas.part(0, 0, width, upper), rows, COLUMNS, &scene.look(), empty);
    let Some(row) = rows.selected().filter(|_| below > 0) else { return };
    let mut canvas = canvas.part(0, upper, width, below);
    canvas.rule(0);
    let entry = &row.entry;
    let when = words::exact(entry.at, &scene.state.zone);
    let who = format!(" {} {}, {}, {when} ", entry.seq, entry.actor.user, entry.actor.from);
    canvas.line(2, 0, &who, Role::Title);
    let what = format!("{} {}", entry.decision.verb(), summary(row));
    let saw = if entry.saw.is_empty() { String::new() } else { format!("saw {}", entry.saw) };
    let mut y = 1;
    for (text, role) in [(what, Role::Text), (saw, Role::Muted)] {
        for line in words::wrap(&text, usize::from(width.saturating_sub(4))) {
            canvas.line(3, y, &line, role);
            y += 1;
        }
    }
}

fn verb(row: &JournalRow) -> Cell {
    let role = if row.undone_by.is_some() { Role::Muted } else { Role::Accent };
    (row.entry.decision.verb().to_owned(), role)
}

/// The columns.
pub const COLUMNS: &[Column<JournalRow>] = &[
    Column {
        name: "seq",
        largest_first: true,
        title: "entry",
        least: 6,
        good: 6,
        most: 8,
        right: true,
        keep: 95,
        cell: |row, _| (words::count(row.entry.seq), Role::Text),
    },
    Column {
        name: "at",
        largest_first: true,
        title: "when",
        least: 12,
        good: 12,
        most: 12,
        right: true,
        keep: 80,
        cell: |row, look| (words::stamp(row.entry.at, look.now, look.zone), Role::Muted),
    },
    Column {
        name: "user",
        largest_first: false,
        title: "who",
        least: 8,
        good: 8,
        most: 12,
        right: false,
        keep: 85,
        cell: |row, _| (row.entry.actor.user.to_string(), Role::Text),
    },
    Column {
        name: "verb",
        largest_first: false,
        title: "did",
        least: 11,
        good: 11,
        most: 13,
        right: false,
        keep: 90,
        cell: |row, _| verb(row),
    },
    Column {
        name: "",
        largest_first: false,
        title: "what",
        least: 30,
        good: 30,
        most: 110,
        right: false,
        keep: 100,
        cell: |row, _| {
            let role = if row.undone_by.is_some() { Role::Muted } else { Role::Text };
            (summary(row), role)
        },
    },
    Column {
        name: "",
        largest_first: false,
        title: "saw",
        least: 60,
        good: 60,
        most: 100,
        right: false,
        keep: 20,
        cell: |row, _| (row.entry.saw.clone(), Role::Muted),
    },
    Column {
        name: "",
        largest_first: false,
        title: "from",
        least: 16,
        good: 24,
        most: 30,
        right: false,
        keep: 10,
        cell: |row, _| (row.entry.actor.from.to_string(), Role::Muted),
    },
];
