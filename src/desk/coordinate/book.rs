//! What the journal's entries about requests to suppliers and transfers add up to.

use crate::desk::buying::{Failure, Parcel, Sent, Signature};
use crate::domain::{
    Ask, ConfirmedLine, Day, Decision, Entry, LineRequest, Measure, PoNumber, Qty, Reply, SiteId,
    Sku, Timestamp, Told, TransferOrder,
};
use std::collections::{BTreeMap, HashMap};

/// A day that has moved by more than this makes a proposal another one.
const ANOTHER_DAYS: i32 = 3;
/// So does a quantity that differs by more than this, in percent.
const ANOTHER_PERCENT: i64 = 25;

/// Requests, transfers, and what was turned down. In memory; made again by applying every entry in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coordination {
    requests: BTreeMap<u64, Request>,
    transfers: BTreeMap<u64, OwnTransfer>,
    /// The last word about each proposal, by its key.
    quiet: HashMap<String, TurnedDown>,
    /// Accepted transfers by the entry that let them leave, and by their number.
    left: HashMap<u64, u64>,
    numbers: HashMap<PoNumber, u64>,
}

/// A request to a supplier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What was asked.
    pub line: LineRequest,
    /// By whom, and when.
    pub by: Signature,
    /// Whether it was taken back.
    pub withdrawn: bool,
    /// The supplier was told.
    pub sent: Option<Sent>,
    /// What no target would take.
    pub failed: Option<Failure>,
    /// What the supplier said.
    pub answer: Option<Answer>,
}

/// What a supplier said to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it does what it was asked.
    pub reply: Reply,
    /// When the line comes, where it said.
    pub due: Option<Day>,
    /// How many units come, where it said.
    pub qty: Option<Qty>,
    /// When it was said.
    pub at: Timestamp,
}

/// A transfer between own sites that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTransfer {
    /// What was accepted.
    pub order: TransferOrder,
    /// By whom, and when.
    pub by: Signature,
    /// Whether it was taken back.
    pub withdrawn: bool,
    /// The entry by which it left, its number, and how many units did.
    pub left: Option<(u64, PoNumber, Qty)>,
    /// When it left.
    pub left_at: Option<Timestamp>,
    /// The giving site's system was told.
    pub sent: Option<Sent>,
    /// What no target would take.
    pub failed: Option<Failure>,
    /// The entries about it, in order.
    pub entries: Vec<u64>,
}

impl OwnTransfer {
    /// Whether it stands and has not left.
    pub fn is_to_leave(&self) -> bool {
        !self.withdrawn && self.left.is_none()
    }
}

/// A proposal that was turned down or put off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnedDown {
    /// What had been proposed.
    pub measure: Measure,
    /// By whom, and when.
    pub by: Signature,
    /// The first day on which it may be proposed again; `None`: when it is another one.
    pub until: Option<Day>,
    /// Why; `None`: it was put off.
    pub reason: Option<String>,
    /// Whether it was taken back.
    pub withdrawn: bool,
}

impl TurnedDown {
    /// Whether it keeps a proposal quiet today.
    pub fn silences(&self, today: Day, measure: &Measure) -> bool {
        let same = || !is_another(&self.measure, measure);
        !self.withdrawn && self.until.map_or_else(same, |until| today < until)
    }
}

/// Whether a proposal has become another one than `then`.
fn is_another(then: &Measure, now: &Measure) -> bool {
    let moved = |a: Option<Day>, b: Option<Day>| match (a, b) {
        (Some(a), Some(b)) => (a.number() - b.number()).abs() > ANOTHER_DAYS,
        (a, b) => a != b,
    };
    match (then, now) {
        (Measure::Line(then), Measure::Line(now)) => {
            then.ask.word() != now.ask.word() || moved(then.ask.day(), now.ask.day())
        }
        (Measure::Transfer(then), Measure::Transfer(now)) => {
            let by = (now.qty - then.qty).abs().as_milli();
            by.saturating_mul(100) > then.qty.as_milli().saturating_mul(ANOTHER_PERCENT)
        }
        _ => true,
    }
}

impl Coordination {
    /// Folds an entry in. Entries come in the order of their numbers, each once.
    pub(in crate::desk) fn apply(&mut self, entry: &Entry) {
        match &entry.decision {
            Decision::AskSupplier(line) => {
                let (line, by) = (line.clone(), Signature::of(entry));
                let (sent, failed, answer) = (None, None, None);
                let request = Request { line, by, withdrawn: false, sent, failed, answer };
                self.requests.insert(entry.seq, request);
            }
            Decision::SendTransfer(order) => {
                let transfer = OwnTransfer {
                    order: order.clone(),
                    by: Signature::of(entry),
                    withdrawn: false,
                    left: None,
                    left_at: None,
                    sent: None,
                    failed: None,
                    entries: vec![entry.seq],
                };
                self.transfers.insert(entry.seq, transfer);
            }
            Decision::Dispatch { of, number, qty, .. } => {
                if let Some(transfer) = self.transfers.get_mut(of) {
                    transfer.left = Some((entry.seq, number.clone(), *qty));
                    transfer.left_at = Some(entry.at);
                    transfer.entries.push(entry.seq);
                    self.left.insert(entry.seq, *of);
                    self.numbers.insert(number.clone(), *of);
                }
            }
            Decision::Receive { po: Some(po), .. }
            | Decision::Adjust { po: Some(po), .. }
            | Decision::CloseOrder { po, .. } => {
                let of = self.numbers.get(po);
                if let Some(transfer) = of.and_then(|of| self.transfers.get_mut(of)) {
                    transfer.entries.push(entry.seq);
                }
            }
            Decision::TurnDown { measure, until, reason } => {
                let turned = TurnedDown {
                    measure: measure.clone(),
                    by: Signature::of(entry),
                    until: *until,
                    reason: reason.clone(),
                    withdrawn: false,
                };
                self.quiet.insert(measure.key(), turned);
            }
            Decision::Withdraw { entry: taken, .. } => self.withdraw(*taken),
            Decision::Tell { of, told, .. } => self.hear(*of, told, entry.at),
            Decision::Resend { po } => self.send_again(po),
            _ => {}
        }
    }

    fn withdraw(&mut self, taken: u64) {
        if let Some(request) = self.requests.get_mut(&taken) {
            request.withdrawn = true;
        }
        if let Some(transfer) = self.transfers.get_mut(&taken) {
            transfer.withdrawn = true;
        }
        if let Some(turned) = self.quiet.values_mut().find(|turned| turned.by.entry == taken) {
            turned.withdrawn = true;
        }
    }

    fn send_again(&mut self, po: &PoNumber) {
        for request in self.requests.values_mut().filter(|request| request.line.po == *po) {
            request.failed = None;
        }
        for transfer in self.transfers.values_mut() {
            transfer.failed.take_if(|_| transfer.left.as_ref().is_some_and(|left| left.1 == *po));
        }
    }

    fn hear(&mut self, of: u64, told: &Told, at: Timestamp) {
        let request = self.requests.get_mut(&of);
        let transfer = self.left.get(&of).and_then(|entry| self.transfers.get_mut(entry));
        let (sent, failed) = match (request, transfer) {
            (Some(request), _) => {
                if let Told::Confirmed { lines, due } = told {
                    request.answer = Some(answered(&request.line, lines, *due, at));
                }
                (&mut request.sent, &mut request.failed)
            }
            (None, Some(transfer)) => (&mut transfer.sent, &mut transfer.failed),
            (None, None) => return,
        };
        match told {
            Told::Sent { target, reference } => {
                *sent = Some(Sent { target: target.clone(), reference: reference.clone(), at });
                *failed = None;
            }
            Told::Confirmed { .. } | Told::CancellationSent { .. } => {}
            Told::Failed { target, reason, attempts } => {
                let (target, reason) = (target.clone(), reason.clone());
                *failed = Some(Failure { of, target, reason, attempts: *attempts, at });
            }
        }
    }

    /// A request, by its journal entry.
    pub fn request(&self, entry: u64) -> Option<&Request> {
        self.requests.get(&entry)
    }
    /// Requests that were not taken back, the oldest first.
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = &Request> {
        self.requests.values().filter(|request| !request.withdrawn)
    }
    /// The last request about a line.
    pub fn asked(&self, po: &PoNumber, sku: &Sku) -> Option<&Request> {
        self.requests().rev().find(|one| one.line.po == *po && one.line.sku == *sku)
    }
    /// When a line comes, where the supplier said so to a request.
    pub fn due_of(&self, po: &PoNumber, sku: &Sku) -> Option<Day> {
        let said = |one: &Request| one.answer.filter(|answer| answer.reply != Reply::No)?.due;
        let about = self.requests().rev().filter(|one| one.line.po == *po && one.line.sku == *sku);
        about.filter_map(said).next()
    }
    /// The last request about an order's line among these that the supplier was told and has not answered;
    /// where no line is named, about any.
    pub fn unanswered(&self, po: &PoNumber, lines: &[ConfirmedLine]) -> Option<&Request> {
        let named = |sku: &Sku| lines.is_empty() || lines.iter().any(|line| line.sku == *sku);
        self.requests().rev().find(|one| {
            one.line.po == *po && named(&one.line.sku) && one.answer.is_none() && one.sent.is_some()
        })
    }
    /// An accepted transfer, by its journal entry.
    pub fn transfer(&self, entry: u64) -> Option<&OwnTransfer> {
        self.transfers.get(&entry)
    }
    /// A transfer that has left, by its number.
    pub fn transfer_of(&self, number: &PoNumber) -> Option<&OwnTransfer> {
        self.transfers.get(self.numbers.get(number)?)
    }
    /// Transfers that were not taken back, the oldest first.
    pub fn transfers(&self) -> impl DoubleEndedIterator<Item = &OwnTransfer> {
        self.transfers.values().filter(|transfer| !transfer.withdrawn)
    }
    /// Units of a SKU that are to leave a site, and have not.
    pub fn reserved(&self, sku: &Sku, from: &SiteId) -> Qty {
        let there = |one: &&OwnTransfer| one.order.sku == *sku && one.order.from == *from;
        let leaving = self.transfers.values().filter(|one| one.is_to_leave()).filter(there);
        leaving.map(|one| one.order.qty).sum()
    }
    /// What keeps a proposal quiet today: it was turned down or put off.
    pub fn silenced(&self, today: Day, measure: &Measure) -> Option<&TurnedDown> {
        self.quiet.get(&measure.key()).filter(|turned| turned.silences(today, measure))
    }
    /// The last word about a proposal that was turned down or put off and not taken back.
    pub fn last_word(&self, key: &str) -> Option<&TurnedDown> {
        self.quiet.get(key).filter(|turned| !turned.withdrawn)
    }
    /// Something that was turned down or put off, by its journal entry, if it is the last word about it.
    pub fn turned_down(&self, entry: u64) -> Option<&TurnedDown> {
        self.quiet.values().find(|turned| turned.by.entry == entry)
    }
    /// Whether a request says what was asked of the line last time and answers hold against it still.
    pub fn holds(request: &Request, measure: &Measure) -> bool {
        !is_another(&Measure::Line(request.line.clone()), measure)
    }
    /// What a request or a dispatch is to be told outside; `None`: nothing, or not any more.
    pub fn parcel(&self, of: u64) -> Option<Parcel> {
        if let Some(one) = self.requests.get(&of) {
            let told = one.sent.is_some() || one.answer.is_some();
            let waits = !one.withdrawn && !told && one.failed.is_none();
            return waits.then(|| Parcel { po: one.line.po.clone(), of, cancels: false });
        }
        let one = self.transfers.get(self.left.get(&of)?)?;
        let (_, number, qty) = one.left.as_ref()?;
        let waits = one.sent.is_none() && one.failed.is_none() && qty.is_positive();
        waits.then(|| Parcel { po: number.clone(), of, cancels: false })
    }
    /// All that is to be told outside, the oldest first.
    pub fn parcels(&self) -> impl Iterator<Item = Parcel> + '_ {
        let mut entries: Vec<u64> = self.requests.keys().chain(self.left.keys()).copied().collect();
        entries.sort_unstable();
        entries.into_iter().filter_map(|of| self.parcel(of))
    }
    /// Whether something about an order or a transfer is given up until a person has it sent again.
    pub fn is_given_up(&self, po: &PoNumber) -> bool {
        let request = |one: &Request| one.line.po == *po && one.failed.is_some();
        let transfer = self.transfer_of(po).is_some_and(|one| one.failed.is_some());
        transfer || self.requests().any(request)
    }
}

/// What an answer comes to.
fn answered(
    asked: &LineRequest,
    lines: &[ConfirmedLine],
    all: Option<Day>,
    at: Timestamp,
) -> Answer {
    let line = lines.iter().find(|line| line.sku == asked.sku);
    let due = line.and_then(|line| line.due).or(all);
    let qty = line.and_then(|line| line.qty);
    let sooner = |than: Day| asked.due.is_none_or(|before| than < before);
    let later = |than: Day| asked.due.is_none_or(|before| than > before);
    let reply = match (asked.ask, due, qty) {
        (Ask::Expedite { by }, Some(due), _) if due <= by => Reply::Yes,
        (Ask::Expedite { .. }, Some(due), _) if sooner(due) => Reply::Partly,
        (Ask::Defer { until }, Some(due), _) if due >= until => Reply::Yes,
        (Ask::Defer { .. }, Some(due), _) if later(due) => Reply::Partly,
        (Ask::Cancel, _, Some(qty)) if qty.is_zero() => Reply::Yes,
        (Ask::Cancel, _, Some(qty)) if qty < asked.qty => Reply::Partly,
        _ => Reply::No,
    };
    Answer { reply, due, qty, at }
}
