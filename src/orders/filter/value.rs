//! Numbers and moments as they are typed in a filter.

use super::{Milli, Moments};
use crate::domain::{Day, Qty, Span, Timestamp, Zone};

/// What became of reading a value.
#[derive(Debug, PartialEq)]
pub(super) enum Read<T> {
    /// It was understood.
    Value(T),
    /// It may become one when more is typed.
    Incomplete,
    /// It is none.
    Wrong,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    Equal,
    Above,
    AtLeast,
    Below,
    AtMost,
}

fn relation(text: &str) -> (Relation, &str) {
    for (sign, relation) in [
        (">=", Relation::AtLeast),
        ("<=", Relation::AtMost),
        (">", Relation::Above),
        ("<", Relation::Below),
        ("=", Relation::Equal),
    ] {
        if let Some(rest) = text.strip_prefix(sign) {
            return (relation, rest);
        }
    }
    (Relation::Equal, text)
}

/// Reads `5`, `>5`, `1..5`, `1..`, `..5`; `k` and `m` after a number mean thousands and millions.
pub(super) fn number(text: &str) -> Read<Milli> {
    if let Some((low, high)) = text.split_once("..") {
        if low.is_empty() && high.is_empty() {
            return Read::Incomplete;
        }
        let low = if low.is_empty() { Read::Value(i64::MIN) } else { one_number(low) };
        let high = if high.is_empty() { Read::Value(i64::MAX) } else { one_number(high) };
        return both(low, high, |min, max| Milli { min, max });
    }
    let (relation, rest) = relation(text);
    match one_number(rest) {
        Read::Value(n) => Read::Value(match relation {
            Relation::Equal => Milli { min: n, max: n },
            Relation::Above => Milli { min: n.saturating_add(1), max: i64::MAX },
            Relation::AtLeast => Milli { min: n, max: i64::MAX },
            Relation::Below => Milli { min: i64::MIN, max: n.saturating_sub(1) },
            Relation::AtMost => Milli { min: i64::MIN, max: n },
        }),
        Read::Incomplete => Read::Incomplete,
        Read::Wrong => Read::Wrong,
    }
}

fn one_number(text: &str) -> Read<i64> {
    if matches!(text, "" | "-" | "+" | "." | "-.") {
        return Read::Incomplete;
    }
    let (digits, factor) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 1_000),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 1_000_000),
        _ => (text, 1),
    };
    match Qty::parse(digits).and_then(|n| n.as_milli().checked_mul(factor)) {
        Some(milli) => Read::Value(milli),
        None => Read::Wrong,
    }
}

/// Reads a day, a month, `today`, `yesterday`, a moment or an age, alone, compared or as a range.
pub(super) fn moments(text: &str, now: Timestamp, zone: &Zone) -> Read<Moments> {
    let first = Timestamp::from_millis(i64::MIN);
    let last = Timestamp::from_millis(i64::MAX);
    if let Some((low, high)) = text.split_once("..") {
        if low.is_empty() && high.is_empty() {
            return Read::Incomplete;
        }
        let all = Moments { from: first, to: last };
        let low = if low.is_empty() { Read::Value(all) } else { stretch(low, now, zone) };
        let high = if high.is_empty() { Read::Value(all) } else { stretch(high, now, zone) };
        return both(low, high, |low, high| Moments { from: low.from, to: high.to });
    }
    let (relation, rest) = relation(text);
    if let Some(span) = age(rest) {
        let then = now - span;
        let after = then + Span::millis(1);
        return Read::Value(match relation {
            Relation::Below => Moments { from: after, to: last },
            Relation::AtMost | Relation::Equal => Moments { from: then, to: last },
            Relation::Above => Moments { from: first, to: then },
            Relation::AtLeast => Moments { from: first, to: after },
        });
    }
    match stretch(rest, now, zone) {
        Read::Value(it) => Read::Value(match relation {
            Relation::Equal => it,
            Relation::Above => Moments { from: it.to, to: last },
            Relation::AtLeast => Moments { from: it.from, to: last },
            Relation::Below => Moments { from: first, to: it.from },
            Relation::AtMost => Moments { from: first, to: it.to },
        }),
        other => other,
    }
}

/// `90s`, `30m`, `2h`, `3d`, `1w`.
fn age(text: &str) -> Option<Span> {
    let unit = text.chars().last()?;
    let n: u32 = text[..text.len() - unit.len_utf8()].parse().ok()?;
    let n = i64::from(n);
    Some(match unit {
        's' => Span::seconds(n),
        'm' => Span::minutes(n),
        'h' => Span::hours(n),
        'd' => Span::days(n),
        'w' => Span::days(n.saturating_mul(7)),
        _ => return None,
    })
}

/// The moments that a day, a month or a time of day covers.
fn stretch(text: &str, now: Timestamp, zone: &Zone) -> Read<Moments> {
    let today = now.day(zone);
    let days =
        |from: Day, to: Day| Read::Value(Moments { from: from.start(zone), to: to.start(zone) });
    match text {
        "" => return Read::Incomplete,
        "today" => return days(today, today.plus(1)),
        "yesterday" => return days(today.plus(-1), today),
        _ if "today".starts_with(text) || "yesterday".starts_with(text) => {
            return Read::Incomplete;
        }
        _ => {}
    }
    if let Some(day) = Day::parse(text).filter(|_| text.len() == 10) {
        return days(day, day.plus(1));
    }
    if text.len() == 7
        && let Some(first) = Day::parse(&format!("{text}-01"))
    {
        return days(first, Day::from_civil(first.plus(31).civil().first_of_month()));
    }
    if text.len() > 10
        && let Some(at) = Timestamp::parse(text, zone)
    {
        return Read::Value(Moments { from: at, to: at + Span::seconds(1) });
    }
    let could_become = text.bytes().all(|b| b.is_ascii_digit() || b"-T:.Z+".contains(&b));
    let date_is_done = text.len() == 7 || text.len() == 10;
    if could_become && !date_is_done { Read::Incomplete } else { Read::Wrong }
}

fn both<A, B>(low: Read<A>, high: Read<A>, join: impl Fn(A, A) -> B) -> Read<B> {
    match (low, high) {
        (Read::Value(low), Read::Value(high)) => Read::Value(join(low, high)),
        (Read::Wrong, _) | (_, Read::Wrong) => Read::Wrong,
        _ => Read::Incomplete,
    }
}
