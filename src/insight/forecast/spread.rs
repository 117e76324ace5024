//! How far totals of this store lie from what a model holds for likely: its upper quantiles, widened or
//! narrowed as the store's own past tells.
//!
//! A network that was trained on other shops knows how uncertain totals are on average over them. A shop
//! whose customers come more evenly would pay for stock that nobody asks for, another one would run short. So
//! weeks of the store's past are forecast as they could have been then, and the distance of the upper
//! quantiles from the median is scaled by the factor under which the quantile loss of these weeks is
//! least (a recalibration on held-back windows; Kuleshov, Fenner and Ermon 2018, with a scale in place of
//! a free curve, as there are few windows in the tail). What is slow and what is fast differ in this, and not in
//! every shop the same way: here a slow item leaps when a wholesaler comes, there it has ended. So there is a
//! factor for each [`PACES`] of the four weeks' total, on a line in between. What few windows say counts for little.

use crate::domain::Day;
use crate::model::evaluate::twice_pinball;
use crate::model::{LEVEL_COUNT, LEVELS, Quantiles};
use crate::store::Table;
use serde::{Deserialize, Serialize};

/// Days whose totals are looked at.
const STAGES: [usize; 3] = [7, 14, 28];
/// Place of the median among the levels.
const MEDIAN: usize = 6;
/// Where the levels above the median are parted: up to 0.9, 0.95, and beyond.
const PARTS: [std::ops::Range<usize>; 3] =
    [MEDIAN + 1..LEVEL_COUNT - 3, LEVEL_COUNT - 3..LEVEL_COUNT - 2, LEVEL_COUNT - 2..LEVEL_COUNT];
/// Units expected in the four weeks of the longest total, each four times the one before.
const PACES: [f32; 4] = [2.0, 8.0, 32.0, 128.0];
/// Factors that are tried.
const GRID: usize = 25;
/// So many windows, one after the other, count as much as what they are held against: the model's own word
/// where they are of all paces, that of all where they are of one.
const WORD: f64 = 100.0;
/// Fewer windows than this say nothing.
const FEWEST: f64 = 100.0;
/// Days from one window to the next: those of longer totals overlap, and count for less.
const APART: f64 = 7.0;

/// The factor at a place of the grid: 0.4 to 1.6.
fn factor(place: usize) -> f32 {
    0.4 + 0.05 * place as f32
}

/// Factors by days, and by part of the levels.
type Factors = [[f32; PARTS.len()]; STAGES.len()];

/// Factors of the distance from the median, by pace, days and part of the levels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    up: [Factors; PACES.len()],
}

impl Default for Spread {
    fn default() -> Self {
        Self { up: [[[1.0; PARTS.len()]; STAGES.len()]; PACES.len()] }
    }
}

/// Where between the paces totals lie: the one below or at it, and how far it is to the next.
fn pace(totals: &[[f32; LEVEL_COUNT]]) -> (usize, f32) {
    let told = totals.get(STAGES[STAGES.len() - 1] - 1).or(totals.last());
    let mean = told.map_or(0.0, Quantiles::mean_of);
    let last = PACES.len() - 1;
    let place = ((mean / PACES[0]).log2() / 2.0).clamp(0.0, last as f32);
    let below = (place as usize).min(last - 1);
    (below, place - below as f32)
}

impl Spread {
    /// Whether two of them make a difference worth a forecast made anew.
    pub fn is_near(&self, other: &Spread) -> bool {
        self.factors().zip(other.factors()).all(|(one, other)| (one - other).abs() < 0.02)
    }

    fn factors(&self) -> impl Iterator<Item = f32> {
        self.up.iter().flatten().flatten().copied()
    }

    /// The factors of totals of this pace.
    fn at_pace(&self, totals: &[[f32; LEVEL_COUNT]]) -> Factors {
        let (below, share) = pace(totals);
        let (low, high) = (&self.up[below], &self.up[below + 1]);
        let of = |stage: usize, part: usize| {
            low[stage][part] + share * (high[stage][part] - low[stage][part])
        };
        std::array::from_fn(|stage| std::array::from_fn(|part| of(stage, part)))
    }

    /// Scales the totals from the first day to each. They stay ascending, and never fall from one day
    /// to the next.
    pub fn apply(&self, totals: &mut [[f32; LEVEL_COUNT]]) {
        if *self == Self::default() {
            return;
        }
        let up = self.at_pace(totals);
        let mut least = [0.0_f32; LEVEL_COUNT];
        for (day, total) in totals.iter_mut().enumerate() {
            let up = after(&up, day + 1);
            *total = scaled(total, up);
            for (quantile, least) in total.iter_mut().zip(&mut least) {
                *quantile = quantile.max(*least);
                *least = *quantile;
            }
        }
    }

    /// Marks what forecasts were made with.
    pub fn mark(&self) -> u32 {
        let mut hash = crc32fast::Hasher::new();
        if *self != Self::default() {
            self.factors().for_each(|up| hash.update(&up.to_le_bytes()));
        }
        hash.finalize()
    }
}

/// The factors of a total of so many days: none on the first day, those of a week after seven, and so
/// on; in between on a line.
fn after(factors: &Factors, days: usize) -> [f32; PARTS.len()] {
    let (mut before, mut at) = (1, [1.0; PARTS.len()]);
    for (stage, up) in STAGES.iter().zip(factors) {
        if days <= *stage {
            let share = days.saturating_sub(before) as f32 / (stage - before) as f32;
            return std::array::from_fn(|part| at[part] + share * (up[part] - at[part]));
        }
        (before, at) = (*stage, *up);
    }
    at
}

fn scaled(total: &[f32; LEVEL_COUNT], up: [f32; PARTS.len()]) -> [f32; LEVEL_COUNT] {
    let mut total = *total;
    for (levels, up) in PARTS.into_iter().zip(up) {
        for level in levels {
            let wanted = total[MEDIAN] + up * (total[level] - total[MEDIAN]);
            total[level] = wanted.max(total[level - 1]);
        }
    }
    total
}

/// What windows of the past of one pace add up to: losses by days, part and factor, and how many they are.
#[derive(Clone, Copy, Debug, Default)]
struct Losses {
    sums: [[[f64; GRID]; PARTS.len()]; STAGES.len()],
    windows: [f64; STAGES.len()],
}

impl Losses {
    fn plus(mut self, other: &Losses, weight: f64) -> Self {
        let pairs = self.sums.iter_mut().flatten().flatten();
        for (sum, other) in pairs.zip(other.sums.iter().flatten().flatten()) {
            *sum += weight * other;
        }
        for (windows, other) in self.windows.iter_mut().zip(other.windows) {
            *windows += weight * other;
        }
        self
    }

    /// The factors under which the loss is least, between them and those of `usual` as windows are many or
    /// few.
    fn best(&self, usual: &Factors) -> Factors {
        let mut found = *usual;
        for (stage, windows) in self.windows.into_iter().enumerate() {
            if windows < FEWEST {
                continue;
            }
            let believed = (windows / (windows + WORD)) as f32;
            for (losses, up) in self.sums[stage].iter().zip(&mut found[stage]) {
                let best = (0..GRID).min_by(|a, b| losses[*a].total_cmp(&losses[*b]));
                *up += believed * (best.map_or(1.0, factor) - *up);
            }
        }
        found
    }
}

/// What windows of the past add up to, a week apart.
#[derive(Clone, Debug, Default)]
pub struct SpreadFit {
    paces: [Losses; PACES.len()],
}

impl SpreadFit {
    /// Takes in a window: what was said of its totals, and units sold on its days, NaN where that is not
    /// known. Each series of a pace counts alike, however much it sells.
    pub fn add(&mut self, totals: &[[f32; LEVEL_COUNT]], ahead: &[f32]) {
        let mut seen = Losses::default();
        for (stage, days) in STAGES.into_iter().enumerate() {
            let (Some(total), Some(sold)) = (totals.get(days - 1), ahead.get(..days)) else {
                continue;
            };
            let (sold, mean) = (sold.iter().sum::<f32>(), Quantiles::mean_of(total));
            if sold.is_nan() || mean <= 0.0 {
                continue;
            }
            seen.windows[stage] = APART / days as f64;
            for place in 0..GRID {
                let scaled = scaled(total, [factor(place); PARTS.len()]);
                for (part, levels) in PARTS.into_iter().enumerate() {
                    let loss =
                        levels.map(|level| twice_pinball(LEVELS[level], scaled[level], sold));
                    seen.sums[stage][part][place] = loss.sum::<f64>() / f64::from(mean);
                }
            }
        }
        let (below, share) = pace(totals);
        for (pace, weight) in [(below, 1.0 - share), (below + 1, share)] {
            self.paces[pace] = self.paces[pace].plus(&seen, f64::from(weight));
        }
    }

    /// The factors under which the loss is least: of all windows, and of each pace held against these.
    pub fn best(&self) -> Spread {
        let all = self.paces.iter().fold(Losses::default(), |all, pace| all.plus(pace, 1.0));
        let usual = all.best(&[[1.0; PARTS.len()]; STAGES.len()]);
        Spread { up: self.paces.each_ref().map(|pace| pace.best(&usual)) }
    }
}

/// A spread as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptSpread {
    /// The fingerprint of the model that it corrects.
    pub model: Box<str>,
    /// The Monday from which on it is used.
    pub since: Day,
    /// The factors.
    pub spread: Spread,
}

/// The table with the spread that forecasts are made with.
pub enum Spreads {}

impl Table for Spreads {
    const TAG: u8 = 46;
    const NAME: &'static str = "spread";
    const SCHEMA: u8 = 1;
    type Key = ();
    type Value = KeptSpread;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::HORIZON;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Totals of `daily` a day, whose quantiles lie as far from the median as `wide` says of a day's own.
    fn totals(daily: f32, wide: f32) -> Vec<[f32; LEVEL_COUNT]> {
        let step = |day: usize| {
            let days = (day + 1) as f32;
            LEVELS.map(|level| {
                let z = crate::plan::inventory::z_of(f64::from(level)).unwrap() as f32;
                (daily * days + wide * z * (daily * days).sqrt()).max(0.0)
            })
        };
        (0..HORIZON).map(step).collect()
    }

    /// Days that sell about `daily`, as a coin falls many times.
    fn days(daily: f32, rng: &mut ChaCha8Rng) -> Vec<f32> {
        let sold = |rng: &mut ChaCha8Rng| {
            (0..100).filter(|_| rng.random::<f32>() < daily / 100.0).count() as f32
        };
        (0..HORIZON).map(|_| sold(rng)).collect()
    }

    fn fitted(wide: f32, windows: usize) -> Spread {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut fit = SpreadFit::default();
        for window in 0..windows {
            let daily = 3.0 + (window % 7) as f32;
            fit.add(&totals(daily, wide), &days(daily, &mut rng));
        }
        fit.best()
    }

    /// The last factors of totals that sell so much a day.
    fn at(spread: &Spread, daily: f32) -> [f32; PARTS.len()] {
        spread.at_pace(&totals(daily, 1.0))[STAGES.len() - 1]
    }

    #[test]
    fn a_model_that_is_too_unsure_is_narrowed_and_one_too_sure_is_widened() {
        for (wide, least, most) in [(2.0, 0.45, 0.62), (1.0, 0.85, 1.15), (0.75, 1.2, 1.6)] {
            let spread = fitted(wide, 2_000);
            for up in spread.at_pace(&totals(5.0, wide)).iter().flatten() {
                assert!((least..most).contains(up), "{wide} times as wide: {spread:?}");
            }
        }
        assert_eq!(fitted(2.0, 99), Spread::default(), "few windows say nothing");
        let (few, many) = (fitted(2.0, 500), fitted(2.0, 5_000));
        assert!(at(&few, 5.0)[0] > at(&many, 5.0)[0], "{few:?} {many:?}");
    }

    #[test]
    fn what_is_slow_is_judged_by_what_is_slow() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut fit = SpreadFit::default();
        for _ in 0..2_000 {
            for (daily, wide) in [(0.4, 0.6), (8.0, 2.0)] {
                fit.add(&totals(daily, wide), &days(daily, &mut rng));
            }
        }
        let spread = fit.best();
        let (slow, fast) = (at(&spread, 0.4), at(&spread, 8.0));
        assert!(slow.iter().all(|up| *up > 1.1) && fast.iter().all(|up| *up < 0.7), "{spread:?}");
        let between = at(&spread, 1.8);
        assert!(between[0] < slow[0] && between[0] > fast[0], "{spread:?}");
    }

    #[test]
    fn what_was_scaled_is_ascending_in_levels_and_days_and_as_sure_as_it_should_be() {
        let spread = fitted(2.0, 2_000);
        let mut scaled = totals(4.0, 2.0);
        let before = scaled.clone();
        spread.apply(&mut scaled);
        assert!(scaled.iter().all(|total| total.is_sorted()));
        for (one, next) in scaled.iter().zip(&scaled[1..]) {
            assert!(one.iter().zip(next).all(|(one, next)| one <= next), "{one:?} {next:?}");
        }
        assert_eq!(scaled[0], before[0], "a day is left alone");
        assert_eq!(scaled[27][..=MEDIAN], before[27][..=MEDIAN]);
        let right = totals(4.0, 1.0);
        let off = (scaled[27][LEVEL_COUNT - 1] / right[27][LEVEL_COUNT - 1] - 1.0).abs();
        assert!(off < 0.1, "{:?} should be {:?}", scaled[27], right[27]);
        let mut same = before.clone();
        Spread::default().apply(&mut same);
        assert_eq!(same, before);
    }

    #[test]
    fn days_that_are_not_known_say_nothing() {
        let mut fit = SpreadFit::default();
        let mut ahead = vec![4.0; HORIZON];
        ahead[10] = f32::NAN;
        fit.add(&totals(4.0, 1.0), &ahead);
        let windows = |fit: &SpreadFit| -> [f64; STAGES.len()] {
            let of = |stage: usize| fit.paces.iter().map(move |pace| pace.windows[stage]);
            std::array::from_fn(|stage| of(stage).sum::<f64>().round())
        };
        assert_eq!(windows(&fit), [1.0, 0.0, 0.0]);
        fit.add(&totals(4.0, 1.0), &ahead[..5]);
        fit.add(&totals(0.0, 1.0), &[0.0; HORIZON]);
        assert_eq!(windows(&fit), [1.0, 0.0, 0.0]);
    }
}
