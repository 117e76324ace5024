//! Bytes of a file, unpacked: plain, gzip or zstd by its first bytes.

use super::permanent;
use crate::feed::FeedError;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// A file that is being read.
pub struct Input {
    /// Its bytes, unpacked.
    pub bytes: Box<dyn Read + Send>,
    /// Bytes of the file, as it lies, that have been read.
    pub done: Arc<AtomicU64>,
    /// Its length as it lies.
    pub total: u64,
}

impl Input {
    /// A text in memory.
    pub fn of_text(text: &str) -> Input {
        let bytes = std::io::Cursor::new(text.as_bytes().to_vec());
        Input { bytes: Box::new(bytes), done: Arc::default(), total: text.len() as u64 }
    }
}

struct Counted {
    file: File,
    done: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let n = self.file.read(into)?;
        self.done.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// The file's name without its folder, for messages.
pub fn short_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    crate::domain::text::clean(&name.to_string_lossy())
}

/// Turns an I/O error into one sentence.
pub fn broken(path: &Path, error: &std::io::Error) -> FeedError {
    use std::io::ErrorKind;
    let shown = crate::domain::text::clean(&path.to_string_lossy());
    permanent(match error.kind() {
        ErrorKind::NotFound => format!("{shown} does not exist"),
        ErrorKind::PermissionDenied => format!("{shown} may not be read; check its permissions"),
        ErrorKind::UnexpectedEof => {
            format!("{shown} breaks off in the middle; copy it again and compare its size")
        }
        ErrorKind::InvalidInput | ErrorKind::InvalidData => {
            format!("{shown} is damaged ({error}); copy it again")
        }
        _ => format!("{shown} cannot be read: {error}"),
    })
}

/// Opens a file. Gzip of several members and zstd of several frames are read to their end.
pub fn open(path: &Path) -> Result<Input, FeedError> {
    let fail = |error: std::io::Error| broken(path, &error);
    let mut file = File::open(path).map_err(fail)?;
    let meta = file.metadata().map_err(fail)?;
    if !meta.is_file() {
        let shown = path.display();
        return Err(permanent(format!("{shown} is no file; name a file, not a folder")));
    }
    let mut magic = [0_u8; 4];
    let mut filled = 0;
    while filled < magic.len() {
        match file.read(&mut magic[filled..]).map_err(fail)? {
            0 => break,
            n => filled += n,
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(fail)?;
    let done = Arc::new(AtomicU64::new(0));
    let raw = BufReader::with_capacity(128 << 10, Counted { file, done: done.clone() });
    let bytes: Box<dyn Read + Send> = if magic.starts_with(GZIP) {
        Box::new(flate2::bufread::MultiGzDecoder::new(raw))
    } else if magic.starts_with(ZSTD) {
        Box::new(zstd::stream::read::Decoder::with_buffer(raw).map_err(fail)?)
    } else if let Some(kind @ ("gz" | "zst")) = path.extension().and_then(|e| e.to_str())
        && meta.len() > 0
    {
        let name = short_name(path);
        return Err(permanent(format!(
            "{name} ends in .{kind} but is not packed so; copy it again or rename it"
        )));
    } else {
        Box::new(raw)
    };
    Ok(Input { bytes, done, total: meta.len() })
}

/// Tells one content from another: a hash of the file as it lies, as text.
pub fn identity(path: &Path) -> Result<String, FeedError> {
    let fail = |error: std::io::Error| broken(path, &error);
    let mut file = File::open(path).map_err(fail)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        match file.read(&mut piece).map_err(fail)? {
            0 => return Ok(hex(&hash.finalize()[..16])),
            n => hash.update(&piece[..n]),
        }
    }
}

/// Bytes as lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
