//! Compaction: sled's folder only grows, so that a store which was changed much is copied into a
//! new folder now and then, which takes the place of the old one.
//!
//! The copy is made beside the store, in `<name>.new`, and swapped in by two renames, the old one
//! being `<name>.old` in between. Whatever a crash leaves is finished or thrown away at the next
//! start: a copy counts only once the store's own folder has been moved away, which happens after
//! all of it was flushed.

use super::mark::Meta;
use super::open::open_folder;
use super::{Store, StoreError, guarded, mark};
use std::io;
use std::path::{Path, PathBuf};

/// A store smaller than this on disk is left alone, in bytes.
const WORTH: u64 = 64 << 20;
/// How many times the bytes of its records a store may take on disk, in tenths.
const MOST_TENTHS: u64 = 25;
/// Records that are copied at once.
const BATCH: usize = 1_000;

/// What compaction has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Bytes on disk before.
    pub before: u64,
    /// Bytes on disk now.
    pub after: u64,
}

impl Store {
    /// Compacts the store if it takes much more on disk than its records; returns the store that
    /// is to be used from now on. Nobody else may hold it.
    ///
    /// # Errors
    /// The disk refused; the store has to be opened again, and is then as it was or compacted.
    pub fn compact(self, cache_bytes: u64) -> Result<(Store, Option<Compacted>), StoreError> {
        let before = self.disk_bytes();
        if before < WORTH || before < self.live_bytes()? / 10 * MOST_TENTHS {
            return Ok((self, None));
        }
        let store = self.copied_and_swapped(cache_bytes)?;
        let after = store.disk_bytes();
        Ok((store, Some(Compacted { before, after })))
    }

    /// Bytes of all keys and values.
    fn live_bytes(&self) -> Result<u64, StoreError> {
        let mut sum = 0;
        let mut records = self.0.inner.db.iter();
        while let Some((key, value)) = guarded(self.dir(), || records.next().transpose())? {
            sum += key.len() as u64 + value.len() as u64;
            self.account(&key)?;
        }
        Ok(sum)
    }

    pub(super) fn copied_and_swapped(self, cache_bytes: u64) -> Result<Store, StoreError> {
        let dir = self.dir().to_owned();
        let (new, old) = (beside(&dir, "new"), beside(&dir, "old"));
        let failed =
            |error: io::Error| StoreError::Io { dir: dir.clone(), reason: error.to_string() };
        remove(&new).map_err(failed)?;
        self.settle()?;
        let copy = open_folder(&new, cache_bytes)?;
        self.copy_into(&copy)?;
        copy.flush()?;
        let writes = copy.get::<Meta>(&Meta::WRITES)?.unwrap_or(0);
        mark::write(&new, writes).map_err(failed)?;
        drop((copy, self));
        std::fs::rename(&dir, &old).map_err(failed)?;
        std::fs::rename(&new, &dir).map_err(failed)?;
        let store = open_folder(&dir, cache_bytes)?;
        if let Err(error) = remove(&old) {
            tracing::warn!(%error, folder = %old.display(), "the store before compaction could not be removed");
        }
        Ok(store)
    }

    /// Copies every record, the store's own ones too.
    fn copy_into(&self, copy: &Store) -> Result<(), StoreError> {
        let mut records = self.0.inner.db.iter();
        loop {
            let mut batch = sled::Batch::default();
            let mut count = 0;
            while count < BATCH {
                let next = guarded(self.dir(), || records.next().transpose())?;
                let Some((key, value)) = next else { break };
                self.account(&key)?;
                batch.insert(key, value);
                count += 1;
            }
            copy.guard(|db| db.apply_batch(batch))?;
            if count < BATCH {
                return Ok(());
            }
        }
    }
}

/// Finishes or throws away what a compaction left that a crash interrupted.
pub(super) fn clean_up(dir: &Path) -> io::Result<()> {
    let (new, old) = (beside(dir, "new"), beside(dir, "old"));
    if !dir.exists() && old.exists() {
        // The store was moved away, so the copy is whole; without one it is moved back.
        std::fs::rename(if new.exists() { &new } else { &old }, dir)?;
    }
    remove(&new)?;
    remove(&old)
}

fn beside(dir: &Path, what: &str) -> PathBuf {
    let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    dir.with_file_name(format!("{name}.{what}"))
}

fn remove(dir: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Log, Stock, at, fill, open};
    use super::*;

    const CACHE: u64 = 8 << 20;

    #[test]
    fn a_store_that_was_overwritten_much_is_smaller_afterwards_and_says_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("store");
        let store = open(&dir);
        for round in 0..60_u64 {
            let mut write = store.write();
            for n in 0..2_000 {
                write.put::<Log>(&n, &(u64::from(n) * 1_000_000_007 + round)).unwrap();
            }
            write.put::<Stock>(&at("A", "main"), &(round as u32, "y".repeat(60))).unwrap();
            write.commit_flushed().unwrap();
        }
        let records =
            |store: &Store| -> Vec<_> { store.scan::<Log>(..).map(Result::unwrap).collect() };
        let (before, bytes) = (records(&store), store.disk_bytes());
        let store = store.copied_and_swapped(CACHE).unwrap();
        assert_eq!(records(&store), before);
        assert_eq!(store.get::<Stock>(&at("A", "main")).unwrap().unwrap().0, 59);
        assert!(store.disk_bytes() < bytes, "{} of {bytes}", store.disk_bytes());
        drop(store);
        assert_eq!(records(&open(&dir)), before);
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 1, "nothing lies about");
    }

    #[test]
    fn a_small_store_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder.path().join("store"));
        fill(&store, 10);
        assert_eq!(store.compact(CACHE).unwrap().1, None);
    }

    #[test]
    fn whatever_a_crash_leaves_of_a_compaction_is_finished_or_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("store");
        let (new, old) = (beside(&dir, "new"), beside(&dir, "old"));
        let make = |dir: &Path, count| fill(&open(dir), count);
        // While it was copied.
        make(&dir, 5);
        make(&new, 2);
        assert_eq!(open(&dir).count::<Log>().unwrap(), 5);
        // Between the two renames.
        std::fs::rename(&dir, &old).unwrap();
        make(&new, 5);
        assert_eq!(open(&dir).count::<Log>().unwrap(), 5);
        assert!(!new.exists() && !old.exists());
        // Before the old one was removed.
        make(&old, 3);
        assert_eq!(open(&dir).count::<Log>().unwrap(), 5);
        assert!(!old.exists());
    }
}
