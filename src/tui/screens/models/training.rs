//! Where a training stands. It has its own lines at the foot of the screen, and draws nowhere else.

use super::super::super::canvas::Canvas;
use super::super::super::theme::Role;
use super::super::super::words;
use super::super::Scene;
use crate::domain::Timestamp;
use crate::engine::api::{ModelsReport, NextTraining, Training, TrainingRun};

/// Draws the one that runs, or when the next is due; then why, and what came of the last.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, report: &ModelsReport) {
    let training = &report.training;
    let head = match &training.run {
        Some(run) => running(run, usize::from(canvas.width().saturating_sub(12))),
        None => waiting(scene, training),
    };
    canvas.head(1, 0, "TRAINING", &head);
    let width = canvas.width().saturating_sub(4);
    let why = training.run.as_ref().map(|run| {
        let (whole, short) = (format!("because {}", run.why), run.why.to_string());
        words::fitting(usize::from(width), [&whole, &short]).to_owned()
    });
    let last = training.last.as_ref();
    let last = last.map(|end| format!("last, {}: {}", moment(scene, end.at), end.result));
    let lines = [why, training.shift().filter(|_| training.run.is_none()), last];
    for (y, line) in (1..canvas.height()).zip(lines.into_iter().flatten()) {
        canvas.text(3, y, width, &line, Role::Muted);
    }
}

/// How far it has come; how good it is by now is told where there is room for it.
fn running(run: &TrainingRun, room: usize) -> String {
    let at = match &run.at {
        Some(at) => {
            let (step, steps) = at.step;
            format!("step {} of {}", words::count(step), words::count(steps))
        }
        None => "reading demand".to_owned(),
    };
    let left = run.left_s.map_or(String::new(), |left| format!(", {} left", words::eta(left)));
    let known = run.at.as_ref().and_then(|at| at.validation);
    let (best, both) = known.map_or_else(Default::default, |(now, best)| {
        (format!(", best {best:.4}"), format!(", validation {now:.4} (best {best:.4})"))
    });
    let told = |validation: &str| format!("of {}: {at}{validation}{left}   X cancels", run.base);
    words::fitting(room, [&told(&both), &told(&best), &told("")]).to_owned()
}

fn waiting(scene: &Scene<'_>, training: &Training) -> String {
    let next = match &training.next {
        NextTraining::At(at) => format!("the next is due {}", moment(scene, *at)),
        NextTraining::Overdue { since, rest_s } => {
            let waits = NextTraining::waits(*rest_s);
            format!("the next is overdue since {}: {waits}", moment(scene, *since))
        }
        NextTraining::Not(why) => why.to_string(),
    };
    format!("none runs, {next}   L trains now")
}

fn moment(scene: &Scene<'_>, at: Timestamp) -> String {
    let zone = &scene.state.zone;
    words::date_seen(at.day(zone), scene.state.now.day(zone))
}
