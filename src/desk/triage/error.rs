//! Why the desk refuses something about cases; each one sentence with the mend.

use crate::domain::{CaseId, OrderKey, OrderStatus, Threshold, Timestamp};

/// Why a decision about a case, a rule or a mute is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TriageError {
    /// There is no such case.
    #[error("There is no case {case}; `stockdeck flags list` shows them.")]
    UnknownCase {
        /// As asked.
        case: CaseId,
    },
    /// Only orders can be held, called off or watched.
    #[error("Nobody can {verb} case {case}, which is not about orders; release or confirm it.")]
    NotAboutOrders {
        /// Which.
        case: CaseId,
        /// What was asked.
        verb: &'static str,
    },
    /// The order is not one of the case's.
    #[error("Order {order} is not in case {case}; `stockdeck flags show {case}` lists its orders.")]
    NotInCase {
        /// The case.
        case: CaseId,
        /// The order.
        order: OrderKey,
    },
    /// All of it is decided.
    #[error("{} decided on; undo that first, or name the orders.", match orders {
        1 => format!("The order of case {case} is"),
        _ => format!("All {orders} orders of case {case} are"),
    })]
    NothingLeft {
        /// The case.
        case: CaseId,
        /// Its orders.
        orders: usize,
    },
    /// What is left of it stands in a feed's case.
    #[error(
        "What is left of case {case} stands in case {within}: decide there, or name the orders."
    )]
    Elsewhere {
        /// The case.
        case: CaseId,
        /// The feed's.
        within: CaseId,
    },
    /// The order has left, or was called off.
    #[error("{}", match status {
        OrderStatus::Shipped => format!(
            "It is too late to {verb} order {order}, which is shipped; watch for its return \
             (refund-watch) or confirm it."
        ),
        status => format!(
            "Order {order} is {} already: nothing is left to {verb}; confirm or release it.",
            status.word()
        ),
    })]
    TooLate {
        /// The order.
        order: OrderKey,
        /// How it stands.
        status: OrderStatus,
        /// What was asked.
        verb: &'static str,
    },
    /// More than one entry of the journal holds.
    #[error(
        "{orders} orders are more than can be decided at once ({}); name some of them.",
        super::MOST_ORDERS
    )]
    TooMany {
        /// How many.
        orders: usize,
    },
    /// Nobody of that name is here.
    #[error("There is no user {user} on this machine; give the name of one, or make it nobody's.")]
    UnknownUser {
        /// As asked.
        user: Box<str>,
    },
    /// The moment is over.
    #[error("{until} is over already; give a moment that lies ahead.")]
    Past {
        /// As asked.
        until: Timestamp,
    },
    /// The moment is too far ahead.
    #[error("That is more than {days} days ahead; give an earlier moment.")]
    TooLong {
        /// How many may be.
        days: i64,
    },
    /// There is no such rule.
    #[error("There is no rule {rule}{}", .hint.as_ref().map_or_else(
        || "; `stockdeck flags rules` lists them.".to_owned(),
        |hint| format!("; did you mean {hint}?"),
    ))]
    UnknownRule {
        /// As asked.
        rule: String,
        /// The nearest known one.
        hint: Option<String>,
    },
    /// The rule is as it should be.
    #[error("The rule {rule} is {state} already.")]
    SwitchedAlready {
        /// Which.
        rule: Box<str>,
        /// On or off.
        state: &'static str,
    },
    /// The program alone says from when on the rule speaks.
    #[error("From when on {rule} speaks cannot be set; switch it off, or mute it.")]
    FixedThreshold {
        /// Which.
        rule: Box<str>,
    },
    /// The rule speaks from there on already.
    #[error("The rule {rule} speaks {} already.", from.map_or_else(
        || "as it came".to_owned(),
        |from| format!("from {from} on"),
    ))]
    SetAlready {
        /// Which.
        rule: Box<str>,
        /// From which strength on.
        from: Option<Threshold>,
    },
    /// The entry set no mute.
    #[error("Entry {entry} set no mute; `stockdeck flags mute --list` shows their entries.")]
    NoSuchMute {
        /// As asked.
        entry: u64,
    },
    /// The mute's time is over.
    #[error("The mute of entry {entry} is over.")]
    MuteOver {
        /// Its entry.
        entry: u64,
    },
    /// The mute is as it should be.
    #[error("The mute of entry {entry} is {} already.", if *on { "in force" } else { "ended" })]
    MuteStands {
        /// Its entry.
        entry: u64,
        /// Whether it is in force.
        on: bool,
    },
    /// There is no such version.
    #[error("There is no version {version} of the network that scores orders.")]
    UnknownVersion {
        /// As asked.
        version: u32,
    },
    /// The version scores already.
    #[error("Version {version} scores orders already.")]
    VersionInUse {
        /// As asked.
        version: u32,
    },
}
