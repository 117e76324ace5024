//! The stock book: what was told, and the positions that follow from it.

use super::movement::{Added, Movements};
use super::sales::Sale;
use super::shelf::{Heard, Hearing};
use super::supply::Supply;
use super::{Changed, Delivery, Movement, MovementId, SalesAfter, Shelf};
use crate::domain::{
    Order, PoNumber, Position, Product, PurchaseOrder, Qty, Receipt, Site, SiteId, Sku, Span,
    StockAdjustment, StockBasis, StockReport, StockSource, Supplier, SupplierId, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// Movements are kept this long before the figure that already holds them, in case a count is
/// taken back and an older figure is the truth again.
const KEEP_BEFORE_FIGURE: Span = Span::days(90);
/// Movements are kept this long where nobody has told a figure yet.
const KEEP_WITHOUT_FIGURE: Span = Span::days(400);

/// Stock of all SKUs at all sites, in memory.
#[derive(Clone, Debug, Default)]
pub struct StockBook {
    products: BTreeMap<Sku, Product>,
    sites: BTreeMap<SiteId, Site>,
    suppliers: BTreeMap<SupplierId, Supplier>,
    places: BTreeMap<Sku, BTreeMap<SiteId, Place>>,
    supply: Supply,
    position_count: usize,
}

/// A shelf and what moved there.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub shelf: Shelf,
    pub movements: Movements,
}

impl Place {
    fn as_of(&self) -> Option<Timestamp> {
        self.shelf.position.as_of()
    }
    /// Sums the movements after the figure; without a figure there is nothing to apply them to.
    fn sum_movements(&mut self) {
        let moved = self.as_of().map_or(Qty::ZERO, |as_of| self.movements.after(as_of));
        self.shelf.position.moved = moved;
    }
}

/// Filling the book again from what was kept.
impl StockBook {
    /// The book from what was kept of it, in any order.
    pub fn load(
        products: impl IntoIterator<Item = Product>,
        sites: impl IntoIterator<Item = Site>,
        suppliers: impl IntoIterator<Item = Supplier>,
        shelves: impl IntoIterator<Item = (Sku, SiteId, Shelf)>,
        movements: impl IntoIterator<Item = Movement>,
        purchase_orders: impl IntoIterator<Item = PurchaseOrder>,
    ) -> Self {
        let mut book = StockBook {
            products: products.into_iter().map(|p| (p.sku.clone(), p)).collect(),
            sites: sites.into_iter().map(|s| (s.id.clone(), s)).collect(),
            suppliers: suppliers.into_iter().map(|s| (s.id.clone(), s)).collect(),
            ..StockBook::default()
        };
        for (sku, site, shelf) in shelves {
            book.place(&sku, &site).0.shelf = shelf;
        }
        for movement in movements {
            book.place(&movement.sku, &movement.site).0.movements.add(&movement);
        }
        for po in purchase_orders {
            // A number can be there once only; were it there twice, the newer one stands.
            let _ = book.supply.take(&po);
        }
        book
    }

    /// Forgets movements that no figure can need any more, and returns them so that they can be
    /// deleted. Kept are those newer than 90 days before the position's figure (400 days before
    /// `now` where there is none), and those received against a purchase order that still counts
    /// them as open.
    pub fn prune(&mut self, now: Timestamp) -> Vec<Movement> {
        let mut gone = Vec::new();
        let supply = &self.supply;
        for place in self.places.values_mut().flat_map(BTreeMap::values_mut) {
            let since = match place.as_of() {
                Some(as_of) => as_of - KEEP_BEFORE_FIGURE,
                None => now - KEEP_WITHOUT_FIGURE,
            };
            gone.extend(place.movements.keep(|m| {
                let po = m.po.as_ref().and_then(|number| supply.get(number));
                m.at > since || po.is_some_and(|po| po.status.is_open() && m.at > po.updated_at)
            }));
        }
        gone
    }
}

/// What feeds tell.
impl StockBook {
    /// An order is new, changed (`old`: the version known so far) or forgotten (`new`: `None`).
    ///
    /// Every SKU that a sale names gets a position, with unknown stock if nobody told any.
    pub fn order_changed(&mut self, old: Option<&Order>, new: Option<&Order>) -> Changed {
        let mut before = BTreeMap::new();
        for (order, sign) in [(old, -1), (new, 1)] {
            let Some((order, sale)) = order.and_then(|order| Some((order, Sale::of(order)?)))
            else {
                continue;
            };
            for line in order.product_lines() {
                let units = if sign < 0 { -line.standing() } else { line.standing() };
                let (place, is_new) = self.place(&line.sku, &order.site);
                let known = (!is_new).then(|| place.shelf.position.clone());
                before.entry((&line.sku, &order.site)).or_insert(known);
                let as_of = place.as_of();
                let position = &mut place.shelf.position;
                position.committed += sale.committed(units);
                if let Some(as_of) = as_of {
                    position.placed += sale.placed_after(as_of, units);
                    position.shipped += sale.shipped_after(as_of, units);
                }
            }
        }
        let changed = before
            .into_iter()
            .filter(|((sku, site), known)| known.as_ref() != self.position(sku, site));
        let positions = changed.map(|((sku, site), _)| (sku.clone(), site.clone())).collect();
        Changed { positions, ..Changed::told(old.is_none()) }
    }

    /// A figure from a feed, or from a person who counted.
    pub fn report(
        &mut self,
        report: &StockReport,
        source: &StockSource,
        sales: &dyn SalesAfter,
    ) -> Changed {
        self.reports(std::slice::from_ref(report), source, sales)
    }

    /// Several figures of one source; the orders are asked once.
    ///
    /// A figure that is older than the source's last one, or the same again, is counted as the
    /// same. One without a quantity makes that source's figure unknown.
    pub fn reports(
        &mut self,
        reports: &[StockReport],
        source: &StockSource,
        sales: &dyn SalesAfter,
    ) -> Changed {
        let told = reports.iter().map(|report| {
            let heard = Heard {
                source: source.clone(),
                as_of: report.as_of,
                figure: report.qty.map(|qty| (qty, report.basis)),
                seq: 0,
            };
            (&report.sku, &report.site, heard)
        });
        self.hear(told, sales)
    }

    /// Goods that arrived.
    pub fn receipt(&mut self, receipt: &Receipt) -> Changed {
        self.moved([Movement {
            id: MovementId::Receipt(receipt.id.clone()),
            sku: receipt.sku.clone(),
            site: receipt.site.clone(),
            at: receipt.received_at,
            delta: receipt.qty,
            po: receipt.po.clone(),
        }])
    }

    /// A correction that a feed tells.
    pub fn adjustment(&mut self, adjustment: &StockAdjustment) -> Changed {
        self.moved([Movement {
            id: MovementId::Adjustment(adjustment.id.clone()),
            sku: adjustment.sku.clone(),
            site: adjustment.site.clone(),
            at: adjustment.at,
            delta: adjustment.delta,
            po: None,
        }])
    }

    /// A purchase order, new or changed. `applied` says whether it is to be written.
    pub fn purchase_order(&mut self, po: &PurchaseOrder) -> Changed {
        let Ok(old) = self.supply.take(po) else {
            return Changed::same();
        };
        let versions = [old.as_ref(), Some(po)].into_iter().flatten();
        let touched: BTreeSet<(&Sku, &SiteId)> = versions
            .flat_map(|version| version.lines.iter().map(|line| (&line.sku, &version.site)))
            .collect();
        let mut changed = Changed::told(old.is_none());
        for (sku, site) in touched {
            let is_new = self.place(sku, site).1;
            if self.sum_on_order(sku, site) || is_new {
                changed.positions.push((sku.clone(), site.clone()));
            }
        }
        changed
    }

    /// Master data of a SKU. Unknown fields leave what is known; `applied` says whether anything
    /// changed.
    pub fn product(&mut self, product: &Product) -> Changed {
        let Some(known) = self.products.get_mut(&product.sku) else {
            self.products.insert(product.sku.clone(), product.clone());
            return Changed::told(true);
        };
        let before = known.clone();
        known.merge(product);
        if *known == before { Changed::same() } else { Changed::told(false) }
    }

    /// A site; the last word counts.
    pub fn site(&mut self, site: &Site) -> Changed {
        replace(&mut self.sites, site.id.clone(), site)
    }

    /// A supplier; unknown fields leave what is known.
    pub fn supplier(&mut self, supplier: &Supplier) -> Changed {
        let mut merged = supplier.clone();
        if let Some(known) = self.suppliers.get(&supplier.id) {
            merged.lead_time_days = merged.lead_time_days.or(known.lead_time_days);
            merged.review_weekday = merged.review_weekday.or(known.review_weekday);
            merged.min_order = merged.min_order.or(known.min_order);
        }
        replace(&mut self.suppliers, supplier.id.clone(), &merged)
    }
}

fn replace<K: Ord, V: Clone + PartialEq>(known: &mut BTreeMap<K, V>, key: K, new: &V) -> Changed {
    match known.insert(key, new.clone()) {
        None => Changed::told(true),
        Some(old) if old == *new => Changed::same(),
        Some(_) => Changed::told(false),
    }
}

/// What people decide. `at` is the decision's domain time and `seq` its number in the journal; the
/// same number again changes nothing.
impl StockBook {
    /// Took in goods, against a purchase order or not; negative only to take that back.
    pub fn received(
        &mut self,
        (sku, site): (&Sku, &SiteId),
        qty: Qty,
        po: Option<&PoNumber>,
        at: Timestamp,
        seq: u64,
    ) -> Changed {
        self.moved([journalled(sku, site, qty, po, at, seq)])
    }

    /// Corrected stock by `delta`.
    pub fn adjusted(
        &mut self,
        (sku, site): (&Sku, &SiteId),
        delta: Qty,
        at: Timestamp,
        seq: u64,
    ) -> Changed {
        self.moved([journalled(sku, site, delta, None, at, seq)])
    }

    /// Moved stock from one site to another.
    pub fn transferred(
        &mut self,
        sku: &Sku,
        (from, to): (&SiteId, &SiteId),
        qty: Qty,
        at: Timestamp,
        seq: u64,
    ) -> Changed {
        self.moved([
            journalled(sku, from, -qty, None, at, seq),
            journalled(sku, to, qty, None, at, seq),
        ])
    }

    /// Counted the shelf: this many were there at that moment.
    pub fn counted(
        &mut self,
        (sku, site): (&Sku, &SiteId),
        qty: Qty,
        at: Timestamp,
        seq: u64,
        sales: &dyn SalesAfter,
    ) -> Changed {
        let figure = Some((qty, StockBasis::OnHand));
        let heard = Heard { source: StockSource::Count, as_of: at, figure, seq };
        self.hear([(sku, site, heard)], sales)
    }

    /// Took a count back. A count before it is put back from `before`; a feed's figure is what the
    /// feed last said, which may be newer than `before`.
    pub fn uncounted(
        &mut self,
        (sku, site): (&Sku, &SiteId),
        before: Option<&(Qty, Timestamp, StockSource)>,
        at: Timestamp,
        seq: u64,
        sales: &dyn SalesAfter,
    ) -> Changed {
        let earlier = before.filter(|(_, _, source)| *source == StockSource::Count);
        let figure = earlier.map(|(qty, _, _)| (*qty, StockBasis::OnHand));
        let as_of = earlier.map_or(at, |(_, as_of, _)| *as_of);
        let heard = Heard { source: StockSource::Count, as_of, figure, seq };
        self.hear([(sku, site, heard)], sales)
    }
}

fn journalled(
    sku: &Sku,
    site: &SiteId,
    delta: Qty,
    po: Option<&PoNumber>,
    at: Timestamp,
    seq: u64,
) -> Movement {
    Movement {
        id: MovementId::Journal(seq),
        sku: sku.clone(),
        site: site.clone(),
        at,
        delta,
        po: po.cloned(),
    }
}

/// What is asked of the book.
impl StockBook {
    /// The position of a SKU at a site; `None`: nothing was ever said of it there.
    pub fn position(&self, sku: &Sku, site: &SiteId) -> Option<&Position> {
        Some(&self.shelf(sku, site)?.position)
    }
    /// What is to be written of a SKU at a site.
    pub fn shelf(&self, sku: &Sku, site: &SiteId) -> Option<&Shelf> {
        Some(&self.places.get(sku)?.get(site)?.shelf)
    }
    /// Every position, by SKU, then site.
    pub fn positions(&self) -> impl Iterator<Item = (&Sku, &SiteId, &Position)> {
        self.places.iter().flat_map(|(sku, places)| {
            places.iter().map(move |(site, place)| (sku, site, &place.shelf.position))
        })
    }
    /// The sites that have a position of a SKU, in order.
    pub fn sites_of(&self, sku: &Sku) -> impl Iterator<Item = (&SiteId, &Position)> {
        let places = self.places.get(sku).into_iter().flatten();
        places.map(|(site, place)| (site, &place.shelf.position))
    }
    /// What is known of a SKU.
    pub fn product_of(&self, sku: &Sku) -> Option<&Product> {
        self.products.get(sku)
    }
    /// The catalogue, by SKU.
    pub fn products(&self) -> impl Iterator<Item = &Product> {
        self.products.values()
    }
    /// Whether the SKU is in the catalogue or has a position.
    pub fn knows(&self, sku: &Sku) -> bool {
        self.products.contains_key(sku) || self.places.contains_key(sku)
    }
    /// A site by id.
    pub fn site_of(&self, id: &SiteId) -> Option<&Site> {
        self.sites.get(id)
    }
    /// The sites that a feed told of, by id.
    pub fn sites(&self) -> impl Iterator<Item = &Site> {
        self.sites.values()
    }
    /// A supplier by id.
    pub fn supplier_of(&self, id: &SupplierId) -> Option<&Supplier> {
        self.suppliers.get(id)
    }
    /// The suppliers, by id.
    pub fn suppliers(&self) -> impl Iterator<Item = &Supplier> {
        self.suppliers.values()
    }
    /// A purchase order by number, open or not.
    pub fn purchase_order_of(&self, number: &PoNumber) -> Option<&PurchaseOrder> {
        self.supply.get(number)
    }
    /// All purchase orders, by number.
    pub fn purchase_orders(&self) -> impl Iterator<Item = &PurchaseOrder> {
        self.supply.all()
    }
    /// Open purchase orders that still bring a SKU, soonest first, those without a date last.
    pub fn open_purchase_orders(&self, sku: &Sku) -> Vec<&PurchaseOrder> {
        let mut open: Vec<_> =
            self.supply.open_for(sku).filter(|po| self.to_come(po, sku).is_positive()).collect();
        open.sort_by_key(|po| (po.due_at.is_none(), po.due_at));
        open
    }
    /// What is still to come of a SKU by a purchase order.
    pub fn to_come(&self, po: &PurchaseOrder, sku: &Sku) -> Qty {
        self.places.get(sku).map_or(Qty::ZERO, |places| Supply::to_come(po, sku, places))
    }
    /// The next delivery of a SKU to a site: the one that is due first, else one without a date.
    pub fn next_delivery(&self, sku: &Sku, site: &SiteId) -> Option<Delivery> {
        let next = self.open_purchase_orders(sku).into_iter().find(|po| po.site == *site)?;
        let qty = self.to_come(next, sku);
        Some(Delivery { po: next.number.clone(), due_at: next.due_at, qty })
    }
    /// Whether more is promised than is there. Unknown stock is not short.
    pub fn short(&self, sku: &Sku, site: &SiteId) -> bool {
        self.position(sku, site).and_then(Position::available).is_some_and(Qty::is_negative)
    }
    /// How many positions there are.
    pub fn position_count(&self) -> usize {
        self.position_count
    }
    /// How many products the catalogue has.
    pub fn product_count(&self) -> usize {
        self.products.len()
    }
    /// How many movements are held.
    pub fn movement_count(&self) -> usize {
        self.places.values().flat_map(BTreeMap::values).map(|place| place.movements.len()).sum()
    }
}

impl StockBook {
    /// The place of a SKU at a site, made if need be, and whether it was made.
    fn place(&mut self, sku: &Sku, site: &SiteId) -> (&mut Place, bool) {
        let known = self.places.get(sku).is_some_and(|places| places.contains_key(site));
        if !known {
            self.position_count += 1;
            self.places.entry(sku.clone()).or_default().insert(site.clone(), Place::default());
        }
        let place = self.places.entry(sku.clone()).or_default().entry(site.clone()).or_default();
        (place, !known)
    }

    /// Notes what sources say, then mends what came after each figure whose moment has moved.
    fn hear<'a>(
        &mut self,
        told: impl IntoIterator<Item = (&'a Sku, &'a SiteId, Heard)>,
        sales: &dyn SalesAfter,
    ) -> Changed {
        let mut changed = Changed::default();
        let mut touched: BTreeMap<(&Sku, &SiteId), Option<Timestamp>> = BTreeMap::new();
        for (sku, site, heard) in told {
            let (place, _) = self.place(sku, site);
            let as_of = place.as_of();
            match place.shelf.hear(heard) {
                Hearing::Same => {
                    changed.applied.same += 1;
                    continue;
                }
                Hearing::New => changed.applied.new += 1,
                Hearing::Changed => changed.applied.changed += 1,
            }
            touched.entry((sku, site)).or_insert(as_of);
        }
        let mut asked = Vec::new();
        for ((sku, site), before) in touched {
            changed.positions.push((sku.clone(), site.clone()));
            let (place, _) = self.place(sku, site);
            if place.as_of() == before {
                continue;
            }
            place.sum_movements();
            (place.shelf.position.placed, place.shelf.position.shipped) = Default::default();
            asked.extend(place.as_of().map(|as_of| (sku.clone(), site.clone(), as_of)));
        }
        if !asked.is_empty() {
            let answers = sales.sales_after(&asked);
            for ((sku, site, _), (placed, shipped)) in asked.iter().zip(answers) {
                let position = &mut self.place(sku, site).0.shelf.position;
                (position.placed, position.shipped) = (placed, shipped);
            }
        }
        changed
    }

    /// Adds movements and applies them to their places and to the purchase orders they came by.
    fn moved<const N: usize>(&mut self, movements: [Movement; N]) -> Changed {
        let mut changed = Changed::default();
        for movement in movements {
            let (sku, site) = (movement.sku.clone(), movement.site.clone());
            let (place, is_new) = self.place(&sku, &site);
            let before = place.shelf.position.clone();
            match place.movements.add(&movement) {
                Added::Known => {
                    changed.applied.same += 1;
                    continue;
                }
                Added::New => changed.applied.new += 1,
                Added::Replaced => changed.applied.changed += 1,
            }
            place.sum_movements();
            if is_new || place.shelf.position != before {
                changed.positions.push((sku.clone(), site));
            }
            changed.positions.extend(self.sum_on_order_of(&sku));
            changed.movements.push(movement);
        }
        changed.positions.sort_unstable();
        changed.positions.dedup();
        changed
    }

    /// Brings on-order of a SKU at all sites up to date; the places that changed.
    fn sum_on_order_of(&mut self, sku: &Sku) -> Vec<(Sku, SiteId)> {
        let sites: Vec<SiteId> = self.sites_of(sku).map(|(site, _)| site.clone()).collect();
        let changed = sites.into_iter().filter(|site| self.sum_on_order(sku, site));
        changed.map(|site| (sku.clone(), site)).collect()
    }

    /// Brings on-order of a SKU at a site up to date; whether it changed.
    fn sum_on_order(&mut self, sku: &Sku, site: &SiteId) -> bool {
        let Some(places) = self.places.get_mut(sku) else { return false };
        let coming = self.supply.open_for(sku).filter(|po| po.site == *site);
        let on_order = coming.map(|po| Supply::to_come(po, sku, places)).sum();
        let Some(place) = places.get_mut(site) else { return false };
        let before = std::mem::replace(&mut place.shelf.position.on_order, on_order);
        before != on_order
    }
}
