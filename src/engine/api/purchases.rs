//! Purchase orders: those that the store placed or is about to, and those that feeds tell of.

use super::JournalRow;
use crate::domain::*;
use serde::{Deserialize, Serialize};

/// A row of the table of purchase orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PurchaseRow {
    /// Its number; `None`: a draft.
    pub number: Option<PoNumber>,
    /// Whether the store placed it, or will; `false`: a feed told of it.
    pub own: bool,
    /// Whether it is a transfer between own sites: the giving site stands in the supplier's place.
    pub transfer: bool,
    /// How far it has come.
    pub state: BuyingState,
    /// To whom.
    pub supplier: SupplierId,
    /// The supplier's name, where a feed tells it.
    pub supplier_name: Box<str>,
    /// For where.
    pub site: SiteId,
    /// Number of lines.
    pub lines: u32,
    /// Units ordered.
    pub units: Qty,
    /// Units that have arrived.
    pub arrived: Qty,
    /// What it costs.
    pub total: Total,
    /// When it was placed; of a draft, when its first line was approved.
    pub at: Timestamp,
    /// When it is due.
    pub due: Option<Day>,
    /// What it waits for, or what is wrong, in a phrase.
    pub note: Option<Box<str>>,
    /// Whether somebody has to look at it: nobody would take it, or what was said of it is odd.
    pub trouble: bool,
    /// Whether no target would take it, or its cancellation, so that it waits to be sent again.
    pub unsent: bool,
    /// Whether goods are to come by it that were due before today.
    pub late: bool,
    /// Of a draft, the journal entries that approved its lines; empty: it is placed.
    pub approvals: Vec<u64>,
    /// Of these, the ones that a second person has yet to sign.
    pub unsigned: Vec<u64>,
}

/// One purchase order, all of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PurchaseDetail {
    /// Its row.
    pub row: PurchaseRow,
    /// Its lines.
    pub lines: Vec<PurchaseLine>,
    /// The day by which the supplier was, or will be, asked to deliver; the row tells the day that counts.
    pub asked: Option<Day>,
    /// The least value that the supplier takes.
    pub least: Option<Money>,
    /// How the supplier was told: target, the target's reference, when.
    pub sent: Option<(Box<str>, Option<Box<str>>, Timestamp)>,
    /// Days from order to the last receipt of the supplier's orders so far: the middle one, and how
    /// many orders there were.
    pub took: Option<(u32, usize)>,
    /// The lead time that the supplier states, in days.
    pub stated: Option<u16>,
    /// What the outside said that cannot be right, and what nobody would take, one sentence each.
    pub troubles: Vec<Box<str>>,
    /// Journal entries about it, newest first.
    pub journal: Vec<JournalRow>,
}

/// The exact request that tells a supplier of an order, or of its cancellation, as it would be sent
/// now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseRequest {
    /// The request, under a line that says of what and by what.
    pub text: Box<str>,
    /// Who has taken it already, and when.
    pub sent: Option<(Box<str>, Timestamp)>,
}

impl PurchaseRequest {
    /// That it was sent already, and how far this is what was sent; `None`: it was not.
    pub fn sent_already(&self, stamp: impl Fn(Timestamp) -> String) -> Option<String> {
        let (target, at) = self.sent.as_ref()?;
        Some(format!(
            "It was sent already ({target}, {}). This is how it would be sent again now: the document \
             and its key are the same; the moment and signature above it, and names in a letter, are \
             today's.",
            stamp(*at)
        ))
    }
}

/// A line of a purchase order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PurchaseLine {
    /// What.
    pub sku: Sku,
    /// Its name.
    pub name: Box<str>,
    /// How many were ordered.
    pub qty: Qty,
    /// How many had been proposed; `None`: nothing had.
    pub suggested: Option<Qty>,
    /// How many the supplier confirmed, where told.
    pub confirmed: Option<Qty>,
    /// How many have arrived.
    pub arrived: Qty,
    /// Of these, how many were damaged and came off again.
    pub damaged: Qty,
    /// Cost of one unit.
    pub cost: Option<UnitPrice>,
    /// When it is due: the order's day, unless the supplier confirmed another one for this line.
    pub due: Option<Day>,
    /// The journal entry that approved it, and by whom; `None`: a feed told of the order.
    pub approved: Option<(u64, Box<str>)>,
    /// The second person.
    pub second: Option<Box<str>>,
}
