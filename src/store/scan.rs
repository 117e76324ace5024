//! Scanning a range of a table, from either end.

use super::{KeyBytes, Store, StoreError, Table, decode, guarded, pack, tagged};
use std::collections::VecDeque;
use std::marker::PhantomData;
use std::ops::{Bound, Range, RangeBounds};

/// What sled hands out: key and value.
type Entry = sled::Result<(sled::IVec, sled::IVec)>;
/// From where to where, as keys.
type Bounds = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// The records of a range, in key order. It sees what was committed before it began, and may see
/// what is committed while it runs. After an error of the disk it ends; a record that cannot be
/// read is an error and the next one follows.
pub struct Scan<T: Table> {
    store: Store,
    records: Option<sled::Iter>,
    bounds: Bounds,
    /// Records of packs that were begun, from the front and from the back.
    front: VecDeque<Raw>,
    back: VecDeque<Raw>,
    failed: Option<StoreError>,
    table: PhantomData<fn() -> T>,
}

/// A record as it lies in sled, alone or in a pack.
struct Raw {
    key: Vec<u8>,
    holder: sled::IVec,
    at: Range<usize>,
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
        Self::between(store, (from, to))
    }
    pub(super) fn prefix(store: Store, prefix: &impl KeyBytes) -> Self {
        let first = tagged(T::TAG, prefix);
        Self::between(store, (Bound::Included(first.clone()), after(first)))
    }
    fn between(store: Store, bounds: Bounds) -> Self {
        let empty = matches!(
            &bounds,
            (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) if a > b
        );
        let failed = store.settle().err();
        let records = (!empty && failed.is_none()).then(|| {
            // A pack lies under the key of its first slot, which may lie before the range.
            let first = match bounds.0.clone() {
                Bound::Included(key) | Bound::Excluded(key) if T::PACKED && key.len() > 1 => {
                    Bound::Included(pack::pack_key(&key))
                }
                bound => bound,
            };
            store.0.inner.db.range::<Vec<u8>, _>((first, bounds.1.clone()))
        });
        let (front, back) = (VecDeque::new(), VecDeque::new());
        Scan { store, records, bounds, front, back, failed, table: PhantomData }
    }
    /// How many records the range has, without decoding them.
    pub(super) fn raw_count(mut self) -> Result<usize, StoreError> {
        let mut count = 0;
        while let Some(raw) = self.raw_next() {
            raw?;
            count += 1;
        }
        Ok(count)
    }

    fn raw_next(&mut self) -> Option<Result<Raw, StoreError>> {
        while self.front.is_empty() {
            match self.step(sled::Iter::next) {
                Some(Ok((key, value))) => match self.records_of(&key, &value) {
                    Ok(records) => self.front = records,
                    Err(error) => return Some(Err(error)),
                },
                Some(Err(error)) => return Some(Err(error)),
                None => return self.back.pop_front().map(Ok),
            }
        }
        self.front.pop_front().map(Ok)
    }
    fn raw_back(&mut self) -> Option<Result<Raw, StoreError>> {
        while self.back.is_empty() {
            match self.step(sled::Iter::next_back) {
                Some(Ok((key, value))) => match self.records_of(&key, &value) {
                    Ok(records) => self.back = records,
                    Err(error) => return Some(Err(error)),
                },
                Some(Err(error)) => return Some(Err(error)),
                None => return self.front.pop_back().map(Ok),
            }
        }
        self.back.pop_back().map(Ok)
    }

    fn step(
        &mut self,
        advance: fn(&mut sled::Iter) -> Option<Entry>,
    ) -> Option<Result<(sled::IVec, sled::IVec), StoreError>> {
        if let Some(error) = self.failed.take() {
            return Some(Err(error));
        }
        let records = self.records.as_mut()?;
        let step = guarded(self.store.dir(), || advance(records).transpose()).transpose()?;
        if step.is_err() {
            self.records = None;
        }
        Some(step)
    }

    /// The records of the range that lie in one of sled's.
    fn records_of(&self, key: &[u8], value: &sled::IVec) -> Result<VecDeque<Raw>, StoreError> {
        if !T::PACKED {
            return Ok(
                [Raw { key: key.to_vec(), holder: value.clone(), at: 0..value.len() }].into()
            );
        }
        self.store.account(key)?;
        let mut records = VecDeque::with_capacity(8);
        for found in pack::slots(value) {
            let (slot, at) = found.ok_or_else(|| self.store.0.inner.broken(pack::Broken))?;
            let key = pack::slot_key(key, slot);
            if self.bounds.contains(&key) {
                records.push_back(Raw { key, holder: value.clone(), at });
            }
        }
        Ok(records)
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

fn record<T: Table>(raw: Result<Raw, StoreError>) -> Result<(T::Key, T::Value), StoreError> {
    let Raw { key, holder, at } = raw?;
    let key = key.get(1..).and_then(T::Key::read).ok_or_else(|| StoreError::Decode {
        table: T::NAME,
        reason: "its key has an unknown shape".into(),
    })?;
    Ok((key, decode::<T>(holder.get(at).unwrap_or_default())?))
}

impl<T: Table> Iterator for Scan<T> {
    type Item = Result<(T::Key, T::Value), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.raw_next().map(record::<T>)
    }
}

impl<T: Table> DoubleEndedIterator for Scan<T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.raw_back().map(record::<T>)
    }
}
