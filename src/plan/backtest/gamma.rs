//! The quantile of a gamma distribution.

use statrs::function::gamma::gamma_lr;

/// Halvings of the interval in which it is looked for: to the last digit.
const HALVINGS: usize = 200;

/// A variance of a smaller share of the mean's square is rounding.
const ROUNDING: f64 = 1e-12;

/// The quantile at `level` of the gamma distribution with this mean and variance; the mean where the
/// variance is none.
pub(super) fn gamma_quantile(mean: f64, variance: f64, level: f64) -> f64 {
    let varies = mean > 0.0 && variance > ROUNDING * mean * mean;
    if !varies {
        return mean.max(0.0);
    }
    let (shape, scale) = (mean * mean / variance, variance / mean);
    let below = |units: f64| gamma_lr(shape, units / scale) < level;
    let (mut low, mut high) = (0.0, mean + variance.sqrt());
    while below(high) && high < 1e12 {
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) { low = middle } else { high = middle }
    }
    high
}
