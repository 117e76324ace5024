//! Normal demand: quantiles and loss functions.

use super::error::{InventoryError, finite, not_negative, share};
use statrs::function::erf::{erfc, erfc_inv};
use std::f64::consts::{PI, SQRT_2};

/// Demand that is normal, or sure where `sd` is zero.
///
/// Negative demand is not cut off, as in the textbooks: levels can be negative where `sd` is large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    mean: f64,
    sd: f64,
}

/// The standard normal quantile of a level between 0 and 1.
pub fn z_of(level: f64) -> Result<f64, InventoryError> {
    share("level", level).map(|level| -SQRT_2 * erfc_inv(2.0 * level))
}

fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// The share above z.
fn upper(z: f64) -> f64 {
    0.5 * erfc(z / SQRT_2)
}

impl Normal {
    /// Any mean, a standard deviation of zero or more; both in units.
    pub fn new(mean: f64, sd: f64) -> Result<Self, InventoryError> {
        let mean = finite("demand_mean", mean)?;
        Ok(Self { mean, sd: not_negative("demand_sd", sd)? })
    }

    /// Expected demand.
    pub fn mean(self) -> f64 {
        self.mean
    }

    /// Its standard deviation.
    pub fn sd(self) -> f64 {
        self.sd
    }

    /// The level that is exceeded with probability `risk`; neither 0 nor 1 has one.
    pub fn exceeded_with(self, risk: f64) -> Result<f64, InventoryError> {
        share("risk", risk).map(|risk| self.mean + self.sd * SQRT_2 * erfc_inv(2.0 * risk))
    }

    /// n(x) = E\[(D - x)+\], the units short at level x.
    pub fn shortage(self, level: f64) -> f64 {
        if self.sd == 0.0 {
            return (self.mean - level).max(0.0);
        }
        let z = (level - self.mean) / self.sd;
        // Far out both terms are the same to the last digit.
        (self.sd * (density(z) - z * upper(z))).max(0.0)
    }

    /// The integral of [`Self::shortage`] from a level upwards, E\[((D - x)+)^2\] / 2.
    pub fn shortage_beyond(self, level: f64) -> f64 {
        if self.sd == 0.0 {
            return (self.mean - level).max(0.0).powi(2) / 2.0;
        }
        let z = (level - self.mean) / self.sd;
        let beyond = (z * z + 1.0) * upper(z) - z * density(z);
        (self.sd * self.sd * beyond / 2.0).max(0.0)
    }
}
