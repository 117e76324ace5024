//! A ledger in memory, which can be killed before or after any page.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use stockdeck::domain::*;
use stockdeck::feed::{Applied, FeedError, Ledger, Pending};

#[derive(Default)]
struct Kept {
    orders: BTreeMap<OrderKey, Order>,
    others: BTreeMap<String, Record>,
    rejects: Vec<Reject>,
    private: Private,
    cursor: Option<Cursor>,
    pages: usize,
    /// Dies at this page, before (`false`) or after (`true`) it is applied.
    dies: Option<(usize, bool)>,
    now: Timestamp,
}

pub struct Book(Mutex<Kept>);

impl Book {
    pub fn new(now: &str) -> Self {
        let now = Timestamp::parse(now, &Zone::utc()).unwrap();
        Book(Mutex::new(Kept { now, ..Kept::default() }))
    }
    pub fn dies(&self, at: Option<(usize, bool)>) {
        let mut kept = self.0.lock();
        kept.dies = at;
        kept.pages = 0;
    }
    pub fn pages(&self) -> usize {
        self.0.lock().pages
    }
    pub fn rejects(&self) -> Vec<Reject> {
        self.0.lock().rejects.clone()
    }
    pub fn orders(&self) -> Vec<Order> {
        self.0.lock().orders.values().cloned().collect()
    }
    pub fn order(&self, number: u64) -> Order {
        let wanted = number.to_string();
        self.orders().into_iter().find(|o| o.key.number.as_str() == wanted).unwrap()
    }
    pub fn others(&self) -> BTreeMap<String, Record> {
        self.0.lock().others.clone()
    }
    /// What was told of people.
    pub fn private(&self) -> Private {
        self.0.lock().private.clone()
    }
    /// Everything that a person could see, without the moments at which stock was read.
    pub fn truth(&self) -> String {
        let kept = self.0.lock();
        let mut others = kept.others.clone();
        for record in others.values_mut() {
            if let Record::Stock(report) = record {
                report.as_of = Timestamp::default();
            }
        }
        let mut rejects: Vec<String> = kept.rejects.iter().map(|r| format!("{r:?}")).collect();
        rejects.sort();
        rejects.dedup();
        format!("{:#?}\n{others:#?}\n{rejects:#?}", kept.orders)
    }
}

impl Ledger for Book {
    fn apply<'a>(&'a self, page: Page) -> Pending<'a, Result<Applied, FeedError>> {
        Box::pin(async move {
            let mut kept = self.0.lock();
            kept.pages += 1;
            let dies = kept.dies.filter(|(at, _)| *at == kept.pages);
            if dies.is_some_and(|(_, after)| !after) {
                return Err(FeedError::Stopped);
            }
            let mut applied = Applied::default();
            for record in page.records {
                let count = match kept.take(record) {
                    None => &mut applied.same,
                    Some(true) => &mut applied.new,
                    Some(false) => &mut applied.changed,
                };
                *count += 1;
            }
            for reject in page.rejects {
                // What was in quarantine before is not counted again.
                if !kept.rejects.contains(&reject) {
                    kept.rejects.push(reject);
                }
            }
            kept.private.extend(page.private);
            if page.cursor.is_some() {
                kept.cursor = page.cursor;
            }
            if dies.is_some() { Err(FeedError::Stopped) } else { Ok(applied) }
        })
    }
    fn cursor(&self, _: &FeedId) -> Result<Option<Cursor>, FeedError> {
        Ok(self.0.lock().cursor.clone())
    }
    fn now(&self) -> Timestamp {
        self.0.lock().now
    }
    fn open_orders(&self, _: &FeedId, limit: usize) -> Vec<OrderNo> {
        let kept = self.0.lock();
        let open = kept.orders.values().filter(|o| !o.status.is_final());
        open.map(|o| o.key.number.clone()).take(limit).collect()
    }
    fn orders_since(&self, _: &FeedId, from: Timestamp, limit: usize) -> Vec<OrderNo> {
        let kept = self.0.lock();
        let held = kept.orders.values().filter(|o| o.placed_at >= from);
        let there = held.filter(|o| o.status != OrderStatus::Gone);
        there.map(|o| o.key.number.clone()).take(limit).collect()
    }
}

impl Kept {
    /// `Some(true)`: new, `Some(false)`: changed, `None`: known.
    fn take(&mut self, record: Record) -> Option<bool> {
        match record {
            Record::Order(order) => match self.orders.get(&order.key) {
                Some(old) if *old == order || old.updated_at > order.updated_at => None,
                old => {
                    let new = old.is_none();
                    self.orders.insert(order.key.clone(), order);
                    Some(new)
                }
            },
            Record::OrderGone(key, at) => {
                let order = self.orders.get_mut(&key).filter(|o| o.updated_at <= at)?;
                order.status = OrderStatus::Gone;
                Some(false)
            }
            other => {
                let key = match &other {
                    Record::Product(p) => format!("product {}", p.sku),
                    Record::Stock(s) => format!("stock {}@{}", s.sku, s.site),
                    Record::Terms(t) => format!("terms {}", t.sku),
                    Record::Bounds(b) => match &b.site {
                        Some(site) => format!("bounds {}@{site}", b.sku),
                        None => format!("bounds {}", b.sku),
                    },
                    Record::Site(s) => format!("site {}", s.id),
                    Record::Supplier(s) => format!("supplier {}", s.id),
                    Record::PurchaseOrder(p) => format!("po {}", p.number),
                    Record::Receipt(r) => format!("receipt {}", r.id),
                    Record::Adjustment(a) => format!("adjustment {}", a.id),
                    Record::Order(_) | Record::OrderGone(..) => unreachable!(),
                };
                Some(self.others.insert(key, other).is_none())
            }
        }
    }
}
