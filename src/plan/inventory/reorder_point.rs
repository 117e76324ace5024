//! Order Q units whenever the inventory position falls to r, under continuous review.

use super::error::{InventoryError, not_negative, positive};
use super::service::first_at;
use super::{Counts, Eoq, Normal, UnitCosts};

/// (r, Q) against normal demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalRq {
    /// Q: the economic order quantity.
    pub order_quantity: f64,
    /// r of the EOQ with safety stock: expected demand of the lead time and z of b / (b + h).
    pub simple_reorder_point: f64,
    /// The r that is best for this Q.
    pub reorder_point: f64,
    /// Cost a period of (r, Q): ordering, holding and backorders.
    pub cost_rate: f64,
}

/// (r, Q) against Poisson demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoissonRq {
    /// r, units.
    pub reorder_point: i64,
    /// Q, units.
    pub order_quantity: i64,
    /// Cost a period.
    pub cost_rate: f64,
}

/// The EOQ with safety stock (Snyder & Shen, ch. 5.3), the best r for its Q, and the exact cost rate of
/// both: (K d + the integral of g from r to r + Q) / Q, where g is the newsvendor cost of the lead time's
/// demand (Zheng 1992). The best r has g(r) = g(r + Q).
///
/// `demand` is of one period, the lead time in periods.
pub fn normal_rq(
    costs: UnitCosts,
    fixed_cost: f64,
    demand: Normal,
    lead_time: f64,
) -> Result<NormalRq, InventoryError> {
    let lead_time = not_negative("lead_time", lead_time)?;
    let over = Normal::new(demand.mean() * lead_time, demand.sd() * lead_time.sqrt())?;
    let eoq = Eoq::new(fixed_cost, costs.holding(), demand.mean())?;
    let quantity = eoq.best().quantity;
    let best = costs.for_normal(over)?;
    let cost = |level: f64| costs.at(level, over.mean(), over.shortage(level));
    let bracket = (best.level - quantity, best.level);
    let reorder_point = first_at(bracket, |r| cost(r + quantity) >= cost(r));
    let cost_rate = if quantity > 0.0 {
        let end = reorder_point + quantity;
        let short = over.shortage_beyond(reorder_point) - over.shortage_beyond(end);
        let over_mean = (reorder_point + end) / 2.0 - over.mean();
        fixed_cost * demand.mean() / quantity
            + costs.holding() * (over_mean + short / quantity)
            + costs.stockout() * short / quantity
    } else {
        best.cost
    };
    Ok(NormalRq {
        order_quantity: quantity,
        simple_reorder_point: best.level,
        reorder_point,
        cost_rate,
    })
}

/// Steps that the exact method goes at most.
const MOST: usize = 50_000_000;

/// The best (r, Q) against Poisson demand, exactly (Federgruen & Zheng 1992): from the best single level
/// outwards, the cheaper neighbour joins as long as it lowers the average.
///
/// `demand_mean` is of one period, the lead time in periods.
pub fn poisson_rq(
    costs: UnitCosts,
    fixed_cost: f64,
    demand_mean: f64,
    lead_time: f64,
) -> Result<PoissonRq, InventoryError> {
    let rate = positive("demand_mean", demand_mean)?;
    let ordering = not_negative("fixed_cost", fixed_cost)? * rate;
    let demand = Counts::poisson(rate * not_negative("lead_time", lead_time)?)?;
    let best = costs.for_counts(&demand)?;
    let (mut r, mut quantity, mut sum) = (best.level - 1, 1, best.cost);
    for _ in 0..MOST {
        let (below, beyond) = (demand.cost(costs, r), demand.cost(costs, r + quantity + 1));
        let cost_rate = (ordering + sum) / quantity as f64;
        if below.min(beyond) >= cost_rate {
            return Ok(PoissonRq { reorder_point: r, order_quantity: quantity, cost_rate });
        }
        sum += below.min(beyond);
        quantity += 1;
        if below <= beyond {
            r -= 1;
        }
    }
    Err(InventoryError::TooLarge { name: "fixed_cost", most: MOST })
}
