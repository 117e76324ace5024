//! What a channel is told, how often, and when not.

use crate::domain::{Money, Severity, Span, Timestamp, Zone};
use std::fmt;

/// What a channel is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Cases that are less severe are not told.
    pub least: Severity,
    /// Cases with less at stake are not told; one whose stake is unknown is.
    pub least_value: Option<Money>,
    /// For this long a case is told again only when it got worse.
    pub again_after: Span,
    /// Messages an hour in the long run.
    pub per_hour: u32,
    /// Messages that may follow each other at once.
    pub burst: u32,
    /// When nothing is told.
    pub quiet: Option<Quiet>,
    /// Cases as severe as this are told in quiet hours, too.
    pub loud: Option<Severity>,
}

impl Default for Rules {
    /// What is severe, a case twice a day, at most a dozen messages an hour, at any time.
    fn default() -> Self {
        Rules {
            least: Severity::High,
            least_value: None,
            again_after: Span::hours(12),
            per_hour: 12,
            burst: 3,
            quiet: None,
            loud: None,
        }
    }
}

/// Hours of each day, such as 22:00 to 07:00, in minutes since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: u16,
    to: u16,
}

impl Quiet {
    /// Reads `22:00-07:00`. `None`: it is no such text, or both are the same.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (minutes(from.trim())?, minutes(to.trim())?);
        (from != to).then_some(Quiet { from, to })
    }

    /// Whether a moment is in them.
    pub fn holds(self, at: Timestamp, zone: &Zone) -> bool {
        let time = at.civil(zone).time();
        let minute = time.hour() as u16 * 60 + time.minute() as u16;
        match self.from < self.to {
            true => (self.from..self.to).contains(&minute),
            false => minute >= self.from || minute < self.to,
        }
    }

    /// When they end, as `07:00`.
    pub fn end(self) -> String {
        format!("{:02}:{:02}", self.to / 60, self.to % 60)
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}-{}", self.from / 60, self.from % 60, self.end())
    }
}

fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |text: &str| (text.len() == 2).then(|| text.parse::<u16>().ok()).flatten();
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// How the desktop of a terminal is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Escape {
    /// `OSC 9`: a text.
    Osc9,
    /// `OSC 777`: a title and a text.
    Osc777,
}

impl Escape {
    /// `OSC 9`.
    pub const fn word(self) -> &'static str {
        match self {
            Escape::Osc9 => "OSC 9",
            Escape::Osc777 => "OSC 777",
        }
    }
}

/// Whether terminals are asked to show a notice on their desktop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Desktop {
    /// Those that are known to do so, in their way.
    #[default]
    Auto,
    /// All but dumb ones, in this way.
    Always(Escape),
    /// None.
    Never,
}

impl Desktop {
    /// Reads `auto`, `osc9`, `osc777` or `off`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "auto" => Desktop::Auto,
            "osc9" => Desktop::Always(Escape::Osc9),
            "osc777" => Desktop::Always(Escape::Osc777),
            "off" => Desktop::Never,
            _ => return None,
        })
    }
    /// As [`Desktop::parse`] reads it.
    pub const fn word(self) -> &'static str {
        match self {
            Desktop::Auto => "auto",
            Desktop::Always(Escape::Osc9) => "osc9",
            Desktop::Always(Escape::Osc777) => "osc777",
            Desktop::Never => "off",
        }
    }
}
