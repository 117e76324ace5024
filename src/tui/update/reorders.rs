//! Deciding about proposals: approve, edit, reject, put off.

use super::super::event::Effect;
use super::super::layers::{Confirm, Form, Layer, LineEdit};
use super::super::screens::chance;
use super::super::state::State;
use super::super::target::{Outlook, Target};
use super::super::theme::Glyphs;
use super::super::words;
use super::forms::{self, Field, Intent, Kind};
use super::{push, what_if};
use crate::domain::{Approval, Day, Decision, Money, Qty, SupplierId};
use crate::engine::api::{Action, OrderSoFar};
use std::collections::{BTreeMap, BTreeSet};

/// Above so many lines, or an order of this many of its currency's major units, Enter alone is too easily
/// pressed: what is spent is typed.
const TYPED_ABOVE_LINES: usize = 25;
const TYPED_ABOVE: i64 = 10_000;

/// What the orders of the selected lines lack to the least that their suppliers take when these lines are
/// approved, an amount an order; less than nothing where an order reaches more.
fn missing(state: &State) -> Vec<Money> {
    let mut orders: BTreeMap<_, (OrderSoFar, Vec<Option<Money>>)> = BTreeMap::new();
    for Target { order, so_far, .. } in state.targets() {
        if let (Some(Ok(line)), Some(so_far)) = (order, so_far) {
            let value = line.value();
            let (_, values) =
                orders.entry((line.supplier, line.site)).or_insert_with(|| (so_far, Vec::new()));
            values.push(value);
        }
    }
    orders.into_values().filter_map(|(so_far, values)| so_far.missing(values)).collect()
}

/// The same of the orders that lack something.
fn lacking(state: &State) -> Vec<Money> {
    missing(state).into_iter().filter(|missing| missing.minor > 0).collect()
}

/// The lines that are selected, or why none can be decided about.
fn selected(state: &State) -> Result<Vec<(Approval, String)>, String> {
    if let Some((seen, all)) = state.page().table().and_then(|table| table.incomplete()) {
        return Err(format!(
            "Only {} of {} rows of the range are marked; wait, or narrow with /.",
            words::count(seen as u64),
            words::count(all as u64)
        ));
    }
    let targets = state.targets();
    let mut lines = Vec::with_capacity(targets.len());
    for Target { key, order, saw, .. } in targets {
        match order {
            Some(Ok(line)) => lines.push((*line, saw)),
            Some(Err(why)) => return Err(format!("{key}: {why}.")),
            None => {}
        }
    }
    if lines.is_empty() {
        return Err("Select a proposal on Reorders first.".into());
    }
    Ok(lines)
}

/// What lines cost, one amount a currency, and how many have no known cost.
fn costs(lines: &[(Approval, String)]) -> (Vec<Money>, usize) {
    let mut sums: Vec<Money> = Vec::new();
    let mut unknown = 0;
    for (line, _) in lines {
        let Some(value) = line.value() else {
            unknown += 1;
            continue;
        };
        match sums.iter_mut().find(|sum| sum.currency == value.currency) {
            Some(sum) => sum.minor += value.minor,
            None => sums.push(value),
        }
    }
    (sums, unknown)
}

/// `£ 1,234.50 and € 20.00, and 2 lines of unknown cost`.
fn worth(lines: &[(Approval, String)], state: &State) -> String {
    let (sums, unknown) = costs(lines);
    let glyphs = state.theme.glyphs();
    let mut parts: Vec<String> = sums.into_iter().map(|sum| words::price(sum, glyphs)).collect();
    if unknown > 0 {
        parts.push(format!("{} of unknown cost", words::plural(unknown as u64, "line", "lines")));
    }
    parts.join(" and ")
}

/// How many lines go to whom.
fn to_whom(lines: &[(Approval, String)]) -> String {
    let mut suppliers: BTreeMap<&str, u64> = BTreeMap::new();
    for (line, _) in lines {
        *suppliers
            .entry(line.supplier.as_ref().map_or("nobody", SupplierId::as_str))
            .or_default() += 1;
    }
    let many = suppliers.len();
    let named =
        suppliers.iter().take(3).map(|(supplier, lines)| format!("{lines} from {supplier}"));
    let named = named.collect::<Vec<_>>().join(", ");
    if many > 3 { format!("{named} and {} more suppliers", many - 3) } else { named }
}

fn actions(lines: &[(Approval, String)]) -> Vec<Action> {
    let one = |(line, saw): &(Approval, String)| Action::Decide {
        decision: Decision::Approve(line.clone()),
        saw: saw.clone(),
    };
    lines.iter().map(one).collect()
}

/// `; the order so far is £ 412.50 below the supplier's minimum`, where orders are.
fn below_minimum(lacking: &[Money], glyphs: &Glyphs) -> String {
    match lacking {
        [] => String::new(),
        [lacks] => {
            let lacks = words::price(*lacks, glyphs);
            format!("; the order so far is {lacks} below the supplier's minimum")
        }
        many => format!("; {} orders are so far below their suppliers' minimum", many.len()),
    }
}

/// ` mei looks at it too.`, where somebody does.
fn looked_at(state: &State) -> String {
    let targets = state.targets();
    let users: BTreeSet<&str> = targets
        .iter()
        .flat_map(|target| &target.viewers)
        .map(|user| &**user)
        .filter(|user| *user != state.user)
        .collect();
    match users.into_iter().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [one] => format!(" {one} looks at it too."),
        many => format!(" {} look at it too.", many.join(", ")),
    }
}

fn sentence(lines: &[(Approval, String)], state: &State) -> String {
    let worth = worth(lines, state);
    let below = below_minimum(&lacking(state), state.theme.glyphs());
    match lines {
        [(line, _)] => {
            let supplier = line.supplier.as_ref().map_or("nobody", SupplierId::as_str);
            format!(
                "Order {} × {} for {} from {supplier}: {worth}{below}.{}",
                line.qty,
                line.sku,
                line.site,
                looked_at(state)
            )
        }
        many => {
            let (count, whom) = (words::count(many.len() as u64), to_whom(many));
            format!("Order {count} lines: {worth}; {whom}{below}.{}", looked_at(state))
        }
    }
}

/// ` It is sent at once; Lune usually takes orders on Tuesdays (1 Dec), the quantity assumes that day.`
fn sent_early(one: &Outlook) -> String {
    let (supplier, day) = (&one.supplier, words::date(one.order));
    let weekday = words::weekday_name(one.order.weekday());
    let usual = match one.weekly {
        true => format!("{supplier} usually takes orders on {weekday}s ({day})"),
        false => format!("{supplier} is next ordered from on {day}"),
    };
    format!(" It is sent at once; {usual}, the quantity assumes that day.")
}

/// When the selected lines go out though their supplier's day is later, and what one can and cannot help.
fn expected(state: &State) -> String {
    let today = state.now.day(&state.zone);
    let outlooks: Vec<Outlook> =
        state.targets().into_iter().filter_map(|target| target.outlook).collect();
    if let [one] = outlooks.as_slice() {
        let when = match one.order > today {
            true => sent_early(one),
            false => String::new(),
        };
        let percent = |risk: f64| chance(risk as f32);
        let (before, after) = (percent(one.before), percent(one.after));
        let notes: String = one.notes.iter().map(|note| format!(" Mind: {note}.")).collect();
        return format!("{when} Short before it comes {before}, then {after}.{notes}");
    }
    let far_more = outlooks.iter().filter(|one| one.far_more).count() as u64;
    let far_more = match far_more {
        0 => String::new(),
        some => {
            format!(" {} far more than is needed.", words::plural(some, "line is", "lines are"))
        }
    };
    let early = match outlooks.iter().filter(|one| one.order > today).count() as u64 {
        0 => String::new(),
        1 => " One is sent at once whose supplier's day is later; its quantity assumes that day."
            .into(),
        many => {
            let many = words::count(many);
            format!(
                " {many} are sent at once whose suppliers' days are later; their quantities assume those."
            )
        }
    };
    format!("{early}{far_more}")
}

/// Whether one of the selected lines is far more than is needed.
fn are_far_more(state: &State) -> bool {
    let targets = state.targets();
    targets.iter().filter_map(|target| target.outlook.as_ref()).any(|one| one.far_more)
}

/// Whether it is so much that spending it is typed; what nobody knows the cost of may be.
pub fn is_much(lines: usize, (sums, unknown): (&[Money], usize)) -> bool {
    let much = |sum: &Money| sum.minor > TYPED_ABOVE * 10_i64.pow(sum.currency.exponent());
    lines > TYPED_ABOVE_LINES || unknown > 0 || sums.iter().any(much)
}

/// The form in which it is typed that these lines are meant: how many they are, of one its quantity.
fn typed(lines: Vec<(Approval, String)>, sentence: String) -> Form {
    let typed = match lines.as_slice() {
        [(line, _)] => line.qty.to_string(),
        many => words::count(many.len() as u64),
    };
    let kind = Kind::ApproveMany { lines, sentence, typed };
    forms::form(Intent { kind, saw: String::new() }, None, None)
}

/// Asks before approving what is selected; what is much, or far more than is needed, is typed.
pub fn approve(state: &mut State) -> Result<Vec<Effect>, String> {
    let lines = selected(state)?;
    let sentence = format!("{}{}", sentence(&lines, state), expected(state));
    let (sums, unknown) = costs(&lines);
    if is_much(lines.len(), (&sums, unknown)) || are_far_more(state) {
        push(state, Layer::Form(typed(lines, sentence)));
        return Ok(Vec::new());
    }
    let actions = actions(&lines);
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "Approved" }));
    Ok(Vec::new())
}

/// Opens the form to change one proposal, with what the change would mean.
pub fn edit(state: &mut State) -> Result<Vec<Effect>, String> {
    let mut lines = selected(state)?;
    let Some((line, saw)) = lines.pop().filter(|_| lines.is_empty()) else {
        return Err("One line at a time is edited; Esc takes the marks off.".into());
    };
    let (lacks, far_more) = (missing(state).pop(), are_far_more(state));
    let kind = Kind::EditOrder { line: Box::new(line), lacks, far_more };
    let intent = Intent { kind, saw };
    let form = forms::form(intent, None, None);
    push(state, Layer::Form(form));
    Ok(what_if::preview(state))
}

/// Opens the form to turn proposals down.
pub fn reject(state: &mut State) -> Result<Vec<Effect>, String> {
    let kind = Kind::RejectOrder(selected(state)?, state.now.day(&state.zone));
    push(state, Layer::Form(forms::form(Intent { kind, saw: String::new() }, None, None)));
    Ok(Vec::new())
}

/// Opens the form to put proposals off.
pub fn snooze(state: &mut State) -> Result<Vec<Effect>, String> {
    let kind = Kind::SnoozeOrder(selected(state)?, state.now.day(&state.zone));
    push(state, Layer::Form(forms::form(Intent { kind, saw: String::new() }, None, None)));
    Ok(Vec::new())
}

/// The fields of these forms.
pub fn fields(kind: &Kind) -> Vec<Field> {
    let field = |name, text: &str, hint| Field { name, line: LineEdit::with(text), hint };
    match kind {
        Kind::ApproveMany { lines, .. } if lines.len() == 1 => {
            vec![field("quantity", "", "how many units it is, to say that it is meant")]
        }
        Kind::ApproveMany { .. } => {
            vec![field("lines", "", "how many lines it is, to say that it is meant")]
        }
        Kind::RejectOrder(..) => vec![
            field("reason", "", "why; shown next time"),
            field(
                "until",
                "",
                "a day, or days such as 3; empty: until more is proposed or it runs short earlier",
            ),
        ],
        Kind::SnoozeOrder(..) => {
            vec![field("until", "", "a day such as 2026-12-03, or days such as 3")]
        }
        Kind::EditOrder { line, .. } => {
            let due = line.due.map(|due| due.to_string()).unwrap_or_default();
            let supplier = line.supplier.as_ref().map_or("", SupplierId::as_str);
            vec![
                field("quantity", &line.qty.to_string(), "units to order"),
                field("due", &due, "the day on which they should come"),
                field("supplier", supplier, "a supplier's code"),
                field("lead time", "", "what if: +7 for a week longer; not recorded"),
                field("service", "", "what if: 98 for 98 times of 100 not short; not recorded"),
                field("demand", "", "what if: +20 for a fifth more; not recorded"),
            ]
        }
        _ => Vec::new(),
    }
}

/// What a field holds.
pub(super) fn text(form: &Form, at: usize) -> &str {
    form.fields.get(at).map_or("", |field| field.line.text().trim())
}

type Checked = Result<(String, Vec<Action>), (usize, String)>;

/// What such a form would record; or the field that is wrong and why.
pub fn check(form: &Form, glyphs: &Glyphs) -> Checked {
    match &form.intent.kind {
        Kind::ApproveMany { lines, sentence, typed } => {
            if text(form, 0).replace(',', "") == typed.replace(',', "") {
                Ok((sentence.clone(), actions(lines)))
            } else if lines.len() == 1 {
                Err((0, format!("Write {typed}, the quantity, to approve it.")))
            } else {
                Err((0, format!("Write {typed}, the number of lines, to approve them all.")))
            }
        }
        Kind::EditOrder { line, lacks, .. } => {
            let edited = Edited::of(form, line)?;
            let refused = form.refused.as_ref().filter(|(texts, _)| *texts == form.texts());
            if let Some((_, why)) = refused {
                return Err((form.at, why.clone()));
            }
            let saw = form.intent.saw.clone();
            let sentence = edited.sentence(line, *lacks, glyphs);
            Ok((sentence, actions(&[(edited.line, saw)])))
        }
        Kind::RejectOrder(lines, today) => {
            let reason = match text(form, 0) {
                "" => return Err((0, "Give the reason.".into())),
                reason => reason.to_owned(),
            };
            let until = Some(text(form, 1)).filter(|until| !until.is_empty());
            let until = until.map(|until| from_today(1, until, *today)).transpose()?;
            let decide = |line: &Approval| Decision::Reject {
                sku: line.sku.clone(),
                site: line.site.clone(),
                suggested: line.qty,
                runs_out: None,
                until,
                reason: reason.clone(),
            };
            let another = "until half as many again are proposed or it runs short earlier";
            let when = until.map_or(another.into(), |day| format!("until {day}"));
            Ok((format!("Reject {} {when}: {reason}.", named(lines)), each(lines, decide)))
        }
        Kind::SnoozeOrder(lines, today) => {
            let until = from_today(0, text(form, 0), *today)?;
            let decide = |line: &Approval| Decision::Snooze {
                sku: line.sku.clone(),
                site: line.site.clone(),
                suggested: line.qty,
                until,
            };
            let sentence = format!("Put {} off until {}.", named(lines), words::full_date(until));
            Ok((sentence, each(lines, decide)))
        }
        _ => Err((0, "This form decides nothing about orders.".into())),
    }
}

/// A day as it is written, or so many days from today: `3`, `3 days`.
fn from_today(at: usize, text: &str, today: Day) -> Result<Day, (usize, String)> {
    let number = text.trim_end_matches(|letter: char| letter.is_alphabetic()).trim_end();
    match number.parse::<u16>() {
        Ok(days) => Ok(today.plus(i32::from(days.max(1)))),
        Err(_) => day(at, text),
    }
}

fn named(lines: &[(Approval, String)]) -> String {
    match lines {
        [(line, _)] => format!("{} × {} for {}", line.qty, line.sku, line.site),
        many => format!("{} proposals", words::count(many.len() as u64)),
    }
}

fn each(lines: &[(Approval, String)], decide: impl Fn(&Approval) -> Decision) -> Vec<Action> {
    let one = |(line, saw): &(Approval, String)| Action::Decide {
        decision: decide(line),
        saw: saw.clone(),
    };
    lines.iter().map(one).collect()
}

fn day(at: usize, text: &str) -> Result<Day, (usize, String)> {
    let wrong = || (at, format!("`{text}` is no date; write it as in 2026-12-03."));
    Day::parse(text).ok_or_else(wrong)
}

/// A line as it was edited, and what it costs as far as the console knows.
pub(super) struct Edited {
    pub line: Approval,
    value: Option<Money>,
    /// Whether the cost of just this quantity is known, and not yet looked up for another one only.
    exact: bool,
}

impl Edited {
    pub fn of(form: &Form, line: &Approval) -> Result<Self, (usize, String)> {
        let typed = text(form, 0);
        let qty = Qty::parse(typed).filter(|qty| qty.is_positive());
        let qty =
            qty.ok_or_else(|| (0, format!("`{typed}` is no quantity; write units such as 240.")))?;
        let due = Some(text(form, 1)).filter(|due| !due.is_empty());
        let due = due.map(|due| day(1, due)).transpose()?;
        let supplier = Some(text(form, 2)).filter(|id| !id.is_empty()).map(SupplierId::new);
        let supplier = supplier.ok_or((2, "Give the supplier's code.".into()))?;
        // Another supplier has other costs, which nobody knows; those of another quantity the desk
        // fills in.
        let usual = line.supplier.as_ref() == Some(&supplier);
        let cost = line.cost.filter(|_| usual && qty == line.qty);
        let (value, exact) = match form.priced {
            _ if !usual => (None, true),
            _ if qty == line.qty => (line.value(), true),
            Some((priced, value)) if priced == qty => (value, true),
            _ => (line.cost.map(|cost| cost.times(qty)), false),
        };
        let line = Approval { qty, due, cost, supplier: Some(supplier), ..line.clone() };
        Ok(Self { line, value, exact })
    }

    /// What the order lacks to the supplier's minimum with this line in place of the one `shown`.
    fn lacks(&self, shown: &Approval, lacks: Option<Money>) -> Option<Money> {
        let usual = self.line.supplier == shown.supplier;
        let lacks = lacks.filter(|_| usual)?;
        let more = self.value?.minor - shown.value()?.minor;
        Some(Money { minor: lacks.minor - more, ..lacks }).filter(|lacks| lacks.minor > 0)
    }

    /// What recording it means; `shown`: the line as it was proposed, whose order `lacks` that much to
    /// the supplier's minimum.
    fn sentence(&self, shown: &Approval, lacks: Option<Money>, glyphs: &Glyphs) -> String {
        let Approval { sku, site, qty, .. } = &self.line;
        let supplier = self.line.supplier.as_ref().map_or("nobody", SupplierId::as_str);
        let instead =
            if *qty == shown.qty { String::new() } else { format!(" instead of {}", shown.qty) };
        let due = self.line.due;
        let sooner = |due: Day| {
            let usual =
                shown.due.filter(|usual| due < *usual && self.line.supplier == shown.supplier);
            usual.map_or(String::new(), |usual| {
                format!(" (sooner than usual, {})", words::full_date(usual))
            })
        };
        let when = due.map_or(String::new(), |due| {
            format!(", to come on {}{}", words::full_date(due), sooner(due))
        });
        let about = if self.exact { "" } else { "about " };
        let worth = match self.value {
            Some(value) => format!("{about}{}", words::price(value, glyphs)),
            None => "at an unknown cost".into(),
        };
        let below = below_minimum(self.lacks(shown, lacks).as_slice(), glyphs);
        format!("Order {qty}{instead} × {sku} for {site} from {supplier}{when}: {worth}{below}.")
    }
}

/// The form that takes the place of an edit form which spends much, or leaves what is far more than is needed
/// so: there it is typed.
pub fn to_be_typed(form: &Form, glyphs: &Glyphs) -> Option<Form> {
    let Kind::EditOrder { line, lacks, far_more } = &form.intent.kind else { return None };
    let edited = Edited::of(form, line).ok()?;
    let unknown = usize::from(edited.value.is_none());
    let is_far_more = *far_more && edited.line.qty >= line.qty;
    if !is_far_more && !is_much(1, (edited.value.as_slice(), unknown)) {
        return None;
    }
    let sentence = edited.sentence(line, *lacks, glyphs);
    Some(typed(vec![(edited.line, form.intent.saw.clone())], sentence))
}
