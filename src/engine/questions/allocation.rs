//! Pages of open orders that need a choice from where they ship.

use super::{asked, page};
use crate::engine::api::{AllocationAbout, AllocationRow, PageOf, Refusal, Rows};
use crate::engine::house::House;
use crate::orders::filter::{Bare, Field, Fields, FilterRow, Matcher};
use crate::plan::shipping::Need;
use std::borrow::Cow;

/// What the table can be filtered by.
pub static ALLOCATIONS: Fields = Fields {
    fields: &[
        Field::text("order", Bare::Fuzzy),
        Field::text("site", Bare::Fuzzy),
        Field::text("country", Bare::Part),
        Field::text("zone", Bare::Part),
        Field::text("method", Bare::Part),
        Field::number("units", &["qty"]),
        Field::number("saves", &["saving"]),
    ],
    flags: &[
        "blocked", "short", "late", "split", "cheaper", "room", "clear", "doubt", "decided",
        "held", "failed", "priority",
    ],
};

/// The columns that the table sorts by.
const COLUMNS: [&str; 6] = ["order", "site", "zone", "placed", "units", "saves"];

/// A page of the orders that need a choice: blocked ones first, then what saves the most, and last what
/// is decided; and how all open orders are allocated.
pub fn allocations(
    house: &House,
    wanted: &PageOf,
) -> Result<(Rows<AllocationRow>, AllocationAbout), Refusal> {
    let filter = asked(house, wanted, &ALLOCATIONS, &COLUMNS)?;
    let board = house.allocator.board();
    let mut matcher = Matcher::new(&filter);
    let mut rows: Vec<&AllocationRow> =
        board.rows.iter().filter(|row| matcher.matches(&Shown(row))).collect();
    if let Some(column) = wanted.sort.as_deref() {
        rows.sort_by(|a, b| {
            let order = match column {
                "order" => a.key.cmp(&b.key),
                "site" => a.site.cmp(&b.site),
                "zone" => a.zone.cmp(&b.zone),
                "placed" => a.placed_at.cmp(&b.placed_at),
                "units" => a.units.cmp(&b.units),
                _ => a.saves().cmp(&b.saves()),
            };
            let order = if wanted.descending { order.reverse() } else { order };
            order.then_with(|| a.key.cmp(&b.key))
        });
    }
    let rows = page(&rows, board.rows.len(), wanted, |row| Some((*row).clone()));
    Ok((rows, board.about.clone()))
}

struct Shown<'r>(&'r AllocationRow);

impl FilterRow for Shown<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        let row = self.0;
        Some(Cow::Borrowed(match field {
            "order" => row.key.number.as_str(),
            "site" => row.site.as_str(),
            "country" => row.country.as_ref()?.as_str(),
            "zone" => &row.zone,
            "method" => row.method.as_deref()?,
            _ => return None,
        }))
    }
    fn number(&self, field: &str) -> Option<f64> {
        match field {
            "units" => Some(self.0.units.to_f64()),
            "saves" => {
                let minor = self.0.saves()? as f64;
                Some(minor / 10_f64.powi(self.0.currency.exponent() as i32))
            }
            _ => None,
        }
    }
    fn flag(&self, flag: &str) -> bool {
        let row = self.0;
        let has = |need| row.needs.contains(&need);
        match flag {
            "blocked" => has(Need::Blocked),
            "short" => has(Need::Short),
            "late" => has(Need::Late),
            "split" => has(Need::Split),
            "cheaper" => has(Need::Cheaper),
            "room" => has(Need::Room),
            "clear" => row.clear().is_some(),
            "doubt" => row.doubt.is_some(),
            "decided" => row.is_settled(),
            "failed" => row.decided.as_ref().is_some_and(|one| one.trouble().is_some()),
            "priority" => row.priority == Some(1),
            "held" => row.decided.as_ref().is_some_and(|one| one.holds),
            _ => false,
        }
    }
}
