//! What somebody has the engine do.

use super::{Engine, blocking};
use crate::domain::*;
use crate::engine::api::{
    Action, ImportJob, Outcome, Refusal, StoreKind, TrainingEnd, TrainingJob, TrainingResult, Why,
};
use crate::engine::house::Ready;
use crate::engine::training::{self, Due};
use crate::engine::{Cancel, demo, feeds, flags, jobs, notify, replay};
use crate::feed::http::Credentials;
use crate::feed::woocommerce;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

impl Engine {
    /// Does it in somebody's name.
    pub(super) async fn do_it(
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
            Action::TestNotify(wanted) => {
                Ok(Outcome::NotifyTested(notify::test(&house, wanted).await?))
            }
            Action::UseModel(name) => blocking(move || house.use_model(actor, &name, "")).await,
            Action::LookAt(at) => {
                if house.presence.looks_at(&actor.user, &actor.from, at) {
                    house.changed();
                }
                Ok(Outcome::Done)
            }
            Action::TestRule(rule, weeks) => {
                blocking(move || {
                    let tested = flags::test_rule(&house, &rule, weeks, &cancel)?;
                    Ok(Outcome::RuleTested(Box::new(tested)))
                })
                .await
            }
            Action::LearnFlags => {
                blocking(move || {
                    let work = house.works.begin_beside(flags::LEARNING, &cancel, true);
                    Ok(Outcome::FlagsLearnt(house.learn_flags(&work)?))
                })
                .await
            }
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
    pub(super) fn train_when_due(self: Arc<Self>) {
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
        job: ImportJob,
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
        replay::replay(&self.house, clock, job, speed, stop, pause, cancel).await
    }
}

/// What somebody hears whose `sync --once` was cancelled.
const SYNC_CANCELLED: &str =
    "cancelled; the pages read so far are kept, and the feeds go on from there";
