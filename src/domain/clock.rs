//! The domain's clock: the wall's in production, the replay's in a replay or demo.
//!
//! Domain time decides staleness of figures, due dates, snoozes and what "today" is. Timeouts and
//! retries use `std::time::Instant` and never this.

use super::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells domain time.
pub trait Clock: Send + Sync {
    /// The current domain time.
    fn now(&self) -> Timestamp;
}

/// Domain time is wall time.
#[derive(Debug, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        Timestamp::wall_now()
    }
}

/// Domain time that moves only when it is moved, and only forward.
#[derive(Debug)]
pub struct SimClock(AtomicI64);

impl SimClock {
    /// A clock that stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        SimClock(AtomicI64::new(start.as_millis()))
    }
    /// Moves the clock to `to`; an earlier time leaves it where it is.
    pub fn advance_to(&self, to: Timestamp) {
        self.0.fetch_max(to.as_millis(), Ordering::AcqRel);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Acquire))
    }
}
