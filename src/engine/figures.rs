//! The last known figures: the overview as it was, kept beside the store, so that the first frame
//! after a start shows something true with its age, before the store is open.

use super::api::Overview;
use std::fs;
use std::io;
use std::path::Path;

/// The file's name in the data folder.
const FILE: &str = "figures";
/// Version of its shape; another version is read as no figures.
const VERSION: u8 = 2;

/// Keeps the figures, replacing the file in one step.
pub fn keep(data_dir: &Path, overview: &Overview) -> io::Result<()> {
    let mut bytes = vec![VERSION];
    let body = serde_json::to_vec(overview).map_err(io::Error::other)?;
    bytes.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    bytes.extend_from_slice(&body);
    let new = data_dir.join(format!("{FILE}.new"));
    fs::write(&new, bytes)?;
    fs::rename(new, data_dir.join(FILE))
}

/// The figures as they were kept; `None` if there are none or they cannot be read.
pub fn last(data_dir: &Path) -> Option<Overview> {
    let bytes = fs::read(data_dir.join(FILE)).ok()?;
    let (version, rest) = bytes.split_first()?;
    let (sum, body) = rest.split_first_chunk::<4>()?;
    let whole = *version == VERSION && crc32fast::hash(body) == u32::from_le_bytes(*sum);
    whole.then(|| serde_json::from_slice(body).ok()).flatten()
}
