//! Staleness as a type: how long ago the source of a figure was heard.

use super::theme::{Glyphs, Role};
use crate::domain::{Span, Timestamp};
use crate::feed::{FeedState, FeedStatus};

/// How fresh what a feed told is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// Heard within twice the usual interval.
    Live,
    /// Not heard from yet.
    Unknown,
    /// Heard this long ago, which is late.
    Delayed(Span),
    /// Heard this long ago, which is more than twelve times the usual interval.
    Silent(Span),
}

impl Freshness {
    /// Of a feed whose status was told at wall time `told`, seen at wall time `wall`.
    pub fn of(feed: &FeedStatus, told: Timestamp, wall: Timestamp) -> Freshness {
        let Some(ms) = feed.heard_ms_ago else { return Freshness::Unknown };
        let since = wall.since(told).as_millis().max(0);
        let age = i64::try_from(ms).unwrap_or(i64::MAX).saturating_add(since);
        let usual = i64::try_from(feed.expected_every_s).unwrap_or(i64::MAX).saturating_mul(1_000);
        let usual = usual.max(1_000);
        if age <= usual.saturating_mul(2) {
            Freshness::Live
        } else if age <= usual.saturating_mul(12) {
            Freshness::Delayed(Span::millis(age))
        } else {
            Freshness::Silent(Span::millis(age))
        }
    }
    /// Of a feed as the source of figures: one that failed or was read to its end is not waited for,
    /// so that only silence makes its figures old.
    pub fn of_source(feed: &FeedStatus, told: Timestamp, wall: Timestamp) -> Freshness {
        match feed.state {
            FeedState::Finished | FeedState::Starting | FeedState::Backfill(_) => Freshness::Live,
            _ => Freshness::of(feed, told, wall),
        }
    }
    /// What stands beside a figure that is not of now: `◐6m`, `○3h`, `○` where the source was never
    /// heard. Nothing beside a live one.
    pub fn mark(self, glyphs: &Glyphs) -> String {
        match self {
            Freshness::Live => String::new(),
            Freshness::Unknown => self.glyph(glyphs).to_owned(),
            Freshness::Delayed(age) | Freshness::Silent(age) => {
                format!("{}{}", self.glyph(glyphs), coarse(age))
            }
        }
    }
    /// A figure with its age before it, so that digits stay aligned at the right.
    pub fn beside(self, figure: &str, glyphs: &Glyphs) -> String {
        match self {
            Freshness::Live => figure.to_owned(),
            _ => format!("{} {figure}", self.mark(glyphs)),
        }
    }
    /// Its sign.
    pub fn glyph(self, glyphs: &Glyphs) -> &'static str {
        match self {
            Freshness::Live => glyphs.live,
            Freshness::Delayed(_) => glyphs.delayed,
            Freshness::Silent(_) | Freshness::Unknown => glyphs.silent,
        }
    }
    /// What it means for the reader.
    pub fn role(self) -> Role {
        match self {
            Freshness::Live => Role::Good,
            Freshness::Unknown => Role::Muted,
            Freshness::Delayed(_) => Role::Warn,
            Freshness::Silent(_) => Role::Bad,
        }
    }
    /// In words: `live`, `delayed 6m`, `silent 3h`, `not heard yet`.
    pub fn words(self) -> String {
        match self {
            Freshness::Live => "live".into(),
            Freshness::Unknown => "not heard yet".into(),
            Freshness::Delayed(age) => format!("delayed {}", coarse(age)),
            Freshness::Silent(age) => format!("silent {}", coarse(age)),
        }
    }
}

/// An age as shown: under a minute it does not count seconds, since nothing redraws every second.
pub fn coarse(age: Span) -> String {
    if age < Span::minutes(1) { "<1m".into() } else { age.to_string() }
}

/// Sign, words and meaning of a feed's state, failure before freshness.
pub fn badge(
    feed: &FeedStatus,
    told: Timestamp,
    wall: Timestamp,
    glyphs: &Glyphs,
) -> (&'static str, String, Role) {
    let fresh = Freshness::of(feed, told, wall);
    match &feed.state {
        FeedState::Failed { .. } => (glyphs.failed, "failed".into(), Role::Critical),
        FeedState::Retrying { attempts, .. } => {
            let age = match fresh {
                Freshness::Delayed(age) | Freshness::Silent(age) => {
                    format!(", heard {} ago", coarse(age))
                }
                Freshness::Live | Freshness::Unknown => String::new(),
            };
            (glyphs.delayed, format!("retry {attempts}{age}"), Role::Warn)
        }
        FeedState::Open { attempts, .. } => {
            (glyphs.failed, format!("resting, {attempts} failed"), Role::Bad)
        }
        FeedState::Backfill(progress) => {
            (glyphs.delayed, super::words::progress(progress), Role::Accent)
        }
        FeedState::Finished => (glyphs.silent, "finished".into(), Role::Muted),
        FeedState::Starting => (glyphs.silent, "starting".into(), Role::Muted),
        FeedState::Live => (fresh.glyph(glyphs), fresh.words(), fresh.role()),
    }
}

/// How much a feed deserves to be the one that the header names; the largest wins.
pub fn gravity(feed: &FeedStatus, told: Timestamp, wall: Timestamp) -> u8 {
    match (&feed.state, Freshness::of(feed, told, wall)) {
        (FeedState::Failed { .. }, _) => 6,
        (FeedState::Finished, _) => 0,
        (_, Freshness::Silent(_)) => 5,
        (FeedState::Open { .. }, _) => 5,
        (FeedState::Retrying { .. }, _) => 4,
        (_, Freshness::Delayed(_)) => 3,
        (FeedState::Backfill(_), _) => 2,
        _ => 1,
    }
}

/// A feed's state in one word.
pub fn state_word(feed: &FeedStatus) -> &'static str {
    match feed.state {
        FeedState::Starting => "starting",
        FeedState::Backfill(_) => "backfill",
        FeedState::Live => "live",
        FeedState::Retrying { .. } => "retrying",
        FeedState::Open { .. } => "open",
        FeedState::Failed { .. } => "failed",
        FeedState::Finished => "finished",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::sample;

    fn of(seconds_ago: u64, state: FeedState) -> Freshness {
        let feed = FeedStatus {
            heard_ms_ago: Some(seconds_ago * 1_000),
            expected_every_s: 60,
            state,
            ..sample::feeds().remove(0)
        };
        Freshness::of_source(&feed, sample::now(), sample::now())
    }

    #[test]
    fn a_figure_says_its_age_when_its_source_is_late() {
        let glyphs = Glyphs::of(true);
        assert_eq!(of(100, FeedState::Live).beside("32", glyphs), "32");
        assert_eq!(of(360, FeedState::Live).beside("32", glyphs), "◐6m 32");
        assert_eq!(of(10_800, FeedState::Live).beside("32", glyphs), "○3h 32");
        assert_eq!(of(10_800, FeedState::Live).beside("32", Glyphs::of(false)), "o3h 32");
        let retrying = FeedState::Retrying { attempts: 2, reason: "".into() };
        assert_eq!(of(360, retrying).beside("32", glyphs), "◐6m 32");
        assert_eq!(of(10_800, FeedState::Finished).beside("32", glyphs), "32", "an import is over");
    }

    #[test]
    fn ages_grow_while_nothing_is_told() {
        let feed = sample::feeds().remove(0);
        let later = Timestamp::from_millis(sample::now().as_millis() + 60_000);
        assert!(matches!(Freshness::of(&feed, sample::now(), later), Freshness::Delayed(_)));
    }
}
