//! From the distribution of demand to the reorder point and the order-up-to level.

use super::propose::Basis;
use super::terms::{HIGHEST_SERVICE, LOWEST_SERVICE, Service};
use crate::domain::Qty;

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
    let units = match at.service {
        Service::Cost => {
            let ratio = at.costs.critical_ratio(&at.item, basis.interval.review_days());
            demand.quantile(ratio)
        }
        Service::Cycle(level) => demand.quantile(level.clamp(LOWEST_SERVICE, HIGHEST_SERVICE)),
        Service::Fill(share) => for_fill_rate(basis, share),
    };
    let level = Qty::units((units - 1e-6).ceil().max(0.0) as i64);
    let service = demand.at_most(level.to_f64());
    Levels { reorder_point: level, order_up_to: level, service }
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
