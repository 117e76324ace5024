//! The sample's orders to suppliers: one of every state, some in trouble.

use super::{NAMES, SKUS, ago, journal_rows, now, price};
use crate::domain::*;
use crate::engine::api::*;

const REQUEST: &str = "# PO-000007 by shop\nPOST https://supplier.example/orders\nIdempotency-Key: 1f\n\n{\n  \"number\": \"PO-000007\"\n}";

/// What a target would be sent, or was.
pub fn request(po: Option<&PoNumber>) -> PurchaseRequest {
    let sent = po.and_then(purchase).and_then(|detail| detail.sent);
    let sent = sent.map(|(target, _, at)| (target, at));
    PurchaseRequest { text: REQUEST.into(), sent }
}

/// A draft to be signed, one in its grace period, then the newest first.
pub fn purchase_rows() -> Vec<PurchaseRow> {
    use BuyingState as S;
    let states = [
        S::Draft,
        S::Draft,
        S::Approved,
        S::Approved,
        S::Sent,
        S::Acknowledged,
        S::PartlyReceived,
        S::Acknowledged,
        S::Received,
        S::Closed,
        S::Cancelled,
        S::Sent,
    ];
    states.into_iter().enumerate().map(|(i, state)| row(i, state)).collect()
}

fn row(i: usize, state: BuyingState) -> PurchaseRow {
    let today = now().day(&Zone::utc());
    let own = i != 11;
    let number = match state {
        BuyingState::Draft => None,
        _ if own => Some(PoNumber::new(format!("PO-{:06}", 11 - i))),
        _ => Some(PoNumber::new("4500017")),
    };
    let note = match i {
        0 => Some("a second person has to sign entries 41, 42"),
        1 => Some("can be taken back for 7m"),
        2 => Some("shop: try 3 in 40 s: supplier.example answered 503"),
        3 => Some(
            "shop did not take PO-000008 after 8 tries: supplier.example answered 422: unknown SKU; \
             mend it and send it again.",
        ),
        _ => None,
    };
    let lines = lines(state);
    PurchaseRow {
        number,
        own,
        transfer: false,
        state,
        supplier: SupplierId::new(["HARG", "NORD"][i % 2]),
        supplier_name: ["Hargreaves & Daughters Ceramics of Stoke-on-Trent Ltd", "Nordlys 北光"]
            [i % 2]
            .into(),
        site: SiteId::new(["LEEDS", "BRISTOL", "YORK"][i % 3]),
        lines: lines.len() as u32,
        units: lines.iter().map(|line| line.qty).sum(),
        arrived: lines.iter().map(|line| line.arrived).sum(),
        total: total(lines.iter().map(|line| line.cost.map(|cost| cost.times(line.qty)))),
        at: ago(Span::hours(2 + 20 * i as i64)),
        due: Some(today.plus([9, 12, 11, 8, 7, -3, -2, 4, -9, -12, 3, 6][i])),
        note: note.map(Into::into),
        trouble: i == 3,
        unsent: i == 3,
        late: matches!(i, 5 | 6),
        approvals: if state == BuyingState::Draft { vec![41, 42] } else { Vec::new() },
        unsigned: if i == 0 { vec![41, 42] } else { Vec::new() },
    }
}

fn lines(state: BuyingState) -> Vec<PurchaseLine> {
    let told = !matches!(state, BuyingState::Draft | BuyingState::Approved | BuyingState::Sent);
    let line = |i: usize, qty: i64, suggested: i64, confirmed: i64, arrived: i64| PurchaseLine {
        sku: Sku::new(SKUS[i]),
        name: NAMES[i].into(),
        qty: Qty::units(qty),
        suggested: Some(Qty::units(suggested)),
        confirmed: told.then(|| Qty::units(confirmed)),
        arrived: Qty::units(match state {
            BuyingState::Received => confirmed,
            BuyingState::PartlyReceived => arrived,
            _ => 0,
        }),
        damaged: Qty::units(i64::from(state == BuyingState::PartlyReceived && i == 0) * 2),
        cost: Some(price(61_250)),
        due: Some(now().day(&Zone::utc()).plus(-2)),
        approved: Some((41 + i as u64, "mei".into())),
        second: told.then(|| "jo".into()),
    };
    vec![line(0, 240, 240, 240, 240), line(1, 96, 144, 72, 24)]
}

fn detail(row: PurchaseRow) -> PurchaseDetail {
    let sent = row.own && !matches!(row.state, BuyingState::Draft | BuyingState::Approved);
    let lines = lines(row.state).into_iter().map(|line| PurchaseLine { due: row.due, ..line });
    PurchaseDetail {
        lines: lines.collect(),
        least: Some(Money { minor: 200_000, currency: Currency::GBP }),
        asked: row.due.filter(|_| row.own).map(|due| due.plus(-3)),
        sent: sent.then(|| ("shop".into(), Some("D-9917".into()), ago(Span::hours(20)))),
        took: Some((14, 6)),
        stated: Some(11),
        troubles: row.note.iter().filter(|_| row.trouble).cloned().collect(),
        journal: if row.number.is_some() { journal_rows(3) } else { approvals(&row) },
        row,
    }
}

/// The decisions that a draft's lines came from, the newest first.
fn approvals(row: &PurchaseRow) -> Vec<JournalRow> {
    let lines = lines(row.state).into_iter().zip(&row.approvals);
    let approval = |(line, seq): (PurchaseLine, &u64)| {
        let decision = Decision::Approve(Approval {
            sku: line.sku,
            site: row.site.clone(),
            supplier: Some(row.supplier.clone()),
            qty: line.qty,
            cost: line.cost,
            due: line.due,
            suggested: None,
        });
        let mut shown = journal_rows(1).remove(0);
        (shown.entry.seq, shown.entry.decision) = (*seq, decision);
        shown
    };
    lines.map(approval).rev().collect()
}

/// One by its number.
pub fn purchase(number: &PoNumber) -> Option<Box<PurchaseDetail>> {
    let row = purchase_rows().into_iter().find(|row| row.number.as_ref() == Some(number))?;
    Some(Box::new(detail(row)))
}

/// One that is no order yet.
pub fn draft(supplier: &SupplierId, site: &SiteId) -> Option<Box<PurchaseDetail>> {
    let is =
        |row: &PurchaseRow| row.number.is_none() && row.supplier == *supplier && row.site == *site;
    Some(Box::new(detail(purchase_rows().into_iter().find(is)?)))
}

/// What became of proposals.
pub fn conversion() -> Conversion {
    Conversion {
        as_proposed: 60,
        edited: 15,
        rejected: 25,
        snoozed: 4,
        by_hand: 2,
        called_off: 1,
        edits_added: vec![Money { minor: 12_000, currency: Currency::GBP }],
        edits_saved: vec![Money { minor: 96_350, currency: Currency::GBP }],
    }
}
