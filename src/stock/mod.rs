//! Stock: what is there, what is promised and what is coming, per SKU and site.
//!
//! A source's own figure is the truth as of its moment; orders and movements after that moment are
//! applied on top (see [`crate::domain::Position`]). Three things always hold:
//!
//! - Unknown is never zero: where nobody has said what is there, nothing is computed.
//! - The positions are a function of the *set* of what was told, not of the order in which it came.
//! - Every operation says which positions it changed, so that just these have to be written.
//!
//! Of several sources that each tell a figure for one position, the newest figure counts. A source
//! that says "I do not manage this" takes back only its own figure: a shop without stock keeping
//! does not wipe out what a person has counted.
//!
//! Only sales move stock. A return or a correction document moves nothing by itself: goods that
//! come back reach the shelf by a receipt, an adjustment or the next figure of the source, since
//! nobody knows before whether they can be sold again.

mod book;
mod changed;
mod movement;
mod news;
mod outs;
mod queries;
mod sales;
mod shelf;
mod supply;

pub use book::StockBook;
pub use changed::Changed;
pub use movement::{Movement, MovementId};
pub use news::News;
pub use outs::{Out, Outs};
pub use sales::{SalesAfter, shipped_moment, sold_after};
pub use shelf::Shelf;
pub use supply::Delivery;

#[cfg(test)]
mod tests;
