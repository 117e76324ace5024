//! Overrides of the forecast by people, and what the model says without them.

use super::Lasts;
use crate::domain::{Day, Expectation, SiteId, Sku, Timestamp};
use crate::insight::forecast::{Override, Stage, ValueAdded};
use crate::model::LEVEL_COUNT;
use serde::{Deserialize, Serialize};

/// A row of the table of overrides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverrideRow {
    /// The journal entry that set it.
    pub entry: u64,
    /// Who did.
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
    /// What it is about.
    pub sku: Sku,
    /// Its name.
    pub name: Box<str>,
    /// Where; `None`: at all sites at which it was forecast.
    pub site: Option<SiteId>,
    /// The first day of its period.
    pub from: Day,
    /// The last one, as it was set.
    pub to: Day,
    /// The last day on which it counts: an earlier one where it was ended before its time.
    pub last: Day,
    /// What is expected to sell.
    pub expects: Expectation,
    /// Why.
    pub reason: Box<str>,
    /// How far it has come.
    pub stage: Stage,
    /// Units that the model expected over the whole period when it was set.
    pub model: f32,
    /// Units that were expected with it.
    pub person: f32,
    /// What it was worth; `None`: it is not over, or never counted.
    pub value: Option<ValueAdded>,
}

/// What is told of an override beside a forecast that it has a say in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverrideMark {
    /// The journal entry that set it.
    pub entry: u64,
    /// Who did.
    pub who: Box<str>,
    /// Where it counts; `None`: at all sites at which the SKU was forecast.
    pub site: Option<SiteId>,
    /// Why.
    pub reason: Box<str>,
    /// What is expected to sell over its whole period.
    pub expects: Expectation,
    /// The first day of its period.
    pub from: Day,
    /// The last day on which it counts.
    pub until: Day,
}

impl From<&Override> for OverrideMark {
    fn from(one: &Override) -> Self {
        Self {
            entry: one.entry,
            who: one.who.clone(),
            site: one.site.clone(),
            reason: one.reason.clone(),
            expects: one.expects,
            from: one.from,
            until: one.last(),
        }
    }
}

/// What people changed of a forecast, and the model's own figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overridden {
    /// The overrides that count within the forecast or within the lead time, the soonest first.
    pub by: Vec<OverrideMark>,
    /// What the model says by itself.
    pub own: Figures,
}

/// The figures of a forecast's row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Units over all its days: half of the time no more than this.
    pub median: f32,
    /// The same: nine times of ten no more than this.
    pub high: f32,
    /// Expected units a day.
    pub daily: f32,
    /// How long stock lasts; `None`: it is unknown.
    pub lasts: Option<Lasts>,
}

impl Figures {
    /// Expected units over all 28 days: the total's mean.
    pub fn expected(&self) -> f32 {
        28.0 * self.daily
    }
}

/// The model's own quantiles beside those with overrides, at [`crate::model::LEVELS`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnDays {
    /// Of each day.
    pub days: Vec<[f32; LEVEL_COUNT]>,
    /// Of the total up to each day.
    pub totals: Vec<[f32; LEVEL_COUNT]>,
    /// On which days an override counts.
    pub changed: Vec<bool>,
}
