//! Proposals that bring inbound goods, own stock and need together, and what is expected to be ordered.

use crate::domain::*;
use crate::plan::coordinate::{InboundProposal, TransferProposal, Week};
use serde::{Deserialize, Serialize};

/// A row of the coordination table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoordinationRow {
    /// What is proposed, or was accepted; `None`: nothing can be said of a line that is on order.
    pub measure: Option<Measure>,
    /// Tells it from all others.
    pub key: Box<str>,
    /// What.
    pub sku: Sku,
    /// Its name.
    pub name: Box<str>,
    /// Where the goods go.
    pub site: SiteId,
    /// The supplier, or the giving site's code.
    pub from: Box<str>,
    /// The supplier's name, where it is known.
    pub from_name: Box<str>,
    /// By which order, or transfer that has left.
    pub po: Option<PoNumber>,
    /// Units.
    pub qty: Qty,
    /// When they are due so far.
    pub due: Option<Day>,
    /// How far it has come.
    pub state: CoordinationState,
    /// The figures behind it; `None`: it was accepted, or nothing can be said.
    pub figures: Option<Box<Figured>>,
    /// Why, in words.
    pub why: Box<str>,
    /// What it would mean, or what came of it, in words.
    pub effect: Box<str>,
    /// What was decided about it before, or what it waits for, in words.
    pub note: Box<str>,
    /// Whether the store can do it: a feed's orders are changed where they were placed.
    pub own: bool,
    /// Its supplier: of an order's lines who brings them, of a transfer who else would.
    pub supplier: Option<SupplierId>,
}

impl CoordinationRow {
    /// Whether it is to be decided, and here.
    pub fn can_be_decided(&self) -> bool {
        self.own && self.state == CoordinationState::Proposed
    }
    /// What it is expected to be worth, in major units of its currency, beyond what it costs as far as
    /// that is known.
    pub fn worth(&self) -> Option<f64> {
        match self.figures.as_deref()? {
            Figured::Line(line) => Some(line.worth),
            Figured::Transfer(goods) => Some(goods.worth),
        }
    }
}

/// The figures behind a proposal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Figured {
    /// About a line that is on order.
    Line(InboundProposal),
    /// About goods of another site.
    Transfer(TransferProposal),
}

/// How far a proposal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoordinationState {
    /// It is to be decided.
    Proposed,
    /// It was accepted, and can be taken back.
    Accepted,
    /// The supplier was asked, and has not answered.
    Asked,
    /// The supplier answered.
    Answered(Reply),
    /// The goods have left for the other site.
    UnderWay,
    /// It was turned down or put off, and that counts still.
    Quiet,
    /// Nothing can be said until somebody mends something.
    Unknown,
}

impl CoordinationState {
    /// All words, as they can be filtered by.
    pub const WORDS: &'static [&'static str] =
        &["proposed", "accepted", "asked", "yes", "partly", "no", "underway", "quiet", "unknown"];

    /// One lower-case word.
    pub const fn word(self) -> &'static str {
        match self {
            CoordinationState::Proposed => "proposed",
            CoordinationState::Accepted => "accepted",
            CoordinationState::Asked => "asked",
            CoordinationState::Answered(reply) => reply.word(),
            CoordinationState::UnderWay => "underway",
            CoordinationState::Quiet => "quiet",
            CoordinationState::Unknown => "unknown",
        }
    }
}

/// What is expected to be ordered in a week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectedRow {
    /// What.
    pub week: Week,
    /// The supplier's name, where it is known.
    pub supplier_name: Box<str>,
    /// The SKU's name; of all SKUs none.
    pub name: Box<str>,
}
