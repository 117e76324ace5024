//! From approved lines to an order, and what an order means for stock.

use super::book::{Approved, Draft, Purchasing, Signature};
use super::rules::Rules;
use crate::domain::{
    ConfirmedLine, Day, Decision, Entry, PlacedLine, PoLine, PoStatus, PurchaseOrder, Qty, Span,
    SupplierId, Timestamp, Told, Total, Zone,
};
use crate::stock::StockBook;

/// A line waits for those approved after it, but no longer than so many grace periods.
const MOST_GRACES: i64 = 3;

/// What a draft waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// For grace periods to end; this much is left until lines of it are placed.
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
        // So that one order comes of it, lines wait for those after them; but not for ever.
        let newest = self.lines.iter().map(|line| left(line, rules.grace, now)).max();
        let most = rules.grace.as_millis().saturating_mul(MOST_GRACES);
        let longest = |line: &Approved| most - (now.since)(&line.by).as_millis();
        let wait = self.ripe(rules.grace, now).map(longest).chain(newest).min().unwrap_or(0);
        if wait > 0 { Waits::Grace(Span::millis(wait)) } else { Waits::Nothing }
    }
    /// The lines that nobody can take back any more.
    fn ripe(&self, grace: Span, now: Moment<'_>) -> impl Iterator<Item = &Approved> {
        self.lines.iter().copied().filter(move |line| left(line, grace, now) <= 0)
    }
    /// The lines that a second person has yet to sign; `today`: when it began.
    pub fn unsigned(&self, rules: &Rules, today: Timestamp) -> impl Iterator<Item = &Approved> {
        let limited = rules.four_eyes_above.is_some();
        let needed = limited && rules.needs_second(&self.total_today(today));
        self.lines.iter().copied().filter(move |line| needed && line.second.is_none())
    }
}

/// Milliseconds that are left of a line's grace periods, that of its approval and that of a signature on
/// it; none or less than none: they are over.
fn left(line: &Approved, grace: Span, now: Moment<'_>) -> i64 {
    let newest = line.second.iter().chain([&line.by]).map(now.since).min();
    newest.map_or(0, |age| grace.as_millis().saturating_sub(age.as_millis()))
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

/// The next draft that waits for nothing, as the order that it becomes, with the next number. It is due
/// when its first line is. Lines that can be taken back yet stay a draft.
pub fn due(purchasing: &Purchasing, rules: &Rules, now: Moment<'_>) -> Option<Decision> {
    let drafts = purchasing.drafts();
    let draft = drafts.iter().find(|draft| draft.waits(rules, now) == Waits::Nothing)?;
    let lines: Vec<&Approved> = draft.ripe(rules.grace, now).collect();
    let line = |approved: &&Approved| PlacedLine {
        approval: approved.by.entry,
        sku: approved.line.sku.clone(),
        qty: approved.line.qty,
        cost: approved.line.cost,
    };
    Some(Decision::Place {
        po: purchasing.next_number(&rules.prefix),
        supplier: draft.supplier.clone(),
        site: draft.site.clone(),
        lines: lines.iter().map(line).collect(),
        due: lines.iter().filter_map(|approved| approved.line.due).min(),
    })
}

/// The version of a purchase order that stock has after an entry; `None`: the entry is about none,
/// or changes none. `purchasing` has applied the entry.
pub fn purchase_order_after(
    entry: &Entry,
    purchasing: &Purchasing,
    book: &StockBook,
) -> Option<PurchaseOrder> {
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
            // What its supplier said of it later opens nothing: a store that is made again reads that first.
            let told = book.purchase_order_of(po)?.updated_at;
            version(po, &|version| {
                version.status = PoStatus::Closed;
                version.updated_at = version.updated_at.max(told + Span::millis(1));
            })
        }
        Decision::Tell { po, of, told: Told::Confirmed { lines, due } } => {
            let own = purchasing.order(po)?;
            let lines: Vec<_> = lines.iter().map(|line| own.believed(line)).collect();
            if *of != own.entry {
                return version(po, &|version| amend(version, &lines, *due));
            }
            version(po, &|version| confirm(version, &lines, *due))
        }
        Decision::Dispatch { number, sku, from, to, qty, due, .. } if qty.is_positive() => {
            Some(PurchaseOrder {
                number: number.clone(),
                // An own site that delivers stands where a supplier does.
                supplier: SupplierId::new(from.as_str()),
                site: to.clone(),
                status: PoStatus::Sent,
                ordered_at: entry.at,
                due_at: Some(noon(*due)),
                updated_at: entry.at,
                lines: vec![PoLine {
                    sku: sku.clone(),
                    qty: *qty,
                    received: Qty::ZERO,
                    cost: None,
                }],
            })
        }
        _ => None,
    }
}

fn to_come(line: &PlacedLine) -> PoLine {
    PoLine { sku: line.sku.clone(), qty: line.qty, received: Qty::ZERO, cost: line.cost }
}

/// What a supplier says of single lines. An order has one day: it is another one where the order has one line.
fn amend(version: &mut PurchaseOrder, lines: &[ConfirmedLine], due: Option<Day>) {
    if version.lines.len() == 1 {
        version.due_at = due.map(noon).or(version.due_at);
    }
    for told in lines {
        let only = version.lines.len() == 1;
        let Some(line) = version.lines.iter_mut().find(|line| line.sku == told.sku) else {
            continue;
        };
        line.qty = told.qty.unwrap_or(line.qty);
        version.due_at = told.due.filter(|_| only).map(noon).or(version.due_at);
    }
    if version.lines.iter().all(|line| line.qty.is_zero()) {
        version.status = PoStatus::Cancelled;
    }
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
    if version.status == PoStatus::Acknowledged
        && version.lines.iter().all(|line| line.qty.is_zero())
    {
        // Nothing of it will come: it was declined.
        version.status = PoStatus::Cancelled;
    }
    // Until the last line has come, goods are due.
    let last = lines.iter().filter_map(|line| line.due).max();
    version.due_at = due.max(last).map(noon).or(version.due_at);
}

/// A moment that lies on the day in nearly every zone.
fn noon(day: Day) -> Timestamp {
    day.start(&Zone::utc()) + Span::hours(12)
}
