//! Comparing what was issued with what was sold.

use super::issued::KEPT;
use super::{DAYS, Issued, Part, STAGES, Sums};
use crate::demand::Frequency;
use crate::model::evaluate::{Simple, twice_pinball};
use crate::model::{Quantiles, Window};

/// The levels of [`Issued`].
const LEVELS_KEPT: [f32; KEPT] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
/// How many of them enter the mean loss.
const MEANT: usize = 9;
/// Places of 0.9 and 0.95.
const HIGH: [usize; 2] = [8, 9];

/// The seasonal naive forecast of a history that ends at the origin, as it would have been issued.
pub fn naive(history: &[f32]) -> Option<Issued> {
    let window = Window::of_demand(history, Frequency::Day);
    let Quantiles { days, totals } = Simple::SeasonalNaive.forecast(&window);
    Issued::of(&days, &totals)
}

/// Scores some stages of what was issued. `ahead` is what was sold on the days after the origin, NaN
/// where there was nothing to sell; a stage that reaches beyond it is not scored.
pub fn score(
    issued: &Issued,
    naive: &Issued,
    ahead: &[f32],
    stages: std::ops::Range<usize>,
) -> Sums {
    let mut sums = Sums::default();
    for stage in stages.filter(|stage| STAGES[*stage] <= ahead.len()) {
        if stage == 0 {
            let known = ahead.iter().take(DAYS).enumerate().filter(|(_, sold)| !sold.is_nan());
            for (day, &sold) in known {
                add(&mut sums.days, sold, &issued.day(day), &naive.day(day), 0.0);
            }
        }
        let total: f32 = ahead[..STAGES[stage]].iter().sum();
        // One day that is not known, and the total is not.
        if !total.is_nan() {
            let (said, before) = (issued.total(stage), naive.total(stage));
            add(&mut sums.totals[stage], total, &said, &before, issued.expected[stage]);
        }
    }
    sums
}

fn add(part: &mut Part, sold: f32, said: &[f32; KEPT], naive: &[f32; KEPT], expected: f32) {
    let under = HIGH.map(|level| u64::from(sold <= said[level]));
    part.add(&Part {
        count: 1,
        sold: f64::from(sold),
        expected: f64::from(expected),
        loss: loss(said, sold),
        naive: loss(naive, sold),
        under,
    });
}

/// Twice the pinball loss, mean over 0.1 to 0.9.
fn loss(quantiles: &[f32; KEPT], sold: f32) -> f64 {
    let each = LEVELS_KEPT.iter().zip(quantiles).take(MEANT);
    each.map(|(level, quantile)| twice_pinball(*level, *quantile, sold)).sum::<f64>() / MEANT as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::evaluate::{self, certain};
    use crate::model::{HORIZON, LEVEL_COUNT, LEVELS};

    fn rising(by: f32) -> Quantiles {
        let step = |of: f32| -> [f32; LEVEL_COUNT] { LEVELS.map(|level| of * (0.5 + level)) };
        Quantiles {
            days: (0..HORIZON).map(|_| step(by)).collect(),
            totals: (1..=HORIZON).map(|days| step(by * days as f32)).collect(),
        }
    }

    fn issued(made: &Quantiles) -> Issued {
        Issued::of(&made.days, &made.totals).unwrap()
    }

    #[test]
    fn scores_are_those_of_a_backtest() {
        let history = [4.0, 6.0, 2.0, 5.0, 7.0, 3.0, 8.0, 4.0, 6.0];
        let ahead: Vec<f32> = (0..28).map(|day| (day * 5 % 9) as f32).collect();
        let made = rising(4.0);
        let sums = score(&issued(&made), &naive(&history).unwrap(), &ahead, 0..3);
        let figures = sums.figures();
        let part = |days: usize| {
            let made = made.clone().over(days, Frequency::Day);
            let part = evaluate::Part::of(&made, &ahead[..days], &history, 7);
            evaluate::Score::of([&part]).unwrap()
        };
        let near =
            |is: f32, was: f64| assert!((f64::from(is) - was).abs() < 2e-3, "{is} was {was}");
        let (week, whole) = (part(7), part(28));
        near(figures.wql.unwrap(), week.wql[0]);
        let (days, total) = figures.furthest().unwrap();
        assert_eq!(days, 28);
        near(total.tql, whole.tql[0]);
        near(total.bias, whole.bias);
        near(figures.under.unwrap()[0], week.coverage[1]);
        let naive = evaluate::Part::of(
            &Simple::SeasonalNaive.forecast(&Window::of_demand(&history, Frequency::Day)),
            &ahead,
            &history,
            7,
        );
        near(total.naive, evaluate::Score::of([&naive]).unwrap().tql[0]);
    }

    #[test]
    fn a_day_without_stock_is_not_scored_and_neither_is_its_total() {
        let made = Quantiles { days: vec![certain(3.0); 28], totals: vec![certain(21.0); 28] };
        let mut ahead = [3.0; 28];
        ahead[2] = f32::NAN;
        ahead[20] = f32::NAN;
        let sums = score(&issued(&made), &issued(&made), &ahead, 0..3);
        assert_eq!(sums.days.count, 6);
        assert!(sums.days.loss < 0.01, "six days as they were said: {}", sums.days.loss);
        assert_eq!(sums.totals.map(|total| total.count), [0, 0, 0]);
    }

    #[test]
    fn a_stage_that_is_not_over_waits() {
        let made = rising(2.0);
        let sums = score(&issued(&made), &issued(&made), &[2.0; 15], 0..3);
        assert_eq!(sums.totals.map(|total| total.count), [1, 1, 0]);
        let later = score(&issued(&made), &issued(&made), &[2.0; 28], 2..3);
        assert_eq!((later.days.count, later.totals[2].count), (0, 1), "each stage once");
    }
}
