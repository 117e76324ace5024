//! Feeds that went silent: sales that should have come by now and did not.
//!
//! What is usual is the mean of the last eight weeks at the same weekday and minutes. A feed is taken
//! for silent when enough should have come since its last sale, and when it stays so for a while: a
//! pause is no silence, and an hour is the most that may be lost by waiting. A slow day is no silence
//! either: what should have come is held against what came by the other feeds meanwhile. When nothing
//! comes by any feed, that is one silence and not one for each.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Length of a tick of the clock, seconds.
pub const TICK: i64 = 300;
const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;
/// Weeks that say what is usual.
const WEEKS: i64 = 8;
/// Sales that should have come before a silence can be known.
const KNOWABLE: f64 = 5.0;
/// A known silence is raised after this long at the latest, seconds: an hour from the minute at which it
/// was known, which may lie up to a tick before the tick that sees it.
const PATIENCE: i64 = 60 * 60 - TICK;
/// And at once when this many should have come today, less by what the other feeds lack.
const SURE: f64 = 10.0;
/// Otherwise when this many should have: a quiet evening before is no part of it.
const ENOUGH: f64 = 4.5;
/// Sales that an hour should have before its silence is worth a word: nobody is woken for a night.
const AWAKE: f64 = 0.6;
/// Sales of the other feeds that are taken to have come as usual, whatever came: few say little.
const GIVEN: f64 = 3.0;
/// Sales that should have come by all feeds before the shop as a whole is silent.
const SHOP: f64 = 20.0;

/// A silence that was raised.
#[derive(Debug, Clone, PartialEq)]
pub struct Silence {
    /// The feed.
    pub feed: Arc<str>,
    /// Time of its last sale, and when the silence was raised: seconds on the store's wall clock.
    pub since: i64,
    /// When it was raised.
    pub raised: i64,
    /// The first sale after it; `None` while it lasts.
    pub cleared: Option<i64>,
    /// Sales that should have come when it was raised.
    pub expected: f64,
    /// Sales that did come between `since` and `raised`: none, by what a silence is.
    pub seen: u32,
}

#[derive(Debug, Clone)]
struct Feed {
    name: Arc<str>,
    /// Times of its sales of the last weeks.
    sales: VecDeque<i64>,
    first: i64,
    last: i64,
    /// Tick at which the silence could first be known.
    knowable: Option<i64>,
    raised: Option<usize>,
}

/// When enough should have come by a feed since `from` for a silence to be known, by its sales in the order
/// of their times; `None`: not before `to`.
pub fn knowable(sales: &[i64], from: i64, to: i64) -> Option<i64> {
    let usual = |until: i64| {
        let of_week = |weeks: i64| {
            let before = |time: i64| sales.partition_point(|&sale| sale < time - weeks * WEEK);
            before(until).saturating_sub(before(from))
        };
        (1..=WEEKS).map(of_week).sum::<usize>() as f64 / WEEKS as f64
    };
    (from..=to).step_by(60).find(|minute| usual(*minute) >= KNOWABLE)
}

/// Watches feeds. Sales come in the order of their arrival, the clock ticks between them.
#[derive(Debug, Clone, Default)]
pub struct SilenceWatch {
    feeds: BTreeMap<Arc<str>, Feed>,
    silences: Vec<Silence>,
    now: Option<i64>,
}

impl Feed {
    /// Sales in (from, to], by halving.
    fn between(&self, from: i64, to: i64) -> usize {
        let before = |time: i64| self.sales.partition_point(|&sale| sale <= time);
        before(to).saturating_sub(before(from))
    }

    /// Sales that should have come in (from, to].
    fn expected(&self, from: i64, to: i64) -> f64 {
        let weeks = ((to - self.first) / WEEK).min(WEEKS);
        if weeks < 2 {
            return 0.0;
        }
        let back = |weeks: i64| self.between(from - weeks * WEEK, to - weeks * WEEK);
        (1..=weeks).map(back).sum::<usize>() as f64 / weeks as f64
    }
}

impl SilenceWatch {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// A sale came by a feed. Ticks until then are made up for first.
    pub fn sale(&mut self, feed: &Arc<str>, at: i64) {
        self.tick(at);
        let known = self.feeds.entry(Arc::clone(feed)).or_insert_with(|| Feed {
            name: Arc::clone(feed),
            sales: VecDeque::new(),
            first: at,
            last: at,
            knowable: None,
            raised: None,
        });
        known.last = known.last.max(at);
        known.knowable = None;
        if let Some(silence) = known.raised.take().and_then(|number| self.silences.get_mut(number))
        {
            silence.cleared = Some(at);
        }
        // Told late, it still has its place.
        let place = known.sales.partition_point(|&sale| sale <= at);
        known.sales.insert(place, at);
        while known.sales.front().is_some_and(|&old| at - old > (WEEKS + 1) * WEEK) {
            known.sales.pop_front();
        }
    }

    /// The clock reaches a time: every tick up to it is looked at. Returns what was raised on the way.
    pub fn tick(&mut self, at: i64) -> Vec<Silence> {
        let before = self.silences.len();
        // After a gap of more than a week there is nothing to compare with tick by tick.
        let from = self.now.unwrap_or(at).max(at - WEEK);
        let mut tick = (from.div_euclid(TICK) + 1) * TICK;
        while tick <= at {
            self.look(tick);
            tick += TICK;
        }
        self.now = Some(self.now.map_or(at, |now| now.max(at)));
        self.silences[before..].to_vec()
    }

    fn look(&mut self, tick: i64) {
        let mut silent: Vec<(f64, Arc<str>, bool)> = Vec::new();
        for feed in self.feeds.values_mut().filter(|feed| feed.raised.is_none()) {
            let expected = feed.expected(feed.last, tick);
            if expected >= KNOWABLE {
                let knowable = *feed.knowable.get_or_insert(tick);
                silent.push((expected, Arc::clone(&feed.name), tick - knowable >= PATIENCE));
            }
        }
        silent.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (expected, name, waited) in silent {
            let Some(feed) = self.feeds.get(&name) else { continue };
            let morning = tick.div_euclid(DAY) * DAY;
            let today = feed.expected(feed.last.max(morning), tick);
            if feed.expected(tick - 3600, tick) < AWAKE {
                continue;
            }
            let adjusted = today * self.pace(&name, tick);
            let enough = adjusted >= SURE || (waited && adjusted >= ENOUGH);
            if (enough && !self.told(tick)) || self.nothing(tick) {
                self.raise(&name, tick, expected);
            }
        }
    }

    /// What came by the other feeds since this one's last sale, over what should have: at most 1.
    fn pace(&self, name: &str, tick: i64) -> f64 {
        let Some(since) = self.feeds.get(name).map(|feed| feed.last) else { return 1.0 };
        let (mut came, mut expected) = (GIVEN, GIVEN);
        // Feeds known to be silent say nothing about the day.
        for feed in self.feeds.values().filter(|f| *f.name != *name && f.raised.is_none()) {
            came += feed.between(since, tick) as f64;
            expected += feed.expected(since, tick);
        }
        (came / expected).min(1.0)
    }

    /// When the last sale came by any feed.
    fn last(&self) -> Option<i64> {
        self.feeds.values().map(|feed| feed.last).max()
    }

    /// Whether somebody was told since the last sale by any feed: the rest is the same silence.
    fn told(&self, tick: i64) -> bool {
        let last = self.last().unwrap_or(tick);
        self.silences.last().is_some_and(|silence| silence.raised > last)
    }

    /// Whether nothing came by any feed for long, and nobody was told yet.
    fn nothing(&self, tick: i64) -> bool {
        let Some(last) = self.last() else { return false };
        let expected: f64 = self.feeds.values().map(|feed| feed.expected(last, tick)).sum();
        expected >= SHOP && !self.told(tick)
    }

    fn raise(&mut self, name: &str, tick: i64, expected: f64) {
        let number = self.silences.len();
        let Some(feed) = self.feeds.get_mut(name) else { return };
        feed.raised = Some(number);
        self.silences.push(Silence {
            feed: Arc::clone(&feed.name),
            since: feed.last,
            raised: tick,
            cleared: None,
            expected,
            seen: 0,
        });
    }

    /// All silences raised so far.
    pub fn silences(&self) -> &[Silence] {
        &self.silences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A feed with a sale every ten minutes from nine to five, and another by it, for so many days.
    fn feed(days: i64, silent: impl Fn(&str, i64) -> bool) -> SilenceWatch {
        let (web, edi): (Arc<str>, Arc<str>) = (Arc::from("web"), Arc::from("edi"));
        let mut watch = SilenceWatch::new();
        for day in 0..days {
            for minute in (9 * 60..17 * 60).step_by(10) {
                let at = day * DAY + minute * 60;
                for feed in [&web, &edi].into_iter().filter(|feed| !silent(feed, at)) {
                    watch.sale(feed, at);
                }
            }
        }
        watch.tick(days * DAY);
        watch
    }

    #[test]
    fn a_steady_feed_raises_nothing() {
        assert!(feed(80, |_, _| false).silences().is_empty());
    }

    #[test]
    fn a_silence_is_raised_within_the_hour_and_cleared_by_the_next_sale() {
        let (from, to) = (70 * DAY + 11 * 3600, 70 * DAY + 14 * 3600);
        let watch = feed(80, |feed, at| feed == "web" && (from..to).contains(&at));
        let [silence] = watch.silences() else { panic!("{:?}", watch.silences()) };
        assert_eq!(&*silence.feed, "web");
        // Five sales are due 50 minutes after the start.
        assert!((from + 3000..=from + 3000 + 3600).contains(&silence.raised), "{silence:?}");
        assert_eq!(silence.cleared, Some(to));
        assert!(silence.expected >= KNOWABLE && silence.seen == 0);
    }

    #[test]
    fn a_closed_shop_is_one_silence() {
        let closed = 70 * DAY..71 * DAY;
        let watch = feed(80, |_, at| closed.contains(&at));
        assert_eq!(watch.silences().len(), 1, "{:?}", watch.silences());
    }

    #[test]
    fn ticks_between_sales_change_nothing() {
        let (from, to) = (70 * DAY + 11 * 3600, 70 * DAY + 14 * 3600);
        let silent = |feed: &str, at: i64| feed == "web" && (from..to).contains(&at);
        let mut ticked = SilenceWatch::new();
        let mut plain = SilenceWatch::new();
        for minute in 0..80 * 24 * 60 {
            let at = minute * 60;
            ticked.tick(at);
            let open = (9 * 60..17 * 60).contains(&(minute % (24 * 60))) && minute % 10 == 0;
            for feed in ["web", "edi"].into_iter().filter(|feed| open && !silent(feed, at)) {
                ticked.sale(&Arc::from(feed), at);
                plain.sale(&Arc::from(feed), at);
            }
        }
        assert_eq!(ticked.silences(), plain.silences());
    }
}
