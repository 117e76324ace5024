//! Opening the store's folder: damage, versions, migrations.

use super::mark::{self, Meta};
use super::pending::{Bell, Changes, Settler};
use super::{Inner, Open, Store, StoreError, guarded};
use parking_lot::{Mutex, RwLock};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A cache that is enough for a million orders, in bytes.
pub const CACHE_BYTES: u64 = 32_000_000;

/// How often sled looks by itself whether there is something to flush or to clear up, in
/// milliseconds. The settler flushes what was committed long before; what is left is clearing up, and
/// a process that has nothing to do should not be woken for it twice a second.
const CLEAR_UP_MS: u64 = 5_000;

/// How long a lock may outlive the store that held it.
const LET_GO: Duration = Duration::from_millis(600);

/// Version of the whole store's shape: one more when tables change their meaning or their keys.
const SCHEMA: u64 = 8;

/// How an older store becomes a newer one: each step takes the version it names to the next.
const MIGRATIONS: &[Migration] = &[
    Migration { from: 4, step: forget_forecasts },
    Migration { from: 5, step: forget_measured },
    Migration { from: 6, step: forget_measured },
    Migration { from: 7, step: forget_watched },
];

/// Forecasts of version 4 do not say what their neighbours told. They are made anew within minutes,
/// which of how good forecasts were cannot be said.
fn forget_forecasts(store: &Store) -> Result<(), StoreError> {
    const FORECASTS: u8 = 23;
    store.forget_table(FORECASTS)
}

/// What runs short is told for more shares since version 5, and the spread by pace since version 6. Both are
/// measured anew within minutes.
fn forget_measured(store: &Store) -> Result<(), StoreError> {
    const MEASURED: [u8; 2] = [46, 47];
    MEASURED.into_iter().try_for_each(|table| store.forget_table(table))
}

/// Up to version 7 what is watched of series and the orders of a feed's cases lay in one table, in which neither
/// could be read. What is watched is learnt anew; cases of before list no orders any more.
fn forget_watched(store: &Store) -> Result<(), StoreError> {
    const BOTH: u8 = 54;
    store.forget_table(BOTH)
}

/// One step from a version to the next.
struct Migration {
    from: u64,
    step: fn(&Store) -> Result<(), StoreError>,
}

/// An open store, and what had to be done to open it.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Where the damaged folder lies now; the store is then new and empty, to be rebuilt from the
    /// archive, the feeds and the journal.
    pub set_aside: Option<PathBuf>,
}

impl Store {
    /// Opens the store in `dir`, or begins one there. `cache_bytes` bounds what is held in memory
    /// ([`CACHE_BYTES`] will do). A damaged folder is renamed to `<name>.damaged-<unix seconds>`.
    ///
    /// # Errors
    /// Another process holds the folder, a newer program wrote it, or the system refuses; the
    /// folder is then as it was.
    pub fn open(dir: &Path, cache_bytes: u64) -> Result<Opened, StoreError> {
        open_as(dir, cache_bytes, SCHEMA, MIGRATIONS)
    }
}

fn open_as(
    dir: &Path,
    cache_bytes: u64,
    schema: u64,
    migrations: &[Migration],
) -> Result<Opened, StoreError> {
    super::compact::clean_up(dir)
        .map_err(|error| StoreError::Io { dir: dir.to_owned(), reason: error.to_string() })?;
    let first = open_folder(dir, cache_bytes)
        .and_then(|store| bring_up_to(&store, schema, migrations).map(|()| store));
    let damage = match first {
        Ok(store) => return Ok(Opened { store, set_aside: None }),
        Err(error) if error.is_damage() => error,
        Err(error) => return Err(error),
    };
    tracing::warn!(%damage, "the store is set aside");
    let aside = set_aside(dir)
        .map_err(|error| StoreError::Io { dir: dir.to_owned(), reason: error.to_string() })?;
    let store = open_folder(dir, cache_bytes)?;
    bring_up_to(&store, schema, migrations)?;
    Ok(Opened { store, set_aside: Some(aside) })
}

/// Renames a damaged store's folder to `<name>.damaged-<unix seconds>` beside it and says where it
/// is. No [`Store`] may have it open.
pub fn set_aside(dir: &Path) -> io::Result<PathBuf> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let aside = (seconds..)
        .map(|stamp| dir.with_file_name(format!("{name}.damaged-{stamp}")))
        .find(|path| !path.exists())
        .ok_or(io::ErrorKind::AlreadyExists)?;
    std::fs::rename(dir, &aside)?;
    Ok(aside)
}

pub(super) fn open_folder(dir: &Path, cache_bytes: u64) -> Result<Store, StoreError> {
    let config = sled::Config::new()
        .path(dir)
        .cache_capacity(cache_bytes)
        .use_compression(false)
        .flush_every_ms(Some(CLEAR_UP_MS));
    let db = open_sled(dir, &config)?;
    let marked = mark::read(dir).unwrap_or(0);
    let inner = Arc::new(Inner {
        db,
        dir: dir.to_owned(),
        pending: RwLock::new(Changes::new()),
        writes: Mutex::new(0),
        marked: Mutex::new(marked),
        failed: Mutex::default(),
        bell: Bell::default(),
    });
    let settler = Settler::start(inner.clone())
        .map_err(|error| StoreError::Io { dir: dir.to_owned(), reason: error.to_string() })?;
    let store = Store(Arc::new(Open { _settler: settler, inner }));
    let counted = store.get::<Meta>(&Meta::WRITES)?.unwrap_or(0);
    if marked > counted {
        let reason = format!("{marked} writes were made and only the first {counted} are there");
        return Err(StoreError::Damaged { dir: dir.to_owned(), reason });
    }
    *store.0.inner.writes.lock() = counted;
    Ok(store)
}

/// sled lets go of its lock a moment after a store was dropped, so a held folder is asked for again
/// for [`LET_GO`] before it counts as held.
fn open_sled(dir: &Path, config: &sled::Config) -> Result<sled::Db, StoreError> {
    let begun = Instant::now();
    loop {
        match guarded(dir, || config.open()) {
            Err(StoreError::Held { .. }) if begun.elapsed() < LET_GO => {
                std::thread::sleep(Duration::from_millis(10));
            }
            opened => return opened,
        }
    }
}

fn bring_up_to(store: &Store, schema: u64, migrations: &[Migration]) -> Result<(), StoreError> {
    let damaged = |reason: String| StoreError::Damaged { dir: store.dir().to_owned(), reason };
    let Some(mut found) = store.get::<Meta>(&Meta::VERSION)? else {
        if store.guard(|db| db.iter().next().transpose())?.is_some() {
            return Err(damaged("its version is lost".into()));
        }
        return set_version(store, schema);
    };
    if found > schema {
        return Err(StoreError::Newer { dir: store.dir().to_owned(), found, known: schema });
    }
    while found < schema {
        let Some(migration) = migrations.iter().find(|migration| migration.from == found) else {
            return Err(damaged(format!("no way leads from its schema {found} to {schema}")));
        };
        (migration.step)(store)?;
        found += 1;
        set_version(store, found)?;
    }
    Ok(())
}

fn set_version(store: &Store, version: u64) -> Result<(), StoreError> {
    let mut write = store.write();
    write.put::<Meta>(&Meta::VERSION, &version)?;
    write.commit_flushed()
}

#[cfg(test)]
mod tests {
    use super::super::Table;
    use super::super::tests::{Log, fill, open};
    use super::*;

    const CACHE: u64 = 8 << 20;

    fn double(store: &Store) -> Result<(), StoreError> {
        let mut write = store.write();
        for record in store.scan::<Log>(..) {
            let (key, value) = record?;
            write.put::<Log>(&key, &(value * 2))?;
        }
        write.commit()
    }

    fn forget(store: &Store) -> Result<(), StoreError> {
        let mut write = store.write();
        write.delete::<Log>(&0);
        write.commit()
    }

    const STEPS: &[Migration] =
        &[Migration { from: SCHEMA, step: double }, Migration { from: SCHEMA + 1, step: forget }];

    #[test]
    fn an_older_store_goes_through_each_step_once() {
        let folder = tempfile::tempdir().unwrap();
        fill(&open(folder.path()), 3);
        for _ in 0..2 {
            let opened = open_as(folder.path(), CACHE, SCHEMA + 2, STEPS).unwrap();
            assert_eq!(opened.set_aside, None);
            let values: Vec<_> = opened.store.scan::<Log>(..).map(Result::unwrap).collect();
            assert_eq!(values, [(1, 20), (2, 40)]);
        }
    }

    struct Forecasts;
    impl Table for Forecasts {
        const TAG: u8 = 23;
        const NAME: &'static str = "forecasts";
        const SCHEMA: u8 = 1;
        type Key = u32;
        type Value = u64;
    }

    #[test]
    fn a_store_of_version_4_loses_its_forecasts_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let old = open_as(folder.path(), CACHE, 4, &[]).unwrap().store;
        fill(&old, 3);
        let mut write = old.write();
        (0..5_000).for_each(|n| write.put::<Forecasts>(&n, &7).unwrap());
        write.commit().unwrap();
        drop(old);
        let opened = Store::open(folder.path(), CACHE).unwrap();
        assert_eq!(opened.set_aside, None);
        assert_eq!(opened.store.count::<Forecasts>().unwrap(), 0);
        assert_eq!(opened.store.count::<Log>().unwrap(), 3);
    }

    #[test]
    fn a_newer_store_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fill(&open(folder.path()), 3);
        drop(open_as(folder.path(), CACHE, SCHEMA + 2, STEPS).unwrap());
        let error = Store::open(folder.path(), CACHE).unwrap_err();
        assert!(
            matches!(error, StoreError::Newer { found, known: SCHEMA, .. } if found == SCHEMA + 2),
            "{error}"
        );
        assert!(open_as(folder.path(), CACHE, SCHEMA + 2, STEPS).is_ok());
    }

    #[test]
    fn a_store_that_no_step_leads_from_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("store");
        fill(&open(&dir), 3);
        let opened = open_as(&dir, CACHE, SCHEMA + 1, &[]).unwrap();
        let aside = opened.set_aside.unwrap();
        assert!(aside.file_name().unwrap().to_string_lossy().starts_with("store.damaged-"));
        assert_eq!(opened.store.count::<Log>().unwrap(), 0);
        assert_eq!(open_as(&aside, CACHE, SCHEMA, &[]).unwrap().store.count::<Log>().unwrap(), 3);
    }
}
