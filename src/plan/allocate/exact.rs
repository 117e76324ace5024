//! Branch and price: the proven optimum, or a better bound, for problems of some hundred lines.
//!
//! When it is settled which orders get packages from which nodes, the rest is a transportation problem
//! whose solutions are whole. So it is enough to branch on packages: an order has one from a node, or has
//! none. The subproblem with the lowest bound is looked at first.

use super::limit::Limit;
use super::order_plan::{Limits, PARTS, nodes_of};
use super::prices::Prices;
use super::problem::Problem;
use super::relaxation::Relaxation;
use super::state::State;
use super::transport::serve;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The most rows of a program that this is tried with.
pub(super) const MOST_ROWS: usize = 700;
/// Rounds of cuts before branching.
const CUTS: usize = 30;
/// A share of a package this close to a whole one counts as whole.
const WHOLE: f64 = 0.003;

/// A part of all allocations.
struct Branch {
    /// None of them costs less, in 1/1024 cents.
    bound: i64,
    limits: Vec<Limits>,
    born: usize,
}

impl Ord for Branch {
    fn cmp(&self, other: &Self) -> Ordering {
        other.bound.cmp(&self.bound).then(self.born.cmp(&other.born))
    }
}
impl PartialOrd for Branch {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Branch {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Branch {}

/// Improves a state until it is proven to be best or `work` is done; the best one and a bound in cents
/// come back.
pub(super) fn prove(
    problem: &Problem,
    prices: &Prices,
    mut best: State,
    work: u64,
    limit: &Limit<'_>,
) -> (State, i64) {
    let mut relaxation = Relaxation::new(problem);
    for weight in [0, 128, 200, 256] {
        relaxation.add_plans_at(prices, weight);
    }
    let all: Vec<Limits> =
        problem.orders.iter().map(|order| Limits { required: 0, allowed: order.nodes }).collect();
    let mut root = relaxation.bound(&all, i64::MAX, limit);
    for _ in 0..CUTS {
        if root > (best.total - 1) * PARTS || limit.over() || relaxation.cut() == 0 {
            break;
        }
        root = root.max(relaxation.bound(&all, i64::MAX, limit));
    }
    let mut open = BinaryHeap::from([Branch { bound: root, limits: all, born: 0 }]);
    let mut born = 0;
    while let Some(branch) = open.pop() {
        if whole_cents(branch.bound) >= best.total {
            return (best.clone(), best.total);
        }
        if relaxation.work() > work || limit.over() {
            return (best, whole_cents(branch.bound));
        }
        for (bound, limits) in explore(&mut relaxation, branch, &mut best, limit) {
            born += 1;
            open.push(Branch { bound, limits, born });
        }
    }
    let total = best.total;
    (best, total)
}

/// The least whole number of cents that is not below a bound.
fn whole_cents(bound: i64) -> i64 {
    (bound + PARTS - 1).div_euclid(PARTS)
}

/// Looks at a branch: the branches that are left of it.
fn explore(
    relaxation: &mut Relaxation<'_>,
    Branch { bound: parent, mut limits, .. }: Branch,
    best: &mut State,
    limit: &Limit<'_>,
) -> Vec<(i64, Vec<Limits>)> {
    let enough = (best.total - 1) * PARTS;
    let bound = relaxation.bound(&limits, enough, limit).max(parent);
    if limit.over() {
        // Unfinished: it is looked at by nobody any more, but its bound still counts.
        return vec![(bound, limits)];
    }
    if bound > enough || !relaxation.tighten(&mut limits, best.total) {
        return Vec::new();
    }
    let problem = relaxation.problem;
    let mut packages = vec![0.0; problem.orders.len() * problem.nodes];
    for (plan, share) in relaxation.mixture() {
        for node in nodes_of(plan.nodes) {
            packages[plan.order * problem.nodes + node] += share;
        }
    }
    let share = |order: usize, node: usize| packages[order * problem.nodes + node];
    let mut undecided = None;
    let mut most = -1.0;
    for (order, limits) in limits.iter().enumerate() {
        for node in nodes_of(limits.open()) {
            let doubt = share(order, node).min(1.0 - share(order, node));
            if doubt > most {
                most = doubt;
                undecided = Some((order, node));
            }
        }
    }
    if most <= WHOLE {
        let sets: Vec<u128> = (0..problem.orders.len())
            .map(|order| {
                let some = nodes_of(problem.orders[order].nodes).filter(|&n| share(order, n) > 0.5);
                some.fold(0, |set, node| set | 1 << node)
            })
            .collect();
        if let Some(state) = serve(problem, &sets) {
            let closed = state.total <= whole_cents(bound);
            if state.total < best.total {
                *best = state;
            }
            if closed {
                return Vec::new();
            }
        }
    }
    let Some((order, node)) = undecided else { return Vec::new() };
    let mut with = limits.clone();
    with[order].required |= 1 << node;
    limits[order].allowed &= !(1 << node);
    vec![(bound, with), (bound, limits)]
}
