//! Which decisions about coordination are allowed.

use super::error::CoordinationError;
use crate::desk::buying::{BuyingError, may_approve, own, still_to_come};
use crate::desk::check::{check_site, check_sku, positive, words};
use crate::desk::{DeskError, DeskView};
use crate::domain::{
    Ask, BuyingState, Day, Decision, LineRequest, Measure, PoNumber, PoStatus, Position, Sku,
    TransferOrder,
};

/// How many days ahead goods can be wanted, or a proposal be put off.
const FARTHEST: i32 = 730;

/// Checks a request to a supplier and fills in which line it is about, how many are to come, and when.
pub(in crate::desk) fn check_ask(
    mut asked: LineRequest,
    user: &str,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    may_approve(user, view)?;
    let (po, sku, today) = (asked.po.clone(), asked.sku.clone(), view.today());
    if view.purchasing().order(&po).is_none() && view.purchase_order(&po).is_some() {
        return Err(CoordinationError::NotOwn { po }.into());
    }
    let order = own(&po, view)?;
    if still_to_come(order, asked.ask.word(), view)? == BuyingState::Approved {
        return Err(CoordinationError::NotSent { po }.into());
    }
    let line = order.lines.iter().position(|line| line.sku == sku);
    let line = line.ok_or_else(|| BuyingError::NotOnOrder { sku: sku.clone(), po: po.clone() })?;
    let arrived = view.arrived(&po, &sku);
    asked.qty = (order.expected(&sku) - arrived).at_least_zero();
    asked.line = u32::try_from(line).unwrap_or(u32::MAX).saturating_add(1);
    asked.due = due_of(&po, &sku, view);
    if asked.qty.is_zero() {
        return Err(CoordinationError::NothingToCome { po, sku }.into());
    }
    let last = view.purchasing().coordination().asked(&po, &sku);
    if let Some(last) = last.filter(|last| last.answer.is_none()) {
        let entry = last.by.entry;
        return Err(CoordinationError::AskedAlready { po, sku, entry }.into());
    }
    let latest = today.plus(FARTHEST);
    match (asked.ask, asked.due) {
        (Ask::Cancel, _) if arrived.is_positive() => {
            return Err(CoordinationError::HasCome { po, sku }.into());
        }
        (Ask::Expedite { by }, Some(due)) if by < today || (by >= due && due >= today) => {
            return Err(CoordinationError::NotSooner { po, sku, due, today }.into());
        }
        (Ask::Expedite { by }, None) if by < today => {
            return Err(CoordinationError::DuePast { due: by, today }.into());
        }
        (Ask::Defer { until }, due) if until > latest || until <= due.unwrap_or(today) => {
            let due = due.unwrap_or(today);
            return Err(CoordinationError::NotLater { po, sku, due, latest }.into());
        }
        _ => {}
    }
    asked.reason = words("reason", &asked.reason)?;
    Ok(Decision::AskSupplier(asked))
}

/// When a line of an own order is due, as far as is known: as answered to a request, as confirmed, as ordered.
fn due_of(po: &PoNumber, sku: &Sku, view: &dyn DeskView) -> Option<Day> {
    let purchasing = view.purchasing();
    let order = purchasing.order(po)?;
    let confirmed = order.confirmed.as_ref();
    let line = confirmed.and_then(|all| all.lines.iter().find(|line| line.sku == *sku)?.due);
    let answered = purchasing.coordination().due_of(po, sku);
    answered.or(line).or_else(|| confirmed?.due).or_else(|| view.due_of(po)).or(order.due)
}

/// Checks a transfer between own sites: never more than there is, nor than leaves the giving site safe.
pub(in crate::desk) fn check_transfer(
    mut order: TransferOrder,
    user: &str,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    may_approve(user, view)?;
    check_sku(&order.sku, view)?;
    check_site(&order.from, view)?;
    check_site(&order.to, view)?;
    if order.from == order.to {
        return Err(DeskError::SameSite { site: order.from });
    }
    positive(order.qty, "transferred")?;
    let today = view.today();
    if order.due < today {
        return Err(CoordinationError::DuePast { due: order.due, today }.into());
    }
    let (sku, from, wanted) = (order.sku.clone(), order.from.clone(), order.qty);
    let standing = view.purchasing().coordination();
    let same = |one: &&super::OwnTransfer| {
        let of = &one.order;
        one.is_to_leave() && (&of.sku, &of.from, &of.to) == (&sku, &from, &order.to)
    };
    if let Some(one) = standing.transfers().find(same) {
        let (to, entry) = (order.to, one.by.entry);
        return Err(CoordinationError::AcceptedAlready { sku, from, to, entry }.into());
    }
    let position = view.position(&sku, &from);
    let available = position.as_ref().and_then(Position::available);
    let Some(available) = available else {
        return Err(CoordinationError::UnknownStock { sku, from }.into());
    };
    let free = (available - standing.reserved(&sku, &from)).at_least_zero();
    if wanted > free {
        return Err(CoordinationError::NotFree { sku, from, wanted, free }.into());
    }
    if let Some(spare) = view.spare(&sku, &from).filter(|spare| wanted > *spare) {
        return Err(CoordinationError::Unsafe { sku, from, wanted, spare }.into());
    }
    order.cost = view.transfer_cost(wanted).or(order.cost);
    order.reason = words("reason", &order.reason)?;
    Ok(Decision::SendTransfer(order))
}

/// Checks closing a transfer that has left: what has not come is written off, which the reason says.
pub(in crate::desk) fn check_close(
    po: PoNumber,
    reason: &str,
    user: &str,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    may_approve(user, view)?;
    let reason = words("reason", reason)?;
    let transfer = view.purchasing().coordination().transfer_of(&po);
    let order = view.purchase_order(&po).zip(transfer);
    let lost = order.as_ref().map(|(order, one)| (view.to_come(order, &one.order.sku), *one));
    let Some((lost, one)) = lost.filter(|(lost, _)| lost.is_positive()) else {
        let closed = order.is_some_and(|(order, _)| order.status == PoStatus::Closed);
        let state = if closed { BuyingState::Closed } else { BuyingState::Received };
        return Err(BuyingError::Over { po, state: state.word(), verb: "close" }.into());
    };
    let TransferOrder { sku, from, .. } = &one.order;
    let left = one.left.as_ref().map_or(lost, |(_, _, qty)| *qty);
    let reason =
        format!("{lost} of {left} × {sku} from {from} lost in transit, written off: {reason}");
    Ok(Decision::CloseOrder { po, reason })
}

/// Checks turning a proposal down or putting it off.
pub(in crate::desk) fn check_turn_down(
    mut measure: Measure,
    until: Option<Day>,
    reason: Option<String>,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    check_sku(measure.sku(), view)?;
    let reason = reason.map(|reason| words("reason", &reason)).transpose()?;
    let (today, latest) = (view.today(), view.today().plus(FARTHEST));
    match until {
        Some(day) if day <= today || day > latest => {
            return Err(CoordinationError::NotAhead { day, today, latest }.into());
        }
        None if reason.is_none() => return Err(CoordinationError::NoDay.into()),
        _ => {}
    }
    let (Measure::Line(LineRequest { reason: why, .. })
    | Measure::Transfer(TransferOrder { reason: why, .. })) = &mut measure;
    *why = crate::domain::text::clean(why);
    Ok(Decision::TurnDown { measure, until, reason })
}

/// What takes such a decision back.
pub(in crate::desk) fn inverse(
    entry: u64,
    sku: &Sku,
    user: &str,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    let standing = view.purchasing().coordination();
    let whose = if let Some(request) = standing.request(entry) {
        // From the end of its grace period on it may be on its way.
        let is_over = view.now().since(request.by.at) >= view.rules().grace;
        let on_its_way = is_over && request.failed.is_none() && !request.withdrawn;
        if request.sent.is_some() || request.answer.is_some() || on_its_way {
            return Err(CoordinationError::Told { entry }.into());
        }
        Some((&request.by, request.withdrawn))
    } else if let Some(transfer) = standing.transfer(entry) {
        if let Some((_, number, _)) = &transfer.left {
            return Err(CoordinationError::Left { number: number.clone() }.into());
        }
        Some((&transfer.by, transfer.withdrawn))
    } else {
        standing.turned_down(entry).map(|turned| (&turned.by, turned.withdrawn))
    };
    let Some((by, false)) = whose else {
        return Err(CoordinationError::Overtaken { entry }.into());
    };
    if *by.who != *user {
        may_approve(user, view)?;
    }
    Ok(Decision::Withdraw { entry, sku: sku.clone() })
}
