//! Orders in a row that are off by one and the same factor.

use std::collections::VecDeque;

/// Orders that are looked at together.
pub(super) const TOGETHER: usize = 8;
/// Of these, so many have to say the same.
const AGREE: usize = 6;
/// Earlier values that say what is usual of a SKU, at least and at most.
const KNOWN: usize = 3;
const KEPT: usize = 15;

/// What is usual of a SKU: the middle of its last values, as log2.
#[derive(Clone, Debug, Default)]
pub(super) struct Usual(VecDeque<f32>);

impl Usual {
    pub fn push(&mut self, value: f32) {
        self.0.push_back(value);
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }

    pub fn middle(&self) -> Option<f32> {
        if self.0.len() < KNOWN {
            return None;
        }
        let mut sorted: Vec<f32> = self.0.iter().copied().collect();
        sorted.sort_by(f32::total_cmp);
        Some(sorted[sorted.len() / 2])
    }
}

/// The middle one; `None` of none.
pub(super) fn middle(values: &mut [f32]) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The factor (log2) that most of the latest orders are off by, each by its own middle line: at least
/// `least`, and alike within `within`.
pub(super) fn shared(orders: &[Option<f32>], least: f32, within: f32) -> Option<f32> {
    let mut known: Vec<f32> = orders.iter().flatten().copied().collect();
    let off = middle(&mut known)?;
    let alike = known.iter().filter(|one| (**one - off).abs() <= within).count();
    (off.abs() >= least && alike >= AGREE && alike * 4 >= known.len() * 3).then_some(off)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_shared_by_most_or_by_none() {
        let by = |values: &[f32]| values.iter().map(|value| Some(*value)).collect::<Vec<_>>();
        let off = shared(&by(&[0.22, 0.23, 0.22, 0.24, 0.22, 0.23, 0.0, 0.22]), 0.13, 0.06);
        assert!(off.is_some_and(|off| (off - 0.22).abs() < 0.02));
        assert_eq!(shared(&by(&[0.0, 0.2, 0.4, -0.3, 0.0, 1.0, 0.0, 0.5]), 0.13, 0.06), None);
        assert_eq!(shared(&[None; 8], 0.13, 0.06), None);
        assert_eq!(shared(&by(&[6.6, 6.6, 6.6]), 0.13, 0.06), None, "three orders are too few");
    }
}
