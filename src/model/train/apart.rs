//! Fine-tuning in a process of its own: what it is told, and what it tells.
//!
//! Whoever wants a model trained starts a child, writes a [`Job`] to its standard input and leaves that
//! open: the child ends as soon as it is closed, so that none outlives who started it, however that
//! ended. It answers with a [`Line`] of JSON after the other.

use super::{Look, Tuning, finetune};
use crate::demand::Panel;
use crate::model::registry::{Card, write};
use crate::model::{ModelError, Weights};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Longest job: 2,000 series of two years take 6 MB.
const LARGEST: u64 = 1 << 30;
/// Least time between two tellings of progress.
const TELL: Duration = Duration::from_millis(300);

/// What is to be trained, on what.
#[derive(Debug, Serialize, Deserialize)]
pub struct Job {
    /// The weights to start from, as their file holds them.
    pub base: Vec<u8>,
    /// Names of the series.
    pub series: Vec<String>,
    /// Date of the first day.
    pub first: Date,
    /// Units a day of each series, all of one length; NaN where nothing is known.
    pub demand: Vec<Vec<f32>>,
    /// How.
    pub tuning: Tuning,
    /// Threads to compute on.
    pub threads: usize,
    /// Folder that the new model is written to, if it is better.
    pub folder: PathBuf,
}

/// What a training tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// How far it has come.
    Look(Look),
    /// It ended, and this is what came of it. The new model lies in the folder if it was better on
    /// validation, which `best_step` tells by not being 0.
    Done(Box<Card>),
    /// It failed, and why.
    Failed(String),
}

impl Job {
    /// Writes it, its length first.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let bytes = postcard::to_stdvec(self).map_err(io::Error::other)?;
        to.write_all(&(bytes.len() as u64).to_le_bytes())?;
        to.write_all(&bytes)?;
        to.flush()
    }

    /// Reads what [`Job::write`] wrote.
    pub fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut length = [0; 8];
        from.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > LARGEST {
            return Err(io::Error::other("this is no training's job"));
        }
        let mut bytes = Vec::new();
        from.take(length).read_to_end(&mut bytes)?;
        postcard::from_bytes(&bytes).map_err(io::Error::other)
    }

    /// Does it. `say` hears every line; where it fails nobody listens any more, and the training ends.
    pub fn run(self, say: &mut dyn FnMut(&Line) -> io::Result<()>) -> Result<(), ModelError> {
        let base = Weights::from_bytes("the weights to start from", &self.base)?;
        let first = self.first;
        let series = self.series.into_iter().zip(self.demand);
        let panel = Panel::of_series(series.map(|(name, units)| (name, first, units)))
            .ok_or_else(|| ModelError::NothingToLearn("there is no demand yet".to_owned()))?;
        let mut told: Option<Instant> = None;
        let mut tell = |look: &Look| {
            if told.is_some_and(|told| told.elapsed() < TELL) {
                return ControlFlow::Continue(());
            }
            told = Some(Instant::now());
            match say(&Line::Look(*look)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        };
        let tuned = finetune(&base, &panel, None, &self.tuning, self.threads, &mut tell)?;
        let card = Card::of(&tuned, &self.tuning, &panel);
        if let Some(weights) = &tuned.weights {
            write(&self.folder, weights, Some(&card))?;
        }
        // Nobody who would mind is left where it cannot be said.
        let _ = say(&Line::Done(Box::new(card)));
        Ok(())
    }
}
