//! What is told of the models that forecast, and of how well they do.

use super::Training;
use crate::domain::Day;
use crate::insight::accuracy::{Figures, Made};
use crate::model::evaluate::Class;
use serde::{Deserialize, Serialize};

/// The store's models, and how well they forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelsReport {
    /// All versions, the shipped one first, then by name.
    pub versions: Vec<ModelVersion>,
    /// The version that was in use before the one of now.
    pub before: Option<Box<str>>,
    /// What lies in the folder of models and is none.
    pub foreign: Vec<Box<str>>,
    /// Forecasts that are current, and all there are.
    pub forecasts: (u64, u64),
    /// Trainings: the one that runs, the last one, and when the next is due.
    pub training: Training,
    /// How well models forecast, that in use first; what was issued before what was made afterwards.
    pub accuracy: Vec<ModelAccuracy>,
}

impl ModelsReport {
    /// The version in use; `None`: what should be used is not there.
    pub fn in_use(&self) -> Option<&ModelVersion> {
        self.versions.iter().find(|version| version.in_use)
    }
}

/// A version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelVersion {
    /// Its name.
    pub name: Box<str>,
    /// Whether it makes the forecasts.
    pub in_use: bool,
    /// What it is; or why it cannot be used.
    pub about: Result<ModelAbout, Box<str>>,
}

/// What a version is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelAbout {
    /// Which network.
    pub kind: ModelKind,
    /// By which it is known, whatever it is called.
    pub fingerprint: Box<str>,
    /// How many numbers it has.
    pub parameters: u64,
    /// How it was judged when it was made; `None`: it came as it is.
    pub judged: Option<Judged>,
}

/// Which network a model is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ModelKind {
    /// This program's.
    Own {
        /// What it was trained on, in words.
        data: Box<str>,
        /// The last day of real demand that it saw.
        seen_until: Option<Day>,
        /// Steps of training.
        steps: u64,
        /// The name of the version that it was trained from, or its fingerprint where that has none.
        parent: Option<Box<str>>,
    },
    /// A Chronos-Bolt checkpoint.
    Bolt {
        /// Steps of history that it looks at.
        sees: u64,
    },
}

impl ModelKind {
    /// What it is called.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Own { .. } => "own network",
            Self::Bolt { .. } => "Chronos-Bolt",
        }
    }
}

/// How a version was judged when it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The moment, as its card says it.
    pub made_at: Box<str>,
    /// Series and steps that it was trained on.
    pub panel: (u64, u64),
    /// The step of training at which validation was best; 0: nothing was gained.
    pub best_step: u64,
    /// On the days that decided, before and after.
    pub validation: [Judgement; 2],
    /// On the untouched last days, before and after; nothing where none were kept back.
    pub test: Option<[Judgement; 2]>,
}

/// A judgement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Weighted quantile loss of days.
    pub wql: f64,
    /// Quantile loss of totals.
    pub tql: f64,
    /// Bias of the totals.
    pub bias: f64,
}

/// How well a model forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelAccuracy {
    /// Its name when it last forecast.
    pub model: Box<str>,
    /// By which it is known.
    pub fingerprint: Box<str>,
    /// Whether the forecasts were issued, or made afterwards from what was known then.
    pub made: Made,
    /// Weeks that are scored.
    pub weeks: u32,
    /// Over all series, then for each class that there is.
    pub classes: Vec<ClassAccuracy>,
}

/// How well series of a class were forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassAccuracy {
    /// The class; `None`: all of them.
    pub class: Option<Class>,
    /// Over all weeks told of.
    pub overall: Figures,
    /// By week, oldest first: its Monday, and its figures.
    pub weeks: Vec<(Day, Figures)>,
}
