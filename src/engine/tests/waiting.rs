//! What waits for somebody, and what no longer does.

use super::*;
use crate::engine::api::{Overview, PageOf, Waiting};
use crate::feed::FeedState;
use std::time::Duration;

fn overview(house: &House) -> Overview {
    match ask(house, Query::Overview) {
        Answer::Overview(overview) => *overview,
        other => panic!("{other:?}"),
    }
}

/// What waits, with how many.
fn waiting(house: &House) -> Vec<(String, u64)> {
    let waits = overview(house).waiting;
    waits.into_iter().map(|Waiting { what, count, .. }| (what.to_string(), count)).collect()
}

fn acknowledge(house: &House, subject: Subject) {
    house.decide(ann(), Decision::Acknowledge { subject, on: true }, "").unwrap();
}

fn orders(house: &House, filter: &str) -> Vec<String> {
    let page = PageOf { filter: filter.into(), limit: 50, ..PageOf::default() };
    match ask(house, Query::Orders(page)) {
        Answer::Orders(rows) => rows.rows.iter().map(|row| row.key.number.to_string()).collect(),
        other => panic!("{other:?}"),
    }
}

/// An order that has been waiting for a minute more than a day.
fn late(number: &str, status: OrderStatus, updated: Timestamp) -> Record {
    let placed_at = at(-24 * 60 - 1);
    let order = order(number, "A", 1, status);
    Record::Order(Order { placed_at, updated_at: updated, ..order })
}

#[test]
fn an_acknowledged_order_stops_waiting_until_its_source_changes_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    let told = at(-24 * 60 - 1);
    let both = vec![late("1", OrderStatus::Open, told), late("2", OrderStatus::Held, told)];
    tell(&house, at(-5), both);
    assert_eq!(waiting(&house), [("orders late".into(), 2), ("orders held".into(), 1)]);
    acknowledge(&house, Subject::Order(key("2")));
    assert_eq!(waiting(&house), [("orders late".into(), 1)]);
    assert_eq!(orders(&house, "is:late !is:acked"), ["1"]);
    assert_eq!(orders(&house, "is:acked"), ["2"]);
    tell(&house, at(2), vec![late("2", OrderStatus::Held, at(1))]);
    assert_eq!(waiting(&house), [("orders late".into(), 2), ("orders held".into(), 1)]);
}

#[test]
fn what_is_not_paid_is_neither_late_nor_to_ship() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    let told = at(-24 * 60 - 1);
    let both = vec![late("1", OrderStatus::Open, told), late("2", OrderStatus::Pending, told)];
    tell(&house, at(-5), both);
    let figures = overview(&house);
    assert_eq!((figures.late, figures.to_ship), (1, 1));
    assert_eq!(orders(&house, "is:late"), ["1"]);
    assert_eq!(orders(&house, "is:open"), ["1"]);
    tell(&house, at(2), vec![late("2", OrderStatus::Open, at(1))]);
    let figures = overview(&house);
    assert_eq!((figures.late, figures.to_ship), (2, 2), "now it is paid");
}

#[test]
fn an_acknowledged_shortage_counts_again_when_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    let open = Record::Order(order("1", "A", 7, OrderStatus::Open));
    tell(&house, at(-5), vec![open, on_hand("A", 5, at(-10))]);
    let short = [("SKUs short".to_owned(), 1)];
    assert_eq!(waiting(&house), short);
    acknowledge(&house, Subject::Sku("A".into()));
    assert_eq!(waiting(&house), []);
    let page = PageOf { filter: "is:acked".into(), limit: 9, ..PageOf::default() };
    let Answer::Stock(rows) = ask(&house, Query::Stock(page)) else { panic!("no stock") };
    assert_eq!(rows.total, 1);
    // Still short by another figure: it is the same shortage.
    tell(&house, at(1), vec![on_hand("A", 6, at(1))]);
    assert_eq!(waiting(&house), []);
    tell(&house, at(2), vec![on_hand("A", 9, at(2))]);
    tell(&house, at(3), vec![on_hand("A", 1, at(3))]);
    assert_eq!(waiting(&house), short);
}

#[test]
fn an_acknowledged_feed_counts_again_with_its_next_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    let feed = FeedId::from("shop");
    house.register(&feed, "woocommerce", Duration::from_secs(60));
    let fail = || {
        let state = FeedState::Retrying { attempts: 1, reason: "no answer".into() };
        house.board.state(&feed, state);
    };
    let reject = |asked: Timestamp| {
        let asked_text = asked.to_string();
        let reject = Reject {
            id: 0,
            raw: None,
            place: asked_text.into(),
            reason: "no number".into(),
            excerpt: "".into(),
        };
        let told = Page { rejects: vec![reject], ..page(asked, Vec::new()) };
        house.apply_page(told, Origin::Feed).unwrap();
    };
    fail();
    reject(at(-5));
    let one = |what: &str| (what.to_owned(), 1);
    assert_eq!(waiting(&house), [one("feeds in trouble"), one("records in quarantine")]);
    acknowledge(&house, Subject::Feed(feed.clone()));
    assert_eq!(waiting(&house), []);
    fail();
    assert_eq!(waiting(&house), [], "it is the same trouble");
    house.board.state(&feed, FeedState::Live);
    // Trouble has its moment to some milliseconds.
    let acknowledged = Timestamp::wall_now();
    while Timestamp::wall_now() <= acknowledged + Span::millis(5) {
        std::hint::spin_loop();
    }
    fail();
    reject(at(5));
    assert_eq!(waiting(&house), [one("feeds in trouble"), one("records in quarantine")]);
}

#[test]
fn an_order_is_late_by_its_age_and_not_by_the_calendar() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    // Noon is now: both are of yesterday, but only one has been waiting for more than a day.
    let placed = |number: &str, minutes| {
        let order = order(number, "A", 1, OrderStatus::Open);
        Record::Order(Order { placed_at: at(minutes), ..order })
    };
    tell(&house, at(-5), vec![placed("1", -24 * 60 - 1), placed("2", -23 * 60)]);
    assert_eq!(waiting(&house), [("orders late".into(), 1)]);
    assert_eq!(orders(&house, "is:late"), ["1"]);
}
