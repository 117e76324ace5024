//! Trying the channels on which people are told of cases.

use serde::{Deserialize, Serialize};

/// Which channels to try.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotifyTest {
    /// The one of this name; `None`: all.
    pub channel: Option<Box<str>>,
    /// In quiet hours and beyond the rate, too.
    pub anyway: bool,
}

/// What came of trying a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelTested {
    /// Its name.
    pub channel: Box<str>,
    /// What it is: `console`, `event` or `chat`.
    pub kind: Box<str>,
    /// Whether it was told.
    pub sent: bool,
    /// What was sent and where, or why not, a sentence.
    pub said: Box<str>,
}
