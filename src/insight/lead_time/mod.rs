//! How late or early deliveries come against what was promised, learnt as a distribution.
//!
//! Deliveries of a supplier over a lane (the way there and the place) are few, and many come on the
//! very day that was promised. So a distribution is a set of whole days with their chances ([`Mixture`]):
//! the day itself is one of them, with as much chance as it has earned. Each level of knowledge (all,
//! the kind of fulfilment, the supplier, its lane, its lane for orders of like notice) leans on the
//! level above by a fixed number of deliveries ([`Levels`]), as with a Dirichlet prior whose mean is the
//! parent's distribution. What is said of a delivery to come averages the quantiles of several memories,
//! from weeks to years ([`Slips`]): short ones follow a supplier that changed, long ones stay sober.
//!
//! Nothing that became known after an order is read of an order that is to be predicted.
//!
//! What replenishment goes by is a special case of the same levels (`plan/replenish/lead_time/learnt.rs`):
//! days from order to arrival in place of days from the promise, since an order that is only planned has
//! no promise but the supplier's stated lead time; that word as the widest level; a supplier and its
//! lanes below it; one memory, of a year; and orders that are waited for count as well.

pub mod file;
mod levels;
pub mod measure;
mod mixture;
mod slips;
#[cfg(test)]
mod tests;

pub use levels::{Levels, Seen, fading};
pub use mixture::Mixture;
pub use slips::Slips;

use crate::domain::Day;
use std::sync::Arc;

/// A delivery that was promised for a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Its name in the file.
    pub id: Box<str>,
    /// Who delivers.
    pub vendor: Arc<str>,
    /// What it belongs to, from the widest to the narrowest: the kind of fulfilment, the vendor, its
    /// lane, its lane with the notice. Each holds the ones before it.
    pub path: [Arc<str>; 4],
    /// The day it was promised for.
    pub scheduled: Day,
    /// The day it came, where that is known.
    pub delivered: Option<Day>,
    /// The day on which that was written down.
    pub recorded: Option<Day>,
    /// Deliveries of one vendor to one place, promised for one day, that came on one day are one event.
    pub batch: Arc<str>,
}

impl Delivery {
    /// Days from the promise to the delivery; negative: early.
    pub fn slip(&self) -> Option<i32> {
        Some(self.delivered?.number() - self.scheduled.number())
    }

    /// The same if it was known at the end of a day of an order that was due by then.
    pub fn slip_known(&self, until: Day) -> Option<i32> {
        let written = self.recorded.max(self.delivered)?;
        self.slip().filter(|_| self.scheduled <= until && written <= until)
    }
}
