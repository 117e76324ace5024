//! An order that the store placed, as the journal tells it.

use crate::domain::{
    BuyingState, ConfirmedLine, Day, PlacedLine, PoNumber, PoStatus, PurchaseOrder, Qty, SiteId,
    Sku, SupplierId, Timestamp, Total, total,
};

/// A supplier who confirms more than this many times what was ordered means something else.
pub(super) const MOST_TIMES_ORDERED: i64 = 10;

/// An own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnOrder {
    /// Its number.
    pub number: PoNumber,
    /// The journal entry that placed it.
    pub entry: u64,
    /// When it was placed.
    pub at: Timestamp,
    /// To whom.
    pub supplier: SupplierId,
    /// For where.
    pub site: SiteId,
    /// What.
    pub lines: Vec<PlacedLine>,
    /// When the goods were to be there.
    pub due: Option<Day>,
    /// The supplier was told of it.
    pub sent: Option<Sent>,
    /// What the supplier confirmed last.
    pub confirmed: Option<Confirmed>,
    /// It was called off.
    pub cancelled: Option<Cancelled>,
    /// The supplier was told that it is called off.
    pub cancellation_sent: Option<Sent>,
    /// It was closed, and why.
    pub closed: Option<Cancelled>,
    /// What no target would take; nothing once it is to be sent again.
    pub failed: Option<Failure>,
    /// What the outside said that cannot be right, one sentence each.
    pub odd: Vec<String>,
    /// Numbers of the journal entries about it, oldest first.
    pub entries: Vec<u64>,
}

/// That the supplier was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Through which target.
    pub target: Box<str>,
    /// What the target calls it.
    pub reference: Option<Box<str>>,
    /// When.
    pub at: Timestamp,
}

/// What the supplier confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// What was said of lines.
    pub lines: Vec<ConfirmedLine>,
    /// When all will come, where that was said.
    pub due: Option<Day>,
    /// When it was said.
    pub at: Timestamp,
}

/// That an order was ended before all had arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// The journal entry.
    pub entry: u64,
    /// Who.
    pub who: Box<str>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Something that no target would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The journal entry that was to be told.
    pub of: u64,
    /// Which target.
    pub target: Box<str>,
    /// Why.
    pub reason: Box<str>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up.
    pub at: Timestamp,
}

/// Something that is to be told outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// About which order.
    pub po: PoNumber,
    /// The journal entry that it tells.
    pub of: u64,
    /// Whether it calls the order off.
    pub cancels: bool,
}

impl OwnOrder {
    /// What it costs, as it was placed.
    pub fn total(&self) -> Total {
        total(self.lines.iter().map(PlacedLine::value))
    }

    /// How many units the supplier will send of a SKU: as confirmed, else as ordered.
    pub fn expected(&self, sku: &Sku) -> Qty {
        let confirmed = self.confirmed.iter().flat_map(|confirmed| &confirmed.lines);
        let told = confirmed.filter(|line| line.sku == *sku).find_map(|line| line.qty);
        told.unwrap_or_else(|| self.ordered(sku))
    }

    /// What of a confirmed line can be meant: a quantity below nothing, or of more than ten times what
    /// was ordered, is a slip, and says nothing of how many will come.
    pub fn believed(&self, line: &ConfirmedLine) -> ConfirmedLine {
        let most = self.ordered(&line.sku).as_milli().saturating_mul(MOST_TIMES_ORDERED);
        let qty = line.qty.filter(|qty| (0..=most).contains(&qty.as_milli()));
        ConfirmedLine { qty, ..line.clone() }
    }

    /// Takes what a supplier says of single lines into what it confirmed before.
    pub(super) fn amend(&mut self, lines: &[ConfirmedLine], at: Timestamp) {
        let believed: Vec<_> = lines.iter().map(|line| self.believed(line)).collect();
        let none = || Confirmed { lines: Vec::new(), due: None, at };
        let confirmed = self.confirmed.get_or_insert_with(none);
        for line in believed {
            match confirmed.lines.iter_mut().find(|known| known.sku == line.sku) {
                Some(known) => {
                    known.qty = line.qty.or(known.qty);
                    known.due = line.due.or(known.due);
                }
                None => confirmed.lines.push(line),
            }
        }
    }

    /// What is odd about a confirmed line, in a sentence.
    pub(super) fn odd(&self, line: &ConfirmedLine) -> Option<String> {
        let (sku, po, ordered) = (&line.sku, &self.number, self.ordered(&line.sku));
        if ordered.is_zero() {
            return Some(format!("The supplier confirms {sku}, which is not on {po}; ask them."));
        }
        let qty = line.qty.filter(|_| self.believed(line).qty.is_none())?;
        Some(format!(
            "The supplier confirms {qty} of {sku} on {po}, of which {ordered} were ordered; that is not \
             counted on, ask them."
        ))
    }

    /// Whether the supplier confirmed that nothing of it will come.
    fn is_declined(&self) -> bool {
        self.confirmed.is_some() && self.lines.iter().all(|line| self.expected(&line.sku).is_zero())
    }

    /// How many units were ordered of a SKU.
    pub fn ordered(&self, sku: &Sku) -> Qty {
        self.lines.iter().filter(|line| line.sku == *sku).map(|line| line.qty).sum()
    }

    /// What is still to be told outside. What nobody would take waits until a person says that it
    /// is to be sent again. An order that is called off is called off outside too, even where
    /// nobody knows whether it arrived: a try that got no answer may have been heard.
    pub fn parcel(&self) -> Option<Parcel> {
        let (of, cancels, done) = match &self.cancelled {
            Some(cancelled) => (cancelled.entry, true, self.cancellation_sent.is_some()),
            None => (self.entry, false, self.sent.is_some() || self.closed.is_some()),
        };
        let given_up = self.failed.as_ref().is_some_and(|failed| failed.of == of);
        let waits = !done && !given_up;
        waits.then(|| Parcel { po: self.number.clone(), of, cancels })
    }

    /// How far it has come, with what stock knows of it: `told`, the newest version that stock has
    /// of the order, which a feed may have told, and how many units have arrived of a SKU.
    pub fn state(
        &self,
        told: Option<&PurchaseOrder>,
        arrived: &dyn Fn(&Sku) -> Qty,
    ) -> BuyingState {
        let status = told.map(|told| told.status);
        if self.cancelled.is_some() || status == Some(PoStatus::Cancelled) {
            return BuyingState::Cancelled;
        }
        if self.closed.is_some() || status == Some(PoStatus::Closed) {
            return BuyingState::Closed;
        }
        if self.is_declined() && status.is_none_or(|status| status.is_open()) {
            return BuyingState::Cancelled;
        }
        let all = self.lines.iter().all(|line| arrived(&line.sku) >= self.expected(&line.sku));
        if all || status == Some(PoStatus::Received) {
            return BuyingState::Received;
        }
        let some = self.lines.iter().any(|line| arrived(&line.sku).is_positive());
        if some || status == Some(PoStatus::PartlyReceived) {
            return BuyingState::PartlyReceived;
        }
        if self.confirmed.is_some() || status == Some(PoStatus::Acknowledged) {
            return BuyingState::Acknowledged;
        }
        match self.sent {
            Some(_) => BuyingState::Sent,
            None => BuyingState::Approved,
        }
    }
}
