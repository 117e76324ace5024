//! The whole way from an instance to an allocation, and from one allocation to the next.

use super::check::{Cost, Violation, check};
use super::error::InstanceError;
use super::exact::{MOST_ROWS, prove};
use super::instance::{Assignment, Instance};
use super::limit::Limit;
use super::order_plan::{Chooser, PARTS, Take};
use super::prices::Prices;
use super::problem::Problem;
use super::relaxation::Relaxation;
use super::search::Search;
use super::state::State;
use super::transport::serve;
use std::collections::HashMap;
use std::time::Duration;
use thiserror::Error;

/// The part of the time limit after which nothing new is begun.
const USED: f64 = 0.9;
/// Seconds that the amounts of work below stay well within.
const USUAL: f64 = 5.0;
/// Demands filled by the search: at most, for each order, and for each order before it is tried to
/// prove the optimum.
const SEARCH: f64 = 60e6;
const SEARCH_ORDER: f64 = 150e3;
const SEARCH_FIRST: f64 = 30e3;
/// Multiplications by branch and price, and the part of the time after which it ends.
const EXACT: f64 = 2e9;
const PROVING: f64 = 0.5;
/// Rounds of prices, and from how many orders on fewer are enough.
const ROUNDS: (usize, usize) = (100, 60);
const MANY_ORDERS: usize = 800;
/// Demands filled around a changed order when one allocation follows from another.
const AROUND: u64 = 50_000;

/// How an allocation is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long it may take. The work is counted and meant to need about half of it: only where a
    /// machine is slower does the clock decide, and [`Allocation::cut_short`] says so.
    pub time_limit: Duration,
    /// How much work is done, as a multiple of what is usual.
    pub effort: f64,
}
impl Options {
    /// As much work as a time limit allows for.
    pub fn within(time_limit: Duration) -> Self {
        Options { time_limit, effort: time_limit.as_secs_f64() / USUAL }
    }
}
impl Default for Options {
    fn default() -> Self {
        Self::within(Duration::from_secs_f64(USUAL))
    }
}

/// Why there is no allocation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AllocateError {
    /// The instance cannot be used.
    #[error(transparent)]
    Instance(#[from] InstanceError),
    /// An order that is said to have changed and is not there.
    #[error("there is no order {0}; the changed orders are named by their ids in the instance")]
    NoOrder(usize),
    /// What was found breaks a constraint, which is a fault of the program.
    #[error("the allocation found breaks a constraint, so it is not given out: {0}")]
    Broken(#[from] Violation),
    /// Somebody asked for it to end.
    #[error("cancelled")]
    Cancelled,
}

/// What a unit or a package more would save all orders together, in cents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShadowPrices {
    /// By node and SKU; those that are not named are worth nothing to any other order.
    pub stock: HashMap<(usize, usize), f64>,
    /// A package, by node.
    pub packages: Vec<f64>,
}

/// Which node ships what, what it costs and how far from the best it can be.
#[derive(Clone, Debug, PartialEq)]
pub struct Allocation {
    /// By line and node.
    pub assignments: Vec<Assignment>,
    /// What it costs, as [`check`] works it out.
    pub cost: Cost,
    /// No allocation costs less, in cents.
    pub bound: i64,
    /// What stock and packages are worth to the orders.
    pub prices: ShadowPrices,
    /// Whether the time limit ended the work before it was done, so that another run may differ.
    pub cut_short: bool,
    /// How long it took.
    pub took: Duration,
}
impl Allocation {
    /// Whether nothing better is possible.
    pub fn proven(&self) -> bool {
        self.bound >= self.cost.total()
    }
    /// By what part of the bound a better one might be cheaper.
    pub fn gap(&self) -> f64 {
        (self.cost.total() - self.bound).max(0) as f64 / self.bound.max(1) as f64
    }
}

/// Allocates all lines of an instance anew.
///
/// Prices and a lower bound by Lagrangian relaxation; then orders are taken out and put back at these
/// prices, with two threads; then, for some hundred lines, branch and price until it is proven.
///
/// # Errors
/// What makes the instance unusable, or that somebody cancelled.
pub fn allocate(
    instance: &Instance,
    options: &Options,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Allocation, AllocateError> {
    instance.check()?;
    let limit = Limit::new(options.time_limit.mul_f64(USED), cancelled);
    let problem = Problem::new(instance);
    let orders = problem.orders.len();
    let free = Prices::zero(&problem);
    let fill = |prices: &Prices, weight| {
        let search = Search { problem: &problem, prices, limit: &limit };
        search.fill(0..orders, weight)
    };
    let first = fill(&free, 0);
    let rounds = if orders < MANY_ORDERS { ROUNDS.0 } else { ROUNDS.1 };
    let target = |prices: &Prices| fill(prices, 256).total;
    let mut prices = free.improve(&problem, first.total, rounds, &limit, target);
    let filled = [64, 160, 256].map(|weight| fill(&prices, weight));
    let mut best = filled.into_iter().fold(first, better);
    let work = |order: f64| (SEARCH.min(order * orders as f64) * options.effort) as u64;
    let search = |prices: &Prices, from: State, work: u64| {
        let search = Search { problem: &problem, prices, limit: &limit };
        rearranged(&problem, search.improve(from, work))
    };
    let open = |prices: &Prices, best: &State| prices.bound <= (best.total - 1) * PARTS;
    if Relaxation::height(&problem) <= MOST_ROWS {
        best = search(&prices, best, work(SEARCH_FIRST));
        if open(&prices, &best) {
            let sooner = limit.part(PROVING);
            let work = (EXACT * options.effort) as u64;
            let (proven, bound) = prove(&problem, &prices, best, work, &sooner);
            if sooner.was_hit() {
                limit.shorten();
            }
            best = proven;
            prices.bound = prices.bound.max(bound * PARTS);
        }
    }
    if open(&prices, &best) {
        best = search(&prices, best, work(SEARCH_ORDER));
    }
    finish(instance, &problem, &best, &prices, &limit)
}

/// Allocates an instance that has changed since it was allocated, from the allocation so far: lines
/// that are not picked yet may move to another node, and the rest of the allocation stays as it is.
///
/// `previous` is in the line ids of the present instance; what is no longer possible of it is dropped and
/// the order allocated anew, like the `changed` orders. It takes some milliseconds for each of these and
/// does not look for a better allocation elsewhere.
///
/// # Errors
/// What makes the instance unusable, a changed order that is not there, or that somebody cancelled.
pub fn reallocate(
    instance: &Instance,
    previous: &[Assignment],
    prices: &ShadowPrices,
    changed: &[usize],
    options: &Options,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Allocation, AllocateError> {
    instance.check()?;
    if let Some(&order) = changed.iter().find(|&&order| order >= instance.orders.len()) {
        return Err(AllocateError::NoOrder(order));
    }
    let limit = Limit::new(options.time_limit.mul_f64(USED), cancelled);
    let problem = Problem::new(instance);
    let mut prices = known_prices(&problem, prices);
    let (mut state, mut again) = restore(&problem, previous);
    again.extend(changed);
    again.sort_unstable();
    again.dedup();
    let search = Search { problem: &problem, prices: &prices, limit: &limit };
    let mut chooser = Chooser::default();
    for &order in &again {
        state.remove(&problem, order);
    }
    for &order in &again {
        search.insert(&mut state, &mut chooser, order, 256);
    }
    let work = AROUND * again.len() as u64;
    let improve = || search.improve_around(&mut state, &again, work);
    let (_, bound) = rayon::join(improve, || prices.bound_at(&problem));
    prices.bound = bound;
    finish(instance, &problem, &state, &prices, &limit)
}

fn better(one: State, other: State) -> State {
    if other.total < one.total { other } else { one }
}

/// The same packages, with the units in them rearranged in the best way.
fn rearranged(problem: &Problem, state: State) -> State {
    let set = |plan: &Vec<Take>| plan.iter().fold(0u128, |set, take| set | 1 << take.node);
    let sets: Vec<u128> = state.plans.iter().map(set).collect();
    match serve(problem, &sets) {
        Some(other) => better(state, other),
        None => state,
    }
}

/// Prices of an earlier problem, as far as they are of this one too.
pub(super) fn known_prices(problem: &Problem, known: &ShadowPrices) -> Prices {
    let parts = |cents: f64| (cents * PARTS as f64).round().max(0.0) as i64;
    let mut prices = Prices::zero(problem);
    for pair in 0..problem.on_hand.len() {
        if problem.contended(pair) {
            let key = (pair % problem.nodes, problem.sku_ids[pair / problem.nodes]);
            prices.stock[pair] = known.stock.get(&key).map_or(0, |&cents| parts(cents));
        }
    }
    for (price, &cents) in prices.room.iter_mut().zip(&known.packages) {
        *price = parts(cents);
    }
    prices
}

/// The state that assignments describe, and the orders of which something is no longer possible.
pub(super) fn restore(problem: &Problem, assignments: &[Assignment]) -> (State, Vec<usize>) {
    let lines = problem.parts.iter().map(|part| part.line + 1).max().unwrap_or(0);
    let mut demand_of = vec![None; lines];
    for (index, demand) in problem.demands.iter().enumerate() {
        for part in &problem.parts[demand.parts.clone()] {
            demand_of[part.line] = Some(index);
        }
    }
    let mut plans: Vec<Vec<Take>> = vec![Vec::new(); problem.orders.len()];
    let mut again = Vec::new();
    for it in assignments {
        let known = demand_of.get(it.line).copied().flatten();
        let Some(demand) = known.filter(|_| it.node < problem.nodes) else { continue };
        let plan = &mut plans[problem.demands[demand].order];
        let (demand, node) = (demand as u32, it.node as u32);
        match plan.iter_mut().find(|take| (take.demand, take.node) == (demand, node)) {
            Some(take) => take.units += it.units,
            None => plan.push(Take { demand, node, units: it.units }),
        }
    }
    let mut state = State::empty(problem);
    for (order, mut plan) in plans.into_iter().enumerate() {
        plan.sort_unstable();
        if state.fits(problem, order, &plan) {
            state.place(problem, order, plan);
        } else {
            again.push(order);
        }
    }
    (state, again)
}

fn finish(
    instance: &Instance,
    problem: &Problem,
    state: &State,
    prices: &Prices,
    limit: &Limit<'_>,
) -> Result<Allocation, AllocateError> {
    if limit.cancelled() {
        return Err(AllocateError::Cancelled);
    }
    let assignments = state.assignments(problem);
    let cost = check(instance, &assignments)?;
    let cents = |parts: i64| parts as f64 / PARTS as f64;
    let stock = (prices.stock.iter().enumerate())
        .filter(|(_, price)| **price > 0)
        .map(|(pair, &price)| {
            ((pair % problem.nodes, problem.sku_ids[pair / problem.nodes]), cents(price))
        })
        .collect();
    Ok(Allocation {
        assignments,
        cost,
        bound: (prices.bound + PARTS - 1).div_euclid(PARTS).min(cost.total()),
        prices: ShadowPrices { stock, packages: prices.room.iter().map(|&p| cents(p)).collect() },
        cut_short: limit.was_hit(),
        took: limit.elapsed(),
    })
}
