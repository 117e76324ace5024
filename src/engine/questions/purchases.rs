//! Purchase orders: drafts, own ones, and those that feeds tell of.

use super::{asked, page};
use crate::desk::buying::{Draft, Moment, OwnOrder, Purchasing, Rules, Signature, Waits};
use crate::domain::*;
use crate::engine::api::{
    JournalRow, PageOf, PurchaseDetail, PurchaseLine, PurchaseRow, Refusal, Rows,
};
use crate::engine::house::House;
use crate::orders::filter::{Bare, Field, Fields, FilterRow, Matcher};
use crate::stock::StockBook;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;

/// What the table of purchase orders can be filtered by.
pub static PURCHASES: Fields = Fields {
    fields: &[
        Field::text("po", Bare::Part),
        Field::text("supplier", Bare::Part),
        Field::phrase("name", &[], Bare::Fuzzy),
        Field::text("site", Bare::Part),
        Field::text("state", Bare::Part),
        Field::number("units", &["qty"]),
    ],
    flags: &["own", "open", "trouble", "draft", "late", "unsent", "unsigned"],
};

/// The columns that the table sorts by.
const COLUMNS: [&str; 7] = ["po", "state", "supplier", "site", "units", "at", "due"];

/// A page of purchase orders: drafts first, then the newest, unless sorted otherwise.
pub fn purchases(house: &House, wanted: &PageOf) -> Result<Rows<PurchaseRow>, Refusal> {
    let filter = asked(house, wanted, &PURCHASES, &COLUMNS)?;
    let reader = Reader::new(house);
    let all = {
        let book = house.stock.read();
        let own = &reader.purchasing;
        let drafts = own.drafts().into_iter().map(|draft| reader.draft(&book, &draft));
        let placed = own.orders().map(|order| reader.placed(&book, order));
        let others = book.purchase_orders().filter(|po| own.order(&po.number).is_none());
        let others = others.map(|po| reader.told(&book, po));
        drafts.chain(placed).chain(others).collect::<Vec<PurchaseRow>>()
    };
    let mut matcher = Matcher::new(&filter);
    let mut rows: Vec<&PurchaseRow> =
        all.iter().filter(|row| matcher.matches(&Shown(row))).collect();
    match wanted.sort.as_deref() {
        None => rows.sort_by_key(|row| (row.number.is_some(), Reverse(row.at))),
        Some(column) => {
            rows.sort_by(|a, b| match column {
                "po" => a.number.cmp(&b.number),
                "supplier" => a.supplier.cmp(&b.supplier),
                "site" => a.site.cmp(&b.site),
                "units" => a.units.cmp(&b.units),
                "state" => a.state.cmp(&b.state),
                "due" => a.due.cmp(&b.due),
                _ => a.at.cmp(&b.at),
            });
            if wanted.descending {
                rows.reverse();
            }
        }
    }
    Ok(page(&rows, all.len(), wanted, |row| Some((*row).clone())))
}

/// One purchase order; `None`: there is none of this number.
pub fn purchase(house: &House, number: &PoNumber) -> Result<Option<PurchaseDetail>, Refusal> {
    let reader = Reader::new(house);
    let (detail, entries) = {
        let book = house.stock.read();
        match (reader.purchasing.order(number), book.purchase_order_of(number)) {
            (Some(order), _) => (reader.placed_whole(&book, order), order.entries.clone()),
            (None, Some(po)) => {
                let transfer = reader.purchasing.coordination().transfer_of(number);
                let entries = transfer.map_or_else(Vec::new, |one| one.entries.clone());
                (reader.told_whole(&book, po), entries)
            }
            (None, None) => return Ok(None),
        }
    };
    reader.with_journal(detail, entries).map(Some)
}

/// What is approved for a supplier and a site and is no order yet; `None`: nothing is.
pub fn draft(
    house: &House,
    supplier: &SupplierId,
    site: &SiteId,
) -> Result<Option<PurchaseDetail>, Refusal> {
    let reader = Reader::new(house);
    let Some(draft) = reader.purchasing.draft_of(supplier, site) else { return Ok(None) };
    let detail = reader.draft_whole(&house.stock.read(), &draft);
    reader.with_journal(detail, Vec::new()).map(Some)
}

/// What of purchase orders waits for a person.
pub struct Attention {
    /// Orders, or cancellations, that no target would take.
    pub unsent: u64,
    /// Drafts that a second person has to sign.
    pub unsigned: u64,
    /// Orders by which goods were due before today, and are to come yet.
    pub late: u64,
}

/// Counts what waits for a person.
pub fn attention(house: &House) -> Attention {
    let reader = Reader::new(house);
    let own = &reader.purchasing;
    let book = house.stock.read();
    let placed = own.orders().filter(|order| {
        let told = book.purchase_order_of(&order.number);
        let state = order.state(told, &|sku| book.arrived(&order.number, sku));
        reader.is_late(state, reader.due_of(told).or(order.due))
    });
    let others = book.purchase_orders().filter(|po| own.order(&po.number).is_none());
    let others =
        others.filter(|po| reader.is_late(reader.state(&book, po), reader.due_of(Some(po))));
    let began = house.start_of_today();
    let rules = &*reader.rules;
    let is_unsigned = |draft: &&Draft<'_>| draft.unsigned(rules, began).next().is_some();
    let unsigned = own.drafts().iter().filter(is_unsigned).count();
    Attention {
        unsent: own.given_up().len() as u64,
        unsigned: unsigned as u64,
        late: (placed.count() + others.count()) as u64,
    }
}

fn journal(house: &House, entries: &[u64]) -> Result<Vec<JournalRow>, Refusal> {
    let undone: Vec<Option<u64>> = {
        let marks = house.marks.read();
        entries.iter().map(|seq| marks.undone_by(*seq)).collect()
    };
    let journal = house.journal.lock();
    let rows = entries.iter().zip(undone).rev().map(|(seq, undone_by)| {
        let entry = journal.entry(*seq).map_err(|error| Refusal::failed(error.to_string()))?;
        Ok(entry.map(|entry| JournalRow { entry, undone_by }))
    });
    rows.filter_map(Result::transpose).collect()
}

/// Reads rows out of the books.
struct Reader<'h> {
    house: &'h House,
    today: Day,
    purchasing: Arc<Purchasing>,
    rules: Arc<Rules>,
}

impl<'h> Reader<'h> {
    fn new(house: &'h House) -> Self {
        let today = house.clock.now().day(&house.zone);
        let (purchasing, rules) = (house.purchasing.read().clone(), house.rules());
        Reader { house, today, purchasing, rules }
    }

    /// With the decisions that its lines came from, approvals and signatures, and `entries` about it.
    fn with_journal(
        &self,
        mut detail: PurchaseDetail,
        mut entries: Vec<u64>,
    ) -> Result<PurchaseDetail, Refusal> {
        for line in &detail.lines {
            let approved = line.approved.as_ref();
            let approved = approved.and_then(|(entry, _)| self.purchasing.approval(*entry));
            entries.extend(approved.iter().map(|one| one.by.entry));
            entries.extend(approved.iter().filter_map(|one| Some(one.second.as_ref()?.entry)));
        }
        entries.sort_unstable();
        detail.journal = journal(self.house, &entries)?;
        Ok(detail)
    }

    fn is_late(&self, state: BuyingState, due: Option<Day>) -> bool {
        state.is_open() && due.is_some_and(|due| due < self.today)
    }

    /// How far an order has come that is not an own one. Of a transfer between own sites nobody may tell
    /// but who takes it in.
    fn state(&self, book: &StockBook, po: &PurchaseOrder) -> BuyingState {
        let is_transfer = self.purchasing.coordination().transfer_of(&po.number).is_some();
        let has_come = || !po.lines.iter().any(|line| book.to_come(po, &line.sku).is_positive());
        match po.status.is_open() && is_transfer && has_come() {
            true => BuyingState::Received,
            false => state_of(po.status),
        }
    }

    fn name(&self, book: &StockBook, supplier: &SupplierId) -> Box<str> {
        book.supplier_of(supplier).map_or_else(Box::default, |known| known.name.clone())
    }

    fn draft(&self, book: &StockBook, draft: &Draft<'_>) -> PurchaseRow {
        let since = |signed: &Signature| self.house.since_signed(signed);
        let began = self.house.start_of_today();
        let unsigned = || draft.unsigned(&self.rules, began).map(|line| line.by.entry);
        let note = match draft.waits(&self.rules, Moment { today: began, since: &since }) {
            Waits::Grace(left) => format!("can be taken back for {left}"),
            Waits::Second => {
                let entries: Vec<String> = unsigned().map(|entry| entry.to_string()).collect();
                let word = if entries.len() == 1 { "entry" } else { "entries" };
                format!("a second person has to sign {word} {}", entries.join(", "))
            }
            Waits::Nothing => "is being placed".into(),
        };
        PurchaseRow {
            number: None,
            own: true,
            transfer: false,
            state: BuyingState::Draft,
            supplier: draft.supplier.clone(),
            supplier_name: self.name(book, draft.supplier),
            site: draft.site.clone(),
            lines: draft.lines.len() as u32,
            units: draft.lines.iter().map(|line| line.line.qty).sum(),
            arrived: Qty::ZERO,
            total: draft.total(),
            at: draft.lines.first().map_or(Timestamp::default(), |line| line.by.at),
            due: draft.lines.iter().filter_map(|line| line.line.due).min(),
            note: Some(note.into()),
            trouble: false,
            unsent: false,
            late: false,
            approvals: draft.lines.iter().map(|line| line.by.entry).collect(),
            unsigned: unsigned().collect(),
        }
    }

    fn placed(&self, book: &StockBook, order: &OwnOrder) -> PurchaseRow {
        let arrived = |sku: &Sku| book.arrived(&order.number, sku);
        let told = book.purchase_order_of(&order.number);
        let troubles = troubles(order, told);
        let state = order.state(told, &arrived);
        let due = self.due_of(told).or(order.due);
        PurchaseRow {
            number: Some(order.number.clone()),
            own: true,
            transfer: false,
            state,
            supplier: order.supplier.clone(),
            supplier_name: self.name(book, &order.supplier),
            site: order.site.clone(),
            lines: order.lines.len() as u32,
            units: order.lines.iter().map(|line| line.qty).sum(),
            arrived: order.lines.iter().map(|line| arrived(&line.sku)).sum(),
            total: order.total(),
            at: order.at,
            due,
            trouble: !troubles.is_empty(),
            unsent: order.failed.is_some(),
            late: self.is_late(state, due),
            approvals: Vec::new(),
            unsigned: Vec::new(),
            note: troubles.into_iter().next().or_else(|| self.house.waiting_for(order)),
        }
    }

    fn told(&self, book: &StockBook, po: &PurchaseOrder) -> PurchaseRow {
        let (state, due) = (self.state(book, po), self.due_of(Some(po)));
        PurchaseRow {
            number: Some(po.number.clone()),
            own: false,
            transfer: self.purchasing.coordination().transfer_of(&po.number).is_some(),
            state,
            supplier: po.supplier.clone(),
            supplier_name: self.name(book, &po.supplier),
            site: po.site.clone(),
            lines: po.lines.len() as u32,
            units: po.lines.iter().map(|line| line.qty).sum(),
            arrived: po.lines.iter().map(|line| book.arrived(&po.number, &line.sku)).sum(),
            total: total(po.lines.iter().map(|line| line.cost.map(|cost| cost.times(line.qty)))),
            at: po.ordered_at,
            due,
            note: None,
            trouble: false,
            unsent: false,
            late: self.is_late(state, due),
            approvals: Vec::new(),
            unsigned: Vec::new(),
        }
    }

    fn due_of(&self, po: Option<&PurchaseOrder>) -> Option<Day> {
        Some(po?.due_at?.day(&self.house.zone))
    }

    fn draft_whole(&self, book: &StockBook, draft: &Draft<'_>) -> PurchaseDetail {
        let row = self.draft(book, draft);
        let lines = draft.lines.iter().map(|approved| PurchaseLine {
            sku: approved.line.sku.clone(),
            name: name_of(book, &approved.line.sku),
            qty: approved.line.qty,
            suggested: approved.line.suggested.as_ref().map(|shown| shown.qty),
            confirmed: None,
            arrived: Qty::ZERO,
            damaged: Qty::ZERO,
            cost: approved.line.cost,
            // What is ordered together is asked for by one day.
            due: row.due,
            approved: Some((approved.by.entry, approved.by.who.clone())),
            second: approved.second.as_ref().map(|second| second.who.clone()),
        });
        PurchaseDetail {
            lines: lines.collect(),
            asked: row.due,
            least: least(book, draft.supplier),
            row,
            sent: None,
            took: took(book, draft.supplier),
            stated: book.supplier_of(draft.supplier).and_then(|known| known.lead_time_days),
            troubles: Vec::new(),
            journal: Vec::new(),
        }
    }

    fn placed_whole(&self, book: &StockBook, order: &OwnOrder) -> PurchaseDetail {
        let row = self.placed(book, order);
        let confirmed = order.confirmed.as_ref();
        let lines = order.lines.iter().map(|line| {
            let approved = self.purchasing.approval(line.approval);
            let told = confirmed
                .and_then(|told| told.lines.iter().find(|confirmed| confirmed.sku == line.sku));
            PurchaseLine {
                sku: line.sku.clone(),
                name: name_of(book, &line.sku),
                qty: line.qty,
                suggested: approved.and_then(|one| Some(one.line.suggested.as_ref()?.qty)),
                confirmed: confirmed.map(|_| order.expected(&line.sku)),
                arrived: book.arrived(&order.number, &line.sku),
                damaged: self.purchasing.damaged(&order.number, &line.sku),
                cost: line.cost,
                due: told.and_then(|told| told.due).or(row.due),
                approved: approved.map(|one| (one.by.entry, one.by.who.clone())),
                second: approved.and_then(|one| Some(one.second.as_ref()?.who.clone())),
            }
        });
        PurchaseDetail {
            lines: lines.collect(),
            asked: order.due,
            least: least(book, &order.supplier),
            row,
            sent: order.sent.clone().map(|sent| (sent.target, sent.reference, sent.at)),
            took: took(book, &order.supplier),
            stated: book.supplier_of(&order.supplier).and_then(|known| known.lead_time_days),
            troubles: troubles(order, book.purchase_order_of(&order.number)),
            journal: Vec::new(),
        }
    }

    fn told_whole(&self, book: &StockBook, po: &PurchaseOrder) -> PurchaseDetail {
        let lines = po.lines.iter().map(|line| PurchaseLine {
            sku: line.sku.clone(),
            name: name_of(book, &line.sku),
            qty: line.qty,
            suggested: None,
            confirmed: None,
            arrived: book.arrived(&po.number, &line.sku),
            damaged: self.purchasing.damaged(&po.number, &line.sku),
            cost: line.cost,
            due: self.due_of(Some(po)),
            approved: None,
            second: None,
        });
        PurchaseDetail {
            row: self.told(book, po),
            lines: lines.collect(),
            asked: None,
            least: least(book, &po.supplier),
            sent: None,
            took: took(book, &po.supplier),
            stated: book.supplier_of(&po.supplier).and_then(|known| known.lead_time_days),
            troubles: Vec::new(),
            journal: Vec::new(),
        }
    }
}

/// The middle of a supplier's lead times in days, and how many there are.
fn took(book: &StockBook, supplier: &SupplierId) -> Option<(u32, usize)> {
    let mut days: Vec<i64> =
        book.lead_times(supplier).iter().map(|took| took.as_seconds() / 86_400).collect();
    days.sort_unstable();
    let middle = *days.get(days.len() / 2)?;
    Some((u32::try_from(middle).unwrap_or(0), days.len()))
}

fn least(book: &StockBook, supplier: &SupplierId) -> Option<Money> {
    book.supplier_of(supplier).and_then(|known| known.min_order)
}

fn name_of(book: &StockBook, sku: &Sku) -> Box<str> {
    book.product_of(sku).and_then(|product| product.name.clone()).unwrap_or_default()
}

/// What somebody has to look at, one sentence each.
fn troubles(order: &OwnOrder, told: Option<&PurchaseOrder>) -> Vec<Box<str>> {
    let declined = told.filter(|told| told.status == PoStatus::Cancelled);
    let declined = declined.filter(|_| order.cancelled.is_none()).map(|_| {
        format!("{} called {} off; order elsewhere or anew.", order.supplier, order.number).into()
    });
    let failed = order.failed.iter().map(|failed| {
        let tries = if failed.attempts == 1 {
            "1 try".into()
        } else {
            format!("{} tries", failed.attempts)
        };
        let (po, target, reason) = (&order.number, &failed.target, &failed.reason);
        format!("{target} did not take {po} after {tries}: {reason}; mend it and send it again.")
            .into()
    });
    declined
        .into_iter()
        .chain(failed)
        .chain(order.odd.iter().map(|odd| odd.as_str().into()))
        .collect()
}

fn state_of(status: PoStatus) -> BuyingState {
    match status {
        PoStatus::Sent => BuyingState::Sent,
        PoStatus::Acknowledged => BuyingState::Acknowledged,
        PoStatus::PartlyReceived => BuyingState::PartlyReceived,
        PoStatus::Received => BuyingState::Received,
        PoStatus::Cancelled => BuyingState::Cancelled,
        PoStatus::Closed => BuyingState::Closed,
    }
}

struct Shown<'r>(&'r PurchaseRow);

impl FilterRow for Shown<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        let row = self.0;
        Some(Cow::Borrowed(match field {
            "po" => row.number.as_ref()?.as_str(),
            "supplier" => row.supplier.as_str(),
            "name" => &row.supplier_name,
            "site" => row.site.as_str(),
            "state" => row.state.word(),
            _ => return None,
        }))
    }
    fn number(&self, field: &str) -> Option<f64> {
        (field == "units").then(|| self.0.units.to_f64())
    }
    fn flag(&self, flag: &str) -> bool {
        match flag {
            "own" => self.0.own,
            "open" => self.0.state.is_open(),
            "trouble" => self.0.trouble,
            "draft" => self.0.number.is_none(),
            "late" => self.0.late,
            "unsent" => self.0.unsent,
            "unsigned" => !self.0.unsigned.is_empty(),
            _ => false,
        }
    }
}
