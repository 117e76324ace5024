//! Pages of the forecast table.

use super::stock::{Marked, Read, Shelves, row};
use super::{asked, cached, page, store};
use crate::demand::SeriesKey;
use crate::domain::*;
use crate::engine::api::{
    Figures, ForecastRow, Lasts, LeadTime, Overridden, OverrideMark, OwnDays, PageOf, Refusal,
    Rows, SiteForecast,
};
use crate::engine::house::House;
use crate::engine::known::known_history;
use crate::insight::forecast::{
    Ahead, Drivers, Forecasts, HIGH, MEDIAN, MOST_LEAD_DAYS, Overlay, Override, Overrides, Packed,
    Reach, Supply,
};
use crate::model::{LEVEL_COUNT, Quantiles};
use crate::orders::filter::{Bare, Field, FieldKind, Fields, FilterRow, Matcher};
use crate::stock::StockBook;
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
        Field::number("median", &["total"]),
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
const COLUMNS: [&str; 13] = [
    "sku",
    "site",
    "name",
    "category",
    "supplier",
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
    let (mut rows, unfiltered) = {
        let overrides = house.overrides.read().clone();
        let book = &house.stock.read();
        let desk = Desk { book, shelves: &shelves, marked: &marked, overrides: &overrides, house };
        let forecasts = house.forecasts.read();
        let rows = forecasts
            .iter()
            .filter_map(|(series, ahead)| desk.row(series, ahead, forecasts.is_old(ahead)));
        (rows.collect::<Vec<ForecastRow>>(), forecasts.len())
    };
    {
        let accuracy = house.accuracy.read();
        for ForecastRow { stock, accuracy: known, .. } in &mut rows {
            let series = SeriesKey { sku: stock.sku.clone(), site: stock.site.clone() };
            *known = accuracy.of_series(&series).copied();
        }
    }
    rows.retain(|row| matcher.matches(&Shown { row }));
    let key = |row: &ForecastRow| (row.stock.sku.clone(), row.stock.site.clone());
    match wanted.sort.as_deref() {
        None => {
            rows.sort_by(|a, b| b.stock.pinned.cmp(&a.stock.pinned).then_with(|| urgency(a, b)))
        }
        Some(column) => rows.sort_by(|a, b| {
            let order = by_column(column, a, b);
            let order = if wanted.descending { order.reverse() } else { order };
            order.then_with(|| key(a).cmp(&key(b)))
        }),
    }
    let mut answer = page(&rows, unfiltered, wanted, |row| Some(row.clone()));
    for row in &mut answer.rows {
        row.stock.spark = shelves.spark(&row.stock.sku, &row.stock.site);
    }
    Ok(answer)
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
    let (mut row, supply, calendar) = {
        let book = &house.stock.read();
        let desk = Desk { book, shelves, marked, overrides: &overrides, house };
        let forecasts = house.forecasts.read();
        let Some(ahead) = forecasts.get(series) else { return Ok(None) };
        let Some(row) = desk.row(series, ahead, forecasts.is_old(ahead)) else { return Ok(None) };
        let supply = desk.supply(series, row.stock.available, row.first);
        (row, supply, forecasts.calendar().cloned())
    };
    row.stock.spark = shelves.spark(&series.sku, &series.site);
    row.accuracy = house.accuracy.read().of_series(series).copied();
    let (first, ahead) = (row.first, kept.days.len() as i32);
    let sold = {
        let (from, to) = (first.plus(-SOLD_DAYS), first.plus(-1));
        house.demand.read().series(&Read(&store), series, from, to)?
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
        let ledger = house.demand.read();
        let history = match Reach::of(&ledger, kept.origin) {
            Some(reach) => known_history(&ledger, &store, series, reach)?,
            None => Vec::new(),
        };
        Drivers::of(&history, kept.origin)
    };
    let is_open = |day| calendar.as_ref().is_none_or(|calendar| calendar.is_open(first.plus(day)));
    Ok(Some(Box::new(SiteForecast {
        sold: sold.into_iter().map(|units| units.to_f64() as f32).collect(),
        open: (-SOLD_DAYS..ahead).map(is_open).collect(),
        left: supply.map(|supply| supply.expected(&Packed::of(&totals))).unwrap_or_default(),
        days,
        totals,
        own,
        drivers,
        peers: kept.peers,
        row,
    })))
}

/// What rows are put together from.
pub(super) struct Desk<'a> {
    pub book: &'a StockBook,
    pub shelves: &'a Shelves,
    pub marked: &'a Marked,
    pub overrides: &'a Overrides,
    pub house: &'a House,
}

impl Desk<'_> {
    /// The row of a series; `None`: nothing else is known of it.
    pub fn row(&self, series: &SeriesKey, ahead: &Ahead, old: bool) -> Option<ForecastRow> {
        let SeriesKey { sku, site } = series;
        let position = self.book.position(sku, site)?;
        let stock = row(self.book, self.shelves, self.marked, sku, site, position);
        let first = ahead.first_day(old, self.house.today());
        let supply = self.supply(series, stock.available, first);
        let supply = supply.as_ref();
        let lead = self.lead_days(sku).filter(|_| supply.is_some());
        let lead = lead.map(|days| (days, ahead.totals.carried_to(usize::from(days))));
        let reach = ahead.totals.len().max(lead.as_ref().map_or(0, |(_, totals)| totals.len()));
        let by = self.overrides.between(sku, site, first, first.plus(reach as i32 - 1));
        let own = figures(supply, &ahead.totals, lead.as_ref(), first)?;
        let (counts, overridden) = match by.is_empty() {
            true => (own, None),
            false => {
                let with = |totals: &Packed| overlaid(&by, site, first, totals);
                let lead = lead.as_ref().map(|(days, totals)| (*days, with(totals)));
                let counts = figures(supply, &with(&ahead.totals), lead.as_ref(), first)?;
                let by = by.into_iter().map(OverrideMark::from).collect();
                (counts, Some(Box::new(Overridden { by, own })))
            }
        };
        let Figures { median, high, daily, lasts } = counts;
        Some(ForecastRow {
            first,
            median,
            high,
            daily,
            lasts,
            overridden,
            model: ahead.model.name.clone(),
            accuracy: None,
            old,
            stock,
        })
    }

    /// Quantiles of the whole total, with overrides where they count.
    pub fn last_total(
        &self,
        series: &SeriesKey,
        ahead: &Ahead,
        first: Day,
    ) -> Option<[f32; LEVEL_COUNT]> {
        let last = ahead.totals.len().checked_sub(1)?;
        let to = first.plus(last as i32);
        let by = self.overrides.between(&series.sku, &series.site, first, to);
        Some(match by.is_empty() {
            true => ahead.totals.step(last),
            false => overlaid(&by, &series.site, first, &ahead.totals).step(last),
        })
    }

    /// The lead time of a SKU's supplier in days; `None`: there is no such time, or it is longer than
    /// anything can be said of.
    fn lead_days(&self, sku: &Sku) -> Option<u16> {
        let supplier = self.book.product_of(sku)?.supplier.as_ref()?;
        let days = self.book.supplier_of(supplier)?.lead_time_days?;
        (1..=MOST_LEAD_DAYS).contains(&days).then_some(days)
    }

    /// What there is to sell from a day's beginning on; `None`: stock is unknown.
    fn supply(&self, series: &SeriesKey, available: Option<Qty>, first: Day) -> Option<Supply> {
        let today = self.house.today();
        let mut start = available?.to_f64() as f32;
        if first == today {
            // What was sold today is part of what the forecast tells of today.
            start += self.shelves.today(&series.sku, &series.site);
        }
        let orders = self.book.open_purchase_orders(&series.sku).into_iter();
        let coming = orders.filter(|po| po.site == series.site).filter_map(|po| {
            let due = po.due_at?.day(&self.house.zone);
            let units = self.book.to_come(po, &series.sku).to_f64() as f32;
            let days = usize::try_from(due.number() - first.number()).ok()?;
            (due >= today).then_some((days, units))
        });
        Some(Supply { start, coming: coming.collect() })
    }
}

/// Totals with what people expect instead.
fn overlaid(by: &[&Override], site: &SiteId, first: Day, totals: &Packed) -> Packed {
    Packed::of(&Overlay::of(by, site, first, totals).totals(totals))
}

/// What totals tell, those of the lead time beside them; `None`: there are none.
fn figures(
    supply: Option<&Supply>,
    totals: &Packed,
    lead: Option<&(u16, Packed)>,
    first: Day,
) -> Option<Figures> {
    let last = totals.step(totals.len().checked_sub(1)?);
    let lasts = |supply: &Supply| {
        let outlook = supply.outlook(totals);
        Lasts {
            until: outlook.runs_out.map(|days| first.plus(days as i32)),
            risk: outlook.risk,
            lead: lead.map(|(days, totals)| lead_time(supply, totals, *days)),
        }
    };
    Some(Figures {
        median: last[MEDIAN],
        high: last[HIGH],
        daily: Quantiles::mean_of(&last) / totals.len() as f32,
        lasts: supply.map(lasts),
    })
}

/// What sells within a lead time, by totals that reach so far, and the chance that stock does not last
/// so long.
fn lead_time(supply: &Supply, totals: &Packed, days: u16) -> LeadTime {
    let within = usize::from(days);
    let total = totals.step(within.saturating_sub(1));
    let risk = supply.risk(totals, within);
    LeadTime { days, risk, median: total[MEDIAN], high: total[HIGH] }
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
        "daily" => a.daily.total_cmp(&b.daily),
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
