//! The network itself: patches in, quantiles of days and of totals out.

use super::base::BASES;
use super::features::{Features, OLD, OLD_WIDTH, QUERIES, RECENT, RECENT_WIDTH};
use super::layers::{Block, Dropout, HIDDEN, Linear, Norm, Parameters, WIDTH, find};
use super::{HORIZON, LEVEL_COUNT, QUERY_WIDTH, STATIC_WIDTH};
use candle_core::{Device, Result, Tensor};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

/// Transformer blocks.
pub(super) const BLOCKS: usize = 4;
/// Width of the head's hidden layer.
const HEAD: usize = 256;
/// Tokens before the queries: patches and the static one.
const CONTEXT_TOKENS: usize = OLD.0 + RECENT.0 + 1;
/// Trust in each simple forecast of the days and of the totals of a query's seven steps.
const TRUST: usize = 2 * 7 * BASES;

/// Name and shape of each parameter.
pub(super) fn shapes() -> Vec<(String, Vec<usize>)> {
    let mut all: Vec<(String, Vec<usize>)> = Vec::new();
    let mut linear = |name: &str, from: usize, to: usize, bias: bool| {
        all.push((format!("{name}.weight"), vec![to, from]));
        if bias {
            all.push((format!("{name}.bias"), vec![to]));
        }
    };
    linear("embed.old", OLD_WIDTH, WIDTH, true);
    linear("embed.recent", RECENT_WIDTH, WIDTH, true);
    linear("embed.static", STATIC_WIDTH, WIDTH, true);
    linear("embed.query", QUERY_WIDTH, WIDTH, true);
    for block in 0..BLOCKS {
        for part in ["queries", "keys", "values"] {
            linear(&format!("block.{block}.{part}"), WIDTH, WIDTH, false);
        }
        linear(&format!("block.{block}.joined"), WIDTH, WIDTH, false);
        linear(&format!("block.{block}.wide"), WIDTH, HIDDEN, true);
        linear(&format!("block.{block}.narrow"), HIDDEN, WIDTH, true);
    }
    linear("head.hidden", WIDTH, HEAD, true);
    linear("head.days", HEAD, 7 * LEVEL_COUNT, true);
    linear("head.totals", HEAD, 7 * LEVEL_COUNT, true);
    linear("head.trust", HEAD, TRUST, true);
    let mut norm = |name: String| {
        all.push((format!("{name}.weight"), vec![WIDTH]));
        all.push((format!("{name}.bias"), vec![WIDTH]));
    };
    for block in 0..BLOCKS {
        norm(format!("block.{block}.norm1"));
        norm(format!("block.{block}.norm2"));
    }
    norm("head.norm".to_owned());
    all.push(("position".to_owned(), vec![CONTEXT_TOKENS, WIDTH]));
    all.push(("query".to_owned(), vec![QUERIES, WIDTH]));
    all
}

/// Fresh parameters from a seed: uniform by fan-in, norms at one, the output of each sub-layer at zero
/// so that the network starts as its embedding, heads near zero.
pub(super) fn initial(seed: u64) -> Result<Parameters> {
    let mut draws = ChaCha8Rng::seed_from_u64(seed);
    let mut parameters = Parameters::new();
    for (name, shape) in shapes() {
        let count: usize = shape.iter().product();
        let spread = match name.as_str() {
            name if name.contains("norm") || name.ends_with(".bias") => 0.0,
            name if name.ends_with("joined.weight") || name.ends_with("narrow.weight") => 0.0,
            "head.days.weight" | "head.totals.weight" | "head.trust.weight" => 0.002,
            "position" | "query" => 0.02,
            // Variance of a uniform in ±1/sqrt(fan-in).
            _ => (1.0 / (3.0 * shape[shape.len() - 1] as f32)).sqrt(),
        };
        let constant = if name.contains("norm") && name.ends_with("weight") { 1.0 } else { 0.0 };
        let values: Vec<f32> = if spread > 0.0 {
            match Normal::new(0.0, spread) {
                Ok(normal) => (0..count).map(|_| normal.sample(&mut draws)).collect(),
                Err(error) => candle_core::bail!("{error}"),
            }
        } else {
            vec![constant; count]
        };
        parameters.insert(name, Tensor::from_vec(values, shape, &Device::Cpu)?);
    }
    Ok(parameters)
}

/// What the network answers, in units of asinh of a series' scale, not sorted.
#[derive(Debug, Clone)]
pub struct Output {
    /// batch x 28 x 14: each day.
    pub days: Tensor,
    /// batch x 28 x 14: the mean per day from the first day to each.
    pub totals: Tensor,
}

/// The demand network with its parameters.
#[derive(Debug, Clone)]
pub struct Network {
    old: Linear,
    recent: Linear,
    fixed: Linear,
    ahead: Linear,
    position: Tensor,
    query: Tensor,
    blocks: Vec<Block>,
    norm: Norm,
    hidden: Linear,
    days: Linear,
    totals: Linear,
    trust: Linear,
}

impl Network {
    /// The network over some parameters, whose shapes have been checked.
    pub(super) fn of(parameters: &Parameters) -> Result<Self> {
        Ok(Self {
            old: Linear::of(parameters, "embed.old")?,
            recent: Linear::of(parameters, "embed.recent")?,
            fixed: Linear::of(parameters, "embed.static")?,
            ahead: Linear::of(parameters, "embed.query")?,
            position: find(parameters, "position")?,
            query: find(parameters, "query")?,
            blocks: (0..BLOCKS)
                .map(|block| Block::of(parameters, &format!("block.{block}")))
                .collect::<Result<_>>()?,
            norm: Norm::of(parameters, "head.norm")?,
            hidden: Linear::of(parameters, "head.hidden")?,
            days: Linear::of(parameters, "head.days")?,
            totals: Linear::of(parameters, "head.totals")?,
            trust: Linear::of(parameters, "head.trust")?,
        })
    }

    /// Quantiles for a batch.
    pub fn forward(&self, features: &Features, dropout: &Dropout) -> Result<Output> {
        let batch = features.count;
        let tokens = CONTEXT_TOKENS + QUERIES;
        let mut x = self.tokens(features)?;
        for (number, block) in self.blocks.iter().enumerate() {
            // Of the last block nothing but the queries is looked at.
            let kept = if number + 1 < BLOCKS { tokens } else { QUERIES };
            x = block.forward(&x, batch, kept, dropout)?;
        }
        let hidden = self.hidden.forward_relu(&self.norm.forward(&x)?)?;
        let shape = (batch, HORIZON, LEVEL_COUNT);
        // sigmoid(x) = (1 + tanh(x / 2)) / 2, whose gradient candle keeps.
        let trust = ((self.trust.forward(&hidden)? * 0.5)?.tanh()? * 0.5)?.affine(1.0, 0.5)?;
        let trust = trust.reshape((batch, QUERIES, 2, 7 * BASES))?;
        let lean = |which: usize, bases: &[f32]| -> Result<Tensor> {
            let bases = Tensor::from_slice(bases, (batch, HORIZON, BASES), &Device::Cpu)?;
            let trust = trust.narrow(2, which, 1)?.reshape((batch, HORIZON, BASES))?;
            trust.mul(&bases)?.sum_keepdim(2)
        };
        let days = self.days.forward(&hidden)?.reshape(shape)?;
        let totals = self.totals.forward(&hidden)?.reshape(shape)?;
        Ok(Output {
            days: days.broadcast_add(&lean(0, &features.day_bases)?)?,
            totals: totals.broadcast_add(&lean(1, &features.total_bases)?)?,
        })
    }

    fn tokens(&self, features: &Features) -> Result<Tensor> {
        let batch = features.count;
        let embed = |layer: &Linear, values: &[f32], tokens: usize| -> Result<Tensor> {
            let rows = batch * tokens;
            let x = Tensor::from_slice(values, (rows, values.len() / rows), &Device::Cpu)?;
            layer.forward(&x)?.reshape((batch, tokens, WIDTH))
        };
        let old = embed(&self.old, &features.old, OLD.0)?;
        let recent = embed(&self.recent, &features.recent, RECENT.0)?;
        let fixed = embed(&self.fixed, &features.fixed, 1)?;
        let ahead = embed(&self.ahead, &features.queries, QUERIES)?;
        let context = Tensor::cat(&[old, recent, fixed], 1)?.broadcast_add(&self.position)?;
        let queries = ahead.broadcast_add(&self.query)?;
        let tokens = CONTEXT_TOKENS + QUERIES;
        Tensor::cat(&[context, queries], 1)?.reshape((batch * tokens, WIDTH))
    }
}
