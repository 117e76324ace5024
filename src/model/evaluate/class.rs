//! Kinds of demand by how often and how evenly it comes.

use crate::model::Frequency;

/// Syntetos, Boylan and Croston (2005): the mean interval between demands, cut at 1.32, and the
/// squared coefficient of variation of their sizes, cut at 0.49.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Class {
    /// Often, and of like size.
    Smooth,
    /// Often, of any size.
    Erratic,
    /// Seldom, of like size.
    Intermittent,
    /// Seldom, of any size.
    Lumpy,
}

const INTERVAL: f32 = 1.32;
const VARIATION: f32 = 0.49;

impl Class {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Smooth, Self::Erratic, Self::Intermittent, Self::Lumpy];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smooth => "smooth",
            Self::Erratic => "erratic",
            Self::Intermittent => "intermittent",
            Self::Lumpy => "lumpy",
        }
    }

    /// The class of a history; `None` if nothing was sold.
    pub fn of(history: &[f32]) -> Option<Self> {
        let first = history.iter().position(|&demand| demand > 0.0)?;
        let known = history[first..].iter().filter(|demand| !demand.is_nan());
        let (mut steps, mut count, mut sum, mut squares) = (0f32, 0f32, 0f32, 0f32);
        for &demand in known {
            steps += 1.0;
            if demand > 0.0 {
                count += 1.0;
                sum += demand;
                squares += demand * demand;
            }
        }
        let (interval, mean) = (steps / count, sum / count);
        let variation = (squares / count - mean * mean).max(0.0) / (mean * mean);
        Some(match (interval < INTERVAL, variation < VARIATION) {
            (true, true) => Self::Smooth,
            (true, false) => Self::Erratic,
            (false, true) => Self::Intermittent,
            (false, false) => Self::Lumpy,
        })
    }
}

/// Series that are scored together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// All of them.
    All,
    /// Those of a class.
    Of(Class),
    /// Those that were sold first within [`NEW_DAYS`] of the origin.
    New,
}

/// Days for which an item is new.
pub const NEW_DAYS: f32 = 28.0;

impl Group {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::All].into_iter().chain(Class::ALL.map(Self::Of)).chain([Self::New])
    }

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Of(class) => class.name(),
            Self::New => "new",
        }
    }
}

/// Whether a history's first sale lies within [`NEW_DAYS`] of its end.
pub(super) fn is_new(history: &[f32], frequency: Frequency) -> bool {
    let steps = (NEW_DAYS / frequency.days()).round() as usize;
    let first = history.iter().position(|&demand| demand > 0.0);
    // What sells on the first days that are known at all may have sold for years.
    first.is_some_and(|first| first + steps >= history.len() && first > steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_and_variation_tell_the_class() {
        assert_eq!(Class::of(&[4.0, 5.0, 4.0, 5.0]), Some(Class::Smooth));
        assert_eq!(Class::of(&[1.0, 9.0, 1.0, 30.0]), Some(Class::Erratic));
        assert_eq!(Class::of(&[4.0, 0.0, 0.0, 5.0, 0.0]), Some(Class::Intermittent));
        assert_eq!(Class::of(&[1.0, 0.0, 0.0, 40.0, 0.0]), Some(Class::Lumpy));
        assert_eq!(Class::of(&[0.0, 0.0]), None);
    }
    #[test]
    fn an_item_is_new_for_four_weeks() {
        let sold_since = |days: usize| {
            let mut history = vec![0.0; 100 - days];
            history.resize(100, 1.0);
            is_new(&history, Frequency::Day)
        };
        assert!(sold_since(1) && sold_since(28));
        assert!(!sold_since(29) && !sold_since(100));
        assert!(!is_new(&[0.0, 1.0, 1.0], Frequency::Day), "nothing is known of the time before");
    }
}
