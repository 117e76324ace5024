//! How a need becomes an order: minimum quantity, packs and the most that may be ordered. This is
//! the only place that rounds an order.

use super::error::{InventoryError, not_negative, positive};
use crate::domain::Qty;

/// Needs are sums of forecasts: this much of a unit, or of a pack, is their rounding.
const ROUNDING: f64 = 1e-9;

/// What is there and coming, less what is owed: the level that order-up-to levels are held against.
pub fn inventory_position(on_hand: Qty, on_order: Qty, backorders: Qty) -> Qty {
    on_hand + on_order - backorders
}

/// The sizes that a supplier takes orders in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LotRule {
    minimum: Qty,
    pack: Qty,
    most: Option<Qty>,
}

impl LotRule {
    /// Minimum order quantity (zero: none), pack, and the most that may be ordered.
    pub fn new(moq: Qty, pack: Qty, max_order: Option<Qty>) -> Result<Self, InventoryError> {
        not_negative("moq", moq.to_f64())?;
        positive("pack", pack.to_f64())?;
        if let Some(most) = max_order {
            not_negative("max_order", most.to_f64())?;
        }
        Ok(Self { minimum: moq, pack, most: max_order })
    }

    /// What to order for a need in units, which is the order-up-to level less the inventory position.
    ///
    /// Nothing where nothing is needed; else the need or the minimum, whichever is more, in whole packs
    /// rounded up. Over the most that may be ordered it is that in whole packs rounded down, or nothing
    /// where that is under the minimum.
    pub fn order_for(&self, need: f64) -> Qty {
        // Also false for what is no number.
        let needed = need > ROUNDING;
        if !needed {
            return Qty::ZERO;
        }
        let quantity = self.packs_covering(need.max(self.minimum.to_f64()));
        match self.most {
            Some(most) if quantity > most => {
                let capped = self.packs_within(most.to_f64());
                if capped < self.minimum { Qty::ZERO } else { capped }
            }
            _ => quantity,
        }
    }

    /// The smallest order there is: one unit or the minimum, in whole packs.
    pub fn smallest(&self) -> Qty {
        self.packs_covering(self.minimum.max(Qty::units(1)).to_f64())
    }

    /// Whole packs of at least so many units.
    pub fn packs_covering(&self, units: f64) -> Qty {
        self.packs((units / self.pack.to_f64() - ROUNDING).ceil())
    }

    /// Whole packs of at most so many units.
    pub fn packs_within(&self, units: f64) -> Qty {
        self.packs((units / self.pack.to_f64() + ROUNDING).floor())
    }

    fn packs(&self, packs: f64) -> Qty {
        // Saturates, as quantities do.
        Qty::milli((packs.max(0.0) as i64).saturating_mul(self.pack.as_milli()))
    }
}
