//! The orders in which the table can stand.

use super::block::decode;
use super::{NOBODY, OrderIndex, Row};
use std::cmp::Ordering;

/// A column to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Column {
    /// When it was placed.
    #[default]
    Placed,
    /// The order number; digits in it count as numbers.
    Number,
    /// How far it has come, in the order of an order's life.
    Status,
    /// Site, by its name.
    Site,
    /// Customer, by pseudonym; none counts as the last.
    Customer,
    /// Country, by its name; none counts as the last.
    Country,
    /// Number of lines.
    Lines,
    /// Units of products.
    Units,
    /// Total in major units, whatever the currency.
    Value,
}

impl Column {
    /// Every column with its name.
    pub const ALL: [(&'static str, Column); 9] = [
        ("placed", Column::Placed),
        ("number", Column::Number),
        ("status", Column::Status),
        ("site", Column::Site),
        ("customer", Column::Customer),
        ("country", Column::Country),
        ("lines", Column::Lines),
        ("units", Column::Units),
        ("value", Column::Value),
    ];
    /// The column of that name.
    pub fn parse(name: &str) -> Option<Column> {
        let same = |(known, _): &&(&str, Column)| known.eq_ignore_ascii_case(name);
        Column::ALL.iter().find(same).map(|(_, column)| *column)
    }
    /// Its name.
    pub fn name(self) -> &'static str {
        Column::ALL.iter().find(|(_, column)| *column == self).map_or("placed", |(name, _)| name)
    }
}

/// How the table stands. Rows that are equal in the column stand newest first either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// The column.
    pub column: Column,
    /// Largest, last or newest first.
    pub descending: bool,
}

impl Default for Sort {
    /// Newest first.
    fn default() -> Self {
        Sort { column: Column::Placed, descending: true }
    }
}

/// A row with what it is sorted by: the key, then its place among the rows newest first.
struct Keyed {
    key: i64,
    place: u32,
    row: Row,
}

impl OrderIndex {
    /// Sorts rows that stand newest first, and keeps the first `n`.
    pub(super) fn sorted(&self, rows: Vec<Row>, sort: &Sort, n: usize) -> Vec<Row> {
        let ranks = match sort.column {
            Column::Site => ranks(self.sites.texts()),
            Column::Customer => ranks(self.customers.texts()),
            Column::Country => ranks(self.countries.texts()),
            _ => Vec::new(),
        };
        let keyed = rows.into_iter().enumerate().map(|(place, row)| Keyed {
            key: self.key(row, sort.column, &ranks),
            place: place as u32,
            row,
        });
        let mut keyed: Vec<Keyed> = keyed.collect();
        let by_number = sort.column == Column::Number;
        let compare = |a: &Keyed, b: &Keyed| {
            let by_column = a.key.cmp(&b.key).then_with(|| match by_number {
                true => natural(self.number(a.row), self.number(b.row)),
                false => Ordering::Equal,
            });
            let by_column = if sort.descending { by_column.reverse() } else { by_column };
            by_column.then(a.place.cmp(&b.place))
        };
        if n < keyed.len() {
            keyed.select_nth_unstable_by(n, compare);
            keyed.truncate(n);
        }
        keyed.sort_unstable_by(compare);
        keyed.into_iter().map(|keyed| keyed.row).collect()
    }

    fn key(&self, row: Row, column: Column, ranks: &[u32]) -> i64 {
        let Some((block, i)) = self.block(row) else { return 0 };
        let rank = |id: u32| ranks.get(id as usize).map_or(i64::MAX, |rank| i64::from(*rank));
        let setting = self.settings.get(block.place[i] as usize);
        match column {
            Column::Placed => block.placed[i].into(),
            Column::Number => natural_key(self.number(row)),
            Column::Status => decode(block.code[i]).map_or(0, |(status, _)| status as i64),
            Column::Site => setting.map_or(i64::MAX, |setting| rank(setting.site)),
            Column::Country => setting.map_or(i64::MAX, |setting| rank(setting.country)),
            Column::Customer => rank(block.customer[i]),
            Column::Lines => self.lines.count(block.lines(i)) as i64,
            Column::Units => self.lines.units(block.lines(i)).as_milli(),
            Column::Value => self.value_milli(row, block.total[i], block.place[i]),
        }
    }
}

/// The place of each text among all of them, by alphabet.
fn ranks<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<u32> {
    let texts: Vec<&str> = texts.collect();
    let mut order: Vec<u32> = (0..texts.len() as u32).filter(|id| *id != NOBODY).collect();
    order.sort_unstable_by_key(|id| texts[*id as usize]);
    let mut ranks = vec![0; texts.len()];
    for (rank, id) in order.iter().enumerate() {
        ranks[*id as usize] = rank as u32;
    }
    ranks
}

/// Letters before digits by alphabet, then the digits as a number, then the rest.
fn parts(number: &str) -> (&str, &str, &str) {
    let digits_at = number.find(|c: char| c.is_ascii_digit()).unwrap_or(number.len());
    let (head, rest) = number.split_at(digits_at);
    let rest_at = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, tail) = rest.split_at(rest_at);
    (head, digits.trim_start_matches('0'), tail)
}

fn natural(a: &str, b: &str) -> Ordering {
    let ((head_a, digits_a, tail_a), (head_b, digits_b, tail_b)) = (parts(a), parts(b));
    head_a
        .cmp(head_b)
        .then_with(|| digits_a.len().cmp(&digits_b.len()))
        .then_with(|| digits_a.cmp(digits_b))
        .then_with(|| tail_a.cmp(tail_b))
        .then_with(|| a.cmp(b))
}

/// A number that grows with [`natural`] and settles most comparisons: two bytes of the letters,
/// then the digits as far as they fit.
fn natural_key(number: &str) -> i64 {
    const DIGITS: i64 = (1 << 46) - 1;
    let (head, digits, _) = parts(number);
    let byte = |i: usize| i64::from(head.as_bytes().get(i).copied().unwrap_or(0));
    let value = match head.len() {
        0..=2 => digits.parse().unwrap_or(if digits.is_empty() { 0 } else { DIGITS }),
        _ => DIGITS,
    };
    byte(0) << 54 | byte(1) << 46 | value.min(DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_stand_as_people_count() {
        let mut numbers = ["A-10", "9", "10", "A-9", "C536379", "B1", "009", "10-b", "10-a", ""];
        numbers.sort_by(|a, b| natural(a, b));
        assert_eq!(numbers, ["", "009", "9", "10", "10-a", "10-b", "A-9", "A-10", "B1", "C536379"]);
    }

    proptest! {
        #[test]
        fn the_short_key_never_contradicts(a in "[a-c]{0,3}[0-9]{0,20}x?", b in "[a-cé]{0,3}[0-9]{0,20}") {
            let keys = natural_key(&a).cmp(&natural_key(&b));
            prop_assert!(keys == Ordering::Equal || keys == natural(&a, &b));
        }
    }
}
