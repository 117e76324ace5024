//! The orders of a case: who has to decide on which of them, and what can be stopped still.

use super::rows::View;
use crate::desk::triage::{CaseSeen, Triage};
use crate::domain::*;
use crate::engine::flags::{ASKED, Book, KeptFlag, KeptRaised};
use crate::orders::{Brief, OrderIndex, Row};
use std::collections::BTreeSet;

/// A case that nobody decided on is over after so long: nobody will.
const FORGOTTEN: Span = Span::days(14);

/// An order of a case.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// Which.
    pub order: &'a OrderKey,
    /// Its row among all orders.
    pub row: Option<Row>,
    /// When it was placed.
    pub at: Timestamp,
    /// How likely it is wrong, 0 to 1.
    pub score: f64,
    /// What is at stake with it.
    pub cost: Money,
    /// What was said of it by itself, if anything was.
    pub flag: Option<&'a KeptFlag>,
}

/// Orders that feeds told wrongly: what is said of them because of that is the same event as the feed's case.
pub struct Told<'a> {
    book: &'a Book,
    /// Cases whose rule is silent: they explain nothing.
    silent: BTreeSet<CaseId>,
}

impl<'a> Told<'a> {
    /// All of them, but for cases whose rule is silent.
    pub fn of(book: &'a Book, is_silent: impl Fn(&str, &CaseSubject) -> bool) -> Self {
        let silent = book.all_raised().filter(|(_, known)| {
            let raised = &known.raised;
            !raised.told.orders.is_empty() && is_silent(&raised.rule, &raised.subject)
        });
        Told { book, silent: silent.map(|(case, _)| case).collect() }
    }
    /// The feed's case that explains what is said of an order.
    pub fn explains(&self, flag: &KeptFlag) -> Option<CaseId> {
        let explains = |case: &&CaseId| {
            let known = self.book.raised(**case);
            known.is_some_and(|known| known.raised.told.explains.contains(&flag.found.0))
        };
        let cases = self.book.told_wrong(&flag.order).iter();
        cases.filter(|case| !self.silent.contains(case)).filter(explains).max().copied()
    }
}

/// The orders of a case.
#[derive(Default)]
pub struct Orders<'a> {
    /// All of them; none in a list of a case that is long over.
    pub all: Vec<Part<'a>>,
    /// How many they are.
    pub count: u32,
    /// Those that wait for somebody.
    pub waiting: Vec<Part<'a>>,
    /// Those that nobody has decided on.
    pub undecided: u32,
    /// Of these, the ones that can be stopped still.
    pub stoppable: u32,
    /// Those that somebody had held and that have not left.
    pub held: u32,
    /// Whether any of these is muted.
    pub muted: bool,
    /// The feed's case in which undecided ones stand: there somebody decides on them.
    pub within: Option<CaseId>,
    /// Since when nobody is asked any more about those that nobody decided on.
    pub over: Option<Timestamp>,
    /// What is at stake: with those that can be stopped still, or whose goods come back; where somebody
    /// has decided on all of them, what was.
    at_stake: Vec<Money>,
}

impl<'a> Orders<'a> {
    /// The order that is likeliest wrong: among those that wait, if any does.
    pub fn worst(&self) -> Option<Part<'a>> {
        let of = if self.waiting.is_empty() { &self.all } else { &self.waiting };
        let worst =
            of.iter().max_by(|a, b| a.score.total_cmp(&b.score).then_with(|| b.row.cmp(&a.row)));
        worst.copied()
    }
    /// What is at stake, in a currency.
    pub fn at_stake(&self, currency: Currency) -> Money {
        let alike = self.at_stake.iter().filter(|cost| cost.currency == currency);
        let minor = alike.map(|cost| cost.minor).fold(0, i64::saturating_add);
        Money { minor, currency }
    }
    /// When the first and the last of them were placed.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let times = || self.all.iter().map(|part| part.at);
        times().min().zip(times().max())
    }
}

impl<'a> View<'a> {
    /// The orders of a case that are asked about; none where it is not about orders.
    pub fn parts(&self, case: CaseId) -> Vec<Part<'a>> {
        match (case.kind, self.book.raised(case)) {
            (CaseKind::Order, _) => {
                let rows = self.book.rows_of(case).iter();
                self.flagged(rows.filter_map(|row| Some((*row, &**self.book.flag(*row)?))))
            }
            (_, Some(known)) => {
                let told = known.raised.told.orders.iter();
                let part = |(order, cost): &'a (OrderKey, Money)| {
                    let row = self.index.find(order)?;
                    let flag = self.book.flag(row).map(|flag| &**flag);
                    let own = flag.map(|flag| f64::from(flag.score));
                    let at = self.index.placed_at(row)?;
                    let score = own.filter(|score| *score >= f64::from(ASKED));
                    let score = score.unwrap_or(known.raised.severity);
                    Some(Part { order, row: Some(row), at, score, cost: *cost, flag })
                };
                told.filter_map(part).collect()
            }
            (_, None) => Vec::new(),
        }
    }

    /// Flagged orders that somebody is asked about.
    pub fn flagged(&self, flags: impl Iterator<Item = (Row, &'a KeptFlag)>) -> Vec<Part<'a>> {
        let part = |(row, flag): (Row, &'a KeptFlag)| Part {
            order: &flag.order,
            row: Some(row),
            at: flag.at,
            score: f64::from(flag.score),
            cost: flag.cost,
            flag: Some(flag),
        };
        flags.filter(|(_, flag)| flag.score >= ASKED).map(part).collect()
    }

    /// How the orders of something raised stand, for a list. Long over, none of them waits any more; there
    /// may be very many, and it only counts which were decided on.
    pub fn listed(&self, case: CaseId, known: &'a KeptRaised) -> Orders<'a> {
        let told = &known.raised.told.orders;
        let is_past = known.over.is_some_and(|over| self.now.since(over) > FORGOTTEN);
        let Some((last, _)) = told.last().filter(|_| is_past) else {
            return self.orders(case, self.parts(case));
        };
        let is_left = |(order, _): &&(OrderKey, Money)| self.triage.verdict(order).is_none();
        let undecided = told.iter().filter(is_left).count() as u32;
        let orders = Orders { count: told.len() as u32, undecided, ..Orders::default() };
        if undecided == 0 {
            return Orders { at_stake: told.iter().map(|(_, cost)| *cost).collect(), ..orders };
        }
        let placed = self.index.find(last).and_then(|row| self.index.placed_at(row));
        Orders { over: placed.map(|at| at + FORGOTTEN), ..orders }
    }

    /// How the orders of a case stand.
    pub fn orders(&self, case: CaseId, all: Vec<Part<'a>>) -> Orders<'a> {
        let mut orders = Orders { count: all.len() as u32, all, ..Orders::default() };
        let mut was = Vec::new();
        for part in &orders.all {
            let own = part.flag.filter(|_| case.kind == CaseKind::Order);
            let now = part.row.and_then(|row| self.index.brief(row));
            let stops = now.is_some_and(|order| order.status.is_promised());
            if let Some(verdict) = self.triage.verdict(part.order) {
                orders.held += u32::from(stops && verdict.act == CaseAct::Hold);
                was.push(part.cost);
                continue;
            }
            if let Some(within) = own.and_then(|flag| self.told.explains(flag)) {
                orders.within = Some(within);
                continue;
            }
            orders.undecided += 1;
            orders.stoppable += u32::from(stops);
            match () {
                () if own.is_some_and(|flag| self.is_muted(flag)) => orders.muted = true,
                // Nobody needs to decide on it any more.
                () if is_called_off(now) => {}
                () if self.now.since(part.at) > FORGOTTEN => {
                    orders.over = orders.over.max(Some(part.at + FORGOTTEN));
                }
                () => {
                    orders.waiting.push(*part);
                    if stops || now.is_some_and(|order| order.kind == OrderKind::Return) {
                        orders.at_stake.push(part.cost);
                    }
                }
            }
        }
        if orders.undecided == 0 {
            orders.at_stake = was;
        }
        orders
    }
}

/// A case as the desk sees it.
pub fn seen(
    book: &Book,
    index: &OrderIndex,
    triage: &Triage,
    now: Timestamp,
    case: CaseId,
) -> Option<CaseSeen> {
    let flagged = |order: &OrderKey| {
        let status = index.brief(index.find(order)?)?.status;
        Some(FlaggedOrder { order: order.clone(), status })
    };
    if let Some(known) = book.raised(case) {
        let orders = known.raised.told.orders.iter().filter_map(|(order, _)| flagged(order));
        return Some(CaseSeen { orders: orders.collect(), ..CaseSeen::default() });
    }
    let told = Told::of(book, |rule, subject| triage.is_silent_of(rule, subject, now));
    let mut seen = CaseSeen::default();
    for flag in book.rows_of(case).iter().filter_map(|row| book.flag(*row)) {
        if flag.score < ASKED {
            continue;
        }
        seen.orders.extend(flagged(&flag.order));
        if let Some(within) = told.explains(flag) {
            seen.elsewhere.insert(flag.order.clone(), within);
        }
    }
    book.has(case).then_some(seen)
}

/// Whether nobody needs to decide on an order any more, since it was called off.
fn is_called_off(now: Option<Brief>) -> bool {
    use OrderStatus::{Cancelled, Failed, Gone, Refunded};
    now.is_none_or(|order| matches!(order.status, Cancelled | Failed | Refunded | Gone))
}
