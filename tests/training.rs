//! Training in the background, with the real binary: what comes of it, how it is cancelled, and what is
//! left when one of the two processes is killed.

mod process;

use process::{Home, Owner, alive, kill, wait_for};
use std::process::{Child, Stdio};
use stockdeck::model::Weights;
use stockdeck::model::registry::{self, Registry};

/// A training that is over in a moment.
const SHORT: [&str; 8] = ["train", "finetune", "--epochs", "0.5", "--batch", "8", "--free", "head"];
/// One that takes hours.
const LONG: [&str; 6] = ["train", "finetune", "--epochs", "5000", "--batch", "64"];

/// A merchant's store: six SKUs that sell for 200 days, the even ones on even days.
fn home() -> Home {
    let home = Home::new("[models]\nretrain = \"never\"\n");
    let first = jiff::civil::date(2026, 1, 5);
    let mut text = String::from("order_id,placed_at,sku,qty,price,currency,customer,status\n");
    for day in 0..200 {
        let date = first + jiff::Span::new().days(day);
        for sku in (0..6).filter(|sku| (sku + day) % 2 == 0) {
            let (qty, number) = (1 + sku, day * 10 + sku);
            text.push_str(&format!("N{number},{date}T10:00:00Z,SKU-{sku},{qty},2.50,GBP,c1,new\n"));
        }
    }
    let file = home.write("orders.csv", &text);
    home.run(&["import", file.to_str().unwrap(), "--preset", "orders"]);
    home
}

fn in_use(home: &Home) -> String {
    let models = home.json(&["models", "list"]);
    let used = models.as_array().unwrap().iter().find(|row| row["in use"] == true).unwrap();
    used["model"].as_str().unwrap().to_owned()
}

/// Processes that this one has started.
fn children(of: u32) -> Vec<u32> {
    let stat = |entry: std::fs::DirEntry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let (pid, rest) = stat.split_once(" (")?;
        let (_, rest) = rest.rsplit_once(") ")?;
        let parent: u32 = rest.split(' ').nth(1)?.parse().ok()?;
        Some((pid.parse::<u32>().ok()?, parent))
    };
    let all = std::fs::read_dir("/proc").unwrap().filter_map(|entry| stat(entry.ok()?));
    all.filter(|(_, parent)| *parent == of).map(|(pid, _)| pid).collect()
}

/// A long training, begun by a command, of an owner that this test runs.
fn long(home: &Home) -> (Owner, Child, u32) {
    let owner = home.serving(&[]);
    let command = home.command(&LONG).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    wait_for("a step of the training", || {
        home.run(&["models", "training"]).contains(" step ").then_some(())
    });
    let trainer = wait_for("the training's process", || children(owner.0.id()).first().copied());
    (owner, command.unwrap(), trainer)
}

fn said(command: Child) -> (Option<i32>, String) {
    let output = command.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_better_model_is_taken_into_use() {
    let home = home();
    // Weights that have learnt nothing: any training is better.
    let models = home.data_dir.join("models");
    registry::write(&models.join("v0001"), &Weights::fresh(5).unwrap(), None).unwrap();
    Registry::of(&home.data_dir).use_version("v0001").unwrap();
    let text = home.run(&SHORT);
    assert!(text.contains("validation WQL") && text.contains("test       WQL"), "{text}");
    assert!(text.contains("v0002 is in use, trained from v0001"), "{text}");
    assert_eq!(in_use(&home), "v0002");
    let told = home.run(&["models", "training"]);
    assert!(told.contains("from v0001") && told.contains("asked for it"), "{told}");
    assert!(told.contains("v0002 is in use") && told.contains("models.retrain"), "{told}");
    assert!(!home.data_dir.join("training").exists(), "nothing is left behind");
    // The next one is judged by the same days, which v0002 has learnt: it starts from where that came from.
    let again = home.run(&SHORT);
    assert!(again.contains("trained from v0001"), "{again}");
    let named = home.output(&[&SHORT[..], &["--model", "v0002"]].concat());
    let reason = String::from_utf8_lossy(&named.stderr).into_owned();
    assert!(
        !named.status.success() && reason.contains("v0002 has learnt demand up to"),
        "{reason}"
    );
}

#[test]
fn a_worse_model_is_not() {
    let home = home();
    // A rate that throws the weights about.
    let text = home.run(&[&SHORT[..], &["--rate", "30", "--clip", "1000"]].concat());
    assert!(text.contains("not better on validation: nothing was taken"), "{text}");
    assert_eq!(in_use(&home), "shipped");
    let told = home.run(&["models", "training"]);
    assert!(told.contains("nothing was taken"), "{told}");
}

#[test]
fn a_training_can_be_cancelled_and_only_one_runs() {
    let home = home();
    let (owner, command, trainer) = long(&home);
    let refused = home.output(&SHORT);
    let reason = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && reason.contains("runs already"), "{reason}");
    // All else goes on meanwhile.
    assert_eq!(home.json(&["stock"]).as_array().unwrap().len(), 6);
    home.run(&["models", "training", "--cancel"]);
    let (status, reason) = said(command);
    assert_eq!((status, reason.contains("cancelled: nothing was changed")), (Some(1), true));
    wait_for("the training's process to end", || (!alive(trainer)).then_some(()));
    assert_eq!(in_use(&home), "shipped");
    drop(owner);
}

#[test]
fn a_training_that_is_killed_is_told_and_harms_nobody() {
    let home = home();
    let (owner, command, trainer) = long(&home);
    kill(trainer);
    let (status, reason) = said(command);
    assert_eq!((status, reason.contains("killed by signal 9")), (Some(1), true), "{reason}");
    assert!(alive(owner.0.id()));
    assert!(home.run(&["models", "training"]).contains("killed by signal 9"));
}

#[test]
fn a_training_does_not_outlive_its_owner_and_is_begun_again_once() {
    let home = home();
    let (owner, command, trainer) = long(&home);
    kill(owner.0.id());
    wait_for("the training's process to end", || (!alive(trainer)).then_some(()));
    assert_eq!(said(command).0, Some(1));

    let told = || home.run(&["models", "training"]);
    let next = home.serving(&[]);
    let again = wait_for("the training to be begun again", || {
        Some(told()).filter(|told| told.contains("runs     since"))
    });
    assert!(
        again.contains("the one begun then ended with its owner, and is begun again"),
        "{again}"
    );
    wait_for("a step of it, asked for as before", || told().contains(" step ").then_some(()));
    kill(next.0.id());
    let _last = home.serving(&[]);
    let ended = told();
    assert!(ended.contains("ended with its owner before it was done"), "{ended}");
    assert!(!ended.contains("runs     since"), "{ended}");
}
