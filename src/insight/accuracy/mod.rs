//! How good forecasts were: what was issued is kept, and scored when the days that it speaks of are over.
//!
//! Once a week the forecasts of all series are issued: of each a small record is kept ([`Issued`], some
//! 230 bytes) with the days of the first week and the totals to 7, 14 and 28 days. So each day is
//! scored once, by what was said at the beginning of its week. Nothing that comes later changes what was
//! issued. As the stages ([`STAGES`]) are over one after the other, they are compared with what was
//! sold and added up by week, class of demand and model ([`Sums`]); after the last one the records are
//! deleted. For each series the latest weeks stay ([`Track`]).
//!
//! The measures are those of `evaluate`: WQL of days, TQL of totals, the share of days and totals at or
//! under their 0.9 and 0.95 quantiles, and the bias of the totals. Days without stock are missing: they
//! are not scored, nor is a total with one of them. Beside each stands the loss of the seasonal naive
//! forecast from the same origin.
//!
//! For weeks in which nothing was issued (a store that is new here, a model that is new) the model may
//! look back: it forecasts from what was known then, and is scored at once. Such figures are told apart
//! everywhere ([`Made::Afterwards`]) and never added to those of what was truly issued; a model that
//! learnt from those days does not look back on them.
//!
//! What is kept: records of at most five weeks, sums of [`WEEKS_KEPT`] weeks, [`TRACKED`] weeks of each
//! series. Of 10,000 series that is 12 MB for the records, 3 MB for the series and less than 1 MB a year
//! for the sums, before what sled adds.

mod book;
mod issued;
mod score;
mod sums;
mod track;

pub use book::{AccuracyBook, Round, Rounds, Scores, cell_key};
pub use issued::{Issued, IssuedForecasts};
pub use score::{naive, score};
pub use sums::{Figures, Part, Sums, TotalFigures};
pub use track::{SeriesAccuracy, TRACKED, Track, Tracks, Week};

use crate::domain::Day;
use crate::model::evaluate::Class;
use serde::{Deserialize, Serialize};

/// Days after the origin at which a stage of a forecast is over.
pub const STAGES: [usize; 3] = [7, 14, 28];
/// Days that are kept one by one, and scored when the first stage is over.
pub const DAYS: usize = STAGES[0];
/// Weeks of which sums are kept.
pub const WEEKS_KEPT: i32 = 104;

/// Whether a forecast was there before what it speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Made {
    /// It was: it was issued.
    Before,
    /// It was made later, from what was known then.
    Afterwards,
}

/// Whose sums: the week of the first day ahead, the class of demand, how it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The Monday of the week in which the first day ahead lies.
    pub week: Day,
    /// The class of demand, by what was known at the origin.
    pub class: Class,
    /// Whether it was issued.
    pub made: Made,
}

/// The week that an origin is counted to: that of the first day ahead, by its Monday.
pub fn week_of(origin: Day) -> Day {
    let first = origin.plus(1);
    first.plus(-(first.weekday() as i32))
}

/// The number of stages that are over once `last` is.
pub fn stages_over(origin: Day, last: Day) -> usize {
    let days = last.number() - origin.number();
    STAGES.iter().filter(|stage| **stage as i32 <= days).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_and_an_origin_belongs_to_the_days_ahead() {
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(week_of(day("2026-11-22")), day("2026-11-23"), "Sunday: the week to come");
        assert_eq!(week_of(day("2026-11-23")), day("2026-11-23"));
        assert_eq!(week_of(day("2026-11-28")), day("2026-11-23"));
    }

    #[test]
    fn stages_are_over_one_after_the_other() {
        let origin = Day::parse("2026-11-22").unwrap();
        let over = [6, 7, 13, 14, 27, 28, 90].map(|days| stages_over(origin, origin.plus(days)));
        assert_eq!(over, [0, 1, 1, 2, 2, 3, 3]);
    }
}
