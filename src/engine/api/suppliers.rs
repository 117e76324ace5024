//! Suppliers, and what their past orders say of them.

use crate::domain::{SiteId, SupplierId};
use crate::insight::scorecard::{PastOrder, Score};
use serde::{Deserialize, Serialize};

/// How long an order placed now is expected to take, in days.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectedLead {
    /// One of ten takes no longer.
    pub low: u16,
    /// On average.
    pub mean: f64,
    /// Nine of ten take no longer.
    pub high: u16,
    /// Orders that are overdue and have not come, and are in this as taking longer than they have.
    pub waiting: u32,
}

/// A supplier's way to one site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaneCard {
    /// The site.
    pub site: SiteId,
    /// Its orders.
    pub score: Score,
    /// What replenishment goes by.
    pub expected: Option<ExpectedLead>,
}

/// A supplier's scorecard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupplierCard {
    /// Its code.
    pub supplier: SupplierId,
    /// Its name, where a feed tells it.
    pub name: Box<str>,
    /// The lead time that it states, in days.
    pub stated: Option<u16>,
    /// All its orders.
    pub score: Score,
    /// What replenishment goes by for a site that it has not delivered to.
    pub expected: Option<ExpectedLead>,
    /// Its lanes, by site.
    pub lanes: Vec<LaneCard>,
    /// Its orders, the newest first, as many as are shown.
    pub orders: Vec<PastOrder>,
}
