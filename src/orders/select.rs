//! Which rows a table shows.

use super::filter::Filter;
use super::order_by::{Column, Sort};
use super::plan::{Mask, Plan};
use super::{Marks, OrderIndex, Row, moment, split};
use crate::domain::Timestamp;

impl OrderIndex {
    /// Every row that passes a filter, sorted.
    pub fn select(&self, filter: &Filter, sort: &Sort, marks: &dyn Marks) -> Vec<Row> {
        self.first(filter, sort, marks, usize::MAX)
    }

    /// The first `n` of [`OrderIndex::select`]. Sorted by time it looks at no more blocks of rows
    /// than it takes to find them.
    pub fn first(&self, filter: &Filter, sort: &Sort, marks: &dyn Marks, n: usize) -> Vec<Row> {
        let plan = Plan::new(self, filter);
        if plan.is_nothing() || n == 0 {
            return Vec::new();
        }
        match sort {
            Sort { column: Column::Placed, descending: true } => {
                self.passing(&plan, marks, n, self.by_time.iter().rev())
            }
            Sort { column: Column::Placed, descending: false } => {
                // Equal moments stand newest row first, as in every other order.
                self.passing(&plan, marks, n, self.oldest_first())
            }
            _ => {
                let rows = self.passing(&plan, marks, usize::MAX, self.by_time.iter().rev());
                self.sorted(rows, sort, n)
            }
        }
    }

    /// Rows by time, oldest first; those of one second newest row first.
    fn oldest_first(&self) -> impl Iterator<Item = &Row> {
        let same = |a: &Row, b: &Row| self.placed(*a) == self.placed(*b);
        self.by_time.chunk_by(same).flat_map(|rows| rows.iter().rev())
    }

    /// The first `n` of some rows that pass; blocks are looked through when first met.
    fn passing<'r>(
        &self,
        plan: &Plan,
        marks: &dyn Marks,
        n: usize,
        rows: impl Iterator<Item = &'r Row>,
    ) -> Vec<Row> {
        if plan.is_everything() {
            return rows.take(n).copied().collect();
        }
        let mut masks: Vec<Option<Mask>> = Vec::new();
        masks.resize_with(self.blocks.len(), || None);
        let passes = |row: &&Row| {
            let (block, i) = split(**row);
            let mask = masks.get_mut(block);
            mask.is_some_and(|m| m.get_or_insert_with(|| plan.run(self, block, marks)).get(i))
        };
        rows.filter(passes).take(n).copied().collect()
    }

    /// Rows placed from a moment to before another, oldest first.
    pub fn placed_between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl DoubleEndedIterator<Item = Row> {
        let before =
            |end: Timestamp| self.by_time.partition_point(|r| moment(self.placed(*r)) < end);
        let rows = self.by_time.get(before(from)..before(to)).unwrap_or(&[]);
        rows.iter().copied()
    }

    /// All rows by time, newest first.
    pub fn newest_first(&self) -> impl ExactSizeIterator<Item = Row> {
        self.by_time.iter().rev().copied()
    }

    /// How many rows stand before a row in [`OrderIndex::newest_first`].
    pub fn place_newest_first(&self, row: Row) -> Option<usize> {
        let key = (self.placed(row), row);
        let at = self.by_time.binary_search_by_key(&key, |other| (self.placed(*other), *other));
        at.ok().map(|at| self.by_time.len() - 1 - at)
    }

    /// Rows that are to ship and were placed before a moment, oldest first.
    pub fn to_ship_before(&self, end: Timestamp) -> impl Iterator<Item = Row> {
        let to_ship = |row: &Row| self.code_of(*row).is_some_and(|(status, _)| status.is_to_ship());
        self.open.range(..(super::seconds(end), 0)).map(|(_, row)| *row).filter(to_ship)
    }

    /// Rows whose units are promised, oldest first.
    pub fn open_rows(&self) -> impl DoubleEndedIterator<Item = Row> {
        self.open.iter().map(|(_, row)| *row)
    }
}
