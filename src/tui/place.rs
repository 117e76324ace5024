//! The navigation table: which screens there are, what they are called and which digit opens them.
//!
//! A new screen is a [`Screen`], a [`Place`], a row in [`Screen::ALL`] and, if a digit is to open it,
//! one in [`ROOTS`], which has room for ten; crumbs, palette, help and `stockdeck screen` follow.

use crate::domain::{CaseId, PoNumber, SiteId, Sku, SupplierId};
use crate::engine::api::{GroupBy, OrderRef, PastOf};
use serde::{Deserialize, Serialize};

/// A kind of screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Screen {
    /// How the day goes.
    Overview,
    /// All orders.
    Orders,
    /// One order.
    Order,
    /// All positions.
    Stock,
    /// One SKU.
    Sku,
    /// Where data comes from.
    Feeds,
    /// What people decided.
    Journal,
    /// What will sell, and whether stock lasts.
    Forecast,
    /// Which models forecast, and how well.
    Models,
    /// The same, added up.
    Totals,
    /// What is proposed to be ordered.
    Reorders,
    /// Whether what is proposed would have worked.
    Backtest,
    /// What could not be understood.
    Quarantine,
    /// Orders to suppliers.
    Purchases,
    /// One order to a supplier.
    Purchase,
    /// Cases that are worth a look.
    Flags,
    /// One case.
    Case,
    /// The past of a customer or a SKU as flags see it.
    Past,
    /// The rules that raise flags.
    Rules,
    /// What is on order against need, and transfers.
    Coordination,
    /// What is expected to be ordered.
    Expected,
    /// From where open orders ship.
    Allocation,
    /// What a supplier's orders say of it.
    Supplier,
}

/// The screens that a digit opens, in the order of the digits.
pub const ROOTS: &[Screen] = &[
    Screen::Overview,
    Screen::Orders,
    Screen::Stock,
    Screen::Feeds,
    Screen::Journal,
    Screen::Forecast,
    Screen::Models,
    Screen::Reorders,
    Screen::Purchases,
    Screen::Flags,
];

/// The digits of the first ten of [`ROOTS`].
const DIGITS: [&[&str]; 10] =
    [&["1"], &["2"], &["3"], &["4"], &["5"], &["6"], &["7"], &["8"], &["9"], &["0"]];

impl Screen {
    /// The key that opens it, for one of [`ROOTS`].
    pub const fn digit(self) -> &'static [&'static str] {
        let mut at = 0;
        while at < ROOTS.len() && at < DIGITS.len() {
            if ROOTS[at] as u8 == self as u8 {
                return DIGITS[at];
            }
            at += 1;
        }
        &[]
    }
    /// Every screen, in the order of their digits, details after their table.
    pub const ALL: &'static [Screen] = &[
        Screen::Overview,
        Screen::Orders,
        Screen::Order,
        Screen::Stock,
        Screen::Sku,
        Screen::Feeds,
        Screen::Journal,
        Screen::Forecast,
        Screen::Models,
        Screen::Totals,
        Screen::Reorders,
        Screen::Backtest,
        Screen::Purchases,
        Screen::Purchase,
        Screen::Flags,
        Screen::Case,
        Screen::Past,
        Screen::Rules,
        Screen::Coordination,
        Screen::Expected,
        Screen::Allocation,
        Screen::Supplier,
        Screen::Quarantine,
    ];
    /// Its name in the palette and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Screen::Overview => "overview",
            Screen::Orders => "orders",
            Screen::Order => "order",
            Screen::Stock => "stock",
            Screen::Sku => "sku",
            Screen::Feeds => "feeds",
            Screen::Journal => "journal",
            Screen::Forecast => "forecast",
            Screen::Models => "models",
            Screen::Totals => "totals",
            Screen::Reorders => "reorders",
            Screen::Backtest => "backtest",
            Screen::Purchases => "purchases",
            Screen::Purchase => "purchase",
            Screen::Flags => "flags",
            Screen::Case => "case",
            Screen::Past => "past",
            Screen::Rules => "rules",
            Screen::Coordination => "coordination",
            Screen::Expected => "expected",
            Screen::Allocation => "allocation",
            Screen::Supplier => "supplier",
            Screen::Quarantine => "quarantine",
        }
    }
    /// Its title in the header.
    pub const fn title(self) -> &'static str {
        match self {
            Screen::Overview => "Overview",
            Screen::Orders => "Orders",
            Screen::Order => "Order",
            Screen::Stock => "Stock",
            Screen::Sku => "SKU",
            Screen::Feeds => "Feeds",
            Screen::Journal => "Journal",
            Screen::Forecast => "Forecast",
            Screen::Models => "Models",
            Screen::Totals => "Totals",
            Screen::Reorders => "Reorders",
            Screen::Backtest => "Backtest",
            Screen::Purchases => "Purchases",
            Screen::Purchase => "Purchase",
            Screen::Flags => "Flags",
            Screen::Case => "Case",
            Screen::Past => "Past",
            Screen::Rules => "Rules",
            Screen::Coordination => "Coordination",
            Screen::Expected => "Expected orders",
            Screen::Allocation => "Allocation",
            Screen::Supplier => "Supplier",
            Screen::Quarantine => "Quarantine",
        }
    }
    /// Whether it is a paged table.
    pub const fn is_table(self) -> bool {
        matches!(
            self,
            Screen::Orders
                | Screen::Stock
                | Screen::Journal
                | Screen::Forecast
                | Screen::Totals
                | Screen::Reorders
                | Screen::Purchases
                | Screen::Flags
                | Screen::Coordination
                | Screen::Expected
                | Screen::Allocation
                | Screen::Quarantine
        )
    }
}

/// A screen and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// [`Screen::Overview`].
    Overview,
    /// [`Screen::Orders`].
    Orders,
    /// [`Screen::Order`] of one order.
    Order(OrderRef),
    /// [`Screen::Stock`].
    Stock,
    /// [`Screen::Sku`] of one SKU.
    Sku(Sku),
    /// [`Screen::Feeds`].
    Feeds,
    /// [`Screen::Journal`].
    Journal,
    /// [`Screen::Forecast`].
    Forecast,
    /// [`Screen::Models`].
    Models,
    /// [`Screen::Totals`] by category, site or supplier.
    Totals(GroupBy),
    /// [`Screen::Reorders`].
    Reorders,
    /// [`Screen::Backtest`].
    Backtest,
    /// [`Screen::Quarantine`].
    Quarantine,
    /// [`Screen::Purchases`].
    Purchases,
    /// [`Screen::Allocation`].
    Allocation,
    /// [`Screen::Purchase`] of one order.
    Purchase(PoNumber),
    /// [`Screen::Purchase`] of what is approved for a supplier and site and no order yet.
    Draft(SupplierId, SiteId),
    /// [`Screen::Flags`].
    Flags,
    /// [`Screen::Case`] of one case.
    Case(CaseId),
    /// [`Screen::Past`] of a customer or a SKU.
    Past(PastOf),
    /// [`Screen::Rules`].
    Rules,
    /// [`Screen::Coordination`].
    Coordination,
    /// [`Screen::Expected`] by supplier.
    Expected,
    /// [`Screen::Expected`] by SKU.
    ExpectedSkus,
    /// [`Screen::Supplier`] of one, by its code or name.
    Supplier(SupplierId),
}

impl Place {
    /// Its kind.
    pub const fn screen(&self) -> Screen {
        match self {
            Place::Overview => Screen::Overview,
            Place::Orders => Screen::Orders,
            Place::Order(_) => Screen::Order,
            Place::Stock => Screen::Stock,
            Place::Sku(_) => Screen::Sku,
            Place::Feeds => Screen::Feeds,
            Place::Journal => Screen::Journal,
            Place::Forecast => Screen::Forecast,
            Place::Models => Screen::Models,
            Place::Totals(_) => Screen::Totals,
            Place::Reorders => Screen::Reorders,
            Place::Backtest => Screen::Backtest,
            Place::Quarantine => Screen::Quarantine,
            Place::Purchases => Screen::Purchases,
            Place::Allocation => Screen::Allocation,
            Place::Purchase(_) | Place::Draft(..) => Screen::Purchase,
            Place::Flags => Screen::Flags,
            Place::Case(_) => Screen::Case,
            Place::Past(_) => Screen::Past,
            Place::Rules => Screen::Rules,
            Place::Coordination => Screen::Coordination,
            Place::Expected | Place::ExpectedSkus => Screen::Expected,
            Place::Supplier(_) => Screen::Supplier,
        }
    }
    /// What stands in the breadcrumbs.
    pub fn crumb(&self) -> String {
        match self {
            Place::Order(order) => order.number.to_string(),
            Place::Sku(sku) => sku.to_string(),
            Place::Purchase(number) => number.to_string(),
            Place::Supplier(supplier) => supplier.to_string(),
            Place::Draft(supplier, site) => format!("draft to {supplier} for {site}"),
            Place::Case(case) => case.to_string(),
            Place::Past(PastOf::Customer(customer)) => format!("past of {customer}"),
            Place::Past(PastOf::Account(account)) => format!("past of account {account}"),
            Place::Past(PastOf::Sku(sku)) => format!("past of {sku}"),
            Place::Totals(by) => format!("by {}", by.word()),
            Place::ExpectedSkus => "by SKU".to_owned(),
            other => other.screen().title().to_owned(),
        }
    }
}

/// A place with the filter it is opened with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// Where to.
    pub place: Place,
    /// Filter of its table; empty: none.
    pub filter: String,
}

impl Goal {
    /// Without a filter.
    pub fn to(place: Place) -> Goal {
        Goal { place, filter: String::new() }
    }
}
