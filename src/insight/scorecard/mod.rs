//! What a supplier's past orders say of it: on time, in full, how far off, and whether it gets better.
//!
//! An order is held against the day it was due; where it had none, against the lead time that the
//! supplier states. One that is due and has not come is not on time, and says nothing yet of how late.

#[cfg(test)]
mod tests;

use crate::domain::{Day, PoNumber, Qty, SiteId};
use serde::{Deserialize, Serialize};

/// Days that are compared with as many before them to tell a trend.
pub const TREND_DAYS: i32 = 180;
/// Fewer orders on either side tell no trend.
const FEWEST: usize = 3;

/// An order to a supplier, as far as it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastOrder {
    /// Its number.
    pub number: PoNumber,
    /// For where.
    pub site: SiteId,
    /// When it was ordered.
    pub ordered: Day,
    /// When it was due; by the supplier's stated lead time where it names no day; `None`: nobody said.
    pub due: Option<Day>,
    /// When all of it had come; `None`: not yet, or never.
    pub came: Option<Day>,
    /// Units ordered.
    pub units: Qty,
    /// Units that have come.
    pub arrived: Qty,
    /// Whether more may come by it.
    pub open: bool,
}

impl PastOrder {
    /// Days that it took.
    pub fn took(&self) -> Option<i32> {
        Some(self.came?.number() - self.ordered.number())
    }

    /// Days from when it was due to when it came; negative: early.
    pub fn slip(&self) -> Option<i32> {
        Some(self.came?.number() - self.due?.number())
    }

    /// Whether it is due and some of it is to come.
    pub fn overdue(&self, today: Day) -> bool {
        self.open && self.due.is_some_and(|due| due < today)
    }

    /// Whether it came by the day it was due; `None`: it has no such day, or is not due yet.
    fn on_time(&self, today: Day) -> Option<bool> {
        match self.slip() {
            Some(slip) => Some(slip <= 0),
            None => self.overdue(today).then_some(false),
        }
    }

    /// Whether all that was ordered came; `None`: more may come.
    fn in_full(&self) -> Option<bool> {
        (!self.open).then_some(self.arrived >= self.units)
    }
}

/// Figures of many orders. Shares are 0 to 1, the others days; `None`: no order tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Orders that are over.
    pub done: u32,
    /// Orders of which some is to come.
    pub open: u32,
    /// Of these, orders that were due before today.
    pub overdue: u32,
    /// Share that came by the day it was due.
    pub on_time: Option<f64>,
    /// Share that came whole.
    pub in_full: Option<f64>,
    /// Share that came whole by the day it was due.
    pub on_time_in_full: Option<f64>,
    /// Days from due to arrival on average; negative: early.
    pub bias: Option<f64>,
    /// Standard deviation of the same.
    pub spread: Option<f64>,
    /// How much later than in the half year before orders of the last half year came; negative: sooner.
    pub trend: Option<f64>,
    /// Days from order to arrival on average.
    pub took: Option<f64>,
}

impl Score {
    /// Of orders, as of a day.
    pub fn of<'a>(orders: impl IntoIterator<Item = &'a PastOrder>, today: Day) -> Self {
        let orders: Vec<&PastOrder> = orders.into_iter().collect();
        let count =
            |wanted: &dyn Fn(&&&PastOrder) -> bool| orders.iter().filter(wanted).count() as u32;
        let slips: Vec<f64> = orders.iter().filter_map(|one| one.slip()).map(f64::from).collect();
        let both = |one: &PastOrder| match (one.on_time(today), one.in_full()) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (on_time, in_full) => on_time.zip(in_full).map(|_| true),
        };
        let bias = mean(&slips);
        let spread = bias.filter(|_| slips.len() > 1).map(|bias| {
            let squares: f64 = slips.iter().map(|slip| (slip - bias).powi(2)).sum();
            (squares / (slips.len() - 1) as f64).sqrt()
        });
        let took: Vec<f64> = orders.iter().filter_map(|one| one.took()).map(f64::from).collect();
        Self {
            done: count(&|one| !one.open),
            open: count(&|one| one.open),
            overdue: count(&|one| one.overdue(today)),
            on_time: share(orders.iter().filter_map(|one| one.on_time(today))),
            in_full: share(orders.iter().filter_map(|one| one.in_full())),
            on_time_in_full: share(orders.iter().filter_map(|one| both(one))),
            bias,
            spread,
            trend: trend(&orders, today),
            took: mean(&took),
        }
    }
}

/// Of the orders that came in the last half year and in the one before.
fn trend(orders: &[&PastOrder], today: Day) -> Option<f64> {
    let between = |from: i32, to: i32| {
        let within = |came: Day| (from..to).contains(&(today.number() - came.number()));
        let came = orders.iter().filter(|one| one.came.is_some_and(within));
        let slips: Vec<f64> = came.filter_map(|one| one.slip()).map(f64::from).collect();
        mean(&slips).filter(|_| slips.len() >= FEWEST)
    };
    Some(between(0, TREND_DAYS)? - between(TREND_DAYS, 2 * TREND_DAYS)?)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn share(values: impl Iterator<Item = bool>) -> Option<f64> {
    mean(&values.map(|one| f64::from(u8::from(one))).collect::<Vec<_>>())
}
