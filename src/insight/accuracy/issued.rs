//! What was issued of one series, as small as it can be and still be scored.

use super::{DAYS, STAGES};
use crate::domain::{Day, SiteId, Sku};
use crate::model::{LEVEL_COUNT, Quantiles};
use crate::store::Table;
use half::f16;
use serde::{Deserialize, Serialize};

/// The first of the levels that are kept.
const FROM: usize = 2;
/// Levels that are kept: 0.1 to 0.9, and 0.95.
pub const KEPT: usize = 10;
/// Steps: the days, then the totals.
const STEPS: usize = DAYS + STAGES.len();

/// Quantiles of the first days and of the totals at each stage, in half precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issued {
    /// Expected units up to each stage.
    pub expected: [f32; STAGES.len()],
    /// The largest quantile, which counts as 1.
    largest: f32,
    /// Step after step, level after level, low byte first.
    halves: Box<[u8]>,
}

impl Issued {
    /// What is kept of a forecast; it reaches over the last stage.
    pub fn of(days: &[[f32; LEVEL_COUNT]], totals: &[[f32; LEVEL_COUNT]]) -> Option<Self> {
        let totals: Vec<_> = STAGES.iter().filter_map(|stage| totals.get(stage - 1)).collect();
        if days.len() < DAYS || totals.len() < STAGES.len() {
            return None;
        }
        let steps = || days.iter().take(DAYS).chain(totals.iter().copied());
        let kept = || steps().flat_map(|step| &step[FROM..FROM + KEPT]);
        let largest = kept().copied().fold(f32::MIN_POSITIVE, f32::max);
        let halves = kept().flat_map(|value| f16::from_f32(value / largest).to_le_bytes());
        Some(Self {
            expected: std::array::from_fn(|stage| Quantiles::mean_of(totals[stage])),
            largest,
            halves: halves.collect(),
        })
    }

    /// Quantiles of a day after the origin, 0 the first.
    pub fn day(&self, day: usize) -> [f32; KEPT] {
        self.step(day)
    }

    /// Quantiles of the total up to a stage.
    pub fn total(&self, stage: usize) -> [f32; KEPT] {
        self.step(DAYS + stage)
    }

    fn step(&self, step: usize) -> [f32; KEPT] {
        debug_assert!(step < STEPS);
        std::array::from_fn(|level| {
            let at = 2 * (step * KEPT + level);
            match self.halves.get(at..at + 2) {
                Some(&[low, high]) => f16::from_le_bytes([low, high]).to_f32() * self.largest,
                _ => 0.0,
            }
        })
    }
}

/// The table of what was issued and is not scored in full, by origin, SKU and site. Its tag stands with
/// those of the engine's tables.
pub enum IssuedForecasts {}

impl Table for IssuedForecasts {
    const TAG: u8 = 26;
    const NAME: &'static str = "issued forecasts";
    const SCHEMA: u8 = 1;
    type Key = (Day, Sku, SiteId);
    type Value = Issued;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LEVELS;

    #[test]
    fn what_is_kept_is_what_was_said() {
        assert_eq!(LEVELS[FROM..FROM + KEPT], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]);
        let step = |by: f32| LEVELS.map(|level| by * level);
        let days: Vec<_> = (1..=28).map(|day| step(day as f32)).collect();
        let totals: Vec<_> = (1..=28).map(|day| step(10.0 * day as f32)).collect();
        let issued = Issued::of(&days, &totals).unwrap();
        let near = |is: f32, was: f32| assert!((is / was - 1.0).abs() < 2e-3, "{is} was {was}");
        near(issued.day(0)[0], 0.1);
        near(issued.day(6)[8], 0.9 * 7.0);
        near(issued.total(0)[4], 35.0);
        near(issued.total(2)[9], 0.95 * 280.0);
        near(issued.expected[1], Quantiles::mean_of(&totals[13]));
        assert!(Issued::of(&days[..6], &totals).is_none(), "a week at least");
    }

    #[test]
    fn it_takes_little_room() {
        let step = [7.5; LEVEL_COUNT];
        let issued = Issued::of(&[step; 28], &[step; 28]).unwrap();
        let bytes = postcard::to_stdvec(&issued).unwrap();
        assert!(bytes.len() < 225, "{} bytes", bytes.len());
    }
}
