//! Bringing inbound goods, own stock and need together: what can be asked of a supplier about a line
//! that is on order, and goods that one own site sends to another.

use super::{Day, Money, PoNumber, Qty, SiteId, Sku};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a supplier is asked to change about a line of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// To bring it sooner.
    Expedite {
        /// The day by which it is wanted.
        by: Day,
    },
    /// To bring it later.
    Defer {
        /// The day before which it is not wanted.
        until: Day,
    },
    /// Not to bring it.
    Cancel,
}

impl Ask {
    /// One lower-case word.
    pub const fn word(self) -> &'static str {
        match self {
            Ask::Expedite { .. } => "expedite",
            Ask::Defer { .. } => "defer",
            Ask::Cancel => "cancel",
        }
    }
    /// The day that is named; `None`: none is.
    pub const fn day(self) -> Option<Day> {
        match self {
            Ask::Expedite { by: day } | Ask::Defer { until: day } => Some(day),
            Ask::Cancel => None,
        }
    }
}

/// A request to a supplier about a line of an own order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRequest {
    /// Which order.
    pub po: PoNumber,
    /// Which of its lines, from 1; filled in by the desk.
    pub line: u32,
    /// What is on it.
    pub sku: Sku,
    /// How many units are still to come of it; filled in by the desk.
    pub qty: Qty,
    /// When they are due so far, where that is known; filled in by the desk.
    #[serde(default)]
    pub due: Option<Day>,
    /// What is asked.
    pub ask: Ask,
    /// Why.
    pub reason: String,
}

impl fmt::Display for LineRequest {
    /// `expedite order PO-000012 line 3: wanted by 2026-12-03`, as the supplier reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, po, line) = (self.ask.word(), &self.po, self.line);
        match self.ask {
            Ask::Expedite { by } => write!(f, "{word} order {po} line {line}: wanted by {by}"),
            Ask::Defer { until } => write!(f, "{word} order {po} line {line}: not before {until}"),
            Ask::Cancel => write!(f, "{word} order {po} line {line}: not wanted any more"),
        }
    }
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// All that was asked.
    Yes,
    /// A part of it: another day, or fewer units.
    Partly,
    /// Nothing of it.
    No,
}

impl Reply {
    /// One lower-case word.
    pub const fn word(self) -> &'static str {
        match self {
            Reply::Yes => "yes",
            Reply::Partly => "partly",
            Reply::No => "no",
        }
    }
}

/// Goods that one own site is to send to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferOrder {
    /// What.
    pub sku: Sku,
    /// From where.
    pub from: SiteId,
    /// To where.
    pub to: SiteId,
    /// How many.
    pub qty: Qty,
    /// The day on which they should be there.
    pub due: Day,
    /// What sending them costs, where that is known.
    #[serde(default)]
    pub cost: Option<Money>,
    /// Why.
    pub reason: String,
}

/// Something that would bring inbound goods, own stock and need together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// To ask the supplier something about a line of an order.
    Line(LineRequest),
    /// To send goods from one own site to another.
    Transfer(TransferOrder),
}

impl Measure {
    /// What it is about: the same for every proposal about one line, or one SKU and way between sites.
    pub fn key(&self) -> String {
        match self {
            Measure::Line(line) => format!("{}:{}", line.po, line.sku),
            Measure::Transfer(goods) => format!("{}>{}:{}", goods.from, goods.to, goods.sku),
        }
    }
    /// What it is called: `expedite`, `defer`, `cancel` or `transfer`.
    pub const fn word(&self) -> &'static str {
        match self {
            Measure::Line(line) => line.ask.word(),
            Measure::Transfer(_) => "transfer",
        }
    }
    /// The SKU.
    pub const fn sku(&self) -> &Sku {
        match self {
            Measure::Line(line) => &line.sku,
            Measure::Transfer(goods) => &goods.sku,
        }
    }
    /// How many units it is about.
    pub const fn qty(&self) -> Qty {
        match self {
            Measure::Line(line) => line.qty,
            Measure::Transfer(goods) => goods.qty,
        }
    }
    /// The decision that takes it.
    pub fn accept(self) -> super::Decision {
        match self {
            Measure::Line(line) => super::Decision::AskSupplier(line),
            Measure::Transfer(goods) => super::Decision::SendTransfer(goods),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Measure::Line(line) => write!(f, "{line} ({} × {})", line.qty, line.sku),
            Measure::Transfer(TransferOrder { sku, from, to, qty, due, .. }) => {
                write!(f, "transfer {qty} × {sku} {from} → {to} for {due}")
            }
        }
    }
}
