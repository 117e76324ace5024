//! Where series and models come from.

use super::args::{ModelArgs, PanelArgs};
use super::{PlaceArgs, refused, threads};
use crate::cli::ask::odd_answer;
use crate::cli::place::{Intent, Place};
use crate::cli::{attach, block_on};
use crate::demand::{Frequency, Panel};
use crate::engine::api::{Answer, DemandSeries, PageOf, Query, Refusal, StockRow};
use crate::model::bolt::Bolt;
use crate::model::registry::{Registry, Stored, WEIGHTS_FILE};
use crate::model::{DemandModel, Forecaster, SHIPPED, Weights, shipped};
use std::path::Path;

/// Series of the store that are fetched at once.
const SERIES: usize = 500;

/// Reads the series.
pub(super) fn panel(place: &PlaceArgs, args: &PanelArgs) -> Result<Panel, Refusal> {
    if let Some(path) = &args.panel {
        return Panel::read(path, args.freq).map_err(|error| Refusal::usage(error.to_string()));
    }
    if args.freq != Frequency::Day {
        return Err(Refusal::usage("the store counts demand by the day; --freq is for --panel"));
    }
    let place = Place::find(place, Intent::Ask)?;
    let series = block_on(all_series(&place))??;
    Panel::of_series(series.iter().map(|one| {
        let units = one.units.iter().map(|units| units.to_f64() as f32).collect();
        (one.series_id.to_string(), one.first.civil(), units)
    }))
    .ok_or_else(|| Refusal::failed("the store holds no demand yet"))
}

async fn all_series(place: &Place) -> Result<Vec<DemandSeries>, Refusal> {
    let mut client = attach(place).await?;
    let mut all = Vec::new();
    loop {
        let question = Query::Demand { from: None, to: None, skip: all.len(), take: SERIES };
        let Answer::Demand(series) = client.ask(question).await? else {
            return Err(odd_answer());
        };
        if series.is_empty() {
            return Ok(all);
        }
        all.extend(series);
    }
}

/// Every position of the store.
pub(super) fn stock(place: &PlaceArgs) -> Result<Vec<StockRow>, Refusal> {
    let place = Place::find(place, Intent::Ask)?;
    block_on(all_stock(&place))?
}

async fn all_stock(place: &Place) -> Result<Vec<StockRow>, Refusal> {
    let mut client = attach(place).await?;
    let mut all = Vec::new();
    loop {
        let sort = Some("sku".into());
        let page = PageOf { sort, offset: all.len(), limit: SERIES, ..PageOf::default() };
        let Answer::Stock(rows) = client.ask(Query::Stock(page)).await? else {
            return Err(odd_answer());
        };
        if rows.rows.is_empty() {
            return Ok(all);
        }
        all.extend(rows.rows);
    }
}

/// Weights by name or folder; without one those in use where the series come from a store, and the
/// shipped ones for a file.
pub(super) fn weights(
    place: &PlaceArgs,
    name: Option<&str>,
    of_store: bool,
) -> Result<(String, Weights), Refusal> {
    let registry = || -> Result<Registry, Refusal> {
        Ok(Registry::of(&Place::find(place, Intent::Open)?.data_dir))
    };
    let name = match name {
        Some(name) => name.to_owned(),
        None if of_store => registry()?.current().map_err(refused)?,
        None => SHIPPED.to_owned(),
    };
    if name == SHIPPED {
        return Ok((name, shipped().map_err(refused)?));
    }
    let folder = Path::new(&name);
    if Bolt::lies_in(folder) {
        return Err(not_trained(&name));
    }
    if folder.is_dir() {
        let weights = Weights::read(&folder.join(WEIGHTS_FILE)).map_err(refused)?;
        return Ok((name, weights));
    }
    let version = registry()?.version(&name).map_err(refused)?;
    match version.model {
        Stored::Own(weights) => Ok((name, weights)),
        Stored::Bolt(_) => Err(not_trained(&name)),
    }
}

fn not_trained(name: &str) -> Refusal {
    Refusal::usage(format!(
        "{name} is a Chronos-Bolt model: it forecasts as it is, and only models of stockdeck are \
         trained further; name one with --model, such as shipped"
    ))
}

/// The model that answers: this program's, or the checkpoint of another in a folder.
pub(super) fn model(
    place: &PlaceArgs,
    args: &ModelArgs,
    of_store: bool,
) -> Result<DemandModel, Refusal> {
    let threads = threads(args.threads);
    let folder = args.model.as_deref().map(Path::new);
    if let Some(folder) = folder.filter(|folder| Bolt::lies_in(folder)) {
        let bolt = Bolt::read(folder).map_err(refused)?;
        return Ok(DemandModel::Bolt(bolt.on_threads(threads)));
    }
    let name = args.model.as_deref();
    if folder.is_none_or(|folder| !folder.is_dir()) && (of_store || name.is_some()) {
        let registry = Registry::of(&Place::find(place, Intent::Open)?.data_dir);
        let current = || registry.current();
        let name = name.map_or_else(current, |name| Ok(name.to_owned())).map_err(refused)?;
        if name != SHIPPED
            && let Stored::Bolt(bolt) = registry.version(&name).map_err(refused)?.model
        {
            return Ok(DemandModel::Bolt(bolt.on_threads(threads)));
        }
    }
    let (_, weights) = weights(place, name, of_store)?;
    let network = weights.network().map_err(refused)?;
    Ok(DemandModel::Own(Forecaster::new(network).on_threads(threads)))
}
