//! How sure a forecast is, beside those of the store's other lines.

use serde::{Deserialize, Serialize};

/// Below so many lines there are none to hold one against.
const FEWEST: usize = 10;
/// The lines at each end that are told from the others: a fifth.
const END: usize = 5;

/// How sure the forecast is of what it tells. How far apart outcomes are depends on what a store sells, so
/// that no number parts the sure from the unsure everywhere: its own lines do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Its outcomes are further apart than those of four of five lines.
    Low,
    /// Between the two.
    Medium,
    /// They are closer together than those of four of five lines.
    High,
}

/// How sure each line's forecast is, by the spreads ([`super::Proposal::spread`]) of all of them.
pub fn confidences(spreads: &[f64]) -> Vec<Confidence> {
    let mut sorted = spreads.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let end = sorted.len() / END;
    let known = sorted.get(end).zip(sorted.get(sorted.len().saturating_sub(end + 1)));
    let Some((near, far)) = known.filter(|_| spreads.len() >= FEWEST) else {
        return vec![Confidence::Medium; spreads.len()];
    };
    let of = |spread: &f64| match spread {
        spread if spread > far => Confidence::Low,
        spread if spread < near => Confidence::High,
        _ => Confidence::Medium,
    };
    spreads.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_the_lines_is_unsure_however_far_apart_all_outcomes_are() {
        let count = |told: &[Confidence], which| told.iter().filter(|one| **one == which).count();
        for scale in [0.1, 1.0, 25.0] {
            let spreads: Vec<f64> = (0..50).map(|line| scale * f64::from(line)).collect();
            let told = confidences(&spreads);
            assert_eq!((count(&told, Confidence::Low), count(&told, Confidence::High)), (10, 10));
            assert_eq!((told[0], told[49]), (Confidence::High, Confidence::Low));
        }
        let same = confidences(&[2.0; 30]);
        assert_eq!(count(&same, Confidence::Medium), 30, "none is less sure than the others");
        assert_eq!(count(&confidences(&[0.1, 9.0]), Confidence::Medium), 2, "two are no measure");
    }
}
