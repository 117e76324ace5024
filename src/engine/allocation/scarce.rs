//! What units of open orders' SKUs are worth to the orders to come, from the forecasts that the store
//! has.

use crate::demand::SeriesKey;
use crate::domain::*;
use crate::engine::api::Refusal;
use crate::engine::house::House;
use crate::engine::planning::Line;
use crate::model::LEVEL_COUNT;
use crate::plan::replenish::Situation;
use crate::plan::shipping::{Grid, Network, ShippingTerms, scarcity};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Days until the next delivery where neither an order nor a supplier tells.
const UNKNOWN_DAYS: usize = 28;

/// Fills in what taking a unit costs at each shelf.
pub(super) fn price(
    house: &House,
    terms: &ShippingTerms,
    network: &mut Network,
) -> Result<(), Refusal> {
    let plan = house.planner.plan(house)?;
    let sites: Vec<SiteId> = terms.sites.keys().cloned().collect();
    let skus: BTreeSet<Sku> = network.stock.keys().map(|(sku, _)| sku.clone()).collect();
    let lost_share = house.planner.rules().costs.lost_share;
    let mut grid = Grid { sites: sites.len(), ..Grid::default() };
    let book = house.stock.read();
    for sku in &skus {
        let product = book.product_of(sku);
        let minor = |price: Option<UnitPrice>| {
            let price = price.filter(|price| price.currency == house.currency)?;
            Some(price.times(Qty::units(1)).minor as f64)
        };
        let (price, cost) =
            (minor(product.and_then(|of| of.price)), minor(product.and_then(|of| of.cost)));
        let margin = price.map_or(0.0, |price| (price - cost.unwrap_or(price / 2.0)).max(0.0));
        grid.margin.push((margin * lost_share) as f32);
        let weight = terms.weight(product.and_then(|of| of.category.as_ref()));
        let mut situations = Vec::with_capacity(sites.len());
        for site in &sites {
            let series = SeriesKey { sku: sku.clone(), site: site.clone() };
            let situation = plan.lines.get(&series).map(|line: &Arc<Line>| &*line.at);
            let position = book.position(sku, site);
            let free = position.and_then(Position::available).unwrap_or(Qty::ZERO);
            let next = situation.map_or(UNKNOWN_DAYS, next_delivery);
            situations.push((situation, next));
            grid.demand.push(within(situation, next));
            grid.free.push(free.to_f64() as f32);
            grid.dearer.push(terms.dearer(site, weight) as f32);
        }
        let soonest = situations.iter().map(|(_, next)| *next).min().unwrap_or(UNKNOWN_DAYS);
        grid.soonest.extend(situations.iter().map(|(at, _)| within(*at, soonest)));
    }
    drop(book);
    let prices = scarcity(&grid).map_err(|error| Refusal::failed(error.to_string()))?;
    let keys = skus.iter().flat_map(|sku| sites.iter().map(move |site| (sku, site)));
    for ((sku, site), price) in keys.zip(prices) {
        if let Some(shelf) = network.stock.get_mut(&(sku.clone(), site.clone())) {
            shelf.scarcity = price;
        }
    }
    Ok(())
}

/// Days from the forecast's first day until goods come: those that are on order, else those of an order
/// placed at the next chance.
fn next_delivery(at: &Situation) -> usize {
    let coming = at.coming.iter().filter_map(|one| one.due).filter(|due| *due > at.today).min();
    let ordered = || {
        let supplier = at.supplier.as_ref()?;
        let lead = supplier.lead.as_ref()?.quantile(0.5);
        Some(supplier.calendar.arrival(supplier.calendar.order_day(at.today), lead))
    };
    let first = at.ahead.as_ref().map_or(at.today, |ahead| ahead.first);
    let days = coming.or_else(ordered).map(|day| day.number() - first.number());
    days.map_or(UNKNOWN_DAYS, |days| usize::try_from(days).unwrap_or(0).max(1))
}

/// Quantiles of what will sell within so many days; nothing where there is no forecast.
fn within(at: Option<&Situation>, days: usize) -> [f32; LEVEL_COUNT] {
    let ahead = at.and_then(|at| at.ahead.as_ref());
    ahead.map_or([0.0; LEVEL_COUNT], |ahead| ahead.totals.carried_to(days).step(days - 1))
}
