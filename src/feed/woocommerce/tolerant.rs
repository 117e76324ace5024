//! Reading JSON that plug-ins have been at: numbers as text and text as numbers, `[]` for `{}`,
//! missing fields, entities and markup in names.

use crate::domain::{Currency, Money, Qty, Timestamp, UnitPrice, Zone, text};
use serde_json::Value;

/// The items of a list; `{}` is an empty one, and an object with the keys `0`, `1`, … is one too
/// (PHP writes a list with a gap so). `None` where it is no list at all.
pub(super) fn items(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(items) => Some(items.iter().collect()),
        Value::Object(map) if map.keys().all(|key| key.parse::<u64>().is_ok()) => {
            Some(map.values().collect())
        }
        Value::Null => Some(Vec::new()),
        _ => None,
    }
}

/// The items of a list below a key; empty where there is none.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> Vec<&'a Value> {
    value.get(key).and_then(items).unwrap_or_default()
}

/// A text or number as text, trimmed; `None` where empty, missing or something else.
pub(super) fn scalar(value: &Value, key: &str) -> Option<String> {
    let text = match value.get(key)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A text for people: tags taken out, entities decoded once, cleaned.
pub(super) fn words(value: &Value, key: &str) -> Option<String> {
    let text = text::clean(&decode(&scalar(value, key)?));
    (!text.is_empty()).then_some(text)
}

/// An identifier as text, cleaned.
pub(super) fn id(value: &Value, key: &str) -> Option<String> {
    let text = text::clean(&scalar(value, key)?);
    (!text.is_empty()).then_some(text)
}

/// A whole number that is more than nothing: WooCommerce writes 0 where there is no such thing.
pub(super) fn reference(value: &Value, key: &str) -> Option<u64> {
    scalar(value, key)?.parse().ok().filter(|n| *n > 0)
}

/// A quantity.
pub(super) fn qty(value: &Value, key: &str) -> Option<Qty> {
    let text = scalar(value, key)?;
    Qty::parse(&text).or_else(|| {
        // Plug-ins for goods by weight give more decimals than are kept.
        let (whole, part) = text.split_once('.')?;
        Qty::parse(&format!("{whole}.{}", part.get(..3)?))
    })
}

/// A price or an amount, to four decimals.
pub(super) fn price(value: &Value, key: &str, currency: Currency) -> Option<UnitPrice> {
    UnitPrice::parse(&scalar(value, key)?, currency)
}

/// An amount, rounded to the currency's minor unit.
pub(super) fn money(value: &Value, key: &str, currency: Currency) -> Option<Money> {
    Some(price(value, key, currency)?.times(Qty::units(1)))
}

/// A moment: `KEY_gmt` in UTC, else `KEY` in the shop's zone.
pub(super) fn moment(value: &Value, key: &str, zone: &Zone) -> Option<Timestamp> {
    let gmt = scalar(value, &format!("{key}_gmt"));
    gmt.and_then(|text| Timestamp::parse(&text, &Zone::utc()))
        .or_else(|| Timestamp::parse(&scalar(value, key)?, zone))
}

/// The value of a `meta_data` entry as text.
pub(super) fn meta(value: &Value, key: &str) -> Option<String> {
    let entry = list(value, "meta_data")
        .into_iter()
        .find(|entry| entry.get("key").and_then(Value::as_str) == Some(key))?;
    id(entry, "value")
}

/// The excerpt of a record that could not be understood: the named fields and no other, so that no
/// person's name or address is among them.
pub(super) fn excerpt(value: &Value, keys: &[&str]) -> Box<str> {
    let shown = |key: &&str| {
        let field = value.get(*key)?;
        let shown = match field {
            Value::Array(items) => format!("[{} items]", items.len()),
            Value::Object(_) => "{…}".into(),
            scalar => scalar.to_string(),
        };
        Some(format!("{key}: {}", shown.chars().take(60).collect::<String>()))
    };
    text::clean(&keys.iter().filter_map(shown).collect::<Vec<_>>().join(", ")).into()
}

/// Takes tags out and decodes entities, each once.
pub(super) fn decode(raw: &str) -> String {
    let bare = without_tags(raw);
    let mut out = String::with_capacity(bare.len());
    let mut rest = bare.as_str();
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        match entity(from) {
            Some((c, len)) => {
                out.push(c);
                rest = from.get(len..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

fn without_tags(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let tag = from[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match from.find('>').filter(|_| tag) {
            Some(end) => rest = &from[end + 1..],
            None => {
                out.push('<');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The character that an entity at the beginning of `text` stands for, and the entity's length.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|b| b == b';')?;
    let name = text.get(1..end)?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((c, end + 1))
}

/// The entities that WordPress and editors write into names.
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("bull", '•'),
    ("middot", '·'),
    ("deg", '°'),
    ("times", '×'),
    ("frac12", '½'),
    ("frac14", '¼'),
    ("plusmn", '±'),
    ("micro", 'µ'),
    ("euro", '€'),
    ("pound", '£'),
    ("yen", '¥'),
    ("cent", '¢'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("szlig", 'ß'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("aacute", 'á'),
    ("agrave", 'à'),
    ("acirc", 'â'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ecirc", 'ê'),
    ("iacute", 'í'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("uacute", 'ú'),
    ("ccedil", 'ç'),
    ("ntilde", 'ñ'),
    ("aring", 'å'),
    ("oslash", 'ø'),
    ("aelig", 'æ'),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_lose_tags_entities_and_control_characters() {
        let named = |name: &str| words(&json!({ "name": name }), "name").unwrap();
        assert_eq!(
            named("Ship &ndash; <b>Black</b>, 5 &lt; 6 &amp;amp; 1 < 2"),
            "Ship – Black, 5 < 6 &amp; 1 < 2"
        );
        assert_eq!(named("A&#27;[31m &#x2019; B & C; &bogus;"), "A[31m ’ B & C; &bogus;");
        assert_eq!(named("\u{1b}[2J<3 hearts &"), "[2J<3 hearts &");
    }

    #[test]
    fn shapes_that_plug_ins_make_are_read() {
        assert_eq!(items(&json!({})).unwrap().len(), 0);
        assert_eq!(items(&json!({"0": 1, "2": 2})).unwrap().len(), 2);
        assert!(items(&json!({"code": "x"})).is_none());
        let odd = json!({"q": "2.50000", "n": 3, "t": "", "f": 0.1, "z": 0, "meta_data": {}});
        assert_eq!(qty(&odd, "q"), Some(Qty::milli(2500)));
        assert_eq!(qty(&odd, "n"), Some(Qty::units(3)));
        assert_eq!(scalar(&odd, "t"), None);
        assert_eq!(price(&odd, "f", Currency::GBP).unwrap().e4, 1_000);
        assert_eq!(reference(&odd, "z"), None);
        assert_eq!(meta(&odd, "k"), None);
        assert_eq!(meta(&json!({"meta_data": [{"key": "k", "value": 7}]}), "k").unwrap(), "7");
    }

    #[test]
    fn moments_prefer_the_utc_field() {
        let london = Zone::named("Europe/London").unwrap();
        let both = json!({"d": "2026-07-01T10:00:00", "d_gmt": "2026-07-01T09:00:00"});
        assert_eq!(moment(&both, "d", &Zone::utc()).unwrap().to_string(), "2026-07-01T09:00:00Z");
        let local = json!({"d": "2026-07-01T10:00:00"});
        assert_eq!(moment(&local, "d", &london).unwrap().to_string(), "2026-07-01T09:00:00Z");
        assert_eq!(moment(&json!({"d_gmt": null}), "d", &london), None);
    }
}
