//! Fitted models as plain numbers, to be kept and read back.

use super::bins::Bins;
use super::network::{Network, Scale};
use super::rarity::Rarity;
use candle_core::Result;
use serde::{Deserialize, Serialize};

/// Layers as widths and, for each, weights (in x out) and biases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptNetwork {
    /// Widths from input to output.
    pub widths: Vec<usize>,
    /// Weights and biases of each layer.
    pub layers: Vec<(Vec<f32>, Vec<f32>)>,
}

/// Everything fitted to a past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Names of the facts and rules that these numbers belong to; others are refused.
    pub made_for: String,
    /// Classes of quantities.
    pub edges: Vec<u32>,
    /// Scale and network of quantities.
    pub quantity: (Scale, KeptNetwork),
    /// Scale and network of lines.
    pub lines: (Scale, KeptNetwork),
    /// Scale and networks of orders.
    pub orders: (Scale, Vec<KeptNetwork>),
    /// Tails of the rules.
    pub rarities: Vec<Rarity>,
    /// Weights of base, network and rules.
    pub blend: (f32, f32, f32),
    /// A thin part of the disturbed past, so that decisions can be learnt from: width, numbers,
    /// classes and weights.
    pub made: (usize, Vec<f32>, Vec<u32>, Vec<f32>),
}

impl KeptNetwork {
    pub(super) fn of(network: &Network) -> Result<Self> {
        Ok(Self { widths: network.widths(), layers: network.numbers()? })
    }

    pub(super) fn network(&self) -> Result<Network> {
        Network::from_numbers(&self.widths, &self.layers)
    }
}

pub(super) fn bins(edges: &[u32]) -> Result<Bins> {
    if edges.is_empty() || edges.windows(2).any(|pair| pair[0] >= pair[1]) {
        candle_core::bail!("the classes of quantities are not in order");
    }
    Ok(Bins::from_edges(edges.to_vec()))
}
