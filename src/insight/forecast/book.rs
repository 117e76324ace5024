//! The forecasts in memory: what tables show of thousands at once.

use super::{Calendar, Kept, ModelMark, Packed};
use crate::demand::SeriesKey;
use crate::domain::{Day, SiteId, Sku};
use std::collections::{BTreeMap, BTreeSet};
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
    pub totals: Arc<Packed>,
}

/// All forecasts, and what they should be.
#[derive(Debug, Default)]
pub struct ForecastBook {
    series: BTreeMap<SeriesKey, Ahead>,
    /// The model in use and the day from which to forecast.
    due: Option<(Arc<ModelMark>, Day)>,
    /// Series whose demand up to their forecast's origin is another one by now.
    changed: BTreeSet<SeriesKey>,
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
        self.changed.remove(&series);
        self.series.insert(
            series,
            Ahead { model, origin, checksum, totals: Arc::new(kept.totals.clone()) },
        );
    }

    /// Forgets a series; `true` if there was a forecast of it.
    pub fn forget(&mut self, series: &SeriesKey) -> bool {
        self.changed.remove(series);
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

    /// The demand of a series on a day is another one: a forecast that knew that day is old.
    pub fn touch(&mut self, series: &SeriesKey, day: Day) {
        if self.series.get(series).is_some_and(|ahead| day <= ahead.origin) {
            self.changed.insert(series.clone());
        }
    }

    /// These series wait to be forecast anew.
    pub fn wait(&mut self, due: &[SeriesKey]) {
        let known = due.iter().filter(|series| self.series.contains_key(series));
        self.changed.extend(known.cloned());
    }

    /// The demand of a series up to the origin is what it was, after all.
    pub fn unchanged(&mut self, series: &SeriesKey) {
        self.changed.remove(series);
    }

    /// The day that forecasts are taken to begin on. An old one, which waits to be made anew, is taken as
    /// if it had been made now: it tells more of the days ahead than nothing.
    pub fn first_day(&self, today: Day) -> Day {
        self.due.as_ref().map_or(today, |(_, origin)| origin.plus(1))
    }

    /// Whether a forecast is of another model, an older day or other demand than it should be.
    pub fn is_old(&self, series: &SeriesKey, ahead: &Ahead) -> bool {
        self.is_behind(ahead) || self.changed.contains(series)
    }

    /// Whether a forecast is of another model or an older day than it should be.
    fn is_behind(&self, ahead: &Ahead) -> bool {
        self.due.as_ref().is_none_or(|(model, origin)| {
            ahead.origin != *origin || ahead.model.fingerprint != model.fingerprint
        })
    }

    /// Whether a series with this history has to be forecast anew.
    pub fn is_due(&self, series: &SeriesKey, checksum: u32) -> bool {
        let known = self.get(series);
        known.is_none_or(|ahead| ahead.checksum != checksum || self.is_behind(ahead))
    }
}
