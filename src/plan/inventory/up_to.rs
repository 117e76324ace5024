//! Order up to S whenever a review finds the inventory position at s or below.

use super::error::{InventoryError, not_negative, positive};
use super::{Counts, Normal, UnitCosts};

/// (s, S) and what a period costs with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinMax {
    /// s, the reorder point, units.
    pub reorder_point: i64,
    /// S, the order-up-to level, units.
    pub order_up_to: i64,
    /// Expected cost a period.
    pub cost: f64,
}

/// Levels from s to S that the exact method goes at most.
const MOST: usize = 50_000;

/// The best (s, S) against Poisson demand, exactly (Zheng & Federgruen 1991): reviewed every period,
/// delivered before the period's demand, what is short is backordered.
pub fn poisson_min_max(
    costs: UnitCosts,
    fixed_cost: f64,
    demand_mean: f64,
) -> Result<MinMax, InventoryError> {
    let demand = Counts::poisson(positive("demand_mean", demand_mean)?)?;
    let fixed_cost = not_negative("fixed_cost", fixed_cost)?;
    let best = costs.for_counts(&demand)?.level;
    let mut cycle = Cycle::new(&demand, costs, fixed_cost);
    let mut top = best;
    let (mut s, mut cost) = cycle.lowest_for(top)?;
    let mut next = top + 1;
    while demand.cost(costs, next) <= cost {
        if cycle.cost(s, next)? < cost {
            top = next;
            cost = cycle.cost(s, top)?;
            while s + 1 < top && cost <= demand.cost(costs, s + 1) {
                s += 1;
                cost = cycle.cost(s, top)?;
            }
        }
        next += 1;
    }
    Ok(MinMax { reorder_point: s, order_up_to: top, cost })
}

/// What it costs from one order to the next.
struct Cycle<'a> {
    demand: &'a Counts,
    costs: UnitCosts,
    fixed_cost: f64,
    /// m(j): expected periods that the position spends j units under S before it is s or below.
    periods: Vec<f64>,
}

impl<'a> Cycle<'a> {
    fn new(demand: &'a Counts, costs: UnitCosts, fixed_cost: f64) -> Self {
        // Periods without demand prolong the stay.
        Self { demand, costs, fixed_cost, periods: vec![1.0 / demand.above(0)] }
    }

    /// m(j), by the renewal equation m(j) = sum of p(l) m(j - l) over l from 0 to j.
    fn periods(&mut self, j: usize) -> Result<f64, InventoryError> {
        if j > MOST {
            return Err(InventoryError::TooLarge { name: "fixed_cost", most: MOST });
        }
        while self.periods.len() <= j {
            // Demand of l units came from j - l; what it is never has no term.
            let least = self.demand.least().max(1);
            let known = self.periods.iter().rev().zip(1..).skip(least as usize - 1);
            let known = known.take_while(|&(_, l)| l <= self.demand.most());
            let reached: f64 = known.map(|(m, l)| m * self.demand.probability(l)).sum();
            self.periods.push(reached / self.demand.above(0));
        }
        Ok(self.periods[j])
    }

    /// c(s, S): the fixed cost and each period's cost of a cycle, by its expected periods.
    fn cost(&mut self, s: i64, top: i64) -> Result<f64, InventoryError> {
        let (mut total, mut periods) = (self.fixed_cost, 0.0);
        for (j, level) in ((s + 1)..=top).rev().enumerate() {
            let stay = self.periods(j)?;
            total += stay * self.demand.cost(self.costs, level);
            periods += stay;
        }
        Ok(total / periods)
    }

    /// The first s downwards from S from which on a lower one costs more, and c(s, S).
    fn lowest_for(&mut self, top: i64) -> Result<(i64, f64), InventoryError> {
        let (mut total, mut periods) = (self.fixed_cost, 0.0);
        let mut s = top;
        for j in 0.. {
            let stay = self.periods(j)?;
            total += stay * self.demand.cost(self.costs, s);
            periods += stay;
            s -= 1;
            if total / periods <= self.demand.cost(self.costs, s) {
                break;
            }
        }
        Ok((s, total / periods))
    }
}

/// s and S by the power approximation for normal demand (Ehrhardt & Mosier 1984; Snyder & Shen, eq.
/// 4.77 to 4.80), in units and not rounded: S is s and the quantity, also where that is small
/// against a period's demand and the paper cuts both at the best single level.
///
/// `demand` is of the review period and the lead time before it; where delivery is at once, of one period.
pub fn power_approximation(
    costs: UnitCosts,
    fixed_cost: f64,
    demand: Normal,
) -> Result<(f64, f64), InventoryError> {
    let mean = positive("demand_mean", demand.mean())?;
    let sd = positive("demand_sd", demand.sd())?;
    let fixed_cost = positive("fixed_cost", fixed_cost)?;
    let variation = sd / mean;
    let quantity = 1.30
        * mean.powf(0.494)
        * (fixed_cost / costs.holding()).powf(0.506)
        * (1.0 + variation * variation).powf(0.116);
    let z = (quantity / sd * (costs.holding() / costs.stockout())).sqrt();
    let s = 0.973 * mean + sd * (0.183 / z + 1.063 - 2.192 * z);
    Ok((s, s + quantity))
}
