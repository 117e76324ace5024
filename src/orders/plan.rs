//! A filter made ready for the columns: every question about text is answered once per dictionary
//! entry, so that a row costs a few bit tests.

use super::block::{ABSENT, Block, KINDS, Part, ROWS, codes, moment, seconds};
use super::fields;
use super::filter::{
    Bare, Field, FieldKind, Filter, Fuzzy, Milli, Moments, Needle, Test, TextValue,
};
use super::{Marks, OrderIndex, Row};
use crate::domain::{OrderKind, OrderStatus, Timestamp};

/// Numbers for which something holds.
#[derive(Default, Debug)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn collect(tests: impl Iterator<Item = bool>) -> Self {
        let mut bits = Bits::default();
        for (i, _) in tests.enumerate().filter(|(_, holds)| *holds) {
            bits.set(i);
        }
        bits
    }
    fn set(&mut self, i: usize) {
        if self.0.len() <= i / 64 {
            self.0.resize(i / 64 + 1, 0);
        }
        self.0[i / 64] |= 1 << (i % 64);
    }
    pub fn get(&self, i: u32) -> bool {
        self.0.get(i as usize / 64).is_some_and(|word| word >> (i % 64) & 1 == 1)
    }
    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

/// A question to the columns.
enum Check {
    Code(u32),
    Placed(Vec<(u32, u32)>),
    Setting(Bits),
    Customer(Bits),
    Number(Bits),
    Sku(Bits),
    Lines(Vec<Milli>),
    Value(Vec<Milli>),
    Units(Vec<Milli>),
    Qty(Vec<Milli>),
    Mark(fn(&dyn Marks, Row) -> bool),
    Both(Box<Check>, Box<Check>),
    Any(Vec<Check>),
    Not(Box<Check>),
}

/// The rows of a block that are still in question, one bit each.
pub(super) struct Mask(Box<[u64; ROWS / 64]>);

impl Mask {
    fn none() -> Self {
        Mask(Box::new([0; ROWS / 64]))
    }
    fn all(rows: usize) -> Self {
        let mut mask = Mask::none();
        for (i, word) in mask.0.iter_mut().enumerate() {
            let left = rows.saturating_sub(64 * i).min(64) as u32;
            *word = u64::MAX.checked_shr(64 - left).unwrap_or(0);
        }
        mask
    }
    pub fn get(&self, i: usize) -> bool {
        self.0.get(i / 64).is_some_and(|word| word >> (i % 64) & 1 == 1)
    }
    /// Takes out the rows for which `test` fails; only rows that are in are asked about.
    fn retain(&mut self, mut test: impl FnMut(usize) -> bool) {
        for (i, word) in self.0.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                *word &= !(u64::from(!test(64 * i + bit)) << bit);
            }
        }
    }
    /// The same for a test on one column, which whole words of rows are put to at a time.
    fn retain_column<T: Copy>(&mut self, column: &[T], test: impl Fn(T) -> bool) {
        for (word, values) in self.0.iter_mut().zip(column.chunks(64)) {
            if *word != 0 {
                let holds =
                    values.iter().rev().fold(0, |bits, value| bits << 1 | u64::from(test(*value)));
                *word &= holds;
            }
        }
    }
    fn combine(&mut self, other: &Mask, with: impl Fn(u64, u64) -> u64) {
        for (word, other) in self.0.iter_mut().zip(other.0.iter()) {
            *word = with(*word, *other);
        }
    }
    fn copy(&self) -> Mask {
        Mask(self.0.clone())
    }
}

/// A filter compiled against the dictionaries as they are now.
pub(super) struct Plan {
    checks: Vec<Check>,
}

impl Plan {
    pub fn new(index: &OrderIndex, filter: &Filter) -> Self {
        let mut checks = Vec::new();
        for term in filter.terms() {
            let check = match &term.test {
                Test::Incomplete => continue,
                Test::Word { text, quoted } => index.word_check(filter, text, *quoted),
                Test::Text(field, values) => index.text_check(field, values),
                Test::Number(field, ranges) => number_check(field, ranges.clone()),
                Test::Time(_, ranges) => Check::Placed(ranges.iter().map(in_seconds).collect()),
                Test::Flag(flags) => any(flags.iter().map(|flag| flag_check(flag, filter))),
            };
            checks.push(if term.negated { Check::Not(Box::new(check)) } else { check });
        }
        checks.sort_by_key(Check::cost);
        Plan { checks }
    }
    /// Whether every order passes.
    pub fn is_everything(&self) -> bool {
        self.checks.is_empty()
    }
    /// Whether it is known without a look at the rows that none passes.
    pub fn is_nothing(&self) -> bool {
        self.checks.iter().any(Check::is_nothing)
    }
    /// The rows of a block that pass.
    pub fn run(&self, index: &OrderIndex, number: usize, marks: &dyn Marks) -> Mask {
        let Some(block) = index.blocks.get(number) else { return Mask::none() };
        let mut mask = Mask::all(block.len());
        mask.retain_column(&block.code, |code| code != ABSENT);
        let scan = Scan { index, block, first: (number * ROWS) as Row, marks };
        for check in &self.checks {
            scan.narrow(check, &mut mask);
        }
        mask
    }
}

impl Check {
    /// Checks that cost little go first, so that the dear ones see few rows.
    fn cost(&self) -> u32 {
        match self {
            Check::Code(_) => 0,
            Check::Placed(_) => 1,
            Check::Number(_) | Check::Setting(_) => 2,
            Check::Customer(_) => 3,
            Check::Both(a, b) => a.cost().min(b.cost()),
            Check::Lines(_) => 5,
            Check::Value(_) => 6,
            Check::Sku(_) => 8,
            Check::Units(_) | Check::Qty(_) => 10,
            Check::Mark(_) => 12,
            Check::Any(checks) => checks.iter().map(Check::cost).sum(),
            Check::Not(check) => check.cost() + 1,
        }
    }
    fn is_nothing(&self) -> bool {
        match self {
            Check::Code(codes) => *codes == 0,
            Check::Setting(bits) | Check::Customer(bits) => bits.is_empty(),
            Check::Number(bits) | Check::Sku(bits) => bits.is_empty(),
            Check::Placed(ranges) => ranges.is_empty(),
            Check::Both(a, b) => a.is_nothing() || b.is_nothing(),
            Check::Any(checks) => checks.is_empty(),
            _ => false,
        }
    }
}

/// One of several; those that cannot hold are left out.
fn any(checks: impl Iterator<Item = Check>) -> Check {
    Check::Any(checks.filter(|check| !check.is_nothing()).collect())
}

fn number_check(field: &Field, ranges: Vec<Milli>) -> Check {
    match field.name {
        "qty" => Check::Qty(ranges),
        "units" => Check::Units(ranges),
        "lines" => Check::Lines(ranges),
        _ => Check::Value(ranges),
    }
}

/// The first and last second in a range of moments; first after last where it holds none.
fn in_seconds(range: &Moments) -> (u32, u32) {
    let first = |at: Timestamp| {
        let floor = seconds(at);
        if moment(floor) < at && at < moment(u32::MAX) {
            u64::from(floor) + 1
        } else {
            floor.into()
        }
    };
    let end = if range.to > moment(u32::MAX) { 1 << 32 } else { first(range.to) };
    match (first(range.from), end.checked_sub(1)) {
        (from, Some(to)) if from <= to && range.from <= moment(u32::MAX) => {
            (from as u32, to as u32)
        }
        _ => (1, 0),
    }
}

fn flag_check(flag: &str, filter: &Filter) -> Check {
    match flag {
        "open" => Check::Code(codes(|status, _| status.is_to_ship())),
        "held" => Check::Code(codes(|status, _| status == OrderStatus::Held)),
        "return" => Check::Code(codes(|_, kind| kind == OrderKind::Return)),
        "late" => {
            let from = Timestamp::from_millis(i64::MIN);
            let before = Moments { from, to: filter.late_before() };
            let open = Check::Code(codes(|status, _| status.is_to_ship()));
            Check::Both(Box::new(open), Box::new(Check::Placed(vec![in_seconds(&before)])))
        }
        "short" => Check::Mark(|marks, row| marks.short(row)),
        "pinned" => Check::Mark(|marks, row| marks.pinned(row)),
        "acked" => Check::Mark(|marks, row| marks.acked(row)),
        _ => Check::Mark(|marks, row| marks.noted(row)),
    }
}

impl OrderIndex {
    fn text_check(&self, field: &Field, values: &[TextValue]) -> Check {
        if field.name == "number" {
            let parts = values
                .iter()
                .map(|value| (&value.needle, if value.quoted { Part::All } else { Part::Start }));
            return self.number_check(parts);
        }
        self.column_check(field, &mut |text| {
            values.iter().any(|value| field.kind.text_matches(value, text))
        })
    }

    fn word_check(&self, filter: &Filter, text: &str, quoted: bool) -> Check {
        let value = TextValue { needle: Needle::new(text), quoted };
        let mut fuzzy = Fuzzy::new(text);
        let fields = filter.fields().fields.iter().filter(|field| field.bare != Bare::No);
        any(fields.map(|field| match field.bare {
            Bare::Part | Bare::No if field.name == "number" => {
                self.number_check([(&value.needle, Part::Any)].into_iter())
            }
            Bare::Fuzzy if !quoted => self.column_check(field, &mut |text| fuzzy.matches(text)),
            Bare::Value if !quoted => {
                self.column_check(field, &mut |text| field.kind.text_matches(&value, text))
            }
            _ => self.column_check(field, &mut |text| value.needle.within(text)),
        }))
    }

    /// Puts a test to the dictionary behind a text column.
    fn column_check(&self, field: &Field, test: &mut dyn FnMut(&str) -> bool) -> Check {
        match (field.name, field.kind) {
            ("sku", _) => Check::Sku(Bits::collect(self.skus.texts().map(test))),
            ("name", _) => {
                let names = self.names.iter().map(|name| name.as_deref().is_some_and(&mut *test));
                Check::Sku(Bits::collect(names))
            }
            ("customer", _) => Check::Customer(Bits::collect(self.customers.texts().map(test))),
            ("kind", _) => {
                let holds = fields::KINDS.map(test);
                let kind_holds = |kind| KINDS.iter().position(|k| *k == kind).map(|i| holds[i]);
                Check::Code(codes(|_, kind| kind_holds(kind) == Some(true)))
            }
            (_, FieldKind::Words(_)) => {
                let holds = OrderStatus::ALL.map(|status| test(status.word()));
                let place = |status| OrderStatus::ALL.iter().position(|s| *s == status);
                Check::Code(codes(|status, _| place(status).is_some_and(|i| holds[i])))
            }
            (name, _) => {
                let dictionary = match name {
                    "site" => &self.sites,
                    "country" => &self.countries,
                    _ => &self.feeds,
                };
                let entries = Bits::collect(dictionary.texts().map(test));
                Check::Setting(Bits::collect(self.settings.iter().map(|setting| {
                    entries.get(match name {
                        "site" => setting.site,
                        "country" => setting.country,
                        _ => setting.feed,
                    })
                })))
            }
        }
    }

    fn number_check<'n>(&self, needles: impl Iterator<Item = (&'n Needle, Part)>) -> Check {
        let mut rows = Bits::default();
        for (needle, part) in needles {
            for (number, block) in self.blocks.iter().enumerate() {
                block.numbers.search(needle, part, |i| rows.set(number * ROWS + i));
            }
            for (row, number) in &self.stray_numbers {
                if part.matches(needle, number) {
                    rows.set(*row as usize);
                }
            }
        }
        Check::Number(rows)
    }

    /// An order's total in thousandths of the major unit.
    pub(super) fn value_milli(&self, row: Row, column: i32, setting: u32) -> i64 {
        let exponent = self.settings.get(setting as usize).map_or(2, |s| s.currency.exponent());
        let scale = 10_i64.pow(3_u32.saturating_sub(exponent));
        self.total(row, column).saturating_mul(scale)
    }
}

struct Scan<'a> {
    index: &'a OrderIndex,
    block: &'a Block,
    first: Row,
    marks: &'a dyn Marks,
}

impl Scan<'_> {
    /// Takes out of the mask the rows for which a check fails.
    fn narrow(&self, check: &Check, mask: &mut Mask) {
        let Scan { index, block, first, marks } = *self;
        let lines = &index.lines;
        let within = |ranges: &[Milli], n: i64| ranges.iter().any(|range| range.holds(n));
        match check {
            Check::Code(codes) => mask.retain_column(&block.code, |code| codes >> code & 1 == 1),
            Check::Placed(ranges) => mask.retain_column(&block.placed, |placed| {
                ranges.iter().any(|(from, to)| *from <= placed && placed <= *to)
            }),
            Check::Setting(bits) => mask.retain_column(&block.place, |place| bits.get(place)),
            Check::Customer(bits) => mask.retain_column(&block.customer, |who| bits.get(who)),
            Check::Number(bits) => {
                let words = bits.0.get(first as usize / 64..).unwrap_or(&[]);
                for (i, word) in mask.0.iter_mut().enumerate() {
                    *word &= words.get(i).copied().unwrap_or(0);
                }
            }
            Check::Sku(bits) => {
                mask.retain(|i| lines.skus(block.lines(i)).iter().any(|sku| bits.get(*sku)));
            }
            Check::Lines(ranges) => {
                mask.retain(|i| within(ranges, 1_000 * lines.count(block.lines(i)) as i64));
            }
            Check::Value(ranges) => mask.retain(|i| {
                let row = first + i as Row;
                within(ranges, index.value_milli(row, block.total[i], block.place[i]))
            }),
            Check::Units(ranges) => {
                mask.retain(|i| within(ranges, lines.units(block.lines(i)).as_milli()));
            }
            Check::Qty(ranges) => mask.retain(|i| {
                lines.of(block.lines(i)).any(|line| within(ranges, line.qty.as_milli()))
            }),
            Check::Mark(marked) => mask.retain(|i| marked(marks, first + i as Row)),
            Check::Both(a, b) => {
                self.narrow(a, mask);
                self.narrow(b, mask);
            }
            Check::Any(checks) => {
                let mut found = Mask::none();
                for check in checks {
                    let mut left = mask.copy();
                    left.combine(&found, |left, found| left & !found);
                    self.narrow(check, &mut left);
                    found.combine(&left, |found, more| found | more);
                }
                *mask = found;
            }
            Check::Not(check) => {
                let mut holds = mask.copy();
                self.narrow(check, &mut holds);
                mask.combine(&holds, |mask, holds| mask & !holds);
            }
        }
    }
}
