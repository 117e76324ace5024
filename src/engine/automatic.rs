//! Approvals that the program gives by itself, where the configuration lets it.
//!
//! It approves as a person would who takes every proposal as it stands: through the desk, under its
//! own name and limits, and into the journal. Whatever the desk refuses waits for a person.

use super::api::{Plan, Refusal};
use super::house::House;
use super::planning::Line;
use crate::demand::SeriesKey;
use crate::desk::buying::{Purchasing, Rules};
use crate::domain::*;
use crate::plan::replenish::Proposal;

/// How often it looks for something to approve, in domain time.
const EVERY: Span = Span::minutes(15);

impl House {
    /// Approves what is due, if some time has passed since it last did.
    pub fn approve_when_due(&self) {
        let now = self.clock.now();
        {
            let mut last = self.approved_by_itself.lock();
            if last.is_some_and(|last| now.since(last) < EVERY) {
                return;
            }
            *last = Some(now);
        }
        match self.approve_by_itself() {
            Ok(0) => {}
            Ok(lines) => tracing::info!(lines, "approved by itself"),
            Err(refusal) => tracing::warn!(%refusal, "nothing could be approved by itself"),
        }
    }

    /// Approves what is to be ordered today, the most urgent first, within the configured limits; how
    /// many lines. What is quiet, blocked, was taken back, waits for its supplier's minimum or rests on a forecast that
    /// is due is left alone.
    pub fn approve_by_itself(&self) -> Result<usize, Refusal> {
        if self.rules.automatic.is_none() {
            return Ok(0);
        }
        let plan = self.planner.plan(self)?;
        let decided = self.purchasing.read().clone();
        let today = self.first_ahead();
        let due = plan.lines.iter().filter_map(|(series, line)| {
            proposed(series, line, &decided, today).map(|proposal| (series, proposal))
        });
        let mut due: Vec<(&SeriesKey, &Proposal)> = due.collect();
        due.sort_by_key(|(series, proposal)| (proposal.slack_days().unwrap_or(i32::MAX), *series));
        let mut approved = 0;
        for (_, proposal) in due {
            match self.decide(automatic(), approval(proposal), &saw(proposal)) {
                Ok(_) => approved += 1,
                // Beyond a limit, or another proposal by now: a person's, or the next look's.
                Err(refusal) => tracing::debug!(sku = %proposal.sku, %refusal, "left to a person"),
            }
        }
        Ok(approved)
    }
}

/// The proposal of a line, if it is to be ordered today and nobody has decided otherwise.
fn proposed<'l>(
    SeriesKey { sku, site }: &SeriesKey,
    line: &'l Line,
    decided: &Purchasing,
    today: Day,
) -> Option<&'l Proposal> {
    let Plan::Proposed(proposal) = &line.plan else { return None };
    let current = line.at.ahead.as_ref().is_some_and(|ahead| ahead.age_days == 0);
    // What somebody took back is theirs to decide, until they have.
    let left = decided.remembered(sku, site).last();
    let due = current
        && proposal.qty.is_positive()
        && proposal.order <= today
        && line.waits_for.is_none()
        && decided.standing(sku, site).is_none()
        && left.is_none_or(|last| !last.withdrawn && !last.silences(today, proposal.qty));
    due.then_some(proposal)
}

fn approval(proposal: &Proposal) -> Decision {
    Decision::Approve(Approval {
        sku: proposal.sku.clone(),
        site: proposal.site.clone(),
        supplier: None,
        qty: proposal.qty,
        cost: None,
        due: None,
        suggested: Some(proposal.suggestion()),
    })
}

/// What a person would have seen of it.
fn saw(proposal: &Proposal) -> String {
    format!(
        "approved by the rules in [approvals.automatic]: {} of {} for {} from {}, due {}; there and \
         coming {}, reorder point {}, up to {}",
        proposal.qty,
        proposal.sku,
        proposal.site,
        proposal.supplier,
        proposal.due,
        proposal.position,
        proposal.reorder_point,
        proposal.order_up_to,
    )
}

/// The program as the journal names it when it approves.
fn automatic() -> Actor {
    Actor { user: Rules::AUTOMATIC.into(), ..super::decide::owner() }
}
