//! When to order and up to what, from what stock, a lost sale and an order line cost.
//!
//! **The reorder point** is found unit by unit. The u-th unit of the inventory position is worth ordering
//! now, and not at the next review, where the sale that it saves outweighs its holding:
//!
//! ```text
//! lost * P(D(L + R - 1) >= u)  >=  holding * sum over days d from its arrival of P(D(L + d) < u)
//! ```
//!
//! D(n) is demand of the next n days, L the lead time, R the days between reviews: the next order comes
//! on day L + R, so that D(L + R - 1) is what has to be served until then. The ratio of the newsvendor
//! (lost over lost and R days' holding) would charge a unit that the interval did not need for one
//! interval alone. That is right while the level of demand is known; where the doubt about demand
//! is one about its level, the next order is smaller just when this one was too large, and the unit is
//! held until it sells. So each unit is charged until it sells, for [`HELD_INTERVALS`] protection intervals at most: after
//! that the policy has long corrected itself.
//!
//! **The order-up-to level** lies above it by what makes a line worth its fee: the economic order
//! quantity (Harris 1913) less what a review interval sells anyway, as in the usual approximation of
//! (s, S) under periodic review (Silver, Pyke and Thomas 2017, 6.5).

mod chance;

pub use chance::chance_of_reaching;

use crate::model::{LEVEL_COUNT, Quantiles};

/// Protection intervals (lead time and review) for which an unsold unit is charged at most. The weeks that
/// stock above its aim takes to sell off are about as many as it took to build it up, one interval before
/// anything ordered by the forecast that was wrong has come, and one to two until it has sold.
pub const HELD_INTERVALS: f64 = 3.0;
/// Points in time at which the chance that a unit has sold is looked up.
const LOOKS: usize = 12;
/// Units above which no level is looked for.
const MOST_UNITS: f64 = 1e9;

/// What stock and the lack of it cost, in one currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stakes {
    /// Of a unit on a day: capital, room, and what becomes unsaleable.
    pub holding: f64,
    /// Of a unit that somebody wanted to buy.
    pub lost: f64,
    /// Of a line of an order, whatever its quantity.
    pub line: f64,
}

/// When to order, and up to what; units of inventory position (on hand and on order, less what is
/// promised).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Levels {
    /// Below it an order is due.
    pub reorder_point: f64,
    /// What there is to be after it.
    pub order_up_to: f64,
}

impl Levels {
    /// Units that are lacking at an inventory position: none while it has not fallen below the reorder
    /// point.
    pub fn lacking(&self, position: f64) -> f64 {
        if position < self.reorder_point { self.order_up_to - position } else { 0.0 }
    }
}

/// What an order placed now has to serve: demand until the next one's goods have come.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// Days from the forecast's first to the last that is to be served, 1 or more, each with its chance;
    /// chances add up to 1.
    pub ends: Vec<(usize, f64)>,
    /// Days from one review to the next, 1 or more.
    pub review: usize,
}

impl Interval {
    /// Of an order in the evening of the day before the forecast's first, whose goods come so many days
    /// later in the morning, each with its chance, as the next one's do.
    pub fn of(lead: &[(u16, f64)], review: usize) -> Self {
        let review = review.max(1);
        let end = |(days, chance): &(u16, f64)| (usize::from(*days) + review - 1, *chance);
        Self { ends: lead.iter().map(end).collect(), review }
    }

    /// Days for which totals are looked up: forecasts should reach so far.
    pub fn reach(&self) -> usize {
        let longest = self.ends.iter().map(|(end, _)| *end).max().unwrap_or(1);
        longest + self.review.max(self.held().ceil() as usize)
    }

    /// Days for which an unsold unit is charged at most.
    fn held(&self) -> f64 {
        let mean: f64 = self.ends.iter().map(|(end, chance)| *end as f64 * chance).sum();
        HELD_INTERVALS * (mean + 1.0)
    }
}

/// The levels for demand with these quantiles of totals, from the forecast's first day to each; where they
/// do not reach [`Interval::reach`], the last total stands for what lies beyond.
pub fn levels(totals: &[[f32; LEVEL_COUNT]], interval: &Interval, stakes: Stakes) -> Levels {
    if totals.is_empty() {
        return Levels::default();
    }
    let demand = Demand { totals, interval };
    let reorder_point = demand.reorder_point(stakes);
    let sold = demand.in_a_review();
    let daily = sold / interval.review.max(1) as f64;
    let lot = if stakes.holding > 0.0 {
        (2.0 * stakes.line.max(0.0) * daily / stakes.holding).sqrt()
    } else {
        0.0
    };
    Levels { reorder_point, order_up_to: reorder_point + (lot - sold).max(0.0) }
}

struct Demand<'a> {
    totals: &'a [[f32; LEVEL_COUNT]],
    interval: &'a Interval,
}

impl Demand<'_> {
    /// Quantiles of the total of so many days; `None`: of none.
    fn of(&self, days: usize) -> Option<&[f32; LEVEL_COUNT]> {
        let last = self.totals.len() - 1;
        days.checked_sub(1).map(|day| &self.totals[day.min(last)])
    }

    /// The chance that demand reaches `units` by the interval's end and `days` days after it; less than
    /// 0: before it.
    fn reaches(&self, units: f64, days: isize) -> f64 {
        let chance = |(end, chance): &(usize, f64)| match self.of(end.saturating_add_signed(days)) {
            Some(total) => chance * chance_of_reaching(total, units),
            None => 0.0,
        };
        self.interval.ends.iter().map(chance).sum()
    }

    /// What a unit is worth at place `units` of the position, ordered now rather than next time.
    fn worth(&self, units: f64, stakes: Stakes) -> f64 {
        let arrival = 1.0 - self.interval.review as f64;
        let step = self.interval.held() / LOOKS as f64;
        let unsold = |look: usize| {
            let days = arrival + (look as f64 + 0.5) * step;
            1.0 - self.reaches(units, days.round() as isize)
        };
        let held = step * (0..LOOKS).map(unsold).sum::<f64>();
        stakes.lost * self.reaches(units, 0) - stakes.holding * held
    }

    /// The last unit that is worth it. A later unit sells later, so that worth falls with its place.
    fn reorder_point(&self, stakes: Stakes) -> f64 {
        let worth_it = |units: f64| self.worth(units, stakes) >= 0.0;
        if !worth_it(1.0) {
            return 0.0;
        }
        let (mut low, mut high) = (1.0_f64, 2.0_f64);
        while worth_it(high) && high < MOST_UNITS {
            (low, high) = (high, high * 2.0);
        }
        while high - low > 1.0 {
            let middle = ((low + high) / 2.0).floor();
            if worth_it(middle) { low = middle } else { high = middle }
        }
        low
    }

    /// Units that one review interval sells, once goods have come.
    fn in_a_review(&self) -> f64 {
        let mean =
            |days: usize| self.of(days).map_or(0.0, |total| f64::from(Quantiles::mean_of(total)));
        let of = |(end, chance): &(usize, f64)| {
            chance * (mean(end + self.interval.review) - mean(*end)).max(0.0)
        };
        self.interval.ends.iter().map(of).sum()
    }
}

#[cfg(test)]
mod tests;
