//! A merchant's store in this process that is told orders as a feed would tell them, page by page.

use super::stores::Home;
use std::fmt::Write;
use std::time::{Duration, Instant};
use stockdeck::domain::{FeedId, Page, Timestamp};
use stockdeck::engine::api::{Answer, FlagCounts, Query, StoreKind};
use stockdeck::engine::demo::DemoSetup;
use stockdeck::engine::{Backend, Engine, Handle, Setup};
use stockdeck::feed::files::{ReadOptions, read_job};
use stockdeck::feed::{FeedContext, FeedState};
use tokio::sync::watch;

/// How long anything may take to be seen.
const PATIENCE: Duration = Duration::from_secs(900);

/// One order: number, when it was placed, customer, note, and lines of item, units and price.
pub struct Told<'a> {
    pub number: String,
    pub at: Timestamp,
    pub customer: String,
    pub note: &'a str,
    pub lines: Vec<(String, u32, f64)>,
}

/// The store and a feed into it.
pub struct Shop {
    pub backend: Handle,
    feed: FeedContext,
    folder: std::path::PathBuf,
    _stop: watch::Sender<bool>,
}

/// An engine on a folder.
pub fn engine(data_dir: &std::path::Path, kind: StoreKind) -> std::sync::Arc<Engine> {
    let setup = Setup {
        data_dir: data_dir.to_owned(),
        kind,
        config: stockdeck::config::Config::default(),
        demo: DemoSetup::default(),
        paused: true,
        trainer: None,
    };
    Engine::open(setup).unwrap()
}

impl Shop {
    /// A new store in a home.
    pub async fn open(home: &Home) -> Shop {
        std::fs::create_dir_all(home.data_dir()).unwrap();
        let backend = Handle(engine(&home.data_dir(), StoreKind::Live));
        let (stop, stopped) = watch::channel(false);
        let feed = backend.feed(&FeedId::new("shop"), "bench", stopped);
        // It is answered once the store is loaded.
        backend.ask(Query::Orders(Default::default())).await.unwrap();
        // A feed that is still being read for the first time keeps flags waiting.
        feed.board.state(&feed.id, FeedState::Finished);
        Shop { backend, feed, folder: home.folder().to_owned(), _stop: stop }
    }

    /// Orders as the pages of a feed.
    pub fn pages(&self, orders: &[Told<'_>]) -> Vec<Page> {
        let mut text =
            "order_id,placed_at,sku,qty,price,currency,customer,country,note\n".to_owned();
        for order in orders {
            let Told { number, at, customer, note, lines } = order;
            for (sku, qty, price) in lines {
                writeln!(text, "{number},{at},{sku},{qty},{price},GBP,{customer},GB,{note}")
                    .unwrap();
            }
        }
        let path = self.folder.join("orders.csv");
        std::fs::write(&path, text).unwrap();
        let mut options = ReadOptions::new(self.feed.id.clone(), self.feed.pseudonyms.clone());
        options.asked = self.backend.now();
        read_job(&path, "orders", &[], options).unwrap().map(Result::unwrap).collect()
    }

    /// Tells a page, as a source does.
    pub async fn tell(&self, page: Page) {
        self.feed.ledger.apply(page).await.unwrap();
    }

    /// How many cases and orders wait.
    pub async fn counts(&self) -> FlagCounts {
        match self.backend.ask(Query::FlagCounts).await.unwrap() {
            Answer::FlagCounts(counts) => *counts,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until what waits is so; looks whenever the store changed.
    pub async fn until(&self, what: &str, is_so: impl Fn(&FlagCounts) -> bool) -> FlagCounts {
        let (mut changes, began) = (self.backend.changes(), Instant::now());
        loop {
            let counts = self.counts().await;
            if is_so(&counts) {
                return counts;
            }
            assert!(began.elapsed() < PATIENCE, "waited in vain for {what}: {counts:?}");
            // What does not change the store, such as how far a network is, is seen by the second.
            let _ = tokio::time::timeout(Duration::from_secs(1), changes.changed()).await;
        }
    }
}
