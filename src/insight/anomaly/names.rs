//! Opaque ids as small numbers.

use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The number of an id that was never seen.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// Numbers ids in the order in which they come.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    numbers: FxHashMap<Arc<str>, u32>,
}

impl Names {
    /// Its number, [`UNKNOWN`] if it was never seen.
    pub(super) fn find(&self, name: &str) -> u32 {
        self.numbers.get(name).copied().unwrap_or(UNKNOWN)
    }

    /// Its number, a new one if it was never seen.
    pub(super) fn number(&mut self, name: &Arc<str>) -> u32 {
        if let Some(&number) = self.numbers.get(&**name) {
            return number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(UNKNOWN);
        self.numbers.insert(Arc::clone(name), number);
        number
    }
}
