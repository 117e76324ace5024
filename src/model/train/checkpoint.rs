//! A training that was interrupted goes on where it was.

use super::optimiser::Optimiser;
use crate::model::ModelError;
use crate::model::weights::{floats, to_bytes};
use safetensors::tensor::SafeTensors;
use serde::{Serialize, de::DeserializeOwned};
use std::path::Path;

/// Writes everything that a training needs to go on, so that a crash leaves the old file or the new.
pub(super) fn write(
    path: &Path,
    optimiser: &Optimiser,
    plan: &impl Serialize,
) -> Result<(), ModelError> {
    let bytes = to_bytes(&optimiser.remembered()?, &(optimiser.step, plan))?;
    write_whole(path, &bytes)
}

/// Writes a file beside its place and moves it there.
pub(in crate::model) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ModelError> {
    let failed = |source| ModelError::File { file: path.display().to_string(), source };
    let beside = path.with_extension("part");
    std::fs::write(&beside, bytes).map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)
}

/// Takes a training up again where `path` left it. False: there is no such file, or it is of a
/// training with another plan.
pub(super) fn resume<P: Serialize + DeserializeOwned + PartialEq>(
    path: &Path,
    optimiser: &mut Optimiser,
    plan: &P,
) -> Result<bool, ModelError> {
    let file = path.display().to_string();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(ModelError::File { file, source }),
    };
    let refused = |reason: String| ModelError::Refused {
        file: file.clone(),
        field: "checkpoint".to_owned(),
        reason,
    };
    let (_, header) =
        SafeTensors::read_metadata(&bytes).map_err(|error| refused(error.to_string()))?;
    let about = header.metadata().as_ref().and_then(|entries| entries.get("stockdeck"));
    let about = about.ok_or_else(|| refused("no plan in it".to_owned()))?;
    let (step, of): (u64, P) =
        serde_json::from_str(about).map_err(|error| refused(error.to_string()))?;
    if of != *plan {
        return Ok(false);
    }
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| refused(error.to_string()))?;
    optimiser.restore(step, |name| tensors.tensor(name).ok().and_then(|view| floats(&view)))?;
    Ok(true)
}
