//! What can be asked of the stock book.

use super::supply::Supply;
use super::{Delivery, Shelf, StockBook};
use crate::domain::{
    PoNumber, Position, Product, PurchaseOrder, Qty, Site, SiteId, Sku, SkuTerms, Span,
    StockBounds, Supplier, SupplierId, Timestamp,
};
use std::collections::BTreeMap;

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
    /// What binds buying a SKU.
    pub fn terms_of(&self, sku: &Sku) -> Option<&SkuTerms> {
        self.terms.get(sku)
    }

    /// When goods came to a site, and how many, the newest first, as far as it is remembered.
    pub fn receipts_of(&self, sku: &Sku, site: &SiteId) -> Vec<(Timestamp, Qty)> {
        let place = self.places.get(sku).and_then(|sites| sites.get(site));
        place.map_or_else(Vec::new, |place| place.movements.receipts())
    }

    /// What was said of a SKU's stock, first that of sites which are not named.
    pub fn bounds_of(&self, sku: &Sku) -> impl Iterator<Item = &StockBounds> {
        self.bounds.get(sku).into_iter().flat_map(BTreeMap::values)
    }

    /// The least and the most that a site is to hold of a SKU, as far as anybody has said.
    pub fn bounds_at(&self, sku: &Sku, site: &SiteId) -> (Option<Qty>, Option<Qty>) {
        let of_sku = self.bounds.get(sku);
        let of = |site: Option<SiteId>| of_sku.and_then(|of_sku| of_sku.get(&site));
        let (here, all) = (of(Some(site.clone())), of(None));
        let said =
            |of: fn(&StockBounds) -> Option<Qty>| here.and_then(of).or_else(|| all.and_then(of));
        let most = said(|bounds| bounds.most);
        let most = most.or_else(|| self.terms_of(sku).and_then(|terms| terms.most));
        (said(|bounds| bounds.least), most)
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
    /// How many units of a SKU have arrived by a purchase order, at any site: what its source says,
    /// and what was received since.
    pub fn arrived(&self, number: &PoNumber, sku: &Sku) -> Qty {
        self.supply
            .get(number)
            .map_or(Qty::ZERO, |po| Supply::arrived(po, sku, self.places.get(sku)))
    }
    /// When all of a purchase order had arrived; `None`: some of it is to come, or nothing came.
    pub fn arrived_at(&self, po: &PurchaseOrder) -> Option<Timestamp> {
        Supply::arrived_at(po, &self.places)
    }
    /// How long each purchase order of a supplier took until all had arrived, the oldest first.
    pub fn lead_times(&self, supplier: &SupplierId) -> Vec<Span> {
        self.supply.lead_times(supplier, &self.places)
    }
    /// A purchase order with what had arrived by it up to a moment.
    pub fn purchase_order_at(&self, number: &PoNumber, at: Timestamp) -> Option<PurchaseOrder> {
        let mut po = self.supply.get(number)?.clone();
        let since = po.updated_at;
        for line in &mut po.lines {
            let places = self.places.get(&line.sku).into_iter().flat_map(BTreeMap::values);
            let upto = places.map(|place| {
                let all = place.movements.received_after(number, since);
                all - place.movements.received_after(number, at.max(since))
            });
            line.received += upto.sum();
        }
        Some(po)
    }
    /// When goods of a SKU last came to a site, as far back as is remembered.
    pub fn last_receipt(&self, sku: &Sku, site: &SiteId) -> Option<Timestamp> {
        self.places.get(sku)?.get(site)?.movements.last_receipt()
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
