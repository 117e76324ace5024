//! A made shop for the tests: plain customers with plain habits, and nothing wrong in it.

use super::order::{DAY, Kind, Line, Order};
use super::{models::Models, order_model::Fit};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::{Arc, OnceLock};

pub(super) const START: i64 = 15_000 * DAY;
pub(super) const DAYS: i64 = 150;

pub(super) fn text(text: &str) -> Arc<str> {
    Arc::from(text)
}

/// A sale of lines of item, quantity and price to a customer at home.
pub(super) fn sale(at: i64, customer: &str, lines: &[(&str, f64, f64)]) -> Order {
    Order {
        id: text(&format!("{customer}-{at}")),
        at,
        kind: Kind::Sale,
        feed: text("web"),
        customer: Some(text(customer)),
        account: Some(text(&format!("account of {customer}"))),
        bill: text("Home"),
        ship: text("Home"),
        address: Some(text(&format!("house of {customer}"))),
        elsewhere: false,
        note: None,
        lines: lines
            .iter()
            .map(|&(sku, qty, price)| Line { sku: text(sku), qty, price, list: None })
            .collect(),
    }
}

/// Name and price of an item, and what it is usually sold in.
pub(super) fn item(number: usize) -> (String, f64, f64) {
    let price = [1.25, 2.10, 0.85, 4.95, 12.75][number % 5];
    let pack = [6.0, 1.0, 12.0, 2.0, 4.0][number * 7 % 5];
    (format!("item {number}"), price, pack)
}

/// Five months of 60 customers, each with a size of its own, working hours only.
pub(super) fn history() -> Vec<Order> {
    let mut draws = ChaCha8Rng::seed_from_u64(5);
    let mut orders = Vec::new();
    for day in 0..DAYS {
        for _ in 0..draws.random_range(14..22) {
            let who = draws.random_range(0..60usize);
            let at = START + day * DAY + draws.random_range(9 * 3600..17 * 3600);
            let size = [1.0, 1.0, 2.0, 4.0][who % 4];
            let lines: Vec<(String, f64, f64)> = (0..draws.random_range(2..9))
                .map(|_| {
                    let (sku, price, pack) = item((who + draws.random_range(0..15)) % 40);
                    (sku, pack * size * f64::from(draws.random_range(1..=2)), price)
                })
                .collect();
            let lines: Vec<(&str, f64, f64)> =
                lines.iter().map(|(sku, qty, price)| (sku.as_str(), *qty, *price)).collect();
            let mut order = sale(at, &format!("customer {who}"), &lines);
            if draws.random_bool(0.03) {
                order.ship = text("Abroad");
                order.bill = text("Abroad");
            }
            if draws.random_bool(0.04) {
                order.kind = Kind::Return;
                order.lines.truncate(1);
            }
            orders.push(order);
        }
    }
    orders.sort_by_key(|order| order.at);
    for (place, order) in orders.iter_mut().enumerate() {
        order.id = text(&format!("order {place}"));
    }
    orders
}

/// The shop's past up to its last 20 days, and those.
pub(super) fn parts() -> (Vec<Order>, Vec<Order>) {
    let orders = history();
    let from = START + (DAYS - 20) * DAY;
    let split = orders.partition_point(|order| order.at < from);
    let mut past = orders;
    let later = past.split_off(split);
    (past, later)
}

/// Models fitted to the past, once for all tests.
pub(super) fn models() -> Arc<Models> {
    static MODELS: OnceLock<Arc<Models>> = OnceLock::new();
    Arc::clone(MODELS.get_or_init(|| {
        let fit = Fit { replays: 3, networks: 2, warm_up: 40 * DAY, epochs: 4, ..Fit::default() };
        Arc::new(Models::fit(&parts().0, fit).expect("the made shop has a past to fit to"))
    }))
}
