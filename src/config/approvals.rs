//! The configuration of approvals: who may approve how much, and when an order is placed.

use crate::desk::buying::{Powers, Rules};
use crate::domain::{Currency, Money, Span};
use serde::Deserialize;
use toml::Spanned;

/// The longest time in which an approval can be taken back, and the like.
pub(super) const LONGEST: Span = Span::days(7);

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawApprovals {
    grace: Option<Spanned<String>>,
    four_eyes_above: Option<Spanned<Amount>>,
    prefix: Option<Spanned<String>>,
    person: Vec<Spanned<RawPerson>>,
    automatic: Option<Spanned<RawAutomatic>>,
}

/// What the program may approve by itself: never without a limit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAutomatic {
    per_order: Option<Spanned<Amount>>,
    per_day: Option<Spanned<Amount>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPerson {
    user: Spanned<String>,
    may_approve: Option<bool>,
    per_order: Option<Spanned<Amount>>,
    per_day: Option<Spanned<Amount>>,
}

/// An amount in the store's currency, written as a number or as text.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Amount {
    Whole(i64),
    Decimal(f64),
    Text(String),
}

/// What is wrong, and at which byte of the file.
type Wrong = (usize, String);

/// Reads the table. Where persons are named, nobody else may approve.
pub(super) fn rules(raw: RawApprovals, currency: Currency) -> Result<Rules, Wrong> {
    let usual = Rules::default();
    let amount = |raw: Option<Spanned<Amount>>, field: &str| {
        raw.map(|raw| money(&raw, &format!("approvals.{field}"), currency)).transpose()
    };
    let mut rules = Rules {
        grace: raw
            .grace
            .as_ref()
            .map_or(Ok(usual.grace), |raw| span(raw, "approvals.grace", LONGEST))?,
        four_eyes_above: amount(raw.four_eyes_above, "four_eyes_above")?,
        prefix: raw.prefix.map_or(Ok(usual.prefix), prefix)?,
        automatic: raw.automatic.map(|raw| automatic(raw, currency)).transpose()?,
        everybody: if raw.person.is_empty() { Powers::ALL } else { Powers::NONE },
        ..Rules::default()
    };
    for person in raw.person {
        let person = person.into_inner();
        let powers = Powers {
            may_approve: person.may_approve.unwrap_or(true),
            per_order: amount(person.per_order, "person.per_order")?,
            per_day: amount(person.per_day, "person.per_day")?,
        };
        let (at, user) = (person.user.span().start, person.user.into_inner());
        if user.trim().is_empty() {
            return Err((at, "approvals.person.user: write a user name of this machine".into()));
        }
        if rules.people.insert(user.clone(), powers).is_some() {
            let what = format!("approvals.person.user: \"{user}\" is there twice; keep one");
            return Err((at, what));
        }
    }
    Ok(rules)
}

fn automatic(raw: Spanned<RawAutomatic>, currency: Currency) -> Result<Powers, Wrong> {
    let at = raw.span().start;
    let RawAutomatic { per_order, per_day } = raw.into_inner();
    let limit = |raw: Option<Spanned<Amount>>, field: &str| {
        let missing = || {
            let what = format!(
                "approvals.automatic: `{field}` is missing, and nothing is approved by itself \
                 without a limit; add {field} = \"500\""
            );
            (at, what)
        };
        money(&raw.ok_or_else(missing)?, &format!("approvals.automatic.{field}"), currency)
            .map(Some)
    };
    Ok(Powers {
        may_approve: true,
        per_order: limit(per_order, "per_order")?,
        per_day: limit(per_day, "per_day")?,
    })
}

/// Reads a length of time such as `30s`, `10m` or `2h`.
pub(super) fn span(raw: &Spanned<String>, field: &str, longest: Span) -> Result<Span, Wrong> {
    let text = raw.get_ref().trim();
    let wrong = || {
        let days = longest.as_seconds() / 86_400;
        let what = format!(
            "{field}: \"{text}\" is no time up to {days} days; write it like 30s, 10m or 2h"
        );
        (raw.span().start, what)
    };
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: i64 = text.strip_suffix(unit).and_then(|n| n.parse().ok()).ok_or_else(wrong)?;
    let seconds = match unit {
        's' => Some(number),
        'm' => number.checked_mul(60),
        'h' => number.checked_mul(3_600),
        'd' => number.checked_mul(86_400),
        _ => None,
    };
    let span = seconds.map(Span::seconds).ok_or_else(wrong)?;
    if (Span::millis(0)..=longest).contains(&span) { Ok(span) } else { Err(wrong()) }
}

fn prefix(raw: Spanned<String>) -> Result<String, Wrong> {
    let text = raw.get_ref();
    let known = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !text.is_empty() && text.len() <= 16 && text.bytes().all(known) {
        return Ok(raw.into_inner());
    }
    let what = "approvals.prefix: up to 16 letters, digits, - and _, such as \"PO-\"";
    Err((raw.span().start, what.into()))
}

/// Reads an amount in a currency, not below nothing.
pub(super) fn money(
    raw: &Spanned<Amount>,
    field: &str,
    currency: Currency,
) -> Result<Money, Wrong> {
    let text = match raw.get_ref() {
        Amount::Whole(n) => n.to_string(),
        Amount::Decimal(n) => n.to_string(),
        Amount::Text(text) => text.clone(),
    };
    let money = Money::parse(&text, currency).filter(|money| money.minor >= 0);
    money.ok_or_else(|| {
        let what = format!("{field}: \"{text}\" is no amount in {currency}; write 5000");
        (raw.span().start, what)
    })
}

/// The table as TOML.
pub(super) fn shown(rules: &Rules) -> String {
    let seconds = rules.grace.as_seconds();
    let mut out = format!("\n[approvals]\ngrace = \"{seconds}s\"\nprefix = {:?}\n", rules.prefix);
    if let Some(limit) = rules.four_eyes_above {
        out.push_str(&format!("four_eyes_above = \"{limit}\"\n"));
    }
    if let Some(Powers { per_order: Some(order), per_day: Some(day), .. }) = rules.automatic {
        out.push_str("\n[approvals.automatic]\n");
        out.push_str(&format!("per_order = \"{order}\"\nper_day = \"{day}\"\n"));
    }
    for (user, powers) in &rules.people {
        out.push_str(&format!("\n[[approvals.person]]\nuser = {user:?}\n"));
        out.push_str(&format!("may_approve = {}\n", powers.may_approve));
        for (field, limit) in [("per_order", powers.per_order), ("per_day", powers.per_day)] {
            if let Some(limit) = limit {
                out.push_str(&format!("{field} = \"{limit}\"\n"));
            }
        }
    }
    out
}
