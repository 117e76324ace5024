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

/// The cache. A series that was read from disk while an order touched it is not remembered: what
/// was read may be older than what stands there.
#[derive(Default)]
pub struct Recent {
    today: Option<Day>,
    series: FxHashMap<(Sku, SiteId), Units>,
    /// Grows with every series that is forgotten.
    moment: Moment,
    /// When each series was last forgotten, and when all were.
    forgotten: FxHashMap<(Sku, SiteId), Moment>,
    all_forgotten: Moment,
}

/// A moment in the life of the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Recent {
    /// What is known of a series for windows that end today.
    pub fn get(&self, today: Day, key: &(Sku, SiteId)) -> Option<Units> {
        (self.today == Some(today)).then(|| self.series.get(key).cloned()).flatten()
    }
    /// The moment from which on what is read from disk may be remembered.
    pub fn moment(&self) -> Moment {
        self.moment
    }
    /// Remembers a series as it was read after `since`; another day forgets all others.
    pub fn put(&mut self, today: Day, key: (Sku, SiteId), units: Units, since: Moment) {
        let touched = self.forgotten.get(&key).copied().unwrap_or_default();
        if touched.max(self.all_forgotten) > since {
            return;
        }
        if self.today != Some(today) {
            self.series.clear();
            self.today = Some(today);
        }
        self.series.insert(key, units);
    }
    /// An order touched the series, and what follows from it is in the store.
    pub fn forget(&mut self, key: (Sku, SiteId)) {
        self.moment.0 += 1;
        self.series.remove(&key);
        self.forgotten.insert(key, self.moment);
    }
    /// Every series was made anew.
    pub fn forget_all(&mut self) {
        self.moment.0 += 1;
        self.series.clear();
        self.forgotten.clear();
        self.all_forgotten = self.moment;
    }
}

/// Mean units a day.
pub fn daily(units: &[f32; DAYS]) -> f32 {
    units.iter().sum::<f32>() / DAYS as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_an_order_touched_it_is_not_remembered() {
        let (today, key) = (Day::from_number(20_000), (Sku::new("A"), SiteId::main()));
        let (old, new) = (Arc::new([1.0; DAYS]), Arc::new([2.0; DAYS]));
        let mut recent = Recent::default();
        let read_at = recent.moment();
        recent.forget(key.clone());
        recent.put(today, key.clone(), old.clone(), read_at);
        assert_eq!(recent.get(today, &key), None);
        recent.put(today, key.clone(), new.clone(), recent.moment());
        assert_eq!(recent.get(today, &key), Some(new));
        let read_at = recent.moment();
        recent.forget_all();
        recent.put(today, key.clone(), old, read_at);
        assert_eq!(recent.get(today, &key), None);
    }
}
