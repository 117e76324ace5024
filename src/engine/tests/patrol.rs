//! Stock, demand and feeds on patrol: what is wrong is a case, and over when it is over.

use super::forecasts::{pass, selling, sold};
use super::*;
use crate::engine::forecasts::{Maker, Patrol};
use std::collections::BTreeMap;

/// A house on patrol.
struct Patrolled {
    house: Arc<House>,
    maker: Maker,
    patrol: Patrol,
}

impl Patrolled {
    fn of(house: Arc<House>) -> Self {
        let mut maker = Maker::default();
        pass(&house, &mut maker);
        Self { house, maker, patrol: Patrol::default() }
    }

    /// Lets the patrol look at a moment; rules that speak, and about what, unless that is over.
    fn look(&mut self, minutes: i64) -> BTreeMap<String, String> {
        self.house.sim.as_ref().unwrap().advance_to(at(minutes));
        pass(&self.house, &mut self.maker);
        let (_, model) = self.maker.in_use().unwrap();
        self.patrol.look(&Arc::downgrade(&self.house), Some(model)).unwrap();
        let book = self.house.flags.book.read();
        let standing = book.all_raised().filter(|(_, one)| one.over.is_none());
        standing
            .map(|(_, one)| (one.raised.rule.to_string(), one.raised.subject.to_string()))
            .collect()
    }
}

fn cost(sku: &str, cost: &str) -> Record {
    let cost = UnitPrice::parse(cost, Currency::GBP);
    Record::Product(Product { cost, ..Product::bare(sku.into()) })
}

#[test]
fn stock_that_cannot_be_as_it_is_told_is_a_case_until_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    tell(&house, at(-600), vec![on_hand("S1", 60, at(-600)), on_hand("S2", 9, at(-600))]);
    tell(&house, at(-400), vec![on_hand("S1", 48, at(-400)), cost("S3", "4.00")]);
    let mut patrolled = Patrolled::of(house);
    let said = patrolled.look(1);
    assert_eq!(said.into_iter().collect::<Vec<_>>(), [("shrinkage".into(), "S1@main".into())]);

    tell(&patrolled.house, at(30), vec![on_hand("S2", -3, at(30)), cost("S3", "40.00")]);
    let said = patrolled.look(40);
    assert_eq!(said["negative-stock"], "S2@main");
    assert_eq!(said["cost-jump"], "S3");
    tell(&patrolled.house, at(60), vec![on_hand("S2", 4, at(60)), cost("S3", "4.10")]);
    let said = patrolled.look(80);
    assert_eq!(said.keys().collect::<Vec<_>>(), ["shrinkage"]);

    // Whoever looks with nothing in mind says the same.
    drop(patrolled.patrol);
    let mut again = Patrolled { patrol: Patrol::default(), ..patrolled };
    assert_eq!(again.look(120).keys().collect::<Vec<_>>(), ["shrinkage"]);
    assert_eq!(again.house.flags.book.read().all_raised().count(), 3, "nothing was raised twice");
}

#[test]
fn what_people_sent_elsewhere_is_not_missing() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    let mut told = vec![on_hand("T7", 60, at(-600)), on_hand("T8", 60, at(-600))];
    told.extend(
        ["main", "other"]
            .map(|id| Record::Site(Site { id: id.into(), name: id.into(), zone: "UTC".into() })),
    );
    tell(&house, at(-600), told);
    house.sim.as_ref().unwrap().advance_to(at(10));
    let sent = Decision::Transfer {
        sku: "T7".into(),
        from: "main".into(),
        to: "other".into(),
        qty: Qty::units(12),
        reason: "sent".into(),
    };
    house.decide(ann(), sent, "sent to the other site").unwrap();
    tell(&house, at(30), vec![on_hand("T7", 48, at(30)), on_hand("T8", 48, at(30))]);
    let said = Patrolled::of(house).look(300);
    assert_eq!(said.into_iter().collect::<Vec<_>>(), [("shrinkage".into(), "T8@main".into())]);
}

#[test]
fn what_people_took_in_by_mistake_is_not_missing_once_it_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    tell(&house, at(-600), vec![on_hand("T7", 60, at(-600))]);
    let move_to = |minute| house.sim.as_ref().unwrap().advance_to(at(minute));
    move_to(10);
    let more = Decision::Adjust {
        sku: "T7".into(),
        site: "main".into(),
        delta: Qty::units(12),
        po: None,
        reason: "found".into(),
    };
    house.decide(ann(), more, "").unwrap();
    tell(&house, at(36), vec![on_hand("T7", 72, at(36))]);
    move_to(40);
    house.undo(ann(), None).unwrap();
    tell(&house, at(60), vec![on_hand("T7", 60, at(60))]);
    // The week that is looked at begins between the two.
    let said = Patrolled::of(house).look(7 * 24 * 60 + 35);
    assert_eq!(said.get("shrinkage"), None, "{said:?}");
}

#[test]
fn stock_that_stopped_selling_is_a_case_as_soon_as_a_store_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    let records: Vec<Record> =
        (11..100).map(|ago| sold(&format!("q{ago}"), "QUIET", 9, ago)).collect();
    tell(&house, at(1), records);
    tell(&house, at(2), vec![on_hand("QUIET", 80, at(2)), on_hand("S4", 80, at(2))]);
    let said = Patrolled::of(house).look(5);
    assert_eq!(said.get("phantom-stock").map(String::as_str), Some("QUIET@main"));
}

#[test]
fn what_was_sold_before_an_owner_was_killed_is_not_missing_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let looks = |house: &Arc<House>, minutes: i64| -> Vec<String> {
        let mut patrol = Patrol::default();
        house.sim.as_ref().unwrap().advance_to(at(minutes));
        patrol.look(&Arc::downgrade(house), None).unwrap();
        let book = house.flags.book.read();
        book.all_raised().map(|(_, one)| one.raised.subject.to_string()).collect()
    };
    let moved = |sku: &str, delta: i64, minutes: i64| {
        Record::Adjustment(StockAdjustment {
            id: format!("{sku} {minutes}").into(),
            sku: sku.into(),
            site: SiteId::main(),
            delta: Qty::units(delta),
            at: at(minutes),
            reason: "broken".into(),
        })
    };
    let house = house(folder.path());
    let figures = ["SOLD", "BROKEN", "GONE"].map(|sku| on_hand(sku, 60, at(-600)));
    tell(&house, at(-600), figures.into());
    assert!(looks(&house, 0).is_empty());
    // Between two looks; the owner is killed before the second.
    let left = Order {
        shipped_at: Some(at(10)),
        updated_at: at(10),
        ..order("1", "SOLD", 12, OrderStatus::Shipped)
    };
    tell(&house, at(12), vec![Record::Order(left), moved("BROKEN", -12, 11)]);
    drop(house);
    let again = super::house(folder.path());
    let figures = ["SOLD", "BROKEN", "GONE"].map(|sku| on_hand(sku, 48, at(20)));
    tell(&again, at(21), figures.into());
    assert_eq!(looks(&again, 240), ["GONE@main"]);
}

#[test]
fn a_feed_is_silent_once_it_was_read_and_not_while_it_was_not() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    // Eight weeks and more of sales every six minutes from ten to two, today until a quarter past ten.
    let sales = (0..62_i64).flat_map(|day| (0..40).map(move |n| (day, n)));
    let sales = sales.map(|(day, n)| (day, n, -day * 24 * 60 - 120 + n * 6));
    let sale = |(day, n, minutes): (i64, i64, i64)| {
        let order = order(&format!("{day}-{n}"), "A", 1, OrderStatus::Shipped);
        Record::Order(Order { placed_at: at(minutes), updated_at: at(minutes), ..order })
    };
    let told: Vec<Record> = sales.filter(|one| one.2 <= -105).map(sale).collect();
    for page in told.chunks(1_000) {
        tell(&house, at(-100), page.to_vec());
    }
    let feed = FeedId::from("shop");
    house.register(&feed, "shop", std::time::Duration::from_secs(3_600));
    let mut patrol = Patrol::default();
    let mut look = |minutes: i64| {
        house.sim.as_ref().unwrap().advance_to(at(minutes));
        patrol.look(&Arc::downgrade(&house), None).unwrap();
        let book = house.flags.book.read();
        book.all_raised().map(|(_, one)| one.raised.rule.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(look(5), [""; 0], "nobody has asked it");
    house.board.heard(&feed);
    assert_eq!(look(45), ["silent-feed"]);
}
