//! What is known of an item: how much of it people take, at which prices, and how fast it goes.

use super::order::{DAY, Kind};
use super::recent::{Rate, Recent};
use rustc_hash::FxHashMap;

/// Quantities and prices remembered.
const QUANTITIES: usize = 96;
const PRICES: usize = 31;
/// Different prices remembered.
const LEVELS: usize = 24;
/// Two prices within this share of each other are the same: rounding to a cent.
const SAME: f32 = 0.01;
/// Orders remembered, to find the same basket again.
const ORDERS: usize = 32;

/// A price that the item was sold at.
#[derive(Debug, Clone)]
pub(super) struct Level {
    /// log2 of the price.
    pub(super) price: f32,
    /// Lines sold at it.
    pub(super) count: f32,
    /// Mean log2 quantity of those lines.
    pub(super) quantity: f32,
    last: i64,
}

/// One item's past.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Lines of sales seen.
    pub(super) lines: u32,
    /// log2 of the quantities of the last sales.
    pub(super) quantities: Recent,
    /// log2 of the prices of the last sales.
    pub(super) prices: Recent,
    /// The prices that it was sold at.
    pub(super) levels: Vec<Level>,
    /// Units sold, over about a month.
    pub(super) month: Rate,
    /// Units sold, over about a day.
    pub(super) day: Rate,
    /// Orders with it, over about an hour.
    pub(super) hour: Rate,
    /// Number of the newest orders with it.
    pub(super) orders: Vec<u64>,
    /// Highest log2 quantity ever sold in one line.
    pub(super) most: f32,
    exact: FxHashMap<u32, u32>,
    /// Lines sold with a part of a unit.
    pub(super) parts: u32,
}

impl Default for Item {
    fn default() -> Self {
        Self {
            lines: 0,
            quantities: Recent::new(QUANTITIES),
            prices: Recent::new(PRICES),
            levels: Vec::new(),
            month: Rate::new(28 * DAY),
            day: Rate::new(DAY),
            hour: Rate::new(3600),
            orders: Vec::new(),
            most: f32::NEG_INFINITY,
            exact: FxHashMap::default(),
            parts: 0,
        }
    }
}

/// A quantity as a whole number, for counting how often exactly that was ordered.
pub(super) fn whole(qty: f64) -> u32 {
    let rounded = super::order::sound(qty).round().min(f64::from(u32::MAX - 1));
    rounded as u32
}

/// Whether a quantity is no whole number.
pub(super) fn in_parts(qty: f64) -> bool {
    (qty - qty.round()).abs() > 1e-6
}

/// What may have been meant by a number in which a key was hit twice or held: noughts at its end,
/// the number typed two times, a digit doubled.
pub(super) fn meant(typed: u32) -> impl Iterator<Item = u32> {
    let noughts =
        [10u32, 100].into_iter().filter(move |by| typed >= *by && typed.is_multiple_of(*by));
    let twice = [11u32, 101, 1001, 10_001].into_iter().filter(move |by| {
        // 1001 is 10 twice only if what is left has as many digits as it should.
        let half = typed / by;
        typed > 0 && typed.is_multiple_of(*by) && half < *by - 1 && half >= (*by - 1) / 10
    });
    let doubled = (0..9u32).map(|place| 10u32.pow(place)).filter_map(move |place| {
        let pair = typed / place % 100;
        let both = pair >= 10 && pair.is_multiple_of(11);
        both.then(|| typed / place / 10 * place + typed % place)
    });
    noughts.chain(twice).map(move |by| typed / by).chain(doubled).filter(|&meant| meant > 0)
}

impl Item {
    /// Takes in a line of an order that has this number.
    pub(super) fn learn(&mut self, at: i64, order: u64, kind: Kind, qty: f64, price: f64) {
        if kind == Kind::Return {
            return;
        }
        let (log_qty, log_price) = (super::order::log(qty), super::order::log(price));
        self.lines = self.lines.saturating_add(1);
        self.quantities.push(log_qty);
        self.prices.push(log_price);
        self.most = self.most.max(log_qty);
        *self.exact.entry(whole(qty)).or_default() += 1;
        self.parts += u32::from(in_parts(qty));
        self.month.push(at, super::order::sound(qty));
        self.day.push(at, super::order::sound(qty));
        if self.orders.last() != Some(&order) {
            self.hour.push(at, 1.0);
            self.remember_order(order);
        }
        self.learn_price(at, log_price, log_qty);
    }

    fn remember_order(&mut self, order: u64) {
        if self.orders.len() >= ORDERS {
            self.orders.remove(0);
        }
        self.orders.push(order);
    }

    fn learn_price(&mut self, at: i64, price: f32, quantity: f32) {
        if let Some(level) = self.levels.iter_mut().find(|level| same(level.price, price)) {
            level.count += 1.0;
            level.quantity += (quantity - level.quantity) / level.count.min(64.0);
            level.last = at;
            return;
        }
        if self.levels.len() >= LEVELS {
            let oldest = (0..LEVELS).min_by_key(|&place| self.levels[place].last).unwrap_or(0);
            self.levels.swap_remove(oldest);
        }
        self.levels.push(Level { price, count: 1.0, quantity, last: at });
    }

    /// The price level that this price belongs to.
    pub(super) fn level(&self, price: f32) -> Option<&Level> {
        self.levels.iter().find(|level| same(level.price, price))
    }

    /// How far this log2 price is from the nearest that was paid; prices paid once count a little
    /// less, since one of them may have been a mistake.
    pub(super) fn nearest(&self, price: f32) -> Option<f32> {
        self.levels
            .iter()
            .filter(|level| level.count >= 2.0 || self.lines < 4)
            .map(|level| price - level.price)
            .min_by(|a, b| a.abs().total_cmp(&b.abs()))
    }

    /// Times exactly this quantity was sold.
    pub(super) fn exactly(&self, qty: f64) -> u32 {
        self.exact.get(&whole(qty)).copied().unwrap_or(0)
    }

    /// How much oftener (ln) the item was sold in the number that was meant if a key was hit twice;
    /// 0 when not oftener.
    pub(super) fn slip(&self, qty: f64) -> f32 {
        let count = |number: u32| self.exact.get(&number).copied().unwrap_or(0) as f32 + 0.5;
        let typed = whole(qty);
        let meant = meant(typed).map(count).fold(0.5, f32::max);
        (meant / count(typed)).ln().max(0.0)
    }

    /// Units a week as it sells now.
    pub(super) fn weekly(&self, at: i64) -> f64 {
        self.month.per_second(at) * (7 * DAY) as f64
    }
}

fn same(one: f32, other: f32) -> bool {
    (one - other).abs() < SAME * std::f32::consts::LOG2_E
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(typed: u32) -> Vec<u32> {
        let mut all: Vec<u32> = meant(typed).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn a_key_hit_twice_is_undone() {
        assert_eq!(all(66), [6]);
        assert_eq!(all(1212), [12]);
        assert_eq!(all(600), [6, 60]);
        assert_eq!(all(144), [14]);
        assert!(all(7).is_empty() && all(0).is_empty() && all(123).is_empty());
        assert!(!all(u32::MAX - 1).contains(&0));
    }

    #[test]
    fn prices_within_a_cent_are_one() {
        let mut item = Item::default();
        (0..10).for_each(|n| item.learn(n, n as u64, Kind::Sale, 6.0, 2.10));
        assert_eq!(item.levels.len(), 1);
        assert!(item.nearest(super::super::order::log(2.11)).unwrap().abs() < 0.01);
        assert!((item.nearest(super::super::order::log(4.20)).unwrap() - 1.0).abs() < 0.01);
    }
}
