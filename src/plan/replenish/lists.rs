//! Stock that does not move: dead, and more than will sell.

use super::distribution::Distribution;
use crate::domain::{Day, Money, Qty, UnitPrice};
use crate::insight::forecast::Packed;
use serde::{Deserialize, Serialize};

/// What has not sold for so many days is dead.
pub const DEAD_DAYS: i32 = 120;
/// Stock that is likely not sold within so many days is excess.
const EXCESS_DAYS: usize = 180;
/// Likely: with this chance, 0 to 1.
const LIKELY: f64 = 0.9;

/// How stock lies idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Idle {
    /// Nothing has sold for four months.
    Dead,
    /// More than will sell in half a year.
    Excess,
}

impl Idle {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Excess => "excess",
        }
    }
}

/// Stock that lies idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdleStock {
    /// How.
    pub idle: Idle,
    /// Units that are too many.
    pub units: Qty,
    /// What they cost; `None`: the cost of a unit is not known.
    pub value: Option<Money>,
}

/// What is known of stock that may lie idle.
#[derive(Clone, Debug, PartialEq)]
pub struct Lying<'a> {
    /// Units in the building that nobody has been promised.
    pub units: Qty,
    /// Cost of one unit.
    pub cost: Option<UnitPrice>,
    /// The last day on which any sold or came; of what never did the first day of all history.
    pub moved: Day,
    /// What sells from today on; `None`: there is no forecast.
    pub ahead: Option<&'a Packed>,
}

/// What lies idle of it; `None`: nothing does, or it cannot be told.
pub fn idle_stock(at: &Lying<'_>, today: Day) -> Option<IdleStock> {
    let found = |idle, units: Qty| {
        let value = at.cost.map(|cost| cost.times(units));
        Some(IdleStock { idle, units, value }).filter(|_| units.is_positive())
    };
    if at.moved.plus(DEAD_DAYS) < today {
        return found(Idle::Dead, at.units);
    }
    let total = at.ahead?.carried_to(EXCESS_DAYS).step(EXCESS_DAYS - 1);
    let likely = Distribution::of_quantiles(&total).quantile(LIKELY);
    found(Idle::Excess, at.units - Qty::units(likely.ceil() as i64))
}
