//! The arguments of the commands about models.

use crate::cli::args::FormatArgs;
use crate::demand::Frequency;
use crate::engine::api::GroupBy;
use crate::model::train::{Free, OptimiserKind, Schedule, Tuning};
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::path::PathBuf;

/// Where series come from: a file, or the store.
#[derive(Args, Debug, Clone)]
pub struct PanelArgs {
    /// CSV of series_id,date,qty[,price][,promo][,available], plain or .gz; `-` is standard input
    /// [default: the store's own demand, up to the last day that is over]
    #[arg(long, value_name = "FILE")]
    pub panel: Option<PathBuf>,
    /// Length of a step of the file: D, W or M
    #[arg(long, default_value = "D", value_name = "D|W|M")]
    pub freq: Frequency,
}

/// Which model answers.
#[derive(Args, Debug, Clone)]
pub struct ModelArgs {
    /// `shipped`, a version of the store, a model's folder, or that of a Chronos-Bolt checkpoint
    /// [default: the one in use]
    #[arg(long, value_name = "NAME|DIR")]
    pub model: Option<String>,
    /// Threads to compute on [default: all cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// What is forecast.
#[derive(Args, Debug)]
pub struct ForecastArgs {
    /// The series.
    #[command(flatten)]
    pub panel: PanelArgs,
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Steps ahead
    #[arg(long, default_value_t = 28, value_parser = clap::value_parser!(u16).range(1..=366))]
    pub horizon: u16,
    /// Dates of the last observed step, separated by commas [default: the panel's last]
    #[arg(long, value_delimiter = ',', value_name = "DATE,...")]
    pub origins: Vec<Date>,
    /// Quantile levels, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "Q,...", value_parser = level,
          default_value = "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.95")]
    pub levels: Vec<f32>,
    /// CSV of series_id,description[,category]: what the items are [default: the store's products]
    #[arg(long, value_name = "FILE")]
    pub items: Option<PathBuf>,
    /// Totals of groups instead of series: category, site or supplier
    #[arg(long, value_parser = by, value_name = "BY")]
    pub by: Option<GroupBy>,
    /// The model's own forecast of the store, without what people expect instead
    #[arg(long, conflicts_with = "panel")]
    pub without_overrides: bool,
    /// Where the forecasts go, plain or .gz; `-` is standard output
    #[arg(long, default_value = "-", value_name = "FILE")]
    pub out: PathBuf,
}

fn by(text: &str) -> Result<GroupBy, String> {
    let known = GroupBy::ALL.map(GroupBy::word).join(", ");
    GroupBy::named(text).ok_or_else(|| format!("it is one of {known}"))
}

fn level(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(level) if level > 0.0 && level < 1.0 => Ok(level),
        _ => Err("write levels between 0 and 1, such as 0.1,0.5,0.9".into()),
    }
}

/// Training.
#[derive(Subcommand, Debug)]
pub enum TrainCommand {
    /// Train a model from nothing: synthetic shops, with real panels mixed in
    Pretrain(PretrainArgs),
    /// Train a model further on your own demand: in the store's owner, beside everything else; from a
    /// file, or with --out, --until or --items, in this process
    Finetune(FinetuneArgs),
    /// Train in a process of its own, as the owner of a store asks on standard input
    #[command(hide = true)]
    Apart,
}

/// Training from nothing.
#[derive(Args, Debug)]
pub struct PretrainArgs {
    /// Real demand to mix in, as for forecasts; may be repeated
    #[arg(long = "panel", value_name = "FILE")]
    pub panels: Vec<PathBuf>,
    /// Nothing of a panel after this date is used
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// Share of a batch that is real
    #[arg(long, default_value_t = 0.15)]
    pub real: f32,
    /// Steps of 128 windows
    #[arg(long, default_value_t = 6_000)]
    pub steps: u64,
    /// Highest learning rate
    #[arg(long, default_value_t = 2e-3)]
    pub rate: f32,
    /// Seed of weights and series
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Replicas that share each batch [default: one for each core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Folder of the model and of the checkpoint it resumes from
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Training further.
#[derive(Args, Debug)]
pub struct FinetuneArgs {
    /// The series.
    #[command(flatten)]
    pub panel: PanelArgs,
    /// Where it starts.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Nothing after this date is used
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// CSV of series_id,description[,category]: what the items are
    #[arg(long, value_name = "FILE")]
    pub items: Option<PathBuf>,
    /// Folder of the new model [default: a new version of the store]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How.
    #[command(flatten)]
    pub tuning: TuningArgs,
}

/// How a training goes.
#[derive(Args, Debug)]
pub struct TuningArgs {
    /// Optimiser
    #[arg(long, value_enum, default_value_t = OptimiserArg::Adamw)]
    pub optimizer: OptimiserArg,
    /// Highest learning rate
    #[arg(long)]
    pub rate: Option<f32>,
    /// How the rate goes after the warm-up
    #[arg(long, value_enum, default_value_t = ScheduleArg::Cosine)]
    pub schedule: ScheduleArg,
    /// Windows in a batch
    #[arg(long)]
    pub batch: Option<usize>,
    /// Epochs at most: one draws a window for every series and horizon
    #[arg(long)]
    pub epochs: Option<f32>,
    /// Weight decay (L2 for sgd)
    #[arg(long)]
    pub weight_decay: Option<f32>,
    /// Dropout
    #[arg(long)]
    pub dropout: Option<f32>,
    /// Norm to which gradients are clipped
    #[arg(long)]
    pub clip: Option<f32>,
    /// What may change: head, a number of last blocks, or all
    #[arg(long, value_parser = free, value_name = "head|N|all")]
    pub free: Option<Free>,
    /// Share of a batch that is synthetic, against forgetting
    #[arg(long)]
    pub synthetic: Option<f32>,
    /// Looks at validation without a better one after which it ends
    #[arg(long)]
    pub patience: Option<usize>,
    /// Seed of the draws
    #[arg(long)]
    pub seed: Option<u64>,
}

/// Optimisers.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptimiserArg {
    /// Adam with decoupled weight decay.
    Adamw,
    /// Gradient descent with momentum.
    Sgd,
}

/// Schedules of the rate.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleArg {
    /// Falls as a cosine.
    Cosine,
    /// Stays.
    Constant,
    /// Falls in a line.
    Linear,
}

fn free(text: &str) -> Result<Free, String> {
    match text {
        "head" => Ok(Free::Head),
        "all" => Ok(Free::All),
        number => number
            .parse()
            .map(Free::Top)
            .map_err(|_| "write head, a number of blocks, or all".to_owned()),
    }
}

impl TuningArgs {
    /// What was asked for, over the defaults.
    pub fn tuning(&self) -> Tuning {
        let usual = Tuning::default();
        Tuning {
            optimiser: match self.optimizer {
                OptimiserArg::Adamw => OptimiserKind::AdamW,
                OptimiserArg::Sgd => OptimiserKind::Sgd,
            },
            rate: self.rate.unwrap_or(match self.optimizer {
                OptimiserArg::Adamw => usual.rate,
                // Momentum sums ten steps up, and gradients are small.
                OptimiserArg::Sgd => 0.02,
            }),
            schedule: match self.schedule {
                ScheduleArg::Cosine => Schedule::Cosine,
                ScheduleArg::Constant => Schedule::Constant,
                ScheduleArg::Linear => Schedule::Linear,
            },
            batch: self.batch.unwrap_or(usual.batch).clamp(1, 4_096),
            epochs: self.epochs.unwrap_or(usual.epochs),
            decay: self.weight_decay.unwrap_or(usual.decay),
            dropout: self.dropout.unwrap_or(usual.dropout).clamp(0.0, 0.9),
            clip: self.clip.unwrap_or(usual.clip),
            free: self.free.unwrap_or(usual.free),
            synthetic: self.synthetic.unwrap_or(usual.synthetic),
            patience: self.patience.unwrap_or(usual.patience),
            seed: self.seed.unwrap_or(usual.seed),
            kept_back: usual.kept_back,
        }
    }
}

/// A backtest.
#[derive(Args, Debug)]
pub struct EvaluateArgs {
    /// The series.
    #[command(flatten)]
    pub panel: PanelArgs,
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Steps ahead that are scored [default: 28 days, 8 weeks, 6 months]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=28))]
    pub horizon: Option<u16>,
    /// Dates of the last observed step, separated by commas [default: the last three horizons]
    #[arg(long, value_delimiter = ',', value_name = "DATE,...")]
    pub origins: Vec<Date>,
    /// CSV of series_id,description[,category]: what the items are; new ones are then told what
    /// their neighbours sell, and held against their category [default: the store's products]
    #[arg(long, value_name = "FILE")]
    pub items: Option<PathBuf>,
    /// Leave out ETS, which is fitted anew to every series
    #[arg(long)]
    pub no_ets: bool,
    /// How it is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The store's models.
#[derive(Subcommand, Debug)]
pub enum ModelsCommand {
    /// List them, and which is in use
    List {
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Show one: where it comes from, how it was judged
    Show {
        /// Its name or folder
        name: String,
    },
    /// Use one from now on; `models use shipped` rolls everything back
    Use {
        /// Its name
        name: String,
    },
    /// How good the store's forecasts were, by class of demand
    Accuracy {
        /// A row for each week
        #[arg(long)]
        by_week: bool,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Use the one again that was in use before
    Back,
    /// Copy a model's folder among the store's: one of stockdeck's, or a Chronos-Bolt checkpoint
    Add {
        /// The folder, with `model.safetensors` and, of Chronos-Bolt, `config.json`
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// What it is called from now on [default: the folder's name]
        #[arg(long)]
        name: Option<String>,
    },
    /// Show the training that runs in the store's owner, what came of the last one, and when the next is
    /// due
    Training {
        /// Start one now, and do not wait for it: the owner stays until it is over
        #[arg(long, conflicts_with = "cancel")]
        start: bool,
        /// Cancel the one that runs
        #[arg(long)]
        cancel: bool,
    },
    /// Compare two: how they were judged, and how far apart their weights are
    Diff {
        /// One
        one: String,
        /// The other
        other: String,
    },
}
