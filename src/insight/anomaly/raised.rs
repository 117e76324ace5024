//! What is raised beside orders: stock, demand and feeds that are not as they should be.

use super::rules::Cause;
use crate::domain::{CaseKind, CaseSubject, Money, OrderKey, Timestamp};
use serde::{Deserialize, Serialize};

/// Something that is worth a look and is not an order. Whoever watches stock, demand or feeds says
/// all that it sees of its kind each time; what it no longer says is over. The same `rule`, `subject`
/// and `since` are the same case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Raised {
    /// What it is about: anything but orders.
    pub kind: CaseKind,
    /// The SKU, site or feed.
    pub subject: CaseSubject,
    /// The rule that says so, such as `phantom-stock` or `silent-feed`; by this name it is muted and
    /// switched.
    pub rule: Box<str>,
    /// How sure it is that something is wrong, 0 to 1.
    pub severity: f64,
    /// Why, in words with the numbers behind them, at most five, the strongest first.
    pub reasons: Vec<Box<str>>,
    /// Money at stake.
    pub at_stake: Money,
    /// Since when it has been so; stays the same while it lasts.
    pub since: Timestamp,
    /// The orders that a feed told wrongly; none where it is not about orders.
    #[serde(skip)]
    pub told: ToldWrong,
}

/// Orders that a feed told wrongly.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ToldWrong {
    /// The orders, oldest first, and what the goods on each are worth.
    pub orders: Vec<(OrderKey, Money)>,
    /// What they are flagged for because of that: it is the same event.
    pub explains: Vec<Cause>,
}

/// A rule that raises cases which are not about orders, so that a person can read and switch it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RaisingRule {
    /// Its name.
    pub name: &'static str,
    /// What kind of cases it raises.
    pub kind: CaseKind,
    /// What it looks at.
    pub about: &'static str,
    /// From which strength on it speaks.
    pub threshold: f64,
    /// The unit of that.
    pub unit: &'static str,
}

/// All rules that raise cases which are not about orders.
pub const RAISING: &[RaisingRule] = crate::insight::monitor::RULES;
