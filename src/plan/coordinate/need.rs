//! When what is there will be needed: the forecast's totals, day after day, against units.

use crate::domain::{Day, Qty};
use crate::insight::forecast::Packed;
use crate::plan::replenish::{Ahead, Distribution, Situation};

/// Days that are looked ahead: what is not needed within half a year is not needed.
pub(super) const LOOK_AHEAD: usize = 182;

/// The demand of a situation, day after day from the forecast's first day on.
pub(super) struct Need<'a> {
    ahead: &'a Ahead,
    totals: Packed,
}

impl<'a> Need<'a> {
    /// Of a forecast.
    pub fn of(ahead: &'a Ahead) -> Self {
        Self { ahead, totals: ahead.totals.carried_to(LOOK_AHEAD) }
    }

    /// Days from the forecast's first day up to a day, that day not in them; at least 0.
    pub fn days_before(&self, day: Day) -> usize {
        let days = day.number() - self.ahead.first.number();
        usize::try_from(days).unwrap_or(0).min(LOOK_AHEAD)
    }

    /// Demand over the first so many days, up to half a year; `None`: over none.
    pub fn within(&self, days: usize) -> Option<Distribution> {
        let last = days.min(self.totals.len()).checked_sub(1)?;
        Some(Distribution::of_quantiles(&self.totals.step(last)))
    }

    /// The chance that more than so many units are wanted over the first so many days, 0 to 1.
    pub fn risk(&self, units: f64, days: usize) -> f64 {
        match self.within(days) {
            Some(_) if units <= 0.0 => 1.0,
            Some(demand) => 1.0 - demand.at_most(units),
            None => f64::from(u8::from(units < 0.0)),
        }
    }

    /// Units expected to be short over the first so many days.
    pub fn short(&self, units: f64, days: usize) -> f64 {
        let lacking = (-units).max(0.0);
        self.within(days).map_or(lacking, |demand| demand.beyond(units.max(0.0)) + lacking)
    }

    /// The first day at whose end the demand at a level, 0 to 1, exceeds so many units; `None`: not within
    /// half a year.
    pub fn exceeds(&self, units: f64, level: f64) -> Option<Day> {
        let above = |days: usize| {
            self.within(days).is_some_and(|demand| demand.quantile(level) > units.max(0.0))
        };
        let longest = self.totals.len();
        if !above(longest) {
            return None;
        }
        // Totals only grow.
        let (mut low, mut high) = (1, longest);
        while low < high {
            let middle = (low + high) / 2;
            if above(middle) { high = middle } else { low = middle + 1 }
        }
        Some(self.ahead.first.plus(i32::try_from(low).unwrap_or(1) - 1))
    }
}

/// Units that are there for the forecast's demand, goods on their way apart: on hand less what is promised,
/// and what was sold of the demand that the forecast still tells of. `None`: nobody knows.
pub(super) fn free(at: &Situation) -> Option<Qty> {
    let expected = at.ahead.as_ref()?.within(1).mean();
    let sold = at.sold.min(Qty::milli((1_000.0 * expected) as i64));
    Some(at.on_hand? - at.committed + sold)
}
