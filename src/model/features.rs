//! The numbers that the network sees of a window, aligned to the origin. They are nearly free of scale: counts
//! that come whole look otherwise where they are small, so the logarithm of the scale is one of them.
//!
//! Older history comes in patches of 28 steps, the last 112 steps in patches of 7, so that a step's
//! place in a patch is its weekday. Sums cannot be rebuilt from inverse hyperbolic sines, so patches
//! carry their means as well.

use super::base::bases;
use super::history::History;
use super::{CONTEXT, Frequency, HORIZON, SHOP_WIDTH, Window};
use std::f32::consts::TAU;

/// Patches of older history, and their length in steps.
pub(super) const OLD: (usize, usize) = (14, 28);
/// Patches of recent history, and their length in steps.
pub(super) const RECENT: (usize, usize) = (16, 7);
/// Channels of a step: size, known, sold, open, promoted, price.
pub(super) const CHANNELS: usize = 6;
/// Numbers of an old patch: its steps, the means of its four weeks, and its own.
pub(super) const OLD_WIDTH: usize = OLD.1 * CHANNELS + 5;
/// Numbers of a recent patch: its steps and its mean.
pub(super) const RECENT_WIDTH: usize = RECENT.1 * CHANNELS + 1;
/// Numbers of the static token.
pub const STATIC_WIDTH: usize = 22 + SHOP_WIDTH + 1;
/// Channels of a step to come: open, promoted, price, one and two years before, with their masks.
const AHEAD: usize = 7;
/// Numbers of a week to come.
pub const QUERY_WIDTH: usize = 7 * AHEAD;
/// Weeks to come.
pub(super) const QUERIES: usize = HORIZON / 7;

/// A batch of windows as the network sees them.
#[derive(Debug, Clone, Default)]
pub struct Features {
    /// Windows in the batch.
    pub count: usize,
    /// Each series' scale: demand of a step that counts as 1.
    pub scale: Vec<f32>,
    /// count x 14 x [`OLD_WIDTH`].
    pub(super) old: Vec<f32>,
    /// count x 16 x [`RECENT_WIDTH`].
    pub(super) recent: Vec<f32>,
    /// count x [`STATIC_WIDTH`].
    pub(super) fixed: Vec<f32>,
    /// count x 4 x [`QUERY_WIDTH`].
    pub(super) queries: Vec<f32>,
    /// count x [`HORIZON`] x [`super::base::BASES`], of days and of totals: simple forecasts that the network may
    /// lean on, in asinh of the scale.
    pub(super) day_bases: Vec<f32>,
    pub(super) total_bases: Vec<f32>,
    /// count x [`HORIZON`]: whether the shop will be open.
    pub open_ahead: Vec<bool>,
}

impl Features {
    /// What the network sees of some windows.
    pub fn of<'a>(windows: impl IntoIterator<Item = &'a Window>) -> Self {
        let mut features = Self::default();
        for window in windows {
            features.push(window);
        }
        features
    }

    fn push(&mut self, window: &Window) {
        let history = History::of(window);
        self.count += 1;
        self.scale.push(history.scale);
        for patch in 0..OLD.0 {
            let from = patch * OLD.1;
            push_steps(&mut self.old, window, &history, from..from + OLD.1);
            for week in 0..4 {
                self.old.push(history.mean(from + week * 7, from + week * 7 + 7));
            }
            self.old.push(history.mean(from, from + OLD.1));
        }
        for patch in 0..RECENT.0 {
            let from = OLD.0 * OLD.1 + patch * RECENT.1;
            push_steps(&mut self.recent, window, &history, from..from + RECENT.1);
            self.recent.push(history.mean(from, from + RECENT.1));
        }
        self.push_fixed(window, &history);
        self.push_queries(window, &history);
        for base in bases(window, &history) {
            self.day_bases.extend(base.day);
            self.total_bases.extend(base.total);
        }
    }

    fn push_fixed(&mut self, window: &Window, history: &History) {
        let start = self.fixed.len();
        let known = history.counts[CONTEXT];
        let recent = |steps: usize| history.mean(CONTEXT - steps, CONTEXT);
        let sold =
            |from: usize| (from..CONTEXT).filter(|&step| window.demand[step] > 0.0).count() as f32;
        let share = |from: usize| {
            let known: f32 = history.known[from..].iter().sum();
            sold(from) / known.max(1.0)
        };
        let quiet =
            window.demand.iter().rev().take_while(|sold| sold.is_nan() || **sold <= 0.0).count()
                as f32;
        let sale = history.sum(0, CONTEXT) / sold(0).max(1.0);
        self.fixed.extend([history.scale.max(1e-6).ln() / 3.0, known / 100.0, known.ln_1p() / 3.0]);
        self.fixed.extend([recent(7), recent(28), recent(CONTEXT)]);
        self.fixed.extend([share(0), share(CONTEXT - 56), quiet.ln_1p() / 3.0]);
        self.fixed.push((sale / history.scale).max(0.1).ln() / 3.0);
        match window.day_of_year {
            Some(day) => {
                for harmonic in 1..=3 {
                    let angle = TAU * harmonic as f32 * day / 365.0;
                    self.fixed.extend([angle.sin(), angle.cos()]);
                }
                self.fixed.push(1.0);
            }
            None => self.fixed.extend([0.0; 7]),
        }
        self.fixed.extend(Frequency::ALL.map(|each| f32::from(each == window.frequency)));
        match window.peers {
            Some(peers) => {
                let ratio = (peers / history.scale).max(1e-4).ln().clamp(-4.0, 4.0);
                self.fixed.extend([ratio, 1.0]);
            }
            None => self.fixed.extend([0.0; 2]),
        }
        match &window.shop {
            Some(view) => {
                self.fixed.extend(view.numbers());
                self.fixed.push(1.0);
            }
            None => self.fixed.extend([0.0; SHOP_WIDTH + 1]),
        }
        debug_assert_eq!(self.fixed.len() - start, STATIC_WIDTH);
    }

    fn push_queries(&mut self, window: &Window, history: &History) {
        let year = window.frequency.year();
        let ahead =
            |values: &[f32], step: usize| values.get(CONTEXT + step).copied().unwrap_or(0.0);
        for step in 0..HORIZON {
            let open = window.open[CONTEXT + step];
            self.open_ahead.push(open);
            self.queries.extend([
                f32::from(open),
                ahead(&window.promotion, step),
                ahead(&window.price, step),
            ]);
            // Beyond a season's length the season before is looked up again.
            let first = year * (step / year + 1);
            for back in [first, first + year] {
                self.queries.extend(history.around(CONTEXT + step, back, window.frequency));
            }
        }
    }
}

fn push_steps(
    to: &mut Vec<f32>,
    window: &Window,
    history: &History,
    steps: std::ops::Range<usize>,
) {
    let at = |values: &[f32], step: usize| values.get(step).copied().unwrap_or(0.0);
    for step in steps {
        to.extend([
            history.size[step],
            history.known[step],
            f32::from(window.demand[step] > 0.0),
            f32::from(window.open[step]),
            at(&window.promotion, step),
            at(&window.price, step),
        ]);
    }
}
