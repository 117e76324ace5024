//! What an entry of the journal does to stock.

use super::Marks;
use super::buying::{Purchasing, purchase_order_after};
use crate::domain::{Decision, Entry, Timestamp};
use crate::stock::{Changed, SalesAfter, StockBook};

/// Does what an entry means for stock; notes, pins and acknowledgements mean nothing. Doing it
/// again changes nothing: the book knows movements and counts by the entry's number.
///
/// An undo moves goods at the moment of the decision that it undoes. So where a source has told a
/// newer figure in between, which held the mistake already mended or never made, neither the
/// decision nor its undo counts any more. `marks` and `purchasing` must have applied the entry;
/// `entry_at` tells the moment of an entry by its number.
pub fn carry_out(
    entry: &Entry,
    (marks, purchasing): (&Marks, &Purchasing),
    entry_at: &dyn Fn(u64) -> Option<Timestamp>,
    book: &mut StockBook,
    sales: &dyn SalesAfter,
) -> Changed {
    let seq = entry.seq;
    let moment = || match entry.undoes {
        Some(_) => entry_at(marks.original(seq)).unwrap_or(entry.at),
        None => entry.at,
    };
    match &entry.decision {
        Decision::Receive { po, sku, site, qty, .. } => {
            book.received((sku, site), *qty, po.as_ref(), moment(), seq)
        }
        Decision::Adjust { sku, site, delta, .. } => {
            book.adjusted((sku, site), *delta, moment(), seq)
        }
        Decision::Transfer { sku, from, to, qty, .. } => {
            book.transferred(sku, (from, to), *qty, moment(), seq)
        }
        Decision::Count { sku, site, counted, .. } => {
            book.counted((sku, site), *counted, entry.at, seq, sales)
        }
        Decision::Uncount { sku, site, before } => {
            book.uncounted((sku, site), before.as_ref(), entry.at, seq, sales)
        }
        Decision::Note { .. }
        | Decision::Pin { .. }
        | Decision::Acknowledge { .. }
        | Decision::Reveal { .. }
        | Decision::Forget { .. }
        | Decision::Retract { .. }
        | Decision::Override { .. }
        | Decision::EndOverride { .. }
        | Decision::UseModel { .. }
        | Decision::Approve(_)
        | Decision::Reject { .. }
        | Decision::Snooze { .. }
        | Decision::Countersign { .. }
        | Decision::Withdraw { .. }
        | Decision::Resend { .. }
        | Decision::Flag { .. }
        | Decision::Unflag { .. }
        | Decision::Mute { .. }
        | Decision::EndMute { .. }
        | Decision::SwitchRule { .. }
        | Decision::SetThreshold { .. }
        | Decision::UseFlagModel { .. }
        | Decision::TellShop { .. }
        | Decision::AskSupplier(_)
        | Decision::SendTransfer(_)
        | Decision::TurnDown { .. }
        | Decision::Allocate(_)
        | Decision::HoldForStock { .. }
        | Decision::Unallocate { .. }
        | Decision::TellShipping { .. } => Changed::default(),
        Decision::Dispatch { sku, from, qty, .. } => {
            let mut changed = book.adjusted((sku, from), -*qty, entry.at, seq);
            if let Some(version) = purchase_order_after(entry, purchasing, book) {
                changed.extend(book.purchase_order(&version));
            }
            changed
        }
        Decision::Place { .. }
        | Decision::Tell { .. }
        | Decision::CancelOrder { .. }
        | Decision::CloseOrder { .. } => match purchase_order_after(entry, purchasing, book) {
            Some(version) => book.purchase_order(&version),
            None => Changed::default(),
        },
    }
}
