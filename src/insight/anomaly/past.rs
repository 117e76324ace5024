//! A past to fit to.

use super::order::Order;
use std::collections::HashSet;
use std::sync::Arc;

/// Orders in the order of their arrival, and which of them are fitted to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Past<'a> {
    pub(super) orders: &'a [Order],
    /// What came before was only learnt from: nothing was known there yet.
    from: i64,
    /// Orders that were decided wrong, or may be: they happened, and are no example of what is right.
    doubtful: &'a HashSet<Arc<str>>,
}

impl<'a> Past<'a> {
    /// Orders of which those of the first seconds and the doubtful ones are not fitted to.
    pub(super) fn new(orders: &'a [Order], warm_up: i64, doubtful: &'a HashSet<Arc<str>>) -> Self {
        let (first, last) = (orders.first(), orders.last());
        let (first, last) = (first.map_or(0, |one| one.at), last.map_or(0, |one| one.at));
        // Of a short past half is warm-up.
        let from = first.saturating_add(warm_up.min(last.saturating_sub(first) / 2));
        Self { orders, from, doubtful }
    }

    /// Whether an order is late enough to be fitted to.
    pub(super) fn late(&self, order: &Order) -> bool {
        order.at >= self.from
    }

    /// Whether an order is an example of what is right.
    pub(super) fn right(&self, order: &Order) -> bool {
        self.late(order) && !self.doubtful.contains(&order.id)
    }
}
