//! Pages of the forecast table.

use super::ahead::Facts;
use super::stock::{Marked, Read, Shelves};
use super::{asked, cached, page, store};
use crate::demand::SeriesKey;
use crate::domain::*;
use crate::engine::api::{ForecastRow, Lasts, OwnDays, PageOf, Refusal, Rows, SiteForecast};
use crate::engine::house::House;
use crate::engine::known::{censor, known_history};
use crate::insight::forecast::{Drivers, Forecasts, Overlay, Reach};
use crate::orders::filter::{Bare, Field, FieldKind, Fields, FilterRow, Matcher};
use std::borrow::Cow;
use std::cmp::Ordering;

/// What the forecast table can be filtered by.
pub static FORECASTS: Fields = Fields {
    fields: &[
        Field::text("sku", Bare::Fuzzy),
        Field::phrase("name", &[], Bare::Fuzzy),
        Field::text("site", Bare::Fuzzy),
        Field { name: "category", aliases: &["cat"], kind: FieldKind::Text, bare: Bare::Part },
        Field::text("supplier", Bare::Part),
        Field::number("expected", &["total", "mean"]),
        Field::number("median", &["half"]),
        Field::number("high", &["q90"]),
        Field::number("daily", &["rate"]),
        Field::number("available", &["avail", "have"]),
        Field::number("on_order", &["coming"]),
        Field::number("lasts", &["days", "out"]),
        Field::number("risk", &["chance"]),
        Field::number("lead_risk", &["lead"]),
        Field::number("off", &["error"]),
    ],
    flags: &[
        "short",
        "unknown",
        "out",
        "old",
        "overridden",
        "pinned",
        "no-category",
        "no-supplier",
    ],
};

/// The columns that the table sorts by.
const COLUMNS: [&str; 14] = [
    "sku",
    "site",
    "name",
    "category",
    "supplier",
    "expected",
    "median",
    "high",
    "daily",
    "available",
    "on_order",
    "lasts",
    "risk",
    "off",
];

/// A page of forecasts: pinned SKUs first, then by what is likeliest to run out, unless sorted
/// otherwise.
pub fn forecasts(house: &House, wanted: &PageOf) -> Result<Rows<ForecastRow>, Refusal> {
    let filter = asked(house, wanted, &FORECASTS, &COLUMNS)?;
    let shelves = cached::shelves(house)?;
    let marked = Marked::read(house)?;
    let mut matcher = Matcher::new(&filter);
    let overrides = house.overrides.read().clone();
    let (facts, unfiltered) = Facts::of_all(house, &shelves, &marked, &overrides);
    // A lead time is long to work out, and the page alone shows it, unless the filter asks for it.
    let lead = wanted.filter.contains("lead");
    let mut rows: Vec<Found> = {
        let accuracy = house.accuracy.read();
        let found = |(at, facts): (usize, &Facts<'_>)| {
            let accuracy = accuracy.of_series(&facts.series).copied();
            Some(Found { at, row: ForecastRow { accuracy, ..facts.row(lead)? } })
        };
        facts.iter().enumerate().filter_map(found).collect()
    };
    rows.retain(|found| matcher.matches(&Shown { row: &found.row }));
    let key = |found: &Found| facts[found.at].series.clone();
    match wanted.sort.as_deref() {
        None => {
            let pinned = |found: &Found| found.row.stock.pinned;
            rows.sort_by(|a, b| pinned(b).cmp(&pinned(a)).then_with(|| urgency(&a.row, &b.row)))
        }
        Some(column) => rows.sort_by(|a, b| {
            let order = by_column(column, &a.row, &b.row);
            let order = if wanted.descending { order.reverse() } else { order };
            order.then_with(|| key(a).cmp(&key(b)))
        }),
    }
    let mut answer = page(&rows, unfiltered, wanted, |Found { row, at }| {
        Some(ForecastRow { accuracy: row.accuracy, ..facts[*at].row(true)? })
    });
    for row in &mut answer.rows {
        row.stock.spark = shelves.spark(&row.stock.sku, &row.stock.site);
    }
    Ok(answer)
}

/// A row, and where its facts stand.
struct Found {
    row: ForecastRow,
    at: usize,
}

/// Days of history that are told beside a forecast.
const SOLD_DAYS: i32 = 182;

/// The whole forecast of a series; `None`: there is none.
pub fn of_series(
    house: &House,
    series: &SeriesKey,
    shelves: &Shelves,
    marked: &Marked,
) -> Result<Option<Box<SiteForecast>>, Refusal> {
    let store = store(house)?;
    let Some(kept) = store.get::<Forecasts>(&Forecasts::key(series))? else { return Ok(None) };
    let overrides = house.overrides.read().clone();
    let Some(facts) = Facts::of_one(house, shelves, marked, &overrides, series) else {
        return Ok(None);
    };
    let Some(mut row) = facts.row(true) else { return Ok(None) };
    let calendar = house.forecasts.read().calendar().cloned();
    row.stock.spark = shelves.spark(&series.sku, &series.site);
    row.accuracy = house.accuracy.read().of_series(series).copied();
    let (first, ahead) = (row.first, kept.days.len() as i32);
    let (sold, sold_out) = {
        let reach = Reach { first: first.plus(-SOLD_DAYS), origin: first.plus(-1) };
        let ledger = house.demand.read();
        let sold = ledger.series(&Read(&store), series, reach.first, reach.origin)?;
        let sold: Vec<f32> = sold.into_iter().map(|units| units.to_f64() as f32).collect();
        let mut known = sold.clone();
        censor(&ledger, &store, series, reach, &mut known)?;
        (sold, known.into_iter().map(f32::is_nan).collect())
    };
    let by = overrides.between(&series.sku, &series.site, first, first.plus(ahead - 1));
    let (own_days, own_totals) = (kept.days.steps(), kept.totals.steps());
    let (days, totals, own) = match by.is_empty() {
        true => (own_days, own_totals, None),
        false => {
            let overlay = Overlay::of(&by, &series.site, first, &kept.totals);
            let (days, totals) = (overlay.days(&kept.days), overlay.totals(&kept.totals));
            let changed = overlay.counts();
            (days, totals, Some(OwnDays { days: own_days, totals: own_totals, changed }))
        }
    };
    let drivers = {
        let one_offs = house.one_offs();
        let ledger = house.demand.read();
        let history = match Reach::of(&ledger, kept.origin) {
            Some(reach) => known_history(&ledger, &store, &one_offs, series, reach)?,
            None => Vec::new(),
        };
        Drivers::of(&history, kept.origin)
    };
    let is_open = |day| calendar.as_ref().is_none_or(|calendar| calendar.is_open(first.plus(day)));
    Ok(Some(Box::new(SiteForecast {
        sold,
        sold_out,
        open: (-SOLD_DAYS..ahead).map(is_open).collect(),
        left: facts.left(&totals),
        days,
        totals,
        own,
        drivers,
        peers: kept.peers,
        row,
    })))
}

/// What is likeliest to run out stands first, of these what runs out soonest; what is unknown comes
/// last.
fn urgency(a: &ForecastRow, b: &ForecastRow) -> Ordering {
    by_risk(b, a)
        .then_with(|| by_days(a, b))
        .then_with(|| b.daily.total_cmp(&a.daily))
        .then_with(|| (&a.stock.sku, &a.stock.site).cmp(&(&b.stock.sku, &b.stock.site)))
}

fn by_risk(a: &ForecastRow, b: &ForecastRow) -> Ordering {
    let risk = |row: &ForecastRow| row.lasts.as_ref().map_or(-1.0, |lasts| lasts.risk);
    risk(a).total_cmp(&risk(b))
}

/// By the day of running out; what does not run out comes after, what is unknown last.
fn by_days(a: &ForecastRow, b: &ForecastRow) -> Ordering {
    let days = |row: &ForecastRow| match &row.lasts {
        Some(Lasts { until: Some(day), .. }) => (0, day.number()),
        Some(_) => (1, 0),
        None => (2, 0),
    };
    days(a).cmp(&days(b))
}

fn by_column(column: &str, a: &ForecastRow, b: &ForecastRow) -> Ordering {
    let (x, y) = (&a.stock, &b.stock);
    match column {
        "sku" => x.sku.cmp(&y.sku),
        "site" => x.site.cmp(&y.site),
        "name" => x.name.cmp(&y.name),
        "category" => x.category.cmp(&y.category),
        "supplier" => x.supplier.cmp(&y.supplier),
        "median" => a.median.total_cmp(&b.median),
        "high" => a.high.total_cmp(&b.high),
        "daily" | "expected" => a.daily.total_cmp(&b.daily),
        "available" => x.available.cmp(&y.available),
        "on_order" => x.on_order.cmp(&y.on_order),
        "lasts" => by_days(a, b),
        "off" => {
            let off = |row: &ForecastRow| row.accuracy.and_then(|known| known.off_share());
            off(a).unwrap_or(-1.0).total_cmp(&off(b).unwrap_or(-1.0))
        }
        _ => by_risk(a, b),
    }
}

/// A forecast as filters see it.
pub struct Shown<'r> {
    /// It.
    pub row: &'r ForecastRow,
}

impl FilterRow for Shown<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        let stock = &self.row.stock;
        Some(Cow::Borrowed(match field {
            "sku" => stock.sku.as_str(),
            "name" => &stock.name,
            "site" => stock.site.as_str(),
            "category" => stock.category.as_ref()?.as_str(),
            "supplier" => stock.supplier.as_ref()?.as_str(),
            _ => return None,
        }))
    }
    fn number(&self, field: &str) -> Option<f64> {
        let (row, stock) = (self.row, &self.row.stock);
        let lasts = row.lasts.as_ref();
        match field {
            "expected" => Some(f64::from(row.expected())),
            "median" => Some(f64::from(row.median)),
            "high" => Some(f64::from(row.high)),
            "daily" => Some(f64::from(row.daily)),
            "available" => stock.available.map(Qty::to_f64),
            "on_order" => Some(stock.on_order.to_f64()),
            "lasts" => Some(f64::from(lasts?.until?.number() - row.first.number())),
            "risk" => Some(100.0 * f64::from(lasts?.risk)),
            "off" => Some(100.0 * f64::from(row.accuracy?.off_share()?)),
            "lead_risk" => Some(100.0 * f64::from(lasts?.lead.as_ref()?.risk)),
            _ => None,
        }
    }
    fn flag(&self, flag: &str) -> bool {
        let stock = &self.row.stock;
        match flag {
            "short" => stock.available.is_some_and(Qty::is_negative),
            "out" => stock.available.is_some_and(|units| !units.is_positive()),
            "unknown" => stock.on_hand.is_none(),
            "old" => self.row.old,
            "overridden" => self.row.overridden.is_some(),
            "pinned" => stock.pinned,
            "no-category" => stock.category.is_none(),
            "no-supplier" => stock.supplier.is_none(),
            _ => false,
        }
    }
}
