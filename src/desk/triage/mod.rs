//! Triage at the desk: what people decide about cases, and what shops are to make of it.
//!
//! Everything lies in the journal; [`Triage`] is what its entries add up to. A verdict (release,
//! hold, cancel, refund-watch, confirm) is about orders of a case, or about a case that has none. The
//! latest verdict on an order that stands counts. From it follows what the order's shop is to be told
//! ([`Triage::to_tell`]), and from an undo that it is to be told the opposite; what it said to that
//! is noted by the owner ([`crate::domain::Decision::TellShop`]).

mod book;
mod check;
mod error;

pub use book::{Deed, Mute, RuleDeed, ToTell, Triage};
pub use check::{CaseSeen, LONGEST_MUTE, LONGEST_SNOOZE, MOST_ORDERS};
pub(super) use check::{
    check_act, check_model, check_mute, check_mute_end, check_switch, check_threshold, inverse,
};
pub use error::TriageError;
