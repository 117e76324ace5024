//! Quantities: exact, to a thousandth of a unit.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// A quantity of a SKU in its own unit, exact to a thousandth (goods sold by weight or length).
///
/// Signed: corrections and returns are negative. Arithmetic saturates instead of wrapping.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Qty(i64);

impl Qty {
    /// No units.
    pub const ZERO: Qty = Qty(0);

    /// A whole number of units.
    pub const fn units(n: i64) -> Self {
        Qty(n.saturating_mul(1000))
    }
    /// A number of thousandths of a unit.
    pub const fn milli(n: i64) -> Self {
        Qty(n)
    }
    /// The quantity in thousandths of a unit.
    pub const fn as_milli(self) -> i64 {
        self.0
    }
    /// Whole units, rounded towards zero.
    pub const fn trunc(self) -> i64 {
        self.0 / 1000
    }
    /// For statistics and models, never for comparison.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }
    /// `true` for less than nothing.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
    /// `true` for more than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
    /// `true` for nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
    /// The larger of this and nothing.
    pub fn at_least_zero(self) -> Self {
        Qty(self.0.max(0))
    }
    /// The quantity without its sign.
    pub const fn abs(self) -> Self {
        Qty(self.0.saturating_abs())
    }
    /// Reads `12`, `-3`, `2.5`; at most three decimals. `None` when it is not a number or finer than that.
    pub fn parse(text: &str) -> Option<Self> {
        super::money::parse_scaled(text, 3).map(Qty)
    }
}

impl fmt::Display for Qty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 1000, (self.0 % 1000).unsigned_abs());
        if part == 0 {
            return f.pad(&whole.to_string());
        }
        let sign = if self.0 < 0 && whole == 0 { "-" } else { "" };
        let decimals = format!("{part:03}");
        f.pad(&format!("{sign}{whole}.{}", decimals.trim_end_matches('0')))
    }
}
impl Add for Qty {
    type Output = Qty;
    fn add(self, other: Qty) -> Qty {
        Qty(self.0.saturating_add(other.0))
    }
}
impl Sub for Qty {
    type Output = Qty;
    fn sub(self, other: Qty) -> Qty {
        Qty(self.0.saturating_sub(other.0))
    }
}
impl Neg for Qty {
    type Output = Qty;
    fn neg(self) -> Qty {
        Qty(self.0.saturating_neg())
    }
}
impl AddAssign for Qty {
    fn add_assign(&mut self, other: Qty) {
        *self = *self + other;
    }
}
impl SubAssign for Qty {
    fn sub_assign(&mut self, other: Qty) {
        *self = *self - other;
    }
}
impl Sum for Qty {
    fn sum<I: Iterator<Item = Qty>>(items: I) -> Qty {
        items.fold(Qty::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_decimals_exactly() {
        for (text, milli, shown) in [
            ("12", 12_000, "12"),
            ("-3", -3_000, "-3"),
            ("2.5", 2_500, "2.5"),
            ("-0.25", -250, "-0.25"),
            ("0.125", 125, "0.125"),
        ] {
            assert_eq!(Qty::parse(text), Some(Qty::milli(milli)), "{text}");
            assert_eq!(Qty::milli(milli).to_string(), shown);
        }
        for text in ["", "x", "1.2345", "1e3", "--1", "9999999999999999999"] {
            assert_eq!(Qty::parse(text), None, "{text}");
        }
    }
}
