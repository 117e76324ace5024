//! What is told of trainings: the one that runs, what came of the last one, and when the next is due.

use crate::domain::{Day, Timestamp};
use crate::insight::drift::Drift;
use crate::model::evaluate::Score;
use crate::model::registry::Card;
use crate::model::train::Tuning;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a training was started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Somebody asked for it.
    Asked(Box<str>),
    /// The schedule says so.
    Schedule,
    /// Demand has shifted away from its forecasts.
    Drift(Drift),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(user) => write!(f, "{user} asked for it"),
            Self::Schedule => f.write_str("it was due by the calendar"),
            Self::Drift(drift) => write!(f, "{drift}"),
        }
    }
}

/// A training that somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingJob {
    /// How.
    pub tuning: Tuning,
    /// The version to start from; `None`: the one in use, or the nearest that it comes from which has not
    /// learnt the days that it is to be judged by.
    pub base: Option<Box<str>>,
    /// Threads to compute on; `None`: all cores but one, and at least one.
    pub threads: Option<usize>,
}

/// All that is known of trainings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// The one that runs.
    pub run: Option<TrainingRun>,
    /// What came of the last one.
    pub last: Option<TrainingEnd>,
    /// When the next is due.
    pub next: NextTraining,
    /// Whether demand is watched, and a shift starts one.
    pub on_drift: bool,
    /// Up to which day demand was compared with its forecasts.
    pub watched: Option<Day>,
    /// The shift that was found last.
    pub drift: Option<Drift>,
    /// Whether that one is still to be answered by a training.
    pub unanswered: bool,
}

impl Training {
    /// The shift in demand that was found last, and what became of it, as one sentence; `None`: none was.
    pub fn shift(&self) -> Option<String> {
        let drift = self.drift.as_ref()?;
        let of = |why: &Why| matches!(why, Why::Drift(answered) if answered == drift);
        let running = self.run.as_ref().is_some_and(|run| of(&run.why));
        let ended = self.last.as_ref().filter(|end| of(&end.why));
        Some(match (running, ended) {
            (true, _) => format!("{drift}: training"),
            (false, Some(TrainingEnd { result: TrainingResult::Cancelled, .. })) => {
                format!("{drift}; the training for it was cancelled, and nothing was changed")
            }
            (false, Some(TrainingEnd { result: TrainingResult::Failed(why), .. })) => {
                let again = if self.unanswered { "; it is tried again" } else { "" };
                format!("{drift}; the training for it failed: {why}{again}")
            }
            (false, Some(end)) => format!("{drift}; trained: {}", end.result),
            (false, None) if self.unanswered && self.on_drift => {
                format!("{drift}: a training is about to start")
            }
            // A training that somebody asked for, or the calendar, has come in between.
            (false, None) if self.on_drift => format!("{drift}; a later training knows of it"),
            (false, None) => format!("{drift}; no training is started for it"),
        })
    }
}

/// A training that runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingRun {
    /// Its number among the long work, by which it is cancelled.
    pub work: u64,
    /// Why it was started.
    pub why: Why,
    /// The version that it started from.
    pub base: Box<str>,
    /// When it began, in domain time.
    pub since: Timestamp,
    /// Series and days that it learns from; nothing while they are being read.
    pub panel: Option<(usize, usize)>,
    /// How far it has come; nothing before the first step.
    pub at: Option<TrainingStep>,
    /// Real seconds since it began.
    pub seconds: f64,
    /// Real seconds that are left, as far as that can be told.
    pub left_s: Option<u64>,
}

/// A step of a training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingStep {
    /// Steps done, and at most.
    pub step: (u64, u64),
    /// Training loss of days and totals.
    pub loss: (f32, f32),
    /// WQL + TQL on validation at the last look, and the best so far; nothing once it trains on
    /// everything.
    pub validation: Option<(f64, f64)>,
}

/// What came of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingEnd {
    /// When it ended, in domain time.
    pub at: Timestamp,
    /// Why it was started.
    pub why: Why,
    /// The version that it started from.
    pub base: Box<str>,
    /// Real seconds that it took.
    pub seconds: f64,
    /// What came of it.
    pub result: TrainingResult,
}

/// What came of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainingResult {
    /// It was better on validation.
    Better {
        /// The new version.
        version: Box<str>,
        /// Whether it is in use: not where somebody took another model into use meanwhile.
        in_use: bool,
        /// How it was judged.
        judged: TrainingScores,
    },
    /// It was not better on validation: nothing was taken.
    NotBetter(TrainingScores),
    /// Somebody cancelled it.
    Cancelled,
    /// It failed, and why.
    Failed(Box<str>),
    /// Its owner ended, or was killed, before it was done. It is dated by its beginning.
    EndedWithOwner {
        /// Whether it is begun again because somebody had asked for it.
        again: bool,
    },
}

/// How a training was judged: before and after.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingScores {
    /// On validation, which decides.
    pub validation: [TrainingFigures; 2],
    /// On the untouched last days, which decide nothing; nothing where none were kept back.
    pub test: Option<[TrainingFigures; 2]>,
}

/// The figures of a model on a window of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingFigures {
    /// Weighted quantile loss of the days.
    pub wql: f64,
    /// The same of the totals.
    pub tql: f64,
    /// Bias of the totals as a share of demand.
    pub bias: f64,
}

impl From<&Card> for TrainingScores {
    fn from(card: &Card) -> Self {
        let both = |scores: &[Score; 2]| scores.each_ref().map(TrainingFigures::from);
        Self { validation: both(&card.validation), test: card.test.as_ref().map(both) }
    }
}

impl From<&Score> for TrainingFigures {
    fn from(score: &Score) -> Self {
        Self { wql: score.wql[0], tql: score.tql[0], bias: score.bias }
    }
}

/// When the next training is due by the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextTraining {
    /// From then on, in domain time.
    At(Timestamp),
    /// It has been since then, in domain time.
    Overdue {
        /// Since when.
        since: Timestamp,
        /// Real seconds for which trainings rest yet, so that they take a tenth of all time at most.
        rest_s: u64,
    },
    /// None is, and why.
    Not(Box<str>),
}

impl NextTraining {
    /// Why one that is overdue has not begun.
    pub fn waits(rest_s: u64) -> String {
        match rest_s {
            0 => "it begins within a minute".to_owned(),
            1..120 => format!("trainings rest for {rest_s} s more"),
            _ => format!("trainings rest for {} min more", rest_s.div_ceil(60)),
        }
    }
}

impl fmt::Display for TrainingResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Better { version, in_use: true, .. } => {
                write!(f, "better on validation: {version} is in use")
            }
            Self::Better { version, .. } => write!(
                f,
                "better on validation, and kept as {version}: another model was taken into use \
                 meanwhile"
            ),
            Self::NotBetter(_) => f.write_str("not better on validation: nothing was taken"),
            Self::Cancelled => f.write_str("cancelled: nothing was changed"),
            Self::Failed(reason) => write!(f, "failed: {reason}"),
            Self::EndedWithOwner { again: true } => {
                f.write_str("the one begun then ended with its owner, and is begun again")
            }
            Self::EndedWithOwner { again: false } => {
                f.write_str("the one begun then ended with its owner before it was done")
            }
        }
    }
}

impl TrainingResult {
    /// How it was judged, if it came that far.
    pub fn judged(&self) -> Option<&TrainingScores> {
        match self {
            Self::Better { judged, .. } | Self::NotBetter(judged) => Some(judged),
            Self::Cancelled | Self::Failed(_) | Self::EndedWithOwner { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::drift::Group;

    #[test]
    fn what_became_of_a_shift_is_told_as_it_is() {
        let day = Day::from_number(20_000);
        let drift = Drift { group: Group::Shop, change: 0.4, since: day, found: day.plus(10) };
        let end = |why: Why, result: TrainingResult| {
            let (at, base) = (Timestamp::from_millis(0), "shipped".into());
            TrainingEnd { at, why, base, seconds: 60.0, result }
        };
        let told = |last: Option<TrainingEnd>, on_drift: bool, unanswered: bool| {
            let (run, next, drift) = (None, NextTraining::Not("".into()), Some(drift.clone()));
            let watched = Some(day);
            Training { run, last, next, on_drift, watched, drift, unanswered }.shift().unwrap()
        };
        assert!(told(None, true, true).ends_with("a training is about to start"));
        assert!(told(None, false, false).ends_with("no training is started for it"));
        let failed = TrainingResult::Failed("the disk is full".into());
        let own = Some(end(Why::Drift(drift.clone()), failed));
        let text = told(own, true, true);
        assert!(text.contains("the disk is full") && text.ends_with("is tried again"), "{text}");
        let cancelled = Some(end(Why::Drift(drift.clone()), TrainingResult::Cancelled));
        assert!(told(cancelled, true, false).contains("was cancelled"));
        let other = Some(end(Why::Schedule, TrainingResult::Cancelled));
        assert!(told(other, true, false).ends_with("a later training knows of it"));
    }
}
