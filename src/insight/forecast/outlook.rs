//! What a forecast means for the stock that is there: when it runs out, and how likely that is.
//!
//! Stock on a day is what there was at the first day's beginning, and what came in by that day, less
//! the total sold by its end. It has run out once the total has reached what there was. With nothing
//! coming in, the totals' quantiles tell that chance exactly, as totals only grow; with deliveries the
//! chance over several days is at least that of the worst of them, which is what is told. Deliveries
//! without a date, and those that are late, are not counted on.

use super::{MEDIAN, Packed};
use crate::model::{LEVEL_COUNT, LEVELS, Quantiles};

/// What there is to sell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Supply {
    /// Units at the beginning of the first day; less than 0 where more is promised than is there.
    pub start: f32,
    /// Deliveries: days after the first, and units.
    pub coming: Vec<(usize, f32)>,
}

/// How stock goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// Days after the first at which the median total has used up all stock; `None`: not within the
    /// horizon.
    pub runs_out: Option<usize>,
    /// The chance that it runs out within the horizon, 0 to 1.
    pub risk: f32,
}

impl Supply {
    /// What there was and what came in by the end of a day.
    fn until(&self, day: usize) -> f32 {
        let coming = self.coming.iter().filter(|(due, _)| *due <= day);
        self.start + coming.map(|(_, units)| units).sum::<f32>()
    }

    /// The chance that stock runs out within the first `days` days.
    pub fn risk(&self, totals: &Packed, days: usize) -> f32 {
        if self.start <= 0.0 {
            return 1.0;
        }
        let days = days.min(totals.len());
        // With nothing coming in the last day is the worst.
        let from = if self.coming.is_empty() { days.saturating_sub(1) } else { 0 };
        (from..days)
            .map(|day| chance_of_reaching(&totals.step(day), self.until(day)))
            .fold(0.0, f32::max)
    }

    /// How stock goes on over the whole horizon.
    pub fn outlook(&self, totals: &Packed) -> Outlook {
        let out = |day: &usize| self.start <= 0.0 || totals.at(*day, MEDIAN) >= self.until(*day);
        Outlook { runs_out: (0..totals.len()).find(out), risk: self.risk(totals, totals.len()) }
    }

    /// Expected units at the end of each day, not below 0.
    pub fn expected(&self, totals: &Packed) -> Vec<f32> {
        let left = |day| self.until(day) - Quantiles::mean_of(&totals.step(day));
        (0..totals.len()).map(|day| left(day).max(0.0)).collect()
    }
}

/// The chance that a total with these quantiles reaches `units`: linear between the levels, 0 beyond
/// the last.
fn chance_of_reaching(quantiles: &[f32; LEVEL_COUNT], units: f32) -> f32 {
    if units <= 0.0 {
        return 1.0;
    }
    let above = quantiles.partition_point(|&quantile| quantile < units);
    let level = match above {
        LEVEL_COUNT => 1.0,
        0 => LEVELS[0] * units / quantiles[0],
        above => {
            let (low, high) = (quantiles[above - 1], quantiles[above]);
            let share = (units - low) / (high - low);
            LEVELS[above - 1] + share * (LEVELS[above] - LEVELS[above - 1])
        }
    };
    (1.0 - level).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten units a day: the total's quantiles are its mean times 0.5 to 1.5.
    fn totals() -> Packed {
        let step = |day: usize| -> [f32; LEVEL_COUNT] {
            let mean = 10.0 * (day + 1) as f32;
            std::array::from_fn(|level| mean * (0.5 + LEVELS[level]))
        };
        Packed::of(&(0..28).map(step).collect::<Vec<_>>())
    }

    fn near(a: f32, b: f32) -> bool {
        (a - b).abs() < 0.01
    }

    #[test]
    fn stock_runs_out_when_the_median_total_has_used_it_up() {
        let totals = totals();
        let supply = Supply { start: 95.0, coming: Vec::new() };
        assert_eq!(supply.outlook(&totals).runs_out, Some(9));
        assert!(near(supply.outlook(&totals).risk, 1.0));
        // Ten days sell 50 to 150, evenly.
        assert!(near(supply.risk(&totals, 10), 0.55));
        assert!(near(supply.risk(&totals, 6), 0.0));
        let left = supply.expected(&totals);
        assert!(near(left[4], 45.0) && left[20] == 0.0);
    }

    #[test]
    fn a_delivery_in_time_puts_it_off_and_one_too_late_does_not() {
        let totals = totals();
        let outlook =
            |due, units| Supply { start: 95.0, coming: vec![(due, units)] }.outlook(&totals);
        assert_eq!(outlook(5, 1_000.0).runs_out, None);
        let risk = outlook(5, 1_000.0).risk;
        assert!(risk < 0.02, "{risk}");
        let late = outlook(12, 1_000.0);
        assert_eq!(late.runs_out, Some(9));
        // Before it comes, twelve days sell 60 to 180.
        assert!(near(late.risk, (180.0 - 95.0) / 120.0), "{}", late.risk);
    }

    #[test]
    fn what_is_out_is_out_and_what_never_sells_never_runs_out() {
        let out = Supply { start: 0.0, coming: vec![(3, 9.0)] }.outlook(&totals());
        assert_eq!(out, Outlook { runs_out: Some(0), risk: 1.0 });
        let idle = Packed::of(&[[0.0; LEVEL_COUNT]; 28]);
        let full = Supply { start: 1.0, coming: Vec::new() }.outlook(&idle);
        assert_eq!(full, Outlook { runs_out: None, risk: 0.0 });
    }
}
