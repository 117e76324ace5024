//! What an order means for stock.

use crate::domain::{Order, OrderKind, OrderStatus, Qty, SiteId, Sku, Timestamp};

/// Knows the orders; asked when a new figure moves the moment from which sales are applied on top.
pub trait SalesAfter {
    /// For each SKU, site and moment: the units placed after it and the units shipped after it (see
    /// [`sold_after`], which says it for one order), in the order asked.
    ///
    /// It must know exactly the orders that [`super::StockBook::order_changed`] was told of, in
    /// their latest versions.
    fn sales_after(&self, asked: &[(Sku, SiteId, Timestamp)]) -> Vec<(Qty, Qty)>;
}

/// When an order's goods left the building, or `None` if they are still there or never were.
///
/// A shipped order whose source does not say when counts as shipped when it was last changed.
pub fn shipped_moment(order: &Order) -> Option<Timestamp> {
    match order.status {
        OrderStatus::Shipped => Some(order.shipped_at.unwrap_or(order.updated_at)),
        OrderStatus::Refunded | OrderStatus::Gone => order.shipped_at,
        OrderStatus::Pending
        | OrderStatus::Open
        | OrderStatus::Held
        | OrderStatus::Cancelled
        | OrderStatus::Failed => None,
    }
}

/// Units of a SKU that one order placed and shipped at a site after a moment, as
/// [`SalesAfter::sales_after`] sums them.
pub fn sold_after(order: &Order, sku: &Sku, site: &SiteId, moment: Timestamp) -> (Qty, Qty) {
    let Some(sale) = Sale::of(order).filter(|_| order.site == *site) else {
        return (Qty::ZERO, Qty::ZERO);
    };
    let units = order.product_lines().filter(|l| l.sku == *sku).map(|l| l.standing()).sum();
    (sale.placed_after(moment, units), sale.shipped_after(moment, units))
}

/// What of an order matters to stock, its lines apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sale {
    committed: bool,
    placed: Option<Timestamp>,
    shipped: Option<Timestamp>,
}

impl Sale {
    /// `None` for what is no sale.
    pub fn of(order: &Order) -> Option<Sale> {
        (order.kind == OrderKind::Sale).then(|| Sale {
            committed: order.status.is_promised(),
            placed: order.status.is_demand().then_some(order.placed_at),
            shipped: shipped_moment(order),
        })
    }
    /// The part of `units` that is promised and still in the building.
    pub fn committed(&self, units: Qty) -> Qty {
        if self.committed { units } else { Qty::ZERO }
    }
    /// The part of `units` that was placed after a moment and stands.
    pub fn placed_after(&self, moment: Timestamp, units: Qty) -> Qty {
        if self.placed.is_some_and(|at| at > moment) { units } else { Qty::ZERO }
    }
    /// The part of `units` that left after a moment.
    pub fn shipped_after(&self, moment: Timestamp, units: Qty) -> Qty {
        if self.shipped.is_some_and(|at| at > moment) { units } else { Qty::ZERO }
    }
}
