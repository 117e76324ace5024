//! Deciding from where orders ship: accept, pick another way, hold for stock, accept all that is clear.

use super::super::event::Effect;
use super::super::layers::{Confirm, Form, Layer, LineEdit, Why};
use super::super::place::{Goal, Place};
use super::super::screens::{choices, differs, way};
use super::super::state::{Body, State};
use super::super::target::Target;
use super::super::words;
use super::forms::{self, Field, Intent, Kind};
use super::why::{note, step};
use super::{navigate, push};
use crate::domain::{Allocation, Day, Decision, Money, OrderKey, ShipFrom, Subject};
use crate::engine::api::{Action, AllocationRow};
use serde::{Deserialize, Serialize};

/// Above so many orders Enter alone is too easily pressed.
const TYPED_ABOVE: usize = 25;

/// A way to ship an order that can be picked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Way {
    /// What ships from where.
    pub ships: Vec<ShipFrom>,
    /// In words, with what it costs.
    pub words: String,
}

/// The selected orders, or why the marks cannot be relied on.
fn selected(state: &State) -> Result<Vec<Target>, String> {
    if let Some((seen, all)) = state.page().table().and_then(|table| table.incomplete()) {
        return Err(format!(
            "Only {} of {} rows of the range are marked; wait, or narrow with /.",
            words::count(seen as u64),
            words::count(all as u64)
        ));
    }
    let targets: Vec<Target> =
        state.targets().into_iter().filter(|target| target.ship.is_some()).collect();
    if targets.is_empty() {
        Err("Select an order on Allocation first.".into())
    } else {
        Ok(targets)
    }
}

fn allocate((one, saw): (Allocation, String)) -> Action {
    Action::Decide { decision: Decision::Allocate(one), saw }
}

/// Asks before the proposals of what is selected are accepted.
pub fn accept(state: &mut State) -> Result<Vec<Effect>, String> {
    let mut chosen = Vec::new();
    for Target { key, ship, saw, .. } in selected(state)? {
        match ship {
            Some(Ok(one)) => chosen.push((*one, saw)),
            Some(Err(why)) => return Err(format!("{key}: {why}.")),
            None => {}
        }
    }
    Ok(ask(state, chosen))
}

/// Asks before all proposals of which nothing is in doubt are accepted.
pub fn accept_clear(state: &mut State) -> Result<Vec<Effect>, String> {
    let Body::Allocation(_, about) = &state.page().body else {
        return Err("This works on Allocation.".into());
    };
    let clear = about.as_ref().map_or(&[][..], |about| &about.clear);
    let saw = |one: &Allocation| format!("order {}: clear, {}", one.order, one.words());
    let chosen: Vec<_> = clear.iter().map(|one| (one.clone(), saw(one))).collect();
    if chosen.is_empty() {
        return Err("No proposal is without doubt; decide about them one by one.".into());
    }
    Ok(ask(state, chosen))
}

fn ask(state: &mut State, chosen: Vec<(Allocation, String)>) -> Vec<Effect> {
    let sentence = match chosen.as_slice() {
        [(one, _)] => format!("Ship order {}: {}; the shop is told.", one.order, one.words()),
        many => format!(
            "Ship {} orders as proposed; the shop is told.",
            words::count(many.len() as u64)
        ),
    };
    if chosen.len() > TYPED_ABOVE {
        let kind = Kind::ShipMany { chosen, sentence };
        push(state, Layer::Form(forms::form(Intent { kind, saw: String::new() }, None, None)));
        return Vec::new();
    }
    let actions = chosen.into_iter().map(allocate).collect();
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "Accepted" }));
    Vec::new()
}

/// Opens the selected or shown order's case, where it can be accepted, picked otherwise, or held.
pub fn of_order(state: &mut State) -> Result<Vec<Effect>, String> {
    let order = match &state.page().body {
        Body::Order(panel) => panel.data.as_ref().map(|detail| detail.order.key.clone()),
        Body::Orders(table) => table.selected().map(|row| row.key.clone()),
        _ => None,
    };
    let order = order.ok_or("Select an order first.")?;
    let filter = format!("order:{}", order.number);
    Ok(navigate::push(state, Goal { place: Place::Allocation, filter }))
}

/// Opens the form to pick another way for one order.
pub fn pick(state: &mut State) -> Result<Vec<Effect>, String> {
    let Body::Allocation(table, _) = &state.page().body else {
        return Err("This works on Allocation.".into());
    };
    let row = table.selected().ok_or("Select an order on Allocation first.")?;
    if let Some(one) = row.decided.as_ref().filter(|one| one.refused.is_none()) {
        return Err(format!(
            "{} decided already; entry {} is taken back in the Journal.",
            one.who, one.entry
        ));
    }
    let glyphs = state.theme.glyphs();
    let ways: Vec<Way> = choices(row)
        .map(|choice| {
            let money = Money { minor: choice.cost.total(), currency: row.currency };
            let words = format!("{}  {}", words::price(money, glyphs), way(choice));
            Way { ships: choice.ships.clone(), words }
        })
        .collect();
    if ways.is_empty() {
        return Err("Nothing of it can ship from anywhere; hold it for stock.".into());
    }
    let (order, saw) = (row.key.clone(), Target::from(row).saw);
    let kind = Kind::PickShip { order, home: row.site.clone(), ways };
    push(state, Layer::Form(forms::form(Intent { kind, saw }, None, None)));
    Ok(Vec::new())
}

/// Opens the form to hold what is selected for stock.
pub fn hold(state: &mut State) -> Result<Vec<Effect>, String> {
    let order = |target: Target| match target.subject {
        Some(Subject::Order(key)) => Some((key, target.saw)),
        _ => None,
    };
    let orders: Vec<(OrderKey, String)> = selected(state)?.into_iter().filter_map(order).collect();
    let kind = Kind::HoldForStock(orders, state.now.day(&state.zone));
    push(state, Layer::Form(forms::form(Intent { kind, saw: String::new() }, None, None)));
    Ok(Vec::new())
}

/// The fields of these forms.
pub fn fields(kind: &Kind) -> Vec<Field> {
    let field = |name, text: &str, hint| Field { name, line: LineEdit::with(text), hint };
    match kind {
        Kind::PickShip { .. } => vec![field("way", "", "the number of one of the ways above")],
        Kind::ShipMany { .. } => {
            vec![field("orders", "", "how many orders it is, to say that it is meant")]
        }
        _ => vec![
            field("reason", "waits for stock", "why; kept in the journal"),
            field("until", "", "a day, or days such as 3; empty: until its site has all of it"),
        ],
    }
}

/// What is to be read before the form is filled in.
pub fn means(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::PickShip { ways, .. } => {
            (1..).zip(ways).map(|(number, way)| format!("{number}  {}", way.words)).collect()
        }
        Kind::ShipMany { sentence, .. } => vec![sentence.clone()],
        _ => Vec::new(),
    }
}

/// What such a form would record; or the field that is wrong and why.
pub fn check(form: &Form) -> Result<(String, Vec<Action>), (usize, String)> {
    let text = |at: usize| form.fields.get(at).map_or("", |field| field.line.text().trim());
    match &form.intent.kind {
        Kind::PickShip { order, home, ways } => {
            let number = text(0).parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let way = number.and_then(|at| Some((at, ways.get(at)?)));
            let Some((at, way)) = way else {
                return Err((0, format!("Write a number from 1 to {}.", ways.len())));
            };
            let one = Allocation {
                order: order.clone(),
                home: home.clone(),
                ships: way.ships.clone(),
                waits: Vec::new(),
                proposed: at == 0,
            };
            let sentence = format!("Ship order {order}: {}; the shop is told.", way.words);
            Ok((sentence, vec![allocate((one, form.intent.saw.clone()))]))
        }
        Kind::ShipMany { chosen, sentence } => {
            let typed = words::count(chosen.len() as u64);
            if text(0) != typed {
                return Err((0, format!("Write {typed}, the number of orders, or press Esc.")));
            }
            Ok((sentence.clone(), chosen.iter().cloned().map(allocate).collect()))
        }
        Kind::HoldForStock(orders, today) => {
            let until = match (text(1), text(1).parse::<u16>()) {
                ("", _) => None,
                (_, Ok(days)) => Some(today.plus(i32::from(days.max(1)))),
                (text, _) => Some(Day::parse(text).ok_or_else(|| {
                    (1, format!("`{text}` is no date; write it as in 2026-12-03."))
                })?),
            };
            let reason = text(0).to_owned();
            let when = until.map_or("until its site has all of it".into(), |day| {
                format!("until {}", words::full_date(day))
            });
            let named = match orders.as_slice() {
                [(one, _)] => format!("order {one}"),
                many => format!("{} orders", many.len()),
            };
            let hold = |(order, saw): &(OrderKey, String)| Action::Decide {
                decision: Decision::HoldForStock {
                    order: order.clone(),
                    until,
                    reason: reason.clone(),
                },
                saw: saw.clone(),
            };
            Ok((format!("Hold {named} {when}."), orders.iter().map(hold).collect()))
        }
        _ => Err((0, "This form decides nothing from where orders ship.".into())),
    }
}

/// Why the selected order's proposal is the proposal: its cost, part by part, against doing nothing.
pub fn why(state: &State) -> Option<Why> {
    let Body::Allocation(table, _) = &state.page().body else { return None };
    let row = table.selected()?;
    let money = |minor| words::amount(Money { minor, currency: row.currency });
    let mut lines = Vec::new();
    if let Some(best) = &row.proposal {
        lines.push(note(format!("Proposed: {}.", way(best))));
        for (name, minor) in best.cost.parts().into_iter().filter(|(_, minor)| *minor != 0) {
            lines.push(step(name, money(minor), told(name)));
        }
        lines.push(step("in all", money(best.cost.total()), row.currency.to_string()));
    }
    if let (Some(now), Some(best)) = (&row.now, &row.proposal) {
        let by = differs(now, best, row.currency, state.theme.glyphs());
        let by = if by.is_empty() { "the same".into() } else { by };
        lines.push(step("left alone", money(now.cost.total()), format!("{}; {by}", way(now))));
    }
    lines.extend(row.notes.iter().map(|text| note(text.to_string())));
    if let Some(doubt) = &row.doubt {
        lines.push(note(format!("Not accepted unseen: {doubt}.")));
    }
    Some(Why { title: format!("Why: order {}", title(row)), lines, top: 0 })
}

fn title(row: &AllocationRow) -> String {
    match row.needs.is_empty() {
        true => row.key.to_string(),
        false => {
            let needs: Vec<&str> = row.needs.iter().map(|need| need.word()).collect();
            format!("{} is {}", row.key, needs.join(", "))
        }
    }
}

/// What a part of the cost is.
fn told(part: &str) -> &'static str {
    match part {
        "postage" => "of each package, by site and zone",
        "weight" => "of the kilograms in them",
        "split" => "what packages after the first cost beside their postage",
        "late" => "for each day after the promise, by priority",
        "scarcity" => {
            "what the units are worth to orders to come: the chance that they run short there"
        }
        _ => {
            "for each unit that waits: its price and part of the dearest package; sales, not margin"
        }
    }
}
