//! Loading: opens the store, or rebuilds it from the archive, and fills the books from it.

use super::house::{House, Numbers, Ready, Topic, Writer};
use super::keeper::KeepError;
use super::tables::{self, Mark};
use crate::archive::{Archive, ArchiveError, Place};
use crate::domain::*;
use crate::insight::forecast::{KeptOverrides, Overrides};
use crate::orders::OrderIndex;
use crate::stock::StockBook;
use crate::store::{CACHE_BYTES, Compacted, Opened, Store, StoreError};
use std::any::Any;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The store's folder in the data folder.
const STORE: &str = "store";
const REBUILDING: &str = "rebuilding the store";
const OPENING: &str = "opening the store";
/// The archive's folder in the data folder.
const ARCHIVE: &str = "archive";

/// How long those who still read in a store that is loaded anew are waited for.
const LET_GO: Duration = Duration::from_secs(10);

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
    /// An error of the program.
    #[error("an internal error while loading: {0}; the log in the data folder says more")]
    Panicked(String),
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
    /// Loads everything and says so; run on a thread of its own. A second load reads all anew.
    pub fn load(&self) -> Result<(), LoadError> {
        let _one_at_a_time = self.loading.lock();
        let result = catch_unwind(AssertUnwindSafe(|| self.try_load()))
            .unwrap_or_else(|panic| Err(LoadError::Panicked(reason_of(panic.as_ref()))));
        let (ready, trouble) = match &result {
            Ok(()) => (Ready::Yes, None),
            Err(error) => {
                let reason = format!("the store cannot be used: {error}");
                (Ready::Failed(reason.clone()), Some(reason))
            }
        };
        self.trouble(Topic::Store, trouble);
        self.ready.send_replace(ready);
        if result.is_ok() {
            self.cached.lock().forget_all();
            self.planner.touch_all();
            self.forecast_bell.anew();
            self.flags.anew();
        }
        self.changed();
        result
    }

    fn try_load(&self) -> Result<(), LoadError> {
        *self.writer.lock() = None;
        self.close_store();
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
        self.prune_in(&store)?;
        self.put_store(store);
        *self.writer.lock() = Some(Writer { archive, numbers });
        Ok(())
    }

    /// Opens the store, fills the books from it, and applies what the archive has beyond it: all
    /// of it where the store is new, the rest of it where a rebuild was interrupted, the last pages
    /// where the store forgot them, nothing as a rule.
    fn open(
        &self,
        folder: &Path,
        archive: &Archive,
        numbers: &mut Numbers,
    ) -> Result<Store, LoadError> {
        let opened = compacted(folder, open_when_let_go(folder)?)?;
        if let Some(aside) = &opened.set_aside {
            tracing::warn!(folder = %aside.display(), "damaged store set aside");
        }
        let store = opened.store;
        self.read(numbers, &store)?;
        self.recount_in(&store)?;
        self.catch_up(archive, numbers, &store)?;
        self.recount_in(&store)?;
        Ok(store)
    }

    /// Applies the pages of the archive that the store does not have.
    fn catch_up(
        &self,
        archive: &Archive,
        numbers: &mut Numbers,
        store: &Store,
    ) -> Result<(), LoadError> {
        let mark = |mark: Mark| store.get::<tables::Marks>(&(mark as u32));
        let (segment, offset) = (mark(Mark::ArchiveSegment)?, mark(Mark::ArchiveOffset)?);
        let known = match segment.zip(offset) {
            Some((segment, offset)) => Place {
                segment: u32::try_from(segment).unwrap_or(0),
                offset: u64::try_from(offset).unwrap_or(0),
            },
            None => Place::START,
        };
        let from = known.min(archive.end());
        if from < known {
            // It was moved away and begun anew, or a power cut took its end: what comes next is
            // written from its end on, and must not be taken for known.
            let mut write = store.write();
            write.put::<tables::Marks>(&(Mark::ArchiveSegment as u32), &from.segment.into())?;
            write.put::<tables::Marks>(&(Mark::ArchiveOffset as u32), &(from.offset as i64))?;
            write.commit()?;
        }
        let total = archive.bytes_between(from, archive.end());
        let work = (total > 0).then(|| self.works.begin(REBUILDING));
        let mut before = (0, from);
        let replayed = archive.replay(from, &mut |page, place| {
            if let (Some(sim), Some(newest)) = (&self.sim, crate::feed::run::newest(&page)) {
                // Simulated time had come this far when the page was applied first.
                sim.advance_to(newest);
            }
            self.apply_archived(numbers, store, page, place)?;
            // Segments are long: the files are looked at only when one ends.
            let done = match place.segment == before.1.segment {
                true => before.0 + place.offset - before.1.offset,
                false => archive.bytes_between(from, place),
            };
            before = (done, place);
            if let Some(work) = &work {
                work.at(Progress { what: REBUILDING.into(), done, total: Some(total) });
            }
            Ok::<_, LoadError>(ControlFlow::Continue(()))
        })?;
        for damage in &replayed.damaged {
            tracing::error!(segment = %damage.segment.display(), offset = damage.offset, reason = %damage.reason, "archive: damaged page left out");
        }
        let damaged = (!replayed.damaged.is_empty()).then(|| {
            format!(
                "{} pages of the archive cannot be read and were left out; the feeds tell again what they still have",
                replayed.damaged.len()
            )
        });
        self.trouble(Topic::Archive, damaged);
        Ok(())
    }

    /// Fills the books from the tables.
    fn read(&self, numbers: &mut Numbers, store: &Store) -> Result<(), LoadError> {
        let mark = store.get::<tables::Marks>(&(Mark::DomainTime as u32))?;
        if let (Some(sim), Some(mark)) = (&self.sim, mark) {
            sim.advance_to(Timestamp::from_millis(mark));
        }
        self.check_journal(store)?;
        self.read_stock(store)?;
        self.read_demand(store)?;
        *self.overrides.write() = Arc::new(Overrides::load(values::<KeptOverrides>(store)?));
        self.recent.lock().forget_all();
        for record in store.scan::<tables::Quarantine>(..) {
            let (seq, kept) = record?;
            numbers.next_quarantine = seq + 1;
            *numbers.quarantined.entry(kept.feed).or_default() += 1;
        }
        numbers.tombstones = store.count::<tables::Tombstones>()? as u64;
        let index = self.read_orders(numbers, store)?;
        *self.orders.write() = index;
        Ok(())
    }

    /// A store that carried out decisions which the journal has lost holds what nobody decided, and
    /// would take their numbers' next owners for known.
    fn check_journal(&self, store: &Store) -> Result<(), LoadError> {
        let applied = store.get::<tables::Marks>(&(Mark::JournalApplied as u32))?.unwrap_or(0);
        let entries = self.journal.lock().len();
        if u64::try_from(applied).unwrap_or(0) <= entries {
            return Ok(());
        }
        let reason = format!("it has {applied} decisions and the journal {entries}");
        Err(StoreError::Damaged { dir: store.dir().to_owned(), reason }.into())
    }

    fn read_orders(&self, numbers: &mut Numbers, store: &Store) -> Result<OrderIndex, LoadError> {
        let last = store.scan::<tables::Orders>(..).next_back().transpose()?;
        let Some((last, _)) = last else { return Ok(OrderIndex::default()) };
        numbers.next_row = last + 1;
        let work = self.works.begin(OPENING);
        let mut index = OrderIndex::default();
        index.load_begin();
        for record in store.scan::<tables::Orders>(..) {
            let (row, stored) = record?;
            index.put(row, &stored.into_order());
            if row % 20_000 == 0 {
                let (done, total) = (u64::from(row), Some(u64::from(last) + 1));
                work.at(Progress { what: OPENING.into(), done, total });
            }
        }
        index.load_end();
        for product in self.stock.read().products() {
            if let Some(name) = &product.name {
                index.set_name(&product.sku, name);
            }
        }
        Ok(index)
    }

    fn read_stock(&self, store: &Store) -> Result<(), LoadError> {
        let mut shelves = Vec::new();
        for record in store.scan::<tables::Shelves>(..) {
            let ((sku, site), shelf) = record?;
            shelves.push((sku, site, shelf));
        }
        let mut book = StockBook::load(
            values::<tables::Products>(store)?,
            values::<tables::Terms>(store)?,
            values::<tables::Sites>(store)?,
            values::<tables::Suppliers>(store)?,
            shelves,
            values::<tables::Movements>(store)?,
            values::<tables::PurchaseOrders>(store)?,
        );
        for bounds in values::<tables::Bounds>(store)? {
            book.bounds(&bounds);
        }
        *self.stock.write() = book;
        Ok(())
    }

    fn read_demand(&self, store: &Store) -> Result<(), LoadError> {
        let sites: Vec<Site> = self.stock.read().sites().cloned().collect();
        let mut ledger = super::recount::empty_ledger(self, &sites);
        let mut spans = Vec::new();
        for record in store.scan::<tables::Spans>(..) {
            let ((sku, site), span) = record?;
            spans.push((crate::demand::SeriesKey { sku, site }, span));
        }
        let returns = values::<tables::Returns>(store)?;
        let last = store.get::<tables::Marks>(&(Mark::LastDay as u32))?;
        ledger.load(spans, returns, last.map(|n| Day::from_number(n as i32)));
        *self.demand.write() = ledger;
        Ok(())
    }

    /// Folds the journal, and carries out what the store does not have yet.
    fn redo_decisions(&self, store: &Store) -> Result<(), LoadError> {
        let applied = store.get::<tables::Marks>(&(Mark::JournalApplied as u32))?.unwrap_or(0);
        // Nobody appends meanwhile; the lock is let go in between, so that the first figures need not
        // wait for the last entry.
        let entry_of = |seq| self.journal.lock().entry(seq);
        let count = self.journal.lock().len();
        for seq in 1..=count {
            let Some(entry) = entry_of(seq)? else { continue };
            let root = {
                let mut marks = self.marks.write();
                marks.apply(&entry);
                marks.original(entry.seq)
            };
            Arc::make_mut(&mut self.purchasing.write()).apply(&entry);
            Arc::make_mut(&mut self.triage.write()).apply(&entry);
            self.allocator.apply(&entry);
            if let Decision::Forget { whose, .. } = &entry.decision {
                // The file of keys may be an older one, put back from a backup.
                self.vault.lock().forget(&whose.to_string()).map_err(KeepError::from)?;
            }
            if let Some(sim) = &self.sim {
                sim.advance_to(entry.at);
            }
            if entry.seq as i64 > applied {
                let root = entry_of(root)?;
                self.carry_out(store, &entry, root.map(|root| root.at))?;
            }
        }
        Ok(())
    }
}

/// Opens the store; whoever still reads in the one that was open before is waited for.
fn open_when_let_go(folder: &Path) -> Result<Opened, StoreError> {
    let begun = Instant::now();
    loop {
        match Store::open(folder, CACHE_BYTES) {
            Err(StoreError::Held { .. }) if begun.elapsed() < LET_GO => {}
            opened => return opened,
        }
    }
}

/// Compacts a store that has grown far beyond its records; where that fails, such as on a full
/// disk, it is used as it is.
fn compacted(folder: &Path, opened: Opened) -> Result<Opened, StoreError> {
    let Opened { store, set_aside } = opened;
    match store.compact(CACHE_BYTES) {
        Ok((store, done)) => {
            if let Some(Compacted { before, after }) = done {
                tracing::info!(before, after, "the store was compacted");
            }
            Ok(Opened { store, set_aside })
        }
        Err(error) => {
            tracing::warn!(%error, "the store could not be compacted");
            open_when_let_go(folder)
        }
    }
}

fn reason_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given").to_owned()
}

fn values<T: crate::store::Table>(store: &Store) -> Result<Vec<T::Value>, StoreError> {
    store.scan::<T>(..).map(|record| Ok(record?.1)).collect()
}
