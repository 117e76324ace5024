//! What is kept survives: a store that is gone, damaged, behind, or half rebuilt.

use super::*;
use crate::engine::house::Ready;
use crate::engine::tables::{self, Mark};
use std::fs;

/// A house with orders, stock and a decision.
fn lived_in(dir: &Path) -> Arc<House> {
    let house = house(dir);
    tell(&house, at(0), vec![on_hand("A", 50, at(-600)), on_hand("B", 5, at(-600))]);
    for n in 1..=30 {
        let status = if n % 3 == 0 { OrderStatus::Shipped } else { OrderStatus::Open };
        let sku = if n % 2 == 0 { "A" } else { "B" };
        let told = Record::Order(order(&n.to_string(), sku, n % 4 + 1, status));
        tell(&house, at(n), vec![told]);
    }
    tell(&house, at(31), vec![Record::OrderGone(key("7"), at(31))]);
    let (sku, site) = ("A".into(), SiteId::main());
    let found =
        Decision::Adjust { sku, site, delta: Qty::units(3), po: None, reason: "found".into() };
    house.decide(ann(), found, "").unwrap();
    house
}

#[test]
fn a_store_that_is_deleted_is_rebuilt_to_the_same_answers() {
    let folder = tempfile::tempdir().unwrap();
    let house = lived_in(folder.path());
    let before = state(&house);
    assert!(before.contains("Gone") && before.contains("Shipped"));
    drop(house);
    fs::remove_dir_all(folder.path().join("store")).unwrap();
    let again = super::house(folder.path());
    assert_eq!(state(&again), before);
    assert_eq!(again.clock.now(), at(31));
}

#[test]
fn a_page_that_reached_only_the_archive_is_applied_by_the_next_load() {
    let folder = tempfile::tempdir().unwrap();
    let house = lived_in(folder.path());
    let mut late = page(at(40), vec![Record::Order(order("99", "A", 2, OrderStatus::Open))]);
    late.cursor = Some(Cursor("behind it".into()));
    // As if the process was killed between the archive and the store.
    house.writer.lock().as_mut().unwrap().archive.append(&late).unwrap();
    drop(house);
    let again = super::house(folder.path());
    assert_eq!(again.orders.read().len(), 31);
    let store = again.store().unwrap();
    let cursor = store.get::<tables::Cursors>(&"shop".into()).unwrap();
    assert_eq!(cursor, late.cursor);
    // The feed tells it once more, since it was never told that it was kept.
    assert_eq!(again.apply_page(late, Origin::Feed).unwrap().same, 1);
    assert_eq!(again.orders.read().len(), 31);
}

#[test]
fn a_rebuild_that_was_interrupted_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let house = lived_in(folder.path());
    let before = state(&house);
    drop(house);
    // A store that a rebuild has filled up to the tenth page.
    fs::remove_dir_all(folder.path().join("store")).unwrap();
    let half = unloaded(folder.path());
    {
        let store = crate::store::Store::open(&folder.path().join("store"), 8 << 20).unwrap().store;
        let (archive, _) = crate::archive::Archive::open(&folder.path().join("archive")).unwrap();
        let (mut numbers, mut pages) = (Default::default(), 0);
        let visit = &mut |page, place| -> Result<_, crate::engine::load::LoadError> {
            half.apply_archived(&mut numbers, &store, page, place)?;
            pages += 1;
            Ok(if pages == 10 {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            })
        };
        archive.replay(crate::archive::Place::START, visit).unwrap();
        store.flush().unwrap();
    }
    drop(half);
    assert_eq!(state(&super::house(folder.path())), before);
}

#[test]
fn a_damaged_store_is_set_aside_and_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let house = lived_in(folder.path());
    let before = state(&house);
    // An order of a shape that this program does not know.
    let store = house.store().unwrap();
    let mut write = store.write();
    write.put::<Garbled>(&3, &"no order".into()).unwrap();
    write.commit_flushed().unwrap();
    drop((house, store));
    let again = super::house(folder.path());
    assert_eq!(state(&again), before);
    let aside = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
    assert!(aside.into_iter().any(|name| name.to_string_lossy().starts_with("store.damaged-")));
}

/// The same place as the orders, in another shape.
enum Garbled {}
impl crate::store::Table for Garbled {
    const TAG: u8 = <tables::Orders as crate::store::Table>::TAG;
    const NAME: &'static str = "garbled";
    const SCHEMA: u8 = 77;
    const PACKED: bool = <tables::Orders as crate::store::Table>::PACKED;
    type Key = u32;
    type Value = String;
}

#[test]
fn damage_that_is_met_while_running_has_the_store_loaded_anew() {
    let folder = tempfile::tempdir().unwrap();
    let house = lived_in(folder.path());
    let before = state(&house);
    let row = house.orders.read().find(&key("5")).unwrap();
    let store = house.store().unwrap();
    let mut write = store.write();
    write.put::<Garbled>(&row, &"no order".into()).unwrap();
    write.commit().unwrap();
    drop(store);
    let newer = || page(at(50), vec![Record::Order(order("5", "B", 1, OrderStatus::Cancelled))]);
    assert!(house.apply_page(newer(), Origin::Feed).is_err());
    assert_eq!(*house.ready.borrow(), Ready::Loading);
    house.load().unwrap();
    assert_eq!(state(&house), before);
    assert_eq!(house.apply_page(newer(), Origin::Feed).unwrap().changed, 1);
}

#[test]
fn a_page_that_cannot_be_archived_changes_nothing_and_is_counted_once_when_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let house = lived_in(folder.path());
    let before = state(&house);
    let archive = folder.path().join("archive");
    let late = || page(at(40), vec![Record::Order(order("99", "A", 2, OrderStatus::Open))]);
    // A segment that cannot be begun stands for a full disk.
    fs::create_dir(archive.join("00000002.pages")).unwrap();
    house.writer.lock().as_mut().unwrap().archive.end_segment();
    assert!(house.apply_page(late(), Origin::Feed).is_err());
    assert_eq!(state(&house), before);
    assert_eq!(*house.ready.borrow(), Ready::Yes);
    fs::remove_dir(archive.join("00000002.pages")).unwrap();
    assert_eq!(house.apply_page(late(), Origin::Feed).unwrap().new, 1);
    let total: i64 =
        demand(&house).iter().flat_map(|(_, _, units)| units).map(|q| q.as_milli()).sum();
    drop(house);
    let again = super::house(folder.path());
    let after: i64 =
        demand(&again).iter().flat_map(|(_, _, units)| units).map(|q| q.as_milli()).sum();
    assert_eq!((again.orders.read().len(), total), (31, after));
}

#[test]
fn decisions_that_the_store_forgot_are_carried_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let house = lived_in(folder.path());
    let before = state(&house);
    let store = house.store().unwrap();
    let mut write = store.write();
    write.put::<tables::Marks>(&(Mark::JournalApplied as u32), &0).unwrap();
    write.commit_flushed().unwrap();
    drop((house, store));
    assert_eq!(state(&super::house(folder.path())), before);
}

#[test]
fn a_forgetting_that_the_store_did_not_get_is_made_up_in_the_quarantine_too() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    let ben: CustomerRef = "ben".into();
    let mut told = page(at(0), Vec::new());
    told.rejects.push(Reject {
        id: 0,
        place: "orders/1".into(),
        reason: "no quantity".into(),
        excerpt: "1".into(),
        raw: Some(RawRecord::new("Ben Roe", String::new(), Some(ben.clone()))),
    });
    house.apply_page(told, Origin::Feed).unwrap();
    let kept = |house: &House| {
        house.store().unwrap().scan::<tables::Quarantine>(..).next().unwrap().unwrap()
    };
    let (seq, before) = kept(&house);
    assert!(before.raw.is_some());
    let forget = Decision::Forget { whose: Whose::Customer(ben), reason: "asked by post".into() };
    house.decide(ann(), forget, "").unwrap();
    assert!(kept(&house).1.raw.is_none());
    let store = house.store().unwrap();
    let mut write = store.write();
    write.put::<tables::Quarantine>(&seq, &before).unwrap();
    write.put::<tables::Marks>(&(Mark::JournalApplied as u32), &0).unwrap();
    write.commit_flushed().unwrap();
    drop((house, store));
    assert!(kept(&super::house(folder.path())).1.raw.is_none());
}

#[test]
fn movements_that_no_figure_needs_are_forgotten_also_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let house = lived_in(folder.path());
    let receipt = |id: &str, at| {
        Record::Receipt(Receipt {
            id: id.into(),
            po: None,
            supplier: None,
            sku: "A".into(),
            site: SiteId::main(),
            qty: Qty::units(4),
            ordered_at: None,
            due_at: None,
            received_at: at,
        })
    };
    let (old, young) = (NOON - Span::days(200), at(-10));
    tell(&house, at(32), vec![receipt("old", old), receipt("young", young)]);
    let kept = |house: &House| house.store().unwrap().count::<tables::Movements>().unwrap();
    // Both, and the decision.
    assert_eq!(kept(&house), 3);
    let before = state(&house);
    house.prune().unwrap();
    assert_eq!((kept(&house), state(&house)), (2, before.clone()));
    drop(house);
    assert_eq!(state(&super::house(folder.path())), before);
}

#[test]
fn a_store_that_cannot_be_opened_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("archive"), "not a folder").unwrap();
    let house = unloaded(folder.path());
    assert!(house.load().is_err());
    let Ready::Failed(reason) = house.ready.borrow().clone() else { panic!("not failed") };
    let Answer::Status(status) = ask(&house, Query::Status) else { panic!("no status") };
    assert_eq!(status.trouble, [reason.into_boxed_str()]);
    let Answer::Overview(overview) = ask(&house, Query::Overview) else { panic!("no overview") };
    assert_eq!(overview.trouble, status.trouble);
    fs::remove_file(folder.path().join("archive")).unwrap();
    house.load().unwrap();
    assert!(house.troubles().is_empty());
}
