//! The engine itself: opens the house, starts what runs in it, and serves who asks.

use super::api::{
    Action, Answer, Outcome, Query, Refusal, StoreKind, TrainingEnd, TrainingJob, TrainingResult,
    Why,
};
use super::demo::{self, DemoSetup};
use super::feeds::{self, Running};
use super::house::{Foundation, House, Ready, Topic};
use super::keeper::KeepError;
use super::training::{self, Due};
use super::{Backend, Cancel, JOURNAL_FILE, buying, figures, forecasts, jobs, questions};
use crate::config::Config;
use crate::domain::*;
use crate::feed::demo::DemoStore;
use crate::feed::http::Credentials;
use crate::feed::pseudonym::Pseudonyms;
use crate::feed::woocommerce::{self, WooCommerce};
use crate::feed::{FeedContext, FeedState, Pending};
use crate::journal::{Journal, JournalError};
use crate::vault::{Vault, secret};
use parking_lot::Mutex;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
        buying::set_up(&house, &setup.config.targets);
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
        tokio::spawn(engine.clone().run());
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
                    // Another day may have begun, or another model be in use.
                    self.house.forecast_bell.look();
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

    async fn do_it(
        self: Arc<Self>,
        actor: Actor,
        action: Action,
        cancel: Cancel,
    ) -> Result<Outcome, Refusal> {
        self.ready().await?;
        let house = self.house.clone();
        match action {
            Action::Decide { decision, saw } => {
                blocking(move || house.decide(actor, decision, &saw)).await
            }
            Action::DecideAll(decisions) => {
                blocking(move || house.decide_all(&actor, decisions, &cancel)).await
            }
            Action::Undo(seq) => {
                blocking(move || {
                    let outcome = match seq.is_none().then(|| house.last_act(&actor.user)) {
                        Some(Some(first)) => house.undo_act(&actor, first, &cancel),
                        _ => house.undo(actor.clone(), seq),
                    };
                    outcome.map_err(|refusal| house.further_back(&actor.user, seq, refusal))
                })
                .await
            }
            Action::UndoAct(first) => {
                blocking(move || {
                    let outcome = house.undo_act(&actor, first, &cancel);
                    outcome.map_err(|refusal| house.further_back(&actor.user, Some(first), refusal))
                })
                .await
            }
            Action::UndoAll(entries) => {
                blocking(move || house.undo_all(&actor, entries, &cancel)).await
            }
            Action::Import(job) => {
                if self.setup.kind == StoreKind::Demo {
                    return Err(Refusal::usage(
                        "a demo store takes no imports; name another folder with --data-dir",
                    ));
                }
                blocking(move || jobs::import(&house, &job, &cancel)).await
            }
            Action::RetryQuarantine(job) => {
                let this = self.clone();
                blocking(move || this.house.retry(&job, &|feed| this.shop_of(feed))).await
            }
            Action::SyncOnce => {
                let mut stop = self.stop.subscribe();
                tokio::select! {
                    outcome = self.sync_once() => outcome,
                    () = cancel.wait() => Err(Refusal::failed(SYNC_CANCELLED)),
                    _ = stop.wait_for(|stop| *stop) => Err(Refusal::failed(SYNC_CANCELLED)),
                }
            }
            Action::Replay { job, speed } => self.replay(job, speed, &cancel).await,
            Action::FillDemo { orders, seed } => {
                if self.setup.kind != StoreKind::Demo {
                    return Err(Refusal::usage("only a demo store can be filled; add --demo"));
                }
                blocking(move || jobs::fill(&house, orders, seed, &cancel)).await
            }
            Action::Train(job) => {
                let why = Why::Asked(actor.user);
                let due = Due::asked(why, job);
                let end = blocking(move || self.train(&due, &cancel)).await?;
                Ok(Outcome::Trained(Box::new(end)))
            }
            Action::StartTraining => {
                if house.trainings.told(house.clock.now()).run.is_some() {
                    return Err(Refusal::usage("a training runs already"));
                }
                let why = Why::Asked(actor.user);
                self.start_training(Due::asked(why, TrainingJob::default())).await
            }
            Action::Backtest(weeks) => {
                let begun = house.begin_backtest(&cancel)?;
                let done = blocking(move || house.backtest(weeks, begun)).await?;
                Ok(Outcome::Backtested(Box::new(done)))
            }
            Action::StartBacktest(weeks) => {
                let begun = house.begin_backtest(&Cancel::default())?;
                // What comes of it is told by [`Query::Backtests`], a refusal too.
                tokio::task::spawn_blocking(move || house.backtest(weeks, begun));
                Ok(Outcome::Done)
            }
            Action::Pause(pause) => {
                if self.setup.kind == StoreKind::Demo {
                    demo::keep_pause(&self.setup.data_dir, pause)?;
                }
                self.pause.send_replace(pause);
                house.changed();
                Ok(Outcome::Done)
            }
            Action::UseModel(name) => blocking(move || house.use_model(actor, &name, "")).await,
            Action::Cancel(id) => match house.works.cancel(id) {
                true => Ok(Outcome::Done),
                false => Err(Refusal::usage(format!("no work {id} runs"))),
            },
        }
    }

    /// Trains the model in use; waits for its end.
    fn train(&self, due: &Due, cancel: &Cancel) -> Result<TrainingEnd, Refusal> {
        let stop = self.stop.subscribe();
        let work = || training::train(&self.house, due, cancel, &|| *stop.borrow());
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
            let reason = "the training met an internal error; the log in the data folder says more";
            // Another one can be started.
            self.house
                .trainings
                .over(self.house.clock.now(), TrainingResult::Failed(reason.into()));
            Err(Refusal::failed(reason))
        })
    }

    /// Has a model trained, and waits until that has begun; why it could not be.
    async fn start_training(self: Arc<Self>, due: Due) -> Result<Outcome, Refusal> {
        let house = self.house.clone();
        let mut changes = house.revision.subscribe();
        let mut training =
            tokio::task::spawn_blocking(move || self.train(&due, &Cancel::default()));
        loop {
            tokio::select! {
                ended = &mut training => return match ended {
                    Ok(ended) => ended.map(|_| Outcome::Done),
                    Err(error) => Err(Refusal::failed(error.to_string())),
                },
                _ = changes.changed() => {
                    if house.trainings.told(house.clock.now()).run.is_some() {
                        return Ok(Outcome::Done);
                    }
                }
            }
        }
    }

    /// Trains the model in use, and does not wait for it.
    fn train_aside(self: Arc<Self>, due: Due) {
        tokio::task::spawn_blocking(move || {
            if let Err(refusal) = self.train(&due, &Cancel::default()) {
                tracing::info!(%refusal, "no training");
            }
        });
    }

    /// Trains the model in use if that is due.
    fn train_when_due(self: Arc<Self>) {
        if *self.house.ready.borrow() != Ready::Yes || *self.stop.borrow() {
            return;
        }
        if let Some(due) = self.house.trainings.due_at(self.house.clock.now()) {
            tracing::info!(why = %due.why, "training");
            self.train_aside(due);
        }
    }

    /// How a feed that is a shop is read now.
    fn shop_of(&self, id: &FeedId) -> Option<woocommerce::Config> {
        if self.setup.kind == StoreKind::Demo {
            let nobody = Credentials { key: String::new(), secret: String::new() };
            let mut config = woocommerce::Config::new(String::new(), nobody);
            config.zone = self.house.zone.clone();
            return Some(config);
        }
        let feed = self.setup.config.feeds.iter().find(|feed| feed.name == id.as_str())?;
        feeds::shop(&self.house, feed)
    }

    async fn sync_once(&self) -> Result<Outcome, Refusal> {
        let mut started = self.started.subscribe();
        started
            .wait_for(|started| *started)
            .await
            .map_err(|_| Refusal::failed("the owner is ending"))?;
        let feeds = self.feeds.lock().clone();
        if feeds.is_empty() {
            return Err(Refusal::usage(match self.setup.config.left_out {
                true => {
                    "the owner of this store was started without the feeds of its configuration; \
                     end it, and add `--config FILE` to follow them here"
                }
                false => {
                    "the owner of this store was started with no feed configured; `stockdeck config \
                     init` shows how, and an owner that runs has to be ended to see it"
                }
            }));
        }
        let rejected = || -> u64 { self.house.board.snapshot().iter().map(|r| r.rejected).sum() };
        let (before, known) = (rejected(), *self.house.brought.lock());
        let began = std::time::Instant::now();
        for feed in &feeds {
            feed.sync()
                .await
                .map_err(|error| Refusal::failed(format!("feed {}: {error}", feed.id)))?;
        }
        let mut applied = self.house.brought.lock().since(known);
        applied.rejected = rejected().saturating_sub(before) as usize;
        Ok(Outcome::Worked { applied, seconds: began.elapsed().as_secs_f64() })
    }

    async fn replay(
        &self,
        job: super::api::ImportJob,
        speed: Option<f64>,
        cancel: &Cancel,
    ) -> Result<Outcome, Refusal> {
        let Some(clock) = self.house.sim.clone().filter(|_| self.setup.kind == StoreKind::Replay)
        else {
            return Err(Refusal::usage(
                "only a replay store replays; name a new folder with --data-dir",
            ));
        };
        let _alone = self.replaying.try_lock().map_err(|_| {
            Refusal::failed("a replay runs already; wait for its end, or cancel it first")
        })?;
        let (stop, pause) = (self.stop.subscribe(), self.pause.subscribe());
        super::replay::replay(&self.house, clock, job, speed, stop, pause, cancel).await
    }
}

/// What somebody hears whose `sync --once` was cancelled.
const SYNC_CANCELLED: &str =
    "cancelled; the pages read so far are kept, and the feeds go on from there";

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

impl Engine {
    async fn answer(self: Arc<Self>, query: Query) -> Result<Answer, Refusal> {
        let at_once = matches!(query, Query::Overview | Query::Status | Query::Feeds);
        if !at_once {
            self.ready().await?;
        }
        let house = self.house.clone();
        let mut answer = blocking(move || questions::answer(&house, query)).await?;
        if let Answer::Status(status) = &mut answer {
            status.paused = *self.pause.borrow();
            status.following = *self.started.borrow();
            status.feeds_left_out = self.setup.config.left_out;
        }
        Ok(answer)
    }
}

/// The engine as consoles and commands reach it.
#[derive(Clone)]
pub struct Handle(pub Arc<Engine>);

impl Handle {
    /// Puts a feed on the board whose source is not among the configured ones, and says what it runs
    /// with. Its pages are refused until the store is loaded.
    pub fn feed(&self, id: &FeedId, kind: &str, stop: watch::Receiver<bool>) -> FeedContext {
        let house = &self.0.house;
        house.register(id, kind, Duration::from_secs(5));
        FeedContext {
            id: id.clone(),
            ledger: house.clone(),
            board: house.board.clone(),
            pseudonyms: house.pseudonyms.clone(),
            stop,
        }
    }
}

impl Backend for Handle {
    fn ask(&self, query: Query) -> Pending<'static, Result<Answer, Refusal>> {
        Box::pin(self.0.clone().answer(query))
    }
    fn act(
        &self,
        actor: Actor,
        action: Action,
        cancel: Cancel,
    ) -> Pending<'static, Result<Outcome, Refusal>> {
        Box::pin(self.0.clone().do_it(actor, action, cancel))
    }
    fn at_work(&self) -> watch::Receiver<usize> {
        self.0.house.works.asked()
    }
    fn changes(&self) -> watch::Receiver<u64> {
        self.0.house.revision.subscribe()
    }
    fn now(&self) -> Timestamp {
        self.0.house.clock.now()
    }
    fn consoles(&self, names: Vec<Box<str>>) {
        *self.0.house.consoles.lock() = names;
    }
}

/// What a day is in a store: the demo's zone is its merchant's; otherwise it is configured.
pub fn zone_of(kind: StoreKind, config: &Config) -> Zone {
    match kind {
        StoreKind::Demo => Zone::named(crate::feed::demo::ZONE).unwrap_or_default(),
        StoreKind::Live | StoreKind::Replay => config.zone.clone(),
    }
}
