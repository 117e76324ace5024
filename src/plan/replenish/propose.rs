//! Whether to order, and how much: from what is known to a proposal with its derivation.

use super::distribution::Distribution;
use super::level::{Levels, levels};
use super::proposal::{Blocked, Effect, LIKELY, Note, OnItsWay, Proposal, Source, Step};
use super::situation::{Ahead, Coming, Interval, Situation, Unforecast};
use super::terms::SupplierTerms;
use crate::domain::{Day, Qty};
use serde::{Deserialize, Serialize};

/// A forecast that should have been made anew longer ago is not ordered by.
const STALE_DAYS: u16 = 7;
/// Goods that spoil are bought for no longer than this share of their life: the rest is for selling
/// them.
const LIFE_SHARE: f64 = 0.8;
/// What is new is bought for what is expected to sell until the next order's goods come and for so many days
/// more. Its quantiles are wide because nobody knows yet on what level it sells, not because it sells unevenly:
/// held by them, stock of an item that turns out to sell little lies for years, while of one that sells the
/// first weeks say so in time to order again.
const NEW_COVER_DAYS: usize = 28;
/// A level of which safety stock is so many times what is expected to sell is mostly that.
const MOSTLY: f64 = 4.0;
/// Fewer units are not worth a word.
const SEVERAL: Qty = Qty::units(10);
/// A lower price is reached for where the units that it takes beyond the need sell within so many days.
const BREAK_DAYS: usize = 60;

/// What stands against ordering at all.
pub fn obstacle(at: &Situation) -> Option<Blocked> {
    let item = &at.item;
    if let Some(pack) = item.pack.filter(|pack| !pack.is_positive()) {
        return Some(Blocked::BadPack { pack });
    }
    if let Some(moq) = item.moq.filter(|moq| moq.is_negative()) {
        return Some(Blocked::BadMoq { moq });
    }
    if let Some(cost) = item.costs().find(|cost| cost.e4 < 0) {
        return Some(Blocked::BadCost { cost });
    }
    if let Some([one, other]) = item.mixed_currencies() {
        return Some(Blocked::TwoCurrencies { one: one.into(), other: other.into() });
    }
    let Some(supplier) = &at.supplier else { return Some(Blocked::NoSupplier) };
    if supplier.lead.is_none() {
        return Some(Blocked::NoLeadTime { supplier: supplier.id.clone() });
    }
    match (at.on_hand, &at.ahead) {
        (None, _) => Some(Blocked::UnknownStock),
        (Some(on_hand), _) if on_hand.is_negative() => Some(Blocked::NegativeStock { on_hand }),
        (_, None) => Some(match at.unforecast {
            Unforecast::NotYet => Blocked::NoForecast,
            Unforecast::NeverSold => Blocked::NeverSold,
            Unforecast::SoldLast(last) => Blocked::NotSoldLately { last },
        }),
        (_, Some(ahead)) if ahead.age_days > STALE_DAYS => {
            Some(Blocked::StaleForecast { days: ahead.age_days })
        }
        _ => None,
    }
}

/// A situation in which nothing stands against ordering, and what follows from it alone.
pub(super) struct Basis<'a> {
    pub at: &'a Situation,
    pub ahead: &'a Ahead,
    pub supplier: &'a SupplierTerms,
    pub on_hand: Qty,
    pub interval: Interval,
    /// The day on which the order is to come, where somebody asks for another than the usual one.
    asked: Option<Day>,
    /// Demand over the interval.
    pub demand: Distribution,
    /// What was sold of the demand that the forecast expects of its first day: what was sold beyond is
    /// not going to be missing later.
    pub sold: Qty,
    pub lead_days: f64,
    pub lead_sd: f64,
}

impl<'a> Basis<'a> {
    pub fn of(at: &'a Situation) -> Result<Self, Blocked> {
        if let Some(blocked) = obstacle(at) {
            return Err(blocked);
        }
        let (Some(supplier), Some(ahead), Some(on_hand)) = (&at.supplier, &at.ahead, at.on_hand)
        else {
            return Err(Blocked::NoForecast);
        };
        let known = supplier.lead.as_ref().zip(Interval::of(at.today, ahead.first, supplier));
        let Some((lead, interval)) = known else {
            return Err(Blocked::NoLeadTime { supplier: supplier.id.clone() });
        };
        let demand = ahead.over(&interval);
        let (lead_days, lead_sd) = (lead.mean(), lead.deviation());
        let expected = told(ahead.within(1).mean());
        let sold = at.sold.min(expected);
        let asked = None;
        Ok(Self { at, ahead, supplier, on_hand, interval, asked, demand, sold, lead_days, lead_sd })
    }

    /// The same where the order is asked for on a day: it has to last until the next order's goods, or for
    /// as long as it takes itself.
    fn asked_for(mut self, day: Day) -> Self {
        let until = self.days_to(day);
        self.interval.ends.iter_mut().for_each(|(days, _)| *days = until.max(*days));
        self.demand = self.ahead.over(&self.interval);
        self.asked = Some(day);
        self
    }

    /// Days from the forecast's first to another one.
    fn days_to(&self, day: Day) -> usize {
        usize::try_from(day.number() - self.ahead.first.number()).unwrap_or(0)
    }

    /// What is on order: placed, and approved but not placed yet.
    fn coming(&self) -> [Qty; 2] {
        let of = |placed: bool| {
            let these = self.at.coming.iter().filter(move |one| one.po.is_some() == placed);
            these.map(|one| one.qty).sum()
        };
        [of(true), of(false)]
    }

    /// On hand and on order less what is promised, as of the forecast's first day.
    pub fn position(&self) -> Qty {
        let [placed, approved] = self.coming();
        self.on_hand - self.spoils().0 - self.at.committed + self.sold + placed + approved
    }

    /// Units on the shelf that spoil within the interval before they are expected to sell, and the last day
    /// on which the last of them can be sold. What came first is sold first.
    fn spoils(&self) -> (Qty, Option<Day>) {
        let first = self.ahead.first.number();
        let end = self.interval.mean_days();
        let (mut came, mut lost, mut until) = (Qty::ZERO, Qty::ZERO, None);
        for batch in &self.at.batches {
            let days = batch.until.number() - first + 1;
            if f64::from(days) >= end {
                break;
            }
            came += batch.qty;
            let sold = self.at.committed + self.sells_within(days);
            let unsold = (came - lost - sold).at_least_zero().min(batch.qty);
            if unsold.is_positive() {
                lost += unsold;
                until = Some(batch.until);
            }
        }
        (lost.min(self.on_hand.at_least_zero()), until)
    }

    /// The chance that something is short before the order comes, of what is there and comes earlier. An
    /// earlier order of which nobody knows the day is not counted on.
    pub fn risk_before(&self) -> f64 {
        let due = self.asked.unwrap_or(self.interval.due);
        let days = |one: &Coming| one.due.filter(|day| *day < due).map(|day| self.days_to(day));
        let mut earlier: Vec<(usize, Qty)> =
            self.at.coming.iter().filter_map(|one| Some((days(one)?, one.qty))).collect();
        earlier.sort_unstable();
        let [placed, approved] = self.coming();
        let mut there = self.position() - placed - approved;
        let short = |demand: &Distribution, there: Qty| 1.0 - demand.at_most(there.to_f64());
        let mut risk = if there.is_positive() { 0.0 } else { 1.0 };
        for (days, qty) in earlier {
            if days > 0 {
                risk = short(&self.ahead.within(days), there).max(risk);
            }
            there += qty;
        }
        let until = match self.asked {
            Some(day) => self.ahead.within(self.days_to(day)),
            None => self.ahead.over(&self.interval.until_due()),
        };
        short(&until, there).max(risk)
    }

    /// The day on which the first goods on order come; not those that are overdue, or of which nobody knows
    /// the day.
    fn next_comes(&self) -> Option<Day> {
        let coming = self.at.coming.iter().filter(|one| one.qty.is_positive());
        coming.filter_map(|one| one.due).filter(|due| *due >= self.ahead.first).min()
    }

    /// What is there and not promised, as of the forecast's first day.
    fn there(&self) -> Qty {
        let [placed, approved] = self.coming();
        self.position() - placed - approved
    }

    /// Whether what is there is expected to be used up before the goods that come first: those on order, else
    /// those of this order. Goods that are overdue, or of which nobody knows the day, are not counted on.
    fn runs_short(&self) -> bool {
        let days = self.days_to(self.next_comes().unwrap_or(self.interval.due));
        let there = self.there();
        let sold = if days > 0 { self.ahead.within(days).mean() } else { 0.0 };
        !there.is_positive() || sold >= there.to_f64()
    }

    /// What so many units more would mean.
    pub fn effect(&self, qty: Qty) -> Effect {
        let units = (self.position() + qty).to_f64();
        let short = units <= 0.0;
        Effect {
            risk: if short { 1.0 } else { 1.0 - self.demand.at_most(units) },
            short: self.demand.beyond(units.max(0.0)) + (-units).max(0.0),
            lasts_until: self.ahead.lasts_until(units),
            value: self.at.item.cost_of(qty).map(|cost| cost.times(qty)),
        }
    }

    /// Units expected to sell a day.
    pub fn daily(&self) -> f64 {
        self.demand.mean() / self.interval.mean_days().max(1.0)
    }

    /// Whether nothing that limits the order-up-to level stands against having so many.
    pub fn allows(&self, level: Qty) -> bool {
        let is_too_much = self.while_new(level, self.interval.mean_days()).1.is_some();
        !is_too_much && self.limited(level).1.is_empty()
    }

    /// The order-up-to level under what limits it, and the steps that say so.
    fn limited(&self, wanted: Qty) -> (Qty, Vec<Step>) {
        let (mut level, mut steps) = (wanted, Vec::new());
        let mut limit = |to: Qty, source: Source| {
            let to = to.at_least_zero();
            if to < level {
                steps.push(Step { units: to - level, source });
                level = to;
            }
        };
        let from = self.ahead.first.number();
        if let Some(days) = self.at.item.shelf_life_days {
            let sold_by = self.interval.due.number() - from + (f64::from(days) * LIFE_SHARE) as i32;
            limit(self.sells_within(sold_by), Source::ShelfLife { days });
        }
        if let Some(last) = self.at.item.ends {
            limit(self.sells_within(last.number() + 1 - from), Source::Ending { last });
        }
        if let Some(most) = self.at.item.most {
            // What sells until it comes makes room.
            let room = most + self.sells_within(self.interval.due.number() - from);
            limit(room.max(most), Source::Storage { most });
        }
        (level, steps)
    }

    /// A level that is to last for so many days as it is while the item is new, and the step that says so.
    fn while_new(&self, wanted: Qty, days: f64) -> (Qty, Option<Step>) {
        if self.at.new_for.is_none() {
            return (wanted, None);
        }
        let days = days.ceil() as usize + NEW_COVER_DAYS;
        let sells = Qty::units(self.ahead.within(days).mean().ceil() as i64);
        let less = (wanted - sells).at_least_zero();
        let step = Step { units: -less, source: Source::New { days: days as u32 } };
        (wanted - less, Some(step).filter(|_| less.is_positive()))
    }

    /// Units expected to sell within so many days of the forecast's first.
    fn sells_within(&self, days: i32) -> Qty {
        match usize::try_from(days) {
            Ok(days) if days > 0 => Qty::units(self.ahead.within(days).mean().floor() as i64),
            _ => Qty::ZERO,
        }
    }
}

/// What to order, or why that cannot be said. Nothing where no order is due yet.
pub fn propose(at: &Situation) -> Result<Proposal, Blocked> {
    Ok(proposed(&Basis::of(at)?))
}

fn proposed(basis: &Basis<'_>) -> Proposal {
    let at = basis.at;
    let Levels { reorder_point, cover, order_up_to, service } = levels(basis);
    let expected = told(basis.demand.mean());
    let (days, review) = (basis.interval.mean_days(), basis.interval.review_days());
    let (lead, lead_sd) = (basis.lead_days, basis.lead_sd);
    let mut why = vec![
        Step { units: expected, source: Source::Demand { days, lead, lead_sd, review } },
        Step {
            units: cover - expected,
            source: Source::Safety { service, wanted: at.service, planned: at.planned_short() },
        },
        Step { units: order_up_to - cover, source: Source::Cycle },
    ];
    let until_next = basis.interval.mean_days();
    let (order_up_to, too_much) = basis.while_new(order_up_to, until_next);
    why.extend(too_much);
    let until_soonest = until_next - basis.interval.spare as f64;
    let reorder_point = basis.while_new(reorder_point, until_soonest).0;
    let least = at.item.least.unwrap_or(Qty::ZERO);
    why.push(Step {
        units: (least - order_up_to).at_least_zero(),
        source: Source::Least { least },
    });
    let (reorder_point, order_up_to) = (reorder_point.max(least), order_up_to.max(least));
    let (order_up_to, limits) = basis.limited(order_up_to);
    why.extend(limits);
    let [placed, approved] = basis.coming();
    let on_its_way = |one: &Coming| {
        Some(OnItsWay { po: one.po.clone()?, due: one.due, qty: one.qty })
            .filter(|one| !one.qty.is_zero())
    };
    let by = at.coming.iter().filter_map(on_its_way).collect();
    why.extend([
        Step { units: -basis.on_hand, source: Source::OnHand },
        Step { units: at.committed, source: Source::Committed },
        Step { units: -basis.sold, source: Source::Sold },
        Step { units: -placed, source: Source::OnOrder { by } },
        Step { units: -approved, source: Source::Approved },
    ]);
    if let (lost, Some(until)) = basis.spoils() {
        why.push(Step { units: lost, source: Source::Spoils { until } });
    }
    // That nothing is there is told as well, and why no more is held than is expected to sell.
    let speaks = |source: &Source| {
        matches!(source, Source::OnHand | Source::Safety { planned: Some(_), .. })
    };
    why.retain(|step| !step.units.is_zero() || speaks(&step.source));
    let position = basis.position();
    let without = basis.effect(Qty::ZERO);
    let mut proposal = Proposal {
        sku: at.sku.clone(),
        site: at.site.clone(),
        supplier: basis.supplier.id.clone(),
        qty: order_up_to - position,
        reorder_point: reorder_point.min(order_up_to),
        order_up_to,
        position,
        order: basis.interval.order,
        next: basis.interval.next,
        any_day: basis.interval.spare > 0,
        due: basis.interval.due,
        cost: at.item.cost,
        lead_days: basis.lead_days,
        runs_out: without.lasts_until,
        risk_before: basis.risk_before(),
        runs_short: basis.runs_short(),
        without,
        with: without,
        likely: LIKELY.map(|level| basis.demand.quantile(level)),
        spread: spread(&basis.demand),
        one_offs: at.one_offs.clone(),
        notes: notes(basis),
        why,
    };
    let point = proposal.reorder_point;
    if position >= point || !proposal.qty.is_positive() {
        let none = -proposal.qty;
        proposal.change(none, Source::NotYet { point });
    } else {
        let safety = cover.min(order_up_to) - expected;
        let is_much = safety >= SEVERAL && safety.to_f64() > MOSTLY * expected.to_f64();
        if is_much && at.new_for.is_none() {
            proposal.notes.push(Note::MostlySafety { expected, safety });
        }
        round_up(&mut proposal, at);
        keep_limits(&mut proposal, basis);
        reach_break(&mut proposal, basis);
    }
    settle(&mut proposal, basis);
    proposal
}

/// Units that are expected, as exactly as they are told: to whole ones, or to tenths where they are few.
fn told(units: f64) -> Qty {
    if units >= 10.0 {
        return Qty::units(units.round() as i64);
    }
    Qty::milli(100 * (10.0 * units).round() as i64)
}

fn notes(basis: &Basis<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    if basis.ahead.age_days > 0 {
        notes.push(Note::OldForecast { days: basis.ahead.age_days });
    }
    if basis.at.unforecast != Unforecast::NotYet {
        notes.push(Note::PeopleAlone);
    }
    let there = basis.there();
    if let Some(comes) = basis.next_comes().filter(|_| there.is_positive() && basis.runs_short())
        && let Some(out) = basis.ahead.lasts_until(there.to_f64())
    {
        notes.push(Note::RunsShort { out, comes });
    }
    if let Some(days) = basis.at.new_for {
        notes.push(Note::NewItem { days });
    }
    let Some(cost) = basis.at.item.cost.map(|cost| cost.currency) else { return notes };
    if let Some(price) = basis.at.item.price.filter(|price| price.currency != cost) {
        notes.push(Note::OtherPrice { price: price.currency, cost });
    }
    if let Some(least) = basis.supplier.min_order.filter(|least| least.currency != cost) {
        notes.push(Note::OtherMinimum { least, cost });
    }
    notes
}

/// Raises a quantity to what can be bought: whole units, the minimum, whole packs.
fn round_up(proposal: &mut Proposal, at: &Situation) {
    let Some(lot) = at.item.lot() else { return };
    let order = lot.order_for(proposal.qty.to_f64());
    let moq = at.item.moq.unwrap_or(Qty::ZERO);
    let pack = at.item.pack.unwrap_or(Qty::units(1));
    proposal.change((moq - proposal.qty).at_least_zero(), Source::Moq { moq });
    proposal.change(order - proposal.qty, Source::Pack { pack });
}

/// Brings what was rounded up beyond shelf life, end of life or room down to whole packs that fit; to
/// nothing where the least that is sold at once does not.
fn keep_limits(proposal: &mut Proposal, basis: &Basis<'_>) {
    let (level, steps) = basis.limited(proposal.position + proposal.qty);
    // The last is the narrowest.
    let (Some(limit), Some(lot)) = (steps.into_iter().next_back(), basis.at.item.lot()) else {
        return;
    };
    let fits = lot.at_most((level - proposal.position).at_least_zero());
    proposal.change(fits - proposal.qty, limit.source);
}

/// Buys up to the next lower price where all of it costs less than the quantity that is needed, and what
/// is bought beyond sells soon.
fn reach_break(proposal: &mut Proposal, basis: &Basis<'_>) {
    let item = &basis.at.item;
    let Some((step, lot)) = item.next_break(proposal.qty).zip(item.lot()) else { return };
    let target = lot.packs_covering(step.from.to_f64());
    let Some(now) = item.cost_of(proposal.qty) else { return };
    let (dear, cheap) = (now.times(proposal.qty), step.cost.times(target));
    let soon = basis.ahead.within(proposal_days(basis) + BREAK_DAYS).mean();
    let sells = (basis.position() + target).to_f64() <= soon;
    let fits = basis.allows(basis.position() + target);
    if cheap.currency == dear.currency && cheap.minor <= dear.minor && sells && fits {
        let units = target - proposal.qty;
        proposal.change(units, Source::Break { from: step.from, cost: step.cost });
    }
}

/// Days of the forecast until the order comes.
fn proposal_days(basis: &Basis<'_>) -> usize {
    usize::try_from(basis.interval.due.number() - basis.ahead.first.number()).unwrap_or(0)
}

/// Tells what the quantity, as it stands now, costs and means.
pub(super) fn settle(proposal: &mut Proposal, basis: &Basis<'_>) {
    proposal.cost = basis.at.item.cost_of(proposal.qty);
    proposal.with = basis.effect(proposal.qty);
    proposal.note_far_more();
}

/// How far apart the outcomes are that a forecast holds for likely, beside what it expects.
fn spread(demand: &Distribution) -> f64 {
    let apart = demand.quantile(0.9) - demand.quantile(0.1);
    if apart > 0.0 { apart / demand.mean().max(f64::MIN_POSITIVE) } else { 0.0 }
}

/// What another quantity than the proposed one would mean, or other terms: a person's "what if".
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Days of lead time more or less.
    pub lead_days: i32,
    /// Another service, as a chance that nothing is short, 0 to 1.
    pub service: Option<f64>,
    /// So much more demand (0.2: a fifth more).
    pub uplift: f64,
    /// Another quantity than what follows.
    pub qty: Option<Qty>,
    /// Another day on which it is to come than the usual one.
    pub due: Option<Day>,
}

/// What would be proposed, and what that quantity or the person's own would mean.
pub fn what_if(at: &Situation, change: &Change) -> Result<Proposal, Blocked> {
    let mut other = at.clone();
    if let Some(service) = change.service {
        other.service = super::terms::Service::Cycle(service);
    }
    if let Some(lead) = other.supplier.as_mut().and_then(|supplier| supplier.lead.as_mut()) {
        *lead = lead.moved_by(change.lead_days);
    }
    if let Some(ahead) = &mut other.ahead {
        ahead.uplift(1.0 + change.uplift.max(-1.0));
    }
    let mut basis = Basis::of(&other)?;
    if let Some(day) = change.due {
        basis = basis.asked_for(day);
    }
    let mut proposal = proposed(&basis);
    if let Some(qty) = change.qty {
        proposal.change(qty - proposal.qty, Source::Person);
        settle(&mut proposal, &basis);
    }
    Ok(proposal)
}
