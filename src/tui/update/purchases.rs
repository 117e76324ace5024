//! Deciding about purchase orders: signing, sending again, receiving, calling off, closing, taking
//! back; and what can be read of them beside the table.

use super::super::commands::Id;
use super::super::event::Effect;
use super::super::layers::{Confirm, Form, Layer, LineEdit, Why, WhyLine};
use super::super::place::{Goal, Place};
use super::super::screens::{named, to_come};
use super::super::state::{Asked, Body, State};
use super::super::target::Target;
use super::super::theme::{Glyphs, Role};
use super::super::words;
use super::forms::{self, Field, Intent, Kind};
use super::why::{note, step};
use super::{navigate, push, reorders};
use crate::domain::{BuyingState, Decision, Money, PoNumber, Qty, SiteId, Sku, Timestamp, Total};
use crate::engine::api::{
    Action, Answer, Conversion, PurchaseDetail, PurchaseLine, PurchaseRequest, PurchaseRow, Query,
    Refusal,
};

/// The order that is selected or shown.
fn chosen(state: &State) -> Option<&PurchaseRow> {
    match &state.page().body {
        Body::Purchases(table) => table.selected(),
        Body::Purchase(panel) => panel.data.as_ref().map(|detail| &detail.row),
        _ => None,
    }
}

fn shown(state: &State) -> Option<(&PurchaseDetail, Option<&PurchaseLine>)> {
    match &state.page().body {
        Body::Purchase(panel) => {
            panel.data.as_ref().map(|detail| (detail, detail.lines.get(panel.cursor)))
        }
        _ => None,
    }
}

/// Whether a command can do something to the order as it stands.
pub fn can(state: &State, id: Id) -> bool {
    let Some(row) = chosen(state) else { return false };
    let placed = row.own && row.number.is_some();
    match id {
        Id::Countersign => !row.unsigned.is_empty(),
        Id::Resend => row.unsent,
        Id::CancelOrder => {
            placed && row.state.is_open() && row.state != BuyingState::PartlyReceived
        }
        Id::CloseOrder => {
            (placed || row.transfer) && row.state.is_open() && row.state != BuyingState::Approved
        }
        // What comes when all has arrived is a surplus.
        Id::ReceiveLine => {
            row.number.is_some()
                && row.state != BuyingState::Cancelled
                && shown(state).is_some_and(|(_, line)| line.is_some())
        }
        Id::ReceiveAll => {
            let line = |line: &PurchaseLine| to_come(line).is_positive();
            row.number.is_some()
                && row.state.is_open()
                && shown(state).is_some_and(|(detail, _)| detail.lines.iter().any(line))
        }
        Id::DryRun => row.own,
        _ => true,
    }
}

/// The order, if a command can do something to it; else a sentence that says why not.
fn meant(state: &State, id: Id, why_not: &str) -> Result<PurchaseRow, String> {
    if state.page().table().is_some_and(|table| table.marked() > 0) {
        return Err("This takes one order at a time; Esc takes the marks off.".into());
    }
    let row = chosen(state).ok_or("Select an order first.")?;
    match can(state, id) {
        true => Ok(row.clone()),
        false => Err(format!("{} is {}: {why_not}", named(row), row.state.word())),
    }
}

/// `£ 1,234.50 and € 20.00, and 2 lines of unknown cost`.
fn worth(total: &Total, glyphs: &Glyphs) -> String {
    let mut parts: Vec<String> =
        total.known.iter().map(|money| words::price(*money, glyphs)).collect();
    if total.unknown > 0 {
        let lines = words::plural(total.unknown.into(), "line", "lines");
        parts.push(format!("{lines} of unknown cost"));
    }
    if parts.is_empty() { "nothing".into() } else { parts.join(" and ") }
}

/// `PO-000012 to HARG for LEEDS (3 lines, 480 units, £ 2,940.00)`.
fn what(row: &PurchaseRow, state: &State) -> String {
    let order = match &row.number {
        Some(number) if row.transfer => format!("{number} from {} to {}", row.supplier, row.site),
        Some(number) => format!("{number} to {} for {}", row.supplier, row.site),
        None => named(row),
    };
    format!(
        "{order} ({}, {} units, {})",
        words::plural(row.lines.into(), "line", "lines"),
        words::qty(row.units),
        worth(&row.total, state.theme.glyphs())
    )
}

fn entries(of: &[u64]) -> String {
    let list = of.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    if of.len() == 1 { format!("entry {list}") } else { format!("entries {list}") }
}

fn ask(state: &mut State, sentence: String, decisions: Vec<Decision>, done: &'static str) {
    let saw = chosen(state).map(|row| Target::from(row).saw).unwrap_or_default();
    let one = |decision| Action::Decide { decision, saw: saw.clone() };
    let actions = decisions.into_iter().map(one).collect();
    push(state, Layer::Confirm(Confirm { sentence, actions, done }));
}

/// Asks before the second person's approval of all lines that want one; what is much is typed.
pub fn countersign(state: &mut State) -> Result<(), String> {
    let row = meant(state, Id::Countersign, "nothing of it waits for a second person.")?;
    let (signed, lines) = (row.unsigned.len(), row.lines as usize);
    let part = match signed == lines {
        true => String::new(),
        false => format!("{signed} of the {lines} lines of "),
    };
    let sentence = format!(
        "Approve as the second person: {part}{}, {}.",
        what(&row, state),
        entries(&row.unsigned)
    );
    if reorders::is_much(signed, (&row.total.known, row.total.unknown as usize)) {
        let typed = words::count(signed as u64);
        let saw = Target::from(&row).saw;
        let kind = Kind::SignMany { entries: row.unsigned, sentence, typed };
        push(state, Layer::Form(forms::form(Intent { kind, saw }, None, None)));
    } else {
        ask(state, sentence, signatures(&row.unsigned), "Signed");
    }
    Ok(())
}

fn signatures(of: &[u64]) -> Vec<Decision> {
    let sign = |entry: &u64| Decision::Countersign { entry: *entry, sku: Sku::new("") };
    of.iter().map(sign).collect()
}

/// Asks before an order that no target took is sent again.
pub fn resend(state: &mut State) -> Result<(), String> {
    let row = meant(state, Id::Resend, "it waits for no second sending.")?;
    let Some(po) = row.number.clone() else { return Ok(()) };
    let telling = if row.state == BuyingState::Cancelled { "the cancellation of " } else { "" };
    let sentence = format!(
        "Send {telling}{} again, under the same key: a supplier who has it already counts it once.",
        what(&row, state)
    );
    ask(state, sentence, vec![Decision::Resend { po }], "To be sent again");
    Ok(())
}

/// Asks before all lines of a draft are taken back; `None`: the selected order is no draft.
pub fn take_back(state: &mut State) -> Option<()> {
    let row = chosen(state).filter(|row| !row.approvals.is_empty())?.clone();
    let one = shown(state).and_then(|(_, line)| line?.approved.as_ref().map(|(entry, _)| *entry));
    let taken = one.map_or_else(|| row.approvals.clone(), |entry| vec![entry]);
    let of = if one.is_some() { "the selected line of the " } else { "all of the " };
    let sentence = format!("Take back {of}{}: {}.", what(&row, state), entries(&taken));
    let actions = match taken.as_slice() {
        [entry] => vec![Action::Undo(Some(*entry))],
        _ => vec![Action::UndoAll(taken)],
    };
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "Undone" }));
    Some(())
}

/// Opens the form to call an order off, or to close it.
pub fn end(state: &mut State, id: Id) -> Result<(), String> {
    let cancels = id == Id::CancelOrder;
    let why_not = match cancels {
        true => "cancelled only before anything arrives.",
        false => "closed only once it was sent, and while it is open.",
    };
    let row = meant(state, id, why_not)?;
    let Some(po) = row.number.clone() else { return Ok(()) };
    let left = words::qty((row.units - row.arrived).at_least_zero());
    let what = match cancels {
        true => format!("Cancel {}; the supplier is told", what(&row, state)),
        false if row.transfer => {
            format!("Close {}; {left} units are lost in transit, written off", what(&row, state))
        }
        false => format!("Close {}; {left} units will not come", what(&row, state)),
    };
    let kind = Kind::EndOrder { po, cancels, what };
    let intent = Intent { kind, saw: Target::from(&row).saw };
    push(state, Layer::Form(forms::form(intent, None, None)));
    Ok(())
}

/// Opens the form to take in goods of the selected line; where nothing more is to come of it, a
/// surplus.
pub fn receive(state: &mut State) -> Result<(), String> {
    let row = meant(state, Id::ReceiveLine, "nothing is received by it.")?;
    let line = shown(state).and_then(|(_, line)| line).ok_or("Select a line first.")?;
    let open = if row.state.is_open() { to_come(line) } else { Qty::ZERO };
    let Some(po) = row.number.clone() else { return Ok(()) };
    let kind = Kind::ReceiveLine { po, sku: line.sku.clone(), site: row.site.clone(), open };
    let saw = state.target().unwrap_or_default().saw;
    push(state, Layer::Form(forms::form(Intent { kind, saw }, None, None)));
    Ok(())
}

/// Asks before all that is still to come is taken in.
pub fn receive_all(state: &mut State) -> Result<(), String> {
    let row = meant(state, Id::ReceiveAll, "nothing more is to come by it.")?;
    let Some((detail, _)) = shown(state) else { return Ok(()) };
    let lines = detail.lines.iter().filter(|line| to_come(line).is_positive());
    let decisions: Vec<Decision> = lines
        .map(|line| Decision::Receive {
            po: row.number.clone(),
            sku: line.sku.clone(),
            site: row.site.clone(),
            qty: to_come(line),
            surplus: false,
            reason: None,
        })
        .collect();
    let units: Qty = detail.lines.iter().map(to_come).sum();
    let lines = words::plural(decisions.len() as u64, "line", "lines");
    let sentence = format!(
        "Receive all that is to come by {}: {lines}, {} units.",
        named(&row),
        words::qty(units)
    );
    ask(state, sentence, decisions, "Received");
    Ok(())
}

/// The fields of these forms.
pub fn fields(kind: &Kind) -> Vec<Field> {
    let field = |name, text: &str, hint| Field { name, line: LineEdit::with(text), hint };
    match kind {
        Kind::SignMany { .. } => {
            vec![field("lines", "", "how many lines it is, to say that it is meant")]
        }
        Kind::ReceiveLine { open, .. } if open.is_zero() => vec![
            field("arrived", "", "units beyond all that was to come, damaged ones included"),
            field("damaged", "0", "of these, what is damaged and comes off again"),
            field("reason", "", "why they are kept; kept in the journal"),
        ],
        Kind::ReceiveLine { open, .. } => vec![
            field("arrived", &open.to_string(), "units that came in, damaged ones included"),
            field("damaged", "0", "of these, what is damaged and comes off again"),
            field("reason", "", "why, where it is damaged or more than was to come"),
        ],
        _ => vec![field("reason", "", "why; kept in the journal")],
    }
}

type Checked = Result<(String, Vec<Action>), (usize, String)>;

/// What such a form would record; or the field that is wrong and why.
pub fn check(form: &Form) -> Checked {
    let text = |at: usize| form.fields.get(at).map_or("", |field| field.line.text().trim());
    let one = |decision| Action::Decide { decision, saw: form.intent.saw.clone() };
    match &form.intent.kind {
        Kind::SignMany { entries, sentence, typed } => {
            if text(0).replace(',', "") != typed.replace(',', "") {
                return Err((0, format!("Write {typed}, the number of lines, to sign them.")));
            }
            Ok((sentence.clone(), signatures(entries).into_iter().map(one).collect()))
        }
        Kind::EndOrder { po, cancels, what } => {
            let reason = match text(0) {
                "" => return Err((0, "Give the reason.".into())),
                reason => reason.to_owned(),
            };
            let sentence = format!("{what}: {reason}.");
            let po = po.clone();
            let decision = match cancels {
                true => Decision::CancelOrder { po, reason },
                false => Decision::CloseOrder { po, reason },
            };
            Ok((sentence, vec![one(decision)]))
        }
        Kind::ReceiveLine { po, sku, site, open } => {
            let arrived = Qty::parse(text(0)).filter(|qty| qty.is_positive());
            let arrived = arrived.ok_or((0, "Give the units that came in, such as 48.".into()))?;
            let damaged = match text(1) {
                "" => Some(Qty::ZERO),
                typed => Qty::parse(typed).filter(|qty| !qty.is_negative() && *qty <= arrived),
            };
            let damaged =
                damaged.ok_or((1, format!("Of {arrived}, from 0 to all are damaged.")))?;
            let reason = Some(text(2)).filter(|reason| !reason.is_empty()).map(str::to_owned);
            if reason.is_none() && arrived > *open {
                return Err((2, "Say why more is taken in than was to come.".into()));
            }
            if damaged.is_positive() && reason.is_none() {
                return Err((2, "Say what is damaged.".into()));
            }
            Ok(received((po, sku, site), (*open, arrived, damaged), reason, &form.intent.saw))
        }
        _ => Err((0, "This form decides nothing about purchase orders.".into())),
    }
}

/// What receiving means: the goods, and a correction of what is damaged.
fn received(
    (po, sku, site): (&PoNumber, &Sku, &SiteId),
    (open, arrived, damaged): (Qty, Qty, Qty),
    reason: Option<String>,
    saw: &str,
) -> (String, Vec<Action>) {
    let surplus = arrived > open;
    let why = reason.clone().unwrap_or_default();
    let other = match open - arrived {
        _ if open.is_zero() => format!("a surplus, as nothing more is to come: {why}"),
        none if none.is_zero() => "all that is to come".to_owned(),
        over if over.is_negative() => {
            format!("a surplus of {} over what is to come: {why}", words::qty(-over))
        }
        short => format!("{} are still to come", words::qty(short)),
    };
    let mut sentence =
        format!("Receive {} × {sku} at {site} against {po}: {other}.", words::qty(arrived));
    let one = |decision| Action::Decide { decision, saw: saw.to_owned() };
    let (sku, site) = (sku.clone(), site.clone());
    let mut actions = vec![one(Decision::Receive {
        po: Some(po.clone()),
        sku: sku.clone(),
        site: site.clone(),
        qty: arrived,
        surplus,
        reason,
    })];
    if damaged.is_positive() {
        sentence.push_str(&format!(" {} are damaged and come off: {why}.", words::qty(damaged)));
        let (po, reason) = (Some(po.clone()), format!("damaged on {po}: {why}"));
        actions.push(one(Decision::Adjust { sku, site, delta: -damaged, po, reason }));
    }
    (sentence, actions)
}

/// Asks for the exact request that tells the supplier.
pub fn dry_run(state: &mut State) -> Result<Vec<Effect>, String> {
    let row = meant(state, Id::DryRun, "the store did not place it, so it sends nothing.")?;
    let query = match row.number {
        Some(number) => Query::PurchaseRequests(Some(number)),
        None => Query::DraftRequest(row.supplier, row.site),
    };
    Ok(vec![state.question(Asked::Requests, query)])
}

/// Asks what became of proposals.
pub fn conversion(state: &mut State) -> Vec<Effect> {
    vec![state.question(Asked::Conversion, Query::Conversion)]
}

/// Shows what was asked beside the table.
pub fn told(state: &mut State, answer: Result<Answer, Refusal>) {
    let why = match answer {
        Ok(Answer::Conversion(tally)) => converted(&tally, state.theme.glyphs()),
        Ok(Answer::PurchaseRequests(requests)) => {
            requested(&requests, &|at| words::stamp(at, state.now, &state.zone))
        }
        Ok(_) => return,
        Err(refusal) => return state.notify(Role::Bad, refusal.message),
    };
    push(state, Layer::Why(why));
}

fn requested(requests: &[PurchaseRequest], stamp: &dyn Fn(Timestamp) -> String) -> Why {
    let mut lines = Vec::new();
    for request in requests {
        let already = request.sent_already(|at| stamp(at).trim().to_owned());
        lines.extend(already.as_deref().map(note));
        lines.extend(request.text.lines().map(|line| WhyLine::Exact(line.into())));
    }
    if lines.is_empty() {
        lines.push(note("It is no draft any more: look at the order."));
    }
    let again = if requests.iter().any(|request| request.sent.is_some()) { " again" } else { "" };
    let title = format!("The exact request, as it would be sent{again} now; nothing is sent");
    Why { title, lines, top: 0 }
}

fn converted(tally: &Conversion, glyphs: &Glyphs) -> Why {
    let all = tally.decided();
    let share = |lines: u64| match all {
        0 => String::new(),
        all => format!("{:.0} % of the proposals decided", 100.0 * lines as f64 / all as f64),
    };
    let mut lines = vec![
        step("as proposed", words::count(tally.as_proposed), share(tally.as_proposed)),
        step("with edits", words::count(tally.edited), share(tally.edited)),
        step("rejected", words::count(tally.rejected), share(tally.rejected)),
        step("= decided", words::count(all), "lines approved or rejected"),
        step("put off", words::count(tally.snoozed), "to be decided another day"),
        step("by hand", words::count(tally.by_hand), "ordered without a proposal"),
        step("called off", words::count(tally.called_off), "approved, and counted nowhere above"),
    ];
    let sums = |what: &str, sums: &[Money], from: &str| {
        let some = sums.iter().filter(|sum| sum.minor != 0);
        some.map(|sum| step(what, words::value(*sum, glyphs), from)).collect::<Vec<_>>()
    };
    lines.extend(sums("edits added", &tally.edits_added, "to the cost of what was proposed"));
    lines.extend(sums("edits saved", &tally.edits_saved, "of the cost of what was proposed"));
    Why { title: "Why: from proposals to orders".into(), lines, top: 0 }
}

/// From a proposal to its supplier's orders for the site, or from an order to the proposals.
pub fn across(state: &mut State, id: Id) -> Result<Vec<Effect>, String> {
    let of = match &state.page().body {
        Body::Reorders(table) => table.selected().and_then(|row| {
            let planned = row.plan.proposal().map(|line| line.supplier.clone());
            Some((planned.or(row.stock.supplier.clone())?, row.stock.site.clone()))
        }),
        _ => chosen(state).map(|row| (row.supplier.clone(), row.site.clone())),
    };
    let (supplier, site) = of.ok_or("Select a line with a supplier first.")?;
    let place = if id == Id::TheirOrders { Place::Purchases } else { Place::Reorders };
    let filter = format!("supplier:\"{supplier}\" site:\"{site}\"");
    Ok(navigate::push(state, Goal { place, filter }))
}
