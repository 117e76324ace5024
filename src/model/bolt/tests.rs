//! Parity with the reference implementation, on a small model with random weights in the layout of the
//! published ones (`tests/fixtures/chronos_bolt`), and what a damaged file says.

use super::config::Config;
use super::*;
use crate::model::{Frequency, HORIZON, LEVEL_COUNT};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::OnceLock;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/chronos_bolt")
}

fn bolt() -> &'static Bolt {
    static READ: OnceLock<Bolt> = OnceLock::new();
    READ.get_or_init(|| Bolt::read(&folder()).unwrap())
}

fn json_of(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder().join(name)).unwrap()).unwrap()
}

fn expected() -> &'static Value {
    static READ: OnceLock<Value> = OnceLock::new();
    READ.get_or_init(|| json_of("expected.json"))
}

fn numbers(value: &Value) -> Vec<f32> {
    let number = |value: &Value| value.as_f64().map_or(f32::NAN, |value| value as f32);
    value.as_array().unwrap().iter().map(number).collect()
}

fn rows(value: &Value) -> Vec<Vec<f32>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

struct Case {
    name: &'static str,
    context: Vec<f32>,
    scale: f32,
    quantiles: Vec<Vec<f32>>,
}

fn cases() -> Vec<Case> {
    let of = |case: &'static Value| Case {
        name: case["name"].as_str().unwrap(),
        context: numbers(&case["context"]),
        scale: case["scale"].as_f64().unwrap() as f32,
        quantiles: rows(&case["quantiles"]),
    };
    expected()["cases"].as_array().unwrap().iter().map(of).collect()
}

fn case(name: &str) -> Case {
    cases().into_iter().find(|case| case.name == name).unwrap()
}

/// Within 1e-4 of the scale; where rounding of the mean decides the scale, of the value.
fn assert_same(case: &Case, got: &[Vec<f32>], wanted: &[Vec<f32>]) {
    let degenerate = case.name.starts_with("constant_") || case.name == "season_len1";
    assert_eq!(got.len(), wanted.len(), "{}", case.name);
    for (level, (got, wanted)) in got.iter().zip(wanted).enumerate() {
        assert_eq!(got.len(), wanted.len(), "{}", case.name);
        for (step, (got, wanted)) in got.iter().zip(wanted).enumerate() {
            let allowed = if degenerate { wanted.abs().max(1.0) } else { case.scale };
            let apart = (got - wanted).abs() / allowed;
            assert!(
                apart <= 1e-4,
                "{}, level {level}, step {step}: {got} where {wanted} is right",
                case.name
            );
        }
    }
}

fn paths(context: &[f32], horizon: usize) -> Paths {
    bolt().paths(&[context], horizon).unwrap().remove(0)
}

#[test]
fn every_case_is_answered_as_by_the_reference() {
    let cases = cases();
    assert_eq!(cases.len(), 40);
    for case in &cases {
        assert_same(case, paths(&case.context, 64).paths(), &case.quantiles);
    }
}

#[test]
fn horizons_beyond_a_pass_are_unrolled_as_by_the_reference() {
    let all = expected()["horizons"].as_array().unwrap();
    assert!(all.iter().any(|one| one["horizon"] == 200));
    for one in all {
        let case = case(one["name"].as_str().unwrap());
        let horizon = one["horizon"].as_u64().unwrap() as usize;
        assert_same(&case, paths(&case.context, horizon).paths(), &rows(&one["quantiles"]));
    }
}

#[test]
fn other_levels_follow_the_references_rule() {
    for one in expected()["other_levels"].as_array().unwrap() {
        let case = case(one["name"].as_str().unwrap());
        let horizon = one["horizon"].as_u64().unwrap() as usize;
        let paths = paths(&case.context, horizon);
        let at_level = |level: f32| (0..horizon).map(|step| at(&paths.step(step), level)).collect();
        let got: Vec<Vec<f32>> = numbers(&one["levels"]).into_iter().map(at_level).collect();
        assert_same(&case, &got, &rows(&one["quantiles"]));
        assert_same(&case, &paths.paths()[4..5], &[numbers(&one["mean"])]);
    }
}

#[test]
fn company_in_a_batch_changes_nothing() {
    let names = expected()["batch"]["names"].as_array().unwrap();
    let mut together: Vec<Case> = names.iter().map(|name| case(name.as_str().unwrap())).collect();
    // Some of the same number of patches, with and without holes, and more of them than go together.
    together.extend(cases());
    let contexts: Vec<&[f32]> = together.iter().map(|case| case.context.as_slice()).collect();
    for threads in [1, 3] {
        let all = bolt().clone().on_threads(threads).paths(&contexts, 64).unwrap();
        for (case, paths) in together.iter().zip(&all) {
            assert_same(case, paths.paths(), &case.quantiles);
        }
    }
}

#[test]
fn distances_have_the_references_buckets() {
    let table = json_of("buckets.json");
    let wanted = numbers(&table["bucket"]);
    let relative = numbers(&table["relative"]);
    assert_eq!(relative.len(), 1201);
    for (relative, wanted) in relative.into_iter().zip(wanted) {
        let key = (600.0 + relative) as usize;
        assert_eq!(network::bucket(600, key, 32, 128), wanted as u32, "distance {relative}");
    }
}

#[test]
fn no_context_at_all_is_one_without_observations() {
    let case = case("all_nan_40");
    assert_same(&case, paths(&[], 64).paths(), &case.quantiles);
}

#[test]
fn counts_ascend_from_zero_and_closed_days_sell_nothing() {
    let history: Vec<f32> = (0..400).map(|day| ((day * 7919) % 11) as f32).collect();
    let mut window = Window::of_demand(&history, Frequency::Day);
    for step in (0..HORIZON).step_by(7) {
        window.open[crate::model::CONTEXT + step] = false;
    }
    let answer = bolt().over(std::slice::from_ref(&window), 100).unwrap().remove(0);
    assert_eq!((answer.days.len(), answer.totals.len()), (100, 100));
    for (step, day) in answer.days.iter().enumerate() {
        assert!(day[0] >= 0.0 && day.windows(2).all(|pair| pair[0] <= pair[1]), "{day:?}");
        assert_eq!(day[LEVEL_COUNT - 1] == 0.0, step % 7 == 0, "day {step}");
    }
    for pair in answer.totals.windows(2) {
        assert!(pair[0].iter().zip(&pair[1]).all(|(before, now)| before <= now));
    }
}

#[test]
fn what_lies_before_the_first_sale_changes_nothing() {
    let sold: Vec<f32> = (0..90).map(|day| 1.0 + ((day * 31) % 7) as f32).collect();
    let mut padded = vec![0.0; 77];
    padded.extend(&sold);
    let windows = [&sold, &padded].map(|demand| Window::of_demand(demand, Frequency::Day));
    let answers = bolt().over(&windows, 28).unwrap();
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn of_what_never_sold_nothing_is_expected_and_the_others_keep_their_order() {
    let sold: Vec<f32> = (0..90).map(|day| 40.0 + (day % 5) as f32).collect();
    let windows = [&[0.0; 50][..], &sold, &[f32::NAN; 9], &[]]
        .map(|demand| Window::of_demand(demand, Frequency::Day));
    let answers = bolt().over(&windows, 28).unwrap();
    for place in [0, 2, 3] {
        assert!(answers[place].totals.iter().flatten().all(|value| *value == 0.0));
    }
    assert_eq!(answers[1], bolt().over(&windows[1..2], 28).unwrap()[0]);
    assert!(answers[1].totals[27][6] > 28.0 * 20.0);
}

/// The field that a changed `config.json` is refused by; `None` if it is taken.
fn refused_field(change: impl FnOnce(&mut Value)) -> Option<String> {
    let mut config = json_of("config.json");
    change(&mut config);
    match Config::from_json("config.json", config.to_string().as_bytes()) {
        Ok(_) => None,
        Err(ModelError::Refused { file, field, reason }) => {
            assert!(file == "config.json" && !reason.is_empty());
            Some(field)
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_config_of_another_kind_is_refused_by_field() {
    let cases: [(&str, Value); 17] = [
        ("architectures", json!(["T5ForConditionalGeneration"])),
        ("architectures", json!("ChronosBoltModelForForecasting")),
        ("chronos_config", json!(7)),
        ("chronos_config.input_patch_stride", json!(8)),
        ("chronos_config.use_reg_token", json!(false)),
        ("chronos_config.quantiles", json!([0.1, 0.5, 0.9])),
        ("chronos_config.prediction_length", json!(0)),
        ("chronos_config.context_length", json!("long")),
        ("dense_act_fn", json!("gelu_new")),
        ("feed_forward_proj", json!("gated-gelu")),
        ("is_gated_act", json!(true)),
        ("d_model", json!(-64)),
        ("num_layers", json!(1_000_000_000)),
        ("layer_norm_epsilon", json!(0)),
        ("relative_attention_num_buckets", json!(30)),
        ("relative_attention_max_distance", json!(8)),
        ("reg_token_id", json!(2)),
    ];
    for (field, value) in cases {
        let refused = refused_field(|config| match field.split_once('.') {
            Some((section, field)) => config[section][field] = value.clone(),
            None => config[field] = value.clone(),
        });
        assert_eq!(refused.as_deref(), Some(field), "{value}");
    }
    assert_eq!(refused_field(|config| *config = json!([])).as_deref(), Some("config"));
    assert_eq!(refused_field(|_| ()), None);
}

#[test]
fn no_field_of_any_kind_makes_the_config_panic() {
    let plain = json_of("config.json");
    let odd = [Value::Null, json!(-1), json!(0.5), json!(1e300), json!(""), json!([[]]), json!({})];
    let names = |section: &Value| section.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for name in names(&plain) {
        refused_field(|config| drop(config.as_object_mut().unwrap().remove(&name)));
        for odd in &odd {
            refused_field(|config| config[&name] = odd.clone());
        }
    }
    for name in names(&plain["chronos_config"]) {
        let whole = format!("chronos_config.{name}");
        let refused = refused_field(|config| {
            config["chronos_config"].as_object_mut().unwrap().remove(&name);
        });
        assert_eq!(refused.as_ref(), Some(&whole));
        for odd in &odd {
            let refused = refused_field(|config| config["chronos_config"][&name] = odd.clone());
            assert_eq!(refused.as_ref(), Some(&whole), "{odd}");
        }
    }
    let text = plain.to_string();
    for end in 0..text.len() {
        assert!(Config::from_json("config.json", &text.as_bytes()[..end]).is_err());
    }
}

/// What is wrong with weights, by the field that is named; `None` if they are taken.
fn refused_weights(config: &Value, bytes: &[u8]) -> Option<String> {
    let config = Config::from_json("config.json", config.to_string().as_bytes()).unwrap();
    match Bolt::from_bytes(config, "model.safetensors", bytes) {
        Ok(_) => None,
        Err(ModelError::Refused { field, .. }) => Some(field),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn cut_and_damaged_weights_are_refused() {
    let config = json_of("config.json");
    let good = std::fs::read(folder().join(WEIGHTS_FILE)).unwrap();
    assert_eq!(refused_weights(&config, &good), None);
    for end in (0..good.len()).step_by(9_973).chain([1, 7, 8, 9, good.len() - 1]) {
        assert_eq!(refused_weights(&config, &good[..end]).as_deref(), Some("header"), "{end}");
    }
    let header = 8 + u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    // Any answer but a panic: some bytes of a header may change without harm.
    for place in (0..header).step_by(7) {
        let mut damaged = good.clone();
        damaged[place] ^= 0x15;
        refused_weights(&config, &damaged);
    }
    let mut endless = good.clone();
    endless[header..header + 4].copy_from_slice(&f32::INFINITY.to_le_bytes());
    assert!(refused_weights(&config, &endless).is_some());
}

#[test]
fn weights_of_another_size_are_refused_by_tensor() {
    let good = std::fs::read(folder().join(WEIGHTS_FILE)).unwrap();
    for (field, value, tensor) in [
        ("d_model", 65, "shared.weight"),
        ("d_ff", 64, "input_patch_embedding.hidden_layer.weight"),
        ("num_heads", 2, "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"),
        ("d_kv", 8, "encoder.block.0.layer.0.SelfAttention.q.weight"),
        ("num_layers", 3, "encoder.block.2.layer.0.SelfAttention.q.weight"),
        ("num_decoder_layers", 3, "decoder.block.2.layer.0.SelfAttention.q.weight"),
    ] {
        let mut config = json_of("config.json");
        config[field] = json!(value);
        assert_eq!(refused_weights(&config, &good).as_deref(), Some(tensor), "{field}");
    }
    // Fewer blocks than the file has would run, and forecast nonsense.
    let mut config = json_of("config.json");
    config["num_layers"] = json!(1);
    assert!(refused_weights(&config, &good).unwrap().starts_with("encoder.block.1."));
}

#[test]
fn a_folder_without_weights_is_refused_by_file() {
    let place = tempfile::tempdir().unwrap();
    assert!(!Bolt::lies_in(place.path()));
    std::fs::copy(folder().join(CONFIG_FILE), place.path().join(CONFIG_FILE)).unwrap();
    assert!(Bolt::lies_in(place.path()));
    let refused = Bolt::read(place.path()).unwrap_err().to_string();
    assert!(refused.contains(WEIGHTS_FILE), "{refused}");
}
