//! An instance as the methods read it: dense, by order, with all that never changes worked out.

use super::instance::Instance;
use std::ops::Range;

/// An instance in dense arrays. A *pair* is a SKU at a node: `sku * nodes + node`, of the SKUs that some
/// line wants. A *demand* is all that one order wants of one SKU.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// How many nodes there are.
    pub(super) nodes: usize,
    /// Packages by node.
    pub(super) capacity: Vec<i64>,
    /// Units by pair.
    pub(super) on_hand: Vec<i64>,
    /// Orders, by id.
    pub(super) orders: Vec<Order>,
    /// Demands, those of an order beside each other.
    pub(super) demands: Vec<Demand>,
    /// Lines of demands, those of a demand beside each other, dearest shortage first.
    pub(super) parts: Vec<Part>,
    /// Cents for a unit, scarcity included, by demand and node.
    unit: Vec<i64>,
    /// Cents for a package, lateness included, by order and node.
    package: Vec<i64>,
    /// What a package costs on average, in cents; at least one.
    pub(super) mean_package: f64,
    /// Cents for each package after the first.
    pub(super) split: i64,
    /// Demands by SKU: where each one's are in `wanted_by`.
    sku_demands: Vec<Range<usize>>,
    wanted_by: Vec<u32>,
    /// Units wanted by SKU.
    pub(super) wanted: Vec<i64>,
    /// The SKUs' ids in the instance.
    pub(super) sku_ids: Vec<usize>,
}

/// An order's part of a problem.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// Its demands.
    pub(super) demands: Range<usize>,
    /// Units of all of them.
    pub(super) units: i64,
    /// All or nothing.
    pub(super) ship_complete: bool,
    /// The nodes that ship to its zone and have any of what it wants, a bit each.
    pub(super) nodes: u128,
    /// What it costs when nothing of it ships.
    pub(super) all_short: i64,
}

/// What one order wants of one SKU.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    /// The order.
    pub(super) order: usize,
    /// The SKU, as a position in `Problem::sku_ids`.
    pub(super) sku: usize,
    /// Units.
    pub(super) qty: i64,
    /// Its lines.
    pub(super) parts: Range<usize>,
}

/// A line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// Its id.
    pub(super) line: usize,
    /// Units.
    pub(super) qty: i64,
    /// Cents for each unit short.
    pub(super) penalty: i64,
}

impl Problem {
    /// Works a problem out of an instance that was checked.
    pub(super) fn new(instance: &Instance) -> Self {
        let nodes = instance.nodes.len();
        let mut by_order: Vec<Vec<usize>> = vec![Vec::new(); instance.orders.len()];
        let mut local = vec![usize::MAX; instance.skus.len()];
        let mut sku_ids = Vec::new();
        for line in instance.lines.iter().filter(|line| line.qty > 0) {
            by_order[line.order].push(line.id);
            if local[line.sku] == usize::MAX {
                local[line.sku] = sku_ids.len();
                sku_ids.push(line.sku);
            }
        }
        let mut on_hand = vec![0; sku_ids.len() * nodes];
        let mut scarcity = vec![0; sku_ids.len() * nodes];
        for stock in instance.stock.iter().filter(|stock| local[stock.sku] != usize::MAX) {
            let pair = local[stock.sku] * nodes + stock.node;
            on_hand[pair] = stock.on_hand.unwrap_or(0);
            scarcity[pair] = stock.scarcity;
        }
        let mut problem = Problem {
            nodes,
            capacity: instance.nodes.iter().map(|n| n.package_capacity).collect(),
            on_hand,
            orders: Vec::with_capacity(by_order.len()),
            demands: Vec::new(),
            parts: Vec::with_capacity(instance.lines.len()),
            unit: Vec::new(),
            package: Vec::with_capacity(by_order.len() * nodes),
            mean_package: 1.0,
            split: instance.params.split_penalty,
            sku_demands: Vec::new(),
            wanted_by: Vec::new(),
            wanted: vec![0; sku_ids.len()],
            sku_ids,
        };
        for (order, mut lines) in by_order.into_iter().enumerate() {
            lines.sort_by_key(|&line| {
                let line = &instance.lines[line];
                (local[line.sku], -line.short_penalty, line.id)
            });
            problem.push_order(instance, order, &lines, &local, &scarcity);
        }
        problem.index_skus();
        problem.mean_package = problem.mean_of_served(instance);
        problem
    }

    fn push_order(
        &mut self,
        instance: &Instance,
        order: usize,
        lines: &[usize],
        local: &[usize],
        scarcity: &[i64],
    ) {
        let first = self.demands.len();
        let zone = instance.orders[order].zone;
        let mut reachable = 0u128;
        for same in lines.chunk_by(|&a, &b| instance.lines[a].sku == instance.lines[b].sku) {
            let id = instance.lines[same[0]].sku;
            let sku = local[id];
            let parts = self.parts.len();
            self.parts.extend(same.iter().map(|&line| {
                let line = &instance.lines[line];
                Part { line: line.id, qty: line.qty, penalty: line.short_penalty }
            }));
            let qty = self.parts[parts..].iter().map(|part| part.qty).sum();
            self.wanted[sku] += qty;
            self.demands.push(Demand { order, sku, qty, parts: parts..self.parts.len() });
            for node in 0..self.nodes {
                let pair = sku * self.nodes + node;
                self.unit.push(instance.unit_ship(node, zone, id) + scarcity[pair]);
                let serves = instance.nodes[node].serves(zone);
                if serves && self.on_hand[pair] > 0 && self.capacity[node] > 0 {
                    reachable |= 1 << node;
                }
            }
        }
        let penalty = instance.late_penalty(instance.orders[order].priority);
        let package = |node: usize| {
            instance.nodes[node].package_cost[zone] + penalty * instance.days_late(order, node)
        };
        self.package.extend((0..self.nodes).map(package));
        let units = self.demands[first..].iter().map(|demand| demand.qty).sum();
        let parts = self.demands[first..].iter().flat_map(|d| &self.parts[d.parts.clone()]);
        self.orders.push(Order {
            demands: first..self.demands.len(),
            units,
            ship_complete: instance.orders[order].ship_complete,
            nodes: reachable,
            all_short: parts.map(|part| part.qty * part.penalty).sum(),
        });
    }

    fn index_skus(&mut self) {
        let mut by_sku: Vec<u32> = (0..self.demands.len() as u32).collect();
        by_sku.sort_by_key(|&demand| self.demands[demand as usize].sku);
        let mut ranges = vec![0..0; self.sku_ids.len()];
        let mut start = 0;
        for same in
            by_sku.chunk_by(|&a, &b| self.demands[a as usize].sku == self.demands[b as usize].sku)
        {
            ranges[self.demands[same[0] as usize].sku] = start..start + same.len();
            start += same.len();
        }
        self.wanted_by = by_sku;
        self.sku_demands = ranges;
    }

    /// The pair of a demand's SKU at a node.
    pub(super) fn pair(&self, demand: usize, node: usize) -> usize {
        self.demands[demand].sku * self.nodes + node
    }
    /// Cents for a unit of a demand from a node, scarcity included.
    pub(super) fn unit(&self, demand: usize, node: usize) -> i64 {
        self.unit[demand * self.nodes + node]
    }
    /// Cents for a package of an order from a node, lateness included.
    pub(super) fn package(&self, order: usize, node: usize) -> i64 {
        self.package[order * self.nodes + node]
    }
    /// The demands that want a SKU.
    pub(super) fn demands_of(&self, sku: usize) -> &[u32] {
        &self.wanted_by[self.sku_demands[sku].clone()]
    }
    /// Whether a pair can run out: where it cannot, its price is zero.
    pub(super) fn contended(&self, pair: usize) -> bool {
        self.on_hand[pair] > 0 && self.on_hand[pair] < self.wanted[pair / self.nodes]
    }
    /// What `short` units of a demand cost when they stay: those of its cheapest lines.
    pub(super) fn shortage(&self, demand: usize, short: i64) -> i64 {
        let mut left = short;
        let mut cost = 0;
        for part in self.parts[self.demands[demand].parts.clone()].iter().rev() {
            let units = part.qty.min(left);
            cost += units * part.penalty;
            left -= units;
        }
        cost
    }

    fn mean_of_served(&self, instance: &Instance) -> f64 {
        let places = self.package.chunks(self.nodes.max(1)).zip(&instance.orders);
        let served = places.flat_map(|(packages, order)| {
            let nodes = packages.iter().zip(&instance.nodes);
            nodes.filter(|(_, node)| node.serves(order.zone)).map(|(package, _)| *package)
        });
        let (sum, count) = served.fold((0i64, 0), |(sum, count), one| (sum + one, count + 1));
        (sum as f64 / f64::from(count.max(1))).max(1.0)
    }
}
