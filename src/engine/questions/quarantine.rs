//! What could not be understood.

use super::{page, store};
use crate::engine::api::{PageOf, QuarantineRow, Refusal, Rows};
use crate::engine::house::House;
use crate::engine::tables;
use crate::orders::filter::{FilterRow, Filter, QUARANTINE};

/// A page of it, newest first unless the page says ascending by a column.
pub fn quarantine(house: &House, wanted: &PageOf) -> Result<Rows<QuarantineRow>, Refusal> {
    let filter = Filter::parse(&wanted.filter, &QUARANTINE)
        .map_err(|error| Refusal::usage(error.to_string()))?;
    let mut rows = Vec::new();
    let mut all = 0;
    for record in store(house)?.scan::<tables::Quarantine>(..).rev() {
        let (seq, kept) = record?;
        all += 1;
        let row = QuarantineRow { seq, feed: kept.feed, at: kept.at, reject: kept.reject };
        if filter.matches(&Kept(&row)) {
            rows.push(row);
        }
    }
    if wanted.sort.is_some() && !wanted.descending {
        rows.reverse();
    }
    Ok(page(&rows, all, wanted, |row| Some(row.clone())))
}

struct Kept<'r>(&'r QuarantineRow);

impl FilterRow for Kept<'_> {
    fn text(&self, field: &str) -> Option<&str> {
        match field {
            "feed" => Some(self.0.feed.as_str()),
            "place" => Some(&self.0.reject.place),
            "reason" => Some(&self.0.reject.reason),
            "excerpt" => Some(&self.0.reject.excerpt),
            _ => None,
        }
    }
    fn number(&self, field: &str) -> Option<f64> {
        (field == "seq").then_some(self.0.seq as f64)
    }
    fn flag(&self, _: &str) -> bool {
        false
    }
}
