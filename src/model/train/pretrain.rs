//! Pre-training: synthetic shops drawn on the fly, with real panels mixed in.

use super::Sample;
use super::checkpoint;
use super::generator;
use super::optimiser::{Kind, Optimiser, Schedule, Settings};
use super::panel_samples::PanelSamples;
use super::step::Replicas;
use crate::model::{ModelError, Origin, Weights};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

/// Batches that are drawn and shuffled together.
const TOGETHER: u64 = 6;
/// How often a checkpoint is written.
const CHECKPOINT: Duration = Duration::from_secs(300);

/// What is trained, and for how long. A checkpoint of another plan is refused.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// Seed of weights and series.
    pub seed: u64,
    /// Windows in a batch.
    pub batch: usize,
    /// Share of a batch that is drawn from real panels. A draw of a series that had not sold yet finds nothing, and
    /// a synthetic one takes its place.
    pub real: f32,
    /// The optimiser's settings.
    pub settings: Settings,
}

impl Plan {
    /// The plan of the shipped weights, for a number of steps.
    pub fn shipped(steps: u64) -> Self {
        Self {
            seed: 1,
            batch: 128,
            real: 0.15,
            settings: Settings {
                kind: Kind::AdamW,
                rate: 2e-3,
                decay: 0.01,
                clip: 1.0,
                warm_up: 60,
                steps,
                schedule: Schedule::Cosine,
                mean: 0.998,
            },
        }
    }
}

/// What a checkpoint is of: resumed with other data, the weights' origin would not tell what they saw.
#[derive(serde::Serialize)]
struct Whole<'a> {
    plan: &'a Plan,
    /// Of each panel, up to where it was cut.
    data: Vec<String>,
}

/// How far a training is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Steps done, and in all.
    pub step: (u64, u64),
    /// Loss of the days and of the totals of this step's batch.
    pub loss: (f32, f32),
    /// Norm of the gradients before clipping.
    pub norm: f32,
    /// Time that is left at the pace so far.
    pub left: Duration,
}

/// Trains from nothing, or from where `checkpoint` left the same plan on the same data. `tell` hears of every
/// step and may end the training, which can then be taken up again.
pub fn pretrain(
    plan: &Plan,
    panels: &[PanelSamples],
    threads: usize,
    checkpoint: &Path,
    tell: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Weights, ModelError> {
    let parameters = Weights::fresh(plan.seed)?.parameters;
    let mut optimiser = Optimiser::new(&parameters, plan.settings, |_| false)?;
    let whole = Whole { plan, data: panels.iter().map(PanelSamples::fingerprint).collect() };
    checkpoint::resume(checkpoint, &mut optimiser, &whole)?;
    let replicas = Replicas::new(threads)?;
    let seen_until = panels.iter().filter_map(PanelSamples::last_day).max();
    let weights = |optimiser: &Optimiser| -> Result<Weights, ModelError> {
        let data = match panels.len() {
            0 => "synthetic shops".to_owned(),
            count => format!("synthetic shops and {count} real panel(s)"),
        };
        let origin = Origin::new(data, seen_until, optimiser.step, plan.seed);
        Ok(Weights { parameters: optimiser.mean()?, origin })
    };
    let (began, first) = (Instant::now(), optimiser.step);
    let mut kept = Instant::now();
    let mut pool = (u64::MAX, Vec::new());
    while optimiser.step < plan.settings.steps {
        let step = optimiser.step;
        if pool.0 != step / TOGETHER {
            pool = (step / TOGETHER, drawn(plan, panels, step / TOGETHER));
        }
        let from = (step % TOGETHER) as usize * plan.batch;
        let batch = &pool.1[from..from + plan.batch];
        let stepped = replicas.step(&mut optimiser, batch, (0.0, step))?;
        if kept.elapsed() >= CHECKPOINT {
            checkpoint::write(checkpoint, &optimiser, &whole)?;
            kept = Instant::now();
        }
        let done = (optimiser.step - first) as f64;
        let left = (plan.settings.steps - optimiser.step) as f64 / done;
        let progress = Progress {
            step: (optimiser.step, plan.settings.steps),
            loss: (stepped.days, stepped.totals),
            norm: stepped.norm,
            left: began.elapsed().mul_f64(left),
        };
        if tell(&progress).is_break() {
            checkpoint::write(checkpoint, &optimiser, &whole)?;
            return Err(ModelError::Cancelled);
        }
    }
    checkpoint::write(checkpoint, &optimiser, &whole)?;
    weights(&optimiser)
}

/// The samples of some batches, shuffled: the same for the same plan and number.
fn drawn(plan: &Plan, panels: &[PanelSamples], number: u64) -> Vec<Sample> {
    let wanted = plan.batch * TOGETHER as usize;
    let mut rng = ChaCha8Rng::seed_from_u64(plan.seed ^ 0x5EED);
    rng.set_stream(number);
    let mut samples = Vec::with_capacity(wanted + generator::ITEMS);
    if !panels.is_empty() {
        let real = (wanted as f32 * plan.real) as usize;
        for _ in 0..real {
            let panel = &panels[rng.random_range(0..panels.len())];
            samples.extend(panel.draw(&mut rng));
        }
    }
    // Far more shops than batches could ever need have numbers of their own.
    let mut shop = number << 16;
    while samples.len() < wanted {
        samples.extend(generator::samples(plan.seed, shop));
        shop += 1;
    }
    samples.truncate(wanted);
    samples.shuffle(&mut rng);
    samples
}
