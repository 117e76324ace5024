//! Packs and minima do not override what limits an item's stock.

use super::*;
use crate::plan::replenish::propose::Basis;

#[test]
fn a_minimum_that_would_be_left_over_is_not_ordered() {
    let mut at = situation();
    at.on_hand = Some(Qty::units(4));
    at.committed = Qty::ZERO;
    at.item.moq = Some(Qty::units(250));
    // Sold for a week more, in which 70 go.
    at.item.ends = Some(day("2026-12-02"));
    let ending = propose(&at).unwrap();
    assert_eq!((ending.qty, sum(&ending)), (Qty::ZERO, Qty::ZERO));
    let says = |step: &Step| {
        matches!(step.source, Source::Ending { .. }) && step.units == Qty::units(-250)
    };
    assert!(ending.why.iter().any(says), "{:?}", ending.why);
    at.item.ends = None;
    at.item.shelf_life_days = Some(3);
    assert_eq!(qty_of(&at), Qty::ZERO, "it would spoil");
    at.item.shelf_life_days = None;
    at.item.most = Some(Qty::units(60));
    assert_eq!(qty_of(&at), Qty::ZERO, "it has no room");
}

#[test]
fn as_many_packs_are_ordered_as_fit() {
    let mut at = situation();
    at.item.most = Some(Qty::units(60));
    let free = qty_of(&at);
    assert_eq!(free, Qty::units(109), "to 199, of which 139 sell until it comes");
    at.item.pack = Some(Qty::units(25));
    let packed = propose(&at).unwrap();
    assert_eq!((packed.qty, sum(&packed)), (Qty::units(100), Qty::units(100)));
    assert_eq!(packed.why.last().unwrap().source, Source::Storage { most: Qty::units(60) });
}

#[test]
fn what_a_pack_makes_many_times_the_need_is_noted() {
    let mut at = situation();
    let need = qty_of(&at);
    let far_more = [Note::FarMoreThanNeeded { need }];
    for (pack, notes) in [(600, &[][..]), (1_000_000, &far_more[..])] {
        at.item.pack = Some(Qty::units(pack));
        let proposal = propose(&at).unwrap();
        assert_eq!((proposal.qty, &*proposal.notes), (Qty::units(pack), notes), "a pack of {pack}");
        assert_eq!(proposal.is_far_more(), pack > 600);
    }
    assert!(far_more[0].to_string().starts_with(&format!("Only {need} would do")));
}

proptest! {
    #[test]
    fn no_order_goes_beyond_what_can_be_kept_or_sold(
        on_hand in 0i64..400,
        pack in 1i64..60,
        moq in 0i64..300,
        most in proptest::option::of(0i64..400),
        ends in proptest::option::of(0i32..60),
        shelf_life in proptest::option::of(0u16..60),
    ) {
        let mut at = situation();
        at.on_hand = Some(Qty::units(on_hand));
        at.item.pack = Some(Qty::units(pack));
        at.item.moq = Some(Qty::units(moq));
        let free = propose(&at).unwrap().qty;
        at.item.most = most.map(Qty::units);
        at.item.ends = ends.map(|days| at.today.plus(days));
        at.item.shelf_life_days = shelf_life;
        let proposal = propose(&at).unwrap();
        let (qty, basis) = (proposal.qty, Basis::of(&at).unwrap());
        prop_assert_eq!(sum(&proposal), qty);
        prop_assert!(!qty.is_negative() && qty <= free);
        prop_assert_eq!(qty.as_milli() % (pack * 1_000), 0);
        prop_assert!(qty.is_zero() || qty >= Qty::units(moq));
        prop_assert!(qty.is_zero() || basis.allows(proposal.position + qty), "{proposal:?}");
    }
}
