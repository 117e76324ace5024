//! Coordination at the desk: asking suppliers to bring lines sooner, later or not at all, and sending goods
//! between own sites.
//!
//! Everything lies in the journal; [`Coordination`] is what its entries add up to. What is accepted can be
//! taken back during the grace period of [`super::buying::Rules`]. Then a supplier is told through the
//! outbox, and answers by confirming the line anew; a transfer leaves ([`crate::domain::Decision::Dispatch`]),
//! and is an order of its own to stock under its number until it has come, or is closed
//! and what has not come is written off.

mod book;
mod check;
mod error;

pub use book::{Answer, Coordination, OwnTransfer, Request, TurnedDown};
pub(super) use check::{check_ask, check_close, check_transfer, check_turn_down, inverse};
pub use error::CoordinationError;
