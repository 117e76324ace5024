//! The logic of a paged table: a window of rows around what is seen, a cursor, marks, a filter, an
//! order.
//!
//! At most one question per table is under way; what changes meanwhile (a held key, typing, news)
//! is asked in one more question when the answer has come. So a table never floods the owner, and
//! old rows stay on the screen until new ones arrive.

use super::range::{Marks, Range};
use super::target::Target;
use crate::engine::api::{PageOf, Rows};

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
    pub marks: Marks,
    /// Whether rows have ever come.
    pub loaded: bool,
    /// Why the last question was refused.
    pub error: Option<String>,
    under_way: Option<(u64, PageOf)>,
    /// Whether that question fills a gap in a range, and not the window.
    filling: bool,
    shown: PageOf,
    range: Option<Range>,
    stale: bool,
    touched: bool,
    /// A row that was decided about, and the next one that was not.
    heir: Option<(String, String)>,
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
            marks: Marks::new(),
            loaded: false,
            error: None,
            under_way: None,
            filling: false,
            shown: PageOf::default(),
            range: None,
            stale: true,
            touched: false,
            heir: None,
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
    /// Whether the owner refused the filter.
    fn is_refused(&self) -> bool;
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
    /// Rows of a range that are marked, and rows that it holds, while not all of them are.
    fn incomplete(&self) -> Option<(usize, usize)>;
    /// What is marked, else what is under the cursor, is decided about: the cursor does not go along with it to
    /// another place in the list, but on to the next row.
    fn leave(&mut self);
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
        if std::mem::take(&mut self.filling) {
            self.fill(&page, &rows);
            return true;
        }
        let held = self.touched.then(|| self.selected().map(Row::key)).flatten();
        let same_list = self.is_list(&page, &self.shown);
        self.offset = rows.offset;
        self.total = rows.total;
        self.unfiltered = rows.unfiltered;
        self.rows = rows.rows;
        self.loaded = true;
        self.error = None;
        self.shown = page;
        let at = self.cursor;
        if same_list
            && let Some(key) = held
            && let Some(key) = self.heir_of(key)
        {
            self.follow(&key);
        }
        if let Some(range) = &mut self.range {
            let by = isize::try_from(self.cursor).unwrap_or(0).saturating_sub_unsigned(at);
            let rows = (self.offset..).zip(self.rows.iter().map(Row::key));
            range.shift(if by == 0 { range.shifted(rows).unwrap_or(0) } else { by });
        }
        self.settle();
        self.extend_range();
        true
    }
    fn is_list(&self, a: &PageOf, b: &PageOf) -> bool {
        a.filter == b.filter && a.sort == b.sort && a.descending == b.descending
    }
    /// Marks rows of a range that lie outside the window. The answer's first row was known: where
    /// it stands now tells how far the list has shifted since.
    fn fill(&mut self, page: &PageOf, rows: &Rows<T>) {
        let Some(range) = &mut self.range else { return };
        let known = range.key(page.offset).map(str::to_owned);
        let first = known.and_then(|key| rows.rows.iter().position(|row| row.key() == key));
        let Some(first) = first.filter(|_| rows.rows.len() > 1) else {
            range.lose();
            return;
        };
        let before = range.incomplete(self.cursor);
        for (at, row) in (page.offset..).zip(rows.rows.iter().skip(first)) {
            range.see(at, self.cursor, row.key(), row.target(), &mut self.marks);
        }
        if range.incomplete(self.cursor) == before {
            range.lose();
        }
    }
    /// The row that the cursor stays on instead of this one, where this one was decided about and has gone
    /// from before the next; `None`: that one is far away as well, and whatever stands here now is next.
    fn heir_of(&mut self, key: String) -> Option<String> {
        let Some((_, heir)) = self.heir.take_if(|(left, _)| *left == key) else { return Some(key) };
        let at = |key: &str| self.rows.iter().position(|row| row.key() == key);
        match (at(&key), at(&heir)) {
            (Some(left), Some(next)) if left < next => {
                self.heir = Some((key.clone(), heir));
                Some(key)
            }
            (_, Some(next)) if next + self.offset < self.cursor + self.height => Some(heir),
            _ => None,
        }
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
        let Some(range) = &mut self.range else { return };
        range.shrink(self.cursor, &mut self.marks);
        for (at, row) in (self.offset..).zip(&self.rows) {
            range.check(at, &row.key(), &mut self.marks);
        }
        for (at, row) in (self.offset..).zip(&self.rows) {
            range.see(at, self.cursor, row.key(), row.target(), &mut self.marks);
        }
    }
    /// Whether a range is being marked.
    pub fn is_ranging(&self) -> bool {
        self.range.as_ref().is_some_and(Range::is_open)
    }
    /// Whether rows of a range are still being fetched.
    pub fn is_filling(&self) -> bool {
        self.range.as_ref().is_some_and(|range| range.is_filling(self.cursor))
    }
    /// The window to ask for, if what is seen is not here or old.
    fn window(&self) -> Option<PageOf> {
        if self.error.is_some() && !self.stale {
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
        Some(self.page(self.top.saturating_sub(self.height), (self.height * 3).max(30)))
    }
    /// The next rows of a range that lie outside the window.
    fn gap(&self) -> Option<PageOf> {
        let (offset, limit) = self.range.as_ref()?.gap(self.cursor)?;
        Some(self.page(offset, limit))
    }
    fn page(&self, offset: usize, limit: usize) -> PageOf {
        PageOf {
            filter: self.filter.clone(),
            sort: self.sort.clone(),
            descending: self.descending,
            offset,
            limit,
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
        (self.touched, self.heir) = (true, None);
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
    fn is_refused(&self) -> bool {
        self.error.is_some()
    }
    fn set_filter(&mut self, filter: &str) {
        if self.filter != filter {
            self.filter = filter.to_owned();
            self.error = None;
            (self.top, self.cursor, self.range, self.touched) = (0, 0, None, false);
            self.heir = None;
        }
    }
    fn order(&self) -> (Option<&str>, bool) {
        (self.sort.as_deref(), self.descending)
    }
    fn set_order(&mut self, sort: Option<&str>, descending: bool) {
        self.sort = sort.map(str::to_owned);
        self.descending = descending;
        self.error = None;
        (self.top, self.cursor, self.range, self.touched) = (0, 0, None, false);
        self.heir = None;
    }
    fn mark(&mut self) {
        let Some(row) = self.selected() else { return };
        let (key, target) = (row.key(), row.target());
        if self.marks.remove(&key).is_none() {
            self.marks.insert(key, target);
        }
        self.range = None;
        self.move_by(1);
    }
    fn range(&mut self) {
        self.touched = true;
        match &mut self.range {
            Some(range) if range.is_open() => range.finish(self.cursor),
            _ => {
                self.range = Some(Range::at(self.cursor));
                self.extend_range();
            }
        }
    }
    fn unmark(&mut self) -> bool {
        let had = !self.marks.is_empty() || self.range.is_some();
        self.marks.clear();
        self.range = None;
        had
    }
    fn leave(&mut self) {
        let decided = |key: &str| match self.marks.is_empty() {
            true => self.selected().is_some_and(|row| row.key() == key),
            false => self.marks.contains_key(key),
        };
        let here = self.cursor.saturating_sub(self.offset);
        let mut rows = self.rows.iter().map(Row::key).skip(here);
        let left = rows.next().filter(|key| decided(key));
        self.heir = left.zip(rows.find(|key| !decided(key)));
        // Whoever decides line by line is at the row, however the cursor came to it.
        self.touched = true;
    }
    fn incomplete(&self) -> Option<(usize, usize)> {
        self.range.as_ref()?.incomplete(self.cursor)
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
        if self.under_way.is_some() {
            return None;
        }
        self.window().or_else(|| self.gap())
    }
    fn asked(&mut self, tag: u64, page: PageOf) {
        self.filling = self.window().is_none();
        self.under_way = Some((tag, page));
        self.stale = false;
    }
    fn refused(&mut self, tag: u64, message: &str) -> bool {
        let Some((_, page)) = self.under_way.take_if(|(asked, _)| *asked == tag) else {
            return false;
        };
        if std::mem::take(&mut self.filling)
            && let Some(range) = &mut self.range
        {
            range.lose();
        }
        // Typing has gone on since: the answer to what is typed now counts, not this one.
        if page.filter == self.filter {
            self.error = Some(message.to_owned());
            if page.filter != self.shown.filter {
                // What stands here matches another filter: nobody is to decide on it under this one.
                (self.rows, self.total, self.offset) = (Vec::new(), 0, 0);
                self.shown = page;
            }
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
mod tests;
