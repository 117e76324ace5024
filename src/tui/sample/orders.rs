//! The sample's orders.

use super::{NAMES, SITES, ago, journal_rows, pounds, price};
use crate::domain::*;
use crate::engine::api::*;

const STATUSES: [OrderStatus; 6] = [
    OrderStatus::Open,
    OrderStatus::Open,
    OrderStatus::Held,
    OrderStatus::Shipped,
    OrderStatus::Pending,
    OrderStatus::Cancelled,
];

/// `n` orders, newest first.
pub fn order_rows(n: usize) -> Vec<OrderRow> {
    (0..n).map(order_row).collect()
}

pub(super) fn order_row(i: usize) -> OrderRow {
    let status = STATUSES[i % STATUSES.len()];
    OrderRow {
        key: OrderKey {
            feed: FeedId::new("shop"),
            number: OrderNo::new((580_000 - i).to_string()),
        },
        kind: if i % 11 == 9 { OrderKind::Return } else { OrderKind::Sale },
        status,
        placed_at: ago(Span::minutes(3 + i as i64 * 9)),
        site: SiteId::new(SITES[i % 3]),
        customer: (i % 5 != 3).then(|| CustomerRef::new(format!("c{:07x}", 0x0a1_b2c3 + i * 977))),
        country: (i % 9 != 8).then(|| Country::new(["GB", "DE", "Channel Islands"][i % 3])),
        lines: (i % 17) as u32 + 1,
        units: Qty::units(i as i64 * 13 % 240 + 1),
        total: pounds(i as i64 * 99_731 % 2_000_000 + 1_250),
        short: status == OrderStatus::Open && i % 4 == 1,
        pinned: i == 2,
        notes: u32::from(i % 6 == 2) * 2,
    }
}

/// An order with a line of every kind, a customer's note and a history of what people did.
pub fn order() -> OrderDetail {
    let row = OrderRow { notes: 1, ..order_row(1) };
    let line = |sku: &str, class, qty, cancelled, e4| OrderLine {
        sku: Sku::new(sku),
        class,
        qty: Qty::units(qty),
        cancelled: Qty::units(cancelled),
        price: price(e4),
    };
    let lines = vec![
        line("85123A", LineClass::Product, 6, 0, 25_500),
        line("急須-300", LineClass::Product, 12, 2, 129_900),
        line("JAM-SET-2026", LineClass::Product, 48, 0, 42_500),
        line("47566", LineClass::Product, 3, 0, 49_500),
        line("POST", LineClass::Charge, 1, 0, 180_000),
    ];
    let beside = |name: &str, available: Option<i64>| LineDetail {
        name: name.into(),
        available: available.map(Qty::units),
        on_hand: available.map(|qty| Qty::units(qty + 6)),
    };
    let order = Order {
        key: row.key.clone(),
        kind: OrderKind::Sale,
        status: OrderStatus::Open,
        placed_at: row.placed_at,
        updated_at: ago(Span::minutes(5)),
        shipped_at: None,
        site: row.site.clone(),
        customer: row.customer.clone(),
        country: row.country.clone(),
        total: pounds(401_230),
        aside: Aside { noted: true, ..Aside::default() },
        lines,
    };
    OrderDetail {
        lines: vec![
            beside(NAMES[0], Some(114)),
            beside(NAMES[2], Some(-4)),
            beside(NAMES[4], None),
            beside(NAMES[3], Some(9)),
            beside("Postage", None),
        ],
        row,
        journal: vec![journal_rows(1).remove(0)],
        customer_orders: order_rows(6).split_off(2),
        heard_at: ago(Span::minutes(4)),
        order,
    }
}
