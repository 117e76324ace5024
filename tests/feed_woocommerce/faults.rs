//! Faults of every kind at every path, against the real engine and its store: nothing is lost, nothing
//! is counted twice, and the reason is on the board.

use super::office::{self, Office};
use super::shop::{Fault, Shop, order, serve};
use super::{Bench, bench, quick, shop};
use serde_json::json;
use std::collections::VecDeque;
use std::time::Duration;
use stockdeck::domain::*;
use stockdeck::engine::api::{Answer, OrderRef, Query};
use stockdeck::feed::run::{Reins, follow_with};
use stockdeck::feed::woocommerce::WooCommerce;
use stockdeck::feed::{FeedError, FeedState, FeedStatus, Source};

const ORDERS: &str = "/wp-json/wc/v3/orders";
const PRODUCTS: &str = "/wp-json/wc/v3/products";
const VARIATIONS: &str = "/wp-json/wc/v3/products/12/variations";
const REFUNDS: &str = "/wp-json/wc/v3/orders/103/refunds";
const SITES: &str = "/stockdeck/v1/sites";
const STOCK: &str = "/stockdeck/v1/stock";

/// The feed of a bench, with the real engine behind it.
struct Live {
    bench: Bench,
    office: Office,
}

async fn live(url: &str) -> Live {
    Live { bench: bench(url), office: office::open(WooCommerce::KIND).await }
}

impl Live {
    fn source(&self) -> WooCommerce {
        WooCommerce::new(&self.office.context.id, self.bench.config.clone()).unwrap()
    }
    async fn sync(&self) -> Result<(), FeedError> {
        self.source().sync(&self.office.context).await
    }
    fn status(&self) -> FeedStatus {
        self.office.context.board.snapshot().remove(0)
    }
    /// Follows the shop until a reading has ended well.
    async fn follow(&self, reins: Reins) {
        let source = Box::new(self.source());
        let task = tokio::spawn(follow_with(source, self.office.context.clone(), reins));
        wait_until(|| self.status().state == FeedState::Live).await;
        self.office.stop.send(true).unwrap();
        task.await.unwrap();
    }
    async fn order(&self, number: u64) -> Option<Order> {
        let asked = OrderRef { feed: None, number: OrderNo::new(number.to_string()) };
        let Answer::Order(told) = self.office.ask(Query::Order(asked)).await else { panic!() };
        told.map(|detail| detail.order)
    }
}

async fn wait_until(condition: impl Fn() -> bool) {
    let reached = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), reached).await.expect("it never came to that");
}

/// The shop with the extension, whose figures count then.
fn extended() -> Shop {
    let mut shop = shop();
    let (zone, at) = ("Europe/London", "2026-02-27T11:00:00Z");
    for (table, items) in [
        ("sites", vec![json!({"id": "main", "zone": zone}), json!({"id": "leeds", "zone": zone})]),
        ("suppliers", Vec::new()),
        ("products", Vec::new()),
        ("stock", vec![json!({"sku": "MUG-BLUE", "site": "main", "on_hand": 40, "as_of": at})]),
        ("purchase-orders", Vec::new()),
        ("receipts", Vec::new()),
        ("adjustments", Vec::new()),
    ] {
        shop.extension.insert(table.into(), items);
    }
    shop
}

async fn undisturbed(shop: Shop) -> String {
    let (_, url) = serve(shop).await;
    let live = live(&url).await;
    live.sync().await.unwrap();
    live.office.truth().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_counts_what_the_shop_sold() {
    let (shared, url) = serve(shop()).await;
    let live = live(&url).await;
    live.sync().await.unwrap();
    let Answer::Demand(series) =
        live.office.ask(Query::Demand { from: None, to: None, after: None, take: 100 }).await
    else {
        panic!()
    };
    let mugs = series.iter().filter(|s| s.sku.as_str() == "MUG-BLUE");
    let counted = mugs.flat_map(|s| s.units.iter()).fold(Qty::ZERO, |sum, qty| sum + *qty);
    // 23 plain orders of one, three in the open sample, and what the other samples hold of them.
    let least = {
        let shop = shared.lock().unwrap();
        let sold = shop.orders.values().filter(|o| o["status"] != "trash");
        let lines = sold.flat_map(|o| o["line_items"].as_array().cloned().unwrap_or_default());
        lines.filter(|l| l["sku"] == "MUG-BLUE").count() as i64
    };
    assert!(least >= 24 && counted >= Qty::units(least), "{counted} of at least {least}");
    let Answer::Stock(stock) = live.office.ask(Query::Stock(Default::default())).await else {
        panic!()
    };
    assert!(stock.total > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_at_any_path_loses_or_doubles_anything() {
    let faults = [
        (Fault::NoAnswer, "did not answer within 60 ms"),
        (Fault::CutMidBody, "broke off in the middle of its answer"),
        (Fault::Status(429, Some("0")), "asks for fewer requests (429)"),
        (Fault::Status(500, None), "failed on its side (500, some_code)"),
        (Fault::WebPage, "a web page (\"Back soon\") instead of JSON"),
        (Fault::BadGzip, "does not unpack"),
        (Fault::TornJson, "JSON that breaks off"),
        (Fault::PageNotFound, "not by the shop itself"),
        (Fault::TooLong, "lower per_page"),
    ];
    let plain = undisturbed(shop()).await;
    let with_extension = undisturbed(extended()).await;
    assert_ne!(plain, with_extension);
    for path in [ORDERS, PRODUCTS, VARIATIONS, REFUNDS, SITES, STOCK] {
        let extension = path.starts_with("/stockdeck");
        for (fault, reason) in &faults {
            let mut shop = if extension { extended() } else { shop() };
            let turns = [Some(fault.clone()), None, Some(fault.clone())];
            shop.faults_at.insert(path.into(), VecDeque::from(turns));
            let (_, url) = serve(shop).await;
            let live = live(&url).await;
            let reins = quick();
            live.follow(Reins { pacing: hasty(&reins), ..reins }).await;
            let truth = live.office.truth().await;
            let expected = if extension { &with_extension } else { &plain };
            assert!(truth == *expected, "{fault:?} at {path}: {}", difference(expected, &truth));
            let status = live.status();
            // A page where the extension may be is asked about again, not told.
            if path != SITES || status.errors > 0 {
                let shown = status.last_error.unwrap_or_default();
                assert!(shown.contains(reason) && shown.contains(path), "{fault:?}: {shown}");
                assert!(!shown.contains("never_shown"), "{shown}");
            }
        }
    }
}

/// No wait after errors that a person would have to mend either.
fn hasty(reins: &Reins) -> stockdeck::feed::run::Pacing {
    stockdeck::feed::run::Pacing { permanent: Duration::ZERO, ..reins.pacing }
}

fn difference(expected: &str, told: &str) -> String {
    let pair = expected.lines().zip(told.lines()).find(|(a, b)| a != b);
    format!("{pair:?}, {} lines for {}", told.lines().count(), expected.lines().count())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_whose_other_paths_answer_with_anything_is_read() {
    let expected = undisturbed(shop()).await;
    for fault in [
        Fault::WebPage,
        Fault::NotAList,
        Fault::Redirect,
        Fault::PageNotFound,
        Fault::Status(401, None),
        Fault::Status(403, None),
        Fault::Status(405, None),
    ] {
        let mut shop = shop();
        shop.faults_at.insert(SITES.into(), vec![Some(fault.clone()); 50].into());
        let (_, url) = serve(shop).await;
        let live = live(&url).await;
        live.sync().await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert!(live.office.truth().await == expected, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_and_pages_that_come_twice_count_once() {
    let expected = undisturbed(shop()).await;
    let (_, url) = serve(Shop { doubled: true, ..shop() }).await;
    let live = live(&url).await;
    live.sync().await.unwrap();
    assert!(live.office.truth().await == expected);

    let (shared, url) = serve(shop()).await;
    let live = self::live(&url).await;
    let mut source = live.source();
    source.sync(&live.office.context).await.unwrap();
    {
        let mut shop = shared.lock().unwrap();
        let newest = 7 * 1440 + 10 * 60 + 6;
        for id in 300..309 {
            shop.orders.insert(id, order(id, "processing", newest, newest));
        }
        shop.stuck = 1;
    }
    let error = source.sync(&live.office.context).await.unwrap_err();
    assert!(error.to_string().contains("answered with page 1 for page 2"), "{error}");
    source.sync(&live.office.context).await.unwrap();
    for id in 300..309 {
        assert!(live.order(id).await.is_some(), "order {id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_that_comes_late_changes_nothing() {
    let (shared, url) = serve(shop()).await;
    let live = live(&url).await;
    let newest = 7 * 1440 + 10 * 60 + 5;
    shared.lock().unwrap().orders.insert(2, order(2, "completed", 0, newest - 1));
    live.sync().await.unwrap();
    let known = live.office.truth().await;
    shared.lock().unwrap().orders.insert(2, order(2, "processing", 0, newest - 3));
    live.sync().await.unwrap();
    assert_eq!(live.order(2).await.unwrap().status, OrderStatus::Shipped);
    assert!(live.office.truth().await == known);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_that_a_shop_asks_for_as_a_date_is_kept() {
    let mut shop = shop();
    shop.faults = [Some(Fault::BusyUntil(40))].into();
    let (_, url) = serve(shop).await;
    let live = live(&url).await;
    let reins = quick();
    let poke = reins.poke.clone();
    let source = Box::new(live.source());
    let task = tokio::spawn(follow_with(source, live.office.context.clone(), reins));
    wait_until(|| live.status().errors == 1).await;
    let status = live.status();
    assert!(status.next_try_in_ms.is_some_and(|ms| (20_000..=40_000).contains(&ms)), "{status:?}");
    assert!(status.state.trouble().unwrap().contains("503"), "{status:?}");
    poke.notify_one();
    wait_until(|| live.status().state == FeedState::Live).await;
    live.office.stop.send(true).unwrap();
    task.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_empty_by_mistake_does_not_end_the_history() {
    let expected = undisturbed(shop()).await;
    let mut shop = shop();
    shop.faults = std::iter::once(None).chain(vec![Some(Fault::EmptyList); 8]).collect();
    let empty = [Some(Fault::EmptyList)];
    shop.faults_at.insert(PRODUCTS.into(), empty.into());
    let (_, url) = serve(shop).await;
    let mut live = live(&url).await;
    live.bench.config.confirm_after = Duration::from_secs(3_600);
    for _ in 0..9 {
        live.sync().await.unwrap();
    }
    assert!(live.office.truth().await != expected, "the test told nothing");
    live.bench.config.confirm_after = Duration::ZERO;
    live.sync().await.unwrap();
    let truth = live.office.truth().await;
    assert!(truth == expected, "{}", difference(&expected, &truth));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_list_that_can_never_be_read_holds_up_nothing_else() {
    for fault in [Fault::Status(500, None), Fault::Status(400, None), Fault::TooLong] {
        let mut shop = shop();
        for path in [REFUNDS, VARIATIONS] {
            shop.faults_at.insert(path.into(), vec![Some(fault.clone()); 200].into());
        }
        let (shared, url) = serve(shop).await;
        let live = live(&url).await;
        let mut source = live.source();
        let mut failures = 0;
        while let Err(error) = source.sync(&live.office.context).await {
            failures += 1;
            assert!(failures < 20, "{fault:?} blocks the feed: {error}");
        }
        assert!(live.order(103).await.is_none() && live.order(105).await.is_some());
        let Answer::Quarantine(rejects) = live
            .office
            .ask(Query::Quarantine(stockdeck::engine::api::PageOf {
                limit: 100,
                ..Default::default()
            }))
            .await
        else {
            panic!()
        };
        let of = |part: &str| rejects.rows.iter().filter(|r| r.reject.place.contains(part)).count();
        assert_eq!((of("orders/103"), of("products/12")), (1, 1), "{rejects:?}");
        assert!(
            rejects.rows.iter().any(|r| r.reject.reason.contains("its refunds cannot be read"))
        );
        // Once it can be read, the wheel finds it.
        shared.lock().unwrap().faults_at.clear();
        for _ in 0..2 {
            source.sync(&live.office.context).await.unwrap();
        }
        assert!(live.order(103).await.is_some(), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_takes_an_order_away_only_in_the_shops_own_words() {
    let (shared, url) = serve(shop()).await;
    let live = live(&url).await;
    let mut source = live.source();
    source.sync(&live.office.context).await.unwrap();
    {
        let mut shop = shared.lock().unwrap();
        shop.orders.remove(&1);
        let path = "/wp-json/wc/v3/orders/1".to_owned();
        shop.faults_at.insert(path, [Some(Fault::PageNotFound)].into());
    }
    while source.sync(&live.office.context).await.is_ok() {}
    assert_eq!(live.order(1).await.unwrap().status, OrderStatus::Open);
    for _ in 0..2 {
        source.sync(&live.office.context).await.unwrap();
    }
    assert_eq!(live.order(1).await.unwrap().status, OrderStatus::Gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_survives_restarts_and_finds_what_is_gone() {
    let (shared, url) = serve(shop()).await;
    let mut live = live(&url).await;
    live.sync().await.unwrap();
    // A final order: the wheel of open ones does not look at it.
    shared.lock().unwrap().orders.remove(&4);
    live.sync().await.unwrap();
    assert_eq!(live.order(4).await.unwrap().status, OrderStatus::Shipped);
    // Each reading is that of a new process: what is due must not depend on how long it has run.
    live.bench.config.sweep_every = Duration::ZERO;
    live.sync().await.unwrap();
    assert_eq!(live.order(4).await.unwrap().status, OrderStatus::Gone);
    live.bench.config.sweep_every = Duration::from_secs(86_400);
    shared.lock().unwrap().log.clear();
    live.sync().await.unwrap();
    let log = shared.lock().unwrap().log.clone();
    assert!(!log.iter().any(|asked| asked.contains("orderby=date")), "it swept again: {log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_shop_writes_reaches_a_terminal_as_a_command() {
    let hostile = "\u{1b}]0;pwned\u{7}Mug\u{1b}[2J\u{202e}\u{9b}31m";
    let mut shop = shop();
    shop.products[0]["name"] = json!(hostile);
    let mut sly = order(500, "processing", 10, 20);
    sly["customer_note"] = json!(hostile);
    sly["line_items"][0]["sku"] = json!(hostile);
    sly["shipping"] = json!({"country": hostile});
    shop.orders.insert(500, sly);
    let mut odd = order(501, hostile, 10, 20);
    odd["currency"] = json!(hostile);
    shop.orders.insert(501, odd);
    let (_, url) = serve(shop).await;
    let live = live(&url).await;
    live.sync().await.unwrap();
    let page = || stockdeck::engine::api::PageOf { limit: 1_000, ..Default::default() };
    assert!(live.order(500).await.unwrap().aside.noted);
    let asked = OrderRef { feed: None, number: OrderNo::new("500") };
    for query in [
        Query::Orders(page()),
        Query::Order(asked),
        Query::Stock(page()),
        Query::Quarantine(page()),
        Query::Overview,
        Query::Feeds,
    ] {
        let told = serde_json::to_string(&live.office.ask(query).await).unwrap();
        // What JSON has escaped before is text already, and may be shown.
        let told = told.replace("\\\\", "");
        for bad in ["\\u001b", "\\u0007", "\u{202e}", "\u{9b}"] {
            assert!(!told.contains(bad), "{bad:?} in {told}");
        }
    }
}
