//! The house and its store, as who forecasts has them.

use crate::demand::SeriesKey;
use crate::domain::Sku;
use crate::engine::house::House;
use crate::engine::known::known_history;
use crate::insight::accuracy::{AccuracyBook, Rounds, Scores, Tracks};
use crate::insight::forecast::{Calendar, Calendars, ForecastBook, Forecasts, Kept, Reach};
use crate::store::{Store, StoreError};
use std::sync::{Arc, Weak};

/// The house and its store, held for a moment: neither is to be kept from closing.
pub(super) struct Held {
    pub house: Arc<House>,
    pub store: Store,
}

impl Held {
    pub fn of(house: &Weak<House>) -> Option<Self> {
        let house = house.upgrade()?;
        let store = house.store()?;
        Some(Self { house, store })
    }

    pub fn history(&self, reach: Reach, series: &SeriesKey) -> Result<Vec<f32>, StoreError> {
        let one_offs = self.house.one_offs();
        known_history(&self.house.demand.read(), &self.store, &one_offs, series, reach)
    }

    /// Whether a series that is forecast from this, by its checksum, has to be forecast anew.
    pub fn is_due(&self, series: &SeriesKey, made_from: u32) -> bool {
        let due = self.house.forecasts.read().is_due(series, made_from);
        if !due {
            self.house.forecasts.write().unchanged(series);
            self.house.planner.touch([series.sku.clone()]);
        }
        due
    }

    /// Takes in what was kept before.
    pub fn read(&self) -> Result<(), StoreError> {
        let mut kept = Vec::new();
        for record in self.store.scan::<Forecasts>(..) {
            let ((sku, site), forecast) = record?;
            kept.push((SeriesKey { sku, site }, forecast));
        }
        let book = ForecastBook::load(kept, self.store.get::<Calendars>(&())?);
        *self.house.forecasts.write() = book;
        *self.house.accuracy.write() = self.read_accuracy()?;
        self.house.planner.touch_all();
        self.house.changed();
        Ok(())
    }

    pub fn keep(&self, kept: Vec<(SeriesKey, Kept)>) -> Result<(), StoreError> {
        let mut write = self.store.write();
        for (series, forecast) in &kept {
            write.put::<Forecasts>(&Forecasts::key(series), forecast)?;
        }
        write.commit()?;
        let skus: Vec<Sku> = kept.iter().map(|(series, _)| series.sku.clone()).collect();
        let mut book = self.house.forecasts.write();
        kept.into_iter().for_each(|(series, forecast)| book.put(series, &forecast));
        drop(book);
        self.house.planner.touch(skus);
        Ok(())
    }

    pub fn keep_calendar(&self, calendar: Calendar) -> Result<(), StoreError> {
        let mut write = self.store.write();
        write.put::<Calendars>(&(), &calendar)?;
        write.commit()?;
        self.house.forecasts.write().set_calendar(calendar);
        Ok(())
    }

    /// Forgets the forecasts of series that sell no more, and of those that are not there any more.
    pub fn forget_idle(
        &self,
        series: &[SeriesKey],
        mut idle: Vec<SeriesKey>,
    ) -> Result<(), StoreError> {
        let book = self.house.forecasts.read();
        let gone = book.iter().filter(|(known, _)| series.binary_search(known).is_err());
        idle.extend(gone.map(|(known, _)| known.clone()));
        drop(book);
        self.forget(idle)
    }

    pub fn forget(&self, series: Vec<SeriesKey>) -> Result<(), StoreError> {
        let mut write = self.store.write();
        let mut book = self.house.forecasts.write();
        let mut any = false;
        for series in series {
            if book.forget(&series) {
                write.delete::<Forecasts>(&Forecasts::key(&series));
                any = true;
            }
        }
        drop(book);
        if any {
            self.house.planner.touch_all();
        }
        write.commit()
    }

    fn read_accuracy(&self) -> Result<AccuracyBook, StoreError> {
        let mut book = AccuracyBook::default();
        for record in self.store.scan::<Scores>(..) {
            let (key, (model, sums)) = record?;
            book.put_sums(&key, model, sums);
        }
        for record in self.store.scan::<Rounds>(..) {
            let (key, round) = record?;
            book.put_round(&key, round);
        }
        for record in self.store.scan::<Tracks>(..) {
            let ((sku, site), track) = record?;
            if let Some(accuracy) = track.summary() {
                book.put_series(SeriesKey { sku, site }, accuracy);
            }
        }
        Ok(book)
    }
}
