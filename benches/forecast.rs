//! How fast the shipped network forecasts: 10,000 series of 504 days to the quantiles of 28 days and
//! their totals, from the panel in memory to quantiles in memory, on two threads, beside the same
//! series one by one and beside recent quantiles. `cargo bench --bench forecast`.

mod measure;

use measure::report;
use std::hint::black_box;
use std::os::unix::process::CommandExt;
use std::time::Instant;
use stockdeck::demand::Panel;
use stockdeck::model::evaluate::Simple;
use stockdeck::model::{Forecaster, ShopAt, Window, shipped};

const SERIES: usize = 10_000;
const DAYS: usize = 504;
const THREADS: usize = 2;
const BAR_S: f64 = 5.0;

fn main() {
    // Candle reads how many threads a product gets once, at its first one.
    if std::env::var_os("CANDLE_NUM_THREADS").is_none() {
        let own = std::env::current_exe().unwrap();
        let error = std::process::Command::new(own)
            .args(std::env::args_os().skip(1))
            .envs([("RAYON_NUM_THREADS", "1"), ("CANDLE_NUM_THREADS", "1")])
            .exec();
        panic!("{error}");
    }
    report::machine();
    report::head("10,000 series x 28 days");
    let panel = panel();
    let forecaster = Forecaster::new(shipped().unwrap().network().unwrap());
    let together = forecaster.clone().on_threads(THREADS);
    let began = Instant::now();
    let shop = ShopAt::of(&panel, DAYS);
    let windows: Vec<Window> =
        (0..SERIES).filter_map(|series| shop.window(&panel, series)).collect();
    let seen = began.elapsed().as_secs_f64();
    black_box(together.forecast(&windows).unwrap());
    let all = began.elapsed().as_secs_f64();
    report::line("windows of the panel", seen, "s", None);
    report::line("panel to quantiles, two threads", all, "s", Some(BAR_S));
    report::line("series a second", SERIES as f64 / all, "", None);
    let few = &windows[..400];
    let began = Instant::now();
    for window in few {
        black_box(forecaster.forecast(std::slice::from_ref(window)).unwrap());
    }
    let single = few.len() as f64 / began.elapsed().as_secs_f64();
    report::line("one by one, series a second", single, "", None);
    let began = Instant::now();
    for window in few {
        black_box(Simple::Empirical.forecast(window));
    }
    let simple = few.len() as f64 / began.elapsed().as_secs_f64();
    report::line("recent quantiles with bootstrap totals, series a second", simple, "", None);
    report::line("together / one by one", SERIES as f64 / all / single, "times", None);
}

/// Lumpy series from a plain congruential generator: only their number and length matter.
fn panel() -> Panel {
    let mut state = 1u64;
    let mut draw = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let series = (0..SERIES).map(|item| {
        let often = draw() * 0.8 + 0.05;
        let demand =
            (0..DAYS).map(|_| if draw() < often { (draw() * 20.0).ceil() } else { 0.0 }).collect();
        (format!("item {item}"), jiff::civil::date(2024, 1, 1), demand)
    });
    Panel::of_series(series).unwrap()
}
