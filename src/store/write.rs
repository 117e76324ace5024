//! Writing: many records of many tables, all or none.

use super::pending::{Change, Changes};
use super::{Store, StoreError, Table, decode, encode, key_bytes};

/// A set of changes that becomes visible, and survives a crash, as a whole.
///
/// It sees its own changes. A value that is already stored as it is costs no write. Dropping it
/// changes nothing. Best with at most some thousand records.
#[must_use = "nothing is written before `commit`"]
pub struct Write<'s> {
    store: &'s Store,
    changes: Changes,
}

impl<'s> Write<'s> {
    pub(super) fn new(store: &'s Store) -> Self {
        Write { store, changes: Changes::new() }
    }
    /// The record under a key, as this write will leave it.
    pub fn get<T: Table>(&self, key: &T::Key) -> Result<Option<T::Value>, StoreError> {
        let key = key_bytes::<T>(key);
        let read = |bytes: Option<&[u8]>| bytes.map(decode::<T>).transpose();
        match self.changes.get(&key) {
            Some(change) => read(change.value.as_deref()),
            None => self.store.0.inner.look(&key, T::PACKED, read)?,
        }
    }
    /// Puts a record under a key, in place of the one that is there.
    pub fn put<T: Table>(&mut self, key: &T::Key, value: &T::Value) -> Result<(), StoreError> {
        let (key, value) = (key_bytes::<T>(key), encode::<T>(value)?);
        if self.store.0.inner.look(&key, T::PACKED, |stored| stored == Some(&value))? {
            self.changes.remove(&key);
        } else {
            self.changes.insert(key, Change { packed: T::PACKED, value: Some(value) });
        }
        Ok(())
    }
    /// Takes the record under a key away, if there is one.
    pub fn delete<T: Table>(&mut self, key: &T::Key) {
        let key = key_bytes::<T>(key);
        match self.store.0.inner.look(&key, T::PACKED, |stored| stored.is_none()) {
            Ok(true) => self.changes.remove(&key),
            _ => self.changes.insert(key, Change { packed: T::PACKED, value: None }),
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
    /// which happens by itself within about a second.
    pub fn commit(self) -> Result<(), StoreError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        self.store.0.inner.commit(self.changes)
    }
    /// As [`Write::commit`], and returns when the changes survive a killed process.
    pub fn commit_flushed(self) -> Result<(), StoreError> {
        let store = self.store;
        self.commit()?;
        store.flush()
    }
}
