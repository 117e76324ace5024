//! Open orders as the allocation sees them: each by itself, and as it was written last.

use super::*;
use crate::config::Config;
use crate::engine::api::AllocationRow;
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
    Record::Stock(StockReport {
        sku: "S1".into(),
        site: site.into(),
        qty: Some(Qty::units(units)),
        basis: StockBasis::OnHand,
        as_of: at(0),
    })
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
