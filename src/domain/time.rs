//! Time: UTC inside, the site's zone on screen and for what a day is.

use jiff::{civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};

/// A moment, in milliseconds since 1970-01-01T00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A length of domain time in milliseconds; may be negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Span(i64);

impl Span {
    /// Milliseconds.
    pub const fn millis(n: i64) -> Self {
        Span(n)
    }
    /// Seconds.
    pub const fn seconds(n: i64) -> Self {
        Span(n * 1_000)
    }
    /// Minutes.
    pub const fn minutes(n: i64) -> Self {
        Span(n * 60_000)
    }
    /// Hours.
    pub const fn hours(n: i64) -> Self {
        Span(n * 3_600_000)
    }
    /// Days of 24 hours.
    pub const fn days(n: i64) -> Self {
        Span(n * 86_400_000)
    }
    /// The length in milliseconds.
    pub const fn as_millis(self) -> i64 {
        self.0
    }
    /// The length in whole seconds, towards zero.
    pub const fn as_seconds(self) -> i64 {
        self.0 / 1_000
    }
}
impl fmt::Display for Span {
    /// The one unit that says most: `4s`, `12m`, `3h`, `5d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0.abs() / 1_000;
        let text = match s {
            0..60 => format!("{s}s"),
            60..3_600 => format!("{}m", s / 60),
            3_600..86_400 => format!("{}h", s / 3_600),
            _ => format!("{}d", s / 86_400),
        };
        f.pad(&if self.0 <= -1_000 { format!("-{text}") } else { text })
    }
}

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(ms: i64) -> Self {
        Timestamp(ms)
    }
    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }
    /// Seconds since 1970, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }
    /// The wall clock's time.
    pub fn wall_now() -> Self {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }
    /// Reads RFC 3339 (`2026-01-02T03:04:05Z`), the same with an offset, or without one (read in
    /// `zone`); `T` may be a blank; a date alone is midnight in `zone`.
    pub fn parse(text: &str, zone: &Zone) -> Option<Self> {
        let text = text.trim();
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Some(Timestamp(at.as_millisecond()));
        }
        let local = text.parse::<civil::DateTime>().ok().or_else(|| {
            text.parse::<civil::Date>().ok().map(|d| d.to_datetime(civil::Time::midnight()))
        })?;
        let zoned = local.to_zoned(zone.0.clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_millisecond()))
    }
    /// The calendar day in a zone.
    pub fn day(self, zone: &Zone) -> Day {
        Day::from_civil(self.civil(zone).date())
    }
    /// Date and time of day in a zone.
    pub fn civil(self, zone: &Zone) -> civil::DateTime {
        jiff::Timestamp::from_millisecond(self.0)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(zone.0.clone())
            .datetime()
    }
    /// The time that passed since `earlier`.
    pub fn since(self, earlier: Timestamp) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}
impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, whole seconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.civil(&Zone::utc());
        f.pad(&format!("{}Z", c.strftime("%Y-%m-%dT%H:%M:%S")))
    }
}
impl Add<Span> for Timestamp {
    type Output = Timestamp;
    fn add(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_add(span.0))
    }
}
impl Sub<Span> for Timestamp {
    type Output = Timestamp;
    fn sub(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_sub(span.0))
    }
}

/// A time zone: which day and hour a moment falls in at a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Zone(TimeZone::UTC)
    }
    /// By IANA name, such as `Europe/London`.
    pub fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Zone)
    }
    /// The zone's name on screen.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}
impl Default for Zone {
    fn default() -> Self {
        Zone::utc()
    }
}

/// A calendar day, as days since 1970-01-01; which moments it holds is a zone's matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(i32);

impl Day {
    /// From days since 1970-01-01.
    pub const fn from_number(n: i32) -> Self {
        Day(n)
    }
    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }
    /// From a civil date.
    pub fn from_civil(date: civil::Date) -> Self {
        let epoch = civil::date(1970, 1, 1);
        Day(date.since(epoch).map(|s| s.get_days()).unwrap_or(0))
    }
    /// As a civil date.
    pub fn civil(self) -> civil::Date {
        use jiff::ToSpan;
        civil::date(1970, 1, 1).checked_add(self.0.days()).unwrap_or(civil::Date::MAX)
    }
    /// Reads `2011-08-19`.
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse::<civil::Date>().ok().map(Day::from_civil)
    }
    /// The day `n` days later (earlier when negative).
    pub const fn plus(self, n: i32) -> Self {
        Day(self.0.saturating_add(n))
    }
    /// 0 = Monday … 6 = Sunday.
    pub const fn weekday(self) -> usize {
        (self.0 + 3).rem_euclid(7) as usize
    }
    /// Midnight at the day's start in a zone.
    pub fn start(self, zone: &Zone) -> Timestamp {
        let midnight = self.civil().to_datetime(civil::Time::midnight());
        midnight
            .to_zoned(zone.0.clone())
            .map(|z| Timestamp(z.timestamp().as_millisecond()))
            .unwrap_or(Timestamp(i64::from(self.0) * 86_400_000))
    }
    /// Twelve hours after its beginning in a zone.
    pub fn noon(self, zone: &Zone) -> Timestamp {
        self.start(zone) + Span::hours(12)
    }
}
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.civil().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_sites_day() {
        let london = Zone::named("Europe/London").unwrap();
        let late = Timestamp::parse("2011-06-30T23:30:00Z", &Zone::utc()).unwrap();
        assert_eq!(late.day(&Zone::utc()).to_string(), "2011-06-30");
        assert_eq!(late.day(&london).to_string(), "2011-07-01");
        let local = Timestamp::parse("2011-07-01T00:30:00", &london).unwrap();
        assert_eq!(local, late);
        assert_eq!(Timestamp::parse("2011-07-01 00:30:00", &london), Some(late));
        assert_eq!(late.day(&london).start(&london).to_string(), "2011-06-30T23:00:00Z");
    }

    #[test]
    fn days_count_and_know_their_weekday() {
        let day = Day::parse("2026-11-23").unwrap();
        assert_eq!(day.weekday(), 0);
        assert_eq!(day.plus(-1).weekday(), 6);
        assert_eq!(Day::from_number(day.number()).to_string(), "2026-11-23");
    }
}
