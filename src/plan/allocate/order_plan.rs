//! The best nodes for one order, at given prices and from given stock: solved exactly.

use super::problem::Problem;

/// Prices are in 1/1024 cents, as integers, so that sums of them stay exact and a bound is proven.
pub(super) const PARTS: i64 = 1024;

/// What an order may take, and at what price on top of its own costs.
#[derive(Clone, Copy)]
pub(super) struct Market<'a> {
    /// Units there are, by pair.
    pub(super) stock: &'a [i64],
    /// Packages there is room for, by node.
    pub(super) room: &'a [i64],
    /// 1/1024 cents a unit, by pair.
    pub(super) stock_price: &'a [i64],
    /// 1/1024 cents a package, by node.
    pub(super) room_price: &'a [i64],
    /// By what both prices are multiplied, in 256ths.
    pub(super) weight: i64,
    /// What cuts ask on top.
    pub(super) charges: Option<&'a Charges>,
}

/// Prices that are asked of single demands and orders at a node, in 1/1024 cents.
#[derive(Clone, Debug, Default)]
pub(super) struct Charges {
    /// For a unit, by demand and node.
    pub(super) unit: Vec<i64>,
    /// For a package, by order and node; may be below zero.
    pub(super) package: Vec<i64>,
}

/// Units of a demand from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Take {
    pub(super) demand: u32,
    pub(super) node: u32,
    pub(super) units: i64,
}

/// Which nodes an order has to use and which it may use, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) required: u128,
    pub(super) allowed: u128,
}
impl Limits {
    /// Any nodes.
    pub(super) const NONE: Limits = Limits { required: 0, allowed: u128::MAX };
    /// Whether a set keeps to the limits.
    pub(super) fn allow(&self, set: u128) -> bool {
        set & !self.allowed == 0 && self.required & !set == 0
    }
    /// The nodes that are still open.
    pub(super) fn open(&self) -> u128 {
        self.allowed & !self.required
    }
}

/// The nodes that bits stand for, the lowest first.
pub(super) fn nodes_of(mut bits: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (bits != 0).then(|| {
            let node = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            node
        })
    })
}

/// Somewhere a demand can be met from.
#[derive(Clone, Copy)]
struct Source {
    bit: u128,
    price: i64,
    units: i64,
    node: u32,
}

/// A demand with its sources, the cheapest first.
#[derive(Clone, Copy)]
struct Wanted {
    sources: (usize, usize),
    /// Units of its dearest line, and what one of them is worth.
    units: i64,
    worth: i64,
    /// Whether it has other lines.
    more: bool,
}

/// Solves orders one after another, in room that is used again.
#[derive(Default)]
pub(super) struct Chooser {
    sources: Vec<Source>,
    wanted: Vec<Wanted>,
    /// By node, what a package costs.
    package: Vec<i64>,
    /// Nodes that may still be added to a set and what each would save, as a stack.
    candidates: Vec<(i64, u32)>,
    best: (i64, u128),
    /// The least that any package costs (of those below zero, all together), and the least that all
    /// units can.
    least_package: i64,
    floor: i64,
    split: i64,
    /// What a unit of a ship-complete order is worth: more than it can cost. Zero for other orders.
    must: i64,
    /// The order's first demand.
    first: usize,
    /// How many demands were filled: a measure of work that is the same on every machine.
    pub(super) work: u64,
}

impl Chooser {
    /// The cheapest set of nodes for an order and what it costs in 1/1024 cents, prices included.
    ///
    /// A required node's package is paid for whether anything comes in it or not, so that with required
    /// nodes the cost is a lower bound of what every plan that uses them costs.
    pub(super) fn choose(
        &mut self,
        problem: &Problem,
        market: &Market<'_>,
        order: usize,
        limits: Limits,
    ) -> (i64, u128) {
        let it = &problem.orders[order];
        self.split = problem.split * PARTS;
        self.first = it.demands.start;
        self.must = if it.ship_complete { i64::MAX / 1024 / it.units.max(1) } else { 0 };
        self.candidates.clear();
        self.gather(problem, market, order, limits);
        let count = i64::from(limits.required.count_ones());
        let fixed = nodes_of(limits.required).map(|node| self.package[node]).sum::<i64>()
            + (count - 1).max(0) * self.split;
        let filled = self.fill(problem, limits.required);
        self.best = (fixed + filled, limits.required);
        if !self.candidates.is_empty() {
            self.floor = self.fill(problem, u128::MAX);
            self.extend(problem, limits.required, fixed, filled, 0);
        }
        let short = it.all_short * PARTS;
        if self.must > 0 && limits.required == 0 && self.best.0 >= short {
            self.best = (short, 0);
        }
        self.best
    }

    /// Tries supersets of a set, with the candidates from `from` on.
    ///
    /// What a node saves never grows with the set it is added to: units of a SKU are exchangeable, so
    /// savings are submodular. So a node that does not pay for its package now will not in a larger
    /// set, and nodes together save at most the sum of what each saves alone.
    fn extend(&mut self, problem: &Problem, set: u128, fixed: i64, filled: i64, from: usize) {
        let to = self.candidates.len();
        let split = if set == 0 { 0 } else { self.split };
        let cost = fixed + filled;
        let least = self.least_package + if self.least_package < 0 { 0 } else { split };
        if from == to || fixed + least + self.floor >= self.best.0.min(cost) {
            return;
        }
        // Beside others a node pays the split penalty, whichever of them came first.
        let after = self.split - split;
        let mut hope = 0;
        for index in from..to {
            let node = self.candidates[index].1;
            let with = self.fill(problem, set | 1 << node);
            let saving = filled - with - self.package[node as usize] - split;
            if saving > 0 {
                hope += (saving - after).max(0);
                self.candidates.push((saving, node));
            }
        }
        let end = self.candidates.len();
        self.candidates[to..].sort_unstable_by(|a, b| b.cmp(a));
        for index in to..end {
            let (saving, node) = self.candidates[index];
            hope -= (saving - after).max(0);
            if cost - saving - hope >= self.best.0 {
                break;
            }
            let with = set | 1 << node;
            if cost - saving < self.best.0 {
                self.best = (cost - saving, with);
            }
            if hope > 0 {
                let fixed = fixed + self.package[node as usize] + split;
                self.candidates.extend_from_within(index + 1..end);
                self.extend(problem, with, fixed, cost - saving - fixed, end);
                self.candidates.truncate(end);
            }
        }
        self.candidates.truncate(to);
    }

    /// What each demand takes from a set of nodes, by demand and node, at the prices of the last choice.
    pub(super) fn takes(&mut self, problem: &Problem, set: u128) -> Vec<Take> {
        let mut takes = Vec::new();
        for at in 0..self.wanted.len() {
            let from = takes.len();
            self.pour(problem, at, set, |take| takes.push(take));
            takes[from..].sort_unstable();
        }
        takes
    }

    /// What all demands of the order cost when the nodes of a set ship to them, packages aside.
    fn fill(&mut self, problem: &Problem, set: u128) -> i64 {
        self.work += self.wanted.len() as u64;
        let mut cost = 0;
        for at in 0..self.wanted.len() {
            let wanted = &self.wanted[at];
            if wanted.more {
                cost += self.pour(problem, at, set, |_| ());
                continue;
            }
            let mut left = wanted.units;
            for source in &self.sources[wanted.sources.0..wanted.sources.1] {
                if source.bit & set != 0 {
                    let units = left.min(source.units);
                    cost += units * source.price;
                    left -= units;
                    if left == 0 {
                        break;
                    }
                }
            }
            cost += left * wanted.worth;
        }
        cost
    }

    /// Fills a demand from the sources in a set: the cheapest first, its dearest line first, as long as
    /// a unit is worth its price.
    fn pour(&self, problem: &Problem, at: usize, set: u128, mut taken: impl FnMut(Take)) -> i64 {
        let Wanted { sources, units, worth, .. } = self.wanted[at];
        let demand = self.first + at;
        let mut others = problem.parts[problem.demands[demand].parts.clone()].iter().skip(1);
        let value = |penalty: i64| if self.must > 0 { self.must } else { penalty * PARTS };
        let mut part = (units, worth);
        let mut cost = 0;
        for source in self.sources[sources.0..sources.1].iter().filter(|s| s.bit & set != 0) {
            let mut left = source.units;
            while left > 0 && part.0 > 0 && source.price < part.1 {
                let units = left.min(part.0);
                cost += units * source.price;
                left -= units;
                part.0 -= units;
                if part.0 == 0
                    && let Some(next) = others.next()
                {
                    part = (next.qty, value(next.penalty));
                }
            }
            if left < source.units {
                let units = source.units - left;
                taken(Take { demand: demand as u32, node: source.node, units });
            }
        }
        cost + part.0 * part.1 + others.map(|part| part.qty * value(part.penalty)).sum::<i64>()
    }

    /// Lists what each demand can take where, cheapest first, and which nodes have anything.
    fn gather(&mut self, problem: &Problem, market: &Market<'_>, order: usize, limits: Limits) {
        self.sources.clear();
        self.wanted.clear();
        let it = &problem.orders[order];
        let usable = it.nodes & limits.allowed;
        let mut useful = 0u128;
        for demand in it.demands.clone() {
            let start = self.sources.len();
            let Some(&dearest) = problem.parts.get(problem.demands[demand].parts.start) else {
                continue;
            };
            let worth = if self.must > 0 { self.must } else { dearest.penalty * PARTS };
            for node in nodes_of(usable) {
                let pair = problem.pair(demand, node);
                let units = market.stock[pair].min(problem.demands[demand].qty);
                if units <= 0 || market.room[node] <= 0 {
                    continue;
                }
                let price = problem.unit(demand, node) * PARTS
                    + ((market.stock_price[pair] * market.weight) >> 8)
                    + market.charges.map_or(0, |it| it.unit[demand * problem.nodes + node]);
                let bit = 1 << node;
                if price >= worth {
                    // A package that is paid for in parts may be worth its dearest unit.
                    if charge(market, problem, order, node) < 0 {
                        useful |= bit;
                    }
                    continue;
                }
                useful |= bit;
                let mut at = self.sources.len();
                while at > start && self.sources[at - 1].price > price {
                    at -= 1;
                }
                self.sources.insert(at, Source { bit, price, units, node: node as u32 });
            }
            self.wanted.push(Wanted {
                sources: (start, self.sources.len()),
                units: dearest.qty,
                worth,
                more: problem.demands[demand].parts.len() > 1,
            });
        }
        self.package.resize(problem.nodes, 0);
        let (mut least, mut below) = (i64::MAX / 4, 0);
        for node in nodes_of(useful | limits.required) {
            let package = problem.package(order, node) * PARTS
                + ((market.room_price[node] * market.weight) >> 8)
                + charge(market, problem, order, node);
            self.package[node] = package;
            if limits.required & (1 << node) == 0 {
                least = least.min(package);
                below += package.min(0);
                self.candidates.push((0, node as u32));
            }
        }
        self.least_package = if below < 0 { below } else { least };
    }
}

/// What cuts ask for a package.
fn charge(market: &Market<'_>, problem: &Problem, order: usize, node: usize) -> i64 {
    market.charges.map_or(0, |charges| charges.package[order * problem.nodes + node])
}
