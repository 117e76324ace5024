//! The journalled inverse of a decision.

use super::allocating::{self, AllocatingError};
use super::buying::{self, BuyingError};
use super::check::check_model;
use super::{DeskError, DeskView, Marks, coordinate, overrides, triage};
use crate::domain::{Allocation, Approval, Decision, Entry, Qty, StockSource, Told, text};

/// Makes the decision that undoes an entry, and the number of the entry that it undoes.
///
/// `target`: which entry; `None`: this user's last decision that still stands and is no undo
/// itself, so that undoing again goes further back; but not past what a supplier was told, which has no
/// inverse, as what is older is hardly what was meant. What somebody else decided is only undone by
/// its number. Undoing an undo brings the decision back, except for counts, which have to be
/// counted again. `entry` looks an entry up by its number.
pub fn undo(
    target: Option<u64>,
    user: &str,
    entry: &dyn Fn(u64) -> Option<Entry>,
    marks: &Marks,
    view: &dyn DeskView,
) -> Result<(Decision, u64), DeskError> {
    let nothing = || DeskError::NothingToUndo { user: text::clean(user) };
    let seq = target.or_else(|| marks.last_standing(user)).ok_or_else(nothing)?;
    let undone = entry(seq).ok_or(DeskError::NoSuchEntry { seq })?;
    if let Some(by) = marks.undone_by(seq) {
        return Err(DeskError::UndoneAlready { seq, by });
    }
    if let Some(earlier) = marks.undoes(seq) {
        let original = marks.original(seq);
        if earlier != original {
            return Err(DeskError::BroughtBack { seq, original });
        }
        if marks.undone_by(earlier) != Some(seq) {
            return Err(DeskError::Overtaken { seq, what: "its decision stands again" });
        }
    }
    Ok((inverse(&undone, user, entry, marks, view)?, seq))
}

fn inverse(
    undone: &Entry,
    user: &str,
    entry: &dyn Fn(u64) -> Option<Entry>,
    marks: &Marks,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    let seq = undone.seq;
    let why = |reason: &str| again(seq, reason);
    Ok(match &undone.decision {
        Decision::Reveal { .. } => {
            return Err(DeskError::Final { seq, why: "what was read cannot be unread" });
        }
        Decision::Forget { .. } => {
            return Err(DeskError::Final { seq, why: "the key was destroyed for good" });
        }
        Decision::Note { .. } => Decision::Retract { seq },
        Decision::Retract { seq: note } => match entry(*note).map(|note| note.decision) {
            Some(note @ Decision::Note { .. }) => note,
            _ => return Err(DeskError::NoSuchEntry { seq: *note }),
        },
        Decision::Pin { subject, on } => {
            if marks.is_pinned(subject) != *on {
                return Err(DeskError::Overtaken { seq, what: "the pin was changed after it" });
            }
            Decision::Pin { subject: subject.clone(), on: !on }
        }
        Decision::Acknowledge { subject, on } => {
            if marks.acknowledged(subject).is_some() != *on {
                let what = "the acknowledgement was changed after it";
                return Err(DeskError::Overtaken { seq, what });
            }
            Decision::Acknowledge { subject: subject.clone(), on: !on }
        }
        Decision::Receive { po, sku, site, qty, surplus, reason } => Decision::Receive {
            po: po.clone(),
            sku: sku.clone(),
            site: site.clone(),
            qty: -*qty,
            surplus: *surplus,
            reason: reason.as_deref().map(why),
        },
        Decision::Adjust { sku, site, delta, po, reason } => Decision::Adjust {
            sku: sku.clone(),
            site: site.clone(),
            delta: -*delta,
            po: po.clone(),
            reason: why(reason),
        },
        Decision::Transfer { sku, from, to, qty, reason } => Decision::Transfer {
            sku: sku.clone(),
            from: to.clone(),
            to: from.clone(),
            qty: *qty,
            reason: why(reason),
        },
        Decision::Count { sku, site, counted, before, .. } => {
            let report = view.position(sku, site).and_then(|position| position.report);
            let stands = report.is_some_and(|(qty, _, as_of, source): (Qty, _, _, _)| {
                source == StockSource::Count && as_of == undone.at && qty == *counted
            });
            if !stands {
                return Err(DeskError::Overtaken { seq, what: "a newer figure has replaced it" });
            }
            Decision::Uncount { sku: sku.clone(), site: site.clone(), before: before.clone() }
        }
        Decision::Override { .. } => overrides::inverse_of_new(seq, view)?,
        Decision::EndOverride { over, from, before, .. } => {
            overrides::inverse_of_end(seq, *over, (*from, *before), view)?
        }
        Decision::UseModel { version, before } => {
            if view.model_in_use().as_ref() != Ok(version) {
                let what = "another model was taken into use after it";
                return Err(DeskError::Overtaken { seq, what });
            }
            check_model(before.clone(), view)?
        }
        Decision::Uncount { .. } => return Err(DeskError::CountAgain { seq }),
        Decision::Approve(Approval { sku, .. })
        | Decision::Reject { sku, .. }
        | Decision::Snooze { sku, .. }
        | Decision::Countersign { sku, .. } => buying::inverse(seq, sku, user, view)?,
        decision @ (Decision::AskSupplier(_)
        | Decision::SendTransfer(_)
        | Decision::TurnDown { .. }) => {
            let sku = match decision {
                Decision::AskSupplier(line) => &line.sku,
                Decision::SendTransfer(order) => &order.sku,
                Decision::TurnDown { measure, .. } => measure.sku(),
                _ => return Err(DeskError::NoSuchEntry { seq }),
            };
            coordinate::inverse(seq, sku, user, view)?
        }
        Decision::Dispatch { .. } => {
            return Err(DeskError::Final { seq, why: "the goods have left" });
        }
        Decision::Withdraw { .. } => return Err(BuyingError::DecideAnew { entry: seq }.into()),
        decision @ (Decision::Flag { .. }
        | Decision::Unflag { .. }
        | Decision::Mute { .. }
        | Decision::EndMute { .. }
        | Decision::SwitchRule { .. }
        | Decision::SetThreshold { .. }
        | Decision::UseFlagModel { .. }) => triage::inverse(seq, decision, marks, view)?,
        Decision::TellShop { .. } => {
            return Err(DeskError::Final { seq, why: "the shop was told" });
        }
        Decision::Allocate(Allocation { order, .. }) | Decision::HoldForStock { order, .. } => {
            allocating::inverse(seq, order, view)?
        }
        Decision::Unallocate { .. } => {
            return Err(AllocatingError::DecideAnew { entry: seq }.into());
        }
        Decision::TellShipping { .. } => {
            return Err(DeskError::Final { seq, why: "the shop knows of it" });
        }
        Decision::Tell { told: Told::Confirmed { .. }, .. } => {
            let why = "note anew what the supplier confirms, which takes its place";
            return Err(DeskError::Final { seq, why });
        }
        Decision::Place { .. }
        | Decision::Tell { .. }
        | Decision::Resend { .. }
        | Decision::CancelOrder { .. }
        | Decision::CloseOrder { .. } => {
            return Err(DeskError::Final { seq, why: "the supplier may know of it" });
        }
    })
}

/// The reason of an inverse; that of an inverse's inverse does not grow.
fn again(seq: u64, reason: &str) -> String {
    let first = reason.strip_prefix("undo of ").and_then(|rest| rest.split_once(": "));
    let reason = first.map_or(reason, |(_, first)| first);
    text::clean(&format!("undo of {seq}: {reason}"))
}
