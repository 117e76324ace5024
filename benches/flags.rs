//! How fast orders are scored, with a network and by rules alone: many at once on two threads, and one
//! after the other, as they arrive; what the detection remembers of them in memory; and how long a fit
//! takes. A made shop of 500 customers and 800 items. Then the whole way in a store: from a page that is
//! handed to it until the flag of its order is seen. `cargo bench --bench flags`.

mod measure;

use measure::shop::{Shop, Told};
use measure::stores::Home;
use measure::{process, report};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;
use std::time::Instant;
use stockdeck::domain::Span;
use stockdeck::engine::Backend;
use stockdeck::engine::api::Scoring;
use stockdeck::insight::anomaly::models::Models;
use stockdeck::insight::anomaly::order_model::Fit;
use stockdeck::insight::anomaly::{Kind, Line, Order, Watch};

/// Orders that are fitted to, that are scored at once, and one by one.
const PAST: usize = 12_000;
const MANY: usize = 20_000;
const SINGLE: usize = 3_000;
/// Orders a second that are scored at once, and milliseconds that one may take.
const BAR_A_SECOND: f64 = 5_000.0;
const BAR_MS: f64 = 50.0;
/// Orders of the store's past and of those that arrive one by one.
const KEPT: usize = 4_000;
const ARRIVING: usize = 300;
const DAY: i64 = 86_400;

fn main() {
    report::machine();
    let mut draws = ChaCha8Rng::seed_from_u64(5);
    let orders: Vec<Order> = (0..PAST + MANY + SINGLE).map(|n| order(n, &mut draws)).collect();
    let (past, rest) = orders.split_at(PAST);
    let (many, single) = rest.split_at(MANY);
    let fit = Fit { replays: 8, networks: 3, epochs: 6, ..Fit::default() };
    let began = Instant::now();
    let models = Models::fit(past, fit).expect("the made shop has a past");
    report::head(&format!("{PAST} orders of two to eight lines"));
    report::line("a network fitted as the console does", began.elapsed().as_secs_f64(), "s", None);

    let lines: usize = many.iter().map(|order| order.lines.len()).sum();
    for (name, models) in [("network and rules", models), ("rules alone", Models::rules_alone())] {
        report::head(name);
        let before = process::resident(std::process::id());
        let mut watch = Watch::new(Arc::new(models));
        past.iter().for_each(|order| watch.learn(order));
        let after = process::resident(std::process::id());
        let began = Instant::now();
        let flags = watch.orders(many).expect("all are scored");
        let took = began.elapsed().as_secs_f64();
        // What a plain walk over the same lines takes, for a measure of the machine.
        let walked = walk(many);
        report::line(
            "of 20,000 at once: orders a second (bar: at least 5,000)",
            flags.len() as f64 / took,
            "",
            None,
        );
        report::line("a second of 5,000 orders", BAR_A_SECOND * took / MANY as f64, "s", Some(1.0));
        report::line("a line at once / a plain walk over it", took / walked, "times", None);
        report::line("a line", took / lines as f64 * 1e6, "us", None);
        drop(flags);
        let mut times = Vec::with_capacity(SINGLE);
        for order in single {
            let began = Instant::now();
            let flag = watch.order(order).expect("it is scored");
            std::hint::black_box(flag);
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        report::line("one by one, p50", report::percentile(&times, 0.5), "ms", None);
        report::line("one by one, p99", report::percentile(&times, 0.99), "ms", Some(BAR_MS));
        let grew = after.saturating_sub(before) as f64 / 1e6;
        report::line("memory for what is remembered of the past", grew, "MB", None);
    }
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(whole_way());
}

/// From a page with one order until its flag is there: the page is kept, the scorer woken, the order's
/// note opened, the flag stored, and the queue asked. Each has a note that no note should hold.
async fn whole_way() {
    report::head("one order at a time through the store, until its flag is seen");
    let shop = Shop::open(&Home::fresh("flags")).await;
    let now = shop.backend.now();
    let told = |n: usize, before: Span, customer: String, note: &'static str| {
        let line = |k: usize| {
            let item = (n * 7 + k * 13) % 200;
            (format!("item {item}"), [6, 1, 12, 2][item % 4], [1.25, 2.1, 0.85, 4.95][item % 4])
        };
        let lines = (0..1 + n % 4).map(line).collect();
        Told { number: format!("{customer}-{n}"), at: now - before, customer, note, lines }
    };
    // 150 days that end a week ago.
    let minutes = |n: usize| Span::minutes(10_200 + 150 * 1_440 - (n * 150 * 1_440 / KEPT) as i64);
    let past: Vec<Told<'_>> =
        (0..KEPT).map(|n| told(n, minutes(n), format!("C{}", n * 31 % 400), "")).collect();
    for page in shop.pages(&past) {
        shop.tell(page).await;
    }
    let fitted = |scoring| matches!(scoring, Scoring::Network(_));
    shop.until("a network", |counts| fitted(counts.scoring)).await;
    let mut times = Vec::with_capacity(ARRIVING);
    for n in 0..ARRIVING {
        let order =
            told(n, Span::seconds((ARRIVING - n) as i64), format!("N{n}"), "<script>x()</script>");
        let (page, before) = (shop.pages(&[order]).remove(0), shop.counts().await.orders);
        let began = Instant::now();
        shop.tell(page).await;
        shop.until("a flag", |counts| counts.orders > before).await;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    report::line("page to flag, p50", report::percentile(&times, 0.5), "ms", None);
    report::line("page to flag, p99", report::percentile(&times, 0.99), "ms", Some(BAR_MS));
}

/// Seconds that adding up the worth of all lines takes, a thousand times over, divided by that.
fn walk(orders: &[Order]) -> f64 {
    const TIMES: u32 = 1_000;
    let began = Instant::now();
    for _ in 0..TIMES {
        std::hint::black_box(orders.iter().map(Order::value).sum::<f64>());
    }
    began.elapsed().as_secs_f64() / f64::from(TIMES)
}

fn order(n: usize, draws: &mut ChaCha8Rng) -> Order {
    let who = draws.random_range(0..500_usize);
    let day = n as i64 / 120;
    let at = 15_000 * DAY + day * DAY + 9 * 3_600 + (n as i64 % 120) * 230;
    let size = [1.0, 1.0, 2.0, 4.0][who % 4];
    let line = |_| {
        let item = (who * 3 + draws.random_range(0..40_usize)) % 800;
        let price = [1.25, 2.10, 0.85, 4.95, 12.75][item % 5];
        let pack = [6.0, 1.0, 12.0, 2.0, 4.0][item * 7 % 5];
        let qty = pack * size * f64::from(draws.random_range(1..=2_u8));
        Line { sku: format!("item {item}").into(), qty, price, list: None }
    };
    let count = 2 + n % 7;
    let lines: Vec<Line> = (0..count).map(line).collect();
    Order {
        id: format!("order {n}").into(),
        at,
        kind: if n.is_multiple_of(25) { Kind::Return } else { Kind::Sale },
        feed: "web".into(),
        customer: Some(format!("customer {who}").into()),
        account: None,
        bill: "GB".into(),
        ship: "GB".into(),
        address: None,
        elsewhere: false,
        note: None,
        lines,
    }
}
