//! What people decided.

use super::{asked, page};
use crate::domain::{Entry, Subject, Timestamp};
use crate::engine::api::{JournalRow, PageOf, Refusal, Rows};
use crate::engine::house::House;
use crate::orders::filter::{Bare, Field, FieldKind, Fields, FilterRow, Matcher};
use std::borrow::Cow;

/// What the journal can be filtered by.
pub static JOURNAL: Fields = Fields {
    fields: &[
        Field::number("seq", &["entry"]),
        Field { name: "at", aliases: &["when"], kind: FieldKind::Time, bare: Bare::No },
        Field { name: "user", aliases: &["who"], kind: FieldKind::Text, bare: Bare::Part },
        Field { name: "what", aliases: &["verb"], kind: FieldKind::Text, bare: Bare::Value },
        Field::phrase("decision", &[], Bare::Part),
        Field::phrase("from", &[], Bare::No),
    ],
    flags: &["undone", "undo"],
};

/// The columns that the table sorts by.
const COLUMNS: [&str; 4] = ["seq", "at", "user", "verb"];

/// A page of the journal, newest first unless sorted otherwise; entries that are equal in the
/// column stand newest first.
pub fn journal(house: &House, wanted: &PageOf) -> Result<Rows<JournalRow>, Refusal> {
    let filter = asked(house, wanted, &JOURNAL, &COLUMNS)?;
    // Entries have their moments in the order of their numbers.
    let by_number = matches!(wanted.sort.as_deref(), None | Some("seq" | "at"));
    // Who decides waits for the journal: it is let go between the entries, which never change.
    let count = house.journal.lock().len();
    let oldest_first = by_number && wanted.sort.is_some() && !wanted.descending;
    let order = |i: u64| if oldest_first { i + 1 } else { count - i };
    let row = |seq: u64| -> Option<JournalRow> {
        let entry = house.journal.lock().entry(seq).ok().flatten()?;
        Some(JournalRow { undone_by: house.marks.read().undone_by(entry.seq), entry })
    };
    if filter.is_everything() && by_number {
        let all: Vec<u64> = (0..count).map(order).collect();
        return Ok(page(&all, count as usize, wanted, |seq| row(*seq)));
    }
    let mut matcher = Matcher::new(&filter);
    let mut rows: Vec<JournalRow> = (0..count)
        .filter_map(|i| row(order(i)))
        .filter(|row| matcher.matches(&Shown(row)))
        .collect();
    if !by_number {
        let by_user = wanted.sort.as_deref() == Some("user");
        let key = |row: &JournalRow| match by_user {
            true => row.entry.actor.user.to_string(),
            false => row.entry.decision.verb().to_owned(),
        };
        rows.sort_by(|a, b| {
            let order = key(a).cmp(&key(b));
            if wanted.descending { order.reverse() } else { order }
        });
    }
    Ok(page(&rows, count as usize, wanted, |row| Some(row.clone())))
}

/// The newest entries, newest first.
pub fn newest(house: &House, limit: u64) -> Vec<JournalRow> {
    let journal = house.journal.lock();
    let marks = house.marks.read();
    let count = journal.len();
    let entries = (count.saturating_sub(limit) + 1..=count).rev();
    entries
        .filter_map(|seq| journal.entry(seq).ok().flatten())
        .map(|entry| JournalRow { undone_by: marks.undone_by(entry.seq), entry })
        .collect()
}

/// The entries about a subject, newest first.
pub fn about(house: &House, subject: &Subject) -> Vec<JournalRow> {
    let journal = house.journal.lock();
    let marks = house.marks.read();
    let entries = marks.about(subject).iter().rev();
    entries
        .filter_map(|seq| journal.entry(*seq).ok().flatten())
        .map(|entry| JournalRow { undone_by: marks.undone_by(entry.seq), entry })
        .collect()
}

struct Shown<'r>(&'r JournalRow);

impl Shown<'_> {
    fn entry(&self) -> &Entry {
        &self.0.entry
    }
}

impl FilterRow for Shown<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        let entry = self.entry();
        Some(match field {
            "user" => Cow::Borrowed(&*entry.actor.user),
            "from" => Cow::Borrowed(&*entry.actor.from),
            "what" => Cow::Borrowed(entry.decision.verb()),
            "decision" => Cow::Owned(entry.decision.summary()),
            _ => return None,
        })
    }
    fn number(&self, field: &str) -> Option<f64> {
        (field == "seq").then(|| self.entry().seq as f64)
    }
    fn time(&self, field: &str) -> Option<Timestamp> {
        (field == "at").then(|| self.entry().at)
    }
    fn flag(&self, flag: &str) -> bool {
        match flag {
            "undone" => self.0.undone_by.is_some(),
            "undo" => self.entry().undoes.is_some(),
            _ => false,
        }
    }
}
