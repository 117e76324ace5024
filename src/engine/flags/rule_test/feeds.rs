//! What the rules about feeds would have said of the past: each is asked as of the days that it goes by,
//! with the orders and rejects of before.

use super::super::FlagError;
use super::super::order::wall;
use super::{Going, PART};
use crate::domain::{Day, FeedId, OrderKind, Span, Timestamp};
use crate::engine::house::House;
use crate::engine::stored::StoredOrder;
use crate::engine::tables;
use crate::insight::anomaly::silence::SilenceWatch;
use crate::insight::monitor::feed::{Episode, FeedPast, READ, TOLD};
use crate::insight::monitor::{rate, silent};
use crate::orders::Row;
use crate::store::Store;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sales of so long before say when a silence is known, and orders of so many days how many a day has.
const SALES: Span = Span::days(63);
const DAYS: i32 = 105;

/// What would have been said of a feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// The feed.
    pub feed: FeedId,
    /// Since when it was so.
    pub since: Timestamp,
    /// In words.
    pub why: String,
}

/// What would have been said, and how many orders were looked at for it.
type Found = Result<(Vec<Heard>, usize), FlagError>;

/// All that a rule would have said from one moment to another, oldest first.
pub fn heard(
    house: &House,
    store: &Store,
    rule: &str,
    span: (Timestamp, Timestamp),
    going: Going<'_>,
) -> Found {
    let (mut heard, looked_at) = match rule {
        "silent-feed" => silences(house, span, going)?,
        "rate-drift" => off_days(house, span, going)?,
        _ => episodes(house, store, rule, span, going)?,
    };
    heard.sort_by(|a, b| (a.since, &a.feed).cmp(&(b.since, &b.feed)));
    Ok((heard, looked_at))
}

/// Sales from one moment to another in the order in which they were placed, handed over one by one.
/// Returns how many.
fn sales(
    house: &House,
    (from, until): (Timestamp, Timestamp),
    going: Going<'_>,
    mut each: impl FnMut(FeedId, Timestamp),
) -> Result<usize, FlagError> {
    let rows: Vec<Row> = house.orders.read().placed_between(from, until).collect();
    let mut count = 0;
    for (number, part) in rows.chunks(PART).enumerate() {
        if !going(number * PART, rows.len()) {
            return Err(FlagError::Ended);
        }
        let index = house.orders.read();
        let orders = part.iter().filter_map(|row| index.row(*row));
        for order in orders.filter(|order| order.kind == OrderKind::Sale) {
            each(order.key.feed, order.placed_at);
            count += 1;
        }
    }
    Ok(count)
}

fn silences(house: &House, (from, now): (Timestamp, Timestamp), going: Going<'_>) -> Found {
    let mut watch = SilenceWatch::new();
    let looked_at = sales(house, (from - SALES, now), going, |feed, at| {
        watch.sale(&Arc::from(feed.as_str()), wall(at, &house.zone));
    })?;
    let wall_now = wall(now, &house.zone);
    watch.tick(wall_now);
    let moment = |at: i64| now - Span::seconds(wall_now - at);
    let raised = watch.silences().iter().filter(|silence| moment(silence.raised) >= from);
    let heard = raised.map(|silence| {
        let raised = silent(silence, moment(silence.since), &house.zone, |_| 0.0, house.currency);
        let why = raised.reasons.join("; ");
        Heard { feed: FeedId::new(&*silence.feed), since: raised.since, why }
    });
    Ok((heard.collect(), looked_at))
}

fn off_days(house: &House, (from, now): (Timestamp, Timestamp), going: Going<'_>) -> Found {
    let first = from.day(&house.zone);
    let mut feeds: BTreeMap<FeedId, rate::Days> = BTreeMap::new();
    let earliest = first.plus(-DAYS).start(&house.zone);
    let looked_at = sales(house, (earliest, now), going, |feed, at| {
        feeds.entry(feed).or_default().add(at.day(&house.zone), 1);
    })?;
    let mut heard = Vec::new();
    // The day that is not over yet says nothing.
    let last = now.day(&house.zone).plus(-1);
    for (feed, days) in &feeds {
        for day in (first.number()..=last.number()).map(Day::from_number) {
            let raised = days.raised(feed, day, &house.zone, (0.0, house.currency));
            let of_day = raised.into_iter().filter(|one| one.since == day.start(&house.zone));
            heard.extend(of_day.map(|one| Heard {
                feed: feed.clone(),
                since: one.since,
                why: one.reasons.join("; "),
            }));
        }
    }
    Ok((heard, looked_at))
}

/// Times in which a feed told something else, by looks back that are as far apart as such a time stays
/// told. What two looks see of one time is one.
fn episodes(
    house: &House,
    store: &Store,
    rule: &str,
    (from, now): (Timestamp, Timestamp),
    going: Going<'_>,
) -> Found {
    let mut found: Vec<(FeedId, Episode)> = Vec::new();
    let looks = usize::try_from(now.since(from).as_seconds() / TOLD.as_seconds()).unwrap_or(0) + 1;
    let looked_at = house.orders.read().placed_between(from - READ, now).count();
    for look in 1..=looks {
        let at = now.min(from + Span::seconds(TOLD.as_seconds() * look as i64));
        let past = past(house, store, at, &|| going(look, looks))?;
        for (feed, past) in &past {
            let told = past.episodes(at).into_iter();
            for episode in told.filter(|one| one.rule == rule && one.until >= from) {
                let same = found.iter_mut().find(|(of, known)| {
                    of == feed && episode.since <= known.until && known.since <= episode.until
                });
                match same {
                    Some((_, known)) => {
                        let since = known.since.min(episode.since);
                        *known = Episode { since, ..episode };
                    }
                    None => found.push((feed.clone(), episode)),
                }
            }
        }
    }
    let heard = found.into_iter().map(|(feed, episode)| Heard {
        feed,
        since: episode.since,
        why: episode.reason,
    });
    Ok((heard.collect(), looked_at))
}

/// What each feed had told in the weeks before a moment.
fn past(
    house: &House,
    store: &Store,
    at: Timestamp,
    going: &dyn Fn() -> bool,
) -> Result<BTreeMap<FeedId, FeedPast>, FlagError> {
    let mut feeds: BTreeMap<FeedId, FeedPast> = BTreeMap::new();
    let rows: Vec<Row> = house.orders.read().placed_between(at - READ, at).collect();
    for part in rows.chunks(PART) {
        if !going() {
            return Err(FlagError::Ended);
        }
        for row in part {
            let stored = store.get::<tables::Orders>(row)?;
            if let Some(order) = stored.map(StoredOrder::into_order) {
                feeds.entry(order.key.feed.clone()).or_default().order(&order);
            }
        }
    }
    for record in store.scan::<tables::Quarantine>(..) {
        let (_, rejected) = record?;
        let moment = rejected.moment();
        if moment > at - READ && moment <= at {
            feeds.entry(rejected.feed).or_default().reject(moment);
        }
    }
    Ok(feeds)
}
