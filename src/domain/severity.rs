//! How bad something is, in the three words that people sort their night by.

use serde::{Deserialize, Serialize};

/// How bad something is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth a look some time.
    #[default]
    Low,
    /// Worth a look today.
    Medium,
    /// Worth waking up for.
    High,
}

impl Severity {
    /// Every one, the mildest first.
    pub const ALL: [Severity; 3] = [Severity::Low, Severity::Medium, Severity::High];
    /// From which chance on that something is wrong it is medium, and high.
    pub const FROM: [f64; 2] = [0.4, 0.8];

    /// Of the chance that something is wrong, 0 to 1.
    pub fn of(chance: f64) -> Self {
        match chance {
            chance if chance >= Self::FROM[1] => Severity::High,
            chance if chance >= Self::FROM[0] => Severity::Medium,
            _ => Severity::Low,
        }
    }
    /// One lower-case word, as shown and as configured.
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.word() == text)
    }
}
