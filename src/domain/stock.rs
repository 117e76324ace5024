//! Stock: what is there, what is promised, what is coming. Unknown is a state, never zero.

use super::{FeedId, Qty, SiteId, Sku, Timestamp};
use serde::{Deserialize, Serialize};

/// What a reported stock figure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StockBasis {
    /// Units in the building, promised ones included.
    OnHand,
    /// Units that can still be sold: open orders are already taken off (WooCommerce).
    Available,
}

/// Who says so.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StockSource {
    /// A feed.
    Feed(FeedId),
    /// A person who counted.
    Count,
}

/// A stock figure from a feed. `qty` is `None` where the source does not manage that stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockReport {
    /// What.
    pub sku: Sku,
    /// Where.
    pub site: SiteId,
    /// How many, or unknown.
    pub qty: Option<Qty>,
    /// What the figure means.
    pub basis: StockBasis,
    /// The moment it was true.
    pub as_of: Timestamp,
}

/// A change of stock that is neither sale nor receipt: damage, loss, found, correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockAdjustment {
    /// The source's own id; the same id twice is the same adjustment.
    pub id: Box<str>,
    /// What.
    pub sku: Sku,
    /// Where.
    pub site: SiteId,
    /// How many more (less when negative).
    pub delta: Qty,
    /// When.
    pub at: Timestamp,
    /// Why, clean.
    pub reason: Box<str>,
}

/// Stock of one SKU at one site.
///
/// `report` is the last known truth; what happened after its `as_of` is kept beside it and applied
/// on top. With nothing ever reported, on-hand is unknown, whatever has moved since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Figure, meaning, moment and source of the last report.
    pub report: Option<(Qty, StockBasis, Timestamp, StockSource)>,
    /// Receipts, adjustments and transfers after `as_of`, net.
    pub moved: Qty,
    /// Units of orders shipped after `as_of`.
    pub shipped: Qty,
    /// Units of orders placed after `as_of` that stand.
    pub placed: Qty,
    /// Units of open orders: promised, still in the building.
    pub committed: Qty,
    /// Units on open purchase orders.
    pub on_order: Qty,
}

impl Position {
    /// Units in the building, or `None` if nobody has said.
    pub fn on_hand(&self) -> Option<Qty> {
        let (qty, basis, _, _) = self.report.as_ref()?;
        Some(match basis {
            StockBasis::OnHand => *qty + self.moved - self.shipped,
            StockBasis::Available => *qty + self.moved - self.placed + self.committed,
        })
    }
    /// On-hand less committed, or `None` if on-hand is unknown.
    pub fn available(&self) -> Option<Qty> {
        Some(self.on_hand()? - self.committed)
    }
    /// When the last report was true.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.report.as_ref().map(|(_, _, at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(basis: StockBasis) -> Position {
        Position {
            report: Some((Qty::units(10), basis, Timestamp::default(), StockSource::Count)),
            moved: Qty::units(5),
            shipped: Qty::units(3),
            placed: Qty::units(4),
            committed: Qty::units(2),
            on_order: Qty::ZERO,
        }
    }

    #[test]
    fn what_happened_after_the_report_is_applied_on_top() {
        assert_eq!(at(StockBasis::OnHand).on_hand(), Some(Qty::units(12)));
        assert_eq!(at(StockBasis::OnHand).available(), Some(Qty::units(10)));
        assert_eq!(at(StockBasis::Available).available(), Some(Qty::units(11)));
        assert_eq!(at(StockBasis::Available).on_hand(), Some(Qty::units(13)));
    }

    #[test]
    fn unknown_stays_unknown() {
        let moved = Position { moved: Qty::units(5), ..Position::default() };
        assert_eq!(moved.on_hand(), None);
        assert_eq!(moved.available(), None);
    }
}
