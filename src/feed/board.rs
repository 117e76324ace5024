//! The board on which every feed shows how it fares.

use crate::domain::{FeedId, Progress, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::mem::discriminant;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What a feed is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FeedState {
    /// Not heard from since the owner started.
    Starting,
    /// Reading older records.
    Backfill(Progress),
    /// Up to date.
    Live,
    /// The last attempt failed; it tries again.
    Retrying {
        /// Attempts that failed in a row.
        attempts: u32,
        /// Why, in one sentence.
        reason: Box<str>,
    },
    /// So many attempts failed in a row that the source is left alone until the next try, which is
    /// a single request.
    Open {
        /// Attempts that failed in a row.
        attempts: u32,
        /// Why, in one sentence.
        reason: Box<str>,
    },
    /// It stopped until a person mends something.
    Failed {
        /// Why, and the mend, in one sentence.
        reason: Box<str>,
    },
    /// All there was to read has been read (imports, replays).
    Finished,
}

impl FeedState {
    /// Why the last attempt failed, where it did.
    pub fn trouble(&self) -> Option<&str> {
        match self {
            FeedState::Retrying { reason, .. }
            | FeedState::Open { reason, .. }
            | FeedState::Failed { reason } => Some(reason),
            FeedState::Starting
            | FeedState::Backfill(_)
            | FeedState::Live
            | FeedState::Finished => None,
        }
    }
}

/// A feed as the screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedStatus {
    /// Which feed.
    pub id: FeedId,
    /// Which kind: `woocommerce`, `files`, `replay`, `demo`.
    pub kind: Box<str>,
    /// What it is doing.
    pub state: FeedState,
    /// Real time since the source last answered, in milliseconds; `None`: never.
    pub heard_ms_ago: Option<u64>,
    /// Domain time of the newest record.
    pub newest: Option<Timestamp>,
    /// Records new or changed in the last hour (real time).
    pub per_hour: u64,
    /// Records taken in since the owner started.
    pub records: u64,
    /// Records that could not be understood, ever.
    pub rejected: u64,
    /// Failed attempts since the owner started.
    pub errors: u64,
    /// The last error, whether or not it has been overcome.
    pub last_error: Option<Box<str>>,
    /// Real time until a feed in trouble tries again, in milliseconds; `None`: it is in none.
    pub next_try_in_ms: Option<u64>,
    /// Real time since the trouble began that the feed is in, in milliseconds; `None`: it is in
    /// none.
    pub troubled_ms_ago: Option<u64>,
    /// Seconds within which the source is normally heard; older is delayed, much older is silent.
    pub expected_every_s: u64,
}

struct Row {
    status: FeedStatus,
    heard: Option<Instant>,
    next_try: Option<Instant>,
    troubled: Option<Instant>,
    recent: VecDeque<(Instant, u64)>,
}

/// Status of all feeds. Short locks only; the screen reads it.
#[derive(Default)]
pub struct FeedBoard {
    rows: Mutex<BTreeMap<FeedId, Row>>,
    notify: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl FeedBoard {
    /// Whom to tell when a feed is put on the board or does something of another kind; once.
    pub fn notify(&self, listener: impl Fn() + Send + Sync + 'static) {
        let _ = self.notify.set(Box::new(listener));
    }
    /// Puts a feed on the board.
    pub fn register(&self, id: &FeedId, kind: &str, expected_every: Duration) {
        let status = FeedStatus {
            id: id.clone(),
            kind: kind.into(),
            state: FeedState::Starting,
            heard_ms_ago: None,
            newest: None,
            per_hour: 0,
            records: 0,
            rejected: 0,
            errors: 0,
            last_error: None,
            next_try_in_ms: None,
            troubled_ms_ago: None,
            expected_every_s: expected_every.as_secs().max(1),
        };
        let row =
            Row { status, heard: None, next_try: None, troubled: None, recent: VecDeque::new() };
        self.rows.lock().insert(id.clone(), row);
        self.tell();
    }
    /// The source answered.
    pub fn heard(&self, id: &FeedId) {
        self.with(id, |row| row.heard = Some(Instant::now()));
    }
    /// The feed does something else now. An error state counts an error and is remembered.
    pub fn state(&self, id: &FeedId, state: FeedState) {
        self.turn(id, state, None);
    }
    /// The feed is in trouble and tries again after a wait.
    pub fn waits(&self, id: &FeedId, state: FeedState, wait: Duration) {
        self.turn(id, state, Instant::now().checked_add(wait));
    }
    fn turn(&self, id: &FeedId, state: FeedState, next_try: Option<Instant>) {
        let mut other = false;
        self.with(id, |row| {
            if let Some(reason) = state.trouble() {
                row.status.errors += 1;
                row.status.last_error = Some(reason.into());
                row.troubled.get_or_insert_with(Instant::now);
            } else if matches!(state, FeedState::Live | FeedState::Finished) {
                row.troubled = None;
            }
            other = discriminant(&row.status.state) != discriminant(&state);
            row.status.state = state;
            row.next_try = next_try;
        });
        if other {
            self.tell();
        }
    }
    /// Records taken in since the owner started.
    pub fn records(&self, id: &FeedId) -> u64 {
        self.rows.lock().get(id).map_or(0, |row| row.status.records)
    }
    /// A page was applied.
    pub fn applied(&self, id: &FeedId, changes: u64, newest: Option<Timestamp>) {
        self.with(id, |row| {
            row.status.records += changes;
            row.status.newest = row.status.newest.max(newest);
            if changes > 0 {
                row.recent.push_back((Instant::now(), changes));
            }
        });
    }
    /// How many rejects of this feed are kept in all.
    pub fn rejected(&self, id: &FeedId, total: u64) {
        self.with(id, |row| row.status.rejected = total);
    }
    /// All feeds by name, as of now.
    pub fn snapshot(&self) -> Vec<FeedStatus> {
        let now = Instant::now();
        let mut rows = self.rows.lock();
        rows.values_mut()
            .map(|row| {
                while row
                    .recent
                    .front()
                    .is_some_and(|(at, _)| now - *at > Duration::from_secs(3600))
                {
                    row.recent.pop_front();
                }
                let mut status = row.status.clone();
                status.per_hour = row.recent.iter().map(|(_, n)| n).sum();
                status.troubled_ms_ago = row.troubled.map(|at| (now - at).as_millis() as u64);
                status.heard_ms_ago = row.heard.map(|at| (now - at).as_millis() as u64);
                status.next_try_in_ms =
                    row.next_try.map(|at| at.saturating_duration_since(now).as_millis() as u64);
                status
            })
            .collect()
    }
    fn with(&self, id: &FeedId, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.rows.lock().get_mut(id) {
            change(row);
        }
    }
    fn tell(&self) {
        if let Some(notify) = self.notify.get() {
            notify();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_change_of_kind_is_told_and_the_next_try_shown() {
        let (board, told) = (FeedBoard::default(), Arc::new(AtomicU32::new(0)));
        let counter = told.clone();
        board.notify(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let id = FeedId::from("shop");
        board.register(&id, "woocommerce", Duration::from_secs(5));
        assert_eq!(told.load(Ordering::Relaxed), 1);
        for attempts in 1..=3 {
            let state = FeedState::Retrying { attempts, reason: "it is down".into() };
            board.waits(&id, state, Duration::from_secs(40));
        }
        assert_eq!(told.load(Ordering::Relaxed), 2, "more of the same is not news");
        let status = board.snapshot().remove(0);
        assert!(status.next_try_in_ms.is_some_and(|ms| (30_000..=40_000).contains(&ms)));
        assert_eq!((status.errors, status.last_error.as_deref()), (3, Some("it is down")));
        board.state(&id, FeedState::Live);
        assert_eq!(told.load(Ordering::Relaxed), 3);
        assert_eq!(board.snapshot().remove(0).next_try_in_ms, None);
    }
}
