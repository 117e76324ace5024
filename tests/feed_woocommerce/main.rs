//! The WooCommerce feed against a shop on loopback: what it understands, and that no fault of the
//! shop, the network or our own process loses or doubles anything.

mod book;
mod faults;
#[path = "../office/mod.rs"]
mod office;
mod shop;

use book::Book;
use serde_json::{Value, json};
use shop::{Fault, Shared, Shop, minute, order, serve};
use std::sync::Arc;
use std::time::Duration;
use stockdeck::domain::*;
use stockdeck::feed::http::{Credentials, Limits};
use stockdeck::feed::pseudonym::Pseudonyms;
use stockdeck::feed::run::{Pacing, Reins, follow_with};
use stockdeck::feed::woocommerce::{Config, WooCommerce};
use stockdeck::feed::{FeedBoard, FeedContext, FeedError, FeedState, FeedStatus, Pending, Source};
use tokio::sync::{mpsc, watch};

const NOW: &str = "2026-02-27T12:00:00Z";
const SECRET: &str = "cs_never_shown";

struct Bench {
    book: Arc<Book>,
    context: FeedContext,
    stop: watch::Sender<bool>,
    config: Config,
}

fn bench(url: &str) -> Bench {
    let book = Arc::new(Book::new(NOW));
    let (stop, stopped) = watch::channel(false);
    let board = Arc::new(FeedBoard::default());
    let id = FeedId::from("shop");
    board.register(&id, WooCommerce::KIND, Duration::from_secs(5));
    let context = FeedContext {
        id,
        ledger: book.clone(),
        board,
        pseudonyms: Arc::new(Pseudonyms::new([3; 32])),
        stop: stopped,
    };
    let credentials = Credentials { key: "ck_never_shown".into(), secret: SECRET.into() };
    let limits = Limits {
        idle: Duration::from_millis(60),
        request: Duration::from_millis(400),
        body: shop::TOO_LONG,
        ..Limits::default()
    };
    // A poll between any two pages of history, so that they get into each other's way if they can.
    let poll = Duration::ZERO;
    let config = Config {
        per_page: 3,
        wheel_every: 2,
        poll,
        confirm_after: Duration::ZERO,
        limits,
        ..Config::new(url, credentials)
    };
    Bench { book, context, stop, config }
}

impl Bench {
    fn source(&self) -> WooCommerce {
        WooCommerce::new(&self.context.id, self.config.clone()).unwrap()
    }
    async fn sync(&self) -> Result<(), FeedError> {
        self.source().sync(&self.context).await
    }
    fn status(&self) -> FeedStatus {
        self.context.board.snapshot().remove(0)
    }
}

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn by_key(value: Value) -> std::collections::HashMap<String, Value> {
    value.as_object().unwrap().clone().into_iter().collect()
}

/// The samples, one of them not to be understood, among 23 plain orders: several share a minute.
fn shop() -> Shop {
    let samples = fixture(include_str!("../fixtures/woocommerce/orders.json"));
    let plain = (1..=23).map(|n| {
        let placed = 60 * n - n % 3 * 60;
        order(n, if n % 4 == 0 { "completed" } else { "processing" }, placed, placed + 30)
    });
    let orders = samples.as_array().unwrap().iter().cloned().chain(plain);
    Shop {
        orders: orders.map(|o| (o["id"].as_u64().unwrap(), o)).collect(),
        refunds: by_key(fixture(include_str!("../fixtures/woocommerce/refunds.json"))),
        products: fixture(include_str!("../fixtures/woocommerce/products.json"))
            .as_array()
            .unwrap()
            .clone(),
        variations: by_key(fixture(include_str!("../fixtures/woocommerce/variations.json"))),
        now: NOW.into(),
        ..Shop::default()
    }
}

async fn undisturbed(shop: Shop) -> String {
    let (_, url) = serve(shop).await;
    let bench = bench(&url);
    bench.sync().await.unwrap();
    assert_eq!(bench.book.orders().len(), 28);
    bench.book.truth()
}

#[tokio::test]
async fn the_samples_are_understood() {
    let (_, url) = serve(shop()).await;
    let bench = bench(&url);
    bench.sync().await.unwrap();
    let book = &bench.book;

    let open = book.order(101);
    assert_eq!((open.status, open.site.as_str()), (OrderStatus::Open, "leeds"));
    assert_eq!(open.country.as_ref().unwrap().as_str(), "IE");
    let private = book.private();
    let note = private.notes.iter().find(|note| note.order == open.key).unwrap();
    assert_eq!((open.aside.noted, &*note.text), (true, "Ring twice & wait]0;pwned"));
    let of = |who: &CustomerRef| private.persons.iter().find(|(known, _)| known == who).cloned();
    let (_, mallory) = of(open.customer.as_ref().unwrap()).unwrap();
    assert_eq!((&*mallory.names[0], mallory.names.len()), ("[2JMallory", 1));
    assert_eq!(&*mallory.emails[0], "Mallory@Example.com");
    assert!(mallory.addresses.is_empty(), "a country alone is no address");
    assert_eq!(open.customer, bench.context.pseudonyms.of("mallory@example.com"));
    assert_eq!(open.total, Money { minor: 2350, currency: Currency::GBP });
    assert_eq!(open.updated_at.to_string(), "2026-02-27T10:05:00Z");
    let lines: Vec<String> =
        open.lines.iter().map(|l| format!("{} {} {}", l.sku, l.qty, l.price)).collect();
    assert_eq!(lines, ["MUG-BLUE 3 3.3333", "id:12-121 1 8.50"]);

    let shipped = book.order(102);
    assert_eq!((shipped.status, shipped.total.minor), (OrderStatus::Shipped, 1200));
    assert_eq!(shipped.shipped_at.unwrap().to_string(), "2026-02-22T09:00:00Z");
    assert_eq!(shipped.customer, bench.context.pseudonyms.of("customer:77"));
    assert_eq!((shipped.site.as_str(), shipped.lines.len()), ("main", 1));

    let partly = book.order(103);
    assert_eq!(partly.status, OrderStatus::Open);
    assert_eq!(partly.lines[0].cancelled, Qty::units(1));
    assert_eq!(partly.units(), Qty::units(4));

    let returned = book.order(104);
    assert_eq!(returned.status, OrderStatus::Refunded);
    assert_eq!(returned.units(), Qty::units(2), "what was sent back was still sold");
    let called_off = book.order(105);
    assert_eq!((called_off.status, called_off.units()), (OrderStatus::Refunded, Qty::ZERO));

    let rejects = book.rejects();
    let [reject] = rejects.as_slice() else { panic!("{rejects:?}") };
    assert_eq!(&*reject.place, "/wp-json/wc/v3/orders/106");
    assert_eq!(&*reject.reason, "line 8 has no quantity that is one");
    let shown = reject.excerpt.to_lowercase();
    assert!(shown.contains("106") && !shown.contains("eve"), "{shown}");

    let others = book.others();
    let Record::Product(mug) = &others["product MUG-BLUE"] else { panic!() };
    assert_eq!(mug.name.as_deref(), Some("Mug – blue"));
    assert_eq!(mug.category.as_ref().unwrap().as_str(), "Mugs & cups");
    assert_eq!(mug.price.unwrap().to_string(), "4.00");
    let Record::Product(shirt) = &others["product SHIRT-M"] else { panic!() };
    assert_eq!(shirt.name.as_deref(), Some("Shirt, M"));
    let stock = |sku: &str| match &others[&format!("stock {sku}@main")] {
        Record::Stock(report) => (report.basis, report.qty),
        other => panic!("{other:?}"),
    };
    assert_eq!(stock("MUG-BLUE"), (StockBasis::Available, Some(Qty::units(-2))));
    assert_eq!(stock("id:12-121").1, Some(Qty::units(7)));
    assert_eq!(stock("SHIRT-M").1, None, "it is counted with its parent");
    assert_eq!(stock("CARD").1, None, "unknown is not zero");
    assert!(others.contains_key("site main"));
}

#[tokio::test]
async fn the_extension_tells_what_woocommerce_cannot() {
    let mut shop = shop();
    for (table, item) in [
        ("sites", json!({"id": "leeds", "name": "Leeds", "zone": "Europe/London"})),
        (
            "suppliers",
            json!({"id": "S1", "name": "Potters &amp; Co", "lead_time_days": 12,
            "review_weekday": 2, "min_order_value": "250.00", "currency": "GBP"}),
        ),
        (
            "products",
            json!({"sku": "MUG-BLUE", "category": "mugs", "unit_cost": "1.2345",
            "currency": "GBP", "pack": 6, "moq": 12, "supplier": "S1"}),
        ),
        (
            "stock",
            json!({"sku": "MUG-BLUE", "site": "leeds", "on_hand": 40,
            "as_of": "2026-02-27T11:00:00Z"}),
        ),
        (
            "purchase-orders",
            json!({"number": "PO1", "supplier": "S1", "site": "leeds",
            "status": "partly_received", "ordered_at": "2026-02-20T00:00:00Z",
            "due_at": "2026-03-04T00:00:00Z", "updated_at": "2026-02-26T00:00:00Z",
            "currency": "GBP", "lines": [{"sku": "MUG-BLUE", "qty": 60, "received": 24, "unit_cost": "1.2"}]}),
        ),
        (
            "receipts",
            json!({"id": "R1", "po": "PO1", "supplier": "S1", "sku": "MUG-BLUE",
            "site": "leeds", "qty": 24, "ordered_at": null, "due_at": null,
            "received_at": "2026-02-26T00:00:00Z"}),
        ),
        (
            "adjustments",
            json!({"id": "A1", "sku": "MUG-BLUE", "site": "leeds", "delta": -2,
            "at": "2026-02-26T08:00:00Z", "reason": "broken\u{1b}[31m"}),
        ),
    ] {
        shop.extension.insert(table.into(), vec![item]);
    }
    shop.extension.get_mut("sites").unwrap().push(json!({"id": "x", "zone": "Mars/North"}));
    let (_, url) = serve(shop).await;
    let bench = bench(&url);
    bench.sync().await.unwrap();
    let others = bench.book.others();
    let Record::Stock(stock) = &others["stock MUG-BLUE@leeds"] else { panic!() };
    assert_eq!((stock.basis, stock.qty), (StockBasis::OnHand, Some(Qty::units(40))));
    assert!(!others.contains_key("stock MUG-BLUE@main"), "the shop's own figure is not used");
    assert!(!others.contains_key("site main"));
    let Record::PurchaseOrder(po) = &others["po PO1"] else { panic!() };
    assert_eq!((po.status, po.lines[0].open()), (PoStatus::PartlyReceived, Qty::units(36)));
    let Record::Adjustment(a) = &others["adjustment A1"] else { panic!() };
    assert_eq!((a.delta, &*a.reason), (Qty::units(-2), "broken[31m"));
    assert!(others.contains_key("receipt R1") && others.contains_key("supplier S1"));
    assert!(bench.book.rejects().iter().any(|r| r.reason.contains("Mars/North")));
}

/// Reports each reading's end, so that a test can wait for it.
struct Watched(WooCommerce, mpsc::UnboundedSender<Result<(), FeedError>>);

impl Source for Watched {
    fn sync<'a>(&'a mut self, context: &'a FeedContext) -> Pending<'a, Result<(), FeedError>> {
        Box::pin(async move {
            let outcome = self.0.sync(context).await;
            self.1.send(outcome.clone()).unwrap();
            outcome
        })
    }
    fn interval(&self) -> Duration {
        Duration::from_secs(3600)
    }
}

struct Running {
    ended: mpsc::UnboundedReceiver<Result<(), FeedError>>,
    task: tokio::task::JoinHandle<()>,
}

fn follow(bench: &Bench, reins: Reins) -> Running {
    let (report, ended) = mpsc::unbounded_channel();
    let source = Box::new(Watched(bench.source(), report));
    let task = tokio::spawn(follow_with(source, bench.context.clone(), reins));
    Running { ended, task }
}

fn quick() -> Reins {
    let (base, cap) = (Duration::from_millis(1), Duration::from_millis(5));
    let pacing = Pacing { base, cap, ..Pacing::default() };
    Reins { pacing, ..Reins::default() }
}

#[tokio::test]
async fn every_fault_is_overcome_and_its_reason_shown() {
    let expected = undisturbed(shop()).await;
    for (fault, reason) in [
        (Fault::NoAnswer, "did not answer within 60 ms"),
        (Fault::StallsMidBody, "stopped in the middle of its answer"),
        (Fault::CutMidBody, "broke off in the middle of its answer"),
        (Fault::Status(429, Some("0")), "asks for fewer requests (429)"),
        (Fault::Status(500, None), "failed on its side (500, some_code)"),
        (Fault::Status(503, Some("0")), "failed on its side (503"),
        (Fault::WebPage, "a web page (\"Back soon\") instead of JSON"),
        (Fault::BadGzip, "does not unpack"),
        (Fault::TornJson, "JSON that breaks off"),
        (Fault::NotAList, "an object where a list was due"),
    ] {
        let mut shop = shop();
        // The first, the third and a later answer: at the start, in history, and in a poll.
        let fine = None;
        let hit = Some(fault.clone());
        shop.faults = [&hit, &fine, &hit, &fine, &fine, &hit].into_iter().cloned().collect();
        let (_, url) = serve(shop).await;
        let bench = bench(&url);
        let mut running = follow(&bench, quick());
        let mut failures = Vec::new();
        while let Err(error) = running.ended.recv().await.unwrap() {
            failures.push(error);
        }
        bench.stop.send(true).unwrap();
        running.task.await.unwrap();
        assert_eq!(failures.len(), 3, "{fault:?}: {failures:?}");
        let status = bench.status();
        let shown = status.last_error.unwrap();
        assert!(shown.contains(reason), "{fault:?}: {shown}");
        assert!(shown.contains("/wp-json/wc/v3/orders"), "{shown}");
        assert!(!shown.contains("never_shown"), "{shown}");
        assert_eq!((status.errors, status.state), (3, FeedState::Live), "{fault:?}");
        assert_eq!(bench.book.truth(), expected, "{fault:?}");
    }
}

#[tokio::test]
async fn what_php_says_before_the_json_is_no_fault() {
    let expected = undisturbed(shop()).await;
    let mut shop = shop();
    shop.faults = vec![Some(Fault::NoticeBefore); 40].into();
    let (_, url) = serve(shop).await;
    let bench = bench(&url);
    bench.sync().await.unwrap();
    assert_eq!(bench.book.truth(), expected);
}

#[tokio::test]
async fn the_wait_that_a_shop_asks_for_is_handed_on() {
    let mut shop = shop();
    shop.faults = [Some(Fault::Status(429, Some("17")))].into();
    let (_, url) = serve(shop).await;
    let error = bench(&url).sync().await.unwrap_err();
    let FeedError::Transient { retry_after, .. } = error else { panic!("{error:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(17)));
}

#[tokio::test]
async fn killed_at_every_page_it_ends_where_an_undisturbed_run_ends() {
    let expected = undisturbed(shop()).await;
    let (_, url) = serve(shop()).await;
    let whole = bench(&url);
    whole.sync().await.unwrap();
    let pages = whole.book.pages();
    assert!(pages > 15, "{pages} pages are too few to say anything");
    for page in 1..=pages {
        for after in [false, true] {
            let bench = bench(&url);
            bench.book.dies(Some((page, after)));
            assert_eq!(bench.sync().await, Err(FeedError::Stopped));
            bench.book.dies(None);
            bench.sync().await.unwrap();
            assert_eq!(bench.book.truth(), expected, "killed at page {page}, after: {after}");
            assert!(bench.book.pages() <= pages + 4, "it began again from the start");
        }
    }
}

/// What a fresh feed finds in the shop as it is now.
async fn truth_of(shared: &Shared) -> String {
    let copy = {
        let shop = shared.lock().unwrap();
        Shop {
            orders: shop.orders.clone(),
            refunds: shop.refunds.clone(),
            products: shop.products.clone(),
            variations: shop.variations.clone(),
            now: shop.now.clone(),
            ..Shop::default()
        }
    };
    let (_, url) = serve(copy).await;
    let bench = bench(&url);
    bench.sync().await.unwrap();
    bench.book.truth()
}

#[tokio::test]
async fn changes_while_pages_are_turned_are_neither_lost_nor_doubled() {
    let mut shop = shop();
    shop.meddler = Some(Box::new(|request, shop| {
        // Each request moves the clock; new orders come in, and old ones change behind the reader.
        let now = 7 * 1440 + 720 + request as u64;
        shop.now = format!("{}Z", minute(now));
        if request > 20 {
            return;
        }
        let id = 200 + request as u64;
        shop.orders.insert(id, order(id, "processing", now, now));
        let old = 1 + (request as u64 * 7) % 23;
        let placed = 60 * old - old % 3 * 60;
        shop.orders.insert(old, order(old, "completed", placed, now));
    }));
    let (shared, url) = serve(shop).await;
    let bench = bench(&url);
    bench.sync().await.unwrap();
    bench.sync().await.unwrap();
    assert!(shared.lock().unwrap().order_requests > 20);
    assert_eq!(bench.book.truth(), truth_of(&shared).await);
}

#[tokio::test]
async fn a_shop_that_does_not_sort_is_read_whole() {
    let expected = undisturbed(shop()).await;
    let (_, url) = serve(Shop { unsorted: true, ..shop() }).await;
    let bench = bench(&url);
    bench.sync().await.unwrap();
    assert_eq!(bench.book.truth(), expected);
}

#[tokio::test]
async fn a_change_that_comes_to_light_late_is_found() {
    let (shared, url) = serve(shop()).await;
    let bench = bench(&url);
    bench.sync().await.unwrap();
    // Dated before what is known already: a transaction that took three minutes.
    let newest = 7 * 1440 + 10 * 60 + 5;
    shared.lock().unwrap().orders.insert(2, order(2, "completed", 0, newest - 3));
    bench.sync().await.unwrap();
    assert_eq!(bench.book.order(2).status, OrderStatus::Shipped);
    // And an older version of it that some replica still tells changes nothing.
    let known = bench.book.truth();
    bench.sync().await.unwrap();
    assert_eq!(bench.book.truth(), known);
}

#[tokio::test]
async fn stock_that_changed_without_a_date_is_found_by_the_full_reading() {
    let mut shop = shop();
    shop.extension.insert("sites".into(), Vec::new());
    for table in ["suppliers", "products", "stock", "purchase-orders", "receipts", "adjustments"] {
        shop.extension.insert(table.into(), Vec::new());
    }
    let (shared, url) = serve(shop).await;
    let mut bench = bench(&url);
    bench.config.products_every = Duration::ZERO;
    let mut source = bench.source();
    source.sync(&bench.context).await.unwrap();
    {
        let mut shop = shared.lock().unwrap();
        shop.products[2]["name"] = json!("Card, folded");
        shop.log.clear();
    }
    source.sync(&bench.context).await.unwrap();
    let Record::Product(card) = &bench.book.others()["product CARD"] else { panic!() };
    assert_eq!(card.name.as_deref(), Some("Card, folded"));
    let log = shared.lock().unwrap().log.clone();
    let whole = |asked: &&String| asked.contains("v1/stock?") && !asked.contains("since=");
    assert_eq!(log.iter().filter(whole).count(), 1, "{log:?}");
}

#[tokio::test]
async fn orders_that_vanish_are_gone_and_those_that_changed_in_silence_are_found() {
    let (shared, url) = serve(shop()).await;
    let bench = bench(&url);
    let mut source = bench.source();
    source.sync(&bench.context).await.unwrap();
    {
        let mut shop = shared.lock().unwrap();
        shop.orders.remove(&1);
        shop.orders.get_mut(&2).unwrap()["status"] = json!("trash");
        shop.orders.get_mut(&3).unwrap()["status"] = json!("completed");
    }
    source.sync(&bench.context).await.unwrap();
    source.sync(&bench.context).await.unwrap();
    assert_eq!(bench.book.order(1).status, OrderStatus::Gone);
    assert_eq!(bench.book.order(2).status, OrderStatus::Gone);
    assert_eq!(bench.book.order(3).status, OrderStatus::Shipped);
    assert_eq!(bench.book.order(5).status, OrderStatus::Open);
}

#[tokio::test]
async fn a_list_that_is_empty_by_mistake_takes_no_order_away() {
    let (shared, url) = serve(shop()).await;
    let bench = bench(&url);
    let mut source = bench.source();
    source.sync(&bench.context).await.unwrap();
    let known = bench.book.truth();
    // What a cache in front of the shop may do: lists are empty, single orders are there.
    shared.lock().unwrap().lists_empty = true;
    source.sync(&bench.context).await.unwrap();
    source.sync(&bench.context).await.unwrap();
    assert_eq!(bench.book.truth(), known);
}

#[tokio::test]
async fn a_refused_key_shows_as_failed_until_somebody_mends_it() {
    let mut shop = shop();
    shop.faults = [Some(Fault::Status(401, None))].into();
    let (_, url) = serve(shop).await;
    let bench = bench(&url);
    let reins = quick();
    let mut running = follow(&bench, reins.clone());
    assert!(matches!(running.ended.recv().await.unwrap(), Err(FeedError::Permanent { .. })));
    reins.poke.notify_one();
    assert_eq!(running.ended.recv().await.unwrap(), Ok(()));
    bench.stop.send(true).unwrap();
    running.task.await.unwrap();
    let status = bench.status();
    assert_eq!(status.state, FeedState::Live);
    assert!(status.last_error.unwrap().contains("check key and secret of feed shop"));
}

#[tokio::test]
async fn a_paused_feed_asks_nothing_and_goes_on_when_let() {
    let (shared, url) = serve(shop()).await;
    let bench = bench(&url);
    let (pause, paused) = watch::channel(true);
    let mut running = follow(&bench, Reins { pause: Some(paused), ..quick() });
    tokio::task::yield_now().await;
    assert!(shared.lock().unwrap().log.is_empty());
    pause.send(false).unwrap();
    assert_eq!(running.ended.recv().await.unwrap(), Ok(()));
    bench.stop.send(true).unwrap();
    running.task.await.unwrap();
}

#[tokio::test]
async fn stopping_does_not_wait_for_a_silent_shop() {
    let mut shop = shop();
    shop.faults = vec![Some(Fault::NoAnswer); 1000].into();
    let (asked, mut reached) = mpsc::unbounded_channel();
    shop.meddler = Some(Box::new(move |_, _| asked.send(()).unwrap()));
    let (_, url) = serve(shop).await;
    let mut bench = bench(&url);
    bench.config.limits.idle = Duration::from_secs(600);
    bench.config.limits.request = Duration::from_secs(600);
    let running = follow(&bench, quick());
    reached.recv().await.unwrap();
    bench.stop.send(true).unwrap();
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_shop_that_is_not_there_is_told_as_such() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = bench(&url).sync().await.unwrap_err();
    let FeedError::Transient { reason, .. } = error else { panic!("{error:?}") };
    assert!(reason.contains("cannot be reached") && reason.contains("refused"), "{reason}");
}
