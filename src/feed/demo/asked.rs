//! What the console's user asks of the simulated suppliers and of the shop, and the file that they
//! remember it in.
//!
//! The simulation is made again at each start, and nobody but they know what they were asked; so they write it down before they answer. Asked again under the same key they do nothing.
//! Each request happens in the second after it came, before anything else of that second, so that
//! the simulation made again is the same.

use super::catalogue::SITES;
use super::shipping::Part;
use super::sim::{Event, Merchant};
use crate::domain::PoStatus;
use serde::{Deserialize, Serialize};
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
    /// The order's number, as the asker has it.
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
    },
    /// Not to deliver an order.
    Cancel,
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
}

/// The orders of the console's user, and how they are called there.
#[derive(Clone, Debug, Default)]
pub(super) struct AskedFor {
    all: Vec<Asked>,
    /// Index of the purchase order and its number there, in the order of both.
    placed: Vec<(u32, Box<str>)>,
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

    /// Takes a request, which happens within a second. Returns it as it is to be written down;
    /// `None`: it is known.
    pub fn ask(&mut self, mut asked: Asked) -> Result<Option<Asked>, AskError> {
        if self.asked.all.iter().any(|known| known.key == asked.key) {
            return Ok(None);
        }
        let same = |known: &&Asked| {
            known.number == asked.number && matches!(known.what, Request::Order { .. })
        };
        let known = self.asked.all.iter().find(same);
        match &asked.what {
            Request::Order { .. } if known.is_some() => {
                return Err(AskError::NumberTaken(asked.number));
            }
            Request::Order { supplier, site, lines } => {
                self.understood(supplier, site, lines)?;
            }
            Request::Cancel if known.is_none() => {
                return Err(AskError::Unknown { what: "order", code: asked.number });
            }
            Request::Cancel => {}
            Request::Ship { ships } => self.can_ship(&asked.number, ships)?,
            Request::Release { key } => self.can_take_back(key)?,
        }
        asked.at = super::calendar::seconds(self.now()) + 1;
        Ok(Some(asked))
    }

    /// Lets a request happen that was taken and written down.
    pub fn expect(&mut self, asked: Asked) {
        self.schedule_first(asked.at, Event::Asked(self.asked.all.len() as u32));
        self.asked.all.push(asked);
    }

    /// Supplier, site and items by index.
    fn understood(
        &self,
        supplier: &str,
        site: &str,
        lines: &[(Box<str>, u32)],
    ) -> Result<Understood, AskError> {
        let unknown = |what, code: &str| AskError::Unknown { what, code: code.into() };
        let maker = self.catalogue.makers.iter().position(|maker| *maker.code == *supplier);
        let maker = maker.ok_or_else(|| unknown("supplier", supplier))?;
        let at = SITES.iter().position(|(id, _)| *id == site);
        let at = at.ok_or_else(|| unknown("site", site))?;
        let mut wanted = Vec::new();
        for (sku, units) in lines {
            let index = self.catalogue.items.iter().position(|item| *item.code == **sku);
            let index = index.ok_or_else(|| unknown("SKU", sku))?;
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

    /// A request happens.
    pub(super) fn do_as_asked(&mut self, at: u32, index: u32) {
        let Some(asked) = self.asked.all.get(index as usize).cloned() else { return };
        match &asked.what {
            Request::Order { supplier, site, lines } => {
                // A file that was changed by hand may ask for what nobody makes.
                let Ok((maker, site, wanted)) = self.understood(supplier, site, lines) else {
                    return;
                };
                let po = self.send_po(at, maker, site, &wanted);
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
        }
    }

    fn call_off(&mut self, at: u32, po: u32) {
        let row = self.pos[po as usize].clone();
        if !row.status.is_open() {
            return;
        }
        for line in row.first_line as usize..row.first_line as usize + usize::from(row.lines) {
            let line = &self.po_lines[line];
            let open = line.qty - line.received;
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
