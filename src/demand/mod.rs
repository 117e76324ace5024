//! Daily demand per SKU and site, kept incrementally: what changes is corrected, never recounted.
//!
//! The cells are a function of the *set* of orders in their latest versions, whatever the order in
//! which they came. Demand of a day is the sum of the demand lines (see
//! [`crate::domain::Order::demand_lines`]) of the orders placed on that day, in the site's zone,
//! less the lines that the same customer took back in full on the same day.
//!
//! **Same-day reversals.** A sale line and a return line match when customer, SKU, site and day
//! are the same and the quantities opposite; each line matches at most one. A matched sale is no
//! demand. Lines without a customer never match. Only return lines are held in memory; the sales
//! of a customer are asked for when a return says that they matter (see [`SameDay`]).

mod bucket;
mod censored;
mod frequency;
mod items;
mod ledger;
mod one_off;
mod panel;
mod reversal;

pub use bucket::{BUCKET_DAYS, Bucket, BucketKey, Buckets};
pub use censored::{Known, expected_from, fill_up, uncensored};
pub use frequency::Frequency;
pub use items::{Item, Items};
pub use ledger::{DemandChange, Ledger, OrderChange, SeriesChange, SeriesKey, SeriesSpan};
pub use one_off::{OneOff, one_offs};
pub use panel::{Panel, PanelError};
pub use reversal::{ReturnKey, SaleLine, SameDay};

#[cfg(test)]
mod memory;
#[cfg(test)]
mod online_retail;
#[cfg(test)]
mod tests;
