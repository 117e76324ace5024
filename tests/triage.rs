//! A night at the keyboard: from a flag to a hold that arrives at the demo store, and back.

mod process;

use jiff::{Timestamp, ToSpan};
use process::{Home, wait_for, wait_within};
use serde_json::Value;
use std::time::Duration;

/// A case of one order that the demo's shop can still stop, and that order.
fn stoppable(home: &Home) -> Option<(String, String)> {
    let cases = home.json(&["flags", "list", "--filter", "kind:order"]);
    cases.as_array().unwrap().iter().find_map(|row| {
        let case = row["case"].as_str()?;
        let shown = home.json(&["flags", "show", case]);
        let orders = shown["orders"].as_array()?;
        let order =
            orders.first().filter(|order| orders.len() == 1 && order["status"] == "open")?;
        Some((case.to_owned(), order["order"].as_str()?.to_owned()))
    })
}

/// What the shop's own feed tells of an order.
fn status(home: &Home, order: &str) -> Value {
    let rows = home.json(&["orders", "--filter", &format!("order:{order}")]);
    rows[0]["status"].clone()
}

/// Two months of ordinary orders, and one of an hour ago for a hundred times what anybody takes.
fn orders() -> String {
    let mut text = "order_id,placed_at,sku,qty,price,currency,customer,status\n".to_owned();
    let now = Timestamp::now();
    let mut row = |id: &str, at: Timestamp, sku: usize, units: usize, customer: usize| {
        text.push_str(&format!("{id},{at},SKU-{sku},{units},4.50,GBP,c{customer},new\n"));
    };
    for n in 0..900_usize {
        let at = now - (24 * 60 + (n as i64) * 96).minutes();
        let customer = n % 30;
        row(&format!("N{n}"), at, customer % 20, [2, 3, 4, 6][customer % 4], customer);
        row(&format!("N{n}"), at, (customer + 7) % 20, [2, 3, 4, 6][customer % 4], customer);
    }
    row("BAD", now - 60.minutes(), 3, 900, 3);
    text
}

/// What is told of the order of a case, by the command.
fn told(home: &Home, case: &str) -> Value {
    home.json(&["flags", "show", case])["orders"][0].clone()
}

#[test]
fn a_flag_is_held_and_let_go_at_the_keyboard() {
    let home = Home::new("");
    let file = home.write("orders.csv", &orders());
    home.run(&["import", file.to_str().unwrap(), "--preset", "orders"]);
    let case = wait_for("a case", || {
        let found = home.json(&["flags", "list", "--filter", "BAD"]);
        Some(found.as_array()?.first()?["case"].as_str()?.to_owned())
    });
    let mut console = home.console(&[]);
    console.shows("Overview");
    console.press("0");
    console.shows(&case);
    console.shows("WHY");
    console.press("h");
    console.shows(&format!("of case {case}"));
    assert!(told(&home, &case)["told"].is_null(), "nothing is told before it is confirmed");
    console.press("\r");
    wait_for("the hold", || {
        told(&home, &case)["told"].as_str()?.contains("[[target]]").then_some(())
    });
    console.press("u");
    console.shows("Undo entry");
    console.press("\r");
    wait_for("the case to wait again", || {
        let waits = home.json(&["flags", "list", "--filter", "BAD"]);
        (waits.as_array()?.len() == 1).then_some(())
    });
    home.run(&["audit", "verify"]);
}

/// `.ci/long` runs it with `STOCKDECK_TRIAGE=1`: a demo of 18 months is read first.
#[test]
fn a_flag_becomes_a_hold_at_the_demo_store_and_undo_takes_it_back() {
    if std::env::var_os("STOCKDECK_TRIAGE").is_none() {
        println!("skipped: STOCKDECK_TRIAGE=1 reads a whole demo for it");
        return;
    }
    let home = Home::new("");
    let _owner = home.serving(&["--demo", "--demo-start", "2026-03-02T09:00:00Z"]);
    let long = Duration::from_secs(900);
    let (case, order) = wait_within(long, "a case that can be stopped", || stoppable(&home));
    let mut console = home.console(&[]);
    console.shows("Overview");
    console.press("0");
    console.shows(&case);
    console.press(&format!("/{case}\r"));
    console.shows("WHY");
    console.press("h");
    console.shows(&format!("of case {case}"));
    assert_eq!(status(&home, &order), "open", "nothing is told before it is confirmed");
    console.press("\r");
    wait_for("the demo store to hold it", || (status(&home, &order) == "held").then_some(()));
    console.press("u");
    console.shows("Undo entry");
    console.press("\r");
    wait_for("the demo store to let it go", || (status(&home, &order) == "open").then_some(()));
    console.shows(&case);
    home.run(&["audit", "verify"]);
}

#[test]
fn a_terminal_is_rung_and_asked_for_a_notice_and_the_command_says_so() {
    let home = Home::new("[[notify]]\nname = \"desk\"\nkind = \"console\"\ndesktop = \"osc9\"\n");
    let items = home.write("items.csv", "sku,name\nA,Thing\n");
    home.run(&["import", items.to_str().unwrap(), "--preset", "items"]);
    let console = home.console(&[]);
    console.shows("Overview");
    let told = home.json(&["notify", "test"]);
    assert_eq!(told[0]["sent"], true, "{told}");
    let said = told[0]["what"].as_str().unwrap();
    assert!(said.ends_with("bell and desktop notice (OSC 9)"), "{said}");
    console.was_sent(b"\x1b]9;stockdeck: this is a test: cases would be told here\x07\x07");
    console.shows("this is a test");
}
