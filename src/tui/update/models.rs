//! Which model forecasts: choosing one, going back, and all that is known of one.

use super::super::event::Effect;
use super::super::layers::{Confirm, Layer, Why, WhyLine};
use super::super::screens::LEGEND;
use super::super::state::{Body, State};
use super::super::words;
use super::why::{note, step};
use super::{desk, push};
use crate::domain::{Decision, Timestamp};
use crate::engine::api::{
    Action, FlagLearning, Judged, ModelKind, ModelVersion, ModelsReport, Scoring,
};

fn report(state: &State) -> Option<(&ModelsReport, usize)> {
    match &state.page().body {
        Body::Models(panel, _) => panel.data.as_ref().map(|report| (report, panel.cursor)),
        _ => None,
    }
}

/// The selected version.
fn selected(state: &State) -> Option<&ModelVersion> {
    let (report, cursor) = report(state)?;
    report.versions.get(cursor.min(report.versions.len().saturating_sub(1)))
}

/// The selected version, if it can be used and is not in use.
pub fn chosen(state: &State) -> Option<&ModelVersion> {
    selected(state).filter(|version| !version.in_use && version.about.is_ok())
}

/// The version to roll back to.
pub fn before(state: &State) -> Option<&ModelVersion> {
    let (report, _) = report(state)?;
    let before = report.before.as_deref()?;
    let known = report.versions.iter().find(|version| *version.name == *before)?;
    (!known.in_use && known.about.is_ok()).then_some(known)
}

/// Asks before the selected version, or the one named, is used.
pub fn use_it(state: &mut State, name: &str) -> Result<(), String> {
    let (report, _) = report(state).ok_or("The models are not known yet.")?;
    let version = match name.trim() {
        "" => selected(state).ok_or("There is no model to use.")?,
        name => {
            let known = report.versions.iter().find(|version| *version.name == *name);
            known.ok_or_else(|| {
                let names: Vec<_> = report.versions.iter().map(|version| &*version.name).collect();
                format!("There is no model `{name}`; there are {}.", names.join(", "))
            })?
        }
    };
    if version.in_use {
        return Err(format!("{} is in use already.", version.name));
    }
    if let Err(reason) = &version.about {
        return Err(format!("{} cannot be used: {reason}.", version.name));
    }
    let name = version.name.clone();
    let sentence =
        format!("Forecast with {name} from now on: all forecasts are made anew in the background.");
    confirm(state, sentence, name);
    Ok(())
}

/// Asks before going back to the version used before.
pub fn use_before(state: &mut State) -> Result<(), String> {
    let name = before(state).ok_or("No other model was in use before.")?.name.clone();
    let sentence = format!("Roll back to {name}, which was in use before.");
    confirm(state, sentence, name);
    Ok(())
}

fn learning(state: &State) -> Option<&FlagLearning> {
    match &state.page().body {
        Body::Models(_, learning) => learning.data.as_ref(),
        _ => None,
    }
}

/// The version of the network of flags to roll back to.
pub fn flags_before(state: &State) -> Option<u32> {
    let learning = learning(state)?;
    let before = learning.before?;
    learning.versions.iter().any(|one| one.version == before && !one.in_use).then_some(before)
}

/// Asks before going back to the network that scored orders before.
pub fn use_flags_before(state: &mut State) -> Result<(), String> {
    let version = flags_before(state).ok_or("No other network scored orders before.")?;
    let before = match learning(state).map(|told| told.scoring) {
        Some(Scoring::Network(now)) => now,
        _ => 0,
    };
    let sentence = format!(
        "Roll flags back to network {version}: orders that come from now on are scored by it."
    );
    let decision = Decision::UseFlagModel { version, before };
    let saw = format!("network {before} in use");
    let actions = vec![Action::Decide { decision, saw }];
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "Another network scores" }));
    Ok(())
}

/// Learns from what was decided about orders, in the background.
pub fn learn_flags(state: &mut State) -> Vec<Effect> {
    desk::act(state, vec![Action::LearnFlags], "Learnt")
}

fn confirm(state: &mut State, sentence: String, name: Box<str>) {
    let actions = vec![Action::UseModel(name)];
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "Another model is in use." }));
}

/// All that is known of the selected version.
pub fn details(state: &State) -> Option<Why> {
    let version = selected(state)?;
    let title = version.name.to_string();
    let about = match &version.about {
        Ok(about) => about,
        Err(reason) => {
            return Some(Why {
                title,
                lines: vec![note(format!("It cannot be used: {reason}"))],
                top: 0,
            });
        }
    };
    let parameters = words::count(about.parameters);
    let mut lines = vec![step("network", parameters, format!("parameters, {}", about.kind.name()))];
    lines.push(note(format!("fingerprint {}", about.fingerprint)));
    match &about.kind {
        ModelKind::Own { data, seen_until, steps, parent } => {
            lines.push(step("trained", words::count(*steps), format!("steps on {data}")));
            lines.push(note(match seen_until {
                Some(day) => format!("saw real demand up to {}", words::full_date(*day)),
                None => "saw no real demand".to_owned(),
            }));
            lines.extend(parent.as_ref().map(|parent| note(format!("trained further from {parent}"))));
        }
        ModelKind::Bolt { sees } => lines.push(note(format!(
            "a model of others: it looks at the last {} days of demand alone, says quantiles 0.1 to 0.9 \
             of days, and is used as it is; other levels and totals follow by stated rules",
            words::count(*sees)
        ))),
    }
    if let Some(judged) = &about.judged {
        lines.extend(judgement(state, judged));
    }
    lines.extend(LEGEND.map(note));
    Some(Why { title, lines, top: 0 })
}

fn judgement(state: &State, judged: &Judged) -> Vec<WhyLine> {
    let (series, steps) = judged.panel;
    let mut lines = vec![note(format!(
        "made {}, on {} series of {} days, best after {} steps",
        made_at(state, judged),
        words::count(series),
        words::count(steps),
        words::count(judged.best_step)
    ))];
    let test = judged.test.as_ref().map(|test| ("test", test));
    for (name, [before, after]) in [("validation", &judged.validation)].into_iter().chain(test) {
        let changed = |was: f64, is: f64| format!("{is:.4} ({was:.4} before)");
        lines.push(step(
            name,
            format!("WQL {:.4}", after.wql),
            format!(
                "{:.4} before; TQL {}; bias of totals {:+.1} % ({:+.1} % before)",
                before.wql,
                changed(before.tql, after.tql),
                100.0 * after.bias,
                100.0 * before.bias
            ),
        ));
    }
    lines.push(note(match judged.test {
        Some(_) => "Validation decided whether it was taken; the test days after it were not looked at until then.",
        None => "Validation decided whether it was taken: the days of a shift in demand, with none left for a test.",
    }));
    lines
}

/// When a version was made, in the store's zone.
fn made_at(state: &State, judged: &Judged) -> String {
    match Timestamp::parse(&judged.made_at, &state.zone) {
        Some(at) => words::exact(at, &state.zone),
        None => judged.made_at.to_string(),
    }
}
