//! `stockdeck models training`: what the owner trains, trained, and will train.

use super::PlaceArgs;
use super::versions::judged_lines;
use crate::cli::ask::{odd_answer, print_line};
use crate::cli::place::{Intent, Place};
use crate::cli::{attach, block_on};
use crate::engine::api::{
    Action, Answer, NextTraining, Query, Refusal, Training, TrainingEnd, TrainingResult,
    TrainingRun,
};
use crate::owner::client::Client;

/// Starts or cancels one if that is wanted, and shows how things stand.
pub(super) fn training(place: &PlaceArgs, start: bool, cancel: bool) -> Result<(), Refusal> {
    let place = Place::find(place, Intent::Ask)?;
    let told = block_on(async {
        let mut client = attach(&place).await?;
        if start {
            act(&mut client, Action::StartTraining).await?;
        }
        let told = ask(&mut client).await?;
        if cancel {
            let Some(run) = &told.run else { return Err(Refusal::usage("no training runs")) };
            act(&mut client, Action::Cancel(run.work)).await?;
        }
        Ok(told)
    })??;
    if cancel {
        return print_line("asked to end; nothing will be changed");
    }
    show(&told)
}

async fn act(client: &mut Client, action: Action) -> Result<(), Refusal> {
    client.act(action, |_| {}, std::future::pending()).await?;
    Ok(())
}

async fn ask(client: &mut Client) -> Result<Training, Refusal> {
    match client.ask(Query::Training).await? {
        Answer::Training(training) => Ok(*training),
        _ => Err(odd_answer()),
    }
}

fn show(training: &Training) -> Result<(), Refusal> {
    if let Some(run) = &training.run {
        running(run)?;
    }
    match &training.last {
        Some(end) => ended(end)?,
        None => print_line("last     none yet")?,
    }
    match &training.next {
        NextTraining::At(at) => print_line(&format!("next     due {at}"))?,
        NextTraining::Overdue { since, rest_s } => {
            let waits = NextTraining::waits(*rest_s);
            print_line(&format!("next     overdue since {since}: {waits}"))?;
        }
        NextTraining::Not(why) => print_line(&format!("next     none is planned: {why}"))?,
    }
    print_line(&match (training.on_drift, training.shift(), training.watched) {
        (_, Some(shift), _) => format!("drift    {shift}"),
        (_, None, Some(day)) => format!("drift    none found; watched up to {day}"),
        (true, None, None) => "drift    nothing could be watched yet".to_owned(),
        (false, None, None) => "drift    not watched".to_owned(),
    })
}

fn running(run: &TrainingRun) -> Result<(), Refusal> {
    print_line(&format!("runs     since {} from {}: {}", run.since, run.base, run.why))?;
    let Some(at) = &run.at else { return print_line("         getting ready") };
    let left = run.left_s.map(|seconds| format!(", {seconds} s left")).unwrap_or_default();
    let (step, steps) = at.step;
    let validation = match at.validation {
        Some((now, best)) => format!("validation {now:.4} (best {best:.4})"),
        None => "once more on everything".to_owned(),
    };
    print_line(&format!(
        "         step {step} of {steps}, loss {:.4} of days and {:.4} of totals, {validation}{left}",
        at.loss.0, at.loss.1
    ))
}

fn ended(end: &TrainingEnd) -> Result<(), Refusal> {
    if matches!(end.result, TrainingResult::EndedWithOwner { .. }) {
        print_line(&format!("last     {} from {}: {}", end.at, end.base, end.why))?;
        return print_line(&format!("         {}", end.result));
    }
    print_line(&format!(
        "last     {} from {}, {:.0} s: {}",
        end.at, end.base, end.seconds, end.why
    ))?;
    print_line(&format!("         {}", end.result))?;
    let Some(judged) = end.result.judged() else { return Ok(()) };
    judged_lines(judged).iter().try_for_each(|line| print_line(&format!("         {line}")))
}
