//! A line against what was known of its item and its customer.

use super::customer::Customer;
use super::facts::LineFacts;
use super::item::Item;
use super::memory::Memory;
use super::order::{Kind, Line, log, sound};

/// Spread of quantities of an item of which little is known, log2.
const USUAL_SPREAD: f32 = 1.2;
/// Spreads below this are not believed: 12 instead of 10 is no event.
const LEAST_SPREAD: f32 = 0.35;
/// Lines of an item before its records and habits say anything.
pub(super) const KNOWN: u32 = 8;
/// Lines at a price before its usual quantity says anything.
const LEVEL_KNOWN: f32 = 2.0;

/// What it counts (ln) that the number meant is what the customer took last.
const OWN_SLIP: f32 = 3.0;

/// One line of an order that arrives now.
pub(super) fn line(
    memory: &Memory,
    customer: Option<&Customer>,
    kind: Kind,
    at: i64,
    sku: u32,
    line: &Line,
) -> LineFacts {
    let mut facts = LineFacts {
        sku,
        quantity: log(line.qty),
        units: sound(line.qty),
        price: sound(line.price),
        ..LineFacts::default()
    };
    if let Some(list) = line.list.filter(|list| sound(*list) > 0.0 && facts.price > 0.0) {
        facts.list = log(line.price) - log(list);
    }
    match memory.item(sku) {
        Some(item) => against_item(&mut facts, item, kind, at, line),
        None => {
            facts.median = memory.quantity.mean(2.0, 50.0);
            facts.low = facts.median - 1.5;
            facts.high = facts.median + 1.5;
            facts.most = facts.high;
            facts.spread = memory.quantity.deviation(1.7, 50.0);
            facts.offset = facts.quantity - facts.median;
            facts.z = facts.offset / facts.spread;
        }
    }
    if let Some(bought) = customer.and_then(|customer| customer.bought.get(&sku)) {
        facts.own_count = bought.count as f32;
        facts.own_last = facts.quantity - bought.last;
        facts.own_most = facts.quantity - bought.most;
        let mut meant = super::item::meant(super::item::whole(line.qty));
        if meant.any(|meant| (log(f64::from(meant)) - bought.last).abs() < 0.01) {
            facts.slip = facts.slip.max(OWN_SLIP);
        }
    }
    facts
}

fn against_item(facts: &mut LineFacts, item: &Item, kind: Kind, at: i64, line: &Line) {
    let quantile = |level| item.quantities.quantile(level).unwrap_or(facts.quantity);
    facts.lines = item.lines as f32;
    facts.median = quantile(0.5);
    facts.low = quantile(0.1);
    facts.high = quantile(0.9);
    facts.most = item.most;
    facts.spread = item.quantities.spread(USUAL_SPREAD).max(LEAST_SPREAD);
    facts.offset = facts.quantity - facts.median;
    facts.z = facts.offset / facts.spread;
    facts.exact = item.exactly(line.qty) as f32;
    facts.slip = item.slip(line.qty);
    // One part sold before may have been the first mistake.
    facts.part = if super::item::in_parts(line.qty) && item.parts < 2 { 1.0 } else { 0.0 };
    let price = log(line.price);
    facts.price_median = item.prices.median();
    facts.price_ratio = item.prices.median().map_or(0.0, |median| price - median);
    facts.price_nearest = item.nearest(price).unwrap_or(facts.price_ratio);
    if let Some(level) = item.level(price) {
        facts.level_count = level.count;
        if level.count >= LEVEL_KNOWN {
            facts.level_offset = level.quantity - facts.median;
        }
    }
    facts.weekly = item.weekly(at);
    if item.lines >= KNOWN && kind == Kind::Sale {
        // An item that hardly sells has no week to take a share of: one unit is the least.
        facts.week = log(line.qty) - log(facts.weekly.max(1.0));
        let day = item.day.level(at) + sound(line.qty);
        facts.day = log(day) - log((facts.weekly / 7.0).max(1.0));
    }
}

/// How far a line's quantity is above what its item, its customer and the price speak for: the most
/// lenient of them. `usual` is the customer's usual offset, its spread and its sales.
pub(super) fn excess(line: &LineFacts, usual: (f32, f32, f32)) -> f32 {
    let (offset, spread, sales) = usual;
    let mut excess = line.z;
    if sales > 0.0 {
        excess = excess.min((line.offset - offset) / spread.max(0.5));
    }
    if line.own_count > 0.0 {
        excess = excess.min(line.own_most / 0.7);
    }
    if line.level_count >= LEVEL_KNOWN {
        excess = excess.min((line.offset - line.level_offset) / line.spread.max(0.5));
    }
    excess
}
