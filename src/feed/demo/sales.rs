//! Customers come, fill baskets, and leave with an order or without.

use super::catalogue::Pace;
use super::customers::{Customer, scramble};
use super::rows::*;
use super::sim::{Event, Merchant};
use rand::Rng;

/// Of the orders at home one in so many goes by express.
const EXPRESS_ONE_IN: u64 = 8;

impl Merchant {
    /// Somebody opens the shop.
    pub(super) fn arrival(&mut self, at: u32) {
        let customer = self.draw_customer();
        let mut basket = self.fill_basket(customer);
        let site = usize::from(self.customers[customer as usize].site);
        basket.retain_mut(|line| self.claim(site, at, line));
        if !basket.is_empty() {
            let order = self.place(at, customer, &basket);
            self.settle(at, order);
        }
    }

    /// One in eleven is new; of the others, few come often and many seldom.
    pub(super) fn draw_customer(&mut self) -> u32 {
        if self.rng.random_bool(0.09) {
            return self.invent_customer();
        }
        let u: f64 = self.rng.random();
        ((self.customers.len() as f64 * u.powf(2.2)) as u32).min(self.customers.len() as u32 - 1)
    }

    /// What a customer would like today, in stock or not.
    pub(super) fn fill_basket(&mut self, customer: u32) -> Vec<LineRow> {
        let Customer { favourites, category, site, wholesale, .. } =
            self.customers[customer as usize].clone();
        let (more, most) = if wholesale { (0.88, 20) } else { (0.6, 9) };
        let mut wanted = 1;
        while wanted < most && self.rng.random_bool(more) {
            wanted += 1;
        }
        let all = 0..self.catalogue.items.len();
        let mut basket: Vec<LineRow> = Vec::with_capacity(wanted);
        for _ in 0..wanted {
            let item = match self.rng.random_range(0..100) {
                0..30 => {
                    let liked = favourites[self.rng.random_range(0..4)];
                    let heat = self.market.heat(liked).clamp(0.0, 1.0);
                    self.rng.random_bool(heat).then_some(liked)
                }
                30..50 => {
                    let range = self.catalogue.ranges[usize::from(category)].clone();
                    self.market.draw(&mut self.rng, usize::from(site), range)
                }
                _ => self.market.draw(&mut self.rng, usize::from(site), all.clone()),
            };
            if let Some(item) = item
                && basket.iter().all(|line| line.item != item)
            {
                let qty = self.draw_quantity(item, wholesale);
                basket.push(self.priced_line(item, qty, wholesale));
            }
        }
        basket
    }

    pub(super) fn priced_line(&self, item: u16, qty: u16, wholesale: bool) -> LineRow {
        let list = self.catalogue.items[usize::from(item)].list;
        let off = self.market.off(item).max(if wholesale { 15 } else { 0 });
        LineRow { item, qty, price: (list * (100 - u32::from(off)) / 100).max(1), list }
    }

    fn draw_quantity(&mut self, item: u16, wholesale: bool) -> u16 {
        let (pace, pack, list) = {
            let item = &self.catalogue.items[usize::from(item)];
            (item.pace, item.pack, item.list)
        };
        if pace == Pace::Lumpy && self.rng.random_bool(0.2) {
            return pack.max(4) * self.rng.random_range(1..5);
        }
        if wholesale {
            return pack.clamp(2, 24) * self.rng.random_range(1..4);
        }
        let mut qty = 1;
        let again = if list < 400 { 0.6 } else { 0.35 };
        while qty < 12 && self.rng.random_bool(again) {
            qty += 1;
        }
        qty
    }

    /// Takes what there is for a line. `false`: the line is lost; demand that is lost is noted.
    fn claim(&mut self, site: usize, at: u32, line: &mut LineRow) -> bool {
        let index = usize::from(line.item) * 3 + site;
        let available = self.shelves[index].available().clamp(0, i32::from(u16::MAX)) as u16;
        if available >= line.qty {
            return true;
        }
        self.shelves[index].short_today = true;
        let backorder = self.catalogue.items[usize::from(line.item)].backorder;
        if backorder && self.rng.random_bool(0.6) {
            return true;
        }
        let kept = if self.rng.random_bool(0.5) { available } else { 0 };
        self.lost.push((index as u16, line.qty - kept, at));
        line.qty = kept;
        kept > 0
    }

    /// Writes the order down and promises its stock; it is paid when [`Self::settle`] says so.
    pub(super) fn place(&mut self, at: u32, customer: u32, basket: &[LineRow]) -> u32 {
        let order = self.orders.len() as u32;
        let Customer { country, site, .. } = self.customers[customer as usize];
        let goods: u64 = basket.iter().map(|l| u64::from(l.price) * u64::from(l.qty)).sum();
        let postage = match (goods, country) {
            (5_000.., 0) | (20_000.., _) => 0,
            (_, 0) => 395,
            _ => 995,
        };
        let note = if self.rng.random_bool(0.06) {
            self.rng.random_range(1..=super::NOTES.len())
        } else {
            0
        };
        self.orders.push(OrderRow {
            placed: at,
            modified: at,
            paid: 0,
            completed: 0,
            customer,
            first_line: self.lines.len() as u32,
            postage,
            lines: basket.len().min(255) as u8,
            status: Status::Pending,
            site,
            note: note as u8,
            tries: 0,
            by_hand: false,
            express: country == 0 && self.wants_express(at, customer),
        });
        self.lines.extend_from_slice(&basket[..basket.len().min(255)]);
        for line in basket {
            self.shelves[usize::from(line.item) * 3 + usize::from(site)].sold_today +=
                u32::from(line.qty);
        }
        self.promise(at, order, 1);
        order
    }

    /// Whether an order goes by express, as one in eight at home does: known from who orders when, so that
    /// nothing else is drawn otherwise.
    fn wants_express(&self, at: u32, customer: u32) -> bool {
        let whose = (u64::from(at) << 32) | u64::from(customer);
        scramble(whose ^ self.config.seed).is_multiple_of(EXPRESS_ONE_IN)
    }

    /// Decides how an order is paid: mostly at once, sometimes later or never; some are held.
    pub(super) fn settle(&mut self, at: u32, order: u32) {
        match self.rng.random_range(0..1_000) {
            0..60 => {
                let wait = self.rng.random_range(300..36 * 3_600);
                self.schedule(at + wait, Event::Payment(order));
            }
            60..72 => {
                self.orders[order as usize].status = Status::OnHold;
                let wait = self.rng.random_range(2 * 3_600..30 * 3_600);
                self.schedule(at + wait, Event::Release(order));
            }
            _ => self.accept(at, order),
        }
    }

    /// An order is paid: it will ship, unless the customer calls it off before.
    pub(super) fn accept(&mut self, at: u32, order: u32) {
        if self.incidents.has(order) {
            return self.accept_incident(at, order);
        }
        let row = &mut self.orders[order as usize];
        row.status = Status::Processing;
        row.modified = at;
        if row.paid == 0 {
            row.paid = at;
        }
        if self.rng.random_bool(0.015) {
            let wait = self.rng.random_range(600..5 * 3_600);
            self.schedule(at + wait, Event::Cancel(order));
        }
        let ready = at + self.rng.random_range(3_600..6 * 3_600);
        let second = self.working_second(ready);
        self.schedule(second, Event::Ship(order));
    }
}
