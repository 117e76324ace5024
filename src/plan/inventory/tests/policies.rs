//! Policies against the literature, and exact ones against the best of all.

use super::super::*;
use super::{near, poisson};
use crate::domain::Qty;

fn costs(holding: f64, stockout: f64) -> UnitCosts {
    UnitCosts::new(holding, stockout).unwrap()
}

/// The newsvendor's cost of Poisson demand at a level, by its definition.
fn newsvendor(costs: UnitCosts, mean: f64, level: i64) -> f64 {
    let outcomes = 0..(mean + 20.0 * mean.sqrt() + 30.0) as i64;
    let cost = |k: i64| {
        let over = (level - k) as f64;
        if over > 0.0 { costs.holding() * over } else { -costs.stockout() * over }
    };
    outcomes.map(|k| poisson(mean, k) * cost(k)).sum()
}

#[test]
fn newsvendors_of_the_textbook() {
    // The newspapers of Snyder & Shen, ch. 4.
    let costs = costs(0.18, 0.70);
    near(costs.critical_ratio(), 0.70 / 0.88, 1e-15);
    near(costs.risk(), 0.18 / 0.88, 1e-15);
    let normal = costs.for_normal(Normal::new(50.0, 8.0).unwrap()).unwrap();
    near(normal.level, 56.60395592743389, 1e-9);
    near(normal.cost, 1.9976051931766445, 1e-9);
    let poisson = costs.for_counts(&Counts::poisson(50.0).unwrap()).unwrap();
    assert_eq!(poisson.level, 56);
    near(poisson.cost, newsvendor(costs, 50.0, 56), 1e-12);
    assert!((50..=62).all(|level| newsvendor(costs, 50.0, level) >= poisson.cost - 1e-12));
}

#[test]
fn a_level_that_meets_the_ratio_exactly_is_enough() {
    // F(3) = 0.1 + 0.2 + 0.3 + 0.3 is 0.9000000000000001 or 0.8999999999999999 by the order of adding.
    let outcomes = [(9, 0.1), (0, 0.1), (1, 0.2), (2, 0.3), (3, 0.3)];
    let best = for_outcomes(costs(1.0, 9.0), &outcomes).unwrap();
    assert_eq!(best.level, 3);
    near(best.cost, 0.1 * 3.0 + 0.2 * 2.0 + 0.3 + 9.0 * 0.1 * 6.0, 1e-12);
    assert_eq!(for_outcomes(costs(1.0, 9.001), &outcomes).unwrap().level, 9);
    for wrong in [
        &[][..],
        &[(1, 0.5)],
        &[(1, 0.5), (1, 0.5)],
        &[(1, 1.5), (2, -0.5)],
        &[(1, f64::NAN)],
        &[(-1, 0.5), (2, 0.5)],
    ] {
        assert!(for_outcomes(costs(1.0, 9.0), wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn costs_of_nothing_have_no_best_level() {
    for (holding, stockout) in [(0.0, 1.0), (1.0, 0.0), (-1.0, 2.0), (f64::NAN, 1.0)] {
        assert!(UnitCosts::new(holding, stockout).is_err());
    }
    // A ratio that is 1 in doubles still has a level.
    let extreme = costs(1e-18, 1.0);
    assert!(extreme.for_normal(Normal::new(0.0, 1.0).unwrap()).unwrap().level > 8.5);
}

#[test]
fn order_quantities_of_the_textbook() {
    // The candy bars of Snyder & Shen, ch. 3.
    let best = Eoq::new(8.0, 0.225, 1300.0).unwrap().best();
    near(best.quantity, 304.0467800264368, 1e-12);
    near(best.cost_rate, 68.41052550594829, 1e-12);
    let prices = [(0.0, 0.75), (400.0, 0.72), (800.0, 0.68)];
    let breaks = prices.map(|(from, unit_cost)| PriceBreak { from, unit_cost });
    let priced = |breaks: &[PriceBreak]| Eoq::with_price_breaks(8.0, 0.3, 1300.0, breaks);
    let best = priced(&breaks).unwrap();
    assert_eq!((best.region, best.order.quantity), (2, 800.0));
    near(best.order.cost_rate, 0.68 * 1300.0 + 8.0 * 1300.0 / 800.0 + 0.3 * 0.68 * 400.0, 1e-12);
    let flat = priced(&breaks[..1]).unwrap();
    near(flat.order.quantity, 304.0467800264368, 1e-12);
    let free = Eoq::with_price_breaks(0.0, 0.3, 1300.0, &breaks[..1]).unwrap();
    assert_eq!((free.order.quantity, free.order.cost_rate), (0.0, 0.75 * 1300.0));
    let (first, later) = (breaks[0], PriceBreak { from: 400.0, unit_cost: 0.8 });
    for wrong in [&[][..], &breaks[1..], &[first, first], &[first, later]] {
        assert!(priced(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn price_breaks_cost_no_more_than_any_quantity() {
    let prices = [(0.0, 4.0), (120.0, 3.7), (300.0, 3.65), (2000.0, 3.6)];
    let breaks = prices.map(|(from, unit_cost)| PriceBreak { from, unit_cost });
    for fixed in [0.0, 2.0, 11.0, 60.0, 400.0, 9000.0] {
        let best = Eoq::with_price_breaks(fixed, 0.22, 640.0, &breaks).unwrap();
        for quantity in 1..8000 {
            let quantity = f64::from(quantity);
            let price = prices.iter().rev().find(|(from, _)| quantity >= *from).unwrap().1;
            let cost = price * 640.0 + fixed * 640.0 / quantity + 0.22 * price * quantity / 2.0;
            assert!(cost >= best.order.cost_rate * (1.0 - 1e-12), "{fixed}: {quantity}");
        }
    }
}

#[test]
fn a_continuous_review_of_the_textbook() {
    // The candy bars of Snyder & Shen, ch. 5, whose demand varies.
    let demand = Normal::new(1300.0, 150.0).unwrap();
    let found = normal_rq(costs(0.225, 7.5), 8.0, demand, 1.0 / 12.0).unwrap();
    near(found.order_quantity, 304.0467800264368, 1e-12);
    let z = z_of(7.5 / 7.725).unwrap();
    near(found.simple_reorder_point, 1300.0 / 12.0 + z * 150.0 / 12.0_f64.sqrt(), 1e-12);
    let lead = Normal::new(1300.0 / 12.0, 150.0 / 12.0_f64.sqrt()).unwrap();
    let g = |y: f64| {
        let short = lead.shortage(y);
        0.225 * (y - lead.mean() + short) + 7.5 * short
    };
    near(g(found.reorder_point), g(found.reorder_point + found.order_quantity), 1e-9);
    let average = |r: f64| {
        let steps = 20_000;
        let step = found.order_quantity / f64::from(steps);
        let sum: f64 = (0..steps).map(|at| g(r + step * (f64::from(at) + 0.5))).sum();
        (8.0 * 1300.0 + sum * step) / found.order_quantity
    };
    near(found.cost_rate, average(found.reorder_point), 1e-6);
    // The cost that the authors' own library stockpyl documents for the simple reorder point.
    near(average(found.simple_reorder_point), 87.04837003438256, 1e-6);
    assert!(average(found.reorder_point - 1.0) > found.cost_rate);
    assert!(average(found.reorder_point + 1.0) > found.cost_rate);
}

#[test]
fn without_a_fixed_cost_the_position_is_kept_at_one_level() {
    let (costs, demand) = (costs(0.3, 4.0), Normal::new(900.0, 120.0).unwrap());
    let found = normal_rq(costs, 0.0, demand, 0.25).unwrap();
    assert_eq!(found.order_quantity, 0.0);
    near(found.reorder_point, found.simple_reorder_point, 1e-12);
    let single = costs.for_normal(Normal::new(225.0, 60.0).unwrap()).unwrap();
    near(found.cost_rate, single.cost, 1e-12);
    let found = poisson_rq(costs, 0.0, 2.0, 3.0).unwrap();
    let single = costs.for_counts(&Counts::poisson(6.0).unwrap()).unwrap();
    assert_eq!((found.reorder_point + 1, found.order_quantity), (single.level, 1));
    let found = poisson_min_max(costs, 0.0, 6.0).unwrap();
    assert_eq!((found.reorder_point + 1, found.order_up_to), (single.level, single.level));
    near(found.cost, single.cost, 1e-12);
}

#[test]
fn poisson_reorder_points_are_the_best_of_all() {
    // An example of Snyder & Shen, ch. 5.
    let book = poisson_rq(costs(20.0, 150.0), 100.0, 1.5, 2.0).unwrap();
    assert_eq!((book.reorder_point, book.order_quantity), (3, 5));
    near(book.cost_rate, 107.92358063314975, 1e-12);
    for (holding, stockout, fixed, rate, lead) in [
        (0.9, 12.0, 15.0, 2.6, 3.0),
        (1.0, 1.5, 40.0, 0.7, 5.0),
        (2.0, 30.0, 0.5, 0.05, 1.0),
        (1.3, 9.0, 20.0, 4.0, 0.0),
    ] {
        let costs = costs(holding, stockout);
        let found = poisson_rq(costs, fixed, rate, lead).unwrap();
        let g: Vec<f64> = (-40..80).map(|y| newsvendor(costs, rate * lead, y)).collect();
        for r in 0..60_usize {
            let mut sum = 0.0;
            for quantity in 1..60_usize {
                sum += g[r + quantity];
                let cost = (fixed * rate + sum) / quantity as f64;
                assert!(cost >= found.cost_rate * (1.0 - 1e-12), "r {r} - 40, Q {quantity}");
                if (r as i64 - 40, quantity as i64) == (found.reorder_point, found.order_quantity) {
                    near(cost, found.cost_rate, 1e-12);
                }
            }
        }
    }
}

#[test]
fn min_and_max_of_the_paper() {
    // Zheng & Federgruen 1991, table 1: h = 1, p = 9, K = 64.
    for (mean, s, top, cost) in [
        (10.0, 6, 40, 35.022),
        (15.0, 10, 49, 42.698),
        (20.0, 14, 62, 49.173),
        (21.0, 15, 65, 50.406),
        (22.0, 16, 68, 51.632),
        (23.0, 17, 52, 52.757),
        (24.0, 18, 54, 53.518),
        (25.0, 19, 56, 54.262),
        (30.0, 23, 66, 57.819),
        (35.0, 28, 77, 61.215),
        (40.0, 33, 87, 64.512),
        (45.0, 37, 97, 67.776),
        (50.0, 42, 108, 70.975),
        (51.0, 43, 110, 71.611),
        (52.0, 44, 112, 72.246),
        (55.0, 47, 118, 74.149),
        (59.0, 51, 126, 76.679),
        (60.0, 52, 129, 77.306),
        (61.0, 52, 131, 77.929),
        (63.0, 54, 73, 78.287),
        (64.0, 55, 74, 78.402),
        (65.0, 56, 75, 78.518),
        (70.0, 62, 81, 79.037),
        (75.0, 67, 86, 79.554),
    ] {
        let found = poisson_min_max(costs(1.0, 9.0), 64.0, mean).unwrap();
        assert_eq!((found.reorder_point, found.order_up_to), (s, top), "{mean}");
        assert!((found.cost - cost).abs() < 0.0005, "{mean}: {}", found.cost);
    }
}

/// Cost a period of (s, S), from how often its position is at each level in the long run.
fn long_run(costs: UnitCosts, fixed: f64, mean: f64, s: i64, top: i64) -> f64 {
    let levels = (top - s) as usize;
    let p: Vec<f64> = (0..levels as i64).map(|k| poisson(mean, k)).collect();
    let mut share = vec![1.0 / levels as f64; levels];
    for _ in 0..600 {
        let mut next = vec![0.0; levels];
        for (from, stay) in share.iter().enumerate() {
            for (step, p) in p[..levels - from].iter().enumerate() {
                next[from + step] += stay * p;
            }
        }
        next[0] += 1.0 - next.iter().sum::<f64>();
        share = next;
    }
    let mut cost = 0.0;
    for (below, share) in share.iter().enumerate() {
        let orders = 1.0 - p[..levels - below].iter().sum::<f64>();
        cost += share * (fixed * orders + newsvendor(costs, mean, top - below as i64));
    }
    cost
}

#[test]
fn poisson_min_and_max_are_the_best_of_all() {
    for (holding, stockout, fixed, mean) in
        [(1.0, 4.0, 5.0, 6.0), (1.1, 7.5, 9.5, 3.4), (2.0, 2.5, 14.0, 1.2), (1.0, 30.0, 3.0, 0.4)]
    {
        let costs = costs(holding, stockout);
        let found = poisson_min_max(costs, fixed, mean).unwrap();
        let own = long_run(costs, fixed, mean, found.reorder_point, found.order_up_to);
        near(found.cost, own, 1e-9);
        for s in found.reorder_point - 4..=found.reorder_point + 4 {
            for top in (s + 1).max(found.order_up_to - 5)..=found.order_up_to + 5 {
                let cost = long_run(costs, fixed, mean, s, top);
                assert!(cost >= found.cost * (1.0 - 1e-9), "s {s}, S {top}: {cost}");
            }
        }
    }
    // An example of Snyder & Shen, ch. 4.
    let book = poisson_min_max(costs(1.0, 4.0), 5.0, 6.0).unwrap();
    assert_eq!((book.reorder_point, book.order_up_to), (4, 10));
    near(book.cost, 8.034111561471642, 1e-12);
}

#[test]
fn exact_methods_take_means_from_all_but_nothing_to_thousands() {
    let costs = costs(0.5, 9.0);
    for mean in [1e-7, 1e-3, 750.0, 20_000.0] {
        let policy = poisson_min_max(costs, 120.0, mean).unwrap();
        assert!(policy.reorder_point < policy.order_up_to && policy.cost.is_finite(), "{mean}");
        let policy = poisson_rq(costs, 120.0, mean, 2.0).unwrap();
        assert!(policy.order_quantity >= 1 && policy.cost_rate.is_finite(), "{mean}");
    }
    let endless = poisson_min_max(costs, 1e15, 3.0).unwrap_err();
    assert!(endless.to_string().contains("fixed_cost"), "{endless}");
    assert!(poisson_min_max(costs, 1.0, 0.0).is_err());
}

#[test]
fn a_power_approximation_of_the_textbook() {
    // An example of Snyder & Shen, ch. 4.
    let demand = Normal::new(50.0, 8.0).unwrap();
    let (s, top) = power_approximation(costs(0.18, 0.70), 2.5, demand).unwrap();
    near(s, 40.19461695647407, 1e-12);
    near(top, 74.29017010980579, 1e-12);
    assert!(power_approximation(costs(0.18, 0.70), 0.0, demand).is_err());
}

#[test]
fn an_order_follows_from_position_minimum_pack_and_most() {
    let units = Qty::units;
    let lot = |moq, pack, most: Option<i64>| {
        LotRule::new(units(moq), units(pack), most.map(units)).unwrap()
    };
    assert_eq!(inventory_position(units(8), units(40), units(3)), units(45));
    for (lot, need, order) in [
        (lot(0, 1, None), 7.0, 7),
        (lot(0, 1, None), 6.2, 7),
        (lot(0, 1, None), 0.0, 0),
        (lot(0, 1, None), -5.0, 0),
        (lot(50, 24, None), 3.0, 72),
        (lot(50, 24, None), 80.0, 96),
        (lot(48, 24, None), 48.0, 48),
        // What is left by rounding is no need, and no pack more.
        (lot(50, 24, None), 1e-10, 0),
        (lot(0, 24, None), 48.000_000_000_1, 48),
        (lot(0, 24, Some(50)), 60.0, 48),
        (lot(50, 24, Some(50)), 60.0, 0),
        (lot(0, 24, Some(10)), 60.0, 0),
        (lot(0, 24, Some(0)), 60.0, 0),
        (lot(0, 24, Some(72)), 60.0, 72),
        (lot(0, 1, None), f64::NAN, 0),
    ] {
        assert_eq!(lot.order_for(need), units(order), "{lot:?}, {need}");
    }
    let by_weight = LotRule::new(Qty::milli(500), Qty::milli(250), None).unwrap();
    assert_eq!(by_weight.order_for(0.6), Qty::milli(750));
    for (moq, pack, most) in [(0, 0, None), (0, -6, None), (-1, 6, None), (0, 6, Some(units(-1)))] {
        assert!(LotRule::new(units(moq), units(pack), most).is_err(), "{moq} {pack} {most:?}");
    }
}
