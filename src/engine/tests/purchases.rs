//! What an order to a supplier tells of itself: one day, what came damaged.

use super::*;
use crate::engine::api::{PageOf, PurchaseDetail, PurchaseRow};

const PO: &str = "PO-000001";

fn house_with_an_order(dir: &Path) -> Arc<House> {
    let house = house(dir);
    let supplier = Supplier {
        id: "S1".into(),
        name: "Maker".into(),
        lead_time_days: Some(6),
        review_weekday: None,
        min_order: None,
    };
    let product = |sku: &str| {
        Record::Product(Product { supplier: Some("S1".into()), ..Product::bare(sku.into()) })
    };
    let known = vec![
        Record::Supplier(supplier),
        product("A"),
        product("B"),
        on_hand("A", 10, at(-60)),
        on_hand("B", 10, at(-60)),
    ];
    tell(&house, at(-50), known);
    let today = house.today();
    for (sku, due) in [("A", None), ("B", Some(today.plus(20)))] {
        let line = Approval {
            sku: sku.into(),
            site: SiteId::main(),
            supplier: None,
            qty: Qty::units(12),
            cost: None,
            due,
            suggested: None,
        };
        house.decide(ann(), Decision::Approve(line), "").unwrap();
    }
    house
}

fn place(house: &House) {
    let clock = house.sim.clone().unwrap();
    clock.advance_to(clock.now() + Span::minutes(60));
    house.place_next().unwrap().unwrap();
}

fn detail(house: &House) -> PurchaseDetail {
    match ask(house, Query::Purchase(PO.into())) {
        Answer::Purchase(Some(detail)) => *detail,
        other => panic!("{other:?}"),
    }
}

fn row(house: &House) -> PurchaseRow {
    let page = PageOf { limit: 9, ..PageOf::default() };
    let Answer::Purchases(rows) = ask(house, Query::Purchases(page)) else { panic!() };
    rows.rows.into_iter().next().unwrap()
}

fn receive(house: &House, sku: &str, units: i64, surplus: bool) -> Result<(), String> {
    let decision = Decision::Receive {
        po: Some(PO.into()),
        sku: sku.into(),
        site: SiteId::main(),
        qty: Qty::units(units),
        surplus,
        reason: surplus.then(|| "they sent more".into()),
    };
    house.decide(ann(), decision, "").map(drop).map_err(|refusal| refusal.message)
}

#[test]
fn an_order_is_due_on_one_day_wherever_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let house = house_with_an_order(dir.path());
    let today = house.today();
    let soonest = Some(today.plus(6));
    assert_eq!(row(&house).due, soonest, "a line without a day comes when its supplier's goods do");
    let Answer::Purchase(Some(draft)) = ask(&house, Query::Draft("S1".into(), SiteId::main()))
    else {
        panic!("a draft")
    };
    let days = |detail: &PurchaseDetail| -> Vec<Option<Day>> {
        detail.lines.iter().map(|line| line.due).chain([detail.row.due]).collect()
    };
    assert_eq!(days(&draft), [soonest; 3]);
    place(&house);
    assert_eq!((days(&detail(&house)), detail(&house).asked), (vec![soonest; 3], soonest));
    assert!(house.requests(Some(&PO.into())).unwrap()[0].text.contains("S1"));

    // The supplier's word counts, and what was asked for stands beside it.
    let own = house.stock.read().purchase_order_of(&PO.into()).unwrap().clone();
    let later = house.clock.now() + Span::days(9);
    let told = PurchaseOrder { due_at: Some(later), updated_at: at(70), ..own };
    tell(&house, at(71), vec![Record::PurchaseOrder(told)]);
    let day = Some(later.day(&Zone::utc()));
    assert_eq!((days(&detail(&house)), detail(&house).asked), (vec![day; 3], soonest));
    assert_eq!(row(&house).due, day);
}

#[test]
fn more_than_is_to_come_is_called_a_surplus_and_what_is_damaged_is_seen_on_the_order() {
    let dir = tempfile::tempdir().unwrap();
    let house = house_with_an_order(dir.path());
    place(&house);
    receive(&house, "A", 12, false).unwrap();
    let over = receive(&house, "B", 15, false).unwrap_err();
    assert!(over.starts_with("15 is more than the 12 of B that are still to come"), "{over}");
    receive(&house, "B", 15, true).unwrap();
    let damaged = |units: i64| Decision::Adjust {
        sku: "B".into(),
        site: SiteId::main(),
        delta: Qty::units(-units),
        po: Some(PO.into()),
        reason: "wet".into(),
    };
    let refused = house.decide(ann(), damaged(16), "").unwrap_err().message;
    assert!(refused.contains("15 sound ones have come"), "{refused}");
    house.decide(ann(), damaged(2), "").unwrap();
    let seen = |house: &House| -> Vec<(i64, i64)> {
        let lines = detail(house).lines.into_iter();
        lines.map(|line| (line.arrived.trunc(), line.damaged.trunc())).collect()
    };
    assert_eq!(seen(&house), [(12, 0), (15, 2)]);
    let verbs: Vec<_> =
        detail(&house).journal.iter().map(|row| row.entry.decision.verb()).collect();
    assert_eq!(verbs[0], "adjust", "{verbs:?}");
    house.undo(ann(), None).unwrap();
    assert_eq!(seen(&house), [(12, 0), (15, 0)]);
}
