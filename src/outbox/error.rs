//! Why a document was not taken.

use std::time::Duration;

/// Why a target did not take a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct DeliveryError {
    /// What happened, in a phrase, without secrets.
    pub reason: String,
    /// Whether trying again may help.
    pub retry: bool,
    /// How long the other side wants to be left alone.
    pub after: Option<Duration>,
}

impl DeliveryError {
    /// Trying again may help.
    pub fn transient(reason: impl Into<String>) -> Self {
        DeliveryError { reason: reason.into(), retry: true, after: None }
    }
    /// Trying again is of no use.
    pub fn permanent(reason: impl Into<String>) -> Self {
        DeliveryError { reason: reason.into(), retry: false, after: None }
    }
}
