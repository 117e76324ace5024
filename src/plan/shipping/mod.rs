//! Where open orders ship from, as a seller sees it: what shipping costs ([`ShippingTerms`]), what a
//! unit is worth where it lies ([`scarcity`]), the open orders as an instance of the allocation
//! ([`assemble`]), and what of its solution somebody has to decide about ([`cases`]).
//!
//! All money is in whole minor units of one currency, as in [`crate::plan::allocate`].

mod assemble;
mod cases;
mod choice;
mod network;
mod scarcity;
mod terms;

pub use assemble::{Assembled, assemble};
pub use cases::{Case, Need, Proposed, cases};
pub use choice::{Cost, ShipChoice};
pub use network::{Blocked, Network, OpenLine, OpenOrder, Shelf};
pub use scarcity::{Grid, scarcity};
pub use terms::{MethodTerms, Promise, Rate, ShippingTerms, SiteTerms, ZoneTerms};

#[cfg(test)]
mod tests;
