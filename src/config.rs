//! The configuration: one TOML file, `STOCKDECK_*` variables over it.
//!
//! Every error names the file, the line and the field, and says what would be right.

use crate::domain::{Currency, Zone};
use crate::feed::files::DateOrder;
use crate::feed::http::Credentials;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// What `stockdeck config init` writes.
pub const TEMPLATE: &str = r#"# stockdeck's configuration. Everything here is optional; values shown are the defaults.

[store]
# data_dir = "~/.local/share/stockdeck/main"   # where the store, the archive and the journal lie
# zone = "UTC"                                 # IANA time zone that decides what a day is
# currency = "GBP"                             # where a feed names none
# group = "warehouse"                          # members may attach too (socket 0660)

[console]
# theme = "dark"                               # dark, light, high-contrast, or a file in themes/
# read_only = false                            # start consoles without the keys that change anything

# One block a feed. Secrets may come from the environment instead:
# STOCKDECK_FEED_SHOP_KEY and STOCKDECK_FEED_SHOP_SECRET for the feed named "shop".

# [[feed]]
# name = "shop"
# kind = "woocommerce"
# url = "https://shop.example.com"
# key = "ck_..."
# secret = "cs_..."
# site = "main"                                # the site that orders without one belong to
# poll_seconds = 5

# [[feed]]
# name = "drop"
# kind = "files"
# path = "/srv/drop"                           # a file, or a folder to watch
# preset = "orders"                            # online-retail, orders, items, stock, suppliers, receipts
# poll_seconds = 10
# columns = { order_id = "Invoice" }           # our field = their column
# date_order = "dmy"                           # dmy or mdy, where dates such as 03/04/2011 do not tell
"#;

/// The configuration as used.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file it came from, if one was there.
    pub file: Option<PathBuf>,
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
    /// The feeds.
    pub feeds: Vec<Feed>,
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

/// One configured feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// Its name, unique.
    pub name: String,
    /// Where it reads.
    pub kind: FeedKind,
    /// Seconds between polls.
    pub poll_seconds: u64,
}

/// Which system a feed reads.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedKind {
    /// WooCommerce REST v3.
    WooCommerce {
        /// The shop's address.
        url: String,
        /// Consumer key and secret.
        credentials: Credentials,
        /// The site of orders that name none.
        site: String,
    },
    /// A file, or a folder to watch.
    Files {
        /// Which.
        path: PathBuf,
        /// How its columns are read.
        preset: String,
        /// Our field, their column.
        columns: BTreeMap<String, String>,
        /// Which of day and month comes first; `None`: what each file says.
        date_order: Option<DateOrder>,
    },
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFeed {
    name: Spanned<String>,
    kind: Spanned<String>,
    url: Option<Spanned<String>>,
    key: Option<Spanned<String>>,
    secret: Option<Spanned<String>>,
    site: Option<String>,
    path: Option<Spanned<String>>,
    preset: Option<Spanned<String>>,
    columns: Option<BTreeMap<Spanned<String>, String>>,
    date_order: Option<Spanned<String>>,
    poll_seconds: Option<Spanned<u64>>,
}

/// The setting of the console's theme.
pub const THEME: &str = "console.theme";
/// The setting of the group whose members may attach.
pub const GROUP: &str = "store.group";
/// Names that a feed cannot have, besides those of presets: the program's own feeds.
const TAKEN: [&str; 3] = ["demo", "fill", "replay"];
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
        let Some(feed) = name.strip_prefix("STOCKDECK_FEED_") else {
            let known = VARIABLES.join(", ");
            return Err(format!(
                "there is no such variable; there are {known}, and STOCKDECK_FEED_NAME_KEY and \
                 _SECRET for the feed called name"
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
        for feed in &self.feeds {
            out.push_str(&format!("\n[[feed]]\nname = {:?}\n", feed.name));
            match &feed.kind {
                FeedKind::WooCommerce { url, site, .. } => {
                    out.push_str(&format!("kind = \"woocommerce\"\nurl = {url:?}\n"));
                    out.push_str(&format!("# key and secret are set\nsite = {site:?}\n"));
                }
                FeedKind::Files { path, preset, columns, date_order } => {
                    let path = path.display().to_string();
                    out.push_str(&format!("kind = \"files\"\npath = {path:?}\n"));
                    out.push_str(&format!("preset = {preset:?}\n"));
                    if !columns.is_empty() {
                        let pairs: Vec<_> =
                            columns.iter().map(|(k, v)| format!("{k} = {v:?}")).collect();
                        out.push_str(&format!("columns = {{ {} }}\n", pairs.join(", ")));
                    }
                    if let Some(order) = date_order {
                        out.push_str(&format!("date_order = {:?}\n", order.word()));
                    }
                }
            }
            out.push_str(&format!("poll_seconds = {}\n", feed.poll_seconds));
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

/// The setting of a feed's path.
fn path_of(feed: &str) -> String {
    format!("feed.path {feed}")
}

/// A feed's name as it stands in a variable.
fn in_variable(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

/// The feed, and where in the file a secret of it stands that is used.
fn feed(
    raw: RawFeed,
    start: usize,
    base: &Path,
    variables: &Variables,
) -> Result<(Feed, Option<usize>), (usize, String)> {
    let name = raw.name.get_ref().clone();
    let valid = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !valid {
        let what = format!("feed.name: \"{name}\" may hold letters, digits, - and _ only");
        return Err((raw.name.span().start, what));
    }
    let presets = crate::feed::files::Preset::names();
    if presets.contains(&name.as_str()) || TAKEN.contains(&name.as_str()) {
        let what = format!(
            "feed.name: \"{name}\" is what imports of that kind are kept under; choose another"
        );
        return Err((raw.name.span().start, what));
    }
    let from_env = |field: &str| {
        variables.get(&format!("STOCKDECK_FEED_{}_{field}", in_variable(&name))).cloned()
    };
    let missing = |field: &str| {
        (start, format!("feed \"{name}\": field `{field}` is missing; add {field} = \"...\""))
    };
    let mut secret_at = None;
    let kind = match raw.kind.get_ref().as_str() {
        "woocommerce" => {
            let url = raw.url.as_ref().ok_or_else(|| missing("url"))?;
            if !is_address(url.get_ref()) {
                let what = format!(
                    "feed.url: \"{}\" is no address; write it like https://shop.example.com",
                    url.get_ref()
                );
                return Err((url.span().start, what));
            }
            if !keeps_secrets(url.get_ref()) {
                let what = "feed.url: http:// would send the secret for everybody to read; \
                            write https:// (http:// is for this machine alone)";
                return Err((url.span().start, what.to_owned()));
            }
            let mut from_file = |field: &str, written: Option<Spanned<String>>| {
                from_env(field)
                    .or_else(|| {
                        let written = written?;
                        secret_at = secret_at.or(Some(written.span().start));
                        Some(written.into_inner())
                    })
                    .ok_or_else(|| missing(&field.to_ascii_lowercase()))
            };
            let credentials = Credentials {
                key: from_file("KEY", raw.key)?,
                secret: from_file("SECRET", raw.secret)?,
            };
            FeedKind::WooCommerce {
                url: url.get_ref().trim_end_matches('/').to_owned(),
                credentials,
                site: raw.site.unwrap_or_else(|| "main".into()),
            }
        }
        "files" => {
            let preset = match &raw.preset {
                Some(preset) if !presets.contains(&preset.get_ref().as_str()) => {
                    let what = format!(
                        "feed.preset: \"{}\" is unknown; one of {}",
                        preset.get_ref(),
                        presets.join(", ")
                    );
                    return Err((preset.span().start, what));
                }
                Some(preset) => preset.get_ref().clone(),
                None => "orders".into(),
            };
            let path = raw.path.as_ref().ok_or_else(|| missing("path"))?;
            if path.get_ref().is_empty() {
                return Err((path.span().start, "feed.path: name a file or a folder".into()));
            }
            let date_order = match &raw.date_order {
                None => None,
                Some(text) => Some(DateOrder::parse(text.get_ref()).ok_or_else(|| {
                    let what =
                        format!("feed.date_order: \"{}\" is neither dmy nor mdy", text.get_ref());
                    (text.span().start, what)
                })?),
            };
            FeedKind::Files {
                // From where the configuration lies, not from wherever the owner was started.
                path: base.join(expand_home(path.get_ref())),
                columns: columns(&preset, raw.columns.unwrap_or_default())?,
                date_order,
                preset,
            }
        }
        other => {
            let what = format!("feed.kind: \"{other}\" is unknown; one of woocommerce, files");
            return Err((raw.kind.span().start, what));
        }
    };
    let poll_seconds = match raw.poll_seconds {
        Some(s) if *s.get_ref() == 0 => {
            return Err((s.span().start, "feed.poll_seconds: must be at least 1".into()));
        }
        Some(s) => *s.get_ref(),
        None => 5,
    };
    Ok((Feed { name, kind, poll_seconds }, secret_at))
}

/// Whether nobody on the way can read what is sent to an address.
fn keeps_secrets(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return true };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let address = host.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// A mapping whose fields the preset has.
fn columns(
    preset: &str,
    raw: BTreeMap<Spanned<String>, String>,
) -> Result<BTreeMap<String, String>, (usize, String)> {
    let known: Vec<&str> = match crate::feed::files::Preset::named(preset) {
        Ok(preset) => preset.fields().map(|(field, _)| field.name()).collect(),
        Err(_) => Vec::new(),
    };
    let mut columns = BTreeMap::new();
    for (ours, theirs) in raw {
        let (at, ours) = (ours.span().start, ours.into_inner());
        if !known.contains(&ours.as_str()) {
            let all = known.join(", ");
            let what =
                format!("feed.columns: preset {preset} has no field \"{ours}\"; one of {all}");
            return Err((at, what));
        }
        columns.insert(ours, theirs);
    }
    Ok(columns)
}

fn is_address(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
    })
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
