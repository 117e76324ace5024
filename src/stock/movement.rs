//! Movements: what changes stock beside sales.

use crate::domain::{PoNumber, Qty, SiteId, Sku, Timestamp};
use serde::{Deserialize, Serialize};

/// What makes a movement one movement at its SKU and site. One receipt may name several SKUs under
/// one id, and a transfer touches two sites, so the place belongs to the identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MovementId {
    /// A receipt, by its source's id.
    Receipt(Box<str>),
    /// An adjustment, by its source's id.
    Adjustment(Box<str>),
    /// A person's decision, by its number in the journal.
    Journal(u64),
}

/// A change of stock at one SKU and site that is no sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// What makes it one.
    pub id: MovementId,
    /// What moved.
    pub sku: Sku,
    /// Where.
    pub site: SiteId,
    /// When.
    pub at: Timestamp,
    /// How many more (less when negative).
    pub delta: Qty,
    /// The purchase order that it was received against.
    pub po: Option<PoNumber>,
}

/// The movements of one SKU and site, by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Movements(Vec<Movement>);

impl Movements {
    /// Adds a movement. The same id again is the same movement; should it differ all the same, the
    /// one with the later moment, then the larger one, stands, whichever came first. Returns
    /// whether anything changed, and whether it was new.
    pub fn add(&mut self, movement: &Movement) -> Added {
        match self.0.binary_search_by(|known| known.id.cmp(&movement.id)) {
            Err(place) => {
                self.0.insert(place, movement.clone());
                Added::New
            }
            Ok(place) => match self.0.get_mut(place) {
                Some(known) if rank(known) < rank(movement) => {
                    known.clone_from(movement);
                    Added::Replaced
                }
                _ => Added::Known,
            },
        }
    }
    /// Whether adding a movement would change anything.
    pub fn lacks(&self, movement: &Movement) -> bool {
        let found = self.0.binary_search_by(|known| known.id.cmp(&movement.id)).ok();
        found.and_then(|place| self.0.get(place)).is_none_or(|known| rank(known) < rank(movement))
    }
    /// Net movement after a moment.
    pub fn after(&self, moment: Timestamp) -> Qty {
        self.0.iter().filter(|m| m.at > moment).map(|m| m.delta).sum()
    }
    /// What was received against a purchase order after a moment.
    pub fn received_after(&self, po: &PoNumber, moment: Timestamp) -> Qty {
        let against = self.0.iter().filter(|m| m.at > moment && m.po.as_ref() == Some(po));
        against.map(|m| m.delta).sum()
    }
    /// What was received against a purchase order up to a moment, by people here or by what a feed tells.
    pub fn received_until(&self, po: &PoNumber, moment: Timestamp, by_hand: bool) -> Qty {
        let is_by_hand = |m: &Movement| matches!(m.id, MovementId::Journal(_));
        let against = self.0.iter().filter(|m| m.at <= moment && m.po.as_ref() == Some(po));
        against.filter(|m| is_by_hand(m) == by_hand).map(|m| m.delta).sum()
    }
    /// When goods last came.
    pub fn last_receipt(&self) -> Option<Timestamp> {
        let came =
            self.0.iter().filter(|m| m.po.is_some() || matches!(m.id, MovementId::Receipt(_)));
        came.filter(|m| m.delta.is_positive()).map(|m| m.at).max()
    }
    /// When goods came, and how many, the newest first.
    pub fn receipts(&self) -> Vec<(Timestamp, Qty)> {
        let came = self.0.iter().filter(|m| {
            m.delta.is_positive() && (m.po.is_some() || matches!(m.id, MovementId::Receipt(_)))
        });
        let mut came: Vec<_> = came.map(|m| (m.at, m.delta)).collect();
        came.sort_unstable_by(|one, next| next.cmp(one));
        came
    }
    /// When goods came by a purchase order, and how many; less than none where that was taken back.
    pub fn received_by(&self, po: &PoNumber) -> impl Iterator<Item = (Timestamp, Qty)> {
        self.0.iter().filter(move |m| m.po.as_ref() == Some(po)).map(|m| (m.at, m.delta))
    }
    /// Takes out those that are not `needed`.
    pub fn keep(&mut self, needed: impl Fn(&Movement) -> bool) -> Vec<Movement> {
        self.0.extract_if(.., |m| !needed(m)).collect()
    }
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Of two movements with one id the larger stands.
fn rank(movement: &Movement) -> impl Ord + use<> {
    (movement.at, movement.delta, movement.po.clone())
}

/// What became of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    New,
    Replaced,
    Known,
}
