//! Whole days with their chances.

/// Whole numbers with their weights, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mixture {
    points: Vec<(i32, f64)>,
    weight: f64,
}

impl Mixture {
    /// From values with their weights, in any order.
    pub fn of(mut seen: Vec<(i32, f64)>) -> Self {
        seen.sort_unstable_by_key(|(value, _)| *value);
        seen.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        let weight = seen.iter().map(|(_, weight)| weight).sum();
        Self { points: seen, weight }
    }

    /// All weights together.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// Values with their weights, ascending.
    pub fn points(&self) -> &[(i32, f64)] {
        &self.points
    }

    /// This with another one that counts `weight` in all. One without a weight adds nothing.
    pub fn leaning_on(&self, other: &Self, weight: f64) -> Self {
        if other.weight <= 0.0 {
            return self.clone();
        }
        let share = weight / other.weight;
        let others = other.points.iter().map(|(value, weight)| (*value, weight * share));
        Self::of(self.points.iter().copied().chain(others).collect())
    }

    /// The least value up to which `level` of the weight lies; `None`: nothing is known.
    pub fn quantile(&self, level: f64) -> Option<i32> {
        let asked = level * self.weight - 1e-9;
        let mut sum = 0.0;
        let reached = self.points.iter().find(|(_, weight)| {
            sum += weight;
            sum >= asked
        });
        reached.or(self.points.last()).map(|(value, _)| *value)
    }

    /// The chance of one value.
    pub fn chance(&self, value: i32) -> f64 {
        let at = self.points.binary_search_by_key(&value, |(value, _)| *value);
        at.map_or(0.0, |at| self.points[at].1 / self.weight)
    }
}
