//! The orders table.

use super::super::freshness::Freshness;
use super::super::table::Row;
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::table::{Cell, Column, Look};
use super::super::words;
use crate::domain::{OrderKind, OrderStatus};
use crate::engine::api::OrderRow;

impl Row for OrderRow {
    fn key(&self) -> String {
        self.key.to_string()
    }
    fn target(&self) -> Target {
        Target::from(self)
    }
}

/// What a status means for the reader.
pub fn status_role(status: OrderStatus) -> Role {
    match status {
        OrderStatus::Open => Role::Text,
        OrderStatus::Pending | OrderStatus::Held => Role::Warn,
        OrderStatus::Shipped => Role::Muted,
        OrderStatus::Cancelled
        | OrderStatus::Refunded
        | OrderStatus::Failed
        | OrderStatus::Gone => Role::Muted,
    }
}

/// An order's kind where it is no sale, else its status.
pub fn state_word(row: &OrderRow) -> String {
    match row.kind {
        OrderKind::Sale => row.status.word().to_owned(),
        OrderKind::Return => "return".into(),
        OrderKind::Adjustment => "correction".into(),
    }
}

/// How far an order has come, with the age of that word where its source is late.
fn status(row: &OrderRow, look: &Look<'_>) -> Cell {
    let word = state_word(row);
    let fresh = look.fresh(&row.key.feed);
    match fresh {
        Freshness::Live => (word, status_role(row.status)),
        _ => (format!("{word} {}", fresh.mark(look.glyphs)), status_role(row.status)),
    }
}

/// What is special about an order, a few words.
pub fn flags(row: &OrderRow) -> String {
    let mut flags = Vec::new();
    if row.short {
        flags.push("short".to_owned());
    }
    if row.pinned {
        flags.push("pinned".into());
    }
    match row.notes {
        0 => {}
        1 => flags.push("note".into()),
        n => flags.push(format!("{n} notes")),
    }
    flags.join(" ")
}

/// The columns.
pub const COLUMNS: &[Column<OrderRow>] = &[
    Column {
        name: "number",
        largest_first: true,
        title: "order",
        least: 8,
        good: 8,
        most: 14,
        right: false,
        keep: 100,
        cell: |row, _| (row.key.number.to_string(), Role::Text),
    },
    Column {
        name: "placed",
        largest_first: true,
        title: "placed",
        least: 12,
        good: 12,
        most: 12,
        right: true,
        keep: 80,
        cell: |row, look| (words::stamp(row.placed_at, look.now, look.zone), Role::Muted),
    },
    Column {
        name: "status",
        largest_first: false,
        title: "status",
        least: 11,
        good: 11,
        most: 12,
        right: false,
        keep: 90,
        cell: status,
    },
    Column {
        name: "site",
        largest_first: false,
        title: "site",
        least: 7,
        good: 7,
        most: 12,
        right: false,
        keep: 60,
        cell: |row, _| (row.site.to_string(), Role::Text),
    },
    Column {
        name: "country",
        largest_first: false,
        title: "to",
        least: 4,
        good: 4,
        most: 16,
        right: false,
        keep: 40,
        cell: |row, look| match &row.country {
            Some(country) => (country.to_string(), Role::Text),
            None => (look.glyphs.dash.to_owned(), Role::Muted),
        },
    },
    Column {
        name: "customer",
        largest_first: false,
        title: "customer",
        least: 10,
        good: 10,
        most: 10,
        right: false,
        keep: 20,
        cell: |row, look| match &row.customer {
            Some(customer) => (customer.to_string(), Role::Muted),
            None => ("guest".replace("guest", look.glyphs.dash), Role::Muted),
        },
    },
    Column {
        name: "lines",
        largest_first: true,
        title: "lines",
        least: 5,
        good: 5,
        most: 6,
        right: true,
        keep: 30,
        cell: |row, _| (words::count(u64::from(row.lines)), Role::Text),
    },
    Column {
        name: "units",
        largest_first: true,
        title: "units",
        least: 6,
        good: 6,
        most: 8,
        right: true,
        keep: 50,
        cell: |row, _| (words::qty(row.units), Role::Text),
    },
    Column {
        name: "value",
        largest_first: true,
        title: "value",
        least: 9,
        good: 9,
        most: 12,
        right: true,
        keep: 70,
        cell: |row, _| (words::amount(row.total), Role::Text),
    },
    Column {
        name: "",
        largest_first: false,
        title: "",
        least: 3,
        good: 3,
        most: 4,
        right: false,
        keep: 10,
        cell: |row, _| (row.total.currency.to_string(), Role::Muted),
    },
    Column {
        name: "",
        largest_first: false,
        title: "",
        least: 7,
        good: 7,
        most: 22,
        right: false,
        keep: 65,
        cell: |row, _| (flags(row), if row.short { Role::Bad } else { Role::Accent }),
    },
];
