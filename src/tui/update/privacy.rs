//! Reading what is known of an order's customer in clear, and forgetting it.

use super::super::event::Effect;
use super::super::layers::{Form, Layer};
use super::super::state::{Body, State};
use super::forms::{self, Intent, Kind};
use super::{desk, push};
use crate::domain::{Decision, Subject, Whose};
use crate::engine::api::{Action, QuarantineRow, Retry};

/// What a form records: the sentence and the action, or the field that is wrong and why.
type Checked = Result<(String, Vec<Action>), (usize, String)>;

/// Whom the page is about: the order's customer, or the order where that has none; a record in
/// quarantine.
pub fn whose(state: &State) -> Option<Whose> {
    match &state.page().body {
        Body::Order(panel) => {
            let order = &panel.data.as_ref()?.order;
            let customer = order.customer.clone().map(Whose::Customer);
            Some(customer.unwrap_or_else(|| Whose::Order(order.key.clone())))
        }
        Body::Quarantine(table) => {
            table.selected().map(|row: &QuarantineRow| Whose::Rejected(row.seq))
        }
        _ => None,
    }
}

/// Opens the form that asks why.
pub fn form(state: &mut State, forget: bool) -> Result<(), String> {
    let whose = whose(state).ok_or("The order is not there yet; try again in a moment.")?;
    let kind = if forget { Kind::Forget(whose) } else { Kind::Reveal(whose) };
    let form = forms::form(Intent { kind, saw: String::new() }, None, None);
    push(state, Layer::Form(form));
    Ok(())
}

/// Tries the selected or marked records again, or all of the selected feed's.
pub fn retry(state: &mut State) -> Result<Vec<Effect>, String> {
    let targets = state.targets();
    let quarantine = matches!(state.page().body, Body::Quarantine(_));
    let seqs: Vec<u64> = if quarantine {
        targets.iter().filter_map(|target| target.key.parse().ok()).collect()
    } else {
        Vec::new()
    };
    let feed = targets.into_iter().find_map(|target| match target.subject {
        Some(Subject::Feed(feed)) if !quarantine => Some(feed),
        _ => None,
    });
    if seqs.is_empty() && feed.is_none() {
        return Err("Select a record in quarantine or a feed first.".into());
    }
    let job = Retry { feed, seqs, ..Retry::default() };
    Ok(desk::act(state, vec![Action::RetryQuarantine(job)], "Tried again"))
}

/// What has to be typed so that nobody is forgotten by a slip.
pub fn to_type(whose: &Whose) -> String {
    match whose {
        Whose::Customer(customer) => customer.to_string(),
        Whose::Order(order) => order.number.to_string(),
        Whose::Rejected(seq) => seq.to_string(),
    }
}

/// Checks a filled form.
pub fn check(form: &Form, whose: &Whose, forget: bool) -> Checked {
    let text = |at: usize| form.fields.get(at).map_or("", |field| field.line.text().trim());
    let reason = text(0).to_owned();
    if reason.is_empty() {
        return Err((0, "Give the reason; the journal keeps it.".into()));
    }
    let whose = whose.clone();
    let (sentence, decision) = if forget {
        let due = to_type(&whose);
        if text(1) != due {
            return Err((1, format!("Type {due} to confirm.")));
        }
        (
            format!("Forget {whose} for good: {reason}. Nothing brings it back."),
            Decision::Forget { whose, reason },
        )
    } else {
        let sentence = format!("Read what is known of {whose}: {reason}. The journal says so.");
        (sentence, Decision::Reveal { whose, reason })
    };
    Ok((sentence, vec![Action::Decide { decision, saw: form.intent.saw.clone() }]))
}
