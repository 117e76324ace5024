//! What was committed and is not in sled yet.
//!
//! Pages that follow each other change the same figures over and over, and sled keeps every version
//! until it finds time to clear up: 1,000 pages of 1,000 orders took 700 MB for 130 MB of records.
//! So commits are gathered for a moment and reach sled together, as one batch: after a crash the
//! last moment's commits are there or not, each of them whole, and none without those before it.

use super::pack::{Pack, pack_key, slot_of};
use super::{Inner, Store, StoreError, guarded, mark};
use parking_lot::{Condvar, Mutex};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long commits are gathered.
const GATHER: Duration = Duration::from_millis(800);
/// Changed records that are gathered at most; they and what sled makes of them take memory.
pub(super) const MOST: usize = 32_000;

/// A record's new bytes; `None` deletes it.
pub(super) struct Change {
    /// Whether its table is packed.
    pub packed: bool,
    pub value: Option<Vec<u8>>,
}

/// Changes by key.
pub(super) type Changes = BTreeMap<Vec<u8>, Change>;

impl Inner {
    /// Takes in the changes of one write, or tells why earlier ones do not reach the disk.
    pub(super) fn commit(&self, changes: Changes) -> Result<(), StoreError> {
        let mut writes = self.writes.lock();
        if let Some(error) = self.failed.lock().take() {
            return Err(error);
        }
        // Before these are taken in: a commit that fails has changed nothing.
        if self.pending.read().len() + changes.len() > MOST {
            self.settle(&mut writes)?;
        }
        self.pending.write().extend(changes);
        drop(writes);
        self.bell.ring();
        Ok(())
    }

    /// Hands what was gathered to sled.
    pub(super) fn settle(&self, writes: &mut u64) -> Result<(), StoreError> {
        let pending = self.pending.read();
        if pending.is_empty() {
            return Ok(());
        }
        let mut batch = sled::Batch::default();
        let mut changes = pending.iter().peekable();
        while let Some((key, change)) = changes.next() {
            if !change.packed {
                put(&mut batch, key.clone(), change.value.clone());
                continue;
            }
            let record = pack_key(key);
            let mut pack = self.pack(&record)?;
            pack.set(slot_of(key), change.value.as_deref());
            let same = |key: &&Vec<u8>, change: &&Change| change.packed && pack_key(key) == record;
            while let Some((key, change)) = changes.next_if(|(key, change)| same(key, change)) {
                pack.set(slot_of(key), change.value.as_deref());
            }
            put(&mut batch, record, pack.bytes());
        }
        let (key, value) = mark::count(*writes + 1)?;
        batch.insert(key, value);
        guarded(&self.dir, || self.db.apply_batch(batch))?;
        *writes += 1;
        // Until here readers found the records in both places; nobody else changes this one.
        drop(pending);
        self.pending.write().clear();
        Ok(())
    }

    fn pack(&self, record: &[u8]) -> Result<Pack, StoreError> {
        match guarded(&self.dir, || self.db.get(record))? {
            Some(bytes) => Pack::read(&bytes).map_err(|broken| self.broken(broken)),
            None => Ok(Pack::default()),
        }
    }
}

fn put(batch: &mut sled::Batch, key: Vec<u8>, value: Option<Vec<u8>>) {
    match value {
        Some(value) => batch.insert(key, value),
        None => batch.remove(key),
    }
}

/// Tells the thread that settles that there is something to settle, or that the store closes.
#[derive(Default)]
pub(super) struct Bell {
    rung: Mutex<Rung>,
    heard: Condvar,
}

#[derive(Default)]
struct Rung {
    gathering: bool,
    closing: bool,
}

impl Bell {
    fn ring(&self) {
        let mut rung = self.rung.lock();
        if !rung.gathering {
            rung.gathering = true;
            self.heard.notify_one();
        }
    }
    fn close(&self) {
        self.rung.lock().closing = true;
        self.heard.notify_one();
    }
    /// Waits until something was gathered for long enough; `false`: the store closes.
    fn wait(&self) -> bool {
        let mut rung = self.rung.lock();
        while !rung.gathering && !rung.closing {
            self.heard.wait(&mut rung);
        }
        let until = Instant::now() + GATHER;
        while !rung.closing && !self.heard.wait_until(&mut rung, until).timed_out() {}
        rung.gathering = false;
        !rung.closing
    }
}

/// The thread that settles while commits come slowly or not at all; ends with the store.
pub(super) struct Settler {
    inner: Arc<Inner>,
    thread: Option<JoinHandle<()>>,
}

impl Settler {
    pub fn start(inner: Arc<Inner>) -> std::io::Result<Settler> {
        let of = inner.clone();
        let settle = move || {
            while of.bell.wait() {
                let settled = of.settle(&mut of.writes.lock());
                let flushed = settled.and_then(|()| guarded(&of.dir, || of.db.flush()));
                if let Err(error) = &flushed {
                    tracing::warn!(%error, "commits could not be handed to the disk yet");
                    of.bell.ring();
                }
                // The next commit tells it, unless another try succeeds before.
                *of.failed.lock() = flushed.err();
            }
        };
        let thread = std::thread::Builder::new().name("store".into()).spawn(settle)?;
        Ok(Settler { inner, thread: Some(thread) })
    }
}

impl Drop for Settler {
    fn drop(&mut self) {
        self.inner.bell.close();
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, what it left is settled by whoever closes the store.
            let _ = thread.join();
        }
    }
}

impl Store {
    /// Hands everything that was committed to sled, where scans look.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        let inner = &self.0.inner;
        inner.settle(&mut inner.writes.lock())
    }
}
