//! Open orders as the allocation sees them: each by itself, and as it was written last.

use super::*;
use crate::config::Config;
use crate::engine::api::{AllocationRow, Outcome};
use crate::engine::flags::KeptFlag;
use crate::insight::anomaly::rules::Cause;
use crate::plan::shipping::Need;

fn given_to(number: &str, units: i64, minute: i64, status: OrderStatus) -> Record {
    Record::Order(Order {
        site: "LEEDS".into(),
        country: Some("GB".into()),
        updated_at: at(minute),
        ..order(number, "S1", units, status)
    })
}

fn there(site: &str, units: i64) -> Record {
    there_at(site, units, 0)
}

fn there_at(site: &str, units: i64, minute: i64) -> Record {
    Record::Stock(StockReport {
        sku: "S1".into(),
        site: site.into(),
        qty: Some(Qty::units(units)),
        basis: StockBasis::OnHand,
        as_of: at(minute),
    })
}

fn site(id: &str) -> Record {
    Record::Site(Site { id: id.into(), name: id.into(), zone: "UTC".into() })
}

fn rows(house: &House) -> Vec<AllocationRow> {
    house.allocate().unwrap();
    let board = house.allocator.board();
    assert_eq!(board.about.trouble, None);
    board.rows.clone()
}

fn numbers(rows: &[AllocationRow]) -> Vec<(&str, &[Need])> {
    rows.iter().map(|row| (row.key.number.as_str(), &*row.needs)).collect()
}

#[test]
fn an_absurd_order_is_blocked_alone_and_what_is_written_anew_is_read_anew() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    house.allocator.set_up(StoreKind::Demo, &Config::default());
    let absurd = 9_000_000_000;
    let records = vec![
        there("LEEDS", 2),
        there("YORK", 9),
        given_to("1", absurd, 1, OrderStatus::Open),
        given_to("2", 1, 1, OrderStatus::Open),
        given_to("3", 2, 1, OrderStatus::Open),
    ];
    tell(&house, at(1), records);
    let found = rows(&house);
    let others = [("3", &[Need::Short][..]), ("2", &[Need::Room])];
    assert_eq!(numbers(&found)[0], ("1", &[Need::Blocked][..]));
    assert_eq!(numbers(&found)[1..], others, "they are allocated");
    assert!(found[0].notes[0].contains("9000000000 units"), "{:?}", found[0].notes);

    tell(&house, at(2), vec![given_to("2", 1, 2, OrderStatus::Cancelled)]);
    assert_eq!(numbers(&rows(&house)), [("1", &[Need::Blocked][..])], "the third has room now");
    tell(&house, at(3), vec![given_to("3", 5, 3, OrderStatus::Open)]);
    assert_eq!(numbers(&rows(&house)).len(), 2, "five are more than two");
    tell(&house, at(4), vec![given_to("1", 1, 4, OrderStatus::Open)]);
    assert_eq!(numbers(&rows(&house)), [("3", &[Need::Short][..])]);
}

#[test]
fn an_order_that_is_flagged_is_not_shipped_with_many_others() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    house.allocator.set_up(StoreKind::Demo, &Config::default());
    let records = vec![
        there("LEEDS", 0),
        there("YORK", 9),
        given_to("1", 1, 1, OrderStatus::Open),
        given_to("2", 1, 1, OrderStatus::Open),
    ];
    tell(&house, at(1), records);
    let clear = |house: &House| -> Vec<String> {
        let rows = rows(house).into_iter().filter(|row| row.clear().is_some());
        rows.map(|row| row.key.number.to_string()).collect()
    };
    assert_eq!(clear(&house).len(), 2);
    let flag = KeptFlag {
        order: key("2"),
        customer: None,
        at: at(1),
        case: 7,
        score: 0.9,
        found: (Cause::Quantity, None, 0.0),
        reasons: Vec::new(),
        cost: Money::zero(Currency::GBP),
        seen: (0, Vec::new()),
    };
    let row = house.orders.read().find(&key("2")).unwrap();
    house.flags.book.write().put(row, flag);
    tell(&house, at(2), vec![there("YORK", 8)]);
    assert_eq!(clear(&house), ["1"]);
    let doubts: Vec<_> = rows(&house).into_iter().filter_map(|row| row.doubt).collect();
    assert_eq!(doubts, ["it is flagged, case O7".into()]);
}

fn from_york(number: &str, units: i64) -> Decision {
    Decision::Allocate(Allocation {
        order: key(number),
        home: "LEEDS".into(),
        ships: vec![ShipFrom {
            site: "YORK".into(),
            lines: vec![("S1".into(), Qty::units(units))],
        }],
        waits: Vec::new(),
        proposed: false,
    })
}

#[test]
fn a_decision_that_comes_to_nothing_comes_back_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    house.allocator.set_up(StoreKind::Demo, &Config::default());
    let orders = ["1", "2"].map(|number| given_to(number, 2, 1, OrderStatus::Open));
    let places = [site("LEEDS"), site("YORK"), there("LEEDS", 20), there("YORK", 9)];
    tell(&house, at(1), places.into_iter().chain(orders).collect());
    assert!(rows(&house).is_empty(), "nothing is to be chosen");
    let decide = |decision| match house.decide(ann(), decision, "").unwrap() {
        Outcome::Journalled(entry) => entry,
        other => panic!("{other:?}"),
    };
    let entry = decide(from_york("1", 2));
    decide(from_york("2", 2));
    let trouble = |house: &House| -> Vec<(String, Option<String>)> {
        let of = |row: AllocationRow| (row.key.number.to_string(), row.decided.unwrap().trouble());
        rows(house).into_iter().map(of).collect()
    };
    assert_eq!(trouble(&house), [("1".into(), None), ("2".into(), None)]);

    let reason = "the order is on-hold there".into();
    let told = Told::Failed { target: "shop".into(), reason, attempts: 3 };
    house.tell_shipping(key("1"), entry, told).unwrap().unwrap();
    let said = Some("the shop refused: the order is on-hold there".to_owned());
    assert_eq!(trouble(&house)[0], ("1".into(), said), "though it needs no choice otherwise");
    let row = rows(&house).remove(0);
    assert!(row.notes[0].contains("left alone it ships from LEEDS"), "{:?}", row.notes);

    tell(&house, at(2), vec![there_at("YORK", 1, 2)]);
    let said = Some("cannot ship: YORK has 1 of 2 × S1 by now".to_owned());
    assert_eq!(trouble(&house)[1], ("2".into(), said));
    let filter = |filter: &str| {
        let page =
            crate::engine::api::PageOf { filter: filter.into(), limit: 9, ..Default::default() };
        match ask(&house, Query::Allocations(page)) {
            Answer::Allocations(rows, _) => rows.rows.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((filter("is:failed"), filter("is:decided")), (2, 0));
}

#[test]
fn what_is_shown_is_made_anew_only_when_something_has_changed() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    house.allocator.set_up(StoreKind::Demo, &Config::default());
    let places = vec![site("LEEDS"), site("YORK"), there("LEEDS", 0), there("YORK", 9)];
    tell(&house, at(0), places);
    tell(&house, at(1), vec![given_to("1", 1, 1, OrderStatus::Open)]);
    assert_eq!(rows(&house).len(), 1);
    let board = house.allocator.board();
    // Something else happens, and the house says so.
    tell(&house, at(2), vec![on_hand("S9", 5, at(2)), Record::Product(Product::bare("S9".into()))]);
    house.allocate().unwrap();
    assert!(Arc::ptr_eq(&board, &house.allocator.board()));
    house.decide(ann(), from_york("1", 1), "").unwrap();
    assert!(rows(&house)[0].decided.is_some());
    tell(&house, at(3), vec![there_at("YORK", 8, 3), given_to("2", 1, 3, OrderStatus::Open)]);
    assert_eq!(rows(&house).len(), 2);
}
