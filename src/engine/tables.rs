//! The tables that the engine keeps in the store: tag, key, value and schema of each.
//!
//! Tags are never reused; 23, 24 and 30 are those of the forecasts and their overrides (see
//! [`crate::insight::forecast`]), 26 to 29 those of their accuracy (see [`crate::insight::accuracy`]),
//! 40 that of drift (see [`crate::insight::drift`]), 50 to 54 those of flags (see `engine/flags`). A change of a value's shape raises its schema and
//! adds a migration to the store.

use super::stored::StoredOrder;
use crate::demand::{Bucket, ReturnKey, SeriesSpan};
use crate::domain::*;
use crate::insight::monitor;
use crate::insight::monitor::cost::Cost;
use crate::insight::monitor::series::Watched;
use crate::stock::{Movement, MovementId, Outs, Shelf};
use crate::store::Table;
use serde::{Deserialize, Serialize};

macro_rules! table {
    ($(#[$doc:meta])* $name:ident = $tag:literal, $label:literal, $key:ty => $value:ty
        $(, packed = $packed:literal)?) => {
        $(#[$doc])*
        pub enum $name {}
        impl Table for $name {
            const TAG: u8 = $tag;
            const NAME: &'static str = $label;
            const SCHEMA: u8 = 1;
            $(const PACKED: bool = $packed;)?
            type Key = $key;
            type Value = $value;
        }
    };
}

table!(
    /// Orders by row number, which is the order of their first arrival.
    Orders = 1, "orders", u32 => StoredOrder, packed = true
);
table!(
    /// What is known of each SKU.
    Products = 2, "products", Sku => Product
);
table!(
    /// What binds buying each SKU.
    Terms = 45, "terms", Sku => SkuTerms
);
table!(
    /// Between what stock is to be kept, by SKU, then site; without a name: all of which nothing else is said.
    Bounds = 57, "stock bounds", (Sku, SiteId) => StockBounds
);
table!(
    /// Sites.
    Sites = 3, "sites", SiteId => Site
);
table!(
    /// Suppliers.
    Suppliers = 4, "suppliers", SupplierId => Supplier
);
table!(
    /// Stock of each SKU at each site, and what each source last said of it.
    Shelves = 5, "positions", (Sku, SiteId) => Shelf
);
table!(
    /// Receipts, adjustments, counts and transfers, by SKU, site and id.
    Movements = 6, "movements", (Sku, SiteId, Box<str>) => Movement
);
table!(
    /// Purchase orders as feeds tell them.
    PurchaseOrders = 7, "purchase orders", PoNumber => PurchaseOrder
);
table!(
    /// Daily demand, 64 days a bucket.
    Demand = 8, "demand", (Sku, SiteId, u32) => Bucket
);
table!(
    /// First and last day of each series.
    Spans = 9, "series", (Sku, SiteId) => SeriesSpan
);
table!(
    /// Where each feed goes on reading.
    Cursors = 10, "cursors", FeedId => Cursor
);
table!(
    /// What could not be understood, by running number.
    Quarantine = 11, "quarantine", u64 => Quarantined
);
table!(
    /// Return lines that may reverse a sale of the same day, and how many there are of each.
    Returns = 13, "returns", (Box<str>, Sku, (SiteId, Day, i64)) => (ReturnKey, u32)
);
table!(
    /// Orders that a feed no longer had before it ever told of them, and when it was asked.
    Tombstones = 14, "orders gone unseen", OrderKey => Timestamp
);
table!(
    /// Since when a position is short; it is not where there is no record.
    ShortSince = 15, "short since", (Sku, SiteId) => Timestamp
);
table!(
    /// The zones in which demand was counted; no record: it is to be counted anew.
    Zones = 16, "zones", () => Box<str>
);
table!(
    /// What is known of people in clear, each under their own key, by pseudonym.
    People = 20, "people", CustomerRef => Box<[u8]>
);
table!(
    /// What customers wrote with their orders, each under the customer's or the order's key.
    CustomerNotes = 21, "customer notes", OrderKey => SealedNote
);
table!(
    /// Records that were ever in quarantine, by their id: their number there, or, once they were
    /// read with success, nothing. So what is read again and again is counted once.
    RejectIds = 22, "quarantine's ids", u64 => Option<u64>
);
table!(
    /// When there was nothing to sell of a SKU at a site; no record: that was never seen.
    SoldOut = 25, "sold out", (Sku, SiteId) => Outs
);
table!(
    /// What is watched of each series: its last days and what was forecast of them.
    WatchedSeries = 54, "watched series", (Sku, SiteId) => Watched
);
table!(
    /// What happened to each shelf in the last days.
    WatchedShelves = 55, "watched shelves", (Sku, SiteId) => monitor::shelves::Shelf
);
table!(
    /// What each SKU costs and cost.
    WatchedCosts = 56, "watched costs", Sku => Cost
);
table!(
    /// Single numbers; see [`Mark`].
    Marks = 12, "marks", u32 => i64
);

/// A kind of return line as a key.
pub fn return_key(of: &ReturnKey) -> (Box<str>, Sku, (SiteId, Day, i64)) {
    let series = &of.series;
    let rest = (series.site.clone(), of.day, of.qty.as_milli());
    (of.customer.as_str().into(), series.sku.clone(), rest)
}

/// A movement's id as a key: one letter for its kind, then the id.
pub fn movement_key(movement: &Movement) -> (Sku, SiteId, Box<str>) {
    let id = match &movement.id {
        MovementId::Receipt(id) => format!("r{id}"),
        MovementId::Adjustment(id) => format!("a{id}"),
        MovementId::Journal(seq) => format!("j{seq}"),
    };
    (movement.sku.clone(), movement.site.clone(), id.into())
}

/// A record in quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Which feed.
    pub feed: FeedId,
    /// When, in domain time.
    pub at: Timestamp,
    /// Where and why.
    pub reject: Reject,
    /// All of it, sealed; `None`: it was not kept, or whom it is about is forgotten.
    pub raw: Option<SealedRaw>,
    /// How often it was tried again in vain.
    pub attempts: u32,
}

impl Quarantined {
    /// When what it is about was; where it does not tell, or tells of what is to come, when it came.
    pub fn moment(&self) -> Timestamp {
        self.reject.moment().filter(|moment| *moment <= self.at).unwrap_or(self.at)
    }
}

/// Single numbers that the store remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Mark {
    /// The journal entry up to which decisions have been carried out here.
    JournalApplied = 1,
    /// Domain time of the newest page (milliseconds); where simulated time goes on.
    DomainTime = 2,
    /// The last day on which any document was placed (days since 1970).
    LastDay = 3,
    /// The segment of the archive up to which its pages are in the store …
    ArchiveSegment = 4,
    /// … and the offset in it.
    ArchiveOffset = 5,
    /// The row up to which orders were looked at for flags.
    FlagsScored = 6,
}
