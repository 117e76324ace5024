//! Why the desk refuses something; each one sentence with the mend.

use crate::domain::{Day, MOST_PERCENT, OrderKey, PoNumber, Qty, SiteId, Sku, Whose};

/// Why a decision is refused. It is the asker's mistake, every time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// A note or reason without a word.
    #[error("The {what} is empty; write a few words.")]
    Empty {
        /// Note or reason.
        what: &'static str,
    },
    /// A note or reason that would be cut.
    #[error("The {what} has {chars} characters; shorten it to {most}.")]
    TooLong {
        /// Note or reason.
        what: &'static str,
        /// How many it has.
        chars: usize,
        /// How many it may have.
        most: usize,
    },
    /// Nobody knows this SKU.
    #[error("There is no SKU {sku}{}", did_you_mean(.hint, "look for it on the stock screen"))]
    UnknownSku {
        /// As asked.
        sku: Sku,
        /// The nearest known one.
        hint: Option<String>,
    },
    /// Nobody knows this site.
    #[error("There is no site {site}{}", did_you_mean(.hint, "name one that the feeds know"))]
    UnknownSite {
        /// As asked.
        site: SiteId,
        /// The nearest known one.
        hint: Option<String>,
    },
    /// No site was named, and there are several.
    #[error("There are several sites: {}; say which one.", list(.sites))]
    WhichSite {
        /// All of them.
        sites: Vec<SiteId>,
    },
    /// Nobody knows this feed.
    #[error("There is no feed {feed}{}", did_you_mean(.hint, "see the feeds screen"))]
    UnknownFeed {
        /// As asked.
        feed: String,
        /// The nearest known one.
        hint: Option<String>,
    },
    /// No feed, or not this one, has the order.
    #[error("There is no order {order}{}", did_you_mean(.hint, "look for it on the orders screen"))]
    UnknownOrder {
        /// As asked.
        order: OrderKey,
        /// The same number at another feed.
        hint: Option<String>,
    },
    /// Nobody knows this purchase order.
    #[error("There is no purchase order {po}{}", did_you_mean(.hint, "receive without one"))]
    UnknownPo {
        /// As asked.
        po: PoNumber,
        /// The nearest one that is open for the SKU.
        hint: Option<String>,
    },
    /// The purchase order brings nothing more of this SKU.
    #[error("Nothing of {sku} is open on purchase order {po}; receive it without one.")]
    NothingOpen {
        /// Which.
        po: PoNumber,
        /// What.
        sku: Sku,
    },
    /// Nothing more of this SKU is waited for by an order that it is on.
    #[error(
        "Nothing more of {sku} is to come by purchase order {po}; receive it as a surplus (`r` on \
         the order, or `stockdeck po receive --surplus`), or without a purchase order."
    )]
    NoMoreToCome {
        /// Which.
        po: PoNumber,
        /// What.
        sku: Sku,
    },
    /// More than is to come, and nobody called it a surplus.
    #[error(
        "{qty} is more than the {open} of {sku} that are still to come by purchase order {po}; call it a \
         surplus with a reason if so many came (`--surplus`, or `r` on the order)."
    )]
    MoreThanOpen {
        /// Which.
        po: PoNumber,
        /// What.
        sku: Sku,
        /// How many were to be received.
        qty: Qty,
        /// How many are open.
        open: Qty,
    },
    /// More is damaged than came.
    #[error(
        "{qty} of {sku} cannot be damaged: {sound} sound ones have come by purchase order {po}; receive \
         them first."
    )]
    MoreDamaged {
        /// Which.
        po: PoNumber,
        /// What.
        sku: Sku,
        /// How many were said to be damaged.
        qty: Qty,
        /// How many came and are not damaged yet.
        sound: Qty,
    },
    /// A surplus far beyond what was ordered.
    #[error(
        "{qty} is more than ten times the {ordered} ordered on purchase order {po}; check the figure."
    )]
    FarMoreThanOrdered {
        /// Which.
        po: PoNumber,
        /// How many were to be received.
        qty: Qty,
        /// How many were ordered.
        ordered: Qty,
    },
    /// Far more than what is open.
    #[error(
        "{qty} is more than ten times the {open} open on purchase order {po}; check the figure."
    )]
    FarMoreThanOpen {
        /// Which.
        po: PoNumber,
        /// How many were to be received.
        qty: Qty,
        /// How many are open.
        open: Qty,
    },
    /// A quantity that has to be more than nothing.
    #[error("{qty} cannot be {verb}; give a quantity above zero.")]
    NotPositive {
        /// As asked.
        qty: Qty,
        /// Received, transferred.
        verb: &'static str,
    },
    /// A shelf cannot hold less than nothing.
    #[error("{qty} cannot be counted; a shelf holds zero or more.")]
    NegativeCount {
        /// As asked.
        qty: Qty,
    },
    /// An adjustment by nothing.
    #[error("An adjustment by zero changes nothing; give the difference, such as -2.")]
    ZeroAdjustment,
    /// A quantity that nobody can mean.
    #[error("{qty} is more than the {most} units that one decision may move; check the figure.")]
    Absurd {
        /// As asked.
        qty: Qty,
        /// The most.
        most: Qty,
    },
    /// From a site to itself.
    #[error("{site} cannot transfer to itself; name two sites.")]
    SameSite {
        /// Which.
        site: SiteId,
    },
    /// More is to leave than is there.
    #[error(
        "Only {there} of {sku} are at {site}, not {wanted}; count the shelf first if there are more."
    )]
    NotEnough {
        /// What.
        sku: Sku,
        /// Where.
        site: SiteId,
        /// How many are there.
        there: Qty,
        /// How many were to go.
        wanted: Qty,
    },
    /// Decisions that only an undo makes.
    #[error("A person cannot {verb} directly; undo the journal entry that did it.")]
    OnlyByUndo {
        /// What was tried.
        verb: &'static str,
    },
    /// Decisions that only the owner makes.
    #[error("Nobody decides \"{verb}\" but the program itself.")]
    OnlyByOwner {
        /// What was tried.
        verb: &'static str,
    },
    /// Nothing of this user's is left to undo.
    #[error("{user} has nothing to undo; name a journal entry to undo somebody else's.")]
    NothingToUndo {
        /// Who.
        user: String,
    },
    /// No such entry.
    #[error("There is no journal entry {seq}; see the journal for their numbers.")]
    NoSuchEntry {
        /// As asked.
        seq: u64,
    },
    /// What has no inverse.
    #[error("Entry {seq} cannot be undone: {why}.")]
    Final {
        /// As asked.
        seq: u64,
        /// Why not.
        why: &'static str,
    },
    /// Nobody has this pseudonym.
    #[error(
        "There is no customer {customer}; see the pseudonym on one of their orders, or name an order."
    )]
    UnknownCustomer {
        /// As asked.
        customer: String,
    },
    /// Nothing has this number in quarantine.
    #[error("There is no record {seq} in quarantine; see the quarantine for their numbers.")]
    NotInQuarantine {
        /// As asked.
        seq: u64,
    },
    /// Its key was destroyed.
    #[error("The {whose} was forgotten for good; nothing of it can be shown or kept.")]
    Forgotten {
        /// Who.
        whose: Whose,
    },
    /// A record in quarantine has no key of its own.
    #[error("A record in quarantine cannot be forgotten; forget the customer whom it is about.")]
    NoKeyOfItsOwn,
    /// Undone already.
    #[error("Entry {seq} is undone already, by entry {by}; undo {by} to bring it back.")]
    UndoneAlready {
        /// As asked.
        seq: u64,
        /// By which.
        by: u64,
    },
    /// An undo that was undone: the first decision stands again.
    #[error("Entry {seq} only brought entry {original} back; undo {original} instead.")]
    BroughtBack {
        /// As asked.
        seq: u64,
        /// The decision that stands again.
        original: u64,
    },
    /// Something newer has taken its place, so that an undo would do harm.
    #[error("Entry {seq} no longer counts, since {what}; decide anew instead.")]
    Overtaken {
        /// As asked.
        seq: u64,
        /// What happened since.
        what: &'static str,
    },
    /// A count that was taken back cannot be put back: goods may have moved since.
    #[error("Entry {seq} took a count back, and the shelf may have changed since; count it again.")]
    CountAgain {
        /// As asked.
        seq: u64,
    },
    /// A period that ends before it begins.
    #[error("The period ends on {to}, before it begins on {from}; swap the two.")]
    PeriodReversed {
        /// Its first day.
        from: Day,
        /// Its last day.
        to: Day,
    },
    /// A period that has begun.
    #[error("{from} is over; begin the period on {first} or later.")]
    PeriodPast {
        /// As asked.
        from: Day,
        /// The first day that is not over.
        first: Day,
    },
    /// A period that ends too far ahead.
    #[error("{to} is too far ahead; end the period on {latest} or before.")]
    PeriodTooFar {
        /// As asked.
        to: Day,
        /// The latest.
        latest: Day,
    },
    /// An override that changes nothing.
    #[error("0 % changes nothing; give percent such as +30 %, or units of the whole period.")]
    NoOverride,
    /// A factor that nobody can mean.
    #[error("{percent:+} % cannot be meant; give -100 % to +{most} %, or units.", most = MOST_PERCENT)]
    AbsurdPercent {
        /// As asked.
        percent: i32,
    },
    /// Less than nothing is to sell.
    #[error("{qty} units cannot sell; give zero or more.")]
    NegativeUnits {
        /// As asked.
        qty: Qty,
    },
    /// There is no forecast to override.
    #[error(
        "{sku} is not forecast{}, so that there is nothing to take a part of; say how many units instead, such as 120.",
        .site.as_ref().map_or(String::new(), |site| format!(" at {site}"))
    )]
    NotForecast {
        /// What.
        sku: Sku,
        /// Where; `None`: at any site.
        site: Option<SiteId>,
    },
    /// Another override has the days.
    #[error(
        "Entry {entry} overrides {sku} at {site} from {from} to {to}; end it first, or take other days."
    )]
    Overridden {
        /// The entry that set the other one.
        entry: u64,
        /// What.
        sku: Sku,
        /// Where both would count.
        site: SiteId,
        /// Its first day.
        from: Day,
        /// Its last day.
        to: Day,
    },
    /// The entry is no override.
    #[error("Entry {seq} set no override; `stockdeck override list` shows their entries.")]
    NoSuchOverride {
        /// As asked.
        seq: u64,
    },
    /// The model cannot be used.
    #[error("{reason}.")]
    Model {
        /// Why.
        reason: String,
    },
    /// The model is the one in use.
    #[error("{version} is in use already.")]
    ModelInUse {
        /// As asked.
        version: String,
    },
    /// About where orders ship from.
    #[error(transparent)]
    Allocating(#[from] super::allocating::AllocatingError),
    /// About buying.
    #[error(transparent)]
    Buying(#[from] super::buying::BuyingError),
    /// About cases that are worth a look.
    #[error(transparent)]
    Triage(#[from] super::triage::TriageError),
    /// About coordination.
    #[error(transparent)]
    Coordination(#[from] super::coordinate::CoordinationError),
    /// The override counts no more.
    #[error("The override of entry {seq} counts no more; there is nothing to end.")]
    NothingToEnd {
        /// As asked.
        seq: u64,
    },
}

/// The end of a sentence about a name that is not known.
fn did_you_mean(hint: &Option<String>, mend: &str) -> String {
    match hint {
        Some(hint) => format!("; did you mean {hint}?"),
        None => format!("; {mend}."),
    }
}

/// Most sites that a sentence names.
const MOST_NAMED: usize = 12;

fn list(sites: &[SiteId]) -> String {
    let named: Vec<&str> = sites.iter().take(MOST_NAMED).map(SiteId::as_str).collect();
    let more = if sites.len() > MOST_NAMED { ", ..." } else { "" };
    format!("{}{more}", named.join(", "))
}
