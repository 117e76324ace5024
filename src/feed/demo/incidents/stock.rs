//! Stock that is told of and not there, stock that goes missing, and stock below nothing.

use super::super::rows::{AdjustmentRow, LineRow, OrderRow, RefundRow};
use super::super::sim::{Event, Merchant};
use super::{About, Deed, IncidentKind};
use rand::Rng;

const DAY: u32 = 86_400;
/// Why a difference between what was told and what is there is booked.
const COUNTED: &str = "count correction";
/// Shelves that are looked at for one that fits.
const TRIES: usize = 3_000;
/// Units that a day sells at least where a phantom can be noticed, and where a loss can.
const BUSY: f64 = 3.0;
const LIVELY: f64 = 1.2;
/// Units that a day sells at least where too many are written off.
const SELLING: f64 = 0.3;
/// How long stock is told below nothing, hours.
const BELOW: std::ops::Range<u32> = 30..80;

impl Merchant {
    /// Units that an item sells a day at a site, at this time of the year, as the buyer believes.
    fn daily(&self, shelf: usize) -> f64 {
        let item = &self.catalogue.items[shelf / 3];
        let on_sale = item.popularity(self.today.0.number()) > 0.0;
        let doy = self.today.0.civil().day_of_year() as usize;
        let rate = f64::from(self.shelves[shelf].rate) * self.market.index(doy, item.category);
        if on_sale && item.stocked[shelf % 3] { rate } else { 0.0 }
    }

    /// A shelf that sells so much a day and has stock for `days`, with nothing else wrong about it.
    fn lively_shelf(&mut self, least: f64, days: f64) -> Option<usize> {
        for _ in 0..TRIES {
            let shelf = self.incidents.rng.random_range(0..self.shelves.len());
            let daily = self.daily(shelf);
            let calm = self.open_incident(shelf).is_none() && self.shelves[shelf].out_since == 0;
            let enough = f64::from(self.shelves[shelf].available()) > days * daily;
            if daily >= least && calm && enough && self.shelves[shelf].on_order == 0 {
                return Some(shelf);
            }
        }
        None
    }

    pub(super) fn begin_phantom(&mut self, at: u32) {
        let Some(shelf) = self.lively_shelf(BUSY, 12.0) else { return };
        let incident = self.incidents.begin(IncidentKind::PhantomStock, at, About::Shelf(shelf));
        self.incidents.all[incident as usize].by = f64::from(self.told_on_hand(shelf));
        self.incidents.phantoms.entry(shelf).or_default().push(incident);
        let days = self.incidents.rng.random_range(12..19);
        self.schedule(at + days * DAY, Event::Deed(Deed::End(incident)));
    }

    pub(super) fn begin_shrinkage(&mut self, at: u32) {
        let Some(shelf) = self.lively_shelf(LIVELY, 12.0) else { return };
        let incident = self.incidents.begin(IncidentKind::Shrinkage, at, About::Shelf(shelf));
        for _ in 0..self.incidents.rng.random_range(3..6) {
            let second = self.incidents.rng.random_range(0..4 * DAY);
            self.schedule(at + second, Event::Deed(Deed::Loss(incident)));
        }
        let days = self.incidents.rng.random_range(9..14);
        self.schedule(at + days * DAY, Event::Deed(Deed::End(incident)));
    }

    /// Somebody writes off more than there is, and tells of it as of any write-off.
    pub(super) fn begin_negative(&mut self, at: u32) {
        let Some(shelf) = self.lively_shelf(SELLING, 1.0) else { return };
        let incident = self.incidents.begin(IncidentKind::NegativeStock, at, About::Shelf(shelf));
        let units = self.told_on_hand(shelf) + self.incidents.rng.random_range(1..9);
        self.incidents.all[incident as usize].by = f64::from(units);
        *self.incidents.kept_back.entry(shelf).or_default() -= units;
        self.book(at, shelf, -units, "write-off");
        let hours = self.incidents.rng.random_range(BELOW);
        self.schedule(at + hours * 3_600, Event::Deed(Deed::End(incident)));
    }

    /// A tenth or so of what is there is gone.
    pub(super) fn lose_units(&mut self, at: u32, incident: u32) {
        let About::Shelf(shelf) = self.incidents.all[incident as usize].about else { return };
        if self.incidents.all[incident as usize].until != 0 {
            return;
        }
        let share = self.incidents.rng.random_range(0.06..0.14);
        let there = self.told_on_hand(shelf);
        let units = ((f64::from(there) * share).ceil() as i32).max(2).min(there);
        *self.incidents.kept_back.entry(shelf).or_default() -= units;
        self.incidents.all[incident as usize].by += f64::from(units);
        self.shelves[shelf].changed = at;
        self.incidents.losses.push((shelf as u16, units, at));
    }

    /// Somebody counts the shelf: what is told is what is there from now on.
    pub(in crate::feed::demo) fn count_shelf(&mut self, at: u32, incident: u32) {
        let of = &mut self.incidents.all[incident as usize];
        let About::Shelf(shelf) = of.about else { return };
        if of.until != 0 {
            return;
        }
        of.until = at;
        let wrong = self.incidents.kept_back.remove(&shelf).unwrap_or(0);
        self.book(at, shelf, -wrong, COUNTED);
    }

    /// Tells of units that came or went otherwise than by a sale.
    fn book(&mut self, at: u32, shelf: usize, delta: i32, reason: &'static str) {
        if delta != 0 {
            let (item, site) = ((shelf / 3) as u16, (shelf % 3) as u8);
            self.adjustments.push(AdjustmentRow { at, item, site, delta, reason });
            self.shelves[shelf].changed = at;
        }
    }

    /// Units of a line that is not told of left the shelf, or (less than 0) came back.
    pub(in crate::feed::demo) fn moved_unseen(&mut self, at: u32, shelf: usize, units: i32) {
        if self.is_phantom(shelf, at) {
            *self.incidents.kept_back.entry(shelf).or_default() += units;
        } else {
            self.book(at, shelf, -units, COUNTED);
        }
    }

    /// Goods came in, and whoever puts them away sees what is on the shelf.
    pub(in crate::feed::demo) fn see_shelf(&mut self, at: u32, shelf: usize) {
        let phantom = |incident: &u32| {
            self.incidents.all[*incident as usize].kind == IncidentKind::PhantomStock
        };
        if let Some(incident) = self.open_incident(shelf).filter(phantom) {
            self.count_shelf(at, incident);
        }
    }

    /// Where units went missing, somebody looks before less than nothing would be told.
    pub(in crate::feed::demo) fn check_shelf(&mut self, at: u32, shelf: usize) {
        let is_less = self.incidents.kept_back(shelf) < 0 && self.told_on_hand(shelf) < 0;
        let missing =
            |incident: &u32| self.incidents.all[*incident as usize].kind == IncidentKind::Shrinkage;
        if let Some(incident) = self.open_incident(shelf).filter(|of| is_less && missing(of)) {
            self.count_shelf(at, incident);
        }
    }

    /// The incident of a shelf that goes on, if one does.
    pub(in crate::feed::demo) fn open_incident(&self, shelf: usize) -> Option<u32> {
        let is_open = |of: &super::Incident| of.about == About::Shelf(shelf) && of.until == 0;
        self.incidents.all.iter().rposition(is_open).map(|incident| incident as u32)
    }

    /// Units that went missing so far: shelf, units, second.
    pub fn losses(&self) -> &[(u16, i32, u32)] {
        &self.incidents.losses
    }

    /// Units in the building, as the shop tells them.
    pub fn told_on_hand(&self, shelf: usize) -> i32 {
        self.shelves[shelf].on_hand + self.incidents.kept_back(shelf)
    }

    /// Units that can still be sold, as the shop tells them.
    pub fn told_available(&self, item: usize, site: usize) -> i32 {
        let shelf = item * 3 + site;
        self.shelves[shelf].available() + self.incidents.kept_back(shelf)
            - self.incidents.promised(shelf)
    }

    /// Whether a shelf's stock could not be bought at a moment.
    fn is_phantom(&self, shelf: usize, at: u32) -> bool {
        self.incidents.phantoms.get(&shelf).is_some_and(|all| {
            all.iter().any(|incident| {
                let of = &self.incidents.all[*incident as usize];
                of.at <= at && (of.until == 0 || at < of.until)
            })
        })
    }

    /// Whether a line is told: nobody can buy what is not there.
    pub(in crate::feed::demo) fn is_told(&self, order: &OrderRow, line: &LineRow) -> bool {
        let shelf = usize::from(line.item) * 3 + usize::from(order.site);
        !self.is_phantom(shelf, order.placed)
    }

    /// The lines of an order that the shop tells of, with their places in it.
    pub fn told_lines(&self, order: &OrderRow) -> impl Iterator<Item = (u8, &LineRow)> {
        let all = self.lines_of(order).iter().enumerate();
        let told = all.filter(|(_, line)| self.is_told(order, line));
        told.map(|(place, line)| (place as u8, line))
    }

    /// Whether the shop tells of an order: of one without any line there is nothing to tell.
    pub fn is_order_told(&self, order: &OrderRow) -> bool {
        self.incidents.phantoms.is_empty() || self.told_lines(order).next().is_some()
    }

    /// The refunds of an order that the shop tells of, with their lines that it tells of.
    pub fn told_refunds(
        &self,
        index: u32,
    ) -> impl Iterator<Item = (u32, &RefundRow, Vec<(u8, u16)>)> {
        let order = &self.orders[index as usize];
        let lines = self.lines_of(order);
        self.refunds_of(index).filter_map(move |(number, refund)| {
            let told = |(line, _): &&(u8, u16)| self.is_told(order, &lines[usize::from(*line)]);
            let back: Vec<(u8, u16)> = refund.lines.iter().filter(told).copied().collect();
            (!back.is_empty()).then_some((number, refund, back))
        })
    }
}
