//! The store's past as something that can be replayed: demand, terms and lead times as they were known on
//! the day before the first that is played.

use super::{CANCELLED, Cause, FEWEST_WEEKS, LEAST_HISTORY, MOST_ITEMS};
use crate::demand::{Known, SeriesKey, uncensored};
use crate::domain::{Day, PoStatus, SiteId, SupplierId, Timestamp, Zone};
use crate::engine::api::Refusal;
use crate::engine::house::House;
use crate::engine::planning::{CLASS_WEEKS, item_terms};
use crate::engine::questions::{Read, store};
use crate::engine::tables::SoldOut;
use crate::engine::work::Running;
use crate::insight::forecast::{Forecasts, Reach, is_active};
use crate::plan::backtest::{Costs, Item, REVIEW_DAYS, Replay, Supplier};
use crate::plan::inventory::LotRule;
use crate::plan::replenish::{
    ItemTerms, LeadTime, LeadTimes, Service, Took, classes, whole_days, worth,
};
use crate::stock::{Outs, StockBook};
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Days of history that are read before the window: what the network looks at.
const HISTORY_DAYS: i32 = 540;
/// Days by which an item's rate before the window is measured.
const RATE_DAYS: usize = 56;
/// Days of stock at the beginning beyond the lead time: two reviews.
const COVER_DAYS: f64 = 2.0 * REVIEW_DAYS as f64;

/// Days after which an item that is out of stock is taken to be on offer no more.
const LONGEST_OUT: usize = 28;

/// The days of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Days {
    /// The first that is known.
    pub first: Day,
    /// The first that is replayed.
    pub start: Day,
    /// The last.
    pub last: Day,
}

impl Days {
    /// The last weeks of a store's history, as many as are wanted or as it has; why there are too few.
    pub fn of(house: &House, weeks: u16) -> Result<Self, Refusal> {
        let begun = house.demand.read().series_list().map(|(_, span)| span.first).min();
        let (Some(begun), Some(last)) = (begun, house.origin()) else {
            return Err(too_little(0));
        };
        let known = (last.number() - begun.number() + 1).max(0);
        let played = ((known - LEAST_HISTORY) / 7).min(i32::from(weeks));
        if played < FEWEST_WEEKS {
            return Err(too_little(known));
        }
        let start = last.plus(1 - 7 * played);
        Ok(Self { first: begun.max(start.plus(-HISTORY_DAYS)), start, last })
    }

    /// The same without the days that a model has learnt, in whole weeks.
    pub fn unseen_by(self, seen_until: Option<Day>) -> Result<Self, Refusal> {
        let Some(seen) = seen_until.filter(|seen| *seen >= self.start) else { return Ok(self) };
        let played = (self.last.number() - seen.number()) / 7;
        if played < FEWEST_WEEKS {
            return Err(Refusal::failed(format!(
                "every model here has learnt this store's demand up to {seen}, and fewer than \
                 {FEWEST_WEEKS} weeks are known after it; ask again when they are"
            )));
        }
        Ok(Self { start: self.last.plus(1 - 7 * played), ..self })
    }

    /// Days before the first that is replayed.
    pub fn history(self) -> usize {
        usize::try_from(self.start.number() - self.first.number()).unwrap_or(0)
    }

    fn reach(self) -> Reach {
        Reach { first: self.first, origin: self.last }
    }

    fn place(self, day: Day) -> usize {
        usize::try_from(day.number() - self.first.number()).unwrap_or(0)
    }
}

fn too_little(days: i32) -> Refusal {
    Refusal::failed(format!(
        "a replay needs {} weeks of history, {} to forecast from and {FEWEST_WEEKS} to play; this \
         store knows {days} days",
        LEAST_HISTORY / 7 + FEWEST_WEEKS,
        LEAST_HISTORY / 7
    ))
}

/// A store's past, and what has to be said about it.
pub(super) struct Past {
    pub replay: Replay,
    /// Suppliers of its items; each is one to the replay at every site.
    pub suppliers: u64,
    /// What service each item is to have, and what binds buying it.
    pub services: Vec<(Service, ItemTerms)>,
    pub left_out: BTreeMap<Cause, u64>,
    pub estimated: u64,
    pub unpriced: u64,
    /// Mean lead time over items, days, and deliveries that are known of.
    pub lead: (f64, u64),
}

/// What is known of a series that can be replayed.
struct Candidate {
    series: SeriesKey,
    supplier: SupplierId,
    terms: ItemTerms,
    lot: LotRule,
    turnover: f64,
    service: Service,
}

/// Reads a store's past.
pub(super) fn past(house: &House, days: Days, running: &Running) -> Result<Past, Refusal> {
    let store = store(house)?;
    let mut left_out = BTreeMap::new();
    let suppliers = known_suppliers(house, days);
    let mut candidates = candidates(house, &store, days, &suppliers, &mut left_out, running)?;
    // What is left out must not depend on what is to come: turnover is that of before the window.
    candidates
        .sort_by(|a, b| b.turnover.total_cmp(&a.turnover).then_with(|| a.series.cmp(&b.series)));
    let many = candidates.len().saturating_sub(MOST_ITEMS);
    if many > 0 {
        left_out.insert(Cause::Many, many as u64);
        candidates.truncate(MOST_ITEMS);
    }
    candidates.sort_by(|a, b| a.series.cmp(&b.series));
    let costs = house.planner.rules().costs;
    let replay = Replay {
        first: days.first.civil(),
        window: days.history()..days.place(days.last) + 1,
        // Decay is in the year's holding; an order beside its lines costs nothing.
        costs: Costs { line: costs.line, order: 0.0, obsolescence: 0.0 },
        ..Replay::default()
    };
    let mut past = Past {
        replay,
        left_out,
        suppliers: 0,
        services: Vec::new(),
        estimated: 0,
        unpriced: 0,
        lead: (0.0, 0),
    };
    let mut places: BTreeMap<(SupplierId, SiteId), usize> = BTreeMap::new();
    let several_sites = candidates.iter().any(|one| one.series.site != candidates[0].series.site);
    for one in candidates {
        if running.cancelled() {
            return Err(Refusal::failed(CANCELLED));
        }
        let Some(from) = suppliers.get(&one.supplier) else { continue };
        let key = (one.supplier.clone(), one.series.site.clone());
        let supplier = *places.entry(key).or_insert_with(|| {
            past.replay.suppliers.push(from.supplier(&one.supplier));
            past.replay.suppliers.len() - 1
        });
        let (holding, lost, _) = costs.stakes(&one.terms);
        let (sold, known) = demand(house, &store, days, &one.series)?;
        past.unpriced += u64::from(one.terms.cost.is_none() || one.terms.price.is_none());
        past.lead.0 += from.lead.mean();
        past.replay.items.push(Item {
            sku: match several_sites {
                true => format!("{}@{}", one.series.sku, one.series.site),
                false => one.series.sku.to_string(),
            },
            supplier,
            unit_cost: worth(&one.terms).0,
            hold: holding,
            lost,
            lot: one.lot,
            initial_stock: opening(&sold[..days.history()], from.lead.mean()),
        });
        past.services.push((one.service, one.terms));
        past.add(days, sold, known);
    }
    let count = past.replay.items.len();
    if count == 0 {
        return Err(Refusal::failed(nothing(&past.left_out)));
    }
    past.lead.0 /= count as f64;
    let used: BTreeSet<&SupplierId> = places.keys().map(|(supplier, _)| supplier).collect();
    past.suppliers = used.len() as u64;
    past.lead.1 =
        used.iter().map(|id| suppliers.get(*id).map_or(0, |one| one.lead.seen as u64)).sum();
    past.replay.lead_days = lead_days(days, &suppliers, &places);
    Ok(past)
}

fn nothing(left_out: &BTreeMap<Cause, u64>) -> String {
    let most = left_out.iter().max_by_key(|(_, count)| **count);
    match most {
        Some((cause, count)) => {
            format!("there is nothing to replay; {count} left out: {}", cause.why())
        }
        None => "there is nothing to replay: nothing sold in the half year before".to_owned(),
    }
}

impl Past {
    /// Takes in an item's demand: days of the window on which it had run out as they are expected to have
    /// been, earlier ones as they were sold.
    fn add(&mut self, days: Days, sold: Vec<f32>, mut known: Vec<Known>) {
        let expected = uncensored(&sold, &known);
        let start = days.history();
        let mut asked = sold;
        for day in start..asked.len() {
            if known[day] != Known::All {
                asked[day] = expected[day].round().max(asked[day]);
                self.estimated += 1;
            }
        }
        known.truncate(start);
        self.replay.demand.push(asked);
        self.replay.known.push(known);
    }
}

/// What was there at the beginning: enough for the lead time and two weeks at the rate of eight weeks
/// before. What really was there is not kept for so long.
fn opening(before: &[f32], lead: f64) -> f64 {
    let since = before.iter().position(|units| *units > 0.0).unwrap_or(before.len());
    let recent = &before[since.max(before.len().saturating_sub(RATE_DAYS))..];
    let rate =
        recent.iter().map(|units| f64::from(*units)).sum::<f64>() / recent.len().max(1) as f64;
    (rate * (lead + COVER_DAYS)).ceil()
}

/// Units a day of a series, and whether they are all that was asked for: they are not on a day on which there was
/// nothing to sell for a while.
fn demand(
    house: &House,
    store: &Store,
    days: Days,
    series: &SeriesKey,
) -> Result<(Vec<f32>, Vec<Known>), Refusal> {
    let ledger = house.demand.read();
    let mut sold = days.reach().history(&ledger, &Read(store), series)?;
    // It was not on offer before its first sale.
    sold.iter_mut().filter(|units| units.is_nan()).for_each(|units| *units = 0.0);
    let outs = store.get::<SoldOut>(&Forecasts::key(series))?.unwrap_or_default();
    let mut known = known_days(days, &outs, ledger.zone(&series.site), sold.len());
    let (before, after) = known.split_at_mut(days.history().min(sold.len()));
    [before, after].into_iter().for_each(without_long_outs);
    Ok((sold, known))
}

/// What is out for so long is not on offer, and nobody asks for it.
fn without_long_outs(known: &mut [Known]) {
    for run in known.chunk_by_mut(|a, b| a == b).filter(|run| run.len() > LONGEST_OUT) {
        run.fill(Known::All);
    }
}

fn known_days(days: Days, outs: &Outs, zone: &Zone, count: usize) -> Vec<Known> {
    let mut known = vec![Known::All; count];
    if outs.is_empty() {
        return known;
    }
    for (day, known) in (0..).map(|day| days.first.plus(day)).zip(&mut known) {
        if outs.meet(day.start(zone), day.plus(1).start(zone)) {
            *known = Known::AtLeastSold;
        }
    }
    known
}

/// The series that had sold lately before the window, of which it is known how they are ordered.
fn candidates(
    house: &House,
    store: &Store,
    days: Days,
    suppliers: &BTreeMap<SupplierId, Deliveries>,
    left_out: &mut BTreeMap<Cause, u64>,
    running: &Running,
) -> Result<Vec<Candidate>, Refusal> {
    let before = Reach { first: days.first, origin: days.start.plus(-1) };
    let series: Vec<SeriesKey> = {
        let ledger = house.demand.read();
        let new = ledger.series_list().filter(|(_, span)| span.first >= days.start).count();
        if new > 0 {
            left_out.insert(Cause::New, new as u64);
        }
        let met = ledger.series_list().filter(|(_, span)| before.meets(*span));
        met.map(|(series, _)| series.clone()).collect()
    };
    let (mut all, mut by_week) = (Vec::new(), Vec::new());
    for series in series {
        if running.cancelled() {
            return Err(Refusal::failed(CANCELLED));
        }
        let sold = before.history(&house.demand.read(), &Read(store), &series)?;
        if !is_active(&sold) {
            continue;
        }
        let book = house.stock.read();
        match ordered(house, &book, suppliers, &series) {
            Ok((supplier, terms, lot)) => {
                let (cost, margin) = worth(&terms);
                let units: f64 =
                    sold.iter().rev().take(182).map(|units| f64::from(units.max(0.0))).sum();
                let turnover = units * (cost + margin);
                let known: Vec<f64> = sold
                    .iter()
                    .map(|units| f64::from(*units))
                    .skip_while(|units| units.is_nan())
                    .collect();
                let weeks = known.rchunks(7).take(CLASS_WEEKS).map(|week| week.iter().sum());
                by_week.push((turnover, weeks.collect::<Vec<f64>>()));
                let service = Service::Cost;
                all.push(Candidate { series, supplier, terms, lot, turnover, service });
            }
            Err(cause) => *left_out.entry(cause).or_default() += 1,
        }
    }
    // By their classes before the window, in the one currency that is replayed.
    let services = house.planner.rules().services;
    for (one, class) in all.iter_mut().zip(classes(&by_week)) {
        one.service = services.of(class);
    }
    Ok(all)
}

/// How a product is ordered, or why it cannot be.
fn ordered(
    house: &House,
    book: &StockBook,
    suppliers: &BTreeMap<SupplierId, Deliveries>,
    SeriesKey { sku, site }: &SeriesKey,
) -> Result<(SupplierId, ItemTerms, LotRule), Cause> {
    let product = book.product_of(sku).ok_or(Cause::NoSupplier)?;
    let supplier = product.supplier.as_ref().ok_or(Cause::NoSupplier)?;
    if !book.suppliers().any(|known| known.id == *supplier) {
        return Err(Cause::NoSupplier);
    }
    if !suppliers.contains_key(supplier) {
        return Err(Cause::NoLeadTime);
    }
    let terms = item_terms(book, product, site);
    let lot = terms.lot().ok_or(Cause::Pack)?;
    let money = [terms.cost, terms.price].into_iter().flatten();
    if { money }.any(|price| price.currency != house.currency) {
        return Err(Cause::Currency);
    }
    Ok((supplier.clone(), terms, lot))
}

/// What a supplier did and says.
struct Deliveries {
    /// The lead time as it was known before the window.
    lead: LeadTime,
    /// The weekday on which it is ordered from; Monday where none is known.
    weekday: u8,
    /// When goods were ordered, and the days that they took, of all deliveries.
    all: Vec<(Timestamp, u16)>,
}

impl Deliveries {
    fn supplier(&self, id: &SupplierId) -> Supplier {
        Supplier {
            code: id.to_string(),
            lead_mean: self.lead.mean(),
            lead_sd: self.lead.deviation(),
            review_weekday: self.weekday,
        }
    }

    /// What an order of a moment would have taken: as long as the delivery that was ordered nearest to
    /// it, or as is usual.
    fn taken(&self, at: Timestamp) -> u16 {
        let apart = |(ordered, _): &&(Timestamp, u16)| at.since(*ordered).as_millis().abs();
        let nearest = self.all.iter().min_by_key(apart).map(|(_, days)| *days);
        nearest.unwrap_or(self.lead.mean().round() as u16).max(1)
    }
}

fn known_suppliers(house: &House, days: Days) -> BTreeMap<SupplierId, Deliveries> {
    let start = days.start.start(&house.zone);
    let book = house.stock.read();
    let mut all: BTreeMap<&SupplierId, Vec<(Timestamp, u16)>> = BTreeMap::new();
    let mut before = Vec::new();
    for po in book.purchase_orders().filter(|po| po.status == PoStatus::Received) {
        let Some(days_taken) = whole_days(po.updated_at.since(po.ordered_at)) else { continue };
        all.entry(&po.supplier).or_default().push((po.ordered_at, days_taken));
        if po.updated_at < start {
            before.push(Took {
                supplier: po.supplier.clone(),
                site: po.site.clone(),
                days: days_taken,
                age: days.start.number() - po.ordered_at.day(&house.zone).number(),
                waits: false,
            });
        }
    }
    let stated = book.suppliers().map(|one| (one.id.clone(), one.lead_time_days));
    let leads = LeadTimes::learn(stated, before);
    let known = book.suppliers().filter_map(|supplier| {
        let mut all = all.remove(&supplier.id).unwrap_or_default();
        all.sort_unstable();
        let deliveries = Deliveries {
            lead: leads.of_supplier(&supplier.id)?.clone(),
            weekday: supplier.review_weekday.filter(|weekday| *weekday < 7).unwrap_or(0),
            all,
        };
        Some((supplier.id.clone(), deliveries))
    });
    known.collect()
}

/// What an order of any day of the window to each supplier would have taken.
fn lead_days(
    days: Days,
    suppliers: &BTreeMap<SupplierId, Deliveries>,
    places: &BTreeMap<(SupplierId, SiteId), usize>,
) -> HashMap<(usize, usize), u16> {
    let mut all = HashMap::new();
    for ((id, _), place) in places {
        let Some(supplier) = suppliers.get(id) else { continue };
        for day in days.history()..days.place(days.last) + 1 {
            let at = days.first.plus(i32::try_from(day).unwrap_or(0)).start(&Zone::utc());
            all.insert((*place, day), supplier.taken(at));
        }
    }
    all
}
