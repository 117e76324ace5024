//! Which decisions are allowed.

use super::nearest::nearest;
use super::{DeskError, allocating, buying, coordinate, overrides, triage};
use crate::domain::{
    Actor, Approval, CaseId, CustomerRef, Day, Decision, FeedId, Order, OrderKey, OrderNo,
    PoNumber, PoStatus, Position, Product, PurchaseOrder, Qty, SiteId, Sku, Subject, SupplierId,
    Timestamp, UnitPrice, Whose, text,
};
use crate::insight::forecast::Overrides;

/// The most units that one decision may move.
pub const MOST_UNITS: Qty = Qty::units(10_000_000);

/// Receiving more than this many times what is open is taken for a slip of the finger.
const MOST_TIMES_OPEN: i64 = 10;

/// What the desk needs to see.
pub trait DeskView {
    /// Whether the SKU is in the catalogue, has a position, or was ever ordered.
    fn knows_sku(&self, sku: &Sku) -> bool;
    /// Every known SKU; only walked for a hint.
    fn skus(&self) -> Box<dyn Iterator<Item = &Sku> + '_>;
    /// Every known site.
    fn sites(&self) -> Vec<SiteId>;
    /// Every configured feed, and every feed that has told of orders.
    fn feeds(&self) -> Vec<FeedId>;
    /// Which feeds have an order of this number.
    fn feeds_with_order(&self, number: &OrderNo) -> Vec<FeedId>;
    /// The position of a SKU at a site.
    fn position(&self, sku: &Sku, site: &SiteId) -> Option<Position>;
    /// A purchase order, open or not.
    fn purchase_order(&self, number: &PoNumber) -> Option<PurchaseOrder>;
    /// What is still to come of a SKU by a purchase order (see
    /// [`crate::stock::StockBook::to_come`]).
    fn to_come(&self, po: &PurchaseOrder, sku: &Sku) -> Qty;
    /// Open purchase orders for a SKU.
    fn open_purchase_orders(&self, sku: &Sku) -> Vec<PoNumber>;
    /// Whether the customer has an order, or something is kept about them.
    fn knows_customer(&self, customer: &CustomerRef) -> bool;
    /// Whether somebody of this name can be here: a user of the machine, or who has decided something.
    fn knows_user(&self, user: &str) -> bool;
    /// Whose an order is.
    fn customer_of(&self, order: &OrderKey) -> Option<CustomerRef>;
    /// Whether a record with this number is in quarantine.
    fn has_rejected(&self, seq: u64) -> bool;
    /// Whether the key was destroyed.
    fn is_forgotten(&self, whose: &Whose) -> bool;
    /// The first day that is not over, as far as the store's data go.
    fn first_ahead(&self) -> Day;
    /// Units a day that the model expects of a SKU over a period, day by day, at a site or at all at
    /// which it is forecast.
    fn model_expects(
        &self,
        sku: &Sku,
        site: Option<&SiteId>,
        from: Day,
        to: Day,
    ) -> Vec<(SiteId, Vec<Qty>)>;
    /// Where a SKU is kept, as far as anything is known of that; else every known site.
    fn places(&self, sku: &Sku) -> Vec<SiteId>;
    /// The version of the model in use; or why that is not known.
    fn model_in_use(&self) -> Result<String, String>;
    /// Why a version cannot be used, if it cannot.
    fn check_model(&self, version: &str) -> Result<(), String>;
    /// All overrides of the forecast.
    fn overrides(&self) -> &Overrides;
    /// What is known of a SKU.
    fn product(&self, sku: &Sku) -> Option<&Product>;
    /// What one unit of a SKU costs when so many are bought at once of whoever usually supplies it;
    /// `None`: nobody knows.
    fn cost_of(&self, sku: &Sku, qty: Qty) -> Option<UnitPrice>;
    /// Every known supplier.
    fn suppliers(&self) -> Vec<SupplierId>;
    /// What stands against ordering a SKU for a site of a supplier whatever is forecast, with the
    /// mend; `None`: nothing.
    fn obstacle(&self, sku: &Sku, site: &SiteId, supplier: &SupplierId) -> Option<String>;
    /// The day on which goods come that are ordered of a supplier today, half of the time at the latest;
    /// `None`: nobody knows how long it takes.
    fn comes_by(&self, supplier: &SupplierId) -> Option<Day>;
    /// How many units of a SKU have arrived by a purchase order.
    fn arrived(&self, number: &PoNumber, sku: &Sku) -> Qty;
    /// Today.
    fn today(&self) -> Day;
    /// When today began.
    fn start_of_today(&self) -> Timestamp;
    /// What is proposed now to be ordered of a SKU for a site; `None`: no proposal is known.
    fn proposal(&self, sku: &Sku, site: &SiteId) -> Option<buying::CurrentProposal>;
    /// An order as it is known.
    fn order(&self, key: &OrderKey) -> Option<Order>;
    /// From where orders ship, as decided.
    fn allocations(&self) -> &allocating::Allocations;
    /// Approvals and own orders.
    fn purchasing(&self) -> &buying::Purchasing;
    /// Who may approve how much.
    fn rules(&self) -> &buying::Rules;
    /// Now.
    fn now(&self) -> Timestamp;
    /// A case that is worth a look.
    fn case(&self, case: CaseId) -> Option<triage::CaseSeen>;
    /// What was decided about cases.
    fn triage(&self) -> &triage::Triage;
    /// The names of all rules that raise flags.
    fn flag_rules(&self) -> Vec<Box<str>>;
    /// Which version of the network scores orders, and which there are; 0 is rules alone.
    fn flag_versions(&self) -> (u32, Vec<u32>);
    /// When a purchase order is due, as stock knows it.
    fn due_of(&self, number: &PoNumber) -> Option<Day> {
        Some(self.purchase_order(number)?.due_at?.day(&crate::domain::Zone::utc()))
    }
    /// What a site can spare of a SKU for others; `None`: nobody can tell.
    fn spare(&self, _sku: &Sku, _from: &SiteId) -> Option<Qty> {
        None
    }
    /// What sending so many units to another own site costs; `None`: nobody has said.
    fn transfer_cost(&self, _qty: Qty) -> Option<crate::domain::Money> {
        None
    }
}

/// Checks a person's decision: returns it clean and complete (texts cleaned, a count with the
/// figure that it replaces, the only site where none was named), or why it is refused. `actor`: who
/// decides; they may not be allowed to.
pub fn check(
    decision: Decision,
    actor: &Actor,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    let user = &*actor.user;
    match at_a_site(decision, view)? {
        Decision::Note { subject, text } => {
            let text = words("note", &text)?;
            check_subject(&subject, view)?;
            Ok(Decision::Note { subject, text })
        }
        Decision::Pin { subject, on } => {
            check_subject(&subject, view)?;
            Ok(Decision::Pin { subject, on })
        }
        Decision::Acknowledge { subject, on } => {
            check_subject(&subject, view)?;
            Ok(Decision::Acknowledge { subject, on })
        }
        Decision::Receive { po, sku, site, qty, surplus, reason } => {
            check_place(&sku, &site, view)?;
            positive(qty, "received")?;
            if let Some(po) = &po {
                check_arrival((po, &sku), qty, surplus, view)?;
            }
            let reason = reason.map(|reason| words("reason", &reason)).transpose()?;
            let surplus = surplus && po.is_some();
            Ok(Decision::Receive { po, sku, site, qty, surplus, reason })
        }
        Decision::Count { sku, site, counted, reason, before: _ } => {
            check_place(&sku, &site, view)?;
            if counted.is_negative() {
                return Err(DeskError::NegativeCount { qty: counted });
            }
            sane(counted)?;
            let reason = words("reason", &reason)?;
            let report = view.position(&sku, &site).and_then(|position| position.report);
            let before = report.map(|(qty, _, as_of, source)| (qty, as_of, source));
            Ok(Decision::Count { sku, site, counted, reason, before })
        }
        Decision::Adjust { sku, site, delta, po, reason } => {
            check_place(&sku, &site, view)?;
            if delta.is_zero() {
                return Err(DeskError::ZeroAdjustment);
            }
            sane(delta)?;
            if delta.is_negative() {
                enough(&sku, &site, -delta, view)?;
            }
            if let Some(number) = &po {
                check_damage((number, &sku), delta, view)?;
            }
            let reason = words("reason", &reason)?;
            Ok(Decision::Adjust { sku, site, delta, po, reason })
        }
        Decision::Transfer { sku, from, to, qty, reason } => {
            check_place(&sku, &from, view)?;
            check_site(&to, view)?;
            if from == to {
                return Err(DeskError::SameSite { site: from });
            }
            positive(qty, "transferred")?;
            enough(&sku, &from, qty, view)?;
            let reason = words("reason", &reason)?;
            Ok(Decision::Transfer { sku, from, to, qty, reason })
        }
        Decision::Reveal { whose, reason } => {
            let reason = words("reason", &reason)?;
            Ok(Decision::Reveal { whose: check_whose(whose, view)?, reason })
        }
        Decision::Forget { whose, reason } => {
            let reason = words("reason", &reason)?;
            let whose = check_whose(whose, view)?;
            if matches!(whose, Whose::Rejected(_)) {
                return Err(DeskError::NoKeyOfItsOwn);
            }
            Ok(Decision::Forget { whose, reason })
        }
        decision @ Decision::Override { .. } => overrides::check_new(decision, view),
        Decision::EndOverride { over, .. } => overrides::check_end(over, view),
        Decision::UseModel { version, .. } => check_model(version, view),
        Decision::Approve(line) => buying::check_approval(line, user, view),
        decision @ (Decision::Reject { .. } | Decision::Snooze { .. }) => {
            buying::check_quiet(decision, view)
        }
        Decision::Countersign { entry, .. } => buying::check_second(entry, actor, view),
        Decision::CloseOrder { po, reason }
            if view.purchasing().coordination().transfer_of(&po).is_some() =>
        {
            coordinate::check_close(po, &reason, user, view)
        }
        decision @ (Decision::Place { .. }
        | Decision::Tell { .. }
        | Decision::Resend { .. }
        | Decision::CancelOrder { .. }
        | Decision::CloseOrder { .. }) => buying::check_order(decision, user, view),
        Decision::Flag { case, act, orders } => triage::check_act(case, act, orders, user, view),
        Decision::Mute { rule, of, until, reason } => {
            triage::check_mute(&rule, of, until, &reason, view)
        }
        Decision::EndMute { entry, on, .. } => triage::check_mute_end(entry, on, view),
        Decision::SwitchRule { rule, on } => triage::check_switch(&rule, on, view),
        Decision::SetThreshold { rule, from, .. } => triage::check_threshold(&rule, from, view),
        Decision::UseFlagModel { version, .. } => triage::check_model(version, view),
        decision @ Decision::TellShop { .. } => {
            Err(DeskError::OnlyByOwner { verb: decision.verb() })
        }
        Decision::AskSupplier(line) => coordinate::check_ask(line, user, view),
        Decision::SendTransfer(order) => coordinate::check_transfer(order, user, view),
        Decision::TurnDown { measure, until, reason } => {
            coordinate::check_turn_down(measure, until, reason, view)
        }
        Decision::Dispatch { .. } => {
            Err(buying::BuyingError::OwnersPart { verb: "dispatch" }.into())
        }
        Decision::Allocate(one) => allocating::check_allocation(one, view),
        Decision::HoldForStock { order, until, reason } => {
            allocating::check_hold(order, until, &reason, view)
        }
        Decision::TellShipping { .. } => Err(allocating::AllocatingError::OnlyByOwner.into()),
        decision @ (Decision::Uncount { .. }
        | Decision::Unallocate { .. }
        | Decision::Retract { .. }
        | Decision::Unflag { .. }
        | Decision::Withdraw { .. }) => Err(DeskError::OnlyByUndo { verb: decision.verb() }),
    }
}

/// Checks that a version can be used and is not in use, and fills in which one is.
pub(super) fn check_model(version: String, view: &dyn DeskView) -> Result<Decision, DeskError> {
    let wrong = |reason| DeskError::Model { reason };
    view.check_model(&version).map_err(wrong)?;
    let before = view.model_in_use().map_err(wrong)?;
    match before == version {
        true => Err(DeskError::ModelInUse { version }),
        false => Ok(Decision::UseModel { version, before }),
    }
}

/// A decision about stock whose site was left open (its code is empty) is about the only site there
/// is.
fn at_a_site(mut decision: Decision, view: &dyn DeskView) -> Result<Decision, DeskError> {
    let (Decision::Receive { sku, site, .. }
    | Decision::Count { sku, site, .. }
    | Decision::Adjust { sku, site, .. }
    | Decision::Approve(Approval { sku, site, .. })
    | Decision::Reject { sku, site, .. }
    | Decision::Snooze { sku, site, .. }) = &mut decision
    else {
        return Ok(decision);
    };
    if site.as_str().is_empty() {
        // Of what nobody knows no site is missing.
        check_sku(sku, view)?;
        *site = match <[SiteId; 1]>::try_from(view.sites()) {
            Ok([only]) => only,
            Err(sites) => return Err(DeskError::WhichSite { sites }),
        };
    }
    Ok(decision)
}

/// What a person saw when deciding, made safe to keep: clean and cut to what fits.
pub fn clean_saw(saw: &str) -> String {
    text::clean(saw)
}

pub(super) fn words(what: &'static str, raw: &str) -> Result<String, DeskError> {
    let chars = raw.trim().chars().count();
    if chars > text::MAX_CHARS {
        return Err(DeskError::TooLong { what, chars, most: text::MAX_CHARS });
    }
    let clean = text::clean(raw);
    if clean.is_empty() { Err(DeskError::Empty { what }) } else { Ok(clean) }
}

fn sane(qty: Qty) -> Result<(), DeskError> {
    if qty.abs() > MOST_UNITS {
        return Err(DeskError::Absurd { qty, most: MOST_UNITS });
    }
    Ok(())
}

pub(super) fn positive(qty: Qty, verb: &'static str) -> Result<(), DeskError> {
    if !qty.is_positive() {
        return Err(DeskError::NotPositive { qty, verb });
    }
    sane(qty)
}

/// Refuses to take more off a shelf than is known to be there; unknown stock is no obstacle.
fn enough(sku: &Sku, site: &SiteId, wanted: Qty, view: &dyn DeskView) -> Result<(), DeskError> {
    match view.position(sku, site).and_then(|position| position.on_hand()) {
        Some(there) if there < wanted => {
            let (sku, site) = (sku.clone(), site.clone());
            Err(DeskError::NotEnough { sku, site, there: there.at_least_zero(), wanted })
        }
        _ => Ok(()),
    }
}

/// Goods against a purchase order: what it waits for, or more where that is asked for, so that
/// nothing is taken in twice by a slip.
fn check_arrival(
    (number, sku): (&PoNumber, &Sku),
    qty: Qty,
    surplus: bool,
    view: &dyn DeskView,
) -> Result<(), DeskError> {
    let Some(po) = view.purchase_order(number) else {
        let open = view.open_purchase_orders(sku);
        let hint = nearest(number.as_str(), open.iter().map(PoNumber::as_str));
        return Err(DeskError::UnknownPo { po: number.clone(), hint: hint.map(str::to_owned) });
    };
    let (open, ordered) = (view.to_come(&po, sku), ordered(&po, sku, view));
    let (po, sku) = (number.clone(), sku.clone());
    let far_more = |than: Qty| qty > Qty::milli(than.as_milli().saturating_mul(MOST_TIMES_OPEN));
    if open.is_positive() && !surplus {
        if far_more(open) {
            return Err(DeskError::FarMoreThanOpen { po, qty, open });
        }
        if qty <= open {
            return Ok(());
        }
    }
    match ordered {
        none if none.is_zero() => Err(DeskError::NothingOpen { po, sku }),
        _ if !surplus && open.is_positive() => Err(DeskError::MoreThanOpen { po, sku, qty, open }),
        _ if !surplus => Err(DeskError::NoMoreToCome { po, sku }),
        ordered if far_more(ordered) => Err(DeskError::FarMoreThanOrdered { po, qty, ordered }),
        _ => Ok(()),
    }
}

/// What comes off as damaged came by the order.
fn check_damage(
    (number, sku): (&PoNumber, &Sku),
    delta: Qty,
    view: &dyn DeskView,
) -> Result<(), DeskError> {
    let sound = view.arrived(number, sku) - view.purchasing().damaged(number, sku);
    if -delta <= sound {
        return Ok(());
    }
    let (po, sku, sound) = (number.clone(), sku.clone(), sound.at_least_zero());
    Err(DeskError::MoreDamaged { po, sku, qty: -delta, sound })
}

/// How many units of a SKU a purchase order was for, whatever of them was confirmed; none where it
/// was called off.
fn ordered(po: &PurchaseOrder, sku: &Sku, view: &dyn DeskView) -> Qty {
    let placed = view.purchasing().order(&po.number);
    if po.status == PoStatus::Cancelled || placed.is_some_and(|own| own.cancelled.is_some()) {
        return Qty::ZERO;
    }
    let told = po.lines.iter().filter(|line| line.sku == *sku).map(|line| line.qty).sum();
    placed.map_or(Qty::ZERO, |own| own.ordered(sku)).max(told)
}

fn check_subject(subject: &Subject, view: &dyn DeskView) -> Result<(), DeskError> {
    match subject {
        Subject::Order(order) => check_order(order, view),
        Subject::Sku(sku) => check_sku(sku, view),
        Subject::Feed(feed) => check_feed(feed, view),
    }
}

/// Who is meant: an order that has a customer stands for the customer.
fn check_whose(whose: Whose, view: &dyn DeskView) -> Result<Whose, DeskError> {
    let whose = match whose {
        Whose::Order(order) => {
            check_order(&order, view)?;
            view.customer_of(&order).map_or(Whose::Order(order), Whose::Customer)
        }
        whose => whose,
    };
    match &whose {
        Whose::Customer(customer) if !view.knows_customer(customer) => {
            return Err(DeskError::UnknownCustomer { customer: text::clean(customer.as_str()) });
        }
        Whose::Rejected(seq) if !view.has_rejected(*seq) => {
            return Err(DeskError::NotInQuarantine { seq: *seq });
        }
        _ => {}
    }
    if view.is_forgotten(&whose) { Err(DeskError::Forgotten { whose }) } else { Ok(whose) }
}

pub(super) fn check_order(order: &OrderKey, view: &dyn DeskView) -> Result<(), DeskError> {
    let feeds = view.feeds_with_order(&order.number);
    if feeds.contains(&order.feed) {
        return Ok(());
    }
    match feeds.first() {
        Some(feed) => {
            let hint = Some(format!("{feed}/{}", order.number));
            Err(DeskError::UnknownOrder { order: order.clone(), hint })
        }
        None => {
            check_feed(&order.feed, view)?;
            Err(DeskError::UnknownOrder { order: order.clone(), hint: None })
        }
    }
}

pub(super) fn check_feed(feed: &FeedId, view: &dyn DeskView) -> Result<(), DeskError> {
    let feeds = view.feeds();
    if feeds.contains(feed) {
        return Ok(());
    }
    let hint = nearest(feed.as_str(), feeds.iter().map(FeedId::as_str)).map(str::to_owned);
    Err(DeskError::UnknownFeed { feed: text::clean(feed.as_str()), hint })
}

fn check_place(sku: &Sku, site: &SiteId, view: &dyn DeskView) -> Result<(), DeskError> {
    check_sku(sku, view)?;
    check_site(site, view)
}

pub(super) fn check_sku(sku: &Sku, view: &dyn DeskView) -> Result<(), DeskError> {
    if view.knows_sku(sku) {
        return Ok(());
    }
    let hint = nearest(sku.as_str(), view.skus().map(Sku::as_str)).map(str::to_owned);
    Err(DeskError::UnknownSku { sku: Sku::new(text::clean(sku.as_str())), hint })
}

pub(super) fn check_site(site: &SiteId, view: &dyn DeskView) -> Result<(), DeskError> {
    let sites = view.sites();
    if sites.contains(site) {
        return Ok(());
    }
    let hint = nearest(site.as_str(), sites.iter().map(SiteId::as_str)).map(str::to_owned);
    Err(DeskError::UnknownSite { site: SiteId::new(text::clean(site.as_str())), hint })
}
