//! The merchant's own buyer: a plain order-up-to rule, reviewed on each supplier's weekday, and the
//! suppliers who keep their word more or less.

use super::calendar::{self, day_start};
use super::catalogue::{Maker, SITES};
use super::changes::MORNING;
use super::rows::*;
use super::sim::{Buyer, Event, Merchant};
use crate::domain::{Day, PoStatus};
use rand::Rng;
use rand_distr::{Distribution, Normal};

/// Share of the orders that each site ships, and mean units of a line, as the buyer guesses them.
const SITE_SHARE: [f64; 3] = [0.44, 0.17, 0.39];
const LINES_AN_ORDER: f64 = 2.7;
const UNITS_A_LINE: f64 = 3.6;
/// Weight of a new day in the buyer's belief.
const NEW_DAY: f32 = 0.025;

/// When goods that are ordered in a second come by the stated lead time.
fn usual(maker: &Maker, ordered: u32) -> u32 {
    ordered + u32::from(maker.lead) * 86_400
}

/// Whether a day is so much later than the usual one that whoever asked wants nothing before it: by the lead
/// time once more, and two weeks at least.
fn is_far_later(maker: &Maker, due: u32, usual: u32) -> bool {
    due > usual + u32::from(maker.lead.max(14)) * 86_400
}

impl Merchant {
    /// Fills the shelves for the first day.
    pub(super) fn stock_up(&mut self, at: u32) {
        let mut totals = [0.0; 3];
        for item in &self.catalogue.items {
            for (total, here) in totals.iter_mut().zip(item.stocked) {
                *total += if here { item.weight } else { 0.0 };
            }
        }
        self.shelves = vec![Shelf::default(); self.catalogue.items.len() * SITES.len()];
        let units = self.config.orders_per_day * LINES_AN_ORDER * UNITS_A_LINE;
        for i in 0..self.catalogue.items.len() {
            for site in 0..SITES.len() {
                let item = &self.catalogue.items[i];
                if !item.stocked[site] {
                    continue;
                }
                let rate = units * SITE_SHARE[site] * item.weight / totals[site];
                let launched = item.launch.is_none();
                let index = i * 3 + site;
                self.shelves[index].rate = rate as f32;
                self.shelves[index].variance = (rate * 6.0) as f32;
                if launched {
                    let (_, up_to) = self.levels(index);
                    let opening = (up_to * self.rng.random_range(0.7..1.2)).ceil() as i32;
                    self.shelves[index].opening = opening;
                    self.shelves[index].on_hand = opening;
                    self.shelves[index].changed = at;
                }
            }
        }
    }

    /// At midnight the buyer learns what was sold. Days on which something was missing teach nothing.
    pub(super) fn close_books(&mut self) {
        let doy = self.today.0.civil().day_of_year() as usize;
        for (index, shelf) in self.shelves.iter_mut().enumerate() {
            let item = &self.catalogue.items[index / 3];
            let sold = std::mem::take(&mut shelf.sold_today) as f32;
            let short = std::mem::take(&mut shelf.short_today);
            let on_sale = item.launch.is_none_or(|launch| launch <= self.today.0.number());
            if !item.stocked[index % 3]
                || !on_sale
                || ((short || shelf.out_since != 0) && sold < shelf.rate)
            {
                continue;
            }
            let plain = sold / self.market.index(doy, item.category).max(0.1) as f32;
            // One mad order must not fill the warehouse.
            let plain = plain.min(shelf.rate * 4.0 + 60.0);
            let miss = plain - shelf.rate;
            shelf.rate += NEW_DAY * miss;
            shelf.variance += NEW_DAY * (miss * miss - shelf.variance);
        }
    }

    /// Reorder point and order-up-to level of a shelf, in units.
    fn levels(&self, index: usize) -> (f64, f64) {
        let item = &self.catalogue.items[index / 3];
        let maker = &self.catalogue.makers[usize::from(item.supplier)];
        let shelf = &self.shelves[index];
        // Some SKUs nobody looks after.
        let neglected = (index / 3) % 17 == 3;
        let wait = f64::from(maker.lead) * if neglected { 0.8 } else { 1.1 } + 8.0;
        let doy = self.today.0.civil().day_of_year() as usize;
        let steps = (wait as usize / 4).max(1);
        let season = (0..steps).map(|k| self.market.index(doy + k * 4, item.category)).sum::<f64>()
            / steps as f64;
        let daily = f64::from(shelf.rate) * season;
        let spread = (f64::from(shelf.variance) * wait * season).sqrt();
        let z = if neglected { 0.2 } else { 1.75 };
        let point = daily * wait + z * spread + 1.0;
        (point, point + daily * 14.0 + 1.0)
    }

    /// Orders from the suppliers whose day it is, for each site.
    pub(super) fn review_suppliers(&mut self, at: u32) {
        if self.config.buyer == Buyer::Console && at >= calendar::seconds(self.config.start) {
            return;
        }
        for maker in 0..self.catalogue.makers.len() {
            if usize::from(self.catalogue.makers[maker].weekday) == self.today.0.weekday() {
                for site in 0..SITES.len() {
                    self.review(at, maker, site);
                }
            }
        }
    }

    fn review(&mut self, at: u32, maker: usize, site: usize) {
        let day = self.today.0.number();
        let mut wanted: Vec<(u16, u32)> = Vec::new();
        let mut value = 0_u64;
        let mut urgent = false;
        for k in 0..self.made_by[maker].len() {
            let i = self.made_by[maker][k];
            let item = &self.catalogue.items[usize::from(i)];
            let lead = i32::from(self.catalogue.makers[maker].lead);
            let early = item.launch.is_some_and(|launch| day < launch - lead - 21);
            let ending = item.fade.is_some_and(|fade| day > fade - lead - 14);
            if !item.stocked[site] || early || ending {
                continue;
            }
            let index = usize::from(i) * 3 + site;
            let shelf = &self.shelves[index];
            let position = f64::from(shelf.available() + shelf.on_order);
            let (point, up_to) = self.levels(index);
            if position >= point {
                continue;
            }
            urgent |= position < point * 0.6;
            let packs = ((up_to - position) / f64::from(item.pack)).ceil() as u32;
            let qty = (packs * u32::from(item.pack)).max(u32::from(item.moq));
            value += u64::from(qty) * u64::from(item.cost);
            wanted.push((i, qty));
        }
        let least = u64::from(self.catalogue.makers[maker].min_order);
        if wanted.is_empty() || (value < least && !urgent) {
            return;
        }
        if value < least {
            let more = (least / value.max(1) + 1).min(6) as u32;
            wanted.iter_mut().for_each(|(_, qty)| *qty *= more);
        }
        self.send_po(at, maker, site, &wanted, None);
    }

    /// Sends a purchase order, due on the day that is asked for (as days since 1970) until the supplier answers;
    /// its index. What is asked for long after its lead time is not brought before that day.
    pub(super) fn send_po(
        &mut self,
        at: u32,
        maker: usize,
        site: usize,
        wanted: &[(u16, u32)],
        asked: Option<i32>,
    ) -> u32 {
        let supplier = self.catalogue.makers[maker].clone();
        let usual = usual(&supplier, at);
        let due = asked.map(|day| day_start(Day::from_number(day), &self.zone) + MORNING);
        let due = due.map_or(usual, |due| due.max(at));
        let not_before = if is_far_later(&supplier, due, usual) { due } else { at };
        let po = self.pos.len() as u32;
        self.pos.push(PoRow {
            maker: maker as u8,
            site: site as u8,
            status: PoStatus::Sent,
            parts: 0,
            ordered: at,
            due,
            updated: at,
            first_line: self.po_lines.len() as u32,
            lines: wanted.len() as u16,
        });
        for (item, qty) in wanted {
            self.po_lines.push(PoLineRow { item: *item, qty: *qty, received: 0 });
            self.shelves[usize::from(*item) * 3 + site].on_order += *qty as i32;
        }
        let stretch = Normal::new(supplier.stretch.ln(), supplier.spread)
            .map_or(1.0, |spread| spread.sample(&mut self.rng).exp());
        let days = (f64::from(supplier.lead) * stretch).max(1.0);
        let answer = at + self.rng.random_range(4 * 3_600..30 * 3_600);
        self.schedule(answer, Event::Acknowledge(po));
        let ready = at + (days * 86_400.0) as u32;
        let arrival = self.working_second(ready.max(not_before));
        self.schedule(arrival, Event::Deliver(po));
        po
    }

    /// The supplier confirms, or, one time in a hundred, cannot deliver. It promises its usual day, or the one
    /// that it was asked for where that is much later.
    pub(super) fn supplier_answers(&mut self, at: u32, po: u32) {
        let declined = self.rng.random_bool(0.01);
        let row = &mut self.pos[po as usize];
        if row.status != PoStatus::Sent {
            return;
        }
        row.updated = at;
        let maker = &self.catalogue.makers[usize::from(row.maker)];
        let usual = usual(maker, row.ordered);
        row.due = if is_far_later(maker, row.due, usual) { row.due } else { usual };
        row.status = if declined { PoStatus::Cancelled } else { PoStatus::Acknowledged };
        if declined {
            let (lines, site) = (
                row.first_line as usize..row.first_line as usize + usize::from(row.lines),
                row.site,
            );
            for line in lines {
                let PoLineRow { item, qty, .. } = self.po_lines[line];
                self.shelves[usize::from(item) * 3 + usize::from(site)].on_order -= qty as i32;
            }
        }
    }

    /// A lorry arrives: all of it, a part of it with the rest to follow, or some lines short.
    pub(super) fn deliver(&mut self, at: u32, po: u32) {
        let row = self.pos[po as usize].clone();
        if !row.status.is_open() {
            return;
        }
        let maker = &self.catalogue.makers[usize::from(row.maker)];
        let (split, short) = (maker.split, maker.short);
        let partly = row.parts == 0 && row.lines > 1 && self.rng.random_bool(split);
        for line in row.first_line as usize..row.first_line as usize + usize::from(row.lines) {
            let open = self.po_lines[line].open();
            if open == 0 || self.is_held(line, at) {
                continue;
            }
            let stays_away = partly && self.rng.random_bool(0.5);
            if stays_away {
                continue;
            }
            let got = if self.rng.random_bool(short) {
                (f64::from(open) * self.rng.random_range(0.4..0.9)) as u32
            } else {
                open
            };
            let item = self.po_lines[line].item;
            self.po_lines[line].received += got;
            let index = usize::from(item) * 3 + usize::from(row.site);
            // Once partly delivered, what is short may still come with the second part.
            self.shelves[index].on_order -= if partly { got } else { open } as i32;
            if got > 0 {
                self.shelves[index].on_hand += got as i32;
                self.receipts.push(ReceiptRow { at, po, qty: got, item });
                self.see_shelf(at, index);
                self.touch(index, at);
            }
        }
        let waits = self.waits(po, at);
        let row = &mut self.pos[po as usize];
        row.parts += 1;
        row.updated = at;
        row.status = if partly || waits { PoStatus::PartlyReceived } else { PoStatus::Received };
        if partly {
            let wait = self.rng.random_range(3 * 86_400..15 * 86_400);
            let second = self.working_second(at + wait);
            self.schedule(second, Event::Deliver(po));
        }
    }
}
