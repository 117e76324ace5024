//! Predicted deliveries by the real binary on files: no store, no network, no terminal.

mod process;

use process::Home;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/leadtime/deliveries.csv")
}

/// The measures by their names.
fn measures(text: &str) -> Vec<(String, Value)> {
    let rows: Vec<Value> = serde_json::from_str(text).unwrap();
    rows.into_iter().map(|row| (row["forecast"].as_str().unwrap().to_owned(), row)).collect()
}

fn number(row: &Value, name: &str) -> f64 {
    row[name].as_f64().unwrap_or_else(|| panic!("no {name} in {row}"))
}

#[test]
fn it_learns_up_to_a_day_and_tells_its_loss_beside_simpler_ways() {
    let home = Home::new("");
    let file = fixture();
    let args = ["leadtime", file.to_str().unwrap(), "--until", "2020-12-31", "--format", "json"];
    let told = measures(&home.run(&args));
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["ours", "as promised", "vendor quantiles"]);
    let (ours, promised, vendors) = (&told[0].1, &told[1].1, &told[2].1);
    assert_eq!(ours["rows"], promised["rows"]);
    assert!(number(ours, "pinball") < number(promised, "pinball"), "{told:?}");
    assert!(number(ours, "pinball") < number(vendors, "pinball"), "{told:?}");
    let less = 1.0 - number(ours, "pinball") / number(vendors, "pinball");
    assert!((number(vendors, "ours_less") - less).abs() < 0.001, "{told:?}");
    assert_eq!(promised["width"], 0.0);

    // The rows that are written are those promised for later, whatever is known of them.
    let out = home.path("out.csv");
    let mut with = args[..4].to_vec();
    with.extend(["--levels", "0.05,0.5", "--out", "out.csv"]);
    home.run(&with);
    let written = std::fs::read_to_string(&out).unwrap();
    assert!(written.starts_with("id,q0.05,q0.5\n"), "{written}");
    let blanked: String = std::fs::read_to_string(&file)
        .unwrap()
        .lines()
        .map(|line| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if ("2021-01-01".."2099").contains(&cells[6]) {
                (cells[7], cells[8]) = ("", "");
            }
            cells.join(",") + "\n"
        })
        .collect();
    home.write("blanked.csv", &blanked);
    with[1] = "--deliveries";
    with.insert(2, "blanked.csv");
    let output = home.output(&with);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), written);
    // Without anything that came there is nothing to measure, and it is not called good.
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.lines().nth(1).unwrap().trim_end().ends_with('0'), "{table}");
}

#[test]
fn bad_dates_are_named_and_nonsense_is_refused() {
    let home = Home::new("");
    let file = std::fs::read_to_string(fixture()).unwrap();
    let row = "b1,Home,Direct,Air,,2020-01-01,never,2020-02-01,2020-02-01,Steady\n";
    home.write("bad.csv", &(file + row));
    let output = home.output(&["leadtime", "bad.csv", "--until", "2020-12-31"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("(id b1): \"never\""), "{said}");
    let refused = |args: &[&str], word: &str| {
        let output = home.output(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(word), "{args:?}: {said}");
    };
    refused(&["leadtime", "bad.csv", "--until", "soon"], "write a day such as");
    refused(&["leadtime", "bad.csv", "--until", "2030-01-01"], "give a day before");
    refused(&["leadtime", "bad.csv", "--until", "2020-12-31", "--levels", "0.9,0.1"], "ascending");
    refused(&["leadtime", "none.csv", "--until", "2020-12-31"], "cannot be read");
    refused(&["leadtime", "--until", "2020-12-31"], "FILE");
}

fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("STOCKDECK_SHARED").map_or(beside, PathBuf::from);
    let file = folder.join("data/scms_deliveries/deliveries.csv.gz");
    if !file.exists() {
        eprintln!("skipped: no ../shared/data/scms_deliveries and no STOCKDECK_SHARED");
        return None;
    }
    Some(file)
}

#[test]
fn real_deliveries_are_told_better_than_promises_and_vendors_own_pasts() {
    let Some(file) = shared() else { return };
    let home = Home::new("");
    let until = |day: &str| {
        let args = ["leadtime", file.to_str().unwrap(), "--until", day, "--format", "json"];
        measures(&home.run(&args))
    };
    let told = until("2013-04-10");
    let (ours, vendors) = (&told[0].1, &told[2].1);
    let coverage = number(ours, "coverage");
    assert!(coverage >= 0.75, "{told:?}");
    assert!(coverage <= 0.85 || number(ours, "width") <= number(vendors, "width"), "{told:?}");
    assert!(number(&told[1].1, "ours_less") >= 0.15, "{told:?}");
    assert!(number(vendors, "ours_less") >= 0.15, "{told:?}");
    // At no other day is it worse than either.
    for day in ["2010-10-10", "2011-10-10", "2012-10-10"] {
        let told = until(day);
        assert!(told[1..].iter().all(|(_, row)| number(row, "ours_less") > 0.0), "{day}: {told:?}");
    }
}
