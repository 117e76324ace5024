//! Lead times as distributions: what a supplier states, corrected by what it did.

mod learnt;

pub use learnt::{LeadTimes, Took};

use crate::domain::{Day, Span};
use crate::insight::lead_time::Mixture;
use serde::{Deserialize, Serialize};

/// The most points a distribution of days is kept with; more make no difference to a quantity.
const MOST_POINTS: usize = 8;
/// So many deliveries count as much as the supplier's word.
const WORD: f64 = 3.0;
/// A supplier's word holds to a tenth of itself, one way or the other.
const WORD_SPREAD: f64 = 0.1;
/// A longer one is a slip of somebody's pen.
pub const MOST_LEAD_DAYS: u16 = 366;

/// How many days goods take, with their chances, which add up to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadTime {
    /// Days, ascending, and the chance of each.
    pub days: Vec<(u16, f64)>,
    /// What the supplier states.
    pub stated: Option<u16>,
    /// How many deliveries were looked at.
    pub seen: usize,
    /// How many orders that are overdue and have not come were counted as taking longer than they have.
    pub waiting: usize,
}

impl LeadTime {
    /// From what the supplier states and the days that its deliveries took. `None`: neither is known.
    ///
    /// The word counts as three deliveries, so that a supplier who is late is believed to be late from
    /// its first few deliveries on, and a single late one does not change much.
    pub fn of(stated: Option<u16>, delivered: &[u16]) -> Option<Self> {
        let stated = sane(stated);
        let word = stated.map(word);
        let sane = delivered.iter().filter(|days| **days <= MOST_LEAD_DAYS);
        let seen = sane.clone().count();
        let own = Mixture::of(sane.map(|days| (i32::from((*days).max(1)), 1.0)).collect());
        let all = own.leaning_on(&word.unwrap_or_default(), WORD);
        Some(Self { seen, ..Self::from_mixture(&all, stated)? })
    }

    /// From days with their weights. `None`: there are none.
    fn from_mixture(days: &Mixture, stated: Option<u16>) -> Option<Self> {
        if days.points().is_empty() {
            return None;
        }
        let kept = |days: i32| u16::try_from(days).unwrap_or(1).clamp(1, MOST_LEAD_DAYS);
        let points: Vec<(u16, f64)> =
            days.points().iter().map(|(days, weight)| (kept(*days), *weight)).collect();
        Some(Self { days: thinned(&points), stated, seen: 0, waiting: 0 })
    }

    /// One that is certain.
    pub fn certain(days: u16) -> Self {
        Self { days: vec![(days, 1.0)], stated: Some(days), seen: 0, waiting: 0 }
    }

    /// Days on average.
    pub fn mean(&self) -> f64 {
        self.days.iter().map(|(days, chance)| f64::from(*days) * chance).sum()
    }

    /// The standard deviation, in days.
    pub fn deviation(&self) -> f64 {
        let mean = self.mean();
        let squares =
            self.days.iter().map(|(days, chance)| (f64::from(*days) - mean).powi(2) * chance);
        squares.sum::<f64>().sqrt()
    }

    /// The days within which goods come with a chance of `level`.
    pub fn quantile(&self, level: f64) -> u16 {
        let mut sum = 0.0;
        for (days, chance) in &self.days {
            sum += chance;
            if sum >= level - 1e-9 {
                return *days;
            }
        }
        self.days.last().map_or(0, |(days, _)| *days)
    }

    /// The same, so many days longer or shorter, at least a day.
    pub fn moved_by(&self, days: i32) -> Self {
        let moved = |was: u16| (i32::from(was) + days).clamp(1, i32::from(MOST_LEAD_DAYS)) as u16;
        let mut chances: Vec<_> =
            self.days.iter().map(|(was, chance)| (moved(*was), *chance)).collect();
        chances.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        Self { days: chances, ..self.clone() }
    }
}

/// A lead time that can be meant.
fn sane(stated: Option<u16>) -> Option<u16> {
    stated.filter(|days| (1..=MOST_LEAD_DAYS).contains(days))
}

/// What a supplier's word is taken to mean: the days themselves, and about as much less or more often.
fn word(days: u16) -> Mixture {
    let spread = ((f64::from(days) * WORD_SPREAD).round() as u16).min(days - 1);
    let around = [days - spread, days, (days + spread).min(MOST_LEAD_DAYS)];
    Mixture::of(around.map(|days| (i32::from(days), WORD / 3.0)).into())
}

/// Days with one weight each, brought to a few points of like weight, whose mean is that of all.
fn thinned(chances: &[(u16, f64)]) -> Vec<(u16, f64)> {
    let mut merged: Vec<(u16, f64)> = Vec::new();
    for (days, weight) in chances {
        match merged.last_mut() {
            Some((known, sum)) if known == days => *sum += weight,
            _ => merged.push((*days, *weight)),
        }
    }
    let all: f64 = merged.iter().map(|(_, weight)| weight).sum();
    if merged.len() > MOST_POINTS {
        let share = all / MOST_POINTS as f64;
        let (mut few, mut days, mut sum) = (Vec::new(), 0.0, 0.0);
        for (point, (at, weight)) in merged.iter().enumerate() {
            days += f64::from(*at) * weight;
            sum += weight;
            if sum >= share || point + 1 == merged.len() {
                few.push(((days / sum).round() as u16, sum));
                (days, sum) = (0.0, 0.0);
            }
        }
        merged = few;
    }
    merged.iter().map(|(days, weight)| (*days, weight / all)).collect()
}

/// Days on which a supplier neither takes orders nor delivers, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// The first of them.
    pub from: Day,
    /// The last of them.
    pub to: Day,
}

/// The first day from `day` on that is in none of the closures.
pub fn next_open(day: Day, closures: &[Closure]) -> Day {
    let mut open = day;
    // Closures may follow upon one another in any order.
    while let Some(closed) = closures.iter().find(|shut| shut.from <= open && open <= shut.to) {
        open = closed.to.plus(1);
    }
    open
}

/// When a supplier is ordered from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calendar {
    /// The weekday of ordering, 0 = Monday; `None`: any day.
    pub review_weekday: Option<u8>,
    /// When it is shut.
    pub closures: Vec<Closure>,
}

impl Calendar {
    /// The first day from `day` on on which an order can be placed.
    pub fn order_day(&self, day: Day) -> Day {
        let mut order = next_open(day, &self.closures);
        let Some(weekday) = self.review_weekday.filter(|weekday| *weekday < 7) else {
            return order;
        };
        // A weekday that is shut for a year is not waited for.
        for _ in 0..53 {
            let wait = (7 + usize::from(weekday) - order.weekday()) % 7;
            let wanted = order.plus(wait as i32);
            order = next_open(wanted, &self.closures);
            if order == wanted {
                break;
            }
        }
        order
    }

    /// The first day after `day` on which the next order is placed: the supplier's next weekday, else a
    /// week later, so that who may order every day does not order a handful each.
    pub fn next_after(&self, day: Day) -> Day {
        let wait = if self.review_weekday.is_some() { 1 } else { 7 };
        self.order_day(day.plus(wait))
    }

    /// The first day after `day` on which an order can be placed.
    pub fn soonest_after(&self, day: Day) -> Day {
        self.order_day(day.plus(1))
    }

    /// The day on which goods ordered on `day` come after so many days.
    pub fn arrival(&self, day: Day, lead: u16) -> Day {
        next_open(day.plus(i32::from(lead)), &self.closures)
    }
}

/// The whole days that a delivery took; `None`: it came before it was ordered.
pub fn whole_days(took: Span) -> Option<u16> {
    let hours = took.as_millis() / 3_600_000;
    u16::try_from((hours + 12) / 24).ok().filter(|_| hours >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_word_is_believed_until_deliveries_say_otherwise() {
        let word = LeadTime::of(Some(10), &[]).unwrap();
        assert!((word.mean() - 10.0).abs() < 1e-9 && (word.deviation() - 0.816).abs() < 0.01);
        let late = LeadTime::of(Some(10), &[20; 30]).unwrap();
        assert!(late.mean() > 19.0 && late.quantile(0.5) == 20, "{late:?}");
        let once = LeadTime::of(Some(10), &[20]).unwrap();
        assert!((once.mean() - 12.5).abs() < 1e-9, "{once:?}");
        assert_eq!(LeadTime::of(None, &[]), None);
        assert_eq!(LeadTime::of(Some(0), &[]), None, "nobody delivers before the order");
    }

    #[test]
    fn many_deliveries_become_a_few_points_of_the_same_mean() {
        let delivered: Vec<u16> = (0..200).map(|k| 5 + k % 23).collect();
        let lead = LeadTime::of(None, &delivered).unwrap();
        assert!(lead.days.len() <= MOST_POINTS + 1, "{lead:?}");
        assert!((lead.mean() - 15.7).abs() < 0.5, "{}", lead.mean());
        assert!((lead.days.iter().map(|(_, chance)| chance).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(lead.days.is_sorted_by_key(|(days, _)| *days));
        let longer = lead.moved_by(4);
        assert!((longer.mean() - lead.mean() - 4.0).abs() < 1e-9);
        assert_eq!(LeadTime::certain(3).moved_by(-9).days, [(1, 1.0)]);
    }

    #[test]
    fn orders_wait_for_the_weekday_and_for_shut_suppliers() {
        // A Thursday.
        let today = day("2026-11-26");
        let monday = Calendar { review_weekday: Some(0), closures: Vec::new() };
        assert_eq!(monday.order_day(today), day("2026-11-30"));
        assert_eq!(monday.order_day(day("2026-11-30")), day("2026-11-30"));
        let shut = Calendar {
            review_weekday: Some(0),
            closures: vec![Closure { from: day("2026-11-30"), to: day("2026-12-02") }],
        };
        assert_eq!(shut.order_day(today), day("2026-12-07"));
        assert_eq!(shut.arrival(today, 5), day("2026-12-03"));
        assert_eq!(Calendar::default().order_day(today), today);
        let always = Calendar {
            review_weekday: Some(0),
            closures: vec![Closure { from: day("2000-01-01"), to: day("2030-01-01") }],
        };
        assert!(always.order_day(today) > day("2030-01-01"));
    }
}
