//! What is known of a series' demand: days throughout which there was nothing to sell are missing.

use super::questions::Read;
use super::tables;
use crate::demand::{Ledger, SeriesKey};
use crate::insight::forecast::{Forecasts, Reach};
use crate::store::{Store, StoreError};

/// Units a day of a series, as models see them (see [`Reach::history`] and [`Reach::censor`]).
pub fn known_history(
    ledger: &Ledger,
    store: &Store,
    series: &SeriesKey,
    reach: Reach,
) -> Result<Vec<f32>, StoreError> {
    let mut history = reach.history(ledger, &Read(store), series)?;
    censor(ledger, store, series, reach, &mut history)?;
    Ok(history)
}

/// Marks the days of a series throughout which there was nothing to sell as missing.
pub fn censor(
    ledger: &Ledger,
    store: &Store,
    series: &SeriesKey,
    reach: Reach,
    units: &mut [f32],
) -> Result<(), StoreError> {
    if let Some(outs) = store.get::<tables::SoldOut>(&Forecasts::key(series))? {
        reach.censor(units, &outs, ledger.zone(&series.site));
    }
    Ok(())
}
