//! Lead times longer than a forecast.

use super::Packed;
use crate::model::{Frequency, LEVEL_COUNT, Quantiles};

/// The longest lead time that is looked at: beyond a year nothing is known of a season.
pub const MOST_LEAD_DAYS: u16 = 366;

impl Packed {
    /// These totals carried on to `days` days, where they do not reach so far; as they are, where they
    /// do. The rule is that of [`Quantiles::over`]: weekdays go on as they were, a doubt about the level stays
    /// and noise averages out. It asks days for their mean alone, and what the mean of the totals
    /// grows by is that mean, so that totals are all that has to be in memory.
    pub fn carried_to(&self, days: usize) -> Self {
        if days <= self.len() {
            return self.clone();
        }
        let totals = self.steps();
        let mut before = 0.0;
        let day = |total: &[f32; LEVEL_COUNT]| {
            let mean = Quantiles::mean_of(total);
            [(mean - std::mem::replace(&mut before, mean)).max(0.0); LEVEL_COUNT]
        };
        let days_of_totals = totals.iter().map(day).collect();
        Self::of(&Quantiles { days: days_of_totals, totals }.over(days, Frequency::Day).totals)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Supply;
    use super::*;
    use crate::model::{HORIZON, LEVELS};

    /// Ten units a day and none on each seventh; half of the spread is a doubt about the level.
    fn forecast() -> Quantiles {
        let units = |day: usize| if day % 7 == 6 { 0.0 } else { 10.0 };
        let totals = (1..=HORIZON).map(|days| {
            let mean: f32 = (0..days).map(units).sum();
            let spread = mean * (0.04 + 1.12 / days as f32).sqrt();
            LEVELS.map(|level| (mean + 1.6 * spread * (level - 0.5)).max(0.0))
        });
        let days = (0..HORIZON).map(|day| [units(day); LEVEL_COUNT]).collect();
        Quantiles { days, totals: totals.collect() }
    }

    #[test]
    fn totals_are_carried_on_as_the_whole_forecast_is() {
        let packed = Packed::of(&forecast().totals);
        assert_eq!(packed.carried_to(11), packed, "it is known already");
        let (long, whole) = (packed.carried_to(90), forecast().over(90, Frequency::Day));
        assert_eq!(long.len(), 90);
        for (is, should) in long.steps().iter().zip(&whole.totals) {
            assert!(is.is_sorted());
            for (is, should) in is.iter().zip(should) {
                assert!((is - should).abs() < 0.01 * should + 0.2, "{is}, and not {should}");
            }
        }
        let mean = |days: usize| Quantiles::mean_of(&long.step(days - 1));
        assert!((mean(56) / mean(28) - 2.0).abs() < 0.02, "weeks go on as they were");
        assert!((mean(35) - mean(34)).abs() < 0.5, "and closed days stay closed");
    }

    #[test]
    fn stock_for_five_weeks_is_likely_out_after_seven() {
        let totals = Packed::of(&forecast().totals);
        let supply = Supply { start: 300.0, coming: Vec::new() };
        let risk = |days: usize| supply.risk(&totals.carried_to(days), days);
        assert!(risk(28) < 0.2, "{}", risk(28));
        assert!((0.3..0.7).contains(&risk(35)), "{}", risk(35));
        assert!(risk(49) > 0.9, "{}", risk(49));
        let ascending: Vec<f32> = (20..80).map(risk).collect();
        assert!(ascending.is_sorted(), "{ascending:?}");
        // Half of it more in the sixth week puts it off.
        let helped = Supply { start: 300.0, coming: vec![(40, 2_000.0)] };
        assert!(helped.risk(&totals.carried_to(60), 60) < 0.95 * risk(60));
    }
}
