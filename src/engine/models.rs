//! The store's models as screens see them: what each is, and which is in use.

use super::api::{Judged, Judgement, ModelAbout, ModelKind, ModelVersion, Outcome, Refusal};
use super::house::House;
use crate::domain::{Actor, Day, Decision};
use crate::model::ModelError;
use crate::model::evaluate::Score;
use crate::model::registry::{Registry, Stamp, Stored, Version};
use std::collections::BTreeMap;

/// What a version is, or why it cannot be used.
type About = Result<ModelAbout, Box<str>>;

/// What is known of versions by name, for as long as their files stay as they were: reading a model to
/// tell what it is takes long.
#[derive(Debug, Default)]
pub struct Shelf(BTreeMap<String, (Stamp, About)>);

impl From<ModelError> for Refusal {
    fn from(error: ModelError) -> Self {
        Refusal::failed(error.to_string())
    }
}

impl House {
    /// All versions, and which is in use.
    pub fn versions(&self) -> Result<Vec<ModelVersion>, Refusal> {
        let registry = Registry::of(&self.data_dir);
        let current = registry.current()?;
        let mut versions = Vec::new();
        for name in registry.names()? {
            let about = self.about(&registry, &name);
            versions.push(ModelVersion { in_use: name == current, name: name.into(), about });
        }
        if !versions.iter().any(|version| version.in_use) {
            let about = Err("it is in use, and not there: its folder was taken away".into());
            versions.push(ModelVersion { in_use: true, name: current.into(), about });
        }
        name_parents(&mut versions);
        Ok(versions)
    }

    fn about(&self, registry: &Registry, name: &str) -> About {
        let stamp = registry.stamp(name);
        let known = self.shelf.lock().0.get(name).filter(|(of, _)| *of == stamp).cloned();
        if let Some((_, about)) = known {
            return about;
        }
        let about = registry.version(name).and_then(|version| about(&version));
        let about = about.map_err(|error| error.to_string().into());
        self.shelf.lock().0.insert(name.to_owned(), (stamp, about.clone()));
        about
    }

    /// Forecasts with a version from now on, as somebody decides; the journal keeps who and why.
    pub fn use_model(&self, actor: Actor, name: &str, why: &str) -> Result<Outcome, Refusal> {
        let before = Registry::of(&self.data_dir).current()?;
        let decision = Decision::UseModel { version: name.to_owned(), before: String::new() };
        self.decide(actor, decision, why)?;
        Ok(Outcome::ModelInUse(before.into()))
    }

    /// Does what a decision about models means. It was checked that the version is whole; one that is
    /// not there any more when a store is made again is left out.
    pub(super) fn put_in_use(&self, version: &str) {
        if let Err(error) = Registry::of(&self.data_dir).use_version(version) {
            tracing::warn!(%error, version, "a model that was decided for is not used");
        }
        self.forecast_bell.look();
    }
}

fn about(version: &Version) -> Result<ModelAbout, ModelError> {
    let kind = match &version.model {
        Stored::Own(weights) => {
            let origin = &weights.origin;
            ModelKind::Own {
                data: origin.data.as_str().into(),
                seen_until: origin.seen_until.map(Day::from_civil),
                steps: origin.steps,
                parent: origin.parent.as_deref().map(Into::into),
            }
        }
        Stored::Bolt(bolt) => ModelKind::Bolt { sees: bolt.context() as u64 },
    };
    let judgement =
        |score: &Score| Judgement { wql: score.wql[0], tql: score.tql[0], bias: score.bias };
    Ok(ModelAbout {
        kind,
        fingerprint: version.fingerprint()?.into(),
        parameters: version.parameters() as u64,
        judged: version.card.as_ref().map(|card| Judged {
            made_at: card.made_at.as_str().into(),
            panel: (card.panel.0 as u64, card.panel.1 as u64),
            best_step: card.best_step,
            validation: card.validation.each_ref().map(judgement),
            test: card.test.as_ref().map(|test| test.each_ref().map(judgement)),
        }),
    })
}

/// Weights know those they were trained from by fingerprint; people know them by name.
fn name_parents(versions: &mut [ModelVersion]) {
    let names: BTreeMap<Box<str>, Box<str>> = versions
        .iter()
        .filter_map(|version| {
            Some((version.about.as_ref().ok()?.fingerprint.clone(), version.name.clone()))
        })
        .collect();
    for version in versions {
        if let Ok(ModelAbout { kind: ModelKind::Own { parent: Some(parent), .. }, .. }) =
            &mut version.about
            && let Some(name) = names.get(&*parent)
        {
            *parent = name.clone();
        }
    }
}
