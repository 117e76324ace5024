//! The T5 encoder and decoder of Chronos-Bolt over patches (Raffel et al. 2020; Ansari et al. 2024).
//!
//! T5's own ways: norms by the root mean square, no biases in the stacks, attention scores that are not
//! divided by the root of the width, and one table of relative distances for all encoder blocks. The
//! decoder has a single token, so that its self-attention is the values' projection alone and its own
//! table of distances changes nothing.

use super::config::{Config, DECILES};
use crate::model::layers::{Linear, Parameters, find};
use crate::model::ops;
use candle_core::{D, Device, Result, Tensor, bail};

/// Name and shape of every tensor that is needed.
pub(super) fn shapes(config: &Config) -> Vec<(String, Vec<usize>)> {
    let (width, hidden) = (config.width, config.hidden);
    let mut all = vec![("shared.weight".to_owned(), vec![2, width])];
    let answers = DECILES.len() * config.steps;
    for (part, from, to) in [
        ("input_patch_embedding", 2 * config.patch, width),
        ("output_patch_embedding", width, answers),
    ] {
        let layers = [
            ("hidden_layer", from, hidden),
            ("output_layer", hidden, to),
            ("residual_layer", from, to),
        ];
        for (layer, from, to) in layers {
            all.push((format!("{part}.{layer}.weight"), vec![to, from]));
            all.push((format!("{part}.{layer}.bias"), vec![to]));
        }
    }
    for (stack, blocks, parts) in [
        ("encoder", config.encoder_blocks, &["SelfAttention"][..]),
        ("decoder", config.decoder_blocks, &["SelfAttention", "EncDecAttention"][..]),
    ] {
        let table = format!("{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight");
        all.push((table, vec![config.buckets, config.heads]));
        all.push((format!("{stack}.final_layer_norm.weight"), vec![width]));
        for block in (0..blocks).map(|block| format!("{stack}.block.{block}.layer")) {
            for (layer, part) in parts.iter().enumerate() {
                for matrix in ["q", "k", "v"] {
                    let shape = vec![config.inner(), width];
                    all.push((format!("{block}.{layer}.{part}.{matrix}.weight"), shape));
                }
                all.push((format!("{block}.{layer}.{part}.o.weight"), vec![width, config.inner()]));
                all.push((format!("{block}.{layer}.layer_norm.weight"), vec![width]));
            }
            let feed = format!("{block}.{}", parts.len());
            all.push((format!("{feed}.DenseReluDense.wi.weight"), vec![hidden, width]));
            all.push((format!("{feed}.DenseReluDense.wo.weight"), vec![width, hidden]));
            all.push((format!("{feed}.layer_norm.weight"), vec![width]));
        }
    }
    all
}

/// Series with the same number of patches.
#[derive(Debug, Clone, Default)]
pub(super) struct Batch {
    /// How many series.
    pub count: usize,
    /// Patches of each.
    pub patches: usize,
    /// count x patches x 2·patch: the values, then whether each was observed.
    pub values: Vec<f32>,
    /// count x patches: whether anything of a patch was observed.
    pub seen: Vec<bool>,
}

/// The network with its parameters.
#[derive(Debug, Clone)]
pub(super) struct Network {
    pub(super) config: Config,
    embed: Residual,
    start: Tensor,
    reg: Tensor,
    distances: Tensor,
    encoder: Vec<EncoderBlock>,
    encoder_norm: Norm,
    decoder: Vec<DecoderBlock>,
    decoder_norm: Norm,
    head: Residual,
}

impl Network {
    /// The network over parameters whose shapes have been checked.
    pub(super) fn of(config: Config, parameters: &Parameters) -> Result<Self> {
        let shared = find(parameters, "shared.weight")?;
        let encoder = (0..config.encoder_blocks)
            .map(|block| {
                EncoderBlock::of(&config, parameters, &format!("encoder.block.{block}.layer"))
            })
            .collect::<Result<_>>()?;
        let decoder = (0..config.decoder_blocks)
            .map(|block| {
                DecoderBlock::of(&config, parameters, &format!("decoder.block.{block}.layer"))
            })
            .collect::<Result<_>>()?;
        let table = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
        Ok(Self {
            embed: Residual::of(parameters, "input_patch_embedding")?,
            start: shared.narrow(0, config.start_row, 1)?,
            reg: shared.narrow(0, config.reg_row, 1)?,
            distances: find(parameters, table)?,
            encoder,
            encoder_norm: Norm::of(&config, parameters, "encoder.final_layer_norm")?,
            decoder,
            decoder_norm: Norm::of(&config, parameters, "decoder.final_layer_norm")?,
            head: Residual::of(parameters, "output_patch_embedding")?,
            config,
        })
    }

    /// Normed quantiles, count x 9 levels x steps, not sorted.
    pub(super) fn forward(&self, batch: &Batch) -> Result<Vec<f32>> {
        let (count, tokens) = (batch.count, batch.patches + 1);
        let hidden_keys = hidden_keys(batch)?;
        let mut x = self.tokens(batch)?;
        let mut bias = self.distance_bias(tokens)?;
        if let Some(hidden) = &hidden_keys {
            bias = bias.broadcast_add(hidden)?;
        }
        for block in &self.encoder {
            x = block.forward(&x, count, &bias)?;
        }
        let encoded = self.encoder_norm.forward(&x)?;
        let mut y = self.start.broadcast_as((count, self.config.width))?.contiguous()?;
        for block in &self.decoder {
            y = block.forward(&y, &encoded, count, hidden_keys.as_ref())?;
        }
        let answers = self.head.forward(&self.decoder_norm.forward(&y)?)?;
        let answers: Vec<f32> = answers.flatten_all()?.to_vec1()?;
        if answers.iter().any(|answer| !answer.is_finite()) {
            bail!("its answer is not finite");
        }
        Ok(answers)
    }

    /// count·(patches + 1) x width: the patches' embeddings, then REG.
    fn tokens(&self, batch: &Batch) -> Result<Tensor> {
        let (count, patches, width) = (batch.count, batch.patches, self.config.width);
        let shape = (count * patches, 2 * self.config.patch);
        let values = Tensor::from_slice(&batch.values, shape, &Device::Cpu)?;
        let patched = self.embed.forward(&values)?.reshape((count, patches, width))?;
        let reg = self.reg.broadcast_as((count, 1, width))?;
        Tensor::cat(&[patched, reg], 1)?.reshape((count * (patches + 1), width))
    }

    /// 1 x heads x tokens x tokens: what the distance of a key adds to its score.
    fn distance_bias(&self, tokens: usize) -> Result<Tensor> {
        let (buckets, far) = (self.config.buckets, self.config.far);
        let of: Vec<u32> = (0..tokens)
            .flat_map(|query| (0..tokens).map(move |key| bucket(query, key, buckets, far)))
            .collect();
        let of = Tensor::from_vec(of, tokens * tokens, &Device::Cpu)?;
        let heads = self.config.heads;
        let bias = self.distances.index_select(&of, 0)?.reshape((tokens, tokens, heads))?;
        bias.permute((2, 0, 1))?.unsqueeze(0)?.contiguous()
    }
}

/// The bucket of a key's distance from a query: keys after the query have the upper half of the
/// buckets; near distances have one each, farther ones share them by their logarithm.
pub(super) fn bucket(query: usize, key: usize, buckets: usize, far: usize) -> u32 {
    let (half, apart) = (buckets / 2, query.abs_diff(key));
    let single = half / 2;
    let within = if apart < single {
        apart
    } else {
        let share = (apart as f32 / single as f32).ln() / (far as f32 / single as f32).ln();
        (single + (share * (half - single) as f32) as usize).min(half - 1)
    };
    (within + if key > query { half } else { 0 }) as u32
}

/// count x 1 x 1 x tokens, the least number there is where a patch was not observed and 0 elsewhere;
/// `None` if all were.
fn hidden_keys(batch: &Batch) -> Result<Option<Tensor>> {
    if batch.seen.iter().all(|seen| *seen) {
        return Ok(None);
    }
    let mut hidden = Vec::with_capacity(batch.count * (batch.patches + 1));
    for seen in batch.seen.chunks(batch.patches) {
        hidden.extend(seen.iter().map(|seen| if *seen { 0.0 } else { f32::MIN }));
        hidden.push(0.0);
    }
    let shape = (batch.count, 1, 1, batch.patches + 1);
    Tensor::from_vec(hidden, shape, &Device::Cpu).map(Some)
}

/// A hidden layer beside a straight one.
#[derive(Debug, Clone)]
struct Residual {
    hidden: Linear,
    output: Linear,
    straight: Linear,
}

impl Residual {
    fn of(parameters: &Parameters, name: &str) -> Result<Self> {
        Ok(Self {
            hidden: Linear::of(parameters, &format!("{name}.hidden_layer"))?,
            output: Linear::of(parameters, &format!("{name}.output_layer"))?,
            straight: Linear::of(parameters, &format!("{name}.residual_layer"))?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.output.forward(&self.hidden.forward_relu(x)?)? + self.straight.forward(x)?
    }
}

/// Division by the root mean square of a token (Zhang, Sennrich 2019).
#[derive(Debug, Clone)]
struct Norm {
    weight: Tensor,
    epsilon: f32,
}

impl Norm {
    fn of(config: &Config, parameters: &Parameters, name: &str) -> Result<Self> {
        let weight = find(parameters, &format!("{name}.weight"))?;
        Ok(Self { weight, epsilon: config.epsilon })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        candle_nn::ops::rms_norm(&x.contiguous()?, &self.weight, self.epsilon)
    }
}

#[derive(Debug, Clone)]
struct Attention {
    queries: Linear,
    keys: Linear,
    values: Linear,
    joined: Linear,
    heads: usize,
}

impl Attention {
    fn of(config: &Config, parameters: &Parameters, name: &str) -> Result<Self> {
        Ok(Self {
            queries: Linear::of(parameters, &format!("{name}.q"))?,
            keys: Linear::of(parameters, &format!("{name}.k"))?,
            values: Linear::of(parameters, &format!("{name}.v"))?,
            joined: Linear::of(parameters, &format!("{name}.o"))?,
            heads: config.heads,
        })
    }

    /// x: count·queries x width; of: count·keys x width; bias: added to the scores.
    fn forward(
        &self,
        x: &Tensor,
        of: &Tensor,
        count: usize,
        bias: Option<&Tensor>,
    ) -> Result<Tensor> {
        let heads =
            |layer: &Linear, x: &Tensor| ops::split_heads(&layer.forward(x)?, count, self.heads);
        let (queries, keys, values) =
            (heads(&self.queries, x)?, heads(&self.keys, of)?, heads(&self.values, of)?);
        let mut scores = queries.matmul(&keys.transpose(D::Minus2, D::Minus1)?)?;
        if let Some(bias) = bias {
            scores = scores.broadcast_add(bias)?;
        }
        let shares = candle_nn::ops::softmax_last_dim(&scores)?;
        self.joined.forward(&ops::join_heads(&shares.matmul(&values)?)?)
    }
}

/// Norm and feed-forward layer, added to what came in.
#[derive(Debug, Clone)]
struct Feed {
    norm: Norm,
    wide: Linear,
    narrow: Linear,
}

impl Feed {
    fn of(config: &Config, parameters: &Parameters, name: &str) -> Result<Self> {
        Ok(Self {
            norm: Norm::of(config, parameters, &format!("{name}.layer_norm"))?,
            wide: Linear::of(parameters, &format!("{name}.DenseReluDense.wi"))?,
            narrow: Linear::of(parameters, &format!("{name}.DenseReluDense.wo"))?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x + self.narrow.forward(&self.wide.forward_relu(&self.norm.forward(x)?)?)?
    }
}

#[derive(Debug, Clone)]
struct EncoderBlock {
    norm: Norm,
    attention: Attention,
    feed: Feed,
}

impl EncoderBlock {
    fn of(config: &Config, parameters: &Parameters, name: &str) -> Result<Self> {
        Ok(Self {
            norm: Norm::of(config, parameters, &format!("{name}.0.layer_norm"))?,
            attention: Attention::of(config, parameters, &format!("{name}.0.SelfAttention"))?,
            feed: Feed::of(config, parameters, &format!("{name}.1"))?,
        })
    }

    fn forward(&self, x: &Tensor, count: usize, bias: &Tensor) -> Result<Tensor> {
        let normed = self.norm.forward(x)?;
        let x = (x + self.attention.forward(&normed, &normed, count, Some(bias))?)?;
        self.feed.forward(&x)
    }
}

#[derive(Debug, Clone)]
struct DecoderBlock {
    norm: Norm,
    values: Linear,
    joined: Linear,
    norm_across: Norm,
    across: Attention,
    feed: Feed,
}

impl DecoderBlock {
    fn of(config: &Config, parameters: &Parameters, name: &str) -> Result<Self> {
        Ok(Self {
            norm: Norm::of(config, parameters, &format!("{name}.0.layer_norm"))?,
            values: Linear::of(parameters, &format!("{name}.0.SelfAttention.v"))?,
            joined: Linear::of(parameters, &format!("{name}.0.SelfAttention.o"))?,
            norm_across: Norm::of(config, parameters, &format!("{name}.1.layer_norm"))?,
            across: Attention::of(config, parameters, &format!("{name}.1.EncDecAttention"))?,
            feed: Feed::of(config, parameters, &format!("{name}.2"))?,
        })
    }

    /// y: count x width, one token each; encoded: count·tokens x width.
    fn forward(
        &self,
        y: &Tensor,
        encoded: &Tensor,
        count: usize,
        hidden_keys: Option<&Tensor>,
    ) -> Result<Tensor> {
        let own = self.joined.forward(&self.values.forward(&self.norm.forward(y)?)?)?;
        let y = (y + own)?;
        let normed = self.norm_across.forward(&y)?;
        let y = (&y + self.across.forward(&normed, encoded, count, hidden_keys)?)?;
        self.feed.forward(&y)
    }
}
