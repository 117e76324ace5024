//! What sold lately: units per day of the last 28 days per SKU and site, in memory.
//!
//! The stock table and the overview read thousands of these at once; the buckets on disk are read
//! once a series and day, and again when an order touches the series.

use crate::domain::{Day, SiteId, Sku};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Days that are held.
pub const DAYS: usize = 28;

/// Units per day, oldest first, the last one being `today`.
pub type Units = Arc<[f32; DAYS]>;

/// The cache.
#[derive(Default)]
pub struct Recent {
    today: Option<Day>,
    series: FxHashMap<(Sku, SiteId), Units>,
}

impl Recent {
    /// What is known of a series for windows that end today.
    pub fn get(&self, today: Day, key: &(Sku, SiteId)) -> Option<Units> {
        (self.today == Some(today)).then(|| self.series.get(key).cloned()).flatten()
    }
    /// Remembers a series; another day forgets all others.
    pub fn put(&mut self, today: Day, key: (Sku, SiteId), units: Units) {
        if self.today != Some(today) {
            self.series.clear();
            self.today = Some(today);
        }
        self.series.insert(key, units);
    }
    /// An order touched the series.
    pub fn forget(&mut self, key: &(Sku, SiteId)) {
        self.series.remove(key);
    }
}

/// Mean units a day.
pub fn daily(units: &[f32; DAYS]) -> f32 {
    units.iter().sum::<f32>() / DAYS as f32
}
