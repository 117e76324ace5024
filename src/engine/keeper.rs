//! The keeper: applies pages and decisions, one at a time.
//!
//! A page's records, what follows from them (demand, stock, index) and its cursor go into the store
//! as one batch. The archive is written first: a page that is in the archive but not in the store
//! is read again from the feed, or found again in a rebuild, and changes nothing twice.

use super::house::{House, Numbers};
use super::tables::{self, Mark, Quarantined, StoredOrder};
use crate::archive::Archive;
use crate::archive::ArchiveError;
use crate::demand::{Bucket, BucketKey, Buckets, DemandChange, OrderChange, SaleLine, SameDay};
use crate::domain::*;
use crate::feed::Applied;
use crate::orders::{OrderIndex, Row};
use crate::stock::{Changed, SalesAfter, StockBook, sold_after};
use crate::store::{Store, StoreError, Write};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// Why something could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The store is still being loaded.
    #[error("the store is still being loaded; try again in a moment")]
    Loading,
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive refused.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// What a page says of people could not be sealed.
    #[error(transparent)]
    Vault(#[from] crate::vault::VaultError),
}

/// Where a page comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A feed, now: it goes into the archive, synced before this returns.
    Feed,
    /// A long import: into the archive, synced at its end.
    Import,
}

/// An order that changes.
struct Change {
    row: Row,
    old: Option<Order>,
    new: Order,
}

impl House {
    /// Applies a page, whole, with its cursor.
    pub fn apply_page(&self, page: Page, origin: Origin) -> Result<Applied, KeepError> {
        let mut guard = self.writer.lock();
        let writer = guard.as_mut().ok_or(KeepError::Loading)?;
        let store = self.store().ok_or(KeepError::Loading)?;
        self.apply_with(&mut writer.numbers, store, page, Some((&mut writer.archive, origin)))
    }

    /// The same, for who holds the writer already; without an archive where the page comes from it.
    pub(super) fn apply_with(
        &self,
        numbers: &mut Numbers,
        store: &Store,
        mut page: Page,
        archive: Option<(&mut Archive, Origin)>,
    ) -> Result<Applied, KeepError> {
        let mut write = store.write();
        match archive {
            Some(_) => self.seal_private(&mut page, &mut write)?,
            None => self.take_sealed(&page.private.sealed, &mut write)?,
        }
        let mut applied = Applied::default();
        let feed = page.feed.clone();
        let mut sorted = Sorted::new(std::mem::take(&mut page.records));
        let changes = self.new_versions(numbers, &write, &mut sorted.orders, &mut applied)?;

        let mut told = Changed::default();
        {
            let mut index = self.orders.write();
            let mut book = self.stock.write();
            self.take_master_data(&sorted, &mut book, &mut index, &mut told, &mut write)?;
            for change in &changes {
                index.put(change.row, &change.new);
                told.extend(book.order_changed(change.old.as_ref(), Some(&change.new)));
            }
            let heard_at = self.clock.now();
            for change in &changes {
                let stored = StoredOrder { order: change.new.clone(), heard_at };
                write.put::<tables::Orders>(&change.row, &stored)?;
            }
            let sales = Sales { index: &index, write: &write };
            take_stock(&sorted, &feed, &mut book, &sales, &mut told);
            write_stock(&mut write, &book, &told)?;
            self.take_demand(&changes, &index, &mut write)?;
        }
        // The stock book counts the orders that it was told of as well; they are counted here.
        applied.new += told.applied.new - changes.iter().filter(|c| c.old.is_none()).count();
        applied.changed +=
            told.applied.changed - changes.iter().filter(|c| c.old.is_some()).count();
        applied.same += told.applied.same;

        let rejected = page.rejects.len() as u64;
        for reject in page.rejects.iter().cloned() {
            let kept = Quarantined { feed: feed.clone(), at: self.clock.now(), reject };
            write.put::<tables::Quarantine>(&numbers.next_quarantine, &kept)?;
            numbers.next_quarantine += 1;
        }
        if let Some(cursor) = &page.cursor {
            write.put::<tables::Cursors>(&feed, cursor)?;
        }
        if self.sim.is_some() {
            let now = self.clock.now().as_millis();
            write.put::<tables::Marks>(&(Mark::DomainTime as u32), &now)?;
        }
        let news = changes.into_iter().map(|change| Record::Order(change.new));
        let records: Vec<Record> = sorted.rest.into_iter().chain(news).collect();
        let worth = !records.is_empty() || rejected > 0 || !page.private.sealed.is_empty();
        if let Some((archive, origin)) = archive.filter(|_| worth) {
            let kept = Page { records, progress: None, ..page };
            match origin {
                Origin::Import => archive.append_later(&kept)?,
                Origin::Feed => archive.append(&kept)?,
            }
        }
        write.commit()?;
        if rejected > 0 {
            let total = numbers.quarantined.entry(feed.clone()).or_default();
            *total += rejected;
            self.board.rejected(&feed, *total);
        }
        if worth {
            self.changed();
        }
        Ok(applied)
    }

    /// The orders of a page that are news: new ones, and versions that are not older than, and
    /// differ from, what is known. Of two versions with one moment the one that came later counts.
    fn new_versions(
        &self,
        numbers: &mut Numbers,
        write: &Write<'_>,
        orders: &mut Vec<OrderNews>,
        applied: &mut Applied,
    ) -> Result<Vec<Change>, KeepError> {
        let mut changes: Vec<Change> = Vec::with_capacity(orders.len());
        let mut here: FxHashMap<OrderKey, usize> = FxHashMap::default();
        for news in orders.drain(..) {
            let place = here.get(news.key()).copied();
            let known = match place {
                Some(place) => changes.get(place).map(|change| (change.row, change.new.clone())),
                None => {
                    let row = self.orders.read().find(news.key());
                    let stored = row.map(|row| write.get::<tables::Orders>(&row)).transpose()?;
                    row.zip(stored.flatten().map(|stored| stored.order))
                }
            };
            let new = match (news, &known) {
                (OrderNews::Told(order), _) => order,
                (OrderNews::Gone(_, at), Some((_, old))) => {
                    let updated_at = at.max(old.updated_at);
                    Order { status: OrderStatus::Gone, updated_at, ..old.clone() }
                }
                (OrderNews::Gone(..), None) => {
                    applied.same += 1;
                    continue;
                }
            };
            let Some((row, old)) = known else {
                here.insert(new.key.clone(), changes.len());
                changes.push(Change { row: numbers.next_row, old: None, new });
                numbers.next_row += 1;
                applied.new += 1;
                continue;
            };
            if old.updated_at > new.updated_at || old == new {
                applied.same += 1;
                continue;
            }
            applied.changed += 1;
            match place.and_then(|place| changes.get_mut(place)) {
                Some(change) => change.new = new,
                None => {
                    here.insert(new.key.clone(), changes.len());
                    changes.push(Change { row, old: Some(old), new });
                }
            }
        }
        Ok(changes)
    }

    fn take_master_data(
        &self,
        sorted: &Sorted,
        book: &mut StockBook,
        index: &mut OrderIndex,
        told: &mut Changed,
        write: &mut Write<'_>,
    ) -> Result<(), StoreError> {
        for record in &sorted.rest {
            match record {
                Record::Product(product) => {
                    told.extend(book.product(product));
                    if let Some(known) = book.product_of(&product.sku) {
                        write.put::<tables::Products>(&product.sku, known)?;
                        if let Some(name) = &known.name {
                            index.set_name(&product.sku, name);
                        }
                    }
                }
                Record::Site(site) => {
                    told.extend(book.site(site));
                    write.put::<tables::Sites>(&site.id, site)?;
                    if let Some(zone) = Zone::named(&site.zone) {
                        let recount = self.demand.write().set_zone(site.id.clone(), zone);
                        if recount {
                            tracing::warn!(site = %site.id, "zone changed; days counted before stay");
                        }
                    }
                }
                Record::Supplier(supplier) => {
                    told.extend(book.supplier(supplier));
                    if let Some(known) = book.supplier_of(&supplier.id) {
                        write.put::<tables::Suppliers>(&supplier.id, known)?;
                    }
                }
                Record::PurchaseOrder(po) => {
                    told.extend(book.purchase_order(po));
                    if let Some(known) = book.purchase_order_of(&po.number) {
                        write.put::<tables::PurchaseOrders>(&po.number, known)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn take_demand(
        &self,
        changes: &[Change],
        index: &OrderIndex,
        write: &mut Write<'_>,
    ) -> Result<(), StoreError> {
        let pairs: Vec<OrderChange<'_>> = changes
            .iter()
            .map(|change| OrderChange { old: change.old.as_ref(), new: Some(&change.new) })
            .collect();
        let mut ledger = self.demand.write();
        let write = RefCell::new(write);
        let mut buckets = Shelved { write: &write };
        let change =
            ledger.apply_page(&mut buckets, &pairs, &SameDaySales { index, write: &write })?;
        drop(ledger);
        let write = write.into_inner();
        let mut recent = self.recent.lock();
        for series in &change.series {
            recent.forget(&(series.series.sku.clone(), series.series.site.clone()));
        }
        drop(recent);
        write_demand(write, &change)
    }

    /// Carries out a journal entry in the store, once.
    pub(super) fn carry_out(
        &self,
        store: &Store,
        entry: &Entry,
        entry_at: &dyn Fn(u64) -> Option<Timestamp>,
    ) -> Result<(), KeepError> {
        let mut write = store.write();
        let index = self.orders.read();
        if let Decision::Forget { whose, .. } = &entry.decision {
            self.forget(whose, &index, &mut write)?;
        }
        let mut book = self.stock.write();
        let sales = Sales { index: &index, write: &write };
        let told = crate::desk::carry_out(entry, &self.marks.read(), entry_at, &mut book, &sales);
        write_stock(&mut write, &book, &told)?;
        write.put::<tables::Marks>(&(Mark::JournalApplied as u32), &(entry.seq as i64))?;
        write.commit()?;
        Ok(())
    }
}

/// What a page says of an order.
enum OrderNews {
    Told(Order),
    Gone(OrderKey, Timestamp),
}

impl OrderNews {
    fn key(&self) -> &OrderKey {
        match self {
            OrderNews::Told(order) => &order.key,
            OrderNews::Gone(key, _) => key,
        }
    }
}

/// A page's records, orders apart.
struct Sorted {
    orders: Vec<OrderNews>,
    rest: Vec<Record>,
}

impl Sorted {
    fn new(records: Vec<Record>) -> Self {
        let mut sorted = Sorted { orders: Vec::new(), rest: Vec::new() };
        for record in records {
            match record {
                Record::Order(order) => sorted.orders.push(OrderNews::Told(order)),
                Record::OrderGone(key, at) => sorted.orders.push(OrderNews::Gone(key, at)),
                other => sorted.rest.push(other),
            }
        }
        sorted
    }
}

fn take_stock(
    sorted: &Sorted,
    feed: &FeedId,
    book: &mut StockBook,
    sales: &dyn SalesAfter,
    told: &mut Changed,
) {
    let mut reports = Vec::new();
    for record in &sorted.rest {
        match record {
            Record::Stock(report) => reports.push(report.clone()),
            Record::Receipt(receipt) => told.extend(book.receipt(receipt)),
            Record::Adjustment(adjustment) => told.extend(book.adjustment(adjustment)),
            _ => {}
        }
    }
    if !reports.is_empty() {
        let source = StockSource::Feed(feed.clone());
        told.extend(book.reports(&reports, &source, sales));
    }
}

fn write_stock(write: &mut Write<'_>, book: &StockBook, told: &Changed) -> Result<(), StoreError> {
    for (sku, site) in &told.positions {
        if let Some(shelf) = book.shelf(sku, site) {
            write.put::<tables::Shelves>(&(sku.clone(), site.clone()), shelf)?;
        }
    }
    for movement in &told.movements {
        write.put::<tables::Movements>(&tables::movement_key(movement), movement)?;
    }
    Ok(())
}

fn write_demand(write: &mut Write<'_>, change: &DemandChange) -> Result<(), StoreError> {
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
struct Shelved<'c, 'w, 's> {
    write: &'c RefCell<&'w mut Write<'s>>,
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
pub(super) fn bucket_key(key: &BucketKey) -> (Sku, SiteId, u32) {
    (key.series.sku.clone(), key.series.site.clone(), u32::from(key.bucket))
}

/// The orders, asked for sales. What a write holds already is seen.
pub(super) struct Sales<'a, 's> {
    pub index: &'a OrderIndex,
    pub write: &'a Write<'s>,
}

impl Sales<'_, '_> {
    fn order(&self, row: Row) -> Result<Option<Order>, StoreError> {
        Ok(self.write.get::<tables::Orders>(&row)?.map(|stored| stored.order))
    }
}

/// The same for demand, whose buckets lie in the same write.
struct SameDaySales<'c, 'w, 's> {
    index: &'c OrderIndex,
    write: &'c RefCell<&'w mut Write<'s>>,
}

impl SameDay for SameDaySales<'_, '_, '_> {
    type Error = StoreError;
    fn sales(&self, line: &SaleLine<'_>) -> Result<u32, StoreError> {
        let (from, to) = line.moments();
        let mut count = 0;
        for row in self.index.of_customer_between(line.customer, from, to) {
            let stored = self.write.borrow().get::<tables::Orders>(&row)?;
            count += stored.map_or(0, |stored| line.count_in(&stored.order));
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
            let skus: std::collections::BTreeSet<&Sku> =
                order.product_lines().map(|line| &line.sku).collect();
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
