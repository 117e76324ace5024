//! One-off lines: bulk orders that are not going to come again.
//!
//! One big trade order inflates a rate for weeks if it is taken for demand like any other. A line is
//! taken for a one-off where it is far beyond the item's usual lines, more than all others of the weeks
//! around it together, and nothing like it came in the half year before: what comes every month is
//! demand, however big.

use crate::domain::{Day, Qty};
use serde::{Deserialize, Serialize};

/// A line of so many times the median line is far beyond what is usual.
const TIMES_USUAL: i64 = 10;
/// Lines that have to be known before anything is unusual.
const FEWEST: usize = 8;
/// Days around a line in which it has to be more than all others together.
const AROUND: i32 = 28;
/// Another line of so large a share of it means that it is not the only one, in percent.
const ALIKE_PERCENT: i64 = 40;

/// What one order took beyond what is usual, on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneOff {
    /// When.
    pub day: Day,
    /// Units of the line.
    pub units: Qty,
    /// Units of it beyond the usual line: not to be expected again.
    pub beyond: Qty,
}

/// The one-offs among the lines of a series, by day; each line one order's units.
pub fn one_offs(lines: &[(Day, Qty)]) -> Vec<OneOff> {
    let mut units: Vec<i64> = lines.iter().map(|(_, units)| units.as_milli()).collect();
    units.retain(|units| *units > 0);
    if units.len() < FEWEST {
        return Vec::new();
    }
    units.sort_unstable();
    let usual = units[units.len() / 2];
    let is_one_off = |at: &usize| {
        let (day, line) = lines[*at];
        let line = line.as_milli();
        if line < usual.saturating_mul(TIMES_USUAL) {
            return false;
        }
        let others =
            || lines.iter().enumerate().filter(|(other, _)| other != at).map(|(_, one)| *one);
        let alike = |(_, units): (Day, Qty)| units.as_milli() * 100 >= line * ALIKE_PERCENT;
        let near = |(other, _): &(Day, Qty)| (other.number() - day.number()).abs() <= AROUND;
        let around: i64 = others().filter(near).map(|(_, units)| units.as_milli().max(0)).sum();
        line > around && !others().any(alike)
    };
    let mut found: Vec<OneOff> = (0..lines.len())
        .filter(is_one_off)
        .map(|at| {
            let (day, units) = lines[at];
            OneOff { day, units, beyond: units - Qty::milli(usual) }
        })
        .collect();
    found.sort_unstable_by_key(|one| one.day);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(of: &[(i32, i64)]) -> Vec<(Day, Qty)> {
        of.iter().map(|(day, units)| (Day::from_number(*day), Qty::units(*units))).collect()
    }

    fn usual() -> Vec<(i32, i64)> {
        (0..60).map(|day| (day * 3, 1 + i64::from(day % 4))).collect()
    }

    #[test]
    fn one_bulk_order_is_one_off_and_what_comes_again_is_demand() {
        assert!(one_offs(&lines(&usual())).is_empty());
        let mut once = usual();
        once.push((100, 240));
        let found = one_offs(&lines(&once));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].day.number(), found[0].units), (100, Qty::units(240)));
        assert_eq!(found[0].beyond, Qty::units(237), "the usual line of it counts");
        let mut again = once.clone();
        again.push((130, 200));
        assert!(one_offs(&lines(&again)).is_empty(), "a customer who comes again");
    }

    #[test]
    fn much_that_is_sold_around_it_or_too_few_lines_make_it_usual() {
        let mut promotion = usual();
        promotion.extend((0..20).map(|k| (100 + k, 15)));
        promotion.push((105, 240));
        assert!(one_offs(&lines(&promotion)).is_empty(), "300 others in those weeks");
        assert!(
            one_offs(&lines(&[(0, 1), (1, 1), (2, 90)])).is_empty(),
            "nobody knows what is usual"
        );
    }
}
