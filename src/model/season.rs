//! Weeks and months that repeat: where a series' own past shows that the same season of the year before,
//! moved by half of a year's growth, told it better than its recent level, the network's answer is mixed with
//! that season. Days are left to the network, which sees 72 weeks of them but little more than a year.
//!
//! How far the season was off at past origins says both how far it is believed and how wide its
//! quantiles are: those of a normal distribution with the errors' mean square, at each step and for
//! each total (Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.5 and 5.8).

use super::levels::NORMAL;
use super::{CONTEXT, Frequency, HORIZON, LEVEL_COUNT, Quantiles, Window};

/// Steps that make the recent level.
const LATELY: usize = 4;
/// How far one year's level may lie from another's.
const FAR: f32 = 4.0;
/// Fewest past origins that can tell.
const LEAST: usize = 6;
/// Share of steps without demand beyond which nothing repeats smoothly.
const MOST_EMPTY: f32 = 0.2;
/// Share of the present level under which a year's level measures nothing.
const LEAST_LEVEL: f32 = 0.05;
/// Error of the season, as a share of that of the recent level, from which on it is not believed, and up
/// to which it is believed alone.
const BELIEVED: (f32, f32) = (0.95, 0.6);

/// The season of the year before as a forecast, and how far it is believed.
#[derive(Debug, Clone)]
pub(super) struct Season {
    /// 0: not at all, 1: alone.
    weight: f32,
    answer: Quantiles,
}

impl Season {
    /// What the season tells of a window; `None` of days, of what is too short, and where it is not
    /// believed.
    pub(super) fn of(window: &Window) -> Option<Self> {
        if window.frequency == Frequency::Day {
            return None;
        }
        let past = Past::of(window)?;
        let ratio = past.ratio()?;
        let weight = ((BELIEVED.0 - ratio) / (BELIEVED.0 - BELIEVED.1)).clamp(0.0, 1.0);
        (weight > 0.0)
            .then(|| Some(Self { weight, answer: past.answer()? }))?
            .filter(Self::is_finite)
    }

    fn is_finite(&self) -> bool {
        self.answer.days.iter().chain(&self.answer.totals).flatten().all(|value| value.is_finite())
    }

    /// The network's answer mixed with the season's.
    pub(super) fn mixed_into(&self, network: Quantiles) -> Quantiles {
        let mix = |one: Vec<[f32; LEVEL_COUNT]>, other: &[[f32; LEVEL_COUNT]]| {
            let rows = one.into_iter().zip(other);
            let mixed = rows.map(|(mut row, other)| {
                for (value, other) in row.iter_mut().zip(other) {
                    *value += self.weight * (other - *value);
                }
                row
            });
            mixed.collect()
        };
        Quantiles {
            days: mix(network.days, &self.answer.days),
            totals: mix(network.totals, &self.answer.totals),
        }
    }
}

/// What is known of a series, and what its season would have told at past origins.
struct Past<'a> {
    known: &'a [f32],
    year: usize,
    /// Steps ahead that are judged.
    judged: usize,
    /// Past origins, as steps before the end.
    origins: usize,
}

impl<'a> Past<'a> {
    fn of(window: &'a Window) -> Option<Self> {
        let known = &window.demand[window.first_sale()?..CONTEXT];
        let year = window.frequency.year();
        // A year to look back to, and one before it to measure growth by.
        let origins = known.len().checked_sub(2 * year)?.min(year);
        let empty = known.iter().filter(|demand| **demand <= 0.0).count() as f32;
        let whole = known.iter().all(|demand| !demand.is_nan());
        if origins < LEAST || !whole || empty > MOST_EMPTY * known.len() as f32 {
            return None;
        }
        let past = Self { known, year, judged: window.frequency.judged(), origins };
        // Growth and errors are measured by these levels: one of next to nothing would blow them up.
        let least = LEAST_LEVEL * past.level(known.len());
        let origins = known.len() - origins..=known.len();
        let mut levels = origins.flat_map(|origin| [past.level(origin), past.level(origin - year)]);
        levels.all(|level| level > least).then_some(past)
    }

    /// The mean of a year up to `origin`.
    fn level(&self, origin: usize) -> f32 {
        let year = &self.known[origin - self.year..origin];
        year.iter().sum::<f32>() / self.year as f32
    }

    /// The season's forecast of step `ahead` (1 is the first) at `origin`. Half of the growth is carried
    /// on: the whole of it would carry on the noise of two years' levels as well.
    fn season(&self, origin: usize, ahead: usize) -> f32 {
        let growth = self.level(origin) / self.level(origin - self.year);
        let back = self.year * ahead.div_ceil(self.year);
        self.known[origin + ahead - 1 - back] * growth.sqrt().clamp(1.0 / FAR, FAR)
    }

    fn lately(&self, origin: usize) -> f32 {
        self.known[origin - LATELY..origin].iter().sum::<f32>() / LATELY as f32
    }

    /// Mean absolute error of the season over that of the recent level, over the judged steps.
    fn ratio(&self) -> Option<f32> {
        let (mut season, mut lately) = (0f32, 0f32);
        for back in 1..=self.origins {
            let origin = self.known.len() - back;
            for ahead in 1..=self.judged.min(back) {
                let sold = self.known[origin + ahead - 1];
                season += (sold - self.season(origin, ahead)).abs();
                lately += (sold - self.lately(origin)).abs();
            }
        }
        (lately > 0.0).then(|| season / lately)
    }

    /// Quantiles around the season's forecast, as wide as it was off in the past.
    fn answer(&self) -> Option<Quantiles> {
        let now = self.known.len();
        let mut answer = Quantiles { days: Vec::new(), totals: Vec::new() };
        let (mut total, mut spreads) = (0f32, [0f32; 2]);
        for ahead in 1..=HORIZON {
            // Too few errors of one step tell less than those of the steps before it.
            if self.origins >= ahead + LEAST - 1 {
                spreads = self.spreads(ahead)?;
            }
            let step = self.season(now, ahead);
            total += step;
            let around = |middle: f32, spread: f32| {
                NORMAL.map(|z| (middle + z * spread * self.level(now)).max(0.0))
            };
            answer.days.push(around(step, spreads[0]));
            answer.totals.push(around(total, spreads[1] * ahead as f32));
        }
        Some(answer)
    }

    /// Root mean square of the errors of step `ahead`, and of the mean up to it, both by the level.
    fn spreads(&self, ahead: usize) -> Option<[f32; 2]> {
        let (mut sums, mut count) = ([0f32; 2], 0f32);
        for back in ahead..=self.origins {
            let origin = self.known.len() - back;
            let error = |ahead: usize| {
                (self.known[origin + ahead - 1] - self.season(origin, ahead)) / self.level(origin)
            };
            let mean = (1..=ahead).map(error).sum::<f32>() / ahead as f32;
            for (sum, error) in sums.iter_mut().zip([error(ahead), mean]) {
                *sum += error * error;
            }
            count += 1.0;
        }
        (count > 0.0).then(|| sums.map(|sum| (sum / count).sqrt()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::TAU;

    fn months(noise: f32) -> Vec<f32> {
        (0..72)
            .map(|month| {
                let season = 1.0 + 0.6 * (TAU * month as f32 / 12.0).sin();
                let growth = 1.0 + 0.01 * month as f32;
                let wobble = noise * ((month * 7919 % 13) as f32 / 6.0 - 1.0);
                500.0 * season * growth * (1.0 + wobble)
            })
            .collect()
    }

    #[test]
    fn a_season_that_repeats_is_carried_on_with_its_growth() {
        let history = months(0.02);
        let season = Season::of(&Window::of_demand(&history[..60], Frequency::Month)).unwrap();
        assert!(season.weight > 0.9, "believed by {}", season.weight);
        for (answer, sold) in season.answer.days.iter().zip(&history[60..]) {
            assert!((answer[6] / sold - 1.0).abs() < 0.1, "{} for {sold}", answer[6]);
            assert!(answer[0] < answer[6] && answer[6] < answer[13]);
        }
    }

    #[test]
    fn a_year_of_next_to_nothing_measures_no_growth_and_blows_nothing_up() {
        let mut history = months(0.02);
        history[..12].fill(1e-30);
        history[0] = 1e-30;
        assert!(Season::of(&Window::of_demand(&history[..36], Frequency::Month)).is_none());
    }

    #[test]
    fn days_what_is_short_and_what_does_not_repeat_are_left_to_the_network() {
        let history = months(0.02);
        assert!(Season::of(&Window::of_demand(&history, Frequency::Day)).is_none());
        assert!(Season::of(&Window::of_demand(&history[..24], Frequency::Month)).is_none());
        // A level that wanders: the last steps tell more than those of a year before.
        let mut level = 100.0f32;
        let wandering: Vec<f32> = (0..72)
            .map(|month| {
                level *= if month * 7919 % 13 < 6 { 0.85 } else { 1.18 };
                level
            })
            .collect();
        let season = Season::of(&Window::of_demand(&wandering, Frequency::Month));
        assert!(season.is_none_or(|season| season.weight < 0.5));
        let lumpy: Vec<f32> =
            (0..72).map(|month| if month % 3 == 0 { 12.0 } else { 0.0 }).collect();
        assert!(Season::of(&Window::of_demand(&lumpy, Frequency::Month)).is_none());
    }
}
