//! The plan of what to order, kept up to date for whoever looks without waiting for one.

use crate::engine::forecasts::waits;
use crate::engine::house::{House, Ready};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Between two looks at whether the plan is still that of now.
const LOOK: Duration = Duration::from_secs(15);

/// Plans anew what has changed, once forecasts are there, until the owner ends. Away from the thread that
/// forecasts: that one gives way to everything, and whoever opens the proposals waits for a plan that is
/// being made.
pub async fn run(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = look.tick() => {}
        }
        if *house.ready.borrow() != Ready::Yes
            || house.origin().is_none()
            || waits(&house).is_some()
        {
            continue;
        }
        let at_work = house.clone();
        match tokio::task::spawn_blocking(move || at_work.planner.plan(&at_work)).await {
            Ok(Ok(_)) => {}
            Ok(Err(refusal)) => tracing::warn!(%refusal, "what to order is not planned"),
            Err(error) => tracing::error!(%error, "planning ended in a panic"),
        }
    }
}
