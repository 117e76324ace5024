//! How likely a total reaches some units, from its quantiles.

use crate::model::{LEVEL_COUNT, LEVELS};

/// Levels between which the fall of the upper tail is measured: 0.95 and the last.
const TAIL_FROM: usize = LEVEL_COUNT - 3;

/// The chance that a total of whole units with these quantiles, ascending, is `units` or more.
///
/// Linear between the levels, at half a unit less than is asked for, as a whole number stands for all
/// that rounds to it. Beyond the last level the tail falls off exponentially, as fast as it does from 0.95
/// to there.
pub fn chance_of_reaching(quantiles: &[f32; LEVEL_COUNT], units: f64) -> f64 {
    let units = units - 0.5;
    if units < 0.0 {
        return 1.0;
    }
    let at = |level: usize| f64::from(quantiles[level]);
    let level = |place: usize| f64::from(LEVELS[place]);
    let last = LEVEL_COUNT - 1;
    let above = quantiles.partition_point(|&quantile| f64::from(quantile) <= units);
    let below = match above {
        0 => level(0) * units / at(0),
        above if above <= last => {
            let share = (units - at(above - 1)) / (at(above) - at(above - 1));
            level(above - 1) + share * (level(above) - level(above - 1))
        }
        _ => {
            let beyond = 1.0 - level(last);
            let fall = ((1.0 - level(TAIL_FROM)) / beyond).ln();
            let shrinks_over = (at(last) - at(TAIL_FROM)) / fall;
            if shrinks_over <= 0.0 {
                return if units > at(last) { 0.0 } else { beyond };
            }
            1.0 - beyond * (-(units - at(last)) / shrinks_over).exp()
        }
    };
    (1.0 - below).clamp(0.0, 1.0)
}
