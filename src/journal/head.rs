//! `journal.head`: number and hash of the newest entry, so that a journal which was cut off between
//! two entries can be told from one that never had more.

use super::frame::Hash;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The newest entry that was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub seq: u64,
    pub hash: Hash,
}

/// What `journal.head` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// There is none: a new journal.
    Nothing,
    /// It names an entry.
    Head(Head),
    /// It was changed.
    Unreadable,
}

/// Where the head of a journal lies.
pub(super) fn path_of(journal: &Path) -> PathBuf {
    journal.with_extension("head")
}

impl Head {
    /// Reads the head that lies beside a journal.
    pub fn read(journal: &Path) -> io::Result<Known> {
        match std::fs::read_to_string(path_of(journal)) {
            Ok(text) => Ok(Self::parse(&text).map_or(Known::Unreadable, Known::Head)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Known::Nothing),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Known::Unreadable),
            Err(error) => Err(error),
        }
    }
    /// Replaces the head beside a journal; a crash leaves the old one or the new one.
    pub fn write(self, journal: &Path) -> io::Result<()> {
        let new = journal.with_extension("head.new");
        let mut file = File::create(&new)?;
        writeln!(file, "{} {}", self.seq, hex(&self.hash))?;
        file.sync_data()?;
        std::fs::rename(new, path_of(journal))
    }
    fn parse(text: &str) -> Option<Self> {
        let (seq, hash) = text.trim_end().split_once(' ')?;
        Some(Head { seq: seq.parse().ok()?, hash: unhex(hash)? })
    }
}

/// A hash in lower-case hexadecimal digits.
pub(super) fn hex(hash: &Hash) -> String {
    use std::fmt::Write;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(hash)
}
