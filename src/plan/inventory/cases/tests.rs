//! What a file of cases may hold, and what is said of what it may not.

use super::*;

fn one(kind: &str, input: Value) -> Result<Map<String, Value>, String> {
    let text = json!({ "cases": [{ "id": "A-1", "kind": kind, "input": input }] }).to_string();
    let worked = work_out(&text).unwrap().remove(0);
    assert_eq!(worked.id, "A-1");
    worked.output.map_err(|error| error.to_string())
}

fn refused(kind: &str, input: Value, words: &[&str]) {
    let said = one(kind, input).unwrap_err();
    assert_eq!(said.lines().count(), 1);
    for word in words {
        assert!(said.contains(word), "{word} is missing in: {said}");
    }
}

#[test]
fn what_is_missing_or_cannot_be_meant_is_named_as_the_file_calls_it() {
    let service = |field: &str, value: Value| {
        let mut input = json!({
            "daily_mean": 3, "daily_sd": 2, "lead_time_days": 9, "review_days": 7,
            "cycle_service_level": 0.95,
        });
        input[field] = value;
        input
    };
    assert!(one("base_stock_service", service("review_days", json!(0))).is_ok());
    let cases = [
        ("daily_sd", json!(-1), "-1"),
        ("daily_mean", json!("three"), "three"),
        ("lead_time_days", json!(null), "null"),
        ("cycle_service_level", json!(1), "between 0 and 1"),
        ("review_days", json!([7]), "[7]"),
    ];
    for (field, value, words) in cases {
        refused("base_stock_service", service(field, value), &[field, words]);
    }
    let order = |pack: Value, moq: Value| json!({"on_hand": 1, "on_order": 0, "backorders": 0, "order_up_to": 9, "moq": moq, "pack": pack});
    assert!(one("order_suggestion", order(json!(6), json!(0))).is_ok(), "no max_order is no limit");
    refused("order_suggestion", order(json!(0), json!(0)), &["pack", "above 0"]);
    refused("order_suggestion", order(json!(6), json!(-5)), &["moq", "-5"]);
    refused("order_suggestion", order(json!(0.0001), json!(0)), &["pack", "thousandth"]);
    refused("order_suggestion", json!({ "on_hand": 1 }), &["on_order is missing"]);
    let pmf = |pmf: Value| json!({"holding_cost": 1, "stockout_cost": 2, "demand_pmf": pmf});
    refused("newsvendor_pmf", pmf(json!({"1": 0.5, "2": 0.4})), &["demand_pmf", "0.9"]);
    refused("newsvendor_pmf", pmf(json!({"1": 1.5, "2": -0.5})), &["demand_pmf", "1.5"]);
    refused("newsvendor_pmf", pmf(json!({"one": 1})), &["demand_pmf", "one"]);
    refused("newsvendor_pmf", pmf(json!(3)), &["demand_pmf", "3"]);
    let curve = |levels: Value, values: Value| json!({"holding_cost": 1, "stockout_cost": 2, "levels": levels, "values": values});
    refused("newsvendor_quantiles", curve(json!([0.5, 0.1]), json!([1, 2])), &["levels", "0.1"]);
    refused("newsvendor_quantiles", curve(json!([0.1, 0.5]), json!([2, 1])), &["values", "fall"]);
    refused("newsvendor_quantiles", curve(json!([0.1]), json!([2, 1])), &["values"]);
    refused("eoqq", json!({}), &["eoqq", "newsvendor_normal"]);
    refused("eoq", json!(7), &["input", "an object"]);
}

#[test]
fn numbers_too_large_for_an_answer_are_said_to_be() {
    let input = json!({"fixed_cost": 1e300, "holding_cost": 1e-300, "demand_rate": 1e300});
    refused("eoq", input, &["too large"]);
    let input = json!({"holding_cost": 1, "stockout_cost": 9, "demand_mean": 1e14});
    refused("newsvendor_poisson", input, &["demand_mean", "larger units"]);
}

#[test]
fn bare_words_for_no_number_cost_only_their_own_case_its_answer() {
    let text = r#"{"cases": [
        {"id": "a \" NaN", "kind": "eoq", "input": {"fixed_cost": NaN, "holding_cost": 1, "demand_rate": 2}},
        {"id": "b", "kind": "eoq", "input": {"fixed_cost": -Infinity, "holding_cost": 1, "demand_rate": 2}},
        {"id": "c", "kind": "eoq", "input": {"fixed_cost": 1, "holding_cost": 1, "demand_rate": 2}}
    ]}"#;
    let worked = work_out(text).unwrap();
    assert_eq!(worked[0].id, "a \" NaN");
    for (place, word) in [(0, "NaN"), (1, "-Infinity")] {
        let said = worked[place].output.as_ref().unwrap_err().to_string();
        assert!(said.contains("fixed_cost") && said.contains(word), "{said}");
    }
    assert_eq!(worked[2].output.as_ref().unwrap()["order_quantity"], json!(2.0));
    assert!(matches!(work_out("{\"cases\": [NaN"), Err(CasesError::NotJson(_))));
}

#[test]
fn a_case_without_a_name_is_told_by_its_place() {
    let worked = work_out(r#"{"cases": [{"id": 7}, {"kind": "eoq"}, 3]}"#).unwrap();
    let ids: Vec<&str> = worked.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, ["7", "case 2", "case 3"]);
    let said = |place: usize| worked[place].output.as_ref().unwrap_err().to_string();
    assert_eq!(said(0), "kind is missing");
    assert_eq!(said(1), "input is missing");
    assert_eq!(said(2), "kind is missing");
    assert!(matches!(work_out("{}"), Err(CasesError::NoCases)));
}
