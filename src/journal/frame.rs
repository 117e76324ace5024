//! Frames: how an entry lies in the file.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | length of the payload, little-endian |
//! | 4 | CRC-32 of hash and payload, little-endian |
//! | 32 | SHA-256 of the hash before and the payload; before the first entry, 32 zero bytes |
//! | n | payload: the entry as JSON |

use crate::domain::Entry;
use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// A link of the chain.
pub(super) type Hash = [u8; 32];

/// The link before the first entry.
pub(super) const GENESIS: Hash = [0; 32];

/// Largest payload in bytes; a larger length can only be damage.
const MAX_PAYLOAD: usize = 1 << 20;

const HEADER: usize = 40;

/// How every payload begins: `seq` is an entry's first field.
const PAYLOAD_BEGINS: &[u8] = b"{\"seq\":";

/// Why bytes are not the entry that should be there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file ends inside the entry.
    #[error("the file ends inside the entry")]
    Cut,
    /// The length cannot be right.
    #[error("the entry's length is damaged")]
    Length,
    /// The bytes were changed.
    #[error("the entry's bytes were changed")]
    Checksum,
    /// The entry does not follow the one before it.
    #[error("the entry does not follow from the one before it: one was changed, removed or moved")]
    Chain,
    /// The entry has another number than its place.
    #[error("the entry says it is number {found}")]
    Number {
        /// The number it has.
        found: u64,
    },
    /// The payload is no entry.
    #[error("the entry cannot be read: {reason}")]
    Payload {
        /// What is wrong with it.
        reason: String,
    },
    /// The file is shorter than `journal.head` says.
    #[error("{known} entries were written and this one is missing at the end of the file")]
    Missing {
        /// Entries there were.
        known: u64,
    },
    /// `journal.head` names another hash for this entry.
    #[error("it is not the entry that journal.head names")]
    Head,
    /// `journal.head` cannot be read.
    #[error("journal.head was changed")]
    HeadUnreadable,
}

/// A frame's place, link and entry.
#[derive(Debug)]
pub(super) struct Frame {
    pub offset: u64,
    pub hash: Hash,
    pub entry: Entry,
}

/// The link after `previous`.
fn link(previous: &Hash, payload: &[u8]) -> Hash {
    Sha256::new().chain_update(previous).chain_update(payload).finalize().into()
}

fn checksum(hash: &[u8], payload: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(hash);
    sum.update(payload);
    sum.finalize()
}

/// The frame of an entry that follows `previous`, and its link.
pub(super) fn encode(previous: &Hash, entry: &Entry) -> Result<(Vec<u8>, Hash), String> {
    let payload = serde_json::to_vec(entry).map_err(|error| error.to_string())?;
    let length = match u32::try_from(payload.len()) {
        Ok(length) if payload.len() <= MAX_PAYLOAD => length,
        _ => return Err(format!("it has {} bytes, more than {MAX_PAYLOAD}", payload.len())),
    };
    let hash = link(previous, &payload);
    let mut frame = Vec::with_capacity(HEADER + payload.len());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&checksum(&hash, &payload).to_le_bytes());
    frame.extend_from_slice(&hash);
    frame.extend_from_slice(&payload);
    Ok((frame, hash))
}

/// Splits `bytes`, which begin with a frame, into the frame's hash and payload.
fn split(bytes: &[u8]) -> Result<(Hash, &[u8]), Fault> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(Fault::Cut)?;
    let (sum, rest) = rest.split_first_chunk::<4>().ok_or(Fault::Cut)?;
    let (hash, rest) = rest.split_first_chunk::<32>().ok_or(Fault::Cut)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length == 0 || length > MAX_PAYLOAD {
        return Err(Fault::Length);
    }
    let payload = rest.get(..length).ok_or(Fault::Cut)?;
    if checksum(hash, payload) != u32::from_le_bytes(*sum) {
        return Err(Fault::Checksum);
    }
    Ok((*hash, payload))
}

fn parse(payload: &[u8]) -> Result<Entry, Fault> {
    serde_json::from_slice(payload).map_err(|error| Fault::Payload { reason: error.to_string() })
}

/// The entry of a frame that fills `bytes`.
pub(super) fn entry_of(bytes: &[u8]) -> Result<Entry, Fault> {
    parse(split(bytes)?.1)
}

/// Whether a whole frame lies anywhere in `bytes`.
pub(super) fn holds_a_frame(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, PAYLOAD_BEGINS)
        .filter_map(|payload| payload.checked_sub(HEADER))
        .any(|start| bytes.get(start..).is_some_and(|rest| split(rest).is_ok()))
}

/// Reads frames one after the other and checks that each follows from the one before.
pub(super) struct Chain<R> {
    from: R,
    buffer: Vec<u8>,
    /// Where the next frame begins.
    pub offset: u64,
    /// Number of the next entry.
    pub seq: u64,
    /// The last link.
    pub hash: Hash,
}

impl<R: Read> Chain<R> {
    pub fn new(from: R) -> Self {
        Chain { from, buffer: Vec::new(), offset: 0, seq: 1, hash: GENESIS }
    }
    /// The next frame; `None` at the file's end. After a fault, stays where it is.
    pub fn next(&mut self) -> io::Result<Option<Result<Frame, Fault>>> {
        self.buffer.clear();
        self.fill(HEADER)?;
        if self.buffer.is_empty() {
            return Ok(None);
        }
        if let Some(length) = self.buffer.first_chunk::<4>() {
            let length = u32::from_le_bytes(*length) as usize;
            self.fill(length.min(MAX_PAYLOAD))?;
        }
        Ok(Some(self.check()))
    }
    fn fill(&mut self, count: usize) -> io::Result<usize> {
        (&mut self.from).take(count as u64).read_to_end(&mut self.buffer)
    }
    fn check(&mut self) -> Result<Frame, Fault> {
        let (hash, payload) = split(&self.buffer)?;
        if hash != link(&self.hash, payload) {
            return Err(Fault::Chain);
        }
        let entry = parse(payload)?;
        if entry.seq != self.seq {
            return Err(Fault::Number { found: entry.seq });
        }
        let frame = Frame { offset: self.offset, hash, entry };
        self.offset += (HEADER + payload.len()) as u64;
        self.seq += 1;
        self.hash = hash;
        Ok(frame)
    }
    /// What was read of the faulty frame and all that follows it.
    pub fn rest(mut self) -> io::Result<Vec<u8>> {
        self.from.read_to_end(&mut self.buffer)?;
        Ok(self.buffer)
    }
}
