//! How the whole shop is doing: what no single lumpy series can tell, the level that they share.
//!
//! The index is like for like. At every step the demand of the items that were on offer is compared
//! with what the same items sell on average, so that launches and items that end move it as little
//! as may be. Two indices are kept: of units, each item's step capped so that one giant order
//! does not move the shop, and of breadth, the share of items that sold anything.

use super::{CONTEXT, Frequency, HORIZON};

/// Numbers that the network sees of a shop: 16 recent weeks of days, 72 weeks, both indices.
pub const SHOP_WIDTH: usize = RECENT * 2 + WEEKS * 3 + 1;

/// Numbers for each week to come.
pub const SHOP_AHEAD: usize = 4;

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

/// What both indices are made of, while series are taken in one by one.
#[derive(Debug, Clone)]
pub(super) struct IndexSums(Vec<[f32; 4]>);

impl IndexSums {
    /// Of no series yet, over so many steps.
    pub fn new(length: usize) -> Self {
        Self(vec![[0f32; 4]; length])
    }

    /// The indices of what was taken in.
    pub fn index(&self) -> ShopIndex {
        let ratio = |of: f32, by: f32| if by > 0.0 { of / by } else { f32::NAN };
        ShopIndex {
            units: self.0.iter().map(|sum| ratio(sum[0], sum[1])).collect(),
            breadth: self.0.iter().map(|sum| ratio(sum[2], sum[3])).collect(),
        }
    }

    /// Adds an item's steps since its first sale: capped units, its mean, whether it sold, how often it
    /// does. NaN is missing.
    pub fn add(&mut self, demand: &[f32]) {
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
            offered.iter().filter(|step| !step.is_nan()).map(|step| step.min(cap)).sum::<f32>()
                / known;
        for (sum, &step) in self.0[first + 1..].iter_mut().zip(offered) {
            if !step.is_nan() {
                sum[0] += step.min(cap);
                sum[1] += capped;
                sum[2] += f32::from(step > 0.0);
                sum[3] += often;
            }
        }
    }
}

/// What the network sees of a shop at an origin.
#[derive(Debug, Clone)]
pub struct ShopView {
    /// Both indices over the context, the origin last.
    index: ShopIndex,
    open: Vec<bool>,
    frequency: Frequency,
    numbers: Vec<f32>,
    ahead: [[f32; SHOP_AHEAD]; HORIZON / 7],
}

impl ShopView {
    /// The view of an index whose last step is the origin. `open` covers at least the context.
    pub fn at_origin(index: &ShopIndex, open: &[bool], frequency: Frequency) -> Self {
        let aligned = |values: &[f32]| -> Vec<f32> {
            let kept = &values[values.len().saturating_sub(CONTEXT)..];
            let mut all = vec![f32::NAN; CONTEXT - kept.len()];
            all.extend_from_slice(kept);
            all
        };
        let index = ShopIndex { units: aligned(&index.units), breadth: aligned(&index.breadth) };
        let open = open[..CONTEXT].to_vec();
        let weekly_units = weekly(&index.units, &open);
        let weekly_breadth = weekly(&index.breadth, &open);
        let base = mean(&weekly_units[WEEKS - 8..]).unwrap_or(1.0);
        let base_breadth = mean(&weekly_breadth[WEEKS - 8..]).unwrap_or(1.0);
        let mut numbers = Vec::with_capacity(SHOP_WIDTH);
        for step in CONTEXT - RECENT..CONTEXT {
            numbers.push(relative(index.units[step], base));
        }
        numbers.extend(open[CONTEXT - RECENT..].iter().map(|&open| f32::from(open)));
        numbers.extend(weekly_units.iter().map(|&week| relative(week, base)));
        numbers.extend(weekly_breadth.iter().map(|&week| relative(week, base_breadth)));
        numbers.extend(weekly_units.iter().map(|week| f32::from(!week.is_nan())));
        numbers.push(f32::from(frequency == Frequency::Day));
        let ahead = ahead(&index, &open, frequency);
        Self { index, open, frequency, numbers, ahead }
    }

    /// The numbers, [`SHOP_WIDTH`] of them.
    pub fn numbers(&self) -> &[f32] {
        &self.numbers
    }

    /// What the year before tells of each week to come.
    pub fn ahead(&self) -> &[[f32; SHOP_AHEAD]; HORIZON / 7] {
        &self.ahead
    }

    /// The same shop had its level moved by `by` (a logarithm per step of the context): what training
    /// shows so that no stretch of one shop's past is learnt by heart.
    pub(super) fn moved(&self, by: &[f32]) -> Self {
        let moved = |values: &[f32], share: f32| -> Vec<f32> {
            values.iter().zip(by).map(|(value, by)| value * (share * by).exp()).collect()
        };
        // Of more demand about half comes as more items that sell at all.
        let index = ShopIndex {
            units: moved(&self.index.units, 1.0),
            breadth: moved(&self.index.breadth, 0.5),
        };
        Self::at_origin(&index, &self.open, self.frequency)
    }
}

/// What the year before tells of the shop in each seven steps to come: how far it rose above the steps
/// before the origin's anniversary, in units and in breadth; how far the recent steps lie above the
/// same ones a year before; and whether that is known.
fn ahead(
    index: &ShopIndex,
    open: &[bool],
    frequency: Frequency,
) -> [[f32; SHOP_AHEAD]; HORIZON / 7] {
    let (year, before) = match frequency {
        Frequency::Day => (frequency.year(), 56),
        Frequency::Week => (frequency.year(), 8),
        Frequency::Month => (frequency.year(), 3),
    };
    let level = |values: &[f32], from: usize, to: usize| {
        let known: Vec<f32> = (from..to.min(CONTEXT))
            .filter(|&step| open[step] && !values[step].is_nan())
            .map(|step| values[step])
            .collect();
        mean(&known).filter(|level| *level > 0.0)
    };
    let anniversary = CONTEXT - year;
    let rise = |values: &[f32], week: usize| -> Option<f32> {
        let base = level(values, anniversary - before, anniversary)?;
        // Of months the weeks to come reach beyond the year: its end repeats.
        let from = anniversary + (week * 7) % year;
        Some((level(values, from, from + 7)? / base).ln().clamp(-FAR, FAR))
    };
    let growth = level(&index.units, CONTEXT - before, CONTEXT)
        .zip(level(&index.units, anniversary - before, anniversary))
        .map(|(now, then)| (now / then).ln().clamp(-FAR, FAR));
    std::array::from_fn(|week| {
        match (rise(&index.units, week), rise(&index.breadth, week), growth) {
            (Some(units), Some(breadth), Some(growth)) => [units, breadth, growth, 1.0],
            _ => [0.0; SHOP_AHEAD],
        }
    })
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

/// Mean of what is known.
fn mean(values: &[f32]) -> Option<f32> {
    let (sum, count) = values
        .iter()
        .filter(|value| !value.is_nan())
        .fold((0f32, 0f32), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0 && sum > 0.0).then(|| sum / count)
}

/// The logarithm against a level, within bounds; 0 where nothing is known.
fn relative(value: f32, level: f32) -> f32 {
    if value.is_nan() { 0.0 } else { (value / level).max(0.01).ln().clamp(-FAR, FAR) }
}
