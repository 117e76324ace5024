//! The engine: runs the stages as supervised background tasks and answers questions about them.

mod act;
mod allocation;
pub mod api;
mod automatic;
mod backtest;
mod books;
mod buying;
mod coordination;
mod decide;
pub mod demo;
#[allow(clippy::module_inception, reason = "the engine's own type")]
mod engine;
mod feeds;
mod figures;
mod flags;
mod forecasts;
mod house;
mod jobs;
mod keeper;
mod known;
mod load;
mod models;
mod notify;
mod plan;
mod planning;
mod presence;
mod privacy;
mod quarantine;
mod questions;
mod recent;
mod recount;
mod replay;
mod rules;
mod shops;
mod stored;
mod tables;
#[cfg(test)]
mod tests;
mod training;
mod warehouse;
mod work;

pub use backtest::{BACKTEST, USUAL_WEEKS};
pub use engine::{Engine, Handle, Setup, zone_of};
pub use notify::Call;
pub use questions::{
    ALLOCATIONS, COORDINATION, EXPECTED, FLAGS, FORECASTS, JOURNAL, OVERRIDES, PURCHASES,
    QUARANTINE, REORDERS, STOCK, TOTALS,
};
pub use training::TRAINING;
pub use work::Cancel;

use crate::domain::{Actor, Timestamp};
use crate::feed::Pending;
use api::{Action, Answer, Outcome, Query, Refusal};
use tokio::sync::{broadcast, watch};

/// The journal's file in the data folder.
pub const JOURNAL_FILE: &str = "journal.log";

/// What a console or command can reach. The engine is one; tests bring their own.
pub trait Backend: Send + Sync + 'static {
    /// Answers a question from what is known now.
    fn ask(&self, query: Query) -> Pending<'static, Result<Answer, Refusal>>;
    /// Does something in somebody's name; long work answers when it has ended, and ends early when
    /// `cancel` is asked.
    fn act(
        &self,
        actor: Actor,
        action: Action,
        cancel: Cancel,
    ) -> Pending<'static, Result<Outcome, Refusal>>;
    /// How much long work runs that somebody asked for.
    fn at_work(&self) -> watch::Receiver<usize>;
    /// A number that grows whenever an answer may have changed.
    fn changes(&self) -> watch::Receiver<u64>;
    /// What consoles are to show at once, from now on.
    fn calls(&self) -> broadcast::Receiver<Call>;
    /// Domain time.
    fn now(&self) -> Timestamp;
    /// Somebody attached or left; shown in the status.
    fn consoles(&self, names: Vec<Box<str>>);
}
