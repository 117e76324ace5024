//! Cases that are worth a look, and what people decide about them.

use super::{CustomerRef, FeedId, OrderKey, OrderStatus, SiteId, Sku, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a case is about.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// Orders that share a cause.
    #[default]
    Order,
    /// Stock that cannot be as it is told: phantom, shrinking, negative, cost that jumped.
    Stock,
    /// Demand outside what was forecast.
    Demand,
    /// A feed that is silent or tells something else than it used to.
    Feed,
}

impl CaseKind {
    /// Every kind.
    pub const ALL: [CaseKind; 4] =
        [CaseKind::Order, CaseKind::Stock, CaseKind::Demand, CaseKind::Feed];
    /// One lower-case word, as shown and as filtered by.
    pub const fn word(self) -> &'static str {
        match self {
            CaseKind::Order => "order",
            CaseKind::Stock => "stock",
            CaseKind::Demand => "demand",
            CaseKind::Feed => "feed",
        }
    }
    /// The letter before the number of such a case.
    pub const fn letter(self) -> char {
        match self {
            CaseKind::Order => 'O',
            CaseKind::Stock => 'S',
            CaseKind::Demand => 'D',
            CaseKind::Feed => 'F',
        }
    }
}

/// A case's name, such as `O1042`: the kind's letter and a number. That of orders is the place of their
/// first order among all orders of the store, from 1; that of the others follows from what they are
/// about. So a store that is made again has the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CaseId {
    /// What it is about.
    pub kind: CaseKind,
    /// Its number among those of its kind.
    pub number: u64,
}

impl CaseId {
    /// Reads `O1042`, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim().chars();
        let letter = rest.next()?.to_ascii_uppercase();
        let kind = CaseKind::ALL.into_iter().find(|kind| kind.letter() == letter)?;
        let digits = rest.as_str();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|number| is_number && *number > 0)?;
        Some(CaseId { kind, number })
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}{}", self.kind.letter(), self.number))
    }
}

/// From which strength on a rule speaks, in thousandths of the rule's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Threshold(i32);

impl Threshold {
    /// The largest, and with a minus the least.
    pub const MOST: f64 = 10_000.0;
    /// A strength in the rule's own unit; `None`: it is no number, or beyond the largest.
    pub fn new(strength: f64) -> Option<Self> {
        let is_one = strength.is_finite() && strength.abs() <= Self::MOST;
        is_one.then_some(Self((strength * 1_000.0).round() as i32))
    }
    /// In the rule's own unit.
    pub fn strength(self) -> f64 {
        f64::from(self.0) / 1_000.0
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.strength().to_string())
    }
}

/// What a case that is not about orders is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseSubject {
    /// A SKU; where, if it is about one site.
    Sku(Sku, Option<SiteId>),
    /// A site as a whole.
    Site(SiteId),
    /// A feed.
    Feed(FeedId),
}

impl fmt::Display for CaseSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CaseSubject::Sku(sku, Some(site)) => write!(f, "{sku}@{site}"),
            CaseSubject::Sku(sku, None) => write!(f, "{sku}"),
            CaseSubject::Site(site) => write!(f, "site {site}"),
            CaseSubject::Feed(feed) => write!(f, "feed {feed}"),
        }
    }
}

/// An order that a decision is about, as it stood when it was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlaggedOrder {
    /// Which.
    pub order: OrderKey,
    /// Its status then, to which an undo puts it back.
    pub status: OrderStatus,
}

/// What is decided about a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseAct {
    /// Nothing is wrong. Orders that the store holds go on.
    Release,
    /// Wrong, or may be: the store is to stop the orders. Only of orders.
    Hold,
    /// Wrong: the store is to call the orders off. Only of orders.
    Cancel,
    /// The orders may go, and what comes back of them is to be looked at. Only of orders.
    RefundWatch,
    /// Wrong, and dealt with elsewhere: nothing is told to anybody.
    Confirm,
    /// A note on the case; clean, not empty.
    Note(String),
    /// Somebody's to deal with; `None`: nobody's.
    Assign(Option<Box<str>>),
    /// Left for who comes next, with a word to them; nobody's from then on.
    HandOver(String),
    /// Not shown in the queue until a moment.
    Snooze(Timestamp),
}

impl CaseAct {
    /// The verb, as the journal's screen shows it.
    pub const fn verb(&self) -> &'static str {
        match self {
            CaseAct::Release => "release",
            CaseAct::Hold => "hold",
            CaseAct::Cancel => "cancel",
            CaseAct::RefundWatch => "refund-watch",
            CaseAct::Confirm => "confirm",
            CaseAct::Note(_) => "note",
            CaseAct::Assign(_) => "assign",
            CaseAct::HandOver(_) => "hand over",
            CaseAct::Snooze(_) => "snooze",
        }
    }
    /// What was decided, in a few words a person reads.
    pub(super) fn summary(&self, case: CaseId, orders: &[FlaggedOrder]) -> String {
        let about = match orders {
            [] => format!("case {case}"),
            [only] => format!("case {case}, order {}", only.order),
            many => format!("case {case}, {} orders", many.len()),
        };
        match self {
            CaseAct::Note(text) | CaseAct::HandOver(text) => format!("{about}: {text}"),
            CaseAct::Assign(Some(user)) => format!("{about} to {user}"),
            CaseAct::Assign(None) => format!("{about} to nobody"),
            CaseAct::Snooze(until) => format!("{about} until {until}"),
            _ => about,
        }
    }
    /// Whether it ends what it is about: nobody needs to look at it any more.
    pub const fn is_verdict(&self) -> bool {
        self.is_wrong().is_some()
    }
    /// Whether it says that something was wrong; `None`: it says neither. That is what is learnt from.
    pub const fn is_wrong(&self) -> Option<bool> {
        match self {
            CaseAct::Release => Some(false),
            CaseAct::Hold | CaseAct::Cancel | CaseAct::RefundWatch | CaseAct::Confirm => Some(true),
            CaseAct::Note(_) | CaseAct::Assign(_) | CaseAct::HandOver(_) | CaseAct::Snooze(_) => {
                None
            }
        }
    }
}

/// Of whom or what a rule is not to speak.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MuteOf {
    /// A customer's orders.
    Customer(CustomerRef),
    /// Whatever it says of a SKU.
    Sku(Sku),
    /// Whatever it says of a feed.
    Feed(FeedId),
    /// All that it says.
    Everything,
}

impl fmt::Display for MuteOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MuteOf::Customer(customer) => write!(f, "customer {customer}"),
            MuteOf::Sku(sku) => write!(f, "SKU {sku}"),
            MuteOf::Feed(feed) => write!(f, "feed {feed}"),
            MuteOf::Everything => f.write_str("everything"),
        }
    }
}

/// What a shop said when it was told what to make of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopWord {
    /// Which order.
    pub order: OrderKey,
    /// The journal entry that wants it.
    pub of: u64,
    /// What came of telling the shop; the reason where it would not.
    pub refused: Option<Box<str>>,
}

impl ShopWord {
    /// What shops were told, in a few words a person reads.
    pub(super) fn summary(words: &[ShopWord]) -> String {
        let refused: Vec<&ShopWord> = words.iter().filter(|word| word.refused.is_some()).collect();
        let about = match words {
            [only] => format!("order {}", only.order),
            many => format!("{} orders", many.len()),
        };
        match &*refused {
            [] => about,
            [first, ..] => {
                let why = first.refused.as_deref().unwrap_or_default();
                format!("{about}, {} of them refused: {why}", refused.len())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_named_by_a_letter_and_a_number() {
        let case = CaseId { kind: CaseKind::Stock, number: 12 };
        assert_eq!(case.to_string(), "S12");
        assert_eq!(CaseId::parse("s12"), Some(case));
        for wrong in ["", "S", "12", "S0", "S-1", "S+1", "X1", "S12a"] {
            assert_eq!(CaseId::parse(wrong), None, "{wrong}");
        }
    }
}
