//! What the owner of 1,000,000 orders (3 lines each) takes in memory and on disk, after it wrote
//! them and after a restart. `cargo bench --bench store`; `STOCKDECK_BENCH_ORDERS=100000` is quick.

mod measure;

use measure::stores::{Home, number};
use measure::{process, report};
use std::time::{Duration, Instant};

const MEGABYTE: f64 = 1e6;
const MEMORY_BAR: f64 = 150.0;
const DISK_BAR: f64 = 250.0;

fn main() {
    let orders = number("STOCKDECK_BENCH_ORDERS", 1_000_000);
    report::machine();
    let home = Home::fresh("store");
    let owner = home.serve(&["--demo", "--paused"]);
    let began = Instant::now();
    let orders_text = orders.to_string();
    assert!(home.run(&["demo", "fill", "--orders", &orders_text]));
    let took = began.elapsed();
    let cpu = process::cpu(owner.pid());
    report::head(&format!("{orders} orders, just written"));
    report::line("orders a second", orders as f64 / took.as_secs_f64(), "", None);
    report::line("owner's processor time", cpu.as_secs_f64(), "s", None);
    let lines = count_lines(&home);
    report::line("order lines", lines as f64, "", None);
    figures(&home, owner.pid(), lines);
    owner.end();
    report::line("disk an order line, closed", disk_a_line(&home, lines), "bytes", Some(DISK_BAR));

    report::head("after a restart");
    let began = Instant::now();
    let owner = home.serve(&["--demo", "--paused"]);
    report::line("until an order can be asked for", began.elapsed().as_secs_f64(), "s", None);
    report::line("owner's processor time", process::cpu(owner.pid()).as_secs_f64(), "s", None);
    figures(&home, owner.pid(), lines);
    report::head("after looking at every screen");
    for screen in ["overview", "orders", "stock", "feeds", "journal"] {
        assert!(home.run(&["--demo", "screen", screen, "--size", "120x40"]));
    }
    figures(&home, owner.pid(), lines);
}

fn figures(home: &Home, owner: u32, lines: u64) {
    // Freed memory and segments are given back a moment later.
    std::thread::sleep(Duration::from_secs(2));
    let memory = process::resident(owner) as f64 / MEGABYTE;
    report::line("owner's memory", memory, "MB", Some(MEMORY_BAR));
    for part in ["store", "archive", "journal.log"] {
        let bytes = process::disk(&home.data_dir().join(part)) as f64;
        if bytes > 0.0 {
            report::line(&format!("disk: {part}"), bytes / MEGABYTE, "MB", None);
        }
    }
    report::line("disk an order line", disk_a_line(home, lines), "bytes", Some(DISK_BAR));
}

fn disk_a_line(home: &Home, lines: u64) -> f64 {
    process::disk(&home.data_dir()) as f64 / lines.max(1) as f64
}

/// Order lines in the store, from what its owner says of itself.
fn count_lines(home: &Home) -> u64 {
    let told = home.command(&["--demo", "status", "--format", "csv"]).output().unwrap();
    let mut reader = csv::Reader::from_reader(&*told.stdout);
    let rows = reader.records().flatten();
    let lines = rows.filter(|row| row.get(0) == Some("order_lines"));
    lines.filter_map(|row| row.get(1)?.parse().ok()).next().expect("status names the order lines")
}
