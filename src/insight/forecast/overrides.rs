//! What people know better than the model: overrides of a forecast for a period, what they do to its
//! quantiles, and what they were worth.
//!
//! An override never touches the forecast that is kept; it is laid over it when it is read. A factor
//! scales every quantile of a day. A fixed number of units is shared out over sites and days as the
//! model would have sold them when it was set; the days' means are moved there, and what lies around
//! them is widened as the spread of counts grows, with the square root of the mean. Totals grow each
//! day by what the model's own total grows by, changed like that day: their means add up as before, and
//! they neither fall from a day to the next nor cross.
//!
//! When the period is over, the model's total as it was when the override was set and the total with it
//! are held against what was sold. Days throughout which there was nothing to sell are left out of all
//! three.

use super::Packed;
use crate::domain::{Day, Expectation, Qty, SiteId, Sku, Timestamp};
use crate::model::{LEVEL_COUNT, LEVELS, Quantiles};
use crate::store::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An override as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The journal entry that set it.
    pub entry: u64,
    /// Who did.
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
    /// What it is about.
    pub sku: Sku,
    /// Where; `None`: at all sites at which it was forecast.
    pub site: Option<SiteId>,
    /// The first day of its period.
    pub from: Day,
    /// The last one.
    pub to: Day,
    /// What is expected to sell.
    pub expects: Expectation,
    /// Why.
    pub reason: Box<str>,
    /// Units a day of the period that the model expected when it was set, at each site.
    pub model: Vec<(SiteId, Vec<Qty>)>,
    /// The first day on which it counts no more, where somebody ended it before its time.
    pub ended: Option<Day>,
}

/// How far an override has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its first day is still to come.
    Planned,
    /// It counts.
    InForce,
    /// Its last day is over.
    Over,
    /// It was taken back before it counted on any day.
    Withdrawn,
}

impl Stage {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::InForce => "in force",
            Self::Over => "over",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What an override was worth, in units over the days on which it counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ValueAdded {
    /// What was sold.
    pub sold: f32,
    /// What the model expected when the override was set.
    pub model: f32,
    /// What was expected with the override.
    pub person: f32,
    /// Days of a site that are left out, as there was nothing to sell.
    pub missing: u32,
}

impl ValueAdded {
    /// Units by which the override came nearer to what was sold than the model; negative: the model was
    /// nearer.
    pub fn units(&self) -> f32 {
        (self.model - self.sold).abs() - (self.person - self.sold).abs()
    }
}

impl Override {
    /// The last day on which it counts; before its first: on none.
    pub fn last(&self) -> Day {
        self.ended.map_or(self.to, |ended| self.to.min(ended.plus(-1)))
    }

    /// How far it has come, by the first day that is not over.
    pub fn stage(&self, first: Day) -> Stage {
        match self.last() {
            last if last < self.from => Stage::Withdrawn,
            last if last < first => Stage::Over,
            _ if self.from > first => Stage::Planned,
            _ => Stage::InForce,
        }
    }

    /// Whether it is about a series.
    pub fn is_about(&self, sku: &Sku, site: &SiteId) -> bool {
        self.sku == *sku && self.model.iter().any(|(at, _)| at == site)
    }

    /// Units that the model expected over the whole period, all its sites together.
    pub fn expected_by_model(&self) -> f32 {
        self.model.iter().flat_map(|(_, days)| days).map(|units| units.to_f64() as f32).sum()
    }

    /// Units that are expected with it over the whole period, all its sites together.
    pub fn expected_by_person(&self) -> f32 {
        self.factor() * self.expected_by_model() + self.evenly() * self.site_days()
    }

    /// What it makes of a unit that the model expected when it was set.
    fn factor(&self) -> f32 {
        let model = self.expected_by_model();
        match self.expects {
            Expectation::Percent(percent) => 1.0 + percent as f32 / 100.0,
            Expectation::Units(units) if model > 0.0 => units.to_f64() as f32 / model,
            Expectation::Units(_) => 0.0,
        }
    }

    /// Units a day and site where the model expected nothing that could be shared out by.
    fn evenly(&self) -> f32 {
        match self.expects {
            Expectation::Units(units) if self.expected_by_model() <= 0.0 => {
                units.to_f64() as f32 / self.site_days().max(1.0)
            }
            _ => 0.0,
        }
    }

    fn site_days(&self) -> f32 {
        self.model.iter().map(|(_, days)| days.len()).sum::<usize>() as f32
    }

    /// Units expected with it at a site on a day of its period.
    fn person_on(&self, site: &SiteId, day: Day) -> f32 {
        self.model_on(site, day) * self.factor() + self.evenly()
    }

    fn model_on(&self, site: &SiteId, day: Day) -> f32 {
        let days = self.model.iter().find(|(at, _)| at == site).map(|(_, days)| days);
        let at = usize::try_from(day.number() - self.from.number()).ok();
        let units = days.zip(at).and_then(|(days, at)| days.get(at));
        units.map_or(0.0, |units| units.to_f64() as f32)
    }

    /// What it was worth over the days on which it counted, by what was sold on each of them at each of
    /// its sites: NaN where that is missing.
    pub fn value_added<E>(
        &self,
        mut sold: impl FnMut(&SiteId, Day, Day) -> Result<Vec<f32>, E>,
    ) -> Result<ValueAdded, E> {
        let mut value = ValueAdded::default();
        for (site, _) in &self.model {
            let days = (0..).map(|day| self.from.plus(day));
            for (day, units) in days.zip(sold(site, self.from, self.last())?) {
                if units.is_nan() {
                    value.missing += 1;
                    continue;
                }
                value.sold += units;
                value.model += self.model_on(site, day);
                value.person += self.person_on(site, day);
            }
        }
        Ok(value)
    }
}

/// All overrides, by the entry that set them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    all: BTreeMap<u64, Override>,
    by_sku: BTreeMap<Sku, Vec<u64>>,
}

impl Overrides {
    /// What was kept.
    pub fn load(kept: impl IntoIterator<Item = Override>) -> Self {
        let mut overrides = Self::default();
        kept.into_iter().for_each(|one| overrides.put(one));
        overrides
    }

    /// Takes in an override.
    pub fn put(&mut self, one: Override) {
        let of_sku = self.by_sku.entry(one.sku.clone()).or_default();
        if let Err(place) = of_sku.binary_search(&one.entry) {
            of_sku.insert(place, one.entry);
        }
        self.all.insert(one.entry, one);
    }

    /// Sets the first day on which an override counts no more; the override as it is now.
    pub fn end(&mut self, entry: u64, from: Option<Day>) -> Option<&Override> {
        let one = self.all.get_mut(&entry)?;
        one.ended = from;
        Some(one)
    }

    /// One of them.
    pub fn get(&self, entry: u64) -> Option<&Override> {
        self.all.get(&entry)
    }

    /// All, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Override> {
        self.all.values()
    }

    /// Those of a SKU, the oldest first.
    pub fn of_sku(&self, sku: &Sku) -> impl DoubleEndedIterator<Item = &Override> {
        let entries = self.by_sku.get(sku).map_or(&[][..], Vec::as_slice);
        entries.iter().filter_map(|entry| self.all.get(entry))
    }

    /// Those that have a say on a day from `first` to `last` at a site, the soonest first.
    pub fn between(&self, sku: &Sku, site: &SiteId, first: Day, last: Day) -> Vec<&Override> {
        let counts = |one: &&Override| one.from.max(first) <= one.last().min(last);
        let mut found: Vec<&Override> =
            self.of_sku(sku).filter(|one| one.is_about(sku, site)).filter(counts).collect();
        found.sort_by_key(|one| one.from);
        found
    }
}

/// The table of overrides, by the journal entry that set them. Its tag stands with those of the
/// engine's tables.
pub enum KeptOverrides {}

impl Table for KeptOverrides {
    const TAG: u8 = 30;
    const NAME: &'static str = "overrides";
    const SCHEMA: u8 = 1;
    type Key = u64;
    type Value = Override;
}

/// Units that the model expects on each day: what its total grows by.
pub fn daily_means(totals: &Packed) -> Vec<f32> {
    let mut before = 0.0_f32;
    let grown = |step| {
        let total = Quantiles::mean_of(&totals.step(step));
        let grown = (total - before).max(0.0);
        before = before.max(total);
        grown
    };
    (0..totals.len()).map(grown).collect()
}

/// Units that the model expects on each day of a period, by a forecast whose first day is `first`.
/// Beyond its last day it goes on as the same weekdays do within it.
pub fn expected_over(totals: &Packed, first: Day, from: Day, to: Day) -> Vec<Qty> {
    let means = daily_means(totals);
    let on = |day: Day| {
        let at = usize::try_from(day.number() - first.number()).ok()?;
        if let Some(mean) = means.get(at) {
            return Some(*mean);
        }
        let like: Vec<f32> = means.iter().copied().skip(at % 7).step_by(7).collect();
        Some(like.iter().sum::<f32>() / like.len().max(1) as f32)
    };
    let days = 0..=(to.number() - from.number());
    let units = days.map(|day| on(from.plus(day)).unwrap_or(0.0));
    units.map(|units| Qty::milli((f64::from(units) * 1_000.0).round() as i64)).collect()
}

/// Quantiles of the totals from `first` to the last day that people speak of, of what nothing else is known
/// of. It spreads as counts do around what they say (Poisson).
pub fn by_people(overrides: &[&Override], site: &SiteId, first: Day) -> Packed {
    let last = overrides.iter().map(|one| one.last()).max().unwrap_or(first);
    let mut mean = 0.0;
    let step = |day: Day| {
        let these = overrides.iter().filter(|one| one.from <= day && day <= one.last());
        mean += these.map(|one| f64::from(one.person_on(site, day))).sum::<f64>();
        counts(mean)
    };
    let days = (0..=last.number() - first.number()).map(|ahead| first.plus(ahead));
    Packed::of(&days.map(step).collect::<Vec<_>>())
}

/// Quantiles of counts of this mean. What is known of a thousandth of them is enough.
fn counts(mean: f64) -> [f32; LEVEL_COUNT] {
    let likeliest = mean.floor();
    let reach = (8.0 * mean.sqrt()).ceil() + 10.0;
    // How likely each count is, in parts of the likeliest one, so that no figure is too small to hold.
    let mut chances = vec![1.0];
    let mut below = Vec::new();
    for count in 1..=reach as usize {
        let count = count as f64;
        let above = chances.last().copied().unwrap_or(0.0) * mean / (likeliest + count);
        chances.push(above);
        if likeliest - count >= 0.0 && mean > 0.0 {
            let before = below.last().copied().unwrap_or(1.0);
            below.push(before * (likeliest - count + 1.0) / mean);
        }
    }
    let lowest = likeliest - below.len() as f64;
    let all: Vec<f64> = below.into_iter().rev().chain(chances).collect();
    let whole: f64 = all.iter().sum();
    let (mut at, mut sum) = (0, all[0]);
    LEVELS.map(|level| {
        while sum < f64::from(level) * whole && at + 1 < all.len() {
            at += 1;
            sum += all[at];
        }
        (lowest + at as f64) as f32
    })
}

/// What overrides do to the days of a forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    days: Vec<Change>,
}

/// What becomes of a day's quantiles: so much is kept of each, and so much added to all.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Change {
    keeps: f32,
    adds: f32,
}

impl Overlay {
    /// Of overrides that do not overlap, on a site's forecast whose first day is `first`.
    pub fn of(overrides: &[&Override], site: &SiteId, first: Day, totals: &Packed) -> Self {
        let means = daily_means(totals);
        let mut days = vec![Change { keeps: 1.0, adds: 0.0 }; means.len()];
        for one in overrides {
            let is_in = |at: &usize| {
                let day = first.plus(*at as i32);
                day >= one.from && day <= one.last()
            };
            let within: Vec<usize> = (0..days.len()).filter(is_in).collect();
            let model: f32 = within.iter().map(|at| means[*at]).sum();
            let person = |at: usize| one.person_on(site, first.plus(at as i32));
            let wanted: f32 = within.iter().map(|at| person(*at)).sum();
            for at in within {
                days[at] = match one.expects {
                    Expectation::Percent(_) => Change { keeps: one.factor(), adds: 0.0 },
                    Expectation::Units(_) if model > 0.0 => {
                        let factor = wanted / model;
                        let keeps = factor.min(factor.sqrt());
                        Change { keeps, adds: (factor - keeps) * means[at] }
                    }
                    // The model says nothing of how it spreads.
                    Expectation::Units(_) => Change { keeps: 0.0, adds: person(at) },
                };
            }
        }
        Self { days }
    }

    /// Quantiles of the totals with the overrides.
    pub fn totals(&self, own: &Packed) -> Vec<[f32; LEVEL_COUNT]> {
        let mut total = [0.0_f32; LEVEL_COUNT];
        let mut before = [0.0_f32; LEVEL_COUNT];
        let step = |(at, change): (usize, &Change)| {
            let now = own.step(at);
            for ((total, before), now) in total.iter_mut().zip(&mut before).zip(now) {
                *total += change.adds + change.keeps * (now - *before).max(0.0);
                *before = before.max(now);
            }
            let mut highest = 0.0_f32;
            total.map(|units| {
                highest = highest.max(units);
                highest
            })
        };
        self.days.iter().enumerate().map(step).collect()
    }

    /// Quantiles of the days with the overrides.
    pub fn days(&self, own: &Packed) -> Vec<[f32; LEVEL_COUNT]> {
        let day = |(at, change): (usize, &Change)| {
            own.step(at).map(|units| change.adds + change.keeps * units)
        };
        self.days.iter().enumerate().map(day).collect()
    }

    /// On which days an override counts.
    pub fn counts(&self) -> Vec<bool> {
        self.days.iter().map(|day| *day != Change { keeps: 1.0, adds: 0.0 }).collect()
    }
}

#[cfg(test)]
mod tests;
