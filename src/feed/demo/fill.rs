//! Made-up orders in bulk, for measuring: cheap, deterministic, no HTTP and no simulation.

use super::catalogue::SITES;
use super::customers::{COUNTRIES, scramble};
use crate::domain::{
    Aside, Country, Currency, CustomerRef, FeedId, LineClass, Money, Order, OrderKey, OrderKind,
    OrderLine, OrderNo, OrderStatus, Page, Private, Progress, Qty, Record, SiteId, Sku, Span,
    Timestamp, UnitPrice,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Orders in a page.
const PAGE: u64 = 1_000;
const SKUS: u64 = 1_200;
const YEARS: Span = Span::days(3 * 365);
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `orders` made-up orders, oldest first, over three years that end now: three lines each on
/// average, 1,200 SKUs, a customer to every eight orders, in pages of 1,000.
pub fn fill(seed: u64, orders: u64) -> impl Iterator<Item = Page> {
    fill_until(seed, orders, Timestamp::wall_now())
}

/// The same, ending at `end`: same arguments, same pages.
pub fn fill_until(seed: u64, orders: u64, end: Timestamp) -> impl Iterator<Item = Page> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let skus: Vec<Sku> = (0..SKUS).map(|i| Sku::new(format!("F{:05}", 10_000 + i * 7))).collect();
    let feed = FeedId::new("fill");
    let step = YEARS.as_millis() as f64 / orders.max(1) as f64;
    (0..orders.div_ceil(PAGE)).map(move |page| {
        let upto = orders.min((page + 1) * PAGE);
        let records = (page * PAGE..upto)
            .map(|n| {
                let ago = Span::millis(((orders - n) as f64 * step) as i64);
                Record::Order(order(&mut rng, &feed, &skus, n, orders, end - ago, end))
            })
            .collect();
        let progress = Progress { what: "made-up orders".into(), done: upto, total: Some(orders) };
        Page {
            private: Private::default(),
            feed: feed.clone(),
            asked: end,
            records,
            rejects: Vec::new(),
            cursor: None,
            progress: Some(progress),
        }
    })
}

fn order(
    rng: &mut ChaCha8Rng,
    feed: &FeedId,
    skus: &[Sku],
    n: u64,
    orders: u64,
    placed_at: Timestamp,
    end: Timestamp,
) -> Order {
    let count = [1, 1, 2, 3, 3, 4, 4, 6][rng.random_range(0..8)];
    let mut total = 0;
    let lines = (0..count)
        .map(|_| {
            let u: f64 = rng.random();
            let index = ((u * u * SKUS as f64) as usize).min(skus.len() - 1);
            let units = [1, 1, 1, 2, 2, 3, 6, 12][rng.random_range(0..8)];
            let pence = 99 + (scramble(index as u64) % 2_900) as i64;
            total += pence * units;
            OrderLine {
                sku: skus[index].clone(),
                class: LineClass::Product,
                qty: Qty::units(units),
                cancelled: Qty::ZERO,
                price: UnitPrice { e4: pence * 100, currency: Currency::GBP },
            }
        })
        .collect();
    let shipped = placed_at + Span::minutes(rng.random_range(120..1_800));
    let status = match rng.random_range(0..100) {
        _ if shipped > end => OrderStatus::Open,
        0..2 => OrderStatus::Cancelled,
        2 => OrderStatus::Refunded,
        _ => OrderStatus::Shipped,
    };
    let left = matches!(status, OrderStatus::Shipped | OrderStatus::Refunded);
    let customer = rng.random_range(0..(orders / 8).max(1));
    let country = if rng.random_range(0..6) == 0 { customer as usize % COUNTRIES.len() } else { 0 };
    Order {
        key: OrderKey { feed: feed.clone(), number: OrderNo::new((1_000_001 + n).to_string()) },
        kind: OrderKind::Sale,
        status,
        placed_at,
        updated_at: shipped.min(end),
        shipped_at: left.then_some(shipped),
        site: SiteId::new(SITES[customer as usize % 3].0),
        customer: Some(pseudonym(customer)),
        country: Some(Country::new(COUNTRIES[country].0)),
        total: Money { minor: total, currency: Currency::GBP },
        aside: Aside::default(),
        lines,
    }
}

fn pseudonym(customer: u64) -> CustomerRef {
    let bits = scramble(customer);
    let text: String =
        (0..10).map(|i| char::from(ALPHABET[(bits >> (5 * i)) as usize & 31])).collect();
    CustomerRef::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustc_hash::FxHashSet;

    #[test]
    fn pages_hold_the_orders_asked_for_and_repeat_themselves() {
        let end = Timestamp::from_millis(1_780_000_000_000);
        let pages: Vec<Page> = fill_until(5, 2_500, end).collect();
        assert_eq!(pages.iter().map(|p| p.records.len()).collect::<Vec<_>>(), [1_000, 1_000, 500]);
        assert_eq!(pages, fill_until(5, 2_500, end).collect::<Vec<_>>());
        let orders: Vec<&Order> = pages
            .iter()
            .flat_map(|p| &p.records)
            .map(|r| match r {
                Record::Order(order) => order,
                other => panic!("{other:?}"),
            })
            .collect();
        let numbers: FxHashSet<_> = orders.iter().map(|o| &o.key).collect();
        assert_eq!(numbers.len(), 2_500);
        let lines: usize = orders.iter().map(|o| o.lines.len()).sum();
        assert!((2.7..3.3).contains(&(lines as f64 / 2_500.0)));
        let customers: FxHashSet<_> = orders.iter().map(|o| &o.customer).collect();
        assert!((200..=312).contains(&customers.len()));
        assert!(orders.iter().all(|o| o.placed_at <= end && o.updated_at <= end));
        assert!(orders.is_sorted_by_key(|o| o.placed_at));
    }
}
