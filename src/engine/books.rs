//! What of the books is written, and what the books ask of the orders meanwhile.

use super::stored::StoredOrder;
use super::tables::{self, Mark};
use crate::demand::{Bucket, BucketKey, Buckets, DemandChange, SaleLine, SameDay};
use crate::domain::*;
use crate::orders::{OrderIndex, Row};
use crate::stock::{Changed, SalesAfter, StockBook, sold_after};
use crate::store::{StoreError, Write};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Writes the positions and movements that changed at a moment.
pub fn write_stock(
    write: &mut Write<'_>,
    book: &StockBook,
    told: &Changed,
    at: Timestamp,
) -> Result<(), StoreError> {
    for position in &told.positions {
        let Some(shelf) = book.shelf(&position.0, &position.1) else { continue };
        write.put::<tables::Shelves>(position, shelf)?;
        let available = shelf.position.available();
        let mut outs = write.get::<tables::SoldOut>(position)?.unwrap_or_default();
        if outs.note(available.is_some_and(|units| !units.is_positive()), at) {
            write.put::<tables::SoldOut>(position, &outs)?;
        }
        if !available.is_some_and(Qty::is_negative) {
            write.delete::<tables::ShortSince>(position);
        } else if write.get::<tables::ShortSince>(position)?.is_none() {
            write.put::<tables::ShortSince>(position, &at)?;
        }
    }
    for movement in &told.movements {
        write.put::<tables::Movements>(&tables::movement_key(movement), movement)?;
    }
    Ok(())
}

/// Writes what changed of demand beside its buckets.
pub fn write_demand(write: &mut Write<'_>, change: &DemandChange) -> Result<(), StoreError> {
    for series in &change.series {
        let key = (series.series.sku.clone(), series.series.site.clone());
        match series.span {
            Some(Some(span)) => write.put::<tables::Spans>(&key, &span)?,
            Some(None) => write.delete::<tables::Spans>(&key),
            None => {}
        }
    }
    for (of, count) in &change.returns {
        let key = tables::return_key(of);
        match count {
            0 => write.delete::<tables::Returns>(&key),
            _ => write.put::<tables::Returns>(&key, &(of.clone(), *count))?,
        }
    }
    if let Some(day) = change.last_day {
        let number = i64::from(day.number());
        write.put::<tables::Marks>(&(Mark::LastDay as u32), &number)?;
    }
    Ok(())
}

/// Demand's buckets in a write, which the ledger writes while it also asks for orders.
pub struct Shelved<'c, 'w, 's> {
    /// The write.
    pub write: &'c RefCell<&'w mut Write<'s>>,
}

impl Buckets for Shelved<'_, '_, '_> {
    type Error = StoreError;
    fn get(&self, key: &BucketKey) -> Result<Option<Bucket>, StoreError> {
        self.write.borrow().get::<tables::Demand>(&bucket_key(key))
    }
    fn put(&mut self, key: &BucketKey, bucket: Option<&Bucket>) -> Result<(), StoreError> {
        match bucket {
            Some(bucket) => self.write.borrow_mut().put::<tables::Demand>(&bucket_key(key), bucket),
            None => {
                self.write.borrow_mut().delete::<tables::Demand>(&bucket_key(key));
                Ok(())
            }
        }
    }
}

/// A bucket's key in the store.
pub fn bucket_key(key: &BucketKey) -> (Sku, SiteId, u32) {
    (key.series.sku.clone(), key.series.site.clone(), u32::from(key.bucket))
}

/// The orders, asked for sales. What a write holds already is seen.
pub struct Sales<'a, 's> {
    /// Which orders there are.
    pub index: &'a OrderIndex,
    /// The write that holds what this page changes.
    pub write: &'a Write<'s>,
}

impl Sales<'_, '_> {
    fn order(&self, row: Row) -> Result<Option<Order>, StoreError> {
        Ok(self.write.get::<tables::Orders>(&row)?.map(StoredOrder::into_order))
    }
}

/// The same for demand, whose buckets lie in the same write.
pub struct SameDaySales<'c, 'w, 's> {
    /// Which orders there are.
    pub index: &'c OrderIndex,
    /// The write that holds what this page changes.
    pub write: &'c RefCell<&'w mut Write<'s>>,
}

impl SameDay for SameDaySales<'_, '_, '_> {
    type Error = StoreError;
    fn sales(&self, line: &SaleLine<'_>) -> Result<u32, StoreError> {
        let (from, to) = line.moments();
        let mut count = 0;
        for row in self.index.of_customer_between(line.customer, from, to) {
            let stored = self.write.borrow().get::<tables::Orders>(&row)?;
            count += stored.map_or(0, |stored| line.count_in(&stored.into_order()));
        }
        Ok(count)
    }
}

impl SalesAfter for Sales<'_, '_> {
    fn sales_after(&self, asked: &[(Sku, SiteId, Timestamp)]) -> Vec<(Qty, Qty)> {
        let mut found = vec![(Qty::ZERO, Qty::ZERO); asked.len()];
        let Some(oldest) = asked.iter().map(|(_, _, at)| *at).min() else { return found };
        let places: FxHashMap<(&Sku, &SiteId), usize> =
            asked.iter().enumerate().map(|(i, (sku, site, _))| ((sku, site), i)).collect();
        for row in self.index.moved_since(oldest) {
            let order = match self.order(row) {
                Ok(Some(order)) => order,
                Ok(None) => continue,
                Err(error) => {
                    tracing::error!(%error, "stock: an order cannot be read");
                    continue;
                }
            };
            let skus: BTreeSet<&Sku> = order.product_lines().map(|line| &line.sku).collect();
            for sku in skus {
                let Some(i) = places.get(&(sku, &order.site)) else { continue };
                let (_, site, at) = &asked[*i];
                let (placed, shipped) = sold_after(&order, sku, site, *at);
                found[*i].0 += placed;
                found[*i].1 += shipped;
            }
        }
        found
    }
}
