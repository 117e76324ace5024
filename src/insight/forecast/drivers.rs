//! What drove a forecast: the figures in a series' past that a model sees, in short.

use crate::domain::Day;
use serde::{Deserialize, Serialize};

/// Days of a span that is compared: as many as a forecast has.
const SPAN: usize = 28;
/// Days after which the same weekdays of the year come again.
const YEAR: usize = 364;
/// Days over which the pattern of weekdays is taken: eight weeks.
const PATTERN: usize = 56;

/// Figures of a series up to its forecast's origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drivers {
    /// The last day that the forecast knows.
    pub origin: Day,
    /// Units sold in the 28 days up to it.
    pub last: f32,
    /// Units sold in the 28 days before these.
    pub before: f32,
    /// Mean units on each weekday over the last eight weeks, Monday first; `None`: none is known.
    pub weekdays: [Option<f32>; 7],
    /// Units sold a year ago in the 28 days that the forecast is of, and in the 28 days before them;
    /// `None`: nothing is known of them.
    pub last_year: Option<(f32, f32)>,
    /// Days since the first sale that were looked at.
    pub days: u32,
    /// Those among them that were left out, since there was nothing to sell.
    pub left_out: u32,
}

impl Drivers {
    /// The figures of a history that ends at the origin: units a day, NaN before the first sale and on
    /// days that were left out.
    pub fn of(history: &[f32], origin: Day) -> Self {
        let begin = history.iter().position(|units| !units.is_nan()).unwrap_or(history.len());
        let end = history.len();
        let known = |from: usize, to: usize| {
            let from = end.checked_sub(from).filter(|from| *from >= begin)?;
            let days = history.get(from..end.checked_sub(to)?)?.iter().filter(|day| !day.is_nan());
            Some(days.sum::<f32>())
        };
        let lately = |from: usize, to: usize| known(from.min(end - begin), to.min(end - begin));
        let weekday = |weekday: usize| {
            let days = (0..).map(|ago| origin.plus(-ago)).zip(history[begin..].iter().rev());
            let days = days
                .take(PATTERN)
                .filter(|(day, units)| day.weekday() == weekday && !units.is_nan());
            let (sum, count) = days.fold((0.0, 0.0), |(sum, n), (_, units)| (sum + units, n + 1.0));
            (count > 0.0).then_some(sum / count)
        };
        let count = |days: usize| u32::try_from(days).unwrap_or(u32::MAX);
        Self {
            origin,
            last: lately(SPAN, 0).unwrap_or(0.0),
            before: lately(2 * SPAN, SPAN).unwrap_or(0.0),
            weekdays: std::array::from_fn(weekday),
            last_year: known(YEAR, YEAR - SPAN).zip(known(YEAR + SPAN, YEAR)),
            days: count(end - begin),
            left_out: count(history[begin..].iter().filter(|units| units.is_nan()).count()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Sunday.
    fn sunday() -> Day {
        Day::parse("2026-11-22").unwrap()
    }

    #[test]
    fn the_figures_are_those_of_the_days_that_they_name() {
        // 400 days: 1 a day, 3 on Saturdays, 5 a day in the last four weeks; a year ago 2 a day in the
        // weeks ahead.
        let mut history = vec![1.0; 400];
        for (ago, units) in history.iter_mut().rev().enumerate() {
            if ago % 7 == 1 {
                *units = 3.0;
            }
        }
        history[372..].fill(5.0);
        history[36..64].fill(2.0);
        history[380] = f32::NAN;
        let drivers = Drivers::of(&history, sunday());
        assert_eq!((drivers.last, drivers.before), (135.0, 36.0));
        assert_eq!(drivers.last_year, Some((56.0, 36.0)));
        assert_eq!((drivers.days, drivers.left_out), (400, 1));
        assert_eq!(drivers.weekdays[5], Some(4.0), "half of the Saturdays sold 3, half 5");
        assert_eq!(drivers.weekdays[0], Some(3.0));
    }

    #[test]
    fn a_new_series_tells_what_it_can() {
        let mut history = vec![f32::NAN; 500];
        history.extend([4.0; 10]);
        let drivers = Drivers::of(&history, sunday());
        assert_eq!((drivers.last, drivers.before, drivers.last_year), (40.0, 0.0, None));
        assert_eq!((drivers.days, drivers.left_out), (10, 0));
        let nothing = Drivers::of(&[f32::NAN; 30], sunday());
        assert_eq!((nothing.last, nothing.days), (0.0, 0));
        assert!(nothing.weekdays.iter().all(Option::is_none));
    }
}
