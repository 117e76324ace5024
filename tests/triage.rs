//! A night at the keyboard: from a flag to a hold that arrives at the demo store, and back.

mod process;

use process::{Console, Home, wait_for};
use serde_json::Value;

/// The case under the cursor, by the pane below the queue.
fn selected(console: &Console) -> Option<String> {
    let text = console.text();
    let line = text.lines().find(|line| line.contains('▸'))?;
    line.split_whitespace().find(|word| word.starts_with('O')).map(str::to_owned)
}

/// Orders that the store holds, by what its feed tells of them.
fn held(home: &Home) -> Vec<String> {
    let orders = home.json(&["orders", "--filter", "status:held"]);
    let number = |order: &Value| order["order"].as_str().unwrap_or_default().to_owned();
    orders.as_array().unwrap().iter().map(number).collect()
}

#[test]
fn a_flag_becomes_a_hold_at_the_demo_store_and_undo_takes_it_back() {
    let home = Home::new("");
    let mut console = home.console(&["--demo"]);
    console.shows("Overview");
    console.press("0");
    console.press("/kind:order\r");
    let case = wait_for("a case of orders", || selected(&console));
    let before = held(&home);
    console.press("h");
    console.shows(&format!("of case {case}"));
    console.press("\r");
    let stopped = wait_for("an order that the demo store holds", || {
        let now = held(&home);
        let new: Vec<String> = now.into_iter().filter(|one| !before.contains(one)).collect();
        (!new.is_empty()).then_some(new)
    });
    console.press("u");
    console.shows("Undo");
    console.press("\r");
    wait_for("the store to let them go", || {
        let now = held(&home);
        stopped.iter().all(|one| !now.contains(one)).then_some(())
    });
}

#[test]
fn a_terminal_is_rung_and_asked_for_a_notice_and_the_command_says_so() {
    let home = Home::new(
        "[[notify]]\nname = \"desk\"\nkind = \"console\"\ndesktop = \"osc9\"\n",
    );
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
