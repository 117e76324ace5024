//! Decisions: checked at the desk, written to the journal, then carried out.

mod view;

use super::api::{Outcome, Refusal};
use super::house::{House, Topic, Writer};
use super::planning::OrderPlan;
use super::warehouse;
use crate::desk::buying::{self, Moment, Purchasing, Signature};
use crate::desk::{self, DeskView};
use crate::domain::*;
use crate::journal::Draft;
use crate::store::Store;
use std::sync::Arc;
use view::View;

impl House {
    /// Puts a decision in the journal and carries it out; answers when it is on disk.
    pub fn decide(&self, actor: Actor, decision: Decision, saw: &str) -> Result<Outcome, Refusal> {
        self.decide_within(actor, decision, saw, Act::default())
    }

    /// The same as a part of an act.
    pub fn decide_within(
        &self,
        actor: Actor,
        decision: Decision,
        saw: &str,
        act: Act<'_>,
    ) -> Result<Outcome, Refusal> {
        if is_about_buying(&decision) {
            self.look_at_rules();
        }
        // The writer is held from the check to the end, so that nothing changes in between.
        let mut writer = self.writer.lock();
        let store = self.store().filter(|_| writer.is_some()).ok_or_else(loading)?;
        // Made before the desk is opened, which holds what a plan reads.
        let plan = match rests_on_plan(&decision) {
            true => Some(self.planner.plan(self)?),
            false => None,
        };
        let plans = plan.as_deref().map(|now| Plans { now, begun: act.begun });
        let check = |view: &dyn DeskView| desk::check(decision, &actor, view);
        let decision = self.at_desk(plans, check).map_err(refused)?;
        let revealed = match &decision {
            Decision::Reveal { whose, .. } => Some(whose.clone()),
            _ => None,
        };
        // A plan that nobody holds is brought up to date in place.
        drop(plan);
        let saw = desk::clean_saw(saw);
        let decided = Decided { actor, decision, saw, undoes: None, act: act.first };
        let outcome = self.record(&mut writer, &store, decided)?;
        match (revealed, outcome) {
            (Some(whose), Outcome::Journalled(seq)) => self.reveal(&whose, seq),
            (_, outcome) => Ok(outcome),
        }
    }

    /// Undoes an entry by a new one.
    pub fn undo(&self, actor: Actor, seq: Option<u64>) -> Result<Outcome, Refusal> {
        self.undo_within(actor, seq, None)
    }

    /// The same as a part of the act that an entry began.
    pub fn undo_within(
        &self,
        actor: Actor,
        seq: Option<u64>,
        act: Option<u64>,
    ) -> Result<Outcome, Refusal> {
        self.look_at_rules();
        let mut writer = self.writer.lock();
        let store = self.store().filter(|_| writer.is_some()).ok_or_else(loading)?;
        let (decision, undoes) = {
            let journal = self.journal.lock();
            let entry = |seq| journal.entry(seq).ok().flatten();
            let marks = self.marks.read();
            let ask = |view: &dyn DeskView| desk::undo(seq, &actor.user, &entry, &marks, view);
            self.at_desk(None, ask).map_err(refused)?
        };
        let decided = Decided { actor, decision, saw: String::new(), undoes: Some(undoes), act };
        self.record(&mut writer, &store, decided)
    }

    /// Makes the next approved lines an order whose time has come; the entry that placed it.
    pub fn place_next(&self) -> Result<Option<u64>, Refusal> {
        let mut writer = self.writer.lock();
        let store = self.store().filter(|_| writer.is_some()).ok_or_else(loading)?;
        let purchasing = self.purchasing.read().clone();
        let since = |signed: &Signature| self.since_signed(signed);
        let now = Moment { today: self.start_of_today(), since: &since };
        let due = buying::due(&purchasing, &self.rules(), now);
        let taken = due.as_ref().and_then(|placed| self.number_is_taken(placed, &purchasing));
        let is_taken = taken.is_some();
        if is_taken || self.is_in_trouble(Topic::Numbers) {
            self.trouble(Topic::Numbers, taken);
        }
        drop(purchasing);
        match due.filter(|_| !is_taken) {
            Some(decision) => self.by_owner(&mut writer, &store, decision).map(Some),
            None => Ok(None),
        }
    }

    /// Why an order cannot be placed under its number: a feed has told of another one of that number,
    /// which it would take the place of.
    fn number_is_taken(&self, placed: &Decision, purchasing: &Purchasing) -> Option<String> {
        let Decision::Place { po, supplier, .. } = placed else { return None };
        let book = self.stock.read();
        let other = book.purchase_order_of(po).filter(|_| purchasing.order(po).is_none())?;
        Some(format!(
            "what is approved for {supplier} cannot be placed: {po} is its number, and a feed has \
             told of an order {po} to {} already; give another `prefix` under [approvals] in the \
             configuration, such as prefix = \"SD-\"",
            other.supplier
        ))
    }

    /// Notes what the outside said of an own order, unless that is known.
    pub fn tell(&self, po: PoNumber, of: u64, told: Told) -> Result<Option<u64>, Refusal> {
        let mut writer = self.writer.lock();
        let store = self.store().filter(|_| writer.is_some()).ok_or_else(loading)?;
        let parcels = self.purchasing.read().parcels();
        let waits = parcels.iter().any(|parcel| parcel.po == po && parcel.of == of);
        let confirms = matches!(told, Told::Confirmed { .. });
        if !confirms && !waits {
            return Ok(None);
        }
        let decision = Decision::Tell { po, of, told };
        self.by_owner(&mut writer, &store, decision).map(Some)
    }

    /// Notes what shops said of what they were told to make of orders.
    pub fn tell_shops(&self, words: Vec<ShopWord>) -> Result<u64, Refusal> {
        let mut writer = self.writer.lock();
        let store = self.store().filter(|_| writer.is_some()).ok_or_else(loading)?;
        self.by_owner(&mut writer, &store, Decision::TellShop { words })
    }

    /// Has a version of the network that scores orders score from now on.
    pub fn use_flag_model(&self, version: u32) -> Result<u64, Refusal> {
        let mut writer = self.writer.lock();
        let store = self.store().filter(|_| writer.is_some()).ok_or_else(loading)?;
        let before = self.flag_version();
        self.by_owner(&mut writer, &store, Decision::UseFlagModel { version, before })
    }

    /// Notes what the shop said of a decision from where an order ships, unless that is known.
    pub fn tell_shipping(
        &self,
        order: OrderKey,
        of: u64,
        told: Told,
    ) -> Result<Option<u64>, Refusal> {
        let mut writer = self.writer.lock();
        let store = self.store().filter(|_| writer.is_some()).ok_or_else(loading)?;
        let waits = self.allocator.decided().errands().iter().any(|errand| errand.of == of);
        if !waits {
            return Ok(None);
        }
        self.by_owner(&mut writer, &store, Decision::TellShipping { order, of, told }).map(Some)
    }

    pub(super) fn by_owner(
        &self,
        writer: &mut Option<Writer>,
        store: &Store,
        decision: Decision,
    ) -> Result<u64, Refusal> {
        let actor = owner();
        let saw = String::new();
        let decided = Decided { actor, decision, saw, undoes: None, act: None };
        match self.record(writer, store, decided)? {
            Outcome::Journalled(seq) => Ok(seq),
            _ => Err(Refusal::failed("the owner's own decision has no number")),
        }
    }

    /// Once the entry is in the journal it stands, and its number is the answer: should the store
    /// fail, the load that follows carries it out.
    fn record(
        &self,
        writer: &mut Option<Writer>,
        store: &Store,
        decided: Decided,
    ) -> Result<Outcome, Refusal> {
        let Decided { actor, decision, saw, undoes, act } = decided;
        let heard = self.newest_figure(&decision);
        let moves_stock = warehouse::moves_stock(&decision);
        let append = |in_stock: Option<Timestamp>| {
            let mut journal = self.journal.lock();
            let before = journal.entry(journal.len()).ok().flatten().map(|last| last.at);
            let at = moment_after(self.clock.now(), [before, heard]);
            let appended = journal.append(Draft {
                at: in_stock.map_or(at, |moment| at.max(moment)),
                wall: Timestamp::wall_now(),
                mono_ms: self.started.elapsed().as_millis() as u64,
                actor,
                decision,
                saw,
                undoes,
                act,
            });
            appended.map_err(|error| Refusal::failed(error.to_string()))
        };
        let entry = self.journalled(moves_stock, append)?;
        let decided_at = {
            let root = {
                let mut marks = self.marks.write();
                marks.apply(&entry);
                marks.original(entry.seq)
            };
            Arc::make_mut(&mut self.purchasing.write()).apply(&entry);
            Arc::make_mut(&mut self.triage.write()).apply(&entry);
            self.allocator.apply(&entry);
            let root = self.journal.lock().entry(root).ok().flatten();
            root.map(|root| root.at)
        };
        if let Err(error) = self.carry_out(store, &entry, decided_at) {
            self.load_anew(writer, &error);
        }
        self.flags.decided(&entry);
        match &entry.decision {
            Decision::Approve(line) => self.planner.touch([line.sku.clone()]),
            // What is put off is no part of its supplier's order.
            Decision::Reject { sku, .. } | Decision::Snooze { sku, .. } => {
                self.planner.touch([sku.clone()]);
            }
            // These change no proposal.
            Decision::Flag { .. }
            | Decision::Unflag { .. }
            | Decision::Mute { .. }
            | Decision::EndMute { .. }
            | Decision::SwitchRule { .. }
            | Decision::SetThreshold { .. }
            | Decision::UseFlagModel { .. }
            // Where an order ships from is told to the shop, whose word changes the books.
            | Decision::Allocate(_)
            | Decision::HoldForStock { .. }
            | Decision::Unallocate { .. }
            | Decision::TellShipping { .. }
            | Decision::TellShop { .. } => {}
            _ => self.planner.touch_all(),
        }
        self.decided.send_modify(|n| *n += 1);
        self.changed();
        Ok(Outcome::Journalled(entry.seq))
    }

    /// Appends an entry to the journal; a demo's warehouse is told where it moves stock.
    fn journalled(
        &self,
        moves_stock: bool,
        append: impl FnOnce(Option<Timestamp>) -> Result<Entry, Refusal>,
    ) -> Result<Entry, Refusal> {
        let warehouse = self.warehouse.read().clone();
        match warehouse.filter(|_| moves_stock) {
            None => append(None),
            Some(told) => told.note(|moment| {
                let entry = append(moment);
                let noted = entry.as_ref().map(warehouse::noted).unwrap_or_default();
                (entry, noted)
            }),
        }
    }

    /// When the newest figure, or version of an order, that a decision goes on top of was true.
    fn newest_figure(&self, decision: &Decision) -> Option<Timestamp> {
        let book = self.stock.read();
        let as_of = |sku: &Sku, site: &SiteId| book.position(sku, site)?.as_of();
        match decision {
            Decision::Receive { sku, site, .. }
            | Decision::Adjust { sku, site, .. }
            | Decision::Count { sku, site, .. }
            | Decision::Dispatch { sku, from: site, .. } => as_of(sku, site),
            Decision::Transfer { sku, from, to, .. } => as_of(sku, from).max(as_of(sku, to)),
            Decision::Tell { po, .. }
            | Decision::CancelOrder { po, .. }
            | Decision::CloseOrder { po, .. } => {
                book.purchase_order_of(po).map(|known| known.updated_at)
            }
            _ => None,
        }
    }

    /// Refuses a line that nobody could approve so, whatever its order: another quantity than the proposed one
    /// that is not sold, a supplier that nobody knows, a day that cannot be asked for.
    pub fn can_be_asked_for(
        &self,
        sku: &Sku,
        qty: Option<Qty>,
        from: Option<&SupplierId>,
        due: Option<Day>,
    ) -> Result<(), Refusal> {
        let check = |view: &dyn DeskView| {
            from.map_or(Ok(()), |from| buying::check_supplier(from, view))?;
            due.map_or(Ok(()), |due| buying::check_due(due, view.today()))?;
            qty.map_or(Ok(()), |qty| buying::whole_packs(sku, qty, view))
        };
        self.at_desk(None, check).map_err(|error| Refusal::usage(error.to_string()))
    }

    fn at_desk<T>(&self, plans: Option<Plans<'_>>, ask: impl FnOnce(&dyn DeskView) -> T) -> T {
        let feeds = self.board.snapshot().into_iter().map(|feed| feed.id).collect();
        let (overrides, first) = (self.overrides.read().clone(), self.first_ahead());
        let (purchasing, triage) = (self.purchasing.read().clone(), self.triage.read().clone());
        let allocations = self.allocator.decided();
        let (index, book) = (self.orders.read(), self.stock.read());
        ask(&View {
            house: self,
            book: &book,
            index: &index,
            feeds,
            overrides: &overrides,
            purchasing: &purchasing,
            rules: self.rules(),
            triage: &triage,
            allocations: &allocations,
            plans,
            first,
        })
    }
}

/// A clock that is ahead of ours by more than this is wrong, and does not move our decisions.
const AHEAD: Span = Span::seconds(2);

/// The moment of a decision: after the decision before it and the figure that it changes, even
/// where simulated time stands still or goes in steps, since what happened at the moment of a
/// figure is taken to be in it.
fn moment_after(now: Timestamp, known: [Option<Timestamp>; 2]) -> Timestamp {
    let near = known.into_iter().flatten().filter(|at| *at <= now + AHEAD);
    near.map(|at| at + Span::millis(1)).fold(now, Timestamp::max)
}

/// The owner, as the journal names it.
pub fn owner() -> Actor {
    Actor {
        user: OWNER.into(),
        uid: rustix::process::getuid().as_raw(),
        from: format!("owner {}", std::process::id()).into(),
    }
}

/// Who decides what the owner decides by itself.
pub const OWNER: &str = "stockdeck";

/// What a decision is a part of; by default nothing more than itself.
#[derive(Clone, Copy, Default)]
pub struct Act<'a> {
    /// The entry that began the act; `None`: none yet.
    pub first: Option<u64>,
    /// What was proposed when it began.
    pub begun: Option<&'a OrderPlan>,
}

/// What proposals are held against.
#[derive(Clone, Copy)]
struct Plans<'a> {
    now: &'a OrderPlan,
    begun: Option<&'a OrderPlan>,
}

/// The line of the plan that a decision is about.
pub fn proposal_of(decision: &Decision) -> Option<(&Sku, &SiteId)> {
    match decision {
        Decision::Approve(Approval { sku, site, .. })
        | Decision::Reject { sku, site, .. }
        | Decision::Snooze { sku, site, .. } => Some((sku, site)),
        _ => None,
    }
}

/// Whether it is held against who may approve how much.
fn is_about_buying(decision: &Decision) -> bool {
    proposal_of(decision).is_some()
        || matches!(
            decision,
            Decision::Countersign { .. }
                | Decision::Tell { .. }
                | Decision::Resend { .. }
                | Decision::CancelOrder { .. }
                | Decision::CloseOrder { .. }
                | Decision::AskSupplier(_)
                | Decision::SendTransfer(_)
        )
}

/// Whether what is planned now is held against a decision.
fn rests_on_plan(decision: &Decision) -> bool {
    proposal_of(decision).is_some() || matches!(decision, Decision::SendTransfer(_))
}

/// A decision that was checked.
struct Decided {
    actor: Actor,
    decision: Decision,
    saw: String,
    undoes: Option<u64>,
    act: Option<u64>,
}

pub(super) fn loading() -> Refusal {
    Refusal::failed("the store is still being loaded; try again in a moment")
}

fn refused(error: desk::DeskError) -> Refusal {
    Refusal::usage(error.to_string())
}
