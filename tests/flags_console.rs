//! Cases of a running store on the command line: from a flag to a decision, its undo, and what the next
//! shift is told.

mod process;

use jiff::{Timestamp, ToSpan};
use process::{Home, wait_for};
use serde_json::Value;

/// Two months of ordinary orders, and one of an hour ago for a hundred times what anybody takes.
fn orders() -> String {
    let mut text = "order_id,placed_at,sku,qty,price,currency,customer,status\n".to_owned();
    let now = Timestamp::now();
    let mut row = |id: &str, at: Timestamp, sku: usize, units: i64, customer: usize| {
        text.push_str(&format!("{id},{at},SKU-{sku},{units},4.50,GBP,c{customer},new\n"));
    };
    for n in 0..900_usize {
        let at = now - (24 * 60 + (n as i64) * 96).minutes();
        let customer = n % 30;
        for k in 0..2 {
            row(
                &format!("N{n}"),
                at,
                (customer + 7 * k) % 20,
                [2, 3, 4, 6][customer % 4],
                customer,
            );
        }
    }
    row("BAD", now - 60.minutes(), 3, 900, 3);
    text
}

fn cases(home: &Home, more: &[&str]) -> Vec<Value> {
    home.json(&[&["flags", "list"], more].concat()).as_array().unwrap().clone()
}

/// A store with a case.
fn flagged() -> (Home, String) {
    let home = Home::new("");
    let file = home.write("orders.csv", &orders());
    home.run(&["import", file.to_str().unwrap(), "--preset", "orders"]);
    let case = wait_for("a case", || {
        let found = cases(&home, &["--filter", "BAD"]);
        found.first().map(|case| case["case"].as_str().unwrap().to_owned())
    });
    (home, case)
}

#[test]
fn a_case_is_shown_decided_undone_and_handed_over() {
    let (home, case) = flagged();
    let shown = home.json(&["flags", "show", &case]);
    assert_eq!(shown["orders"][0]["order"], "BAD");
    assert!(shown["reasons"][0]["reason"].as_str().unwrap().contains("900"), "{shown}");

    let held = home.run(&["flags", "hold", &case]);
    assert!(held.contains(&format!("hold case {case}, order orders/BAD")), "{held}");
    assert!(cases(&home, &["--filter", "BAD"]).is_empty(), "nobody has to look at it any more");
    let shown = home.json(&["flags", "show", &case]);
    let told = shown["orders"][0]["told"].as_str().unwrap();
    assert!(told.contains("no target tells shop orders; add a [[target]]"), "{told}");
    let undone = home.run(&["undo"]);
    assert!(undone.contains("take back"), "{undone}");
    assert_eq!(cases(&home, &["--filter", "BAD"]).len(), 1);

    home.run(&["flags", "assign", &case]);
    home.run(&["flags", "note", &case, "they never answer the phone"]);
    home.run(&["flags", "hand-over", &case, "try again after nine"]);
    let handover = home.json(&["handover", "--since", "2h"]);
    assert_eq!(handover["open"][0]["case"], case.as_str());
    let decided = handover["decided"].as_array().unwrap();
    let verbs: Vec<&str> = decided.iter().map(|one| one["decision"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["hold", "assign", "note", "hand over"]);
    assert_eq!(decided[0]["taken_back"], true);
    assert_eq!(handover["by"][0]["decisions"], 3);
    assert_eq!(decided[3]["words"], "try again after nine");
    home.run(&["flags", "rules", "--off", "quantity"]);
    let rules = home.json(&["handover", "--since", "2h"])["rules"].clone();
    assert_eq!(rules[0]["decision"], "rule off quantity");
    home.run(&["undo"]);
    for (wrong, why) in [
        (&["handover", "--since", "2090-01-01"][..], "lies ahead"),
        (&["flags", "assign", &case, "nobodyxyz"], "There is no user nobodyxyz"),
        (&["flags", "backtest-rule", "quantity", "--weeks", "0"], "0 is not in"),
    ] {
        let refused = home.output(wrong);
        assert!(!refused.status.success(), "{wrong:?}");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains(why), "{said}");
    }

    home.run(&["flags", "snooze", &case, "--until", "8h"]);
    assert!(cases(&home, &[]).is_empty());
    let all = cases(&home, &["--all", "--filter", "is:snoozed"]);
    assert_eq!(all[0]["case"], case.as_str());
    home.run(&["flags", "confirm", &case]);
    assert_eq!(cases(&home, &["--all", "--filter", "BAD"])[0]["state"], "decided");
}

#[test]
fn rules_are_tested_on_the_past_switched_and_muted() {
    let (home, case) = flagged();
    let tested = home.json(&["flags", "backtest-rule", "quantity", "--weeks", "3"]);
    assert!(tested[0]["latest"].as_str().unwrap().contains("orders/BAD"), "{tested}");
    home.run(&["flags", "rules", "--off", "quantity"]);
    let rules = home.json(&["flags", "rules"]);
    let rule = rules.as_array().unwrap().iter().find(|rule| rule["rule"] == "quantity").unwrap();
    assert_eq!(rule["on"], false);
    home.run(&["undo"]);

    let shown = home.json(&["flags", "show", &case]);
    for reason in shown["reasons"].as_array().unwrap() {
        let rule = reason["rule"].as_str().unwrap();
        let mute = ["flags", "mute", rule, "--everything", "--until", "2d", "--reason", "a sale"];
        home.run(&mute);
    }
    assert!(cases(&home, &[]).is_empty());
    let mutes = home.json(&["flags", "mute", "--list"]);
    let entry = mutes[0]["entry"].to_string();
    for mute in mutes.as_array().unwrap() {
        home.run(&["flags", "mute", "--end", &mute["entry"].to_string()]);
    }
    assert_eq!(cases(&home, &["--filter", "BAD"]).len(), 1);
    let refused = home.output(&["flags", "mute", "--end", &entry]);
    assert_eq!(refused.status.code(), Some(2));
    let learning = home.json(&["flags", "learning"]);
    assert_eq!(learning["scoring"], "rules");
    for (wrong, mend) in [
        (vec!["flags", "show", "17"], "write it like O1042"),
        (vec!["flags", "hold", "O999999"], "`stockdeck flags list --all` shows them"),
        (vec!["flags", "rules", "--off", "quantit"], "did you mean quantity?"),
        (vec!["flags", "snooze", &case, "--until", "soon"], "is no time; write 8h"),
        (vec!["flags"], "--input"),
    ] {
        let output = home.output(&wrong);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(mend), "{wrong:?}: {said}");
    }
}
