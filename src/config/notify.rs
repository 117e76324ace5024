//! The channels on which people are told of cases that cannot wait.

use super::Variables;
use super::approvals::{Amount, LONGEST, money, span};
use super::feeds::{in_variable, is_address, keeps_secrets};
use crate::domain::{Currency, Severity};
use crate::outbox::notify::{Desktop, Hook, Quiet, Rules, Shape};
use crate::outbox::{DeliveryError, Login};
use serde::Deserialize;
use std::time::Duration;
use toml::Spanned;

/// Seconds that a request may take where nothing is configured.
const WITHIN: u64 = 10;
/// Tries where nothing is configured: about five minutes.
const TRIES: u32 = 9;
/// Most messages that a channel may be allowed in an hour, or at once.
const MOST: u32 = 3_600;

/// One configured channel.
#[derive(Clone, Debug, PartialEq)]
pub struct NotifyConfig {
    /// Its name, unique.
    pub name: String,
    /// What it is.
    pub kind: NotifyKind,
    /// What is told on it, and when.
    pub rules: Rules,
}

/// What a channel is.
#[derive(Clone, Debug, PartialEq)]
pub enum NotifyKind {
    /// The terminals of the consoles that are attached.
    Console {
        /// Whether their bell rings.
        bell: bool,
        /// Whether their desktop shows a notice.
        desktop: Desktop,
    },
    /// A signed POST.
    Webhook {
        /// To where.
        url: String,
        /// Signs it.
        secret: Login,
        /// How it looks.
        shape: Shape,
        /// Tries before a message is given up.
        tries: u32,
        /// Seconds that a request may take.
        timeout_seconds: u64,
    },
}

/// A block as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNotify {
    name: Spanned<String>,
    kind: Spanned<String>,
    bell: Option<Spanned<bool>>,
    desktop: Option<Spanned<String>>,
    url: Option<Spanned<String>>,
    secret: Option<Spanned<String>>,
    tries: Option<Spanned<u32>>,
    timeout_seconds: Option<Spanned<u64>>,
    least: Option<Spanned<String>>,
    least_value: Option<Spanned<Amount>>,
    again_after: Option<Spanned<String>>,
    per_hour: Option<Spanned<u32>>,
    burst: Option<Spanned<u32>>,
    quiet: Option<Spanned<String>>,
    loud: Option<Spanned<String>>,
}

/// What is wrong, and at which byte of the file.
type Wrong = (usize, String);

/// The channel, and where in the file a secret of it stands that is used.
pub(super) fn channel(
    raw: RawNotify,
    start: usize,
    currency: Currency,
    variables: &Variables,
) -> Result<(NotifyConfig, Option<usize>), Wrong> {
    let name = raw.name.get_ref().clone();
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        let what = format!("notify.name: \"{name}\" may hold letters, digits, - and _ only");
        return Err((raw.name.span().start, what));
    }
    let rules = rules(&raw, currency)?;
    let (kind, secret_at) = match raw.kind.get_ref().as_str() {
        "console" => (console(&raw)?, None),
        "event" => webhook(&raw, start, Shape::Event, variables)?,
        "chat" => webhook(&raw, start, Shape::Chat, variables)?,
        other => {
            let what = format!("notify.kind: \"{other}\" is unknown; one of console, event, chat");
            return Err((raw.kind.span().start, what));
        }
    };
    Ok((NotifyConfig { name, kind, rules }, secret_at))
}

fn console(raw: &RawNotify) -> Result<NotifyKind, Wrong> {
    let fields = [
        ("url", raw.url.as_ref().map(|url| url.span().start)),
        ("secret", raw.secret.as_ref().map(|secret| secret.span().start)),
        ("tries", raw.tries.as_ref().map(|tries| tries.span().start)),
        ("timeout_seconds", raw.timeout_seconds.as_ref().map(|n| n.span().start)),
    ];
    misplaced(&fields, "console", "event and chat")?;
    let desktop = raw.desktop.as_ref().map_or(Ok(Desktop::default()), |raw| {
        let text = raw.get_ref();
        Desktop::parse(text).ok_or_else(|| {
            let what =
                format!("notify.desktop: \"{text}\" is unknown; one of auto, osc9, osc777, off");
            (raw.span().start, what)
        })
    })?;
    let bell = raw.bell.as_ref().is_none_or(|bell| *bell.get_ref());
    if let (false, Desktop::Never, Some(at)) = (bell, desktop, &raw.bell) {
        let what = "notify.bell: neither bell nor desktop is on, so nothing would be told; take \
                    the block away, or let one of them be on";
        return Err((at.span().start, what.into()));
    }
    Ok(NotifyKind::Console { bell, desktop })
}

fn webhook(
    raw: &RawNotify,
    start: usize,
    shape: Shape,
    variables: &Variables,
) -> Result<(NotifyKind, Option<usize>), Wrong> {
    let fields = [
        ("bell", raw.bell.as_ref().map(|bell| bell.span().start)),
        ("desktop", raw.desktop.as_ref().map(|desktop| desktop.span().start)),
    ];
    misplaced(&fields, shape.word(), "console")?;
    let name = raw.name.get_ref();
    let missing = |field: &str| {
        (start, format!("notify \"{name}\": field `{field}` is missing; add {field} = \"...\""))
    };
    let url = raw.url.as_ref().ok_or_else(|| missing("url"))?;
    if !is_address(url.get_ref()) {
        let what = format!(
            "notify.url: \"{}\" is no address; write it like https://chat.example.com/hook",
            url.get_ref()
        );
        return Err((url.span().start, what));
    }
    if !keeps_secrets(url.get_ref()) {
        let what = "notify.url: http:// would show your cases to everybody on the way; write \
                    https:// (http:// is for this machine alone)";
        return Err((url.span().start, what.into()));
    }
    let variable = format!("STOCKDECK_NOTIFY_{}_SECRET", in_variable(name));
    let (secret, secret_at) = match (variables.get(&variable), &raw.secret) {
        (Some(secret), _) => (secret.clone(), None),
        (None, Some(written)) => (written.get_ref().clone(), Some(written.span().start)),
        (None, None) => return Err(missing("secret")),
    };
    if secret.is_empty() {
        return Err((start, format!("notify \"{name}\": its secret is empty; give one")));
    }
    let at_least_one = |raw: Option<(usize, u64)>, field: &str, usual: u64| match raw {
        Some((at, 0)) => Err((at, format!("notify.{field}: must be at least 1"))),
        other => Ok(other.map_or(usual, |(_, n)| n)),
    };
    let tries = raw.tries.as_ref().map(|n| (n.span().start, u64::from(*n.get_ref())));
    let tries = at_least_one(tries, "tries", u64::from(TRIES))?;
    let within = raw.timeout_seconds.as_ref().map(|n| (n.span().start, *n.get_ref()));
    let kind = NotifyKind::Webhook {
        url: url.get_ref().clone(),
        secret: Login::Signed(secret),
        shape,
        tries: u32::try_from(tries).unwrap_or(u32::MAX),
        timeout_seconds: at_least_one(within, "timeout_seconds", WITHIN)?,
    };
    Ok((kind, secret_at))
}

/// Refuses a field that another kind of channel has.
fn misplaced(fields: &[(&str, Option<usize>)], kind: &str, of: &str) -> Result<(), Wrong> {
    match fields.iter().find_map(|(field, at)| Some((field, (*at)?))) {
        Some((field, at)) => {
            let what = format!("notify.{field}: a channel of kind {kind} has none; it is for {of}");
            Err((at, what))
        }
        None => Ok(()),
    }
}

fn rules(raw: &RawNotify, currency: Currency) -> Result<Rules, Wrong> {
    let usual = Rules::default();
    let severity = |raw: &Option<Spanned<String>>, field: &str| {
        let read = |raw: &Spanned<String>| {
            let text = raw.get_ref();
            Severity::parse(text).ok_or_else(|| {
                let what = format!("notify.{field}: \"{text}\" is unknown; low, medium or high");
                (raw.span().start, what)
            })
        };
        raw.as_ref().map(read).transpose()
    };
    let many = |raw: &Option<Spanned<u32>>, field: &str, usual: u32| match raw {
        Some(n) if !(1..=MOST).contains(n.get_ref()) => {
            Err((n.span().start, format!("notify.{field}: must be from 1 to {MOST}")))
        }
        other => Ok(other.as_ref().map_or(usual, |n| *n.get_ref())),
    };
    let quiet = raw.quiet.as_ref().map(|raw| {
        let text = raw.get_ref();
        Quiet::parse(text).ok_or_else(|| {
            let what =
                format!("notify.quiet: \"{text}\" are no hours; write them like 22:00-07:00");
            (raw.span().start, what)
        })
    });
    let quiet = quiet.transpose()?;
    if let (None, Some(loud)) = (quiet, &raw.loud) {
        let what = "notify.loud: there are no quiet hours; add quiet = \"22:00-07:00\"";
        return Err((loud.span().start, what.into()));
    }
    let again_after = raw.again_after.as_ref();
    Ok(Rules {
        least: severity(&raw.least, "least")?.unwrap_or(usual.least),
        least_value: raw
            .least_value
            .as_ref()
            .map(|raw| money(raw, "notify.least_value", currency))
            .transpose()?,
        again_after: again_after
            .map_or(Ok(usual.again_after), |raw| span(raw, "notify.again_after", LONGEST))?,
        per_hour: many(&raw.per_hour, "per_hour", usual.per_hour)?,
        burst: many(&raw.burst, "burst", usual.burst)?,
        quiet,
        loud: severity(&raw.loud, "loud")?,
    })
}

impl NotifyConfig {
    /// What its messages are posted with; `None`: it is no webhook.
    pub fn hook(&self) -> Option<Result<Hook, DeliveryError>> {
        let NotifyKind::Webhook { url, secret, shape, timeout_seconds, .. } = &self.kind else {
            return None;
        };
        let within = Duration::from_secs(*timeout_seconds);
        Some(Hook::new(&self.name, url, secret.clone(), *shape, within))
    }

    /// Its block as TOML, secrets left out.
    pub(super) fn shown(&self) -> String {
        let mut out = format!("\n[[notify]]\nname = {:?}\n", self.name);
        match &self.kind {
            NotifyKind::Console { bell, desktop } => {
                let desktop = desktop.word();
                out.push_str(&format!(
                    "kind = \"console\"\nbell = {bell}\ndesktop = \"{desktop}\"\n"
                ));
            }
            NotifyKind::Webhook { url, shape, tries, timeout_seconds, .. } => {
                let kind = shape.word();
                out.push_str(&format!("kind = \"{kind}\"\nurl = {url:?}\n# secret is set\n"));
                out.push_str(&format!("tries = {tries}\ntimeout_seconds = {timeout_seconds}\n"));
            }
        }
        let Rules { least, least_value, again_after, per_hour, burst, quiet, loud } = &self.rules;
        out.push_str(&format!("least = \"{}\"\n", least.word()));
        if let Some(value) = least_value {
            out.push_str(&format!("least_value = \"{value}\"\n"));
        }
        out.push_str(&format!("again_after = \"{}s\"\n", again_after.as_seconds()));
        out.push_str(&format!("per_hour = {per_hour}\nburst = {burst}\n"));
        if let Some(quiet) = quiet {
            out.push_str(&format!("quiet = \"{quiet}\"\n"));
        }
        if let Some(loud) = loud {
            out.push_str(&format!("loud = \"{}\"\n", loud.word()));
        }
        out
    }
}
