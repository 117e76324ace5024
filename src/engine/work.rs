//! Long work: what runs, how far it has come, and how it is cancelled.

use super::api::Work;
use crate::domain::Progress;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

/// Asks one piece of work to stop, from wherever it was asked for.
#[derive(Clone, Debug)]
pub struct Cancel(Arc<watch::Sender<bool>>);

impl Default for Cancel {
    fn default() -> Self {
        Cancel(Arc::new(watch::Sender::new(false)))
    }
}

impl Cancel {
    /// Asks.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }
    /// Whether anybody has asked.
    pub fn asked(&self) -> bool {
        *self.0.borrow()
    }
    /// Returns once somebody asks.
    pub async fn wait(&self) {
        // The sender is held here, so the channel cannot close meanwhile.
        let _ = self.0.subscribe().wait_for(|asked| *asked).await;
    }
}

/// The long work that runs in the owner.
#[derive(Default)]
pub struct Works {
    table: Mutex<Table>,
    count: watch::Sender<usize>,
    awaited: watch::Sender<usize>,
    asked: watch::Sender<usize>,
}

/// Who waits for a piece of work.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// Somebody asked for it, and what the owner does by itself lets it go first.
    First,
    /// Somebody asked for it: the owner stays for it, and all else goes on beside it.
    Beside,
    /// Nobody: it ends with the owner, which does not stay for it.
    Nobody,
}

#[derive(Default)]
struct Table {
    last: u64,
    rows: BTreeMap<u64, Row>,
}

struct Row {
    progress: Progress,
    started: Instant,
    cancel: Cancel,
    waits: Waits,
}

/// One piece of long work, on the list for as long as this lives.
pub struct Running {
    works: Arc<Works>,
    id: u64,
    cancel: Cancel,
}

impl Works {
    /// Puts a piece of work on the list.
    pub fn begin(self: &Arc<Self>, what: &str) -> Running {
        self.begin_with(what, &Cancel::default())
    }
    /// The same for work that whoever asked for it may cancel.
    pub fn begin_with(self: &Arc<Self>, what: &str, cancel: &Cancel) -> Running {
        self.put(what, cancel, Waits::First)
    }
    /// The same for work that the owner does by itself: it ends with the owner, which does not stay
    /// for it.
    pub fn begin_aside(self: &Arc<Self>, what: &str) -> Running {
        self.put(what, &Cancel::default(), Waits::Nobody)
    }
    /// The same for work that whoever asked for it may cancel. Where a person asked, the owner stays for
    /// it; nothing else waits for it.
    pub fn begin_beside(self: &Arc<Self>, what: &str, cancel: &Cancel, person: bool) -> Running {
        self.put(what, cancel, if person { Waits::Beside } else { Waits::Nobody })
    }
    fn put(self: &Arc<Self>, what: &str, cancel: &Cancel, waits: Waits) -> Running {
        let mut table = self.table.lock();
        table.last += 1;
        let id = table.last;
        let progress = Progress { what: what.into(), done: 0, total: None };
        let row = Row { progress, started: Instant::now(), cancel: cancel.clone(), waits };
        table.rows.insert(id, row);
        self.tell(&table);
        Running { works: self.clone(), id, cancel: cancel.clone() }
    }
    /// Asks a piece of work to stop; `false` if there is none of that number.
    pub fn cancel(&self, id: u64) -> bool {
        match self.table.lock().rows.get(&id) {
            Some(row) => {
                row.cancel.ask();
                true
            }
            None => false,
        }
    }
    /// Asks all of it to stop.
    pub fn cancel_all(&self) {
        for row in self.table.lock().rows.values() {
            row.cancel.ask();
        }
    }
    /// How many pieces of work run, whenever that changes.
    pub fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }
    /// How many of them go first.
    pub fn awaited(&self) -> watch::Receiver<usize> {
        self.awaited.subscribe()
    }
    /// How many of them somebody asked for.
    pub fn asked(&self) -> watch::Receiver<usize> {
        self.asked.subscribe()
    }
    fn tell(&self, table: &Table) {
        let count = |of: fn(Waits) -> bool| table.rows.values().filter(|row| of(row.waits)).count();
        self.count.send_replace(table.rows.len());
        self.awaited.send_replace(count(|waits| waits == Waits::First));
        self.asked.send_replace(count(|waits| waits != Waits::Nobody));
    }
    /// All work that runs, oldest first.
    pub fn list(&self) -> Vec<Work> {
        let table = self.table.lock();
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
    /// Its number on the list.
    pub fn id(&self) -> u64 {
        self.id
    }
    /// Says how far it has come.
    pub fn at(&self, progress: Progress) {
        if let Some(row) = self.works.table.lock().rows.get_mut(&self.id) {
            row.progress = progress;
        }
    }
    /// Whether somebody asked it to stop.
    pub fn cancelled(&self) -> bool {
        self.cancel.asked()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut table = self.works.table.lock();
        table.rows.remove(&self.id);
        self.works.tell(&table);
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
        let (asked, other) = (Cancel::default(), Cancel::default());
        let (a, b) = (works.begin_with("a", &asked), works.begin_with("b", &other));
        assert_eq!(*works.count().borrow(), 2);
        asked.ask();
        assert!(a.cancelled() && !b.cancelled());
        works.cancel_all();
        assert!(b.cancelled());
        drop((a, b));
        assert_eq!(*works.count().borrow(), 0);
        let aside = works.begin_aside("c");
        let counts =
            || [works.count(), works.asked(), works.awaited()].map(|count| *count.borrow());
        assert_eq!(counts(), [1, 0, 0]);
        let beside = works.begin_beside("d", &Cancel::default(), true);
        assert_eq!(counts(), [2, 1, 0], "the owner stays for it, and forecasts do not wait");
        let due = works.begin_beside("e", &Cancel::default(), false);
        assert_eq!(counts(), [3, 1, 0]);
        drop((beside, due));
        works.cancel_all();
        assert!(aside.cancelled());
    }
}
