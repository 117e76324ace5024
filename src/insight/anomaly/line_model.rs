//! Which line of an order is wrong: lines told apart from lines whose quantity or price was disturbed.
//!
//! An order's facts are the highest of this and the highest of that over its lines; whether it is the
//! same line that is high in all of them is seen only line by line.

use super::corrupt;
use super::facts::LineFacts;
use super::kept::KeptNetwork;
use super::look::Look;
use super::memory::Memory;
use super::network::{Network, Rows, Scale, Training};
use super::order::Kind;
use super::past::Past;
use super::quantity_model::{Likelihood, LineView, QuantityModel};
use candle_core::Result;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Numbers of a line.
const WIDTH: usize = 36;
/// Hidden layers.
const HIDDEN: [usize; 2] = [48, 24];
/// A line is as it was, has another quantity, or another price.
const CLASSES: usize = 3;
/// Times through the past, and share of orders disturbed in each.
const REPLAYS: u64 = 3;
const SHARE: f64 = 0.5;
/// One in so many of the lines that are as they were.
const THIN: usize = 8;

/// What it says of an order.
#[derive(Debug, Clone, Default)]
pub struct LinesSaid {
    /// Logit of another quantity: highest, second, mean over lines.
    pub quantity: [f32; 3],
    /// Logit of another price: highest, second, mean over lines.
    pub price: [f32; 3],
}

impl LinesSaid {
    /// Their count.
    pub const COUNT: usize = 6;

    /// All of them, for the order's network.
    pub fn numbers(&self) -> [f32; Self::COUNT] {
        let ([a, b, c], [d, e, f]) = (self.quantity, self.price);
        [a, b, c, d, e, f]
    }
}

/// The fitted network.
#[derive(Debug, Clone)]
pub(super) struct LineModel {
    scale: Scale,
    network: Network,
}

impl LineModel {
    /// Fits to a past.
    pub(super) fn fit(
        past: Past<'_>,
        density: &QuantityModel,
        seed: u64,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Self> {
        let mut rows = Rows::new(WIDTH);
        let mut counts = [0f32; CLASSES];
        for replay in 0..REPLAYS {
            let (looks, changed) = disturbed(past, seed * 100 + replay);
            let said = density.read(&looks.iter().collect::<Vec<_>>())?;
            let mut place = replay as usize;
            for ((look, said), changed) in looks.iter().zip(&said).zip(&changed) {
                for ((line, view), &class) in look.lines.iter().zip(&said.lines).zip(changed) {
                    place += 1;
                    if class > 0 || place.is_multiple_of(THIN) {
                        counts[class] += 1.0;
                        rows.push(&numbers(line, view, look), class, 1.0);
                    }
                }
            }
        }
        for (weight, &class) in rows.weights.iter_mut().zip(&rows.classes) {
            if class > 0 {
                *weight = counts[0] / 6.0 / counts[class as usize].max(1.0);
            }
        }
        let scale = Scale::of(&rows.numbers, WIDTH);
        rows.numbers.chunks_mut(WIDTH).for_each(|row| scale.apply(row));
        let mut network = Network::new(&[WIDTH, HIDDEN[0], HIDDEN[1], CLASSES], seed)?;
        let how = Training { epochs: 6, rate: 3e-3, decay: 1e-2, dropout: 0.05, seed };
        network.train(&rows, how, go_on)?;
        Ok(Self { scale, network })
    }

    /// What it says of orders.
    pub(super) fn read(&self, looks: &[&Look], said: &[Likelihood]) -> Result<Vec<LinesSaid>> {
        let mut flat = Vec::new();
        for (look, said) in looks.iter().zip(said) {
            for (line, view) in look.lines.iter().zip(&said.lines) {
                let mut row = numbers(line, view, look);
                self.scale.apply(&mut row);
                flat.extend_from_slice(&row);
            }
        }
        let shares = self.network.run(&flat, WIDTH)?;
        let mut shares = shares.chunks(CLASSES);
        let of = |look: &&Look| {
            let lines: Vec<&[f32]> = shares.by_ref().take(look.lines.len()).collect();
            LinesSaid { quantity: pooled(&lines, 1), price: pooled(&lines, 2) }
        };
        Ok(looks.iter().map(of).collect())
    }

    pub(super) fn kept(&self) -> Result<(Scale, KeptNetwork)> {
        Ok((self.scale.clone(), KeptNetwork::of(&self.network)?))
    }

    pub(super) fn from_kept(kept: &(Scale, KeptNetwork)) -> Result<Self> {
        let network = kept.1.network()?;
        let widths = network.widths();
        let sizes = (widths.first(), widths.last()) == (Some(&WIDTH), Some(&CLASSES));
        if !sizes || !kept.0.fits(WIDTH) {
            candle_core::bail!("the network of lines is of another size");
        }
        Ok(Self { scale: kept.0.clone(), network })
    }
}

/// Highest, second and mean logit of a class against "as it was".
fn pooled(lines: &[&[f32]], class: usize) -> [f32; 3] {
    let (top, second, mean, _) =
        super::look::spread_of(lines.iter().map(|line| (line[class] - line[0]).clamp(-12.0, 12.0)));
    [top, second, mean]
}

/// Looks at the past and at orders of it that were disturbed just for the look, and what was done to
/// each line.
fn disturbed(past: Past<'_>, seed: u64) -> (Vec<Look>, Vec<Vec<usize>>) {
    let mut draws = ChaCha8Rng::seed_from_u64(seed);
    let mut memory = Memory::new();
    let (mut looks, mut changed) = (Vec::new(), Vec::new());
    for order in past.orders {
        if past.right(order) && order.kind == Kind::Sale {
            if draws.random_bool(SHARE) {
                let other = corrupt::lines(order, &mut draws);
                let class = |(was, now): (&super::Line, &super::Line)| match () {
                    () if now.qty != was.qty => 1,
                    () if now.price != was.price => 2,
                    () => 0,
                };
                changed.push(order.lines.iter().zip(&other.lines).map(class).collect());
                looks.push(memory.look(&other));
            } else {
                changed.push(vec![0; order.lines.len()]);
                looks.push(memory.look(order));
            }
        }
        memory.learn(order);
    }
    (looks, changed)
}

/// A line as numbers.
fn numbers(line: &LineFacts, view: &LineView, look: &Look) -> [f32; WIDTH] {
    let facts = &look.facts;
    let others = facts.line_count.exp2() - 1.0;
    let mean = (facts.offset_mean * (others + 1.0) - line.offset) / others.max(1.0);
    [
        line.quantity,
        line.median,
        line.offset,
        line.z,
        line.quantity - line.high,
        line.quantity - line.most,
        (1.0 + line.lines).ln(),
        line.own_count.min(4.0),
        line.own_last,
        line.own_most,
        line.price_ratio,
        line.price_nearest,
        (1.0 + line.level_count).ln(),
        line.offset - line.level_offset,
        line.week,
        line.day,
        (0.5 + line.exact).ln() - (1.0 + line.lines).ln(),
        line.slip,
        line.excess,
        line.part,
        view.surprise,
        view.surprise_with,
        view.above,
        view.above_with,
        view.up,
        view.down,
        look.usual.0,
        look.usual.1,
        (1.0 + look.usual.2).ln(),
        facts.guest,
        facts.line_count,
        if others > 0.0 { mean } else { 0.0 },
        facts.price_mean,
        facts.nearest_off,
        super::order::log(line.units * line.price),
        facts.value_customer,
    ]
}
