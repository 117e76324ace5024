//! Measuring once a week how far totals of this store lie from what the model in use holds for likely (see
//! [`crate::insight::forecast::Spread`]), and what runs short by that where so much is planned to
//! (see [`crate::plan::replenish::Shortage`]).

use super::accuracy::shop_at;
use super::held::Held;
use super::maker::{BATCH, ForecastError, InUse, Maker};
use crate::demand::SeriesKey;
use crate::domain::Day;
use crate::engine::house::House;
use crate::insight::forecast::{KeptSpread, Reach, Spread, SpreadFit, Spreads, is_active};
use crate::model::{HORIZON, LEVEL_COUNT};
use crate::plan::replenish::{Shortage, ShortageFit, WINDOW};
use crate::store::Table;
use std::sync::Weak;

/// Windows of each series that are looked at, one after the other, the newest last.
const WINDOWS: i32 = 3;
/// Series that are looked at, at most: more tell nothing new of a few factors.
const MOST_SERIES: usize = 1_000;
/// Days of history that a window needs.
const LEAST_HISTORY: usize = 56;
/// Days of a window.
const AHEAD: i32 = HORIZON as i32;

impl Maker {
    /// Measures the spread anew where the one that is used is of another model or an earlier week. `true`: it
    /// is another one now, and forecasts are due.
    pub fn measure_spread(&mut self, house: &Weak<House>) -> Result<bool, ForecastError> {
        let (Some(in_use), Some((_, last))) = (&self.model, &self.looked) else { return Ok(false) };
        let since = last.plus(-(last.weekday() as i32));
        let model = in_use.mark.fingerprint.clone();
        let is_current = |kept: &KeptSpread| kept.model == model && kept.since == since;
        let Some(held) = Held::of(house) else { return Ok(false) };
        let known = held.store.get::<Spreads>(&())?;
        drop(held);
        if known.as_ref().is_some_and(is_current) {
            return Ok(false);
        }
        let Some((fit, looks)) = windows_before(house, in_use, *last)? else { return Ok(false) };
        let Some(held) = Held::of(house) else { return Ok(false) };
        let mut spread = fit.best();
        let before = known.filter(|kept| kept.model == model).map(|kept| kept.spread);
        if let Some(before) = before.filter(|before| before.is_near(&spread)) {
            spread = before;
        }
        let mut shortage = found(&looks, &spread);
        let before = held.house.planner.shortage();
        if before.is_near(&shortage) {
            shortage = before;
        }
        held.house.planner.learn(shortage);
        let mut write = held.store.write();
        write.put::<Shortages>(&(), &shortage)?;
        write.put::<Spreads>(&(), &KeptSpread { model, since, spread })?;
        write.commit()?;
        tracing::info!(?spread, "the spread of totals was measured");
        Ok(std::mem::replace(&mut self.spread, spread) != spread)
    }

    /// The spread that was measured of the model in use, and what runs short by its forecasts; neither of
    /// another model. Both were written at once, so that the spread's model is that of both.
    pub(super) fn read_spread(&mut self, held: &Held) -> Result<(), ForecastError> {
        let kept = held.store.get::<Spreads>(&())?;
        let in_use = self.model.as_ref().map(|in_use| &in_use.mark.fingerprint);
        let same = kept.as_ref().filter(|kept| in_use == Some(&kept.model));
        let shortage = match same {
            Some(_) => held.store.get::<Shortages>(&())?.unwrap_or_default(),
            None => Shortage::default(),
        };
        self.spread = same.map_or(Spread::default(), |kept| kept.spread);
        held.house.planner.learn(shortage);
        Ok(())
    }
}

/// The table with what runs short where so much is planned to.
pub enum Shortages {}

impl Table for Shortages {
    const TAG: u8 = 47;
    const NAME: &'static str = "shortage";
    const SCHEMA: u8 = 1;
    type Key = ();
    type Value = Shortage;
}

/// What a window told: the totals of its days as far as a plan asks for them, and what was sold.
struct Look {
    totals: [[f32; LEVEL_COUNT]; HORIZON],
    ahead: Vec<f32>,
}

/// What would have run short by plans that go by totals of this spread.
fn found(looks: &[Look], spread: &Spread) -> Shortage {
    let mut fit = ShortageFit::default();
    for look in looks {
        let mut totals = look.totals;
        spread.apply(&mut totals);
        fit.add(WINDOW.map(|days| &totals[days - 1]), &look.ahead);
    }
    fit.found()
}

/// What the model says of windows before `last`; `None`: the house is gone, or has more urgent things to do.
fn windows_before(
    house: &Weak<House>,
    in_use: &InUse,
    last: Day,
) -> Result<Option<(SpreadFit, Vec<Look>)>, ForecastError> {
    let (mut fit, mut looks) = (SpreadFit::default(), Vec::new());
    for back in (1..=WINDOWS).rev() {
        let origin = last.plus(-AHEAD * back);
        // What a model has learnt it foretells better than what is to come.
        if in_use.seen_until.is_some_and(|seen| seen > origin) {
            continue;
        }
        let Some(held) = Held::of(house) else { return Ok(None) };
        let Some(reach) = Reach::of(&held.house.demand.read(), origin) else { continue };
        if reach.days() < LEAST_HISTORY {
            continue;
        }
        let series: Vec<SeriesKey> = {
            let ledger = held.house.demand.read();
            let met = ledger.series_list().filter(|(_, span)| reach.meets(*span));
            met.map(|(series, _)| series.clone()).collect()
        };
        drop(held);
        let Some(shop) = shop_at(house, reach, &series)? else { return Ok(None) };
        let whole = Reach { origin: origin.plus(AHEAD), ..reach };
        let every = series.len().div_ceil(MOST_SERIES).max(1);
        let chosen: Vec<&SeriesKey> = series.iter().step_by(every).collect();
        for batch in chosen.chunks(BATCH) {
            let Some(held) = Held::of(house) else { return Ok(None) };
            if !held.house.forecast_bell.is_quiet() {
                return Ok(None);
            }
            let (mut windows, mut of) = (Vec::new(), Vec::new());
            for series in batch {
                let mut history = held.history(whole, series)?;
                let ahead = history.split_off(reach.days().min(history.len()));
                let active = is_active(&history);
                if let Some(window) = active.then(|| shop.window(series, &history)).flatten() {
                    windows.push(window);
                    of.push(ahead);
                }
            }
            drop(held);
            for (ahead, answer) in of.into_iter().zip(in_use.model.forecast(&windows)?) {
                fit.add(&answer.totals, &ahead);
                if let Ok(totals) = answer.totals.try_into() {
                    looks.push(Look { totals, ahead });
                }
            }
        }
    }
    Ok(Some((fit, looks)))
}
