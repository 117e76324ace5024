//! The keeper: applies pages and decisions, one at a time.
//!
//! What a page changes is worked out first ([`Plan`]), then archived, and only then do the books
//! in memory and the store change: the records, what follows from them (demand, stock, index), the
//! cursor and the place in the archive go into the store as one batch. So a page that cannot be
//! archived has changed nothing; one that is in the archive but not in the store is applied by the
//! next load, which reads the archive on from the place that the store knows. If anything fails
//! once the books have changed, they are thrown away and loaded anew.

use super::api::StoreKind;
use super::books::{Sales, SameDaySales, Shelved, write_demand, write_stock};
use super::house::{House, Numbers, Writer};
use super::known::is_of_the_past;
use super::plan::{Plan, Touched};
use super::quarantine::reject_odd_figures;
use super::recount;
use super::tables::{self, Mark};
use crate::archive::{ArchiveError, Place};
use crate::demand::OrderChange;
use crate::domain::*;
use crate::feed::Applied;
use crate::insight::forecast::KeptOverrides;
use crate::orders::OrderIndex;
use crate::stock::{Changed, SalesAfter, StockBook};
use crate::store::{Store, StoreError, Write};
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Movements that are deleted at once.
const PRUNED_AT_ONCE: usize = 1_000;

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

impl House {
    /// Applies a page, whole, with its cursor.
    pub fn apply_page(&self, page: Page, origin: Origin) -> Result<Applied, KeepError> {
        self.apply_held(&mut self.writer.lock(), page, origin)
    }

    /// The same, for who holds the writer.
    pub(super) fn apply_held(
        &self,
        held: &mut Option<Writer>,
        page: Page,
        origin: Origin,
    ) -> Result<Applied, KeepError> {
        let writer = held.as_mut().ok_or(KeepError::Loading)?;
        let store = self.store().ok_or(KeepError::Loading)?;
        match self.keep(writer, &store, page, origin) {
            Ok(applied) => Ok(applied),
            Err(Failure::Untouched(error)) if !is_damage(&error) => Err(error),
            Err(Failure::Untouched(error) | Failure::Touched(error)) => {
                self.load_anew(held, &error);
                Err(error)
            }
        }
    }

    fn keep(
        &self,
        writer: &mut Writer,
        store: &Store,
        mut page: Page,
        origin: Origin,
    ) -> Result<Applied, Failure> {
        let mut write = store.write();
        let mut numbers = writer.numbers.clone();
        reject_odd_figures(&mut page, self.clock.now());
        self.seal_private(&mut page, &mut write).map_err(Failure::Untouched)?;
        let mut plan =
            self.plan(&mut page, &mut numbers, &mut write).map_err(Failure::Untouched)?;
        if plan.news {
            page.records = std::mem::take(&mut plan.archived);
            let progress = page.progress.take();
            let archived = match origin {
                Origin::Import => writer.archive.append_later(&page),
                Origin::Feed => writer.archive.append(&page),
            };
            archived.map_err(|error| Failure::Untouched(error.into()))?;
            page.progress = progress;
        }
        let end = writer.archive.end();
        let applied = self.take_in(plan, &page, &mut numbers, write, end);
        writer.numbers = numbers;
        applied.map_err(Failure::Touched)
    }

    /// Applies a page that is in the archive, up to `place`; for the loader.
    pub(super) fn apply_archived(
        &self,
        numbers: &mut Numbers,
        store: &Store,
        mut page: Page,
        place: Place,
    ) -> Result<(), KeepError> {
        if let Some(sim) = &self.sim {
            sim.advance_to(page.asked);
        }
        let mut write = store.write();
        self.take_sealed(&mut page, &mut write)?;
        let plan = self.plan(&mut page, numbers, &mut write)?;
        self.take_in(plan, &page, numbers, write, place).map(|_| ())
    }

    fn plan(
        &self,
        page: &mut Page,
        numbers: &mut Numbers,
        write: &mut Write<'_>,
    ) -> Result<Plan, KeepError> {
        let (index, book) = (self.orders.read(), self.stock.read());
        Plan::new(page, numbers, &index, &book, write)
    }

    /// Changes the books, and writes all that changed.
    fn take_in(
        &self,
        plan: Plan,
        page: &Page,
        numbers: &mut Numbers,
        mut write: Write<'_>,
        place: Place,
    ) -> Result<Applied, KeepError> {
        let mut applied = plan.applied;
        applied.rejected = page.rejects.len();
        for touched in &plan.orders {
            write.put::<tables::Orders>(&touched.row, &touched.stored)?;
        }
        self.quarantine(page, numbers, &mut write)?;
        let changes: Vec<&Touched> = plan.orders.iter().filter(|o| o.is_change()).collect();
        let products = self.stock.read().product_count();
        let (told, series) = self.change_books(&changes, &plan.rest, page, &mut write)?;
        applied += told.applied;
        applied.products = self.stock.read().product_count().saturating_sub(products);
        self.write_marks(page, place, &mut write)?;
        write.commit()?;
        self.allocator.written(plan.orders.iter().map(|touched| touched.row));
        let orders = changes.iter().map(|one| (one.before.as_ref(), &one.now));
        self.shelf_news.applied(self.clock.now(), &plan.rest, orders);
        let today = self.today().start(&self.zone);
        if changes.iter().any(|one| is_of_the_past(one.before.as_ref(), &one.now, today)) {
            *self.bulk.write() = Default::default();
        }
        self.forecast_bell.touched(&series);
        if !plan.orders.is_empty() {
            self.flags.arrived();
        }
        let positions = told.positions.into_iter().chain(series.iter().cloned());
        match plan.rest.iter().all(is_figure) {
            true => self.planner.touch(positions.map(|(sku, _)| sku)),
            false => self.planner.touch_all(),
        }
        let mut recent = self.recent.lock();
        series.into_iter().for_each(|key| recent.forget(key));
        drop(recent);
        if let Some(total) = numbers.quarantined.get(&page.feed) {
            self.board.rejected(&page.feed, *total);
        }
        if plan.news {
            self.changed();
        }
        Ok(applied)
    }

    fn write_marks(
        &self,
        page: &Page,
        place: Place,
        write: &mut Write<'_>,
    ) -> Result<(), StoreError> {
        if let Some(cursor) = &page.cursor {
            write.put::<tables::Cursors>(&page.feed, cursor)?;
        }
        let mut mark = |mark: Mark, n: i64| write.put::<tables::Marks>(&(mark as u32), &n);
        if self.sim.is_some() {
            mark(Mark::DomainTime, self.clock.now().as_millis())?;
        }
        mark(Mark::ArchiveSegment, place.segment.into())?;
        mark(Mark::ArchiveOffset, place.offset as i64)
    }

    /// Takes changed orders and other records into the books; orders are not counted in what it
    /// returns. The series are those whose demand is another once this is committed.
    fn change_books(
        &self,
        changes: &[&Touched],
        rest: &[Record],
        page: &Page,
        write: &mut Write<'_>,
    ) -> Result<(Changed, Vec<(Sku, SiteId)>), StoreError> {
        if changes.is_empty() && rest.is_empty() {
            return Ok(Default::default());
        }
        let mut told = Changed::default();
        let mut index = self.orders.write();
        let mut book = self.stock.write();
        self.take_master_data(rest, &mut book, &mut index, &mut told, write)?;
        let mut positions = Vec::new();
        for change in changes {
            index.put(change.row, &change.now);
            let moved = book.order_changed(change.before.as_ref(), Some(&change.now));
            positions.extend(moved.positions);
        }
        told.extend(Changed { positions, ..Changed::default() });
        let sales = Sales { index: &index, write };
        take_stock(rest, &page.feed, &mut book, &sales, &mut told);
        write_stock(write, &book, &told, page.asked)?;
        let series = self.take_demand(changes, &index, write)?;
        Ok((told, series))
    }

    /// A purchase order as it is told; one that people here have closed stays so, whatever its supplier says
    /// of it later: nobody counts on it any more.
    fn as_closed<'a>(&self, po: &'a PurchaseOrder) -> Cow<'a, PurchaseOrder> {
        let purchasing = self.purchasing.read().clone();
        let is_closed = purchasing.order(&po.number).is_some_and(|own| own.closed.is_some());
        match is_closed && po.status.is_open() {
            true => Cow::Owned(PurchaseOrder { status: PoStatus::Closed, ..po.clone() }),
            false => Cow::Borrowed(po),
        }
    }

    fn take_master_data(
        &self,
        records: &[Record],
        book: &mut StockBook,
        index: &mut OrderIndex,
        told: &mut Changed,
        write: &mut Write<'_>,
    ) -> Result<(), StoreError> {
        for record in records {
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
                Record::Terms(terms) => {
                    told.extend(book.terms(terms));
                    if let Some(known) = book.terms_of(&terms.sku) {
                        write.put::<tables::Terms>(&terms.sku, known)?;
                    }
                }
                Record::Bounds(bounds) => {
                    told.extend(book.bounds(bounds));
                    let known = book.bounds_of(&bounds.sku).find(|known| known.site == bounds.site);
                    if let Some(known) = known {
                        let site = bounds.site.clone().unwrap_or_else(|| SiteId::new(""));
                        let key = (bounds.sku.clone(), site);
                        write.put::<tables::Bounds>(&key, known)?;
                    }
                }
                Record::Site(site) => {
                    told.extend(book.site(site));
                    write.put::<tables::Sites>(&site.id, site)?;
                    self.take_zone(site, book, write)?;
                }
                Record::Supplier(supplier) => {
                    told.extend(book.supplier(supplier));
                    if let Some(known) = book.supplier_of(&supplier.id) {
                        write.put::<tables::Suppliers>(&supplier.id, known)?;
                    }
                }
                Record::PurchaseOrder(po) => {
                    told.extend(book.purchase_order(&self.as_closed(po)));
                    if let Some(known) = book.purchase_order_of(&po.number) {
                        write.put::<tables::PurchaseOrders>(&po.number, known)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A site says in which zone it is. Where days were counted in another one already, the zones
    /// that the store knows stay behind, and so whoever counts anew has something to do.
    fn take_zone(
        &self,
        site: &Site,
        book: &StockBook,
        write: &mut Write<'_>,
    ) -> Result<(), StoreError> {
        let Some(zone) = Zone::named(&site.zone) else { return Ok(()) };
        if self.demand.write().set_zone(site.id.clone(), zone) {
            self.recount_due.store(true, Ordering::Release);
            self.recount.notify_one();
            return Ok(());
        }
        let sites: Vec<Site> = book.sites().cloned().collect();
        if !self.recount_due.load(Ordering::Acquire) {
            write.put::<tables::Zones>(&(), &recount::zones_of(self, &sites))?;
        }
        Ok(())
    }

    fn take_demand(
        &self,
        changes: &[&Touched],
        index: &OrderIndex,
        write: &mut Write<'_>,
    ) -> Result<Vec<(Sku, SiteId)>, StoreError> {
        let pairs: Vec<OrderChange<'_>> = changes
            .iter()
            .map(|change| OrderChange { old: change.before.as_ref(), new: Some(&change.now) })
            .collect();
        let mut ledger = self.demand.write();
        let write = RefCell::new(write);
        let mut buckets = Shelved { write: &write };
        let change =
            ledger.apply_page(&mut buckets, &pairs, &SameDaySales { index, write: &write })?;
        drop(ledger);
        let write = write.into_inner();
        write_demand(write, &change)?;
        let mut forecasts = self.forecasts.write();
        for of in &change.series {
            if let Some((day, _)) = of.days.first() {
                forecasts.touch(&of.series, *day);
            }
        }
        drop(forecasts);
        Ok(change.series.into_iter().map(|of| (of.series.sku, of.series.site)).collect())
    }

    /// Carries out a journal entry in the store, once. `decided_at` is the moment of the decision
    /// at the root of a chain of undoing. The marks must have applied the entry.
    pub(super) fn carry_out(
        &self,
        store: &Store,
        entry: &Entry,
        decided_at: Option<Timestamp>,
    ) -> Result<(), KeepError> {
        let mut write = store.write();
        let index = self.orders.read();
        if let Decision::Forget { whose, .. } = &entry.decision {
            self.forget(whose, &index, store, &mut write)?;
        }
        let mut book = self.stock.write();
        let sales = Sales { index: &index, write: &write };
        let (marks, own) = (self.marks.read(), self.purchasing.read().clone());
        let known = (&*marks, &*own);
        let told = crate::desk::carry_out(entry, known, &|_| decided_at, &mut book, &sales);
        drop(marks);
        write_stock(&mut write, &book, &told, entry.at)?;
        self.shelf_news.moved(&told.movements, entry.at, self.kind == StoreKind::Demo);
        if let Decision::Place { po, .. }
        | Decision::Tell { po, .. }
        | Decision::CancelOrder { po, .. }
        | Decision::CloseOrder { po, .. }
        | Decision::Dispatch { number: po, .. } = &entry.decision
            && let Some(known) = book.purchase_order_of(po)
        {
            write.put::<tables::PurchaseOrders>(po, known)?;
        }
        drop(book);
        if matches!(entry.decision, Decision::Override { .. } | Decision::EndOverride { .. }) {
            let mut overrides = self.overrides.write();
            let changed = crate::desk::carry_out_override(entry, Arc::make_mut(&mut overrides));
            if let Some(one) = changed {
                write.put::<KeptOverrides>(&one.entry, one)?;
            }
        }
        if let Decision::UseModel { version, .. } = &entry.decision {
            self.put_in_use(version);
        }
        write.put::<tables::Marks>(&(Mark::JournalApplied as u32), &(entry.seq as i64))?;
        write.commit()?;
        Ok(())
    }

    /// Forgets movements of stock that no figure can need any more.
    pub fn prune(&self) -> Result<(), KeepError> {
        let mut guard = self.writer.lock();
        let store = self.store().filter(|_| guard.is_some()).ok_or(KeepError::Loading)?;
        let pruned = self.prune_in(&store);
        if let Err(error) = &pruned {
            self.load_anew(&mut guard, error);
        }
        pruned
    }

    /// The same, for the loader.
    pub(super) fn prune_in(&self, store: &Store) -> Result<(), KeepError> {
        let gone = self.stock.write().prune(self.clock.now());
        for batch in gone.chunks(PRUNED_AT_ONCE) {
            let mut write = store.write();
            for movement in batch {
                write.delete::<tables::Movements>(&tables::movement_key(movement));
            }
            write.commit()?;
        }
        Ok(())
    }

    /// Throws away what is in memory, since it may not be what is on disk: from now on nothing is
    /// written, and the store is loaded anew.
    pub(super) fn load_anew(&self, writer: &mut Option<Writer>, error: &dyn std::fmt::Display) {
        tracing::error!(%error, "the store is loaded anew");
        *writer = None;
        self.close_store();
        self.begin_loading();
        self.reload.notify_one();
    }
}

/// Whether a record tells of one SKU's stock alone; others may change what is known of suppliers, and so of
/// all that they supply.
fn is_figure(record: &Record) -> bool {
    matches!(record, Record::Stock(_) | Record::Adjustment(_))
}

/// Why a page was not kept.
enum Failure {
    /// Nothing has changed; the same page can be applied again.
    Untouched(KeepError),
    /// The books have changed, or may have; they are not what is on disk.
    Touched(KeepError),
}

fn is_damage(error: &KeepError) -> bool {
    matches!(error, KeepError::Store(error) if error.is_damage())
}

fn take_stock(
    records: &[Record],
    feed: &FeedId,
    book: &mut StockBook,
    sales: &dyn SalesAfter,
    told: &mut Changed,
) {
    let mut reports = Vec::new();
    for record in records {
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
