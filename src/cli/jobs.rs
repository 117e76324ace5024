//! Commands that run long work in the owner, with progress on standard error.

use super::args::{FileArgs, Format};
use super::ask::{odd_answer, print, print_line};
use super::format::{Cell, Grid};
use super::place::Place;
use crate::engine::api::*;
use crate::feed::files;
use crate::owner::client::Client;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// A file to import or replay. One that came through standard input is removed afterwards.
pub struct Input {
    path: PathBuf,
    temporary: bool,
}

impl Drop for Input {
    fn drop(&mut self) {
        if self.temporary {
            // A file left in the temporary folder harms nobody.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Reads a file into the store.
pub async fn import(client: &mut Client, input: Input, job: ImportJob) -> Result<(), Refusal> {
    let outcome = watched(client, Action::Import(job)).await;
    drop(input);
    report(outcome?)
}

/// Lets every feed read up to the present.
pub async fn sync(client: &mut Client) -> Result<(), Refusal> {
    report(watched(client, Action::SyncOnce).await?)
}

/// Plays a file of past orders; no speed: as fast as the work allows.
pub async fn replay(
    client: &mut Client,
    input: Input,
    job: ImportJob,
    speed: Option<f64>,
) -> Result<(), Refusal> {
    let outcome = watched(client, Action::Replay { job, speed }).await;
    drop(input);
    report(outcome?)
}

/// Reads a replay's speed.
pub fn speed(text: &str) -> Result<Option<f64>, Refusal> {
    if text == "max" {
        return Ok(None);
    }
    match text.trim_end_matches('x').parse::<f64>() {
        Ok(x) if (1.0..=100_000.0).contains(&x) => Ok(Some(x)),
        _ => {
            Err(Refusal::usage(format!("--speed {text}: write a number from 1 to 100000, or max")))
        }
    }
}

/// Writes made-up orders.
pub async fn fill(client: &mut Client, orders: u64, seed: u64) -> Result<(), Refusal> {
    report(watched(client, Action::FillDemo { orders, seed }).await?)
}

/// Orders of an incident that a table shows.
const FIRST: usize = 5;

/// Lists what the simulated merchant did on purpose, up to the demo's present.
pub async fn truth(client: &mut Client, place: &Place, format: Format) -> Result<(), Refusal> {
    let Answer::Status(status) = client.ask(Query::Status).await? else {
        return Err(odd_answer());
    };
    if status.kind != StoreKind::Demo {
        return Err(Refusal::usage("only a demo store has a truth; add --demo"));
    }
    let mut grid = Grid::new(&["at", "kind", "subject", "orders", "explanation"]);
    for truth in crate::engine::demo::truth(&place.data_dir, status.now)? {
        let all = truth.orders.len();
        // A table shows the first of many; the other formats have all.
        let shown = if format == Format::Table && all > FIRST { FIRST } else { all };
        let mut orders: Vec<String> =
            truth.orders.iter().take(shown).map(|order| order.as_str().to_owned()).collect();
        if shown < all {
            orders.push(format!("and {} more", all - shown));
        }
        grid.push(vec![
            Cell::text(truth.at),
            Cell::text(truth.kind),
            Cell::text(truth.subject),
            Cell::text(orders.join(" ")),
            Cell::text(truth.explanation),
        ]);
    }
    print(&grid, format)
}

/// Looks at a file without importing it.
pub fn check(file: &FileArgs, format: Format) -> Result<(), Refusal> {
    let (input, job) = job(file)?;
    let report =
        files::check(Path::new(job.path.as_ref()), &job.preset, &job.columns, job.date_order)?;
    drop(input);
    let mut grid = Grid::new(&["finding", "count", "what_is_done", "examples"]);
    let mut row = |kind: &str, count: u64, treatment: &str, examples: &[String]| {
        grid.push(vec![
            Cell::text(kind),
            Cell::number(count),
            Cell::text(treatment),
            Cell::text(examples.join(" | ")),
        ]);
    };
    row("rows", report.rows, "", &[]);
    row("rows understood", report.parsed, "", &[]);
    for finding in &report.findings {
        row(&finding.kind, finding.count, &finding.treatment, &finding.examples);
    }
    print(&grid, format)
}

/// Understands a file and how it is to be read; the file has the columns that this needs.
pub fn job(args: &FileArgs) -> Result<(Input, ImportJob), Refusal> {
    if !files::Preset::names().contains(&args.preset.as_str()) {
        return Err(Refusal::usage(format!(
            "--preset {}: unknown; one of {}",
            args.preset,
            files::Preset::names().join(", ")
        )));
    }
    let columns = columns(&args.columns)?;
    let date_order = match args.date_order.as_deref() {
        None => None,
        Some(text) => Some(
            files::DateOrder::parse(text)
                .ok_or_else(|| Refusal::usage(format!("--date-order {text}: write dmy or mdy")))?,
        ),
    };
    let input = input(&args.file)?;
    let unread = files::fits(&input.path, &args.preset, &columns)?;
    if !unread.is_empty() {
        eprintln!(
            "stockdeck: {} is not read of {}: preset `{}` does not know it; `--column FIELD=COLUMN` says what \
             a column is",
            named(&unread),
            args.file,
            args.preset
        );
    }
    let path = input.path.to_str().ok_or_else(|| {
        Refusal::usage(format!("{}: rename it; its name is not UTF-8", input.path.display()))
    })?;
    let preset = args.preset.as_str().into();
    let job = ImportJob { path: path.into(), preset, columns, date_order };
    Ok((input, job))
}

/// `cost`, `pack_size`: the first of them.
pub fn named(columns: &[String]) -> String {
    const MOST: usize = 8;
    let mut named: Vec<String> = columns.iter().take(MOST).map(|one| format!("`{one}`")).collect();
    if columns.len() > MOST {
        named.push(format!("{} more", columns.len() - MOST));
    }
    named.join(", ")
}

/// Our field and their column.
type Renaming = (Box<str>, Box<str>);

/// Reads `--column` flags.
pub fn columns(pairs: &[String]) -> Result<Vec<Renaming>, Refusal> {
    let column = |pair: &String| {
        let (ours, theirs) = pair.split_once('=').ok_or_else(|| {
            Refusal::usage(format!("--column {pair}: write it as order_id=Invoice"))
        })?;
        Ok((ours.into(), theirs.into()))
    };
    pairs.iter().map(column).collect()
}

fn input(file: &str) -> Result<Input, Refusal> {
    if file != "-" {
        let path = std::path::absolute(file)
            .map_err(|error| Refusal::usage(format!("{file}: {error}")))?;
        return match std::fs::metadata(&path) {
            Ok(meta) if meta.is_file() => Ok(Input { path, temporary: false }),
            Ok(_) => Err(Refusal::usage(format!("{file} is not a file"))),
            Err(error) => Err(Refusal::failed(format!("cannot read {file}: {error}"))),
        };
    }
    let path = std::env::temp_dir().join(format!("stockdeck-stdin-{}", std::process::id()));
    let failed =
        |error: std::io::Error| Refusal::failed(format!("cannot keep standard input: {error}"));
    let mut copy = std::fs::OpenOptions::new();
    copy.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut copy, 0o600);
    let mut copy = copy.open(&path).map_err(failed)?;
    let input = Input { path, temporary: true };
    std::io::copy(&mut std::io::stdin().lock(), &mut copy).map_err(failed)?;
    Ok(input)
}

/// Runs long work and shows its progress while standard error is a terminal. Ctrl-C cancels it.
async fn watched(client: &mut Client, action: Action) -> Result<Outcome, Refusal> {
    let show = std::io::stderr().is_terminal();
    let show_progress = |works: &[Work]| {
        if let Some(work) = works.last().filter(|_| show) {
            let done = work.progress.done;
            let share = match work.progress.total {
                Some(total) if total > 0 => format!("{} %", done * 100 / total),
                _ => done.to_string(),
            };
            let eta = work.eta_s.map(|s| format!(", {s} s left")).unwrap_or_default();
            eprint!("\r\x1b[K{} {share}{eta}", work.progress.what);
            // Progress that cannot be shown is not worth failing for.
            let _ = std::io::stderr().flush();
        }
    };
    let outcome = client.act(action, show_progress, interrupted()).await.map_err(Refusal::from);
    if show {
        eprint!("\r\x1b[K");
    }
    outcome
}

/// Returns at the first Ctrl-C. The second one ends the command at once; the owner notices and
/// cancels the work all the same.
#[allow(clippy::disallowed_methods, reason = "no terminal is held here")]
pub(super) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        return std::future::pending().await;
    }
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(128 + rustix::process::Signal::INT.as_raw());
        }
    });
}

fn report(outcome: Outcome) -> Result<(), Refusal> {
    match outcome {
        Outcome::Worked { applied, seconds } => {
            let quarantined = match applied.rejected {
                0 => String::new(),
                n => format!(", {n} in quarantine (`stockdeck quarantine` says why)"),
            };
            print_line(&format!(
                "{} new, {} changed, {} known already{quarantined}; {seconds:.1} s",
                applied.new_by_kind(|n| n.to_string()),
                applied.changed,
                applied.same
            ))
        }
        Outcome::Done
        | Outcome::Trained(_)
        | Outcome::Backtested(_)
        | Outcome::Journalled(_)
        | Outcome::Acted { .. }
        | Outcome::Revealed(_)
        | Outcome::NotifyTested(_)
        | Outcome::Retried { .. }
        | Outcome::RuleTested(_)
        | Outcome::FlagsLearnt(_)
        | Outcome::ModelInUse(_) => print_line("done"),
    }
}
