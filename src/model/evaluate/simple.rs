//! The simple methods that a network has to beat, each with quantiles of days and totals.
//!
//! Recent empirical quantiles that know closed days are the ones to beat on lumpy demand. Croston
//! (1972), its correction by Syntetos and Boylan (2005) and TSB (Teunter, Syntetos, Babai 2011) give a
//! level, around which the quantiles of the recent days are laid. Exponential smoothing comes with
//! prediction intervals of its own (`ets`).

use super::ets;
use crate::model::{CONTEXT, HORIZON, LEVEL_COUNT, LEVELS, Quantiles, Window};

/// Steps that the recent quantiles look at.
const RECENT: usize = 56;
/// Smoothing of the intermittent methods.
const ALPHA: f32 = 0.1;
/// Draws of the totals.
const DRAWS: usize = 400;

/// A simple method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simple {
    /// The last season again.
    SeasonalNaive,
    /// Quantiles of the last 56 open steps.
    Empirical,
    /// Croston's level.
    Croston,
    /// Croston's level, corrected for its bias.
    Sba,
    /// Teunter's, Syntetos' and Babai's level.
    Tsb,
    /// Exponential smoothing, its form chosen for each series.
    Ets,
}

impl Simple {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::SeasonalNaive, Self::Empirical, Self::Croston, Self::Sba, Self::Tsb, Self::Ets];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SeasonalNaive => "seasonal naive",
            Self::Empirical => "recent quantiles",
            Self::Croston => "Croston",
            Self::Sba => "SBA",
            Self::Tsb => "TSB",
            Self::Ets => "ETS",
        }
    }

    /// Its answers for windows, in their order, on so many threads.
    pub fn for_all(self, windows: &[Window], threads: usize) -> Vec<Quantiles> {
        let size = windows.len().div_ceil(threads.max(1)).max(1);
        let mut parts: Vec<_> = windows.chunks(size).map(|part| (part, Vec::new())).collect();
        std::thread::scope(|scope| {
            for (part, answers) in &mut parts {
                scope.spawn(|| {
                    answers.extend(part.iter().map(|window| self.forecast(window)));
                });
            }
        });
        parts.into_iter().flat_map(|(_, answers)| answers).collect()
    }

    /// Its answer for a window.
    pub fn forecast(self, window: &Window) -> Quantiles {
        if self == Self::Ets
            && let Some(answer) = ets::forecast(window)
        {
            return answer;
        }
        let open = &window.open[CONTEXT..];
        let history: Vec<f32> = {
            let first = window.first_sale().unwrap_or(CONTEXT);
            window.demand[first..].to_vec()
        };
        if self == Self::SeasonalNaive {
            return seasonal_naive(&history, window.frequency.season());
        }
        let recent = recent(window);
        let mut days = quantiles_of(recent.clone());
        let mean = recent.iter().sum::<f32>() / recent.len().max(1) as f32;
        let open_share = open_share(window);
        let level = match self {
            Self::Croston => Some(croston(&history)),
            Self::Sba => Some(croston(&history) * (1.0 - ALPHA / 2.0)),
            Self::Tsb => Some(tsb(&history)),
            // What is too short to be smoothed has its recent quantiles.
            Self::SeasonalNaive | Self::Empirical | Self::Ets => None,
        };
        let factor = match level {
            // These levels are per step, closed ones included.
            Some(level) if mean > 0.0 => (level / open_share / mean).clamp(0.2, 4.0),
            _ => 1.0,
        };
        days.iter_mut().for_each(|quantile| *quantile *= factor);
        let scaled: Vec<f32> = recent.iter().map(|demand| demand * factor).collect();
        Quantiles {
            days: open.iter().map(|&open| if open { days } else { [0.0; LEVEL_COUNT] }).collect(),
            totals: bootstrap(&scaled, open),
        }
    }
}

/// The last open steps with known demand.
fn recent(window: &Window) -> Vec<f32> {
    let first = window.first_sale().unwrap_or(CONTEXT);
    let known = (first..CONTEXT)
        .rev()
        .filter(|&step| window.open[step] && !window.demand[step].is_nan())
        .map(|step| window.demand[step]);
    known.take(RECENT).collect()
}

fn open_share(window: &Window) -> f32 {
    let open = window.open[CONTEXT - RECENT..CONTEXT].iter().filter(|open| **open).count();
    open.max(1) as f32 / RECENT as f32
}

/// The quantiles of a sample, linear between its order statistics.
pub(super) fn quantiles_of(mut sample: Vec<f32>) -> [f32; LEVEL_COUNT] {
    if sample.is_empty() {
        return [0.0; LEVEL_COUNT];
    }
    sample.sort_by(f32::total_cmp);
    let last = sample.len() - 1;
    LEVELS.map(|level| {
        let place = level * last as f32;
        let (low, share) = (place as usize, place.fract());
        sample[low] + share * (sample[(low + 1).min(last)] - sample[low])
    })
}

/// Totals of random draws from a sample on the open days. The draws are the same every time.
fn bootstrap(sample: &[f32], open: &[bool]) -> Vec<[f32; LEVEL_COUNT]> {
    if sample.is_empty() {
        return vec![[0.0; LEVEL_COUNT]; HORIZON];
    }
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    let mut sums = vec![0f32; DRAWS];
    open.iter()
        .map(|&open| {
            if open {
                for sum in &mut sums {
                    // Xorshift (Marsaglia 2003) is random enough for an average.
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    *sum += sample[(state % sample.len() as u64) as usize];
                }
            }
            quantiles_of(sums.clone())
        })
        .collect()
}

/// The last season again (the last value, where there is no whole season yet), with the quantiles of the errors that this made over the last 56 steps.
fn seasonal_naive(history: &[f32], season: usize) -> Quantiles {
    let at = |step: usize| -> f32 {
        let back = history.len() + step % season;
        match back.checked_sub(season) {
            Some(place) => history.get(place).copied().filter(|value| !value.is_nan()),
            None => history.iter().rev().copied().find(|value| !value.is_nan()),
        }
        .unwrap_or(0.0)
    };
    let from = history.len().saturating_sub(RECENT).max(season.min(history.len()));
    let errors: Vec<f32> = (from..history.len())
        .map(|step| history[step] - history[step - season])
        .filter(|error| !error.is_nan())
        .collect();
    let spread = quantiles_of(errors);
    let days: Vec<[f32; LEVEL_COUNT]> =
        (0..HORIZON).map(|step| spread.map(|error| (at(step) + error).max(0.0))).collect();
    let mut sum = 0f32;
    let totals = (0..HORIZON)
        .map(|step| {
            sum += at(step);
            let reach = ((step + 1) as f32).sqrt();
            spread.map(|error| (sum + error * reach).max(0.0))
        })
        .collect();
    Quantiles { days, totals }
}

/// Croston's mean demand per step: smoothed size over smoothed interval.
fn croston(history: &[f32]) -> f32 {
    let (mut size, mut interval, mut since) = (None::<f32>, 1f32, 1f32);
    for &demand in history.iter().filter(|demand| !demand.is_nan()) {
        if demand > 0.0 {
            match &mut size {
                None => size = Some(demand),
                Some(size) => {
                    *size += ALPHA * (demand - *size);
                    interval += ALPHA * (since - interval);
                }
            }
            since = 1.0;
        } else {
            since += 1.0;
        }
    }
    size.map_or(0.0, |size| size / interval.max(1.0))
}

/// TSB's mean demand per step: smoothed size times smoothed probability.
fn tsb(history: &[f32]) -> f32 {
    let (mut size, mut share) = (None::<f32>, 1f32);
    for &demand in history.iter().filter(|demand| !demand.is_nan()) {
        if demand > 0.0 {
            size = Some(size.map_or(demand, |size| size + ALPHA * (demand - size)));
        }
        share += ALPHA * (f32::from(demand > 0.0) - share);
    }
    size.unwrap_or(0.0) * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Frequency;

    #[test]
    fn a_constant_series_is_forecast_as_it_is() {
        let window = Window::of_demand(&[4.0; 200], Frequency::Day);
        for method in Simple::ALL {
            let answer = method.forecast(&window);
            // SBA takes half of its smoothing off a level for a bias that a constant does not have.
            let level = if method == Simple::Sba { 3.8 } else { 4.0 };
            for which in [0, 6, 13] {
                assert!((answer.days[9][which] - level).abs() < 0.05, "{method:?}");
                assert!((answer.totals[27][which] - 28.0 * level).abs() < 1.5, "{method:?}");
            }
        }
    }

    #[test]
    fn before_a_season_is_over_the_last_value_goes_on() {
        let window = Window::of_demand(&[9.0, 4.0, 5.0], Frequency::Week);
        let answer = Simple::SeasonalNaive.forecast(&window);
        assert_eq!(answer.days[27], [5.0; LEVEL_COUNT]);
        assert_eq!(answer.totals[3], [20.0; LEVEL_COUNT]);
    }

    #[test]
    fn the_recent_quantiles_know_closed_days() {
        let history: Vec<f32> = (0..70).map(|day| if day % 7 == 0 { 0.0 } else { 7.0 }).collect();
        let mut window = Window::of_demand(&history, Frequency::Day);
        let offset = CONTEXT - 70;
        for (step, open) in window.open.iter_mut().enumerate().skip(offset) {
            *open = !(step - offset).is_multiple_of(7);
        }
        let answer = Simple::Empirical.forecast(&window);
        // The origin is day 69, so that day 70, the first ahead, is closed.
        assert_eq!(answer.days[0], [0.0; LEVEL_COUNT]);
        assert_eq!(answer.days[1], [7.0; LEVEL_COUNT]);
        assert!((answer.totals[6][6] - 42.0).abs() < 1e-3);
    }

    #[test]
    fn intermittent_levels_follow_their_definitions() {
        // Every second step 6: an interval of 2, or a probability that swings about one half.
        let history: Vec<f32> = (0..400).map(|day| if day % 2 == 0 { 6.0 } else { 0.0 }).collect();
        assert!((croston(&history) - 3.0).abs() < 0.01);
        assert!((tsb(&history) - 3.0).abs() < 0.2);
    }
}
