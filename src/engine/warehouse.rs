//! What people do to stock in a demo, told to the simulated merchant as a real shop's systems would be told:
//! its next level holds it, and its suppliers do not bring again what was taken in by hand.

use super::house::House;
use crate::domain::{Decision, Entry, Qty, Timestamp};
use crate::feed::demo::{Asked, DemoStore, Request};

/// Makes a demo's shop the one that is told, and tells it what was decided since `stood`, up to which it had
/// been when the owner before ended: what it knows it does not note again.
pub fn tell_warehouse_of(house: &House, shop: &DemoStore, stood: Timestamp) {
    let warehouse = shop.warehouse();
    *house.warehouse.write() = Some(warehouse.clone());
    let late = house.entries_since(stood);
    warehouse.note(|_| ((), late.iter().flat_map(noted).collect()));
}

impl House {
    /// The newest entries of the journal, from a moment on, the oldest first.
    fn entries_since(&self, moment: Timestamp) -> Vec<Entry> {
        let journal = self.journal.lock();
        let entries = (1..=journal.len()).rev().map_while(|seq| journal.entry(seq).ok().flatten());
        let mut late: Vec<Entry> = entries.take_while(|entry| entry.at >= moment).collect();
        late.reverse();
        late
    }
}

/// Whether a decision is about what is on a shelf, or on its way to one.
pub fn moves_stock(decision: &Decision) -> bool {
    matches!(
        decision,
        Decision::Receive { .. }
            | Decision::Adjust { .. }
            | Decision::Transfer { .. }
            | Decision::Count { .. }
            | Decision::Uncount { .. }
            | Decision::CloseOrder { .. }
    )
}

/// What an entry means for the merchant's shelves; nothing where it is not about stock.
pub fn noted(entry: &Entry) -> Vec<Asked> {
    let asked = |part: &str, number: &str, what| Asked {
        key: format!("{}{part}", key(entry.seq)).into(),
        at: 0,
        number: number.into(),
        what,
    };
    let moved = |sku: &str, site: &str, units: Qty| Request::Move {
        sku: sku.into(),
        site: site.into(),
        units: whole(units),
    };
    match &entry.decision {
        Decision::Receive { po, sku, site, qty, .. } => {
            let number = po.as_ref().map_or("", |po| po.as_str());
            vec![asked("", number, moved(sku.as_str(), site.as_str(), *qty))]
        }
        Decision::Adjust { sku, site, delta, .. } => {
            vec![asked("", "", moved(sku.as_str(), site.as_str(), *delta))]
        }
        Decision::Transfer { sku, from, to, qty, .. } => vec![
            asked(" from", "", moved(sku.as_str(), from.as_str(), -*qty)),
            asked(" to", "", moved(sku.as_str(), to.as_str(), *qty)),
        ],
        Decision::Count { sku, site, counted, .. } => {
            let (sku, site) = (sku.as_str().into(), site.as_str().into());
            vec![asked("", "", Request::Count { sku, site, units: whole(*counted) })]
        }
        // Of a transfer what has not come is lost; suppliers bring what they have sent.
        Decision::CloseOrder { po, .. } => vec![asked("", po.as_str(), Request::Lost)],
        Decision::Uncount { .. } => {
            let count = entry.undoes.map(|count| Request::Uncount { count: key(count).into() });
            count.map(|what| asked("", "", what)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn key(seq: u64) -> String {
    format!("stock {seq}")
}

/// The merchant keeps whole units.
fn whole(units: Qty) -> i32 {
    i32::try_from(units.trunc()).unwrap_or(i32::MAX)
}
