//! The cases that a decision goes to, and how they are spoken of.

use super::super::super::state::{Body, State};
use super::super::super::theme::Glyphs;
use super::super::super::words;
use super::orders_words;
use crate::domain::{CaseAct, CaseId, Money, Severity};
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
    /// Its orders.
    pub orders: u32,
    /// Orders that nobody has decided on.
    pub undecided: u32,
    /// Of these, the ones that can be stopped still.
    pub stoppable: u32,
    /// Orders that are held.
    pub held: u32,
    /// The journal entry that was the last about it.
    pub last: Option<u64>,
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
            orders: row.orders,
            undecided: row.undecided,
            stoppable: row.stoppable,
            held: row.held,
            last: row.last.as_ref().map(|last| last.entry),
            at_stake: row.at_stake,
            assigned: row.assigned.clone(),
            saw: saw(row),
        }
    }
    /// Whether it is about orders.
    pub fn has_orders(&self) -> bool {
        self.orders > 0
    }
}

/// Orders to which an act goes, and those of which they are a part.
fn reach(act: &CaseAct, case: &Meant) -> (u32, u32) {
    match act {
        CaseAct::Hold => (case.stoppable, case.undecided),
        CaseAct::Cancel => (case.stoppable + case.held, case.undecided + case.held),
        _ => (case.undecided, case.undecided),
    }
}

/// Why an act can do nothing about a case, if so: all that is undecided of it has left or was called off.
pub fn is_too_late(act: &CaseAct, cases: &[Meant]) -> Option<String> {
    let late = |case: &&Meant| matches!(reach(act, case), (0, 1..));
    let case = cases.iter().find(late)?.case;
    Some(format!(
        "Nothing of case {case} can be stopped any more; f watches for what comes back, d says that it \
         is dealt with."
    ))
}

/// What somebody decided about cases since they were seen like this, if anybody did.
pub fn overtaken(state: &State) -> Option<String> {
    let is_other = |seen: &&Meant, row: &CaseRow| {
        let last = row.last.as_ref().map(|last| last.entry);
        last != seen.last && (row.undecided < seen.undecided || row.held != seen.held)
    };
    let changed = |seen: &&Meant| match &state.page().body {
        Body::Flags(queue) => {
            let table = &queue.table;
            let whole = table.loaded && table.offset == 0 && table.rows.len() == table.total;
            match table.rows.iter().find(|row| row.case == seen.case) {
                Some(row) => is_other(seen, row),
                None => whole,
            }
        }
        _ => row_of(state).is_some_and(|row| row.case == seen.case && is_other(seen, row)),
    };
    let case = state.judged.iter().find(changed)?.case;
    let by = match &state.page().body {
        Body::Flags(queue) => queue.table.rows.iter().find(|row| row.case == case),
        _ => row_of(state),
    };
    let who = by.and_then(|row| row.last.as_ref()).map_or("Somebody", |last| &last.who);
    Some(format!("{who} has decided on case {case} meanwhile: nothing was done. Look again."))
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

/// What a verdict means, before it is given. `marked`: orders of the case that were marked, and those of them
/// that it can be about.
pub fn sentence(
    act: &CaseAct,
    cases: &[Meant],
    (marked, marked_stop): (usize, usize),
    glyphs: &Glyphs,
) -> String {
    let sum = |of: fn((u32, u32)) -> u32| -> u64 {
        cases.iter().map(|case| u64::from(of(reach(act, case)))).sum()
    };
    let (goes, of) = match marked {
        0 => (sum(|reach| reach.0), sum(|reach| reach.1)),
        some => (marked_stop as u64, some as u64),
    };
    let what = match (marked, of) {
        (0, all) if goes < all => {
            format!("{} of {} orders of {}", words::count(goes), words::count(all), named(cases))
        }
        (some, _) if goes < of => {
            format!("{goes} of the {some} marked orders of {}", named(cases))
        }
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
    let them = if goes == 1 { "it" } else { "them" };
    let rest = match of - goes {
        0 => String::new(),
        1 => "; the other one has left or was called off".to_owned(),
        many => format!("; the other {} have left or were called off", words::count(many)),
    };
    match act {
        CaseAct::Hold => {
            format!("Hold {what}{about}{stake}. The store is told to stop {them}{rest}.")
        }
        CaseAct::Cancel => {
            format!("Cancel {what}{about}{stake}. The store is told to call {them} off{rest}.")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CaseKind, Currency};

    fn meant(undecided: u32, stoppable: u32, held: u32) -> Meant {
        Meant {
            case: CaseId { kind: CaseKind::Order, number: 411 },
            what: "159 orders, guests, 3 days".into(),
            orders: undecided + held,
            undecided,
            stoppable,
            held,
            last: None,
            at_stake: Money { minor: 312_050, currency: Currency::GBP },
            assigned: None,
            saw: String::new(),
        }
    }

    #[test]
    fn a_hold_says_how_many_it_stops_and_how_many_have_left() {
        let glyphs = Glyphs::of(true);
        let said = |act: CaseAct, case: Meant| sentence(&act, &[case], (0, 0), glyphs);
        assert_eq!(
            said(CaseAct::Hold, meant(159, 49, 0)),
            "Hold 49 of 159 orders of case O411: 159 orders, guests, 3 days (£ 3,120.50 at stake). The \
             store is told to stop them; the other 110 have left or were called off."
        );
        let all = said(CaseAct::Cancel, meant(2, 2, 3));
        assert!(all.starts_with("Cancel all 5 orders of case O411"), "held ones too: {all}");
        let one = said(CaseAct::Hold, meant(1, 1, 0));
        assert!(one.ends_with("The store is told to stop it."), "{one}");
        let late = is_too_late(&CaseAct::Hold, &[meant(3, 0, 0)]).unwrap();
        assert!(late.contains("Nothing of case O411 can be stopped any more"), "{late}");
        assert_eq!(is_too_late(&CaseAct::Release, &[meant(3, 0, 0)]), None);
    }
}
