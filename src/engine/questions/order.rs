//! One order, all of it.

use super::cached;
use super::store;
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::house::House;
use crate::engine::tables;

/// Other orders of the same customer that are listed.
const CUSTOMER_ORDERS: usize = 20;

/// The order, or `None` if there is none of that number.
pub fn order(house: &House, which: &OrderRef) -> Result<Option<OrderDetail>, Refusal> {
    let Some(row) = find(house, which)? else { return Ok(None) };
    let Some(stored) = store(house)?.get::<tables::Orders>(&row)? else { return Ok(None) };
    let heard_at = stored.heard_at();
    let order = stored.into_order();
    let beside = cached::beside(house)?;
    let index = house.orders.read();
    let Some(table_row) = beside.row(&index, row) else { return Ok(None) };
    let customer_orders = match &order.customer {
        Some(customer) => (index.of_customer(customer, CUSTOMER_ORDERS + 1).into_iter())
            .filter(|other| *other != row)
            .take(CUSTOMER_ORDERS)
            .filter_map(|other| beside.row(&index, other))
            .collect(),
        None => Vec::new(),
    };
    drop(index);
    let book = house.stock.read();
    let lines = order.lines.iter().map(|line| {
        let position = book.position(&line.sku, &order.site);
        LineDetail {
            name: book.product_of(&line.sku).and_then(|p| p.name.clone()).unwrap_or_default(),
            available: position.and_then(Position::available),
            on_hand: position.and_then(Position::on_hand),
        }
    });
    let lines = lines.collect();
    drop(book);
    let about = Subject::Order(order.key.clone());
    Ok(Some(OrderDetail {
        lines,
        row: table_row,
        journal: super::journal::about(house, &about),
        customer_orders,
        heard_at,
        order,
    }))
}

/// The row of an order; a number without a feed has to be the only one of its kind.
fn find(house: &House, which: &OrderRef) -> Result<Option<u32>, Refusal> {
    let index = house.orders.read();
    let feeds = match &which.feed {
        Some(feed) => vec![feed.clone()],
        None => index.feeds(),
    };
    let rows: Vec<(FeedId, u32)> = feeds
        .into_iter()
        .filter_map(|feed| {
            let key = OrderKey { feed: feed.clone(), number: which.number.clone() };
            Some((feed, index.find(&key)?))
        })
        .collect();
    match rows.as_slice() {
        [] => Ok(None),
        [(_, row)] => Ok(Some(*row)),
        several => {
            let names: Vec<String> =
                several.iter().map(|(feed, _)| format!("{feed}/{}", which.number)).collect();
            Err(Refusal::usage(format!(
                "several feeds have that number; say {}",
                names.join(" or ")
            )))
        }
    }
}
