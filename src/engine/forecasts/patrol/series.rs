//! Series: each day that is over is held against what was forecast of it.

use super::super::accuracy::shop_at;
use super::super::held::Held;
use super::super::maker::{BATCH, ForecastError, LOOKED_AT};
use crate::demand::SeriesKey;
use crate::domain::{Day, SiteId, Sku};
use crate::engine::house::House;
use crate::engine::tables;
use crate::insight::anomaly::Raised;
use crate::insight::forecast::{Packed, Reach, is_active};
use crate::insight::monitor::series::{self, SeriesDay, Watched};
use crate::model::DemandModel;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

/// Days that are looked back on where nothing is known: a week to forecast from, and a quiet week and more.
const CATCH_UP: i32 = 18;

/// What is known of all series.
#[derive(Default)]
pub(super) struct Series {
    watched: Option<BTreeMap<SeriesKey, Watched>>,
    until: Option<Day>,
}

/// What a day brought, apart from units sold.
struct DayFacts {
    day: Day,
    open: bool,
    largest: BTreeMap<SeriesKey, f64>,
}

impl Series {
    /// Takes in the days that are over. `true`: there was one.
    pub fn look(
        &mut self,
        house: &Weak<House>,
        model: &DemandModel,
    ) -> Result<bool, ForecastError> {
        let Some(origin) = due(house).filter(|origin| self.until != Some(*origin)) else {
            return Ok(false);
        };
        let Some(known) = self.known(house)? else { return Ok(false) };
        let last = known.values().filter_map(Watched::last).max();
        let earliest = origin.plus(-CATCH_UP);
        let first = last.map_or(earliest, |last| last.plus(1).max(earliest));
        for number in first.number()..=origin.number() {
            if self.day(house, Day::from_number(number), model)?.is_none() {
                return Ok(false);
            }
        }
        self.until = Some(origin);
        Ok(true)
    }

    /// All that the series say.
    pub fn said(&self, house: &House) -> Option<Vec<Raised>> {
        let watched = self.watched.as_ref()?;
        let stock = house.stock.read();
        let price = |series: &SeriesKey| {
            let price = stock.product_of(&series.sku).and_then(|product| product.price);
            price.map_or(0.0, |price| price.e4 as f64 / 100.0)
        };
        Some(series::raised(watched.iter(), &house.zone, house.currency, &price))
    }

    /// What was known; `None`: the house is gone.
    fn known(
        &mut self,
        house: &Weak<House>,
    ) -> Result<Option<&mut BTreeMap<SeriesKey, Watched>>, ForecastError> {
        if self.watched.is_none() {
            let Some(held) = Held::of(house) else { return Ok(None) };
            let mut watched = BTreeMap::new();
            for record in held.store.scan::<tables::WatchedSeries>(..) {
                let ((sku, site), of) = record?;
                watched.insert(SeriesKey { sku, site }, of);
            }
            self.watched = Some(watched);
        }
        Ok(self.watched.as_mut())
    }

    /// Takes in one day; `None`: the house is gone.
    fn day(
        &mut self,
        house: &Weak<House>,
        day: Day,
        model: &DemandModel,
    ) -> Result<Option<()>, ForecastError> {
        let Some(held) = Held::of(house) else { return Ok(None) };
        let facts = DayFacts::of(&held.house, day);
        let (reach, all) = {
            let ledger = held.house.demand.read();
            let Some(reach) = Reach::of(&ledger, day) else { return Ok(Some(())) };
            let met = ledger.series_list().filter(|(_, span)| reach.meets(*span));
            (reach, met.map(|(series, _)| series.clone()).collect::<Vec<_>>())
        };
        let mut made: BTreeMap<SeriesKey, Arc<Packed>> = {
            let book = held.house.forecasts.read();
            let current = book.iter().filter(|(_, ahead)| ahead.origin == day);
            current.map(|(series, ahead)| (series.clone(), ahead.totals.clone())).collect()
        };
        drop(held);
        if made.is_empty() {
            match forecast(house, reach, &all, model)? {
                Some(of) => made = of,
                None => return Ok(None),
            }
        }
        for part in all.chunks(LOOKED_AT) {
            let Some(held) = Held::of(house) else { return Ok(None) };
            let Some(watched) = self.watched.as_mut() else { return Ok(None) };
            let mut write = held.store.write();
            for series in part {
                let Some(totals) = made.get(series) else { continue };
                let of = facts.series(&held, reach, series)?;
                let known = watched.entry(series.clone()).or_default();
                known.day(&of, totals);
                let key = (series.sku.clone(), series.site.clone());
                write.put::<tables::WatchedSeries>(&key, known)?;
            }
            write.commit()?;
        }
        Ok(Some(()))
    }
}

/// The day up to which all forecasts are made.
fn due(house: &Weak<House>) -> Option<Day> {
    let house = house.upgrade()?;
    let origin = house.origin()?;
    let book = house.forecasts.read();
    let current = book.iter().next()?;
    // While they are being made anew it is too early.
    (!book.is_old(current.0, current.1) && current.1.origin == origin).then_some(origin)
}

/// What the model would have forecast from a day; `None`: the house is gone.
fn forecast(
    house: &Weak<House>,
    reach: Reach,
    all: &[SeriesKey],
    model: &DemandModel,
) -> Result<Option<BTreeMap<SeriesKey, Arc<Packed>>>, ForecastError> {
    let Some(shop) = shop_at(house, reach, all)? else { return Ok(None) };
    let mut made = BTreeMap::new();
    for batch in all.chunks(BATCH) {
        let Some(held) = Held::of(house) else { return Ok(None) };
        let (mut windows, mut of) = (Vec::new(), Vec::new());
        for series in batch {
            let history = held.history(reach, series)?;
            let window = is_active(&history).then(|| shop.window(series, &history)).flatten();
            if let Some(window) = window {
                windows.push(window);
                of.push(series.clone());
            }
        }
        drop(held);
        for (series, answer) in of.into_iter().zip(model.forecast(&windows)?) {
            made.insert(series, Arc::new(Packed::of(&answer.totals)));
        }
    }
    Ok(Some(made))
}

impl DayFacts {
    fn of(house: &House, day: Day) -> Self {
        let (from, to) = (day.start(&house.zone), day.plus(1).start(&house.zone));
        let open = house.forecasts.read().calendar().is_none_or(|calendar| calendar.is_open(day));
        let index = house.orders.read();
        let mut largest: BTreeMap<SeriesKey, f64> = BTreeMap::new();
        for row in index.placed_between(from, to) {
            let site = SiteId::new(index.site(row));
            for (sku, qty) in index.lines(row) {
                let series = SeriesKey { sku: Sku::new(sku), site: site.clone() };
                let most = largest.entry(series).or_default();
                *most = most.max(qty.to_f64());
            }
        }
        DayFacts { day, open, largest }
    }

    fn series(
        &self,
        held: &Held,
        reach: Reach,
        series: &SeriesKey,
    ) -> Result<SeriesDay, ForecastError> {
        let history = held.history(reach, series)?;
        let sold = history.last().copied().unwrap_or(f32::NAN);
        let key = (series.sku.clone(), series.site.clone());
        let outs = held.store.get::<tables::SoldOut>(&key)?.unwrap_or_default();
        let zone = &held.house.zone;
        let stock = held.house.stock.read();
        let on_hand = stock.position(&series.sku, &series.site).and_then(|of| of.on_hand());
        Ok(SeriesDay {
            day: self.day,
            sold: if sold.is_nan() { 0.0 } else { f64::from(sold) },
            largest: self.largest.get(series).copied().unwrap_or(0.0),
            on_hand: on_hand.map(|units| units.to_f64()),
            out: sold.is_nan()
                || outs.share(self.day.start(zone), self.day.plus(1).start(zone)) > 0.0,
            open: self.open,
        })
    }
}
