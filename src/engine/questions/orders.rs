//! Pages of the orders table.

use super::acked::Acked;
use super::cached::{self, Selection};
use super::page;
use crate::domain::*;
use crate::engine::api::{OrderRow, PageOf, Refusal, Rows};
use crate::engine::house::House;
use crate::orders::filter;
use crate::orders::{Column, FIELDS, Marks, OrderIndex, Row, Sort};
use crate::stock::StockBook;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A page of orders: pinned ones first, then newest first, unless sorted otherwise.
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
    let beside = cached::beside(house)?;
    let pinned_first = wanted.sort.is_none() && !beside.pinned.is_empty();
    if filter.is_everything() && wanted.sort.is_none() {
        return Ok(newest(house, &beside, wanted));
    }
    let minute = house.clock.now().as_seconds() / 60;
    let selection = Selection { filter: wanted.filter.clone(), sort, pinned_first, minute };
    let select = || {
        let rows = house.orders.read().select(&filter, &sort, &*beside);
        if !pinned_first {
            return rows;
        }
        let is_pinned = |row: &Row| beside.pinned.contains(row);
        let (mut pinned, others): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(is_pinned);
        pinned.extend(others);
        pinned
    };
    let matching = cached::rows(house, selection, select);
    let index = house.orders.read();
    Ok(page(&matching, index.len(), wanted, |row| beside.row(&index, *row)))
}

/// A page of all orders, for which none has to be looked at but those on it.
fn newest(house: &House, beside: &Beside, wanted: &PageOf) -> Rows<OrderRow> {
    let index = house.orders.read();
    let offset = wanted.offset.min(index.len());
    // Few are pinned: where each stands among all tells where a page of the others begins.
    let places =
        beside.pinned.iter().filter_map(|row| Some((index.place_newest_first(*row)?, *row)));
    let mut pinned: Vec<(usize, Row)> = places.collect();
    pinned.sort_unstable();
    let mut begin = offset.saturating_sub(pinned.len());
    for (place, _) in &pinned {
        begin += usize::from(*place <= begin);
    }
    let first = pinned.iter().map(|(_, row)| *row).skip(offset);
    let others = index.newest_first().skip(begin).filter(|row| !beside.pinned.contains(row));
    let rows = first.chain(others).take(wanted.limit);
    let rows = rows.filter_map(|row| beside.row(&index, row)).collect();
    Rows { rows, total: index.len(), unfiltered: index.len(), offset }
}

/// What stands beside the index: which orders are short, pinned, noted.
pub struct Beside {
    short: FxHashSet<Row>,
    pinned: FxHashSet<Row>,
    noted: FxHashSet<Row>,
    acked: Arc<Acked>,
    marks: rustc_hash::FxHashMap<Row, u32>,
}

impl Beside {
    /// Reads the marks, and which open orders want more than is there.
    pub fn read(house: &House, acked: Arc<Acked>) -> Self {
        let index = house.orders.read();
        let mut beside = Beside {
            short: short_orders(&index, &house.stock.read()),
            pinned: FxHashSet::default(),
            noted: FxHashSet::default(),
            acked,
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
    fn acked(&self, row: Row) -> bool {
        self.acked.orders.contains(&row)
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
        let sale = index.brief(*row).is_some_and(|order| order.kind == OrderKind::Sale);
        let site = index.site(*row);
        sale && index.lines(*row).any(|(sku, _)| short.contains(&(sku, site)))
    };
    index.open_rows().filter(wants_short).collect()
}
