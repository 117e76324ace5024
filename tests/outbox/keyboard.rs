//! The morning's orders from the keyboard: twelve approvals, two of them edited, in under a minute.

use crate::process::{DEADLINE, Home, wait_for};
use serde_json::Value;
use std::time::Instant;

/// SKUs that are to be ordered.
const LINES: usize = 12;
/// Keys a second of somebody who does not type for a living.
const KEYS_A_SECOND: f64 = 3.0;
/// Seconds in which somebody reads a line and makes up their mind.
const READING: f64 = 2.5;
/// The time that it may take, in seconds.
const MINUTE: f64 = 60.0;

/// A shop that has sold of twelve SKUs for four months and has next to nothing left.
fn home() -> Home {
    let home = Home::new("[approvals]\ngrace = \"1h\"\n");
    let (mut items, mut stock) = (
        "sku,name,unit_cost,currency,pack,supplier\n".to_owned(),
        "sku,on_hand,as_of\n".to_owned(),
    );
    let mut orders = "order_id,placed_at,sku,qty,price,currency,customer,status\n".to_owned();
    let now = jiff::Timestamp::now();
    let ago = |hours: i64| now.checked_sub(jiff::SignedDuration::from_hours(hours)).unwrap();
    for n in 0..LINES {
        items.push_str(&format!("K{n:02},Thing {n},2.50,GBP,6,S{}\n", n % 2));
        stock.push_str(&format!("K{n:02},2,{}\n", ago(1)));
        for day in 1..120 {
            let (at, units) = (ago(24 * day), 3 + (n as i64 + day) % 5);
            orders.push_str(&format!("{n}-{day},{at},K{n:02},{units},6.00,GBP,c{day},shipped\n"));
        }
    }
    let suppliers = "supplier,name,lead_time_days\nS0,Zero,7\nS1,One,9\n";
    let files = [
        ("orders", orders.as_str()),
        ("items", &items),
        ("suppliers", suppliers),
        ("stock", &stock),
    ];
    for (preset, text) in files {
        let file = home.write(&format!("{preset}.csv"), text);
        home.run(&["import", file.to_str().unwrap(), "--preset", preset]);
    }
    home
}

/// A person at the keyboard, whose keys are counted.
struct Person {
    console: crate::process::Console,
    keys: usize,
}

impl Person {
    /// Types, a character a key; `\x15` is Ctrl-U.
    fn types(&mut self, keys: &str) {
        self.keys += keys.chars().count();
        self.console.press(keys);
    }
    fn sees(&self, text: &str) {
        self.console.shows(text);
    }
    fn sees_no_more(&self, text: &str) {
        let gone = || (!self.console.text().contains(text)).then_some(());
        wait_for(&format!("{text:?} to be gone"), gone);
    }
    /// Orders another quantity of the selected line.
    fn orders(&mut self, qty: &str) {
        self.types("e");
        self.sees("what if");
        self.types("\x15");
        self.types(qty);
        self.types("\r");
        self.sees(&format!("Order {qty} instead of"));
        self.types("\r");
        self.sees("Approved as entry");
    }
}

#[test]
fn twelve_lines_two_of_them_edited_are_approved_within_a_minute_from_the_keyboard() {
    let home = home();
    let _owner = home.serving(&[]);
    wait_for("twelve proposals", || {
        let rows = home.json(&["reorders", "--filter", "is:proposed"]);
        (rows.as_array()?.len() == LINES).then_some(())
    });
    let console = home.console(&[]);
    let mut person = Person { console, keys: 0 };
    person.sees("to ship");
    let began = Instant::now();
    person.types("8");
    person.sees("of 12");
    person.orders("30");
    // What is done goes out of sight.
    person.types("/!is:approved\r");
    person.sees("of 11");
    person.orders("36");
    person.sees("of 10");
    person.types("gvGa");
    person.sees("Order 10 lines");
    person.types("\r");
    person.sees_no_more("Order 10 lines");
    person.sees("Approved");
    let took = began.elapsed();

    let entries = home.json(&["journal", "--filter", "what:approve"]);
    let decisions: Vec<&str> =
        entries.as_array().unwrap().iter().filter_map(|entry| entry["decision"].as_str()).collect();
    assert_eq!(decisions.len(), LINES, "{decisions:#?}");
    let edited: Vec<&&str> = decisions.iter().filter(|one| one.contains("(proposed: ")).collect();
    let of = |qty: &str| edited.iter().filter(|one| one.starts_with(qty)).count();
    assert_eq!((edited.len(), of("30 × "), of("36 × ")), (2, 1, 1), "{decisions:#?}");
    let saw = |entry: &Value| entry["saw"].as_str().is_some_and(|saw| saw.contains("order "));
    assert!(entries.as_array().unwrap().iter().all(saw), "each with what was seen");
    let rows = home.json(&["reorders", "--filter", "is:approved"]);
    assert_eq!(rows.as_array().unwrap().len(), LINES);

    let needed = person.keys as f64 / KEYS_A_SECOND + LINES as f64 * READING;
    println!(
        "{} keys: {needed:.0} s for a person; the machine took {:.1} s of {} s",
        person.keys,
        took.as_secs_f64(),
        DEADLINE.as_secs()
    );
    assert!(needed < MINUTE, "{} keys take {needed:.0} s with reading", person.keys);
}
