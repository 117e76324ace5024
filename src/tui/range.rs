//! A range of rows that is being marked on a table that lives.
//!
//! Rows come in and go while a person marks: an index alone would come to mean another row. So a
//! range remembers the key of every row it has seen, follows them when the list shifts, and knows
//! which rows between its ends it has not seen yet, so that they can be fetched.

use super::target::Target;
use std::collections::BTreeMap;

/// The most rows that a range marks.
pub const MOST: usize = 5_000;
/// Rows asked for at once to fill a gap.
const PAGE: usize = 500;

/// Marked rows by key.
pub type Marks = BTreeMap<String, Target>;

/// A range from its anchor to the cursor, or to where it was ended.
#[derive(Clone, Debug, Default)]
pub struct Range {
    anchor: usize,
    end: Option<usize>,
    known: BTreeMap<usize, Known>,
    lost: bool,
}

#[derive(Clone, Debug)]
struct Known {
    key: String,
    /// Whether the range set the mark: one that was there before stays when the range shrinks.
    ours: bool,
}

impl Range {
    /// Begins at a row.
    pub fn at(anchor: usize) -> Self {
        Range { anchor, ..Range::default() }
    }
    /// Stops following the cursor.
    pub fn finish(&mut self, cursor: usize) {
        self.end.get_or_insert(cursor);
    }
    /// Whether it follows the cursor.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }
    /// First and last row, at most [`MOST`] of them, counted from the anchor.
    fn span(&self, cursor: usize) -> (usize, usize) {
        let end = self.end.unwrap_or(cursor);
        if end >= self.anchor {
            (self.anchor, end.min(self.anchor + MOST - 1))
        } else {
            (end.max((self.anchor + 1).saturating_sub(MOST)), self.anchor)
        }
    }
    /// The list shifted: all that is known moves along.
    pub fn shift(&mut self, by: isize) {
        if by == 0 {
            return;
        }
        self.anchor = self.anchor.saturating_add_signed(by);
        self.end = self.end.map(|end| end.saturating_add_signed(by));
        let known = std::mem::take(&mut self.known);
        self.known =
            known.into_iter().map(|(at, row)| (at.saturating_add_signed(by), row)).collect();
    }
    /// How far the list has shifted, by a row that is known: its new index less its old one.
    pub fn shifted(&self, rows: impl Iterator<Item = (usize, String)>) -> Option<isize> {
        let at: BTreeMap<&str, usize> =
            self.known.iter().map(|(at, row)| (row.key.as_str(), *at)).collect();
        for (now, key) in rows {
            if let Some(then) = at.get(key.as_str()) {
                return isize::try_from(now).ok()?.checked_sub_unsigned(*then);
            }
        }
        None
    }
    /// Takes marks off that the cursor's way back has left outside.
    pub fn shrink(&mut self, cursor: usize, marks: &mut Marks) {
        let (from, to) = self.span(cursor);
        let outside = self.known.extract_if(.., |at, _| *at < from || *at > to);
        for (_, row) in outside.filter(|(_, row)| row.ours) {
            marks.remove(&row.key);
        }
    }
    /// Another row stands at an index than was known: the one that stood there is let go.
    pub fn check(&mut self, at: usize, key: &str, marks: &mut Marks) {
        if self.known.get(&at).is_some_and(|row| row.key != key)
            && let Some(row) = self.known.remove(&at)
            && row.ours
        {
            marks.remove(&row.key);
        }
    }
    /// A row was seen at an index: it is marked if it lies between the ends.
    pub fn see(
        &mut self,
        at: usize,
        cursor: usize,
        key: String,
        target: Target,
        marks: &mut Marks,
    ) {
        let (from, to) = self.span(cursor);
        if at < from || at > to {
            return;
        }
        if self.known.contains_key(&at) {
            return;
        }
        let ours = marks.insert(key.clone(), target).is_none();
        self.known.insert(at, Known { key, ours });
    }
    /// The key of a row that is known.
    pub fn key(&self, at: usize) -> Option<&str> {
        self.known.get(&at).map(|row| row.key.as_str())
    }
    /// Rows to fetch: index and number. The first of them is known already, so that the answer
    /// shows whether the list has shifted meanwhile.
    pub fn gap(&self, cursor: usize) -> Option<(usize, usize)> {
        let (from, to) = self.span(cursor);
        if self.lost || self.known.len() > to - from {
            return None;
        }
        let missing = (from..=to).find(|at| !self.known.contains_key(at))?;
        let first = missing.saturating_sub(1);
        self.known.contains_key(&first).then(|| (first, (to + 1 - first).min(PAGE)))
    }
    /// The list changed so that what is missing cannot be told any more.
    pub fn lose(&mut self) {
        self.lost = true;
    }
    /// Rows marked and rows between the ends, while the one is less than the other.
    pub fn incomplete(&self, cursor: usize) -> Option<(usize, usize)> {
        let all = self.end.unwrap_or(cursor).abs_diff(self.anchor) + 1;
        (self.known.len() < all).then_some((self.known.len(), all))
    }
    /// Whether the missing rows are still being fetched.
    pub fn is_filling(&self, cursor: usize) -> bool {
        self.gap(cursor).is_some()
    }
}
