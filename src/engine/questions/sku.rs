//! One SKU, all of it.

use super::cached;
use super::forecasts::of_series;
use super::stock::{IdleOf, Marked, Read, row};
use super::store;
use crate::demand::SeriesKey;
use crate::domain::*;
use crate::engine::api::{Refusal, SkuDetail, StockRow};
use crate::engine::house::House;

/// Open orders that are listed.
const OPEN_ORDERS: usize = 50;
/// Most days of demand in one answer: ten years.
const MOST_DAYS: u32 = 3_660;

/// The SKU, or `None` if nothing is known of it.
pub fn sku(house: &House, sku: &Sku, days: u32) -> Result<Option<SkuDetail>, Refusal> {
    let today = house.today();
    let days = days.clamp(1, MOST_DAYS) as i32;
    let first_day = today.plus(1 - days);
    let demand = demand(house, sku, first_day, today)?;
    let shelves = cached::shelves(house)?;
    let marked = Marked::read(house)?;
    let beside = cached::beside(house)?;
    let index = house.orders.read();
    let wanting = index.wanting(sku, OPEN_ORDERS);
    let open_orders =
        wanting.into_iter().filter_map(|(r, qty)| Some((beside.row(&index, r)?, qty))).collect();
    drop(index);
    let book = house.stock.read();
    if !book.knows(sku) {
        return Ok(None);
    }
    let product = book.product_of(sku).cloned().unwrap_or_else(|| Product::bare(sku.clone()));
    let sites = book.sites_of(sku).map(|(site, position)| {
        let mut row = row(&book, &shelves, &marked, sku, site, position);
        row.spark = shelves.spark(sku, site);
        row
    });
    let mut sites: Vec<StockRow> = sites.collect();
    let terms = book.terms_of(sku).cloned();
    let bounds = book.bounds_of(sku).cloned().collect();
    let supplier = product.supplier.as_ref().and_then(|id| book.supplier_of(id)).cloned();
    let purchase_orders = book.open_purchase_orders(sku).into_iter().cloned().collect();
    drop(book);
    let idle = IdleOf::read(house);
    sites.iter_mut().for_each(|row| row.idle = idle.of(row));
    let at = |row: &StockRow| SeriesKey { sku: sku.clone(), site: row.site.clone() };
    let forecasts = sites.iter().map(|row| of_series(house, &at(row), &shelves, &marked));
    Ok(Some(SkuDetail {
        product,
        terms,
        bounds,
        supplier,
        forecasts: forecasts.collect::<Result<_, _>>()?,
        overrides: super::overrides::of_sku(house, sku)?,
        sites,
        first_day,
        demand,
        open_orders,
        purchase_orders,
        journal: super::journal::about(house, &Subject::Sku(sku.clone())),
    }))
}

/// Units per day over all sites.
fn demand(house: &House, sku: &Sku, from: Day, to: Day) -> Result<Vec<f32>, Refusal> {
    let store = store(house)?;
    let ledger = house.demand.read();
    let length = (to.number() - from.number() + 1).max(0) as usize;
    let mut sum = vec![0.0_f32; length];
    for (series, _) in ledger.series_of(sku) {
        let units = ledger.series(&Read(&store), series, from, to)?;
        for (day, units) in sum.iter_mut().zip(units) {
            *day += units.to_f64() as f32;
        }
    }
    Ok(sum)
}
