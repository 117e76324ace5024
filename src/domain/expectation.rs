//! What a person expects to sell in place of what the model says.

use super::Qty;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most that a person may expect, in percent above the model: ten times what it says.
pub const MOST_PERCENT: i32 = 900;

/// A person's word on what sells over a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// So many percent more than the model says (less when negative; -100: nothing).
    Percent(i32),
    /// So many units over the whole period, at all its sites together.
    Units(Qty),
}

impl Expectation {
    /// Reads `+30 %`, `-20%` or `120`; a figure without a percent sign is units. `None`: neither.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.strip_suffix('%') {
            Some(percent) => percent.trim_end().parse().ok().map(Self::Percent),
            None => Qty::parse(text).map(Self::Units),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(percent) => f.pad(&format!("{percent:+} %")),
            Self::Units(units) => f.pad(&format!("{units} units")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_and_units_are_told_apart_by_the_sign() {
        let units = |n| Some(Expectation::Units(Qty::units(n)));
        let percent = |n| Some(Expectation::Percent(n));
        for (text, read) in [
            ("+30 %", percent(30)),
            ("30%", percent(30)),
            (" -20%", percent(-20)),
            ("120", units(120)),
            ("0", units(0)),
            ("30 percent", None),
            ("%", None),
            ("", None),
        ] {
            assert_eq!(Expectation::parse(text), read, "{text}");
        }
        assert_eq!(Expectation::Percent(30).to_string(), "+30 %");
        assert_eq!(Expectation::Percent(-20).to_string(), "-20 %");
        assert_eq!(Expectation::Units(Qty::milli(2_500)).to_string(), "2.5 units");
    }
}
