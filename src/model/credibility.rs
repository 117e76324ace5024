//! How far what an item's neighbours sell is believed beside its own first weeks.
//!
//! The network hears of them in one number, against the series' own scale. Days on which nothing is sold make
//! the scale small and the neighbours so many times as large, so that it expects the more of an item, the
//! longer that has not sold. So it answers twice, with its neighbours and without them, and what counts lies
//! between the two by the days on which the item could speak for itself (credibility, Bühlmann 1967:
//! k / (k + n) for n days). The mean is one of logarithms, as that of the neighbours themselves is.
//!
//! [`STEPS`] was chosen on SKUs of Online Retail that sold first less than 56 days before one of the Fridays from
//! 2011-02-18 to 2011-09-16, and on the demo's.

use super::{LEVEL_COUNT, Quantiles, Window};

/// Steps of its own that count as much as the neighbours' word.
const STEPS: f32 = 28.0;

/// The share of what is said with the neighbours, 0 to 1.
pub(super) fn voice(window: &Window) -> f32 {
    let first = window.first_sale().unwrap_or(window.demand.len());
    let own = window.demand[first..].iter().filter(|sold| !sold.is_nan()).count();
    STEPS / (STEPS + own as f32)
}

/// What lies between an answer without the neighbours and one with them, of which this share counts.
pub(super) fn between(alone: Quantiles, with: &Quantiles, voice: f32) -> Quantiles {
    let mix = |alone: Vec<[f32; LEVEL_COUNT]>, with: &[[f32; LEVEL_COUNT]]| {
        let step = |(alone, with): ([f32; LEVEL_COUNT], &[f32; LEVEL_COUNT])| {
            let size =
                |level: usize| (1.0 - voice) * alone[level].asinh() + voice * with[level].asinh();
            std::array::from_fn(|level| size(level).sinh())
        };
        alone.into_iter().zip(with).map(step).collect()
    };
    Quantiles { days: mix(alone.days, &with.days), totals: mix(alone.totals, &with.totals) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Forecaster, Frequency, shipped};

    /// Expected units of the next four weeks of an item whose like sell 2.5 a day, and which sold one on its
    /// first day and on its seventh, and nothing for so many days since.
    fn expected(quiet: usize, peers: Option<f32>) -> f32 {
        let mut history = vec![0.0; 7 + quiet];
        (history[0], history[6]) = (1.0, 1.0);
        let window = Window { peers, ..Window::of_demand(&history, Frequency::Day) };
        let model = Forecaster::new(shipped().unwrap().network().unwrap());
        let answer = model.forecast(&[window]).unwrap().remove(0);
        assert!(answer.totals.iter().chain(&answer.days).all(|levels| levels.is_sorted()));
        answer.means().iter().sum()
    }

    #[test]
    fn what_its_like_sell_counts_for_less_the_longer_an_item_has_not_sold() {
        let weeks = [0, 1, 3, 5].map(|weeks| expected(7 * weeks, Some(2.5)));
        assert!(weeks.is_sorted_by(|early, late| early > late), "{weeks:?}");
        assert!(weeks[3] < 20.0, "two were sold in six weeks: {weeks:?}");
        assert!(weeks[3] > expected(35, None), "and its like are still heard: {weeks:?}");
    }
}
