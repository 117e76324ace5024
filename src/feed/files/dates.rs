//! Dates and times as files write them, and which of day and month comes first.
//!
//! `03/04/2011` is never guessed: all dates of a file decide together, and where they cannot, a
//! person is asked.

use crate::domain::{Day, Timestamp, Zone};
use jiff::civil;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Which comes first in dates such as `03/04/2011`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateOrder {
    /// `DD/MM/YYYY`.
    DayFirst,
    /// `MM/DD/YYYY`.
    MonthFirst,
}

impl DateOrder {
    /// As it is written in a configuration.
    pub const fn word(self) -> &'static str {
        match self {
            DateOrder::DayFirst => "dmy",
            DateOrder::MonthFirst => "mdy",
        }
    }
    /// Reads `dmy`, `mdy`, `DD/MM/YYYY` or `MM/DD/YYYY`.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: String = text
            .chars()
            .filter(char::is_ascii_alphabetic)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match letters.as_str() {
            "dmy" | "ddmmyy" | "ddmmyyyy" => Some(DateOrder::DayFirst),
            "mdy" | "mmddyy" | "mmddyyyy" => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }
}

/// What the dates of a file say about their order.
#[derive(Clone, Debug, Default)]
pub struct DateEvidence {
    day_first: u64,
    month_first: u64,
    either: Option<String>,
}

/// What came of the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateVerdict {
    /// The dates agree, or none needs an order.
    Order(DateOrder),
    /// Every date reads both ways; one of them.
    Ambiguous(String),
    /// Some dates read one way only and some the other.
    Mixed,
}

impl DateEvidence {
    /// Takes note of a date.
    pub fn see(&mut self, bytes: &[u8]) {
        if bytes.len() > 5 && bytes[..4].iter().all(u8::is_ascii_digit) {
            return;
        }
        let Some((first, second, _)) = bytes_to_parts(bytes) else { return };
        match (first > 12, second > 12) {
            (true, false) => self.day_first += 1,
            (false, true) => self.month_first += 1,
            _ if bytes.contains(&b'.') => self.day_first += 1,
            (false, false) if first != second && self.either.is_none() => {
                self.either = Some(String::from_utf8_lossy(bytes).into_owned());
            }
            _ => {}
        }
    }
    /// Decides.
    pub fn verdict(&self) -> DateVerdict {
        match (self.day_first > 0, self.month_first > 0, &self.either) {
            (true, true, _) => DateVerdict::Mixed,
            (false, true, _) => DateVerdict::Order(DateOrder::MonthFirst),
            (false, false, Some(example)) => DateVerdict::Ambiguous(example.clone()),
            _ => DateVerdict::Order(DateOrder::DayFirst),
        }
    }
}

/// `a/b/yyyy` at the start, with `/`, `-` or `.`: a, b and where the year begins.
fn bytes_to_parts(bytes: &[u8]) -> Option<(u32, u32, usize)> {
    let is_sign = |b: &u8| matches!(b, b'/' | b'-' | b'.');
    let one = bytes.iter().position(is_sign)?;
    let two = one + 1 + bytes.get(one + 1..)?.iter().position(is_sign)?;
    Some((digits(bytes.get(..one)?)?, digits(bytes.get(one + 1..two)?)?, two + 1))
}

fn digits(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() || bytes.len() > 9 {
        return None;
    }
    bytes.iter().try_fold(0_u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
}

/// Reads the times of one file. Remembers the hours it has seen, since a zone's rules are slow to ask.
pub struct Dates {
    zone: Zone,
    order: DateOrder,
    hours: FxHashMap<(i16, i8, i8, i8, bool), Timestamp>,
}

/// Half hours kept before the memory starts again.
const REMEMBERED: usize = 50_000;

impl Dates {
    /// Times without a zone are in `zone`.
    pub fn new(zone: Zone, order: DateOrder) -> Self {
        Dates { zone, order, hours: FxHashMap::default() }
    }
    /// The day of a time, in the file's zone.
    pub fn day(&mut self, bytes: &[u8]) -> Option<Day> {
        Some(self.read(bytes)?.day(&self.zone))
    }
    /// Reads ISO 8601 with or without zone, `DD/MM/YYYY HH:MM[:SS]` in the file's order, `YYYYMMDD`,
    /// seconds or milliseconds since 1970. `None` if it is none of them.
    pub fn read(&mut self, bytes: &[u8]) -> Option<Timestamp> {
        let bytes = bytes.trim_ascii();
        if bytes.len() > 8 && bytes.iter().all(u8::is_ascii_digit) {
            let n: i64 = std::str::from_utf8(bytes).ok()?.parse().ok()?;
            let ms = if n >= 100_000_000_000 { n } else { n.checked_mul(1_000)? };
            return (ms < 253_402_300_800_000).then(|| Timestamp::from_millis(ms));
        }
        if bytes.len() == 8
            && let Some(n) = digits(bytes)
        {
            return self.moment([n / 10_000, n / 100 % 100, n % 100], b"");
        }
        let year_first = bytes.get(..4).and_then(digits);
        if let Some(year) = year_first
            && matches!(bytes.get(4), Some(b'-' | b'/'))
        {
            let plain = bytes.get(7) == bytes.get(4) && bytes.len() <= 19;
            let date = (bytes.get(5..7).and_then(digits), bytes.get(8..10).and_then(digits));
            if let (true, (Some(month), Some(day))) = (plain, date)
                && let Some(at) = self.moment([year, month, day], &bytes[10..])
            {
                return Some(at);
            }
            return Timestamp::parse(std::str::from_utf8(bytes).ok()?, &self.zone);
        }
        let (first, second, rest) = bytes_to_parts(bytes)?;
        let rest = bytes.get(rest..)?;
        let end = rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
        let year = match (digits(rest.get(..end)?)?, end) {
            (year, 4) => year,
            (year, 2) => 2_000 + year,
            _ => return None,
        };
        let (day, month) = match self.order {
            DateOrder::DayFirst => (first, second),
            DateOrder::MonthFirst => (second, first),
        };
        self.moment([year, month, day], rest.get(end..)?)
    }

    /// `time` is empty, or a `T` or blank and `H:MM` or `H:MM:SS`, perhaps with AM or PM.
    fn moment(&mut self, [year, month, day]: [u32; 3], time: &[u8]) -> Option<Timestamp> {
        let time = match time.split_first() {
            None => &[][..],
            Some((b'T' | b' ', rest)) => rest.trim_ascii(),
            Some(_) => return None,
        };
        let upper = time.get(time.len().saturating_sub(2)..).map(<[u8]>::to_ascii_uppercase);
        let (time, half) = match upper.as_deref() {
            Some(b"AM") => (time[..time.len() - 2].trim_ascii(), Some(0)),
            Some(b"PM") => (time[..time.len() - 2].trim_ascii(), Some(12)),
            _ => (time, None),
        };
        let mut parts = [0_u32; 3];
        if !time.is_empty() {
            let mut count = 0;
            for part in time.split(|b| *b == b':') {
                *parts.get_mut(count)? = digits(part).filter(|_| part.len() <= 2)?;
                count += 1;
            }
            if count < 2 {
                return None;
            }
        }
        let [hour, minute, second] = parts;
        let hour = match half {
            Some(noon) if (1..=12).contains(&hour) => hour % 12 + noon,
            Some(_) => return None,
            None => hour,
        };
        if hour > 23 || minute > 59 || second > 59 || month > 12 || day > 31 {
            return None;
        }
        let late = minute >= 30;
        let key = (i16::try_from(year).ok()?, month as i8, day as i8, hour as i8, late);
        let start = match self.hours.get(&key) {
            Some(start) => *start,
            None => {
                let date =
                    civil::Date::new(key.0, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
                let at = date.ok()?.at(hour as i8, if late { 30 } else { 0 }, 0, 0);
                let start = Timestamp::parse(&at.to_string(), &self.zone)?;
                if self.hours.len() >= REMEMBERED {
                    self.hours.clear();
                }
                self.hours.insert(key, start);
                start
            }
        };
        let seconds = (minute % 30) * 60 + second;
        Some(start + crate::domain::Span::seconds(i64::from(seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, order: DateOrder, zone: &str) -> Option<String> {
        let mut dates = Dates::new(Zone::named(zone).unwrap(), order);
        let first = dates.read(text.as_bytes());
        assert_eq!(first, dates.read(text.as_bytes()), "the remembered hour reads the same");
        first.map(|at| at.to_string())
    }

    #[test]
    fn every_form_reads_to_the_same_moment() {
        use DateOrder::{DayFirst, MonthFirst};
        for (text, order) in [
            ("2011-07-04T08:31:05", DayFirst),
            ("2011-07-04 08:31:05", MonthFirst),
            ("2011-07-04T07:31:05Z", DayFirst),
            ("2011-07-04T09:31:05+02:00", DayFirst),
            ("2011-07-04T07:31:05.000Z", DayFirst),
            ("04/07/2011 08:31:05", DayFirst),
            ("4.7.2011 8:31:05", DayFirst),
            ("7/4/2011 8:31:05 AM", MonthFirst),
            ("7/4/11 8:31:05", MonthFirst),
            ("1309764665", DayFirst),
            ("1309764665000", DayFirst),
        ] {
            let at = read(text, order, "Europe/London");
            assert_eq!(at.as_deref(), Some("2011-07-04T07:31:05Z"), "{text}");
        }
        assert_eq!(read("20110704", DayFirst, "UTC").as_deref(), Some("2011-07-04T00:00:00Z"));
        assert_eq!(
            read("4/7/2011 12:05 AM", DayFirst, "UTC").as_deref(),
            Some("2011-07-04T00:05:00Z")
        );
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "x",
            "31/31/2011",
            "2011-13-01",
            "12:30",
            "2011-07-04 25:00",
            "1/2/3/4",
            "٣/٤/٢٠١١",
        ] {
            assert_eq!(read(text, DateOrder::DayFirst, "UTC"), None, "{text}");
        }
    }

    #[test]
    fn the_whole_file_decides_which_is_the_day() {
        let verdict = |dates: &[&str]| {
            let mut evidence = DateEvidence::default();
            dates.iter().for_each(|d| evidence.see(d.as_bytes()));
            evidence.verdict()
        };
        assert_eq!(verdict(&["03/04/2011", "13/04/2011"]), DateVerdict::Order(DateOrder::DayFirst));
        assert_eq!(
            verdict(&["03/04/2011", "4/13/2011"]),
            DateVerdict::Order(DateOrder::MonthFirst)
        );
        assert_eq!(verdict(&["03/04/2011"]), DateVerdict::Ambiguous("03/04/2011".into()));
        assert_eq!(verdict(&["13/04/2011", "4/13/2011"]), DateVerdict::Mixed);
        assert_eq!(verdict(&["2011-04-13"]), DateVerdict::Order(DateOrder::DayFirst));
    }
}
