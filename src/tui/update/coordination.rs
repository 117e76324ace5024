//! Deciding about what is on order and about transfers: accept, turn down, put off.

use super::super::event::Effect;
use super::super::layers::{Confirm, Form, Layer, LineEdit, Why};
use super::super::state::{Body, State};
use super::super::target::Target;
use super::super::words;
use super::forms::{self, Field, Intent, Kind};
use super::push;
use super::why::{note, step};
use crate::domain::{Day, Decision, Measure};
use crate::engine::api::{Action, CoordinationRow, Figured};
use std::collections::BTreeMap;

/// Proposals, with what was seen of each.
type Selected = Vec<(Measure, String)>;

/// The proposals that are selected, or why none can be decided about.
fn selected(state: &State) -> Result<Selected, String> {
    if let Some((seen, all)) = state.page().table().and_then(|table| table.incomplete()) {
        return Err(format!(
            "Only {} of {} rows of the range are marked; wait, or narrow with /.",
            words::count(seen as u64),
            words::count(all as u64)
        ));
    }
    let mut chosen = Vec::new();
    for Target { key, measure, saw, .. } in state.targets() {
        match measure {
            Some(Ok(measure)) => chosen.push((*measure, saw)),
            Some(Err(why)) => return Err(format!("{key}: {why}.")),
            None => {}
        }
    }
    if chosen.is_empty() { Err("Select a proposal first.".into()) } else { Ok(chosen) }
}

/// `3 expedite, 2 transfer`.
fn kinds(chosen: &Selected) -> String {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for (measure, _) in chosen {
        *kinds.entry(measure.word()).or_default() += 1;
    }
    let named = kinds.iter().map(|(word, count)| format!("{count} {word}"));
    named.collect::<Vec<_>>().join(", ")
}

fn named(chosen: &Selected) -> String {
    match chosen.as_slice() {
        [(measure, _)] => measure.to_string(),
        many => format!("{} proposals ({})", words::count(many.len() as u64), kinds(chosen)),
    }
}

fn each(chosen: &Selected, decide: impl Fn(&Measure) -> Decision) -> Vec<Action> {
    let one = |(measure, saw): &(Measure, String)| Action::Decide {
        decision: decide(measure),
        saw: saw.clone(),
    };
    chosen.iter().map(one).collect()
}

/// Asks before what is selected is accepted.
pub fn accept(state: &mut State) -> Result<Vec<Effect>, String> {
    let chosen = selected(state)?;
    let told = match chosen.as_slice() {
        [(Measure::Line(_), _)] => "; the supplier is asked when it can be taken back no more",
        [(Measure::Transfer(_), _)] => "; the goods leave when it can be taken back no more",
        _ => "; suppliers are asked and goods leave when they can be taken back no more",
    };
    let sentence = format!("Accept: {}{told}.", named(&chosen));
    let actions = each(&chosen, |measure| measure.clone().accept());
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "Accepted" }));
    Ok(Vec::new())
}

/// Opens the form to turn proposals down.
pub fn turn_down(state: &mut State) -> Result<Vec<Effect>, String> {
    let kind = Kind::TurnDown(selected(state)?);
    push(state, Layer::Form(forms::form(Intent { kind, saw: String::new() }, None, None)));
    Ok(Vec::new())
}

/// Opens the form to put proposals off.
pub fn put_off(state: &mut State) -> Result<Vec<Effect>, String> {
    let kind = Kind::PutOff(selected(state)?, state.now.day(&state.zone));
    push(state, Layer::Form(forms::form(Intent { kind, saw: String::new() }, None, None)));
    Ok(Vec::new())
}

/// The head of such a form.
pub fn title(verb: &str, chosen: &Selected) -> String {
    format!("{verb} {}", named(chosen))
}

/// The fields of these forms.
pub fn fields(kind: &Kind) -> Vec<Field> {
    let field = |name, hint| Field { name, line: LineEdit::with(""), hint };
    match kind {
        Kind::TurnDown(_) => vec![
            field("reason", "why; shown next time"),
            field("until", "a day such as 2026-12-03; empty: until it is another proposal"),
        ],
        _ => vec![field("until", "a day such as 2026-12-03, or days such as 3")],
    }
}

/// What such a form would record; or the field that is wrong and why.
pub fn check(form: &Form) -> Result<(String, Vec<Action>), (usize, String)> {
    let text = |at: usize| form.fields.get(at).map_or("", |field| field.line.text().trim());
    let day = |at: usize| {
        let wrong = || (at, format!("`{}` is no date; write it as in 2026-12-03.", text(at)));
        Day::parse(text(at)).ok_or_else(wrong)
    };
    match &form.intent.kind {
        Kind::TurnDown(chosen) => {
            let reason = match text(0) {
                "" => return Err((0, "Give the reason.".into())),
                reason => reason.to_owned(),
            };
            let until = if text(1).is_empty() { None } else { Some(day(1)?) };
            let when =
                until.map_or("until it is another proposal".into(), |day| format!("until {day}"));
            let decide = |measure: &Measure| Decision::TurnDown {
                measure: measure.clone(),
                until,
                reason: Some(reason.clone()),
            };
            let sentence = format!("Turn down {} {when}: {reason}.", named(chosen));
            Ok((sentence, each(chosen, decide)))
        }
        Kind::PutOff(chosen, today) => {
            let until = match text(0).parse::<u16>() {
                Ok(days) => today.plus(i32::from(days.max(1))),
                Err(_) => day(0)?,
            };
            let decide = |measure: &Measure| Decision::TurnDown {
                measure: measure.clone(),
                until: Some(until),
                reason: None,
            };
            let sentence = format!("Put {} off until {}.", named(chosen), words::full_date(until));
            Ok((sentence, each(chosen, decide)))
        }
        _ => Err((0, "This form decides nothing about coordination.".into())),
    }
}

/// Why the selected row is proposed.
pub fn why(state: &State) -> Option<Why> {
    let Body::Coordination(table) = &state.page().body else { return None };
    table.selected().map(of_row)
}

fn of_row(row: &CoordinationRow) -> Why {
    let percent = |risk: f64| format!("{:.0} %", 100.0 * risk);
    let mut lines = vec![note(&*row.why), note(&*row.effect)];
    match row.figures.as_deref() {
        Some(Figured::Line(line)) => {
            lines.push(step("to come", words::qty(line.qty), format!("due on {}", line.due)));
            lines.push(step("there before", words::qty(line.has), "free, and lines due earlier"));
            let out = line.runs_out.map_or("half a year".into(), words::date);
            lines.push(step("lasts to", out, "when half of the courses of demand have used it up"));
            lines.push(step("risk as due", percent(line.risk_now), "to run out before it comes"));
            lines.push(step(
                "risk then",
                percent(line.risk_then),
                "if it comes as it is asked for",
            ));
        }
        Some(Figured::Transfer(goods)) => {
            lines.push(step("has", words::qty(goods.has), format!("free at {}", goods.from)));
            let safe = format!("98 times of 100 enough there for {:.0} days", goods.keeps_days);
            lines.push(step("less kept", words::qty(goods.keeps), safe));
            lines.push(step("sends", words::qty(goods.qty), format!("to {}", goods.to)));
            let cost = words::amount(goods.cost);
            lines.push(step("costs", cost, format!("there on {}", goods.arrives)));
            let buys = format!("would be bought, there on {}", goods.buys_due);
            lines.push(step("instead of", words::qty(goods.buys), buys));
            lines.push(step("risk as it is", percent(goods.risk_now), "to run short until then"));
            lines.push(step("risk then", percent(goods.risk_then), "with the transfer"));
        }
        None => {}
    }
    if !row.note.is_empty() {
        lines.push(note(&*row.note));
    }
    let what = row.measure.as_ref().map_or_else(|| row.key.to_string(), Measure::to_string);
    Why { title: format!("Why: {what}"), lines, top: 0 }
}
