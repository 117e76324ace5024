//! Which of two observations of an order is the newer one.

use super::{Order, Timestamp};
use std::hash::{Hash, Hasher};

/// An order's version, by which observations of it are told apart: the larger one counts, in
/// whatever order they arrive.
///
/// A source's own time comes first. Sources that keep it to the second may change an order twice
/// within one; then the one further on in its life counts. "Updated at" is no change log either:
/// of two versions with one time and one rank, the one that was asked for later counts. What is
/// left is a fixed choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// When the source last changed it, as the source says.
    pub source: Timestamp,
    /// How far it has come; see [`super::OrderStatus::rank`].
    pub rank: u8,
    /// When the request that told of it was started.
    pub asked: Timestamp,
    /// Hash of all that it says; the same for the same order within one program.
    pub content: u64,
}

impl Version {
    /// The version of an order that a request started at `asked` told of.
    pub fn of(order: &Order, asked: Timestamp) -> Self {
        let mut hasher = rustc_hash::FxHasher::default();
        order.hash(&mut hasher);
        Version {
            source: order.updated_at,
            rank: order.status.rank(),
            asked,
            content: hasher.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::*;

    fn order(status: OrderStatus, updated: i64, country: &str) -> Order {
        Order {
            key: OrderKey { feed: "shop".into(), number: "1".into() },
            kind: OrderKind::Sale,
            status,
            placed_at: Timestamp::default(),
            updated_at: Timestamp::from_millis(updated),
            shipped_at: None,
            site: SiteId::main(),
            customer: None,
            country: Some(country.into()),
            total: Money::zero(Currency::GBP),
            aside: Aside::default(),
            lines: Vec::new(),
        }
    }

    #[test]
    fn source_time_then_rank_then_request_then_content_decide() {
        let version = |status, updated, asked, country| {
            Version::of(&order(status, updated, country), Timestamp::from_millis(asked))
        };
        use OrderStatus::{Open, Pending, Shipped};
        assert!(version(Pending, 2, 1, "") > version(Shipped, 1, 9, ""));
        assert!(version(Shipped, 1, 1, "") > version(Open, 1, 9, ""));
        assert!(version(Open, 1, 3, "a") > version(Open, 1, 2, "b"));
        assert_ne!(version(Open, 1, 1, "a"), version(Open, 1, 1, "b"));
        assert_eq!(version(Open, 1, 1, "a"), version(Open, 1, 1, "a"));
    }
}
