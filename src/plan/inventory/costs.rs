//! What a unit too many and a unit too few cost.

use super::error::{InventoryError, positive};

/// Cost of a unit left over and of a unit short.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitCosts {
    holding: f64,
    stockout: f64,
}

impl UnitCosts {
    /// Both must be above zero: without one of them no level is best.
    pub fn new(holding_cost: f64, stockout_cost: f64) -> Result<Self, InventoryError> {
        let holding = positive("holding_cost", holding_cost)?;
        Ok(Self { holding, stockout: positive("stockout_cost", stockout_cost)? })
    }

    /// h, a unit (and period).
    pub fn holding(self) -> f64 {
        self.holding
    }

    /// b, a unit short (and period where it is backordered).
    pub fn stockout(self) -> f64 {
        self.stockout
    }

    /// b / (b + h): how likely demand should be met.
    pub fn critical_ratio(self) -> f64 {
        1.0 / (1.0 + self.holding / self.stockout)
    }

    /// h / (b + h): how likely demand may exceed the level; exact where the ratio is next to 1.
    pub fn risk(self) -> f64 {
        1.0 / (1.0 + self.stockout / self.holding)
    }

    /// h times what is left over and b times what is short, at a level.
    pub(super) fn at(self, level: f64, mean: f64, shortage: f64) -> f64 {
        let over = (level - mean + shortage).max(0.0);
        self.holding * over + self.stockout * shortage
    }
}
