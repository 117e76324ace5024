//! `stockdeck coordinate` as an analyst runs it: proposals by their keys, and what will be ordered as a file.

mod process;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use process::{Home, wait_for};

/// A shop of two sites that sell five of one thing a day: LEEDS is nearly out, YORK has 2,000.
fn shop() -> Home {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let mut orders = "order_id,placed_at,sku,qty,price,currency,status,site\n".to_owned();
    for (site, ago) in
        ["LEEDS", "YORK"].into_iter().flat_map(|site| (1..=60).map(move |n| (site, n)))
    {
        let day = today.saturating_sub(i64::from(ago).days());
        orders.push_str(&format!("{site}-{ago},{day}T09:00:00Z,MUG,5,6.00,GBP,shipped,{site}\n"));
    }
    let stock = format!(
        "sku,site,on_hand,as_of\nMUG,LEEDS,6,{today}T00:00:00Z\nMUG,YORK,2000,{today}T00:00:00Z\n"
    );
    let home = Home::new("");
    for (preset, text) in [
        ("items", "sku,name,unit_cost,currency,pack,supplier\nMUG,Mug,2.50,GBP,6,ACME\n"),
        ("suppliers", "supplier,name,lead_time_days\nACME,Acme Ltd,7\n"),
        ("orders", &orders),
        ("stock", &stock),
    ] {
        let file = home.write(&format!("{preset}.csv"), text);
        home.run(&["import", file.to_str().unwrap(), "--preset", preset]);
    }
    home
}

#[test]
fn proposals_are_listed_accepted_and_turned_down_by_their_keys() {
    let home = shop();
    let _owner = home.serve(&[]);
    let list = || home.json(&["coordinate", "list"]);
    let row = wait_for("a transfer", || list().as_array()?.first().cloned());
    assert_eq!((row["kind"].as_str(), row["state"].as_str()), (Some("transfer"), Some("proposed")));
    let key = row["key"].as_str().unwrap();
    assert_eq!(key, "YORK>LEEDS:MUG");
    assert!(row["why"].as_str().unwrap().contains("YORK has 2000 and keeps"), "{row}");

    let told = home.run(&["coordinate", "reject", key, "--reason", "no van today"]);
    assert!(told.contains("turn down transfer"), "{told}");
    assert_eq!(list()[0]["state"], "quiet");
    home.run(&["undo"]);
    let told = home.run(&["coordinate", "accept", key]);
    assert!(told.contains("send transfer") && told.contains("YORK → LEEDS"), "{told}");
    assert_eq!(list()[0]["state"], "accepted");

    for (args, words) in [
        (vec!["coordinate", "accept", "YORK>MARS:MUG"], "nothing is proposed under it now"),
        (vec!["coordinate", "snooze", key, "--until", "soon"], "not a date"),
        (vec!["coordinate", "list", "--filter", "kind:teleport"], "kind"),
        (vec!["coordinate", "expected", "--supplier", "A\"B"], "no supplier can be called"),
    ] {
        let output = home.output(&args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(words), "{args:?}: {said}");
    }
}

#[test]
fn what_will_be_ordered_is_a_file_for_the_supplier() {
    let home = shop();
    let _owner = home.serve(&[]);
    let args = ["coordinate", "expected", "--supplier", "ACME"];
    // As long as forecasts are being made it is another one.
    let csv = wait_for("expected orders", || {
        let once = || home.run(&[&args[..], &["--format", "csv"]].concat());
        let (csv, again) = (once(), once());
        (csv.lines().count() > 5 && csv == again).then_some(csv)
    });
    let head = "supplier,supplier_name,sku,name,week,expected,low,high,value,value_low,value_high,currency";
    assert_eq!(csv.lines().next(), Some(head));
    assert!(csv.lines().skip(1).all(|line| line.starts_with("ACME,Acme Ltd,MUG,Mug,")), "{csv}");
    let json = home.json(&args);
    assert_eq!(json.as_array().unwrap().len(), csv.lines().count() - 1);
    for week in json.as_array().unwrap() {
        let [low, high] = ["low", "high"].map(|field| week[field].as_f64().unwrap());
        assert!(low <= high && week["currency"] == "GBP", "{week}");
    }
    let totals = home.run(&["coordinate", "expected", "--totals"]);
    assert!(totals.contains("ACME") && totals.lines().count() > 10, "{totals}");
    let nobody = home.run(&["coordinate", "expected", "--supplier", "NOBODY", "--format", "csv"]);
    assert_eq!(nobody.lines().count(), 1);
}
