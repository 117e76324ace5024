//! One case, all of it.

use super::rows::{View, deed, with_view};
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::flags::{ASKED, KeptFlag};
use crate::engine::house::House;
use crate::engine::questions::cached;
use crate::orders::Row;
use std::sync::Arc;

/// Decided cases that are compared with, the latest.
const COMPARED: usize = 500;
/// Similar cases that are told.
const SIMILAR: usize = 5;

/// A decided case, as it is compared with.
struct Decided {
    case: CaseId,
    /// What the network saw of its worst order.
    seen: Vec<f32>,
    ended: CaseDeed,
}

/// The case, or `None` if there is none.
pub fn case(house: &House, case: CaseId) -> Result<Option<CaseDetail>, Refusal> {
    let models = house.flags.book.read().models.clone();
    let place = |seen: &[f32]| match seen.is_empty() {
        true => None,
        false => models.as_ref()?.embedding(seen).ok(),
    };
    let Some((mut detail, seen)) = known(house, case)? else { return Ok(None) };
    if let Some(here) = place(&seen) {
        detail.similar = similar(house, case, &here, &place);
    }
    // What shops said lies behind a lock of its own.
    for row in &mut detail.orders {
        row.told = house.told_shop(&row.order.key);
    }
    Ok(Some(detail))
}

/// The case without its like, and what the network saw of its worst order.
fn known(house: &House, case: CaseId) -> Result<Option<(CaseDetail, Vec<f32>)>, Refusal> {
    let beside = cached::beside(house)?;
    Ok(with_view(house, |view| {
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
        let seen = worst.as_ref().map_or_else(Vec::new, |flag| flag.seen.1.clone());
        let detail = CaseDetail {
            notes: notes.collect(),
            similar: Vec::new(),
            customer: worst.as_ref().and_then(|flag| flag.customer.clone()),
            sku: reasons.iter().find_map(|reason| reason.sku.clone()),
            subject: raised.map(|raised| raised.subject),
            orders: rows.collect(),
            row,
            reasons,
            history,
        };
        Some((detail, seen))
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

/// Decided cases whose worst order the network sees near `here`. What `place` computes takes a while, and
/// nobody waits for it: what it needs is copied before.
pub(in crate::engine) fn similar(
    house: &House,
    case: CaseId,
    here: &[f32],
    place: &dyn Fn(&[f32]) -> Option<Vec<f32>>,
) -> Vec<SimilarCase> {
    let all = with_view(house, |view| decided(view, case));
    let alike = |one: Decided| Some((likeness(here, &place(&one.seen)?), one));
    let mut all: Vec<(f64, Decided)> = all.into_iter().filter_map(alike).collect();
    all.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(other.case.cmp(&one.case)));
    with_view(house, |view| {
        let told = all.into_iter().filter_map(|(likeness, one)| {
            let CaseRow { what, cause, since, .. } = view.row(one.case)?;
            Some(SimilarCase {
                case: one.case,
                likeness,
                what,
                cause,
                since,
                ended: one.ended,
                endings: view.triage.endings(one.case),
            })
        });
        told.take(SIMILAR).collect()
    })
}

/// The latest decided cases but one.
fn decided(view: &View<'_>, but: CaseId) -> Vec<Decided> {
    let cases: Vec<_> = view.book.cases().collect();
    let others = cases.into_iter().rev().filter(|(case, _)| *case != but);
    let decided = others.filter_map(|(case, flags)| {
        let ended = view.triage.standing(case).rev().find(|deed| deed.act.is_verdict())?;
        let (_, flag) = view.orders(flags).worst()?;
        let seen = flag.seen.1.clone();
        (!seen.is_empty()).then(|| Decided { case, seen, ended: deed(ended) })
    });
    decided.take(COMPARED).collect()
}

/// The cosine of two directions; 0 where they are apart.
fn likeness(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let length = (dot(a, a) * dot(b, b)).sqrt();
    if length > 0.0 { (dot(a, b) / length).clamp(0.0, 1.0) } else { 0.0 }
}
