//! Who is attached.

use crate::engine::Backend;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Who is attached; the engine is told of consoles.
pub(super) struct Guests {
    backend: Arc<dyn Backend>,
    book: Mutex<Book>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Book {
    next: u64,
    consoles: BTreeMap<u64, Box<str>>,
}

/// A client that is attached until this is dropped.
pub(super) struct Guest {
    guests: Arc<Guests>,
    number: u64,
}

impl Guests {
    pub(super) fn new(backend: Arc<dyn Backend>) -> Self {
        Guests { backend, book: Mutex::default(), count: watch::Sender::new(0) }
    }

    /// Somebody came. Called when the line opens, so that the owner does not end under a client
    /// that has not yet said who it is.
    pub(super) fn enter(self: &Arc<Self>) -> Guest {
        let mut book = self.book.lock();
        let number = book.next;
        book.next += 1;
        self.count.send_modify(|count| *count += 1);
        Guest { guests: self.clone(), number }
    }

    /// Returns when nobody has been here for a while, `first` for the first one to come, and no
    /// long work runs that somebody left behind.
    pub(super) async fn all_left(&self, first: Duration, linger: Duration) {
        let mut count = self.count.subscribe();
        let mut at_work = self.backend.at_work();
        let mut wait = first;
        loop {
            if timeout(wait, count.wait_for(|count| *count > 0)).await.is_err() {
                if *at_work.borrow_and_update() == 0 {
                    return;
                }
                tokio::select! {
                    _ = at_work.wait_for(|works| *works == 0) => {}
                    _ = count.wait_for(|count| *count > 0) => {}
                }
                wait = linger;
                continue;
            }
            if count.wait_for(|count| *count == 0).await.is_err() {
                return;
            }
            wait = linger;
        }
    }

    fn tell(&self, names: Vec<Box<str>>) {
        self.backend.consoles(names);
    }
}

impl Guest {
    /// It is a console, of this name.
    pub(super) fn is_console(&self, name: Box<str>) {
        let mut book = self.guests.book.lock();
        book.consoles.insert(self.number, name);
        self.guests.tell(book.consoles.values().cloned().collect());
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut book = self.guests.book.lock();
        if book.consoles.remove(&self.number).is_some() {
            self.guests.tell(book.consoles.values().cloned().collect());
        }
        self.guests.count.send_modify(|count| *count = count.saturating_sub(1));
    }
}
