//! Approvals that the program gives by itself, where the configuration lets it.
//!
//! It approves as a person would who takes every proposal as it stands: through the desk, under its
//! own name and limits, and into the journal. Whatever the desk refuses waits for a person.

use super::api::{Plan, Refusal};
use super::decide::Act;
use super::house::House;
use super::planning::{Line, OrderPlan};
use crate::demand::SeriesKey;
use crate::desk::buying::{Again, Past, Powers, Purchasing, Rules};
use crate::domain::*;
use crate::plan::replenish::Proposal;
use std::collections::BTreeMap;

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

    /// Approves what is to be ordered today, order by order, the one with the most urgent line first, within
    /// the configured limits; how many lines. What is quiet, blocked, was taken back, waits for its supplier's
    /// minimum, is far more than is needed or rests on a forecast that is due is left alone, and so are orders
    /// that would not reach their supplier's minimum by what it may approve.
    pub fn approve_by_itself(&self) -> Result<usize, Refusal> {
        let Some(powers) = self.rules().automatic else { return Ok(0) };
        let decided = self.purchasing.read().clone();
        let today = self.first_ahead();
        // Not all of the plan is held, which is brought up to date with each approval.
        let begun = {
            let plan = self.planner.plan(self)?;
            plan.only(orders_due(&plan, &decided, today).iter().flat_map(Order::about))
        };
        let orders = orders_due(&begun, &decided, today);
        let start = self.today().start(&self.zone);
        let before = decided.approved_by(Rules::AUTOMATIC, start);
        let mut left_today = powers.per_day.map(|most| less(most, &before));
        let mut approved = 0;
        let whole = orders.iter().filter(|order| order.is_whole(&decided, powers, &mut left_today));
        for proposal in whole.flat_map(|order| &order.lines) {
            let act = Act { first: None, begun: Some(&begun) };
            match self.decide_within(automatic(), approval(proposal), &saw(proposal), act) {
                Ok(_) => approved += 1,
                // Beyond a limit, or another proposal by now: a person's, or the next look's.
                Err(refusal) => tracing::debug!(sku = %proposal.sku, %refusal, "left to a person"),
            }
        }
        Ok(approved)
    }
}

/// The lines of one order that are to be ordered today, the most urgent first.
struct Order<'l> {
    lines: Vec<&'l Proposal>,
    /// The least that the supplier takes.
    least: Option<Money>,
}

impl Order<'_> {
    fn about(&self) -> impl Iterator<Item = (&Sku, &SiteId)> {
        self.lines.iter().map(|line| (&line.sku, &line.site))
    }

    fn urgency(&self) -> i32 {
        self.lines.iter().filter_map(|line| line.slack_days()).min().unwrap_or(i32::MAX)
    }

    /// Whether the supplier's minimum, if there is one, is reached by what is approved already and what may
    /// be. What may be approved in a day becomes less by it.
    fn is_whole(&self, decided: &Purchasing, powers: Powers, left: &mut Option<Money>) -> bool {
        let currency = self.least.or(*left).map(|amount| amount.currency);
        let (Some(currency), Some(line)) = (currency, self.lines.first()) else { return true };
        let of_currency = |value: &Money| value.currency == currency;
        let draft = decided.draft_of(&line.supplier, &line.site);
        let drafted = draft.and_then(|draft| draft.total().exact()).filter(of_currency);
        let mut sum = drafted.map_or(0, |drafted| drafted.minor);
        let within =
            |limit: Option<Money>, minor: i64| limit.is_none_or(|most| minor <= most.minor);
        let mut today = *left;
        for value in self.lines.iter().filter_map(|line| line.with.value).filter(of_currency) {
            if within(powers.per_order, sum + value.minor) && within(today, value.minor) {
                sum += value.minor;
                today = today.map(|most| Money { minor: most.minor - value.minor, ..most });
            }
        }
        let whole = self.least.is_none_or(|least| sum >= least.minor);
        if whole {
            *left = today;
        }
        whole
    }
}

/// What is left of a limit.
fn less(limit: Money, spent: &Total) -> Money {
    let spent = spent.known.iter().find(|known| known.currency == limit.currency);
    Money { minor: limit.minor - spent.map_or(0, |spent| spent.minor), ..limit }
}

/// What is to be ordered today, the order with the most urgent line first.
fn orders_due<'l>(plan: &'l OrderPlan, decided: &Purchasing, today: Day) -> Vec<Order<'l>> {
    let mut orders: BTreeMap<(&SupplierId, &SiteId), Order<'l>> = BTreeMap::new();
    for (series, line) in &plan.lines {
        let Some(proposal) = proposed(series, line, decided, today) else { continue };
        let least = line.at.supplier.as_ref().and_then(|supplier| supplier.min_order);
        let none = || Order { lines: Vec::new(), least };
        let order = orders.entry((&proposal.supplier, &proposal.site)).or_insert_with(none);
        order.lines.push(proposal);
    }
    let mut orders: Vec<Order<'l>> = orders.into_values().collect();
    for order in &mut orders {
        order.lines.sort_by_key(|line| (line.slack_days().unwrap_or(i32::MAX), &line.sku));
    }
    orders.sort_by_key(Order::urgency);
    orders
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
    let now = again(proposal, today);
    let silences = |last: &Past| last.silences(&now);
    let due = current
        && proposal.qty.is_positive()
        && proposal.order <= today
        && line.waits_for.is_none()
        && !line.put_off
        && !proposal.is_far_more()
        && decided.standing(sku, site).is_none()
        && left.is_none_or(|last| !last.withdrawn && !silences(last));
    due.then_some(proposal)
}

/// A proposal as what was decided before is held against it.
pub(super) fn again(proposal: &Proposal, today: Day) -> Again {
    let (qty, runs_out, short) = (proposal.qty, proposal.runs_out, proposal.runs_short);
    Again { today, qty, runs_out, short }
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
