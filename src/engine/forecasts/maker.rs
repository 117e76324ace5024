//! One pass over what may be due.

use super::Rung;
use crate::demand::{Frequency, SeriesKey};
use crate::domain::{Day, Progress};
use crate::engine::house::House;
use crate::engine::questions::Read;
use crate::engine::tables;
use crate::engine::work::Running;
use crate::insight::forecast::{
    Calendar, Calendars, ForecastBook, Forecasts, Kept, ModelMark, Reach, checksum, is_active,
    origin,
};
use crate::model::registry::Registry;
use crate::model::{CONTEXT, Forecaster, ModelError, ShopAt, ShopCount};
use crate::store::{Store, StoreError};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

const FORECASTING: &str = "forecast";
/// Series that are forecast together: what goes through the network at once.
const BATCH: usize = 64;
/// Series that are looked at before the house is let go for a moment.
const LOOKED_AT: usize = 256;
/// How often consoles hear of new forecasts while many are made.
const TELL: Duration = Duration::from_secs(2);

/// Why forecasts could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// The model refused.
    #[error(
        "{0}; `stockdeck models use shipped` goes back to the weights that came with the program"
    )]
    Model(#[from] ModelError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a pass goes on from: the model in use, and what the shop tells of the day.
#[derive(Default)]
pub struct Maker {
    model: Option<(Arc<ModelMark>, Forecaster)>,
    shop: Option<ShopAt>,
    /// The model and the day for which all series have been looked at.
    looked: Option<(Arc<ModelMark>, Day)>,
}

/// What a survey of all series finds.
struct Survey {
    shop: ShopCount,
    due: Vec<SeriesKey>,
    idle: Vec<SeriesKey>,
}

impl Maker {
    /// Makes the forecasts that are due; how many there were. Nothing is due while the store is being
    /// loaded: its end rings again.
    pub fn pass(&mut self, house: &Weak<House>, rung: &Rung) -> Result<usize, ForecastError> {
        let Some(held) = Held::of(house) else { return Ok(0) };
        if rung.anew {
            (self.shop, self.looked) = (None, None);
            held.read()?;
        }
        let last = held.house.demand.read().last_day();
        let Some(origin) = origin(held.house.today(), last) else { return Ok(0) };
        let Some(reach) = Reach::of(&held.house.demand.read(), origin) else { return Ok(0) };
        let model = self.model_in_use(&held.house)?;
        let due = (model.clone(), origin);
        held.house.forecasts.write().expect(model, origin);
        drop(held);
        let all = rung.many || self.looked.as_ref() != Some(&due);
        let series = match (all, &self.shop) {
            (false, Some(_)) => touched(house, reach, rung)?,
            _ => match self.survey(house, reach)? {
                Some(series) => series,
                None => return Ok(0),
            },
        };
        let made = self.make(house, reach, &series)?;
        self.looked = Some(due);
        Ok(made)
    }

    /// The model in use, once there was something to forecast.
    pub fn in_use(&self) -> Option<(&ModelMark, &Forecaster)> {
        self.model.as_ref().map(|(mark, forecaster)| (&**mark, forecaster))
    }

    fn model_in_use(&mut self, house: &House) -> Result<Arc<ModelMark>, ModelError> {
        let registry = Registry::of(&house.data_dir);
        let name = registry.current()?;
        if let Some((mark, _)) = self.model.as_ref().filter(|(mark, _)| *mark.name == *name) {
            return Ok(mark.clone());
        }
        let weights = registry.version(&name)?.weights;
        let fingerprint = weights.fingerprint()?.into();
        let mark = Arc::new(ModelMark { name: name.into(), fingerprint });
        self.model = Some((mark.clone(), Forecaster::new(weights.network()?)));
        Ok(mark)
    }

    /// Looks at every series: what the shop as a whole tells, and which are due. `None`: the house is
    /// gone or loads.
    fn survey(
        &mut self,
        house: &Weak<House>,
        reach: Reach,
    ) -> Result<Option<Vec<SeriesKey>>, ForecastError> {
        let Some(held) = Held::of(house) else { return Ok(None) };
        let series: Vec<SeriesKey> = {
            let ledger = held.house.demand.read();
            let met = ledger.series_list().filter(|(_, span)| reach.meets(*span));
            met.map(|(series, _)| series.clone()).collect()
        };
        drop(held);
        let mut survey =
            Survey { shop: ShopCount::new(reach.days()), due: Vec::new(), idle: Vec::new() };
        for part in series.chunks(LOOKED_AT) {
            let Some(held) = Held::of(house) else { return Ok(None) };
            for series in part {
                let history = held.history(reach, series)?;
                survey.shop.add(&history);
                let book = held.house.forecasts.read();
                if !is_active(&history) {
                    survey.idle.push(series.clone());
                } else if book.is_due(series, checksum(&history)) {
                    survey.due.push(series.clone());
                }
            }
        }
        let Some(held) = Held::of(house) else { return Ok(None) };
        let shop = survey.shop.at(reach.first.civil(), Frequency::Day);
        let calendar =
            Calendar { first: reach.origin.plus(1 - CONTEXT as i32), open: shop.open().to_vec() };
        self.shop = Some(shop);
        held.forget_idle(&series, survey.idle)?;
        held.keep_calendar(calendar)?;
        Ok(Some(survey.due))
    }

    /// Forecasts series, batch after batch; a person may cancel it when they are many.
    fn make(
        &self,
        house: &Weak<House>,
        reach: Reach,
        series: &[SeriesKey],
    ) -> Result<usize, ForecastError> {
        let (Some((mark, forecaster)), Some(shop)) = (&self.model, &self.shop) else {
            return Ok(0);
        };
        let mut work: Option<Running> = None;
        let (mut made, mut told) = (0, Instant::now());
        for batch in series.chunks(BATCH) {
            let Some(held) = Held::of(house) else { return Ok(made) };
            if series.len() > BATCH {
                let work = work.get_or_insert_with(|| held.house.works.begin_aside(FORECASTING));
                if work.cancelled() {
                    tracing::info!(made, of = series.len(), "forecasts: cancelled");
                    break;
                }
                let (done, total) = (made as u64, Some(series.len() as u64));
                work.at(Progress { what: FORECASTING.into(), done, total });
            }
            let (mut windows, mut of) = (Vec::new(), Vec::new());
            for series in batch {
                let history = held.history(reach, series)?;
                windows.extend(shop.window_of(&history).inspect(|_| {
                    of.push((series, checksum(&history)));
                }));
            }
            let answers = forecaster.forecast(&windows)?;
            let kept = of.iter().zip(&answers).map(|((series, checksum), answer)| {
                ((*series).clone(), Kept::new(mark, reach.origin, *checksum, answer))
            });
            held.keep(kept.collect())?;
            made += batch.len();
            if told.elapsed() >= TELL {
                held.house.changed();
                told = Instant::now();
            }
        }
        drop(work);
        if let Some(house) = house.upgrade().filter(|_| made > 0) {
            house.changed();
        }
        Ok(made)
    }
}

/// Those of the series that orders touched whose demand up to the origin is another one.
fn touched(
    house: &Weak<House>,
    reach: Reach,
    rung: &Rung,
) -> Result<Vec<SeriesKey>, ForecastError> {
    let Some(held) = Held::of(house) else { return Ok(Vec::new()) };
    let (mut due, mut idle) = (Vec::new(), Vec::new());
    for series in &rung.touched {
        let history = held.history(reach, series)?;
        if !is_active(&history) {
            idle.push(series.clone());
        } else if held.house.forecasts.read().is_due(series, checksum(&history)) {
            due.push(series.clone());
        }
    }
    held.forget(idle)?;
    due.sort_unstable();
    Ok(due)
}

/// The house and its store, held for a moment: neither is to be kept from closing.
struct Held {
    house: Arc<House>,
    store: Store,
}

impl Held {
    fn of(house: &Weak<House>) -> Option<Self> {
        let house = house.upgrade()?;
        let store = house.store()?;
        Some(Self { house, store })
    }

    fn history(&self, reach: Reach, series: &SeriesKey) -> Result<Vec<f32>, StoreError> {
        let mut history = reach.history(&self.house.demand.read(), &Read(&self.store), series)?;
        if let Some(outs) = self.store.get::<tables::SoldOut>(&Forecasts::key(series))? {
            let ledger = self.house.demand.read();
            reach.censor(&mut history, &outs, ledger.zone(&series.site));
        }
        Ok(history)
    }

    /// Takes in what was kept before.
    fn read(&self) -> Result<(), StoreError> {
        let mut kept = Vec::new();
        for record in self.store.scan::<Forecasts>(..) {
            let ((sku, site), forecast) = record?;
            kept.push((SeriesKey { sku, site }, forecast));
        }
        let book = ForecastBook::load(kept, self.store.get::<Calendars>(&())?);
        *self.house.forecasts.write() = book;
        self.house.changed();
        Ok(())
    }

    fn keep(&self, kept: Vec<(SeriesKey, Kept)>) -> Result<(), StoreError> {
        let mut write = self.store.write();
        for (series, forecast) in &kept {
            write.put::<Forecasts>(&Forecasts::key(series), forecast)?;
        }
        write.commit()?;
        let mut book = self.house.forecasts.write();
        kept.into_iter().for_each(|(series, forecast)| book.put(series, &forecast));
        Ok(())
    }

    fn keep_calendar(&self, calendar: Calendar) -> Result<(), StoreError> {
        let mut write = self.store.write();
        write.put::<Calendars>(&(), &calendar)?;
        write.commit()?;
        self.house.forecasts.write().set_calendar(calendar);
        Ok(())
    }

    /// Forgets the forecasts of series that sell no more, and of those that are not there any more.
    fn forget_idle(
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

    fn forget(&self, series: Vec<SeriesKey>) -> Result<(), StoreError> {
        let mut write = self.store.write();
        let mut book = self.house.forecasts.write();
        for series in series {
            if book.forget(&series) {
                write.delete::<Forecasts>(&Forecasts::key(&series));
            }
        }
        drop(book);
        write.commit()
    }
}
