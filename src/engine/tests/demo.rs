//! When a demo's time stands still, and what its shop hears of people.

use super::*;
use crate::engine::api::Outcome;
use crate::engine::demo::{is_paused, keep_pause, until_read};
use crate::engine::warehouse::tell_warehouse_of;
use crate::feed::demo::catalogue::SITES;
use crate::feed::demo::rows::PoRow;
use crate::feed::demo::{Config, DemoStore, Merchant};
use crate::feed::http::Credentials;
use crate::feed::woocommerce::{self, WooCommerce};
use crate::feed::{FeedContext, FeedState, Source};
use std::time::Duration;
use tokio::sync::watch;

#[tokio::test]
async fn a_demos_time_stands_still_until_its_history_is_read_and_while_it_is_paused() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    let feed = FeedId::new("demo");
    house.board.register(&feed, "demo", Duration::from_secs(1));
    let told = |state: FeedState| {
        house.board.state(&feed, state);
        house.changed();
    };
    let pause = watch::Sender::new(false);
    let mut still = until_read(house.clone(), feed.clone(), pause.subscribe());
    let progress = Progress { what: "orders".into(), done: 1, total: Some(2) };
    told(FeedState::Backfill(progress));
    for _ in 0..100 {
        tokio::task::yield_now().await;
        assert!(*still.borrow(), "its history is being read");
    }
    told(FeedState::Live);
    still.wait_for(|still| !*still).await.unwrap();
    pause.send_replace(true);
    still.wait_for(|still| *still).await.unwrap();
    // What is read later stops nothing.
    told(FeedState::Starting);
    pause.send_replace(false);
    still.wait_for(|still| !*still).await.unwrap();
}

#[test]
fn a_pause_is_kept_for_the_next_owner() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!is_paused(folder.path()));
    keep_pause(folder.path(), false).unwrap();
    keep_pause(folder.path(), true).unwrap();
    assert!(is_paused(folder.path()));
    keep_pause(folder.path(), false).unwrap();
    assert!(!is_paused(folder.path()));
}

/// A demo's house and shop, the one read into the other.
struct Demo {
    house: Arc<House>,
    shop: DemoStore,
    source: WooCommerce,
    context: FeedContext,
    _stop: watch::Sender<bool>,
}

fn small() -> Config {
    Config { history_days: 30, skus: 300, orders_per_day: 40.0, ..Config::new(3, NOON) }
}

impl Demo {
    async fn open(dir: &Path) -> Demo {
        let house = house(dir);
        let clock = house.sim.clone().unwrap();
        let shop = DemoStore::start_with(small(), clock, Some(&dir.join("asked"))).await.unwrap();
        shop.ready().await.unwrap();
        tell_warehouse_of(&house, &shop, NOON);
        let credentials = Credentials { key: shop.key.clone(), secret: shop.secret.clone() };
        let id = FeedId::from("demo");
        let source = WooCommerce::new(&id, woocommerce::Config::new(&shop.url, credentials));
        house.register(&id, "demo", Duration::from_secs(600));
        let (stop, stopped) = watch::channel(false);
        let context = FeedContext {
            id,
            ledger: house.clone(),
            board: house.board.clone(),
            pseudonyms: house.pseudonyms.clone(),
            stop: stopped,
        };
        let mut demo = Demo { house, shop, source: source.unwrap(), context, _stop: stop };
        demo.source.sync(&demo.context).await.unwrap();
        demo
    }

    async fn decide(&self, decision: Decision) -> u64 {
        let house = self.house.clone();
        let decided = tokio::task::spawn_blocking(move || house.decide(ann(), decision, ""));
        match decided.await.unwrap().unwrap() {
            Outcome::Journalled(seq) => seq,
            other => panic!("{other:?}"),
        }
    }

    /// Lets time pass and reads what the shop tells then.
    async fn later(&mut self, span: Span) {
        self.shop.advance_to(self.shop.clock.now() + span).await.unwrap();
        self.source.sync(&self.context).await.unwrap();
    }

    fn on_hand(&self, sku: &Sku, site: &SiteId) -> i64 {
        let book = self.house.stock.read();
        book.position(sku, site).and_then(Position::on_hand).unwrap().trunc()
    }

    async fn on_shelf(&self, (item, site): (usize, usize)) -> i64 {
        let on_hand = move |merchant: &Merchant| merchant.shelf(item, site).on_hand;
        self.shop.ask(on_hand).await.unwrap().into()
    }
}

/// Item and site of a line, and its units.
type Ordered = ((usize, usize), u32);

/// An order of the merchant's of several lines of which nothing has come yet: its number and its lines.
fn an_open_order(merchant: &Merchant) -> (String, Vec<Ordered>) {
    let orders = merchant.purchase_orders().iter().zip(0..);
    let of_several = |po: &PoRow| po.status == PoStatus::Acknowledged && po.lines > 2;
    let (po, at) = { orders }.find(|(po, _)| of_several(po)).unwrap();
    let lines = merchant.po_lines_of(po).iter();
    let lines = lines.map(|line| ((line.item.into(), po.site.into()), line.qty));
    (merchant.po_number(at), lines.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_to_stock_reaches_the_demos_shop_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut demo = Demo::open(dir.path()).await;
    let (number, lines) = demo.shop.ask(an_open_order).await.unwrap();
    let code_of = |item: usize| move |shop: &Merchant| shop.catalogue().items[item].code.clone();
    let mut goods = Vec::new();
    for ((item, _), units) in &lines {
        goods.push((Sku::new(demo.shop.ask(code_of(*item)).await.unwrap()), *units));
    }
    let ((shelf, _), (sku, units)) = (lines[0], goods[0].clone());
    let (site, po) = (SiteId::from(SITES[shelf.1].0), PoNumber::new(number));
    let before = demo.on_hand(&sku, &site);
    let receiving = |sku: &Sku, units: u32| Decision::Receive {
        po: Some(po.clone()),
        sku: sku.clone(),
        site: site.clone(),
        qty: Qty::units(units.into()),
        surplus: false,
        reason: None,
    };
    let receive = receiving(&sku, units);
    // Time stands still from line to line, so that the supplier hears of all in one second.
    for (sku, units) in goods.iter().skip(1) {
        demo.decide(receiving(sku, *units)).await;
    }
    demo.decide(receive.clone()).await;
    let came = before + i64::from(units);
    assert_eq!(demo.on_hand(&sku, &site), came);
    assert_eq!(demo.on_shelf(shelf).await, before, "it is noted when its moment comes");
    demo.source.sync(&demo.context).await.unwrap();
    assert_eq!(demo.on_hand(&sku, &site), came, "a level of before does not know of it");
    // In that very second, and after it.
    for _ in 0..2 {
        demo.later(Span::seconds(1)).await;
        assert_eq!((demo.on_hand(&sku, &site), demo.on_shelf(shelf).await), (came, came));
        let book = demo.house.stock.read();
        assert_eq!(book.purchase_order_of(&po).unwrap().status, PoStatus::Received, "it was told");
        for (sku, units) in &goods {
            assert_eq!(book.arrived(&po, sku), Qty::units((*units).into()), "{sku} came once");
        }
    }

    // By a slip, and taken back: the supplier brings it after all, and no more than that.
    let house = demo.house.clone();
    tokio::task::spawn_blocking(move || house.undo(ann(), None).unwrap()).await.unwrap();
    demo.later(Span::seconds(2)).await;
    assert_eq!((demo.on_hand(&sku, &site), demo.on_shelf(shelf).await), (before, before));
    demo.later(Span::days(1)).await;
    assert_eq!(
        demo.house.stock.read().arrived(&po, &sku),
        Qty::ZERO,
        "not sooner than it would have"
    );
    let before = demo.on_hand(&sku, &site);
    let came = before + i64::from(units);
    demo.decide(receive).await;
    let (reason, delta) = ("wet".to_owned(), Qty::units(-1));
    demo.decide(Decision::Adjust { sku: sku.clone(), site: site.clone(), delta, po: None, reason })
        .await;
    demo.later(Span::seconds(2)).await;
    assert_eq!((demo.on_hand(&sku, &site), demo.on_shelf(shelf).await), (came - 1, came - 1));
    let (reason, counted) = ("shelf".to_owned(), Qty::units(7));
    let (at, from) = (site.clone(), sku.clone());
    demo.decide(Decision::Count { sku: from, site: at, counted, reason, before: None }).await;
    demo.later(Span::seconds(2)).await;
    assert_eq!((demo.on_hand(&sku, &site), demo.on_shelf(shelf).await), (7, 7));
    demo.later(Span::days(90)).await;
    assert_eq!(demo.on_hand(&sku, &site), demo.on_shelf(shelf).await);
    let arrived = demo.house.stock.read().arrived(&po, &sku);
    assert_eq!(arrived, Qty::units(units.into()), "it is not delivered once more");

    let then = (demo.shop.clock.now(), demo.on_shelf(shelf).await);
    drop(demo.shop);
    let clock = Arc::new(SimClock::new(NOON));
    let again = DemoStore::start_with(small(), clock, Some(&dir.path().join("asked"))).await;
    let again = again.unwrap();
    again.advance_to(then.0).await.unwrap();
    let on_hand = move |merchant: &Merchant| merchant.shelf(shelf.0, shelf.1).on_hand;
    assert_eq!(i64::from(again.ask(on_hand).await.unwrap()), then.1, "the warehouse remembers");
}
