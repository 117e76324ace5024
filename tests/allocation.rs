//! Allocation by the real binary: reference instances, what it prints and writes, and what it refuses.

use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The reference instances that other programs are held against, too; they lie beside the repository.
const SHARED: &str = "../shared/planning/allocation";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/allocation")
}

fn plan_allocate(args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_stockdeck"))
        .args(["plan", "allocate"])
        .args(args)
        .env_clear()
        .env("HOME", home.path())
        .output()
        .unwrap()
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A twentieth of the usual work, and as long for it as an unoptimised build may need: the solution is
/// the same one everywhere.
const LITTLE: [&str; 4] = ["--effort", "0.05", "--time-limit", "600"];

/// Allocates a file: the row that is printed, and the solution.
fn allocated(file: &Path) -> (Value, Value) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("solution.json");
    let (file, out_arg) = (file.to_str().unwrap(), out.to_str().unwrap());
    let args = [&[file, "--out", out_arg, "--format", "json"], LITTLE.as_slice()].concat();
    let ran = plan_allocate(&args);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let rows: Value = serde_json::from_slice(&ran.stdout).unwrap();
    (rows[0].clone(), read(&out))
}

/// What a solution costs, from the file as it lies there. It panics where a constraint is broken.
fn cost(file: &Value, solution: &Value) -> i64 {
    let int = |value: &Value| value.as_i64().unwrap();
    let rows = |name: &str| file[name].as_array().unwrap();
    let stock: HashMap<(i64, i64), (i64, i64)> = rows("stock")
        .iter()
        .map(|row| ((int(&row[0]), int(&row[1])), (int(&row[2]), int(&row[3]))))
        .collect();
    let mut taken: HashMap<(i64, i64), i64> = HashMap::new();
    let mut shipped = vec![0; rows("lines").len()];
    let mut packages = HashSet::new();
    let mut assigned = HashSet::new();
    let mut cost = 0;
    for row in solution.as_array().unwrap() {
        let (line, node, units) = (int(&row[0]), int(&row[1]), int(&row[2]));
        assert!(units > 0 && assigned.insert((line, node)));
        let it = &rows("lines")[line as usize];
        let zone = int(&rows("orders")[int(&it["order"]) as usize]["zone"]) as usize;
        let weight = int(&rows("skus")[int(&it["sku"]) as usize]["weight_g"]);
        let rate = int(&rows("nodes")[node as usize]["cost_per_kg"][zone]);
        let pair = (node, int(&it["sku"]));
        cost += units * ((rate * weight + 500) / 1000 + stock[&pair].1);
        *taken.entry(pair).or_default() += units;
        shipped[line as usize] += units;
        packages.insert((int(&it["order"]), node));
    }
    for (pair, units) in taken {
        assert!(units <= stock[&pair].0, "over stock at {pair:?}");
    }
    for (node, it) in rows("nodes").iter().enumerate() {
        let sent = packages.iter().filter(|(_, from)| *from == node as i64).count() as i64;
        assert!(sent <= int(&it["package_capacity"]), "over capacity at {node}");
    }
    for (line, it) in rows("lines").iter().enumerate() {
        let short = int(&it["qty"]) - shipped[line];
        assert!(short >= 0, "too much of line {line}");
        cost += short * int(&it["short_penalty"]);
        let order = int(&it["order"]);
        let complete = rows("orders")[order as usize]["ship_complete"] == json!(true);
        let ships = packages.iter().any(|(from, _)| *from == order);
        assert!(!(complete && ships && short > 0), "order {order} ships in part");
    }
    for &(order, node) in &packages {
        let (it, from) = (&rows("orders")[order as usize], &rows("nodes")[node as usize]);
        let zone = int(&it["zone"]) as usize;
        let late = (int(&from["transit_days"][zone]) - int(&it["promise_days"])).max(0);
        let penalties = &file["params"]["late_penalty_per_day"];
        cost += int(&from["package_cost"][zone])
            + late * int(&penalties[int(&it["priority"]).to_string()]);
    }
    let orders: HashSet<i64> = packages.iter().map(|(order, _)| *order).collect();
    cost + (packages.len() - orders.len()) as i64 * int(&file["params"]["split_penalty"])
}

/// Holds all instances of a folder against its reference: the optimum up to 200 lines, and never
/// more than 1 % above the best known.
fn against_reference(folder: &Path) {
    for reference in read(&folder.join("reference.json")).as_array().unwrap() {
        let file = folder.join(format!("{}.json", reference["name"].as_str().unwrap()));
        let instance = read(&file);
        let (row, solution) = allocated(&file);
        let found = cost(&instance, &solution);
        assert_eq!((&row["cost"], &row["cut_short"]), (&json!(found), &json!(false)), "{row}");
        assert!(row["bound"].as_i64().unwrap() <= found, "{row}");
        let best = reference["best_cost"].as_i64().unwrap();
        assert!(row["bound"].as_i64().unwrap() <= best, "{row} against {best}");
        assert!(found * 100 <= best * 101, "{row} against {best}");
        for rule in ["per_line", "whole_order"] {
            assert!(row[rule].as_i64().unwrap() > found, "{row}");
        }
        if instance["lines"].as_array().unwrap().len() <= 200 {
            assert_eq!((found, &row["proven"]), (best, &json!(true)), "{row}");
        }
    }
}

#[test]
fn own_instances_get_their_proven_optimum() {
    against_reference(&fixtures());
}

#[test]
fn shared_instances_keep_to_their_reference() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(SHARED);
    if !folder.join("reference.json").exists() {
        eprintln!("skipped: {} has no reference.json", folder.display());
        return;
    }
    against_reference(&folder);
}

#[test]
fn a_table_shows_each_file_with_its_gap_and_the_rules() {
    let [one, other] = ["m050.json", "m100.json"].map(|name| fixtures().join(name));
    let ran = plan_allocate(
        &[&[one.to_str().unwrap(), other.to_str().unwrap()], LITTLE.as_slice()].concat(),
    );
    let text = String::from_utf8(ran.stdout).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), 3, "{text}");
    assert!(rows[0].contains(&"gap_pct") && rows[0].contains(&"whole_order"), "{text}");
    assert_eq!(rows[1][..7], ["m050", "50", "28", "3", "32050", "32050", "0.000"], "{text}");
    assert_eq!(rows[2][4], "85994", "{text}");
}

#[test]
fn a_bad_instance_is_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut instance = read(&fixtures().join("m050.json"));
        change(&mut instance);
        let file = folder.path().join(name);
        std::fs::write(&file, instance.to_string()).unwrap();
        let out = folder.path().join("solution.json");
        let ran = plan_allocate(&[file.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        assert_eq!(ran.status.code(), Some(2));
        assert!(!out.exists() && ran.stdout.is_empty());
        let said = String::from_utf8(ran.stderr).unwrap();
        assert!(said.contains(name) && said.trim_end().lines().count() == 1, "{said}");
        said
    };
    let zone = refused("zone.json", &|it| {
        it["nodes"][1]["package_cost"].as_array_mut().unwrap().pop();
    });
    assert!(zone.contains("node 1 has no package_cost for zone 7"), "{zone}");
    let stock = refused("stock.json", &|it| it["stock"][3][2] = Value::Null);
    assert!(stock.contains("is unknown"), "{stock}");
    let qty = refused("qty.json", &|it| it["lines"][2]["qty"] = json!(-3));
    assert!(qty.contains("line 2 has qty -3"), "{qty}");
    let sku = refused("sku.json", &|it| it["lines"][2]["sku"] = json!(30));
    assert!(sku.contains("line 2 names sku 30, but there are only 30"), "{sku}");
    let text = refused("text.json", &|it| it["lines"] = json!("none"));
    assert!(text.contains("cannot be used"), "{text}");
}

#[test]
fn what_nobody_can_mend_is_said_beside_the_solution() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("past.json");
    let mut instance = read(&fixtures().join("m050.json"));
    instance["orders"][0]["promise_days"] = json!(-4);
    instance["lines"][0]["qty"] = json!(5000);
    std::fs::write(&file, instance.to_string()).unwrap();
    let ran = plan_allocate(&[&[file.to_str().unwrap()], LITTLE.as_slice()].concat());
    assert!(ran.status.success());
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("order 0 was promised 4 days ago"), "{said}");
    let several = plan_allocate(&[file.to_str().unwrap(), file.to_str().unwrap(), "--out", "-"]);
    assert_eq!(several.status.code(), Some(2));
}
