//! What a page would change: worked out from what is known, before anything is.

use super::house::Numbers;
use super::keeper::KeepError;
use super::stored::{StoredOrder, Told};
use super::tables;
use crate::domain::*;
use crate::feed::Applied;
use crate::orders::{OrderIndex, Row};
use crate::stock::{News, StockBook};
use crate::store::Write;
use rustc_hash::{FxHashMap, FxHashSet};

/// A page, sorted by what it does.
#[derive(Default)]
pub struct Plan {
    /// Orders to be written; each once.
    pub orders: Vec<Touched>,
    /// Records about stock and master data that say something.
    pub rest: Vec<Record>,
    /// The records that the archive needs to come to the same state.
    pub archived: Vec<Record>,
    /// Whether anything is another than before.
    pub news: bool,
    /// What became of the records so far: those in `rest` are counted when they are taken in.
    pub applied: Applied,
}

/// An order that a page tells of.
pub struct Touched {
    /// Its row.
    pub row: Row,
    /// As it stood before the page; `None`: it was not known.
    pub before: Option<Order>,
    /// As it is kept now.
    pub stored: StoredOrder,
    /// As it stands now.
    pub now: Order,
    /// Whether `now` is to be made from `stored` again.
    stale: bool,
}

impl Touched {
    /// Whether another order is shown than before.
    pub fn is_change(&self) -> bool {
        self.before.as_ref() != Some(&self.now)
    }
}

impl Plan {
    /// Sorts the records of a page. Only `write` and `numbers` are changed, which both are thrown
    /// away if the page cannot be kept.
    pub fn new(
        page: &mut Page,
        numbers: &mut Numbers,
        index: &OrderIndex,
        book: &StockBook,
        write: &mut Write<'_>,
    ) -> Result<Plan, KeepError> {
        let mut plan = Plan::default();
        let mut rest = Vec::new();
        let mut places = FxHashMap::default();
        for record in std::mem::take(&mut page.records) {
            let mut known = Known { numbers, index, write, places: &mut places };
            match record {
                Record::Order(order) => plan.told(order, page.asked, &mut known)?,
                Record::OrderGone(key, at) => plan.gone(key, at, page.asked, &mut known)?,
                other => rest.push(other),
            }
        }
        for touched in plan.orders.iter_mut().filter(|touched| touched.stale) {
            touched.now = touched.stored.order();
        }
        plan.sort_rest(rest, &page.feed, book);
        let private = &page.private;
        let beside =
            !page.rejects.is_empty() || !private.sealed.is_empty() || !private.settles.is_empty();
        plan.news = beside || !plan.archived.is_empty();
        Ok(plan)
    }

    fn told(&mut self, order: Order, asked: Timestamp, known: &mut Known) -> Result<(), KeepError> {
        let Some(place) = self.place(&order.key, known)? else {
            let gone = known.take_tombstone(&order.key)?;
            let row = known.numbers.next_row;
            known.numbers.next_row += 1;
            known.places.insert(order.key.clone(), self.orders.len());
            let stored = StoredOrder::new(order.clone(), asked, gone);
            let now = stored.order();
            self.orders.push(Touched { row, before: None, stored, now, stale: false });
            self.archived.push(Record::Order(order));
            self.applied.new += 1;
            self.applied.orders += 1;
            return Ok(());
        };
        let Some(touched) = self.orders.get_mut(place) else { return Ok(()) };
        match touched.stored.tell(order.clone(), asked) {
            Told::Changed => {
                touched.stale = true;
                self.archived.push(Record::Order(order));
                self.applied.changed += 1;
            }
            Told::Confirmed | Told::Nothing => self.applied.same += 1,
        }
        Ok(())
    }

    fn gone(
        &mut self,
        key: OrderKey,
        at: Timestamp,
        asked: Timestamp,
        known: &mut Known,
    ) -> Result<(), KeepError> {
        let Some(place) = self.place(&key, known)? else {
            if known.put_tombstone(&key, asked)? {
                self.archived.push(Record::OrderGone(key, at));
            }
            self.applied.same += 1;
            return Ok(());
        };
        let Some(touched) = self.orders.get_mut(place) else { return Ok(()) };
        let told = touched.stored.tell_gone(asked);
        if told != Told::Nothing {
            self.archived.push(Record::OrderGone(key, at));
        }
        match told {
            Told::Changed => {
                touched.stale = true;
                self.applied.changed += 1;
            }
            Told::Confirmed | Told::Nothing => self.applied.same += 1,
        }
        Ok(())
    }

    /// Where an order stands in `orders`; one that is known already is read first.
    fn place(&mut self, key: &OrderKey, known: &mut Known) -> Result<Option<usize>, KeepError> {
        if let Some(place) = known.places.get(key) {
            return Ok(Some(*place));
        }
        let Some(row) = known.index.find(key) else { return Ok(None) };
        let Some(stored) = known.write.get::<tables::Orders>(&row)? else { return Ok(None) };
        let before = stored.order();
        known.places.insert(key.clone(), self.orders.len());
        self.orders.push(Touched {
            row,
            before: Some(before.clone()),
            stored,
            now: before,
            stale: false,
        });
        Ok(Some(self.orders.len() - 1))
    }

    /// Leaves out what is known already. What confirms a figure is taken in and not archived; a
    /// subject of which one record changes something keeps all of them, since the second may mean
    /// something only after the first.
    fn sort_rest(&mut self, rest: Vec<Record>, feed: &FeedId, book: &StockBook) {
        let weights: Vec<News> = rest.iter().map(|record| book.weigh(record, feed)).collect();
        let changed: FxHashSet<Subject> = (rest.iter().zip(&weights))
            .filter(|(_, weight)| **weight == News::Changes)
            .map(|(record, _)| subject(record))
            .collect();
        let keep: Vec<bool> = rest.iter().map(|r| changed.contains(&subject(r))).collect();
        for ((record, weight), keep) in rest.into_iter().zip(weights).zip(keep) {
            if keep {
                self.archived.push(record.clone());
            }
            if keep || weight == News::Confirms {
                self.rest.push(record);
            } else {
                self.applied.same += 1;
            }
        }
    }
}

/// What is known while a page is sorted.
struct Known<'k, 's> {
    numbers: &'k mut Numbers,
    index: &'k OrderIndex,
    write: &'k mut Write<'s>,
    places: &'k mut FxHashMap<OrderKey, usize>,
}

impl Known<'_, '_> {
    /// Takes away what is remembered of an order that was gone before it was told.
    fn take_tombstone(&mut self, key: &OrderKey) -> Result<Option<Timestamp>, KeepError> {
        if self.numbers.tombstones == 0 {
            return Ok(None);
        }
        let asked = self.write.get::<tables::Tombstones>(key)?;
        if asked.is_some() {
            self.write.delete::<tables::Tombstones>(key);
            self.numbers.tombstones -= 1;
        }
        Ok(asked)
    }
    /// Remembers that an order nobody told of is gone; whether that is news.
    fn put_tombstone(&mut self, key: &OrderKey, asked: Timestamp) -> Result<bool, KeepError> {
        let known = self.write.get::<tables::Tombstones>(key)?;
        if known.is_some_and(|known| known >= asked) {
            return Ok(false);
        }
        self.numbers.tombstones += u64::from(known.is_none());
        self.write.put::<tables::Tombstones>(key, &asked)?;
        Ok(true)
    }
}

/// What a record is about: its kind, and what names it.
type Subject = (u8, Box<str>, Option<SiteId>);

fn subject(record: &Record) -> Subject {
    match record {
        Record::Order(order) => (0, order.key.to_string().into(), None),
        Record::OrderGone(key, _) => (0, key.to_string().into(), None),
        Record::Product(product) => (1, product.sku.as_str().into(), None),
        Record::Site(site) => (2, site.id.as_str().into(), None),
        Record::Supplier(supplier) => (3, supplier.id.as_str().into(), None),
        Record::Stock(report) => (4, report.sku.as_str().into(), Some(report.site.clone())),
        Record::PurchaseOrder(po) => (5, po.number.as_str().into(), None),
        Record::Receipt(receipt) => (6, receipt.id.clone(), Some(receipt.site.clone())),
        Record::Adjustment(change) => (7, change.id.clone(), Some(change.site.clone())),
        Record::Terms(terms) => (8, terms.sku.as_str().into(), None),
        Record::Bounds(bounds) => (9, bounds.sku.as_str().into(), bounds.site.clone()),
    }
}
