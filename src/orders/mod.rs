//! Every order in memory, in columns: what makes a million of them filter, sort and scroll at once.
//!
//! The store keeps orders whole under a row number; this room keeps of each only what tables,
//! filters and sums ask for, about 75 bytes with three lines. Moments are kept to the second.
//!
//! Invariants: a row, once put, keeps its key; `by_time` holds exactly the rows that have an order,
//! by (placed, row), except between [`OrderIndex::load_begin`] and [`OrderIndex::load_end`]; `open`
//! holds exactly those whose units are promised. Everything here can be rebuilt from the store.

mod ask;
mod block;
mod fields;
pub mod filter;
mod intern;
mod keys;
mod lines;
mod order_by;
mod plan;
mod reach;
mod select;
#[cfg(test)]
mod tests;

pub use ask::SalesAfter;
pub use fields::FIELDS;
pub use order_by::{Column, Sort};

use crate::domain::{
    AccountRef, Country, Currency, CustomerRef, FeedId, Money, Order, OrderKey, OrderKind, OrderNo,
    OrderStatus, Qty, SiteId, Sku, Timestamp,
};
use block::{BESIDE, Block, Entry, LONGEST, NOBODY, ROWS, decode, moment, seconds};
use intern::Interner;
use keys::Keys;
use lines::{LineStore, Place};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// An order's number in the store, given in order of arrival from 0.
pub type Row = u32;

/// What people and other rooms know of an order beyond its record.
pub trait Marks {
    /// Whether somebody pinned it.
    fn pinned(&self, row: Row) -> bool;
    /// Whether it cannot be shipped from what is there.
    fn short(&self, row: Row) -> bool;
    /// Whether it has a note.
    fn noted(&self, row: Row) -> bool;
    /// Whether somebody acknowledged it as it is.
    fn acked(&self, row: Row) -> bool;
}

/// No order is marked.
pub struct Unmarked;

impl Marks for Unmarked {
    fn pinned(&self, _: Row) -> bool {
        false
    }
    fn short(&self, _: Row) -> bool {
        false
    }
    fn noted(&self, _: Row) -> bool {
        false
    }
    fn acked(&self, _: Row) -> bool {
        false
    }
}

/// An order as tables show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Feed and number.
    pub key: OrderKey,
    /// Sale, return or adjustment.
    pub kind: OrderKind,
    /// How far it has come.
    pub status: OrderStatus,
    /// When it was placed, to the second.
    pub placed_at: Timestamp,
    /// When it left, to the second.
    pub shipped_at: Option<Timestamp>,
    /// Where it ships from.
    pub site: SiteId,
    /// Who ordered, as a pseudonym.
    pub customer: Option<CustomerRef>,
    /// Where it goes.
    pub country: Option<Country>,
    /// Number of lines.
    pub lines: u32,
    /// Units of products.
    pub units: Qty,
    /// What the customer pays.
    pub total: Money,
}

/// What sums ask of an order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brief {
    /// Sale, return or adjustment.
    pub kind: OrderKind,
    /// How far it has come.
    pub status: OrderStatus,
    /// When it was placed, to the second.
    pub placed_at: Timestamp,
    /// Number of lines.
    pub lines: u32,
    /// Units of products.
    pub units: Qty,
    /// What the customer pays.
    pub total: Money,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Orders.
    pub orders: usize,
    /// Lines on them.
    pub lines: usize,
    /// Distinct SKUs seen on lines or named.
    pub skus: usize,
    /// Distinct customers.
    pub customers: usize,
    /// Orders that are paid and still have to leave, held ones included.
    pub to_ship: usize,
    /// Orders held.
    pub held: usize,
}

/// Feed, site, country and currency of an order. Orders share a few of these, so a row keeps one
/// number for all four.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Setting {
    feed: u32,
    site: u32,
    /// [`NOBODY`]: unknown.
    country: u32,
    currency: Currency,
}

/// The index.
#[derive(Default)]
pub struct OrderIndex {
    blocks: Vec<Block>,
    lines: LineStore,
    skus: Interner,
    names: Vec<Option<Box<str>>>,
    customers: Interner,
    /// Accounts, each with those under whose name it ordered.
    accounts: BTreeSet<(AccountRef, u32)>,
    feeds: Interner,
    sites: Interner,
    countries: Interner,
    settings: Vec<Setting>,
    setting_ids: FxHashMap<Setting, u32>,
    keys: Keys,
    /// Numbers too long for a block, or of rows put after later ones.
    stray_numbers: FxHashMap<Row, Box<str>>,
    /// Totals too large for the column.
    large_totals: FxHashMap<Row, i64>,
    by_time: Vec<Row>,
    loading: bool,
    open: BTreeSet<(u32, Row)>,
    line_count: usize,
    pending: usize,
    held: usize,
}

impl OrderIndex {
    /// Orders in the index.
    pub fn len(&self) -> usize {
        self.by_time.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_time.is_empty()
    }

    /// The row of an order.
    pub fn find(&self, key: &OrderKey) -> Option<Row> {
        let feed = self.feeds.get(key.feed.as_str())?;
        self.find_row(feed, key.number.as_str())
    }
    fn find_row(&self, feed: u32, number: &str) -> Option<Row> {
        let same = |row| self.feed_of(row) == feed && self.number(row) == number;
        self.keys.find(intern::hash(feed, number), same)
    }

    /// Begins a load of many orders: rows are put in order of time once, at the end. Until then
    /// questions that go by time may miss orders.
    pub fn load_begin(&mut self) {
        self.loading = true;
    }
    /// Ends a load.
    pub fn load_end(&mut self) {
        self.loading = false;
        let mut rows = std::mem::take(&mut self.by_time);
        rows.sort_by_key(|row| (self.placed(*row), *row));
        self.by_time = rows;
    }
    /// Puts many orders in at once.
    pub fn load<'o>(&mut self, orders: impl IntoIterator<Item = (Row, &'o Order)>) {
        self.load_begin();
        for (row, order) in orders {
            self.put(row, order);
        }
        self.load_end();
    }

    /// Puts in an order, new or in place of what the row had. Rows come from 0 upwards; one that is
    /// passed over takes room and can be filled later.
    pub fn put(&mut self, row: Row, order: &Order) {
        let old = self.entry(row);
        match old {
            Some(old) => self.uncount(row, old),
            None => self.reserve(row, order.key.number.as_str()),
        }
        let old_lines = old.map(|old| old.lines).unwrap_or_default();
        let lines = self.lines.write(old_lines, &order.lines, &mut self.skus);
        let entry = Entry {
            placed: seconds(order.placed_at),
            shipped: order.shipped_at.map_or(0, seconds),
            code: block::code(order.status, order.kind),
            place: self.setting(order),
            customer: match &order.customer {
                Some(customer) => self.customers.intern(customer.as_str()),
                None => NOBODY,
            },
            total: self.total_in_column(row, order.total.minor),
            lines,
        };
        if let Some(account) = order.aside.traces.account.filter(|_| entry.customer != NOBODY) {
            self.accounts.insert((account, entry.customer));
        }
        let (block, i) = split(row);
        self.blocks[block].set(i, entry);
        match old {
            None => {
                self.remember_key(row, order.key.number.as_str());
                self.insert_by_time(row, entry.placed);
            }
            Some(old) if old.placed != entry.placed && !self.loading => {
                let by_time = &self.by_time;
                let found = by_time.binary_search_by_key(&(old.placed, row), |other| {
                    let placed = if *other == row { old.placed } else { self.placed(*other) };
                    (placed, *other)
                });
                if let Ok(at) = found {
                    self.by_time.remove(at);
                }
                self.insert_by_time(row, entry.placed);
            }
            Some(_) => {}
        }
        self.count(row, entry);
    }

    /// Makes sure that the row exists, with its number where the block can take it.
    fn reserve(&mut self, row: Row, number: &str) {
        let (block, i) = split(row);
        while self.blocks.len() <= block {
            if let Some(before) = self.blocks.last_mut() {
                while before.len() < ROWS {
                    before.push(Entry::ABSENT, "");
                }
            }
            self.blocks.push(Block::new());
        }
        let last = &mut self.blocks[block];
        while last.len() < i {
            last.push(Entry::ABSENT, "");
        }
        if last.len() == i {
            let short = number.len() <= LONGEST;
            last.push(Entry::ABSENT, if short { number } else { "" });
            if short {
                return;
            }
        }
        self.stray_numbers.insert(row, number.into());
    }

    fn remember_key(&mut self, row: Row, number: &str) {
        let hash = intern::hash(self.feed_of(row), number);
        let mut keys = std::mem::take(&mut self.keys);
        keys.insert(hash, row, |other| intern::hash(self.feed_of(other), self.number(other)));
        self.keys = keys;
    }

    fn insert_by_time(&mut self, row: Row, placed: u32) {
        if self.by_time.len() == self.by_time.capacity() {
            self.by_time.reserve_exact(ROWS);
        }
        let is_newest =
            self.by_time.last().is_none_or(|last| (self.placed(*last), *last) < (placed, row));
        if self.loading || is_newest {
            self.by_time.push(row);
        } else {
            let at =
                self.by_time.partition_point(|other| (self.placed(*other), *other) < (placed, row));
            self.by_time.insert(at, row);
        }
    }

    fn setting(&mut self, order: &Order) -> u32 {
        let setting = Setting {
            feed: self.feeds.intern(order.key.feed.as_str()),
            site: self.sites.intern(order.site.as_str()),
            country: match &order.country {
                Some(country) => self.countries.intern(country.as_str()),
                None => NOBODY,
            },
            currency: order.total.currency,
        };
        let settings = &mut self.settings;
        *self.setting_ids.entry(setting).or_insert_with(|| {
            settings.push(setting);
            settings.len() as u32 - 1
        })
    }

    fn total_in_column(&mut self, row: Row, minor: i64) -> i32 {
        match i32::try_from(minor) {
            Ok(total) if total != BESIDE => {
                self.large_totals.remove(&row);
                total
            }
            _ => {
                self.large_totals.insert(row, minor);
                BESIDE
            }
        }
    }

    fn count(&mut self, row: Row, entry: Entry) {
        self.line_count += self.lines.count(entry.lines);
        let status = decode(entry.code).map(|(status, _)| status);
        if status.is_some_and(OrderStatus::is_promised) {
            self.open.insert((entry.placed, row));
        }
        self.pending += usize::from(status == Some(OrderStatus::Pending));
        self.held += usize::from(status == Some(OrderStatus::Held));
    }
    fn uncount(&mut self, row: Row, entry: Entry) {
        self.line_count -= self.lines.count(entry.lines);
        let status = decode(entry.code).map(|(status, _)| status);
        self.open.remove(&(entry.placed, row));
        self.pending -= usize::from(status == Some(OrderStatus::Pending));
        self.held -= usize::from(status == Some(OrderStatus::Held));
    }

    /// Gives a SKU a name that filters can match.
    pub fn set_name(&mut self, sku: &Sku, name: &str) {
        let id = self.skus.intern(sku.as_str()) as usize;
        if self.names.len() <= id {
            self.names.resize(id + 1, None);
        }
        self.names[id] = Some(name.into());
    }

    /// An order as tables show it; `None` for a row that has none.
    pub fn row(&self, row: Row) -> Option<Summary> {
        let entry = self.entry(row)?;
        let setting = self.settings.get(entry.place as usize)?;
        let (status, kind) = decode(entry.code)?;
        let known = |id: u32| id != NOBODY;
        Some(Summary {
            key: OrderKey {
                feed: FeedId::new(self.feeds.text(setting.feed)),
                number: OrderNo::new(self.number(row)),
            },
            kind,
            status,
            placed_at: moment(entry.placed),
            shipped_at: (entry.shipped > 0).then(|| moment(entry.shipped)),
            site: SiteId::new(self.sites.text(setting.site)),
            customer: known(entry.customer)
                .then(|| CustomerRef::new(self.customers.text(entry.customer))),
            country: known(setting.country)
                .then(|| Country::new(self.countries.text(setting.country))),
            lines: self.lines.count(entry.lines) as u32,
            units: self.lines.units(entry.lines),
            total: Money { minor: self.total(row, entry.total), currency: setting.currency },
        })
    }

    /// What sums ask of an order; `None` for a row that has none.
    pub fn brief(&self, row: Row) -> Option<Brief> {
        let entry = self.entry(row)?;
        let (status, kind) = decode(entry.code)?;
        let currency = self.settings.get(entry.place as usize)?.currency;
        Some(Brief {
            kind,
            status,
            placed_at: moment(entry.placed),
            lines: self.lines.count(entry.lines) as u32,
            units: self.lines.units(entry.lines),
            total: Money { minor: self.total(row, entry.total), currency },
        })
    }

    /// When all of an order left, if it did.
    pub fn shipped_at(&self, row: Row) -> Option<Timestamp> {
        self.entry(row).filter(|entry| entry.shipped > 0).map(|entry| moment(entry.shipped))
    }

    /// Where an order ships from; empty for a row that has none.
    pub fn site(&self, row: Row) -> &str {
        let setting = self.entry(row).and_then(|entry| self.settings.get(entry.place as usize));
        setting.map_or("", |setting| self.sites.text(setting.site))
    }

    /// The SKU and the quantity, as ordered, of each line of an order.
    pub fn lines(&self, row: Row) -> impl Iterator<Item = (&str, Qty)> {
        let place = self.entry(row).map(|entry| entry.lines).unwrap_or_default();
        self.lines.of(place).map(|line| (self.skus.text(line.sku), line.qty))
    }

    /// How much there is.
    pub fn counts(&self) -> Counts {
        Counts {
            orders: self.len(),
            lines: self.line_count,
            skus: self.skus.len(),
            customers: self.customers.len(),
            to_ship: self.open.len() - self.pending,
            held: self.held,
        }
    }

    /// Bytes that the index takes, as allocated.
    pub fn memory(&self) -> usize {
        let dictionaries = [&self.skus, &self.customers, &self.feeds, &self.sites, &self.countries];
        let names: usize = self.names.iter().flatten().map(|name| name.len()).sum();
        let strays: usize = self.stray_numbers.values().map(|number| number.len()).sum();
        self.blocks.iter().map(Block::memory).sum::<usize>()
            + self.lines.memory()
            + dictionaries.iter().map(|d| d.memory()).sum::<usize>()
            + names
            + self.names.capacity() * size_of::<Option<Box<str>>>()
            + strays
            + self.stray_numbers.capacity() * 32
            + self.large_totals.capacity() * 24
            + self.settings.capacity() * 40
            + self.keys.memory()
            + self.by_time.capacity() * size_of::<Row>()
            + self.open.len() * 12
    }

    fn block(&self, row: Row) -> Option<(&Block, usize)> {
        let (block, i) = split(row);
        self.blocks.get(block).filter(|block| i < block.len()).map(|block| (block, i))
    }
    /// A row's entries; `None` where it has no order.
    fn entry(&self, row: Row) -> Option<Entry> {
        let entry = self.block(row).map(|(block, i)| block.entry(i))?;
        (entry.code != block::ABSENT).then_some(entry)
    }
    fn placed(&self, row: Row) -> u32 {
        self.block(row).map_or(0, |(block, i)| block.placed[i])
    }
    fn feed_of(&self, row: Row) -> u32 {
        let place = self.block(row).map(|(block, i)| block.place[i] as usize);
        place.and_then(|place| self.settings.get(place)).map_or(NOBODY, |setting| setting.feed)
    }
    fn line_place(&self, row: Row) -> Place {
        self.block(row).map(|(block, i)| block.lines(i)).unwrap_or_default()
    }
    fn number(&self, row: Row) -> &str {
        let kept = self.block(row).map_or("", |(block, i)| block.numbers.get(i));
        match kept {
            "" => self.stray_numbers.get(&row).map_or("", |number| number),
            kept => kept,
        }
    }
    fn total(&self, row: Row, column: i32) -> i64 {
        match column {
            BESIDE => self.large_totals.get(&row).copied().unwrap_or(0),
            total => total.into(),
        }
    }
}

fn split(row: Row) -> (usize, usize) {
    (row as usize / ROWS, row as usize % ROWS)
}
