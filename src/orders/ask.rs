//! What other rooms ask: a customer's orders, who waits for a SKU, what was sold since a moment.

use super::block::{KINDS, NOBODY, decode};
use super::lines::Line;
use super::{OrderIndex, Row, moment, seconds};
use crate::domain::{
    AccountRef, CustomerRef, OrderKind, OrderStatus, Qty, SiteId, Sku, Span, Timestamp,
};
use rustc_hash::FxHashMap;
use std::collections::HashMap;

/// What happened to a SKU at a site after a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SalesAfter {
    /// Units of standing sales placed after it, as [`crate::domain::Order::demand_lines`] counts.
    pub ordered: Qty,
    /// Units of sales that left the building after it, free ones included.
    pub shipped: Qty,
}

/// How long before a moment an order may have been placed to be looked at for shipping after it.
const OLDEST_TO_SHIP: Span = Span::days(90);

impl OrderIndex {
    /// Whether a customer has an order.
    pub fn knows_customer(&self, customer: &CustomerRef) -> bool {
        self.customers.get(customer.as_str()).is_some()
    }
    /// A customer's orders, newest first.
    pub fn of_customer(&self, customer: &CustomerRef, limit: usize) -> Vec<Row> {
        let id = self.customers.get(customer.as_str());
        self.of_customers(&id.into_iter().collect::<Vec<u32>>(), limit)
    }
    /// Whether orders came by an account under more than one name.
    pub fn is_shared(&self, account: AccountRef) -> bool {
        self.names_of(account).nth(1).is_some()
    }
    /// Orders of all under whose names an account ordered, newest first.
    pub fn of_account(&self, account: AccountRef, limit: usize) -> Vec<Row> {
        self.of_customers(&self.names_of(account).collect::<Vec<u32>>(), limit)
    }
    fn names_of(&self, account: AccountRef) -> impl Iterator<Item = u32> {
        self.accounts.range((account, 0)..=(account, u32::MAX)).map(|(_, name)| *name)
    }
    fn of_customers(&self, names: &[u32], limit: usize) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        if names.is_empty() {
            return rows;
        }
        for (number, block) in self.blocks.iter().enumerate() {
            let first = (number * super::ROWS) as Row;
            let found = block.customer.iter().enumerate().filter(|(_, who)| names.contains(who));
            rows.extend(found.map(|(i, _)| first + i as Row));
        }
        rows.sort_unstable_by_key(|row| std::cmp::Reverse((self.placed(*row), *row)));
        rows.truncate(limit);
        rows
    }

    /// Orders that a SKU is promised to and the units they want, oldest first.
    pub fn wanting(&self, sku: &Sku, limit: usize) -> Vec<(Row, Qty)> {
        let Some(id) = self.skus.get(sku.as_str()) else { return Vec::new() };
        let wanted = |row: Row| {
            let lines = self.lines.of(self.line_place(row));
            let wanted = lines.filter(|line| line.product && line.sku == id);
            wanted.map(|line| line.standing.at_least_zero()).sum::<Qty>()
        };
        let sales = self
            .open_rows()
            .filter(|row| self.code_of(*row).is_some_and(|(_, kind)| kind == OrderKind::Sale));
        let rows = sales.map(|row| (row, wanted(row))).filter(|(_, qty)| qty.is_positive());
        rows.take(limit).collect()
    }

    /// For each SKU and site asked for: what was sold and shipped after its moment. Orders placed
    /// more than 90 days before the oldest moment are not looked at.
    pub fn sales_after(
        &self,
        ask: &HashMap<(Sku, SiteId), Timestamp>,
    ) -> HashMap<(Sku, SiteId), SalesAfter> {
        let mut found: HashMap<_, _> =
            ask.keys().map(|key| (key.clone(), SalesAfter::default())).collect();
        let Some(oldest) = ask.values().min().copied() else { return found };
        let mut sums: FxHashMap<(u32, u32), (u32, SalesAfter)> = FxHashMap::default();
        for ((sku, site), after) in ask {
            let ids = self.skus.get(sku.as_str()).zip(self.sites.get(site.as_str()));
            if let Some(ids) = ids {
                sums.insert(ids, (seconds(*after), SalesAfter::default()));
            }
        }
        let end = Timestamp::from_millis(i64::MAX);
        for row in self.placed_between(oldest - OLDEST_TO_SHIP, end) {
            self.add_sales(row, &mut sums);
        }
        for ((sku, site), sales) in &mut found {
            let ids = self.skus.get(sku.as_str()).zip(self.sites.get(site.as_str()));
            if let Some((_, sum)) = ids.and_then(|ids| sums.get(&ids)) {
                *sales = *sum;
            }
        }
        found
    }

    fn add_sales(&self, row: Row, sums: &mut FxHashMap<(u32, u32), (u32, SalesAfter)>) {
        let Some(entry) = self.entry(row) else { return };
        let Some((status, OrderKind::Sale)) = decode(entry.code) else { return };
        let site = self.settings.get(entry.place as usize).map_or(NOBODY, |s| s.site);
        for line in self.lines.of(entry.lines).filter(|line| line.product) {
            if !line.standing.is_positive() {
                continue;
            }
            let Some((after, sum)) = sums.get_mut(&(line.sku, site)) else { continue };
            if entry.placed > *after && status.is_demand() && line.priced {
                sum.ordered += line.standing;
            }
            if entry.shipped > *after {
                sum.shipped += line.standing;
            }
        }
    }

    /// How many product lines of exactly this quantity a customer has for a SKU at a site on orders
    /// placed from a moment to before another: lines at a price on standing sales where `qty` is
    /// positive, lines of returns where it is negative. A sale and a return of opposite quantity on
    /// one day, matched one to one, cancel out in demand.
    pub fn count_same_day(
        &self,
        customer: &CustomerRef,
        sku: &Sku,
        site: &SiteId,
        from: Timestamp,
        to: Timestamp,
        qty: Qty,
    ) -> u32 {
        let ids = self.customers.get(customer.as_str()).zip(self.skus.get(sku.as_str()));
        let Some(((customer, sku), site)) = ids.zip(self.sites.get(site.as_str())) else {
            return 0;
        };
        let kind = if qty.is_negative() { KINDS[1] } else { KINDS[0] };
        let is_it = |line: &Line| {
            line.product && line.sku == sku && line.qty == qty && (line.priced || qty.is_negative())
        };
        let orders = self.placed_between(from, to).filter_map(|row| self.entry(row));
        let theirs = orders.filter(|entry| {
            entry.customer == customer
                && self.settings.get(entry.place as usize).is_some_and(|s| s.site == site)
                && decode(entry.code).is_some_and(|(s, k)| k == kind && s.is_demand())
        });
        theirs.map(|entry| self.lines.of(entry.lines).filter(is_it).count() as u32).sum()
    }

    pub(super) fn code_of(&self, row: Row) -> Option<(OrderStatus, OrderKind)> {
        self.entry(row).and_then(|entry| decode(entry.code))
    }

    /// When the newest order was placed, those apart that are dated after `now`.
    pub fn newest_placed(&self, now: Timestamp) -> Option<Timestamp> {
        let is_past = |row: &Row| self.placed_at(*row).is_some_and(|at| at <= now);
        self.by_time.iter().rev().copied().find(is_past).and_then(|row| self.placed_at(row))
    }

    /// When an order was placed, to the second.
    pub fn placed_at(&self, row: Row) -> Option<Timestamp> {
        self.entry(row).map(|entry| moment(entry.placed))
    }
}
