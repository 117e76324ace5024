//! The real engine on a store in a temporary folder, as a ledger for the feed, and what a person sees
//! of it.

use std::sync::Arc;
use std::time::Duration;
use stockdeck::config::Config;
use stockdeck::domain::*;
use stockdeck::engine::api::{Answer, PageOf, Query, StoreKind};
use stockdeck::engine::demo::DemoSetup;
use stockdeck::engine::{Backend, Engine, Handle, Setup};
use stockdeck::feed::FeedContext;
use stockdeck::feed::pseudonym::Pseudonyms;
use tokio::sync::watch;

pub struct Office {
    pub handle: Handle,
    pub context: FeedContext,
    #[allow(dead_code, reason = "one of the tests that share this ends feeds itself")]
    pub stop: watch::Sender<bool>,
    _folder: tempfile::TempDir,
}

/// Opens a store with a feed on its board and waits until it is loaded. Its time is simulated, so that no figure depends on
/// the day on which the test runs.
pub async fn open(kind: &str) -> Office {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(Setup {
        data_dir: folder.path().to_owned(),
        kind: StoreKind::Replay,
        config: Config::default(),
        demo: DemoSetup::default(),
        paused: false,
        trainer: None,
    });
    let handle = Handle(engine.unwrap());
    handle.ask(Query::Orders(everything())).await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let mut context = handle.feed(&FeedId::from("shop"), kind, stopped);
    // Each store draws its own key; two stores are compared here.
    context.pseudonyms = Arc::new(Pseudonyms::new([3; 32]));
    Office { handle, context, stop, _folder: folder }
}

fn everything() -> PageOf {
    PageOf { limit: 10_000, ..PageOf::default() }
}

impl Office {
    pub async fn ask(&self, query: Query) -> Answer {
        let answer = self.handle.ask(query);
        tokio::time::timeout(Duration::from_secs(30), answer).await.unwrap().unwrap()
    }
    /// Orders, stock, demand and quarantine as a person sees them.
    pub async fn truth(&self) -> String {
        let mut seen = String::new();
        let Answer::Orders(orders) = self.ask(Query::Orders(everything())).await else { panic!() };
        for row in &orders.rows {
            let order = stockdeck::engine::api::OrderRef {
                feed: Some(row.key.feed.clone()),
                number: row.key.number.clone(),
            };
            let Answer::Order(Some(detail)) = self.ask(Query::Order(order)).await else { panic!() };
            seen += &format!("{:?}\n", detail.order);
        }
        let Answer::Stock(stock) = self.ask(Query::Stock(everything())).await else { panic!() };
        for row in &stock.rows {
            let (on_hand, free) = (row.on_hand, row.available);
            seen += &format!("{}@{} {on_hand:?} {free:?} {}\n", row.sku, row.site, row.committed);
        }
        let (from, to) = (None, None);
        let demand = self.ask(Query::Demand { from, to, after: None, take: 1_000 }).await;
        let quarantine = self.ask(Query::Quarantine(everything())).await;
        let Answer::Quarantine(rejects) = quarantine else { panic!() };
        let mut rejects: Vec<String> = rejects.rows.iter().map(|row| shown(&row.reject)).collect();
        rejects.sort();
        seen + &format!("{demand:#?}\n{rejects:#?}")
    }
}

/// A reject without its number, which each store draws with a key of its own.
fn shown(reject: &Reject) -> String {
    format!("{}: {} ({})", reject.place, reject.reason, reject.excerpt)
}
