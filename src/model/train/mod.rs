//! Training: what is learnt from, the loss, the optimiser, checkpoints, and the two ways to train.

pub mod apart;
mod checkpoint;
mod finetune;
pub mod generator;
mod optimiser;
mod panel_samples;
mod pretrain;
mod step;
#[cfg(test)]
mod tests;

pub(super) use checkpoint::write_whole;
pub use finetune::{Free, KeptBack, Look, Tuned, Tuning, finetune, least_steps};
pub use optimiser::{Kind as OptimiserKind, Schedule, Settings};
pub use panel_samples::{Disguise, PanelSamples};
pub use pretrain::{Plan, Progress, pretrain};

use super::features::Features;
use super::layers::Dropout;
use super::network::Network;
use super::{HORIZON, LEVELS, Window, ops};
use candle_core::{Result, Tensor};

/// Weight of the totals' loss beside the days'.
const TOTALS: f64 = 0.5;

/// A window and what came after it.
#[derive(Debug, Clone)]
pub struct Sample {
    /// What is known at the origin.
    pub window: Window,
    /// Demand of the [`HORIZON`] steps after it; NaN where nothing is known.
    pub ahead: Vec<f32>,
}

/// The losses of a batch.
#[derive(Debug, Clone)]
pub(super) struct Loss {
    /// Pinball loss of the days, in asinh of the series' scale.
    pub(super) days: Tensor,
    /// The same of the totals.
    pub(super) totals: Tensor,
}

impl Loss {
    /// What is made small.
    pub(super) fn sum(&self) -> Result<Tensor> {
        &self.days + (&self.totals * TOTALS)?
    }
}

/// The loss of a network on samples.
pub(super) fn loss(network: &Network, samples: &[Sample], dropout: &Dropout) -> Result<Loss> {
    let features = Features::of(samples.iter().map(|sample| &sample.window));
    let output = network.forward(&features, dropout)?;
    let cells = samples.len() * HORIZON;
    let (mut days, mut day_weights) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
    let (mut totals, mut total_weights) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
    for (item, sample) in samples.iter().enumerate() {
        let scale = features.scale[item];
        let (mut sum, mut known) = (0f32, true);
        for (step, &ahead) in sample.ahead.iter().enumerate() {
            let open = features.open_ahead[item * HORIZON + step];
            known &= !ahead.is_nan();
            sum += if ahead.is_nan() { 0.0 } else { ahead };
            days.push((if ahead.is_nan() { 0.0 } else { ahead } / scale).asinh());
            // A closed day is answered with 0, whatever the network says.
            day_weights.push(f32::from(open && !ahead.is_nan()));
            totals.push((sum / (scale * (step + 1) as f32)).asinh());
            total_weights.push(f32::from(known));
        }
    }
    Ok(Loss {
        days: ops::pinball(&output.days, days, day_weights, &LEVELS)?,
        totals: ops::pinball(&output.totals, totals, total_weights, &LEVELS)?,
    })
}
