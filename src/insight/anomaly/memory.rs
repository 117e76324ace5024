//! What was known when an order arrived: the pasts of items, customers, addresses and the shop.
//!
//! Everything here is learnt one order at a time and costs the same for the first order and for the
//! millionth.

use super::crowd::{Basket, Crowd, Trace};
use super::customer::{Address, Customer, Deed};
use super::item::Item;
use super::names::{Names, UNKNOWN};
use super::order::{Kind, Order, hour, log, sound, weekday};
use super::recent::{Fading, Recent};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Lines up to which an order counts as small.
pub(super) const SMALL: usize = 3;
/// A customer is new for this long.
const FRESH: i64 = 2 * super::order::DAY;

/// How often each hour and country was seen.
#[derive(Debug, Clone)]
pub(super) struct Habits {
    pub(super) hours: [f32; 24],
    pub(super) week: [f32; 168],
    pub(super) orders: f32,
    pub(super) ship: Vec<f32>,
    pub(super) bill: Vec<f32>,
}

/// Everything that was known when an order arrived.
#[derive(Debug, Clone)]
pub struct Memory {
    pub(super) skus: Names,
    pub(super) people: Names,
    /// The customer of each account: the one under whose name it first ordered.
    accounts: FxHashMap<Arc<str>, u32>,
    pub(super) places: Names,
    pub(super) countries: Names,
    pub(super) feeds: Names,
    pub(super) items: Vec<Item>,
    pub(super) customers: Vec<Option<Customer>>,
    pub(super) addresses: Vec<Address>,
    pub(super) crowd: Crowd,
    pub(super) habits: Habits,
    pub(super) values: Recent,
    pub(super) quantity: Fading,
    orders: u64,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            skus: Names::default(),
            people: Names::default(),
            accounts: FxHashMap::default(),
            places: Names::default(),
            countries: Names::default(),
            feeds: Names::default(),
            items: Vec::new(),
            customers: Vec::new(),
            addresses: Vec::new(),
            crowd: Crowd::default(),
            habits: Habits {
                hours: [0.0; 24],
                week: [0.0; 168],
                orders: 0.0,
                ship: Vec::new(),
                bill: Vec::new(),
            },
            values: Recent::new(1024),
            quantity: Fading::default(),
            orders: 0,
        }
    }
}

/// An order's ids as numbers.
#[derive(Debug, Clone)]
pub(super) struct Numbered {
    pub(super) customer: u32,
    /// The name that the order came under; the customer's own, or another one of the same account.
    pub(super) name: u32,
    pub(super) address: u32,
    pub(super) feed: u32,
    pub(super) bill: u32,
    pub(super) ship: u32,
    pub(super) skus: Vec<u32>,
}

impl Memory {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Orders learnt.
    pub fn orders(&self) -> u64 {
        self.orders
    }

    pub(super) fn find(&self, order: &Order) -> Numbered {
        let some =
            |names: &Names, id: &Option<Arc<str>>| id.as_ref().map_or(UNKNOWN, |id| names.find(id));
        let name = some(&self.people, &order.customer);
        let account = order.account.as_ref().and_then(|account| self.accounts.get(account));
        Numbered {
            customer: account.copied().unwrap_or(name),
            name,
            address: some(&self.places, &order.address),
            feed: self.feeds.find(&order.feed),
            bill: some(&self.countries, &told(&order.bill)),
            ship: some(&self.countries, &told(&order.ship)),
            skus: order.lines.iter().map(|line| self.skus.find(&line.sku)).collect(),
        }
    }

    fn number(&mut self, order: &Order) -> Numbered {
        let some = |names: &mut Names, id: &Option<Arc<str>>| {
            id.as_ref().map_or(UNKNOWN, |id| names.number(id))
        };
        let name = some(&mut self.people, &order.customer);
        let customer = match &order.account {
            Some(account) if name != UNKNOWN => {
                *self.accounts.entry(Arc::clone(account)).or_insert(name)
            }
            Some(account) => self.accounts.get(account).copied().unwrap_or(name),
            None => name,
        };
        let numbered = Numbered {
            customer,
            name,
            address: some(&mut self.places, &order.address),
            feed: self.feeds.number(&order.feed),
            bill: some(&mut self.countries, &told(&order.bill)),
            ship: some(&mut self.countries, &told(&order.ship)),
            skus: order.lines.iter().map(|line| self.skus.number(&line.sku)).collect(),
        };
        self.make_room(&numbered);
        numbered
    }

    fn make_room(&mut self, numbered: &Numbered) {
        let after = |number: u32| if number == UNKNOWN { 0 } else { number as usize + 1 };
        let skus = numbered.skus.iter().map(|&sku| after(sku)).max().unwrap_or(0);
        let countries = after(numbered.bill).max(after(numbered.ship));
        grow(&mut self.items, skus);
        grow(&mut self.customers, after(numbered.customer));
        grow(&mut self.addresses, after(numbered.address));
        grow(&mut self.habits.ship, countries);
        grow(&mut self.habits.bill, countries);
    }

    /// The customer's past, if there is one.
    pub(super) fn customer(&self, number: u32) -> Option<&Customer> {
        self.customers.get(number as usize)?.as_ref()
    }

    /// The item's past, if it was ever sold.
    pub(super) fn item(&self, number: u32) -> Option<&Item> {
        self.items.get(number as usize).filter(|item| item.lines > 0)
    }

    pub(super) fn address(&self, number: u32) -> Option<&Address> {
        self.addresses.get(number as usize).filter(|address| !address.times.is_empty())
    }

    /// Whether orders of somebody count as those of a stranger: unnamed, or known for a day or two.
    pub(super) fn fresh(&self, customer: u32, at: i64) -> bool {
        self.customer(customer).is_none_or(|known| at - known.first < FRESH)
    }

    /// Learns from an order. Orders come in the order of their arrival.
    pub fn learn(&mut self, order: &Order) {
        let numbered = self.number(order);
        let fresh = self.fresh(numbered.customer, order.at);
        let deed = self.deed(order, &numbered);
        self.learn_habits(order, &numbered);
        if let Some(slot) = self.customers.get_mut(numbered.customer as usize) {
            slot.get_or_insert_with(|| Customer::new(order.at)).learn(&deed);
        }
        if let Some(address) = self.addresses.get_mut(numbered.address as usize) {
            address.learn(order.at, numbered.customer);
        }
        let place = self.crowd.next();
        for (line, &sku) in order.lines.iter().zip(&numbered.skus) {
            if let Some(item) = self.items.get_mut(sku as usize) {
                item.learn(order.at, place, order.kind, line.qty, line.price);
            }
        }
        let small = order.lines.len() <= SMALL;
        self.crowd.learn(Trace {
            at: order.at,
            customer: numbered.customer,
            address: numbered.address,
            sale: order.kind == Kind::Sale,
            small_fresh: small && fresh,
            small,
            basket: basket(order, &numbered.skus),
        });
        self.orders += 1;
    }

    fn learn_habits(&mut self, order: &Order, numbered: &Numbered) {
        if order.kind == Kind::Return {
            return;
        }
        let hour = hour(order.at);
        self.habits.hours[hour] += 1.0;
        self.habits.week[weekday(order.at) * 24 + hour] += 1.0;
        self.habits.orders += 1.0;
        if let Some(count) = self.habits.ship.get_mut(numbered.ship as usize) {
            *count += 1.0;
        }
        if let Some(count) = self.habits.bill.get_mut(numbered.bill as usize) {
            *count += 1.0;
        }
        self.values.push(log(order.value()));
        for line in &order.lines {
            self.quantity.push(log(line.qty), 5000.0);
        }
    }

    fn deed(&self, order: &Order, numbered: &Numbered) -> Deed {
        let lines = order.lines.iter().zip(&numbered.skus).map(|(line, &sku)| {
            let past = self.item(sku);
            let median = past.and_then(|item| item.quantities.median());
            let price = past.and_then(|item| item.prices.median());
            let offset = median.map_or(0.0, |median| log(line.qty) - median);
            let ratio = price.map_or(0.0, |price| log(line.price) - price);
            (sku, sound(line.qty), offset.clamp(-8.0, 8.0), ratio.clamp(-8.0, 8.0))
        });
        Deed {
            at: order.at,
            kind: order.kind,
            name: if order.account.is_some() { numbered.name } else { UNKNOWN },
            feed: numbered.feed,
            address: numbered.address,
            country: numbered.ship,
            value: order.value(),
            lines: lines.collect(),
        }
    }
}

/// A country, where one was told.
fn told(country: &Arc<str>) -> Option<Arc<str>> {
    (!country.is_empty()).then(|| Arc::clone(country))
}

fn grow<T: Default + Clone>(list: &mut Vec<T>, length: usize) {
    if list.len() < length {
        list.resize(length, T::default());
    }
}

/// Items and units of an order, by item; lines of one item are added up. Unknown items are left out.
pub(super) fn basket(order: &Order, skus: &[u32]) -> Basket {
    let mut basket: Basket =
        skus.iter().zip(&order.lines).map(|(&sku, line)| (sku, sound(line.qty))).collect();
    basket.retain(|entry| entry.0 != UNKNOWN);
    basket.sort_by_key(|entry| entry.0);
    basket.dedup_by(|later, first| {
        let same = later.0 == first.0;
        if same {
            first.1 += later.1;
        }
        same
    });
    basket
}
