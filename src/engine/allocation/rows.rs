//! What is shown of the allocation: orders that need a choice, and those that somebody chose.

use crate::desk::allocating::{Choice, Chosen, ShopWord};
use crate::domain::*;
use crate::engine::api::{AllocationRow, DecidedShip, StoreKind};
use crate::engine::flags::ASKED;
use crate::engine::house::House;
use crate::engine::tables;
use crate::plan::shipping::{Assembled, Case, Network, ShippingTerms};
use std::collections::BTreeSet;
use std::sync::Arc;

impl House {
    pub(super) fn allocation_rows(
        &self,
        terms: &ShippingTerms,
        network: &Network,
        made: &Assembled,
        cases: Vec<Case>,
    ) -> Vec<AllocationRow> {
        let decided = self.allocator.decided();
        let mut rows: Vec<AllocationRow> = Vec::with_capacity(cases.len());
        for case in cases {
            let open = &network.orders[case.order];
            let Some(order) = self.known_order(&open.key) else { continue };
            let refused = decided.last_of(&open.key).filter(|one| !one.stands());
            let refused = refused.filter(|one| one.withdrawn.is_none());
            let at = made.orders.binary_search(&case.order).ok();
            let zone = at.map(|at| made.instance.orders[at].zone);
            let zone = zone.and_then(|zone| terms.zones.get(zone));
            let promise = zone.map(|zone| open.placed.plus(zone.promised_days as i32));
            rows.push(AllocationRow {
                zone: zone.map_or_else(Box::default, |zone| zone.name.as_str().into()),
                promise,
                needs: case.needs,
                now: case.now,
                proposal: case.proposal,
                others: case.others,
                doubt: case.doubt.map(Into::into).or_else(|| self.flagged(&open.key)),
                notes: notes(case.blocked.map(|why| why.to_string()), case.notes),
                decided: refused.map(|one| self.told_of(one)),
                ..self.bare_row(&order)
            });
        }
        // A decision whose order is allocated again counts no more: it waited for stock that has come, or
        // ships from where it cannot.
        let open = network.orders.iter().filter(|order| order.decided.is_empty());
        let open: BTreeSet<&OrderKey> = open.map(|order| &order.key).collect();
        for (key, choice) in decided.all_standing().filter(|(key, _)| !open.contains(*key)) {
            let Some(order) = self.known_order(key) else { continue };
            if order.status == OrderStatus::Open {
                let decided = Some(self.told_of(choice));
                rows.push(AllocationRow { decided, ..self.bare_row(&order) });
            }
        }
        rows
    }

    /// That an order stands in a case that nobody has decided on: it is not shipped with many others.
    fn flagged(&self, order: &OrderKey) -> Option<Box<str>> {
        if self.triage.read().verdict(order).is_some() {
            return None;
        }
        let book = self.flags.book.read();
        let flag = book.of_order(order).filter(|flag| flag.score >= ASKED)?;
        let case = CaseId { kind: CaseKind::Order, number: flag.case };
        Some(format!("it is flagged, case {case}").into())
    }

    fn known_order(&self, key: &OrderKey) -> Option<Arc<Order>> {
        let row = self.orders.read().find(key)?;
        if let Some(open) = self.allocator.open.lock().get(&row) {
            return Some(open.clone());
        }
        let kept = self.store()?.get::<tables::Orders>(&row).ok()??;
        Some(Arc::new(kept.into_order()))
    }

    fn bare_row(&self, order: &Order) -> AllocationRow {
        AllocationRow {
            key: order.key.clone(),
            placed_at: order.placed_at,
            country: order.country.clone(),
            zone: Box::default(),
            site: order.site.clone(),
            units: order.units(),
            promise: None,
            currency: self.currency,
            needs: Vec::new(),
            now: None,
            proposal: None,
            others: Vec::new(),
            doubt: None,
            notes: Vec::new(),
            decided: None,
        }
    }

    fn told_of(&self, choice: &Choice) -> DecidedShip {
        let (what, holds) = match &choice.what {
            Chosen::Ship(one) => (one.words(), false),
            Chosen::Hold { until: Some(until), reason, .. } => {
                (format!("held until {until}: {reason}"), true)
            }
            Chosen::Hold { reason, .. } => (format!("held: {reason}"), true),
        };
        let refused = match &choice.told {
            Some(ShopWord::Refused(why)) => Some(why.clone()),
            _ => None,
        };
        let untold = !holds && choice.told.is_none();
        let kept =
            choice.kept().map(|why| format!("taken back, but the shop keeps it: {why}").into());
        DecidedShip {
            entry: choice.entry,
            who: choice.who.clone(),
            at: choice.at,
            what: what.into(),
            holds,
            refused,
            waits_for: kept.or_else(|| untold.then(|| self.shop_waits(choice.what.order()))),
        }
    }

    /// What stands between a decision and the shop.
    fn shop_waits(&self, order: &OrderKey) -> Box<str> {
        if let Some(reason) = self.allocator.trying.lock().get(order) {
            return reason.clone();
        }
        match (self.allocator.route.read().is_some(), self.kind) {
            (true, _) => "is being told to the shop".into(),
            (false, StoreKind::Live) => "nobody is told: name a target under [shipping]".into(),
            (false, StoreKind::Replay) => "a replay store reaches nobody outside".into(),
            (false, StoreKind::Demo) => "the demo's shop is not there yet".into(),
        }
    }
}

fn notes(blocked: Option<String>, notes: Vec<String>) -> Vec<Box<str>> {
    blocked.into_iter().chain(notes).map(Into::into).collect()
}
