//! The command line: parses, finds the store, reaches its owner, prints.
//!
//! Exit status: 0 done, 1 failed, 2 usage, 3 not known yet. Errors are one sentence on standard error.

mod allocate;
mod allocation;
mod approve;
pub mod args;
mod ask;
mod coordinate;
mod decide;
mod doctor;
mod files;
mod flags;
mod format;
mod grids;
mod jobs;
mod man;
mod models;
mod notify;
mod overrides;
pub mod place;
mod plan;
mod privacy;
mod purchases;
mod ready;
mod rehearsal;
mod screen;
mod serve;
mod settings;
mod suppliers;
mod until;
mod waiting;

use crate::engine::api::{Answer, Query, Refusal};
use crate::owner::client::Client;
use crate::owner::wire::What;
use args::*;
use clap::{CommandFactory, Parser};
use place::{Intent, Place};
use ready::Ready;
use std::process::ExitCode;

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // Nothing can be done about a terminal that takes no help text.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match run(cli) {
        Ok(code) => code,
        Err(refusal) => {
            eprintln!("stockdeck: {}", crate::domain::text::clean(&refusal.message));
            ExitCode::from(if refusal.usage { 2 } else { 1 })
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Refusal> {
    let place = |intent| Place::find(&cli.place, intent);
    match cli.command {
        None => return serve::console(&place(Intent::Open)?, &cli.console),
        Some(Command::Serve(args)) => serve::serve(&cli.place, &args)?,
        Some(Command::Data { command: DataCommand::Check { file, format } }) => {
            jobs::check(&file, format.format)?;
        }
        Some(Command::Forecast(args)) => {
            models::settle_threads()?;
            models::forecast(&cli.place, &args)?;
        }
        Some(Command::Flags { command: None, file: Some(args) }) => {
            models::settle_threads()?;
            models::flags(&args)?;
        }
        Some(Command::Demo { command: DemoCommand::Watch(args) }) => {
            models::settle_threads()?;
            rehearsal::watch(&args)?;
        }
        Some(Command::Leadtime(args)) => models::leadtime(&args)?,
        Some(Command::Train { command }) => {
            models::settle_threads()?;
            models::train(&cli.place, &command)?;
        }
        Some(Command::Evaluate(args)) => {
            models::settle_threads()?;
            models::evaluate(&cli.place, &args)?;
        }
        Some(Command::Backtest { command }) => {
            models::settle_threads()?;
            models::backtest(&cli.place, &command)?;
        }
        Some(Command::Models { command }) => models::models(&cli.place, &command)?,
        Some(Command::Plan { command }) => plan::run(&command)?,
        Some(Command::Doctor) => doctor::doctor(&cli.place)?,
        Some(Command::Config { command }) => settings::run(&cli.place, &command)?,
        Some(Command::Audit { command: AuditCommand::Verify }) => audit(&place(Intent::Ask)?)?,
        Some(Command::Completions { shell }) => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "stockdeck", &mut out);
            ask::print_line(String::from_utf8_lossy(&out).trim_end())?;
        }
        Some(Command::Man) => ask::print_line(man::page()?.trim_end())?,
        Some(command) => {
            let Some((intent, ready)) = Ready::of(command)? else {
                return Err(Refusal::failed("this command needs no owner"));
            };
            let place = place(intent)?;
            return block_on(through_owner(&place, ready))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a future on this thread.
fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Refusal> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Refusal::failed(format!("cannot start the runtime: {error}")))?;
    Ok(runtime.block_on(future))
}

/// A line to the owner of a store, which says so where it follows other feeds than were asked for.
async fn attach(place: &Place) -> Result<Client, Refusal> {
    let start = place.start_options();
    let client = Client::attach_or_start(&place.data_dir, &start, What::Script).await?;
    if let Some(warning) = place.other_feeds(client.welcome.pid, &client.welcome.restart) {
        eprintln!("stockdeck: {warning}");
    }
    Ok(client)
}

/// The exit status of what cannot be told yet.
const NOT_YET: u8 = 3;

async fn through_owner(place: &Place, ready: Ready) -> Result<ExitCode, Refusal> {
    let client = &mut attach(place).await?;
    let patience = match &ready {
        Ready::Reorders(_, patience) => Some(*patience),
        Ready::Approve(wanted) => Some(wanted.patience()),
        _ => None,
    };
    let waits = match patience {
        Some(patience) => waiting::until_planned(client, patience).await?,
        None => None,
    };
    match (ready, waits) {
        (Ready::Approve(wanted), Some(why)) => match wanted.unplanned() {
            Some(wanted) => answered(client, place, Ready::Approve(wanted)).await?,
            // What is approved as it is proposed has to be proposed.
            None => {
                waiting::say(&why);
                return Ok(ExitCode::from(NOT_YET));
            }
        },
        (ready, waits) => {
            answered(client, place, ready).await?;
            if let Some(why) = waits {
                waiting::say(&why);
                return Ok(ExitCode::from(NOT_YET));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn answered(client: &mut Client, place: &Place, ready: Ready) -> Result<(), Refusal> {
    match ready {
        Ready::Order(which, format) => ask::order(client, which, format).await,
        Ready::Orders(page) => {
            let rows = |answer| match answer {
                Answer::Orders(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, page, Query::Orders, rows, grids::orders).await
        }
        Ready::Stock(page) => {
            let rows = |answer| match answer {
                Answer::Stock(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, page, Query::Stock, rows, grids::stock).await
        }
        Ready::Reorders(page, _) => {
            let rows = |answer| match answer {
                Answer::Reorders(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, page, Query::Reorders, rows, grids::reorders).await
        }
        Ready::Journal(page) => {
            let rows = |answer| match answer {
                Answer::Journal(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, page, Query::Journal, rows, grids::journal).await
        }
        Ready::Overrides(page) => {
            let rows = |answer| match answer {
                Answer::Overrides(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, page, Query::Overrides, rows, overrides::grid).await
        }
        Ready::Allocation(job) => allocation::run(client, job).await,
        Ready::Purchases(job) => purchases::run(client, job).await,
        Ready::Coordinate(job) => coordinate::run(client, job).await,
        Ready::Flags(job) => flags::run(client, job).await,
        Ready::Retry(job) => privacy::retry(client, job).await,
        Ready::Raw(page, reason) => privacy::raw(client, page, &reason).await,
        Ready::Quarantine(page) => {
            let rows = |answer| match answer {
                Answer::Quarantine(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, page, Query::Quarantine, rows, grids::quarantine).await
        }
        Ready::Sku(sku, days, format) => ask::sku(client, sku, days, format).await,
        Ready::Suppliers(named, format) => suppliers::run(client, named, format).await,
        Ready::Feeds(format) => match client.ask(Query::Feeds).await? {
            Answer::Feeds(feeds) => ask::print(&grids::feeds(&feeds), format),
            _ => Err(ask::odd_answer()),
        },
        Ready::Status(format) => match client.ask(Query::Status).await? {
            Answer::Status(status) => ask::print(&grids::status(&status), format),
            _ => Err(ask::odd_answer()),
        },
        Ready::Demand(from, to, format) => ask::demand(client, from, to, format).await,
        Ready::Approve(wanted) => approve::run(client, wanted).await,
        Ready::Decide(wish) => decide::decide(client, wish).await,
        Ready::Reveal(whose, reason, format) => {
            privacy::reveal(client, whose, reason, format).await
        }
        Ready::Forget(whose, reason) => privacy::forget(client, whose, reason).await,
        Ready::TestNotify(wanted, format) => notify::test(client, wanted, format).await,
        Ready::Undo(seq) => decide::undo(client, seq).await,
        Ready::Import(input, job) => jobs::import(client, input, job).await,
        Ready::Sync => jobs::sync(client).await,
        Ready::Replay(input, job, speed) => jobs::replay(client, input, job, speed).await,
        Ready::Fill { orders, seed } => jobs::fill(client, orders, seed).await,
        Ready::Truth(format) => jobs::truth(client, place, format).await,
        Ready::Screen(picture) => screen::screen(client, place, picture).await,
    }
}

fn audit(place: &Place) -> Result<(), Refusal> {
    let file = place.data_dir.join(crate::engine::JOURNAL_FILE);
    let verified =
        crate::journal::verify(&file).map_err(|error| Refusal::failed(error.to_string()))?;
    if verified.entries == 0 {
        return ask::print_line("ok: no decisions yet");
    }
    ask::print_line(&format!("ok: {} entries, head {}", verified.entries, verified.head_hash))
}
