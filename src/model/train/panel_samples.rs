//! Samples of a real panel, at origins drawn at random.

use super::Sample;
use crate::demand::{Frequency, Items, Panel};
use crate::model::panel_windows::ShopAt;
use crate::model::{CONTEXT, HORIZON, Peers, SPAN, Words};
use rand::Rng;
use rand_distr::{Distribution, Normal, weighted::WeightedIndex};
use sha2::{Digest, Sha256};
use std::sync::{Arc, OnceLock};

/// Fewest steps that a shortened history keeps, as a share of a year.
const SHORTEST: f32 = 0.231;

/// How often a sample is not told what would let an origin be recognised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disguise {
    /// Share of the samples without their date.
    pub date: f32,
    /// Share of the samples that are not shown their shop.
    pub shop: f32,
}

impl Disguise {
    /// Of pre-training: known by its date, one shop's own path would pass for the season of all.
    pub const PRETRAINING: Self = Self { date: 1.0, shop: 0.3 };
    /// Of fine-tuning: what forecasts do without is not learnt from.
    pub const FINE_TUNING: Self = Self { date: 0.0, shop: 1.0 };
}

/// A panel to draw samples from. No sample reaches beyond the panel's end.
#[derive(Debug)]
pub struct PanelSamples {
    panel: Panel,
    /// Series that can be drawn, the more often the more they sell (as the root of the mean).
    drawn: WeightedIndex<f32>,
    /// What the panel tells of its shop at each origin, found when first needed.
    shops: Vec<OnceLock<ShopAt>>,
    disguise: Disguise,
    /// What the items are, and what their neighbours tell at each origin.
    words: Option<Arc<Words>>,
    peers: Vec<OnceLock<Peers>>,
}

impl PanelSamples {
    /// Draws from a panel, with what its items are where that is known. `None` if nothing in it can be
    /// learnt from.
    pub fn of(panel: Panel, items: Option<&Items>, disguise: Disguise) -> Option<Self> {
        let weights = panel.demand.iter().map(|demand| {
            let known = demand.iter().filter(|demand| !demand.is_nan());
            let (sum, count) =
                known.fold((0f32, 0f32), |(sum, count), &each| (sum + each, count + 1.0));
            if sum > 0.0 { (sum / count + 1e-3).sqrt() } else { 0.0 }
        });
        let drawn = WeightedIndex::new(weights).ok()?;
        if panel.steps < Self::least(panel.frequency) {
            return None;
        }
        let shops = (0..=panel.steps).map(|_| OnceLock::new()).collect();
        let peers = (0..=panel.steps).map(|_| OnceLock::new()).collect();
        let words = items.map(|items| Arc::new(Words::of(&panel, items)));
        Some(Self { panel, drawn, shops, disguise, words, peers })
    }

    /// Fewest steps that can be drawn from: some history and a horizon after it.
    pub const fn least(frequency: Frequency) -> usize {
        frequency.judged() + Self::first(frequency)
    }

    /// Steps of history that a sample has at least.
    const fn first(frequency: Frequency) -> usize {
        match frequency {
            Frequency::Day => 60,
            Frequency::Week => 20,
            Frequency::Month => 12,
        }
    }

    /// The panel's last day.
    pub fn last_day(&self) -> Option<jiff::civil::Date> {
        self.panel.last_day_of(self.panel.steps.checked_sub(1)?)
    }

    /// A short fingerprint of what can be drawn from: names, demand, promotions and prices.
    pub(super) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let panel = &self.panel;
        hash.update(format!("{:?} {} {}", panel.frequency, panel.first, panel.steps));
        for name in &panel.series {
            hash.update(name.as_bytes());
            hash.update([0]);
        }
        for value in [&panel.demand, &panel.promotion, &panel.price].into_iter().flatten().flatten()
        {
            hash.update(value.to_le_bytes());
        }
        let hash = hash.finalize();
        hash[..6].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// One sample, if the drawn series had sold anything by the drawn origin. Half of the histories
    /// are shortened, dates are blurred or hidden, the shop is hidden now and then, and half of the times the whole
    /// shop's level is moved a little: an origin must not be recognised.
    pub fn draw(&self, rng: &mut impl Rng) -> Option<Sample> {
        let series = self.drawn.sample(rng);
        let frequency = self.panel.frequency;
        let last = self.panel.steps - frequency.judged();
        let known = rng.random_range(Self::first(frequency)..=last);
        let shop = self.shops[known].get_or_init(|| match self.disguise.shop < 1.0 {
            true => ShopAt::viewed(&self.panel, known),
            false => ShopAt::of(&self.panel, known),
        });
        let mut window = shop.window_in_shop(&self.panel, series)?;
        if rng.random::<f32>() < 0.5 {
            let year = frequency.year();
            let shortest = (SHORTEST * year as f32) as usize;
            let kept = rng.random_range(shortest..(year * 7 / 5).min(CONTEXT));
            window.demand[..CONTEXT - kept].fill(f32::NAN);
        }
        if rng.random::<f32>() < self.disguise.shop {
            window.shop = None;
        }
        if rng.random::<f32>() < self.disguise.date {
            window.day_of_year = None;
        }
        if let Some(day) = &mut window.day_of_year {
            let blur = Normal::new(0.0, 10.0).map_or(0.0, |normal| normal.sample(rng));
            *day = (*day + blur).rem_euclid(365.25);
        }
        if let Some(words) = &self.words {
            let peers = self.peers[known].get_or_init(|| Peers::of(&self.panel, words, known));
            window.peers = peers.level(series);
        }
        window.first_sale()?;
        // Of weeks and months what comes after a short panel's end is unknown, not nothing.
        let mut ahead = self.panel.demand[series][known..].to_vec();
        ahead.resize(HORIZON, f32::NAN);
        if rng.random::<f32>() < 0.5 {
            let by = wandering(rng);
            window.demand.iter_mut().zip(&by).for_each(|(demand, by)| *demand *= by.exp());
            ahead.iter_mut().zip(&by[CONTEXT..]).for_each(|(demand, by)| *demand *= by.exp());
            window.shop = window.shop.map(|shop| Arc::new(shop.moved(&by[..CONTEXT])));
        }
        Some(Sample { window, ahead })
    }
}

/// How the level of a shop might have moved otherwise: a line through knots four weeks apart.
fn wandering(rng: &mut impl Rng) -> Vec<f32> {
    const EVERY: usize = 28;
    let Ok(normal) = Normal::new(0.0f32, 0.1) else { return vec![0.0; SPAN] };
    let offset = rng.random_range(0..EVERY);
    let knots: Vec<f32> = (0..SPAN / EVERY + 3).map(|_| normal.sample(rng)).collect();
    (0..SPAN)
        .map(|step| {
            let (knot, share) = ((step + offset) / EVERY, ((step + offset) % EVERY) as f32);
            let share = share / EVERY as f32;
            knots[knot] * (1.0 - share) + knots[knot + 1] * share
        })
        .collect()
}
