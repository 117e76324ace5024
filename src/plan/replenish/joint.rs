//! What lines of one order, of one budget and of one building have to do with each other.

use super::minimum::BoundOrder;
use super::proposal::{Cap, Proposal, Source};
use super::propose::{Basis, settle};
use super::situation::Situation;
use super::terms::{major, worth};
use crate::domain::{Currency, Money, Qty, SiteId, SupplierId};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What all proposals together are bound by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// What may be spent on orders that are due by the same day, in each currency.
    pub budget: BTreeMap<Currency, Money>,
    /// The most units that a site may hold in all.
    pub storage: BTreeMap<SiteId, Qty>,
}

/// A line as it is planned with the others.
#[derive(Clone, Debug)]
pub struct Planned<'a> {
    /// What it follows from.
    pub at: &'a Situation,
    /// What is proposed.
    pub proposal: Proposal,
    /// What the order lacks to the supplier's least value, where it rather waits for more lines.
    pub waits_for: Option<Money>,
    /// Whether what somebody decided keeps it quiet for now: it is no part of an order then.
    pub put_off: bool,
}

impl Planned<'_> {
    /// A line as it is proposed by itself.
    pub const fn alone(at: &Situation, proposal: Proposal) -> Planned<'_> {
        Planned { at, proposal, waits_for: None, put_off: false }
    }

    /// Whether it is a part of an order now, and waits for nothing.
    pub(super) fn is_ordered(&self) -> bool {
        self.proposal.qty.is_positive() && self.waits_for.is_none() && !self.put_off
    }
}

/// What is approved already and no order yet, by supplier and site.
pub type Decided = BTreeMap<(SupplierId, SiteId), Money>;

/// Brings lines to what suppliers, budget and buildings allow. Lines of which nothing is to be ordered
/// may be raised to reach a supplier's minimum; what is `decided` counts for it, and is taken off the
/// budget.
pub fn together(lines: &mut [Planned<'_>], limits: &Limits, decided: &Decided) {
    let orders = BoundOrder::all(lines, decided);
    for order in &orders {
        order.reach_minimum(lines);
    }
    if limits.budget.is_empty() && limits.storage.is_empty() {
        return;
    }
    let mut budget = limits.budget.clone();
    for spent in decided.values() {
        if let Some(left) = budget.get_mut(&spent.currency) {
            left.minor -= spent.minor;
        }
    }
    loop {
        let uncut: Vec<Proposal> = match orders.is_empty() {
            true => Vec::new(),
            false => lines.iter().map(|line| line.proposal.clone()).collect(),
        };
        keep_room(lines, &limits.storage);
        keep_budget(lines, budget.clone());
        let lacking = |order: &&BoundOrder| order.lacking_share(lines);
        let mut short: Vec<&BoundOrder> =
            orders.iter().filter(|order| lacking(order) > 0.0).collect();
        if short.is_empty() {
            return;
        }
        // What one order leaves when it waits may be enough for another one.
        short.sort_by(|a, b| lacking(b).total_cmp(&lacking(a)));
        short.truncate(short.len().div_ceil(2));
        for (line, uncut) in lines.iter_mut().zip(uncut) {
            line.proposal = uncut;
        }
        for order in short {
            order.wait(lines);
        }
    }
}

/// Cuts what does not fit into a building, least urgent lines first.
fn keep_room(lines: &mut [Planned<'_>], storage: &BTreeMap<SiteId, Qty>) {
    for (site, most) in storage {
        let here = |line: &&Planned<'_>| line.proposal.site == *site;
        let mut room = *most - lines.iter().filter(here).map(|line| line.proposal.position).sum();
        for place in by_worth(lines) {
            let line = &lines[place];
            if line.proposal.site == *site && line.is_ordered() {
                let fits = cut_to(&mut lines[place], room.at_least_zero(), Cap::Storage);
                room -= fits;
            }
        }
    }
}

/// Cuts what cannot be paid, least urgent lines first.
fn keep_budget(lines: &mut [Planned<'_>], mut left: BTreeMap<Currency, Money>) {
    for place in by_worth(lines) {
        let line = &mut lines[place];
        let Some(value) = line.proposal.with.value.filter(|_| line.is_ordered()) else { continue };
        let Some(left) = left.get_mut(&value.currency) else { continue };
        if value.minor > left.minor {
            let units = affordable(line, left.minor);
            cut_to(line, units, Cap::Budget);
        }
        left.minor -= line.proposal.with.value.map_or(0, |value| value.minor);
    }
}

/// The most that can be bought for an amount in minor units: at what that many cost, which is more for one
/// where a lower price is missed.
fn affordable(line: &Planned<'_>, left: i64) -> Qty {
    let item = &line.at.item;
    let Some(lot) = item.lot() else { return Qty::ZERO };
    let mut units = line.proposal.qty;
    while let Some(value) = item.cost_of(units).map(|cost| cost.times(units).minor) {
        if value <= left || !units.is_positive() {
            break;
        }
        // Fewer each time, since they cost more than what is left.
        let share = left.max(0) as f64 / value as f64;
        units = lot.at_most(Qty::milli((units.as_milli() as f64 * share) as i64));
    }
    units
}

/// Cuts a line to what can be bought of `most` units; returns what is left of it.
fn cut_to(line: &mut Planned<'_>, most: Qty, by: Cap) -> Qty {
    let fits = line.at.item.lot().map_or(Qty::ZERO, |lot| lot.at_most(most));
    if fits < line.proposal.qty {
        let less = fits - line.proposal.qty;
        line.proposal.change(less, Source::Capped { by });
        if let Ok(basis) = Basis::of(line.at) {
            settle(&mut line.proposal, &basis);
        }
    }
    line.proposal.qty
}

/// Places of lines by how much of what would be short each unit of money saves, most first.
fn by_worth(lines: &[Planned<'_>]) -> Vec<usize> {
    let by_money = |place: &usize| {
        let Planned { at, proposal, .. } = &lines[*place];
        let saved = proposal.without.short - proposal.with.short;
        let (cost, margin) = worth(&at.item);
        let value = proposal.with.value.map_or(cost * proposal.qty.to_f64(), major);
        // Of what costs nothing all is bought first.
        saved * (cost + margin) / value.max(0.001)
    };
    let mut places: Vec<usize> = (0..lines.len()).collect();
    places.sort_by(|a, b| by_money(b).total_cmp(&by_money(a)).then_with(|| key(lines, *a, *b)));
    places
}

fn key(lines: &[Planned<'_>], a: usize, b: usize) -> Ordering {
    let of = |place: usize| (&lines[place].proposal.sku, &lines[place].proposal.site);
    of(a).cmp(&of(b))
}
