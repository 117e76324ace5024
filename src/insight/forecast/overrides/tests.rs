use super::*;
use crate::model::LEVELS;
use std::convert::Infallible;

const FIRST: Day = Day::from_number(20_000);
/// The place of the 0.9 quantile.
const HIGH: usize = 10;
/// The place of the median.
const MEDIAN: usize = 6;

/// Ten units a day, open on six days of seven; spread by half to either side, less over many days.
fn totals() -> Packed {
    let mut mean = 0.0_f32;
    let step = |day: usize| -> [f32; LEVEL_COUNT] {
        mean += if day % 7 == 6 { 0.0 } else { 10.0 };
        let spread = mean.sqrt() * 3.0;
        std::array::from_fn(|level| (mean + spread * (LEVELS[level] - 0.5)).max(0.0))
    };
    Packed::of(&(0..28).map(step).collect::<Vec<_>>())
}

fn over(expects: Expectation, from: i32, to: i32) -> Override {
    let (from, to) = (FIRST.plus(from), FIRST.plus(to));
    Override {
        entry: 7,
        who: "mei".into(),
        at: Timestamp::default(),
        sku: "MUG".into(),
        site: None,
        from,
        to,
        expects,
        reason: "fair".into(),
        model: vec![(SiteId::main(), expected_over(&totals(), FIRST, from, to))],
        ended: None,
    }
}

fn laid(one: &Override) -> Vec<[f32; LEVEL_COUNT]> {
    Overlay::of(&[one], &SiteId::main(), FIRST, &totals()).totals(&totals())
}

fn mean(step: &[f32; LEVEL_COUNT]) -> f32 {
    Quantiles::mean_of(step)
}

fn near(a: f32, b: f32, by: f32) -> bool {
    (a - b).abs() <= by
}

#[test]
fn a_factor_counts_in_its_period_only_and_totals_still_grow() {
    let own = totals();
    let laid = laid(&over(Expectation::Percent(50), 7, 13));
    for (step, day) in laid.iter().enumerate() {
        let gained = mean(day) - mean(&own.step(step));
        let expected = 0.5 * 10.0 * (step as f32 - 6.0).clamp(0.0, 6.0);
        assert!(near(gained, expected, 0.6), "day {step}: {gained} and not {expected}");
        assert!(day.is_sorted(), "quantiles do not cross");
    }
    for level in 0..LEVEL_COUNT {
        assert!(laid.is_sorted_by(|a, b| a[level] <= b[level]), "a total does not fall");
    }
    let nothing = self::laid(&over(Expectation::Percent(-100), 3, 27));
    assert!(
        near(nothing[27][HIGH], nothing[2][HIGH], 0.01),
        "nothing sells from the fourth day on"
    );
}

#[test]
fn units_are_the_whole_period_and_their_spread_grows_as_that_of_counts() {
    let own = totals();
    // 60 units are expected in the second week.
    let laid = laid(&over(Expectation::Units(Qty::units(240)), 7, 13));
    assert!(near(mean(&laid[13]) - mean(&laid[6]), 240.0, 1.0));
    assert_eq!(laid[6], own.step(6));
    let width = |step: &[f32; LEVEL_COUNT]| step[LEVEL_COUNT - 1] - step[0];
    let whole = self::laid(&over(Expectation::Units(Qty::units(4 * 240)), 0, 27));
    let wider = width(&whole[27]) / width(&own.step(27));
    assert!(near(wider, 2.0, 0.05), "four times the units, twice the spread: {wider}");
    let fewer = self::laid(&over(Expectation::Units(Qty::units(0)), 0, 27));
    assert_eq!(fewer[27], [0.0; LEVEL_COUNT]);
}

#[test]
fn closed_days_stay_closed_and_a_week_beyond_the_forecast_is_like_those_within() {
    let closed_day = over(Expectation::Units(Qty::units(100)), 6, 7);
    let laid = laid(&closed_day);
    assert!(near(mean(&laid[6]), mean(&totals().step(6)), 0.1), "all is sold on the open day");
    assert!(near(mean(&laid[7]) - mean(&laid[6]), 100.0, 0.5));
    let far = expected_over(&totals(), FIRST, FIRST.plus(35), FIRST.plus(41));
    let units: Vec<f64> = far.iter().map(|units| units.to_f64()).collect();
    assert!(units[..6].iter().all(|units| (units - 10.0).abs() < 0.5), "{units:?}");
    assert!(units[6] < 0.5, "closed");
}

#[test]
fn units_of_all_sites_are_shared_out_as_the_model_would_have_sold_them() {
    let mut one = over(Expectation::Units(Qty::units(300)), 0, 6);
    let twice = one.model[0].1.iter().map(|units| *units + *units).collect();
    one.model.push(("YORK".into(), twice));
    let total =
        |site: &SiteId| mean(&Overlay::of(&[&one], site, FIRST, &totals()).totals(&totals())[6]);
    assert!(near(total(&SiteId::main()), 100.0, 0.5));
    assert!(near(total(&"YORK".into()), 200.0, 0.5));
    assert!(near(one.expected_by_person(), 300.0, 0.1));
}

#[test]
fn what_never_sells_by_the_model_sells_evenly_by_a_persons_word() {
    let idle = Packed::of(&[[0.0; LEVEL_COUNT]; 28]);
    let mut one = over(Expectation::Units(Qty::units(70)), 0, 6);
    one.model[0].1 = vec![Qty::ZERO; 7];
    let overlay = Overlay::of(&[&one], &SiteId::main(), FIRST, &idle);
    let laid = overlay.totals(&idle);
    assert!(near(laid[0][0], 10.0, 0.01) && near(laid[6][HIGH], 70.0, 0.01));
    assert_eq!(overlay.counts().iter().filter(|counts| **counts).count(), 7);
}

#[test]
fn by_people_alone_totals_spread_as_counts_do() {
    let mut one = over(Expectation::Units(Qty::units(70)), 0, 6);
    one.model[0].1 = vec![Qty::ZERO; 7];
    let alone = by_people(&[&one], &SiteId::main(), FIRST);
    assert_eq!(alone.len(), 7);
    let week = alone.step(6);
    // Poisson of 70: half of them at 70, nine of ten at 81, one of ten at 59.
    assert!((week[MEDIAN] - 70.0).abs() < 0.1 && (week[HIGH] - 81.0).abs() < 0.1, "{week:?}");
    assert!(near(mean(&week), 70.0, 1.0), "{}", mean(&week));
    one.expects = Expectation::Units(Qty::units(1));
    let rare = by_people(&[&one], &SiteId::main(), FIRST);
    assert_eq!((rare.at(6, MEDIAN), rare.at(6, HIGH)), (1.0, 2.0));
    one.expects = Expectation::Units(Qty::units(700_000));
    let many = by_people(&[&one], &SiteId::main(), FIRST).at(6, MEDIAN);
    assert!(near(many, 700_000.0, 500.0), "{many}");
}

#[test]
fn a_day_after_its_last_an_override_is_over_by_itself() {
    let mut one = over(Expectation::Percent(10), 2, 5);
    let stage = |one: &Override, day: i32| one.stage(FIRST.plus(day));
    assert_eq!(stage(&one, 1), Stage::Planned);
    assert_eq!([2, 5].map(|day| stage(&one, day)), [Stage::InForce; 2]);
    assert_eq!(stage(&one, 6), Stage::Over);
    one.ended = Some(FIRST.plus(4));
    assert_eq!((stage(&one, 3), stage(&one, 4)), (Stage::InForce, Stage::Over));
    one.ended = Some(FIRST.plus(2));
    assert_eq!(stage(&one, 9), Stage::Withdrawn);

    let all = Overrides::load([over(Expectation::Percent(10), 2, 5)]);
    let between = |from: i32, to: i32| {
        let (sku, site) = (Sku::new("MUG"), SiteId::main());
        all.between(&sku, &site, FIRST.plus(from), FIRST.plus(to)).len()
    };
    assert_eq!((between(0, 1), between(0, 2), between(5, 30), between(6, 30)), (0, 1, 1, 0));
    assert!(all.between(&"MUG".into(), &"YORK".into(), FIRST, FIRST.plus(9)).is_empty());
}

#[test]
fn its_value_is_how_much_nearer_it_came_without_the_days_that_had_nothing_to_sell() {
    let one = over(Expectation::Percent(50), 0, 5);
    let sold = |day: f32| move |_: &SiteId, _: Day, _: Day| Ok::<_, Infallible>(vec![day; 6]);
    let right = one.value_added(sold(14.0)).unwrap();
    assert!(near(right.sold, 84.0, 0.1) && near(right.model, 60.0, 1.0) && right.missing == 0);
    assert!(near(right.person, 90.0, 1.5) && near(right.units(), 18.0, 2.0), "{right:?}");
    let wrong = one.value_added(sold(9.0)).unwrap();
    assert!(wrong.units() < -20.0, "the model was nearer: {wrong:?}");

    let without = |_: &SiteId, _: Day, _: Day| {
        Ok::<_, Infallible>(vec![15.0, 15.0, f32::NAN, f32::NAN, f32::NAN, 15.0])
    };
    let part = one.value_added(without).unwrap();
    assert_eq!((part.missing, part.sold), (3, 45.0));
    assert!(near(part.model, 30.0, 1.0) && near(part.person, 45.0, 1.5), "{part:?}");
}
