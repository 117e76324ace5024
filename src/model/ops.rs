//! Operations that candle offers forward only, with their gradients, each in one pass.
//!
//! Candle's fused norm and softmax drop the gradients of everything below them without an error, and
//! its differentiable ones make a tensor for every step of the formula. These are the same formulas
//! with the backward pass written out; `tests` hold them against finite differences.

use candle_core::{
    CpuStorage, CustomOp1, CustomOp2, CustomOp3, DType, Layout, Result, Shape, Tensor, bail,
};

const EPSILON: f32 = 1e-5;

/// Layer norm over the last dimension (Ba, Kiros, Hinton 2016). x: rows x d; weight, bias: d.
pub(super) fn layer_norm(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op3(weight, bias, LayerNorm)
}

/// Softmax of `scale` times x over the last dimension.
pub(super) fn softmax(x: &Tensor, scale: f32) -> Result<Tensor> {
    x.contiguous()?.apply_op1(Softmax { scale })
}

/// batch·tokens x heads·each to batch x heads x tokens x each.
pub(super) fn split_heads(x: &Tensor, batch: usize, heads: usize) -> Result<Tensor> {
    x.contiguous()?.apply_op1(SplitHeads { batch, heads })
}

/// batch x heads x tokens x each to batch·tokens x heads·each.
pub(super) fn join_heads(x: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op1(JoinHeads)
}

/// max(0, x + bias), the bias over the last dimension.
pub(super) fn bias_relu(x: &Tensor, bias: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op2(bias, BiasRelu)
}

/// x + bias, the bias over the last dimension.
pub(super) fn bias_add(x: &Tensor, bias: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op2(bias, BiasAdd)
}

/// Weighted mean of the pinball loss: forecasts rows x levels, targets rows, weights rows (0 leaves a
/// row out). Divided by the sum of the weights times the number of levels. (Koenker, Bassett 1978.)
pub(super) fn pinball(
    forecasts: &Tensor,
    targets: Vec<f32>,
    weights: Vec<f32>,
    levels: &'static [f32],
) -> Result<Tensor> {
    let total: f32 = weights.iter().sum();
    let share = if total > 0.0 { 1.0 / (total * levels.len() as f32) } else { 0.0 };
    forecasts.contiguous()?.apply_op1(Pinball { targets, weights, levels, share })
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((from, to)) => Ok(&storage.as_slice::<f32>()?[from..to]),
        None => bail!("a contiguous tensor is needed"),
    }
}

fn last(layout: &Layout) -> Result<usize> {
    match layout.dims().last() {
        Some(&width) if width > 0 => Ok(width),
        _ => bail!("a tensor with a last dimension is needed"),
    }
}

fn moments(row: &[f32]) -> (f32, f32) {
    let count = row.len() as f32;
    let mean = row.iter().sum::<f32>() / count;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / count;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

struct LayerNorm;

impl CustomOp3 for LayerNorm {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        weight: &CpuStorage,
        lw: &Layout,
        bias: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, weight, bias) = (values(x, lx)?, values(weight, lw)?, values(bias, lb)?);
        let mut out = vec![0f32; x.len()];
        for (row, out) in x.chunks(weight.len()).zip(out.chunks_mut(weight.len())) {
            let (mean, inverse) = moments(row);
            for (((out, x), w), b) in out.iter_mut().zip(row).zip(weight).zip(bias) {
                *out = (x - mean) * inverse * w + b;
            }
        }
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _bias: &Tensor,
        _out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let below = x.apply_op3_no_bwd(weight, &gradient, &LayerNormBelow)?;
        let own = x.apply_op2_no_bwd(&gradient, &LayerNormOwn)?;
        Ok((Some(below), Some(own.get(0)?), Some(own.get(1)?)))
    }
}

/// The gradient of a layer norm's input.
struct LayerNormBelow;

impl CustomOp3 for LayerNormBelow {
    fn name(&self) -> &'static str {
        "layer-norm-below"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        weight: &CpuStorage,
        lw: &Layout,
        gradient: &CpuStorage,
        lg: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, weight, gradient) = (values(x, lx)?, values(weight, lw)?, values(gradient, lg)?);
        let width = weight.len();
        let mut out = vec![0f32; x.len()];
        for ((row, gradient), out) in
            x.chunks(width).zip(gradient.chunks(width)).zip(out.chunks_mut(width))
        {
            let (mean, inverse) = moments(row);
            let (mut sum, mut along) = (0f32, 0f32);
            for ((x, g), w) in row.iter().zip(gradient).zip(weight) {
                sum += g * w;
                along += g * w * (x - mean) * inverse;
            }
            let (sum, along) = (sum / width as f32, along / width as f32);
            for (((out, x), g), w) in out.iter_mut().zip(row).zip(gradient).zip(weight) {
                *out = inverse * (g * w - sum - (x - mean) * inverse * along);
            }
        }
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }
}

/// The gradients of a layer norm's weight and bias, 2 x d.
struct LayerNormOwn;

impl CustomOp2 for LayerNormOwn {
    fn name(&self) -> &'static str {
        "layer-norm-own"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        gradient: &CpuStorage,
        lg: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let width = last(lx)?;
        let (x, gradient) = (values(x, lx)?, values(gradient, lg)?);
        let mut out = vec![0f32; 2 * width];
        let (weight, bias) = out.split_at_mut(width);
        for (row, gradient) in x.chunks(width).zip(gradient.chunks(width)) {
            let (mean, inverse) = moments(row);
            for (((w, b), x), g) in weight.iter_mut().zip(bias.iter_mut()).zip(row).zip(gradient) {
                *w += g * (x - mean) * inverse;
                *b += g;
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((2, width))))
    }
}

struct Softmax {
    scale: f32,
}

impl CustomOp1 for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout) -> Result<(CpuStorage, Shape)> {
        let width = last(lx)?;
        let mut out = values(x, lx)?.to_vec();
        for row in out.chunks_mut(width) {
            let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let mut sum = 0f32;
            for x in row.iter_mut() {
                *x = ((*x - most) * self.scale).exp();
                sum += *x;
            }
            let share = 1.0 / sum;
            for x in row.iter_mut() {
                *x *= share;
            }
        }
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }

    fn bwd(&self, _x: &Tensor, out: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let below = SoftmaxBelow { scale: self.scale };
        Ok(Some(out.apply_op2_no_bwd(&gradient.contiguous()?, &below)?))
    }
}

struct SoftmaxBelow {
    scale: f32,
}

impl CustomOp2 for SoftmaxBelow {
    fn name(&self) -> &'static str {
        "softmax-below"
    }

    fn cpu_fwd(
        &self,
        shares: &CpuStorage,
        ls: &Layout,
        gradient: &CpuStorage,
        lg: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let width = last(ls)?;
        let (shares, gradient) = (values(shares, ls)?, values(gradient, lg)?);
        let mut out = vec![0f32; shares.len()];
        for ((shares, gradient), out) in
            shares.chunks(width).zip(gradient.chunks(width)).zip(out.chunks_mut(width))
        {
            let mean: f32 = shares.iter().zip(gradient).map(|(s, g)| s * g).sum();
            for ((out, s), g) in out.iter_mut().zip(shares).zip(gradient) {
                *out = s * (g - mean) * self.scale;
            }
        }
        Ok((CpuStorage::F32(out), ls.shape().clone()))
    }
}

struct SplitHeads {
    batch: usize,
    heads: usize,
}

impl CustomOp1 for SplitHeads {
    fn name(&self) -> &'static str {
        "split-heads"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout) -> Result<(CpuStorage, Shape)> {
        let width = last(lx)?;
        let x = values(x, lx)?;
        let (each, tokens) = (width / self.heads, x.len() / width / self.batch);
        let mut out = Vec::with_capacity(x.len());
        for of in x.chunks(tokens * width) {
            for head in 0..self.heads {
                for row in of.chunks(width) {
                    out.extend_from_slice(&row[head * each..(head + 1) * each]);
                }
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((self.batch, self.heads, tokens, each))))
    }

    fn bwd(&self, _x: &Tensor, _out: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(gradient.contiguous()?.apply_op1_no_bwd(&JoinHeads)?))
    }
}

struct JoinHeads;

impl CustomOp1 for JoinHeads {
    fn name(&self) -> &'static str {
        "join-heads"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout) -> Result<(CpuStorage, Shape)> {
        let [batch, heads, tokens, each] = *lx.dims() else { bail!("four dimensions are needed") };
        let x = values(x, lx)?;
        let mut out = Vec::with_capacity(x.len());
        for of in x.chunks(heads * tokens * each) {
            for token in 0..tokens {
                for head in 0..heads {
                    out.extend_from_slice(&of[(head * tokens + token) * each..][..each]);
                }
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((batch * tokens, heads * each))))
    }

    fn bwd(&self, x: &Tensor, _out: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (batch, heads, _, _) = x.dims4()?;
        Ok(Some(gradient.contiguous()?.apply_op1_no_bwd(&SplitHeads { batch, heads })?))
    }
}

struct BiasRelu;

impl CustomOp2 for BiasRelu {
    fn name(&self) -> &'static str {
        "bias-relu"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        bias: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, bias) = (values(x, lx)?, values(bias, lb)?);
        let mut out = Vec::with_capacity(x.len());
        for row in x.chunks(bias.len()) {
            out.extend(row.iter().zip(bias).map(|(x, b)| (x + b).max(0.0)));
        }
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }

    fn bwd(
        &self,
        _x: &Tensor,
        bias: &Tensor,
        out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let below = out.apply_op2_no_bwd(&gradient.contiguous()?, &WhereAbove)?;
        let own = below.apply_op1_no_bwd(&ColumnSums { width: bias.elem_count() })?;
        Ok((Some(below), Some(own)))
    }
}

/// The gradient where the output is above 0.
struct WhereAbove;

impl CustomOp2 for WhereAbove {
    fn name(&self) -> &'static str {
        "where-above"
    }

    fn cpu_fwd(
        &self,
        out: &CpuStorage,
        lo: &Layout,
        gradient: &CpuStorage,
        lg: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (out, gradient) = (values(out, lo)?, values(gradient, lg)?);
        let kept = out.iter().zip(gradient).map(|(o, g)| if *o > 0.0 { *g } else { 0.0 }).collect();
        Ok((CpuStorage::F32(kept), lo.shape().clone()))
    }
}

struct BiasAdd;

impl CustomOp2 for BiasAdd {
    fn name(&self) -> &'static str {
        "bias-add"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        bias: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, bias) = (values(x, lx)?, values(bias, lb)?);
        let mut out = Vec::with_capacity(x.len());
        for row in x.chunks(bias.len()) {
            out.extend(row.iter().zip(bias).map(|(x, b)| x + b));
        }
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }

    fn bwd(
        &self,
        _x: &Tensor,
        bias: &Tensor,
        _out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let own = gradient.apply_op1_no_bwd(&ColumnSums { width: bias.elem_count() })?;
        Ok((Some(gradient), Some(own)))
    }
}

/// Sums over all but the last dimension.
struct ColumnSums {
    width: usize,
}

impl CustomOp1 for ColumnSums {
    fn name(&self) -> &'static str {
        "column-sums"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut sums = vec![0f32; self.width];
        for row in values(x, lx)?.chunks(self.width) {
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum += x;
            }
        }
        Ok((CpuStorage::F32(sums), Shape::from(self.width)))
    }
}

struct Pinball {
    targets: Vec<f32>,
    weights: Vec<f32>,
    levels: &'static [f32],
    share: f32,
}

impl CustomOp1 for Pinball {
    fn name(&self) -> &'static str {
        "pinball"
    }

    fn cpu_fwd(&self, forecasts: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let forecasts = values(forecasts, layout)?;
        if forecasts.len() != self.targets.len() * self.levels.len() {
            bail!("{} forecasts for {} targets", forecasts.len(), self.targets.len());
        }
        let mut loss = 0f64;
        for ((row, target), weight) in
            forecasts.chunks(self.levels.len()).zip(&self.targets).zip(&self.weights)
        {
            if *weight == 0.0 {
                continue;
            }
            let row: f32 = row
                .iter()
                .zip(self.levels)
                .map(|(f, q)| (q * (target - f)).max((q - 1.0) * (target - f)))
                .sum();
            loss += f64::from(row * weight);
        }
        Ok((CpuStorage::F32(vec![loss as f32 * self.share]), Shape::from(())))
    }

    fn bwd(&self, forecasts: &Tensor, _loss: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let slope = gradient.to_dtype(DType::F32)?.to_scalar::<f32>()? * self.share;
        let values: Vec<f32> = forecasts.flatten_all()?.to_vec1()?;
        let mut out = vec![0f32; values.len()];
        let width = self.levels.len();
        for (((row, out), target), weight) in
            values.chunks(width).zip(out.chunks_mut(width)).zip(&self.targets).zip(&self.weights)
        {
            if *weight == 0.0 {
                continue;
            }
            for ((f, out), q) in row.iter().zip(out).zip(self.levels) {
                let side = if target > f { -q } else { 1.0 - q };
                *out = slope * weight * side;
            }
        }
        Ok(Some(Tensor::from_vec(out, forecasts.shape(), forecasts.device())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 * 2.0 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    fn var(shape: &[usize], seed: u32) -> Var {
        let values = numbers(shape.iter().product(), seed);
        Var::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    /// Holds the gradients of a function of some variables against central differences.
    fn check(vars: &[Var], of: impl Fn(&[Tensor]) -> Tensor) {
        let weights = numbers(4096, 99);
        let value = |tensors: &[Tensor]| {
            let out = of(tensors).flatten_all().unwrap();
            let by = Tensor::from_slice(&weights[..out.elem_count()], out.shape(), &Device::Cpu);
            (out * by.unwrap()).unwrap().sum_all().unwrap()
        };
        let tensors: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
        let gradients = value(&tensors).backward().unwrap();
        for (which, var) in vars.iter().enumerate() {
            let found = gradients.get(var.as_tensor()).expect("a gradient for every variable");
            let found: Vec<f32> = found.flatten_all().unwrap().to_vec1().unwrap();
            let start: Vec<f32> = var.flatten_all().unwrap().to_vec1().unwrap();
            for place in 0..start.len() {
                let moved = |by: f32| {
                    let mut values = start.clone();
                    values[place] += by;
                    let mut tensors: Vec<Tensor> =
                        vars.iter().map(|var| var.as_detached_tensor()).collect();
                    tensors[which] = Tensor::from_vec(values, var.shape(), &Device::Cpu).unwrap();
                    value(&tensors).to_scalar::<f32>().unwrap()
                };
                let step = 3e-3;
                let slope = (moved(step) - moved(-step)) / (2.0 * step);
                assert!(
                    (slope - found[place]).abs() < 2e-2 * slope.abs().max(0.3),
                    "variable {which}, number {place}: {} by differences, {} found",
                    slope,
                    found[place]
                );
            }
        }
    }

    #[test]
    fn layer_norm_has_its_gradients() {
        let vars = [var(&[3, 8], 1), var(&[8], 2), var(&[8], 3)];
        check(&vars, |t| layer_norm(&t[0], &t[1], &t[2]).unwrap());
    }

    #[test]
    fn softmax_has_its_gradient() {
        check(&[var(&[4, 6], 4)], |t| softmax(&t[0], 0.7).unwrap());
    }

    #[test]
    fn heads_are_split_and_joined_with_their_gradients() {
        check(&[var(&[6, 8], 5)], |t| split_heads(&t[0], 2, 4).unwrap());
        check(&[var(&[2, 4, 3, 2], 6)], |t| join_heads(&t[0]).unwrap());
        let x = var(&[6, 8], 7);
        let back = join_heads(&split_heads(x.as_tensor(), 2, 4).unwrap()).unwrap();
        assert_eq!(
            back.to_vec2::<f32>().unwrap(),
            x.as_tensor().to_vec2::<f32>().unwrap(),
            "there and back is the same"
        );
    }

    #[test]
    fn biases_have_their_gradients() {
        check(&[var(&[3, 5], 8), var(&[5], 9)], |t| bias_add(&t[0], &t[1]).unwrap());
        check(&[var(&[3, 5], 10), var(&[5], 11)], |t| bias_relu(&t[0], &t[1]).unwrap());
    }

    #[test]
    fn pinball_is_the_mean_loss_and_has_its_gradient() {
        const LEVELS: [f32; 2] = [0.1, 0.9];
        let forecasts = Tensor::new(&[[1f32, 2.0], [5.0, 5.0], [9.0, 9.0]], &Device::Cpu).unwrap();
        let loss = pinball(&forecasts, vec![3.0, 4.0, 0.0], vec![1.0, 1.0, 0.0], &LEVELS).unwrap();
        // 0.1*2 + 0.9*1 for the first, 0.9*1 + 0.1*1 for the second, the third is left out.
        let expected = (0.2 + 0.9 + 0.9 + 0.1) / 4.0;
        assert!((loss.to_scalar::<f32>().unwrap() - expected).abs() < 1e-6);
        check(&[var(&[3, 2], 12)], |t| {
            pinball(&t[0], vec![2.0, -2.0, 0.5], vec![1.0, 2.0, 0.0], &LEVELS).unwrap()
        });
    }
}
