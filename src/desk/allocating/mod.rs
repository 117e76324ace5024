//! Where open orders ship from, at the desk.
//!
//! Everything lies in the journal; [`Allocations`] is what its entries add up to. A decision is told to
//! the shop at once, and so is that it was taken back: both are told until the shop takes them or says
//! that it never will. A decision can be taken back while the order has not left.

mod book;
mod check;
mod error;

pub use book::{Allocations, Choice, Chosen, Errand, ShopWord};
pub use check::inverse;
pub(super) use check::{check_allocation, check_hold};
pub use error::AllocatingError;
