//! The measures of a forecast: quantile losses of days and totals, scaled errors, coverage, bias.
//!
//! WQL and TQL weigh by volume, SQL counts every series alike. Scaled errors are divided by the mean
//! absolute seasonal difference (MASE, Hyndman & Koehler 2006) and by the root of the mean squared
//! difference (RMSSE, M5). Levels 0.1 to 0.9 enter the means over levels.

use crate::model::{LEVEL_COUNT, LEVELS, Quantiles, at_level};

/// Deciles from 0.1 to 0.9, and 0.95.
const SCORED: [f32; 10] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
/// How many of them enter the means.
const MEANT: usize = 9;

/// What one series at one origin, or many of them together, add to the score of a method.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Twice the pinball loss of the days, by level.
    days: [f64; 10],
    /// The same of the total.
    totals: [f64; 10],
    /// Demand over the horizon.
    demand: f64,
    /// Mean forecast of the total less what came, and how far apart they are.
    apart: [f64; 2],
    /// Scaled quantile loss, scaled errors of median and mean, RMSSE; 0 without a scale.
    scaled: [f64; 4],
    /// Scored days, those of them on which something was sold, totals, those with a scale, series
    /// and origins.
    counts: [f64; 5],
    /// Days within q0.1 to q0.9, at or under q0.9, at or under q0.95, and within of those on which
    /// something was sold.
    within: [f64; 4],
    /// Totals at or under their q0.9 and q0.95.
    totals_under: [f64; 2],
}

impl Part {
    /// Scores quantiles against what came. `history` ends at the origin; `season` is the period of the
    /// scaled errors.
    pub fn of(forecast: &Quantiles, ahead: &[f32], history: &[f32], season: usize) -> Self {
        let mut part = Self { counts: [0.0, 0.0, 0.0, 0.0, 1.0], ..Self::default() };
        let means = forecast.means();
        let steps = ahead.iter().zip(forecast.days.iter().zip(&means));
        let (mut median, mut mean, mut squares) = (0f64, 0f64, 0f64);
        for (&demand, (quantiles, expected)) in steps.filter(|(demand, _)| !demand.is_nan()) {
            let levels = SCORED.map(|level| at_level(quantiles, level));
            add_pinball(&mut part.days, &levels, demand);
            part.demand += f64::from(demand);
            median += f64::from((demand - levels[4]).abs());
            mean += f64::from((demand - expected).abs());
            squares += f64::from((demand - expected).powi(2));
            let within = levels[0] <= demand && demand <= levels[8];
            let sold = demand > 0.0;
            let each = [within, demand <= levels[8], demand <= levels[9], within && sold];
            add(&mut part.within, &each.map(|each| f64::from(u8::from(each))));
            add(&mut part.counts, &[1.0, f64::from(u8::from(sold)), 0.0, 0.0, 0.0]);
        }
        part.score_total(forecast, ahead);
        let steps = part.counts[0];
        if let Some((by, root)) = scales(history, season).filter(|_| steps > 0.0) {
            let loss = part.days[..MEANT].iter().sum::<f64>() / MEANT as f64;
            let rmsse = if root > 0.0 { (squares / steps / root).sqrt() } else { 0.0 };
            let [loss, median, mean] = [loss, median, mean].map(|sum| sum / by / steps);
            part.scaled = [loss, median, mean, rmsse];
            part.counts[3] = 1.0;
        }
        part
    }

    /// A total some of whose days are unknown is judged by the others' share of it.
    fn score_total(&mut self, forecast: &Quantiles, ahead: &[f32]) {
        let quantiles = ahead.len().checked_sub(1).and_then(|last| forecast.totals.get(last));
        let known = ahead.iter().filter(|day| !day.is_nan());
        let (count, demand) =
            known.fold((0f32, 0f32), |(count, sum), day| (count + 1.0, sum + day));
        let Some(quantiles) = quantiles.filter(|_| count > 0.0) else { return };
        let share = count / ahead.len() as f32;
        let levels = SCORED.map(|level| share * at_level(quantiles, level));
        add_pinball(&mut self.totals, &levels, demand);
        let apart = f64::from(share * Quantiles::mean_of(quantiles) - demand);
        self.apart = [apart, apart.abs()];
        self.counts[2] = 1.0;
        self.totals_under =
            [levels[8], levels[9]].map(|level| f64::from(u8::from(demand <= level)));
    }

    /// Takes in another one.
    pub fn add(&mut self, other: &Self) {
        add(&mut self.days, &other.days);
        add(&mut self.totals, &other.totals);
        self.demand += other.demand;
        add(&mut self.apart, &other.apart);
        add(&mut self.scaled, &other.scaled);
        add(&mut self.counts, &other.counts);
        add(&mut self.within, &other.within);
        add(&mut self.totals_under, &other.totals_under);
    }
}

fn add_pinball(to: &mut [f64; 10], quantiles: &[f32; 10], demand: f32) {
    for ((to, quantile), level) in to.iter_mut().zip(quantiles).zip(SCORED) {
        *to += twice_pinball(level, *quantile, demand);
    }
}

/// Twice the pinball loss of one quantile: at 0.5 it is the absolute error.
pub fn twice_pinball(level: f32, quantile: f32, demand: f32) -> f64 {
    let apart = demand - quantile;
    2.0 * f64::from((level * apart).max((level - 1.0) * apart))
}

/// Mean absolute seasonal difference and mean squared difference since the first sale; `None` where
/// the first is 0 or unknown.
fn scales(history: &[f32], season: usize) -> Option<(f64, f64)> {
    let first = history.iter().position(|&demand| demand > 0.0)?;
    let history = &history[first..];
    let mean = |lag: usize, of: fn(f64) -> f64| {
        let mut sum = (0f64, 0f64);
        for (now, then) in history[lag.min(history.len())..].iter().zip(history) {
            if !now.is_nan() && !then.is_nan() {
                sum = (sum.0 + of(f64::from(now - then)), sum.1 + 1.0);
            }
        }
        sum.0 / sum.1
    };
    let absolute = mean(season, f64::abs);
    (absolute > 0.0).then(|| (absolute, mean(1, |apart| apart * apart)))
}

/// The score of a method over many series and origins.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Score {
    /// Weighted quantile loss of the days: mean over levels, at 0.9, at 0.95.
    pub wql: [f64; 3],
    /// The same of the totals.
    pub tql: [f64; 3],
    /// Scaled quantile loss; nothing where no history is longer than a season, as of the next two.
    pub sql: Option<f64>,
    /// MASE of the median and of the mean.
    pub mase: Option<[f64; 2]>,
    /// Root mean squared scaled error of the mean.
    pub rmsse: Option<f64>,
    /// Share of days within q0.1 to q0.9, and at or under q0.9 and q0.95.
    pub coverage: [f64; 3],
    /// Share of totals at or under their q0.9 and q0.95.
    pub total_coverage: [f64; 2],
    /// Bias of the totals as a share of demand.
    pub bias: f64,
    /// Series and origins scored.
    pub parts: usize,
    /// Share of the days with demand that are within q0.1 to q0.9.
    #[serde(default)]
    pub open_coverage: f64,
    /// How far the totals' means are from what came, as a share of demand.
    #[serde(default)]
    pub wape: f64,
}

impl Score {
    /// Sums parts up; `None` if nothing was demanded.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a Part>) -> Option<Self> {
        let mut sum = Part::default();
        parts.into_iter().for_each(|part| sum.add(part));
        if sum.demand <= 0.0 {
            return None;
        }
        let weighted = |loss: &[f64; 10]| {
            [loss[..MEANT].iter().sum::<f64>() / MEANT as f64, loss[8], loss[9]]
                .map(|loss| loss / sum.demand)
        };
        let [steps, sold, totals, scales, parts] = sum.counts;
        let scaled = (scales > 0.0).then(|| sum.scaled.map(|each| each / scales));
        let [within, under, high, of_sold] = sum.within;
        Some(Self {
            wql: weighted(&sum.days),
            tql: weighted(&sum.totals),
            sql: scaled.map(|[sql, ..]| sql),
            mase: scaled.map(|[_, median, mean, _]| [median, mean]),
            rmsse: scaled.map(|[.., rmsse]| rmsse),
            coverage: [within, under, high].map(|within| within / steps),
            total_coverage: sum.totals_under.map(|under| under / totals),
            bias: sum.apart[0] / sum.demand,
            parts: parts as usize,
            open_coverage: of_sold / sold,
            wape: sum.apart[1] / sum.demand,
        })
    }
}

fn add<const N: usize>(to: &mut [f64; N], from: &[f64; N]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

/// Quantiles of the same value at every level: a forecast that is sure.
pub fn certain(value: f32) -> [f32; LEVEL_COUNT] {
    [value; LEVELS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sure(days: &[f32]) -> Quantiles {
        let mut sum = 0.0;
        let totals = days.iter().map(|day| {
            sum += day;
            certain(sum)
        });
        Quantiles { totals: totals.collect(), days: days.iter().map(|&day| certain(day)).collect() }
    }

    #[test]
    fn a_perfect_forecast_loses_nothing() {
        let ahead = [3.0, 0.0, 5.0];
        let part = Part::of(&sure(&ahead), &ahead, &[1.0, 2.0, 4.0, 3.0], 1);
        let score = Score::of([&part]).unwrap();
        assert_eq!((score.wql, score.tql), ([0.0; 3], [0.0; 3]));
        assert_eq!((score.bias, score.coverage[0], score.sql), (0.0, 1.0, Some(0.0)));
    }

    #[test]
    fn losses_follow_their_definitions() {
        // One day, demand 10, every quantile 6: twice the pinball loss at q is 2 q 4, and the mean of
        // 2 q over 0.1 to 0.9 is 1.
        let part = Part::of(&sure(&[6.0]), &[10.0], &[1.0, 3.0, 1.0], 1);
        let score = Score::of([&part]).unwrap();
        assert!((score.wql[0] - 0.4).abs() < 1e-6);
        assert!((score.wql[1] - 0.72).abs() < 1e-6);
        // The mean absolute difference of the history is 2.
        let scaled = [score.sql, score.mase.map(|[median, _]| median), score.rmsse];
        assert!(scaled.iter().all(|each| (each.unwrap() - 2.0).abs() < 1e-6), "{scaled:?}");
        assert!((score.bias + 0.4).abs() < 1e-6);
    }

    #[test]
    fn a_history_without_a_season_to_scale_by_leaves_scaled_errors_unknown() {
        let part = Part::of(&sure(&[6.0]), &[10.0], &[1.0, 3.0, 1.0], 52);
        let score = Score::of([&part]).unwrap();
        assert_eq!((score.sql, score.mase, score.rmsse), (None, None, None));
        // A card that holds it can be read again.
        let text = serde_json::to_string(&score).unwrap();
        assert_eq!(serde_json::from_str::<Score>(&text).unwrap(), score);
    }

    #[test]
    fn a_step_that_was_not_available_is_not_scored() {
        let part = Part::of(&sure(&[6.0, 7.0]), &[10.0, f32::NAN], &[1.0, 3.0], 1);
        let score = Score::of([&part]).unwrap();
        // One day is known, 4 above its forecast; of the total of 13 it is held against the half.
        assert!((score.wql[0] - 0.4).abs() < 1e-6, "{score:?}");
        assert!((score.bias + 0.35).abs() < 1e-6 && (score.wape - 0.35).abs() < 1e-6, "{score:?}");
    }
}
