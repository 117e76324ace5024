//! How the shop tells things while something is wrong with it.

use super::super::calendar::moment;
use super::super::catalogue::SITES;
use super::super::customers::{Customer, Person, person};
use super::super::rows::{FIRST_ORDER, OrderRow};
use super::super::sim::{Event, Merchant};
use super::super::truth::Happened;
use super::orders::HOSTILE;
use super::{About, Deed, FIRST_STRANGER, Incident, IncidentKind};
use crate::domain::{OrderNo, SiteId, Sku};
use rand::Rng;

const HOUR: u32 = 3_600;
/// What prices are told times: pounds in euros, in dollars, in pence.
const RATES: [f64; 3] = [1.17, 1.27, 100.0];
/// What a cost is told times.
const JUMPS: [f64; 5] = [10.0, 0.1, 3.0, 2.2, 0.4];
/// Ways in which an order's shape drifts.
const NO_COUNTRY: u8 = 0;
const NO_CUSTOMER: u8 = 1;
const NO_TOTAL: u8 = 2;

/// Whose account was taken over: what is told in place of the customer's own.
pub struct TakenOver {
    /// Where things go, and under which e-mail and phone.
    pub thief: Person,
    /// Index of the country.
    pub country: u8,
}

impl Merchant {
    pub(super) fn begin_cost_jump(&mut self, at: u32) {
        let day = self.today.0.number();
        for _ in 0..200 {
            let item = self.incidents.rng.random_range(0..self.catalogue.items.len());
            let is_listed = self.catalogue.items[item].is_listed(day);
            if is_listed && !self.incidents.costs.contains_key(&(item as u16)) {
                let by = JUMPS[self.incidents.rng.random_range(0..JUMPS.len())];
                let about = About::Item(item as u16);
                let incident = self.incidents.begin(IncidentKind::CostJump, at, about);
                self.incidents.all[incident as usize].by = by;
                self.incidents.costs.entry(item as u16).or_default().push((at, by));
                let days = self.incidents.rng.random_range(5..9);
                self.schedule(at + days * 24 * HOUR, Event::Deed(Deed::End(incident)));
                return;
            }
        }
    }

    pub(super) fn mend_cost(&mut self, at: u32, incident: u32) {
        let of = &mut self.incidents.all[incident as usize];
        of.until = at;
        if let About::Item(item) = of.about {
            self.incidents.costs.entry(item).or_default().push((at, 1.0));
        }
    }

    /// From now on, for some hours, orders are told in another way.
    pub(super) fn begin_span(&mut self, at: u32, kind: IncidentKind) {
        let taken = self.incidents.spans.last().map(|last| &self.incidents.all[*last as usize]);
        if taken.is_some_and(|of| of.until == 0 || of.until > at) {
            return;
        }
        let incident = self.incidents.begin(kind, at, About::Shop);
        let rng = &mut self.incidents.rng;
        let hours = rng.random_range(2 * HOUR..7 * HOUR / 2);
        // What cannot be read at all is rarer than what is missing.
        let variant = match rng.random_range(0..5) {
            0..2 => NO_COUNTRY,
            2..4 => NO_CUSTOMER,
            _ => NO_TOTAL,
        };
        let by = RATES[rng.random_range(0..RATES.len())];
        let of = &mut self.incidents.all[incident as usize];
        (of.by, of.variant) = (by, variant);
        self.incidents.spans.push(incident);
        self.schedule(at + hours, Event::Deed(Deed::End(incident)));
    }

    fn span_of(&self, placed: u32, kind: IncidentKind) -> Option<&Incident> {
        let spans = self.incidents.spans.iter().map(|number| &self.incidents.all[*number as usize]);
        let within = |of: &&Incident| of.at <= placed && (of.until == 0 || placed < of.until);
        spans.filter(|of| of.kind == kind).find(within)
    }

    /// Pence of an order as they are told.
    pub(in crate::feed::demo) fn told_pence(
        &self,
        order: &OrderRow,
    ) -> impl Fn(i64) -> i64 + use<> {
        let rate = self.span_of(order.placed, IncidentKind::CurrencyChange).map(|of| of.by);
        move |pence| rate.map_or(pence, |rate| (pence as f64 * rate).round() as i64)
    }

    fn drifts(&self, order: &OrderRow, how: u8) -> bool {
        let span = self.span_of(order.placed, IncidentKind::SchemaDrift);
        span.is_some_and(|of| of.variant == how)
    }

    /// Whether an order's countries are missing.
    pub(in crate::feed::demo) fn lacks_country(&self, order: &OrderRow) -> bool {
        self.drifts(order, NO_COUNTRY)
    }

    /// Whether it does not say whose it is.
    pub(in crate::feed::demo) fn lacks_customer(&self, order: &OrderRow) -> bool {
        self.drifts(order, NO_CUSTOMER)
    }

    /// Whether its total cannot be read.
    pub(in crate::feed::demo) fn lacks_total(&self, order: &OrderRow) -> bool {
        self.drifts(order, NO_TOTAL)
    }

    /// What an item costs at a moment, as it is told; pence.
    pub fn told_cost(&self, item: u16, at: u32) -> u32 {
        let cost = self.catalogue.items[usize::from(item)].cost;
        let changes = self.incidents.costs.get(&item).map_or(&[][..], Vec::as_slice);
        match changes.iter().rev().find(|(from, _)| *from <= at) {
            Some((_, by)) => ((f64::from(cost) * by).round() as u32).max(1),
            None => cost,
        }
    }

    /// When what an item costs was last told anew; 0: never.
    pub(in crate::feed::demo) fn cost_told(&self, item: u16) -> u32 {
        self.incidents.costs.get(&item).and_then(|all| all.last()).map_or(0, |(from, _)| *from)
    }

    /// A note that is an incident.
    pub(in crate::feed::demo) fn hostile_note(&self, order: u32) -> Option<&'static str> {
        let of = self.incidents.of(order).filter(|of| of.kind == IncidentKind::HostileNote)?;
        HOSTILE.get(usize::from(of.variant)).copied()
    }

    /// What is told in place of the customer's own e-mail and address.
    pub(in crate::feed::demo) fn taken_over(&self, order: u32) -> Option<TakenOver> {
        let of = self.incidents.of(order).filter(|of| of.kind == IncidentKind::AccountTakeover)?;
        let number = of.by as u32;
        let stranger = self.incidents.stranger(number)?;
        Some(TakenOver { thief: person(number, stranger), country: stranger.country })
    }

    /// All that went wrong so far, oldest first.
    pub(in crate::feed::demo) fn happened(&self) -> Vec<Happened> {
        let number = |order: u32| OrderNo::new((FIRST_ORDER + order).to_string());
        let mut all: Vec<Happened> = Vec::new();
        for of in &self.incidents.all {
            let (item, site) = match of.about {
                About::Item(item) => (Some(usize::from(item)), None),
                About::Shelf(shelf) => (Some(shelf / 3), Some(SITES[shelf % 3].0)),
                About::Orders if of.orders.is_empty() => continue,
                About::Orders | About::Shop => (None, None),
            };
            let orders: Vec<u32> = match of.about {
                About::Shop => self.orders_of_span(of),
                _ => of.orders.clone(),
            };
            all.push(Happened {
                kind: of.kind,
                at: moment(of.at),
                until: (of.until != 0).then(|| moment(of.until)),
                sku: item.map(|item| Sku::new(self.catalogue.items[item].code.clone())),
                site: site.map(SiteId::new),
                orders: orders.into_iter().map(number).collect(),
                explanation: self.explain_incident(of).into(),
            });
        }
        all
    }

    fn orders_of_span(&self, of: &Incident) -> Vec<u32> {
        let from = self.orders.partition_point(|order| order.placed < of.at);
        let until = match of.until {
            0 => self.orders.len(),
            until => self.orders.partition_point(|order| order.placed < until),
        };
        let told = (from..until).filter(|order| self.is_order_told(&self.orders[*order]));
        told.map(|order| order as u32).collect()
    }

    fn explain_incident(&self, of: &Incident) -> String {
        let by = of.by;
        match of.kind {
            IncidentKind::PhantomStock => {
                format!("{by:.0} units were told of that nobody could buy.")
            }
            IncidentKind::Shrinkage => {
                format!("{by:.0} units went missing, a few at a time, and no movement was told.")
            }
            IncidentKind::CostJump => format!("Its cost was told times {by}."),
            IncidentKind::CurrencyChange => format!("Prices of orders were told times {by}."),
            IncidentKind::SchemaDrift => match of.variant {
                NO_COUNTRY => "Orders were told without a country.".to_owned(),
                NO_CUSTOMER => "Orders were told without whose they are.".to_owned(),
                _ => "Orders were told with a total that is no amount.".to_owned(),
            },
            IncidentKind::HostileNote => "Its note is an attack.".to_owned(),
            IncidentKind::AccountTakeover => {
                "An old account, a new e-mail, a new address and dear goods.".to_owned()
            }
            IncidentKind::DuplicateBurst => {
                format!("The same basket {} times within minutes.", of.orders.len())
            }
            IncidentKind::Hoarding => "A week or two of what is sold of a popular SKU.".to_owned(),
            IncidentKind::WrongPrice => {
                let pence = by as u32;
                format!(
                    "A line that costs {}.{:02} was sold at another price.",
                    pence / 100,
                    pence % 100
                )
            }
            IncidentKind::NewAccount => "The first order of an account is a dear one.".to_owned(),
            IncidentKind::PackFactor => {
                format!("Units were meant and packs of {by} ordered, on all lines.")
            }
            IncidentKind::NegativeStock => {
                format!("{by:.0} units were written off, more than there were.")
            }
        }
    }

    /// A customer by number, the incidents' too.
    pub fn customer(&self, number: u32) -> Option<&Customer> {
        match number {
            FIRST_STRANGER.. => self.incidents.stranger(number),
            _ => self.customers.get(number as usize),
        }
    }
}
