//! The sample's proposals about inbound goods and transfers: one of every kind and state.

use super::{NAMES, SITES, SKUS, ago, now, pounds, price};
use crate::domain::*;
use crate::engine::api::*;
use crate::plan::coordinate::{
    Inbound, Range, SiteLine, TransferTerms, WEEKS, Week, inbound, transfers,
};
use crate::plan::replenish::propose;

/// Proposals of which the figures are really planned, then what was accepted, then what nobody can judge.
pub fn coordination_rows() -> Vec<CoordinationRow> {
    let today = now().day(&Zone::utc());
    let mut rows = Vec::new();
    for (at, (units, due)) in [(12, 30), (900, 9), (400, 6), (30, -4)].into_iter().enumerate() {
        let situation = super::reorders::plain(at, units);
        let line = Inbound {
            po: PoNumber::new(format!("PO-{:06}", 9 - at)),
            line: 1 + at as u32,
            qty: Qty::units(96),
            due: Some(today.plus(due)),
            cost: Some(price(61_250)),
            has_come: false,
        };
        rows.extend(inbound(&situation, &[line]).into_iter().map(|found| {
            let measure = found.measure();
            CoordinationRow {
                due: Some(found.due),
                po: Some(found.po.clone()),
                why: found.reason().into(),
                effect: found.effect().into(),
                own: at != 2,
                note: if at == 2 {
                    "placed elsewhere; have it changed there".into()
                } else {
                    "".into()
                },
                figures: Some(Box::new(Figured::Line(found))),
                ..row(at, measure)
            }
        }));
    }
    let (rich, poor) = (super::reorders::plain(0, 2_000), super::reorders::plain(0, 12));
    let poor = crate::plan::replenish::Situation { site: SITES[2].into(), ..poor };
    let planned = [&rich, &poor].map(|at| (at, propose(at)));
    let lines: Vec<SiteLine<'_>> = planned
        .iter()
        .filter_map(|(at, planned)| Some(SiteLine { at, proposal: planned.as_ref().ok()? }))
        .collect();
    let terms = TransferTerms { days: 2, per_order: pounds(500), per_unit: price(500) };
    rows.extend(transfers(&lines, &terms).into_iter().map(|found| CoordinationRow {
        from: found.from.as_str().into(),
        from_name: Box::default(),
        site: found.to.clone(),
        due: Some(found.arrives),
        why: found.reason().into(),
        effect: found.effect().into(),
        figures: Some(Box::new(Figured::Transfer(found.clone()))),
        ..row(0, found.measure())
    }));
    let goods = TransferOrder {
        sku: SKUS[2].into(),
        from: SITES[0].into(),
        to: SITES[1].into(),
        qty: Qty::units(24),
        due: today.plus(1),
        cost: Some(pounds(620)),
        reason: "LEEDS has 310 and keeps 96 for 18 days; BRISTOL would buy 24".into(),
    };
    rows.push(CoordinationRow {
        state: CoordinationState::UnderWay,
        po: Some(PoNumber::new("TR-000031")),
        effect: "24 of 24 that left are on their way".into(),
        note: "accepted by jo, entry 31".into(),
        from: SITES[0].into(),
        from_name: Box::default(),
        site: SITES[1].into(),
        ..row(2, Measure::Transfer(goods))
    });
    let asked = LineRequest {
        po: PoNumber::new("PO-000004"),
        line: 2,
        sku: SKUS[5].into(),
        qty: Qty::units(48),
        due: Some(today.plus(21)),
        ask: Ask::Expedite { by: today.plus(6) },
        reason: "12 at YORK run out about 2026-11-29".into(),
    };
    rows.push(CoordinationRow {
        state: CoordinationState::Answered(Reply::Partly),
        effect: "partly, comes on 2026-12-04, 48 units".into(),
        note: "accepted by mei, entry 28".into(),
        due: Some(today.plus(11)),
        ..row(5, Measure::Line(asked))
    });
    let unknown = CoordinationRow {
        measure: None,
        state: CoordinationState::Unknown,
        why: "nobody knows what is on the shelf; count it (`c` on its row in Stock)".into(),
        effect: "whether it is needed cannot be told".into(),
        ..rows[0].clone()
    };
    rows.push(CoordinationRow {
        key: format!("PO-000002:{}", SKUS[4]).into(),
        sku: SKUS[4].into(),
        name: NAMES[4].into(),
        po: Some("PO-000002".into()),
        due: None,
        figures: None,
        ..unknown
    });
    rows
}

fn row(at: usize, measure: Measure) -> CoordinationRow {
    let (why, po) = match &measure {
        Measure::Line(line) => (line.reason.clone(), Some(line.po.clone())),
        Measure::Transfer(goods) => (goods.reason.clone(), None),
    };
    CoordinationRow {
        key: measure.key().into(),
        sku: measure.sku().clone(),
        name: NAMES[at % NAMES.len()].into(),
        site: SITES[at % SITES.len()].into(),
        from: ["HARG", "NORD"][at % 2].into(),
        from_name: ["Hargreaves & Daughters Ceramics of Stoke-on-Trent Ltd", "Nordlys 北光"]
            [at % 2]
            .into(),
        po,
        qty: measure.qty(),
        due: None,
        state: CoordinationState::Proposed,
        figures: None,
        why: why.into(),
        effect: Box::default(),
        note: Box::default(),
        own: true,
        supplier: Some(["HARG", "NORD"][at % 2].into()),
        measure: Some(measure),
    }
}

/// What is expected to be ordered of two suppliers.
pub fn expected_rows(by_sku: bool) -> Vec<ExpectedRow> {
    let today = ago(Span::days(0)).day(&Zone::utc());
    let week = |supplier: usize, week: usize| {
        let mean = [180.0, 64.5][supplier] * (1.0 + (week % 4) as f64 / 3.0);
        let value = |share: f64| pounds((mean * share * 612.5) as i64);
        ExpectedRow {
            week: Week {
                supplier: ["HARG", "NORD"][supplier].into(),
                sku: by_sku.then(|| SKUS[week % 3].into()),
                from: today.plus(7 * week as i32),
                units: Range { mean, low: mean * 0.5, high: mean * 1.8 },
                value: (supplier == 0).then(|| [value(1.0), value(0.5), value(1.8)]),
            },
            supplier_name: [
                "Hargreaves & Daughters Ceramics of Stoke-on-Trent Ltd",
                "Nordlys 北光",
            ][supplier]
                .into(),
            name: if by_sku { NAMES[week % 3].into() } else { Box::default() },
        }
    };
    (0..2).flat_map(|supplier| (0..WEEKS).map(move |at| week(supplier, at))).collect()
}
