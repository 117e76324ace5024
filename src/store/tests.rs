use super::*;
use crate::domain::{SiteId, Sku};

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
    type Key = u32;
    type Value = u64;
}

fn open(dir: &Path) -> Store {
    let opened = Store::open(dir, 8 << 20).unwrap();
    assert_eq!(opened.set_aside, None);
    opened.store
}

fn at(sku: &str, site: &str) -> (Sku, SiteId) {
    (sku.into(), site.into())
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
