//! Orders that become due: approved lines that nobody can take back any more are placed.

use super::house::{House, Ready};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often approvals are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Places what is due, until the owner ends.
pub async fn run(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = look.tick() => {}
        }
        if *house.ready.borrow() != Ready::Yes || !house.purchasing.read().has_drafts() {
            continue;
        }
        let at_work = house.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || place(&at_work)).await {
            tracing::error!(%error, "placing orders ended in a panic");
        }
    }
}

fn place(house: &House) {
    loop {
        match house.place_next() {
            Ok(Some(entry)) => tracing::info!(entry, "order placed"),
            Ok(None) => return,
            Err(refusal) => {
                tracing::error!(%refusal, "an order could not be placed");
                return;
            }
        }
    }
}
