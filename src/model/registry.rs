//! The models of a store: versions that were fine-tuned there and models of others that were added, beside
//! the shipped weights, and which of them is in use.

use super::bolt::{Bolt, CONFIG_FILE};
use super::evaluate::Score;
use super::shipped::{NAME as SHIPPED, shipped};
use super::train::{Tuned, Tuning, write_whole};
use super::{DemandModel, Forecaster, ModelError, Weights};
use crate::demand::Panel;
use jiff::civil::Date;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The weights' file in a model's folder.
pub const WEIGHTS_FILE: &str = "model.safetensors";
/// The card beside it.
pub const CARD_FILE: &str = "card.json";
/// Which version is in use.
const CURRENT_FILE: &str = "current";
/// Which version was in use before it.
const BEFORE_FILE: &str = "before";
/// Letters that a name has at most.
const LONGEST_NAME: usize = 40;

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
    /// The untouched steps after them, before and after; nothing where none were kept back.
    pub test: Option<[Score; 2]>,
    /// Step at which validation was best; 0: the weights before stay.
    pub best_step: u64,
}

impl Card {
    /// The card of what came of a fine-tuning on a panel, which has just ended.
    pub fn of(tuned: &Tuned, tuning: &Tuning, panel: &Panel) -> Self {
        Self {
            made_at: jiff::Timestamp::now().to_string(),
            tuning: tuning.clone(),
            panel: (panel.series.len(), panel.steps),
            validation: tuned.validation,
            test: tuned.test,
            best_step: tuned.best_step,
        }
    }
}

/// What a version is.
#[derive(Debug, Clone)]
pub enum Stored {
    /// Weights of this program's network.
    Own(Weights),
    /// A Chronos-Bolt checkpoint.
    Bolt(Box<Bolt>),
}

/// A version and what is known of it.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its name; `shipped` for the shipped weights.
    pub name: String,
    /// What it is.
    pub model: Stored,
    /// How it was made; `None` for the shipped weights and for models of others.
    pub card: Option<Card>,
}

impl Version {
    /// Its weights, for who trains them further or compares them.
    pub fn weights(&self) -> Result<&Weights, ModelError> {
        match &self.model {
            Stored::Own(weights) => Ok(weights),
            Stored::Bolt(_) => Err(ModelError::Refused {
                file: self.name.clone(),
                field: "architecture".to_owned(),
                reason: "a Chronos-Bolt model forecasts as it is: only models of stockdeck are \
                         trained further and compared; name one of them, such as shipped"
                    .to_owned(),
            }),
        }
    }

    /// The model, ready to forecast on one thread.
    pub fn demand_model(&self) -> Result<DemandModel, ModelError> {
        Ok(match &self.model {
            Stored::Own(weights) => DemandModel::Own(Forecaster::new(weights.network()?)),
            Stored::Bolt(bolt) => DemandModel::Bolt(Bolt::clone(bolt)),
        })
    }

    /// A short fingerprint, by which it is known wherever it is kept and whatever it is called.
    pub fn fingerprint(&self) -> Result<String, ModelError> {
        match &self.model {
            Stored::Own(weights) => weights.fingerprint(),
            Stored::Bolt(bolt) => Ok(bolt.fingerprint.clone()),
        }
    }

    /// How many numbers it has.
    pub fn parameters(&self) -> usize {
        match &self.model {
            Stored::Own(weights) => weights.count(),
            Stored::Bolt(bolt) => bolt.parameters,
        }
    }
}

/// When a version's files were written and how long they are: whether they are still those that were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp([Option<(SystemTime, u64)>; 2]);

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
        let own = self.entries()?.into_iter().filter_map(|name| name.into_string().ok());
        let models = own.filter(|name| self.is_model(name));
        Ok(std::iter::once(SHIPPED.to_owned()).chain(models).collect())
    }

    /// Names of all that lies in the folder, in order.
    fn entries(&self) -> Result<Vec<OsString>, ModelError> {
        let read = || -> std::io::Result<Vec<OsString>> {
            std::fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.file_name())).collect()
        };
        match read() {
            Ok(mut names) => {
                names.sort();
                Ok(names)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(source) => Err(failed(&self.folder, source)),
        }
    }

    /// Whether a folder of this name holds a model, whole or damaged.
    fn is_model(&self, name: &str) -> bool {
        name != SHIPPED
            && !name.starts_with('.')
            && self.folder.join(name).join(WEIGHTS_FILE).is_file()
    }

    /// What else lies in the folder: no model, and never touched.
    pub fn foreign(&self) -> Result<Vec<String>, ModelError> {
        let names = self.entries()?.into_iter().map(|name| name.to_string_lossy().into_owned());
        let own = |name: &str| [CURRENT_FILE, BEFORE_FILE].contains(&name) || name.starts_with('.');
        Ok(names.filter(|name| !own(name) && !self.is_model(name)).collect())
    }

    /// A version by name.
    pub fn version(&self, name: &str) -> Result<Version, ModelError> {
        if name == SHIPPED {
            return Ok(Version {
                name: name.to_owned(),
                model: Stored::Own(shipped()?),
                card: None,
            });
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

    /// The nearest of a version and those that it was trained from, one after the other, that has learnt
    /// nothing after a day; at last the shipped one, whose days are another shop's. Only weights that have not
    /// learnt the days after it can be judged by them.
    pub fn unspoilt(&self, name: &str, day: Date) -> Result<Version, ModelError> {
        let mut version = self.version(name)?;
        loop {
            let origin = &version.weights()?.origin;
            if version.name == SHIPPED || origin.seen_until.is_none_or(|seen| seen <= day) {
                return Ok(version);
            }
            let parent = origin.parent.clone();
            // Who was named already is not their own parent.
            version = match parent.and_then(|parent| self.by_fingerprint(&parent)) {
                Some(parent) if parent.name != version.name => parent,
                _ => return self.version(SHIPPED),
            };
        }
    }

    /// The version of a fingerprint, among those that can be read.
    fn by_fingerprint(&self, fingerprint: &str) -> Option<Version> {
        let names = self.names().ok()?;
        let versions = names.iter().filter_map(|name| self.version(name).ok());
        versions
            .into_iter()
            .find(|version| version.fingerprint().is_ok_and(|own| own == fingerprint))
    }

    /// Whether the version in use is one that can be trained further: Chronos-Bolt forecasts as it is.
    pub fn trains(&self) -> bool {
        self.current().is_ok_and(|name| !Bolt::lies_in(&self.folder.join(name)))
    }

    /// Name of the version in use.
    pub fn current(&self) -> Result<String, ModelError> {
        Ok(self.noted(CURRENT_FILE)?.unwrap_or_else(|| SHIPPED.to_owned()))
    }

    /// Name of the version that was in use before; `None`: there was no other yet.
    pub fn before(&self) -> Result<Option<String>, ModelError> {
        self.noted(BEFORE_FILE)
    }

    fn noted(&self, file: &str) -> Result<Option<String>, ModelError> {
        let file = self.folder.join(file);
        match std::fs::read_to_string(&file) {
            Ok(name) => Ok(Some(name.trim().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed(&file, source)),
        }
    }

    /// Uses a version from now on. Returns the one used before.
    pub fn use_version(&self, name: &str) -> Result<String, ModelError> {
        let before = self.current()?;
        self.version(name)?;
        if before == name {
            return Ok(before);
        }
        std::fs::create_dir_all(&self.folder).map_err(|source| failed(&self.folder, source))?;
        write_whole(&self.folder.join(BEFORE_FILE), before.as_bytes())?;
        write_whole(&self.folder.join(CURRENT_FILE), name.as_bytes())?;
        Ok(before)
    }

    /// The state of a version's files.
    pub fn stamp(&self, name: &str) -> Stamp {
        let folder = self.folder.join(name);
        Stamp([WEIGHTS_FILE, CARD_FILE].map(|file| {
            let about = std::fs::metadata(folder.join(file)).ok()?;
            Some((about.modified().ok()?, about.len()))
        }))
    }

    /// Copies the model in a folder, this program's or a Chronos-Bolt checkpoint, among the store's
    /// versions. It is read first, and refused if anything is wrong with it; it is not in use yet.
    pub fn add(&self, folder: &Path, name: &str) -> Result<Version, ModelError> {
        let refused = |reason: String| ModelError::Refused {
            file: self.folder.display().to_string(),
            field: name.to_owned(),
            reason,
        };
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        let plain = !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(fits);
        if !plain || name.starts_with(['.', '-']) {
            let reason = "a model's name is of letters, digits, `-`, `_` and `.`, 40 at most";
            return Err(refused(reason.to_owned()));
        }
        let taken = [SHIPPED, CURRENT_FILE, BEFORE_FILE].contains(&name);
        if taken || self.folder.join(name).exists() {
            return Err(refused("is there already; choose another name with --name".to_owned()));
        }
        let version = version_in(name, folder)?;
        // A copy that is cut short is hidden, and no model.
        let beside = self.folder.join(format!(".{name}.part"));
        let copy = || -> std::io::Result<()> {
            std::fs::create_dir_all(&beside)?;
            for file in [CONFIG_FILE, CARD_FILE, WEIGHTS_FILE] {
                if folder.join(file).is_file() {
                    std::fs::copy(folder.join(file), beside.join(file))?;
                }
            }
            std::fs::rename(&beside, self.folder.join(name))
        };
        copy().map_err(|source| failed(&self.folder.join(name), source))?;
        Ok(version)
    }

    /// Keeps a new version under the next free name, which is returned. It is not in use yet.
    pub fn keep(&self, weights: &Weights, card: &Card) -> Result<String, ModelError> {
        std::fs::create_dir_all(&self.folder).map_err(|source| failed(&self.folder, source))?;
        loop {
            let last = self
                .entries()?
                .iter()
                .filter_map(|name| name.to_str()?.strip_prefix('v')?.parse::<u32>().ok())
                .max()
                .unwrap_or(0);
            let name = format!("v{:04}", last + 1);
            let folder = self.folder.join(&name);
            match std::fs::create_dir(&folder) {
                Ok(()) => {
                    write(&folder, weights, Some(card))?;
                    return Ok(name);
                }
                // Somebody else has just taken this name.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(failed(&folder, source)),
            }
        }
    }
}

/// The version in a folder, wherever that lies.
pub fn version_in(name: &str, folder: &Path) -> Result<Version, ModelError> {
    let name = name.to_owned();
    if Bolt::lies_in(folder) {
        return Ok(Version {
            name,
            model: Stored::Bolt(Box::new(Bolt::read(folder)?)),
            card: None,
        });
    }
    let weights = Weights::read(&folder.join(WEIGHTS_FILE))?;
    Ok(Version { name, model: Stored::Own(weights), card: read_card(folder)? })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// Keeps weights of a seed as a version, trained from another one up to a day.
    fn keep(registry: &Registry, seed: u64, parent: Option<&Weights>, seen: &str) -> Weights {
        let mut weights = Weights::fresh(seed).unwrap();
        weights.origin = Origin::new("a panel".to_owned(), Some(day(seen)), 20, seed);
        weights.origin.parent = parent.map(|parent| parent.fingerprint().unwrap());
        write(&registry.folder.join(format!("v000{seed}")), &weights, None).unwrap();
        weights
    }

    #[test]
    fn a_name_that_somebody_else_has_just_taken_is_not_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::of(folder.path());
        // Its folder is there, its weights are still being written.
        std::fs::create_dir_all(registry.folder.join("v0001")).unwrap();
        let score = Score {
            wql: [0.0; 3],
            tql: [0.0; 3],
            sql: None,
            mase: None,
            rmsse: None,
            coverage: [0.0; 3],
            total_coverage: [0.0; 2],
            bias: 0.0,
            parts: 0,
            open_coverage: 0.0,
            wape: 0.0,
        };
        let card = Card {
            made_at: "today".to_owned(),
            tuning: Tuning::default(),
            panel: (1, 90),
            validation: [score; 2],
            test: None,
            best_step: 1,
        };
        let kept = registry.keep(&Weights::fresh(1).unwrap(), &card).unwrap();
        assert_eq!(kept, "v0002");
        assert_eq!(registry.version(&kept).unwrap().card, Some(card));
    }

    #[test]
    fn who_is_judged_by_days_has_not_learnt_them() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::of(folder.path());
        let first = keep(&registry, 1, Some(&shipped().unwrap()), "2024-03-31");
        let second = keep(&registry, 2, Some(&first), "2024-04-30");
        keep(&registry, 3, Some(&second), "2024-05-31");
        // Whose parent is not there any more.
        keep(&registry, 4, Some(&Weights::fresh(9).unwrap()), "2024-05-31");
        let from = |name: &str, until: &str| registry.unspoilt(name, day(until)).unwrap().name;
        assert_eq!(from("v0003", "2024-05-31"), "v0003");
        assert_eq!(from("v0003", "2024-05-30"), "v0002");
        assert_eq!(from("v0003", "2024-04-02"), "v0001");
        assert_eq!(from("v0003", "2024-02-01"), SHIPPED);
        assert_eq!(from("v0004", "2024-04-02"), SHIPPED);
        assert_eq!(from(SHIPPED, "2010-01-01"), SHIPPED);
    }
}
