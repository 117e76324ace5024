//! Writing: many records of many tables, all or none.

use super::{Store, StoreError, Table, decode, encode, key_bytes, mark};
use std::collections::BTreeMap;

/// A set of changes that becomes visible, and survives a crash, as a whole.
///
/// It sees its own changes. A value that is already stored as it is costs no write. Dropping it
/// changes nothing. Best with at most some thousand records.
#[must_use = "nothing is written before `commit`"]
pub struct Write<'s> {
    store: &'s Store,
    /// New bytes by key; `None` deletes.
    changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl<'s> Write<'s> {
    pub(super) fn new(store: &'s Store) -> Self {
        Write { store, changes: BTreeMap::new() }
    }
    /// The record under a key, as this write will leave it.
    pub fn get<T: Table>(&self, key: &T::Key) -> Result<Option<T::Value>, StoreError> {
        let key = key_bytes::<T>(key);
        match self.changes.get(&key) {
            Some(change) => change.as_deref().map(decode::<T>).transpose(),
            None => self.store.bytes(&key)?.map(|value| decode::<T>(&value)).transpose(),
        }
    }
    /// Puts a record under a key, in place of the one that is there.
    pub fn put<T: Table>(&mut self, key: &T::Key, value: &T::Value) -> Result<(), StoreError> {
        let (key, value) = (key_bytes::<T>(key), encode::<T>(value)?);
        if self.store.bytes(&key)?.is_some_and(|stored| *stored == *value) {
            self.changes.remove(&key);
        } else {
            self.changes.insert(key, Some(value));
        }
        Ok(())
    }
    /// Takes the record under a key away, if there is one.
    pub fn delete<T: Table>(&mut self, key: &T::Key) {
        let key = key_bytes::<T>(key);
        match self.store.bytes(&key) {
            Ok(None) => self.changes.remove(&key),
            _ => self.changes.insert(key, None),
        };
    }
    /// Whether committing would change nothing.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
    /// How many records committing would change.
    pub fn len(&self) -> usize {
        self.changes.len()
    }
    /// Makes the changes, all or none. They survive a killed process once the store was flushed,
    /// which happens by itself within half a second.
    pub fn commit(self) -> Result<(), StoreError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let mut batch = sled::Batch::default();
        for (key, change) in self.changes {
            match change {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        let mut writes = self.store.0.writes.lock();
        let (key, value) = mark::count(*writes + 1)?;
        batch.insert(key, value);
        self.store.guard(|db| db.apply_batch(batch))?;
        *writes += 1;
        Ok(())
    }
    /// As [`Write::commit`], and returns when the changes survive a killed process.
    pub fn commit_flushed(self) -> Result<(), StoreError> {
        let store = self.store;
        self.commit()?;
        store.flush()
    }
}
