//! Who is attached.

use crate::engine::Backend;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

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

    /// Somebody came; `console`: its name, where it is one.
    pub(super) fn enter(self: &Arc<Self>, console: Option<Box<str>>) -> Guest {
        let mut book = self.book.lock();
        let number = book.next;
        book.next += 1;
        if let Some(name) = console {
            book.consoles.insert(number, name);
            self.tell(book.consoles.values().cloned().collect());
        }
        self.count.send_modify(|count| *count += 1);
        Guest { guests: self.clone(), number }
    }

    /// Returns when nobody has been here for `linger`.
    pub(super) async fn all_left(&self, linger: Duration) {
        let mut count = self.count.subscribe();
        loop {
            let somebody = count.wait_for(|count| *count > 0);
            if tokio::time::timeout(linger, somebody).await.is_err() {
                return;
            }
            if count.wait_for(|count| *count == 0).await.is_err() {
                return;
            }
        }
    }

    fn tell(&self, names: Vec<Box<str>>) {
        self.backend.consoles(names);
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
