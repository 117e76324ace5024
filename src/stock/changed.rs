//! What an operation on the stock book has changed.

use super::Movement;
use crate::domain::{SiteId, Sku};
use crate::feed::Applied;

/// What has changed and is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Positions whose [`super::Shelf`] is new or different; each once, in order.
    pub positions: Vec<(Sku, SiteId)>,
    /// Movements that are new, or replace the one of the same place and id.
    pub movements: Vec<Movement>,
    /// What became of the records: new, changed, known already or older.
    pub applied: Applied,
}

impl Changed {
    /// A record that was known already, or older than what is known.
    pub(super) fn same() -> Self {
        Changed { applied: Applied { same: 1, ..Applied::default() }, ..Changed::default() }
    }
    /// A record that was new, or took the place of an older one.
    pub(super) fn told(new: bool) -> Self {
        let applied = Applied { new: new.into(), changed: (!new).into(), ..Applied::default() };
        Changed { applied, ..Changed::default() }
    }
    /// Takes in what another operation changed, so that one write serves both.
    pub fn extend(&mut self, other: Changed) {
        self.positions.extend(other.positions);
        self.positions.sort_unstable();
        self.positions.dedup();
        self.movements.extend(other.movements);
        self.applied += other.applied;
    }
}
