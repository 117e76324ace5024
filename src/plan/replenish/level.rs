//! From the distribution of demand to the reorder point and the order-up-to level.

use super::propose::Basis;
use super::terms::{HIGHEST_SERVICE, LOWEST_SERVICE, Service};
use crate::domain::Qty;
use crate::plan::level::{self, Stakes};

/// When to order, and up to what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Levels {
    /// An order is due when what is there and coming is less.
    pub reorder_point: Qty,
    /// What there is to be then.
    pub order_up_to: Qty,
    /// The chance that the reorder point covers the interval.
    pub service: f64,
}

/// The levels for a situation.
pub(super) fn levels(basis: &Basis<'_>) -> Levels {
    let (at, demand) = (basis.at, &basis.demand);
    let whole = |units: f64| Qty::units((units - 1e-6).ceil().max(0.0) as i64);
    let (point, up_to) = match at.service {
        Service::Cost => {
            let found = by_cost(basis);
            (whole(found.reorder_point), whole(found.order_up_to))
        }
        Service::Cycle(level) => {
            let units = whole(demand.quantile(level.clamp(LOWEST_SERVICE, HIGHEST_SERVICE)));
            (units, units)
        }
        Service::Fill(share) => {
            let units = whole(for_fill_rate(basis, share));
            (units, units)
        }
    };
    let service = demand.at_most(point.to_f64());
    Levels { reorder_point: point, order_up_to: up_to.max(point), service }
}

/// Where one unit more costs as much as the sale that it saves is worth (see [`crate::plan::level`]).
fn by_cost(basis: &Basis<'_>) -> level::Levels {
    let review = basis.interval.review_days().round().max(1.0) as usize;
    let interval = level::Interval { ends: basis.interval.ends.clone(), review };
    let totals = basis.ahead.totals.carried_to(interval.reach()).steps();
    let (holding, lost, line) = basis.at.costs.stakes(&basis.at.item);
    level::levels(&totals, &interval, Stakes { holding, lost, line })
}

/// The least level at which what is expected to be short of an order's demand is no more than its share
/// (the fill rate of a periodic review, Silver, Pyke and Thomas 2017, 6.11).
fn for_fill_rate(basis: &Basis<'_>, share: f64) -> f64 {
    let demand = &basis.demand;
    let of_review = demand.mean() * basis.interval.review_days() / basis.interval.mean_days();
    let short = (1.0 - share.clamp(LOWEST_SERVICE, HIGHEST_SERVICE)) * of_review;
    let (mut low, mut high) = (0.0, demand.quantile(HIGHEST_SERVICE));
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if demand.beyond(middle) > short { low = middle } else { high = middle }
    }
    high
}
