//! `stockdeck backtest`: would it have worked?

use super::args::ModelArgs;
use super::own_past::own_past;
use super::progress::{Interrupted, Line};
use super::{PlaceArgs, source};
use crate::cli::args::FormatArgs;
use crate::cli::ask::print;
use crate::cli::files::Out;
use crate::cli::format::{Cell, Grid};
use crate::engine::USUAL_WEEKS;
use crate::engine::api::Refusal;
use crate::plan::backtest::{Classic, Console, Outcome, Policy, Replay, Track, read, simulate};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// `backtest …`
#[derive(Subcommand, Debug)]
pub enum BacktestCommand {
    /// Replay demand day by day against a replenishment policy, and count what it would have cost
    ///
    /// Without --dir it is the store's own past, by the owner: this program's proposals against the simple
    /// rules. With it, a folder's: the folder holds items.csv, suppliers.csv, panel.csv.gz (sku,date,qty), leadtimes.csv and
    /// window.txt. A policy sees the days up to its review, never the lead times that orders get. Costs:
    /// holding and lost sales by item, 0.80 a line, 6.00 an order, and 5 % of the cost of what is in
    /// stock or on order after the last day.
    Policy(PolicyArgs),
}

/// `backtest policy`
#[derive(Args, Debug)]
pub struct PolicyArgs {
    /// Folder of the replay [default: the store's own past]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Weeks of the store's past, the last ones, 4 to 52; as many as it has at most
    #[arg(long, value_name = "N", default_value_t = USUAL_WEEKS, conflicts_with = "dir",
        value_parser = clap::value_parser!(u16).range(4..=52))]
    weeks: u16,
    /// The policy sees sales and on which days some demand was lost, as a shop does, and not demand
    #[arg(long, requires = "dir")]
    censored: bool,
    /// Whose orders: console (this program's proposals), velocity28_cover14, normal56_cr, tsb_cr or
    /// gamma_week_cr
    #[arg(long, value_name = "NAME", default_value = "console", value_parser = Who::named,
        requires = "dir")]
    policy: Who,
    /// Print a table of all policies, this one first; of the store's own past there is always one
    #[arg(long)]
    compare: bool,
    /// Where the result goes, as JSON; `-` is standard output [default: `-` without --compare]
    #[arg(long, value_name = "FILE", requires = "dir")]
    out: Option<PathBuf>,
    /// Where the orders go, as CSV of supplier,sku,order_date,qty
    #[arg(long, value_name = "FILE", requires = "dir")]
    orders_out: Option<PathBuf>,
    /// The model of the console's proposals.
    #[command(flatten)]
    model: ModelArgs,
    /// How the table is printed.
    #[command(flatten)]
    format: FormatArgs,
}

/// Whose orders are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Console,
    Classic(Classic),
}

impl Who {
    fn named(name: &str) -> Result<Self, String> {
        if name == CONSOLE {
            return Ok(Self::Console);
        }
        Classic::named(name).map(Self::Classic).ok_or_else(|| {
            let known = Classic::ALL.map(Classic::name).join(", ");
            format!("it is {CONSOLE}, {known}")
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Console => CONSOLE,
            Self::Classic(classic) => classic.name(),
        }
    }
}

const CONSOLE: &str = "console";

/// Carries out `backtest …`.
pub fn backtest(place: &PlaceArgs, command: &BacktestCommand) -> Result<(), Refusal> {
    match command {
        BacktestCommand::Policy(args) => policy(place, args),
    }
}

fn policy(place: &PlaceArgs, args: &PolicyArgs) -> Result<(), Refusal> {
    let Some(dir) = &args.dir else {
        if args.model.model.is_some() {
            return Err(Refusal::usage(
                "the store's past is replayed with the model in use; --model is for --dir",
            ));
        }
        return own_past(place, args.weeks, args.format.format);
    };
    let replay = read(dir).map_err(|error| Refusal::usage(error.to_string()))?;
    let others = Classic::ALL.map(Who::Classic).into_iter().chain([Who::Console]);
    let others = others.filter(|who| args.compare && *who != args.policy);
    let all: Vec<Who> = std::iter::once(args.policy).chain(others).collect();
    let outcomes = play(place, args, &replay, &all)?;
    if let Some(path) = &args.orders_out {
        let written = write_orders(path, &replay, &outcomes[0]);
        written.map_err(|error| Refusal::failed(format!("{}: {error}", path.display())))?;
    }
    let out = args.out.clone().or((!args.compare).then(|| "-".into()));
    if let Some(path) = out {
        let written = write_result(&path, &outcomes[0]);
        written.map_err(|error| Refusal::failed(format!("{}: {error}", path.display())))?;
    }
    if args.compare {
        let grid = table(all.iter().map(|who| who.name()).zip(&outcomes));
        print(&grid, args.format.format)?;
    }
    Ok(())
}

/// What each would have cost.
fn play(
    place: &PlaceArgs,
    args: &PolicyArgs,
    replay: &Replay,
    all: &[Who],
) -> Result<Vec<Outcome>, Refusal> {
    let track = if args.censored { Track::SalesOnly } else { Track::DemandSeen };
    let model = source::model(place, &args.model, false)?;
    let (mut line, interrupted) = (Line::new(), Interrupted::watch()?);
    let mut one = |who: Who| {
        let mut console;
        let mut classic;
        let policy: &mut dyn Policy = match who {
            Who::Console => {
                console = Console::of(replay, &model);
                &mut console
            }
            Who::Classic(rule) => {
                classic = rule.on(replay);
                &mut classic
            }
        };
        simulate(replay, track, policy, &mut |share| {
            line.share(&format!("{}:", who.name()), share);
            interrupted.flow()
        })
    };
    let outcomes: Result<Vec<Outcome>, _> = all.iter().map(|who| one(*who)).collect();
    line.clear();
    outcomes.map_err(|error| Refusal::failed(error.to_string()))
}

/// Figures of an outcome, by name: money to the penny.
fn figures(outcome: &Outcome) -> [(&'static str, Value); 12] {
    let round = |value: f64, digits: i32| {
        let by = 10f64.powi(digits);
        Value::from((value * by).round() / by)
    };
    [
        ("total", round(outcome.total(), 2)),
        ("holding", round(outcome.holding, 2)),
        ("lost", round(outcome.lost, 2)),
        ("line", round(outcome.line, 2)),
        ("order", round(outcome.order, 2)),
        ("terminal", round(outcome.terminal, 2)),
        ("fill_units", round(outcome.fill_units(), 6)),
        ("units_lost", round(outcome.units_asked - outcome.units_sold, 2)),
        ("avg_stock_value", round(outcome.avg_stock_value, 2)),
        ("order_lines", outcome.placed.len().into()),
        ("orders", outcome.orders.into()),
        ("stockout_item_days", outcome.stockout_item_days.into()),
    ]
}

fn table<'a>(outcomes: impl Iterator<Item = (&'static str, &'a Outcome)>) -> Grid {
    let names = figures(&Outcome::default()).map(|(name, _)| name);
    let columns: Vec<&'static str> = std::iter::once("policy").chain(names).collect();
    let mut grid = Grid::new(&columns);
    for (name, outcome) in outcomes {
        let cells = figures(outcome).map(|(_, value)| Cell::number(value));
        grid.push(std::iter::once(Cell::text(name)).chain(cells).collect());
    }
    grid
}

fn write_result(path: &Path, outcome: &Outcome) -> io::Result<()> {
    let object: Map<String, Value> =
        figures(outcome).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let mut out = Out::create(path)?;
    writeln!(out, "{}", serde_json::to_string_pretty(&object)?)?;
    out.finish()
}

fn write_orders(path: &Path, replay: &Replay, outcome: &Outcome) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(Out::create(path)?);
    writer.write_record(["supplier", "sku", "order_date", "qty"])?;
    for placed in &outcome.placed {
        let item = &replay.items[placed.item];
        let supplier = &replay.suppliers[item.supplier].code;
        let (date, qty) = (replay.date(placed.day).to_string(), placed.qty.to_string());
        writer.write_record([supplier, &item.sku, &date, &qty])?;
    }
    writer.into_inner().map_err(|error| error.into_error())?.finish()
}
