//! Why the desk refuses something about buying; each one sentence with the mend.

use crate::domain::{
    Currency, Day, Money, PoNumber, Qty, SiteId, Sku, SupplierId, Total, UnitPrice,
};

/// Why a decision about buying is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuyingError {
    /// The proposal is another one than the one that was shown.
    #[error(
        "The proposal for {sku} at {site} has changed since it was shown: {what}; look at it again."
    )]
    ProposalChanged {
        /// What.
        sku: Sku,
        /// For where.
        site: SiteId,
        /// What changed, such as `qty 240 -> 180`.
        what: String,
    },
    /// Nothing is proposed any more.
    #[error(
        "Nothing is proposed for {sku} at {site} any more; give a quantity to order it all the same."
    )]
    ProposalGone {
        /// What.
        sku: Sku,
        /// For where.
        site: SiteId,
    },
    /// So many times what is proposed that it is a slip.
    #[error(
        "{qty} is more than ten times the {proposed} of {sku} proposed for {site}; check the figure."
    )]
    FarMoreThanProposed {
        /// What.
        sku: Sku,
        /// For where.
        site: SiteId,
        /// How many.
        qty: Qty,
        /// How many are proposed.
        proposed: Qty,
    },
    /// Nothing is proposed, and no quantity was given.
    #[error("Nothing is proposed for {sku} at {site}; give the quantity to order.")]
    NothingProposed {
        /// What.
        sku: Sku,
        /// For where.
        site: SiteId,
    },
    /// There is no proposal that could be turned down or put off.
    #[error("Nothing is proposed for {sku} at {site}; there is nothing to {verb}.")]
    NothingToQuiet {
        /// What.
        sku: Sku,
        /// For where.
        site: SiteId,
        /// What was tried.
        verb: &'static str,
    },
    /// It is not proposed anyhow.
    #[error("{sku} at {site} cannot be planned, so that there is nothing to {verb}: {why}.")]
    BlockedAnyhow {
        /// What.
        sku: Sku,
        /// For where.
        site: SiteId,
        /// What was tried.
        verb: &'static str,
        /// Why, with the mend.
        why: String,
    },
    /// The proposal rests on something that is wrong.
    #[error("{sku} at {site} cannot be approved: {reason}.")]
    Blocked {
        /// What.
        sku: Sku,
        /// For where.
        site: SiteId,
        /// Why, with the mend.
        reason: String,
    },
    /// Nobody supplies it.
    #[error("Nobody is known to supply {sku}; name the supplier.")]
    NoSupplier {
        /// What.
        sku: Sku,
    },
    /// Nobody knows this supplier.
    #[error("There is no supplier {supplier}{}", hint.as_ref().map_or("; name one that a feed tells of.".into(), |hint| format!("; did you mean {hint}?")))]
    UnknownSupplier {
        /// As asked.
        supplier: SupplierId,
        /// The nearest known one.
        hint: Option<String>,
    },
    /// Less than the supplier sells at once.
    #[error("The least that can be ordered of {sku} is {moq}, not {qty}; order {moq} or more.")]
    BelowMoq {
        /// What.
        sku: Sku,
        /// As asked.
        qty: Qty,
        /// The least.
        moq: Qty,
    },
    /// No whole packs.
    #[error("{sku} comes in packs of {pack}, so that {qty} cannot be ordered; order {near}.")]
    NoWholePacks {
        /// What.
        sku: Sku,
        /// As asked.
        qty: Qty,
        /// Units in a pack.
        pack: Qty,
        /// The next whole number of packs.
        near: Qty,
    },
    /// Goods cannot arrive in the past.
    #[error("{due} is over; give a day from {today} on.")]
    DuePast {
        /// As asked.
        due: Day,
        /// The first that can be meant.
        today: Day,
    },
    /// A day too far ahead.
    #[error("{day} is too far ahead; give a day up to {latest}.")]
    TooFar {
        /// As asked.
        day: Day,
        /// The last that can be meant.
        latest: Day,
    },
    /// A day that puts nothing off.
    #[error("{day} puts nothing off; give a day after {today}.")]
    NotAhead {
        /// As asked.
        day: Day,
        /// Today.
        today: Day,
    },
    /// Somebody approved it already.
    #[error(
        "{who} has approved {qty} of {sku} for {site} already, in entry {entry}; undo {entry} first."
    )]
    ApprovedAlready {
        /// Who.
        who: String,
        /// What.
        sku: Sku,
        /// For where.
        site: SiteId,
        /// How many.
        qty: Qty,
        /// In which entry.
        entry: u64,
    },
    /// The person may not.
    #[error(
        "{user} may not approve orders; ask somebody who may, or have it allowed under [approvals] in the configuration."
    )]
    NotAllowed {
        /// Who.
        user: String,
    },
    /// More than the person may.
    #[error(
        "{what} would cost {total}, and {user} may approve {limit}{per}; approve less, or ask somebody who may approve more."
    )]
    OverLimit {
        /// What would: the order to whom, or what the person approved today.
        what: String,
        /// How much.
        total: Total,
        /// Who.
        user: String,
        /// How much they may.
        limit: String,
        /// ` an order` or ` a day`.
        per: &'static str,
    },
    /// It cannot be held against a limit.
    #[error(
        "Nobody knows what {sku} costs, so that {user}'s limit cannot be kept; have its cost told by a feed, or ask somebody without a limit."
    )]
    UnknownCost {
        /// What.
        sku: Sku,
        /// Who.
        user: String,
    },
    /// The line states another cost than is known.
    #[error(
        "The line states that {sku} costs {given} {}, and here it {}; leave the cost out, or have a feed tell it.",
        given.currency,
        known.map_or("has no known cost".into(), |known| format!("costs {known} {}", known.currency)),
    )]
    OtherCost {
        /// What.
        sku: Sku,
        /// As stated.
        given: UnitPrice,
        /// As known.
        known: Option<UnitPrice>,
    },
    /// Costs and limit are in two currencies.
    #[error(
        "{sku} costs {cost} and {user}'s limit is in {limit}, so that it cannot be kept; ask somebody without a limit."
    )]
    OtherCurrency {
        /// What.
        sku: Sku,
        /// In which currency it is.
        cost: Currency,
        /// Who.
        user: String,
        /// The limit's currency.
        limit: Currency,
    },
    /// One order, two currencies.
    #[error(
        "{sku} costs {cost}, and the order to {supplier} that it would be part of is in {other}; mend the cost, or approve it when that order is placed."
    )]
    TwoCurrencies {
        /// What.
        sku: Sku,
        /// Its currency.
        cost: Currency,
        /// To whom.
        supplier: SupplierId,
        /// The order's currency.
        other: Currency,
    },
    /// The entry approved nothing.
    #[error(
        "Entry {entry} approved nothing to be ordered; `stockdeck po list` shows the entries that did."
    )]
    NoApproval {
        /// As asked.
        entry: u64,
    },
    /// The approval does not count any more.
    #[error("The approval of entry {entry} was taken back; approve it anew.")]
    Withdrawn {
        /// As asked.
        entry: u64,
    },
    /// It has a second signature.
    #[error("{who} has signed entry {entry} already, as the second person.")]
    SignedAlready {
        /// Who.
        who: String,
        /// As asked.
        entry: u64,
    },
    /// Four eyes are two persons'.
    #[error(
        "{user} approved entry {entry} and cannot be the second person too; ask somebody else."
    )]
    OwnSignature {
        /// Who.
        user: String,
        /// As asked.
        entry: u64,
    },
    /// Two names are one person's.
    #[error(
        "{who}, who approved entry {entry}, has the same number on this machine as {user}; ask somebody else."
    )]
    SameHand {
        /// Who approved.
        who: String,
        /// Who would sign.
        user: String,
        /// As asked.
        entry: u64,
    },
    /// Whoever is root may be anybody.
    #[error(
        "{user} can act as anybody here and is no second person; sign under your own name, or have {user} named under [[approvals.person]] in the configuration."
    )]
    RootsSignature {
        /// Root's name.
        user: String,
    },
    /// It is part of an order.
    #[error("Entry {entry} is part of {po}, which is placed; cancel the order instead.")]
    Placed {
        /// As asked.
        entry: u64,
        /// Of which.
        po: PoNumber,
    },
    /// Taken back already.
    #[error("Entry {entry} took a decision about buying back; decide anew instead.")]
    DecideAnew {
        /// As asked.
        entry: u64,
    },
    /// No own order has this number.
    #[error("The store placed no order {po}{}", hint.as_ref().map_or("; `stockdeck po list` shows those it did.".into(), |hint| format!("; did you mean {hint}?")))]
    UnknownOrder {
        /// As asked.
        po: PoNumber,
        /// The nearest.
        hint: Option<String>,
    },
    /// It is over.
    #[error("{po} is {state} already; there is nothing left to {verb}.")]
    Over {
        /// Which.
        po: PoNumber,
        /// How it ended.
        state: &'static str,
        /// What was tried.
        verb: &'static str,
    },
    /// A part of it has arrived.
    #[error("A part of {po} has arrived; close it instead, so that the rest is not waited for.")]
    ArrivedInPart {
        /// Which.
        po: PoNumber,
    },
    /// The supplier knows nothing of it yet.
    #[error("{po} was not sent yet; cancel it instead.")]
    NotSent {
        /// Which.
        po: PoNumber,
    },
    /// Nothing failed.
    #[error("{po} waits for nobody to send it again.")]
    NothingToResend {
        /// Which.
        po: PoNumber,
    },
    /// The supplier was told.
    #[error("{po} was sent to {target} already.")]
    SentAlready {
        /// Which.
        po: PoNumber,
        /// Through which target.
        target: String,
    },
    /// A confirmation names what was not ordered.
    #[error("{sku} is not on {po}; confirm what is.")]
    NotOnOrder {
        /// What.
        sku: Sku,
        /// Which.
        po: PoNumber,
    },
    /// Only the owner does this.
    #[error("A person cannot {verb} an order; the owner does when its time has come.")]
    OwnersPart {
        /// What was tried.
        verb: &'static str,
    },
}

/// An amount with its currency's sign.
pub(super) fn amount(money: Money) -> String {
    format!("{}{money}", money.currency.sign())
}
