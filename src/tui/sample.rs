//! A store that never changes, for tests of what the console shows and does: long names, scripts
//! of two cells, unknown stock, feeds that are silent or failed.

mod coordination;
mod flags;
mod orders;
mod overrides;
mod purchases;
mod skus;
mod suppliers;
mod training;

use orders::order_row;
pub use orders::{order, order_rows};
pub use purchases::purchase_rows;
use skus::stock_row;
pub use skus::{forecast_rows, sku, stock_rows, total_rows};

use crate::domain::*;
use crate::engine::api::*;
use crate::feed::{FeedState, FeedStatus};
use crate::insight::forecast::Spread;

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
