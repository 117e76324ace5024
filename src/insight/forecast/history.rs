//! What a forecast is made from: a series' daily demand up to the origin.

use crate::demand::{Buckets, Ledger, SeriesKey, SeriesSpan, fill_up};
use crate::domain::{Day, Zone};
use crate::stock::Outs;

/// A series that sold nothing for so many days is not forecast.
pub const ACTIVE_DAYS: i32 = 180;
/// Days of history that are read: what the network looks at, and the year before the days ahead.
const HISTORY_DAYS: i32 = 540;
/// A store that heard of no document for so many days is taken for one whose data have ended.
const ENDED_AFTER: i32 = 28;

/// The day from which to forecast: the last one that is over. Where the data have ended, it is the
/// last day that has any: the days since are not known to have sold nothing.
pub fn origin(today: Day, last_document: Option<Day>) -> Option<Day> {
    let (last, yesterday) = (last_document?, today.plus(-1));
    let ended = last.plus(ENDED_AFTER) < yesterday;
    Some(if ended { last } else { yesterday })
}

/// The same while a source is in trouble: the days since the last document, and the rest of that day,
/// may be such as it has not told of yet. No day is taken for over that was not so `before`.
pub fn held_origin(today: Day, last_document: Option<Day>, before: Option<Day>) -> Option<Day> {
    let (usual, told) = (origin(today, last_document)?, last_document?.plus(-1));
    Some(usual.min(before.map_or(told, |before| before.max(told))))
}

/// The days that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The first of them; no earlier than the store's first demand, before which nothing is known of
    /// the shop.
    pub first: Day,
    /// The last of them.
    pub origin: Day,
}

impl Reach {
    /// The days up to an origin; `None` if no series has sold anything by then.
    pub fn of(ledger: &Ledger, origin: Day) -> Option<Self> {
        let begun = ledger.series_list().map(|(_, span)| span.first).min()?;
        let first = begun.max(origin.plus(1 - HISTORY_DAYS));
        (first <= origin).then_some(Self { first, origin })
    }

    /// How many they are.
    pub fn days(&self) -> usize {
        usize::try_from(self.origin.number() - self.first.number() + 1).unwrap_or(0)
    }

    /// Whether a series has any demand in them, as far as its ends tell.
    pub fn meets(&self, span: SeriesSpan) -> bool {
        span.first <= self.origin && span.last >= self.first
    }

    /// Units a day of a series over them, NaN before its first sale, never below 0.
    pub fn history<B: Buckets>(
        &self,
        ledger: &Ledger,
        buckets: &B,
        series: &SeriesKey,
    ) -> Result<Vec<f32>, B::Error> {
        let Some(span) = ledger.span(series).filter(|span| self.meets(*span)) else {
            return Ok(vec![f32::NAN; self.days()]);
        };
        let units = ledger.series(buckets, series, self.first, self.origin)?;
        let before = usize::try_from(span.first.number() - self.first.number()).unwrap_or(0);
        let known = |(day, units): (usize, crate::domain::Qty)| {
            if day < before { f32::NAN } else { (units.to_f64() as f32).max(0.0) }
        };
        Ok(units.into_iter().enumerate().map(known).collect())
    }

    /// Days throughout which there was nothing to sell, and on which nothing was sold, are missing: what
    /// would have been asked for is not known, and was not nothing.
    pub fn censor(&self, history: &mut [f32], outs: &Outs, zone: &Zone) {
        if outs.is_empty() {
            return;
        }
        for (day, units) in (0..).map(|day| self.first.plus(day)).zip(history) {
            if *units == 0.0 && outs.cover(day.start(zone), day.plus(1).start(zone)) {
                *units = f32::NAN;
            }
        }
    }

    /// The same, and days during a part of which there was nothing to sell are filled up (see
    /// [`fill_up`]).
    pub fn complete(&self, history: &mut [f32], outs: &Outs, zone: &Zone) {
        if outs.is_empty() {
            return;
        }
        self.censor(history, outs, zone);
        let share = |day: i32| {
            let day = self.first.plus(day);
            outs.share(day.start(zone), day.plus(1).start(zone))
        };
        let days = i32::try_from(history.len()).unwrap_or(i32::MAX);
        fill_up(history, &(0..days).map(share).collect::<Vec<_>>());
    }
}

/// Whether a series is forecast: it sold something lately.
pub fn is_active(history: &[f32]) -> bool {
    history.iter().rev().take(ACTIVE_DAYS as usize).any(|units| *units > 0.0)
}

/// A checksum of a history, by which a changed one is known. It does not depend on how long before
/// the first sale the history begins.
pub fn checksum(history: &[f32]) -> u32 {
    let mut hash = crc32fast::Hasher::new();
    for units in history.iter().skip_while(|units| units.is_nan()) {
        hash.update(&units.to_le_bytes());
    }
    hash.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn the_origin_is_yesterday_unless_the_data_have_ended() {
        let today = day("2026-11-24");
        assert_eq!(origin(today, None), None);
        assert_eq!(origin(today, Some(today)), Some(day("2026-11-23")));
        // Closed for a weekend, or a slow week: the days since sold nothing.
        assert_eq!(origin(today, Some(day("2026-11-14"))), Some(day("2026-11-23")));
        assert_eq!(origin(today, Some(day("2011-12-09"))), Some(day("2011-12-09")));
    }

    #[test]
    fn the_origin_stays_where_it_is_while_a_source_is_in_trouble() {
        let (today, last) = (day("2026-11-24"), Some(day("2026-11-20")));
        let held = |before: Option<&str>| held_origin(today, last, before.map(day));
        assert_eq!(held(None), Some(day("2026-11-19")), "of that day all may not have been told");
        assert_eq!(held(Some("2026-11-21")), Some(day("2026-11-21")), "it never goes back");
        assert_eq!(held_origin(today, Some(today), None), Some(day("2026-11-23")));
        assert_eq!(held_origin(today, None, None), None);
    }

    #[test]
    fn a_history_is_known_by_its_demand_and_not_by_its_length() {
        let short = [f32::NAN, 1.0, 0.0];
        let long = [f32::NAN, f32::NAN, f32::NAN, 1.0, 0.0];
        assert_eq!(checksum(&short), checksum(&long));
        assert_ne!(checksum(&short), checksum(&[f32::NAN, 1.0, 0.0, 0.0]));
        assert_ne!(checksum(&short), checksum(&[f32::NAN, 1.0, 2.0]));
    }

    #[test]
    fn a_day_without_stock_is_missing_unless_something_was_sold() {
        let reach = Reach { first: day("2026-11-01"), origin: day("2026-11-05") };
        let zone = Zone::utc();
        let mut outs = Outs::default();
        let noon = |text: &str| day(text).start(&zone) + crate::domain::Span::hours(12);
        outs.note(true, noon("2026-11-01"));
        outs.note(false, noon("2026-11-04"));
        let mut history = [0.0, 0.0, 3.0, 0.0, 0.0];
        reach.censor(&mut history, &outs, &zone);
        let missing: Vec<bool> = history.iter().map(|units| units.is_nan()).collect();
        assert_eq!(missing, [false, true, false, false, false], "whole days only");
        assert_eq!(history[2], 3.0, "taken on order");
    }

    #[test]
    fn what_has_not_sold_for_half_a_year_is_not_forecast() {
        let mut history = vec![0.0; 400];
        history[219] = 3.0;
        assert!(!is_active(&history));
        history[220] = 3.0;
        assert!(is_active(&history));
        assert!(!is_active(&[f32::NAN; 9]));
    }
}
