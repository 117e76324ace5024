//! What is shown of the allocation: orders that need a choice, and those that somebody chose.

use crate::desk::allocating::{Choice, Chosen, ShopWord};
use crate::domain::*;
use crate::engine::api::{AllocationRow, DecidedShip, StoreKind};
use crate::engine::flags::ASKED;
use crate::engine::house::House;
use crate::engine::tables;
use crate::plan::shipping::{Assembled, Case, Network, OpenOrder, Promise, ShippingTerms};
use crate::stock::StockBook;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the rows follow from beside what was allocated. While it is the same, so are they.
#[derive(PartialEq)]
pub(super) struct Basis {
    /// The last entry of the journal.
    last: u64,
    /// What could not be told yet.
    trying: BTreeMap<OrderKey, Box<str>>,
    /// Whether somebody is told.
    routed: bool,
    /// Of each case of which nothing else is in doubt, whether its order is flagged.
    flagged: Vec<Option<Box<str>>>,
    /// Of decisions that stand, those whose orders are to ship, and why they cannot.
    standing: Vec<(u64, OrderKey, Option<String>)>,
}

impl House {
    /// What rows follow from beside what was allocated.
    pub(super) fn basis(&self, network: &Network, cases: &[Case]) -> Basis {
        let decided = self.allocator.decided();
        // A decision whose order is allocated again counts no more: it waited for stock that has come, or
        // ships from where it cannot.
        let open = network.orders.iter().filter(|order| order.decided.is_empty());
        let open: BTreeSet<&OrderKey> = open.map(|order| &order.key).collect();
        let standing = decided.all_standing().filter(|(key, _)| !open.contains(*key));
        let standing = standing.filter_map(|(key, choice)| {
            let order = self.known_order(key).filter(|it| it.status == OrderStatus::Open)?;
            Some((choice.entry, key.clone(), lacking(choice, &order, &self.stock.read())))
        });
        Basis {
            last: decided.last(),
            trying: self.allocator.trying.lock().clone(),
            routed: self.allocator.route.read().is_some(),
            flagged: cases
                .iter()
                .map(|case| match case.doubt {
                    Some(_) => None,
                    None => self.flagged(&network.orders[case.order].key),
                })
                .collect(),
            standing: standing.collect(),
        }
    }

    /// Rows: decisions that came to nothing, orders that need a choice, and those that somebody chose.
    pub(super) fn allocation_rows(
        &self,
        terms: &ShippingTerms,
        network: &Network,
        made: &Assembled,
        cases: &[Case],
        basis: &Basis,
    ) -> Vec<AllocationRow> {
        let decided = self.allocator.decided();
        let refused = |key: &OrderKey| {
            let last = decided.last_of(key).filter(|one| !one.stands() && one.withdrawn.is_none());
            last.map(|one| self.told_of(one, None))
        };
        let mut rows: Vec<AllocationRow> = Vec::with_capacity(cases.len());
        let mut known: BTreeSet<&OrderKey> = BTreeSet::new();
        for (case, flagged) in cases.iter().zip(&basis.flagged) {
            let open = &network.orders[case.order];
            let Some(order) = self.known_order(&open.key) else { continue };
            known.insert(&open.key);
            let at = made.orders.binary_search(&case.order).ok();
            let zone = at.map(|at| made.instance.orders[at].zone);
            let promise = zone.map(|zone| terms.promise(zone, open));
            let failed = decided.standing(&open.key).and_then(|choice| {
                let why = lacking(choice, &order, &self.stock.read())?;
                Some(format!(
                    "what {} decided (entry {}) cannot ship: {why}",
                    choice.who, choice.entry
                ))
            });
            let blocked = case.blocked.as_ref().map(ToString::to_string);
            let notes = failed.into_iter().chain(blocked).chain(case.notes.iter().cloned());
            let sites = case.proposal.iter().chain(&case.now).chain(&case.others);
            let sites = sites.flat_map(|way| way.ships.iter().map(|part| &part.site)).collect();
            rows.push(AllocationRow {
                zone: zone.map_or_else(Box::default, |zone| terms.zones[zone].name.as_str().into()),
                promise: promise.map(|it| it.due),
                priority: promise.map(|it| it.priority),
                service: service_words(terms, network, open, promise, &sites).into(),
                needs: case.needs.clone(),
                now: case.now.clone(),
                proposal: case.proposal.clone(),
                others: case.others.clone(),
                doubt: case.doubt.as_deref().map(Into::into).or_else(|| flagged.clone()),
                notes: notes.map(Into::into).collect(),
                decided: refused(&open.key),
                ..self.bare_row(&order)
            });
        }
        // What the shop refused and what needs no choice otherwise is told all the same.
        for open in network.orders.iter().filter(|order| !known.contains(&order.key)) {
            let Some(one) = refused(&open.key) else { continue };
            let Some(order) = self.known_order(&open.key) else { continue };
            let note =
                format!("left alone it ships from {}, and nothing better is known", open.site);
            let notes = vec![note.into()];
            rows.push(AllocationRow { decided: Some(one), notes, ..self.bare_row(&order) });
        }
        for (entry, key, fails) in &basis.standing {
            let choice = decided.choice(*entry);
            if let Some((choice, order)) = choice.zip(self.known_order(key)) {
                let decided = Some(self.told_of(choice, fails.as_deref()));
                rows.push(AllocationRow { decided, ..self.bare_row(&order) });
            }
        }
        let came_to_nothing =
            |row: &AllocationRow| row.decided.as_ref().is_some_and(|one| one.trouble().is_some());
        rows.sort_by_key(|row| !came_to_nothing(row));
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

    /// An order, as it was read for the allocation; one that was written since is read anew.
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
            method: order.aside.service.method.clone(),
            promise: order.aside.service.promised,
            priority: None,
            service: Box::default(),
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

    fn told_of(&self, choice: &Choice, fails: Option<&str>) -> DecidedShip {
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
            fails: fails.map(Into::into),
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

/// What is missing where a decision ships from, if anything is; nobody may have been told of it yet.
fn lacking(choice: &Choice, order: &Order, book: &StockBook) -> Option<String> {
    let short = |site: &SiteId, sku: &Sku, wanted: Qty| {
        let on_hand = book.position(sku, site).and_then(Position::on_hand);
        match on_hand {
            None => Some(format!("nobody knows how many {sku} {site} has")),
            Some(there) if there < wanted => {
                Some(format!("{site} has {} of {wanted} × {sku} by now", there.at_least_zero()))
            }
            Some(_) => None,
        }
    };
    let parts = choice.outstanding(order);
    parts.iter().flat_map(|part| part.lines.iter().map(move |line| (&part.site, line))).find_map(
        |(site, (sku, wanted))| wanted.is_positive().then(|| short(site, sku, *wanted)).flatten(),
    )
}

/// `Express, promised 2026-12-03 by the shop, priority 1; past the cut-off: LEEDS`: what leaves there leaves
/// tomorrow.
fn service_words(
    terms: &ShippingTerms,
    network: &Network,
    open: &OpenOrder,
    promise: Option<Promise>,
    sites: &BTreeSet<&SiteId>,
) -> String {
    let Some(promise) = promise else { return String::new() };
    let mut words = open.service.method.as_ref().map_or(String::new(), |of| format!("{of}, "));
    words.push_str(&format!("promised {}", promise.due));
    if open.service.promised.is_some() {
        words.push_str(" by the shop");
    }
    match (open.pinned, promise.priority) {
        (true, _) => words.push_str(", pinned"),
        (false, ShippingTerms::PRIORITY) => {}
        (false, other) => words.push_str(&format!(", priority {other}")),
    }
    if promise.complete {
        words.push_str(", in full or not at all");
    }
    let is_past = |site: &&&SiteId| {
        terms.sites.get(**site).is_some_and(|terms| network.hour >= terms.cutoff_hour)
    };
    let past: Vec<&str> = sites.iter().filter(is_past).map(|site| site.as_str()).collect();
    if !past.is_empty() {
        words.push_str(&format!("; past the cut-off: {}", past.join(", ")));
    }
    words
}
