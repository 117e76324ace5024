//! From approved lines to an order, and what an order means for stock.

use super::book::{Approved, Draft, Purchasing, Signature};
use super::rules::Rules;
use crate::domain::{
    ConfirmedLine, Day, Decision, Entry, PlacedLine, PoLine, PoStatus, PurchaseOrder, Qty, Span,
    Timestamp, Told, Total, Zone,
};
use crate::stock::StockBook;

/// What a draft waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// For the grace period of its newest line; this much is left of it.
    Grace(Span),
    /// For a second person to sign lines of it.
    Second,
    /// For nothing: it can be placed.
    Nothing,
}

/// The moment at which drafts are looked at.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// When today began.
    pub today: Timestamp,
    /// How long ago somebody signed.
    pub since: &'a dyn Fn(&Signature) -> Span,
}

impl Draft<'_> {
    /// What it waits for.
    pub fn waits(&self, rules: &Rules, now: Moment<'_>) -> Waits {
        if self.unsigned(rules, now.today).next().is_some() {
            return Waits::Second;
        }
        let newest = self.lines.iter().map(|line| (now.since)(&line.by)).min();
        let newest = newest.unwrap_or(rules.grace).as_millis();
        let left = rules.grace.as_millis().saturating_sub(newest);
        if left > 0 { Waits::Grace(Span::millis(left)) } else { Waits::Nothing }
    }
    /// The lines that a second person has yet to sign; `today`: when it began.
    pub fn unsigned(&self, rules: &Rules, today: Timestamp) -> impl Iterator<Item = &Approved> {
        let needed = rules.needs_second(&self.total_today(today));
        self.lines.iter().copied().filter(move |line| needed && line.second.is_none())
    }
}

impl Rules {
    /// Whether an order of this total needs a second person. What it costs may be unknown, or in
    /// another currency than the limit's; then it does.
    pub fn needs_second(&self, total: &Total) -> bool {
        let Some(limit) = self.four_eyes_above else { return false };
        let above = |money: &crate::domain::Money| {
            money.currency != limit.currency || money.minor > limit.minor
        };
        total.unknown > 0 || total.known.iter().any(above)
    }
}

/// The next draft that waits for nothing, as the order that it becomes.
pub fn due(purchasing: &Purchasing, rules: &Rules, now: Moment<'_>) -> Option<Decision> {
    let drafts = purchasing.drafts();
    let draft = drafts.iter().find(|draft| draft.waits(rules, now) == Waits::Nothing)?;
    Some(order_of(draft, purchasing, rules))
}

/// The order that a draft becomes, with the next number. It is due when its first line is.
pub fn order_of(draft: &Draft<'_>, purchasing: &Purchasing, rules: &Rules) -> Decision {
    let line = |approved: &&Approved| PlacedLine {
        approval: approved.by.entry,
        sku: approved.line.sku.clone(),
        qty: approved.line.qty,
        cost: approved.line.cost,
    };
    Decision::Place {
        po: purchasing.next_number(&rules.prefix),
        supplier: draft.supplier.clone(),
        site: draft.site.clone(),
        lines: draft.lines.iter().map(line).collect(),
        due: draft.lines.iter().filter_map(|approved| approved.line.due).min(),
    }
}

/// The version of a purchase order that stock has after an entry; `None`: the entry is about none,
/// or changes none.
pub fn purchase_order_after(entry: &Entry, book: &StockBook) -> Option<PurchaseOrder> {
    let version = |po, change: &dyn Fn(&mut PurchaseOrder)| {
        let mut version = book.purchase_order_at(po, entry.at)?;
        version.updated_at = entry.at;
        change(&mut version);
        Some(version)
    };
    match &entry.decision {
        Decision::Place { po, supplier, site, lines, due } => Some(PurchaseOrder {
            number: po.clone(),
            supplier: supplier.clone(),
            site: site.clone(),
            status: PoStatus::Sent,
            ordered_at: entry.at,
            due_at: due.map(noon),
            updated_at: entry.at,
            lines: lines.iter().map(to_come).collect(),
        }),
        Decision::CancelOrder { po, .. } => {
            version(po, &|version| version.status = PoStatus::Cancelled)
        }
        Decision::CloseOrder { po, .. } => {
            version(po, &|version| version.status = PoStatus::Closed)
        }
        Decision::Tell { po, told: Told::Confirmed { lines, due }, .. } => {
            version(po, &|version| confirm(version, lines, *due))
        }
        _ => None,
    }
}

fn to_come(line: &PlacedLine) -> PoLine {
    PoLine { sku: line.sku.clone(), qty: line.qty, received: Qty::ZERO, cost: line.cost }
}

fn confirm(version: &mut PurchaseOrder, lines: &[ConfirmedLine], due: Option<Day>) {
    if version.status == PoStatus::Sent {
        version.status = PoStatus::Acknowledged;
    }
    for told in lines {
        let line = version.lines.iter_mut().find(|line| line.sku == told.sku);
        if let Some((line, qty)) = line.zip(told.qty) {
            line.qty = qty;
        }
    }
    // Until the last line has come, goods are due.
    let last = lines.iter().filter_map(|line| line.due).max();
    version.due_at = due.max(last).map(noon).or(version.due_at);
}

/// A moment that lies on the day in nearly every zone.
fn noon(day: Day) -> Timestamp {
    day.start(&Zone::utc()) + Span::hours(12)
}
