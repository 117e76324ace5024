//! One way to ship an order, and what it costs.

use super::assemble::Assembled;
use crate::domain::{Qty, ShipFrom, Sku};
use serde::{Deserialize, Serialize};

/// What a way to ship an order costs, in minor units, part by part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Packages, by zone.
    pub packages: i64,
    /// Kilograms in them.
    pub weight: i64,
    /// What packages after the first cost beside their postage.
    pub split: i64,
    /// Days late.
    pub late: i64,
    /// What the units are worth to orders to come.
    pub scarcity: i64,
    /// Units that are not shipped.
    pub short: i64,
}

impl Cost {
    /// All of it.
    pub const fn total(&self) -> i64 {
        self.packages + self.weight + self.split + self.late + self.scarcity + self.short
    }
    /// Its parts, with a word for each.
    pub const fn parts(&self) -> [(&'static str, i64); 6] {
        [
            ("postage", self.packages),
            ("weight", self.weight),
            ("split", self.split),
            ("late", self.late),
            ("scarcity", self.scarcity),
            ("short", self.short),
        ]
    }
}

/// A way to ship an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipChoice {
    /// What ships from where; empty: nothing does.
    pub ships: Vec<ShipFrom>,
    /// What is not shipped.
    pub waits: Vec<(Sku, Qty)>,
    /// What that costs.
    pub cost: Cost,
    /// Days by which its last package is late.
    pub late_days: i64,
}

impl ShipChoice {
    /// Whether all of the order ships.
    pub fn is_whole(&self) -> bool {
        self.waits.is_empty()
    }
    /// Units that are not shipped.
    pub fn waiting(&self) -> Qty {
        self.waits.iter().map(|(_, qty)| *qty).sum()
    }
}

/// Units of each line of an order, by node: `units[line of the order][node]`.
pub(super) type Units = Vec<Vec<i64>>;

impl Assembled {
    /// What units of an order from nodes cost, by the definition of the instance. `order` is the
    /// order's place in the instance.
    pub(super) fn cost_of(&self, order: usize, units: &Units) -> Cost {
        let instance = &self.instance;
        let mut cost = Cost::default();
        let zone = instance.orders[order].zone;
        let mut packages = 0;
        for node in 0..instance.nodes.len() {
            if units.iter().all(|of| of[node] == 0) {
                continue;
            }
            packages += 1;
            let rate = instance.nodes[node].package_cost[zone];
            cost.packages += rate;
            cost.late += instance.package(order, node) - rate;
        }
        cost.split = instance.params.split_penalty * (packages - 1).max(0);
        for (line, of) in self.lines[order].iter().zip(units) {
            let line = &instance.lines[*line];
            for (node, &taken) in of.iter().enumerate().filter(|(_, taken)| **taken > 0) {
                cost.weight += taken * instance.unit_ship(node, zone, line.sku);
                cost.scarcity += taken * self.shelf(node, line.sku).1;
            }
            cost.short += (line.qty - of.iter().sum::<i64>()) * line.short_penalty;
        }
        cost
    }

    /// The same as a choice, with the names of what ships from where.
    pub(super) fn choice(&self, order: usize, units: &Units) -> ShipChoice {
        let instance = &self.instance;
        let of_node = |node: usize| {
            let lines = self.lines[order].iter().zip(units).filter(|(_, of)| of[node] > 0);
            let line = |(line, of): (&usize, &Vec<i64>)| {
                (self.skus[instance.lines[*line].sku].clone(), Qty::units(of[node]))
            };
            ShipFrom { site: self.sites[node].clone(), lines: lines.map(line).collect() }
        };
        let ships: Vec<ShipFrom> =
            (0..instance.nodes.len()).map(of_node).filter(|part| !part.lines.is_empty()).collect();
        let waits = self.lines[order].iter().zip(units).filter_map(|(line, of)| {
            let line = &instance.lines[*line];
            let left = line.qty - of.iter().sum::<i64>();
            (left > 0).then(|| (self.skus[line.sku].clone(), Qty::units(left)))
        });
        let late = (0..instance.nodes.len())
            .filter(|node| units.iter().any(|of| of[*node] > 0))
            .map(|node| instance.days_late(order, node));
        ShipChoice {
            waits: waits.collect(),
            cost: self.cost_of(order, units),
            late_days: late.max().unwrap_or(0),
            ships,
        }
    }
}
