//! Chronos-Bolt (Ansari et al. 2024): published checkpoints of somebody else's model, recognised by
//! their `config.json` and run here. It looks at a series' own demand alone: no price, no promotion, no
//! shop. It says 0.1 to 0.9 of each day; other levels and totals are added by stated rules
//! (the files `counts.rs` and `totals.rs`).

mod config;
mod counts;
mod forecast;
mod network;
mod totals;

#[cfg(test)]
mod tests;

pub use forecast::{Paths, at};

use super::layers::Parameters;
use super::registry::WEIGHTS_FILE;
use super::{ModelError, Quantiles, Window, weights};
use config::Config;
use network::Network;
use safetensors::tensor::SafeTensors;
use sha2::{Digest, Sha256};
use std::path::Path;
use totals::Draws;

/// The file that makes a folder a checkpoint.
pub(super) const CONFIG_FILE: &str = "config.json";

/// A checkpoint in use.
#[derive(Debug, Clone)]
pub struct Bolt {
    network: Network,
    threads: usize,
    /// Numbers in its tensors.
    pub parameters: usize,
    /// A short fingerprint of its files' bytes.
    pub fingerprint: String,
}

impl Bolt {
    /// Whether a folder claims to hold a published checkpoint: a model of this program has no
    /// `config.json`.
    pub fn lies_in(folder: &Path) -> bool {
        folder.join(CONFIG_FILE).is_file()
    }

    /// Reads a checkpoint, checking every field, name and shape before any use.
    pub fn read(folder: &Path) -> Result<Self, ModelError> {
        let read = |name: &str| {
            let path = folder.join(name);
            let file = path.display().to_string();
            match std::fs::read(&path) {
                Ok(bytes) => Ok((file, bytes)),
                Err(source) => Err(ModelError::File { file, source }),
            }
        };
        let (config_file, config_bytes) = read(CONFIG_FILE)?;
        let config = Config::from_json(&config_file, &config_bytes)?;
        let (weights_file, weights) = read(WEIGHTS_FILE)?;
        let bolt = Self::from_bytes(config, &weights_file, &weights)?;
        // What the network is told beside its tensors decides as much as they do.
        let hash = Sha256::new().chain_update(config_bytes).chain_update(weights).finalize();
        Ok(Self { fingerprint: short(&hash), ..bolt })
    }

    fn from_bytes(config: Config, file: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        let refused = |field: &str, reason: String| ModelError::Refused {
            file: file.to_owned(),
            field: field.to_owned(),
            reason,
        };
        let tensors = SafeTensors::deserialize(bytes)
            .map_err(|error| refused("header", format!("no whole safetensors file ({error})")))?;
        let mut parameters = Parameters::new();
        for (name, shape) in network::shapes(&config) {
            let tensor = weights::checked(file, &tensors, &name, &shape)?;
            parameters.insert(name, tensor);
        }
        if let Some(odd) = tensors.names().into_iter().find(|name| is_odd(&parameters, name)) {
            return Err(refused(odd, format!("not of the network that {CONFIG_FILE} describes")));
        }
        let count = parameters.values().map(candle_core::Tensor::elem_count).sum();
        let network = Network::of(config, &parameters)?;
        let fingerprint = short(&Sha256::digest(bytes));
        Ok(Self { network, threads: 1, parameters: count, fingerprint })
    }

    /// The same on some threads.
    pub fn on_threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
    }

    /// Most recent steps that it looks at.
    pub fn context(&self) -> usize {
        self.network.config.context
    }

    /// The model's own answer: paths of the levels 0.1 to 0.9 over a horizon. A context is a series'
    /// past in units, the newest value last, NaN where nothing is known.
    pub fn paths(&self, contexts: &[&[f32]], horizon: usize) -> Result<Vec<Paths>, ModelError> {
        forecast::forecast(&self.network, contexts, horizon, self.threads)
    }

    /// Counts for windows over a horizon, in their order. What lies before a first sale is missing; of
    /// a window without any sale nothing is expected.
    pub fn over(&self, windows: &[Window], horizon: usize) -> Result<Vec<Quantiles>, ModelError> {
        let contexts: Vec<&[f32]> = windows.iter().filter_map(counts::context).collect();
        let mut paths = self.paths(&contexts, horizon)?.into_iter();
        let draws = Draws::over(horizon);
        Ok(windows
            .iter()
            .map(|window| match counts::context(window).and_then(|_| paths.next()) {
                Some(paths) => counts::quantiles(window, &paths, &draws, horizon),
                None => counts::nothing(horizon),
            })
            .collect())
    }
}

/// The first bytes of a hash, as letters.
fn short(hash: &[u8]) -> String {
    hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a tensor belongs to a part of the network that is not known. Copies of the shared embedding
/// are stored by some writers; what lies outside the network changes nothing.
fn is_odd(known: &Parameters, name: &str) -> bool {
    let parts = ["encoder.", "decoder.", "input_patch_embedding.", "output_patch_embedding."];
    parts.iter().any(|part| name.starts_with(part))
        && !name.ends_with(".embed_tokens.weight")
        && !known.contains_key(name)
}
