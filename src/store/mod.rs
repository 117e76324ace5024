//! The store: typed tables in sled, and the only module that names sled.
//!
//! All tables live in one sled tree, each under a one-byte tag, so that a [`Write`] over any number
//! of tables is one sled batch: after a crash all of it is there or none. The store is a cache: it
//! holds nothing that the archive, the feeds and the journal could not give again, but for how good forecasts
//! were: of that a new store looks back on the last 12 weeks, and the rest is gone. A damaged
//! folder is set aside rather than repaired. sled opens some damaged folders as if nothing had
//! happened, only with less in them; so the writes are counted, inside and beside (see [`mod@mark`]).
//!
//! Commits are gathered for a moment before sled gets them (see [`mod@pending`]), and small records of
//! some tables share a record of sled (see [`mod@pack`]): both keep sled's appetite for space down.
//!
//! A value is its table's schema byte, then postcard. The store has one writer at a time (the
//! owner); readers may be many.

mod compact;
mod error;
mod key;
mod mark;
mod open;
mod pack;
mod pending;
mod scan;
mod write;

pub use compact::Compacted;
pub use error::StoreError;
pub use key::KeyBytes;
pub use open::{CACHE_BYTES, Opened, set_aside};
pub use scan::Scan;
pub use write::Write;

use parking_lot::{Mutex, RwLock};
use pending::{Bell, Change, Changes, Settler};
use serde::{Serialize, de::DeserializeOwned};
use std::ops::RangeBounds;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A table: what its keys and values are and where it lies.
pub trait Table {
    /// Where it lies; one tag is one table for ever. 0 is the store's own.
    const TAG: u8;
    /// Its name in errors.
    const NAME: &'static str;
    /// Version of the values' shape; one more with each change of it.
    const SCHEMA: u8;
    /// Whether small records with neighbouring keys share a record of sled; for tables with many
    /// records that are mostly written in order, whose keys end with a number.
    const PACKED: bool = false;
    /// What a record is found by.
    type Key: KeyBytes;
    /// What a record is.
    type Value: Serialize + DeserializeOwned;
}

/// An open store. Clones share it; the last one to go closes it.
#[derive(Clone)]
pub struct Store(Arc<Open>);

/// Closes the store when it goes: first the settler, then sled.
struct Open {
    _settler: Settler,
    inner: Arc<Inner>,
}

struct Inner {
    db: sled::Db,
    dir: PathBuf,
    /// What was committed and is not in sled yet. Only who holds `writes` changes it.
    pending: RwLock<Changes>,
    /// How many batches sled ever got; the lock orders commits.
    writes: Mutex<u64>,
    /// How many of them the mark tells of; it never tells of fewer than before.
    marked: Mutex<u64>,
    /// Why what is pending could not be handed to the disk, until a commit has told it.
    failed: Mutex<Option<StoreError>>,
    bell: Bell,
}

impl Inner {
    fn flush(&self) -> Result<(), StoreError> {
        let writes = {
            let mut writes = self.writes.lock();
            self.settle(&mut writes)?;
            *writes
        };
        guarded(&self.dir, || self.db.flush())?;
        let mut marked = self.marked.lock();
        if writes > *marked {
            match mark::write(&self.dir, writes) {
                Ok(()) => *marked = writes,
                // A mark that lags only finds less.
                Err(error) => tracing::warn!(%error, "the store's mark could not be replaced"),
            }
        }
        Ok(())
    }

    /// Looks at the bytes under a key.
    fn look<R>(
        &self,
        key: &[u8],
        packed: bool,
        at: impl FnOnce(Option<&[u8]>) -> R,
    ) -> Result<R, StoreError> {
        if let Some(change) = self.pending.read().get(key) {
            return Ok(at(change.value.as_deref()));
        }
        if !packed {
            return Ok(at(guarded(&self.dir, || self.db.get(key))?.as_deref()));
        }
        let Some(pack) = guarded(&self.dir, || self.db.get(pack::pack_key(key)))? else {
            return Ok(at(None));
        };
        let found = pack::find(&pack, pack::slot_of(key)).map_err(|broken| self.broken(broken))?;
        Ok(at(found.and_then(|range| pack.get(range))))
    }

    fn broken(&self, _: pack::Broken) -> StoreError {
        let reason = "a record is cut short".to_owned();
        StoreError::Damaged { dir: self.dir.clone(), reason }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Err(error) = self.flush() {
            tracing::warn!(%error, "the store was closed without a flush");
        }
    }
}

impl Store {
    /// The record under a key.
    pub fn get<T: Table>(&self, key: &T::Key) -> Result<Option<T::Value>, StoreError> {
        let read = |bytes: Option<&[u8]>| bytes.map(decode::<T>).transpose();
        self.0.inner.look(&key_bytes::<T>(key), T::PACKED, read)?
    }
    /// The records in a range of keys, in key order; backwards with [`Iterator::rev`].
    pub fn scan<T: Table>(&self, range: impl RangeBounds<T::Key>) -> Scan<T> {
        Scan::range(self.clone(), &range)
    }
    /// The records whose keys begin with `prefix`, which is the first part (or parts) of `T::Key`.
    pub fn scan_prefix<T: Table>(&self, prefix: &impl KeyBytes) -> Scan<T> {
        Scan::prefix(self.clone(), prefix)
    }
    /// How many records a table has; reads all of them.
    pub fn count<T: Table>(&self) -> Result<usize, StoreError> {
        self.scan::<T>(..).raw_count()
    }
    /// Begins a write.
    pub fn write(&self) -> Write<'_> {
        Write::new(self)
    }
    /// Forgets all records of a table, whatever they look like; it has no packs.
    fn forget_table(&self, tag: u8) -> Result<(), StoreError> {
        self.settle()?;
        let keys =
            self.guard(|db| db.scan_prefix([tag]).keys().collect::<sled::Result<Vec<_>>>())?;
        for some in keys.chunks(1_000) {
            let forgotten =
                |key: &sled::IVec| (key.to_vec(), Change { packed: false, value: None });
            self.0.inner.commit(some.iter().map(forgotten).collect())?;
        }
        Ok(())
    }
    /// Returns when all that was committed survives a killed process.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.0.inner.flush()
    }
    /// What the folder takes on disk, in bytes.
    pub fn disk_bytes(&self) -> u64 {
        self.guard(|db| db.size_on_disk()).unwrap_or(0)
    }
    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.0.inner.dir
    }

    /// Has sled account for a record of packs that it has just read in passing.
    ///
    /// sled keeps every page that it reads until 64 pages of the same shard (of 256) were looked at,
    /// and only then drops what is too much: of packs, whose pages are some 8 kB, that comes to
    /// 130 MB, however small the cache. With a look at each pack, 8 to a page, it drops them in
    /// time: memory after a scan of 1,000,000 orders then is the cache's size.
    fn account(&self, key: &[u8]) -> Result<(), StoreError> {
        self.guard(|db| db.get(key)).map(drop)
    }

    /// Calls sled, and makes its errors and its panics errors of the store.
    fn guard<R>(&self, call: impl FnOnce(&sled::Db) -> sled::Result<R>) -> Result<R, StoreError> {
        guarded(self.dir(), || call(&self.0.inner.db))
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.dir()).finish()
    }
}

fn guarded<R>(dir: &Path, call: impl FnOnce() -> sled::Result<R>) -> Result<R, StoreError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| StoreError::from_sled(dir, &error)),
        Err(panic) => Err(StoreError::from_panic(dir, panic.as_ref())),
    }
}

fn key_bytes<T: Table>(key: &T::Key) -> Vec<u8> {
    tagged(T::TAG, key)
}

fn tagged(tag: u8, key: &impl KeyBytes) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    bytes.push(tag);
    key.write(&mut bytes);
    bytes
}

fn encode<T: Table>(value: &T::Value) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(128);
    bytes.push(T::SCHEMA);
    postcard::to_extend(value, bytes)
        .map_err(|error| StoreError::Encode { table: T::NAME, reason: error.to_string() })
}

fn decode<T: Table>(bytes: &[u8]) -> Result<T::Value, StoreError> {
    let broken = |reason: String| StoreError::Decode { table: T::NAME, reason };
    let (schema, body) = bytes.split_first().ok_or_else(|| broken("it is empty".into()))?;
    if *schema != T::SCHEMA {
        return Err(broken(format!("it has schema {schema}, not {}", T::SCHEMA)));
    }
    match postcard::take_from_bytes(body) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(broken(format!("it has {} bytes too many", rest.len()))),
        Err(error) => Err(broken(error.to_string())),
    }
}

#[cfg(test)]
mod tests;
