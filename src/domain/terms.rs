//! What binds buying a SKU, beside what its product tells.

use super::{Day, Qty, SiteId, Sku, UnitPrice};
use serde::{Deserialize, Serialize};

/// From this many units on all of them cost so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceBreak {
    /// Units.
    pub from: Qty,
    /// Cost of one unit then.
    pub cost: UnitPrice,
}

/// What is known of buying and keeping a SKU. Everything but the SKU may be unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkuTerms {
    /// The SKU.
    pub sku: Sku,
    /// Lower costs for more, by units; `None`: nobody has said.
    pub breaks: Option<Box<[PriceBreak]>>,
    /// Days that it can be sold after it came.
    pub shelf_life_days: Option<u16>,
    /// The last day on which it is sold.
    pub sold_until: Option<Day>,
    /// The most units that a site may hold of it, where nothing else is said of the site (see
    /// [`StockBounds`]).
    pub most: Option<Qty>,
}

impl SkuTerms {
    /// Terms of which only the SKU is known.
    pub const fn bare(sku: Sku) -> Self {
        Self { sku, breaks: None, shelf_life_days: None, sold_until: None, most: None }
    }

    /// Takes over what `newer` knows and keeps the rest.
    pub fn merge(&mut self, newer: &Self) {
        if newer.breaks.is_some() {
            self.breaks.clone_from(&newer.breaks);
        }
        self.shelf_life_days = newer.shelf_life_days.or(self.shelf_life_days);
        self.sold_until = newer.sold_until.or(self.sold_until);
        self.most = newer.most.or(self.most);
    }

    /// Whether nothing is known.
    pub const fn is_bare(&self) -> bool {
        self.breaks.is_none()
            && self.shelf_life_days.is_none()
            && self.sold_until.is_none()
            && self.most.is_none()
    }
}

/// Between what a SKU's stock at a site is to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockBounds {
    /// The SKU.
    pub sku: Sku,
    /// Where; `None`: at each site of which nothing else is said.
    pub site: Option<SiteId>,
    /// The least units on hand and on order; `None`: nobody has said.
    pub least: Option<Qty>,
    /// The most that the site may hold; `None`: nobody has said.
    pub most: Option<Qty>,
}

impl StockBounds {
    /// Takes over what `newer` knows and keeps the rest.
    pub fn merge(&mut self, newer: &Self) {
        self.least = newer.least.or(self.least);
        self.most = newer.most.or(self.most);
    }
}
