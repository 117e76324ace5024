//! Inequalities that every allocation keeps and mixtures of plans do not: flow covers of a pair's stock.
//!
//! Let demands C want u1 + u2 + .. = stock + e units of a pair, e > 0. Where an order has no package from that
//! node (y = 0), its demand takes nothing there, and the others cannot take what it would have beyond e. So
//!     sum over C of (x + max(0, u - e) * (1 - y)) <= stock
//! (Padberg, Van Roy and Wolsey 1985). It is linear in units and packages, so it is priced like
//! these and the orders stay as easy to solve.

use super::order_plan::Charges;
use super::problem::Problem;
use super::relaxation::Plan;

/// The most demands of a pair whose subsets are all looked at.
const MEMBERS: usize = 12;
/// By how many units a mixture must violate a cut for it to be added.
const VIOLATED: f64 = 0.02;

/// A flow cover: `sum of x - beyond * y <= right`.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    node: usize,
    /// Demands, and max(0, u - e) of each.
    members: Vec<(usize, i64)>,
    /// The stock less the sum of these.
    pub(super) right: i64,
}

impl Cut {
    /// What a plan uses of the right side.
    pub(super) fn uses(&self, problem: &Problem, plan: &Plan) -> i64 {
        let mut all = 0;
        for &(demand, beyond) in &self.members {
            if problem.demands[demand].order == plan.order && plan.nodes >> self.node & 1 == 1 {
                let taken = plan.takes.iter().filter(|take| {
                    take.demand as usize == demand && take.node as usize == self.node
                });
                all += taken.map(|take| take.units).sum::<i64>() - beyond;
            }
        }
        all
    }
    /// Adds a price of the right side to what units and packages cost.
    pub(super) fn charge(&self, problem: &Problem, price: i64, charges: &mut Charges) {
        for &(demand, beyond) in &self.members {
            let order = problem.demands[demand].order;
            charges.unit[demand * problem.nodes + self.node] += price;
            charges.package[order * problem.nodes + self.node] -= price * beyond;
        }
    }
}

/// A demand in a mixture: what it may take of a pair and takes, and the share of packages.
struct Member {
    demand: usize,
    most: i64,
    units: f64,
    packages: f64,
}

/// The most violated cut of each pair.
pub(super) fn separate(problem: &Problem, pairs: &[usize], shares: &[(&Plan, f64)]) -> Vec<Cut> {
    let mut units = vec![0.0; problem.demands.len() * problem.nodes];
    let mut packages = vec![0.0; problem.orders.len() * problem.nodes];
    for (plan, share) in shares {
        for node in super::order_plan::nodes_of(plan.nodes) {
            packages[plan.order * problem.nodes + node] += share;
        }
        for take in &plan.takes {
            units[take.demand as usize * problem.nodes + take.node as usize] +=
                share * take.units as f64;
        }
    }
    let cut = |&pair: &usize| {
        let (sku, node) = (pair / problem.nodes, pair % problem.nodes);
        let stock = problem.on_hand[pair];
        let mut members: Vec<Member> = problem
            .demands_of(sku)
            .iter()
            .map(|&demand| demand as usize)
            .map(|demand| Member {
                demand,
                most: problem.demands[demand].qty.min(stock),
                units: units[demand * problem.nodes + node],
                packages: packages[problem.demands[demand].order * problem.nodes + node],
            })
            .filter(|member| member.units > 1e-6)
            .collect();
        members.sort_by(|a, b| b.units.total_cmp(&a.units).then(a.demand.cmp(&b.demand)));
        members.truncate(MEMBERS);
        cover(stock, node, &members)
    };
    pairs.iter().filter_map(cut).collect()
}

/// The most violated cover of some members.
fn cover(stock: i64, node: usize, members: &[Member]) -> Option<Cut> {
    let chosen = |subset: usize| {
        members.iter().enumerate().filter(move |(at, _)| subset >> at & 1 == 1).map(|(_, it)| it)
    };
    let mut best = (VIOLATED, None);
    for subset in 1usize..1 << members.len() {
        let excess = chosen(subset).map(|member| member.most).sum::<i64>() - stock;
        if excess <= 0 {
            continue;
        }
        let left: f64 = chosen(subset)
            .map(|it| it.units + (it.most - excess).max(0) as f64 * (1.0 - it.packages))
            .sum();
        if left - stock as f64 > best.0 {
            best = (left - stock as f64, Some((subset, excess)));
        }
    }
    let (subset, excess) = best.1?;
    let members: Vec<(usize, i64)> =
        chosen(subset).map(|it| (it.demand, (it.most - excess).max(0))).collect();
    let right = stock - members.iter().map(|(_, beyond)| beyond).sum::<i64>();
    // The program starts from nothing being shipped, which has to keep the cut.
    (right >= 0).then_some(Cut { node, members, right })
}
