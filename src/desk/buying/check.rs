//! Which decisions about buying are allowed.

use super::book::{Approved, Signature};
use super::error::{BuyingError, amount};
use super::order::OwnOrder;
use super::rules::{Powers, Rules};
use crate::desk::check::{check_site, check_sku, positive, words};
use crate::desk::{DeskError, DeskView, nearest};
use crate::domain::{
    Actor, Approval, BuyingState, Day, Decision, PoNumber, Qty, Sku, Suggestion, SupplierId, Told,
    Total, UnitPrice,
};

/// How many days ahead goods can be due, or a proposal be put off.
const FARTHEST: i32 = 730;
/// So many units are an edit of any proposal.
const FEW: Qty = Qty::units(100);
/// The number of the user who can become any other.
const ROOT: u32 = 0;

/// What is proposed now to be ordered of a SKU for a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentProposal {
    /// The proposal.
    pub suggestion: Suggestion,
    /// Cost of one unit at that quantity.
    pub cost: Option<UnitPrice>,
    /// The day on which what is there is expected to be used up without it; `None`: not within a year.
    pub runs_out: Option<Day>,
    /// Why it cannot be approved, with the mend, if so.
    pub blocked: Option<String>,
}

/// Checks an approval and fills in what was left out: the proposal that there is, supplier, cost.
pub(in crate::desk) fn check_approval(
    mut line: Approval,
    user: &str,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    check_sku(&line.sku, view)?;
    check_site(&line.site, view)?;
    if let Some(standing) = view.purchasing().standing(&line.sku, &line.site) {
        return Err(approved_already(standing).into());
    }
    let proposal = view.proposal(&line.sku, &line.site);
    compare(&mut line, proposal.as_ref())?;
    let (sku, site) = (line.sku.clone(), line.site.clone());
    if let Some(reason) = proposal.as_ref().and_then(|proposal| proposal.blocked.clone()) {
        return Err(BuyingError::Blocked { sku, site, reason }.into());
    }
    positive(line.qty, "ordered")?;
    check_slip(&line)?;
    let product = view.product(&sku);
    let supplier = (line.supplier.take())
        .or_else(|| line.suggested.as_ref()?.supplier.clone())
        .or_else(|| product?.supplier.clone())
        .ok_or(BuyingError::NoSupplier { sku })?;
    check_supplier(&supplier, view)?;
    if let Some(reason) = view.obstacle(&line.sku, &line.site, &supplier) {
        return Err(BuyingError::Blocked { sku: line.sku, site: line.site, reason }.into());
    }
    line.cost = checked_cost(&line, &supplier, proposal, view)?;
    let proposed = line.suggested.as_ref().and_then(|shown| shown.due);
    line.due = line.due.or(proposed).or_else(|| view.comes_by(&supplier));
    line.supplier = Some(supplier);
    if line.suggested.as_ref().is_none_or(|shown| shown.qty != line.qty) {
        whole_packs(&line.sku, line.qty, view)?;
    }
    if let Some(due) = line.due {
        check_due(due, view.today())?;
    }
    within_limits(&line, user, view)?;
    Ok(Decision::Approve(line))
}

/// Refuses a line whose proposal is another one than the one shown; takes over the proposal that
/// there is where none was named.
fn compare(line: &mut Approval, proposal: Option<&CurrentProposal>) -> Result<(), BuyingError> {
    let (sku, site) = (line.sku.clone(), line.site.clone());
    match (&line.suggested, proposal) {
        (Some(shown), Some(now)) if shown.checksum != now.suggestion.checksum => {
            let what = what_changed(shown, &now.suggestion);
            Err(BuyingError::ProposalChanged { sku, site, what })
        }
        (Some(_), None) => Err(BuyingError::ProposalGone { sku, site }),
        (Some(_), Some(now)) => {
            line.suggested = Some(now.suggestion.clone());
            Ok(())
        }
        (None, None) if line.qty.is_zero() => Err(BuyingError::NothingProposed { sku, site }),
        (None, None) => Ok(()),
        (None, Some(now)) => {
            if line.qty.is_zero() {
                line.qty = now.suggestion.qty;
            }
            line.suggested = Some(now.suggestion.clone());
            Ok(())
        }
    }
}

/// Refuses a quantity that is no edit of what is proposed, but a slip of the hand.
fn check_slip(line: &Approval) -> Result<(), BuyingError> {
    let Some(shown) = &line.suggested else { return Ok(()) };
    let most = Qty::milli(shown.qty.as_milli().saturating_mul(10)).max(FEW);
    if !shown.qty.is_positive() || line.qty <= most {
        return Ok(());
    }
    let (sku, site) = (line.sku.clone(), line.site.clone());
    Err(BuyingError::FarMoreThanProposed { sku, site, qty: line.qty, proposed: shown.qty })
}

fn what_changed(shown: &Suggestion, now: &Suggestion) -> String {
    let mut changes = Vec::new();
    if shown.qty != now.qty {
        changes.push(format!("{} is now {}", shown.qty, now.qty));
    }
    let name = |of: &Option<SupplierId>| of.as_ref().map_or("nobody".into(), |of| of.to_string());
    if shown.supplier != now.supplier {
        changes.push(format!("from {} is now from {}", name(&shown.supplier), name(&now.supplier)));
    }
    let day = |due: Option<Day>| due.map_or("no day".into(), |due| due.to_string());
    if shown.due != now.due {
        changes.push(format!("for {} is now for {}", day(shown.due), day(now.due)));
    }
    if changes.is_empty() { "its reasons are others".into() } else { changes.join(", ") }
}

fn approved_already(standing: &Approved) -> BuyingError {
    BuyingError::ApprovedAlready {
        who: standing.by.who.to_string(),
        sku: standing.line.sku.clone(),
        site: standing.line.site.clone(),
        qty: standing.line.qty,
        entry: standing.by.entry,
    }
}

/// Refuses a supplier that nobody knows.
pub fn check_supplier(supplier: &SupplierId, view: &dyn DeskView) -> Result<(), BuyingError> {
    let known = view.suppliers();
    if known.contains(supplier) {
        return Ok(());
    }
    let hint = nearest(supplier.as_str(), known.iter().map(SupplierId::as_str)).map(str::to_owned);
    let supplier = SupplierId::new(crate::domain::text::clean(supplier.as_str()));
    Err(BuyingError::UnknownSupplier { supplier, hint })
}

/// What a unit of the line costs as far as is known here: a cost that came with the line has to be the
/// same, since limits are held against it. One below nothing says nothing.
fn checked_cost(
    line: &Approval,
    supplier: &SupplierId,
    proposal: Option<CurrentProposal>,
    view: &dyn DeskView,
) -> Result<Option<UnitPrice>, BuyingError> {
    let proposed = proposal.filter(|one| one.suggestion.qty == line.qty);
    let known = match is_usual(supplier, &line.sku, view) {
        true => proposed.and_then(|one| one.cost).or_else(|| view.cost_of(&line.sku, line.qty)),
        false => None,
    };
    match line.cost {
        Some(given) if known != Some(given) => {
            Err(BuyingError::OtherCost { sku: line.sku.clone(), given, known })
        }
        _ => Ok(known.filter(|cost| cost.e4 >= 0)),
    }
}

/// Whether what is known of a SKU's cost is what this supplier asks. Where nobody is known to supply
/// it, the cost is taken for anybody's.
fn is_usual(supplier: &SupplierId, sku: &Sku, view: &dyn DeskView) -> bool {
    let usual = view.product(sku).and_then(|product| product.supplier.as_ref());
    usual.is_none_or(|usual| usual == supplier)
}

/// What was typed has to be what the supplier sells; a pack of 0 says nothing.
pub fn whole_packs(sku: &Sku, qty: Qty, view: &dyn DeskView) -> Result<(), BuyingError> {
    let Some(product) = view.product(sku) else { return Ok(()) };
    let sku = sku.clone();
    if let Some(moq) = product.moq.filter(|moq| qty < *moq) {
        return Err(BuyingError::BelowMoq { sku, qty, moq });
    }
    let pack = product.pack.map_or(0, Qty::as_milli);
    if pack <= 0 || qty.as_milli() % pack == 0 {
        return Ok(());
    }
    let near = Qty::milli((qty.as_milli() / pack + 1).saturating_mul(pack));
    Err(BuyingError::NoWholePacks { sku, qty, pack: Qty::milli(pack), near })
}

/// Refuses a day on which nobody can be asked to deliver.
pub fn check_due(due: Day, today: Day) -> Result<(), BuyingError> {
    let latest = today.plus(FARTHEST);
    if due < today {
        return Err(BuyingError::DuePast { due, today });
    }
    if due > latest { Err(BuyingError::TooFar { day: due, latest }) } else { Ok(()) }
}

/// The person's limits, for the order that the line becomes part of and for the day.
fn within_limits(line: &Approval, user: &str, view: &dyn DeskView) -> Result<(), BuyingError> {
    let Some(supplier) = &line.supplier else { return Ok(()) };
    let powers = may_approve(user, view)?;
    let draft = view.purchasing().draft_of(supplier, &line.site);
    let others: Vec<_> =
        draft.iter().flat_map(|draft| &draft.lines).map(|one| one.line.value()).collect();
    if let Some(cost) = line.cost
        && let Some(other) = others.iter().flatten().find(|one| one.currency != cost.currency)
    {
        let (sku, supplier) = (line.sku.clone(), supplier.clone());
        let (cost, other) = (cost.currency, other.currency);
        return Err(BuyingError::TwoCurrencies { sku, cost, supplier, other });
    }
    let today = view.start_of_today();
    let placed = view.purchasing().placed_since(today, supplier, &line.site);
    let mut order = draft.map_or(placed.clone(), |draft| draft.total_today(today));
    order.add(line.value());
    let what = || an_order(supplier, &placed);
    keep(powers.per_order, (" an order", &what), &order, (line, user))?;
    keep_day(powers, line, user, view)
}

/// The person's limit for a day, with what they approved today as the first person or the second.
fn keep_day(
    powers: Powers,
    line: &Approval,
    user: &str,
    view: &dyn DeskView,
) -> Result<(), BuyingError> {
    if powers.per_day.is_none() {
        return Ok(());
    }
    let mut day = view.purchasing().approved_by(user, view.start_of_today());
    day.add(line.value());
    let what = || format!("With it, what {user} approved today");
    keep(powers.per_day, (" a day", &what), &day, (line, user))
}

/// What is held against the limit of an order.
fn an_order(supplier: &SupplierId, placed: &Total) -> String {
    match placed == &Total::default() {
        true => format!("The order to {supplier}"),
        false => format!("With what was ordered of {supplier} today, it"),
    }
}

fn keep(
    limit: Option<crate::domain::Money>,
    (per, what): (&'static str, &dyn Fn() -> String),
    total: &Total,
    (line, user): (&Approval, &str),
) -> Result<(), BuyingError> {
    let Some(limit) = limit else { return Ok(()) };
    let (sku, user) = (line.sku.clone(), crate::domain::text::clean(user));
    if total.unknown > 0 {
        return Err(BuyingError::UnknownCost { sku, user });
    }
    if let Some(other) = total.known.iter().find(|known| known.currency != limit.currency) {
        let (cost, limit) = (other.currency, limit.currency);
        return Err(BuyingError::OtherCurrency { sku, cost, user, limit });
    }
    if total.known.iter().all(|known| known.minor <= limit.minor) {
        return Ok(());
    }
    let (what, limit) = (what(), amount(limit));
    Err(BuyingError::OverLimit { what, total: total.clone(), user, limit, per })
}

pub(in crate::desk) fn may_approve(user: &str, view: &dyn DeskView) -> Result<Powers, BuyingError> {
    let powers = view.rules().of(user);
    let refused = || BuyingError::NotAllowed { user: crate::domain::text::clean(user) };
    powers.may_approve.then_some(powers).ok_or_else(refused)
}

/// Checks a rejection or a snooze.
pub(in crate::desk) fn check_quiet(
    mut decision: Decision,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    let (sku, site) = match &decision {
        Decision::Reject { sku, site, .. } | Decision::Snooze { sku, site, .. } => {
            (sku.clone(), site.clone())
        }
        _ => return Ok(decision),
    };
    check_sku(&sku, view)?;
    check_site(&site, view)?;
    if let Some(standing) = view.purchasing().standing(&sku, &site) {
        return Err(approved_already(standing).into());
    }
    let verb = decision.verb();
    let proposed = match view.proposal(&sku, &site) {
        None => return Err(BuyingError::NothingToQuiet { sku, site, verb }.into()),
        Some(CurrentProposal { blocked: Some(why), .. }) => {
            return Err(BuyingError::BlockedAnyhow { sku, site, verb, why }.into());
        }
        Some(proposed) => proposed,
    };
    let until = match &mut decision {
        Decision::Reject { suggested, runs_out, until, reason, .. } => {
            *reason = words("reason", reason)?;
            (*suggested, *runs_out) = (proposed.suggestion.qty, proposed.runs_out);
            *until
        }
        Decision::Snooze { suggested, until, .. } => {
            *suggested = proposed.suggestion.qty;
            Some(*until)
        }
        _ => None,
    };
    let today = view.today();
    if let Some(day) = until {
        if day <= today {
            return Err(BuyingError::NotAhead { day, today }.into());
        }
        check_due(day, today)?;
    }
    Ok(decision)
}

/// Checks the signature of the second person.
pub(in crate::desk) fn check_second(
    entry: u64,
    actor: &Actor,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    let purchasing = view.purchasing();
    let approved = purchasing.approval(entry).ok_or(BuyingError::NoApproval { entry })?;
    still_open(approved)?;
    if let Some(second) = &approved.second {
        return Err(BuyingError::SignedAlready { who: second.who.to_string(), entry }.into());
    }
    other_hands(&approved.by, actor, view.rules())?;
    let user = &*actor.user;
    let powers = may_approve(user, view)?;
    let supplier = approved.line.supplier.as_ref();
    if let Some(draft) = supplier.and_then(|of| purchasing.draft_of(of, &approved.line.site)) {
        let today = view.start_of_today();
        let placed = purchasing.placed_since(today, draft.supplier, draft.site);
        let (total, what) = (draft.total_today(today), || an_order(draft.supplier, &placed));
        keep(powers.per_order, (" an order", &what), &total, (&approved.line, user))?;
        keep_day(powers, &approved.line, user, view)?;
    }
    Ok(Decision::Countersign { entry, sku: approved.line.sku.clone() })
}

/// Four eyes are two persons': of two names and two numbers. The program is nobody, and runs under
/// the number of whoever started it. The machine's root can be anybody, and has to be named.
fn other_hands(first: &Signature, actor: &Actor, rules: &Rules) -> Result<(), BuyingError> {
    let (user, entry) = (crate::domain::text::clean(&actor.user), first.entry);
    if first.who == actor.user {
        return Err(BuyingError::OwnSignature { user, entry });
    }
    if first.uid == actor.uid && *first.who != *Rules::AUTOMATIC {
        let who = first.who.to_string();
        return Err(BuyingError::SameHand { who, user, entry });
    }
    match actor.uid == ROOT && !rules.people.contains_key(&*actor.user) {
        true => Err(BuyingError::RootsSignature { user }),
        false => Ok(()),
    }
}

fn still_open(approved: &Approved) -> Result<(), BuyingError> {
    let entry = approved.by.entry;
    match &approved.po {
        Some(po) => Err(BuyingError::Placed { entry, po: po.clone() }),
        None if approved.withdrawn => Err(BuyingError::Withdrawn { entry }),
        None => Ok(()),
    }
}

/// What takes a decision about a proposal back.
///
/// Whose approval or signature it was may always take it back; anybody else has to be somebody who
/// may approve.
pub fn inverse(
    entry: u64,
    sku: &Sku,
    user: &str,
    view: &dyn DeskView,
) -> Result<Decision, BuyingError> {
    let purchasing = view.purchasing();
    let signed = purchasing.signed(entry);
    let whose = match (purchasing.approval(entry), signed) {
        (Some(approved), _) => Some(&approved.by.who),
        (None, signed) => signed.and_then(|one| one.second.as_ref()).map(|second| &second.who),
    };
    if let Some(approved) = purchasing.approval(entry).or(signed) {
        still_open(approved)?;
    }
    if whose.is_some_and(|who| **who != *user) {
        may_approve(user, view)?;
    }
    Ok(Decision::Withdraw { entry, sku: sku.clone() })
}

/// Checks what a person decides about an order that is placed: calling off what others have bought
/// takes somebody who may buy.
pub(in crate::desk) fn check_order(
    decision: Decision,
    user: &str,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    if !matches!(decision, Decision::Place { .. }) {
        may_approve(user, view)?;
    }
    match decision {
        Decision::Tell { po, told, .. } => {
            let order = own(&po, view)?;
            let of = check_told(order, &told, view)?;
            let cancels = order.cancelled.as_ref().is_some_and(|cancelled| cancelled.entry == of);
            let told = if cancels { told.of_cancellation() } else { told };
            Ok(Decision::Tell { po, of, told })
        }
        Decision::Resend { po } if view.purchasing().coordination().is_given_up(&po) => {
            Ok(Decision::Resend { po })
        }
        Decision::Resend { po } => {
            let order = own(&po, view)?;
            if order.failed.is_none() {
                return Err(BuyingError::NothingToResend { po }.into());
            }
            Ok(Decision::Resend { po })
        }
        Decision::CancelOrder { po, reason } => {
            let order = own(&po, view)?;
            if still_to_come(order, "cancel", view)? == BuyingState::PartlyReceived {
                return Err(BuyingError::ArrivedInPart { po }.into());
            }
            Ok(Decision::CancelOrder { po, reason: words("reason", &reason)? })
        }
        Decision::CloseOrder { po, reason } => {
            let order = own(&po, view)?;
            if still_to_come(order, "close", view)? == BuyingState::Approved {
                return Err(BuyingError::NotSent { po }.into());
            }
            Ok(Decision::CloseOrder { po, reason: words("reason", &reason)? })
        }
        other => Err(BuyingError::OwnersPart { verb: other.verb() }.into()),
    }
}

/// What a person heard or told; the entry that it is about.
fn check_told(order: &OwnOrder, told: &Told, view: &dyn DeskView) -> Result<u64, DeskError> {
    let po = order.number.clone();
    match told {
        Told::Failed { .. } => Err(BuyingError::OwnersPart { verb: "give up" }.into()),
        Told::Sent { .. } | Told::CancellationSent { .. } => {
            let of = order.cancelled.as_ref().map_or(order.entry, |cancelled| cancelled.entry);
            let asked = view.purchasing().coordination().parcels().find(|one| one.po == po);
            if let Some(asked) = asked.filter(|_| order.parcel().is_none()) {
                return Ok(asked.of);
            }
            let before = match order.cancelled {
                Some(_) => &order.cancellation_sent,
                None => &order.sent,
            };
            match before {
                Some(sent) => {
                    Err(BuyingError::SentAlready { po, target: sent.target.to_string() }.into())
                }
                None => Ok(of),
            }
        }
        Told::Confirmed { lines, due } => {
            still_to_come(order, "acknowledge", view)?;
            for due in lines.iter().map(|line| line.due).chain([*due]).flatten() {
                check_due(due, view.today())?;
            }
            for line in lines {
                if order.ordered(&line.sku).is_zero() {
                    return Err(BuyingError::NotOnOrder { sku: line.sku.clone(), po }.into());
                }
                if line.qty.is_some_and(Qty::is_negative) {
                    let qty = line.qty.unwrap_or_default();
                    return Err(DeskError::NotPositive { qty, verb: "confirmed" });
                }
                if let Some(qty) = line.qty.filter(|_| order.believed(line).qty.is_none()) {
                    let ordered = order.ordered(&line.sku);
                    return Err(DeskError::FarMoreThanOrdered { po, qty, ordered });
                }
            }
            // What is said of a line that was asked about answers that.
            let asked = view.purchasing().coordination().unanswered(&po, lines);
            // What is said of more than that confirms the order.
            let is_alone = |sku: &Sku| match &lines[..] {
                [] => order.lines.len() == 1,
                lines => lines.iter().all(|line| line.sku == *sku),
            };
            let asked = asked.filter(|asked| is_alone(&asked.line.sku));
            Ok(asked.map_or(order.entry, |asked| asked.by.entry))
        }
    }
}

pub(in crate::desk) fn own<'a>(
    po: &PoNumber,
    view: &'a dyn DeskView,
) -> Result<&'a OwnOrder, BuyingError> {
    view.purchasing().order(po).ok_or_else(|| {
        let known = view.purchasing().orders().map(|order| order.number.as_str());
        let hint = nearest(po.as_str(), known).map(str::to_owned);
        let po = PoNumber::new(crate::domain::text::clean(po.as_str()));
        BuyingError::UnknownOrder { po, hint }
    })
}

pub(in crate::desk) fn still_to_come(
    order: &OwnOrder,
    verb: &'static str,
    view: &dyn DeskView,
) -> Result<BuyingState, BuyingError> {
    let po = &order.number;
    let state = order.state(view.purchase_order(po).as_ref(), &|sku| view.arrived(po, sku));
    match state.is_open() {
        true => Ok(state),
        false => Err(BuyingError::Over { po: po.clone(), state: state.word(), verb }),
    }
}
