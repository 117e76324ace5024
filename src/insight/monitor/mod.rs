//! What is wrong beside orders: stock, demand and feeds that are not as they should be.
//!
//! Statistical process monitoring, without a network and without labels: each watch has a plain
//! expectation, says how unlikely what came is under it, and speaks below a bound that is rare enough for
//! a shop of thousands of shelves.
//!
//! | watch | what it holds against what | rule |
//! |---|---|---|
//! | [`series`] | units sold in three and seven days, the largest order apart, against the forecasts of before those days | `demand` |
//! | [`series`] | days on which nothing was sold of what is there, against the chance of that under the forecasts | `phantom-stock` |
//! | [`shelves`] | what is told to be there against what was told before, less what was sold and moved since | `shrinkage`, `negative-stock` |
//! | [`cost`] | what a SKU costs against what it cost before | `cost-jump` |
//! | [`feed`] | orders of the last hours against the feed's own last weeks: fields, rejects, prices, quantities | `schema-drift`, `unit-change` |
//! | [`rate`] | orders of a day against the same weekdays of before; silences ([`super::anomaly::silence`]) as cases | `rate-drift`, `silent-feed` |
//!
//! All of it is a function of what was told with its own moments, not of when it came: a replay says the
//! same. What lasts is one thing with one beginning (`since`), which is what makes it one case.

pub mod cost;
mod factor;
pub mod feed;
pub mod rate;
pub mod series;
pub mod shelves;
mod tail;

pub use rate::silent;
pub use tail::Outcomes;

use super::anomaly::RaisingRule;
use crate::domain::{CaseKind, Day, Timestamp, Zone};

/// The rules, to be read, muted and switched by name.
pub const RULES: &[RaisingRule] = &[
    RaisingRule {
        name: "demand",
        kind: CaseKind::Demand,
        about: "units of three or seven days that their forecast gave next to no chance, the largest order apart",
        threshold: series::OUTSIDE,
        unit: "-log10 of the chance",
    },
    RaisingRule {
        name: "phantom-stock",
        kind: CaseKind::Stock,
        about: "days without a sale of what is in stock and was forecast to sell",
        threshold: series::QUIET,
        unit: "-log10 of the chance",
    },
    RaisingRule {
        name: "shrinkage",
        kind: CaseKind::Stock,
        about: "stock that fell within a week and was neither sold nor moved",
        threshold: shelves::LEAST_LOSS,
        unit: "units",
    },
    RaisingRule {
        name: "negative-stock",
        kind: CaseKind::Stock,
        about: "less than nothing in the building",
        threshold: 1.0,
        unit: "units below nothing",
    },
    RaisingRule {
        name: "cost-jump",
        kind: CaseKind::Stock,
        about: "a cost far from what the SKU cost before",
        threshold: cost::JUMP,
        unit: "times up or down",
    },
    RaisingRule {
        name: "schema-drift",
        kind: CaseKind::Feed,
        about: "a field that orders of a feed had and lack, or lacked and have, or rejects in a row",
        threshold: feed::DRIFT,
        unit: "-log10 of the chance",
    },
    RaisingRule {
        name: "unit-change",
        kind: CaseKind::Feed,
        about: "orders in a row whose prices or quantities are off by one factor: a currency, a unit, a pack",
        threshold: feed::OFF,
        unit: "times up or down",
    },
    RaisingRule {
        name: "silent-feed",
        kind: CaseKind::Feed,
        about: "a feed by which no sale comes where sales should have come",
        threshold: rate::SILENT,
        unit: "sales that should have come",
    },
    RaisingRule {
        name: "rate-drift",
        kind: CaseKind::Feed,
        about: "a day with far more or fewer orders than its weekday has",
        threshold: rate::OFF,
        unit: "times up or down",
    },
];

/// How sure it is that something is wrong where the chance that all is well has this -log10: 0.5 at the
/// bound, towards 1 beyond it.
fn severity(strength: f64, bound: f64) -> f64 {
    1.0 - 0.5_f64.powf((strength / bound).clamp(0.0, 8.0))
}

/// A number as a person writes it: two decimals below ten, none above.
fn number(value: f64) -> String {
    match value.abs() {
        size if size < 10.0 && (value - value.round()).abs() > 0.005 => format!("{value:.2}"),
        _ => format!("{value:.0}"),
    }
}

/// `27 Nov 13:17`.
fn moment(at: Timestamp, zone: &Zone) -> String {
    at.civil(zone).strftime("%-d %b %H:%M").to_string()
}

/// `27 Nov`.
fn date(day: Day) -> String {
    day.civil().strftime("%-d %b").to_string()
}

/// `1 day`, `3 days`.
fn days(count: u16) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}
