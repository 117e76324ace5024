//! `stockdeck evaluate`: what each method would have said, scored by what came.

use super::args::EvaluateArgs;
use super::{PlaceArgs, forecast, refused, source};
use crate::cli::ask::print;
use crate::cli::format::{Cell, Grid};
use crate::engine::api::Refusal;
use crate::model::evaluate::{Backtest, Class, Method, Score, Simple, backtest, origins_of};
use std::ops::ControlFlow;

/// Origins that are played where nobody names any.
const ORIGINS: usize = 3;

/// Plays the past and prints a row for every method, overall and by class.
pub fn evaluate(place: &PlaceArgs, args: &EvaluateArgs) -> Result<(), Refusal> {
    let panel = source::panel(place, &args.panel)?;
    let model = source::model(place, &args.model, args.panel.panel.is_none())?;
    let horizon = args.horizon.map_or(panel.frequency.judged(), usize::from);
    let origins = if args.origins.is_empty() {
        origins_of(&panel, ORIGINS, horizon)
    } else {
        forecast::origins(&panel, &args.origins)?.into_iter().map(|(known, _)| known).collect()
    };
    if origins.is_empty() {
        return Err(Refusal::usage(format!(
            "the panel is too short to play {horizon} steps of it"
        )));
    }
    let mut methods = vec![Method::Network(&model)];
    methods.extend(Simple::ALL.map(Method::Simple));
    let plan = Backtest { origins, every: 1, horizon };
    let outcome =
        backtest(&panel, &plan, &methods, &mut |_| ControlFlow::Continue(())).map_err(refused)?;
    let mut grid = Grid::new(&[
        "demand",
        "method",
        "series",
        "WQL",
        "WQL low",
        "WQL high",
        "WQL 0.9",
        "TQL",
        "TQL 0.9",
        "SQL",
        "MASE",
        "RMSSE",
        "under 0.9",
        "bias",
        "value added",
    ]);
    for class in std::iter::once(None).chain(Class::ALL.map(Some)) {
        let naive = outcome.score(1, class);
        for place in 0..methods.len() {
            let Some(score) = outcome.score(place, class) else { continue };
            let name = if place == 0 { model.name() } else { Simple::ALL[place - 1].name() };
            let interval = match class {
                None => outcome.interval(place, None, |score| score.wql[0]),
                Some(_) => None,
            };
            grid.push(row(class, name, &score, interval, naive.as_ref()));
        }
    }
    print(&grid, args.format.format)
}

fn row(
    class: Option<Class>,
    name: &str,
    score: &Score,
    interval: Option<[f64; 2]>,
    naive: Option<&Score>,
) -> Vec<Cell> {
    let number = |value: f64| Cell::number(format!("{value:.4}"));
    let [low, high] = interval.map_or([Cell::Unknown, Cell::Unknown], |ends| ends.map(number));
    let added = naive.map(|naive| 1.0 - score.wql[0] / naive.wql[0]);
    vec![
        Cell::text(class.map_or("all", Class::name)),
        Cell::text(name),
        Cell::number(score.parts),
        number(score.wql[0]),
        low,
        high,
        number(score.wql[1]),
        number(score.tql[0]),
        number(score.tql[1]),
        number(score.sql),
        number(score.mase[0]),
        number(score.rmsse),
        number(score.total_coverage[0]),
        number(score.bias),
        Cell::or_unknown(added, number),
    ]
}
