//! An item of a list that could not be understood, read again by itself.

use super::extension::Table;
use super::order::{self, Told};
use super::{Config, catalog};
use crate::domain::{FeedId, Private, Record, Timestamp};
use crate::feed::pseudonym::Pseudonyms;
use serde_json::{Value, json};

/// The lists that are not the extension's.
pub(super) const ORDERS: &str = "orders";
pub(super) const PRODUCTS: &str = "products";

/// An item with what stands below it, such as an order's refunds.
pub(super) fn text(item: &Value, parts: &[Value]) -> String {
    json!({ "item": item, "parts": parts }).to_string()
}

/// What the item says now. Stock comes with the next reading of the products.
pub fn reread(
    list: &str,
    text: &str,
    feed: &FeedId,
    config: &Config,
    pseudonyms: &Pseudonyms,
) -> Result<(Vec<Record>, Private), String> {
    let kept: Value = serde_json::from_str(text).map_err(|_| "its text is no JSON".to_owned())?;
    let item = kept.get("item").ok_or("its text holds no item")?;
    let parts = kept.get("parts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match list {
        ORDERS => {
            let reader = order::Reading { feed, config, pseudonyms };
            let record = match reader.order(item, parts)? {
                Told::Order(order) => Record::Order(*order),
                Told::Trashed => {
                    let number = super::tolerant::reference(item, "id").ok_or("it has no id")?;
                    Record::OrderGone(reader.key(number), Timestamp::default())
                }
            };
            Ok((vec![record], reader.private(item)))
        }
        PRODUCTS => Ok((catalog::product(item, parts, config, None)?, Private::default())),
        table => {
            let table = Table::named(table).ok_or("its list is not known any more")?;
            Ok((vec![table.read(item, config)?], Private::default()))
        }
    }
}
