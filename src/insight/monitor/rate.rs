//! Days with far more or fewer orders than a feed usually brings on such a day.
//!
//! What is usual is the middle of the same weekday of the four weeks before, carried on by how the last
//! week stood against the one before it. A feed whose days scatter has to be further off.

use super::{date, moment, number, severity};
use crate::domain::{CaseKind, CaseSubject, Currency, Day, FeedId, Money, Span, Timestamp, Zone};
use crate::insight::anomaly::silence::Silence;
use crate::insight::anomaly::{Raised, ToldWrong};
use std::collections::BTreeMap;

/// Times up or down from which on a day is far off.
pub const OFF: f64 = 1.8;
/// Sales that should have come, at least, where a feed is silent.
pub const SILENT: f64 = 5.0;
/// Weeks that say what is usual.
const WEEKS: i32 = 4;
/// Days by which the usual scatter is known.
const SCATTER: i32 = 42;
/// Scatters that a day has to be off.
const SCATTERS: f64 = 5.0;
/// Orders that a day has usually, at least, where it tells anything.
const TELLING: f64 = 20.0;
/// Days after which a day that was off is no longer told.
const TOLD: i32 = 2;

/// A feed that went silent `since` its last sale, as a case; `worth` is what the feed's middle order is
/// worth, minor units.
pub fn silent(
    silence: &Silence,
    since: Timestamp,
    zone: &Zone,
    worth: impl Fn(&FeedId) -> f64,
    currency: Currency,
) -> Raised {
    let feed = FeedId::new(&*silence.feed);
    let noticed = since + Span::seconds(silence.raised - silence.since);
    let reason = format!(
        "silence: no order since {}, where {} are usual by {}",
        moment(since, zone),
        number(silence.expected),
        noticed.civil(zone).strftime("%H:%M")
    );
    let at_stake = silence.expected * worth(&feed);
    Raised {
        kind: CaseKind::Feed,
        subject: CaseSubject::Feed(feed),
        rule: "silent-feed".into(),
        severity: severity(silence.expected, SILENT),
        reasons: vec![reason.into()],
        at_stake: Money { minor: at_stake.round() as i64, currency },
        since,
        told: ToldWrong::default(),
    }
}

/// A day that was far off.
#[derive(Clone, Debug, PartialEq)]
pub struct OffDay {
    /// The day.
    pub day: Day,
    /// Orders that came, and that usually come.
    pub orders: (u32, f64),
}

/// Orders of a feed by day.
#[derive(Clone, Debug, Default)]
pub struct Days(BTreeMap<Day, u32>);

impl Days {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Orders were placed on a day.
    pub fn add(&mut self, day: Day, orders: u32) {
        *self.0.entry(day).or_default() += orders;
    }

    fn on(&self, day: Day) -> f64 {
        f64::from(self.0.get(&day).copied().unwrap_or(0))
    }

    /// Orders that a day usually has; `None`: it is not known for long enough.
    fn usual(&self, day: Day) -> Option<f64> {
        let first = *self.0.first_key_value()?.0;
        if day.plus(-7 * WEEKS) < first {
            return None;
        }
        let mut same: Vec<f64> = (1..=WEEKS).map(|week| self.on(day.plus(-7 * week))).collect();
        same.sort_by(f64::total_cmp);
        let middle = (same[1] + same[2]) / 2.0;
        let week = |from: i32| (from..from + 7).map(|back| self.on(day.plus(-back))).sum::<f64>();
        let (last, before) = (week(1) + 1.0, week(8) + 1.0);
        // The middle stands two weeks and a half back.
        Some(middle * (last / before).clamp(0.75, 1.35).powf(1.5))
    }

    /// How far off a day is, as the logarithm of its orders over the usual ones.
    fn off(&self, day: Day) -> Option<(f64, f64)> {
        let usual = self.usual(day)?;
        Some((((self.on(day) + 1.0) / (usual + 1.0)).ln(), usual))
    }

    /// A day's orders, if they are far off.
    pub fn is_off(&self, day: Day) -> Option<OffDay> {
        let (off, usual) = self.off(day)?;
        let mut sizes: Vec<f64> =
            (1..=SCATTER).filter_map(|back| Some(self.off(day.plus(-back))?.0.abs())).collect();
        sizes.sort_by(f64::total_cmp);
        let scatter = 1.4826 * sizes.get(sizes.len() / 2).copied().unwrap_or(0.0);
        let far = OFF.ln().max(SCATTERS * scatter);
        let few = 1.0 / usual.max(1.0).sqrt();
        (usual.max(self.on(day)) >= TELLING && off.abs() >= far + few)
            .then(|| OffDay { day, orders: (self.on(day) as u32, usual) })
    }

    /// What is said of the feed after a day is over; `worth` is the middle order's, minor units.
    pub fn raised(
        &self,
        feed: &FeedId,
        last: Day,
        zone: &Zone,
        (worth, currency): (f64, Currency),
    ) -> Vec<Raised> {
        let off = (0..=TOLD).rev().filter_map(|back| self.is_off(last.plus(-back)));
        let of = |off: OffDay| {
            let (orders, usual) = (f64::from(off.orders.0), off.orders.1);
            let times = ((orders + 1.0) / (usual + 1.0)).max((usual + 1.0) / (orders + 1.0));
            let reason = format!(
                "rate: {} orders on {}, where such a day has {}",
                off.orders.0,
                date(off.day),
                number(usual)
            );
            Raised {
                kind: CaseKind::Feed,
                subject: CaseSubject::Feed(feed.clone()),
                rule: "rate-drift".into(),
                severity: severity(times.ln(), OFF.ln()),
                reasons: vec![reason.into()],
                at_stake: Money {
                    minor: ((orders - usual).abs() * worth).round() as i64,
                    currency,
                },
                since: off.day.start(zone),
                told: ToldWrong::default(),
            }
        };
        off.map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten weeks of weekdays with 100 orders and Sundays with 40, with some scatter, and `last` on the
    /// last day.
    fn weeks(growth: f64, last: u32) -> (Days, Day) {
        let mut days = Days::new();
        let first = Day::from_number(20_000);
        for n in 0..70 {
            let day = first.plus(n);
            let plain = if day.weekday() == 6 { 40.0 } else { 100.0 };
            let scatter = 1.0 + 0.08 * f64::from(n * 7 % 5 - 2) / 2.0;
            days.add(day, (plain * scatter * growth.powi(n / 7)) as u32);
        }
        let day = first.plus(70);
        days.add(day, last);
        (days, day)
    }

    #[test]
    fn half_a_day_and_twice_a_day_are_off_and_a_usual_one_is_not() {
        for (orders, off) in [(100, false), (120, false), (80, false), (35, true), (260, true)] {
            let (days, day) = weeks(1.0, orders);
            assert_eq!(days.is_off(day).is_some(), off, "{orders}");
        }
        let (days, day) = weeks(1.0, 30);
        let zone = Zone::utc();
        let raised = days.raised(&FeedId::new("shop"), day, &zone, (2_000.0, Currency::GBP));
        assert_eq!((raised.len(), raised[0].since), (1, day.start(&zone)));
        assert!(raised[0].reasons[0].starts_with("rate: 30 orders on 13 Dec,"), "{raised:?}");
    }

    #[test]
    fn a_silence_is_told_by_the_clock_on_the_wall() {
        let silence = Silence {
            feed: "shop".into(),
            since: 0,
            raised: 45 * 60,
            cleared: None,
            expected: 5.2,
            seen: 0,
        };
        let since = Timestamp::from_millis(1_780_000_000_000);
        let zone = Zone::named("Europe/London").unwrap();
        let raised = silent(&silence, since, &zone, |_| 2_000.0, Currency::GBP);
        let text = "silence: no order since 28 May 21:26, where 5.20 are usual by 22:11";
        assert_eq!(&*raised.reasons[0], text);
    }

    #[test]
    fn a_season_is_no_drift_and_a_young_feed_says_nothing() {
        for growth in [1.12, 0.9] {
            let (days, day) = weeks(growth, 0);
            let off: Vec<_> = (1..40).filter_map(|back| days.is_off(day.plus(-back))).collect();
            assert_eq!(off, [], "{growth}");
        }
        let mut young = Days::new();
        (0..20).for_each(|n| young.add(Day::from_number(20_000 + n), 100));
        assert_eq!(young.is_off(Day::from_number(20_020)), None);
    }
}
