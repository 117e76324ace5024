//! Master data: products, sites, suppliers.

use super::{Category, Money, Qty, SiteId, Sku, SupplierId, UnitPrice};
use serde::{Deserialize, Serialize};

/// What is known about a SKU. Everything but the SKU may be unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The SKU.
    pub sku: Sku,
    /// Name or description, clean.
    pub name: Option<Box<str>>,
    /// Its category.
    pub category: Option<Category>,
    /// List price of one unit.
    pub price: Option<UnitPrice>,
    /// Cost of one unit.
    pub cost: Option<UnitPrice>,
    /// Units in a supplier's pack.
    pub pack: Option<Qty>,
    /// The least that the supplier sells at once.
    pub moq: Option<Qty>,
    /// Who supplies it.
    pub supplier: Option<SupplierId>,
}

impl Product {
    /// A product of which only the SKU is known.
    pub fn bare(sku: Sku) -> Self {
        Product {
            sku,
            name: None,
            category: None,
            price: None,
            cost: None,
            pack: None,
            moq: None,
            supplier: None,
        }
    }
    /// Takes over what `newer` knows and keeps the rest: two feeds may each know a part.
    pub fn merge(&mut self, newer: &Product) {
        fn take<T: Clone>(mine: &mut Option<T>, theirs: &Option<T>) {
            if theirs.is_some() {
                mine.clone_from(theirs);
            }
        }
        take(&mut self.name, &newer.name);
        take(&mut self.category, &newer.category);
        take(&mut self.price, &newer.price);
        take(&mut self.cost, &newer.cost);
        take(&mut self.pack, &newer.pack);
        take(&mut self.moq, &newer.moq);
        take(&mut self.supplier, &newer.supplier);
    }
}

/// A place that holds stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Its name on screen.
    pub name: Box<str>,
    /// IANA time zone; decides what a day is there.
    pub zone: Box<str>,
}

/// A supplier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplier {
    /// Its code.
    pub id: SupplierId,
    /// Its name.
    pub name: Box<str>,
    /// Lead time it states, in days.
    pub lead_time_days: Option<u16>,
    /// The weekday on which it is ordered from, 0 = Monday.
    pub review_weekday: Option<u8>,
    /// The least order value it takes.
    pub min_order: Option<Money>,
}
