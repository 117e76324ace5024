//! Who asks and who decides never wait for one another in a circle.

use super::*;
use crate::engine::api::PageOf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// How long all of it may take before it counts as stuck.
const DEADLINE: Duration = Duration::from_secs(60);
/// Decisions, and pages, that are taken in meanwhile.
const ROUNDS: u32 = 60;

fn questions() -> Vec<Query> {
    let page = || PageOf { limit: 20, ..PageOf::default() };
    let which = OrderRef { feed: None, number: "1".into() };
    vec![
        Query::Overview,
        Query::Status,
        Query::Orders(page()),
        Query::Order(which),
        Query::Stock(page()),
        Query::Sku("A".into(), 30),
        Query::Journal(page()),
    ]
}

#[test]
fn questions_decisions_and_pages_at_once_all_come_to_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    tell(&house, at(0), vec![on_hand("A", 50, at(-600))]);
    tell(&house, at(0), vec![Record::Order(order("1", "A", 1, OrderStatus::Open))]);
    let done = Arc::new(AtomicBool::new(false));
    let (say, heard) = mpsc::channel();
    for query in questions() {
        let (house, done, say) = (house.clone(), done.clone(), say.clone());
        std::thread::spawn(move || {
            while !done.load(Ordering::Relaxed) {
                questions::answer(&house, query.clone()).unwrap();
            }
            say.send(()).unwrap();
        });
    }
    let deciding = house.clone();
    let told = say.clone();
    std::thread::spawn(move || {
        for n in 0..ROUNDS {
            let subject = Subject::Order(key("1"));
            let decision = match n % 3 {
                0 => Decision::Note { subject, text: format!("note {n}") },
                1 => Decision::Pin { subject, on: n % 2 == 0 },
                _ => Decision::Adjust {
                    sku: "A".into(),
                    site: SiteId::main(),
                    delta: Qty::units(1),
                    po: None,
                    reason: "found".into(),
                },
            };
            deciding.decide(ann(), decision, "").unwrap();
            if n % 5 == 0 {
                deciding.undo(ann(), None).unwrap();
            }
        }
        told.send(()).unwrap();
    });
    let telling = house.clone();
    let told = say;
    std::thread::spawn(move || {
        for n in 0..ROUNDS {
            let new = order(&format!("{}", n + 2), "A", 1, OrderStatus::Open);
            tell(&telling, at(1), vec![Record::Order(new)]);
        }
        told.send(()).unwrap();
    });
    for _ in 0..2 {
        heard.recv_timeout(DEADLINE).expect("who decides or tells is stuck");
    }
    done.store(true, Ordering::Relaxed);
    for _ in questions() {
        heard.recv_timeout(DEADLINE).expect("a question is stuck");
    }
    assert_eq!(house.orders.read().len(), 1 + ROUNDS as usize);
}
