//! A simulated shop, day by day, and what the watches say of it. Its orders go through the shop's own
//! shapes and the real adapter, so that what is missing there is missing here.

use crate::demand::{Frequency, SeriesKey};
use crate::domain::{
    Currency, Day, FeedId, Order, OrderKey, Qty, SiteId, Sku, Span, Timestamp, UnitPrice, Zone,
    text,
};
use crate::engine::seen_by_flags;
use crate::feed::demo::catalogue::SITES;
use crate::feed::demo::rows::Status;
use crate::feed::demo::server::told_order;
use crate::feed::demo::{Config, Merchant, Truth, ZONE, calendar};
use crate::feed::pseudonym::Pseudonyms;
use crate::feed::woocommerce::{self, read_order};
use crate::insight::anomaly::{self, Raised};
use crate::insight::forecast::{Packed, is_active};
use crate::insight::monitor::cost::Cost;
use crate::insight::monitor::series::{SeriesDay, Watched};
use crate::insight::monitor::shelves::{Happening, Shelf};
use crate::insight::monitor::{feed, rate, series, shelves};
use crate::model::{Forecaster, ModelError, ShopCount};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Days of orders before it is watched that the detection of odd orders learns from.
const LEARNT: i32 = 200;
/// Looks at the shelves in a day.
const LOOKS: i64 = 12;

/// The feed's name.
const FEED: &str = "demo";

/// One simulated shop as a console would see it.
pub(super) struct Shop {
    merchant: Merchant,
    zone: Zone,
    feed: FeedId,
    reader: woocommerce::Config,
    pseudonyms: Pseudonyms,
    first: Day,
    demand: BTreeMap<SeriesKey, Vec<f32>>,
    watched: BTreeMap<SeriesKey, Watched>,
    shelves: BTreeMap<(Sku, SiteId), Shelf>,
    out: Vec<bool>,
    costs: BTreeMap<Sku, Cost>,
    /// Shelves that are told below nothing, since when.
    below: BTreeMap<usize, Timestamp>,
    days: rate::Days,
    orders: VecDeque<Order>,
    /// All orders since a day as the detection of odd orders sees them, where that is asked for.
    seen: Option<(Day, Vec<anomaly::Order>)>,
    rejects: VecDeque<Timestamp>,
    receipts: usize,
    adjustments: usize,
    looked: Timestamp,
}

impl Shop {
    /// The shop at the end of its history, all of which is known.
    pub fn new(config: Config, with_orders: bool) -> Self {
        let (history, start) = (config.history_days, config.start);
        let merchant = Merchant::new(config);
        let zone = Zone::named(ZONE).unwrap_or_default();
        let today = start.day(&zone);
        let shelves = merchant.catalogue().items.len() * SITES.len();
        let credentials =
            crate::feed::http::Credentials { key: String::new(), secret: String::new() };
        let mut shop = Shop {
            receipts: merchant.receipts().len(),
            adjustments: merchant.adjustments().len(),
            looked: merchant.now(),
            merchant,
            zone,
            feed: FeedId::new(FEED),
            reader: woocommerce::Config::new("http://127.0.0.1", credentials),
            pseudonyms: Pseudonyms::new([1; 32]),
            first: today.plus(1 - history),
            demand: BTreeMap::new(),
            watched: BTreeMap::new(),
            shelves: BTreeMap::new(),
            out: vec![false; shelves],
            costs: BTreeMap::new(),
            below: BTreeMap::new(),
            days: rate::Days::new(),
            orders: VecDeque::new(),
            seen: with_orders.then(|| (today.plus(-LEARNT), Vec::new())),
            rejects: VecDeque::new(),
        };
        let last = today.number() - 1;
        (shop.first.number()..=last).for_each(|day| shop.sold_on(Day::from_number(day)));
        shop
    }

    /// The day that is not over.
    pub fn today(&self) -> Day {
        self.merchant.now().day(&self.zone)
    }

    /// What really happened.
    pub fn truth(&self) -> Truth {
        self.merchant.truth()
    }

    /// The zone of its days.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Lets a day pass, and says what the watches say at its end.
    pub fn day(&mut self, forecaster: &Forecaster) -> Result<Vec<Raised>, ModelError> {
        let day = self.today();
        let (from, end) = (day.start(&self.zone), day.plus(1).start(&self.zone));
        self.out.iter_mut().for_each(|out| *out = false);
        for look in 1..=LOOKS {
            let at = from + Span::millis(end.since(from).as_millis() * look / LOOKS);
            self.merchant.advance_to(at);
            self.look_at_shelves(at);
        }
        self.sold_on(day);
        self.watch_series(day, forecaster)?;
        self.watch_costs(end);
        for shelf in self.shelves.values_mut() {
            shelf.forget(end);
        }
        Ok(self.raised(day, end))
    }

    fn place(&self, shelf: usize) -> (Sku, SiteId) {
        let item = &self.merchant.catalogue().items[shelf / SITES.len()];
        (Sku::new(item.code.clone()), SiteId::new(SITES[shelf % SITES.len()].0))
    }

    fn note(&mut self, shelf: usize, at: Timestamp, mark: u64, of: Happening) {
        let place = self.place(shelf);
        self.shelves.entry(place).or_default().add(at, mark, of);
    }

    /// What the shop's feed tells of stock since the last look.
    fn look_at_shelves(&mut self, now: Timestamp) {
        let shelf = |item: u16, site: u8| usize::from(item) * SITES.len() + usize::from(site);
        let mut happened: Vec<(usize, Timestamp, u64, Happening)> = Vec::new();
        let merchant = &self.merchant;
        for (n, one) in merchant.receipts().iter().enumerate().skip(self.receipts) {
            let site = merchant.purchase_orders()[one.po as usize].site;
            let units = Happening::Moved(Qty::units(one.qty.into()));
            let mark = 1_000_000_000 + n as u64;
            happened.push((shelf(one.item, site), calendar::moment(one.at), mark, units));
        }
        for (n, one) in merchant.adjustments().iter().enumerate().skip(self.adjustments) {
            let units = Happening::Moved(Qty::units(one.delta.into()));
            let mark = 2_000_000_000 + n as u64;
            happened.push((shelf(one.item, one.site), calendar::moment(one.at), mark, units));
        }
        let since = calendar::seconds(self.looked);
        for index in merchant.orders_modified_between(self.looked, now + Span::seconds(1)) {
            let order = &merchant.orders()[index as usize];
            if order.completed > since {
                for (place, line) in merchant.told_lines(order) {
                    let units = Happening::Left(Qty::units(line.qty.into()));
                    let mark = u64::from(index) * 256 + u64::from(place);
                    let left = calendar::moment(order.completed);
                    happened.push((shelf(line.item, order.site), left, mark, units));
                }
            }
        }
        for shelf in 0..self.out.len() {
            let (item, site) = (shelf / SITES.len(), shelf % SITES.len());
            if merchant.catalogue().items[item].stocked[site] {
                let units = Qty::units(merchant.told_on_hand(shelf).into());
                if merchant.shelf(item, site).changed >= since {
                    happened.push((shelf, now, u64::MAX, Happening::Told(units)));
                }
                self.out[shelf] |= merchant.told_available(item, site) <= 0;
                if units.is_negative() {
                    self.below.entry(shelf).or_insert(now);
                } else {
                    self.below.remove(&shelf);
                }
            }
        }
        (self.receipts, self.adjustments) =
            (merchant.receipts().len(), merchant.adjustments().len());
        self.looked = now;
        for (shelf, at, mark, of) in happened {
            self.note(shelf, at, mark, of);
        }
    }

    /// Takes in the orders of a day.
    fn sold_on(&mut self, day: Day) {
        let second = |day: Day| calendar::seconds(day.start(&self.zone));
        let (from, until) = (second(day), second(day.plus(1)));
        let all = self.merchant.orders();
        let range = all.partition_point(|order| order.placed < from)
            ..all.partition_point(|order| order.placed < until);
        let steps = (day.number() - self.first.number()) as usize;
        let mut count = 0;
        for index in range {
            let order = &self.merchant.orders()[index];
            if !self.merchant.is_order_told(order) {
                continue;
            }
            count += 1;
            let json = told_order(&self.merchant, index as u32, &self.zone);
            match read_order(&json, &self.feed, &self.reader, &self.pseudonyms) {
                Ok(Some(read)) => {
                    if let Some((_, seen)) = self.seen.as_mut().filter(|(since, _)| day >= *since) {
                        let items = &self.merchant.catalogue().items;
                        let list = |sku: &Sku| {
                            let item = items.iter().find(|item| *item.code == *sku.as_str())?;
                            let e4 = i64::from(item.list) * 100;
                            Some(UnitPrice { e4, currency: Currency::GBP })
                        };
                        seen.extend(seen_by_flags(&read, note(&json), &list, &self.zone));
                    }
                    self.orders.push_back(read);
                }
                Ok(None) => {}
                Err(_) => self.rejects.push_back(calendar::moment(order.placed)),
            }
            if matches!(order.status, Status::Cancelled | Status::Failed) {
                continue;
            }
            let lines: Vec<(u16, u16)> =
                self.merchant.told_lines(order).map(|(_, line)| (line.item, line.qty)).collect();
            let site = usize::from(order.site);
            for (item, qty) in lines {
                let (sku, site) = self.place(usize::from(item) * SITES.len() + site);
                let demand = self.demand.entry(SeriesKey { sku, site });
                let demand = demand.or_insert_with(|| vec![f32::NAN; steps]);
                demand.resize(steps + 1, 0.0);
                demand[steps] += f32::from(qty);
            }
        }
        self.demand.values_mut().for_each(|demand| demand.resize(steps + 1, 0.0));
        self.days.add(day, count);
        let keep = day.plus(1).start(&self.zone) - feed::READ;
        while self.orders.front().is_some_and(|order| order.placed_at < keep) {
            self.orders.pop_front();
        }
        while self.rejects.front().is_some_and(|at| *at < keep) {
            self.rejects.pop_front();
        }
    }

    /// What an order is called among these, by its number.
    pub fn order_id(&self, number: &str) -> String {
        OrderKey { feed: self.feed.clone(), number: number.into() }.to_string()
    }

    /// All orders as the detection of odd orders sees them, oldest first.
    pub fn orders_seen(&self) -> &[anomaly::Order] {
        self.seen.as_ref().map_or(&[], |(_, seen)| seen)
    }

    /// Units of the largest order of each series on a day.
    fn largest(&self, day: Day) -> BTreeMap<(&str, &str), f64> {
        let mut largest = BTreeMap::new();
        for order in self.orders.iter().rev() {
            match order.placed_at.day(&self.zone) {
                placed if placed < day => break,
                placed if placed > day => continue,
                _ => {}
            }
            for line in order.demand_lines() {
                let key = (line.sku.as_str(), order.site.as_str());
                let most: &mut f64 = largest.entry(key).or_default();
                *most = most.max(line.standing().to_f64());
            }
        }
        largest
    }

    fn watch_series(&mut self, day: Day, forecaster: &Forecaster) -> Result<(), ModelError> {
        let known = (day.number() - self.first.number() + 1) as usize;
        let mut shop = ShopCount::new(known);
        self.demand.values().for_each(|demand| shop.add(demand));
        let shop = shop.at(self.first.civil(), Frequency::Day);
        let active: Vec<&SeriesKey> = self
            .demand
            .iter()
            .filter(|(_, demand)| is_active(demand))
            .map(|(key, _)| key)
            .collect();
        let windows: Vec<_> = active.iter().map(|key| shop.window_of(&self.demand[*key])).collect();
        let asked: Vec<_> = windows.iter().flatten().cloned().collect();
        let mut made = forecaster.forecast(&asked)?.into_iter();
        let largest = self.largest(day);
        let places: BTreeMap<(Sku, SiteId), usize> =
            (0..self.out.len()).map(|shelf| (self.place(shelf), shelf)).collect();
        let mut told: Vec<(SeriesKey, SeriesDay, Packed)> = Vec::new();
        for (key, window) in active.iter().zip(&windows) {
            let Some(forecast) = window.as_ref().and_then(|_| made.next()) else { continue };
            let Some(&shelf) = places.get(&(key.sku.clone(), key.site.clone())) else { continue };
            let sold = self.demand[*key].last().copied().unwrap_or(0.0);
            let most = largest.get(&(key.sku.as_str(), key.site.as_str())).copied();
            let of = SeriesDay {
                day,
                sold: f64::from(sold),
                largest: most.unwrap_or(0.0),
                on_hand: Some(f64::from(self.merchant.told_on_hand(shelf))),
                out: self.out[shelf],
                open: true,
            };
            told.push(((*key).clone(), of, Packed::of(&forecast.totals)));
        }
        for (key, of, totals) in told {
            self.watched.entry(key).or_default().day(&of, &totals);
        }
        Ok(())
    }

    fn watch_costs(&mut self, now: Timestamp) {
        let today = self.today().number();
        let second = calendar::seconds(now);
        for (index, item) in (0_u16..).zip(&self.merchant.catalogue().items) {
            if item.is_listed(today) {
                let pence = self.merchant.told_cost(index, second);
                let cost = UnitPrice { e4: i64::from(pence) * 100, currency: Currency::GBP };
                let sku = Sku::new(item.code.clone());
                let known = self.costs.entry(sku).or_insert_with(|| Cost::new(cost, now));
                known.told(cost, now);
            }
        }
    }

    fn raised(&self, day: Day, now: Timestamp) -> Vec<Raised> {
        let items = &self.merchant.catalogue().items;
        let found = |sku: &Sku| items.iter().find(|item| *item.code == *sku.as_str());
        let price = |key: &SeriesKey| found(&key.sku).map_or(0.0, |item| f64::from(item.list));
        let cost = |sku: &Sku| found(sku).map_or(0.0, |item| f64::from(item.cost));
        let mut all = series::raised(self.watched.iter(), &self.zone, Currency::GBP, &price);
        all.extend(shelves::raised(self.shelves.iter(), now, Currency::GBP, &cost));
        all.extend(self.costs.iter().filter_map(|(sku, cost)| cost.raised(sku, now, 10.0)));
        all.extend(self.below.iter().filter_map(|(shelf, since)| {
            let units = Qty::units(self.merchant.told_on_hand(*shelf).into());
            let (sku, site) = self.place(*shelf);
            shelves::negative((&sku, &site), units, *since, Currency::GBP, &cost)
        }));
        let mut past = feed::FeedPast::new();
        self.orders.iter().for_each(|order| past.order(order));
        self.rejects.iter().for_each(|at| past.reject(*at));
        all.extend(past.raised(&self.feed, now, &self.zone, Currency::GBP));
        all.extend(self.days.raised(&self.feed, day, &self.zone, (3_000.0, Currency::GBP)));
        all
    }
}

/// What was written with an order, as it is kept: cleaned.
fn note(json: &serde_json::Value) -> Option<Arc<str>> {
    let note = json["customer_note"].as_str().map(text::clean)?;
    (!note.is_empty()).then(|| note.into())
}
