//! Replay: past orders played as if they arrived now, driving simulated time.
//!
//! Simulated time never runs ahead of what has been applied. The only wait is for pacing; without
//! a speed there is none.

use super::api::{ImportJob, Outcome, Refusal};
use super::house::House;
use crate::domain::{
    Clock, FeedId, Order, Page, Private, Progress, Record, SimClock, Span, Timestamp,
};
use crate::feed::files::{self, ReadOptions};
use crate::feed::{Applied, FeedState, Ledger};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The feed that replayed orders come from.
const FEED: &str = "replay";
/// Orders that arrive in one page at most.
const MOST: usize = 1_000;
/// Real time between two looks at the clock while pacing.
const TICK: Duration = Duration::from_millis(100);

/// Plays a file; orders that were played already are known, so a replay goes on where it stopped.
pub async fn replay(
    house: &Arc<House>,
    clock: Arc<SimClock>,
    job: ImportJob,
    speed: Option<f64>,
    mut stop: watch::Receiver<bool>,
    mut pause: watch::Receiver<bool>,
) -> Result<Outcome, Refusal> {
    let began = Instant::now();
    let feed = FeedId::new(FEED);
    house.register(&feed, FEED, Duration::from_secs(10));
    let work = house.works.begin("replay");
    let reading = (house.clone(), feed.clone());
    let read = tokio::task::spawn_blocking(move || read(&reading.0, &reading.1, &job));
    let read = read.await.map_err(|error| Refusal::failed(error.to_string()))?;
    let (orders, others, rejected, private) = read.inspect_err(|refusal| {
        let reason = refusal.message.as_str().into();
        house.board.state(&feed, FeedState::Failed { reason });
    })?;
    let total = orders.len() as u64;
    let mut applied = Applied::default();
    let mut add = |more: Applied| {
        applied.new += more.new;
        applied.changed += more.changed;
        applied.same += more.same;
        applied.rejected += more.rejected;
    };
    let first = Page { private, ..page(&feed, clock.now(), others, rejected) };
    add(house.apply(first).await?);
    let mut left = orders.into_iter().peekable();
    let Some(first) = left.peek().map(|order| order.placed_at) else {
        return Err(Refusal::usage("the file holds no orders to play"));
    };
    let mut anchor = (Instant::now(), clock.now().max(first));
    clock.advance_to(first);
    let mut done = 0;
    while let Some(next) = left.peek() {
        if work.cancelled() || *stop.borrow() {
            return Err(Refusal::failed(
                "the replay was stopped; the same command goes on from there",
            ));
        }
        if *pause.borrow() {
            tokio::select! {
                _ = pause.wait_for(|paused| !*paused) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
            anchor = (Instant::now(), clock.now());
            continue;
        }
        let until = match speed {
            None => next.placed_at,
            Some(speed) => {
                let passed = anchor.0.elapsed().as_secs_f64() * speed;
                anchor.1 + Span::millis((passed * 1_000.0) as i64)
            }
        };
        let mut arrived: Vec<Record> = Vec::new();
        while arrived.len() < MOST
            && let Some(order) = left.next_if(|o| speed.is_none() || o.placed_at <= until)
        {
            arrived.push(Record::Order(order));
        }
        done += arrived.len() as u64;
        let newest = arrived.iter().filter_map(placed).max();
        if !arrived.is_empty() {
            // Orders are known once their moment has come, so the clock goes first by that much.
            clock.advance_to(newest.unwrap_or(until));
            let changed = house.apply(page(&feed, clock.now(), arrived, Vec::new())).await?;
            house.board.heard(&feed);
            house.board.applied(&feed, (changed.new + changed.changed) as u64, newest);
            let progress = Progress { what: "replay".into(), done, total: Some(total) };
            house.board.state(&feed, FeedState::Backfill(progress.clone()));
            work.at(progress);
            add(changed);
        }
        if speed.is_some() {
            clock.advance_to(until);
            tokio::select! {
                () = tokio::time::sleep(TICK) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
    }
    house.board.state(&feed, FeedState::Finished);
    house.changed();
    Ok(Outcome::Worked {
        applied: [applied.new as u64, applied.changed as u64, applied.same as u64],
        rejected: applied.rejected as u64,
        seconds: began.elapsed().as_secs_f64(),
    })
}

fn placed(record: &Record) -> Option<Timestamp> {
    match record {
        Record::Order(order) => Some(order.placed_at),
        _ => None,
    }
}

fn page(
    feed: &FeedId,
    asked: Timestamp,
    records: Vec<Record>,
    rejects: Vec<crate::domain::Reject>,
) -> Page {
    Page {
        feed: feed.clone(),
        asked,
        records,
        rejects,
        private: Private::default(),
        cursor: None,
        progress: None,
    }
}

/// What a file holds: its orders by time, the rest, what could not be understood, who ordered.
type Contents = (Vec<Order>, Vec<Record>, Vec<crate::domain::Reject>, Private);

fn read(house: &House, feed: &FeedId, job: &ImportJob) -> Result<Contents, Refusal> {
    let options = ReadOptions::new(feed.clone(), house.pseudonyms.clone());
    let reader = files::read_job(Path::new(&*job.path), &job.preset, &job.columns, options)?;
    let (mut orders, mut others, mut rejects) = (Vec::new(), Vec::new(), Vec::new());
    let mut private = Private::default();
    for page in reader {
        let page = page?;
        rejects.extend(page.rejects);
        private.extend(page.private);
        for record in page.records {
            match record {
                Record::Order(order) => orders.push(order),
                other => others.push(other),
            }
        }
    }
    orders.sort_by(|a, b| (a.placed_at, &a.key).cmp(&(b.placed_at, &b.key)));
    Ok((orders, others, rejects, private))
}
