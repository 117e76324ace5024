//! Buckets and an order index in memory, for this room's tests.

use super::{Bucket, BucketKey, Buckets, SaleLine, SameDay, SeriesKey};
use crate::domain::*;
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;

#[derive(Default, Debug, Clone, PartialEq)]
pub struct Memory(pub BTreeMap<BucketKey, Bucket>);

impl Buckets for Memory {
    type Error = Infallible;
    fn get(&self, key: &BucketKey) -> Result<Option<Bucket>, Infallible> {
        Ok(self.0.get(key).cloned())
    }
    fn put(&mut self, key: &BucketKey, bucket: Option<&Bucket>) -> Result<(), Infallible> {
        match bucket {
            Some(bucket) => drop(self.0.insert(key.clone(), bucket.clone())),
            None => drop(self.0.remove(key)),
        }
        Ok(())
    }
}

/// Orders by key, and which orders a customer has.
#[derive(Default)]
pub struct Index {
    orders: HashMap<OrderKey, Order>,
    customers: HashMap<CustomerRef, Vec<OrderKey>>,
}

impl Index {
    pub fn get(&self, key: &OrderKey) -> Option<&Order> {
        self.orders.get(key)
    }
    pub fn put(&mut self, order: &Order) {
        if let Some(customer) = &order.customer {
            let keys = self.customers.entry(customer.clone()).or_default();
            if !keys.contains(&order.key) {
                keys.push(order.key.clone());
            }
        }
        self.orders.insert(order.key.clone(), order.clone());
    }
}

impl SameDay for Index {
    type Error = Infallible;
    fn sales(&self, line: &SaleLine<'_>) -> Result<u32, Infallible> {
        let (from, to) = line.moments();
        let orders = self.customers.get(line.customer).into_iter().flatten();
        let orders = orders.filter_map(|key| self.orders.get(key));
        let of_day = orders.filter(|order| (from..to).contains(&order.placed_at));
        Ok(of_day.map(|order| line.count_in(order)).sum())
    }
}

pub fn series(sku: &str) -> SeriesKey {
    SeriesKey { sku: sku.into(), site: SiteId::main() }
}

/// An order of Online Retail's shape: `lines` are SKU and units.
pub fn order(number: &str, kind: OrderKind, at: Timestamp, customer: Option<&str>) -> Order {
    Order {
        key: OrderKey { feed: "shop".into(), number: number.into() },
        kind,
        status: OrderStatus::Shipped,
        placed_at: at,
        updated_at: at,
        shipped_at: Some(at),
        site: SiteId::main(),
        customer: customer.map(CustomerRef::from),
        country: None,
        total: Money::zero(Currency::GBP),
        aside: Aside::default(),
        lines: Vec::new(),
    }
}

pub fn line(sku: &str, class: LineClass, qty: Qty, e4: i64) -> OrderLine {
    let price = UnitPrice { e4, currency: Currency::GBP };
    OrderLine { sku: sku.into(), class, qty, cancelled: Qty::ZERO, price }
}
