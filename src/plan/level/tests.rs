use super::*;
use crate::model::LEVELS;
use proptest::prelude::*;

/// Totals of `daily` units a day for 200 days; each quantile lies so far from the mean as doubt about the
/// level and noise have it, whose squares are shares of the mean's.
fn totals(daily: f64, doubt: f64, noise: f64) -> Vec<[f32; LEVEL_COUNT]> {
    let total = |days: usize| {
        let mean = daily * days as f64;
        let spread = mean * (doubt + noise / days as f64).sqrt();
        LEVELS.map(|level| (mean + 3.4 * spread * (f64::from(level) - 0.5)).max(0.0) as f32)
    };
    (1..=200).map(total).collect()
}

fn interval(lead: u16) -> Interval {
    Interval::of(&[(lead, 1.0)], 7)
}

const STAKES: Stakes = Stakes { holding: 0.002, lost: 0.6, line: 0.8 };

#[test]
fn a_chance_follows_the_quantiles_and_falls_off_beyond_them() {
    let quantiles = LEVELS.map(|level| level * 100.0);
    let chance = |units: f64| chance_of_reaching(&quantiles, units);
    assert_eq!(chance(0.0), 1.0);
    assert!((chance(90.5) - 0.1).abs() < 1e-6 && (chance(30.5) - 0.7).abs() < 1e-6);
    assert!(chance(99.5) <= 0.01 + 1e-6 && chance(102.0) < chance(99.5) && chance(102.0) > 0.0);
    let idle = [0.0; LEVEL_COUNT];
    assert_eq!(chance_of_reaching(&idle, 1.0), 0.0);
}

#[test]
fn what_never_sells_is_not_ordered() {
    let at = levels(&[[0.0; LEVEL_COUNT]; 60], &interval(10), STAKES);
    assert_eq!(at, Levels { reorder_point: 0.0, order_up_to: 0.0 });
    assert_eq!(at.lacking(0.0), 0.0);
    assert_eq!(levels(&[], &interval(10), STAKES), Levels::default());
}

#[test]
fn a_line_that_costs_nothing_is_ordered_whenever_something_lacks() {
    let at = |line| levels(&totals(0.5, 0.1, 3.0), &interval(10), Stakes { line, ..STAKES });
    let (free, fee) = (at(0.0), at(0.8));
    assert_eq!(free.reorder_point, free.order_up_to);
    assert_eq!(free.reorder_point, fee.reorder_point);
    // sqrt(2 * 0.8 * 0.5 / 0.002) = 20 units; a week sells 3.5 of them.
    assert!((fee.order_up_to - fee.reorder_point - 16.5).abs() < 0.1, "{fee:?}");
    assert_eq!(fee.lacking(fee.reorder_point), 0.0);
    assert!((fee.lacking(fee.reorder_point - 1.0) - 17.5).abs() < 0.1);
}

/// The same spread of the interval's demand: as noise it averages out, and what is left over sells in the weeks after; as
/// doubt it stays.
#[test]
fn less_is_held_against_doubt_about_the_level_than_against_noise() {
    let days = 16.0;
    let of =
        |doubt, noise| levels(&totals(10.0, doubt, noise), &interval(10), STAKES).reorder_point;
    let (noise, doubt) = (of(0.0, 0.09 * days), of(0.09, 0.0));
    assert!(doubt < noise, "{doubt} and {noise}");
}

proptest! {
    #[test]
    fn levels_grow_with_service_and_lead_time_and_shrink_with_holding(
        daily in 0.05..50.0_f64,
        doubt in 0.0..0.3_f64,
        noise in 0.1..20.0_f64,
        lead in 1_u16..40,
        lost in 0.05..5.0_f64,
    ) {
        let totals = totals(daily, doubt, noise);
        let of = |lead, stakes| levels(&totals, &interval(lead), stakes);
        let stakes = Stakes { lost, ..STAKES };
        let at = of(lead, stakes);
        prop_assert!(at.reorder_point >= 0.0 && at.order_up_to >= at.reorder_point);
        let dearer_to_lack = of(lead, Stakes { lost: lost * 1.5, ..stakes });
        prop_assert!(at.reorder_point <= dearer_to_lack.reorder_point);
        let dearer_to_hold = of(lead, Stakes { holding: 0.003, ..stakes });
        prop_assert!(at.reorder_point >= dearer_to_hold.reorder_point);
        let longer = of(lead + 5, stakes);
        prop_assert!(longer.reorder_point + 1e-9 >= at.reorder_point, "{at:?} {longer:?}");
    }
}
