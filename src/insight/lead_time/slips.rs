//! What is to be expected of a delivery: the quantiles of several memories and levels, averaged.

use super::{Delivery, Levels, Mixture, Seen, fading};
use crate::domain::Day;
use std::collections::HashMap;
use std::sync::Arc;

/// After so many years a delivery counts half, in one memory each.
const HALF_LIVES: [f64; 5] = [0.1, 0.3, 1.0, 3.0, 9.0];
/// A place leans on the one above as if that were so many deliveries.
const LEAN: f64 = 5.0;
/// The first level that has a say: the vendor's. Wider ones are only leant on.
const FIRST_LEVEL: usize = 1;
/// Where so large a share of the opinions says "on the day", that stands, and not their mean, which
/// never is that day exactly.
const VOTE: f64 = 0.4;
const DAYS_A_YEAR: f64 = 365.25;

/// What was learnt up to a day of deliveries against their promises.
#[derive(Clone, Debug)]
pub struct Slips {
    memories: Vec<Levels>,
    learnt: usize,
}

impl Slips {
    /// Learns from what was known at the end of a day.
    pub fn learn(deliveries: &[Delivery], until: Day) -> Self {
        let known = deliveries.iter().filter_map(|one| Some((one, one.slip_known(until)?)));
        let known: Vec<(&Delivery, i32)> = known.collect();
        let mut batches: HashMap<(&str, i32), f64> = HashMap::new();
        for (one, slip) in &known {
            *batches.entry((&one.batch, *slip)).or_default() += 1.0;
        }
        let seen = |half_life: f64| {
            let (known, batches) = (&known, &batches);
            known.iter().map(move |(one, value)| {
                let age = f64::from(until.number() - one.scheduled.number()) / DAYS_A_YEAR;
                let weight = fading(age, half_life) / batches[&(&*one.batch, *value)];
                Seen { path: &one.path, value: *value, weight, waits: false }
            })
        };
        let memories = HALF_LIVES.map(|half_life| Levels::of(seen(half_life), LEAN));
        Self { memories: memories.into(), learnt: known.len() }
    }

    /// From how many deliveries it was learnt.
    pub fn learnt(&self) -> usize {
        self.learnt
    }

    /// Days from the promise to the delivery at these levels, ascending as they are; 0 where nothing
    /// is known.
    pub fn quantiles(&self, delivery: &Delivery, levels: &[f64]) -> Vec<i32> {
        let opinions = self.opinions(&delivery.path);
        let mut days: Vec<i32> = levels.iter().map(|level| agreed(&opinions, *level)).collect();
        days.sort_unstable();
        days
    }

    fn opinions(&self, path: &[Arc<str>]) -> Vec<Mixture> {
        let of = |memory: &Levels| memory.along(path).into_iter().skip(FIRST_LEVEL);
        self.memories.iter().flat_map(of).collect()
    }
}

/// A quantile on which opinions agree.
fn agreed(opinions: &[Mixture], level: f64) -> i32 {
    let said: Vec<i32> = opinions.iter().filter_map(|one| one.quantile(level)).collect();
    let on_the_day = said.iter().filter(|days| **days == 0).count();
    if said.is_empty() || on_the_day as f64 >= VOTE * said.len() as f64 {
        return 0;
    }
    let sum: i32 = said.iter().sum();
    (f64::from(sum) / said.len() as f64).round() as i32
}
