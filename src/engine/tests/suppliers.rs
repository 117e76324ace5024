//! What suppliers' orders say of them, and what replenishment makes of it.

use super::reorders::supplied;
use super::*;
use crate::demand::SeriesKey;
use crate::engine::api::SupplierCard;

const DAY: i64 = 24 * 60;

fn supplier(id: &str, days: Option<u16>) -> Record {
    Record::Supplier(Supplier {
        id: id.into(),
        name: format!("{id} & Sons").into(),
        lead_time_days: days,
        review_weekday: None,
        min_order: None,
    })
}

/// An order of 10 that was placed so many days ago and took so many, if it came.
fn po(number: &str, supplier: &str, site: &str, ago: i64, took: Option<i64>) -> Record {
    Record::PurchaseOrder(PurchaseOrder {
        number: number.into(),
        supplier: supplier.into(),
        site: site.into(),
        status: if took.is_some() { PoStatus::Received } else { PoStatus::Sent },
        ordered_at: at(-ago * DAY),
        due_at: None,
        updated_at: at((took.unwrap_or(0) - ago) * DAY),
        lines: vec![PoLine {
            sku: "S8".into(),
            qty: Qty::units(10),
            received: Qty::units(if took.is_some() { 10 } else { 0 }),
            cost: None,
        }],
    })
}

fn card_of(house: &House, named: &str) -> Option<SupplierCard> {
    match ask(house, Query::Supplier(named.into())) {
        Answer::Supplier(card) => card.map(|card| *card),
        other => panic!("{other:?}"),
    }
}

#[test]
fn orders_are_held_against_the_day_they_were_due_and_lanes_apart() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    let mut records = vec![supplier("ACME", Some(10)), supplier("SOLE", None)];
    for n in 0..6 {
        records.push(po(&format!("N{n}"), "ACME", "near", 40 + n, Some(8)));
        records.push(po(&format!("F{n}"), "ACME", "far", 40 + n, Some(16)));
    }
    records.push(po("LATE", "ACME", "near", 15, None));
    records.push(po("NEW", "ACME", "near", 2, None));
    tell(&house, at(0), records);
    let card = card_of(&house, "ACME").unwrap();
    let score = card.score;
    assert_eq!((score.done, score.open, score.overdue), (12, 2, 1), "{card:?}");
    assert_eq!(score.on_time, Some(6.0 / 13.0), "the overdue one is none of them");
    assert_eq!((score.in_full, score.bias, score.took), (Some(1.0), Some(2.0), Some(12.0)));
    let sites: Vec<&str> = card.lanes.iter().map(|lane| lane.site.as_str()).collect();
    assert_eq!(sites, ["far", "near"]);
    let expected = |at: usize| card.lanes[at].expected.unwrap().mean;
    assert!(expected(0) > 13.0 && expected(1) < 11.0, "{card:?}");
    assert!((11.0..13.0).contains(&card.expected.unwrap().mean), "{card:?}");
    assert_eq!(card.orders[0].number.as_str(), "NEW", "the newest first");

    let by_name = card_of(&house, "acme & sons").unwrap();
    assert_eq!(by_name, card);
    assert_eq!(card_of(&house, "nobody"), None);
    let Answer::Suppliers(all) = ask(&house, Query::Suppliers) else { panic!("another answer") };
    assert_eq!(all.iter().map(|card| card.supplier.as_str()).collect::<Vec<_>>(), ["ACME", "SOLE"]);
    assert_eq!((all[1].score.done, all[1].expected), (0, None), "nothing is made up");
}

#[test]
fn a_supplier_whose_orders_stay_open_past_their_day_is_expected_to_take_longer() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    let mut records = vec![supplier("ACME", Some(10))];
    records.extend((0..6).map(|n| po(&format!("N{n}"), "ACME", "near", 80 + n, Some(10))));
    tell(&house, at(0), records);
    let expected = || card_of(&house, "ACME").unwrap().lanes[0].expected.unwrap();
    let before = expected();
    assert!(before.mean < 11.0 && before.waiting == 0, "{before:?}");
    // Placed 40 days ago, due for a month.
    tell(&house, at(0), (0..4).map(|n| po(&format!("W{n}"), "ACME", "near", 40, None)).collect());
    let (after, score) = (expected(), card_of(&house, "ACME").unwrap().score);
    assert!(after.mean > before.mean + 8.0 && after.high >= 40, "{before:?}, then {after:?}");
    assert_eq!((after.waiting, score.overdue, score.on_time), (4, 4, Some(0.6)));
    // It delivers what was ordered later: the others are forgotten.
    tell(
        &house,
        at(0),
        (0..3).map(|n| po(&format!("L{n}"), "ACME", "near", 25, Some(10))).collect(),
    );
    let forgotten = expected();
    assert!(forgotten.mean < 11.0 && forgotten.waiting == 0, "{forgotten:?}");
}

#[test]
fn a_plan_goes_by_the_lane_and_is_made_anew_when_something_came() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let lead = |house: &House| {
        let plan = house.planner.plan(house).unwrap();
        let key = SeriesKey { sku: "S8".into(), site: SiteId::main() };
        plan.lines[&key].at.supplier.as_ref().unwrap().lead.clone().unwrap()
    };
    let before = lead(&house);
    assert_eq!((before.stated, before.seen), (Some(6), 0));
    // Elsewhere it takes longer, here as it says; another supplier is no matter.
    let site = SiteId::main();
    let elsewhere = (0..12).map(|n| po(&format!("E{n}"), "ACME", "elsewhere", 60 + n, Some(18)));
    tell(&house, at(10), elsewhere.collect());
    let like_elsewhere = lead(&house);
    assert!(like_elsewhere.mean() > before.mean() + 6.0, "{like_elsewhere:?}");
    let here = (0..12).map(|n| po(&format!("H{n}"), "ACME", site.as_str(), 60 + n, Some(6)));
    tell(&house, at(20), here.collect());
    let own = lead(&house);
    assert_eq!(own.seen, 24);
    assert!(own.mean() < like_elsewhere.mean() - 4.0, "{own:?}");
}
