//! What runs short when so much was planned to: how a fill rate that is asked for is really reached.
//!
//! From the quantiles of totals alone it cannot be told whether what is short in three weeks was short in
//! two already: a few bulk orders add up to the same quantiles as a level that nobody foresaw, and a shop
//! that lives by the former needs much less stock for the same fill rate. So the plan is held against
//! windows of the store's own past: what was planned to be short of a review's demand, and what
//! would have been. The plan then allows for as much as makes the share that is wanted.

use super::distribution::Distribution;
use crate::model::LEVEL_COUNT;
use serde::{Deserialize, Serialize};

/// Shares of a review's demand that are planned to run short.
const PLANNED: [f64; 6] = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2];
/// Days until goods come, and until the next order's do, in the windows.
pub const WINDOW: [usize; 2] = [14, 21];
/// So many windows count as much as the plan's own word.
const WORD: f64 = 100.0;
/// What is short is taken for no less than this part of what was planned to be.
const LEAST_PART: f64 = 0.125;

/// Shares of demand that ran short for those that were planned to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shortage([f64; PLANNED.len()]);

impl Default for Shortage {
    fn default() -> Self {
        Self(PLANNED)
    }
}

impl Shortage {
    /// The share that is to be planned so that `wanted` runs short.
    pub fn planned(&self, wanted: f64) -> f64 {
        let last = PLANNED.len() - 1;
        let above = self.0.partition_point(|short| *short < wanted);
        match above {
            0 => wanted * PLANNED[0] / self.0[0],
            above if above > last => wanted * PLANNED[last] / self.0[last],
            above => {
                let (low, high) = (self.0[above - 1], self.0[above]);
                let share = (wanted - low) / (high - low).max(f64::MIN_POSITIVE);
                PLANNED[above - 1] + share * (PLANNED[above] - PLANNED[above - 1])
            }
        }
        .clamp(PLANNED[0].min(wanted), 0.5_f64.max(wanted))
    }

    /// Whether two of them make a difference to anybody.
    pub fn is_near(&self, other: &Shortage) -> bool {
        self.0.iter().zip(other.0).all(|(one, other)| (one / other - 1.0).abs() < 0.05)
    }
}

/// What windows of the past add up to.
#[derive(Clone, Debug, Default)]
pub struct ShortageFit {
    short: [f64; PLANNED.len()],
    asked: f64,
    windows: u32,
}

impl ShortageFit {
    /// Takes in a window: quantiles of the totals of [`WINDOW`], and units sold on its days, NaN where
    /// that is not known. Each series counts alike.
    pub fn add(&mut self, totals: [&[f32; LEVEL_COUNT]; 2], ahead: &[f32]) {
        let sum = |days: usize| ahead.get(..days).map(|days| f64::from(days.iter().sum::<f32>()));
        let (Some(own), Some(next)) = (sum(WINDOW[0]), sum(WINDOW[1])) else { return };
        let [until_own, until_next] = totals.map(Distribution::of_quantiles);
        let of_review = until_next.mean() - until_own.mean();
        if next.is_nan() || of_review <= 0.0 {
            return;
        }
        self.windows += 1;
        self.asked += (next - own) / of_review;
        for (short, share) in self.short.iter_mut().zip(PLANNED) {
            let level = until_next.level_short(&until_own, share * of_review);
            let beyond = |units: f64| (units - level).max(0.0);
            *short += (beyond(next) - beyond(own)) / of_review;
        }
    }

    /// What ran short, between that and what was planned as windows are many or few.
    pub fn found(&self) -> Shortage {
        if self.asked <= 0.0 {
            return Shortage::default();
        }
        let believed = f64::from(self.windows) / (f64::from(self.windows) + WORD);
        let mut least = 0.0_f64;
        let mut found = PLANNED;
        for (place, planned) in PLANNED.into_iter().enumerate() {
            let real = (self.short[place] / self.asked).max(LEAST_PART * planned);
            found[place] = (planned + believed * (real - planned)).max(least);
            least = found[place] * 1.001;
        }
        Shortage(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LEVELS;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Windows of days of which each twentieth sells twenty, or of an even level that nobody knows.
    fn found(bulk: bool, windows: usize) -> Shortage {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let mut drawn = || -> Vec<f32> {
            let level: f32 = if rng.random::<f32>() < 0.2 { 5.0 } else { 0.0 };
            let day = |rng: &mut ChaCha8Rng| match bulk {
                true => f32::from(u8::from(rng.random::<f32>() < 0.05)) * 20.0,
                false => level,
            };
            (0..WINDOW[1]).map(|_| day(&mut rng)).collect()
        };
        let known: Vec<Vec<f32>> = (0..4_000).map(|_| drawn()).collect();
        let totals = WINDOW.map(|days| -> [f32; LEVEL_COUNT] {
            let mut sums: Vec<f32> = known.iter().map(|one| one[..days].iter().sum()).collect();
            sums.sort_by(f32::total_cmp);
            LEVELS.map(|level| sums[(level * sums.len() as f32) as usize])
        });
        let mut fit = ShortageFit::default();
        (0..windows).for_each(|_| fit.add([&totals[0], &totals[1]], &drawn()));
        fit.found()
    }

    #[test]
    fn bulk_orders_run_less_short_than_a_level_that_was_not_foreseen() {
        let (bulk, level) = (found(true, 4_000), found(false, 4_000));
        assert!(bulk.planned(0.05) > 1.5 * level.planned(0.05), "{bulk:?} {level:?}");
        let few = found(true, 20);
        assert!(few.planned(0.05) < bulk.planned(0.05), "few windows say little: {few:?}");
    }

    #[test]
    fn nothing_known_changes_nothing_and_more_wanted_is_more_planned() {
        let as_planned = Shortage::default();
        for wanted in [0.001, 0.005, 0.03, 0.2, 0.4] {
            assert!((as_planned.planned(wanted) - wanted).abs() < 1e-9, "{wanted}");
        }
        assert_eq!(ShortageFit::default().found(), as_planned);
        let bulk = found(true, 4_000);
        let planned = [0.001, 0.01, 0.02, 0.05, 0.1, 0.3].map(|wanted| bulk.planned(wanted));
        assert!(planned.is_sorted(), "{planned:?}");
        let mut fit = ShortageFit::default();
        fit.add([&[1.0; LEVEL_COUNT], &[2.0; LEVEL_COUNT]], &[f32::NAN; 21]);
        assert_eq!(fit.windows, 0, "days that are not known say nothing");
    }
}
