//! One pass over what may be due.

use super::Rung;
use super::held::Held;
use super::survey::{Shop, Survey};
use crate::demand::SeriesKey;
use crate::domain::{Day, Progress};
use crate::engine::house::House;
use crate::engine::work::Running;
use crate::insight::forecast::{Calendar, Kept, ModelMark, Reach, Spread, checksum, is_active};
use crate::model::registry::{Registry, Stamp, Stored};
use crate::model::{CONTEXT, DemandModel, ModelError};
use crate::store::StoreError;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

const FORECASTING: &str = "forecast";
/// Series that are forecast together: what goes through the network at once.
pub(super) const BATCH: usize = 64;
/// Series that are looked at before the house is let go for a moment.
pub(super) const LOOKED_AT: usize = 256;
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
    pub(super) model: Option<InUse>,
    shop: Option<Shop>,
    /// The model and the day for which all series have been looked at.
    pub(super) looked: Option<(Arc<ModelMark>, Day)>,
    /// How far totals lie from what the model says.
    pub(super) spread: Spread,
    /// The day on which a person said that looking back should end.
    pub(super) rests: Option<Day>,
}

/// The model in use.
pub(super) struct InUse {
    pub mark: Arc<ModelMark>,
    /// The state of its files when it was read.
    stamp: Stamp,
    pub model: DemandModel,
    /// The last day of real demand that it learnt from, where that is known.
    pub seen_until: Option<Day>,
}

impl Maker {
    /// Makes the forecasts that are due; how many there were. Nothing is due while the store is being
    /// loaded: its end rings again.
    pub fn pass(&mut self, house: &Weak<House>, rung: &Rung) -> Result<usize, ForecastError> {
        let Some(held) = Held::of(house) else { return Ok(0) };
        if rung.anew || rung.many {
            *held.house.forecast_until.lock() = None;
        }
        if rung.anew {
            (self.shop, self.looked) = (None, None);
            held.read()?;
        }
        let Some(origin) = held.house.origin() else { return Ok(0) };
        let Some(reach) = Reach::of(&held.house.demand.read(), origin) else { return Ok(0) };
        let model = self.model_in_use(&held.house)?;
        self.read_spread(&held)?;
        let due = (model.clone(), origin);
        held.house.forecasts.write().expect(model, origin);
        drop(held);
        let all = rung.many || self.looked.as_ref() != Some(&due);
        let series = match (all, &self.shop) {
            (false, Some(_)) => self.touched(house, reach, rung)?,
            _ => match self.survey(house, reach)? {
                Some(series) => series,
                None => return Ok(0),
            },
        };
        let made = self.make(house, reach, &series)?;
        self.account(house, &due)?;
        if let Some(house) = house.upgrade()
            && house.forecast_until.lock().replace(origin).is_none()
        {
            house.changed();
        }
        self.looked = Some(due);
        Ok(made)
    }

    /// The model in use, once there was something to forecast.
    pub fn in_use(&self) -> Option<(&ModelMark, &DemandModel)> {
        self.model.as_ref().map(|in_use| (&*in_use.mark, &in_use.model))
    }

    fn model_in_use(&mut self, house: &House) -> Result<Arc<ModelMark>, ModelError> {
        let registry = Registry::of(&house.data_dir);
        let name = registry.current()?;
        let stamp = registry.stamp(&name);
        let same = |known: &&InUse| *known.mark.name == *name && known.stamp == stamp;
        if let Some(known) = self.model.as_ref().filter(same) {
            return Ok(known.mark.clone());
        }
        let version = registry.version(&name)?;
        let fingerprint = version.fingerprint()?.into();
        let mark = Arc::new(ModelMark { name: name.into(), fingerprint });
        let seen_until = match &version.model {
            Stored::Own(weights) => weights.origin.seen_until.map(Day::from_civil),
            Stored::Bolt(_) => None,
        };
        let model = version.demand_model()?;
        self.model = Some(InUse { mark: mark.clone(), stamp, model, seen_until });
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
        let (mut survey, mut due, mut idle) = (Survey::new(reach), Vec::new(), Vec::new());
        for part in series.chunks(LOOKED_AT) {
            let Some(held) = Held::of(house) else { return Ok(None) };
            for series in part {
                let history = held.history(reach, series)?;
                survey.add(&history);
                if !is_active(&history) {
                    idle.push(series.clone());
                } else if held.is_due(series, self.made_from(&history)) {
                    due.push(series.clone());
                }
            }
        }
        let Some(held) = Held::of(house) else { return Ok(None) };
        let shop = survey.end(&held.house, &series);
        let calendar =
            Calendar { first: reach.origin.plus(1 - CONTEXT as i32), open: shop.open().to_vec() };
        self.shop = Some(shop);
        held.forget_idle(&series, idle)?;
        held.keep_calendar(calendar)?;
        Ok(Some(due))
    }

    /// Forecasts series, batch after batch; a person may cancel it when they are many.
    fn make(
        &self,
        house: &Weak<House>,
        reach: Reach,
        series: &[SeriesKey],
    ) -> Result<usize, ForecastError> {
        let (Some(InUse { mark, model, .. }), Some(shop)) = (&self.model, &self.shop) else {
            return Ok(0);
        };
        if let Some(house) = house.upgrade() {
            house.forecasts.write().wait(series);
        }
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
                windows.extend(shop.window(series, &history).inspect(|window| {
                    of.push((series, self.made_from(&history), model.told_of_peers(window)));
                }));
            }
            let mut answers = model.forecast(&windows)?;
            answers.iter_mut().for_each(|answer| self.spread.apply(&mut answer.totals));
            let kept = of.iter().zip(&answers).map(|((series, checksum, peers), answer)| {
                let kept = Kept::new(mark, reach.origin, *checksum, answer);
                ((*series).clone(), Kept { peers: *peers, ..kept })
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

    /// The checksum of what a series with this history is forecast from.
    fn made_from(&self, history: &[f32]) -> u32 {
        checksum(history) ^ self.spread.mark()
    }

    /// Those of the series that orders touched whose demand up to the origin is another one.
    fn touched(
        &self,
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
            } else if held.is_due(series, self.made_from(&history)) {
                due.push(series.clone());
            }
        }
        held.forget(idle)?;
        due.sort_unstable();
        Ok(due)
    }
}
