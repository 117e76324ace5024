//! Random draws in the words of the generator.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};

/// A stream of draws.
#[derive(Debug)]
pub(super) struct Draw(ChaCha8Rng);

impl Draw {
    /// Stream `number` of a seed.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(number);
        Self(rng)
    }

    /// Evenly between two numbers.
    pub(super) fn uniform(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.0.random::<f32>()
    }

    /// A whole number from `low` to below `high`.
    pub(super) fn whole(&mut self, low: usize, high: usize) -> usize {
        self.0.random_range(low..high.max(low + 1))
    }

    /// True with a probability.
    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.0.random::<f32>() < probability
    }

    /// Standard normal.
    pub(super) fn normal(&mut self) -> f32 {
        StandardNormal.sample(&mut self.0)
    }

    /// Gamma with mean 1.
    pub(super) fn gamma_of_mean_one(&mut self, shape: f32) -> f32 {
        Gamma::new(shape, 1.0 / shape).map_or(1.0, |gamma| gamma.sample(&mut self.0))
    }

    /// A count with a mean.
    pub(super) fn poisson(&mut self, mean: f32) -> f32 {
        if mean <= 0.0 {
            return 0.0;
        }
        Poisson::new(mean).map_or(0.0, |poisson| poisson.sample(&mut self.0))
    }

    /// 1, 2, ... where each further one has the probability 1 - `end`.
    pub(super) fn geometric(&mut self, end: f32) -> f32 {
        let going = (1.0 - end).max(1e-9);
        1.0 + (self.0.random::<f32>().max(1e-12).ln() / going.ln()).floor()
    }

    /// One of some.
    pub(super) fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.random_range(0..of.len())]
    }

    /// A line through knots `every` steps apart, each normal with a spread.
    pub(super) fn wandering(&mut self, steps: usize, every: usize, spread: f32) -> Vec<f32> {
        let knots: Vec<f32> = (0..steps / every + 2).map(|_| self.normal() * spread).collect();
        (0..steps)
            .map(|step| {
                let (knot, share) = (step / every, (step % every) as f32 / every as f32);
                knots[knot] * (1.0 - share) + knots[knot + 1] * share
            })
            .collect()
    }
}
