//! Times in which a feed told something else: fields that vanish or appear, one factor on all prices or
//! quantities, rejects in a row.

use super::super::factor::{TOGETHER, shared};
use super::super::number;
use super::{AT_ONCE, DRIFT, Episode, FIELDS, FeedPast, KNOWN, REJECTS, Told};
use crate::domain::Timestamp;
use crate::insight::anomaly::rules::Cause;
use std::ops::Range;

/// -log10 of the chance from which on a factor that some orders are always off by is news, and orders that
/// are looked at together then, where a few in a row do not tell.
const NEWS: f64 = 9.0;
const LONGER: usize = 16;

/// What orders that were told so are flagged for, and which orders of a run were.
type Odd<'a> = (&'static [Cause], &'a dyn Fn(&Told) -> bool);

impl FeedPast {
    /// Runs of orders that lack a field that orders have, or have one that they lack.
    pub(super) fn drifts(&self, field: usize, together: usize) -> Vec<Episode> {
        let mut episodes: Vec<Episode> = Vec::new();
        let mut runs: Vec<(Range<usize>, f64, bool)> = Vec::new();
        let (mut had, mut seen) = (0_usize, 0_usize);
        for end in together..=self.told.len() {
            let start = end - together;
            if start > 0 {
                // What is usual is what came before, the odd times left out.
                let odd = runs.last().is_some_and(|(run, ..)| run.contains(&(start - 1)));
                if !odd {
                    (had, seen) = (had + usize::from(self.told[start - 1].has[field]), seen + 1);
                }
            }
            if seen < KNOWN {
                continue;
            }
            let have = (start..end).filter(|at| self.told[*at].has[field]).count();
            let share = (had as f64 + 0.5) / (seen as f64 + 1.0);
            let lacks = have as f64 / (together as f64) < share;
            let (count, chance) = match lacks {
                true => (together - have, 1.0 - share),
                false => (have, share),
            };
            let strength = -binomial_tail(together, count, chance).max(1e-30).log10();
            if strength < DRIFT {
                continue;
            }
            let odd = |at: &usize| self.told[*at].has[field] != lacks;
            let mut those = (start..end).filter(odd);
            let Some(first) = those.next() else { continue };
            let run = first..those.next_back().unwrap_or(first) + 1;
            match runs.last_mut() {
                Some((last, worst, side)) if *side == lacks && run.start <= last.end + together => {
                    last.end = last.end.max(run.end);
                    *worst = worst.max(strength);
                }
                _ => runs.push((run, strength, lacks)),
            }
        }
        for (run, strength, lacks) in runs {
            let usual = 100.0 * had as f64 / seen.max(1) as f64;
            let how = if lacks { "without" } else { "with" };
            let (what, explains) = FIELDS[field];
            let odd = |told: &Told| told.has[field] != lacks;
            let mut episode = self.episode("schema-drift", run, strength, (explains, &odd));
            episode.reason = format!(
                "schema: {} of {} orders came {how} {what}, which {} % of the orders before have",
                episode.told.len(),
                episode.orders,
                number(usual)
            );
            episodes.push(episode);
        }
        episodes
    }

    /// Runs of orders whose middle lines are off by one factor.
    pub(super) fn units(
        &self,
        of: impl Fn(&Told) -> Option<f32>,
        least: f32,
        within: f32,
        (what, explains): (&str, &'static [Cause]),
    ) -> Vec<Episode> {
        // What comes back from a change looks like another one once the change has become usual: an echo.
        let mut runs: Vec<(Range<usize>, f32, bool)> = Vec::new();
        let values: Vec<Option<f32>> = self.told.iter().map(of).collect();
        let mut before = Counts::of(&values);
        for end in TOGETHER..=values.len() {
            let window = end - TOGETHER..end;
            // What came before, the odd times left out; no run that is found from here on reaches back there.
            let last = window.start.checked_sub(1);
            let usual = last.filter(|at| !runs.iter().rev().any(|(run, ..)| run.contains(at)));
            if let Some(value) = usual.and_then(|at| values[at]) {
                before.add(value);
            }
            let Some(off) = shared(&values[window.clone()], least, within) else { continue };
            let like = before.near(off, within);
            let share = (f64::from(like) + 0.5) / (f64::from(before.seen) + 1.0);
            let is_news = |of: &[Option<f32>]| is_news(of, share, off, within);
            let longer = end.saturating_sub(LONGER)..end;
            if !is_news(&values[window.clone()]) && !is_news(&values[longer]) {
                continue;
            }
            let alike = |at: &usize| {
                values[*at].is_some_and(|value| (value - off).abs() <= within.max(0.1))
            };
            let mut those = window.filter(alike);
            let Some(first) = those.next() else { continue };
            let run = first..those.next_back().unwrap_or(first) + 1;
            match runs.last_mut() {
                Some((last, before, _))
                    if run.start <= last.end && (off > 0.0) == (*before > 0.0) =>
                {
                    last.end = last.end.max(run.end);
                }
                Some((last, before, false))
                    if run.start <= last.end + TOGETHER
                        && (off + *before).abs() <= within.max(0.3) =>
                {
                    runs.push((run, off, true));
                }
                _ => runs.push((run, off, false)),
            }
        }
        let told = |(run, off, _): (Range<usize>, f32, bool)| {
            let times = f64::from(off).exp2();
            let by = if times > 1.0 { number(times) } else { format!("1/{}", number(1.0 / times)) };
            let strength = f64::from(off.abs()).exp2();
            let episode = self.episode("unit-change", run, strength, (explains, &|_| true));
            let reason = format!(
                "unit: {what} of {} orders in a row are {by} times the usual{}",
                episode.orders,
                likely(times, what)
            );
            Episode { reason, ..episode }
        };
        runs.into_iter().filter(|(_, _, echo)| !echo).map(told).collect()
    }

    /// Times with rejects in a row.
    pub(super) fn rejected(&self) -> Vec<Episode> {
        let usual = self.rejects.len() as f64 / self.told.len().max(1) as f64;
        let mut episodes: Vec<Episode> = Vec::new();
        for end in REJECTS..=self.rejects.len() {
            let window = &self.rejects[end - REJECTS..end];
            let (first, last) = (window[0], window[REJECTS - 1]);
            let from = self.told.partition_point(|told| told.placed < first);
            let until = self.told.partition_point(|told| told.placed <= last);
            let of = until - from + REJECTS;
            if last.since(first) > AT_ONCE || self.told.len() < KNOWN || of > 4 * REJECTS {
                continue;
            }
            // Rejects of the whole time, these among them, would make any of them usual.
            let chance = (usual / 4.0).clamp(0.001, 0.5);
            let strength = -binomial_tail(of, REJECTS, chance).max(1e-30).log10();
            match episodes.last_mut() {
                Some(known) if first <= known.until + AT_ONCE => {
                    (known.until, known.orders) = (last, known.orders + 1);
                }
                _ if strength < DRIFT => continue,
                _ => episodes.push(Episode {
                    rule: "schema-drift",
                    since: first,
                    until: last,
                    orders: REJECTS,
                    strength,
                    reason: String::new(),
                    worth: 0,
                    told: Vec::new(),
                    explains: &[],
                }),
            }
        }
        for episode in &mut episodes {
            episode.reason = format!(
                "schema: {} records could not be read, one after the other; they are in quarantine",
                episode.orders
            );
        }
        episodes
    }

    /// Without words yet; `odd` are the orders of the run that were told so.
    fn episode(
        &self,
        rule: &'static str,
        run: Range<usize>,
        strength: f64,
        (explains, odd): Odd<'_>,
    ) -> Episode {
        let told = &self.told[run];
        let (first, last) = (told.first(), told.last());
        let those = told.iter().filter(|told| odd(told));
        Episode {
            rule,
            since: first.map_or(Timestamp::default(), |told| told.placed),
            until: last.map_or(Timestamp::default(), |told| told.placed),
            orders: told.len(),
            strength,
            reason: String::new(),
            worth: told.iter().map(|told| told.worth).sum(),
            told: those.map(|told| (told.number.clone(), told.goods)).collect(),
            explains,
        }
    }
}

/// How many of some values were seen, by their size: a tree of sums, since there are as many as orders.
pub(super) struct Counts {
    /// All that may be seen, by size.
    values: Vec<f32>,
    /// Sums of those seen; each place, counted from 1, has as many as its lowest bit says, up to itself.
    sums: Vec<u32>,
    /// How many were seen.
    seen: u32,
}

impl Counts {
    /// None of them seen yet.
    pub(super) fn of(values: &[Option<f32>]) -> Self {
        let mut values: Vec<f32> = values.iter().flatten().copied().collect();
        values.sort_by(f32::total_cmp);
        Counts { sums: vec![0; values.len() + 1], values, seen: 0 }
    }

    pub(super) fn add(&mut self, value: f32) {
        let mut place = self.values.partition_point(|one| *one < value) + 1;
        while let Some(sum) = self.sums.get_mut(place) {
            *sum += 1;
            place += place & place.wrapping_neg();
        }
        self.seen += 1;
    }

    /// Those seen that are so near to a value.
    pub(super) fn near(&self, value: f32, within: f32) -> u32 {
        let below = self.values.partition_point(|one| one - value < -within);
        let until = self.values.partition_point(|one| one - value <= within);
        self.first(until) - self.first(below)
    }

    /// Those seen among the smallest.
    fn first(&self, count: usize) -> u32 {
        let (mut place, mut sum) = (count, 0);
        while place > 0 {
            sum += self.sums[place];
            place &= place - 1;
        }
        sum
    }
}

/// Whether orders in a row are off by a factor that so large a share of those before was off by that it is
/// no chance: a shop may have prices for trade and for everybody else, and trade comes at its own hours.
fn is_news(row: &[Option<f32>], share: f64, off: f32, within: f32) -> bool {
    let count = row.iter().flatten().filter(|value| (**value - off).abs() <= within).count();
    let of = row.iter().flatten().count();
    -binomial_tail(of, count, share).max(1e-30).log10() >= NEWS
}

/// What a factor may come from.
fn likely(times: f64, what: &str) -> &'static str {
    let near = |of: f64| (times / of - 1.0).abs() < 0.06;
    match what {
        "prices" if near(100.0) || near(0.01) => {
            ": the smaller unit of a currency for the larger, or the other way"
        }
        "prices" if near(10.0) || near(0.1) || near(1_000.0) || near(0.001) => ": a decimal point",
        "prices" if (0.5..2.0).contains(&times) => ": another currency, or tax in it",
        "prices" => ": another currency or unit",
        _ => ": packs for units, or the other way",
    }
}

/// The chance of `count` or more of `of`, each with this chance.
pub(super) fn binomial_tail(of: usize, count: usize, chance: f64) -> f64 {
    let (mut term, mut sum) = ((1.0 - chance).powi(of as i32), 0.0);
    for hits in 0..=of {
        if hits >= count {
            sum += term;
        }
        term *= (of - hits) as f64 / (hits + 1) as f64 * chance / (1.0 - chance).max(1e-12);
    }
    sum.min(1.0)
}
