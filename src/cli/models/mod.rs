//! Commands about models: forecast, flags, lead times, train, evaluate, and the store's versions. They need no owner but
//! for the store's own demand.

mod accuracy;
pub mod args;
mod backtest;
mod evaluate;
mod flags;
mod forecast;
mod groups;
mod leadtime;
mod own_past;
mod progress;
mod source;
mod train;
mod training;
mod versions;

use super::args::PlaceArgs;
use crate::engine::api::Refusal;
use crate::model::ModelError;
use std::os::unix::process::CommandExt;

pub use backtest::{BacktestCommand, backtest};
pub use evaluate::evaluate;
pub use flags::{FlagsArgs, flags};
pub use forecast::forecast;
pub use leadtime::{LeadtimeArgs, leadtime};
pub use train::train;
pub use versions::{MEND, models};

/// Threads that candle spreads a single product over; it reads this once, when it first computes.
const PRODUCT_THREADS: [&str; 2] = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"];

/// Starts this process anew with one thread a product, unless that is settled: the work is spread over
/// whole batches instead, which keeps all cores busy without their waiting for each other.
pub fn settle_threads() -> Result<(), Refusal> {
    if PRODUCT_THREADS.iter().all(|name| std::env::var_os(name).is_some()) {
        return Ok(());
    }
    let own = std::env::current_exe()
        .map_err(|error| Refusal::failed(format!("this program is not found again: {error}")))?;
    let mut again = std::process::Command::new(own);
    again.args(std::env::args_os().skip(1));
    for name in PRODUCT_THREADS {
        again.env(name, "1");
    }
    Err(Refusal::failed(format!("this program could not be started anew: {}", again.exec())))
}

/// Cores to compute on.
fn threads(wanted: Option<usize>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    wanted.unwrap_or_else(cores).clamp(1, 64)
}

fn refused(error: ModelError) -> Refusal {
    Refusal::failed(error.to_string())
}
