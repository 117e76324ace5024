//! Requests to suppliers and transfers between own sites on their way out: what is ripe is told, and goods
//! leave when nobody can take their transfer back any more.

use super::api::{PurchaseRequest, Refusal};
use super::decide::loading;
use super::house::House;
use crate::desk::buying::{OwnOrder, Parcel, Purchasing};
use crate::desk::coordinate::{OwnTransfer, Request};
use crate::domain::*;
use crate::outbox::{DocumentKind, DocumentLine, PurchaseDocument, Route, Routes};
use crate::plan::coordinate::TransferTerms;

/// What stands before a transfer's number, which is that of the journal entry that accepted it.
const PREFIX: &str = "TR-";

impl House {
    /// What transfers between own sites take; `None`: none are proposed.
    pub fn transfer_terms(&self) -> Option<TransferTerms> {
        self.planner.rules().transfers.terms(self.currency)
    }

    /// Lets the next transfer leave whose grace period is over; the entry that did.
    pub fn dispatch_next(&self) -> Result<Option<u64>, Refusal> {
        let mut writer = self.writer.lock();
        let store = self.store().filter(|_| writer.is_some()).ok_or_else(loading)?;
        let purchasing = self.purchasing.read().clone();
        let ripe = |one: &&OwnTransfer| {
            one.is_to_leave() && self.since_signed(&one.by) >= self.rules().grace
        };
        let Some(transfer) = purchasing.coordination().transfers().find(ripe) else {
            return Ok(None);
        };
        let (of, order) = (transfer.by.entry, &transfer.order);
        let (number, qty) = {
            let book = self.stock.read();
            let position = book.position(&order.sku, &order.from);
            // What was sold since is gone.
            let free = position.and_then(Position::available).unwrap_or_default();
            let number = PoNumber::new(format!("{PREFIX}{of:06}"));
            let is_taken = book.purchase_order_of(&number).is_some();
            let other = || PoNumber::new(format!("{number}-{}", order.from));
            (if is_taken { other() } else { number }, order.qty.min(free).at_least_zero())
        };
        let decision = Decision::Dispatch {
            of,
            number,
            sku: order.sku.clone(),
            from: order.from.clone(),
            to: order.to.clone(),
            qty,
            due: order.due,
        };
        self.by_owner(&mut writer, &store, decision).map(Some)
    }

    /// Whether something waits for its grace period to end.
    pub(super) fn has_unripe(&self, purchasing: &Purchasing) -> bool {
        let coordination = purchasing.coordination();
        let young = |request: &Request| {
            request.sent.is_none() && self.since_signed(&request.by) < self.rules().grace
        };
        coordination.requests().any(young) || coordination.transfers().any(OwnTransfer::is_to_leave)
    }

    /// Whether what is to be told cannot be taken back any more.
    pub(super) fn is_ripe(&self, purchasing: &Purchasing, parcel: &Parcel) -> bool {
        let request = purchasing.coordination().request(parcel.of);
        request.is_none_or(|one| self.since_signed(&one.by) >= self.rules().grace)
    }

    /// Which target is told; `None`: none takes it.
    pub(super) fn route_of(&self, purchasing: &Purchasing, parcel: &Parcel) -> Option<Route> {
        let routes = self.routes.read();
        let route = match purchasing.order(&parcel.po) {
            Some(order) => routes.to(&order.supplier),
            None => {
                let transfer = purchasing.coordination().transfer_of(&parcel.po)?;
                routes.from_site(&transfer.order.from)
            }
        };
        route.cloned()
    }

    /// What is told of a request, or of goods that left; `None`: the entry is neither.
    pub(super) fn coordination_document(
        &self,
        purchasing: &Purchasing,
        of: u64,
    ) -> Option<PurchaseDocument> {
        let coordination = purchasing.coordination();
        if let Some(request) = coordination.request(of) {
            return Some(self.line_document(purchasing.order(&request.line.po)?, request));
        }
        let left = |one: &&OwnTransfer| one.left.as_ref().is_some_and(|(entry, ..)| *entry == of);
        let transfer = coordination.transfers().find(left)?;
        let (_, number, qty) = transfer.left.as_ref()?;
        let (order, at) = (&transfer.order, transfer.left_at?);
        Some(PurchaseDocument {
            kind: DocumentKind::Transfer { from: order.from.clone() },
            number: number.clone(),
            key: self.key_of(number, of, at),
            supplier: SupplierId::new(order.from.as_str()),
            supplier_name: Box::default(),
            site: order.to.clone(),
            at,
            due: Some(order.due),
            lines: vec![self.document_line(&order.sku, *qty, None)],
        })
    }

    fn line_document(&self, order: &OwnOrder, request: &Request) -> PurchaseDocument {
        let (asked, at) = (&request.line, request.by.at);
        let name = {
            let book = self.stock.read();
            book.supplier_of(&order.supplier).map(|supplier| supplier.name.clone())
        };
        let cost = order.lines.iter().find(|line| line.sku == asked.sku).and_then(|line| line.cost);
        PurchaseDocument {
            kind: DocumentKind::Line(asked.clone()),
            number: order.number.clone(),
            key: self.key_of(&order.number, request.by.entry, at),
            supplier: order.supplier.clone(),
            supplier_name: name.unwrap_or_default(),
            site: order.site.clone(),
            at,
            due: asked.ask.day(),
            lines: vec![self.document_line(&asked.sku, asked.qty, cost)],
        }
    }

    fn document_line(&self, sku: &Sku, qty: Qty, cost: Option<UnitPrice>) -> DocumentLine {
        let book = self.stock.read();
        let name = book.product_of(sku).and_then(|product| product.name.clone());
        DocumentLine { sku: sku.clone(), name: name.unwrap_or_default(), qty, cost }
    }

    /// The exact requests that tell an order's supplier of what is asked about its lines, as they would be
    /// sent now.
    pub(super) fn line_requests(
        &self,
        purchasing: &Purchasing,
        po: &PoNumber,
        routes: &Routes,
    ) -> Vec<PurchaseRequest> {
        let Some(order) = purchasing.order(po) else { return Vec::new() };
        let about = purchasing.coordination().requests().filter(|one| one.line.po == *po);
        let told = about.map(|one| {
            let document = self.line_document(order, one);
            let text = match routes.to(&order.supplier) {
                Some(route) => {
                    let request = route.target.request(&document, Timestamp::wall_now());
                    format!("# {} by {}\n{request}", one.line, route.target.name())
                }
                None => format!("# {}: nothing takes orders to {}", one.line, order.supplier),
            };
            let sent = one.sent.as_ref().map(|sent| (sent.target.clone(), sent.at));
            PurchaseRequest { text: text.into(), sent }
        });
        told.collect()
    }
}
