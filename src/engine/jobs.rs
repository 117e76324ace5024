//! Long work: imports, replays, made-up orders. Each runs on a blocking thread, shows progress and
//! can be cancelled between pages.

use super::api::{ImportJob, Outcome, Refusal};
use super::house::House;
use super::keeper::Origin;
use super::work::{Cancel, Running};
use crate::domain::{FeedId, Page, Progress};
use crate::feed::files::{self, ReadOptions};
use crate::feed::{Applied, FeedError, FeedState, Ledger};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a piece of work has done so far.
struct Tally {
    began: Instant,
    applied: Applied,
}

impl Tally {
    fn new() -> Self {
        Tally { began: Instant::now(), applied: Applied::default() }
    }
    fn add(&mut self, applied: Applied) {
        self.applied += applied;
    }
    fn outcome(&self) -> Outcome {
        Outcome::Worked { applied: self.applied, seconds: self.began.elapsed().as_secs_f64() }
    }
}

/// Reads a file into the store. Its feed is named after the preset, so that the same file again
/// changes nothing.
pub fn import(house: &Arc<House>, job: &ImportJob, cancel: &Cancel) -> Result<Outcome, Refusal> {
    let feed = FeedId::new(&*job.preset);
    let mut options = options_of(house, &feed, job);
    options.from = house.cursor(&feed)?;
    options.asked = house.clock.now();
    let mut reader = files::read_job(Path::new(&*job.path), &job.preset, &job.columns, options)?;
    house.register(&feed, "import", Duration::from_secs(3600));
    let mut outcome = take_pages(house, &feed, "import", cancel, reader.by_ref());
    if let Ok(Outcome::Worked { applied, .. }) = &mut outcome {
        applied.same += reader.known() as usize;
    }
    let state = match &outcome {
        Ok(_) => FeedState::Finished,
        Err(refusal) => FeedState::Failed { reason: refusal.message.as_str().into() },
    };
    house.board.heard(&feed);
    house.board.state(&feed, state);
    outcome
}

/// How a job's file is read in this house.
pub fn options_of(house: &House, feed: &FeedId, job: &ImportJob) -> ReadOptions {
    let mut options = ReadOptions::new(feed.clone(), house.pseudonyms.clone());
    options.zone = Some(house.zone.clone());
    options.currency = Some(house.currency);
    options.date_order = job.date_order;
    options
}

/// Writes made-up orders into a demo store.
pub fn fill(
    house: &Arc<House>,
    orders: u64,
    seed: u64,
    cancel: &Cancel,
) -> Result<Outcome, Refusal> {
    let feed = FeedId::new("fill");
    house.register(&feed, "fill", Duration::from_secs(3600));
    let pages = crate::feed::demo::fill_until(seed, orders, house.clock.now());
    let mut done = 0;
    let counted = pages.map(|mut page| {
        done += page.records.len() as u64;
        page.feed = feed.clone();
        page.progress = Some(Progress { what: "made-up orders".into(), done, total: Some(orders) });
        Ok(page)
    });
    let outcome = take_pages(house, &feed, "made-up orders", cancel, counted);
    house.board.heard(&feed);
    house.board.state(&feed, FeedState::Finished);
    outcome
}

fn take_pages(
    house: &Arc<House>,
    feed: &FeedId,
    what: &str,
    cancel: &Cancel,
    pages: impl Iterator<Item = Result<Page, FeedError>>,
) -> Result<Outcome, Refusal> {
    let work = house.works.begin_with(what, cancel);
    let mut tally = Tally::new();
    let result = apply_all(house, feed, &work, &mut tally, pages);
    // Pages are in the archive already; this makes them survive a power cut.
    let synced = match house.writer.lock().as_mut() {
        Some(writer) => writer.archive.sync(),
        None => Ok(()),
    };
    house.changed();
    result?;
    synced.map_err(|error| Refusal::failed(error.to_string()))?;
    Ok(tally.outcome())
}

fn apply_all(
    house: &Arc<House>,
    feed: &FeedId,
    work: &Running,
    tally: &mut Tally,
    pages: impl Iterator<Item = Result<Page, FeedError>>,
) -> Result<(), Refusal> {
    for page in pages {
        if work.cancelled() {
            let Applied { new, changed, same, .. } = tally.applied;
            return Err(Refusal::failed(format!(
                "cancelled; the {} records read so far are kept, and the same command goes on \
                 from there",
                new + changed + same
            )));
        }
        let page = page?;
        let progress = page.progress.clone();
        let applied = house
            .apply_page(page, Origin::Import)
            .map_err(|error| Refusal::failed(error.to_string()))?;
        house.board.applied(feed, (applied.new + applied.changed) as u64, None);
        tally.add(applied);
        if let Some(progress) = progress {
            house.board.state(feed, FeedState::Backfill(progress.clone()));
            work.at(progress);
        }
    }
    Ok(())
}
