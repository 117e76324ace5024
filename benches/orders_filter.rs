//! How long a filter over 1,000,000 orders of 3 lines takes to its first screenful, or to "none", on
//! one thread, and what an order takes in memory. The second figure of each filter is what the owner
//! does for a console: the filter read, every match found and counted, a screenful of rows made.
//! Prints milliseconds; run with `cargo bench --bench orders_filter`.

mod measure;

use rand::{Rng, SeedableRng};
use std::time::Instant;
use stockdeck::domain::*;
use stockdeck::orders::filter::parse;
use stockdeck::orders::{Column, FIELDS, OrderIndex, Row, Sort, Unmarked};

const ORDERS: u32 = 1_000_000;
const SKUS: u32 = 5_000;
const CUSTOMERS: u32 = 120_000;
const SCREENFUL: usize = 60;
const ROUNDS: usize = 7;
const BAR_MS: f64 = 50.0;

/// Twenty filters: common, rare, the oldest order only, none, and several terms at once.
const FILTERS: [&str; 20] = [
    "sku:oldest",
    "number:100000000",
    "\"rarest thing\"",
    "value:>900k",
    "qty:>5000",
    "nothinglikethis",
    "zqxj",
    "sku:nothing",
    "placed:2019-01",
    "!country:uk,fr,de,us",
    "lantern",
    "lantrn !country:uk",
    "qty:>100 !country:uk units:>220",
    "country:uk is:late site:north",
    "status:held kind:return",
    "is:pinned",
    "customer:c00000000",
    "00017 uk",
    "units:>400",
    "lines:7 red",
];

fn main() {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let now = Timestamp::from_millis(1_767_225_600_000);
    let mut index = OrderIndex::default();
    let began = Instant::now();
    index.load_begin();
    for row in 0..ORDERS {
        index.put(row, &order(row, now, &mut rng));
    }
    index.load_end();
    for sku in 0..SKUS {
        index.set_name(&code(sku), &name(sku));
    }
    index.set_name(&Sku::new("OLDEST"), "RAREST THING EVER");
    let memory = index.memory();
    println!("put {ORDERS} orders in {:.1} s", began.elapsed().as_secs_f64());
    println!(
        "memory {:.1} MB as counted, {:.1} bytes an order; process {} kB",
        memory as f64 / 1e6,
        memory as f64 / f64::from(ORDERS),
        measure::process::resident(std::process::id()) / 1024
    );
    let newest = Sort::default();
    let mut worst = [(0.0, ""); 2];
    println!("first ms  as the owner ms  rows");
    for filter in FILTERS {
        let first = timed(&index, filter, newest, SCREENFUL, now);
        let owner = timed(&index, filter, newest, usize::MAX, now);
        for (worst, took) in worst.iter_mut().zip([first.0, owner.0]) {
            *worst = if took > worst.0 { (took, filter) } else { *worst };
        }
        println!("{:8.2}  {:15.2}  {:>7}  {filter}", first.0, owner.0, owner.1);
    }
    for (what, (took, filter)) in ["first screenful", "as the owner"].iter().zip(worst) {
        let what = format!("worst {what}: {filter}");
        measure::report::line(&what, took, "ms", Some(BAR_MS));
    }
    println!("whole match lists and sorts:");
    for (filter, column) in [
        ("", Column::Placed),
        ("!country:uk", Column::Placed),
        ("", Column::Value),
        ("", Column::Number),
        ("country:uk", Column::Customer),
    ] {
        let sort = Sort { column, descending: true };
        let (first, _) = timed(&index, filter, sort, SCREENFUL, now);
        let (all, rows) = timed(&index, filter, sort, usize::MAX, now);
        let by = column.name();
        println!("{first:8.2} ms first, {all:8.2} ms all  {rows:>7} rows  {filter:?} by {by}");
    }
}

/// The worst of several runs in milliseconds, reading the filter included, and the rows found.
fn timed(index: &OrderIndex, text: &str, sort: Sort, n: usize, now: Timestamp) -> (f64, usize) {
    let mut worst = 0.0_f64;
    let mut rows = 0;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let filter = parse(text, &FIELDS, now, &Zone::utc()).expect("the filters are right");
        let found: Vec<Row> = index.first(&filter, &sort, &Unmarked, n);
        let screenful: Vec<_> = found.iter().take(SCREENFUL).map(|row| index.row(*row)).collect();
        assert!(screenful.iter().all(Option::is_some));
        rows = found.len();
        worst = worst.max(began.elapsed().as_secs_f64() * 1e3);
    }
    (worst, rows)
}

fn code(sku: u32) -> Sku {
    Sku::new(format!("{}{}", 20_000 + sku * 13, ["", "A", "B"][sku as usize % 3]))
}

fn name(sku: u32) -> String {
    const COLOURS: [&str; 7] = ["RED", "WHITE", "BLUE", "PINK", "IVORY", "GREEN", "BLACK"];
    const THINGS: [&str; 11] = [
        "METAL LANTERN",
        "HEART T-LIGHT HOLDER",
        "CAKESTAND 3 TIER",
        "LUNCH BAG",
        "PARTY BUNTING",
        "JUMBO SHOPPER",
        "ALARM CLOCK",
        "TEA TOWEL",
        "STORAGE TIN",
        "PAPER NAPKINS",
        "DOOR MAT",
    ];
    let (colour, thing) = (COLOURS[sku as usize % 7], THINGS[sku as usize % 11]);
    format!("{colour} {thing} SIZE {}", sku % 83)
}

fn order(row: u32, now: Timestamp, rng: &mut impl Rng) -> Order {
    const COUNTRIES: [&str; 8] = ["GB", "GB", "GB", "GB", "FR", "DE", "US", "GB"];
    const SITES: [&str; 3] = ["main", "north", "south"];
    let age = Span::seconds(i64::from(ORDERS - row) * 47);
    // Arrival is not quite the order of placing.
    let placed_at = now - age - Span::minutes(rng.random_range(0..600));
    let wanted = rng.random_range(1..=5);
    let lines = (0..wanted).map(|_| {
        // Few SKUs sell most.
        let sku = (f64::from(SKUS) * rng.random::<f64>().powi(3)) as u32;
        OrderLine {
            sku: code(sku.min(SKUS - 1)),
            class: LineClass::Product,
            qty: Qty::units(rng.random_range(1..150)),
            cancelled: Qty::ZERO,
            price: UnitPrice { e4: 12_500, currency: Currency::GBP },
        }
    });
    let lines = lines.collect();
    let mut order = Order {
        key: OrderKey {
            feed: FeedId::new("shop"),
            number: OrderNo::new((100_000_000 + row).to_string()),
        },
        kind: OrderKind::Sale,
        status: if row + 8_000 > ORDERS { OrderStatus::Open } else { OrderStatus::Shipped },
        placed_at,
        updated_at: placed_at,
        shipped_at: Some(placed_at + Span::days(1)),
        site: SiteId::new(SITES[rng.random_range(0..3)]),
        customer: Some(CustomerRef::new(format!(
            "c{:012x}",
            rng.random_range(1..CUSTOMERS) * 77_777
        ))),
        country: Some(Country::new(COUNTRIES[rng.random_range(0..8)])),
        total: Money { minor: rng.random_range(100..1_000_000), currency: Currency::GBP },
        aside: Aside::default(),
        lines,
    };
    if row == 0 {
        order.placed_at = now - Span::days(900);
        order.total.minor = 99_999_999;
        order.lines[0].sku = Sku::new("OLDEST");
        order.lines[0].qty = Qty::units(9_000);
    }
    order
}
