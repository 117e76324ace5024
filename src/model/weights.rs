//! Weights in files: safetensors with what they came from in their metadata.

use super::ModelError;
use super::layers::Parameters;
use super::network::{self, Network};
use candle_core::{Device, Tensor};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;

/// The metadata entry that tells where weights come from.
const ORIGIN: &str = "stockdeck";
/// Shape of the network that this program runs; weights of another are refused.
const ARCHITECTURE: &str = "patch-transformer-2";

/// Where weights come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Shape of the network.
    pub architecture: String,
    /// What they were trained on, in words.
    pub data: String,
    /// Last day of real data that they saw; `None`: synthetic series only.
    pub seen_until: Option<jiff::civil::Date>,
    /// Steps of training.
    pub steps: u64,
    /// Seed of the training.
    pub seed: u64,
    /// The weights that these were fine-tuned from, by their fingerprint.
    pub parent: Option<String>,
}

impl Origin {
    /// An origin of this program's network.
    pub fn new(data: String, seen_until: Option<jiff::civil::Date>, steps: u64, seed: u64) -> Self {
        Self { architecture: ARCHITECTURE.to_owned(), data, seen_until, steps, seed, parent: None }
    }
}

/// Parameters and where they come from.
#[derive(Debug, Clone)]
pub struct Weights {
    pub(super) parameters: Parameters,
    /// Where they come from.
    pub origin: Origin,
}

impl Weights {
    /// Reads weights, checking every name and shape before any use.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path)
            .map_err(|source| ModelError::File { file: name.clone(), source })?;
        Self::from_bytes(&name, &bytes)
    }

    /// The same from bytes; `file` names them in errors.
    pub fn from_bytes(file: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        let refused = |field: &str, reason: String| ModelError::Refused {
            file: file.to_owned(),
            field: field.to_owned(),
            reason,
        };
        let (_, header) = SafeTensors::read_metadata(bytes)
            .map_err(|error| refused("header", format!("no safetensors file ({error})")))?;
        let origin =
            header.metadata().as_ref().and_then(|entries| entries.get(ORIGIN)).ok_or_else(
                || refused(ORIGIN, "missing: not a demand model of this program".into()),
            )?;
        let origin: Origin =
            serde_json::from_str(origin).map_err(|error| refused(ORIGIN, error.to_string()))?;
        if origin.architecture != ARCHITECTURE {
            let reason = format!("“{}” where {ARCHITECTURE} is run", origin.architecture);
            return Err(refused("architecture", reason));
        }
        let tensors = SafeTensors::deserialize(bytes)
            .map_err(|error| refused("header", format!("damaged ({error})")))?;
        let mut parameters = Parameters::new();
        for (name, shape) in network::shapes() {
            let tensor = checked(file, &tensors, &name, &shape)?;
            parameters.insert(name, tensor);
        }
        Ok(Self { parameters, origin })
    }

    /// Fresh weights from a seed.
    pub fn fresh(seed: u64) -> Result<Self, ModelError> {
        let origin = Origin::new("nothing yet".to_owned(), None, 0, seed);
        Ok(Self { parameters: network::initial(seed)?, origin })
    }

    /// The bytes of a file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        to_bytes(&self.parameters, &self.origin)
    }

    /// The network over these weights.
    pub fn network(&self) -> Result<Network, ModelError> {
        Ok(Network::of(&self.parameters)?)
    }

    /// A short fingerprint of the numbers, the same wherever they are kept.
    pub fn fingerprint(&self) -> Result<String, ModelError> {
        let mut hash = Sha256::new();
        for (name, tensor) in &self.parameters {
            hash.update(name.as_bytes());
            for value in tensor.flatten_all()?.to_vec1::<f32>()? {
                hash.update(value.to_le_bytes());
            }
        }
        Ok(hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect())
    }

    /// How far apart two weights are, as a share of the norm of the first.
    pub fn distance(one: &Self, other: &Self) -> Result<f32, ModelError> {
        let (mut apart, mut norm) = (0f32, 0f32);
        for (name, tensor) in &one.parameters {
            let Some(against) = other.parameters.get(name) else { continue };
            apart += (tensor - against)?.sqr()?.sum_all()?.to_scalar::<f32>()?;
            norm += tensor.sqr()?.sum_all()?.to_scalar::<f32>()?;
        }
        Ok((apart / norm.max(f32::MIN_POSITIVE)).sqrt())
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        self.parameters.values().map(Tensor::elem_count).sum()
    }
}

/// The bytes of a safetensors file of some tensors, with any metadata of ours.
pub(super) fn to_bytes(
    tensors: &Parameters,
    about: &impl Serialize,
) -> Result<Vec<u8>, ModelError> {
    let failed = |reason: String| ModelError::Refused {
        file: "weights".to_owned(),
        field: "header".to_owned(),
        reason,
    };
    let mut bytes = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let values: Vec<f32> = tensor.flatten_all()?.to_vec1()?;
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        bytes.push((name.clone(), tensor.dims().to_vec(), raw));
    }
    let mut views = Vec::with_capacity(bytes.len());
    for (name, shape, raw) in &bytes {
        let view = TensorView::new(Dtype::F32, shape.clone(), raw)
            .map_err(|error| failed(error.to_string()))?;
        views.push((name.as_str(), view));
    }
    let about = serde_json::to_string(about).map_err(|error| failed(error.to_string()))?;
    let metadata = HashMap::from([(ORIGIN.to_owned(), about)]);
    safetensors::serialize(views, Some(metadata)).map_err(|error| failed(error.to_string()))
}

/// A tensor of a file, refused if it is missing, or its shape, type or numbers are not what is needed.
pub(super) fn checked(
    file: &str,
    tensors: &SafeTensors<'_>,
    name: &str,
    shape: &[usize],
) -> Result<Tensor, ModelError> {
    let refused = |reason: String| ModelError::Refused {
        file: file.to_owned(),
        field: name.to_owned(),
        reason,
    };
    let view = tensors.tensor(name).map_err(|_| refused("missing".into()))?;
    if view.shape() != shape {
        return Err(refused(format!("shape {:?} where {shape:?} is needed", view.shape())));
    }
    let values = floats(&view)
        .ok_or_else(|| refused(format!("type {:?} where F32 or F16 is read", view.dtype())))?;
    if let Some(place) = values.iter().position(|value| !value.is_finite()) {
        return Err(refused(format!("number {place} is not finite")));
    }
    Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
}

/// A tensor's numbers, of a half-precision file as well.
pub(super) fn floats(view: &TensorView<'_>) -> Option<Vec<f32>> {
    let data = view.data();
    match view.dtype() {
        Dtype::F32 => Some(
            data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        ),
        Dtype::F16 => Some(
            data.chunks_exact(2).map(|b| half::f16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
        ),
        _ => None,
    }
}
