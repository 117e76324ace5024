//! Answers: each question in a file of its own, from what the house holds now.

mod acked;
mod ahead;
mod allocation;
mod cached;
mod coordination;
mod expected;
mod flags;
mod forecasts;
mod journal;
mod models;
mod order;
mod orders;
mod overrides;
mod overview;
mod purchases;
mod quarantine;
mod reorders;
mod series;
mod sku;
mod status;
mod stock;
mod suppliers;
mod totals;

pub use allocation::ALLOCATIONS;
pub use cached::Cached;
pub use coordination::{COORDINATION, Judged};
pub use expected::{EXPECTED, ExpectedAt};
#[cfg(test)]
pub(super) use flags::similar as similar_cases;
pub use flags::{CaseRows, FLAGS, case_seen};
pub use forecasts::FORECASTS;
pub use journal::JOURNAL;
pub use overrides::OVERRIDES;
pub use overview::overview;
pub use purchases::PURCHASES;
pub use quarantine::QUARANTINE;
pub use reorders::{REORDERS, sold_today};
pub use stock::{Read, STOCK};
pub use totals::TOTALS;

use super::api::{Answer, PageOf, Query, Refusal, Rows};
use super::house::House;
use crate::orders::filter::{self, Fields, Filter};
use crate::store::{Store, StoreError};

/// Answers a question. Runs off the threads that draw and serve, since it may read the disk.
pub fn answer(house: &House, query: Query) -> Result<Answer, Refusal> {
    Ok(match query {
        Query::Overview => Answer::Overview(Box::new(overview(house)?)),
        Query::Orders(page) => Answer::Orders(orders::orders(house, &page)?),
        Query::Order(which) => Answer::Order(order::order(house, &which)?.map(Box::new)),
        Query::Stock(page) => Answer::Stock(stock::stock(house, &page)?),
        Query::Sku(sku, days) => Answer::Sku(sku::sku(house, &sku, days)?.map(Box::new)),
        Query::Feeds => Answer::Feeds(house.board.snapshot()),
        Query::Journal(page) => Answer::Journal(journal::journal(house, &page)?),
        Query::Quarantine(page) => Answer::Quarantine(quarantine::quarantine(house, &page)?),
        Query::Demand { from, to, after, take } => {
            Answer::Demand(series::demand(house, (from, to), after.as_ref(), take)?)
        }
        Query::Histories { origin, after, take } => {
            Answer::Histories(series::histories(house, origin, after.as_ref(), take)?)
        }
        Query::Forecasts(page) => Answer::Forecasts(forecasts::forecasts(house, &page)?),
        Query::Overrides(page) => Answer::Overrides(overrides::overrides(house, &page)?),
        Query::Purchases(page) => Answer::Purchases(purchases::purchases(house, &page)?),
        Query::Purchase(number) => {
            Answer::Purchase(purchases::purchase(house, &number)?.map(Box::new))
        }
        Query::Draft(supplier, site) => {
            Answer::Purchase(purchases::draft(house, &supplier, &site)?.map(Box::new))
        }
        Query::Suppliers => Answer::Suppliers(suppliers::suppliers(house)),
        Query::Supplier(named) => {
            Answer::Supplier(suppliers::supplier(house, named.as_str()).map(Box::new))
        }
        Query::DraftRequest(supplier, site) => {
            Answer::PurchaseRequests(house.draft_request(&supplier, &site))
        }
        Query::Conversion => {
            Answer::Conversion(Box::new(house.purchasing.read().conversion().clone()))
        }
        Query::PurchaseRequests(po) => Answer::PurchaseRequests(house.requests(po.as_ref())?),
        Query::Models => Answer::Models(Box::new(models::models(house)?)),
        Query::Totals(by, page) => Answer::Totals(totals::totals(house, by, &page)?),
        Query::Reorders(page) => Answer::Reorders(reorders::reorders(house, &page)?),
        Query::WhatIf(sku, site, from, change) => {
            Answer::WhatIf(reorders::what_if(house, &sku, &site, from, &change)?.map(Box::new))
        }
        Query::Coordination(page) => {
            Answer::Coordination(coordination::coordination(house, &page)?)
        }
        Query::Expected { by_sku, page } => {
            Answer::Expected(expected::expected_orders(house, by_sku, &page)?)
        }
        Query::Training => Answer::Training(Box::new(house.trainings.told(house.clock.now()))),
        Query::Backtests => Answer::Backtests(Box::new(house.backtests.told())),
        Query::Flags(wanted) => Answer::Flags(Box::new(flags::cases(house, &wanted)?)),
        Query::Flag(case) => Answer::Flag(flags::case(house, case)?.map(Box::new)),
        Query::FlagPast(of) => Answer::FlagPast(flags::past(house, &of)?.map(Box::new)),
        Query::FlagRules => Answer::FlagRules(flags::rules(house)),
        Query::Mutes => Answer::Mutes(flags::mutes(house)),
        Query::FlagCounts => Answer::FlagCounts(Box::new(flags::CaseRows::of(house).counts())),
        Query::FlagLearning => Answer::FlagLearning(Box::new(flags::learning(house))),
        Query::Handover(since) => Answer::Handover(Box::new(flags::handover(house, since))),
        Query::Allocations(page) => {
            let (rows, about) = allocation::allocations(house, &page)?;
            Answer::Allocations(rows, Box::new(about))
        }
        Query::Status => Answer::Status(Box::new(status::status(house))),
    })
}

/// The store, or why there is none.
pub fn store(house: &House) -> Result<Store, Refusal> {
    house.store().ok_or_else(|| Refusal::failed("the store is not open yet; ask again in a moment"))
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Refusal::failed(error.to_string())
    }
}

/// The filter of a page of a table with these fields; refuses one that means nothing, and a column
/// that the table is not sorted by.
fn asked(
    house: &House,
    wanted: &PageOf,
    fields: &'static Fields,
    columns: &[&str],
) -> Result<Filter, Refusal> {
    let filter = filter::parse(&wanted.filter, fields, house.clock.now(), &house.zone)
        .map_err(|error| Refusal::usage(error.to_string()))?;
    match wanted.sort.as_deref().filter(|name| !columns.contains(name)) {
        Some(name) => {
            let known = columns.join(", ");
            Err(Refusal::usage(format!("no column \"{name}\"; one of {known}")))
        }
        None => Ok(filter),
    }
}

/// Cuts a page out of all matching rows.
fn page<T, U>(
    matching: &[T],
    unfiltered: usize,
    page: &PageOf,
    mut row: impl FnMut(&T) -> Option<U>,
) -> Rows<U> {
    let offset = page.offset.min(matching.len());
    let end = matching.len().min(offset.saturating_add(page.limit));
    let rows = matching[offset..end].iter().filter_map(&mut row).collect();
    Rows { rows, total: matching.len(), unfiltered, offset }
}
