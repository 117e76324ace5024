//! Daily demand, series after series.

use super::stock::Read;
use super::store;
use crate::domain::Day;
use crate::engine::api::{DemandSeries, Refusal};
use crate::engine::house::House;
use std::collections::BTreeSet;

/// Series `skip..skip + take` by SKU, then site, zeros included; nothing after the last.
pub fn demand(
    house: &House,
    from: Option<Day>,
    to: Option<Day>,
    skip: usize,
    take: usize,
) -> Result<Vec<DemandSeries>, Refusal> {
    let store = store(house)?;
    let ledger = house.demand.read();
    let sites: BTreeSet<&str> = ledger.series_list().map(|(s, _)| s.site.as_str()).collect();
    let one_site = sites.len() <= 1;
    let mut found = Vec::new();
    for (series, span) in ledger.series_list().skip(skip).take(take) {
        let first = from.unwrap_or(span.first);
        let last = to.or(ledger.last_day()).unwrap_or(span.last);
        let series_id = match one_site {
            true => series.sku.as_str().to_owned(),
            false => format!("{}@{}", series.sku, series.site),
        };
        found.push(DemandSeries {
            sku: series.sku.clone(),
            site: series.site.clone(),
            series_id: series_id.into(),
            first,
            units: ledger.series(&Read(&store), series, first, last)?,
        });
    }
    Ok(found)
}
