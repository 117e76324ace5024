//! What becomes of an order after it was placed: paid, shipped, called off, sent back.

use super::customers::scramble;
use super::rows::*;
use super::sim::{Event, Merchant};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const REASONS: [&str; 6] = [
    "Changed my mind",
    "Arrived broken",
    "Not as described",
    "Wrong colour",
    "Arrived too late",
    "Bought by mistake",
];

/// Attempts, a working day apart, after which an order is given up for want of stock.
const TRIES: u8 = 25;

/// Why a status cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    /// There is no such order.
    #[error("Invalid ID.")]
    Unknown,
    /// It has left the building, or was never paid.
    #[error("The order is {0}; only orders that have not been shipped can be changed.")]
    Finished(&'static str),
    /// Only holding, releasing and cancelling can be asked for.
    #[error("Status must be on-hold, pending, processing or cancelled.")]
    Unsupported,
}

impl Merchant {
    /// Holds, releases or cancels an order that has not been shipped, as a shop's own staff would; tells
    /// whether that changed anything. Whether one waits for payment still is decided anew a day later.
    pub(super) fn set_status(
        &mut self,
        at: u32,
        order: u32,
        status: Status,
    ) -> Result<bool, StatusError> {
        let row = self.orders.get(order as usize).ok_or(StatusError::Unknown)?;
        let before = row.status;
        if before == status {
            return Ok(false);
        }
        if !before.is_open() && before != Status::Cancelled {
            return Err(StatusError::Finished(before.word()));
        }
        match status {
            Status::Cancelled => self.cancel_open(at, order),
            Status::OnHold | Status::Processing | Status::Pending => {
                if before == Status::Cancelled {
                    self.promise(at, order, 1);
                }
                self.orders[order as usize].by_hand = true;
                if status == Status::Processing {
                    // Whoever does this draws from no stream that others draw from.
                    let own = self.config.seed ^ scramble(order.into());
                    let shared = std::mem::replace(&mut self.rng, ChaCha8Rng::seed_from_u64(own));
                    self.accept(at, order);
                    self.rng = shared;
                } else {
                    self.move_to(at, order, status);
                }
                if status == Status::Pending {
                    self.schedule(at + 86_400, Event::Payment(order));
                }
            }
            _ => return Err(StatusError::Unsupported),
        }
        Ok(true)
    }

    fn move_to(&mut self, at: u32, order: u32, status: Status) {
        let row = &mut self.orders[order as usize];
        row.status = status;
        row.modified = at;
    }

    fn status(&self, order: u32) -> Status {
        self.orders[order as usize].status
    }

    /// Promises an order's units (`sign` 1) or gives the promise back (-1).
    pub(super) fn promise(&mut self, at: u32, order: u32, sign: i32) {
        if self.incidents.has(order) {
            return self.promise_incident(order, sign);
        }
        let row = &self.orders[order as usize];
        let (first, count, site) =
            (row.first_line as usize, usize::from(row.lines), usize::from(row.site));
        for line in first..first + count {
            let line = &self.lines[line];
            let index = usize::from(line.item) * 3 + site;
            self.shelves[index].committed += sign * i32::from(line.qty);
            self.touch(index, at);
        }
    }

    /// A payment that was open has come, has failed, or the customer has thought better of it.
    pub(super) fn payment_decided(&mut self, at: u32, order: u32) {
        if self.status(order) != Status::Pending {
            return;
        }
        match self.rng.random_range(0..100) {
            0..72 => self.accept(at, order),
            72..90 => {
                self.promise(at, order, -1);
                self.move_to(at, order, Status::Failed);
            }
            _ => self.cancel_open(at, order),
        }
    }

    /// The shop's own staff decides about an order that it held.
    pub(super) fn hold_decided(&mut self, at: u32, order: u32) {
        let row = &self.orders[order as usize];
        if row.status != Status::OnHold || row.by_hand {
            return;
        }
        if self.rng.random_bool(0.75) {
            self.accept(at, order)
        } else {
            self.cancel_open(at, order)
        }
    }

    /// A customer calls an order off. One that staff hold stays held until they decide on it.
    pub(super) fn called_off(&mut self, at: u32, order: u32) {
        let row = &self.orders[order as usize];
        if !(row.status == Status::OnHold && row.by_hand) {
            self.cancel_open(at, order);
        }
    }

    /// Calls an order off, if it has not left yet.
    pub(super) fn cancel_open(&mut self, at: u32, order: u32) {
        if self.status(order).is_open() {
            self.promise(at, order, -1);
            self.move_to(at, order, Status::Cancelled);
        }
    }

    /// Ships an order whole, or tries again another day when something is missing.
    pub(super) fn ship(&mut self, at: u32, order: u32) {
        if self.incidents.has(order) {
            return self.ship_incident(at, order);
        }
        if self.status(order) != Status::Processing {
            return;
        }
        let row = self.orders[order as usize].clone();
        let site = usize::from(row.site);
        let lines = row.first_line as usize..row.first_line as usize + usize::from(row.lines);
        let there = self.lines[lines.clone()].iter().all(|line| {
            self.shelves[usize::from(line.item) * 3 + site].on_hand >= i32::from(line.qty)
        });
        if !there {
            self.wait_for_stock(at, order);
            return;
        }
        for line in lines {
            let told = self.is_told(&row, &self.lines[line]);
            let (item, qty) = (usize::from(self.lines[line].item), i32::from(self.lines[line].qty));
            let shelf = &mut self.shelves[item * 3 + site];
            shelf.on_hand -= qty;
            shelf.committed -= qty;
            if !told {
                self.moved_unseen(at, item * 3 + site, qty);
            }
            self.touch(item * 3 + site, at);
        }
        self.orders[order as usize].completed = at;
        self.move_to(at, order, Status::Completed);
        if self.rng.random_bool(0.056) {
            let after = at + self.rng.random_range(3 * 86_400..25 * 86_400);
            self.schedule(after, Event::Return(order));
        }
    }

    fn wait_for_stock(&mut self, at: u32, order: u32) {
        let row = &mut self.orders[order as usize];
        row.tries += 1;
        let patience =
            if self.odd.iter().rev().take(50).any(|o| o.order == order) { 2 } else { TRIES };
        if row.tries >= patience {
            self.cancel_open(at, order);
        } else {
            let again = self.working_second(at + 20 * 3_600);
            self.schedule(again, Event::Ship(order));
        }
    }

    /// Goods come back and are paid back; most go back on the shelf.
    pub(super) fn take_back(&mut self, at: u32, order: u32) {
        if self.status(order) != Status::Completed {
            return;
        }
        let row = self.orders[order as usize].clone();
        let lines = self.lines_of(&row).to_vec();
        let whole = self.rng.random_bool(0.35);
        let pick = self.rng.random_range(0..lines.len());
        let back: Box<[(u8, u16)]> = lines
            .iter()
            .enumerate()
            .filter(|(i, _)| whole || *i == pick)
            .map(|(i, line)| {
                (i as u8, if whole { line.qty } else { self.rng.random_range(1..=line.qty) })
            })
            .collect();
        let restocked = self.rng.random_bool(0.75);
        if restocked {
            for (line, qty) in &back {
                let item = usize::from(lines[usize::from(*line)].item);
                let index = item * 3 + usize::from(row.site);
                self.shelves[index].on_hand += i32::from(*qty);
                if !self.is_told(&row, &lines[usize::from(*line)]) {
                    self.moved_unseen(at, index, -i32::from(*qty));
                }
                self.touch(index, at);
            }
        }
        let reason = REASONS[self.rng.random_range(0..REASONS.len())];
        self.refunds_of.entry(order).or_default().push(self.refunds.len() as u32);
        self.refunds.push(RefundRow { order, at, reason, restocked, lines: back });
        self.move_to(at, order, if whole { Status::Refunded } else { Status::Completed });
    }
}
