//! How likely it is that a forecast's total comes out so high or so low, beyond its outermost quantiles too.

/// Levels from which on a tail's slope is taken: from here to the outermost level.
const HIGH: f32 = 0.9;
const LOW: f32 = 0.1;
/// Least units over which an upper tail falls to a third.
const LEAST_SLOPE: f64 = 0.35;

/// A distribution of units, by ascending quantiles at ascending levels.
#[derive(Clone, Copy, Debug)]
pub struct Outcomes<'a> {
    /// Levels, such as [`crate::model::LEVELS`].
    pub levels: &'a [f32],
    /// Units at each of them.
    pub quantiles: &'a [f32],
}

impl Outcomes<'_> {
    /// Units at a level, held at the outermost ones.
    pub fn at(&self, level: f32) -> f64 {
        let above = self.levels.partition_point(|known| *known < level);
        let quantile = |place: usize| self.quantiles.get(place).copied().map_or(0.0, f64::from);
        match above {
            0 => quantile(0),
            above if above >= self.levels.len() => quantile(self.quantiles.len().saturating_sub(1)),
            above => {
                let (low, high) = (self.levels[above - 1], self.levels[above]);
                let share = f64::from((level - low) / (high - low));
                quantile(above - 1) + share * (quantile(above) - quantile(above - 1))
            }
        }
    }

    /// The chance of `units` or more. Beyond the highest level it falls as fast as it did from 0.9 to
    /// there.
    pub fn at_least(&self, units: f64) -> f64 {
        let (Some(&top), Some(&highest)) = (self.levels.last(), self.quantiles.last()) else {
            return 1.0;
        };
        let (units, highest) = (units - 0.5, f64::from(highest));
        if units < highest {
            return 1.0 - self.level_of(units);
        }
        let fall = f64::from((1.0 - HIGH.min(top - 0.01)) / (1.0 - top)).ln();
        let slope = ((highest - self.at(HIGH.min(top - 0.01))) / fall).max(LEAST_SLOPE);
        f64::from(1.0 - top) * (-(units - highest) / slope).exp()
    }

    /// The chance of `units` or fewer. Below the lowest level it falls as fast, by the logarithm of
    /// units, as it did from 0.1 to there.
    pub fn at_most(&self, units: f64) -> f64 {
        let (Some(&bottom), Some(&lowest)) = (self.levels.first(), self.quantiles.first()) else {
            return 1.0;
        };
        let (units, lowest) = (units + 0.5, f64::from(lowest));
        if units >= lowest {
            return self.level_of(units).max(f64::from(bottom));
        }
        let low = LOW.max(bottom + 0.01);
        let fall = f64::from(low / bottom).ln();
        let slope = ((self.at(low) / lowest).ln() / fall).max(0.05);
        f64::from(bottom) * (-(lowest / units).ln() / slope).exp()
    }

    /// The share of outcomes under `units`, within the levels.
    fn level_of(&self, units: f64) -> f64 {
        let above = self.quantiles.partition_point(|quantile| f64::from(*quantile) <= units);
        let level = |place: usize| f64::from(self.levels[place]);
        match above {
            0 => level(0),
            above if above >= self.quantiles.len() => level(self.levels.len() - 1),
            above => {
                let (low, high) =
                    (f64::from(self.quantiles[above - 1]), f64::from(self.quantiles[above]));
                let share = if high > low { (units - low) / (high - low) } else { 1.0 };
                level(above - 1) + share * (level(above) - level(above - 1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LEVELS;

    #[test]
    fn chances_follow_the_quantiles_and_fall_beyond_them() {
        let quantiles = LEVELS.map(|level| 100.0 * level);
        let of = Outcomes { levels: &LEVELS, quantiles: &quantiles };
        assert!((of.at_least(50.5) - 0.5).abs() < 1e-6);
        assert!((of.at_most(29.5) - 0.3).abs() < 1e-6);
        let far = [100.0, 110.0, 130.0, 200.0].map(|units| of.at_least(units));
        assert!(far[0] <= 0.01 && far.is_sorted_by(|a, b| a > b), "{far:?}");
        assert!(far[3] < 1e-10);
        let near = [3.0, 1.0, 0.0].map(|units| of.at_most(units));
        assert!(near.is_sorted_by(|a, b| a > b), "{near:?}");
    }

    #[test]
    fn nothing_is_likely_where_little_sells_and_unlikely_where_much_does() {
        let of = |mean: f32| {
            let quantiles = LEVELS.map(|level| mean * (0.4 + 1.2 * level));
            let of = Outcomes { levels: &LEVELS, quantiles: &quantiles };
            of.at_most(0.0)
        };
        assert!(of(0.4) > 0.5, "{}", of(0.4));
        assert!(of(20.0) < 1e-4, "{}", of(20.0));
    }
}
