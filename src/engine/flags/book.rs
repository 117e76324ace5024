//! All flags in memory: which orders were flagged and in which case, what else was raised, and what
//! scores.

use super::kept::{KeptFlag, KeptRaised, KeptVersion};
use crate::domain::{CaseId, CaseKind, OrderKey, Timestamp};
use crate::engine::api::{RuleTest, Scoring};
use crate::insight::anomaly::models::Models;
use crate::orders::Row;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What came of an attempt to learn from decisions.
#[derive(Clone, Debug)]
pub struct Learnt {
    /// One sentence.
    pub said: Box<str>,
    /// The decisions that there were, where nothing came of them.
    in_vain: Option<usize>,
}

impl Learnt {
    /// What came of so many decisions, and whether anything did.
    pub fn of(said: Box<str>, decisions: usize, helped: bool) -> Self {
        Learnt { said, in_vain: (!helped).then_some(decisions) }
    }
    /// Whether it still says something with so many decisions.
    pub fn holds(&self, decisions: usize) -> bool {
        self.in_vain.is_none_or(|before| before == decisions)
    }
}

/// From this probability on an order waits for somebody.
pub const ASKED: f32 = 0.2;

/// Everything that is flagged.
#[derive(Default)]
pub struct Book {
    flags: BTreeMap<Row, Arc<KeptFlag>>,
    rows: HashMap<OrderKey, Row>,
    /// Cases of orders by number: the rows of their flagged orders.
    cases: BTreeMap<u64, Vec<Row>>,
    raised: BTreeMap<CaseId, KeptRaised>,
    /// The cases of feeds in which an order was told wrongly.
    told: HashMap<OrderKey, Vec<CaseId>>,
    /// What scores.
    pub scoring: Scoring,
    /// The network that scores, unless rules alone do.
    pub models: Option<Arc<Models>>,
    /// All versions that are kept.
    pub versions: BTreeMap<u32, KeptVersion>,
    /// What came of the last attempt to learn from decisions.
    pub learnt: Option<Learnt>,
    /// What rules would have said of the past, as far as it was asked.
    pub tests: BTreeMap<Box<str>, RuleTest>,
}

impl Book {
    /// Forgets all flags, to be read anew.
    pub fn clear(&mut self) {
        self.flags.clear();
        self.rows.clear();
        self.cases.clear();
        self.raised.clear();
        self.told.clear();
    }
    /// Puts in what was said of an order, in place of what was said before.
    pub fn put(&mut self, row: Row, flag: KeptFlag) {
        self.remove(row);
        self.rows.insert(flag.order.clone(), row);
        let rows = self.cases.entry(flag.case).or_default();
        rows.insert(rows.partition_point(|known| *known < row), row);
        self.flags.insert(row, Arc::new(flag));
    }
    /// Takes a flag out.
    pub fn remove(&mut self, row: Row) -> Option<Arc<KeptFlag>> {
        let old = self.flags.remove(&row)?;
        self.rows.remove(&old.order);
        if let Some(rows) = self.cases.get_mut(&old.case) {
            rows.retain(|known| *known != row);
            if rows.is_empty() {
                self.cases.remove(&old.case);
            }
        }
        Some(old)
    }
    /// What was said of the order in a row.
    pub fn flag(&self, row: Row) -> Option<&Arc<KeptFlag>> {
        self.flags.get(&row)
    }
    /// All flags, in the order of their orders' arrival.
    pub fn flags(&self) -> impl Iterator<Item = (Row, &Arc<KeptFlag>)> {
        self.flags.iter().map(|(row, flag)| (*row, flag))
    }
    /// What was said of an order.
    pub fn of_order(&self, order: &OrderKey) -> Option<&Arc<KeptFlag>> {
        self.flags.get(self.rows.get(order)?)
    }
    /// Rows of the flagged orders of a case, in the order of their arrival; empty: there is no such case
    /// of flagged orders.
    pub fn rows_of(&self, case: CaseId) -> &[Row] {
        match case.kind {
            CaseKind::Order => self.cases.get(&case.number).map_or(&[][..], Vec::as_slice),
            _ => &[],
        }
    }
    /// All cases of orders, each with its flagged orders.
    pub fn cases(&self) -> impl Iterator<Item = (CaseId, Vec<(Row, &KeptFlag)>)> {
        self.cases.iter().map(|(number, rows)| {
            let flags = rows.iter().filter_map(|row| Some((*row, &**self.flags.get(row)?)));
            (CaseId { kind: CaseKind::Order, number: *number }, flags.collect())
        })
    }
    /// Something raised that is not about orders.
    pub fn raised(&self, case: CaseId) -> Option<&KeptRaised> {
        self.raised.get(&case)
    }
    /// All that is raised beside orders, that which is over too.
    pub fn all_raised(&self) -> impl Iterator<Item = (CaseId, &KeptRaised)> {
        self.raised.iter().map(|(case, one)| (*case, one))
    }
    /// Puts in something raised that is not about orders.
    pub fn put_raised(&mut self, case: CaseId, one: KeptRaised) {
        self.remove_raised(case);
        for (order, _) in &one.raised.told.orders {
            self.told.entry(order.clone()).or_default().push(case);
        }
        self.raised.insert(case, one);
    }
    /// Forgets something raised.
    pub fn remove_raised(&mut self, case: CaseId) {
        let Some(old) = self.raised.remove(&case) else { return };
        for (order, _) in &old.raised.told.orders {
            if let Some(cases) = self.told.get_mut(order) {
                cases.retain(|known| *known != case);
                if cases.is_empty() {
                    self.told.remove(order);
                }
            }
        }
    }
    /// The cases of feeds in which an order was told wrongly.
    pub fn told_wrong(&self, order: &OrderKey) -> &[CaseId] {
        self.told.get(order).map_or(&[][..], Vec::as_slice)
    }
    /// Whether there is a case.
    pub fn has(&self, case: CaseId) -> bool {
        match case.kind {
            CaseKind::Order => self.cases.contains_key(&case.number),
            _ => self.raised.contains_key(&case),
        }
    }
    /// Rows of flags of orders that were placed from a moment on.
    pub fn placed_since(&self, since: Timestamp) -> Vec<Row> {
        let late = self.flags.iter().filter(|(_, flag)| flag.at >= since);
        late.map(|(row, _)| *row).collect()
    }
}
