//! What is summed up of a series' history before the network sees it.

use super::{CONTEXT, Frequency, Window};

/// Steps of a history by the series' own scale, and their running sums.
pub(super) struct History {
    /// Asinh of scaled demand; 0 where missing.
    pub(super) size: [f32; CONTEXT],
    /// 1 where known.
    pub(super) known: [f32; CONTEXT],
    /// Running sums of demand and of known steps; entry i holds the first i steps. A sum over some steps is a
    /// difference of two: in single precision a few units after a great many would be lost in it.
    sums: [f64; CONTEXT + 1],
    pub(super) counts: [f32; CONTEXT + 1],
    /// Demand of a step that counts as 1.
    pub(super) scale: f32,
}

impl History {
    pub(super) fn of(window: &Window) -> Self {
        let mut history = Self {
            size: [0.0; CONTEXT],
            known: [0.0; CONTEXT],
            sums: [0.0; CONTEXT + 1],
            counts: [0.0; CONTEXT + 1],
            scale: 1.0,
        };
        let first = window.first_sale().unwrap_or(CONTEXT);
        for step in 0..CONTEXT {
            let demand = window.demand[step];
            let known = step >= first && !demand.is_nan();
            history.known[step] = f32::from(known);
            history.sums[step + 1] =
                history.sums[step] + if known { f64::from(demand) } else { 0.0 };
            history.counts[step + 1] = history.counts[step] + f32::from(known);
        }
        let mean = |from: usize| {
            let count = history.counts[CONTEXT] - history.counts[from];
            history.sum(from, CONTEXT) / count.max(1.0)
        };
        let known = history.counts[CONTEXT];
        history.scale = if known > 0.0 {
            (0.5 * mean(0) + 0.5 * mean(CONTEXT - 56)).max(1.0 / known)
        } else {
            window.peers.filter(|peers| *peers > 0.0).unwrap_or(1.0)
        };
        for step in first..CONTEXT {
            if history.known[step] > 0.0 {
                history.size[step] = (window.demand[step] / history.scale).asinh();
            }
        }
        history
    }

    /// Demand over some steps.
    pub(super) fn sum(&self, from: usize, to: usize) -> f32 {
        (self.sums[to] - self.sums[from]) as f32
    }

    /// Asinh of the scaled mean over known steps; 0 where none is.
    pub(super) fn mean(&self, from: usize, to: usize) -> f32 {
        let count = self.counts[to] - self.counts[from];
        if count > 0.0 { (self.sum(from, to) / count / self.scale).asinh() } else { 0.0 }
    }

    /// Level `back` steps before `step`, and whether it is known: of days the mean of a week around.
    pub(super) fn around(&self, step: usize, back: usize, frequency: Frequency) -> [f32; 2] {
        let reach = if frequency == Frequency::Day { 3 } else { 0 };
        let Some(centre) = step.checked_sub(back).filter(|centre| *centre < CONTEXT) else {
            return [0.0; 2];
        };
        let (from, to) = (centre.saturating_sub(reach), (centre + reach + 1).min(CONTEXT));
        let count = self.counts[to] - self.counts[from];
        [self.mean(from, to), f32::from(count > 0.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_units_after_a_great_many_are_not_lost() {
        let mut demand = vec![123_456.7; CONTEXT];
        demand[CONTEXT - 56..].fill(0.0);
        demand[CONTEXT - 20] = 1.0;
        let history = History::of(&Window::of_demand(&demand, Frequency::Day));
        assert!((history.sum(CONTEXT - 56, CONTEXT) - 1.0).abs() < 1e-3);
    }
}
