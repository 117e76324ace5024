//! Distributions at several levels, each leaning on the one above.

use super::Mixture;
use std::collections::HashMap;
use std::sync::Arc;

/// How much something of this age still counts, if it counts half after `half_life`; both in one unit.
pub fn fading(age: f64, half_life: f64) -> f64 {
    0.5_f64.powf(age / half_life)
}

/// Something that was seen.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Where it belongs, from the widest to the narrowest.
    pub path: &'a [Arc<str>],
    /// Days.
    pub value: i32,
    /// How much it counts.
    pub weight: f64,
    /// Whether it is waited for still: it takes longer than that.
    pub waits: bool,
}

/// What was seen at each place of each level.
#[derive(Clone, Debug)]
pub struct Levels {
    above: Mixture,
    places: HashMap<Arc<str>, Mixture>,
    leans: Box<[f64]>,
}

/// What was seen at a place: days, whether they are not over, and weights.
type Points = Vec<(i32, bool, f64)>;

impl Levels {
    /// From what was seen; the widest level is all of it. A place leans on the one above as if that were
    /// `lean` deliveries.
    pub fn of<'a>(seen: impl IntoIterator<Item = Seen<'a>>, lean: f64) -> Self {
        let seen: Vec<Seen<'a>> = seen.into_iter().collect();
        let all = seen.iter().map(|one| (one.value, one.waits, one.weight)).collect();
        Self::under(mixture(all), seen, &[lean])
    }

    /// The same under what is believed before anything is seen; a place of the first level leans on it by
    /// the first of `leans`, and so on, the last of them for all that follow.
    pub fn under<'a>(
        believed: Mixture,
        seen: impl IntoIterator<Item = Seen<'a>>,
        leans: &[f64],
    ) -> Self {
        let mut places: HashMap<Arc<str>, Points> = HashMap::new();
        for one in seen {
            for place in one.path {
                let at = places.entry(Arc::clone(place)).or_default();
                at.push((one.value, one.waits, one.weight));
            }
        }
        let places = places.into_iter().map(|(place, seen)| (place, mixture(seen))).collect();
        Self { above: believed, places, leans: leans.into() }
    }

    /// What is to be expected at each level of a path, the widest first. At a place where nothing was
    /// seen it is what the one above says.
    pub fn along(&self, path: &[Arc<str>]) -> Vec<Mixture> {
        let mut above = self.above.clone();
        let mut levels = Vec::with_capacity(path.len());
        for (level, place) in path.iter().enumerate() {
            let lean = self.leans.get(level).or(self.leans.last()).copied().unwrap_or(0.0);
            if let Some(own) = self.places.get(place) {
                above = own.leaning_on(&above, lean);
            }
            levels.push(above.clone());
        }
        levels
    }
}

/// All of them, the weight of each that is waited for on those that took longer than it has by now
/// (redistribution to the right, Efron 1967), and on itself where none did.
fn mixture(mut seen: Points) -> Mixture {
    if seen.iter().any(|(_, waits, _)| *waits) {
        seen.sort_by_key(|(days, waits, _)| (*days, *waits));
        for at in 0..seen.len() {
            let (here, later) = seen.split_at_mut(at + 1);
            let Some((days, true, weight)) = here.last_mut() else { continue };
            let from = later.partition_point(|(other, ..)| other <= days);
            let longer = &mut later[from..];
            let sum: f64 = longer.iter().map(|(.., weight)| weight).sum();
            if sum > 0.0 {
                longer.iter_mut().for_each(|(.., other)| *other *= 1.0 + *weight / sum);
                *weight = 0.0;
            }
        }
        seen.retain(|(.., weight)| *weight > 0.0);
    }
    Mixture::of(seen.into_iter().map(|(days, _, weight)| (days, weight)).collect())
}
