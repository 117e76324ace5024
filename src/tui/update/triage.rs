//! Deciding about cases: what a decision goes to, the question before it, the forms that want a word.

mod cases;
mod form;

pub use cases::{Meant, overtaken, saw as cases_saw};
pub use form::{CaseForm, check};

use super::super::commands::Id;
use super::super::event::Effect;
use super::super::layers::{Confirm, Layer, Stage};
use super::super::place::{Goal, Place};
use super::super::screens::which_word;
use super::super::state::{Body, CaseBody, State};
use super::super::table::{Scroll, Table};
use super::super::theme::Role;
use super::super::words;
use super::forms::{self, Intent, Kind};
use super::{desk, navigate, push};
use crate::domain::text::clean;
use crate::domain::{CaseAct, Decision, FlaggedOrder, MuteOf};
use crate::engine::api::{Action, CaseDetail, CaseRow, Cases, PastOf};
use cases::{meant, row_of};
use form::Whom;

/// Whether decisions here go to cases.
pub fn is_about_cases(state: &State) -> bool {
    matches!(state.page().body, Body::Flags(_) | Body::Case(_))
}

/// The case that is selected or shown, as far as it is known whole.
fn detail(state: &State) -> Option<&CaseDetail> {
    let shown = |body: &'_ Body| match body {
        Body::Case(case) => case.panel.data.as_ref().map(std::ptr::from_ref),
        _ => None,
    };
    let page = state.page();
    match (&page.body, &page.peek) {
        (Body::Case(case), _) => case.panel.data.as_ref(),
        (Body::Flags(queue), Some(peek)) => {
            let selected = queue.table.selected()?.case;
            match &peek.body {
                Body::Case(case) => case.panel.data.as_ref().filter(|d| d.row.case == selected),
                body => shown(body).and(None),
            }
        }
        _ => None,
    }
}

/// Whether a command can do something to the case as it stands.
pub fn can(state: &State, id: Id) -> bool {
    let Some(row) = row_of(state) else { return false };
    let has_orders = row.orders > 0;
    match id {
        Id::Hold | Id::CallOff | Id::RefundWatch => has_orders,
        Id::Mark => has_orders,
        Id::CustomerPast => detail(state)
            .is_some_and(|detail| detail.customer.is_some() || detail.account.is_some()),
        Id::SkuPast => detail(state).is_some_and(|detail| detail.sku.is_some()),
        _ => true,
    }
}

/// Marks the selected order of a case, or takes the mark off.
pub fn mark(state: &mut State) -> Result<(), String> {
    let Body::Case(CaseBody { panel, marks }) = &mut state.page_mut().body else { return Ok(()) };
    let Some(detail) = &panel.data else { return Ok(()) };
    let flagged = detail.orders.get(panel.cursor).ok_or("Only orders of the case are marked.")?;
    if let Some(verdict) = &flagged.verdict {
        let (who, number) = (&verdict.who, &flagged.order.key.number);
        return Err(format!("{who} has decided on {number} already; u takes a decision back."));
    }
    let key = flagged.order.key.clone();
    if !marks.remove(&key) {
        marks.insert(key);
    }
    panel.cursor = (panel.cursor + 1).min(detail.orders.len().saturating_sub(1));
    state.touch();
    Ok(())
}

/// The orders that a decision about a case goes to; none: all that nobody has decided on.
fn marked(state: &State) -> Vec<FlaggedOrder> {
    let Body::Case(CaseBody { panel: case, marks }) = &state.page().body else {
        return Vec::new();
    };
    let orders = case.data.iter().flat_map(|detail| &detail.orders);
    let chosen = orders.filter(|flagged| marks.contains(&flagged.order.key));
    let one = |order: &crate::engine::api::OrderRow| FlaggedOrder {
        order: order.key.clone(),
        status: order.status,
    };
    chosen.map(|flagged| one(&flagged.order)).collect()
}

/// Asks before a verdict on what is selected.
pub fn decide(state: &mut State, id: Id) -> Result<(), String> {
    let (act, done) = match id {
        Id::Hold => (CaseAct::Hold, "To be held"),
        Id::CallOff => (CaseAct::Cancel, "To be cancelled"),
        Id::RefundWatch => (CaseAct::RefundWatch, "Watched for refunds"),
        Id::DealtWith => (CaseAct::Confirm, "Dealt with"),
        _ => (CaseAct::Release, "Released"),
    };
    let cases = meant(state)?;
    let only_orders = matches!(act, CaseAct::Hold | CaseAct::Cancel | CaseAct::RefundWatch);
    if let Some(other) = cases.iter().find(|case| only_orders && !case.has_orders()) {
        return Err(format!(
            "{} is about no orders; d says that it is dealt with, r that nothing is wrong.",
            other.case
        ));
    }
    let orders = marked(state);
    let stops = matches!(act, CaseAct::Hold | CaseAct::Cancel);
    if let Some(late) = cases::is_too_late(&act, &cases).filter(|_| orders.is_empty()) {
        return Err(late);
    }
    let about = orders.iter().filter(|order| !stops || order.status.is_promised()).count();
    if about == 0 && !orders.is_empty() {
        return Err("None of the marked orders can be stopped any more; f watches for what comes \
                    back of them, d says that they are dealt with."
            .into());
    }
    let sentence = cases::sentence(&act, &cases, (orders.len(), about), state.theme.glyphs());
    let actions = actions(&cases, &act, &orders);
    state.judged = cases;
    push(state, Layer::Confirm(Confirm { sentence, actions, done }));
    Ok(())
}

/// A decision for each case, with what was seen of it.
fn actions(cases: &[Meant], act: &CaseAct, orders: &[FlaggedOrder]) -> Vec<Action> {
    let about = if act.is_verdict() { orders } else { &[] };
    let one = |case: &Meant| Action::Decide {
        decision: Decision::Flag { case: case.case, act: act.clone(), orders: about.to_vec() },
        saw: clean(&case.saw),
    };
    cases.iter().map(one).collect()
}

pub(super) fn open(state: &mut State, form: CaseForm) {
    let intent = Intent { kind: Kind::Case(Box::new(form)), saw: String::new() };
    push(state, Layer::Form(forms::form(intent, None, None)));
}

/// Opens the form for a note, or the check of one whose text was given.
pub fn note(state: &mut State, text: &str) -> Result<(), String> {
    let cases = meant(state)?;
    open(state, CaseForm::Note(cases));
    filled(state, text);
    Ok(())
}

/// What followed a command's name stands in its form, ready to be confirmed.
fn filled(state: &mut State, text: &str) {
    let glyphs = state.theme.glyphs();
    let Some(Layer::Form(form)) = state.layers.last_mut() else { return };
    if let (false, Some(field)) = (text.is_empty(), form.fields.first_mut()) {
        field.line.set(text);
        if let Ok((sentence, _)) = forms::check(form, glyphs) {
            form.stage = Stage::Check(sentence);
        }
    }
}

/// Makes cases this person's, or nobody's where all of them are: at once, since it is taken back by
/// the same key.
pub fn take(state: &mut State) -> Result<Vec<Effect>, String> {
    let cases = meant(state)?;
    let mine = |case: &Meant| case.assigned.as_deref() == Some(state.user.as_str());
    let whose = (!cases.iter().all(mine)).then(|| state.user.as_str().into());
    let done = if whose.is_some() { "Yours" } else { "Nobody's" };
    let actions = actions(&cases, &CaseAct::Assign(whose), &[]);
    Ok(desk::act(state, actions, done))
}

/// Opens the form to give cases to somebody.
pub fn assign(state: &mut State, whom: &str) -> Result<(), String> {
    let cases = meant(state)?;
    open(state, CaseForm::Assign(cases));
    filled(state, whom);
    Ok(())
}

/// Opens the form to leave cases to who comes next.
pub fn hand_over(state: &mut State) -> Result<(), String> {
    let cases = meant(state)?;
    open(state, CaseForm::HandOver(cases));
    Ok(())
}

/// Opens the form to put cases off.
pub fn snooze(state: &mut State) -> Result<(), String> {
    let cases = meant(state)?;
    let zone = state.zone.name().to_owned();
    let now = state.now;
    open(state, CaseForm::Snooze { cases, now, zone });
    Ok(())
}

/// Opens the form to have a rule be silent about somebody or something of the selected case.
pub fn mute(state: &mut State) -> Result<(), String> {
    let row = row_of(state).ok_or("Select a case first.")?;
    let detail = detail(state).ok_or("The case is still being read; try again.")?;
    let mut whom: Vec<Whom> = Vec::new();
    whom.extend(detail.customer.clone().map(|customer| Whom::of(MuteOf::Customer(customer))));
    // A burst is no SKU's, though one is told with it.
    let mut about_skus =
        detail.reasons.iter().filter(|one| one.sku.is_some() && *one.rule != *"burst");
    let sku = about_skus.next().and_then(|reason| reason.sku.clone());
    let of_sku: Vec<Box<str>> = detail
        .reasons
        .iter()
        .filter(|one| sku.is_some() && one.sku == sku && *one.rule != *"burst")
        .map(|one| one.rule.clone())
        .collect();
    whom.extend(sku.map(|sku| Whom::of(MuteOf::Sku(sku))));
    if let Some(crate::domain::CaseSubject::Feed(feed)) = &detail.subject {
        whom.push(Whom::of(MuteOf::Feed(feed.clone())));
    }
    whom.push(Whom::of(MuteOf::Everything));
    let rules: Vec<Box<str>> = match detail.reasons.is_empty() {
        true => vec![row.cause.clone()],
        false => detail.reasons.iter().map(|reason| reason.rule.clone()).collect(),
    };
    let (case, saw) = (row.case, cases::saw(row));
    let (now, zone) = (state.now, state.zone.name().to_owned());
    open(state, CaseForm::Mute { case, saw, rules, whom, of_sku, now, zone });
    Ok(())
}

/// Shows what waits tonight, what waits at any hour, all cases, in turn.
pub fn which(state: &mut State) {
    let Body::Flags(queue) = &mut state.page_mut().body else { return };
    queue.which = match queue.which {
        Cases::Queue => Cases::Waiting,
        Cases::Waiting => Cases::All,
        Cases::All => Cases::Queue,
    };
    let which = queue.which;
    // Other rows are other places for the cursor.
    let filter = std::mem::take(&mut queue.table.filter);
    queue.table = Table::default();
    queue.table.set_filter(&filter);
    state.layout();
    state.notify(Role::Notice, format!("Shown: {}.", which_word(which)));
}

/// Opens the past of the case's customer or SKU.
pub fn past(state: &mut State, id: Id) -> Result<Vec<Effect>, String> {
    let detail = detail(state).ok_or("The case is still being read; try again.")?;
    let of = match id {
        Id::CustomerPast => {
            let customer = detail.customer.clone().map(PastOf::Customer);
            let of = detail.account.map(PastOf::Account).or(customer);
            of.ok_or("Nobody knows whose orders these are.")?
        }
        _ => PastOf::Sku(detail.sku.clone().ok_or("The case is about no SKU.")?),
    };
    Ok(navigate::push(state, Goal::to(Place::Past(of))))
}

/// `2 orders`, `20 of 40 orders`, or nothing where a case is about no orders.
pub fn orders_words(row: &CaseRow) -> String {
    let (all, left) = (u64::from(row.orders), u64::from(row.undecided));
    match (all, left) {
        (0, _) => String::new(),
        (all, left) if all == left => words::plural(all, "order", "orders"),
        (all, left) => {
            format!("{} of {}", words::count(left), words::plural(all, "order", "orders"))
        }
    }
}
