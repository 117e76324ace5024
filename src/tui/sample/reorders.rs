//! What the sample's store proposes to order: really planned, from made-up situations.

use super::{now, price, stock_row};
use crate::domain::{Currency, Money, PoNumber, Qty, SiteId, Sku, SupplierId, Total, Zone};
use crate::engine::api::{LastTime, LeadSource, OrderSoFar, Plan, ReorderRow, Sources, StockRow};
use crate::insight::forecast::Packed;
use crate::model::{LEVEL_COUNT, LEVELS};
use crate::plan::replenish::{
    Ahead, Calendar, Change, Class, Coming, Confidence, Costs, Evenness, ItemTerms, LeadTime,
    Service, Shortage, Situation, SupplierTerms, Unforecast, Value, propose,
};

/// Rows of two suppliers: urgent ones, one that waits for the supplier's minimum, one that is blocked.
pub fn reorder_rows(n: usize) -> Vec<ReorderRow> {
    let mut rows: Vec<ReorderRow> = (0..n * 3).filter_map(row).take(n).collect();
    rows.sort_by_key(|row| row.plan.proposal().is_none());
    rows
}

fn row(i: usize) -> Option<ReorderRow> {
    let stock = stock_row(i);
    let at = situation(&stock, i);
    let plan = match propose(&at) {
        Ok(line) if !line.qty.is_positive() => return None,
        Ok(line) => Plan::Proposed(Box::new(line)),
        Err(blocked) => Plan::Blocked(blocked),
    };
    let waits = i % 11 == 6 && plan.proposal().is_some();
    let lacking = Money { minor: 41_250, currency: Currency::GBP };
    let so_far = order(&plan, waits.then_some(lacking));
    Some(ReorderRow {
        supplier_name: at.supplier.map(|supplier| supplier.name),
        class: Class {
            value: [Value::A, Value::B, Value::C][i % 3],
            evenness: [Evenness::X, Evenness::Z, Evenness::Y][i % 3],
        },
        confidence: [Confidence::Medium, Confidence::Low, Confidence::High][i % 3],
        plan,
        waits_for: waits.then_some(lacking),
        order: so_far,
        approved: None,
        transfers: Vec::new(),
        last_time: (i % 7 == 2).then(|| LastTime {
            who: "mei".into(),
            at: super::ago(crate::domain::Span::days(9)),
            what: "ordered 96, proposed were 144".into(),
            quiet: false,
        }),
        sources: Sources {
            forecast: Some(("v0007".into(), now().day(&Zone::utc()).plus(-1))),
            expected_by: if i % 4 == 1 { vec![311] } else { Vec::new() },
            lead: Some(LeadSource { stated: Some(11), deliveries: 4, waiting: i as u32 % 2 }),
        },
        viewers: if i == 9 { vec!["jo".into(), "mei".into()] } else { Vec::new() },
        last_sale: Some(now().day(&Zone::utc()).plus(-(i as i32 % 4))),
        stock,
    })
}

/// The order of which a line is the only one to be ordered now; it lacks so much to its minimum.
fn order(plan: &Plan, lacking: Option<Money>) -> Option<OrderSoFar> {
    let value = plan.proposal()?.with.value;
    let mut total = Total::default();
    total.add(value);
    let reached = Money { minor: 50_000, currency: Currency::GBP };
    let least = lacking.zip(value).and_then(|(lacking, value)| lacking.checked_add(value));
    Some(OrderSoFar { lines: 1, total, approved: Total::default(), least: least.or(Some(reached)) })
}

fn situation(stock: &StockRow, i: usize) -> Situation {
    let today = now().day(&Zone::utc());
    let daily = stock.daily;
    let step = |day: usize| -> [f32; LEVEL_COUNT] {
        let mean = daily * (day + 1) as f32;
        std::array::from_fn(|level| mean * (0.4 + 1.2 * LEVELS[level]))
    };
    let coming = Coming {
        po: Some(PoNumber::new("PO-1042")),
        due: Some(today.plus(6)),
        qty: stock.on_order,
    };
    Situation {
        sku: stock.sku.clone(),
        site: stock.site.clone(),
        today,
        on_hand: stock.on_hand,
        committed: stock.committed,
        sold: Qty::units(daily as i64 / 3),
        coming: vec![coming],
        ahead: Some(Ahead {
            first: today,
            totals: Packed::of(&(0..28).map(step).collect::<Vec<_>>()),
            age_days: 0,
        }),
        item: ItemTerms {
            pack: (i % 4 != 1).then(|| Qty::units(24)),
            moq: (i % 5 == 2).then(|| Qty::units(144)),
            cost: (i % 9 != 7).then(|| price(61_250)),
            price: Some(price(129_900)),
            ..ItemTerms::default()
        },
        supplier: stock.supplier.as_ref().map(|id| SupplierTerms {
            id: SupplierId::new(if i.is_multiple_of(2) { id.as_str() } else { "NORD" }),
            name: ["Hargreaves & Daughters Ceramics of Stoke-on-Trent Ltd", "Nordlys 北光"][i % 2]
                .into(),
            lead: LeadTime::of(Some(11), &[9, 12, 16, 11]),
            calendar: Calendar { review_weekday: Some([0, 3][i % 2]), closures: Vec::new() },
            min_order: None,
        }),
        service: [Service::Cost, Service::Cycle(0.95), Service::Fill(0.97)][i % 3],
        costs: Costs::default(),
        shortage: Shortage::default(),
        one_offs: Vec::new(),
        new_for: None,
        unforecast: Unforecast::NotYet,
        batches: Vec::new(),
    }
}

/// A steady seller of which so many units are there, with nothing on its way.
pub fn plain(i: usize, units: i64) -> Situation {
    let stock = StockRow { daily: 6.4, ..stock_row(i) };
    Situation {
        on_hand: Some(Qty::units(units)),
        committed: Qty::ZERO,
        sold: Qty::ZERO,
        coming: Vec::new(),
        item: ItemTerms { pack: None, moq: None, ..situation(&stock, 0).item },
        ..situation(&stock, 0)
    }
}

/// A row of the table on other terms.
pub fn what_if(sku: &Sku, site: &SiteId, change: &Change) -> Option<Plan> {
    let row = |i: usize| Some(stock_row(i)).filter(|row| row.sku == *sku && row.site == *site);
    let at = (0..72).find_map(|i| Some(situation(&row(i)?, i)))?;
    Some(match crate::plan::replenish::what_if(&at, change) {
        Ok(line) => Plan::Proposed(Box::new(line)),
        Err(blocked) => Plan::Blocked(blocked),
    })
}
