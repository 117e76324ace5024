//! What runs short when so much was planned to: how a fill rate that is asked for is really reached.
//!
//! From the quantiles of totals alone it cannot be told whether what is short in three weeks was short in
//! two already: a few bulk orders add up to the same quantiles as a level that nobody foresaw, and a shop
//! that lives by the former needs much less stock for the same fill rate. Nor does one plan tell what is there:
//! forecasts are now higher, now lower, and what was bought by a high one is still there under the lower
//! one after it. So the plan is played week by week over the store's own past: what was planned to be
//! short of a review's demand, and what would have been of what was there by then. The plan then
//! allows for as much as makes the share that is wanted.

use super::distribution::Distribution;
use crate::model::LEVEL_COUNT;
use serde::{Deserialize, Serialize};

/// Shares of a review's demand that are planned to run short.
const PLANNED: [f64; 7] = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4];
/// Weeks that are played before any counts: as if nothing was there, the first one buys only what it needs.
pub const SETTLING: usize = 4;
/// Days until goods come, and until the next order's do, after each review.
pub const WINDOW: [usize; 2] = [14, 21];
/// Days between reviews.
const REVIEW: usize = 7;
/// So many weeks count as much as the plan's own word.
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

/// A review of the past.
pub struct Reviewed<'a> {
    /// Quantiles of the totals of [`WINDOW`].
    pub totals: [[f32; LEVEL_COUNT]; 2],
    /// Units sold on the days after it, NaN where that is not known.
    pub ahead: &'a [f32],
}

/// What weeks of the past add up to.
#[derive(Clone, Debug, Default)]
pub struct ShortageFit {
    short: [f64; PLANNED.len()],
    asked: f64,
    weeks: u32,
}

impl ShortageFit {
    /// Plays the weekly reviews of a series, one after the other: each orders up to its level where less
    /// is there and coming. Each series counts alike.
    pub fn play(&mut self, reviews: &[Reviewed<'_>]) {
        let mut left = [0.0_f64; PLANNED.len()];
        for (week, Reviewed { totals, ahead }) in reviews.iter().enumerate() {
            let sum = |days: usize| ahead.get(..days).map(|day| f64::from(day.iter().sum::<f32>()));
            let (Some(sold), [Some(own), Some(next)]) = (sum(REVIEW), WINDOW.map(sum)) else {
                return;
            };
            let [until_own, until_next] = totals.each_ref().map(Distribution::of_quantiles);
            let of_review = until_next.mean() - until_own.mean();
            // Of days that are not known as much as was expected.
            let sold = if sold.is_nan() { of_review } else { sold };
            let counts = week >= SETTLING && !next.is_nan() && of_review > 0.0;
            if counts {
                self.weeks += 1;
                self.asked += (next - own) / of_review;
            }
            for (place, share) in PLANNED.into_iter().enumerate() {
                let level = until_next.level_short(&until_own, share * of_review);
                let there = left[place].max(level);
                let beyond = |units: f64| (units - there).max(0.0);
                if counts {
                    self.short[place] += (beyond(next) - beyond(own)) / of_review;
                }
                left[place] = (there - sold).max(0.0);
            }
        }
    }

    /// What ran short, between that and what was planned as weeks are many or few.
    pub fn found(&self) -> Shortage {
        if self.asked <= 0.0 {
            return Shortage::default();
        }
        let believed = f64::from(self.weeks) / (f64::from(self.weeks) + WORD);
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

    /// Quantiles of the totals of [`WINDOW`] of days drawn by `drawn`, so many times as many as they are.
    fn totals(drawn: &mut dyn FnMut() -> Vec<f32>, times: f32) -> [[f32; LEVEL_COUNT]; 2] {
        let known: Vec<Vec<f32>> = (0..4_000).map(|_| drawn()).collect();
        WINDOW.map(|days| {
            let sum = |one: &Vec<f32>| times * one[..days].iter().sum::<f32>();
            let mut sums: Vec<f32> = known.iter().map(sum).collect();
            sums.sort_by(f32::total_cmp);
            LEVELS.map(|level| sums[(level * sums.len() as f32) as usize])
        })
    }

    /// Series whose every twentieth day sells twenty, or that sell on an even level that nobody knows. The
    /// forecasts are now `off` times as high, now as low.
    fn found(bulk: bool, off: f32, series: usize) -> Shortage {
        const DAYS: usize = 7 * (SETTLING + 4) + WINDOW[1];
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let mut drawn = || -> Vec<f32> {
            let level: f32 = if rng.random::<f32>() < 0.2 { 5.0 } else { 0.0 };
            let day = |rng: &mut ChaCha8Rng| match bulk {
                true => f32::from(u8::from(rng.random::<f32>() < 0.05)) * 20.0,
                false => level,
            };
            (0..DAYS).map(|_| day(&mut rng)).collect()
        };
        let told = [off, 1.0 / off].map(|times| totals(&mut drawn, times));
        let mut fit = ShortageFit::default();
        for _ in 0..series {
            let days = drawn();
            let review =
                |week: usize| Reviewed { totals: told[week % 2], ahead: &days[7 * week..] };
            fit.play(&(0..SETTLING + 4).map(review).collect::<Vec<_>>());
        }
        fit.found()
    }

    #[test]
    fn bulk_orders_run_less_short_than_a_level_that_was_not_foreseen() {
        let (bulk, level) = (found(true, 1.0, 1_000), found(false, 1.0, 1_000));
        assert!(bulk.planned(0.05) > 1.5 * level.planned(0.05), "{bulk:?} {level:?}");
        let few = found(true, 1.0, 5);
        assert!(few.planned(0.05) < bulk.planned(0.05), "few weeks say little: {few:?}");
    }

    #[test]
    fn what_a_high_forecast_bought_serves_under_the_low_one_after_it() {
        let (steady, unsteady) = (found(true, 1.0, 1_000), found(true, 1.3, 1_000));
        assert!(unsteady.planned(0.05) > 1.2 * steady.planned(0.05), "{steady:?} {unsteady:?}");
    }

    #[test]
    fn nothing_known_changes_nothing_and_more_wanted_is_more_planned() {
        let as_planned = Shortage::default();
        for wanted in [0.001, 0.005, 0.03, 0.2, 0.4] {
            assert!((as_planned.planned(wanted) - wanted).abs() < 1e-9, "{wanted}");
        }
        assert_eq!(ShortageFit::default().found(), as_planned);
        let bulk = found(true, 1.0, 1_000);
        let planned = [0.001, 0.01, 0.02, 0.05, 0.1, 0.3].map(|wanted| bulk.planned(wanted));
        assert!(planned.is_sorted(), "{planned:?}");
        let mut fit = ShortageFit::default();
        let totals = [[1.0; LEVEL_COUNT], [2.0; LEVEL_COUNT]];
        let review = |_| Reviewed { totals, ahead: &[f32::NAN; WINDOW[1]] };
        fit.play(&(0..SETTLING + 4).map(review).collect::<Vec<_>>());
        assert_eq!(fit.weeks, 0, "days that are not known say nothing");
    }
}
