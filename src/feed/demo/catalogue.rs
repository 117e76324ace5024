//! What the merchant sells, where it is stocked and who makes it.
//!
//! Items are ordered by category, so that a category is a range of indices.

use super::words::{AWKWARD, COLOURS, LOOKS, MAKES, RANGES, SUPPLIERS};
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// Sites: id and name.
pub const SITES: [(&str, &str); 3] =
    [("LEEDS", "Leeds main warehouse"), ("YORK", "York depot"), ("BRISTOL", "Bristol warehouse")];

/// How an item sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Often, a few at a time.
    Steady,
    /// Seldom: whole weeks without a sale.
    Intermittent,
    /// Now and then, many at once.
    Lumpy,
}

/// One SKU.
#[derive(Clone, Debug)]
pub struct Item {
    /// The SKU.
    pub code: Box<str>,
    /// Name on screen.
    pub name: Box<str>,
    /// Index into the categories.
    pub category: u8,
    /// Index into the suppliers.
    pub supplier: u8,
    /// List price of one, pence before tax.
    pub list: u32,
    /// Cost of one, pence.
    pub cost: u32,
    /// Units in a supplier's pack.
    pub pack: u16,
    /// Least units the supplier sells at once.
    pub moq: u16,
    /// Whether each site stocks it.
    pub stocked: [bool; 3],
    /// Popularity against other items.
    pub weight: f64,
    /// How it sells.
    pub pace: Pace,
    /// Whether it may be sold while there is none.
    pub backorder: bool,
    /// Day it goes on sale, if after history begins, as days since 1970.
    pub launch: Option<i32>,
    /// Day it is discontinued, if at all, as days since 1970.
    pub fade: Option<i32>,
    /// A step in its popularity: from which day and how many times.
    pub shift: Option<(i32, f64)>,
    /// Index of the variable product it is a variation of.
    pub family: Option<u16>,
}

impl Item {
    /// Popularity on a day, from launch, fading out and level shift alone.
    pub fn popularity(&self, day: i32) -> f64 {
        let ramp = match self.launch {
            Some(launch) if day < launch => return 0.0,
            Some(launch) => (f64::from(day - launch + 1) / 21.0).min(1.0),
            None => 1.0,
        };
        let fading = match self.fade {
            Some(fade) if day >= fade => return 0.0,
            Some(fade) => (f64::from(fade - day) / 60.0).min(1.0),
            None => 1.0,
        };
        let level = self.shift.filter(|(from, _)| day >= *from).map_or(1.0, |(_, factor)| factor);
        self.weight * ramp * fading * level
    }
    /// Whether it is on the shop's list on a day; launches are listed a month ahead.
    pub fn is_listed(&self, day: i32) -> bool {
        self.launch.is_none_or(|launch| day >= launch - 30)
    }
}

/// Who makes the goods, and how well they keep their word.
#[derive(Clone, Debug)]
pub struct Maker {
    /// Its code.
    pub code: Box<str>,
    /// Its name.
    pub name: &'static str,
    /// Lead time it states, days.
    pub lead: u16,
    /// Typical lead time against the stated one.
    pub stretch: f64,
    /// Spread of the logarithm of the real lead time.
    pub spread: f64,
    /// Chance that a delivery comes in two parts.
    pub split: f64,
    /// Chance that a line arrives short.
    pub short: f64,
    /// Weekday it is ordered from, 0 = Monday.
    pub weekday: u8,
    /// Least order value, pence.
    pub min_order: u32,
}

/// Everything that can be bought and from whom.
#[derive(Debug)]
pub struct Catalogue {
    /// SKUs by category.
    pub items: Vec<Item>,
    /// Range of items of each category.
    pub ranges: Vec<Range<usize>>,
    /// Suppliers.
    pub makers: Vec<Maker>,
    /// Names of the products that come in variations.
    pub families: Vec<Box<str>>,
}

impl Catalogue {
    /// Composes `skus` items; `first` and `last` are the days that history spans.
    pub fn compose(rng: &mut ChaCha8Rng, skus: usize, first: i32, last: i32) -> Self {
        let makers = (0..SUPPLIERS.len()).map(|i| maker(rng, i)).collect::<Vec<_>>();
        let mut ranks = (0..skus).collect::<Vec<_>>();
        ranks.shuffle(rng);
        let mut names = Names::default();
        let mut items: Vec<Item> = Vec::with_capacity(skus);
        let mut ranges = Vec::new();
        let mut families: Vec<Box<str>> = Vec::new();
        let mut share = 0;
        for (category, range) in RANGES.iter().enumerate() {
            share += range.share;
            let until = skus * share / 100;
            let from = items.len();
            while items.len() < until {
                let index = items.len();
                let mut item = item(rng, category, index, ranks[index], skus, first, last);
                if families.len() < skus / 60 && until - index >= 3 && rng.random_bool(0.03) {
                    let name = names.next(rng, category);
                    let family = families.len() as u16;
                    for (k, colour) in COLOURS.iter().enumerate() {
                        let mut variation = item.clone();
                        variation.code = code(category, index + k);
                        variation.name = format!("{name}, {colour}").into();
                        variation.family = Some(family);
                        variation.weight *= [1.0, 0.7, 0.4][k];
                        items.push(variation);
                    }
                    families.push(name.into());
                } else {
                    item.name = names.next(rng, category).into();
                    items.push(item);
                }
            }
            ranges.push(from..items.len());
        }
        let awkward_every = (skus / AWKWARD.len()).max(1);
        for (k, name) in AWKWARD.iter().enumerate() {
            if let Some(item) = items.get_mut(k * awkward_every + awkward_every / 2) {
                item.name = (*name).into();
            }
        }
        Catalogue { items, ranges, makers, families }
    }
}

fn code(category: usize, index: usize) -> Box<str> {
    let digits = 10_000 + (index * 7_919) % 89_989;
    format!("{}{digits}", RANGES[category].prefix).into()
}

fn item(
    rng: &mut ChaCha8Rng,
    category: usize,
    index: usize,
    rank: usize,
    skus: usize,
    first: i32,
    last: i32,
) -> Item {
    let raw = RANGES[category].price * (rng.random_range(-1.0..1.1_f64)).exp();
    let list = ((raw / 10.0).round() as u32 * 10).max(45) - [1, 5, 0][rng.random_range(0..3)];
    let pack: u16 = match list {
        0..400 => [12, 24, 48][rng.random_range(0..3)],
        400..1_500 => [6, 12, 12][rng.random_range(0..3)],
        _ => [1, 2, 4][rng.random_range(0..3)],
    };
    let place = rank as f64 / skus as f64;
    let sites = if place < 0.3 { 3 } else { 1 + usize::from(rng.random_bool(0.45)) };
    let mut stocked = [sites == 3; 3];
    if sites < 3 {
        let skipped = rng.random_range(0..3);
        for (k, here) in stocked.iter_mut().enumerate() {
            *here = if sites == 1 { k == skipped } else { k != skipped };
        }
    }
    let pace = match rng.random_range(0..100) {
        0..10 if place > 0.15 => Pace::Lumpy,
        10..35 if place > 0.3 => Pace::Intermittent,
        _ => Pace::Steady,
    };
    let days = last - first;
    let launch = rng.random_bool(0.08).then(|| first + rng.random_range(days / 9..days + 60));
    let fade = (launch.is_none() && rng.random_bool(0.05))
        .then(|| first + rng.random_range(days / 4..days + 120));
    let shift = (launch.is_none() && fade.is_none() && rng.random_bool(0.03)).then(|| {
        let factor = if rng.random_bool(0.5) { 2.2 } else { 0.4 };
        (first + rng.random_range(days / 6..days + 30), factor)
    });
    Item {
        code: code(category, index),
        name: "".into(),
        category: category as u8,
        supplier: ((category * 2 + rng.random_range(0..4)) % SUPPLIERS.len()) as u8,
        list,
        cost: (f64::from(list) * rng.random_range(0.32..0.58)) as u32 + 1,
        pack,
        moq: pack * [1, 1, 2, 4][rng.random_range(0..4)],
        stocked,
        weight: 1.0 / (rank as f64 + 12.0).powf(0.95),
        pace,
        backorder: rng.random_bool(0.25),
        launch,
        fade,
        shift,
        family: None,
    }
}

fn maker(rng: &mut ChaCha8Rng, index: usize) -> Maker {
    let far = matches!(index, 3 | 6 | 9 | 13);
    let unreliable = index % 5 == 2;
    Maker {
        code: format!("S{:02}", index + 1).into(),
        name: SUPPLIERS[index],
        lead: if far { rng.random_range(30..56) } else { rng.random_range(4..22) },
        stretch: if unreliable { 1.35 } else { rng.random_range(0.95..1.12) },
        spread: if unreliable { 0.35 } else { 0.15 },
        split: if unreliable { 0.18 } else { 0.05 },
        short: if unreliable { 0.10 } else { 0.025 },
        weekday: (index % 5) as u8,
        min_order: [15_000, 25_000, 40_000, 60_000][rng.random_range(0..4)],
    }
}

/// Composes names and never the same twice.
#[derive(Default)]
struct Names(FxHashSet<String>);

impl Names {
    fn next(&mut self, rng: &mut ChaCha8Rng, category: usize) -> String {
        let nouns = RANGES[category].nouns;
        let noun = nouns[rng.random_range(0..nouns.len())];
        let look = LOOKS[rng.random_range(0..LOOKS.len())];
        let make = MAKES[rng.random_range(0..MAKES.len())];
        let plain = match rng.random_range(0..3) {
            0 => format!("{look} {noun}"),
            1 => format!("{make} {noun}"),
            _ => format!("{look} {make} {noun}"),
        };
        let mut name = plain.clone();
        let mut edition = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{plain} No. {edition}");
            edition += 1;
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn skus_and_names_are_unique_and_categories_are_ranges() {
        let catalogue =
            Catalogue::compose(&mut ChaCha8Rng::seed_from_u64(1), 1_200, 20_000, 20_548);
        assert_eq!(catalogue.items.len(), 1_200);
        let codes: FxHashSet<_> = catalogue.items.iter().map(|i| &i.code).collect();
        assert_eq!(codes.len(), 1_200);
        let names: FxHashSet<_> = catalogue.items.iter().map(|i| &i.name).collect();
        assert_eq!(names.len(), 1_200);
        for (category, range) in catalogue.ranges.iter().enumerate() {
            assert!(range.len() > 40);
            assert!(
                catalogue.items[range.clone()].iter().all(|i| usize::from(i.category) == category)
            );
        }
        assert!(catalogue.items.iter().all(|i| i.cost < i.list && i.moq % i.pack == 0));
        assert!(catalogue.families.len() > 5);
        assert_eq!(catalogue.makers.len(), 18);
    }
}
