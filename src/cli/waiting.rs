//! Waiting until it is known what is to be ordered.

use super::ask::odd_answer;
use crate::engine::api::{Answer, Query, Refusal};
use crate::owner::client::Client;
use clap::Args;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a command waits.
#[derive(Args, Clone, Copy, Debug)]
pub struct WaitArgs {
    /// Seconds to wait while histories are read and forecasts are made; then the exit status is 3
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u32,
}

impl WaitArgs {
    /// The time.
    pub fn patience(self) -> Duration {
        Duration::from_secs(self.wait.into())
    }
}

/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// Waits until it is known what is to be ordered; why it is not, where patience ended before.
pub async fn until_planned(
    client: &mut Client,
    patience: Duration,
) -> Result<Option<Box<str>>, Refusal> {
    let give_up = Instant::now() + patience;
    loop {
        let Answer::Status(status) = client.ask(Query::Status).await? else {
            return Err(odd_answer());
        };
        match status.plan_waits {
            // Before the store is loaded nobody knows how much there is to forecast.
            None if status.ready => return Ok(None),
            Some(why) if Instant::now() >= give_up => return Ok(Some(why)),
            _ => sleep(LOOK).await,
        }
    }
}

/// Says that it is not known yet.
pub fn say(why: &str) {
    eprintln!(
        "stockdeck: what is to be ordered is not known yet: {why}; ask again in a moment, or wait longer \
         with --wait SECONDS"
    );
}
