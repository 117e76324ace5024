//! The inventory formulas by the real binary on files: no store, no network, no terminal.

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/plan/cases.json")
}

fn replenish(home: &Path, cases: &str, out: &str, input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_stockdeck"))
        .args(["plan", "replenish", "--cases", cases, "--out", out])
        .env_clear()
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn without_cases_it_says_what_lists_the_stores_own() {
    let home = tempfile::tempdir().unwrap();
    let refused = Command::new(env!("CARGO_BIN_EXE_stockdeck"))
        .args(["plan", "replenish"])
        .env_clear()
        .env("HOME", home.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("--cases FILE") && said.contains("`stockdeck reorders`"), "{said}");
}

fn results(text: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(text).unwrap()["results"].as_array().unwrap().clone()
}

/// Holds results against what a file of cases expects: reals within each case's tolerance, whole
/// numbers exactly, and no other names.
fn compare(file: &str, results: &[Value]) {
    let file: Value = serde_json::from_str(file).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), results.len());
    let mut wrong = Vec::new();
    for (case, result) in cases.iter().zip(results) {
        assert_eq!(case["id"], result["id"]);
        let expected = case["expected"].as_object().unwrap();
        let tolerance = case["tol"].as_f64().unwrap();
        let same = result["output"].as_object().is_some_and(|output| {
            output.len() == expected.len()
                && expected.iter().all(|(name, value)| match output.get(name) {
                    Some(found) if value.is_f64() => {
                        let (found, value) = (found.as_f64().unwrap(), value.as_f64().unwrap());
                        (found - value).abs() <= tolerance * value.abs().max(1.0)
                    }
                    Some(found) => found == value,
                    None => false,
                })
        });
        if !same {
            wrong.push(format!("{result} is not {}", case["expected"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_kind_of_case_is_worked_out() {
    let home = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(fixture()).unwrap();
    let output = replenish(home.path(), fixture().to_str().unwrap(), "R.json", b"");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
    let answer = std::fs::read_to_string(home.path().join("R.json")).unwrap();
    compare(&text, &results(&answer));
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1, "no store is made");
}

#[test]
fn the_reference_cases_come_out_within_their_tolerances() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("STOCKDECK_SHARED").map_or(beside, PathBuf::from);
    let file = shared.join("planning/replenishment.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("skipped: no ../shared/planning and no STOCKDECK_SHARED");
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let output = replenish(home.path(), file.to_str().unwrap(), "-", b"");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let results = results(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(results.len(), 40);
    compare(&text, &results);
}

#[test]
fn files_are_packed_by_their_ending_and_a_dash_is_standard_input() {
    let home = tempfile::tempdir().unwrap();
    let text = std::fs::read(fixture()).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&text).unwrap();
    std::fs::write(home.path().join("C.json.gz"), packed.finish().unwrap()).unwrap();
    let from_packed = replenish(home.path(), "C.json.gz", "R.json.gz", b"");
    assert!(from_packed.status.success(), "{}", String::from_utf8_lossy(&from_packed.stderr));
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(home.path().join("R.json.gz")).unwrap())
        .read_to_string(&mut unpacked)
        .unwrap();
    let from_input = replenish(home.path(), "-", "-", &text);
    assert!(from_input.status.success());
    assert_eq!(String::from_utf8(from_input.stdout).unwrap(), unpacked);
}

#[test]
fn a_case_that_cannot_be_meant_is_named_and_the_others_are_worked_out() {
    let home = tempfile::tempdir().unwrap();
    let eoq = |holding: Value| json!({"fixed_cost": 8, "holding_cost": holding, "demand_rate": 50});
    let cases = json!({"cases": [
        {"id": "good", "kind": "eoq", "input": eoq(json!(2))},
        {"id": "free", "kind": "eoq", "input": eoq(json!(0))},
        {"id": "text", "kind": "eoq", "input": eoq(json!("2"))},
        {"id": "odd", "kind": "eoqq", "input": {}},
        {"id": "good too", "kind": "eoq", "input": eoq(json!(8))},
    ]});
    let output = replenish(home.path(), "-", "-", cases.to_string().as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    for word in ["free", "holding_cost", "2 others"] {
        assert!(said.contains(word), "{word} is missing in: {said}");
    }
    let results = results(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(results[0]["output"]["order_quantity"], json!(20.0));
    assert_eq!(results[4]["output"]["order_quantity"], json!(10.0));
    for (place, words) in [(1, "holding_cost"), (2, "holding_cost"), (3, "eoqq")] {
        assert!(results[place].get("output").is_none());
        assert!(results[place]["error"].as_str().unwrap().contains(words), "{}", results[place]);
    }
}

#[test]
fn a_file_that_holds_no_cases_is_refused_in_one_sentence() {
    let home = tempfile::tempdir().unwrap();
    for (input, words) in [("{\"cases\": [", "not JSON"), ("[]", "no list \"cases\"")] {
        let output = replenish(home.path(), "-", "R.json", input.as_bytes());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words) && said.lines().count() == 1, "{said}");
        assert!(!home.path().join("R.json").exists(), "nothing is written");
    }
    let output = replenish(home.path(), "missing.json", "-", b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("missing.json"));
}
