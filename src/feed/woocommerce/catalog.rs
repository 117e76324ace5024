//! WooCommerce products and variations as master data and stock figures.

use super::Config;
use super::order::sku;
use super::tolerant::{list, price, qty, reference, scalar, words};
use crate::domain::{Category, Product, Qty, Record, Sku, StockBasis, StockReport, Timestamp};
use serde_json::Value;

/// What of a product may be shown when it is not understood.
pub(super) const SHOWN: &[&str] = &["id", "type", "sku", "name", "manage_stock", "stock_quantity"];

/// The product's id if it has variations, which are asked for on their own.
pub(super) fn with_variations(json: &Value) -> Option<u64> {
    let variable = scalar(json, "type").is_some_and(|kind| kind.starts_with("variable"));
    reference(json, "id").filter(|_| variable)
}

/// Reads a product, its variations, and, where `stock` says since when it is true, their stock.
pub(super) fn product(
    json: &Value,
    variations: &[Value],
    config: &Config,
    stock: Option<Timestamp>,
) -> Result<Vec<Record>, String> {
    let number = reference(json, "id").ok_or("it has no id")?;
    let name = words(json, "name");
    let category = list(json, "categories").first().and_then(|c| words(c, "name"));
    let about = |json: &Value, sku: Sku, name: Option<String>| {
        let listed = price(json, "regular_price", config.currency);
        Record::Product(Product {
            name: name.map(Into::into),
            category: category.clone().map(Category::new),
            price: listed.or_else(|| price(json, "price", config.currency)),
            ..Product::bare(sku)
        })
    };
    let report = |json: &Value, sku: Sku| {
        stock.map(|as_of| {
            Record::Stock(StockReport {
                sku,
                site: config.site.clone(),
                qty: managed(json),
                basis: StockBasis::Available,
                as_of,
            })
        })
    };
    let own = sku(json, Some(number), None);
    let mut records = vec![about(json, own.clone(), name.clone())];
    // A product that is sold by its variations has stock of its own only where they share it.
    if holds_stock(json) && (variations.is_empty() || managed(json).is_some()) {
        records.extend(report(json, own));
    }
    for variation in variations {
        let id = reference(variation, "id")
            .ok_or_else(|| format!("a variation of product {number} has no id"))?;
        let sku = sku(variation, Some(number), Some(id));
        records.push(about(variation, sku.clone(), variation_name(&name, variation)));
        if holds_stock(variation) {
            records.extend(report(variation, sku));
        }
    }
    Ok(records)
}

/// `None` where the shop does not count it, or counts it with the product it is a variation of.
fn managed(json: &Value) -> Option<Qty> {
    let counted = match json.get("manage_stock") {
        Some(Value::Bool(counted)) => *counted,
        Some(Value::String(text)) => matches!(text.as_str(), "yes" | "true" | "1"),
        _ => false,
    };
    qty(json, "stock_quantity").filter(|_| counted)
}

fn holds_stock(json: &Value) -> bool {
    let immaterial = json.get("virtual").and_then(Value::as_bool).unwrap_or(false);
    let elsewhere = scalar(json, "type").is_some_and(|t| t == "external" || t == "grouped");
    !immaterial && !elsewhere
}

fn variation_name(parent: &Option<String>, variation: &Value) -> Option<String> {
    let options: Vec<String> =
        list(variation, "attributes").iter().filter_map(|a| words(a, "option")).collect();
    match (parent, options.is_empty()) {
        (Some(parent), false) => Some(format!("{parent}, {}", options.join(", "))),
        (Some(parent), true) => Some(parent.clone()),
        (None, _) => words(variation, "name"),
    }
}
