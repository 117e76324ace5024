//! The network that scores orders: told apart from the merchant's own past are orders made wrong.

use super::corrupt::{CLASSES, LEFT_OUT, Made, disturb};
use super::facts::Facts;
use super::kept::KeptNetwork;
use super::line_model::{LineModel, LinesSaid};
use super::look::Look;
use super::memory::Memory;
use super::network::{ANY, BATCH, Network, Rows, Scale, Training};
use super::order::Order;
use super::past::Past;
use super::quantity_model::{Likelihood, QuantityModel};
use candle_core::Result;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Rows of the disturbed past that are kept to go on learning with.
const KEPT: usize = 24_000;

/// How a detector is fitted.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    /// Times that the past is disturbed anew.
    pub replays: usize,
    /// Networks whose scores are averaged.
    pub networks: usize,
    /// Share of orders disturbed in each replay.
    pub share: f64,
    /// Seconds at the start of the past that are only learnt from: nothing is known there yet.
    pub warm_up: i64,
    /// Times through the rows.
    pub epochs: usize,
    /// Widths of the hidden layers.
    pub hidden: [usize; 2],
    /// Seed of everything drawn.
    pub seed: u64,
}

impl Default for Fit {
    fn default() -> Self {
        Self {
            replays: 24,
            networks: 4,
            share: 0.08,
            warm_up: 75 * super::order::DAY,
            epochs: 8,
            hidden: [96, 48],
            seed: 1,
        }
    }
}

/// The fitted networks.
#[derive(Debug, Clone)]
pub(super) struct OrderModel {
    scale: Scale,
    networks: Vec<Network>,
    /// The disturbed past on the common scale, to go on learning with.
    made: std::sync::Arc<Rows>,
}

/// Width of a row.
fn width() -> usize {
    Facts::NAMES.len() + Likelihood::COUNT + LinesSaid::COUNT
}

/// A row of numbers for the network.
fn row(look: &Look, likelihood: &Likelihood, lines: &LinesSaid) -> Vec<f32> {
    let mut row = look.facts.numbers();
    row.extend(likelihood.numbers());
    row.extend(lines.numbers());
    row
}

/// The networks below the order's own.
#[derive(Debug, Clone)]
pub(super) struct Below {
    pub(super) density: QuantityModel,
    pub(super) lines: LineModel,
}

impl Below {
    /// A row for each look, and what the quantities' network says.
    pub(super) fn rows(&self, looks: &[&Look]) -> Result<(Vec<Vec<f32>>, Vec<Likelihood>)> {
        let likelihoods = self.density.read(looks)?;
        let lines = self.lines.read(looks, &likelihoods)?;
        let parts = looks.iter().zip(&likelihoods).zip(&lines);
        let rows = parts.map(|((look, said), lines)| row(look, said, lines)).collect();
        Ok((rows, likelihoods))
    }
}

/// Orders as they are seen while they pass: one look for each that is wanted.
pub(super) fn replay<'a>(orders: impl Iterator<Item = (&'a Order, bool)>) -> Vec<Look> {
    let mut memory = Memory::new();
    let mut looks = Vec::new();
    for (order, wanted) in orders {
        if wanted {
            looks.push(memory.look(order));
        }
        memory.learn(order);
    }
    looks
}

/// An order that a person has decided on: its row, and whether it was wrong.
#[derive(Debug, Clone)]
pub struct Decided {
    /// What the network saw of it when it arrived ([`super::Reading::row`]).
    pub row: Vec<f32>,
    /// Whether it was wrong.
    pub wrong: bool,
}

/// A disturbed past as rows, what was done to each, and the looks.
pub(super) struct Disturbed {
    pub(super) looks: Vec<Look>,
    pub(super) rows: Vec<Vec<f32>>,
    pub(super) classes: Vec<usize>,
}

impl Disturbed {
    pub(super) fn new(past: Past<'_>, below: &Below, share: f64, seed: u64) -> Result<Self> {
        let mut draws = ChaCha8Rng::seed_from_u64(seed);
        let made = disturb(past, share, &mut draws);
        let wanted = |made: &Made| past.late(&made.0) && made.1 != LEFT_OUT;
        let looks = replay(made.iter().map(|made| (&made.0, wanted(made))));
        let (rows, _) = below.rows(&looks.iter().collect::<Vec<_>>())?;
        let classes = made.iter().filter(|made| wanted(made)).map(|made| made.1).collect();
        Ok(Self { looks, rows, classes })
    }
}

/// Weights by which every family counts the same, and all of them a third of what was left alone.
pub(super) fn balanced(classes: &[usize]) -> Vec<f32> {
    let mut counts = [0f32; CLASSES];
    classes.iter().for_each(|&class| counts[class] += 1.0);
    let family = counts[0] / 3.0 / (CLASSES - 1) as f32;
    let weight = |class: usize| if class == 0 { 1.0 } else { family / counts[class].max(1.0) };
    classes.iter().map(|&class| weight(class)).collect()
}

impl OrderModel {
    /// Fits to a past. Tells the share that is done now and then, and hears whether to go on.
    pub(super) fn fit(
        past: Past<'_>,
        below: &Below,
        fit: Fit,
        told: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Self> {
        let (mut flat, mut classes) = (Vec::new(), Vec::new());
        for replay_number in 0..fit.replays {
            let seed = fit.seed * 1000 + replay_number as u64;
            let disturbed = Disturbed::new(past, below, fit.share, seed)?;
            disturbed.rows.iter().for_each(|row| flat.extend_from_slice(row));
            classes.extend(disturbed.classes);
            if !told(0.5 * (replay_number + 1) as f32 / fit.replays as f32) {
                candle_core::bail!("it was cancelled");
            }
        }
        let scale = Scale::of(&flat, width());
        flat.chunks_mut(width()).for_each(|row| scale.apply(row));
        let mut rows = Rows::new(width());
        rows.weights = balanced(&classes);
        rows.classes = classes.iter().map(|&class| class as u32).collect();
        rows.numbers = flat;
        let mut networks = Vec::new();
        for number in 0..fit.networks {
            let seed = fit.seed * 77 + number as u64;
            let mut network =
                Network::new(&[rows.width, fit.hidden[0], fit.hidden[1], CLASSES], seed)?;
            let how = Training { epochs: fit.epochs, rate: 2e-3, decay: 1e-2, dropout: 0.1, seed };
            let share = 0.5 + 0.5 * number as f32 / fit.networks as f32;
            network.train(&rows, how, &mut || told(share))?;
            networks.push(network);
        }
        Ok(Self { scale, networks, made: std::sync::Arc::new(rows.thinned(KEPT)) })
    }

    pub(super) fn kept(&self) -> Result<(Scale, Vec<KeptNetwork>)> {
        let networks = self.networks.iter().map(KeptNetwork::of).collect::<Result<_>>()?;
        Ok((self.scale.clone(), networks))
    }

    /// Width, numbers, classes and weights of the disturbed past.
    pub(super) fn made(&self) -> &Rows {
        &self.made
    }

    pub(super) fn from_kept(kept: &(Scale, Vec<KeptNetwork>), made: Rows) -> Result<Self> {
        let networks = kept.1.iter().map(KeptNetwork::network).collect::<Result<Vec<Network>>>()?;
        let sizes = |network: &Network| {
            let widths = network.widths();
            widths.first() == Some(&width()) && widths.last() == Some(&CLASSES)
        };
        let rows = made.len();
        let whole = made.width == width()
            && made.numbers.len() == rows * width()
            && made.weights.len() == rows
            && made.classes.iter().all(|&class| (class as usize) < CLASSES);
        if networks.is_empty() || !networks.iter().all(sizes) || !kept.0.fits(width()) || !whole {
            candle_core::bail!("the network of orders is of another size");
        }
        Ok(Self { scale: kept.0.clone(), networks, made: std::sync::Arc::new(made) })
    }

    /// Where the first network sees an order: orders near each other are alike.
    pub(super) fn embedding(&self, row: &[f32]) -> Result<Vec<f32>> {
        let mut row = row.to_vec();
        if row.len() != width() {
            candle_core::bail!("a row of {} numbers", row.len());
        }
        self.scale.apply(&mut row);
        self.networks.first().map_or_else(|| Ok(Vec::new()), |network| network.embedding(&row))
    }

    /// The same networks after they saw decisions, the disturbed past among them so that what
    /// nobody decided on yet is not forgotten.
    pub(super) fn tuned(&self, decided: &[Decided], how: Tuning) -> Result<Self> {
        let mut rows = Rows::new(width());
        let wrong = decided.iter().filter(|one| one.wrong).count() as f32;
        let right = decided.len() as f32 - wrong;
        for one in decided.iter().filter(|one| one.row.len() == width()) {
            let mut row = one.row.clone();
            self.scale.apply(&mut row);
            let class = if one.wrong { ANY } else { 0 };
            let weight = if one.wrong { right / 3.0 / wrong.max(1.0) } else { 1.0 };
            rows.push(&row, class, weight * how.weight);
        }
        // As many rows of the disturbed past as there are decisions, times `how.past`.
        let all = self.made.len();
        let every = (all as f32 / (decided.len() as f32 * how.past).max(1.0)).max(1.0);
        let mut next = 0f32;
        while (next as usize) < all {
            let place = next as usize;
            let row = &self.made.numbers[place * width()..(place + 1) * width()];
            rows.push(row, self.made.classes[place] as usize, self.made.weights[place]);
            next += every;
        }
        let epochs = (how.steps as f32 / (rows.len() as f32 / BATCH as f32)).ceil() as usize;
        let mut tuned = self.clone();
        for (number, network) in tuned.networks.iter_mut().enumerate() {
            *network = network.apart()?;
            let seed = 31 + number as u64;
            let training = Training { epochs, rate: how.rate, decay: 1e-2, dropout: 0.1, seed };
            network.train(&rows, training, &mut || true)?;
        }
        Ok(tuned)
    }

    /// For each order the logit of being wrong, and the shares of the families.
    pub(super) fn score(&self, rows: &[Vec<f32>]) -> Result<Vec<(f32, [f32; CLASSES])>> {
        let mut numbers = Vec::with_capacity(rows.len() * width());
        for row in rows {
            let from = numbers.len();
            numbers.extend_from_slice(row);
            self.scale.apply(&mut numbers[from..]);
        }
        let mut all = vec![(0f32, [0f32; CLASSES]); rows.len()];
        let share = 1.0 / self.networks.len().max(1) as f32;
        for network in &self.networks {
            let said = network.run(&numbers, width())?;
            for (out, log_shares) in all.iter_mut().zip(said.chunks(CLASSES)) {
                let wrong: f32 = log_shares[1..].iter().map(|share| share.exp()).sum();
                out.0 += share * (wrong.max(1e-9).ln() - log_shares[0]);
                for (sum, log_share) in out.1.iter_mut().zip(log_shares) {
                    *sum += share * log_share.exp();
                }
            }
        }
        Ok(all)
    }
}

/// How decisions are learnt from.
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// Steps of training, about: in whole times through the rows.
    pub steps: usize,
    /// Highest rate.
    pub rate: f64,
    /// How much a decision counts against a row of the disturbed past.
    pub weight: f32,
    /// Rows of the disturbed past for each decision.
    pub past: f32,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { steps: 200, rate: 1e-3, weight: 2.0, past: 2.0 }
    }
}
