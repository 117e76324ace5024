//! Horizons other than the network's own.

use super::{Frequency, HORIZON, LEVEL_COUNT, Quantiles};

/// Steps that make the level of weeks beyond the network's horizon: a quarter.
const QUARTER: usize = 13;
/// Days of a week.
const WEEK: usize = 7;

impl Quantiles {
    /// The same forecast over `horizon` steps. A shorter one is a part of it. Beyond it days go on as
    /// those of the same weekday do on average, so that a feast or a closed week at its end is not taken for
    /// what is usual; the last year of months repeats; weeks, whose year is longer than the forecast, go on as
    /// the last quarter does on average. Of the totals the spread is carried on: the square of a quantile's
    /// relative distance from the mean is taken as a + b / steps, a doubt about the level that stays
    /// and noise that averages out, both found from the totals at half and at full horizon.
    pub fn over(mut self, horizon: usize, frequency: Frequency) -> Self {
        self.days.truncate(horizon);
        self.totals.truncate(horizon);
        if horizon <= HORIZON || self.days.len() < HORIZON {
            return self;
        }
        let mean = |quantiles: &[f32; LEVEL_COUNT]| Self::mean_of(quantiles);
        let (half, full) = (self.totals[HORIZON / 2 - 1], self.totals[HORIZON - 1]);
        let (half_mean, full_mean) = (mean(&half), mean(&full));
        let spread: [(f32, f32, f32); LEVEL_COUNT] = std::array::from_fn(|level| {
            let apart = relative(full[level], full_mean);
            let before = relative(half[level], half_mean);
            let (now, then) = (apart * apart, before * before);
            let noise = (HORIZON as f32 * (then - now)).clamp(0.0, HORIZON as f32 * now);
            (apart.signum(), now - noise / HORIZON as f32, noise)
        });
        let mut total = full_mean;
        let quarter = average(&self.days[HORIZON - QUARTER..HORIZON]);
        let weekdays: [_; WEEK] =
            std::array::from_fn(|day| average(self.days[day..HORIZON].iter().step_by(WEEK)));
        for step in HORIZON..horizon {
            let day = match frequency {
                Frequency::Day => weekdays[step % WEEK],
                Frequency::Month => self.days[step - frequency.season()],
                Frequency::Week => quarter,
            };
            self.days.push(day);
            total += mean(&day);
            let mut quantiles = spread.map(|(sign, level, noise)| {
                let apart = (level + noise / (step + 1) as f32).max(0.0).sqrt();
                (total * (1.0 + sign * apart)).max(0.0)
            });
            quantiles.sort_by(f32::total_cmp);
            if let Some(before) = self.totals.last() {
                for (now, before) in quantiles.iter_mut().zip(before) {
                    *now = now.max(*before);
                }
            }
            self.totals.push(quantiles);
        }
        self
    }
}

/// The mean of some steps, level by level.
fn average<'a>(
    steps: impl IntoIterator<Item = &'a [f32; LEVEL_COUNT], IntoIter: ExactSizeIterator>,
) -> [f32; LEVEL_COUNT] {
    let steps = steps.into_iter();
    let count = steps.len().max(1) as f32;
    let mut sums = [0.0; LEVEL_COUNT];
    for step in steps {
        sums.iter_mut().zip(step).for_each(|(sum, units)| *sum += units);
    }
    sums.map(|sum| sum / count)
}

fn relative(quantile: f32, mean: f32) -> f32 {
    if mean > 0.0 { quantile / mean - 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast() -> Quantiles {
        let day: [f32; LEVEL_COUNT] = std::array::from_fn(|level| level as f32);
        let total = |steps: f32| -> [f32; LEVEL_COUNT] {
            let mean = Quantiles::mean_of(&day) * steps;
            std::array::from_fn(|level| mean + (level as f32 - 6.5) * steps.sqrt())
        };
        Quantiles {
            days: vec![day; HORIZON],
            totals: (1..=HORIZON).map(|steps| total(steps as f32)).collect(),
        }
    }

    #[test]
    fn a_shorter_horizon_is_a_part() {
        let short = forecast().over(10, Frequency::Day);
        assert_eq!((short.days.len(), short.totals.len()), (10, 10));
        assert_eq!(short.totals[9], forecast().totals[9]);
    }

    #[test]
    fn days_go_on_as_their_weekday_does_whatever_the_last_week_was() {
        let mut feast = forecast();
        for (step, day) in feast.days.iter_mut().enumerate() {
            let units = if step % 7 == 6 { 2.0 } else { 10.0 };
            *day = [if step < 21 { units } else { 0.0 }; LEVEL_COUNT];
        }
        let long = feast.over(56, Frequency::Day);
        assert_eq!((long.days[28][0], long.days[34][0], long.days[35][0]), (7.5, 1.5, 7.5));
    }

    #[test]
    fn months_repeat_their_year_and_weeks_go_on_at_their_level() {
        let mut seasonal = forecast();
        for (step, day) in seasonal.days.iter_mut().enumerate() {
            *day = [10.0 + (step % 12) as f32; LEVEL_COUNT];
        }
        let months = seasonal.clone().over(48, Frequency::Month);
        assert!((HORIZON..48).all(|step| months.days[step] == months.days[step - 12]));
        let weeks = seasonal.over(48, Frequency::Week);
        let mean = weeks.days[15..28].iter().map(|week| week[0]).sum::<f32>() / 13.0;
        assert!(weeks.days[28..].iter().all(|week| (week[0] - mean).abs() < 1e-4));
    }

    #[test]
    fn beyond_the_horizon_the_mean_goes_on_and_noise_averages_out() {
        let long = forecast().over(112, Frequency::Day);
        let day = Quantiles::mean_of(&long.days[0]);
        let mean = Quantiles::mean_of(&long.totals[111]);
        assert!((mean / (112.0 * day) - 1.0).abs() < 0.02, "{mean} for {}", 112.0 * day);
        // Four times the steps, twice the spread.
        let spread = |steps: usize| long.totals[steps - 1][12] - long.totals[steps - 1][1];
        assert!((spread(112) / spread(28) - 2.0).abs() < 0.2);
        for pair in long.totals.windows(2) {
            assert!(pair[0].iter().zip(&pair[1]).all(|(before, now)| before <= now));
        }
    }
}
