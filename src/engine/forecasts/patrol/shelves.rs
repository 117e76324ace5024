//! Shelves and costs.

use super::super::held::Held;
use crate::domain::{
    Order, OrderKind, Qty, Record, SiteId, Sku, StockBasis, StockSource, Timestamp, UnitPrice,
};
use crate::engine::api::StoreKind;
use crate::engine::house::House;
use crate::engine::stored::StoredOrder;
use crate::engine::tables;
use crate::insight::anomaly::Raised;
use crate::insight::monitor::cost::Cost;
use crate::insight::monitor::shelves::{self, Happening, Shelf};
use crate::stock::{Movement, MovementId, StockBook, shipped_moment};
use crate::store::StoreError;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::Weak;

/// News that wait for a look, at most; of more the oldest go.
const WAITING: usize = 200_000;
/// Stored orders that are read at once.
const AT_ONCE: usize = 1_000;
/// Units of a SKU that are sold in four weeks where nothing is known of it.
const SOLD: f64 = 10.0;

/// Orders of a SKU whose costs say what it usually costs.
const LATEST: usize = 5;

/// Something that happened to a shelf.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    sku: Sku,
    site: SiteId,
    at: Timestamp,
    mark: u64,
    of: Happening,
}

/// What happened to shelves since the last look. A leaf among the locks.
#[derive(Debug, Default)]
pub struct ShelfNews(Mutex<VecDeque<News>>);

impl ShelfNews {
    /// A page was applied: its records, and its orders as they were and are. What is long past is no news.
    pub fn applied<'a>(
        &self,
        now: Timestamp,
        records: &[Record],
        orders: impl Iterator<Item = (Option<&'a Order>, &'a Order)>,
    ) {
        let mut news: Vec<News> = records.iter().filter_map(of_record).collect();
        orders.for_each(|(before, after)| of_order(before, after, &mut news));
        news.retain(|one| one.at > now - shelves::KEPT);
        if news.is_empty() {
            return;
        }
        let mut waiting = self.0.lock();
        waiting.extend(news);
        let over = waiting.len().saturating_sub(WAITING);
        waiting.drain(..over);
    }

    /// People moved stock here. What they took off explains what is gone, whoever else knows of it. What they
    /// took in counts where feeds hear of it (`is_told`): elsewhere a figure that stays as it was would look
    /// like a loss.
    ///
    /// It happened when it was decided: stock dates what is taken back to the moment of what it takes back.
    pub fn moved(&self, movements: &[Movement], at: Timestamp, is_told: bool) {
        let by_hand = movements.iter().filter_map(|movement| of_movement(movement, is_told));
        let by_hand = by_hand.map(|one| News { at, ..one });
        self.0.lock().extend(by_hand);
    }

    fn take(&self) -> VecDeque<News> {
        std::mem::take(&mut *self.0.lock())
    }
}

fn mark(of: &impl Hash) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    of.hash(&mut hasher);
    hasher.finish()
}

fn of_movement(movement: &Movement, is_told: bool) -> Option<News> {
    let MovementId::Journal(seq) = &movement.id else { return None };
    (is_told || movement.delta.is_negative()).then(|| News {
        sku: movement.sku.clone(),
        site: movement.site.clone(),
        at: movement.at,
        mark: mark(&("j", seq)),
        of: Happening::Moved(movement.delta),
    })
}

fn mark_of_receipt(id: &str) -> u64 {
    mark(&("r", id))
}

fn mark_of_adjustment(id: &str) -> u64 {
    mark(&("a", id))
}

fn of_record(record: &Record) -> Option<News> {
    let news = |sku: &Sku, site: &SiteId, at, mark, of| {
        Some(News { sku: sku.clone(), site: site.clone(), at, mark, of })
    };
    match record {
        Record::Stock(told) if told.basis == StockBasis::OnHand => {
            news(&told.sku, &told.site, told.as_of, u64::MAX, Happening::Told(told.qty?))
        }
        Record::Receipt(of) => {
            let mark = mark_of_receipt(&of.id);
            news(&of.sku, &of.site, of.received_at, mark, Happening::Moved(of.qty))
        }
        Record::Adjustment(of) => {
            let mark = mark_of_adjustment(&of.id);
            news(&of.sku, &of.site, of.at, mark, Happening::Moved(of.delta))
        }
        _ => None,
    }
}

/// Lines that left the building; those of one that is told anew have the same marks.
fn of_order(before: Option<&Order>, now: &Order, news: &mut Vec<News>) {
    let left = |order: &Order| shipped_moment(order).filter(|_| order.kind == OrderKind::Sale);
    let Some(at) = left(now) else { return };
    let changed = before.and_then(left) != Some(at);
    for (place, line) in now.product_lines().enumerate().filter(|_| changed) {
        news.push(News {
            sku: line.sku.clone(),
            site: now.site.clone(),
            at,
            mark: mark(&(now.key.number.as_str(), place)),
            of: Happening::Left(line.standing()),
        });
    }
}

/// What the store knows of the last days apart from orders: each feed's last figure of a shelf, and what
/// came or went otherwise than by a sale.
fn stored(held: &Held) -> Result<Vec<News>, StoreError> {
    let mut all = Vec::new();
    for (sku, site, position) in held.house.stock.read().positions() {
        if let Some((units, StockBasis::OnHand, at, StockSource::Feed(_))) = &position.report {
            let (sku, site, of) = (sku.clone(), site.clone(), Happening::Told(*units));
            all.push(News { sku, site, at: *at, mark: u64::MAX, of });
        }
    }
    for record in held.store.scan::<tables::Movements>(..) {
        let (_, movement) = record?;
        let mark = match &movement.id {
            MovementId::Receipt(id) => mark_of_receipt(id),
            MovementId::Adjustment(id) => mark_of_adjustment(id),
            MovementId::Journal(_) => {
                all.extend(of_movement(&movement, held.house.kind == StoreKind::Demo));
                continue;
            }
        };
        let (sku, site, of) = (movement.sku, movement.site, Happening::Moved(movement.delta));
        all.push(News { sku, site, at: movement.at, mark, of });
    }
    Ok(all)
}

/// What each SKU cost in its latest orders, and when it was ordered last. One order that was paid at a
/// slip's cost is not what a SKU costs: the middle one counts.
fn usually_paid(stock: &StockBook) -> BTreeMap<&Sku, (Timestamp, UnitPrice)> {
    let mut paid: BTreeMap<&Sku, Vec<(Timestamp, UnitPrice)>> = BTreeMap::new();
    for po in stock.purchase_orders() {
        for line in &po.lines {
            paid.entry(&line.sku).or_default().extend(line.cost.map(|cost| (po.ordered_at, cost)));
        }
    }
    let usual = |(sku, mut paid): (_, Vec<(Timestamp, UnitPrice)>)| {
        paid.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let (at, last) = *paid.first()?;
        let latest = paid.iter().map(|(_, cost)| *cost).filter(|c| c.currency == last.currency);
        let mut latest: Vec<UnitPrice> = latest.take(LATEST).collect();
        latest.sort_by_key(|cost| cost.e4);
        Some((sku, (at, *latest.get(latest.len() / 2)?)))
    };
    paid.into_iter().filter_map(usual).collect()
}

/// What is known of shelves and costs.
#[derive(Default)]
pub(super) struct Shelves {
    shelves: BTreeMap<(Sku, SiteId), Shelf>,
    costs: BTreeMap<Sku, Cost>,
    below: BTreeMap<(Sku, SiteId), Timestamp>,
    is_read: bool,
}

impl Shelves {
    /// Reads what was known, and what the store has heard since: news wait in memory for the next look,
    /// and an owner that was killed took them along. `false`: the house is gone.
    fn read(&mut self, house: &Weak<House>) -> Result<bool, StoreError> {
        let Some(held) = Held::of(house) else { return Ok(false) };
        for record in held.store.scan::<tables::WatchedShelves>(..) {
            let (place, shelf) = record?;
            self.shelves.insert(place, shelf);
        }
        for record in held.store.scan::<tables::WatchedCosts>(..) {
            let (sku, cost) = record?;
            self.costs.insert(sku, cost);
        }
        let since = held.house.clock.now() - shelves::KEPT;
        let mut news = stored(&held)?;
        let rows = held.house.orders.read().moved_since(since);
        drop(held);
        for part in rows.chunks(AT_ONCE) {
            let Some(held) = Held::of(house) else { return Ok(false) };
            for row in part {
                let stored = held.store.get::<tables::Orders>(row)?;
                if let Some(order) = stored.map(StoredOrder::into_order) {
                    of_order(None, &order, &mut news);
                }
            }
        }
        for News { sku, site, at, mark, of } in news.into_iter().filter(|one| one.at > since) {
            self.shelves.entry((sku, site)).or_default().recall(at, mark, of);
        }
        Ok(true)
    }

    /// Takes in what happened, and gives all that is wrong.
    pub fn look(&mut self, house: &Weak<House>) -> Result<Vec<Raised>, StoreError> {
        if !self.is_read {
            self.is_read = self.read(house)?;
        }
        let Some(held) = Held::of(house).filter(|_| self.is_read) else { return Ok(Vec::new()) };
        let (now, currency) = (held.house.clock.now(), held.house.currency);
        let mut write = held.store.write();
        let mut touched = BTreeSet::new();
        for News { sku, site, at, mark, of } in held.house.shelf_news.take() {
            let place = (sku, site);
            self.shelves.entry(place.clone()).or_default().add(at, mark, of);
            touched.insert(place);
        }
        for place in &touched {
            if let Some(shelf) = self.shelves.get_mut(place) {
                shelf.forget(now);
                write.put::<tables::WatchedShelves>(place, shelf)?;
            }
        }
        let stock = held.house.stock.read();
        let unit = |sku: &Sku| {
            let cost = stock.product_of(sku).and_then(|product| product.cost);
            cost.map_or(0.0, |cost| cost.e4 as f64 / 100.0)
        };
        let unknown = stock.products().any(|product| !self.costs.contains_key(&product.sku));
        let paid = if unknown { usually_paid(&stock) } else { BTreeMap::new() };
        for product in stock.products() {
            let Some(cost) = product.cost else { continue };
            let before = self.costs.get(&product.sku).copied();
            // What is new here is held against what is usually paid for it.
            let mut known = before.unwrap_or_else(|| match paid.get(&product.sku) {
                Some((at, paid)) => Cost::new(*paid, *at),
                None => Cost::new(cost, now),
            });
            known.told(cost, now);
            if before != Some(known) {
                self.costs.insert(product.sku.clone(), known);
                write.put::<tables::WatchedCosts>(&product.sku, &known)?;
            }
        }
        let mut all = shelves::raised(self.shelves.iter(), now, currency, &unit);
        all.extend(self.costs.iter().filter_map(|(sku, cost)| cost.raised(sku, now, SOLD)));
        let negative = stock.positions().filter_map(|(sku, site, position)| {
            let units = position.on_hand().filter(|units: &Qty| units.is_negative())?;
            Some(((sku.clone(), site.clone()), units))
        });
        let negative: BTreeMap<(Sku, SiteId), Qty> = negative.collect();
        self.below.retain(|place, _| negative.contains_key(place));
        for (place, units) in negative {
            let since = *self.below.entry(place.clone()).or_insert(now);
            all.extend(shelves::negative((&place.0, &place.1), units, since, currency, &unit));
        }
        drop(stock);
        write.commit()?;
        Ok(all)
    }
}
