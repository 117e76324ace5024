//! A store that never changes, for tests of what the console shows and does: long names, scripts
//! of two cells, unknown stock, feeds that are silent or failed.

mod coordination;
mod flags;
mod orders;
mod overrides;
mod purchases;
mod suppliers;
mod training;

use orders::order_row;
pub use orders::{order, order_rows};
pub use purchases::purchase_rows;

use crate::domain::*;
use crate::engine::api::*;
use crate::feed::{FeedState, FeedStatus};
use crate::insight::accuracy::{Made, SeriesAccuracy};
use crate::insight::forecast::{Drivers, Spread};
use crate::model::{LEVEL_COUNT, LEVELS};
use crate::plan::replenish::{Idle, IdleStock};

/// Monday 23 November 2026, 07:04 UTC: domain and wall time of everything here.
pub fn now() -> Timestamp {
    Timestamp::parse("2026-11-23T07:04:00Z", &Zone::utc()).unwrap()
}

fn ago(span: Span) -> Timestamp {
    Timestamp::from_millis(now().as_millis() - span.as_millis())
}

fn pounds(minor: i64) -> Money {
    Money { minor, currency: Currency::GBP }
}

fn price(e4: i64) -> UnitPrice {
    UnitPrice { e4, currency: Currency::GBP }
}

/// The owner's status, with a history that is being read.
pub fn status() -> Status {
    Status {
        version: "0.1.0".into(),
        pid: 4_711,
        since: ago(Span::hours(9)),
        data_dir: "/var/lib/stockdeck".into(),
        kind: StoreKind::Demo,
        now: now(),
        ready: true,
        paused: false,
        work: Vec::new(),
        consoles: vec!["mei (console, pid 812)".into(), "jo (console, pid 977)".into()],
        counts: [48_213, 131_940, 1_204, 3_612],
        newest_order: Some(now()),
        following: true,
        feeds_left_out: false,
        disk: [41_000_000, 12_000_000, 90_000],
        memory: Some(88_000_000),
        journal_entries: 41,
        plan_waits: None,
        drift: None,
        trouble: Vec::new(),
    }
}

/// Long work: a history of which 43 % are read.
pub fn work() -> Work {
    let progress = Progress { what: "history".into(), done: 43, total: Some(100) };
    Work { id: 3, progress, eta_s: Some(120) }
}

/// Five feeds, one in each state that a person has to tell from the others.
pub fn feeds() -> Vec<FeedStatus> {
    let feed = |id: &str, kind: &str, state| FeedStatus {
        id: FeedId::new(id),
        kind: kind.into(),
        state,
        heard_ms_ago: Some(2_000),
        newest: Some(ago(Span::minutes(4))),
        per_hour: 212,
        records: 48_213,
        rejected: 0,
        errors: 0,
        last_error: None,
        next_try_in_ms: None,
        troubled_ms_ago: None,
        expected_every_s: 10,
    };
    let cut = "https://returns.example/wp-json/wc/v3/orders?page=4 answered 200 with HTML where \
               JSON was due";
    let refused = "https://erp.example/v1/stock answered 401: the key in STOCKDECK_FEED_ERP_KEY is \
                   refused; put a valid one there and restart";
    vec![
        feed("shop", "woocommerce", FeedState::Live),
        FeedStatus {
            heard_ms_ago: Some(60_000),
            per_hour: 40,
            newest: Some(ago(Span::minutes(11))),
            ..feed("wms-出荷", "files", FeedState::Live)
        },
        FeedStatus {
            heard_ms_ago: Some(3 * 3_600_000),
            per_hour: 0,
            rejected: 2,
            newest: Some(ago(Span::hours(3))),
            ..feed("marketplace-north", "woocommerce", FeedState::Live)
        },
        FeedStatus {
            heard_ms_ago: Some(6 * 60_000),
            per_hour: 4,
            errors: 3,
            last_error: Some(cut.into()),
            expected_every_s: 600,
            ..feed(
                "returns",
                "woocommerce",
                FeedState::Retrying { attempts: 3, reason: cut.into() },
            )
        },
        FeedStatus {
            heard_ms_ago: None,
            newest: None,
            per_hour: 0,
            records: 0,
            errors: 1,
            last_error: Some(refused.into()),
            ..feed("erp", "stockdeck", FeedState::Failed { reason: refused.into() })
        },
    ]
}

/// What the names of products look like when nobody was careful.
const NAMES: [&str; 8] = [
    "WHITE HANGING HEART T-LIGHT HOLDER",
    "Regency Cakestand 3 Tier",
    "日本製 急須 常滑焼 三百ミリリットル 茶こし付き",
    "Party Bunting 🎉 6 m, assorted",
    "Jam making set with jars and a name so long that no column can ever hold all of it",
    "Crème brûlée dish, Ø 12 cm",
    "LUNCH BAG RED RETROSPOT",
    "",
];
const SKUS: [&str; 8] =
    ["85123A", "22423", "急須-300", "47566", "JAM-SET-2026", "CB-12", "20725", "POST-9"];
const SITES: [&str; 3] = ["LEEDS", "BRISTOL", "YORK"];

/// `n` positions; every seventh is unknown, some are out or short.
pub fn stock_rows(n: usize) -> Vec<StockRow> {
    (0..n).map(stock_row).collect()
}

fn stock_row(i: usize) -> StockRow {
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

/// `n` entries, newest first.
pub fn journal_rows(n: usize) -> Vec<JournalRow> {
    (0..n).map(|i| journal_row(i, 41 - (i % 41) as u64)).collect()
}

fn journal_row(i: usize, seq: u64) -> JournalRow {
    let sku = Sku::new(SKUS[i % 3]);
    let site = SiteId::new(SITES[i % 3]);
    let decision = match i % 6 {
        0 => Decision::Note {
            subject: Subject::Order(order_row(1).key),
            text: "Customer rang: wants the teapots in one parcel, 箱は一つ 📦, before Friday if \
                   at all possible, else cancel the jam sets"
                .into(),
        },
        1 => {
            Decision::Adjust { sku, site, delta: Qty::units(-3), po: None, reason: "broken".into() }
        }
        2 => Decision::Count {
            sku,
            site,
            counted: Qty::units(38),
            reason: "cycle count".into(),
            before: None,
        },
        3 => Decision::Receive {
            po: Some(PoNumber::new("PO-1042")),
            sku,
            site,
            qty: Qty::units(144),
            surplus: false,
            reason: None,
        },
        4 => Decision::Pin { subject: Subject::Sku(sku), on: true },
        _ => Decision::Transfer {
            sku,
            from: site,
            to: SiteId::new("YORK"),
            qty: Qty::units(12),
            reason: "York is out".into(),
        },
    };
    let user = ["mei", "jo"][i % 2];
    JournalRow {
        entry: Entry {
            seq,
            at: ago(Span::minutes(12 + i as i64 * 47)),
            wall: ago(Span::minutes(12 + i as i64 * 47)),
            mono_ms: 1_000,
            actor: Actor { user: user.into(), uid: 1_000, from: "console, pid 812".into() },
            decision,
            saw: "急須-300 at LEEDS: on hand 38, promised 6, available 32, coming 0, 106.7 d cover"
                .into(),
            undoes: None,
            act: None,
        },
        undone_by: (i == 4).then_some(40),
    }
}

/// `n` records that could not be understood.
pub fn quarantine_rows(n: usize) -> Vec<QuarantineRow> {
    let row = |i: usize| QuarantineRow {
        seq: 40 - (i % 40) as u64,
        feed: FeedId::new(["marketplace-north", "returns"][i % 2]),
        at: ago(Span::minutes(31 + i as i64 * 60)),
        kept: true,
        attempts: 0,
        reject: Reject {
            id: i as u64,
            raw: None,
            place: format!("orders?page=4, order 10{i:03}").into(),
            reason: "line_items[2].quantity is \"twelve\", which is no number; map the column or \
                     mend it at the source"
                .into(),
            excerpt: "{\"id\":10004,\"line_items\":[{\"sku\":\"急須-300\",\"quantity\":\"twelve\",\
                      \"price\":\"12.99\"}],\"currency\":\"GBP\",\"status\":\"processing\"}"
                .into(),
        },
    };
    (0..n).map(row).collect()
}

/// A Monday morning with something of everything.
pub fn overview() -> Overview {
    let row = |i: usize, days: f32, next: Option<f32>| RunningOut {
        sku: Sku::new(SKUS[i % 8]),
        name: NAMES[i % 8].into(),
        site: SiteId::new(SITES[i % 3]),
        days,
        next_delivery_days: next,
        available: Qty::units(i as i64 * 2),
        daily: 2.74,
        lead_days: i.is_multiple_of(2).then_some(11.0),
    };
    let waiting = |what: &str, count, go| Waiting { what: what.into(), count, go };
    let mut today_by_hour = [0; 24];
    let mut usual_by_hour = [0.0; 24];
    for hour in 0..24 {
        let usual = [4, 2, 1, 1, 3, 9, 22, 40, 61, 70, 66, 60][hour % 12];
        usual_by_hour[hour] = usual as f32;
        today_by_hour[hour] = if hour < 7 { usual + 2 } else { 0 };
    }
    today_by_hour[7] = 9;
    Overview {
        at: now(),
        made: now(),
        counted: true,
        zone: "UTC".into(),
        orders_today: 214,
        lines_today: 689,
        value_today: Some(pounds(1_840_215)),
        usual_by_now: Some(191.0),
        usual_weeks: 8,
        today_by_hour,
        usual_by_hour,
        to_ship: 131,
        late: 6,
        held: 3,
        short: 12,
        stocked: 340,
        running_out: (0..14)
            .map(|i| {
                let next = [Some(6.4), Some(-1.0), None, Some(12.0)][i % 4];
                row(i, i as f32 * 0.73, next)
            })
            .collect(),
        at_risk: 102,
        waiting: vec![
            waiting("cases to look at", 6, WaitingPlace::Flags(String::new())),
            waiting("orders late", 6, WaitingPlace::Orders("is:late".into())),
            waiting("SKUs short", 12, WaitingPlace::Stock("is:short".into())),
            waiting("orders to suppliers not sent", 1, WaitingPlace::Purchases("is:unsent".into())),
            waiting("feeds in trouble", 2, WaitingPlace::Feeds),
            waiting("records in quarantine", 2, WaitingPlace::Quarantine),
        ],
        units_by_day: (0..56).map(|day| 380.0 + (day * 37 % 160) as f32).collect(),
        feeds: feeds(),
        journal: journal_rows(8),
        orders_total: 48_213,
        trouble: Vec::new(),
        flags: Some(flags::counts()),
        pinned: vec![Subject::Sku(Sku::new("22423")), Subject::Order(order_row(2).key)],
    }
}

mod allocation;
mod backtest;
mod models;
pub use models::models;
pub mod reorders;
pub use reorders::reorder_rows;

/// The answer of a store that holds all this.
pub fn answer(query: &Query) -> Answer {
    fn page<T>(all: Vec<T>, page: &PageOf) -> Rows<T> {
        let total = all.len();
        let rows = all.into_iter().skip(page.offset).take(page.limit).collect();
        Rows { rows, total, unfiltered: total, offset: page.offset }
    }
    match query {
        Query::Overview => Answer::Overview(Box::new(overview())),
        Query::Orders(wanted) => Answer::Orders(page(order_rows(480), wanted)),
        Query::Order(_) => Answer::Order(Some(Box::new(order()))),
        Query::Stock(wanted) => Answer::Stock(page(stock_rows(360), wanted)),
        Query::Sku(..) => Answer::Sku(Some(Box::new(sku()))),
        Query::Feeds => Answer::Feeds(feeds()),
        Query::Journal(wanted) => Answer::Journal(page(journal_rows(41), wanted)),
        Query::Quarantine(wanted) => Answer::Quarantine(page(quarantine_rows(7), wanted)),
        Query::Demand { .. } => Answer::Demand(Vec::new()),
        Query::Histories { .. } => Answer::Histories(Histories {
            origin: None,
            spread: Spread::default(),
            series: Vec::new(),
        }),
        Query::Forecasts(wanted) => Answer::Forecasts(page(forecast_rows(360), wanted)),
        Query::Overrides(wanted) => Answer::Overrides(page(overrides::override_rows(), wanted)),
        Query::Models => Answer::Models(Box::new(models())),
        Query::Totals(by, wanted) => Answer::Totals(page(total_rows(*by), wanted)),
        Query::Reorders(wanted) => Answer::Reorders(page(reorder_rows(24), wanted)),
        Query::WhatIf(sku, site, _, change) => {
            Answer::WhatIf(reorders::what_if(sku, site, change).map(Box::new))
        }
        Query::Training => Answer::Training(Box::new(training::training())),
        Query::Backtests => Answer::Backtests(Box::new(backtest::backtests())),
        Query::Purchases(wanted) => Answer::Purchases(page(purchase_rows(), wanted)),
        Query::Coordination(wanted) => {
            Answer::Coordination(page(coordination::coordination_rows(), wanted))
        }
        Query::Expected { by_sku, page: wanted } => {
            Answer::Expected(page(coordination::expected_rows(*by_sku), wanted))
        }
        Query::Purchase(number) => Answer::Purchase(purchases::purchase(number)),
        Query::Draft(supplier, site) => Answer::Purchase(purchases::draft(supplier, site)),
        Query::Conversion => Answer::Conversion(Box::new(purchases::conversion())),
        Query::PurchaseRequests(po) => {
            Answer::PurchaseRequests(vec![purchases::request(po.as_ref())])
        }
        Query::Suppliers => Answer::Suppliers(suppliers::cards()),
        Query::Supplier(named) => Answer::Supplier(suppliers::card(named).map(Box::new)),
        Query::DraftRequest(..) => Answer::PurchaseRequests(vec![purchases::request(None)]),
        Query::Flags(asked) => {
            let rows = page(flags::case_rows(asked.which), &asked.page);
            Answer::Flags(Box::new(CasesPage { rows, counts: flags::counts() }))
        }
        Query::Flag(case) => Answer::Flag(flags::detail(*case).map(Box::new)),
        Query::FlagPast(of) => Answer::FlagPast(Some(Box::new(flags::past(of)))),
        Query::FlagRules => Answer::FlagRules(flags::rules()),
        Query::Mutes => Answer::Mutes(flags::mutes()),
        Query::FlagCounts => Answer::FlagCounts(Box::new(flags::counts())),
        Query::FlagLearning => Answer::FlagLearning(Box::new(flags::learning())),
        Query::Handover(since) => Answer::Handover(Box::new(flags::handover(*since))),
        Query::Allocations(wanted) => {
            let (rows, about) = allocation::allocation();
            Answer::Allocations(page(rows, wanted), Box::new(about))
        }
        Query::Status => Answer::Status(Box::new(status())),
    }
}
