//! The logic of a paged table: a window of rows around what is seen, a cursor, marks, a filter, an
//! order.
//!
//! At most one question per table is under way; what changes meanwhile (a held key, typing, news)
//! is asked in one more question when the answer has come. So a table never floods the owner, and
//! old rows stay on the screen until new ones arrive.

use super::target::Target;
use crate::engine::api::{PageOf, Rows};
use std::collections::BTreeMap;

/// What a row of a paged table can do.
pub trait Row: Clone + PartialEq {
    /// Tells a row from all others of its table.
    fn key(&self) -> String;
    /// What the row is to the rest of the console.
    fn target(&self) -> Target;
}

/// A paged table.
#[derive(Clone, Debug)]
pub struct Table<T> {
    /// The rows that are here.
    pub rows: Vec<T>,
    /// Index of the first of them in the whole table.
    pub offset: usize,
    /// How many rows match in all.
    pub total: usize,
    /// How many there are without the filter.
    pub unfiltered: usize,
    /// Index of the first row shown.
    pub top: usize,
    /// Index of the row under the cursor.
    pub cursor: usize,
    /// Rows that fit on the screen.
    pub height: usize,
    /// The filter as typed.
    pub filter: String,
    /// Column sorted by.
    pub sort: Option<String>,
    /// Largest first.
    pub descending: bool,
    /// Marked rows by key.
    pub marks: BTreeMap<String, Target>,
    /// Where a range began.
    pub anchor: Option<usize>,
    /// Whether rows have ever come.
    pub loaded: bool,
    /// Why the last question was refused.
    pub error: Option<String>,
    under_way: Option<(u64, PageOf)>,
    shown: PageOf,
    ranged: BTreeMap<usize, String>,
    stale: bool,
    touched: bool,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table {
            rows: Vec::new(),
            offset: 0,
            total: 0,
            unfiltered: 0,
            top: 0,
            cursor: 0,
            height: 1,
            filter: String::new(),
            sort: None,
            descending: false,
            marks: BTreeMap::new(),
            anchor: None,
            loaded: false,
            error: None,
            under_way: None,
            shown: PageOf::default(),
            ranged: BTreeMap::new(),
            stale: true,
            touched: false,
        }
    }
}

/// What keys do to a table, whatever its rows are.
pub trait Scroll {
    /// Moves the cursor by rows.
    fn move_by(&mut self, rows: isize);
    /// Moves the cursor to a row.
    fn move_to(&mut self, row: usize);
    /// Rows that fit on the screen.
    fn height(&self) -> usize;
    /// Index of the first row shown.
    fn top(&self) -> usize;
    /// Rows in all.
    fn total(&self) -> usize;
    /// The filter.
    fn filter(&self) -> &str;
    /// Shows what matches another filter.
    fn set_filter(&mut self, filter: &str);
    /// Column sorted by and whether the largest comes first.
    fn order(&self) -> (Option<&str>, bool);
    /// Sorts.
    fn set_order(&mut self, sort: Option<&str>, descending: bool);
    /// Marks the row under the cursor or takes the mark off.
    fn mark(&mut self);
    /// Begins a range at the cursor, or ends it.
    fn range(&mut self);
    /// Takes all marks off; `false` if there were none.
    fn unmark(&mut self) -> bool;
    /// Marked rows.
    fn marked(&self) -> usize;
    /// What is under the cursor.
    fn target(&self) -> Option<Target>;
    /// What is marked, else what is under the cursor.
    fn targets(&self) -> Vec<Target>;
    /// Whether what is shown may be old.
    fn set_stale(&mut self);
    /// What the owner is to be asked now, if anything.
    fn wanted(&self) -> Option<PageOf>;
    /// A question was sent.
    fn asked(&mut self, tag: u64, page: PageOf);
    /// A question was refused; `true` if it was this table's.
    fn refused(&mut self, tag: u64, message: &str) -> bool;
    /// Tells how many rows fit.
    fn set_height(&mut self, rows: usize);
    /// Cursor position as it is remembered.
    fn cursor(&self) -> usize;
}

impl<T: Row> Table<T> {
    /// The row at an index of the whole table, if it is here.
    pub fn row(&self, index: usize) -> Option<&T> {
        self.rows.get(index.checked_sub(self.offset)?)
    }
    /// The row under the cursor, if it is here.
    pub fn selected(&self) -> Option<&T> {
        self.row(self.cursor)
    }
    /// Takes an answer; `true` if it was this table's question.
    pub fn answer(&mut self, tag: u64, rows: Rows<T>) -> bool {
        let Some((_, page)) = self.under_way.take_if(|(asked, _)| *asked == tag) else {
            return false;
        };
        let held = self.touched.then(|| self.selected().map(Row::key)).flatten();
        let same_list = self.shown.filter == page.filter
            && self.shown.sort == page.sort
            && self.shown.descending == page.descending;
        self.offset = rows.offset;
        self.total = rows.total;
        self.unfiltered = rows.unfiltered;
        self.rows = rows.rows;
        self.loaded = true;
        self.error = None;
        self.shown = page;
        if same_list && let Some(key) = held {
            self.follow(&key);
        }
        self.settle();
        self.extend_range();
        true
    }
    /// New rows came in above: the cursor stays on its row, for a key pressed now is meant for it.
    fn follow(&mut self, key: &str) {
        let Some(at) = self.rows.iter().position(|row| row.key() == key) else { return };
        let at = at + self.offset;
        if self.top > 0 {
            self.top = (self.top + at).saturating_sub(self.cursor);
        }
        self.cursor = at;
    }
    /// Keeps the cursor in the table and on the page; when it leaves the page, the page jumps by
    /// half, since scrolling row by row repaints everything over a slow line.
    fn settle(&mut self) {
        let height = self.height.max(1);
        if self.loaded {
            self.cursor = self.cursor.min(self.total.saturating_sub(1));
        }
        if self.cursor < self.top {
            let jump = (height / 2).max(1);
            self.top = self.cursor.saturating_sub(height.saturating_sub(jump));
            if self.cursor < jump {
                self.top = 0;
            }
        } else if self.cursor >= self.top + height {
            let jump = (height / 2).max(1);
            self.top = (self.cursor + jump).saturating_sub(height - 1);
        }
        if self.loaded {
            self.top = self.top.min(self.total.saturating_sub(height)).min(self.cursor);
        }
    }
    fn extend_range(&mut self) {
        let Some(anchor) = self.anchor else { return };
        let (from, to) = (anchor.min(self.cursor), anchor.max(self.cursor));
        let outside = self.ranged.extract_if(.., |index, _| *index < from || *index > to);
        let left: Vec<String> = outside.map(|(_, key)| key).collect();
        left.iter().for_each(|key| {
            self.marks.remove(key);
        });
        for index in from.max(self.offset)..=to.min(self.offset + self.rows.len()) {
            if let Some(row) = self.row(index) {
                let (key, target) = (row.key(), row.target());
                if self.marks.insert(key.clone(), target).is_none() {
                    self.ranged.insert(index, key);
                }
            }
        }
    }
    fn covers(&self, from: usize, to: usize) -> bool {
        let to = to.min(self.total);
        from >= to || (from >= self.offset && to <= self.offset + self.rows.len())
    }
}

impl<T: Row> Scroll for Table<T> {
    fn move_by(&mut self, rows: isize) {
        self.move_to(self.cursor.saturating_add_signed(rows));
    }
    fn move_to(&mut self, row: usize) {
        self.touched = true;
        self.cursor = if self.loaded { row.min(self.total.saturating_sub(1)) } else { row };
        self.settle();
        self.extend_range();
    }
    fn height(&self) -> usize {
        self.height
    }
    fn top(&self) -> usize {
        self.top
    }
    fn total(&self) -> usize {
        self.total
    }
    fn filter(&self) -> &str {
        &self.filter
    }
    fn set_filter(&mut self, filter: &str) {
        if self.filter != filter {
            self.filter = filter.to_owned();
            self.error = None;
            (self.top, self.cursor, self.anchor, self.touched) = (0, 0, None, false);
        }
    }
    fn order(&self) -> (Option<&str>, bool) {
        (self.sort.as_deref(), self.descending)
    }
    fn set_order(&mut self, sort: Option<&str>, descending: bool) {
        self.sort = sort.map(str::to_owned);
        self.descending = descending;
        self.error = None;
        (self.top, self.cursor, self.anchor, self.touched) = (0, 0, None, false);
    }
    fn mark(&mut self) {
        let Some(row) = self.selected() else { return };
        let (key, target) = (row.key(), row.target());
        if self.marks.remove(&key).is_none() {
            self.marks.insert(key, target);
        }
        self.anchor = None;
        self.move_by(1);
    }
    fn range(&mut self) {
        self.anchor = if self.anchor.is_some() { None } else { Some(self.cursor) };
        self.ranged.clear();
        self.extend_range();
    }
    fn unmark(&mut self) -> bool {
        let had = !self.marks.is_empty() || self.anchor.is_some();
        self.marks.clear();
        self.ranged.clear();
        self.anchor = None;
        had
    }
    fn marked(&self) -> usize {
        self.marks.len()
    }
    fn target(&self) -> Option<Target> {
        self.selected().map(Row::target)
    }
    fn targets(&self) -> Vec<Target> {
        if self.marks.is_empty() {
            self.target().into_iter().collect()
        } else {
            self.marks.values().cloned().collect()
        }
    }
    fn set_stale(&mut self) {
        self.stale = true;
    }
    fn wanted(&self) -> Option<PageOf> {
        if self.under_way.is_some() || (self.error.is_some() && !self.stale) {
            return None;
        }
        let same_list = self.shown.filter == self.filter
            && self.shown.sort == self.sort
            && self.shown.descending == self.descending;
        let ahead = self.height / 2;
        let seen = self.covers(self.top.saturating_sub(ahead), self.top + self.height + ahead);
        if self.loaded && !self.stale && same_list && seen {
            return None;
        }
        Some(PageOf {
            filter: self.filter.clone(),
            sort: self.sort.clone(),
            descending: self.descending,
            offset: self.top.saturating_sub(self.height),
            limit: (self.height * 3).max(30),
        })
    }
    fn asked(&mut self, tag: u64, page: PageOf) {
        self.under_way = Some((tag, page));
        self.stale = false;
    }
    fn refused(&mut self, tag: u64, message: &str) -> bool {
        let Some((_, page)) = self.under_way.take_if(|(asked, _)| *asked == tag) else {
            return false;
        };
        // Typing has gone on since: the answer to what is typed now counts, not this one.
        if page.filter == self.filter {
            self.error = Some(message.to_owned());
        }
        true
    }
    fn set_height(&mut self, rows: usize) {
        self.height = rows.max(1);
        self.settle();
    }
    fn cursor(&self) -> usize {
        self.cursor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Number(usize);
    impl Row for Number {
        fn key(&self) -> String {
            self.0.to_string()
        }
        fn target(&self) -> Target {
            Target { key: self.key(), ..Target::default() }
        }
    }

    fn serve(table: &mut Table<Number>, numbers: &[usize]) -> bool {
        let Some(page) = table.wanted() else { return false };
        table.asked(7, page.clone());
        let rows = numbers.iter().skip(page.offset).take(page.limit).map(|n| Number(*n)).collect();
        let total = numbers.len();
        table.answer(7, Rows { rows, total, unfiltered: total, offset: page.offset })
    }

    fn table(numbers: &[usize]) -> Table<Number> {
        let mut table = Table { height: 10, ..Table::default() };
        assert!(serve(&mut table, numbers));
        table
    }

    #[test]
    fn a_held_key_asks_once_at_a_time_and_catches_up() {
        let numbers: Vec<usize> = (0..1_000).collect();
        let mut table = table(&numbers);
        table.move_by(40);
        let page = table.wanted().expect("the next window");
        table.asked(1, page);
        for _ in 0..100 {
            table.move_by(1);
            assert_eq!(table.wanted(), None, "one question at a time");
        }
        assert!(table.answer(1, Rows { rows: vec![], total: 1_000, unfiltered: 1_000, offset: 0 }));
        assert!(serve(&mut table, &numbers));
        assert_eq!(table.selected(), Some(&Number(140)));
        assert_eq!(table.wanted(), None, "what is seen is here");
    }

    #[test]
    fn the_page_stands_still_until_the_cursor_leaves_it_and_then_jumps_by_half() {
        let numbers: Vec<usize> = (0..100).collect();
        let mut table = table(&numbers);
        (0..9).for_each(|_| table.move_by(1));
        assert_eq!((table.cursor, table.top), (9, 0));
        table.move_by(1);
        assert_eq!((table.cursor, table.top), (10, 6));
        table.move_to(99);
        assert_eq!(table.top, 90);
        table.move_by(-10);
        assert!(table.top < 89 && table.top + 10 > 89);
        table.move_to(0);
        assert_eq!(table.top, 0);
    }

    #[test]
    fn the_cursor_stays_on_its_row_when_new_rows_come_in_above() {
        let mut table = table(&[10, 11, 12, 13]);
        table.move_by(2);
        table.set_stale();
        assert!(serve(&mut table, &[8, 9, 10, 11, 12, 13]));
        assert_eq!(table.selected(), Some(&Number(12)));
    }

    #[test]
    fn a_range_marks_what_lies_between() {
        let numbers: Vec<usize> = (0..100).collect();
        let mut table = table(&numbers);
        table.move_to(3);
        table.range();
        table.move_by(4);
        assert_eq!(table.marked(), 5);
        table.move_by(-2);
        assert_eq!(table.targets().len(), 3, "going back takes marks off again");
        assert!(table.unmark());
        assert!(!table.unmark());
    }

    #[test]
    fn an_answer_to_an_older_question_is_not_taken() {
        let mut table = table(&[1, 2, 3]);
        let stray = Rows { rows: vec![Number(9)], total: 1, unfiltered: 1, offset: 0 };
        assert!(!table.answer(99, stray));
        assert_eq!(table.total, 3);
    }
}
