//! The merchant: a simulation of events in time.
//!
//! Every random draw happens while an event is handled, and events are handled in the order of
//! (time, insertion), so how far each call advances makes no difference to what happens.

use super::asked::AskedFor;
use super::calendar::{self, day_start, moment, seconds};
use super::catalogue::{Catalogue, Item, SITES};
use super::customers::{Customer, scramble};
use super::incidents::{Deed, IncidentKind, Incidents};
use super::market::Market;
use super::odd::OddRow;
use super::rows::*;
use super::shipping::Rerouted;
use super::truth::OddKind;
use crate::domain::{Day, Span, Timestamp, Zone};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A lasting step in everything that is wanted, for trying how a forecast notices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// From when.
    pub at: Timestamp,
    /// New level against the old.
    pub factor: f64,
}

/// Who orders from the suppliers once history is over; through it, the merchant's own buyer does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Buyer {
    /// The merchant's own buyer goes on.
    #[default]
    Own,
    /// The console's user.
    Console,
}

/// What to simulate.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Same seed, same merchant.
    pub seed: u64,
    /// The simulated present; history begins [`Config::history_days`] before.
    pub start: Timestamp,
    /// Days of history, at least one.
    pub history_days: i32,
    /// SKUs on the list, 90 to 20,000.
    pub skus: usize,
    /// Orders a day, on average over a year.
    pub orders_per_day: f64,
    /// A step in demand, if wanted.
    pub shift: Option<Shift>,
    /// Who orders from the suppliers from `start` on.
    pub buyer: Buyer,
    /// Whether things go wrong beside the odd orders: see [`super::incidents`].
    pub incidents: bool,
    /// Whether what is wanted is drawn anew, by the seed alone, at each day and arrival: two merchants are
    /// then asked for the same, whoever orders and whatever runs out.
    pub paired: bool,
}

impl Config {
    /// The usual demo without incidents: 1,200 SKUs, 250 orders a day, 18 months.
    pub fn new(seed: u64, start: Timestamp) -> Self {
        Config {
            seed,
            start,
            history_days: 548,
            skus: 1_200,
            orders_per_day: 250.0,
            shift: None,
            buyer: Buyer::Own,
            incidents: false,
            paired: false,
        }
    }
}

/// Something that is going to happen. Numbers are indices of orders and purchase orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    Midnight,
    Review,
    Arrival,
    Adjust,
    Odd(u8),
    Guest(u32),
    Again(u32),
    Payment(u32),
    Release(u32),
    Cancel(u32),
    Ship(u32),
    Return(u32),
    Acknowledge(u32),
    Deliver(u32),
    /// The shop was told something; before what suppliers are asked in the same second.
    Told(u32),
    Asked(u32),
    Incident(u8),
    Deed(Deed),
    DeliverLine(u32),
    Arrive(u32),
}

/// A simulated e-commerce merchant. See the module documentation of [`super`].
pub struct Merchant {
    pub(super) config: Config,
    pub(super) rng: ChaCha8Rng,
    /// Customers who have come so far.
    arrivals: u64,
    pub(super) zone: Zone,
    pub(super) catalogue: Catalogue,
    pub(super) customers: Vec<Customer>,
    pub(super) market: Market,
    /// Item times three plus site.
    pub(super) shelves: Vec<Shelf>,
    /// Items of each supplier.
    pub(super) made_by: Vec<Vec<u16>>,
    pub(super) orders: Vec<OrderRow>,
    pub(super) lines: Vec<LineRow>,
    pub(super) refunds: Vec<RefundRow>,
    pub(super) refunds_of: FxHashMap<u32, Vec<u32>>,
    pub(super) pos: Vec<PoRow>,
    pub(super) po_lines: Vec<PoLineRow>,
    pub(super) receipts: Vec<ReceiptRow>,
    pub(super) asked: AskedFor,
    /// Lines that are not to come before a second.
    pub(super) held: FxHashMap<u32, u32>,
    pub(super) transfers: Vec<TransferRow>,
    pub(super) rerouted: Vec<Rerouted>,
    pub(super) adjustments: Vec<AdjustmentRow>,
    pub(super) odd: Vec<OddRow>,
    pub(super) incidents: Incidents,
    /// Shelf, from, until.
    pub(super) stock_outs: Vec<(u16, u32, u32)>,
    /// Shelf, units, when.
    pub(super) lost: Vec<(u16, u16, u32)>,
    /// The local day that is open, and the second it began.
    pub(super) today: (Day, u32),
    first_day: Day,
    now: Timestamp,
    events: BinaryHeap<Reverse<(u32, u32, Event)>>,
    scheduled: u32,
}

/// Customers that are known when history begins.
const REGULARS: u32 = 3_600;

impl Merchant {
    /// Founds the merchant and simulates its history up to `config.start`.
    pub fn new(config: Config) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
        let zone = Zone::named(calendar::ZONE).unwrap_or_default();
        let last = config.start.day(&zone);
        let first = last.plus(-config.history_days.max(1));
        let catalogue = Catalogue::compose(
            &mut rng,
            config.skus.clamp(90, 20_000),
            first.number(),
            last.number(),
        );
        let mut market = Market::new(&catalogue);
        market.open(first, &catalogue);
        let mut made_by = vec![Vec::new(); catalogue.makers.len()];
        for (i, item) in catalogue.items.iter().enumerate() {
            made_by[usize::from(item.supplier)].push(i as u16);
        }
        let orders = (f64::from(config.history_days) * config.orders_per_day * 1.06) as usize;
        let founded = day_start(first, &zone);
        let mut merchant = Merchant {
            shelves: Vec::new(),
            customers: Vec::new(),
            made_by,
            orders: Vec::with_capacity(orders),
            lines: Vec::with_capacity(orders * 3),
            refunds: Vec::new(),
            refunds_of: FxHashMap::default(),
            pos: Vec::new(),
            po_lines: Vec::new(),
            receipts: Vec::new(),
            asked: AskedFor::default(),
            held: FxHashMap::default(),
            transfers: Vec::new(),
            rerouted: Vec::new(),
            adjustments: Vec::new(),
            odd: Vec::new(),
            incidents: Incidents::new(config.seed),
            stock_outs: Vec::new(),
            lost: Vec::new(),
            today: (first, founded),
            first_day: first,
            now: moment(founded),
            events: BinaryHeap::new(),
            scheduled: 0,
            market,
            catalogue,
            zone,
            rng,
            arrivals: 0,
            config,
        };
        merchant.customers.reserve(usize::try_from(REGULARS).unwrap_or(0) * 5);
        for _ in 0..REGULARS {
            merchant.invent_customer();
        }
        merchant.stock_up(founded);
        merchant.schedule(founded, Event::Midnight);
        merchant.advance_to(merchant.config.start);
        merchant
    }

    /// Simulates on to `to`; an earlier time changes nothing.
    pub fn advance_to(&mut self, to: Timestamp) {
        let until = seconds(to);
        while let Some(Reverse((at, _, _))) = self.events.peek() {
            if *at > until {
                break;
            }
            if let Some(Reverse((at, _, event))) = self.events.pop() {
                self.happen(at, event);
            }
        }
        self.now = self.now.max(to);
    }

    /// The simulated present.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn schedule(&mut self, at: u32, event: Event) {
        self.scheduled += 1;
        self.events.push(Reverse((at, self.scheduled, event)));
    }

    /// Schedules something before all else of its second, whenever it is scheduled.
    pub(super) fn schedule_first(&mut self, at: u32, event: Event) {
        self.events.push(Reverse((at, 0, event)));
    }

    /// Draws what follows from an event that brings demand by the seed, the moment and the count of arrivals.
    fn draw_apart(&mut self, at: u32, event: Event) {
        let kind = match event {
            Event::Midnight => 1,
            Event::Arrival => {
                self.arrivals += 1;
                2
            }
            Event::Odd(_) => 3,
            Event::Guest(_) => 4,
            Event::Again(_) => 5,
            _ => return,
        };
        let key = (u64::from(at) << 32) ^ (self.arrivals << 3) ^ kind;
        self.rng = ChaCha8Rng::seed_from_u64(self.config.seed ^ scramble(key));
    }

    fn happen(&mut self, at: u32, event: Event) {
        if self.config.paired {
            self.draw_apart(at, event);
        }
        match event {
            Event::Midnight => self.open_day(at),
            Event::Review => self.review_suppliers(at),
            Event::Arrival => self.arrival(at),
            Event::Adjust => self.adjust_something(at),
            Event::Odd(kind) => {
                if let Some(kind) = OddKind::ALL.get(usize::from(kind)) {
                    self.odd_incident(at, *kind);
                }
            }
            Event::Guest(home) => self.burst_guest(at, home),
            Event::Again(order) => self.order_again(at, order),
            Event::Payment(order) => self.payment_decided(at, order),
            Event::Release(order) => self.hold_decided(at, order),
            Event::Cancel(order) => self.called_off(at, order),
            Event::Ship(order) => self.ship(at, order),
            Event::Return(order) => self.take_back(at, order),
            Event::Acknowledge(po) => self.supplier_answers(at, po),
            Event::Deliver(po) => self.deliver(at, po),
            Event::Told(index) | Event::Asked(index) => self.do_as_asked(at, index),
            Event::Incident(kind) => {
                if let Some(kind) = IncidentKind::ALL.get(usize::from(kind)) {
                    self.incident(at, *kind);
                }
            }
            Event::Deed(deed) => self.carry_on(at, deed),
            Event::DeliverLine(line) => self.deliver_line(at, line),
            Event::Arrive(transfer) => self.arrive(at, transfer),
        }
    }

    fn open_day(&mut self, at: u32) {
        self.close_books();
        let day = moment(at).day(&self.zone);
        self.today = (day, at);
        self.market.maybe_promote(&mut self.rng, day, &self.catalogue);
        self.market.open(day, &self.catalogue);
        self.note_range_changes(at, day.number());
        let next = day_start(day.plus(1), &self.zone);
        self.schedule(next, Event::Midnight);
        if calendar::is_working(day) {
            self.schedule(at + 7 * 3_600, Event::Review);
        }
        let level = self.config.shift.filter(|s| s.at <= moment(at)).map_or(1.0, |s| s.factor);
        let noise = (self.rng.random_range(-0.12..0.12_f64)).exp();
        let expected = self.config.orders_per_day * level * noise * calendar::traffic(day);
        for _ in 0..self.draw_count(expected) {
            let second = calendar::second_of_day(self.rng.random());
            self.schedule((at + second).min(next - 1), Event::Arrival);
        }
        for _ in 0..self.draw_count(4.0) {
            let second = self.rng.random_range(9 * 3_600..17 * 3_600);
            self.schedule(at + second, Event::Adjust);
        }
        self.plan_odd_incidents(at);
        self.plan_incidents(at, next);
    }

    pub(super) fn draw_count(&mut self, expected: f64) -> u64 {
        Poisson::new(expected.max(1e-6)).map_or(0, |p| p.sample(&mut self.rng) as u64)
    }

    /// Launches that come to an empty shelf are out of stock from the first day; what is
    /// discontinued no longer counts as out of stock.
    fn note_range_changes(&mut self, at: u32, day: i32) {
        for i in 0..self.catalogue.items.len() {
            let (launch, fade) = (self.catalogue.items[i].launch, self.catalogue.items[i].fade);
            for site in 0..SITES.len() {
                let shelf = &self.shelves[i * 3 + site];
                if launch == Some(day) && self.catalogue.items[i].stocked[site] {
                    self.touch(i * 3 + site, at);
                } else if fade == Some(day) && shelf.out_since != 0 {
                    self.stock_outs.push(((i * 3 + site) as u16, shelf.out_since, at));
                    self.shelves[i * 3 + site].out_since = 0;
                }
            }
        }
    }

    /// A shelf has changed: notes when, and whether a stock-out began or ended.
    pub(super) fn touch(&mut self, index: usize, at: u32) {
        let day = self.today.0.number();
        let item = &self.catalogue.items[index / 3];
        let on_sale =
            item.launch.is_none_or(|l| l <= day) && item.fade.is_none_or(|fade| day < fade);
        let shelf = &mut self.shelves[index];
        shelf.changed = at;
        let out = on_sale && shelf.available() <= 0;
        if out && shelf.out_since == 0 {
            shelf.out_since = at;
        } else if !out && shelf.out_since != 0 {
            self.stock_outs.push((index as u16, shelf.out_since, at));
            shelf.out_since = 0;
        }
        self.check_shelf(at, index);
    }

    fn adjust_something(&mut self, at: u32) {
        let index = self.rng.random_range(0..self.shelves.len());
        let (delta, reason) = match self.rng.random_range(0..10) {
            0..5 => (-self.rng.random_range(1..5), "damaged in the warehouse"),
            5..7 => (-self.rng.random_range(1..9), "count correction"),
            7..9 => (self.rng.random_range(1..9), "count correction"),
            _ => (self.rng.random_range(1..4), "found in the wrong place"),
        };
        let shelf = &mut self.shelves[index];
        let delta = delta.max(-shelf.on_hand);
        if delta == 0 || !self.catalogue.items[index / 3].stocked[index % 3] {
            return;
        }
        shelf.on_hand += delta;
        let (item, site) = ((index / 3) as u16, (index % 3) as u8);
        self.adjustments.push(AdjustmentRow { at, item, site, delta, reason });
        self.touch(index, at);
    }

    /// A second in working hours on or after `at`, drawn at random within the day.
    pub(super) fn working_second(&mut self, at: u32) -> u32 {
        let (open, close) = calendar::WORKING_HOURS;
        let (mut day, mut start) = self.today;
        while start + close * 3_600 <= at + 600 || !calendar::is_working(day) {
            day = day.plus(1);
            start += 86_400;
        }
        let earliest = (start + open * 3_600).max(at + 300);
        self.rng.random_range(earliest..=(start + close * 3_600).max(earliest + 1))
    }

    /// Adds a customer and returns the index.
    pub(super) fn invent_customer(&mut self) -> u32 {
        let number = self.customers.len() as u32;
        let all = 0..self.catalogue.items.len();
        let market = &self.market;
        let customer = Customer::invent(&mut self.rng, number, &self.catalogue, |rng, site| {
            market.draw(rng, site, all.clone()).unwrap_or(0)
        });
        self.customers.push(customer);
        number
    }
}

/// What the shop's systems can be asked.
impl Merchant {
    /// What is sold and who makes it.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }
    /// Customers; orders refer to them by index.
    pub fn customers(&self) -> &[Customer] {
        &self.customers
    }
    /// All orders, oldest first; the number of the first is [`FIRST_ORDER`].
    pub fn orders(&self) -> &[OrderRow] {
        &self.orders
    }
    /// Index of an order's number.
    pub fn order_index(&self, number: u64) -> Option<u32> {
        let index = number.checked_sub(u64::from(FIRST_ORDER))?;
        (index < self.orders.len() as u64).then_some(index as u32)
    }
    /// Indices of the orders changed in `from..to`, oldest order first.
    pub fn orders_modified_between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = u32> + '_ {
        let range = seconds(from + Span::millis(999))..seconds(to + Span::millis(999));
        let within = move |(index, order): (usize, &OrderRow)| {
            range.contains(&order.modified).then_some(index as u32)
        };
        self.orders.iter().enumerate().filter_map(within)
    }
    /// Lines of an order.
    pub fn lines_of(&self, order: &OrderRow) -> &[LineRow] {
        &self.lines[order.first_line as usize..][..usize::from(order.lines)]
    }
    /// Refunds of an order, with the refund's own index.
    pub fn refunds_of(&self, order: u32) -> impl Iterator<Item = (u32, &RefundRow)> {
        let indices = self.refunds_of.get(&order).map_or(&[][..], Vec::as_slice);
        indices.iter().map(|i| (*i, &self.refunds[*i as usize]))
    }
    /// Percent off an item's list price today.
    pub fn discount(&self, item: u16) -> u8 {
        self.market.off(item)
    }
    /// Stock of an item at a site.
    pub fn shelf(&self, item: usize, site: usize) -> &Shelf {
        &self.shelves[item * 3 + site]
    }
    /// All purchase orders, oldest first; the number of the first is [`FIRST_PO`].
    pub fn purchase_orders(&self) -> &[PoRow] {
        &self.pos
    }
    /// Lines of a purchase order.
    pub fn po_lines_of(&self, po: &PoRow) -> &[PoLineRow] {
        &self.po_lines[po.first_line as usize..][..usize::from(po.lines)]
    }
    /// All receipts, oldest first.
    pub fn receipts(&self) -> &[ReceiptRow] {
        &self.receipts
    }
    /// All transfers between sites, oldest first.
    pub fn transfers(&self) -> &[TransferRow] {
        &self.transfers
    }
    /// All adjustments, oldest first.
    pub fn adjustments(&self) -> &[AdjustmentRow] {
        &self.adjustments
    }
    /// The second at which an item came on the list; launches are listed a month ahead.
    pub fn listed_since(&self, item: &Item) -> u32 {
        let first = self.first_day.number();
        let day = item.launch.map_or(first, |launch| (launch - 30).max(first));
        day_start(Day::from_number(day), &self.zone)
    }
    /// The local day that is open.
    pub fn today(&self) -> Day {
        self.today.0
    }
}
