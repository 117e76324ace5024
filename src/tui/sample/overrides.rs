//! What people changed of the sample's forecasts.

use super::{NAMES, SKUS, ago, now};
use crate::domain::{Expectation, Qty, SiteId, Sku, Span, Zone};
use crate::engine::api::{
    Figures, ForecastRow, Overridden, OverrideMark, OverrideRow, OwnDays, SiteForecast,
};
use crate::insight::forecast::{HIGH, MEDIAN, Stage, ValueAdded};
use crate::model::{LEVEL_COUNT, Quantiles};

/// Days of the forecast on which the override counts.
const COUNTS: std::ops::RangeInclusive<usize> = 4..=10;
/// What it makes of a unit.
const FACTOR: f32 = 1.6;

/// The row with an override of the days ahead, by Mei.
pub fn with_override(row: ForecastRow) -> ForecastRow {
    let ForecastRow { first, median, high, daily, lasts, .. } = row.clone();
    let by = OverrideMark {
        entry: 37,
        site: Some("LEEDS".into()),
        who: "mei".into(),
        reason: "Christmas fair 茶市".into(),
        expects: Expectation::Percent(60),
        from: first.plus(*COUNTS.start() as i32),
        until: first.plus(*COUNTS.end() as i32),
    };
    let own = Figures { median, high, daily, lasts };
    let overridden = Some(Box::new(Overridden { by: vec![by], own }));
    ForecastRow { median: median * 1.15, high: high * 1.15, daily: daily * 1.15, overridden, ..row }
}

/// The forecast with the same override.
pub fn with_override_by_day(forecast: SiteForecast) -> SiteForecast {
    let changed: Vec<bool> = (0..28).map(|at| COUNTS.contains(&at)).collect();
    let mut days = forecast.days.clone();
    let mut totals = forecast.totals.clone();
    let mut more = 0.0;
    for ((day, total), changed) in days.iter_mut().zip(&mut totals).zip(&changed) {
        if *changed {
            more += (FACTOR - 1.0) * Quantiles::mean_of(day);
            *day = day.map(|units| units * FACTOR);
        }
        *total = total.map(|units| units + more);
    }
    let mut row = with_override(forecast.row);
    let daily = |total: &[f32; LEVEL_COUNT]| Quantiles::mean_of(total) / 28.0;
    (row.median, row.high, row.daily) = (totals[27][MEDIAN], totals[27][HIGH], daily(&totals[27]));
    if let Some(changed) = &mut row.overridden {
        changed.own.median = forecast.totals[27][MEDIAN];
        changed.own.high = forecast.totals[27][HIGH];
        changed.own.daily = daily(&forecast.totals[27]);
    }
    let own = Some(OwnDays { days: forecast.days, totals: forecast.totals, changed });
    SiteForecast { row, days, totals, own, ..forecast }
}

/// One override of each stage, newest first.
pub fn override_rows() -> Vec<OverrideRow> {
    let today = now().day(&Zone::utc());
    let row = |entry: u64, from: i32, to: i32, stage, reason: &str| OverrideRow {
        entry,
        who: ["jo", "mei"][entry as usize % 2].into(),
        at: ago(Span::days(i64::from(8 - from))),
        sku: Sku::new(SKUS[2]),
        name: NAMES[2].into(),
        site: (entry != 31).then(|| SiteId::new("LEEDS")),
        from: today.plus(from),
        to: today.plus(to),
        last: today.plus(to),
        expects: Expectation::Percent(60),
        reason: reason.into(),
        stage,
        model: 52.0,
        person: 83.2,
        value: None,
    };
    let value = |sold| Some(ValueAdded { sold, model: 52.0, person: 83.2, missing: 1 });
    let units = Expectation::Units(Qty::units(400));
    vec![
        row(37, 4, 10, Stage::Planned, "Christmas fair 茶市"),
        OverrideRow { expects: units, ..row(34, -2, 2, Stage::InForce, "brochure was mailed") },
        OverrideRow { value: value(78.0), ..row(31, -20, -14, Stage::Over, "half-term") },
        OverrideRow { value: value(50.0), ..row(24, -50, -44, Stage::Over, "press") },
        row(23, -60, -54, Stage::Withdrawn, "wrong SKU"),
    ]
}
