//! Where series and models come from.

use super::args::{ModelArgs, PanelArgs};
use super::{PlaceArgs, refused, threads};
use crate::cli::ask::odd_answer;
use crate::cli::place::{Intent, Place};
use crate::cli::{attach, block_on};
use crate::demand::{Frequency, Item, Items, Panel};
use crate::domain::{Day, SiteId};
use crate::engine::api::{Answer, History, PageOf, Query, Refusal, StockRow};
use crate::insight::forecast::{Overlay, Override, Packed, Spread, is_active};
use crate::model::bolt::Bolt;
use crate::model::registry::{Registry, Stored, WEIGHTS_FILE};
use crate::model::{DemandModel, Forecaster, Quantiles, SHIPPED, Weights, shipped};
use std::path::Path;

/// Rows of the store that are fetched at once.
const ROWS: usize = 500;
/// Histories of the store that are fetched at once.
const SERIES: usize = 200;

/// Series, and what the store knows beside them.
pub(super) struct Source {
    /// The series.
    pub panel: Panel,
    /// What their items are, where the store says it.
    pub items: Option<Items>,
    /// What people expect instead after the panel's last day, of each series with its site; `None`: the
    /// series are a file's.
    pub overrides: Option<Vec<(SiteId, Vec<Override>)>>,
    /// How far totals of the days after the panel's last lie from what the model in use says.
    pub spread: Spread,
}

impl Source {
    /// Whether a series is forecast of which so many steps are known: of a store's those that sold
    /// lately are, of a file's all.
    pub fn is_forecast(&self, series: usize, known: usize) -> bool {
        self.overrides.is_none() || is_active(&self.panel.demand[series][..known])
    }

    /// Puts what people expect instead before what the model says. From an origin of the past nothing
    /// is: nobody had said it then.
    pub fn lay_over(&self, series: usize, known: usize, answer: &mut Quantiles) {
        let all = self.overrides.as_ref().and_then(|all| all.get(series));
        let Some((site, overrides)) = all.filter(|(_, all)| !all.is_empty()) else { return };
        let first = self.panel.date(known).map(Day::from_civil);
        let Some(first) = first.filter(|_| known == self.panel.steps) else { return };
        let totals = Packed::of(&answer.totals);
        let by: Vec<&Override> = overrides.iter().collect();
        let overlay = Overlay::of(&by, site, first, &totals);
        answer.days = overlay.days(&Packed::of(&answer.days));
        answer.totals = overlay.totals(&totals);
    }
}

/// Reads the series; the store's are those that it is forecast from: up to the last day that is over,
/// days without stock missing.
pub(super) fn read(place: &PlaceArgs, args: &PanelArgs) -> Result<Source, Refusal> {
    if let Some(path) = &args.panel {
        let panel = Panel::read(path, args.freq);
        let panel = panel.map_err(|error| Refusal::usage(error.to_string()))?;
        if panel.doubled > 0 {
            eprintln!(
                "{} of the rows came again for a series and date, and were added up",
                panel.doubled
            );
        }
        return Ok(Source { panel, items: None, overrides: None, spread: Spread::default() });
    }
    if args.freq != Frequency::Day {
        return Err(Refusal::usage("the store counts demand by the day; --freq is for --panel"));
    }
    let place = Place::find(place, Intent::Ask)?;
    let (mut items, mut overrides) = (Items::default(), Vec::new());
    let (all, spread) = block_on(histories(&place))??;
    let panel = Panel::of_series(all.into_iter().map(|one| {
        let units = one.units.into_iter().map(|units| units.unwrap_or(f32::NAN)).collect();
        let name = one.series_id.to_string();
        let category = one.category.map(|category| category.to_string()).unwrap_or_default();
        items.insert(name.clone(), Item { description: one.name.into(), category });
        overrides.push((one.key.site, one.overrides));
        (name, one.first.civil(), units)
    }));
    let panel = panel.ok_or_else(|| Refusal::failed("the store holds no demand yet"))?;
    Ok(Source { panel, items: Some(items), overrides: Some(overrides), spread })
}

/// The series alone.
pub(super) fn panel(place: &PlaceArgs, args: &PanelArgs) -> Result<Panel, Refusal> {
    Ok(read(place, args)?.panel)
}

async fn histories(place: &Place) -> Result<(Vec<History>, Spread), Refusal> {
    let mut client = attach(place).await?;
    let (mut all, mut origin, mut spread) = (Vec::<History>::new(), None, Spread::default());
    loop {
        let after = all.last().map(|one| one.key.clone());
        let question = Query::Histories { origin, after, take: SERIES };
        let Answer::Histories(page) = client.ask(question).await? else {
            return Err(odd_answer());
        };
        if page.series.is_empty() {
            return Ok((all, spread));
        }
        (origin, spread) = (page.origin, page.spread);
        all.extend(page.series);
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
        let page = PageOf { sort, offset: all.len(), limit: ROWS, ..PageOf::default() };
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
