//! An order as the detection sees it: who, where, when, and lines of item, quantity and price.
//!
//! Ids of orders, customers, addresses, items, feeds and countries are opaque: nothing here looks at
//! anything but whether two of them are equal.

use std::sync::Arc;

/// What an order does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Goods go out.
    Sale,
    /// Goods come back; quantities are positive here too.
    Return,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The item.
    pub sku: Arc<str>,
    /// Units, above 0 for sales and returns alike. Anything else is taken for an odd number.
    pub qty: f64,
    /// Price of one unit in the store's currency.
    pub price: f64,
    /// List price of one unit in the same currency, where one is known.
    pub list: Option<f64>,
}

/// One order as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Its id.
    pub id: Arc<str>,
    /// When it arrived: seconds since 1970-01-01T00:00 by the clock on the store's wall.
    pub at: i64,
    /// Sale or return.
    pub kind: Kind,
    /// The feed that it came by.
    pub feed: Arc<str>,
    /// Who ordered, as they say: an e-mail or an id; `None` is a guest.
    pub customer: Option<Arc<str>>,
    /// Under whose account, where that is told beside it. Orders of one account are one customer's, under
    /// whatever e-mail they come.
    pub account: Option<Arc<str>>,
    /// Country of the bill; empty where none was told.
    pub bill: Arc<str>,
    /// Country it goes to; empty where none was told.
    pub ship: Arc<str>,
    /// Address it goes to.
    pub address: Option<Arc<str>>,
    /// Whether the bill goes to another one.
    pub elsewhere: bool,
    /// What the customer wrote to it.
    pub note: Option<Arc<str>>,
    /// Its lines, in any order.
    pub lines: Vec<Line>,
}

impl Order {
    /// Worth of its lines in the store's currency; odd numbers count as nothing.
    pub fn value(&self) -> f64 {
        self.lines.iter().map(|line| sound(line.qty) * sound(line.price)).sum()
    }

    /// Units over its lines; odd numbers count as nothing.
    pub fn units(&self) -> f64 {
        self.lines.iter().map(|line| sound(line.qty)).sum()
    }
}

/// A number that can be counted with: finite and not below 0.
pub(super) fn sound(number: f64) -> f64 {
    if number.is_finite() && number > 0.0 { number.min(1e12) } else { 0.0 }
}

/// log2 of a quantity or price, odd numbers and crumbs at 2^-10.
pub(super) fn log(number: f64) -> f32 {
    sound(number).max(1.0 / 1024.0).log2() as f32
}

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// Hour of the day, 0 to 23.
pub(super) fn hour(at: i64) -> usize {
    usize::try_from(at.rem_euclid(DAY) / 3600).unwrap_or(0)
}

/// Day of the week, Monday 0 to Sunday 6. (1970-01-01 was a Thursday.)
pub(super) fn weekday(at: i64) -> usize {
    usize::try_from((at.div_euclid(DAY) + 3).rem_euclid(7)).unwrap_or(0)
}
