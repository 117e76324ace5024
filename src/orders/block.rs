//! The columns of 65,536 orders. Blocks are allocated whole, so that growth never copies.

use super::filter::Needle;
use super::lines::Place;
use crate::domain::{OrderKind, OrderStatus, Timestamp};

/// Rows in a block.
pub(super) const ROWS: usize = 1 << 16;
/// The longest order number kept in a block; longer ones lie beside.
pub(super) const LONGEST: usize = 60;
/// Rows whose numbers are counted from one anchor: 1,024 * 60 bytes fit 16 bits.
const ANCHORED: usize = 1024;
/// The code of a row that has no order.
pub(super) const ABSENT: u8 = 31;
/// The customer of an order that has none.
pub(super) const NOBODY: u32 = u32::MAX;
/// The total of an order whose total does not fit and lies beside.
pub(super) const BESIDE: i32 = i32::MIN;

/// One order's entries in the columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Seconds since 1970.
    pub placed: u32,
    /// Seconds since 1970; 0: not shipped.
    pub shipped: u32,
    /// Status and kind, see [`code`].
    pub code: u8,
    /// Number of feed, site, country and currency taken together.
    pub place: u32,
    /// Number of the customer, or [`NOBODY`].
    pub customer: u32,
    /// Minor units, or [`BESIDE`].
    pub total: i32,
    pub lines: Place,
}

impl Entry {
    pub const ABSENT: Entry = Entry {
        placed: 0,
        shipped: 0,
        code: ABSENT,
        place: 0,
        customer: NOBODY,
        total: 0,
        lines: Place { at: 0, count: 0 },
    };
}

pub(super) struct Block {
    pub placed: Vec<u32>,
    pub shipped: Vec<u32>,
    pub code: Vec<u8>,
    pub place: Vec<u32>,
    pub customer: Vec<u32>,
    pub total: Vec<i32>,
    line_at: Vec<u32>,
    line_count: Vec<u16>,
    pub numbers: Numbers,
}

impl Block {
    pub fn new() -> Self {
        Block {
            placed: Vec::with_capacity(ROWS),
            shipped: Vec::with_capacity(ROWS),
            code: Vec::with_capacity(ROWS),
            place: Vec::with_capacity(ROWS),
            customer: Vec::with_capacity(ROWS),
            total: Vec::with_capacity(ROWS),
            line_at: Vec::with_capacity(ROWS),
            line_count: Vec::with_capacity(ROWS),
            numbers: Numbers::default(),
        }
    }
    pub fn len(&self) -> usize {
        self.code.len()
    }
    pub fn push(&mut self, entry: Entry, number: &str) {
        self.placed.push(entry.placed);
        self.shipped.push(entry.shipped);
        self.code.push(entry.code);
        self.place.push(entry.place);
        self.customer.push(entry.customer);
        self.total.push(entry.total);
        self.line_at.push(entry.lines.at);
        self.line_count.push(entry.lines.count);
        self.numbers.push(number);
    }
    pub fn set(&mut self, i: usize, entry: Entry) {
        self.placed[i] = entry.placed;
        self.shipped[i] = entry.shipped;
        self.code[i] = entry.code;
        self.place[i] = entry.place;
        self.customer[i] = entry.customer;
        self.total[i] = entry.total;
        self.line_at[i] = entry.lines.at;
        self.line_count[i] = entry.lines.count;
    }
    pub fn entry(&self, i: usize) -> Entry {
        Entry {
            placed: self.placed[i],
            shipped: self.shipped[i],
            code: self.code[i],
            place: self.place[i],
            customer: self.customer[i],
            total: self.total[i],
            lines: self.lines(i),
        }
    }
    pub fn lines(&self, i: usize) -> Place {
        Place { at: self.line_at[i], count: self.line_count[i] }
    }
    pub fn memory(&self) -> usize {
        27 * ROWS + self.numbers.text.capacity() + 2 * self.numbers.ends.capacity()
    }
}

/// Order numbers of a block, one after the other in one text.
#[derive(Default)]
pub(super) struct Numbers {
    text: String,
    /// Where each ends, from its anchor.
    ends: Vec<u16>,
    anchors: Vec<u32>,
    unicode: bool,
}

impl Numbers {
    fn push(&mut self, number: &str) {
        if self.ends.len().is_multiple_of(ANCHORED) {
            self.anchors.push(self.text.len() as u32);
        }
        self.unicode |= !number.is_ascii();
        if self.text.capacity() - self.text.len() < number.len() {
            self.text.reserve_exact(ROWS);
        }
        self.text.push_str(number);
        let anchor = self.anchors.last().copied().unwrap_or(0);
        if self.ends.is_empty() {
            self.ends.reserve_exact(ROWS);
        }
        self.ends.push((self.text.len() as u32 - anchor) as u16);
    }
    fn end(&self, i: usize) -> usize {
        self.anchors[i / ANCHORED] as usize + usize::from(self.ends[i])
    }
    fn start(&self, i: usize) -> usize {
        if i == 0 { 0 } else { self.end(i - 1) }
    }
    pub fn get(&self, i: usize) -> &str {
        self.text.get(self.start(i)..self.end(i)).unwrap_or("")
    }
    /// Calls `hit` with each row whose number contains the needle (begins with it, is it).
    pub fn search(&self, needle: &Needle, part: Part, mut hit: impl FnMut(usize)) {
        let length = needle.as_str().len();
        if self.unicode || length == 0 {
            for i in 0..self.ends.len() {
                if part.matches(needle, self.get(i)) {
                    hit(i);
                }
            }
            return;
        }
        let mut row = 0;
        needle.each_in(self.text.as_bytes(), |at| {
            row = self.row_at(at, row);
            let (start, end) = (self.start(row), self.end(row));
            let fits = at + length <= end;
            if fits
                && (part == Part::Any || at == start)
                && (part != Part::All || at + length == end)
            {
                hit(row);
            }
        });
    }
    /// The row whose number covers a byte; rows are asked for in ascending order from `row`.
    fn row_at(&self, at: usize, mut row: usize) -> usize {
        let anchor = self.anchors.partition_point(|anchor| *anchor as usize <= at);
        row = row.max(anchor.saturating_sub(1) * ANCHORED);
        while row + 1 < self.ends.len() && self.end(row) <= at {
            row += 1;
        }
        row
    }
}

/// Which part of a text a needle must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Any,
    Start,
    All,
}

impl Part {
    pub fn matches(self, needle: &Needle, text: &str) -> bool {
        match self {
            Part::Any => needle.within(text),
            Part::Start => needle.starts(text),
            Part::All => needle.is(text),
        }
    }
}

/// Status and kind in one byte below 24.
pub(super) fn code(status: OrderStatus, kind: OrderKind) -> u8 {
    let status = OrderStatus::ALL.iter().position(|s| *s == status).unwrap_or(0);
    let kind = KINDS.iter().position(|k| *k == kind).unwrap_or(0);
    (3 * status + kind) as u8
}

pub(super) const KINDS: [OrderKind; 3] =
    [OrderKind::Sale, OrderKind::Return, OrderKind::Adjustment];

/// The status and kind of a code; `None` for [`ABSENT`].
pub(super) fn decode(code: u8) -> Option<(OrderStatus, OrderKind)> {
    let status = OrderStatus::ALL.get(usize::from(code) / 3)?;
    Some((*status, KINDS[usize::from(code) % 3]))
}

/// The set of codes that pass, as bits.
pub(super) fn codes(test: impl Fn(OrderStatus, OrderKind) -> bool) -> u32 {
    (0..24).filter(|c| decode(*c).is_some_and(|(s, k)| test(s, k))).fold(0, |m, c| m | 1 << c)
}

/// Whole seconds since 1970; moments before or after what fits are moved to the nearest that does.
pub(super) fn seconds(at: Timestamp) -> u32 {
    at.as_seconds().clamp(1, u32::MAX.into()) as u32
}

pub(super) fn moment(seconds: u32) -> Timestamp {
    Timestamp::from_millis(i64::from(seconds) * 1_000)
}
