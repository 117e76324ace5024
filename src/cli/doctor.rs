//! `stockdeck doctor`: says what is wrong with this machine, the configuration and the store.

use super::ask::print_line;
use super::place::{self, Place};
use super::serve;
use crate::config::{Feed, FeedKind};
use crate::engine::api::Refusal;
use crate::journal;
use crate::tui::theme::Palette;
use std::path::Path;

enum Finding {
    Good(String),
    Hint(String),
    Bad(String),
}

/// Prints a line per finding; fails when one of them is bad.
pub fn doctor(place: &Place) -> Result<(), Refusal> {
    let mut findings = Vec::new();
    configuration(place, &mut findings);
    folder(place, &mut findings);
    owner(place, &mut findings);
    chain(place, &mut findings);
    themes(place, &mut findings);
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

fn configuration(place: &Place, findings: &mut Vec<Finding>) {
    findings.push(match &place.config.file {
        Some(file) => Finding::Good(format!("configuration {}", file.display())),
        None => Finding::Hint("no configuration; `stockdeck config init` writes one".into()),
    });
    for Feed { name, kind, .. } in &place.config.feeds {
        match kind {
            FeedKind::Files { path, .. } => findings.push(match std::fs::metadata(path) {
                Ok(_) => Finding::Good(format!("feed {name} reads {}", path.display())),
                Err(error) => Finding::Bad(format!("feed {name}: {}: {error}", path.display())),
            }),
            FeedKind::WooCommerce { url, .. } => {
                findings.push(Finding::Good(format!("feed {name} follows {url}")));
                if url.starts_with("https://") && !has_certificates() {
                    findings.push(Finding::Bad(format!(
                        "feed {name} needs CA certificates and this machine has none; install \
                         the package ca-certificates"
                    )));
                }
            }
        }
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
    let probe = dir.join(".doctor");
    match std::fs::write(&probe, b"x").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => {}
        Err(error) => {
            findings.push(Finding::Bad(format!("cannot write in {}: {error}", dir.display())));
        }
    }
    let damaged = std::fs::read_dir(dir).into_iter().flatten().flatten();
    for entry in damaged {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains(".damaged-") {
            findings.push(Finding::Hint(format!(
                "{name} was set aside and rebuilt from the archive; delete it when nobody needs it"
            )));
        }
    }
}

fn owner(place: &Place, findings: &mut Vec<Finding>) {
    let holder = (!place.new).then(|| crate::owner::Place::of(&place.data_dir).ok()).flatten();
    match holder.and_then(|place| crate::owner::lock::holder(&place)) {
        Some(holder) => findings.push(Finding::Good(format!("owner runs: {holder}"))),
        None => {
            findings.push(Finding::Hint("no owner runs; a console or command starts one".into()))
        }
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

fn terminal(findings: &mut Vec<Finding>) {
    let caps = crate::tui::term::Caps::from_env();
    findings.push(Finding::Good(format!("terminal: {caps}")));
}
