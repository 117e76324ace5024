//! What is raised beside orders: cases of stock, demand and feeds, whoever sees them.

use super::kept::{KeptRaised, RaisedCases, RaisedOrders};
use super::{Book, FlagError};
use crate::domain::{CaseId, CaseKind, OrderKey, Span, Timestamp};
use crate::engine::house::House;
use crate::insight::anomaly::rules::RULES;
use crate::insight::anomaly::{RAISING, Raised};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashSet};

/// The name under which the network speaks where no rule does.
pub const NETWORK: &str = "network";
/// What is over is kept for this long.
const KEPT_FOR: Span = Span::days(400);

/// The names of all rules that raise flags.
pub fn rules() -> Vec<Box<str>> {
    let of_orders = RULES.iter().map(|rule| rule.name);
    let raising = RAISING.iter().map(|rule| rule.name);
    of_orders.chain([NETWORK]).chain(raising).map(Box::from).collect()
}

impl House {
    /// Takes in all that is seen of a kind now: what is new is raised, what is not seen any more is
    /// over. The same rule and subject are the same case while it lasts; of a feed several may last, each
    /// with its own orders, or from its own beginning, or about another field of the same orders. What was
    /// decided on stays so until half as much again is at stake.
    pub fn raise(&self, kind: CaseKind, seen: &[Raised]) -> Result<(), FlagError> {
        let Some(store) = self.store() else { return Err(FlagError::Ended) };
        let now = self.clock.now();
        let mut write = store.write();
        let mut changed = Vec::new();
        let mut standing = BTreeSet::new();
        let triage = self.triage.read().clone();
        {
            let book = self.flags.book.read();
            for one in seen.iter().filter(|one| one.kind == kind) {
                let mut one = one.clone();
                let lasting = lasting(&book, &standing, &one);
                if let Some((_, known)) = lasting {
                    one.since = known.raised.since;
                }
                let own = |one: &Raised| case_of(&book, &changed, &standing, one);
                let mut case = lasting.map_or_else(|| own(&one), |one| one.0);
                let decided = kind != CaseKind::Feed && triage.verdict_of_case(case).is_some();
                if let Some(known) = book.raised(case).filter(|_| decided) {
                    if grew(&known.raised, &one) {
                        one.since = now;
                        case = own(&one);
                    } else {
                        // As it was decided on, so that its growth is seen.
                        one = known.raised.clone();
                    }
                }
                standing.insert(case);
                let known = book.raised(case);
                let at = known.map_or(now, |known| known.at);
                let kept = KeptRaised { raised: one, at, over: None };
                if known != Some(&kept) {
                    changed.push((case, kept));
                }
            }
            for (case, known) in book.all_raised() {
                if case.kind == kind && known.over.is_none() && !standing.contains(&case) {
                    changed.push((case, KeptRaised { over: Some(now), ..known.clone() }));
                }
            }
        }
        for (case, kept) in &changed {
            write.put::<RaisedCases>(&RaisedCases::key(*case), kept)?;
            if !kept.raised.told.orders.is_empty() {
                write.put::<RaisedOrders>(&RaisedCases::key(*case), &kept.raised.told)?;
            }
        }
        let old = self.over_since(now - KEPT_FOR);
        for case in &old {
            write.delete::<RaisedCases>(&RaisedCases::key(*case));
            write.delete::<RaisedOrders>(&RaisedCases::key(*case));
        }
        write.commit()?;
        let any = !changed.is_empty();
        let mut book = self.flags.book.write();
        changed.into_iter().for_each(|(case, kept)| book.put_raised(case, kept));
        old.into_iter().for_each(|case| book.remove_raised(case));
        drop(book);
        if any {
            self.changed();
        }
        Ok(())
    }

    fn over_since(&self, before: Timestamp) -> Vec<CaseId> {
        let book = self.flags.book.read();
        let old = book.all_raised().filter(|(_, one)| one.over.is_some_and(|over| over < before));
        old.map(|(case, _)| case).collect()
    }
}

/// The case that lasts of the same rule and subject; its beginning may have slid with what is looked at.
/// Of a feed, the one that has the most orders in common, of those that explain the same and that nothing
/// else seen now stands for: two fields may be lost of the same orders.
fn lasting<'a>(
    book: &'a Book,
    standing: &BTreeSet<CaseId>,
    one: &Raised,
) -> Option<(CaseId, &'a KeptRaised)> {
    let told: HashSet<&OrderKey> = one.told.orders.iter().map(|(order, _)| order).collect();
    let mut alike = book.all_raised().filter(|(case, known)| {
        case.kind == one.kind
            && (&known.raised.rule, &known.raised.subject) == (&one.rule, &one.subject)
    });
    if one.kind != CaseKind::Feed {
        return alike.find(|(_, known)| known.over.is_none());
    }
    let open = alike.filter(|(case, known)| {
        known.raised.told.explains == one.told.explains && !standing.contains(case)
    });
    let common = open.map(|(case, known)| {
        let orders = known.raised.told.orders.iter();
        (orders.filter(|(order, _)| told.contains(order)).count(), Reverse(case), known)
    });
    let most =
        common.filter(|(count, ..)| *count > 0).max_by_key(|(count, case, _)| (*count, *case));
    most.map(|(_, Reverse(case), known)| (case, known))
}

/// Whether half as much again is at stake.
fn grew(before: &Raised, now: &Raised) -> bool {
    let (before, now) = (before.at_stake, now.at_stake);
    before.currency == now.currency
        && now.minor > before.minor
        && now.minor.saturating_mul(2) >= before.minor.saturating_mul(3)
}

/// The case of something raised: its own, or a free number that follows from what it is about.
/// Of a feed, not one that something else seen now stands for.
fn case_of(
    book: &Book,
    taken: &[(CaseId, KeptRaised)],
    standing: &BTreeSet<CaseId>,
    one: &Raised,
) -> CaseId {
    let is_it = |case: CaseId, known: &KeptRaised| {
        let known = &known.raised;
        // Cases of earlier versions name no orders and explain nothing.
        let explains = known.told.orders.is_empty() || known.told.explains == one.told.explains;
        let is_other = one.kind == CaseKind::Feed && (standing.contains(&case) || !explains);
        (&known.rule, &known.subject, known.since) == (&one.rule, &one.subject, one.since)
            && !is_other
    };
    let at = |case| {
        book.raised(case).or_else(|| taken.iter().find(|(of, _)| *of == case).map(|(_, of)| of))
    };
    let mut number = 1 + numbered(one) % 1_000_000;
    loop {
        let case = CaseId { kind: one.kind, number };
        match at(case) {
            Some(known) if !is_it(case, known) => number += 1,
            _ => return case,
        }
    }
}

/// A number of what something is about, the same for ever (FNV-1a, 64 bits).
fn numbered(one: &Raised) -> u64 {
    let text = format!("{} {} {}", one.rule, one.subject, one.since.as_millis());
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
