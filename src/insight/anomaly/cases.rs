//! Flags that share a cause are one case: what a person sees and decides on.

use super::names::UNKNOWN;
use super::recent::Rate;
use super::rules::Cause;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Below this probability an order is a case of its own that nobody asks for.
pub const LINKED: f64 = 0.03;
/// From this probability on a case is worth waking up for.
pub const URGENT: f64 = 0.8;
/// Orders of one customer or address belong together for this long, seconds.
const TOGETHER: i64 = 2 * 86_400;
/// Returns for longer: abuse takes weeks.
const RETURNS: i64 = 21 * 86_400;
/// What is wrong with one item belongs together for a day.
const ITEM: i64 = 86_400;
/// A burst or a flood goes on while the next order comes within this long.
const BURST: i64 = 30 * 60;
/// From this probability on an order counts towards a flood.
const FLOODING: f64 = 0.2;
/// As many of one cause by one feed within about an hour are a flood: what is wrong is the feed.
const FLOOD: f64 = 5.0;
/// What was shared longest ago is forgotten when so many things are remembered.
const REMEMBERED: usize = 50_000;

/// A case: orders that share a cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its number, from 1, in the order in which cases begin.
    pub id: u64,
    /// When its first order came, seconds on the store's wall clock.
    pub from: i64,
    /// When its latest order came.
    pub to: i64,
    /// Orders in it.
    pub orders: u32,
    /// The highest score of its orders so far.
    pub score: f64,
    /// Money at stake over its orders.
    pub cost: f64,
    /// What its worst order is about.
    pub cause: Cause,
}

/// What orders may share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Customer(u32, bool),
    Address(u32, bool),
    Item(u32, Cause),
    Burst,
    Flood(u32, Cause),
}

/// Puts orders into cases as they come.
#[derive(Debug, Clone, Default)]
pub struct Cases {
    begun: u64,
    cases: BTreeMap<u64, Case>,
    latest: FxHashMap<Key, (u64, i64)>,
    floods: FxHashMap<(u32, Cause), Rate>,
}

/// What decides which case an order belongs to. Customer, address, feed and item are numbers; the item
/// is the one that the first reason is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) at: i64,
    pub(super) customer: u32,
    pub(super) address: u32,
    pub(super) feed: u32,
    pub(super) item: u32,
    pub(super) cause: Cause,
    pub(super) score: f64,
    pub(super) cost: f64,
}

impl Cases {
    /// No cases.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an order into its case. Returns the case's number.
    pub(super) fn place(&mut self, found: Found) -> u64 {
        if found.score < LINKED {
            self.begun += 1;
            return self.begun;
        }
        let keys = self.keys(found);
        let known = keys.iter().find_map(|&(key, within)| {
            self.latest.get(&key).filter(|(_, at)| found.at - at <= within).map(|&(id, _)| id)
        });
        let id = known.unwrap_or(self.begun + 1);
        self.begun = self.begun.max(id);
        let case = self.cases.entry(id).or_insert(Case {
            id,
            from: found.at,
            to: found.at,
            orders: 0,
            score: found.score,
            cost: 0.0,
            cause: found.cause,
        });
        if found.score > case.score {
            (case.score, case.cause) = (found.score, found.cause);
        }
        case.to = case.to.max(found.at);
        case.orders = case.orders.saturating_add(1);
        case.cost += found.cost;
        for (key, _) in keys {
            self.latest.insert(key, (id, found.at));
        }
        if self.latest.len() > REMEMBERED {
            self.latest.retain(|_, (_, at)| found.at - *at <= RETURNS);
        }
        id
    }

    /// What an order may share with a case, and for how long.
    fn keys(&mut self, found: Found) -> Vec<(Key, i64)> {
        let mut keys = Vec::new();
        if self.floods(found) {
            keys.push((Key::Flood(found.feed, found.cause), BURST));
        }
        let back = matches!(found.cause, Cause::Returns | Cause::Unbought);
        let within = if back { RETURNS } else { TOGETHER };
        if found.customer != UNKNOWN {
            keys.push((Key::Customer(found.customer, back), within));
        }
        if found.address != UNKNOWN {
            keys.push((Key::Address(found.address, back), within));
        }
        if found.cause == Cause::Burst {
            keys.push((Key::Burst, BURST));
        }
        if found.item != UNKNOWN {
            keys.push((Key::Item(found.item, found.cause), ITEM));
        }
        keys
    }

    /// Whether so much of one cause comes by one feed that the feed is what is wrong.
    fn floods(&mut self, found: Found) -> bool {
        if found.score < FLOODING {
            return false;
        }
        let rate = self.floods.entry((found.feed, found.cause)).or_insert_with(|| Rate::new(3600));
        rate.push(found.at, 1.0);
        rate.level(found.at) >= FLOOD
    }

    /// A case by its number; `None` for an order that nobody asked about.
    pub fn case(&self, id: u64) -> Option<&Case> {
        self.cases.get(&id)
    }

    /// All cases so far, in the order in which they began.
    pub fn all(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }
}
