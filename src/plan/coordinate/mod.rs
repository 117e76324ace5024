//! Coordination: what is expected to be ordered of each supplier, whether what is on order fits the need
//! that there is by now, and what own sites can send each other before more is bought.
//!
//! All of it follows from a [`super::replenish::Situation`] and the forecast in it; nothing here decides.
//! A date is told as the first day at whose end the forecast's demand from today on, at a named
//! quantile, exceeds what is there.

mod expected;
mod inbound;
mod need;
mod transfer;
mod words;

pub use expected::{Expected, Range, WEEKS, Week, expected};
pub use inbound::{Inbound, InboundProposal, Why, inbound};
pub use transfer::{SiteLine, Spare, TransferProposal, TransferTerms, spare, transfers};

#[cfg(test)]
mod tests;
