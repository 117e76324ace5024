//! The stock book: what was told, and the positions that follow from it.

use super::movement::{Added, Movements};
use super::sales::Sale;
use super::shelf::{Heard, Hearing};
use super::supply::Supply;
use super::{Changed, Movement, MovementId, SalesAfter, Shelf};
use crate::domain::{
    Order, PoNumber, Product, PurchaseOrder, Qty, Receipt, Site, SiteId, Sku, SkuTerms, Span,
    StockAdjustment, StockBasis, StockBounds, StockReport, StockSource, Supplier, SupplierId,
    Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// Movements are kept this long before the oldest figure that can be the truth again (a feed that
/// takes its own back leaves an older count), in case that one is taken back too.
const KEEP_BEFORE_FIGURE: Span = Span::days(90);
/// Movements are kept this long where nobody has told a figure yet.
const KEEP_WITHOUT_FIGURE: Span = Span::days(400);

/// Stock of all SKUs at all sites, in memory.
#[derive(Clone, Debug, Default)]
pub struct StockBook {
    pub(super) products: BTreeMap<Sku, Product>,
    pub(super) terms: BTreeMap<Sku, SkuTerms>,
    pub(super) bounds: BTreeMap<Sku, BTreeMap<Option<SiteId>, StockBounds>>,
    pub(super) sites: BTreeMap<SiteId, Site>,
    pub(super) suppliers: BTreeMap<SupplierId, Supplier>,
    pub(super) places: BTreeMap<Sku, BTreeMap<SiteId, Place>>,
    pub(super) supply: Supply,
    pub(super) position_count: usize,
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
        terms: impl IntoIterator<Item = SkuTerms>,
        sites: impl IntoIterator<Item = Site>,
        suppliers: impl IntoIterator<Item = Supplier>,
        shelves: impl IntoIterator<Item = (Sku, SiteId, Shelf)>,
        movements: impl IntoIterator<Item = Movement>,
        purchase_orders: impl IntoIterator<Item = PurchaseOrder>,
    ) -> Self {
        let mut book = StockBook {
            products: products.into_iter().map(|p| (p.sku.clone(), p)).collect(),
            terms: terms.into_iter().map(|t| (t.sku.clone(), t)).collect(),
            sites: sites.into_iter().map(|s| (s.id.clone(), s)).collect(),
            suppliers: suppliers.into_iter().map(|s| (s.id.clone(), s)).collect(),
            ..StockBook::default()
        };
        for (sku, site, shelf) in shelves {
            book.with_place(&sku, &site, |place, _| place.shelf = shelf);
        }
        for movement in movements {
            book.with_place(&movement.sku, &movement.site, |place, _| {
                place.movements.add(&movement)
            });
        }
        for po in purchase_orders {
            // A number can be there once only; were it there twice, the newer one stands.
            let _ = book.supply.take(&po);
        }
        book
    }

    /// Forgets movements that no figure can need any more, and returns them so that they can be
    /// deleted. Kept are those newer than 90 days before the oldest figure that a source
    /// stands by (400 days before `now` where there is none), and those received against a purchase order that is
    /// open: a source that tells of it may not know of them.
    pub fn prune(&mut self, now: Timestamp) -> Vec<Movement> {
        let mut gone = Vec::new();
        let supply = &self.supply;
        for place in self.places.values_mut().flat_map(BTreeMap::values_mut) {
            let since = match place.shelf.oldest_figure() {
                Some(as_of) => as_of - KEEP_BEFORE_FIGURE,
                None => now - KEEP_WITHOUT_FIGURE,
            };
            gone.extend(place.movements.keep(|m| {
                let po = m.po.as_ref().and_then(|number| supply.get(number));
                m.at > since || po.is_some_and(|po| po.status.is_open())
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
        let mut lines: Vec<((&Sku, &SiteId), Sale, Qty)> = Vec::new();
        for (order, sign) in [(old, -1), (new, 1)] {
            let Some((order, sale)) = order.and_then(|order| Some((order, Sale::of(order)?)))
            else {
                continue;
            };
            lines.extend(order.product_lines().map(|line| {
                let units = if sign < 0 { -line.standing() } else { line.standing() };
                ((&line.sku, &order.site), sale, units)
            }));
        }
        lines.sort_unstable_by_key(|(place, _, _)| *place);
        let mut positions = Vec::new();
        for of_place in lines.chunk_by(|a, b| a.0 == b.0) {
            let Some(&((sku, site), _, _)) = of_place.first() else { continue };
            let changed = self.with_place(sku, site, |place, is_new| {
                let as_of = place.as_of();
                let position = &mut place.shelf.position;
                let before = (position.committed, position.placed, position.shipped);
                for (_, sale, units) in of_place {
                    position.committed += sale.committed(*units);
                    if let Some(as_of) = as_of {
                        position.placed += sale.placed_after(as_of, *units);
                        position.shipped += sale.shipped_after(as_of, *units);
                    }
                }
                is_new || before != (position.committed, position.placed, position.shipped)
            });
            if changed {
                positions.push((sku.clone(), site.clone()));
            }
        }
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
        self.moved([received(receipt)])
    }

    /// A correction that a feed tells.
    pub fn adjustment(&mut self, adjustment: &StockAdjustment) -> Changed {
        self.moved([adjusted(adjustment)])
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
            let is_new = self.with_place(sku, site, |_, is_new| is_new);
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

    /// What binds buying a SKU. Unknown fields leave what is known; `applied` says whether anything
    /// changed.
    pub fn terms(&mut self, terms: &SkuTerms) -> Changed {
        let Some(known) = self.terms.get_mut(&terms.sku) else {
            self.terms.insert(terms.sku.clone(), terms.clone());
            return Changed::told(true);
        };
        let before = known.clone();
        known.merge(terms);
        if *known == before { Changed::same() } else { Changed::told(false) }
    }

    /// Between what stock is to be kept. Unknown fields leave what is known; `applied` says whether anything
    /// changed.
    pub fn bounds(&mut self, bounds: &StockBounds) -> Changed {
        let Some(merged) = self.bounds_with(bounds) else { return Changed::same() };
        let of_sku = self.bounds.entry(bounds.sku.clone()).or_default();
        Changed::told(of_sku.insert(bounds.site.clone(), merged).is_none())
    }

    /// What is known of the same SKU and site once these bounds are taken in; `None`: what is known
    /// already.
    pub(super) fn bounds_with(&self, bounds: &StockBounds) -> Option<StockBounds> {
        let known = self.bounds.get(&bounds.sku).and_then(|of_sku| of_sku.get(&bounds.site));
        let mut merged = known.cloned().unwrap_or_else(|| bounds.clone());
        merged.merge(bounds);
        (known != Some(&merged)).then_some(merged)
    }

    /// A site; the last word counts.
    pub fn site(&mut self, site: &Site) -> Changed {
        replace(&mut self.sites, site.id.clone(), site)
    }

    /// A supplier; unknown fields leave what is known.
    pub fn supplier(&mut self, supplier: &Supplier) -> Changed {
        let merged = self.merged(supplier);
        replace(&mut self.suppliers, supplier.id.clone(), &merged)
    }

    /// A supplier with what was known of it where it says nothing.
    pub(super) fn merged(&self, supplier: &Supplier) -> Supplier {
        let mut merged = supplier.clone();
        if let Some(known) = self.suppliers.get(&supplier.id) {
            merged.lead_time_days = merged.lead_time_days.or(known.lead_time_days);
            merged.review_weekday = merged.review_weekday.or(known.review_weekday);
            merged.min_order = merged.min_order.or(known.min_order);
        }
        merged
    }
}

/// A receipt as a movement.
pub(super) fn received(receipt: &Receipt) -> Movement {
    Movement {
        id: MovementId::Receipt(receipt.id.clone()),
        sku: receipt.sku.clone(),
        site: receipt.site.clone(),
        at: receipt.received_at,
        delta: receipt.qty,
        po: receipt.po.clone(),
    }
}

/// An adjustment as a movement.
pub(super) fn adjusted(adjustment: &StockAdjustment) -> Movement {
    Movement {
        id: MovementId::Adjustment(adjustment.id.clone()),
        sku: adjustment.sku.clone(),
        site: adjustment.site.clone(),
        at: adjustment.at,
        delta: adjustment.delta,
        po: None,
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

impl StockBook {
    /// Does something with the place of a SKU at a site, which is made if need be; `act` is told
    /// whether it was.
    fn with_place<R>(
        &mut self,
        sku: &Sku,
        site: &SiteId,
        act: impl FnOnce(&mut Place, bool) -> R,
    ) -> R {
        if let Some(place) = self.places.get_mut(sku).and_then(|places| places.get_mut(site)) {
            return act(place, false);
        }
        self.position_count += 1;
        let places = self.places.entry(sku.clone()).or_default();
        act(places.entry(site.clone()).or_default(), true)
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
            let (as_of, hearing) =
                self.with_place(sku, site, |place, _| (place.as_of(), place.shelf.hear(heard)));
            match hearing {
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
            let as_of = self.with_place(sku, site, |place, _| {
                if place.as_of() == before {
                    return None;
                }
                place.sum_movements();
                (place.shelf.position.placed, place.shelf.position.shipped) = Default::default();
                place.as_of()
            });
            asked.extend(as_of.map(|as_of| (sku.clone(), site.clone(), as_of)));
        }
        if !asked.is_empty() {
            let answers = sales.sales_after(&asked);
            for ((sku, site, _), (placed, shipped)) in asked.iter().zip(answers) {
                self.with_place(sku, site, |place, _| {
                    let position = &mut place.shelf.position;
                    (position.placed, position.shipped) = (placed, shipped);
                });
            }
        }
        changed
    }

    /// Adds movements and applies them to their places and to the purchase orders they came by.
    fn moved<const N: usize>(&mut self, movements: [Movement; N]) -> Changed {
        let mut changed = Changed::default();
        for movement in movements {
            let (sku, site) = (movement.sku.clone(), movement.site.clone());
            let (added, changed_here) = self.with_place(&sku, &site, |place, is_new| {
                let before = place.shelf.position.moved;
                let added = place.movements.add(&movement);
                place.sum_movements();
                (added, is_new || place.shelf.position.moved != before)
            });
            match added {
                Added::Known => {
                    changed.applied.same += 1;
                    continue;
                }
                Added::New => changed.applied.new += 1,
                Added::Replaced => changed.applied.changed += 1,
            }
            if changed_here {
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
