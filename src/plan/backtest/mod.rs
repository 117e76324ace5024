//! Would it have worked? Past demand, day by day, replayed against a replenishment policy.
//!
//! A [`Replay`] holds what happened and what things cost; a [`Policy`] is asked at each review, sees
//! the days up to and including that one, and answers with order-up-to levels; [`simulate`] counts what that
//! would have cost. [`Console`] is the policy that the console's own proposals follow, [`Classic`] are
//! those that it is held against.

mod classic;
mod console;
mod folder;
mod gamma;
mod replay;
mod simulate;

pub use classic::Classic;
pub use console::{Console, lead_times};
pub use folder::{FolderError, read};
pub use replay::{Costs, Item, REVIEW_DAYS, Replay, Supplier, Track};
pub use simulate::{BacktestError, Outcome, Placed, Policy, Review, Seen, simulate};

#[cfg(test)]
mod tests;
