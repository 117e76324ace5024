//! Decisions about stock, and the figures that they go on top of.

use super::*;
use crate::engine::Cancel;
use crate::engine::api::Outcome;

fn left(house: &House) -> Option<Qty> {
    house.stock.read().position(&"A".into(), &SiteId::main()).unwrap().on_hand()
}

#[test]
fn decisions_in_one_moment_of_simulated_time_all_count() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    house.sim.as_ref().unwrap().advance_to(at(0));
    // A figure of this very moment, as a shop whose time stands still tells it.
    tell(&house, at(0), vec![on_hand("A", 50, at(0))]);
    let (sku, site) = (Sku::new("A"), SiteId::main());
    let adjust = |n| Decision::Adjust {
        sku: sku.clone(),
        site: site.clone(),
        delta: Qty::units(n),
        po: None,
        reason: "broken".into(),
    };
    house.decide(ann(), adjust(-2), "").unwrap();
    assert_eq!(left(&house), Some(Qty::units(48)));
    let counted = Qty::units(100);
    let count = Decision::Count {
        sku: sku.clone(),
        site: site.clone(),
        counted,
        reason: "shelf".into(),
        before: None,
    };
    house.decide(ann(), count, "").unwrap();
    house.decide(ann(), adjust(-3), "").unwrap();
    house.decide(ann(), adjust(-4), "").unwrap();
    assert_eq!(left(&house), Some(Qty::units(93)));
    drop(house);
    std::fs::remove_dir_all(folder.path().join("store")).unwrap();
    assert_eq!(left(&super::house(folder.path())), Some(Qty::units(93)));
}

#[test]
fn an_act_is_an_entry_each_and_is_undone_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    tell(&house, at(0), ["A", "B", "C"].map(|sku| on_hand(sku, 5, at(0))).into());
    let sku = |name: &str| Subject::Sku(Sku::new(name));
    let all = ["A", "B", "nowhere", "C"].map(|name| {
        (Decision::Acknowledge { subject: sku(name), on: true }, format!("saw {name}"))
    });
    house.decide(ann(), Decision::Pin { subject: sku("A"), on: true }, "").unwrap();
    let outcome = house.decide_all(&ann(), all.into(), &Cancel::default()).unwrap();
    let Outcome::Acted { first: 2, last: 4, done: 3, of: 4, why_not: Some(why) } = outcome else {
        panic!("{outcome:?}");
    };
    assert!(why.contains("nowhere"), "{why}");
    let acknowledged = |house: &House| house.marks.read().acknowledgements().count();
    assert_eq!(acknowledged(&house), 3);
    // What was decided at once is still known as one act after a start.
    drop(house);
    let house = super::house(folder.path());
    assert_eq!(house.last_act("ann"), Some(2));
    house.undo(ann(), Some(3)).unwrap();
    let outcome = house.undo_act(&ann(), 2, &Cancel::default()).unwrap();
    assert!(matches!(outcome, Outcome::Acted { first: 6, last: 7, done: 2, of: 2, .. }));
    assert_eq!((acknowledged(&house), house.last_act("ann")), (0, None));
    let again = house.undo_act(&ann(), 2, &Cancel::default()).unwrap_err();
    assert!(again.usage, "{again}");
}

fn pin(name: &str, on: bool) -> Decision {
    Decision::Pin { subject: Subject::Sku(Sku::new(name)), on }
}

#[test]
fn an_act_that_waits_for_another_is_listed_and_can_be_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    tell(&house, at(0), vec![on_hand("A", 5, at(0))]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let going_on = house.acting.lock();
    std::thread::scope(|scope| {
        let all = vec![(pin("A", true), String::new())];
        let waiting = scope.spawn(|| house.decide_all(&ann(), all, &Cancel::default()));
        let mut count = house.works.count();
        runtime.block_on(count.wait_for(|count| *count == 1)).unwrap();
        assert!(house.works.cancel(house.works.list()[0].id));
        let refused = waiting.join().unwrap().unwrap_err();
        assert!(refused.message.contains("cancelled"), "{refused}");
    });
    drop(going_on);
    assert_eq!(house.marks.read().pinned().len(), 0);
}

#[test]
fn an_act_that_is_cancelled_midway_says_how_far_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    let names: Vec<String> = (0..400).map(|n| format!("S{n}")).collect();
    tell(&house, at(0), names.iter().map(|name| on_hand(name, 5, at(0))).collect());
    let all = names.iter().map(|name| (pin(name, true), String::new())).collect();
    let writer = house.writer.lock();
    let outcome = std::thread::scope(|scope| {
        let acting = scope.spawn(|| house.decide_all(&ann(), all, &Cancel::default()));
        while house.works.list().is_empty() {
            std::thread::yield_now();
        }
        // Asked for while its first decision waits at the writer, or before it.
        house.works.cancel_all();
        drop(writer);
        acting.join().unwrap()
    });
    let pinned = house.marks.read().pinned().len();
    match outcome {
        Ok(Outcome::Acted { done: 1, of: 400, why_not: None, .. }) => assert_eq!(pinned, 1),
        Err(refused) => assert!(refused.message.contains("cancelled") && pinned == 0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_undone_is_no_part_of_an_act() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    tell(&house, at(0), vec![on_hand("A", 5, at(0))]);
    let whose = Whose::Customer("c-1".into());
    let forget = Decision::Forget { whose, reason: "asked".into() };
    let all = vec![(pin("A", true), String::new()), (forget, String::new())];
    let refused = house.decide_all(&ann(), all, &Cancel::default()).unwrap_err();
    assert!(refused.usage && refused.message.contains("by itself"), "{refused}");
    assert_eq!(house.marks.read().last(), 0, "none of it was decided");
}

#[test]
fn a_decision_that_cannot_be_undone_says_which_one_lies_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    tell(&house, at(0), ["A", "B", "C"].map(|sku| on_hand(sku, 5, at(0))).into());
    house.decide(ann(), pin("C", true), "").unwrap();
    let all = ["A", "B"].map(|name| (pin(name, true), String::new()));
    house.decide_all(&ann(), all.into(), &Cancel::default()).unwrap();
    let bob = Actor { user: "bob".into(), ..ann() };
    house.decide(bob.clone(), pin("A", false), "").unwrap();
    house.decide(bob, pin("B", false), "").unwrap();
    assert_eq!(house.last_act("ann"), Some(2));
    let stuck = house.undo_act(&ann(), 2, &Cancel::default()).unwrap_err();
    let told = house.further_back("ann", None, stuck.clone());
    assert!(told.message.contains("is entry 1;"), "{told}");
    assert_eq!(house.further_back("ann", Some(1), stuck.clone()), stuck, "it was not the last");
}
