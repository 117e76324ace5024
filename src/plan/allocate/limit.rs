//! How long a solution may take.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The end of the time, and whether somebody wants it to end before.
///
/// Work is counted, so that the same instance has the same solution on every machine; time ends it only
/// where a machine is so slow that the count would take longer.
pub(super) struct Limit<'a> {
    begun: Instant,
    allowed: Duration,
    cancelled: &'a (dyn Fn() -> bool + Sync),
    hit: AtomicBool,
}

impl<'a> Limit<'a> {
    /// From now on.
    pub(super) fn new(allowed: Duration, cancelled: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Limit { begun: Instant::now(), allowed, cancelled, hit: AtomicBool::new(false) }
    }
    /// The same beginning with an earlier end, as a part of the time.
    pub(super) fn part(&self, part: f64) -> Limit<'a> {
        Limit { allowed: self.allowed.mul_f64(part), hit: AtomicBool::new(false), ..*self }
    }
    /// Whether to stop now.
    pub(super) fn over(&self) -> bool {
        let over = self.begun.elapsed() >= self.allowed || (self.cancelled)();
        if over {
            self.hit.store(true, Ordering::Relaxed);
        }
        over
    }
    /// Work was left out, since the time would not have lasted.
    pub(super) fn shorten(&self) {
        self.hit.store(true, Ordering::Relaxed);
    }
    /// The time that is left.
    pub(super) fn left(&self) -> Duration {
        self.allowed.saturating_sub(self.begun.elapsed())
    }
    /// The time since it began.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
    /// Whether anything was stopped.
    pub(super) fn was_hit(&self) -> bool {
        self.hit.load(Ordering::Relaxed)
    }
    /// Whether somebody wants it to end.
    pub(super) fn cancelled(&self) -> bool {
        (self.cancelled)()
    }
}
