//! The demand that a training learns from, read out of the store little by little.

use crate::demand::SeriesKey;
use crate::domain::Day;
use crate::engine::house::House;
use crate::engine::known::known_history;
use crate::insight::forecast::{Reach, is_active};
use crate::store::{Store, StoreError};
use std::sync::Weak;

/// Days that are learnt from.
const DAYS: i32 = 730;
/// Series that are learnt from at most: what two cores can learn in a quarter of an hour.
const MOST: usize = 2_000;
/// Series that are read before the house is let go for a moment.
const AT_ONCE: usize = 128;

/// Demand up to the last day that is over.
pub struct Snapshot {
    /// Names.
    pub series: Vec<String>,
    /// The first day.
    pub first: Day,
    /// Units a day of each series; NaN before its first sale and on days without stock.
    pub demand: Vec<Vec<f32>>,
}

/// Why it could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is nothing to learn from.
    #[error("the store holds no demand yet")]
    Empty,
}

impl Snapshot {
    /// How many days there are.
    pub fn days(&self) -> usize {
        self.demand.first().map_or(0, Vec::len)
    }
}

/// Reads the demand of the series that sold lately; where they are more than [`MOST`], an even choice
/// from those that sell most to those that sell least. `None`: cancelled, or the house is gone.
pub fn take(
    house: &Weak<House>,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<Snapshot>, SnapshotError> {
    let Some((reach, series)) = series(house)? else { return Ok(None) };
    let mut all: Vec<(f32, String, Vec<f32>)> = Vec::new();
    for part in series.chunks(AT_ONCE) {
        let Some((house, store)) = held(house).filter(|_| !cancelled()) else { return Ok(None) };
        let ledger = house.demand.read();
        for series in part {
            let history = known_history(&ledger, &store, series, reach)?;
            if !is_active(&history) {
                continue;
            }
            let units = history.iter().filter(|units| !units.is_nan()).sum();
            all.push((units, format!("{}@{}", series.sku, series.site), history));
        }
    }
    let chosen = even(all, MOST);
    let (mut series, mut demand) = (Vec::new(), Vec::new());
    for (_, name, history) in chosen {
        series.push(name);
        demand.push(history);
    }
    match series.is_empty() {
        true => Err(SnapshotError::Empty),
        false => Ok(Some(Snapshot { series, first: reach.first, demand })),
    }
}

fn held(house: &Weak<House>) -> Option<(std::sync::Arc<House>, Store)> {
    let house = house.upgrade()?;
    let store = house.store()?;
    Some((house, store))
}

/// The days that are learnt from, and the series that sold on any of them.
fn series(house: &Weak<House>) -> Result<Option<(Reach, Vec<SeriesKey>)>, SnapshotError> {
    let Some((house, _)) = held(house) else { return Ok(None) };
    let origin = house.origin().ok_or(SnapshotError::Empty)?;
    let ledger = house.demand.read();
    let begun = ledger.series_list().map(|(_, span)| span.first).min();
    let first = begun.ok_or(SnapshotError::Empty)?.max(origin.plus(1 - DAYS));
    let reach = Reach { first, origin };
    let met = ledger.series_list().filter(|(_, span)| reach.meets(*span));
    let met: Vec<SeriesKey> = met.map(|(series, _)| series.clone()).collect();
    // The demand of four times as many as are learnt from is read at most: 25 MB.
    let every = met.len().div_ceil(4 * MOST).max(1);
    Ok(Some((reach, met.into_iter().step_by(every).collect())))
}

/// At most so many of them, evenly over their order by units.
fn even<T>(mut all: Vec<(f32, String, T)>, most: usize) -> Vec<(f32, String, T)> {
    if all.len() <= most {
        return all;
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let count = all.len();
    let mut place = 0;
    all.retain(|_| {
        place += 1;
        // The places at which the share of those kept passes a whole number.
        (place * most) / count != ((place - 1) * most) / count
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_series_an_even_choice_is_learnt_from() {
        let all = |n: usize| (0..n).map(|i| (i as f32, format!("S{i}"), ())).collect::<Vec<_>>();
        assert_eq!(even(all(9), 10).len(), 9);
        let chosen = even(all(5_001), 2_000);
        assert_eq!(chosen.len(), 2_000);
        let upper = chosen.iter().filter(|(units, ..)| *units >= 2_500.0).count();
        assert!((995..=1_005).contains(&upper), "{upper} of the larger half");
        assert_eq!(chosen.last().map(|last| last.0), Some(0.0));
    }
}
