//! What the owner holds: the store, the index, the books, and the locks around them.
//!
//! One thing at a time writes (see [`super::keeper`]); any number read. No lock is held while
//! something waits for a disk or a network, but for the writer's own.

use super::api::{Overview, StoreKind};
use super::figures;
use super::recent::Recent;
use super::work::Works;
use crate::archive::Archive;
use crate::demand;
use crate::desk;
use crate::domain::*;
use crate::feed::FeedBoard;
use crate::feed::pseudonym::Pseudonyms;
use crate::journal::Journal;
use crate::orders::OrderIndex;
use crate::stock::StockBook;
use crate::store::Store;
use crate::vault::Vault;
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tokio::sync::watch;

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
#[derive(Debug, Default)]
pub struct Numbers {
    /// The row number of the next new order.
    pub next_row: u32,
    /// The number of the next record in quarantine.
    pub next_quarantine: u64,
    /// Records in quarantine by feed.
    pub quarantined: BTreeMap<FeedId, u64>,
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
    /// The last figures, from before the start until new ones are made.
    pub last: Mutex<Option<Overview>>,
    /// What people decided.
    pub journal: Mutex<Journal>,
    /// The keys of what is known of people.
    pub vault: Mutex<Vault>,
    /// What the writer alone touches; nothing until the store is loaded.
    pub writer: Mutex<Option<Writer>>,
    /// Consoles attached now.
    pub consoles: Mutex<Vec<Box<str>>>,
    store: OnceLock<Store>,
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
            ready: watch::Sender::new(Ready::Loading),
            revision,
            orders: RwLock::default(),
            stock: RwLock::default(),
            demand: RwLock::new(demand::Ledger::new(foundation.zone)),
            marks: RwLock::default(),
            recent: Mutex::default(),
            journal: Mutex::new(foundation.journal),
            vault: Mutex::new(foundation.vault),
            writer: Mutex::new(None),
            consoles: Mutex::default(),
            store: OnceLock::new(),
        }
    }
    /// The store, once it is open.
    pub fn store(&self) -> Option<&Store> {
        self.store.get()
    }
    /// Puts the opened store in its place; once.
    pub fn put_store(&self, store: Store) {
        self.store.get_or_init(|| store);
    }
    /// Tells everybody that answers may have changed.
    pub fn changed(&self) {
        self.revision.send_modify(|n| *n += 1);
    }
    /// Today in the store's zone.
    pub fn today(&self) -> Day {
        self.clock.now().day(&self.zone)
    }
}
