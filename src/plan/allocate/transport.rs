//! Units to lines when it is settled which order gets packages from which nodes: exact, a SKU at a time.

use super::order_plan::{Take, nodes_of};
use super::problem::Problem;
use super::state::State;

/// Dearer than everything.
const NEVER: i64 = i64::MAX / 1024;

/// Units that want a home: a line, or a part of one.
struct Need {
    demand: usize,
    nodes: u128,
    /// Units by node, and short in the last place.
    from: Vec<i64>,
    /// What a unit costs short.
    short: i64,
}

/// The cheapest way to serve all orders from the nodes that `sets` names for each. `None` where a
/// ship-complete order with nodes cannot be had in full, or a node would send out too many packages.
pub(super) fn serve(problem: &Problem, sets: &[u128]) -> Option<State> {
    let mut plans: Vec<Vec<Take>> = vec![Vec::new(); sets.len()];
    for sku in 0..problem.sku_ids.len() {
        let mut needs: Vec<Need> = Vec::new();
        let mut left: Vec<i64> =
            problem.on_hand[sku * problem.nodes..(sku + 1) * problem.nodes].to_vec();
        for &demand in problem.demands_of(sku) {
            let demand = demand as usize;
            let order = problem.demands[demand].order;
            if sets[order] == 0 {
                continue;
            }
            for part in &problem.parts[problem.demands[demand].parts.clone()] {
                let complete = problem.orders[order].ship_complete;
                needs.push(Need {
                    demand,
                    nodes: sets[order],
                    from: vec![0; problem.nodes + 1],
                    short: if complete { NEVER } else { part.penalty },
                });
                let newest = needs.len() - 1;
                if !place(problem, &mut needs, &mut left, newest, part.qty) {
                    return None;
                }
            }
        }
        for need in &needs {
            let plan = &mut plans[problem.demands[need.demand].order];
            for node in nodes_of(need.nodes) {
                if need.from[node] > 0 {
                    let (demand, node) = (need.demand as u32, node as u32);
                    plan.push(Take { demand, node, units: need.from[node as usize] });
                }
            }
        }
    }
    let mut state = State::empty(problem);
    for (order, mut plan) in plans.into_iter().enumerate() {
        if !plan.is_empty() {
            plan.sort_unstable();
            // Lines of one demand take from the same node in one take.
            plan.dedup_by(|later, kept| {
                let same = (later.demand, later.node) == (kept.demand, kept.node);
                if same {
                    kept.units += later.units;
                }
                same
            });
            state.place(problem, order, plan);
        }
    }
    state.room.iter().all(|&room| room >= 0).then_some(state)
}

/// Places the units of a need along cheapest paths: from a node with stock, or by moving another need's
/// units to another node. False when it can only stay short and must not.
fn place(
    problem: &Problem,
    needs: &mut [Need],
    left: &mut [i64],
    newest: usize,
    mut units: i64,
) -> bool {
    let nodes = problem.nodes;
    let unit = |need: &Need, node: usize| {
        if node == nodes { need.short } else { problem.unit(need.demand, node) }
    };
    while units > 0 {
        // What it costs to get a unit out of a node, and who has to move on from there to where.
        let mut cost = vec![NEVER; nodes + 1];
        let mut step: Vec<Option<(usize, usize)>> = vec![None; nodes + 1];
        cost[nodes] = 0;
        for node in 0..nodes {
            if left[node] > 0 {
                cost[node] = 0;
            }
        }
        let mut changed = true;
        while changed {
            changed = false;
            for (index, need) in needs.iter().enumerate() {
                for node in nodes_of(need.nodes) {
                    if need.from[node] == 0 {
                        continue;
                    }
                    for to in nodes_of(need.nodes).chain([nodes]) {
                        if to == node || cost[to] == NEVER || (to == nodes && need.short == NEVER) {
                            continue;
                        }
                        let moved = unit(need, to) - unit(need, node) + cost[to];
                        if moved < cost[node] {
                            cost[node] = moved;
                            step[node] = Some((index, to));
                            changed = true;
                        }
                    }
                }
            }
        }
        let need = &needs[newest];
        let total = |node: usize| unit(need, node).saturating_add(cost[node]);
        let best = nodes_of(need.nodes).filter(|&node| cost[node] < NEVER).chain([nodes]);
        let Some(first) = best.min_by_key(|&node| total(node)) else { return false };
        if total(first) >= NEVER {
            return false;
        }
        let mut amount = units;
        let mut node = first;
        while let Some((index, to)) = step[node] {
            amount = amount.min(needs[index].from[node]);
            node = to;
        }
        if node < nodes {
            amount = amount.min(left[node]);
            left[node] -= amount;
        }
        needs[newest].from[first] += amount;
        units -= amount;
        let mut node = first;
        while let Some((index, to)) = step[node] {
            needs[index].from[node] -= amount;
            needs[index].from[to] += amount;
            node = to;
        }
    }
    true
}
