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
use crate::plan::replenish::{Reviewed, SETTLING, Shortage, ShortageFit, WINDOW};
use crate::store::Table;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Weak;

/// Weekly reviews of each series that tell the spread and what runs short, and weeks until what comes of the
/// last is known.
const REVIEWS: i32 = SETTLING as i32 + 9;
const KNOWN: i32 = WINDOW[1] as i32 / 7;
/// Series that are looked at, at most: more tell nothing new of a few factors.
const MOST_SERIES: usize = 500;
/// Days of history that a window needs.
const LEAST_HISTORY: usize = 56;

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
        let Some((fit, looks)) = weeks_before(house, in_use, *last)? else { return Ok(false) };
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
        // The next pass reads it.
        Ok(self.spread != spread)
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
        let spread = same.map_or(Spread::default(), |kept| kept.spread);
        if std::mem::replace(&mut self.spread, spread) != spread {
            // All forecasts are due.
            self.looked = None;
        }
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

/// What a review told: the totals of its days, and what was sold.
struct Look {
    totals: [[f32; LEVEL_COUNT]; HORIZON],
    ahead: Vec<f32>,
}

/// Reviews of each series, one after the other.
type Looks = BTreeMap<SeriesKey, Vec<Look>>;

/// What would have run short by plans that go by totals of this spread.
fn found(looks: &Looks, spread: &Spread) -> Shortage {
    let mut fit = ShortageFit::default();
    for looks in looks.values() {
        let review = |look: &Look| {
            let mut totals = look.totals;
            spread.apply(&mut totals);
            WINDOW.map(|days| totals[days - 1])
        };
        let totals: Vec<_> = looks.iter().map(review).collect();
        let reviews = totals.into_iter().zip(looks);
        let reviews = reviews.map(|(totals, look)| Reviewed { totals, ahead: &look.ahead });
        fit.play(&reviews.collect::<Vec<_>>());
    }
    fit.found()
}

/// What the model says of the weeks before `last`; `None`: the house is gone, or has more urgent things to do.
fn weeks_before(
    house: &Weak<House>,
    in_use: &InUse,
    last: Day,
) -> Result<Option<(SpreadFit, Looks)>, ForecastError> {
    let (mut fit, mut looks) = (SpreadFit::default(), Looks::new());
    let Some(held) = Held::of(house) else { return Ok(None) };
    let all: Vec<SeriesKey> =
        held.house.demand.read().series_list().map(|(series, _)| series.clone()).collect();
    drop(held);
    let every = all.len().div_ceil(MOST_SERIES).max(1);
    let chosen: Vec<&SeriesKey> = all.iter().step_by(every).collect();
    for back in (KNOWN..KNOWN + REVIEWS).rev() {
        let origin = last.plus(-7 * back);
        // What a model has learnt it foretells better than what is to come.
        if in_use.seen_until.is_some_and(|seen| seen > origin) {
            continue;
        }
        let Some(told) = told_at(house, in_use, (origin, back), &chosen)? else { return Ok(None) };
        for (series, Look { totals, ahead }) in told {
            fit.add(&totals, &ahead);
            looks.entry(series).or_default().push(Look { totals, ahead });
        }
    }
    Ok(Some((fit, looks)))
}

/// What the model says of the weeks after an origin, so many `weeks` back, and what was sold in them.
fn told_at(
    house: &Weak<House>,
    in_use: &InUse,
    (origin, weeks): (Day, i32),
    chosen: &[&SeriesKey],
) -> Result<Option<Vec<(SeriesKey, Look)>>, ForecastError> {
    let Some(held) = Held::of(house) else { return Ok(None) };
    let mut told = Vec::new();
    let reach = Reach::of(&held.house.demand.read(), origin);
    let Some(reach) = reach.filter(|reach| reach.days() >= LEAST_HISTORY) else {
        return Ok(Some(told));
    };
    let met: BTreeSet<SeriesKey> = {
        let ledger = held.house.demand.read();
        let met = ledger.series_list().filter(|(_, span)| reach.meets(*span));
        met.map(|(series, _)| series.clone()).collect()
    };
    drop(held);
    let whole = Reach { origin: origin.plus((7 * weeks).min(HORIZON as i32)), ..reach };
    let all: Vec<SeriesKey> = met.iter().cloned().collect();
    let Some(shop) = shop_at(house, reach, &all)? else { return Ok(None) };
    let known: Vec<&&SeriesKey> = chosen.iter().filter(|series| met.contains(**series)).collect();
    for batch in known.chunks(BATCH) {
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
                of.push(((**series).clone(), ahead));
            }
        }
        drop(held);
        for ((series, ahead), answer) in of.into_iter().zip(in_use.model.forecast(&windows)?) {
            if let Ok(totals) = answer.totals.try_into() {
                told.push((series, Look { totals, ahead }));
            }
        }
    }
    Ok(Some(told))
}
