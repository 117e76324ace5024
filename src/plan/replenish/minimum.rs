//! A supplier's least order value: whether an order is filled up to it, or waits for more lines.

use super::joint::{Decided, Planned};
use super::proposal::Source;
use super::propose::{Basis, settle};
use super::situation::Situation;
use super::terms::{HIGHEST_SERVICE, LOWEST_SERVICE, Service, major, worth};
use crate::domain::{Currency, Money, Qty, SiteId, SupplierId};
use std::collections::BTreeMap;

/// A supplier's minimum is not reached by buying more of an item than sells in so many days.
const MOST_COVER_DAYS: f64 = 120.0;

/// The lines of one order to a supplier that takes no less than a certain value.
pub(super) struct BoundOrder {
    /// Where they lie; not those that are approved, of which no more can be until they are placed, nor those
    /// that are put off.
    open: Vec<usize>,
    /// The least that the supplier takes.
    least: Money,
    /// What is missing of it beside what is decided.
    missing: Money,
    /// Whether a part of it is decided: it is on its way then, and there is nothing to wait for.
    is_decided: bool,
}

impl BoundOrder {
    /// The orders that lines are parts of, where their suppliers have a minimum.
    pub fn all(lines: &[Planned<'_>], decided: &Decided) -> Vec<Self> {
        let mut orders: BTreeMap<(&SupplierId, &SiteId), (Money, Vec<usize>)> = BTreeMap::new();
        for (place, Planned { at, proposal, put_off, .. }) in lines.iter().enumerate() {
            let Some(least) = at.supplier.as_ref().and_then(|of| of.min_order) else { continue };
            let key = (&proposal.supplier, &proposal.site);
            let (_, open) = orders.entry(key).or_insert_with(|| (least, Vec::new()));
            if !at.is_approved() && !put_off {
                open.push(place);
            }
        }
        let of = |((supplier, site), (least, open)): ((&SupplierId, &SiteId), (Money, Vec<_>))| {
            let decided = decided.get(&(supplier.clone(), site.clone()));
            let here = decided.filter(|decided| decided.currency == least.currency);
            let minor = least.minor - here.map_or(0, |decided| decided.minor);
            let missing = Money { minor, ..least };
            Self { open, least, missing, is_decided: decided.is_some() }
        };
        orders.into_iter().map(of).collect()
    }

    /// Fills it up to the minimum, or lets it wait.
    pub fn reach_minimum(&self, lines: &mut [Planned<'_>]) {
        if !self.is_decided && !self.is_ordered(lines) {
            return;
        }
        let Some(lacking) = self.lacking(lines) else { return };
        let can_wait =
            || waiting_is_cheaper(lines, &self.open, lacking) || waiting_serves(lines, &self.open);
        let waits = !self.is_decided && can_wait();
        let is_reached = !waits && fill_up(lines, &self.open, self.missing, self.least);
        if !is_reached {
            self.wait(lines);
        }
    }

    /// The share of the minimum that it is short of, 0 to 1; 0 where it waits, where nothing is ordered,
    /// and where it is on its way anyhow.
    pub fn lacking_share(&self, lines: &[Planned<'_>]) -> f64 {
        match self.lacking(lines) {
            Some(lacking) if !self.is_decided && self.is_ordered(lines) => {
                lacking.minor as f64 / self.least.minor.max(1) as f64
            }
            _ => 0.0,
        }
    }

    /// Takes back what it was filled up with, and lets it wait for more lines.
    pub fn wait(&self, lines: &mut [Planned<'_>]) {
        for place in &self.open {
            let Planned { at, proposal, .. } = &mut lines[*place];
            let raised = |source: &Source| matches!(source, Source::Minimum { .. });
            let by = proposal.why.iter().filter(|step| raised(&step.source));
            let units: Qty = by.map(|step| step.units).sum();
            if units.is_positive() {
                proposal.why.retain(|step| !raised(&step.source));
                proposal.qty -= units;
                if let Ok(basis) = Basis::of(at) {
                    settle(proposal, &basis);
                }
            }
        }
        let lacking = self.lacking(lines).filter(|_| !self.is_decided);
        for place in &self.open {
            let line = &mut lines[*place];
            line.waits_for = lacking.filter(|_| line.proposal.qty.is_positive());
        }
    }

    fn is_ordered(&self, lines: &[Planned<'_>]) -> bool {
        self.open.iter().any(|place| lines[*place].is_ordered())
    }

    /// What it lacks to the minimum; `None`: nothing, or its value is not known in that currency.
    fn lacking(&self, lines: &[Planned<'_>]) -> Option<Money> {
        let value = value_of(lines, &self.open, self.missing.currency)?;
        let minor = self.missing.minor - value.minor;
        (minor > 0).then_some(Money { minor, ..self.missing })
    }
}

/// The value of the lines that are to be ordered; `None`: the cost of one is not known, or in another
/// currency.
fn value_of(lines: &[Planned<'_>], places: &[usize], currency: Currency) -> Option<Money> {
    let ordered = places.iter().map(|place| &lines[*place].proposal);
    let mut values = ordered.filter(|line| line.qty.is_positive()).map(|line| line.with.value);
    values.try_fold(Money::zero(currency), |sum, value| sum.checked_add(value?))
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
            // What is short before this order's goods could come is short either way.
            let until_due = basis.ahead.over(&basis.interval.until_due());
            let before = until_due.beyond(proposal.position.to_f64());
            let more = (proposal.without.short - before).max(0.0);
            short += more * margin * at.costs.lost_share;
        }
        sold_a_day += basis.daily() * cost;
        holding = holding.max(at.costs.holding_a_year);
    }
    let lacking = major(lacking);
    // It is sold off evenly: held for half of the days that it lasts.
    let days = if sold_a_day > 0.0 { lacking / sold_a_day } else { f64::INFINITY };
    days > MOST_COVER_DAYS || short < lacking * holding * 0.5 * days / 365.0
}

/// Whether the fill rate that is asked for is kept while the order waits: no line is likelier than not to
/// run out before the next order's goods come, and of what they all sell until then no more is short than
/// that rate leaves (each line by its worth, as [`super::level`] plans it). Lines that are planned by what
/// they cost do not wait for this.
fn waiting_serves(lines: &[Planned<'_>], places: &[usize]) -> bool {
    let (mut short, mut allowed) = (0.0, 0.0);
    for place in places {
        let Planned { at, proposal, .. } = &lines[*place];
        let Ok(basis) = Basis::of(at) else { continue };
        let Service::Fill(share) = at.service else { return false };
        let until_own = basis.ahead.over(&basis.interval.until_due());
        let position = proposal.position.to_f64();
        if proposal.qty.is_positive() && proposal.without.risk > 0.5 {
            return false;
        }
        let (cost, margin) = worth(&at.item);
        let of_review = basis.demand.mean() - until_own.mean();
        let share = share.clamp(LOWEST_SERVICE, HIGHEST_SERVICE);
        allowed += at.shortage.planned((1.0 - share) / share) * of_review * (cost + margin);
        let more = (proposal.without.short - until_own.beyond(position)).max(0.0);
        short += more * (cost + margin);
    }
    short <= allowed
}

/// Adds packs to what lasts shortest until `missing` of the supplier's `least` value is there. Where that
/// cannot be reached nothing is added: more stock, and still less than the supplier takes. Whether it
/// was reached.
fn fill_up(lines: &mut [Planned<'_>], places: &[usize], missing: Money, least: Money) -> bool {
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
    is_reached
}

/// The least that can be added to a quantity.
fn lot(at: &Situation, qty: Qty) -> Qty {
    let pack = at.item.pack.unwrap_or(Qty::units(1));
    match at.item.lot() {
        Some(lot) if !qty.is_positive() => lot.order_for(pack.to_f64()),
        _ => pack,
    }
}
