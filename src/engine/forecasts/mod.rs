//! Forecasts in the background: one thread of the lowest priority makes them anew where demand, the
//! day or the model in use has changed, and nobody ever waits for it.
//!
//! The bell says that something may be due; a pass (see [`maker`]) finds out what is. While histories
//! are being read the thread waits: what it made then would not last.

mod accuracy;
mod held;
mod maker;
mod patrol;
mod spread;
mod survey;
mod watch;

use super::flags::FlagError;
use super::house::{House, Topic};
use crate::demand::SeriesKey;
use crate::domain::{SiteId, Sku};
use crate::feed::FeedState;
use parking_lot::{Condvar, Mutex};
use rustc_hash::FxHashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

pub use maker::{ForecastError, Maker};
pub use patrol::{Patrol, PatrolError, ShelfNews};
#[cfg(test)]
pub use spread::Shortages;
pub use watch::Watcher;

/// Pause between two passes: pages come every second, and each may bring late orders.
const PAUSE: Duration = Duration::from_secs(2);
/// Series touched beyond which all are looked at.
const MANY: usize = 1_000;

/// What may be due.
#[derive(Debug, Default)]
pub struct Rung {
    /// Everything in memory was loaded or counted anew.
    pub anew: bool,
    /// So many series were touched that the shop as a whole may be another.
    pub many: bool,
    /// Series that orders touched.
    pub touched: FxHashSet<SeriesKey>,
    /// The day or the model may have changed.
    look: bool,
    ended: bool,
}

impl Rung {
    fn is_rung(&self) -> bool {
        self.anew || self.many || self.look || !self.touched.is_empty()
    }

    fn touch(&mut self, series: impl Iterator<Item = SeriesKey>) {
        if self.anew || self.many {
            return;
        }
        self.touched.extend(series);
        if self.touched.len() > MANY {
            self.many = true;
            self.touched = FxHashSet::default();
        }
    }
}

#[derive(Default)]
struct Shared {
    rung: Mutex<Rung>,
    heard: Condvar,
}

/// Wakes the forecasting thread. The thread ends with it.
#[derive(Default)]
pub struct Bell(Arc<Shared>);

impl Bell {
    fn ring(&self, say: impl FnOnce(&mut Rung)) {
        let mut rung = self.0.rung.lock();
        say(&mut rung);
        if rung.is_rung() || rung.ended {
            self.0.heard.notify_one();
        }
    }
    /// Everything in memory was loaded or counted anew.
    pub fn anew(&self) {
        self.ring(|rung| *rung = Rung { anew: true, ended: rung.ended, ..Rung::default() });
    }
    /// The demand of these series is another one.
    pub fn touched(&self, series: &[(Sku, SiteId)]) {
        let key = |(sku, site): &(Sku, SiteId)| SeriesKey { sku: sku.clone(), site: site.clone() };
        self.ring(|rung| rung.touch(series.iter().map(key)));
    }
    /// Another day may have begun, or another model be in use.
    pub fn look(&self) {
        self.ring(|rung| rung.look = true);
    }
    /// Nothing more is to be done.
    pub fn end(&self) {
        self.ring(|rung| rung.ended = true);
    }
    /// Whether there is time for what can wait.
    pub fn is_quiet(&self) -> bool {
        self.0.is_quiet()
    }
    /// What was rung and not taken yet.
    #[cfg(test)]
    pub fn take(&self) -> Rung {
        self.0.take()
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    /// Waits until something is rung, and leaves it; `false`: there is nothing more to do.
    fn wait(&self) -> bool {
        let mut rung = self.rung.lock();
        while !rung.is_rung() && !rung.ended {
            self.heard.wait(&mut rung);
        }
        !rung.ended
    }
    fn take(&self) -> Rung {
        std::mem::take(&mut self.rung.lock())
    }
    /// Whether there is time for what can wait.
    fn is_quiet(&self) -> bool {
        let rung = self.rung.lock();
        !(rung.anew || rung.many || rung.ended)
    }
    /// Lets a moment pass; an end is heard.
    fn pause(&self) {
        let mut rung = self.rung.lock();
        let _ = self.heard.wait_while_for(&mut rung, |rung| !rung.ended, PAUSE);
    }
}

/// Starts the thread that keeps a house's forecasts up to date.
pub fn start(house: &Arc<House>) -> std::io::Result<()> {
    let (house, bell) = (Arc::downgrade(house), house.forecast_bell.0.clone());
    let run = move || {
        give_way();
        let (mut maker, mut watcher) = (Maker::default(), Watcher::default());
        let mut patrol = Patrol::default();
        while bell.wait() {
            match house.upgrade() {
                None => return,
                Some(busy) if is_reading(&busy) => {}
                Some(idle) => {
                    drop(idle);
                    let rung = bell.take();
                    if rung.ended {
                        return;
                    }
                    let more = supervised(&mut maker, &house, |maker| {
                        let passed = maker.pass(&house, &rung);
                        // What needs no forecast is looked at whatever became of them.
                        match patrol.look(&house, maker.in_use().map(|(_, model)| model)) {
                            // The store is loaded anew, or closed: the next look is at what is there then.
                            Err(PatrolError::Flag(FlagError::Ended)) => {}
                            looked => looked?,
                        }
                        passed?;
                        if let Some((mark, model)) = maker.in_use() {
                            watcher.look(&house, mark, model).map_err(Failed::Watching)?;
                        }
                        Ok(bell.is_quiet()
                            && (maker.measure_spread(&house)? || maker.look_back(&house)?))
                    });
                    if more {
                        bell.rung.lock().look = true;
                    }
                }
            }
            bell.pause();
        }
    };
    std::thread::Builder::new().name("forecast".into()).spawn(run).map(drop)
}

/// Why what will sell, and what is to be ordered, is not known yet since the store was loaded; `None`: it is,
/// as far as it ever will be.
pub fn waits(house: &House) -> Option<String> {
    let reading = is_reading(house);
    match (house.origin(), *house.forecast_until.lock()) {
        (None, _) => reading.then(|| "histories are being read".into()),
        (Some(_), Some(_)) if house.forecast_bell.is_quiet() => None,
        (Some(_), _) if reading => Some("histories are being read, and forecasts follow".into()),
        (Some(_), _) => Some("forecasts are being made".into()),
    }
}

/// Whether histories are being read.
pub fn is_reading(house: &House) -> bool {
    let reading = || {
        let feeds = house.board.snapshot();
        let is_reading =
            |state: &FeedState| matches!(state, FeedState::Starting | FeedState::Backfill(_));
        feeds.iter().any(|feed| is_reading(&feed.state))
    };
    *house.works.awaited().borrow() > 0 || reading()
}

/// What could not be done.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("no forecast is renewed: {0}")]
    Forecasting(#[from] ForecastError),
    #[error("whether demand has shifted is not looked at: {0}")]
    Watching(#[source] ForecastError),
    #[error("stock, demand and feeds are not looked at: {0}")]
    Patrol(#[from] PatrolError),
}

/// Work whose failures are told to everybody, and which is begun afresh after each. `true`: there is more
/// to do.
fn supervised(
    maker: &mut Maker,
    house: &Weak<House>,
    work: impl FnOnce(&mut Maker) -> Result<bool, Failed>,
) -> bool {
    let worked = catch_unwind(AssertUnwindSafe(|| work(maker)));
    let more = matches!(worked, Ok(Ok(true)));
    let failed = match worked {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => {
            let reason = "an internal error; the log in the data folder says more";
            Some(format!("no forecast is renewed: {reason}"))
        }
    };
    let Some(house) = house.upgrade() else { return false };
    if let Some(reason) = &failed {
        tracing::error!(reason, "forecasts could not be made");
        *maker = Maker::default();
    }
    if failed.is_some() || house.is_in_trouble(Topic::Forecasts) {
        house.trouble(Topic::Forecasts, failed);
    }
    more
}

/// Takes this thread behind all others, where the system can do so for one thread.
pub(super) fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 19) {
        tracing::debug!(%error, "the forecasting thread keeps its priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(n: usize) -> Vec<(Sku, SiteId)> {
        (0..n).map(|n| (Sku::new(n.to_string()), SiteId::main())).collect()
    }

    #[test]
    fn what_was_touched_is_remembered_until_it_is_too_much() {
        let bell = Bell::default();
        bell.touched(&series(3));
        bell.touched(&series(5));
        let rung = bell.take();
        assert_eq!((rung.touched.len(), rung.many, rung.anew), (5, false, false));
        bell.touched(&series(MANY + 1));
        let rung = bell.take();
        assert!(rung.many && rung.touched.is_empty());
        bell.anew();
        bell.touched(&series(3));
        assert!(bell.take().touched.is_empty(), "all is looked at anyhow");
    }

    #[test]
    fn the_thread_ends_with_its_bell() {
        let bell = Bell::default();
        let shared = bell.0.clone();
        let waiting = std::thread::spawn(move || shared.wait());
        drop(bell);
        assert!(!waiting.join().unwrap());
    }
}
