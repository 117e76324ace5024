//! Transfers between own sites, before more is bought.
//!
//! A site can spare what it has on the shelf beyond the demand over its own protection interval (until an
//! order placed at its next chance can have come) at a high quantile, and beyond its reorder point; goods
//! on their way to it are not counted. A site needs what its order-up-to level lacks where an order is
//! proposed for it. A transfer is proposed where what it saves (units that would be short until the order
//! came, the holding of goods that lie too long where they are, the line that need not be ordered) is
//! more than what it costs.

use super::need::{Need, free};
use crate::domain::{Day, Money, Qty, SiteId, Sku, UnitPrice};
use crate::plan::replenish::{Interval, Proposal, Situation};
use serde::{Deserialize, Serialize};

/// The chance that what a giving site keeps is enough over its protection interval.
const SAFE: f64 = 0.98;
/// Goods are not held against later than after a year.
const LONGEST_IDLE: f64 = 365.0;

/// What sending goods between own sites takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransferTerms {
    /// Days until they are there.
    pub days: u16,
    /// What one transfer costs, however many units.
    pub per_order: Money,
    /// What each unit of it costs.
    pub per_unit: UnitPrice,
}

impl TransferTerms {
    /// What so many units cost.
    pub fn cost(&self, qty: Qty) -> Money {
        let units = self.per_unit.times(qty);
        Money { minor: self.per_order.minor.saturating_add(units.minor), ..self.per_order }
    }
}

/// A SKU at a site, with what is proposed to be ordered for it.
#[derive(Clone, Copy, Debug)]
pub struct SiteLine<'a> {
    /// What is known.
    pub at: &'a Situation,
    /// What is proposed.
    pub proposal: &'a Proposal,
}

/// What a site can spare of a SKU.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spare {
    /// Whole units; never less than nothing.
    pub qty: Qty,
    /// What it keeps for itself.
    pub keeps: Qty,
    /// Days of its protection interval, on average.
    pub days: f64,
}

/// A transfer that is proposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferProposal {
    /// What.
    pub sku: Sku,
    /// From where.
    pub from: SiteId,
    /// To where.
    pub to: SiteId,
    /// How many.
    pub qty: Qty,
    /// When they are there.
    pub arrives: Day,
    /// What it costs.
    pub cost: Money,
    /// Units that are free at the giving site now.
    pub has: Qty,
    /// What the giving site keeps at least.
    pub keeps: Qty,
    /// Days for which that is enough 98 times of 100.
    pub keeps_days: f64,
    /// Units that would be bought instead.
    pub buys: Qty,
    /// What they cost; `None`: nobody knows.
    pub buys_for: Option<Money>,
    /// When they would come.
    pub buys_due: Day,
    /// The chance that something is short at the needing site until then, 0 to 1: with the transfers to it
    /// before this one.
    pub risk_now: f64,
    /// The same with the transfer.
    pub risk_then: f64,
    /// Units that are expected not to be short by it, beside what transfers before it save.
    pub short_saved: f64,
    /// What it saves beyond what it costs, in major units of its currency.
    pub worth: f64,
}

/// What a site can spare; `None`: that cannot be told, or it is to order for itself.
pub fn spare(line: SiteLine<'_>) -> Option<Spare> {
    let SiteLine { at, proposal } = line;
    if proposal.qty.is_positive() || at.is_approved() {
        return None;
    }
    let (supplier, ahead) = (at.supplier.as_ref()?, at.ahead.as_ref()?);
    let interval = Interval::of(at.today, ahead.first, supplier)?;
    let safe = ahead.over(&interval).quantile(SAFE).ceil();
    let keeps = Qty::units(safe as i64).max(proposal.reorder_point);
    let there = free(at)?.min(at.on_hand? - at.committed);
    let qty = Qty::units((there - keeps).at_least_zero().trunc());
    Some(Spare { qty, keeps, days: interval.mean_days() })
}

/// The transfers of one SKU that are worth their cost, the most urgent need first. Lines are of one SKU,
/// each of another site.
pub fn transfers(lines: &[SiteLine<'_>], terms: &TransferTerms) -> Vec<TransferProposal> {
    let mut givers: Vec<(SiteLine<'_>, Spare)> = lines
        .iter()
        .filter_map(|line| Some((*line, spare(*line)?)))
        .filter(|(_, spare)| spare.qty.is_positive())
        .collect();
    let mut needing: Vec<SiteLine<'_>> =
        lines.iter().copied().filter(|line| line.proposal.qty.is_positive()).collect();
    needing.sort_by_key(|line| (line.proposal.runs_out, &line.at.site));
    let mut found = Vec::new();
    for line in needing {
        let wanted = line.proposal.order_up_to - line.proposal.position;
        let all = Qty::units(wanted.min(line.proposal.qty).to_f64().ceil() as i64);
        let mut lacks = all;
        givers.sort_by(|(a, has), (b, have)| {
            have.qty.cmp(&has.qty).then_with(|| a.at.site.cmp(&b.at.site))
        });
        for (giver, spare) in &mut givers {
            let qty = spare.qty.min(lacks);
            let Some(one) = Some(qty)
                .filter(|qty| qty.is_positive())
                .and_then(|qty| weighed(*giver, *spare, line, (qty, all - lacks), terms))
            else {
                continue;
            };
            spare.qty -= qty;
            lacks -= qty;
            found.push(one);
        }
    }
    found
}

/// A transfer of so many units beside those that others send already, if it is worth its cost.
fn weighed(
    giver: SiteLine<'_>,
    spare: Spare,
    needing: SiteLine<'_>,
    (qty, others): (Qty, Qty),
    terms: &TransferTerms,
) -> Option<TransferProposal> {
    let (at, proposal) = (needing.at, needing.proposal);
    if at.item.cost.is_some_and(|cost| cost.currency != terms.per_order.currency) {
        return None;
    }
    let need = Need::of(at.ahead.as_ref()?);
    let (arrives, buys_due) = (at.today.plus(i32::from(terms.days)), proposal.due);
    let here = free(at)?;
    let with = |until: Day| {
        let due = |one: &&crate::plan::replenish::Coming| one.due.is_some_and(|due| due <= until);
        (here + at.coming.iter().filter(due).map(|one| one.qty).sum()).to_f64()
    };
    let (until_sent, until_bought) = (need.days_before(arrives), need.days_before(buys_due));
    let (units, sent) = (qty.to_f64(), others.to_f64());
    let short =
        need.short(with(buys_due) + sent, until_bought) - need.short(with(arrives), until_sent);
    let short_saved = short.clamp(0.0, units);
    let (holding, lost, order_line) = at.costs.stakes(&at.item);
    let daily = giver.at.ahead.as_ref()?.within(28).mean() / 28.0;
    let has = (giver.at.on_hand? - giver.at.committed).at_least_zero();
    // The units that are given would be the last to sell there.
    let idle = ((has.to_f64() - units / 2.0) / daily.max(1e-6)).clamp(0.0, LONGEST_IDLE);
    let saves_line = qty + others >= proposal.order_up_to - proposal.position;
    let saved =
        short_saved * lost + holding * units * idle + if saves_line { order_line } else { 0.0 };
    let cost = terms.cost(qty);
    let major = cost.minor as f64 / 10_f64.powi(cost.currency.exponent() as i32);
    let risk = |extra: f64, days: usize| need.risk(with(buys_due) + sent + extra, days);
    (saved > major).then(|| TransferProposal {
        sku: at.sku.clone(),
        from: giver.at.site.clone(),
        to: at.site.clone(),
        qty,
        arrives,
        cost,
        has,
        keeps: giver.at.as_counted(spare.keeps),
        keeps_days: spare.days,
        buys: proposal.qty,
        buys_for: proposal.with.value,
        buys_due,
        risk_now: risk(0.0, until_bought),
        risk_then: risk(units, until_bought),
        short_saved,
        worth: saved - major,
    })
}
