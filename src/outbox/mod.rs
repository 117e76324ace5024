//! The outbox: tells suppliers' systems of orders, exactly once in effect, and shops what to make of
//! theirs ([`Shop`]).
//!
//! It knows documents and targets, and nothing of who decided what. A [`Target`] takes a
//! [`PurchaseDocument`]; the same document may be handed to it any number of times (after a crash,
//! after an answer that was lost), and always carries the same key, or the same file name, by which
//! the other side knows it again. What is to be sent is kept by the journal, not here.

mod document;
mod error;
mod file;
mod mail;
mod notice;
pub mod notify;
mod post;
mod retry;
mod routes;
mod shop;

pub use document::{DocumentKind, DocumentLine, PurchaseDocument};
pub use error::DeliveryError;
pub use file::{FileDrop, FileShape};
pub use mail::Letterhead;
pub use notice::ShippingNotice;
pub use post::{Login, Post, signature};
pub use retry::Backoff;
pub use routes::{Route, Routes};
pub use shop::{Shop, WooShop};

use crate::domain::{ConfirmedLine, Day, Timestamp};
use crate::feed::Pending;
use std::fmt;

/// Where orders go.
pub trait Target: Send + Sync {
    /// Its name in the configuration.
    fn name(&self) -> &str;
    /// What would be done for a document, to the byte; `now` is the moment that a signature states.
    fn request(&self, document: &PurchaseDocument, now: Timestamp) -> Request;
    /// Does it, once. A document that the other side has already is no error.
    fn deliver<'a>(
        &'a self,
        document: &'a PurchaseDocument,
    ) -> Pending<'a, Result<Delivered, DeliveryError>>;
    /// Tells it from where an order ships, once. A notice that the other side has already is no error.
    fn notify<'a>(
        &'a self,
        notice: &'a ShippingNotice,
    ) -> Pending<'a, Result<Delivered, DeliveryError>>;
}

/// What is done for a document. Displayed, it is what a dry run prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The first line: a method and an address, or a file that is written.
    pub line: String,
    /// Headers, in order.
    pub headers: Vec<(&'static str, String)>,
    /// What follows them.
    pub body: String,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.line)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        write!(f, "\n{}", self.body)
    }
}

/// A document that was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// What the other side calls it.
    pub reference: Option<Box<str>>,
    /// What it confirmed at once: lines that were told apart, and when all will come.
    pub confirmed: Option<(Vec<ConfirmedLine>, Option<Day>)>,
}

#[cfg(test)]
mod tests;
