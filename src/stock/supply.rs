//! Purchase orders: what is coming, and when.

use super::book::Place;
use crate::domain::{
    PoLine, PoNumber, PoStatus, PurchaseOrder, Qty, SiteId, Sku, Span, SupplierId, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// Goods that are on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// By which purchase order.
    pub po: PoNumber,
    /// When they are due, where the source says.
    pub due_at: Option<Timestamp>,
    /// Units still to come.
    pub qty: Qty,
}

/// The purchase orders, and which open ones hold a SKU.
#[derive(Clone, Debug, Default)]
pub(super) struct Supply {
    orders: BTreeMap<PoNumber, PurchaseOrder>,
    open: BTreeMap<Sku, BTreeSet<PoNumber>>,
}

impl Supply {
    /// Takes a version of a purchase order. Newer by its source's time wins; of two with one time
    /// the one further on in its life, then a fixed choice, so that order does not matter.
    /// Returns the version it replaced, or `Err` if it is known or older.
    pub fn take(&mut self, po: &PurchaseOrder) -> Result<Option<PurchaseOrder>, Known> {
        if !self.lacks(po) {
            return Err(Known);
        }
        let old = self.orders.insert(po.number.clone(), po.clone());
        for line in old.iter().flat_map(|old| &old.lines) {
            if let Some(numbers) = self.open.get_mut(&line.sku) {
                numbers.remove(&po.number);
            }
        }
        if po.status.is_open() {
            for line in &po.lines {
                self.open.entry(line.sku.clone()).or_default().insert(po.number.clone());
            }
        }
        Ok(old)
    }
    /// Whether a version of a purchase order is new, or newer than the one that is known.
    pub fn lacks(&self, po: &PurchaseOrder) -> bool {
        let known = self.orders.get(&po.number);
        known.is_none_or(|known| known != po && rank(po) >= rank(known))
    }
    /// A purchase order by number.
    pub fn get(&self, number: &PoNumber) -> Option<&PurchaseOrder> {
        self.orders.get(number)
    }
    /// All purchase orders, by number.
    pub fn all(&self) -> impl Iterator<Item = &PurchaseOrder> {
        self.orders.values()
    }
    /// Open purchase orders that hold a SKU, by number.
    pub fn open_for(&self, sku: &Sku) -> impl Iterator<Item = &PurchaseOrder> {
        self.open.get(sku).into_iter().flatten().filter_map(|number| self.orders.get(number))
    }
    /// What is still to come of a SKU by one purchase order: what was ordered, less what has arrived.
    pub fn to_come(po: &PurchaseOrder, sku: &Sku, places: &BTreeMap<SiteId, Place>) -> Qty {
        let open = Self::ordered(po, sku) - Self::arrived(po, sku, Some(places));
        if po.status.is_open() { open.at_least_zero() } else { Qty::ZERO }
    }
    fn ordered(po: &PurchaseOrder, sku: &Sku) -> Qty {
        po.lines.iter().filter(|line| line.sku == *sku).map(|line| line.qty).sum()
    }
    /// When all had arrived of a purchase order that did: the last receipt that is known, but for a surplus
    /// after all had come, else when its source called it received. `None`: some of it is to come, or
    /// nothing came.
    pub fn arrived_at(
        po: &PurchaseOrder,
        places: &BTreeMap<Sku, BTreeMap<SiteId, Place>>,
    ) -> Option<Timestamp> {
        let waits = |line: &PoLine| {
            let places = places.get(&line.sku);
            places.is_none_or(|places| Self::to_come(po, &line.sku, places).is_positive())
        };
        let open = po.status.is_open() && po.lines.iter().any(waits);
        if open || po.status == PoStatus::Cancelled {
            return None;
        }
        let lines = po.lines.iter().map(|line| &line.sku);
        let last = lines.filter_map(|sku| Self::came(po, sku, places.get(sku)?)).max();
        last.or((po.status == PoStatus::Received).then_some(po.updated_at))
    }
    /// How long each purchase order of a supplier took until all had arrived that did. The oldest first.
    pub fn lead_times(
        &self,
        supplier: &SupplierId,
        places: &BTreeMap<Sku, BTreeMap<SiteId, Place>>,
    ) -> Vec<Span> {
        let theirs = self.orders.values().filter(|po| po.supplier == *supplier);
        let mut took: Vec<(Timestamp, Span)> = theirs
            .filter_map(|po| {
                let arrived = Self::arrived_at(po, places)?;
                Some((po.ordered_at, arrived.since(po.ordered_at)))
            })
            .collect();
        took.sort_unstable_by_key(|(ordered, _)| *ordered);
        took.into_iter().map(|(_, took)| took).collect()
    }
    /// When all of a SKU that a purchase order is for had come; where less did, when the last came.
    fn came(po: &PurchaseOrder, sku: &Sku, places: &BTreeMap<SiteId, Place>) -> Option<Timestamp> {
        let ordered = Self::ordered(po, sku);
        let places = places.values();
        let mut receipts: Vec<(Timestamp, Qty)> =
            places.flat_map(|place| place.movements.received_by(&po.number)).collect();
        receipts.sort_unstable();
        let (mut arrived, mut whole, mut last) = (Qty::ZERO, None, None);
        for (at, qty) in receipts {
            arrived += qty;
            whole = whole.or(Some(at)).filter(|_| arrived >= ordered);
            last = if qty.is_positive() { Some(at) } else { last };
        }
        whole.or(last)
    }
    /// What has arrived of a SKU by one purchase order, at any site: what its source says, and what was
    /// received against it since the source said so.
    ///
    /// A source may know nothing of what people took in here by hand before it spoke: then what it and
    /// they received counts. Of more than was ordered the source's and the people's are taken for the
    /// same goods, noted twice.
    pub fn arrived(po: &PurchaseOrder, sku: &Sku, places: Option<&BTreeMap<SiteId, Place>>) -> Qty {
        let told: Qty =
            po.lines.iter().filter(|line| line.sku == *sku).map(|line| line.received).sum();
        let places = || places.into_iter().flat_map(BTreeMap::values);
        let told_until = told_until(po);
        let since: Qty =
            places().map(|place| place.movements.received_after(&po.number, told_until)).sum();
        let until = |by_hand: bool| -> Qty {
            let movements = places().map(|place| &place.movements);
            movements.map(|all| all.received_until(&po.number, told_until, by_hand)).sum()
        };
        let by_hand = until(true);
        let known = (by_hand + until(false)).min(Self::ordered(po, sku)).max(by_hand);
        told.max(known) + since
    }
}

/// The last moment whose receipts a version of a purchase order may hold. Sources tell times in whole
/// seconds: then what happened in the second is in it, as of an order whose lines people took in one
/// after the other in that second.
pub(super) fn told_until(po: &PurchaseOrder) -> Timestamp {
    let is_whole = po.updated_at.as_millis().rem_euclid(1_000) == 0;
    if is_whole { po.updated_at + Span::millis(999) } else { po.updated_at }
}

/// The version was known, or is older than the known one.
pub(super) struct Known;

fn rank(po: &PurchaseOrder) -> impl Ord + use<> {
    (po.updated_at, po.status as u8, postcard::to_stdvec(po).unwrap_or_default())
}
