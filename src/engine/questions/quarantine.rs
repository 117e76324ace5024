//! What could not be understood.

use super::{asked, page, store};
use crate::engine::api::{PageOf, QuarantineRow, Refusal, Rows};
use crate::engine::house::House;
use crate::engine::tables;
use crate::orders::filter::{Bare, Field, Fields, FilterRow, Matcher};
use std::borrow::Cow;
use std::cmp::Ordering;

/// What the quarantine can be filtered by.
pub static QUARANTINE: Fields = Fields {
    fields: &[
        Field::number("seq", &[]),
        Field::text("feed", Bare::Part),
        Field::phrase("place", &[], Bare::Part),
        Field::phrase("reason", &[], Bare::Part),
        Field::phrase("excerpt", &[], Bare::Part),
    ],
    flags: &[],
};

/// The columns that the table sorts by.
const COLUMNS: [&str; 5] = ["seq", "at", "feed", "reason", "place"];

/// A page of it, newest first unless sorted otherwise; rows that are equal in the column stand
/// newest first.
pub fn quarantine(house: &House, wanted: &PageOf) -> Result<Rows<QuarantineRow>, Refusal> {
    let filter = asked(house, wanted, &QUARANTINE, &COLUMNS)?;
    let mut matcher = Matcher::new(&filter);
    let mut rows = Vec::new();
    let mut all = 0;
    for record in store(house)?.scan::<tables::Quarantine>(..).rev() {
        let (seq, kept) = record?;
        all += 1;
        let row = QuarantineRow {
            seq,
            feed: kept.feed,
            at: kept.at,
            reject: kept.reject,
            kept: kept.raw.is_some(),
            attempts: kept.attempts,
        };
        if matcher.matches(&Kept(&row)) {
            rows.push(row);
        }
    }
    if let Some(column) = wanted.sort.as_deref() {
        rows.sort_by(|a, b| {
            let order = by_column(column, a, b);
            if wanted.descending { order.reverse() } else { order }
        });
    }
    Ok(page(&rows, all, wanted, |row| Some(row.clone())))
}

fn by_column(column: &str, a: &QuarantineRow, b: &QuarantineRow) -> Ordering {
    match column {
        "at" => a.at.cmp(&b.at),
        "feed" => a.feed.cmp(&b.feed),
        "reason" => a.reject.reason.cmp(&b.reject.reason),
        "place" => a.reject.place.cmp(&b.reject.place),
        _ => a.seq.cmp(&b.seq),
    }
}

struct Kept<'r>(&'r QuarantineRow);

impl FilterRow for Kept<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(match field {
            "feed" => self.0.feed.as_str(),
            "place" => &self.0.reject.place,
            "reason" => &self.0.reject.reason,
            "excerpt" => &self.0.reject.excerpt,
            _ => return None,
        }))
    }
    fn number(&self, field: &str) -> Option<f64> {
        (field == "seq").then_some(self.0.seq as f64)
    }
    fn flag(&self, _: &str) -> bool {
        false
    }
}
