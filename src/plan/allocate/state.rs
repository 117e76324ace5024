//! An allocation in the making: what every order takes, and what is left.

use super::instance::Assignment;
use super::order_plan::{Take, nodes_of};
use super::problem::Problem;

/// What every order takes. Stock and room are never below zero.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// Units left, by pair.
    pub(super) stock: Vec<i64>,
    /// Packages left, by node.
    pub(super) room: Vec<i64>,
    /// By order.
    pub(super) plans: Vec<Vec<Take>>,
    /// Cents, by order.
    pub(super) costs: Vec<i64>,
    /// Cents.
    pub(super) total: i64,
}

impl State {
    /// Nothing is shipped.
    pub(super) fn empty(problem: &Problem) -> Self {
        let costs: Vec<i64> = problem.orders.iter().map(|order| order.all_short).collect();
        State {
            stock: problem.on_hand.clone(),
            room: problem.capacity.clone(),
            plans: vec![Vec::new(); costs.len()],
            total: costs.iter().sum(),
            costs,
        }
    }

    /// Takes an order out; its plan comes back.
    pub(super) fn remove(&mut self, problem: &Problem, order: usize) -> Vec<Take> {
        let plan = std::mem::take(&mut self.plans[order]);
        let mut nodes = 0u128;
        for take in &plan {
            self.stock[problem.pair(take.demand as usize, take.node as usize)] += take.units;
            nodes |= 1 << take.node;
        }
        for node in nodes_of(nodes) {
            self.room[node] += 1;
        }
        let short = problem.orders[order].all_short;
        self.total += short - self.costs[order];
        self.costs[order] = short;
        plan
    }

    /// Puts a plan in for an order that has none.
    pub(super) fn place(&mut self, problem: &Problem, order: usize, plan: Vec<Take>) {
        let mut nodes = 0u128;
        for take in &plan {
            self.stock[problem.pair(take.demand as usize, take.node as usize)] -= take.units;
            nodes |= 1 << take.node;
        }
        for node in nodes_of(nodes) {
            self.room[node] -= 1;
        }
        let cost = plan_cost(problem, order, &plan);
        self.total += cost - self.costs[order];
        self.costs[order] = cost;
        self.plans[order] = plan;
    }

    /// Whether a plan of an order that has none is possible beside the others.
    pub(super) fn fits(&self, problem: &Problem, order: usize, plan: &[Take]) -> bool {
        let mut nodes = 0u128;
        let mut by_demand: Vec<(u32, i64)> = Vec::new();
        for take in plan {
            let left = self.stock[problem.pair(take.demand as usize, take.node as usize)];
            if take.units <= 0 || take.units > left {
                return false;
            }
            nodes |= 1 << take.node;
            match by_demand.last_mut().filter(|(demand, _)| *demand == take.demand) {
                Some((_, units)) => *units += take.units,
                None => by_demand.push((take.demand, take.units)),
            }
        }
        let qty = |demand: u32| problem.demands[demand as usize].qty;
        let it = &problem.orders[order];
        let all: i64 = by_demand.iter().map(|(_, units)| units).sum();
        nodes & !it.nodes == 0
            && nodes_of(nodes).all(|node| self.room[node] > 0)
            && by_demand.iter().all(|&(demand, units)| units <= qty(demand))
            && (!it.ship_complete || all == 0 || all == it.units)
    }

    /// Units by line and node, of all orders.
    pub(super) fn assignments(&self, problem: &Problem) -> Vec<Assignment> {
        let mut all: Vec<Assignment> =
            (0..self.plans.len()).flat_map(|order| self.assignments_of(problem, order)).collect();
        all.sort_unstable();
        all
    }

    /// Units by line and node of one order: of lines that want the same SKU the dearest is filled first.
    pub(super) fn assignments_of(&self, problem: &Problem, order: usize) -> Vec<Assignment> {
        let mut all = Vec::new();
        for takes in self.plans[order].chunk_by(|a, b| a.demand == b.demand) {
            let demand = &problem.demands[takes[0].demand as usize];
            let mut left: Vec<i64> = takes.iter().map(|take| take.units).collect();
            for part in &problem.parts[demand.parts.clone()] {
                let mut wanted = part.qty;
                for (left, take) in left.iter_mut().zip(takes) {
                    let units = wanted.min(*left);
                    if units > 0 {
                        all.push(Assignment { line: part.line, node: take.node as usize, units });
                        wanted -= units;
                        *left -= units;
                    }
                }
            }
        }
        all.sort_unstable();
        all
    }
}

/// What an order costs with a plan, in cents.
pub(super) fn plan_cost(problem: &Problem, order: usize, plan: &[Take]) -> i64 {
    if plan.is_empty() {
        return problem.orders[order].all_short;
    }
    let mut cost = 0;
    let mut nodes = 0u128;
    let mut takes = plan.iter().peekable();
    for demand in problem.orders[order].demands.clone() {
        let mut short = problem.demands[demand].qty;
        while let Some(take) = takes.next_if(|take| take.demand as usize == demand) {
            short -= take.units;
            cost += take.units * problem.unit(demand, take.node as usize);
            nodes |= 1 << take.node;
        }
        cost += problem.shortage(demand, short);
    }
    cost += nodes_of(nodes).map(|node| problem.package(order, node)).sum::<i64>();
    cost + problem.split * (i64::from(nodes.count_ones()) - 1).max(0)
}
