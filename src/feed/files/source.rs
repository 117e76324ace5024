//! A file or a watched folder as a feed.
//!
//! Files that are still being written are left alone: names that end in `.part` or `.tmp`, hidden
//! ones, and those that changed within the last [`SETTLES`]. A file that was read is known by its
//! name and content and not opened again until its size or time changes. In a folder, a file that
//! cannot be read at all goes into quarantine as a whole, and the others are read.

use super::{DateOrder, Preset, ReadOptions, Reader, input, permanent, read_job};
use crate::domain::{Currency, Cursor, Page, Private, Reject, Timestamp, Zone};
use crate::feed::run::deliver;
use crate::feed::{FeedContext, FeedError, Pending, Source};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a file must have stood still to be read.
const SETTLES: Duration = Duration::from_secs(2);

/// A feed of files as configured.
#[derive(Clone, Debug)]
pub struct FileFeed {
    /// A file, or a folder whose files are read as they appear.
    pub path: PathBuf,
    /// How their columns are read.
    pub preset: String,
    /// (our field, their column) over the preset.
    pub columns: Vec<(Box<str>, Box<str>)>,
    /// Zone of times without one, where the preset does not know it.
    pub zone: Zone,
    /// Currency where neither a column nor the preset tells it.
    pub currency: Currency,
    /// Which of day and month comes first; `None`: what each file says.
    pub date_order: Option<DateOrder>,
    /// The wait between two looks.
    pub poll: Duration,
}

/// Reads a [`FileFeed`].
pub struct FileSource {
    feed: FileFeed,
    /// What files looked like that had not settled, and since when.
    moving: BTreeMap<PathBuf, (Look, Instant)>,
}

/// What a file looks like from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Look {
    bytes: u64,
    /// When it was last changed, in milliseconds since 1970.
    changed_ms: u64,
}

/// Which files have been read, and how far the one that is being read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Progressed {
    files: BTreeMap<String, Known>,
    /// How many times a file was put into quarantine as a whole.
    #[serde(default)]
    refusals: u64,
}

/// What is known of a file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Known {
    look: Look,
    /// How far it has been read, where it could be.
    cursor: Option<String>,
    /// Whether nothing of it is left to read, or nothing can be.
    done: bool,
    /// What put it into quarantine as a whole, for as long as it lies there.
    #[serde(default)]
    refused: Option<Refused>,
}

/// A file in quarantine as a whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Refused {
    /// The mapping under which nothing of it could be read; under another it is tried again.
    under: String,
    /// What tells this refusal from every other one, as the reject says it. Kept, because by the
    /// time that it is void the file looks otherwise.
    excerpt: String,
}

/// The files of a look.
#[derive(Default)]
struct Files {
    ready: Vec<(PathBuf, Look)>,
    /// Names of all that are there.
    names: BTreeSet<String>,
    /// The longest that one has yet to stand still.
    settle_in: Option<Duration>,
}

impl FileSource {
    /// Fails on a preset that does not exist, and on fields that it does not have.
    pub fn new(feed: FileFeed) -> Result<Self, FeedError> {
        Preset::named(&feed.preset)?.check_mapping(&feed.columns)?;
        Ok(FileSource { feed, moving: BTreeMap::new() })
    }

    /// Looks at the files, by name.
    fn look(&mut self) -> Result<Files, FeedError> {
        let path = self.feed.path.clone();
        let unreadable = |error: std::io::Error| {
            permanent(format!("cannot read {}: {error}; mend the feed's path", path.display()))
        };
        let mut found = Vec::new();
        let meta = std::fs::metadata(&path).map_err(unreadable)?;
        if meta.is_file() {
            found.push((path.clone(), meta));
        } else {
            for entry in std::fs::read_dir(&path).map_err(unreadable)? {
                let path = entry.map_err(unreadable)?.path();
                let Ok(meta) = std::fs::metadata(&path) else { continue };
                if meta.is_file() && !is_unfinished(&path) {
                    found.push((path, meta));
                }
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let mut files = Files::default();
        let before = std::mem::take(&mut self.moving);
        for (path, meta) in found {
            let changed = meta.modified().ok();
            let since_1970 = changed.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let changed_ms = since_1970.map_or(0, |d| d.as_millis() as u64);
            let look = Look { bytes: meta.len(), changed_ms };
            files.names.insert(name_of(&path));
            let age = changed.and_then(|at| SystemTime::now().duration_since(at).ok());
            let seen = before.get(&path).filter(|(then, _)| *then == look).map(|(_, at)| *at);
            let still = age.unwrap_or_default().max(seen.map_or(Duration::ZERO, |at| at.elapsed()));
            if still >= SETTLES {
                files.ready.push((path, look));
            } else {
                files.settle_in = files.settle_in.max(Some(SETTLES - still));
                self.moving.insert(path, (look, seen.unwrap_or_else(Instant::now)));
            }
        }
        Ok(files)
    }

    async fn read(
        &self,
        path: &Path,
        look: Look,
        known: &mut Progressed,
        context: &FeedContext,
    ) -> Result<(), FeedError> {
        let name = name_of(path);
        let before = known.files.get(&name).cloned().unwrap_or_default();
        let mut reader = tokio::task::block_in_place(|| self.open(path, &before, context))?;
        while let Some(page) = tokio::task::block_in_place(|| reader.next()) {
            let mut page = page?;
            let cursor = page.cursor.take().map(|cursor| cursor.0.to_string());
            let done = reader.is_finished();
            // A start in the middle still knows that the file lies in quarantine.
            let (done, refused) = (done && before.refused.is_none(), before.refused.clone());
            known.files.insert(name.clone(), Known { look, cursor, done, refused });
            page.cursor = known.write();
            deliver(context, page).await?;
        }
        // Touched and not changed, or empty but for its header.
        let cursor = known.files.get(&name).and_then(|known| known.cursor.clone());
        known.files.insert(name.clone(), Known { look, cursor, done: true, refused: None });
        let voids = before.refused.map(|refused| refused.void(&name)).into_iter().collect();
        self.make_void(voids, known, context).await
    }

    /// Takes refusals of files out of quarantine.
    async fn make_void(
        &self,
        voids: Vec<(Box<str>, Box<str>)>,
        known: &Progressed,
        context: &FeedContext,
    ) -> Result<(), FeedError> {
        if voids.is_empty() {
            return Ok(());
        }
        let private = Private { voids, ..Private::default() };
        deliver(context, Page { private, ..self.page(known, context) }).await.map(drop)
    }

    /// A page that says nothing but how far the files have been read.
    fn page(&self, known: &Progressed, context: &FeedContext) -> Page {
        Page {
            feed: context.id.clone(),
            asked: context.ledger.now(),
            records: Vec::new(),
            rejects: Vec::new(),
            private: Private::default(),
            cursor: known.write(),
            progress: None,
        }
    }

    fn open(
        &self,
        path: &Path,
        before: &Known,
        context: &FeedContext,
    ) -> Result<Reader, FeedError> {
        let mut options = ReadOptions::new(context.id.clone(), context.pseudonyms.clone());
        options.asked = context.ledger.now();
        options.zone = Some(self.feed.zone.clone());
        options.currency = Some(self.feed.currency);
        options.date_order = self.feed.date_order;
        options.from = before.cursor.as_deref().map(|cursor| Cursor(cursor.into()));
        read_job(path, &self.feed.preset, &self.feed.columns, options)
    }

    /// How columns are read, as text that another way of reading them does not share.
    fn mapping(&self) -> String {
        let FileFeed { preset, columns, date_order, .. } = &self.feed;
        format!("{preset} {columns:?} {date_order:?}")
    }

    /// Puts a file that cannot be read, or not to its end, into quarantine as a whole.
    async fn give_up(
        &self,
        path: &Path,
        look: Look,
        reason: String,
        known: &mut Progressed,
        context: &FeedContext,
    ) -> Result<(), FeedError> {
        tracing::warn!(feed = %context.id, file = %path.display(), %reason, "file cannot be read");
        let name = name_of(path);
        known.refusals += 1;
        let refused = Refused::of(look, self.mapping(), known.refusals);
        let (place, excerpt) = refused.void(&name);
        let entry = known.files.entry(name.clone()).or_default();
        (entry.look, entry.done) = (look, true);
        let before = entry.refused.replace(refused).map(|before| before.void(&name));
        let reject = Reject { id: 0, place, reason: reason.into(), excerpt, raw: None };
        let private = Private { voids: before.into_iter().collect(), ..Private::default() };
        deliver(context, Page { rejects: vec![reject], private, ..self.page(known, context) })
            .await?;
        Ok(())
    }
}

impl Refused {
    /// Each is numbered: quarantine remembers for good what was in it once, and a file may come to
    /// be as it was before, or its mapping.
    fn of(look: Look, under: String, number: u64) -> Self {
        let changed = Timestamp::from_millis(i64::try_from(look.changed_ms).unwrap_or_default());
        let bytes = look.bytes;
        Refused {
            under,
            excerpt: format!("the whole file, {bytes} bytes, changed {changed} (no. {number})"),
        }
    }

    /// Place and excerpt of the reject that it is.
    fn void(&self, name: &str) -> (Box<str>, Box<str>) {
        (input::short_name(Path::new(name)).into(), self.excerpt.as_str().into())
    }
}

impl Progressed {
    fn write(&self) -> Option<Cursor> {
        serde_json::to_string(self).ok().map(|text| Cursor(text.into()))
    }
    fn is_done(&self, path: &Path, look: Look, mapping: &str) -> bool {
        self.files.get(&name_of(path)).is_some_and(|known| {
            let tried = known.refused.as_ref().is_none_or(|refused| refused.under == mapping);
            known.done && known.look == look && tried
        })
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn is_unfinished(path: &Path) -> bool {
    let name = name_of(path);
    name.starts_with('.') || name.ends_with(".part") || name.ends_with(".tmp")
}

impl Source for FileSource {
    fn sync<'a>(&'a mut self, context: &'a FeedContext) -> Pending<'a, Result<(), FeedError>> {
        Box::pin(async move {
            let stored = context.ledger.cursor(&context.id)?;
            let mut known: Progressed =
                stored.and_then(|c| serde_json::from_str(&c.0).ok()).unwrap_or_default();
            let mut files = self.look()?;
            if let Some(wait) = files.settle_in {
                // Reading up to the present takes in what has only just been put there.
                tokio::time::sleep(wait + Duration::from_millis(10)).await;
                files = self.look()?;
            }
            let mut gone = Vec::new();
            known.files.retain(|name, known| {
                let stays = files.names.contains(name);
                gone.extend(known.refused.as_ref().filter(|_| !stays).map(|one| one.void(name)));
                stays
            });
            self.make_void(gone, &known, context).await?;
            let (in_a_folder, mapping) = (self.feed.path.is_dir(), self.mapping());
            for (path, look) in files.ready {
                if known.is_done(&path, look, &mapping) {
                    continue;
                }
                match self.read(&path, look, &mut known, context).await {
                    Err(FeedError::Permanent { reason } | FeedError::Usage { reason })
                        if in_a_folder =>
                    {
                        self.give_up(&path, look, reason, &mut known, context).await?;
                    }
                    other => other?,
                }
            }
            Ok(())
        })
    }
    fn interval(&self) -> Duration {
        self.feed.poll
    }
}
