//! What the books ask of the index: which orders could have moved stock, or been reversed.

use super::block::decode;
use super::{OrderIndex, Row, moment, seconds};
use crate::domain::{CustomerRef, FeedId, OrderStatus, SiteId, Span, Timestamp};

/// How long before a moment an order may have been placed and still ship after it.
const OLDEST_TO_SHIP: Span = Span::days(90);

impl OrderIndex {
    /// Every feed that has told of an order.
    pub fn feeds(&self) -> Vec<FeedId> {
        self.feeds.texts().map(FeedId::from).collect()
    }
    /// Every site that an order was placed at.
    pub fn sites(&self) -> Vec<SiteId> {
        self.sites.texts().map(SiteId::from).collect()
    }
    /// A customer's orders placed from a moment to before another, oldest first.
    pub fn of_customer_between(
        &self,
        customer: &CustomerRef,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<Row> {
        let Some(id) = self.customers.get(customer.as_str()) else { return Vec::new() };
        let theirs = |row: &Row| self.entry(*row).is_some_and(|entry| entry.customer == id);
        self.placed_between(from, to).filter(theirs).collect()
    }
    /// Rows that may have been placed or shipped after a moment, in no order. Orders placed more
    /// than 90 days before it are not looked at.
    pub fn moved_since(&self, after: Timestamp) -> Vec<Row> {
        // Moments are kept to the second, so the second of the moment itself is taken in.
        let from = seconds(after);
        let end = Timestamp::from_millis(i64::MAX);
        let moved = |row: &Row| {
            self.entry(*row).is_some_and(|entry| {
                let shipped = decode(entry.code).is_some_and(|(s, _)| s == OrderStatus::Shipped);
                entry.placed >= from || entry.shipped >= from || (shipped && entry.shipped == 0)
            })
        };
        let oldest = moment(from) - OLDEST_TO_SHIP;
        self.placed_between(oldest, end).filter(moved).collect()
    }
}
