//! The first pass over a file: what only the whole of it can tell.

use super::dates::{DateEvidence, DateOrder, DateVerdict};
use super::orders::sku_text;
use super::preset::{Field, Preset, RowKind};
use super::rows::{Form, Rows};
use super::text::{DecimalEvidence, cleaned};
use super::{Mapping, input, usage};
use crate::domain::{Product, Record, Sku};
use crate::feed::FeedError;
use csv::ByteRecord;
use rustc_hash::FxHashMap;
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

/// What the whole file says.
pub struct Survey {
    /// Whether numbers have a decimal comma.
    pub decimal_comma: bool,
    /// Which of day and month comes first.
    pub date_order: DateOrder,
    /// Where each order ends: the hash of its number and its last row, counted from 0.
    pub last_row: FxHashMap<u64, u64>,
    /// One product per SKU with its most frequent description, by SKU.
    pub products: Vec<Record>,
}

impl Survey {
    /// Of a row that is read by itself.
    pub fn of_row(decimal_comma: bool, date_order: DateOrder) -> Survey {
        Survey { decimal_comma, date_order, last_row: FxHashMap::default(), products: Vec::new() }
    }
}

/// A hash that tells order numbers apart; should two ever share one, the first is emitted late, not lost.
pub fn number_hash(number: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(number);
    hasher.finish()
}

/// Reads the whole file once.
pub fn survey(
    path: &Path,
    preset: &Preset,
    mapping: &Mapping,
    date_order: Option<DateOrder>,
) -> Result<Survey, FeedError> {
    let mut rows = Rows::open(path, preset, mapping)?;
    let fields = |wanted: fn(Field) -> bool| -> Vec<Field> {
        preset.fields().map(|(f, _)| f).filter(|f| wanted(*f) && rows.layout.has(*f)).collect()
    };
    let (times, numbers) = (fields(Field::is_time), fields(Field::is_number));
    let (mut dates, mut decimals) = (DateEvidence::default(), DecimalEvidence::default());
    let mut last_row = FxHashMap::default();
    let mut names = Names::default();
    let (mut previous, mut previous_hash, mut previous_row) = (Vec::new(), 0, 0);
    let mut row = ByteRecord::new();
    let mut count = 0;
    while let Some(at) = rows.next(&mut row)? {
        if at.problem.is_none() {
            times.iter().for_each(|f| dates.see(rows.layout.get(&row, *f)));
            numbers.iter().for_each(|f| decimals.see(rows.layout.get(&row, *f)));
            if preset.rows == RowKind::Orders {
                let number = rows.layout.get(&row, Field::OrderId);
                if previous != number {
                    last_row.insert(previous_hash, previous_row);
                    previous.clear();
                    previous.extend_from_slice(number);
                    previous_hash = number_hash(number);
                }
                previous_row = count;
                names.see(rows.layout.get(&row, Field::Sku), rows.layout.get(&row, Field::Name));
            }
        }
        count += 1;
    }
    last_row.insert(previous_hash, previous_row);
    let delimiter = match rows.form {
        Form::Csv(delimiter) => delimiter,
        Form::Ndjson => b',',
    };
    Ok(Survey {
        decimal_comma: decimals.decimal_comma(delimiter),
        date_order: settle(path, date_order, &dates)?,
        last_row,
        products: names.products(preset.online_retail),
    })
}

fn settle(
    path: &Path,
    told: Option<DateOrder>,
    evidence: &DateEvidence,
) -> Result<DateOrder, FeedError> {
    if let Some(order) = told {
        return Ok(order);
    }
    let name = input::short_name(path);
    match evidence.verdict() {
        DateVerdict::Order(order) => Ok(order),
        DateVerdict::Ambiguous(example) => Err(usage(format!(
            "dates in {name} such as {example} read both ways; say `--date-order dmy` or \
             `--date-order mdy` (in a feed `date_order = \"dmy\"`)"
        ))),
        DateVerdict::Mixed => Err(usage(format!(
            "some dates in {name} can only be DD/MM/YYYY and some only MM/DD/YYYY; say which with \
             `--date-order dmy` or `--date-order mdy`, the others are quarantined"
        ))),
    }
}

/// Descriptions by SKU, counted. Both are kept once each.
#[derive(Default)]
struct Names {
    /// SKU as written to its number.
    skus: FxHashMap<Box<[u8]>, u32>,
    /// Description as written to its number.
    texts: FxHashMap<Box<[u8]>, u32>,
    counts: FxHashMap<(u32, u32), u32>,
}

impl Names {
    fn see(&mut self, sku: &[u8], name: &[u8]) {
        if sku.is_empty() {
            return;
        }
        let pair = (intern(&mut self.skus, sku), intern(&mut self.texts, name));
        *self.counts.entry(pair).or_default() += 1;
    }
    fn products(self, upper: bool) -> Vec<Record> {
        let by_number = |map: FxHashMap<Box<[u8]>, u32>| {
            let mut all: Vec<_> = map.into_iter().map(|(bytes, n)| (n, bytes)).collect();
            all.sort_unstable_by_key(|(n, _)| *n);
            all
        };
        let (skus, texts) = (by_number(self.skus), by_number(self.texts));
        let mut best: std::collections::BTreeMap<Box<str>, FxHashMap<Box<str>, u32>> =
            std::collections::BTreeMap::new();
        for ((sku, text), count) in self.counts {
            let of = |all: &[(u32, Box<[u8]>)], n: u32| all.get(n as usize).map(|(_, b)| b.clone());
            let (Some(sku), Some(text)) = (of(&skus, sku), of(&texts, text)) else { continue };
            let names = best.entry(sku_text(&sku, upper)).or_default();
            if let Some(text) = cleaned(&text).filter(|t| !is_dirty(t)) {
                *names.entry(text).or_default() += count;
            }
        }
        best.into_iter()
            .filter(|(sku, _)| !sku.is_empty())
            .map(|(sku, names)| {
                // The most frequent; of equals the first by letters, so that every run agrees.
                let name = names.into_iter().max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)));
                let mut product = Product::bare(Sku::new(sku));
                product.name = name.map(|(name, _)| name);
                Record::Product(product)
            })
            .collect()
    }
}

fn intern(map: &mut FxHashMap<Box<[u8]>, u32>, bytes: &[u8]) -> u32 {
    if let Some(number) = map.get(bytes) {
        return *number;
    }
    let number = map.len() as u32;
    map.insert(bytes.into(), number);
    number
}

/// A description that tells what happened to the goods instead of what they are ("damaged", "?",
/// "wrongly sold"): names in such files are in capitals, remarks are not.
pub fn is_dirty(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (mut upper, mut lower) = (0, 0);
    letters.for_each(|c| if c.is_lowercase() { lower += 1 } else { upper += 1 });
    let remark = ["damage", "lost", "wrong", "missing", "check", "adjust", "found", "sold as"];
    let folded = text.to_lowercase();
    let said = remark.iter().any(|word| folded.contains(word));
    (upper == 0 && lower == 0) || text.contains('?') || (said && lower > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_called_what_it_is_called_most_often() {
        let mut names = Names::default();
        for (sku, name, times) in [
            ("85123a", "HEART HOLDER", 2),
            ("85123A", "WHITE HEART HOLDER", 3),
            ("85123A", "wrongly marked", 9),
            ("85123A", "?", 9),
            ("22000", "", 1),
        ] {
            (0..times).for_each(|_| names.see(sku.as_bytes(), name.as_bytes()));
        }
        let products = names.products(true);
        let told: Vec<_> = products
            .iter()
            .map(|r| match r {
                Record::Product(p) => (p.sku.as_str(), p.name.as_deref()),
                _ => panic!("only products are due"),
            })
            .collect();
        assert_eq!(told, [("22000", None), ("85123A", Some("WHITE HEART HOLDER"))]);
    }
}
