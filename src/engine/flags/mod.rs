//! Flags of the running store: orders are scored as they arrive, in the order in which they were placed
//! among those that arrive together, with what was known before.
//!
//! A thread of its own ([`start`]) holds what the detection knows ([`Scorer`]). After a load that is read
//! from the orders of the store, on a thread of the lowest priority; meanwhile nothing is scored. What was
//! said of an order stays as it was said; a restart recalls it, and so cases go on where they were.
//! Until the past is long enough rules alone speak. Then a network is fitted to it beside
//! ([`learner`]), and anew every four weeks of domain time; the fit leaves out what was flagged and not
//! released. Which version scores is a decision of the journal.

mod book;
mod kept;
mod learner;
mod order;
mod raise;
mod rule_test;
mod scorer;

pub use book::{ASKED, Book};
pub use kept::{KeptFlag, KeptRaised, KeptReason};
pub use learner::LEARNING;
pub use order::{seen, wall};
pub use raise::rules;
pub use rule_test::test_rule;

use super::api::Scoring;
use super::house::{House, Ready, Topic};
use crate::config::FlagHours;
use crate::domain::{Decision, Entry, Span, Timestamp};
use crate::insight::anomaly::order_model::Fit;
use crate::store::StoreError;
use learner::Learner;
use parking_lot::{Condvar, Mutex, RwLock};
pub use scorer::{Reading, Scorer};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Orders placed longer ago than this when they arrive are learnt from and not scored: a history is
/// no news.
pub const RECENT: Span = Span::days(7);
/// The least time between two looks at what arrived while a history is read.
const PAUSE: Duration = Duration::from_millis(500);

/// Why flags are not raised.
#[derive(Debug, thiserror::Error)]
pub enum FlagError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The network could not be read or fitted.
    #[error(transparent)]
    Model(#[from] crate::insight::anomaly::models::ModelError),
    /// Kept numbers of a network that are damaged.
    #[error("version {0} of the network that scores orders cannot be read; it is fitted anew")]
    Damaged(u32),
    /// The owner ends, or the store is loaded anew.
    #[error("it is not needed any more")]
    Ended,
}

/// What the house holds of flags.
pub struct Flags {
    /// What is flagged. A leaf among the locks.
    pub book: RwLock<Book>,
    bell: Arc<Shared>,
    /// When cases may wake somebody.
    hours: RwLock<FlagHours>,
    /// How networks are fitted.
    pub fit: Fit,
}

/// How the console fits: smaller than a file's detection, so that it takes little of the machine and a
/// minute or two.
const FIT: Fit = Fit {
    replays: 8,
    networks: 3,
    share: 0.08,
    warm_up: 75 * 86_400,
    epochs: 6,
    hidden: [96, 48],
    seed: 1,
};

impl Default for Flags {
    fn default() -> Self {
        Flags { book: RwLock::default(), bell: Arc::default(), hours: RwLock::default(), fit: FIT }
    }
}

/// What may be due.
#[derive(Debug, Default)]
struct Rung {
    /// Everything in memory was loaded anew.
    anew: bool,
    /// Orders arrived.
    arrived: bool,
    /// Another version is to score, or rules were switched or set.
    otherwise: bool,
    /// Time went on, or somebody decided.
    look: bool,
    ended: bool,
}

#[derive(Default)]
struct Shared {
    rung: Mutex<Rung>,
    heard: Condvar,
}

impl Shared {
    fn ring(&self, say: impl FnOnce(&mut Rung)) {
        say(&mut self.rung.lock());
        self.heard.notify_one();
    }
    /// Waits until something is rung and takes it; `None`: nothing more is to be done.
    fn wait(&self) -> Option<Rung> {
        let mut rung = self.rung.lock();
        loop {
            if rung.ended {
                return None;
            }
            if rung.anew || rung.arrived || rung.otherwise || rung.look {
                return Some(std::mem::take(&mut *rung));
            }
            self.heard.wait(&mut rung);
        }
    }
    /// Gives back what was taken and could not be done yet, and lets a moment pass.
    fn later(&self, taken: Rung) {
        let mut rung = self.rung.lock();
        rung.anew |= taken.anew;
        rung.arrived |= taken.arrived;
        rung.otherwise |= taken.otherwise;
        rung.look |= taken.look;
        let _ = self.heard.wait_while_for(&mut rung, |rung| !rung.ended, PAUSE);
    }
    /// Whether what is being read is of no use any more.
    fn is_stale(&self) -> bool {
        let rung = self.rung.lock();
        rung.anew || rung.ended
    }
}

impl Flags {
    /// Goes by these hours.
    pub fn set_up(&self, hours: FlagHours) {
        *self.hours.write() = hours;
    }
    /// From which severity on a case is worth waking up for.
    pub fn urgent(&self) -> f64 {
        self.hours.read().urgent
    }
    /// Everything in memory was loaded anew.
    pub fn anew(&self) {
        self.bell.ring(|rung| *rung = Rung { anew: true, ended: rung.ended, ..Rung::default() });
    }
    /// Orders arrived.
    pub fn arrived(&self) {
        self.bell.ring(|rung| rung.arrived = true);
    }
    /// Something may be due by time.
    pub fn look(&self) {
        self.bell.ring(|rung| rung.look = true);
    }
    /// Somebody decided something.
    pub fn decided(&self, entry: &Entry) {
        match &entry.decision {
            Decision::SwitchRule { .. }
            | Decision::SetThreshold { .. }
            | Decision::UseFlagModel { .. } => {
                self.bell.ring(|rung| rung.otherwise = true);
            }
            Decision::Flag { .. } | Decision::Unflag { .. } => self.look(),
            _ => {}
        }
    }
    /// Nothing more is to be done.
    pub fn end(&self) {
        self.bell.ring(|rung| rung.ended = true);
    }
}

impl House {
    /// Until when hours are quiet; `None`: they are not.
    pub fn quiet_until(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let minute = now.since(self.start_of_today()).as_seconds() / 60;
        let minute = u16::try_from(minute.clamp(0, 24 * 60 - 1)).unwrap_or(0);
        let left = self.flags.hours.read().quiet_for(minute)?;
        Some(now + Span::minutes(i64::from(left)))
    }
}

impl Drop for Flags {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts the thread that scores a house's orders.
pub fn start(house: &Arc<House>) -> std::io::Result<()> {
    let (weak, bell) = (Arc::downgrade(house), house.flags.bell.clone());
    let run = move || {
        let mut keeper = Keeper::default();
        while let Some(rung) = bell.wait() {
            let Some(house) = weak.upgrade() else { return };
            let waits = *house.ready.borrow() != Ready::Yes || super::forecasts::is_reading(&house);
            drop(house);
            if waits {
                bell.later(rung);
                continue;
            }
            supervised(&mut keeper, &weak, &bell, &rung);
        }
    };
    std::thread::Builder::new().name("flag".into()).spawn(run).map(drop)
}

/// What the thread keeps.
#[derive(Default)]
struct Keeper {
    scorer: Option<Scorer>,
    learner: Learner,
}

impl Keeper {
    fn turn(
        &mut self,
        house: &Weak<House>,
        bell: &Arc<Shared>,
        rung: &Rung,
    ) -> Result<(), FlagError> {
        if rung.anew {
            self.scorer = None;
        }
        if rung.otherwise
            && let Some(scorer) = &mut self.scorer
        {
            scorer.go_by(house)?;
        }
        loop {
            let again = self.scorer.as_ref().map(Scorer::is_to_be_read);
            let scorer = match again {
                Some(None) => self.scorer.as_mut(),
                Some(Some(reading)) => Some(self.scorer.insert(read(house, bell, reading)?)),
                None => Some(self.scorer.insert(read(house, bell, Reading::Recalled)?)),
            };
            let Some(scorer) = scorer else { return Err(FlagError::Ended) };
            scorer.arrived(house)?;
            if scorer.is_to_be_read().is_none() {
                let Some(house) = house.upgrade() else { return Err(FlagError::Ended) };
                scorer.prune(&house)?;
                self.learner.look(&house);
                return Ok(());
            }
        }
    }
}

/// Reads what happened so far, behind all other threads.
fn read(house: &Weak<House>, bell: &Arc<Shared>, how: Reading) -> Result<Scorer, FlagError> {
    let (house, bell) = (house.clone(), bell.clone());
    let reading = std::thread::Builder::new().name("flag-read".into()).spawn(move || {
        super::forecasts::give_way();
        Scorer::read(&house, how, &|| bell.is_stale())
    });
    match reading.map(std::thread::JoinHandle::join) {
        Ok(Ok(read)) => read,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(_) => Err(FlagError::Ended),
    }
}

/// A turn whose failure is told to everybody, and after which all is read anew.
fn supervised(keeper: &mut Keeper, house: &Weak<House>, bell: &Arc<Shared>, rung: &Rung) {
    let turned = catch_unwind(AssertUnwindSafe(|| keeper.turn(house, bell, rung)));
    let failed = match turned {
        Ok(Ok(())) => None,
        Ok(Err(FlagError::Ended)) => {
            keeper.scorer = None;
            return;
        }
        Ok(Err(error)) => Some(format!("orders are not looked at for flags: {error}")),
        Err(_) => Some(
            "orders are not looked at for flags: an internal error; the log in the data folder says \
             more"
                .to_owned(),
        ),
    };
    let Some(house) = house.upgrade() else { return };
    if let Some(reason) = &failed {
        tracing::error!(reason, "flags");
        keeper.scorer = None;
        house.flags.book.write().scoring = Scoring::Reading;
    }
    if failed.is_some() || house.is_in_trouble(Topic::Flags) {
        house.trouble(Topic::Flags, failed);
    }
}
