//! What people decide, and the journal's record of it.

mod summary;

use super::{
    Allocation, Approval, CaseAct, CaseId, Day, Expectation, FeedId, FlaggedOrder, LineRequest,
    Measure, MuteOf, OrderKey, PlacedLine, PoNumber, Qty, ShopWord, SiteId, Sku, StockSource,
    SupplierId, Threshold, Timestamp, Told, TransferOrder, Whose,
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
        /// Whether it was said that this is more than the order waits for: an over-delivery that
        /// comes when all has arrived.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        surplus: bool,
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
        /// The purchase order by which came what is damaged and comes off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        po: Option<PoNumber>,
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
    /// Had another model forecast from then on.
    UseModel {
        /// Its name among the store's versions.
        version: String,
        /// The one that forecast until then; filled in by the desk.
        before: String,
    },
    /// Approved a line to be ordered.
    Approve(Approval),
    /// Turned a proposal down, until it has become another one or until a day.
    Reject {
        /// What.
        sku: Sku,
        /// For where.
        site: SiteId,
        /// How many were proposed.
        suggested: Qty,
        /// The day on which it was expected to run out then, if at all; filled in by the desk.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        runs_out: Option<Day>,
        /// The first day on which it may be proposed again; `None`: when it has become another one.
        until: Option<Day>,
        /// Why.
        reason: String,
    },
    /// Put a proposal off.
    Snooze {
        /// What.
        sku: Sku,
        /// For where.
        site: SiteId,
        /// How many were proposed.
        suggested: Qty,
        /// The first day on which it is proposed again.
        until: Day,
    },
    /// Approved a line that somebody else had approved, as the second person.
    Countersign {
        /// The journal entry of the first approval.
        entry: u64,
        /// What it is about; filled in by the desk.
        sku: Sku,
    },
    /// Took an approval, a rejection, a snooze or a second approval back.
    Withdraw {
        /// The journal entry of it.
        entry: u64,
        /// What it is about; filled in by the desk.
        sku: Sku,
    },
    /// Made approved lines an order to a supplier; decided by the owner when nobody can take them
    /// back any more.
    Place {
        /// Its number; numbers have no gaps.
        po: PoNumber,
        /// To whom.
        supplier: SupplierId,
        /// For where.
        site: SiteId,
        /// What.
        lines: Vec<PlacedLine>,
        /// When the goods are to be there.
        due: Option<Day>,
    },
    /// Noted what the outside said of an own order; decided by the owner, or by a person who told
    /// the supplier or was told.
    Tell {
        /// Which order.
        po: PoNumber,
        /// The journal entry that was told outside: the one that placed the order, or the one that
        /// cancelled it. Filled in by the desk for persons.
        of: u64,
        /// What was said.
        told: Told,
    },
    /// Had an order, or its cancellation, that no target took sent again.
    Resend {
        /// Which order.
        po: PoNumber,
    },
    /// Called an own order off.
    CancelOrder {
        /// Which.
        po: PoNumber,
        /// Why.
        reason: String,
    },
    /// Closed an own order: what has not arrived will not come.
    CloseOrder {
        /// Which.
        po: PoNumber,
        /// Why.
        reason: String,
    },
    /// Decided about a case.
    Flag {
        /// Which.
        case: CaseId,
        /// What.
        act: CaseAct,
        /// About which of its orders; none given: all that nobody has decided on. Completed by the
        /// desk. Empty for what is about the case as a whole.
        orders: Vec<FlaggedOrder>,
    },
    /// Took a decision about a case back; only an undo does.
    Unflag {
        /// The journal entry of it.
        entry: u64,
        /// Which case.
        case: CaseId,
    },
    /// Had a rule be silent about somebody or something for a time.
    Mute {
        /// The rule's name.
        rule: Box<str>,
        /// About whom or what.
        of: MuteOf,
        /// When it ends.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// Ended a mute before its time, or brought it back.
    EndMute {
        /// The journal entry that set it.
        entry: u64,
        /// Whether it counts from now on.
        on: bool,
        /// The rule's name; filled in by the desk.
        rule: Box<str>,
    },
    /// Switched a rule on or off.
    SwitchRule {
        /// The rule's name.
        rule: Box<str>,
        /// On or off.
        on: bool,
    },
    /// Set from which strength on a rule of orders speaks.
    SetThreshold {
        /// The rule's name.
        rule: Box<str>,
        /// From which strength on; `None`: as the program has it.
        from: Option<Threshold>,
        /// The same until then; filled in by the desk.
        before: Option<Threshold>,
    },
    /// Had another version of the network that scores orders score from then on.
    UseFlagModel {
        /// Its number.
        version: u32,
        /// The one that scored until then; filled in by the desk.
        before: u32,
    },
    /// Noted what shops said of what they were told to make of orders; decided by the owner.
    TellShop {
        /// Order by order.
        words: Vec<ShopWord>,
    },
    /// Asked a supplier to bring a line sooner, later or not at all.
    AskSupplier(LineRequest),
    /// Accepted that one own site sends goods to another.
    SendTransfer(TransferOrder),
    /// Let goods leave for another own site; decided by the owner when nobody can take the transfer
    /// back any more.
    Dispatch {
        /// The journal entry that accepted it.
        of: u64,
        /// Its number, under which it arrives.
        number: PoNumber,
        /// What.
        sku: Sku,
        /// From where.
        from: SiteId,
        /// To where.
        to: SiteId,
        /// How many left; none: there were none left to send.
        qty: Qty,
        /// When they should be there.
        due: Day,
    },
    /// Turned a proposal about inbound goods or a transfer down, or put it off.
    TurnDown {
        /// What had been proposed.
        measure: Measure,
        /// The first day on which it may be proposed again; `None`: when it has become another one.
        until: Option<Day>,
        /// Why; `None`: it was put off.
        reason: Option<String>,
    },
    /// Decided from where an order ships.
    Allocate(Allocation),
    /// Let an order wait for stock at the site that has it.
    HoldForStock {
        /// The order.
        order: OrderKey,
        /// The first day on which it is asked about again; `None`: when its site has all of it.
        until: Option<Day>,
        /// Why.
        reason: String,
    },
    /// Took the decision from where an order ships, or that it waits, back.
    Unallocate {
        /// The journal entry of it.
        entry: u64,
        /// The order.
        order: OrderKey,
    },
    /// Noted what the shop said of a decision from where an order ships; decided by the owner.
    TellShipping {
        /// The order.
        order: OrderKey,
        /// The journal entry that was told: the decision, or the one that took it back.
        of: u64,
        /// What was said.
        told: Told,
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
            Decision::UseModel { .. } => "use model",
            Decision::Approve(_) => "approve",
            Decision::Reject { .. } => "reject",
            Decision::Snooze { .. } => "snooze",
            Decision::Countersign { .. } => "countersign",
            Decision::Withdraw { .. } => "withdraw",
            Decision::Place { .. } => "place",
            Decision::Tell { told: Told::Sent { .. }, .. } => "sent",
            Decision::Tell { told: Told::CancellationSent { .. }, .. } => "sent cancellation",
            Decision::Tell { told: Told::Confirmed { .. }, .. } => "acknowledged",
            Decision::Tell { told: Told::Failed { .. }, .. } => "not sent",
            Decision::Resend { .. } => "resend",
            Decision::CancelOrder { .. } => "cancel order",
            Decision::CloseOrder { .. } => "close order",
            Decision::Flag { act, .. } => act.verb(),
            Decision::Unflag { .. } => "take back",
            Decision::Mute { .. } | Decision::EndMute { on: true, .. } => "mute",
            Decision::EndMute { on: false, .. } => "unmute",
            Decision::SwitchRule { on: true, .. } => "rule on",
            Decision::SwitchRule { on: false, .. } => "rule off",
            Decision::SetThreshold { .. } => "set threshold",
            Decision::UseFlagModel { .. } => "use flag model",
            Decision::TellShop { .. } => "told shop",
            Decision::AskSupplier(_) => "ask supplier",
            Decision::SendTransfer(_) => "send transfer",
            Decision::Dispatch { .. } => "dispatch",
            Decision::TurnDown { reason: Some(_), .. } => "turn down",
            Decision::TurnDown { reason: None, .. } => "put off",
            Decision::Allocate(_) => "allocate",
            Decision::HoldForStock { .. } => "hold for stock",
            Decision::Unallocate { .. } => "unallocate",
            Decision::TellShipping { told: Told::Failed { .. }, .. } => "shop refused",
            Decision::TellShipping { .. } => "shop told",
        }
    }
    /// Whether there is an inverse: what was read cannot be unread, a key that was destroyed is
    /// gone, and what a supplier was told is not untold.
    pub const fn can_be_undone(&self) -> bool {
        !matches!(
            self,
            Decision::Reveal { .. }
                | Decision::Forget { .. }
                | Decision::Place { .. }
                | Decision::Tell { .. }
                | Decision::Resend { .. }
                | Decision::CancelOrder { .. }
                | Decision::CloseOrder { .. }
                | Decision::TellShop { .. }
                | Decision::Dispatch { .. }
                | Decision::TellShipping { .. }
        )
    }
    /// Whether it is about people's names: reading or forgetting them.
    pub const fn is_about_people(&self) -> bool {
        matches!(self, Decision::Reveal { .. } | Decision::Forget { .. })
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
