//! The command line: one definition for parsing, help, completions and the man page.

mod place;
mod rows;

pub use super::allocation::AllocationCommand;
pub use super::approve::ApproveArgs;
pub use super::coordinate::CoordinateCommand;
pub use super::flags::{FlagsCommand, HandoverArgs};
pub use super::models::args::{EvaluateArgs, ForecastArgs, ModelsCommand, TrainCommand};
pub use super::models::{BacktestCommand, FlagsArgs, LeadtimeArgs};
pub use super::notify::NotifyCommand;
pub use super::overrides::OverrideCommand;
pub use super::plan::PlanCommand;
pub use super::purchases::{PoCommand, RejectArgs, SnoozeArgs};
pub use super::rehearsal::WatchArgs;
pub use super::waiting::WaitArgs;
use clap::{Parser, Subcommand};
pub use place::{BuyerArg, ConsoleArgs, KindArg, PlaceArgs, ServeArgs};
pub use rows::{FileArgs, Format, FormatArgs, PageArgs, ScreenFormat};

/// A terminal operations console for e-commerce inventory.
///
/// Without a command the console opens: on the configured store, or, where nothing is configured
/// yet, on a demo store with a simulated merchant.
#[derive(Parser, Debug)]
#[command(name = "stockdeck", version, max_term_width = 100)]
pub struct Cli {
    /// What applies to every command.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// How the console looks.
    #[command(flatten)]
    pub console: ConsoleArgs,
    /// What to do; nothing: open the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Everything that can be done.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Own the store: follow the feeds and serve consoles and commands, without a terminal
    Serve(ServeArgs),
    /// List orders, or show one
    Orders {
        /// An order's number
        number: Option<String>,
        /// Which rows, and how they are printed.
        #[command(flatten)]
        page: PageArgs,
    },
    /// List stock by SKU and site
    Stock {
        /// Which rows, and how they are printed.
        #[command(flatten)]
        page: PageArgs,
    },
    /// List what is proposed to be ordered, supplier by supplier, and what cannot be planned
    Reorders {
        /// Which rows, and how they are printed.
        #[command(flatten)]
        page: PageArgs,
        /// How long to wait for them.
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Show one SKU: position per site and daily demand
    Sku {
        /// The SKU
        sku: String,
        /// Days of demand
        #[arg(long, default_value_t = 28)]
        days: u32,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Show the feeds: state, lag, rate, errors
    Feeds {
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// List what people decided
    Journal {
        /// Which rows, and how they are printed.
        #[command(flatten)]
        page: PageArgs,
    },
    /// List records that could not be understood, with place and reason, or try them again
    #[command(args_conflicts_with_subcommands = true)]
    Quarantine {
        /// What else to do
        #[command(subcommand)]
        command: Option<QuarantineCommand>,
        /// Which rows, and how they are printed.
        #[command(flatten)]
        page: PageArgs,
        /// Print all of each record, as it came; may be about people, so the journal keeps who asked
        #[arg(long, requires = "reason")]
        raw: bool,
        /// What for
        #[arg(long, requires = "raw")]
        reason: Option<String>,
    },
    /// Daily demand per SKU and site, zeros included
    Demand {
        /// First day [default: each series' first sale]
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// Last day [default: the store's last day]
        #[arg(long, value_name = "DATE")]
        to: Option<String>,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Forecast demand: quantiles of each day and of the total, from the store or from a file
    ///
    /// One row for each series, origin and step: steps 1 to the horizon, and step 0 for the total over
    /// it. Quantiles of days do not add up to those of the total; means do. With --by there is one row
    /// for each group and origin, its total: means add up, and how far quantiles do is measured by how
    /// the group's series rose and fell together before the origin.
    Forecast(ForecastArgs),
    /// Cases that are worth a look: list, show, decide; or score a file's orders
    ///
    /// With --input a file's orders are scored: how likely each is wrong, why, and which share a cause.
    /// Orders before the first that is scored are learnt from, without any label; then each is scored
    /// with what was known when it arrived. Labels are learnt from where that helps on the latest of
    /// them, and count for what comes after their time.
    ///
    /// With --truth what was said is measured: average precision; the share of incidents with an order
    /// among its day's ten highest; the same with cases, where a case counts once with the highest score
    /// of its orders so far; the share of orders found whose first reason names their kind. With
    /// --feeds-truth: the share of silences raised within an hour of when five usual sales were missing,
    /// and false alarms a week.
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Flags {
        /// What of the running store
        #[command(subcommand)]
        command: Option<FlagsCommand>,
        /// A file.
        #[command(flatten)]
        file: Option<FlagsArgs>,
    },
    /// What happened to cases since a time, for who comes next: opened, decided, still open, by whom
    Handover(HandoverArgs),
    /// List suppliers with what their orders say of them, or show one, lane by lane
    ///
    /// Shares are 0 to 1. Bias is days from when orders were due to when they came, spread its standard
    /// deviation, trend by how much the last half year's came later than those of the half year before.
    /// Expected are the days that replenishment goes by: one of ten takes no longer than the low, nine of
    /// ten no longer than the high.
    Suppliers {
        /// Its code or name
        name: Option<String>,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Predict when a file's deliveries come, against the day they were promised for
    ///
    /// Learns from what was delivered by a day, predicts what was promised for later days from what is
    /// known when it is ordered, and prints the loss of its quantiles beside those of taking the promise
    /// for true and of each vendor's own past.
    Leadtime(LeadtimeArgs),
    /// Train a model
    Train {
        /// From nothing, or further.
        #[command(subcommand)]
        command: TrainCommand,
    },
    /// Play the past: the model beside simple methods, scored by what came
    Evaluate(EvaluateArgs),
    /// Would it have worked? Past demand replayed against policies
    Backtest {
        /// Which.
        #[command(subcommand)]
        command: BacktestCommand,
    },
    /// The store's models: which there are, which is in use
    Models {
        /// Which.
        #[command(subcommand)]
        command: ModelsCommand,
    },
    /// What should be bought
    Plan {
        /// Which.
        #[command(subcommand)]
        command: PlanCommand,
    },
    /// Show what the owner is, holds and uses
    Status {
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Write a note on an order, SKU or feed
    Note {
        /// order:NUMBER, sku:SKU or feed:NAME
        subject: String,
        /// What it says
        text: String,
    },
    /// Pin an order, SKU or feed to the top
    Pin {
        /// order:NUMBER, sku:SKU or feed:NAME
        subject: String,
        /// Take the pin off
        #[arg(long)]
        off: bool,
    },
    /// Acknowledge what an order, SKU or feed shows
    Ack {
        /// order:NUMBER, sku:SKU or feed:NAME
        subject: String,
        /// Take the acknowledgement back
        #[arg(long)]
        off: bool,
    },
    /// Take in goods
    Receive {
        /// The SKU, or SKU@SITE
        sku: String,
        /// How many
        #[arg(allow_negative_numbers = true)]
        qty: String,
        /// Where; may be left out where there is one site
        #[arg(long, default_value = "", hide_default_value = true)]
        site: String,
        /// Against which purchase order
        #[arg(long)]
        po: Option<String>,
        /// Why, where it needs saying
        #[arg(long)]
        reason: Option<String>,
    },
    /// Set stock to what was counted
    Count {
        /// The SKU, or SKU@SITE
        sku: String,
        /// How many are there
        #[arg(allow_negative_numbers = true)]
        qty: String,
        /// Where; may be left out where there is one site
        #[arg(long, default_value = "", hide_default_value = true)]
        site: String,
        /// Why it was counted
        #[arg(long)]
        reason: String,
    },
    /// Correct stock by a difference
    Adjust {
        /// The SKU, or SKU@SITE
        sku: String,
        /// How many more (less when negative)
        #[arg(allow_negative_numbers = true)]
        delta: String,
        /// Where; may be left out where there is one site
        #[arg(long, default_value = "", hide_default_value = true)]
        site: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Move stock between own sites
    Transfer {
        /// The SKU, or SKU@SITE
        sku: String,
        /// How many
        #[arg(allow_negative_numbers = true)]
        qty: String,
        /// From where
        #[arg(long)]
        from: String,
        /// To where
        #[arg(long)]
        to: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Approve a line to be ordered: what is proposed, or what is given
    ///
    /// It can be undone during the grace period (`[approvals] grace`). Then the approved lines of one
    /// supplier and site become one order, which is sent to the supplier's target.
    Approve(ApproveArgs),
    /// Turn a proposal down, with a reason
    Reject(RejectArgs),
    /// Put a proposal off
    Snooze(SnoozeArgs),
    /// Purchase orders: list, show, sign, receive, cancel, close
    Po {
        /// Which.
        #[command(subcommand)]
        command: PoCommand,
    },
    /// What is on order against need, transfers between own sites, and what is expected to be ordered
    Coordinate {
        /// Which.
        #[command(subcommand)]
        command: CoordinateCommand,
    },
    /// From where open orders ship: list those that need a choice, accept, pick another way, hold
    Allocation {
        /// Which.
        #[command(subcommand)]
        command: AllocationCommand,
    },
    /// Override the forecast of a SKU for a period, list overrides, end one
    Override {
        /// Which.
        #[command(subcommand)]
        command: OverrideCommand,
    },
    /// The channels on which people are told of cases that cannot wait
    Notify {
        /// Which.
        #[command(subcommand)]
        command: NotifyCommand,
    },
    /// What is known of a customer in clear, and forgetting them for good
    Privacy {
        /// Which of both
        #[command(subcommand)]
        command: PrivacyCommand,
    },
    /// Undo a journal entry, your own last one unless numbered
    Undo {
        /// The entry's number
        seq: Option<u64>,
    },
    /// Read a file into the store
    Import {
        /// The file.
        #[command(flatten)]
        file: FileArgs,
    },
    /// Let every feed read up to the present
    Sync {
        /// Once, then end
        #[arg(long, required = true)]
        once: bool,
    },
    /// Play a file of past orders as if they arrived now
    Replay {
        /// The file.
        #[command(flatten)]
        file: FileArgs,
        /// Simulated seconds per real second, or `max`
        #[arg(long, default_value = "max", value_name = "X|max")]
        speed: String,
    },
    /// Look at a file of orders before it is imported
    Data {
        /// Which.
        #[command(subcommand)]
        command: DataCommand,
    },
    /// Print a screen of the console
    Screen {
        /// overview, orders, order, stock, sku, feeds, journal, forecast, totals, reorders, models,
        /// coordination, expected, allocation or quarantine
        name: String,
        /// What it shows: an order's number, a SKU, or a filter
        subject: Option<String>,
        /// Columns x rows
        #[arg(long, default_value = "80x24")]
        size: String,
        /// As plain text or as an SVG picture
        #[arg(long, value_enum, default_value_t = ScreenFormat::Text)]
        format: ScreenFormat,
    },
    /// The demo store: fill it, or see what it did on purpose
    Demo {
        /// Which.
        #[command(subcommand)]
        command: DemoCommand,
    },
    /// Check this machine, the configuration and the store, and say what is wrong
    Doctor,
    /// The configuration
    Config {
        /// Which.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// The journal's proof
    Audit {
        /// Which.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
}

/// `quarantine …`
#[derive(Subcommand, Debug)]
pub enum QuarantineCommand {
    /// Read records in quarantine again, such as after a mapping was mended
    Retry {
        /// Their numbers; none: all
        seqs: Vec<u64>,
        /// Only this feed's
        #[arg(long)]
        feed: Option<String>,
        /// For rows of files: read them with another preset
        #[arg(long)]
        preset: Option<String>,
        /// For rows of files: our field and their column, such as order_id=Invoice; may be repeated
        #[arg(long = "column", value_name = "FIELD=COLUMN")]
        columns: Vec<String>,
    },
}

/// `privacy …`
#[derive(Subcommand, Debug)]
pub enum PrivacyCommand {
    /// Print a customer's names, addresses and notes; the journal keeps who asked and why
    Reveal {
        /// The customer's pseudonym, or order:NUMBER
        customer: String,
        /// What for
        #[arg(long)]
        reason: String,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Destroy the key of all that is known of a customer; nothing brings it back
    Forget {
        /// The customer's pseudonym, or order:NUMBER
        customer: String,
        /// Why, such as at whose request
        #[arg(long)]
        reason: String,
        /// Do it: without this it only says what would be done
        #[arg(long)]
        yes: bool,
    },
}

/// `data …`
#[derive(Subcommand, Debug)]
pub enum DataCommand {
    /// Count duplicates, missing values, outliers and code changes, and say what is done with each
    Check {
        /// The file.
        #[command(flatten)]
        file: FileArgs,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
}

/// `demo …`
#[derive(Subcommand, Debug)]
pub enum DemoCommand {
    /// Write made-up orders into a demo store, three lines an order on average
    Fill {
        /// How many
        #[arg(long)]
        orders: u64,
        /// Seed
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Watch made-up shops in which things go wrong, and say what was found and what was not
    Watch(WatchArgs),
    /// List what the simulated merchant did on purpose: what went wrong, stock-outs, promotions
    Truth {
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
}

/// `config …`
#[derive(Subcommand, Debug)]
pub enum ConfigCommand {
    /// Write a commented configuration file
    Init,
    /// Print the configuration as used, without secrets
    Show,
    /// Check the configuration
    Check,
}

/// `audit …`
#[derive(Subcommand, Debug)]
pub enum AuditCommand {
    /// Prove that the journal is whole and unchanged
    Verify,
}
