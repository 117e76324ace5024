//! From where the console's user has the shop ship an order: from another site, from several, or as it
//! was.
//!
//! An order has one site in the shop. One that ships from several is split: it keeps what its first site
//! ships, and the rest become orders of their own, placed when it was. What ships from nowhere yet waits
//! as an order at the site that the order had. Taken back, all of it is one order again.

use super::asked::AskError;
use super::catalogue::SITES;
use super::rows::*;
use super::sim::{Event, Merchant};

/// An order that ships otherwise than the shop had it.
#[derive(Clone, Debug)]
pub(super) struct Rerouted {
    /// The key of the request.
    key: Box<str>,
    order: u32,
    /// Its lines and site as they were.
    first_line: u32,
    lines: u8,
    site: u8,
    /// The orders that were split off.
    parts: Vec<u32>,
    /// Whether it is as it was again.
    back: bool,
}

/// A site's code, and SKUs with units.
pub type Part = (Box<str>, Vec<(Box<str>, u32)>);

/// Site, and for each of its lines the place in the order and units.
type Understood = Vec<(usize, Vec<(usize, u16)>)>;

impl Merchant {
    /// Whether an order can ship so: it has not left, and has so many units.
    pub(super) fn can_ship(&self, number: &str, ships: &[Part]) -> Result<(), AskError> {
        let order = self.order_of(number)?;
        self.is_to_ship(order)?;
        self.parts(order, ships).map(|_| ())
    }

    /// Whether what a request did can be taken back; what is not known is.
    pub(super) fn can_take_back(&self, key: &str) -> Result<(), AskError> {
        match self.rerouted(key) {
            Some(place) => {
                let (one, later) = (&self.rerouted[place], &self.rerouted[place + 1..]);
                let again = |order: u32| later.iter().any(|it| !it.back && it.order == order);
                one.parts.iter().chain([&one.order]).try_for_each(|order| match again(*order) {
                    true => Err(AskError::NotToShip("moved on already")),
                    false => self.is_to_ship(*order),
                })
            }
            None => Ok(()),
        }
    }

    /// Has an order ship so, where it still can.
    pub(super) fn reroute(&mut self, at: u32, key: &str, number: &str, ships: &[Part]) {
        let Ok(order) = self.order_of(number) else { return };
        let (Ok(()), Ok(parts)) = (self.is_to_ship(order), self.parts(order, ships)) else {
            return;
        };
        let row = self.orders[order as usize].clone();
        let mut left = self.lines_of(&row).to_vec();
        self.promise(at, order, -1);
        let mut of_sites: Vec<(usize, Vec<LineRow>)> = Vec::new();
        for (site, lines) in parts {
            let mut taken = Vec::with_capacity(lines.len());
            for (line, units) in lines {
                left[line].qty -= units;
                taken.push(LineRow { qty: units, ..left[line].clone() });
            }
            of_sites.push((site, taken));
        }
        left.retain(|line| line.qty > 0);
        if !left.is_empty() {
            of_sites.push((usize::from(row.site), left));
        }
        let mut split = Vec::new();
        for (place, (site, lines)) in of_sites.into_iter().enumerate() {
            let (first_line, count) = (self.lines.len() as u32, lines.len() as u8);
            self.lines.extend(lines);
            let index = match place {
                0 => order,
                _ => {
                    let part = OrderRow { postage: 0, note: 0, tries: 0, ..row.clone() };
                    self.orders.push(part);
                    split.push(self.orders.len() as u32 - 1);
                    self.orders.len() as u32 - 1
                }
            };
            let part = &mut self.orders[index as usize];
            (part.first_line, part.lines, part.site) = (first_line, count, site as u8);
            part.modified = at;
            self.promise(at, index, 1);
            let second = self.working_second(at + 600);
            self.schedule(second, Event::Ship(index));
        }
        self.rerouted.push(Rerouted {
            key: key.into(),
            order,
            first_line: row.first_line,
            lines: row.lines,
            site: row.site,
            parts: split,
            back: false,
        });
    }

    /// Makes an order what it was before a request, where nothing of it has left.
    pub(super) fn take_reroute_back(&mut self, at: u32, key: &str) {
        let Some(place) = self.rerouted(key) else { return };
        if self.can_take_back(key).is_err() {
            return;
        }
        self.rerouted[place].back = true;
        let one = self.rerouted[place].clone();
        for part in one.parts {
            self.cancel_open(at, part);
        }
        self.promise(at, one.order, -1);
        let row = &mut self.orders[one.order as usize];
        (row.first_line, row.lines, row.site) = (one.first_line, one.lines, one.site);
        row.modified = at;
        self.promise(at, one.order, 1);
    }

    fn rerouted(&self, key: &str) -> Option<usize> {
        self.rerouted.iter().position(|one| *one.key == *key && !one.back)
    }

    fn order_of(&self, number: &str) -> Result<u32, AskError> {
        let index = number.parse::<u32>().ok().and_then(|number| number.checked_sub(FIRST_ORDER));
        let known = index.filter(|index| (*index as usize) < self.orders.len());
        known.ok_or_else(|| AskError::Unknown { what: "order", code: number.into() })
    }

    fn is_to_ship(&self, order: u32) -> Result<(), AskError> {
        match self.orders[order as usize].status {
            Status::Processing => Ok(()),
            other => Err(AskError::NotToShip(other.word())),
        }
    }

    fn parts(&self, order: u32, ships: &[Part]) -> Result<Understood, AskError> {
        let unknown = |what, code: &str| AskError::Unknown { what, code: code.into() };
        let lines = self.lines_of(&self.orders[order as usize]);
        let mut left: Vec<u32> = lines.iter().map(|line| u32::from(line.qty)).collect();
        let mut parts = Vec::new();
        for (code, wanted) in ships {
            let site = SITES.iter().position(|(id, _)| **id == **code);
            let site = site.ok_or_else(|| unknown("site", code))?;
            let mut of_site = Vec::new();
            for (sku, units) in wanted {
                // An order may have several lines of a SKU.
                let mut units = *units;
                let is_of =
                    |line: &LineRow| *self.catalogue.items[usize::from(line.item)].code == **sku;
                for (place, _) in lines.iter().enumerate().filter(|(_, line)| is_of(line)) {
                    let taken = units.min(left[place]);
                    if taken > 0 {
                        of_site.push((place, taken as u16));
                        left[place] -= taken;
                        units -= taken;
                    }
                }
                if units > 0 {
                    return Err(AskError::NotOrdered { sku: sku.clone() });
                }
            }
            if !of_site.is_empty() {
                parts.push((site, of_site));
            }
        }
        if parts.is_empty() { Err(AskError::NoLines) } else { Ok(parts) }
    }
}
