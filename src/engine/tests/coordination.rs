//! Inbound goods against need and transfers between two sites, decided about and seen again.

use super::forecasts::{pass, selling, sold};
use super::*;
use crate::engine::api::{
    CoordinationRow, CoordinationState as State, ExpectedRow, PageOf, Plan, ReorderRow,
};
use crate::engine::forecasts::Maker;
use crate::engine::planning::lead_times;

fn north() -> SiteId {
    "north".into()
}

fn stock(sku: &str, site: &SiteId, units: i64, as_of: Timestamp) -> Record {
    Record::Stock(StockReport {
        sku: sku.into(),
        site: site.clone(),
        qty: Some(Qty::units(units)),
        basis: StockBasis::OnHand,
        as_of,
    })
}

fn told_po(number: &str, sku: &str, units: i64, due: Option<i64>) -> Record {
    let line = PoLine { sku: sku.into(), qty: Qty::units(units), received: Qty::ZERO, cost: None };
    Record::PurchaseOrder(PurchaseOrder {
        number: number.into(),
        supplier: "ACME".into(),
        site: SiteId::main(),
        status: PoStatus::Sent,
        ordered_at: at(-600),
        due_at: due.map(|days| at(days * 24 * 60)),
        updated_at: at(-600),
        lines: vec![line],
    })
}

/// S8 sells 4.5 a day at main, where 5 are left, and as much at north, which has 2,000; S7 has 4,000 at main.
fn two_sites(dir: &Path) -> Arc<House> {
    let house = selling(dir);
    let site = |id: &SiteId| {
        Record::Site(Site { id: id.clone(), name: id.as_str().into(), zone: "UTC".into() })
    };
    let mut records = vec![site(&SiteId::main()), site(&north())];
    for days_ago in (0..120).step_by(2) {
        let Record::Order(order) = sold(&format!("n{days_ago}"), "S8", 9, days_ago) else {
            panic!("an order")
        };
        records.push(Record::Order(Order { site: north(), ..order }));
    }
    records.push(Record::Supplier(Supplier {
        id: "ACME".into(),
        name: "Acme".into(),
        lead_time_days: Some(6),
        review_weekday: None,
        min_order: None,
    }));
    for sku in ["S8", "S7", "S6"] {
        records.push(Record::Product(Product {
            supplier: Some("ACME".into()),
            cost: UnitPrice::parse("2.50", Currency::GBP),
            price: UnitPrice::parse("6.00", Currency::GBP),
            ..Product::bare(sku.into())
        }));
    }
    records.push(stock("S8", &SiteId::main(), 5, at(0)));
    records.push(stock("S8", &north(), 2_000, at(0)));
    records.push(stock("S7", &SiteId::main(), 4_000, at(0)));
    tell(&house, at(1), records);
    pass(&house, &mut Maker::default());
    house
}

fn rows(house: &House, filter: &str) -> Vec<CoordinationRow> {
    let page = PageOf { filter: filter.into(), limit: 50, ..PageOf::default() };
    match ask(house, Query::Coordination(page)) {
        Answer::Coordination(rows) => rows.rows,
        other => panic!("{other:?}"),
    }
}

fn only(house: &House, filter: &str) -> CoordinationRow {
    let mut found = rows(house, filter);
    assert_eq!(found.len(), 1, "{filter}: {found:?}");
    found.remove(0)
}

fn reorder(house: &House, sku: &str) -> Option<ReorderRow> {
    let page = PageOf { limit: 50, ..PageOf::default() };
    let Answer::Reorders(rows) = ask(house, Query::Reorders(page)) else { panic!("reorders") };
    rows.rows.into_iter().find(|row| row.stock.sku.as_str() == sku)
}

fn later(house: &House, minutes: i64) {
    let clock = house.sim.clone().unwrap();
    clock.advance_to(clock.now() + Span::minutes(minutes));
}

fn units(house: &House, sku: &str, site: &SiteId) -> (i64, i64) {
    let book = house.stock.read();
    let position = book.position(&sku.into(), site).unwrap();
    (position.on_hand().unwrap().trunc(), position.on_order.trunc())
}

/// Transfers of S8 that were accepted and have not left: from where, and how many units.
fn promised(house: &House) -> Vec<(SiteId, Qty)> {
    let Answer::Sku(Some(detail)) = ask(house, Query::Sku("S8".into(), 7)) else { panic!("a SKU") };
    detail.promised.into_iter().map(|one| (one.from, one.qty)).collect()
}

#[test]
fn what_another_site_can_send_is_proposed_beside_the_reorder_and_comes_to_the_unit() {
    let dir = tempfile::tempdir().unwrap();
    let house = two_sites(dir.path());
    let row = only(&house, "kind:transfer");
    assert_eq!((row.state, &*row.from, &row.site), (State::Proposed, "north", &SiteId::main()));
    let before = reorder(&house, "S8").unwrap();
    assert_eq!(before.transfers.len(), 1, "an open proposal is shown on the reorder");
    let wanted = before.plan.proposal().unwrap().qty;
    assert!(wanted.is_positive(), "and changes nothing of it");

    let sent = row.qty;
    house.decide(ann(), row.measure.clone().unwrap().accept(), "what ann saw").unwrap();
    let after = reorder(&house, "S8");
    let left = after.and_then(|row| Some(row.plan.proposal()?.qty)).unwrap_or_default();
    assert!(left < wanted, "the reorder takes it into account: {left} of {wanted}");
    assert_eq!(only(&house, "kind:transfer").state, State::Accepted);
    assert_eq!(units(&house, "S8", &north()), (2_000, 0), "it has not left");
    assert_eq!(promised(&house), [(north(), sent)], "and is among what is to come");
    assert_eq!(house.dispatch_next().unwrap(), None, "it can be taken back yet");

    later(&house, 11);
    let entry = house.dispatch_next().unwrap().unwrap();
    assert_eq!(house.dispatch_next().unwrap(), None);
    assert_eq!(promised(&house), [], "it is an order by now");
    let sent = sent.trunc();
    assert_eq!(units(&house, "S8", &north()), (2_000 - sent, 0));
    assert_eq!(units(&house, "S8", &SiteId::main()), (5, sent), "on its way");
    let under_way = only(&house, "kind:transfer");
    assert_eq!(under_way.state, State::UnderWay);
    let number = under_way.po.unwrap();
    let cost = match under_way.measure.unwrap() {
        Measure::Transfer(goods) => goods.cost.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(cost.minor, 500 + 5 * sent, "as configured where nothing is");

    // The store loses what it carried out, as when it was killed after the journal was synced.
    let store = house.store().unwrap();
    let mut write = store.write();
    let mark = crate::engine::tables::Mark::JournalApplied as u32;
    write.put::<crate::engine::tables::Marks>(&mark, &(entry as i64 - 1)).unwrap();
    write.commit().unwrap();
    store.flush().unwrap();
    drop(store);
    house.close_store();
    drop(house);
    let house = super::house(dir.path());
    assert_eq!(units(&house, "S8", &SiteId::main()), (5, sent), "once, after a crash too");
    assert_eq!(units(&house, "S8", &north()), (2_000 - sent, 0));

    let receive = Decision::Receive {
        po: Some(number),
        sku: "S8".into(),
        site: SiteId::main(),
        qty: Qty::units(sent),
        surplus: false,
        reason: None,
    };
    house.decide(ann(), receive, "").unwrap();
    assert_eq!(units(&house, "S8", &SiteId::main()), (5 + sent, 0));
    let (book, own) = (house.stock.read(), house.purchasing.read().clone());
    let leads = lead_times(&book, own.coordination(), house.today(), &house.zone);
    assert!(leads.of_supplier(&"north".into()).is_none(), "an own site is no supplier");
    drop(book);
    assert!(rows(&house, "kind:transfer").iter().all(|row| row.state == State::Proposed));
}

#[test]
fn a_transfer_that_leaves_the_giving_site_short_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let house = two_sites(dir.path());
    let Some(Measure::Transfer(goods)) = only(&house, "kind:transfer").measure else {
        panic!("a transfer")
    };
    let send = |qty: i64| {
        let order = TransferOrder { qty: Qty::units(qty), ..goods.clone() };
        house.decide(ann(), Decision::SendTransfer(order), "")
    };
    let refused = send(1_990).unwrap_err().message;
    assert!(refused.contains("would leave north short of its own need: it can spare"), "{refused}");
    let refused = send(2_001).unwrap_err().message;
    assert!(refused.contains("cannot leave north: 2000 are"), "{refused}");
    send(20).unwrap();
    house.undo(ann(), None).unwrap();
    assert_eq!(only(&house, "kind:transfer").state, State::Proposed);
    later(&house, 60);
    assert_eq!(house.dispatch_next().unwrap(), None, "what was taken back never leaves");
}

#[test]
fn what_was_sold_before_a_transfer_leaves_is_not_sent() {
    let dir = tempfile::tempdir().unwrap();
    let house = two_sites(dir.path());
    house.decide(ann(), only(&house, "kind:transfer").measure.unwrap().accept(), "").unwrap();
    tell(&house, at(3), vec![stock("S8", &north(), 3, at(2))]);
    later(&house, 11);
    house.dispatch_next().unwrap().unwrap();
    assert_eq!(units(&house, "S8", &north()), (0, 0));
    assert_eq!(units(&house, "S8", &SiteId::main()), (5, 3));
}

#[test]
fn lines_on_order_are_held_against_need_and_what_nobody_can_judge_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let house = two_sites(dir.path());
    let pos = vec![
        told_po("late", "S8", 40, Some(30)),
        told_po("idle", "S7", 500, Some(20)),
        told_po("dark", "S6", 10, Some(9)),
        told_po("when", "S7", 10, None),
        told_po("gone", "GONE", 10, Some(9)),
    ];
    tell(&house, at(3), pos);
    let of = |po: &str| only(&house, &format!("po:{po}"));
    let kind = |row: &CoordinationRow| row.measure.as_ref().map_or("unknown", Measure::word);
    assert_eq!((kind(&of("late")), of("late").own), ("expedite", false));
    // What can be decided here stands first, whatever is worth more elsewhere.
    let all = rows(&house, "");
    let own: Vec<bool> = all.iter().map(CoordinationRow::can_be_decided).collect();
    assert!(own[0] && own.is_sorted_by(|a, b| a >= b), "{own:?}");
    assert!(of("late").worth() > Some(0.0) && of("idle").worth() > Some(0.0));
    assert_eq!(of("late").supplier, Some("ACME".into()));
    assert!(of("late").why.contains("before it is due on"), "{}", of("late").why);
    assert_eq!(kind(&of("idle")), "cancel");
    for (po, words) in [
        ("dark", "nobody knows what is on the shelf"),
        ("when", "nobody has said when it comes"),
        ("gone", "no forecast: it has not sold within 180 days"),
    ] {
        let row = of(po);
        assert_eq!((kind(&row), row.state), ("unknown", State::Unknown));
        assert!(row.why.contains(words), "{po}: {}", row.why);
    }
    let refused = house.decide(ann(), of("late").measure.unwrap().accept(), "").unwrap_err();
    assert!(refused.message.contains("late was not placed here"), "{}", refused.message);
    let bad = PageOf { filter: "kind:teleport".into(), limit: 9, ..PageOf::default() };
    let refused = questions::answer(&house, Query::Coordination(bad)).unwrap_err();
    assert!(refused.usage, "{refused}");
}

#[test]
fn a_request_about_an_own_line_is_told_when_it_can_be_taken_back_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let house = two_sites(dir.path());
    let line = Approval {
        sku: "S7".into(),
        site: SiteId::main(),
        supplier: None,
        qty: Qty::units(300),
        cost: None,
        due: Some(house.today().plus(20)),
        suggested: None,
    };
    house.decide(ann(), Decision::Approve(line), "").unwrap();
    later(&house, 60);
    house.place_next().unwrap().unwrap();
    let po: PoNumber = "PO-000001".into();
    let sent = Told::Sent { target: "by hand".into(), reference: None };
    let tell_it = |told: Told| Decision::Tell { po: po.clone(), of: 0, told };
    house.decide(ann(), tell_it(sent.clone()), "").unwrap();
    let row = only(&house, "po:PO-000001");
    assert_eq!((row.state, row.own), (State::Proposed, true));
    let measure = row.measure.unwrap();
    assert_eq!(measure.word(), "cancel");
    house.decide(ann(), measure.clone().accept(), "").unwrap();
    assert_eq!(only(&house, "po:PO-000001").state, State::Accepted);
    let requests = house.requests(Some(&po)).unwrap();
    assert_eq!(requests.len(), 2, "the order's, and the request's");
    house.decide(ann(), tell_it(sent), "").unwrap();
    assert_eq!(only(&house, "po:PO-000001").state, State::Asked);
    let gone = ConfirmedLine { sku: "S7".into(), qty: Some(Qty::ZERO), due: None };
    house.decide(ann(), tell_it(Told::Confirmed { lines: vec![gone], due: None }), "").unwrap();
    assert!(rows(&house, "po:PO-000001").is_empty(), "nothing is on order any more");
    assert_eq!(units(&house, "S7", &SiteId::main()).1, 0);
}

#[test]
fn what_is_turned_down_is_quiet_and_nothing_else_changes() {
    let dir = tempfile::tempdir().unwrap();
    let house = two_sites(dir.path());
    let measure = only(&house, "kind:transfer").measure.unwrap();
    let reason = Some("the van is broken".to_owned());
    house.decide(ann(), Decision::TurnDown { measure, until: None, reason }, "").unwrap();
    let quiet = only(&house, "kind:transfer");
    assert_eq!(quiet.state, State::Quiet);
    assert!(quiet.note.contains("ann turned it down: the van is broken"), "{}", quiet.note);
    assert!(rows(&house, "is:proposed").is_empty());
    house.undo(ann(), None).unwrap();
    assert_eq!(only(&house, "kind:transfer").state, State::Proposed);
}

#[test]
fn what_is_expected_to_be_ordered_is_told_by_supplier_and_by_sku() {
    let dir = tempfile::tempdir().unwrap();
    let house = two_sites(dir.path());
    let told = |by_sku: bool, page: PageOf| -> Vec<ExpectedRow> {
        match ask(&house, Query::Expected { by_sku, page }) {
            Answer::Expected(rows) => rows.rows,
            other => panic!("{other:?}"),
        }
    };
    let all = PageOf { limit: 500, ..PageOf::default() };
    let suppliers = told(false, all.clone());
    assert_eq!(suppliers.len(), crate::plan::coordinate::WEEKS);
    assert_eq!(&*suppliers[0].supplier_name, "Acme");
    let skus = told(true, all.clone());
    let sum = |rows: &[ExpectedRow]| rows.iter().map(|row| row.week.units.mean).sum::<f64>();
    assert!(sum(&skus) > 100.0 && (sum(&skus) - sum(&suppliers)).abs() < 1e-6);
    assert!(
        skus.iter().all(|row| row.week.sku.as_ref().unwrap().as_str() == "S8"),
        "S7 has plenty"
    );
    let value = suppliers[0].week.value.unwrap()[0].minor as f64;
    assert!((value - 250.0 * suppliers[0].week.units.mean).abs() < 2.0);
    let (first, rest) = (PageOf { limit: 3, ..all.clone() }, PageOf { offset: 3, ..all.clone() });
    assert_eq!([told(true, first), told(true, rest)].concat(), skus, "the same page by page");
    let none = PageOf { filter: "supplier:\"NOBODY\"".into(), ..all };
    assert!(told(true, none).is_empty());
}

#[test]
fn nothing_is_proposed_where_the_configuration_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let house = two_sites(dir.path());
    let with = |house: &House| match &reorder(house, "S8").unwrap().plan {
        Plan::Proposed(line) => line.clone(),
        Plan::Blocked(blocked) => panic!("{blocked}"),
    };
    let before = with(&house);
    let off = crate::config::Transfers { propose: false, ..crate::config::Transfers::default() };
    let rules = crate::config::Reorders { transfers: off, ..house.planner.rules() };
    house.planner.set_up(rules);
    assert!(rows(&house, "kind:transfer").is_empty());
    assert_eq!(with(&house), before, "what is to be ordered does not depend on proposals");
}
