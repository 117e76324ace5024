//! Networks that score: fitted to the store's past beside all else, and taught by what people decided.

use super::book::Learnt;
use super::kept::{FlagModelParts, FlagVersions, KeptVersion};
use super::{ASKED, FlagError, RECENT};
use crate::domain::{OrderKey, Progress, Span, Timestamp};
use crate::engine::api::Refusal;
use crate::engine::forecasts::give_way;
use crate::engine::house::House;
use crate::engine::stored::StoredOrder;
use crate::engine::tables;
use crate::engine::work::Running;
use crate::insight::anomaly::Order;
use crate::insight::anomaly::models::{ModelError, Models};
use crate::insight::anomaly::order_model::{Decided, Tuning};
use crate::orders::Row;
use crate::store::Store;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Orders that a network is fitted to at most, the latest.
const FITTED_TO: usize = 12_000;
/// A network is fitted anew after so long, in domain time.
const EVERY: Span = Span::days(28);
/// A fit that failed is tried again after so long, in domain time.
const AGAIN: Span = Span::days(1);
/// Decisions since the last attempt after which it is tried to learn from them.
const NEWS: usize = 10;
/// Versions that are kept.
const VERSIONS: usize = 4;
/// Bytes of a version that lie in one record.
const PART: usize = 128 * 1024;

/// What is to be done beside scoring.
#[derive(Default)]
pub struct Learner {
    running: Option<JoinHandle<()>>,
    tried: Option<Timestamp>,
    /// Decisions that there were when it was last tried to learn from them, and the version then.
    learnt: Option<(usize, u32)>,
}

impl Learner {
    /// Begins what is due, one thing at a time.
    pub fn look(&mut self, house: &Arc<House>) {
        if self.running.as_ref().is_some_and(|running| !running.is_finished())
            || !house.forecast_bell.is_quiet()
        {
            return;
        }
        let now = house.clock.now();
        let version = house.flag_version();
        let made = house.flags.book.read().versions.values().map(|version| version.made).max();
        let old = made.filter(|_| version > 0).is_none_or(|made| now.since(made) >= EVERY);
        if old && self.tried.is_none_or(|tried| now.since(tried) >= AGAIN) {
            self.tried = Some(now);
            self.begin(house, "flag-fit", fit_in_background);
            return;
        }
        let labels = house.triage.read().labels().len();
        let due = match self.learnt {
            _ if version == 0 => false,
            Some((before, of)) => of != version || labels.abs_diff(before) >= NEWS,
            None => labels >= NEWS,
        };
        if due && labels >= NEWS {
            self.begin(house, "flag-learn", |house| {
                let work = house.works.begin_aside(LEARNING);
                match house.learn_flags(&work) {
                    Ok(said) => tracing::info!(said, "flags"),
                    Err(refusal) => tracing::warn!(%refusal, "flags: nothing was learnt"),
                }
            });
            self.learnt = Some((labels, version));
        }
    }

    fn begin(&mut self, house: &Arc<House>, name: &str, work: fn(&Arc<House>)) {
        let house = Arc::downgrade(house);
        let run = move || {
            give_way();
            if let Some(house) = house.upgrade() {
                work(&house);
            }
        };
        self.running = std::thread::Builder::new().name(name.into()).spawn(run).ok();
    }
}

const FITTING: &str = "learning which orders are usual";
/// What learning from decisions is called on the list of work.
pub const LEARNING: &str = "learning from decisions about flags";

fn fit_in_background(house: &Arc<House>) {
    match house.fit_flags() {
        Ok(version) => tracing::info!(version, "flags: a network was fitted"),
        Err(FlagError::Model(ModelError::Few(orders))) => {
            tracing::debug!(orders, "flags: too few orders to fit a network to");
        }
        Err(error) => tracing::warn!(%error, "flags: no network was fitted"),
    }
}

/// Reads orders placed before a moment, at most so many, the latest of them in the order of time, and
/// hands over each.
pub(super) fn past(
    house: &House,
    store: &Store,
    until: Timestamp,
    most: usize,
    mut each: impl FnMut(OrderKey, Order) -> bool,
) -> Result<(), FlagError> {
    let rows: Vec<Row> = {
        let index = house.orders.read();
        let all: Vec<Row> = index.placed_between(Timestamp::from_millis(0), until).collect();
        all[all.len().saturating_sub(most)..].to_vec()
    };
    for row in rows {
        let stored = store.get::<tables::Orders>(&row)?.map(StoredOrder::into_order);
        let Some(order) = stored.filter(|order| !house.is_part(row, order)) else { continue };
        if let Some(seen) = house.seen_for_flags(store, &order)
            && !each(order.key, seen)
        {
            return Err(FlagError::Ended);
        }
    }
    Ok(())
}

impl House {
    /// Fits a network to the past and has it score. Its number.
    pub fn fit_flags(&self) -> Result<u32, FlagError> {
        let work = self.works.begin_aside(FITTING);
        // The first one scores what rules alone looked at again, and must not have seen it.
        let now = self.clock.now();
        let until = if self.flag_version() == 0 { now - RECENT } else { now };
        let mut orders = Vec::new();
        let store = self.store().ok_or(FlagError::Ended)?;
        past(self, &store, until, FITTED_TO, |_, order| {
            orders.push(order);
            !work.cancelled()
        })?;
        // It is not to be kept from closing.
        drop(store);
        let doubtful = self.doubtful();
        let mut told = |share: f32| {
            let (done, total) = ((share * 100.0) as u64, Some(100));
            work.at(Progress { what: FITTING.into(), done, total });
            !work.cancelled()
        };
        let models = Models::fit_without(&orders, &doubtful, self.flags.fit, &mut told)?;
        let (made, orders) = (now, orders.len() as u64);
        let version = KeptVersion { made, orders, decisions: 0, better: None, parts: 0 };
        self.take_models(&models, version)
    }

    /// Orders that are no example of what is right: those that were flagged, unless somebody released
    /// them, and those that somebody decided wrong.
    fn doubtful(&self) -> HashSet<Arc<str>> {
        let triage = self.triage.read().clone();
        let labels: HashMap<&OrderKey, bool> =
            triage.labels().into_iter().map(|(order, wrong, _)| (order, wrong)).collect();
        let book = self.flags.book.read();
        let flagged = book.flags().filter(|(_, flag)| {
            let label = labels.get(&flag.order).copied();
            label.unwrap_or(flag.score >= ASKED)
        });
        flagged.map(|(_, flag)| Arc::from(flag.order.to_string())).collect()
    }

    /// Learns from what was decided about orders; what came of it, as one sentence. It is taken only if
    /// it is better on the latest decisions.
    pub fn learn_flags(&self, work: &Running) -> Result<Box<str>, Refusal> {
        let failed = |error: FlagError| Refusal::failed(error.to_string());
        let Some(models) = self.flags.book.read().models.clone() else {
            return Err(Refusal::usage(
                "rules alone score orders so far, and rules do not learn; try again once a network is \
                 fitted",
            ));
        };
        let triage = self.triage.read().clone();
        let decided: Vec<Decided> = {
            let book = self.flags.book.read();
            let of = |(order, wrong, _): (&OrderKey, bool, Timestamp)| {
                let row = book.of_order(order)?.seen.1.clone();
                (!row.is_empty()).then_some(Decided { row, wrong })
            };
            triage.labels().into_iter().filter_map(of).collect()
        };
        work.at(Progress { what: LEARNING.into(), done: 0, total: None });
        let wrong = decided.iter().filter(|one| one.wrong).count();
        let trial =
            models.learn(&decided, Tuning::default()).map_err(|error| failed(error.into()))?;
        let (all, helped) = (decided.len(), trial.models.is_some());
        if work.cancelled() {
            return Err(Refusal::failed("cancelled; nothing was changed"));
        }
        let said: Box<str> = match trial.models {
            Some(better) => {
                let in_use = self.flag_version();
                let scored = self.flags.book.read().versions.get(&in_use).cloned();
                let version = KeptVersion {
                    made: self.clock.now(),
                    orders: scored.map_or(0, |version| version.orders),
                    decisions: all as u64,
                    better: Some((trial.before, trial.after)),
                    parts: 0,
                };
                let version = self.take_models(&better, version).map_err(failed)?;
                format!(
                    "version {version} learnt from {wrong} wrong of {all} decided orders: average \
                     precision on the latest of them {:.3} before, {:.3} after",
                    trial.before, trial.after
                )
            }
            None => {
                let why = match trial.before > 0.0 {
                    true => "learning from the others does not help on the latest of them",
                    false => "too few to learn from",
                };
                format!("{wrong} wrong of {all} decided orders: {why}, and nothing was changed")
            }
        }
        .into();
        let learnt = Learnt::of(said.clone(), triage.labels().len(), helped);
        self.flags.book.write().learnt = Some(learnt);
        self.changed();
        Ok(said)
    }

    /// Keeps a version and has it score from now on. Its number.
    fn take_models(&self, models: &Models, version: KeptVersion) -> Result<u32, FlagError> {
        let store = self.store().ok_or(FlagError::Ended)?;
        let bytes = postcard::to_allocvec(&models.kept()?).unwrap_or_default();
        let decided = self.triage.read().model().map_or(0, |(version, before)| version.max(before));
        let in_use = self.flag_version();
        let (number, old) = {
            let book = self.flags.book.read();
            let number = book.versions.keys().copied().max().unwrap_or(0).max(decided) + 1;
            let over = (book.versions.len() + 1).saturating_sub(VERSIONS);
            let old: Vec<u32> =
                book.versions.keys().copied().filter(|old| *old != in_use).take(over).collect();
            (number, old)
        };
        let mut write = store.write();
        let mut parts = 0;
        for part in bytes.chunks(PART) {
            write.put::<FlagModelParts>(&(number, parts), &part.to_vec())?;
            parts += 1;
        }
        let version = KeptVersion { parts, ..version };
        write.put::<FlagVersions>(&number, &version)?;
        write.commit()?;
        for old in old {
            self.forget_flag_version(&store, old)?;
        }
        self.flags.book.write().versions.insert(number, version);
        self.use_flag_model(number).map_err(|refusal| {
            tracing::warn!(%refusal, "flags: a network could not be taken into use");
            FlagError::Ended
        })?;
        Ok(number)
    }

    /// Forgets a version.
    pub(super) fn forget_flag_version(&self, store: &Store, old: u32) -> Result<(), FlagError> {
        let mut write = store.write();
        let parts = self.flags.book.read().versions.get(&old).map_or(0, |version| version.parts);
        for part in 0..parts {
            write.delete::<FlagModelParts>(&(old, part));
        }
        write.delete::<FlagVersions>(&old);
        write.commit()?;
        self.flags.book.write().versions.remove(&old);
        Ok(())
    }
}
