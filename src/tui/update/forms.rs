//! Forms for decisions: their fields, and what they would record.

use super::super::layers::{Form, LineEdit, Stage};
use super::super::theme::Glyphs;
use super::allocation::{self, Way};
use super::triage::CaseForm;
use super::{coordination, overrides, privacy, purchases, reorders, triage};
use crate::domain::{
    Allocation, Approval, Day, Decision, Measure, Money, OrderKey, PoNumber, Qty, SiteId, Sku,
    Subject, Whose,
};
use crate::engine::api::Action;
use serde::{Deserialize, Serialize};

/// One field of a form.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What is typed.
    pub line: LineEdit,
    /// What belongs there.
    pub hint: &'static str,
}

/// What a form decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    /// A note on these, and what the person saw of each.
    Note(Vec<(Subject, String)>),
    /// Goods came in.
    Receive,
    /// The shelf was counted.
    Count,
    /// Stock is corrected.
    Adjust,
    /// Stock is moved.
    Transfer,
    /// What is known is read.
    Reveal(Whose),
    /// What is known is forgotten.
    Forget(Whose),
    /// Many proposals are approved: the lines with what was seen of each, what that means, and what is
    /// to be typed for it.
    ApproveMany {
        /// The lines.
        lines: Vec<(Approval, String)>,
        /// What approving them means.
        sentence: String,
        /// What is to be typed.
        typed: String,
    },
    /// A proposal is approved with changes.
    EditOrder {
        /// The line as proposed.
        line: Box<Approval>,
        /// What its order lacks to the supplier's minimum with that, less than nothing where it reaches more.
        lacks: Option<Money>,
        /// Whether that is far more than is needed.
        far_more: bool,
    },
    /// Proposals are turned down, as of this day.
    RejectOrder(Vec<(Approval, String)>, Day),
    /// Proposals are put off, as of this day.
    SnoozeOrder(Vec<(Approval, String)>, Day),
    /// Proposals about inbound goods and transfers are turned down.
    TurnDown(Vec<(Measure, String)>),
    /// They are put off, as of this day.
    PutOff(Vec<(Measure, String)>, Day),
    /// A large draft is approved as the second person: the journal entries that want it, what that
    /// means, and what is to be typed for it.
    SignMany {
        /// The entries.
        entries: Vec<u64>,
        /// What signing them means.
        sentence: String,
        /// What is to be typed.
        typed: String,
    },
    /// An order is called off or closed, and what that means.
    EndOrder {
        /// Which.
        po: PoNumber,
        /// Whether it is called off.
        cancels: bool,
        /// What that means.
        what: String,
    },
    /// Goods of a line of an order came in.
    ReceiveLine {
        /// Which order.
        po: PoNumber,
        /// What.
        sku: Sku,
        /// Where.
        site: SiteId,
        /// How many are to come; none: what comes is a surplus.
        open: Qty,
    },
    /// An order ships one of several ways.
    PickShip {
        /// The order.
        order: OrderKey,
        /// The site that it has.
        home: SiteId,
        /// The ways.
        ways: Vec<Way>,
    },
    /// Many orders ship as proposed: the decisions with what was seen of each, and what that means.
    ShipMany {
        /// The decisions.
        chosen: Vec<(Allocation, String)>,
        /// What taking them means.
        sentence: String,
    },
    /// Orders wait for stock, as of this day.
    HoldForStock(Vec<(OrderKey, String)>, Day),
    /// A forecast is overridden, from this day on unless another one is given.
    Override(Day),
    /// Something is decided about cases.
    Case(Box<CaseForm>),
}

/// What a form decides and what the person saw when opening it.
#[derive(Clone, Debug)]
pub struct Intent {
    /// What.
    pub kind: Kind,
    /// What the row showed.
    pub saw: String,
}

impl Intent {
    /// The form's head.
    pub fn title(&self) -> String {
        match &self.kind {
            Kind::Note(subjects) => match subjects.as_slice() {
                [(one, _)] => format!("Note on {one}"),
                many => format!("Note on {} things", many.len()),
            },
            Kind::Receive => "Receive goods".into(),
            Kind::Count => "Count the shelf".into(),
            Kind::Adjust => "Adjust stock".into(),
            Kind::Transfer => "Transfer stock".into(),
            Kind::Reveal(whose) => format!("Reveal {whose}"),
            Kind::Forget(whose) => format!("Forget {whose} for good"),
            Kind::Override(_) => "Override the forecast".into(),
            Kind::Case(form) => form.title(),
            Kind::ApproveMany { lines, .. } => match lines.as_slice() {
                [(line, _)] => format!("Order {} × {} for {}", line.qty, line.sku, line.site),
                many => format!("Order {} lines", many.len()),
            },
            Kind::PickShip { order, .. } => format!("Ship order {order}"),
            Kind::ShipMany { chosen, .. } => format!("Ship {} orders", chosen.len()),
            Kind::HoldForStock(orders, _) => match orders.as_slice() {
                [(one, _)] => format!("Hold order {one} for stock"),
                many => format!("Hold {} orders for stock", many.len()),
            },
            Kind::SignMany { .. } => "Approve as the second person".into(),
            Kind::EditOrder { line, .. } => format!("Order {} for {}", line.sku, line.site),
            Kind::EndOrder { what, .. } => what.clone(),
            Kind::ReceiveLine { po, sku, open, .. } if open.is_zero() => {
                format!("Receive a surplus of {sku} against {po}: nothing more is to come")
            }
            Kind::ReceiveLine { po, sku, open, .. } => {
                format!("Receive {sku} against {po}: {open} are to come")
            }
            Kind::TurnDown(chosen) => coordination::title("Turn down", chosen),
            Kind::PutOff(chosen, _) => coordination::title("Put off", chosen),
            Kind::RejectOrder(lines, _) | Kind::SnoozeOrder(lines, _) => {
                let verb = match self.kind {
                    Kind::RejectOrder(..) => "Reject",
                    _ => "Put off",
                };
                match lines.as_slice() {
                    [(line, _)] => format!("{verb} {} × {} for {}", line.qty, line.sku, line.site),
                    many => format!("{verb} {} proposals", many.len()),
                }
            }
        }
    }
    /// What is to be read before anything is typed; a title is cut where the terminal is narrow.
    pub fn means(&self) -> Vec<String> {
        match &self.kind {
            Kind::ApproveMany { sentence, .. } | Kind::SignMany { sentence, .. } => {
                vec![sentence.clone()]
            }
            kind if self.is_about_shipping() => allocation::means(kind),
            _ => Vec::new(),
        }
    }
    /// What the notice says when it is recorded.
    pub fn done(&self) -> &'static str {
        match &self.kind {
            Kind::Case(form) => form.done(),
            Kind::Note(_) => "Noted",
            Kind::Receive | Kind::ReceiveLine { .. } => "Received",
            Kind::EndOrder { cancels: true, .. } => "Cancelled",
            Kind::EndOrder { cancels: false, .. } => "Closed",
            Kind::Count => "Counted",
            Kind::Adjust => "Adjusted",
            Kind::Transfer => "Transferred",
            Kind::Reveal(_) => "Revealed",
            Kind::Forget(_) => "Forgotten",
            Kind::Override(_) => "Overridden",
            Kind::ApproveMany { .. } | Kind::EditOrder { .. } => "Approved",
            Kind::SignMany { .. } => "Signed",
            Kind::PickShip { .. } | Kind::ShipMany { .. } => "Accepted",
            Kind::HoldForStock(..) => "Held",
            Kind::RejectOrder(..) => "Rejected",
            Kind::TurnDown(_) => "Turned down",
            Kind::SnoozeOrder(..) | Kind::PutOff(..) => "Put off",
        }
    }
    /// Whether its fields are filled in beforehand, so that Enter in any of them is enough.
    pub const fn is_filled_in(&self) -> bool {
        match self.kind {
            Kind::EditOrder { .. } | Kind::HoldForStock(..) => true,
            Kind::ReceiveLine { open, .. } => open.is_positive(),
            Kind::Case(_) => true,
            _ => false,
        }
    }
    /// Whether it decides about purchase orders.
    const fn is_about_purchases(&self) -> bool {
        matches!(
            self.kind,
            Kind::SignMany { .. } | Kind::EndOrder { .. } | Kind::ReceiveLine { .. }
        )
    }
    /// Whether it decides from where orders ship.
    const fn is_about_shipping(&self) -> bool {
        matches!(self.kind, Kind::PickShip { .. } | Kind::ShipMany { .. } | Kind::HoldForStock(..))
    }
    /// Whether it decides about proposals.
    const fn is_about_orders(&self) -> bool {
        matches!(
            self.kind,
            Kind::ApproveMany { .. }
                | Kind::EditOrder { .. }
                | Kind::RejectOrder(..)
                | Kind::SnoozeOrder(..)
        )
    }
}

/// A half-typed form as it is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormMemo {
    kind: Kind,
    saw: String,
    texts: Vec<String>,
    at: usize,
}

impl FormMemo {
    /// Of a form that has not been sent: what was sent is in the journal or was refused.
    pub fn of(form: &Form) -> Option<FormMemo> {
        (form.stage != Stage::Sent).then(|| FormMemo {
            kind: form.intent.kind.clone(),
            saw: form.intent.saw.clone(),
            texts: form.texts(),
            at: form.at,
        })
    }
    /// The form again, to go on with.
    pub fn form(self) -> Form {
        let mut form = form(Intent { kind: self.kind, saw: self.saw }, None, None);
        for (field, text) in form.fields.iter_mut().zip(&self.texts) {
            field.line.set(text);
        }
        form.at = self.at.min(form.fields.len().saturating_sub(1));
        form
    }
}

/// An empty form, SKU and site filled in where they are known.
pub fn form(intent: Intent, sku: Option<&Sku>, site: Option<&SiteId>) -> Form {
    let field = |name, text: &str, hint| Field { name, line: LineEdit::with(text), hint };
    let goods = |site_name, site_hint| {
        vec![
            field("SKU", sku.map_or("", Sku::as_str), "as in 85123A"),
            field(site_name, site.map_or("", SiteId::as_str), site_hint),
        ]
    };
    let reason = || field("reason", "", "why; kept in the journal");
    if let Kind::Case(about) = &intent.kind {
        let fields = about.fields();
        let at = fields.iter().position(|field| field.line.text().is_empty()).unwrap_or(0);
        return Form::of(intent, fields, at);
    }
    let placed = intent.is_about_purchases();
    if matches!(intent.kind, Kind::TurnDown(_) | Kind::PutOff(..)) {
        let fields = coordination::fields(&intent.kind);
        return Form::of(intent, fields, 0);
    }
    if placed || intent.is_about_orders() {
        let fields = match placed {
            true => purchases::fields(&intent.kind),
            false => reorders::fields(&intent.kind),
        };
        return Form::of(intent, fields, 0);
    }
    if intent.is_about_shipping() {
        let fields = allocation::fields(&intent.kind);
        return Form::of(intent, fields, 0);
    }
    let mut fields = match &intent.kind {
        Kind::Note(_) => vec![field("note", "", "what the next person should know")],
        Kind::Reveal(_) => vec![field("reason", "", "what for; kept in the journal")],
        Kind::Forget(_) => vec![
            field("reason", "", "at whose request; kept in the journal"),
            field("confirm", "", "the pseudonym or number, as it stands above"),
        ],
        Kind::Transfer => goods("from", "a site's code"),
        Kind::Override(_) => goods("site", "a site's code; empty: all its sites"),
        _ => goods("site", "a site's code"),
    };
    match intent.kind {
        Kind::Note(_)
        | Kind::Reveal(_)
        | Kind::Forget(_)
        | Kind::ApproveMany { .. }
        | Kind::EditOrder { .. }
        | Kind::RejectOrder(..)
        | Kind::SnoozeOrder(..)
        | Kind::TurnDown(_)
        | Kind::PutOff(..)
        | Kind::SignMany { .. }
        | Kind::EndOrder { .. }
        | Kind::PickShip { .. }
        | Kind::ShipMany { .. }
        | Kind::HoldForStock(..)
        | Kind::ReceiveLine { .. }
        | Kind::Case(_) => {}
        Kind::Override(first) => {
            fields.push(field("from", &first.to_string(), "the first day, as in 2026-11-27"));
            fields.push(field("to", "", "the last day, as in 2026-12-03"));
            fields.push(field(
                "expected",
                "",
                "+30 % on the model, or 120 units in the whole time",
            ));
            fields.push(reason());
        }
        Kind::Receive => {
            fields.push(field("quantity", "", "units that came in"));
            fields.push(field("order", "", "purchase order's number, may stay empty"));
        }
        Kind::Count => {
            fields.push(field("counted", "", "units on the shelf"));
            fields.push(reason());
        }
        Kind::Adjust => {
            fields.push(field("change", "", "+3 for more, -3 for less"));
            fields.push(reason());
        }
        Kind::Transfer => {
            fields.push(field("to", "", "the other site's code"));
            fields.push(field("quantity", "", "units to move"));
            fields.push(reason());
        }
    }
    let at = fields.iter().position(|field| field.line.text().is_empty()).unwrap_or(0);
    Form::of(intent, fields, at)
}

/// What the form would record, as a sentence and as actions; or the field that is wrong and why.
pub fn check(form: &Form, glyphs: &Glyphs) -> Result<(String, Vec<Action>), (usize, String)> {
    let saw = &form.intent.saw;
    let one = |decision| Action::Decide { decision, saw: saw.clone() };
    let text = |at: usize| form.fields.get(at).map_or("", |field| field.line.text().trim());
    let filled = |at: usize, what: &str| match text(at) {
        "" => Err((at, format!("Give {what}."))),
        text => Ok(text.to_owned()),
    };
    if let Kind::Note(subjects) = &form.intent.kind {
        let note = filled(0, "the note's text")?;
        let actions = subjects
            .iter()
            .map(|(subject, saw)| Action::Decide {
                decision: Decision::Note { subject: subject.clone(), text: note.clone() },
                saw: saw.clone(),
            })
            .collect();
        let on = match subjects.as_slice() {
            [(one, _)] => one.to_string(),
            many => format!("each of {} things", many.len()),
        };
        return Ok((format!("Note on {on}: “{note}”."), actions));
    }
    if let Kind::Reveal(whose) | Kind::Forget(whose) = &form.intent.kind {
        return privacy::check(form, whose, matches!(form.intent.kind, Kind::Forget(_)));
    }
    if form.intent.is_about_orders() {
        return reorders::check(form, glyphs);
    }
    if matches!(form.intent.kind, Kind::TurnDown(_) | Kind::PutOff(..)) {
        return coordination::check(form);
    }
    if form.intent.is_about_purchases() {
        return purchases::check(form);
    }
    if let Kind::Case(about) = &form.intent.kind {
        return triage::check(form, about);
    }
    if form.intent.is_about_shipping() {
        return allocation::check(form);
    }
    if let Kind::Override(_) = &form.intent.kind {
        return overrides::check(form);
    }
    let sku = Sku::new(filled(0, "a SKU")?);
    let site = match form.intent.kind {
        Kind::Transfer => SiteId::new(filled(1, "a site")?),
        // The desk fills in the only one.
        _ => SiteId::new(text(1)),
    };
    let place = if site.as_str().is_empty() { "the only site" } else { site.as_str() }.to_owned();
    let (sentence, decision) = match &form.intent.kind {
        Kind::Count => {
            let counted = number(2, text(2))?;
            if counted.is_negative() {
                return Err((2, "A shelf holds no less than nothing.".into()));
            }
            let reason = filled(3, "the reason")?;
            (
                format!("Set {sku} at {place} to {counted} units on hand: {reason}."),
                Decision::Count { sku, site, counted, reason, before: None },
            )
        }
        Kind::Adjust => {
            let delta = number(2, text(2))?;
            if delta.is_zero() {
                return Err((2, "A change of nothing changes nothing.".into()));
            }
            let reason = filled(3, "the reason")?;
            let (verb, by) = if delta.is_negative() { ("Lower", -delta) } else { ("Raise", delta) };
            (
                format!("{verb} {sku} at {place} by {by} units: {reason}."),
                Decision::Adjust { sku, site, delta, po: None, reason },
            )
        }
        Kind::Transfer => {
            let to = SiteId::new(filled(2, "the site it goes to")?);
            if to == site {
                return Err((2, format!("It is at {site} already; give another site.")));
            }
            let qty = more_than_nothing(3, text(3))?;
            let reason = filled(4, "the reason")?;
            (
                format!("Move {qty} units of {sku} from {site} to {to}: {reason}."),
                Decision::Transfer { sku, from: site, to, qty, reason },
            )
        }
        // Goods that came in; the others have been checked above.
        _ => {
            let qty = more_than_nothing(2, text(2))?;
            let po = Some(text(3)).filter(|po| !po.is_empty()).map(PoNumber::from);
            let against = po.as_ref().map(|po| format!(" against {po}")).unwrap_or_default();
            (
                format!("Receive {qty} units of {sku} at {place}{against}."),
                Decision::Receive { po, sku, site, qty, surplus: false, reason: None },
            )
        }
    };
    Ok((sentence, vec![one(decision)]))
}

fn number(at: usize, text: &str) -> Result<Qty, (usize, String)> {
    if text.is_empty() {
        return Err((at, "Give a quantity.".into()));
    }
    Qty::parse(text).ok_or_else(|| {
        (at, format!("`{text}` is no quantity; write it as in 12 or 2.5 (three decimals at most)."))
    })
}

fn more_than_nothing(at: usize, text: &str) -> Result<Qty, (usize, String)> {
    let qty = number(at, text)?;
    if qty.is_positive() { Ok(qty) } else { Err((at, "It must be more than nothing.".into())) }
}

#[cfg(test)]
mod tests {
    use super::super::super::term::Depth;
    use super::super::super::theme::Theme;
    use super::*;

    #[test]
    fn the_only_site_need_not_be_named() {
        let intent = Intent { kind: Kind::Adjust, saw: String::new() };
        let mut form = form(intent, Some(&Sku::new("MUG")), None);
        form.fields[2].line.set("-3");
        form.fields[3].line.set("broken");
        let theme = Theme::built_in("dark", Depth::True, true).unwrap();
        let (sentence, actions) = check(&form, theme.glyphs()).unwrap();
        assert_eq!(sentence, "Lower MUG at the only site by 3 units: broken.");
        let [Action::Decide { decision: Decision::Adjust { site, .. }, .. }] = actions.as_slice()
        else {
            panic!("{actions:?}")
        };
        assert_eq!(site.as_str(), "", "the desk fills it in");
    }
}
