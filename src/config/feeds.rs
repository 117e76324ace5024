//! The feeds of the configuration: what each block may say, and what is wrong with it.

use super::{Variables, expand_home};
use crate::feed::files::{DateOrder, Preset};
use crate::feed::http::Credentials;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

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

/// Names that a feed cannot have, besides those of presets: the program's own feeds.
const TAKEN: [&str; 3] = ["demo", "fill", "replay"];

/// A block as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFeed {
    name: Spanned<String>,
    kind: Spanned<String>,
    url: Option<Spanned<String>>,
    key: Option<Spanned<String>>,
    secret: Option<Spanned<String>>,
    site: Option<String>,
    pub(super) path: Option<Spanned<String>>,
    preset: Option<Spanned<String>>,
    columns: Option<BTreeMap<Spanned<String>, String>>,
    date_order: Option<Spanned<String>>,
    poll_seconds: Option<Spanned<u64>>,
}

/// The setting of a feed's path.
pub(super) fn path_of(feed: &str) -> String {
    format!("feed.path {feed}")
}

/// A feed's name as it stands in a variable.
pub(super) fn in_variable(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

/// What is wrong, and at which byte of the file.
type Wrong = (usize, String);

/// A block that is being read.
struct Block<'a> {
    name: String,
    /// Where it begins in the file.
    start: usize,
    /// Where the configuration lies.
    base: &'a Path,
    variables: &'a Variables,
    /// Where in the file a secret of it stands that is used.
    secret_at: Option<usize>,
}

/// The feed, and where in the file a secret of it stands that is used.
pub(super) fn feed(
    raw: RawFeed,
    start: usize,
    base: &Path,
    variables: &Variables,
) -> Result<(Feed, Option<usize>), Wrong> {
    let name = name_of(&raw.name)?;
    let mut block = Block { name, start, base, variables, secret_at: None };
    let poll_seconds = match &raw.poll_seconds {
        Some(s) if *s.get_ref() == 0 => {
            return Err((s.span().start, "feed.poll_seconds: must be at least 1".into()));
        }
        Some(s) => *s.get_ref(),
        None => 5,
    };
    let kind = match raw.kind.get_ref().as_str() {
        "woocommerce" => block.woocommerce(raw)?,
        "files" => block.files(raw)?,
        other => {
            let what = format!("feed.kind: \"{other}\" is unknown; one of woocommerce, files");
            return Err((raw.kind.span().start, what));
        }
    };
    Ok((Feed { name: block.name, kind, poll_seconds }, block.secret_at))
}

fn name_of(raw: &Spanned<String>) -> Result<String, Wrong> {
    let name = raw.get_ref();
    let valid = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !valid {
        let what = format!("feed.name: \"{name}\" may hold letters, digits, - and _ only");
        return Err((raw.span().start, what));
    }
    if Preset::names().contains(&name.as_str()) || TAKEN.contains(&name.as_str()) {
        let what = format!(
            "feed.name: \"{name}\" is what imports of that kind are kept under; choose another"
        );
        return Err((raw.span().start, what));
    }
    Ok(name.clone())
}

impl Block<'_> {
    fn missing(&self, field: &str) -> Wrong {
        let name = &self.name;
        (self.start, format!("feed \"{name}\": field `{field}` is missing; add {field} = \"...\""))
    }

    fn woocommerce(&mut self, raw: RawFeed) -> Result<FeedKind, Wrong> {
        let url = raw.url.as_ref().ok_or_else(|| self.missing("url"))?;
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
        let credentials = Credentials {
            key: self.secret("KEY", raw.key)?,
            secret: self.secret("SECRET", raw.secret)?,
        };
        Ok(FeedKind::WooCommerce {
            url: url.get_ref().trim_end_matches('/').to_owned(),
            credentials,
            site: raw.site.unwrap_or_else(|| "main".into()),
        })
    }

    /// A secret from its variable, or else as written in the file.
    fn secret(&mut self, field: &str, written: Option<Spanned<String>>) -> Result<String, Wrong> {
        let variable = format!("STOCKDECK_FEED_{}_{field}", in_variable(&self.name));
        if let Some(value) = self.variables.get(&variable) {
            return Ok(value.clone());
        }
        let written = written.ok_or_else(|| self.missing(&field.to_ascii_lowercase()))?;
        self.secret_at = self.secret_at.or(Some(written.span().start));
        Ok(written.into_inner())
    }

    fn files(&self, raw: RawFeed) -> Result<FeedKind, Wrong> {
        let presets = Preset::names();
        let preset = match &raw.preset {
            Some(preset) if !presets.contains(&preset.get_ref().as_str()) => {
                let (named, all) = (preset.get_ref(), presets.join(", "));
                let what = format!("feed.preset: \"{named}\" is unknown; one of {all}");
                return Err((preset.span().start, what));
            }
            Some(preset) => preset.get_ref().clone(),
            None => "orders".into(),
        };
        let path = raw.path.as_ref().ok_or_else(|| self.missing("path"))?;
        if path.get_ref().is_empty() {
            return Err((path.span().start, "feed.path: name a file or a folder".into()));
        }
        let order = |text: &Spanned<String>| {
            let what = || format!("feed.date_order: \"{}\" is neither dmy nor mdy", text.get_ref());
            DateOrder::parse(text.get_ref()).ok_or_else(|| (text.span().start, what()))
        };
        Ok(FeedKind::Files {
            // From where the configuration lies, not from wherever the owner was started.
            path: self.base.join(expand_home(path.get_ref())),
            date_order: raw.date_order.as_ref().map(order).transpose()?,
            columns: columns(&preset, raw.columns.unwrap_or_default())?,
            preset,
        })
    }
}

impl Feed {
    /// Its block as TOML, secrets left out.
    pub(super) fn shown(&self) -> String {
        let mut out = String::new();
        out.push_str(&format!("\n[[feed]]\nname = {:?}\n", self.name));
        match &self.kind {
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
        out.push_str(&format!("poll_seconds = {}\n", self.poll_seconds));
        out
    }
}

/// Whether nobody on the way can read what is sent to an address.
pub(super) fn keeps_secrets(url: &str) -> bool {
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
) -> Result<BTreeMap<String, String>, Wrong> {
    let known: Vec<&str> = match Preset::named(preset) {
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

pub(super) fn is_address(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_unencrypted_to_this_machine_alone() {
        for url in ["http://127.0.0.1:8080", "http://localhost/shop", "http://[::1]:1/"] {
            assert!(keeps_secrets(url), "{url}");
        }
        for url in
            ["http://shop.example", "http://127.0.0.1:1@shop.example", "http://localhost.example"]
        {
            assert!(!keeps_secrets(url), "{url}");
        }
    }
}
