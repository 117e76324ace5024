//! Replay: past orders played as if they arrived now, driving simulated time.
//!
//! Each record of the file comes when its moment has come: an order that was shipped days after it
//! was placed is open until then, and goods that arrived in June are not there in May. Simulated time
//! is never beyond the records that have been handed over. The only wait is for pacing; without a
//! speed, and while what is due has not been handed over, there is none.

use super::api::{ImportJob, Outcome, Refusal};
use super::house::House;
use super::jobs;
use super::work::Cancel;
use crate::domain::{
    Clock, FeedId, Order, OrderStatus, Page, PoStatus, Private, Progress, PurchaseOrder, Qty,
    Record, Reject, SimClock, Span, Timestamp,
};
use crate::feed::files;
use crate::feed::{FeedState, Ledger};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The feed that replayed orders come from.
const FEED: &str = "replay";
/// Records that arrive in one page, but for those that share the last one's moment.
const MOST: usize = 1_000;
/// Real time between two looks at the clock while pacing.
const TICK: Duration = Duration::from_millis(100);

/// What a file holds.
struct Contents {
    /// What has no moment: products, sites, suppliers.
    timeless: Vec<Record>,
    /// Everything else by its moment.
    events: Vec<(Timestamp, Record)>,
    rejects: Vec<Reject>,
    /// Who ordered.
    private: Private,
}

/// Plays a file; orders that were played already are known, so a replay goes on where it stopped.
pub async fn replay(
    house: &Arc<House>,
    clock: Arc<SimClock>,
    job: ImportJob,
    speed: Option<f64>,
    mut stop: watch::Receiver<bool>,
    mut pause: watch::Receiver<bool>,
    cancel: &Cancel,
) -> Result<Outcome, Refusal> {
    let began = Instant::now();
    let feed = FeedId::new(FEED);
    // What is replayed stands wherever its progress does.
    let what: Box<str> = match Path::new(&*job.path).file_name() {
        Some(name) => format!("{FEED} {}", name.to_string_lossy()).into(),
        None => FEED.into(),
    };
    let work = house.works.begin_with(&what, cancel);
    let reading = (house.clone(), feed.clone());
    let read = tokio::task::spawn_blocking(move || read(&reading.0, &reading.1, &job));
    let contents = read.await.map_err(|error| Refusal::failed(error.to_string()))??;
    let Some(first) = contents.events.first().map(|(at, _)| *at) else {
        return Err(Refusal::usage("the file holds nothing to play"));
    };
    house.register(&feed, FEED, Duration::from_secs(10));
    let timeless = page(&feed, clock.now(), contents.timeless, contents.rejects);
    let mut applied = house.apply(Page { private: contents.private, ..timeless }).await?;
    let (mut done, total) = (0, contents.events.len() as u64);
    let mut left = contents.events.into_iter().peekable();
    clock.advance_to(first);
    let mut anchor = (Instant::now(), clock.now());
    while left.peek().is_some() {
        if work.cancelled() || *stop.borrow() {
            let reason = format!(
                "cancelled; the {done} of {total} records played so far are kept, and the same \
                 command goes on from there"
            );
            house.board.state(&feed, FeedState::Failed { reason: reason.as_str().into() });
            return Err(Refusal::failed(reason));
        }
        if *pause.borrow() {
            tokio::select! {
                _ = pause.wait_for(|paused| !*paused) => {}
                _ = stop.wait_for(|stop| *stop) => {}
                () = cancel.wait() => {}
            }
            anchor = (Instant::now(), clock.now());
            continue;
        }
        let until = speed.map(|speed| anchor.1 + passed(anchor.0, speed));
        let arrived = due(&mut left, until);
        let Some(newest) = arrived.last().map(|(at, _)| *at) else {
            // Nothing is due any more: time may go on by itself.
            clock.advance_to(until.unwrap_or_default());
            tokio::select! {
                () = tokio::time::sleep(TICK) => {}
                _ = stop.wait_for(|stop| *stop) => {}
                () = cancel.wait() => {}
            }
            continue;
        };
        done += arrived.len() as u64;
        // Records are known once their moment has come, so the clock goes first by that much.
        clock.advance_to(newest);
        let records = arrived.into_iter().map(|(_, record)| record).collect();
        let changed = house.apply(page(&feed, clock.now(), records, Vec::new())).await?;
        house.board.heard(&feed);
        house.board.applied(&feed, (changed.new + changed.changed) as u64, Some(newest));
        let progress = Progress { what: what.clone(), done, total: Some(total) };
        house.board.state(&feed, FeedState::Backfill(progress.clone()));
        work.at(progress);
        applied += changed;
    }
    house.board.state(&feed, FeedState::Finished);
    house.changed();
    Ok(Outcome::Worked { applied, seconds: began.elapsed().as_secs_f64() })
}

/// Simulated time that has passed since a real moment.
fn passed(since: Instant, speed: f64) -> Span {
    Span::millis((since.elapsed().as_secs_f64() * speed * 1_000.0) as i64)
}

/// The next records whose moment has come (all of them without `until`): as many as fill a page, and
/// those of the last one's moment, so that time does not stand between records of one moment.
fn due(
    left: &mut std::iter::Peekable<std::vec::IntoIter<(Timestamp, Record)>>,
    until: Option<Timestamp>,
) -> Vec<(Timestamp, Record)> {
    let mut arrived: Vec<(Timestamp, Record)> = Vec::new();
    loop {
        let last = arrived.last().map(|(at, _)| *at);
        let room = arrived.len() < MOST;
        let next = left.next_if(|(at, _)| {
            until.is_none_or(|until| *at <= until) && (room || Some(*at) == last)
        });
        match next {
            Some(event) => arrived.push(event),
            None => return arrived,
        }
    }
}

fn page(feed: &FeedId, asked: Timestamp, records: Vec<Record>, rejects: Vec<Reject>) -> Page {
    let private = Private::default();
    Page { feed: feed.clone(), asked, records, rejects, private, cursor: None, progress: None }
}

fn read(house: &House, feed: &FeedId, job: &ImportJob) -> Result<Contents, Refusal> {
    let options = jobs::options_of(house, feed, job);
    let reader = files::read_job(Path::new(&*job.path), &job.preset, &job.columns, options)?;
    let (mut timeless, mut events, mut rejects) = (Vec::new(), Vec::new(), Vec::new());
    let mut private = Private::default();
    for page in reader {
        let page = page?;
        rejects.extend(page.rejects);
        private.extend(page.private);
        for record in page.records {
            match record {
                Record::Order(order) => events.extend(life_of(order)),
                Record::PurchaseOrder(order) => events.extend(life_of_purchase(order)),
                Record::OrderGone(_, at) => events.push((at, record)),
                Record::Stock(ref report) => events.push((report.as_of, record)),
                Record::Receipt(ref receipt) => events.push((receipt.received_at, record)),
                Record::Adjustment(ref adjustment) => events.push((adjustment.at, record)),
                Record::Product(_)
                | Record::Terms(_)
                | Record::Bounds(_)
                | Record::Site(_)
                | Record::Supplier(_) => timeless.push(record),
            }
        }
    }
    // Stable: what shares a moment stays in the file's order.
    events.sort_by_key(|(at, _)| *at);
    Ok(Contents { timeless, events, rejects, private })
}

/// An order as it was placed, and as it became where that was later.
fn life_of(order: Order) -> Vec<(Timestamp, Record)> {
    let placed = order.placed_at;
    let became = order.updated_at.max(order.shipped_at.unwrap_or(placed));
    if became <= placed {
        return vec![(placed, Record::Order(order))];
    }
    let mut at_first = order.clone();
    at_first.status = OrderStatus::Open;
    at_first.updated_at = placed;
    at_first.shipped_at = None;
    at_first.lines.iter_mut().for_each(|line| line.cancelled = Qty::ZERO);
    let at_last = Order { updated_at: became, ..order };
    vec![(placed, Record::Order(at_first)), (became, Record::Order(at_last))]
}

/// A purchase order as it was sent, and as it became where that was later.
fn life_of_purchase(order: PurchaseOrder) -> Vec<(Timestamp, Record)> {
    let (sent, became) = (order.ordered_at, order.updated_at);
    if became <= sent {
        return vec![(sent, Record::PurchaseOrder(order))];
    }
    let mut at_first = order.clone();
    at_first.status = PoStatus::Sent;
    at_first.updated_at = sent;
    at_first.lines.iter_mut().for_each(|line| line.received = Qty::ZERO);
    vec![(sent, Record::PurchaseOrder(at_first)), (became, Record::PurchaseOrder(order))]
}
