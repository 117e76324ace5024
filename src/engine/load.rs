//! Loading: opens the store, or rebuilds it from the archive, and fills the books from it.

use super::house::{House, Numbers, Ready, Writer};
use super::keeper::KeepError;
use super::tables::{self, Mark};
use crate::archive::{Archive, ArchiveError};
use crate::domain::*;
use crate::orders::OrderIndex;
use crate::stock::StockBook;
use crate::store::{CACHE_BYTES, Store, StoreError};
use std::ops::ControlFlow;
use std::path::Path;

/// The store's folder in the data folder.
const STORE: &str = "store";
const REBUILDING: &str = "rebuilding the store";
const OPENING: &str = "opening the store";
/// The archive's folder in the data folder.
const ARCHIVE: &str = "archive";

/// Why the store could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive refused.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A page could not be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] crate::journal::JournalError),
    /// A damaged store could not be set aside.
    #[error("the store is damaged and cannot be set aside: {0}; rename its folder by hand")]
    Aside(std::io::Error),
}

impl LoadError {
    /// Whether the store on disk cannot be read, so that making it anew would help.
    fn is_damage(&self) -> bool {
        match self {
            LoadError::Store(error) | LoadError::Keep(KeepError::Store(error)) => error.is_damage(),
            _ => false,
        }
    }
}

impl House {
    /// Loads everything and says so; run on a thread of its own.
    pub fn load(&self) -> Result<(), LoadError> {
        let result = self.try_load();
        let ready = match &result {
            Ok(()) => Ready::Yes,
            Err(error) => Ready::Failed(error.to_string()),
        };
        self.ready.send_replace(ready);
        self.changed();
        result
    }

    fn try_load(&self) -> Result<(), LoadError> {
        let (archive, torn) = Archive::open(&self.data_dir.join(ARCHIVE))?;
        if let Some(torn) = torn {
            tracing::warn!(segment = %torn.segment.display(), bytes = torn.bytes, "archive: torn tail cut off");
        }
        let folder = self.data_dir.join(STORE);
        let mut numbers = Numbers::default();
        let store = match self.open(&folder, &archive, &mut numbers) {
            Err(error) if error.is_damage() => {
                let aside = crate::store::set_aside(&folder).map_err(LoadError::Aside)?;
                tracing::warn!(folder = %aside.display(), %error, "damaged store set aside");
                numbers = Numbers::default();
                self.open(&folder, &archive, &mut numbers)?
            }
            other => other?,
        };
        self.redo_decisions(&store)?;
        self.put_store(store);
        *self.writer.lock() = Some(Writer { archive, numbers });
        Ok(())
    }

    /// Opens the store and fills the books; an empty store is made anew from the archive.
    fn open(
        &self,
        folder: &Path,
        archive: &Archive,
        numbers: &mut Numbers,
    ) -> Result<Store, LoadError> {
        let opened = Store::open(folder, CACHE_BYTES)?;
        if let Some(aside) = &opened.set_aside {
            tracing::warn!(folder = %aside.display(), "damaged store set aside");
        }
        let store = opened.store;
        let empty = store.scan::<tables::Marks>(..).next().is_none()
            && store.scan::<tables::Cursors>(..).next().is_none()
            && store.scan::<tables::Orders>(..).next().is_none();
        if empty {
            self.rebuild(archive, numbers, &store)?;
        } else {
            self.read(numbers, &store)?;
        }
        Ok(store)
    }

    /// Makes an empty store anew from the archive; nothing to do where that is empty too.
    fn rebuild(
        &self,
        archive: &Archive,
        numbers: &mut Numbers,
        store: &Store,
    ) -> Result<(), LoadError> {
        if archive.bytes() == 0 {
            return Ok(());
        }
        *self.orders.write() = OrderIndex::default();
        *self.stock.write() = StockBook::default();
        *self.demand.write() = crate::demand::Ledger::new(self.zone.clone());
        let work = self.works.begin(REBUILDING);
        let mut done = 0;
        let replayed = archive.replay(crate::archive::Place::START, &mut |page| {
            if let (Some(sim), Some(newest)) = (&self.sim, crate::feed::run::newest(&page)) {
                // Simulated time had come this far when the page was applied first.
                sim.advance_to(newest);
            }
            self.apply_with(numbers, store, page, None)?;
            done += 1;
            work.at(Progress { what: REBUILDING.into(), done, total: None });
            Ok::<_, LoadError>(ControlFlow::Continue(()))
        })?;
        for damage in replayed.damaged {
            tracing::error!(segment = %damage.segment.display(), offset = damage.offset, reason = %damage.reason, "archive: damaged page left out");
        }
        Ok(())
    }

    /// Fills the books from the tables.
    fn read(&self, numbers: &mut Numbers, store: &Store) -> Result<(), LoadError> {
        let mark = store.get::<tables::Marks>(&(Mark::DomainTime as u32))?;
        if let (Some(sim), Some(mark)) = (&self.sim, mark) {
            sim.advance_to(Timestamp::from_millis(mark));
        }
        self.read_stock(store)?;
        self.read_demand(store)?;
        for record in store.scan::<tables::Quarantine>(..) {
            let (seq, kept) = record?;
            numbers.next_quarantine = seq + 1;
            *numbers.quarantined.entry(kept.feed).or_default() += 1;
        }
        let work = self.works.begin(OPENING);
        let mut index = OrderIndex::default();
        index.load_begin();
        for record in store.scan::<tables::Orders>(..) {
            let (row, stored) = record?;
            index.put(row, &stored.order);
            numbers.next_row = row + 1;
            if row % 20_000 == 0 {
                let what = OPENING.into();
                work.at(Progress { what, done: u64::from(row), total: None });
            }
        }
        index.load_end();
        for product in self.stock.read().products() {
            if let Some(name) = &product.name {
                index.set_name(&product.sku, name);
            }
        }
        *self.orders.write() = index;
        Ok(())
    }

    fn read_stock(&self, store: &Store) -> Result<(), LoadError> {
        let mut shelves = Vec::new();
        for record in store.scan::<tables::Shelves>(..) {
            let ((sku, site), shelf) = record?;
            shelves.push((sku, site, shelf));
        }
        *self.stock.write() = StockBook::load(
            values::<tables::Products>(store)?,
            values::<tables::Sites>(store)?,
            values::<tables::Suppliers>(store)?,
            shelves,
            values::<tables::Movements>(store)?,
            values::<tables::PurchaseOrders>(store)?,
        );
        Ok(())
    }

    fn read_demand(&self, store: &Store) -> Result<(), LoadError> {
        let mut ledger = self.demand.write();
        for site in self.stock.read().sites() {
            if let Some(zone) = Zone::named(&site.zone) {
                // Nothing is counted yet, so nothing has to be counted again.
                let _ = ledger.set_zone(site.id.clone(), zone);
            }
        }
        let mut spans = Vec::new();
        for record in store.scan::<tables::Spans>(..) {
            let ((sku, site), span) = record?;
            spans.push((crate::demand::SeriesKey { sku, site }, span));
        }
        let returns = values::<tables::Returns>(store)?;
        let last = store.get::<tables::Marks>(&(Mark::LastDay as u32))?;
        ledger.load(spans, returns, last.map(|n| Day::from_number(n as i32)));
        Ok(())
    }

    /// Folds the journal, and carries out what the store does not have yet.
    fn redo_decisions(&self, store: &Store) -> Result<(), LoadError> {
        let applied = store.get::<tables::Marks>(&(Mark::JournalApplied as u32))?.unwrap_or(0);
        let journal = self.journal.lock();
        for entry in journal.iter(1) {
            let entry = entry?;
            self.marks.write().apply(&entry);
            if let Decision::Forget { whose, .. } = &entry.decision {
                // The file of keys may be an older one, put back from a backup.
                self.vault.lock().forget(&whose.to_string()).map_err(KeepError::from)?;
            }
            if let Some(sim) = &self.sim {
                sim.advance_to(entry.at);
            }
            if entry.seq as i64 > applied {
                self.carry_out(store, &entry, &|seq| Some(journal.entry(seq).ok()??.at))?;
            }
        }
        Ok(())
    }
}

fn values<T: crate::store::Table>(store: &Store) -> Result<Vec<T::Value>, StoreError> {
    store.scan::<T>(..).map(|record| Ok(record?.1)).collect()
}
