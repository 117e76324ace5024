//! The lines of all orders: six bytes each, the lines of one order side by side.
//!
//! A line is the number of its SKU and a word: two bits for its class, one for "odd", the rest for
//! whole units. Fractions, large amounts and lines that were partly called off are odd: their
//! quantities lie in a map beside.

use super::intern::Interner;
use crate::domain::{LineClass, OrderLine, Qty};
use rustc_hash::FxHashMap;

/// Lines in a chunk. An order with as many or more has a chunk to itself.
const CHUNK: usize = u16::MAX as usize;
const PRODUCT: u16 = 1;
const PRICED: u16 = 2;
const ODD: u16 = 4;
const BITS: u32 = 3;

/// Where an order's lines are: chunk and offset in `at`; a `count` of [`u16::MAX`] means the whole
/// chunk.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub at: u32,
    pub count: u16,
}

/// One line as kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub sku: u32,
    pub qty: Qty,
    pub standing: Qty,
    pub product: bool,
    pub priced: bool,
}

#[derive(Default)]
pub(super) struct LineStore {
    chunks: Vec<Chunk>,
    odd: FxHashMap<u64, (Qty, Qty)>,
}

#[derive(Default)]
struct Chunk {
    sku: Vec<u32>,
    word: Vec<u16>,
}

impl LineStore {
    /// Writes an order's lines, over its old ones where they fit.
    pub fn write(&mut self, old: Place, lines: &[OrderLine], skus: &mut Interner) -> Place {
        self.forget_odd(old);
        let count = lines.len().min(u16::MAX as usize) as u16;
        let at = if count <= old.count && old.count < u16::MAX && count > 0 {
            old.at
        } else {
            self.grow(lines.len())
        };
        for (i, line) in lines.iter().enumerate() {
            let sku = skus.intern(line.sku.as_str());
            let word = self.word_of(key(at, i), line);
            if let Some(chunk) = self.chunks.get_mut((at >> 16) as usize) {
                let offset = (at & 0xffff) as usize + i;
                chunk.sku[offset] = sku;
                chunk.word[offset] = word;
            }
        }
        Place { at, count }
    }

    /// Room for so many lines, filled with empty ones.
    fn grow(&mut self, count: usize) -> u32 {
        let fits = |chunk: &Chunk| chunk.sku.len() + count <= CHUNK;
        if !self.chunks.last().is_some_and(fits) {
            let room = count.max(CHUNK);
            let (sku, word) = (Vec::with_capacity(room), Vec::with_capacity(room));
            self.chunks.push(Chunk { sku, word });
        }
        let number = self.chunks.len() - 1;
        let chunk = &mut self.chunks[number];
        let offset = chunk.sku.len();
        chunk.sku.resize(offset + count, 0);
        chunk.word.resize(offset + count, 0);
        (number << 16 | offset) as u32
    }

    fn word_of(&mut self, key: u64, line: &OrderLine) -> u16 {
        let mut word = 0;
        if line.class == LineClass::Product {
            word |= PRODUCT;
        }
        if line.price.e4 > 0 {
            word |= PRICED;
        }
        let whole = line.qty.trunc();
        let small = (-4096..4096).contains(&whole);
        if small && Qty::units(whole) == line.qty && line.cancelled.is_zero() {
            return word | ((whole as i16) << BITS) as u16;
        }
        self.odd.insert(key, (line.qty, line.standing()));
        word | ODD
    }

    fn forget_odd(&mut self, place: Place) {
        if !self.odd.is_empty() {
            for i in 0..self.slices(place).1.len() {
                self.odd.remove(&key(place.at, i));
            }
        }
    }

    fn slices(&self, place: Place) -> (&[u32], &[u16]) {
        let Some(chunk) = self.chunks.get((place.at >> 16) as usize) else { return (&[], &[]) };
        let start = (place.at & 0xffff) as usize;
        let end = match place.count {
            u16::MAX => chunk.sku.len(),
            count => start + usize::from(count),
        };
        (chunk.sku.get(start..end).unwrap_or(&[]), chunk.word.get(start..end).unwrap_or(&[]))
    }

    /// The numbers of the SKUs on an order's lines.
    pub fn skus(&self, place: Place) -> &[u32] {
        self.slices(place).0
    }
    /// How many lines an order has.
    pub fn count(&self, place: Place) -> usize {
        if place.count == u16::MAX { self.slices(place).0.len() } else { place.count.into() }
    }
    /// An order's lines.
    pub fn of(&self, place: Place) -> impl Iterator<Item = Line> {
        let (skus, words) = self.slices(place);
        skus.iter().zip(words).enumerate().map(move |(i, (sku, word))| {
            let (qty, standing) = if word & ODD == 0 {
                let whole = Qty::units(i64::from(*word as i16 >> BITS));
                (whole, whole)
            } else {
                self.odd.get(&key(place.at, i)).copied().unwrap_or_default()
            };
            let (product, priced) = (word & PRODUCT != 0, word & PRICED != 0);
            Line { sku: *sku, qty, standing, product, priced }
        })
    }
    /// Units of products on an order, less those called off.
    pub fn units(&self, place: Place) -> Qty {
        self.of(place).filter(|line| line.product).map(|line| line.standing).sum()
    }
    pub fn memory(&self) -> usize {
        let chunks: usize =
            self.chunks.iter().map(|c| 4 * c.sku.capacity() + 2 * c.word.capacity()).sum();
        chunks + self.odd.capacity() * 26
    }
}

/// A line's key in the map of odd ones: unlike an address it cannot run over into the next chunk.
fn key(at: u32, i: usize) -> u64 {
    (u64::from(at >> 16) << 32) | (u64::from(at & 0xffff) + i as u64)
}
