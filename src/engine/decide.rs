//! Decisions: checked at the desk, written to the journal, then carried out.

use super::api::{Outcome, Refusal};
use super::house::House;
use super::tables;
use crate::desk::{self, DeskView};
use crate::domain::*;
use crate::journal::Draft;
use crate::orders::OrderIndex;
use crate::stock::StockBook;

impl House {
    /// Puts a decision in the journal and carries it out; answers when it is on disk.
    pub fn decide(&self, actor: Actor, decision: Decision, saw: &str) -> Result<Outcome, Refusal> {
        // The writer is held from the check to the end, so that nothing changes in between.
        let mut writer = self.writer.lock();
        let _ = writer.as_mut().ok_or_else(loading)?;
        let decision = self.at_desk(|view| desk::check(decision, view)).map_err(refused)?;
        let revealed = match &decision {
            Decision::Reveal { whose, .. } => Some(whose.clone()),
            _ => None,
        };
        let outcome = self.record(actor, decision, desk::clean_saw(saw), None)?;
        match (revealed, outcome) {
            (Some(whose), Outcome::Journalled(seq)) => self.reveal(&whose, seq),
            (_, outcome) => Ok(outcome),
        }
    }

    /// Undoes an entry by a new one.
    pub fn undo(&self, actor: Actor, seq: Option<u64>) -> Result<Outcome, Refusal> {
        let mut writer = self.writer.lock();
        let _ = writer.as_mut().ok_or_else(loading)?;
        let (decision, undoes) = {
            let journal = self.journal.lock();
            let entry = |seq| journal.entry(seq).ok().flatten();
            let marks = self.marks.read();
            self.at_desk(|view| desk::undo(seq, &actor.user, &entry, &marks, view))
                .map_err(refused)?
        };
        self.record(actor, decision, String::new(), Some(undoes))
    }

    fn record(
        &self,
        actor: Actor,
        decision: Decision,
        saw: String,
        undoes: Option<u64>,
    ) -> Result<Outcome, Refusal> {
        let store = self.store().ok_or_else(loading)?;
        let mut journal = self.journal.lock();
        let entry = journal
            .append(Draft {
                at: self.clock.now(),
                wall: Timestamp::wall_now(),
                mono_ms: self.started.elapsed().as_millis() as u64,
                actor,
                decision,
                saw,
                undoes,
            })
            .map_err(|error| Refusal::failed(error.to_string()))?;
        self.marks.write().apply(&entry);
        // From here on it stands: were the store to fail, the next start carries it out.
        self.carry_out(store, &entry, &|seq| Some(journal.entry(seq).ok()??.at))
            .map_err(|error| Refusal::failed(error.to_string()))?;
        drop(journal);
        self.changed();
        Ok(Outcome::Journalled(entry.seq))
    }

    fn at_desk<T>(&self, ask: impl FnOnce(&dyn DeskView) -> T) -> T {
        let (book, index) = (self.stock.read(), self.orders.read());
        let feeds = self.board.snapshot().into_iter().map(|feed| feed.id).collect();
        ask(&View { house: self, book: &book, index: &index, feeds })
    }
}

fn loading() -> Refusal {
    Refusal::failed("the store is still being loaded; try again in a moment")
}

fn refused(error: desk::DeskError) -> Refusal {
    Refusal::usage(error.to_string())
}

/// What the desk sees of the house.
struct View<'a> {
    house: &'a House,
    book: &'a StockBook,
    index: &'a OrderIndex,
    feeds: Vec<FeedId>,
}

impl DeskView for View<'_> {
    fn knows_sku(&self, sku: &Sku) -> bool {
        self.book.knows(sku)
    }
    fn skus(&self) -> Box<dyn Iterator<Item = &Sku> + '_> {
        Box::new(self.book.products().map(|product| &product.sku))
    }
    fn sites(&self) -> Vec<SiteId> {
        let mut sites: Vec<SiteId> = self.book.sites().map(|site| site.id.clone()).collect();
        sites.extend(self.index.sites());
        if sites.is_empty() {
            sites.push(SiteId::main());
        }
        sites.sort_unstable();
        sites.dedup();
        sites
    }
    fn feeds(&self) -> Vec<FeedId> {
        let mut feeds = self.index.feeds();
        feeds.extend(self.feeds.iter().cloned());
        feeds.sort_unstable();
        feeds.dedup();
        feeds
    }
    fn feeds_with_order(&self, number: &OrderNo) -> Vec<FeedId> {
        let has = |feed: &FeedId| {
            self.index.find(&OrderKey { feed: feed.clone(), number: number.clone() }).is_some()
        };
        self.index.feeds().into_iter().filter(has).collect()
    }
    fn position(&self, sku: &Sku, site: &SiteId) -> Option<Position> {
        self.book.position(sku, site).cloned()
    }
    fn purchase_order(&self, number: &PoNumber) -> Option<PurchaseOrder> {
        self.book.purchase_order_of(number).cloned()
    }
    fn to_come(&self, po: &PurchaseOrder, sku: &Sku) -> Qty {
        self.book.to_come(po, sku)
    }
    fn knows_customer(&self, customer: &CustomerRef) -> bool {
        let whose = Whose::Customer(customer.clone()).to_string();
        self.index.knows_customer(customer) || self.house.vault.lock().knows(&whose)
    }
    fn customer_of(&self, order: &OrderKey) -> Option<CustomerRef> {
        self.index.row(self.index.find(order)?)?.customer
    }
    fn has_rejected(&self, seq: u64) -> bool {
        let kept = self.house.store().map(|store| store.get::<tables::Quarantine>(&seq));
        matches!(kept, Some(Ok(Some(_))))
    }
    fn is_forgotten(&self, whose: &Whose) -> bool {
        self.house.vault.lock().is_forgotten(&whose.to_string())
    }
    fn open_purchase_orders(&self, sku: &Sku) -> Vec<PoNumber> {
        self.book.open_purchase_orders(sku).into_iter().map(|po| po.number.clone()).collect()
    }
}
