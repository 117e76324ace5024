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
    for (pack, notes) in [(600, &[][..]), (5_000, &far_more[..])] {
        at.item.pack = Some(Qty::units(pack));
        let proposal = propose(&at).unwrap();
        assert_eq!((proposal.qty, &*proposal.notes), (Qty::units(pack), notes), "a pack of {pack}");
        assert_eq!(proposal.is_far_more(), pack > 600);
    }
    assert!(far_more[0].to_string().starts_with(&format!("Only {need} would do")));
    // A slow one, of which a year's sales are few.
    (at.ahead, at.on_hand) = (Some(ahead(0.05)), Some(Qty::ZERO));
    at.item.pack = None;
    let need = propose(&at).unwrap().qty;
    for (pack, is_far_more) in [(2 * need.as_milli() / 1_000, false), (30, true)] {
        at.item.pack = Some(Qty::units(pack));
        assert_eq!(propose(&at).unwrap().is_far_more(), is_far_more, "{pack} where {need} do");
    }
}

/// Totals of which half the time nothing sells, and one time of ten very much.
fn uneven() -> Ahead {
    let step =
        |day: usize| LEVELS.map(|level| (day + 1) as f32 * if level > 0.85 { 9.0 } else { 0.2 });
    Ahead { totals: Packed::of(&(0..28).map(step).collect::<Vec<_>>()), ..ahead(1.0) }
}

#[test]
fn what_is_new_is_bought_for_what_it_is_expected_to_sell() {
    let mut at = situation();
    (at.ahead, at.on_hand) = (Some(uneven()), Some(Qty::ZERO));
    let free = propose(&at).unwrap();
    at.new_for = Some(20);
    let new = propose(&at).unwrap();
    assert_eq!(sum(&new), new.qty, "{:?}", new.why);
    let step = new.why.iter().find(|step| step.source == Source::New { days: 49 }).unwrap();
    assert_eq!(free.qty + step.units, new.qty);
    let expected = at.ahead.as_ref().unwrap().within(49).mean();
    assert_eq!(new.order_up_to.to_f64(), expected.ceil());
    assert!(new.qty.to_f64() < 0.7 * free.qty.to_f64(), "{} of {}", new.qty, free.qty);
    // What sells evenly is not bought for longer.
    at.ahead = Some(ahead(10.0));
    let even = propose(&at).unwrap();
    at.new_for = None;
    assert_eq!((even.qty, even.why), (qty_of(&at), propose(&at).unwrap().why));
}

#[test]
fn what_runs_out_before_what_is_on_order_comes_says_when() {
    let mut at = situation();
    let order = |due: &str| Coming {
        po: Some(PoNumber::new("PO-7")),
        due: Some(day(due)),
        qty: Qty::units(500),
    };
    let told = |at: &Situation| {
        let notes = propose(at).unwrap().notes;
        notes.iter().map(|note| note.in_short(|day| day.to_string())).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(told(&at), "", "nothing is on order");
    // 90, of which about 10 a day sell.
    at.coming = vec![order("2026-12-20"), order("2026-12-09")];
    assert_eq!(told(&at), "out 2026-12-05, next 2026-12-09");
    at.coming = vec![order("2026-12-20"), order("2026-12-03")];
    assert_eq!(told(&at), "", "it comes in time");
    at.coming = vec![order("2026-11-20")];
    assert_eq!(told(&at), "", "nobody knows when what is overdue comes");
}

#[test]
fn what_is_held_for_uneven_sales_is_said_to_be() {
    let notes = |at: &Situation| propose(at).unwrap().notes;
    let mut at = situation();
    at.on_hand = Some(Qty::ZERO);
    assert_eq!(notes(&at), []);
    at.ahead = Some(uneven());
    let told = notes(&at);
    let [note @ Note::MostlySafety { expected, safety }] = &told[..] else { panic!("{told:?}") };
    assert!(4.0 * expected.to_f64() < safety.to_f64(), "{expected} {safety}");
    assert_eq!(note.in_short(|day| day.to_string()), format!("mostly safety: {expected} expected"));
    at.on_hand = Some(Qty::units(5_000));
    assert_eq!(notes(&at), [], "nothing is ordered");
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

#[test]
fn stock_that_spoils_before_it_sells_is_not_counted_as_there_and_what_sells_in_time_is() {
    let batch = |until: &str, units: i64| Batch { until: day(until), qty: Qty::units(units) };
    let planned = |batches: Vec<Batch>| propose(&Situation { batches, ..situation() }).unwrap();
    let usual = planned(Vec::new()).qty;
    // Ten are promised, and 50 sell in the five days: 20 of 80 are left.
    let spoilt = planned(vec![batch("2026-11-30", 80)]);
    let lost = spoilt.qty - usual;
    assert!((Qty::units(20)..=Qty::units(21)).contains(&lost), "{lost}");
    assert_eq!(sum(&spoilt), spoilt.qty);
    let until = day("2026-11-30");
    let step = Step { units: lost, source: Source::Spoils { until } };
    assert!(spoilt.why.contains(&step), "{:?}", spoilt.why);
    assert_eq!(planned(vec![batch("2026-11-30", 55)]).qty, usual, "it sells in time");
    assert_eq!(planned(vec![batch("2026-12-31", 99)]).qty, usual, "it keeps for longer than that");
    let two = planned(vec![batch("2026-11-30", 80), batch("2026-12-01", 20)]).qty - usual;
    assert!((Qty::units(30)..=Qty::units(31)).contains(&two), "what is lost does not sell: {two}");
    // Nothing is bought for what spoils where nothing is wanted.
    let idle = Situation {
        batches: vec![batch("2026-11-28", 90)],
        ahead: Some(ahead(0.0)),
        committed: Qty::ZERO,
        ..situation()
    };
    assert_eq!(propose(&idle).unwrap().qty, Qty::ZERO);
}

#[test]
fn the_least_that_is_to_be_there_is_ordered_up_to_and_the_most_goes_before_it() {
    let bound = |least: i64, most: Option<i64>| {
        let (least, most) = (Some(Qty::units(least)), most.map(Qty::units));
        let at = situation();
        propose(&Situation { item: ItemTerms { least, most, ..at.item.clone() }, ..at }).unwrap()
    };
    let plenty = bound(500, None);
    assert_eq!((plenty.order_up_to, plenty.qty), (Qty::units(500), Qty::units(410)));
    assert_eq!((plenty.reorder_point, sum(&plenty)), (Qty::units(500), plenty.qty));
    assert_eq!(bound(20, None).qty, qty_of(&situation()), "it is reached anyway");
    let capped = bound(500, Some(60));
    assert!(capped.order_up_to < Qty::units(500), "{}", capped.order_up_to);
    assert_eq!(sum(&capped), capped.qty);
}
