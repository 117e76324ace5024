//! `stockdeck plan allocate`: order lines of a file to the nodes that ship them.

use super::args::FormatArgs;
use super::ask::print;
use super::files::{Out, read_text};
use super::format::{Cell, Grid};
use crate::engine::api::Refusal;
use crate::plan::allocate::{
    AllocateError, Allocation, Assignment, Concern, Instance, Options, allocate as solve, check,
    concerns, per_line, whole_order,
};
use clap::Args;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Concerns of a file that are told one by one.
const TOLD: usize = 5;

/// `plan allocate`
#[derive(Args, Debug)]
pub struct AllocateArgs {
    /// Instances as JSON, plain or .gz; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where the solution of a single file goes, as JSON [[line, node, units], ...]; plain or .gz
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Seconds that each file may take, at most; more work is done where there are more
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, value_parser = seconds)]
    time_limit: f64,
    /// How much work is done, as a multiple of what is usual; the same work has the same solution
    /// everywhere [default: a fifth of the seconds]
    #[arg(long, value_name = "FACTOR", value_parser = factor)]
    effort: Option<f64>,
    /// How the table is printed.
    #[command(flatten)]
    format: FormatArgs,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.1..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("it is a number of seconds between 0.1 and 3600".into()),
    }
}

fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if (0.001..=1000.0).contains(&factor) => Ok(factor),
        _ => Err("it is a number between 0.001 and 1000".into()),
    }
}

/// Carries out `plan allocate`.
pub fn allocate(args: &AllocateArgs) -> Result<(), Refusal> {
    if args.out.is_some() && args.files.len() > 1 {
        return Err(Refusal::usage("--out is for the solution of one file; give one at a time"));
    }
    let within = Options::within(Duration::from_secs_f64(args.time_limit));
    let options = Options { effort: args.effort.unwrap_or(within.effort), ..within };
    let mut grid = Grid::new(&[
        "name",
        "lines",
        "orders",
        "nodes",
        "cost",
        "bound",
        "gap_pct",
        "proven",
        "seconds",
        "cut_short",
        "packages",
        "units_short",
        "per_line",
        "whole_order",
    ]);
    for path in &args.files {
        let file = path.display();
        let instance = read(path)
            .map_err(|error| Refusal::usage(format!("{file} cannot be used: {error}")))?;
        let found = solve(&instance, &options, &|| false).map_err(|error| match error {
            AllocateError::Instance(_) => {
                Refusal::usage(format!("{file} cannot be allocated: {error}"))
            }
            _ => Refusal::failed(format!("{file}: {error}")),
        })?;
        tell(path, &concerns(&instance));
        grid.push(row(&instance, &found)?);
        if let Some(out) = &args.out {
            write(out, &found.assignments)
                .map_err(|error| Refusal::failed(format!("{}: {error}", out.display())))?;
        }
    }
    print(&grid, args.format.format)
}

fn read(path: &Path) -> io::Result<Instance> {
    Ok(serde_json::from_str(&read_text(path)?)?)
}

fn row(instance: &Instance, found: &Allocation) -> Result<Vec<Cell>, Refusal> {
    let cost_of = |rule: &[Assignment]| match check(instance, rule) {
        Ok(cost) => Ok(Cell::number(cost.total())),
        Err(broken) => Err(Refusal::failed(format!("a rule broke a constraint: {broken}"))),
    };
    Ok(vec![
        Cell::text(&instance.name),
        Cell::number(instance.lines.len()),
        Cell::number(instance.orders.len()),
        Cell::number(instance.nodes.len()),
        Cell::number(found.cost.total()),
        Cell::number(found.bound),
        Cell::number(format!("{:.3}", found.gap() * 100.0)),
        Cell::Flag(found.proven()),
        Cell::number(format!("{:.2}", found.took.as_secs_f64())),
        Cell::Flag(found.cut_short),
        Cell::number(found.cost.package_count),
        Cell::number(found.cost.units_short),
        cost_of(&per_line(instance))?,
        cost_of(&whole_order(instance))?,
    ])
}

/// Says on standard error what no allocation can mend.
fn tell(path: &Path, concerns: &[Concern]) {
    for concern in concerns.iter().take(TOLD) {
        eprintln!("{}: {concern}", path.display());
    }
    if concerns.len() > TOLD {
        eprintln!("{}: and {} more like these", path.display(), concerns.len() - TOLD);
    }
}

fn write(path: &Path, assignments: &[Assignment]) -> io::Result<()> {
    let mut out = Out::create(path)?;
    serde_json::to_writer(&mut out, assignments)?;
    match writeln!(out).and_then(|()| out.finish()) {
        // A reader that went away (`| head`) has what it wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
