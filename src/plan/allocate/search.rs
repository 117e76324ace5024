//! Better and better allocations: some related orders are taken out and put back, again and again.
//!
//! Each order is put back by its best node set from what is left, at a part of the scarcity prices, so
//! that it leaves to others what they need more. A worse allocation is taken now and then, less and
//! less often (simulated annealing).

use super::limit::Limit;
use super::order_plan::{Chooser, Limits, Market, Take};
use super::prices::Prices;
use super::problem::Problem;
use super::state::State;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::ops::{Range, RangeInclusive};
use std::time::Instant;

/// How many orders are taken out together.
const TOGETHER: RangeInclusive<usize> = 2..=10;
/// The parts of the prices that orders are put back at, in 256ths.
const WEIGHTS: [i64; 5] = [0, 64, 128, 192, 256];
/// Steps of cooling.
const STEPS: u64 = 32;
/// Steps that the two walks take before both go on from the better one.
const BESIDE: u64 = 4;
/// The first temperature and the last, as parts of what a package costs on average.
const HEAT: (f64, f64) = (0.07, 0.004);
/// What the random numbers start from.
const SEED: u64 = 6;

/// Improves allocations of a problem.
pub(super) struct Search<'a> {
    pub(super) problem: &'a Problem,
    pub(super) prices: &'a Prices,
    pub(super) limit: &'a Limit<'a>,
}

/// The orders that a search may take out.
struct Area {
    /// It begins with one of these.
    seeds: Vec<usize>,
    /// By order, whether it may be taken out.
    mine: Vec<bool>,
}

impl Search<'_> {
    /// Puts every order in, one after another, at a part of the prices in 256ths.
    pub(super) fn fill(&self, orders: impl Iterator<Item = usize>, weight: i64) -> State {
        let mut state = State::empty(self.problem);
        let mut chooser = Chooser::default();
        for order in orders {
            self.insert(&mut state, &mut chooser, order, weight);
        }
        state
    }

    /// Puts an order in that has no plan.
    pub(super) fn insert(
        &self,
        state: &mut State,
        chooser: &mut Chooser,
        order: usize,
        weight: i64,
    ) {
        let market = Market {
            stock: &state.stock,
            room: &state.room,
            stock_price: &self.prices.stock,
            room_price: &self.prices.room,
            weight,
            charges: None,
        };
        let (_, set) = chooser.choose(self.problem, &market, order, Limits::NONE);
        if set != 0 {
            let plan = chooser.takes(self.problem, set);
            let it = &self.problem.orders[order];
            let units: i64 = plan.iter().map(|take| take.units).sum();
            // With very many units the penalty of one that lacks may be less than what shipping saves.
            if !it.ship_complete || units == it.units {
                state.place(self.problem, order, plan);
            }
        }
    }

    /// The best of what `work` finds from a state on; never worse than that.
    ///
    /// Two walks run beside each other, and now and then both go on from the better one. Where the time
    /// would not last, the rest of the way is shortened, so that the walks end cool all the same.
    pub(super) fn improve(&self, start: State, work: u64) -> State {
        let orders = self.problem.orders.len();
        let area = Area { seeds: (0..orders).collect(), mine: vec![true; orders] };
        let begun = Instant::now();
        let mut share = work / 2 / STEPS;
        let mut best = start.clone();
        let (mut one, mut other) = (start.clone(), start);
        for step in (0..STEPS).step_by(BESIDE as usize) {
            let run = |state: &mut State, walk: u64| {
                let mut rng = ChaCha8Rng::seed_from_u64(2 * step + walk);
                self.cool(state, &area, &mut rng, step..step + BESIDE, share)
            };
            let (first, second) = rayon::join(|| run(&mut one, 0), || run(&mut other, 1));
            for found in [first, second] {
                if found.total < best.total {
                    best = found;
                }
            }
            if other.total < one.total {
                one.clone_from(&other);
            } else {
                other.clone_from(&one);
            }
            if self.limit.over() {
                break;
            }
            let done = step + BESIDE;
            let needed = begun.elapsed().as_secs_f64() / done as f64 * (STEPS - done) as f64;
            let left = self.limit.left().as_secs_f64();
            if needed > left {
                self.limit.shorten();
                share = (share as f64 * left / needed) as u64;
            }
        }
        best
    }

    /// Walks some steps of the way, each cooler than the one before; the best state on it comes back.
    fn cool(
        &self,
        state: &mut State,
        area: &Area,
        rng: &mut ChaCha8Rng,
        steps: Range<u64>,
        work: u64,
    ) -> State {
        let mut best = state.clone();
        for step in steps {
            self.walk(
                state,
                area,
                rng,
                work,
                (heat(self.problem, step), heat(self.problem, step + 1)),
            );
            if state.total < best.total {
                best.clone_from(state);
            }
        }
        best
    }

    /// Improves what is around some orders, without ever taking anything worse.
    pub(super) fn improve_around(&self, state: &mut State, orders: &[usize], work: u64) {
        let mut seeds = orders.to_vec();
        for &order in orders {
            for demand in self.problem.orders[order].demands.clone() {
                let sku = self.problem.demands[demand].sku;
                seeds.extend(
                    self.problem
                        .demands_of(sku)
                        .iter()
                        .map(|&other| self.problem.demands[other as usize].order),
                );
            }
        }
        seeds.sort_unstable();
        seeds.dedup();
        let area = Area { seeds, mine: vec![true; self.problem.orders.len()] };
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        self.walk(state, &area, &mut rng, work, (0.0, 0.0));
    }

    /// Takes orders out and puts them back until `work` is done.
    fn walk(
        &self,
        state: &mut State,
        area: &Area,
        rng: &mut ChaCha8Rng,
        work: u64,
        heat: (f64, f64),
    ) {
        let mut chooser = Chooser::default();
        let mut out: Vec<usize> = Vec::new();
        let mut before: Vec<(usize, Vec<Take>)> = Vec::new();
        let mut steps = 0u64;
        if area.seeds.is_empty() {
            return;
        }
        while chooser.work < work {
            steps += 1;
            // An order without demands is no work at all.
            chooser.work += 1;
            if steps.is_multiple_of(256) && self.limit.over() {
                return;
            }
            self.pick(state, area, rng, &mut out);
            let total = state.total;
            before.clear();
            before.extend(out.iter().map(|&order| (order, state.remove(self.problem, order))));
            out.shuffle(rng);
            let weight = WEIGHTS[rng.random_range(0..WEIGHTS.len())];
            for &order in &out {
                self.insert(state, &mut chooser, order, weight);
            }
            let worse = (state.total - total) as f64;
            if worse > 0.0 {
                let part = chooser.work as f64 / work as f64;
                let heat = heat.0 + (heat.1 - heat.0) * part.min(1.0);
                if heat <= 0.0 || rng.random::<f64>() >= (-worse / heat).exp() {
                    for &order in &out {
                        state.remove(self.problem, order);
                    }
                    for (order, plan) in before.drain(..) {
                        state.place(self.problem, order, plan);
                    }
                }
            }
        }
    }

    /// Picks orders that have to do with each other: they want the same SKUs or ship from one node.
    fn pick(&self, state: &State, area: &Area, rng: &mut ChaCha8Rng, out: &mut Vec<usize>) {
        let problem = self.problem;
        let count = rng.random_range(TOGETHER).min(problem.orders.len());
        let first = area.seeds[rng.random_range(0..area.seeds.len())];
        out.clear();
        out.push(first);
        let node = match state.plans[first].as_slice() {
            [] => None,
            plan if rng.random_range(0..4) == 0 => Some(plan[rng.random_range(0..plan.len())].node),
            _ => None,
        };
        for _ in 0..4 * count {
            if out.len() == count {
                break;
            }
            let demands = problem.orders[out[rng.random_range(0..out.len())]].demands.clone();
            if demands.is_empty() {
                continue;
            }
            let same = problem.demands_of(problem.demands[rng.random_range(demands)].sku);
            let order = if node.is_none() && same.len() > 1 && rng.random_range(0..8) > 0 {
                problem.demands[same[rng.random_range(0..same.len())] as usize].order
            } else {
                rng.random_range(0..problem.orders.len())
            };
            let fits = |node| state.plans[order].iter().any(|take| take.node == node);
            if area.mine[order] && !out.contains(&order) && node.is_none_or(fits) {
                out.push(order);
            }
        }
    }
}

/// The temperature at the beginning of a step, in cents.
fn heat(problem: &Problem, step: u64) -> f64 {
    problem.mean_package * HEAT.0 * (HEAT.1 / HEAT.0).powf(step as f64 / STEPS as f64)
}
