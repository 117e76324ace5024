//! What forecasts say of many series together.

use crate::domain::Day;
use serde::{Deserialize, Serialize};

/// What series are added up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GroupBy {
    /// The product's category.
    Category,
    /// The site.
    Site,
    /// The product's supplier.
    Supplier,
}

impl GroupBy {
    /// All, in the order in which a screen goes through them.
    pub const ALL: [GroupBy; 3] = [GroupBy::Category, GroupBy::Site, GroupBy::Supplier];

    /// Its word, which is also the field of the forecast table that holds it.
    pub const fn word(self) -> &'static str {
        match self {
            GroupBy::Category => "category",
            GroupBy::Site => "site",
            GroupBy::Supplier => "supplier",
        }
    }

    /// The one with this word.
    pub fn named(word: &str) -> Option<GroupBy> {
        Self::ALL.into_iter().find(|by| by.word() == word)
    }
}

/// A row of the table of totals: what all series of a group sell together over the forecast's days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TotalRow {
    /// What it is a group of.
    pub by: GroupBy,
    /// The category, site or supplier; `None`: of these series it is unknown.
    pub name: Option<Box<str>>,
    /// SKU-sites in it that are forecast.
    pub parts: u32,
    /// Units sold in the 28 days before the first day of the forecasts.
    pub sold: f32,
    /// Units over all days of the forecast: half of the time no more than this.
    pub median: f32,
    /// The same: nine times of ten no more than this.
    pub high: f32,
    /// What the same quantiles of the parts add up to.
    pub parts_high: f32,
    /// Expected units a day: those of the parts added up.
    pub daily: f32,
    /// Parts that are likelier than not to run out within the forecast.
    pub run_out: u32,
    /// The correlation of two parts that the total goes by, 0 to 1; `None`: nothing is known of it.
    pub together: Option<f32>,
    /// The first day of the forecasts; of several the last.
    pub first: Day,
    /// How many of the forecasts wait to be made anew.
    pub old: u32,
}

impl TotalRow {
    /// Expected units over all 28 days of the forecast: those of the parts add up to it, whatever they
    /// are added up by.
    pub fn expected(&self) -> f32 {
        28.0 * self.daily
    }
}
