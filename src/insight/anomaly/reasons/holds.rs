//! Which reasons can be true of an order.

use super::super::rules::{self, Cause};
use super::{Voice, counted, weeks};

/// A line that takes less of a week's units than this is no hoard.
pub(super) const HOARD: f64 = 0.8;

impl Voice<'_> {
    /// Whether what a cause would say can be true and is worth saying: what it speaks of is there, and its
    /// number is beyond a plain bound. A rule's own threshold comes on top of it.
    pub(super) fn holds(&self, cause: Cause) -> bool {
        let facts = &self.look.facts;
        let is_sale = facts.is_return == 0.0;
        match cause {
            Cause::Quantity => {
                is_sale && self.top(|line| line.excess).is_some_and(|(_, line)| line.offset >= 0.5)
            }
            Cause::Hoarding => {
                let top = self.top(rules::line_hoarding);
                is_sale && top.is_some_and(|(_, line)| weeks(line) >= HOARD)
            }
            Cause::Unit => is_sale && rules::order_shift(self.look).abs() >= 1.0,
            Cause::Price => {
                let top = self.top(rules::price_error).map(|(_, line)| line);
                top.is_some_and(|line| {
                    line.price_median.is_some() && rules::price_error(line) >= 0.3
                })
            }
            // 10 % off.
            Cause::Discount => facts.price_median <= -0.15,
            Cause::Duplicate => {
                facts.same_overlap.max(facts.like_overlap) >= 0.3 || facts.twice >= 0.3
            }
            Cause::Burst => counted(facts.fresh_quarter) >= 2.0 && facts.fresh_usual > 0.3,
            Cause::Velocity => {
                let own = facts.own_hour.max(facts.own_day);
                counted(own.max(facts.place_quarter).max(facts.place_day)) >= 2.0
            }
            Cause::SharedAddress => facts.address_customers >= 1.0,
            Cause::Destination => facts.mismatch + facts.country_new + facts.address_new > 0.0,
            Cause::NewAccount => facts.first_value >= 1.0,
            // One in a hundred orders.
            Cause::Hour => facts.hour_rarity >= 4.6,
            Cause::Basket => facts.value_all >= 1.0,
            Cause::Returns => !is_sale && facts.returned_share >= 0.3,
            Cause::Unbought => !is_sale && facts.returned_unbought > 0.0,
            _ => true,
        }
    }
}
