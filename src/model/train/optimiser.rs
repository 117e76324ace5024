//! AdamW (Loshchilov, Hutter 2019) and SGD with momentum, with clipping by the global norm, a schedule,
//! and an exponential mean of the weights. Candle's own keep their moments to themselves, so that a
//! training that was interrupted could not go on where it was.

use crate::model::layers::Parameters;
use candle_core::{Device, Result, Tensor, Var};
use std::collections::BTreeMap;

/// Which optimiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    /// Adam with decoupled weight decay.
    AdamW,
    /// Gradient descent with Nesterov-free momentum 0.9; weight decay is L2.
    Sgd,
}

/// How the rate goes after the warm-up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Schedule {
    /// It falls as a cosine to a hundredth.
    #[default]
    Cosine,
    /// It falls in a line to a hundredth.
    Linear,
    /// It stays.
    Constant,
}

/// How it goes.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Settings {
    /// Which optimiser.
    pub kind: Kind,
    /// Highest rate.
    pub rate: f32,
    /// Weight decay on matrices; norms, biases and positions have none.
    pub decay: f32,
    /// Gradients are scaled down to this norm.
    pub clip: f32,
    /// Steps of rising rate at the start.
    pub warm_up: u64,
    /// Steps in all.
    pub steps: u64,
    /// How the rate goes after the warm-up.
    #[serde(default)]
    pub schedule: Schedule,
    /// Highest share of the old mean in the weights' exponential mean.
    pub mean: f32,
}

impl Settings {
    /// Rate at a step, counted from 0.
    pub fn rate_at(&self, step: u64) -> f32 {
        let warm = ((step + 1) as f32 / self.warm_up.max(1) as f32).min(1.0);
        let share = (step as f32 / self.steps.max(1) as f32).min(1.0);
        self.rate
            * warm
            * match self.schedule {
                Schedule::Cosine => 0.5 * (1.0 + (std::f32::consts::PI * share).cos()) + 0.01,
                Schedule::Linear => 1.0 - 0.99 * share,
                Schedule::Constant => 1.0,
            }
    }

    fn mean_at(&self, step: u64) -> f32 {
        self.mean.min(1.0 - 1.0 / (step as f32 * 0.1 + 2.0))
    }
}

/// One parameter and what the optimiser remembers of it.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) var: Var,
    value: Vec<f32>,
    pub(super) first: Vec<f32>,
    pub(super) second: Vec<f32>,
    pub(super) mean: Vec<f32>,
    decays: bool,
    frozen: bool,
}

/// The parameters in training.
#[derive(Debug)]
pub(super) struct Optimiser {
    settings: Settings,
    pub(super) slots: BTreeMap<String, Slot>,
    pub(super) step: u64,
}

const BETAS: (f32, f32) = (0.9, 0.98);
const SMALL: f32 = 1e-8;
const MOMENTUM: f32 = 0.9;

impl Optimiser {
    /// Trains parameters; those for which `frozen` says so stay as they are.
    pub(super) fn new(
        parameters: &Parameters,
        settings: Settings,
        frozen: impl Fn(&str) -> bool,
    ) -> Result<Self> {
        let mut slots = BTreeMap::new();
        for (name, tensor) in parameters {
            let value: Vec<f32> = tensor.flatten_all()?.to_vec1()?;
            let slot = Slot {
                var: Var::from_tensor(tensor)?,
                first: vec![0.0; value.len()],
                second: vec![0.0; value.len()],
                mean: value.clone(),
                decays: tensor.rank() > 1 && name.ends_with("weight"),
                frozen: frozen(name),
                value,
            };
            slots.insert(name.clone(), slot);
        }
        Ok(Self { settings, slots, step: 0 })
    }

    /// The parameters as the network sees them.
    pub(super) fn parameters(&self) -> Parameters {
        // A frozen one is detached: nothing is computed for its gradient.
        let seen = |slot: &Slot| match slot.frozen {
            true => slot.var.as_detached_tensor(),
            false => slot.var.as_tensor().clone(),
        };
        self.slots.iter().map(|(name, slot)| (name.clone(), seen(slot))).collect()
    }

    /// Their exponential mean, which is what is kept of a training.
    pub(super) fn mean(&self) -> Result<Parameters> {
        let mut mean = Parameters::new();
        for (name, slot) in &self.slots {
            let tensor = Tensor::from_slice(&slot.mean, slot.var.dims(), &Device::Cpu)?;
            mean.insert(name.clone(), tensor);
        }
        Ok(mean)
    }

    /// One step along gradients by name, already averaged. Returns their norm before clipping.
    pub(super) fn step(&mut self, gradients: &BTreeMap<String, Vec<f32>>) -> Result<f32> {
        let squares: f64 =
            gradients.values().flatten().map(|g| f64::from(*g) * f64::from(*g)).sum();
        let norm = squares.sqrt() as f32;
        let scale = if norm > self.settings.clip { self.settings.clip / norm } else { 1.0 };
        let rate = self.settings.rate_at(self.step);
        let keep = self.settings.mean_at(self.step);
        self.step += 1;
        for (name, slot) in self.slots.iter_mut().filter(|(_, slot)| !slot.frozen) {
            let Some(gradient) = gradients.get(name) else { continue };
            match self.settings.kind {
                Kind::AdamW => slot.adam_w(gradient, scale, rate, self.settings.decay, self.step),
                Kind::Sgd => slot.sgd(gradient, scale, rate, self.settings.decay),
            }
            for (mean, value) in slot.mean.iter_mut().zip(&slot.value) {
                *mean = keep * *mean + (1.0 - keep) * value;
            }
            slot.publish()?;
        }
        Ok(norm)
    }

    /// Takes over what an earlier part of the same training remembered.
    pub(super) fn restore(
        &mut self,
        step: u64,
        mut find: impl FnMut(&str) -> Option<Vec<f32>>,
    ) -> Result<()> {
        self.step = step;
        for (name, slot) in &mut self.slots {
            let parts = [
                ("value", &mut slot.value),
                ("first", &mut slot.first),
                ("second", &mut slot.second),
                ("mean", &mut slot.mean),
            ];
            for (part, to) in parts {
                match find(&format!("{part}/{name}")) {
                    Some(values) if values.len() == to.len() => *to = values,
                    _ => candle_core::bail!("{part}/{name} is missing or of another size"),
                }
            }
            slot.publish()?;
        }
        Ok(())
    }

    /// Everything that a training needs to go on.
    pub(super) fn remembered(&self) -> Result<Parameters> {
        let mut all = Parameters::new();
        for (name, slot) in &self.slots {
            let parts = [
                ("value", &slot.value),
                ("first", &slot.first),
                ("second", &slot.second),
                ("mean", &slot.mean),
            ];
            for (part, values) in parts {
                let tensor = Tensor::from_slice(values, slot.var.dims(), &Device::Cpu)?;
                all.insert(format!("{part}/{name}"), tensor);
            }
        }
        Ok(all)
    }
}

impl Slot {
    fn adam_w(&mut self, gradient: &[f32], scale: f32, rate: f32, decay: f32, step: u64) {
        let power = i32::try_from(step).unwrap_or(i32::MAX);
        let (one, two) = (1.0 - BETAS.0.powi(power), 1.0 - BETAS.1.powi(power));
        let shrink = if self.decays { 1.0 - rate * decay } else { 1.0 };
        for (((value, gradient), first), second) in
            self.value.iter_mut().zip(gradient).zip(&mut self.first).zip(&mut self.second)
        {
            let gradient = gradient * scale;
            *first = BETAS.0 * *first + (1.0 - BETAS.0) * gradient;
            *second = BETAS.1 * *second + (1.0 - BETAS.1) * gradient * gradient;
            *value = *value * shrink - rate * (*first / one) / ((*second / two).sqrt() + SMALL);
        }
    }

    fn sgd(&mut self, gradient: &[f32], scale: f32, rate: f32, decay: f32) {
        let decay = if self.decays { decay } else { 0.0 };
        for ((value, gradient), first) in self.value.iter_mut().zip(gradient).zip(&mut self.first) {
            *first = MOMENTUM * *first + gradient * scale + decay * *value;
            *value -= rate * *first;
        }
    }

    fn publish(&mut self) -> Result<()> {
        self.var.set(&Tensor::from_slice(&self.value, self.var.dims(), &Device::Cpu)?)
    }
}
