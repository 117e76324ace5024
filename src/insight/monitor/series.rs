//! What sells, held against its own forecasts: demand outside them, and stock that does not sell at all.
//!
//! At the end of each day a series is told what came of it and what is forecast from there. It keeps the
//! totals that were forecast on each of the last seven days, so that the last three and seven days are
//! judged by what was said before them. A day on which there was nothing to sell is no day without demand.
//!
//! *Demand* speaks where the total, less its largest order, is higher than its forecast gives a chance
//! to, or the total lower: one large order is an order's flag, not demand. *Phantom stock* speaks where
//! weeks went by without a sale of what is there that their forecasts gave next to no chance, week by
//! week, each by what was said before it: a forecast that has learnt of the quiet speaks no more. A sale
//! or an empty shelf ends it. Days are not judged one by one, as a shelf that sells seldom is often quiet.

use super::{Outcomes, days, number, severity};
use crate::demand::SeriesKey;
use crate::domain::{CaseKind, CaseSubject, Currency, Day, Money, SiteId, Zone};
use crate::insight::anomaly::{Raised, ToldWrong};
use crate::insight::forecast::{MEDIAN, Packed};
use crate::model::{LEVEL_COUNT, LEVELS};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// -log10 of the chance from which on demand is outside its forecast.
pub const OUTSIDE: f64 = 4.2;
/// -log10 of the chance from which on quiet stock is a phantom.
pub const QUIET: f64 = 3.5;
/// Days that are judged together, and the forecasts' steps that say what to expect of them.
const WINDOWS: [usize; 2] = [3, 7];
/// Units by which a total has to be off at least.
const LEAST_UNITS: f64 = 6.0;
/// And times: forecasts of months to come are no better.
const LEAST_TIMES: f64 = 1.8;
/// Units that were expected in the quiet days, at least: of what hardly sells nothing can be said.
const LEAST_EXPECTED: f64 = 6.0;
/// SKUs of a site that are outside on one side from which on the site is what is told.
const MANY: usize = 12;

/// What came of a series on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesDay {
    /// The day.
    pub day: Day,
    /// Units sold.
    pub sold: f64,
    /// Units of its largest order.
    pub largest: f64,
    /// Units in the building at its end; `None`: nobody knows.
    pub on_hand: Option<f64>,
    /// Whether there was nothing to sell at some time of it.
    pub out: bool,
    /// Whether the shop was open.
    pub open: bool,
}

/// On which side of its forecast demand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Side {
    /// More than forecast.
    Above,
    /// Less.
    Below,
}

/// Demand that is outside its forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outside {
    /// On which side.
    pub side: Side,
    /// The first of the days that were outside.
    pub since: Day,
    /// Days that were judged together.
    pub days: u16,
    /// Units that were sold in them.
    pub sold: f64,
    /// Units that were expected in the middle, and at the forecast's outermost level.
    pub expected: (f64, f64),
    /// -log10 of the chance of that.
    pub strength: f64,
}

/// Stock that does not sell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quiet {
    /// The first day without a sale.
    pub since: Day,
    /// Days without a sale.
    pub days: u16,
    /// -log10 of the chance of that.
    pub strength: f64,
    /// Units that were expected in these days.
    pub expected: f64,
    /// The same of the weeks of it that are over.
    weeks: f64,
}

impl Quiet {
    /// Whether it is worth a word.
    pub fn speaks(&self) -> bool {
        self.expected >= LEAST_EXPECTED && self.strength >= QUIET
    }
}

/// One series as it is watched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// Units sold and of the largest order, newest last; `None` for a day without stock.
    came: VecDeque<Option<(f64, f64)>>,
    /// What was forecast at the end of each of these days: totals of one day and of [`WINDOWS`].
    forecast: VecDeque<Packed>,
    last: Option<Day>,
    on_hand: Option<f64>,
    outside: Option<Outside>,
    quiet: Option<Quiet>,
}

impl Watched {
    /// The last day that it was told of.
    pub fn last(&self) -> Option<Day> {
        self.last
    }

    /// Demand outside its forecast, if it is.
    pub fn outside(&self) -> Option<&Outside> {
        self.outside.as_ref()
    }

    /// Stock that does not sell, if it is long enough that it does not.
    pub fn quiet(&self) -> Option<&Quiet> {
        self.quiet.as_ref().filter(|quiet| quiet.speaks())
    }

    /// A day is over, and `totals` are forecast from its end: quantiles of the total to each day. A day
    /// that was told already changes nothing; after a gap it begins anew.
    pub fn day(&mut self, of: &SeriesDay, totals: &Packed) {
        if self.last.is_some_and(|last| of.day <= last) {
            return;
        }
        if self.last.is_some_and(|last| last.plus(1) != of.day) {
            *self = Self::default();
        }
        self.last = Some(of.day);
        self.on_hand = of.on_hand;
        self.judge_quiet(of);
        self.came.push_back((!of.out).then_some((of.sold, of.largest)));
        self.judge_demand(of.day);
        let step = |days: usize| totals.step(days.min(totals.len()).saturating_sub(1));
        self.forecast.push_back(Packed::of(&[step(1), step(WINDOWS[0]), step(WINDOWS[1])]));
        while self.forecast.len() > WINDOWS[1] {
            self.forecast.pop_front();
        }
        while self.came.len() > WINDOWS[1] {
            self.came.pop_front();
        }
    }

    fn judge_quiet(&mut self, of: &SeriesDay) {
        let there = of.on_hand.is_some_and(|units| units >= 1.0);
        if of.sold > 0.0 || of.out || !there {
            self.quiet = None;
            return;
        }
        let (since, none) = (of.day, 0.0);
        let begun = Quiet { since, days: 0, strength: none, expected: none, weeks: none };
        let mut quiet = self.quiet.take().unwrap_or(begun);
        // A day on which nobody could buy is no beginning.
        if of.open || quiet.days > 0 {
            quiet.days = quiet.days.saturating_add(1);
            quiet.expected += self.forecast.back().map_or(0.0, |said| said.at(0, MEDIAN).into());
            let of_week = usize::from(quiet.days) % WINDOWS[1];
            if of_week == 0 {
                quiet.weeks += self.quiet_strength(1);
                quiet.strength = quiet.strength.max(quiet.weeks);
            } else if of_week >= WINDOWS[0] {
                quiet.strength = quiet.strength.max(quiet.weeks + self.quiet_strength(0));
            }
            self.quiet = Some(quiet);
        }
    }

    /// -log10 of the chance, by what was forecast before, that the days of a window sold nothing.
    fn quiet_strength(&self, window: usize) -> f64 {
        let before = self.forecast.len().checked_sub(WINDOWS[window]);
        let Some(said) = before.and_then(|before| self.forecast.get(before)) else { return 0.0 };
        let totals = said.step(window + 1);
        let outcomes = Outcomes { levels: &LEVELS, quantiles: &totals };
        -outcomes.at_most(0.0).max(1e-30).log10()
    }

    fn judge_demand(&mut self, day: Day) {
        let found = WINDOWS.iter().enumerate().filter_map(|(place, window)| {
            let said = self.forecast.len().checked_sub(*window)?;
            let totals = self.forecast.get(said)?.step(place + 1);
            let from = self.came.len().checked_sub(*window)?;
            let came: Vec<Option<(f64, f64)>> = self.came.range(from..).copied().collect();
            judge(&came, &totals, day)
        });
        let worst = found.max_by(|a, b| a.strength.total_cmp(&b.strength));
        // What goes on keeps its beginning; it is over when nothing is left of it.
        self.outside = match (self.outside.take(), worst) {
            (Some(before), Some(now)) if before.side == now.side => {
                (now.strength >= OUTSIDE / 2.0).then_some(Outside { since: before.since, ..now })
            }
            (_, now) => now.filter(|now| now.strength >= OUTSIDE),
        };
    }
}

/// What came of several days against the total that was forecast of them.
fn judge(came: &[Option<(f64, f64)>], totals: &[f32; LEVEL_COUNT], day: Day) -> Option<Outside> {
    let outcomes = Outcomes { levels: &LEVELS, quantiles: totals };
    let sold: f64 = came.iter().flatten().map(|(sold, _)| sold).sum();
    let largest = came.iter().flatten().map(|(_, largest)| *largest).fold(0.0, f64::max);
    let (middle, rest) = (outcomes.at(0.5), sold - largest);
    let above = rest - middle >= LEAST_UNITS && rest >= LEAST_TIMES * middle;
    // Days without stock sell less, whatever is wanted.
    let whole = came.iter().all(Option::is_some);
    let below = whole && middle - sold >= LEAST_UNITS && sold * LEAST_TIMES <= middle;
    let (side, chance, edge) = match (above, below) {
        (true, _) => (Side::Above, outcomes.at_least(rest), LEVELS[LEVEL_COUNT - 1]),
        (_, true) => (Side::Below, outcomes.at_most(sold), LEVELS[0]),
        _ => return None,
    };
    Some(Outside {
        side,
        since: day.plus(1 - came.len() as i32),
        days: came.len() as u16,
        sold,
        expected: (middle, outcomes.at(edge)),
        strength: -chance.max(1e-30).log10(),
    })
}

/// Price of one unit of a series in minor units, to say what is at stake.
pub type Prices<'a> = &'a dyn Fn(&SeriesKey) -> f64;

/// All that the watched series say now.
pub fn raised<'a>(
    watched: impl Iterator<Item = (&'a SeriesKey, &'a Watched)>,
    zone: &Zone,
    currency: Currency,
    price: Prices<'_>,
) -> Vec<Raised> {
    let mut all = Vec::new();
    let mut outside: BTreeMap<(SiteId, Side), Vec<(&SeriesKey, &Outside)>> = BTreeMap::new();
    let money = |minor: f64| Money { minor: minor.round() as i64, currency };
    for (series, of) in watched {
        let subject = || CaseSubject::Sku(series.sku.clone(), Some(series.site.clone()));
        if let Some(quiet) = of.quiet() {
            let there = of.on_hand.unwrap_or(0.0);
            let a_week = 7.0 * quiet.expected / f64::from(quiet.days);
            let reason = format!(
                "phantom stock: {} in stock and not one sold in {}, where {} were expected",
                number(there),
                days(quiet.days),
                number(quiet.expected)
            );
            all.push(Raised {
                kind: CaseKind::Stock,
                subject: subject(),
                rule: "phantom-stock".into(),
                severity: severity(quiet.strength, QUIET),
                reasons: vec![reason.into(), chance(quiet.strength).into()],
                at_stake: money(a_week.min(there) * price(series)),
                since: quiet.since.start(zone),
                told: ToldWrong::default(),
            });
        } else if let Some(found) = of.outside() {
            let side = (series.site.clone(), found.side);
            outside.entry(side).or_default().push((series, found));
        }
    }
    for ((site, side), found) in outside {
        let worth =
            |series: &SeriesKey, of: &Outside| (of.sold - of.expected.0).abs() * price(series);
        if found.len() >= MANY {
            let value = found.iter().map(|(series, of)| worth(series, of)).sum();
            let since = found.iter().map(|(_, of)| of.since).min();
            let worst = found.iter().map(|(_, of)| of.strength).fold(0.0, f64::max);
            let reason = format!("demand: {} SKUs sell {} forecast", found.len(), side.words());
            let Some(since) = since else { continue };
            all.push(Raised {
                kind: CaseKind::Demand,
                subject: CaseSubject::Site(site),
                rule: "demand".into(),
                severity: severity(worst, OUTSIDE),
                reasons: vec![reason.into()],
                at_stake: money(value),
                since: since.start(zone),
                told: ToldWrong::default(),
            });
            continue;
        }
        all.extend(found.into_iter().map(|(series, of)| Raised {
            kind: CaseKind::Demand,
            subject: CaseSubject::Sku(series.sku.clone(), Some(series.site.clone())),
            rule: "demand".into(),
            severity: severity(of.strength, OUTSIDE),
            reasons: vec![of.reason().into(), chance(of.strength).into()],
            at_stake: money(worth(series, of)),
            since: of.since.start(zone),
            told: ToldWrong::default(),
        }));
    }
    all
}

impl Side {
    const fn words(self) -> &'static str {
        match self {
            Side::Above => "far above",
            Side::Below => "far below",
        }
    }
}

impl Outside {
    fn reason(&self) -> String {
        let (middle, edge) = self.expected;
        let edged = match self.side {
            Side::Above => "at most",
            Side::Below => "at least",
        };
        format!(
            "demand: {} sold in {}, {} the {} that were expected ({edged} {})",
            number(self.sold),
            days(self.days),
            self.side.words(),
            number(middle),
            number(edge)
        )
    }
}

fn chance(strength: f64) -> String {
    format!("the forecasts gave that a chance of 1 to {:.0}", 10_f64.powf(strength.min(9.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Sku;

    /// A forecast of `mean` units a day, as wide as that of a steady seller.
    fn totals(mean: f32) -> Packed {
        let step = |days: usize| -> [f32; LEVEL_COUNT] {
            let total = mean * days as f32;
            let spread = (total * 1.6).sqrt() + 0.15 * total;
            let normal = [
                -2.33, -1.64, -1.28, -0.84, -0.52, -0.25, 0.0, 0.25, 0.52, 0.84, 1.28, 1.64, 1.96,
                2.33,
            ];
            normal.map(|z: f32| (total + z * spread).max(0.0))
        };
        Packed::of(&(1..=28).map(step).collect::<Vec<_>>())
    }

    fn day(number: i32, sold: f64) -> SeriesDay {
        let day = Day::from_number(20_000 + number);
        SeriesDay { day, sold, largest: sold.min(3.0), on_hand: Some(50.0), out: false, open: true }
    }

    /// Ten usual days of four units, then these.
    fn after_usual(then: &[SeriesDay]) -> Watched {
        let mut watched = Watched::default();
        let usual = [4.0, 5.0, 3.0, 4.0, 6.0, 2.0, 4.0, 5.0, 3.0, 4.0];
        for (number, sold) in (0..).zip(usual) {
            watched.day(&day(number, sold), &totals(4.0));
        }
        assert_eq!((watched.outside(), watched.quiet()), (None, None));
        then.iter().for_each(|of| watched.day(of, &totals(4.0)));
        watched
    }

    #[test]
    fn a_surge_is_outside_and_one_large_order_is_not() {
        let surge: Vec<_> = (10..14).map(|number| day(number, 22.0)).collect();
        let watched = after_usual(&surge);
        let outside = watched.outside().unwrap();
        assert_eq!(outside.side, Side::Above);
        assert!(outside.since >= Day::from_number(20_000 + 6), "{outside:?}");
        let once = SeriesDay { largest: 80.0, ..day(10, 84.0) };
        assert_eq!(after_usual(&[once, day(11, 4.0), day(12, 5.0)]).outside(), None);
        let since = outside.since;
        let mut longer = watched.clone();
        longer.day(&day(14, 20.0), &totals(4.0));
        assert_eq!(longer.outside().unwrap().since, since, "it is the same while it lasts");
        for number in 15..24 {
            longer.day(&day(number, 4.0), &totals(4.0));
        }
        assert_eq!(longer.outside(), None, "and over when it is over");
    }

    #[test]
    fn a_slump_is_outside_unless_there_was_nothing_to_sell() {
        let mut slump: Vec<_> = (10..20).map(|n| day(n, f64::from(u8::from(n % 5 == 0)))).collect();
        let totals_high = |watched: &mut Watched, days: &[SeriesDay]| {
            days.iter().for_each(|of| watched.day(of, &totals(20.0)));
        };
        let mut watched = after_usual(&[]);
        totals_high(&mut watched, &slump);
        assert_eq!(watched.outside().map(|of| of.side), Some(Side::Below));
        slump.iter_mut().for_each(|of| of.out = of.day.number() % 2 == 0);
        let mut empty = after_usual(&[]);
        totals_high(&mut empty, &slump);
        assert_eq!(empty.outside(), None);
    }

    #[test]
    fn stock_that_stops_selling_is_a_phantom_until_it_sells_or_is_gone() {
        let quiet: Vec<_> = (10..24).map(|number| day(number, 0.0)).collect();
        let watched = after_usual(&quiet);
        let found = watched.quiet().unwrap();
        assert_eq!((found.since, found.days), (Day::from_number(20_010), 14));
        let mut sold = watched.clone();
        sold.day(&day(24, 1.0), &totals(4.0));
        assert_eq!(sold.quiet(), None);
        let mut gone = watched.clone();
        gone.day(&SeriesDay { on_hand: Some(0.0), ..day(24, 0.0) }, &totals(4.0));
        assert_eq!(gone.quiet(), None);
        let closed: Vec<_> = quiet.iter().map(|of| SeriesDay { open: false, ..*of }).collect();
        assert_eq!(after_usual(&closed).quiet(), None, "nobody can buy in a shop that is closed");
        let mut slow = Watched::default();
        for number in 0..20 {
            slow.day(&day(number, 0.0), &totals(0.08));
        }
        assert_eq!(slow.quiet(), None, "what sells once in a fortnight may wait three weeks");
    }

    #[test]
    fn many_skus_at_once_are_one_case_of_their_site() {
        let surge: Vec<_> = (10..14).map(|number| day(number, 22.0)).collect();
        let watched = after_usual(&surge);
        let key = |n: usize| SeriesKey { sku: Sku::new(format!("S{n}")), site: SiteId::new("A") };
        let all: Vec<(SeriesKey, Watched)> = (0..40).map(|n| (key(n), watched.clone())).collect();
        let said = |count: usize| {
            let some = all.iter().take(count).map(|(key, of)| (key, of));
            raised(some, &Zone::utc(), Currency::GBP, &|_| 250.0)
        };
        assert_eq!(said(3).len(), 3);
        let one = said(40);
        assert_eq!(one.len(), 1);
        assert_eq!(one[0].subject, CaseSubject::Site(SiteId::new("A")));
        assert!(one[0].reasons[0].contains("40 SKUs"), "{}", one[0].reasons[0]);
        assert!(one[0].at_stake.minor > said(3)[0].at_stake.minor);
    }

    #[test]
    fn a_day_told_twice_changes_nothing_and_a_gap_begins_anew() {
        let mut watched = after_usual(&[day(10, 0.0)]);
        let before = watched.clone();
        watched.day(&day(10, 90.0), &totals(4.0));
        assert_eq!(watched, before);
        watched.day(&day(15, 0.0), &totals(4.0));
        assert_eq!(watched.quiet(), None);
        assert_eq!(watched.came.len(), 1);
    }
}
