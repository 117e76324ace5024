//! Stock that falls without a reason, and stock below nothing.
//!
//! A shelf keeps what was told, sold and moved in the last days, each by its own moment and in whatever
//! order it came. Between the first and the last figure of a week, what was not sold and not moved is
//! missing: it is added up day by day, so that what is told late on the same day cancels out.

use super::{number, severity};
use crate::domain::{CaseKind, CaseSubject, Currency, Money, Qty, SiteId, Sku, Span, Timestamp};
use crate::insight::anomaly::{Raised, ToldWrong};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Units that have to be missing at least.
pub const LEAST_LOSS: f64 = 4.0;
/// Share of the level, where it all went at once.
const LEAST_SHARE: f64 = 0.08;
/// Days that are looked at.
const WEEK: Span = Span::days(7);
/// What happened longer ago is forgotten.
pub const KEPT: Span = Span::days(9);
/// What happened in the last hours may not have been told in full.
const LATE: Span = Span::hours(3);

/// What happened to a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Happening {
    /// A feed told a figure of units in the building.
    Told(Qty),
    /// Units came (or, less than none, went) otherwise than by a sale.
    Moved(Qty),
    /// Units were shipped.
    Left(Qty),
}

/// A shelf's last days: moments, what makes a happening one, and what it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf(BTreeMap<(Timestamp, u64), Happening>);

/// Units that are missing from a shelf.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// Units.
    pub units: f64,
    /// Units that were there at first.
    pub level: f64,
    /// Days on which some went.
    pub falls: usize,
    /// The day from which on they were gone.
    pub since: Timestamp,
}

impl Shelf {
    /// Takes note of a happening. The same moment and mark again is the same happening; its newest word
    /// counts.
    pub fn add(&mut self, at: Timestamp, mark: u64, of: Happening) {
        self.0.insert((at, mark), of);
    }

    /// The same of something that was stored: what was heard when it happened stands.
    pub fn recall(&mut self, at: Timestamp, mark: u64, of: Happening) {
        self.0.entry((at, mark)).or_insert(of);
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets what nobody looks at any more. The last figure stays, however old.
    pub fn forget(&mut self, now: Timestamp) {
        let told = |of: &Happening| matches!(of, Happening::Told(_));
        let last = self.0.iter().rev().find(|(_, of)| told(of)).map(|(key, _)| *key);
        self.0.retain(|key, _| key.0 > now - KEPT || Some(*key) == last);
    }

    /// Units that were told to be there and went within a week, neither sold nor moved.
    pub fn missing(&self, now: Timestamp) -> Option<Missing> {
        let (from, until) = (now - WEEK, now - LATE);
        let (mut figure, mut level): (Option<Qty>, Option<Qty>) = (None, None);
        let mut falls: BTreeMap<i64, f64> = BTreeMap::new();
        let mut first: BTreeMap<i64, Timestamp> = BTreeMap::new();
        let mut since = Qty::ZERO;
        for ((at, _), of) in self.0.range((from, 0)..).take_while(|((at, _), _)| *at <= until) {
            match of {
                Happening::Moved(units) => since += *units,
                Happening::Left(units) => since -= *units,
                Happening::Told(units) => {
                    if let Some(before) = figure {
                        let day = at.as_seconds().div_euclid(86_400);
                        let gap = (*units - (before + since)).to_f64();
                        *falls.entry(day).or_default() += gap;
                        if gap < 0.0 {
                            first.entry(day).or_insert(*at);
                        }
                    }
                    level = level.or(Some(*units));
                    (figure, since) = (Some(*units), Qty::ZERO);
                }
            }
        }
        let lost: Vec<(&i64, &f64)> = falls.iter().filter(|(_, gap)| **gap < 0.0).collect();
        let units = -falls.values().sum::<f64>();
        let level = level?.to_f64();
        let enough = units >= LEAST_LOSS && (lost.len() > 1 || units >= LEAST_SHARE * level);
        let since = lost.first().and_then(|(day, _)| first.get(day)).copied()?;
        enough.then_some(Missing { units, level, falls: lost.len(), since })
    }
}

/// What a unit of a SKU costs in minor units, to say what is at stake.
pub type Costs<'a> = &'a dyn Fn(&Sku) -> f64;

/// All shelves from which something is missing.
pub fn raised<'a>(
    shelves: impl Iterator<Item = (&'a (Sku, SiteId), &'a Shelf)>,
    now: Timestamp,
    currency: Currency,
    cost: Costs<'_>,
) -> Vec<Raised> {
    let found = shelves.filter_map(|(place, shelf)| Some((place, shelf.missing(now)?)));
    let of = |((sku, site), missing): (&(Sku, SiteId), Missing)| {
        let reason = format!(
            "shrinkage: {} of {} went in the last week, on {} days, neither sold nor moved",
            number(missing.units),
            number(missing.level),
            missing.falls
        );
        Raised {
            kind: CaseKind::Stock,
            subject: CaseSubject::Sku(sku.clone(), Some(site.clone())),
            rule: "shrinkage".into(),
            severity: severity(missing.units.max(1.0).log2(), LEAST_LOSS.log2()),
            reasons: vec![reason.into()],
            at_stake: Money { minor: (missing.units * cost(sku)).round() as i64, currency },
            since: missing.since,
            told: ToldWrong::default(),
        }
    };
    found.map(of).collect()
}

/// A shelf with less than nothing in the building, since a moment.
pub fn negative(
    (sku, site): (&Sku, &SiteId),
    on_hand: Qty,
    since: Timestamp,
    currency: Currency,
    cost: Costs<'_>,
) -> Option<Raised> {
    if !on_hand.is_negative() {
        return None;
    }
    let below = on_hand.abs().to_f64();
    Some(Raised {
        kind: CaseKind::Stock,
        subject: CaseSubject::Sku(sku.clone(), Some(site.clone())),
        rule: "negative-stock".into(),
        severity: severity(below.max(1.0).log2() + 1.0, 1.0),
        reasons: vec![format!("negative stock: {} in the building", number(-below)).into()],
        at_stake: Money { minor: (below * cost(sku)).round() as i64, currency },
        since,
        told: ToldWrong::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_millis(1_780_000_000_000) + Span::hours(hour)
    }

    /// Six days of a shelf of 60 that sells four a day at noon and is told every two hours; these units
    /// vanish at the end of the days.
    fn shelf(vanish: &[i64]) -> Shelf {
        let mut shelf = Shelf::default();
        let mut there = 60;
        for day in 0..6_i64 {
            for hour in (0..24).step_by(2) {
                let now = day * 24 + hour;
                if hour == 12 {
                    there -= 4;
                    shelf.add(at(now), 7, Happening::Left(Qty::units(4)));
                }
                if hour == 22 {
                    there -= vanish.get(day as usize).copied().unwrap_or(0);
                }
                // Told a little later than the sale of the same moment.
                shelf.add(at(now) + Span::minutes(1), 1, Happening::Told(Qty::units(there)));
            }
        }
        shelf
    }

    #[test]
    fn what_is_sold_is_not_missing_and_what_vanishes_is() {
        let now = at(6 * 24 + 4);
        assert_eq!(shelf(&[]).missing(now), None);
        let missing = shelf(&[0, 3, 0, 4]).missing(now).unwrap();
        assert_eq!((missing.units, missing.falls), (7.0, 2));
        assert!(missing.since > at(46) && missing.since < at(48));
        assert_eq!(shelf(&[2]).missing(now), None, "two units are a miscount");
    }

    #[test]
    fn what_is_told_late_or_counted_back_is_not_missing() {
        let now = at(6 * 24 + 4);
        let mut moved = shelf(&[0, 9]);
        assert!(moved.missing(now).is_some());
        moved.add(at(45), 99, Happening::Moved(Qty::units(-9)));
        assert_eq!(
            moved.missing(now),
            None,
            "a movement of that day explains it, whenever it came"
        );
        let mut other = shelf(&[]);
        other.add(at(49), 99, Happening::Moved(Qty::units(12)));
        assert!(
            other.missing(now).is_some(),
            "goods that were booked in and never told are missing"
        );
    }

    #[test]
    fn what_is_long_ago_is_forgotten_and_the_last_figure_kept() {
        let mut shelf = shelf(&[0, 9]);
        shelf.forget(at(40 * 24));
        assert_eq!(shelf.0.len(), 1);
        assert_eq!(shelf.missing(at(40 * 24)), None);
    }

    #[test]
    fn less_than_nothing_is_told_with_what_it_is_worth() {
        let place = (Sku::new("A"), SiteId::new("X"));
        let of = |units| {
            let place = (&place.0, &place.1);
            negative(place, Qty::units(units), at(0), Currency::GBP, &|_| 250.0)
        };
        assert_eq!(of(0), None);
        let raised = of(-4).unwrap();
        assert_eq!((raised.at_stake.minor, &*raised.rule), (1_000, "negative-stock"));
    }
}
