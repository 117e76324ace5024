//! What a rule would have said of the store's past, before it goes live or is set otherwise.
//!
//! Rules of orders read the orders again, each with what was known before it. Rules about feeds are
//! asked as of the days that they go by ([`feeds`]). What stock and costs were and what had been forecast
//! then is not kept, so that nothing can be said of the past of those rules.

mod feeds;

use super::learner::past;
use super::order::wall;
use super::scorer::REMEMBERED;
use super::{ASKED, FlagError};
use crate::domain::{CaseKind, OrderKey, Progress, Span, Threshold, Timestamp};
use crate::engine::api::{Refusal, RuleTest};
use crate::engine::house::House;
use crate::engine::work::Cancel;
use crate::insight::anomaly::rule_book::{RuleBook, Testing};
use crate::insight::anomaly::rules::{RULES, Rule};
use crate::insight::anomaly::{RAISING, RaisingRule};
use crate::store::Store;
use feeds::Heard;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Orders read between two looks at whether to go on.
const PART: usize = 1_000;

/// Goes on as long as it is told to: the orders read so far, and all of them.
type Going<'a> = &'a dyn Fn(usize, usize) -> bool;

/// What a rule, switched on, would have said of so many weeks of the store's past, from a strength on or
/// from the one that it goes by.
pub fn test_rule(
    house: &House,
    rule: &str,
    weeks: u16,
    from: Option<Threshold>,
    cancel: &Cancel,
) -> Result<RuleTest, Refusal> {
    let Some(asked) = Asked::of(rule) else {
        let of_feeds = RAISING.iter().filter(|rule| rule.kind == CaseKind::Feed);
        let names = RULES.iter().map(|rule| rule.name).chain(of_feeds.map(|rule| rule.name));
        return Err(Refusal::usage(format!(
            "no rule {rule} can be tested on the past; one of {}",
            names.collect::<Vec<&str>>().join(", ")
        )));
    };
    if let Asked::Raising(of) = asked {
        if of.kind != CaseKind::Feed {
            return Err(Refusal::usage(format!(
                "{rule} cannot be tested on the past, since the store does not keep what stock and costs \
                 were and what had been forecast; `stockdeck flags rules` counts what it raised"
            )));
        }
        if from.is_some() {
            return Err(Refusal::usage(format!(
                "from when on {rule} speaks cannot be set; test it without --threshold"
            )));
        }
    }
    let what = format!("testing the rule {rule}");
    let work = house.works.begin_beside(&what, cancel, true);
    let store = house.store().ok_or_else(|| Refusal::failed(FlagError::Ended.to_string()))?;
    let now = house.clock.now();
    let since = now - Span::days(7 * i64::from(weeks.max(1)));
    let going = |done: usize, total: usize| {
        let (done, total) = (done as u64, Some(total as u64));
        work.at(Progress { what: what.as_str().into(), done, total });
        !work.cancelled()
    };
    let tested = match asked {
        Asked::Orders(rule) => of_orders(house, &store, rule, (since, now), from, &going),
        Asked::Raising(rule) => {
            let heard = feeds::heard(house, &store, rule.name, (since, now), &going);
            heard.map(|(heard, looked_at)| of_feeds(rule, (since, now), &heard, looked_at))
        }
    };
    let tested = match tested {
        Err(FlagError::Ended) => return Err(Refusal::failed("cancelled; nothing was changed")),
        other => other.map_err(|error| Refusal::failed(error.to_string()))?,
    };
    house.flags.book.write().tests.insert(rule.into(), tested.clone());
    house.changed();
    Ok(tested)
}

/// What is tested.
#[derive(Clone, Copy)]
enum Asked {
    Orders(&'static Rule),
    Raising(&'static RaisingRule),
}

impl Asked {
    fn of(rule: &str) -> Option<Self> {
        let of_orders = RULES.iter().find(|known| known.name == rule).map(Asked::Orders);
        of_orders.or_else(|| RAISING.iter().find(|known| known.name == rule).map(Asked::Raising))
    }
}

fn of_orders(
    house: &House,
    store: &Store,
    rule: &Rule,
    (since, now): (Timestamp, Timestamp),
    from: Option<Threshold>,
    going: Going<'_>,
) -> Result<RuleTest, FlagError> {
    let triage = house.triage.read().clone();
    let mut alone = RuleBook::default();
    for other in RULES {
        alone.switch(other.name, other.name == rule.name);
    }
    let from = from.or_else(|| triage.threshold(rule.name)).map(Threshold::strength);
    let from = from.unwrap_or(rule.usual());
    alone.set(rule.name, from as f32);
    let mut test = Testing::new(alone, wall(since, &house.zone));
    let mut keys: BTreeMap<Arc<str>, OrderKey> = BTreeMap::new();
    let (mut done, total) = (0, house.orders.read().len().min(REMEMBERED));
    past(house, store, now, REMEMBERED, |key, order| {
        let before = test.spoken_of(rule.name).len();
        test.order(&order);
        if test.spoken_of(rule.name).len() > before {
            keys.insert(order.id, key);
        }
        done += 1;
        done % PART != 0 || going(done, total)
    })?;
    let labels: HashMap<&OrderKey, bool> =
        triage.labels().into_iter().map(|(order, wrong, _)| (order, wrong)).collect();
    let spoken = keys.values().filter_map(|key| labels.get(key));
    let decided = spoken.fold((0, 0), |(wrong, right), is_wrong| match is_wrong {
        true => (wrong + 1, right),
        false => (wrong, right + 1),
    });
    let flagged = {
        let book = house.flags.book.read();
        let asked = |key: &&OrderKey| book.of_order(key).is_some_and(|flag| flag.score >= ASKED);
        keys.values().filter(asked).count() as u64
    };
    let said = test.tested().into_iter().find(|one| one.rule == rule.name);
    let said = said.ok_or(FlagError::Ended)?;
    Ok(RuleTest {
        rule: rule.name.into(),
        kind: CaseKind::Order,
        threshold: from,
        from: since,
        at: now,
        looked_at: test.looked_at() as u64,
        spoke: said.orders as u64,
        a_week: said.a_week,
        flagged,
        decided,
        latest: said.latest.iter().filter_map(|id| keys.get(id).cloned()).collect(),
        cases: Vec::new(),
    })
}

/// Cases told at most, the latest.
const EXAMPLES: usize = 20;

fn of_feeds(
    rule: &RaisingRule,
    (since, now): (Timestamp, Timestamp),
    heard: &[Heard],
    looked_at: usize,
) -> RuleTest {
    let weeks = (now.since(since).as_seconds() as f64 / (7.0 * 86_400.0)).max(1.0 / 7.0);
    let told = |one: &Heard| format!("{} from {}: {}", one.feed, one.since, one.why).into();
    RuleTest {
        rule: rule.name.into(),
        kind: rule.kind,
        threshold: rule.threshold,
        from: since,
        at: now,
        looked_at: looked_at as u64,
        spoke: heard.len() as u64,
        a_week: heard.len() as f64 / weeks,
        flagged: 0,
        decided: (0, 0),
        latest: Vec::new(),
        cases: heard[heard.len().saturating_sub(EXAMPLES)..].iter().map(told).collect(),
    }
}
