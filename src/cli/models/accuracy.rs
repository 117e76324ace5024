//! `stockdeck models accuracy`: how well the store's forecasts were, week after week.

use super::PlaceArgs;
use crate::cli::args::Format;
use crate::cli::ask::{odd_answer, print};
use crate::cli::block_on;
use crate::cli::format::{Cell, Grid};
use crate::cli::place::{Intent, Place};
use crate::domain::Day;
use crate::engine::api::{Answer, ClassAccuracy, ModelAccuracy, ModelsReport, Query, Refusal};
use crate::insight::accuracy::{Figures, Made};
use crate::owner::client::Client;
use crate::owner::wire::What;

/// Prints it: a row for each model and class over all weeks, or for each week too.
pub fn accuracy(place: &PlaceArgs, by_week: bool, format: Format) -> Result<(), Refusal> {
    let place = Place::find(place, Intent::Ask)?;
    let report = block_on(report(&place))??;
    let mut grid = Grid::new(&[
        "model",
        "made",
        "demand",
        "week",
        "days",
        "WQL",
        "naive WQL",
        "days under q0.9",
        "days under q0.95",
        "totals to",
        "totals",
        "TQL",
        "totals under q0.9",
        "totals under q0.95",
        "bias",
    ]);
    for model in &report.accuracy {
        for class in &model.classes {
            let weeks = class.weeks.iter().filter(|_| by_week);
            let weeks = weeks.map(|(week, figures)| (Some(*week), figures));
            for (week, figures) in weeks.chain((!by_week).then_some((None, &class.overall))) {
                grid.push(row(model, class, week, figures));
            }
        }
    }
    print(&grid, format)
}

async fn report(place: &Place) -> Result<Box<ModelsReport>, Refusal> {
    let start = place.start_options();
    let mut client = Client::attach_or_start(&place.data_dir, &start, What::Script).await?;
    match client.ask(Query::Models).await? {
        Answer::Models(report) => Ok(report),
        _ => Err(odd_answer()),
    }
}

fn row(
    model: &ModelAccuracy,
    class: &ClassAccuracy,
    week: Option<Day>,
    figures: &Figures,
) -> Vec<Cell> {
    let number = |value: f32| Cell::number(format!("{value:.4}"));
    let total = figures.furthest();
    let of = |figure: fn(&crate::insight::accuracy::TotalFigures) -> f32| {
        Cell::or_unknown(total, |(_, total)| number(figure(total)))
    };
    let weeks = Cell::text(format!("all {}", model.weeks));
    vec![
        Cell::text(&model.model),
        Cell::text(match model.made {
            Made::Before => "issued",
            Made::Afterwards => "afterwards",
        }),
        Cell::text(class.class.map_or("all", |class| class.name())),
        week.map_or(weeks, Cell::text),
        Cell::number(figures.days),
        Cell::or_unknown(figures.wql, number),
        Cell::or_unknown(figures.naive, number),
        Cell::or_unknown(figures.under, |under| number(under[0])),
        Cell::or_unknown(figures.under, |under| number(under[1])),
        Cell::or_unknown(total, |(days, _)| Cell::number(days)),
        Cell::or_unknown(total, |(_, total)| Cell::number(total.count)),
        of(|total| total.tql),
        of(|total| total.under[0]),
        of(|total| total.under[1]),
        of(|total| total.bias),
    ]
}
