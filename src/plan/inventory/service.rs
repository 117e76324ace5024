//! Stock for a target service level, over the time that an order must last.

use super::error::{InventoryError, not_negative, positive, share};
use super::{Counts, Normal, z_of};

/// A buffer above expected demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Buffer {
    /// The standard normal quantile of the cycle service level.
    pub z: f64,
    /// Standard deviation of demand over lead time and review period, in units.
    pub sd: f64,
    /// z times it.
    pub safety_stock: f64,
    /// Expected demand over lead time and review period, and the safety stock: the reorder point, or the
    /// order-up-to level where every review orders.
    pub level: f64,
}

/// Safety stock where demand a period and the lead time both vary and do not depend on each other
/// (Eppen & Martin 1988): sd = sqrt((L+R) s^2 + m^2 sL^2).
///
/// `demand` is of one period, `lead_time` in periods, mean and standard deviation each; a lead time
/// that never varies has one of zero.
pub fn safety_stock(
    demand: Normal,
    (lead_time, lead_time_sd): (f64, f64),
    review: f64,
    cycle_service_level: f64,
) -> Result<Buffer, InventoryError> {
    let lead_time = not_negative("lead_time", lead_time)?;
    let lead_time_sd = not_negative("lead_time_sd", lead_time_sd)?;
    let interval = lead_time + not_negative("review", review)?;
    let z = z_of(share("cycle_service_level", cycle_service_level)?)?;
    let sd = (interval.sqrt() * demand.sd()).hypot(demand.mean() * lead_time_sd);
    let safety_stock = z * sd;
    Ok(Buffer { z, sd, safety_stock, level: demand.mean() * interval + safety_stock })
}

/// The smallest level that negative binomial demand of this mean and variance stays within with
/// probability `cycle_service_level`; both over lead time and review period, in units.
pub fn negative_binomial_base_stock(
    mean: f64,
    variance: f64,
    cycle_service_level: f64,
) -> Result<i64, InventoryError> {
    let level = share("cycle_service_level", cycle_service_level)?;
    Counts::negative_binomial(mean, variance)?.exceeded_with(1.0 - level)
}

/// The share of demand met from stock when `quantity` is ordered at `reorder_point` and demand over the
/// lead time is `demand`: 1 - (n(r) - n(r+Q)) / Q (Snyder & Shen, ch. 4).
pub fn fill_rate(demand: Normal, reorder_point: f64, quantity: f64) -> Result<f64, InventoryError> {
    let quantity = positive("order_quantity", quantity)?;
    Ok(1.0 - unfilled(demand, reorder_point, quantity))
}

fn unfilled(demand: Normal, reorder_point: f64, quantity: f64) -> f64 {
    (demand.shortage(reorder_point) - demand.shortage(reorder_point + quantity)) / quantity
}

/// The smallest reorder point with at least this [`fill_rate`]. It is under zero where a large quantity
/// lets the shop run out before it orders.
pub fn reorder_point_for_fill(
    demand: Normal,
    quantity: f64,
    target_fill_rate: f64,
) -> Result<f64, InventoryError> {
    let quantity = positive("order_quantity", quantity)?;
    let allowed = 1.0 - share("target_fill_rate", target_fill_rate)?;
    // Beyond 40 standard deviations nothing is left in double precision.
    let reach = 40.0 * demand.sd();
    let low = demand.mean() - quantity - reach;
    Ok(first_at((low, demand.mean() + reach), |r| unfilled(demand, r, quantity) <= allowed))
}

/// The least number between two from which on something holds, to the last digit.
pub(super) fn first_at((mut low, mut high): (f64, f64), holds: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return high;
        }
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
}
