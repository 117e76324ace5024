//! Sales that the same customer took back in full on the same day.

use super::SeriesKey;
use crate::domain::{
    CustomerRef, Day, Order, OrderKey, OrderKind, Qty, SiteId, Sku, Timestamp, Zone,
};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher, Hash, RandomState};

/// What return lines have in common that can reverse the same sales.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReturnKey {
    /// Who.
    pub customer: CustomerRef,
    /// What, and where.
    pub series: SeriesKey,
    /// On which day.
    pub day: Day,
    /// How many were sold and taken back, positive.
    pub qty: Qty,
}

/// Sale lines that a return of the same day may reverse: what [`SameDay`] counts.
#[derive(Clone, Copy)]
pub struct SaleLine<'a> {
    /// Who bought.
    pub customer: &'a CustomerRef,
    /// What.
    pub sku: &'a Sku,
    /// From where.
    pub site: &'a SiteId,
    /// On which day.
    pub day: Day,
    /// Exactly how many.
    pub qty: Qty,
    /// The site's zone.
    pub(super) zone: &'a Zone,
    /// Whether an order is counted by the ledger itself, since it is part of the change.
    pub(super) own: &'a dyn Fn(&OrderKey) -> bool,
}

impl SaleLine<'_> {
    /// The first moment of the day, and the first of the next.
    pub fn moments(&self) -> (Timestamp, Timestamp) {
        (self.day.start(self.zone), self.day.plus(1).start(self.zone))
    }
    /// How many such lines an order holds; none if it is of another customer, site or day, or a
    /// part of the change that is being applied.
    pub fn count_in(&self, order: &Order) -> u32 {
        let may = order.kind == OrderKind::Sale
            && order.customer.as_ref() == Some(self.customer)
            && order.site == *self.site
            && order.placed_at.day(self.zone) == self.day
            && !(self.own)(&order.key);
        let lines = order.demand_lines().filter(|line| may && self.is(&line.sku, line.standing()));
        lines.count() as u32
    }
    fn is(&self, sku: &Sku, qty: Qty) -> bool {
        self.sku == sku && self.qty == qty
    }
}

/// Knows the sales; asked only about a customer who returned something on that day.
pub trait SameDay {
    /// Why asking failed.
    type Error;
    /// The sum of [`SaleLine::count_in`] over all orders of `line.customer` that were placed
    /// between [`SaleLine::moments`].
    ///
    /// Whether the index already holds the change that is being applied does not matter, since
    /// `count_in` leaves those orders out; every *earlier* change must be in it.
    fn sales(&self, line: &SaleLine<'_>) -> Result<u32, Self::Error>;
}

/// How many return lines there are of each kind, in memory.
///
/// Held by 128-bit fingerprint, so that a million orders' returns take some megabytes.
#[derive(Debug, Default)]
pub(super) struct Returns {
    counts: FxHashMap<u128, u32>,
    hash: (RandomState, RandomState),
}

/// A kind of return line or sale line, borrowed from an order.
#[derive(Clone, Copy, Hash, PartialEq, Eq)]
pub(super) struct Match<'a> {
    pub customer: &'a CustomerRef,
    pub sku: &'a Sku,
    pub site: &'a SiteId,
    pub day: Day,
    pub qty: Qty,
}

impl Match<'_> {
    pub fn key(&self) -> ReturnKey {
        ReturnKey {
            customer: self.customer.clone(),
            series: SeriesKey { sku: self.sku.clone(), site: self.site.clone() },
            day: self.day,
            qty: self.qty,
        }
    }
}

impl Returns {
    fn fingerprint(&self, of: &Match<'_>) -> u128 {
        let (high, low) = (self.hash.0.hash_one(of), self.hash.1.hash_one(of));
        u128::from(high) << 64 | u128::from(low)
    }
    /// How many there are.
    pub fn count(&self, of: &Match<'_>) -> u32 {
        if self.counts.is_empty() {
            return 0;
        }
        self.counts.get(&self.fingerprint(of)).copied().unwrap_or(0)
    }
    /// Sets how many there are.
    pub fn set(&mut self, of: &Match<'_>, count: u32) {
        let fingerprint = self.fingerprint(of);
        if count == 0 {
            self.counts.remove(&fingerprint);
        } else {
            self.counts.insert(fingerprint, count);
        }
    }
}
