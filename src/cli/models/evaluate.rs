//! `stockdeck evaluate`: what each method would have said, scored by what came.

use super::args::EvaluateArgs;
use super::progress::{Interrupted, Line};
use super::source::{self, Source};
use super::{PlaceArgs, forecast, refused, threads};
use crate::cli::args::Format;
use crate::cli::ask::print;
use crate::cli::format::{Cell, Grid};
use crate::demand::{Frequency, Items};
use crate::engine::api::Refusal;
use crate::model::Words;
use crate::model::evaluate::{
    Backtest, Group, Method, Outcome, Resampled, Score, Simple, backtest, origins_of,
};
use std::sync::Arc;

/// Origins that are played where nobody names any.
const ORIGINS: usize = 3;
/// Place of the seasonal naive among the methods; the category's mean is the last of them.
const NAIVE: usize = 1;

/// Plays the past and prints a row for every method, overall, by class, and for new series.
pub fn evaluate(place: &PlaceArgs, args: &EvaluateArgs) -> Result<(), Refusal> {
    let Source { panel, items: known, .. } = source::read(place, &args.panel)?;
    let model = source::model(place, &args.model, args.panel.panel.is_none())?;
    let read = args.items.as_deref().map(Items::read).transpose();
    let items = read.map_err(|error| Refusal::usage(error.to_string()))?.or(known);
    let horizon = args.horizon.map_or(panel.frequency.judged(), usize::from);
    let origins = if args.origins.is_empty() {
        origins_of(&panel, ORIGINS, horizon)
    } else {
        let origins = forecast::origins(&panel, &args.origins)?;
        for (known, date) in &origins {
            match panel.steps - known {
                0 => {
                    return Err(Refusal::usage(format!(
                        "--origins {date}: the panel ends there, and nothing after it can be scored"
                    )));
                }
                ahead if ahead < horizon => eprintln!(
                    "--origins {date}: only the {ahead} steps after it that the panel has are scored, \
                     of {horizon}"
                ),
                _ => {}
            }
        }
        origins.into_iter().map(|(known, _)| known).collect()
    };
    if origins.is_empty() {
        return Err(Refusal::usage(format!(
            "the panel is too short to play {horizon} steps of it"
        )));
    }
    let words = items.as_ref().map(|items| Arc::new(Words::of(&panel, items)));
    let alone = model.alone().filter(|_| panel.frequency != Frequency::Day);
    let mut named = vec![match &words {
        Some(words) => (model.name(), Method::Neighbours(&model, Arc::clone(words))),
        None => (model.name(), Method::Network(&model)),
    }];
    let simple = Simple::ALL.into_iter().filter(|simple| *simple != Simple::Ets || !args.no_ets);
    let cores = threads(args.model.threads);
    named.extend(simple.map(|simple| (simple.name(), Method::Simple(simple, cores))));
    named.extend(alone.as_ref().map(|alone| ("network alone", Method::Network(alone))));
    named.push((CATEGORY, Method::Category(items.as_ref())));
    let (names, methods): (Vec<&str>, Vec<Method<'_>>) = named.into_iter().unzip();
    let plan = Backtest { origins, every: 1, horizon };
    let (mut line, interrupted) = (Line::new(), Interrupted::watch()?);
    let outcome = backtest(&panel, &plan, &methods, &mut |share| {
        line.share("playing the past:", share);
        interrupted.flow()
    });
    line.clear();
    print(&grid(&outcome.map_err(refused)?, &names, args.format.format), args.format.format)?;
    if args.format.format == Format::Table {
        eprintln!("{LEGEND}");
    }
    Ok(())
}

/// What the columns mean.
const LEGEND: &str = "WQL: loss of the days' quantiles over demand, TQL: the same of the totals, both with \
    the ends of 95 % intervals over series; SQL, MASE: losses over a seasonal naive's in the past; \
    under 0.9: share of totals at or under that quantile; bias: of the totals over demand; value \
    added: share of the seasonal naive's WQL that is saved.";

/// What new series are held against.
const CATEGORY: &str = "category mean";

/// A method's score, and those that it is held against.
struct Beside<'a> {
    own: &'a Score,
    naive: Option<&'a Score>,
    category: Option<&'a Score>,
}

/// A measure of one method.
struct Column {
    name: &'static str,
    /// Whether a table on a terminal has room for it; files have all of them.
    short: bool,
    value: fn(&Beside<'_>) -> Option<f64>,
    /// Names of the ends of its 95 % bootstrap interval over series, where it comes with one.
    interval: Option<[&'static str; 2]>,
}

const fn wide(name: &'static str, value: fn(&Beside<'_>) -> Option<f64>) -> Column {
    Column { name, short: false, value, interval: None }
}

const fn short(name: &'static str, value: fn(&Beside<'_>) -> Option<f64>) -> Column {
    Column { short: true, ..wide(name, value) }
}

/// Losses over demand, scaled errors, shares under quantiles; value added is the share of the seasonal
/// naive's loss that a method saves.
const COLUMNS: [Column; 21] = [
    Column { interval: Some(["WQL low", "WQL high"]), ..short("WQL", |all| Some(all.own.wql[0])) },
    short("WQL 0.9", |all| Some(all.own.wql[1])),
    wide("WQL 0.95", |all| Some(all.own.wql[2])),
    Column { interval: Some(["TQL low", "TQL high"]), ..short("TQL", |all| Some(all.own.tql[0])) },
    short("TQL 0.9", |all| Some(all.own.tql[1])),
    wide("TQL 0.95", |all| Some(all.own.tql[2])),
    short("SQL", |all| all.own.sql),
    short("MASE", |all| Some(all.own.mase?[0])),
    wide("MASE of mean", |all| Some(all.own.mase?[1])),
    wide("RMSSE", |all| all.own.rmsse),
    wide("days within 0.1-0.9", |all| Some(all.own.coverage[0])),
    wide("days with demand within 0.1-0.9", |all| Some(all.own.open_coverage)),
    wide("days under 0.9", |all| Some(all.own.coverage[1])),
    wide("days under 0.95", |all| Some(all.own.coverage[2])),
    short("under 0.9", |all| Some(all.own.total_coverage[0])),
    wide("under 0.95", |all| Some(all.own.total_coverage[1])),
    wide("WAPE", |all| Some(all.own.wape)),
    short("bias", |all| Some(all.own.bias)),
    Column {
        interval: Some(["added low", "added high"]),
        ..short("value added", |all| Some(1.0 - all.own.wql[0] / all.naive?.wql[0]))
    },
    Column {
        interval: Some(["added to totals low", "added to totals high"]),
        ..wide("value added to totals", |all| Some(1.0 - all.own.tql[0] / all.naive?.tql[0]))
    },
    Column {
        interval: Some(["TQL less category's low", "TQL less category's high"]),
        ..wide("TQL less category's", |all| Some(all.own.tql[0] - all.category?.tql[0]))
    },
];

fn grid(outcome: &Outcome, names: &[&str], format: Format) -> Grid {
    let shown = |column: &&Column| column.short || format != Format::Table;
    let mut titles = vec!["demand", "method", "series x origins"];
    for column in COLUMNS.iter().filter(shown) {
        titles.push(column.name);
        titles.extend(column.interval.into_iter().flatten());
    }
    let mut grid = Grid::new(&titles);
    for group in Group::all() {
        let resampled = outcome.resampled(group);
        let scores: Vec<Option<Score>> =
            (0..names.len()).map(|method| outcome.score_of(method, group)).collect();
        for (method, name) in names.iter().enumerate() {
            // Of settled series a category's mean is not asked.
            let asked = *name != CATEGORY || group == Group::New;
            let Some(score) = scores[method].as_ref().filter(|_| asked) else { continue };
            let mut cells =
                vec![Cell::text(group.name()), Cell::text(name), Cell::number(score.parts)];
            for column in COLUMNS.iter().filter(shown) {
                cells.extend(column.cells(group, method, &scores, &resampled));
            }
            grid.push(cells);
        }
    }
    grid
}

impl Column {
    fn of(&self, group: Group, method: usize, scores: &[Option<Score>]) -> Option<f64> {
        let own = scores.get(method)?.as_ref()?;
        let naive = scores.get(NAIVE)?.as_ref();
        let category = scores.last()?.as_ref().filter(|_| group == Group::New);
        (self.value)(&Beside { own, naive, category })
    }

    fn cells(
        &self,
        group: Group,
        method: usize,
        scores: &[Option<Score>],
        draws: &Resampled,
    ) -> Vec<Cell> {
        let number = |value: f64| Cell::number(format!("{value:.4}"));
        let mut cells = vec![Cell::or_unknown(self.of(group, method, scores), number)];
        if self.interval.is_some() {
            let ends = draws.interval(|scores| self.of(group, method, scores));
            cells.extend(ends.map_or([Cell::Unknown, Cell::Unknown], |ends| ends.map(number)));
        }
        cells
    }
}
