//! Pages of the stock table.

use super::acked::Acked;
use super::{asked, cached, page, store};
use crate::demand::{Bucket, BucketKey, Buckets, Ledger, SeriesKey};
use crate::domain::*;
use crate::engine::api::{PageOf, Refusal, Rows, StockRow};
use crate::engine::books::bucket_key;
use crate::engine::house::House;
use crate::engine::recent::{DAYS, Units, daily};
use crate::engine::tables;
use crate::orders::filter::{Bare, Field, Fields, FilterRow, Matcher};
use crate::plan::replenish::{Idle, IdleStock, Lying, idle_stock};
use crate::stock::StockBook;
use crate::store::{Store, StoreError};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

/// What the stock table can be filtered by.
pub static STOCK: Fields = Fields {
    fields: &[
        Field::text("sku", Bare::Fuzzy),
        Field::phrase("name", &[], Bare::Fuzzy),
        Field::text("site", Bare::Fuzzy),
        Field::phrase("category", &["cat"], Bare::Part),
        Field::text("supplier", Bare::Part),
        Field::number("on_hand", &["have", "onhand"]),
        Field::number("committed", &["promised"]),
        Field::number("available", &["avail"]),
        Field::number("on_order", &["coming"]),
        Field::number("daily", &["rate"]),
        Field::number("cover", &["days", "days_of_cover"]),
        Field::number("idle", &["idle_units"]),
        Field::number("idle_value", &[]),
    ],
    flags: &["short", "unknown", "out", "pinned", "acked", "dead", "excess"],
};

/// The columns that the table sorts by.
const COLUMNS: [&str; 13] = [
    "sku",
    "site",
    "name",
    "category",
    "supplier",
    "on_hand",
    "committed",
    "available",
    "on_order",
    "daily",
    "cover",
    "idle",
    "idle_value",
];

/// What sold lately, of every position.
pub struct Shelves {
    units: FxHashMap<Sku, Vec<(SiteId, Units)>>,
}

impl Shelves {
    /// From the cache; what it lacks is read from the store and remembered.
    pub fn read(house: &House, today: Day) -> Result<Self, Refusal> {
        let store = store(house)?;
        let keys: Vec<(Sku, SiteId)> = {
            let book = house.stock.read();
            book.positions().map(|(sku, site, _)| (sku.clone(), site.clone())).collect()
        };
        let mut units: FxHashMap<Sku, Vec<(SiteId, Units)>> = FxHashMap::default();
        let mut add = |(sku, site): (Sku, SiteId), sold: Units| {
            units.entry(sku).or_default().push((site, sold));
        };
        let mut missing = Vec::new();
        let since = {
            let recent = house.recent.lock();
            for key in keys {
                match recent.get(today, &key) {
                    Some(known) => add(key, known),
                    None => missing.push(key),
                }
            }
            recent.moment()
        };
        let read: Result<Vec<_>, StoreError> = {
            let ledger = house.demand.read();
            missing
                .into_iter()
                .map(|key| Ok((last_days(&ledger, &store, &key, today)?, key)))
                .collect()
        };
        let mut recent = house.recent.lock();
        for (sold, key) in read? {
            recent.put(today, key.clone(), sold.clone(), since);
            add(key, sold);
        }
        Ok(Shelves { units })
    }
    /// Mean units sold a day.
    pub fn daily(&self, sku: &Sku, site: &SiteId) -> f32 {
        self.of(sku, site).map_or(0.0, |units| daily(units))
    }
    /// Units per day, oldest first.
    pub fn spark(&self, sku: &Sku, site: &SiteId) -> Vec<f32> {
        self.of(sku, site).map(|units| units.to_vec()).unwrap_or_default()
    }
    /// Units sold today.
    pub fn today(&self, sku: &Sku, site: &SiteId) -> f32 {
        self.of(sku, site).map_or(0.0, |units| units[DAYS - 1])
    }
    fn of(&self, sku: &Sku, site: &SiteId) -> Option<&Units> {
        let sites = self.units.get(sku)?;
        sites.iter().find(|(known, _)| known == site).map(|(_, units)| units)
    }
}

fn last_days(
    ledger: &Ledger,
    store: &Store,
    (sku, site): &(Sku, SiteId),
    today: Day,
) -> Result<Units, StoreError> {
    let key = SeriesKey { sku: sku.clone(), site: site.clone() };
    let series = ledger.series(&Read(store), &key, today.plus(1 - DAYS as i32), today)?;
    let mut units = [0.0; DAYS];
    for (to, from) in units.iter_mut().zip(series) {
        *to = from.to_f64() as f32;
    }
    Ok(units.into())
}

/// Demand's buckets, read from the store.
pub struct Read<'s>(pub &'s Store);

impl Buckets for Read<'_> {
    type Error = StoreError;
    fn get(&self, key: &BucketKey) -> Result<Option<Bucket>, StoreError> {
        self.0.get::<tables::Demand>(&bucket_key(key))
    }
    fn put(&mut self, key: &BucketKey, bucket: Option<&Bucket>) -> Result<(), StoreError> {
        let mut write = self.0.write();
        match bucket {
            Some(bucket) => write.put::<tables::Demand>(&bucket_key(key), bucket)?,
            None => write.delete::<tables::Demand>(&bucket_key(key)),
        }
        write.commit()
    }
}

/// A page of positions: pinned SKUs first, then by days of cover, unless sorted otherwise.
pub fn stock(house: &House, wanted: &PageOf) -> Result<Rows<StockRow>, Refusal> {
    let filter = asked(house, wanted, &STOCK, &COLUMNS)?;
    let shelves = cached::shelves(house)?;
    let marked = Marked::read(house)?;
    let book = house.stock.read();
    let mut matcher = Matcher::new(&filter);
    let mut rows: Vec<StockRow> = book
        .positions()
        .map(|(sku, site, position)| row(&book, &shelves, &marked, sku, site, position))
        .collect();
    let unfiltered = book.position_count();
    drop(book);
    let by_idle = ["idle", "dead", "excess"].iter().any(|word| wanted.filter.contains(word))
        || wanted.sort.as_deref().is_some_and(|column| column.starts_with("idle"));
    let idle = IdleOf::read(house);
    if by_idle {
        rows.iter_mut().for_each(|row| row.idle = idle.of(row));
    }
    rows.retain(|row| matcher.matches(&Shown { row, marked: &marked }));
    match wanted.sort.as_deref() {
        None => rows.sort_by(|a, b| b.pinned.cmp(&a.pinned).then(urgency(a, b))),
        Some(column) => rows.sort_by(|a, b| {
            let order = by_column(column, a, b);
            let order = if wanted.descending { order.reverse() } else { order };
            order.then_with(|| (&a.sku, &a.site).cmp(&(&b.sku, &b.site)))
        }),
    }
    let mut answer = page(&rows, unfiltered, wanted, |row| Some(row.clone()));
    for row in &mut answer.rows {
        row.spark = shelves.spark(&row.sku, &row.site);
        row.idle = idle.of(row);
    }
    Ok(answer)
}

/// What stock lies idle. A forecast has to be carried on for it, so it is told of rows that are seen
/// unless somebody asks for more.
pub struct IdleOf<'h> {
    house: &'h House,
    first: Day,
}

impl<'h> IdleOf<'h> {
    /// As of now.
    pub fn read(house: &'h House) -> Self {
        let first = house.demand.read().series_list().map(|(_, span)| span.first).min();
        Self { house, first: first.unwrap_or_else(|| house.today()) }
    }

    /// What of a row lies idle.
    pub fn of(&self, row: &StockRow) -> Option<IdleStock> {
        let house = self.house;
        let units = row.available.filter(|units| units.is_positive())?;
        let (cost, came) = {
            let book = house.stock.read();
            let cost = book.product_of(&row.sku).and_then(|product| product.cost);
            (cost, book.last_receipt(&row.sku, &row.site))
        };
        let series = SeriesKey { sku: row.sku.clone(), site: row.site.clone() };
        let sold = house.demand.read().span(&series).map(|span| span.last);
        let moved = sold.max(came.map(|at| at.day(&house.zone))).unwrap_or(self.first);
        let forecasts = house.forecasts.read();
        let ahead = forecasts.get(&series).map(|ahead| &*ahead.totals);
        idle_stock(&Lying { units, cost, moved, ahead }, house.today())
    }
}

/// What people marked.
pub struct Marked {
    pinned: FxHashSet<Sku>,
    acked: Arc<Acked>,
}

impl Marked {
    /// As of now.
    pub fn read(house: &House) -> Result<Self, Refusal> {
        let acked = cached::acked(house)?;
        let marks = house.marks.read();
        let skus = marks.pinned().filter_map(|subject| match subject {
            Subject::Sku(sku) => Some(sku.clone()),
            _ => None,
        });
        Ok(Marked { pinned: skus.collect(), acked })
    }
}

/// A row of the table, its spark left empty.
pub fn row(
    book: &StockBook,
    shelves: &Shelves,
    marked: &Marked,
    sku: &Sku,
    site: &SiteId,
    position: &Position,
) -> StockRow {
    let product = book.product_of(sku);
    let daily = shelves.daily(sku, site);
    let available = position.available();
    let report = position.report.as_ref();
    StockRow {
        sku: sku.clone(),
        site: site.clone(),
        name: product.and_then(|p| p.name.clone()).unwrap_or_default(),
        category: product.and_then(|p| p.category.clone()),
        supplier: product.and_then(|p| p.supplier.clone()),
        on_hand: position.on_hand(),
        committed: position.committed,
        available,
        on_order: position.on_order,
        daily,
        days_of_cover: available
            .filter(|_| daily > 0.0)
            .map(|units| (units.to_f64() as f32 / daily).max(0.0)),
        spark: Vec::new(),
        as_of: report.map(|(_, _, at, source)| (*at, source.clone())),
        pinned: marked.pinned.contains(sku),
        idle: None,
    }
}

/// What runs out first stands first; what is not known to run out comes last.
fn urgency(a: &StockRow, b: &StockRow) -> Ordering {
    let cover = |row: &StockRow| row.days_of_cover.unwrap_or(f32::INFINITY);
    cover(a)
        .total_cmp(&cover(b))
        .then_with(|| b.daily.total_cmp(&a.daily))
        .then_with(|| (&a.sku, &a.site).cmp(&(&b.sku, &b.site)))
}

fn by_column(column: &str, a: &StockRow, b: &StockRow) -> Ordering {
    match column {
        "sku" => a.sku.cmp(&b.sku),
        "site" => a.site.cmp(&b.site),
        "name" => a.name.cmp(&b.name),
        "category" => a.category.cmp(&b.category),
        "supplier" => a.supplier.cmp(&b.supplier),
        "on_hand" => a.on_hand.cmp(&b.on_hand),
        "committed" => a.committed.cmp(&b.committed),
        "available" => a.available.cmp(&b.available),
        "on_order" => a.on_order.cmp(&b.on_order),
        "daily" => a.daily.total_cmp(&b.daily),
        "idle" => idle_units(a).cmp(&idle_units(b)),
        "idle_value" => idle_value(a).cmp(&idle_value(b)),
        _ => {
            let cover = |row: &StockRow| row.days_of_cover.unwrap_or(f32::INFINITY);
            cover(a).total_cmp(&cover(b))
        }
    }
}

fn idle_units(row: &StockRow) -> Qty {
    row.idle.map_or(Qty::ZERO, |idle| idle.units)
}

/// In minor units of whatever currency.
fn idle_value(row: &StockRow) -> i64 {
    row.idle.and_then(|idle| idle.value).map_or(0, |value| value.minor)
}

/// An amount in major units of its currency.
pub fn major(value: Money) -> f64 {
    value.minor as f64 / 10_f64.powi(value.currency.exponent() as i32)
}

struct Shown<'r> {
    row: &'r StockRow,
    marked: &'r Marked,
}

impl FilterRow for Shown<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        let row = self.row;
        Some(Cow::Borrowed(match field {
            "sku" => row.sku.as_str(),
            "name" => &row.name,
            "site" => row.site.as_str(),
            "category" => row.category.as_ref()?.as_str(),
            "supplier" => row.supplier.as_ref()?.as_str(),
            _ => return None,
        }))
    }
    fn number(&self, field: &str) -> Option<f64> {
        let row = self.row;
        match field {
            "on_hand" => row.on_hand.map(Qty::to_f64),
            "committed" => Some(row.committed.to_f64()),
            "available" => row.available.map(Qty::to_f64),
            "on_order" => Some(row.on_order.to_f64()),
            "daily" => Some(f64::from(row.daily)),
            "cover" => row.days_of_cover.map(f64::from),
            "idle" => Some(idle_units(row).to_f64()),
            "idle_value" => row.idle?.value.map(major),
            _ => None,
        }
    }
    fn flag(&self, flag: &str) -> bool {
        let row = self.row;
        match flag {
            "short" => row.available.is_some_and(Qty::is_negative),
            "out" => row.available.is_some_and(|units| !units.is_positive()),
            "unknown" => row.on_hand.is_none(),
            "pinned" => row.pinned,
            "dead" => row.idle.is_some_and(|idle| idle.idle == Idle::Dead),
            "excess" => row.idle.is_some_and(|idle| idle.idle == Idle::Excess),
            "acked" => {
                let position = (row.sku.clone(), row.site.clone());
                self.marked.acked.positions.contains(&position)
            }
            _ => false,
        }
    }
}
