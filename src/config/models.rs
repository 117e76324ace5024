//! The configuration of the models: when they are trained anew.

use crate::domain::Span;
use serde::Deserialize;
use toml::Spanned;

/// How often the model in use is trained anew on the store's own demand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Every {
    /// Every seven days.
    Week,
    /// Every thirty days.
    #[default]
    Month,
    /// Only when somebody asks, or when demand shifts.
    Never,
}

impl Every {
    /// Its word in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Week => "weekly",
            Self::Month => "monthly",
            Self::Never => "never",
        }
    }

    /// The time between two trainings; `None`: there is no schedule.
    pub fn span(self) -> Option<Span> {
        match self {
            Self::Week => Some(Span::days(7)),
            Self::Month => Some(Span::days(30)),
            Self::Never => None,
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let all = [Self::Week, Self::Month, Self::Never];
        all.into_iter()
            .find(|every| every.word() == text)
            .ok_or_else(|| format!("\"{text}\" is no schedule; write weekly, monthly or never"))
    }
}

/// When models are trained anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retraining {
    /// By the calendar.
    pub every: Every,
    /// When demand has shifted away from its forecasts.
    pub on_drift: bool,
}

impl Default for Retraining {
    fn default() -> Self {
        Self { every: Every::default(), on_drift: true }
    }
}

impl Retraining {
    /// The table as TOML.
    pub(super) fn shown(self) -> String {
        let (every, on_drift) = (self.every.word(), self.on_drift);
        format!("\n[models]\nretrain = \"{every}\"\nretrain_on_drift = {on_drift}\n")
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawModels {
    retrain: Option<Spanned<String>>,
    retrain_on_drift: Option<bool>,
}

/// Reads the table; an error has its place in the text.
pub(super) fn retraining(raw: &RawModels) -> Result<Retraining, (usize, String)> {
    let usual = Retraining::default();
    let every = match &raw.retrain {
        None => usual.every,
        Some(text) => Every::parse(text.get_ref())
            .map_err(|what| (text.span().start, format!("models.retrain: {what}")))?,
    };
    Ok(Retraining { every, on_drift: raw.retrain_on_drift.unwrap_or(usual.on_drift) })
}
