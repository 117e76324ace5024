//! The plan of what to order: made when it is asked for, anew only for what has changed.

mod ahead;
mod situations;

pub(super) use situations::{CLASS_WEEKS, item_terms, lead_times};

pub use ahead::run;

use super::api::{Plan, Refusal};
use super::automatic::again;
use super::forecasts::is_reading;
use super::house::House;
use crate::config::Reorders;
use crate::demand::SeriesKey;
use crate::desk::buying::{CurrentProposal, Purchasing};
use crate::domain::*;
use crate::plan::coordinate::{self, SiteLine};
use crate::plan::replenish::{
    Blocked, Class, Decided, Limits, Planned, Proposal, Shortage, Situation, SupplierTerms,
    propose, together,
};
use parking_lot::Mutex;
use rayon::prelude::*;
use situations::{Known, Suppliers};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One SKU at one site in the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it follows from.
    pub at: Arc<Situation>,
    /// Its class.
    pub class: Class,
    /// What is proposed.
    pub plan: Plan,
    /// What the supplier's order lacks, where it rather waits for more lines.
    pub waits_for: Option<Money>,
    /// Whether what somebody decided keeps it quiet: it is no part of an order then.
    pub put_off: bool,
}

/// Everything that is planned, by SKU, then site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrderPlan {
    /// The lines, shared with the plans before, so that one that somebody looks at is soon followed by another.
    pub lines: BTreeMap<SeriesKey, Arc<Line>>,
}

impl OrderPlan {
    /// What is proposed of a SKU for a site, as the desk holds decisions against it; `None`: nothing
    /// is to be ordered.
    pub fn proposal(&self, sku: &Sku, site: &SiteId) -> Option<CurrentProposal> {
        self.line(sku, site)?.proposal()
    }

    /// The same for a decision that is a part of an act, which began when the plan was `begun`. What an
    /// act has decided so far changes the lines of the same orders; of those of which nothing else has
    /// changed, the proposals stand by which all of it was decided.
    pub fn proposal_within(
        &self,
        begun: &OrderPlan,
        sku: &Sku,
        site: &SiteId,
    ) -> Option<CurrentProposal> {
        let now = self.line(sku, site)?;
        let is_same = |then: &&Line| then.at == now.at && then.put_off == now.put_off;
        begun.line(sku, site).filter(is_same).unwrap_or(now).proposal()
    }

    /// The plan of some lines alone.
    pub fn only<'k>(&self, keys: impl IntoIterator<Item = (&'k Sku, &'k SiteId)>) -> Self {
        let key = |(sku, site): (&Sku, &SiteId)| SeriesKey { sku: sku.clone(), site: site.clone() };
        let line = |key: SeriesKey| self.lines.get(&key).cloned().map(|line| (key, line));
        Self { lines: keys.into_iter().map(key).filter_map(line).collect() }
    }

    /// What a site can spare of a SKU for others; `None`: it is not planned.
    pub fn spare(&self, sku: &Sku, site: &SiteId) -> Option<Qty> {
        let line = self.line(sku, site)?.as_site_line()?;
        Some(coordinate::spare(line).map_or(Qty::ZERO, |spare| spare.qty))
    }

    /// What is planned of a SKU, site by site; sites at which it cannot be are left out.
    pub fn sites_of<'p>(&'p self, sku: &Sku) -> Vec<SiteLine<'p>> {
        of_sku(&self.lines, sku).filter_map(|(_, line)| line.as_site_line()).collect()
    }

    /// The lines of a SKU.
    pub fn shared_of(&self, sku: &Sku) -> Vec<Arc<Line>> {
        of_sku(&self.lines, sku).map(|(_, line)| line.clone()).collect()
    }

    fn line(&self, sku: &Sku, site: &SiteId) -> Option<&Line> {
        self.lines.get(&SeriesKey { sku: sku.clone(), site: site.clone() }).map(Arc::as_ref)
    }
}

impl Line {
    /// What other sites' lines of its SKU are held against; `None`: it cannot be planned.
    pub fn as_site_line(&self) -> Option<SiteLine<'_>> {
        Some(SiteLine { at: &self.at, proposal: self.plan.proposal()? })
    }

    fn proposal(&self) -> Option<CurrentProposal> {
        match &self.plan {
            Plan::Proposed(line) if !line.qty.is_positive() => None,
            Plan::Proposed(line) => Some(CurrentProposal {
                suggestion: line.suggestion(),
                cost: line.cost,
                runs_out: line.runs_out,
                blocked: None,
            }),
            // A person may order what nobody forecasts.
            Plan::Blocked(blocked) if blocked.is_unforecast() => None,
            Plan::Blocked(blocked) => Some(CurrentProposal {
                suggestion: Suggestion {
                    qty: Qty::ZERO,
                    supplier: None,
                    due: None,
                    checksum: 0,
                    review: None,
                },
                cost: None,
                runs_out: None,
                blocked: Some(blocked.to_string()),
            }),
        }
    }
}

/// What has changed since the plan was made.
#[derive(Clone)]
enum Stale {
    /// Anything may have.
    All,
    /// What is known of these.
    Skus(BTreeSet<Sku>),
}

impl Stale {
    fn is_nothing(&self) -> bool {
        matches!(self, Stale::Skus(skus) if skus.is_empty())
    }

    fn and(self, other: Stale) -> Stale {
        match (self, other) {
            (Stale::Skus(mut skus), Stale::Skus(others)) => {
                skus.extend(others);
                Stale::Skus(skus)
            }
            _ => Stale::All,
        }
    }
}

/// Makes plans, and remembers what they were made from. Who changes the books says so by [`Planner::touch`]
/// or [`Planner::touch_all`].
pub struct Planner {
    made: Mutex<Made>,
    stale: Mutex<Stale>,
    rules: Mutex<Reorders>,
    shortage: Mutex<Shortage>,
}

impl Default for Planner {
    fn default() -> Self {
        Self {
            made: Mutex::default(),
            stale: Mutex::new(Stale::All),
            rules: Mutex::default(),
            shortage: Mutex::default(),
        }
    }
}

/// Classes of SKUs, site by site.
type Classes = BTreeMap<SeriesKey, Class>;
/// The order that a line would be a part of.
type OrderKey = (SupplierId, SiteId);
/// A line by itself.
#[derive(Clone)]
struct Alone {
    at: Arc<Situation>,
    proposed: Result<Proposal, Blocked>,
    /// The journal's entry of what was decided about it last, and was not taken back.
    decided_by: Option<u64>,
    /// Whether that keeps it quiet as it is proposed by itself.
    put_off: bool,
}

impl Alone {
    /// Takes what was decided about it.
    fn look_at(&mut self, decided: &Purchasing, series: &SeriesKey, today: Day) {
        let proposal = self.proposed.as_ref().ok();
        self.put_off =
            proposal.is_some_and(|proposal| is_put_off(decided, series, proposal, today));
        self.decided_by = decided.last_word(&series.sku, &series.site).map(|last| last.entry);
    }
}

/// Today, the first day that is not over as far as the data go, and the forecasts' first day; and the days
/// by which the data are behind. Whether histories are read: what they tell may follow.
type Days = (Day, Day, Day, i32, bool);

#[derive(Default)]
struct Made {
    of: Option<Days>,
    /// What was taken for changed last, and at which revision of the house.
    taken: Option<(u64, Stale)>,
    plan: Arc<OrderPlan>,
    alone: BTreeMap<SeriesKey, Alone>,
    /// Lines that would be parts of one order.
    orders: BTreeMap<OrderKey, Vec<SeriesKey>>,
    /// What is approved and no order yet.
    drafted: Decided,
    suppliers: Suppliers,
    classes: Option<(Day, Arc<Classes>)>,
}

impl Planner {
    /// Takes the configuration's rules.
    pub fn set_up(&self, rules: Reorders) {
        *self.rules.lock() = rules;
        self.touch_all();
    }

    /// The rules.
    pub fn rules(&self) -> Reorders {
        self.rules.lock().clone()
    }

    /// Takes what runs short where so much is planned to.
    pub fn learn(&self, shortage: Shortage) {
        let before = std::mem::replace(&mut *self.shortage.lock(), shortage);
        if before != shortage {
            self.touch_all();
        }
    }

    /// What runs short where so much is planned to, as far as that is known.
    pub fn shortage(&self) -> Shortage {
        *self.shortage.lock()
    }

    /// Says that something about these SKUs is another than before: their stock, what was sold of them,
    /// their forecast, or what is approved of them, turned down or put off. Said after the books have changed.
    pub fn touch(&self, skus: impl IntoIterator<Item = Sku>) {
        if let Stale::Skus(known) = &mut *self.stale.lock() {
            known.extend(skus);
        }
    }

    /// The same of anything.
    pub fn touch_all(&self) {
        *self.stale.lock() = Stale::All;
    }

    /// What is known of a supplier as it delivers to a site, as the plan made last went by it.
    pub fn supplier(&self, id: &SupplierId, site: &SiteId) -> Option<SupplierTerms> {
        self.made.lock().suppliers.to(id, site)
    }

    /// Looks at the plan made last, without waiting for one: `None` while one is made, and before the first.
    pub fn look<T>(&self, look: impl FnOnce(&OrderPlan) -> T) -> Option<T> {
        let made = self.made.try_lock()?;
        made.of.map(|_| look(&made.plan))
    }

    /// The plan as of now.
    pub fn plan(&self, house: &House) -> Result<Arc<OrderPlan>, Refusal> {
        // One makes it, others wait for it and get the same.
        let mut made = self.made.lock();
        let today = house.today();
        let first = house.forecasts.read().first_day(today);
        let days = (today, house.first_ahead(), first, house.days_behind(), is_reading(house));
        let revision = *house.revision.borrow();
        let fresh = std::mem::replace(&mut *self.stale.lock(), Stale::Skus(BTreeSet::new()));
        // A change says that it is one before what is told of it is: what was looked at in between may be
        // of both sides of it, and is looked at once more.
        let stale = match &made.taken {
            Some((at, taken)) if *at != revision => fresh.clone().and(taken.clone()),
            _ => fresh.clone(),
        };
        if !fresh.is_nothing() || made.taken.as_ref().is_none_or(|(at, _)| *at != revision) {
            made.taken = Some((revision, fresh));
        }
        let rules = self.rules();
        let done = match stale {
            Stale::Skus(skus) if made.of == Some(days) => made.renew(house, &rules, days, &skus),
            _ => made.make(house, &rules, days).map(|()| made.of = Some(days)),
        };
        match done {
            Ok(()) => Ok(made.plan.clone()),
            Err(refusal) => {
                self.touch_all();
                Err(refusal)
            }
        }
    }
}

impl Made {
    /// Makes the plan from everything that is known; lines of which nothing has changed stay as they are.
    fn make(&mut self, house: &House, rules: &Reorders, days: Days) -> Result<(), Refusal> {
        let classes = self.classes_of_all(house)?;
        self.suppliers = situations::suppliers(house, rules);
        let known = Known::of(house, rules, &classes, &self.suppliers, days.4)?;
        let mut alone = BTreeMap::new();
        let mut orders: BTreeMap<OrderKey, Vec<SeriesKey>> = BTreeMap::new();
        let mut changed = Vec::new();
        for (series, at) in known.all() {
            if let Some(order) = order_of(&at) {
                orders.entry(order).or_default().push(series.clone());
            }
            match self.alone.remove(&series).filter(|before| *before.at == at) {
                Some(line) => _ = alone.insert(series, line),
                None => changed.push((series, at)),
            }
        }
        let anew = changed.into_par_iter().map(|(series, at)| (series, by_itself(at)));
        alone.extend(anew.collect::<Vec<_>>());
        for (series, line) in &mut alone {
            line.look_at(&known.decided, series, days.0);
        }
        (self.alone, self.orders, self.drafted) = (alone, orders, drafted(&known.decided));
        let beside = Beside {
            limits: &rules.limits,
            drafted: &self.drafted,
            decided: &known.decided,
            today: days.0,
        };
        let lines = with_one_another(self.alone.iter(), &beside);
        let lines = lines.map(|(series, line)| (series.clone(), line.of(known.class(series))));
        self.plan = Arc::new(OrderPlan { lines: lines.collect() });
        Ok(())
    }

    /// Brings the plan up to date where something about these SKUs has changed: their lines, and the lines
    /// that are parts of the same orders. Where a budget or a building binds all lines, all of them.
    fn renew(
        &mut self,
        house: &House,
        rules: &Reorders,
        days: Days,
        skus: &BTreeSet<Sku>,
    ) -> Result<(), Refusal> {
        let classes = self.classes(house)?;
        let known = Known::of(house, rules, &classes, &self.suppliers, days.4)?;
        let mut orders: BTreeSet<OrderKey> = BTreeSet::new();
        let mut single = Vec::new();
        let mut are_others = false;
        for sku in skus {
            let planned = known.of_sku(sku);
            are_others |= planned.len() != of_sku(&self.alone, sku).count();
            for (series, at) in planned {
                let Some(before) = self.alone.get_mut(&series) else {
                    are_others = true;
                    break;
                };
                let mut line = Alone::clone(before);
                if *before.at != at {
                    line = by_itself(at);
                }
                line.look_at(&known.decided, &series, days.0);
                let told = |line: &Alone| (line.decided_by, line.put_off);
                if Arc::ptr_eq(&line.at, &before.at) && told(&line) == told(before) {
                    continue;
                }
                match order_of(&line.at) {
                    Some(order) => _ = orders.insert(order),
                    None => single.push(series),
                }
                *before = line;
            }
        }
        if are_others {
            drop(known);
            return self.make(house, rules, days);
        }
        let drafted = drafted(&known.decided);
        let differs = |order: &&OrderKey| drafted.get(*order) != self.drafted.get(*order);
        orders.extend(drafted.keys().chain(self.drafted.keys()).filter(differs).cloned());
        self.drafted = drafted;
        if orders.is_empty() && single.is_empty() {
            return Ok(());
        }
        let bound = !(rules.limits.budget.is_empty() && rules.limits.storage.is_empty());
        let parts: Vec<SeriesKey> = if bound {
            self.alone.keys().cloned().collect()
        } else {
            let of = orders.iter().filter_map(|order| self.orders.get(order)).flatten();
            of.cloned().chain(single).collect()
        };
        let alone = &self.alone;
        let lines = parts.iter().filter_map(|series| alone.get_key_value(series));
        let plan = Arc::make_mut(&mut self.plan);
        let beside = Beside {
            limits: &rules.limits,
            drafted: &self.drafted,
            decided: &known.decided,
            today: days.0,
        };
        for (series, line) in with_one_another(lines, &beside) {
            plan.lines.insert(series.clone(), line.of(known.class(series)));
        }
        Ok(())
    }

    /// The classes of today. Of what was not forecast when they were made they know nothing.
    fn classes(&mut self, house: &House) -> Result<Arc<Classes>, Refusal> {
        let today = house.today();
        if let Some((_, classes)) = self.classes.as_ref().filter(|(of, _)| *of == today) {
            return Ok(classes.clone());
        }
        let classes = Arc::new(situations::read_classes(house)?);
        self.classes = Some((today, classes.clone()));
        Ok(classes)
    }

    /// The same, made anew where other series are forecast by now: what the first pages of a history told
    /// is no class for the day.
    fn classes_of_all(&mut self, house: &House) -> Result<Arc<Classes>, Refusal> {
        let knows = |classes: &Classes| {
            let forecasts = house.forecasts.read();
            classes.keys().eq(forecasts.iter().map(|(series, _)| series))
        };
        self.classes = self.classes.take().filter(|(_, classes)| knows(classes));
        self.classes(house)
    }
}

/// What is planned of a SKU.
fn of_sku<'l, L>(
    lines: &'l BTreeMap<SeriesKey, L>,
    sku: &Sku,
) -> impl Iterator<Item = (&'l SeriesKey, &'l L)> + use<'l, L> {
    let from = SeriesKey { sku: sku.clone(), site: SiteId::new("") };
    let sku = sku.clone();
    lines.range(from..).take_while(move |(series, _)| series.sku == sku)
}

fn by_itself(at: Situation) -> Alone {
    let proposed = propose(&at);
    Alone { at: Arc::new(at), proposed, decided_by: None, put_off: false }
}

/// Whether what was decided last about a line keeps what is proposed now quiet.
fn is_put_off(
    decided: &Purchasing,
    SeriesKey { sku, site }: &SeriesKey,
    proposal: &Proposal,
    today: Day,
) -> bool {
    decided.last_word(sku, site).is_some_and(|last| last.silences(&again(proposal, today)))
}

fn order_of(at: &Situation) -> Option<OrderKey> {
    Some((at.supplier.as_ref()?.id.clone(), at.site.clone()))
}

/// A line whose class is not looked up yet.
struct Unclassed {
    at: Arc<Situation>,
    plan: Plan,
    waits_for: Option<Money>,
    put_off: bool,
}

impl Unclassed {
    fn of(self, class: Class) -> Arc<Line> {
        let Self { at, plan, waits_for, put_off } = self;
        Arc::new(Line { at, class, plan, waits_for, put_off })
    }
}

/// What the lines of a plan are held against beside themselves.
struct Beside<'a> {
    limits: &'a Limits,
    drafted: &'a Decided,
    decided: &'a Purchasing,
    today: Day,
}

/// Lines with what they have to do with each other. What was decided about a line as an order's minimum, the
/// budget or the room had made it counts for it as they make it: then they go without that line.
fn with_one_another<'a>(
    lines: impl Iterator<Item = (&'a SeriesKey, &'a Alone)>,
    beside: &Beside<'_>,
) -> impl Iterator<Item = (&'a SeriesKey, Unclassed)> {
    let lines: Vec<_> = lines.collect();
    let open = || lines.iter().copied().filter(|(_, line)| line.proposed.is_ok());
    let alone: Vec<bool> = open().map(|(_, line)| line.put_off).collect();
    let mut planned = planned(open(), &alone, beside);
    let is_quiet = |(line, (series, _)): (&Planned<'_>, (&SeriesKey, &Alone))| {
        let is_quiet = || is_put_off(beside.decided, series, &line.proposal, beside.today);
        line.put_off || line.proposal.qty.is_positive() && is_quiet()
    };
    let quiet: Vec<bool> = planned.iter().zip(open()).map(is_quiet).collect();
    if quiet != alone {
        let first = std::mem::replace(&mut planned, self::planned(open(), &quiet, beside));
        for ((line, first), alone) in planned.iter_mut().zip(first).zip(alone) {
            if line.put_off && !alone {
                line.proposal = first.proposal;
            }
        }
    }
    let mut planned = planned.into_iter();
    let line = |(series, Alone { at, proposed, .. }): (&'a SeriesKey, &'a Alone)| {
        let (plan, waits_for, put_off) = match proposed {
            Err(blocked) => (Plan::Blocked(blocked.clone()), None, false),
            Ok(proposal) => match planned.next() {
                Some(line) => {
                    (Plan::Proposed(Box::new(line.proposal)), line.waits_for, line.put_off)
                }
                None => (Plan::Proposed(Box::new(proposal.clone())), None, false),
            },
        };
        (series, Unclassed { at: at.clone(), plan, waits_for, put_off })
    };
    lines.into_iter().map(line).collect::<Vec<_>>().into_iter()
}

/// Lines that can be planned, brought to what they have to do with each other but for those that are put off.
fn planned<'a>(
    lines: impl Iterator<Item = (&'a SeriesKey, &'a Alone)>,
    put_off: &[bool],
    beside: &Beside<'_>,
) -> Vec<Planned<'a>> {
    let one = |((_, line), put_off): ((&'a SeriesKey, &'a Alone), &bool)| {
        let proposal = line.proposed.as_ref().ok()?.clone();
        Some(Planned { put_off: *put_off, ..Planned::alone(&line.at, proposal) })
    };
    let mut planned: Vec<Planned<'a>> = lines.zip(put_off).filter_map(one).collect();
    together(&mut planned, beside.limits, beside.drafted);
    planned
}

/// What approved lines that are no order yet cost: they count for the supplier's minimum.
fn drafted(decided: &Purchasing) -> Decided {
    let mut values = Decided::new();
    for draft in decided.drafts() {
        let lines = draft.lines.iter().filter_map(|line| line.line.value());
        let sum = lines.reduce(|sum, value| sum.checked_add(value).unwrap_or(sum));
        if let Some(sum) = sum {
            values.insert((draft.supplier.clone(), draft.site.clone()), sum);
        }
    }
    values
}
