//! Odd orders of a simulated shop: found if one of an incident's orders is among the ten highest of its day.

use super::shop::Shop;
use crate::feed::demo::OddKind;
use crate::insight::anomaly::models::{ModelError, Models};
use crate::insight::anomaly::order_model::Fit;
use crate::insight::anomaly::{Flag, Watch};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Orders that somebody looks at in a day.
const A_DAY: usize = 10;
const DAY: i64 = 86_400;

/// Of each kind, how many happened in the last `days` and how many were found.
pub(super) fn found(
    shop: &Shop,
    days: i64,
) -> Result<Vec<(&'static str, usize, usize)>, ModelError> {
    let seen = shop.orders_seen();
    let end = seen.last().map_or(0, |order| order.at.div_euclid(DAY) * DAY + DAY);
    let start = seen.partition_point(|order| order.at < end - days * DAY);
    let (past, asked) = seen.split_at(start);
    let mut watch = Watch::new(Arc::new(Models::fit(past, Fit::default())?));
    past.iter().for_each(|order| watch.learn(order));
    let highest = highest(&watch.orders(asked)?);
    let asked: BTreeSet<&str> = asked.iter().map(|order| &*order.id).collect();
    let truth = shop.truth();
    let mut tallies: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    let mut count = |kind: &'static str, numbers: &[&str]| {
        // Orders are told apart by feed and number, and the truth knows their numbers alone.
        let orders: Vec<String> = numbers.iter().map(|number| shop.order_id(number)).collect();
        if orders.iter().any(|order| asked.contains(order.as_str())) {
            let (wrong, found) = tallies.entry(kind).or_default();
            *wrong += 1;
            *found += usize::from(orders.iter().any(|order| highest.contains(order.as_str())));
        }
    };
    for of in truth.incidents.iter().filter(|of| of.kind.has_orders()) {
        let orders: Vec<&str> = of.orders.iter().map(|order| order.as_str()).collect();
        count(of.kind.word(), &orders);
    }
    // The orders of a burst of guests are one incident, which their truth does not tell apart by.
    for odd in truth.odd.iter().filter(|odd| odd.kind != OddKind::GuestBurst) {
        count(odd.kind.word(), &[odd.number.as_str()]);
    }
    Ok(tallies.into_iter().map(|(kind, (wrong, found))| (kind, wrong, found)).collect())
}

/// The ten highest of each day.
fn highest(flags: &[Flag]) -> BTreeSet<Arc<str>> {
    let mut days: BTreeMap<i64, Vec<&Flag>> = BTreeMap::new();
    for flag in flags {
        days.entry(flag.at.div_euclid(DAY)).or_default().push(flag);
    }
    let mut all = BTreeSet::new();
    for flags in days.values_mut() {
        flags.sort_by(|a, b| b.score.total_cmp(&a.score));
        all.extend(flags.iter().take(A_DAY).map(|flag| Arc::clone(&flag.order)));
    }
    all
}
