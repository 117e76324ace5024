//! An order of the store as the detection sees it.

use crate::domain::{self, OrderKind, Sku, UnitPrice, Zone};
use crate::insight::anomaly::{Kind, Line, Order};
use std::sync::Arc;

/// The order; `None`: it is no sale and no return, or has no product on it.
///
/// Accounts and addresses are the pseudonyms that its feed made of them. The note is what was written with it.
///
/// A list price in another currency than the line's is none.
pub fn seen(
    order: &domain::Order,
    note: Option<Arc<str>>,
    list: &dyn Fn(&Sku) -> Option<UnitPrice>,
    zone: &Zone,
) -> Option<Order> {
    let kind = match order.kind {
        OrderKind::Sale => Kind::Sale,
        OrderKind::Return => Kind::Return,
        OrderKind::Adjustment => return None,
    };
    let line = |line: &domain::OrderLine| Line {
        sku: line.sku.as_str().into(),
        qty: match kind {
            Kind::Sale => line.qty.to_f64(),
            Kind::Return => line.qty.to_f64().abs(),
        },
        price: units(line.price),
        list: list(&line.sku).filter(|list| list.currency == line.price.currency).map(units),
    };
    let lines: Vec<Line> = order.product_lines().map(line).collect();
    if lines.is_empty() {
        return None;
    }
    let traces = &order.aside.traces;
    let told = |country: &Option<domain::Country>| -> Arc<str> {
        country.as_ref().map_or("", |country| country.as_str()).into()
    };
    let ship = told(&order.country);
    let bill = traces.bill_country.as_ref().map_or_else(|| ship.clone(), |of| of.as_str().into());
    Some(Order {
        id: order.key.to_string().into(),
        at: wall(order.placed_at, zone),
        kind,
        feed: order.key.feed.as_str().into(),
        customer: order.customer.as_ref().map(|customer| customer.as_str().into()),
        account: traces.account.map(|account| account.to_string().into()),
        bill,
        ship,
        address: traces.ship_to.map(|address| format!("{:08x}", address.0).into()),
        elsewhere: traces.bill_to.is_some(),
        note,
        lines,
    })
}

fn units(price: UnitPrice) -> f64 {
    price.e4 as f64 / 10_000.0
}

/// A moment by the clock on the store's wall, seconds since 1970.
pub fn wall(at: domain::Timestamp, zone: &Zone) -> i64 {
    let day = at.day(zone);
    let since = at.since(day.start(zone)).as_seconds();
    // On the days on which clocks are changed an hour is an hour off, in the order of time still.
    i64::from(day.number()) * 86_400 + since.clamp(0, 86_399)
}
