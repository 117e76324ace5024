//! What a unit and a package are worth when everything is scarce at once: prices by Lagrangian relaxation.
//!
//! Stock and package capacity are taken out of the constraints and priced. Each order is then solved
//! exactly by itself, and all of them together cost no more than any allocation does: a lower bound, in exact
//! arithmetic. Prices rise where more is taken than there is and fall where something is left (a
//! subgradient step along a direction that remembers the steps before).

use super::limit::Limit;
use super::order_plan::{Chooser, Limits, Market, PARTS, Take, nodes_of};
use super::problem::Problem;
use rayon::prelude::*;
use std::ops::Range;

/// How much of the last direction the next one keeps.
const MEMORY: f64 = 0.7;
/// The first step and the last, as parts of the one that would close the gap.
const STEPS: (f64, f64) = (0.8, 0.004);
/// Rounds between two allocations at the prices so far.
const TARGET_EVERY: usize = 40;
/// How many orders a task solves.
const CHUNK: usize = 64;

/// Prices of what can run out, and what they prove.
#[derive(Clone, Debug)]
pub(super) struct Prices {
    /// 1/1024 cents a unit, by pair.
    pub(super) stock: Vec<i64>,
    /// 1/1024 cents a package, by node.
    pub(super) room: Vec<i64>,
    /// No allocation costs less, in 1/1024 cents.
    pub(super) bound: i64,
}

/// What some orders would take at given prices.
struct Reply {
    cost: i64,
    takes: Vec<Take>,
    packages: Vec<i64>,
}

impl Prices {
    /// Everything is free.
    pub(super) fn zero(problem: &Problem) -> Self {
        let stock = vec![0; problem.on_hand.len()];
        Prices { stock, room: vec![0; problem.nodes], bound: 0 }
    }

    /// Improves the prices by some rounds. `target` is what an allocation is known to cost, in cents;
    /// `allocate` makes one at some prices, now and then, and says what it costs.
    pub(super) fn improve(
        self,
        problem: &Problem,
        mut target: i64,
        rounds: usize,
        limit: &Limit<'_>,
        allocate: impl Fn(&Prices) -> i64,
    ) -> Prices {
        let scarce: Vec<usize> =
            (0..problem.on_hand.len()).filter(|&pair| problem.contended(pair)).collect();
        let mut at: Vec<f64> = scarce.iter().map(|&pair| self.stock[pair] as f64).collect();
        at.extend(self.room.iter().map(|&price| price as f64));
        let have: Vec<f64> = (scarce.iter().map(|&pair| problem.on_hand[pair]))
            .chain(problem.capacity.iter().copied())
            .map(|units| units as f64)
            .collect();
        let mut direction = vec![0.0; at.len()];
        let mut used = vec![0.0; problem.on_hand.len()];
        let mut tried = Prices { bound: 0, ..self };
        let mut best = Prices { bound: i64::MIN, ..tried.clone() };
        for round in 0..rounds {
            for (&pair, price) in scarce.iter().zip(&at) {
                tried.stock[pair] = *price as i64;
            }
            for (room, price) in tried.room.iter_mut().zip(&at[scarce.len()..]) {
                *room = *price as i64;
            }
            let replies = replies(problem, &tried);
            tried.bound = tried.bound_of(problem, &replies);
            if tried.bound > best.bound {
                best.clone_from(&tried);
            }
            if round % TARGET_EVERY == TARGET_EVERY / 2 {
                target = target.min(allocate(&best));
            }
            used.fill(0.0);
            let mut packages = vec![0i64; problem.nodes];
            for reply in &replies {
                for take in &reply.takes {
                    used[problem.pair(take.demand as usize, take.node as usize)] +=
                        take.units as f64;
                }
                for (all, some) in packages.iter_mut().zip(&reply.packages) {
                    *all += some;
                }
            }
            let wanted = (scarce.iter().map(|&pair| used[pair]))
                .chain(packages.iter().map(|&packages| packages as f64));
            let mut length = 0.0;
            for (((way, &price), have), wanted) in
                direction.iter_mut().zip(&at).zip(&have).zip(wanted)
            {
                let excess = wanted - have;
                *way = *way * MEMORY + excess;
                if price <= 0.0 && *way < 0.0 {
                    *way = 0.0;
                }
                length += *way * *way;
            }
            if length == 0.0 || limit.over() {
                break;
            }
            let part = STEPS.0 * (STEPS.1 / STEPS.0).powf(round as f64 / rounds as f64);
            let gap = (target * PARTS - tried.bound).max(PARTS) as f64;
            let step = part * gap / length;
            for (price, way) in at.iter_mut().zip(&direction) {
                *price = (*price + step * way).max(0.0);
            }
        }
        best
    }

    /// The bound that these prices prove of a problem that is another one than when they were found.
    pub(super) fn bound_at(&self, problem: &Problem) -> i64 {
        let market = self.market(problem);
        let cost = |orders: Range<usize>| -> i64 {
            let mut chooser = Chooser::default();
            orders.map(|order| chooser.choose(problem, &market, order, Limits::NONE).0).sum()
        };
        let cost: i64 = chunks(problem).into_par_iter().map(cost).sum();
        cost - self.value(problem)
    }

    /// All stock and room at these prices, as if each order were alone.
    fn market<'a>(&'a self, problem: &'a Problem) -> Market<'a> {
        Market {
            stock: &problem.on_hand,
            room: &problem.capacity,
            stock_price: &self.stock,
            room_price: &self.room,
            weight: 256,
            charges: None,
        }
    }

    fn bound_of(&self, problem: &Problem, replies: &[Reply]) -> i64 {
        replies.iter().map(|reply| reply.cost).sum::<i64>() - self.value(problem)
    }

    /// What all stock and room are worth at these prices.
    fn value(&self, problem: &Problem) -> i64 {
        let of = |prices: &[i64], units: &[i64]| -> i64 {
            prices.iter().zip(units).map(|(price, units)| price * units).sum()
        };
        of(&self.stock, &problem.on_hand) + of(&self.room, &problem.capacity)
    }
}

/// What every order would take at these prices. The sums are of integers, so that they are the same
/// however the work is divided.
fn replies(problem: &Problem, prices: &Prices) -> Vec<Reply> {
    chunks(problem).into_par_iter().map(|orders| reply(problem, prices, orders)).collect()
}

fn chunks(problem: &Problem) -> Vec<Range<usize>> {
    let orders = problem.orders.len();
    (0..orders).step_by(CHUNK).map(|start| start..(start + CHUNK).min(orders)).collect()
}

fn reply(problem: &Problem, prices: &Prices, orders: Range<usize>) -> Reply {
    let mut chooser = Chooser::default();
    let mut reply = Reply { cost: 0, takes: Vec::new(), packages: vec![0; problem.nodes] };
    let market = prices.market(problem);
    for order in orders {
        let (cost, set) = chooser.choose(problem, &market, order, Limits::NONE);
        reply.cost += cost;
        if set != 0 {
            reply.takes.extend(chooser.takes(problem, set));
            for node in nodes_of(set) {
                reply.packages[node] += 1;
            }
        }
    }
    reply
}
