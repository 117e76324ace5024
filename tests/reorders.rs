//! A buyer's morning at the keyboard: twelve proposals are ordered, two of them in another quantity.

mod process;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use process::{Console, Home, wait_for};
use serde_json::Value;

/// SKUs that run short.
const SKUS: usize = 16;
/// Keys that somebody presses in a second who looks at the screen, and seconds to look at a line.
const KEYS_A_SECOND: f64 = 3.0;
const LOOK: f64 = 3.0;

/// A shop whose every SKU sold eight a day until yesterday and is nearly out, and whose suppliers take
/// no order below so many pounds.
fn shop(least: &str) -> Home {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let day = |ago: i64| today.saturating_sub(ago.days());
    let (mut items, mut stock, mut orders) = (
        "sku,name,unit_cost,currency,pack,supplier\n".to_owned(),
        "sku,on_hand,as_of\n".to_owned(),
        "order_id,placed_at,sku,qty,price,currency,status\n".to_owned(),
    );
    for n in 0..SKUS {
        items.push_str(&format!("SKU-{n},Thing {n},2.50,GBP,6,S{}\n", n % 2));
        stock.push_str(&format!("SKU-{n},{},{}T00:00:00Z\n", 3 + n, day(0)));
        for ago in 1..=60 {
            let at = day(ago);
            orders.push_str(&format!("N{n}-{ago},{at}T09:{n:02}:00Z,SKU-{n},8,6.00,GBP,shipped\n"));
        }
    }
    let home = Home::new("");
    let suppliers = format!(
        "supplier,name,lead_time_days,min_order_value,currency\nS0,Zero,7,{least},GBP\nS1,One,7,{least},GBP\n"
    );
    let files = [
        ("items", items.as_str()),
        ("suppliers", &suppliers),
        ("orders", &orders),
        ("stock", &stock),
    ];
    for (preset, text) in files {
        let file = home.write(&format!("{preset}.csv"), text);
        home.run(&["import", file.to_str().unwrap(), "--preset", preset]);
    }
    home
}

/// A console, how many keys were pressed, and how many lines were approved by them.
struct Desk {
    console: Console,
    keys: usize,
    approved: usize,
}

impl Desk {
    fn press(&mut self, keys: &str) {
        self.keys += keys.chars().count();
        self.console.press(keys);
    }

    /// Presses Enter and waits until the list shows one more line that is approved.
    fn records(&mut self) {
        self.press("\r");
        self.approved += 1;
        let approved = || self.console.text().matches("approved by").count();
        wait_for("an approved line", || (approved() == self.approved).then_some(()));
    }

    /// Approves the line under the cursor as it is proposed.
    fn approve(&mut self) {
        self.press("a");
        self.console.shows("Enter does it");
        self.records();
    }

    /// Orders another quantity of the line under the cursor; which SKU it is.
    fn order(&mut self, units: &str) -> String {
        self.press("e");
        self.console.shows("Enter shows what will be recorded");
        let text = self.console.text();
        let (_, title) = text.split_once("── Order ").unwrap();
        let sku = title.split(' ').next().unwrap().to_owned();
        // Ctrl-U empties the field.
        self.press("\x15");
        self.press(units);
        self.press("\r");
        self.console.shows("Enter records");
        self.records();
        sku
    }
}

#[test]
fn twelve_orders_two_of_them_changed_are_decided_in_a_minute_by_keys() {
    let home = shop("");
    let mut desk = Desk { console: home.console(&[]), keys: 0, approved: 0 };
    desk.console.shows("Overview");
    let proposed = || home.json(&["reorders", "--filter", "is:proposed"]).as_array().unwrap().len();
    wait_for("proposals of all SKUs", || (proposed() == SKUS).then_some(()));
    desk.press("8");
    desk.console.shows(&format!("1–{SKUS} of {SKUS}"));
    let mut edited: Vec<String> = (0..12)
        .filter_map(|n| match n {
            3 | 8 => Some(desk.order("240")),
            _ => {
                desk.approve();
                None
            }
        })
        .collect();
    let seconds = desk.keys as f64 / KEYS_A_SECOND + 12.0 * LOOK;
    println!("{} keys, {seconds:.0} s with {LOOK} s to look at each line", desk.keys);
    assert!(seconds < 60.0, "{} keys", desk.keys);
    assert_eq!(proposed(), SKUS - 12);
    let lines = home.json(&["reorders", "--filter", "is:approved"]);
    let lines = lines.as_array().unwrap();
    assert_eq!(lines.len(), 12);
    let is_changed = |line: &&Value| {
        line["note"].as_str().is_some_and(|note| note.contains("ordered 240, proposed were "))
    };
    let sku = |line: &Value| line["sku"].as_str().unwrap().to_owned();
    let mut changed: Vec<String> = lines.iter().filter(is_changed).map(sku).collect();
    changed.sort();
    edited.sort();
    assert_eq!(changed, edited);
}

#[test]
fn a_command_approves_what_it_has_seen_or_nothing() {
    let home = shop("");
    let proposed = || {
        let rows = home.json(&["reorders", "--filter", "is:proposed sku:\"SKU-3\""]);
        rows.as_array().unwrap().first().cloned()
    };
    let row = wait_for("a proposal of SKU-3", proposed);
    let units = row["qty"].as_i64().unwrap();
    let refused = home.output(&["approve", "SKU-3", "--expect", "1", "--format", "json"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains(&format!("{units} are proposed of SKU-3 for main, not 1;")), "{said}");
    let refused = home.output(&["approve", "NONE", "--expect", "5"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("nothing is proposed of NONE, not 5;"), "{said}");
    let slip = (10 * units).to_string();
    let refused = home.output(&["approve", "SKU-3", "--qty", &slip]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains(&format!("where {units} are proposed; say that it is meant")), "{said}");
    let told = home.json(&["approve", "SKU-3", "--expect", &units.to_string()])[0].clone();
    let entry = home.json(&["journal"])[0].clone();
    assert_eq!((&told["entry"], &told["decision"]), (&entry["seq"], &"approve".into()));
    assert_eq!((&told["sku"], &told["qty"]), (&"SKU-3".into(), &row["qty"]));
    let saw = entry["saw"].as_str().unwrap();
    let due = row["due"].as_str().unwrap();
    for words in [
        format!("order {units} from S1, "),
        format!("comes {due}, short without it"),
        " GBP,".into(),
    ] {
        assert!(saw.contains(&words), "{saw}");
    }
    let lines = home.json(&["reorders", "--filter", "is:approved"]);
    assert_eq!(lines.as_array().unwrap().len(), 1);
}

#[test]
fn a_command_that_approves_a_line_of_too_small_an_order_says_so() {
    let home = shop("100000000");
    let waits = || {
        let rows = home.json(&["reorders", "--filter", "is:waits sku:\"SKU-3\""]);
        rows.as_array().unwrap().first().cloned()
    };
    wait_for("a line that waits", waits);
    let below = |args: &[&str]| {
        // As on the screen, it is said before it is approved.
        let asked = home.output(args);
        let said = String::from_utf8_lossy(&asked.stderr).into_owned();
        assert_eq!(asked.status.code(), Some(2), "{said}");
        assert!(
            said.contains("would be ") && said.contains("below the supplier's minimum"),
            "{said}"
        );
        let expect = said.rsplit_once("`--expect ").unwrap().1.trim().trim_end_matches('`');
        let approved = home.output(&[args, &["--expect", expect]].concat());
        let said = String::from_utf8_lossy(&approved.stderr).into_owned();
        assert!(approved.status.success(), "{said}");
        let wanted = "With it, the order to S1 for main is ";
        assert!(said.contains(wanted) && said.contains("below the supplier's minimum"), "{said}");
        let order = home.json(&["po", "list"])[0].clone();
        assert_eq!(order["currency"], "GBP");
        let approved = order["total"].as_f64().unwrap();
        let missing = format!("{:.2} GBP below", 100_000_000.0 - approved);
        assert!(said.contains(&missing), "{said}");
    };
    below(&["approve", "SKU-3"]);
    let saw = home.json(&["journal"])[0]["saw"].as_str().unwrap().to_owned();
    assert!(saw.ends_with("below the supplier's minimum"), "{saw}");
    // What joins an order that is begun says so too, and so does what was written by hand.
    below(&["approve", "SKU-5"]);
    below(&["approve", "SKU-7", "--qty", "6"]);
}

#[test]
fn commands_wait_until_it_is_known_what_is_to_be_ordered_or_say_that_it_is_not() {
    let home = shop("");
    // An owner that has just read its store has forecast nothing yet.
    let _owner = home.serving(&[]);
    let early = home.output(&["approve", "SKU-3", "--wait", "0"]);
    let said = String::from_utf8_lossy(&early.stderr).into_owned();
    if early.status.code() != Some(0) {
        assert_eq!(early.status.code(), Some(3), "{said}");
        assert!(said.contains("what is to be ordered is not known yet"), "{said}");
        let by_hand = home.output(&["approve", "SKU-4", "--qty", "6", "--wait", "0"]);
        let said = String::from_utf8_lossy(&by_hand.stderr).into_owned();
        assert!(
            by_hand.status.success() || said.contains("say that it is meant: `--expect "),
            "{said}"
        );
        home.run(&["approve", "SKU-3"]);
    }
    let rows = home.json(&["reorders"]);
    assert_eq!(rows.as_array().unwrap().len(), SKUS);
    assert!(home.json(&["po", "list"])[0]["due"].is_string());
    let unknown = home.output(&["approve", "NOSUCH"]);
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(said.contains("There is no SKU NOSUCH"), "{said}");
    let put_off = &home.json(&["snooze", "SKU-5", "--until", "3"])[0];
    let in_three = Timestamp::now().to_zoned(TimeZone::UTC).date().saturating_add(3.days());
    assert_eq!(put_off["until"], in_three.to_string());
    let quiet = home.output(&["reject", "SKU-3", "--reason", "no"]);
    assert_eq!(quiet.status.code(), Some(2), "it is approved");
}
