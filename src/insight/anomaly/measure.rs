//! How good what was said turns out to be, held against what is known to be wrong.
//!
//! Orders are ranked by score, the earlier first of equal ones. Average precision is over all of them;
//! an incident is found when one of its orders is among its day's ten highest. *With cases* a case
//! counts once: its score is the highest of its orders that had come by then, and a day's ten are cases
//! with an order of that day. Feeds: see [`Silences`].

use super::file::Label;
use super::order::DAY;
use super::rules::Cause;
use super::silence::{self, Silence};
use super::{Flag, Kind, Order};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Orders, or cases, that a person looks at on a day.
pub const A_DAY: usize = 10;
/// A silence that can be known is raised after this long at the latest, seconds.
const IN_TIME: i64 = 3_600;
const WEEK: f64 = 7.0 * DAY as f64;

/// What was said of an order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored<'a> {
    /// The order.
    pub order: &'a str,
    /// When it arrived, seconds on the store's wall clock.
    pub at: i64,
    /// How likely it is wrong.
    pub score: f64,
    /// Its case.
    pub case: u64,
    /// What its first reason is about.
    pub first: Option<Cause>,
}

impl<'a> From<&'a Flag> for Scored<'a> {
    fn from(flag: &'a Flag) -> Self {
        let first = flag.reasons.first().map(|reason| reason.cause);
        Self { order: &flag.order, at: flag.at, score: flag.score, case: flag.case, first }
    }
}

/// How good a ranking is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ranking {
    /// Mean over the wrong orders of the share of wrong ones among those ranked as high.
    pub average_precision: f64,
    /// Incidents found by ten a day.
    pub found: usize,
}

/// How much is found of one kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfKind {
    /// The kind, as the truth calls it.
    pub kind: String,
    /// Orders of it.
    pub orders: usize,
    /// Incidents of it.
    pub incidents: usize,
    /// Incidents found by ten orders a day.
    pub found: usize,
    /// Incidents found by ten cases a day.
    pub found_by_cases: usize,
    /// Of its orders among their day's ten: those whose first reason names the kind, and all; `None`
    /// where no reason is known to name it.
    pub named: Option<(usize, usize)>,
}

/// How good what was said of orders is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measures {
    /// Orders measured.
    pub orders: usize,
    /// Wrong ones among them.
    pub wrong: usize,
    /// Incidents that these belong to.
    pub incidents: usize,
    /// Orders by their own score.
    pub by_orders: Ranking,
    /// Orders by the highest score of their case so far.
    pub by_cases: Ranking,
    /// By kind, in the order of their names.
    pub kinds: Vec<OfKind>,
}

/// What the first reason is about where it names a kind of mistake: by the kind's usual name, or by the
/// name of the rule itself.
fn named_by(kind: &str) -> Option<&'static [Cause]> {
    Some(match kind {
        "qty_spike" | "quantity" => &[Cause::Quantity],
        "price_error" | "price" => &[Cause::Price, Cause::ListPrice],
        "duplicate" => &[Cause::Duplicate],
        "bot_burst" | "burst" => &[Cause::Burst],
        "hoarding" => &[Cause::Hoarding],
        "refund_abuse" | "returns" => &[Cause::Returns],
        "deep_discount" | "discount" => &[Cause::Discount],
        "ship_bill_mismatch" | "destination" => &[Cause::Destination],
        "wrong_pack" | "unit" => &[Cause::Unit],
        _ => return None,
    })
}

/// Places of scores, the highest first, the earlier first of equal ones.
fn ranked(scores: &[f64]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..scores.len()).collect();
    places.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    places
}

fn average_precision(scores: &[f64], wrong: &[Option<&Label>]) -> f64 {
    let (mut hits, mut sum) = (0.0, 0.0);
    for (rank, place) in ranked(scores).into_iter().enumerate() {
        if wrong[place].is_some() {
            hits += 1.0;
            sum += hits / (rank + 1) as f64;
        }
    }
    if hits > 0.0 { sum / hits } else { 0.0 }
}

/// Of each of these on a day, whether it is among the day's ten highest.
fn of_its_day(scores: &[f64], day: impl Fn(usize) -> i64) -> Vec<bool> {
    let mut taken: HashMap<i64, usize> = HashMap::new();
    let mut chosen = vec![false; scores.len()];
    for place in ranked(scores) {
        let today = taken.entry(day(place)).or_default();
        *today += 1;
        chosen[place] = *today <= A_DAY;
    }
    chosen
}

/// The highest score of each order's case so far; and of each order whether its case is among the ten
/// highest that had an order that day, by what was known at the day's end.
fn with_cases(scored: &[Scored<'_>]) -> (Vec<f64>, Vec<bool>) {
    let mut highest: HashMap<u64, f64> = HashMap::new();
    let mut by_then = Vec::with_capacity(scored.len());
    let mut places: HashMap<(i64, u64), usize> = HashMap::new();
    let mut days: Vec<(i64, f64)> = Vec::new();
    let day = |at: i64| at.div_euclid(DAY);
    for one in scored {
        let score = highest.entry(one.case).or_insert(one.score);
        *score = score.max(one.score);
        by_then.push(*score);
        let place = *places.entry((day(one.at), one.case)).or_insert_with(|| {
            days.push((day(one.at), 0.0));
            days.len() - 1
        });
        days[place].1 = *score;
    }
    let scores: Vec<f64> = days.iter().map(|(_, score)| *score).collect();
    let chosen = of_its_day(&scores, |place| days[place].0);
    let of = |one: &Scored<'_>| chosen[places[&(day(one.at), one.case)]];
    (by_then, scored.iter().map(of).collect())
}

/// Incidents with an order that was chosen.
fn found<'a>(wrong: &[Option<&'a Label>], chosen: &[bool]) -> BTreeSet<&'a str> {
    let those = wrong.iter().zip(chosen).filter(|(_, chosen)| **chosen);
    those.filter_map(|(label, _)| Some(label.as_ref()?.incident.as_str())).collect()
}

impl Measures {
    /// Of orders in the order of their arrival, against the labels of those that are wrong; what has no
    /// label is right, and a label of another order says nothing.
    pub fn of(scored: &[Scored<'_>], labels: &[Label]) -> Self {
        let truth: HashMap<&str, &Label> =
            labels.iter().map(|label| (label.order_id.as_str(), label)).collect();
        let wrong: Vec<Option<&Label>> =
            scored.iter().map(|one| truth.get(one.order).copied()).collect();
        let scores: Vec<f64> = scored.iter().map(|one| one.score).collect();
        let chosen = of_its_day(&scores, |place| scored[place].at.div_euclid(DAY));
        let (by_then, chosen_cases) = with_cases(scored);
        let (by_orders, by_cases) = (found(&wrong, &chosen), found(&wrong, &chosen_cases));
        let mut kinds: BTreeMap<&str, OfKind> = BTreeMap::new();
        let mut incidents = BTreeSet::new();
        for ((one, label), chosen) in scored.iter().zip(&wrong).zip(&chosen) {
            let Some(label) = label else { continue };
            let causes = named_by(&label.kind);
            let of = kinds.entry(&label.kind).or_insert_with(|| OfKind {
                kind: label.kind.clone(),
                named: causes.map(|_| (0, 0)),
                ..OfKind::default()
            });
            of.orders += 1;
            if let (true, Some(causes), Some((right, all))) = (*chosen, causes, &mut of.named) {
                *all += 1;
                *right += usize::from(one.first.is_some_and(|first| causes.contains(&first)));
            }
            let incident = label.incident.as_str();
            if incidents.insert(incident) {
                of.incidents += 1;
                of.found += usize::from(by_orders.contains(incident));
                of.found_by_cases += usize::from(by_cases.contains(incident));
            }
        }
        let ranking = |scores: &[f64], found: &BTreeSet<&str>| Ranking {
            average_precision: average_precision(scores, &wrong),
            found: found.len(),
        };
        Self {
            orders: scored.len(),
            wrong: wrong.iter().flatten().count(),
            incidents: incidents.len(),
            by_orders: ranking(&scores, &by_orders),
            by_cases: ranking(&by_then, &by_cases),
            kinds: kinds.into_values().collect(),
        }
    }

    /// Share of the incidents that ten orders a day find.
    pub fn recall(&self) -> f64 {
        share((self.by_orders.found, self.incidents))
    }

    /// Share of the incidents that ten cases a day find.
    pub fn recall_by_cases(&self) -> f64 {
        share((self.by_cases.found, self.incidents))
    }

    /// Wrong orders among their day's ten whose first reason names the true kind, and all of those.
    pub fn named(&self) -> (usize, usize) {
        let named = self.kinds.iter().filter_map(|kind| kind.named);
        named.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }
}

/// A part as a share; nothing of nothing is 0.
pub fn share((part, all): (usize, usize)) -> f64 {
    part as f64 / all.max(1) as f64
}

/// A time in which a feed's orders did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The feed.
    pub feed: String,
    /// From when to when, seconds on the store's wall clock.
    pub from: i64,
    /// To when.
    pub to: i64,
}

/// How good what was said of feeds is.
///
/// A silence can be known from the moment on at which the feed's usual sales since the window's start,
/// of the same weekday and hours of eight weeks, reach 5. It is raised in time up to an hour later. What
/// is raised outside all windows of its feed is a false alarm.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Silences {
    /// Windows in which a silence could be known.
    pub knowable: usize,
    /// Of these, those in which it was raised in time.
    pub in_time: usize,
    /// False alarms.
    pub false_alarms: usize,
    /// The same a week.
    pub false_a_week: f64,
}

impl Silences {
    /// Of silences raised at or after a time, against the windows that are known. `orders` are all, in
    /// the order of their arrival.
    pub fn of(silences: &[Silence], windows: &[Window], orders: &[Order], from: i64) -> Self {
        let mut sales: HashMap<&str, Vec<i64>> = HashMap::new();
        for order in orders.iter().filter(|order| order.kind == Kind::Sale) {
            sales.entry(&order.feed).or_default().push(order.at);
        }
        let last = orders.last().map_or(from, |order| order.at);
        let mut of = Self::default();
        for window in windows.iter().filter(|window| window.from >= from) {
            let usual = sales.get(window.feed.as_str()).map_or(&[][..], Vec::as_slice);
            let Some(knowable) = silence::knowable(usual, window.from, window.to) else { continue };
            of.knowable += 1;
            let in_time = window.from..=knowable + IN_TIME;
            let is_it = |one: &&Silence| *one.feed == *window.feed && in_time.contains(&one.raised);
            of.in_time += usize::from(silences.iter().any(|one| is_it(&one)));
        }
        let is_true = |one: &&Silence| {
            let of = |window: &&Window| {
                *window.feed == *one.feed && (window.from..=window.to).contains(&one.raised)
            };
            windows.iter().any(|window| of(&window))
        };
        let raised = silences.iter().filter(|one| one.raised >= from);
        of.false_alarms = raised.filter(|one| !is_true(one)).count();
        of.false_a_week = of.false_alarms as f64 / ((last - from) as f64 / WEEK).max(1.0);
        of
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::anomaly::made::sale;
    use std::sync::Arc;

    fn label(order: &str, kind: &str, incident: &str) -> Label {
        Label { order_id: order.into(), kind: kind.into(), incident: incident.into() }
    }

    fn scored(order: &str, at: i64, score: f64, case: u64, first: Option<Cause>) -> Scored<'_> {
        Scored { order, at, score, case, first }
    }

    #[test]
    fn average_precision_and_recall_are_what_they_are_by_hand() {
        // Two days; on the first twelve right orders stand above the second mistake.
        let names: Vec<String> = (0..12).map(|n| format!("right {n}")).collect();
        let mut all = vec![scored("first", 10, 0.9, 1, Some(Cause::Price))];
        all.extend(names.iter().zip(20..).map(|(name, at)| scored(name, at, 0.5, at as u64, None)));
        all.push(scored("second", 90, 0.4, 1, Some(Cause::Price)));
        all.push(scored("third", DAY + 5, 0.5, 99, Some(Cause::Hour)));
        let labels = [
            label("first", "price_error", "a"),
            label("second", "price_error", "b"),
            label("third", "qty_spike", "c"),
            label("elsewhere", "qty_spike", "d"),
        ];
        let measures = Measures::of(&all, &labels);
        assert_eq!((measures.orders, measures.wrong, measures.incidents), (15, 3, 3));
        // Ranks 1, 14 (after twelve equal and earlier ones) and 15.
        let by_hand = (1.0 + 2.0 / 14.0 + 3.0 / 15.0) / 3.0;
        assert!((measures.by_orders.average_precision - by_hand).abs() < 1e-12, "{measures:?}");
        assert_eq!(measures.by_orders.found, 2, "the second is no more than its day's fourteenth");
        // In its case the second stands as high as the first: ranks 1, 2 and 15.
        let by_hand = (1.0 + 1.0 + 3.0 / 15.0) / 3.0;
        assert!((measures.by_cases.average_precision - by_hand).abs() < 1e-12, "{measures:?}");
        assert_eq!((measures.by_cases.found, measures.recall_by_cases()), (3, 1.0));
        let kinds: Vec<(&str, usize, usize, usize)> = measures
            .kinds
            .iter()
            .map(|of| (of.kind.as_str(), of.incidents, of.found, of.found_by_cases))
            .collect();
        assert_eq!(kinds, [("price_error", 2, 1, 2), ("qty_spike", 1, 1, 1)]);
        // Of the two that were found one is called what it is.
        assert_eq!(measures.named(), (1, 2));
    }

    #[test]
    fn a_case_has_no_more_than_what_had_come_and_counts_once() {
        // Twelve orders of one case, then ten single ones, and one whose case turns out worse a day later.
        let names: Vec<String> = (0..24).map(|n| format!("order {n}")).collect();
        let mut all: Vec<Scored<'_>> =
            (0..12).map(|n| scored(&names[n], n as i64, 0.7, 1, None)).collect();
        all.extend((12..22).map(|n| scored(&names[n], n as i64, 0.6, n as u64, None)));
        all.push(scored(&names[22], 40, 0.4, 22, None));
        all.push(scored(&names[23], DAY, 0.9, 22, None));
        let measures = |wrong: &str| Measures::of(&all, &[label(wrong, "odd", "a")]);
        let found = |wrong: &str| {
            let of = measures(wrong);
            (of.by_orders.found, of.by_cases.found)
        };
        assert_eq!(found("order 11"), (0, 1), "the case's twelfth order");
        assert_eq!(found("order 20"), (0, 1), "the case took one place of ten");
        assert_eq!(found("order 21"), (0, 0));
        assert_eq!(found("order 22"), (0, 0), "what came a day later was not known");
        assert_eq!(found("order 23"), (1, 1));
        assert_eq!(measures("order 23").kinds[0].named, None, "no reason is known to name it");
        assert_eq!(measures("nobody"), Measures { orders: 24, ..Measures::default() });
    }

    #[test]
    fn a_silence_is_in_time_up_to_an_hour_after_it_could_be_known() {
        // A sale every ten minutes from nine to five for ten weeks, and one of a feed that hardly sells.
        let day = |n: i64| n * DAY + 9 * 3_600;
        let times = (0..70).flat_map(|n| (0..48).map(move |tenth| day(n) + tenth * 600));
        let orders: Vec<Order> =
            times.map(|at| sale(at, "somebody", &[("item", 1.0, 1.0)])).collect();
        let window = |feed: &str| Window { feed: feed.into(), from: day(63), to: day(63) + 7_200 };
        // Five sales are usual 40 minutes after the start, the first of them at once.
        let said = |raised: i64| {
            let silence = Silence {
                feed: Arc::from("web"),
                since: day(62),
                raised,
                cleared: None,
                expected: 5.0,
                seen: 0,
            };
            Silences::of(&[silence], &[window("web"), window("edi")], &orders, day(56))
        };
        let (early, late) = (day(63) + 6_000, day(63) + 6_300);
        assert_eq!(
            (said(early).knowable, said(early).in_time, said(early).false_alarms),
            (1, 1, 0)
        );
        assert_eq!((said(late).in_time, said(late).false_alarms), (0, 0));
        let outside = said(day(65));
        assert_eq!((outside.in_time, outside.false_alarms), (0, 1));
        assert!((outside.false_a_week - 0.5).abs() < 0.05, "{outside:?}");
    }
}
