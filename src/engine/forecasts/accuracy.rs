//! Issuing once a week, scoring what was issued as its days end, and looking back on weeks in which
//! nothing was (see [`crate::insight::accuracy`]).

use super::held::Held;
use super::maker::{BATCH, ForecastError, InUse, LOOKED_AT, Maker};
use super::survey::{Shop, Survey};
use crate::demand::SeriesKey;
use crate::domain::{Day, Progress, SiteId, Sku};
use crate::engine::house::House;
use crate::engine::work::Running;
use crate::insight::accuracy::{
    Cell, Issued, IssuedForecasts, Made, Round, Rounds, STAGES, Scores, Sums, Tracks, Week,
    cell_key, naive, score, stages_over, week_of,
};
use crate::insight::forecast::{Forecasts, Kept, ModelMark, Reach, is_active};
use crate::model::evaluate::Class;
use crate::store::StoreError;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

const LOOKING_BACK: &str = "look back";
/// Weeks that a model looks back on.
const WEEKS_BACK: i32 = 12;
/// Days of history that a look back needs.
const LEAST_HISTORY: usize = 56;
/// The weekday whose evening looking back starts from: the week ahead is one from Monday on.
const SUNDAY: usize = 6;
/// The place of 0.9 among the levels of what was issued.
const HIGH: usize = 8;

/// Days up to the last stage.
const WHOLE: i32 = STAGES[STAGES.len() - 1] as i32;

/// What scores add up to until they are kept.
#[derive(Default)]
struct Tally {
    cells: BTreeMap<Cell, Sums>,
    weeks: Vec<(SeriesKey, Week)>,
}

impl Tally {
    /// Scores one series: `known` days of its history are up to the origin.
    fn add(
        &mut self,
        series: &SeriesKey,
        issued: &Issued,
        history: &[f32],
        (origin, known): (Day, usize),
        (made, stages): (Made, std::ops::Range<usize>),
    ) {
        let (before, ahead) = history.split_at(known.min(history.len()));
        let (Some(class), Some(naive)) = (Class::of(before), naive(before)) else { return };
        let cell = Cell { week: week_of(origin), class, made };
        let first = stages.start == 0;
        self.cells.entry(cell).or_default().add(&score(issued, &naive, ahead, stages));
        let sold: f32 = ahead.iter().take(STAGES[0]).sum();
        if first && ahead.len() >= STAGES[0] && !sold.is_nan() {
            let under = sold <= issued.total(0)[HIGH];
            let week = Week { origin, sold, expected: issued.expected[0], under, made };
            self.weeks.push((series.clone(), week));
        }
    }
}

impl Maker {
    /// Once all forecasts are current: issues them if it is time to, and scores what is over.
    pub(super) fn account(
        &self,
        house: &Weak<House>,
        (mark, origin): &(Arc<ModelMark>, Day),
    ) -> Result<(), StoreError> {
        issue(house, *origin, mark)?;
        // Days of which nothing has come yet are not days on which nothing was sold.
        let told = house.upgrade().and_then(|house| house.told_until());
        told.map_or(Ok(()), |told| settle(house, told.min(*origin)))
    }

    /// Looks back on the newest week that the model in use could have forecast and that nothing is known
    /// of. `false`: there is none.
    pub fn look_back(&mut self, house: &Weak<House>) -> Result<bool, ForecastError> {
        let (Some(in_use), Some((_, last))) = (&self.model, &self.looked) else { return Ok(false) };
        if self.rests == Some(*last) {
            return Ok(false);
        }
        let Some(reach) = week_to_look_back_on(house, in_use, *last) else { return Ok(false) };
        let Some(held) = Held::of(house) else { return Ok(false) };
        let series: Vec<SeriesKey> = {
            let ledger = held.house.demand.read();
            let met = ledger.series_list().filter(|(_, span)| reach.meets(*span));
            met.map(|(series, _)| series.clone()).collect()
        };
        let work = (series.len() > BATCH).then(|| held.house.works.begin_aside(LOOKING_BACK));
        drop(held);
        match looked_back(house, in_use, reach, &series, work.as_ref())? {
            Some(tally) => {
                let Some(held) = Held::of(house) else { return Ok(false) };
                let round = Round { model: (*in_use.mark).clone(), scored: STAGES.len() as u8 };
                held.keep_scores(reach.origin, Made::Afterwards, &round, tally, &[])?;
                Ok(true)
            }
            None => {
                self.rests = Some(*last);
                Ok(false)
            }
        }
    }
}

/// Keeps what is forecast from an origin, if nothing was issued in its week.
fn issue(house: &Weak<House>, origin: Day, mark: &ModelMark) -> Result<(), StoreError> {
    let Some(held) = Held::of(house) else { return Ok(()) };
    if held.house.accuracy.read().is_issued(origin) {
        return Ok(());
    }
    let series: Vec<SeriesKey> = {
        let book = held.house.forecasts.read();
        // Somebody may have cancelled them half-way: then the week begins with the next day.
        if book.iter().any(|(series, ahead)| book.is_old(series, ahead)) {
            return Ok(());
        }
        book.iter().map(|(series, _)| series.clone()).collect()
    };
    if series.is_empty() {
        return Ok(());
    }
    drop(held);
    for part in series.chunks(LOOKED_AT) {
        let Some(held) = Held::of(house) else { return Ok(()) };
        let mut write = held.store.write();
        for series in part {
            let kept = held.store.get::<Forecasts>(&Forecasts::key(series))?;
            // The same weights may have another name by now.
            let same = |kept: &Kept| kept.model.fingerprint == mark.fingerprint;
            let kept = kept.filter(|kept| kept.origin == origin && same(kept));
            let issued = kept.and_then(|kept| Issued::of(&kept.days.steps(), &kept.totals.steps()));
            if let Some(issued) = issued {
                let key = (origin, series.sku.clone(), series.site.clone());
                write.put::<IssuedForecasts>(&key, &issued)?;
            }
        }
        write.commit()?;
    }
    let Some(held) = Held::of(house) else { return Ok(()) };
    let round = Round { model: mark.clone(), scored: 0 };
    held.keep_scores(origin, Made::Before, &round, Tally::default(), &[])
}

/// Scores the stages that are over once `last` is.
fn settle(house: &Weak<House>, last: Day) -> Result<(), StoreError> {
    let Some(held) = Held::of(house) else { return Ok(()) };
    let open = held.house.accuracy.read().open();
    drop(held);
    for (origin, round) in open {
        let (from, to) = (usize::from(round.scored), stages_over(origin, last));
        if to <= from {
            continue;
        }
        let Some(held) = Held::of(house) else { return Ok(()) };
        let mut records = Vec::new();
        for record in held.store.scan_prefix::<IssuedForecasts>(&origin) {
            let ((_, sku, site), issued) = record?;
            records.push((SeriesKey { sku, site }, issued));
        }
        let reach = Reach::of(&held.house.demand.read(), origin);
        drop(held);
        let mut tally = Tally::default();
        if let Some(reach) = reach {
            let known = reach.days();
            let whole = Reach { origin: origin.plus(WHOLE).min(last), ..reach };
            for part in records.chunks(LOOKED_AT) {
                let Some(held) = Held::of(house) else { return Ok(()) };
                for (series, issued) in part {
                    let history = held.history(whole, series)?;
                    let when = (origin, known);
                    tally.add(series, issued, &history, when, (Made::Before, from..to));
                }
            }
        }
        let Some(held) = Held::of(house) else { return Ok(()) };
        let done = to == STAGES.len();
        let key = |(series, _): &(SeriesKey, Issued)| (series.sku.clone(), series.site.clone());
        let over: Vec<(Sku, SiteId)> =
            if done { records.iter().map(key).collect() } else { Vec::new() };
        let round = Round { scored: to as u8, ..round };
        held.keep_scores(origin, Made::Before, &round, tally, &over)?;
    }
    Ok(())
}

/// The newest week of which nothing is known of this model, all of whose stages are over by `last`.
fn week_to_look_back_on(house: &Weak<House>, in_use: &InUse, last: Day) -> Option<Reach> {
    let held = Held::of(house)?;
    let newest = last.plus(-WHOLE);
    let sunday = newest.plus(-((newest.weekday() as i32 + 7 - SUNDAY as i32) % 7));
    let ledger = held.house.demand.read();
    let accuracy = held.house.accuracy.read();
    let weeks = (0..WEEKS_BACK).map(|weeks| sunday.plus(-7 * weeks));
    // What a model learnt from it does not forecast.
    let unseen = weeks.take_while(|origin| in_use.seen_until.is_none_or(|seen| seen <= *origin));
    let unknown =
        { unseen }.filter(|origin| !accuracy.is_covered(*origin, &in_use.mark.fingerprint));
    let reaches = unknown.filter_map(|origin| Reach::of(&ledger, origin));
    { reaches }.find(|reach| reach.days() >= LEAST_HISTORY)
}

/// Forecasts what could have been forecast from an origin, and scores it. `None`: somebody said that it
/// should end, or the house is gone.
fn looked_back(
    house: &Weak<House>,
    in_use: &InUse,
    reach: Reach,
    series: &[SeriesKey],
    work: Option<&Running>,
) -> Result<Option<Tally>, ForecastError> {
    let Some(shop) = shop_at(house, reach, series)? else { return Ok(None) };
    let whole = Reach { origin: reach.origin.plus(WHOLE), ..reach };
    let known = reach.days();
    let mut tally = Tally::default();
    for (done, batch) in series.chunks(BATCH).enumerate() {
        if let Some(work) = work {
            if work.cancelled() {
                return Ok(None);
            }
            let (done, total) = ((done * BATCH) as u64, Some(series.len() as u64));
            work.at(Progress { what: LOOKING_BACK.into(), done, total });
        }
        let Some(held) = Held::of(house) else { return Ok(None) };
        let (mut windows, mut of) = (Vec::new(), Vec::new());
        for series in batch {
            let history = held.history(whole, series)?;
            let before = &history[..known.min(history.len())];
            if let Some(window) = is_active(before).then(|| shop.window(series, before)).flatten() {
                windows.push(window);
                of.push((series, history));
            }
        }
        drop(held);
        for ((series, history), answer) in of.iter().zip(in_use.model.forecast(&windows)?) {
            let when = (reach.origin, known);
            if let Some(issued) = Issued::of(&answer.days, &answer.totals) {
                tally.add(series, &issued, history, when, (Made::Afterwards, 0..STAGES.len()));
            }
        }
    }
    Ok(Some(tally))
}

/// What all series told at an origin; `None`: the house is gone.
pub(super) fn shop_at(
    house: &Weak<House>,
    reach: Reach,
    series: &[SeriesKey],
) -> Result<Option<Shop>, StoreError> {
    let mut survey = Survey::new(reach);
    for part in series.chunks(LOOKED_AT) {
        let Some(held) = Held::of(house) else { return Ok(None) };
        for series in part {
            survey.add(&held.history(reach, series)?);
        }
    }
    Ok(Held::of(house).map(|held| survey.end(&held.house, series)))
}

impl Held {
    /// Keeps what a round's scores add up to, how far it is scored, and deletes what is over, all at once.
    fn keep_scores(
        &self,
        origin: Day,
        made: Made,
        round: &Round,
        tally: Tally,
        over: &[(Sku, SiteId)],
    ) -> Result<(), StoreError> {
        let mut write = self.store.write();
        let model = &round.model;
        let mut sums = Vec::new();
        for (cell, added) in &tally.cells {
            let mut all = self.house.accuracy.read().sums(cell, &model.fingerprint);
            all.add(added);
            let key = cell_key(cell, &model.fingerprint);
            write.put::<Scores>(&key, &(model.clone(), all))?;
            sums.push((key, all));
        }
        let mut told = Vec::new();
        for (series, week) in tally.weeks {
            let key = Forecasts::key(&series);
            let mut track = self.store.get::<Tracks>(&key)?.unwrap_or_default();
            track.add(week);
            write.put::<Tracks>(&key, &track)?;
            told.extend(track.summary().map(|summary| (series, summary)));
        }
        for (sku, site) in over {
            write.delete::<IssuedForecasts>(&(origin, sku.clone(), site.clone()));
        }
        let key = Rounds::key(origin, made, &model.fingerprint);
        write.put::<Rounds>(&key, round)?;
        let (old_sums, old_rounds) = self.house.accuracy.write().forget_before(self.house.today());
        old_sums.iter().for_each(|key| write.delete::<Scores>(key));
        old_rounds.iter().for_each(|key| write.delete::<Rounds>(key));
        write.commit()?;
        let mut book = self.house.accuracy.write();
        sums.into_iter().for_each(|(key, all)| book.put_sums(&key, model.clone(), all));
        told.into_iter().for_each(|(series, summary)| book.put_series(series, summary));
        book.put_round(&key, round.clone());
        drop(book);
        self.house.changed();
        Ok(())
    }
}
