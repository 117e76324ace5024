//! Pages of the orders table.

use super::page;
use crate::domain::*;
use crate::engine::api::{OrderRow, PageOf, Refusal, Rows};
use crate::engine::house::House;
use crate::orders::filter;
use crate::orders::{Column, FIELDS, Marks, OrderIndex, Row, Sort};
use crate::stock::StockBook;
use rustc_hash::FxHashSet;

/// A page of orders, newest first unless sorted otherwise.
pub fn orders(house: &House, wanted: &PageOf) -> Result<Rows<OrderRow>, Refusal> {
    let filter = filter::parse(&wanted.filter, &FIELDS, house.clock.now(), &house.zone)
        .map_err(|error| Refusal::usage(error.to_string()))?;
    let sort = match &wanted.sort {
        None => Sort::default(),
        Some(name) => Sort {
            column: Column::parse(name).ok_or_else(|| {
                let known: Vec<&str> = Column::ALL.iter().map(|(name, _)| *name).collect();
                Refusal::usage(format!("no column \"{name}\"; one of {}", known.join(", ")))
            })?,
            descending: wanted.descending,
        },
    };
    let beside = Beside::read(house);
    let index = house.orders.read();
    let matching = index.select(&filter, &sort, &beside);
    Ok(page(&matching, index.len(), wanted, |row| beside.row(&index, *row)))
}

/// What stands beside the index: which orders are short, pinned, noted.
pub struct Beside {
    short: FxHashSet<Row>,
    pinned: FxHashSet<Row>,
    noted: FxHashSet<Row>,
    marks: rustc_hash::FxHashMap<Row, u32>,
}

impl Beside {
    /// Reads the marks, and which open orders want more than is there.
    pub fn read(house: &House) -> Self {
        let index = house.orders.read();
        let mut beside = Beside {
            short: short_orders(&index, &house.stock.read()),
            pinned: FxHashSet::default(),
            noted: FxHashSet::default(),
            marks: Default::default(),
        };
        let marks = house.marks.read();
        for subject in marks.pinned() {
            if let Subject::Order(key) = subject {
                beside.pinned.extend(index.find(key));
            }
        }
        for (subject, notes) in marks.noted() {
            if let Subject::Order(key) = subject
                && let Some(row) = index.find(key)
            {
                beside.noted.insert(row);
                beside.marks.insert(row, notes as u32);
            }
        }
        beside
    }
    /// A row of the table.
    pub fn row(&self, index: &OrderIndex, row: Row) -> Option<OrderRow> {
        let order = index.row(row)?;
        Some(OrderRow {
            key: order.key,
            kind: order.kind,
            status: order.status,
            placed_at: order.placed_at,
            site: order.site,
            customer: order.customer,
            country: order.country,
            lines: order.lines,
            units: order.units,
            total: order.total,
            short: self.short.contains(&row),
            pinned: self.pinned.contains(&row),
            notes: self.marks.get(&row).copied().unwrap_or(0),
        })
    }
}

impl Marks for Beside {
    fn pinned(&self, row: Row) -> bool {
        self.pinned.contains(&row)
    }
    fn short(&self, row: Row) -> bool {
        self.short.contains(&row)
    }
    fn noted(&self, row: Row) -> bool {
        self.noted.contains(&row)
    }
}

/// Open sales with a line whose SKU is promised more often than it is there, at the order's site.
fn short_orders(index: &OrderIndex, book: &StockBook) -> FxHashSet<Row> {
    let short: FxHashSet<(&str, &str)> = book
        .positions()
        .filter(|(_, _, position)| position.available().is_some_and(Qty::is_negative))
        .map(|(sku, site, _)| (sku.as_str(), site.as_str()))
        .collect();
    if short.is_empty() {
        return FxHashSet::default();
    }
    let wants_short = |row: &Row| {
        index.row(*row).is_some_and(|order| {
            order.kind == OrderKind::Sale
                && index.lines(*row).any(|(sku, _)| short.contains(&(sku, order.site.as_str())))
        })
    };
    index.open_rows().filter(wants_short).collect()
}
