//! Many decisions as one act: an entry of the journal each, watched like other long work, and undone
//! together.

use super::api::{Outcome, Refusal};
use super::decide::{Act, proposal_of};
use super::house::House;
use super::planning::OrderPlan;
use super::work::{Cancel, Running};
use crate::domain::{Actor, Decision, Progress};
use parking_lot::MutexGuard;
use std::cmp::Reverse;
use std::time::Duration;

/// How often an act that waits for another looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(50);

/// What is said of an act that came to nothing.
const CANCELLED: &str = "cancelled before anything was decided";

/// What an act has done so far.
#[derive(Default)]
struct Course {
    first: Option<u64>,
    last: u64,
    done: u64,
    /// Why the first of what was refused was.
    why: Option<Refusal>,
}

impl Course {
    /// Takes what came of one decision. `Err`: the rest would fail alike.
    fn take(&mut self, outcome: Result<Outcome, Refusal>) -> Result<(), Refusal> {
        match outcome {
            Ok(Outcome::Journalled(seq)) => {
                self.first = self.first.or(Some(seq));
                self.last = seq;
                self.done += 1;
            }
            Ok(_) => {}
            // What one thing does not allow, another may.
            Err(refusal) if refusal.usage => {
                self.why.get_or_insert(refusal);
            }
            Err(refusal) => {
                self.why = Some(refusal.clone());
                return Err(refusal);
            }
        }
        Ok(())
    }

    fn outcome(self, of: u64) -> Result<Outcome, Refusal> {
        match (self.first, self.why) {
            (None, Some(refusal)) => Err(refusal),
            (None, None) => Err(Refusal::failed(CANCELLED)),
            (Some(first), why) => Ok(Outcome::Acted {
                first,
                last: self.last,
                done: self.done,
                of,
                why_not: why.map(|refusal| refusal.message),
            }),
        }
    }
}

impl House {
    /// Decides many things as one act. Others decide and read in between.
    pub fn decide_all(
        &self,
        actor: &Actor,
        decisions: Vec<(Decision, String)>,
        cancel: &Cancel,
    ) -> Result<Outcome, Refusal> {
        if let Some((decision, _)) = decisions.iter().find(|(one, _)| !one.can_be_undone()) {
            let verb = decision.verb();
            return Err(Refusal::usage(format!(
                "what is decided at once is undone at once, and nobody can undo a {verb}; decide it \
                 by itself"
            )));
        }
        let verb = decisions.first().map_or("decide", |(decision, _)| decision.verb());
        let running = self.works.begin_with(verb, cancel);
        let _alone = self.alone(&running)?;
        let begun = self.proposals_of(&decisions)?;
        self.step_by_step(&running, verb, decisions, |(decision, saw), first| {
            let act = Act { first, begun: begun.as_ref() };
            self.decide_within(actor.clone(), decision, &saw, act)
        })
    }

    /// What is proposed of what is decided about; `None`: nothing of it is a proposal.
    fn proposals_of(&self, decisions: &[(Decision, String)]) -> Result<Option<OrderPlan>, Refusal> {
        let about: Vec<_> = decisions.iter().filter_map(|(one, _)| proposal_of(one)).collect();
        if about.is_empty() || self.store().is_none() {
            return Ok(None);
        }
        Ok(Some(self.planner.plan(self)?.only(about)))
    }

    /// Undoes all of an act that still stands, the newest first; one that is going on is waited for.
    pub fn undo_act(&self, actor: &Actor, first: u64, cancel: &Cancel) -> Result<Outcome, Refusal> {
        let running = self.works.begin_with("undo", cancel);
        let _alone = self.alone(&running)?;
        let standing = self.marks.read().standing_of_act(first);
        if standing.is_empty() {
            return Err(Refusal::usage(format!("the act that entry {first} began is undone")));
        }
        self.undo_each(&running, actor, standing)
    }

    /// Undoes several entries as one act, the newest first.
    pub fn undo_all(
        &self,
        actor: &Actor,
        mut entries: Vec<u64>,
        cancel: &Cancel,
    ) -> Result<Outcome, Refusal> {
        let running = self.works.begin_with("undo", cancel);
        let _alone = self.alone(&running)?;
        entries.sort_unstable_by_key(|seq| Reverse(*seq));
        entries.dedup();
        self.undo_each(&running, actor, entries)
    }

    fn undo_each(
        &self,
        running: &Running,
        actor: &Actor,
        entries: Vec<u64>,
    ) -> Result<Outcome, Refusal> {
        self.step_by_step(running, "undo", entries, |seq, first| {
            self.undo_within(actor.clone(), Some(seq), first)
        })
    }

    /// The act that a user's last decision belongs to, by its first entry; `None`: it stands alone.
    pub fn last_act(&self, user: &str) -> Option<u64> {
        let marks = self.marks.read();
        marks.act_of(marks.last_standing(user)?)
    }

    /// Adds to why a user's last decision cannot be undone which one stands before it, where an
    /// undo that names none never comes.
    pub fn further_back(&self, user: &str, asked: Option<u64>, refusal: Refusal) -> Refusal {
        let marks = self.marks.read();
        let Some(last) = marks.last_standing(user).filter(|_| refusal.usage) else {
            return refusal;
        };
        let first = marks.act_of(last).unwrap_or(last);
        let is_last = asked.is_none_or(|asked| asked == last || asked == first);
        match marks.standing_before(user, first).filter(|_| is_last) {
            Some(next) => Refusal::usage(format!(
                "{} What you decided before it is entry {next}; undo that by its number, or in the \
                 journal.",
                refusal.message
            )),
            None => refusal,
        }
    }

    /// Waits for the act that is going on; the one that waits is listed, and can be cancelled.
    fn alone(&self, running: &Running) -> Result<MutexGuard<'_, ()>, Refusal> {
        loop {
            if running.cancelled() {
                return Err(Refusal::failed(CANCELLED));
            }
            if let Some(alone) = self.acting.try_lock_for(LOOK) {
                return Ok(alone);
            }
        }
    }

    fn step_by_step<T>(
        &self,
        running: &Running,
        what: &str,
        steps: Vec<T>,
        mut step: impl FnMut(T, Option<u64>) -> Result<Outcome, Refusal>,
    ) -> Result<Outcome, Refusal> {
        let of = steps.len() as u64;
        let mut course = Course::default();
        for (done, one) in steps.into_iter().enumerate() {
            running.at(Progress { what: what.into(), done: done as u64, total: Some(of) });
            if running.cancelled() || course.take(step(one, course.first)).is_err() {
                break;
            }
        }
        self.changed();
        course.outcome(of)
    }
}
