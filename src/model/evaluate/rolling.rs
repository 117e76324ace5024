//! What each method would have said at past origins, scored by what came.

use super::class::Class;
use super::score::{Part, Score};
use super::simple::Simple;
use crate::demand::Panel;
use crate::model::{DemandModel, HORIZON, ModelError, Quantiles, ShopAt, Window};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::ops::ControlFlow;

/// Draws of a bootstrap interval.
const DRAWS: usize = 400;

/// What answers.
#[derive(Debug, Clone, Copy)]
pub enum Method<'a> {
    /// A network.
    Network(&'a DemandModel),
    /// A simple method.
    Simple(Simple),
}

impl Method<'_> {
    /// Its answers for windows.
    pub fn forecast(&self, windows: &[Window]) -> Result<Vec<Quantiles>, ModelError> {
        match self {
            Self::Network(network) => network.forecast(windows),
            Self::Simple(simple) => {
                Ok(windows.iter().map(|window| simple.forecast(window)).collect())
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

/// One series at one origin: its class there, and each method's part.
#[derive(Debug, Clone)]
struct Cell {
    series: usize,
    class: Option<Class>,
    parts: Vec<Part>,
}

/// What came of a backtest.
#[derive(Debug, Clone)]
pub struct Outcome {
    cells: Vec<Cell>,
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
    let mut cells = Vec::new();
    for (done, &known) in plan.origins.iter().enumerate() {
        let shop = ShopAt::of(panel, known);
        let series: Vec<usize> = (0..panel.series.len()).step_by(plan.every.max(1)).collect();
        for (part, some) in series.chunks(256).enumerate() {
            let share = (part * 256) as f32 / series.len().max(1) as f32;
            if tell((done as f32 + share) / plan.origins.len() as f32).is_break() {
                return Err(ModelError::Cancelled);
            }
            cells.extend(cells_of(panel, &shop, some, methods, plan.horizon.clamp(1, HORIZON))?);
        }
    }
    Ok(Outcome { cells })
}

fn cells_of(
    panel: &Panel,
    shop: &ShopAt,
    series: &[usize],
    methods: &[Method<'_>],
    horizon: usize,
) -> Result<Vec<Cell>, ModelError> {
    let (mut windows, mut of) = (Vec::new(), Vec::new());
    for &series in series {
        if let Some(window) = shop.window(panel, series) {
            windows.push(window);
            of.push(series);
        }
    }
    let mut cells: Vec<Cell> = of
        .iter()
        .map(|&series| Cell {
            series,
            class: Class::of(&panel.demand[series][..shop.known]),
            parts: Vec::with_capacity(methods.len()),
        })
        .collect();
    for method in methods {
        for (cell, answer) in cells.iter_mut().zip(method.forecast(&windows)?) {
            let demand = &panel.demand[cell.series];
            let to = (shop.known + horizon).min(demand.len());
            let (history, ahead) = (&demand[..shop.known], &demand[shop.known..to]);
            cell.parts.push(Part::of(&answer, ahead, history, panel.frequency.season()));
        }
    }
    Ok(cells)
}

impl Outcome {
    /// The score of a method, of all series or of a class; `None` if there is nothing to score.
    pub fn score(&self, method: usize, class: Option<Class>) -> Option<Score> {
        let wanted = |cell: &&Cell| class.is_none() || cell.class == class;
        Score::of(self.cells.iter().filter(wanted).filter_map(|cell| cell.parts.get(method)))
    }

    /// 95 % bootstrap interval over series of a measure's difference between two methods, or of one
    /// method alone where `against` is `None`.
    pub fn interval(
        &self,
        method: usize,
        against: Option<usize>,
        measure: impl Fn(&Score) -> f64,
    ) -> Option<[f64; 2]> {
        let count = self.cells.iter().map(|cell| cell.series).max()? + 1;
        let mut of: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (place, cell) in self.cells.iter().enumerate() {
            of[cell.series].push(place);
        }
        of.retain(|places| !places.is_empty());
        let mut draws = ChaCha8Rng::seed_from_u64(1);
        let mut values = Vec::with_capacity(DRAWS);
        for _ in 0..DRAWS {
            let drawn: Vec<usize> = (0..of.len())
                .flat_map(|_| of[draws.random_range(0..of.len())].iter().copied())
                .collect();
            let score = |method: usize| {
                Score::of(drawn.iter().filter_map(|&place| self.cells[place].parts.get(method)))
            };
            let value = measure(&score(method)?);
            values.push(match against {
                Some(other) => value - measure(&score(other)?),
                None => value,
            });
        }
        values.sort_by(f64::total_cmp);
        Some([values[DRAWS / 40], values[DRAWS - 1 - DRAWS / 40]])
    }
}
