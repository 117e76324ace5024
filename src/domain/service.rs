//! How an order is to ship, as its customer or its shop has it.

use super::Day;
use serde::{Deserialize, Serialize};

/// What an order says of its shipping. What it does not say follows from the shipping terms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Service {
    /// The shipping method, in the shop's words: `Express`.
    pub method: Option<Box<str>>,
    /// The day by which it was promised.
    pub promised: Option<Day>,
    /// Whether it ships in full or not at all.
    pub complete: Option<bool>,
}

impl Service {
    /// A day as systems write it: `2026-12-03`, with a time after it or not, `20261203`, or seconds since
    /// 1970.
    pub fn day(text: &str) -> Option<Day> {
        let text = text.trim();
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match (digits, text.len()) {
            (true, 8) => Day::parse(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])),
            (true, 9 | 10) => {
                let seconds: i64 = text.parse().ok()?;
                Some(Day::from_number(i32::try_from(seconds.div_euclid(86_400)).ok()?))
            }
            _ => Day::parse(text.get(..10)?),
        }
    }
    /// A yes or no as systems write it.
    pub fn yes(text: &str) -> Option<bool> {
        match text.trim().to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" | "y" => Some(true),
            "no" | "false" | "0" | "n" => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_words_are_read_as_shops_write_them() {
        let day = Day::parse("2026-12-03");
        for text in ["2026-12-03", "2026-12-03T10:00:00", "20261203", "1796256000", " 2026-12-03 "]
        {
            assert_eq!(Service::day(text), day, "{text}");
        }
        for text in ["", "soon", "2026-13-40", "3", "Freitag 日本語"] {
            assert_eq!(Service::day(text), None, "{text}");
        }
        assert_eq!(Service::yes("Yes").zip(Service::yes("0")), Some((true, false)));
        assert_eq!(Service::yes("perhaps"), None);
    }
}
