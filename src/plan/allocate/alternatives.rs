//! What else could be done with one order, what each would cost all orders together, and why.

use super::check::Cost;
use super::instance::{Assignment, Instance};
use super::limit::Limit;
use super::order_plan::{Chooser, Limits, Market, Take, nodes_of};
use super::prices::Prices;
use super::problem::Problem;
use super::search::Search;
use super::solve::{Allocation, known_prices, restore};
use super::state::State;
use std::cmp::Reverse;
use std::time::Duration;

/// The most nodes that are combined to an alternative, of those that are best alone.
const COMBINED: usize = 4;
/// The most other orders that an alternative may take units or packages from.
const VICTIMS: usize = 8;

/// A way to ship an order, other than the one proposed.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// From where, ascending; none where nothing is shipped.
    pub nodes: Vec<usize>,
    /// What of each line comes from where.
    pub assignments: Vec<Assignment>,
    /// What the order itself costs this way.
    pub cost: Cost,
    /// How many cents all orders together cost more than as proposed.
    pub difference: i64,
    /// How many of them the order itself costs more.
    pub own_difference: i64,
    /// The orders that would have to ship otherwise, since this one takes what they have.
    pub displaced: Vec<usize>,
    /// How many days it comes late, at the latest.
    pub days_late: i64,
}

/// Why a node alone is no alternative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It does not ship to the order's zone.
    Unserved,
    /// It has nothing that the order wants.
    NoStock,
    /// It can send no packages at all.
    NoPackages,
    /// The order ships complete, and the node has not all of it.
    NotComplete,
    /// Every unit from there costs more than leaving it short.
    NotWorth,
    /// Too many other orders would have to give up theirs.
    TooManyMoved,
}

/// An order as it is proposed, and the ways it could be otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// As proposed: with differences of zero.
    pub proposed: Alternative,
    /// Others, the cheapest first; shipping nothing is one of them.
    pub others: Vec<Alternative>,
    /// Nodes that cannot ship any of it.
    pub closed: Vec<(usize, Closed)>,
}

/// What else could be done with an order of an allocation, `most` alternatives at most; `None` where there is
/// no such order or the instance cannot be used.
///
/// Each node alone, pairs of those that are best alone, and nothing. Where what an alternative needs is
/// with other orders, they are put back in the best way without it, and the difference includes that.
pub fn alternatives(
    instance: &Instance,
    allocation: &Allocation,
    order: usize,
    most: usize,
) -> Option<Choice> {
    instance.check().ok()?;
    let problem = Problem::new(instance);
    problem.orders.get(order)?;
    let prices = known_prices(&problem, &allocation.prices);
    let (state, _) = restore(&problem, &allocation.assignments);
    let limit = Limit::new(Duration::MAX, &|| false);
    let at = Looked { instance, problem: &problem, prices: &prices, limit: &limit, order };
    let proposed = at.describe(&state, &state, Vec::new());
    let mut singles: Vec<Alternative> = Vec::new();
    let mut closed = Vec::new();
    for node in 0..problem.nodes {
        match at.from(&state, 1 << node) {
            Ok(alternative) => singles.push(alternative),
            Err(why) => closed.push((node, why)),
        }
    }
    singles.sort_by_key(|it| it.difference);
    let best: Vec<usize> = singles.iter().take(COMBINED).flat_map(|it| it.nodes.clone()).collect();
    let mut others = singles;
    for (index, &one) in best.iter().enumerate() {
        for &other in &best[index + 1..] {
            others.extend(at.from(&state, 1 << one | 1 << other).ok());
        }
    }
    others.push(at.nothing(&state));
    others.retain(|it| it.assignments != proposed.assignments);
    others.sort_by_key(|it| (it.difference, it.nodes.clone()));
    others.dedup_by(|later, kept| later.assignments == kept.assignments);
    others.truncate(most);
    Some(Choice { proposed, others, closed })
}

/// The order that is looked at.
struct Looked<'a> {
    instance: &'a Instance,
    problem: &'a Problem,
    prices: &'a Prices,
    limit: &'a Limit<'a>,
    order: usize,
}

impl Looked<'_> {
    /// The order shipped from all of some nodes, or why that is not possible.
    fn from(&self, now: &State, set: u128) -> Result<Alternative, Closed> {
        let problem = self.problem;
        let zone = self.instance.orders[self.order].zone;
        if !nodes_of(set).all(|node| self.instance.nodes[node].serves(zone)) {
            return Err(Closed::Unserved);
        }
        let wants = |node| {
            let mut demands = problem.orders[self.order].demands.clone();
            demands.any(|demand| problem.on_hand[problem.pair(demand, node)] > 0)
        };
        if !nodes_of(set).all(wants) {
            return Err(Closed::NoStock);
        }
        if nodes_of(set).any(|node| problem.capacity[node] == 0) {
            return Err(Closed::NoPackages);
        }
        let mut state = now.clone();
        state.remove(problem, self.order);
        let mut chooser = Chooser::default();
        let limits = Limits { required: set, allowed: set };
        // As if no other order had anything.
        let market = Market {
            stock: &problem.on_hand,
            room: &problem.capacity,
            stock_price: &self.prices.stock,
            room_price: &self.prices.room,
            weight: 0,
            charges: None,
        };
        chooser.choose(problem, &market, self.order, limits);
        let plan = chooser.takes(problem, set);
        let used = plan.iter().fold(0u128, |used, take| used | 1 << take.node);
        let units: i64 = plan.iter().map(|take| take.units).sum();
        let it = &problem.orders[self.order];
        if it.ship_complete && units < it.units {
            return Err(Closed::NotComplete);
        }
        if used != set {
            return Err(Closed::NotWorth);
        }
        let mut displaced = self.make_room(&mut state, &plan).ok_or(Closed::TooManyMoved)?;
        state.place(problem, self.order, plan);
        displaced.sort_unstable();
        let search = Search { problem, prices: self.prices, limit: self.limit };
        for &other in &displaced {
            search.insert(&mut state, &mut chooser, other, 0);
        }
        displaced.retain(|&other| state.plans[other] != now.plans[other]);
        Ok(self.describe(now, &state, displaced))
    }

    /// Takes out other orders until a plan fits: those first for which little is at stake.
    fn make_room(&self, state: &mut State, plan: &[Take]) -> Option<Vec<usize>> {
        let problem = self.problem;
        let mut out = Vec::new();
        for take in plan {
            let demand = take.demand as usize;
            let pair = problem.pair(demand, take.node as usize);
            let mut holders: Vec<usize> = (problem.demands_of(problem.demands[demand].sku).iter())
                .map(|&other| problem.demands[other as usize].order)
                .collect();
            let worth = |order: &usize| problem.orders[*order].all_short - state.costs[*order];
            holders.sort_by_key(|order| (worth(order), *order));
            for order in holders {
                if state.stock[pair] >= take.units {
                    break;
                }
                let has = |it: &Take| problem.pair(it.demand as usize, it.node as usize) == pair;
                if state.plans[order].iter().any(has) {
                    state.remove(problem, order);
                    out.push(order);
                }
            }
        }
        let nodes = plan.iter().fold(0u128, |set, take| set | 1 << take.node);
        for node in nodes_of(nodes) {
            if state.room[node] > 0 {
                continue;
            }
            // The order that another node could send most cheaply.
            let mut senders: Vec<usize> = (0..problem.orders.len())
                .filter(|&order| state.plans[order].iter().any(|it| it.node as usize == node))
                .collect();
            senders.sort_by_key(|&order| {
                let plan = &state.plans[order];
                (plan.len(), Reverse(problem.package(order, node)), order)
            });
            let order = *senders.first()?;
            state.remove(problem, order);
            out.push(order);
        }
        (out.len() <= VICTIMS).then_some(out)
    }

    /// The order shipped not at all.
    fn nothing(&self, now: &State) -> Alternative {
        let mut state = now.clone();
        state.remove(self.problem, self.order);
        self.describe(now, &state, Vec::new())
    }

    fn describe(&self, now: &State, then: &State, displaced: Vec<usize>) -> Alternative {
        let problem = self.problem;
        let plan = &then.plans[self.order];
        let set = plan.iter().fold(0u128, |set, take| set | 1 << take.node);
        let nodes: Vec<usize> = nodes_of(set).collect();
        let late = |&node: &usize| self.instance.days_late(self.order, node);
        Alternative {
            assignments: then.assignments_of(problem, self.order),
            cost: self.cost(plan, &nodes),
            difference: then.total - now.total,
            own_difference: then.costs[self.order] - now.costs[self.order],
            days_late: nodes.iter().map(late).max().unwrap_or(0),
            nodes,
            displaced,
        }
    }

    fn cost(&self, plan: &[Take], nodes: &[usize]) -> Cost {
        let (problem, instance) = (self.problem, self.instance);
        let it = &instance.orders[self.order];
        let mut cost = Cost { package_count: nodes.len() as i64, ..Cost::default() };
        for demand in problem.orders[self.order].demands.clone() {
            let mut short = problem.demands[demand].qty;
            for take in plan.iter().filter(|take| take.demand as usize == demand) {
                let node = take.node as usize;
                let sku = problem.sku_ids[problem.demands[demand].sku];
                let unit = instance.unit_ship(node, it.zone, sku);
                cost.shipping += take.units * unit;
                cost.scarcity += take.units * (problem.unit(demand, node) - unit);
                short -= take.units;
            }
            cost.units_short += short;
            cost.short += problem.shortage(demand, short);
        }
        for &node in nodes {
            let package = instance.nodes[node].package_cost[it.zone];
            cost.packages += package;
            cost.late += problem.package(self.order, node) - package;
        }
        cost.split = (cost.package_count - 1).max(0) * problem.split;
        cost
    }
}
