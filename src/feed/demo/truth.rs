//! What really happened, for checking what others conclude from the orders alone.

use super::IncidentKind;
use crate::domain::{OrderNo, SiteId, Sku, Timestamp};

/// A kind of order that looks wrong because it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OddKind {
    /// One line has ten times the quantity meant.
    QuantityTimesTen,
    /// One line has a hundred times the quantity meant.
    QuantityTimesHundred,
    /// One line was sold at a hundredth of its price.
    PriceHundredth,
    /// One of a burst of guest orders to one address.
    GuestBurst,
    /// The same basket again, minutes later.
    DuplicateBasket,
    /// A new account, at night, for a lot of money.
    NightHighValue,
    /// Packs were meant as units or units as packs.
    PackMixup,
}

impl OddKind {
    /// Every kind.
    pub const ALL: [OddKind; 7] = [
        OddKind::QuantityTimesTen,
        OddKind::QuantityTimesHundred,
        OddKind::PriceHundredth,
        OddKind::GuestBurst,
        OddKind::DuplicateBasket,
        OddKind::NightHighValue,
        OddKind::PackMixup,
    ];
    /// One lower-case word or two joined by a hyphen.
    pub const fn word(self) -> &'static str {
        match self {
            OddKind::QuantityTimesTen => "quantity-x10",
            OddKind::QuantityTimesHundred => "quantity-x100",
            OddKind::PriceHundredth => "price-hundredth",
            OddKind::GuestBurst => "guest-burst",
            OddKind::DuplicateBasket => "duplicate-basket",
            OddKind::NightHighValue => "night-high-value",
            OddKind::PackMixup => "pack-mixup",
        }
    }
}

/// An odd order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddOrder {
    /// Its number.
    pub number: OrderNo,
    /// What is wrong with it.
    pub kind: OddKind,
    /// The same in a sentence.
    pub explanation: Box<str>,
    /// When it was placed.
    pub at: Timestamp,
}

/// A time in which nothing of a SKU could be sold at a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockOut {
    /// What.
    pub sku: Sku,
    /// Where.
    pub site: SiteId,
    /// When it began.
    pub from: Timestamp,
    /// When it ended; `None`: it lasts.
    pub until: Option<Timestamp>,
}

/// Demand that left without an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostDemand {
    /// What was wanted.
    pub sku: Sku,
    /// Where.
    pub site: SiteId,
    /// How many units.
    pub units: u32,
    /// When.
    pub at: Timestamp,
}

/// A price cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// On what.
    pub skus: Vec<Sku>,
    /// Percent off the list price.
    pub percent_off: u8,
    /// How many times the usual demand it draws, in percent.
    pub uplift_percent: u16,
    /// First moment.
    pub from: Timestamp,
    /// End.
    pub until: Timestamp,
}

/// A lasting step in a SKU's demand.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelShift {
    /// Of what; `None`: of everything.
    pub sku: Option<Sku>,
    /// From when.
    pub at: Timestamp,
    /// New level against the old.
    pub factor: f64,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// What kind of thing.
    pub kind: IncidentKind,
    /// Since when.
    pub at: Timestamp,
    /// Until when; `None`: it is over at once, or lasts.
    pub until: Option<Timestamp>,
    /// The SKU, if it is about one.
    pub sku: Option<Sku>,
    /// And where.
    pub site: Option<SiteId>,
    /// Its orders, or those that were told wrongly.
    pub orders: Vec<OrderNo>,
    /// The same in a sentence.
    pub explanation: Box<str>,
}

/// Everything that only the simulation knows, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Orders that are wrong.
    pub odd: Vec<OddOrder>,
    /// What else went wrong.
    pub incidents: Vec<Happened>,
    /// Times without stock.
    pub stock_outs: Vec<StockOut>,
    /// Demand that was lost for want of stock.
    pub lost: Vec<LostDemand>,
    /// Price cuts.
    pub promotions: Vec<Promotion>,
    /// Steps in demand.
    pub shifts: Vec<LevelShift>,
}
