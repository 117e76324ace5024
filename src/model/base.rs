//! Simple forecasts beside the network: of the steps to come by the recent level and by the same season
//! of the year before. Patches tell a smooth series only roughly; these carry its numbers exactly, and
//! the network learns, series by series and step by step, how far each is to be trusted.

use super::history::History;
use super::{CONTEXT, Frequency, HORIZON, Window};

/// How many simple forecasts there are.
pub(super) const BASES: usize = 2;
/// Same weekdays, or steps of weeks and months, that make the recent level.
const LATELY: usize = 4;
/// Weeks, or steps, that are looked through for them.
const LOOKED_BACK: usize = 12;
/// How far the level of this year may lie from that of the last.
const FAR: f32 = 4.0;

/// The simple forecasts of one step to come, asinh of the scale.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Base {
    /// Of the step.
    pub(super) day: [f32; BASES],
    /// Of the mean per step up to it.
    pub(super) total: [f32; BASES],
}

/// The simple forecasts of each step to come.
pub(super) fn bases(window: &Window, history: &History) -> [Base; HORIZON] {
    let series = Series::of(window, history);
    let growth = series.growth();
    let mut sums = [0f32; BASES];
    std::array::from_fn(|step| {
        let mut base = Base::default();
        if window.open[CONTEXT + step] {
            let lately = series.lately(step);
            let season = growth.and_then(|growth| Some(growth * series.season(step)?));
            base.day = [lately, season.unwrap_or(lately)];
        }
        for ((sum, day), total) in sums.iter_mut().zip(base.day).zip(&mut base.total) {
            *sum += day;
            *total = (*sum / (step + 1) as f32).asinh();
        }
        base.day = base.day.map(f32::asinh);
        base
    })
}

struct Series<'a> {
    window: &'a Window,
    history: &'a History,
    /// Steps from one to the next of its kind: a week of days.
    stride: usize,
    /// Steps after which a season comes again: of days a year of whole weeks.
    year: usize,
    /// The scaled mean of the last eight weeks, or of what is known of them.
    level: f32,
}

impl<'a> Series<'a> {
    fn of(window: &'a Window, history: &'a History) -> Self {
        let stride = if window.frequency == Frequency::Day { 7 } else { 1 };
        let mut series =
            Self { window, history, stride, year: window.frequency.year(), level: 0.0 };
        let recent = series.mean(CONTEXT - 8 * stride, CONTEXT);
        series.level = recent.or_else(|| series.mean(0, CONTEXT)).unwrap_or(0.0);
        series
    }

    /// The scaled mean of what is known, if a quarter is.
    fn mean(&self, from: usize, to: usize) -> Option<f32> {
        let count = self.history.counts[to] - self.history.counts[from];
        let sum = self.history.sum(from, to);
        (count > 0.0 && 4.0 * count >= (to - from) as f32).then(|| sum / count / self.history.scale)
    }

    /// Scaled demand of a step on which it could be sold.
    fn at(&self, place: usize) -> Option<f32> {
        (self.history.known[place] > 0.0 && self.window.open[place])
            .then(|| self.window.demand[place] / self.history.scale)
    }

    /// Mean of the last steps of the same kind.
    fn lately(&self, step: usize) -> f32 {
        let last = CONTEXT + step % self.stride - self.stride;
        let known: Vec<f32> = (0..LOOKED_BACK)
            .filter_map(|back| self.at(last - back * self.stride))
            .take(LATELY)
            .collect();
        if known.is_empty() { self.level } else { known.iter().sum::<f32>() / known.len() as f32 }
    }

    /// Mean of the steps of the same kind around the same date of the year before; of weeks and
    /// months the one step.
    fn season(&self, step: usize) -> Option<f32> {
        let back = self.year * (step / self.year + 1);
        let centre = (CONTEXT + step).checked_sub(back)?;
        let reach = if self.window.frequency == Frequency::Day { 1 } else { 0 };
        let near = (0..=2 * reach).filter_map(|week| {
            let place = (centre + week * self.stride).checked_sub(reach * self.stride)?;
            (place < CONTEXT).then(|| self.at(place)).flatten()
        });
        let (sum, count) = near.fold((0f32, 0f32), |(sum, count), each| (sum + each, count + 1.0));
        (count > 0.0).then(|| sum / count)
    }

    /// The recent level against that of the same steps a year before.
    fn growth(&self) -> Option<f32> {
        let steps = match self.window.frequency {
            Frequency::Day => 84,
            Frequency::Week => 13,
            Frequency::Month => 12,
        };
        let before = CONTEXT.checked_sub(self.year)?;
        let then = self.mean(before.checked_sub(steps)?, before)?;
        let now = self.mean(CONTEXT - steps, CONTEXT)?;
        (then > 0.0).then(|| (now / then).clamp(1.0 / FAR, FAR))
    }
}
