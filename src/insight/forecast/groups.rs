//! Totals of many series: what a category, a site or a supplier's goods sell together.
//!
//! They are made from their parts, bottom-up, so that they agree with them. Means add up exactly.
//! Quantiles do not: nine times of ten no more than 100 of each of two items is not nine times of ten
//! no more than 200 of both, unless they always sell well together. How much they do is measured: for
//! each series its changes from one 28 days to the next, as far as its history reaches, each divided by
//! the series' usual change; the correlation of a group is the mean product of two of its parts'
//! changes, weighed by the spread that is forecast of them. With spreads s and correlation r, the
//! variance of the total is r (sum of s)² + (1 - r) (sum of s²). The quantiles of the parts are added
//! up level by level, as if all moved together, and drawn in towards the mean until the variance is
//! that. So the total of one part is that part, and every total lies between that of parts that know
//! nothing of each other and that of parts that move as one.
//!
//! Few pairs tell little: a group's own correlation counts by its pairs of series against
//! [`SHOP_PAIRS`] of the whole shop's.

use crate::model::{LEVEL_COUNT, LEVELS, Quantiles};

/// Pairs of a group's series that weigh as much as the whole shop: those of ten series. On the
/// development data 10 to 200 differ by 1 % of the quantile loss.
const SHOP_PAIRS: f64 = 45.0;
/// Changes looked at, at most: one and a half years of four weeks.
const MOST_CHANGES: usize = 18;
/// Changes below which nothing is said of how series move together.
const LEAST_CHANGES: usize = 3;

/// A series' changes from one span of `steps` to the next, newest first, in units of their own root
/// mean square; NaN where either span is known by less than half. Days without stock are not known.
pub fn changes(history: &[f32], steps: usize) -> Box<[f32]> {
    let span = |days: &[f32]| -> f32 {
        let known = days.iter().filter(|units| !units.is_nan());
        let (sum, count) = known.fold((0.0, 0_usize), |(sum, n), units| (sum + units, n + 1));
        if 2 * count < steps { f32::NAN } else { sum * steps as f32 / count as f32 }
    };
    let spans: Vec<f32> =
        history.rchunks_exact(steps.max(1)).take(MOST_CHANGES + 1).map(span).collect();
    let mut changes: Box<[f32]> = spans.windows(2).map(|pair| pair[0] - pair[1]).collect();
    let known = changes.iter().filter(|change| !change.is_nan());
    let (squares, count) = known.fold((0.0, 0.0), |(sum, n), by| (sum + by * by, n + 1.0));
    let usual = f32::sqrt(squares / count);
    // A series that never changes tells nothing, as one without a history.
    changes
        .iter_mut()
        .for_each(|change| *change = if usual > 0.0 { *change / usual } else { f32::NAN });
    changes
}

/// One series of a group.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// Quantiles of its total.
    total: [f32; LEVEL_COUNT],
    /// Standard deviation of its total.
    spread: f64,
    /// See [`changes`].
    changes: &'a [f32],
}

impl<'a> Part<'a> {
    /// A series with the quantiles of its total and its past [`changes`].
    pub fn new(total: [f32; LEVEL_COUNT], changes: &'a [f32]) -> Self {
        Self { total, spread: spread(&total), changes }
    }
}

/// What a group sells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Total {
    /// Quantiles of the total.
    pub quantiles: [f32; LEVEL_COUNT],
    /// The correlation of two of its parts that was gone by, 0 to 1; `None`: nothing is known of it,
    /// and they are taken to move as one, which errs on the wide side.
    pub together: Option<f32>,
}

/// The whole shop, against which its groups are seen.
#[derive(Clone, Copy, Debug)]
pub struct Shop {
    together: Option<f64>,
}

impl Shop {
    /// Looks at all series.
    pub fn of(parts: &[Part<'_>]) -> Self {
        Self { together: correlation(parts) }
    }

    /// The total of some of them.
    pub fn total(&self, parts: &[Part<'_>]) -> Total {
        let together = self.together.map(|shop| {
            let pairs = 0.5 * parts.len() as f64 * (parts.len() as f64 - 1.0);
            let own = correlation(parts).unwrap_or(shop).clamp(-1.0, 1.0);
            ((pairs * own + SHOP_PAIRS * shop) / (pairs + SHOP_PAIRS)).clamp(0.0, 1.0)
        });
        Total {
            quantiles: add_up(parts, together.unwrap_or(1.0)),
            together: together.map(|together| together as f32),
        }
    }
}

/// The mean product of two parts' changes, weighed by their spreads; `None`: too few are known.
fn correlation(parts: &[Part<'_>]) -> Option<f64> {
    let reach = parts.iter().map(|part| part.changes.len()).max()?;
    let (mut products, mut weights, mut known) = (0.0, 0.0, 0);
    for at in 0..reach {
        // Products of pairs are the square of the sum less the squares.
        let (mut sum, mut squares, mut weight, mut squared) = (0.0, 0.0, 0.0, 0.0);
        let changes = parts.iter().filter_map(|part| Some((part.changes.get(at)?, part.spread)));
        for (change, spread) in changes.filter(|(change, _)| !change.is_nan()) {
            let by = f64::from(*change) * spread;
            sum += by;
            squares += by * by;
            weight += spread;
            squared += spread * spread;
        }
        let pairs = weight * weight - squared;
        if pairs > 1e-9 * squared {
            products += sum * sum - squares;
            weights += pairs;
            known += 1;
        }
    }
    (known >= LEAST_CHANGES).then(|| products / weights)
}

/// Quantiles of the total of parts of which two have this correlation.
fn add_up(parts: &[Part<'_>], together: f64) -> [f32; LEVEL_COUNT] {
    if let [alone] = parts {
        return alone.total;
    }
    let sum = |level: usize| parts.iter().map(|part| f64::from(part.total[level])).sum::<f64>();
    let as_one: [f64; LEVEL_COUNT] = std::array::from_fn(sum);
    let mean: f64 = parts.iter().map(|part| f64::from(Quantiles::mean_of(&part.total))).sum();
    let spread: f64 = parts.iter().map(|part| part.spread).sum();
    let apart: f64 = parts.iter().map(|part| part.spread * part.spread).sum();
    let share = match spread > 0.0 {
        true => (together + (1.0 - together) * apart / (spread * spread)).min(1.0).sqrt(),
        false => 1.0,
    };
    as_one.map(|quantile| (mean + share * (quantile - mean)).max(0.0) as f32)
}

/// The standard deviation of a distribution given by quantiles, linear between them and held beyond.
fn spread(quantiles: &[f32; LEVEL_COUNT]) -> f64 {
    let (at, level) = (quantiles.map(f64::from), LEVELS.map(f64::from));
    let last = LEVEL_COUNT - 1;
    let mut mean = level[0] * at[0] + (1.0 - level[last]) * at[last];
    let mut square = level[0] * at[0] * at[0] + (1.0 - level[last]) * at[last] * at[last];
    for (pair, levels) in at.windows(2).zip(level.windows(2)) {
        let (low, high, share) = (pair[0], pair[1], levels[1] - levels[0]);
        mean += share * 0.5 * (low + high);
        square += share * (low * low + low * high + high * high) / 3.0;
    }
    (square - mean * mean).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mean(quantiles: &[f32; LEVEL_COUNT]) -> f64 {
        f64::from(Quantiles::mean_of(quantiles))
    }

    /// Totals of any shape and what their series did in the past.
    fn any_parts() -> impl Strategy<Value = Vec<([f32; LEVEL_COUNT], Vec<f32>)>> {
        let total = prop::array::uniform14(0.0_f32..900.0).prop_map(|mut total| {
            total.sort_by(f32::total_cmp);
            total
        });
        let history = prop::collection::vec(0.0_f32..9.0, 28 * 6);
        prop::collection::vec((total, history), 1..12)
    }

    proptest! {
        #[test]
        fn a_total_agrees_with_its_parts(all in any_parts()) {
            let past: Vec<_> = all.iter().map(|(_, history)| changes(history, 28)).collect();
            let parts: Vec<Part<'_>> =
                all.iter().zip(&past).map(|((total, _), past)| Part::new(*total, past)).collect();
            let Total { quantiles, together } = Shop::of(&parts).total(&parts);
            prop_assert!(quantiles.is_sorted() && quantiles[0] >= 0.0);
            let sum: f64 = all.iter().map(|(total, _)| mean(total)).sum();
            prop_assert!((mean(&quantiles) - sum).abs() <= 1e-5 * sum, "the mean of the total is the \
                sum of the means: {} and {sum}", mean(&quantiles));
            prop_assert!(together.is_none_or(|together| (0.0..=1.0).contains(&together)));
            let (one, apart) = (spread(&add_up(&parts, 1.0)), spread(&add_up(&parts, 0.0)));
            let is = spread(&quantiles);
            prop_assert!(apart <= is * 1.0001 && is <= one * 1.0001, "{apart} {is} {one}");
            if let [alone] = parts.as_slice() {
                prop_assert_eq!(quantiles, alone.total);
            }
        }
    }

    /// Half a year and more of a series whose 28 days sell `spans` units, newest first.
    fn selling(spans: &[f32]) -> Vec<f32> {
        spans.iter().rev().flat_map(|span| [span / 28.0; 28]).collect()
    }

    fn total_of(histories: &[Vec<f32>]) -> Total {
        let past: Vec<_> = histories.iter().map(|history| changes(history, 28)).collect();
        let total = LEVELS.map(|level| 50.0 + 100.0 * level);
        let parts: Vec<_> = past.iter().map(|past| Part::new(total, past)).collect();
        Shop::of(&parts).total(&parts)
    }

    #[test]
    fn series_that_rise_and_fall_together_spread_wide_and_others_average_out() {
        let up = [90.0, 50.0, 80.0, 40.0, 70.0, 20.0, 60.0];
        let as_one = total_of(&vec![selling(&up); 9]);
        assert!(as_one.together.unwrap() > 0.99);
        assert!((as_one.quantiles[10] - 9.0 * 140.0).abs() < 1.0, "each at its 0.9 quantile");

        // Each has its good four weeks at another time.
        let apart: Vec<_> = (0..9)
            .map(|turn| {
                selling(&std::array::from_fn::<f32, 19, _>(|at| {
                    if at % 9 == turn { 90.0 } else { 30.0 }
                }))
            })
            .collect();
        let apart = total_of(&apart);
        assert!(apart.together.unwrap() < 0.02, "{:?}", apart.together);
        let width = |total: &Total| total.quantiles[10] - total.quantiles[2];
        // Independent parts spread by the root of their number.
        assert!((width(&apart) * 3.0 / width(&as_one) - 1.0).abs() < 0.1, "{}", width(&apart));
    }

    #[test]
    fn of_a_new_shop_the_wide_side_is_told() {
        let Total { quantiles, together } = total_of(&[selling(&[4.0, 9.0]), selling(&[7.0, 2.0])]);
        assert_eq!(together, None);
        assert_eq!(quantiles[10], 280.0);
    }

    #[test]
    fn days_without_stock_are_no_change_and_long_gaps_are_unknown() {
        let mut history = selling(&[28.0, 56.0, 28.0, 56.0]);
        let whole = changes(&history, 28);
        history[90..100].fill(f32::NAN);
        assert_eq!(changes(&history, 28), whole, "the days left tell of the others");
        history[84..104].fill(f32::NAN);
        let gap = changes(&history, 28);
        assert!(gap[0].is_nan() && !gap[1].is_nan(), "{gap:?}");
        assert!(changes(&[2.0; 200], 28).iter().all(|change| change.is_nan()));
    }
}
