//! What comes of an action.

use super::{Backtest, RuleTest, TrainingEnd};
use crate::domain::*;
use crate::feed::Applied;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What came of an action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is in the journal under this number.
    Journalled(u64),
    /// Many things were decided as one act.
    Acted {
        /// The first entry in the journal.
        first: u64,
        /// The last one; others may have decided in between.
        last: u64,
        /// How many were decided.
        done: u64,
        /// How many were to be.
        of: u64,
        /// Why the first that was not decided was not.
        why_not: Option<String>,
    },
    /// Long work ended.
    Worked {
        /// What became of the records.
        applied: Applied,
        /// Real seconds it took.
        seconds: f64,
    },
    /// Records in quarantine were tried again.
    Retried {
        /// How many were understood, and are where they belong.
        settled: u64,
        /// How many were not, or are not kept whole.
        left: u64,
    },
    /// A training ended.
    Trained(Box<TrainingEnd>),
    /// A replay of the past came to its end.
    Backtested(Box<Backtest>),
    /// It is in the journal, and this is what was asked to be read.
    Revealed(Box<Revealed>),
    /// Another model is in use; this one was before.
    ModelInUse(Box<str>),
    /// What a rule would have said of the past.
    RuleTested(Box<RuleTest>),
    /// What came of learning from decisions, one sentence.
    FlagsLearnt(Box<str>),
    /// Done.
    Done,
}

/// What is known in clear; to be shown to who asked, and kept nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revealed {
    /// The journal entry that says who read it and why.
    pub seq: u64,
    /// About whom or what.
    pub whose: Whose,
    /// The person.
    pub person: PersonClear,
    /// What they wrote, with which order, newest first.
    pub notes: Vec<(OrderKey, Box<str>)>,
    /// What the record in quarantine looked like.
    pub raw: Option<Box<str>>,
}

impl Revealed {
    /// Everything, line by line: what it is, and the text.
    pub fn lines(&self) -> Vec<(String, Cow<'_, str>)> {
        let person = self.person.kinds();
        let person = (person.into_iter()).flat_map(|(kind, texts)| {
            texts.iter().map(move |text| (kind.to_owned(), Cow::from(&**text)))
        });
        let notes =
            self.notes.iter().map(|(order, text)| (format!("note on {order}"), Cow::from(&**text)));
        // Unlike the others it was never cleaned.
        let raw = self.raw.iter().map(|raw| ("record".to_owned(), text::clean(raw).into()));
        person.chain(notes).chain(raw).collect()
    }
}

impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Revealed({}, {}, hidden)", self.seq, self.whose)
    }
}
