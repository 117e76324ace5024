//! What the journal's entries about buying add up to.

use super::order::{Cancelled, Confirmed, Failure, OwnOrder, Parcel, Sent};
use super::past::{Past, PastWhat, no_longer_decided};
use crate::desk::coordinate::Coordination;
use crate::domain::own_number;
use crate::domain::{
    Approval, Decision, Entry, Money, PlacedLine, PoNumber, Qty, SiteId, Sku, SupplierId,
    Timestamp, Told, Total, total,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Decisions that are kept of each SKU and site, to be shown next time.
const REMEMBERED: usize = 8;
/// Approvals, rejections and own orders. In memory; made again by applying every entry in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purchasing {
    last: u64,
    approvals: BTreeMap<u64, Approved>,
    /// Approvals that are not part of an order yet, by what they are about.
    standing: BTreeMap<(Sku, SiteId), u64>,
    /// The approval that a second person's signature is on.
    signatures: BTreeMap<u64, u64>,
    past: HashMap<(Sku, SiteId), Vec<Past>>,
    places: HashMap<u64, (Sku, SiteId)>,
    /// Of what came by an order, own or told of by a feed, what was damaged.
    damaged: BTreeMap<(PoNumber, Sku), Qty>,
    orders: BTreeMap<PoNumber, OwnOrder>,
    /// Orders of which something is still to be told outside.
    untold: BTreeSet<PoNumber>,
    /// Orders that no target would take.
    given_up: BTreeSet<PoNumber>,
    tally: Conversion,
    coordination: Coordination,
}

/// An approved line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// What was approved.
    pub line: Approval,
    /// By whom.
    pub by: Signature,
    /// Whether it was taken back.
    pub withdrawn: bool,
    /// The second person's.
    pub second: Option<Signature>,
    /// The order that it became part of.
    pub po: Option<PoNumber>,
}

/// Who put their name to a line, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The journal entry.
    pub entry: u64,
    /// Who.
    pub who: Box<str>,
    /// Their number on this machine, which goes with them under another name.
    pub uid: u32,
    /// When, in domain time.
    pub at: Timestamp,
    /// When, by the wall clock.
    pub wall: Timestamp,
    /// When, in milliseconds since the owner of that time had started.
    pub mono_ms: u64,
}

impl Signature {
    pub(in crate::desk) fn of(entry: &Entry) -> Self {
        Self {
            entry: entry.seq,
            who: entry.actor.user.clone(),
            uid: entry.actor.uid,
            at: entry.at,
            wall: entry.wall,
            mono_ms: entry.mono_ms,
        }
    }
}

/// Approved lines of one supplier and site that are not an order yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft<'a> {
    all: &'a Purchasing,
    /// To whom.
    pub supplier: &'a SupplierId,
    /// For where.
    pub site: &'a SiteId,
    /// The lines, oldest first.
    pub lines: Vec<&'a Approved>,
}

impl Draft<'_> {
    /// What its lines cost.
    pub fn total(&self) -> Total {
        total(self.lines.iter().map(|line| line.line.value()))
    }
    /// The same with what was ordered of the supplier for the site since today `began`: limits are
    /// held against it, since what is ordered bit by bit is bought all the same.
    pub fn total_today(&self, began: Timestamp) -> Total {
        let mut total = self.all.placed_since(began, self.supplier, self.site);
        self.lines.iter().for_each(|line| total.add(line.line.value()));
        total
    }
}

/// What became of proposals, by line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    /// Approved as they were proposed.
    pub as_proposed: u64,
    /// Approved with another quantity, supplier or date.
    pub edited: u64,
    /// Turned down.
    pub rejected: u64,
    /// Put off.
    pub snoozed: u64,
    /// Ordered without a proposal.
    pub by_hand: u64,
    /// Of all approved, the lines of orders that were called off; no other figure counts them.
    #[serde(default)]
    pub called_off: u64,
    /// What edits added to the proposed cost, one amount a currency.
    pub edits_added: Vec<Money>,
    /// What edits took off the proposed cost, one amount a currency.
    pub edits_saved: Vec<Money>,
}

impl Purchasing {
    /// Folds an entry in. Entries come in the order of their numbers; one that was applied already
    /// changes nothing.
    pub fn apply(&mut self, entry: &Entry) {
        if entry.seq <= self.last {
            return;
        }
        self.last = entry.seq;
        self.coordination.apply(entry);
        match &entry.decision {
            Decision::Approve(line) => self.approve(entry, line),
            Decision::Reject { sku, site, suggested, runs_out, until, reason } => {
                self.tally.rejected += 1;
                let (suggested, until, reason) = (*suggested, *until, reason.clone());
                let what = PastWhat::Rejected { suggested, runs_out: *runs_out, until, reason };
                self.remember(entry, (sku, site), what);
            }
            Decision::Snooze { sku, site, suggested, until } => {
                self.tally.snoozed += 1;
                let what = PastWhat::Snoozed { suggested: *suggested, until: *until };
                self.remember(entry, (sku, site), what);
            }
            Decision::Countersign { entry: approval, .. } => {
                if let Some(approved) = self.approvals.get_mut(approval) {
                    approved.second = Some(Signature::of(entry));
                    self.signatures.insert(entry.seq, *approval);
                }
            }
            Decision::Withdraw { entry: taken, .. } => {
                self.withdraw(*taken);
                if let Some(po) = self.coordination.request(*taken).map(|one| one.line.po.clone()) {
                    let failed = self.orders.get(&po).is_some_and(|order| order.failed.is_some());
                    if !failed && !self.coordination.is_given_up(&po) {
                        self.given_up.remove(&po);
                    }
                }
            }
            Decision::Place { po, supplier, site, lines, due } => {
                for line in lines {
                    if let Some(approved) = self.approvals.get_mut(&line.approval) {
                        approved.po = Some(po.clone());
                        self.standing.retain(|_, entry| *entry != line.approval);
                    }
                }
                self.orders.entry(po.clone()).or_insert_with(|| OwnOrder {
                    number: po.clone(),
                    entry: entry.seq,
                    at: entry.at,
                    supplier: supplier.clone(),
                    site: site.clone(),
                    lines: lines.clone(),
                    due: *due,
                    sent: None,
                    confirmed: None,
                    cancelled: None,
                    cancellation_sent: None,
                    closed: None,
                    failed: None,
                    odd: Vec::new(),
                    entries: vec![entry.seq],
                });
            }
            Decision::Tell { po, .. }
            | Decision::Resend { po }
            | Decision::CancelOrder { po, .. }
            | Decision::CloseOrder { po, .. } => {
                if let Some(order) = self.orders.get_mut(po) {
                    order.entries.push(entry.seq);
                    let stood = order.cancelled.is_none();
                    changed(order, entry);
                    if order.cancelled.is_some() || order.closed.is_some() {
                        let approvals = order.lines.iter().map(|line| line.approval);
                        for approval in approvals {
                            let place = self.places.get(&approval);
                            let past = place.and_then(|place| self.past.get_mut(place));
                            past.into_iter().for_each(|past| no_longer_decided(past, approval));
                        }
                    }
                    if stood && order.cancelled.is_some() {
                        let approvals = order.lines.iter().map(|line| line.approval);
                        let lines = approvals.filter_map(|entry| self.approvals.get(&entry));
                        lines.for_each(|one| self.tally.call_off(&one.line));
                    }
                }
            }
            Decision::Adjust { po: Some(po), sku, delta, .. } => {
                *self.damaged.entry((po.clone(), sku.clone())).or_default() += -*delta;
                if let Some(order) = self.orders.get_mut(po) {
                    order.entries.push(entry.seq);
                }
            }
            Decision::AskSupplier(line) => {
                if let Some(order) = self.orders.get_mut(&line.po) {
                    order.entries.push(entry.seq);
                }
            }
            Decision::Receive { po: Some(po), .. } => {
                if let Some(order) = self.orders.get_mut(po) {
                    order.entries.push(entry.seq);
                }
            }
            _ => {}
        }
        if let Decision::Place { po, .. }
        | Decision::Tell { po, .. }
        | Decision::Resend { po }
        | Decision::CancelOrder { po, .. }
        | Decision::CloseOrder { po, .. } = &entry.decision
        {
            let order = self.orders.get(po);
            let untold = order.is_some_and(|order| order.parcel().is_some());
            let given_up = order.is_some_and(|order| order.failed.is_some())
                || self.coordination.is_given_up(po);
            for (set, is_in) in [(&mut self.untold, untold), (&mut self.given_up, given_up)] {
                match is_in {
                    true => set.insert(po.clone()),
                    false => set.remove(po),
                };
            }
        }
    }

    fn approve(&mut self, entry: &Entry, line: &Approval) {
        let place = (line.sku.clone(), line.site.clone());
        self.tally.count(line, 1);
        self.standing.insert(place, entry.seq);
        let shown = line.suggested.as_ref();
        let what = PastWhat::Approved {
            qty: line.qty,
            suggested: shown.map(|shown| shown.qty),
            review: shown.and_then(|shown| shown.review),
        };
        self.remember(entry, (&line.sku, &line.site), what);
        let approved = Approved {
            line: line.clone(),
            by: Signature::of(entry),
            withdrawn: false,
            second: None,
            po: None,
        };
        self.approvals.insert(entry.seq, approved);
    }

    fn remember(&mut self, entry: &Entry, (sku, site): (&Sku, &SiteId), what: PastWhat) {
        let place = (sku.clone(), site.clone());
        self.places.insert(entry.seq, place.clone());
        let past = self.past.entry(place).or_default();
        if past.len() == REMEMBERED {
            past.remove(0);
        }
        let who = entry.actor.user.clone();
        past.push(Past { entry: entry.seq, who, at: entry.at, what, withdrawn: false });
    }

    fn withdraw(&mut self, taken: u64) {
        if let Some(approval) = self.signatures.get(&taken) {
            if let Some(approved) = self.approvals.get_mut(approval) {
                approved.second.take_if(|second| second.entry == taken);
            }
            return;
        }
        if let Some(approved) = self.approvals.get_mut(&taken)
            && approved.po.is_none()
            && !approved.withdrawn
        {
            approved.withdrawn = true;
            self.tally.count(&approved.line, -1);
            self.standing.retain(|_, entry| *entry != taken);
        }
        let Some(past) = self.places.get(&taken).and_then(|place| self.past.get_mut(place)) else {
            return;
        };
        let Some(one) = past.iter_mut().find(|one| one.entry == taken && !one.withdrawn) else {
            return;
        };
        one.withdrawn = true;
        match one.what {
            PastWhat::Rejected { .. } => {
                self.tally.rejected = self.tally.rejected.saturating_sub(1)
            }
            PastWhat::Snoozed { .. } => self.tally.snoozed = self.tally.snoozed.saturating_sub(1),
            PastWhat::Approved { .. } => {}
        }
    }

    /// The number of the last entry that was applied; 0: none.
    pub fn last(&self) -> u64 {
        self.last
    }
    /// An approval, by its journal entry.
    pub fn approval(&self, entry: u64) -> Option<&Approved> {
        self.approvals.get(&entry)
    }
    /// The approval of a SKU for a site that is not part of an order yet.
    pub fn standing(&self, sku: &Sku, site: &SiteId) -> Option<&Approved> {
        let entry = self.standing.get(&(sku.clone(), site.clone()))?;
        self.approvals.get(entry)
    }
    /// The approval that a second person's signature is on.
    pub fn signed(&self, signature: u64) -> Option<&Approved> {
        self.approvals.get(self.signatures.get(&signature)?)
    }
    /// What was decided about proposals of a SKU for a site, the newest last; the last few only.
    pub fn remembered(&self, sku: &Sku, site: &SiteId) -> &[Past] {
        self.past.get(&(sku.clone(), site.clone())).map_or(&[], Vec::as_slice)
    }
    /// Something that was decided about a proposal, by its journal entry.
    pub fn past(&self, entry: u64) -> Option<&Past> {
        let place = self.places.get(&entry)?;
        self.past.get(place)?.iter().find(|one| one.entry == entry)
    }
    /// Approved lines that are no order yet, by supplier and site.
    pub fn drafts(&self) -> Vec<Draft<'_>> {
        let mut drafts: BTreeMap<(&SupplierId, &SiteId), Vec<&Approved>> = BTreeMap::new();
        for approved in self.standing.values().filter_map(|entry| self.approvals.get(entry)) {
            // The desk leaves no approval without a supplier.
            let Some(supplier) = &approved.line.supplier else { continue };
            drafts.entry((supplier, &approved.line.site)).or_default().push(approved);
        }
        let drafts = drafts.into_iter().map(|((supplier, site), mut lines)| {
            lines.sort_by_key(|line| line.by.entry);
            Draft { all: self, supplier, site, lines }
        });
        drafts.collect()
    }
    /// The draft that a line to a supplier for a site would be part of.
    pub fn draft_of(&self, supplier: &SupplierId, site: &SiteId) -> Option<Draft<'_>> {
        self.drafts().into_iter().find(|draft| draft.supplier == supplier && draft.site == site)
    }
    /// Whether approved lines wait to become an order.
    pub fn has_drafts(&self) -> bool {
        !self.standing.is_empty()
    }
    /// What a person approved since a moment, as the first person or as the second, and neither took back
    /// nor saw called off as an order.
    pub fn approved_by(&self, user: &str, since: Timestamp) -> Total {
        let called_off = |one: &Approved| {
            let order = one.po.as_ref().and_then(|po| self.orders.get(po));
            order.is_some_and(|order| order.cancelled.is_some())
        };
        // The newest come last, and moments never go back.
        let recent = self.approvals.values().rev().take_while(|one| one.by.at >= since);
        let own = recent.filter(|one| *one.by.who == *user);
        let signed = self.signatures.iter().rev().filter_map(|(signature, entry)| {
            let one = self.approvals.get(entry)?;
            Some((one, one.second.as_ref().filter(|second| second.entry == *signature)?))
        });
        let signed = signed.take_while(|(_, second)| second.at >= since);
        let signed = signed.filter(|(_, second)| *second.who == *user).map(|(one, _)| one);
        let counts = |one: &&Approved| !one.withdrawn && !called_off(one);
        total(own.chain(signed).filter(counts).map(|one| one.line.value()))
    }
    /// What was ordered of a supplier for a site since a moment, and not called off.
    pub fn placed_since(&self, since: Timestamp, supplier: &SupplierId, site: &SiteId) -> Total {
        let there = |order: &&OwnOrder| order.supplier == *supplier && order.site == *site;
        let orders = self.orders.values().filter(|order| order.at >= since).filter(there);
        let orders = orders.filter(|order| order.cancelled.is_none());
        total(orders.flat_map(|order| &order.lines).map(PlacedLine::value))
    }
    /// Own orders, by number.
    pub fn orders(&self) -> impl DoubleEndedIterator<Item = &OwnOrder> {
        self.orders.values()
    }
    /// An own order.
    pub fn order(&self, po: &PoNumber) -> Option<&OwnOrder> {
        self.orders.get(po)
    }
    /// How many units of what came of a SKU by an order were damaged.
    pub fn damaged(&self, po: &PoNumber, sku: &Sku) -> Qty {
        self.damaged.get(&(po.clone(), sku.clone())).copied().unwrap_or_default()
    }
    /// Requests about own orders' lines, and transfers between own sites.
    pub fn coordination(&self) -> &Coordination {
        &self.coordination
    }
    /// Whether something is still to be told outside.
    pub fn is_untold(&self, parcel: &Parcel) -> bool {
        let of_order = self.orders.get(&parcel.po).and_then(OwnOrder::parcel);
        of_order.or_else(|| self.told_after(parcel.of)).as_ref() == Some(parcel)
    }
    /// A request about an order, once its supplier knows of the order and while it stands; a dispatch.
    fn told_after(&self, of: u64) -> Option<Parcel> {
        let parcel = self.coordination.parcel(of)?;
        let stands = |order: &OwnOrder| {
            order.parcel().is_none() && order.cancelled.is_none() && order.closed.is_none()
        };
        self.orders.get(&parcel.po).is_none_or(stands).then_some(parcel)
    }
    /// What is to be told outside, the oldest first.
    pub fn parcels(&self) -> Vec<Parcel> {
        let untold = self.untold.iter().filter_map(|po| self.orders.get(po));
        let mut parcels: Vec<Parcel> = untold.filter_map(OwnOrder::parcel).collect();
        let more = self.coordination.parcels().filter_map(|parcel| self.told_after(parcel.of));
        parcels.extend(more);
        parcels.sort_by_key(|parcel| parcel.of);
        parcels
    }
    /// Orders that no target would take, until a person has them sent again; by number.
    pub fn given_up(&self) -> impl ExactSizeIterator<Item = &PoNumber> {
        self.given_up.iter()
    }
    /// The number of the next own order.
    pub fn next_number(&self, prefix: &str) -> PoNumber {
        own_number(prefix, self.orders.len() as u64 + 1)
    }
    /// What became of proposals.
    pub fn conversion(&self) -> &Conversion {
        &self.tally
    }
}

/// What an entry about an order changes in it.
fn changed(order: &mut OwnOrder, entry: &Entry) {
    let ended = |reason: &str| {
        let (who, at) = (entry.actor.user.clone(), entry.at);
        Some(Cancelled { entry: entry.seq, who, reason: reason.into(), at })
    };
    match &entry.decision {
        Decision::Tell { of, told, .. } => heard(order, *of, told, entry.at),
        Decision::Resend { .. } => order.failed = None,
        Decision::CancelOrder { reason, .. } => {
            order.failed = None;
            order.cancelled = ended(reason);
        }
        Decision::CloseOrder { reason, .. } => order.closed = ended(reason),
        _ => {}
    }
}

fn heard(order: &mut OwnOrder, of: u64, told: &Told, at: Timestamp) {
    let of_order = of == order.entry || order.cancelled.as_ref().is_some_and(|one| one.entry == of);
    if !of_order {
        // It answers a request about a line; the others stay as they were confirmed.
        if let Told::Confirmed { lines, .. } = told {
            order.amend(lines, at);
        }
        return;
    }
    let cancels = order.cancelled.as_ref().is_some_and(|cancelled| cancelled.entry == of);
    match told {
        Told::Sent { target, reference } | Told::CancellationSent { target, reference } => {
            let sent = Sent { target: target.clone(), reference: reference.clone(), at };
            order.failed.take_if(|failed| failed.of == of);
            if cancels {
                order.cancellation_sent = Some(sent);
            } else if of == order.entry {
                order.sent = Some(sent);
            }
        }
        Told::Confirmed { lines, due } => {
            order.odd = lines.iter().filter_map(|line| order.odd(line)).collect();
            let lines = lines.iter().map(|line| order.believed(line)).collect();
            order.confirmed = Some(Confirmed { lines, due: *due, at });
        }
        Told::Failed { target, reason, attempts } => {
            let (target, reason) = (target.clone(), reason.clone());
            order.failed = Some(Failure { of, target, reason, attempts: *attempts, at });
        }
    }
}

impl Conversion {
    /// Counts an approved line, or with -1 takes it out again.
    fn count(&mut self, line: &Approval, sign: i64) {
        let counter = match &line.suggested {
            None => &mut self.by_hand,
            Some(_) if line.is_edited() => &mut self.edited,
            Some(_) => &mut self.as_proposed,
        };
        *counter = counter.saturating_add_signed(sign);
        let Some((cost, shown)) = line.cost.zip(line.suggested.as_ref()) else { return };
        let delta = cost.times(line.qty - shown.qty);
        let sums = match delta.minor {
            0 => return,
            1.. => &mut self.edits_added,
            _ => &mut self.edits_saved,
        };
        let amount = Money { minor: delta.minor.abs() * sign, currency: delta.currency };
        match sums.iter_mut().find(|sum| sum.currency == amount.currency) {
            Some(sum) => sum.minor = sum.minor.saturating_add(amount.minor),
            None => sums.push(amount),
        }
    }
    /// Takes a line out again whose order was called off.
    fn call_off(&mut self, line: &Approval) {
        self.count(line, -1);
        self.called_off += 1;
    }
    /// Lines that were proposed and decided, put-off ones apart.
    pub fn decided(&self) -> u64 {
        self.as_proposed + self.edited + self.rejected
    }
}
