//! How long one step of a series is.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

/// Length of one step of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Frequency {
    /// A day.
    Day,
    /// A week, named by its first day.
    Week,
    /// A month, named by its first day.
    Month,
}

impl Frequency {
    /// All of them, in the order of the network's one-hot input.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// Steps after which a year has passed: 52 whole weeks for days, so that weekdays meet.
    pub const fn year(self) -> usize {
        match self {
            Self::Day => 364,
            Self::Week => 52,
            Self::Month => 12,
        }
    }

    /// Season of the simple methods: a week of days, a year of weeks or months.
    pub const fn season(self) -> usize {
        match self {
            Self::Day => 7,
            Self::Week => 52,
            Self::Month => 12,
        }
    }

    /// Steps ahead that count when a model is judged: four weeks, eight weeks, half a year.
    pub const fn judged(self) -> usize {
        match self {
            Self::Day => 28,
            Self::Week => 8,
            Self::Month => 6,
        }
    }

    /// Mean length of a step in days.
    pub const fn days(self) -> f32 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 30.4375,
        }
    }

    /// The date that lies `steps` after `date`; `None` beyond the calendar's end.
    pub fn after(self, date: Date, steps: i64) -> Option<Date> {
        let span: Span = match self {
            Self::Day => steps.days(),
            Self::Week => steps.weeks(),
            Self::Month => steps.months(),
        };
        date.checked_add(span).ok()
    }

    /// Whole steps from one date to a later one (negative for an earlier one).
    pub fn steps_between(self, from: Date, to: Date) -> i64 {
        let days = || i64::from((to - from).get_days());
        match self {
            Self::Day => days(),
            Self::Week => days().div_euclid(7),
            Self::Month => {
                i64::from(to.year() - from.year()) * 12 + i64::from(to.month() - from.month())
            }
        }
    }
}

impl std::str::FromStr for Frequency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "D" | "d" => Ok(Self::Day),
            "W" | "w" => Ok(Self::Week),
            "M" | "m" => Ok(Self::Month),
            _ => Err(format!("“{text}” is no frequency: D, W or M")),
        }
    }
}
