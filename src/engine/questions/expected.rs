//! Pages of what is expected to be ordered.

use super::{asked, page};
use crate::engine::api::{ExpectedRow, PageOf, Refusal, Rows};
use crate::engine::house::House;
use crate::orders::filter::{Bare, Field, Fields, FilterRow, Matcher};
use crate::plan::coordinate::{Expected, Week, expected};
use parking_lot::Mutex;
use std::borrow::Cow;
use std::sync::Arc;

/// What the table of expected orders can be filtered by.
pub static EXPECTED: Fields = Fields {
    fields: &[
        Field::text("supplier", Bare::Part),
        Field::phrase("name", &[], Bare::Fuzzy),
        Field::text("sku", Bare::Fuzzy),
        Field::text("week", Bare::Part),
        Field::number("units", &["qty"]),
    ],
    flags: &[],
};

/// The columns that it sorts by.
const COLUMNS: [&str; 4] = ["supplier", "sku", "week", "units"];

/// What was expected to be ordered, and at which revision of the house.
pub type ExpectedAt = Mutex<Option<(u64, Arc<Expected>)>>;

/// A page of what is expected to be ordered: of each supplier, or of each SKU.
pub fn expected_orders(
    house: &House,
    by_sku: bool,
    wanted: &PageOf,
) -> Result<Rows<ExpectedRow>, Refusal> {
    let filter = asked(house, wanted, &EXPECTED, &COLUMNS)?;
    let told = told(house, wanted.offset > 0)?;
    let book = house.stock.read();
    let row = |week: &Week| {
        let supplier = book.supplier_of(&week.supplier);
        let product = week.sku.as_ref().and_then(|sku| book.product_of(sku));
        ExpectedRow {
            week: week.clone(),
            supplier_name: supplier.map_or_else(Box::default, |known| known.name.clone()),
            name: product.and_then(|known| known.name.clone()).unwrap_or_default(),
        }
    };
    let weeks = if by_sku { &told.skus } else { &told.suppliers };
    let mut rows: Vec<ExpectedRow> = weeks.iter().map(row).collect();
    drop(book);
    let unfiltered = rows.len();
    let mut matcher = Matcher::new(&filter);
    rows.retain(|row| matcher.matches(&Ordered(row)));
    if let Some(column) = wanted.sort.as_deref() {
        rows.sort_by(|a, b| {
            let order = match column {
                "supplier" => a.week.supplier.cmp(&b.week.supplier),
                "sku" => a.week.sku.cmp(&b.week.sku),
                "week" => a.week.from.cmp(&b.week.from),
                _ => a.week.units.mean.total_cmp(&b.week.units.mean),
            };
            if wanted.descending { order.reverse() } else { order }
        });
    }
    Ok(page(&rows, unfiltered, wanted, |row| Some(row.clone())))
}

/// What is expected to be ordered as of now. `later`: of a table of which the first page was told already,
/// which is told on as it was.
fn told(house: &House, later: bool) -> Result<Arc<Expected>, Refusal> {
    let revision = *house.revision.borrow();
    let kept = house.expected.lock().clone();
    if let Some((_, told)) = kept.filter(|(of, _)| *of == revision || later) {
        return Ok(told);
    }
    let plan = house.planner.plan(house)?;
    let lines = plan.lines.values().map(|line| (&*line.at, line.plan.proposal()));
    let told = Arc::new(expected(lines, house.first_ahead()));
    *house.expected.lock() = Some((revision, told.clone()));
    Ok(told)
}

struct Ordered<'r>(&'r ExpectedRow);

impl FilterRow for Ordered<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        let row = self.0;
        Some(match field {
            "supplier" => Cow::Borrowed(row.week.supplier.as_str()),
            "name" => Cow::Owned(format!("{} {}", row.supplier_name, row.name)),
            "sku" => Cow::Borrowed(row.week.sku.as_ref()?.as_str()),
            "week" => Cow::Owned(row.week.from.to_string()),
            _ => return None,
        })
    }
    fn number(&self, field: &str) -> Option<f64> {
        (field == "units").then_some(self.0.week.units.mean)
    }
    fn flag(&self, _: &str) -> bool {
        false
    }
}
