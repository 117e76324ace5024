//! Trainings: one that runs for a shift in demand, and one that ended.

use super::{ago, now};
use crate::domain::{Span, Zone};
use crate::engine::api::{
    NextTraining, Training, TrainingEnd, TrainingFigures, TrainingResult, TrainingRun,
    TrainingScores, TrainingStep, Why,
};
use crate::insight::drift::{Drift, Group};

/// All that is known of trainings.
pub fn training() -> Training {
    let today = now().day(&Zone::utc());
    let drift =
        Drift { group: Group::Shop, change: 0.42, since: today.plus(-11), found: today.plus(-1) };
    let run = TrainingRun {
        work: 4,
        why: Why::Drift(drift.clone()),
        base: "v0003".into(),
        since: ago(Span::minutes(4)),
        panel: Some((2_000, 730)),
        at: Some(TrainingStep {
            step: (212, 928),
            loss: (0.2132, 0.1571),
            validation: Some((1.1312, 1.1288)),
        }),
        seconds: 240.0,
        left_s: Some(811),
    };
    let figures = |wql, tql, bias| TrainingFigures { wql, tql, bias };
    let judged = TrainingScores {
        validation: [figures(0.7829, 0.3831, 0.041), figures(0.7662, 0.3684, 0.027)],
        test: Some([figures(0.7801, 0.3790, 0.038), figures(0.7695, 0.3702, 0.024)]),
    };
    let last = TrainingEnd {
        at: ago(Span::days(12)),
        why: Why::Schedule,
        base: "v0002".into(),
        seconds: 655.0,
        result: TrainingResult::Better { version: "v0003".into(), in_use: true, judged },
    };
    Training {
        run: Some(run),
        last: Some(last),
        next: NextTraining::At(now() + Span::days(18)),
        on_drift: true,
        watched: Some(today.plus(-1)),
        drift: Some(drift),
        unanswered: false,
    }
}
