//! Which row has a key, by the key's hash.
//!
//! Most rows lie in one array, in buckets by the upper bits of their hashes: some 5 bytes a row,
//! where a hash table that doubles takes up to 11. New ones go to a small hash table first, which
//! is dealt into the buckets with the rest once it has grown to a quarter of them.

use super::Row;
use hashbrown::HashTable;

/// Rows in a bucket, at most and on the whole; half of it at least.
const BUCKET: usize = 8;
/// New rows that are not worth dealing.
const FEW: usize = 4_096;

/// Rows by the hashes of their keys. Nothing is ever taken out.
#[derive(Default)]
pub(super) struct Keys {
    /// Rows in order of buckets.
    dealt: Vec<Row>,
    /// Where each bucket begins in `dealt`, and where the last one ends.
    begins: Vec<u32>,
    recent: HashTable<Row>,
}

impl Keys {
    /// The row with this hash that is the one.
    pub fn find(&self, hash: u64, is_it: impl Fn(Row) -> bool) -> Option<Row> {
        if let Some(row) = self.recent.find(hash, |row| is_it(*row)) {
            return Some(*row);
        }
        let bucket = bucket_of(hash, self.begins.len().checked_sub(1)?);
        let (from, to) = (*self.begins.get(bucket)?, *self.begins.get(bucket + 1)?);
        let rows = self.dealt.get(from as usize..to as usize)?;
        rows.iter().copied().find(|row| is_it(*row))
    }

    /// Puts in a row whose key was not there. `hash_of` hashes the key of a row that is there.
    pub fn insert(&mut self, hash: u64, row: Row, hash_of: impl Fn(Row) -> u64) {
        self.recent.insert_unique(hash, row, |row| hash_of(*row));
        if self.recent.len() >= FEW.max(self.dealt.len() / 4) {
            self.deal(hash_of);
        }
    }

    /// Deals all rows into buckets anew.
    fn deal(&mut self, hash_of: impl Fn(Row) -> u64) {
        let mut rows = std::mem::take(&mut self.dealt);
        rows.extend(std::mem::take(&mut self.recent));
        // In their own order they are looked up faster than in that of their hashes.
        rows.sort_unstable();
        let buckets = (rows.len() / BUCKET + 1).next_power_of_two();
        let mut begins = vec![0; buckets + 1];
        for row in &rows {
            begins[bucket_of(hash_of(*row), buckets)] += 1;
        }
        // Each bucket's end first; dealt from behind, it becomes the bucket's beginning.
        let mut end = 0;
        for begin in &mut begins {
            end += *begin;
            *begin = end;
        }
        let mut dealt = vec![0; rows.len()];
        for row in rows.iter().rev() {
            let place = &mut begins[bucket_of(hash_of(*row), buckets)];
            *place -= 1;
            dealt[*place as usize] = *row;
        }
        (self.dealt, self.begins) = (dealt, begins);
    }

    /// Bytes, as allocated.
    pub fn memory(&self) -> usize {
        let dealt = self.dealt.capacity() * size_of::<Row>();
        dealt + self.begins.capacity() * size_of::<u32>() + self.recent.allocation_size()
    }
}

/// The bucket of a hash; there are as many as a power of two says.
fn bucket_of(hash: u64, buckets: usize) -> usize {
    // The hash's lower bits choose the place in `recent`; any of them would do here.
    ((u128::from(hash) * buckets as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::intern;

    fn hash(row: Row) -> u64 {
        intern::hash(7, &format!("order-{row}"))
    }

    #[test]
    fn each_row_is_found_by_its_key_however_many_there_are() {
        let mut keys = Keys::default();
        assert_eq!(keys.find(hash(1), |_| true), None);
        for row in 0..40_000 {
            assert_eq!(keys.find(hash(row), |found| found == row), None);
            keys.insert(hash(row), row, hash);
        }
        for row in 0..40_000 {
            assert_eq!(keys.find(hash(row), |found| found == row), Some(row));
        }
        assert_eq!(keys.find(hash(40_000), |found| found == 40_000), None);
        assert!(keys.memory() < 40_000 * 8, "{} bytes", keys.memory());
    }
}
