//! The house as the desk sees it while it checks a decision.

use super::Plans;
use crate::desk::DeskView;
use crate::desk::allocating::Allocations;
use crate::desk::buying::{CurrentProposal, Purchasing, Rules};
use crate::desk::triage::{CaseSeen, Triage};
use crate::domain::*;
use crate::engine::house::House;
use crate::engine::planning::item_terms;
use crate::engine::questions::case_seen;
use crate::engine::{flags, tables};
use crate::insight::forecast::{Overrides, expected_over};
use crate::model::registry::Registry;
use crate::orders::OrderIndex;
use crate::plan::replenish::{
    Calendar, Costs, ItemTerms, LeadTime, Service, Shortage, Situation, SupplierTerms, Unforecast,
    obstacle, whole_days,
};
use crate::stock::StockBook;
use std::sync::Arc;
/// What the desk sees of the house.
pub(super) struct View<'a> {
    pub(super) house: &'a House,
    pub(super) book: &'a StockBook,
    pub(super) index: &'a OrderIndex,
    pub(super) feeds: Vec<FeedId>,
    pub(super) overrides: &'a Overrides,
    pub(super) purchasing: &'a Purchasing,
    pub(super) rules: Arc<Rules>,
    pub(super) triage: &'a Triage,
    pub(super) allocations: &'a Allocations,
    pub(super) plans: Option<Plans<'a>>,
    pub(super) first: Day,
}

impl View<'_> {
    fn item_of(&self, sku: &Sku, site: &SiteId) -> ItemTerms {
        let terms = |product| item_terms(self.book, product, site);
        self.book.product_of(sku).map(terms).unwrap_or_default()
    }
    fn terms_of_supplier(&self, id: &SupplierId) -> SupplierTerms {
        let known = self.book.supplier_of(id);
        let stated = known.and_then(|known| known.lead_time_days);
        let observed = || {
            let took = self.book.lead_times(id);
            LeadTime::of(None, &took.into_iter().filter_map(whole_days).collect::<Vec<_>>())
        };
        SupplierTerms {
            id: id.clone(),
            name: known.map_or_else(Box::default, |known| known.name.clone()),
            lead: LeadTime::of(stated, &[]).or_else(observed),
            calendar: Calendar {
                review_weekday: None,
                closures: self.house.planner.rules().closures.remove(id).unwrap_or_default(),
            },
            min_order: None,
        }
    }
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
    fn knows_user(&self, user: &str) -> bool {
        // People are known by their names in this list, and where they are not in it by their numbers.
        let list = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        list.lines().any(|line| line.split(':').next() == Some(user))
            || self.triage.deeds().any(|deed| &*deed.who == user)
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
    fn first_ahead(&self) -> Day {
        self.first
    }
    fn model_expects(
        &self,
        sku: &Sku,
        site: Option<&SiteId>,
        from: Day,
        to: Day,
    ) -> Vec<(SiteId, Vec<Qty>)> {
        let forecasts = self.house.forecasts.read();
        let of = forecasts.of_sku(sku).filter(|(of, _)| site.is_none_or(|site| of.site == *site));
        of.map(|(of, ahead)| {
            let first = forecasts.first_day(self.first);
            (of.site.clone(), expected_over(&ahead.totals, first, from, to))
        })
        .collect()
    }
    fn places(&self, sku: &Sku) -> Vec<SiteId> {
        let known: Vec<SiteId> = self.book.sites_of(sku).map(|(site, _)| site.clone()).collect();
        if known.is_empty() { self.sites() } else { known }
    }
    fn model_in_use(&self) -> Result<String, String> {
        Registry::of(&self.house.data_dir).current().map_err(|error| error.to_string())
    }
    fn check_model(&self, version: &str) -> Result<(), String> {
        let version = Registry::of(&self.house.data_dir).version(version);
        version.map(drop).map_err(|error| error.to_string())
    }
    fn overrides(&self) -> &Overrides {
        self.overrides
    }
    fn product(&self, sku: &Sku) -> Option<&Product> {
        self.book.product_of(sku)
    }
    fn cost_of(&self, sku: &Sku, qty: Qty) -> Option<UnitPrice> {
        self.item_of(sku, &SiteId::main()).cost_of(qty)
    }
    fn suppliers(&self) -> Vec<SupplierId> {
        let mut known: Vec<SupplierId> =
            self.book.suppliers().map(|supplier| supplier.id.clone()).collect();
        known.extend(self.book.products().filter_map(|product| product.supplier.clone()));
        known.sort_unstable();
        known.dedup();
        known
    }
    fn obstacle(&self, sku: &Sku, site: &SiteId, supplier: &SupplierId) -> Option<String> {
        let at = Situation {
            sku: sku.clone(),
            site: site.clone(),
            today: self.first,
            on_hand: self.book.position(sku, site).and_then(Position::on_hand),
            committed: Qty::ZERO,
            sold: Qty::ZERO,
            coming: Vec::new(),
            ahead: None,
            item: self.item_of(sku, site),
            supplier: Some(self.terms_of_supplier(supplier)),
            service: Service::Cost,
            shortage: Shortage::default(),
            costs: Costs::default(),
            one_offs: Vec::new(),
            new_for: None,
            unforecast: Unforecast::NotYet,
            batches: Vec::new(),
        };
        // A person may order what nobody forecasts.
        let found = obstacle(&at).filter(|found| !found.is_unforecast());
        found.map(|found| found.to_string())
    }
    fn comes_by(&self, supplier: &SupplierId) -> Option<Day> {
        let SupplierTerms { lead, calendar, .. } = self.terms_of_supplier(supplier);
        let order = calendar.order_day(self.house.today());
        Some(calendar.arrival(order, lead?.quantile(0.5)))
    }
    fn arrived(&self, number: &PoNumber, sku: &Sku) -> Qty {
        self.book.arrived(number, sku)
    }
    fn today(&self) -> Day {
        self.house.today()
    }
    fn start_of_today(&self) -> Timestamp {
        self.house.start_of_today()
    }
    fn proposal(&self, sku: &Sku, site: &SiteId) -> Option<CurrentProposal> {
        let Plans { now, begun } = self.plans?;
        match begun {
            Some(begun) => now.proposal_within(begun, sku, site),
            None => now.proposal(sku, site),
        }
    }
    fn order(&self, key: &OrderKey) -> Option<Order> {
        let row = self.index.find(key)?;
        let stored = self.house.store()?.get::<tables::Orders>(&row).ok()??;
        Some(stored.into_order())
    }
    fn allocations(&self) -> &Allocations {
        self.allocations
    }
    fn purchasing(&self) -> &Purchasing {
        self.purchasing
    }
    fn rules(&self) -> &Rules {
        &self.rules
    }
    fn now(&self) -> Timestamp {
        self.house.clock.now()
    }
    fn case(&self, case: CaseId) -> Option<CaseSeen> {
        let book = self.house.flags.book.read();
        case_seen(&book, self.index, self.triage, self.now(), case)
    }
    fn triage(&self) -> &Triage {
        self.triage
    }
    fn flag_rules(&self) -> Vec<Box<str>> {
        flags::rules()
    }
    fn flag_versions(&self) -> (u32, Vec<u32>) {
        let in_use = self.house.flag_version();
        let book = self.house.flags.book.read();
        (in_use, std::iter::once(0).chain(book.versions.keys().copied()).collect())
    }
    fn due_of(&self, number: &PoNumber) -> Option<Day> {
        Some(self.book.purchase_order_of(number)?.due_at?.day(&self.house.zone))
    }
    fn spare(&self, sku: &Sku, from: &SiteId) -> Option<Qty> {
        self.plans?.now.spare(sku, from)
    }
    fn transfer_cost(&self, qty: Qty) -> Option<Money> {
        Some(self.house.transfer_terms()?.cost(qty))
    }
    fn open_purchase_orders(&self, sku: &Sku) -> Vec<PoNumber> {
        self.book.open_purchase_orders(sku).into_iter().map(|po| po.number.clone()).collect()
    }
}
