//! From the distribution of demand to the reorder point and the order-up-to level.

use super::distribution::Distribution;
use super::propose::Basis;
use super::terms::{HIGHEST_SERVICE, LOWEST_SERVICE, Service};
use crate::domain::Qty;
use crate::plan::level::{self, Stakes};

/// When to order, and up to what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Levels {
    /// An order is due when what is there and coming is less.
    pub reorder_point: Qty,
    /// What is held for the interval; what the level lies above it saves orders.
    pub cover: Qty,
    /// What there is to be then.
    pub order_up_to: Qty,
    /// The chance that what is held for the interval covers it.
    pub service: f64,
}

/// The levels for a situation.
///
/// Where a service is asked for and the supplier can be ordered from on any day, there is no need to order
/// while what is there lasts until tomorrow's order comes; what is ordered then lasts for a week more. With
/// one level for both a handful would be ordered each day.
pub(super) fn levels(basis: &Basis<'_>) -> Levels {
    let (at, demand) = (basis.at, &basis.demand);
    let whole = |units: f64| Qty::units((units - 1e-6).ceil().max(0.0) as i64);
    let until_soonest = || basis.ahead.over(&basis.interval.until_soonest());
    let (point, cover, up_to) = match at.service {
        Service::Cost => {
            let found = by_cost(basis);
            let point = whole(found.reorder_point);
            (point, point, whole(found.order_up_to).max(point))
        }
        Service::Cycle(level) => {
            let level = level.clamp(LOWEST_SERVICE, HIGHEST_SERVICE);
            let (point, up_to) = (until_soonest().quantile(level), demand.quantile(level));
            (whole(point), whole(up_to), whole(up_to))
        }
        Service::Fill(share) => {
            let up_to = for_fill_rate(basis, share);
            let point = match basis.interval.spare {
                0 => up_to,
                _ => point_for_fill_rate(basis, share, up_to, &until_soonest()),
            };
            let up_to = whole(up_to.max(point));
            (whole(point), up_to, up_to)
        }
    };
    let service = demand.at_most(cover.to_f64());
    Levels { reorder_point: point, cover, order_up_to: up_to, service }
}

/// Where one unit more costs as much as the sale that it saves is worth (see [`crate::plan::level`]).
fn by_cost(basis: &Basis<'_>) -> level::Levels {
    let review = basis.interval.review_days().round().max(1.0) as usize;
    let interval = level::Interval { ends: basis.interval.ends.clone(), review };
    let totals = basis.ahead.totals.carried_to(interval.reach()).steps();
    let (holding, lost, line) = basis.at.costs.stakes(&basis.at.item);
    level::levels(&totals, &interval, Stakes { holding, lost, line })
}

/// The least level at which the share of demand is served that is wanted (the fill rate of a periodic
/// review with batches, Silver, Pyke and Thomas 2017, 6.11; Hadley and Whitin 1963, 5-4).
///
/// What is ordered at a position x answers for what falls short until the next order's goods come, less
/// what falls short before its own do: E[(D(L + R) - x)+] - E[(D(L) - x)+]. The position after a review is
/// the level itself, or anywhere up to [`above_level`] beyond it. What is short is not waited for and needs no
/// stock later, so that of a review's demand and what is short only the former is ordered anew (6.11.2). How
/// much is really short where so much is planned to be is the store's own experience ([`super::Shortage`]),
/// by which no less is held than is expected to sell.
fn for_fill_rate(basis: &Basis<'_>, share: f64) -> f64 {
    let (until_next, until_own) = (&basis.demand, basis.ahead.over(&basis.interval.until_due()));
    let of_review = until_next.mean() - until_own.mean();
    let share = share.clamp(LOWEST_SERVICE, HIGHEST_SERVICE);
    let wanted = (1.0 - share) / share;
    let level_for = |planned: f64| {
        until_next.level_short_over(&until_own, planned * of_review, above_level(basis, of_review))
    };
    let (level, expected) = (level_for(basis.at.shortage.planned(wanted)), until_next.mean());
    // Experience spares safety stock, and no more than there is of it.
    let level = if level < expected { level.max(level_for(wanted).min(expected)) } else { level };
    // Nothing is ordered at a level of 0, so that what sold out would never come again.
    level.max(f64::from(u8::from(of_review > 0.0)))
}

/// The least position at which an order can be put off to the next day, of a supplier who can be ordered from
/// on any, so that the share of demand is served that is wanted: between two orders may fall short what that
/// share leaves of what they sell (Silver, Pyke and Thomas 2017, 6.7), which is what falls short until the
/// goods of tomorrow's order come, less what does so before this one's do.
fn point_for_fill_rate(
    basis: &Basis<'_>,
    share: f64,
    up_to: f64,
    until_soonest: &Distribution,
) -> f64 {
    let until_own = basis.ahead.over(&basis.interval.until_due());
    let share = share.clamp(LOWEST_SERVICE, HIGHEST_SERVICE);
    let moq = basis.at.item.moq.map_or(0.0, Qty::to_f64);
    let of_order = (basis.demand.mean() - until_own.mean()).max(moq);
    let allowed = basis.at.shortage.planned((1.0 - share) / share) * of_order;
    let allowed = allowed + until_own.beyond(up_to);
    let least = f64::from(u8::from(of_order > 0.0));
    let (mut low, mut high) = (least, until_soonest.quantile(HIGHEST_SERVICE).max(least));
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if until_soonest.beyond(middle) > allowed { low = middle } else { high = middle }
    }
    high
}

/// Units by which positions after a review lie above the level at most: rounding to packs, and a minimum
/// that lasts for longer than a review.
fn above_level(basis: &Basis<'_>, of_review: f64) -> f64 {
    let item = &basis.at.item;
    let pack = item.pack.map_or(1.0, Qty::to_f64);
    let moq = item.moq.map_or(0.0, Qty::to_f64);
    pack.max(moq - of_review) - 1.0
}
