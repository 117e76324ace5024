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
