//! The parts of the method: the best nodes of one order, bounds, cuts.

use super::super::cuts::separate;
use super::super::limit::Limit;
use super::super::order_plan::{Charges, Chooser, Limits, Market, PARTS};
use super::super::problem::Problem;
use super::super::relaxation::{Plan, Relaxation};
use super::super::state::{State, plan_cost};
use super::super::transport::serve;
use super::*;

const FOUR_NODES: Size = Size { skus: 4, nodes: 4, orders: 4, lines: 12, qty: 3 };

/// Prices and charges at random, charges for packages also below zero.
fn at_random(problem: &Problem, seed: u64) -> (Vec<i64>, Vec<i64>, Charges) {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let mut some = |count: usize, from: i64, to: i64| -> Vec<i64> {
        (0..count).map(|_| rng.random_range(from * PARTS..to * PARTS)).collect()
    };
    let stock = some(problem.on_hand.len(), 0, 400);
    let room = some(problem.nodes, 0, 200);
    let unit = some(problem.demands.len() * problem.nodes, 0, 100);
    let package = some(problem.orders.len() * problem.nodes, -900, 100);
    (stock, room, Charges { unit, package })
}

#[test]
fn no_node_set_is_better_than_the_one_chosen() {
    for seed in 0..200 {
        let problem = Problem::new(&made(seed, FOUR_NODES));
        let (stock_price, room_price, charges) = at_random(&problem, seed);
        for charges in [None, Some(&charges)] {
            let market = Market {
                stock: &problem.on_hand,
                room: &problem.capacity,
                stock_price: &stock_price,
                room_price: &room_price,
                weight: 256,
                charges,
            };
            let mut chooser = Chooser::default();
            for order in 0..problem.orders.len() {
                let (chosen, _) = chooser.choose(&problem, &market, order, Limits::NONE);
                // To require a set and allow nothing else leaves nothing to choose.
                let least = (0u128..16)
                    .filter(|set| set & !problem.orders[order].nodes == 0)
                    .map(|set| {
                        let only = Limits { required: set, allowed: set };
                        chooser.choose(&problem, &market, order, only).0
                    })
                    .min();
                assert_eq!(Some(chosen), least, "seed {seed} order {order}");
            }
        }
    }
}

#[test]
fn what_is_taken_costs_what_was_said() {
    for seed in 0..100 {
        let problem = Problem::new(&made(seed, FOUR_NODES));
        let free = vec![0; problem.on_hand.len()];
        let market = Market {
            stock: &problem.on_hand,
            room: &problem.capacity,
            stock_price: &free,
            room_price: &vec![0; problem.nodes],
            weight: 0,
            charges: None,
        };
        let mut chooser = Chooser::default();
        for order in 0..problem.orders.len() {
            let (cost, set) = chooser.choose(&problem, &market, order, Limits::NONE);
            let plan = chooser.takes(&problem, set);
            assert_eq!(plan_cost(&problem, order, &plan) * PARTS, cost);
            let state = State::empty(&problem);
            assert!(state.fits(&problem, order, &plan), "seed {seed} order {order}: {plan:?}");
        }
    }
}

#[test]
fn bounds_with_cuts_stay_below_the_optimum() {
    for seed in 0..40 {
        let instance = made(seed, SMALL);
        let best = quick(&instance);
        assert!(best.proven());
        let problem = Problem::new(&instance);
        let all = vec![Limits::NONE; problem.orders.len()];
        let never = || false;
        let limit = Limit::new(Duration::MAX, &never);
        let mut relaxation = Relaxation::new(&problem);
        let mut last = 0;
        loop {
            let bound = relaxation.bound(&all, i64::MAX, &limit);
            assert!(bound <= best.cost.total() * PARTS, "seed {seed}");
            // The rows that can run out have a little more than there is.
            assert!(bound >= last - PARTS, "seed {seed}: a cut made the bound worse");
            last = bound;
            if relaxation.cut() == 0 {
                break;
            }
        }
    }
}

#[test]
fn whole_allocations_keep_all_cuts_that_mixtures_break() {
    for seed in 0..40 {
        let instance = made(seed, SMALL);
        let problem = Problem::new(&instance);
        let scarce: Vec<usize> =
            (0..problem.on_hand.len()).filter(|&pair| problem.contended(pair)).collect();
        let (state, _) = super::super::solve::restore(&problem, &quick(&instance).assignments);
        let plans: Vec<Plan> = (0..problem.orders.len())
            .map(|order| {
                let takes = state.plans[order].clone();
                let nodes = takes.iter().fold(0, |set, take| set | 1 << take.node);
                Plan { order, nodes, takes }
            })
            .collect();
        let whole: Vec<(&Plan, f64)> = plans.iter().map(|plan| (plan, 1.0)).collect();
        assert!(separate(&problem, &scarce, &whole).is_empty(), "seed {seed}");
    }
}

#[test]
fn units_are_rearranged_at_the_least_cost() {
    for seed in 0..60 {
        let instance = made(seed, TINY);
        let problem = Problem::new(&instance);
        let best = quick(&instance);
        let (state, again) = super::super::solve::restore(&problem, &best.assignments);
        assert!(again.is_empty());
        let sets: Vec<u128> = (state.plans.iter())
            .map(|plan| plan.iter().fold(0, |set, take| set | 1 << take.node))
            .collect();
        let served = serve(&problem, &sets).unwrap();
        assert_eq!(served.total, best.cost.total(), "seed {seed}");
        let everywhere: Vec<u128> = problem.orders.iter().map(|order| order.nodes).collect();
        if let Some(state) = serve(&problem, &everywhere) {
            check(&instance, &state.assignments(&problem)).unwrap();
            assert!(state.room.iter().all(|&room| room >= 0));
        }
    }
}
