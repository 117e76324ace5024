//! `stockdeck plan`: what should be bought, and where it should be shipped from.

use super::allocate::{AllocateArgs, allocate};
use super::files::{Out, read_text};
use crate::engine::api::Refusal;
use crate::plan::inventory::cases::{self, Worked};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// `plan …`
#[derive(Subcommand, Debug)]
pub enum PlanCommand {
    /// Work out cases of the textbooks' inventory formulas, each with numbers of its own
    ///
    /// A case has an id, a kind and an input; its result holds an output, or an error that says why
    /// there is none. One that cannot be worked out does not keep the others from it; the exit status
    /// is 1 then. Kinds: newsvendor_normal, newsvendor_poisson, newsvendor_pmf, newsvendor_quantiles,
    /// base_stock_service, base_stock_negative_binomial, safety_stock_lt_var, reorder_point_fill_rate,
    /// eoq, eoq_moq_pack, eoq_all_units_discount, rq_normal, rq_poisson, ss_poisson_exact,
    /// ss_power_approximation, order_suggestion. What a store should order is listed by
    /// `stockdeck reorders`.
    Replenish(ReplenishArgs),
    /// Allocate open order lines of a file to the nodes that can ship them
    ///
    /// Each file is an instance: stock by node with the scarcity cost of a unit, package capacities and
    /// costs by zone, orders with promise, priority and ship-complete, lines with the penalty of a unit
    /// short. Printed are the cost in the file's smallest unit of money, a lower bound that no allocation can be below, the
    /// gap between them, and what two rules of products cost on the same instance: each line alone to the
    /// cheapest node (per_line), and the cheapest node that has the whole order (whole_order). The
    /// solution is the same at each run unless the time limit ends it, which is said (cut_short).
    Allocate(AllocateArgs),
}

/// `plan replenish`
#[derive(Args, Debug)]
pub struct ReplenishArgs {
    /// JSON {"cases": [{"id", "kind", "input"}, ...]}, plain or .gz; `-` is standard input
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    /// Where the results go, plain or .gz by its ending
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

/// Carries out `plan …`.
pub fn run(command: &PlanCommand) -> Result<(), Refusal> {
    match command {
        PlanCommand::Replenish(args) => replenish(args),
        PlanCommand::Allocate(args) => allocate(args),
    }
}

/// What is said where no cases are given.
const NO_CASES: &str = "this works out cases of a file: give `--cases FILE`; what a store should order \
                        is listed by `stockdeck reorders`";

fn replenish(args: &ReplenishArgs) -> Result<(), Refusal> {
    let cases = args.cases.as_ref().ok_or_else(|| Refusal::usage(NO_CASES))?;
    let file = cases.display();
    let text = read_text(cases)
        .map_err(|error| Refusal::usage(format!("{file} cannot be read: {error}")))?;
    let worked = cases::work_out(&text)
        .map_err(|error| Refusal::usage(format!("{file} cannot be used: {error}")))?;
    write(&args.out, &worked)
        .map_err(|error| Refusal::failed(format!("{}: {error}", args.out.display())))?;
    let mut without =
        worked.iter().filter_map(|case| Some((&case.id, case.output.as_ref().err()?)));
    let Some((id, error)) = without.next() else { return Ok(()) };
    let others = match without.count() {
        0 => String::new(),
        1 => "; so has another one".into(),
        more => format!("; so have {more} others"),
    };
    Err(Refusal::failed(format!("{id} has no answer, since {error}{others}")))
}

fn write(path: &Path, worked: &[Worked]) -> io::Result<()> {
    let results: Vec<_> = worked.iter().map(Worked::to_json).collect();
    let text = serde_json::to_string_pretty(&json!({ "results": results }))?;
    let mut out = Out::create(path)?;
    let written = writeln!(out, "{text}");
    match written.and_then(|()| out.finish()) {
        // A reader that went away (`| head`) has what it wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
