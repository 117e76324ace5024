//! `stockdeck forecast --by`: which series are added up.

use super::args::ForecastArgs;
use super::{PlaceArgs, source};
use crate::demand::{Items, Panel};
use crate::engine::api::{GroupBy, Refusal, StockRow};
use crate::insight::forecast::{Part, Shop, changes};
use crate::model::{LEVEL_COUNT, Quantiles};
use std::collections::{BTreeMap, HashMap};

/// What a series belongs to, by its id; `None`: unknown.
type NameOf<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

/// Series by the name of the group that they are in.
pub struct Groups(BTreeMap<String, Vec<usize>>);

impl Groups {
    /// Finds out what each series belongs to: in the store from its products, in a file from the items
    /// that are named beside it, or from what follows the `@` of a series.
    pub fn of(
        place: &PlaceArgs,
        args: &ForecastArgs,
        (panel, items): (&Panel, Option<&Items>),
        by: GroupBy,
    ) -> Result<Self, Refusal> {
        let name_of: NameOf<'_> = match (&args.panel.panel, by, items) {
            (None, ..) => {
                let known = of_store(source::stock(place)?, by);
                Box::new(move |series| known.get(series).cloned().flatten())
            }
            (Some(_), GroupBy::Site, _) => {
                Box::new(|series| series.rsplit_once('@').map(|(_, site)| site.to_owned()))
            }
            (Some(_), GroupBy::Category, Some(items)) => Box::new(|series| {
                let category = items.get(series).map(|item| item.category.clone());
                category.filter(|category| !category.is_empty())
            }),
            (Some(_), GroupBy::Category, None) => {
                let mend = "name a CSV of series_id,description,category by --items";
                return Err(Refusal::usage(format!("a panel does not tell categories: {mend}")));
            }
            (Some(_), GroupBy::Supplier, _) => {
                let mend = "leave --panel out to forecast the store, or add up by category";
                return Err(Refusal::usage(format!("a panel does not tell suppliers: {mend}")));
            }
        };
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (series, id) in panel.series.iter().enumerate() {
            let name = name_of(id).unwrap_or_else(|| format!("no {}", by.word()));
            groups.entry(name).or_default().push(series);
        }
        Ok(Self(groups))
    }

    /// The total of each group over all steps of the forecasts, which are of these series at an origin
    /// up to which so many steps are known.
    pub fn totals(
        &self,
        panel: &Panel,
        known: usize,
        forecasts: &[(usize, Quantiles)],
    ) -> Vec<(&str, [f32; LEVEL_COUNT])> {
        let steps = forecasts.first().map_or(1, |(_, forecast)| forecast.totals.len());
        let past: Vec<Box<[f32]>> = forecasts
            .iter()
            .map(|(series, _)| changes(panel.demand[*series].get(..known).unwrap_or(&[]), steps))
            .collect();
        let parts: Vec<Part<'_>> = forecasts
            .iter()
            .zip(&past)
            .filter_map(|((_, forecast), past)| Some(Part::new(*forecast.totals.last()?, past)))
            .collect();
        let shop = Shop::of(&parts);
        let part_of: HashMap<usize, &Part<'_>> =
            forecasts.iter().map(|(series, _)| *series).zip(&parts).collect();
        let totals = self.0.iter().filter_map(|(name, series)| {
            let parts = series.iter().filter_map(|series| part_of.get(series));
            let parts: Vec<Part<'_>> = parts.map(|part| (*part).clone()).collect();
            (!parts.is_empty()).then(|| (name.as_str(), shop.total(&parts).quantiles))
        });
        totals.collect()
    }
}

/// What each series of the store belongs to. A series is called by its SKU where the store has one
/// site, else `sku@site`.
fn of_store(rows: Vec<StockRow>, by: GroupBy) -> HashMap<String, Option<String>> {
    let named = rows.into_iter().flat_map(|row| {
        let name = match by {
            GroupBy::Category => row.category.as_ref().map(ToString::to_string),
            GroupBy::Site => Some(row.site.to_string()),
            GroupBy::Supplier => row.supplier.as_ref().map(ToString::to_string),
        };
        let sku = row.sku.to_string();
        [(format!("{sku}@{}", row.site), name.clone()), (sku, name)]
    });
    named.collect()
}
