//! Allocation: which node ships which open order lines.
//!
//! An [`Instance`] is what is open, what lies where and what things cost; [`allocate`] makes an
//! [`Allocation`] of it, which says how far from the best it can be; [`reallocate`] follows a change;
//! [`alternatives`] tells what else could be done with one order. [`check`] works cost and constraints out
//! independently of all these, and every allocation has gone through it.
//!
//! Orders compete for stock and for packages, so these are priced (`prices`): at such prices the best nodes of
//! an order are found exactly by themselves (`order_plan`). The sum is a lower bound; the prices guide a
//! search over whole allocations (`search`). Up to some hundred lines the optimum is proven by
//! branch and price (`exact`, over `relaxation`, `master`, `cuts` and `transport`), whose bound is some 2 % above
//! the plain LP relaxation's.

mod alternatives;
mod check;
mod concern;
mod cuts;
mod error;
mod exact;
mod greedy;
mod instance;
mod limit;
mod master;
mod order_plan;
mod prices;
mod problem;
mod relaxation;
mod search;
mod solve;
mod state;
mod transport;

pub use alternatives::{Alternative, Choice, Closed, alternatives};
pub use check::{Cost, Violation, check};
pub use concern::{Concern, concerns};
pub use error::InstanceError;
pub use greedy::{per_line, whole_order};
pub use instance::{
    Assignment, Instance, LARGEST, Line, MOST_COST, MOST_NODES, Node, Order, Params, Sku, Stock,
};
pub use solve::{AllocateError, Allocation, Options, ShadowPrices, allocate, reallocate};

#[cfg(test)]
mod tests;
