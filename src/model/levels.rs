//! The quantile levels that the network answers for.

/// How many levels there are.
pub const LEVEL_COUNT: usize = 14;

/// The levels, ascending: deciles, and tails for service levels up to 0.99.
pub const LEVELS: [f32; LEVEL_COUNT] =
    [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99];

/// The standard normal's quantiles at them.
pub(super) const NORMAL: [f32; LEVEL_COUNT] = [
    -2.326_348, -1.644_854, -1.281_552, -0.841_621, -0.524_401, -0.253_347, 0.0, 0.253_347,
    0.524_401, 0.841_621, 1.281_552, 1.644_854, 1.959_964, 2.326_348,
];

/// The quantile at any level between 0 and 1 from those at [`LEVELS`], linear in between; beyond
/// the outermost levels it stays at their values.
pub fn at_level(quantiles: &[f32; LEVEL_COUNT], level: f32) -> f32 {
    let above = LEVELS.partition_point(|&known| known < level);
    match above {
        0 => quantiles[0],
        LEVEL_COUNT => quantiles[LEVEL_COUNT - 1],
        above => {
            let (low, high) = (LEVELS[above - 1], LEVELS[above]);
            let share = (level - low) / (high - low);
            quantiles[above - 1] + share * (quantiles[above] - quantiles[above - 1])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_between_two_lies_between_their_values() {
        let quantiles = LEVELS.map(|level| level * 100.0);
        assert!((at_level(&quantiles, 0.9) - 90.0).abs() < 1e-4);
        assert!((at_level(&quantiles, 0.25) - 25.0).abs() < 1e-4);
        assert!((at_level(&quantiles, 0.98) - 98.0).abs() < 1e-4);
        assert_eq!(at_level(&quantiles, 0.001), quantiles[0]);
        assert_eq!(at_level(&quantiles, 0.999), quantiles[LEVEL_COUNT - 1]);
    }
}
