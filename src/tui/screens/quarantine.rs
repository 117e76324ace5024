//! What could not be understood: where, why, and what it looked like.

use super::super::canvas::Canvas;
use super::super::table::{Row, Table};
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::table::{self, Column};
use super::super::words;
use super::Scene;
use crate::engine::api::QuarantineRow;

impl Row for QuarantineRow {
    fn key(&self) -> String {
        self.seq.to_string()
    }
    fn target(&self) -> Target {
        Target::from(self)
    }
}

/// Draws the table and, below it, the selected record.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, rows: &Table<QuarantineRow>) {
    let below = super::detail_lines(scene.state.size.1);
    let (width, height) = (canvas.width(), canvas.height());
    let upper = height.saturating_sub(below);
    let empty = "Nothing is quarantined: every record so far was understood.";
    table::draw(&mut canvas.part(0, 0, width, upper), rows, COLUMNS, &scene.look(), empty);
    let Some(row) = rows.selected().filter(|_| below > 0) else { return };
    let mut canvas = canvas.part(0, upper, width, below);
    canvas.rule(0);
    let title = format!(" {} from {} ", row.seq, row.feed);
    canvas.line(2, 0, &title, Role::Title);
    let last = below.saturating_sub(1);
    let mut y = 1;
    for (text, role) in parts(row) {
        for line in words::wrap(text, usize::from(width.saturating_sub(4))) {
            if y == last {
                canvas.line(3, y, "Enter shows all of it", Role::Hint);
                return;
            }
            canvas.line(3, y, &line, role);
            y += 1;
        }
    }
}

/// Why, where, and what it looked like.
fn parts(row: &QuarantineRow) -> [(&str, Role); 3] {
    let reject = &row.reject;
    [(&reject.reason, Role::Bad), (&reject.place, Role::Text), (&reject.excerpt, Role::Muted)]
}

/// The columns.
pub const COLUMNS: &[Column<QuarantineRow>] = &[
    Column {
        name: "seq",
        largest_first: true,
        title: "no",
        least: 6,
        good: 6,
        most: 8,
        right: true,
        keep: 90,
        cell: |row, _| (words::count(row.seq), Role::Text),
    },
    Column {
        name: "at",
        largest_first: true,
        title: "when",
        least: 12,
        good: 12,
        most: 12,
        right: true,
        keep: 70,
        cell: |row, look| (words::stamp(row.at, look.now, look.zone), Role::Muted),
    },
    Column {
        name: "feed",
        largest_first: false,
        title: "feed",
        least: 8,
        good: 8,
        most: 14,
        right: false,
        keep: 80,
        cell: |row, _| (row.feed.to_string(), Role::Text),
    },
    Column {
        name: "reason",
        largest_first: false,
        title: "why",
        least: 20,
        good: 24,
        most: 90,
        right: false,
        keep: 100,
        cell: |row, _| (row.reject.reason.to_string(), Role::Bad),
    },
    Column {
        name: "place",
        largest_first: false,
        title: "where",
        least: 16,
        good: 24,
        most: 60,
        right: false,
        keep: 60,
        cell: |row, _| (row.reject.place.to_string(), Role::Muted),
    },
];
