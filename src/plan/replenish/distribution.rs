//! Demand over a time as a distribution, given by its quantiles.
//!
//! Between two known quantiles it is linear. Beyond the last one the tail falls off exponentially, as
//! fast as it does between the last two; below the first it is linear from nothing.

use super::terms::HIGHEST_SERVICE;
use crate::model::{LEVEL_COUNT, LEVELS};

/// Places at which what is short is looked up above a level.
const LOOKS: usize = 8;
/// The last level but one from which the tail is carried on: 0.95.
const TAIL_FROM: usize = LEVEL_COUNT - 3;

/// A distribution of units, never below 0: points of its cumulative distribution function.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Units, ascending.
    units: Vec<f64>,
    /// The chance of that many or less, ascending, at each of them.
    levels: Vec<f64>,
    /// What is expected beyond each of them.
    beyond: Vec<f64>,
    /// Units by which the tail beyond the last point shrinks to 1/e.
    tail: f64,
}

impl Distribution {
    /// The distribution with these quantiles at [`LEVELS`], ascending.
    pub fn of_quantiles(quantiles: &[f32; LEVEL_COUNT]) -> Self {
        let units: Vec<f64> = quantiles.iter().map(|units| f64::from(*units).max(0.0)).collect();
        Self::of_points(units, LEVELS.iter().map(|level| f64::from(*level)).collect())
    }

    /// One of several, each with its chance: what an uncertain time makes of demand.
    pub fn mixture(parts: &[(f64, Distribution)]) -> Self {
        if let [(_, only)] = parts {
            return only.clone();
        }
        let weight: f64 = parts.iter().map(|(weight, _)| weight).sum();
        let mut units: Vec<f64> =
            parts.iter().flat_map(|(_, part)| part.units.iter().copied()).collect();
        units.sort_unstable_by(f64::total_cmp);
        units.dedup();
        let level = |at: &f64| {
            let all = parts.iter().map(|(weight, part)| weight * part.at_most(*at));
            all.sum::<f64>() / weight.max(f64::MIN_POSITIVE)
        };
        let levels = units.iter().map(level).collect();
        Self::of_points(units, levels)
    }

    fn of_points(units: Vec<f64>, levels: Vec<f64>) -> Self {
        let last = units.len() - 1;
        let far = levels.iter().rposition(|level| *level <= f64::from(LEVELS[TAIL_FROM]));
        let from = far.unwrap_or(0).min(last.saturating_sub(1));
        let fall = ((1.0 - levels[from]) / (1.0 - levels[last]).max(1e-6)).ln();
        let tail = if fall > 1e-9 { (units[last] - units[from]) / fall } else { 0.0 };
        let mut beyond = vec![(1.0 - levels[last]) * tail; units.len()];
        for at in (0..last).rev() {
            let height = 0.5 * (2.0 - levels[at] - levels[at + 1]);
            beyond[at] = beyond[at + 1] + (units[at + 1] - units[at]) * height;
        }
        Self { units, levels, beyond, tail }
    }

    /// The chance of `units` or less.
    pub fn at_most(&self, units: f64) -> f64 {
        if units < 0.0 {
            return 0.0;
        }
        let last = self.units.len() - 1;
        // Several levels may share one figure, most often 0: the highest of them counts.
        let above = self.units.partition_point(|known| *known <= units);
        if above == 0 {
            return self.levels[0] * units / self.units[0];
        }
        if above <= last {
            let (low, high) = (self.units[above - 1], self.units[above]);
            let (from, to) = (self.levels[above - 1], self.levels[above]);
            return from + (to - from) * (units - low) / (high - low);
        }
        if self.tail <= 0.0 {
            return if units > self.units[last] { 1.0 } else { self.levels[last] };
        }
        1.0 - (1.0 - self.levels[last]) * (-(units - self.units[last]) / self.tail).exp()
    }

    /// The units that are not exceeded with a chance of `level`, 0 to 1.
    pub fn quantile(&self, level: f64) -> f64 {
        let last = self.units.len() - 1;
        let above = self.levels.partition_point(|known| *known < level);
        if above == 0 {
            return self.units[0] * level.max(0.0) / self.levels[0].max(f64::MIN_POSITIVE);
        }
        if above <= last {
            let (low, high) = (self.levels[above - 1], self.levels[above]);
            let share = (level - low) / (high - low).max(f64::MIN_POSITIVE);
            return self.units[above - 1] + share * (self.units[above] - self.units[above - 1]);
        }
        let left = (1.0 - level).max(1e-6);
        self.units[last] + self.tail * ((1.0 - self.levels[last]) / left).ln().max(0.0)
    }

    /// Units expected.
    pub fn mean(&self) -> f64 {
        self.beyond(0.0)
    }

    /// Units expected beyond `units`: what would be short, E[(D - units)+]. It is the area above the
    /// distribution function from there on.
    pub fn beyond(&self, units: f64) -> f64 {
        let last = self.units.len() - 1;
        let units = units.max(0.0);
        if units >= self.units[last] {
            let left =
                if self.tail > 0.0 { (-(units - self.units[last]) / self.tail).exp() } else { 0.0 };
            return self.beyond[last] * left;
        }
        let next = self.units.partition_point(|known| *known <= units);
        let (here, there) = (1.0 - self.at_most(units), 1.0 - self.levels[next]);
        self.beyond[next] + (self.units[next] - units) * 0.5 * (here + there)
    }

    /// The least level at which no more than `allowed` units are expected to run short of it that would not
    /// have run short of an earlier end's demand already: E[(D - x)+] - E[(D' - x)+].
    pub fn level_short(&self, earlier: &Distribution, allowed: f64) -> f64 {
        self.level_short_over(earlier, allowed, 0.0)
    }

    /// The same where the level is exceeded by up to `above` units, each as likely.
    pub fn level_short_over(&self, earlier: &Distribution, allowed: f64, above: f64) -> f64 {
        let short = |level: f64| {
            let at = |look: usize| {
                let position = level + above * (look as f64 + 0.5) / LOOKS as f64;
                self.beyond(position) - earlier.beyond(position)
            };
            match above > 0.0 {
                true => (0..LOOKS).map(at).sum::<f64>() / LOOKS as f64,
                false => self.beyond(level) - earlier.beyond(level),
            }
        };
        let (mut low, mut high) = (0.0, self.quantile(HIGHEST_SERVICE));
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if short(middle) > allowed { low = middle } else { high = middle }
        }
        high
    }

    /// The same with `factor` times the demand.
    pub fn times(&self, factor: f64) -> Self {
        Self {
            units: self.units.iter().map(|units| units * factor).collect(),
            levels: self.levels.clone(),
            beyond: self.beyond.iter().map(|units| units * factor).collect(),
            tail: self.tail * factor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn even(to: f32) -> Distribution {
        Distribution::of_quantiles(&LEVELS.map(|level| level * to))
    }

    #[test]
    fn an_even_distribution_is_told_as_it_is() {
        let even = even(100.0);
        assert!((even.at_most(30.0) - 0.3).abs() < 1e-6);
        assert!((even.quantile(0.85) - 85.0).abs() < 1e-4);
        assert!((even.mean() - 50.0).abs() < 0.5, "{}", even.mean());
        assert!((even.beyond(60.0) - 8.0).abs() < 0.3, "{}", even.beyond(60.0));
    }

    #[test]
    fn what_seldom_sells_has_its_chance_of_nothing() {
        let mut quantiles = [0.0; LEVEL_COUNT];
        quantiles[10..].copy_from_slice(&[1.0, 2.0, 3.0, 6.0]);
        let rare = Distribution::of_quantiles(&quantiles);
        assert!((rare.at_most(0.0) - 0.8).abs() < 1e-6);
        assert_eq!(rare.quantile(0.5), 0.0);
        assert!(rare.quantile(0.995) > 6.0 && rare.at_most(1e6) > 0.999_99);
        let never = Distribution::of_quantiles(&[0.0; LEVEL_COUNT]);
        assert_eq!((never.quantile(0.999), never.mean(), never.beyond(0.0)), (0.0, 0.0, 0.0));
    }

    #[test]
    fn one_of_two_times_lies_between_them() {
        let mixed = Distribution::mixture(&[(0.5, even(100.0)), (0.5, even(200.0))]);
        assert!((mixed.at_most(100.0) - 0.75).abs() < 0.01);
        assert!((mixed.mean() - 75.0).abs() < 1.5, "{}", mixed.mean());
        assert!(mixed.quantile(0.95) > 170.0);
    }

    proptest! {
        #[test]
        fn it_is_a_distribution(
            mut raw in proptest::collection::vec(0.0f32..500.0, LEVEL_COUNT),
            zeros in 0usize..LEVEL_COUNT,
            at in 0.0f64..900.0,
            more in 0.0f64..300.0,
            level in 0.0f64..0.999,
        ) {
            raw.sort_by(f32::total_cmp);
            raw[..zeros].fill(0.0);
            let quantiles: [f32; LEVEL_COUNT] = raw.try_into().unwrap();
            let one = Distribution::of_quantiles(&quantiles);
            let both = Distribution::mixture(&[(0.3, one.clone()), (0.7, one.times(1.5))]);
            for distribution in [one, both] {
                let chance = distribution.at_most(at);
                prop_assert!((0.0..=1.0).contains(&chance));
                prop_assert!(distribution.at_most(at + more) >= chance - 1e-12);
                prop_assert!(distribution.beyond(at + more) <= distribution.beyond(at) + 1e-9);
                prop_assert!(distribution.beyond(at) >= 0.0);
                let units = distribution.quantile(level);
                prop_assert!(units >= 0.0 && distribution.at_most(units) >= level - 1e-6);
                prop_assert!(distribution.quantile((level + 0.1).min(0.999)) >= units - 1e-9);
            }
        }
    }
}
