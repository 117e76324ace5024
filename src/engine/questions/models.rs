//! The models and how well they forecast.

use crate::domain::Day;
use crate::engine::api::{ClassAccuracy, ModelAccuracy, ModelsReport, Refusal};
use crate::engine::house::House;
use crate::insight::accuracy::{Cell, Made, Sums};
use crate::insight::forecast::ModelMark;
use crate::model::evaluate::Class;
use crate::model::registry::Registry;
use std::collections::BTreeMap;

/// Weeks that are told of.
const WEEKS: usize = 52;

/// The models and how well they forecast.
pub fn models(house: &House) -> Result<ModelsReport, Refusal> {
    let registry = Registry::of(&house.data_dir);
    let versions = house.versions()?;
    let used = versions.iter().find(|version| version.in_use);
    let used = used.and_then(|version| Some(version.about.as_ref().ok()?.fingerprint.clone()));
    let forecasts = {
        let book = house.forecasts.read();
        // Until the thread that forecasts has heard of another model, the book goes by the one before.
        let current = book.iter().filter(|(series, ahead)| {
            !book.is_old(series, ahead) && Some(&ahead.model.fingerprint) == used.as_ref()
        });
        (current.count() as u64, book.len() as u64)
    };
    let mut accuracy: Vec<ModelAccuracy> = {
        let book = house.accuracy.read();
        let of = |(model, cells): (&ModelMark, &BTreeMap<Cell, Sums>)| {
            [Made::Before, Made::Afterwards]
                .into_iter()
                .filter_map(|made| accuracy(model, cells, made))
                .collect::<Vec<_>>()
        };
        book.models().flat_map(of).collect()
    };
    accuracy.sort_by_key(|model| (Some(&model.fingerprint) != used.as_ref(), model.model.clone()));
    Ok(ModelsReport {
        before: registry.before()?.map(Into::into),
        foreign: registry.foreign()?.into_iter().map(Into::into).collect(),
        versions,
        forecasts,
        training: house.trainings.told(house.clock.now()),
        accuracy,
    })
}

fn accuracy(model: &ModelMark, cells: &BTreeMap<Cell, Sums>, made: Made) -> Option<ModelAccuracy> {
    let mut weeks: BTreeMap<Option<Class>, BTreeMap<Day, Sums>> = BTreeMap::new();
    for (cell, sums) in cells.iter().filter(|(cell, sums)| cell.made == made && !sums.is_empty()) {
        for class in [None, Some(cell.class)] {
            weeks.entry(class).or_default().entry(cell.week).or_default().add(sums);
        }
    }
    let first = *weeks.get(&None)?.keys().rev().take(WEEKS).next_back()?;
    let classes = weeks.iter_mut().filter_map(|(class, weeks)| {
        let weeks = weeks.split_off(&first);
        let mut overall = Sums::default();
        weeks.values().for_each(|sums| overall.add(sums));
        let weeks: Vec<_> = weeks.iter().map(|(week, sums)| (*week, sums.figures())).collect();
        (!weeks.is_empty()).then(|| ClassAccuracy {
            class: *class,
            overall: overall.figures(),
            weeks,
        })
    });
    let classes: Vec<ClassAccuracy> = classes.collect();
    Some(ModelAccuracy {
        model: model.name.clone(),
        fingerprint: model.fingerprint.clone(),
        made,
        weeks: classes.first()?.weeks.len() as u32,
        classes,
    })
}
