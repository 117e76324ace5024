//! What people expect in place of the forecast, and what that was worth.

use super::stock::Read;
use super::{asked, page, store};
use crate::demand::SeriesKey;
use crate::domain::*;
use crate::engine::api::{OverrideRow, PageOf, Refusal, Rows};
use crate::engine::house::House;
use crate::engine::known::censor;
use crate::insight::forecast::{Override, Reach, Stage, ValueAdded};
use crate::orders::filter::{Bare, Field, Fields, FilterRow, Matcher};
use crate::store::{Store, StoreError};
use std::borrow::Cow;

/// What the table of overrides can be filtered by.
pub static OVERRIDES: Fields = Fields {
    fields: &[
        Field::number("entry", &["seq"]),
        Field::text("sku", Bare::Fuzzy),
        Field::phrase("name", &[], Bare::Fuzzy),
        Field::text("site", Bare::Part),
        Field::text("who", Bare::Part),
        Field::phrase("reason", &[], Bare::Part),
    ],
    flags: &["planned", "on", "over", "withdrawn"],
};

/// The columns that the table sorts by.
const COLUMNS: [&str; 3] = ["entry", "sku", "from"];

/// A page of overrides, newest first unless sorted otherwise.
pub fn overrides(house: &House, wanted: &PageOf) -> Result<Rows<OverrideRow>, Refusal> {
    let filter = asked(house, wanted, &OVERRIDES, &COLUMNS)?;
    let (all, first) = (house.overrides.read().clone(), house.first_ahead());
    let mut matcher = Matcher::new(&filter);
    let mut rows: Vec<OverrideRow> = {
        let book = house.stock.read();
        let name = |sku: &Sku| book.product_of(sku).and_then(|product| product.name.clone());
        let rows = all.iter().rev().map(|one| row(one, name(&one.sku).unwrap_or_default(), first));
        rows.filter(|row| matcher.matches(&Shown(row))).collect()
    };
    if let Some(column) = wanted.sort.as_deref() {
        rows.sort_by(|a, b| {
            let order = match column {
                "entry" => a.entry.cmp(&b.entry),
                "sku" => a.sku.cmp(&b.sku),
                _ => a.from.cmp(&b.from),
            };
            if wanted.descending { order.reverse() } else { order }
        });
    }
    let mut answer = page(&rows, all.iter().count(), wanted, |row| Some(row.clone()));
    let store = store(house)?;
    for row in &mut answer.rows {
        if let Some(one) = all.get(row.entry).filter(|_| row.stage == Stage::Over) {
            row.value = Some(value_added(house, &store, one)?);
        }
    }
    Ok(answer)
}

/// The overrides of a SKU, newest first.
pub fn of_sku(house: &House, sku: &Sku) -> Result<Vec<OverrideRow>, Refusal> {
    let (all, first) = (house.overrides.read().clone(), house.first_ahead());
    let store = store(house)?;
    let told = |one: &Override| -> Result<OverrideRow, Refusal> {
        let mut row = row(one, Box::default(), first);
        if row.stage == Stage::Over {
            row.value = Some(value_added(house, &store, one)?);
        }
        Ok(row)
    };
    all.of_sku(sku).rev().map(told).collect()
}

fn row(one: &Override, name: Box<str>, first: Day) -> OverrideRow {
    OverrideRow {
        entry: one.entry,
        who: one.who.clone(),
        at: one.at,
        sku: one.sku.clone(),
        name,
        site: one.site.clone(),
        from: one.from,
        to: one.to,
        last: one.last(),
        expects: one.expects,
        reason: one.reason.clone(),
        stage: one.stage(first),
        model: one.expected_by_model(),
        person: one.expected_by_person(),
        value: None,
    }
}

/// Days throughout which there was nothing to sell are missing, as they are to the model.
fn value_added(house: &House, store: &Store, one: &Override) -> Result<ValueAdded, StoreError> {
    let ledger = house.demand.read();
    one.value_added(|site, from, last| {
        let series = SeriesKey { sku: one.sku.clone(), site: site.clone() };
        let sold = ledger.series(&Read(store), &series, from, last)?;
        let mut sold: Vec<f32> =
            sold.into_iter().map(|units| (units.to_f64() as f32).max(0.0)).collect();
        censor(&ledger, store, &series, Reach { first: from, origin: last }, &mut sold)?;
        Ok(sold)
    })
}

struct Shown<'r>(&'r OverrideRow);

impl FilterRow for Shown<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        let row = self.0;
        Some(Cow::Borrowed(match field {
            "sku" => row.sku.as_str(),
            "name" => &row.name,
            "site" => row.site.as_ref()?.as_str(),
            "who" => &row.who,
            "reason" => &row.reason,
            _ => return None,
        }))
    }
    fn number(&self, field: &str) -> Option<f64> {
        (field == "entry").then_some(self.0.entry as f64)
    }
    fn flag(&self, flag: &str) -> bool {
        match flag {
            "planned" => self.0.stage == Stage::Planned,
            "on" => self.0.stage == Stage::InForce,
            "over" => self.0.stage == Stage::Over,
            "withdrawn" => self.0.stage == Stage::Withdrawn,
            _ => false,
        }
    }
}
