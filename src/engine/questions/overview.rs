//! The overview: what ships today, what runs out, what waits.

use super::acked::Acked;
use super::cached;
use super::reorders::ToOrder;
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::house::{House, Ready, Topic};
use crate::engine::tables;
use crate::orders::{OrderIndex, Row};

/// Weeks back that "usual" looks.
const USUAL_WEEKS: i32 = 8;
/// Days of the demand sparkline.
const DEMAND_DAYS: i32 = 56;
/// Most positions that are listed as running out.
const RUNNING_OUT: usize = 40;
/// Days within which a delivery has to come where no purchase order and no lead time is known.
const UNKNOWN_LEAD_DAYS: f32 = 7.0;

/// What the lines are called that are to be ordered today, and on a later day.
const TO_ORDER_TODAY: &str = "lines to order today";
const TO_ORDER_LATER: &str = "lines to order on a later day";

/// The figures as of now; while the store loads, the last known ones.
pub fn overview(house: &House) -> Result<Overview, Refusal> {
    if *house.ready.borrow() != Ready::Yes {
        let last = house.last.lock().clone();
        return Ok(last.map(|last| refreshed(house, last)).unwrap_or_else(|| empty(house)));
    }
    let now = house.clock.now();
    let today = now.day(&house.zone);
    let mut figures = empty(house);
    figures.at = now;
    figures.made = Timestamp::wall_now();
    figures.counted = true;
    let acked = cached::acked(house)?;
    orders_of_today(house, today, now, &acked, &mut figures);
    usual(house, today, now, &mut figures);
    stock(house, now, &acked, &mut figures)?;
    figures.units_by_day = units_by_day(house, today);
    figures.flags = Some(super::flags::CaseRows::of(house).counts());
    figures.waiting = troubles(house).chain(waiting(house, &figures)?).collect();
    *house.last.lock() = Some(figures.clone());
    Ok(figures)
}

/// Old figures with what is known even while the store loads.
fn refreshed(house: &House, last: Overview) -> Overview {
    let fresh = empty(house);
    let known = last.waiting.iter().filter(|waits| !last.trouble.contains(&waits.what));
    let waiting = troubles(house).chain(known.cloned()).collect();
    Overview {
        waiting,
        feeds: fresh.feeds,
        journal: fresh.journal,
        pinned: fresh.pinned,
        trouble: fresh.trouble,
        ..last
    }
}

fn empty(house: &House) -> Overview {
    Overview {
        at: house.clock.now(),
        made: house.since,
        counted: false,
        zone: house.zone.name().into(),
        orders_today: 0,
        lines_today: 0,
        value_today: None,
        usual_by_now: None,
        usual_weeks: 0,
        today_by_hour: [0; 24],
        usual_by_hour: [0.0; 24],
        to_ship: 0,
        late: 0,
        held: 0,
        short: 0,
        stocked: 0,
        running_out: Vec::new(),
        at_risk: 0,
        waiting: troubles(house).collect(),
        units_by_day: Vec::new(),
        feeds: house.board.snapshot(),
        journal: super::journal::newest(house, 8),
        orders_total: house.orders.read().counts().orders as u64,
        pinned: house.marks.read().pinned().cloned().collect(),
        trouble: house.troubles(),
        flags: None,
    }
}

fn orders_of_today(
    house: &House,
    today: Day,
    now: Timestamp,
    acked: &Acked,
    figures: &mut Overview,
) {
    let index = house.orders.read();
    let mut value = Money::zero(house.currency);
    for row in index.placed_between(today.start(&house.zone), now + Span::millis(1)) {
        let Some(order) = index.brief(row) else { continue };
        if order.kind != OrderKind::Sale {
            continue;
        }
        figures.orders_today += 1;
        figures.lines_today += u64::from(order.lines);
        figures.today_by_hour[hour(order.placed_at, &house.zone)] += 1;
        value = value.checked_add(order.total).unwrap_or(value);
    }
    figures.value_today = Some(value);
    let late = index.to_ship_before(now - LATE_AFTER).filter(|row| !acked.orders.contains(row));
    figures.late = late.count() as u64;
    let counts = index.counts();
    figures.to_ship = counts.to_ship as u64;
    let is_held = |row: &Row| index.brief(*row).is_some_and(|o| o.status == OrderStatus::Held);
    let acked_held = acked.orders.iter().copied().filter(is_held).count();
    figures.held = counts.held.saturating_sub(acked_held) as u64;
}

fn hour(at: Timestamp, zone: &Zone) -> usize {
    at.civil(zone).hour().clamp(0, 23) as usize
}

/// The same weekday in the weeks before: orders by hour, and by this time of day. Weeks before the
/// first order and days without any order (closed) do not count.
fn usual(house: &House, today: Day, now: Timestamp, figures: &mut Overview) {
    let index = house.orders.read();
    let into_day = now.since(today.start(&house.zone));
    let (mut weeks, mut by_now) = (0_u32, 0_u32);
    let mut by_hour = [0_u32; 24];
    for week in 1..=USUAL_WEEKS {
        let day = today.plus(-7 * week);
        let (start, end) = (day.start(&house.zone), day.plus(1).start(&house.zone));
        let mut any = false;
        for at in sales_between(&index, start, end) {
            any = true;
            by_now += u32::from(at.since(start) <= into_day);
            by_hour[hour(at, &house.zone)] += 1;
        }
        weeks += u32::from(any);
    }
    figures.usual_weeks = weeks;
    if weeks >= 2 {
        figures.usual_by_now = Some(f64::from(by_now) / f64::from(weeks));
        figures.usual_by_hour = by_hour.map(|n| n as f32 / weeks as f32);
    }
}

fn sales_between(
    index: &OrderIndex,
    start: Timestamp,
    end: Timestamp,
) -> impl Iterator<Item = Timestamp> {
    let rows = index.placed_between(start, end);
    rows.filter_map(|row| index.brief(row))
        .filter(|order| order.kind == OrderKind::Sale)
        .map(|order| order.placed_at)
}

fn stock(
    house: &House,
    now: Timestamp,
    acked: &Acked,
    figures: &mut Overview,
) -> Result<(), Refusal> {
    let shelves = cached::shelves(house)?;
    let purchasing = house.purchasing.read().clone();
    let answered = purchasing.coordination();
    let book = house.stock.read();
    for (sku, site, position) in book.positions() {
        let Some(available) = position.available() else { continue };
        figures.stocked += 1;
        if available.is_negative() {
            let position = (sku.clone(), site.clone());
            figures.short += u64::from(!acked.positions.contains(&position));
        }
        let daily = shelves.daily(sku, site);
        if daily <= 0.0 {
            continue;
        }
        let days = (available.to_f64() as f32 / daily).max(0.0);
        let said = |po: &PoNumber| answered.due_of(po, sku).map(|day| day.noon(&house.zone));
        let delivery = book.next_delivery(sku, site, said).and_then(|delivery| delivery.due_at);
        let next_delivery_days =
            delivery.map(|due| (due.since(now).as_seconds() as f32 / 86_400.0).max(0.0));
        let product = book.product_of(sku);
        let lead = product
            .and_then(|product| book.supplier_of(product.supplier.as_ref()?)?.lead_time_days)
            .map(f32::from);
        if days < next_delivery_days.or(lead).unwrap_or(UNKNOWN_LEAD_DAYS) {
            figures.at_risk += 1;
            figures.running_out.push(RunningOut {
                sku: sku.clone(),
                name: product.and_then(|p| p.name.clone()).unwrap_or_default(),
                site: site.clone(),
                days,
                next_delivery_days,
                available,
                daily,
                lead_days: lead,
            });
        }
    }
    // Soonest first; among those that are out already, the ones without a delivery first.
    figures.running_out.sort_by(|a, b| {
        let later = |r: &RunningOut| r.next_delivery_days.unwrap_or(f32::INFINITY);
        a.days.total_cmp(&b.days).then(later(b).total_cmp(&later(a))).then(a.sku.cmp(&b.sku))
    });
    figures.running_out.truncate(RUNNING_OUT);
    Ok(())
}

/// Units of demand a day over all SKUs, from the index: a day's orders are few.
fn units_by_day(house: &House, today: Day) -> Vec<f32> {
    let index = house.orders.read();
    let units = |day: Day| {
        let (start, end) = (day.start(&house.zone), day.plus(1).start(&house.zone));
        index
            .placed_between(start, end)
            .filter_map(|row| index.brief(row))
            .filter(|order| order.kind == OrderKind::Sale && order.status.is_demand())
            .map(|order| order.units.to_f64() as f32)
            .sum()
    };
    (1 - DEMAND_DAYS..=0).map(|back| units(today.plus(back))).collect()
}

/// What nobody can acknowledge, since nothing goes on until it is mended. Orders that could not be
/// sent wait by themselves, where one can open them.
fn troubles(house: &House) -> impl Iterator<Item = Waiting> + use<> {
    let wait = |what| Waiting { what, count: 1, go: WaitingPlace::Feeds };
    house.troubles_but(Topic::Orders).into_iter().map(wait)
}

fn waiting(house: &House, figures: &Overview) -> Result<Vec<Waiting>, Refusal> {
    let mut waiting = Vec::new();
    let mut add = |what: &str, count: u64, go: WaitingPlace| {
        if count > 0 {
            waiting.push(Waiting { what: what.into(), count, go });
        }
    };
    let orders = |filter: &str| WaitingPlace::Orders(format!("{filter} !is:acked"));
    // First, so that it stands there in little room too: what is not stopped tonight has left tomorrow.
    let cases = figures.flags.as_ref().map_or(0, |flags| flags.open);
    add("cases to look at", cases, WaitingPlace::Flags(String::new()));
    let to_order = house.planner.look(|plan| super::reorders::to_order(house, plan));
    // While a plan is made, what was known before it.
    let ToOrder { today, later } = to_order.unwrap_or_else(|| told_last(house));
    add(TO_ORDER_TODAY, today, WaitingPlace::Reorders("is:proposed order_on:<=today".into()));
    add(TO_ORDER_LATER, later, WaitingPlace::Reorders("is:proposed order_on:>today".into()));
    add("orders late", figures.late, orders("is:late"));
    add("orders held", figures.held, orders("is:held"));
    add("SKUs short", figures.short, WaitingPlace::Stock("is:short !is:acked".into()));
    let (mut troubled, mut rejected) = (0, 0);
    for feed in &figures.feeds {
        let ack = acknowledged(house, &feed.id);
        // The age is cut to milliseconds; a moment too early is the same trouble.
        let age = |ago: u64| Span::millis(ago as i64 + 1);
        let began = feed.troubled_ms_ago.map(|ago| Timestamp::wall_now() - age(ago));
        troubled +=
            u64::from(began.is_some_and(|began| ack.as_ref().is_none_or(|ack| ack.wall < began)));
        rejected += match ack {
            Some(ack) if feed.rejected > 0 => rejected_since(house, &feed.id, ack.at)?,
            _ => feed.rejected,
        };
    }
    let buying = super::purchases::attention(house);
    let purchases = |filter: &str| WaitingPlace::Purchases(filter.into());
    add("orders to suppliers not sent", buying.unsent, purchases("is:unsent"));
    add("orders want a second approval", buying.unsigned, purchases("is:unsigned"));
    add("deliveries overdue", buying.late, purchases("is:late"));
    let undecided = house.allocator.board();
    let undecided = undecided.rows.iter().filter(|row| !row.is_settled()).count() as u64;
    add("orders to ship from elsewhere", undecided, WaitingPlace::Allocation("!is:decided".into()));
    add("feeds in trouble", troubled, WaitingPlace::Feeds);
    add("records in quarantine", rejected, WaitingPlace::Quarantine);
    Ok(waiting)
}

/// What was told last of the lines that are to be ordered.
fn told_last(house: &House) -> ToOrder {
    let last = house.last.lock();
    let of = |what: &str| {
        let waits = last.iter().flat_map(|last| &last.waiting);
        waits.filter(|waits| *waits.what == *what).map(|waits| waits.count).sum()
    };
    ToOrder { today: of(TO_ORDER_TODAY), later: of(TO_ORDER_LATER) }
}

/// The entry by which a feed's trouble was acknowledged. Trouble has its moment by the wall clock,
/// records by the domain's.
fn acknowledged(house: &House, feed: &FeedId) -> Option<Entry> {
    let (seq, _) = house.marks.read().acknowledged(&Subject::Feed(feed.clone()))?;
    house.journal.lock().entry(seq).ok().flatten()
}

/// A feed's records in quarantine that came after a moment.
fn rejected_since(house: &House, feed: &FeedId, after: Timestamp) -> Result<u64, Refusal> {
    let mut count = 0;
    for record in super::store(house)?.scan::<tables::Quarantine>(..) {
        let (_, kept) = record?;
        count += u64::from(kept.feed == *feed && kept.at > after);
    }
    Ok(count)
}
