//! The archive: every page that a feed handed over, so that the store can be rebuilt when the
//! source no longer tells what it told.
//!
//! Pages are appended, compressed, to segments `00000001.pages`, `00000002.pages` …, and never
//! changed. Invariant: a page that was synced is read back, in its order, by [`Archive::replay`],
//! unless the disk damaged it; then the damage is named and the other pages are still read.
//!
//! One process owns an archive at a time.

mod segment;

use crate::domain::Page;
use segment::{Found, SegmentReader};
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A segment that has reached this size, in bytes, is followed by a new one.
const SEGMENT_BYTES: u64 = 64 << 20;

/// Why the archive could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The operating system refused something; the archive is as it was.
    #[error("the archive file {} cannot be {what}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried: `opened`, `read`, `written`.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// The page cannot be written.
    #[error("a page of the feed {feed} cannot be archived: {reason}")]
    Page {
        /// The page's feed.
        feed: crate::domain::FeedId,
        /// What is wrong with it.
        reason: String,
    },
}

/// An unfinished page that was cut off the end of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The segment's file.
    pub segment: PathBuf,
    /// Where it was cut.
    pub offset: u64,
    /// How many bytes were cut off.
    pub bytes: u64,
}

/// A place between two pages of the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The segment's number.
    pub segment: u32,
    /// The offset in it, in bytes.
    pub offset: u64,
}

impl Place {
    /// Before the first page.
    pub const START: Place = Place { segment: 0, offset: 0 };
}

/// Pages that can no longer be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The segment's file.
    pub segment: PathBuf,
    /// Where the damage begins, in bytes.
    pub offset: u64,
    /// What is wrong there.
    pub reason: String,
}

/// What a replay found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Pages that were read.
    pub pages: u64,
    /// Places that could not be read.
    pub damaged: Vec<Damage>,
}

/// An open archive.
#[derive(Debug)]
pub struct Archive {
    dir: PathBuf,
    /// The newest segment, which is written to.
    file: File,
    number: u32,
    /// Where the next page goes.
    end: u64,
    /// Size of all segments before.
    older_bytes: u64,
    segment_bytes: u64,
    /// Something was written and is not synced.
    unsynced: bool,
    /// An append failed, and what it wrote may still lie behind `end`.
    unsure_tail: bool,
}

impl Archive {
    /// Opens the archive in a folder, or begins one there. A page that a crash left unfinished is
    /// cut off; the feed's cursor was not moved past it.
    pub fn open(dir: &Path) -> Result<(Archive, Option<TornTail>), ArchiveError> {
        Self::open_with(dir, SEGMENT_BYTES)
    }
    fn open_with(
        dir: &Path,
        segment_bytes: u64,
    ) -> Result<(Archive, Option<TornTail>), ArchiveError> {
        std::fs::create_dir_all(dir).map_err(failed(dir, "opened"))?;
        let mut numbers = segment::list(dir).map_err(failed(dir, "read"))?;
        let number = numbers.pop().unwrap_or(1);
        let mut older_bytes = 0;
        for older in numbers {
            let path = segment::path_of(dir, older);
            older_bytes += path.metadata().map_err(failed(&path, "read"))?.len();
        }
        let path = segment::path_of(dir, number);
        let file = open_segment(&path).map_err(failed(&path, "opened"))?;
        let (end, torn) = cut_torn_tail(&path, &file).map_err(failed(&path, "read"))?;
        let archive = Archive {
            dir: dir.to_owned(),
            file,
            number,
            end,
            older_bytes,
            segment_bytes,
            unsynced: false,
            unsure_tail: false,
        };
        Ok((archive, torn))
    }
    /// Appends a page and returns once it is on disk.
    ///
    /// # Errors
    /// The page was not appended; the archive can be appended to again.
    pub fn append(&mut self, page: &Page) -> Result<(), ArchiveError> {
        let frame_bytes = self.put(page)?;
        let synced = self.sync();
        if synced.is_err() {
            self.end -= frame_bytes;
            self.unsure_tail = true;
        }
        synced
    }
    /// Appends a page that is on disk only after the next [`Archive::sync`] or
    /// [`Archive::append`]: for imports of many pages, which can be read again.
    pub fn append_later(&mut self, page: &Page) -> Result<(), ArchiveError> {
        self.put(page).map(|_| ())
    }
    /// Returns once all that was appended is on disk.
    pub fn sync(&mut self) -> Result<(), ArchiveError> {
        if self.unsynced {
            self.file.sync_data().map_err(failed(&self.path(), "written"))?;
            self.unsynced = false;
        }
        Ok(())
    }
    /// Hands every page from a place on to `visit`, oldest first, each with the place behind it,
    /// until it breaks off or fails. What is damaged is passed over and told.
    ///
    /// # Errors
    /// What `visit` returns, or that a segment cannot be read at all.
    pub fn replay<E: From<ArchiveError>>(
        &self,
        from: Place,
        visit: &mut dyn FnMut(Page, Place) -> Result<ControlFlow<()>, E>,
    ) -> Result<Replayed, E> {
        let mut replayed = Replayed::default();
        let numbers = segment::list(&self.dir).map_err(failed(&self.dir, "read"))?;
        for number in numbers.into_iter().filter(|number| *number >= from.segment) {
            let path = segment::path_of(&self.dir, number);
            let begin = if number == from.segment { from.offset } else { 0 };
            let mut reader = SegmentReader::open(&path, begin).map_err(failed(&path, "read"))?;
            while let Some(found) = reader.next().map_err(failed(&path, "read"))? {
                match readable(found) {
                    Ok(page) => {
                        replayed.pages += 1;
                        let behind = Place { segment: number, offset: reader.offset };
                        if visit(page, behind)?.is_break() {
                            return Ok(replayed);
                        }
                    }
                    Err((offset, reason)) => {
                        replayed.damaged.push(Damage { segment: path.clone(), offset, reason });
                    }
                }
            }
        }
        Ok(replayed)
    }
    /// Where the next page will be: a store that has all pages up to here needs none of them again.
    pub fn end(&self) -> Place {
        Place { segment: self.number, offset: self.end }
    }
    /// Bytes that lie between two places.
    pub fn bytes_between(&self, from: Place, to: Place) -> u64 {
        let numbers = segment::list(&self.dir).unwrap_or_default();
        let between = numbers.into_iter().filter(|n| (from.segment..to.segment).contains(n));
        let size = |n: u32| segment::path_of(&self.dir, n).metadata().map_or(0, |meta| meta.len());
        let whole: u64 = between.map(size).sum();
        (whole + to.offset).saturating_sub(from.offset)
    }
    /// Bytes on disk.
    pub fn bytes(&self) -> u64 {
        self.older_bytes + self.end
    }

    /// Makes the next page begin a segment.
    #[cfg(test)]
    pub(crate) fn end_segment(&mut self) {
        self.segment_bytes = 0;
    }

    fn path(&self) -> PathBuf {
        segment::path_of(&self.dir, self.number)
    }
    /// Writes a page's frame and says how long it is.
    fn put(&mut self, page: &Page) -> Result<u64, ArchiveError> {
        let frame = segment::encode(page)
            .map_err(|reason| ArchiveError::Page { feed: page.feed.clone(), reason })?;
        if self.end >= self.segment_bytes {
            self.next_segment()?;
        }
        self.write_at_end(&frame).map_err(failed(&self.path(), "written"))?;
        self.end += frame.len() as u64;
        Ok(frame.len() as u64)
    }
    fn write_at_end(&mut self, frame: &[u8]) -> io::Result<()> {
        if self.unsure_tail {
            self.file.set_len(self.end)?;
            self.unsure_tail = false;
        }
        self.unsynced = true;
        let written = self.file.write_all_at(frame, self.end);
        if written.is_err() {
            self.unsure_tail = self.file.set_len(self.end).is_err();
        }
        written
    }
    fn next_segment(&mut self) -> Result<(), ArchiveError> {
        if self.unsure_tail {
            self.file.set_len(self.end).map_err(failed(&self.path(), "written"))?;
            self.unsure_tail = false;
        }
        self.sync()?;
        let number = self.number + 1;
        let path = segment::path_of(&self.dir, number);
        self.file = open_segment(&path).map_err(failed(&path, "opened"))?;
        self.older_bytes += self.end;
        (self.number, self.end) = (number, 0);
        Ok(())
    }
}

/// Opens a segment's file, readable by its owner alone; a new one is also in its folder then.
fn open_segment(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return opened,
    }
    let file = options.create_new(true).open(path)?;
    file.sync_all()?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}

/// Cuts off what follows the last whole page of a segment; says where it then ends.
fn cut_torn_tail(path: &Path, file: &File) -> io::Result<(u64, Option<TornTail>)> {
    let mut reader = SegmentReader::open(path, 0)?;
    let mut end = 0;
    while let Some(found) = reader.next()? {
        if let Found::Frame { .. } = found {
            end = reader.offset;
        }
    }
    if end == reader.offset {
        return Ok((end, None));
    }
    file.set_len(end)?;
    file.sync_data()?;
    let bytes = reader.offset - end;
    Ok((end, Some(TornTail { segment: path.to_owned(), offset: end, bytes })))
}

fn readable(found: Found) -> Result<Page, (u64, String)> {
    match found {
        Found::Frame { offset, schema, body } => {
            segment::decode(schema, &body).map_err(|reason| (offset, reason))
        }
        Found::Damage { offset, reason } => Err((offset, reason.to_owned())),
    }
}

fn failed(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> ArchiveError {
    let path = path.to_owned();
    move |source| ArchiveError::Io { path, what, source }
}

#[cfg(test)]
mod tests;
