//! One case, all of it.

use super::rows::{View, deed, with_view};
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::flags::{ASKED, KeptFlag};
use crate::engine::house::House;
use crate::engine::questions::cached;
use crate::insight::anomaly::models::Models;
use crate::orders::Row;
use std::sync::Arc;

/// Decided cases that are compared with, the latest.
const COMPARED: usize = 500;
/// Similar cases that are told.
const SIMILAR: usize = 5;

/// The case, or `None` if there is none.
pub fn case(house: &House, case: CaseId) -> Result<Option<CaseDetail>, Refusal> {
    let beside = cached::beside(house)?;
    let models = house.flags.book.read().models.clone();
    let found = with_view(house, |view| {
        let row = view.row(case)?;
        let flags = view.book.of_case(case);
        let worst = view.orders(flags.iter().map(|(row, flag)| (*row, &**flag)).collect()).worst();
        let worst = worst.map(|(_, flag)| flag.clone());
        let mut asked: Vec<(Row, Arc<KeptFlag>)> =
            flags.into_iter().filter(|(_, flag)| flag.score >= ASKED).collect();
        asked.sort_by(|(a, one), (b, other)| other.score.total_cmp(&one.score).then(a.cmp(b)));
        asked.truncate(CaseDetail::MOST_ORDERS);
        let orders = asked.iter().filter_map(|(row, flag)| {
            let order = beside.row(view.index, *row)?;
            Some((order, flag.clone(), view.triage.verdict(&flag.order).map(deed)))
        });
        let orders: Vec<_> = orders.collect();
        let rows = orders.into_iter().map(|(order, flag, verdict)| FlaggedRow {
            order,
            score: f64::from(flag.score),
            at_stake: flag.cost,
            reasons: reasons(view, &flag),
            verdict,
            told: None,
        });
        let raised = view.book.raised(case).map(|known| known.raised.clone());
        let reasons = match (&worst, &raised) {
            (Some(worst), _) => reasons(view, worst),
            (None, Some(raised)) => {
                let sku = match &raised.subject {
                    CaseSubject::Sku(sku, _) => Some(sku.clone()),
                    CaseSubject::Site(_) | CaseSubject::Feed(_) => None,
                };
                let muted = row.state == CaseState::Muted;
                let reason = |text: &str| FlagReason {
                    rule: raised.rule.clone(),
                    text: text.into(),
                    cost: raised.at_stake,
                    sku: sku.clone(),
                    muted,
                };
                raised.reasons.iter().map(|text| reason(text)).collect()
            }
            (None, None) => Vec::new(),
        };
        let history: Vec<CaseDeed> = view.triage.of_case(case).map(deed).collect();
        let is_note = |one: &&CaseDeed| matches!(one.act, CaseAct::Note(_) | CaseAct::HandOver(_));
        let notes = history.iter().filter(is_note).filter(|one| !one.taken_back).cloned();
        Some(CaseDetail {
            notes: notes.collect(),
            similar: match (&models, &worst) {
                (Some(models), Some(worst)) => similar(view, models, case, worst),
                _ => Vec::new(),
            },
            customer: worst.as_ref().and_then(|flag| flag.customer.clone()),
            sku: reasons.iter().find_map(|reason| reason.sku.clone()),
            subject: raised.map(|raised| raised.subject),
            orders: rows.collect(),
            row,
            reasons,
            history,
        })
    });
    // What shops said lies behind a lock of its own.
    Ok(found.map(|mut detail| {
        for row in &mut detail.orders {
            row.told = house.told_shop(&row.order.key);
        }
        detail
    }))
}

fn reasons(view: &View<'_>, flag: &KeptFlag) -> Vec<FlagReason> {
    let reasons = flag.reasons.iter().map(|reason| FlagReason {
        rule: reason.rule.clone(),
        text: reason.text.clone(),
        cost: reason.cost,
        sku: reason.sku.clone(),
        muted: view.is_silent(&reason.rule, reason.sku.as_ref(), flag),
    });
    reasons.collect()
}

/// Decided cases whose worst order the network sees near this one's.
fn similar(view: &View<'_>, models: &Models, case: CaseId, worst: &KeptFlag) -> Vec<SimilarCase> {
    let place = |flag: &KeptFlag| match flag.seen.1.is_empty() {
        true => None,
        false => models.embedding(&flag.seen.1).ok(),
    };
    let Some(here) = place(worst) else { return Vec::new() };
    let mut others: Vec<SimilarCase> = Vec::new();
    let cases: Vec<_> = view.book.cases().collect();
    let decided = cases.into_iter().rev().filter(|(other, _)| *other != case);
    for (other, flags) in decided {
        if others.len() >= COMPARED {
            break;
        }
        let ended = view.triage.standing(other).rev().find(|deed| deed.act.is_verdict());
        let Some((ended, (_, flag))) = ended.map(deed).zip(view.orders(flags).worst()) else {
            continue;
        };
        let Some(there) = place(flag) else { continue };
        let Some(row) = view.row(other) else { continue };
        others.push(SimilarCase {
            case: other,
            likeness: likeness(&here, &there),
            what: row.what,
            cause: row.cause,
            since: row.since,
            ended,
            endings: view.triage.endings(other),
        });
    }
    others.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(b.case.cmp(&a.case)));
    others.truncate(SIMILAR);
    others
}

/// The cosine of two directions; 0 where they are apart.
fn likeness(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let length = (dot(a, a) * dot(b, b)).sqrt();
    if length > 0.0 { (dot(a, b) / length).clamp(0.0, 1.0) } else { 0.0 }
}
