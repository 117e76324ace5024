//! Scorecards of suppliers, from all purchase orders: those that the store placed and those that feeds
//! tell of.

use crate::domain::*;
use crate::engine::api::{ExpectedLead, LaneCard, SupplierCard};
use crate::engine::house::House;
use crate::engine::planning::lead_times;
use crate::insight::scorecard::{PastOrder, Score};
use crate::plan::replenish::{LeadTime, LeadTimes};
use crate::stock::StockBook;
use std::collections::BTreeMap;

/// Orders of a supplier that are told one by one.
const SHOWN: usize = 100;

/// All suppliers that are known or were ordered from, by code.
pub fn suppliers(house: &House) -> Vec<SupplierCard> {
    Cards::read(house).all()
}

/// One supplier, by its code, or by a name that no other has; `None`: nothing is known of it.
pub fn supplier(house: &House, named: &str) -> Option<SupplierCard> {
    let mut cards = Cards::read(house).all();
    let at = cards.iter().position(|card| card.supplier.as_str() == named).or_else(|| {
        let mut like = (0..).zip(&cards).filter(|(_, card)| card.name.eq_ignore_ascii_case(named));
        like.next().filter(|_| like.next().is_none()).map(|(at, _)| at)
    })?;
    Some(cards.swap_remove(at))
}

/// What is known of suppliers, and their orders.
struct Cards {
    today: Day,
    leads: LeadTimes,
    suppliers: BTreeMap<SupplierId, (Box<str>, Option<u16>)>,
    orders: BTreeMap<SupplierId, Vec<PastOrder>>,
}

impl Cards {
    fn read(house: &House) -> Self {
        let purchasing = house.purchasing.read().clone();
        let book = house.stock.read();
        let known = book.suppliers();
        let suppliers: BTreeMap<_, _> =
            known.map(|one| (one.id.clone(), (one.name.clone(), one.lead_time_days))).collect();
        let mut orders: BTreeMap<SupplierId, Vec<PastOrder>> = BTreeMap::new();
        // An own site that sends goods is no supplier.
        let is_bought = |po: &&PurchaseOrder| {
            po.status != PoStatus::Cancelled
                && purchasing.coordination().transfer_of(&po.number).is_none()
        };
        for po in book.purchase_orders().filter(is_bought) {
            let stated = suppliers.get(&po.supplier).and_then(|(_, stated)| *stated);
            let past = past_order(&book, po, stated, &house.zone);
            orders.entry(po.supplier.clone()).or_default().push(past);
        }
        let leads = lead_times(&book, house.first_ahead(), &house.zone);
        Self { today: house.today(), leads, suppliers, orders }
    }

    fn all(mut self) -> Vec<SupplierCard> {
        let mut orders = std::mem::take(&mut self.orders);
        let unknown = orders.keys().filter(|id| !self.suppliers.contains_key(*id)).cloned();
        let unknown: Vec<SupplierId> = unknown.collect();
        self.suppliers.extend(unknown.into_iter().map(|id| (id, Default::default())));
        let suppliers = std::mem::take(&mut self.suppliers);
        let card = |(id, (name, stated))| {
            let orders = orders.remove(&id).unwrap_or_default();
            self.card(id, name, stated, orders)
        };
        suppliers.into_iter().map(card).collect()
    }

    fn card(
        &self,
        supplier: SupplierId,
        name: Box<str>,
        stated: Option<u16>,
        mut orders: Vec<PastOrder>,
    ) -> SupplierCard {
        let mut sites: BTreeMap<&SiteId, Vec<&PastOrder>> = BTreeMap::new();
        for order in &orders {
            sites.entry(&order.site).or_default().push(order);
        }
        let lanes = sites.into_iter().map(|(site, of)| LaneCard {
            site: site.clone(),
            score: Score::of(of, self.today),
            expected: self.leads.of_lane(&supplier, site).map(expected),
        });
        let lanes = lanes.collect();
        let score = Score::of(&orders, self.today);
        let lead = self.leads.of_supplier(&supplier).map(expected);
        orders.sort_by(|one, next| (next.ordered, &next.number).cmp(&(one.ordered, &one.number)));
        orders.truncate(SHOWN);
        SupplierCard { supplier, name, stated, score, expected: lead, lanes, orders }
    }
}

fn expected(lead: &LeadTime) -> ExpectedLead {
    ExpectedLead {
        low: lead.quantile(0.1),
        mean: lead.mean(),
        high: lead.quantile(0.9),
        waiting: lead.waiting as u32,
    }
}

fn past_order(book: &StockBook, po: &PurchaseOrder, stated: Option<u16>, zone: &Zone) -> PastOrder {
    let ordered = po.ordered_at.day(zone);
    let due = po.due_at.map(|due| due.day(zone));
    let came = book.arrived_at(po).map(|at| at.day(zone));
    let skus: std::collections::BTreeSet<&Sku> = po.lines.iter().map(|line| &line.sku).collect();
    PastOrder {
        number: po.number.clone(),
        site: po.site.clone(),
        ordered,
        due: due.or(stated.map(|days| ordered.plus(i32::from(days)))),
        came,
        units: po.lines.iter().map(|line| line.qty).sum(),
        arrived: skus.into_iter().map(|sku| book.arrived(&po.number, sku)).sum(),
        open: po.status.is_open() && came.is_none(),
    }
}
