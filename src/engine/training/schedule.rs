//! When the next training is due by the calendar.

use crate::config::Retraining;
use crate::domain::{Span, Timestamp};
use crate::engine::api::{NextTraining, TrainingEnd, TrainingResult, Why};
use serde::{Deserialize, Serialize};

/// A store that has just got enough demand waits for so long: most of its history may still be coming.
const FIRST: Span = Span::days(1);
/// A training by the calendar that failed or was cancelled is tried again after so long.
const AGAIN: Span = Span::days(1);

/// What the calendar goes by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Past {
    /// When there was first enough demand to learn from.
    pub begun: Option<Timestamp>,
    /// When the last one ended that was not cancelled and did not fail.
    pub done: Option<Timestamp>,
    /// Before then none is begun by the calendar.
    pub not_before: Option<Timestamp>,
}

impl Past {
    /// One has ended. Only one that came to a judgement puts the next off; the calendar's own is
    /// tried again after a day.
    pub fn ended(&mut self, end: &TrainingEnd) {
        match &end.result {
            TrainingResult::Better { .. } | TrainingResult::NotBetter(_) => {
                (self.done, self.not_before) = (Some(end.at), None);
            }
            TrainingResult::Cancelled | TrainingResult::Failed(_) if end.why == Why::Schedule => {
                self.not_before = Some(end.at + AGAIN);
            }
            TrainingResult::Cancelled
            | TrainingResult::Failed(_)
            | TrainingResult::EndedWithOwner { .. } => {}
        }
    }

    /// When the next training is due.
    pub fn next(self, retraining: Retraining) -> NextTraining {
        let Some(every) = retraining.every.span() else {
            return NextTraining::Not("the configuration plans none (models.retrain)".into());
        };
        let Some(begun) = self.begun else {
            return NextTraining::Not("there is too little demand to learn from yet".into());
        };
        let regular = self.done.map_or(begun + FIRST, |done| done + every);
        NextTraining::At(self.not_before.map_or(regular, |not_before| regular.max(not_before)))
    }
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
    use crate::engine::api::{TrainingFigures, TrainingScores};

    fn day(n: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000) + Span::days(n)
    }

    fn end(n: i64, why: Why, result: TrainingResult) -> TrainingEnd {
        TrainingEnd { at: day(n), why, base: "shipped".into(), seconds: 60.0, result }
    }

    fn asked() -> Why {
        Why::Asked("ann".into())
    }

    fn not_better() -> TrainingResult {
        let figures = [TrainingFigures { wql: 0.8, tql: 0.4, bias: 0.0 }; 2];
        TrainingResult::NotBetter(TrainingScores { validation: figures, test: Some(figures) })
    }

    #[test]
    fn trainings_are_due_by_the_calendar() {
        let next = |past: Past, every| past.next(Retraining { every, on_drift: true });
        let at = |n| NextTraining::At(day(n));
        let mut past = Past { begun: Some(day(0)), ..Past::default() };
        assert_eq!(next(past, Every::Month), at(1));
        past.ended(&end(10, asked(), not_better()));
        assert_eq!((next(past, Every::Month), next(past, Every::Week)), (at(40), at(17)));
        let why = |next| match next {
            NextTraining::Not(why) => why,
            other => panic!("{other:?}"),
        };
        assert!(why(next(Past::default(), Every::Week)).contains("too little demand"));
        assert!(why(next(past, Every::Never)).contains("models.retrain"));
    }

    #[test]
    fn what_was_cancelled_or_failed_puts_nothing_off_but_the_calendars_own_by_a_day() {
        let next = |past: Past| past.next(Retraining { every: Every::Month, on_drift: true });
        let at = |n| NextTraining::At(day(n));
        let mut past = Past { begun: Some(day(0)), ..Past::default() };
        for n in [2, 3] {
            past.ended(&end(n, asked(), TrainingResult::Cancelled));
            assert_eq!(next(past), at(1), "somebody's own is not the calendar's");
        }
        past.ended(&end(4, Why::Schedule, TrainingResult::Cancelled));
        assert_eq!(next(past), at(5));
        past.ended(&end(5, Why::Schedule, TrainingResult::Failed("the disk is full".into())));
        assert_eq!(next(past), at(6));
        past.ended(&end(6, asked(), TrainingResult::Cancelled));
        assert_eq!(next(past), at(6));
        past.ended(&end(6, Why::Schedule, not_better()));
        past.ended(&end(20, asked(), TrainingResult::Failed("the disk is full".into())));
        assert_eq!(next(past), at(36));
    }
}
