//! How one series was forecast lately.

use super::Made;
use crate::domain::{Day, SiteId, Sku};
use crate::store::Table;
use serde::{Deserialize, Serialize};

/// Weeks of a series that are kept.
pub const TRACKED: usize = 12;

/// A week of a series: its total, said and sold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Week {
    /// The origin.
    pub origin: Day,
    /// Units sold in the seven days after it.
    pub sold: f32,
    /// Units that were expected.
    pub expected: f32,
    /// Whether they were at or under the 0.9 quantile.
    pub under: bool,
    /// Whether that was issued.
    pub made: Made,
}

/// The latest weeks of a series, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Track(Vec<Week>);

impl Track {
    /// Takes in a week; what was made afterwards of the same origin by another model gives way.
    pub fn add(&mut self, week: Week) {
        self.0.retain(|known| (known.origin, known.made) != (week.origin, week.made));
        let at = self.0.partition_point(|known| known.origin < week.origin);
        self.0.insert(at, week);
        let too_many = self.0.len().saturating_sub(TRACKED);
        self.0.drain(..too_many);
    }

    /// What they tell: of those that were issued, and only where none was, of those made afterwards.
    pub fn summary(&self) -> Option<SeriesAccuracy> {
        let of = |made| {
            let mut sum =
                SeriesAccuracy { weeks: 0, sold: 0.0, expected: 0.0, off: 0.0, under: 0, made };
            for week in self.0.iter().filter(|week| week.made == made) {
                sum.weeks += 1;
                sum.sold += week.sold;
                sum.expected += week.expected;
                sum.off += (week.expected - week.sold).abs();
                sum.under += u8::from(week.under);
            }
            (sum.weeks > 0).then_some(sum)
        };
        of(Made::Before).or_else(|| of(Made::Afterwards))
    }
}

/// How a series was forecast over its latest weeks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesAccuracy {
    /// Weeks.
    pub weeks: u8,
    /// Units sold in them.
    pub sold: f32,
    /// Units expected.
    pub expected: f32,
    /// Sum of how far each week was off.
    pub off: f32,
    /// Weeks at or under their 0.9 quantile.
    pub under: u8,
    /// Whether they were issued.
    pub made: Made,
}

impl SeriesAccuracy {
    /// How far a week was off, as a share of what a week sells; `None`: nothing was sold.
    pub fn off_share(&self) -> Option<f32> {
        (self.sold > 0.0).then(|| self.off / self.sold)
    }

    /// Expected over sold, less 1; `None`: nothing was sold.
    pub fn bias(&self) -> Option<f32> {
        (self.sold > 0.0).then(|| self.expected / self.sold - 1.0)
    }
}

/// The table of tracks, by SKU and site. Its tag stands with those of the engine's tables.
pub enum Tracks {}

impl Table for Tracks {
    const TAG: u8 = 28;
    const NAME: &'static str = "accuracy by series";
    const SCHEMA: u8 = 1;
    type Key = (Sku, SiteId);
    type Value = Track;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(n: i32, made: Made, expected: f32) -> Week {
        let origin = Day::from_number(20_000 + 7 * n);
        Week { origin, sold: 10.0, expected, under: expected >= 10.0, made }
    }

    #[test]
    fn what_was_issued_is_never_mixed_with_what_was_made_afterwards() {
        let mut track = Track::default();
        for n in 0..4 {
            track.add(week(n, Made::Afterwards, 20.0));
        }
        let first = track.summary().unwrap();
        assert_eq!((first.made, first.weeks, first.off_share()), (Made::Afterwards, 4, Some(1.0)));
        track.add(week(4, Made::Before, 12.0));
        track.add(week(5, Made::Before, 9.0));
        let now = track.summary().unwrap();
        assert_eq!((now.made, now.weeks, now.under), (Made::Before, 2, 1));
        assert!((now.off_share().unwrap() - 0.15).abs() < 1e-6);
        assert!((now.bias().unwrap() - 0.05).abs() < 1e-6);
    }

    #[test]
    fn the_latest_weeks_stay_whatever_order_they_come_in() {
        let mut track = Track::default();
        for n in (0..20).rev() {
            track.add(week(n, Made::Afterwards, 11.0));
        }
        assert_eq!(track.0.len(), TRACKED);
        assert!(track.0.is_sorted_by_key(|week| week.origin));
        assert_eq!(track.0[0].origin, week(8, Made::Before, 0.0).origin);
        track.add(week(15, Made::Afterwards, 99.0));
        assert_eq!(track.0.len(), TRACKED, "another model's of the same week");
    }
}
