//! The configuration as the program as a whole judges it, and the commands about it.

use super::args::{ConfigCommand, ConsoleArgs, PlaceArgs};
use super::ask::print_line;
use super::serve;
use crate::config::{self, Config, GROUP, THEME};
use crate::engine::api::Refusal;
use crate::owner::peer;

/// Reads the configuration; what is wrong with it is the asker's mistake.
pub fn load(args: &PlaceArgs) -> Result<Config, Refusal> {
    let variables = config::variables();
    let config = Config::load(args.config.as_deref(), &variables);
    let config = config.map_err(|error| Refusal::usage(error.to_string()))?;
    judge(&config)?;
    Ok(config)
}

/// Judges the settings that name something outside the configuration.
fn judge(config: &Config) -> Result<(), Refusal> {
    let wrong = |field, what: String| Refusal::usage(config.wrong(field, what).to_string());
    serve::palette(config, &ConsoleArgs::default())
        .map_err(|refusal| wrong(THEME, refusal.message))?;
    if let Some(group) = &config.group
        && peer::group_id(group).is_none()
    {
        let what = format!("there is no group \"{group}\" here; name one that exists");
        return Err(wrong(GROUP, what));
    }
    Ok(())
}

/// Carries out `config …`.
pub fn run(args: &PlaceArgs, command: &ConfigCommand) -> Result<(), Refusal> {
    match command {
        ConfigCommand::Init => init(args),
        ConfigCommand::Show => print_line(load(args)?.shown().trim_end()),
        ConfigCommand::Check => check(&load(args)?),
    }
}

fn check(config: &Config) -> Result<(), Refusal> {
    if let Some(error) = config.paths_missing().first() {
        return Err(Refusal::usage(error.to_string()));
    }
    let from = match &config.file {
        Some(file) => file.display().to_string(),
        None => "no configuration file, all defaults".into(),
    };
    print_line(&format!("ok: {from}, {} feeds", config.feeds.len()))
}

fn init(args: &PlaceArgs) -> Result<(), Refusal> {
    let file = (args.config.clone())
        .or_else(|| config::variables().get("STOCKDECK_CONFIG").map(Into::into))
        .or_else(config::default_file)
        .ok_or_else(|| Refusal::failed("the home folder is unknown; use --config FILE"))?;
    let failed = |error: std::io::Error| {
        Refusal::failed(format!("cannot write {}: {error}", file.display()))
    };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut new = std::fs::OpenOptions::new();
    // It is where a shop's key and secret are written.
    std::os::unix::fs::OpenOptionsExt::mode(new.write(true).create_new(true), 0o600);
    match new.open(&file) {
        Ok(mut new) => {
            use std::io::Write;
            new.write_all(config::TEMPLATE.as_bytes()).map_err(failed)?;
            print_line(&format!("wrote {}", file.display()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(Refusal::usage(
            format!("{} is there already and was left as it is", file.display()),
        )),
        Err(error) => Err(failed(error)),
    }
}
