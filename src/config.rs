//! The configuration: one TOML file, `STOCKDECK_*` variables over it.
//!
//! Every error names the file, the line and the field, and says what would be right.

mod approvals;
mod feeds;
mod flags;
mod models;
mod notify;
mod reorders;
mod shipping;
mod targets;
mod template;
mod transfers;

pub use feeds::{Feed, FeedKind};
pub use flags::FlagHours;
pub use models::{Every, Retraining};
pub use notify::{NotifyConfig, NotifyKind};
pub use reorders::Reorders;
pub use targets::{TargetConfig, TargetKind};
pub use template::TEMPLATE;
pub use transfers::Transfers;

use crate::desk::buying::Rules;
use crate::domain::{Currency, Zone};
use crate::plan::shipping::ShippingTerms;
use approvals::RawApprovals;
use feeds::{RawFeed, feed, in_variable, path_of};
use flags::RawFlags;
use models::RawModels;
use notify::RawNotify;
use reorders::{RawReorders, RawSupplier};
use serde::Deserialize;
use shipping::RawShipping;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use targets::{RawTarget, target};
use toml::Spanned;
use transfers::RawTransfers;

/// The configuration as used.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file it came from, if one was there.
    pub file: Option<PathBuf>,
    /// The file whose changes are to be noticed: that one, or the usual one that is not there yet.
    pub watched: Option<PathBuf>,
    /// Where the data lies, if said.
    pub data_dir: Option<PathBuf>,
    /// What a day is where a site does not say.
    pub zone: Zone,
    /// The currency where a feed names none; pounds if not said.
    pub currency: Option<Currency>,
    /// The group whose members may attach.
    pub group: Option<String>,
    /// The console's theme.
    pub theme: Option<String>,
    /// Consoles start without the keys that change anything.
    pub read_only: bool,
    /// When models are trained anew.
    pub retraining: Retraining,
    /// What reorders are planned by.
    pub reorders: Reorders,
    /// When cases that are worth a look may wake somebody.
    pub flags: FlagHours,
    /// What shipping costs; `None`: nobody has said.
    pub shipping: Option<ShippingTerms>,
    /// Who may approve how much.
    pub approvals: Rules,
    /// Where orders to suppliers go.
    pub targets: Vec<TargetConfig>,
    /// On which channels people are told of cases.
    pub notify: Vec<NotifyConfig>,
    /// The feeds that are followed.
    pub feeds: Vec<Feed>,
    /// Whether it has feeds that are not followed in this store.
    pub left_out: bool,
    /// The line of the first secret in the file that is used.
    secret_line: Option<usize>,
    /// Where the settings stand that only others can judge.
    origins: BTreeMap<String, Origin>,
}

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq)]
enum Origin {
    /// In this line of the file, from 1.
    Line(usize),
    /// In this variable.
    Variable(&'static str),
}

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named with `--config` or `STOCKDECK_CONFIG` cannot be read.
    #[error("cannot read {}: {source}; name another file with --config or run `stockdeck config init`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line of it is wrong.
    #[error("{}:{line}: {what}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong and the mend.
        what: String,
    },
    /// A variable is wrong.
    #[error("{name}: {what}")]
    Variable {
        /// Its name.
        name: String,
        /// What is wrong and the mend.
        what: String,
    },
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    store: RawStore,
    console: RawConsole,
    models: RawModels,
    approvals: RawApprovals,
    flags: RawFlags,
    target: Vec<Spanned<RawTarget>>,
    notify: Vec<Spanned<RawNotify>>,
    reorders: RawReorders,
    transfers: RawTransfers,
    supplier: Vec<RawSupplier>,
    shipping: Option<Spanned<RawShipping>>,
    feed: Vec<Spanned<RawFeed>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawStore {
    data_dir: Option<String>,
    zone: Option<Spanned<String>>,
    currency: Option<Spanned<String>>,
    group: Option<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawConsole {
    theme: Option<Spanned<String>>,
    read_only: Option<bool>,
}

/// The setting of the console's theme.
pub const THEME: &str = "console.theme";
/// The setting of the group whose members may attach.
pub const GROUP: &str = "store.group";
/// The variables that are settings.
const VARIABLES: [&str; 8] = [
    "STOCKDECK_CONFIG",
    "STOCKDECK_CURRENCY",
    "STOCKDECK_DATA_DIR",
    "STOCKDECK_GROUP",
    "STOCKDECK_LOG",
    "STOCKDECK_READ_ONLY",
    "STOCKDECK_THEME",
    "STOCKDECK_ZONE",
];
/// What the names of variables begin with that only tests and measurements read.
const TESTS: [&str; 4] =
    ["STOCKDECK_BENCH_", "STOCKDECK_SHARED", "STOCKDECK_KILLS", "STOCKDECK_SOAK"];

/// The variables that are read, by name.
pub type Variables = BTreeMap<String, String>;

/// The program's own environment, as far as it speaks to stockdeck.
pub fn variables() -> Variables {
    std::env::vars().filter(|(name, _)| name.starts_with("STOCKDECK_")).collect()
}

/// The file that is read when none is named: `stockdeck/config.toml` in the XDG config folder.
pub fn default_file() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.config_dir().join("stockdeck").join("config.toml"))
}

/// The folder that stores lie in when none is named: `stockdeck` in the XDG data folder.
pub fn default_data_root() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.data_dir().join("stockdeck"))
}

impl Config {
    /// Reads the named file, or the default one if it is there, and lays the variables over it.
    pub fn load(named: Option<&Path>, variables: &Variables) -> Result<Config, ConfigError> {
        let named =
            named.map(Path::to_owned).or_else(|| variables.get("STOCKDECK_CONFIG").map(Into::into));
        let watched = named.clone().or_else(default_file);
        let watched = watched.map(|path| std::path::absolute(&path).unwrap_or(path));
        let path = match named {
            Some(path) => Some(path),
            None => default_file().filter(|path| path.exists()),
        };
        let mut config = match path {
            Some(path) => {
                let text = std::fs::read_to_string(&path)
                    .map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
                let config = Config::parse(&text, &path, variables)?;
                config.refuse_open_secrets(&path)?;
                config
            }
            None => Config::default(),
        };
        config.overlay(variables)?;
        config.watched = watched;
        Ok(config)
    }

    /// Refuses a file that holds a secret and that others can read.
    fn refuse_open_secrets(&self, path: &Path) -> Result<(), ConfigError> {
        use std::os::unix::fs::MetadataExt;
        let Some(line) = self.secret_line else { return Ok(()) };
        let meta = std::fs::metadata(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        if meta.mode() & 0o077 == 0 {
            return Ok(());
        }
        let what = format!(
            "the file holds a secret and others can read it; run `chmod 600 {}`, or give the \
             secret in the environment",
            path.display()
        );
        Err(ConfigError::Line { path: path.to_owned(), line, what })
    }

    /// Reads a configuration's text; `path` is for messages, `variables` for feeds' secrets.
    pub fn parse(text: &str, path: &Path, variables: &Variables) -> Result<Config, ConfigError> {
        let line = |at: usize| line_of(text, at);
        let wrong = |at: usize, what: String| ConfigError::Line {
            path: path.to_owned(),
            line: line(at),
            what,
        };
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let field = field_at(text, at).map_or(String::new(), |field| format!("{field}: "));
            wrong(at, format!("{field}{}", error.message().replace('\n', " ")))
        })?;
        let origin = |at: usize| Origin::Line(line(at));
        let mut config = Config {
            file: Some(path.to_owned()),
            data_dir: raw.store.data_dir.as_deref().map(expand_home),
            read_only: raw.console.read_only.unwrap_or(false),
            ..Config::default()
        };
        if let Some(group) = raw.store.group {
            config.origins.insert(GROUP.into(), origin(group.span().start));
            config.group = Some(group.into_inner());
        }
        if let Some(theme) = raw.console.theme {
            config.origins.insert(THEME.into(), origin(theme.span().start));
            config.theme = Some(theme.into_inner());
        }
        if let Some(zone) = &raw.store.zone {
            config.zone = parse_zone(zone.get_ref())
                .map_err(|what| wrong(zone.span().start, format!("store.zone: {what}")))?;
        }
        if let Some(currency) = &raw.store.currency {
            let parsed = parse_currency(currency.get_ref())
                .map_err(|what| wrong(currency.span().start, format!("store.currency: {what}")))?;
            config.currency = Some(parsed);
        }
        config.retraining =
            models::retraining(&raw.models).map_err(|(at, what)| wrong(at, what))?;
        let currency = variables.get("STOCKDECK_CURRENCY").and_then(|code| Currency::parse(code));
        let currency = currency.unwrap_or_else(|| config.currency());
        config.approvals =
            approvals::rules(raw.approvals, currency).map_err(|(at, what)| wrong(at, what))?;
        config.flags = flags::flags(&raw.flags).map_err(|(at, what)| wrong(at, what))?;
        for raw_target in raw.target {
            let start = raw_target.span().start;
            let base = path.parent().unwrap_or(Path::new("."));
            let (target, secret_at) = target(raw_target.into_inner(), start, base, variables)
                .map_err(|(at, what)| wrong(at, what))?;
            config.secret_line = config.secret_line.or(secret_at.map(line));
            if config.targets.iter().any(|other| other.name == target.name) {
                let name = &target.name;
                let what = format!("target.name: two targets are named \"{name}\"; rename one");
                return Err(wrong(start, what));
            }
            config.targets.push(target);
        }
        for raw_channel in raw.notify {
            let start = raw_channel.span().start;
            let (channel, secret_at) =
                notify::channel(raw_channel.into_inner(), start, currency, variables)
                    .map_err(|(at, what)| wrong(at, what))?;
            config.secret_line = config.secret_line.or(secret_at.map(line));
            if config.notify.iter().any(|other| other.name == channel.name) {
                let name = &channel.name;
                let what = format!("notify.name: two channels are named \"{name}\"; rename one");
                return Err(wrong(start, what));
            }
            config.notify.push(channel);
        }
        config.reorders = reorders::reorders(&raw.reorders, &raw.supplier, config.currency())
            .map_err(|(at, what)| wrong(at, what))?;
        config.reorders.transfers =
            transfers::transfers(&raw.transfers, currency).map_err(|(at, what)| wrong(at, what))?;
        if let Some(raw) = raw.shipping {
            let at = raw.span().start;
            let terms = shipping::shipping(raw.into_inner(), currency)
                .map_err(|(at, what)| wrong(at, what))?;
            let target = terms.target.as_ref();
            let known = |name: &&String| config.targets.iter().any(|one| one.name == **name);
            if let Some(name) = target.filter(|name| !known(name)) {
                let what = format!(
                    "shipping.target: there is no [[target]] named \"{name}\"; add it or correct \
                     the name"
                );
                return Err(wrong(at, what));
            }
            config.shipping = Some(terms);
        }
        for raw_feed in raw.feed {
            let start = raw_feed.span().start;
            let at = raw_feed.get_ref().path.as_ref().map(|path| path.span().start);
            let base = path.parent().unwrap_or(Path::new("."));
            let (feed, secret_at) = feed(raw_feed.into_inner(), start, base, variables)
                .map_err(|(at, what)| wrong(at, what))?;
            config.secret_line = config.secret_line.or(secret_at.map(line));
            if config.feeds.iter().any(|other| other.name == feed.name) {
                let what = format!("feed.name: two feeds are named \"{}\"; rename one", feed.name);
                return Err(wrong(start, what));
            }
            if let Some(at) = at {
                config.origins.insert(path_of(&feed.name), origin(at));
            }
            config.feeds.push(feed);
        }
        Ok(config)
    }

    fn overlay(&mut self, variables: &Variables) -> Result<(), ConfigError> {
        let wrong = |name: &str, what: String| ConfigError::Variable { name: name.into(), what };
        for (name, value) in variables {
            match name.as_str() {
                "STOCKDECK_DATA_DIR" => self.data_dir = Some(expand_home(value)),
                "STOCKDECK_THEME" => {
                    self.origins.insert(THEME.into(), Origin::Variable("STOCKDECK_THEME"));
                    self.theme = Some(value.clone());
                }
                "STOCKDECK_GROUP" => {
                    self.origins.insert(GROUP.into(), Origin::Variable("STOCKDECK_GROUP"));
                    self.group = Some(value.clone()).filter(|group| !group.is_empty());
                }
                "STOCKDECK_ZONE" => {
                    self.zone = parse_zone(value).map_err(|what| wrong(name, what))?;
                }
                "STOCKDECK_CURRENCY" => {
                    let parsed = parse_currency(value).map_err(|what| wrong(name, what))?;
                    self.currency = Some(parsed);
                }
                "STOCKDECK_READ_ONLY" => {
                    self.read_only = match value.as_str() {
                        "1" | "true" | "yes" => true,
                        "0" | "false" | "no" | "" => false,
                        other => {
                            return Err(wrong(
                                name,
                                format!("\"{other}\" is neither true nor false"),
                            ));
                        }
                    };
                }
                "STOCKDECK_CONFIG" | "STOCKDECK_LOG" => {}
                other => self.known(other).map_err(|what| wrong(name, what))?,
            }
        }
        Ok(())
    }

    /// Whether a variable means something where its name is not a setting's.
    fn known(&self, name: &str) -> Result<(), String> {
        if TESTS.iter().any(|prefix| name.starts_with(prefix)) {
            return Ok(());
        }
        if let Some(target) = name.strip_prefix("STOCKDECK_TARGET_") {
            let Some(target) = target.strip_suffix("_SECRET") else {
                return Err("of a target only _SECRET can be set in a variable".into());
            };
            if self.targets.iter().any(|known| in_variable(&known.name) == target) {
                return Ok(());
            }
            let name = target.to_ascii_lowercase();
            return Err(format!("there is no target \"{name}\" in the configuration file"));
        }
        if let Some(channel) = name.strip_prefix("STOCKDECK_NOTIFY_") {
            let Some(channel) = channel.strip_suffix("_SECRET") else {
                return Err("of a channel only _SECRET can be set in a variable".into());
            };
            if self.notify.iter().any(|known| in_variable(&known.name) == channel) {
                return Ok(());
            }
            let name = channel.to_ascii_lowercase();
            return Err(format!("there is no channel \"{name}\" in the configuration file"));
        }
        let Some(feed) = name.strip_prefix("STOCKDECK_FEED_") else {
            let known = VARIABLES.join(", ");
            return Err(format!(
                "there is no such variable; there are {known}, STOCKDECK_FEED_NAME_KEY and _SECRET \
                 for the feed called name, STOCKDECK_TARGET_NAME_SECRET for the target, and \
                 STOCKDECK_NOTIFY_NAME_SECRET for the channel"
            ));
        };
        let of = |field| feed.strip_suffix(field);
        let Some(feed) = of("_KEY").or_else(|| of("_SECRET")) else {
            return Err("of a feed only _KEY and _SECRET can be set in a variable".into());
        };
        if self.feeds.iter().any(|known| in_variable(&known.name) == feed) {
            return Ok(());
        }
        let name = feed.to_ascii_lowercase();
        Err(format!("there is no feed \"{name}\" in the configuration file"))
    }

    /// What is wrong with the feeds' paths now; that may change while an owner runs, so that it is
    /// no reason to refuse the configuration.
    pub fn paths_missing(&self) -> Vec<ConfigError> {
        let mut missing = Vec::new();
        for feed in &self.feeds {
            let FeedKind::Files { path, .. } = &feed.kind else { continue };
            if let Err(error) = std::fs::metadata(path) {
                let what = format!("feed {}: {}: {error}", feed.name, path.display());
                missing.push(self.wrong(&path_of(&feed.name), what));
            }
        }
        missing
    }

    /// An error about a setting that only somebody else can judge, such as [`THEME`].
    pub fn wrong(&self, field: &str, what: impl Into<String>) -> ConfigError {
        let what = what.into();
        match (self.origins.get(field), &self.file) {
            (Some(Origin::Line(line)), Some(path)) => {
                let field = field.split(' ').next().unwrap_or(field);
                let what = format!("{field}: {what}");
                ConfigError::Line { path: path.clone(), line: *line, what }
            }
            (Some(Origin::Variable(name)), _) => {
                ConfigError::Variable { name: (*name).into(), what }
            }
            _ => ConfigError::Variable { name: field.into(), what },
        }
    }

    /// The currency where a feed names none.
    pub fn currency(&self) -> Currency {
        self.currency.unwrap_or(Currency::GBP)
    }

    /// The configuration as TOML, secrets left out: what `stockdeck config show` prints.
    pub fn shown(&self) -> String {
        let mut out = String::from("[store]\n");
        if let Some(dir) = &self.data_dir {
            out.push_str(&format!("data_dir = {:?}\n", dir.display().to_string()));
        }
        out.push_str(&format!("zone = {:?}\n", self.zone.name()));
        out.push_str(&format!("currency = \"{}\"\n", self.currency()));
        if let Some(group) = &self.group {
            out.push_str(&format!("group = {group:?}\n"));
        }
        out.push_str("\n[console]\n");
        out.push_str(&format!("theme = {:?}\n", self.theme.as_deref().unwrap_or("dark")));
        out.push_str(&format!("read_only = {}\n", self.read_only));
        out.push_str(&self.retraining.shown());
        out.push_str(&approvals::shown(&self.approvals));
        if self.flags != FlagHours::default() {
            out.push_str(&self.flags.shown());
        }
        for target in &self.targets {
            out.push_str(&target.shown());
        }
        for channel in &self.notify {
            out.push_str(&channel.shown());
        }
        out.push_str(&self.reorders.shown());
        out.push_str(&self.reorders.transfers.shown());
        if let Some(terms) = &self.shipping {
            out.push_str(&shipping::shown(terms, self.currency()));
        }
        for feed in &self.feeds {
            out.push_str(&feed.shown());
        }
        out
    }
}

/// The line of a place in a text, from 1.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count()
}

/// The setting in whose line a place lies, such as `store.zone`; `None`: it lies in none.
fn field_at(text: &str, at: usize) -> Option<String> {
    let before = text.get(..at)?;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let (key, _) = text.get(start..)?.lines().next()?.split_once('=')?;
    let table = before.lines().rev().map(str::trim).find(|line| line.starts_with('['));
    let table = table.unwrap_or_default().trim_matches(|c| c == '[' || c == ']').trim();
    let key = key.trim();
    Some(if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") })
}

fn parse_zone(name: &str) -> Result<Zone, String> {
    Zone::named(name).ok_or_else(|| {
        format!("\"{name}\" is no time zone; use an IANA name such as Europe/London")
    })
}

fn parse_currency(code: &str) -> Result<Currency, String> {
    Currency::parse(code)
        .ok_or_else(|| format!("\"{code}\" is no currency; use three letters such as GBP"))
}

fn expand_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests;
