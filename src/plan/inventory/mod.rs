//! The inventory formulas of the textbooks, each by its own definition and source.
//!
//! Demand is in units, time in whatever period the caller counts in (a rate and a lead time must use
//! the same), costs in one currency: holding cost a unit and period, stock-out cost a unit short (and
//! period where it is backordered), fixed cost an order. Levels are inventory positions: on hand
//! and on order less backorders. Whatever cannot be meant is an [`InventoryError`] that names it.
//!
//! Sources: Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd ed. 2019, and the papers that
//! the functions name.

pub mod cases;
mod costs;
mod counts;
mod eoq;
mod error;
mod lot;
mod newsvendor;
mod normal;
mod reorder_point;
mod service;
mod up_to;

pub use costs::UnitCosts;
pub use counts::Counts;
pub use eoq::{Eoq, OrderSize, PriceBreak, PricedOrder};
pub use error::InventoryError;
pub use lot::{LotRule, inventory_position};
pub use newsvendor::{BaseStock, QuantileCurve, for_outcomes};
pub use normal::{Normal, z_of};
pub use reorder_point::{NormalRq, PoissonRq, normal_rq, poisson_rq};
pub use service::{
    Buffer, fill_rate, negative_binomial_base_stock, reorder_point_for_fill, safety_stock,
};
pub use up_to::{MinMax, poisson_min_max, power_approximation};

#[cfg(test)]
mod tests;
