//! What the shop as a whole was doing just now: the orders of the last two days and their baskets.

use super::order::DAY;
use super::recent::Fading;
use std::collections::VecDeque;

/// An order is compared with those of this long before it.
const WINDOW: i64 = 2 * DAY;
/// And with at most this many, so that a storm costs no more per order than a busy day.
const ROOM: usize = 8192;
/// Counts over minutes stop here.
const COUNTED: usize = 512;

/// A basket: items and their units, by item.
pub(super) type Basket = Vec<(u32, f64)>;

/// What is kept of an order.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    pub(super) at: i64,
    pub(super) customer: u32,
    pub(super) address: u32,
    pub(super) sale: bool,
    /// Few lines from somebody new or unnamed.
    pub(super) small_fresh: bool,
    /// Few lines from anybody.
    pub(super) small: bool,
    pub(super) basket: Basket,
}

/// How many came in the minutes before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) all: f32,
    pub(super) small: f32,
    pub(super) small_fresh: f32,
}

/// The best match among the orders of the last two days.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Match {
    /// Lines with the same item and the same units, over all lines of the two: 0 to 1.
    pub(super) overlap: f32,
    /// Lines with the same item and units.
    pub(super) lines: f32,
    /// Seconds before.
    pub(super) ago: i64,
}

/// Orders of the last two days.
#[derive(Debug, Clone, Default)]
pub(super) struct Crowd {
    traces: VecDeque<Trace>,
    first: u64,
    usual_quarter: Fading,
    usual_all: Fading,
}

impl Crowd {
    /// The number that the next order gets.
    pub(super) fn next(&self) -> u64 {
        self.first + self.traces.len() as u64
    }

    pub(super) fn learn(&mut self, trace: Trace) {
        let counts = self.counts(trace.at, 15 * 60);
        self.usual_quarter.push(counts.small_fresh, 2000.0);
        self.usual_all.push(counts.all, 2000.0);
        let at = trace.at;
        self.traces.push_back(trace);
        while self.traces.len() > ROOM
            || self.traces.front().is_some_and(|old| at - old.at > WINDOW)
        {
            self.traces.pop_front();
            self.first += 1;
        }
    }

    pub(super) fn trace(&self, number: u64) -> Option<&Trace> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.traces.get(place)
    }

    /// Sales in the seconds before.
    pub(super) fn counts(&self, at: i64, seconds: i64) -> Counts {
        let mut counts = Counts::default();
        let near = self.traces.iter().rev().take(COUNTED);
        for trace in near.take_while(|trace| at - trace.at <= seconds).filter(|trace| trace.sale) {
            counts.all += 1.0;
            counts.small += if trace.small { 1.0 } else { 0.0 };
            counts.small_fresh += if trace.small_fresh { 1.0 } else { 0.0 };
        }
        counts
    }

    /// How many small orders of new people, and orders at all, are usual in a quarter of an hour.
    pub(super) fn usual(&self) -> (f32, f32) {
        (self.usual_quarter.mean(0.3, 20.0), self.usual_all.mean(1.0, 20.0))
    }

    /// The best match for a basket among orders with these numbers.
    pub(super) fn best(
        &self,
        at: i64,
        basket: &[(u32, f64)],
        numbers: impl Iterator<Item = u64>,
        wanted: impl Fn(&Trace) -> bool,
    ) -> Match {
        let mut best = Match::default();
        for trace in numbers.filter_map(|number| self.trace(number)).filter(|trace| wanted(trace)) {
            let shared = shared(basket, &trace.basket);
            let all = basket.len() + trace.basket.len() - shared;
            let overlap = shared as f32 / all.max(1) as f32;
            if overlap > best.overlap {
                best = Match { overlap, lines: shared as f32, ago: (at - trace.at).max(0) };
            }
        }
        best
    }
}

/// Lines with the same item and units in two baskets, both by item.
fn shared(one: &[(u32, f64)], other: &[(u32, f64)]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while let (Some(a), Some(b)) = (one.get(i), other.get(j)) {
        match a.0.cmp(&b.0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                shared += usize::from((a.1 - b.1).abs() < 1e-6);
                i += 1;
                j += 1;
            }
        }
    }
    shared
}
