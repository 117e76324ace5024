//! Orders as every feed tells them, whatever system they come from.

use super::{
    Aside, Country, CustomerRef, Money, OrderKey, Qty, SiteId, Sku, Span, Timestamp, UnitPrice,
};
use serde::{Deserialize, Serialize};

/// What kind of document an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OrderKind {
    /// Somebody bought something.
    Sale,
    /// Goods or money go back; its lines have negative quantities.
    Return,
    /// A correction in the books or a stock write-off, by the merchant.
    Adjustment,
}

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OrderStatus {
    /// Placed, not yet paid.
    Pending,
    /// Paid, waits to be shipped.
    Open,
    /// Paid or not, somebody has stopped it.
    Held,
    /// Shipped in full.
    Shipped,
    /// Called off before it was shipped.
    Cancelled,
    /// Shipped, and all of it paid back.
    Refunded,
    /// Payment failed.
    Failed,
    /// The source no longer has it.
    Gone,
}

impl OrderStatus {
    /// Every status, in the order of an order's life.
    pub const ALL: [OrderStatus; 8] = [
        OrderStatus::Pending,
        OrderStatus::Open,
        OrderStatus::Held,
        OrderStatus::Shipped,
        OrderStatus::Cancelled,
        OrderStatus::Refunded,
        OrderStatus::Failed,
        OrderStatus::Gone,
    ];
    /// One lower-case word, as shown and as filtered by.
    pub const fn word(self) -> &'static str {
        match self {
            OrderStatus::Pending => "pending",
            OrderStatus::Open => "open",
            OrderStatus::Held => "held",
            OrderStatus::Shipped => "shipped",
            OrderStatus::Cancelled => "cancelled",
            OrderStatus::Refunded => "refunded",
            OrderStatus::Failed => "failed",
            OrderStatus::Gone => "gone",
        }
    }
    /// How far along an order's life it is: of two versions that a source dates alike, the one
    /// further on is the newer. Those that an order can go to and fro between share a rank.
    pub const fn rank(self) -> u8 {
        match self {
            OrderStatus::Pending => 0,
            // A payment that failed can be tried again.
            OrderStatus::Failed => 1,
            OrderStatus::Open | OrderStatus::Held => 2,
            OrderStatus::Shipped | OrderStatus::Cancelled => 3,
            OrderStatus::Refunded => 4,
            OrderStatus::Gone => 5,
        }
    }
    /// Whether its units are promised: they lie in the building still and nobody else may have
    /// them, paid or not.
    pub const fn is_promised(self) -> bool {
        matches!(self, OrderStatus::Pending | OrderStatus::Open | OrderStatus::Held)
    }
    /// Whether its units have to leave the building. What is not paid yet does not, so it cannot
    /// be late either.
    pub const fn is_to_ship(self) -> bool {
        matches!(self, OrderStatus::Open | OrderStatus::Held)
    }
    /// Whether what was ordered counts as demand: somebody wanted it, and the order stands.
    pub const fn is_demand(self) -> bool {
        !matches!(self, OrderStatus::Cancelled | OrderStatus::Failed | OrderStatus::Gone)
    }
    /// Whether nothing more is expected to happen to it.
    pub const fn is_final(self) -> bool {
        !self.is_promised()
    }
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LineClass {
    /// A product that is stocked.
    Product,
    /// Postage, fees, vouchers, manual entries: no stock moves.
    Charge,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderLine {
    /// What was ordered.
    pub sku: Sku,
    /// Whether it is a product.
    pub class: LineClass,
    /// How many, as ordered; negative on returns and corrections.
    pub qty: Qty,
    /// How many of them have been called off or paid back before shipping.
    pub cancelled: Qty,
    /// Price of one unit after discount, before tax.
    pub price: UnitPrice,
}

impl OrderLine {
    /// Ordered less called off.
    pub fn standing(&self) -> Qty {
        self.qty - self.cancelled
    }
}

/// An order that has been waiting for longer than this is late.
pub const LATE_AFTER: Span = Span::hours(24);

/// An order. Text in it is clean (see [`super::text::clean`]) and people in it are pseudonyms.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// Feed and number.
    pub key: OrderKey,
    /// Sale, return or adjustment.
    pub kind: OrderKind,
    /// How far it has come.
    pub status: OrderStatus,
    /// When the customer placed it.
    pub placed_at: Timestamp,
    /// When the source last changed it, as the source says; decides which version is newer.
    pub updated_at: Timestamp,
    /// When all of it left the building, if it did.
    pub shipped_at: Option<Timestamp>,
    /// Where it ships from.
    pub site: SiteId,
    /// Who ordered, as a pseudonym.
    pub customer: Option<CustomerRef>,
    /// Where it goes.
    pub country: Option<Country>,
    /// What the customer pays in all.
    pub total: Money,
    /// Whether the customer wrote something with it, under whose account it is, and where to.
    pub aside: Aside,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
}

impl Order {
    /// Units ordered of products, less those called off.
    pub fn units(&self) -> Qty {
        self.product_lines().map(OrderLine::standing).sum()
    }
    /// The lines that are products.
    pub fn product_lines(&self) -> impl Iterator<Item = &OrderLine> {
        self.lines.iter().filter(|line| line.class == LineClass::Product)
    }
    /// The lines that count as demand: a sale that stands, a product, something wanted, at a price.
    pub fn demand_lines(&self) -> impl Iterator<Item = &OrderLine> {
        let counts = self.kind == OrderKind::Sale && self.status.is_demand();
        self.product_lines()
            .filter(move |line| counts && line.standing().is_positive() && line.price.e4 > 0)
    }
}
