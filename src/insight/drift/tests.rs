//! What is found, what is not, and how soon: on made-up days, and on the days of the demo's merchant.

use super::*;
use crate::domain::{Day, SiteId, Span, Timestamp, Zone};
use crate::feed::demo::rows::Status;
use crate::feed::demo::{Config, Merchant, Shift};
use crate::model::{Forecaster, shipped};
use std::collections::{BTreeMap, BTreeSet};

/// Days of history before the first that is watched.
const BEFORE: i32 = 120;
/// The week's pattern, Monday first.
const WEEK: [f32; 7] = [1.2, 1.1, 1.1, 1.0, 1.0, 0.7, 0.9];

fn monday() -> Day {
    Day::parse("2026-01-05").unwrap()
}

/// A shop of so many orders a day whose forecasts know its week and nothing else. Every day is the level
/// that its number makes of it.
fn plain(orders: f32, level: impl Fn(i32) -> f32) -> (Totals, BTreeMap<Box<str>, Expectations>) {
    let last = monday().plus(BEFORE + 60);
    let mut totals = Totals::new(monday(), (BEFORE + 61) as usize);
    let usual = |day: Day| orders * WEEK[day.weekday()];
    for day in totals.days() {
        let number = day.number() - monday().number() - BEFORE;
        let scatter = 1.0 + 0.1 * ((number * 7_919).rem_euclid(13) as f32 / 6.0 - 1.0);
        for _ in 0..(usual(day) * scatter * level(number)) as usize {
            totals.add(day, [Group::Shop]);
        }
    }
    let made = |origin: Day| Expected {
        model: "test".into(),
        days: (1..=28).map(|ahead| usual(origin.plus(ahead))).collect(),
    };
    let origins = origins(last).min().unwrap_or(last).number() - 60..=last.number();
    let expected = origins.map(Day::from_number).map(|origin| (origin, made(origin))).collect();
    (totals, BTreeMap::from([(Group::Shop.key(), expected)]))
}

/// The shifts that are found day by day, with the day's number.
fn found(orders: f32, level: impl Fn(i32) -> f32) -> Vec<(i32, Drift)> {
    let (totals, expected) = plain(orders, level);
    let mut all: Vec<(i32, Drift)> = Vec::new();
    for number in 0..=60 {
        let last = all.last().map(|(_, drift)| drift);
        let drift = find(&totals, &expected, monday().plus(BEFORE + number), last);
        all.extend(drift.map(|drift| (number, drift)));
    }
    all
}

#[test]
fn a_shift_is_found_within_a_fortnight_and_told_with_size_and_day() {
    for (factor, words) in [(1.5, "50 % above"), (0.6, "40 % below")] {
        let all = found(100.0, |day| if day < 20 { 1.0 } else { factor });
        let (day, drift) = &all[0];
        assert!((20..34).contains(day), "found on day {day}");
        let change = drift.change - (factor - 1.0);
        assert!(change.abs() < 0.06, "{drift}, {words} in truth");
        let since = drift.since.number() - monday().number() - BEFORE;
        assert!((18..=22).contains(&since), "{drift}: day {since}");
        let sentence = drift.to_string();
        let side = &words[5..];
        assert!(sentence.starts_with("demand of the whole shop runs "), "{sentence}");
        assert!(sentence.contains(side) && sentence.contains("since"), "{sentence}");
        // These forecasts never learn, but the same shift is not told every day.
        assert!(all.get(1).is_none_or(|(again, _)| *again >= day + 28), "{all:?}");
    }
}

/// The level of each day.
type Level = fn(i32) -> f32;

#[test]
fn what_passes_is_no_shift() {
    let passing: [(&str, Level); 7] =
        [
            ("nothing", |_| 1.0),
            ("one day of many orders", |day| if day == 30 { 40.0 } else { 1.0 }),
            ("a Black Friday", |day| match day {
                30 => 2.5,
                31..34 => 1.4,
                _ => 1.0,
            }),
            ("a promotion of four days", |day| if (30..34).contains(&day) { 1.8 } else { 1.0 }),
            ("a closure, or a feed that is behind", |day| {
                if (30..36).contains(&day) { 0.0 } else { 1.0 }
            }),
            ("four days of little", |day| if (30..34).contains(&day) { 0.3 } else { 1.0 }),
            ("a little more", |day| if day < 20 { 1.0 } else { 1.15 }),
        ];
    for (what, level) in passing {
        let all = found(100.0, level);
        assert!(all.is_empty(), "{what}: {all:?}");
    }
}

#[test]
fn a_part_that_shifts_alone_is_told_by_its_name() {
    let north = Group::Site(SiteId::new("north"));
    let garden = Group::Category("Garden".into());
    for part in [north, garden] {
        // A fifth of the shop doubles on day 20, which the shop as a whole hardly shows.
        let (quiet, _) = plain(400.0, |_| 1.0);
        let (loud, _) = plain(100.0, |day| if day < 20 { 1.0 } else { 2.0 });
        let (_, of_shop) = plain(500.0, |_| 1.0);
        let (_, of_part) = plain(100.0, |_| 1.0);
        let mut totals = Totals::new(quiet.first, (BEFORE + 61) as usize);
        for day in totals.days() {
            let on = |totals: &Totals| totals.on(&Group::Shop, day).unwrap() as usize;
            (0..on(&quiet)).for_each(|_| totals.add(day, [Group::Shop]));
            (0..on(&loud)).for_each(|_| totals.add(day, [Group::Shop, part.clone()]));
        }
        let expected = [(Group::Shop, of_shop), (part.clone(), of_part)];
        let expected: BTreeMap<Box<str>, Expectations> = expected
            .into_iter()
            .map(|(group, mut of)| (group.key(), of.remove(&Group::Shop.key()).unwrap()))
            .collect();
        let shifts = (0..40).filter_map(|number| {
            Some((number, find(&totals, &expected, monday().plus(BEFORE + number), None)?))
        });
        let Some((day, drift)) = shifts.into_iter().next() else { panic!("{part} was not found") };
        assert!((20..34).contains(&day), "found on day {day}");
        assert_eq!(drift.group, part);
        assert!((drift.change - 1.0).abs() < 0.15, "{drift}");
    }
}

#[test]
fn where_little_is_known_or_sold_nothing_is_found() {
    let few = found(4.0, |day| if day < 20 { 1.0 } else { 2.0 });
    assert!(few.is_empty(), "{few:?}");
    let (totals, expected) = plain(100.0, |day| if day < 20 { 1.0 } else { 2.0 });
    let until = monday().plus(BEFORE + 30);
    assert!(find(&totals, &expected, until, None).is_some());
    assert_eq!(find(&totals, &BTreeMap::new(), until, None), None);
}

/// The demo's merchant, smaller, and what is found in the days after its history.
fn of_the_demo(seed: u64, shift: Option<(i64, f64)>, days: i32) -> Vec<(i32, Drift)> {
    let start = Timestamp::parse("2026-09-10T07:00:00Z", &Zone::utc()).unwrap();
    let shift = shift.map(|(day, factor)| Shift { at: start + Span::days(day), factor });
    let usual = Config::new(seed, start);
    let config = Config { skus: 300, orders_per_day: 120.0, shift, ..usual };
    let history = config.history_days;
    let mut merchant = Merchant::new(config);
    merchant.advance_to(start + Span::days(i64::from(days)));
    let zone = Zone::named(crate::feed::demo::ZONE).unwrap();
    let first = start.day(&zone).plus(1 - history);
    let mut totals = Totals::new(first, (history + days - 1) as usize);
    for order in merchant.orders() {
        if !matches!(order.status, Status::Cancelled | Status::Failed) {
            let day = Timestamp::from_millis(i64::from(order.placed) * 1_000).day(&zone);
            totals.add(day, [Group::Shop]);
        }
    }
    let forecaster = Forecaster::new(shipped().unwrap().network().unwrap());
    let mut expected: BTreeMap<Box<str>, Expectations> = BTreeMap::new();
    let (mut forecast, mut all) = (BTreeSet::new(), Vec::new());
    for number in 0..days {
        let until = start.day(&zone).plus(number);
        for origin in origins(until).filter(|origin| forecast.insert(*origin)) {
            let (groups, windows): (Vec<_>, Vec<_>) = totals.windows(origin).into_iter().unzip();
            for (group, made) in groups.into_iter().zip(forecaster.forecast(&windows).unwrap()) {
                let of = expected.entry(group.key()).or_default();
                of.insert(origin, Expected::of("shipped", &made));
            }
        }
        let last = all.last().map(|(_, drift)| drift);
        let drift = find(&totals, &expected, until, last);
        all.extend(drift.map(|drift| (number, drift)));
    }
    all
}

#[test]
fn a_shift_in_the_demo_is_found_within_a_fortnight() {
    for (seed, factor) in [(1, 1.5), (1, 0.6), (5, 1.5)] {
        let all = of_the_demo(seed, Some((10, factor)), 26);
        let Some((day, drift)) = all.first() else { panic!("{factor} was not found") };
        assert!((10..24).contains(day), "{factor}: day {day}");
        assert_eq!(drift.change > 0.0, factor > 1.0, "{drift}");
    }
}

#[test]
fn half_a_year_of_the_demo_with_its_christmas_is_no_shift() {
    let all = of_the_demo(1, None, 180);
    assert!(all.is_empty(), "{all:?}");
}
