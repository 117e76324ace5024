//! `stockdeck doctor`: says what is wrong with this machine, the configuration and the store.

use super::args::PlaceArgs;
use super::ask::print_line;
use super::models::MEND;
use super::place::{self, Intent, Place};
use super::{block_on, jobs, serve, settings};
use crate::config::{Config, FeedKind};
use crate::engine::api::{Answer, Query, Refusal};
use crate::feed::http::{Client, Credentials, Limits};
use crate::feed::{FeedError, FeedState, files};
use crate::journal;
use crate::model::registry::Registry;
use crate::owner::ClientError;
use crate::owner::wire::What;
use crate::tui::theme::Palette;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

/// How long a shop has to answer.
const SHOP: Duration = Duration::from_secs(5);
/// What a shop is asked for.
const SHOP_ORDERS: &str = "wp-json/wc/v3/orders";
/// With less room than this on the disk something will soon fail.
const LEAST_SPACE: u64 = 500 << 20;

enum Finding {
    Good(String),
    Hint(String),
    Bad(String),
}

/// Prints a line per finding; fails when one of them is bad.
pub fn doctor(args: &PlaceArgs) -> Result<(), Refusal> {
    let mut findings = Vec::new();
    let config = match settings::load(args) {
        Ok(config) => {
            configuration(&config, &mut findings);
            config
        }
        Err(refusal) => {
            findings.push(Finding::Bad(format!("configuration: {}", refusal.message)));
            Config::default()
        }
    };
    match Place::within(args, config, Intent::Open) {
        Ok(place) => {
            folder(&place, &mut findings);
            chain(&place, &mut findings);
            models(&place, &mut findings);
            themes(&place, &mut findings);
            block_on(owner(&place, &mut findings))?;
        }
        Err(refusal) => findings.push(Finding::Bad(refusal.message)),
    }
    terminal(&mut findings);
    let mut bad = 0;
    for finding in &findings {
        match finding {
            Finding::Good(text) => print_line(&format!("ok    {text}"))?,
            Finding::Hint(text) => print_line(&format!("note  {text}"))?,
            Finding::Bad(text) => {
                bad += 1;
                print_line(&format!("BAD   {text}"))?;
            }
        }
    }
    match bad {
        0 => Ok(()),
        1 => Err(Refusal::failed("one finding needs mending")),
        n => Err(Refusal::failed(format!("{n} findings need mending"))),
    }
}

fn configuration(config: &Config, findings: &mut Vec<Finding>) {
    match &config.file {
        Some(file) => {
            findings.push(Finding::Good(format!("configuration {}", file.display())));
        }
        None => findings
            .push(Finding::Hint("no configuration; `stockdeck config init` writes one".into())),
    }
    for feed in &config.feeds {
        match &feed.kind {
            FeedKind::Files { path, preset, columns, .. } => {
                findings.push(files_feed(&feed.name, path, preset, columns));
            }
            FeedKind::WooCommerce { url, credentials, .. } => {
                if url.starts_with("https://") && !has_certificates() {
                    findings.push(Finding::Bad(format!(
                        "feed {} needs CA certificates and this machine has none; install the \
                         package ca-certificates",
                        feed.name
                    )));
                }
                findings.push(shop(&feed.name, url, credentials.clone()));
            }
        }
    }
}

/// Whether a file that holds secrets is its user's alone.
fn secrecy(file: &Path, findings: &mut Vec<Finding>) {
    let Ok(meta) = std::fs::metadata(file) else { return };
    if meta.mode() & 0o077 != 0 {
        findings.push(Finding::Bad(format!(
            "{} holds secrets and others can read it; `chmod 600` it",
            file.display()
        )));
    }
}

/// Whether a feed of files finds its file, with the columns that it needs.
fn files_feed(
    name: &str,
    path: &Path,
    preset: &str,
    columns: &BTreeMap<String, String>,
) -> Finding {
    let columns: Vec<_> = columns
        .iter()
        .map(|(ours, theirs)| (ours.as_str().into(), theirs.as_str().into()))
        .collect();
    let sample = match std::fs::metadata(path) {
        Err(error) => return Finding::Bad(format!("feed {name}: {}: {error}", path.display())),
        Ok(meta) if meta.is_file() => Some(path.to_owned()),
        Ok(_) => {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).find(|path| path.is_file())
        }
    };
    let Some(sample) = sample else {
        return Finding::Good(format!("feed {name} watches {}, which is empty", path.display()));
    };
    match files::fits(&sample, preset, &columns) {
        Ok(unread) if unread.is_empty() => {
            Finding::Good(format!("feed {name} reads {}", path.display()))
        }
        Ok(unread) => Finding::Good(format!(
            "feed {name} reads {}, but not its {}, which preset `{preset}` does not know",
            path.display(),
            jobs::named(&unread)
        )),
        Err(error) => Finding::Bad(format!("feed {name}: {error}")),
    }
}

/// Whether a shop answers and takes the key.
fn shop(name: &str, url: &str, credentials: Credentials) -> Finding {
    let limits = Limits { connect: SHOP, request: SHOP, ..Limits::default() };
    let asked = Client::new(&name.into(), url, Some(credentials), limits).and_then(|client| {
        let one = [("per_page", "1".to_owned())];
        block_on(client.get(SHOP_ORDERS, &one))
            .map_err(|refusal| FeedError::Permanent { reason: refusal.message })?
    });
    match asked {
        Ok(_) => Finding::Good(format!("feed {name}: {url} answers and takes its key")),
        Err(error) => Finding::Bad(format!("feed {name}: {error}")),
    }
}

/// The user's own themes: whether each can be used, and read.
fn themes(place: &Place, findings: &mut Vec<Finding>) {
    for (name, palette) in Palette::own(&serve::themes_dir(&place.config)) {
        match palette.map(|palette| palette.illegible()) {
            Err(error) => findings.push(Finding::Bad(error.to_string())),
            Ok(faint) if faint.is_empty() => {
                findings.push(Finding::Good(format!("theme {name} can be read")));
            }
            Ok(faint) => findings
                .extend(faint.iter().map(|pair| Finding::Bad(format!("theme {name}: {pair}")))),
        }
    }
}

fn has_certificates() -> bool {
    let named = std::env::var_os("SSL_CERT_FILE").is_some_and(|file| Path::new(&file).exists());
    named
        || ["/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/ssl/cert.pem"].iter().any(|path| {
            let path = Path::new(path);
            path.is_file() || std::fs::read_dir(path).is_ok_and(|mut dir| dir.next().is_some())
        })
}

fn folder(place: &Place, findings: &mut Vec<Finding>) {
    let dir = &place.data_dir;
    if place.new {
        findings.push(Finding::Hint(format!(
            "no store in {} yet; opening the console makes one",
            dir.display()
        )));
        return;
    }
    let kind = place::word(place.kind);
    findings.push(Finding::Good(format!("{kind} store in {}", dir.display())));
    space(dir, findings);
    let secret = dir.join("secret.key");
    if secret.exists() {
        secrecy(&secret, findings);
    }
    let probe = dir.join(".doctor");
    match std::fs::write(&probe, b"x").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => {}
        Err(error) => {
            findings.push(Finding::Bad(format!("cannot write in {}: {error}", dir.display())));
        }
    }
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains(".damaged-") {
            findings.push(Finding::Hint(format!(
                "{name} was set aside and rebuilt from the archive; delete it when nobody needs it"
            )));
        }
        if name.contains(".lost-") {
            findings.push(Finding::Bad(format!(
                "{name}: the journal's head was lost or did not fit it; compare the journal with a \
                 copy, then delete this file"
            )));
        }
    }
}

/// Whether there is room for what feeds bring.
fn space(dir: &Path, findings: &mut Vec<Finding>) {
    let Ok(stat) = rustix::fs::statvfs(dir) else { return };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let told = format!("{} MB free in {}", free >> 20, dir.display());
    findings.push(match free {
        ..LEAST_SPACE => Finding::Bad(format!("{told}; make room before the disk is full")),
        _ => Finding::Good(told),
    });
}

/// What a running owner says of itself and its feeds.
async fn owner(place: &Place, findings: &mut Vec<Finding>) {
    let running = if place.new { None } else { Some(&place.data_dir) };
    let attached = match running {
        Some(dir) => crate::owner::Client::attach(dir, What::Script).await,
        None => return,
    };
    let mut client = match attached {
        Ok(client) => client,
        Err(ClientError::NotRunning(_)) => {
            findings.push(Finding::Hint("no owner runs; a console or command starts one".into()));
            return;
        }
        Err(error) => {
            findings.push(Finding::Bad(error.to_string()));
            return;
        }
    };
    if let Ok(Answer::Status(status)) = client.ask(Query::Status).await {
        let [orders, lines, ..] = status.counts;
        findings.push(Finding::Good(format!(
            "owner runs: process {} since {}, {orders} orders, {lines} lines",
            status.pid, status.since
        )));
        if !status.ready && status.trouble.is_empty() {
            let loading = "the store is being opened; a figure that is missing comes with it";
            findings.push(Finding::Hint(loading.into()));
        }
        findings.extend(status.trouble.iter().map(|what| Finding::Bad(what.to_string())));
    }
    if let Ok(Answer::Feeds(feeds)) = client.ask(Query::Feeds).await {
        findings.extend(feeds.into_iter().map(|feed| match &feed.state {
            FeedState::Failed { reason } => Finding::Bad(format!("feed {}: {reason}", feed.id)),
            FeedState::Retrying { attempts, reason } => {
                Finding::Bad(format!("feed {} failed {attempts} times: {reason}", feed.id))
            }
            _ if feed.rejected > 0 => Finding::Hint(format!(
                "feed {}: {} records in quarantine; `stockdeck quarantine` says why",
                feed.id, feed.rejected
            )),
            _ => Finding::Good(format!("feed {}: {} records", feed.id, feed.records)),
        }));
    }
}

fn chain(place: &Place, findings: &mut Vec<Finding>) {
    let file = place.data_dir.join(crate::engine::JOURNAL_FILE);
    findings.push(match journal::verify(&file) {
        Ok(verified) if verified.entries == 0 => return,
        Ok(verified) => Finding::Good(format!("journal whole: {} entries", verified.entries)),
        Err(broken) => Finding::Bad(format!("journal: {broken}")),
    });
}

/// Whether the models of the store are whole, that in use above all.
fn models(place: &Place, findings: &mut Vec<Finding>) {
    let registry = Registry::of(&place.data_dir);
    let (names, current) = match registry.names().and_then(|names| Ok((names, registry.current()?)))
    {
        Ok(known) => known,
        Err(error) => return findings.push(Finding::Bad(format!("models: {error}"))),
    };
    for name in names.iter().chain((!names.contains(&current)).then_some(&current)) {
        let is_used = *name == current;
        findings.push(match registry.version(name).and_then(|version| version.demand_model()) {
            Ok(_) if is_used => Finding::Good(format!("model {name} is in use, and whole")),
            Ok(_) => continue,
            Err(error) if is_used => Finding::Bad(format!(
                "model {name} is in use and cannot be used: {error}; no forecast is renewed until \
                 it can: {MEND}"
            )),
            Err(error) => Finding::Bad(format!(
                "model {name} cannot be used: {error}; put its files back from a copy, or delete \
                 its folder"
            )),
        });
    }
}

fn terminal(findings: &mut Vec<Finding>) {
    let caps = crate::tui::term::Caps::from_env();
    findings.push(Finding::Good(format!("terminal: {caps}")));
}
