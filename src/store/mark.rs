//! The mark: how many writes the store has, told by a file beside sled's own.
//!
//! sled takes damage in its log for the log's end and opens with what lies before it, at worst with
//! nothing. Each write therefore counts itself inside sled, and after a flush the count is put in
//! the file; a store that counts fewer than its file has lost something.

use super::{StoreError, Table, encode, key_bytes};
use std::io;
use std::path::Path;

/// What the store keeps about itself.
pub(super) struct Meta;

impl Table for Meta {
    const TAG: u8 = 0;
    const NAME: &'static str = "meta";
    const SCHEMA: u8 = 1;
    type Key = u8;
    type Value = u64;
}

impl Meta {
    /// Version of the whole store's shape.
    pub const VERSION: u8 = 0;
    /// Writes that were ever committed.
    pub const WRITES: u8 = 1;
}

/// The record by which a write counts itself.
pub(super) fn count(writes: u64) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
    Ok((key_bytes::<Meta>(&Meta::WRITES), encode::<Meta>(&writes)?))
}

/// How many writes the file beside sled tells of; `None` for a new store.
pub(super) fn read(dir: &Path) -> Option<u64> {
    std::fs::read_to_string(dir.join("writes")).ok()?.trim_end().parse().ok()
}

/// Replaces the file; a killed process leaves the old one or the new one.
pub(super) fn write(dir: &Path, writes: u64) -> io::Result<()> {
    let new = dir.join("writes.new");
    std::fs::write(&new, format!("{writes}\n"))?;
    std::fs::rename(new, dir.join("writes"))
}
