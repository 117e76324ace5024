//! `stockdeck train`: from nothing, and further.

use super::args::{FinetuneArgs, PretrainArgs, TrainCommand};
use super::progress::{Interrupted, Line};
use super::versions::before_and_after;
use super::{PlaceArgs, refused, source, threads};
use crate::cli::ask::print_line;
use crate::cli::place::{Intent, Place};
use crate::demand::{Frequency, Items, Panel};
use crate::engine::api::Refusal;
use crate::model::registry::{self, Card, Registry};
use crate::model::train::{self, Look, PanelSamples, Plan, Progress, Tuned};
use std::time::{Duration, Instant};

/// Share of a pre-training's real samples that are not shown their shop.
const HIDDEN: f32 = 0.3;

/// Trains.
pub fn train(place: &PlaceArgs, command: &TrainCommand) -> Result<(), Refusal> {
    match command {
        TrainCommand::Pretrain(args) => pretrain(args),
        TrainCommand::Finetune(args) => finetune(place, args),
    }
}

fn pretrain(args: &PretrainArgs) -> Result<(), Refusal> {
    let mut panels = Vec::new();
    for path in &args.panels {
        let read = Panel::read(path, Frequency::Day);
        let mut panel = read.map_err(|error| Refusal::usage(error.to_string()))?;
        if let Some(until) = args.until {
            panel.cut(until);
        }
        let short = || Refusal::usage(format!("{}: too short to learn from", path.display()));
        panels.push(PanelSamples::of(panel, None, HIDDEN).ok_or_else(short)?);
    }
    let failed =
        |error: std::io::Error| Refusal::failed(format!("{}: {error}", args.out.display()));
    std::fs::create_dir_all(&args.out).map_err(failed)?;
    let mut plan = Plan::shipped(args.steps);
    plan.seed = args.seed;
    plan.settings.rate = args.rate;
    plan.real = if panels.is_empty() { 0.0 } else { args.real.clamp(0.0, 0.95) };
    let (mut line, interrupted) = (Line::new(), Interrupted::watch());
    let checkpoint = args.out.join("checkpoint.safetensors");
    let weights =
        train::pretrain(&plan, &panels, threads(args.threads), &checkpoint, &mut |progress| {
            line.show(&told(progress));
            interrupted.flow()
        })
        .map_err(refused)?;
    registry::write(&args.out, &weights, None).map_err(refused)?;
    line.end();
    print_line(&format!("{} after {} steps", args.out.display(), weights.origin.steps))
}

fn told(progress: &Progress) -> String {
    let (step, steps) = progress.step;
    let (days, totals) = progress.loss;
    let left = progress.left.as_secs().div_ceil(60);
    format!(
        "step {step} of {steps}, loss {days:.4} of days and {totals:.4} of totals, {left} min left"
    )
}

fn finetune(place: &PlaceArgs, args: &FinetuneArgs) -> Result<(), Refusal> {
    let mut panel = source::panel(place, &args.panel)?;
    if let Some(until) = args.until {
        panel.cut(until);
    }
    let read = args.items.as_deref().map(Items::read).transpose();
    let items = read.map_err(|error| Refusal::usage(error.to_string()))?;
    let of_store = args.panel.panel.is_none();
    let (name, base) = source::weights(place, args.model.model.as_deref(), of_store)?;
    let tuning = args.tuning.tuning();
    let (mut line, began, interrupted) = (Line::new(), Instant::now(), Interrupted::watch());
    let count = threads(args.model.threads);
    let tuned = train::finetune(&base, &panel, items.as_ref(), &tuning, count, &mut |look| {
        line.show(&looked(look, began.elapsed()));
        interrupted.flow()
    })
    .map_err(refused)?;
    line.end();
    let card = Card {
        made_at: jiff::Timestamp::now().to_string(),
        tuning,
        panel: (panel.series.len(), panel.steps),
        validation: tuned.validation,
        test: tuned.test,
        best_step: tuned.best_step,
    };
    report(&tuned, &name)?;
    let kept = tuned.weights.as_ref();
    if let Some(folder) = &args.out {
        registry::write(folder, kept.unwrap_or(&base), Some(&card)).map_err(refused)?;
        return print_line(&format!("{}: {}", folder.display(), which(kept.is_some(), &name)));
    }
    let Some(weights) = kept else {
        return print_line(&format!("{name} stays in use"));
    };
    let registry = Registry::of(&Place::find(place, Intent::Ask)?.data_dir);
    let version = registry.keep(weights, &card).map_err(refused)?;
    registry.use_version(&version).map_err(refused)?;
    print_line(&format!("{version} is in use; `stockdeck models use {name}` goes back"))
}

fn which(new: bool, base: &str) -> String {
    if new { "the new weights".to_owned() } else { format!("the weights of {base}, unchanged") }
}

fn looked(look: &Look, spent: Duration) -> String {
    let (step, steps) = look.step;
    let share = step as f64 / steps.max(1) as f64;
    let left = spent.mul_f64((1.0 - share) / share.max(1e-3)).as_secs();
    let validation = match look.validation {
        Some((now, best)) => format!("validation {now:.4} (best {best:.4})"),
        None => "once more on everything".to_owned(),
    };
    format!("step {step} of {steps}, {validation}, {left} s left")
}

fn report(tuned: &Tuned, base: &str) -> Result<(), Refusal> {
    print_line(&before_and_after("validation", &tuned.validation))?;
    print_line(&before_and_after("test", &tuned.test))?;
    if tuned.weights.is_none() {
        return print_line(&format!("not better than {base} on validation: nothing was taken"));
    }
    print_line(&format!(
        "best on validation after {} steps; trained once more on everything",
        tuned.best_step
    ))
}
