//! The models of a store: versions that were fine-tuned there, beside the shipped weights, and which of
//! them is in use.

use super::evaluate::Score;
use super::shipped::{NAME as SHIPPED, shipped};
use super::train::{Tuning, write_whole};
use super::{ModelError, Weights};
use std::path::{Path, PathBuf};

/// The weights' file in a model's folder.
pub const WEIGHTS_FILE: &str = "model.safetensors";
/// The card beside it.
pub const CARD_FILE: &str = "card.json";
/// Which version is in use.
const CURRENT_FILE: &str = "current";

/// What is known of a fine-tuning afterwards.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Card {
    /// When it ended.
    pub made_at: String,
    /// How it was trained.
    pub tuning: Tuning,
    /// Series and steps of the panel.
    pub panel: (usize, usize),
    /// Validation before and after: what decided.
    pub validation: [Score; 2],
    /// The untouched last 28 steps, before and after.
    pub test: [Score; 2],
    /// Step at which validation was best; 0: the weights before stay.
    pub best_step: u64,
}

/// A version and what is known of it.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its name; `shipped` for the shipped weights.
    pub name: String,
    /// Its weights.
    pub weights: Weights,
    /// How it was made; `None` for the shipped weights.
    pub card: Option<Card>,
}

/// The folder of a store's models.
#[derive(Debug, Clone)]
pub struct Registry {
    folder: PathBuf,
}

impl Registry {
    /// The models of a data folder.
    pub fn of(data_dir: &Path) -> Self {
        Self { folder: data_dir.join("models") }
    }

    /// Names of all versions, the shipped one first, then by age.
    pub fn names(&self) -> Result<Vec<String>, ModelError> {
        let mut names = Vec::new();
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(vec![SHIPPED.to_owned()]);
            }
            Err(source) => return Err(failed(&self.folder, source)),
        };
        for entry in entries {
            let entry = entry.map_err(|source| failed(&self.folder, source))?;
            if entry.path().join(WEIGHTS_FILE).is_file()
                && let Ok(name) = entry.file_name().into_string()
                && name != SHIPPED
            {
                names.push(name);
            }
        }
        names.sort();
        names.insert(0, SHIPPED.to_owned());
        Ok(names)
    }

    /// A version by name.
    pub fn version(&self, name: &str) -> Result<Version, ModelError> {
        if name == SHIPPED {
            return Ok(Version { name: name.to_owned(), weights: shipped()?, card: None });
        }
        let known = self.names()?;
        if !known.iter().any(|known| known == name) {
            return Err(ModelError::Refused {
                file: self.folder.display().to_string(),
                field: name.to_owned(),
                reason: format!("there is no such model (there are: {})", known.join(", ")),
            });
        }
        version_in(name, &self.folder.join(name))
    }

    /// Name of the version in use.
    pub fn current(&self) -> Result<String, ModelError> {
        let file = self.folder.join(CURRENT_FILE);
        match std::fs::read_to_string(&file) {
            Ok(name) => Ok(name.trim().to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(SHIPPED.to_owned()),
            Err(source) => Err(failed(&file, source)),
        }
    }

    /// Uses a version from now on. Returns the one used before.
    pub fn use_version(&self, name: &str) -> Result<String, ModelError> {
        let before = self.current()?;
        self.version(name)?;
        std::fs::create_dir_all(&self.folder).map_err(|source| failed(&self.folder, source))?;
        write_whole(&self.folder.join(CURRENT_FILE), name.as_bytes())?;
        Ok(before)
    }

    /// Keeps a new version under the next free name, which is returned. It is not in use yet.
    pub fn keep(&self, weights: &Weights, card: &Card) -> Result<String, ModelError> {
        let last = self
            .names()?
            .iter()
            .filter_map(|name| name.strip_prefix('v')?.parse::<u32>().ok())
            .max()
            .unwrap_or(0);
        let name = format!("v{:04}", last + 1);
        write(&self.folder.join(&name), weights, Some(card))?;
        Ok(name)
    }
}

/// The version in a folder, wherever that lies.
pub fn version_in(name: &str, folder: &Path) -> Result<Version, ModelError> {
    Ok(Version {
        name: name.to_owned(),
        weights: Weights::read(&folder.join(WEIGHTS_FILE))?,
        card: read_card(folder)?,
    })
}

/// Writes a model's folder: weights, and its card where there is one.
pub fn write(folder: &Path, weights: &Weights, card: Option<&Card>) -> Result<(), ModelError> {
    std::fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    if let Some(card) = card {
        let text = serde_json::to_string_pretty(card).map_err(|error| ModelError::Refused {
            file: CARD_FILE.to_owned(),
            field: "card".to_owned(),
            reason: error.to_string(),
        })?;
        write_whole(&folder.join(CARD_FILE), text.as_bytes())?;
    }
    write_whole(&folder.join(WEIGHTS_FILE), &weights.to_bytes()?)
}

fn read_card(folder: &Path) -> Result<Option<Card>, ModelError> {
    let file = folder.join(CARD_FILE);
    match std::fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|error| ModelError::Refused {
            file: file.display().to_string(),
            field: "card".to_owned(),
            reason: error.to_string(),
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failed(&file, source)),
    }
}

fn failed(path: &Path, source: std::io::Error) -> ModelError {
    ModelError::File { file: path.display().to_string(), source }
}
