//! The economic order quantity (Harris 1913; Snyder & Shen, ch. 3), with price breaks and packs.

use super::LotRule;
use super::error::{InventoryError, not_negative, positive};
use crate::domain::Qty;

/// What an order costs to place and to hold, at a steady rate of demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Eoq {
    fixed_cost: f64,
    holding_cost: f64,
    demand_rate: f64,
}

/// A quantity and its cost a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrderSize<Units> {
    /// The quantity of an order.
    pub quantity: Units,
    /// Cost a period of ordering and holding; of buying too where there are price breaks.
    pub cost_rate: f64,
}

/// From which quantity on all units of an order have this price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceBreak {
    /// The smallest quantity that gets it.
    pub from: f64,
    /// What a unit costs.
    pub unit_cost: f64,
}

/// A quantity and the price break that it gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PricedOrder {
    /// The order.
    pub order: OrderSize<f64>,
    /// Place of the price break, from 0.
    pub region: usize,
}

/// Costs this near to each other are the same: what lies between is rounding.
const TIE: f64 = 1e-12;

impl Eoq {
    /// Fixed cost an order, holding cost a unit and period, units a period.
    pub fn new(
        fixed_cost: f64,
        holding_cost: f64,
        demand_rate: f64,
    ) -> Result<Self, InventoryError> {
        Ok(Self {
            fixed_cost: not_negative("fixed_cost", fixed_cost)?,
            holding_cost: positive("holding_cost", holding_cost)?,
            demand_rate: not_negative("demand_rate", demand_rate)?,
        })
    }

    /// K d / Q + h Q / 2, in units and period.
    pub fn cost_rate(&self, quantity: f64) -> f64 {
        let ordering = self.fixed_cost * self.demand_rate;
        let ordering = if ordering == 0.0 { 0.0 } else { ordering / quantity };
        ordering + self.holding_cost * quantity / 2.0
    }

    /// sqrt(2 K d / h); zero where orders cost nothing.
    pub fn best(&self) -> OrderSize<f64> {
        let quantity = (2.0 * self.fixed_cost / self.holding_cost * self.demand_rate).sqrt();
        OrderSize { quantity, cost_rate: self.cost_rate(quantity) }
    }

    /// The cheaper of the best quantity rounded down and up to packs, neither under the smallest order;
    /// the smaller where both cost the same.
    pub fn best_in(&self, lot: &LotRule) -> OrderSize<Qty> {
        let best = self.best().quantity;
        let sized = |quantity: Qty| {
            let quantity = quantity.max(lot.smallest());
            OrderSize { quantity, cost_rate: self.cost_rate(quantity.to_f64()) }
        };
        let (down, up) = (sized(lot.packs_within(best)), sized(lot.packs_covering(best)));
        if up.cost_rate < down.cost_rate * (1.0 - TIE) { up } else { down }
    }

    /// The cheapest quantity with price breaks for all units, where holding a unit costs the share
    /// `holding_cost_rate` of its price a period. The cost includes buying.
    ///
    /// Each region's best is its EOQ where that lies in it, or else its least quantity; past its end the
    /// next region is cheaper. Breaks ascend from 0 and prices do not rise.
    pub fn with_price_breaks(
        fixed_cost: f64,
        holding_cost_rate: f64,
        demand_rate: f64,
        breaks: &[PriceBreak],
    ) -> Result<PricedOrder, InventoryError> {
        check_breaks(breaks)?;
        positive("holding_cost_rate", holding_cost_rate)?;
        let mut cheapest: Option<PricedOrder> = None;
        for (region, price) in breaks.iter().enumerate() {
            let eoq = Eoq::new(fixed_cost, holding_cost_rate * price.unit_cost, demand_rate)?;
            let quantity = eoq.best().quantity.max(price.from);
            if breaks.get(region + 1).is_some_and(|next| quantity >= next.from) {
                continue;
            }
            let cost_rate = price.unit_cost * demand_rate + eoq.cost_rate(quantity);
            if cheapest.is_none_or(|found| cost_rate < found.order.cost_rate * (1.0 - TIE)) {
                let order = OrderSize { quantity, cost_rate };
                cheapest = Some(PricedOrder { order, region });
            }
        }
        cheapest.ok_or_else(|| no_breaks("are none; write at least the price from 0"))
    }
}

fn no_breaks(wrong: impl Into<String>) -> InventoryError {
    InventoryError::List { name: "breakpoints", wrong: wrong.into() }
}

fn check_breaks(breaks: &[PriceBreak]) -> Result<(), InventoryError> {
    for price in breaks {
        not_negative("breakpoints", price.from)?;
        positive("unit_costs", price.unit_cost)?;
    }
    if let Some(first) = breaks.first().filter(|first| first.from != 0.0) {
        return Err(no_breaks(format!("begin at {}; write the price from 0 first", first.from)));
    }
    for pair in breaks.windows(2) {
        if pair[0].from >= pair[1].from {
            let text =
                format!("go from {} to {}; write them ascending", pair[0].from, pair[1].from);
            return Err(no_breaks(text));
        }
        if pair[0].unit_cost < pair[1].unit_cost {
            let (low, high) = (pair[0].unit_cost, pair[1].unit_cost);
            let wrong = format!("rise from {low} to {high}; more units never cost more each");
            return Err(InventoryError::List { name: "unit_costs", wrong });
        }
    }
    Ok(())
}
