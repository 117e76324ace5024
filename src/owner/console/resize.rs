//! Resizes, one for many: a window that is being dragged sends dozens a second, and each costs a
//! whole frame.

use std::time::{Duration, Instant};

/// How long a size must stand to be passed on.
const QUIET: Duration = Duration::from_millis(30);
/// The same while a window is being dragged.
const STORM: Duration = Duration::from_millis(150);
/// How long a dragged window waits for a frame at most.
const LONGEST: Duration = Duration::from_millis(400);
/// Resizes nearer to each other than this are a drag.
const DRAG: Duration = Duration::from_millis(600);

/// Resizes that were heard and not yet passed on.
#[derive(Debug, Default)]
pub(super) struct Resizes {
    first: Option<Instant>,
    last: Option<Instant>,
    passed: Option<Instant>,
}

impl Resizes {
    /// The terminal has another size.
    pub(super) fn heard(&mut self, now: Instant) {
        self.first.get_or_insert(now);
        self.last = Some(now);
    }

    /// When the size is to be passed on; `None`: nothing waits.
    pub(super) fn due(&self) -> Option<Instant> {
        let (first, last) = (self.first?, self.last?);
        let drag = self.passed.is_some_and(|passed| first.duration_since(passed) < DRAG);
        let quiet = if drag { STORM } else { QUIET };
        Some((last + quiet).min(first + LONGEST))
    }

    /// The size has been passed on.
    pub(super) fn passed(&mut self, now: Instant) {
        *self = Resizes { passed: Some(now), ..Resizes::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_resize_is_passed_on_soon() {
        let now = Instant::now();
        let mut resizes = Resizes::default();
        assert_eq!(resizes.due(), None);
        resizes.heard(now);
        assert_eq!(resizes.due(), Some(now + QUIET));
        resizes.passed(now + QUIET);
        assert_eq!(resizes.due(), None);
    }

    #[test]
    fn a_storm_of_resizes_becomes_few() {
        for step in [Duration::from_millis(2), Duration::from_millis(20), STORM - QUIET] {
            let (mut now, mut resizes, mut frames) = (Instant::now(), Resizes::default(), 0);
            for _ in 0..100 {
                resizes.heard(now);
                now += step;
                if resizes.due().is_some_and(|due| due <= now) {
                    resizes.passed(now);
                    frames += 1;
                }
            }
            assert!(frames <= 40, "{frames} frames for a resize every {step:?}");
        }
    }
}
