//! One case, all of it.

use super::parts::Part;
use super::rows::{View, deed, with_view};
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::flags::{ASKED, KeptFlag};
use crate::engine::house::House;
use crate::engine::questions::orders::Beside;
use crate::engine::questions::{cached, store};
use crate::engine::stored::StoredOrder;
use crate::engine::tables;
use crate::insight::anomaly::Raised;
use crate::insight::anomaly::rules::Cause;

/// Decided cases that are compared with, the latest.
const COMPARED: usize = 500;
/// Similar cases that are told.
const SIMILAR: usize = 5;

/// A decided case, as it is compared with.
struct Decided {
    case: CaseId,
    /// What its worst order is about.
    cause: Cause,
    /// What the network saw of that.
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
    let Some((mut detail, worst)) = known(house, case)? else { return Ok(None) };
    match worst {
        Some(worst) => {
            if let Some(here) = place(&worst.seen.1) {
                detail.similar = similar(house, case, (worst.found.0, &here), &place);
            }
            let order = stored(house, &worst.order)?;
            let account = order.and_then(|order| order.aside.traces.account);
            let is_shared = |account: &AccountRef| house.orders.read().is_shared(*account);
            detail.account = account.filter(is_shared);
        }
        None => detail.similar = with_view(house, |view| alike(view, case)),
    }
    // What shops said lies behind a lock of its own.
    for row in &mut detail.orders {
        row.told = house.told_shop(&row.order.key);
    }
    Ok(Some(detail))
}

fn stored(house: &House, order: &OrderKey) -> Result<Option<Order>, Refusal> {
    let Some(row) = house.orders.read().find(order) else { return Ok(None) };
    Ok(store(house)?.get::<tables::Orders>(&row)?.map(StoredOrder::into_order))
}

/// The case without its like, and its worst order, where it is one of flagged orders.
fn known(house: &House, case: CaseId) -> Result<Option<(CaseDetail, Option<KeptFlag>)>, Refusal> {
    let beside = cached::beside(house)?;
    Ok(with_view(house, |view| {
        let row = view.row(case)?;
        let orders = view.orders(case, view.parts(case));
        let raised = view.book.raised(case).map(|known| &known.raised);
        let worst = orders.worst().and_then(|part| part.flag).filter(|_| raised.is_none());
        let reasons = match (worst, raised) {
            (Some(worst), _) => reasons(view, worst),
            (None, Some(raised)) => said(raised, &row),
            (None, None) => Vec::new(),
        };
        let history: Vec<CaseDeed> = view.triage.of_case(case).map(deed).collect();
        let is_note = |one: &&CaseDeed| matches!(one.act, CaseAct::Note(_) | CaseAct::HandOver(_));
        let notes = history.iter().filter(is_note).filter(|one| !one.taken_back).cloned();
        let detail = CaseDetail {
            notes: notes.collect(),
            similar: Vec::new(),
            customer: worst.and_then(|flag| flag.customer.clone()),
            account: None,
            sku: reasons.iter().find_map(|reason| reason.sku.clone()),
            subject: raised.map(|raised| raised.subject.clone()),
            orders: shown(view, &beside, orders.all),
            row,
            reasons,
            history,
        };
        Some((detail, worst.cloned()))
    }))
}

/// Why a case was raised that is not about flagged orders.
fn said(raised: &Raised, row: &CaseRow) -> Vec<FlagReason> {
    let sku = match &raised.subject {
        CaseSubject::Sku(sku, _) => Some(sku.clone()),
        CaseSubject::Site(_) | CaseSubject::Feed(_) => None,
    };
    let reason = |text: &str| FlagReason {
        rule: raised.rule.clone(),
        text: text.into(),
        cost: row.at_stake,
        sku: sku.clone(),
        muted: row.state == CaseState::Muted,
    };
    raised.reasons.iter().map(|text| reason(text)).collect()
}

/// The orders of a case, the likeliest wrong first; among those alike, what can be stopped still.
fn shown(view: &View<'_>, beside: &Beside, mut all: Vec<Part<'_>>) -> Vec<FlaggedRow> {
    let stops = |part: &Part<'_>| {
        let now = part.row.and_then(|row| view.index.brief(row));
        now.is_some_and(|order| order.status.is_promised())
    };
    all.sort_by(|a, b| {
        let likelier = b.score.total_cmp(&a.score);
        likelier.then_with(|| stops(b).cmp(&stops(a))).then_with(|| a.row.cmp(&b.row))
    });
    all.truncate(CaseDetail::MOST_ORDERS);
    let row = |part: Part<'_>| {
        let said = part.flag.filter(|flag| flag.score >= ASKED);
        Some(FlaggedRow {
            order: beside.row(view.index, part.row?)?,
            score: part.score,
            at_stake: part.cost,
            reasons: said.map_or_else(Vec::new, |flag| reasons(view, flag)),
            verdict: view.triage.verdict(part.order).map(deed),
            told: None,
        })
    };
    all.into_iter().filter_map(row).collect()
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

/// Decided cases like one of flagged orders: those whose worst order is odd for the same cause first, the
/// nearer `here` the network sees it the earlier. What `place` computes takes a while, and nobody waits for
/// it: what it needs is copied before.
pub(in crate::engine) fn similar(
    house: &House,
    case: CaseId,
    (cause, here): (Cause, &[f32]),
    place: &dyn Fn(&[f32]) -> Option<Vec<f32>>,
) -> Vec<SimilarCase> {
    let all = with_view(house, |view| decided(view, case));
    let alike = |one: Decided| Some((likeness(here, &place(&one.seen)?), one));
    let mut all: Vec<(f64, Decided)> = all.into_iter().filter_map(alike).collect();
    all.sort_by(|(a, one), (b, other)| {
        let of_cause = |one: &Decided| one.cause == cause;
        let kind = of_cause(other).cmp(&of_cause(one));
        kind.then_with(|| b.total_cmp(a)).then(other.case.cmp(&one.case))
    });
    with_view(house, |view| {
        let told = all.into_iter();
        let told = told.filter_map(|(likeness, one)| like(view, one.case, likeness, one.ended));
        told.take(SIMILAR).collect()
    })
}

/// The latest decided cases of orders but one.
fn decided(view: &View<'_>, but: CaseId) -> Vec<Decided> {
    let cases: Vec<_> = view.book.cases().collect();
    let others = cases.into_iter().rev().filter(|(case, _)| *case != but);
    let decided = others.filter_map(|(case, flags)| {
        let ended = view.triage.standing(case).rev().find(|deed| deed.act.is_verdict())?;
        let worst = view.orders(case, view.flagged(flags.into_iter())).worst()?;
        let flag = worst.flag.filter(|flag| !flag.seen.1.is_empty())?;
        let seen = flag.seen.1.clone();
        Some(Decided { case, cause: flag.found.0, seen, ended: deed(ended) })
    });
    decided.take(COMPARED).collect()
}

/// Decided cases that the same rule raised: of the same SKU, site or feed first, then the latest.
fn alike(view: &View<'_>, case: CaseId) -> Vec<SimilarCase> {
    let Some(known) = view.book.raised(case) else { return Vec::new() };
    let others = view.book.all_raised().filter(|(other, one)| {
        *other != case && other.kind == case.kind && one.raised.rule == known.raised.rule
    });
    let mut decided: Vec<_> = others
        .filter_map(|(other, one)| {
            let ended = view.triage.standing(other).rev().find(|deed| deed.act.is_verdict())?;
            Some((one.raised.subject == known.raised.subject, one.raised.since, other, ended))
        })
        .collect();
    decided.sort_by_key(|one| std::cmp::Reverse((one.0, one.1, one.2)));
    let told = decided.into_iter().filter_map(|(same, _, other, ended)| {
        like(view, other, if same { 1.0 } else { 0.5 }, deed(ended))
    });
    told.take(SIMILAR).collect()
}

fn like(view: &View<'_>, case: CaseId, likeness: f64, ended: CaseDeed) -> Option<SimilarCase> {
    let CaseRow { what, cause, since, .. } = view.row(case)?;
    let endings = view.triage.endings(case);
    Some(SimilarCase { case, likeness, what, cause, since, ended, endings })
}

/// The cosine of two directions; 0 where they are apart.
fn likeness(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let length = (dot(a, a) * dot(b, b)).sqrt();
    if length > 0.0 { (dot(a, b) / length).clamp(0.0, 1.0) } else { 0.0 }
}
