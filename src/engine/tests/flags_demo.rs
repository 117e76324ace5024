//! From a flag to a hold at the demo's shop, and back: over HTTP, as in a running owner.

use super::*;
use crate::engine::api::*;
use crate::engine::flags::{Reading, Scorer};
use crate::engine::shops;
use crate::feed::demo::rows::Status;
use crate::feed::demo::{Config, DemoStore, ZONE};
use crate::feed::http::Credentials;
use crate::feed::woocommerce::{self, WooCommerce};
use crate::feed::{FeedContext, Source};
use std::time::Duration;
use tokio::sync::watch;

fn begin() -> Timestamp {
    Timestamp::parse("2026-03-02T05:00:00Z", &Zone::utc()).unwrap()
}

/// A console on the demo's shop.
struct Desk {
    house: Arc<House>,
    shop: DemoStore,
    source: WooCommerce,
    context: FeedContext,
    stop: watch::Sender<bool>,
}

impl Desk {
    async fn open(dir: &Path) -> Desk {
        let (journal, _) = Journal::open(&dir.join(JOURNAL_FILE)).unwrap();
        let house = Arc::new(House::new(Foundation {
            data_dir: dir.to_owned(),
            kind: StoreKind::Demo,
            zone: Zone::named(ZONE).unwrap(),
            currency: Currency::GBP,
            journal,
            pseudonyms: Pseudonyms::new([7; 32]),
            vault: Vault::open(dir, &[7; 32]).unwrap(),
            rules: Rules::default(),
            store_key: [7; 32],
            simulated: Some(begin()),
        }));
        house.load().unwrap();
        let wanted =
            Config { history_days: 40, skus: 120, orders_per_day: 60.0, ..Config::new(5, begin()) };
        let clock = house.sim.clone().unwrap();
        let shop = DemoStore::start_with(wanted, clock, None).await.unwrap();
        shop.ready().await.unwrap();
        let credentials = Credentials { key: shop.key.clone(), secret: shop.secret.clone() };
        let mut wanted = woocommerce::Config::new(shop.url.clone(), credentials);
        wanted.zone = house.zone.clone();
        let id = FeedId::from("demo");
        house.register(&id, "demo", Duration::from_secs(600));
        let (stop, stopped) = watch::channel(false);
        let context = FeedContext {
            id: id.clone(),
            ledger: house.clone(),
            board: house.board.clone(),
            pseudonyms: house.pseudonyms.clone(),
            stop: stopped.clone(),
        };
        shops::tell_shop_of(&house, &id, &shop);
        tokio::spawn(shops::run(house.clone(), stopped));
        let source = WooCommerce::new(&id, wanted).unwrap();
        Desk { house, shop, source, context, stop }
    }

    async fn read(&mut self) {
        self.source.sync(&self.context).await.unwrap();
    }

    fn open_cases(&self) -> Vec<CaseRow> {
        let page = PageOf { limit: 50, ..PageOf::default() };
        let asked = CasesAsked { which: Cases::Queue, page, me: Box::default() };
        match ask(&self.house, Query::Flags(asked)) {
            Answer::Flags(page) => page.rows.rows,
            other => panic!("{other:?}"),
        }
    }

    fn detail(&self, case: CaseId) -> CaseDetail {
        match ask(&self.house, Query::Flag(case)) {
            Answer::Flag(Some(detail)) => *detail,
            other => panic!("{other:?}"),
        }
    }

    /// Returns once the shop has answered to all that it is told.
    async fn told(&self) {
        let mut decided = self.house.decided.subscribe();
        while self.house.triage.read().all_to_tell().next().is_some() {
            decided.changed().await.unwrap();
        }
    }

    /// How an order stands in the shop, and in the table of orders once the shop was read.
    async fn stands(&mut self, order: &OrderKey) -> (Status, OrderStatus) {
        self.shop.advance_to(self.shop.clock.now() + Span::seconds(5)).await.unwrap();
        self.read().await;
        let number: u64 = order.number.as_str().parse().unwrap();
        let index = move |merchant: &crate::feed::demo::Merchant| {
            merchant.orders()[merchant.order_index(number).unwrap() as usize].status
        };
        let there = self.shop.ask(index).await.unwrap();
        (there, detail(&self.house, order.number.as_str()).unwrap().row.status)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flagged_order_is_held_in_the_demo_shop_and_let_go_by_an_undo() {
    let dir = tempfile::tempdir().unwrap();
    let mut at = Desk::open(dir.path()).await;
    at.read().await;
    let weak = Arc::downgrade(&at.house);
    let mut scorer = Scorer::read(&weak, Reading::Recalled, &|| false).unwrap();
    // Until somebody has to be asked about an order that can still be stopped.
    let mut found = None;
    for hour in 1..=24 * 14 {
        at.shop.advance_to(begin() + Span::hours(hour)).await.unwrap();
        at.read().await;
        scorer.arrived(&weak).unwrap();
        let open = at.open_cases().into_iter().map(|row| at.detail(row.case));
        let stops = |one: &CaseDetail| one.orders[0].order.status == OrderStatus::Open;
        found = open.filter(|one| one.orders.len() == 1).find(stops);
        if found.is_some() {
            break;
        }
    }
    let found = found.expect("within a fortnight something is odd");
    let (case, order) = (found.row.case, found.orders[0].order.key.clone());
    let hold = Decision::Flag { case, act: CaseAct::Hold, orders: Vec::new() };
    at.house.decide(ann(), hold.clone(), &found.row.saw()).unwrap();
    at.told().await;
    assert_eq!(at.stands(&order).await, (Status::OnHold, OrderStatus::Held));
    let told = at.detail(case).orders[0].told.clone();
    assert_eq!(told.as_deref(), Some("hold: the shop has done it"));
    assert_eq!(at.detail(case).row.state, CaseState::Decided);
    at.shop.advance_to(at.shop.clock.now() + Span::days(2)).await.unwrap();
    assert_eq!(at.stands(&order).await.0, Status::OnHold, "nothing ships what is held");
    at.house.undo(ann(), None).unwrap();
    at.told().await;
    assert_eq!(at.stands(&order).await, (Status::Processing, OrderStatus::Open));
    assert_eq!(at.open_cases().iter().filter(|row| row.case == case).count(), 1, "it waits again");
    let cancel = Decision::Flag { case, act: CaseAct::Cancel, orders: Vec::new() };
    at.house.decide(ann(), cancel, "").unwrap();
    at.told().await;
    assert_eq!(at.stands(&order).await, (Status::Cancelled, OrderStatus::Cancelled));
    at.stop.send_replace(true);
}
