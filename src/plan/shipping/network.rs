//! The open orders and the stock that they can ship from.

use crate::domain::{Country, Day, OrderKey, Service, ShipFrom, SiteId, Sku};
use std::collections::BTreeMap;
use std::fmt;

/// All that an allocation follows from, shipping terms apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// The open orders that are to ship, oldest first.
    pub orders: Vec<OpenOrder>,
    /// What lies where. A SKU and site that are not named have nothing.
    pub stock: BTreeMap<(Sku, SiteId), Shelf>,
    /// Packages that left each site today.
    pub sent: BTreeMap<SiteId, i64>,
    /// Units that orders which are not allocated have been promised: unpaid, held, or waiting.
    pub promised: BTreeMap<(Sku, SiteId), i64>,
    /// Today.
    pub today: Day,
    /// The hour of the day, 0 to 23.
    pub hour: i8,
}

impl Network {
    /// Whether another is the same, whatever units are worth in it.
    pub fn is_but_for_prices(&self, other: &Network) -> bool {
        let shelves = self.stock.iter().zip(&other.stock);
        let same = |((at, is), (other_at, other)): ((&(Sku, SiteId), &Shelf), (_, &Shelf))| {
            at == other_at && is.on_hand == other.on_hand
        };
        self.stock.len() == other.stock.len()
            && shelves.into_iter().all(same)
            && self.orders == other.orders
            && self.sent == other.sent
            && self.promised == other.promised
            && (self.today, self.hour) == (other.today, other.hour)
    }
}

/// Stock of a SKU at a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// Units in the building; `None`: nobody knows.
    pub on_hand: Option<i64>,
    /// What taking a unit costs the orders to come, in minor units (see [`super::scarcity()`]).
    pub scarcity: i64,
}

/// An open order.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenOrder {
    /// Feed and number.
    pub key: OrderKey,
    /// Where the shop ships it from unless somebody decides otherwise.
    pub site: SiteId,
    /// The site that it was given to first.
    pub given_to: SiteId,
    /// Where it goes.
    pub country: Option<Country>,
    /// The day on which it was placed.
    pub placed: Day,
    /// Whether somebody pinned it, which makes it priority 1.
    pub pinned: bool,
    /// What it says of its shipping.
    pub service: Service,
    /// What of it is to ship.
    pub lines: Vec<OpenLine>,
    /// What somebody decided already, which stands; empty: nothing.
    pub decided: Vec<ShipFrom>,
    /// Why it cannot be allocated, as far as the order itself says.
    pub odd: Option<Blocked>,
}

/// A line that is to ship. A SKU has one line in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLine {
    /// What.
    pub sku: Sku,
    /// Whole units.
    pub units: i64,
    /// What a unit sells for, in minor units.
    pub price: i64,
    /// What a unit weighs, in grams.
    pub weight_g: i64,
}

/// Why an order cannot be allocated; displayed, what mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// It fits no zone.
    NoZone {
        /// Where it goes.
        country: Option<Country>,
        /// The site that it was given to.
        given_to: SiteId,
    },
    /// No site ships to its zone.
    Unserved {
        /// The zone.
        zone: String,
    },
    /// Its site has no shipping terms.
    NoSite {
        /// The site.
        site: SiteId,
    },
    /// A line is of a part of a unit.
    PartOfAUnit {
        /// The line.
        sku: Sku,
    },
    /// It is so large that no sum with it would be exact.
    TooLarge {
        /// Units of all of it.
        units: i64,
    },
    /// Its prices are in another currency than shipping costs.
    Currency {
        /// Its own.
        order: String,
        /// That of shipping costs.
        store: String,
    },
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Blocked::NoZone { country: None, .. } => f.write_str(
                "it names no country, and no zone takes such orders: add a [[shipping.zone]] \
                 without countries, or give the order its country in the shop",
            ),
            Blocked::NoZone { country: Some(country), given_to } => write!(
                f,
                "no zone has {country} for orders of {given_to}: add it to the countries of a \
                 [[shipping.zone]]"
            ),
            Blocked::Unserved { zone } => write!(
                f,
                "no site ships to zone {zone}: give one a rate for it under [[shipping.site]]"
            ),
            Blocked::NoSite { site } => write!(
                f,
                "{site} has no shipping terms, so what shipping from there costs is not known: add \
                 a [[shipping.site]] with id = \"{site}\""
            ),
            Blocked::PartOfAUnit { sku } => write!(
                f,
                "it has a part of a unit of {sku}, and only whole units are allocated: ship it \
                 from where it is"
            ),
            Blocked::TooLarge { units } => write!(
                f,
                "its {units} units, at their prices, are more than can be weighed against other orders: \
                 correct quantity or price in the shop, or ship it from where it is"
            ),
            Blocked::Currency { order, store } => write!(
                f,
                "its prices are in {order} and shipping costs in {store}, so that neither can be \
                 weighed against the other: ship it from where it is"
            ),
        }
    }
}
