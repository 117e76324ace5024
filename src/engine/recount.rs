//! Counting demand anew: when it changes what a day is somewhere, every figure has to be made again
//! from the orders.
//!
//! The zones that the figures were counted in are kept beside them; figures without zones are not
//! whole, and are counted at the next load. What is counted is held in memory until all of it is, so
//! that a count that is cancelled leaves the old figures as they were.

use super::books::bucket_key;
use super::house::House;
use super::keeper::KeepError;
use super::stored::StoredOrder;
use super::tables::{self, Mark};
use crate::demand::{
    Bucket, BucketKey, Buckets, Ledger, OrderChange, ReturnKey, SaleLine, SameDay,
};
use crate::domain::*;
use crate::orders::{OrderIndex, Row};
use crate::store::{Store, StoreError, Table, Write};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::Ordering;

const RECOUNTING: &str = "counting demand anew";
/// Orders that are counted at once, and records that are written at once.
const BATCH: usize = 1_000;

/// The zones in which days are counted: the store's, then each site's that differs.
pub fn zones_of(house: &House, sites: &[Site]) -> Box<str> {
    let mut text = house.zone.name().to_owned();
    for site in sites {
        if let Some(zone) = Zone::named(&site.zone).filter(|zone| *zone != house.zone) {
            text.push_str(&format!("\n{}={}", site.id, zone.name()));
        }
    }
    text.into()
}

/// A ledger of a house's zones that has counted nothing.
pub fn empty_ledger(house: &House, sites: &[Site]) -> Ledger {
    let mut ledger = Ledger::new(house.zone.clone());
    for site in sites {
        if let Some(zone) = Zone::named(&site.zone) {
            // Nothing is counted yet, so nothing has to be counted again.
            let _ = ledger.set_zone(site.id.clone(), zone);
        }
    }
    ledger
}

impl House {
    /// Counts demand anew from all orders if it was counted in other zones than those of today.
    /// Nothing is taken in meanwhile; what is asked is answered from the old figures.
    ///
    /// # Errors
    /// The store refused, and is loaded anew: it may have some of the new figures and lack some of
    /// the old ones.
    pub fn recount_demand(&self) -> Result<(), KeepError> {
        let mut guard = self.writer.lock();
        let store = self.store().filter(|_| guard.is_some()).ok_or(KeepError::Loading)?;
        self.recount_in(&store).map_err(|error| {
            self.load_anew(&mut guard, &error);
            error.into()
        })
    }

    /// The same, for who holds the writer or loads.
    pub(super) fn recount_in(&self, store: &Store) -> Result<(), StoreError> {
        let sites: Vec<Site> = self.stock.read().sites().cloned().collect();
        let zones = zones_of(self, &sites);
        if store.get::<tables::Zones>(&())?.as_ref() == Some(&zones) {
            self.recount_due.store(false, Ordering::Release);
            return Ok(());
        }
        self.recount_due.store(true, Ordering::Release);
        let Some(count) = self.count(store, empty_ledger(self, &sites))? else {
            tracing::warn!("demand: the recount was cancelled; the next start counts anew");
            return Ok(());
        };
        let mut ledger = self.demand.write();
        count.write(store, &zones)?;
        *ledger = count.ledger;
        drop(ledger);
        self.recount_due.store(false, Ordering::Release);
        self.recent.lock().forget_all();
        self.cached.lock().forget_all();
        self.planner.touch_all();
        self.forecast_bell.anew();
        self.changed();
        Ok(())
    }

    /// Counts every order; `None`: somebody cancelled it.
    fn count(&self, store: &Store, ledger: Ledger) -> Result<Option<Count>, StoreError> {
        let mut count = Count { ledger, buckets: Held::default(), returns: BTreeMap::new() };
        let total = self.orders.read().len() as u64;
        if total == 0 {
            return Ok(Some(count));
        }
        let work = self.works.begin(RECOUNTING);
        let mut orders = store.scan::<tables::Orders>(..);
        let mut done = 0;
        loop {
            let batch: Vec<(Row, Order)> = (&mut orders)
                .take(BATCH)
                .map(|record| record.map(|(row, stored)| (row, stored.into_order())))
                .collect::<Result<_, _>>()?;
            let Some((first, _)) = batch.first() else { return Ok(Some(count)) };
            count.take(store, &self.orders.read(), *first, &batch)?;
            done += batch.len() as u64;
            work.at(Progress { what: RECOUNTING.into(), done, total: Some(total) });
            if work.cancelled() {
                return Ok(None);
            }
        }
    }
}

/// What was counted so far.
struct Count {
    ledger: Ledger,
    buckets: Held,
    returns: BTreeMap<ReturnKey, u32>,
}

impl Count {
    fn take(
        &mut self,
        store: &Store,
        index: &OrderIndex,
        first: Row,
        batch: &[(Row, Order)],
    ) -> Result<(), StoreError> {
        let changes: Vec<OrderChange<'_>> =
            batch.iter().map(|(_, order)| OrderChange { old: None, new: Some(order) }).collect();
        let failed = std::cell::Cell::new(None);
        let earlier = Earlier { store, index, first, failed: &failed };
        let change = match self.ledger.apply_page(&mut self.buckets, &changes, &earlier) {
            Ok(change) => change,
            Err(never) => match never {},
        };
        self.returns.extend(change.returns);
        failed.take().map_or(Ok(()), Err)
    }

    /// Puts the new figures in place of the old ones. Until the last write the store has no zones,
    /// so that a load in between counts anew.
    fn write(&self, store: &Store, zones: &str) -> Result<(), StoreError> {
        let mut write = store.write();
        write.delete::<tables::Zones>(&());
        write.commit_flushed()?;
        clear::<tables::Demand>(store)?;
        clear::<tables::Spans>(store)?;
        clear::<tables::Returns>(store)?;
        in_batches(store, &self.buckets.0, |write, (key, bucket)| {
            write.put::<tables::Demand>(&bucket_key(key), bucket)
        })?;
        in_batches(store, self.ledger.series_list(), |write, (series, span)| {
            write.put::<tables::Spans>(&(series.sku.clone(), series.site.clone()), &span)
        })?;
        let returns = self.returns.iter().filter(|(_, count)| **count > 0);
        in_batches(store, returns, |write, (of, count)| {
            write.put::<tables::Returns>(&tables::return_key(of), &(of.clone(), *count))
        })?;
        let mut write = store.write();
        if let Some(day) = self.ledger.last_day() {
            write.put::<tables::Marks>(&(Mark::LastDay as u32), &i64::from(day.number()))?;
        }
        write.put::<tables::Zones>(&(), &zones.into())?;
        write.commit()
    }
}

fn clear<T: Table>(store: &Store) -> Result<(), StoreError> {
    in_batches(store, store.scan::<T>(..), |write, record| {
        write.delete::<T>(&record?.0);
        Ok(())
    })
}

fn in_batches<R>(
    store: &Store,
    records: impl IntoIterator<Item = R>,
    mut put: impl FnMut(&mut Write<'_>, R) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut write = store.write();
    for record in records {
        put(&mut write, record)?;
        if write.len() >= BATCH {
            write.commit()?;
            write = store.write();
        }
    }
    write.commit()
}

/// Buckets in memory.
#[derive(Default)]
struct Held(BTreeMap<BucketKey, Bucket>);

impl Buckets for Held {
    type Error = Infallible;
    fn get(&self, key: &BucketKey) -> Result<Option<Bucket>, Infallible> {
        Ok(self.0.get(key).cloned())
    }
    fn put(&mut self, key: &BucketKey, bucket: Option<&Bucket>) -> Result<(), Infallible> {
        match bucket {
            Some(bucket) => self.0.insert(key.clone(), bucket.clone()),
            None => self.0.remove(key),
        };
        Ok(())
    }
}

/// The sales of orders that were counted already: those of rows before the batch.
struct Earlier<'e> {
    store: &'e Store,
    index: &'e OrderIndex,
    first: Row,
    /// What the store refused, since counting itself cannot fail.
    failed: &'e std::cell::Cell<Option<StoreError>>,
}

impl SameDay for Earlier<'_> {
    type Error = Infallible;
    fn sales(&self, line: &SaleLine<'_>) -> Result<u32, Infallible> {
        let (from, to) = line.moments();
        let rows = self.index.of_customer_between(line.customer, from, to);
        let mut count = 0;
        for row in rows.into_iter().filter(|row| *row < self.first) {
            match self.store.get::<tables::Orders>(&row) {
                Ok(stored) => {
                    let order = stored.map(StoredOrder::into_order);
                    count += order.map_or(0, |order| line.count_in(&order));
                }
                Err(error) => self.failed.set(Some(error)),
            }
        }
        Ok(count)
    }
}
