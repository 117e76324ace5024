//! Proposals of a store, decided about and seen again.

use super::forecasts::{pass, selling, sold};
use super::*;
use crate::engine::api::{PageOf, Plan, ReorderRow, StockRow, WaitingPlace};
use crate::engine::forecasts::Maker;
use crate::plan::replenish::{Change, Confidence, Note, Proposal, Source};

fn buyer(name: &str) -> Actor {
    Actor { user: name.into(), uid: 1, from: "test".into() }
}

/// Nine SKUs that sell, five of which a supplier delivers in six days; S8 has 30 on the shelf and sells
/// 4.5 a day, S7 has plenty, of S6 nobody has counted the shelf, S4 has a pack of nothing.
pub(super) fn supplied(dir: &std::path::Path) -> Arc<House> {
    let house = selling(dir);
    let supplier = Supplier {
        id: "ACME".into(),
        name: "Acme of Hull".into(),
        lead_time_days: Some(6),
        review_weekday: None,
        min_order: None,
    };
    let product = |sku: &str, pack: i64| {
        Record::Product(Product {
            supplier: Some("ACME".into()),
            cost: UnitPrice::parse("2.50", Currency::GBP),
            price: UnitPrice::parse("6.00", Currency::GBP),
            pack: Some(Qty::units(pack)),
            ..Product::bare(sku.into())
        })
    };
    tell(
        &house,
        at(1),
        vec![
            Record::Supplier(supplier),
            product("S8", 12),
            product("S7", 12),
            product("S6", 12),
            product("S5", 1),
            product("S4", 0),
            on_hand("S8", 30, at(0)),
            on_hand("S7", 4_000, at(0)),
            on_hand("S5", 2, at(0)),
            on_hand("S4", 2, at(0)),
            on_hand("S3", 2, at(0)),
        ],
    );
    pass(&house, &mut Maker::default());
    house
}

#[test]
fn an_item_that_is_new_says_so_and_none_is_sure_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let house = selling(dir.path());
    let launched = [9, 8, 5, 2].map(|days| sold(&format!("launch-{days}"), "LAUNCH", 3, days));
    let supplier = Record::Supplier(Supplier {
        id: "ACME".into(),
        name: "Acme of Hull".into(),
        lead_time_days: Some(6),
        review_weekday: None,
        min_order: None,
    });
    let product = |sku: &str| {
        let supplier = Some("ACME".into());
        Record::Product(Product { supplier, ..Product::bare(sku.into()) })
    };
    let shelf = ["LAUNCH", "S8"].map(|sku| on_hand(sku, 1, at(0)));
    let told =
        launched.into_iter().chain(shelf).chain([product("LAUNCH"), product("S8"), supplier]);
    tell(&house, at(1), told.collect());
    pass(&house, &mut Maker::default());
    let (new, old) = (row(&house, "LAUNCH"), row(&house, "S8"));
    let notes = |row: &ReorderRow| row.plan.proposal().unwrap().notes.clone();
    assert_eq!((notes(&new), notes(&old)), (vec![Note::NewItem { days: 9 }], vec![]));
    assert_eq!(new.confidence, Confidence::Low);
    assert_ne!(old.confidence, Confidence::Low);
    assert!(notes(&new)[0].to_string().contains("guessed from 9 days"), "{}", notes(&new)[0]);
    let found = |filter: &str| {
        let rows = rows(&house, filter);
        rows.iter().map(|row| row.stock.sku.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found("is:new"), "LAUNCH");
    assert!(found("is:unsure").contains("LAUNCH") && !found("!is:unsure").contains("LAUNCH"));
    assert_eq!(found("supplier:hul"), "LAUNCH S8", "by any word of its supplier's name");
    assert_eq!([found("supplier:ull"), found("is:long")], ["", ""]);
}

/// Five units that came without an order.
fn received(sku: &str) -> Receipt {
    Receipt {
        id: "R1".into(),
        sku: sku.into(),
        site: SiteId::main(),
        qty: Qty::units(5),
        received_at: at(1),
        po: None,
        supplier: None,
        ordered_at: None,
        due_at: None,
    }
}

fn rows(house: &House, filter: &str) -> Vec<ReorderRow> {
    let page = PageOf { filter: filter.into(), limit: 50, ..PageOf::default() };
    match ask(house, Query::Reorders(page)) {
        Answer::Reorders(rows) => rows.rows,
        other => panic!("{other:?}"),
    }
}

fn row(house: &House, sku: &str) -> ReorderRow {
    let rows = rows(house, "");
    rows.into_iter().find(|row| row.stock.sku.as_str() == sku).unwrap()
}

fn shown(row: &ReorderRow) -> Approval {
    approval(row.plan.proposal().unwrap())
}

/// The approval of a proposal as it stands.
pub(super) fn approval(line: &Proposal) -> Approval {
    Approval {
        sku: line.sku.clone(),
        site: line.site.clone(),
        supplier: None,
        qty: line.qty,
        cost: None,
        due: None,
        suggested: Some(line.suggestion()),
    }
}

#[test]
fn what_runs_short_is_proposed_and_what_cannot_be_planned_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let line = row(&house, "S8");
    let proposal = line.plan.proposal().unwrap();
    // Two weeks sell 63, and seldom twice as many; 30 are there.
    assert!((36..=160).contains(&proposal.qty.trunc()), "{}", proposal.qty);
    assert_eq!(proposal.qty.as_milli() % 12_000, 0);
    let sum: Qty = proposal.why.iter().map(|step| step.units).sum();
    assert_eq!(sum, proposal.qty);
    assert_eq!(line.supplier_name.as_deref(), Some("Acme of Hull"));
    let listed = |filter: &str| -> Vec<String> {
        rows(&house, filter).iter().map(|row| row.stock.sku.to_string()).collect()
    };
    assert!(!listed("").contains(&"S7".to_owned()), "4,000 last for ever");
    let why = |sku: &str| match row(&house, sku).plan {
        Plan::Blocked(blocked) => blocked.to_string(),
        Plan::Proposed(line) => panic!("{line:?}"),
    };
    assert!(why("S6").contains("nobody knows what is on the shelf"));
    assert!(why("S4").contains("its pack is 0"));
    assert!(why("S3").contains("no supplier is known"));
    assert_eq!(listed("is:proposed supplier:acme").len(), 2);
    assert_eq!(listed("is:proposed supplier:\"acme of hull\"").len(), 2, "by its name as well");
    assert_eq!(listed("order_on:today"), listed("is:proposed"), "it is ordered from on any day");
    assert_eq!(listed("order_on:>today"), [""; 0]);
    let waiting = || match ask(&house, Query::Overview) {
        Answer::Overview(overview) => overview.waiting,
        other => panic!("{other:?}"),
    };
    let to_order = || waiting().into_iter().find(|waits| waits.what.starts_with("lines to order"));
    let today = to_order().unwrap();
    assert_eq!((&*today.what, today.count), ("lines to order today", 2));
    let WaitingPlace::Reorders(filter) = today.go else { panic!("{:?}", today.go) };
    assert_eq!(listed(&filter).len(), 2, "it leads to them");
    assert_eq!(listed(&format!("{filter} hull")).len(), 2, "its supplier's name finds a line");
    assert!(listed("leeds").is_empty());
    assert_eq!(&listed("")[..2], ["S5", "S8"], "the more urgent one first");
}

#[test]
fn what_never_sold_says_so_where_it_matters_and_a_persons_word_makes_a_proposal_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let product = |sku: &str| {
        Record::Product(Product {
            supplier: Some("ACME".into()),
            cost: UnitPrice::parse("2.50", Currency::GBP),
            price: UnitPrice::parse("6.00", Currency::GBP),
            ..Product::bare(sku.into())
        })
    };
    let came = received("CAME");
    let over = SkuTerms { sold_until: Day::parse("2020-01-01"), ..SkuTerms::bare("OVER".into()) };
    let all = ["NEW", "CAME", "QUIET", "DEAD", "FULL", "OVER"];
    let stock = [0, 0, 0, 0, 9, 0];
    let mut records: Vec<Record> = all.map(product).into();
    records.extend(all.iter().zip(stock).map(|(sku, units)| on_hand(sku, units, at(0))));
    records.extend([sold("q", "QUIET", 4, 250), sold("d", "DEAD", 4, 500)]);
    records.extend([Record::Receipt(came), Record::Terms(over)]);
    tell(&house, at(2), records);
    pass(&house, &mut Maker::default());

    let unforecast = || -> Vec<(String, String)> {
        let rows = rows(&house, "is:blocked").into_iter();
        let why = |row: ReorderRow| match row.plan {
            Plan::Blocked(blocked) => (row.stock.sku.to_string(), blocked.to_string()),
            Plan::Proposed(line) => panic!("{line:?}"),
        };
        rows.map(why).filter(|(_, why)| why.contains("no forecast")).collect()
    };
    let listed = unforecast();
    let skus: Vec<&str> = listed.iter().map(|(sku, _)| sku.as_str()).collect();
    assert_eq!(skus, ["CAME", "NEW", "QUIET"], "not what is dead, over or there: {listed:?}");
    assert!(listed[1].1.contains("has never sold; say what you expect"), "{listed:?}");
    assert!(listed[2].1.contains("it last sold on 2023-03-10"), "{listed:?}");

    // A person may order it as it is.
    let by_hand = Approval {
        sku: "QUIET".into(),
        site: SiteId::main(),
        supplier: None,
        qty: Qty::units(6),
        cost: None,
        due: None,
        suggested: None,
    };
    house.decide(buyer("ann"), Decision::Approve(by_hand), "").unwrap();
    house.undo(buyer("ann"), None).unwrap();

    let first = house.first_ahead();
    let word = Decision::Override {
        sku: "NEW".into(),
        site: None,
        from: first,
        to: first.plus(27),
        expects: Expectation::Units(Qty::units(112)),
        reason: "new in the catalogue".into(),
        model: Vec::new(),
    };
    house.decide(buyer("ann"), word, "").unwrap();
    let line = row(&house, "NEW");
    let proposal = line.plan.proposal().unwrap();
    // Four a day, for two weeks, and a little more to be safe.
    assert!((52..=170).contains(&proposal.qty.trunc()), "{}", proposal.qty);
    assert!(proposal.notes.contains(&Note::PeopleAlone), "{:?}", proposal.notes);
    assert_eq!(unforecast().len(), 2);
    let approval = shown(&line);
    house.decide(buyer("ann"), Decision::Approve(approval), "").unwrap();
}

#[test]
fn an_approved_line_is_not_proposed_again_and_others_see_who_approved_it() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let (line, other) = (shown(&row(&house, "S8")), shown(&row(&house, "S5")));
    house.decide(buyer("ann"), Decision::Approve(line.clone()), "what ann saw").unwrap();
    let after = row(&house, "S8");
    assert_eq!(&*after.approved.as_ref().unwrap().who, "ann");
    assert_eq!(after.plan.proposal().unwrap().qty, Qty::ZERO, "it is as good as on order");
    let twice = house.decide(buyer("bob"), Decision::Approve(line), "").unwrap_err().message;
    assert!(twice.contains("ann"), "{twice}");
    house.decide(buyer("bob"), Decision::Approve(other), "").unwrap();

    let clock = house.sim.clone().unwrap();
    clock.advance_to(clock.now() + Span::minutes(11));
    house.place_next().unwrap().unwrap();
    assert!(rows(&house, "is:proposed").is_empty(), "on order now");
    house.undo(buyer("ann"), None).unwrap_err();
}

#[tokio::test]
async fn the_quantity_on_the_screen_is_the_one_that_the_target_receives() {
    use crate::config::{TargetConfig, TargetKind};
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("orders");
    std::fs::create_dir(&folder).unwrap();
    let mut house = supplied(dir.path());
    let proposed = rows(&house, "is:proposed");
    // As the table and the explanation of it write it, and as it is edited once.
    let mut shown: Vec<(String, String)> = Vec::new();
    for (row, edited) in proposed.iter().zip([None, Some(Qty::units(48))]) {
        let mut line = approval(row.plan.proposal().unwrap());
        line.qty = edited.unwrap_or(line.qty);
        shown.push((line.sku.to_string(), line.qty.to_string()));
        house.decide(buyer("ann"), Decision::Approve(line), "").unwrap();
    }
    shown.sort();
    let clock = house.sim.clone().unwrap();
    clock.advance_to(clock.now() + Span::minutes(11));
    house.place_next().unwrap().unwrap();

    let kind = TargetKind::Files { path: folder.clone(), shape: crate::outbox::FileShape::Csv };
    let target = TargetConfig { name: "drop".into(), kind, suppliers: Vec::new(), tries: 1 };
    Arc::get_mut(&mut house).unwrap().kind = StoreKind::Live;
    crate::engine::buying::set_up(&house, std::slice::from_ref(&target));
    let parcel = house.purchasing.read().parcels().remove(0);
    let document = house.document(&parcel).unwrap();
    let route = house.routes.read().to(&"ACME".into()).unwrap().clone();
    route.target.deliver(&document).await.unwrap();
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
    let mut reader = csv::Reader::from_path(file.path()).unwrap();
    let headings = reader.headers().unwrap().clone();
    let at = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let mut received: Vec<(String, String)> = reader
        .records()
        .map(|line| line.map(|line| (line[at("sku")].to_owned(), line[at("qty")].to_owned())))
        .collect::<Result<_, _>>()
        .unwrap();
    received.sort();
    assert_eq!(received, shown);
    assert_eq!(shown.len(), 2);
}

#[test]
fn a_proposal_that_changed_since_it_was_shown_is_not_approved() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let line = shown(&row(&house, "S8"));
    tell(&house, at(3), vec![on_hand("S8", 3, at(2))]);
    let refused = house.decide(buyer("ann"), Decision::Approve(line), "").unwrap_err().message;
    let now = row(&house, "S8").plan.proposal().unwrap().qty;
    assert!(refused.contains(&format!("is now {now}")), "{refused}");
    // Read anew it is approved.
    let line = shown(&row(&house, "S8"));
    house.decide(buyer("ann"), Decision::Approve(line), "").unwrap();
}

#[test]
fn what_was_rejected_or_put_off_stays_quiet_and_is_shown_next_time() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let line = shown(&row(&house, "S8"));
    let reject = Decision::Reject {
        sku: line.sku.clone(),
        site: line.site.clone(),
        suggested: line.qty,
        runs_out: None,
        until: None,
        reason: "ends soon".into(),
    };
    house.decide(buyer("ann"), reject, "").unwrap();
    let quiet = row(&house, "S8").last_time.unwrap();
    assert!(quiet.quiet && quiet.what.contains("ends soon"), "{quiet:?}");
    assert!(rows(&house, "is:proposed").iter().all(|row| row.stock.sku.as_str() != "S8"));
    // Twice what is there is wanted: that is another proposal.
    tell(&house, at(3), vec![Record::Order(order("big", "S8", 60, OrderStatus::Open))]);
    let loud = row(&house, "S8");
    assert!(!loud.last_time.unwrap().quiet);
    house.undo(buyer("ann"), None).unwrap();
    assert_eq!(row(&house, "S8").last_time, None);
}

#[test]
fn other_terms_are_tried_without_deciding_anything() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let ask_if = |change: Change| match ask(
        &house,
        Query::WhatIf("S8".into(), SiteId::main(), None, change),
    ) {
        Answer::WhatIf(Some(plan)) => plan.proposal().unwrap().clone(),
        other => panic!("{other:?}"),
    };
    let as_is = ask_if(Change::default());
    assert_eq!(Some(&as_is), row(&house, "S8").plan.proposal());
    let later = ask_if(Change { lead_days: 14, ..Change::default() });
    assert!(later.qty > as_is.qty);
    let more = ask_if(Change { uplift: 1.0, ..Change::default() });
    assert!(more.qty > as_is.qty && more.without.risk > as_is.without.risk);
    let asked = |from: Option<&str>, change: Change| {
        let from = from.map(SupplierId::from);
        questions::answer(&house, Query::WhatIf("S8".into(), SiteId::main(), from, change))
    };
    let refused = |from, change| asked(from, change).unwrap_err().message;
    let few = Change { qty: Some(Qty::units(13)), ..Change::default() };
    assert!(refused(None, few).contains("packs of 12"), "{}", refused(None, few));
    let past = Change { due: Some(house.today().plus(-1)), ..Change::default() };
    assert!(refused(None, past).contains("is over"), "{}", refused(None, past));
    let nobody = refused(Some("S99"), Change::default());
    assert!(nobody.contains("S99"), "{nobody}");
    let usual = asked(Some("ACME"), Change::default()).unwrap();
    assert_eq!(usual, asked(None, Change::default()).unwrap());
    assert!(house.purchasing.read().last() == 0, "nothing was decided");
}

#[test]
fn one_bulk_order_does_not_inflate_what_is_ordered_and_is_named() {
    let proposal = |bulk: bool| {
        let dir = tempfile::tempdir().unwrap();
        let house = supplied(dir.path());
        if bulk {
            tell(&house, at(2), vec![sold("bulk", "S8", 600, 9)]);
            pass(&house, &mut Maker::default());
        }
        row(&house, "S8").plan.proposal().unwrap().clone()
    };
    let (usual, after) = (proposal(false), proposal(true));
    let [one] = after.one_offs.as_slice() else { panic!("{:?}", after.one_offs) };
    assert_eq!(one.units, Qty::units(600));
    let more = after.order_up_to.to_f64() / usual.order_up_to.to_f64();
    assert!((0.8..1.25).contains(&more), "{} and {}", usual.order_up_to, after.order_up_to);
}

#[test]
fn what_binds_buying_an_item_binds_its_proposal_and_outlives_the_owner() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let free = row(&house, "S8").plan.proposal().unwrap().qty;
    let terms = SkuTerms { most: Some(Qty::units(20)), ..SkuTerms::bare("S8".into()) };
    tell(&house, at(2), vec![Record::Terms(terms)]);
    let bound = row(&house, "S8");
    let bound = bound.plan.proposal().unwrap();
    assert!(bound.qty < free && bound.qty < Qty::units(36), "{} after {free}", bound.qty);
    assert!(bound.why.iter().any(|step| step.source == Source::Storage { most: Qty::units(20) }));
    let euro = UnitPrice::parse("2.20", Currency::parse("EUR").unwrap()).unwrap();
    let breaks = Some([PriceBreak { from: Qty::units(48), cost: euro }].into());
    let terms = SkuTerms { breaks, ..SkuTerms::bare("S8".into()) };
    tell(&house, at(3), vec![Record::Terms(terms)]);
    let Plan::Blocked(blocked) = row(&house, "S8").plan else { panic!("two currencies") };
    assert!(blocked.to_string().contains("EUR"), "{blocked}");
    // The least of a site binds that site.
    let before = row(&house, "S5").plan.proposal().unwrap().qty;
    let least = |site: &str| StockBounds {
        sku: "S5".into(),
        site: Some(site.into()),
        least: Some(Qty::units(400)),
        most: None,
    };
    tell(&house, at(4), vec![Record::Bounds(least("north"))]);
    assert_eq!(row(&house, "S5").plan.proposal().unwrap().qty, before);
    tell(&house, at(5), vec![Record::Bounds(least("main"))]);
    let least = row(&house, "S5");
    let least = least.plan.proposal().unwrap();
    assert_eq!((least.order_up_to, least.qty), (Qty::units(400), Qty::units(398)));
    assert!(least.why.iter().any(|step| step.source == Source::Least { least: Qty::units(400) }));
    drop(house);
    let again = self::house(dir.path());
    let book = again.stock.read();
    let bounds = |sku: &str, site: &str| book.bounds_at(&sku.into(), &site.into());
    assert_eq!(bounds("S8", "main"), (None, Some(Qty::units(20))));
    assert_eq!(bounds("S5", "north"), (Some(Qty::units(400)), None));
}

#[test]
fn stock_that_lies_idle_is_listed_with_what_it_cost() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let price = UnitPrice::parse("1.50", Currency::GBP);
    let product = |sku: &str| Record::Product(Product { cost: price, ..Product::bare(sku.into()) });
    let came = received("NEW");
    let records = vec![
        product("GONE"),
        on_hand("GONE", 7, at(0)),
        product("NEVER"),
        on_hand("NEVER", 3, at(0)),
        product("NEW"),
        on_hand("NEW", 0, at(0)),
        Record::Receipt(came),
    ];
    tell(&house, at(2), records);
    let listed = |filter: &str| {
        let sort = Some("idle_value".into());
        let page = PageOf {
            filter: filter.into(),
            sort,
            descending: true,
            limit: 50,
            ..PageOf::default()
        };
        let Answer::Stock(rows) = ask(&house, Query::Stock(page)) else { panic!() };
        let line = |row: &StockRow| {
            let idle = row.idle.unwrap();
            (row.sku.to_string(), idle.units, idle.value.map(|value| value.to_string()))
        };
        rows.rows.iter().map(line).collect::<Vec<_>>()
    };
    let dead = [("GONE", 7, "10.50"), ("NEVER", 3, "4.50")];
    let dead = dead.map(|(sku, n, value)| (sku.to_owned(), Qty::units(n), Some(value.to_owned())));
    assert_eq!(listed("is:dead"), dead, "what came yesterday may yet sell");
    let excess = listed("is:excess");
    assert_eq!(excess.len(), 1);
    // It sells four a day: 720 in half a year, if not a good deal more.
    let (sku, units, _) = &excess[0];
    assert!(sku == "S7" && (Qty::units(1_500)..Qty::units(3_300)).contains(units), "{units}");
    assert!(listed("is:dead idle_value:>5").len() == 1);
}

#[test]
fn the_order_with_the_most_urgent_line_comes_first_and_tells_its_sum_and_its_minimum() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let least = Money::parse("10", Currency::GBP);
    let other = Supplier {
        id: "BEST".into(),
        name: "Best".into(),
        lead_time_days: Some(6),
        review_weekday: None,
        min_order: least,
    };
    let product = |sku: &str| {
        Record::Product(Product {
            supplier: Some("BEST".into()),
            cost: UnitPrice::parse("2.50", Currency::GBP),
            pack: Some(Qty::units(1)),
            ..Product::bare(sku.into())
        })
    };
    let news = vec![
        Record::Supplier(other),
        product("S3"),
        product("S2"),
        on_hand("S3", 1, at(2)),
        on_hand("S2", 5, at(2)),
        on_hand("S5", 9, at(2)),
    ];
    tell(&house, at(3), news);
    let listed = || -> Vec<(String, i32)> {
        let rows = rows(&house, "is:proposed").into_iter();
        let slack = |row: &ReorderRow| row.plan.proposal().unwrap().slack_days().unwrap();
        rows.map(|row| (row.stock.supplier.clone().unwrap().to_string(), slack(&row))).collect()
    };
    let all = listed();
    let most = all.iter().map(|(_, slack)| *slack).min();
    assert_eq!(Some(all[0].1), most, "the most urgent line stands first: {all:?}");
    let changes = all.windows(2).filter(|two| two[0].0 != two[1].0).count();
    assert_eq!(changes, 1, "and lines of one order together: {all:?}");

    let order = |sku: &str| row(&house, sku).order.unwrap();
    let (lines, total) = {
        let rows = rows(&house, "supplier:best");
        let values = rows.iter().map(|row| row.plan.proposal().unwrap().with.value);
        (rows.len() as u32, total(values))
    };
    let so_far = order("S3");
    assert_eq!((so_far.lines, &so_far.total, so_far.least), (lines, &total, least));
    assert_eq!(so_far.approved, Total::default());
    let line = shown(&row(&house, "S3"));
    house.decide(buyer("ann"), Decision::Approve(line), "").unwrap();
    let after = order("S2");
    let approved = after.approved.exact().unwrap();
    assert_eq!(after.missing([]).unwrap().minor, 1_000 - approved.minor);
    // What is placed keeps its place for the day: somebody is at work on the list.
    let clock = house.sim.clone().unwrap();
    clock.advance_to(clock.now() + Span::minutes(11));
    house.place_next().unwrap().unwrap();
    assert_eq!(listed()[0].0, "BEST");
    clock.advance_to(clock.now() + Span::days(1));
    let all = listed();
    let most = all.iter().map(|(_, slack)| *slack).min();
    assert_eq!(Some(all[0].1), most, "{all:?}");
}

#[test]
fn what_is_to_be_ordered_is_not_known_before_forecasts_are_made() {
    let dir = tempfile::tempdir().unwrap();
    let house = selling(dir.path());
    let waits = || match ask(&house, Query::Status) {
        Answer::Status(status) => status.plan_waits.map(String::from),
        other => panic!("{other:?}"),
    };
    assert_eq!(waits().as_deref(), Some("forecasts are being made"));
    pass(&house, &mut Maker::default());
    assert_eq!(waits(), None);
    let feed = FeedId::from("shop");
    house.board.register(&feed, "woocommerce", std::time::Duration::from_secs(60));
    house.board.state(&feed, crate::feed::FeedState::Starting);
    assert_eq!(waits(), None, "what was planned stands while a feed begins anew");
    let empty = tempfile::tempdir().unwrap();
    let nothing = super::house(empty.path());
    let Answer::Status(status) = ask(&nothing, Query::Status) else { panic!() };
    assert_eq!(status.plan_waits, None, "where nothing sells nothing is waited for");
}
