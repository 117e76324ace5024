//! What is kept of flags in the store: what was said of orders, what else was raised, and the networks
//! that score. All of it can be made again, though a network fitted anew says a little else.

use crate::domain::{CaseId, CustomerRef, Money, OrderKey, Sku, Timestamp};
use crate::insight::anomaly::rules::Cause;
use crate::insight::anomaly::{Raised, ToldWrong};
use crate::orders::Row;
use crate::store::Table;
use serde::{Deserialize, Serialize};

/// A reason for a flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptReason {
    /// The rule that it comes from.
    pub rule: Box<str>,
    /// In words.
    pub text: Box<str>,
    /// Money at stake by it.
    pub cost: Money,
    /// The SKU that it is about.
    pub sku: Option<Sku>,
    /// How strongly it speaks among the order's reasons.
    pub weight: f32,
}

/// What was said of an order when it arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptFlag {
    /// Which order.
    pub order: OrderKey,
    /// Who ordered.
    pub customer: Option<CustomerRef>,
    /// When it was placed.
    pub at: Timestamp,
    /// The number of its case.
    pub case: u64,
    /// How likely it is wrong, 0 to 1.
    pub score: f32,
    /// What the first reason is about, the line that it is about, and what is at stake by it as the
    /// detection counts.
    pub found: (Cause, Option<u16>, f64),
    /// At most five, the strongest first.
    pub reasons: Vec<KeptReason>,
    /// Money at stake by the first.
    pub cost: Money,
    /// What the network saw, and the version that saw it; empty where rules alone spoke.
    pub seen: (u32, Vec<f32>),
}

/// Something raised that is not about orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptRaised {
    /// What.
    pub raised: Raised,
    /// When it was raised.
    pub at: Timestamp,
    /// When it was over.
    pub over: Option<Timestamp>,
}

/// A version of the network that scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptVersion {
    /// When it was made.
    pub made: Timestamp,
    /// Orders that it was fitted to.
    pub orders: u64,
    /// Decisions that it learnt from.
    pub decisions: u64,
    /// Average precision on the latest decisions before and after that.
    pub better: Option<(f32, f32)>,
    /// Parts in which its numbers lie in the store.
    pub parts: u32,
}

/// Flags of orders, by the order's row.
pub enum OrderFlags {}

impl Table for OrderFlags {
    const TAG: u8 = 50;
    const NAME: &'static str = "flags of orders";
    const SCHEMA: u8 = 1;
    type Key = Row;
    type Value = KeptFlag;
}

/// Cases that are not about orders, by the kind's letter and the number.
pub enum RaisedCases {}

impl Table for RaisedCases {
    const TAG: u8 = 51;
    const NAME: &'static str = "other flags";
    const SCHEMA: u8 = 1;
    type Key = (Box<str>, u64);
    type Value = KeptRaised;
}

impl RaisedCases {
    /// A case as a key.
    pub fn key(case: CaseId) -> (Box<str>, u64) {
        (case.kind.word().into(), case.number)
    }
}

/// Orders that a feed told wrongly, by its case; beside it, since they are many.
pub enum RaisedOrders {}

impl Table for RaisedOrders {
    const TAG: u8 = 60;
    const NAME: &'static str = "orders of other flags";
    const SCHEMA: u8 = 1;
    type Key = (Box<str>, u64);
    type Value = ToldWrong;
}

/// Versions of the network that scores, by number.
pub enum FlagVersions {}

impl Table for FlagVersions {
    const TAG: u8 = 52;
    const NAME: &'static str = "flag models";
    const SCHEMA: u8 = 1;
    type Key = u32;
    type Value = KeptVersion;
}

/// The numbers of a version, in parts: a large record moves whole at each change near it.
pub enum FlagModelParts {}

impl Table for FlagModelParts {
    const TAG: u8 = 53;
    const NAME: &'static str = "parts of flag models";
    const SCHEMA: u8 = 1;
    type Key = (u32, u32);
    type Value = Vec<u8>;
}
