//! What lines of one order, of one budget and of one building have to do with each other.

use super::proposal::{Cap, Proposal, Source};
use super::propose::{Basis, settle};
use super::situation::Situation;
use super::terms::worth;
use crate::domain::{Currency, Money, Qty, SiteId, SupplierId};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A supplier's minimum is not reached by buying more of an item than sells in so many days.
const MOST_COVER_DAYS: f64 = 120.0;

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
}

/// What is approved already and no order yet, by supplier and site.
pub type Decided = BTreeMap<(SupplierId, SiteId), Money>;

/// Brings lines to what suppliers, budget and buildings allow. Lines of which nothing is to be ordered
/// may be raised to reach a supplier's minimum; what is `decided` counts for it, and is taken off the
/// budget.
pub fn together(lines: &mut [Planned<'_>], limits: &Limits, decided: &Decided) {
    let mut orders: BTreeMap<(SupplierId, SiteId), Vec<usize>> = BTreeMap::new();
    for (place, line) in lines.iter().enumerate() {
        let key = (line.proposal.supplier.clone(), line.proposal.site.clone());
        orders.entry(key).or_default().push(place);
    }
    for (order, places) in &orders {
        reach_minimum(lines, places, decided.get(order).copied());
    }
    keep_room(lines, &limits.storage);
    let mut budget = limits.budget.clone();
    for spent in decided.values() {
        if let Some(left) = budget.get_mut(&spent.currency) {
            left.minor -= spent.minor;
        }
    }
    keep_budget(lines, budget);
}

/// The value of the lines that are to be ordered; `None`: the cost of one is not known, or in another
/// currency.
fn value_of(lines: &[Planned<'_>], places: &[usize], currency: Currency) -> Option<Money> {
    let ordered = places.iter().map(|place| &lines[*place].proposal);
    let mut values = ordered.filter(|line| line.qty.is_positive()).map(|line| line.with.value);
    values.try_fold(Money::zero(currency), |sum, value| sum.checked_add(value?))
}

/// Brings an order to its supplier's minimum, or lets it wait. Where a part of it is decided it is on its
/// way: there is nothing to wait for any more, and what the rest was raised by it still is.
fn reach_minimum(lines: &mut [Planned<'_>], places: &[usize], decided: Option<Money>) {
    let least = places.first().and_then(|place| lines[*place].at.supplier.as_ref()?.min_order);
    let Some(least) = least else { return };
    // Of what is approved no more can be, until it is placed.
    let open: Vec<usize> =
        places.iter().copied().filter(|place| !lines[*place].at.is_approved()).collect();
    let is_ordered = |place: &usize| lines[*place].proposal.qty.is_positive();
    if decided.is_none() && !open.iter().any(is_ordered) {
        return;
    }
    let Some(value) = value_of(lines, &open, least.currency) else { return };
    let decided_here = decided.filter(|decided| decided.currency == least.currency);
    let mut missing = least;
    missing.minor -= decided_here.map_or(0, |decided| decided.minor);
    if value.minor >= missing.minor {
        return;
    }
    let lacking = Money { minor: missing.minor - value.minor, ..least };
    if decided.is_none() && waiting_is_cheaper(lines, &open, lacking) {
        wait(lines, &open, lacking);
    } else {
        fill_up(lines, &open, missing, least);
    }
}

fn wait(lines: &mut [Planned<'_>], places: &[usize], lacking: Money) {
    for place in places {
        let line = &mut lines[*place];
        line.waits_for = Some(lacking).filter(|_| line.proposal.qty.is_positive());
    }
}

/// Whether what runs short while the order waits for more lines costs less than holding what would
/// fill it up now.
fn waiting_is_cheaper(lines: &[Planned<'_>], places: &[usize], lacking: Money) -> bool {
    let mut short = 0.0;
    let mut sold_a_day = 0.0;
    let mut holding = 0.0_f64;
    for place in places {
        let Planned { at, proposal, .. } = &lines[*place];
        let Ok(basis) = Basis::of(at) else { continue };
        let (cost, margin) = worth(&at.item);
        if proposal.qty.is_positive() {
            short += proposal.without.short * margin * at.costs.lost_share;
        }
        sold_a_day += basis.daily() * cost;
        holding = holding.max(at.costs.holding_a_year);
    }
    let lacking = lacking.minor as f64 / 10_f64.powi(lacking.currency.exponent() as i32);
    // It is sold off evenly: held for half of the days that it lasts.
    let days = if sold_a_day > 0.0 { lacking / sold_a_day } else { f64::INFINITY };
    days > MOST_COVER_DAYS || short < lacking * holding * 0.5 * days / 365.0
}

/// Adds packs to what lasts shortest until `missing` of the supplier's `least` value is there. Where that
/// cannot be reached nothing is added: more stock, and still less than the supplier takes.
fn fill_up(lines: &mut [Planned<'_>], places: &[usize], missing: Money, least: Money) {
    let mut raised: BTreeMap<usize, Qty> = BTreeMap::new();
    let known: Vec<(usize, Basis<'_>)> = places
        .iter()
        .filter(|place| lines[**place].at.item.cost.is_some())
        .filter_map(|place| Some((*place, Basis::of(lines[*place].at).ok()?)))
        .collect();
    let lacks = |lines: &[Planned<'_>]| {
        let value = value_of(lines, places, missing.currency);
        value.is_some_and(|value| value.minor < missing.minor)
    };
    while lacks(lines) {
        let cover = |(place, basis): &&(usize, Basis<'_>)| {
            let there = lines[*place].proposal.position + lines[*place].proposal.qty;
            there.to_f64() / basis.daily().max(1e-6)
        };
        let room = |(place, basis): &&(usize, Basis<'_>)| {
            let line = &lines[*place].proposal;
            let more = lot(lines[*place].at, line.qty);
            basis.allows(line.position + line.qty + more)
        };
        let next = known.iter().filter(room).min_by(|a, b| cover(a).total_cmp(&cover(b)));
        let Some((place, basis)) = next.filter(|one| cover(one) < MOST_COVER_DAYS) else { break };
        let line = &mut lines[*place].proposal;
        let more = lot(lines[*place].at, line.qty);
        line.qty += more;
        *raised.entry(*place).or_default() += more;
        settle(line, basis);
    }
    let is_reached = !lacks(lines);
    for (place, basis) in &known {
        let Some(units) = raised.get(place) else { continue };
        let line = &mut lines[*place].proposal;
        line.qty -= *units;
        if is_reached {
            line.change(*units, Source::Minimum { least });
        }
        settle(line, basis);
    }
}

/// The least that can be added to a quantity.
fn lot(at: &Situation, qty: Qty) -> Qty {
    let pack = at.item.pack.unwrap_or(Qty::units(1));
    match at.item.lot() {
        Some(lot) if !qty.is_positive() => lot.order_for(pack.to_f64()),
        _ => pack,
    }
}

/// Cuts what does not fit into a building, least urgent lines first.
fn keep_room(lines: &mut [Planned<'_>], storage: &BTreeMap<SiteId, Qty>) {
    for (site, most) in storage {
        let here = |line: &&Planned<'_>| line.proposal.site == *site;
        let mut room = *most - lines.iter().filter(here).map(|line| line.proposal.position).sum();
        for place in by_worth(lines) {
            if lines[place].proposal.site == *site && lines[place].proposal.qty.is_positive() {
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
        let Some(value) = line.proposal.with.value.filter(|_| line.waits_for.is_none()) else {
            continue;
        };
        let Some(left) = left.get_mut(&value.currency) else { continue };
        if value.minor > left.minor {
            let share = left.minor.max(0) as f64 / value.minor as f64;
            let units = Qty::milli((line.proposal.qty.as_milli() as f64 * share) as i64);
            cut_to(line, units, Cap::Budget);
        }
        left.minor -= line.proposal.with.value.map_or(0, |value| value.minor);
    }
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
    let worth = |place: &usize| {
        let Planned { at, proposal, .. } = &lines[*place];
        let saved = proposal.without.short - proposal.with.short;
        let price = at.item.price.or(at.item.cost).map_or(1.0, |price| price.e4 as f64 / 10_000.0);
        let value = proposal.with.value.map_or(proposal.qty.to_f64(), |value| value.minor as f64);
        saved * price / value.max(1.0)
    };
    let mut places: Vec<usize> = (0..lines.len()).collect();
    places.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then_with(|| key(lines, *a, *b)));
    places
}

fn key(lines: &[Planned<'_>], a: usize, b: usize) -> Ordering {
    let of = |place: usize| (&lines[place].proposal.sku, &lines[place].proposal.site);
    of(a).cmp(&of(b))
}
