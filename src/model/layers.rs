//! The parts of the network, the same in training and in use.

use super::ops;
use candle_core::{D, Result, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Tensors by name.
pub(super) type Parameters = BTreeMap<String, Tensor>;

/// Width of the network.
pub(super) const WIDTH: usize = 128;
/// Width of the feed-forward layer.
pub(super) const HIDDEN: usize = 512;
/// Attention heads.
pub(super) const HEADS: usize = 4;

/// Dropout while training: none in use.
#[derive(Debug)]
pub struct Dropout {
    share: f32,
    draws: RefCell<ChaCha8Rng>,
}

impl Dropout {
    /// Drops a share of the values, 0 to below 1, drawn from a seed.
    pub fn new(share: f32, seed: u64) -> Self {
        Self { share, draws: RefCell::new(ChaCha8Rng::seed_from_u64(seed)) }
    }

    /// No dropout.
    pub fn none() -> Self {
        Self::new(0.0, 0)
    }

    pub(super) fn apply(&self, x: Tensor) -> Result<Tensor> {
        if self.share <= 0.0 {
            return Ok(x);
        }
        let mut draws = self.draws.borrow_mut();
        let kept = 1.0 / (1.0 - self.share);
        let mask: Vec<f32> = (0..x.elem_count())
            .map(|_| if draws.random::<f32>() < self.share { 0.0 } else { kept })
            .collect();
        x.mul(&Tensor::from_vec(mask, x.shape(), x.device())?)
    }
}

/// y = x W' + b.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    pub(super) fn of(parameters: &Parameters, name: &str) -> Result<Self> {
        Ok(Self {
            weight: find(parameters, &format!("{name}.weight"))?,
            bias: parameters.get(&format!("{name}.bias")).cloned(),
        })
    }

    /// x: rows x in, to rows x out.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let product = x.matmul(&self.weight.t()?)?;
        match &self.bias {
            Some(bias) => ops::bias_add(&product, bias),
            None => Ok(product),
        }
    }

    /// The same and then max(0, .).
    pub(super) fn forward_relu(&self, x: &Tensor) -> Result<Tensor> {
        let product = x.matmul(&self.weight.t()?)?;
        match &self.bias {
            Some(bias) => ops::bias_relu(&product, bias),
            None => product.relu(),
        }
    }
}

/// A layer norm's weight and bias.
#[derive(Debug, Clone)]
pub(super) struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Norm {
    pub(super) fn of(parameters: &Parameters, name: &str) -> Result<Self> {
        Ok(Self {
            weight: find(parameters, &format!("{name}.weight"))?,
            bias: find(parameters, &format!("{name}.bias"))?,
        })
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        ops::layer_norm(x, &self.weight, &self.bias)
    }
}

/// A pre-norm transformer block (Xiong et al. 2020) without mask or positions of its own.
#[derive(Debug, Clone)]
pub(super) struct Block {
    before_attention: Norm,
    queries: Linear,
    keys: Linear,
    values: Linear,
    joined: Linear,
    before_feed: Norm,
    wide: Linear,
    narrow: Linear,
}

impl Block {
    pub(super) fn of(parameters: &Parameters, name: &str) -> Result<Self> {
        Ok(Self {
            before_attention: Norm::of(parameters, &format!("{name}.norm1"))?,
            queries: Linear::of(parameters, &format!("{name}.queries"))?,
            keys: Linear::of(parameters, &format!("{name}.keys"))?,
            values: Linear::of(parameters, &format!("{name}.values"))?,
            joined: Linear::of(parameters, &format!("{name}.joined"))?,
            before_feed: Norm::of(parameters, &format!("{name}.norm2"))?,
            wide: Linear::of(parameters, &format!("{name}.wide"))?,
            narrow: Linear::of(parameters, &format!("{name}.narrow"))?,
        })
    }

    /// x: batch·tokens x width, to batch·kept x width: the answers of each series' last `kept` tokens.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        batch: usize,
        kept: usize,
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let normed = self.before_attention.forward(x)?;
        let attended = self.attend(&normed, &last(&normed, batch, kept)?, batch)?;
        let x = (last(x, batch, kept)? + dropout.apply(self.joined.forward(&attended)?)?)?;
        let wide = self.wide.forward_relu(&self.before_feed.forward(&x)?)?;
        &x + dropout.apply(self.narrow.forward(&dropout.apply(wide)?)?)?
    }

    /// What `asking` tokens find in all tokens x.
    fn attend(&self, x: &Tensor, asking: &Tensor, batch: usize) -> Result<Tensor> {
        let (_, width) = x.dims2()?;
        let heads = |layer: &Linear, x: &Tensor| ops::split_heads(&layer.forward(x)?, batch, HEADS);
        let queries = heads(&self.queries, asking)?;
        let (keys, values) = (heads(&self.keys, x)?, heads(&self.values, x)?);
        let scores = queries.matmul(&keys.transpose(D::Minus2, D::Minus1)?)?;
        let shares = ops::softmax(&scores, ((width / HEADS) as f32).powf(-0.5))?;
        ops::join_heads(&shares.matmul(&values)?)
    }
}

/// The last `kept` tokens of each series.
fn last(x: &Tensor, batch: usize, kept: usize) -> Result<Tensor> {
    let (rows, width) = x.dims2()?;
    let tokens = rows / batch;
    if kept == tokens {
        return Ok(x.clone());
    }
    x.reshape((batch, tokens, width))?
        .narrow(1, tokens - kept, kept)?
        .contiguous()?
        .reshape((batch * kept, width))
}

/// A parameter by name.
pub(super) fn find(parameters: &Parameters, name: &str) -> Result<Tensor> {
    match parameters.get(name) {
        Some(tensor) => Ok(tensor.clone()),
        None => candle_core::bail!("{name} is missing"),
    }
}
