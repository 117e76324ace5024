//! The rules that products document, to be held against: one line or one order after another, never looking
//! back. Orders come by priority, promise and number.

use super::instance::{Assignment, Instance};
use super::order_plan::{Take, nodes_of};
use super::problem::Problem;
use super::state::{State, plan_cost};

/// "Rank the locations": each line alone to the cheapest node that has all of it, else filled up from the
/// cheapest on. What a node costs is the line's package and shipping from there.
pub fn per_line(instance: &Instance) -> Vec<Assignment> {
    let problem = Problem::new(instance);
    let mut state = State::empty(&problem);
    for order in in_turn(instance) {
        let mut plan: Vec<Take> = Vec::new();
        let mut used = 0u128;
        let mut short = false;
        for demand in problem.orders[order].demands.clone() {
            let qty = problem.demands[demand].qty;
            let left = |node: usize| state.stock[problem.pair(demand, node)];
            let mut nodes: Vec<usize> = (0..problem.nodes)
                .filter(|&node| left(node) > 0 && problem.orders[order].nodes >> node & 1 == 1)
                .filter(|&node| state.room[node] > 0 || used & (1 << node) != 0)
                .collect();
            nodes.sort_by_key(|&node| {
                let alone = instance.orders[order].zone;
                instance.nodes[node].package_cost[alone]
                    + qty * shipping(instance, &problem, demand, node)
            });
            if let Some(whole) = nodes.iter().position(|&node| left(node) >= qty) {
                nodes = vec![nodes[whole]];
            }
            let mut wanted = qty;
            for node in nodes {
                let units = wanted.min(left(node));
                if units > 0 {
                    plan.push(Take { demand: demand as u32, node: node as u32, units });
                    used |= 1 << node;
                    wanted -= units;
                }
            }
            short |= wanted > 0;
        }
        if !(plan.is_empty() || short && problem.orders[order].ship_complete) {
            plan.sort_unstable();
            state.place(&problem, order, plan);
        }
    }
    state.assignments(&problem)
}

/// The cheapest single node that ships the whole order; else nodes are added, the one that saves most first,
/// as long as one saves more than its package and the split penalty.
pub fn whole_order(instance: &Instance) -> Vec<Assignment> {
    let problem = Problem::new(instance);
    let mut state = State::empty(&problem);
    for order in in_turn(instance) {
        let usable = nodes_of(problem.orders[order].nodes);
        let open: Vec<usize> = usable.filter(|&node| state.room[node] > 0).collect();
        let plan_from = |set: &[usize]| fill(&problem, &state, order, set);
        let cost = |plan: &[Take]| plan_cost(&problem, order, plan);
        let whole = |plan: &[Take]| {
            plan.iter().map(|take| take.units).sum::<i64>() == problem.orders[order].units
        };
        let single = open.iter().map(|&node| plan_from(&[node])).filter(|plan| whole(plan));
        let mut best = single.min_by_key(|plan| cost(plan)).unwrap_or_default();
        if best.is_empty() {
            let mut set = Vec::new();
            loop {
                let more = open.iter().filter(|node| !set.contains(*node)).map(|&node| {
                    let plan = plan_from(&[set.as_slice(), &[node]].concat());
                    (cost(&plan), node, plan)
                });
                match more.min() {
                    Some((total, node, plan)) if total < cost(&best) => {
                        set.push(node);
                        best = plan;
                    }
                    _ => break,
                }
            }
        }
        if !best.is_empty() && (whole(&best) || !problem.orders[order].ship_complete) {
            state.place(&problem, order, best);
        }
    }
    state.assignments(&problem)
}

fn in_turn(instance: &Instance) -> Vec<usize> {
    let mut orders: Vec<usize> = (0..instance.orders.len()).collect();
    orders.sort_by_key(|&order| {
        (instance.orders[order].priority, instance.orders[order].promise_days, order)
    });
    orders
}

/// What a unit costs to ship, without scarcity.
fn shipping(instance: &Instance, problem: &Problem, demand: usize, node: usize) -> i64 {
    let zone = instance.orders[problem.demands[demand].order].zone;
    instance.unit_ship(node, zone, problem.sku_ids[problem.demands[demand].sku])
}

/// What an order takes from some nodes, each demand from the cheapest first.
fn fill(problem: &Problem, state: &State, order: usize, set: &[usize]) -> Vec<Take> {
    let mut plan = Vec::new();
    for demand in problem.orders[order].demands.clone() {
        let mut nodes = set.to_vec();
        nodes.sort_by_key(|&node| problem.unit(demand, node));
        // A unit that costs more than it is worth stays short.
        let worth = problem.parts[problem.demands[demand].parts.start].penalty;
        nodes.retain(|&node| {
            problem.orders[order].ship_complete || problem.unit(demand, node) <= worth
        });
        let mut wanted = problem.demands[demand].qty;
        for node in nodes {
            let units = wanted.min(state.stock[problem.pair(demand, node)]);
            if units > 0 {
                plan.push(Take { demand: demand as u32, node: node as u32, units });
                wanted -= units;
            }
        }
    }
    plan.sort_unstable();
    plan
}
