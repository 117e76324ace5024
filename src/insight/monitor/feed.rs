//! What a feed tells, held against what it told in the weeks before: fields, rejects, prices, quantities.
//!
//! It reads the feed's orders of the last four weeks in the order in which they were placed, whenever they
//! came, and gives the times in which something else was told: [`Episode`]s. An episode that is over stays
//! for some days, as what was told wrongly stays in the books.

use super::factor::{TOGETHER, Usual, middle, shared};
use super::{moment, number, severity};
use crate::domain::{
    CaseKind, CaseSubject, Currency, FeedId, Money, Order, OrderKind, Sku, Span, Timestamp, Zone,
};
use crate::insight::anomaly::Raised;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// -log10 of the chance from which on a field has drifted.
pub const DRIFT: f64 = 6.0;
/// Times up or down from which on prices of orders in a row are in another unit.
pub const OFF: f64 = 1.1;
/// The same of quantities, which scatter by themselves.
const OFF_QUANTITY: f32 = 2.3;
/// Orders that are looked at together where a field is often missing anyhow.
const MANY_TOGETHER: usize = 20;
/// Orders of which a field's usual share is known.
const KNOWN: usize = 60;
/// How long an episode that is over is still told.
pub const TOLD: Span = Span::days(3);
/// An episode lasts while its latest order is no older than the feed's newest, by this.
const LASTS: Span = Span::hours(2);
/// Rejects within this long are looked at together, and so many at least.
const AT_ONCE: Span = Span::hours(2);
const REJECTS: usize = 4;

/// How far back orders are read.
pub const READ: Span = Span::days(28);

/// Fields of an order that a feed may stop or begin to tell.
const FIELDS: [&str; 4] = ["a country", "whose they are", "prices", "a note"];

/// One order as a feed told it.
#[derive(Clone, Debug)]
struct Told {
    placed: Timestamp,
    has: [bool; FIELDS.len()],
    worth: i64,
    /// The middle line's price and quantity over what is usual of its SKU, log2.
    price: Option<f32>,
    quantity: Option<f32>,
}

/// A time in which a feed told something else than it used to.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// `schema-drift` or `unit-change`.
    pub rule: &'static str,
    /// Since when: the first order's moment.
    pub since: Timestamp,
    /// Until when: the last order's.
    pub until: Timestamp,
    /// How many orders.
    pub orders: usize,
    /// How far off, in the rule's unit.
    pub strength: f64,
    /// In words.
    pub reason: String,
    /// What these orders are worth, minor units.
    pub worth: i64,
}

/// A feed's orders of the last weeks.
#[derive(Debug, Default)]
pub struct FeedPast {
    told: Vec<Told>,
    rejects: Vec<Timestamp>,
    prices: FxHashMap<Sku, Usual>,
    quantities: FxHashMap<Sku, Usual>,
}

impl FeedPast {
    /// Nothing told yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A sale, in the order in which they were placed.
    pub fn order(&mut self, order: &Order) {
        if order.kind != OrderKind::Sale {
            return;
        }
        let (mut prices, mut quantities) = (Vec::new(), Vec::new());
        let logs = |line: &crate::domain::OrderLine| {
            let price = line.price.e4.max(1) as f32;
            (price.log2(), (line.qty.to_f64().max(0.01) as f32).log2())
        };
        for line in order.product_lines() {
            let (price, quantity) = logs(line);
            let usual = |of: &FxHashMap<Sku, Usual>| of.get(&line.sku).and_then(Usual::middle);
            prices.extend(usual(&self.prices).map(|usual| price - usual));
            quantities.extend(usual(&self.quantities).map(|usual| quantity - usual));
        }
        for line in order.product_lines() {
            let (price, quantity) = logs(line);
            self.prices.entry(line.sku.clone()).or_default().push(price);
            self.quantities.entry(line.sku.clone()).or_default().push(quantity);
        }
        let priced = order.product_lines().all(|line| line.price.e4 > 0);
        self.told.push(Told {
            placed: order.placed_at,
            has: [order.country.is_some(), order.customer.is_some(), priced, order.aside.noted],
            worth: order.total.minor,
            price: middle(&mut prices),
            quantity: middle(&mut quantities),
        });
    }

    /// A record of an order that could not be understood, by when it came.
    pub fn reject(&mut self, at: Timestamp) {
        let place = self.rejects.partition_point(|known| *known <= at);
        self.rejects.insert(place, at);
    }

    /// All times in which it told something else, of the last days, oldest first.
    pub fn episodes(&self, now: Timestamp) -> Vec<Episode> {
        let mut all: Vec<Episode> = Vec::new();
        for field in 0..FIELDS.len() {
            let soon = self.drifts(field, TOGETHER);
            all.extend(if soon.is_empty() { self.drifts(field, MANY_TOGETHER) } else { soon });
        }
        all.extend(self.units(|told| told.price, OFF.log2() as f32, 0.06, "prices"));
        all.extend(self.units(|told| told.quantity, OFF_QUANTITY, 1.2, "quantities"));
        all.extend(self.rejected());
        all.retain(|episode| now.since(episode.until) <= TOLD);
        all.sort_by_key(|episode| episode.since);
        all
    }

    /// Runs of orders that lack a field that orders have, or have one that they lack.
    fn drifts(&self, field: usize, together: usize) -> Vec<Episode> {
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
            let odd = self.told[run.clone()].iter().filter(|told| told.has[field] != lacks).count();
            let usual = 100.0 * had as f64 / seen.max(1) as f64;
            let how = if lacks { "without" } else { "with" };
            let reason = format!(
                "schema: {odd} of {} orders came {how} {}, which {} % of the orders before have",
                run.len(),
                FIELDS[field],
                number(usual)
            );
            episodes.push(self.episode("schema-drift", run, strength, reason));
        }
        episodes
    }

    /// Runs of orders whose middle lines are off by one factor.
    fn units(
        &self,
        of: impl Fn(&Told) -> Option<f32>,
        least: f32,
        within: f32,
        what: &str,
    ) -> Vec<Episode> {
        // What comes back from a change looks like another one once the change has become usual: an echo.
        let mut runs: Vec<(Range<usize>, f32, bool)> = Vec::new();
        let values: Vec<Option<f32>> = self.told.iter().map(of).collect();
        for end in TOGETHER..=values.len() {
            let window = end - TOGETHER..end;
            let Some(off) = shared(&values[window.clone()], least, within) else { continue };
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
            let reason = format!(
                "unit: {what} of {} orders in a row are {by} times the usual{}",
                run.len(),
                likely(times, what)
            );
            self.episode("unit-change", run, f64::from(off.abs()).exp2(), reason)
        };
        runs.into_iter().filter(|(_, _, echo)| !echo).map(told).collect()
    }

    /// Times with rejects in a row.
    fn rejected(&self) -> Vec<Episode> {
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
                }),
            }
        }
        for episode in &mut episodes {
            episode.reason = format!(
                "schema: {} orders could not be read, one after the other; they are in quarantine",
                episode.orders
            );
        }
        episodes
    }

    fn episode(
        &self,
        rule: &'static str,
        run: Range<usize>,
        strength: f64,
        reason: String,
    ) -> Episode {
        let told = &self.told[run];
        let (first, last) = (told.first(), told.last());
        Episode {
            rule,
            since: first.map_or(Timestamp::default(), |told| told.placed),
            until: last.map_or(Timestamp::default(), |told| told.placed),
            orders: told.len(),
            strength,
            reason,
            worth: told.iter().map(|told| told.worth).sum(),
        }
    }

    /// What the middle order is worth, minor units.
    pub fn usual_worth(&self) -> f64 {
        let mut all: Vec<i64> = self.told.iter().map(|told| told.worth).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or(0) as f64
    }

    /// The newest order's moment.
    fn newest(&self) -> Option<Timestamp> {
        self.told.last().map(|told| told.placed)
    }

    /// What is said of the feed now.
    pub fn raised(
        &self,
        feed: &FeedId,
        now: Timestamp,
        zone: &Zone,
        currency: Currency,
    ) -> Vec<Raised> {
        let newest = self.newest().unwrap_or(now);
        let of = |episode: Episode| {
            let bound = if episode.rule == "unit-change" { OFF } else { DRIFT };
            let mut reasons: Vec<Box<str>> = vec![episode.reason.into()];
            reasons.push(match newest.since(episode.until) > LASTS {
                true => format!("it was so until {}", moment(episode.until, zone)).into(),
                false => "it goes on".into(),
            });
            Raised {
                kind: CaseKind::Feed,
                subject: CaseSubject::Feed(feed.clone()),
                rule: episode.rule.into(),
                severity: severity(episode.strength, bound).max(0.6),
                reasons,
                at_stake: Money { minor: episode.worth, currency },
                since: episode.since,
            }
        };
        self.episodes(now).into_iter().map(of).collect()
    }
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
fn binomial_tail(of: usize, count: usize, chance: f64) -> f64 {
    let (mut term, mut sum) = ((1.0 - chance).powi(of as i32), 0.0);
    for hits in 0..=of {
        if hits >= count {
            sum += term;
        }
        term *= (of - hits) as f64 / (hits + 1) as f64 * chance / (1.0 - chance).max(1e-12);
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::*;

    fn at(order: i64) -> Timestamp {
        Timestamp::from_millis(1_780_000_000_000) + Span::minutes(order * 7)
    }

    fn sale(n: i64) -> Order {
        let item = n % 5;
        let line = |item: i64, qty: i64| OrderLine {
            sku: Sku::new(format!("S{item}")),
            class: LineClass::Product,
            qty: Qty::units(qty),
            cancelled: Qty::ZERO,
            price: UnitPrice { e4: 10_000 + 3_000 * item, currency: Currency::GBP },
        };
        Order {
            key: OrderKey { feed: FeedId::new("shop"), number: OrderNo::new(n.to_string()) },
            kind: OrderKind::Sale,
            status: OrderStatus::Open,
            placed_at: at(n),
            updated_at: at(n),
            shipped_at: None,
            site: SiteId::main(),
            customer: (n % 4 != 0).then(|| CustomerRef::new(format!("c{n}"))),
            country: Some(Country::new("GB")),
            total: Money { minor: 500, currency: Currency::GBP },
            aside: Aside { noted: n % 9 == 0, ..Aside::default() },
            lines: vec![line(item, 1 + n % 3), line((item + 2) % 5, 2)],
        }
    }

    /// 300 orders, of which those of a range are changed.
    fn past(changed: Range<i64>, change: impl Fn(&mut Order)) -> FeedPast {
        let mut past = FeedPast::new();
        for n in 0..300 {
            let mut order = sale(n);
            if changed.contains(&n) {
                change(&mut order);
            }
            past.order(&order);
        }
        past
    }

    fn one(past: &FeedPast) -> Episode {
        let all = past.episodes(at(300));
        assert_eq!(all.len(), 1, "{all:?}");
        all[0].clone()
    }

    #[test]
    fn a_usual_feed_says_nothing() {
        assert_eq!(past(0..0, |_| ()).episodes(at(300)), []);
    }

    #[test]
    fn a_field_that_vanishes_and_one_that_appears_are_told_with_their_time() {
        let episode = one(&past(200..220, |order| order.country = None));
        assert_eq!((episode.since, episode.until, episode.orders), (at(200), at(219), 20));
        assert!(episode.reason.contains("without a country"), "{}", episode.reason);
        let nobody = one(&past(200..230, |order| order.customer = None));
        assert!(nobody.reason.contains("whose they are") && nobody.orders >= 24, "{nobody:?}");
        let noted = one(&past(270..300, |order| order.aside.noted = true));
        assert!(noted.reason.contains("with a note"), "{}", noted.reason);
        let said = past(270..300, |order| order.aside.noted = true);
        let raised = said.raised(&FeedId::new("shop"), at(300), &Zone::utc(), Currency::GBP);
        assert_eq!(&*raised[0].reasons[1], "it goes on");
        assert_eq!(raised[0].since, noted.since);
        // An hour later in London than in UTC.
        let gone = past(200..220, |order| order.country = None);
        let london = Zone::named("Europe/London").unwrap();
        let told = gone.raised(&FeedId::new("shop"), at(300), &london, Currency::GBP);
        assert_eq!(&*told[0].reasons[1], "it was so until 29 May 22:59");
    }

    #[test]
    fn prices_in_another_currency_or_unit_are_one_episode_and_coming_back_is_none() {
        for (times, word) in [(1.17, "currency"), (100.0, "smaller unit"), (0.1, "decimal")] {
            let episode = one(&past(200..225, |order| {
                for line in &mut order.lines {
                    line.price.e4 = (line.price.e4 as f64 * times) as i64;
                }
            }));
            assert_eq!(episode.rule, "unit-change");
            assert!(episode.reason.contains(word), "{}", episode.reason);
            assert!(episode.since >= at(195) && episode.since <= at(203), "{episode:?}");
        }
    }

    #[test]
    fn packs_for_units_are_told_and_a_sale_of_some_goods_is_not() {
        let packs = one(&past(200..220, |order| {
            order.lines.iter_mut().for_each(|line| line.qty = Qty::units(12 * 2));
        }));
        assert!(packs.reason.contains("quantities") && packs.reason.contains("packs"));
        let cheap = past(200..260, |order| {
            let lines = order.lines.iter_mut().filter(|line| line.sku.as_str() == "S1");
            lines.for_each(|line| line.price.e4 = line.price.e4 * 3 / 4);
        });
        assert_eq!(cheap.episodes(at(300)), []);
    }

    #[test]
    fn rejects_in_a_row_are_told_and_single_ones_are_not() {
        let mut some = past(0..0, |_| ());
        [20, 90, 200].into_iter().for_each(|n| some.reject(at(n)));
        assert_eq!(some.episodes(at(300)), []);
        (260..270).for_each(|n| some.reject(at(n)));
        let episode = one(&some);
        assert!(episode.orders == 10 && episode.reason.contains("quarantine"), "{episode:?}");
    }

    #[test]
    fn what_is_over_for_days_is_no_longer_told() {
        let past = past(200..220, |order| order.country = None);
        assert_eq!(past.episodes(at(300) + Span::days(4)), []);
    }

    #[test]
    fn a_tail_is_the_sum_of_its_chances() {
        assert!((binomial_tail(3, 2, 0.5) - 0.5).abs() < 1e-12);
        assert!((binomial_tail(8, 0, 0.1) - 1.0).abs() < 1e-12);
        assert!(binomial_tail(8, 8, 0.01) < 1e-15);
    }
}
