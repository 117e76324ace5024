//! The journal: what people decided, on disk before anybody is told that it is done.
//!
//! `journal.log` is only ever appended to. Each entry's frame holds a hash that covers the hash
//! before it, so that no byte, entry or order of entries can be changed without breaking the chain.
//! Beside it `journal.head` names the newest entry and its hash, which shows a file that was cut
//! off between two entries. Invariant: an entry that was given out is in the file, synced, and its
//! number is its place.
//!
//! One process owns a journal at a time; [`verify`] reads the files alone.

mod frame;
mod head;
mod verify;

pub use frame::Fault;
pub use verify::{Broken, Verified, lost, verify};

use crate::domain::{Actor, Decision, Entry, Timestamp};
use frame::Hash;
use head::Head;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use verify::Reading;

/// Why the journal could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The operating system refused something; the journal is as it was.
    #[error("the journal {} cannot be {what}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `opened`, `read`, `written`.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// What is in the file is not what was written. Nothing is appended to such a journal.
    #[error(
        "the journal {} is broken: {broken}; keep the file and put back a copy that `stockdeck audit verify` accepts",
        path.display()
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// Where and why.
        broken: Broken,
    },
    /// Entries that were acknowledged have been lost earlier; the traces of it are still there.
    #[error(
        "entries that were acknowledged are missing from the journal {}, as {} shows; put back a copy of the journal that has them, or move that file away to accept the loss",
        path.display(),
        kept.display()
    )]
    Lost {
        /// The journal.
        path: PathBuf,
        /// What the journal's head was before.
        kept: PathBuf,
    },
    /// The entry cannot be written.
    #[error("the decision cannot be put in the journal: {reason}")]
    Entry {
        /// What is wrong with it.
        reason: String,
    },
}

/// What opening a journal found and mended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Bytes of an unfinished entry that were cut off the file's end.
    pub torn_bytes: u64,
    /// How many entries there were, if some that were acknowledged are missing at the file's end.
    /// The journal goes on after the last one that is there.
    pub missing: Option<u64>,
    /// Where the head, and what was cut off, was kept, if acknowledged entries are missing.
    pub kept: Vec<PathBuf>,
}

/// An entry before it has its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Domain time of the decision.
    pub at: Timestamp,
    /// Wall time of the decision.
    pub wall: Timestamp,
    /// Milliseconds since the owner started (monotonic).
    pub mono_ms: u64,
    /// Who.
    pub actor: Actor,
    /// What.
    pub decision: Decision,
    /// What the person saw when deciding.
    pub saw: String,
    /// The entry that this one undoes.
    pub undoes: Option<u64>,
    /// The entry that began the act of which this is a later part.
    pub act: Option<u64>,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Where each entry's frame begins; entry `n` at index `n - 1`.
    offsets: Vec<u64>,
    /// Where the next frame goes.
    end: u64,
    last_hash: Hash,
    /// An append failed, and what it wrote may still lie behind `end`.
    unsure_tail: bool,
}

impl Journal {
    /// Opens the journal, or begins one. An entry that a crash left unfinished at the file's end is
    /// cut off: nobody was told that it is done.
    ///
    /// # Errors
    /// [`JournalError::Broken`] when what is there is not what was written; the file is then left
    /// as it is.
    pub fn open(path: &Path) -> Result<(Journal, Recovery), JournalError> {
        let failed = |what| move |source| JournalError::Io { path: path.to_owned(), what, source };
        let file = open_file(path).map_err(failed("opened"))?;
        let known = Head::read(path).map_err(failed("read"))?;
        let reading = Reading::new(&file, known).map_err(failed("read"))?;
        if let (false, Some(broken)) = (reading.is_cut(), reading.verdict()) {
            return Err(JournalError::Broken { path: path.to_owned(), broken });
        }
        let recovery = recover(path, &file, &reading).map_err(failed("written"))?;
        let journal = Journal {
            path: path.to_owned(),
            file,
            end: reading.end,
            last_hash: reading.last_hash,
            offsets: reading.offsets,
            unsure_tail: false,
        };
        journal.write_head().map_err(failed("written"))?;
        Ok((journal, recovery))
    }
    /// Appends a decision under the next number and returns once it is on disk.
    ///
    /// # Errors
    /// Nothing was appended; the journal can be appended to again.
    pub fn append(&mut self, draft: Draft) -> Result<Entry, JournalError> {
        let Draft { at, wall, mono_ms, actor, decision, saw, undoes, act } = draft;
        let seq = self.len() + 1;
        let entry = Entry { seq, at, wall, mono_ms, actor, decision, saw, undoes, act };
        let (frame, hash) = frame::encode(&self.last_hash, &entry)
            .map_err(|reason| JournalError::Entry { reason })?;
        self.write_frame(&frame).map_err(|source| self.failed("written", source))?;
        self.offsets.push(self.end);
        self.end += frame.len() as u64;
        self.last_hash = hash;
        // The entry is durable; a head that lags is caught up by the next append or opening.
        if let Err(error) = self.write_head() {
            tracing::warn!(%error, "journal.head could not be replaced");
        }
        Ok(entry)
    }
    /// The entry with a number; `None` where there is none yet.
    pub fn entry(&self, seq: u64) -> Result<Option<Entry>, JournalError> {
        let index = seq.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let Some(index) = index.filter(|index| *index < self.offsets.len()) else {
            return Ok(None);
        };
        let begin = self.offsets.get(index).copied().unwrap_or(self.end);
        let end = self.offsets.get(index + 1).copied().unwrap_or(self.end);
        let mut bytes = vec![0; end.saturating_sub(begin) as usize];
        self.file.read_exact_at(&mut bytes, begin).map_err(|source| self.failed("read", source))?;
        frame::entry_of(&bytes).map(Some).map_err(|why| JournalError::Broken {
            path: self.path.clone(),
            broken: Broken { seq, offset: begin, why },
        })
    }
    /// The entries from a number on, oldest first; backwards with [`Iterator::rev`].
    pub fn iter(
        &self,
        from: u64,
    ) -> impl DoubleEndedIterator<Item = Result<Entry, JournalError>> + '_ {
        (from.max(1)..=self.len()).filter_map(|seq| self.entry(seq).transpose())
    }
    /// How many entries there are; the number of the newest.
    pub fn len(&self) -> u64 {
        self.offsets.len() as u64
    }
    /// Whether nobody has decided anything yet.
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }
    /// Bytes on disk.
    pub fn bytes(&self) -> u64 {
        self.end
    }
    /// Hash of the newest entry in hexadecimal digits; 64 zeros for an empty journal.
    pub fn head_hash(&self) -> String {
        head::hex(&self.last_hash)
    }

    fn write_frame(&mut self, frame: &[u8]) -> io::Result<()> {
        if self.unsure_tail {
            self.file.set_len(self.end)?;
            self.unsure_tail = false;
        }
        let written = self.file.write_all_at(frame, self.end).and_then(|()| self.file.sync_data());
        if written.is_err() {
            self.unsure_tail = self.file.set_len(self.end).is_err();
        }
        written
    }
    fn write_head(&self) -> io::Result<()> {
        Head { seq: self.len(), hash: self.last_hash }.write(&self.path)
    }
    fn failed(&self, what: &'static str, source: io::Error) -> JournalError {
        JournalError::Io { path: self.path.clone(), what, source }
    }
}

/// How the extension of a head begins that names entries which are no longer there.
const LOST: &str = "head.lost-";

/// Opens the log, readable by its owner alone; a new one is also in its folder when this returns.
fn open_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return opened,
    }
    let file = options.create_new(true).open(path)?;
    file.sync_all()?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}

/// Cuts an unfinished entry off. What was acknowledged and is lost leaves its traces in files of
/// their own first.
fn recover(path: &Path, file: &File, reading: &Reading) -> io::Result<Recovery> {
    let mut recovery = Recovery {
        torn_bytes: reading.rest.len() as u64,
        missing: reading.missing(),
        kept: Vec::new(),
    };
    if recovery.missing.is_some() {
        let stamp = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let head = path.with_extension(format!("{LOST}{stamp}"));
        std::fs::copy(head::path_of(path), &head)?;
        recovery.kept.push(head);
        if !reading.rest.is_empty() {
            let cut = path.with_extension(format!("log.cut-{stamp}"));
            std::fs::write(&cut, &reading.rest)?;
            recovery.kept.push(cut);
        }
    }
    if recovery.torn_bytes > 0 {
        file.set_len(reading.end)?;
        file.sync_data()?;
    }
    Ok(recovery)
}

#[cfg(test)]
mod tests;
