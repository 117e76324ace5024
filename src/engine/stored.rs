//! An order as it is kept: what was last told of it, and whether its source still has it.

use crate::domain::{Order, OrderStatus, Timestamp, Version};
use serde::{Deserialize, Serialize};

/// An order and when its feed told of it.
///
/// It is a function of the *set* of observations, whatever the order in which they came: the told
/// version with the largest [`Version`] counts, and the order is gone while the latest request that
/// did not find it was started no earlier than every request that did. That it is gone is never
/// ordered by a source's time: a source cannot date what it no longer has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredOrder {
    /// As it was told, whether or not it is gone since.
    told: Order,
    /// When the request that told this version was started.
    asked: Timestamp,
    /// When the latest request that saw the order, in whatever version, was started.
    seen: Timestamp,
    /// When the latest request that did not find it was started, if it counts.
    gone: Option<Timestamp>,
}

/// What an observation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The order is another one now.
    Changed,
    /// The order is as it was, and that is known as of a later request.
    Confirmed,
    /// Nothing: it is known, or older than what is known.
    Nothing,
}

impl StoredOrder {
    /// An order that nothing was known of, but that a request may not have found.
    pub fn new(order: Order, asked: Timestamp, gone: Option<Timestamp>) -> Self {
        StoredOrder { told: order, asked, seen: asked, gone: gone.filter(|gone| *gone >= asked) }
    }
    /// The order as it stands.
    pub fn order(&self) -> Order {
        match self.gone {
            Some(_) => Order { status: OrderStatus::Gone, ..self.told.clone() },
            None => self.told.clone(),
        }
    }
    /// The same, of which nothing else is needed.
    pub fn into_order(self) -> Order {
        match self.gone {
            Some(_) => Order { status: OrderStatus::Gone, ..self.told },
            None => self.told,
        }
    }
    /// Whether its source no longer has it.
    pub fn is_gone(&self) -> bool {
        self.gone.is_some()
    }
    /// Domain time of the request that brought what is shown.
    pub fn heard_at(&self) -> Timestamp {
        self.gone.unwrap_or(self.asked)
    }
    /// A request that was started at `asked` told of a version.
    pub fn tell(&mut self, order: Order, asked: Timestamp) -> Told {
        let newer = Version::of(&order, asked) > Version::of(&self.told, self.asked);
        let back = self.gone.is_some_and(|gone| gone < asked);
        let changed = back || (newer && order != self.told);
        let confirmed = newer || asked > self.seen;
        if newer {
            (self.told, self.asked) = (order, asked);
        }
        if back {
            self.gone = None;
        }
        self.seen = self.seen.max(asked);
        match (changed, confirmed) {
            (true, _) => Told::Changed,
            (false, true) => Told::Confirmed,
            (false, false) => Told::Nothing,
        }
    }
    /// A request that was started at `asked` did not find it.
    pub fn tell_gone(&mut self, asked: Timestamp) -> Told {
        if asked < self.seen || self.gone.is_some_and(|gone| gone >= asked) {
            return Told::Nothing;
        }
        match self.gone.replace(asked) {
            // Kept for good too: it decides which later word can bring the order back.
            Some(_) => Told::Confirmed,
            None => Told::Changed,
        }
    }
}
