//! `stockdeck train`: from nothing, and further.

use super::args::{FinetuneArgs, PretrainArgs, TrainCommand};
use super::progress::{Interrupted, Line};
use super::versions::judged_lines;
use super::{PlaceArgs, refused, source, threads};
use crate::cli::ask::{odd_answer, print_line};
use crate::cli::place::{Intent, Place};
use crate::cli::{attach, block_on, jobs};
use crate::demand::{Frequency, Items, Panel};
use crate::engine::TRAINING;
use crate::engine::api::{
    Action, Outcome, Refusal, TrainingJob, TrainingResult, TrainingScores, Work,
};
use crate::model::registry::{self, Card, Registry};
use crate::model::train::apart::{Job, Line as Told};
use crate::model::train::{self, Disguise, Look, PanelSamples, Plan, Progress};
use crate::model::{ModelError, SHIPPED, Weights};
use jiff::civil::Date;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Trains.
pub fn train(place: &PlaceArgs, command: &TrainCommand) -> Result<(), Refusal> {
    match command {
        TrainCommand::Pretrain(args) => pretrain(args),
        TrainCommand::Finetune(args) if is_for_owner(args) => in_owner(place, args),
        TrainCommand::Finetune(args) => finetune(place, args),
        TrainCommand::Apart => apart(),
    }
}

/// Whether the store's owner trains: on all of the store's own demand, and for the store.
fn is_for_owner(args: &FinetuneArgs) -> bool {
    let folder = args.model.model.as_deref().is_some_and(|name| Path::new(name).is_dir());
    let own = args.until.is_none() && args.items.is_none() && args.out.is_none();
    own && args.panel.panel.is_none() && args.panel.freq == Frequency::Day && !folder
}

/// Has the owner train, and shows how far it has come. Ctrl-C cancels it.
fn in_owner(place: &PlaceArgs, args: &FinetuneArgs) -> Result<(), Refusal> {
    let place = Place::find(place, Intent::Ask)?;
    let job = TrainingJob {
        tuning: args.tuning.tuning(),
        base: args.model.model.as_deref().map(Into::into),
        threads: args.model.threads,
    };
    let mut line = Line::new();
    let outcome = block_on(async {
        let mut client = attach(&place).await?;
        let show = |works: &[Work]| {
            if let Some(work) = works.iter().find(|work| &*work.progress.what == TRAINING) {
                line.show(&listed(work));
            }
        };
        let outcome = client.act(Action::Train(job), show, jobs::interrupted()).await;
        outcome.map_err(Refusal::from)
    })??;
    line.end();
    let Outcome::Trained(end) = outcome else { return Err(odd_answer()) };
    if let Some(judged) = end.result.judged() {
        report(judged)?;
    }
    match &end.result {
        TrainingResult::Cancelled
        | TrainingResult::Failed(_)
        | TrainingResult::EndedWithOwner { .. } => {
            Err(Refusal::failed(format!("the training was {}", end.result)))
        }
        TrainingResult::NotBetter(_) => {
            print_line(&format!("{}; it was trained from {}", end.result, end.base))
        }
        TrainingResult::Better { in_use: true, .. } => print_line(&format!(
            "{}, trained from {}; `stockdeck models back` goes back",
            end.result, end.base
        )),
        TrainingResult::Better { .. } => print_line(&end.result.to_string()),
    }
}

fn listed(work: &Work) -> String {
    let left = work.eta_s.map(|seconds| format!(", {seconds} s left")).unwrap_or_default();
    match work.progress.total {
        Some(total) => format!("step {} of {total}{left}", work.progress.done),
        None => "reading demand".to_owned(),
    }
}

/// Trains as the job on standard input says. Ends when that is closed: whoever asked is gone.
#[allow(clippy::disallowed_methods, reason = "nothing is held here that would have to be let go")]
fn apart() -> Result<(), Refusal> {
    let failed = |error: &dyn std::fmt::Display| Refusal::failed(error.to_string());
    // Before any thread is started: they inherit it.
    if let Err(error) = rustix::process::setpriority_process(None, 19) {
        tracing::debug!(%error, "a training keeps its priority");
    }
    let job = Job::read(&mut io::stdin().lock()).map_err(|error| failed(&error))?;
    let until_closed = || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        std::process::exit(1);
    };
    std::thread::Builder::new().spawn(until_closed).map_err(|error| failed(&error))?;
    let mut say = |line: &Told| -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", serde_json::to_string(line)?)?;
        out.flush()
    };
    job.run(&mut say)
        .or_else(|error| say(&Told::Failed(error.to_string())).map_err(|error| failed(&error)))
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
        panels.push(PanelSamples::of(panel, None, Disguise::PRETRAINING).ok_or_else(short)?);
    }
    let failed =
        |error: std::io::Error| Refusal::failed(format!("{}: {error}", args.out.display()));
    std::fs::create_dir_all(&args.out).map_err(failed)?;
    let mut plan = Plan::shipped(args.steps);
    plan.seed = args.seed;
    plan.settings.rate = args.rate;
    plan.real = if panels.is_empty() { 0.0 } else { args.real.clamp(0.0, 0.95) };
    let mut line = Line::new();
    let checkpoint = args.out.join("checkpoint.safetensors");
    let interrupted = Interrupted::watch()?;
    let mut smooth = Smooth::default();
    let trained =
        train::pretrain(&plan, &panels, threads(args.threads), &checkpoint, &mut |progress| {
            smooth.take(progress);
            if smooth.is_due() {
                line.show(&told(progress, smooth.loss));
            }
            interrupted.flow()
        });
    let weights = trained.map_err(|error| match error {
        ModelError::Cancelled => {
            line.end();
            let file = checkpoint.display();
            Refusal::failed(format!(
                "cancelled; what was learnt lies in {file}, and the same command goes on from there"
            ))
        }
        error => refused(error),
    })?;
    registry::write(&args.out, &weights, None).map_err(refused)?;
    // What it would go on from is over; the next training here is another one.
    if let Err(error) = std::fs::remove_file(&checkpoint) {
        tracing::debug!(%error, "a checkpoint that is over stays");
    }
    line.end();
    print_line(&format!("{} after {} steps", args.out.display(), weights.origin.steps))
}

/// A batch's loss says little: the mean of about the last hundred, told now and then.
#[derive(Default)]
struct Smooth {
    loss: (f32, f32),
    steps: u32,
    told: Option<Instant>,
}

impl Smooth {
    fn take(&mut self, progress: &Progress) {
        self.steps += 1;
        let share = 1.0 / self.steps.min(100) as f32;
        self.loss.0 += share * (progress.loss.0 - self.loss.0);
        self.loss.1 += share * (progress.loss.1 - self.loss.1);
    }

    fn is_due(&mut self) -> bool {
        let due = self.told.is_none_or(|told| told.elapsed() >= Duration::from_secs(1));
        if due {
            self.told = Some(Instant::now());
        }
        due
    }
}

fn told(progress: &Progress, (days, totals): (f32, f32)) -> String {
    let (step, steps) = progress.step;
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
    let kept = Kept::of(place, args)?;
    let tuning = args.tuning.tuning();
    let (name, base) = base(
        place,
        args,
        tuning.kept_back.learnt_until(panel.frequency, panel.first, panel.steps),
    )?;
    let (mut line, began) = (Line::new(), Instant::now());
    let (count, interrupted) = (threads(args.model.threads), Interrupted::watch()?);
    let trained = train::finetune(&base, &panel, items.as_ref(), &tuning, count, &mut |look| {
        line.show(&looked(look, began.elapsed()));
        interrupted.flow()
    });
    line.end();
    let tuned = trained.map_err(|error| match error {
        ModelError::Cancelled => Refusal::failed("cancelled: nothing was changed"),
        error => refused(error),
    })?;
    let card = Card::of(&tuned, &tuning, &panel);
    report(&TrainingScores::from(&card))?;
    print_line(&match tuned.weights {
        None => format!("not better than {name} on validation: nothing was taken"),
        Some(_) => format!(
            "best on validation after {} steps; trained once more on everything",
            tuned.best_step
        ),
    })?;
    kept.keep(tuned.weights.as_ref(), (&name, &base), &card)
}

/// The weights to start from. Of the version in use the nearest ancestor that has not learnt what comes after
/// `day`, by which the training is judged; a model that somebody named is taken as it is, and what its figures
/// are worth is said.
fn base(
    place: &PlaceArgs,
    args: &FinetuneArgs,
    day: Option<Date>,
) -> Result<(String, Weights), Refusal> {
    let of_store = args.panel.panel.is_none();
    if let (None, true, Some(day)) = (&args.model.model, of_store, day) {
        let registry = Registry::of(&Place::find(place, Intent::Ask)?.data_dir);
        let version = registry.unspoilt(&registry.current().map_err(refused)?, day);
        let version = version.map_err(refused)?;
        return Ok((version.name.clone(), version.weights().map_err(refused)?.clone()));
    }
    let (name, base) = source::weights(place, args.model.model.as_deref(), of_store)?;
    let seen = base.origin.seen_until.filter(|seen| name != SHIPPED && Some(*seen) > day);
    if let Some(seen) = seen {
        eprintln!(
            "{name} has learnt demand up to {seen}, and is judged by earlier days: its figures before the \
             training are better than they should be, and little may be found better; --model {SHIPPED} \
             starts from weights that have not seen them"
        );
    }
    Ok((name, base))
}

/// Where a new model is to lie.
enum Kept {
    Folder(PathBuf),
    Store(Registry),
}

impl Kept {
    /// Found before anything is trained, and tried.
    fn of(place: &PlaceArgs, args: &FinetuneArgs) -> Result<Self, Refusal> {
        let (folder, kept) = match &args.out {
            Some(folder) => (folder.clone(), Self::Folder(folder.clone())),
            None => {
                let place = Place::find(place, Intent::Ask)?;
                if place.new {
                    return Err(Refusal::usage(
                        "there is no store to keep the new model in; name a folder for it with --out",
                    ));
                }
                (place.data_dir.join("models"), Self::Store(Registry::of(&place.data_dir)))
            }
        };
        let failed = |error| Refusal::failed(format!("{}: {error}", folder.display()));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let trial = folder.join(".trial");
        std::fs::write(&trial, b"").and_then(|()| std::fs::remove_file(&trial)).map_err(failed)?;
        Ok(kept)
    }

    fn keep(
        &self,
        new: Option<&Weights>,
        (name, base): (&str, &Weights),
        card: &Card,
    ) -> Result<(), Refusal> {
        match (self, new) {
            (Self::Folder(folder), _) => {
                registry::write(folder, new.unwrap_or(base), Some(card)).map_err(refused)?;
                print_line(&format!("{}: {}", folder.display(), which(new.is_some(), name)))
            }
            (Self::Store(registry), None) => {
                let used = registry.current().map_err(refused)?;
                print_line(&format!("{used} stays in use"))
            }
            (Self::Store(registry), Some(weights)) => {
                let version = registry.keep(weights, card).map_err(refused)?;
                registry.use_version(&version).map_err(refused)?;
                print_line(&format!("{version} is in use; `stockdeck models back` goes back"))
            }
        }
    }
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

fn report(judged: &TrainingScores) -> Result<(), Refusal> {
    judged_lines(judged).iter().try_for_each(|line| print_line(line))
}
