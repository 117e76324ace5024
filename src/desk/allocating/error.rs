//! Why the desk refuses where an order is to ship from; each one sentence with the mend.

use crate::domain::{OrderKey, Qty, SiteId, Sku};

/// Why a decision from where an order ships is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllocatingError {
    /// It has left, was called off, or was never paid.
    #[error("Order {order} is {status}; only orders that are to ship can be allocated.")]
    NotToShip {
        /// The order.
        order: OrderKey,
        /// What it is.
        status: &'static str,
    },
    /// Somebody stopped it.
    #[error("Order {order} is held; release it in the shop, then decide where it ships from.")]
    Held {
        /// The order.
        order: OrderKey,
    },
    /// Nothing ships.
    #[error("Nothing of order {order} would ship; hold it for stock instead.")]
    NothingShips {
        /// The order.
        order: OrderKey,
    },
    /// More of a SKU than was ordered.
    #[error("Order {order} has {ordered} × {sku} and not {wanted}; give at most what it has.")]
    MoreThanOrdered {
        /// The order.
        order: OrderKey,
        /// What.
        sku: Sku,
        /// How many are to ship.
        wanted: Qty,
        /// How many it has.
        ordered: Qty,
    },
    /// A part of a unit.
    #[error("{qty} × {sku} is no number of whole units; only whole units are allocated.")]
    PartOfAUnit {
        /// What.
        sku: Sku,
        /// How many.
        qty: Qty,
    },
    /// The site has not so many.
    #[error(
        "{site} has {free} × {sku} that no other decision takes, and {wanted} are wanted; look at \
         the order again."
    )]
    NotThere {
        /// The site.
        site: SiteId,
        /// What.
        sku: Sku,
        /// How many are to ship.
        wanted: Qty,
        /// How many there are.
        free: Qty,
    },
    /// Nobody knows what the site has.
    #[error("The stock of {sku} at {site} is unknown; count it first.")]
    StockUnknown {
        /// What.
        sku: Sku,
        /// The site.
        site: SiteId,
    },
    /// Another decision stands.
    #[error(
        "{who} decided about order {order} already (entry {entry}); undo that first: \
         `stockdeck undo {entry}`."
    )]
    Decided {
        /// The order.
        order: OrderKey,
        /// The entry.
        entry: u64,
        /// Who.
        who: Box<str>,
    },
    /// The decision counts no more.
    #[error("Entry {entry} counts no more: {why}; there is nothing to undo.")]
    Overtaken {
        /// The entry.
        entry: u64,
        /// Why.
        why: &'static str,
    },
    /// The order has left.
    #[error("Order {order} is {status} by now; what has left cannot ship from elsewhere.")]
    Left {
        /// The order.
        order: OrderKey,
        /// What it is.
        status: &'static str,
    },
    /// What was taken back is decided anew.
    #[error("Entry {entry} took a decision back; decide anew where the order ships from.")]
    DecideAnew {
        /// The entry.
        entry: u64,
    },
    /// Only the owner notes what the shop says.
    #[error("What the shop says is noted by the owner alone; decide where the order ships from.")]
    OnlyByOwner,
    /// A day that is over.
    #[error("An order is held until a day to come; give one after today.")]
    UntilPast,
}
