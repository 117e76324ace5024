//! `stockdeck models`: the store's versions.

use super::args::ModelsCommand;
use super::{PlaceArgs, refused, training};
use crate::cli::ask::{print, print_line};
use crate::cli::format::{Cell, Grid};
use crate::cli::place::{Intent, Place};
use crate::cli::{attach, block_on};
use crate::engine::api::{Action, Refusal, TrainingFigures, TrainingScores};
use crate::model::bolt::Bolt;
use crate::model::evaluate::Score;
use crate::model::registry::{Registry, Stored, Version, version_in};
use crate::model::{CONTEXT, Weights};
use std::path::Path;

/// What to do about a model that is damaged.
pub const MEND: &str = "put its files back from a copy, or `stockdeck models use shipped`";

/// Lists, shows, uses or compares.
pub fn models(place: &PlaceArgs, command: &ModelsCommand) -> Result<(), Refusal> {
    // A model in a folder is shown wherever that lies, without any store.
    if let ModelsCommand::Show { name } = command
        && name.contains('/')
        && Path::new(name).is_dir()
    {
        return show(&version_in(name, Path::new(name)).map_err(refused)?);
    }
    // A folder without a store yet has the shipped model.
    let store = Place::find(place, Intent::Open)?;
    let registry = Registry::of(&store.data_dir);
    match command {
        ModelsCommand::List { format } => {
            let current = registry.current().map_err(refused)?;
            let mut grid = Grid::new(&[
                "model",
                "in use",
                "kind",
                "made at",
                "seen until",
                "test WQL before",
                "test WQL",
                "test TQL before",
                "test TQL",
            ]);
            let mut odd = Vec::new();
            let mut names = registry.names().map_err(refused)?;
            if !names.contains(&current) {
                names.push(current.clone());
            }
            for name in names {
                match registry.version(&name) {
                    Ok(version) => grid.push(row(&version, name == current)),
                    Err(error) => {
                        grid.push(broken(&name, name == current));
                        odd.push(format!("{name} cannot be used: {error}; {MEND}"));
                    }
                }
            }
            let foreign = registry.foreign().map_err(refused)?;
            odd.extend(
                foreign.into_iter().map(|name| format!("{name} is no model, and is left alone")),
            );
            print(&grid, format.format)?;
            odd.iter().for_each(|line| eprintln!("{line}"));
            Ok(())
        }
        ModelsCommand::Accuracy { by_week, format } => {
            super::accuracy::accuracy(place, *by_week, format.format)
        }
        ModelsCommand::Add { folder, name } => add(&registry, folder, name.as_deref()),
        ModelsCommand::Show { name } => shown(&registry, name),
        ModelsCommand::Back => {
            let before = registry.before().map_err(refused)?.ok_or_else(|| {
                Refusal::usage("no other model was in use before; `stockdeck models use NAME` does")
            })?;
            use_version(&store, &registry, &before)?;
            print_line(&format!("{before} is in use again"))
        }
        ModelsCommand::Use { name } => {
            let before = registry.current().map_err(refused)?;
            if before == *name {
                return print_line(&format!("{name} is in use already"));
            }
            use_version(&store, &registry, name)?;
            print_line(&format!("{name} is in use; `stockdeck models use {before}` goes back"))
        }
        ModelsCommand::Training { start, cancel } => training::training(place, *start, *cancel),
        ModelsCommand::Diff { one, other } => {
            let one = registry.version(one).map_err(refused)?;
            let other = registry.version(other).map_err(refused)?;
            show(&one)?;
            print_line("")?;
            show(&other)?;
            let (one, other) = (one.weights().map_err(refused)?, other.weights().map_err(refused)?);
            let apart = Weights::distance(one, other).map_err(refused)?;
            print_line(&format!("\nweights apart: {:.2} % of their norm", 100.0 * apart))
        }
    }
}

/// Has a store use a version; its owner keeps in the journal who decided that. In a folder without a
/// store yet there is no journal, and nothing is forecast.
fn use_version(store: &Place, registry: &Registry, name: &str) -> Result<(), Refusal> {
    if store.new {
        return registry.use_version(name).map(drop).map_err(refused);
    }
    block_on(async {
        let mut client = attach(store).await?;
        let action = Action::UseModel(name.into());
        client.act(action, |_| {}, std::future::pending()).await?;
        Ok(())
    })?
}

/// Shows a version of the store, or a model in a folder of that name where the store has none.
fn shown(registry: &Registry, name: &str) -> Result<(), Refusal> {
    let known = registry.names().map_err(refused)?.iter().any(|known| known == name);
    let folder = Path::new(name);
    if !known && folder.is_dir() {
        return show(&version_in(name, folder).map_err(refused)?);
    }
    let version = registry.version(name).map_err(|error| match known {
        true => Refusal::failed(format!("BAD: {name} cannot be used: {error}; {MEND}")),
        false => refused(error),
    });
    show(&version?)
}

fn add(registry: &Registry, folder: &Path, name: Option<&str>) -> Result<(), Refusal> {
    let own = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.map(str::to_owned).or(own).ok_or_else(|| {
        Refusal::usage(format!("{} has no name; give one with --name", folder.display()))
    })?;
    let version = registry.add(folder, &name).map_err(refused)?;
    show(&version)?;
    print_line(&format!("{name} is added; `stockdeck models use {name}` uses it from now on"))
}

fn show_bolt(version: &Version, bolt: &Bolt) -> Result<(), Refusal> {
    print_line(&format!("{} ({})", version.name, bolt.fingerprint))?;
    print_line(&format!("  network    Chronos-Bolt, {} parameters", bolt.parameters))?;
    let seen = bolt.context().min(CONTEXT);
    print_line(&format!("  sees       the last {seen} steps of demand alone"))?;
    print_line(
        "  answers    quantiles 0.1 to 0.9 of days; other levels and totals are extrapolated",
    )
}

fn broken(name: &str, current: bool) -> Vec<Cell> {
    let known = [Cell::text(name), Cell::Flag(current), Cell::text("broken")];
    known.into_iter().chain((0..6).map(|_| Cell::Unknown)).collect()
}

fn row(version: &Version, current: bool) -> Vec<Cell> {
    let card = version.card.as_ref();
    let (what, seen_until) = match &version.model {
        Stored::Own(weights) => ("own network", weights.origin.seen_until),
        Stored::Bolt(_) => ("Chronos-Bolt", None),
    };
    let number = |value: f64| Cell::number(format!("{value:.4}"));
    let score = |of: fn(&Score) -> f64, which: usize| {
        Cell::or_unknown(card.and_then(|card| card.test), |test| number(of(&test[which])))
    };
    vec![
        Cell::text(&version.name),
        Cell::Flag(current),
        Cell::text(what),
        Cell::or_unknown(card, |card| Cell::text(&card.made_at)),
        Cell::or_unknown(seen_until, Cell::text),
        score(|score| score.wql[0], 0),
        score(|score| score.wql[0], 1),
        score(|score| score.tql[0], 0),
        score(|score| score.tql[0], 1),
    ]
}

fn show(version: &Version) -> Result<(), Refusal> {
    let weights = match &version.model {
        Stored::Own(weights) => weights,
        Stored::Bolt(bolt) => return show_bolt(version, bolt),
    };
    let origin = &weights.origin;
    let fingerprint = weights.fingerprint().map_err(refused)?;
    print_line(&format!("{} ({fingerprint})", version.name))?;
    print_line(&format!("  network    {}, {} parameters", origin.architecture, weights.count()))?;
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
    judged_lines(&TrainingScores::from(card))
        .iter()
        .try_for_each(|line| print_line(&format!("  {line}")))
}

/// How a training was judged, a line for each window.
pub(super) fn judged_lines(judged: &TrainingScores) -> [String; 2] {
    let test = match &judged.test {
        Some(test) => before_and_after("test", test),
        None => "test       none: validation is the days of a shift in demand, up to the last"
            .to_owned(),
    };
    [before_and_after("validation", &judged.validation), test]
}

/// One line of how a training changed a window's scores.
fn before_and_after(name: &str, [before, after]: &[TrainingFigures; 2]) -> String {
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
