//! The supervisor of one feed: reads, waits, backs off, and shows on the board how it fares.
//!
//! Invariant: a feed that fails never takes anything down with it; it waits and tries again until it
//! is told to stop. A read may be dropped at any await: the cursor stands with the last whole page.

use super::{Applied, FeedContext, FeedError, FeedState, Source};
use crate::domain::{Page, Record, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// How long a feed waits after failures.
#[derive(Clone, Copy, Debug)]
pub struct Pacing {
    /// The most that is waited after the first failure; it doubles with each further one.
    pub base: Duration,
    /// The most that is waited after any number of failures.
    pub cap: Duration,
    /// After so many failures in a row the source is left alone: each further attempt is one probe
    /// after about the cap.
    pub opens_after: u32,
    /// The wait after an error that a person has to mend.
    pub permanent: Duration,
    /// The longest wait that a source is believed when it asks for one.
    pub longest_asked: Duration,
}

impl Default for Pacing {
    fn default() -> Self {
        Pacing {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(60),
            opens_after: 6,
            permanent: Duration::from_secs(300),
            longest_asked: Duration::from_secs(3600),
        }
    }
}

impl Pacing {
    /// The wait after `attempts` failures in a row: exponential with full jitter, `draw` being in
    /// 0..1, and never less than the source asked for. Once the circuit is open, half the cap to
    /// the whole.
    pub fn wait(&self, attempts: u32, asked: Option<Duration>, draw: f64) -> Duration {
        let doublings = attempts.saturating_sub(1).min(30);
        let most = self.base.saturating_mul(1 << doublings).min(self.cap);
        let draw = draw.clamp(0.0, 1.0);
        let jittered = match self.is_open(attempts) {
            true => self.cap.mul_f64(0.5 + draw / 2.0),
            false => most.mul_f64(draw),
        };
        jittered.max(asked.unwrap_or_default().min(self.longest_asked))
    }
    fn is_open(&self, attempts: u32) -> bool {
        attempts >= self.opens_after
    }
}

/// What holds a running feed: who has these can pause it and wake it.
#[derive(Clone)]
pub struct Reins {
    /// While `true`, nothing is read.
    pub pause: Option<watch::Receiver<bool>>,
    /// Ends the present wait at once: read now.
    pub poke: Arc<Notify>,
    /// How long to wait after failures.
    pub pacing: Pacing,
}

impl Default for Reins {
    fn default() -> Self {
        Reins { pause: None, poke: Arc::new(Notify::new()), pacing: Pacing::default() }
    }
}

/// Follows a feed until it is told to stop.
pub async fn follow(source: Box<dyn Source>, context: FeedContext) {
    follow_with(source, context, Reins::default()).await;
}

/// Follows a feed until it is told to stop, held by `reins`.
pub async fn follow_with(mut source: Box<dyn Source>, context: FeedContext, reins: Reins) {
    let mut attempts = 0;
    loop {
        let paused = wait_for(reins.pause.clone(), false);
        tokio::select! {
            biased;
            () = stopped(&context) => return,
            () = paused => {}
        }
        let known = context.board.records(&context.id);
        let outcome = tokio::select! {
            biased;
            () = stopped(&context) => return,
            () = wait_for(reins.pause.clone(), true), if reins.pause.is_some() => continue,
            outcome = source.sync(&context) => outcome,
        };
        // Whatever the reading ended with, a page that brought something says that the source works.
        if context.board.records(&context.id) > known {
            attempts = 0;
        }
        let wait = match outcome {
            Ok(()) => {
                attempts = 0;
                context.board.heard(&context.id);
                context.board.state(&context.id, FeedState::Live);
                source.interval()
            }
            Err(FeedError::Stopped) => return,
            Err(FeedError::Transient { reason, retry_after }) => {
                attempts += 1;
                let wait = reins.pacing.wait(attempts, retry_after, draw());
                tracing::warn!(feed = %context.id, attempts, ?wait, %reason, "feed failed, tries again");
                let reason = reason.into();
                let state = match reins.pacing.is_open(attempts) {
                    true => FeedState::Open { attempts, reason },
                    false => FeedState::Retrying { attempts, reason },
                };
                context.board.waits(&context.id, state, wait);
                wait
            }
            Err(FeedError::Permanent { reason } | FeedError::Usage { reason }) => {
                attempts += 1;
                tracing::error!(feed = %context.id, %reason, "feed failed until it is mended");
                let (state, wait) =
                    (FeedState::Failed { reason: reason.into() }, reins.pacing.permanent);
                context.board.waits(&context.id, state, wait);
                wait
            }
        };
        tokio::select! {
            biased;
            () = stopped(&context) => return,
            () = reins.poke.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Hands a page to the ledger and shows it on the board. Sources send all their pages through here.
pub async fn deliver(context: &FeedContext, page: Page) -> Result<Applied, FeedError> {
    if *context.stop.borrow() {
        return Err(FeedError::Stopped);
    }
    let newest = newest(&page);
    let progress = page.progress.clone();
    let applied = context.ledger.apply(page).await?;
    context.board.heard(&context.id);
    context.board.applied(&context.id, (applied.new + applied.changed) as u64, newest);
    if let Some(progress) = progress {
        context.board.state(&context.id, FeedState::Backfill(progress));
    }
    Ok(applied)
}

/// The newest moment that a page tells of.
pub fn newest(page: &Page) -> Option<Timestamp> {
    let moment = |record: &Record| match record {
        Record::Order(order) => Some(order.updated_at),
        Record::OrderGone(_, at) => Some(*at),
        Record::Stock(report) => Some(report.as_of),
        Record::PurchaseOrder(po) => Some(po.updated_at),
        Record::Receipt(receipt) => Some(receipt.received_at),
        Record::Adjustment(adjustment) => Some(adjustment.at),
        Record::Product(_)
        | Record::Terms(_)
        | Record::Bounds(_)
        | Record::Site(_)
        | Record::Supplier(_) => None,
    };
    page.records.iter().filter_map(moment).max()
}

/// A number in 0..1; one in the middle where the system has no randomness to give.
fn draw() -> f64 {
    getrandom::u64().map_or(0.5, |n| (n >> 11) as f64 / (1_u64 << 53) as f64)
}

async fn stopped(context: &FeedContext) {
    let mut stop = context.stop.clone();
    // A sender that is gone means that whoever ran this feed has ended.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Waits until the flag is `wanted`; without a flag, or once nobody can set it, it stands at `false`.
async fn wait_for(flag: Option<watch::Receiver<bool>>, wanted: bool) {
    let reached = match flag {
        Some(mut flag) => flag.wait_for(|value| *value == wanted).await.is_ok(),
        None => false,
    };
    if !reached && wanted {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_honour_what_was_asked() {
        let pacing = Pacing::default();
        let most: Vec<u64> = (1..=11).map(|n| pacing.wait(n, None, 1.0).as_secs()).collect();
        assert_eq!(most, [1, 2, 4, 8, 16, 60, 60, 60, 60, 60, 60]);
        assert_eq!(pacing.wait(5, None, 0.0), Duration::ZERO);
        assert_eq!(pacing.wait(6, None, 0.0), Duration::from_secs(30), "an open circuit rests");
        assert_eq!(pacing.wait(3, None, 0.5), Duration::from_secs(2));
        let asked = Some(Duration::from_secs(40));
        assert_eq!(pacing.wait(1, asked, 0.9), Duration::from_secs(40));
        let absurd = Some(Duration::from_secs(1 << 40));
        assert_eq!(pacing.wait(1, absurd, 0.9), Duration::from_secs(3600));
        assert!(pacing.wait(u32::MAX, None, 1.0) == pacing.cap);
    }
}
