//! Demand of days on which stock ran out.
//!
//! A shop sees sales. On a day when stock ran out, demand was at least what was sold. Taking sales for
//! demand makes a shop believe that what it lacks is not wanted; leaving such days out is worse still,
//! as they are the days of high demand. Here a day's figure is replaced by what is expected of it given
//! that it was at least so much, under what was believed of the day before it came: a negative
//! binomial with mean and variance of the days before (the expectation step of a censored fit; Nahmias 1994,
//! Demand estimation in lost sales inventory systems, with counts in place of the normal).

/// Days before a day that tell what was believed of it.
const RECENT: usize = 56;
/// Fewer known days than this tell nothing: sales are taken as they are.
const FEWEST: usize = 7;
/// Terms of a tail that are added up at most.
const MOST_TERMS: usize = 200_000;

/// What is known of the demand of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// All of it: it was sold.
    #[default]
    All,
    /// It was at least what was sold: stock ran out, and nobody counted who asked in vain.
    AtLeastSold,
    /// It was more than what was sold: somebody asked in vain.
    MoreThanSold,
}

/// Demand of each day: as it was sold where all of it is known, else as it is expected given what
/// was sold. NaN (nothing is known of the day) stays. A day is judged by days before it alone.
pub fn uncensored(sold: &[f32], known: &[Known]) -> Vec<f32> {
    let mut demand = sold.to_vec();
    for (day, known) in known.iter().enumerate().take(sold.len()) {
        let least = match known {
            Known::All => continue,
            Known::AtLeastSold => sold[day],
            Known::MoreThanSold => sold[day].floor() + 1.0,
        };
        if least.is_nan() {
            continue;
        }
        let before = &demand[day.saturating_sub(RECENT)..day];
        let expected = match moments(before) {
            Some((mean, variance)) => expected_from(f64::from(least), mean, variance) as f32,
            None => least,
        };
        demand[day] = expected.max(least);
    }
    demand
}

/// Fills up days during a part of which there was nothing to sell (shares of a day, 0 to 1): what was
/// sold, and what is expected of the rest. Days throughout which there was nothing are left alone.
///
/// Demand is taken for Poisson at a rate that is gamma distributed as days before tell; having sold so much
/// in the time that was left moves the rate, however the time came to its end (Gelman et al. 2013,
/// Bayesian Data Analysis, 2.6, for the gamma and Poisson pair, and 8.2 for the stopping rule).
pub fn fill_up(units: &mut [f32], without_stock: &[f32]) {
    for (day, share) in without_stock.iter().enumerate().take(units.len()) {
        let (share, sold) = (f64::from(*share), f64::from(units[day]));
        if sold.is_nan() || !(share > 0.0 && share < 1.0) {
            continue;
        }
        let before = &units[day.saturating_sub(RECENT)..day];
        if let Some((mean, variance)) = moments(before) {
            units[day] = (sold + rest_of(share, sold, mean, variance)) as f32;
        }
    }
}

/// Units expected in a share of a day after `sold` in the rest of it.
fn rest_of(share: f64, sold: f64, mean: f64, variance: f64) -> f64 {
    if mean <= 0.0 {
        return 0.0;
    }
    if variance <= mean {
        return share * mean;
    }
    let shape = mean * mean / (variance - mean);
    share * (shape + sold) / (shape / mean + 1.0 - share)
}

/// Mean and variance of known days; `None`: there are too few.
fn moments(days: &[f32]) -> Option<(f64, f64)> {
    let known = || days.iter().filter(|day| !day.is_nan()).map(|day| f64::from(*day));
    let count = known().count();
    if count < FEWEST {
        return None;
    }
    let mean = known().sum::<f64>() / count as f64;
    let variance = known().map(|day| (day - mean).powi(2)).sum::<f64>() / (count - 1) as f64;
    Some((mean, variance))
}

/// E[D | D >= least] of a negative binomial D (Poisson where its variance is not above the mean), units.
///
/// Its tail is added up from `least` on, each term by its ratio to the one before it, so that nothing
/// underflows however far out `least` lies.
pub fn expected_from(least: f64, mean: f64, variance: f64) -> f64 {
    let least = least.max(0.0).floor();
    if mean.is_nan() || mean <= 0.0 {
        return least;
    }
    // p(k + 1) / p(k) = q (k + r) / (k + 1), with q = 1 - mean / variance and q r = mean^2 / variance.
    let (q, qr) =
        if variance > mean { (1.0 - mean / variance, mean * mean / variance) } else { (0.0, mean) };
    let (mut term, mut sum, mut beyond) = (1.0_f64, 0.0, 0.0);
    for place in 0..MOST_TERMS {
        sum += term;
        beyond += term * place as f64;
        let k = least + place as f64;
        let ratio = (q * k + qr) / (k + 1.0);
        term *= ratio;
        if ratio < 1.0 && term * (place as f64 + 1.0) < 1e-9 * (1.0 - ratio).min(1.0) * sum {
            break;
        }
        if sum > 1e200 {
            (term, sum, beyond) = (term * 1e-200, sum * 1e-200, beyond * 1e-200);
        }
    }
    least + beyond / sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_of_at_least_nothing_is_the_mean() {
        for (mean, variance) in [(0.3, 0.3), (2.0, 9.0), (40.0, 4_000.0), (3.0, 1.0)] {
            let expected = expected_from(0.0, mean, variance);
            assert!((expected / mean - 1.0).abs() < 1e-6, "{expected}, and not {mean}");
        }
        // Poisson with mean 1: E[D | D >= 1] = 1 / (1 - 1/e).
        let should = 1.0 / (1.0 - (-1.0_f64).exp());
        assert!((expected_from(1.0, 1.0, 1.0) - should).abs() < 1e-9);
        assert!(
            expected_from(1e6, 1.0, 1.0) - 1e6 < 1e-3,
            "far out next to nothing comes after it"
        );
        assert_eq!(expected_from(3.0, 0.0, 0.0), 3.0);
    }

    #[test]
    fn a_day_that_sold_out_at_noon_is_filled_up_by_what_its_morning_sold() {
        let usual: Vec<f32> = (0..56).map(|day| [0.0, 4.0, 8.0, 4.0][day % 4]).collect();
        let filled = |sold: f32, share: f32| {
            let mut days = [&usual[..], &[sold]].concat();
            let mut without = vec![0.0; 57];
            without[56] = share;
            fill_up(&mut days, &without);
            assert_eq!(days[..56], usual);
            days[56]
        };
        assert_eq!(filled(3.0, 0.0), 3.0);
        // Half a day of a mean of four, and more after a morning of many.
        assert!((filled(2.0, 0.5) - 4.0).abs() < 0.1, "{}", filled(2.0, 0.5));
        assert!(filled(8.0, 0.5) - 8.0 > 1.5 * (filled(2.0, 0.5) - 2.0));
        assert!(filled(8.0, 0.1) < 9.5, "an hour or two without stock matters little");
        // Sold out all day: nothing is known; a few days before: nothing to go by.
        assert_eq!(filled(0.0, 1.0), 0.0);
        let mut early = [1.0, 2.0];
        fill_up(&mut early, &[0.0, 0.5]);
        assert_eq!(early, [1.0, 2.0]);
    }

    #[test]
    fn more_is_expected_where_more_was_sold_and_where_days_vary_more() {
        let of = |least: f64, variance: f64| expected_from(least, 5.0, variance);
        assert!(of(6.0, 10.0) > of(5.0, 10.0));
        assert!(of(6.0, 40.0) > of(6.0, 10.0) + 2.0);
    }

    #[test]
    fn a_day_that_ran_out_tells_more_than_its_sales_and_days_to_come_tell_nothing_of_it() {
        let mut sold: Vec<f32> = (0..40).map(|day| [0.0, 4.0, 8.0, 4.0][day % 4]).collect();
        sold[30] = 3.0;
        let mut known = vec![Known::All; 40];
        known[30] = Known::AtLeastSold;
        let demand = uncensored(&sold, &known);
        assert!(demand[30] > 4.5 && demand[30] < 9.0, "{}", demand[30]);
        known[30] = Known::MoreThanSold;
        assert!(uncensored(&sold, &known)[30] > demand[30]);
        let rest = |demand: &[f32]| [&demand[..30], &demand[31..]].concat();
        assert_eq!(rest(&demand), rest(&sold));
        let early = uncensored(&sold[..31], &known[..31]);
        sold[35] = 900.0;
        assert_eq!(uncensored(&sold, &known)[..31], early);
        // Nothing to go by: what was sold, and one more where somebody asked in vain.
        assert_eq!(uncensored(&[f32::NAN, 2.0], &[Known::MoreThanSold; 2])[1], 3.0);
    }
}
