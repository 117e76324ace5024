//! Pages of what is proposed to be ordered.

use super::coordination::transfers_of;
use super::stock::{Marked, major, row};
use super::{asked, cached, page};
use crate::demand::SeriesKey;
use crate::desk::buying::{Again, PastWhat, Purchasing};
use crate::domain::*;
use crate::engine::api::{
    ApprovedLine, LastTime, LeadSource, OrderSoFar, PageOf, Plan, Refusal, ReorderRow, Rows,
    Sources, StockRow,
};
use crate::engine::house::House;
use crate::engine::planning::{Line, OrderPlan};
use crate::insight::forecast::{Ahead, MOST_LEAD_DAYS};
use crate::orders::filter::{Bare, Field, FieldKind, Fields, FilterRow, Matcher};
use crate::plan::replenish::{Change, Confidence, Proposal, confidences, what_if as planned_on};
use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the reorder table can be filtered by.
pub static REORDERS: Fields = Fields {
    fields: &[
        Field::text("sku", Bare::Fuzzy),
        Field::phrase("name", &[], Bare::Fuzzy),
        Field::text("site", Bare::Fuzzy),
        Field::name("supplier", Bare::Fuzzy),
        Field::phrase("category", &["cat"], Bare::Part),
        Field::text("class", Bare::Part),
        Field::number("qty", &["units"]),
        Field::number("value", &["cost"]),
        Field::number("slack", &["urgency"]),
        Field::number("risk", &["chance"]),
        Field::number("cover", &["days"]),
        Field { name: "order_on", aliases: &["order"], kind: FieldKind::Time, bare: Bare::No },
    ],
    flags: &[
        "blocked", "proposed", "waits", "quiet", "approved", "late", "sure", "unsure", "new",
        "long", "pinned",
    ],
};

/// The columns that the table sorts by.
const COLUMNS: [&str; 9] =
    ["sku", "site", "name", "supplier", "class", "qty", "value", "slack", "risk"];

/// What was sold today, by SKU and site.
pub fn sold_today(house: &House) -> Result<impl Fn(&Sku, &SiteId) -> Qty + use<>, Refusal> {
    let shelves = cached::shelves(house)?;
    Ok(move |sku: &Sku, site: &SiteId| {
        Qty::milli((f64::from(shelves.today(sku, site)) * 1_000.0).round() as i64)
    })
}

/// A page of reorders: supplier after supplier, the one with the most urgent line first, unless
/// sorted otherwise; what cannot be planned comes last.
pub fn reorders(house: &House, wanted: &PageOf) -> Result<Rows<ReorderRow>, Refusal> {
    let filter = asked(house, wanted, &REORDERS, &COLUMNS)?;
    let plan = house.planner.plan(house)?;
    let shelves = cached::shelves(house)?;
    let marked = Marked::read(house)?;
    let decided = house.purchasing.read().clone();
    let today = house.today();
    let is_shown = |(series, line): &(&SeriesKey, &Line)| match &line.plan {
        Plan::Proposed(proposal) => {
            proposal.qty.is_positive() || decided.standing(&series.sku, &series.site).is_some()
        }
        Plan::Blocked(_) => true,
    };
    let mut rows: Vec<ReorderRow> = {
        let ledger = house.demand.read();
        let last_sale = |series: &SeriesKey| ledger.span(series).map(|span| span.last);
        let lines = plan.lines.iter().map(|(series, line)| (series, &**line));
        let shown: Vec<_> = lines.filter(is_shown).collect();
        let sold: Vec<_> = shown.iter().map(|(series, _)| last_sale(series)).collect();
        drop(ledger);
        let book = house.stock.read();
        let of = |((series, line), last_sale): (&(&SeriesKey, &Line), Option<Day>)| {
            let SeriesKey { sku, site } = series;
            let nothing = Position::default();
            let position = book.position(sku, site).unwrap_or(&nothing);
            ReorderRow {
                stock: row(&book, &shelves, &marked, sku, site, position),
                supplier_name: line.at.supplier.as_ref().map(|supplier| supplier.name.clone()),
                class: line.class,
                confidence: Confidence::Medium,
                plan: line.plan.clone(),
                waits_for: line.waits_for,
                order: line.at.supplier.as_ref().map(|supplier| OrderSoFar {
                    least: supplier.min_order,
                    ..OrderSoFar::default()
                }),
                last_sale,
                approved: decided.standing(sku, site).map(|one| ApprovedLine {
                    entry: one.by.entry,
                    who: one.by.who.clone(),
                    qty: one.line.qty,
                }),
                transfers: Vec::new(),
                last_time: last_time(&decided, series, line, today),
                sources: Sources { lead: lead_source(line), ..Sources::default() },
                viewers: Vec::new(),
            }
        };
        shown.iter().zip(sold).map(of).collect()
    };
    sum_orders(&mut rows, &decided);
    tell_confidence(&mut rows);
    let unfiltered = rows.len();
    let mut matcher = Matcher::new(&filter);
    rows.retain(|row| matcher.matches(&Shown(row, &house.zone)));
    match wanted.sort.as_deref() {
        None => by_supplier(&mut rows, &worked_on(&decided, today.start(&house.zone))),
        Some(column) => rows.sort_by(|a, b| {
            let order = by_column(column, a, b);
            let order = if wanted.descending { order.reverse() } else { order };
            order.then_with(|| key(a).cmp(&key(b)))
        }),
    }
    let mut answer = page(&rows, unfiltered, wanted, |row| Some(row.clone()));
    let terms = house.transfer_terms();
    let mut viewers = house.presence.of_lines();
    for row in &mut answer.rows {
        let (sku, site) = (row.stock.sku.clone(), row.stock.site.clone());
        row.viewers = viewers.remove(&SeriesKey { sku, site }).unwrap_or_default();
        if let Some(terms) = terms.as_ref().filter(|_| is_wanted(row)) {
            let all = transfers_of(&plan, terms, &row.stock.sku);
            row.transfers = all.into_iter().filter(|one| one.to == row.stock.site).collect();
        }
        row.stock.spark = shelves.spark(&row.stock.sku, &row.stock.site);
        tell_forecast(house, row);
    }
    Ok(answer)
}

/// Tells each row how sure its forecast is, beside those of all others; of a new item none is.
fn tell_confidence(rows: &mut [ReorderRow]) {
    let mut planned: Vec<&mut ReorderRow> = rows.iter_mut().filter(|row| is_wanted(row)).collect();
    let spread = |row: &&mut ReorderRow| row.plan.proposal().map_or(0.0, |line| line.spread);
    let told = confidences(&planned.iter().map(spread).collect::<Vec<_>>());
    for (row, told) in planned.iter_mut().zip(told) {
        let is_new = row.plan.proposal().is_some_and(Proposal::is_of_new_item);
        row.confidence = if is_new { Confidence::Low } else { told };
    }
}

/// Lines that wait for a person to order them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToOrder {
    /// Those whose day is today.
    pub today: u64,
    /// Those whose supplier is ordered from on a later day.
    pub later: u64,
}

/// How many lines of a plan wait: not those that somebody put off, or that wait for a supplier's minimum.
pub fn to_order(house: &House, plan: &OrderPlan) -> ToOrder {
    let decided = house.purchasing.read().clone();
    let today = house.today();
    let mut counts = ToOrder::default();
    for (series, line) in &plan.lines {
        let Some(proposal) = line.plan.proposal().filter(|line| line.qty.is_positive()) else {
            continue;
        };
        let last = || last_time(&decided, series, line, today);
        if line.waits_for.is_some() || last().is_some_and(|last| last.quiet) {
            continue;
        }
        match proposal.order <= today {
            true => counts.today += 1,
            false => counts.later += 1,
        }
    }
    counts
}

fn lead_source(line: &Line) -> Option<LeadSource> {
    let lead = line.at.supplier.as_ref()?.lead.as_ref()?;
    let (stated, deliveries) = (lead.stated, lead.seen as u32);
    Some(LeadSource { stated, deliveries, waiting: lead.waiting as u32 })
}

/// Tells which model a row is forecast by, and who expects something else of the days up to those for which it
/// is planned.
fn tell_forecast(house: &House, row: &mut ReorderRow) {
    let StockRow { sku, site, .. } = &row.stock;
    let series = SeriesKey { sku: sku.clone(), site: site.clone() };
    let first = house.first_ahead();
    let told = |ahead: &Ahead| (ahead.model.name.clone(), ahead.origin);
    row.sources.forecast = house.forecasts.read().get(&series).map(told);
    let overrides = house.overrides.read().clone();
    let by = overrides.between(sku, site, first, first.plus(i32::from(MOST_LEAD_DAYS)));
    row.sources.expected_by = by.into_iter().map(|one| one.entry).collect();
}

/// The supplier and site of the order that a row is a part of.
type OrderKey = (Option<SupplierId>, SiteId);

fn order_key(row: &ReorderRow) -> OrderKey {
    let planned = row.plan.proposal().map(|line| line.supplier.clone());
    (planned.or_else(|| row.stock.supplier.clone()), row.stock.site.clone())
}

/// Tells each row what its order holds: what is proposed and not put off, and what is approved.
fn sum_orders(rows: &mut [ReorderRow], decided: &Purchasing) {
    let mut orders: BTreeMap<OrderKey, OrderSoFar> = BTreeMap::new();
    for row in &*rows {
        let (Stage::Proposed | Stage::Waits, Some(line)) = (stage(row), row.plan.proposal()) else {
            continue;
        };
        let order = orders.entry(order_key(row)).or_default();
        order.lines += 1;
        order.total.add(line.with.value);
    }
    for draft in decided.drafts() {
        let order = orders.entry((Some(draft.supplier.clone()), draft.site.clone())).or_default();
        order.lines += draft.lines.len() as u32;
        draft.lines.iter().for_each(|line| order.total.add(line.line.value()));
        order.approved = draft.total();
    }
    for row in rows {
        let key = order_key(row);
        if let (Some(own), Some(all)) = (&mut row.order, orders.get(&key)) {
            *own = OrderSoFar { least: own.least, ..all.clone() };
        }
    }
}

/// What was decided last, and whether it keeps the proposal quiet.
fn last_time(
    decided: &Purchasing,
    SeriesKey { sku, site }: &SeriesKey,
    line: &Line,
    today: Day,
) -> Option<LastTime> {
    let last = decided.last_word(sku, site)?;
    let nothing = Again { today, qty: Qty::ZERO, runs_out: None, short: false };
    let quiet = match &line.plan {
        Plan::Proposed(_) => line.put_off,
        Plan::Blocked(_) => last.silences(&nothing),
    };
    let what = match &last.what {
        PastWhat::Approved { qty, suggested, review } => {
            let proposed = suggested.filter(|suggested| suggested != qty);
            let proposed =
                proposed.map_or(String::new(), |suggested| format!(", proposed were {suggested}"));
            let decided = review.filter(|_| quiet).map_or(String::new(), |review| {
                format!(", for {}: decided until {}", review.order, review.next)
            });
            format!("ordered {qty}{proposed}{decided}")
        }
        PastWhat::Rejected { suggested, until: None, reason, .. } => {
            format!("rejected {suggested}: {reason}")
        }
        PastWhat::Rejected { suggested, until: Some(until), reason, .. } => {
            format!("rejected {suggested} until {until}: {reason}")
        }
        PastWhat::Snoozed { until, .. } => format!("snoozed until {until}"),
    };
    Some(LastTime { who: last.who.clone(), at: last.at, what: what.into(), quiet })
}

/// One SKU at one site as it would be planned on other terms, by itself; refused where nobody could order so.
pub fn what_if(
    house: &House,
    sku: &Sku,
    site: &SiteId,
    from: Option<SupplierId>,
    change: &Change,
) -> Result<Option<Plan>, Refusal> {
    let plan = house.planner.plan(house)?;
    let series = SeriesKey { sku: sku.clone(), site: site.clone() };
    let Some(line) = plan.lines.get(&series) else { return Ok(None) };
    let proposed = line.plan.proposal().map(|line| line.qty);
    house.can_be_asked_for(
        sku,
        change.qty.filter(|qty| Some(*qty) != proposed),
        from.as_ref(),
        change.due,
    )?;
    let mut at = line.at.clone();
    let usual = at.supplier.as_ref().map(|supplier| &supplier.id);
    if let Some(other) = from.filter(|from| Some(from) != usual)
        && let Some(terms) = house.planner.supplier(&other, site)
    {
        at = Arc::new(at.as_ref().clone().bought_from(terms));
    }
    Ok(Some(match planned_on(&at, change) {
        Ok(proposal) => Plan::Proposed(Box::new(proposal)),
        Err(blocked) => Plan::Blocked(blocked),
    }))
}

/// Where a row stands by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Proposed,
    Approved,
    Waits,
    Quiet,
    Blocked,
}

/// Whether something is to be ordered, beside what is approved already.
fn is_wanted(row: &ReorderRow) -> bool {
    row.plan.proposal().is_some_and(|line| line.qty.is_positive())
}

/// Whether what was decided last counts still.
fn is_quiet(row: &ReorderRow) -> bool {
    row.last_time.as_ref().is_some_and(|last| last.quiet)
}

fn stage(row: &ReorderRow) -> Stage {
    match row.plan {
        Plan::Blocked(_) => Stage::Blocked,
        // Out of the way, so that the next line to decide about takes its place.
        _ if row.approved.is_some() && (!is_wanted(row) || is_quiet(row)) => Stage::Approved,
        _ if is_quiet(row) => Stage::Quiet,
        _ if row.waits_for.is_some() => Stage::Waits,
        _ => Stage::Proposed,
    }
}

fn key(row: &ReorderRow) -> (&Sku, &SiteId) {
    (&row.stock.sku, &row.stock.site)
}

/// The suppliers and sites of which lines are approved that can be taken back yet, or were ordered since a
/// moment: whoever works through a list does not want it to change places under their hands.
fn worked_on(decided: &Purchasing, since: Timestamp) -> BTreeSet<OrderKey> {
    let drafts = decided.drafts().into_iter().map(|draft| (draft.supplier, draft.site));
    let placed = decided.orders().filter(|order| order.at >= since);
    let placed = placed.map(|order| (&order.supplier, &order.site));
    drafts.chain(placed).map(|(supplier, site)| (Some(supplier.clone()), site.clone())).collect()
}

/// Lines of one order stand together, the order with the most urgent line first.
fn by_supplier(rows: &mut [ReorderRow], worked_on: &BTreeSet<OrderKey>) {
    let mut most: BTreeMap<OrderKey, Need> = BTreeMap::new();
    for row in &*rows {
        let key = order_key(row);
        let need = match stage(row) {
            Stage::Proposed if worked_on.contains(&key) => Need::FIRST,
            Stage::Proposed => Need::of(row),
            // A line that nobody looks at now does not bring its supplier up.
            _ => Need::LAST,
        };
        most.entry(key).and_modify(|known| *known = need.min(*known)).or_insert(need);
    }
    rows.sort_by_cached_key(|row| {
        let order = order_key(row);
        let first = most.get(&order).copied().unwrap_or(Need::LAST);
        let own = (row.stock.sku.clone(), row.stock.site.clone());
        (stage(row), first, order, Need::of(row), own)
    });
}

/// How badly something is needed: what is out first, then by the days between running out and the order's
/// coming, then by the risk of doing without in whole percent. What is needed most is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Need(Reverse<bool>, i32, Reverse<u8>);

impl Need {
    const FIRST: Self = Self(Reverse(true), i32::MIN, Reverse(u8::MAX));
    const LAST: Self = Self(Reverse(false), i32::MAX, Reverse(0));

    fn of(row: &ReorderRow) -> Self {
        let Some(line) = row.plan.proposal() else { return Self::LAST };
        let risk = (100.0 * line.without.risk).round() as u8;
        Self(Reverse(!line.position.is_positive()), slack(row), Reverse(risk))
    }
}

/// Days between running out and the order's coming; what does not run out comes last.
fn slack(row: &ReorderRow) -> i32 {
    row.plan.proposal().and_then(|line| line.slack_days()).unwrap_or(i32::MAX)
}

fn by_column(column: &str, a: &ReorderRow, b: &ReorderRow) -> Ordering {
    let (x, y) = (&a.stock, &b.stock);
    let qty = |row: &ReorderRow| row.plan.proposal().map(|line| line.qty);
    let value = |row: &ReorderRow| row.plan.proposal()?.with.value.map(|value| value.minor);
    let risk = |row: &ReorderRow| row.plan.proposal().map_or(-1.0, |line| line.without.risk);
    match column {
        "sku" => x.sku.cmp(&y.sku),
        "site" => x.site.cmp(&y.site),
        "name" => x.name.cmp(&y.name),
        "supplier" => x.supplier.cmp(&y.supplier),
        "class" => a.class.cmp(&b.class),
        "qty" => qty(a).cmp(&qty(b)),
        "value" => value(a).cmp(&value(b)),
        "slack" => slack(a).cmp(&slack(b)),
        _ => risk(a).total_cmp(&risk(b)),
    }
}

struct Shown<'r>(&'r ReorderRow, &'r Zone);

impl FilterRow for Shown<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        let stock = &self.0.stock;
        Some(Cow::Borrowed(match field {
            "sku" => stock.sku.as_str(),
            // Who it is bought from is shown by name, and looked for by it.
            "name" => {
                let supplier = self.0.supplier_name.as_deref().unwrap_or_default();
                return Some(Cow::Owned(format!("{} {supplier}", stock.name)));
            }
            "site" => stock.site.as_str(),
            "supplier" => stock.supplier.as_ref()?.as_str(),
            "category" => stock.category.as_ref()?.as_str(),
            "class" => return Some(Cow::Owned(self.0.class.to_string())),
            _ => return None,
        }))
    }
    fn any_text(&self, field: &str, test: &mut dyn FnMut(&str) -> bool) -> bool {
        // Where its name is shown nobody knows its code.
        let name = self.0.supplier_name.as_deref().filter(|_| field == "supplier");
        self.text(field).is_some_and(|text| test(&text)) || name.is_some_and(test)
    }
    fn number(&self, field: &str) -> Option<f64> {
        let line = self.0.plan.proposal()?;
        match field {
            "qty" => Some(line.qty.to_f64()),
            "value" => line.with.value.map(major),
            "slack" => line.slack_days().map(f64::from),
            "risk" => Some(100.0 * line.without.risk),
            "cover" => {
                let until = line.with.lasts_until?;
                Some(f64::from(until.number() - line.order.number()))
            }
            _ => None,
        }
    }
    fn time(&self, field: &str) -> Option<Timestamp> {
        let line = self.0.plan.proposal().filter(|_| field == "order_on")?;
        Some(line.order.start(self.1))
    }
    fn flag(&self, flag: &str) -> bool {
        let line = self.0.plan.proposal();
        match flag {
            "blocked" => line.is_none(),
            "proposed" => stage(self.0) == Stage::Proposed,
            "quiet" => stage(self.0) == Stage::Quiet,
            "approved" => self.0.approved.is_some(),
            "waits" => self.0.waits_for.is_some(),
            "late" => line.is_some_and(|line| line.slack_days().is_some_and(|days| days < 0)),
            "sure" => line.is_some() && self.0.confidence == Confidence::High,
            "unsure" => line.is_some() && self.0.confidence == Confidence::Low,
            "new" => line.is_some_and(Proposal::is_of_new_item),
            "long" => line.is_some_and(Proposal::is_far_more),
            "pinned" => self.0.stock.pinned,
            _ => false,
        }
    }
}
