//! The targets of the configuration: where orders to suppliers go.

use super::feeds::{in_variable, is_address, keeps_secrets};
use super::{Variables, expand_home};
use crate::domain::SupplierId;
use crate::outbox::{Backoff, DeliveryError, FileDrop, FileShape, Letterhead, Login, Post, Target};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use toml::Spanned;

/// How long a request may take where nothing is configured.
const WITHIN: u64 = 30;

/// One configured target.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetConfig {
    /// Its name, unique.
    pub name: String,
    /// What it is.
    pub kind: TargetKind,
    /// Whose orders it takes; empty: those that no other target takes.
    pub suppliers: Vec<SupplierId>,
    /// Tries before an order is given up.
    pub tries: u32,
}

/// What takes orders.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetKind {
    /// A signed POST.
    Webhook {
        /// To where.
        url: String,
        /// Signs it.
        secret: Login,
        /// Seconds that a request may take.
        timeout_seconds: u64,
    },
    /// Files in a folder.
    Files {
        /// The folder.
        path: PathBuf,
        /// How they look.
        shape: FileShape,
    },
    /// A shop that is told to hold, release and call off orders; it takes none to suppliers.
    Shop {
        /// The woocommerce feed that reads it.
        feed: String,
        /// Seconds that a request may take.
        timeout_seconds: u64,
    },
}

/// A block as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTarget {
    name: Spanned<String>,
    kind: Spanned<String>,
    url: Option<Spanned<String>>,
    secret: Option<Spanned<String>>,
    path: Option<Spanned<String>>,
    from: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
    feed: Option<Spanned<String>>,
    #[serde(default)]
    suppliers: Vec<String>,
    tries: Option<Spanned<u32>>,
    timeout_seconds: Option<Spanned<u64>>,
}

/// What is wrong, and at which byte of the file.
type Wrong = (usize, String);

/// The target, and where in the file a secret of it stands that is used.
pub(super) fn target(
    raw: RawTarget,
    start: usize,
    base: &Path,
    variables: &Variables,
) -> Result<(TargetConfig, Option<usize>), Wrong> {
    let name = raw.name.get_ref().clone();
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        let what = format!("target.name: \"{name}\" may hold letters, digits, - and _ only");
        return Err((raw.name.span().start, what));
    }
    let missing = |field: &str| {
        (start, format!("target \"{name}\": field `{field}` is missing; add {field} = \"...\""))
    };
    let tries =
        at_least_one(raw.tries.map(|n| (n.span().start, u64::from(*n.get_ref()))), "tries")?;
    let within = raw.timeout_seconds.map(|n| (n.span().start, *n.get_ref()));
    let within = at_least_one(within, "timeout_seconds")?.unwrap_or(WITHIN);
    let mut secret_at = None;
    let kind = match raw.kind.get_ref().as_str() {
        "webhook" => {
            let url = address(raw.url.ok_or_else(|| missing("url"))?)?;
            let variable = format!("STOCKDECK_TARGET_{}_SECRET", in_variable(&name));
            let secret = match (variables.get(&variable), raw.secret) {
                (Some(secret), _) => secret.clone(),
                (None, Some(written)) => {
                    secret_at = Some(written.span().start);
                    written.into_inner()
                }
                (None, None) => return Err(missing("secret")),
            };
            if secret.is_empty() {
                return Err((start, format!("target \"{name}\": its secret is empty; give one")));
            }
            let secret = Login::Signed(secret);
            TargetKind::Webhook { url, secret, timeout_seconds: within }
        }
        kind @ ("csv" | "json" | "mail") => {
            let path = raw.path.ok_or_else(|| missing("path"))?;
            if path.get_ref().is_empty() {
                return Err((path.span().start, "target.path: name a folder".into()));
            }
            let shape = match kind {
                "csv" => FileShape::Csv,
                "json" => FileShape::Json,
                _ => FileShape::Mail(Letterhead {
                    from: mail(raw.from, "from")?,
                    to: mail(raw.to, "to")?,
                }),
            };
            TargetKind::Files { path: base.join(expand_home(path.get_ref())), shape }
        }
        "shop" => TargetKind::Shop {
            feed: raw.feed.ok_or_else(|| missing("feed"))?.into_inner(),
            timeout_seconds: within,
        },
        other => {
            let what = format!(
                "target.kind: \"{other}\" is unknown; one of webhook, csv, json, mail, shop"
            );
            return Err((raw.kind.span().start, what));
        }
    };
    let suppliers = raw.suppliers.iter().map(|id| SupplierId::new(id.as_str())).collect();
    let tries = tries.map_or(Backoff::default().tries, |n| u32::try_from(n).unwrap_or(u32::MAX));
    Ok((TargetConfig { name, kind, suppliers, tries }, secret_at))
}

fn at_least_one(raw: Option<(usize, u64)>, field: &str) -> Result<Option<u64>, Wrong> {
    match raw {
        Some((at, 0)) => Err((at, format!("target.{field}: must be at least 1"))),
        other => Ok(other.map(|(_, n)| n)),
    }
}

fn address(raw: Spanned<String>) -> Result<String, Wrong> {
    let url = raw.get_ref();
    if !is_address(url) {
        let what = format!(
            "target.url: \"{url}\" is no address; write it like https://erp.example.com/in"
        );
        return Err((raw.span().start, what));
    }
    if !keeps_secrets(url) {
        let what = "target.url: http:// would show your orders to everybody on the way; write \
                    https:// (http:// is for this machine alone)";
        return Err((raw.span().start, what.into()));
    }
    Ok(raw.into_inner())
}

fn mail(raw: Option<Spanned<String>>, field: &str) -> Result<Option<String>, Wrong> {
    let Some(raw) = raw else { return Ok(None) };
    if raw.get_ref().contains('@') && !raw.get_ref().chars().any(char::is_control) {
        return Ok(Some(raw.into_inner()));
    }
    let what = format!(
        "target.{field}: \"{}\" is no mail address; write it like orders@supplier.example.com",
        raw.get_ref()
    );
    Err((raw.span().start, what))
}

impl TargetConfig {
    /// The target of orders to suppliers itself; `None`: it takes none.
    pub fn build(&self) -> Result<Option<Arc<dyn Target>>, DeliveryError> {
        let name = self.name.clone();
        Ok(match &self.kind {
            TargetKind::Webhook { url, secret, timeout_seconds } => {
                let within = Duration::from_secs(*timeout_seconds);
                Some(Arc::new(Post::new(&name, url, secret.clone(), within)?))
            }
            TargetKind::Files { path, shape } => {
                Some(Arc::new(FileDrop { name, folder: path.clone(), shape: shape.clone() }))
            }
            TargetKind::Shop { .. } => None,
        })
    }

    /// Its block as TOML, secrets left out.
    pub(super) fn shown(&self) -> String {
        let mut out = format!("\n[[target]]\nname = {:?}\n", self.name);
        match &self.kind {
            TargetKind::Webhook { url, timeout_seconds, .. } => {
                out.push_str(&format!("kind = \"webhook\"\nurl = {url:?}\n# secret is set\n"));
                out.push_str(&format!("timeout_seconds = {timeout_seconds}\n"));
            }
            TargetKind::Files { path, shape } => {
                let kind = match shape {
                    FileShape::Csv => "csv",
                    FileShape::Json => "json",
                    FileShape::Mail(_) => "mail",
                };
                let path = path.display().to_string();
                out.push_str(&format!("kind = \"{kind}\"\npath = {path:?}\n"));
                if let FileShape::Mail(head) = shape {
                    for (field, address) in [("from", &head.from), ("to", &head.to)] {
                        if let Some(address) = address {
                            out.push_str(&format!("{field} = {address:?}\n"));
                        }
                    }
                }
            }
            TargetKind::Shop { feed, timeout_seconds } => {
                out.push_str(&format!("kind = \"shop\"\nfeed = {feed:?}\n"));
                out.push_str(&format!("timeout_seconds = {timeout_seconds}\n"));
            }
        }
        if !self.suppliers.is_empty() {
            let all: Vec<_> =
                self.suppliers.iter().map(|id| format!("{:?}", id.as_str())).collect();
            out.push_str(&format!("suppliers = [{}]\n", all.join(", ")));
        }
        out.push_str(&format!("tries = {}\n", self.tries));
        out
    }
}
