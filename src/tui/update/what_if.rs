//! What other terms would make of a proposal, told while they are typed.

use super::super::event::Effect;
use super::super::layers::{Form, Layer, Stage};
use super::super::state::{Asked, State};
use super::super::theme::Glyphs;
use super::super::words;
use super::forms::Kind;
use super::reorders::{Edited, text};
use crate::domain::{Approval, Day, SupplierId};
use crate::engine::api::{Answer, Plan, Query, Refusal};
use crate::plan::replenish::{Change, Proposal};

/// A number of a field that says what if; none where it is left empty.
fn what_if_number(
    form: &Form,
    at: usize,
    within: std::ops::RangeInclusive<f64>,
    mend: &str,
) -> Result<Option<f64>, (usize, String)> {
    let typed = text(form, at);
    if typed.is_empty() {
        return Ok(None);
    }
    let number = typed.trim_end_matches('%').trim().parse::<f64>().ok();
    let number = number.filter(|number| within.contains(number));
    number.map(Some).ok_or_else(|| (at, format!("`{typed}` is no {mend}.")))
}

/// The terms that an edit form asks about, and the supplier where it is another one; or which field cannot
/// be meant and why.
fn terms(form: &Form, line: &Approval) -> Result<(Option<SupplierId>, Change), (usize, String)> {
    let Edited { line: Approval { qty, due, supplier, .. }, .. } = Edited::of(form, line)?;
    let days = "number of days; write +7 for a week longer";
    let lead = what_if_number(form, 3, -366.0..=366.0, days)?;
    let service = "service; write a percentage from 1 to 99.9";
    let service = what_if_number(form, 4, 1.0..=99.9, service)?;
    let demand = "change of demand; write +20 for a fifth more, from -100 to +1000";
    let uplift = what_if_number(form, 5, -100.0..=1_000.0, demand)?;
    let change = Change {
        lead_days: lead.map_or(0, |days| days.round() as i32),
        service: service.map(|percent| percent / 100.0),
        uplift: uplift.map_or(0.0, |percent| percent / 100.0),
        qty: Some(qty),
        due: due.filter(|due| Some(*due) != line.due),
    };
    Ok((supplier.filter(|other| line.supplier.as_ref() != Some(other)), change))
}

/// Asks what the terms in an edit form would make of the proposal; says what is wrong where they cannot be
/// meant.
pub fn preview(state: &mut State) -> Vec<Effect> {
    let Some(Layer::Form(form)) = state.layers.last_mut() else { return Vec::new() };
    let Kind::EditOrder { line, .. } = form.intent.kind.clone() else { return Vec::new() };
    if form.stage != Stage::Fill {
        return Vec::new();
    }
    match terms(form, &line) {
        Ok((from, change)) => {
            let query = Query::WhatIf(line.sku.clone(), line.site.clone(), from, change);
            vec![state.question(Asked::WhatIf, query)]
        }
        Err((_, wrong)) => {
            (form.means, form.priced) = (Vec::new(), None);
            form.error.get_or_insert(wrong);
            state.touch();
            Vec::new()
        }
    }
}

/// Takes what the terms would make of it.
pub fn previewed(state: &mut State, answer: Result<Answer, Refusal>) {
    let glyphs = state.theme.glyphs();
    let Some(Layer::Form(form)) = state.layers.last_mut() else { return };
    let Kind::EditOrder { line, .. } = &form.intent.kind else { return };
    let Ok((_, change)) = terms(form, line) else { return };
    (form.priced, form.refused) = (None, None);
    form.means = match answer {
        Ok(Answer::WhatIf(Some(plan))) => match *plan {
            Plan::Proposed(planned) => {
                form.priced = Some((planned.qty, planned.with.value));
                means(&planned, change.due, glyphs)
            }
            Plan::Blocked(blocked) => vec![format!("It cannot be planned so: {blocked}.")],
        },
        Ok(_) => vec!["It is not planned any more.".to_owned()],
        Err(refusal) if refusal.usage => {
            // Nobody confirms what is refused afterwards.
            if form.stage != Stage::Sent {
                form.stage = Stage::Fill;
                form.error = Some(refusal.message.clone());
            }
            form.refused = Some((form.texts(), refusal.message));
            Vec::new()
        }
        Err(refusal) => vec![refusal.message],
    };
    state.touch();
}

/// Risk, cost and days of cover of a quantity; `asked`: it is to come on another day than the usual one.
fn means(line: &Proposal, asked: Option<Day>, glyphs: &Glyphs) -> Vec<String> {
    let percent = |risk: f64| format!("{:.1} %", 100.0 * risk);
    let value = line.with.value.map_or("cost unknown".into(), |value| words::price(value, glyphs));
    let comes = asked.unwrap_or(line.due);
    let cover = match line.with.lasts_until {
        Some(day) => format!("lasts to {}, {}", words::full_date(day), apart(day, comes)),
        None => "lasts a year or longer".into(),
    };
    let wanted = line.order_up_to - line.position;
    let mut told = vec![
        format!("{} units: {value}; {cover}", words::qty(line.qty)),
        format!(
            "chance that it runs short before it comes {}; that all does not last until the next order comes {}, \
             without it {}; on these terms {} would be needed",
            percent(line.risk_before),
            percent(line.with.risk),
            percent(line.without.risk),
            words::qty(wanted.at_least_zero())
        ),
    ];
    if comes < line.due {
        told.push(format!(
            "{} usually delivers by {}: whether it can be sooner is for the supplier to say",
            line.supplier,
            words::full_date(line.due)
        ));
    }
    told
}

/// `9 days after it comes`.
fn apart(day: Day, comes: Day) -> String {
    let days = day.number() - comes.number();
    let count = words::plural(days.unsigned_abs().into(), "day", "days");
    match days {
        0 => "the day on which it comes".into(),
        1.. => format!("{count} after it comes"),
        _ => format!("{count} before it comes"),
    }
}
