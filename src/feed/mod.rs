//! Feeds: where orders, stock and master data come from.
//!
//! A [`Source`] reads one system and hands pages to a [`Ledger`]. What the ledger does with them is
//! not the feed's business; what it promises is: a page is applied whole, together with its cursor,
//! before [`Ledger::apply`] returns.

pub mod board;
pub mod demo;
pub mod files;

pub use board::{FeedBoard, FeedState, FeedStatus};

use crate::domain::{Cursor, FeedId, Page, Timestamp};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A boxed future, since sources are chosen by configuration at run time.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What became of a page, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Records that were new.
    pub new: usize,
    /// How many of those were orders.
    pub orders: usize,
    /// How many of those were products.
    pub products: usize,
    /// Records that replaced an older version.
    pub changed: usize,
    /// Records that were known already, or older than what is known.
    pub same: usize,
    /// Records that could not be understood and were not in quarantine before.
    pub rejected: usize,
}

impl std::ops::AddAssign for Applied {
    fn add_assign(&mut self, more: Applied) {
        self.new += more.new;
        self.orders += more.orders;
        self.products += more.products;
        self.changed += more.changed;
        self.same += more.same;
        self.rejected += more.rejected;
    }
}

impl Applied {
    /// What came after an earlier sum was taken.
    pub fn since(self, earlier: Applied) -> Applied {
        Applied {
            new: self.new.saturating_sub(earlier.new),
            orders: self.orders.saturating_sub(earlier.orders),
            products: self.products.saturating_sub(earlier.products),
            changed: self.changed.saturating_sub(earlier.changed),
            same: self.same.saturating_sub(earlier.same),
            rejected: self.rejected.saturating_sub(earlier.rejected),
        }
    }
    /// What was new, by kind: `2,000 orders, 300 products` (`nothing` where nothing was).
    pub fn new_by_kind(&self, count: impl Fn(u64) -> String) -> String {
        let others = self.new.saturating_sub(self.orders + self.products);
        let kinds = [
            (self.orders, "order", "orders"),
            (self.products, "product", "products"),
            (others, "other record", "other records"),
        ];
        let some = kinds.into_iter().filter(|(n, ..)| *n > 0);
        let told: Vec<String> = some
            .map(|(n, one, many)| {
                format!("{} {}", count(n as u64), if n == 1 { one } else { many })
            })
            .collect();
        if told.is_empty() { "nothing".to_owned() } else { told.join(", ") }
    }
}

/// The receiving side of a feed.
pub trait Ledger: Send + Sync {
    /// Applies a page atomically together with its cursor; returns when it is durable against a
    /// killed process.
    fn apply<'a>(&'a self, page: Page) -> Pending<'a, Result<Applied, FeedError>>;
    /// The cursor that was stored with the feed's last applied page that carried one.
    fn cursor(&self, feed: &FeedId) -> Result<Option<Cursor>, FeedError>;
    /// Domain time.
    fn now(&self) -> Timestamp;
    /// Keys of the orders of this feed that are not final (see [`crate::domain::OrderStatus::is_final`]), oldest first,
    /// at most `limit`: what a slower wheel reads again, since "updated" is no change log.
    fn open_orders(&self, feed: &FeedId, limit: usize) -> Vec<crate::domain::OrderNo>;
    /// Keys of the orders of this feed that were placed at or after a moment and are not gone, at
    /// most `limit`: what a sweep compares with what the source lists.
    fn orders_since(
        &self,
        feed: &FeedId,
        from: Timestamp,
        limit: usize,
    ) -> Vec<crate::domain::OrderNo>;
}

/// What a source runs with.
#[derive(Clone)]
pub struct FeedContext {
    /// The feed's name in the configuration.
    pub id: FeedId,
    /// Where its pages go.
    pub ledger: Arc<dyn Ledger>,
    /// Where it shows how it fares.
    pub board: Arc<FeedBoard>,
    /// Turns what identifies a person into a pseudonym, at this door.
    pub pseudonyms: Arc<crate::feed::pseudonym::Pseudonyms>,
    /// Cancelled when the feed is to stop.
    pub stop: tokio::sync::watch::Receiver<bool>,
}

/// One system that is read.
pub trait Source: Send {
    /// Reads once up to the present (`sync --once`, imports): returns when nothing is left to read.
    fn sync<'a>(&'a mut self, context: &'a FeedContext) -> Pending<'a, Result<(), FeedError>>;
    /// How long to wait after a successful [`Source::sync`] before the next.
    fn interval(&self) -> std::time::Duration;
}

/// Why a feed cannot go on for now.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum FeedError {
    /// Worth another try: time-out, 429, 5xx, a body that broke off, HTML where JSON was due.
    #[error("{reason}")]
    Transient {
        /// One sentence: what was asked and what came back.
        reason: String,
        /// How long the source asked to wait.
        retry_after: Option<std::time::Duration>,
    },
    /// Trying again cannot help until a person mends something: credentials, a missing file, a mapping.
    #[error("{reason}")]
    Permanent {
        /// One sentence: what is wrong and the mend.
        reason: String,
    },
    /// It was asked for what cannot be: a preset, a mapping or an option that does not fit.
    #[error("{reason}")]
    Usage {
        /// One sentence: what is wrong and the mend.
        reason: String,
    },
    /// The feed was asked to stop.
    #[error("stopped")]
    Stopped,
}

pub mod http;
pub mod pseudonym;
pub mod reread;
pub mod run;
pub mod woocommerce;
