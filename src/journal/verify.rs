//! Reading a whole journal and proving its chain.

use super::frame::{Chain, Fault, GENESIS, Hash, holds_a_frame};
use super::head::{self, Head, Known};
use super::{JournalError, LOST};
use std::fs::File;
use std::io::{self, BufReader, Seek};
use std::path::{Path, PathBuf};

/// A journal whose chain holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Entries in it.
    pub entries: u64,
    /// Hash of the newest entry in hexadecimal digits: written down elsewhere, it proves later that
    /// nothing before it was changed. 64 zeros for an empty journal.
    pub head_hash: String,
    /// Bytes at the end of an entry that is being written, or was when the owner died. Nobody was
    /// told that it is done.
    pub unfinished_bytes: u64,
}

/// The first place where a journal is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq}, at byte {offset}: {why}")]
pub struct Broken {
    /// The entry that should be there.
    pub seq: u64,
    /// Where it begins in the file.
    pub offset: u64,
    /// What is wrong.
    pub why: Fault,
}

/// Proves the chain of the journal at `path` from its files alone; the owner may be running.
///
/// # Errors
/// [`JournalError::Broken`] names the first entry that was changed, removed, moved or cut off.
pub fn verify(path: &Path) -> Result<Verified, JournalError> {
    let failed = |source| JournalError::Io { path: path.to_owned(), what: "read", source };
    // The head first: the owner writes it last, so it never knows more than the log read after it.
    let known = Head::read(path).map_err(failed)?;
    let reading = match File::open(path) {
        Ok(file) => Reading::new(&file, known).map_err(failed)?,
        // Without a head either, nobody has decided anything yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Reading::nothing(known),
        Err(error) => return Err(failed(error)),
    };
    if let Some(broken) = reading.verdict() {
        return Err(JournalError::Broken { path: path.to_owned(), broken });
    }
    match lost(path).map_err(failed)?.into_iter().next() {
        Some(kept) => Err(JournalError::Lost { path: path.to_owned(), kept }),
        None => Ok(Verified {
            entries: reading.entries(),
            head_hash: head::hex(&reading.last_hash),
            unfinished_bytes: reading.rest.len() as u64,
        }),
    }
}

/// The heads that were kept when acknowledged entries were found to be missing, oldest first.
pub fn lost(path: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let kept = path.with_extension(LOST);
    let begin = kept.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut found = Vec::new();
    match std::fs::read_dir(folder.unwrap_or(Path::new("."))) {
        Ok(files) => {
            for file in files {
                let file = file?;
                if file.file_name().to_string_lossy().starts_with(&begin) {
                    found.push(file.path());
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    found.sort_unstable();
    Ok(found)
}

/// All that reading a journal's files shows.
pub(super) struct Reading {
    /// Where each intact entry begins.
    pub offsets: Vec<u64>,
    /// Where the intact entries end.
    pub end: u64,
    /// The last link.
    pub last_hash: Hash,
    /// What is wrong with what follows them.
    fault: Option<Fault>,
    /// All bytes that follow them.
    pub rest: Vec<u8>,
    known: Known,
    /// The link of the entry that the head names.
    hash_at_head: Option<Hash>,
}

impl Reading {
    /// Reads the log from its start.
    pub fn new(mut file: &File, known: Known) -> io::Result<Self> {
        file.rewind()?;
        let mut chain = Chain::new(BufReader::with_capacity(1 << 16, file));
        let head_seq = match known {
            Known::Head(head) => head.seq,
            _ => 0,
        };
        let mut hash_at_head = (head_seq == 0).then_some(GENESIS);
        let mut offsets = Vec::new();
        let fault = loop {
            match chain.next()? {
                None => break None,
                Some(Err(fault)) => break Some(fault),
                Some(Ok(frame)) => {
                    offsets.push(frame.offset);
                    if frame.entry.seq == head_seq {
                        hash_at_head = Some(frame.hash);
                    }
                }
            }
        };
        let (end, last_hash) = (chain.offset, chain.hash);
        let rest = if fault.is_some() { chain.rest()? } else { Vec::new() };
        Ok(Reading { offsets, end, last_hash, fault, rest, known, hash_at_head })
    }
    /// What is read where there is no log.
    fn nothing(known: Known) -> Self {
        Reading {
            offsets: Vec::new(),
            end: 0,
            last_hash: GENESIS,
            fault: None,
            rest: Vec::new(),
            known,
            hash_at_head: None,
        }
    }
    /// Intact entries.
    pub fn entries(&self) -> u64 {
        self.offsets.len() as u64
    }
    /// Entries that the head knows and that are not here.
    pub fn missing(&self) -> Option<u64> {
        match self.known {
            Known::Head(head) if head.seq > self.entries() => Some(head.seq),
            _ => None,
        }
    }
    /// Whether what is wrong is at most that the end is missing.
    pub fn is_cut(&self) -> bool {
        !self.contradicts_head()
            && match &self.fault {
                None => true,
                Some(Fault::Cut) => !holds_a_frame(&self.rest),
                Some(Fault::Length | Fault::Checksum) => {
                    self.missing().is_none() && !holds_a_frame(&self.rest)
                }
                Some(_) => false,
            }
    }
    /// What is wrong with this journal as proof; an unfinished entry is not.
    pub fn verdict(&self) -> Option<Broken> {
        if let (Some(fault), false) = (&self.fault, self.is_cut() && self.missing().is_none()) {
            return Some(self.broken_after_intact(fault.clone()));
        }
        match self.known {
            Known::Unreadable => Some(self.broken_after_intact(Fault::HeadUnreadable)),
            Known::Head(head) if head.seq > self.entries() => {
                Some(self.broken_after_intact(Fault::Missing { known: head.seq }))
            }
            Known::Head(head) if self.contradicts_head() => {
                let place = head.seq.checked_sub(1).and_then(|n| self.offsets.get(n as usize));
                let offset = place.copied().unwrap_or(0);
                Some(Broken { seq: head.seq, offset, why: Fault::Head })
            }
            _ => None,
        }
    }
    fn contradicts_head(&self) -> bool {
        matches!(
            (self.known, self.hash_at_head),
            (Known::Head(head), Some(hash)) if head.hash != hash
        )
    }
    fn broken_after_intact(&self, why: Fault) -> Broken {
        Broken { seq: self.entries() + 1, offset: self.end, why }
    }
}
