//! `data check`: what is odd about a file of orders, and what an import does with it.

use super::{Mapping, ReadOptions, read_job};
use crate::domain::{LineClass, Order, OrderKind, Qty, Record, Sku};
use crate::feed::FeedError;
use crate::feed::pseudonym::Pseudonyms;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Examples kept of each finding.
const EXAMPLES: usize = 5;
/// How many times its SKU's usual quantity a line has to be to count as an outlier.
const FAR: i64 = 30;

/// What was found in a file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Order lines and other records that were understood, and rows that were not.
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
pub fn check(path: &Path, preset: &str, columns: &Mapping) -> Result<Report, FeedError> {
    let options = ReadOptions::new("check".into(), Arc::new(Pseudonyms::new([0; 32])));
    let mut findings = Findings::default();
    let mut report = Report::default();
    let mut orders = Vec::new();
    for page in read_job(path, preset, columns, options)? {
        let page = page?;
        for reject in page.rejects {
            report.rows += 1;
            let kind = format!("unreadable: {}", reject.reason);
            findings.add(&kind, "quarantined", || reject.place.to_string());
        }
        for record in page.records {
            let rows = match &record {
                Record::Order(order) => order.lines.len() as u64,
                Record::Product(_) | Record::Site(_) => 0,
                _ => 1,
            };
            report.rows += rows;
            report.parsed += rows;
            if let Record::Order(order) = record {
                orders.push(order);
            }
        }
    }
    let usual = usual_quantities(&orders);
    for order in &orders {
        look_at(order, &usual, &mut findings);
    }
    reversals(&orders, &mut findings);
    report.findings = findings.sorted();
    Ok(report)
}

#[derive(Default)]
struct Findings(BTreeMap<String, Finding>);

impl Findings {
    fn add(&mut self, kind: &str, treatment: &str, example: impl FnOnce() -> String) {
        let finding = self.0.entry(kind.to_owned()).or_insert_with(|| Finding {
            kind: kind.into(),
            count: 0,
            examples: Vec::new(),
            treatment: treatment.into(),
        });
        finding.count += 1;
        if finding.examples.len() < EXAMPLES {
            finding.examples.push(example());
        }
    }
    fn sorted(self) -> Vec<Finding> {
        let mut all: Vec<Finding> = self.0.into_values().collect();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.kind.cmp(&b.kind)));
        all
    }
}

fn look_at(order: &Order, usual: &BTreeMap<&Sku, Qty>, findings: &mut Findings) {
    let number = &order.key.number;
    match order.kind {
        OrderKind::Return => {
            findings.add("cancellation or return", "kept as a return", || number.to_string());
        }
        OrderKind::Adjustment => {
            findings.add("adjustment", "kept, no demand", || number.to_string());
        }
        OrderKind::Sale => {}
    }
    for (i, line) in order.lines.iter().enumerate() {
        let place = || format!("{number} {}", line.sku);
        if order.customer.is_none() {
            findings.add("line without a customer", "kept", place);
        }
        if line.class == LineClass::Charge {
            let kind = format!("not a product: {}", line.sku);
            findings.add(&kind, "kept as a charge, no stock and no demand", place);
        }
        if line.price.e4 <= 0 {
            findings.add("price zero or below", "kept, no demand", place);
        }
        if order.kind == OrderKind::Sale && !line.qty.is_positive() {
            findings.add("quantity zero or below on a sale", "kept, no demand", place);
        }
        if order.lines[..i].contains(line) {
            findings.add("exact duplicate line", "kept, counts as demand", place);
        }
        let far = usual
            .get(&line.sku)
            .is_some_and(|usual| line.qty.abs().as_milli() > usual.as_milli().saturating_mul(FAR));
        if far && line.qty.is_positive() {
            findings.add("quantity far above the SKU's usual", "kept", || {
                format!("{number} {} × {}", line.qty, line.sku)
            });
        }
    }
}

/// The median quantity of each SKU's sale lines, for SKUs with at least ten of them.
fn usual_quantities(orders: &[Order]) -> BTreeMap<&Sku, Qty> {
    let mut all: BTreeMap<&Sku, Vec<Qty>> = BTreeMap::new();
    for line in orders.iter().flat_map(Order::demand_lines) {
        all.entry(&line.sku).or_default().push(line.qty);
    }
    all.retain(|_, quantities| quantities.len() >= 10);
    let median = |mut quantities: Vec<Qty>| {
        quantities.sort_unstable();
        quantities[quantities.len() / 2]
    };
    all.into_iter().map(|(sku, quantities)| (sku, median(quantities))).collect()
}

/// Return lines with and without a sale of the same customer, SKU and opposite quantity.
fn reversals(orders: &[Order], findings: &mut Findings) {
    let mut sold: BTreeMap<(&str, &str, Qty), u32> = BTreeMap::new();
    for order in orders.iter().filter(|order| order.kind == OrderKind::Sale) {
        let Some(customer) = &order.customer else { continue };
        for line in order.product_lines() {
            *sold.entry((customer.as_str(), line.sku.as_str(), line.qty)).or_default() += 1;
        }
    }
    for order in orders.iter().filter(|order| order.kind == OrderKind::Return) {
        for line in order.product_lines() {
            let customer = order.customer.as_ref().map_or("", |customer| customer.as_str());
            let place = || format!("{} {}", order.key.number, line.sku);
            match sold.get_mut(&(customer, line.sku.as_str(), -line.qty)) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    let done = "kept; on the sale's own day the two cancel out in demand";
                    findings.add("return line that reverses a sale in full", done, place);
                }
                _ => findings.add("return line without such a sale", "kept, no demand", place),
            }
        }
    }
}
