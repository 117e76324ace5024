//! What the console's user asks of the simulated suppliers and of the shop, and what the merchant's warehouse
//! is told of stock that people moved; and the file that they remember it in.
//!
//! The simulation is made again at each start, and nobody but they knows what they were asked or
//! told; so they write it down before they answer. The same key again changes nothing.
//! Each request happens in the second after it came, before anything else of that second, so that
//! the simulation made again is the same.

use super::catalogue::SITES;
use super::changes::{Answer, Wish};
use super::fulfilment::StatusError;
use super::rows::{FIRST_ORDER, Status};
use super::shipping::Part;
use super::sim::{Event, Merchant};
use crate::domain::PoStatus;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// Most units of a line that a supplier believes.
const MOST_UNITS: u32 = 1_000_000;

/// Something that a supplier was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What makes it one request, however often it comes.
    pub key: Box<str>,
    /// The second in which it happens; filled in when it is taken.
    #[serde(default)]
    pub at: u32,
    /// The order's number, as the asker has it; empty: no order is meant.
    pub number: Box<str>,
    /// What.
    pub what: Request,
}

/// What a supplier can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// To deliver.
    Order {
        /// The supplier's code.
        supplier: Box<str>,
        /// The site's code.
        site: Box<str>,
        /// SKU and units.
        lines: Vec<(Box<str>, u32)>,
        /// The day on which the goods should be there, as days since 1970.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<i32>,
    },
    /// Not to deliver an order.
    Cancel,
    /// To note that so many units more are on a shelf (less when negative), of the order where one is named.
    Move {
        /// The SKU.
        sku: Box<str>,
        /// The site's code.
        site: Box<str>,
        /// How many.
        units: i32,
    },
    /// To note that somebody counted so many units on a shelf.
    Count {
        /// The SKU.
        sku: Box<str>,
        /// The site's code.
        site: Box<str>,
        /// How many.
        units: i32,
    },
    /// The shop: to give an order of a customer this status.
    Status(Status),
    /// To bring a line of an order otherwise.
    Line {
        /// The SKU.
        sku: Box<str>,
        /// How.
        wish: Wish,
        /// What the supplier says to it; filled in when it is taken.
        #[serde(default)]
        answer: Answer,
    },
    /// To send goods from one own site to another.
    Transfer {
        /// The giving site's code.
        from: Box<str>,
        /// The other's.
        to: Box<str>,
        /// The SKU.
        sku: Box<str>,
        /// How many.
        units: u32,
        /// The day on which they should be there, as days since 1970.
        due: i32,
    },
    /// To note that what has not come of such a transfer never will.
    Lost,
    /// The shop: to ship a customer's order so; what is not named waits.
    Ship {
        /// What ships from where.
        ships: Vec<Part>,
    },
    /// The shop: to take such a request back.
    Release {
        /// Its key.
        key: Box<str>,
    },
    /// To take back what a count changed.
    Uncount {
        /// The key of the count.
        count: Box<str>,
    },
}

impl Request {
    fn is_order(&self) -> bool {
        matches!(self, Request::Order { .. })
    }
}

/// Why a supplier refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// Nobody has this code.
    #[error("There is no {what} {code}.")]
    Unknown {
        /// Supplier, site, SKU or order.
        what: &'static str,
        /// As asked.
        code: Box<str>,
    },
    /// Somebody else makes it.
    #[error("{supplier} does not make {sku}.")]
    NotTheirs {
        /// The supplier.
        supplier: Box<str>,
        /// What it was asked for.
        sku: Box<str>,
    },
    /// No line, or no quantity that can be meant.
    #[error("An order needs lines of 1 to {MOST_UNITS} units.")]
    NoLines,
    /// It has left, was called off, or was never paid.
    #[error("The order is {0}; only orders that are processing can ship from elsewhere.")]
    NotToShip(&'static str),
    /// More than the order has.
    #[error("The order has not so many units of {sku}.")]
    NotOrdered {
        /// What.
        sku: Box<str>,
    },
    /// Another order has the number.
    #[error("Order {0} is there already, under another key.")]
    NumberTaken(Box<str>),
    /// The order has not happened yet.
    #[error("Order {0} was not read yet; ask again in a moment.")]
    TooSoon(Box<str>),
    /// The site does not keep it.
    #[error("{site} does not keep {sku}.")]
    NotKept {
        /// The site.
        site: Box<str>,
        /// What it was to send, or to take in.
        sku: Box<str>,
    },
}

/// The orders of the console's user, and how they are called there.
#[derive(Clone, Debug, Default)]
pub(super) struct AskedFor {
    all: Vec<Asked>,
    /// Index of the purchase order and its number there, in the order of both.
    pub placed: Vec<(u32, Box<str>)>,
    /// Shelf and units by which each count changed it, by the count's key.
    counted: BTreeMap<Box<str>, (usize, i32)>,
}

impl AskedFor {
    /// Whether an order of this number was asked for.
    pub fn is_asked(&self, number: &str) -> bool {
        let orders = |one: &&Asked| matches!(one.what, Request::Order { .. });
        self.all.iter().filter(orders).any(|one| *one.number == *number)
    }
}

/// Supplier and site by index, and item and units of each line.
type Understood = (usize, usize, Vec<(u16, u32)>);

impl Merchant {
    /// Takes what was asked in an earlier run; it lies ahead of the simulation.
    pub fn remember(&mut self, all: Vec<Asked>) {
        for asked in all {
            self.expect(asked);
        }
    }

    /// Takes a request, which happens within a second. Returns it as it is to be written down, what is
    /// said to a line filled in; `None`: it is known.
    pub fn ask(&mut self, mut asked: Asked) -> Result<Option<Asked>, AskError> {
        if self.asked.all.iter().any(|known| known.key == asked.key) {
            return Ok(None);
        }
        let same = |known: &&Asked| known.number == asked.number && known.what.is_order();
        let known = self.asked.all.iter().find(same);
        let said = match &asked.what {
            Request::Line { sku, wish, .. } => Some(self.said_to(&asked.number, sku, *wish)?),
            _ => None,
        };
        match &asked.what {
            Request::Line { .. } => {}
            Request::Transfer { from, to, sku, .. } => {
                self.way(from, to, sku)?;
            }
            Request::Order { .. } if known.is_some() => {
                return Err(AskError::NumberTaken(asked.number));
            }
            Request::Order { supplier, site, lines, .. } => {
                self.understood(supplier, site, lines)?;
            }
            Request::Cancel if known.is_none() => {
                return Err(AskError::Unknown { what: "order", code: asked.number });
            }
            Request::Cancel | Request::Lost | Request::Uncount { .. } | Request::Status(_) => {}
            Request::Move { sku, site, .. } | Request::Count { sku, site, .. } => {
                self.shelf_of(sku, site)?;
            }
            Request::Ship { ships } => self.can_ship(&asked.number, ships)?,
            Request::Release { key } => self.can_take_back(key)?,
        }
        if let (Request::Line { answer, .. }, Some(said)) = (&mut asked.what, said) {
            *answer = said;
        }
        asked.at = self.next_second();
        Ok(Some(asked))
    }

    /// The second in which happens what is asked now.
    pub fn next_second(&self) -> u32 {
        super::calendar::seconds(self.now()) + 1
    }

    /// What was said to a request about a line, by its key.
    pub fn answer_to(&self, key: &str) -> Option<Answer> {
        let asked = self.asked.all.iter().find(|known| *known.key == *key)?;
        match &asked.what {
            Request::Line { answer, .. } => Some(*answer),
            _ => None,
        }
    }

    /// Lets a request happen that was taken and written down.
    pub fn expect(&mut self, asked: Asked) {
        let index = self.asked.all.len() as u32;
        let event = match asked.what {
            Request::Status(_) => Event::Told(index),
            _ => Event::Asked(index),
        };
        self.schedule_first(asked.at, event);
        self.asked.all.push(asked);
    }

    /// Gives an order a status at once. Returns it as it is to be written down: made again, it happens
    /// in the second that follows, before all else of it, which comes to the same. `None`: the order
    /// has the status.
    pub fn tell(&mut self, order: u32, status: Status) -> Result<Option<Asked>, StatusError> {
        let at = super::calendar::seconds(self.now()) + 1;
        if !self.set_status(at, order, status)? {
            return Ok(None);
        }
        let number = (u64::from(FIRST_ORDER) + u64::from(order)).to_string();
        let key = format!("{number} {} {at}", status.word()).into();
        let asked = Asked { key, at, number: number.into(), what: Request::Status(status) };
        // It has happened; what comes under the same key later is known.
        self.asked.all.push(asked.clone());
        Ok(Some(asked))
    }

    /// Supplier, site and items by index.
    fn understood(
        &self,
        supplier: &str,
        site: &str,
        lines: &[(Box<str>, u32)],
    ) -> Result<Understood, AskError> {
        let maker = self.catalogue.makers.iter().position(|maker| *maker.code == *supplier);
        let maker = maker.ok_or_else(|| unknown("supplier", supplier))?;
        let at = site_of(site)?;
        let mut wanted = Vec::new();
        for (sku, units) in lines {
            let index = self.item_of(sku)?;
            if usize::from(self.catalogue.items[index].supplier) != maker {
                let (supplier, sku) = (supplier.into(), sku.clone());
                return Err(AskError::NotTheirs { supplier, sku });
            }
            if !(1..=MOST_UNITS).contains(units) {
                return Err(AskError::NoLines);
            }
            wanted.push((index as u16, *units));
        }
        if wanted.is_empty() { Err(AskError::NoLines) } else { Ok((maker, at, wanted)) }
    }

    fn item_of(&self, sku: &str) -> Result<usize, AskError> {
        let index = self.catalogue.items.iter().position(|item| *item.code == *sku);
        index.ok_or_else(|| unknown("SKU", sku))
    }

    fn shelf_of(&self, sku: &str, site: &str) -> Result<usize, AskError> {
        Ok(self.item_of(sku)? * SITES.len() + site_of(site)?)
    }

    /// A request happens.
    pub(super) fn do_as_asked(&mut self, at: u32, index: u32) {
        let Some(asked) = self.asked.all.get(index as usize).cloned() else { return };
        match &asked.what {
            Request::Order { supplier, site, lines, due } => {
                // A file that was changed by hand may ask for what nobody makes.
                let Ok((maker, site, wanted)) = self.understood(supplier, site, lines) else {
                    return;
                };
                let po = self.send_po(at, maker, site, &wanted, *due);
                self.asked.placed.push((po, asked.number));
            }
            Request::Cancel => {
                let named = self.asked.placed.iter().find(|(_, number)| *number == asked.number);
                if let Some((po, _)) = named.cloned() {
                    self.call_off(at, po);
                }
            }
            Request::Ship { ships } => self.reroute(at, &asked.key, &asked.number, ships),
            Request::Release { key } => self.take_reroute_back(at, key),
            Request::Line { sku, wish, answer } => {
                self.bring(at, &asked.number, sku, *wish, *answer)
            }
            Request::Transfer { from, to, sku, units, due } => {
                if let Ok((item, sites)) = self.way(from, to, sku) {
                    self.send(at, asked.number.clone(), item, sites, (*units, *due));
                }
            }
            Request::Lost => self.lose(&asked.number),
            Request::Status(status) => {
                let order = asked.number.parse().ok().and_then(|number| self.order_index(number));
                // A file that was changed by hand may name any order.
                if let Some(order) = order {
                    let _ = self.set_status(at, order, *status);
                }
            }
            Request::Move { sku, site, units } => {
                let Ok(shelf) = self.shelf_of(sku, site) else { return };
                self.put(at, shelf, *units);
                if !asked.number.is_empty() {
                    self.note_arrival(at, &asked.number, shelf, *units);
                }
            }
            Request::Count { sku, site, units } => {
                let Ok(shelf) = self.shelf_of(sku, site) else { return };
                // Whoever counts ends what was told wrongly.
                if let Some(incident) = self.open_incident(shelf) {
                    self.count_shelf(at, incident);
                }
                let changed = self.put(at, shelf, *units - self.shelves[shelf].on_hand);
                self.asked.counted.insert(asked.key, (shelf, changed));
            }
            Request::Uncount { count } => {
                if let Some((shelf, changed)) = self.asked.counted.remove(count) {
                    self.put(at, shelf, -changed);
                }
            }
        }
    }

    /// Puts units on a shelf, or takes off what is there of them; by how many it changed.
    fn put(&mut self, at: u32, shelf: usize, units: i32) -> i32 {
        let units = units.max(-self.shelves[shelf].on_hand);
        self.shelves[shelf].on_hand += units;
        self.shelves[shelf].by_hand += units;
        self.touch(shelf, at);
        units
    }

    /// Goods of an order were taken in by people (taken back when negative): the supplier brings them no more.
    fn note_arrival(&mut self, at: u32, number: &str, shelf: usize, units: i32) {
        if self.note_transfer(at, number, units) {
            return;
        }
        let numbers = 0..self.pos.len() as u32;
        let Some(po) = numbers.rev().find(|po| self.po_number(*po) == number) else { return };
        let row = self.pos[po as usize].clone();
        let lines = row.first_line as usize..row.first_line as usize + usize::from(row.lines);
        let of_item = |line: &usize| usize::from(self.po_lines[*line].item) == shelf / SITES.len();
        let Some(line) = lines.clone().find(of_item) else { return };
        let is_whole =
            |merchant: &Self| merchant.po_lines[lines.clone()].iter().all(|line| line.open() == 0);
        // What was whole by a slip of the hand is to come after all.
        let waits = row.status.is_open() || row.status == PoStatus::Received && is_whole(self);
        let before = self.po_lines[line].open();
        let line = &mut self.po_lines[line];
        line.received = line.received.saturating_add_signed(units);
        let came = i64::from(before) - i64::from(line.open());
        self.pos[po as usize].updated = at;
        if !waits {
            return;
        }
        let here = shelf / SITES.len() * SITES.len() + usize::from(row.site);
        self.shelves[here].on_order -= came as i32;
        let none = self.po_lines[lines.clone()].iter().all(|line| line.received == 0);
        let status = match is_whole(self) {
            true => PoStatus::Received,
            false if none => PoStatus::Acknowledged,
            false => PoStatus::PartlyReceived,
        };
        self.pos[po as usize].status = status;
        if status.is_open() && !row.status.is_open() {
            // Not sooner than it was to come anyway; that delivery may be over, as it met a whole order.
            let again = self.working_second(row.due.max(at + 86_400));
            self.schedule(again, Event::Deliver(po));
        }
    }

    fn call_off(&mut self, at: u32, po: u32) {
        let row = self.pos[po as usize].clone();
        if !row.status.is_open() {
            return;
        }
        for line in row.first_line as usize..row.first_line as usize + usize::from(row.lines) {
            let line = &self.po_lines[line];
            let open = line.open();
            self.shelves[usize::from(line.item) * 3 + usize::from(row.site)].on_order -=
                open as i32;
        }
        let row = &mut self.pos[po as usize];
        row.status = PoStatus::Cancelled;
        row.updated = at;
    }

    /// A purchase order's number: the one that the console gave it, else the merchant's own.
    pub fn po_number(&self, po: u32) -> String {
        match self.asked.placed.binary_search_by_key(&po, |(index, _)| *index) {
            Ok(place) => self.asked.placed[place].1.to_string(),
            Err(_) => format!("PO{}", super::rows::FIRST_PO + po),
        }
    }
}

fn unknown(what: &'static str, code: &str) -> AskError {
    AskError::Unknown { what, code: code.into() }
}

fn site_of(site: &str) -> Result<usize, AskError> {
    let found = SITES.iter().position(|(id, _)| *id == site);
    found.ok_or_else(|| unknown("site", site))
}

/// The file in which the suppliers write down what they were asked: an object a line.
#[derive(Debug)]
pub struct AskedFile(File);

impl AskedFile {
    /// Opens it, or makes it, and reads what it holds; what was not written to its end was never
    /// taken, and is cut off.
    pub fn open(path: &Path) -> io::Result<(AskedFile, Vec<Asked>)> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let lines = text[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let all = lines.map(serde_json::from_slice).collect::<Result<Vec<Asked>, _>>()?;
        file.set_len(whole as u64)?;
        file.seek(io::SeekFrom::End(0))?;
        Ok((AskedFile(file), all))
    }

    /// Writes down a request, for good.
    pub fn keep(&mut self, asked: &Asked) -> io::Result<()> {
        let mut line = serde_json::to_vec(asked)?;
        line.push(b'\n');
        let before = self.0.stream_position()?;
        let kept = self.0.write_all(&line).and_then(|()| self.0.sync_data());
        if kept.is_err() {
            // What was written in part must not stand before the next line.
            self.0.set_len(before)?;
            self.0.seek(io::SeekFrom::Start(before))?;
        }
        kept
    }
}
