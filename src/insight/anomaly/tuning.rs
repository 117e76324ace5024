//! Learning from what people decided: taken only if it is better on later decisions.

use super::models::{ModelError, Models};
use super::order_model::{Decided, Tuning};

/// Share of the decisions, the latest, that say whether what was learnt from the others is better.
const HELD: f64 = 0.3;
/// Wrong orders needed on either side of the split before anything is learnt.
const LEAST: usize = 5;

/// What became of an attempt to learn from decisions.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Average precision on the held decisions, before and after.
    pub before: f32,
    /// After learning from the earlier ones.
    pub after: f32,
    /// Models that learnt from all decisions; `None` when it did not help or there are too few.
    pub models: Option<Models>,
}

impl Models {
    /// Learns from decisions in order of time if that helps on the latest of them.
    pub fn learn(&self, decided: &[Decided], how: Tuning) -> Result<Trial, ModelError> {
        let split = (decided.len() as f64 * (1.0 - HELD)) as usize;
        let (early, late) = decided.split_at(split);
        let wrong = |part: &[Decided]| part.iter().filter(|one| one.wrong).count();
        if wrong(early) < LEAST || wrong(late) < LEAST {
            return Ok(Trial { before: 0.0, after: 0.0, models: None });
        }
        let before = average_precision(&self.logits(late)?, late);
        let after = average_precision(&self.tuned(early, how)?.logits(late)?, late);
        let models = if after > before { Some(self.tuned(decided, how)?) } else { None };
        Ok(Trial { before, after, models })
    }
}

/// Average precision of scores for decisions; of equal scores the earlier comes first.
pub fn average_precision(scores: &[f32], decided: &[Decided]) -> f32 {
    let mut order: Vec<usize> = (0..scores.len().min(decided.len())).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    let (mut hits, mut sum) = (0f32, 0f32);
    for (rank, &place) in order.iter().enumerate() {
        if decided[place].wrong {
            hits += 1.0;
            sum += hits / (rank + 1) as f32;
        }
    }
    if hits > 0.0 { sum / hits } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_precision_is_that_of_the_ranks() {
        let decided: Vec<Decided> =
            [true, false, true].map(|wrong| Decided { row: Vec::new(), wrong }).into();
        // Ranks 1 and 3 of three: (1 + 2/3) / 2.
        let found = average_precision(&[0.9, 0.5, 0.1], &decided);
        assert!((found - 5.0 / 6.0).abs() < 1e-6);
        // A tie: the earlier first.
        assert!((average_precision(&[0.5, 0.5, 0.5], &decided) - 5.0 / 6.0).abs() < 1e-6);
    }
}
