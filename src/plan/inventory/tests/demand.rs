//! Quantiles and loss functions of demand.

use super::super::*;
use super::{near, poisson};

/// Simpson's rule.
fn integral(from: f64, to: f64, of: impl Fn(f64) -> f64) -> f64 {
    let steps = 20_000;
    let step = (to - from) / f64::from(steps);
    let weight = |at: i32| match at {
        0 => 1.0,
        at if at == steps => 1.0,
        at if at % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let sum: f64 = (0..=steps).map(|at| weight(at) * of(from + step * f64::from(at))).sum();
    sum * step / 3.0
}

#[test]
fn normal_quantiles_are_exact_far_into_the_tails() {
    // By 40-digit arithmetic.
    for (level, z) in [
        (0.5, 0.0),
        (0.9, 1.2815515655446005),
        (0.999, 3.0902323061678135),
        (0.9999999, 5.1993375821928169),
        (1e-12, -7.0344838253011319),
    ] {
        near(z_of(level).unwrap(), z, 1e-9);
    }
    for level in [0.0, 1.0, -0.1, 1.1, f64::NAN] {
        assert!(z_of(level).is_err(), "{level}");
    }
}

#[test]
fn normal_loss_is_the_integral_of_what_is_short() {
    let demand = Normal::new(40.0, 15.0).unwrap();
    let density = |x: f64| {
        let z = (x - 40.0) / 15.0;
        (-0.5 * z * z).exp() / (15.0 * (2.0 * std::f64::consts::PI).sqrt())
    };
    for level in [-20.0, 0.0, 31.5, 40.0, 77.0, 110.0] {
        let short = integral(level, 260.0, |x| (x - level) * density(x));
        near(demand.shortage(level), short, 1e-10);
        let beyond = integral(level, 260.0, |x| (x - level).powi(2) / 2.0 * density(x));
        near(demand.shortage_beyond(level), beyond, 1e-9);
    }
    let sure = Normal::new(40.0, 0.0).unwrap();
    assert_eq!((sure.shortage(30.0), sure.shortage(50.0)), (10.0, 0.0));
    assert_eq!((sure.shortage_beyond(30.0), sure.shortage_beyond(50.0)), (50.0, 0.0));
}

#[test]
fn poisson_tables_are_sums_of_the_definition() {
    for mean in [1e-9, 0.3, 4.0, 41.7] {
        let table = Counts::poisson(mean).unwrap();
        for k in [-2_i64, 0, 1, 3, 7, 40, 60, 500] {
            let by_definition = if k < 0 { 0.0 } else { poisson(mean, k) };
            near(table.probability(k), by_definition, 1e-14);
            let terms = || (k + 1).max(0)..=k.max(0) + 200;
            near(table.above(k), terms().map(|j| poisson(mean, j)).sum(), 1e-13);
            let short: f64 = terms().map(|j| (j - k) as f64 * poisson(mean, j)).sum();
            near(table.shortage(k), short, 1e-12);
        }
    }
    let nothing = Counts::poisson(0.0).unwrap();
    assert_eq!((nothing.probability(0), nothing.exceeded_with(0.001).unwrap()), (1.0, 0));
}

#[test]
fn poisson_quantiles_hold_where_the_definition_underflows() {
    // By the incomplete gamma function in 40 digits; exp(-1000) is no double any more.
    for (mean, level, quantile) in
        [(1e3, 0.5, 1000), (1e3, 0.9, 1041), (1e6, 0.999, 1_003_092), (1e6, 0.01, 997_674)]
    {
        let table = Counts::poisson(mean).unwrap();
        assert_eq!(table.exceeded_with(1.0 - level).unwrap(), quantile, "{mean} at {level}");
    }
    assert!(Counts::poisson(1e13).is_err(), "says that it is too large");
    assert!(Counts::poisson(-1.0).is_err());
}

#[test]
fn negative_binomial_tables_have_their_mean_and_variance() {
    for (mean, variance) in [(0.5, 40.0), (3.0, 3.1), (3.0, 60.0), (1e3, 1e3 + 1e-6), (5e3, 4e6)] {
        let table = Counts::negative_binomial(mean, variance).unwrap();
        let over = |of: &dyn Fn(f64) -> f64| -> f64 {
            (table.least()..=table.most()).map(|k| of(k as f64) * table.probability(k)).sum()
        };
        near(over(&|_| 1.0), 1.0, 1e-12);
        near(over(&|k| k), mean, 1e-9);
        near(over(&|k| (k - mean).powi(2)), variance, 1e-9);
    }
}

#[test]
fn negative_binomial_quantiles_are_those_of_the_definition() {
    // By summing p(k) in 40 digits.
    for (mean, variance, level, quantile) in [
        (3.0, 60.0, 0.99, 38),
        (0.5, 40.0, 0.999, 96),
        (1e3, 1001.0, 0.95, 1052),
        (5e3, 4e6, 0.98, 9906),
        (0.01, 0.0101, 0.9999, 1),
    ] {
        let found = negative_binomial_base_stock(mean, variance, level).unwrap();
        assert_eq!(found, quantile, "{mean}, {variance} at {level}");
    }
}

#[test]
fn a_variance_that_no_negative_binomial_has_is_poisson() {
    let poisson = Counts::poisson(7.0).unwrap();
    for variance in [7.0, 3.0, 0.0] {
        let table = Counts::negative_binomial(7.0, variance).unwrap();
        assert_eq!(table.probability(5), poisson.probability(5));
    }
    let almost = Counts::negative_binomial(7.0, 7.0 + 1e-9).unwrap();
    near(almost.probability(5), poisson.probability(5), 1e-8);
}

#[test]
fn quantiles_are_straight_between_points_and_flat_outside() {
    let curve = QuantileCurve::new(&[0.1, 0.5, 0.9], &[2.0, 10.0, 30.0]).unwrap();
    for (level, units) in
        [(0.01, 2.0), (0.1, 2.0), (0.3, 6.0), (0.5, 10.0), (0.75, 22.5), (0.9, 30.0), (1.0, 30.0)]
    {
        near(curve.at(level), units, 1e-12);
    }
    for (levels, values) in [
        (&[][..], &[][..]),
        (&[0.1, 0.5], &[1.0]),
        (&[0.5, 0.5], &[1.0, 2.0]),
        (&[0.5, 1.5], &[1.0, 2.0]),
        (&[0.1, f64::NAN], &[1.0, 2.0]),
        (&[0.1, 0.5], &[2.0, 1.0]),
        (&[0.1, 0.5], &[2.0, f64::INFINITY]),
    ] {
        assert!(QuantileCurve::new(levels, values).is_err(), "{levels:?} {values:?}");
    }
}
