//! Why the desk refuses something about coordination; each one sentence with the mend.

use crate::domain::{Day, PoNumber, Qty, SiteId, Sku};

/// Why a request, a transfer, or turning one down is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoordinationError {
    /// The store did not place the order.
    #[error(
        "{po} was not placed here; have it changed where it was, and the feed that tells of it will say so."
    )]
    NotOwn {
        /// Which.
        po: PoNumber,
    },
    /// Nothing of it is to come.
    #[error("Nothing of {sku} is to come by {po} any more.")]
    NothingToCome {
        /// Which.
        po: PoNumber,
        /// What.
        sku: Sku,
    },
    /// A part of the line has come.
    #[error(
        "A part of {sku} on {po} has arrived; it cannot be cancelled, close the order instead."
    )]
    HasCome {
        /// Which.
        po: PoNumber,
        /// What.
        sku: Sku,
    },
    /// The supplier does not know of the order.
    #[error("{po} was not sent yet; cancel it, and order anew what is wanted.")]
    NotSent {
        /// Which.
        po: PoNumber,
    },
    /// It was asked and not answered.
    #[error(
        "The supplier was asked about {sku} on {po} already, in entry {entry}; note the answer with \
         `stockdeck po ack`, or undo {entry} first."
    )]
    AskedAlready {
        /// Which.
        po: PoNumber,
        /// What.
        sku: Sku,
        /// In which entry.
        entry: u64,
    },
    /// A day that brings nothing sooner.
    #[error("{sku} on {po} is due on {due}; ask for a day from {today} to before that.")]
    NotSooner {
        /// Which.
        po: PoNumber,
        /// What.
        sku: Sku,
        /// When it is due.
        due: Day,
        /// Today.
        today: Day,
    },
    /// A day that puts nothing off.
    #[error("{sku} on {po} is due on {due}; ask for a later day, up to {latest}.")]
    NotLater {
        /// Which.
        po: PoNumber,
        /// What.
        sku: Sku,
        /// When it is due.
        due: Day,
        /// The last day that can be meant.
        latest: Day,
    },
    /// Nobody knows what is there.
    #[error("Nobody knows how many of {sku} are at {from}; count them first.")]
    UnknownStock {
        /// What.
        sku: Sku,
        /// Where.
        from: SiteId,
    },
    /// More than is free.
    #[error(
        "{wanted} of {sku} cannot leave {from}: {free} are neither promised nor about to leave already."
    )]
    NotFree {
        /// What.
        sku: Sku,
        /// Where.
        from: SiteId,
        /// As asked.
        wanted: Qty,
        /// How many are.
        free: Qty,
    },
    /// More than leaves the giving site safe.
    #[error(
        "{wanted} of {sku} would leave {from} short of its own need: it can spare {spare}; send that, or move \
         them by hand with `stockdeck transfer`."
    )]
    Unsafe {
        /// What.
        sku: Sku,
        /// Where.
        from: SiteId,
        /// As asked.
        wanted: Qty,
        /// How many it can spare.
        spare: Qty,
    },
    /// It was accepted already.
    #[error("A transfer of {sku} from {from} to {to} is about to leave already, entry {entry}.")]
    AcceptedAlready {
        /// What.
        sku: Sku,
        /// From where.
        from: SiteId,
        /// To where.
        to: SiteId,
        /// In which entry.
        entry: u64,
    },
    /// Goods cannot arrive in the past.
    #[error("{due} is over; give a day from {today} on.")]
    DuePast {
        /// As asked.
        due: Day,
        /// The first that can be meant.
        today: Day,
    },
    /// A day that puts nothing off.
    #[error("{day} puts nothing off; give a day after {today} and up to {latest}.")]
    NotAhead {
        /// As asked.
        day: Day,
        /// Today.
        today: Day,
        /// The last that can be meant.
        latest: Day,
    },
    /// Neither a reason nor a day.
    #[error("Say until which day it is put off, or why it is turned down.")]
    NoDay,
    /// The supplier knows of it.
    #[error("Entry {entry} was told to the supplier; ask for another day instead.")]
    Told {
        /// As asked.
        entry: u64,
    },
    /// The goods have left.
    #[error("{number} has left; send the goods back by another transfer once they are there.")]
    Left {
        /// Its number.
        number: PoNumber,
    },
    /// It counts no more.
    #[error("Entry {entry} was taken back, or another word about it counts by now.")]
    Overtaken {
        /// As asked.
        entry: u64,
    },
}
