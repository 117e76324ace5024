//! Stock that does not move: dead, and more than will sell.

use super::situation::Situation;
use crate::domain::{Day, Money, Qty};
use serde::{Deserialize, Serialize};

/// What has not sold for so many days is dead.
const DEAD_DAYS: i32 = 120;
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

/// What lies idle of a SKU at a site, given the day of its last sale there; `None`: nothing does, or
/// it cannot be told.
pub fn idle_stock(at: &Situation, last_sale: Option<Day>) -> Option<IdleStock> {
    let there = at.on_hand.filter(|there| there.is_positive())? - at.committed;
    let found = |idle, units: Qty| {
        let value = at.item.cost.map(|cost| cost.times(units));
        Some(IdleStock { idle, units, value }).filter(|_| units.is_positive())
    };
    if last_sale.is_none_or(|last| last.plus(DEAD_DAYS) < at.today) {
        return found(Idle::Dead, there);
    }
    let ahead = at.ahead.as_ref()?;
    let likely = ahead.within(EXCESS_DAYS).quantile(LIKELY);
    found(Idle::Excess, there - Qty::units(likely.ceil() as i64))
}
