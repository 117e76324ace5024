//! How likely a quantity is for this item, customer and price: the density part, for kinds of error
//! that nobody thought of.
//!
//! A network gives the shares of the classes of quantities ([`super::bins`]) for a line from all that
//! was known of it but its quantity, once without the rest of the order and once with it. It is fitted
//! to the merchant's own lines. What an order looks like as a whole is then read from it: how
//! surprising its lines are, and how much likelier they would be if all or one of them were off by a
//! factor.

use super::bins::Bins;
use super::facts::LineFacts;
use super::kept::KeptNetwork;
use super::look::Look;
use super::network::{Network, Rows, Scale, Training};
use super::quantity_context::{CONTEXT, Rest, context};
use candle_core::Result;

/// Hidden layers.
const HIDDEN: [usize; 2] = [64, 64];
/// Lines that it is fitted to at most, evenly over the past.
const LINES: usize = 160_000;
/// Factors that an order or a line may be off by: packs, dozens, places of a number, both ways.
const FACTORS: [f32; 16] = [
    3.0,
    4.0,
    6.0,
    8.0,
    10.0,
    12.0,
    24.0,
    100.0,
    0.333_333_34,
    0.25,
    0.166_666_67,
    0.125,
    0.1,
    0.083_333_336,
    0.041_666_668,
    0.01,
];

/// What it says of an order.
#[derive(Debug, Clone, Default)]
pub struct Likelihood {
    /// Highest surprise of a quantity over the expected one, the rest of the order not known (ln).
    pub top: f32,
    /// The second highest.
    pub second: f32,
    /// The mean.
    pub mean: f32,
    /// All lines together, in spreads.
    pub joint: f32,
    /// Highest surprise with the rest of the order known.
    pub top_with: f32,
    /// The mean of these.
    pub mean_with: f32,
    /// How much likelier (ln) all lines together would be if they were off by the best factor.
    pub factor_gain: f32,
    /// The same for each line.
    pub factor_mean: f32,
    /// log2 of that factor.
    pub factor: f32,
    /// How much likelier the line that gains most would be, with the rest of the order known.
    pub line_gain: f32,
    /// log2 of its factor.
    pub line_factor: f32,
    /// How far above its expected quantity is the line that is furthest above, in spreads of log2.
    pub above: f32,
    /// The mean over lines.
    pub above_mean: f32,
    /// The same of the line that is furthest below.
    pub below: f32,
    /// What it says of each line.
    pub lines: Vec<LineView>,
}

/// What it says of one line.
#[derive(Debug, Clone, Copy, Default)]
pub struct LineView {
    /// Surprise over the expected one, without and with the rest of the order.
    pub surprise: f32,
    /// The same with the rest of the order known.
    pub surprise_with: f32,
    /// How far above the expected quantity, in spreads of log2.
    pub above: f32,
    /// The same with the rest of the order known.
    pub above_with: f32,
    /// How much likelier (ln) if it was multiplied by the best factor, the rest of the order known.
    pub up: f32,
    /// How much likelier if it was divided.
    pub down: f32,
}

impl Likelihood {
    /// Their count.
    pub const COUNT: usize = 14;

    /// All of them, for the network.
    pub fn numbers(&self) -> [f32; Self::COUNT] {
        [
            self.top,
            self.second,
            self.mean,
            self.joint,
            self.top_with,
            self.mean_with,
            signed_root(self.factor_gain),
            self.factor_mean,
            self.factor,
            self.line_gain,
            self.line_factor,
            self.above,
            self.above_mean,
            self.below,
        ]
    }
}

fn signed_root(x: f32) -> f32 {
    x.abs().sqrt().copysign(x)
}

/// The fitted network.
#[derive(Debug, Clone)]
pub(super) struct QuantityModel {
    bins: Bins,
    scale: Scale,
    network: Network,
    /// Middle of each class, log2, and ln of how many numbers it has.
    middles: Vec<f32>,
    widths: Vec<f32>,
}

impl QuantityModel {
    /// Fits to the lines of looks at the merchant's own past.
    pub(super) fn fit(looks: &[&Look], seed: u64, go_on: &mut dyn FnMut() -> bool) -> Result<Self> {
        let lines: usize = looks.iter().map(|look| look.lines.len()).sum();
        let every = lines.div_ceil(LINES).max(1);
        let units = looks.iter().flat_map(|look| &look.lines).map(|line| line.units);
        let bins = Bins::of(units.map(super::item::whole));
        let mut rows = Rows::new(CONTEXT);
        let mut place = 0usize;
        for look in looks {
            let rest = Rest::of(look);
            for line in &look.lines {
                place += 1;
                if place.is_multiple_of(every) {
                    let class = bins.class(line.units);
                    // Half of them without the rest of the order.
                    let with = (place / every).is_multiple_of(2);
                    rows.push(&context(line, look, &rest, with), class, 1.0);
                }
            }
        }
        let scale = Scale::of(&rows.numbers, CONTEXT);
        rows.numbers.chunks_mut(CONTEXT).for_each(|row| scale.apply(row));
        let mut network = Network::new(&[CONTEXT, HIDDEN[0], HIDDEN[1], bins.len()], seed)?;
        let how = Training { epochs: 4, rate: 3e-3, decay: 1e-3, dropout: 0.0, seed };
        network.train(&rows, how, go_on)?;
        let (middles, widths) = (middles(&bins), class_widths(&bins));
        Ok(Self { bins, scale, network, middles, widths })
    }

    pub(super) fn kept(&self) -> Result<(Vec<u32>, Scale, KeptNetwork)> {
        Ok((self.bins.edges().to_vec(), self.scale.clone(), KeptNetwork::of(&self.network)?))
    }

    pub(super) fn from_kept(edges: &[u32], kept: &(Scale, KeptNetwork)) -> Result<Self> {
        let (bins, network) = (super::kept::bins(edges)?, kept.1.network()?);
        let widths = network.widths();
        if widths.first() != Some(&CONTEXT)
            || widths.last() != Some(&bins.len())
            || !kept.0.fits(CONTEXT)
        {
            candle_core::bail!("the network of quantities is of another size");
        }
        let (middles, widths) = (middles(&bins), class_widths(&bins));
        Ok(Self { bins, scale: kept.0.clone(), network, middles, widths })
    }

    /// What it says of orders.
    pub(super) fn read(&self, looks: &[&Look]) -> Result<Vec<Likelihood>> {
        let mut numbers = Vec::new();
        for look in looks {
            let rest = Rest::of(look);
            for with in [false, true] {
                for line in &look.lines {
                    let mut row = context(line, look, &rest, with);
                    self.scale.apply(&mut row);
                    numbers.extend_from_slice(&row);
                }
            }
        }
        let shares = self.network.run(&numbers, CONTEXT)?;
        let mut shares = shares.chunks(self.bins.len());
        let mut said = Vec::with_capacity(looks.len());
        for look in looks {
            let mut views = |lines: &[LineFacts]| -> Vec<View> {
                let pairs = lines.iter().zip(shares.by_ref());
                pairs.map(|(line, shares)| self.view(shares, line.units)).collect()
            };
            let (without, with) = (views(&look.lines), views(&look.lines));
            said.push(self.of_order(look, &without, &with));
        }
        Ok(said)
    }

    /// One line's quantity in the eyes of the network.
    fn view<'a>(&self, logs: &'a [f32], units: f64) -> View<'a> {
        let shares: Vec<f32> = logs.iter().map(|log| log.exp()).collect();
        let class = self.bins.class(units);
        let (mut mean, mut square, mut middle, mut wide) = (0f32, 0f32, 0f32, 0f32);
        for (class, (share, log)) in shares.iter().zip(logs).enumerate() {
            let surprise = self.widths[class] - log;
            mean += share * surprise;
            square += share * surprise * surprise;
            middle += share * self.middles[class];
            wide += share * self.middles[class] * self.middles[class];
        }
        let spread = (wide - middle * middle).max(0.04).sqrt();
        View {
            logs,
            surprise: self.widths[class] - logs[class] - mean,
            variance: (square - mean * mean).max(0.05),
            above: (super::order::log(units) - middle) / spread,
            shares,
        }
    }

    fn of_order(&self, look: &Look, without: &[View], with: &[View]) -> Likelihood {
        let mut all = Likelihood::default();
        if look.lines.is_empty() {
            return all;
        }
        let count = look.lines.len() as f32;
        let (mut excess, mut variance) = (0f32, 0f32);
        (all.top, all.second) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        for (without, with) in without.iter().zip(with) {
            all.second = all.second.max(without.surprise.min(all.top));
            all.top = all.top.max(without.surprise);
            excess += without.surprise;
            variance += without.variance;
            all.above_mean += without.above / count;
            all.top_with = all.top_with.max(with.surprise);
            all.mean_with += with.surprise / count;
            all.above = all.above.max(with.above);
            all.below = all.below.min(with.above);
            all.lines.push(LineView {
                surprise: without.surprise,
                surprise_with: with.surprise,
                above: without.above,
                above_with: with.above,
                up: 0.0,
                down: 0.0,
            });
        }
        all.second = if count > 1.0 { all.second } else { 0.0 };
        all.mean = excess / count;
        all.joint = excess / variance.sqrt().max(0.5);
        self.factors(look, without, with, &mut all);
        all
    }

    /// Which factor would explain the order best, for all lines and for one.
    fn factors(&self, look: &Look, without: &[View], with: &[View], all: &mut Likelihood) {
        let count = look.lines.len() as f32;
        for factor in FACTORS {
            let gains = look.lines.iter().zip(without);
            let sum: f32 = gains.map(|(line, view)| self.gain(view, line.units, factor)).sum();
            if sum > all.factor_gain {
                (all.factor_gain, all.factor_mean) = (sum, sum / count);
                all.factor = factor.log2();
            }
            for ((line, view), out) in look.lines.iter().zip(with).zip(&mut all.lines) {
                let gain = self.gain(view, line.units, factor);
                let way = if factor > 1.0 { &mut out.up } else { &mut out.down };
                *way = way.max(gain);
                if gain > all.line_gain {
                    (all.line_gain, all.line_factor) = (gain, factor.log2());
                }
            }
        }
    }

    /// How much likelier (ln) the quantity is once a factor is taken out of it. A quantity that the
    /// factor could not have made speaks against it.
    fn gain(&self, view: &View, units: f64, factor: f32) -> f32 {
        let was = units / f64::from(factor);
        let then = if factor > 1.0 {
            // Multiplying leaves whole multiples.
            if was < 0.99 || (was - was.round()).abs() > 0.02 {
                return -3.0;
            }
            let class = self.bins.class(was.round());
            view.logs[class] - self.widths[class]
        } else {
            // Dividing and rounding makes one number of several.
            let from = if units < 1.5 { 2.0 } else { (units - 0.5) / f64::from(factor) };
            self.mass(view, from, (units + 0.5) / f64::from(factor)).max(1e-9).ln()
        };
        let now = self.bins.class(units);
        (then - view.logs[now] + self.widths[now]).clamp(-6.0, 9.0)
    }

    /// Share of the quantities between two, the upper one not among them.
    fn mass(&self, view: &View, from: f64, to: f64) -> f32 {
        let (first, last) = (self.bins.class(from.ceil()), self.bins.class((to - 1e-6).floor()));
        (first..=last)
            .map(|class| {
                let start = f64::from(self.bins.edges()[class]);
                let wide = f64::from(self.bins.count(class));
                let inside = (to.min(start + wide) - from.max(start)).clamp(0.0, wide);
                view.shares[class] * (inside / wide) as f32
            })
            .sum()
    }
}

/// A line's quantity in the eyes of the network.
struct View<'a> {
    /// ln of the shares of the classes, and the shares.
    logs: &'a [f32],
    shares: Vec<f32>,
    /// Surprise over the expected one, and the variance of that.
    surprise: f32,
    variance: f32,
    /// How far it is above the expected quantity, in spreads of log2.
    above: f32,
}

fn class_widths(bins: &Bins) -> Vec<f32> {
    (0..bins.len()).map(|class| (bins.count(class) as f32).ln()).collect()
}

fn middles(bins: &Bins) -> Vec<f32> {
    (0..bins.len())
        .map(|class| {
            let from = bins.edges()[class] as f32;
            (from + (bins.count(class) as f32 - 1.0) / 2.0).log2()
        })
        .collect()
}
