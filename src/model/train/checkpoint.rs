//! A training that was interrupted goes on where it was.

use super::optimiser::Optimiser;
use crate::model::ModelError;
use crate::model::weights::{floats, to_bytes};
use safetensors::tensor::SafeTensors;
use serde::Serialize;
use serde_json::Value;
use std::io::Write;
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

/// Writes a file beside its place and moves it there, so that a crash or a cut of power leaves the old one or
/// the new.
pub(in crate::model) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ModelError> {
    let failed = |source| ModelError::File { file: path.display().to_string(), source };
    let beside = path.with_extension("part");
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => std::fs::File::open(folder)?.sync_all(),
            None => std::fs::File::open(".")?.sync_all(),
        }
    };
    write().map_err(failed)
}

/// Takes a training up again where `path` left it. False: there is no such file. One of another plan is
/// refused: to begin anew would overwrite hours of work.
pub(super) fn resume(
    path: &Path,
    optimiser: &mut Optimiser,
    plan: &impl Serialize,
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
    let parsed =
        |text: &str| serde_json::from_str(text).map_err(|error| refused(error.to_string()));
    let Value::Array(about) = parsed(about)? else {
        return Err(refused("no plan in it".to_owned()));
    };
    let [step, of] = about.as_slice() else { return Err(refused("no plan in it".to_owned())) };
    let step = step.as_u64().ok_or_else(|| refused("no step in it".to_owned()))?;
    let text = serde_json::to_string(plan).map_err(|error| refused(error.to_string()))?;
    if let Some(apart) = differing("", of, &parsed(&text)?) {
        return Err(refused(format!(
            "it is of another training: {apart}; remove it to begin anew, or train in another folder"
        )));
    }
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| refused(error.to_string()))?;
    optimiser.restore(step, |name| tensors.tensor(name).ok().and_then(|view| floats(&view)))?;
    Ok(true)
}

/// The first field in which two plans differ, and how.
fn differing(name: &str, was: &Value, is: &Value) -> Option<String> {
    match (was, is) {
        (Value::Object(was), Value::Object(is)) => {
            let names = is.keys().chain(was.keys().filter(|name| !is.contains_key(*name)));
            let (none, mut names) = (Value::Null, names);
            names.find_map(|name| {
                differing(name, was.get(name).unwrap_or(&none), is.get(name).unwrap_or(&none))
            })
        }
        (was, is) => (was != is).then(|| format!("its {name} is {was}, and not {is}")),
    }
}
