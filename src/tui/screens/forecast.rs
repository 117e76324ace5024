//! The forecast table: what sells at each site over the days to come, and whether stock lasts.

use super::super::freshness::coarse;
use super::super::table::Row;
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::table::{Cell, Column, Look, left, right};
use super::super::words;
use super::overrides;
use super::stock::available;
use crate::domain::Day;
use crate::engine::api::ForecastRow;
use crate::insight::accuracy::{Made, SeriesAccuracy};

impl Row for ForecastRow {
    fn key(&self) -> String {
        format!("{}@{}", self.stock.sku, self.stock.site)
    }
    fn target(&self) -> Target {
        Target::from(self)
    }
}

/// Units for a glance.
pub fn units(quantity: f32) -> String {
    words::rough(f64::from(quantity))
}

/// A chance in percent; never 0 or 100 where neither is certain.
pub fn chance(risk: f32) -> String {
    match risk {
        risk if risk <= 0.0 => "0 %".into(),
        risk if risk < 0.01 => "<1 %".into(),
        risk if risk >= 1.0 => "100 %".into(),
        risk => format!("{:.0} %", (100.0 * risk).min(99.0)),
    }
}

/// How bad a chance of running out is.
pub fn alarm(risk: f32) -> Role {
    match risk {
        risk if risk >= 0.8 => Role::Bad,
        risk if risk >= 0.5 => Role::Warn,
        _ => Role::Text,
    }
}

/// When stock runs out at the median, in days from today: `out`, `3 d!`, `12 d`, `>28 d`.
fn lasts(row: &ForecastRow, look: &Look<'_>) -> Cell {
    let Some(lasts) = &row.lasts else {
        return ("unknown".into(), Role::Muted);
    };
    let is_out = row.stock.available.is_some_and(|units| !units.is_positive());
    match lasts.until {
        _ if is_out => ("out".into(), Role::Critical),
        Some(day) => soon(day, look),
        None => (">28 d".into(), Role::Text),
    }
}

fn soon(day: Day, look: &Look<'_>) -> Cell {
    match day.number() - look.now.day(look.zone).number() {
        ..=0 => ("today!".into(), Role::Bad),
        days @ 1..3 => (format!("{days} d!"), Role::Bad),
        days @ 3..7 => (format!("{days} d"), Role::Warn),
        days @ 7..=28 => (format!("{days} d"), Role::Text),
        // The data have ended: it is a day of their time.
        _ => (words::date(day), Role::Text),
    }
}

/// The figure, with a star where somebody changed it, and the age of the forecast where it waits to be
/// made anew.
fn expected(row: &ForecastRow, look: &Look<'_>) -> Cell {
    let figure = units(row.expected());
    match row.overridden {
        Some(_) => (aged(row, &format!("*{figure}"), look), Role::Accent),
        None => (aged(row, &figure, look), Role::Text),
    }
}

/// What the model says by itself where somebody changed it, and who did.
fn changed(row: &ForecastRow, look: &Look<'_>) -> Cell {
    let Some(changed) = &row.overridden else { return (String::new(), Role::Muted) };
    let said = overrides::said(changed, look.now.day(look.zone), look.glyphs);
    (format!("*model {}; {said}", units(changed.own.expected())), Role::Accent)
}

/// A figure of a forecast that waits to be made anew, with its age before it.
pub fn aged(row: &ForecastRow, figure: &str, look: &Look<'_>) -> String {
    if !row.old {
        return figure.to_owned();
    }
    let age = look.now.since(row.first.start(look.zone));
    format!("{}{} {figure}", look.glyphs.delayed, coarse(age))
}

/// How far the latest weeks were off, as a share of what they sold; in brackets where that was made
/// afterwards.
fn off(known: &SeriesAccuracy) -> Option<String> {
    let share = format!("{:.0} %", 100.0 * known.off_share()?);
    Some(match known.made {
        Made::Before => share,
        Made::Afterwards => format!("({share})"),
    })
}

/// How a series was forecast in its latest weeks, in words.
pub fn so_far(known: &SeriesAccuracy) -> String {
    let weeks = words::plural(u64::from(known.weeks), "week", "weeks");
    let made = match known.made {
        Made::Before => "",
        Made::Afterwards => ", made afterwards",
    };
    match (known.off_share(), known.bias()) {
        (Some(off), Some(bias)) => format!(
            "last {weeks} off by {:.0} % each, {:+.0} % in all{made}",
            100.0 * off,
            100.0 * bias
        ),
        _ => format!("nothing sold in the last {weeks} scored{made}"),
    }
}

/// The columns.
pub const COLUMNS: &[Column<ForecastRow>] = &[
    left("sku", "SKU", (8, 16), 100, |row, _| (row.stock.sku.to_string(), Role::Text)),
    left("site", "site", (7, 12), 95, |row, _| (row.stock.site.to_string(), Role::Text)),
    left("name", "name", (11, 40), 72, |row, _| (row.stock.name.to_string(), Role::Text)),
    right("available", "available", 9, 75, |row, look| available(&row.stock, look)),
    right("on_order", "coming", 6, 60, |row, _| (words::qty(row.stock.on_order), Role::Muted)),
    right("expected", "28d mean", 8, 90, expected),
    right("median", "5 in 10", 7, 28, |row, _| (words::rough(f64::from(row.median)), Role::Muted)),
    right("high", "9 in 10", 7, 70, |row, _| (words::rough(f64::from(row.high)), Role::Muted)),
    right("daily", "a day", 5, 55, |row, _| (words::rough(f64::from(row.daily)), Role::Text)),
    Column { largest_first: false, ..right("lasts", "runs out", 8, 85, lasts) },
    right("risk", "chance", 6, 80, |row, look| match &row.lasts {
        Some(lasts) => (chance(lasts.risk), alarm(lasts.risk)),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }),
    right("", "in lead time", 13, 35, |row, look| {
        match row.lasts.as_ref().and_then(|lasts| lasts.lead.as_ref()) {
            Some(lead) => (format!("{} in {} d", chance(lead.risk), lead.days), alarm(lead.risk)),
            None => (look.glyphs.dash.to_owned(), Role::Muted),
        }
    }),
    right("off", "off by", 7, 40, |row, look| match row.accuracy.and_then(|known| off(&known)) {
        Some(off) => (off, Role::Muted),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }),
    left("category", "category", (10, 18), 30, |row, _| {
        let category = row.stock.category.as_ref();
        (category.map(ToString::to_string).unwrap_or_default(), Role::Muted)
    }),
    left("supplier", "supplier", (8, 18), 25, |row, _| {
        let supplier = row.stock.supplier.as_ref();
        (supplier.map(ToString::to_string).unwrap_or_default(), Role::Muted)
    }),
    left("", "model", (7, 12), 20, |row, _| (row.model.to_string(), Role::Muted)),
    left("", "override", (24, 60), 18, changed),
    left("", "", (6, 6), 15, |row, _| {
        (if row.stock.pinned { "pinned".into() } else { String::new() }, Role::Accent)
    }),
];
