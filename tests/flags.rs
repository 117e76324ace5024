//! Flags of orders in files by the real binary: no store, no network, no terminal.

mod process;

use process::Home;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const HEAD: &str =
    "order_id,ts,kind,feed,customer_id,bill_country,ship_country,address,sku,qty,unit_price\n";
/// Days of the made shop; the last are scored.
const DAYS: usize = 82;
const SCORED: usize = 12;

/// A shop of 25 customers who take their own few items in packs, nine orders a day from nine to five.
fn shop() -> Vec<String> {
    let mut state = 7u64;
    let mut draw = move |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut orders = Vec::new();
    for day in 0..DAYS {
        for hour in 9..18 {
            let who = draw(25);
            let lines: BTreeSet<usize> = (0..2 + draw(5)).map(|_| (who + draw(12)) % 30).collect();
            let lines: Vec<(usize, usize)> = lines
                .into_iter()
                .map(|item| (item, [6, 1, 12, 2, 4][item % 5] * (1 + draw(2))))
                .collect();
            orders.push(order(orders.len(), day, hour * 60 + draw(50), who, &lines));
        }
    }
    orders
}

fn stamp(day: usize, minute: usize) -> String {
    let first: jiff::civil::DateTime = "2026-01-05T00:00:00".parse().unwrap();
    let span = jiff::SignedDuration::from_mins((day * 24 * 60 + minute) as i64);
    first.checked_add(span).unwrap().strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn order(id: usize, day: usize, minute: usize, who: usize, lines: &[(usize, usize)]) -> String {
    let ts = stamp(day, minute);
    let mut rows = String::new();
    for (item, qty) in lines {
        let price = [1.25, 2.10, 0.85, 4.95, 12.75][item % 5];
        writeln!(rows, "o{id},{ts},sale,web,c{who},Home,Home,a{who},i{item},{qty},{price}")
            .unwrap();
    }
    rows
}

/// The made shop with a basket that comes again ten minutes later; its id, and the time from which on
/// is scored.
fn shop_with_a_duplicate() -> (Vec<String>, String) {
    let mut orders = shop();
    let last = (DAYS - 5) * 9;
    let place = (last..).find(|place| orders[*place].lines().count() >= 4).unwrap();
    let minutes = orders[place].split([',', 'T', ':']).skip(2).take(2);
    let minutes: Vec<usize> = minutes.map(|part| part.parse().unwrap()).collect();
    let again = stamp(place / 9, minutes[0] * 60 + minutes[1] + 10);
    let was = orders[place].split(',').nth(1).unwrap().to_owned();
    let twice = orders[place].replace(&format!("o{place},"), "twice,").replace(&was, &again);
    orders.insert(place + 1, twice);
    (orders, stamp(DAYS - SCORED, 0))
}

/// Order, score, case, reasons.
type Row = (String, f64, u64, String);

/// Rows of what was written.
fn rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(names, ["order_id", "score", "case_id", "reasons"]);
    reader.deserialize().map(Result::unwrap).collect()
}

fn file(orders: &[String]) -> String {
    format!("{HEAD}{}", orders.concat())
}

#[test]
fn a_duplicate_is_on_top_and_labels_count_from_their_time_on() {
    let home = Home::new("");
    let (mut orders, from) = shop_with_a_duplicate();
    // Every fourth order has one item only, and somebody calls these wrong.
    let mut singles = Vec::new();
    for order in orders.iter_mut().skip((DAYS - SCORED) * 9).step_by(4) {
        if !order.starts_with("twice") {
            *order = order.lines().next().unwrap().to_owned() + "\n";
            singles.push(order.split(',').next().unwrap().to_owned());
        }
    }
    home.write("orders.csv", &file(&orders));
    home.write("truth.csv", "order_id,type,incident\ntwice,duplicate,again\n");
    home.write("windows.csv", "feed,from,to\n");
    let args = ["flags", "--input", "orders.csv", "--from", &from, "--feeds-out", "feeds.csv"];
    let measured = ["--truth", "truth.csv", "--feeds-truth", "windows.csv", "--format", "json"];
    let measures = home.run(&[&args[..], &measured, &["--out", "whole.csv"]].concat());
    let whole = rows(&std::fs::read_to_string(home.path("whole.csv")).unwrap());
    // A mistake on top and named: all that can be measured of it.
    let measures: Vec<Value> = serde_json::from_str(&measures).unwrap();
    let what: Vec<&str> = measures.iter().map(|row| row["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["all", "duplicate", "silent feeds"]);
    assert_eq!((&measures[0]["orders"], &measures[0]["incidents"]), (&1.into(), &1.into()));
    for measure in ["precision", "recall", "case_precision", "case_recall", "named"] {
        assert_eq!(measures[0][measure].as_f64(), Some(1.0), "{measure}");
    }
    assert_eq!((&measures[2]["recall"], &measures[2]["incidents"]), (&Value::Null, &0.into()));
    // Rules that know their past find it too.
    let rules = rows(&home.run(&[&args[..5], &["--by", "rules"]].concat()));
    let top = |rows: &[Row]| rows.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap().clone();
    assert_eq!((rules.len(), &*top(&rules).0), (whole.len(), "twice"));
    let asked: Vec<&str> = orders[(DAYS - SCORED) * 9..]
        .iter()
        .map(|order| order.split(',').next().unwrap())
        .collect();
    assert_eq!(whole.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), asked);
    assert!(whole.iter().all(|row| (0.0..=1.0).contains(&row.1) && row.2 > 0));
    let top = top(&whole);
    assert_eq!(top.0, "twice", "{top:?}");
    assert!(top.1 > 0.5 && top.3.starts_with("duplicate:"), "{top:?}");
    let feeds = std::fs::read_to_string(home.path("feeds.csv")).unwrap();
    assert!(feeds.starts_with("feed,raised_at,cleared_at,expected,seen\n"), "{feeds}");

    // Labels are learnt from, and change nothing before their time.
    let labels: Vec<&str> = singles.iter().map(String::as_str).collect();
    let rows_of_labels = labels.iter().map(|id| format!("{id},single,{id}\n")).collect::<String>();
    home.write("labels.csv", &format!("order_id,type,incident\n{rows_of_labels}"));
    let until = stamp(DAYS - 3, 0);
    let labelled = [&args[..5], &["--labels", "labels.csv", "--labelled-until", &until]].concat();
    let output = home.output(&labelled);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("learnt from"), "{said}");
    let with = rows(&String::from_utf8(output.stdout).unwrap());
    let decided = asked.iter().zip(&orders[(DAYS - SCORED) * 9..]);
    let decided = decided.filter(|(_, order)| *order.split(',').nth(1).unwrap() < *until).count();
    assert_eq!(with[..decided], whole[..decided]);
    let mean = |rows: &[Row]| {
        let single = rows[decided..].iter().filter(|row| labels.contains(&row.0.as_str()));
        let scores: Vec<f64> = single.map(|row| row.1).collect();
        scores.iter().sum::<f64>() / scores.len() as f64
    };
    assert!(mean(&with) > 2.0 * mean(&whole), "{} {}", mean(&with), mean(&whole));
}

#[test]
fn with_a_short_history_the_rules_speak_alone_and_it_is_said() {
    let home = Home::new("");
    let (orders, _) = shop_with_a_duplicate();
    home.write("orders.csv", &file(&orders[(DAYS - SCORED) * 9..]));
    let output = home.output(&["flags", "--input", "orders.csv"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("rules alone"), "{said}");
    let all = rows(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(all.len(), SCORED * 9 + 1);
    let second_half = &all[all.len() / 2..];
    let top = second_half.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert!(top.0 == "twice" && top.3.contains("duplicate:"), "{top:?}");

    let network = home.output(&["flags", "--input", "orders.csv", "--by", "network"]);
    let said = String::from_utf8_lossy(&network.stderr);
    assert!(!network.status.success() && said.contains("no network here"), "{said}");

    // Cut in two, the first part as the other's history: the same scores, whatever comes later.
    let (early, late) = orders[(DAYS - SCORED) * 9..].split_at(SCORED / 2 * 9);
    home.write("early.csv", &file(early));
    home.write("late.csv", &file(late));
    assert_eq!(rows(&home.run(&["flags", "--input", "early.csv"])), all[..early.len()]);
    home.run(&["flags", "--input", "late.csv", "--history", "early.csv", "--out", "late.out"]);
    let after = rows(&std::fs::read_to_string(home.path("late.out")).unwrap());
    let scores = |rows: &[Row]| rows.iter().map(|row| (row.0.clone(), row.1)).collect::<Vec<_>>();
    assert_eq!(scores(&after), scores(&all[early.len()..]));
}

#[test]
fn what_cannot_be_meant_is_refused_in_one_sentence() {
    let home = Home::new("");
    let one = order(1, 0, 600, 1, &[(1, 2)]);
    home.write("orders.csv", &file(std::slice::from_ref(&one)));
    home.write("gift.csv", &file(&[one.replace("sale", "gift")]));
    home.write("short.csv", "order_id,ts\na,b\n");
    home.write("empty.csv", HEAD);
    for (args, words) in [
        (&["--input", "nowhere.csv"][..], "nowhere.csv cannot be read"),
        (&["--input", "gift.csv"], "gift.csv, row 1: its kind is sale or return"),
        (&["--input", "short.csv"], "missing field `kind`"),
        (&["--input", "empty.csv"], "empty.csv has no order"),
        (&["--input", "orders.csv", "--from", "2026-02-01"], "give an earlier --from"),
    ] {
        let output = home.output(&[&["flags", "--out", "R.csv"], args].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words) && said.lines().count() == 1, "{words} in: {said}");
        assert!(!home.path("R.csv").exists(), "nothing is written");
    }
    let soon = home.output(&["flags", "--input", "orders.csv", "--from", "soon"]);
    assert_eq!(soon.status.code(), Some(2));
    let alone = home.output(&["flags", "--input", "orders.csv", "--labels", "orders.csv"]);
    let said = String::from_utf8_lossy(&alone.stderr);
    assert!(alone.status.code() == Some(2) && said.contains("--labelled-until"), "{said}");
}

/// The labelled orders, where they lie beside the repository.
fn labelled() -> Option<PathBuf> {
    // A past of 20,000 orders: minutes in a debug build.
    if std::env::var_os("STOCKDECK_FLAGS").is_none() {
        eprintln!("skipped: STOCKDECK_FLAGS is not set, as .ci/long does");
        return None;
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("STOCKDECK_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("planning/anomaly");
    assert!(
        folder.exists(),
        "there is no {}; STOCKDECK_SHARED names the folder that has planning/anomaly",
        folder.display()
    );
    Some(folder)
}

#[test]
fn the_labelled_orders_are_found_with_and_without_their_labels() {
    let Some(folder) = labelled() else { return };
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (input, truth) = (path("dev.csv.gz"), path("dev_labels.csv"));
    let feeds = path("dev_feed_silence.csv");
    let home = Home::new("");
    let measured = |more: &[&str]| -> Vec<Value> {
        let args = ["flags", "--input", &input, "--from", "2011-06-01", "--truth", &truth];
        let text = home.run(&[&args[..], &["--format", "json"], more].concat());
        eprintln!("{more:?}: {text}");
        serde_json::from_str(&text).unwrap()
    };
    let of = |rows: &[Value], what: &str, measure: &str| {
        let row = rows.iter().find(|row| row["what"] == what).unwrap();
        row[measure].as_f64().unwrap()
    };
    let rules = measured(&["--by", "rules"]);
    let both = measured(&["--feeds-truth", &feeds]);
    let precision = of(&both, "all", "precision");
    assert!(precision >= 0.60 && of(&both, "all", "recall") >= 0.75);
    assert!(precision - of(&rules, "all", "precision") >= 0.05, "what the network adds");
    assert!(of(&both, "all", "named") >= 0.80, "first reasons that name the true kind");
    assert_eq!(of(&both, "silent feeds", "recall"), 1.0, "raised within the hour");
    assert!(of(&both, "silent feeds", "false_a_week") <= 1.0);
    let taught = measured(&["--labels", &truth, "--labelled-until", "2011-08-09 24:00"]);
    assert!(of(&taught, "all", "precision") >= 0.70 && of(&taught, "all", "recall") >= 0.80);
}
