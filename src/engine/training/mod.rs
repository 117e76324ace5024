//! Training in the background: the model in use learns the store's own demand in a process of its own,
//! of the lowest priority, and what comes of it is taken into use if it is better on validation.
//!
//! One runs at a time. It is started by a person, by the calendar (see [`schedule`]), or when demand has
//! shifted away from its forecasts (see [`crate::insight::drift`]). It ends with its owner, and is due
//! again at the next start; one that somebody asked for is begun again, once. What must survive that
//! lies in a file of the data folder.

mod child;
mod schedule;
mod snapshot;
#[cfg(test)]
mod tests;

use super::api::{
    NextTraining, Refusal, Training, TrainingEnd, TrainingJob, TrainingResult, TrainingRun,
    TrainingScores, TrainingStep, Why,
};
use super::decide::owner;
use super::house::House;
use super::work::{Cancel, Running};
use crate::config::Retraining;
use crate::domain::{Day, Progress, Timestamp};
use crate::insight::drift::Drift;
use crate::model::registry::{Card, Registry, Version, version_in};
use crate::model::train::apart::Job;
use crate::model::train::{KeptBack, Look, Tuning};
use crate::model::{Frequency, ModelError, SHIPPED};
use child::Ended;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use snapshot::Snapshot;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What the work is called on the list.
pub const TRAINING: &str = "training";
/// The file of the data folder that remembers trainings.
const FILE: &str = "training.json";
/// The folder in which a new model lies until it is taken.
const FOLDER: &str = "training";
/// Of all real time, trainings by the calendar take a tenth at most: in a demo a month passes in
/// seconds.
const REST: u32 = 9;

/// Trainings of a store.
pub struct Trainings {
    state: Mutex<State>,
    /// Wakes who looks whether one is due.
    pub due: Notify,
}

/// What survives the owner.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    #[serde(flatten)]
    past: schedule::Past,
    last: Option<TrainingEnd>,
    /// The one that runs. Found here by a new owner, it ended with the one before.
    runs: Option<Begun>,
    /// The shift that was found last.
    drift: Option<Drift>,
    /// Whether that one has not been answered by a training yet.
    unanswered: bool,
}

/// A training that was begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Begun {
    since: Timestamp,
    base: Box<str>,
    due: Due,
}

/// A training that is to be begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Due {
    /// Why.
    pub why: Why,
    job: TrainingJob,
    /// Whether it was begun before by an owner that ended.
    again: bool,
}

impl Due {
    /// One as somebody asks for it.
    pub const fn asked(why: Why, job: TrainingJob) -> Self {
        Self { why, job, again: false }
    }

    fn by_itself(why: Why) -> Self {
        Self::asked(why, TrainingJob::default())
    }
}

struct State {
    file: PathBuf,
    kept: Kept,
    /// One that somebody asked for and that ended with the owner before.
    cut: Option<Due>,
    run: Option<(TrainingRun, Instant)>,
    /// When and how long the last one ran.
    rested: Option<(Instant, Duration)>,
    watched: Option<Day>,
    retraining: Retraining,
    /// The program that trains; `None`: this owner has none.
    program: Option<PathBuf>,
}

impl Trainings {
    /// The trainings of a data folder, as far as they are remembered there.
    pub fn of(data_dir: &Path) -> Self {
        let file = data_dir.join(FILE);
        let kept = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(%error, "what is remembered of trainings cannot be read");
                Kept::default()
            }),
            Err(_) => Kept::default(),
        };
        let (run, rested, watched, program) = (None, None, None, None);
        let retraining = Retraining::default();
        let mut state = State { file, kept, cut: None, run, rested, watched, retraining, program };
        // A file of an older program does not say what counts.
        if let Some(end) = &state.kept.last {
            state.kept.past.ended(end);
        }
        state.ended_with_owner();
        Self { state: Mutex::new(state), due: Notify::new() }
    }

    /// Says when to train, and by which program.
    pub fn set_up(&self, retraining: Retraining, program: Option<PathBuf>) {
        let mut state = self.state.lock();
        (state.retraining, state.program) = (retraining, program);
    }

    /// All that is known of them at a moment.
    pub fn told(&self, now: Timestamp) -> Training {
        let state = self.state.lock();
        let run = state.run.as_ref().map(|(run, began)| {
            let seconds = began.elapsed().as_secs_f64();
            TrainingRun { seconds, left_s: left(run, seconds), ..run.clone() }
        });
        Training {
            run,
            last: state.kept.last.clone(),
            next: match state.next() {
                NextTraining::At(since) if since <= now && state.run.is_none() => {
                    NextTraining::Overdue { since, rest_s: state.rest().as_secs() }
                }
                next => next,
            },
            on_drift: state.retraining.on_drift && state.program.is_some() && state.trains(),
            watched: state.watched,
            drift: state.kept.drift.clone(),
            unanswered: state.kept.unanswered,
        }
    }

    /// There is enough demand to learn from.
    pub fn enough(&self, now: Timestamp) {
        let mut state = self.state.lock();
        if state.kept.past.begun.is_none() {
            state.kept.past.begun = Some(now);
            state.keep();
        }
    }

    /// The shift that was found last.
    pub fn drift(&self) -> Option<Drift> {
        self.state.lock().kept.drift.clone()
    }

    /// Demand was compared with its forecasts up to a day, and this is what was found.
    pub fn watched(&self, until: Day, found: Option<Drift>) {
        let mut state = self.state.lock();
        state.watched = Some(until);
        if let Some(drift) = found {
            tracing::info!(%drift, "demand has shifted");
            state.kept.unanswered = state.retraining.on_drift;
            state.kept.drift = Some(drift);
            state.keep();
        }
        drop(state);
        self.due.notify_one();
    }

    /// The training that is to be started now; `None`: none is due.
    pub fn due_at(&self, now: Timestamp) -> Option<Due> {
        let mut state = self.state.lock();
        if state.run.is_some() || state.program.is_none() {
            return None;
        }
        if let Some(cut) = state.cut.take() {
            return Some(cut);
        }
        if let Some(drift) = state.kept.drift.as_ref().filter(|_| state.kept.unanswered) {
            let due = match schedule::after_failure(state.kept.last.as_ref()) {
                None => true,
                Some(again) => again <= now && state.rest().is_zero(),
            };
            return (due && state.trains()).then(|| Due::by_itself(Why::Drift(drift.clone())));
        }
        let due = matches!(state.next(), NextTraining::At(at) if at <= now);
        (due && state.rest().is_zero()).then(|| Due::by_itself(Why::Schedule))
    }

    /// Begins one, if none runs; the program that trains.
    fn begin(&self, due: &Due, run: TrainingRun) -> Result<PathBuf, Refusal> {
        let mut state = self.state.lock();
        let Some(program) = state.program.clone() else {
            return Err(Refusal::failed("this owner trains no models"));
        };
        if state.run.is_some() {
            return Err(Refusal::failed(
                "a training runs already; wait for its end, or cancel it first",
            ));
        }
        let (since, base) = (run.since, run.base.clone());
        state.kept.runs = Some(Begun { since, base, due: due.clone() });
        state.keep();
        state.run = Some((run, Instant::now()));
        Ok(program)
    }

    fn running(&self, change: impl FnOnce(&mut TrainingRun)) {
        if let Some((run, _)) = &mut self.state.lock().run {
            change(run);
        }
    }

    /// The one that runs is over. A shift has been answered by it, or somebody does not want it to be; it has
    /// not by one that failed, nor by another that was cancelled.
    pub fn over(&self, at: Timestamp, result: TrainingResult) -> Option<TrainingEnd> {
        let mut state = self.state.lock();
        let (run, began) = state.run.take()?;
        let took = began.elapsed();
        let end =
            TrainingEnd { at, why: run.why, base: run.base, seconds: took.as_secs_f64(), result };
        state.kept.unanswered &= match end.result {
            TrainingResult::Failed(_) => true,
            TrainingResult::Cancelled => !matches!(end.why, Why::Drift(_)),
            _ => false,
        };
        state.rested = Some((Instant::now(), took));
        state.kept.past.ended(&end);
        state.kept.runs = None;
        state.kept.last = Some(end.clone());
        state.keep();
        Some(end)
    }

    /// The one that runs was ended by the end of its owner; the next one finds it as begun.
    fn forget(&self) {
        self.state.lock().run = None;
    }
}

impl State {
    fn next(&self) -> NextTraining {
        match self.program {
            None => NextTraining::Not("this owner trains no models".into()),
            Some(_) if !self.trains() => NextTraining::Not(
                "the model in use is a Chronos-Bolt model, which forecasts as it is".into(),
            ),
            Some(_) => self.kept.past.next(self.retraining),
        }
    }

    /// Whether the model in use is one that is trained here.
    fn trains(&self) -> bool {
        self.file.parent().is_none_or(|data_dir| Registry::of(data_dir).trains())
    }

    /// For how long trainings by the calendar rest yet.
    fn rest(&self) -> Duration {
        let rest = |(ended, took): &(Instant, Duration)| {
            took.saturating_mul(REST).saturating_sub(ended.elapsed())
        };
        self.rested.as_ref().map_or(Duration::ZERO, rest)
    }

    /// What the owner before has begun ended with it. What somebody asked for is begun again, but not
    /// twice: it may be what ended that owner.
    fn ended_with_owner(&mut self) {
        let Some(Begun { since, base, due }) = self.kept.runs.take() else { return };
        let again = !due.again && matches!(due.why, Why::Asked(_));
        let result = TrainingResult::EndedWithOwner { again };
        let why = due.why.clone();
        self.kept.last = Some(TrainingEnd { at: since, why, base, seconds: 0.0, result });
        self.cut = again.then_some(Due { again, ..due });
    }

    fn keep(&self) {
        let kept = || -> std::io::Result<()> {
            let text = serde_json::to_vec_pretty(&self.kept)?;
            let new = self.file.with_extension("new");
            std::fs::write(&new, text)?;
            std::fs::rename(&new, &self.file)
        };
        if let Err(error) = kept() {
            tracing::warn!(%error, "trainings cannot be remembered");
        }
    }
}

/// Seconds left at the mean speed so far.
fn left(run: &TrainingRun, seconds: f64) -> Option<u64> {
    let (step, steps) = run.at?.step;
    let share = step as f64 / steps.max(1) as f64;
    (share > 0.0).then(|| (seconds * (1.0 - share) / share).ceil() as u64)
}

/// Trains on the store's demand, and takes what comes of it if it is better. It starts from the model in use,
/// or, where that has learnt the days by which is judged, from the nearest that it comes from which has not. To
/// be called on a thread that may wait. `ending` tells whether the owner ends.
pub fn train(
    house: &Arc<House>,
    due: &Due,
    cancel: &Cancel,
    ending: &dyn Fn() -> bool,
) -> Result<TrainingEnd, Refusal> {
    let (registry, asked) = (Registry::of(&house.data_dir), &due.job);
    let in_use = registry.current().map_err(refused)?;
    let base = asked.base.clone().unwrap_or_else(|| in_use.as_str().into());
    let kept_back = kept_back(&due.why);
    let person = matches!(due.why, Why::Asked(_));
    if person {
        // Who asked is told at once; by itself a training that cannot begin has failed, and waits.
        let version = registry.version(&base).map_err(refused)?;
        version.weights().map_err(refused)?;
    }
    let work = house.works.begin_beside(TRAINING, cancel, person);
    let run = TrainingRun {
        work: work.id(),
        why: due.why.clone(),
        base,
        since: house.clock.now(),
        panel: None,
        at: None,
        seconds: 0.0,
        left_s: None,
    };
    let program = house.trainings.begin(due, run)?;
    house.changed();
    let folder = house.data_dir.join(FOLDER);
    let attempt =
        Attempt { house, work: &work, ending, registry: &registry, why: &due.why, folder };
    let tuning = Tuning { kept_back, ..asked.tuning.clone() };
    let outcome = attempt.outcome(&program, &in_use, asked, tuning);
    let result = outcome.and_then(|(base, card)| attempt.take(&in_use, &base, &card));
    // What is left of it is of no use to anybody.
    let _ = std::fs::remove_dir_all(&attempt.folder);
    let result = match result {
        Ok(result) => result,
        Err(Failed::Cancelled) if ending() => {
            house.trainings.forget();
            return Err(Refusal::failed("cancelled: the owner is ending"));
        }
        Err(Failed::Cancelled) => TrainingResult::Cancelled,
        Err(Failed::Because(reason)) => TrainingResult::Failed(reason.into()),
    };
    tracing::info!(%result, "training ended");
    let end = house.trainings.over(house.clock.now(), result);
    // Forecasts are made anew by another model.
    house.forecast_bell.look();
    house.changed();
    end.ok_or_else(|| Refusal::failed("the training was lost"))
}

/// By which days a training is judged. What was learnt of a shift shows in the days since it alone: of them the
/// second half, a week at least and two at most.
fn kept_back(why: &Why) -> KeptBack {
    match why {
        Why::Drift(drift) => {
            let days = (drift.found.number() - drift.since.number()) / 2;
            KeptBack::Last(usize::try_from(days).unwrap_or(0).clamp(7, 14))
        }
        Why::Asked(_) | Why::Schedule => KeptBack::Both,
    }
}

/// Why nothing came of it.
enum Failed {
    Cancelled,
    Because(String),
}

impl From<ModelError> for Failed {
    fn from(error: ModelError) -> Self {
        Self::Because(error.to_string())
    }
}

impl From<Ended> for Failed {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Cancelled => Self::Cancelled,
            Ended::Failed(reason) => Self::Because(reason),
        }
    }
}

/// One training under way.
struct Attempt<'a> {
    house: &'a Arc<House>,
    work: &'a Running,
    ending: &'a dyn Fn() -> bool,
    registry: &'a Registry,
    why: &'a Why,
    folder: PathBuf,
}

impl Attempt<'_> {
    fn cancelled(&self) -> bool {
        self.work.cancelled() || (self.ending)()
    }

    /// The version that was trained further, and what came of it.
    fn outcome(
        &self,
        program: &Path,
        in_use: &str,
        asked: &TrainingJob,
        tuning: Tuning,
    ) -> Result<(String, Card), Failed> {
        let house: Weak<House> = Arc::downgrade(self.house);
        let snapshot = snapshot::take(&house, &|| self.cancelled());
        let snapshot = snapshot.map_err(|error| Failed::Because(error.to_string()))?;
        let Some(snapshot) = snapshot else { return Err(Failed::Cancelled) };
        let base = self.base(in_use, asked, &snapshot, tuning.kept_back)?;
        let panel = (snapshot.series.len(), snapshot.days());
        self.house.trainings.running(|run| {
            run.panel = Some(panel);
            run.base = base.name.as_str().into();
        });
        let _ = std::fs::remove_dir_all(&self.folder);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = asked.threads.unwrap_or(cores.saturating_sub(1)).clamp(1, 64);
        let job = Job {
            base: base.weights()?.to_bytes()?,
            series: snapshot.series,
            first: snapshot.first.civil(),
            demand: snapshot.demand,
            tuning,
            threads,
            folder: self.folder.clone(),
        };
        let mut hear = |look: Look| self.heard(look);
        let card = child::train(program, &job, &|| self.cancelled(), &mut hear)?;
        Ok((base.name, card))
    }

    /// The version to start from: one that has not learnt the days by which is judged.
    fn base(
        &self,
        in_use: &str,
        asked: &TrainingJob,
        snapshot: &Snapshot,
        kept_back: KeptBack,
    ) -> Result<Version, Failed> {
        let first = snapshot.first.civil();
        let day = kept_back.learnt_until(Frequency::Day, first, snapshot.days()).unwrap_or(first);
        let Some(name) = &asked.base else { return Ok(self.registry.unspoilt(in_use, day)?) };
        let base = self.registry.version(name)?;
        match base.weights()?.origin.seen_until {
            Some(seen) if &**name != SHIPPED && seen > day => Err(Failed::Because(format!(
                "{name} has learnt demand up to {seen}, and is to be judged by the days after {day}; leave \
                 --model out, or name one that has not seen them, such as {SHIPPED}"
            ))),
            _ => Ok(base),
        }
    }

    fn heard(&self, look: Look) {
        let Look { step, loss, validation } = look;
        self.house.trainings.running(|run| run.at = Some(TrainingStep { step, loss, validation }));
        self.work.at(Progress { what: TRAINING.into(), done: step.0, total: Some(step.1) });
        self.house.changed();
    }

    /// Keeps a better model and takes it into use, unless another was taken into use meanwhile.
    fn take(&self, used: &str, base: &str, card: &Card) -> Result<TrainingResult, Failed> {
        let registry = self.registry;
        let judged = TrainingScores::from(card);
        if card.best_step == 0 {
            return Ok(TrainingResult::NotBetter(judged));
        }
        let new = version_in("the new model", &self.folder)?;
        let version = registry.keep(new.weights()?, card)?;
        let in_use = registry.current()? == used;
        if in_use {
            let why = format!("a training from {base} was better on validation; {}", self.why);
            let used = self.house.use_model(owner(), &version, &why);
            used.map_err(|refusal| Failed::Because(refusal.message))?;
        }
        Ok(TrainingResult::Better { version: version.into(), in_use, judged })
    }
}

fn refused(error: ModelError) -> Refusal {
    Refusal::failed(error.to_string())
}
