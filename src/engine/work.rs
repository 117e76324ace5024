//! Long work: what runs, how far it has come, and how it is cancelled.

use super::api::Work;
use crate::domain::Progress;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The long work that runs in the owner.
#[derive(Default)]
pub struct Works(Mutex<Table>);

#[derive(Default)]
struct Table {
    last: u64,
    rows: BTreeMap<u64, Row>,
}

struct Row {
    progress: Progress,
    started: Instant,
    cancelled: Arc<AtomicBool>,
}

/// One piece of long work, on the list for as long as this lives.
pub struct Running {
    works: Arc<Works>,
    id: u64,
    cancelled: Arc<AtomicBool>,
}

impl Works {
    /// Puts a piece of work on the list.
    pub fn begin(self: &Arc<Self>, what: &str) -> Running {
        let cancelled = Arc::new(AtomicBool::new(false));
        let mut table = self.0.lock();
        table.last += 1;
        let id = table.last;
        let progress = Progress { what: what.into(), done: 0, total: None };
        let row = Row { progress, started: Instant::now(), cancelled: cancelled.clone() };
        table.rows.insert(id, row);
        Running { works: self.clone(), id, cancelled }
    }
    /// Asks a piece of work to stop; `false` if there is none of that number.
    pub fn cancel(&self, id: u64) -> bool {
        match self.0.lock().rows.get(&id) {
            Some(row) => {
                row.cancelled.store(true, Ordering::Relaxed);
                true
            }
            None => false,
        }
    }
    /// All work that runs, oldest first.
    pub fn list(&self) -> Vec<Work> {
        let table = self.0.lock();
        let work = |(id, row): (&u64, &Row)| Work {
            id: *id,
            progress: row.progress.clone(),
            eta_s: eta(&row.progress, row.started),
        };
        table.rows.iter().map(work).collect()
    }
}

/// Seconds left at the mean speed so far; nothing in the first half second.
fn eta(progress: &Progress, started: Instant) -> Option<u64> {
    let total = progress.total?;
    let passed = started.elapsed().as_secs_f64();
    if passed < 0.5 || progress.done == 0 {
        return None;
    }
    let left = total.saturating_sub(progress.done) as f64;
    Some((left * passed / progress.done as f64).ceil() as u64)
}

impl Running {
    /// Says how far it has come.
    pub fn at(&self, progress: Progress) {
        if let Some(row) = self.works.0.lock().rows.get_mut(&self.id) {
            row.progress = progress;
        }
    }
    /// Whether somebody asked it to stop.
    pub fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.works.0.lock().rows.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_listed_while_it_runs_and_can_be_cancelled() {
        let works = Arc::new(Works::default());
        let running = works.begin("import");
        running.at(Progress { what: "import".into(), done: 5, total: Some(10) });
        let listed = works.list();
        assert_eq!((listed.len(), listed[0].progress.done), (1, 5));
        assert!(!running.cancelled());
        assert!(works.cancel(listed[0].id) && running.cancelled());
        drop(running);
        assert!(works.list().is_empty() && !works.cancel(1));
    }
}
