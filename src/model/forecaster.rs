//! From windows to counts.

use super::credibility;
use super::layers::Dropout;
use super::season::Season;
use super::{Features, HORIZON, LEVEL_COUNT, ModelError, Network, Window};

/// Windows that go through the network together: enough to keep it busy, small enough for the cache.
const TOGETHER: usize = 64;
/// Asinh beyond which a forecast is held: e^12 / 2, 80,000 times the series' mean.
const HIGHEST: f32 = 12.0;

/// Quantiles of one series at one origin, at [`super::LEVELS`], ascending, in units, never below 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantiles {
    /// Of each day.
    pub days: Vec<[f32; LEVEL_COUNT]>,
    /// Of the total from the first day to each.
    pub totals: Vec<[f32; LEVEL_COUNT]>,
}

impl Quantiles {
    /// Expected demand of each step. The mean over a day's quantiles misses what lies above the last of
    /// them, which of lumpy demand is much; so the steps share out the mean of the total, which misses
    /// little, and add up to it.
    pub fn means(&self) -> Vec<f32> {
        let days: Vec<f32> = self.days.iter().map(Self::mean_of).collect();
        let sum: f32 = days.iter().sum();
        let total = self.totals.last().map_or(0.0, Self::mean_of);
        if sum > 0.0 {
            days.iter().map(|day| day * total / sum).collect()
        } else {
            vec![total / days.len().max(1) as f32; days.len()]
        }
    }

    /// The mean of a distribution given by quantiles: the area under them, the tails held at the
    /// outermost levels.
    pub fn mean_of(quantiles: &[f32; LEVEL_COUNT]) -> f32 {
        let levels = super::LEVELS;
        let mut mean = quantiles[0] * levels[0];
        for pair in 0..LEVEL_COUNT - 1 {
            mean +=
                (levels[pair + 1] - levels[pair]) * 0.5 * (quantiles[pair] + quantiles[pair + 1]);
        }
        mean + quantiles[LEVEL_COUNT - 1] * (1.0 - levels[LEVEL_COUNT - 1])
    }
}

/// A network in use.
#[derive(Debug, Clone)]
pub struct Forecaster {
    network: Network,
    threads: usize,
    seasons: bool,
}

impl Forecaster {
    /// Uses a network on one thread; of weeks and months the season of the year before is mixed in
    /// where a series' past speaks for it.
    pub fn new(network: Network) -> Self {
        Self { network, threads: 1, seasons: true }
    }

    /// The network alone.
    pub fn alone(self) -> Self {
        Self { seasons: false, ..self }
    }

    /// The same on some threads.
    pub fn on_threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
    }

    /// Quantiles for windows, in their order.
    pub fn forecast(&self, windows: &[Window]) -> Result<Vec<Quantiles>, ModelError> {
        let size = windows.len().div_ceil(self.threads).max(1);
        let mut parts: Vec<_> = windows.chunks(size).map(|part| (part, None)).collect();
        if let [(part, answer)] = parts.as_mut_slice() {
            *answer = Some(self.on_this_thread(part));
        } else {
            std::thread::scope(|scope| {
                for (part, answer) in &mut parts {
                    scope.spawn(move || *answer = Some(self.on_this_thread(part)));
                }
            });
        }
        let mut all = Vec::with_capacity(windows.len());
        for (_, answer) in parts {
            all.extend(answer.unwrap_or(Ok(Vec::new()))?);
        }
        Ok(all)
    }

    fn on_this_thread(&self, windows: &[Window]) -> Result<Vec<Quantiles>, ModelError> {
        let mut all = Vec::with_capacity(windows.len());
        for together in windows.chunks(TOGETHER) {
            let answers = self.with_neighbours(together)?;
            all.extend(answers.into_iter().zip(together).map(|(answer, window)| {
                match self.seasons.then(|| Season::of(window)).flatten() {
                    Some(season) => season.mixed_into(answer),
                    None => answer,
                }
            }));
        }
        Ok(all)
    }

    /// What the network says, of windows with neighbours as far as these are believed.
    fn with_neighbours(&self, windows: &[Window]) -> Result<Vec<Quantiles>, ModelError> {
        let mut answers = self.answers(&Features::of(windows))?;
        let told = |window: &&Window| window.peers.is_some();
        let alone = windows.iter().filter(told);
        let alone: Vec<Window> = alone.map(|one| Window { peers: None, ..one.clone() }).collect();
        if alone.is_empty() {
            return Ok(answers);
        }
        let with = answers.iter_mut().zip(windows).filter(|(_, window)| told(window));
        for ((with, window), alone) in with.zip(self.answers(&Features::of(&alone))?) {
            *with = credibility::between(alone, with, credibility::voice(window));
        }
        Ok(answers)
    }

    fn answers(&self, features: &Features) -> Result<Vec<Quantiles>, ModelError> {
        let output = self.network.forward(features, &Dropout::none())?;
        let days: Vec<f32> = output.days.flatten_all()?.to_vec1()?;
        let totals: Vec<f32> = output.totals.flatten_all()?.to_vec1()?;
        let each = HORIZON * LEVEL_COUNT;
        // A number that is none would pass for the highest below.
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        if !(finite(&days) && finite(&totals) && finite(&features.scale)) {
            return Err(ModelError::Boundless);
        }
        Ok((0..features.count)
            .map(|item| {
                let scale = features.scale[item];
                let open = &features.open_ahead[item * HORIZON..][..HORIZON];
                in_units(&days[item * each..][..each], &totals[item * each..][..each], open, scale)
            })
            .collect())
    }
}

fn in_units(days: &[f32], totals: &[f32], open: &[bool], scale: f32) -> Quantiles {
    let count = |value: f32, by: f32| value.min(HIGHEST).sinh().max(0.0) * by;
    let mut answer =
        Quantiles { days: Vec::with_capacity(HORIZON), totals: Vec::with_capacity(HORIZON) };
    for step in 0..HORIZON {
        let mut day = [0f32; LEVEL_COUNT];
        if open[step] {
            for (to, from) in day.iter_mut().zip(&days[step * LEVEL_COUNT..]) {
                *to = count(*from, scale);
            }
            day.sort_by(f32::total_cmp);
        }
        answer.days.push(day);
        let mut total = [0f32; LEVEL_COUNT];
        for (to, from) in total.iter_mut().zip(&totals[step * LEVEL_COUNT..]) {
            *to = count(*from, scale * (step + 1) as f32);
        }
        total.sort_by(f32::total_cmp);
        // A longer time sells no less.
        if let Some(before) = answer.totals.last() {
            for (now, before) in total.iter_mut().zip(before) {
                *now = now.max(*before);
            }
        }
        answer.totals.push(total);
    }
    answer
}
