//! Segments: the files of the archive, and the frames in them.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `page` |
//! | 4 | length of the body, little-endian |
//! | 4 | CRC-32 of schema and body, little-endian |
//! | 1 | schema of the page |
//! | n | body: the page in postcard, compressed with zstd |

use crate::domain::Page;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Version of [`Page`] as it is written.
const SCHEMA: u8 = 3;

/// Where a frame begins; after damage, the next one is found by it.
const MAGIC: &[u8; 4] = b"page";

const HEADER: usize = 13;

/// Largest body, and largest page, in bytes; more can only be damage.
const MAX_BYTES: usize = 64 << 20;

/// Compresses about as fast as a feed can be read.
const LEVEL: i32 = 3;

/// The file of a segment.
pub(super) fn path_of(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{number:08}.pages"))
}

/// The numbers of the segments in a folder, oldest first.
pub(super) fn list(dir: &Path) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for file in std::fs::read_dir(dir)? {
        let name = file?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".pages"));
        numbers.extend(number.and_then(|digits| digits.parse::<u32>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The frame of a page.
pub(super) fn encode(page: &Page) -> Result<Vec<u8>, String> {
    let plain = postcard::to_stdvec(page).map_err(|error| error.to_string())?;
    if plain.len() > MAX_BYTES {
        return Err(format!("it has {} bytes, more than {MAX_BYTES}", plain.len()));
    }
    let body = zstd::bulk::compress(&plain, LEVEL).map_err(|error| error.to_string())?;
    let length = u32::try_from(body.len()).map_err(|error| error.to_string())?;
    let mut frame = Vec::with_capacity(HEADER + body.len());
    frame.extend_from_slice(MAGIC);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&checksum(SCHEMA, &body).to_le_bytes());
    frame.push(SCHEMA);
    frame.extend_from_slice(&body);
    Ok(frame)
}

fn checksum(schema: u8, body: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&[schema]);
    sum.update(body);
    sum.finalize()
}

/// The page in a frame whose checksum holds.
pub(super) fn decode(schema: u8, body: &[u8]) -> Result<Page, String> {
    if schema != SCHEMA {
        return Err(format!("it has schema {schema}, and this program knows {SCHEMA}"));
    }
    let mut plain = Vec::new();
    zstd::stream::Decoder::with_buffer(body)
        .and_then(|decoder| decoder.take(MAX_BYTES as u64).read_to_end(&mut plain))
        .map_err(|error| error.to_string())?;
    postcard::from_bytes(&plain).map_err(|error| error.to_string())
}

/// What lies at a place in a segment.
pub(super) enum Found {
    /// A frame whose checksum holds.
    Frame { offset: u64, schema: u8, body: Vec<u8> },
    /// Bytes that are no frame, up to the next one or the end.
    Damage { offset: u64, reason: &'static str },
}

/// Reads a segment frame by frame, over damage too.
pub(super) struct SegmentReader {
    file: io::BufReader<File>,
    /// Where the next frame begins.
    pub offset: u64,
    length: u64,
}

impl SegmentReader {
    /// Reads the segment at `path` from `offset` on.
    pub fn open(path: &Path, offset: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut file = io::BufReader::with_capacity(1 << 16, file);
        file.seek(SeekFrom::Start(offset))?;
        Ok(SegmentReader { file, offset, length })
    }
    /// The next frame or damage; `None` at the segment's end.
    pub fn next(&mut self) -> io::Result<Option<Found>> {
        let offset = self.offset;
        if offset >= self.length {
            return Ok(None);
        }
        match self.frame()? {
            Ok((schema, body)) => {
                self.offset += (HEADER + body.len()) as u64;
                Ok(Some(Found::Frame { offset, schema, body }))
            }
            Err(reason) => {
                self.offset = self.next_magic(offset + 1)?;
                self.file.seek(SeekFrom::Start(self.offset))?;
                Ok(Some(Found::Damage { offset, reason }))
            }
        }
    }
    fn frame(&mut self) -> io::Result<Result<(u8, Vec<u8>), &'static str>> {
        let left = self.length - self.offset;
        if left < HEADER as u64 {
            return Ok(Err("the segment ends inside a page"));
        }
        let (mut magic, mut length, mut sum, mut schema) = ([0; 4], [0; 4], [0; 4], [0; 1]);
        for part in [&mut magic[..], &mut length, &mut sum, &mut schema] {
            self.file.read_exact(part)?;
        }
        let length = u32::from_le_bytes(length) as usize;
        if magic != *MAGIC || length > MAX_BYTES {
            return Ok(Err("no page begins here"));
        }
        if (HEADER + length) as u64 > left {
            return Ok(Err("the segment ends inside a page"));
        }
        let mut body = vec![0; length];
        self.file.read_exact(&mut body)?;
        if checksum(schema[0], &body) != u32::from_le_bytes(sum) {
            return Ok(Err("the page's bytes were changed"));
        }
        Ok(Ok((schema[0], body)))
    }
    /// Where the next frame may begin, from `offset` on; the segment's end if nowhere.
    fn next_magic(&mut self, offset: u64) -> io::Result<u64> {
        self.file.seek(SeekFrom::Start(offset))?;
        let (mut window, mut begin) = (Vec::new(), offset);
        loop {
            let read = (&mut self.file).take(1 << 16).read_to_end(&mut window)?;
            if let Some(found) = memchr::memmem::find(&window, MAGIC) {
                return Ok(begin + found as u64);
            }
            if read == 0 {
                return Ok(self.length);
            }
            let done = window.len().saturating_sub(MAGIC.len() - 1);
            window.drain(..done);
            begin += done as u64;
        }
    }
}
