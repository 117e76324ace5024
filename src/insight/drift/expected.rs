//! What was expected of each group, as it was forecast before the day came.

use crate::domain::Day;
use crate::insight::forecast::MEDIAN;
use crate::model::Quantiles;
use crate::store::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A forecast of a group's orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// The fingerprint of the model that made it.
    pub model: Box<str>,
    /// Median orders of each day after the origin.
    pub days: Vec<f32>,
}

impl Expected {
    /// What is kept of a forecast.
    pub fn of(model: &str, made: &Quantiles) -> Self {
        Self { model: model.into(), days: made.days.iter().map(|day| day[MEDIAN]).collect() }
    }
}

/// The table of what was expected, by origin (the last day known) and group.
pub enum Expecting {}

impl Table for Expecting {
    const TAG: u8 = 40;
    const NAME: &'static str = "expected demand";
    const SCHEMA: u8 = 1;
    type Key = (Day, Box<str>);
    type Value = Expected;
}

/// What was expected of one group, by origin.
pub type Expectations = BTreeMap<Day, Expected>;
