//! The forecast of a series as it is asked for.

use super::{Overridden, OwnDays, StockRow};
use crate::domain::*;
use crate::insight::accuracy::SeriesAccuracy;
use crate::insight::forecast::Drivers;
use crate::model::LEVEL_COUNT;
use serde::{Deserialize, Serialize};

/// A row of the forecast table: what one SKU sells at one site over the 28 days to come, and whether
/// stock lasts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForecastRow {
    /// What there is, and what was sold.
    pub stock: StockRow,
    /// The first day of the forecast.
    pub first: Day,
    /// Units over all its days: half of the time no more than this.
    pub median: f32,
    /// The same: nine times of ten no more than this.
    pub high: f32,
    /// Expected units a day.
    pub daily: f32,
    /// How long stock lasts; `None`: it is unknown.
    pub lasts: Option<Lasts>,
    /// What people changed, and the model's own figures; `None`: nobody changed anything.
    pub overridden: Option<Box<Overridden>>,
    /// Which model made it.
    pub model: Box<str>,
    /// How the series was forecast in its latest weeks; `None`: none is over.
    pub accuracy: Option<SeriesAccuracy>,
    /// Whether it waits to be made anew: by another model, or from a later day.
    pub old: bool,
}

impl ForecastRow {
    /// Expected units over all 28 days: the total's mean, which orders go by.
    pub fn expected(&self) -> f32 {
        28.0 * self.daily
    }
}

/// The forecast of one SKU at one site, day by day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SiteForecast {
    /// Its row in the table of forecasts.
    pub row: ForecastRow,
    /// Units sold a day at this site, the last one on the day before the forecast's first.
    pub sold: Vec<f32>,
    /// Whether there was nothing to sell throughout each of these days.
    pub sold_out: Vec<bool>,
    /// Whether the shop is open, for the days of `sold` and then those of the forecast.
    pub open: Vec<bool>,
    /// Quantiles of each day at [`crate::model::LEVELS`].
    pub days: Vec<[f32; LEVEL_COUNT]>,
    /// Quantiles of the total up to each day.
    pub totals: Vec<[f32; LEVEL_COUNT]>,
    /// Expected units left at the end of each day; empty where stock is unknown.
    pub left: Vec<f32>,
    /// What the model says by itself; `None`: nobody changed anything.
    pub own: Option<OwnDays>,
    /// What drove it.
    pub drivers: Drivers,
    /// What its neighbours sell a day, where the model was told.
    pub peers: Option<f32>,
}

/// How long stock lasts by a forecast. Open purchase orders count from the day they are due; late
/// ones and those without a date do not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lasts {
    /// The day on which it runs out at the median; `None`: not within the forecast.
    pub until: Option<Day>,
    /// The chance that it runs out within the forecast, 0 to 1.
    pub risk: f32,
    /// The supplier's stated lead time, where it is known.
    pub lead: Option<LeadTime>,
}

/// A supplier's stated lead time by a forecast. Beyond the forecast's own days its weekdays go on as they were
/// and its spread is carried on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadTime {
    /// How many days it is.
    pub days: u16,
    /// The chance that stock runs out within it, 0 to 1.
    pub risk: f32,
    /// Units sold within it: half of the time no more than this.
    pub median: f32,
    /// The same: nine times of ten no more than this.
    pub high: f32,
}
