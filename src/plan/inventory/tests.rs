//! Values of the literature and values found another way: by sums, by quadrature, by trying every policy.

mod demand;
mod policies;
mod properties;

/// Equal to a relative tolerance.
fn near(found: f64, expected: f64, tolerance: f64) {
    let off = (found - expected).abs() / expected.abs().max(1.0);
    assert!(off <= tolerance, "{found} is not {expected}: off by {off:e}");
}

/// P(D = k) of Poisson demand by its definition.
fn poisson(mean: f64, k: i64) -> f64 {
    (1..=k).fold((-mean).exp(), |term, j| term * mean / j as f64)
}
