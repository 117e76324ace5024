//! Allocation: the six shared instances, each with what it costs, how far from the bound and from the best known that is, and
//! what two rules of products cost; then 20 orders that arrive one after another at 5,000 open lines.
//! Without the shared folder own instances stand in: three of the tests, and 25 of the largest side by side.
//! `cargo bench --bench allocate`.

mod measure;

use measure::report;
use serde_json::Value;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::time::Instant;
use stockdeck::plan::allocate::{
    Assignment, Instance, Options, allocate, check, per_line, reallocate, whole_order,
};

/// Orders that arrive one after another.
const ARRIVE: usize = 20;
/// Side by side they have 5,000 lines.
const COPIES: usize = 25;
const BAR_S: f64 = 5.0;
const BAR_PERCENT: f64 = 1.0;
const BAR_MS: f64 = 50.0;

fn main() {
    report::machine();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = here.join("../shared/planning/allocation");
    let own = here.join("tests/fixtures/allocation");
    let folder = if shared.join("reference.json").exists() { &shared } else { &own };
    let references: Value = parsed(&folder.join("reference.json"));
    let mut largest = None;
    for reference in references.as_array().expect("a list of references") {
        let name = reference["name"].as_str().expect("a name");
        let instance: Instance = parsed(&folder.join(format!("{name}.json")));
        one(&instance, reference["best_cost"].as_f64().expect("a cost"));
        largest = Some(instance);
    }
    let largest = largest.expect("at least one instance");
    let open = if folder == &shared { largest } else { side_by_side(&largest) };
    arrivals(&open);
}

fn parsed<T: serde::de::DeserializeOwned>(path: &PathBuf) -> T {
    let text = read_to_string(path).expect("a file that can be read");
    serde_json::from_str(&text).expect("a file in the schema of allocation")
}

fn one(instance: &Instance, best: f64) {
    report::head(&format!("{}, best known {best}", instance.name));
    let found = allocate(instance, &Options::default(), &|| false).expect("an allocation");
    let cost = found.cost.total() as f64;
    let above = |other: f64, base: f64| (other / base - 1.0) * 100.0;
    let rule = |assignments: Vec<Assignment>| {
        check(instance, &assignments).expect("a rule keeps the constraints").total() as f64
    };
    report::line("time", found.took.as_secs_f64(), "s", Some(BAR_S));
    report::line("cost", cost, "cents", None);
    report::line("above the best known", above(cost, best), "%", Some(BAR_PERCENT));
    report::line("above the own bound", found.gap() * 100.0, "%", None);
    report::line("each line alone, above this", above(rule(per_line(instance)), cost), "%", None);
    report::line(
        "whole orders first, above this",
        above(rule(whole_order(instance)), cost),
        "%",
        None,
    );
}

/// The first orders of an instance, with their lines; lines stand in the order of orders.
fn first_orders(instance: &Instance, count: usize) -> Instance {
    let mut part = instance.clone();
    part.orders.truncate(count);
    part.lines.retain(|line| line.order < count);
    part
}

/// The last orders arrive one after another, each before the next.
fn arrivals(instance: &Instance) {
    let count = instance.orders.len();
    report::head(&format!("{ARRIVE} orders arrive at {} open lines", instance.lines.len()));
    let start = first_orders(instance, count - ARRIVE);
    let options = Options::default();
    let mut now = allocate(&start, &options, &|| false).expect("an allocation");
    let mut times = Vec::new();
    for order in count - ARRIVE..count {
        let open = first_orders(instance, order + 1);
        let began = Instant::now();
        now = reallocate(&open, &now.assignments, &now.prices, &[order], &options, &|| false)
            .expect("an allocation");
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let anew = allocate(instance, &options, &|| false).expect("an allocation");
    let above = (now.cost.total() as f64 / anew.cost.total() as f64 - 1.0) * 100.0;
    report::line("after one, p50", report::percentile(&times, 0.5), "ms", Some(BAR_MS));
    report::line("after one, worst", report::percentile(&times, 1.0), "ms", Some(BAR_MS));
    report::line("after all, above allocating anew", above, "%", None);
}

/// Copies of an instance that share nothing but the nodes, whose capacity grows with them.
fn side_by_side(instance: &Instance) -> Instance {
    let mut all = Instance { name: "side by side".into(), ..instance.clone() };
    for node in &mut all.nodes {
        node.package_capacity *= COPIES as i64;
    }
    for copy in 1..COPIES {
        let (skus, orders) = (copy * instance.skus.len(), copy * instance.orders.len());
        let lines = copy * instance.lines.len();
        all.skus.extend(instance.skus.iter().map(|it| {
            let mut it = *it;
            it.id += skus;
            it
        }));
        all.stock.extend(instance.stock.iter().map(|it| {
            let mut it = *it;
            it.sku += skus;
            it
        }));
        all.orders.extend(instance.orders.iter().map(|it| {
            let mut it = *it;
            it.id += orders;
            it
        }));
        all.lines.extend(instance.lines.iter().map(|it| {
            let mut it = *it;
            (it.id, it.order, it.sku) = (it.id + lines, it.order + orders, it.sku + skus);
            it
        }));
    }
    all
}
