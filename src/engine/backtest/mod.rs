//! "Would it have worked?" on the store's own past: its last weeks are played again, day by day, against
//! the console's proposals and the simple rules (see [`crate::plan::backtest`]).
//!
//! One runs at a time, on a thread of its own beside all else. What came of the last one lies in a file of
//! the data folder.

mod history;

use super::api::{Backtest, BacktestCosts, Backtests as Told, PolicyFigures, Refusal};
use super::forecasts::is_reading;
use super::house::House;
use super::work::{Cancel, Running};
use crate::domain::{Day, Progress};
use crate::model::registry::{Registry, Stored, Version};
use crate::plan::backtest::{
    BacktestError, Classic, Console, Outcome, Policy, Replay, Track, simulate,
};
use history::{Days, Past, past};
use parking_lot::Mutex;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// What the work is called on the list.
pub const BACKTEST: &str = "backtest";
/// Weeks that are replayed where nobody says how many.
pub const USUAL_WEEKS: u16 = 26;
/// The console's policy in what is told.
const CONSOLE: &str = "console";
/// The file of the data folder that holds the last one.
const FILE: &str = "backtest.json";
/// Weeks that a replay has at least.
const FEWEST_WEEKS: i32 = 4;
/// Days of history that are needed before them.
const LEAST_HISTORY: i32 = 56;
/// Items that are replayed at most: those that turned over the most before.
const MOST_ITEMS: usize = 2_000;
/// What is said of one that somebody cancelled.
const CANCELLED: &str = "the replay was cancelled; nothing was changed";

/// Why an item is not replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    NoSupplier,
    NoLeadTime,
    Pack,
    Currency,
    New,
    Many,
}

impl Cause {
    const fn why(self) -> &'static str {
        match self {
            Self::NoSupplier => "no supplier is known",
            Self::NoLeadTime => "the supplier's lead time is not known",
            Self::Pack => "the pack or minimum cannot be meant",
            Self::Currency => "prices are in another currency",
            Self::New => "first sold in these weeks",
            Self::Many => "others turned over more",
        }
    }
}

/// Replays of a store's past.
pub struct Backtests {
    file: PathBuf,
    told: Mutex<Told>,
}

impl Backtests {
    /// Those of a data folder: the last one, as it is remembered there.
    pub fn of(data_dir: &Path) -> Self {
        let file = data_dir.join(FILE);
        let last = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(%error, "what is remembered of the last replay cannot be read");
                None
            }),
            Err(_) => None,
        };
        Self { file, told: Mutex::new(Told { last, ..Told::default() }) }
    }

    /// All that is known of them.
    pub fn told(&self) -> Told {
        self.told.lock().clone()
    }

    fn ended(&self, result: &Result<Backtest, Refusal>) {
        let mut told = self.told.lock();
        told.run = None;
        match result {
            Ok(done) => {
                (told.last, told.why_not) = (Some(done.clone()), None);
                self.keep(done);
            }
            Err(refusal) => told.why_not = Some(refusal.message.as_str().into()),
        }
    }

    fn keep(&self, done: &Backtest) {
        let kept = || -> std::io::Result<()> {
            let new = self.file.with_extension("new");
            std::fs::write(&new, serde_json::to_vec_pretty(done)?)?;
            std::fs::rename(&new, &self.file)
        };
        if let Err(error) = kept() {
            tracing::warn!(%error, "the replay cannot be remembered");
        }
    }
}

impl House {
    /// Puts a replay on the list of work, if none runs.
    pub fn begin_backtest(&self, cancel: &Cancel) -> Result<Running, Refusal> {
        let mut told = self.backtests.told.lock();
        if told.run.is_some() {
            return Err(Refusal::usage(
                "a replay runs already; wait for its end, or cancel it first",
            ));
        }
        let running = self.works.begin_beside(BACKTEST, cancel, true);
        (told.run, told.why_not) = (Some(running.id()), None);
        drop(told);
        self.changed();
        Ok(running)
    }

    /// Replays the store's last weeks, and keeps what came of it. To be called on a thread that may wait.
    pub fn backtest(&self, weeks: u16, running: Running) -> Result<Backtest, Refusal> {
        // Whatever becomes of it, the next one can begin.
        let _ended = Ended(self);
        let result = replayed(self, weeks, &running);
        self.backtests.ended(&result);
        result
    }
}

/// Says at its end that none runs any more.
struct Ended<'a>(&'a House);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.backtests.told.lock().run = None;
        self.0.changed();
    }
}

fn replayed(house: &House, weeks: u16, running: &Running) -> Result<Backtest, Refusal> {
    let reading = is_reading(house);
    let days = Days::of(house, weeks)?;
    let version = version(house, days.start)?;
    let seen_until = match &version.model {
        Stored::Own(weights) => weights.origin.seen_until.map(Day::from_civil),
        Stored::Bolt(_) => None,
    };
    let days = days.unseen_by(seen_until)?;
    let model = version.demand_model()?;
    let past = past(house, days, running)?;
    let replay = &past.replay;
    let mut course = Course { running, done: 0, days: replay.window.len() as u64 };
    let mut console = Console::of(replay, &model).serving(past.services.clone());
    let mut policies = vec![course.play(replay, CONSOLE, &mut console)?];
    for rule in Classic::ALL {
        policies.push(course.play(replay, rule.name(), &mut rule.on(replay))?);
    }
    Ok(report(house, days, version.name.as_str(), &past, reading, policies))
}

/// The model in use, or, where that has learnt the days that are replayed, the nearest that it comes
/// from which has not.
fn version(house: &House, start: Day) -> Result<Version, Refusal> {
    let registry = Registry::of(&house.data_dir);
    let name = registry.current()?;
    Ok(match registry.trains() {
        true => registry.unspoilt(&name, start.plus(-1).civil())?,
        false => registry.version(&name)?,
    })
}

/// How far a replay has come.
struct Course<'a> {
    running: &'a Running,
    done: u64,
    days: u64,
}

impl Course<'_> {
    fn play(
        &mut self,
        replay: &Replay,
        name: &str,
        policy: &mut dyn Policy,
    ) -> Result<PolicyFigures, Refusal> {
        let total = self.days * (1 + Classic::ALL.len() as u64);
        let before = self.done;
        self.done += self.days;
        let played = simulate(replay, Track::SalesOnly, policy, &mut |share| {
            let done = before + (share * self.days as f32) as u64;
            self.running.at(Progress { what: BACKTEST.into(), done, total: Some(total) });
            match self.running.cancelled() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        match played {
            Ok(outcome) => Ok(figures(name, &outcome)),
            Err(BacktestError::Cancelled) => Err(Refusal::failed(CANCELLED)),
            Err(error) => Err(Refusal::failed(error.to_string())),
        }
    }
}

fn figures(name: &str, outcome: &Outcome) -> PolicyFigures {
    PolicyFigures {
        policy: name.into(),
        fill: outcome.fill_units(),
        units_lost: outcome.units_asked - outcome.units_sold,
        stockout_days: outcome.stockout_item_days as u64,
        stock_value: outcome.avg_stock_value,
        holding: outcome.holding,
        lost: outcome.lost,
        line: outcome.line,
        orders: outcome.orders as u64,
        lines: outcome.placed.len() as u64,
    }
}

fn report(
    house: &House,
    days: Days,
    model: &str,
    past: &Past,
    reading: bool,
    policies: Vec<PolicyFigures>,
) -> Backtest {
    let costs = house.planner.rules().costs;
    Backtest {
        at: house.clock.now(),
        window: (days.start, days.last),
        history: days.history() as u32,
        items: past.replay.items.len() as u64,
        suppliers: past.suppliers,
        left_out: past.left_out.iter().map(|(cause, count)| (cause.why().into(), *count)).collect(),
        reading,
        estimated: past.estimated,
        unpriced: past.unpriced,
        lead: past.lead,
        model: model.into(),
        currency: house.currency,
        costs: BacktestCosts {
            holding_a_year: costs.holding_a_year,
            lost_share: costs.lost_share,
            line: costs.line,
        },
        policies,
    }
}
