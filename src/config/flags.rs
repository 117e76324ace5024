//! The configuration of flags: when hours are quiet, and what wakes somebody all the same.

use serde::Deserialize;
use toml::Spanned;

/// When cases may wake somebody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlagHours {
    /// From which minute of the day to which hours are quiet; over midnight where the second is
    /// earlier. `None`: never.
    pub quiet: Option<(u16, u16)>,
    /// From which severity on, 0 to 1, a case is worth waking up for.
    pub urgent: f64,
}

impl Default for FlagHours {
    fn default() -> Self {
        FlagHours { quiet: None, urgent: crate::insight::anomaly::cases::URGENT }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawFlags {
    quiet: Option<Spanned<String>>,
    urgent: Option<Spanned<f64>>,
}

/// Reads the table; an error has its place in the text.
pub(super) fn flags(raw: &RawFlags) -> Result<FlagHours, (usize, String)> {
    let mut hours = FlagHours::default();
    if let Some(text) = &raw.quiet {
        let parsed = text.get_ref().split_once('-').and_then(|(from, to)| {
            let (from, to) = (minute(from)?, minute(to)?);
            (from != to).then_some((from, to))
        });
        let what = || {
            format!("flags.quiet: \"{}\" are no hours; write them like 22:00-07:00", text.get_ref())
        };
        hours.quiet = Some(parsed.ok_or_else(|| (text.span().start, what()))?);
    }
    if let Some(given) = &raw.urgent {
        if !(0.0..=1.0).contains(given.get_ref()) {
            let what = format!("flags.urgent: {} is no severity from 0 to 1", given.get_ref());
            return Err((given.span().start, what));
        }
        hours.urgent = *given.get_ref();
    }
    Ok(hours)
}

fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

impl FlagHours {
    /// Minutes until hours are not quiet any more, at a minute of the day; `None`: they are not.
    pub fn quiet_for(&self, minute: u16) -> Option<u16> {
        let (from, to) = self.quiet?;
        let inside = match from < to {
            true => (from..to).contains(&minute),
            false => minute >= from || minute < to,
        };
        inside.then(|| (to + 24 * 60 - minute) % (24 * 60))
    }

    /// The table as TOML.
    pub(super) fn shown(&self) -> String {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let quiet = self.quiet.map_or(String::new(), |(from, to)| {
            format!("quiet = \"{}-{}\"\n", clock(from), clock(to))
        });
        format!("\n[flags]\n{quiet}urgent = {}\n", self.urgent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_go_over_midnight() {
        let hours = FlagHours { quiet: Some((22 * 60, 7 * 60)), ..FlagHours::default() };
        assert_eq!(hours.quiet_for(23 * 60), Some(8 * 60));
        assert_eq!(hours.quiet_for(60), Some(6 * 60));
        assert_eq!(hours.quiet_for(7 * 60), None);
        let noon = FlagHours { quiet: Some((12 * 60, 13 * 60)), ..hours };
        assert_eq!((noon.quiet_for(12 * 60 + 15), noon.quiet_for(0)), (Some(45), None));
    }
}
