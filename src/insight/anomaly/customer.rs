//! What is known of a customer, and of an address.

use super::order::{DAY, Kind};
use super::recent::{Fading, Rate, Recent};
use rustc_hash::FxHashMap;

/// Orders, values and the like remembered of one customer.
const ORDERS: usize = 24;
/// Addresses, countries and customers remembered.
const PLACES: usize = 16;
/// Names of an account remembered, its first among them.
const NAMES: usize = 4;
/// Returns older than this are forgotten.
const RETURNS: i64 = 60 * DAY;

/// What a customer bought of one item.
#[derive(Debug, Clone, Default)]
pub(super) struct Bought {
    /// Lines bought.
    pub(super) count: u32,
    /// Log2 of the last and of the highest quantity.
    pub(super) last: f32,
    pub(super) most: f32,
    /// Units bought and not yet returned.
    pub(super) held: f64,
    /// Units bought with the last sale, and when.
    pub(super) units: f64,
    pub(super) at: i64,
}

/// One return of a customer.
#[derive(Debug, Clone)]
pub(super) struct Returned {
    pub(super) at: i64,
    pub(super) value: f64,
    /// Share of what was held that came back, over its lines.
    pub(super) share: f32,
}

/// One customer's past.
#[derive(Debug, Clone)]
pub(super) struct Customer {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) sales: u32,
    pub(super) lines: u32,
    /// How far its lines are from the item's median, log2.
    pub(super) offset: Fading,
    /// The same as one mean for each order.
    pub(super) order_offset: Fading,
    /// How far its prices are from the item's median, log2.
    pub(super) price: Fading,
    /// log2 value of its sales and log2 lines.
    pub(super) values: Recent,
    pub(super) line_counts: Recent,
    /// Share of lines that it had bought before.
    pub(super) repeats: Fading,
    /// Value sold over about two months.
    pub(super) spent: Rate,
    pub(super) bought: FxHashMap<u32, Bought>,
    pub(super) addresses: Vec<u32>,
    /// Names under which its account ordered, and since when.
    pub(super) names: Vec<(u32, i64)>,
    pub(super) countries: Vec<u32>,
    pub(super) feed: u32,
    pub(super) returns: Vec<Returned>,
    pub(super) return_count: u32,
    /// Times of its last orders of any kind.
    pub(super) times: Vec<i64>,
    hours: [f32; 24],
}

/// What an order adds to its customer's past.
#[derive(Debug, Clone)]
pub(super) struct Deed {
    pub(super) at: i64,
    pub(super) kind: Kind,
    /// The name that it came under, where it came under an account.
    pub(super) name: u32,
    pub(super) feed: u32,
    pub(super) address: u32,
    pub(super) country: u32,
    pub(super) value: f64,
    /// Item, units, offset and price offset of each line.
    pub(super) lines: Vec<(u32, f64, f32, f32)>,
}

impl Customer {
    /// A customer who appears now.
    pub(super) fn new(at: i64) -> Self {
        Self {
            first: at,
            last: at,
            sales: 0,
            lines: 0,
            offset: Fading::default(),
            order_offset: Fading::default(),
            price: Fading::default(),
            values: Recent::new(ORDERS),
            line_counts: Recent::new(ORDERS),
            repeats: Fading::default(),
            spent: Rate::new(60 * DAY),
            bought: FxHashMap::default(),
            addresses: Vec::new(),
            names: Vec::new(),
            countries: Vec::new(),
            feed: super::names::UNKNOWN,
            returns: Vec::new(),
            return_count: 0,
            times: Vec::new(),
            hours: [0.0; 24],
        }
    }

    /// Takes in an order.
    pub(super) fn learn(&mut self, deed: &Deed) {
        self.last = self.last.max(deed.at);
        keep(&mut self.addresses, deed.address, PLACES);
        keep(&mut self.countries, deed.country, PLACES);
        self.learn_name(deed);
        self.feed = deed.feed;
        if self.times.len() >= ORDERS {
            self.times.remove(0);
        }
        self.times.push(deed.at);
        match deed.kind {
            Kind::Sale => self.learn_sale(deed),
            Kind::Return => self.learn_return(deed),
        }
    }

    fn learn_name(&mut self, deed: &Deed) {
        let is_known = self.names.iter().any(|(name, _)| *name == deed.name);
        if deed.name == super::names::UNKNOWN || is_known {
            return;
        }
        if self.names.len() >= NAMES {
            self.names.remove(1);
        }
        self.names.push((deed.name, deed.at));
    }

    fn learn_sale(&mut self, deed: &Deed) {
        self.sales = self.sales.saturating_add(1);
        self.hours[super::order::hour(deed.at)] += 1.0;
        self.spent.push(deed.at, deed.value);
        self.values.push(super::order::log(deed.value));
        self.line_counts.push((deed.lines.len().max(1) as f32).log2());
        let (mut sum, mut known) = (0f32, 0f32);
        for &(item, units, offset, price) in &deed.lines {
            self.lines = self.lines.saturating_add(1);
            self.offset.push(offset, 200.0);
            self.price.push(price, 200.0);
            sum += offset;
            let bought = self.bought.entry(item).or_default();
            known += if bought.count > 0 { 1.0 } else { 0.0 };
            let log = super::order::log(units);
            bought.most = if bought.count > 0 { bought.most.max(log) } else { log };
            bought.count += 1;
            bought.last = log;
            bought.held += units;
            bought.units = if bought.at == deed.at { bought.units + units } else { units };
            bought.at = deed.at;
        }
        let count = deed.lines.len().max(1) as f32;
        self.order_offset.push(sum / count, 12.0);
        self.repeats.push(known / count, 12.0);
    }

    fn learn_return(&mut self, deed: &Deed) {
        let share = self.share_returned(deed.lines.iter().map(|line| (line.0, line.1)));
        for &(item, units, ..) in &deed.lines {
            if let Some(bought) = self.bought.get_mut(&item) {
                bought.held = (bought.held - units).max(0.0);
            }
        }
        self.return_count = self.return_count.saturating_add(1);
        self.returns.retain(|old| deed.at - old.at < RETURNS);
        if self.returns.len() >= ORDERS {
            self.returns.remove(0);
        }
        self.returns.push(Returned { at: deed.at, value: deed.value, share });
    }

    /// Mean share of what was bought last of each item that comes back with these lines; more than
    /// all counts as all, what was never bought as nothing.
    pub(super) fn share_returned(&self, lines: impl Iterator<Item = (u32, f64)>) -> f32 {
        let (mut sum, mut count) = (0f64, 0f64);
        for (item, units) in lines {
            count += 1.0;
            if let Some(bought) = self.bought.get(&item) {
                sum += (units / bought.units.max(1e-3)).min(1.0);
            }
        }
        if count > 0.0 { (sum / count) as f32 } else { 0.0 }
    }

    /// Share of its sales within an hour of this hour, with `usual` for what is not known yet.
    pub(super) fn hour_share(&self, hour: usize, usual: f32) -> f32 {
        let near: f32 = (0..3).map(|by| self.hours[(hour + 23 + by) % 24]).sum();
        (near + 4.0 * usual) / (self.sales as f32 + 4.0)
    }

    /// Its orders of any kind in the last seconds.
    pub(super) fn since(&self, at: i64, seconds: i64) -> usize {
        self.times.iter().rev().take_while(|&&time| at - time <= seconds).count()
    }
}

/// One address's past.
#[derive(Debug, Clone, Default)]
pub(super) struct Address {
    /// Customers that had something sent to it.
    pub(super) customers: Vec<u32>,
    /// Times of the last orders to it.
    pub(super) times: Vec<i64>,
}

impl Address {
    pub(super) fn learn(&mut self, at: i64, customer: u32) {
        keep(&mut self.customers, customer, PLACES);
        if self.times.len() >= ORDERS {
            self.times.remove(0);
        }
        self.times.push(at);
    }

    /// Orders to it in the last seconds.
    pub(super) fn since(&self, at: i64, seconds: i64) -> usize {
        self.times.iter().rev().take_while(|&&time| at - time <= seconds).count()
    }
}

/// Adds a number that is not there yet, the oldest falls out.
fn keep(numbers: &mut Vec<u32>, number: u32, room: usize) {
    if number == super::names::UNKNOWN || numbers.contains(&number) {
        return;
    }
    if numbers.len() >= room {
        numbers.remove(0);
    }
    numbers.push(number);
}
