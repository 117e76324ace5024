//! Demand in whole units: Poisson and negative binomial, as tables.
//!
//! A table is made by recurrence from the mode outwards and divided by its sum. So no term underflows
//! at a large mean, where exp(-mean) does, and no logarithm of a factorial loses digits.

use super::UnitCosts;
use super::error::{InventoryError, not_negative, positive, share};
use std::collections::VecDeque;

/// Terms that a table holds at most: 16 standard deviations either side of a mean of 10^10.
const MOST: usize = 1 << 22;
/// What is left out beyond a table's ends, as a share of the whole.
const LEFT_OUT: f64 = 1e-22;
/// A sum of probabilities this near to a level is that level: what lies between is rounding.
const TIE: f64 = 1e-12;

/// Probabilities of demand in whole units, from the least to the most that matters.
#[derive(Clone, Debug)]
pub struct Counts {
    first: i64,
    probability: Vec<f64>,
    /// P(D > k) at each.
    above: Vec<f64>,
    /// E\[(D - k)+\] at each.
    shortage: Vec<f64>,
    mean: f64,
}

impl Counts {
    /// Poisson demand with a mean of zero or more units.
    pub fn poisson(mean: f64) -> Result<Self, InventoryError> {
        let mean = not_negative("demand_mean", mean)?;
        let mode = mean.floor();
        Self::around(mode, |k| mean / (k + 1.0), 0.0, mean, "demand_mean")
    }

    /// Negative binomial demand with this mean and variance in units; a variance at or under the mean,
    /// which none has, is Poisson, its limit.
    pub fn negative_binomial(mean: f64, variance: f64) -> Result<Self, InventoryError> {
        let mean = positive("demand_mean", mean)?;
        let variance = not_negative("demand_variance", variance)?;
        let excess = variance - mean;
        if excess <= mean * TIE {
            return Self::poisson(mean);
        }
        // p(k+1) / p(k) = q (k + r) / (k + 1) with r = mean^2 / excess and q = excess / variance.
        let (q, qr) = (excess / variance, mean * (mean / variance));
        let mode = ((qr - q) / (mean / variance)).floor().max(0.0);
        Self::around(mode, |k| (q * k + qr) / (k + 1.0), q, mean, "demand_variance")
    }

    /// From the mode outwards, by the ratio of each probability to the one before it, which falls or
    /// rises towards `limit`.
    fn around(
        mode: f64,
        ratio: impl Fn(f64) -> f64,
        limit: f64,
        mean: f64,
        name: &'static str,
    ) -> Result<Self, InventoryError> {
        let too_large = || InventoryError::TooLarge { name, most: MOST };
        if mode > 1e15 {
            return Err(too_large());
        }
        let mut terms = VecDeque::from([1.0]);
        let (mut sum, mut term, mut k) = (1.0, 1.0, mode);
        loop {
            let next = ratio(k);
            let bound = next.max(limit);
            if bound < 1.0 && term * bound < LEFT_OUT * (1.0 - bound) * sum {
                break;
            }
            term *= next;
            k += 1.0;
            sum += term;
            terms.push_back(term);
            if terms.len() > MOST {
                return Err(too_large());
            }
        }
        let (mut term, mut k) = (1.0, mode);
        while k > 0.0 {
            let shrink = 1.0 / ratio(k - 1.0);
            if shrink < 1.0 && term * shrink < LEFT_OUT * (1.0 - shrink) * sum {
                break;
            }
            term *= shrink;
            k -= 1.0;
            sum += term;
            terms.push_front(term);
            if terms.len() > MOST {
                return Err(too_large());
            }
        }
        let probability: Vec<f64> = terms.into_iter().map(|term| term / sum).collect();
        Ok(Self::of_table(k as i64, probability, mean))
    }

    fn of_table(first: i64, probability: Vec<f64>, mean: f64) -> Self {
        let (mut above, mut shortage) =
            (vec![0.0; probability.len()], vec![0.0; probability.len()]);
        // From the top, so that small tails keep their digits.
        let (mut tail, mut short) = (0.0, 0.0);
        for at in (0..probability.len()).rev() {
            (above[at], shortage[at]) = (tail, short);
            tail += probability[at];
            short += tail;
        }
        Self { first, probability, above, shortage, mean }
    }

    /// Expected demand.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The least demand that is not left out as all but impossible.
    pub fn least(&self) -> i64 {
        self.first
    }

    /// The most.
    pub fn most(&self) -> i64 {
        self.first + self.probability.len() as i64 - 1
    }

    /// P(D = k).
    pub fn probability(&self, k: i64) -> f64 {
        self.at(k, &self.probability, 0.0)
    }

    /// P(D > k).
    pub fn above(&self, k: i64) -> f64 {
        self.at(k, &self.above, 1.0)
    }

    /// E\[(D - k)+\], the units short at level k.
    pub fn shortage(&self, k: i64) -> f64 {
        self.at(k, &self.shortage, self.mean - k as f64)
    }

    /// What a column says at k; nothing beyond its end.
    fn at(&self, k: i64, column: &[f64], before: f64) -> f64 {
        match usize::try_from(k.saturating_sub(self.first)) {
            Ok(place) => column.get(place).copied().unwrap_or(0.0),
            Err(_) => before,
        }
    }

    /// The smallest level that demand exceeds with probability `risk` at most.
    pub fn exceeded_with(&self, risk: f64) -> Result<i64, InventoryError> {
        let risk = share("risk", risk)?;
        let allowed = risk + TIE * risk.min(1.0 - risk);
        let at = self.above.partition_point(|&above| above > allowed);
        Ok(self.first + at as i64)
    }

    /// h times what is left over and b times what is short, at a level.
    pub fn cost(&self, costs: UnitCosts, level: i64) -> f64 {
        costs.at(level as f64, self.mean, self.shortage(level))
    }
}
