//! When to try again.

use rand::Rng;
use std::time::Duration;

/// Exponential backoff with jitter, in monotonic time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first try that failed, at most.
    pub first: Duration,
    /// The longest wait that is chosen here.
    pub longest: Duration,
    /// Tries before it is given up.
    pub tries: u32,
}

impl Backoff {
    /// The longest wait that the other side may ask for.
    pub const LONGEST_ASKED: Duration = Duration::from_secs(3_600);

    /// How long to wait after the `tried`-th try, from 1: doubled each time, of which between a half
    /// and all is drawn, so that what failed together is not tried again together. What the other
    /// side asks for is kept. `None`: it is given up.
    pub fn after(
        &self,
        tried: u32,
        asked: Option<Duration>,
        rng: &mut impl Rng,
    ) -> Option<Duration> {
        if tried >= self.tries {
            return None;
        }
        let doubled = self.first.saturating_mul(1_u32 << (tried.saturating_sub(1)).min(20));
        let drawn = doubled.min(self.longest).mul_f64(rng.random_range(0.5..1.0));
        Some(drawn.max(asked.unwrap_or_default().min(Self::LONGEST_ASKED)))
    }
}

impl Default for Backoff {
    /// From a second to a quarter of an hour, for about five hours.
    fn default() -> Self {
        Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(900), tries: 30 }
    }
}
