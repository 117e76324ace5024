//! The built-in demo: a simulated merchant, and the web shop that it runs.
//!
//! [`Merchant`] simulates a seller of giftware from a seed: customers with habits, a week, a year,
//! promotions, stock-outs, returns, suppliers who are late, and now and then an order that is
//! wrong, of which the [`Truth`] is kept; where it is asked for, stock, prices, notes and the shop's own
//! data go wrong too ([`IncidentKind`]). Two invariants hold at every moment: the same seed gives
//! the same history however it is stepped through, and for every SKU and site
//! `opening + receipts + returns + transfers - shipped + adjustments + by hand = on hand`, never negative.
//!
//! [`server`] serves it over HTTP in WooCommerce's shape, so that the real adapter reads it.
//! [`fill()`] makes orders in bulk, for measuring.

pub mod asked;
pub mod calendar;
pub mod catalogue;
mod changes;
pub mod customers;
mod fill;
mod fulfilment;
mod incidents;
mod market;
mod odd;
mod purchasing;
pub mod rows;
mod sales;
pub mod server;
mod shipping;
mod sim;
pub mod truth;
mod words;

#[cfg(test)]
mod tests;

pub use asked::{AskError, Asked, AskedFile, Request};
pub use calendar::ZONE;
pub use changes::{Answer, Wish};
pub use fill::{fill, fill_until};
pub use fulfilment::StatusError;
pub use incidents::IncidentKind;
use incidents::TakenOver;
pub use server::{DemoError, DemoStore, Warehouse};
pub use sim::{Buyer, Config, Merchant, Shift};
pub use truth::{OddKind, Truth};

/// Of the notes that are hostile on purpose one in so many is told; in place of the others stands a plain one.
pub(crate) const HOSTILE_ONE_IN: u32 = 64;
/// Where the hostile notes begin among [`NOTES`], and where they end.
pub(crate) const HOSTILE_NOTES: std::ops::Range<usize> = 5..7;

/// What customers write with an order; some of it is hostile on purpose.
pub(crate) const NOTES: [&str; 9] = [
    "Please leave with a neighbour.",
    "Gift: no invoice in the parcel, please.",
    "Ring the bell twice.",
    "Bitte nicht knicken! Grüße aus Köln",
    "お誕生日プレゼントです 🎁",
    "\u{1b}[31;1mURGENT\u{1b}[0m deliver before Friday",
    "Line one\r\nline two\ttabbed \u{202e}desrever",
    "Deliver to the shop, not the house; closed on Wednesdays.",
    "I ordered the wrong size last time, hope this one fits.",
];
