//! What people decide, and the journal's record of it.

use super::{
    Day, Expectation, FeedId, OrderKey, PoNumber, Qty, SiteId, Sku, StockSource, Timestamp, Whose,
};
use serde::{Deserialize, Serialize};

/// What a note, pin or acknowledgement is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// An order.
    Order(OrderKey),
    /// A SKU, at all sites.
    Sku(Sku),
    /// A feed.
    Feed(FeedId),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Subject::Order(key) => write!(f, "order {key}"),
            Subject::Sku(sku) => write!(f, "SKU {sku}"),
            Subject::Feed(feed) => write!(f, "feed {feed}"),
        }
    }
}

/// One thing that a person decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Decision {
    /// Wrote a note.
    Note {
        /// About what.
        subject: Subject,
        /// What it says, clean, not empty.
        text: String,
    },
    /// Pinned something to the top, or took the pin off.
    Pin {
        /// What.
        subject: Subject,
        /// On or off.
        on: bool,
    },
    /// Acknowledged what a subject shows (short, failed, silent), or took that back.
    Acknowledge {
        /// What.
        subject: Subject,
        /// On or off.
        on: bool,
    },
    /// Took in goods.
    Receive {
        /// Against which purchase order.
        po: Option<PoNumber>,
        /// What.
        sku: Sku,
        /// Where.
        site: SiteId,
        /// How many; negative only in an undo.
        qty: Qty,
        /// Why, where it needed saying.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Counted the shelf: the figure is the new truth.
    Count {
        /// What.
        sku: Sku,
        /// Where.
        site: SiteId,
        /// How many are there.
        counted: Qty,
        /// Why it was counted.
        reason: String,
        /// The report that the count replaces, as the owner knew it; filled in by the desk, so that
        /// an undo can put it back.
        before: Option<(Qty, Timestamp, StockSource)>,
    },
    /// Took a count back: the figure before it is the truth again (`None`: unknown again).
    Uncount {
        /// What.
        sku: Sku,
        /// Where.
        site: SiteId,
        /// On-hand, its moment and its source as it was before the count.
        before: Option<(Qty, Timestamp, StockSource)>,
    },
    /// Corrected stock.
    Adjust {
        /// What.
        sku: Sku,
        /// Where.
        site: SiteId,
        /// How many more (less when negative).
        delta: Qty,
        /// Why.
        reason: String,
    },
    /// Moved stock between own sites.
    Transfer {
        /// What.
        sku: Sku,
        /// From where.
        from: SiteId,
        /// To where.
        to: SiteId,
        /// How many.
        qty: Qty,
        /// Why.
        reason: String,
    },
    /// Read what is known of somebody in clear. The journal holds that, not what was read.
    Reveal {
        /// About whom or what.
        whose: Whose,
        /// What for.
        reason: String,
    },
    /// Destroyed the key of what is known of somebody, for good.
    Forget {
        /// About whom or what.
        whose: Whose,
        /// Why, such as at whose request.
        reason: String,
    },
    /// Took a note back; it stays in the journal.
    Retract {
        /// The journal entry that wrote it.
        seq: u64,
    },
    /// Put a person's word in place of the model's forecast for a period.
    Override {
        /// What.
        sku: Sku,
        /// Where; `None`: at all sites at which it is forecast.
        site: Option<SiteId>,
        /// The first day of the period.
        from: Day,
        /// The last one.
        to: Day,
        /// What is expected to sell.
        expects: Expectation,
        /// Why.
        reason: String,
        /// Units a day that the model expected then at each site, day by day; filled in by the desk, so
        /// that both can be measured when the period is over.
        model: Vec<(SiteId, Vec<Qty>)>,
    },
    /// Ended an override before its time, or let it go on again.
    EndOverride {
        /// The journal entry that set it.
        over: u64,
        /// What it is about; filled in by the desk.
        sku: Sku,
        /// The first day on which it counts no more; `None`: it counts to its last day. Filled in by
        /// the desk.
        from: Option<Day>,
        /// The same as it was before; filled in by the desk.
        before: Option<Day>,
    },
}

impl Decision {
    /// The verb, as the journal's screen shows it.
    pub const fn verb(&self) -> &'static str {
        match self {
            Decision::Note { .. } => "note",
            Decision::Pin { on: true, .. } => "pin",
            Decision::Pin { on: false, .. } => "unpin",
            Decision::Acknowledge { on: true, .. } => "acknowledge",
            Decision::Acknowledge { on: false, .. } => "unacknowledge",
            Decision::Receive { .. } => "receive",
            Decision::Count { .. } => "count",
            Decision::Uncount { .. } => "uncount",
            Decision::Adjust { .. } => "adjust",
            Decision::Transfer { .. } => "transfer",
            Decision::Reveal { .. } => "reveal",
            Decision::Forget { .. } => "forget",
            Decision::Retract { .. } => "retract",
            Decision::Override { .. } => "override",
            Decision::EndOverride { from: Some(_), .. } => "end override",
            Decision::EndOverride { from: None, .. } => "resume override",
        }
    }
    /// Whether there is an inverse: what was read cannot be unread, and a key that was destroyed is
    /// gone.
    pub const fn can_be_undone(&self) -> bool {
        !matches!(self, Decision::Reveal { .. } | Decision::Forget { .. })
    }
    /// What was decided, in a few words a person reads.
    pub fn summary(&self) -> String {
        match self {
            Decision::Note { subject, text } => format!("{subject}: {text}"),
            Decision::Pin { subject, .. } | Decision::Acknowledge { subject, .. } => {
                subject.to_string()
            }
            Decision::Receive { po, sku, site, qty, reason } => {
                let against = po.as_ref().map_or(String::new(), |po| format!(" against {po}"));
                let why = reason.as_ref().map_or(String::new(), |why| format!(": {why}"));
                format!("{qty} × {sku} at {site}{against}{why}")
            }
            Decision::Count { sku, site, counted, reason, .. } => {
                format!("{sku} at {site} = {counted}: {reason}")
            }
            Decision::Uncount { sku, site, before: Some((qty, _, _)) } => {
                format!("{sku} at {site} back to {qty}")
            }
            Decision::Uncount { sku, site, before: None } => {
                format!("{sku} at {site} back to unknown")
            }
            Decision::Adjust { sku, site, delta, reason } => {
                let sign = if delta.is_negative() { "" } else { "+" };
                format!("{sku} at {site} {sign}{delta}: {reason}")
            }
            Decision::Transfer { sku, from, to, qty, reason } => {
                format!("{qty} × {sku} {from} → {to}: {reason}")
            }
            Decision::Reveal { whose, reason } | Decision::Forget { whose, reason } => {
                format!("{whose}: {reason}")
            }
            Decision::Retract { seq } => format!("note {seq}"),
            Decision::Override { sku, site, from, to, expects, reason, .. } => {
                let place = site.as_ref().map_or("all sites", SiteId::as_str);
                format!("{sku} at {place} {expects} from {from} to {to}: {reason}")
            }
            Decision::EndOverride { over, sku, .. } => format!("entry {over}, {sku}"),
        }
    }
}

/// Who decided, and from where; known from the socket's peer, not from what a client claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// User name of the peer.
    pub user: Box<str>,
    /// User id of the peer.
    pub uid: u32,
    /// Console or command, its process id, and the SSH client's address where there is one.
    pub from: Box<str>,
}

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3 … without a gap.
    pub seq: u64,
    /// Domain time of the decision.
    pub at: Timestamp,
    /// Wall time of the decision.
    pub wall: Timestamp,
    /// Milliseconds since the owner started (monotonic).
    pub mono_ms: u64,
    /// Who.
    pub actor: Actor,
    /// What.
    pub decision: Decision,
    /// What the person saw when deciding, in words and numbers.
    pub saw: String,
    /// The entry that this one undoes.
    pub undoes: Option<u64>,
    /// The entry that began the act of which this is a later part: many things decided at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<u64>,
}
