//! One period, one order: the level at which another unit costs as much as it saves (Arrow, Harris &
//! Marschak 1951; Snyder & Shen, ch. 4.3).

use super::error::{InventoryError, finite};
use super::{Counts, Normal, UnitCosts};

/// A level and what a period costs with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BaseStock<Units> {
    /// The order-up-to level, in units.
    pub level: Units,
    /// Expected cost of holding and of being short.
    pub cost: f64,
}

/// Probabilities of outcomes may miss 1 by this much: they are written with few digits.
const ROUNDED: f64 = 1e-6;
/// A sum of probabilities this near to a ratio is that ratio: what lies between is rounding.
const TIE: f64 = 1e-12;

impl UnitCosts {
    /// The best level against normal demand.
    pub fn for_normal(self, demand: Normal) -> Result<BaseStock<f64>, InventoryError> {
        let level = demand.exceeded_with(self.risk())?;
        let cost = self.at(level, demand.mean(), demand.shortage(level));
        Ok(BaseStock { level, cost })
    }

    /// The best level against demand in whole units, the smallest with F(S) >= b / (b + h).
    pub fn for_counts(self, demand: &Counts) -> Result<BaseStock<i64>, InventoryError> {
        let level = demand.exceeded_with(self.risk())?;
        Ok(BaseStock { level, cost: demand.cost(self, level) })
    }
}

/// The best level where each outcome of demand has a probability. Outcomes in any order, in units,
/// each once; their probabilities sum to 1.
pub fn for_outcomes(
    costs: UnitCosts,
    outcomes: &[(i64, f64)],
) -> Result<BaseStock<i64>, InventoryError> {
    let wrong = |wrong: String| InventoryError::List { name: "demand_pmf", wrong };
    let mut sorted = outcomes.to_vec();
    sorted.sort_by_key(|&(units, _)| units);
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(wrong(format!("names a demand of {} twice; write each once", pair[0].0)));
    }
    if let Some((units, p)) = sorted.iter().find(|(_, p)| !(0.0..=1.0).contains(p)) {
        return Err(wrong(format!("gives {units} a probability of {p}; write one from 0 to 1")));
    }
    if let Some((units, _)) = sorted.iter().find(|(units, _)| *units < 0) {
        return Err(wrong(format!("holds a demand of {units}; write 0 or more units")));
    }
    let sum: f64 = sorted.iter().map(|(_, p)| p).sum();
    if (sum - 1.0).abs() > ROUNDED {
        return Err(wrong(format!("sums to {sum} and not to 1; complete it")));
    }
    let allowed = costs.risk() + TIE * costs.risk().min(costs.critical_ratio());
    let mut above = 0.0;
    let mut level = sorted.last().map_or(0, |&(units, _)| units);
    for &(units, p) in sorted.iter().rev() {
        if above > allowed {
            break;
        }
        level = units;
        above += p;
    }
    let expected = |cost: &dyn Fn(f64) -> f64| -> f64 {
        sorted.iter().map(|&(units, p)| p * cost((level - units) as f64)).sum()
    };
    let cost = costs.holding() * expected(&|over| over.max(0.0))
        + costs.stockout() * expected(&|over| (-over).max(0.0));
    Ok(BaseStock { level, cost })
}

/// Quantiles of demand, as a forecast gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantileCurve {
    points: Vec<(f64, f64)>,
}

impl QuantileCurve {
    /// Levels ascending between 0 and 1; their values, in units, never falling.
    pub fn new(levels: &[f64], values: &[f64]) -> Result<Self, InventoryError> {
        let wrong = |name, wrong: String| InventoryError::List { name, wrong };
        if levels.is_empty() || levels.len() != values.len() {
            let (left, right) = (levels.len(), values.len());
            let text = format!("are {right} for {left} levels; write one for each level");
            return Err(wrong("values", text));
        }
        if let Some(level) = levels.iter().find(|level| !(0.0..=1.0).contains(*level)) {
            return Err(wrong("levels", format!("hold {level}; write each between 0 and 1")));
        }
        if let Some(pair) = levels.windows(2).find(|pair| pair[0] >= pair[1]) {
            let text = format!("go from {} to {}; write them ascending", pair[0], pair[1]);
            return Err(wrong("levels", text));
        }
        for &value in values {
            finite("values", value)?;
        }
        if let Some(pair) = values.windows(2).find(|pair| pair[0] > pair[1]) {
            let text = format!("fall from {} to {}; sort them", pair[0], pair[1]);
            return Err(wrong("values", text));
        }
        Ok(Self { points: levels.iter().copied().zip(values.iter().copied()).collect() })
    }

    /// Units at a level: straight between the points, flat outside.
    pub fn at(&self, level: f64) -> f64 {
        let next = self.points.partition_point(|&(known, _)| known < level);
        match (next.checked_sub(1).map(|at| self.points[at]), self.points.get(next)) {
            (Some((from, low)), Some(&(to, high))) => {
                low + (high - low) * ((level - from) / (to - from))
            }
            (Some((_, value)), None) | (None, Some(&(_, value))) => value,
            (None, None) => 0.0,
        }
    }
}
