//! Allocations held against each other, against all possible ones, and against the independent checker.

mod bad;
mod follow;
mod optimal;
mod parts;

use super::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::time::Duration;

/// How much of each an instance has.
#[derive(Clone, Copy)]
struct Size {
    skus: usize,
    nodes: usize,
    orders: usize,
    lines: usize,
    qty: i64,
}
const TINY: Size = Size { skus: 3, nodes: 2, orders: 3, lines: 5, qty: 2 };
const SMALL: Size = Size { skus: 12, nodes: 3, orders: 16, lines: 30, qty: 4 };

/// A made-up instance: scarce stock, tight packages, all kinds of orders.
fn made(seed: u64, size: Size) -> Instance {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let zones = 3;
    let by_zone = |rng: &mut ChaCha8Rng, from: i64, to: i64| {
        (0..zones).map(|_| rng.random_range(from..to)).collect::<Vec<i64>>()
    };
    let order = |id: usize, rng: &mut ChaCha8Rng| Order {
        id,
        zone: rng.random_range(0..zones),
        promise_days: rng.random_range(1..4),
        priority: rng.random_range(1..4),
        ship_complete: rng.random_range(0..4) == 0,
    };
    let node = |id: usize, rng: &mut ChaCha8Rng| Node {
        id,
        package_capacity: rng.random_range(1..=1 + size.orders as i64 / 2),
        package_cost: by_zone(rng, 300, 800),
        cost_per_kg: by_zone(rng, 50, 200),
        transit_days: by_zone(rng, 1, 5),
        unserved: Vec::new(),
    };
    let mut stock = Vec::new();
    for node in 0..size.nodes {
        for sku in 0..size.skus {
            if rng.random_range(0..3) > 0 {
                let on_hand = Some(rng.random_range(0..=size.qty + 1));
                let scarcity = rng.random_range(0..3) * rng.random_range(0..200);
                stock.push(Stock { node, sku, on_hand, scarcity });
            }
        }
    }
    Instance {
        name: format!("made {seed}"),
        zones,
        skus: (0..size.skus)
            .map(|id| Sku { id, weight_g: rng.random_range(50..2000), price: 0 })
            .collect(),
        nodes: (0..size.nodes).map(|id| node(id, rng)).collect(),
        stock,
        orders: (0..size.orders).map(|id| order(id, rng)).collect(),
        lines: (0..size.lines)
            .map(|id| Line {
                id,
                order: rng.random_range(0..size.orders),
                sku: rng.random_range(0..size.skus),
                qty: rng.random_range(1..=size.qty),
                short_penalty: rng.random_range(200..1500),
            })
            .collect(),
        params: Params {
            split_penalty: rng.random_range(0..200),
            late_penalty_per_day: BTreeMap::from([
                ("1".to_owned(), 900),
                ("2".to_owned(), 500),
                ("3".to_owned(), 250),
            ]),
        },
    }
}

/// An allocation with little work, as is enough for what is made up here.
fn quick(instance: &Instance) -> Allocation {
    let options = Options { time_limit: Duration::from_secs(60), effort: 0.02 };
    allocate(instance, &options, &|| false).expect("a made-up instance can be allocated")
}
