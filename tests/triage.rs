//! A night at the keyboard: from a flag to a hold that arrives at the demo store, and back.

mod process;

use process::{Home, wait_for};
use serde_json::Value;

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

#[test]
fn a_flag_becomes_a_hold_at_the_demo_store_and_undo_takes_it_back() {
    let home = Home::new("");
    let _owner = home.serving(&["--demo", "--demo-start", "2026-03-02T09:00:00Z"]);
    let (case, order) = wait_for("a case whose order can be stopped", || stoppable(&home));
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
