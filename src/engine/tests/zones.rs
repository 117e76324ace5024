//! What a day is changes somewhere, and demand follows.

use super::*;
use crate::engine::tables;

/// A site ten hours ahead of UTC.
fn main_in(zone: &str) -> Record {
    Record::Site(Site { id: SiteId::main(), name: "Halle".into(), zone: zone.into() })
}

/// Orders around the evening, a return among them that takes one back on the same day.
fn evening() -> Vec<Record> {
    let customer = Some(CustomerRef::from("c1"));
    let mut told = Vec::new();
    for (number, hours, units) in [("1", 1, 2), ("2", 3, 3), ("3", 9, 4), ("4", 20, 5)] {
        let placed_at = at(60 * hours);
        let sale = order(number, "A", units, OrderStatus::Open);
        told.push(Record::Order(Order { placed_at, customer: customer.clone(), ..sale }));
    }
    let back = order("5", "A", -3, OrderStatus::Open);
    let (kind, placed_at) = (OrderKind::Return, at(60 * 4));
    told.push(Record::Order(Order { kind, placed_at, customer, ..back }));
    told
}

fn counted_in(zone: &str) -> Vec<(Sku, Day, Vec<Qty>)> {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    tell(&house, at(0), vec![main_in(zone)]);
    tell(&house, at(1), evening());
    demand(&house)
}

#[test]
fn a_site_that_moves_to_another_zone_is_counted_anew() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    tell(&house, at(0), vec![main_in("UTC")]);
    tell(&house, at(1), evening());
    assert_eq!(demand(&house), counted_in("UTC"));
    tell(&house, at(2), vec![main_in("Australia/Brisbane")]);
    house.recount_demand().unwrap();
    let moved = demand(&house);
    assert_eq!(moved, counted_in("Australia/Brisbane"));
    assert_ne!(moved, counted_in("UTC"));
    // Nothing is to be done a second time, nor by a load.
    let revision = *house.revision.borrow();
    house.recount_demand().unwrap();
    assert_eq!(*house.revision.borrow(), revision);
    drop(house);
    assert_eq!(demand(&super::house(folder.path())), moved);
}

#[test]
fn a_recount_that_was_never_begun_or_ended_is_made_up_by_the_next_load() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    tell(&house, at(0), vec![main_in("UTC")]);
    tell(&house, at(1), evening());
    tell(&house, at(2), vec![main_in("Australia/Brisbane")]);
    drop(house);
    let house = super::house(folder.path());
    assert_eq!(demand(&house), counted_in("Australia/Brisbane"));
    let store = house.store().unwrap();
    let mut write = store.write();
    write.delete::<tables::Zones>(&());
    for record in store.scan::<tables::Demand>(..) {
        write.delete::<tables::Demand>(&record.unwrap().0);
    }
    write.commit_flushed().unwrap();
    drop((house, store));
    assert_eq!(demand(&super::house(folder.path())), counted_in("Australia/Brisbane"));
}
