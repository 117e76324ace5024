//! A checkpoint of somebody else's model in use, with the real binary.

mod process;

use process::Home;
use std::fmt::Write as _;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/chronos_bolt");

/// A home with a panel of eight items over 200 days that sell on six days of seven.
fn home() -> Home {
    let home = Home::new("");
    let first = jiff::civil::date(2024, 1, 1);
    let mut panel = "series_id,date,qty\n".to_owned();
    for item in 0..8 {
        for (day, date) in first.series(jiff::Span::new().days(1)).take(200).enumerate() {
            let sold = if day % 7 == 6 { 0 } else { 20 + item * 5 + day * 7919 % 9 };
            writeln!(panel, "item {item},{date},{sold}").unwrap();
        }
    }
    home.write("panel.csv", &panel);
    home
}

fn rows(csv: &str) -> Vec<Vec<String>> {
    csv.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn a_folder_with_a_published_checkpoint_forecasts() {
    let home = home();
    let levels = "0.05,0.1,0.5,0.9,0.95,0.98";
    let asked = [
        "forecast",
        "--panel",
        "panel.csv",
        "--model",
        FOLDER,
        "--horizon",
        "70",
        "--levels",
        levels,
    ];
    let csv = home.run(&asked);
    assert!(csv.starts_with("series_id,origin,step,mean,q0.05,q0.1,q0.5,q0.9,q0.95,q0.98\n"));
    let rows = rows(&csv);
    assert_eq!(rows.len(), 8 * 71);
    for row in &rows {
        let values: Vec<f32> = row[4..].iter().map(|value| value.parse().unwrap()).collect();
        assert!(values[0] >= 0.0 && values.windows(2).all(|pair| pair[0] <= pair[1]), "{row:?}");
        // The last day known is the 200th, a Thursday: the fourth ahead and every seventh is closed.
        let step: usize = row[2].parse().unwrap();
        let closed = step > 0 && (199 + step) % 7 == 6;
        assert_eq!(values[5] == 0.0, closed, "{row:?}");
    }
    // The network that comes with the program says something else of the first day.
    let own = home.run(&["forecast", "--panel", "panel.csv", "--levels", levels]);
    assert_ne!(own.lines().nth(2), csv.lines().nth(2));
}

#[test]
fn it_is_evaluated_and_shown_beside_the_others() {
    let home = home();
    let asked = ["evaluate", "--panel", "panel.csv", "--model", FOLDER, "--format", "csv"];
    let csv = home.run(&asked);
    assert!(rows(&csv).iter().any(|row| row[..2] == ["all", "Chronos-Bolt"]), "{csv}");
    let shown = home.run(&["models", "show", FOLDER]);
    assert!(shown.contains("Chronos-Bolt, 299648 parameters"), "{shown}");
}

#[test]
fn what_it_cannot_do_is_said_in_a_sentence() {
    let home = home();
    let asked = ["train", "finetune", "--panel", "panel.csv", "--model", FOLDER, "--out", "tuned"];
    let output = home.output(&asked);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("is a Chronos-Bolt model") && said.trim().lines().count() == 1, "{said}");

    let gated = home.path("gated");
    std::fs::create_dir(&gated).unwrap();
    let config = std::fs::read_to_string(format!("{FOLDER}/config.json")).unwrap();
    let changed = config.replace("\"is_gated_act\": false", "\"is_gated_act\": true");
    std::fs::write(gated.join("config.json"), changed).unwrap();
    let output = home.output(&["forecast", "--panel", "panel.csv", "--model", "gated"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("gated/config.json: is_gated_act: true where false is run"), "{said}");
}

#[test]
fn a_store_takes_it_among_its_models_uses_it_and_goes_back() {
    let home = home();
    let models = |rest: &[&str]| home.run(&[&["models"], rest, &["--data-dir", "d"]].concat());
    let list = || models(&["list", "--format", "csv"]);
    let added = models(&["add", FOLDER, "--name", "bolt"]);
    assert!(added.contains("Chronos-Bolt, 299648 parameters"), "{added}");
    assert!(
        list().contains("\nshipped,yes,") && list().contains("\nbolt,no,Chronos-Bolt"),
        "{}",
        list()
    );
    models(&["use", "bolt"]);
    assert!(list().contains("\nbolt,yes,Chronos-Bolt"), "{}", list());
    assert!(models(&["back"]).contains("shipped is in use again"));
    assert!(list().contains("\nshipped,yes,"), "{}", list());

    // What is no model, or a damaged one, is named, and the others are listed all the same.
    std::fs::create_dir_all(home.path("d/models/photos")).unwrap();
    std::fs::create_dir_all(home.path("d/models/v0004")).unwrap();
    home.write("d/models/v0004/model.safetensors", "torn");
    home.write("d/models/notes.txt", "remember");
    let output = home.output(&["models", "list", "--data-dir", "d"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("bolt"));
    for what in ["v0004 cannot be used", "photos is no model", "notes.txt is no model"] {
        assert!(said.contains(what), "{what:?} is missing in {said}");
    }
    for (name, what) in [("../up", "letters, digits"), ("bolt", "there already")] {
        let output = home.output(&["models", "add", FOLDER, "--name", name, "--data-dir", "d"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(what), "{said}");
    }
}

#[test]
fn a_damaged_model_in_use_is_called_broken_with_the_mend() {
    let home = home();
    home.run(&["models", "add", FOLDER, "--name", "mine", "--data-dir", "d"]);
    home.run(&["models", "use", "mine", "--data-dir", "d"]);
    let whole = home.output(&["doctor", "--data-dir", "d"]);
    let told = String::from_utf8(whole.stdout).unwrap();
    assert!(told.contains("ok    model mine is in use, and whole"), "{told}");

    let weights = home.path("d/models/mine/model.safetensors");
    let file = std::fs::OpenOptions::new().write(true).open(weights).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let doctor = home.output(&["doctor", "--data-dir", "d"]);
    let told = String::from_utf8(doctor.stdout).unwrap();
    let bad = told.lines().find(|line| line.starts_with("BAD   model mine is in use")).unwrap();
    assert!(bad.contains("stockdeck models use shipped") && !doctor.status.success(), "{bad}");

    // A folder of the same name beside it is not what is asked about.
    std::fs::create_dir(home.path("mine")).unwrap();
    let shown = home.output(&["models", "show", "mine", "--data-dir", "d"]);
    let said = String::from_utf8(shown.stderr).unwrap();
    assert!(!shown.status.success() && said.contains("BAD: mine cannot be used"), "{said}");
    assert!(said.contains("stockdeck models use shipped"), "{said}");

    let list = home.output(&["models", "list", "--format", "csv", "--data-dir", "d"]);
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(list.contains("\nmine,yes,broken,"), "{list}");
    home.run(&["models", "use", "shipped", "--data-dir", "d"]);
}
