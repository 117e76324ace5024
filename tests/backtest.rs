//! Would it have worked? Replays by the real binary on files: no store, no network, no terminal.

mod process;

use process::Home;
use serde_json::Value;
use std::path::{Path, PathBuf};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/policy");

fn result(home: &Home, args: &[&str]) -> Value {
    serde_json::from_str(&home.run(&[&["backtest", "policy"], args].concat())).unwrap()
}

#[test]
fn a_replay_is_written_with_its_orders() {
    let home = Home::new("");
    let velocity = ["--dir", FOLDER, "--policy", "velocity28_cover14"];
    let said = result(&home, &[&velocity[..], &["--orders-out", "orders.csv"]].concat());
    assert_eq!(said["total"], 24.76);
    assert_eq!((&said["order_lines"], &said["orders"]), (&2.into(), &2.into()));
    assert_eq!(said["fill_units"], 0.576923);
    let orders = std::fs::read_to_string(home.path("../orders.csv"))
        .or_else(|_| std::fs::read_to_string(home.path("orders.csv")))
        .unwrap();
    let rows = "supplier,sku,order_date,qty\nS00,MUG,2026-02-02,18\nS00,MUG,2026-02-09,24\n";
    assert_eq!(orders, rows);
    let censored = result(&home, &[&velocity[..], &["--censored"]].concat());
    assert_eq!(censored["total"], 24.16);
}

#[test]
fn the_console_is_held_against_the_others_in_a_table() {
    let home = Home::new("");
    let args = ["backtest", "policy", "--dir", FOLDER, "--compare", "--out", "r.json"];
    let rows = home.json(&args);
    let names: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["policy"].as_str().unwrap()).collect();
    let all = ["console", "velocity28_cover14", "normal56_cr", "tsb_cr", "gamma_week_cr"];
    assert_eq!(names, all);
    let text = std::fs::read_to_string(home.path("r.json")).unwrap();
    let own: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(own["total"], rows[0]["total"]);
    let bad = home.output(&["backtest", "policy", "--dir", FOLDER, "--policy", "guess"]);
    assert_eq!(bad.status.code(), Some(2));
    let missing = home.output(&["backtest", "policy", "--dir", "nowhere"]);
    let said = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(missing.status.code() == Some(2) && said.contains("nowhere/suppliers.csv"), "{said}");
}

/// The policy benchmark, where it lies beside the repository.
fn benchmark() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("STOCKDECK_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("planning/policy");
    if !folder.exists() {
        let asked = std::env::var_os("STOCKDECK_POLICY").is_some();
        assert!(!asked, "there is no {}, and STOCKDECK_POLICY asks for it", folder.display());
        eprintln!("skipped: no ../shared/planning/policy and no STOCKDECK_SHARED");
        return None;
    }
    Some(folder)
}

#[test]
fn classic_policies_cost_to_the_penny_what_the_benchmark_says() {
    let Some(folder) = benchmark() else { return };
    let folder = folder.to_str().unwrap();
    let home = Home::new("");
    for (policy, seen, sales) in [
        ("velocity28_cover14", 41_434.89, 48_770.06),
        ("normal56_cr", 39_518.83, 43_907.27),
        ("tsb_cr", 38_548.97, 41_380.83),
        ("gamma_week_cr", 39_305.54, 41_964.51),
    ] {
        let args = ["--dir", folder, "--policy", policy];
        assert_eq!(result(&home, &args)["total"], seen, "{policy}");
        assert_eq!(
            result(&home, &[&args[..], &["--censored"]].concat())["total"],
            sales,
            "{policy}"
        );
    }
}

#[test]
fn the_consoles_orders_are_eight_percent_cheaper_at_no_less_fill() {
    // Twice 9,500 forecasts: minutes in a debug build.
    if std::env::var_os("STOCKDECK_POLICY").is_none() {
        eprintln!("skipped: STOCKDECK_POLICY is not set, as .ci/long does");
        return;
    }
    let Some(folder) = benchmark() else { return };
    let folder = folder.to_str().unwrap();
    let home = Home::new("");
    // tsb_cr, the best simple one.
    for (track, total, fill) in [(&[][..], 38_548.97, 0.9430), (&["--censored"], 41_380.83, 0.9170)]
    {
        let said = result(&home, &[&["--dir", folder][..], track].concat());
        let (own, own_fill) =
            (said["total"].as_f64().unwrap(), said["fill_units"].as_f64().unwrap());
        assert!(own <= 0.92 * total && own_fill >= fill, "{track:?}: {own} at {own_fill}");
    }
}
