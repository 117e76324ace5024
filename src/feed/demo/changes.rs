//! What the simulated suppliers say to a wish about a line, and how it then comes; and goods that one own
//! site sends to another.
//!
//! None of it draws from the merchant's stream of random numbers: without wishes everything happens as it
//! would, and with them everything else does.

use super::asked::AskError;
use super::calendar::{day_start, moment};
use super::catalogue::SITES;
use super::rows::{ReceiptRow, TransferRow};
use super::sim::{Event, Merchant};
use crate::domain::{Day, PoStatus};
use serde::{Deserialize, Serialize};

/// Goods come at this second of their day.
pub(super) const MORNING: u32 = 10 * 3_600;
/// No supplier brings anything sooner than after so many days.
const LEAST_DAYS: i32 = 2;
/// No supplier keeps goods for longer than so many days.
const MOST_KEPT: i32 = 28;
/// One that stretches its lead times beyond this keeps half of its word only.
const UNRELIABLE: f64 = 1.3;

/// How a line of an order is to come otherwise. Days are those since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// By a day.
    Sooner(i32),
    /// Not before a day.
    Later(i32),
    /// Not at all.
    Never,
}

/// What a supplier says to a wish: how the line comes from then on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The day on which it is due, as days since 1970.
    pub due: Option<i32>,
    /// Units that come in all.
    pub units: Option<u32>,
}

impl Merchant {
    /// The purchase order of a number, and its line of a SKU.
    fn line_of(&self, number: &str, sku: &str) -> Result<(usize, usize), AskError> {
        let placed = self.asked.placed.iter().find(|(_, known)| **known == *number);
        let Some((po, _)) = placed else {
            let asked = self.asked.is_asked(number);
            let (what, code) = ("order", number.into());
            return Err(match asked {
                true => AskError::TooSoon(code),
                false => AskError::Unknown { what, code },
            });
        };
        let row = &self.pos[*po as usize];
        let lines = row.first_line as usize..row.first_line as usize + usize::from(row.lines);
        let is = |line: &usize| {
            let item = usize::from(self.po_lines[*line].item);
            *self.catalogue.items[item].code == *sku
        };
        let line = lines.clone().find(is);
        let unknown = || AskError::Unknown { what: "SKU on it", code: sku.into() };
        Ok((*po as usize, line.ok_or_else(unknown)?))
    }

    /// What the supplier says to a wish. It brings nothing within a third of its lead time, keeps goods for
    /// four weeks at most and not any more when they are about to come, and calls nothing off once half of
    /// the time is over.
    pub(super) fn said_to(&self, number: &str, sku: &str, wish: Wish) -> Result<Answer, AskError> {
        let (po, line) = self.line_of(number, sku)?;
        let (row, goods) = (&self.pos[po], &self.po_lines[line]);
        let maker = &self.catalogue.makers[usize::from(row.maker)];
        let day = |second: u32| moment(second).day(&self.zone).number();
        let (today, due, lead) = (self.today().number(), day(row.due), i32::from(maker.lead));
        let as_it_was = Answer { due: Some(due), units: Some(goods.qty) };
        let refuses = maker.stretch > UNRELIABLE && (po + line) % 2 == 0;
        if !row.status.is_open() || goods.open() == 0 || refuses {
            return Ok(as_it_was);
        }
        Ok(match wish {
            Wish::Sooner(by) => {
                let soonest = today + LEAST_DAYS.max(lead / 3);
                Answer { due: Some(by.max(soonest).min(due)), ..as_it_was }
            }
            Wish::Later(until) if due - today > LEAST_DAYS => {
                Answer { due: Some(until.clamp(due, due + MOST_KEPT)), ..as_it_was }
            }
            Wish::Never if 2 * (today - day(row.ordered)) <= lead && goods.received == 0 => {
                Answer { due: None, units: Some(0) }
            }
            Wish::Later(_) | Wish::Never => as_it_was,
        })
    }

    /// A line comes as was answered.
    pub(super) fn bring(&mut self, at: u32, number: &str, sku: &str, wish: Wish, answer: Answer) {
        let Ok((po, line)) = self.line_of(number, sku) else { return };
        let comes = answer.due.map(|day| day_start(Day::from_number(day), &self.zone) + MORNING);
        match (wish, comes) {
            (Wish::Sooner(_), Some(second)) if second < self.pos[po].due => {
                self.schedule(second.max(at), Event::DeliverLine(line as u32));
            }
            (Wish::Later(_), Some(second)) if second > self.pos[po].due => {
                self.held.insert(line as u32, second);
                self.schedule(second, Event::DeliverLine(line as u32));
            }
            (Wish::Never, _) if answer.units == Some(0) => self.drop_line(at, po, line),
            _ => {}
        }
    }

    /// Whether a line is not to come yet.
    pub(super) fn is_held(&self, line: usize, at: u32) -> bool {
        self.held.get(&(line as u32)).is_some_and(|until| at < *until)
    }

    /// Whether a line of an order waits for a later day.
    pub(super) fn waits(&self, po: u32, at: u32) -> bool {
        let row = &self.pos[po as usize];
        let lines = row.first_line as usize..row.first_line as usize + usize::from(row.lines);
        lines.into_iter().any(|line| self.po_lines[line].open() > 0 && self.is_held(line, at))
    }

    fn drop_line(&mut self, at: u32, po: usize, line: usize) {
        let goods = &mut self.po_lines[line];
        let open = goods.open();
        goods.qty = goods.received;
        let item = usize::from(goods.item);
        let site = usize::from(self.pos[po].site);
        self.shelves[item * 3 + site].on_order -= open as i32;
        self.settle_po(at, po, PoStatus::Cancelled);
    }

    /// A line comes by itself.
    pub(super) fn deliver_line(&mut self, at: u32, line: u32) {
        let po = self.pos.partition_point(|row| row.first_line <= line).saturating_sub(1);
        let (status, site) = (self.pos[po].status, usize::from(self.pos[po].site));
        let goods = &mut self.po_lines[line as usize];
        let open = goods.open();
        if open == 0 || !status.is_open() {
            return;
        }
        goods.received += open;
        let item = goods.item;
        let index = usize::from(item) * 3 + site;
        self.shelves[index].on_order -= open as i32;
        self.shelves[index].on_hand += open as i32;
        self.receipts.push(ReceiptRow { at, po: po as u32, qty: open, item });
        self.see_shelf(at, index);
        self.touch(index, at);
        self.settle_po(at, po, PoStatus::Received);
    }

    /// The state of an order after one of its lines changed; `done`: that where nothing more is to come.
    fn settle_po(&mut self, at: u32, po: usize, done: PoStatus) {
        let row = &self.pos[po];
        let lines = &self.po_lines[row.first_line as usize..][..usize::from(row.lines)];
        let waits = lines.iter().any(|line| line.open() > 0);
        let came = lines.iter().any(|line| line.received > 0);
        let status = match (waits, came) {
            (true, true) => PoStatus::PartlyReceived,
            (true, false) => row.status,
            (false, true) => PoStatus::Received,
            (false, false) => done,
        };
        let row = &mut self.pos[po];
        (row.status, row.updated) = (status, at);
    }

    /// An item and the sites of a transfer by index, both of which keep the item.
    pub(super) fn way(&self, from: &str, to: &str, sku: &str) -> Result<(u16, [u8; 2]), AskError> {
        let unknown = |what, code: &str| AskError::Unknown { what, code: code.into() };
        let item = self.catalogue.items.iter().position(|item| *item.code == *sku);
        let item = item.ok_or_else(|| unknown("SKU", sku))?;
        let site = |code: &str| {
            let site = SITES.iter().position(|(id, _)| *id == code);
            let site = site.ok_or_else(|| unknown("site", code))?;
            match self.catalogue.items[item].stocked[site] {
                true => Ok(site as u8),
                false => Err(AskError::NotKept { site: code.into(), sku: sku.into() }),
            }
        };
        Ok((item as u16, [site(from)?, site(to)?]))
    }

    /// Goods leave for another site: no more than are there.
    pub(super) fn send(
        &mut self,
        at: u32,
        number: Box<str>,
        item: u16,
        [from, to]: [u8; 2],
        (units, due): (u32, i32),
    ) {
        let index = |site: u8| usize::from(item) * 3 + usize::from(site);
        let there = u32::try_from(self.shelves[index(from)].on_hand).unwrap_or(0);
        let qty = units.min(there);
        let due = (day_start(Day::from_number(due), &self.zone) + MORNING).max(at + 1);
        self.shelves[index(from)].on_hand -= qty as i32;
        self.shelves[index(to)].on_order += qty as i32;
        self.touch(index(from), at);
        self.schedule(due, Event::Arrive(self.transfers.len() as u32));
        self.transfers.push(TransferRow {
            number,
            item,
            from,
            to,
            qty,
            left: at,
            due,
            arrived: 0,
            by_hand: 0,
            lost: 0,
            came: 0,
            updated: at,
        });
    }

    /// Goods of a transfer were taken in by people (taken back when negative); whether the number is one's.
    pub(super) fn note_transfer(&mut self, at: u32, number: &str, units: i32) -> bool {
        let place = self.transfers.iter().position(|row| *row.number == *number);
        let Some((place, row)) = place.and_then(|at| Some((at, self.transfers.get_mut(at)?)))
        else {
            return false;
        };
        let before = row.open() as i32;
        row.by_hand = row.by_hand.saturating_add_signed(units);
        (row.came, row.updated) = (if row.open() == 0 { at } else { 0 }, at);
        let (open, due) = (row.open() as i32, row.due);
        let index = usize::from(row.item) * 3 + usize::from(row.to);
        self.shelves[index].on_order += open - before;
        if open > before {
            // What was taken in by a slip of the hand is to come after all.
            self.schedule(due.max(at + 86_400), Event::Arrive(place as u32));
        }
        true
    }

    /// What is on its way of a transfer was written off by people. They know it: nothing is told of it.
    pub(super) fn lose(&mut self, number: &str) {
        let Some(row) = self.transfers.iter_mut().find(|row| *row.number == *number) else {
            return;
        };
        let lost = row.open();
        row.lost += lost;
        let index = usize::from(row.item) * 3 + usize::from(row.to);
        self.shelves[index].on_order -= lost as i32;
    }

    /// Goods of another site come.
    pub(super) fn arrive(&mut self, at: u32, transfer: u32) {
        let Some(row) = self.transfers.get_mut(transfer as usize) else { return };
        let qty = row.open() as i32;
        if qty == 0 {
            return;
        }
        row.arrived += qty as u32;
        (row.came, row.updated) = (at, at);
        let index = usize::from(row.item) * 3 + usize::from(row.to);
        self.shelves[index].on_order -= qty;
        self.shelves[index].on_hand += qty;
        self.see_shelf(at, index);
        self.touch(index, at);
    }
}
