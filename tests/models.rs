//! The commands about models, by the real binary on files and on a store: no network, no terminal.

mod process;

use process::{Home, wait_for};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use stockdeck::engine::api::{Answer, ForecastRow, PageOf, Query};
use stockdeck::owner::client::Client;
use stockdeck::owner::wire::What;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/online_retail/panel_daily.csv.gz")
}

fn stockdeck(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stockdeck"))
        .args(args)
        .env_clear()
        .env("HOME", home)
        .current_dir(home)
        .output()
        .unwrap()
}

fn done(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn refused(output: &Output, status: i32, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert_eq!(said.lines().count(), 1, "one sentence: {said}");
    for word in words {
        assert!(said.contains(word), "“{word}” is missing in: {said}");
    }
}

/// Rows of a forecast: series, origin, step, mean and quantiles.
fn rows(text: &str) -> Vec<(String, String, usize, Vec<f64>)> {
    text.lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let numbers = fields[3..].iter().map(|field| field.parse().unwrap()).collect();
            (fields[0].to_owned(), fields[1].to_owned(), fields[2].parse().unwrap(), numbers)
        })
        .collect()
}

#[test]
fn a_panel_is_forecast_without_any_training() {
    let home = tempfile::tempdir().unwrap();
    let panel = fixture();
    let text = done(&stockdeck(
        home.path(),
        &["forecast", "--panel", panel.to_str().unwrap(), "--origins", "2011-08-19,2011-09-16"],
    ));
    let header = "series_id,origin,step,mean,q0.1,q0.2,q0.3,q0.4,q0.5,q0.6,q0.7,q0.8,q0.9,q0.95";
    assert_eq!(text.lines().next(), Some(header));
    let rows = rows(&text);
    assert_eq!(rows.len(), 12 * 2 * 29, "12 series, 2 origins, 28 days and the total");
    for (series, origin, step, numbers) in &rows {
        let quantiles = &numbers[1..];
        assert!(quantiles.windows(2).all(|pair| pair[0] <= pair[1]), "{series} {origin} {step}");
        assert!(quantiles[0] >= 0.0);
    }
    // Whoever orders by the days orders as much as who orders by the total.
    for (series, origin, _, total) in rows.iter().filter(|row| row.2 == 0) {
        let days = rows.iter().filter(|row| row.2 > 0 && row.0 == *series && row.1 == *origin);
        let sum: f64 = days.map(|row| row.3[0]).sum();
        assert!((sum / total[0] - 1.0).abs() < 1e-3, "{series}: {sum} by days, {}", total[0]);
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn totals_of_groups_agree_with_their_parts() {
    let home = tempfile::tempdir().unwrap();
    let panel = fixture();
    let panel = panel.to_str().unwrap();
    let parts = rows(&done(&stockdeck(home.path(), &["forecast", "--panel", panel])));
    let parts: Vec<_> = parts.into_iter().filter(|row| row.2 == 0).collect();
    // The first stands alone, the last is nowhere, the others are in two groups.
    let last = parts.len() - 1;
    let group = |at: usize| ["one", "two"][at % 2];
    let mut items = String::from("series_id,description,category\n");
    for (at, (series, ..)) in parts.iter().enumerate().filter(|(at, _)| *at != last) {
        let category = if at == 0 { "alone" } else { group(at) };
        items.push_str(&format!("{series},THING,{category}\n"));
    }
    std::fs::write(home.path().join("items.csv"), items).unwrap();
    let args = ["forecast", "--panel", panel, "--items", "items.csv", "--by", "category"];
    let text = done(&stockdeck(home.path(), &args));
    assert!(text.starts_with("category,origin,step,mean,q0.1"));
    let totals = rows(&text);
    let names: Vec<&str> = totals.iter().map(|row| row.0.as_str()).collect();
    assert_eq!(names, ["alone", "no category", "one", "two"]);
    assert_eq!(totals[0].3, parts[0].3, "the total of one is that one");
    assert_eq!(totals[1].3, parts[last].3);
    for total in &totals[2..] {
        let of = parts.iter().enumerate().filter(|(at, _)| *at != 0 && *at != last);
        let of: Vec<_> = of.filter(|(at, _)| group(*at) == total.0).map(|(_, row)| row).collect();
        let sum = |place: usize| of.iter().map(|row| row.3[place]).sum::<f64>();
        assert!((total.3[0] / sum(0) - 1.0).abs() < 1e-4, "means add up: {total:?}");
        assert!(total.3.windows(2).skip(1).all(|pair| pair[0] <= pair[1]), "{total:?}");
        // Not all of them sell well at once.
        assert!(total.3[9] < 0.99 * sum(9), "{total:?}, parts {}", sum(9));
    }
    let no_items = ["forecast", "--panel", panel, "--by", "category"];
    refused(&stockdeck(home.path(), &no_items), 2, &["--items"]);
    let supplier = ["forecast", "--panel", panel, "--by", "supplier"];
    refused(&stockdeck(home.path(), &supplier), 2, &["suppliers", "leave --panel out"]);
}

#[test]
fn a_forecast_is_the_same_whatever_came_later() {
    let home = tempfile::tempdir().unwrap();
    let panel = fixture();
    let mut cut = String::from("series_id,date,qty\n");
    let mut whole = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(&panel).unwrap())
        .read_to_string(&mut whole)
        .unwrap();
    for line in whole.lines().skip(1).filter(|line| line.split(',').nth(1) <= Some("2011-08-19")) {
        cut.push_str(line);
        cut.push('\n');
    }
    let shorter = home.path().join("cut.csv");
    std::fs::write(&shorter, cut).unwrap();
    let of = |panel: &Path| {
        let args = ["forecast", "--panel", panel.to_str().unwrap(), "--origins", "2011-08-19"];
        done(&stockdeck(home.path(), &args))
    };
    assert_eq!(of(&panel), of(&shorter));
}

#[test]
fn horizon_and_levels_are_what_was_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let panel = fixture();
    let out = home.path().join("out.csv.gz");
    done(&stockdeck(
        home.path(),
        &[
            "forecast",
            "--panel",
            panel.to_str().unwrap(),
            "--horizon",
            "40",
            "--levels",
            "0.5,0.98",
            "--out",
            out.to_str().unwrap(),
        ],
    ));
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(out).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text.lines().next(), Some("series_id,origin,step,mean,q0.5,q0.98"));
    let rows = rows(&text);
    assert_eq!(rows.len(), 12 * 41);
    assert!(rows.iter().all(|row| row.1 == "2011-10-14"), "the panel's last day");
}

#[test]
fn weeks_and_months_are_forecast_too() {
    let home = tempfile::tempdir().unwrap();
    for (frequency, dates) in [
        (
            "W",
            (0..160)
                .map(|week| jiff::civil::date(2021, 1, 4) + jiff::Span::new().weeks(week))
                .collect::<Vec<_>>(),
        ),
        (
            "M",
            (0..60)
                .map(|month| jiff::civil::date(2019, 1, 1) + jiff::Span::new().months(month))
                .collect(),
        ),
    ] {
        let panel = home.path().join(format!("{frequency}.csv"));
        let mut file = std::fs::File::create(&panel).unwrap();
        writeln!(file, "series_id,date,qty").unwrap();
        for (step, date) in dates.iter().enumerate() {
            writeln!(file, "flat,{date},{}", 100 + step % 3).unwrap();
        }
        let text = done(&stockdeck(
            home.path(),
            &[
                "forecast",
                "--panel",
                panel.to_str().unwrap(),
                "--freq",
                frequency,
                "--horizon",
                "6",
            ],
        ));
        let rows = rows(&text);
        assert_eq!(rows.len(), 7);
        for (_, _, step, numbers) in rows.iter().filter(|row| row.2 > 0) {
            assert!((numbers[5] / 101.0 - 1.0).abs() < 0.15, "{frequency} {step}: {numbers:?}");
        }
    }
}

#[test]
fn fine_tuning_writes_a_model_that_forecasts() {
    let home = tempfile::tempdir().unwrap();
    let panel = fixture();
    let panel = panel.to_str().unwrap();
    let said = done(&stockdeck(
        home.path(),
        &[
            "train",
            "finetune",
            "--panel",
            panel,
            "--until",
            "2011-08-19",
            "--out",
            "mine",
            "--epochs",
            "0.5",
            "--batch",
            "16",
            "--free",
            "head",
        ],
    ));
    assert!(said.contains("validation") && said.contains("test"), "{said}");
    assert!(home.path().join("mine/card.json").is_file());
    let text = done(&stockdeck(home.path(), &["forecast", "--panel", panel, "--model", "mine"]));
    assert_eq!(rows(&text).len(), 12 * 29);
}

#[test]
fn the_past_is_played_beside_simple_methods() {
    let home = tempfile::tempdir().unwrap();
    let panel = fixture();
    let text = done(&stockdeck(
        home.path(),
        &["evaluate", "--panel", panel.to_str().unwrap(), "--format", "csv"],
    ));
    let all: Vec<&str> = text.lines().filter(|line| line.starts_with("all,")).collect();
    let methods: Vec<&str> = all.iter().filter_map(|line| line.split(',').nth(1)).collect();
    let simple = ["seasonal naive", "recent quantiles", "Croston", "SBA", "TSB", "ETS"];
    assert_eq!(methods[0], "network");
    assert_eq!(methods[1..], simple);
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let column = |row: usize, name: &str| -> f64 {
        let place = header.iter().position(|title| *title == name).unwrap();
        all[row].split(',').nth(place).unwrap().parse().unwrap()
    };
    assert!(column(0, "WQL") < column(1, "WQL"), "the network beats the last week again");
    assert!((column(0, "value added") - 1.0 + column(0, "WQL") / column(1, "WQL")).abs() < 1e-3);
    for (low, middle, high) in [
        ("WQL low", "WQL", "WQL high"),
        ("TQL low", "TQL", "TQL high"),
        ("added low", "value added", "added high"),
    ] {
        assert!((column(0, low)..=column(0, high)).contains(&column(0, middle)), "{middle}");
    }
    // Whoever sees these methods by class sees one series in one class at most.
    let series = |demand: &str| -> usize {
        let row = text.lines().find(|line| line.starts_with(&format!("{demand},network,")));
        row.map_or(0, |row| row.split(',').nth(2).unwrap().parse().unwrap())
    };
    let classes = ["smooth", "erratic", "intermittent", "lumpy"].map(series);
    assert_eq!(classes.iter().sum::<usize>(), series("all"));
    let short = done(&stockdeck(
        home.path(),
        &["evaluate", "--panel", panel.to_str().unwrap(), "--format", "csv", "--no-ets"],
    ));
    assert!(!short.contains(",ETS,"), "{short}");
}

#[test]
fn a_new_item_is_held_against_its_category() {
    let home = tempfile::tempdir().unwrap();
    let mut panel = String::from("series_id,date,qty\n");
    let mut items = String::from("series_id,description,category\n");
    let first = jiff::civil::date(2023, 1, 2);
    for (category, level) in [("lantern", 3), ("ring", 20)] {
        for number in 0..8 {
            items += &format!("{category}{number},Garden {category} {number},{category}\n");
            // The last one of each is launched three weeks before the origin.
            let from = if number == 7 { 332 - 21 } else { 0 };
            for day in from..360 {
                let date = first + jiff::Span::new().days(day);
                let units = level + (day * 7 + number * 3) % 3;
                panel += &format!("{category}{number},{date},{units}\n");
            }
        }
    }
    std::fs::write(home.path().join("panel.csv"), panel).unwrap();
    std::fs::write(home.path().join("items.csv"), items).unwrap();
    let origin = (first + jiff::Span::new().days(331)).to_string();
    let text = done(&stockdeck(
        home.path(),
        &[
            "evaluate",
            "--panel",
            "panel.csv",
            "--items",
            "items.csv",
            "--origins",
            &origin,
            "--format",
            "csv",
        ],
    ));
    let tql = |method: &str| -> f64 {
        let header = text.lines().next().unwrap();
        let place = header.split(',').position(|title| title == "TQL").unwrap();
        let row = text.lines().find(|line| line.starts_with(&format!("new,{method},"))).unwrap();
        assert_eq!(row.split(',').nth(2), Some("2"), "both launches: {row}");
        row.split(',').nth(place).unwrap().parse().unwrap()
    };
    assert!(tql("category mean") < 0.2, "launches that sell as their category does: {text}");
    assert!(tql("network") < 0.25, "{text}");
    assert!(!text.contains("all,category mean"), "of settled items it tells nothing");
    let apart = |row: &str| -> String {
        let row = text.lines().find(|line| line.starts_with(row)).unwrap();
        row.rsplit(',').nth(2).unwrap().to_owned()
    };
    let told: f64 = apart("new,network,").parse().unwrap();
    assert!((told - tql("network") + tql("category mean")).abs() < 2e-4, "{told}");
    assert_eq!(apart("all,network,"), "", "only new items are held against their category");
}

#[test]
fn a_demo_is_not_made_out_of_a_mistyped_folder() {
    let home = tempfile::tempdir().unwrap();
    refused(
        &stockdeck(home.path(), &["forecast", "--demo", "--data-dir", "typo"]),
        2,
        &["typo", "holds no store yet"],
    );
    assert!(!home.path().join("typo").exists());
}

#[test]
fn versions_are_listed_and_unknown_ones_refused() {
    let home = tempfile::tempdir().unwrap();
    let listed =
        done(&stockdeck(home.path(), &["models", "list", "--format", "csv", "--data-dir", "d"]));
    assert!(listed.lines().nth(1).unwrap().starts_with("shipped,"), "{listed}");
    refused(
        &stockdeck(home.path(), &["models", "use", "v0009", "--data-dir", "d"]),
        1,
        &["v0009", "no such model", "shipped"],
    );
    let shown = done(&stockdeck(home.path(), &["models", "show", "shipped", "--data-dir", "d"]));
    assert!(shown.contains("seen until 2011-05-31"), "{shown}");
}

#[test]
fn bad_input_is_one_sentence_with_the_place() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
    let forecast = |args: &[&str]| {
        let mut all = vec!["forecast", "--panel"];
        all.extend(args);
        stockdeck(home.path(), &all)
    };
    refused(&forecast(&["absent.csv"]), 2, &["absent.csv"]);
    file("columns.csv", "sku,date,qty\na,2024-01-01,1\n");
    refused(&forecast(&["columns.csv"]), 2, &["columns.csv, line 1", "series_id", "sku"]);
    file("number.csv", "series_id,date,qty\na,2024-01-01,1\na,2024-01-02,many\n");
    refused(&forecast(&["number.csv"]), 2, &["number.csv, line 3", "many"]);
    file("negative.csv", "series_id,date,qty\na,2024-01-01,-2\n");
    refused(&forecast(&["negative.csv"]), 2, &["negative.csv, line 2", "below 0"]);
    file("date.csv", "series_id,date,qty\na,01/02/2024,2\n");
    refused(&forecast(&["date.csv"]), 2, &["date.csv, line 2", "YYYY-MM-DD"]);
    file("empty.csv", "series_id,date,qty\n");
    refused(&forecast(&["empty.csv"]), 2, &["empty.csv", "no row"]);
    file("good.csv", "series_id,date,qty\na,2024-01-01,1\na,2024-01-09,2\n");
    refused(&forecast(&["good.csv", "--origins", "2025-01-01"]), 2, &["2025-01-01", "2024-01-09"]);
    refused(&forecast(&["good.csv", "--model", "nothing-like-it"]), 1, &["nothing-like-it"]);
    std::fs::create_dir(home.path().join("broken")).unwrap();
    file("broken/model.safetensors", "not weights");
    refused(&forecast(&["good.csv", "--model", "broken"]), 1, &["model.safetensors", "header"]);
    let args = ["train", "finetune", "--panel", "good.csv", "--out", "out"];
    refused(&stockdeck(home.path(), &args), 1, &["9 steps"]);
    // Where the new model could not be kept is told before anything else, and no store is made up.
    let args = ["train", "finetune", "--panel", "good.csv"];
    refused(&stockdeck(home.path(), &args), 2, &["no store", "--out"]);
    let args = ["train", "finetune", "--panel", "good.csv", "--out", "good.csv"];
    refused(&stockdeck(home.path(), &args), 1, &["good.csv"]);
}

/// A store in which ten SKUs sell every other day up to this minute; OUT was sold out a month ago, as is
/// known, and NEW has sold for two days.
fn store_up_to_now() -> Home {
    let home = Home::new("[store]\nzone = \"UTC\"\n");
    let now = jiff::Timestamp::now();
    let before = |days: i64| {
        let at = now - jiff::SignedDuration::from_hours(24 * days);
        at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    let mut orders = String::from("order_id,placed_at,sku,qty,price,currency,status\n");
    let mut sold = |sku: &str, qty: i64, days: i64| {
        let at = before(days);
        orders.push_str(&format!("{sku}/{days},{at},{sku},{qty},2.50,GBP,completed\n"));
    };
    for sku in 0..10 {
        (1..150).filter(|day| (sku + day) % 2 == 0).for_each(|day| {
            sold(&format!("SKU-{sku}"), 1 + sku, day);
        });
    }
    (30..150).for_each(|day| sold("OUT", 4, day));
    (1..3).for_each(|day| sold("NEW", 3, day));
    // A part of a day, and not a day on which little else is sold.
    sold("SKU-7", 900, 0);
    let mut items = String::from("sku,name\n");
    (0..10).for_each(|sku| items.push_str(&format!("SKU-{sku},garden lantern {sku}\n")));
    items.push_str("NEW,blue garden lantern\n");
    let stock = format!("sku,on_hand,as_of\nOUT,0,{}\nSKU-3,40,{}\n", before(29), before(1));
    for (preset, text) in [("orders", orders), ("items", items), ("stock", stock)] {
        let file = home.write(preset, &text);
        home.run(&["import", file.to_str().unwrap(), "--preset", preset]);
    }
    home
}

/// What the forecast screen shows, once all of it is made.
fn on_screen(home: &Home, count: usize) -> Vec<ForecastRow> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let page = || PageOf { limit: 100, ..PageOf::default() };
    let ask = async || {
        let mut client = Client::attach(&home.data_dir, What::Script).await.ok()?;
        match client.ask(Query::Forecasts(page())).await.ok()? {
            Answer::Forecasts(rows) => Some(rows.rows),
            other => panic!("{other:?}"),
        }
    };
    wait_for("all forecasts", || {
        let rows = runtime.block_on(ask())?;
        (rows.len() == count && rows.iter().all(|row| !row.old)).then_some(rows)
    })
}

#[test]
fn a_store_is_forecast_by_the_command_as_on_the_screen() {
    let home = store_up_to_now();
    let owner = home.serving(&[]);
    let shown = on_screen(&home, 12);
    let (from, to) = (shown[0].first.plus(2).to_string(), shown[0].first.plus(8).to_string());
    let set = ["override", "set", "SKU-3", "+100%", "--from", &from, "--to", &to];
    home.run(&[&set[..], &["--reason", "fair"]].concat());

    // It is asked again at midnight.
    let (shown, told) = wait_for("both to be of one day", || {
        let shown = on_screen(&home, 12);
        let told = rows(&home.run(&["forecast", "--levels", "0.5,0.9"]));
        let origin = shown[0].first.plus(-1).to_string();
        told.iter().all(|row| row.1 == origin).then_some((shown, told))
    });
    let totals: Vec<_> = told.iter().filter(|row| row.2 == 0).collect();
    assert_eq!((totals.len(), told.len()), (12, 12 * 29));
    for row in &shown {
        let total = totals.iter().find(|total| total.0 == row.stock.sku.as_str()).unwrap();
        let screen = [28.0 * row.daily, row.median, row.high].map(f64::from);
        for (told, shown) in total.3.iter().zip(screen) {
            let apart = (told - shown).abs();
            assert!(apart <= 0.002 * shown + 0.01, "{}: {:?} and {screen:?}", total.0, total.3);
        }
    }
    let changed = shown.iter().find(|row| row.overridden.is_some()).unwrap();
    let own = rows(&home.run(&["forecast", "--levels", "0.5", "--without-overrides"]));
    let own = own.iter().find(|row| row.2 == 0 && row.0 == "SKU-3").unwrap();
    let by_model = f64::from(changed.overridden.as_ref().unwrap().own.median);
    assert!((own.3[1] - by_model).abs() <= 0.002 * by_model, "{own:?}, {by_model}");
    assert!(by_model < 0.95 * f64::from(changed.median));
    drop(owner);
}
