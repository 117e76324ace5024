//! Accuracy in memory: what screens ask for.

use super::{Cell, Made, STAGES, SeriesAccuracy, Sums, WEEKS_KEPT, week_of};
use crate::demand::SeriesKey;
use crate::domain::Day;
use crate::insight::forecast::ModelMark;
use crate::model::evaluate::Class;
use crate::store::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One week's forecasts by one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The model.
    pub model: ModelMark,
    /// Stages that are scored, of [`STAGES`].
    pub scored: u8,
}

/// The table of rounds, by origin, how they were made, and the model's fingerprint. Its tag stands
/// with those of the engine's tables.
pub enum Rounds {}

impl Table for Rounds {
    const TAG: u8 = 29;
    const NAME: &'static str = "rounds of forecasts";
    const SCHEMA: u8 = 1;
    type Key = (Day, u8, Box<str>);
    type Value = Round;
}

/// The table of sums, by week, class and how they were made (see [`cell_key`]), and the model's
/// fingerprint. Its tag stands with those of the engine's tables.
pub enum Scores {}

impl Table for Scores {
    const TAG: u8 = 27;
    const NAME: &'static str = "accuracy";
    const SCHEMA: u8 = 1;
    type Key = (Day, u8, Box<str>);
    type Value = (ModelMark, Sums);
}

/// A number for how a forecast was made.
const fn made_key(made: Made) -> u8 {
    match made {
        Made::Before => 0,
        Made::Afterwards => 1,
    }
}

const fn made_of(key: u8) -> Made {
    if key == 0 { Made::Before } else { Made::Afterwards }
}

/// A key of [`Scores`].
pub fn cell_key(cell: &Cell, fingerprint: &str) -> (Day, u8, Box<str>) {
    let class = Class::ALL.iter().position(|class| *class == cell.class).unwrap_or(0) as u8;
    (cell.week, 2 * class + made_key(cell.made), fingerprint.into())
}

fn cell_of(week: Day, key: u8) -> Option<Cell> {
    let class = *Class::ALL.get(usize::from(key / 2))?;
    Some(Cell { week, class, made: made_of(key % 2) })
}

impl Rounds {
    /// A key.
    pub fn key(origin: Day, made: Made, fingerprint: &str) -> (Day, u8, Box<str>) {
        (origin, made_key(made), fingerprint.into())
    }
}

/// What is known of how good forecasts were.
#[derive(Debug, Default)]
pub struct AccuracyBook {
    /// By fingerprint: the model, and its sums.
    sums: BTreeMap<Box<str>, (ModelMark, BTreeMap<Cell, Sums>)>,
    rounds: BTreeMap<(Day, Made, Box<str>), Round>,
    series: BTreeMap<SeriesKey, SeriesAccuracy>,
}

impl AccuracyBook {
    /// Takes in sums as they are kept.
    pub fn put_sums(&mut self, key: &(Day, u8, Box<str>), model: ModelMark, sums: Sums) {
        let Some(cell) = cell_of(key.0, key.1) else { return };
        let (named, cells) =
            self.sums.entry(key.2.clone()).or_insert_with(|| (model.clone(), BTreeMap::new()));
        // One model may be known by several names; the latest is told.
        *named = model;
        cells.insert(cell, sums);
    }

    /// Takes in a round as it is kept.
    pub fn put_round(&mut self, key: &(Day, u8, Box<str>), round: Round) {
        self.rounds.insert((key.0, made_of(key.1), key.2.clone()), round);
    }

    /// Takes in how a series was forecast.
    pub fn put_series(&mut self, series: SeriesKey, accuracy: SeriesAccuracy) {
        self.series.insert(series, accuracy);
    }

    /// How a series was forecast lately; `None`: nothing is known yet.
    pub fn of_series(&self, series: &SeriesKey) -> Option<&SeriesAccuracy> {
        self.series.get(series)
    }

    /// The sums of a cell, as they are kept.
    pub fn sums(&self, cell: &Cell, fingerprint: &str) -> Sums {
        let found = self.sums.get(fingerprint).and_then(|(_, cells)| cells.get(cell));
        found.copied().unwrap_or_default()
    }

    /// All sums, model after model, of each by week and class.
    pub fn models(&self) -> impl Iterator<Item = (&ModelMark, &BTreeMap<Cell, Sums>)> {
        self.sums.values().map(|(model, cells)| (model, cells))
    }

    /// Whether the forecasts of an origin's week were issued.
    pub fn is_issued(&self, origin: Day) -> bool {
        let week = week_of(origin);
        let issued = self.rounds.keys().rev().filter(|(_, made, _)| *made == Made::Before);
        { issued }.any(|(of, _, _)| week_of(*of) == week)
    }

    /// Whether a model is scored, or will be, on an origin's week.
    pub fn is_covered(&self, origin: Day, fingerprint: &str) -> bool {
        let week = week_of(origin);
        self.rounds.keys().any(|(of, _, by)| **by == *fingerprint && week_of(*of) == week)
    }

    /// What was issued and is not scored in full, oldest first.
    pub fn open(&self) -> Vec<(Day, Round)> {
        let open = |((origin, made, _), round): (&(Day, Made, Box<str>), &Round)| {
            let waits = *made == Made::Before && usize::from(round.scored) < STAGES.len();
            waits.then(|| (*origin, round.clone()))
        };
        self.rounds.iter().filter_map(open).collect()
    }

    /// Forgets weeks that are too long ago; returns the keys of the sums and of the rounds that go.
    #[allow(clippy::type_complexity)]
    pub fn forget_before(
        &mut self,
        today: Day,
    ) -> (Vec<(Day, u8, Box<str>)>, Vec<(Day, u8, Box<str>)>) {
        let first = week_of(today).plus(-7 * WEEKS_KEPT);
        let mut sums = Vec::new();
        for (fingerprint, (_, cells)) in &mut self.sums {
            let old = cells.keys().take_while(|cell| cell.week < first);
            let old: Vec<Cell> = old.copied().collect();
            for cell in old {
                cells.remove(&cell);
                sums.push(cell_key(&cell, fingerprint));
            }
        }
        self.sums.retain(|_, (_, cells)| !cells.is_empty());
        let old = self.rounds.keys().take_while(|(origin, _, _)| *origin < first);
        let old: Vec<_> = old.cloned().collect();
        let rounds = old.into_iter().map(|key| {
            self.rounds.remove(&key);
            Rounds::key(key.0, key.1, &key.2)
        });
        (sums, rounds.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::accuracy::Part;

    #[test]
    fn what_is_kept_is_found_again_under_its_key() {
        let model = ModelMark { name: "v0001".into(), fingerprint: "ab".into() };
        let mut book = AccuracyBook::default();
        let sunday = Day::parse("2026-11-22").unwrap();
        for (n, class) in Class::ALL.into_iter().enumerate() {
            for made in [Made::Before, Made::Afterwards] {
                let cell = Cell { week: week_of(sunday), class, made };
                let days = Part { count: 10 * n as u64 + made as u64, ..Part::default() };
                let sums = Sums { days, ..Sums::default() };
                book.put_sums(&cell_key(&cell, "ab"), model.clone(), sums);
                assert_eq!(book.sums(&cell, "ab"), sums);
                assert_eq!(book.sums(&cell, "cd"), Sums::default());
            }
        }
        assert_eq!(book.models().map(|(_, cells)| cells.len()).collect::<Vec<_>>(), [8]);
        let (sums, rounds) = book.forget_before(sunday.plus(7 * (WEEKS_KEPT + 2)));
        assert_eq!((sums.len(), rounds.len()), (8, 0));
        assert_eq!(book.models().count(), 0);
    }

    #[test]
    fn a_week_is_issued_once_whichever_day_it_began_on() {
        let model = ModelMark { name: "v0001".into(), fingerprint: "ab".into() };
        let mut book = AccuracyBook::default();
        let tuesday = Day::parse("2026-11-24").unwrap();
        let round = Round { model, scored: 1 };
        book.put_round(&Rounds::key(tuesday, Made::Before, "ab"), round);
        assert!(book.is_issued(tuesday.plus(3)) && !book.is_issued(tuesday.plus(5)));
        assert!(book.is_covered(tuesday.plus(-2), "ab") && !book.is_covered(tuesday, "cd"));
        assert_eq!(book.open().len(), 1);
        let done = Round { scored: 3, ..book.open()[0].1.clone() };
        book.put_round(&Rounds::key(tuesday, Made::Before, "ab"), done);
        assert!(book.open().is_empty());
    }
}
