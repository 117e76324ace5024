//! Pages of what would bring inbound goods, own stock and need together.

use super::{asked, page};
use crate::demand::SeriesKey;
use crate::desk::buying::Purchasing;
use crate::desk::coordinate::{Coordination, OwnTransfer, Request, TurnedDown};
use crate::domain::*;
use crate::engine::api::{
    CoordinationRow, CoordinationState as State, Figured, PageOf, Plan, Refusal, Rows,
};
use crate::engine::house::House;
use crate::engine::planning::{Line, OrderPlan};
use crate::orders::filter::{Bare, Field, FieldKind, Fields, FilterRow, Matcher};
use crate::plan::coordinate::{
    Inbound, InboundProposal, TransferProposal, TransferTerms, inbound, transfers,
};
use crate::plan::replenish::Situation;
use crate::stock::StockBook;
use parking_lot::Mutex;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the coordination table can be filtered by.
pub static COORDINATION: Fields = Fields {
    fields: &[
        Field::text("sku", Bare::Fuzzy),
        Field::phrase("name", &[], Bare::Fuzzy),
        Field::text("site", Bare::Part),
        Field::text("from", Bare::Part),
        Field::text("po", Bare::Part),
        word("kind", &["expedite", "defer", "cancel", "transfer", "unknown"]),
        word("state", State::WORDS),
        Field::number("qty", &["units"]),
        Field::number("worth", &[]),
    ],
    flags: &["proposed", "quiet", "open", "own", "unknown"],
};

const fn word(name: &'static str, words: &'static [&'static str]) -> Field {
    Field { name, aliases: &[], kind: FieldKind::Words(words), bare: Bare::Value }
}

/// The columns that it sorts by.
const COLUMNS: [&str; 8] = ["sku", "site", "kind", "state", "from", "qty", "due", "worth"];

/// Answers to requests are listed for so many days.
const ANSWERS_FOR: Span = Span::days(14);

/// A page of proposals: what can be decided here first, by what it is worth, unless sorted otherwise.
pub fn coordination(house: &House, wanted: &PageOf) -> Result<Rows<CoordinationRow>, Refusal> {
    let filter = asked(house, wanted, &COORDINATION, &COLUMNS)?;
    let mut rows = all(house)?;
    let unfiltered = rows.len();
    let mut matcher = Matcher::new(&filter);
    rows.retain(|row| matcher.matches(&Shown(row)));
    match wanted.sort.as_deref() {
        None => rows.sort_by(|a, b| {
            let rank = |row: &CoordinationRow| (!row.can_be_decided(), row.state);
            let by_worth = || b.worth().unwrap_or(0.0).total_cmp(&a.worth().unwrap_or(0.0));
            rank(a).cmp(&rank(b)).then_with(by_worth).then_with(|| a.key.cmp(&b.key))
        }),
        Some(column) => {
            rows.sort_by(|a, b| {
                let order = match column {
                    "sku" => a.sku.cmp(&b.sku),
                    "site" => a.site.cmp(&b.site),
                    "kind" => kind(a).cmp(kind(b)),
                    "state" => a.state.cmp(&b.state),
                    "from" => a.from.cmp(&b.from),
                    "qty" => a.qty.cmp(&b.qty),
                    "worth" => a.worth().partial_cmp(&b.worth()).unwrap_or(Ordering::Equal),
                    _ => a.due.cmp(&b.due),
                };
                let order = if wanted.descending { order.reverse() } else { order };
                order.then_with(|| a.key.cmp(&b.key))
            });
        }
    }
    Ok(page(&rows, unfiltered, wanted, |row| Some(row.clone())))
}

fn kind(row: &CoordinationRow) -> &'static str {
    row.measure.as_ref().map_or("unknown", Measure::word)
}

/// All rows, in no order.
fn all(house: &House) -> Result<Vec<CoordinationRow>, Refusal> {
    let plan = house.planner.plan(house)?;
    let reader = Reader {
        house,
        plan: &plan,
        today: house.today(),
        purchasing: house.purchasing.read().clone(),
    };
    let book = house.stock.read();
    let mut rows = reader.lines(&book);
    rows.extend(reader.transfers(&book, house.transfer_terms()));
    Ok(rows)
}

/// What was judged of lines on order and of SKUs, kept while what it follows from is the same: in a busy shop
/// something else changes every second.
#[derive(Default)]
pub struct Judged {
    lines: Mutex<BTreeMap<SeriesKey, AboutLines>>,
    skus: Mutex<BTreeMap<Sku, AboutSku>>,
}

struct AboutLines {
    at: Arc<Situation>,
    of: Vec<Inbound>,
    found: Arc<[InboundProposal]>,
}

struct AboutSku {
    of: (Vec<Arc<Line>>, TransferTerms),
    found: Arc<[TransferProposal]>,
}

impl Judged {
    /// Proposals about the lines of a SKU that are on order for a site.
    fn lines(&self, place: &SeriesKey, line: &Line, of: &[Inbound]) -> Arc<[InboundProposal]> {
        let mut known = self.lines.lock();
        if let Some(one) = known.get(place)
            && Arc::ptr_eq(&one.at, &line.at)
            && one.of == of
        {
            return one.found.clone();
        }
        let found: Arc<[InboundProposal]> = inbound(&line.at, of).into();
        let one = AboutLines { at: line.at.clone(), of: of.to_vec(), found: found.clone() };
        known.insert(place.clone(), one);
        found
    }

    /// Transfers of a SKU.
    fn transfers(
        &self,
        plan: &OrderPlan,
        terms: &TransferTerms,
        sku: &Sku,
    ) -> Arc<[TransferProposal]> {
        let lines = plan.shared_of(sku);
        let mut known = self.skus.lock();
        let same = |one: &&AboutSku| {
            let pairs = one.of.0.iter().zip(&lines);
            one.of.0.len() == lines.len()
                && one.of.1 == *terms
                && pairs.into_iter().all(|(was, is)| Arc::ptr_eq(was, is))
        };
        if let Some(one) = known.get(sku).filter(same) {
            return one.found.clone();
        }
        let found: Arc<[TransferProposal]> = transfers_of(plan, terms, sku).into();
        known.insert(sku.clone(), AboutSku { of: (lines, *terms), found: found.clone() });
        found
    }

    /// Forgets what is about none of these any more.
    fn keep(&self, places: &BTreeMap<SeriesKey, Vec<Inbound>>, plan: &OrderPlan) {
        self.lines.lock().retain(|place, _| places.contains_key(place));
        self.skus.lock().retain(|sku, _| !plan.sites_of(sku).is_empty());
    }
}

/// The transfers that are proposed of a SKU.
pub fn transfers_of(plan: &OrderPlan, terms: &TransferTerms, sku: &Sku) -> Vec<TransferProposal> {
    let sites = plan.sites_of(sku);
    if sites.len() < 2 { Vec::new() } else { transfers(&sites, terms) }
}

struct Reader<'a> {
    house: &'a House,
    plan: &'a OrderPlan,
    today: Day,
    purchasing: Arc<Purchasing>,
}

impl Reader<'_> {
    fn standing(&self) -> &Coordination {
        self.purchasing.coordination()
    }

    /// Lines that are on order: what is proposed about them, what was asked, and what nobody can judge.
    fn lines(&self, book: &StockBook) -> Vec<CoordinationRow> {
        let mut places: BTreeMap<SeriesKey, Vec<Inbound>> = BTreeMap::new();
        for po in book.purchase_orders().filter(|po| po.status.is_open()) {
            for (line, at) in po.lines.iter().zip(1..) {
                // What is to come is that of all lines of the SKU: it is told once, by the first.
                if po.lines.iter().take(at as usize - 1).any(|before| before.sku == line.sku) {
                    continue;
                }
                let to_come = book.to_come(po, &line.sku);
                if !to_come.is_positive() {
                    continue;
                }
                let answered = self.standing().due_of(&po.number, &line.sku);
                let due = answered.or_else(|| Some(po.due_at?.day(&self.house.zone)));
                let key = SeriesKey { sku: line.sku.clone(), site: po.site.clone() };
                places.entry(key).or_default().push(Inbound {
                    po: po.number.clone(),
                    line: at,
                    qty: to_come,
                    due,
                    cost: line.cost,
                    has_come: book.arrived(&po.number, &line.sku).is_positive(),
                });
            }
        }
        let judged = &self.house.coordinated;
        judged.keep(&places, self.plan);
        let mut rows = Vec::new();
        for (place, lines) in &places {
            let planned = self.plan.lines.get(place);
            let proposals = planned.map(|line| judged.lines(place, line, lines));
            let proposals = proposals.as_deref().unwrap_or_default();
            let unknown = match planned.map(|line| &line.plan) {
                Some(Plan::Proposed(_)) => None,
                Some(Plan::Blocked(blocked)) => Some(blocked.to_string()),
                None => Some(crate::plan::replenish::Blocked::NoForecast.to_string()),
            };
            // Goods of an own site are counted, and asked of no supplier.
            let bought = |line: &&Inbound| self.standing().transfer_of(&line.po).is_none();
            for line in lines.iter().filter(bought) {
                let found = proposals.iter().find(|one| one.po == line.po && one.line == line.line);
                let asked = self.standing().asked(&line.po, &place.sku);
                let undated = || "nobody has said when it comes; ask the supplier".to_owned();
                let unknown = unknown.clone().or_else(|| line.due.is_none().then(undated));
                rows.extend(match (asked, found, unknown) {
                    (Some(asked), found, _) if self.counts(asked, found) => {
                        Some(self.asked(book, asked))
                    }
                    (_, Some(found), _) => Some(self.proposed(book, found)),
                    (_, None, Some(why)) => Some(self.unknown(book, place, line, &why)),
                    (_, None, None) => None,
                });
            }
        }
        rows
    }

    /// Whether a request is what there is to be said of its line: it waits for its answer, or was answered
    /// lately and nothing else is proposed by now.
    fn counts(&self, asked: &Request, found: Option<&InboundProposal>) -> bool {
        let Some(answer) = asked.answer else { return true };
        let lately = self.house.clock.now().since(answer.at) < ANSWERS_FOR;
        lately && found.is_none_or(|found| Coordination::holds(asked, &found.measure()))
    }

    /// A row about goods that come by an order: from its supplier.
    fn row_of_order(
        &self,
        book: &StockBook,
        (sku, site): (&Sku, &SiteId),
        po: &PoNumber,
        key: String,
    ) -> CoordinationRow {
        let supplier = book.purchase_order_of(po).map(|po| po.supplier.clone());
        let name = supplier.as_ref().and_then(|id| book.supplier_of(id));
        CoordinationRow {
            from: supplier.as_ref().map_or_else(Box::default, |id| id.as_str().into()),
            from_name: name.map_or_else(Box::default, |supplier| supplier.name.clone()),
            po: Some(po.clone()),
            supplier,
            ..self.row(book, sku, site, key)
        }
    }

    fn row(&self, book: &StockBook, sku: &Sku, site: &SiteId, key: String) -> CoordinationRow {
        let name = book.product_of(sku).and_then(|product| product.name.clone());
        CoordinationRow {
            measure: None,
            key: key.into(),
            sku: sku.clone(),
            name: name.unwrap_or_default(),
            site: site.clone(),
            from: Box::default(),
            from_name: Box::default(),
            po: None,
            qty: Qty::ZERO,
            due: None,
            state: State::Unknown,
            figures: None,
            why: Box::default(),
            effect: Box::default(),
            note: Box::default(),
            own: true,
            supplier: book.product_of(sku).and_then(|product| product.supplier.clone()),
        }
    }

    fn proposed(&self, book: &StockBook, found: &InboundProposal) -> CoordinationRow {
        let measure = found.measure();
        let (state, note) = self.word(&measure);
        let own = self.purchasing.order(&found.po).is_some();
        let not_own = "placed elsewhere; have it changed there";
        CoordinationRow {
            qty: found.qty,
            due: Some(found.due),
            state,
            why: found.reason().into(),
            effect: found.effect().into(),
            note: if own || !note.is_empty() { note } else { not_own.into() },
            own,
            figures: Some(Box::new(Figured::Line(found.clone()))),
            ..self.row_of_order(book, (&found.sku, &found.site), &found.po, measure.key())
        }
        .about(measure)
    }

    /// Whether a proposal is quiet, and what was said of it last.
    fn word(&self, measure: &Measure) -> (State, Box<str>) {
        let Some(last) = self.standing().last_word(&measure.key()) else {
            return (State::Proposed, Box::default());
        };
        let quiet = last.silences(self.today, measure);
        let state = if quiet { State::Quiet } else { State::Proposed };
        (state, said(last).into())
    }

    fn asked(&self, book: &StockBook, asked: &Request) -> CoordinationRow {
        let line = &asked.line;
        let order = book.purchase_order_of(&line.po);
        let site = order.map_or_else(|| SiteId::new(""), |po| po.site.clone());
        let (state, effect) = match (asked.answer, &asked.sent) {
            (Some(answer), _) => {
                let due = answer.due.map_or(String::new(), |due| format!(", comes on {due}"));
                let qty = answer.qty.map_or(String::new(), |qty| format!(", {qty} units"));
                let told = format!("{}{due}{qty}", answer.reply.word());
                (State::Answered(answer.reply), told)
            }
            (None, Some(sent)) => {
                (State::Asked, format!("{} was asked, no answer yet", sent.target))
            }
            (None, None) => (State::Accepted, "the supplier will be asked; u takes it back".into()),
        };
        let failed = asked.failed.as_ref().map(|failed| {
            format!("{} did not take it: {}; po resend {}", failed.target, failed.reason, line.po)
        });
        CoordinationRow {
            qty: line.qty,
            due: self.standing().due_of(&line.po, &line.sku).or(line.due),
            state,
            why: line.reason.as_str().into(),
            effect: effect.into(),
            note: failed.unwrap_or_else(|| by(&asked.by.who, asked.by.entry)).into(),
            ..self.row_of_order(
                book,
                (&line.sku, &site),
                &line.po,
                format!("asked {}:{}", line.po, line.sku),
            )
        }
        .about(Measure::Line(line.clone()))
    }

    fn unknown(
        &self,
        book: &StockBook,
        place: &SeriesKey,
        line: &Inbound,
        why: &str,
    ) -> CoordinationRow {
        CoordinationRow {
            qty: line.qty,
            due: line.due,
            why: why.into(),
            effect: "whether it is needed cannot be told".into(),
            own: self.purchasing.order(&line.po).is_some(),
            ..self.row_of_order(
                book,
                (&place.sku, &place.site),
                &line.po,
                format!("{}:{}", line.po, place.sku),
            )
        }
    }

    /// Transfers: those that are proposed, about to leave, and on their way.
    fn transfers(&self, book: &StockBook, terms: Option<TransferTerms>) -> Vec<CoordinationRow> {
        let standing = self.standing().transfers();
        let mut rows: Vec<CoordinationRow> =
            standing.filter_map(|one| self.transfer(book, one)).collect();
        let Some(terms) = terms else { return rows };
        let wanted = self.plan.lines.iter().filter(|(_, line)| {
            line.plan.proposal().is_some_and(|proposal| proposal.qty.is_positive())
        });
        let skus: BTreeSet<&Sku> = wanted.map(|(series, _)| &series.sku).collect();
        let judged = &self.house.coordinated;
        let found: Vec<_> =
            skus.into_iter().map(|sku| judged.transfers(self.plan, &terms, sku)).collect();
        for found in found.iter().flat_map(|of| of.iter()) {
            let measure = found.measure();
            let (state, note) = self.word(&measure);
            let row = CoordinationRow {
                from: found.from.as_str().into(),
                qty: found.qty,
                due: Some(found.arrives),
                state,
                why: found.reason().into(),
                effect: found.effect().into(),
                note,
                figures: Some(Box::new(Figured::Transfer(found.clone()))),
                ..self.row(book, &found.sku, &found.to, measure.key())
            };
            rows.push(row.about(measure));
        }
        rows
    }

    /// A transfer that was accepted; `None`: it has come.
    fn transfer(&self, book: &StockBook, one: &OwnTransfer) -> Option<CoordinationRow> {
        let order = &one.order;
        let (state, qty, po, effect) = match &one.left {
            None => {
                let effect = "leaves when its grace period is over; u takes it back".to_owned();
                (State::Accepted, order.qty, None, effect)
            }
            Some((_, number, qty)) => {
                let to_come = book.purchase_order_of(number).map(|po| book.to_come(po, &order.sku));
                let to_come = to_come.filter(|to_come| to_come.is_positive())?;
                let effect = format!("{to_come} of {qty} that left are on their way");
                (State::UnderWay, to_come, Some(number.clone()), effect)
            }
        };
        let failed = one.failed.as_ref().map(|failed| {
            let number = po.as_ref().map_or("", PoNumber::as_str);
            format!("{} did not take it: {}; po resend {number}", failed.target, failed.reason)
        });
        let measure = Measure::Transfer(order.clone());
        let row = CoordinationRow {
            from: order.from.as_str().into(),
            po,
            qty,
            due: Some(order.due),
            state,
            why: order.reason.as_str().into(),
            effect: effect.into(),
            note: failed.unwrap_or_else(|| by(&one.by.who, one.by.entry)).into(),
            ..self.row(book, &order.sku, &order.to, format!("{} {}", measure.key(), one.by.entry))
        };
        Some(row.about(measure))
    }
}

impl CoordinationRow {
    fn about(self, measure: Measure) -> Self {
        Self { measure: Some(measure), ..self }
    }
}

fn by(who: &str, entry: u64) -> String {
    format!("accepted by {who}, entry {entry}")
}

fn said(last: &TurnedDown) -> String {
    let until = last.until.map_or(String::new(), |day| format!(" until {day}"));
    match &last.reason {
        Some(reason) => format!("{} turned it down{until}: {reason}", last.by.who),
        None => format!("{} put it off{until}", last.by.who),
    }
}

struct Shown<'r>(&'r CoordinationRow);

impl FilterRow for Shown<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        let row = self.0;
        Some(Cow::Borrowed(match field {
            "sku" => row.sku.as_str(),
            "name" => &row.name,
            "site" => row.site.as_str(),
            "from" => &row.from,
            "po" => row.po.as_ref()?.as_str(),
            "kind" => kind(row),
            "state" => row.state.word(),
            _ => return None,
        }))
    }
    fn number(&self, field: &str) -> Option<f64> {
        match field {
            "qty" => Some(self.0.qty.to_f64()),
            "worth" => self.0.worth(),
            _ => None,
        }
    }
    fn flag(&self, flag: &str) -> bool {
        match flag {
            "proposed" => self.0.state == State::Proposed,
            "quiet" => self.0.state == State::Quiet,
            "open" => !matches!(self.0.state, State::Quiet | State::Unknown),
            "own" => self.0.own,
            "unknown" => self.0.state == State::Unknown,
            _ => false,
        }
    }
}
