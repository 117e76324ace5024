//! What scores add up to, and the figures that follow.

use super::STAGES;
use serde::{Deserialize, Serialize};

/// Sums over days, or over totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// How many.
    pub count: u64,
    /// Units that were sold.
    pub sold: f64,
    /// Units that were expected; of days not kept, and 0.
    pub expected: f64,
    /// Twice the pinball loss, mean over the levels 0.1 to 0.9.
    pub loss: f64,
    /// The same of the seasonal naive forecast.
    pub naive: f64,
    /// How many were at or under their 0.9 and 0.95 quantiles.
    pub under: [u64; 2],
}

impl Part {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.sold += other.sold;
        self.expected += other.expected;
        self.loss += other.loss;
        self.naive += other.naive;
        self.under = [0, 1].map(|at| self.under[at] + other.under[at]);
    }

    fn under(&self) -> [f32; 2] {
        self.under.map(|under| under as f32 / self.count.max(1) as f32)
    }
}

/// Sums of one week, class and model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Of the days of the first week.
    pub days: Part,
    /// Of the totals up to each stage.
    pub totals: [Part; STAGES.len()],
}

impl Sums {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.days.add(&other.days);
        self.totals.iter_mut().zip(&other.totals).for_each(|(to, from)| to.add(from));
    }

    /// Whether there is nothing in them.
    pub fn is_empty(&self) -> bool {
        self.days.count == 0 && self.totals.iter().all(|total| total.count == 0)
    }

    /// The figures.
    pub fn figures(&self) -> Figures {
        let days = &self.days;
        let known = days.sold > 0.0;
        Figures {
            days: days.count,
            wql: known.then(|| (days.loss / days.sold) as f32),
            naive: known.then(|| (days.naive / days.sold) as f32),
            under: (days.count > 0).then(|| days.under()),
            totals: self.totals.map(|total| {
                (total.sold > 0.0).then(|| TotalFigures {
                    count: total.count,
                    tql: (total.loss / total.sold) as f32,
                    naive: (total.naive / total.sold) as f32,
                    under: total.under(),
                    bias: (total.expected / total.sold - 1.0) as f32,
                })
            }),
        }
    }
}

/// How good forecasts of days were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Days of series that were scored.
    pub days: u64,
    /// Weighted quantile loss; `None`: nothing was sold on them.
    pub wql: Option<f32>,
    /// That of the seasonal naive forecast.
    pub naive: Option<f32>,
    /// Share of the days at or under their 0.9 and 0.95 quantiles.
    pub under: Option<[f32; 2]>,
    /// Of the totals up to each of [`STAGES`]; `None`: none is over.
    pub totals: [Option<TotalFigures>; STAGES.len()],
}

impl Figures {
    /// Share of the seasonal naive forecast's loss that was saved; less than 0: it was better.
    pub fn added(&self) -> Option<f32> {
        let (wql, naive) = (self.wql?, self.naive.filter(|naive| *naive > 0.0)?);
        Some(1.0 - wql / naive)
    }

    /// The totals furthest ahead that are over, and how many days they reach.
    pub fn furthest(&self) -> Option<(usize, &TotalFigures)> {
        STAGES
            .iter()
            .zip(&self.totals)
            .rev()
            .find_map(|(days, total)| Some((*days, total.as_ref()?)))
    }
}

/// How good forecasts of totals were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TotalFigures {
    /// How many were scored.
    pub count: u64,
    /// Quantile loss over what was sold.
    pub tql: f32,
    /// That of the seasonal naive forecast.
    pub naive: f32,
    /// Share of them at or under their 0.9 and 0.95 quantiles.
    pub under: [f32; 2],
    /// Expected over sold, less 1.
    pub bias: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_weigh_by_what_was_sold() {
        let day = |sold, loss| Part { count: 1, sold, loss, naive: 2.0 * loss, ..Part::default() };
        let mut sums = Sums { days: day(90.0, 9.0), ..Sums::default() };
        sums.add(&Sums { days: day(10.0, 11.0), ..Sums::default() });
        let figures = sums.figures();
        assert!((figures.wql.unwrap() - 0.2).abs() < 1e-6);
        assert!((figures.added().unwrap() - 0.5).abs() < 1e-6);
        assert_eq!(figures.furthest(), None);
        let idle = Sums { days: day(0.0, 1.0), ..Sums::default() }.figures();
        assert_eq!((idle.wql, idle.added()), (None, None), "nothing sold, nothing to divide by");
    }
}
