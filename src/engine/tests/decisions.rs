//! Decisions about stock, and the figures that they go on top of.

use super::*;

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
