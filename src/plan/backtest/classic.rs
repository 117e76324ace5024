//! The policies of textbooks and shop apps, which look at an item's own recent days.

use super::gamma::gamma_quantile;
use super::replay::{REVIEW_DAYS, Replay};
use super::simulate::{BacktestError, Policy, Review};
use crate::plan::inventory::{Counts, z_of};
use std::fmt;

/// A policy that the console's is held against. P is the mean lead time and the review interval together,
/// the service level the newsvendor's ratio, lost over lost and a review interval's holding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classic {
    /// Mean daily sales of 28 days times P and 14 days more: what shop apps do.
    Velocity,
    /// Normal demand as in the last 56 days, and a normal lead time.
    Normal,
    /// Intermittent demand by Teunter, Syntetos and Babai (2011), negative binomial.
    Tsb,
    /// Weekly sums of 16 weeks, the older the lighter, as a gamma distribution.
    GammaWeek,
}

/// Days that the velocity is taken over, and days of cover beside P.
const VELOCITY: (usize, f64) = (28, 14.0);
/// Days that the normal is fitted to.
const NORMAL_DAYS: usize = 56;
/// Days that TSB is run over.
const TSB_DAYS: usize = 120;
/// Smoothing of the size of a day with demand, and of the chance of one.
const TSB_SMOOTHING: (f64, f64) = (0.1, 0.05);
/// Weeks that the gamma is fitted to, the weight of each beside the one after it, and a factor on the
/// variance.
const GAMMA: (usize, f64, f64) = (16, 0.93, 1.15);

impl Classic {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Velocity, Self::Normal, Self::Tsb, Self::GammaWeek];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Velocity => "velocity28_cover14",
            Self::Normal => "normal56_cr",
            Self::Tsb => "tsb_cr",
            Self::GammaWeek => "gamma_week_cr",
        }
    }

    /// The same in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Velocity => "28-day rate, two weeks' cover",
            Self::Normal => "56 days as a normal",
            Self::Tsb => "TSB, intermittent demand",
            Self::GammaWeek => "16 weeks as a gamma",
        }
    }

    /// The one that is called so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The policy on a replay.
    pub fn on(self, replay: &Replay) -> impl Policy {
        OnReplay { rule: self, replay }
    }

    /// Where its level lies: `days` are the units of the days seen, the last one last.
    fn level(self, days: &[f32], at: &Terms) -> f64 {
        match self {
            Self::Velocity => mean(last(days, VELOCITY.0)) * (at.interval + VELOCITY.1),
            Self::Normal => normal(last(days, NORMAL_DAYS), at),
            Self::Tsb => tsb(last(days, TSB_DAYS), at),
            Self::GammaWeek => gamma_week(days, at),
        }
    }
}

impl fmt::Display for Classic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a level depends on beside demand.
struct Terms {
    /// P, days.
    interval: f64,
    lead_sd: f64,
    service: f64,
}

struct OnReplay<'a> {
    rule: Classic,
    replay: &'a Replay,
}

impl Policy for OnReplay<'_> {
    fn order_up_to(&mut self, review: &Review<'_>) -> Result<Vec<f64>, BacktestError> {
        let supplier = &self.replay.suppliers[review.supplier];
        let level = |&place: &usize| {
            let item = &self.replay.items[place];
            let held = f64::from(REVIEW_DAYS) * item.hold;
            let terms = Terms {
                interval: supplier.lead_mean + f64::from(REVIEW_DAYS),
                lead_sd: supplier.lead_sd,
                service: item.lost / (item.lost + held),
            };
            self.rule.level(&review.seen.units[place], &terms)
        };
        Ok(review.items.iter().map(level).collect())
    }
}

fn last(days: &[f32], most: usize) -> &[f32] {
    &days[days.len().saturating_sub(most)..]
}

fn mean(days: &[f32]) -> f64 {
    days.iter().map(|day| f64::from(*day)).sum::<f64>() / days.len().max(1) as f64
}

/// The sample variance.
fn variance(days: &[f32]) -> f64 {
    let mean = mean(days);
    let squares = days.iter().map(|day| (f64::from(*day) - mean).powi(2)).sum::<f64>();
    squares / days.len().saturating_sub(1).max(1) as f64
}

fn normal(days: &[f32], at: &Terms) -> f64 {
    let mean = mean(days);
    let spread = at.interval * variance(days) + (mean * at.lead_sd).powi(2);
    // A ratio of 0 or 1 means that nothing, or only a lost sale, costs: the mean has to do.
    mean * at.interval + z_of(at.service).unwrap_or(0.0) * spread.sqrt()
}

fn tsb(days: &[f32], at: &Terms) -> f64 {
    let sizes: Vec<f32> = days.iter().copied().filter(|day| *day > 0.0).collect();
    if sizes.is_empty() {
        return 0.0;
    }
    let (mut size, mut chance) = (mean(&sizes), sizes.len() as f64 / days.len() as f64);
    for day in days {
        if *day > 0.0 {
            size += TSB_SMOOTHING.0 * (f64::from(*day) - size);
            chance += TSB_SMOOTHING.1 * (1.0 - chance);
        } else {
            chance -= TSB_SMOOTHING.1 * chance;
        }
    }
    let daily = size * chance;
    let mean = daily * at.interval;
    let spread = variance(days) * at.interval + (daily * at.lead_sd).powi(2);
    let demand = Counts::negative_binomial(mean, spread.max(1.0001 * mean));
    let level = demand.and_then(|demand| demand.exceeded_with(1.0 - at.service));
    level.map_or(mean, |level| level as f64)
}

fn gamma_week(days: &[f32], at: &Terms) -> f64 {
    let (weeks, fade, factor) = GAMMA;
    let (mut weight, mut weights, mut sum) = (1.0, 0.0, 0.0);
    let mut sums: Vec<(f64, f64)> = Vec::new();
    for week in days.rchunks_exact(7).take(weeks) {
        let units: f64 = week.iter().map(|day| f64::from(*day)).sum();
        sums.push((units, weight));
        sum += weight * units;
        weights += weight;
        weight *= fade;
    }
    if sum <= 0.0 {
        return 0.0;
    }
    let mean = sum / weights;
    let squares: f64 = sums.iter().map(|(units, weight)| weight * (units - mean).powi(2)).sum();
    let weekly = factor * squares / weights;
    let in_weeks = at.interval / 7.0;
    let expected = mean * in_weeks;
    let spread = weekly * in_weeks + (mean / 7.0 * at.lead_sd).powi(2);
    gamma_quantile(expected, spread, at.service)
}
