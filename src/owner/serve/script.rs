//! A command that is attached: it asks and acts, each with a number, and is answered in any order.

use super::House;
use crate::domain::Actor;
use crate::engine::Cancel;
use crate::engine::api::{Action, Answer, Query};
use crate::owner::connection::Outbox;
use crate::owner::wire::{self, FromOwner, Json, ToOwner};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// How often a command hears how far its long work has come.
const PROGRESS: Duration = Duration::from_millis(250);

pub(super) async fn run(
    house: Arc<House>,
    actor: Actor,
    mut inbox: mpsc::Receiver<ToOwner>,
    write: OwnedWriteHalf,
) {
    let outbox = Outbox::new(write, 16);
    let mut questions = JoinSet::new();
    let mut actions: HashMap<u64, Cancel> = HashMap::new();
    let mut ending = house.ending.clone();
    loop {
        let message = tokio::select! {
            message = inbox.recv() => message,
            reason = ended(&mut ending) => {
                outbox.send(&FromOwner::Bye { reason, status: 1 }).await;
                None
            }
            Some(_) = questions.join_next(), if !questions.is_empty() => continue,
        };
        let frames = outbox.frames().clone();
        match message {
            Some(ToOwner::Ask { id, query: Json(query) }) => {
                let answer = house.backend.ask(query);
                questions.spawn(async move {
                    let answer = Json(answer.await);
                    reply(&frames, &FromOwner::Answer { id, answer }).await;
                });
            }
            Some(ToOwner::Act { id, action: Json(action) }) => {
                // A decision that was begun, an undo above all, is carried out even if the command
                // is gone; long work is cancelled with it.
                let cancel = Cancel::default();
                if !matches!(action, Action::Undo(_) | Action::UndoAct(_) | Action::UndoAll(_)) {
                    actions.insert(id, cancel.clone());
                }
                tokio::spawn(act(house.clone(), actor.clone(), id, action, cancel, frames));
            }
            Some(ToOwner::Cancel { id }) => {
                if let Some(cancel) = actions.get(&id) {
                    cancel.ask();
                }
            }
            Some(ToOwner::Bye) | None => break,
            Some(_) => {}
        }
    }
    for cancel in actions.values() {
        cancel.ask();
    }
    drop(questions);
    outbox.finish().await;
}

/// Waits until the owner ends; why.
async fn ended(ending: &mut watch::Receiver<Option<String>>) -> Option<String> {
    ending.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone())
}

async fn act(
    house: Arc<House>,
    actor: Actor,
    id: u64,
    action: Action,
    cancel: Cancel,
    frames: mpsc::Sender<Vec<u8>>,
) {
    if let Err(refusal) = house.permits(&actor, &action) {
        let outcome = Json(Err(refusal));
        return reply(&frames, &FromOwner::Outcome { id, outcome }).await;
    }
    let mut outcome = house.backend.act(actor, action, cancel);
    let mut progress = tokio::time::interval(PROGRESS);
    progress.reset();
    loop {
        tokio::select! {
            outcome = &mut outcome => {
                return reply(&frames, &FromOwner::Outcome { id, outcome: Json(outcome) }).await;
            }
            _ = progress.tick(), if !frames.is_closed() => {
                if let Ok(Answer::Status(status)) = house.backend.ask(Query::Status).await {
                    reply(&frames, &FromOwner::Progress { id, work: Json(status.work) }).await;
                }
            }
        }
    }
}

/// Sends a reply; one that is too long is replaced by a refusal that says so.
async fn reply(frames: &mpsc::Sender<Vec<u8>>, message: &FromOwner) {
    let frame = wire::frame(message).or_else(|error| {
        let refusal = crate::engine::api::Refusal::usage(format!("{error}; ask for fewer rows"));
        match message {
            FromOwner::Answer { id, .. } => {
                wire::frame(&FromOwner::Answer { id: *id, answer: Json(Err(refusal)) })
            }
            _ => Err(error),
        }
    });
    match frame {
        // Nobody hears it when the command is gone.
        Ok(frame) => drop(frames.send(frame).await),
        Err(error) => tracing::warn!(%error, "a reply was not sent"),
    }
}
