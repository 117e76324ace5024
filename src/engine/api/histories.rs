//! Daily demand as models see it.

use crate::demand::SeriesKey;
use crate::domain::{Category, Day};
use crate::insight::forecast::{Override, Spread};
use serde::{Deserialize, Serialize};

/// A page of histories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histories {
    /// The last day that is told of: that from which the store is forecast. `None`: there is no demand
    /// yet.
    pub origin: Option<Day>,
    /// How far totals lie from what the model in use says, at this origin.
    pub spread: Spread,
    /// The series, by SKU, then site; none after the last.
    pub series: Vec<History>,
}

/// What a model is told of a series, and what people expect in place of what it says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Which series.
    pub key: SeriesKey,
    /// `sku` where the store has one site, else `sku@site`.
    pub series_id: Box<str>,
    /// The product's name; empty where it is not known.
    pub name: Box<str>,
    /// Its category.
    pub category: Option<Category>,
    /// The day of the first figure: that of the first sale.
    pub first: Day,
    /// Units a day up to the origin; `None`: there was nothing to sell, and what would have been asked
    /// for is not known.
    pub units: Vec<Option<f32>>,
    /// Overrides of the days after the origin.
    pub overrides: Vec<Override>,
}
