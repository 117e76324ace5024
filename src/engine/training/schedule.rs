//! When the next training is due by the calendar.

use crate::config::Retraining;
use crate::domain::{Span, Timestamp};
use crate::engine::api::{NextTraining, TrainingEnd, TrainingResult};

/// A store that has just got enough demand waits for so long: most of its history may still be coming.
const FIRST: Span = Span::days(1);
/// A training that failed is tried again after so long.
const AGAIN: Span = Span::days(1);

/// When the next training is due. `begun`: when there was first enough demand to learn from.
pub fn next(
    retraining: Retraining,
    begun: Option<Timestamp>,
    last: Option<&TrainingEnd>,
) -> NextTraining {
    let Some(every) = retraining.every.span() else {
        return NextTraining::Not("the configuration plans none (models.retrain)".into());
    };
    let Some(begun) = begun else {
        return NextTraining::Not("there is too little demand to learn from yet".into());
    };
    NextTraining::At(match (after_failure(last), last) {
        (Some(again), _) => again,
        (None, None) => begun + FIRST,
        (None, Some(end)) => end.at + every,
    })
}

/// When a training that failed is tried again; `None`: the last one did not.
pub fn after_failure(last: Option<&TrainingEnd>) -> Option<Timestamp> {
    match last {
        Some(TrainingEnd { at, result: TrainingResult::Failed(_), .. }) => Some(*at + AGAIN),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Every;
    use crate::engine::api::Why;

    fn day(n: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000) + Span::days(n)
    }

    fn ended(n: i64, result: TrainingResult) -> TrainingEnd {
        let (why, base) = (Why::Schedule, "shipped".into());
        TrainingEnd { at: day(n), why, base, seconds: 60.0, result }
    }

    #[test]
    fn trainings_are_due_by_the_calendar() {
        let of = |every, begun, last: Option<&TrainingEnd>| {
            next(Retraining { every, on_drift: true }, begun, last)
        };
        let at = |n| NextTraining::At(day(n));
        let cancelled = ended(10, TrainingResult::Cancelled);
        assert_eq!(of(Every::Month, Some(day(0)), None), at(1));
        assert_eq!(of(Every::Month, Some(day(0)), Some(&cancelled)), at(40));
        assert_eq!(of(Every::Week, Some(day(0)), Some(&cancelled)), at(17));
        let failed = ended(10, TrainingResult::Failed("the disk is full".into()));
        assert_eq!(of(Every::Month, Some(day(0)), Some(&failed)), at(11));
        let why = |next| match next {
            NextTraining::Not(why) => why,
            NextTraining::At(at) => panic!("due at {at}"),
        };
        assert!(why(of(Every::Week, None, None)).contains("too little demand"));
        assert!(why(of(Every::Never, Some(day(0)), Some(&cancelled))).contains("models.retrain"));
    }
}
