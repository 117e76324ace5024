//! How the whole shop is doing: what no single lumpy series can tell, the level that they share.
//!
//! The index is like for like. At every step the demand of the items that were on offer is compared
//! with what the same items sell on average, so that launches and items that end move it as little
//! as may be. Two indices are kept: of units, each item's step capped so that one giant order
//! does not move the shop, and of breadth, the share of items that sold anything.

use super::{CONTEXT, Frequency};

/// Numbers that the network sees of a shop: 16 recent weeks of days, 72 weeks, both indices.
pub const SHOP_WIDTH: usize = RECENT * 2 + WEEKS * 3 + 1;

/// Recent steps shown one by one.
const RECENT: usize = 112;
/// Groups of seven steps in the context.
const WEEKS: usize = CONTEXT / 7;
/// An item's step counts for at most this many times its own mean.
const CAP: f32 = 12.0;
/// The index's own logarithm is kept within this.
const FAR: f32 = 3.0;

/// Both indices per step, 1 = as usual. NaN where nothing was on offer.
#[derive(Debug, Clone, Default)]
pub struct ShopIndex {
    /// Of units.
    pub units: Vec<f32>,
    /// Of the share of items that sold.
    pub breadth: Vec<f32>,
}

impl ShopIndex {
    /// The index of many series over the steps before an origin: `series` yields each one's demand,
    /// the origin last, all of the same length; NaN is missing.
    pub fn of<'a>(length: usize, series: impl Iterator<Item = &'a [f32]>) -> Self {
        let mut sums = vec![[0f32; 4]; length];
        for demand in series {
            add_item(&mut sums, demand);
        }
        let ratio = |of: f32, by: f32| if by > 0.0 { of / by } else { f32::NAN };
        Self {
            units: sums.iter().map(|sum| ratio(sum[0], sum[1])).collect(),
            breadth: sums.iter().map(|sum| ratio(sum[2], sum[3])).collect(),
        }
    }
}

/// Adds an item's steps since its first sale: capped units, its mean, whether it sold, how often it does.
fn add_item(sums: &mut [[f32; 4]], demand: &[f32]) {
    let Some(first) = demand.iter().position(|&sold| sold > 0.0) else { return };
    // The first sale itself is why the item is looked at: it would make every launch a good week.
    let offered = &demand[first + 1..];
    let (mut known, mut units, mut sold) = (0f32, 0f32, 0f32);
    for &step in offered.iter().filter(|step| !step.is_nan()) {
        known += 1.0;
        units += step;
        sold += f32::from(step > 0.0);
    }
    if sold == 0.0 {
        return;
    }
    let (mean, often) = (units / known, sold / known);
    let size = units / sold;
    let cap = (CAP * mean).max(3.0 * size);
    let capped: f32 =
        offered.iter().filter(|step| !step.is_nan()).map(|step| step.min(cap)).sum::<f32>() / known;
    for (sum, &step) in sums[first + 1..].iter_mut().zip(offered) {
        if !step.is_nan() {
            sum[0] += step.min(cap);
            sum[1] += capped;
            sum[2] += f32::from(step > 0.0);
            sum[3] += often;
        }
    }
}

/// What the network sees of a shop at an origin.
#[derive(Debug, Clone)]
pub struct ShopView {
    numbers: Vec<f32>,
}

impl ShopView {
    /// The view of an index whose last step is the origin.
    pub fn at_origin(index: &ShopIndex, open: &[bool], frequency: Frequency) -> Self {
        let aligned = |values: &[f32]| -> Vec<f32> {
            let kept = &values[values.len().saturating_sub(CONTEXT)..];
            let mut all = vec![f32::NAN; CONTEXT - kept.len()];
            all.extend_from_slice(kept);
            all
        };
        let (units, breadth) = (aligned(&index.units), aligned(&index.breadth));
        let weekly_units = weekly(&units, open);
        let weekly_breadth = weekly(&breadth, open);
        let base = level(&weekly_units);
        let base_breadth = level(&weekly_breadth);
        let mut numbers = Vec::with_capacity(SHOP_WIDTH);
        for step in CONTEXT - RECENT..CONTEXT {
            numbers.push(relative(units[step], base));
        }
        numbers.extend(open[CONTEXT - RECENT..CONTEXT].iter().map(|&open| f32::from(open)));
        numbers.extend(weekly_units.iter().map(|&week| relative(week, base)));
        numbers.extend(weekly_breadth.iter().map(|&week| relative(week, base_breadth)));
        numbers.extend(weekly_units.iter().map(|week| f32::from(!week.is_nan())));
        numbers.push(f32::from(frequency == Frequency::Day));
        Self { numbers }
    }

    /// The numbers, [`SHOP_WIDTH`] of them.
    pub fn numbers(&self) -> &[f32] {
        &self.numbers
    }
}

/// Means of groups of seven steps over the open ones.
fn weekly(values: &[f32], open: &[bool]) -> Vec<f32> {
    values
        .chunks(7)
        .zip(open.chunks(7))
        .map(|(week, open)| {
            let (sum, count) = week
                .iter()
                .zip(open)
                .filter(|(value, open)| **open && !value.is_nan())
                .fold((0f32, 0f32), |(sum, count), (value, _)| (sum + value, count + 1.0));
            if count > 0.0 { sum / count } else { f32::NAN }
        })
        .collect()
}

/// Mean of the last eight weeks, which all else is seen against.
fn level(weeks: &[f32]) -> f32 {
    let known: Vec<f32> =
        weeks[weeks.len() - 8..].iter().copied().filter(|week| !week.is_nan()).collect();
    let mean = known.iter().sum::<f32>() / known.len().max(1) as f32;
    if mean > 0.0 { mean } else { 1.0 }
}

/// The logarithm against a level, within bounds; 0 where nothing is known.
fn relative(value: f32, level: f32) -> f32 {
    if value.is_nan() { 0.0 } else { (value / level).max(0.01).ln().clamp(-FAR, FAR) }
}
