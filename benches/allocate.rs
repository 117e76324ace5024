//! Allocation: the six shared instances, each with what it costs, how far from the bound and from the best known that is, and
//! what two rules of products cost; then 20 orders that arrive one after another at 5,000 open lines, for the solver
//! alone and through the engine: told as a feed tells them, gathered, priced and allocated, until an answer has them.
//! Without the shared folder own instances stand in: three of the tests, and 25 of the largest side by side.
//! `cargo bench --bench allocate`.

mod measure;

use measure::report;
use measure::stores::Home;
use serde_json::Value;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use stockdeck::config::Config;
use stockdeck::domain::*;
use stockdeck::engine::api::{AllocationAbout, Answer, PageOf, Query, StoreKind};
use stockdeck::engine::demo::DemoSetup;
use stockdeck::engine::{Backend, Engine, Handle, Setup};
use stockdeck::plan::allocate::{
    Assignment, Instance, Options, allocate, check, per_line, reallocate, whole_order,
};

/// Open orders of the engine's store, each of two lines, and its SKUs.
const OPEN: usize = 2_500;
const SKUS: usize = 600;
const SITES: [&str; 3] = ["LEEDS", "YORK", "BRISTOL"];
/// How long anything may take to be seen.
const PATIENCE: Duration = Duration::from_secs(300);
/// Orders that arrive one after another.
const ARRIVE: usize = 20;
/// Side by side they have 5,000 lines.
const COPIES: usize = 25;
const BAR_S: f64 = 5.0;
const BAR_PERCENT: f64 = 1.0;
const BAR_MS: f64 = 50.0;

fn main() {
    report::machine();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = here.join("../shared/planning/allocation");
    let own = here.join("tests/fixtures/allocation");
    let folder = if shared.join("reference.json").exists() { &shared } else { &own };
    let references: Value = parsed(&folder.join("reference.json"));
    let mut largest = None;
    for reference in references.as_array().expect("a list of references") {
        let name = reference["name"].as_str().expect("a name");
        let instance: Instance = parsed(&folder.join(format!("{name}.json")));
        one(&instance, reference["best_cost"].as_f64().expect("a cost"));
        largest = Some(instance);
    }
    let largest = largest.expect("at least one instance");
    let open = if folder == &shared { largest } else { side_by_side(&largest) };
    arrivals(&open);
    tokio::runtime::Runtime::new().expect("a runtime").block_on(through_the_engine());
}

/// An order of two lines for one of the demo's three sites.
fn open_order(number: usize, now: Timestamp) -> Record {
    let line = |sku: usize| OrderLine {
        sku: Sku::new(format!("SKU-{:03}", sku % SKUS)),
        class: LineClass::Product,
        qty: Qty::units(1 + (number % 3) as i64),
        cancelled: Qty::ZERO,
        price: UnitPrice { e4: 89_500, currency: Currency::GBP },
    };
    let placed_at = now - Span::minutes((number % 600) as i64);
    Record::Order(Order {
        key: OrderKey { feed: FeedId::new("shop"), number: OrderNo::new(number.to_string()) },
        kind: OrderKind::Sale,
        status: OrderStatus::Open,
        placed_at,
        updated_at: placed_at,
        shipped_at: None,
        site: SiteId::new(SITES[number % 3]),
        customer: None,
        country: Some(Country::new("GB")),
        total: Money { minor: 1_790, currency: Currency::GBP },
        aside: Aside::default(),
        lines: vec![line(number * 7), line(number * 11 + 3)],
    })
}

/// About as much of each SKU as is wanted, so that many orders do not find all of theirs at their site.
fn shelf(sku: usize, site: &str, now: Timestamp) -> Record {
    Record::Stock(StockReport {
        sku: Sku::new(format!("SKU-{sku:03}")),
        site: SiteId::new(site),
        qty: Some(Qty::units(4 + (sku % 5) as i64)),
        basis: StockBasis::OnHand,
        as_of: now - Span::minutes(700),
    })
}

fn page(feed: &FeedId, asked: Timestamp, records: Vec<Record>) -> Page {
    let (rejects, private) = (Vec::new(), Private::default());
    Page { feed: feed.clone(), asked, records, rejects, private, cursor: None, progress: None }
}

/// Waits until so many orders are allocated together.
async fn allocated(backend: &Handle, orders: usize) -> AllocationAbout {
    let began = Instant::now();
    loop {
        let page = PageOf { limit: 1, ..PageOf::default() };
        let answer = backend.ask(Query::Allocations(page)).await.expect("an answer");
        let Answer::Allocations(_, about) = answer else { panic!("another answer: {answer:?}") };
        if about.orders[0] as usize == orders {
            return *about;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain: {about:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn through_the_engine() {
    report::head(&format!("{ARRIVE} orders arrive at {} open lines, through the engine", 2 * OPEN));
    let home = Home::fresh("allocate");
    std::fs::create_dir_all(home.data_dir()).expect("a folder");
    let mut config = Config::default();
    config.shipping = Some(stockdeck::plan::shipping::ShippingTerms::demo());
    let setup = Setup {
        data_dir: home.data_dir(),
        kind: StoreKind::Live,
        config,
        demo: DemoSetup::default(),
        paused: true,
        trainer: None,
    };
    let backend = Handle(Engine::open(setup).expect("an engine"));
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let feed = backend.feed(&FeedId::new("shop"), "bench", stopped);
    // It is answered once the store is loaded.
    backend.ask(Query::Orders(PageOf::default())).await.expect("an answer");
    let now = backend.now();
    let site =
        |id: &str| Record::Site(Site { id: SiteId::new(id), name: id.into(), zone: "UTC".into() });
    let shelves = (0..SKUS).flat_map(|sku| SITES.map(|site| shelf(sku, site, now)));
    let open = (0..OPEN).map(|number| open_order(number, now));
    for records in [SITES.map(site).into(), shelves.collect(), open.collect::<Vec<_>>()] {
        feed.ledger.apply(page(&feed.id, now, records)).await.expect("a page that is taken");
    }
    let first = allocated(&backend, OPEN).await;
    report::line("all of them anew", first.took_ms as f64 / 1000.0, "s", Some(BAR_S));
    report::line("gap to the own bound", first.gap() * 100.0, "%", None);
    let (mut took, mut seen) = (Vec::new(), Vec::new());
    for more in OPEN..OPEN + ARRIVE {
        let (began, now) = (Instant::now(), backend.now());
        let told = page(&feed.id, now, vec![open_order(more, now)]);
        feed.ledger.apply(told).await.expect("a page that is taken");
        took.push(allocated(&backend, more + 1).await.took_ms as f64);
        seen.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let told = "gathered, priced and allocated";
    report::line(&format!("{told}, p50"), report::percentile(&took, 0.5), "ms", Some(BAR_MS));
    report::line(&format!("{told}, worst"), report::percentile(&took, 1.0), "ms", Some(BAR_MS));
    // It is looked for changes once a second.
    report::line("until an answer has it, p50", report::percentile(&seen, 0.5), "ms", None);
    backend.0.close().await;
}

fn parsed<T: serde::de::DeserializeOwned>(path: &PathBuf) -> T {
    let text = read_to_string(path).expect("a file that can be read");
    serde_json::from_str(&text).expect("a file in the schema of allocation")
}

fn one(instance: &Instance, best: f64) {
    report::head(&format!("{}, best known {best}", instance.name));
    let found = allocate(instance, &Options::default(), &|| false).expect("an allocation");
    let cost = found.cost.total() as f64;
    let above = |other: f64, base: f64| (other / base - 1.0) * 100.0;
    let rule = |assignments: Vec<Assignment>| {
        check(instance, &assignments).expect("a rule keeps the constraints").total() as f64
    };
    report::line("time", found.took.as_secs_f64(), "s", Some(BAR_S));
    report::line("cost", cost, "cents", None);
    report::line("above the best known", above(cost, best), "%", Some(BAR_PERCENT));
    report::line("own bound", found.bound as f64, "cents", None);
    report::line("gap to it", found.gap() * 100.0, "%", None);
    report::line("each line alone, above this", above(rule(per_line(instance)), cost), "%", None);
    report::line(
        "whole orders first, above this",
        above(rule(whole_order(instance)), cost),
        "%",
        None,
    );
}

/// The first orders of an instance, with their lines; lines stand in the order of orders.
fn first_orders(instance: &Instance, count: usize) -> Instance {
    let mut part = instance.clone();
    part.orders.truncate(count);
    part.lines.retain(|line| line.order < count);
    part
}

/// The last orders arrive one after another, each before the next.
fn arrivals(instance: &Instance) {
    let count = instance.orders.len();
    report::head(&format!("{ARRIVE} orders arrive at {} open lines", instance.lines.len()));
    let start = first_orders(instance, count - ARRIVE);
    let options = Options::default();
    let mut now = allocate(&start, &options, &|| false).expect("an allocation");
    let mut times = Vec::new();
    for order in count - ARRIVE..count {
        let open = first_orders(instance, order + 1);
        let began = Instant::now();
        now = reallocate(&open, &now.assignments, &now.prices, &[order], &options, &|| false)
            .expect("an allocation");
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let anew = allocate(instance, &options, &|| false).expect("an allocation");
    let above = (now.cost.total() as f64 / anew.cost.total() as f64 - 1.0) * 100.0;
    report::line("after one, p50", report::percentile(&times, 0.5), "ms", Some(BAR_MS));
    report::line("after one, worst", report::percentile(&times, 1.0), "ms", Some(BAR_MS));
    report::line("after all, above allocating anew", above, "%", None);
}

/// Copies of an instance that share nothing but the nodes, whose capacity grows with them.
fn side_by_side(instance: &Instance) -> Instance {
    let mut all = Instance { name: "side by side".into(), ..instance.clone() };
    for node in &mut all.nodes {
        node.package_capacity *= COPIES as i64;
    }
    for copy in 1..COPIES {
        let (skus, orders) = (copy * instance.skus.len(), copy * instance.orders.len());
        let lines = copy * instance.lines.len();
        all.skus.extend(instance.skus.iter().map(|it| {
            let mut it = *it;
            it.id += skus;
            it
        }));
        all.stock.extend(instance.stock.iter().map(|it| {
            let mut it = *it;
            it.sku += skus;
            it
        }));
        all.orders.extend(instance.orders.iter().map(|it| {
            let mut it = *it;
            it.id += orders;
            it
        }));
        all.lines.extend(instance.lines.iter().map(|it| {
            let mut it = *it;
            (it.id, it.order, it.sku) = (it.id + lines, it.order + orders, it.sku + skus);
            it
        }));
    }
    all
}
