//! The shift itself: sought in what came of the last days beside what had been expected of them.

use super::{Expectations, Group, Totals};
use crate::domain::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Days whose level is looked at: a week, and so many more that a long promotion is not all of them.
const WINDOW: i32 = 10;
/// Days between the last one that a forecast knew and the window.
const AHEAD: [i32; 3] = [0, 3, 7];
/// Days before the window by which the usual scatter of a group is known.
const USUAL: i32 = 56;
/// Share of the window's days that are left out at each end of their order.
const TRIMMED: f32 = 0.4;
/// Least shift that counts, as a logarithm: 1.31 times.
const LEAST: f32 = 0.27;
/// The same for a group whose days scatter: so many times the scatter of one day.
const SCATTERS: f32 = 1.75;
/// Share of last year's change at this time of the year that is taken for the season's.
const SEASON: f32 = 0.5;
/// Fewest orders a day of a group that tells anything.
const TELLING: f32 = 8.0;
/// Days after a shift in which no other is sought: forecasts learn of it meanwhile.
const QUIET: i32 = 28;

/// A lasting shift of demand away from its forecasts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// Of what.
    pub group: Group,
    /// How far above (or, negative, below) its forecast it runs, as a share.
    pub change: f32,
    /// The day from which on, as far as that can be told.
    pub since: Day,
    /// The last day that was known when it was found.
    pub found: Day,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.change < 0.0 { "below" } else { "above" };
        let percent = (100.0 * self.change.abs()).round();
        let since = self.since.civil().strftime("%-d %b");
        write!(f, "demand of {} runs {percent} % {side} its forecast since {since}", self.group)
    }
}

/// The days from which forecasts are needed to look at the days up to `until`, the oldest first.
pub fn origins(until: Day) -> impl Iterator<Item = Day> {
    let [.., most] = AHEAD;
    (-(WINDOW + USUAL + most)..=0).map(move |days| until.plus(days))
}

/// The gravest shift that the days up to `until` show, the shop's before those of its parts; `last`: the
/// shift found before.
pub fn find(
    totals: &Totals,
    expected: &BTreeMap<Box<str>, Expectations>,
    until: Day,
    last: Option<&Drift>,
) -> Option<Drift> {
    if last.is_some_and(|last| until.number() < last.found.number() + QUIET) {
        return None;
    }
    let of = |group| Some(Watched { group, totals, expected: expected.get(&group.key())?, until });
    let shifts = totals.groups().filter_map(|(group, _)| of(group)?.shift());
    let whole = |drift: &Drift| drift.group == Group::Shop;
    let gravest = shifts.max_by(|(a, x), (b, y)| whole(x).cmp(&whole(y)).then(a.total_cmp(b)));
    gravest.map(|(_, drift)| drift)
}

/// One group up to a day.
struct Watched<'a> {
    group: &'a Group,
    totals: &'a Totals,
    expected: &'a Expectations,
    until: Day,
}

impl Watched<'_> {
    /// The shift, and how many times what is needed it is.
    fn shift(&self) -> Option<(f32, Drift)> {
        let need = LEAST.max(SCATTERS * self.scatter()?);
        let level = self.level()?;
        let size = level.abs() - self.season(level.signum());
        (size > need).then(|| (size / need, self.told(level.signum(), size)))
    }

    /// Logarithm of what came on a day against what was expected of it from an origin; `None`: nothing
    /// came, so that the shop was closed or its feed is behind, or nothing is known.
    fn apart(&self, origin: Day, day: Day) -> Option<f32> {
        let ahead = usize::try_from(day.number() - origin.number() - 1).ok()?;
        let expected = *self.expected.get(&origin)?.days.get(ahead)?;
        let came = self.totals.on(self.group, day).filter(|came| *came > 0.0)?;
        // With few orders one more or less is no shift.
        let few = 2.0 + 0.02 * expected;
        (expected >= TELLING).then(|| ((came + few) / (expected + few)).ln())
    }

    fn window(&self) -> impl Iterator<Item = Day> + use<> {
        let until = self.until;
        (1 - WINDOW..=0).map(move |days| until.plus(days))
    }

    /// The level of the window against the forecasts of several origins before it: the smallest of them,
    /// or 0 where they do not agree. One origin alone may have lain in an unusual week.
    fn level(&self) -> Option<f32> {
        let levels = AHEAD.map(|ahead| {
            let origin = self.until.plus(-WINDOW - ahead);
            let apart: Vec<f32> = self.window().filter_map(|day| self.apart(origin, day)).collect();
            (apart.len() >= WINDOW as usize - 2).then(|| middle(apart))
        });
        let levels: Vec<f32> = levels.into_iter().collect::<Option<_>>()?;
        let least = levels.iter().copied().min_by(|a, b| a.abs().total_cmp(&b.abs()))?;
        let agree = levels.iter().all(|level| level.signum() == least.signum());
        Some(if agree { least } else { 0.0 })
    }

    /// How far single days usually lie from what was expected of them.
    fn scatter(&self) -> Option<f32> {
        let [.., ahead] = AHEAD;
        let days = (-(WINDOW + USUAL - 1)..=-WINDOW).map(|days| self.until.plus(days));
        let apart: Vec<f32> = days.filter_map(|day| self.apart(day.plus(-ahead), day)).collect();
        if apart.len() < USUAL as usize / 2 {
            return None;
        }
        let centre = median(apart.clone());
        // As that of a normal distribution.
        Some(1.4826 * median(apart.iter().map(|apart| (apart - centre).abs()).collect()))
    }

    /// What of a shift to this side is the season's, by how demand changed at this time a year ago.
    fn season(&self, side: f32) -> f32 {
        let mean = |from: i32, to: i32| {
            let days = (from..=to).map(|days| self.until.plus(days - 364));
            let orders: Option<Vec<f32>> =
                days.map(|day| self.totals.on(self.group, day)).collect();
            orders.map(|orders| (1.0 + median(orders)).ln())
        };
        let change = mean(1 - WINDOW, 0).zip(mean(1 - WINDOW - 28, -WINDOW));
        change.map_or(0.0, |(window, before)| (SEASON * side * (window - before)).max(0.0))
    }

    fn told(&self, side: f32, size: f32) -> Drift {
        let [.., ahead] = AHEAD;
        let origin = self.until.plus(-WINDOW - ahead);
        let days = (origin.number() + 1..=self.until.number()).map(Day::from_number);
        let apart: Vec<(Day, f32)> =
            days.filter_map(|day| Some((day, self.apart(origin, day)?))).collect();
        // The days from which on most of the excess has come.
        let excess = |from: usize| -> f32 {
            apart[from..].iter().map(|(_, apart)| side * apart - size / 2.0).sum()
        };
        let from = (0..apart.len()).max_by(|a, b| excess(*a).total_cmp(&excess(*b))).unwrap_or(0);
        let since = apart.get(from).map_or(self.until, |(day, _)| *day);
        let change = median(apart[from..].iter().map(|(_, apart)| *apart).collect()).exp() - 1.0;
        Drift { group: self.group.clone(), change, since, found: self.until }
    }
}

/// The mean of what lies in the middle of an order.
fn middle(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    let cut = ((values.len() as f32 * TRIMMED) as usize).min(values.len().saturating_sub(1) / 2);
    let kept = &values[cut..values.len() - cut];
    kept.iter().sum::<f32>() / kept.len().max(1) as f32
}

fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        _ if values.is_empty() => 0.0,
        0 => (values[middle - 1] + values[middle]) / 2.0,
        _ => values[middle],
    }
}
