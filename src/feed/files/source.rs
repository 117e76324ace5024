//! A file or a watched folder as a feed.
//!
//! Files that are still being written are left alone: names that end in `.part` or `.tmp`, hidden
//! ones, and those whose size or time has changed since the last look. A file that was read is
//! known by its name and content and not read again until it changes.

use super::{ReadOptions, permanent, read_job};
use crate::domain::{Currency, Cursor, Zone};
use crate::feed::run::deliver;
use crate::feed::{FeedContext, FeedError, Pending, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A feed of files as configured.
#[derive(Clone, Debug)]
pub struct FileFeed {
    /// A file, or a folder whose files are read as they appear.
    pub path: PathBuf,
    /// How their columns are read.
    pub preset: String,
    /// (our field, their column) over the preset.
    pub columns: Vec<(Box<str>, Box<str>)>,
    /// Zone of times without one.
    pub zone: Zone,
    /// Currency where no column tells it.
    pub currency: Currency,
    /// The wait between two looks.
    pub poll: Duration,
}

/// Reads a [`FileFeed`].
pub struct FileSource {
    feed: FileFeed,
    seen: BTreeMap<PathBuf, Look>,
}

/// What a file looked like.
type Look = (u64, Option<SystemTime>);

/// Which files have been read, and how far the one that is being read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Progressed {
    files: BTreeMap<String, String>,
}

impl FileSource {
    /// Fails on a preset that does not exist.
    pub fn new(feed: FileFeed) -> Result<Self, FeedError> {
        super::Preset::named(&feed.preset)?;
        Ok(FileSource { feed, seen: BTreeMap::new() })
    }

    /// The files that can be read now, by name. A file named by itself is taken as it is.
    fn files(&mut self) -> Result<Vec<PathBuf>, FeedError> {
        let path = &self.feed.path;
        let unreadable = |error: std::io::Error| {
            permanent(format!("cannot read {}: {error}; mend the feed's path", path.display()))
        };
        if std::fs::metadata(path).map_err(unreadable)?.is_file() {
            return Ok(vec![path.clone()]);
        }
        let mut ready = Vec::new();
        let mut seen = BTreeMap::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Ok(meta) = entry.metadata() else { continue };
            if !meta.is_file() || is_unfinished(&entry.path()) {
                continue;
            }
            let look = (meta.len(), meta.modified().ok());
            if self.seen.get(&entry.path()) == Some(&look) {
                ready.push(entry.path());
            }
            seen.insert(entry.path(), look);
        }
        self.seen = seen;
        ready.sort();
        Ok(ready)
    }
}

fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.starts_with('.') || name.ends_with(".part") || name.ends_with(".tmp")
}

impl Source for FileSource {
    fn sync<'a>(&'a mut self, context: &'a FeedContext) -> Pending<'a, Result<(), FeedError>> {
        Box::pin(async move {
            let stored = context.ledger.cursor(&context.id)?;
            let mut known: Progressed =
                stored.and_then(|c| serde_json::from_str(&c.0).ok()).unwrap_or_default();
            for path in self.files()? {
                read_file(&self.feed, &path, &mut known, context).await?;
            }
            Ok(())
        })
    }
    fn interval(&self) -> Duration {
        self.feed.poll
    }
}

async fn read_file(
    feed: &FileFeed,
    path: &Path,
    known: &mut Progressed,
    context: &FeedContext,
) -> Result<(), FeedError> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut options = ReadOptions::new(context.id.clone(), context.pseudonyms.clone());
    options.asked = context.ledger.now();
    options.zone = Some(feed.zone.clone());
    options.currency = Some(feed.currency);
    options.from = known.files.get(&name).map(|cursor| Cursor(cursor.as_str().into()));
    let mut reader =
        tokio::task::block_in_place(|| read_job(path, &feed.preset, &feed.columns, options))?;
    while let Some(page) = tokio::task::block_in_place(|| reader.next()) {
        let mut page = page?;
        if let Some(cursor) = &page.cursor {
            known.files.insert(name.clone(), cursor.0.to_string());
            let all = serde_json::to_string(known).map_err(|e| permanent(e.to_string()))?;
            page.cursor = Some(Cursor(all.into()));
        }
        deliver(context, page).await?;
    }
    Ok(())
}
