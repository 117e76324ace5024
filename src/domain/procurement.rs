//! Buying: what is approved to be ordered, and what becomes of an order to a supplier.

use super::{Day, Money, PoNumber, Qty, SiteId, Sku, SupplierId, UnitPrice};
use serde::{Deserialize, Serialize};

/// What was proposed to be ordered of a SKU for a site, as the person saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// How many.
    pub qty: Qty,
    /// From whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<SupplierId>,
    /// When they would be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
    /// CRC-32 of all of the proposal that a person decides on; another one: it has changed.
    pub checksum: u32,
    /// For which order day; `None`: nothing was proposed, or the entry is older than this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

/// The order day of a supplier that a proposal was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The day on which it was to be ordered.
    pub order: Day,
    /// The day of the order after it, up to which it is decided: it was to last until that one comes.
    pub next: Day,
    /// Whether it was expected to run out before the next goods come.
    pub short: bool,
}

/// A line that somebody approved to be ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// What.
    pub sku: Sku,
    /// For where.
    pub site: SiteId,
    /// From whom; `None` is for the desk to fill in: the proposal's, else the product's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<SupplierId>,
    /// How many.
    pub qty: Qty,
    /// Cost of one unit, filled in by the desk; one that is given has to be the same. `None`: nobody
    /// knows it, as of a supplier other than the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<UnitPrice>,
    /// When the goods are to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
    /// The proposal that was shown; `None`: the line was written by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested: Option<Suggestion>,
}

impl Approval {
    /// What the line costs; `None`: nobody knows.
    pub fn value(&self) -> Option<Money> {
        self.cost.map(|cost| cost.times(self.qty))
    }
    /// Whether quantity, supplier or date are another one than proposed.
    pub fn is_edited(&self) -> bool {
        let differs = |shown: &Suggestion| {
            shown.qty != self.qty
                || (shown.supplier.is_some() && shown.supplier != self.supplier)
                || (shown.due.is_some() && shown.due != self.due)
        };
        self.suggested.as_ref().is_some_and(differs)
    }
}

/// A line of an order that the store placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedLine {
    /// The journal entry that approved it.
    pub approval: u64,
    /// What.
    pub sku: Sku,
    /// How many.
    pub qty: Qty,
    /// Cost of one unit; `None`: nobody knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<UnitPrice>,
}

impl PlacedLine {
    /// What the line costs; `None`: nobody knows.
    pub fn value(&self) -> Option<Money> {
        self.cost.map(|cost| cost.times(self.qty))
    }
}

/// A line of an order as the supplier confirms it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmedLine {
    /// What.
    pub sku: Sku,
    /// How many will come; `None`: as ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qty: Option<Qty>,
    /// When they will come; `None`: as ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
}

/// What the outside said of an order, or of its cancellation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// A target took it.
    Sent {
        /// Which target; "by hand" where a person told the supplier.
        target: Box<str>,
        /// What the target calls it.
        reference: Option<Box<str>>,
    },
    /// A target took the word that it is cancelled.
    CancellationSent {
        /// Which target; "by hand" where a person told the supplier.
        target: Box<str>,
        /// What the target calls it.
        reference: Option<Box<str>>,
    },
    /// The supplier confirmed it. Lines that are not named come as ordered.
    Confirmed {
        /// What was said of lines.
        lines: Vec<ConfirmedLine>,
        /// When all of it will come; `None`: as ordered.
        due: Option<Day>,
    },
    /// No target will take it, however often it is tried.
    Failed {
        /// Which target.
        target: Box<str>,
        /// Why.
        reason: Box<str>,
        /// How often it was tried.
        attempts: u32,
    },
}

impl Told {
    /// The same of an order's cancellation.
    pub fn of_cancellation(self) -> Told {
        match self {
            Told::Sent { target, reference } => Told::CancellationSent { target, reference },
            other => other,
        }
    }
}

/// How far an own order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuyingState {
    /// Approved lines that can still be taken back, or wait for a second person.
    Draft,
    /// Placed under a number; the supplier has not been told yet.
    Approved,
    /// The supplier was told.
    Sent,
    /// The supplier confirmed it.
    Acknowledged,
    /// A part has arrived.
    PartlyReceived,
    /// All has arrived.
    Received,
    /// What has not arrived will not come.
    Closed,
    /// Called off.
    Cancelled,
}

impl BuyingState {
    /// All, in the order of an order's life.
    pub const ALL: [BuyingState; 8] = [
        BuyingState::Draft,
        BuyingState::Approved,
        BuyingState::Sent,
        BuyingState::Acknowledged,
        BuyingState::PartlyReceived,
        BuyingState::Received,
        BuyingState::Closed,
        BuyingState::Cancelled,
    ];

    /// One lower-case phrase.
    pub const fn word(self) -> &'static str {
        match self {
            BuyingState::Draft => "draft",
            BuyingState::Approved => "approved",
            BuyingState::Sent => "sent",
            BuyingState::Acknowledged => "acknowledged",
            BuyingState::PartlyReceived => "partly received",
            BuyingState::Received => "received",
            BuyingState::Closed => "closed",
            BuyingState::Cancelled => "cancelled",
        }
    }
    /// Whether goods may still come by it.
    pub const fn is_open(self) -> bool {
        !matches!(self, BuyingState::Received | BuyingState::Closed | BuyingState::Cancelled)
    }
}

/// The number of the `nth` own order, from 1: `PO-000001`.
pub fn own_number(prefix: &str, nth: u64) -> PoNumber {
    PoNumber::new(format!("{prefix}{nth:06}"))
}

/// Adds up costs; where they are in several currencies there is no sum, but the currencies.
pub fn total<I: IntoIterator<Item = Option<Money>>>(values: I) -> Total {
    let mut total = Total::default();
    values.into_iter().for_each(|value| total.add(value));
    total
}

/// What several lines cost together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// One amount a currency; empty: nothing is known.
    pub known: Vec<Money>,
    /// Lines of which nobody knows the cost.
    pub unknown: u32,
}

impl Total {
    /// Adds the cost of a line. One below nothing cannot be meant, and counts as unknown.
    pub fn add(&mut self, value: Option<Money>) {
        let Some(value) = value.filter(|value| value.minor >= 0) else {
            self.unknown += 1;
            return;
        };
        match self.known.iter_mut().find(|known| known.currency == value.currency) {
            Some(known) => known.minor = known.minor.saturating_add(value.minor),
            None => self.known.push(value),
        }
    }
    /// The amount, where it is known of every line and in one currency.
    pub fn exact(&self) -> Option<Money> {
        match self.known[..] {
            [money] if self.unknown == 0 => Some(money),
            _ => None,
        }
    }
}

impl std::fmt::Display for Total {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known: Vec<String> =
            self.known.iter().map(|money| format!("{}{money}", money.currency.sign())).collect();
        match (known.is_empty(), self.unknown) {
            (true, 0) => f.write_str("nothing"),
            (true, _) => f.write_str("unknown"),
            (false, 0) => f.write_str(&known.join(" + ")),
            (false, lines) => {
                let lines = if lines == 1 { "1 line".into() } else { format!("{lines} lines") };
                write!(f, "{} + {lines} of unknown cost", known.join(" + "))
            }
        }
    }
}
