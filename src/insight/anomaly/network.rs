//! A small network of dense layers, trained and run by candle.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::optim::{AdamW, Optimizer, ParamsAdamW};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Rows in a step of training.
pub(super) const BATCH: usize = 512;
/// Rows run at once.
const RUN: usize = 4096;

/// How a network is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    /// Times through all rows.
    pub epochs: usize,
    /// Highest rate; it falls as a half cosine after a short warm-up.
    pub rate: f64,
    /// Weight decay.
    pub decay: f64,
    /// Share of the inputs left out of a row at random.
    pub dropout: f32,
    /// Seed of the start and of the order of rows.
    pub seed: u64,
}

/// The class of a row of which only is known that it is not of class 0.
pub(super) const ANY: usize = 255;

/// Rows of numbers, what class each belongs to, and how much it counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) width: usize,
    pub(super) numbers: Vec<f32>,
    pub(super) classes: Vec<u32>,
    pub(super) weights: Vec<f32>,
}

impl Rows {
    pub(super) fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    pub(super) fn push(&mut self, numbers: &[f32], class: usize, weight: f32) {
        debug_assert_eq!(numbers.len(), self.width, "every row has the same width");
        self.numbers.extend_from_slice(numbers);
        self.classes.push(class as u32);
        self.weights.push(weight);
    }

    pub(super) fn len(&self) -> usize {
        self.classes.len()
    }

    /// At most so many of them, evenly.
    pub(super) fn thinned(&self, most: usize) -> Self {
        let mut thin = Self::new(self.width);
        let every = (self.len() as f64 / most.max(1) as f64).max(1.0);
        for number in 0..self.len().min(most) {
            let place = ((number as f64 * every) as usize).min(self.len() - 1);
            let row = &self.numbers[place * self.width..(place + 1) * self.width];
            thin.push(row, self.classes[place] as usize, self.weights[place]);
        }
        thin
    }
}

/// Dense layers with ReLU between them.
#[derive(Debug, Clone)]
pub(super) struct Network {
    layers: Vec<(Var, Var)>,
}

impl Network {
    /// Fresh layers of these widths, from input to output.
    pub(super) fn new(widths: &[usize], seed: u64) -> Result<Self> {
        let mut draws = ChaCha8Rng::seed_from_u64(seed);
        let mut layers = Vec::new();
        for (place, pair) in widths.windows(2).enumerate() {
            let last = place + 2 == widths.len();
            // He et al. 2015 for ReLU; the output starts near 0.
            let spread = if last { 0.02 } else { (6.0 / pair[0] as f32).sqrt() };
            let weights: Vec<f32> = (0..pair[0] * pair[1])
                .map(|_| (draws.random::<f32>() * 2.0 - 1.0) * spread)
                .collect();
            let weight = Var::from_vec(weights, (pair[0], pair[1]), &Device::Cpu)?;
            let bias = Var::zeros(pair[1], DType::F32, &Device::Cpu)?;
            layers.push((weight, bias));
        }
        Ok(Self { layers })
    }

    /// A copy whose training leaves this one alone.
    pub(super) fn apart(&self) -> Result<Self> {
        let copy = |var: &Var| Var::from_tensor(&var.as_detached_tensor().copy()?);
        let layers = self.layers.iter().map(|(w, b)| Ok((copy(w)?, copy(b)?)));
        Ok(Self { layers: layers.collect::<Result<_>>()? })
    }

    /// x: rows x in, to rows x out, and what the last layer but one said.
    fn forward(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let mut now = x.clone();
        let mut before = now.clone();
        for (place, (weight, bias)) in self.layers.iter().enumerate() {
            before = now.clone();
            now = now.matmul(weight.as_tensor())?.broadcast_add(bias.as_tensor())?;
            if place + 1 < self.layers.len() {
                now = now.relu()?;
            }
        }
        Ok((now, before))
    }

    pub(super) fn widths(&self) -> Vec<usize> {
        let inputs = self.layers.first().map_or(0, |(weight, _)| weight.dims()[0]);
        std::iter::once(inputs).chain(self.layers.iter().map(|(_, b)| b.elem_count())).collect()
    }

    /// Weights and biases of each layer, flat.
    pub(super) fn numbers(&self) -> Result<Vec<(Vec<f32>, Vec<f32>)>> {
        let flat = |var: &Var| var.flatten_all()?.to_vec1::<f32>();
        self.layers.iter().map(|(weight, bias)| Ok((flat(weight)?, flat(bias)?))).collect()
    }

    /// The same back; sizes that do not fit are refused.
    pub(super) fn from_numbers(widths: &[usize], all: &[(Vec<f32>, Vec<f32>)]) -> Result<Self> {
        if widths.len() != all.len() + 1 {
            candle_core::bail!("{} widths for {} layers", widths.len(), all.len());
        }
        let mut layers = Vec::new();
        for (pair, (weight, bias)) in widths.windows(2).zip(all) {
            let weight = Tensor::from_slice(weight, (pair[0], pair[1]), &Device::Cpu)?;
            let bias = Tensor::from_slice(bias, pair[1], &Device::Cpu)?;
            layers.push((Var::from_tensor(&weight)?, Var::from_tensor(&bias)?));
        }
        Ok(Self { layers })
    }

    fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |(_, bias)| bias.elem_count())
    }

    /// ln of the shares of the classes for each row: rows x classes, flat.
    pub(super) fn run(&self, numbers: &[f32], width: usize) -> Result<Vec<f32>> {
        let mut out = Vec::with_capacity(numbers.len() / width.max(1) * self.outputs());
        for part in numbers.chunks(RUN * width) {
            let x = Tensor::from_slice(part, (part.len() / width, width), &Device::Cpu)?;
            let scores: Vec<f32> = self.forward(&x)?.0.flatten_all()?.to_vec1()?;
            for row in scores.chunks(self.outputs()) {
                out.extend(log_shares(row));
            }
        }
        Ok(out)
    }

    /// What the last layer but one says of one row: where the network sees it.
    pub(super) fn embedding(&self, row: &[f32]) -> Result<Vec<f32>> {
        let x = Tensor::from_slice(row, (1, row.len()), &Device::Cpu)?;
        self.forward(&x)?.1.flatten_all()?.to_vec1()
    }

    /// Trains on rows: cross-entropy, each row by its weight. Asks before each step whether to go on.
    /// Returns the mean loss of each epoch.
    pub(super) fn train(
        &mut self,
        rows: &Rows,
        how: Training,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<f32>> {
        let vars = self.layers.iter().flat_map(|(w, b)| [w.clone(), b.clone()]).collect();
        let settings =
            ParamsAdamW { lr: how.rate, weight_decay: how.decay, ..ParamsAdamW::default() };
        let mut optimiser = AdamW::new(vars, settings)?;
        let mut draws = ChaCha8Rng::seed_from_u64(how.seed ^ 0x5eed);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        let steps = how.epochs * rows.len().div_ceil(BATCH);
        let (mut step, mut losses) = (0usize, Vec::new());
        for _ in 0..how.epochs {
            order.shuffle(&mut draws);
            let (mut sum, mut count) = (0f32, 0f32);
            for part in order.chunks(BATCH) {
                if !go_on() {
                    candle_core::bail!("it was cancelled");
                }
                optimiser.set_learning_rate(how.rate * pace(step, steps));
                let loss = self.loss(rows, part, how.dropout, &mut draws)?;
                optimiser.backward_step(&loss)?;
                sum += loss.to_scalar::<f32>()?;
                count += 1.0;
                step += 1;
            }
            losses.push(sum / f32::max(count, 1.0));
        }
        Ok(losses)
    }

    fn loss(
        &self,
        rows: &Rows,
        part: &[usize],
        dropout: f32,
        draws: &mut ChaCha8Rng,
    ) -> Result<Tensor> {
        let mut numbers = Vec::with_capacity(part.len() * rows.width);
        for &row in part {
            let row = &rows.numbers[row * rows.width..(row + 1) * rows.width];
            numbers.extend(
                row.iter().map(|&x| {
                    if dropout > 0.0 && draws.random::<f32>() < dropout { 0.0 } else { x }
                }),
            );
        }
        let any = |row: usize| rows.classes[row] == ANY as u32;
        let picked = part.iter().map(|&row| if any(row) { 0 } else { rows.classes[row] });
        let classes: Vec<u32> = picked.collect();
        let open: Vec<f32> = part.iter().map(|&row| if any(row) { 1.0 } else { 0.0 }).collect();
        let weights: Vec<f32> = part.iter().map(|&row| rows.weights[row]).collect();
        let total: f32 = weights.iter().sum::<f32>().max(1e-6);
        let x = Tensor::from_vec(numbers, (part.len(), rows.width), &Device::Cpu)?;
        let classes = Tensor::from_vec(classes, (part.len(), 1), &Device::Cpu)?;
        let weights = Tensor::from_vec(weights, (part.len(), 1), &Device::Cpu)?;
        let open = Tensor::from_vec(open, (part.len(), 1), &Device::Cpu)?;
        let scores = self.forward(&x)?.0;
        // Written out: candle's fused softmax has no gradient.
        let most = scores.max_keepdim(1)?.detach();
        let shifted = scores.broadcast_sub(&most)?;
        let norm = shifted.exp()?.sum_keepdim(1)?.log()?;
        let picked = shifted.gather(&classes, 1)?;
        let others = shifted.narrow(1, 1, shifted.dim(1)? - 1)?.exp()?.sum_keepdim(1)?;
        let others = (others + 1e-12)?.log()?;
        let picked = (picked.mul(&(1.0 - &open)?)? + others.mul(&open)?)?.sub(&norm)?;
        (picked.mul(&weights)?.sum_all()?.neg()?) / f64::from(total)
    }
}

/// Share of the highest rate at a step.
fn pace(step: usize, steps: usize) -> f64 {
    let warm = ((step + 1) as f64 / (0.05 * steps as f64).max(1.0)).min(1.0);
    let share = step as f64 / steps.max(1) as f64;
    warm * (0.5 * (1.0 + (std::f64::consts::PI * share).cos()) + 0.01)
}

fn log_shares(row: &[f32]) -> impl Iterator<Item = f32> {
    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let norm = row.iter().map(|x| (x - most).exp()).sum::<f32>().ln() + most;
    row.iter().map(move |x| x - norm)
}

/// Brings numbers to a common scale: asinh of what is beyond the usual, then mean 0 and spread 1.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Scale {
    pub(super) middle: Vec<f32>,
    pub(super) spread: Vec<f32>,
}

impl Scale {
    /// From rows of one width, flat.
    pub(super) fn of(numbers: &[f32], width: usize) -> Self {
        let count = (numbers.len() / width.max(1)).max(1) as f32;
        let mut middle = vec![0f32; width];
        let mut spread = vec![0f32; width];
        for row in numbers.chunks(width) {
            middle.iter_mut().zip(row).for_each(|(sum, x)| *sum += x / count);
        }
        for row in numbers.chunks(width) {
            for ((sum, x), mean) in spread.iter_mut().zip(row).zip(&middle) {
                *sum += (x - mean) * (x - mean) / count;
            }
        }
        spread.iter_mut().for_each(|s| *s = s.sqrt().max(0.05));
        Self { middle, spread }
    }

    /// Whether it is for rows of this width.
    pub(super) fn fits(&self, width: usize) -> bool {
        self.middle.len() == width && self.spread.len() == width
    }

    /// A row on the common scale.
    pub(super) fn apply(&self, row: &mut [f32]) {
        for ((x, mean), spread) in row.iter_mut().zip(&self.middle).zip(&self.spread) {
            let scaled = if x.is_finite() { (*x - mean) / spread } else { 0.0 };
            // Twice the asinh of its half: linear near the middle, logarithmic far out.
            let half = scaled.abs().min(1e15) / 2.0;
            *x = ((half + (half * half + 1.0).sqrt()).ln() * 2.0).copysign(scaled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Rows {
        let mut draws = ChaCha8Rng::seed_from_u64(3);
        let mut rows = Rows::new(4);
        for _ in 0..2000 {
            let row: Vec<f32> = (0..4).map(|_| draws.random_range(-1.0..1.0)).collect();
            let class = if row[0] * row[1] > 0.0 { 0 } else { 1 + usize::from(row[2] > 0.0) };
            rows.push(&row, class, 1.0);
        }
        rows
    }

    #[test]
    fn every_parameter_has_a_gradient() {
        let network = Network::new(&[4, 16, 8, 3], 1).unwrap();
        let mut draws = ChaCha8Rng::seed_from_u64(1);
        let mut rows = rows();
        rows.classes[0] = ANY as u32;
        let part: Vec<usize> = (0..256).collect();
        let loss = network.loss(&rows, &part, 0.0, &mut draws).unwrap();
        let gradients = loss.backward().unwrap();
        for (weight, bias) in &network.layers {
            for var in [weight, bias] {
                let found = gradients.get(var.as_tensor()).expect("a gradient");
                let sum = found.abs().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
                assert!(sum > 0.0);
            }
        }
    }

    #[test]
    fn a_product_is_learnt_and_a_copy_left_alone() {
        let rows = rows();
        let start = Network::new(&[4, 32, 16, 3], 1).unwrap();
        let mut network = start.apart().unwrap();
        let how = Training { epochs: 40, rate: 5e-3, decay: 1e-4, dropout: 0.0, seed: 1 };
        let losses = network.train(&rows, how, &mut || true).unwrap();
        assert!(losses[39] < 0.25 * losses[0], "{losses:?}");
        let said = network.run(&rows.numbers, 4).unwrap();
        let right = said
            .chunks(3)
            .zip(&rows.classes)
            .filter(|(said, class)| (0..3).all(|other| said[other] <= said[**class as usize]));
        assert!(right.count() > 1850);
        let fresh = Network::new(&[4, 32, 16, 3], 1).unwrap();
        assert_eq!(
            start.run(&rows.numbers, 4).unwrap(),
            fresh.run(&rows.numbers, 4).unwrap(),
            "training a copy leaves the first as it was"
        );
    }
}
