//! What a feed tells, held against what it told in the weeks before: fields, rejects, prices, quantities.
//!
//! It reads the feed's orders of the last four weeks in the order in which they were placed, whenever they
//! came, and gives the times in which something else was told: [`Episode`]s. An episode that is over stays
//! for some days, as what was told wrongly stays in the books.

mod search;

use super::factor::{TOGETHER, Usual, middle};
use super::{moment, severity};
use crate::domain::{
    CaseKind, CaseSubject, Currency, FeedId, Money, Order, OrderKey, OrderKind, OrderNo, Sku, Span,
    Timestamp, Zone,
};
use crate::insight::anomaly::rules::Cause;
use crate::insight::anomaly::{Raised, ToldWrong};
use rustc_hash::FxHashMap;

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

/// Orders of an episode that are named at most, the latest: as many as one decision may be about.
const NAMED: usize = 10_000;

/// What a feed may stop or begin to tell of an order, and what orders are flagged for because of that.
const FIELDS: [(&str, &[Cause]); 4] = [
    ("a country", &[Cause::Destination, Cause::Takeover]),
    (
        "whose they are",
        &[
            Cause::Burst,
            Cause::Velocity,
            Cause::SharedAddress,
            Cause::NewAccount,
            Cause::Destination,
            Cause::Basket,
        ],
    ),
    ("prices", &[Cause::Price, Cause::ListPrice, Cause::Discount, Cause::Number, Cause::Basket]),
    ("a note", &[]),
];
/// The same of prices and of quantities that are off by a factor.
const OFF_PRICES: &[Cause] = &[
    Cause::Price,
    Cause::ListPrice,
    Cause::Discount,
    Cause::Basket,
    Cause::NewAccount,
    Cause::Destination,
    Cause::Takeover,
];
const OFF_QUANTITIES: &[Cause] = &[
    Cause::Quantity,
    Cause::Unit,
    Cause::Hoarding,
    Cause::Basket,
    Cause::NewAccount,
    Cause::Destination,
    Cause::Takeover,
];

/// One order as a feed told it.
#[derive(Clone, Debug)]
struct Told {
    number: OrderNo,
    placed: Timestamp,
    has: [bool; FIELDS.len()],
    worth: i64,
    /// At the prices of its lines, without postage and tax.
    goods: Money,
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
    /// The orders that were told so, oldest first, and what the goods on each are worth; none where they
    /// could not be read.
    pub told: Vec<(OrderNo, Money)>,
    /// What these orders are flagged for because they were told so.
    pub explains: &'static [Cause],
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
        let goods = order.product_lines().map(|line| line.price.times(line.qty).minor);
        let minor = goods.fold(0, i64::saturating_add);
        self.told.push(Told {
            number: order.key.number.clone(),
            placed: order.placed_at,
            has: [order.country.is_some(), order.customer.is_some(), priced, order.aside.noted],
            worth: order.total.minor,
            goods: Money { minor, currency: order.total.currency },
            price: middle(&mut prices),
            quantity: middle(&mut quantities),
        });
    }

    /// A record that could not be understood, by the moment that it tells of; a history is read at once.
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
        let prices = ("prices", OFF_PRICES);
        all.extend(self.units(|told| told.price, OFF.log2() as f32, 0.06, prices));
        let quantities = ("quantities", OFF_QUANTITIES);
        all.extend(self.units(|told| told.quantity, OFF_QUANTITY, 1.2, quantities));
        all.extend(self.rejected());
        all.retain(|episode| now.since(episode.until) <= TOLD);
        all.sort_by_key(|episode| episode.since);
        all
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
            let latest = episode.told.len().saturating_sub(NAMED);
            let key = |number: &OrderNo| OrderKey { feed: feed.clone(), number: number.clone() };
            let named = episode.told[latest..].iter().map(|(number, goods)| (key(number), *goods));
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
                told: ToldWrong { orders: named.collect(), explains: episode.explains.to_vec() },
            }
        };
        self.episodes(now).into_iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests;
