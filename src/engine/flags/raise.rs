//! What is raised beside orders: cases of stock, demand and feeds, whoever sees them.

use super::kept::{KeptRaised, RaisedCases};
use super::{Book, FlagError};
use crate::domain::{CaseId, CaseKind, Span, Timestamp};
use crate::engine::house::House;
use crate::insight::anomaly::rules::RULES;
use crate::insight::anomaly::{RAISING, Raised};
use std::collections::BTreeSet;

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
    /// over. The same rule, subject and beginning are the same case.
    pub fn raise(&self, kind: CaseKind, seen: &[Raised]) -> Result<(), FlagError> {
        let Some(store) = self.store() else { return Err(FlagError::Ended) };
        let now = self.clock.now();
        let mut write = store.write();
        let mut changed = Vec::new();
        let mut standing = BTreeSet::new();
        {
            let book = self.flags.book.read();
            for one in seen.iter().filter(|one| one.kind == kind) {
                let case = case_of(&book, &changed, one);
                standing.insert(case);
                let known = book.raised(case);
                let at = known.map_or(now, |known| known.at);
                let kept = KeptRaised { raised: one.clone(), at, over: None };
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
        }
        let old = self.over_since(now - KEPT_FOR);
        old.iter().for_each(|case| write.delete::<RaisedCases>(&RaisedCases::key(*case)));
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

/// The case of something raised: its own, or a free number that follows from what it is about.
fn case_of(book: &Book, taken: &[(CaseId, KeptRaised)], one: &Raised) -> CaseId {
    let is_it = |known: &KeptRaised| {
        let known = &known.raised;
        (&known.rule, &known.subject, known.since) == (&one.rule, &one.subject, one.since)
    };
    let at = |case| {
        book.raised(case).or_else(|| taken.iter().find(|(of, _)| *of == case).map(|(_, of)| of))
    };
    let mut number = 1 + numbered(one) % 1_000_000;
    loop {
        let case = CaseId { kind: one.kind, number };
        match at(case) {
            Some(known) if !is_it(known) => number += 1,
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
