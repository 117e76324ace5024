//! The engine itself: opens the house and starts what runs in it, until it is closed.

mod actions;
mod handle;

pub use handle::Handle;

use super::api::{Refusal, StoreKind};
use super::demo::{self, DemoSetup};
use super::feeds::{self, Running};
use super::house::{Foundation, House, Ready, Topic};
use super::keeper::KeepError;
use super::{
    JOURNAL_FILE, allocation, buying, figures, flags, forecasts, notify, planning, questions,
    shops, warehouse,
};
use crate::config::Config;
use crate::domain::*;
use crate::feed::FeedState;
use crate::feed::demo::DemoStore;
use crate::feed::http::Credentials;
use crate::feed::pseudonym::Pseudonyms;
use crate::feed::woocommerce::{self, WooCommerce};
use crate::journal::{Journal, JournalError};
use crate::vault::{Vault, secret};
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often the figures are kept for the next start.
const KEEP_FIGURES: Duration = Duration::from_secs(30);
/// How long work has to stop when the owner ends; what it has not written is read again.
const LAST_PAGES: Duration = Duration::from_secs(10);
/// How often movements that nothing needs any more are forgotten.
const PRUNE: Duration = Duration::from_secs(24 * 3600);
/// The feed of the demo store.
const DEMO_FEED: &str = "demo";

/// What an engine is opened with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The data folder; it is there and nobody else owns it.
    pub data_dir: PathBuf,
    /// What the store is for.
    pub kind: StoreKind,
    /// The configuration.
    pub config: Config,
    /// How a demo runs.
    pub demo: DemoSetup,
    /// Whether feeds and simulated time begin standing still.
    pub paused: bool,
    /// The program that trains models: this one. `None`: none are trained.
    pub trainer: Option<PathBuf>,
}

/// The running engine.
pub struct Engine {
    house: Arc<House>,
    setup: Setup,
    pause: watch::Sender<bool>,
    stop: watch::Sender<bool>,
    feeds: Mutex<Vec<Running>>,
    /// The demo's shop, for as long as the engine runs.
    shop: Mutex<Option<DemoStore>>,
    /// Whether the feeds have been started, or why not.
    started: watch::Sender<bool>,
    /// Held by the replay that runs: two would pull simulated time to and fro.
    replaying: tokio::sync::Mutex<()>,
}

impl Engine {
    /// Opens a store: returns at once, and loads and starts the rest in the background.
    pub fn open(setup: Setup) -> Result<Arc<Engine>, Refusal> {
        let dir = &setup.data_dir;
        let file = dir.join(JOURNAL_FILE);
        let (journal, recovery) =
            Journal::open(&file).map_err(|error| Refusal::failed(error.to_string()))?;
        if recovery.torn_bytes > 0 {
            tracing::warn!(bytes = recovery.torn_bytes, "journal: torn tail cut off");
        }
        let simulated = match setup.kind {
            StoreKind::Live => None,
            StoreKind::Replay => Some(Timestamp::default()),
            StoreKind::Demo => Some(demo::config(dir, &setup.demo)?.start),
        };
        let secret = secret::of(dir).map_err(|error| Refusal::failed(error.to_string()))?;
        let vault =
            Vault::open(dir, &secret).map_err(|error| Refusal::failed(error.to_string()))?;
        let house = Arc::new(House::new(Foundation {
            data_dir: dir.clone(),
            kind: setup.kind,
            zone: zone_of(setup.kind, &setup.config),
            currency: setup.config.currency(),
            journal,
            pseudonyms: Pseudonyms::new(secret),
            vault,
            rules: setup.config.approvals.clone(),
            store_key: secret,
            simulated,
        }));
        house.trouble(Topic::Journal, lost_entries(&file));
        house.follow_rules(setup.config.watched.clone());
        house.allocator.set_up(setup.kind, &setup.config);
        buying::set_up(&house, &setup.config.targets);
        notify::set_up(&house, &setup.config.notify);
        shops::set_up(&house, &setup.config);
        house.flags.set_up(setup.config.flags);
        house.planner.set_up(setup.config.reorders.clone());
        house.trainings.set_up(setup.config.retraining, setup.trainer.clone());
        if let (Some(sim), Some(last)) = (&house.sim, house.last.lock().as_ref()) {
            sim.advance_to(last.at);
        }
        let engine = Arc::new(Engine {
            house: house.clone(),
            pause: watch::Sender::new(setup.paused || demo::is_paused(dir)),
            setup,
            stop: watch::Sender::new(false),
            feeds: Mutex::default(),
            shop: Mutex::default(),
            started: watch::Sender::new(false),
            replaying: tokio::sync::Mutex::default(),
        });
        let loading = house.clone();
        std::thread::Builder::new()
            .name("load".into())
            .spawn(move || load(&loading))
            .map_err(|error| Refusal::failed(format!("cannot start a thread: {error}")))?;
        forecasts::start(&house)
            .map_err(|error| Refusal::failed(format!("cannot start a thread: {error}")))?;
        flags::start(&house)
            .map_err(|error| Refusal::failed(format!("cannot start a thread: {error}")))?;
        tokio::spawn(engine.clone().run());
        tokio::spawn(notify::run(house.clone(), engine.stop.subscribe()));
        tokio::spawn(shops::run(house.clone(), engine.stop.subscribe()));
        tokio::spawn(allocation::run(house.clone(), engine.stop.subscribe()));
        tokio::spawn(allocation::tell_shop(house.clone(), engine.stop.subscribe()));
        tokio::spawn(planning::run(house.clone(), engine.stop.subscribe()));
        tokio::spawn(buying::run(house, engine.stop.subscribe()));
        Ok(engine)
    }

    /// Starts the feeds once the store is loaded, loads it anew when it has to be, and keeps the
    /// figures now and then.
    async fn run(self: Arc<Self>) {
        let (mut stop, mut ready) = (self.stop.subscribe(), self.house.ready.subscribe());
        let mut tick = tokio::time::interval(KEEP_FIGURES);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        tick.tick().await;
        let mut prune = tokio::time::interval(PRUNE);
        prune.tick().await;
        loop {
            if !*self.started.borrow() && *ready.borrow_and_update() == Ready::Yes {
                let failed = self.start_feeds().await.err();
                let failed = failed.map(|refusal| {
                    tracing::error!(%refusal, "feeds could not be started");
                    format!("the feeds could not be started: {refusal}")
                });
                self.house.trouble(Topic::Feeds, failed);
                self.started.send_replace(true);
                self.house.changed();
                self.clone().train_when_due();
            }
            tokio::select! {
                _ = stop.changed() => return,
                _ = ready.changed() => {}
                () = self.house.reload.notified() => self.load_again().await,
                () = self.house.recount.notified() => {
                    self.at_work("counting demand anew", House::recount_demand).await;
                }
                () = self.house.trainings.due.notified() => self.clone().train_when_due(),
                _ = prune.tick() => self.at_work("forgetting old movements", House::prune).await,
                _ = tick.tick() => {
                    self.house.look_at_rules();
                    // Another day may have begun, or another model be in use.
                    self.house.forecast_bell.look();
                    self.house.flags.look();
                    self.clone().train_when_due();
                    match self.failed() {
                        // What stood in the way, such as a full disk, may have been mended.
                        true => self.load_again().await,
                        false => self.keep_figures().await,
                    }
                }
            }
        }
    }

    fn failed(&self) -> bool {
        matches!(*self.house.ready.borrow(), Ready::Failed(_))
    }

    /// Does something in the house on a thread that may wait for the disk.
    async fn at_work(&self, what: &'static str, work: fn(&House) -> Result<(), KeepError>) {
        let house = self.house.clone();
        match tokio::task::spawn_blocking(move || work(&house)).await {
            // The load that is under way does what is due.
            Ok(Ok(()) | Err(KeepError::Loading)) => {}
            Ok(Err(error)) => self.failed_at(what, &error),
            Err(error) => {
                // It may have left half of what it does.
                self.house.load_anew(&mut self.house.writer.lock(), &error);
                self.failed_at(what, &error);
            }
        }
    }

    /// Work in the store failed, and the store is loaded anew; that load says whether the trouble
    /// is over.
    fn failed_at(&self, what: &str, error: &dyn std::fmt::Display) {
        tracing::error!(what, %error, "work failed");
        self.house.trouble(Topic::Store, Some(format!("{what} failed: {error}")));
    }

    async fn load_again(&self) {
        let house = self.house.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || load(&house)).await {
            tracing::error!(%error, "loading ended in a panic");
        }
    }

    async fn start_feeds(&self) -> Result<(), Refusal> {
        if self.setup.kind == StoreKind::Demo {
            return self.start_demo().await;
        }
        for feed in &self.setup.config.feeds {
            let id = FeedId::new(feed.name.as_str());
            match feeds::source(&self.house, feed) {
                Ok(source) => self.follow(id, feeds::kind(feed), source),
                Err(error) => {
                    let reason = error.to_string().into();
                    self.house.board.register(&id, feeds::kind(feed), Duration::from_secs(60));
                    self.house.board.state(&id, FeedState::Failed { reason });
                    self.house.changed();
                }
            }
        }
        Ok(())
    }

    async fn start_demo(&self) -> Result<(), Refusal> {
        let config = demo::config(&self.setup.data_dir, &self.setup.demo)?;
        let Some(clock) = self.house.sim.clone() else {
            return Err(Refusal::failed("a demo store needs simulated time"));
        };
        let stood = clock.now();
        let asked = self.setup.data_dir.join(demo::ASKED_FILE);
        let failed = |error: crate::feed::demo::DemoError| Refusal::failed(error.to_string());
        let shop = DemoStore::start_with(config, clock, Some(&asked)).await.map_err(failed)?;
        shop.advance_to(stood).await.map_err(failed)?;
        let credentials = Credentials { key: shop.key.clone(), secret: shop.secret.clone() };
        let mut config = woocommerce::Config::new(shop.url.clone(), credentials);
        config.zone = self.house.zone.clone();
        config.poll = Duration::from_secs(1);
        let id = FeedId::new(DEMO_FEED);
        let source = WooCommerce::new(&id, config)?;
        let speed = self.setup.demo.speed.unwrap_or(DemoSetup::SPEED);
        self.follow(id.clone(), DEMO_FEED, Box::new(source));
        buying::tell_suppliers_of(&self.house, &shop);
        warehouse::tell_warehouse_of(&self.house, &shop, stood);
        shops::tell_shop_of(&self.house, &id, &shop);
        buying::tell_shop_of(&self.house, &shop);
        shop.pace(speed, demo::until_read(self.house.clone(), id, self.pause.subscribe()));
        *self.shop.lock() = Some(shop);
        Ok(())
    }

    fn follow(&self, id: FeedId, kind: &str, source: Box<dyn crate::feed::Source>) {
        let (stop, pause) = (self.stop.subscribe(), self.pause.subscribe());
        self.feeds.lock().push(Running::start(&self.house, id, kind, source, stop, pause));
        self.house.changed();
    }

    /// Waits until the store is loaded.
    async fn ready(&self) -> Result<(), Refusal> {
        let mut ready = self.house.ready.subscribe();
        let ready = ready.wait_for(|ready| *ready != Ready::Loading).await;
        match ready.as_deref() {
            Ok(Ready::Failed(reason)) => Err(Refusal::failed(reason.clone())),
            Ok(_) => Ok(()),
            Err(_) => Err(Refusal::failed("the owner is ending")),
        }
    }

    /// Keeps the figures for the next start.
    async fn keep_figures(&self) {
        if *self.house.ready.borrow() != Ready::Yes {
            return;
        }
        let house = self.house.clone();
        let kept = tokio::task::spawn_blocking(move || {
            let overview = questions::overview(&house).map_err(|refusal| refusal.message)?;
            figures::keep(&house.data_dir, &overview).map_err(|error| error.to_string())
        });
        if let Ok(Err(error)) = kept.await {
            tracing::warn!(%error, "the figures could not be kept");
        }
    }

    /// Stops the feeds and all work, and keeps what the next start shows first.
    pub async fn close(&self) {
        self.stop.send_replace(true);
        self.house.forecast_bell.end();
        self.house.flags.end();
        self.house.works.cancel_all();
        let mut count = self.house.works.count();
        if tokio::time::timeout(LAST_PAGES, count.wait_for(|n| *n == 0)).await.is_err() {
            tracing::warn!("work did not stop in time");
        }
        self.shop.lock().take();
        self.keep_figures().await;
        if let Some(store) = self.house.store() {
            let store = store.clone();
            let flushed = tokio::task::spawn_blocking(move || store.flush()).await;
            if let Ok(Err(error)) = flushed {
                tracing::warn!(%error, "the store could not be flushed");
            }
        }
    }
}

/// What to say of acknowledged decisions that the journal has no more, for as long as nobody has
/// put them back or accepted that they are lost.
fn lost_entries(journal: &Path) -> Option<String> {
    match crate::journal::lost(journal) {
        Ok(kept) => {
            let kept = kept.into_iter().next()?;
            Some(JournalError::Lost { path: journal.to_owned(), kept }.to_string())
        }
        Err(error) => Some(format!("the journal's folder cannot be read: {error}")),
    }
}

fn load(house: &House) {
    if let Err(error) = house.load() {
        tracing::error!(%error, "the store could not be loaded");
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => {
            tracing::error!(%error, "work ended in a panic");
            Err(Refusal::failed("an internal error; the log in the data folder says more"))
        }
    }
}

/// What a day is in a store: the demo's zone is its merchant's; otherwise it is configured.
pub fn zone_of(kind: StoreKind, config: &Config) -> Zone {
    match kind {
        StoreKind::Demo => Zone::named(crate::feed::demo::ZONE).unwrap_or_default(),
        StoreKind::Live | StoreKind::Replay => config.zone.clone(),
    }
}
