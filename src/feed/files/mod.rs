//! Files as a feed: CSV and NDJSON, plain, gzip or zstd, one file or a watched folder.
//!
//! A file is read twice: the first pass learns what the whole file says about dates, decimal signs,
//! descriptions and where each order ends; the second emits pages. The pages of one file are always
//! the same ones in the same order, so that a cursor is the file's identity and a count of pages.
//! Memory holds the orders that are open and sixteen bytes for each order of the file, not its lines.

mod check;
pub mod dates;
mod input;
mod lines;
mod master;
mod orders;
pub mod preset;
mod reader;
mod reread;
mod rows;
mod source;
mod survey;
pub mod text;

pub use check::{Finding, Report, check};
pub use dates::DateOrder;
pub use preset::{Field, Preset};
pub use reader::{PAGE, ReadOptions, Reader, read_job};
pub use reread::{HowRow, reread};
pub use source::{FileFeed, FileSource};

use crate::feed::FeedError;

/// A column mapping over a preset: (our field, their column).
pub type Mapping = [(Box<str>, Box<str>)];

fn usage(reason: impl Into<String>) -> FeedError {
    FeedError::Usage { reason: reason.into() }
}

/// Whether a file can be read and has the columns that a preset needs, without reading it all; those of its
/// columns of which nothing is read.
pub fn fits(
    path: &std::path::Path,
    preset: &str,
    columns: &Mapping,
) -> Result<Vec<String>, FeedError> {
    let rows = rows::Rows::open(path, Preset::named(preset)?, columns)?;
    Ok(rows.unread().map(str::to_owned).collect())
}

fn permanent(reason: impl Into<String>) -> FeedError {
    FeedError::Permanent { reason: reason.into() }
}
