//! Quantities as classes: the merchant's own usual numbers each for itself, the rest in ranges.

/// Classes at most.
const MOST: usize = 72;
/// A number that this share of lines has is a class of its own.
const USUAL: f64 = 0.0015;

/// Classes of quantities, told by the lowest whole number of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bins {
    edges: Vec<u32>,
}

impl Bins {
    /// From quantities seen.
    pub(super) fn of(quantities: impl Iterator<Item = u32>) -> Self {
        let mut counts = std::collections::BTreeMap::<u32, u32>::new();
        let mut all = 0f64;
        for quantity in quantities {
            *counts.entry(quantity.max(1)).or_default() += 1;
            all += 1.0;
        }
        let mut usual: Vec<(u32, u32)> = counts.into_iter().collect();
        usual.retain(|&(_, count)| f64::from(count) >= USUAL * all);
        usual.sort_by_key(|&(quantity, count)| (std::cmp::Reverse(count), quantity));
        usual.truncate((MOST - 24) / 2);
        // Steps of a doubling go up to a million, each usual number is cut out of them.
        let mut edges: Vec<u32> = (0..21).map(|power| 1u32 << power).collect();
        edges.extend(usual.iter().flat_map(|&(quantity, _)| [quantity, quantity + 1]));
        edges.sort_unstable();
        edges.dedup();
        Self { edges }
    }

    /// From edges that were kept.
    pub(super) fn from_edges(edges: Vec<u32>) -> Self {
        Self { edges }
    }

    pub(super) fn edges(&self) -> &[u32] {
        &self.edges
    }

    pub(super) fn len(&self) -> usize {
        self.edges.len()
    }

    /// The class of a quantity.
    pub(super) fn class(&self, quantity: f64) -> usize {
        let whole = super::item::whole(quantity).max(1);
        self.edges.partition_point(|&edge| edge <= whole).saturating_sub(1)
    }

    /// How many whole numbers a class has.
    pub(super) fn count(&self, class: usize) -> u32 {
        let from = self.edges.get(class).copied().unwrap_or(1);
        let to = self.edges.get(class + 1).copied().unwrap_or(from.saturating_mul(2));
        to.saturating_sub(from).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_numbers_are_classes_of_their_own_and_every_number_has_one() {
        let seen = [1, 6, 6, 12, 12, 12, 24].into_iter().cycle().take(700);
        let bins = Bins::of(seen);
        for usual in [1.0, 6.0, 12.0, 24.0] {
            assert_eq!(bins.count(bins.class(usual)), 1, "{usual}");
        }
        let mut before = 0;
        for number in 1..5000 {
            let class = bins.class(f64::from(number));
            assert!(class >= before && class < bins.len());
            before = class;
        }
        assert_eq!(bins.class(f64::NAN), 0);
        assert_eq!(bins.class(1e300), bins.len() - 1);
    }
}
