//! Forecasts as they are kept: two bytes a quantile, 1.6 kB a series.

use crate::demand::SeriesKey;
use crate::domain::{Day, SiteId, Sku};
use crate::model::{LEVEL_COUNT, Quantiles};
use crate::store::Table;
use half::f16;
use serde::{Deserialize, Serialize};

/// Which model made a forecast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelMark {
    /// Its name among the store's versions.
    pub name: Box<str>,
    /// The fingerprint of its weights.
    pub fingerprint: Box<str>,
}

/// A forecast with what it was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The model that made it.
    pub model: ModelMark,
    /// The last day that it knows.
    pub origin: Day,
    /// Checksum of the history that it was made from (see [`super::checksum`]).
    pub checksum: u32,
    /// What its neighbours sell a day, of a series that did not speak for itself yet and whose model
    /// was told.
    pub peers: Option<f32>,
    /// Quantiles of each day after the origin.
    pub days: Packed,
    /// Quantiles of the total up to each of these days.
    pub totals: Packed,
}

impl Kept {
    /// A forecast to be kept, of which no neighbours were asked.
    pub fn new(model: &ModelMark, origin: Day, checksum: u32, made: &Quantiles) -> Self {
        Self {
            model: model.clone(),
            origin,
            checksum,
            peers: None,
            days: Packed::of(&made.days),
            totals: Packed::of(&made.totals),
        }
    }
}

/// Ascending quantiles of several steps in half precision: each to a thousandth of itself, or to
/// some ten-millionths of the largest of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Packed {
    /// The largest of all, which counts as 1.
    largest: f32,
    /// Step after step, level after level, low byte first.
    halves: Box<[u8]>,
}

impl Packed {
    /// Packs quantiles.
    pub fn of(steps: &[[f32; LEVEL_COUNT]]) -> Self {
        let largest = steps.iter().flatten().copied().fold(f32::MIN_POSITIVE, f32::max);
        let halves = steps.iter().flatten();
        let halves =
            halves.flat_map(|quantile| f16::from_f32(quantile / largest).to_le_bytes()).collect();
        Self { largest, halves }
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.halves.len() / (2 * LEVEL_COUNT)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The quantile of a step at the level of this place; 0 where there is none.
    pub fn at(&self, step: usize, level: usize) -> f32 {
        let at = 2 * (step * LEVEL_COUNT + level);
        match self.halves.get(at..at + 2) {
            Some(&[low, high]) => f16::from_le_bytes([low, high]).to_f32() * self.largest,
            _ => 0.0,
        }
    }

    /// All quantiles of a step.
    pub fn step(&self, step: usize) -> [f32; LEVEL_COUNT] {
        std::array::from_fn(|level| self.at(step, level))
    }

    /// All steps.
    pub fn steps(&self) -> Vec<[f32; LEVEL_COUNT]> {
        (0..self.len()).map(|step| self.step(step)).collect()
    }
}

/// The table of forecasts, by SKU and site. Its tag stands with those of the engine's tables.
pub enum Forecasts {}

impl Table for Forecasts {
    const TAG: u8 = 23;
    const NAME: &'static str = "forecasts";
    const SCHEMA: u8 = 1;
    type Key = (Sku, SiteId);
    type Value = Kept;
}

impl Forecasts {
    /// The key of a series.
    pub fn key(series: &SeriesKey) -> (Sku, SiteId) {
        (series.sku.clone(), series.site.clone())
    }
}

/// On which days the shop was open, and will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// The first day told of.
    pub first: Day,
    /// Whether it was open, day after day, up to the end of the forecasts' horizon.
    pub open: Vec<bool>,
}

impl Calendar {
    /// Whether the shop is open on a day; a day that nothing is told of counts as open.
    pub fn is_open(&self, day: Day) -> bool {
        let at = usize::try_from(day.number() - self.first.number()).ok();
        at.and_then(|at| self.open.get(at)).copied().unwrap_or(true)
    }
}

/// The table with the calendar that the forecasts go by.
pub enum Calendars {}

impl Table for Calendars {
    const TAG: u8 = 24;
    const NAME: &'static str = "calendar";
    const SCHEMA: u8 = 1;
    type Key = ();
    type Value = Calendar;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_forecast_is_the_forecast() {
        let step = |by: f32| -> [f32; LEVEL_COUNT] {
            std::array::from_fn(|level| by * (level as f32 * 0.37).powi(3))
        };
        // From a tenth of a unit to more than half precision alone could hold.
        let steps = [step(0.0), step(0.1), step(7.0), step(9_000.0)];
        let packed = Packed::of(&steps);
        assert_eq!(packed.len(), 4);
        for (was, is) in steps.iter().zip(packed.steps()) {
            assert!(is.is_sorted());
            for (was, is) in was.iter().zip(is) {
                let most = (was * 1e-3).max(step(9_000.0)[LEVEL_COUNT - 1] * 1e-6);
                assert!((was - is).abs() <= most, "{was} is {is}");
            }
        }
        assert_eq!(Packed::of(&[[0.0; LEVEL_COUNT]]).step(0), [0.0; LEVEL_COUNT]);
        assert_eq!(packed.step(4), [0.0; LEVEL_COUNT], "beyond the horizon there is nothing");
    }

    #[test]
    fn a_kept_forecast_takes_little_room() {
        let model = ModelMark { name: "v0012".into(), fingerprint: "0123456789ab".into() };
        let steps = vec![[2.5; LEVEL_COUNT]; 28];
        let made = Quantiles { days: steps.clone(), totals: steps };
        let kept = Kept::new(&model, Day::from_number(20_000), 77, &made);
        let bytes = postcard::to_stdvec(&kept).unwrap();
        assert!(bytes.len() < 1_650, "{} bytes", bytes.len());
        assert_eq!(postcard::from_bytes::<Kept>(&bytes).unwrap(), kept);
    }

    #[test]
    fn a_day_beyond_the_calendar_counts_as_open() {
        let calendar = Calendar { first: Day::from_number(10), open: vec![true, false] };
        let open = [9, 10, 11, 12].map(|day| calendar.is_open(Day::from_number(day)));
        assert_eq!(open, [true, true, false, true]);
    }
}
