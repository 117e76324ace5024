//! The command line: parses, finds the store, reaches its owner, prints.
//!
//! Exit status: 0 done, 1 failed, 2 usage. Errors are one sentence on standard error.

pub mod args;
mod ask;
mod decide;
mod doctor;
mod format;
mod grids;
mod jobs;
pub mod place;
mod privacy;
mod screen;
mod serve;

use crate::domain::{Decision, SiteId, Sku};
use crate::engine::api::{Answer, Query, Refusal};
use crate::owner::client::Client;
use crate::owner::wire::What;
use args::*;
use clap::{CommandFactory, Parser};
use place::{Intent, Place};
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
        Some(Command::Doctor) => doctor::doctor(&place(Intent::Open)?)?,
        Some(Command::Config { command }) => config(&cli.place, &command)?,
        Some(Command::Audit { command: AuditCommand::Verify }) => audit(&place(Intent::Ask)?)?,
        Some(Command::Completions { shell }) => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "stockdeck", &mut out);
            ask::print_line(String::from_utf8_lossy(&out).trim_end())?;
        }
        Some(Command::Man) => {
            let mut out = Vec::new();
            clap_mangen::Man::new(Cli::command())
                .render(&mut out)
                .map_err(|error| Refusal::failed(format!("cannot render the man page: {error}")))?;
            ask::print_line(String::from_utf8_lossy(&out).trim_end())?;
        }
        Some(command) => {
            let intent = match &command {
                Command::Import { .. } => Intent::Import,
                Command::Replay { .. } => Intent::Replay,
                Command::Demo { command: DemoCommand::Fill { .. } } => Intent::Fill,
                _ => Intent::Ask,
            };
            let place = place(intent)?;
            block_on(through_owner(&place, command))??;
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

async fn through_owner(place: &Place, command: Command) -> Result<(), Refusal> {
    let mut client =
        Client::attach_or_start(&place.data_dir, &place.start_options(), What::Script).await?;
    with_owner(&mut client, place, command).await
}

async fn with_owner(client: &mut Client, place: &Place, command: Command) -> Result<(), Refusal> {
    let sku_site = |sku: &str, site: &str| (Sku::new(sku), SiteId::new(site));
    match command {
        Command::Orders { number: Some(number), page } => {
            ask::order(client, &number, page.format.format).await
        }
        Command::Orders { number: None, page } => {
            let rows = |answer| match answer {
                Answer::Orders(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, &page, Query::Orders, rows, grids::orders).await
        }
        Command::Stock { page } => {
            let rows = |answer| match answer {
                Answer::Stock(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, &page, Query::Stock, rows, grids::stock).await
        }
        Command::Journal { page } => {
            let rows = |answer| match answer {
                Answer::Journal(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, &page, Query::Journal, rows, grids::journal).await
        }
        Command::Quarantine { command: Some(command), .. } => privacy::retry(client, command).await,
        Command::Quarantine { page, raw: true, reason, .. } => {
            privacy::raw(client, &page, &reason.unwrap_or_default()).await
        }
        Command::Quarantine { page, .. } => {
            let rows = |answer| match answer {
                Answer::Quarantine(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, &page, Query::Quarantine, rows, grids::quarantine).await
        }
        Command::Sku { sku, days, format } => ask::sku(client, &sku, days, format.format).await,
        Command::Feeds { format } => match client.ask(Query::Feeds).await? {
            Answer::Feeds(feeds) => ask::print(&grids::feeds(&feeds), format.format),
            _ => Err(ask::odd_answer()),
        },
        Command::Status { format } => match client.ask(Query::Status).await? {
            Answer::Status(status) => ask::print(&grids::status(&status), format.format),
            _ => Err(ask::odd_answer()),
        },
        Command::Demand { from, to, format } => {
            ask::demand(client, from.as_deref(), to.as_deref(), format.format).await
        }
        Command::Note { subject, text } => {
            let subject = decide::subject(client, &subject).await?;
            decide::decide(client, Decision::Note { subject, text }).await
        }
        Command::Pin { subject, off } => {
            let subject = decide::subject(client, &subject).await?;
            decide::decide(client, Decision::Pin { subject, on: !off }).await
        }
        Command::Ack { subject, off } => {
            let subject = decide::subject(client, &subject).await?;
            decide::decide(client, Decision::Acknowledge { subject, on: !off }).await
        }
        Command::Receive { sku, qty, site, po } => {
            let (sku, site) = sku_site(&sku, &site);
            let (qty, po) = (decide::qty(&qty)?, po.map(|po| po.as_str().into()));
            decide::decide(client, Decision::Receive { po, sku, site, qty }).await
        }
        Command::Count { sku, qty, site, reason } => {
            let (sku, site) = sku_site(&sku, &site);
            let counted = decide::qty(&qty)?;
            let count = Decision::Count { sku, site, counted, reason, before: None };
            decide::decide(client, count).await
        }
        Command::Adjust { sku, delta, site, reason } => {
            let (sku, site) = sku_site(&sku, &site);
            let delta = decide::qty(&delta)?;
            decide::decide(client, Decision::Adjust { sku, site, delta, reason }).await
        }
        Command::Transfer { sku, qty, from, to, reason } => {
            let (sku, from) = sku_site(&sku, &from);
            let (to, qty) = (SiteId::new(to), decide::qty(&qty)?);
            decide::decide(client, Decision::Transfer { sku, from, to, qty, reason }).await
        }
        Command::Privacy { command: PrivacyCommand::Reveal { customer, reason, format } } => {
            let whose = privacy::whose(client, &customer).await?;
            privacy::reveal(client, whose, reason, format.format).await
        }
        Command::Privacy { command: PrivacyCommand::Forget { customer, reason } } => {
            let whose = privacy::whose(client, &customer).await?;
            decide::decide(client, Decision::Forget { whose, reason }).await
        }
        Command::Undo { seq } => decide::undo(client, seq).await,
        Command::Import { file } => jobs::import(client, &file).await,
        Command::Sync { .. } => jobs::sync(client).await,
        Command::Replay { file, speed } => jobs::replay(client, &file, &speed).await,
        Command::Demo { command: DemoCommand::Fill { orders, seed } } => {
            jobs::fill(client, orders, seed).await
        }
        Command::Demo { command: DemoCommand::Truth { format } } => {
            jobs::truth(client, place, format.format).await
        }
        Command::Screen { name, subject, size, format } => {
            screen::screen(client, place, &name, subject.as_deref(), &size, format).await
        }
        Command::Serve(_)
        | Command::Data { .. }
        | Command::Doctor
        | Command::Config { .. }
        | Command::Audit { .. }
        | Command::Completions { .. }
        | Command::Man => Err(Refusal::failed("this command needs no owner")),
    }
}

fn config(args: &PlaceArgs, command: &ConfigCommand) -> Result<(), Refusal> {
    let variables = crate::config::variables();
    match command {
        ConfigCommand::Init => {
            let file = (args.config.clone())
                .or_else(|| variables.get("STOCKDECK_CONFIG").map(Into::into))
                .or_else(crate::config::default_file)
                .ok_or_else(|| Refusal::failed("the home folder is unknown; use --config FILE"))?;
            let failed = |error: std::io::Error| {
                Refusal::failed(format!("cannot write {}: {error}", file.display()))
            };
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder).map_err(failed)?;
            }
            // Secrets will be written into it.
            let mut new = std::fs::OpenOptions::new();
            std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
            let new = new.write(true).create_new(true).open(&file);
            match new {
                Ok(mut new) => {
                    use std::io::Write;
                    new.write_all(crate::config::TEMPLATE.as_bytes()).map_err(failed)?;
                    ask::print_line(&format!("wrote {}", file.display()))
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    Err(Refusal::usage(format!(
                        "{} is there already and was left as it is",
                        file.display()
                    )))
                }
                Err(error) => Err(failed(error)),
            }
        }
        ConfigCommand::Show | ConfigCommand::Check => {
            let config = crate::config::Config::load(args.config.as_deref(), &variables)
                .map_err(|error| Refusal::usage(error.to_string()))?;
            if matches!(command, ConfigCommand::Show) {
                return ask::print_line(config.shown().trim_end());
            }
            let from = match &config.file {
                Some(file) => file.display().to_string(),
                None => "no configuration file, all defaults".into(),
            };
            ask::print_line(&format!("ok: {from}, {} feeds", config.feeds.len()))
        }
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
