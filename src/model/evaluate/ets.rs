//! Exponential smoothing (Hyndman, Koehler, Ord, Snyder 2008) as the crate `augurs-ets` fits it: of
//! additive and multiplicative errors, no, additive and damped trend the best by corrected AIC.
//!
//! The crate knows no seasons and no closed days. So closed and unknown steps are left out, and a
//! season that shows is taken off before and put on after, by classical decomposition, as the M4
//! competition's benchmarks did (Makridakis, Spiliotis, Assimakopoulos 2020): as a factor where
//! something is sold at every step, else as a summand, since a factor near 0 would blow up what little
//! is sold against it.

use crate::model::levels::NORMAL;
use crate::model::{CONTEXT, Frequency, HORIZON, LEVEL_COUNT, Quantiles, Window};
use augurs_core::prelude::*;
use augurs_ets::AutoETS;

/// Steps of history that are fitted: half a year of days.
const FITTED: usize = 182;
/// Fewest known steps that are fitted.
const FEWEST: usize = 10;
/// Full seasons from which on one is looked for.
const SEASONS: usize = 2;
/// Share of the middle that an interval covers, and how many standard deviations that is.
const LEVEL: (f64, f64) = (0.8, 1.281_551_565_5);

/// Quantiles by the prediction intervals, which are normal, floored at 0; `None` where there is too
/// little to fit, or nothing can be fitted.
pub(super) fn forecast(window: &Window) -> Option<Quantiles> {
    let first = window.first_sale()?.max(CONTEXT - FITTED.min(CONTEXT));
    let known = |step: usize| window.open[step] && !window.demand[step].is_nan();
    let history: Vec<f32> = (first..CONTEXT)
        .map(|step| if known(step) { window.demand[step] } else { f32::NAN })
        .collect();
    let season = season(&history, window.frequency);
    let phase = |step: usize| season[(step - first) % season.len()];
    let fitted: Vec<f64> = (first..CONTEXT)
        .filter(|&step| known(step))
        .map(|step| f64::from(phase(step).off(window.demand[step])))
        .collect();
    let ahead: Vec<Option<Phase>> =
        (CONTEXT..CONTEXT + HORIZON).map(|step| window.open[step].then(|| phase(step))).collect();
    if fitted.len() < FEWEST {
        return None;
    }
    let steps = if fitted.iter().all(|value| *value == fitted[0]) {
        // A constant has no likelihood to fit by.
        vec![(fitted[0], 0.0); HORIZON]
    } else {
        steps(&fitted, ahead.iter().flatten().count())?
    };
    Some(quantiles(&steps, &ahead))
}

/// What a season does to the steps of one of its phases.
#[derive(Debug, Clone, Copy)]
struct Phase {
    factor: f32,
    summand: f32,
}

impl Phase {
    const NONE: Self = Self { factor: 1.0, summand: 0.0 };

    /// Demand without it.
    fn off(self, demand: f32) -> f32 {
        (demand - self.summand) / self.factor
    }
}

/// Mean and standard deviation of each step to come, as fitted.
fn steps(fitted: &[f64], count: usize) -> Option<Vec<(f64, f64)>> {
    let forecast = AutoETS::non_seasonal().fit(fitted).ok()?.predict(count, LEVEL.0).ok()?;
    let upper = forecast.intervals?.upper;
    let steps =
        forecast.point.iter().zip(&upper).map(|(&mean, upper)| (mean, (upper - mean) / LEVEL.1));
    let steps: Vec<(f64, f64)> = steps.collect();
    let sound = |(mean, spread): &(f64, f64)| mean.is_finite() && spread.is_finite();
    (steps.len() == count && steps.iter().all(sound)).then_some(steps)
}

/// Quantiles of days and totals. `ahead` is the season's phase at each step to come, `None` where
/// the shop is closed.
///
/// An error goes on into later steps to the share by which their variance grows: with s_k the spread
/// of the k-th step, c_k = sqrt(s_(k+1)² - s_k²) / s_1 of each error is found again k steps later. So
/// the total is normal, of the variance that follows when errors of different steps are independent.
fn quantiles(steps: &[(f64, f64)], ahead: &[Option<Phase>]) -> Quantiles {
    let first = steps.first().map_or(0.0, |step| step.1);
    let mut carried = vec![1.0];
    carried.extend(steps.windows(2).map(|pair| {
        let growth = (pair[1].1.powi(2) - pair[0].1.powi(2)).max(0.0).sqrt();
        if first > 0.0 { growth / first } else { 0.0 }
    }));
    let normal = |mean: f64, spread: f64| {
        NORMAL.map(|quantile| (mean as f32 + quantile * spread as f32).max(0.0))
    };
    // How much of each open step's error the total holds so far.
    let mut held: Vec<f64> = Vec::with_capacity(steps.len());
    let mut sum = 0.0;
    let mut open = steps.iter();
    let mut answer =
        Quantiles { days: Vec::with_capacity(HORIZON), totals: Vec::with_capacity(HORIZON) };
    for phase in ahead {
        // A closed step uses up none of those that were forecast.
        match phase.and_then(|phase| Some((phase, open.next()?))) {
            Some((phase, &(mean, spread))) => {
                let factor = f64::from(phase.factor);
                let mean = factor * mean + f64::from(phase.summand);
                held.push(0.0);
                let now = held.len() - 1;
                for (error, held) in held.iter_mut().enumerate() {
                    *held += factor * carried[now - error];
                }
                sum += mean;
                answer.days.push(normal(mean, factor * spread));
            }
            None => answer.days.push([0.0; LEVEL_COUNT]),
        }
        let spread = first * held.iter().map(|held| held * held).sum::<f64>().sqrt();
        answer.totals.push(normal(sum, spread));
    }
    answer
}

/// The season's phases, by the step modulo their number; one that does nothing where none shows.
fn season(history: &[f32], frequency: Frequency) -> Vec<Phase> {
    let period = frequency.season();
    if history.len() < SEASONS * period || !shows(history, period) {
        return vec![Phase::NONE];
    }
    let by_factor = !history.iter().any(|value| *value <= 0.0);
    let mut sums = vec![(0f32, 0f32); period];
    for (step, value) in history.iter().enumerate() {
        if let Some(level) = level_around(history, step, period).filter(|_| !value.is_nan()) {
            sums[step % period].0 += if by_factor { value / level } else { value - level };
            sums[step % period].1 += 1.0;
        }
    }
    // A phase at which the shop is always closed has no say.
    let told = sums.iter().filter(|(_, count)| *count > 0.0);
    let (sum, count) =
        told.fold((0f32, 0f32), |(sum, all), (one, count)| (sum + one / count, all + 1.0));
    let mean = sum / count.max(1.0);
    let phase = |&(sum, count): &(f32, f32)| match (count > 0.0, by_factor) {
        (false, _) => Phase::NONE,
        (true, true) => Phase { factor: sum / count / mean, summand: 0.0 },
        (true, false) => Phase { factor: 1.0, summand: sum / count - mean },
    };
    sums.iter().map(phase).collect()
}

/// Mean over a period around a step, the ends of an even one at half weight; `None` at the history's
/// ends and where nothing was sold.
fn level_around(history: &[f32], step: usize, period: usize) -> Option<f32> {
    let reach = period / 2;
    let around = history.get(step.checked_sub(reach)?..step + reach + 1)?;
    let (mut sum, mut weights) = (0f32, 0f32);
    for (place, value) in around.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
        let end = place == 0 || place + 1 == around.len();
        let weight = if end && period.is_multiple_of(2) { 0.5 } else { 1.0 };
        sum += weight * value;
        weights += weight;
    }
    (sum > 0.0).then(|| sum / weights)
}

/// Whether the autocorrelation a season back is more than chance (90 %, Bartlett 1946).
fn shows(history: &[f32], period: usize) -> bool {
    let known: Vec<f32> = history.iter().copied().filter(|value| !value.is_nan()).collect();
    let mean = known.iter().sum::<f32>() / known.len().max(1) as f32;
    let variance = known.iter().map(|value| (value - mean).powi(2)).sum::<f32>();
    let correlation = |lag: usize| {
        let pairs = history.iter().zip(&history[lag..]);
        let products = pairs.map(|(then, now)| (then - mean) * (now - mean));
        products.filter(|product| !product.is_nan()).sum::<f32>() / variance
    };
    let before: f32 = (1..period).map(|lag| correlation(lag).powi(2)).sum();
    variance > 0.0
        && correlation(period) > 1.645 * ((1.0 + 2.0 * before) / known.len() as f32).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal_noise(step: usize) -> f32 {
        // Twelve uniforms add up to a normal; a plain congruence is random enough here.
        let draws = (0..12u64).map(|each| {
            let mixed = (step as u64 * 12 + each + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f32
                / (1 << 24) as f32
        });
        draws.sum::<f32>() - 6.0
    }

    #[test]
    fn a_steady_series_gets_its_level_and_its_spread() {
        let history: Vec<f32> = (0..182).map(|step| 50.0 + 5.0 * normal_noise(step)).collect();
        let answer = forecast(&Window::of_demand(&history, Frequency::Day)).unwrap();
        let day = answer.days[13];
        assert!((day[6] - 50.0).abs() < 3.0, "{day:?}");
        assert!(((day[10] - day[2]) / 2.563 - 5.0).abs() < 1.0, "{day:?}");
        let total = answer.totals[27];
        assert!((total[6] / 28.0 - 50.0).abs() < 3.0, "{total:?}");
        // Independent days would spread by 5 times the root of 28; a level that moves adds to it.
        let spread = (total[10] - total[2]) / 2.563;
        assert!((26.0..120.0).contains(&spread), "{spread}");
    }

    #[test]
    fn a_trend_goes_on_and_a_season_comes_back() {
        let months: Vec<f32> = (0..72)
            .map(|month| (100.0 + 2.0 * month as f32) * if month % 12 == 11 { 3.0 } else { 1.0 })
            .collect();
        let answer = forecast(&Window::of_demand(&months, Frequency::Month)).unwrap();
        assert!(
            (answer.days[11][6] / answer.days[10][6] - 3.0).abs() < 0.4,
            "{:?}",
            answer.days[11]
        );
        assert!(answer.days[10][6] > 225.0, "{:?}", answer.days[10]);
    }

    #[test]
    fn closed_days_are_neither_learnt_from_nor_forecast() {
        let offset = CONTEXT - 140;
        let mut history = vec![f32::NAN; offset];
        history
            .extend((0..140).map(|day| if day % 7 == 0 { 0.0 } else { 20.0 + normal_noise(day) }));
        let mut window = Window::of_demand(&history, Frequency::Day);
        for (step, open) in window.open.iter_mut().enumerate().skip(offset) {
            *open = !(step - offset).is_multiple_of(7);
        }
        let answer = forecast(&window).unwrap();
        assert_eq!(answer.days[0], [0.0; LEVEL_COUNT]);
        assert!((answer.days[1][6] - 20.0).abs() < 1.0, "{:?}", answer.days[1]);
        assert!((answer.totals[6][6] - 120.0).abs() < 5.0, "{:?}", answer.totals[6]);
    }

    #[test]
    fn lumpy_demand_is_never_below_nothing() {
        let history: Vec<f32> = (0..182).map(|day| if day % 9 == 0 { 30.0 } else { 0.0 }).collect();
        let answer = forecast(&Window::of_demand(&history, Frequency::Day)).unwrap();
        assert!(answer.days.iter().chain(&answer.totals).flatten().all(|each| *each >= 0.0));
        assert!(forecast(&Window::of_demand(&[0.0, 1.0, 0.0], Frequency::Day)).is_none());
    }

    #[test]
    fn a_weekday_that_hardly_sells_does_not_blow_up_the_rest() {
        // Mondays sell much; of the other days a few sell little, and one of them once a giant order.
        let history: Vec<f32> = (0..182)
            .map(|day| match day {
                94 => 300.0,
                day if day % 7 == 0 => 40.0,
                day if day % 11 == 0 => 1.0,
                _ => 0.0,
            })
            .collect();
        let answer = forecast(&Window::of_demand(&history, Frequency::Day)).unwrap();
        assert!(answer.days.iter().all(|day| day[13] < 150.0), "{:?}", answer.days[3]);
        // 182 days end before a Monday.
        assert!(answer.days[0][6] > 20.0 && answer.days[1][6] < 15.0, "{:?}", &answer.days[..2]);
    }
}
