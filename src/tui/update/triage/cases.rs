//! The cases that a decision goes to, and how they are spoken of.

use super::super::super::state::{Body, State};
use super::super::super::theme::Glyphs;
use super::super::super::words;
use super::orders_words;
use crate::domain::{CaseAct, CaseId, CaseKind, Money, Severity};
use crate::engine::api::CaseRow;
use serde::{Deserialize, Serialize};

/// Cases beyond this many are told by their number.
const NAMED: usize = 3;

/// A case that a decision goes to, as it was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meant {
    /// Which.
    pub case: CaseId,
    /// What it is about.
    pub what: Box<str>,
    /// Orders that nobody has decided on.
    pub undecided: u32,
    /// Money at stake.
    pub at_stake: Money,
    /// Whose it is.
    pub assigned: Option<Box<str>>,
    /// What the row showed.
    pub saw: String,
}

impl Meant {
    /// Of a row.
    pub fn of(row: &CaseRow) -> Self {
        Meant {
            case: row.case,
            what: row.what.clone(),
            undecided: row.undecided,
            at_stake: row.at_stake,
            assigned: row.assigned.clone(),
            saw: saw(row),
        }
    }
    /// Whether it is about orders.
    pub fn has_orders(&self) -> bool {
        self.case.kind == CaseKind::Order
    }
}

/// What a row showed, in words and numbers.
pub fn saw(row: &CaseRow) -> String {
    let orders = orders_words(row);
    let orders = if orders.is_empty() { orders } else { format!(", {orders}") };
    format!(
        "case {} {} ({:.0} %): {}{orders}, {} {} at stake; {}",
        row.case,
        Severity::of(row.severity).word(),
        100.0 * row.severity,
        row.what,
        row.at_stake,
        row.at_stake.currency,
        row.reason
    )
}

/// The row of the case that is selected or shown.
pub fn row_of(state: &State) -> Option<&CaseRow> {
    match &state.page().body {
        Body::Flags(queue) => queue.table.selected(),
        Body::Case(case) => case.panel.data.as_ref().map(|detail| &detail.row),
        _ => None,
    }
}

/// The cases that a decision goes to: the marked ones, else the selected one or the one shown.
pub fn meant(state: &State) -> Result<Vec<Meant>, String> {
    if let Some((seen, all)) = state.page().table().and_then(|table| table.incomplete()) {
        let (seen, all) = (words::count(seen as u64), words::count(all as u64));
        return Err(format!(
            "Only {seen} of {all} rows of the range are marked; wait, or narrow with /."
        ));
    }
    let cases: Vec<Meant> = match &state.page().body {
        Body::Case(_) => row_of(state).map(Meant::of).into_iter().collect(),
        _ => state.targets().iter().filter_map(|t| t.case.as_deref().map(Meant::of)).collect(),
    };
    if cases.is_empty() { Err("Select a case first.".into()) } else { Ok(cases) }
}

/// `case O121`, `cases O121 and O7`, `5 cases`.
pub fn named(cases: &[Meant]) -> String {
    let names: Vec<String> = cases.iter().map(|case| case.case.to_string()).collect();
    match names.as_slice() {
        [one] => format!("case {one}"),
        [first @ .., last] if names.len() <= NAMED => {
            format!("cases {} and {last}", first.join(", "))
        }
        many => format!("{} cases", words::count(many.len() as u64)),
    }
}

/// What a verdict means, before it is given. `marked`: orders of the case that were marked.
pub fn sentence(act: &CaseAct, cases: &[Meant], marked: usize, glyphs: &Glyphs) -> String {
    let undecided: u64 = cases.iter().map(|case| u64::from(case.undecided)).sum();
    let what = match (marked, undecided) {
        (0, 0) => named(cases),
        (0, 1) => format!("the order of {}", named(cases)),
        (0, many) => format!("all {} orders of {}", words::count(many), named(cases)),
        (1, _) => format!("the marked order of {}", named(cases)),
        (some, _) => format!("the {some} marked orders of {}", named(cases)),
    };
    let about = match cases {
        [one] => format!(": {}", one.what),
        _ => String::new(),
    };
    let stake = match stake(cases).filter(|_| marked == 0) {
        Some(stake) => format!(" ({} at stake)", words::price(stake, glyphs)),
        None => String::new(),
    };
    match act {
        CaseAct::Hold => format!("Hold {what}{about}{stake}. The store is told to stop them."),
        CaseAct::Cancel => {
            format!("Cancel {what}{about}{stake}. The store is told to call them off.")
        }
        CaseAct::RefundWatch => {
            format!("Let {what} go and watch what comes back of them{about}{stake}.")
        }
        CaseAct::Confirm => format!("Say that {what} is wrong and dealt with{about}{stake}."),
        _ => format!("Release {what}{about}{stake}: nothing is wrong. What is held goes on."),
    }
}

/// The money at stake, where all of it is in one currency.
fn stake(cases: &[Meant]) -> Option<Money> {
    let mut sums = cases.iter().map(|case| case.at_stake);
    let first = sums.next()?;
    sums.try_fold(first, Money::checked_add)
}
