//! Kinds of demand by how often and how evenly it comes.

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
}
