//! Approvals that become orders, and what stock knows of them.

use super::*;
use crate::engine::Cancel;
use crate::engine::api::{Outcome, PageOf};
use crate::engine::tables;

fn ann() -> Actor {
    Actor { user: "ann".into(), uid: 1, from: "test".into() }
}

fn supplied(sku: &str) -> Vec<Record> {
    let supplier = Supplier {
        id: "S1".into(),
        name: "Maker".into(),
        lead_time_days: Some(6),
        review_weekday: None,
        min_order: None,
    };
    let product = Product {
        supplier: Some("S1".into()),
        cost: UnitPrice::parse("2.50", Currency::GBP),
        ..Product::bare(sku.into())
    };
    let stock = StockReport {
        sku: sku.into(),
        site: SiteId::main(),
        qty: Some(Qty::units(10)),
        basis: StockBasis::OnHand,
        as_of: at(-60),
    };
    vec![Record::Supplier(supplier), Record::Product(product), Record::Stock(stock)]
}

fn approve(sku: &str, units: i64) -> Decision {
    Decision::Approve(Approval {
        sku: sku.into(),
        site: SiteId::main(),
        supplier: None,
        qty: Qty::units(units),
        cost: None,
        due: None,
        suggested: None,
    })
}

fn on_order(house: &House, sku: &str) -> Qty {
    house.stock.read().position(&sku.into(), &SiteId::main()).unwrap().on_order
}

fn pass(house: &House, minutes: i64) {
    let clock = house.sim.clone().unwrap();
    clock.advance_to(clock.now() + Span::minutes(minutes));
}

fn numbers(house: &House) -> Vec<String> {
    house.purchasing.read().orders().map(|order| order.number.to_string()).collect()
}

#[test]
fn approved_lines_become_one_order_when_nobody_can_take_them_back_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    tell(&house, at(-50), [supplied("A"), supplied("B")].concat());
    house.decide(ann(), approve("A", 24), "").unwrap();
    assert_eq!(house.place_next().unwrap(), None, "it can be taken back yet");
    pass(&house, 6);
    house.decide(ann(), approve("B", 12), "").unwrap();
    pass(&house, 6);
    assert_eq!(house.place_next().unwrap(), None, "the newest line of the order decides");
    pass(&house, 5);
    house.place_next().unwrap().unwrap();
    assert_eq!(house.place_next().unwrap(), None);
    assert_eq!(numbers(&house), ["PO-000001"]);
    assert_eq!((on_order(&house, "A"), on_order(&house, "B")), (Qty::units(24), Qty::units(12)));
    let refused = house.undo(ann(), None).unwrap_err().message;
    assert!(refused.contains("part of PO-000001") && refused.contains("cancel"), "{refused}");
}

#[test]
fn an_approval_that_is_taken_back_is_never_ordered() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    tell(&house, at(-50), supplied("A"));
    house.decide(ann(), approve("A", 24), "").unwrap();
    house.undo(ann(), None).unwrap();
    pass(&house, 60);
    assert_eq!(house.place_next().unwrap(), None);
    house.decide(ann(), approve("A", 6), "").unwrap();
    pass(&house, 60);
    house.place_next().unwrap().unwrap();
    assert_eq!(on_order(&house, "A"), Qty::units(6));
}

#[test]
fn what_nobody_forecasts_is_held_against_the_same_obstacles() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    tell(&house, at(-50), supplied("A"));
    let refused = |change: Vec<Record>| {
        tell(&house, at(-40), change);
        house.decide(ann(), approve("A", 24), "").unwrap_err().message
    };
    let [_, Record::Product(product), Record::Stock(stock)] = &supplied("A")[..] else {
        panic!("a supplier, a product and its stock")
    };
    let with = |pack: i64| Product { pack: Some(Qty::units(pack)), ..product.clone() };
    let why = refused(vec![Record::Product(with(0))]);
    assert!(why.contains("its pack is 0; correct it"), "{why}");
    let euro = UnitPrice::parse("2", Currency::parse("EUR").unwrap()).unwrap();
    let terms = |breaks: Vec<PriceBreak>| {
        Record::Terms(SkuTerms { breaks: Some(breaks.into()), ..SkuTerms::bare("A".into()) })
    };
    let breaks = vec![PriceBreak { from: Qty::units(9), cost: euro }];
    let why = refused(vec![Record::Product(with(1)), terms(breaks)]);
    assert!(why.contains("its cost is in GBP and in EUR"), "{why}");
    let less = StockReport { qty: Some(Qty::units(-3)), as_of: at(-45), ..stock.clone() };
    let why = refused(vec![terms(Vec::new()), Record::Stock(less)]);
    assert!(why.contains("-3 on the shelf cannot be; count it"), "{why}");
    tell(&house, at(-30), vec![Record::Stock(StockReport { as_of: at(-35), ..stock.clone() })]);
    let other = Supplier {
        id: "S2".into(),
        name: "Other".into(),
        lead_time_days: None,
        review_weekday: None,
        min_order: None,
    };
    tell(&house, at(-20), vec![Record::Supplier(other)]);
    let Decision::Approve(line) = approve("A", 24) else { panic!("an approval") };
    let elsewhere = Approval { supplier: Some("S2".into()), ..line };
    let why = house.decide(ann(), Decision::Approve(elsewhere), "").unwrap_err().message;
    assert!(why.contains("S2 has no lead time"), "{why}");
    house.decide(ann(), approve("A", 24), "").unwrap();
}

#[test]
fn what_is_ordered_by_hand_costs_what_so_many_cost() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    let cost = |text: &str| UnitPrice::parse(text, Currency::GBP).unwrap();
    let breaks = [PriceBreak { from: Qty::units(100), cost: cost("2.00") }];
    let terms = SkuTerms { breaks: Some(breaks.into()), ..SkuTerms::bare("A".into()) };
    tell(&house, at(-50), [supplied("A"), vec![Record::Terms(terms)]].concat());
    house.decide(ann(), approve("A", 99), "").unwrap();
    house.undo(ann(), None).unwrap();
    house.decide(ann(), approve("A", 100), "").unwrap();
    let decided = house.purchasing.read();
    let costs = [1, 3].map(|entry| decided.approval(entry).unwrap().line.cost);
    assert_eq!(costs, [Some(cost("2.50")), Some(cost("2.00"))]);
}

#[test]
fn a_draft_is_taken_back_whole_as_one_act() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    tell(&house, at(-50), [supplied("A"), supplied("B")].concat());
    house.decide(ann(), approve("A", 24), "").unwrap();
    house.decide(ann(), approve("B", 12), "").unwrap();
    let outcome = house.undo_all(&ann(), vec![1, 2], &Cancel::default()).unwrap();
    let Outcome::Acted { first: 3, last: 4, done: 2, of: 2, why_not: None } = outcome else {
        panic!("{outcome:?}")
    };
    let entry = |seq| house.journal.lock().entry(seq).unwrap().unwrap();
    assert_eq!((entry(3).undoes, entry(3).act), (Some(2), None), "the newest first");
    assert_eq!((entry(4).undoes, entry(4).act), (Some(1), Some(3)));
    assert!(!house.purchasing.read().has_drafts());
}

#[test]
fn numbers_have_no_gaps_and_nothing_is_ordered_twice_where_the_store_is_behind_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    for round in 1..=3_u64 {
        let house = house(dir.path());
        if round == 1 {
            tell(&house, at(-50), [supplied("A"), supplied("B")].concat());
        }
        let sku = if round % 2 == 1 { "A" } else { "B" };
        house.decide(ann(), approve(sku, 10), "").unwrap();
        pass(&house, 60);
        house.place_next().unwrap().unwrap();
        // The store loses what it carried out, as when it was killed after the journal was synced.
        let store = house.store().unwrap();
        let mut write = store.write();
        write.put::<tables::Marks>(&(tables::Mark::JournalApplied as u32), &0).unwrap();
        for order in house.purchasing.read().orders() {
            write.delete::<tables::PurchaseOrders>(&order.number);
        }
        write.commit().unwrap();
        store.flush().unwrap();
        house.close_store();
    }
    let house = house(dir.path());
    assert_eq!(numbers(&house), ["PO-000001", "PO-000002", "PO-000003"]);
    assert_eq!(on_order(&house, "A"), Qty::units(20));
    assert_eq!(on_order(&house, "B"), Qty::units(10));
    assert_eq!(house.place_next().unwrap(), None);
}

#[test]
fn an_order_does_not_take_the_place_of_a_feeds_of_the_same_number() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    let line = PoLine { sku: "B".into(), qty: Qty::units(7), received: Qty::ZERO, cost: None };
    let theirs = PurchaseOrder {
        number: "PO-000001".into(),
        supplier: "S9".into(),
        site: SiteId::main(),
        status: PoStatus::Sent,
        ordered_at: at(-600),
        due_at: None,
        updated_at: at(-600),
        lines: vec![line],
    };
    let records = [supplied("A"), supplied("B"), vec![Record::PurchaseOrder(theirs)]].concat();
    tell(&house, at(-50), records);
    house.decide(ann(), approve("A", 24), "").unwrap();
    pass(&house, 60);
    assert_eq!(house.place_next().unwrap(), None);
    let trouble = house.troubles();
    let [said] = trouble.as_slice() else { panic!("{trouble:?}") };
    assert!(said.contains("an order PO-000001 to S9 already"), "{said}");
    assert!(said.contains("`prefix` under [approvals]"), "{said}");
    assert_eq!((on_order(&house, "A"), on_order(&house, "B")), (Qty::ZERO, Qty::units(7)));
    house.undo(ann(), None).unwrap();
    assert_eq!(house.place_next().unwrap(), None);
    assert!(house.troubles().is_empty(), "nothing is approved any more");
    house.decide(ann(), approve("A", 24), "").unwrap();
    pass(&house, 60);
    assert_eq!(house.place_next().unwrap(), None);

    *house.rules.write() = Arc::new(Rules { prefix: "SD-".into(), ..Rules::default() });
    house.place_next().unwrap().unwrap();
    assert_eq!(numbers(&house), ["SD-000001"]);
    assert_eq!(house.troubles(), [""; 0].map(Box::from));
    assert_eq!((on_order(&house, "A"), on_order(&house, "B")), (Qty::units(24), Qty::units(7)));
}

#[test]
fn what_arrives_and_what_is_called_off_is_not_waited_for_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    tell(&house, at(-50), [supplied("A"), supplied("B")].concat());
    house.decide(ann(), approve("A", 24), "").unwrap();
    house.decide(ann(), approve("B", 24), "").unwrap();
    pass(&house, 60);
    house.place_next().unwrap().unwrap();
    let po: PoNumber = "PO-000001".into();
    let sent = Told::Sent { target: "drop".into(), reference: None };
    let placed = house.purchasing.read().order(&po).unwrap().entry;
    assert!(house.tell(po.clone(), placed, sent.clone()).unwrap().is_some());
    let taken = house.requests(Some(&po)).unwrap().remove(0).sent;
    let at = house.purchasing.read().order(&po).unwrap().sent.as_ref().unwrap().at;
    assert_eq!(taken, Some(("drop".into(), at)), "a dry run says that it was sent");
    assert_eq!(house.tell(po.clone(), placed, sent).unwrap(), None, "it was told already");
    let receive = |qty| Decision::Receive {
        po: Some("PO-000001".into()),
        sku: "A".into(),
        site: SiteId::main(),
        qty: Qty::units(qty),
        surplus: false,
        reason: None,
    };
    house.decide(ann(), receive(20), "").unwrap();
    assert_eq!(on_order(&house, "A"), Qty::units(4));
    let refused =
        house.decide(ann(), Decision::CancelOrder { po: po.clone(), reason: "late".into() }, "");
    assert!(refused.unwrap_err().message.contains("close it instead"));
    pass(&house, 1);
    house
        .decide(ann(), Decision::CloseOrder { po: po.clone(), reason: "late".into() }, "")
        .unwrap();
    assert_eq!((on_order(&house, "A"), on_order(&house, "B")), (Qty::ZERO, Qty::ZERO));
    // What the supplier says of it later opens nothing again.
    let own = house.stock.read().purchase_order_of(&po).unwrap().clone();
    let later = own.updated_at + Span::hours(1);
    let late = PurchaseOrder { status: PoStatus::Acknowledged, updated_at: later, ..own };
    tell(&house, later, vec![Record::PurchaseOrder(late)]);
    assert_eq!((on_order(&house, "A"), on_order(&house, "B")), (Qty::ZERO, Qty::ZERO));
    let book = house.stock.read();
    assert_eq!(book.arrived(&po, &"A".into()), Qty::units(20));
    assert_eq!(book.lead_times(&"S1".into()).len(), 1, "how long it took is known");
    drop(book);
    // All of it comes out the same from the journal alone.
    let before = house.purchasing.read().clone();
    house.close_store();
    std::fs::remove_dir_all(dir.path().join("store")).unwrap();
    drop(house);
    let again = super::house(dir.path());
    assert_eq!(*again.purchasing.read(), before);
    assert_eq!((on_order(&again, "A"), on_order(&again, "B")), (Qty::ZERO, Qty::ZERO));
    assert_eq!(again.stock.read().arrived(&po, &"A".into()), Qty::units(20));
}

#[test]
fn orders_are_listed_as_they_go_from_draft_to_what_arrived() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    tell(&house, at(-50), supplied("A"));
    house.decide(ann(), approve("A", 24), "").unwrap();
    let rows = |filter: &str| {
        let page = PageOf { filter: filter.into(), limit: 10, ..PageOf::default() };
        match questions::answer(&house, Query::Purchases(page)).unwrap() {
            Answer::Purchases(rows) => rows.rows,
            other => panic!("{other:?}"),
        }
    };
    let draft = rows("is:draft").pop().unwrap();
    assert_eq!((draft.number, draft.state), (None, BuyingState::Draft));
    assert_eq!(draft.total.to_string(), "£60.00");
    assert_eq!(draft.note.as_deref(), Some("can be taken back for 10m"));
    assert_eq!(house.requests(None).unwrap()[0].sent, None);
    let bob = Actor { user: "bob".into(), uid: 2, ..ann() };
    let signature = Decision::Countersign { entry: 1, sku: "A".into() };
    house.decide(bob, signature, "").unwrap();
    let open = match questions::answer(&house, Query::Draft("S1".into(), SiteId::main())).unwrap() {
        Answer::Purchase(detail) => detail.unwrap(),
        other => panic!("{other:?}"),
    };
    let entries: Vec<u64> = open.journal.iter().map(|row| row.entry.seq).collect();
    assert_eq!(entries, [2, 1], "the signature and the approval that it came from");
    pass(&house, 60);
    house.place_next().unwrap().unwrap();
    let placed = rows("state:approved").pop().unwrap();
    assert_eq!(placed.number, Some("PO-000001".into()));
    let of = house.purchasing.read().parcels()[0].of;
    let failed = Told::Failed { target: "hook".into(), reason: "it says 404".into(), attempts: 1 };
    house.tell("PO-000001".into(), of, failed).unwrap();
    let lost = rows("is:trouble").pop().unwrap();
    assert_eq!(
        lost.note.as_deref(),
        Some("hook did not take PO-000001 after 1 try: it says 404; mend it and send it again.")
    );
    let odd = ConfirmedLine { sku: "Z".into(), qty: None, due: None };
    house.tell("PO-000001".into(), of, Told::Confirmed { lines: vec![odd], due: None }).unwrap();
    let detail = match questions::answer(&house, Query::Purchase("PO-000001".into())).unwrap() {
        Answer::Purchase(detail) => detail.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(detail.row.state, BuyingState::Acknowledged);
    assert_eq!(
        &*detail.troubles[1],
        "The supplier confirms Z, which is not on PO-000001; ask them."
    );
    assert_eq!(detail.lines[0].approved, Some((1, "ann".into())));
    let verbs: Vec<_> = detail.journal.iter().map(|row| row.entry.decision.verb()).collect();
    assert_eq!(verbs, ["acknowledged", "not sent", "place", "countersign", "approve"]);
}

#[test]
fn an_order_that_no_target_took_waits_once_on_the_overview() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    tell(&house, at(-50), supplied("A"));
    house.decide(ann(), approve("A", 24), "").unwrap();
    pass(&house, 60);
    let of = house.place_next().unwrap().unwrap();
    let failed = Told::Failed { target: "hook".into(), reason: "it says 404".into(), attempts: 1 };
    house.tell("PO-000001".into(), of, failed).unwrap();
    house.say_what_was_given_up(&house.purchasing.read());
    let Answer::Overview(overview) = questions::answer(&house, Query::Overview).unwrap() else {
        panic!("another answer");
    };
    let [said] = overview.trouble.as_slice() else { panic!("{:?}", overview.trouble) };
    assert!(said.contains("PO-000001 could not be sent"), "{said}");
    let waits: Vec<_> = overview.waiting.iter().map(|one| (&*one.what, one.count)).collect();
    assert_eq!(waits, [("orders to suppliers not sent", 1)]);
}

#[test]
fn an_order_that_its_supplier_calls_off_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    tell(&house, at(-50), supplied("A"));
    house.decide(ann(), approve("A", 24), "").unwrap();
    pass(&house, 60);
    house.place_next().unwrap().unwrap();
    let own = house.stock.read().purchase_order_of(&"PO-000001".into()).unwrap().clone();
    let declined = PurchaseOrder { status: PoStatus::Cancelled, updated_at: at(90), ..own };
    tell(&house, at(91), vec![Record::PurchaseOrder(declined)]);
    let page = PageOf { filter: "is:trouble".into(), limit: 10, ..PageOf::default() };
    let Answer::Purchases(rows) = questions::answer(&house, Query::Purchases(page)).unwrap() else {
        panic!("another answer");
    };
    assert_eq!(rows.rows[0].state, BuyingState::Cancelled);
    let note = rows.rows[0].note.as_deref();
    assert_eq!(note, Some("S1 called PO-000001 off; order elsewhere or anew."));
    assert_eq!(on_order(&house, "A"), Qty::ZERO);
}

#[test]
fn a_configured_target_is_used_by_a_live_store_alone() {
    use crate::config::{TargetConfig, TargetKind};
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("orders");
    let target = TargetConfig {
        name: "letters".into(),
        kind: TargetKind::Files { path: folder, shape: crate::outbox::FileShape::Csv },
        suppliers: Vec::new(),
        tries: 1,
    };
    let mut house = house(dir.path());
    tell(&house, at(-50), supplied("A"));
    house.decide(ann(), approve("A", 24), "").unwrap();
    pass(&house, 60);
    house.place_next().unwrap().unwrap();
    let po: PoNumber = "PO-000001".into();
    for (kind, waits) in [
        (StoreKind::Replay, "a replay store reaches nobody outside"),
        (StoreKind::Demo, "the demo's suppliers are not there yet"),
        (StoreKind::Live, "is being sent to letters"),
    ] {
        Arc::get_mut(&mut house).unwrap().kind = kind;
        crate::engine::buying::set_up(&house, std::slice::from_ref(&target));
        let order = house.purchasing.read().order(&po).unwrap().clone();
        assert_eq!(house.waiting_for(&order).as_deref(), Some(waits));
        let is_live = matches!(kind, StoreKind::Live);
        assert_eq!(house.routes.read().to(&"S1".into()).is_some(), is_live);
        let shown = house.requests(Some(&po)).unwrap().remove(0).text;
        assert_eq!(shown.contains("nothing takes orders to S1"), !is_live, "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demos_suppliers_are_told_and_deliver_under_our_number() {
    use crate::engine::buying::{run, tell_suppliers_of};
    use crate::feed::demo::{Buyer, Config, DemoStore};
    let config = Config {
        history_days: 30,
        skus: 300,
        orders_per_day: 40.0,
        buyer: Buyer::Console,
        ..Config::new(3, NOON)
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("asked");
    let clock = Arc::new(SimClock::new(NOON));
    let shop = DemoStore::start_with(config.clone(), clock.clone(), Some(&file)).await.unwrap();
    let (sku, maker, site) = shop
        .ask(|merchant| {
            let item = merchant.catalogue().items.iter().find(|item| item.stocked[0]).unwrap();
            let maker = &merchant.catalogue().makers[usize::from(item.supplier)];
            (item.code.clone(), maker.code.clone(), crate::feed::demo::catalogue::SITES[0].0)
        })
        .await
        .unwrap();
    let house = house(dir.path());
    let told = Supplier {
        id: SupplierId::new(maker.clone()),
        name: maker.clone(),
        lead_time_days: Some(6),
        review_weekday: None,
        min_order: None,
    };
    let known = Product { supplier: Some(SupplierId::new(maker)), ..Product::bare(Sku::new(sku)) };
    let line = Approval {
        sku: known.sku.clone(),
        site: site.into(),
        supplier: None,
        qty: Qty::units(20),
        cost: None,
        due: None,
        suggested: None,
    };
    let here = Site { id: site.into(), name: site.into(), zone: "UTC".into() };
    let shelf = StockReport {
        sku: known.sku.clone(),
        site: site.into(),
        qty: Some(Qty::ZERO),
        basis: StockBasis::OnHand,
        as_of: at(-60),
    };
    let told =
        [Record::Supplier(told), Record::Product(known), Record::Site(here), Record::Stock(shelf)];
    tell(&house, at(-50), told.into());
    tell_suppliers_of(&house, &shop);
    let stop = tokio::sync::watch::Sender::new(false);
    let running = tokio::spawn(run(house.clone(), stop.subscribe()));
    let deciding = house.clone();
    tokio::task::spawn_blocking(move || {
        deciding.decide(ann(), Decision::Approve(line), "").unwrap();
        pass(&deciding, 60);
    })
    .await
    .unwrap();
    let mut decided = house.decided.subscribe();
    let po: PoNumber = "PO-000001".into();
    while house.purchasing.read().order(&po).is_none_or(|order| order.sent.is_none()) {
        decided.changed().await.unwrap();
    }
    shop.advance_to(NOON + Span::days(150)).await.unwrap();
    let own = |merchant: &crate::feed::demo::Merchant| {
        let last = merchant.purchase_orders().len() as u32 - 1;
        (merchant.po_number(last), merchant.purchase_orders()[last as usize].status)
    };
    let (number, status) = shop.ask(own).await.unwrap();
    assert_eq!(number, "PO-000001");
    assert!(matches!(status, PoStatus::Received | PoStatus::Cancelled), "{status:?}");
    stop.send_replace(true);
    running.await.unwrap();
    drop(shop);
    let again = DemoStore::start_with(config, clock, Some(&file)).await.unwrap();
    again.advance_to(NOON + Span::days(150)).await.unwrap();
    assert_eq!(again.ask(own).await.unwrap(), (number, status), "the suppliers remember");
}
