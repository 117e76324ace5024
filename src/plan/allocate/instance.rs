//! What is to be allocated: an instance as its file tells it, and what makes one unusable.

use super::error::InstanceError;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most nodes an instance may have; node sets are kept in the bits of one number.
pub const MOST_NODES: usize = 128;
/// The largest amount that one field may hold, prices of units apart, so that no sum can overflow.
pub const LARGEST: i64 = 1_000_000_000;

/// What all lines together may cost at most, in cents, and so a unit.
pub const MOST_COST: i128 = 1_000_000_000_000;

/// Open order lines and the nodes that can ship them (`planning/allocation/README.md`, schema 1).
///
/// Ids are positions in their lists. Money is in whole cents, quantities are whole units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// What the instance is called.
    #[serde(default)]
    pub name: String,
    /// How many zones there are.
    pub zones: usize,
    /// What can be ordered.
    pub skus: Vec<Sku>,
    /// Where it can be shipped from.
    pub nodes: Vec<Node>,
    /// What lies where; a pair that is not listed has no stock.
    pub stock: Vec<Stock>,
    /// Who ordered.
    pub orders: Vec<Order>,
    /// What was ordered.
    pub lines: Vec<Line>,
    /// Costs that hold for all orders.
    pub params: Params,
}

/// Something that can be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sku {
    /// Its position.
    pub id: usize,
    /// What a unit weighs, in grams.
    pub weight_g: i64,
    /// What a unit sells for, in cents. No cost follows from it.
    #[serde(default)]
    pub price: i64,
}

/// A place that ships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its position.
    pub id: usize,
    /// How many packages it can send out.
    pub package_capacity: i64,
    /// Cents for a package, by zone.
    pub package_cost: Vec<i64>,
    /// Cents for a kilogram, by zone.
    pub cost_per_kg: Vec<i64>,
    /// Days on the way, by zone.
    pub transit_days: Vec<i64>,
    /// Zones that it does not ship to, whatever is said of them above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unserved: Vec<usize>,
}

impl Node {
    /// Whether it ships to a zone.
    pub fn serves(&self, zone: usize) -> bool {
        !self.unserved.contains(&zone)
    }
}

/// What lies at a node of a SKU: `[node, sku, on_hand, scarcity]` in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StockRow", into = "StockRow")]
pub struct Stock {
    /// The node.
    pub node: usize,
    /// The SKU.
    pub sku: usize,
    /// Units; `None` where nobody knows, which an allocation refuses.
    pub on_hand: Option<i64>,
    /// Cents that a unit kept is worth.
    pub scarcity: i64,
}

type StockRow = (usize, usize, Option<i64>, i64);

impl From<StockRow> for Stock {
    fn from((node, sku, on_hand, scarcity): StockRow) -> Self {
        Stock { node, sku, on_hand, scarcity }
    }
}
impl From<Stock> for StockRow {
    fn from(stock: Stock) -> Self {
        (stock.node, stock.sku, stock.on_hand, stock.scarcity)
    }
}

/// An order: where it goes, and by when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its position.
    pub id: usize,
    /// Where it goes.
    pub zone: usize,
    /// In how many days it was promised; below zero where the promise is in the past.
    pub promise_days: i64,
    /// 1 (high) to 3 (low), or whatever `late_penalty_per_day` names.
    pub priority: i64,
    /// Whether it ships in full or not at all.
    pub ship_complete: bool,
}

/// A line of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its position.
    pub id: usize,
    /// Its order.
    pub order: usize,
    /// What is wanted.
    pub sku: usize,
    /// How many units.
    pub qty: i64,
    /// Cents for each unit that is not shipped.
    pub short_penalty: i64,
}

/// Costs that hold for all orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// Cents for each package of an order after its first.
    pub split_penalty: i64,
    /// Cents for a day late, by priority.
    pub late_penalty_per_day: BTreeMap<String, i64>,
}

/// Units of a line that a node ships: `[line, node, units]` in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(usize, usize, i64)", into = "(usize, usize, i64)")]
pub struct Assignment {
    /// The line.
    pub line: usize,
    /// The node that ships.
    pub node: usize,
    /// How many units, above zero.
    pub units: i64,
}

impl From<(usize, usize, i64)> for Assignment {
    fn from((line, node, units): (usize, usize, i64)) -> Self {
        Assignment { line, node, units }
    }
}
impl From<Assignment> for (usize, usize, i64) {
    fn from(a: Assignment) -> Self {
        (a.line, a.node, a.units)
    }
}

impl Instance {
    /// What shipping a unit of a SKU from a node to a zone costs, in cents: by weight, rounded half up.
    pub fn unit_ship(&self, node: usize, zone: usize, sku: usize) -> i64 {
        (self.nodes[node].cost_per_kg[zone] * self.skus[sku].weight_g + 500) / 1000
    }
    /// What a day late costs for a priority, in cents; zero where none is given.
    pub fn late_penalty(&self, priority: i64) -> i64 {
        self.params.late_penalty_per_day.get(&priority.to_string()).copied().unwrap_or(0)
    }
    /// How many days an order comes late from a node.
    pub fn days_late(&self, order: usize, node: usize) -> i64 {
        let order = &self.orders[order];
        (self.nodes[node].transit_days[order.zone] - order.promise_days).max(0)
    }
    /// What a package of an order from a node costs, lateness included, in cents.
    pub fn package(&self, order: usize, node: usize) -> i64 {
        let Order { zone, priority, .. } = self.orders[order];
        self.nodes[node].package_cost[zone]
            + self.late_penalty(priority) * self.days_late(order, node)
    }

    /// Whether the instance can be allocated.
    ///
    /// # Errors
    /// The first thing that makes it unusable, by name.
    pub fn check(&self) -> Result<(), InstanceError> {
        if self.nodes.len() > MOST_NODES {
            return Err(InstanceError::TooManyNodes(self.nodes.len()));
        }
        ids("sku", self.skus.iter().map(|s| s.id))?;
        ids("node", self.nodes.iter().map(|n| n.id))?;
        ids("order", self.orders.iter().map(|o| o.id))?;
        ids("line", self.lines.iter().map(|l| l.id))?;
        for (position, sku) in self.skus.iter().enumerate() {
            range("sku", position, "weight_g", sku.weight_g, 0)?;
        }
        self.check_nodes()?;
        self.check_stock()?;
        range("params", 0, "split_penalty", self.params.split_penalty, 0)?;
        for penalty in self.params.late_penalty_per_day.values() {
            range("params", 0, "late_penalty_per_day", *penalty, 0)?;
        }
        for (position, order) in self.orders.iter().enumerate() {
            known("order", position, "zone", order.zone, self.zones)?;
            range("order", position, "promise_days", order.promise_days, -100_000)?;
            if !self.params.late_penalty_per_day.contains_key(&order.priority.to_string()) {
                let priority = order.priority;
                return Err(InstanceError::Priority { order: position, priority });
            }
        }
        for (position, line) in self.lines.iter().enumerate() {
            known("line", position, "order", line.order, self.orders.len())?;
            known("line", position, "sku", line.sku, self.skus.len())?;
            range("line", position, "qty", line.qty, 0)?;
            price("line", position, "short_penalty", line.short_penalty)?;
        }
        match self.dearest().into_iter().sum::<i128>() > MOST_COST {
            true => Err(InstanceError::TooLarge),
            false => Ok(()),
        }
    }

    /// The orders without which no sum is too large: those of which a number alone is, then the
    /// dearest of the others.
    pub fn too_large(&self) -> BTreeSet<usize> {
        let is_odd =
            |line: &&Line| line.qty > LARGEST || i128::from(line.short_penalty) > MOST_COST;
        let mut large: BTreeSet<usize> =
            self.lines.iter().filter(is_odd).map(|line| line.order).collect();
        let mut others: Vec<(i128, usize)> = self.dearest().into_iter().zip(0..).collect();
        others.retain(|(_, order)| !large.contains(order));
        others.sort_unstable();
        let mut all = 0;
        large.extend(others.into_iter().filter_map(|(most, order)| {
            all += most;
            (all > MOST_COST).then_some(order)
        }));
        large
    }

    /// More than any allocation can cost, by order.
    fn dearest(&self) -> Vec<i128> {
        let mut scarcity = vec![0; self.skus.len()];
        for stock in &self.stock {
            scarcity[stock.sku] = stock.scarcity.max(scarcity[stock.sku]);
        }
        let serving = |zone| self.nodes.iter().filter(move |node| node.serves(zone));
        let rates: Vec<i64> = (0..self.zones)
            .map(|zone| serving(zone).map(|node| node.cost_per_kg[zone]).max().unwrap_or(0))
            .collect();
        let packages = |order: &Order| {
            let penalty = i128::from(self.late_penalty(order.priority));
            let package = |node: &Node| {
                let days = (i128::from(node.transit_days[order.zone])
                    - i128::from(order.promise_days))
                .max(0);
                let split = i128::from(self.params.split_penalty);
                i128::from(node.package_cost[order.zone]) + days * penalty + split
            };
            serving(order.zone).map(package).sum()
        };
        let mut dearest: Vec<i128> = self.orders.iter().map(packages).collect();
        for line in &self.lines {
            let rate = i128::from(rates[self.orders[line.order].zone]);
            let ship = rate * i128::from(self.skus[line.sku].weight_g) / 1000 + 1;
            let unit = (ship + i128::from(scarcity[line.sku])).max(i128::from(line.short_penalty));
            dearest[line.order] =
                dearest[line.order].saturating_add(unit.saturating_mul(i128::from(line.qty)));
        }
        dearest
    }

    fn check_nodes(&self) -> Result<(), InstanceError> {
        for (node, it) in self.nodes.iter().enumerate() {
            range("node", node, "package_capacity", it.package_capacity, 0)?;
            let by_zone = [
                ("package_cost", &it.package_cost),
                ("cost_per_kg", &it.cost_per_kg),
                ("transit_days", &it.transit_days),
            ];
            for (what, values) in by_zone {
                if values.len() < self.zones {
                    let (zone, zones) = (values.len(), self.zones);
                    return Err(InstanceError::Zone { node, what, zone, zones });
                }
                for value in values {
                    range("node", node, what, *value, 0)?;
                }
            }
            for zone in &it.unserved {
                known("node", node, "unserved zone", *zone, self.zones)?;
            }
        }
        Ok(())
    }

    fn check_stock(&self) -> Result<(), InstanceError> {
        let mut pairs = std::collections::HashSet::new();
        for (position, stock) in self.stock.iter().enumerate() {
            let Stock { node, sku, on_hand, scarcity } = *stock;
            known("stock", position, "node", node, self.nodes.len())?;
            known("stock", position, "sku", sku, self.skus.len())?;
            let Some(on_hand) = on_hand else {
                return Err(InstanceError::StockUnknown { node, sku });
            };
            range("stock", position, "on_hand", on_hand, 0)?;
            price("stock", position, "scarcity", scarcity)?;
            if !pairs.insert((node, sku)) {
                return Err(InstanceError::StockTwice { node, sku });
            }
        }
        Ok(())
    }
}

fn ids(list: &'static str, ids: impl Iterator<Item = usize>) -> Result<(), InstanceError> {
    match ids.enumerate().find(|(position, id)| position != id) {
        Some((position, id)) => Err(InstanceError::Id { list, position, id }),
        None => Ok(()),
    }
}

fn known(
    list: &'static str,
    position: usize,
    what: &'static str,
    id: usize,
    count: usize,
) -> Result<(), InstanceError> {
    if id < count {
        Ok(())
    } else {
        Err(InstanceError::Unknown { list, position, what, id, count })
    }
}

fn range(
    list: &'static str,
    position: usize,
    what: &'static str,
    value: i64,
    least: i64,
) -> Result<(), InstanceError> {
    between(list, position, what, value, (least, LARGEST))
}

/// Where a minor unit is worth next to nothing a unit may cost billions of them.
fn price(
    list: &'static str,
    position: usize,
    what: &'static str,
    value: i64,
) -> Result<(), InstanceError> {
    between(list, position, what, value, (0, MOST_COST as i64))
}

fn between(
    list: &'static str,
    position: usize,
    what: &'static str,
    value: i64,
    (least, most): (i64, i64),
) -> Result<(), InstanceError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(InstanceError::Range { list, position, what, value, least, most })
    }
}
