//! The sample's stock, forecasts and SKU page.

use super::*;
use crate::insight::accuracy::{Made, SeriesAccuracy};
use crate::insight::forecast::Drivers;
use crate::model::{LEVEL_COUNT, LEVELS};
use crate::plan::replenish::{Idle, IdleStock};

/// `n` positions; every seventh is unknown, some are out or short.
pub fn stock_rows(n: usize) -> Vec<StockRow> {
    (0..n).map(stock_row).collect()
}

pub fn stock_row(i: usize) -> StockRow {
    let kind = i % NAMES.len();
    let sku = if i < NAMES.len() { SKUS[kind].to_owned() } else { format!("{}-{i}", SKUS[kind]) };
    let known = i % 7 != 4;
    let on_hand = known.then(|| Qty::units((i as i64 * 37 % 400) - 2));
    let committed = Qty::units(i as i64 % 5 * 3);
    let available = on_hand.map(|have| have - committed);
    let daily = [6.4, 12.0, 0.3, 1.5, 22.0, 0.0, 3.1, 0.0][kind];
    let cover = available.filter(|_| daily > 0.0);
    let source = match i % 4 {
        0 => StockSource::Count,
        1 => StockSource::Feed(FeedId::new("marketplace-north")),
        _ => StockSource::Feed(FeedId::new("shop")),
    };
    StockRow {
        sku: Sku::new(sku),
        site: SiteId::new(SITES[i % 3]),
        name: NAMES[kind].into(),
        category: (kind != 7).then(|| Category::new("Kitchen & dining")),
        supplier: (kind != 7).then(|| SupplierId::new("HARG")),
        on_hand,
        committed,
        available,
        on_order: Qty::units(i as i64 % 3 * 48),
        daily,
        days_of_cover: cover.map(|have| (have.to_f64() as f32 / daily).max(0.0)),
        spark: (0..28).map(|day| ((day * 7 + i) % 11) as f32 * daily / 5.0).collect(),
        as_of: known.then(|| (ago(Span::minutes(6 + i as i64 * 7)), source)),
        pinned: i == 1,
        idle: (daily == 0.0 && known).then(|| IdleStock {
            idle: Idle::Dead,
            units: on_hand.unwrap_or(Qty::ZERO),
            value: Some(pounds(1_250 * i as i64)),
        }),
    }
}

/// `n` forecasts: some out, some that last, some unknown, some still of the day before.
pub fn forecast_rows(n: usize) -> Vec<ForecastRow> {
    (0..n).map(|i| forecast_row(stock_row(i), i)).collect()
}

fn forecast_row(stock: StockRow, i: usize) -> ForecastRow {
    let today = now().day(&Zone::utc());
    let median = stock.daily * 27.0;
    let lasts = stock.available.map(|available| {
        let days = available.to_f64() as f32 / stock.daily.max(0.01);
        Lasts {
            until: (days < 28.0).then(|| today.plus(days.max(0.0) as i32)),
            risk: (1.4 - days / 28.0).clamp(0.0, 1.0),
            lead: (i % 3 != 1).then(|| lead_time([11, 45][i / 3 % 2], days, stock.daily)),
        }
    });
    let old = i % 5 == 3;
    let row = ForecastRow {
        first: if old { today.plus(-1) } else { today },
        median,
        high: median * 1.4 + 2.0,
        daily: median / 26.0,
        lasts,
        overridden: None,
        model: if i.is_multiple_of(2) { "v0003".into() } else { "shipped".into() },
        accuracy: (i % 6 != 2).then(|| SeriesAccuracy {
            weeks: 12 - (i % 9) as u8,
            sold: 100.0,
            expected: 90.0 + (i % 30) as f32,
            off: 14.0 + (i * 7 % 60) as f32,
            under: 2,
            made: if i.is_multiple_of(4) { Made::Afterwards } else { Made::Before },
        }),
        old,
        stock,
    };
    if i % 9 == 2 { overrides::with_override(row) } else { row }
}

/// Groups of all sizes: one of many, one of one, one without a name, one that waits in part.
pub fn total_rows(by: GroupBy) -> Vec<TotalRow> {
    let names = match by {
        GroupBy::Category => ["Kitchen & dining", "Parties", "急須と茶器", "Garden", ""],
        GroupBy::Site => ["LEEDS", "BRISTOL", "YORK", "HULL", "BATH"],
        GroupBy::Supplier => ["HARG", "Crêperie Brûlée & Filles", "NORTH", "EAST", ""],
    };
    let today = now().day(&Zone::utc());
    let row = |(i, name): (usize, &str)| {
        let parts = [214, 97, 40, 1, 8][i];
        let daily = parts as f32 * 3.7;
        let alone = parts == 1;
        TotalRow {
            by,
            name: (!name.is_empty()).then(|| name.into()),
            parts,
            sold: daily * 25.0,
            median: daily * 27.6,
            high: daily * if alone { 40.0 } else { 33.0 },
            parts_high: daily * 40.0,
            daily,
            run_out: [31, 4, 0, 1, 0][i],
            together: (!alone).then_some([0.12, 0.31, 0.0, 0.0, 0.08][i]),
            first: today,
            old: [0, 5, 0, 0, 0][i],
        }
    };
    names.into_iter().enumerate().map(row).collect()
}

/// A lead time over which `daily` units a day sell of what lasts for some days.
fn lead_time(days: u16, lasts: f32, daily: f32) -> LeadTime {
    let median = daily * f32::from(days);
    let risk = (1.2 - lasts / f32::from(days)).clamp(0.0, 1.0);
    LeadTime { days, risk, median, high: median * 1.3 + 2.0 }
}

/// A SKU at three sites, one of them unknown, with two years of demand.
pub fn sku() -> SkuDetail {
    let product = Product {
        sku: Sku::new("急須-300"),
        name: Some(NAMES[2].into()),
        category: Some(Category::new("Kitchen & dining")),
        price: Some(price(129_900)),
        cost: Some(price(61_250)),
        pack: Some(Qty::units(24)),
        moq: Some(Qty::units(144)),
        supplier: Some(SupplierId::new("HARG")),
    };
    let supplier = Supplier {
        id: SupplierId::new("HARG"),
        name: "Hargreaves & Daughters Ceramics of Stoke-on-Trent Ltd".into(),
        lead_time_days: Some(11),
        review_weekday: Some(0),
        min_order: Some(pounds(200_000)),
    };
    let at_site = |i: usize, row: usize| StockRow {
        sku: product.sku.clone(),
        name: NAMES[2].into(),
        site: SiteId::new(SITES[i]),
        ..stock_row(row)
    };
    let days = 731;
    let po = |number: &str, site: usize, due: Option<i64>, received| PurchaseOrder {
        number: PoNumber::new(number),
        supplier: SupplierId::new("HARG"),
        site: SiteId::new(SITES[site]),
        status: PoStatus::Acknowledged,
        ordered_at: ago(Span::days(9)),
        due_at: due.map(|days| ago(Span::days(-days))),
        updated_at: ago(Span::days(1)),
        lines: vec![PoLine {
            sku: product.sku.clone(),
            qty: Qty::units(144),
            received: Qty::units(received),
            cost: Some(price(61_250)),
        }],
    };
    let open = order_rows(12).into_iter().filter(|row| row.status.is_promised());
    let sites = vec![at_site(0, 8), at_site(1, 1), at_site(2, 4)];
    let terms = SkuTerms {
        breaks: Some(Box::new([PriceBreak { from: Qty::units(480), cost: price(57_500) }])),
        most: Some(Qty::units(600)),
        ..SkuTerms::bare(product.sku.clone())
    };
    SkuDetail {
        terms: Some(terms),
        bounds: vec![StockBounds {
            sku: Sku::new("22423"),
            site: Some(SiteId::new("LEEDS")),
            least: Some(Qty::units(24)),
            most: Some(Qty::units(240)),
        }],
        supplier: Some(supplier),
        forecasts: vec![
            Some(Box::new(overrides::with_override_by_day(site_forecast(&sites[0])))),
            None,
            Some(Box::new(site_forecast(&sites[2]))),
        ],
        overrides: overrides::override_rows(),
        sites,
        first_day: now().day(&Zone::utc()).plus(1 - days),
        demand: (0..days)
            .map(|day| ((day * 13 % 29) as f32 * 0.7 + (day / 60 % 6) as f32).floor())
            .collect(),
        open_orders: open.enumerate().map(|(n, row)| (row, Qty::units(n as i64 + 1))).collect(),
        purchase_orders: vec![
            po("PO-1039", 0, Some(-2), 96),
            po("PO-1042", 0, Some(6), 0),
            po("PO-1051", 1, None, 0),
        ],
        promised: Vec::new(),
        journal: journal_rows(9).split_off(6),
        product,
    }
}

/// A fan that rises, closed on Sundays.
fn site_forecast(stock: &StockRow) -> SiteForecast {
    let row = forecast_row(stock.clone(), 0);
    let day = |day: i32| row.first.plus(day);
    let is_open = |day: i32| row.first.plus(day).weekday() != 6;
    let quantiles = |mean: f32, spread: f32| -> [f32; LEVEL_COUNT] {
        LEVELS.map(|level| (mean + spread * (level / (1.02 - level)).ln()).max(0.0))
    };
    let usual = |day: i32| {
        6.0 + 0.15 * day as f32 + [2.0, 0.0, 1.0, 3.0, 4.0, 1.0, 0.0][(day.rem_euclid(7)) as usize]
    };
    let days = (0..28).map(|at| match is_open(at) {
        true => quantiles(usual(at), 1.6 + 0.05 * at as f32),
        false => [0.0; LEVEL_COUNT],
    });
    let totals: Vec<_> = (1..=28_i32)
        .map(|days| quantiles((0..days).filter(|at| is_open(*at)).map(usual).sum(), days as f32))
        .collect();
    let start = stock.available.map(|units| units.to_f64() as f32 * 0.6);
    let left = |total: &[f32; LEVEL_COUNT]| start.map(|start| (start - total[6]).max(0.0));
    let sold = |at: i32| match is_open(at) && !(-12..-9).contains(&at) {
        true => ((day(at).number() * 13 % 17) as f32 * 0.7).floor(),
        false => 0.0,
    };
    SiteForecast {
        sold: (-182..0).map(sold).collect(),
        sold_out: (-182..0).map(|at| (-12..-9).contains(&at)).collect(),
        open: (-182..28).map(is_open).collect(),
        days: days.collect(),
        left: totals.iter().filter_map(left).collect(),
        totals,
        own: None,
        drivers: Drivers {
            origin: day(-1),
            last: 119.0,
            before: 98.0,
            weekdays: [2.0, 3.5, 4.0, 4.5, 8.2, 6.0, 0.0].map(Some),
            last_year: Some((131.0, 84.0)),
            days: 511,
            left_out: 9,
        },
        peers: None,
        row,
    }
}
