//! What the owner holds: the store, the index, the books, and the locks around them.
//!
//! One thing at a time writes (see [`super::keeper`]); any number read.
//!
//! # Locks
//!
//! Who holds several takes them in this order, and drops each as soon as it can:
//!
//! 1. `writer`: held by whatever changes anything, from its check to its end.
//! 2. `journal`: the log's file; held while an entry is synced, and never while one is carried
//!    out.
//! 3. `orders`, 4. `stock`, 5. `demand`, 6. `marks`: read for a few milliseconds; written by
//!    who holds the writer, or by the loader, before which nobody has the writer.
//!
//! All others (`recent`, `bulk`, `forecasts`, `forecast_until`, `overrides`, `purchasing`, those of `allocator`, `triage`, the book of `flags`, `presence`, `rules`, `routes`, `trying`, `shops`, `accuracy`, `shelf`, `shelf_news`, `trainings`, `expected`, `coordinated`, `cached`, `vault`, `last`, `trouble`, `consoles`, the board, the works) are leaves: nothing
//! is locked while one of them is held. No lock is taken twice by one thread, not even for reading:
//! a writer that waits in between would stop both.

use super::api::{Overview, StoreKind};
use super::backtest::Backtests;
use super::buying::Trying;
use super::figures;
use super::forecasts::Bell;
use super::models::Shelf;
use super::recent::Recent;
use super::training::Trainings;
use super::work::Works;
use crate::archive::Archive;
use crate::demand;
use crate::desk;
use crate::domain::*;
use crate::feed::pseudonym::Pseudonyms;
use crate::feed::{Applied, FeedBoard};
use crate::insight::accuracy::AccuracyBook;
use crate::insight::forecast::{ForecastBook, Overrides, held_origin, origin};
use crate::journal::Journal;
use crate::orders::OrderIndex;
use crate::outbox::Routes;
use crate::stock::StockBook;
use crate::store::Store;
use crate::vault::Vault;
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use tokio::sync::{Notify, watch};

/// How far the store is loaded.
#[derive(Clone, Debug, PartialEq)]
pub enum Ready {
    /// It is being opened, or rebuilt from the archive.
    Loading,
    /// Everything can be answered.
    Yes,
    /// It cannot be used, and why.
    Failed(String),
}

/// What the writer alone touches.
pub struct Writer {
    /// Normalised records, for good.
    pub archive: Archive,
    /// Running numbers.
    pub numbers: Numbers,
}

/// Running numbers of what is written.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// The row number of the next new order.
    pub next_row: u32,
    /// The number of the next record in quarantine.
    pub next_quarantine: u64,
    /// Records in quarantine by feed.
    pub quarantined: BTreeMap<FeedId, u64>,
    /// Orders that were gone before they were told of.
    pub tombstones: u64,
}

/// What can be in trouble for long, until somebody mends it or it mends itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// The store cannot be used.
    Store,
    /// Pages of the archive cannot be read.
    Archive,
    /// Acknowledged entries of the journal are missing.
    Journal,
    /// The feeds could not be started.
    Feeds,
    /// Forecasts cannot be made.
    Forecasts,
    /// A target of orders cannot be used.
    Targets,
    /// Orders could not be sent.
    Orders,
    /// An order cannot be placed under its number.
    Numbers,
    /// The configuration has changed, or cannot be read any more.
    Configuration,
    /// A channel on which people are told of cases cannot be used.
    Notices,
    /// Orders are not looked at for flags.
    Flags,
    /// A shop cannot be told, or would not do as it was told.
    Shops,
}

/// Everything that the owner holds.
pub struct House {
    /// The data folder.
    pub data_dir: PathBuf,
    /// What the store is for.
    pub kind: StoreKind,
    /// Domain time.
    pub clock: Arc<dyn Clock>,
    /// The same, where it is simulated and can be moved.
    pub sim: Option<Arc<SimClock>>,
    /// What a day is where a site does not say.
    pub zone: Zone,
    /// The currency in which the overview sums.
    pub currency: Currency,
    /// How feeds fare.
    pub board: Arc<FeedBoard>,
    /// Makes pseudonyms.
    pub pseudonyms: Arc<Pseudonyms>,
    /// Long work.
    pub works: Arc<Works>,
    /// When the owner started, for monotonic time.
    pub started: Instant,
    /// When the owner started, by the wall clock.
    pub since: Timestamp,
    /// Entries that the journal had when the owner started.
    pub entries_at_start: u64,
    /// Whether everything is loaded.
    pub ready: watch::Sender<Ready>,
    /// Grows with every change.
    pub revision: watch::Sender<u64>,
    /// All orders, for filters and tables.
    pub orders: RwLock<OrderIndex>,
    /// Stock, catalogue, purchase orders.
    pub stock: RwLock<StockBook>,
    /// Daily demand's rules; its figures are in the store.
    pub demand: RwLock<demand::Ledger>,
    /// Notes, pins, acknowledgements.
    pub marks: RwLock<desk::Marks>,
    /// What sold lately.
    pub recent: Mutex<Recent>,
    /// What will sell.
    pub forecasts: RwLock<ForecastBook>,
    /// What people expect instead; replaced as a whole, so that who reads it holds no lock.
    pub overrides: RwLock<Arc<Overrides>>,
    /// What is approved to be ordered, and own orders; replaced as a whole as well.
    pub purchasing: RwLock<Arc<desk::buying::Purchasing>>,
    /// What people decided about cases; replaced as a whole as well.
    pub triage: RwLock<Arc<desk::triage::Triage>>,
    /// Who looks at what.
    pub presence: super::presence::Presence,
    /// What happened to shelves since they were last looked at.
    pub shelf_news: super::forecasts::ShelfNews,
    /// What is flagged, and what flags it.
    pub flags: super::flags::Flags,
    /// The shops that are told what to make of their orders.
    pub(super) shops: super::shops::Shops,
    /// Who may approve how much; replaced as a whole.
    pub(super) rules: RwLock<Arc<desk::buying::Rules>>,
    /// Where that is configured.
    pub(super) followed: Mutex<Option<super::rules::Followed>>,
    /// From where open orders ship.
    pub allocator: super::allocation::Allocator,
    /// When the program last looked for something to approve by itself, in domain time.
    pub approved_by_itself: Mutex<Option<Timestamp>>,
    /// Where orders go; replaced as a whole.
    pub routes: RwLock<Arc<Routes>>,
    /// A demo's warehouse, once it is there. While it is told something the shop stands still, and the
    /// journal may be taken.
    pub warehouse: RwLock<Option<crate::feed::demo::Warehouse>>,
    /// What could not be delivered yet, by the order's number.
    pub trying: Mutex<BTreeMap<PoNumber, Trying>>,
    /// What makes this store's documents its own.
    pub store_key: [u8; 32],
    /// Grows with every decision.
    pub decided: watch::Sender<u64>,
    /// How good forecasts were.
    pub accuracy: RwLock<AccuracyBook>,
    /// Wakes who forecasts.
    pub forecast_bell: Bell,
    /// What is known of the models' files.
    pub shelf: Mutex<Shelf>,
    /// The day up to which all that sells was looked at and forecast since the store was loaded; `None`: it
    /// was not yet.
    pub(super) forecast_until: Mutex<Option<Day>>,
    /// Bulk orders that are not going to come again.
    pub(super) bulk: RwLock<Arc<super::known::OneOffs>>,
    /// What is to be ordered.
    pub planner: super::planning::Planner,
    /// Trainings of the model in use.
    pub trainings: Trainings,
    /// Replays of the store's past.
    pub backtests: Backtests,
    /// What is expected to be ordered.
    pub expected: super::questions::ExpectedAt,
    /// What was judged of goods that are on order.
    pub coordinated: super::questions::Judged,
    /// What several questions need.
    pub cached: Mutex<super::questions::Cached>,
    /// The last figures, from before the start until new ones are made.
    pub last: Mutex<Option<Overview>>,
    /// What people decided.
    pub journal: Mutex<Journal>,
    /// The keys of what is known of people.
    pub vault: Mutex<Vault>,
    /// What the writer alone touches; nothing until the store is loaded.
    pub writer: Mutex<Option<Writer>>,
    /// Held while many things are decided or undone as one act: no act is undone half-way.
    pub acting: Mutex<()>,
    /// What became of the records that feeds brought since the start.
    pub brought: Mutex<Applied>,
    /// On which channels people are told of cases.
    pub(super) notices: super::notify::Notices,
    /// Consoles attached now.
    pub consoles: Mutex<Vec<Box<str>>>,
    /// Wakes who loads the store anew.
    pub reload: Notify,
    /// Wakes who counts demand anew.
    pub recount: Notify,
    /// Whether demand was counted in other zones than those of today.
    pub recount_due: AtomicBool,
    /// One load at a time.
    pub(super) loading: Mutex<()>,
    trouble: Mutex<BTreeMap<Topic, Box<str>>>,
    store: RwLock<Option<Store>>,
}

/// What is known before the store is opened.
pub struct Foundation {
    /// The data folder.
    pub data_dir: PathBuf,
    /// What the store is for.
    pub kind: StoreKind,
    /// What a day is where a site does not say.
    pub zone: Zone,
    /// The currency in which the overview sums.
    pub currency: Currency,
    /// The journal, open.
    pub journal: Journal,
    /// Makes pseudonyms.
    pub pseudonyms: Pseudonyms,
    /// The keys of what is known of people.
    pub vault: Vault,
    /// Who may approve how much.
    pub rules: desk::buying::Rules,
    /// What makes this store's documents its own.
    pub store_key: [u8; 32],
    /// Where simulated time stands; `None`: wall time.
    pub simulated: Option<Timestamp>,
}

impl House {
    /// A house whose store is still to be loaded.
    pub fn new(foundation: Foundation) -> Self {
        let sim = foundation.simulated.map(|start| Arc::new(SimClock::new(start)));
        let clock: Arc<dyn Clock> = match &sim {
            Some(sim) => sim.clone(),
            None => Arc::new(WallClock),
        };
        let revision = watch::Sender::new(0);
        let board = Arc::new(FeedBoard::default());
        let told = revision.clone();
        // Consoles hear of a feed in trouble at once, not with the next record.
        board.notify(move || told.send_modify(|n| *n += 1));
        House {
            last: Mutex::new(figures::last(&foundation.data_dir)),
            bulk: RwLock::default(),
            planner: super::planning::Planner::default(),
            trainings: Trainings::of(&foundation.data_dir),
            backtests: Backtests::of(&foundation.data_dir),
            data_dir: foundation.data_dir,
            kind: foundation.kind,
            clock,
            sim,
            zone: foundation.zone.clone(),
            currency: foundation.currency,
            board,
            pseudonyms: Arc::new(foundation.pseudonyms),
            works: Arc::default(),
            started: Instant::now(),
            since: Timestamp::wall_now(),
            entries_at_start: foundation.journal.len(),
            ready: watch::Sender::new(Ready::Loading),
            revision,
            orders: RwLock::default(),
            stock: RwLock::default(),
            demand: RwLock::new(demand::Ledger::new(foundation.zone)),
            marks: RwLock::default(),
            recent: Mutex::default(),
            forecasts: RwLock::default(),
            overrides: RwLock::default(),
            purchasing: RwLock::default(),
            triage: RwLock::default(),
            presence: Default::default(),
            shelf_news: super::forecasts::ShelfNews::default(),
            flags: super::flags::Flags::default(),
            shops: super::shops::Shops::default(),
            rules: RwLock::new(Arc::new(foundation.rules)),
            followed: Mutex::default(),
            allocator: super::allocation::Allocator::default(),
            approved_by_itself: Mutex::default(),
            routes: RwLock::default(),
            warehouse: RwLock::default(),
            trying: Mutex::default(),
            store_key: foundation.store_key,
            decided: watch::Sender::new(0),
            accuracy: RwLock::default(),
            forecast_bell: Bell::default(),
            forecast_until: Mutex::default(),
            shelf: Mutex::default(),
            expected: Mutex::default(),
            coordinated: Default::default(),
            cached: Mutex::default(),
            journal: Mutex::new(foundation.journal),
            vault: Mutex::new(foundation.vault),
            writer: Mutex::new(None),
            acting: Mutex::new(()),
            brought: Mutex::default(),
            notices: super::notify::Notices::default(),
            consoles: Mutex::default(),
            reload: Notify::new(),
            recount: Notify::new(),
            recount_due: AtomicBool::new(false),
            loading: Mutex::default(),
            trouble: Mutex::default(),
            store: RwLock::default(),
        }
    }
    /// The store, while it is open.
    pub fn store(&self) -> Option<Store> {
        self.store.read().clone()
    }
    /// Puts the opened store in its place.
    pub fn put_store(&self, store: Store) {
        *self.store.write() = Some(store);
    }
    /// Lets go of the store; it closes when those who read in it have done so too.
    pub fn close_store(&self) {
        let store = self.store.write().take();
        drop(store);
    }
    /// Says that nothing can be answered until the store is loaded.
    pub fn begin_loading(&self) {
        self.ready.send_replace(Ready::Loading);
        self.changed();
    }
    /// Says what is in trouble, for everybody to see; `None`: nothing any more.
    pub fn trouble(&self, topic: Topic, what: Option<String>) {
        let mut trouble = self.trouble.lock();
        let what: Option<Box<str>> = what.map(Into::into);
        let before = match what.clone() {
            Some(what) => trouble.insert(topic, what),
            None => trouble.remove(&topic),
        };
        drop(trouble);
        if before != what {
            self.changed();
        }
    }
    /// Whether something of this kind is in trouble.
    pub fn is_in_trouble(&self, topic: Topic) -> bool {
        self.trouble.lock().contains_key(&topic)
    }
    /// All that is in trouble, the gravest first.
    pub fn troubles(&self) -> Vec<Box<str>> {
        self.trouble.lock().values().cloned().collect()
    }
    /// The same without one topic.
    pub fn troubles_but(&self, topic: Topic) -> Vec<Box<str>> {
        let trouble = self.trouble.lock();
        trouble.iter().filter(|(of, _)| **of != topic).map(|(_, what)| what.clone()).collect()
    }
    /// How long ago somebody signed: in simulated time where the store's is, since nothing real
    /// is bought there; else monotonic since the owner's start, and by the wall clock before.
    pub fn since_signed(&self, signed: &desk::buying::Signature) -> Span {
        if self.sim.is_some() {
            return self.clock.now().since(signed.at);
        }
        if signed.entry > self.entries_at_start {
            let now = self.started.elapsed().as_millis() as u64;
            return Span::millis(now.saturating_sub(signed.mono_ms) as i64);
        }
        Timestamp::wall_now().since(signed.wall)
    }
    /// Tells everybody that answers may have changed.
    pub fn changed(&self) {
        self.revision.send_modify(|n| *n += 1);
    }
    /// The first day that is not over, as far as the store's data go: that from which on forecasts are
    /// made.
    pub fn first_ahead(&self) -> Day {
        self.origin().map_or(self.today(), |origin| origin.plus(1))
    }
    /// Days by which [`Self::first_ahead`] is behind today in a real shop's store: because a source is in trouble,
    /// or because what it holds ended a good while ago. What sold since is not known, and what is planned from
    /// there is as old.
    pub fn days_behind(&self) -> i32 {
        match self.kind {
            StoreKind::Live => (self.today().number() - self.first_ahead().number()).max(0),
            StoreKind::Replay | StoreKind::Demo => 0,
        }
    }
    /// The day from which to forecast: the last one that is over, and of which all sources have told;
    /// `None`: there is no demand yet.
    pub fn origin(&self) -> Option<Day> {
        let (today, last) = (self.today(), self.demand.read().last_day());
        match self.is_told_all() {
            true => origin(today, last),
            false => held_origin(today, last, self.forecasts.read().origin()),
        }
    }
    /// The last day of which all is told that had happened by then; `None`: none is known of. While a
    /// source is in trouble that is the day before the last document.
    pub fn told_until(&self) -> Option<Day> {
        let last = self.demand.read().last_day()?;
        Some(if self.is_told_all() { last } else { last.plus(-1) })
    }
    /// Whether no source is in trouble: what has not been told by now has not happened.
    fn is_told_all(&self) -> bool {
        self.board.snapshot().iter().all(|feed| feed.state.trouble().is_none())
    }
    /// Today in the store's zone.
    pub fn today(&self) -> Day {
        self.clock.now().day(&self.zone)
    }
    /// When it began.
    pub fn start_of_today(&self) -> Timestamp {
        self.today().start(&self.zone)
    }
}
