//! One step of training on as many cores as are given.

use super::optimiser::Optimiser;
use super::{Loss, Sample, loss};
use crate::model::ModelError;
use crate::model::layers::Dropout;
use crate::model::network::Network;
use std::collections::BTreeMap;

/// Threads that each compute the gradients of a part of a batch. Candle spreads single products
/// over threads, which for products of this size costs more than it gives; so each part runs in a
/// pool of its own with one thread.
#[derive(Debug)]
pub(super) struct Replicas {
    pools: Vec<rayon::ThreadPool>,
}

/// What a step found.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stepped {
    pub(super) days: f32,
    pub(super) totals: f32,
    pub(super) norm: f32,
}

type Part = (BTreeMap<String, Vec<f32>>, f32, f32);

impl Replicas {
    pub(super) fn new(threads: usize) -> Result<Self, ModelError> {
        let pools = (0..threads.max(1))
            .map(|_| rayon::ThreadPoolBuilder::new().num_threads(1).build())
            .collect::<Result<_, _>>()
            .map_err(|error| {
                ModelError::NothingToLearn(format!("no thread to train on: {error}"))
            })?;
        Ok(Self { pools })
    }

    /// Averages the gradients of the parts of a batch, and steps along them.
    pub(super) fn step(
        &self,
        optimiser: &mut Optimiser,
        batch: &[Sample],
        dropout: (f32, u64),
    ) -> Result<Stepped, ModelError> {
        let size = batch.len().div_ceil(self.pools.len()).max(1);
        let parts: Vec<&[Sample]> = batch.chunks(size).collect();
        let network = Network::of(&optimiser.parameters())?;
        let mut results: Vec<Option<Result<Part, ModelError>>> = Vec::new();
        results.resize_with(parts.len(), || None);
        let borrowed: &Optimiser = optimiser;
        std::thread::scope(|scope| {
            for (((place, part), pool), number) in
                results.iter_mut().zip(&parts).zip(&self.pools).zip(0u64..)
            {
                let network = &network;
                scope.spawn(move || {
                    let dropout =
                        (dropout.0, dropout.1 ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
                    *place = Some(pool.install(|| gradients(borrowed, network, part, dropout)));
                });
            }
        });
        let mut sum: BTreeMap<String, Vec<f32>> = BTreeMap::new();
        let mut stepped = Stepped::default();
        for (result, part) in results.into_iter().flatten().zip(&parts) {
            let (gradients, days, totals) = result?;
            let share = part.len() as f32 / batch.len() as f32;
            stepped.days += days * share;
            stepped.totals += totals * share;
            for (name, gradient) in gradients {
                let to = sum.entry(name).or_insert_with(|| vec![0.0; gradient.len()]);
                to.iter_mut().zip(&gradient).for_each(|(to, from)| *to += from * share);
            }
        }
        stepped.norm = optimiser.step(&sum)?;
        Ok(stepped)
    }
}

fn gradients(
    optimiser: &Optimiser,
    network: &Network,
    part: &[Sample],
    dropout: (f32, u64),
) -> Result<Part, ModelError> {
    let loss: Loss = loss(network, part, &Dropout::new(dropout.0, dropout.1))?;
    let store = loss.sum()?.backward()?;
    let mut gradients = BTreeMap::new();
    for (name, slot) in &optimiser.slots {
        if let Some(gradient) = store.get(slot.var.as_tensor()) {
            gradients.insert(name.clone(), gradient.flatten_all()?.to_vec1()?);
        }
    }
    Ok((gradients, loss.days.to_scalar()?, loss.totals.to_scalar()?))
}
