//! What the merchant keeps, in few bytes: 140,000 orders and their lines take about ten megabytes.
//!
//! Moments are whole seconds since 1970, money is pence, people and SKUs are indices.

use crate::domain::PoStatus;
use serde::{Deserialize, Serialize};

/// Number of the first order; the others follow without a gap.
pub const FIRST_ORDER: u32 = 10_001;
/// Number of the first purchase order.
pub const FIRST_PO: u32 = 4_001;

/// An order's status, in WooCommerce's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Waits for payment.
    Pending,
    /// Paid, waits to be shipped.
    Processing,
    /// Stopped by somebody.
    OnHold,
    /// Shipped.
    Completed,
    /// Called off.
    Cancelled,
    /// All of it paid back.
    Refunded,
    /// Payment failed.
    Failed,
}

impl Status {
    /// WooCommerce's word.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Processing => "processing",
            Status::OnHold => "on-hold",
            Status::Completed => "completed",
            Status::Cancelled => "cancelled",
            Status::Refunded => "refunded",
            Status::Failed => "failed",
        }
    }
    /// Whether its units are promised and still in the building.
    pub const fn is_open(self) -> bool {
        matches!(self, Status::Pending | Status::Processing | Status::OnHold)
    }
}

/// An order. Times are 0 for "never".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// When it was placed.
    pub placed: u32,
    /// When it last changed.
    pub modified: u32,
    /// When it was paid.
    pub paid: u32,
    /// When it left.
    pub completed: u32,
    /// Index of the customer.
    pub customer: u32,
    /// Index of its first line.
    pub first_line: u32,
    /// Postage, pence.
    pub postage: u16,
    /// How many lines.
    pub lines: u8,
    /// How far it has come.
    pub status: Status,
    /// Index of the site.
    pub site: u8,
    /// Which note the customer wrote; 0 is none.
    pub note: u8,
    /// How often shipping failed for want of stock.
    pub tries: u8,
    /// Stopped through the API rather than by the simulation.
    pub by_hand: bool,
    /// Sent by express, which is promised for a day.
    pub express: bool,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineRow {
    /// Index of the item.
    pub item: u16,
    /// Units.
    pub qty: u16,
    /// Price of one paid, pence before tax.
    pub price: u32,
    /// Price of one before discount.
    pub list: u32,
}

/// A refund of a shipped order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRow {
    /// Index of the order.
    pub order: u32,
    /// When.
    pub at: u32,
    /// Why.
    pub reason: &'static str,
    /// Whether the goods went back on the shelf.
    pub restocked: bool,
    /// Which lines of the order, and how many units of each.
    pub lines: Box<[(u8, u16)]>,
}

/// A purchase order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoRow {
    /// Index of the supplier.
    pub maker: u8,
    /// Index of the site.
    pub site: u8,
    /// How far it has come.
    pub status: PoStatus,
    /// Deliveries so far.
    pub parts: u8,
    /// When it was sent.
    pub ordered: u32,
    /// When it is due by the stated lead time.
    pub due: u32,
    /// When it last changed.
    pub updated: u32,
    /// Index of its first line.
    pub first_line: u32,
    /// How many lines.
    pub lines: u16,
}

/// A line of a purchase order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoLineRow {
    /// Index of the item.
    pub item: u16,
    /// Units ordered.
    pub qty: u32,
    /// Units that arrived.
    pub received: u32,
}

impl PoLineRow {
    /// Units still to come; none where more came.
    pub fn open(&self) -> u32 {
        self.qty.saturating_sub(self.received)
    }
}

/// Goods that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRow {
    /// When.
    pub at: u32,
    /// Index of the purchase order.
    pub po: u32,
    /// Units.
    pub qty: u32,
    /// Index of the item.
    pub item: u16,
}

/// Goods that one site sent to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRow {
    /// Its number, as the asker has it.
    pub number: Box<str>,
    /// Index of the item.
    pub item: u16,
    /// Index of the giving site.
    pub from: u8,
    /// Index of the other.
    pub to: u8,
    /// Units that left.
    pub qty: u32,
    /// When they left.
    pub left: u32,
    /// When they are due.
    pub due: u32,
    /// Units that came by themselves.
    pub arrived: u32,
    /// Units that people took in by hand.
    pub by_hand: u32,
    /// Units that never come: people wrote them off.
    pub lost: u32,
    /// When the last of them came; 0: some are on their way.
    pub came: u32,
    /// When it last changed.
    pub updated: u32,
}

impl TransferRow {
    /// Units that are on their way.
    pub fn open(&self) -> u32 {
        self.qty.saturating_sub(self.arrived + self.by_hand + self.lost)
    }
}

/// Stock that changed by other means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdjustmentRow {
    /// When.
    pub at: u32,
    /// Index of the item.
    pub item: u16,
    /// Index of the site.
    pub site: u8,
    /// Units more.
    pub delta: i32,
    /// Why.
    pub reason: &'static str,
}

/// Stock of an item at a site, and what its buyer believes about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    /// Units when history began.
    pub opening: i32,
    /// Units in the building; never negative.
    pub on_hand: i32,
    /// Of these, units that people of the console put there or took off, as far as they told.
    pub by_hand: i32,
    /// Units of open orders.
    pub committed: i32,
    /// Units on open purchase orders.
    pub on_order: i32,
    /// When it last changed.
    pub changed: u32,
    /// Since when nothing can be sold; 0: something can.
    pub out_since: u32,
    /// Believed units a day, less the season.
    pub rate: f32,
    /// Believed variance of a day's units, less the season.
    pub variance: f32,
    /// Units sold today.
    pub sold_today: u32,
    /// Whether somebody left today for want of stock.
    pub short_today: bool,
}

impl Shelf {
    /// Units that can still be sold; negative with back-orders.
    pub fn available(&self) -> i32 {
        self.on_hand - self.committed
    }
}
