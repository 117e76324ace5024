//! Purchase orders and receipts.

use super::{PoNumber, Qty, SiteId, Sku, SupplierId, Timestamp, UnitPrice};
use serde::{Deserialize, Serialize};

/// How far a purchase order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PoStatus {
    /// Sent to the supplier.
    Sent,
    /// The supplier has confirmed it.
    Acknowledged,
    /// A part has arrived.
    PartlyReceived,
    /// All has arrived.
    Received,
    /// Called off.
    Cancelled,
    /// What has not arrived will not come.
    Closed,
}

impl PoStatus {
    /// One lower-case phrase.
    pub const fn word(self) -> &'static str {
        match self {
            PoStatus::Sent => "sent",
            PoStatus::Acknowledged => "acknowledged",
            PoStatus::PartlyReceived => "partly received",
            PoStatus::Received => "received",
            PoStatus::Cancelled => "cancelled",
            PoStatus::Closed => "closed",
        }
    }
    /// Whether goods are still to come.
    pub const fn is_open(self) -> bool {
        matches!(self, PoStatus::Sent | PoStatus::Acknowledged | PoStatus::PartlyReceived)
    }
}

/// One line of a purchase order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoLine {
    /// What was ordered.
    pub sku: Sku,
    /// How many.
    pub qty: Qty,
    /// How many have arrived.
    pub received: Qty,
    /// Cost of one unit.
    pub cost: Option<UnitPrice>,
}

impl PoLine {
    /// How many are still to come; never less than nothing.
    pub fn open(&self) -> Qty {
        (self.qty - self.received).at_least_zero()
    }
}

/// An order to a supplier, as a feed tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseOrder {
    /// Its number.
    pub number: PoNumber,
    /// Who it went to.
    pub supplier: SupplierId,
    /// Where the goods go.
    pub site: SiteId,
    /// How far it has come.
    pub status: PoStatus,
    /// When it was ordered.
    pub ordered_at: Timestamp,
    /// When the goods are due.
    pub due_at: Option<Timestamp>,
    /// When the source last changed it; decides which version is newer.
    pub updated_at: Timestamp,
    /// What was ordered.
    pub lines: Vec<PoLine>,
}

/// Goods that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The source's own id of this receipt; the same id twice is the same receipt.
    pub id: Box<str>,
    /// The purchase order it belongs to.
    pub po: Option<PoNumber>,
    /// Who delivered.
    pub supplier: Option<SupplierId>,
    /// What arrived.
    pub sku: Sku,
    /// Where.
    pub site: SiteId,
    /// How many.
    pub qty: Qty,
    /// When it had been ordered.
    pub ordered_at: Option<Timestamp>,
    /// When it had been due.
    pub due_at: Option<Timestamp>,
    /// When it arrived.
    pub received_at: Timestamp,
}
