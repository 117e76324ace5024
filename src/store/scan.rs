//! Scanning a range of a table, from either end.

use super::{KeyBytes, Store, StoreError, Table, decode, guarded, tagged};
use std::marker::PhantomData;
use std::ops::{Bound, RangeBounds};

/// What sled hands out: key and value.
type Entry = sled::Result<(sled::IVec, sled::IVec)>;

/// The records of a range, in key order. It sees what is committed while it runs. After an error
/// of the disk it ends; a record that cannot be read is an error and the next one follows.
pub struct Scan<T: Table> {
    store: Store,
    records: Option<sled::Iter>,
    table: PhantomData<fn() -> T>,
}

impl<T: Table> Scan<T> {
    pub(super) fn range(store: Store, range: &impl RangeBounds<T::Key>) -> Self {
        let bytes = |key: &T::Key| tagged(T::TAG, key);
        let from = match range.start_bound() {
            Bound::Unbounded => Bound::Included(vec![T::TAG]),
            bound => bound.map(bytes),
        };
        let to = match range.end_bound() {
            Bound::Unbounded => after(vec![T::TAG]),
            bound => bound.map(bytes),
        };
        Self::between(store, from, to)
    }
    pub(super) fn prefix(store: Store, prefix: &impl KeyBytes) -> Self {
        let first = tagged(T::TAG, prefix);
        Self::between(store, Bound::Included(first.clone()), after(first))
    }
    fn between(store: Store, from: Bound<Vec<u8>>, to: Bound<Vec<u8>>) -> Self {
        let empty = matches!(
            (&from, &to),
            (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) if a > b
        );
        let records = (!empty).then(|| store.0.db.range::<Vec<u8>, _>((from, to)));
        Scan { store, records, table: PhantomData }
    }
    /// How many records the range has, without reading their values.
    pub(super) fn raw_count(mut self) -> usize {
        let mut count = 0;
        while let Some(Ok(_)) = self.step(sled::Iter::next) {
            count += 1;
        }
        count
    }

    fn step(
        &mut self,
        advance: fn(&mut sled::Iter) -> Option<Entry>,
    ) -> Option<Result<(sled::IVec, sled::IVec), StoreError>> {
        let records = self.records.as_mut()?;
        let step = guarded(self.store.dir(), || advance(records).transpose()).transpose()?;
        if step.is_err() {
            self.records = None;
        }
        Some(step)
    }
}

/// The bound behind everything that begins with `prefix`.
fn after(mut prefix: Vec<u8>) -> Bound<Vec<u8>> {
    while let Some(last) = prefix.last_mut() {
        if let Some(next) = last.checked_add(1) {
            *last = next;
            return Bound::Excluded(prefix);
        }
        prefix.pop();
    }
    Bound::Unbounded
}

fn record<T: Table>(
    step: Result<(sled::IVec, sled::IVec), StoreError>,
) -> Result<(T::Key, T::Value), StoreError> {
    let (key, value) = step?;
    let key = key.get(1..).and_then(T::Key::read).ok_or_else(|| StoreError::Decode {
        table: T::NAME,
        reason: "its key has an unknown shape".into(),
    })?;
    Ok((key, decode::<T>(&value)?))
}

impl<T: Table> Iterator for Scan<T> {
    type Item = Result<(T::Key, T::Value), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step(sled::Iter::next).map(record::<T>)
    }
}

impl<T: Table> DoubleEndedIterator for Scan<T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.step(sled::Iter::next_back).map(record::<T>)
    }
}
