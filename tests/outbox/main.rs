//! Orders reach a supplier's system once in effect, whatever it does and whenever the owner is killed:
//! the real binary against a system on loopback that counts by key.
//!
//! `STOCKDECK_KILLS` says how often the owner is killed (20), `STOCKDECK_KILLS_SEED` draws the same
//! moments again.

mod notify;
#[path = "../process/mod.rs"]
mod process;
mod receiver;

use process::{Home, kill, wait_for};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use receiver::{Fault, Receiver};
use serde_json::Value;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// SKUs that can be ordered.
const SKUS: usize = 60;

/// A store whose approvals become orders at once.
fn home(config: &str) -> Home {
    let home = Home::new(&format!("[approvals]\ngrace = \"0s\"\n{config}"));
    let mut items = "sku,name,unit_cost,currency,pack,supplier\n".to_owned();
    for n in 0..SKUS {
        items.push_str(&format!("SKU-{n},Thing {n},2.50,GBP,1,S{}\n", n % 3));
    }
    let suppliers = "supplier,name,lead_time_days\nS0,Zero,7\nS1,One,7\nS2,Two,7\n";
    let mut stock = "sku,on_hand,as_of\n".to_owned();
    for n in 0..SKUS {
        stock.push_str(&format!("SKU-{n},5,2026-01-01T00:00:00Z\n"));
    }
    for (preset, text) in [("items", items.as_str()), ("suppliers", suppliers), ("stock", &stock)] {
        let file = home.write(&format!("{preset}.csv"), text);
        home.run(&["import", file.to_str().unwrap(), "--preset", preset]);
    }
    home
}

fn orders(home: &Home) -> Vec<Value> {
    home.json(&["po", "list", "--filter", "is:own"]).as_array().unwrap().clone()
}

/// Waits until every order has come as far.
fn all_are(home: &Home, state: &str) {
    wait_for(&format!("all orders to be {state}"), || {
        let orders = orders(home);
        (!orders.is_empty() && orders.iter().all(|order| order["state"] == state)).then_some(())
    });
}

fn approve(home: &Home, sku: &str) -> String {
    home.run(&["approve", &format!("{sku}@main"), "--qty", "12", "--expect", "0"])
}

#[test]
fn whatever_a_target_does_each_order_is_taken_once() {
    let receiver = Receiver::open();
    let home = home(&receiver.target(30));
    let faults = [
        Fault::HangUp,
        Fault::TakeAndHangUp,
        Fault::TakeAndKeepSilent,
        Fault::TakeAndFail,
        Fault::Failure,
        Fault::Busy,
    ];
    receiver.seen.lock().unwrap().faults.extend(faults);
    approve(&home, "SKU-0");
    all_are(&home, "sent");
    let seen = receiver.seen.lock().unwrap();
    assert_eq!(seen.requests.len(), faults.len() + 1);
    assert_eq!(seen.taken.len(), 1, "one key: {:?}", seen.requests);
    drop(seen);
    let shown = home.json(&["po", "show", "PO-000001"]);
    let key = receiver.seen.lock().unwrap().requests[0].0.clone();
    assert_eq!(shown[0]["reference"], format!("R-{key}"));
    home.run(&["audit", "verify"]);
}

#[test]
fn an_answer_that_breaks_off_after_the_order_was_taken_is_enough() {
    let receiver = Receiver::open();
    let home = home(&receiver.target(30));
    receiver.seen.lock().unwrap().faults.push_back(Fault::TakeAndBreakOff);
    approve(&home, "SKU-0");
    all_are(&home, "sent");
    assert_eq!(receiver.seen.lock().unwrap().requests.len(), 1);
}

#[test]
fn what_is_refused_for_good_waits_for_a_person_and_is_sent_again_on_one_command() {
    let receiver = Receiver::open();
    let home = home(&receiver.target(2));
    receiver.seen.lock().unwrap().faults.extend([Fault::Refuse, Fault::Failure, Fault::Failure]);
    approve(&home, "SKU-0");
    let trouble = |words: &str| {
        wait_for("a dead letter", || {
            let order = orders(&home).pop()?;
            order["note"].as_str().is_some_and(|note| note.contains(words)).then_some(())
        });
    };
    trouble("did not take PO-000001 after 1 try");
    trouble("no such SKU");
    wait_for("everybody to hear of it", || {
        home.run(&["status"]).contains("purchase order PO-000001 could not be sent").then_some(())
    });
    home.run(&["po", "resend", "PO-000001"]);
    trouble("after 2 tries");
    home.run(&["po", "resend", "PO-000001"]);
    all_are(&home, "sent");
    let again = home.output(&["po", "resend", "PO-000001"]);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(receiver.numbers(), ["PO-000001"]);
    wait_for("the trouble to be over", || {
        (!home.run(&["status"]).contains("could not be sent")).then_some(())
    });
}

#[test]
fn what_is_confirmed_at_once_is_what_comes_and_what_is_cancelled_is_cancelled_there() {
    let receiver = Receiver::open();
    let home = home(&receiver.target(30));
    receiver.seen.lock().unwrap().answer = Some(
        r#"{"id":77,"status":"acknowledged","due":"2030-02-01","lines":[{"sku":"SKU-0","qty":8},{"sku":"X"}]}"#
            .into(),
    );
    approve(&home, "SKU-0");
    all_are(&home, "acknowledged");
    let order = orders(&home).pop().unwrap();
    assert_eq!(order["due"], "2030-02-01");
    assert_eq!(order["note"], "The supplier confirms X, which is not on PO-000001; ask them.");
    let line = home.json(&["po", "show", "PO-000001"])[0].clone();
    assert_eq!((&line["confirmed"], &line["reference"]), (&Value::from(8), &Value::from("77")));
    let stock = home.json(&["stock", "--filter", "sku:SKU-0"]);
    assert_eq!(stock[0]["on_order"], 8);

    receiver.seen.lock().unwrap().answer = None;
    home.run(&["po", "cancel", "PO-000001", "--reason", "found some"]);
    let cancelled = |seen: &Value| seen["kind"] == "cancellation" && seen["reason"] == "found some";
    wait_for("the cancellation", || {
        receiver.seen.lock().unwrap().taken.values().any(cancelled).then_some(())
    });
    all_are(&home, "cancelled");
    assert_eq!(home.json(&["stock", "--filter", "sku:SKU-0"])[0]["on_order"], 0);
}

#[test]
fn goods_are_taken_in_short_over_and_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let drop = format!(
        "[[target]]\nname = \"drop\"\nkind = \"csv\"\npath = \"{}\"\n",
        folder.path().display()
    );
    let home = home(&drop);
    let dry = home.run(&["po", "dry-run"]);
    assert_eq!(dry.trim(), "nothing is approved that is not placed");
    home.run(&["approve", "SKU-0@main", "--qty", "12", "--expect", "0"]);
    all_are(&home, "sent");
    let file = folder.path().join("PO-000001.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("SKU-0,12,2.50,GBP"), "{text}");
    let dry = home.run(&["po", "dry-run", "PO-000001"]);
    assert!(
        dry.contains(&format!("write {}", file.display())) && dry.contains(text.trim()),
        "{dry}"
    );
    let args =
        ["po", "receive", "PO-000001", "SKU-0=10", "--damaged", "SKU-0=2", "--reason", "wet"];
    home.run(&args);
    let stock = home.json(&["stock", "--filter", "sku:SKU-0"])[0].clone();
    assert_eq!((&stock["on_hand"], &stock["on_order"]), (&Value::from(13), &Value::from(2)));
    all_are(&home, "partly received");
    let over = home.output(&["po", "receive", "PO-000001", "SKU-0=5"]);
    assert_eq!(over.status.code(), Some(2), "three more than are to come");
    home.run(&["po", "receive", "PO-000001", "SKU-0=5", "--surplus", "--reason", "a full carton"]);
    all_are(&home, "received");
    let row = orders(&home).pop().unwrap();
    assert_eq!((&row["units"], &row["arrived"]), (&Value::from(12), &Value::from(15)), "3 over");
    assert_eq!(home.json(&["po", "show", "PO-000001"])[0]["damaged"], 2);
    let stats = home.json(&["po", "stats"]);
    let by_hand = stats.as_array().unwrap().iter().find(|row| row["what"] == "ordered by hand");
    assert_eq!(by_hand.unwrap()["lines"], 1);
    let verbs: Vec<String> = (home.json(&["journal"]).as_array().unwrap().iter())
        .map(|row| row["what"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(verbs, ["receive", "adjust", "receive", "sent", "place", "approve"]);
}

fn kills() -> usize {
    std::env::var("STOCKDECK_KILLS").ok().map_or(20, |kills| kills.parse().unwrap())
}

fn moments() -> ChaCha8Rng {
    let seed = match std::env::var("STOCKDECK_KILLS_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs(),
    };
    println!("outbox: STOCKDECK_KILLS_SEED={seed}");
    ChaCha8Rng::seed_from_u64(seed)
}

/// The owner is killed while lines are approved, orders placed and told, and the target misbehaves.
/// Afterwards every approval that somebody was told of is in one order, numbers have no gap, and
/// every order was taken under one key.
#[test]
fn killed_at_any_moment_every_decision_is_told_once() {
    let receiver = Receiver::open();
    let home = home(&receiver.target(30));
    let mut moments = moments();
    let (mut acknowledged, mut amid) = (0, 0);
    for round in 0..kills() {
        let faults = [Fault::HangUp, Fault::TakeAndHangUp, Fault::TakeAndFail, Fault::Failure];
        let fault = faults[moments.random_range(0..faults.len())];
        if moments.random_bool(0.5) {
            receiver.seen.lock().unwrap().faults.push_back(fault);
        }
        let when = moments.random_range(0..3);
        if when == 1 {
            // What is approved then waits for another try when the kill comes.
            receiver.seen.lock().unwrap().faults.extend([Fault::Failure; 2]);
        }
        let owner = home.serving(&[]);
        let requests = receiver.seen.lock().unwrap().requests.len();
        let skus = [0, 1].map(|n| format!("SKU-{}", (round * 2 + n) % SKUS));
        let before = skus.each_ref().map(|sku| receiver.lines_of(sku));
        let mut commands: Vec<_> = skus
            .iter()
            .map(|sku| {
                let line = format!("{sku}@main");
                let mut command = home.command(&["approve", &line, "--qty", "12", "--expect", "0"]);
                command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
                command.spawn().unwrap()
            })
            .collect();
        // Some kills shortly after the start, some after an approval, some after a request.
        let within = match when {
            0 => 40_000,
            1 => {
                wait_for("an approval", || commands[0].try_wait().unwrap());
                4_000
            }
            _ => {
                wait_for("a request", || {
                    let seen = receiver.seen.lock().unwrap();
                    (seen.requests.len() > requests).then_some(())
                });
                40_000
            }
        };
        let moment = Instant::now() + Duration::from_micros(moments.random_range(0..within));
        wait_for("the moment", || (Instant::now() >= moment).then_some(()));
        let mut is_approved = |n: usize| {
            commands[n].try_wait().unwrap().is_some_and(|said: ExitStatus| said.success())
        };
        let approved = [0, 1].map(&mut is_approved);
        kill(owner.0.id());
        drop(owner);
        let untold = |n: &usize| approved[*n] && receiver.lines_of(&skus[*n]) == before[*n];
        amid += usize::from((0..2).any(|n| untold(&n)));
        for command in &mut commands {
            // Without an owner it would start one, and its approval is as good as any other.
            let said = wait_for("a command to end", || command.try_wait().unwrap());
            acknowledged += usize::from(said.success());
        }
        // A command whose owner was killed may have started another one.
        if let Some(pid) = home.owner() {
            kill(pid);
        }
    }
    println!("{acknowledged} approvals were acknowledged; {amid} kills left some of them untold");
    let _owner = home.serving(&[]);
    wait_for("all orders to be sent", || {
        let drafts = home.json(&["po", "list", "--filter", "is:draft"]);
        (drafts.as_array().unwrap().is_empty()).then_some(())
    });
    all_are(&home, "sent");
    let journal = home.json(&["journal"]);
    let count = |verb: &str| {
        let rows = journal.as_array().unwrap().iter();
        rows.filter(|row| row["what"] == verb).count()
    };
    let orders = orders(&home);
    assert!(count("approve") >= acknowledged);
    let lines: u64 = orders.iter().map(|order| order["lines"].as_u64().unwrap()).sum();
    assert_eq!(lines as usize, count("approve"), "each approval is in one order");
    let wanted: Vec<String> = (1..=orders.len()).map(|n| format!("PO-{n:06}")).collect();
    let mut numbers: Vec<&str> = orders.iter().map(|o| o["po"].as_str().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, wanted, "numbers have no gap");
    assert_eq!(receiver.numbers(), wanted, "one key and one effect an order");
    assert_eq!((count("place"), count("sent")), (wanted.len(), wanted.len()));
    let seen = receiver.seen.lock().unwrap();
    let met = seen.requests.iter().filter(|(_, fault)| fault.is_some()).count();
    let (all, orders) = (seen.requests.len(), wanted.len());
    println!("{all} requests for {orders} orders, {met} of them met a fault");
    drop(seen);
    home.run(&["audit", "verify"]);
    assert!(amid > 0, "no kill fell between an approval and its delivery");
}
