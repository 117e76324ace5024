//! Which store is meant, and how its owner and its console run.

use crate::domain::Timestamp;
use crate::engine::demo::{DemoSetup, DemoShift};
use crate::feed::demo::Buyer;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Which store and configuration.
#[derive(Args, Debug, Clone, Default)]
pub struct PlaceArgs {
    /// Folder of the store, the archive and the journal; another one than the configuration's own
    /// follows its feeds only with --config or STOCKDECK_CONFIG
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Configuration file [default: stockdeck/config.toml in the XDG config folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Follow no feed of the configuration
    #[arg(long, global = true, hide_short_help = true)]
    pub no_feeds: bool,
    /// Use the demo store with its simulated merchant
    #[arg(long, global = true)]
    pub demo: bool,
    /// Simulated seconds per real second in the demo
    #[arg(long, global = true, value_name = "X", hide_short_help = true, value_parser = demo_speed)]
    pub demo_speed: Option<f64>,
    /// Seed of a new demo store
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    pub demo_seed: Option<u64>,
    /// Where a new demo store's history ends and its live time begins (RFC 3339) [default: now]
    #[arg(long, global = true, value_name = "TIME", hide_short_help = true, value_parser = demo_start)]
    pub demo_start: Option<Timestamp>,
    /// A lasting step in a new demo store's demand: FACTOR@DAYS after its history's end, such as 1.5@20
    #[arg(long, global = true, value_name = "X@DAYS", hide_short_help = true, value_parser = demo_shift)]
    pub demo_shift: Option<DemoShift>,
    /// Who orders from a new demo store's suppliers once its history is over [default: console]
    #[arg(long, global = true, value_name = "WHO", hide_short_help = true, value_enum)]
    pub demo_buyer: Option<BuyerArg>,
    /// Start with feeds and simulated time standing still
    #[arg(long, global = true, hide_short_help = true)]
    pub paused: bool,
}

/// How the console looks and what it may do.
#[derive(Args, Debug, Clone, Default)]
pub struct ConsoleArgs {
    /// Open without the keys that change anything
    #[arg(long)]
    pub read_only: bool,
    /// Theme: dark, light, high-contrast, or a file's name in the themes folder
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
}

/// How the owner runs.
#[derive(Args, Debug, Clone, Default)]
pub struct ServeArgs {
    /// End when the last console has left
    #[arg(long, hide = true)]
    pub until_last_console: bool,
    /// Leave the terminal that it was started from
    #[arg(long, hide = true)]
    pub detach: bool,
    /// What a new store is for
    #[arg(long, hide = true, value_enum)]
    pub kind: Option<KindArg>,
}

/// Largest speed of simulated time.
const FASTEST: f64 = 1e6;

fn demo_speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.0..=FASTEST).contains(&speed) => Ok(speed),
        _ => Err("write a number from 0 to 1000000".into()),
    }
}

fn demo_start(text: &str) -> Result<Timestamp, String> {
    DemoSetup::parse_start(text).map_err(|refusal| refusal.message)
}

fn demo_shift(text: &str) -> Result<DemoShift, String> {
    let wrong = || "write a factor from 0.1 to 10 and a number of days, such as 1.5@20".to_owned();
    DemoShift::parse(text).ok_or_else(wrong)
}

/// What a new store is for.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindArg {
    /// A real merchant's.
    Live,
    /// Past orders played again.
    Replay,
    /// The simulated merchant.
    Demo,
}

/// Who orders from a demo store's suppliers.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuyerArg {
    /// The merchant's own buyer goes on.
    Own,
    /// Whoever uses the console.
    Console,
}

impl BuyerArg {
    /// As the simulation has it.
    pub fn buyer(self) -> Buyer {
        match self {
            BuyerArg::Own => Buyer::Own,
            BuyerArg::Console => Buyer::Console,
        }
    }
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            BuyerArg::Own => "own",
            BuyerArg::Console => "console",
        }
    }
}
