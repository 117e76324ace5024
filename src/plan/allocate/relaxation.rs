//! The linear program over plans: which mixture of plans of every order costs least.
//!
//! A column is a plan of one order. A row is an order, whose plans' shares add up to one, or something
//! that can run out: a pair's stock, a node's packages, a cut's right side. Plans are added as they are
//! found to pay (column generation), so the value is that of all plans there are. It is never below the
//! plain LP relaxation's, since in a plan packages are whole.

use super::cuts::{Cut, separate};
use super::limit::Limit;
use super::master::{Column, Master};
use super::order_plan::{Charges, Chooser, Limits, Market, PARTS, Take, nodes_of};
use super::prices::Prices;
use super::problem::Problem;
use super::state::plan_cost;
use std::collections::HashSet;

/// Rows that can run out get this much more, each another bit of it, so that pivots do not go in circles.
const SLACK: f64 = 1e-5;
/// A plan pays when it saves more than this part of a cent.
const PAYS: i64 = PARTS / 100;
/// Pivots between two looks for new plans.
const PIVOTS: usize = 500;
/// Looks for new plans in one solution.
const LOOKS: usize = 100;

/// An order's plan with the nodes that are paid for, which may be more than it takes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    pub(super) order: usize,
    pub(super) nodes: u128,
    pub(super) takes: Vec<Take>,
}

/// The program, its plans and what its last solution told.
pub(super) struct Relaxation<'a> {
    pub(super) problem: &'a Problem,
    master: Master,
    pub(super) chooser: Chooser,
    /// The pairs that can run out, and each one's row.
    scarce: Vec<usize>,
    row_of: Vec<usize>,
    plans: Vec<Plan>,
    known: HashSet<Plan>,
    cuts: Vec<Cut>,
    /// Prices of the best bound, and the charges of cuts that belong to them.
    pub(super) prices: Prices,
    pub(super) charges: Charges,
    /// What a plan costs on top where limits forbid it.
    forbidden: f64,
    /// Of masters that were replaced.
    past_work: u64,
}

impl<'a> Relaxation<'a> {
    /// A program without plans but that of shipping nothing.
    pub(super) fn new(problem: &'a Problem) -> Self {
        let scarce: Vec<usize> =
            (0..problem.on_hand.len()).filter(|&pair| problem.contended(pair)).collect();
        let mut row_of = vec![usize::MAX; problem.on_hand.len()];
        for (index, &pair) in scarce.iter().enumerate() {
            row_of[pair] = problem.orders.len() + index;
        }
        let dearest = problem.orders.iter().map(|order| order.all_short).max().unwrap_or(0);
        let mut relaxation = Relaxation {
            problem,
            master: Master::new(Vec::new(), Vec::new()),
            chooser: Chooser::default(),
            scarce,
            row_of,
            plans: Vec::new(),
            known: HashSet::new(),
            cuts: Vec::new(),
            prices: Prices::zero(problem),
            charges: Charges::default(),
            forbidden: (2 * dearest + 10_000) as f64,
            past_work: 0,
        };
        relaxation.rebuild();
        relaxation
    }

    /// How many rows a problem's program has before cuts.
    pub(super) fn height(problem: &Problem) -> usize {
        let scarce = (0..problem.on_hand.len()).filter(|&pair| problem.contended(pair)).count();
        problem.orders.len() + scarce + problem.nodes
    }

    /// What was done so far, in multiplications by and large.
    pub(super) fn work(&self) -> u64 {
        self.past_work + self.master.work + 40 * self.chooser.work
    }

    /// Adds what every order would take at a part of some prices, in 256ths.
    pub(super) fn add_plans_at(&mut self, prices: &Prices, weight: i64) {
        for order in 0..self.problem.orders.len() {
            let market = Market {
                stock: &self.problem.on_hand,
                room: &self.problem.capacity,
                stock_price: &prices.stock,
                room_price: &prices.room,
                weight,
                charges: None,
            };
            let (_, nodes) = self.chooser.choose(self.problem, &market, order, Limits::NONE);
            let takes = self.chooser.takes(self.problem, nodes);
            self.add(Plan { order, nodes, takes }, true);
        }
    }

    /// Adds a plan; false where it is known. Shipping nothing is always known.
    fn add(&mut self, plan: Plan, allowed: bool) -> bool {
        if plan.nodes == 0 || !self.known.insert(plan.clone()) {
            return false;
        }
        let cost = self.cost(&plan) + if allowed { 0.0 } else { self.forbidden };
        let rows = self.rows(&plan);
        self.master.add(Column { cost, rows });
        self.plans.push(plan);
        true
    }

    /// What a plan costs in cents, with all the nodes that are paid for.
    fn cost(&self, plan: &Plan) -> f64 {
        let used = plan.takes.iter().fold(0u128, |used, take| used | 1 << take.node);
        let idle = nodes_of(plan.nodes & !used).map(|node| self.problem.package(plan.order, node));
        let split = |nodes: u128| (i64::from(nodes.count_ones()) - 1).max(0) * self.problem.split;
        let cost = plan_cost(self.problem, plan.order, &plan.takes) + idle.sum::<i64>();
        (cost + split(plan.nodes) - split(used)) as f64
    }

    fn rows(&self, plan: &Plan) -> Vec<(usize, f64)> {
        let mut rows = vec![(plan.order, 1.0)];
        for take in &plan.takes {
            let row = self.row_of[self.problem.pair(take.demand as usize, take.node as usize)];
            if row != usize::MAX {
                rows.push((row, take.units as f64));
            }
        }
        let first = self.first_room_row();
        rows.extend(nodes_of(plan.nodes).map(|node| (first + node, 1.0)));
        for (index, cut) in self.cuts.iter().enumerate() {
            let amount = cut.uses(self.problem, plan);
            if amount != 0 {
                rows.push((first + self.problem.nodes + index, amount as f64));
            }
        }
        rows
    }

    fn first_room_row(&self) -> usize {
        self.problem.orders.len() + self.scarce.len()
    }

    /// Makes the program anew, with a row for each cut.
    fn rebuild(&mut self) {
        let problem = self.problem;
        let mut costs: Vec<f64> = problem.orders.iter().map(|it| it.all_short as f64).collect();
        let mut right = vec![1.0; costs.len()];
        let units = (self.scarce.iter().map(|&pair| problem.on_hand[pair]))
            .chain(problem.capacity.iter().copied())
            .chain(self.cuts.iter().map(|cut| cut.right));
        let mut bits = 1u64;
        for units in units {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            right.push(units as f64 + SLACK * (0.5 + (bits >> 40) as f64 / (1u64 << 24) as f64));
            costs.push(0.0);
        }
        self.past_work += self.master.work;
        self.master = Master::new(costs, right);
        for plan in &self.plans {
            let (cost, rows) = (self.cost(plan), self.rows(plan));
            self.master.add(Column { cost, rows });
        }
    }

    /// Adds cuts that the last solution violates; how many.
    pub(super) fn cut(&mut self) -> usize {
        let shares: Vec<(&Plan, f64)> = self.mixture().collect();
        let found = separate(self.problem, &self.scarce, &shares);
        let count = found.len();
        if count > 0 {
            self.cuts.extend(found);
            self.rebuild();
        }
        count
    }

    /// The plans of the last solution and their shares; what is missing of an order is shipped nowhere.
    pub(super) fn mixture(&self) -> impl Iterator<Item = (&Plan, f64)> {
        let first = self.first_room_row() + self.problem.nodes + self.cuts.len();
        self.master.shares().filter_map(move |(column, share)| {
            let plan = self.plans.get(column.checked_sub(first)?)?;
            (share > 1e-6).then_some((plan, share))
        })
    }

    /// A lower bound of what allocations within the limits cost, in 1/1024 cents; it stops where the
    /// bound is above `enough`.
    pub(super) fn bound(&mut self, limits: &[Limits], enough: i64, limit: &Limit<'_>) -> i64 {
        let first = self.first_room_row() + self.problem.nodes + self.cuts.len();
        for (index, plan) in self.plans.iter().enumerate() {
            let allowed = limits[plan.order].allow(plan.nodes);
            let cost = self.cost(plan) + if allowed { 0.0 } else { self.forbidden };
            self.master.set_cost(first + index, cost);
        }
        for (order, limits) in limits.iter().enumerate() {
            let nothing = self.problem.orders[order].all_short as f64;
            let allowed = limits.allow(0);
            self.master.set_cost(order, nothing + if allowed { 0.0 } else { self.forbidden });
        }
        self.master.reprice();
        let mut best = i64::MIN;
        for _ in 0..LOOKS {
            let solved = self.master.solve(PIVOTS);
            let (prices, charges, asked) = self.asked();
            let worth: Vec<i64> = self.master.duals()[..limits.len()]
                .iter()
                .map(|dual| (dual * PARTS as f64) as i64)
                .collect();
            let mut bound = -asked;
            let mut added = false;
            for (order, worth) in worth.into_iter().enumerate() {
                let market = market(self.problem, &prices, &charges);
                let (cost, nodes) =
                    self.chooser.choose(self.problem, &market, order, limits[order]);
                bound += cost;
                if cost < worth - PAYS {
                    let takes = self.chooser.takes(self.problem, nodes);
                    added |= self.add(Plan { order, nodes, takes }, true);
                }
            }
            if bound > best {
                best = bound;
                self.prices = prices;
                self.charges = charges;
                self.prices.bound = bound;
            }
            if best > enough || solved && !added || limit.over() {
                break;
            }
        }
        best
    }

    /// Prices at the present basis, in 1/1024 cents, and what all there is costs at them.
    fn asked(&self) -> (Prices, Charges, i64) {
        let problem = self.problem;
        let duals = self.master.duals();
        let price = |row: usize| (-duals[row] * PARTS as f64).round().max(0.0) as i64;
        let mut prices = Prices::zero(problem);
        let mut asked = 0;
        for &pair in &self.scarce {
            prices.stock[pair] = price(self.row_of[pair]);
            asked += prices.stock[pair] * problem.on_hand[pair];
        }
        let first = self.first_room_row();
        for node in 0..problem.nodes {
            prices.room[node] = price(first + node);
            asked += prices.room[node] * problem.capacity[node];
        }
        let mut charges = Charges {
            unit: vec![0; problem.demands.len() * problem.nodes],
            package: vec![0; problem.orders.len() * problem.nodes],
        };
        for (index, cut) in self.cuts.iter().enumerate() {
            let price = price(first + problem.nodes + index);
            asked += price * cut.right;
            cut.charge(problem, price, &mut charges);
        }
        (prices, charges, asked)
    }

    /// Closes what no allocation below `cost` can use and requires what every one must; false where
    /// there is none.
    pub(super) fn tighten(&mut self, limits: &mut [Limits], cost: i64) -> bool {
        let problem = self.problem;
        let spare = (cost - 1) * PARTS - self.prices.bound;
        let market = market(problem, &self.prices, &self.charges);
        for (order, limits) in limits.iter_mut().enumerate() {
            limits.allowed &= problem.orders[order].nodes;
            if limits.open() == 0 {
                continue;
            }
            let (least, chosen) = self.chooser.choose(problem, &market, order, *limits);
            for node in nodes_of(limits.open()) {
                let bit = 1 << node;
                let with = Limits { required: limits.required | bit, ..*limits };
                let without = Limits { allowed: limits.allowed & !bit, ..*limits };
                let used = chosen & bit != 0;
                let other = if used { without } else { with };
                let (otherwise, _) = self.chooser.choose(problem, &market, order, other);
                if otherwise - least > spare {
                    *limits = if used { with } else { without };
                }
            }
        }
        (0..problem.nodes).all(|node| {
            let bit = 1 << node;
            let certain = limits.iter().filter(|limits| limits.required & bit != 0).count() as i64;
            if certain == problem.capacity[node] {
                for limits in limits.iter_mut().filter(|limits| limits.required & bit == 0) {
                    limits.allowed &= !bit;
                }
            }
            certain <= problem.capacity[node]
        })
    }
}

/// All there is, at some prices.
fn market<'a>(problem: &'a Problem, prices: &'a Prices, charges: &'a Charges) -> Market<'a> {
    Market {
        stock: &problem.on_hand,
        room: &problem.capacity,
        stock_price: &prices.stock,
        room_price: &prices.room,
        weight: 256,
        charges: Some(charges),
    }
}
