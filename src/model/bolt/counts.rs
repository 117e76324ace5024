//! From paths to counts: the levels beyond 0.1 and 0.9, closed days, totals.
//!
//! The model answers for 0.1 to 0.9. Beyond them the distribution is continued as a generalised Pareto
//! tail through its last values (Pickands 1975), with half of the shape that they tell: from three
//! values the shape is known badly, and half way to an exponential tail normal, exponential, gamma and
//! log-normal demand are all met within about a tenth at 0.99. This is no answer of the model.

use super::config::DECILES;
use super::forecast::{Paths, at};
use super::totals::Draws;
use crate::model::{CONTEXT, HORIZON, LEVEL_COUNT, LEVELS, Quantiles, Window};

/// The shape of a tail is held within this.
const STEEPEST: f32 = 0.5;
/// Open and closed days repeat by the week beyond those that a window tells of.
const WEEK: usize = 7;

/// What a window tells the model: its demand since the first sale. `None` without one.
pub(super) fn context(window: &Window) -> Option<&[f32]> {
    window.first_sale().map(|first| &window.demand[first..])
}

/// The answer where nothing was ever sold.
pub(super) fn nothing(horizon: usize) -> Quantiles {
    let none = vec![[0.0; LEVEL_COUNT]; horizon];
    Quantiles { days: none.clone(), totals: none }
}

/// Counts of days and totals.
pub(super) fn quantiles(
    window: &Window,
    paths: &Paths,
    draws: &Draws,
    horizon: usize,
) -> Quantiles {
    let days: Vec<[f32; LEVEL_COUNT]> = (0..horizon)
        .map(|step| if open(window, step) { day(paths.step(step)) } else { [0.0; LEVEL_COUNT] })
        .collect();
    let totals = draws.totals(&days);
    Quantiles { days, totals }
}

fn open(window: &Window, step: usize) -> bool {
    let known = if step < HORIZON { step } else { HORIZON - WEEK + (step - HORIZON) % WEEK };
    window.open.get(CONTEXT + known).copied().unwrap_or(true)
}

/// One day's levels, ascending and never below 0.
fn day(mut deciles: [f32; DECILES.len()]) -> [f32; LEVEL_COUNT] {
    deciles.sort_by(f32::total_cmp);
    let [first, second, _, fourth, _, sixth, _, eighth, ninth] = deciles;
    let beyond = |level: f32| {
        if level < DECILES[0] {
            first - tail([first - second, second - fourth].map(f32::abs), level)
        } else if level > DECILES[DECILES.len() - 1] {
            ninth + tail([ninth - eighth, eighth - sixth], 1.0 - level)
        } else {
            at(&deciles, level)
        }
    };
    LEVELS.map(|level| beyond(level).max(0.0))
}

/// How far beyond the outermost decile a quantile lies with a share `left` still beyond it, 0 to 0.1.
/// `apart`: from the second decile to the outermost, and from the fourth to the second.
fn tail([last, before]: [f32; 2], left: f32) -> f32 {
    let times = 0.1 / left;
    let shape = match before > 0.0 && last > 0.0 {
        true => (0.5 * (last / before).log2()).clamp(-STEEPEST, STEEPEST),
        // Deciles at one value, such as none sold, tell no shape.
        false => 0.0,
    };
    if shape.abs() < 1e-3 {
        last * times.log2()
    } else {
        last * (times.powf(shape) - 1.0) / (1.0 - (-shape).exp2())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Levels from the nine deciles of a distribution.
    fn from(deciles: [f32; 9]) -> [f32; LEVEL_COUNT] {
        day(deciles)
    }

    #[test]
    fn tails_are_near_those_of_known_distributions() {
        // Deciles, then the 0.95 and the 0.99 quantile.
        let exponential = DECILES.map(|level| -(1.0 - level).ln());
        let z = [-1.2816f32, -0.8416, -0.5244, -0.2533, 0.0, 0.2533, 0.5244, 0.8416, 1.2816];
        let cases = [
            ("exponential", exponential, [2.9957, 4.6052]),
            ("normal", z.map(|z| 10.0 + z), [11.645, 12.326]),
            ("log-normal", z.map(f32::exp), [5.180, 10.240]),
            (
                "chi-square, 1 degree",
                [0.0158, 0.0642, 0.1485, 0.2750, 0.4549, 0.7083, 1.0742, 1.6424, 2.7055],
                [3.8415, 6.6349],
            ),
        ];
        for (name, deciles, [at_95, at_99]) in cases {
            let levels = from(deciles);
            assert!((levels[11] / at_95 - 1.0).abs() < 0.05, "{name}: {}", levels[11]);
            assert!((levels[13] / at_99 - 1.0).abs() < 0.13, "{name}: {}", levels[13]);
        }
    }

    #[test]
    fn levels_of_crossing_deciles_ascend_from_zero_on() {
        let levels = from([3.0, -2.0, 5.0, 1.0, 0.5, 9.0, 2.0, 4.0, 4.0]);
        assert_eq!(levels[0], 0.0);
        assert!(levels.windows(2).all(|pair| pair[0] <= pair[1]), "{levels:?}");
        assert!((levels[10] - 9.0).abs() < 1e-5 && levels[13] > 9.0);
    }

    #[test]
    fn an_item_that_does_not_sell_has_no_tail() {
        assert_eq!(from([0.0; 9]), [0.0; LEVEL_COUNT]);
    }
}
