//! `stockdeck models`: the store's versions.

use super::args::ModelsCommand;
use super::{PlaceArgs, refused, training};
use crate::cli::ask::{print, print_line};
use crate::cli::format::{Cell, Grid};
use crate::cli::place::{Intent, Place};
use crate::engine::api::{Refusal, TrainingFigures};
use crate::model::bolt::Bolt;
use crate::model::evaluate::Score;
use crate::model::registry::{Registry, Version, version_in};
use crate::model::{CONTEXT, Weights};
use std::path::Path;

/// Lists, shows, uses or compares.
pub fn models(place: &PlaceArgs, command: &ModelsCommand) -> Result<(), Refusal> {
    if let ModelsCommand::Show { name } = command
        && Path::new(name).is_dir()
    {
        return show_folder(name);
    }
    // A folder without a store yet has the shipped model.
    let registry = Registry::of(&Place::find(place, Intent::Open)?.data_dir);
    match command {
        ModelsCommand::List { format } => {
            let current = registry.current().map_err(refused)?;
            let mut grid = Grid::new(&[
                "model",
                "in use",
                "made at",
                "seen until",
                "WQL before",
                "WQL",
                "TQL before",
                "TQL",
            ]);
            for name in registry.names().map_err(refused)? {
                let version = registry.version(&name).map_err(refused)?;
                grid.push(row(&version, name == current));
            }
            print(&grid, format.format)
        }
        ModelsCommand::Show { name } => show(&registry.version(name).map_err(refused)?),
        ModelsCommand::Use { name } => {
            let before = registry.use_version(name).map_err(refused)?;
            print_line(&format!("{name} is in use; `stockdeck models use {before}` goes back"))
        }
        ModelsCommand::Training { start, cancel } => training::training(place, *start, *cancel),
        ModelsCommand::Diff { one, other } => {
            let one = registry.version(one).map_err(refused)?;
            let other = registry.version(other).map_err(refused)?;
            show(&one)?;
            print_line("")?;
            show(&other)?;
            let apart = Weights::distance(&one.weights, &other.weights).map_err(refused)?;
            print_line(&format!("\nweights apart: {:.2} % of their norm", 100.0 * apart))
        }
    }
}

fn show_folder(name: &str) -> Result<(), Refusal> {
    let folder = Path::new(name);
    if !Bolt::lies_in(folder) {
        return show(&version_in(name, folder).map_err(refused)?);
    }
    let bolt = Bolt::read(folder).map_err(refused)?;
    print_line(name)?;
    print_line(&format!("  network    Chronos-Bolt, {} parameters", bolt.parameters))?;
    let seen = bolt.context().min(CONTEXT);
    print_line(&format!("  sees       the last {seen} steps of demand alone"))?;
    print_line(
        "  answers    quantiles 0.1 to 0.9 of days; other levels and totals are extrapolated",
    )
}

fn row(version: &Version, current: bool) -> Vec<Cell> {
    let card = version.card.as_ref();
    let number = |value: f64| Cell::number(format!("{value:.4}"));
    let score = |of: fn(&Score) -> f64, which: usize| {
        Cell::or_unknown(card, |card| number(of(&card.test[which])))
    };
    vec![
        Cell::text(&version.name),
        Cell::Flag(current),
        Cell::or_unknown(card, |card| Cell::text(&card.made_at)),
        Cell::or_unknown(version.weights.origin.seen_until, Cell::text),
        score(|score| score.wql[0], 0),
        score(|score| score.wql[0], 1),
        score(|score| score.tql[0], 0),
        score(|score| score.tql[0], 1),
    ]
}

fn show(version: &Version) -> Result<(), Refusal> {
    let origin = &version.weights.origin;
    let fingerprint = version.weights.fingerprint().map_err(refused)?;
    print_line(&format!("{} ({fingerprint})", version.name))?;
    print_line(&format!(
        "  network    {}, {} parameters",
        origin.architecture,
        version.weights.count()
    ))?;
    let seen = origin.seen_until.map_or("no real demand".to_owned(), |date| date.to_string());
    print_line(&format!(
        "  trained    {} steps on {}, seen until {seen}",
        origin.steps, origin.data
    ))?;
    if let Some(parent) = &origin.parent {
        print_line(&format!("  from       {parent}"))?;
    }
    let Some(card) = &version.card else { return Ok(()) };
    print_line(&format!(
        "  made at    {}, on {} series x {} steps",
        card.made_at, card.panel.0, card.panel.1
    ))?;
    for (name, scores) in [("validation", &card.validation), ("test", &card.test)] {
        let figures = scores.each_ref().map(TrainingFigures::from);
        print_line(&format!("  {}", before_and_after(name, &figures)))?;
    }
    Ok(())
}

/// One line of how a training changed a window's scores.
pub(super) fn before_and_after(name: &str, [before, after]: &[TrainingFigures; 2]) -> String {
    format!(
        "{name:<10} WQL {:.4} -> {:.4}, TQL {:.4} -> {:.4}, bias of totals {:+.1} % -> {:+.1} %",
        before.wql,
        after.wql,
        before.tql,
        after.tql,
        100.0 * before.bias,
        100.0 * after.bias
    )
}
