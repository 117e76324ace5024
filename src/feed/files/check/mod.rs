//! `data check`: what is odd about a file of orders, and what an import does with it.

mod findings;
mod raw;

use super::{DateOrder, Mapping, Preset, ReadOptions, read_job};
use crate::domain::{Currency, LineClass, Order, OrderKind, OrderLine, Qty, Record, Sku, Span};
use crate::feed::FeedError;
use crate::feed::pseudonym::Pseudonyms;
use findings::{Findings, kind_of};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// How many times its SKU's usual quantity or price a line has to be to count as an outlier.
const FAR: i64 = 30;
/// Sale lines from which a SKU's usual quantity and price are told.
const USUAL_FROM: usize = 10;

/// What was found in a file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Rows of the file.
    pub rows: u64,
    /// Those that were understood.
    pub parsed: u64,
    /// What is odd, most frequent first.
    pub findings: Vec<Finding>,
}

/// One kind of oddity.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What it is.
    pub kind: String,
    /// How often it occurs.
    pub count: u64,
    /// Places, at most five.
    pub examples: Vec<String>,
    /// What an import does with it.
    pub treatment: String,
}

/// Reads a file as an import would, keeps nothing of it, and reports.
pub fn check(
    path: &Path,
    preset: &str,
    columns: &Mapping,
    date_order: Option<DateOrder>,
) -> Result<Report, FeedError> {
    let preset = Preset::named(preset)?;
    let mut options = ReadOptions::new("check".into(), Arc::new(Pseudonyms::new([0; 32])));
    // The currency of a house is not at hand here, and nothing of the report depends on it.
    options.currency = Some(Currency::GBP);
    options.date_order = date_order;
    let reader = read_job(path, preset.name, columns, options)?;
    let mut findings = Findings::default();
    let rows = raw::look(path, preset, columns, &mut findings)?;
    let mut orders = Vec::new();
    let mut rejected = 0;
    for page in reader {
        let page = page?;
        for reject in page.rejects {
            rejected += 1;
            findings.add(&kind_of(&reject.reason), "quarantined", || reject.place.to_string());
        }
        orders.extend(page.records.into_iter().filter_map(|record| match record {
            Record::Order(order) => Some(order),
            _ => None,
        }));
    }
    let usual = usual_lines(&orders);
    for order in &orders {
        look_at(order, &usual, &mut findings);
    }
    reversals(&orders, &usual, &mut findings);
    let parsed = rows.saturating_sub(rejected);
    Ok(Report { rows, parsed, findings: findings.sorted() })
}

/// What is usual for a SKU: the medians of its sale lines.
struct Usual {
    qty: Qty,
    price: i64,
}

impl Usual {
    fn is_far(&self, line: &OrderLine) -> bool {
        line.qty.abs().as_milli() > self.qty.as_milli().saturating_mul(FAR)
    }
    fn is_priced_oddly(&self, line: &OrderLine) -> bool {
        let price = line.price.e4;
        price > self.price.saturating_mul(FAR) || price.saturating_mul(FAR) < self.price
    }
}

type UsualLines<'a> = FxHashMap<&'a Sku, Usual>;

fn look_at(order: &Order, usual: &UsualLines<'_>, findings: &mut Findings) {
    let number = &order.key.number;
    let prefixed = number.as_str().starts_with(|c: char| c.is_alphabetic());
    match order.kind {
        OrderKind::Return => {
            findings.add("cancellation or return", "kept as a return", || number.to_string());
        }
        OrderKind::Adjustment if prefixed => {
            let done = "kept as an adjustment, no demand";
            findings.add("adjustment of accounts", done, || number.to_string());
        }
        OrderKind::Adjustment => {
            let done = "kept as an adjustment: it moves stock, no demand";
            findings.add("stock write-off or correction", done, || number.to_string());
        }
        OrderKind::Sale => {}
    }
    if number.as_str().contains('/') {
        let done = "split by day, the later days as NUMBER/2 and so on";
        findings.add("order over several days", done, || number.to_string());
    }
    for line in &order.lines {
        let place = || format!("{number} {}", line.sku);
        if line.class == LineClass::Charge {
            let done = "kept as a charge, no stock and no demand";
            findings.add("code that is no product", done, place);
            continue;
        }
        if line.price.e4 < 0 {
            findings.add("price below zero", "kept, no demand", place);
        } else if line.price.e4 == 0 {
            findings.add("price zero", "kept, no demand", place);
        }
        if order.kind == OrderKind::Sale && !line.qty.is_positive() {
            findings.add("quantity zero or below on a sale", "kept, no demand", place);
        }
        let Some(usual) = usual.get(&line.sku) else { continue };
        if line.qty.is_positive() && usual.is_far(line) {
            findings.add("quantity far above the SKU's usual", "kept", || {
                format!("{number} {} × {}", line.qty, line.sku)
            });
        }
        if line.price.e4 > 0 && usual.is_priced_oddly(line) {
            findings.add("price far from the SKU's usual", "kept", || {
                format!("{number} {} at {}", line.sku, line.price)
            });
        }
    }
}

/// The medians of each SKU's sale lines, for SKUs with enough of them.
fn usual_lines(orders: &[Order]) -> UsualLines<'_> {
    let mut all: FxHashMap<&Sku, (Vec<Qty>, Vec<i64>)> = FxHashMap::default();
    for line in orders.iter().flat_map(Order::demand_lines) {
        let (quantities, prices) = all.entry(&line.sku).or_default();
        quantities.push(line.qty);
        prices.push(line.price.e4);
    }
    all.retain(|_, (quantities, _)| quantities.len() >= USUAL_FROM);
    all.into_iter()
        .map(|(sku, (mut quantities, mut prices))| {
            let middle = quantities.len() / 2;
            let (_, qty, _) = quantities.select_nth_unstable(middle);
            let (_, price, _) = prices.select_nth_unstable(middle);
            (sku, Usual { qty: *qty, price: *price })
        })
        .collect()
}

/// Return lines with and without a sale of the same customer, SKU and opposite quantity.
fn reversals(orders: &[Order], usual: &UsualLines<'_>, findings: &mut Findings) {
    let mut sold: FxHashMap<(&str, &str, Qty), Vec<&Order>> = FxHashMap::default();
    for order in orders.iter().filter(|order| order.kind == OrderKind::Sale) {
        let Some(customer) = &order.customer else { continue };
        for line in order.product_lines() {
            let key = (customer.as_str(), line.sku.as_str(), line.qty);
            sold.entry(key).or_default().push(order);
        }
    }
    for order in orders.iter().filter(|order| order.kind == OrderKind::Return) {
        for line in order.product_lines() {
            let customer = order.customer.as_ref().map_or("", |customer| customer.as_str());
            let place = || format!("{} {}", order.key.number, line.sku);
            let sales = sold.get_mut(&(customer, line.sku.as_str(), -line.qty));
            let Some(sale) = sales.and_then(Vec::pop) else {
                findings.add("return line without such a sale", "kept, no demand", place);
                continue;
            };
            let done = "kept; on the sale's own day the two cancel out in demand";
            findings.add("return line that reverses a sale in full", done, place);
            let soon = order.placed_at.since(sale.placed_at);
            let far = usual.get(&line.sku).is_some_and(|usual| usual.is_far(line));
            if far && soon >= Span::millis(0) && soon <= Span::days(1) {
                findings.add("giant line reversed within a day", done, || {
                    format!("{} × {}, {} after {soon}", -line.qty, line.sku, sale.key.number)
                });
            }
        }
    }
}
