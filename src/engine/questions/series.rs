//! Daily demand, series after series.

use super::stock::Read;
use super::store;
use crate::demand::{Ledger, SeriesKey, SeriesSpan};
use crate::domain::{Day, SiteId};
use crate::engine::api::{DemandSeries, Histories, History, Refusal};
use crate::engine::house::House;
use crate::engine::known::known_history;
use crate::insight::forecast::{Reach, Spread, Spreads};
use std::collections::BTreeSet;

/// The series after one, at most so many, by SKU, then site, zeros included; nothing after the last.
pub fn demand(
    house: &House,
    (from, to): (Option<Day>, Option<Day>),
    after: Option<&SeriesKey>,
    take: usize,
) -> Result<Vec<DemandSeries>, Refusal> {
    let store = store(house)?;
    let ledger = house.demand.read();
    let name = Names::of(&ledger);
    let mut found = Vec::new();
    for (series, span) in ledger.series_after(after).take(take) {
        let first = from.unwrap_or(span.first);
        let last = to.or(ledger.last_day()).unwrap_or(span.last);
        found.push(DemandSeries {
            sku: series.sku.clone(),
            site: series.site.clone(),
            series_id: name.of_series(series),
            first,
            units: ledger.series(&Read(&store), series, first, last)?,
        });
    }
    Ok(found)
}

/// The same as models see it: up to an origin, that from which the store is forecast unless one is
/// named; days without stock are missing.
pub fn histories(
    house: &House,
    origin: Option<Day>,
    after: Option<&SeriesKey>,
    take: usize,
) -> Result<Histories, Refusal> {
    let Some(origin) = origin.or_else(|| house.origin()) else {
        return Ok(Histories { origin: None, spread: Spread::default(), series: Vec::new() });
    };
    let store = store(house)?;
    let overrides = house.overrides.read().clone();
    let one_offs = house.one_offs();
    let mut found = Vec::new();
    {
        let ledger = house.demand.read();
        let name = Names::of(&ledger);
        let begun = |(_, span): &(&SeriesKey, SeriesSpan)| span.first <= origin;
        for (series, span) in ledger.series_after(after).filter(begun).take(take) {
            let reach = Reach { first: span.first, origin };
            let history = known_history(&ledger, &store, &one_offs, series, reach)?;
            let all = overrides.of_sku(&series.sku);
            let ahead = all.filter(|one| {
                one.is_about(&series.sku, &series.site)
                    && one.from.max(origin.plus(1)) <= one.last()
            });
            found.push(History {
                key: series.clone(),
                series_id: name.of_series(series),
                name: Box::default(),
                category: None,
                first: reach.first,
                units: history
                    .into_iter()
                    .map(|units| (!units.is_nan()).then_some(units))
                    .collect(),
                overrides: ahead.cloned().collect(),
            });
        }
    }
    let book = house.stock.read();
    for history in &mut found {
        if let Some(product) = book.product_of(&history.key.sku) {
            history.name = product.name.clone().unwrap_or_default();
            history.category.clone_from(&product.category);
        }
    }
    let kept = store.get::<Spreads>(&())?.filter(|_| house.origin() == Some(origin));
    let spread = kept.map_or(Spread::default(), |kept| kept.spread);
    Ok(Histories { origin: Some(origin), spread, series: found })
}

/// What series are called.
struct Names {
    one_site: bool,
}

impl Names {
    fn of(ledger: &Ledger) -> Self {
        let sites: BTreeSet<&SiteId> = ledger.series_list().map(|(one, _)| &one.site).collect();
        Self { one_site: sites.len() <= 1 }
    }

    fn of_series(&self, series: &SeriesKey) -> Box<str> {
        match self.one_site {
            true => series.sku.as_str().into(),
            false => format!("{}@{}", series.sku, series.site).into(),
        }
    }
}
