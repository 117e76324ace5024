//! The forecasts in memory: what tables show of thousands at once.

use super::{Calendar, Kept, ModelMark, Packed};
use crate::demand::SeriesKey;
use crate::domain::{Day, SiteId, Sku};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is held of a forecast: some 900 bytes.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// The model that made it.
    pub model: Arc<ModelMark>,
    /// The last day that it knows.
    pub origin: Day,
    /// Checksum of the history that it was made from.
    pub checksum: u32,
    /// Quantiles of the totals from the origin on.
    pub totals: Packed,
}

impl Ahead {
    /// The day that it is taken to begin on. An old one, which waits to be made anew, is taken as if it
    /// had been made now: it tells more of the days ahead than nothing.
    pub fn first_day(&self, old: bool, today: Day) -> Day {
        if old { today } else { self.origin.plus(1) }
    }
}

/// All forecasts, and what they should be.
#[derive(Debug, Default)]
pub struct ForecastBook {
    series: BTreeMap<SeriesKey, Ahead>,
    /// The model in use and the day from which to forecast.
    due: Option<(Arc<ModelMark>, Day)>,
    calendar: Option<Calendar>,
}

impl ForecastBook {
    /// A book of what was kept.
    pub fn load(
        kept: impl IntoIterator<Item = (SeriesKey, Kept)>,
        calendar: Option<Calendar>,
    ) -> Self {
        let mut book = Self { calendar, ..Self::default() };
        kept.into_iter().for_each(|(series, kept)| book.put(series, &kept));
        book
    }

    /// From now on forecasts of this model and origin are current, all others old.
    pub fn expect(&mut self, model: Arc<ModelMark>, origin: Day) {
        self.due = Some((model, origin));
    }

    /// The day from which to forecast, as far as that was said.
    pub fn origin(&self) -> Option<Day> {
        self.due.as_ref().map(|(_, origin)| *origin)
    }

    /// The days on which the shop is open.
    pub fn set_calendar(&mut self, calendar: Calendar) {
        self.calendar = Some(calendar);
    }

    /// The days on which the shop is open, where that is known.
    pub fn calendar(&self) -> Option<&Calendar> {
        self.calendar.as_ref()
    }

    /// Takes in a forecast.
    pub fn put(&mut self, series: SeriesKey, kept: &Kept) {
        // One mark for all series that share it.
        let due = self.due.as_ref().map(|(model, _)| model);
        let known = due.into_iter().chain(self.series.values().next().map(|ahead| &ahead.model));
        let known = { known }.find(|known| ***known == kept.model).cloned();
        let model = known.unwrap_or_else(|| Arc::new(kept.model.clone()));
        let Kept { origin, checksum, .. } = *kept;
        self.series.insert(series, Ahead { model, origin, checksum, totals: kept.totals.clone() });
    }

    /// Forgets a series; `true` if there was a forecast of it.
    pub fn forget(&mut self, series: &SeriesKey) -> bool {
        self.series.remove(series).is_some()
    }

    /// The forecast of a series.
    pub fn get(&self, series: &SeriesKey) -> Option<&Ahead> {
        self.series.get(series)
    }

    /// All forecasts, by SKU, then site.
    pub fn iter(&self) -> impl Iterator<Item = (&SeriesKey, &Ahead)> {
        self.series.iter()
    }

    /// The forecasts of a SKU, by site.
    pub fn of_sku(&self, sku: &Sku) -> impl Iterator<Item = (&SeriesKey, &Ahead)> {
        let start = SeriesKey { sku: sku.clone(), site: SiteId::new("") };
        let from = self.series.range(start..);
        from.take_while(move |(series, _)| series.sku == *sku)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// Whether a forecast is of another model or an older day than it should be.
    pub fn is_old(&self, ahead: &Ahead) -> bool {
        self.due.as_ref().is_none_or(|(model, origin)| {
            ahead.origin != *origin || ahead.model.fingerprint != model.fingerprint
        })
    }

    /// Whether a series with this history has to be forecast anew.
    pub fn is_due(&self, series: &SeriesKey, checksum: u32) -> bool {
        let known = self.get(series);
        known.is_none_or(|ahead| ahead.checksum != checksum || self.is_old(ahead))
    }
}
