//! Many decisions as one act: an entry of the journal each, watched like other long work, and undone
//! together.

use super::api::{Outcome, Refusal};
use super::house::House;
use super::work::Cancel;
use crate::domain::{Actor, Decision, Progress};

/// What an act has done so far.
#[derive(Default)]
struct Course {
    first: Option<u64>,
    last: u64,
    done: u64,
    /// What was refused, and why the first of it was.
    refused: u64,
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
                self.refused += 1;
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
            (None, None) => Err(Refusal::failed("cancelled before anything was decided")),
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
        let _alone = self.acting.lock();
        let verb = decisions.first().map_or("decide", |(decision, _)| decision.verb());
        self.step_by_step(verb, decisions, cancel, |(decision, saw), first| {
            self.decide_within(actor.clone(), decision, &saw, first)
        })
    }

    /// Undoes all of an act that still stands, the newest first; one that is going on is waited for.
    pub fn undo_act(&self, actor: &Actor, first: u64, cancel: &Cancel) -> Result<Outcome, Refusal> {
        let _alone = self.acting.lock();
        let standing = self.marks.read().standing_of_act(first);
        if standing.is_empty() {
            return Err(Refusal::usage(format!("the act that entry {first} began is undone")));
        }
        self.step_by_step("undo", standing, cancel, |seq, _| self.undo(actor.clone(), Some(seq)))
    }

    /// The act that a user's last decision belongs to, by its first entry; `None`: it stands alone.
    pub fn last_act(&self, user: &str) -> Option<u64> {
        let marks = self.marks.read();
        marks.act_of(marks.last_standing(user)?)
    }

    fn step_by_step<T>(
        &self,
        what: &str,
        steps: Vec<T>,
        cancel: &Cancel,
        mut step: impl FnMut(T, Option<u64>) -> Result<Outcome, Refusal>,
    ) -> Result<Outcome, Refusal> {
        let of = steps.len() as u64;
        let running = self.works.begin_with(what, cancel);
        let mut course = Course::default();
        for (done, one) in steps.into_iter().enumerate() {
            running.at(Progress { what: what.into(), done: done as u64, total: Some(of) });
            if running.cancelled() || course.take(step(one, course.first)).is_err() {
                break;
            }
        }
        drop(running);
        self.changed();
        course.outcome(of)
    }
}
