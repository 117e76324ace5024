//! When a training is due.

use super::*;
use crate::config::Every;
use crate::domain::{Span, Zone};
use crate::insight::drift::Group;

const NOW: Timestamp = Timestamp::from_millis(1_700_049_600_000);

/// Trainings of a folder in which demand has shifted.
fn shifted(folder: &Path) -> (Trainings, Drift) {
    let trainings = Trainings::of(folder);
    let retraining = Retraining { every: Every::Never, on_drift: true };
    trainings.set_up(retraining, Some("stockdeck".into()));
    let found = NOW.day(&Zone::utc());
    let drift = Drift { group: Group::Shop, change: 0.5, since: found.plus(-12), found };
    trainings.watched(found, Some(drift.clone()));
    (trainings, drift)
}

fn ended(trainings: &Trainings, why: &Why, result: TrainingResult) {
    let run = TrainingRun {
        work: 1,
        why: why.clone(),
        base: SHIPPED.into(),
        since: NOW,
        panel: None,
        at: None,
        seconds: 0.0,
        left_s: None,
    };
    trainings.begin(&Due::by_itself(why.clone()), run).unwrap();
    trainings.over(NOW, result).unwrap();
}

fn due_at(trainings: &Trainings, now: Timestamp) -> Option<Why> {
    trainings.due_at(now).map(|due| due.why)
}

#[test]
fn a_shift_is_answered_by_a_training_that_came_to_an_end_and_not_by_one_that_failed() {
    let folder = tempfile::tempdir().unwrap();
    let (trainings, drift) = shifted(folder.path());
    let why = Why::Drift(drift);
    assert_eq!(due_at(&trainings, NOW), Some(why.clone()));
    ended(&trainings, &why, TrainingResult::Failed("the disk is full".into()));
    // It is tried again, but not at once.
    assert_eq!(due_at(&trainings, NOW + Span::hours(23)), None);
    assert_eq!(due_at(&trainings, NOW + Span::days(1)), Some(why.clone()));
    let asked = Why::Asked("ann".into());
    ended(&trainings, &asked, TrainingResult::Cancelled);
    assert_eq!(due_at(&trainings, NOW + Span::days(1)), Some(why.clone()));
    ended(&trainings, &why, TrainingResult::Cancelled);
    assert_eq!(due_at(&trainings, NOW + Span::days(9)), None);
}

#[test]
fn a_model_that_is_not_trained_here_is_not_due() {
    let folder = tempfile::tempdir().unwrap();
    let (trainings, _) = shifted(folder.path());
    let models = folder.path().join("models");
    std::fs::create_dir_all(models.join("bolt")).unwrap();
    let config = r#"{"architectures": ["ChronosBoltModelForForecasting"]}"#;
    std::fs::write(models.join("bolt").join("config.json"), config).unwrap();
    std::fs::write(models.join("current"), "bolt").unwrap();
    assert_eq!(due_at(&trainings, NOW), None);
    let told = trainings.told(NOW);
    assert!(matches!(told.next, NextTraining::Not(why) if why.contains("Chronos-Bolt")));
    assert!(!told.on_drift);
}

#[test]
fn after_a_shift_the_days_since_it_judge() {
    let (_, drift) = shifted(tempfile::tempdir().unwrap().path());
    assert_eq!(kept_back(&Why::Drift(drift.clone())), KeptBack::Last(7));
    let older = Drift { since: drift.found.plus(-24), ..drift };
    assert_eq!(kept_back(&Why::Drift(older)), KeptBack::Last(12));
    assert_eq!(kept_back(&Why::Schedule), KeptBack::Both);
}
