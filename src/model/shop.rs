//! How the whole shop is doing: what no single lumpy series can tell, the level that they share.
//!
//! The index is like for like. At every step the demand of the items that were on offer is compared
//! with what the same items sell on average, so that launches and items that end move it as little
//! as may be. Two indices are kept: of units, each item's step capped so that one giant order
//! does not move the shop, and of breadth, the share of items that sold anything.

use super::{CONTEXT, Frequency};

/// Numbers that the network sees of a shop: both indices in each of the last weeks.
pub const SHOP_WIDTH: usize = 2 * SHOWN;

/// Recent weeks (of days) or steps (of weeks and months) that are shown.
const SHOWN: usize = 8;
/// As many that they are measured against, the shown ones among them.
const AGAINST: usize = 16;
/// An item's step counts for at most this many times its own mean.
const CAP: f32 = 12.0;
/// The index's own logarithm is kept within this.
const FAR: f32 = 1.5;

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

/// What the network sees of a shop at an origin: how it did of late, as logarithms against its last
/// months. What it did a year before is left out: shown that, the network followed last year's rise of
/// a whole shop too closely (`models/README.md` has the figures).
#[derive(Debug, Clone)]
pub struct ShopView {
    frequency: Frequency,
    numbers: [f32; SHOP_WIDTH],
}

impl ShopView {
    /// The view of an index whose last step is the origin. `open` covers at least the context.
    pub fn at_origin(index: &ShopIndex, open: &[bool], frequency: Frequency) -> Self {
        let open = &open[..CONTEXT];
        let mut numbers = [0.0; SHOP_WIDTH];
        for (shown, values) in
            numbers.chunks_mut(SHOWN).zip([index.units.as_slice(), index.breadth.as_slice()])
        {
            let weeks = recent(frequency, |back| {
                let place = values.len().checked_sub(back)?;
                Some(values[place]).filter(|value| open[CONTEXT - back] && !value.is_nan())
            });
            let level = mean(&weeks).unwrap_or(1.0);
            for (to, week) in shown.iter_mut().zip(&weeks[AGAINST - SHOWN..]) {
                let ratio = week.map_or(1.0, |week| week / level);
                *to = ratio.max(0.01).ln().clamp(-FAR, FAR);
            }
        }
        Self { frequency, numbers }
    }

    /// The numbers.
    pub fn numbers(&self) -> &[f32; SHOP_WIDTH] {
        &self.numbers
    }

    /// The same shop had its level moved by `by` (a logarithm per step of the context): what training
    /// shows so that no stretch of one shop's past is learnt by heart.
    pub(super) fn moved(&self, by: &[f32]) -> Self {
        let weeks = recent(self.frequency, |back| by.len().checked_sub(back).map(|at| by[at]));
        let level = mean(&weeks).unwrap_or(0.0);
        let mut moved = self.clone();
        // Of more demand about half comes as more items that sell at all.
        for (shown, share) in moved.numbers.chunks_mut(SHOWN).zip([1.0, 0.5]) {
            for (to, week) in shown.iter_mut().zip(&weeks[AGAINST - SHOWN..]) {
                *to += share * (week.unwrap_or(level) - level);
            }
        }
        moved
    }
}

/// Means of the last [`AGAINST`] weeks or steps, the newest last, of what is known `back` steps before
/// the end (1 is the last step).
fn recent(frequency: Frequency, known: impl Fn(usize) -> Option<f32>) -> [Option<f32>; AGAINST] {
    let steps = if frequency == Frequency::Day { 7 } else { 1 };
    std::array::from_fn(|week| {
        let last = (AGAINST - 1 - week) * steps + 1;
        let each: Vec<Option<f32>> = (last..last + steps).map(&known).collect();
        mean(&each)
    })
}

/// Mean of what is known.
fn mean(values: &[Option<f32>]) -> Option<f32> {
    let known = values.iter().flatten();
    let (sum, count) = known.fold((0f32, 0f32), |(sum, count), each| (sum + each, count + 1.0));
    (count > 0.0).then(|| sum / count)
}
