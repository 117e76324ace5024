//! Where the reading stands, as it is kept with each page: everything to go on after a kill.

use crate::domain::{Cursor, Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The state of all that is read from one shop.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// Changed orders.
    pub orders: Watch,
    /// Products and their stock.
    pub products: Watch,
    /// Whether all products have been read once.
    pub products_known: bool,
    /// Where the first reading of the products was told to end.
    pub products_end: End,
    /// Whether the extension was served at any time.
    pub extension_served: bool,
    /// When all products and stock were last read, by this machine's clock.
    pub stock_read_at: Option<Timestamp>,
    /// When the orders of the last days were last swept, by this machine's clock.
    pub swept_at: Option<Timestamp>,
    /// Tables of the extension, by name.
    pub extension: BTreeMap<String, Watch>,
    /// Older orders.
    pub history: History,
    /// Orders that came and could not be read whole; the wheel asks for them again.
    pub unread_orders: BTreeSet<u64>,
}

/// Something that is asked for its changes since a moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Watch {
    /// All changes before this moment, by the source's clock, are known; `None`: nothing is.
    pub known_until: Option<Timestamp>,
    /// The window that is being read.
    pub window: Option<Window>,
}

/// Changes since a moment, which take several pages. The window closes only after its last page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Window {
    /// Changes from here on; `None`: everything.
    pub from: Option<Timestamp>,
    /// The page to ask for next, from 1.
    pub page: u32,
    /// The source's clock when the first page was asked.
    pub started: Option<Timestamp>,
    /// The newest change seen in it.
    pub newest: Option<Timestamp>,
    /// How many items it held when last asked.
    pub total: Option<u64>,
    /// How often it was begun again.
    pub restarts: u8,
}

/// Orders read backwards from the newest by the moment they were placed. That moment never
/// changes, so that nothing is skipped however much the shop changes meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct History {
    /// Orders placed before this are still to be read; `None`: all.
    pub before: Option<Timestamp>,
    /// The page below `before` to ask for next; above 1 only where a page's orders share a second.
    pub page: u32,
    /// Orders read.
    pub done: u64,
    /// Orders there were when it began.
    pub total: Option<u64>,
    /// Where it was told to end.
    pub end: End,
    /// Whether the oldest has been read.
    pub finished: bool,
}

/// A list's word that nothing follows. A shop under repair, or a cache before it, may answer with an
/// empty list although there is more: such an end counts only once it was told again later.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct End {
    /// When it was first told, by this machine's clock.
    told_at: Option<Timestamp>,
}

impl End {
    /// Takes note of an end; returns whether it is believed. `counted`: as many items came as were
    /// said to be there.
    pub fn told(&mut self, counted: bool, now: Timestamp, confirm_after: Span) -> bool {
        let confirmed = self.told_at.is_some_and(|first| is_over(first, now, confirm_after));
        self.told_at.get_or_insert(now);
        counted || confirmed
    }
    /// Whether it makes sense to ask on: no end was told, or long enough ago.
    pub fn asks_on(&self, now: Timestamp, confirm_after: Span) -> bool {
        self.told_at.is_none_or(|first| is_over(first, now, confirm_after))
    }
}

/// Whether a wait that began at `since` is over. A clock that was set back ends it.
pub(super) fn is_over(since: Timestamp, now: Timestamp, wait: Span) -> bool {
    now < since || now.since(since) >= wait
}

/// What one page of a window told of the window.
pub(super) struct Turned {
    /// The source's clock at the request.
    pub now: Option<Timestamp>,
    /// The newest change on it.
    pub newest: Option<Timestamp>,
    /// How many items the window holds.
    pub total: Option<u64>,
    /// Whether another page follows.
    pub more: bool,
}

/// A window in which rows vanish is begun again; after this many times, what is left is found by
/// the wheels.
const MOST_RESTARTS: u8 = 5;

/// Orders that are kept for another try; the sweep finds others.
const MOST_UNREAD: usize = 1_000;

impl State {
    /// From a kept cursor; one that cannot be read starts over, since applying again is harmless.
    pub fn read(cursor: Option<&Cursor>) -> Self {
        cursor.and_then(|c| serde_json::from_str(&c.0).ok()).unwrap_or_default()
    }
    /// Takes note of whether an order that came is still to be read.
    pub fn keep_unread(&mut self, order: u64, unread: bool) {
        if !unread {
            self.unread_orders.remove(&order);
        } else if self.unread_orders.len() < MOST_UNREAD {
            self.unread_orders.insert(order);
        }
    }
    pub fn write(&self) -> Option<Cursor> {
        serde_json::to_string(self).ok().map(|text| Cursor(text.into()))
    }
}

impl Watch {
    /// The window to read: the open one, or a new one that overlaps what is known.
    pub fn open(&mut self, overlap: Span) -> &mut Window {
        let from = self.known_until.map(|at| at - overlap);
        self.window.get_or_insert_with(|| Window { from, page: 1, ..Window::default() })
    }

    /// Takes note of a page; returns whether another is to be read.
    pub fn turn(&mut self, page: Turned) -> bool {
        let Some(window) = &mut self.window else { return false };
        if window.page <= 1 {
            // Without a clock, the newest change on the first page: it is no later than the request.
            window.started = page.now.or(page.newest);
        }
        window.newest = window.newest.max(page.newest);
        let vanished = window.page > 1 && page.total < window.total && page.total.is_some();
        window.total = page.total;
        if vanished && window.restarts < MOST_RESTARTS {
            // Rows before this page are gone, and as many slipped past its beginning.
            window.page = 1;
            window.restarts += 1;
            return true;
        }
        if page.more {
            window.page += 1;
            return true;
        }
        // The clock in a header may run ahead of the one that dates changes.
        let known = window.newest.max(self.known_until);
        self.known_until = match (window.started, known) {
            (Some(started), Some(known)) => {
                Some(started.min(known).max(self.known_until.unwrap_or(started.min(known))))
            }
            (started, known) => started.or(known),
        };
        self.window = None;
        false
    }
}

impl History {
    /// Takes note of a page, newest first: the moments its orders were placed at. Orders whose
    /// moment cannot be read stand as `None`.
    pub fn turn(&mut self, placed: &[Option<Timestamp>], total: Option<u64>, more: bool) {
        self.total = self.total.or(total);
        self.done += placed.len() as u64;
        if !more {
            return;
        }
        self.end = End::default();
        let sorted = placed.windows(2).all(|pair| match pair {
            [Some(newer), Some(older)] => newer >= older,
            _ => false,
        });
        // The bound is exclusive and cut to seconds: a second more, and the rows that share the
        // last second come again rather than not at all.
        let bound = placed.last().copied().flatten().filter(|_| sorted);
        let bound =
            bound.map(|at| Timestamp::from_millis(at.as_seconds() * 1_000) + Span::seconds(1));
        match bound {
            Some(bound) if self.before.is_none_or(|before| bound < before) => {
                self.before = Some(bound);
                self.page = 1;
            }
            _ => self.page = self.page.max(1) + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn page(now: i64, newest: i64, total: u64, more: bool) -> Turned {
        Turned { now: Some(at(now)), newest: Some(at(newest)), total: Some(total), more }
    }

    #[test]
    fn a_window_closes_after_its_last_page_at_the_time_of_its_first() {
        let mut watch = Watch { known_until: Some(at(1_000)), window: None };
        assert_eq!(watch.open(Span::seconds(300)).from, Some(at(700)));
        assert!(watch.turn(page(2_000, 1_990, 150, true)));
        assert_eq!(watch.known_until, Some(at(1_000)));
        assert_eq!(watch.open(Span::seconds(0)).page, 2);
        assert!(!watch.turn(page(2_400, 2_390, 150, false)));
        assert_eq!(watch, Watch { known_until: Some(at(2_000)), window: None });
    }

    #[test]
    fn a_clock_that_runs_ahead_or_is_silent_loses_nothing() {
        let mut watch = Watch::default();
        watch.open(Span::seconds(0));
        watch.turn(page(9_000, 500, 3, false));
        assert_eq!(watch.known_until, Some(at(500)));
        watch.open(Span::seconds(0));
        watch.turn(Turned { now: Some(at(9_500)), newest: None, total: Some(0), more: false });
        assert_eq!(watch.known_until, Some(at(500)));
        watch.open(Span::seconds(0));
        watch.turn(Turned { now: None, newest: Some(at(600)), total: None, more: false });
        assert_eq!(watch.known_until, Some(at(600)));
    }

    #[test]
    fn rows_that_vanish_begin_the_window_again() {
        let mut watch = Watch::default();
        watch.open(Span::seconds(0));
        assert!(watch.turn(page(1, 1, 250, true)));
        assert!(watch.turn(page(2, 1, 249, true)));
        assert_eq!(watch.window.as_ref().map(|w| (w.page, w.total)), Some((1, Some(249))));
    }

    #[test]
    fn history_goes_by_time_and_by_pages_within_a_second() {
        let mut history = History::default();
        history.turn(&[Some(at(90)), Some(at(80))], Some(7), true);
        assert_eq!((history.before, history.page), (Some(at(81)), 1));
        history.turn(&[Some(at(80)), Some(at(80))], Some(6), true);
        assert_eq!((history.before, history.page), (Some(at(81)), 2));
        history.turn(&[Some(at(80)), Some(at(70))], Some(6), true);
        assert_eq!((history.before, history.page), (Some(at(71)), 1));
        history.turn(&[Some(at(70))], Some(1), false);
        assert_eq!((history.done, history.total), (7, Some(7)));
    }

    #[test]
    fn an_end_counts_if_the_count_fits_or_if_it_is_told_again_later() {
        let wait = Span::seconds(600);
        assert!(End::default().told(true, at(0), wait));
        let mut end = End::default();
        assert!(end.asks_on(at(0), wait));
        assert!(!end.told(false, at(0), wait));
        assert!(!end.asks_on(at(599), wait) && !end.told(false, at(599), wait));
        assert!(end.asks_on(at(600), wait) && end.told(false, at(600), wait));
    }

    #[test]
    fn a_server_that_does_not_sort_is_read_by_pages() {
        let mut history = History::default();
        history.turn(&[Some(at(10)), Some(at(80))], Some(4), true);
        assert_eq!((history.before, history.page), (None, 2));
    }

    #[test]
    fn a_cursor_survives_writing() {
        let mut state = State::default();
        state.orders.open(Span::seconds(0));
        state.history.before = Some(at(5));
        assert_eq!(State::read(state.write().as_ref()), state);
        assert_eq!(State::read(Some(&Cursor("{torn".into()))), State::default());
    }
}
