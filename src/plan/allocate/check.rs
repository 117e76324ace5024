//! What an allocation costs and whether it keeps every constraint, worked out from the instance alone: it
//! shares nothing with the methods that make allocations, so that it can be held against them.

use super::instance::{Assignment, Instance};
use serde::Serialize;
use std::collections::BTreeSet;
use thiserror::Error;

/// What an allocation costs, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Shipping units, by weight.
    pub shipping: i64,
    /// What the units that are taken would have been worth if kept.
    pub scarcity: i64,
    /// Sending packages.
    pub packages: i64,
    /// Being late.
    pub late: i64,
    /// Sending more than one package for an order.
    pub split: i64,
    /// Units that are not shipped.
    pub short: i64,
    /// How many packages are sent.
    pub package_count: i64,
    /// How many units are not shipped.
    pub units_short: i64,
}
impl Cost {
    /// All of it.
    pub fn total(&self) -> i64 {
        self.shipping + self.scarcity + self.packages + self.late + self.split + self.short
    }
}

/// A constraint that an allocation does not keep.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Violation {
    /// A line or node that is not there.
    #[error("line {line} at node {node}: there is no such line or node")]
    Unknown {
        /// The line.
        line: usize,
        /// The node.
        node: usize,
    },
    /// No units at all.
    #[error("line {line} at node {node} has {units} units; an assignment is of one at least")]
    Units {
        /// The line.
        line: usize,
        /// The node.
        node: usize,
        /// Units.
        units: i64,
    },
    /// The same line and node twice.
    #[error("line {line} at node {node} is assigned twice")]
    Twice {
        /// The line.
        line: usize,
        /// The node.
        node: usize,
    },
    /// More than was ordered.
    #[error("line {line} gets {units} of {qty} ordered")]
    TooMuch {
        /// The line.
        line: usize,
        /// Units assigned.
        units: i64,
        /// Units ordered.
        qty: i64,
    },
    /// A node that does not ship to the order's zone.
    #[error("node {node} ships line {line} to zone {zone}, which it does not serve")]
    Unserved {
        /// The line.
        line: usize,
        /// The node.
        node: usize,
        /// The zone.
        zone: usize,
    },
    /// More than there is.
    #[error("node {node} ships {units} of SKU {sku} and has {on_hand}")]
    OverStock {
        /// The node.
        node: usize,
        /// The SKU.
        sku: usize,
        /// Units assigned.
        units: i64,
        /// Units there.
        on_hand: i64,
    },
    /// More packages than a node can send.
    #[error("node {node} sends {packages} packages and can send {capacity}")]
    OverCapacity {
        /// The node.
        node: usize,
        /// Packages.
        packages: i64,
        /// What it can send.
        capacity: i64,
    },
    /// A ship-complete order that ships in part.
    #[error("order {order} is to ship complete and lacks {short} units")]
    Incomplete {
        /// The order.
        order: usize,
        /// Units short.
        short: i64,
    },
}

/// What an allocation costs.
///
/// # Errors
/// The first constraint that it does not keep.
pub fn check(instance: &Instance, assignments: &[Assignment]) -> Result<Cost, Violation> {
    let mut cost = Cost::default();
    let nodes = instance.nodes.len();
    let mut shipped = vec![0i64; instance.lines.len()];
    let mut seen: Vec<(usize, usize)> = assignments.iter().map(|it| (it.line, it.node)).collect();
    seen.sort_unstable();
    let twice: BTreeSet<(usize, usize)> =
        seen.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]).collect();
    // By SKU, then node.
    let mut taken = vec![0i64; instance.skus.len() * nodes];
    let mut stock = vec![(0i64, 0i64); taken.len()];
    for row in &instance.stock {
        stock[row.sku * nodes + row.node] = (row.on_hand.unwrap_or(0), row.scarcity);
    }
    let mut packages: Vec<(usize, usize)> = Vec::with_capacity(assignments.len());
    for &Assignment { line, node, units } in assignments {
        let (Some(it), Some(from)) = (instance.lines.get(line), instance.nodes.get(node)) else {
            return Err(Violation::Unknown { line, node });
        };
        let zone = instance.orders[it.order].zone;
        if from.unserved.contains(&zone) {
            return Err(Violation::Unserved { line, node, zone });
        }
        if units <= 0 {
            return Err(Violation::Units { line, node, units });
        }
        if twice.contains(&(line, node)) {
            return Err(Violation::Twice { line, node });
        }
        shipped[line] += units;
        let pair = it.sku * nodes + node;
        taken[pair] += units;
        packages.push((it.order, node));
        let by_weight = from.cost_per_kg[zone] * instance.skus[it.sku].weight_g;
        cost.shipping += units * ((by_weight + 500) / 1000);
        cost.scarcity += units * stock[pair].1;
    }
    for (pair, (&units, &(on_hand, _))) in taken.iter().zip(&stock).enumerate() {
        if units > on_hand {
            let (node, sku) = (pair % nodes, pair / nodes);
            return Err(Violation::OverStock { node, sku, units, on_hand });
        }
    }
    packages.sort_unstable();
    packages.dedup();
    lines_and_orders(instance, &shipped, &packages, &mut cost)?;
    let mut sent = vec![0i64; nodes];
    for &(order, node) in &packages {
        let (it, from) = (&instance.orders[order], &instance.nodes[node]);
        let days = (from.transit_days[it.zone] - it.promise_days).max(0);
        cost.packages += from.package_cost[it.zone];
        if days > 0 {
            let priority = it.priority.to_string();
            cost.late += days * instance.params.late_penalty_per_day.get(&priority).unwrap_or(&0);
        }
        cost.package_count += 1;
        sent[node] += 1;
    }
    for (node, (it, packages)) in instance.nodes.iter().zip(sent).enumerate() {
        let capacity = it.package_capacity;
        if packages > capacity {
            return Err(Violation::OverCapacity { node, packages, capacity });
        }
    }
    Ok(cost)
}

/// Lines in full, ship-complete orders, and what is short or split.
fn lines_and_orders(
    instance: &Instance,
    shipped: &[i64],
    packages: &[(usize, usize)],
    cost: &mut Cost,
) -> Result<(), Violation> {
    let mut short_of = vec![0i64; instance.orders.len()];
    for (line, it) in instance.lines.iter().enumerate() {
        let (units, qty) = (shipped[line], it.qty);
        if units > qty {
            return Err(Violation::TooMuch { line, units, qty });
        }
        short_of[it.order] += qty - units;
        cost.units_short += qty - units;
        cost.short += (qty - units) * it.short_penalty;
    }
    let mut sent = vec![0i64; instance.orders.len()];
    packages.iter().for_each(|(order, _)| sent[*order] += 1);
    for (order, it) in instance.orders.iter().enumerate() {
        let sent = sent[order];
        cost.split += (sent - 1).max(0) * instance.params.split_penalty;
        if it.ship_complete && sent > 0 && short_of[order] > 0 {
            return Err(Violation::Incomplete { order, short: short_of[order] });
        }
    }
    Ok(())
}
