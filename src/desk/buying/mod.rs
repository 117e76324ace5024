//! Buying at the desk: approving what is proposed to be ordered, and what becomes of the orders.
//!
//! Everything lies in the journal; [`Purchasing`] is what its entries add up to. A line is approved
//! ([`crate::domain::Decision::Approve`]) and can be taken back during the grace period. When that
//! is over for all approved lines of one supplier and site, and a second person has signed where
//! [`Rules`] want one, the owner makes them one order ([`due`]), which gets the next number. From
//! then on the order can be called off or closed, but not undone: the supplier may know of it.

mod book;
mod check;
mod error;
mod order;
mod past;
mod place;
mod rules;

pub use book::{Approved, Conversion, Draft, Purchasing, Signature};
pub use check::{CurrentProposal, check_due, check_supplier, inverse, whole_packs};
pub(super) use check::{check_approval, check_order, check_quiet, check_second};
pub(super) use check::{may_approve, own, still_to_come};
pub use error::BuyingError;
pub use order::{Cancelled, Confirmed, Failure, OwnOrder, Parcel, Sent};
pub use past::{Again, Past, PastWhat};
pub use place::{Moment, Waits, due, purchase_order_after};
pub use rules::{Powers, Rules};
