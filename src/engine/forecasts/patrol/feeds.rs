//! Feeds: what they tell, how much, and whether they tell anything.

use super::super::held::Held;
use crate::domain::{Day, FeedId, OrderKind, Span, Timestamp};
use crate::engine::flags::wall;
use crate::engine::house::House;
use crate::engine::stored::StoredOrder;
use crate::engine::tables;
use crate::insight::anomaly::Raised;
use crate::insight::anomaly::silence::{Silence, SilenceWatch};
use crate::insight::monitor::feed::{FeedPast, READ};
use crate::insight::monitor::{rate, silent};
use crate::orders::Row;
use crate::store::StoreError;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Weak};
use std::time::Instant;

/// Days by which the rate of a day is judged.
const DAYS: i32 = 105;
/// Weeks of sales from which a silence is known.
const SALES: Span = Span::days(63);
/// Orders are told a moment after they were placed.
const SETTLED: Span = Span::minutes(2);
/// Orders that are read at once.
const AT_ONCE: usize = 1_000;

/// What is known of feeds.
#[derive(Default)]
pub(super) struct Feeds {
    rates: Option<(Day, BTreeMap<FeedId, rate::Days>)>,
    silence: SilenceWatch,
    /// Orders below this one were told to it.
    next: Row,
    /// When it looked last, in domain time and by the steady clock: simulated time has a pace of its own.
    looked: Option<(Timestamp, Instant)>,
}

impl Feeds {
    /// All that is wrong with feeds.
    pub fn look(&mut self, house: &Weak<House>) -> Result<Vec<Raised>, StoreError> {
        let Some(held) = Held::of(house) else { return Ok(Vec::new()) };
        let (now, currency) = (held.house.clock.now(), held.house.currency);
        let yesterday = held.house.today().plus(-1);
        if self.rates.as_ref().is_none_or(|(day, _)| *day != yesterday) {
            self.rates = Some((yesterday, rates(&held.house, yesterday)));
        }
        self.hear(&held.house, now);
        let read = self.read_until(&held.house, now);
        drop(held);
        let mut all = Vec::new();
        let Some(past) = past(house, now)? else { return Ok(all) };
        let Some(house) = house.upgrade() else { return Ok(all) };
        for (feed, past) in &past {
            all.extend(past.raised(feed, now, &house.zone, currency));
        }
        for (feed, days) in self.rates.iter().flat_map(|(_, all)| all) {
            let worth = past.get(feed).map_or(0.0, FeedPast::usual_worth);
            all.extend(days.raised(feed, yesterday, &house.zone, (worth, currency)));
        }
        let worth = |feed: &FeedId| past.get(feed).map_or(0.0, FeedPast::usual_worth);
        let wall_now = wall(now, &house.zone);
        // A feed that was not read since cannot have told anything.
        let is_heard = |silence: &&Silence| {
            let known = now - Span::seconds(wall_now - silence.raised);
            read.get(&*silence.feed).is_none_or(|read| *read >= known)
        };
        let lasting = self.silence.silences().iter().filter(|silence| silence.cleared.is_none());
        all.extend(lasting.filter(is_heard).map(|silence| {
            let since = now - Span::seconds(wall_now - silence.since);
            silent(silence, since, &house.zone, |feed| worth(feed), currency)
        }));
        Ok(all)
    }

    /// Up to when each feed was read that answers when it is asked; one in trouble is silent indeed.
    fn read_until(&mut self, house: &House, now: Timestamp) -> HashMap<Box<str>, Timestamp> {
        let moment = Instant::now();
        let pace = self.looked.map_or(1.0, |(at, then)| {
            let real = moment.duration_since(then).as_millis().max(1) as f64;
            now.since(at).as_millis() as f64 / real
        });
        self.looked = Some((now, moment));
        let feeds = house.board.snapshot().into_iter();
        let read = feeds.filter(|feed| feed.state.trouble().is_none()).map(|feed| {
            let ago = |ms: u64| now - Span::millis((ms as f64 * pace) as i64);
            (feed.id.as_str().into(), feed.heard_ms_ago.map_or(Timestamp::default(), ago))
        });
        read.collect()
    }

    /// Tells the watch of silences what was sold since the last look.
    fn hear(&mut self, house: &House, now: Timestamp) {
        let until = now - SETTLED;
        let index = house.orders.read();
        // Loaded anew, orders have other places.
        if self.next > 0 && index.placed_at(self.next - 1).is_none() {
            self.next = 0;
        }
        // By their arrival: a feed may tell its sales hours later, all at once.
        let new = (self.next..).map_while(|row| Some((index.placed_at(row)?, row)));
        let mut rows: Vec<(Timestamp, Row)> = new.collect();
        self.next = rows.last().map_or(self.next, |(_, row)| row + 1);
        rows.retain(|(at, _)| *at >= now - SALES);
        rows.sort_unstable();
        for (_, row) in rows {
            let Some(order) = index.row(row).filter(|order| order.kind == OrderKind::Sale) else {
                continue;
            };
            let feed: Arc<str> = order.key.feed.as_str().into();
            self.silence.sale(&feed, wall(order.placed_at, &house.zone));
        }
        drop(index);
        self.silence.tick(wall(until, &house.zone));
    }
}

/// Orders of each feed by day.
fn rates(house: &House, last: Day) -> BTreeMap<FeedId, rate::Days> {
    let mut all: BTreeMap<FeedId, rate::Days> = BTreeMap::new();
    for back in (0..DAYS).rev() {
        let day = last.plus(-back);
        let index = house.orders.read();
        for row in index.placed_between(day.start(&house.zone), day.plus(1).start(&house.zone)) {
            if let Some(order) = index.row(row).filter(|order| order.kind == OrderKind::Sale) {
                all.entry(order.key.feed).or_default().add(day, 1);
            }
        }
    }
    all
}

/// The last weeks of each feed; `None`: the house is gone.
fn past(
    house: &Weak<House>,
    now: Timestamp,
) -> Result<Option<BTreeMap<FeedId, FeedPast>>, StoreError> {
    let mut all: BTreeMap<FeedId, FeedPast> = BTreeMap::new();
    let rows: Vec<_> = match Held::of(house) {
        Some(held) => held.house.orders.read().placed_between(now - READ, now).collect(),
        None => return Ok(None),
    };
    for part in rows.chunks(AT_ONCE) {
        let Some(held) = Held::of(house) else { return Ok(None) };
        for row in part {
            let stored = held.store.get::<tables::Orders>(row)?;
            if let Some(order) = stored.map(StoredOrder::into_order) {
                all.entry(order.key.feed.clone()).or_default().order(&order);
            }
        }
    }
    let Some(held) = Held::of(house) else { return Ok(None) };
    for record in held.store.scan::<tables::Quarantine>(..) {
        let (_, rejected) = record?;
        let moment = rejected.moment();
        if moment > now - READ {
            all.entry(rejected.feed).or_default().reject(moment);
        }
    }
    Ok(Some(all))
}
