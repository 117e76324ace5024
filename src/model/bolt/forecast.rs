//! From contexts to quantile paths: norm, patches, and what lies beyond one pass.

use super::config::{Config, DECILES};
use super::network::{Batch, Network};
use crate::model::ModelError;
use std::collections::BTreeMap;

/// Series that go through the network together.
const TOGETHER: usize = 32;
/// What the scale of a series that never changes is taken for.
const LEAST_SCALE: f32 = 1e-5;

/// One path for each of the levels 0.1 to 0.9, in the series' own units, neither sorted nor floored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paths([Vec<f32>; DECILES.len()]);

impl Paths {
    /// The paths by level.
    pub fn paths(&self) -> &[Vec<f32>] {
        &self.0
    }

    /// All levels of one step.
    pub(super) fn step(&self, step: usize) -> [f32; DECILES.len()] {
        std::array::from_fn(|level| self.0[level].get(step).copied().unwrap_or(0.0))
    }

    /// The levels 0.1 to 0.9 of several paths together, step by step.
    fn of_many(many: &[Paths]) -> Self {
        let steps = many.first().map_or(0, |first| first.0[0].len());
        let mut joined = Self::default();
        for step in 0..steps {
            let mut values: Vec<f32> = many.iter().flat_map(|paths| paths.step(step)).collect();
            values.sort_by(f32::total_cmp);
            for (path, level) in joined.0.iter_mut().zip(DECILES) {
                path.push(between(&values, level * (values.len() - 1) as f32));
            }
        }
        joined
    }

    fn append(&mut self, more: Self) {
        for (path, mut more) in self.0.iter_mut().zip(more.0) {
            path.append(&mut more);
        }
    }

    fn cut(mut self, steps: usize) -> Self {
        self.0.iter_mut().for_each(|path| path.truncate(steps));
        self
    }
}

/// Any level by the reference's rule: the outermost deciles twice, and all eleven taken for a sample. Of
/// ascending deciles that is linear between the nearest two, and the outermost one beyond them.
pub fn at(deciles: &[f32; DECILES.len()], level: f32) -> f32 {
    let [first, .., last] = *deciles;
    let mut sample = [first; DECILES.len() + 2];
    sample[1..=DECILES.len()].copy_from_slice(deciles);
    sample[DECILES.len() + 1] = last;
    sample.sort_by(f32::total_cmp);
    between(&sample, level * (sample.len() - 1) as f32)
}

/// What lies at a place between two values.
pub(super) fn between(values: &[f32], place: f32) -> f32 {
    let last = values.len().saturating_sub(1);
    let place = place.clamp(0.0, last as f32);
    let (low, share) = (place as usize, place.fract());
    values[low] + share * (values[(low + 1).min(last)] - values[low])
}

/// Paths over a horizon for some contexts, in their order. A context is a series' past in units, the
/// newest value last, NaN where nothing is known.
pub(super) fn forecast(
    network: &Network,
    contexts: &[&[f32]],
    horizon: usize,
    threads: usize,
) -> Result<Vec<Paths>, ModelError> {
    // Dealt out by length, each thread gets its share of the long ones, and neighbours go together.
    let mut order: Vec<usize> = (0..contexts.len()).collect();
    order.sort_by_key(|&place| contexts[place].len());
    let threads = threads.clamp(1, contexts.len().max(1));
    let on_one = |thread: usize| -> Result<Vec<(usize, Paths)>, ModelError> {
        let mine: Vec<usize> = order.iter().copied().skip(thread).step_by(threads).collect();
        let mut answers = Vec::with_capacity(mine.len());
        for some in mine.chunks(TOGETHER) {
            let contexts: Vec<&[f32]> = some.iter().map(|&place| contexts[place]).collect();
            answers.extend(some.iter().copied().zip(unrolled(network, &contexts, horizon)?));
        }
        Ok(answers)
    };
    let mut parts: Vec<_> = (0..threads).map(|_| Ok(Vec::new())).collect();
    if let [part] = parts.as_mut_slice() {
        *part = on_one(0);
    } else {
        std::thread::scope(|scope| {
            for (thread, part) in parts.iter_mut().enumerate() {
                let on_one = &on_one;
                scope.spawn(move || *part = on_one(thread));
            }
        });
    }
    let mut all = vec![Paths::default(); contexts.len()];
    for part in parts {
        for (place, paths) in part? {
            all[place] = paths;
        }
    }
    Ok(all)
}

/// Beyond the steps of a pass each of the nine paths is taken for what came, and the model asked again
/// after each; of the 81 answers the nine levels are taken.
fn unrolled(
    network: &Network,
    contexts: &[&[f32]],
    horizon: usize,
) -> Result<Vec<Paths>, ModelError> {
    let config = &network.config;
    let mut answers = pass(network, contexts)?;
    let passes = horizon.div_ceil(config.steps);
    if passes > 1 {
        let each = DECILES.len();
        let mut branches: Vec<Vec<f32>> = Vec::with_capacity(contexts.len() * each);
        for (context, answer) in contexts.iter().zip(&answers) {
            branches.extend(answer.0.iter().map(|path| followed(context, path, config.context)));
        }
        for _ in 1..passes {
            let asked: Vec<&[f32]> = branches.iter().map(Vec::as_slice).collect();
            let blocks = pass(network, &asked)?;
            for ((answer, branches), blocks) in
                answers.iter_mut().zip(branches.chunks_mut(each)).zip(blocks.chunks(each))
            {
                let block = Paths::of_many(blocks);
                for (branch, path) in branches.iter_mut().zip(&block.0) {
                    *branch = followed(branch, path, config.context);
                }
                answer.append(block);
            }
        }
    }
    Ok(answers.into_iter().map(|answer| answer.cut(horizon)).collect())
}

/// A context and what came after it, the last `most` of both.
fn followed(context: &[f32], path: &[f32], most: usize) -> Vec<f32> {
    let both: Vec<f32> = context.iter().chain(path).copied().collect();
    both[both.len().saturating_sub(most)..].to_vec()
}

/// One pass through the network, contexts with as many patches together.
fn pass(network: &Network, contexts: &[&[f32]]) -> Result<Vec<Paths>, ModelError> {
    let config = &network.config;
    let patched: Vec<Patched> = contexts.iter().map(|one| Patched::of(one, config)).collect();
    let mut alike: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, one) in patched.iter().enumerate() {
        alike.entry(one.seen.len()).or_default().push(place);
    }
    let mut all = vec![Paths::default(); contexts.len()];
    for (patches, places) in alike {
        for some in places.chunks(TOGETHER) {
            let mut batch = Batch { count: some.len(), patches, ..Batch::default() };
            for &place in some {
                batch.values.extend_from_slice(&patched[place].values);
                batch.seen.extend_from_slice(&patched[place].seen);
            }
            let answers = network.forward(&batch)?;
            for (&place, answer) in some.iter().zip(answers.chunks(DECILES.len() * config.steps)) {
                all[place] = patched[place].in_units(answer, config.steps);
            }
        }
    }
    Ok(all)
}

/// A context as the network sees it.
struct Patched {
    location: f32,
    scale: f32,
    values: Vec<f32>,
    seen: Vec<bool>,
}

impl Patched {
    fn of(context: &[f32], config: &Config) -> Self {
        let context = &context[context.len().saturating_sub(config.context)..];
        let (location, scale) = norm(context);
        let patches = context.len().div_ceil(config.patch).max(1);
        let mut padded = vec![f32::NAN; patches * config.patch - context.len()];
        padded.extend_from_slice(context);
        let mut values = Vec::with_capacity(2 * padded.len());
        let mut seen = Vec::with_capacity(patches);
        for patch in padded.chunks(config.patch) {
            let normed =
                |value: &f32| if value.is_nan() { 0.0 } else { (value - location) / scale };
            values.extend(patch.iter().map(normed));
            values.extend(patch.iter().map(|value| f32::from(!value.is_nan())));
            seen.push(patch.iter().any(|value| !value.is_nan()));
        }
        Self { location, scale, values, seen }
    }

    fn in_units(&self, answer: &[f32], steps: usize) -> Paths {
        let mut paths = Paths::default();
        for (path, normed) in paths.0.iter_mut().zip(answer.chunks(steps)) {
            path.extend(normed.iter().map(|value| value * self.scale + self.location));
        }
        paths
    }
}

/// Mean and standard deviation of what was observed.
fn norm(context: &[f32]) -> (f32, f32) {
    let observed = || context.iter().filter(|value| !value.is_nan()).map(|&value| f64::from(value));
    let count = observed().count();
    if count == 0 {
        return (0.0, 1.0);
    }
    let mean = observed().sum::<f64>() / count as f64;
    let variance = observed().map(|value| (value - mean).powi(2)).sum::<f64>() / count as f64;
    let scale = variance.sqrt() as f32;
    (mean as f32, if scale > 0.0 { scale } else { LEAST_SCALE })
}
