//! What is wanted today: popularity, season and promotions of every item, ready to be drawn from.

use super::calendar;
use super::catalogue::Catalogue;
use super::words::{CATEGORIES, RANGES};
use crate::domain::Day;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// A price cut.
#[derive(Clone, Debug)]
pub struct Promo {
    /// Items on offer.
    pub items: Vec<u16>,
    /// First day.
    pub from: i32,
    /// Day after the last.
    pub until: i32,
    /// Percent off.
    pub off: u8,
    /// Demand against the usual.
    pub uplift: f64,
}

/// Demand and prices of a day.
#[derive(Debug)]
pub struct Market {
    /// Running sums of demand at each site: item `i` has `sums[i + 1] - sums[i]`.
    sums: [Vec<f64>; 3],
    /// Demand of each item against its own average.
    heat: Vec<f64>,
    /// Percent off the list price today.
    off: Vec<u8>,
    /// Every promotion that ever was.
    pub promos: Vec<Promo>,
    /// Each category's demand by day of the year, against its average.
    index: Vec<[f64; CATEGORIES]>,
}

impl Market {
    /// Before its first day.
    pub fn new(catalogue: &Catalogue) -> Self {
        let n = catalogue.items.len();
        let mut weights = [0.0; CATEGORIES];
        for item in &catalogue.items {
            weights[usize::from(item.category)] += item.weight;
        }
        let all: f64 = weights.iter().sum();
        let index = (0..=366)
            .map(|day| {
                let day = f64::from(day);
                let season = RANGES.each_ref().map(|range| range.season.factor(day));
                let crowd: f64 = season.iter().zip(&weights).map(|(s, w)| s * w / all).sum();
                season.map(|s| s / crowd * calendar::year(day))
            })
            .collect();
        Market {
            sums: std::array::from_fn(|_| vec![0.0; n + 1]),
            heat: vec![0.0; n],
            off: vec![0; n],
            promos: Vec::new(),
            index,
        }
    }
    /// Opens a day.
    pub fn open(&mut self, day: Day, catalogue: &Catalogue) {
        let doy = f64::from(day.civil().day_of_year());
        let season = RANGES.each_ref().map(|range| range.season.factor(doy));
        let number = day.number();
        for (i, item) in catalogue.items.iter().enumerate() {
            self.heat[i] =
                item.popularity(number) / item.weight * season[usize::from(item.category)];
            self.off[i] = 0;
        }
        for promo in self.promos.iter().rev().take(8) {
            if promo.from <= number && number < promo.until {
                for item in &promo.items {
                    self.heat[usize::from(*item)] *= promo.uplift;
                    self.off[usize::from(*item)] = promo.off;
                }
            }
        }
        for (site, sums) in self.sums.iter_mut().enumerate() {
            let mut sum = 0.0;
            for (i, item) in catalogue.items.iter().enumerate() {
                if item.stocked[site] {
                    sum += item.weight * self.heat[i];
                }
                sums[i + 1] = sum;
            }
        }
    }
    /// Maybe starts a promotion; one a fortnight on average.
    pub fn maybe_promote(&mut self, rng: &mut ChaCha8Rng, day: Day, catalogue: &Catalogue) {
        if day.weekday() != 3 || !rng.random_bool(0.5) {
            return;
        }
        let range = catalogue.ranges[rng.random_range(0..catalogue.ranges.len())].clone();
        let mut items: Vec<u16> = (0..rng.random_range(12..30))
            .map(|_| rng.random_range(range.clone()) as u16)
            .filter(|i| catalogue.items[usize::from(*i)].popularity(day.number()) > 0.0)
            .collect();
        items.sort_unstable();
        items.dedup();
        let off = [10, 15, 20, 25, 33][rng.random_range(0..5)];
        let uplift = 1.0 + f64::from(off) / 100.0 * rng.random_range(3.0..6.0);
        let from = day.number();
        self.promos.push(Promo { items, from, until: from + rng.random_range(4..11), off, uplift });
    }
    /// Demand of a category around a day of the year (0 to 366) against its average.
    pub fn index(&self, day_of_year: usize, category: u8) -> f64 {
        self.index[day_of_year % 367][usize::from(category)]
    }
    /// Today's demand of an item against its own average.
    pub fn heat(&self, item: u16) -> f64 {
        self.heat[usize::from(item)]
    }
    /// Percent off the list price today.
    pub fn off(&self, item: u16) -> u8 {
        self.off[usize::from(item)]
    }
    /// An item that a site sells today, out of a range, as likely as it is wanted; `None` when the
    /// site sells none of them.
    pub fn draw(&self, rng: &mut ChaCha8Rng, site: usize, range: Range<usize>) -> Option<u16> {
        let sums = &self.sums[site];
        let (low, high) = (sums[range.start], sums[range.end]);
        if high <= low {
            return None;
        }
        let at = low + rng.random::<f64>() * (high - low);
        let within = sums[range.start + 1..=range.end].partition_point(|sum| *sum <= at);
        Some((range.start + within.min(range.len() - 1)) as u16)
    }
}
