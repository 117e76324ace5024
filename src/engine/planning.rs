//! The plan of what to order: made when it is asked for, anew only for what has changed.

use super::api::{Plan, Refusal};
use super::house::House;
use super::questions::{Read, sold_today, store};
use crate::config::Reorders;
use crate::demand::SeriesKey;
use crate::desk::buying::{CurrentProposal, Purchasing};
use crate::domain::*;
use crate::insight::forecast::{
    self, ForecastBook, MOST_LEAD_DAYS, Overlay, Overrides, Packed, Reach,
};
use crate::plan::replenish::{
    Ahead, Blocked, Calendar, Class, Coming, ItemTerms, LeadTime, Planned, Proposal, Situation,
    SupplierTerms, classes, days_between, propose, together,
};
use crate::stock::StockBook;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Weeks by which SKUs are classed.
const CLASS_WEEKS: usize = 26;
/// Of each supplier so many deliveries are looked at, the newest.
pub(super) const MOST_DELIVERIES: usize = 60;

/// One SKU at one site in the plan.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it follows from.
    pub at: Arc<Situation>,
    /// Its class.
    pub class: Class,
    /// What is proposed.
    pub plan: Plan,
    /// What the supplier's order lacks, where it rather waits for more lines.
    pub waits_for: Option<Money>,
}

/// Everything that is planned, by SKU, then site.
#[derive(Debug, Default)]
pub struct OrderPlan {
    /// The lines.
    pub lines: BTreeMap<SeriesKey, Line>,
}

impl OrderPlan {
    /// What is proposed of a SKU for a site, as the desk holds decisions against it; `None`: nothing
    /// is to be ordered.
    pub fn proposal(&self, sku: &Sku, site: &SiteId) -> Option<CurrentProposal> {
        let line = self.lines.get(&SeriesKey { sku: sku.clone(), site: site.clone() })?;
        match &line.plan {
            Plan::Proposed(line) if !line.qty.is_positive() => None,
            Plan::Proposed(line) => Some(CurrentProposal {
                suggestion: line.suggestion(),
                cost: line.cost,
                blocked: None,
            }),
            Plan::Blocked(blocked) => Some(CurrentProposal {
                suggestion: Suggestion { qty: Qty::ZERO, supplier: None, due: None, checksum: 0 },
                cost: None,
                blocked: Some(blocked.to_string()),
            }),
        }
    }
}

/// Makes plans, and remembers what they were made from.
#[derive(Default)]
pub struct Planner {
    made: Mutex<Made>,
    rules: Mutex<Reorders>,
}

#[derive(Default)]
struct Made {
    plan: Option<((u64, Day), Arc<OrderPlan>)>,
    alone: BTreeMap<SeriesKey, (Arc<Situation>, Result<Proposal, Blocked>)>,
    classes: Option<(Day, Arc<BTreeMap<SeriesKey, Class>>)>,
}

impl Planner {
    /// Takes the configuration's rules.
    pub fn set_up(&self, rules: Reorders) {
        *self.rules.lock() = rules;
    }

    /// The rules.
    pub fn rules(&self) -> Reorders {
        self.rules.lock().clone()
    }

    /// The plan as of now.
    pub fn plan(&self, house: &House) -> Result<Arc<OrderPlan>, Refusal> {
        // One makes it, others wait for it and get the same.
        let mut made = self.made.lock();
        let now = (*house.revision.borrow(), house.today());
        if let Some((_, plan)) = made.plan.as_ref().filter(|(of, _)| *of == now) {
            return Ok(plan.clone());
        }
        let rules = self.rules();
        let classes = made.classes(house)?;
        let situations = situations(house, &rules, &classes)?;
        let mut alone = BTreeMap::new();
        for (series, at) in situations {
            let kept = made.alone.remove(&series).filter(|(known, _)| **known == at);
            let line = kept.unwrap_or_else(|| {
                let proposed = propose(&at);
                (Arc::new(at), proposed)
            });
            alone.insert(series, line);
        }
        made.alone = alone;
        let decided = house.purchasing.read().clone();
        let plan = Arc::new(with_one_another(&made.alone, &rules, &classes, &decided));
        made.plan = Some((now, plan.clone()));
        Ok(plan)
    }
}

impl Made {
    fn classes(&mut self, house: &House) -> Result<Arc<BTreeMap<SeriesKey, Class>>, Refusal> {
        let today = house.today();
        if let Some((_, classes)) = self.classes.as_ref().filter(|(of, _)| *of == today) {
            return Ok(classes.clone());
        }
        let classes = Arc::new(read_classes(house)?);
        self.classes = Some((today, classes.clone()));
        Ok(classes)
    }
}

/// The lines with what they have to do with each other.
fn with_one_another(
    alone: &BTreeMap<SeriesKey, (Arc<Situation>, Result<Proposal, Blocked>)>,
    rules: &Reorders,
    classes: &BTreeMap<SeriesKey, Class>,
    decided: &Purchasing,
) -> OrderPlan {
    let proposed = alone.values().filter_map(|(at, proposed)| {
        let proposal = proposed.as_ref().ok()?.clone();
        Some(Planned { at, proposal, waits_for: None })
    });
    let mut planned: Vec<Planned<'_>> = proposed.collect();
    together(&mut planned, &rules.limits, &drafted(decided));
    let mut planned = planned.into_iter();
    let line =
        |(series, (at, proposed)): (&SeriesKey, &(Arc<Situation>, Result<Proposal, Blocked>))| {
            let class = classes.get(series).copied().unwrap_or(Class::LEAST);
            let (plan, waits_for) = match proposed {
                Err(blocked) => (Plan::Blocked(blocked.clone()), None),
                Ok(proposal) => match planned.next() {
                    Some(line) => (Plan::Proposed(Box::new(line.proposal)), line.waits_for),
                    None => (Plan::Proposed(Box::new(proposal.clone())), None),
                },
            };
            (series.clone(), Line { at: at.clone(), class, plan, waits_for })
        };
    OrderPlan { lines: alone.iter().map(line).collect() }
}

/// What approved lines that are no order yet cost: they count for the supplier's minimum.
fn drafted(decided: &Purchasing) -> BTreeMap<(SupplierId, SiteId), Money> {
    let mut values: BTreeMap<(SupplierId, SiteId), Money> = BTreeMap::new();
    for draft in decided.drafts() {
        let lines = draft.lines.iter().filter_map(|line| line.line.value());
        let sum = lines.reduce(|sum, value| sum.checked_add(value).unwrap_or(sum));
        if let Some(sum) = sum {
            values.insert((draft.supplier.clone(), draft.site.clone()), sum);
        }
    }
    values
}

/// What is known of every SKU and site that is forecast.
fn situations(
    house: &House,
    rules: &Reorders,
    classes: &BTreeMap<SeriesKey, Class>,
) -> Result<Vec<(SeriesKey, Situation)>, Refusal> {
    // Where the data have ended it is planned for the day after them.
    let today = house.first_ahead();
    let sold = sold_today(house)?;
    let overrides = house.overrides.read().clone();
    let decided = house.purchasing.read().clone();
    let one_offs = house.one_offs();
    let book = house.stock.read();
    let suppliers = suppliers(&book, rules);
    let forecasts = house.forecasts.read();
    let known = Known {
        house,
        book: &book,
        forecasts: &forecasts,
        overrides: &overrides,
        decided: &decided,
    };
    let situation = |(series, ahead): (&SeriesKey, &forecast::Ahead)| {
        let SeriesKey { sku, site } = series;
        let position = book.position(sku, site);
        let product = book.product_of(sku);
        let supplier = product.and_then(|product| suppliers.get(product.supplier.as_ref()?));
        let ahead = known.ahead(series, ahead, today);
        let first = ahead.first;
        let class = classes.get(series).copied().unwrap_or(Class::LEAST);
        let situation = Situation {
            sku: sku.clone(),
            site: site.clone(),
            today,
            on_hand: position.and_then(Position::on_hand),
            committed: position.map_or(Qty::ZERO, |position| position.committed),
            sold: if first == today { sold(sku, site) } else { Qty::ZERO },
            coming: known.coming(series),
            ahead: Some(ahead),
            item: product
                .map(|product| item_terms(product, book.terms_of(sku)))
                .unwrap_or_default(),
            supplier: supplier.cloned(),
            service: rules.services.of(class),
            costs: rules.costs,
            one_offs: one_offs.of(series).to_vec(),
        };
        (series.clone(), situation)
    };
    Ok(forecasts.iter().map(situation).collect())
}

struct Known<'a> {
    house: &'a House,
    book: &'a StockBook,
    forecasts: &'a ForecastBook,
    overrides: &'a Overrides,
    decided: &'a Purchasing,
}

impl Known<'_> {
    /// The forecast with what people expect instead.
    fn ahead(&self, series: &SeriesKey, ahead: &forecast::Ahead, today: Day) -> Ahead {
        let first = self.forecasts.first_day(today);
        let age = first.number() - 1 - ahead.origin.number();
        let last = first.plus(i32::from(MOST_LEAD_DAYS));
        let by = self.overrides.between(&series.sku, &series.site, first, last);
        let totals = match by.iter().map(|one| one.last().number() - first.number() + 1).max() {
            None => (*ahead.totals).clone(),
            Some(days) => {
                let days = usize::try_from(days).unwrap_or(0).max(ahead.totals.len());
                let own = ahead.totals.carried_to(days);
                Packed::of(&Overlay::of(&by, &series.site, first, &own).totals(&own))
            }
        };
        Ahead { first, totals, age_days: u16::try_from(age).unwrap_or(0) }
    }

    fn coming(&self, series: &SeriesKey) -> Vec<Coming> {
        let orders = self.book.open_purchase_orders(&series.sku).into_iter();
        let here = orders.filter(|po| po.site == series.site);
        let placed = here.map(|po| Coming {
            po: Some(po.number.clone()),
            due: po.due_at.map(|due| due.day(&self.house.zone)),
            qty: self.book.to_come(po, &series.sku),
        });
        let standing = self.decided.standing(&series.sku, &series.site);
        let approved =
            standing.map(|one| Coming { po: None, due: one.line.due, qty: one.line.qty });
        placed.chain(approved).collect()
    }
}

/// What is known of buying a product.
pub(super) fn item_terms(product: &Product, terms: Option<&SkuTerms>) -> ItemTerms {
    let terms = terms.cloned().unwrap_or_else(|| SkuTerms::bare(product.sku.clone()));
    ItemTerms {
        pack: product.pack,
        moq: product.moq,
        cost: product.cost,
        price: product.price,
        breaks: terms.breaks.map_or_else(Vec::new, Vec::from),
        shelf_life_days: terms.shelf_life_days,
        ends: terms.sold_until,
        most: terms.most,
    }
}

/// The suppliers with their lead times, which are what they state and what their deliveries took.
fn suppliers(book: &StockBook, rules: &Reorders) -> BTreeMap<SupplierId, SupplierTerms> {
    let mut delivered: BTreeMap<&SupplierId, Vec<(Timestamp, u16)>> = BTreeMap::new();
    for po in book.purchase_orders().filter(|po| po.status == PoStatus::Received) {
        if let Some(days) = days_between(po.ordered_at, po.updated_at) {
            delivered.entry(&po.supplier).or_default().push((po.ordered_at, days));
        }
    }
    let terms = |supplier: &Supplier| {
        let mut known = delivered.remove(&supplier.id).unwrap_or_default();
        known.sort_unstable();
        let newest = &known[known.len().saturating_sub(MOST_DELIVERIES)..];
        let days: Vec<u16> = newest.iter().map(|(_, days)| *days).collect();
        let terms = SupplierTerms {
            id: supplier.id.clone(),
            name: supplier.name.clone(),
            lead: LeadTime::of(supplier.lead_time_days, &days),
            calendar: Calendar {
                review_weekday: supplier.review_weekday,
                closures: rules.closures.get(&supplier.id).cloned().unwrap_or_default(),
            },
            min_order: supplier.min_order,
        };
        (supplier.id.clone(), terms)
    };
    book.suppliers().map(terms).collect()
}

/// Classes from turnover and evenness over the last half year, site by site.
fn read_classes(house: &House) -> Result<BTreeMap<SeriesKey, Class>, Refusal> {
    let store = store(house)?;
    let series: Vec<(SeriesKey, f64)> = {
        let (book, forecasts) = (house.stock.read(), house.forecasts.read());
        let price = |sku: &Sku| {
            let product = book.product_of(sku)?;
            Some(product.price.or(product.cost)?.e4 as f64 / 10_000.0)
        };
        forecasts.iter().map(|(key, _)| (key.clone(), price(&key.sku).unwrap_or(1.0))).collect()
    };
    let last = house.first_ahead().plus(-1);
    let reach = Reach { first: last.plus(1 - 7 * CLASS_WEEKS as i32), origin: last };
    let mut items = Vec::with_capacity(series.len());
    for (key, price) in &series {
        let days = reach.history(&house.demand.read(), &Read(&store), key)?;
        let known: Vec<f64> =
            days.iter().map(|units| f64::from(*units)).skip_while(|units| units.is_nan()).collect();
        let weeks: Vec<f64> = known.rchunks(7).map(|week| week.iter().sum()).collect();
        items.push((known.iter().sum::<f64>() * price, weeks));
    }
    let keys = series.into_iter().map(|(key, _)| key);
    Ok(keys.zip(classes(&items)).collect())
}
