//! Distributions at several levels, each leaning on the one above.

use super::Mixture;
use std::collections::HashMap;
use std::sync::Arc;

/// Something that was seen.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Where it belongs, from the widest to the narrowest.
    pub path: &'a [Arc<str>],
    /// Days.
    pub value: i32,
    /// How much it counts.
    pub weight: f64,
}

/// What was seen at each place of each level.
#[derive(Clone, Debug)]
pub struct Levels {
    all: Mixture,
    places: HashMap<Arc<str>, Mixture>,
    lean: f64,
}

impl Levels {
    /// From what was seen. A place leans on the one above as if that were `lean` deliveries.
    pub fn of<'a>(seen: impl IntoIterator<Item = Seen<'a>>, lean: f64) -> Self {
        let mut all = Vec::new();
        let mut places: HashMap<Arc<str>, Vec<(i32, f64)>> = HashMap::new();
        for one in seen {
            all.push((one.value, one.weight));
            for place in one.path {
                places.entry(Arc::clone(place)).or_default().push((one.value, one.weight));
            }
        }
        let places = places.into_iter().map(|(place, seen)| (place, Mixture::of(seen)));
        Self { all: Mixture::of(all), places: places.collect(), lean }
    }

    /// What is to be expected at each level of a path, the widest first. At a place where nothing was
    /// seen it is what the one above says.
    pub fn along(&self, path: &[Arc<str>]) -> Vec<Mixture> {
        let mut above = self.all.clone();
        let mut levels = Vec::with_capacity(path.len());
        for place in path {
            if let Some(own) = self.places.get(place) {
                above = own.leaning_on(&above, self.lean);
            }
            levels.push(above.clone());
        }
        levels
    }
}
