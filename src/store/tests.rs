use super::*;
use crate::domain::{SiteId, Sku};
use std::collections::BTreeMap;
use std::fs;
use std::ops::Bound;

pub(super) struct Stock;
impl Table for Stock {
    const TAG: u8 = 1;
    const NAME: &'static str = "stock";
    const SCHEMA: u8 = 3;
    type Key = (Sku, SiteId);
    type Value = (u32, String);
}

pub(super) struct Log;
impl Table for Log {
    const TAG: u8 = 255;
    const NAME: &'static str = "log";
    const SCHEMA: u8 = 1;
    const PACKED: bool = true;
    type Key = u32;
    type Value = u64;
}

/// The same place as [`Stock`], as a later program would see it.
struct LaterStock;
impl Table for LaterStock {
    const TAG: u8 = 1;
    const NAME: &'static str = "stock";
    const SCHEMA: u8 = 4;
    type Key = (Sku, SiteId);
    type Value = (u32, String);
}

/// The same place as [`Log`] with values that take more bytes.
struct WiderLog;
impl Table for WiderLog {
    const TAG: u8 = 255;
    const NAME: &'static str = "wider log";
    const SCHEMA: u8 = 1;
    const PACKED: bool = true;
    type Key = u32;
    type Value = (u64, u64);
}

pub(super) fn open(dir: &Path) -> Store {
    let opened = Store::open(dir, 8 << 20).unwrap();
    assert_eq!(opened.set_aside, None);
    opened.store
}

pub(super) fn at(sku: &str, site: &str) -> (Sku, SiteId) {
    (sku.into(), site.into())
}

pub(super) fn fill(store: &Store, count: u32) {
    let mut write = store.write();
    for n in 0..count {
        write.put::<Log>(&n, &u64::from(n * 10)).unwrap();
        write.put::<Stock>(&at(&format!("S{n}"), "main"), &(n, "x".repeat(50))).unwrap();
    }
    write.commit_flushed().unwrap();
}

fn keys(scan: impl Iterator<Item = Result<(u32, u64), StoreError>>) -> Vec<u32> {
    scan.map(|record| record.unwrap().0).collect()
}

#[test]
fn a_write_is_seen_whole_and_only_after_its_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    let mut write = store.write();
    write.put::<Stock>(&at("A", "main"), &(3, "three".into())).unwrap();
    write.put::<Log>(&7, &70).unwrap();
    assert_eq!(write.get::<Log>(&7).unwrap(), Some(70));
    assert_eq!(store.get::<Log>(&7).unwrap(), None);
    write.commit().unwrap();
    assert_eq!(store.get::<Log>(&7).unwrap(), Some(70));
    assert_eq!(store.get::<Stock>(&at("A", "main")).unwrap(), Some((3, "three".into())));

    let mut write = store.write();
    write.delete::<Log>(&7);
    assert_eq!(write.get::<Log>(&7).unwrap(), None);
    drop(write);
    assert_eq!(store.get::<Log>(&7).unwrap(), Some(70));
}

#[test]
fn what_is_stored_already_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    fill(&store, 3);
    let mut write = store.write();
    write.put::<Log>(&1, &10).unwrap();
    write.delete::<Log>(&99);
    assert!(write.is_empty());
    write.put::<Log>(&1, &11).unwrap();
    assert_eq!(write.len(), 1);
    write.put::<Log>(&1, &10).unwrap();
    assert!(write.is_empty(), "put back to what is stored");
    write.delete::<Log>(&2);
    write.put::<Log>(&2, &20).unwrap();
    assert!(write.is_empty(), "deleted and put back");
    write.put::<Log>(&50, &1).unwrap();
    write.delete::<Log>(&50);
    assert!(write.is_empty(), "new and deleted");
}

#[test]
fn scans_keep_to_their_table_and_range_in_both_directions() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    fill(&store, 300);
    assert_eq!((store.count::<Log>().unwrap(), store.count::<Stock>().unwrap()), (300, 300));
    assert_eq!(keys(store.scan::<Log>(..)), (0..300).collect::<Vec<_>>());
    assert_eq!(keys(store.scan::<Log>(254..=257)), [254, 255, 256, 257]);
    assert_eq!(keys(store.scan::<Log>(297..)), [297, 298, 299]);
    assert_eq!(keys(store.scan::<Log>(..2)), [0, 1]);
    assert_eq!(keys(store.scan::<Log>(..).rev().take(2)), [299, 298]);
    let (from, to) = (5, 4);
    assert_eq!(keys(store.scan::<Log>(from..to)), [0; 0]);
    let mut both = store.scan::<Log>(10..13);
    let mut next = || both.next().map(|r| r.unwrap().0);
    assert_eq!((next(), next()), (Some(10), Some(11)));
    assert_eq!(both.next_back().unwrap().unwrap().0, 12);
    assert!(both.next().is_none() && both.next_back().is_none());
}

#[test]
fn the_sites_of_one_sku_are_a_prefix() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    let mut write = store.write();
    for (sku, site) in [("A", "x"), ("A", "y"), ("AB", "x"), ("B", "x")] {
        write.put::<Stock>(&at(sku, site), &(1, String::new())).unwrap();
    }
    write.commit().unwrap();
    let sites: Vec<_> = store.scan_prefix::<Stock>(&Sku::from("A")).map(|r| r.unwrap().0).collect();
    assert_eq!(sites, [at("A", "x"), at("A", "y")]);
}

#[test]
fn a_record_of_another_shape_is_an_error_that_names_its_table() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    fill(&store, 2);
    let error = store.get::<LaterStock>(&at("S1", "main")).unwrap_err();
    assert!(matches!(&error, StoreError::Decode { table: "stock", .. }));
    assert!(error.to_string().contains("table stock") && error.to_string().contains("schema 3"));
    assert!(store.get::<WiderLog>(&1).is_err());
    let read: Vec<_> = store.scan::<WiderLog>(..).collect();
    assert_eq!(read.len(), 2);
    assert!(read.iter().all(Result::is_err));
}

#[test]
fn a_second_opening_is_told_that_the_folder_is_held_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let store = open(&dir);
    fill(&store, 3);
    let error = Store::open(&dir, 8 << 20).unwrap_err();
    assert!(matches!(error, StoreError::Held { .. }), "{error}");
    assert_eq!(store.count::<Log>().unwrap(), 3);
    drop(store);
    assert_eq!(open(&dir).count::<Log>().unwrap(), 3);
}

#[test]
fn a_folder_that_cannot_be_used_is_not_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "mine").unwrap();
    let error = Store::open(&file.join("store"), 8 << 20).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

/// Every file that sled keeps, by its path below `dir`.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                // A file may go while the store is open.
                found.insert(path.strip_prefix(dir).unwrap().to_owned(), bytes);
            }
        }
    }
    found
}

fn lay(dir: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) {
    fs::create_dir_all(dir).unwrap();
    for (name, bytes) in files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Records of the log before the many small writes that follow.
const LATER: u32 = 2_000;

/// What a damaged folder may come to: it opens with all records as they were written, or
/// it is set aside with its bytes, or reading it is an error. Never a panic, never a wrong record.
fn survives(dir: &Path) -> &'static str {
    let opened = match Store::open(dir, 8 << 20) {
        Ok(opened) => opened,
        Err(error) => panic!("neither opened nor set aside: {error}"),
    };
    if let Some(aside) = opened.set_aside {
        assert!(aside.is_dir());
        assert_eq!(opened.store.count::<Log>().unwrap(), 0);
        fill(&opened.store, 2);
        assert_eq!(opened.store.count::<Log>().unwrap(), 2);
        return "set aside";
    }
    let mut keys = 0..LATER + 1_000;
    for record in opened.store.scan::<Log>(..) {
        match record {
            Ok((key, value)) => assert_eq!((Some(key), value), (keys.next(), u64::from(key) * 10)),
            Err(_) => return "unreadable",
        }
    }
    assert_eq!(keys.next(), None, "records were lost in silence");
    "opened"
}

#[test]
fn a_damaged_folder_is_set_aside_and_a_new_store_begins() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let store = open(&dir);
    fill(&store, LATER);
    for first in (LATER..LATER + 1_000).step_by(50) {
        let mut write = store.write();
        for key in first..first + 50 {
            write.put::<Log>(&key, &(u64::from(key) * 10)).unwrap();
        }
        write.commit_flushed().unwrap();
    }
    drop(store);
    let whole = files(&dir);
    let mut fates = BTreeMap::new();
    for (name, bytes) in &whole {
        for part in 0..8 {
            let mut damaged = whole.clone();
            let (begin, length) = (bytes.len() * part / 8, (bytes.len() / 16).min(40_000));
            let target = damaged.get_mut(name).unwrap();
            for (n, byte) in target[begin..begin + length].iter_mut().enumerate() {
                *byte = (n as u8).wrapping_mul(31) ^ 0xa5;
            }
            let copy = folder.path().join(format!("copy-{}", fates.len()));
            fs::remove_dir_all(&copy).ok();
            lay(&copy, &damaged);
            fates.insert((name.clone(), part), survives(&copy));
        }
    }
    assert!(fates.values().any(|fate| *fate == "set aside"), "{fates:?}");
}

#[test]
fn a_copy_of_the_files_at_any_moment_holds_what_was_flushed_and_no_half_write() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let store = open(&dir);
    fill(&store, 1);
    for round in 1..=12_u32 {
        let mut write = store.write();
        for n in 0..round * 20 {
            write.put::<Log>(&n, &u64::from(round)).unwrap();
            write.put::<Stock>(&at(&n.to_string(), "main"), &(round, "y".repeat(60))).unwrap();
        }
        if round % 3 == 0 { write.commit_flushed() } else { write.commit() }.unwrap();
        let copy = folder.path().join(format!("copy-{round}"));
        lay(&copy, &files(&dir));
        let copied = open(&copy);
        let seen = copied.get::<Log>(&0).unwrap().unwrap() as u32;
        assert!(seen >= round - round % 3 && seen <= round, "{seen} of {round}");
        if seen > 0 {
            let log: Vec<_> = copied.scan::<Log>(..).map(|r| r.unwrap().1).collect();
            assert_eq!(log, vec![u64::from(seen); seen as usize * 20]);
            let stock = copied.scan::<Stock>(..).map(|r| r.unwrap().1.0);
            assert_eq!(stock.filter(|n| *n == seen).count(), seen as usize * 20);
        }
    }
}

#[test]
fn a_folder_that_forgot_flushed_writes_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let store = open(&dir);
    fill(&store, 5);
    let earlier = files(&dir);
    fill(&store, 9);
    drop(store);
    let mark = fs::read(dir.join("writes")).unwrap();
    fs::remove_dir_all(&dir).unwrap();
    lay(&dir, &earlier);
    fs::write(dir.join("writes"), &mark).unwrap();
    let opened = Store::open(&dir, 8 << 20).unwrap();
    let aside = opened.set_aside.unwrap();
    assert_eq!(opened.store.count::<Log>().unwrap(), 0);
    assert_eq!(fs::read(aside.join("writes")).unwrap(), mark, "the evidence is kept");
}

#[test]
fn what_was_committed_reaches_the_disk_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let store = open(&dir);
    for round in 1..=3_u32 {
        let mut write = store.write();
        write.put::<Log>(&round, &u64::from(round)).unwrap();
        write.put::<Stock>(&at("A", "main"), &(round, "a".into())).unwrap();
        write.commit().unwrap();
        assert_eq!(store.get::<Log>(&round).unwrap(), Some(u64::from(round)));
    }
    let began = std::time::Instant::now();
    for attempt in 0.. {
        let copy = folder.path().join(format!("copy-{attempt}"));
        lay(&copy, &files(&dir));
        if open(&copy).get::<Stock>(&at("A", "main")).unwrap() == Some((3, "a".into())) {
            assert_eq!(keys(open(&copy).scan::<Log>(..)), [1, 2, 3]);
            break;
        }
        assert!(began.elapsed().as_secs() < 20, "it lies in memory for good");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !done() {
        assert!(began.elapsed().as_secs() < 20, "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_disk_that_refuses_is_told_to_the_next_commit_and_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    let inner = &store.0.inner;
    let put = |key: u32| {
        let mut write = store.write();
        write.put::<Stock>(&at("A", "main"), &(key, "a".into())).unwrap();
        write.commit()
    };
    // A pack that cannot be read stands in for whatever keeps a batch from sled.
    let pack = pack::pack_key(&key_bytes::<Log>(&1));
    let mut write = store.write();
    write.put::<Log>(&1, &1).unwrap();
    inner.db.insert(&pack, &[255][..]).unwrap();
    write.commit().unwrap();
    wait_until("nobody hears of it", || inner.failed.lock().is_some());
    assert!(put(7).is_err());
    assert_eq!(store.get::<Stock>(&at("A", "main")).unwrap(), None, "a failed commit took in");
    let mut write = store.write();
    for n in 0..pending::MOST {
        write.put::<Stock>(&at(&n.to_string(), "main"), &(0, String::new())).unwrap();
    }
    assert!(write.commit().is_err());
    assert_eq!(inner.pending.read().len(), 1, "a commit that found no room took in");
    inner.db.remove(&pack).unwrap();
    wait_until("it is not tried again", || inner.pending.read().is_empty());
    wait_until("it is still told of", || inner.failed.lock().is_none());
    put(8).unwrap();
    assert_eq!(store.get::<Log>(&1).unwrap(), Some(1));
}

#[test]
fn a_scan_sees_every_commit_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    let mut write = store.write();
    for key in [1, 7, 8, 9, 15, 16, 40] {
        write.put::<Log>(&key, &u64::from(key)).unwrap();
    }
    write.commit().unwrap();
    assert_eq!(keys(store.scan::<Log>(..)), [1, 7, 8, 9, 15, 16, 40]);
    let mut write = store.write();
    for key in [7, 16, 40] {
        write.delete::<Log>(&key);
    }
    write.put::<Log>(&9, &90).unwrap();
    write.commit().unwrap();
    assert_eq!(store.get::<Log>(&40).unwrap(), None);
    assert_eq!(store.get::<Log>(&9).unwrap(), Some(90));
    assert_eq!(keys(store.scan::<Log>(..)), [1, 8, 9, 15]);
    assert_eq!(keys(store.scan::<Log>(2..=9).rev()), [9, 8]);
    assert_eq!(keys(store.scan::<Log>((Bound::Excluded(8), Bound::Excluded(15)))), [9]);
    assert_eq!(store.count::<Log>().unwrap(), 4);
}

#[test]
fn pages_that_change_the_same_records_take_little_more_than_the_records() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    for page in 0..200_u32 {
        let mut write = store.write();
        for n in 0..100 {
            write.put::<Log>(&(page * 100 + n), &u64::from(page)).unwrap();
        }
        for n in 0..500 {
            let place = at(&format!("SKU-{n}"), "main");
            write.put::<Stock>(&place, &(page, "x".repeat(40))).unwrap();
        }
        write.commit().unwrap();
    }
    store.flush().unwrap();
    // 200 pages of 500 changed positions alone are 7 MB.
    assert!(store.disk_bytes() < 4_000_000, "{}", store.disk_bytes());
    assert_eq!(store.count::<Log>().unwrap(), 20_000);
    assert_eq!(store.get::<Stock>(&at("SKU-7", "main")).unwrap().unwrap().0, 199);
}
