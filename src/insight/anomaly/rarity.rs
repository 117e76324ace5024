//! How rarely something as large was seen before.

/// The largest values kept; beyond them the tail is taken to fall off as it did among them.
const TOP: usize = 256;
/// Share of the past whose largest values shape the tail.
const TAIL: f64 = 0.01;

/// The upper tail of a number over the past.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Rarity {
    /// Largest values seen, falling.
    top: Vec<f32>,
    seen: f64,
    /// Mean excess over the tail's start.
    slope: f64,
}

impl Rarity {
    /// From all values that the past had.
    pub fn of(mut values: Vec<f32>) -> Self {
        values.retain(|value| value.is_finite());
        values.sort_by(|a, b| b.total_cmp(a));
        let seen = values.len() as f64;
        let tail = ((seen * TAIL) as usize).clamp(8, TOP).min(values.len().saturating_sub(1));
        let start = values.get(tail).copied().unwrap_or(0.0);
        let excess: f64 = values.iter().take(tail).map(|v| f64::from(v - start)).sum();
        let slope = (excess / tail.max(1) as f64).max(1e-3);
        values.truncate((seen * 0.5) as usize + 1);
        Self { top: values, seen, slope }
    }

    /// -log10 of the share of the past that had as much; 0 for what is usual.
    pub fn of_value(&self, value: f32) -> f32 {
        if !value.is_finite() || self.seen < 1.0 {
            return 0.0;
        }
        let above = self.top.partition_point(|&seen| seen >= value);
        if above >= self.top.len() {
            return 0.0;
        }
        // A few of the past's highest are oddities that nobody told of: past the tenth highest the
        // tail's own slope goes on instead of the count.
        let anchor = self.top.len().saturating_sub(1).min(10);
        let base = -((above.max(anchor) as f64 + 1.0) / (self.seen + 1.0)).log10();
        let beyond = f64::from((value - self.top[anchor]).max(0.0)) / self.slope;
        (base + beyond * std::f64::consts::LOG10_E).min(12.0) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_larger_is_never_less_rare() {
        let rarity = Rarity::of((0..5000).map(|n| (n % 997) as f32 / 100.0).collect());
        let mut before = 0.0;
        for step in 0..400 {
            let now = rarity.of_value(step as f32 * 0.05);
            assert!(now >= before, "{step}: {now} after {before}");
            before = now;
        }
        assert_eq!(rarity.of_value(1.0), 0.0);
        assert!(before > 3.0);
        assert_eq!(Rarity::of(Vec::new()).of_value(5.0), 0.0);
    }
}
