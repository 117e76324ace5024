//! What each method would have said at past origins, scored by what came.

use super::category::Categories;
use super::class::{Class, Group, is_new};
use super::score::{Part, Score};
use super::simple::Simple;
use crate::demand::{Items, Panel};
use crate::model::{DemandModel, HORIZON, ModelError, Peers, Quantiles, ShopAt, Window, Words};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Draws of a bootstrap interval.
const DRAWS: usize = 400;
/// Series that are played together; somebody who cancels waits for one method's answers for them.
const TOGETHER: usize = 128;

/// What answers.
#[derive(Debug, Clone)]
pub enum Method<'a> {
    /// A network, by each series alone.
    Network(&'a DemandModel),
    /// A network that is told of a new series what its neighbours sell.
    Neighbours(&'a DemandModel, Arc<Words>),
    /// A simple method, on so many threads.
    Simple(Simple, usize),
    /// For new series alone: quantiles over the items of their category, by these items.
    Category(Option<&'a Items>),
}

/// A method at an origin.
enum AtOrigin<'a> {
    Network(&'a DemandModel, Option<Peers>),
    Simple(Simple, usize),
    Category(Categories),
}

impl<'a> AtOrigin<'a> {
    fn of(method: &Method<'a>, panel: &Panel, known: usize) -> Self {
        match method {
            Method::Network(model) => Self::Network(model, None),
            Method::Neighbours(model, words) => {
                Self::Network(model, Some(Peers::of(panel, words, known)))
            }
            Method::Simple(simple, threads) => Self::Simple(*simple, *threads),
            Method::Category(items) => Self::Category(Categories::of(panel, *items, known)),
        }
    }

    /// The answers for some series, given their windows.
    fn forecast(&self, series: &[usize], windows: &[Window]) -> Result<Vec<Quantiles>, ModelError> {
        match self {
            Self::Network(model, None) => model.forecast(windows),
            Self::Network(model, Some(peers)) => {
                let mut told = windows.to_vec();
                for (window, &series) in told.iter_mut().zip(series) {
                    window.peers = peers.level(series);
                }
                model.forecast(&told)
            }
            Self::Simple(simple, threads) => Ok(simple.for_all(windows, *threads)),
            Self::Category(categories) => {
                let each = series.iter().zip(windows);
                Ok(each.map(|(&series, window)| categories.forecast(series, window)).collect())
            }
        }
    }
}

/// What is played again.
#[derive(Debug, Clone)]
pub struct Backtest {
    /// Steps known at each origin.
    pub origins: Vec<usize>,
    /// Every how many-th series is looked at.
    pub every: usize,
    /// Steps ahead that are scored, at most [`HORIZON`].
    pub horizon: usize,
}

/// One series at one origin: its class there, whether it is new, and each method's part.
#[derive(Debug, Clone)]
struct Cell {
    series: usize,
    class: Option<Class>,
    new: bool,
    parts: Vec<Option<Part>>,
}

/// What came of a backtest.
#[derive(Debug, Clone)]
pub struct Outcome {
    cells: Vec<Cell>,
    methods: usize,
}

/// Origins so that the last one's horizon ends with the panel, `count` of them, a horizon apart.
pub fn origins_of(panel: &Panel, count: usize, horizon: usize) -> Vec<usize> {
    (1..=count)
        .rev()
        .filter_map(|back| panel.steps.checked_sub(back * horizon))
        .filter(|known| *known >= horizon.min(panel.frequency.season()))
        .collect()
}

/// Plays methods at past origins; each sees only what was known then. `tell` hears the share done and
/// may end it.
pub fn backtest(
    panel: &Panel,
    plan: &Backtest,
    methods: &[Method<'_>],
    tell: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Outcome, ModelError> {
    let horizon = plan.horizon.clamp(1, HORIZON);
    let series: Vec<usize> = (0..panel.series.len()).step_by(plan.every.max(1)).collect();
    let turns = plan.origins.len() * series.len().div_ceil(TOGETHER) * methods.len();
    let mut cells = Vec::new();
    let mut turn = 0;
    for &known in &plan.origins {
        let shop = ShopAt::of(panel, known);
        let ready: Vec<_> = methods.iter().map(|each| AtOrigin::of(each, panel, known)).collect();
        for some in series.chunks(TOGETHER) {
            let mut played = Played::of(panel, &shop, some);
            for method in &ready {
                if tell(turn as f32 / turns.max(1) as f32).is_break() {
                    return Err(ModelError::Cancelled);
                }
                played.by(method, panel, known, horizon)?;
                turn += 1;
            }
            cells.extend(played.cells);
        }
    }
    Ok(Outcome { cells, methods: methods.len() })
}

/// Some series at an origin, while methods are played on them.
struct Played {
    windows: Vec<Window>,
    cells: Vec<Cell>,
}

impl Played {
    fn of(panel: &Panel, shop: &ShopAt, series: &[usize]) -> Self {
        let (windows, cells) = series
            .iter()
            .filter_map(|&series| {
                let window = shop.window(panel, series)?;
                let history = &panel.demand[series][..shop.known];
                let (class, new) = (Class::of(history), is_new(history, panel.frequency));
                Some((window, Cell { series, class, new, parts: Vec::new() }))
            })
            .unzip();
        Self { windows, cells }
    }

    fn by(
        &mut self,
        method: &AtOrigin<'_>,
        panel: &Panel,
        known: usize,
        horizon: usize,
    ) -> Result<(), ModelError> {
        let asked = |cell: &Cell| cell.new || !matches!(method, AtOrigin::Category(_));
        let (series, windows): (Vec<usize>, Vec<Window>) = (self.cells.iter().zip(&self.windows))
            .filter(|(cell, _)| asked(cell))
            .map(|(cell, window)| (cell.series, window.clone()))
            .unzip();
        let mut answers = method.forecast(&series, &windows)?.into_iter();
        for cell in &mut self.cells {
            let answer = if asked(cell) { answers.next() } else { None };
            cell.parts.push(answer.map(|answer| {
                let demand = &panel.demand[cell.series];
                let to = (known + horizon).min(demand.len());
                let (history, ahead) = (&demand[..known], &demand[known..to]);
                Part::of(&answer, ahead, history, panel.frequency.season())
            }));
        }
        Ok(())
    }
}

impl Cell {
    fn is_in(&self, group: Group) -> bool {
        match group {
            Group::All => true,
            Group::Of(class) => self.class == Some(class),
            Group::New => self.new,
        }
    }
}

impl Outcome {
    /// The score of a method, of all series or of a class; `None` if there is nothing to score.
    pub fn score(&self, method: usize, class: Option<Class>) -> Option<Score> {
        self.score_of(method, class.map_or(Group::All, Group::Of))
    }

    /// The score of a method over a group; `None` if there is nothing to score.
    pub fn score_of(&self, method: usize, group: Group) -> Option<Score> {
        let cells = self.cells.iter().filter(|cell| cell.is_in(group));
        Score::of(cells.filter_map(|cell| cell.parts.get(method)?.as_ref()))
    }

    /// The scores over draws, with replacement, of a group's series, each with all its origins.
    pub fn resampled(&self, group: Group) -> Resampled {
        let mut of: std::collections::BTreeMap<usize, Vec<Option<Part>>> = Default::default();
        for cell in self.cells.iter().filter(|cell| cell.is_in(group)) {
            let sums = of.entry(cell.series).or_insert_with(|| vec![None; self.methods]);
            for (sum, part) in sums.iter_mut().zip(&cell.parts) {
                if let Some(part) = part {
                    sum.get_or_insert_default().add(part);
                }
            }
        }
        let series: Vec<Vec<Option<Part>>> = of.into_values().collect();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let draws = (0..if series.is_empty() { 0 } else { DRAWS }).map(|_| {
            let drawn: Vec<usize> =
                series.iter().map(|_| rng.random_range(0..series.len())).collect();
            let score = |method: usize| {
                Score::of(drawn.iter().filter_map(|&each| series[each][method].as_ref()))
            };
            (0..self.methods).map(score).collect()
        });
        Resampled { draws: draws.collect() }
    }
}

/// Every method's score in many draws of the series.
#[derive(Debug, Clone)]
pub struct Resampled {
    draws: Vec<Vec<Option<Score>>>,
}

impl Resampled {
    /// 95 % bootstrap interval of a measure of all methods' scores; `None` where a draw lacks it.
    pub fn interval(&self, measure: impl Fn(&[Option<Score>]) -> Option<f64>) -> Option<[f64; 2]> {
        let mut values: Vec<f64> =
            self.draws.iter().map(|scores| measure(scores)).collect::<Option<_>>()?;
        values.sort_by(f64::total_cmp);
        let cut = values.len() / 40;
        Some([*values.get(cut)?, *values.get(values.len().checked_sub(1 + cut)?)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel() -> Panel {
        let day = jiff::civil::date(2024, 1, 1);
        let series = (0..6).map(|item| {
            let demand = (0..120).map(|step| ((step * (item + 3)) % 7) as f32).collect();
            (format!("item {item}"), day, demand)
        });
        Panel::of_series(series).unwrap()
    }

    #[test]
    fn a_backtest_tells_how_far_it_is_and_ends_when_asked() {
        let (panel, plan) = (panel(), Backtest { origins: vec![64, 92], every: 1, horizon: 28 });
        let methods =
            [Simple::SeasonalNaive, Simple::Empirical].map(|each| Method::Simple(each, 2));
        let mut shares = Vec::new();
        backtest(&panel, &plan, &methods, &mut |share| {
            shares.push(share);
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(shares, [0.0, 0.25, 0.5, 0.75]);
        let ended = backtest(&panel, &plan, &methods, &mut |share| {
            if share < 0.5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        assert!(matches!(ended, Err(ModelError::Cancelled)));
    }

    #[test]
    fn an_interval_lies_around_its_measure() {
        let (panel, plan) = (panel(), Backtest { origins: vec![64, 92], every: 1, horizon: 28 });
        let methods = [Simple::Croston, Simple::Empirical].map(|each| Method::Simple(each, 1));
        let goes_on = &mut |_| ControlFlow::Continue(());
        let outcome = backtest(&panel, &plan, &methods, goes_on).unwrap();
        let wql = |scores: &[Option<Score>], method: usize| Some(scores[method].as_ref()?.wql[0]);
        let draws = outcome.resampled(Group::All);
        let [low, high] = draws.interval(|scores| wql(scores, 0)).unwrap();
        let own = outcome.score(0, None).unwrap();
        assert!(low < own.wql[0] && own.wql[0] < high, "{low} {} {high}", own.wql[0]);
        assert_eq!(own.parts, 12);
        assert_eq!(outcome.resampled(Group::New).interval(|scores| wql(scores, 0)), None);
    }
}
